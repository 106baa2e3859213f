"""Patches of a program's own script, with the real agent and the real checker."""

from __future__ import annotations

import pathlib
from typing import Any, Iterator

import pytest

from live import Checker, encoded


class Editor:
    """Saves files of one program, one after another."""

    def __init__(self, program: Any, python: str) -> None:
        self.host = program.connect()
        self.checker = Checker(python)
        self.sequence = 0

    def save(self, module: str, path: pathlib.Path, text: str, **dependents: pathlib.Path) -> dict[str, Any]:
        """Patches one module, and those that depend on it; the agent's answer."""
        path.write_text(text)
        request = self._request(module, path) | {"source": encoded(text.encode())}
        answer = self.checker.request("check", policy="patch", optimize=0, modules=[request])["modules"][0]
        assert answer["problems"] == [] and "fallback" not in answer, answer
        found = [answer]
        if dependents:
            requests = [self._request(name, each) for name, each in dependents.items()]
            changed = {module: answer["changed"]}
            found += self.checker.request("affected", policy="patch", optimize=0, modules=requests, changed=changed, written=[])["modules"]
        plan = self.host.plan()
        paths = {module: path, **dependents}
        plan["steps"] = [{"module": each["name"], "path": str(paths[each["name"]]), "payload": each["payload"]} for each in found]
        return self.host.ask("apply", **plan)

    def _request(self, module: str, path: pathlib.Path) -> dict[str, Any]:
        running = self.host.ask("running", module=module)
        return {
            "name": module,
            "path": str(path),
            "package": path.name == "__init__.py",
            "main": module == "__main__",
            "running": {"source": running["source"], "code": running["code"]},
        }

    def close(self) -> None:
        self.host.socket.close()
        self.checker.close()


@pytest.fixture
def edit(python: str) -> Iterator[Any]:
    editors = []

    def begin(program: Any) -> Editor:
        editors.append(Editor(program, python))
        return editors[-1]

    yield begin
    for editor in editors:
        editor.close()


SCRIPT = """
import sys
LIMIT = 1
STARTED = [0]
STARTED[0] += 1
def step(): return LIMIT
class Worker:
    def go(self): return step()
worker = Worker()
STARTED.append("call")
"""


def changes(answer: dict[str, Any]) -> list[tuple[str, bool]]:
    return [(change["symbol"], change["applied"]) for change in answer["modules"][0]["changes"]]


def test_the_script_follows_and_does_not_start_again(start, edit, folder):
    program = start(body=SCRIPT)
    path = folder / "program.py"
    text = path.read_text()
    editor = edit(program)
    answer = editor.save("__main__", path, text.replace("LIMIT = 1", "LIMIT = 2\ndef more(): return step() + 1"))
    assert answer["modules"][0]["executed"], answer
    assert program.value("[step(), worker.go(), more(), STARTED, LIMIT]") == [2, 2, 3, [1, "call"], 2]


def test_calls_of_the_script_are_not_repeated(start, edit, folder):
    program = start(body=SCRIPT)
    path = folder / "program.py"
    text = (
        path.read_text()
        .replace('append("call")', 'append("called")')
        .replace("step(): return LIMIT", "step(): return 7")
    )
    answer = edit(program).save("__main__", path, text)
    assert ('STARTED.append("called")', False) in changes(answer)
    assert ("step", True) in changes(answer)
    assert program.value("[worker.go(), STARTED]") == [7, [1, "call"]]


def test_an_edit_under_the_guard_is_said_not_to_be_applied(start, edit, folder):
    program = start(body=SCRIPT)
    path = folder / "program.py"
    answer = edit(program).save(
        "__main__", path, path.read_text().replace("_sys.stdout.flush()", "_sys.stdout.flush() or None")
    )
    assert [applied for _, applied in changes(answer)] == [False]
    assert program.value("STARTED") == [1, "call"]


