"""Where statements run: on the main thread where it waits in a call, else on the agent's, and no save waits for it."""
from __future__ import annotations

import pathlib

import pytest
from client import until

WHERE = "import threading\nWHERE = threading.current_thread() is threading.main_thread()\n"

# What the main thread does while the save comes; whether it is reached there.
WAITING = {
    "select": ("import select, os; r, w = os.pipe()", "select.select([r], [], [], 30)", True),
    "poll": ("import select, os; r, w = os.pipe(); p = select.poll(); p.register(r, 1)", "p.poll(30000)", True),
    "accept": ("import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()", "s.accept()", True),
    "recv": ("import socket; a, b = socket.socketpair()", "a.recv(1)", True),
    "sleep": ("import time", "time.sleep(30)", True),
    "lock": ("import threading; l = threading.Lock(); l.acquire()", "l.acquire()", True),
    "lock with timeout": ("import threading; l = threading.Lock(); l.acquire()", "l.acquire(timeout=30)", True),
    "event": ("import threading; e = threading.Event()", "e.wait()", True),
    "queue": ("import queue; q = queue.Queue()", "q.get()", True),
    "join": ("import threading, time; t = threading.Thread(target=time.sleep, args=(30,), daemon=True); t.start()",
             "t.join()", True),
    "input": ("", "input()", True),
    "asyncio": ("import asyncio", "asyncio.run(asyncio.sleep(30))", True),
    "http.server": ("from http.server import *; s = HTTPServer(('127.0.0.1', 0), BaseHTTPRequestHandler)",
                    "s.serve_forever()", True),
    "subprocess, waiting": ("import subprocess, sys; c = subprocess.Popen(['sleep', '30'])", "c.wait()", True),
    "subprocess, reading": ("import subprocess, sys", "subprocess.run(['sleep', '30'], capture_output=True)", True),
    "signal.pause, which a signal would end": ("import signal", "signal.pause()", False),
    "loop": ("", "while True: pass", False),
    "counting": ("x = 0", "while True: x += 1", False),
    "calls": ("def f(): return 1", "while True: f()", False),
    "C call that computes": ("import hashlib", "hashlib.pbkdf2_hmac('sha256', b'a', b'b', 100_000_000)", False),
}


def computes(wait):
    return "while True" in wait or "hashlib" in wait


def state(process):
    """What the kernel says that the main thread does: R, it computes; S, it waits for an event."""
    return pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][0]


@pytest.mark.parametrize("name", WAITING)
def test_a_save_never_waits_for_the_main_thread(start, write, folder, name):
    prepare, wait, reached = WAITING[name]
    path = write("m.py", WHERE)
    go = folder / "go"
    script = write("app.py", f"import m\n{prepare}\nopen({str(go)!r}, 'w').close()\n{wait}\n")
    program = start(str(script))
    until(go.exists, "start")
    with program.connect() as client:
        client.reload(("m", path))  # loads what the agent needs
        until(lambda: state(program.process.pid) == ("R" if computes(wait) else "S"), f"wait in {wait}")
        plan = client.plan(("m", path))
        result = client.ask("apply", **plan)
    assert program.process.poll() is None
    program.kill()
    assert "failure" not in result
    assert result["thread"] == ("main" if reached else "agent"), result
    assert ("note" in result) != reached


def test_where_it_says_is_where_it_ran(start, write):
    path = write("m.py", WHERE)
    program = start(body="import m")
    with program.connect() as client:
        until(lambda: client.reload(("m", path))["thread"] == "main", "main thread that waits")
        assert program.value("m.WHERE") is True
        program.do("import signal; signal.signal(signal.SIGURG, signal.SIG_IGN); print()")
        result = client.reload(("m", path))
        assert (result["thread"], program.value("m.WHERE")) == ("agent", False)
        assert "SIGURG" in result["note"]


def test_the_program_s_own_handler_is_left_alone(start, write):
    path = write("m.py", "X = 1\n")
    program = start(body="import m, signal; got = []; signal.signal(signal.SIGURG, lambda *a: got.append(a))")
    with program.connect() as client:
        assert client.reload(("m", path))["thread"] == "agent"
    assert program.value("got") == []


def test_a_main_thread_that_blocks_the_signal_holds_up_nothing(start, write):
    path = write("m.py", "X = 1\n")
    program = start(body="import m, signal; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGURG])")
    with program.connect() as client:
        result = client.reload(("m", path))
    assert result["thread"] == "agent" and "within" in result["note"]
    program.do("signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGURG]); print()")
    assert program.value("m.X") == 1


def test_statements_on_the_agent_s_thread_leave_no_thread_behind(start, write):
    path = write("m.py", WHERE)
    program = start(body="import m, threading, signal; signal.signal(signal.SIGURG, signal.SIG_IGN)")
    with program.connect() as client:
        assert client.reload(("m", path))["thread"] == "agent"
    assert program.value("len(threading.enumerate())") == 1


def test_children_started_on_the_agent_s_thread_hear_signals(start, write):
    path = write("m.py", "import subprocess\nchild = None\n")
    program = start(body="import m, signal; signal.signal(signal.SIGURG, signal.SIG_IGN)")
    write("m.py", "import subprocess\nchild = subprocess.Popen(['sleep', '30'])\n")
    with program.connect() as client:
        assert client.reload(("m", path))["thread"] == "agent"
    assert program.value("[m.child.terminate(), m.child.wait()]") == [None, -15]


def test_signals_reach_the_program_while_the_agent_works(start, write):
    path = write("m.py", "X = 1\n")
    program = start(body="import m, signal, os; got = []; signal.signal(signal.SIGUSR1, lambda *a: got.append(1))")
    with program.connect() as client:
        for _ in range(50):
            program.process.send_signal(10)
            client.ask("modules")
    program.do("os.kill(os.getpid(), signal.SIGUSR1); print()")
    assert program.value("len(got)") >= 2


