"""Every save that cannot be brought in ends in a clear outcome; the server lives and the program is unharmed."""

from __future__ import annotations

import asyncio
import os

import pytest
from conftest import Stage
from program import LIMIT

SHOP = "RATE = 2\n\n\ndef price():\n    return RATE * 10\n"
BOTH = pytest.mark.parametrize("policy", ["patch", "exact"])


async def still_works(program, editor, *, name: str = "shop.py") -> None:
    """A good save after a bad one is live, and the diagnostics of the bad one are gone."""
    status = await editor.save(name, SHOP.replace("10", "50"))
    assert status["outcome"] == "live"
    assert await program.ask("shop.price()") == "100"
    await editor.shows(name)


@BOTH
async def test_a_syntax_error_blocks(every_stage: Stage, policy: str) -> None:
    every_stage.write({"shop.py": SHOP})
    program, editor = await every_stage.both("shop", settings={"policy": policy})
    status = await editor.save("shop.py", SHOP.replace("return RATE", "retrun RATE"))
    assert status["outcome"] == "blocked"
    (diagnostic,) = await editor.shows("shop.py", "syntax-error")
    assert diagnostic["severity"] == 1 and diagnostic["source"] == "afresh"
    assert diagnostic["range"]["start"]["line"] == 4
    assert await program.ask("shop.price()") == "20"
    await still_works(program, editor)


@BOTH
async def test_an_exception_half_way_puts_everything_back(every_stage: Stage, policy: str) -> None:
    every_stage.write({"shop.py": SHOP, "helper.py": "VALUE = 1\n"})
    program, editor = await every_stage.both("shop", settings={"policy": policy})
    await program.ask("globals().update(before=dict(vars(shop)))")
    text = "import helper\nRATE = 3\nNEW = 1\nRATE = NEW / 0\n\n\ndef price():\n    return 7\n"
    status = await editor.save("shop.py", text)
    assert status["outcome"] == "rolledBack"
    (module,) = status["hosts"][0]["modules"]
    assert module["generation"] == 1
    assert "ZeroDivisionError" in module["error"]["message"]
    assert module["error"]["traceback"][-1]["range"]["start"]["line"] == 3
    assert await program.ask("shop.price(), hasattr(shop, 'NEW'), 'helper' in sys.modules") == "(20, False, False)"
    assert await program.ask("all(vars(shop)[name] is value for name, value in before.items())") == "True"
    (diagnostic,) = await editor.shows("shop.py", "execution-error")
    assert diagnostic["range"]["start"]["line"] == 3
    await program.ask("before.clear()")
    await still_works(program, editor)


@BOTH
async def test_a_dependent_that_fails_puts_the_edited_module_back_too(stage: Stage, policy: str) -> None:
    stage.write({"base.py": "RATE = 2\n", "shop.py": "from base import RATE\nSHARE = 100 / RATE\n"})
    program, editor = await stage.both("shop", "base", settings={"policy": policy})
    status = await editor.save("base.py", "RATE = 0\n")
    assert status["outcome"] == "rolledBack"
    assert await program.ask("base.RATE, shop.RATE, shop.SHARE") == "(2, 2, 50.0)"
    await editor.shows("shop.py", "execution-error")
    assert (await editor.save("base.py", "RATE = 4\n"))["outcome"] == "live"
    assert await program.ask("shop.SHARE") == "25.0"
    await editor.shows("shop.py")


async def test_one_of_two_files_that_does_not_compile_blocks_both(stage: Stage) -> None:
    stage.write({"one.py": "VALUE = 1\n", "two.py": "VALUE = 2\n"})
    program, editor = await stage.both("one", "two")
    mark = editor.mark()
    editor.path("one.py").write_text("VALUE = 10\n")
    editor.path("two.py").write_text("VALUE = (\n")
    await editor.command("afresh.reload", {"uris": [editor.path(name).as_uri() for name in ("one.py", "two.py")]})
    assert (await editor.applied(mark, "one.py", "two.py"))["outcome"] == "blocked"
    assert await program.ask("one.VALUE, two.VALUE") == "(1, 2)"


async def test_main_is_refused_by_exact(stage: Stage) -> None:
    program, editor = await stage.both(settings={"policy": "exact"})
    status = await editor.save("app.py", editor.path("app.py").read_text() + "\nADDED = 1\n")
    assert status["outcome"] == "refused"
    assert status["message"]
    assert await program.ask("'ADDED' in globals()") == "False"
    await editor.shows("app.py", "not-applied")


