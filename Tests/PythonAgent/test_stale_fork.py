"""The copy of the process in which the heap is searched: nobody in the program notices it."""
from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest
from unittest import mock

from stale_program import Program, briefly

from _afresh import stale_fork

TEXT = "class C: pass\ndef f(*a): return 1\n"


def no_child() -> bool:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return True
    return False


def gone(process: int) -> bool:
    """Waits until a process that is nobody's child here has ended."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            with open(f"/proc/{process}/stat") as file:
                if file.read().rpartition(")")[2].split()[0] == "Z":
                    return True
        except OSError:
            return True
        time.sleep(0.005)
    return False


def forever() -> dict:
    while True:
        time.sleep(1)


class Copies(unittest.TestCase):
    def run_copy(self, work, cancelled=lambda: False, seconds=10):
        return stale_fork.run(work, cancelled, seconds)

    def test_what_the_copy_answers_comes_back(self):
        here = {"list": [1, "ä"]}
        outcome = self.run_copy(lambda: here | {"pid": os.getpid()})
        self.assertEqual(outcome.reason, "")
        self.assertEqual(outcome.result["list"], [1, "ä"])
        self.assertNotEqual(outcome.result["pid"], os.getpid())
        self.assertTrue(no_child())
        self.assertTrue(gone(outcome.result["pid"]))

    def test_what_the_copy_changes_stays_there(self):
        held = [1]
        self.assertEqual(self.run_copy(lambda: held.clear() or {}).result, {})
        self.assertEqual(held, [1])

    def test_a_large_answer(self):
        self.assertEqual(len(self.run_copy(lambda: {"text": "x" * 3_000_000}).result["text"]), 3_000_000)

    def test_an_exception_in_the_copy_is_an_answer_that_stays_away(self):
        def fail() -> dict:
            raise SystemExit(3)

        for work in (fail, lambda: {"not JSON": object()}, lambda: os.kill(os.getpid(), signal.SIGKILL)):
            outcome = self.run_copy(work)
            self.assertIsNone(outcome.result)
            self.assertIn("without an answer", outcome.reason)
            self.assertTrue(no_child())

    def test_a_cancelled_copy_ends(self):
        known: list[int] = []

        def copies() -> list[int]:
            found = []
            for name in os.listdir("/proc"):
                try:
                    with open(f"/proc/{name}/cmdline", "rb") as theirs, open("/proc/self/cmdline", "rb") as ours:
                        if name.isdigit() and int(name) != os.getpid() and theirs.read() == ours.read():
                            found.append(int(name))
                except OSError:
                    pass
            return found

        before = set(copies())

        def cancelled() -> bool:
            known.extend(set(copies()) - before - set(known))
            return bool(known)

        self.assertIsNone(self.run_copy(forever, cancelled).result)
        self.assertTrue(known)
        self.assertTrue(all(map(gone, known)))
        self.assertTrue(no_child())

    def test_what_the_question_raises_is_raised(self):
        def cancelled() -> bool:
            raise KeyError

        with self.assertRaises(KeyError):
            self.run_copy(forever, cancelled)
        self.assertTrue(no_child())

    def test_a_copy_that_does_not_come_to_an_end_is_ended(self):
        begun = time.monotonic()
        self.assertIsNone(self.run_copy(forever, seconds=1).result)
        self.assertLess(time.monotonic() - begun, 60)

    def test_a_connection_that_the_program_closes_is_closed(self):
        ours, theirs = socket.socketpair()
        theirs.settimeout(60)
        received: list[bytes] = []

        def cancelled() -> bool:
            ours.close()
            received.append(theirs.recv(1))
            return True

        self.run_copy(forever, cancelled)
        theirs.close()
        self.assertEqual(received, [b""])

    def test_descriptors_are_not_lost(self):
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(5):
            self.run_copy(lambda: {})
            self.run_copy(lambda: os._exit(1))
        self.assertEqual(len(os.listdir("/proc/self/fd")), before)

    def test_nothing_runs_at_the_end_of_the_copy(self):
        script = ("import sys, atexit, threading\n"
                  f"sys.path[:0] = {sys.path[:3]!r}\n"
                  "import stale_program\nfrom _afresh import stale_fork\n"
                  "atexit.register(print, 'end')\n"
                  "class D:\n    def __del__(self): print('deleted')\n"
                  "d = D()\nout = open(1, 'w', closefd=False); out.write('once ')\n"
                  "thread = threading.Thread(target=lambda: print(stale_fork.run(lambda: {'a': 1}, bool, 5).result))\n"
                  "thread.start(); thread.join()\n")
        done = subprocess.run([sys.executable, "-X", "dev", "-W", "error", "-c", script], capture_output=True, text=True,
                              timeout=60)
        self.assertEqual((sorted(done.stdout.split()), done.stderr),
                         (sorted(["{'a':", "1}", "end", "deleted", "once"]), ""))

    def test_the_fork_of_a_program_with_threads_is_not_warned_of_and_the_filters_are_as_before(self):
        import warnings

        end = threading.Event()
        thread = threading.Thread(target=end.wait)
        thread.start()
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                before = list(warnings.filters)
                self.assertEqual(self.run_copy(lambda: {}).result, {})
                self.assertEqual(warnings.filters, before)
            self.assertEqual(caught, [])
        finally:
            end.set()
            thread.join()

    def test_no_signal_handler_of_the_program_runs_in_the_copy(self):
        before = signal.signal(signal.SIGUSR1, lambda *_: os._exit(9))
        try:
            def work() -> dict:
                os.kill(os.getpid(), signal.SIGUSR1)
                return {"alive": True}

            self.assertEqual(self.run_copy(work).result, {"alive": True})
        finally:
            signal.signal(signal.SIGUSR1, before)


class Refusals(unittest.TestCase):
    def reason(self) -> str:
        outcome = stale_fork.run(lambda: {}, lambda: False, 10)
        self.assertEqual(outcome.result is None, bool(outcome.reason))
        return outcome.reason

    def test_the_environment_can_forbid_it(self):
        with mock.patch.dict(os.environ, {"AFRESH_FORK": "0"}):
            self.assertIn("AFRESH_FORK", self.reason())

    def test_a_program_that_handles_sigchld_is_not_copied(self):
        before = signal.signal(signal.SIGCHLD, lambda *_: None)
        try:
            self.assertIn("SIGCHLD", self.reason())
        finally:
            signal.signal(signal.SIGCHLD, before)

    def test_a_program_that_waits_for_the_signal_is_not_copied(self):
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        try:
            self.assertIn("SIGCHLD", self.reason())
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def test_a_program_that_ignores_sigchld_is(self):
        before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        try:
            self.assertEqual(self.reason(), "")
        finally:
            signal.signal(signal.SIGCHLD, before)

    def test_a_child_of_the_program_is_no_hindrance_but_a_thread_that_waits_for_any_is(self):
        child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
        ended: list[int] = []
        try:
            self.assertEqual(self.reason(), "")
            thread = threading.Thread(target=lambda: ended.append(os.waitpid(-1, 0)[0]))
            thread.start()
            end = time.monotonic() + 10
            while not stale_fork._awaits_any_child() and time.monotonic() < end:
                time.sleep(0.005)
            self.assertIn("any child", self.reason())
        finally:
            child.stdin.close()
            thread.join()
        self.assertEqual(ended, [child.pid])
        child.returncode = 0

    def test_a_copy_that_died_is_made_again(self):
        program = Program(shop=TEXT, cart="")
        self.addCleanup(program.close)
        program["cart"]["deep"] = [[number] for number in range(40_000)]
        program["cart"]["deep"][30_000].append(program["shop"]["f"])
        program.save("shop", TEXT)
        works = []

        def run(work, *arguments):
            works.append(work)
            return original(work if len(works) > 1 else lambda: os._exit(1), *arguments)

        original = stale_fork.run
        with mock.patch.object(stale_fork, "run", run):
            self.assertEqual(briefly(program.scan()), [("shop.f", "registration", "cart.deep[30000][1]", 1)])
        self.assertEqual(len(works), 2)

    def test_without_a_copy_the_answer_is_the_same_and_the_pause_is_said(self):
        answers = []
        for allowed in ("1", "0"):
            with mock.patch.dict(os.environ, {"AFRESH_FORK": allowed}):
                program = Program(shop=TEXT, cart="")
                deep = program["cart"]["deep"] = []
                for _ in range(40_000):
                    deep.append([len(deep)])
                deep[30_000].append({"x": program["shop"]["f"]})
                del deep
                program.save("shop", TEXT)
                result = program.scan()
                answers.append(briefly(result))
                self.assertGreater(result["timings"]["pause"], 0)
                program.close()
        self.assertEqual(answers[0], [("shop.f", "registration", "cart.deep[30000][1]['x']", 1)])
        self.assertEqual(answers[0], answers[1])


if __name__ == "__main__":
    unittest.main()
