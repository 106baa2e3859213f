"""`restart`: the program ends as by itself and begins anew in its own process."""
from __future__ import annotations

import os
import sys

import pytest
from client import AGENT, Program, RemoteError, until

# As `afresh run` does: it names its own process, and becomes the program.
LAUNCH = "import os, sys\nos.environ['AFRESH_RUN_PID'] = str(os.getpid())\n" \
    f"os.environ['PYTHONPATH'] = {str(AGENT / 'boot')!r}\nos.execv(sys.argv[1], sys.argv[1:])\n"


@pytest.fixture
def run(python, folder):
    """Starts a script as `afresh run python script.py` would."""
    programs = []

    def launched(body, *arguments):
        (folder / "script.py").write_text(body)
        program = Program(python, folder, "-c", LAUNCH, python, "script.py", *arguments, live=False)
        programs.append(program)
        return program
    yield launched
    for program in programs:
        program.kill()


SCRIPT = """
import atexit, os, sys, threading, time
os.environ["CHANGED"] = "yes" if "CHANGED" in os.environ else "no"
print("begin", sys.argv[1:], os.environ["CHANGED"], os.getcwd() == START if "START" in globals() else "", flush=True)
atexit.register(print, "atexit", flush=True)
os.chdir("/")
try:
    sys.stdout.write("buffered\\n")
    os.write(1, b"waiting\\n")  # past the buffer
    %s
finally:
    print("finally", flush=True)
"""


def restarted(program):
    with program.connect() as client:
        assert client.greeting["restartable"] is True
        assert client.ask("restart") == {}
        with pytest.raises((EOFError, ConnectionResetError)):
            client.receive()


@pytest.mark.parametrize("waits", ["time.sleep(60)", "threading.Event().wait()", "sys.stdin.readline()",
                                   "exec('while True: sum(range(1000))')"])
def test_a_program_ends_as_by_itself_and_begins_anew(run, waits):
    program = run(SCRIPT % waits, "one", "two words")
    first = program.line()
    assert first.startswith("begin ['one', 'two words'] no")
    assert program.line() == "waiting"
    restarted(program)
    lines = [program.line() for _ in range(4)]
    assert lines == ["buffered", "finally", "atexit", first]
    assert program.process.poll() is None and program.sockets(program.pid)
    with program.connect() as client:  # it is live again
        assert client.greeting["pid"] == program.pid


def test_a_program_that_does_not_end_is_ended(run):
    body = "import threading, time, sys\nthreading.Thread(target=time.sleep, args=(60,)).start()\nfirst = True\n" \
        "while True:\n    try:\n        if first: first = False; print('begin', flush=True)\n        time.sleep(60)\n" \
        "    except BaseException: print('no', flush=True)\n"
    program = run(body)
    assert program.line() == "begin"
    restarted(program)
    assert [program.line(), program.line()] == ["no", "begin"]


@pytest.mark.skipif(sys.platform != "linux", reason="the system does not name a process's children")
def test_its_workers_end_with_it(run):
    body = "import os, time\nprint('begin', flush=True)\nif os.fork() == 0:\n    print(os.getpid(), flush=True)\n" \
        "    time.sleep(60)\ntime.sleep(60)\n"
    program = run(body)
    assert program.line() == "begin"
    worker = int(program.line())
    restarted(program)
    assert program.line() == "begin"
    assert int(program.line()) != worker
    until(lambda: not os.path.exists(f"/proc/{worker}/cmdline"), "end of the worker")


def test_a_program_that_was_started_otherwise_is_left_alone(start):
    program = start()
    with program.connect() as client:
        assert client.greeting["restartable"] is False
        with pytest.raises(RemoteError) as caught:
            client.ask("restart")
        assert caught.value.code == -32003
        assert program.value("1 + 1") == 2