async def test_an_extension_module_is_refused(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    program = await stage.program("shop", "_json", "math")
    for name in ("math", "sys", "builtins"):
        status, out, err = await stage.afresh("reload", name)
        assert status == 2, out + err
        assert name in out + err
    assert await program.ask("shop.price()") == "20"


async def test_without_a_program_syntax_is_still_checked(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    editor = await stage.editor()
    status = await editor.save("shop.py", SHOP.replace("return RATE", "return ("))
    assert status["outcome"] == "blocked" and status["hosts"] == []
    (diagnostic,) = await editor.shows("shop.py", "syntax-error")
    assert "was never closed" in diagnostic["message"]
    status = await editor.save("shop.py", SHOP)
    assert status["outcome"] == "unchanged" and "no program" in status["message"].lower()
    await editor.shows("shop.py")


async def test_a_file_that_no_program_has_loaded(stage: Stage) -> None:
    stage.write({"shop.py": SHOP, "other.py": "VALUE = 1\n"})
    program, editor = await stage.both("shop")
    status = await editor.save("other.py", "VALUE = (\n")
    assert status["outcome"] == "blocked"
    await editor.shows("other.py", "syntax-error")
    assert (await editor.save("other.py", "VALUE = 2\n"))["outcome"] == "unchanged"
    assert await program.ask("'other' in sys.modules") == "False"


# -- files that are no good text --------------------------------------------------------------------


async def spoil(stage: Stage, how) -> None:
    """Saves a file after something was done to it on disk; whatever comes, the program keeps its code."""
    stage.write({"shop.py": SHOP})
    program, editor = await stage.both("shop")
    editor.open("shop.py")
    mark = editor.mark()
    how(editor.path("shop.py"))
    editor.say_saved("shop.py")
    status = await editor.applied(mark, "shop.py")
    assert status["outcome"] in ("blocked", "refused", "failed"), status
    assert status["message"]
    assert await program.ask("shop.price()") == "20"
    path = editor.path("shop.py")
    if path.is_dir():
        path.rmdir()
    else:
        path.unlink(missing_ok=True)
    await still_works(program, editor)


async def test_a_file_that_was_deleted(stage: Stage) -> None:
    await spoil(stage, lambda path: path.unlink())


async def test_a_file_that_became_a_folder(stage: Stage) -> None:
    def replace(path):
        path.unlink()
        path.mkdir()

    await spoil(stage, replace)


async def test_a_file_that_became_a_pipe(stage: Stage) -> None:
    """Nobody writes to it: reading it would never end."""
    def replace(path):
        path.unlink()
        os.mkfifo(path)

    await spoil(stage, replace)


async def test_a_file_that_became_a_link_to_a_device(stage: Stage) -> None:
    """Reading /dev/zero never ends either. The link leads to no module that runs, so there may be nothing to say."""
    stage.write({"shop.py": SHOP})
    program, editor = await stage.both("shop")
    editor.open("shop.py")
    mark = editor.mark()
    editor.path("shop.py").unlink()
    editor.path("shop.py").symlink_to("/dev/zero")
    editor.say_saved("shop.py")
    assert (await editor.status("applied", mark))["outcome"] not in ("live", "stale")
    assert await program.ask("shop.price()") == "20"
    editor.path("shop.py").unlink()
    await still_works(program, editor)


async def test_a_file_that_may_not_be_read(stage: Stage) -> None:
    stage.obey_permissions()
    await spoil(stage, lambda path: path.chmod(0))


async def test_a_symbolic_link_to_itself(stage: Stage) -> None:
    def loop(path):
        path.unlink()
        path.symlink_to(path)

    await spoil(stage, loop)


@pytest.mark.parametrize("content", [
    pytest.param(b"\x00\x01\x02\xff\xfe binary", id="binary"),
    pytest.param(b"RATE = 2\x00\n", id="null-byte"),
    pytest.param(b"RATE = '\xe9'\n", id="no-utf-8"),
    pytest.param(b"# coding: nonsense\nRATE = 2\n", id="unknown-coding"),
    pytest.param("RATE = 2\n".encode("utf-16"), id="utf-16"),
])
async def test_a_file_that_is_no_python_text(stage: Stage, content: bytes) -> None:
    await spoil(stage, lambda path: path.write_bytes(content))


@pytest.mark.parametrize("content", [
    pytest.param(b"\xef\xbb\xbfRATE = 3\n\n\ndef price():\n    return RATE * 10\n", id="byte-order-mark"),
    pytest.param("# coding: latin-1\nRATE = 3\nNAME = 'é'\n\n\ndef price():\n    return RATE * 10\n".encode("latin-1"),
                 id="latin-1"),
    pytest.param(SHOP.replace("2", "3").replace("\n", "\r\n").encode(), id="crlf"),
])
async def test_unusual_texts_that_python_takes(stage: Stage, content: bytes) -> None:
    stage.write({"shop.py": SHOP})
    program, editor = await stage.both("shop")
    mark = editor.mark()
    editor.path("shop.py").write_bytes(content)
    editor.say_saved("shop.py")
    assert (await editor.applied(mark, "shop.py"))["outcome"] == "live"
    assert await program.ask("shop.price()") == "30"


async def test_an_empty_file(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    _, editor = await stage.both("shop")
    status = await editor.save("shop.py", "")
    assert status["outcome"] in ("live", "stale")
    await editor.save("shop.py", SHOP)


async def test_a_file_of_ten_megabytes(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    program, editor = await stage.both("shop")
    large = SHOP.replace("10", "11") + "".join(f"# line {number:>70}\n" for number in range(131072))
    assert len(large) > 10_000_000
    editor.path("shop.py").write_text(large)
    mark = editor.mark()
    editor.say_saved("shop.py")
    status = await editor.status("applied", mark, limit=60)
    assert status["outcome"] in ("live", "refused"), status["message"]
    assert await program.ask("shop.price()") == ("22" if status["outcome"] == "live" else "20")
    await still_works(program, editor)


async def test_nesting_beyond_what_the_interpreter_takes(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    program, editor = await stage.both("shop")
    assert (await editor.save("shop.py", "RATE = " + "(" * 5000 + ")" * 5000 + "\n"))["outcome"] == "blocked"
    await still_works(program, editor)


# -- many saves -------------------------------------------------------------------------------------


async def test_a_file_saved_twice_at_once(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    program, editor = await stage.both("shop")
    editor.open("shop.py")
    mark = editor.mark()
    for number in (11, 12):
        editor.path("shop.py").write_text(SHOP.replace("10", str(number)))
        editor.say_saved("shop.py")
    await editor.applied(mark, "shop.py")
    await asyncio.wait_for(becomes(program, "shop.price()", "24"), LIMIT)


async def becomes(program, expression: str, wanted: str) -> None:
    """Asks the program until it gives the wanted answer."""
    while await program.ask(expression) != wanted:
        pass


async def test_saves_during_a_reload_go_together_in_the_next(stage: Stage) -> None:
    os.mkfifo(stage.folder / "gate")
    gated = "with open('gate') as gate:\n    VALUE = int(gate.read())\n"
    stage.write({"slow.py": "VALUE = 0\n", "one.py": "VALUE = 1\n", "two.py": "VALUE = 2\n"})
    program, editor = await stage.both("slow", "one", "two")
    for name in ("slow.py", "one.py", "two.py"):
        editor.open(name)
    mark = editor.mark()
    editor.path("slow.py").write_text(gated)
    editor.say_saved("slow.py")
    # Opening succeeds once the module reads from the other end: the reload is in the middle of its execution.
    gate = await asyncio.to_thread(os.open, stage.folder / "gate", os.O_WRONLY)
    for name, text in (("one.py", "VALUE = 10\n"), ("two.py", "VALUE = 19\n"), ("two.py", "VALUE = 20\n")):
        editor.path(name).write_text(text)
        editor.say_saved(name)
    await editor.in_step()
    os.write(gate, b"5")
    os.close(gate)
    first = await editor.applied(mark, "slow.py")
    second = await editor.applied(mark, "one.py", "two.py")
    assert second["sequence"] > first["sequence"]
    assert await program.ask("slow.VALUE, one.VALUE, two.VALUE") == "(5, 10, 20)"


async def test_a_save_that_is_said_before_the_edit(stage: Stage) -> None:
    """Some editors send didSave before the didChange of the same edit: the disk decides."""
    stage.write({"shop.py": SHOP})
    program, editor = await stage.both("shop")
    editor.open("shop.py")
    mark = editor.mark()
    editor.path("shop.py").write_text(SHOP.replace("10", "11"))
    editor.say_saved("shop.py")
    editor.type("shop.py", SHOP.replace("10", "11"))
    assert (await editor.applied(mark, "shop.py"))["outcome"] == "live"
    assert await program.ask("shop.price()") == "22"


async def test_two_hundred_saves(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    program, editor = await stage.both("shop")
    for number in range(200):
        assert (await editor.save("shop.py", SHOP.replace("10", str(1000 + number))))["outcome"] == "live"
    assert await program.ask("shop.price()") == "2398"
