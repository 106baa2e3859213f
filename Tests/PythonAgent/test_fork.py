"""Processes made of a live one: forks are live on their own, and the parent does not notice."""
from __future__ import annotations

import os
import signal
import time

import pytest
from client import Client, encoded, until

CHILD = """
def fork(code="import signal; signal.pause()"):
    pid = os.fork()
    if pid == 0:
        try:
            exec(code)
        finally:
            os._exit(0)
    return pid
"""


def test_a_fork_is_a_host_of_its_own_and_the_parent_keeps_its_connections(start, write):
    path = write("m.py", "X = 1\n")
    program = start(body="import os, m\n" + CHILD, options=("-W", "always"))
    with program.connect() as parent:
        child = program.value("fork()")
        with program.connect(child) as other:
            assert other.greeting["pid"] == child and other.greeting["ppid"] == program.pid
            assert other.greeting["id"] != parent.greeting["id"]
            write("m.py", "X = 2\n")
            assert "failure" not in other.reload(("m", path))
            assert parent.ask("modules")["modules"][-1]["generation"] == 1
            assert "failure" not in parent.reload(("m", path))
            os.kill(child, signal.SIGKILL)
            with pytest.raises((EOFError, ConnectionError)):
                other.receive()
        assert parent.ask("modules")["modules"]
    assert program.value(f"os.waitpid({child}, 0)[0]") == child
    assert program.value("m.X") == 2


def test_connections_of_the_parent_end_with_the_parent(start):
    program = start(body="import os\n" + CHILD)
    with program.connect() as parent:
        child = program.value("fork()")
        until(lambda: program.sockets(child), "child's socket")
        program.kill()
        with pytest.raises((EOFError, ConnectionError)):
            parent.receive()
    os.kill(child, signal.SIGKILL)


def test_many_forks_from_several_threads(start):
    program = start(body="import os, threading\n" + CHILD, options=("-W", "ignore"))
    program.do("""
def work():
    for _ in range(20):
        os.waitpid(fork('pass'), 0)
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print()""")
    with program.connect() as client:
        assert client.ask("modules")["modules"]


def test_no_thread_exists_while_a_process_forks(start):
    """Python 3.12 and later warn of a second thread, by the kernel's count; a thread of the program proves it."""
    program = start(body="import os, sys, threading, warnings\n" + CHILD, options=("-W", "always"))
    program.do("""
def count():
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        os.waitpid(fork("pass"), 0)
    return len(seen)
print()""")
    with program.connect() as client:
        for _ in range(20):
            assert program.value("count()") == 0
            client.ask("modules")
    program.do("event = threading.Event(); thread = threading.Thread(target=event.wait); thread.start(); print()")
    assert program.value("[count(), sys.version_info >= (3, 12)]") in ([1, True], [0, False])
    program.do("event.set(); thread.join(); print()")


def test_a_fork_as_the_first_thing(start, write):
    program = start(str(write("app.py", "import os\nif os.fork() == 0:\n    os._exit(0)\nos.wait()\ninput()\n")),
                    options=("-W", "always"))
    with program.connect() as client:
        assert client.ask("modules")["modules"]
    program.process.stdin.write(b"\n")


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing(start, write, folder, method):
    write("work.py", "X = 1\ndef wait(q):\n    q.get()\n")
    script = write("app.py", f"""
        import multiprocessing, work, sys
        if __name__ == "__main__":
            context = multiprocessing.get_context({method!r})
            queue = context.Queue()
            process = context.Process(target=work.wait, args=(queue,))
            process.start()
            print(process.pid, flush=True)
            sys.stdin.readline()
            queue.put(1)
            process.join()
            queue.close()
            print(process.exitcode, flush=True)
    """)
    program = start(str(script))
    child = int(program.line())
    with program.connect(child) as client:
        def known():
            return {module["name"] for module in client.ask("modules")["modules"] if module["digest"]}

        until(lambda: known() == {"__main__", "work"}, "import of the script and its module")
        assert client.ask("running", module="__main__")["source"] == encoded(script.read_bytes())
        path = write("work.py", "X = 2\ndef wait(q):\n    q.get()\n")
        assert "failure" not in client.reload(("work", path))
    program.process.stdin.write(b"\n")
    program.process.stdin.flush()
    assert program.line() == "0"