@pytest.mark.parametrize("first, is_there", [("import m", False), ("import p.s, m", True)])
def test_a_star_import_brings_a_submodule_that_others_have_imported_before(start, edit, write, first, is_there):
    path = write("m.py", "from p.s import X\n")
    write("p/__init__.py", "")
    write("p/s.py", "X = 1\n")
    program = start(body=f"{first}\n")
    edit(program).save("m", path, "from p import *\nfrom p.s import X\n")
    assert program.value("[hasattr(m, 's'), m.X]") == [is_there, 1]


def test_a_name_that_a_start_would_not_give_to_a_star_import_is_said(start, edit, write):
    path, inner = write("p/__init__.py", "X = 1\nfrom p.t import *\n"), write("p/t.py", "from p import *\nY = 1\n")
    program = start(body="import p\n")
    answer = edit(program).save("p", path, "from p.t import *\nX = 1\n", **{"p.t": inner})
    said = {each["module"]: [(change["symbol"], change["applied"]) for change in each["changes"]] for each in answer["modules"]}
    assert said["p.t"] == [("X", False)]
    assert program.value("[p.X, p.Y, p.t.X]") == [1, 1, 1]


def test_what_the_script_has_not_come_to_is_said(start, edit, folder):
    body = SCRIPT + """
for line in iter(sys.stdin.buffer.readline, b"go on\\n"):
    exec(line.rstrip(b"\\n").decode("unicode_escape"))
    sys.stdout.flush()
LATER = 1
def last(): return 1
"""
    (folder / "early.py").write_text(body)
    program = start(str(folder / "early.py"))
    assert program.do("print(1)") == "1"
    text = body.replace("LATER = 1", "LATER = 2").replace("last(): return 1", "last(): return 2")
    answer = edit(program).save("__main__", folder / "early.py", text.replace("LIMIT = 1", "LIMIT = 5"))
    assert sorted(changes(answer)) == [("LATER", False), ("LIMIT", True), ("last", False)]
    assert program.value("[step(), 'LATER' in globals()]") == [5, False]
    program.start("go on")


def test_a_module_is_patched_while_the_main_thread_waits(start, edit, write):
    write("m.py", "X = 1\ndef f(): return X\n")
    program = start(body="import m\nimport time\nold = m.f\n")
    path = write("m.py", "X = 1\ndef f(): return X\n")
    editor = edit(program)
    answer = editor.save("m", path, "X = 1\ndef f(): return X + 10\n")
    assert (answer["thread"], answer["modules"][0]["executed"]) == ("agent", False)
    answer = editor.save(
        "m", path, "import signal\nX = 2\ndef f(): return X + 10\nsignal.signal(signal.SIGUSR1, signal.SIG_IGN)\n"
    )
    assert "failure" not in answer, answer
    assert program.value("[old(), m.f is old]") == [12, True]
    answer = editor.save("m", path, "X = 3\n1 / 0\n")
    assert answer["failure"]["undone"] and answer["failure"]["error"]["type"] == "ZeroDivisionError"
    assert answer["failure"]["error"]["traceback"][-1]["range"]["start"] == {"line": 1, "column": 0}
    assert program.value("[old(), m.X]") == [12, 2]


def test_no_pass_over_the_heap_is_made_where_all_functions_are_found(start, edit, write):
    path = write("m.py", "def f(): return 1\nclass C:\n    def m(self): return 1\n")
    program = start(body="""
        import m, gc
        passes = []
        search = gc.get_referrers
        def counted(*targets):
            passes.append(len(targets))
            return search(*targets)
        gc.get_referrers = counted
        """)
    editor = edit(program)
    for number in range(2, 6):
        editor.save("m", path, f"def f(): return {number}\nclass C:\n    def m(self): return {number}\n")
        assert program.value("[m.f(), m.C().m(), passes]") == [number, number, []]
    program.do("hidden = [lambda: 0, type(m.f)(m.f.__code__, m.__dict__)]; print()")
    editor.save("m", path, "def f(): return 9\nclass C:\n    def m(self): return 5\n")
    assert program.value("[hidden[1](), len(passes)]") == [9, 1]
