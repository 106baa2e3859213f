"""`afresh.run`: a file or a part of it, executed in the running program, and what it printed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from conftest import Stage
from editor import Editor
from lsprotocol import types
from program import LIMIT, probe

SHOP = "RATE = 2\n\n\ndef price():\n    if RATE:\n        print('asked')\n        return RATE * 10\n"


async def run(editor: Editor, name: str, **arguments: Any) -> Any:
    return await editor.command("afresh.run", {"uri": editor.path(name).as_uri(), **arguments})


def lines(first: int, last: int, start: int = 0, end: int = 0) -> dict[str, Any]:
    return {"start": {"line": first, "character": start}, "end": {"line": last, "character": end}}


async def test_a_selection_runs_in_its_module_and_its_output_is_shown(every_stage: Stage) -> None:
    every_stage.write({"shop.py": SHOP})
    program, editor = await every_stage.both("shop")
    editor.open("shop.py")
    editor.type("shop.py", SHOP + "RATE = 3\nprice()\n")
    mark = editor.mark()
    result = await run(editor, "shop.py", range=lines(7, 9))
    assert (result["module"], result["output"], result.get("error")) == ("shop", "asked\n30\n", None)
    assert result["host"]["pid"] == program.pid
    assert [message["message"] for message in shown(editor, mark)] == ["asked\n30"]
    assert await program.ask("shop.RATE") == "3"


async def test_a_part_of_a_block_may_be_selected(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    _, editor = await stage.both("shop")
    assert (await run(editor, "shop.py", range=lines(4, 6, 4, 0)))["output"] == "asked\n"
    assert (await run(editor, "shop.py", range=lines(6, 6, 15, 24)))["output"] == "20\n"
    assert (await run(editor, "shop.py", range=lines(5, 5, 3, 3)))["output"] == "asked\n"  # the line


async def test_a_file_runs_as_if_it_were_the_script(stage: Stage) -> None:
    stage.write({"shop.py": SHOP, "probe.py": "import shop\nprint(__name__, shop.RATE)\nADDED = 1\n"})
    program, editor = await stage.both("shop")
    result = await run(editor, "probe.py")
    assert (result["module"], result["output"]) == ("__main__", "__main__ 2\n")
    assert await program.ask("ADDED") == "1"


async def test_what_it_raises_is_shown_with_its_line(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    program, editor = await stage.both("shop")
    mark = editor.mark()
    result = await run(editor, "shop.py", text="print('so far')\n1 / 0\n", range=lines(2, 2))
    assert result["error"]["message"] == "ZeroDivisionError: division by zero"
    assert result["error"]["traceback"][-1]["range"]["start"]["line"] == 3
    (message,) = shown(editor, mark)
    assert message["type"] == types.MessageType.Error
    assert message["message"].startswith("so far\nZeroDivisionError: division by zero (line 4 of ")
    assert await program.ask("shop.RATE") == "2"


async def test_the_person_says_which_of_several_programs(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    first, editor = await stage.both("shop")
    stage.write({"other.py": probe("shop")})
    second = await (await stage.start(stage.python, "other.py")).ready()
    await editor.programs(2)
    asked: list[types.ShowMessageRequestParams] = []

    def choose(params: types.ShowMessageRequestParams) -> types.MessageActionItem:
        asked.append(params)
        return next(each for each in params.actions or () if "other.py" in each.title)

    editor.client.feature(types.WINDOW_SHOW_MESSAGE_REQUEST)(choose)
    result = await run(editor, "shop.py", text="RATE = 5\n")
    assert result["host"]["pid"] == second.pid and len(asked[0].actions or ()) == 2
    assert (await first.ask("shop.RATE"), await second.ask("shop.RATE")) == ("2", "5")
    # Only one has this file loaded: nobody is asked.
    assert (await run(editor, "other.py", text="1 + 1"))["host"]["pid"] == second.pid
    assert len(asked) == 1


@pytest.mark.parametrize("arguments", [{}, {"uri": 1}, {"uri": "file:///a.txt"}, {"uri": "file:///nowhere.py"}])
async def test_what_makes_no_sense_is_an_error(stage: Stage, arguments: dict[str, Any]) -> None:
    editor = await stage.editor()
    with pytest.raises(Exception):
        await asyncio.wait_for(editor.command("afresh.run", arguments), LIMIT)


async def test_without_a_program_it_says_how_to_start_one(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    editor = await stage.editor()
    with pytest.raises(Exception, match="afresh run"):
        await run(editor, "shop.py", text="1")


def shown(editor: Editor, mark: int) -> list[dict[str, Any]]:
    return [message["params"] for sender, message in editor.protocol.messages[mark:]
            if sender == "server" and message.get("method") == "window/showMessage"]
