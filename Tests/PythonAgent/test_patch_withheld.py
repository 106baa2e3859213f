"""Other threads, while a statement of a save runs that calls code of the program: nothing that they call reads a name which
statements below are still to bind.
"""

from __future__ import annotations

import queue
import sys
import threading
import time
import unittest
from types import ModuleType
from typing import Any, Callable

from live import PatchCase

BUILD = "from gate import pause\ndef build(n):\n    pause()\n    return n\n"


class Withheld(PatchCase):
    def setUp(self) -> None:
        super().setUp()
        gate: Any = ModuleType("gate")
        self.other: Callable[[], Any] | None = None
        self.answers: queue.SimpleQueue[Any] = queue.SimpleQueue()  # what a save does to it is not the program's
        gate.pause = self.pause
        sys.modules["gate"] = gate
        self.addCleanup(sys.modules.pop, "gate")

    def pause(self) -> None:
        """Called in the middle of a save: another thread asks the program."""
        if self.other is not None:
            thread = threading.Thread(target=self.ask)
            thread.start()
            thread.join(60)

    def ask(self) -> None:
        assert self.other is not None
        try:
            self.answers.put(self.other())
        except Exception as error:
            self.answers.put(error)

    def saved(self, before: str, after: str, expression: str) -> tuple[Any, Any]:
        """What the other thread gets meanwhile, and what everybody gets then."""
        module = self.load(BUILD + before)
        other = self.other = lambda: eval(expression, vars(module))
        self.save(BUILD + after)
        self.other = None
        self.assertEqual(self.not_applied(), [])
        return self.answers.get_nowait(), other()

    def test_a_new_constant_below(self) -> None:
        before, after = "T = build(1)\ndef f(): return 1\n", "T = build(2)\nLIMIT = 10\ndef f(): return LIMIT\n"
        self.assertEqual(self.saved(before, after, "f()"), (1, 10))

    def test_a_new_constant_behind_the_function(self) -> None:
        before, after = "def f(): return 1\nT = build(1)\n", "def f(): return LIMIT\nT = build(2)\nLIMIT = 3\n"
        self.assertEqual(self.saved(before, after, "f()"), (1, 3))

    def test_what_the_statement_itself_gives(self) -> None:
        before, after = "def f(): return 1\n", "def f(): return NEW\nNEW = build(2)\n"
        self.assertEqual(self.saved(before, after, "f()"), (1, 2))

    def test_what_the_statement_gives_anew(self) -> None:
        before = "T = build({'a': 1})\ndef f(): return T['a']\n"
        after = "T = build({'b': 2})\ndef f(): return T['b']\n"
        self.assertEqual(self.saved(before, after, "f()"), (1, 2))

    def test_a_new_function_below(self) -> None:
        before, after = "def f(): return 1\nT = build(1)\n", "def f(): return g()\nT = build(2)\ndef g(): return 3\n"
        self.assertEqual(self.saved(before, after, "f()"), (1, 3))

    def test_a_function_with_another_parameter_and_who_calls_it(self) -> None:
        before = "T = build(1)\ndef f(): return 1\ndef g(): return f()\n"
        after = "T = build(2)\nLIMIT = 10\ndef f(a): return a + LIMIT\ndef g(): return f(1)\n"
        self.assertEqual(self.saved(before, after, "g()"), (1, 11))

    def test_a_new_attribute_of_a_class(self) -> None:
        before = "T = build(1)\nclass C:\n    def m(self): return 1\n"
        after = "T = build(2)\nclass C:\n    K = 10\n    def m(self): return self.K\n"
        self.assertEqual(self.saved(before, after, "C().m()"), (1, 10))

    def test_an_attribute_that_takes_long(self) -> None:
        before = "class C:\n    def m(self): return 1\n"
        after = "class C:\n    K = build(10)\n    def m(self): return self.K\n"
        self.assertEqual(self.saved(before, after, "C().m()"), (1, 10))

    def test_what_old_code_reads_stays_meanwhile(self) -> None:
        before = "OLD = 1\ndef f(): return OLD\nT = build(1)\n"
        after = "def f(): return NEW\nT = build(2)\nNEW = 2\n"
        self.assertEqual(self.saved(before, after, "f()"), (1, 2))

    def test_a_removed_name_that_another_statement_reads_is_gone(self) -> None:
        before = "class K: pass\nOTHER = K\nT = 1\ndef f(): return K\n"
        self.load(before)
        self.assertFails(self.try_save("OTHER = K\nT = 2\ndef f(): return T\n"), "NameError")

    def test_what_old_code_computes_meanwhile_is_dropped(self) -> None:
        before = "from functools import cache\n@cache\ndef f(): return 1\nT = build(1)\n"
        after = "from functools import cache\n@cache\ndef f(): return NEW\nT = build(2)\nNEW = 2\n"
        self.assertEqual(self.saved(before, after, "f()"), (1, 2))

    def test_what_the_statement_calls_is_not_withheld(self) -> None:
        before = "def build_all(n): return build(n)\nT = build_all(1)\ndef f(): return 1\n"
        after = "def build_all(n): return build(n) + 1\nT = build_all(2)\nLIMIT = 5\ndef f(): return LIMIT\n"
        self.assertEqual(self.saved(before, after, "f()"), (1, 5))
        self.assertEqual(sys.modules["m"].T, 3)

    def in_a_call(self, before: str, after: str, call: str, function: str, is_long: bool = False) -> Any:
        """What the call gives after a save during which another thread was in the old function; `is_long`: and after it."""
        began, saved = threading.Event(), threading.Event()

        def hold() -> None:
            began.set()
            end = time.monotonic() + 60
            while eval(function, vars(module)).__code__ is code and time.monotonic() < end:
                time.sleep(0)  # what it gives comes after the save has dropped the results
            if is_long:
                saved.wait(60)

        sys.modules["gate"].hold = hold  # type: ignore[attr-defined]
        module = self.load("from functools import cache, cached_property, wraps\nfrom gate import hold\n" + before)
        code = eval(function, vars(module)).__code__
        thread = threading.Thread(target=lambda: eval(call, vars(module)))
        thread.start()
        self.assertTrue(began.wait(60))
        self.save("from functools import cache, cached_property, wraps\nfrom gate import hold\n" + after)
        saved.set()
        thread.join(60)
        end = time.monotonic() + 60
        while is_long and eval(call, vars(module)) == 1 and time.monotonic() < end:
            time.sleep(0)
        return eval(call, vars(module))

    def test_a_call_that_began_before_the_save_leaves_no_result(self) -> None:
        before = "@cache\ndef f():\n    hold()\n    return 1\n"
        self.assertEqual(self.in_a_call(before, before.replace("1", "2"), "f()", "f.__wrapped__"), 2)

    def test_a_call_that_takes_longer_than_the_save_leaves_no_result(self) -> None:
        before = "@cache\ndef f():\n    hold()\n    return 1\n"
        self.assertEqual(self.in_a_call(before, before.replace("1", "2").replace("hold()", "pass"), "f()", "f.__wrapped__", True), 2)

    def test_a_call_leaves_no_result_of_what_it_calls(self) -> None:
        before = "def g():\n    hold()\n    return 1\n@cache\ndef f(): return g()\n"
        self.assertEqual(self.in_a_call(before, before.replace("1", "2"), "f()", "g"), 2)

    def test_a_property_that_is_being_computed_is_not_kept(self) -> None:
        before = "class C:\n    @cached_property\n    def p(self):\n        hold()\n        return 1\nc = C()\n"
        self.assertEqual(self.in_a_call(before, before.replace("1", "2"), "c.p", "C.p.func"), 2)

    def test_a_failing_save(self) -> None:
        module = self.load(BUILD + "def f(): return 1\nT = build(1)\n")
        self.other = lambda: module.f()
        report = self.try_save(BUILD + "def f(): return LIMIT\nT = build(2)\nLIMIT = 1 / 0\n")
        self.assertFails(report, "ZeroDivisionError")
        self.assertEqual((self.answers.get_nowait(), module.f(), module.T), (1, 1, 1))


if __name__ == "__main__":
    unittest.main()