def test_ctrl_c_during_a_reload_ends_the_program_as_it_would(start, write, folder):
    go = folder / "go"
    path = write("m.py", "X = 1\n")
    script = write("app.py", """
        import m, time
        open("go", "w").close()
        try:
            time.sleep(30)
        except KeyboardInterrupt:
            print("interrupted", m.X, flush=True)
    """)
    program = start(str(script))
    until(go.exists, "start")
    write("m.py", "import time\nX = 2\nopen('there', 'w').close()\ntime.sleep(30)\n")
    with program.connect() as client:
        identifier = client.send("apply", client.plan(("m", path)))
        until((folder / "there").exists, "execution")
        program.process.send_signal(2)
        result = client.answer(identifier)
    assert (result["thread"], result["failure"]["error"]["type"]) == ("main", "KeyboardInterrupt")
    assert program.line() == "interrupted 1"
    assert program.process.wait(20) == 0


def test_a_raised_keyboard_interrupt_is_a_failure_like_others(start, write):
    path = write("m.py", "X = 1\n")
    program = start(body="import m")
    write("m.py", "raise KeyboardInterrupt\n")
    with program.connect() as client:
        assert client.reload(("m", path))["failure"]["error"]["type"] == "KeyboardInterrupt"
    assert program.value("m.X") == 1


def test_other_servers_are_answered_while_one_waits_and_after(start, write, folder):
    path = write("m.py", "X = 1\n")
    program = start(body="import m")
    write("m.py", "import time\nX = 2\ntime.sleep(0.3)\n")
    with program.connect() as one, program.connect() as two:
        identifier = one.send("apply", one.plan(("m", path)))
        assert two.ask("modules")["modules"]
        assert "failure" not in one.answer(identifier)


def test_what_the_program_has_set_is_as_it_was(start, write):
    path = write("m.py", "X = 1\n")
    facts = "[sys.getswitchinterval(), gc.isenabled(), gc.get_threshold(), sys.getrecursionlimit(), " \
        "signal.getsignal(2) is signal.default_int_handler, [str(f) for f in warnings.filters]]"
    for interval, collecting in ((0.005, True), (0.02, False)):
        program = start(body=f"import m, gc, sys, signal, warnings; sys.setswitchinterval({interval}); "
                        f"gc.{'enable' if collecting else 'disable'}()")
        before = program.value(facts)
        with program.connect() as client:
            client.ask("prepare", paths=[str(path)], modules=[])
            client.reload(("m", path))
            client.ask("scan", sequence=1, samples=1)
        until(lambda: program.value(facts)[0] == interval, "the end of the agent's haste")
        assert program.value(facts) == before


def test_an_interval_that_the_program_sets_meanwhile_stays(start, write):
    path = write("m.py", "X = 1\n")
    program = start(body="import m, sys; sys.setswitchinterval(0.005)")
    for interval in (0.02, 0.0001, 0.007):
        with program.connect() as client:
            client.ask("modules")
            program.do(f"sys.setswitchinterval({interval}); print()")
            for _ in range(3):
                client.reload(("m", path))
        until(lambda: round(program.value("sys.getswitchinterval()"), 7) == interval, "the end of the agent's haste")


def test_an_interval_that_the_program_read_meanwhile_and_sets_later_is_its_own(start, write):
    path = write("m.py", "X = 1\n")
    program = start(body="""
        import m, sys
        sys.setswitchinterval(0.007)

        def borrow():
            global kept
            kept = sys.getswitchinterval()
            if kept >= 0.0005:
                return False
            sys.setswitchinterval(1.0)
            return True
        """)
    with program.connect() as client:
        # As a library does that needs another interval for a moment: it reads the one that the agent has set.
        until(lambda: client.ask("modules") and program.value("borrow()"), "the agent's haste")
    with program.connect() as client:
        program.do("sys.setswitchinterval(kept); print()")
        client.reload(("m", path))
    until(lambda: round(program.value("sys.getswitchinterval()"), 7) in (0.007, 1.0), "the end of the agent's haste")


def test_the_interval_comes_back_when_statements_fail_or_are_interrupted(start, write):
    path = write("m.py", "X = 1\n")
    program = start(body="import m, sys; sys.setswitchinterval(0.007); as_read = sys.getswitchinterval()")
    for statement in ("1/0", "raise KeyboardInterrupt", "raise SystemExit", "import sys; sys.setswitchinterval(0.3)\n1/0"):
        write("m.py", f"{statement}\n")
        with program.connect() as client:
            assert "failure" in client.reload(("m", path))
        wanted = "0.3" if "0.3" in statement else "as_read"
        until(lambda: program.value(f"sys.getswitchinterval() == {wanted}"), "the end of the agent's haste")


def test_statements_that_wait_for_what_the_main_thread_holds_do_not_hang_the_program(start, write, folder):
    go = folder / "go"
    path = write("m.py", "X = 1\n")
    write("locks.py", "import threading\nlock = threading.Lock()\n")
    script = write("app.py", """
        import m, locks, time
        open("go", "w").close()
        with locks.lock:
            time.sleep(4)
        time.sleep(1)
        print("ended", m.X, flush=True)
    """)
    program = start(str(script))
    until(go.exists, "start")
    write("m.py", "import locks\nwith locks.lock:\n    X = 2\n")
    with program.connect() as client:
        result = client.reload(("m", path))
    assert "failure" not in result and result["thread"] == "agent" and "waited" in result["note"]
    assert program.line() == "ended 2"
    assert program.process.wait(20) == 0
