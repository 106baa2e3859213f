"""An edit that a running program cannot take in is never skipped: it is marked at its line."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from conftest import Stage
from lsprotocol import types

WORKER = """\
import threading
STOP, TURNS = threading.Event(), []
def step():
    return 1
def work():
    while not STOP.wait(0.01):
        TURNS.append(step())
    return TURNS[-1]
THREAD = threading.Thread(target=work, daemon=True)
THREAD.start()
"""
SCRIPT = """\
import time
LIMIT = 1
def step():
    return LIMIT
def main():
    print("ready", flush=True)
    while True:
        step()
        time.sleep(0.02)
if __name__ == "__main__":
    main()
"""
SLOTS = """\
class Point:
    __slots__ = ("x",)
    def __init__(self):
        self.x = 1
KEPT = []
"""


def lines(diagnostics: list[dict[str, Any]], code: str) -> list[int]:
    return sorted(d["range"]["start"]["line"] for d in diagnostics if d["code"] == code)


async def test_a_loop_that_runs_on_a_thread_keeps_its_body_and_calls_new_code(every_stage: Stage) -> None:
    every_stage.write({"work.py": WORKER})
    program, editor = await every_stage.both("work")
    while await program.ask("work.TURNS") == "[]":  # the thread is not in its loop yet
        pass
    text = WORKER.replace("TURNS.append(step())", "TURNS.append(step() * 100)").replace("return 1", "return 2")
    status = await editor.scanned(await editor.save("work.py", text))
    assert status["outcome"] == "stale"
    (frame,) = await editor.shows("work.py", "stale-frame")
    assert "work()" in frame["message"] and frame["range"]["start"]["line"] in (5, 6)
    assert frame["relatedInformation"][0]["location"]["range"]["start"]["line"] == 4
    await program.ask("work.STOP.set() or work.THREAD.join()")
    assert await program.ask("work.TURNS[-1]") == "2"
    await editor.shows("work.py")


async def test_the_loop_of_a_script_s_main_function(stage: Stage) -> None:
    stage.write({"app.py": SCRIPT})
    await (await stage.start(stage.python, "app.py")).ready()
    editor = await stage.editor()
    await editor.programs(1)
    status = await editor.save("app.py", SCRIPT.replace("        step()\n", "        step(), step()\n"))
    assert (await editor.scanned(status))["outcome"] == "stale"
    (frame,) = await editor.shows("app.py", "stale-frame")
    assert "main()" in frame["message"] and frame["range"]["start"]["line"] in (7, 8)


async def test_what_a_script_runs_once_is_not_run_again(stage: Stage) -> None:
    stage.write({"app.py": SCRIPT})
    await (await stage.start(stage.python, "app.py")).ready()
    editor = await stage.editor()
    await editor.programs(1)
    status = await editor.save("app.py", SCRIPT.replace("    main()\n", "    main(), main()\n"))
    assert status["outcome"] == "stale"
    changes = [(c["symbol"], c["applied"]) for c in status["hosts"][0]["modules"][0]["changes"]]
    assert changes == [('if __name__ == "__main__":', False)]
    found = await editor.event("the mark", lambda: lines(editor.diagnostics("app.py"), "not-applied"))
    assert found == [9]


async def test_a_script_that_loops_in_its_own_statements(stage: Stage) -> None:
    text = 'import time\nLIMIT = 1\nprint("ready", flush=True)\nwhile True:\n    time.sleep(0.02)\nLATER = 2\n'
    stage.write({"app.py": text})
    await (await stage.start(stage.python, "app.py")).ready()
    editor = await stage.editor()
    await editor.programs(1)
    await editor.save("app.py", text.replace("0.02", "0.03").replace("LATER = 2", "LATER = 3"))
    found = await editor.event("two marks", lambda: lines(editor.diagnostics("app.py"), "not-applied"))
    assert found == [3, 5]


async def test_slots_with_live_instances_and_without(every_stage: Stage) -> None:
    every_stage.write({"m.py": SLOTS})
    program, editor = await every_stage.both("m")
    await program.ask("m.KEPT.extend([m.Point(), m.Point()])")
    status = await editor.save("m.py", SLOTS.replace('("x",)', '("x", "y")'))
    assert status["outcome"] == "stale"
    mark, held = await editor.shows("m.py", "not-applied", "stale-instance")
    assert mark["range"]["start"]["line"] == 0 and "2 instances" in mark["message"]
    assert held["range"]["start"]["line"] == 4
    assert await program.ask("m.KEPT.clear()") == "None"
    await editor.save("m.py", SLOTS.replace('("x",)', '("x", "y", "z")'))
    await editor.shows("m.py")
    assert await program.ask("hasattr(m.Point, 'z')") == "True"


async def test_attributes_that_instances_do_not_have(every_stage: Stage) -> None:
    text = SLOTS.replace('    __slots__ = ("x",)\n', "")
    every_stage.write({"m.py": text})
    program, editor = await every_stage.both("m")
    await program.ask("m.KEPT.append(m.Point())")
    await editor.save("m.py", text.replace("self.x = 1\n", "self.x = 1\n        self.y = 2\n"))
    (mark,) = await editor.shows("m.py", "not-applied")
    assert mark["range"]["start"]["line"] == 3 and "1 instance made before the edit has no attribute y" in mark["message"]


async def test_closures_that_lack_a_variable(stage: Stage) -> None:
    text = "def make(a, b):\n    def inner():\n        return a\n    return inner\nKEPT = []\n"
    stage.write({"m.py": text})
    program, editor = await stage.both("m")
    await program.ask("m.KEPT.append(m.make(1, 2))")
    await editor.save("m.py", text.replace("return a\n", "return a + b\n"))
    found = await editor.event("the mark", lambda: lines(editor.diagnostics("m.py"), "not-applied"))
    assert found == [1]
    assert await program.ask("m.KEPT[0](), m.make(1, 2)()") == "(1, 3)"


async def test_an_extension_module_that_was_built_anew(stage: Stage) -> None:
    where = await (await stage.program("_json")).ask("getattr(_json, '__file__', None)")
    if where == "None":
        pytest.skip("this interpreter has its extension modules built in")
    library = Path(where.strip("'"))
    copy = stage.folder / f"_json{library.name[len('_json'):]}"
    await stage.programs.pop().stop()
    shutil.copy(library, copy)
    stage.write({"app.py": f"import sys\nsys.path.insert(0, {str(stage.folder)!r})\n"})
    program, editor = await stage.both("_json")
    if await program.ask("_json.__file__") != repr(str(copy)):
        pytest.skip("this interpreter has loaded its own before the program")
    status, out, err = await stage.afresh("reload", str(copy))
    assert status == 2 and "restart the program" in out + err
    mark = editor.mark()
    (stage.folder / "new").write_bytes(copy.read_bytes() + b"\0")
    os.replace(stage.folder / "new", copy)
    editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(
        [types.FileEvent(copy.as_uri(), types.FileChangeType.Changed)]))
    assert (await asyncio.wait_for(editor.applied(mark, copy.name), 30))["outcome"] == "refused"
