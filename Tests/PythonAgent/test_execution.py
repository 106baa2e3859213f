"""`run`: a text that a person wants executed in the program, as `%run -i` does."""
from __future__ import annotations

import pytest
from client import RemoteError

MODULE = """\
import sys
RATE = 2


def price():
    if RATE:
        print("asked")
        return RATE * 10
"""


@pytest.fixture
def running(start, write):
    """A program with a module, a function that executes texts in it, and the module's path."""
    path = write("m.py", MODULE)
    program = start(body="import m, sys, threading, time")
    with program.connect() as client:
        def run(text, line=0, whole=False, file=path):
            return client.ask("run", path=str(file), text=text, line=line, whole=whole)
        yield program, run, path


def test_a_selection_runs_in_the_module_of_its_file(running):
    program, run, _ = running
    answer = run("RATE = 3\nNEW = price()\nNEW\n")
    assert (answer["module"], answer["output"], answer.get("error")) == ("m", "asked\n30\n", None)
    assert program.value("[m.RATE, m.NEW]") == [3, 30]


def test_what_it_prints_is_shown_and_not_the_programs(running):
    program, run, _ = running
    assert run("print('out'); print('err', file=sys.stderr); sys.stdout.writelines(['a', 'b'])")["output"] == "out\nerr\nab"
    assert program.do("print('its own')") == "its own"


def test_other_threads_print_where_they_did(running):
    program, run, _ = running
    program.do("go, gone = threading.Event(), threading.Event(); "
               "threading.Thread(target=lambda: (go.wait(), print('theirs', flush=True), gone.set())).start(); print()")
    text = "import __main__\nprint('ours')\n__main__.go.set()\n__main__.gone.wait(10)\n"
    assert run(text)["output"] == "ours\nTrue\n"
    assert program.line() == "theirs"


def test_a_part_of_a_block_stands_where_it_stands_in_the_file(running):
    program, run, path = running
    answer = run('        text = """a\n  b"""\n        raise KeyError(text)\n', line=6)
    assert answer["error"]["type"] == "KeyError"
    assert answer["error"]["traceback"][-1]["range"]["start"]["line"] == 8
    assert answer["error"]["traceback"][-1]["path"] == str(path)
    assert program.value("m.text") == "a\n  b"


def test_a_file_runs_in_main_as_if_it_were_the_script(running, folder):
    program, run, _ = running
    file = folder / "other.py"
    answer = run("OTHER = m.RATE\nprint(__name__, __file__)\n5\n", whole=True, file=file)
    assert (answer["module"], answer["output"]) == ("__main__", f"__main__ {file}\n")
    assert program.value("[OTHER, __file__.endswith('program.py')]") == [2, True]


def test_a_selection_of_a_file_that_is_not_loaded_runs_in_main(running, folder):
    _, run, _ = running
    assert run("m.RATE", file=folder / "other.py") | {"timings": 0, "thread": 0, "note": 0} == {
        "module": "__main__", "output": "2\n", "timings": 0, "thread": 0, "note": 0}


@pytest.mark.parametrize(("text", "name"), [
    ("x = (", "SyntaxError"), ("1 / 0", "ZeroDivisionError"), ("raise SystemExit(3)", "SystemExit"),
    ("raise KeyboardInterrupt", "KeyboardInterrupt"), ("class O:\n  def __repr__(self): raise OSError\nO()", "OSError")])
def test_whatever_it_raises_is_said_and_the_program_goes_on(running, text, name):
    program, run, _ = running
    answer = run("before = 1\n" + text)
    assert answer["error"]["type"] == name
    assert program.value("[m.RATE, sys.stdout is sys.__stdout__]") == [2, True]


def test_it_runs_on_the_main_thread_where_that_waits(running):
    _, run, _ = running
    answer = run("import threading\nthreading.current_thread() is threading.main_thread()")
    assert (answer["thread"], answer["output"]) == ("main", "True\n")


def test_what_waits_on_the_main_thread_is_interrupted_and_not_tried_again(running):
    program, run, _ = running
    answer = run("import threading\nCOUNT = globals().get('COUNT', 0) + 1\nthreading.Event().wait(60)\n")
    assert (answer["thread"], answer["error"]["type"]) == ("main", "Abandoned")
    assert "main thread" in answer["error"]["message"]
    assert program.value("m.COUNT") == 1


def test_endless_output_is_bounded(running):
    _, run, _ = running
    answer = run("for _ in range(30): print('x' * 100_000)")
    assert 1_000_000 <= len(answer["output"]) < 1_000_100 and answer["output"].endswith("more was printed than is kept\n")


def test_future_imports_of_the_module_hold_for_its_parts(start, write):
    path = write("m.py", "from __future__ import annotations\n")
    with start(body="import m").connect() as client:
        answer = client.ask("run", path=str(path), text="def f(x: nowhere): pass\nf.__annotations__", line=1, whole=False)
    assert answer["output"] == "{'x': 'nowhere'}\n"


@pytest.mark.parametrize("parameters", [{}, {"path": 1, "text": "", "line": 0}, {"path": "a", "text": None, "line": 0},
                                        {"path": "a", "text": "", "line": -1}])
def test_a_request_that_makes_no_sense_is_refused(start, parameters):
    with start().connect() as client:
        with pytest.raises(RemoteError) as caught:
            client.ask("run", **parameters)
        assert caught.value.code == -32602
