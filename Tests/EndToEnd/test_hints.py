"""What an editor shows of an edit before it is saved: what the save would execute again, and what it could not apply."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from conftest import Stage
from editor import Editor

WORK = "import queue, threading\n\nRATE = 1\nSEEN = queue.SimpleQueue()\nthreading.Thread(target=SEEN.put, args=(RATE,)).start()\n"
AGAIN = "This runs again with the save, since it reads RATE: it starts a thread."


def shown(editor: Editor, name: str) -> list[tuple[Any, str, int]]:
    """Version, code and line of what the editor was told last."""
    published = [p for p in editor.received("textDocument/publishDiagnostics") if p["uri"] == editor.path(name).as_uri()]
    if not published:
        return []
    last = published[-1]
    return [(last.get("version"), d["code"], d["range"]["start"]["line"]) for d in last["diagnostics"]]


async def loaded(editor: Editor, name: str) -> None:
    """Waits until the server knows that a program runs the file: by a save that changes nothing."""
    mark = editor.mark()
    editor.say_saved(name)
    await editor.applied(mark, name)


async def test_a_hint_comes_while_typing_and_goes_with_the_undo_and_the_save(every_stage: Stage) -> None:
    every_stage.write({"work.py": WORK})
    program, editor = await every_stage.both("work")
    editor.open("work.py")
    editor.type("work.py", WORK.replace("RATE = 1", "RATE = 2"))
    (hint,) = await editor.shows("work.py", "runs-again")
    assert (hint["severity"], hint["message"], hint["source"]) == (4, AGAIN, "afresh")
    assert hint["range"] == {"start": {"line": 4, "character": 0}, "end": {"line": 4, "character": len(WORK.splitlines()[4])}}
    assert shown(editor, "work.py") == [(2, "runs-again", 4)]
    assert await program.ask("work.RATE, work.SEEN.qsize()") == "(1, 1)"  # nothing has happened to it

    editor.type("work.py", WORK)
    await editor.shows("work.py")

    editor.type("work.py", "# one line more\n" + WORK.replace("RATE = 1", "RATE = 3"))
    await editor.shows("work.py", "runs-again")
    assert shown(editor, "work.py") == [(4, "runs-again", 5)]
    status = await editor.save("work.py", "# one line more\n" + WORK.replace("RATE = 1", "RATE = 3"))
    assert status["outcome"] == "live"
    assert await program.ask("work.RATE, work.SEEN.qsize()") == "(3, 2)"
    # It did run again, though nobody edited it: the hint is a report now.
    (hint,) = await editor.shows("work.py", "runs-again")
    assert hint["message"] == AGAIN
    assert (await editor.save("work.py", "# one line more\n" + WORK.replace("RATE = 1", "RATE = 3") + "X = 1\n"))
    await editor.shows("work.py")


async def test_exact_repeats_every_statement_that_reaches_outside(stage: Stage) -> None:
    stage.write({"work.py": WORK})
    _, editor = await stage.both("work", settings={"policy": "exact"})
    editor.type("work.py", WORK + "X = 1\n")
    (hint,) = await editor.shows("work.py", "runs-again")
    assert hint["message"] == "This runs again with the save: it starts a thread."


async def test_a_change_that_cannot_be_applied_is_told_in_the_words_of_the_report(every_stage: Stage) -> None:
    every_stage.write({"shop.py": "class Cart:\n    __slots__ = ('a',)\n\n\nKEPT = Cart()\n"})
    _, editor = await every_stage.both("shop")
    text = "class Cart:\n    __slots__ = ('a', 'b')\n\n\nKEPT = Cart()\n"
    editor.type("shop.py", text)
    (before,) = await editor.shows("shop.py", "not-applied")
    assert before["severity"] == 2
    await editor.save("shop.py", text)
    after = await editor.event("the report", lambda: next(
        (d for d in editor.diagnostics("shop.py") if "was not applied" in d["message"]), None))
    reason = "instances or subclasses made before the edit keep the old layout"
    assert before["message"] == f"Cart will not be applied: {reason}."
    assert reason in after["message"] and after["range"] == before["range"]


async def test_the_script_s_own_statements(stage: Stage) -> None:
    stage.write({})
    program, editor = await stage.both()
    text = editor.path("app.py").read_text()
    editor.type("app.py", text.replace("    main()\n", "    main() or 1\n"))
    (hint,) = await editor.shows("app.py", "not-applied")
    reason = "it runs once, when the program starts."
    assert hint["message"].endswith(f"will not be applied: {reason}")
    assert text.splitlines()[hint["range"]["start"]["line"]].startswith("if __name__")
    await editor.save("app.py", text.replace("    main()\n", "    main() or 1\n"))
    after = await editor.event("the report", lambda: next(
        (d for d in editor.diagnostics("app.py") if d["message"].endswith(f"was not applied: {reason}")), None))
    assert after["range"] == hint["range"]


async def test_errors_show_while_typing_and_go_as_soon_as_the_text_compiles(stage: Stage) -> None:
    stage.write({"shop.py": "X = 1\n"})
    program, editor = await stage.both("shop")
    editor.type("shop.py", "X = (\n")
    (error,) = await editor.shows("shop.py", "syntax-error")
    assert error["severity"] == 1 and shown(editor, "shop.py")[0][0] == 2
    editor.type("shop.py", "X = 2\n")
    await editor.shows("shop.py")
    # One that was saved goes before the next save, too.
    assert (await editor.save("shop.py", "X = (\n"))["outcome"] == "blocked"
    await editor.shows("shop.py", "syntax-error")
    editor.type("shop.py", "X = (1)\n")
    await editor.shows("shop.py")
    assert await program.ask("shop.X") == "1"


async def test_closing_a_document_takes_its_hints_away(stage: Stage) -> None:
    from lsprotocol import types

    stage.write({"work.py": WORK})
    _, editor = await stage.both("work")
    editor.type("work.py", WORK.replace("RATE = 1", "RATE = 2"))
    await editor.shows("work.py", "runs-again")
    editor.client.text_document_did_close(types.DidCloseTextDocumentParams(
        types.TextDocumentIdentifier(uri=editor.path("work.py").as_uri())))
    await editor.shows("work.py")


@pytest.mark.parametrize("settings", [{"mode": "off"}, {"mode": "explicit", "track": ["other"]}, {"exclude": ["work.py"]}])
async def test_nothing_is_said_of_what_no_save_would_bring_in(stage: Stage, settings: dict[str, Any]) -> None:
    stage.write({"work.py": WORK, "other.py": WORK, "unused.py": WORK})
    settings = {"track": ["other"], **settings}
    _, editor = await stage.both("work", "other", settings=settings)
    for name in ("unused.py", "work.py"):
        editor.type(name, WORK.replace("RATE = 1", "RATE = 2"))
    if settings.get("mode") == "off":
        editor.type("other.py", WORK.replace("RATE = 1", "RATE = 3"))
        await asyncio.sleep(1)  # there is no event to wait for
    else:
        editor.type("other.py", WORK.replace("RATE = 1", "RATE = 2"))
        await editor.shows("other.py", "runs-again")
    assert not [p for p in editor.received("textDocument/publishDiagnostics") if "other.py" not in p["uri"]]


async def test_a_program_that_starts_later_is_compared_with_what_is_being_typed(stage: Stage) -> None:
    stage.write({"work.py": WORK})
    editor = await stage.editor()
    editor.type("work.py", WORK.replace("RATE = 1", "RATE = 2"))
    program = await stage.program("work")
    await editor.programs(1)
    editor.type("work.py", WORK.replace("RATE = 1", "RATE = 22"))
    await editor.shows("work.py", "runs-again")
    await program.finish()
    await editor.programs(0)
    await editor.shows("work.py")


async def test_a_save_does_not_wait_for_a_preview(stage: Stage) -> None:
    """A text of a size that takes long to compare is being looked at while a small one is saved."""
    big = "".join(f"def f{n}(a, b={n}):\n    return [a + b + {n} for _ in range({n})]\nX{n} = f{n}(1)\n" for n in range(300))
    big += "import atexit\natexit.register(int, X7)\n"
    stage.write({"big.py": big, "small.py": "X = 1\n"})
    program, editor = await stage.both("big", "small")
    await loaded(editor, "big.py")
    await editor.save("small.py", "X = 2\n")
    was_first = []
    for number in range(3):
        editor.type("big.py", big.replace("X7 = f7(1)", f"X7 = f7({number + 5})"))
        await asyncio.sleep(0.22)  # the preview has begun
        status = await editor.save("small.py", f"X = {number + 10}\n")
        was_first.append(editor.diagnostics("big.py") == [])
        assert status["outcome"] == "live"
        await editor.shows("big.py", "runs-again")
        editor.type("big.py", big)
        await editor.shows("big.py")
    assert await program.ask("small.X") == "12"
    assert any(was_first)
