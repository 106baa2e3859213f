"""A save that fails at any of its steps leaves everything as it was, and works when it is made again.

Steps are: each call that writes to the journal or makes something wait, before it and after it; each statement, before
it and after it, and each line of the program that it runs; each action of a flush; the commit. `AFRESH_EVERY_STEP=1`
tries each of them, and each line of the agent itself; else some are left out, in turn by their number.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import subprocess
import sys
import textwrap
import unittest
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from opcode import opmap
from pathlib import Path
from typing import Any
from unittest import mock

import live
from live import AGENT, PatchCase
from rollback_programs import PROGRAMS
from rollback_state import state

from _afresh import hooks, patch_execution, patch_private, transaction
from _afresh.transaction import Transaction

EVERY = os.environ.get("AFRESH_EVERY_STEP") == "1"
STEPS = ("undo", "keep", "remember_namespace", "set_attribute", "delete_attribute", "set_item", "delete_item", "replace_contents",
         "swap", "set_member", "set_bases", "pending", "leave", "afterwards", "flush", "commit", "executing")
# No handler covers it: an error that a trace function raises there leaves the handled exception, and all its frames hold, on the
# thread. Nothing but a trace function can raise there.
POP_EXCEPT = opmap["POP_EXCEPT"]
ASK = "import asks, json; asks.hold(); print(json.dumps(asks.answers(), default=repr))"


class Fault(BaseException):
    """What no step of the agent expects."""


class Faults:
    """Counts the steps of a save, and fails at one of them."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._at: int | None = None
        self._lines = False  # of the agent too
        self._armed = False
        self._inside = 0
        self.steps: list[str] = []

    @contextmanager
    def during(self, at: int | None, lines: bool = False) -> Iterator[None]:
        """Fails at step number `at`; None: only counts them."""
        self._at, self._lines, self._armed, self.steps = at, lines, True, []
        with ExitStack() as stack:
            for name in STEPS if not lines else ():
                stack.enter_context(mock.patch.object(Transaction, name, self._around(name, getattr(Transaction, name))))
            for module in (patch_execution, patch_private) if not lines else ():
                stack.enter_context(mock.patch.object(module, "exec", self._around("statement", exec), create=True))
            stack.enter_context(mock.patch.object(transaction, "call_all", self._actions(transaction.call_all)))
            stack.enter_context(mock.patch.object(live.patch, "apply", self._apply(live.patch.apply)))
            try:
                yield
            finally:
                self._armed = False

    def step(self, what: str) -> None:
        if self._armed:
            self.steps.append(what)
            if self._at is not None and len(self.steps) > self._at:
                self._armed = False
                raise Fault(what)

    def _around(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def stepping(*given: Any, **named: Any) -> Any:
            self.step(f"before {name}")
            result = original(*given, **named)
            if name != "commit":
                self.step(f"after {name}")
            return result

        return stepping

    def _actions(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def stepping(actions: list[Any], *more: Any) -> Any:
            if self._armed and not self._lines:
                between = [partial(self.step, f"action {number}") for number in range(len(actions) + 1)]
                actions = [each for pair in zip(between, actions) for each in pair] + between[-1:]
            return original(actions, *more)

        return stepping

    def _apply(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def stepping(*given: Any) -> Any:
            before = sys.gettrace()
            sys.settrace(self._trace)
            try:
                return original(*given)
            finally:
                sys.settrace(before)

        return stepping

    def _trace(self, frame: Any, event: str, argument: Any) -> Any:
        path = frame.f_code.co_filename
        if path.startswith(self._root) and not self._lines or self._lines and path.startswith(str(AGENT)):
            if event == "line" and frame.f_code.co_code[frame.f_lasti] != POP_EXCEPT:
                self.step(f"line {frame.f_lineno} of {os.path.basename(path)} in {frame.f_code.co_name}")
            return self._trace
        return None


class EveryStep(PatchCase):
    def start(self, name: str) -> None:
        """Loads a program, and plans its save."""
        gc.collect()
        texts, saved = PROGRAMS[name]
        self.names = tuple(texts)
        self.load(None, **texts)
        self.asks = sys.modules["asks"]
        self.asks.hold()
        self.before = self.asks.answers()
        files = self._write(None, saved)
        importlib.invalidate_caches()
        planned: list[Any] = []
        with mock.patch.object(self.live, "_apply", lambda steps: planned.append(steps) or {"outcome": "applied", "modules": []}):
            self.live.save(list(files.values()))
        (self.plan,) = planned
        self.faults = Faults(self.root)
        self.as_it_was = state(self.names)

    def again(self, name: str) -> None:
        self.drop()
        self.start(name)

    def drop(self) -> None:
        self._unload()
        self.live.records.clear()
        self.asks = self.plan = self.as_it_was = None

    def count(self, name: str, lines: bool) -> list[str]:
        with self.faults.during(None, lines):
            report = self.live._apply(self.plan)
        self.assertEqual(report["outcome"], "applied", report)
        steps = self.faults.steps
        self.again(name)
        return steps

    def fail_at(self, number: int, lines: bool) -> bool:
        """Whether the save came to the step: what is kept from one save to the next makes some shorter."""
        with self.faults.during(number, lines):
            report = self.live._apply(self.plan)
        if len(self.faults.steps) <= number:
            self.assertEqual(report["outcome"], "applied", report)
            return False
        what = f"step {number}, {self.faults.steps[-1]}"
        self.assertEqual((report["outcome"], report.get("error", "")[:5], report.get("left")), ("rolledBack", "Fault", []), what)
        differences = self.as_it_was.differences(state(self.names))
        self.assertFalse(differences, f"after {what}:\n" + "\n".join(each[:400] for each in differences[:10]))
        self.assertEqual(self.asks.answers(), self.before, f"after {what}")
        return True

    def succeed(self, name: str, what: str) -> None:
        """The same save without a fault."""
        report = self.live._apply(self.plan)
        self.assertEqual(report["outcome"], "applied", f"{report} after {what}")
        gc.collect()  # classes that the save made
        answers = json.loads(json.dumps(self.asks.answers(), default=repr))
        self.assertEqual(answers, self.fresh(name), f"after {what}")
        self.again(name)

    def fresh(self, name: str) -> Any:
        """What the program answers that is started with the saved texts."""
        if not hasattr(self, "_fresh"):
            texts, saved = PROGRAMS[name]
            folder = Path(self.root) / "fresh"
            folder.mkdir()
            for module, text in {**texts, **saved}.items():
                (folder / f"{module}.py").write_text(textwrap.dedent(text), encoding="utf-8")
            ran = subprocess.run([sys.executable, "-c", ASK], cwd=folder, capture_output=True, text=True, timeout=60)
            self.assertEqual(ran.returncode, 0, ran.stderr)
            self._fresh = json.loads(ran.stdout)
        return self._fresh

    def every(self, name: str, lines: bool, tries: int, successes: int) -> None:
        self.start(name)
        self.succeed(name, "no fault")
        steps = self.count(name, lines)
        self.assertGreater(len(steps), 100)
        # Not each n-th one: steps come in patterns.
        wanted = range(len(steps)) if EVERY else sorted({number * 7919 % len(steps) for number in range(tries)})
        beyond = 0
        for count, number in enumerate(wanted):
            if not self.fail_at(number, lines):
                beyond += 1
                self.again(name)
            elif EVERY or count % (len(wanted) // successes) == 0:
                self.succeed(name, f"step {number}, {steps[number]}")
        self.assertLessEqual(beyond, len(wanted) // 10)

    def test_functions_values_and_bindings(self) -> None:
        self.every("functions", False, 80, 4)

    def test_classes(self) -> None:
        self.every("classes", False, 80, 4)

    def test_hooks_containers_and_ways(self) -> None:
        self.every("hooks", False, 80, 4)

    def test_the_agents_own_lines(self) -> None:
        for name in PROGRAMS:
            with self.subTest(name):
                self.every(name, True, 25, 1)
                self.drop()
                del self._fresh
                (Path(self.root) / "fresh").rename(Path(self.root) / f"fresh of {name}")


if __name__ == "__main__":
    unittest.main()