def test_a_pool_of_workers_forked_before_the_work(start, write):
    """As gunicorn does: a master that forks workers, and replaces those that end."""
    script = write("app.py", """
        import os, signal, sys
        def worker():
            signal.signal(signal.SIGTERM, lambda *a: os._exit(0))
            while True: signal.pause()
        def spawn():
            pid = os.fork()
            if pid == 0:
                worker()
            return pid
        print(*(spawn() for _ in range(3)), flush=True)
        sys.stdin.readline()
        pid, _ = os.wait()
        print(spawn(), flush=True)
        sys.stdin.readline()
    """)
    program = start(str(script))
    workers = list(map(int, program.line().split()))
    for worker in workers:
        with program.connect(worker) as client:
            assert client.greeting["pid"] == worker
    os.kill(workers[0], signal.SIGTERM)
    program.process.stdin.write(b"\n")
    program.process.stdin.flush()
    replacement = int(program.line())
    with program.connect(replacement) as client:
        assert client.greeting["pid"] == replacement
    for worker in (*workers[1:], replacement):
        os.kill(worker, signal.SIGKILL)
    program.process.stdin.write(b"\n")
    program.process.stdin.flush()
    assert program.process.wait(20) == 0


@pytest.mark.parametrize("thread", ["main", "agent"])
@pytest.mark.parametrize("statement", [
    "import os\npid = os.fork()\nif pid == 0:\n    os._exit(0)\nos.waitpid(pid, 0)\n",
    "import subprocess, sys\nsubprocess.run([sys.executable, '-S', '-c', ''], preexec_fn=int, check=True)\n",
    "import multiprocessing\np = multiprocessing.get_context('fork').Process(target=int)\np.start()\np.join()\n"
    "assert p.exitcode == 0\n",
])
def test_a_fork_inside_a_reload(start, write, thread, statement):
    path = write("m.py", "")
    ignore = "signal.signal(signal.SIGURG, signal.SIG_IGN)" if thread == "agent" else ""
    program = start(body=f"import m, signal\n{ignore}", options=("-W", "ignore"))
    write("m.py", statement + "DONE = 1\n")
    # The main thread waits, and not in a read of standard input: a fork would copy the lock of its buffer.
    program.start("import threading; done = threading.Event(); done.wait(); print()")
    with program.connect() as client:
        result = client.reload(("m", path))
        assert result.get("failure") is None and result["thread"] == thread
        assert client.ask("modules")["modules"]
        write("m.py", "import __main__\nDONE = 1\n__main__.done.set()\n")
        client.reload(("m", path))
    program.line()
    assert program.value("m.DONE") == 1


def test_a_fork_that_comes_back_inside_a_reload_on_the_agent_s_thread_ends(start, write):
    path = write("m.py", "")
    program = start(body="import m, signal, os; signal.signal(signal.SIGURG, signal.SIG_IGN)", options=("-W", "ignore"))
    write("m.py", "import os\npid = os.fork()\n")
    with program.connect() as client:
        assert "failure" not in client.reload(("m", path))
    assert program.value("[os.waitpid(m.pid, 0)[0] == m.pid, m.pid > 0]") == [True, True]


def test_a_fork_while_a_save_waits_for_the_main_thread(start, write):
    path = write("m.py", "X = 1\n")
    program = start(body="import m, os, time\n" + CHILD)
    write("m.py", "import time\nX = 2\ntime.sleep(0.05)\n")
    with program.connect() as client:
        for _ in range(5):
            identifier = client.send("apply", client.plan(("m", path)))
            program.value("os.waitpid(fork('pass'), 0)[1]")
            assert "failure" not in client.answer(identifier)


def greeted(program, pid):
    """A socket that was closed under the agent hangs up, and its next name answers."""
    for path in program.sockets(pid):
        try:
            return Client(path)
        except (EOFError, OSError):
            pass
    return None


def test_a_daemon_is_live(start, write, folder):
    """Two forks, a new session, all descriptors closed, and others in their place."""
    script = write("app.py", """
        import os, sys, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                null = os.open(os.devnull, os.O_RDWR)
                for descriptor in (0, 1, 2): os.dup2(null, descriptor)
                os.closerange(3, 256)
                held = [os.open(os.devnull, os.O_RDWR) for _ in range(10)]
                with open("pid.tmp", "w") as file: file.write(str(os.getpid()))
                os.rename("pid.tmp", "pid")
                time.sleep(60)
            os._exit(0)
    """)
    program = start(str(script), options=())
    pid = int(until(lambda: (folder / "pid").exists() and (folder / "pid").read_text(), "daemon"))
    try:
        with until(lambda: greeted(program, pid), "answer") as client:
            assert client.greeting["pid"] == pid
            assert client.ask("modules")["modules"]
    finally:
        os.kill(pid, signal.SIGKILL)


def test_a_daemon_can_fork_on_without_delay(start, write, folder):
    script = write("app.py", """
        import os, time
        os.closerange(3, 256)
        begin = time.monotonic()
        for _ in range(5):
            pid = os.fork()
            if pid == 0: os._exit(0)
            os.waitpid(pid, 0)
        print(time.monotonic() - begin, flush=True)
    """)
    program = start(str(script))
    assert float(program.line()) < 1
