"""Statements that bind names on some of their ways only, when an edit makes them take another way: the patch policy."""

from __future__ import annotations

import sys
import unittest

from live import PatchCase


class Branches(PatchCase):
    def test_a_name_that_only_the_branch_not_taken_binds_leaves_the_module(self) -> None:
        text = "DEBUG = {}\ndef f(): return 1\nif DEBUG:\n    trace = f\n"
        m = self.load(text.format(True))
        self.save(text.format(False))
        self.assertEqual(hasattr(m, "trace"), False)
        self.save(text.format(True))
        self.assertIs(m.trace, m.f)

    def test_in_a_dependent_too(self) -> None:
        self.load(c="from b import t\n", b="import a\nif a.D:\n    def t(): return 1\nY = 1\n", a="D = True\n")
        self.save(a="D = False\n")
        self.assertEqual(hasattr(sys.modules["b"], "t"), False)
        self.assertEqual((sys.modules["c"].t(), self.not_applied()), (1, ["t"]))  # a leftover, and said

    def test_the_statement_before_gives_the_name_its_value_again(self) -> None:
        text = "FLAG = {}\nX = 1\nif FLAG:\n    X = 2\nY = X\n"
        m = self.load(text.format(True))
        self.save(text.format(False))
        self.assertEqual((m.X, m.Y), (1, 1))
        self.save(text.format(True))
        self.assertEqual((m.X, m.Y), (2, 2))

    def test_of_two_conditional_statements_the_one_that_holds_binds_it(self) -> None:
        text = "A, B = {}, {}\nif A:\n    X = 1\nif B:\n    X = 2\n"
        m = self.load(text.format(True, True))
        for a, b in ((False, True), (True, False), (False, False), (True, True), (False, False), (False, True)):
            self.save(text.format(a, b))
            self.assertEqual(getattr(m, "X", None), 2 if b else 1 if a else None, (a, b))

    def test_a_statement_moves_under_a_condition_that_does_not_hold(self) -> None:
        m = self.load("D = False\nX = 1\n")
        self.save("D = False\nif D:\n    X = 1\n")
        self.assertEqual(hasattr(m, "X"), False)

    def test_branches_change_places(self) -> None:
        m = self.load("A = True\nif A:\n    X = 1\nelse:\n    Y = 2\n")
        self.save("A = True\nif A:\n    Y = 1\nelse:\n    X = 2\n")
        self.assertEqual((m.Y, hasattr(m, "X")), (1, False))

    def test_what_is_kept_if_it_is_there_stays(self) -> None:
        text = """
            K = {}
            try:
                cache
            except NameError:
                cache = {{'k': K}}
            if 'other' not in globals():
                other = [K]
            """
        m = self.load(text.format(1))
        cache, other = m.cache, m.other
        self.save(text.format(2))
        self.assertEqual((m.cache is cache, m.other is other), (True, True))

    def test_loops_that_do_not_begin(self) -> None:
        text = "N = {}\nfor i in range(N):\n    last = i\nwhile N > 5:\n    big = N\n    break\n"
        m = self.load(text.format(9))
        self.save(text.format(0))
        self.assertEqual([name for name in ("i", "last", "big") if hasattr(m, name)], [])
        self.save(text.format(7))
        self.assertEqual((m.last, m.big), (6, 7))

    def test_try_with_match_and_expressions(self) -> None:
        text = """
            import contextlib
            N = {}
            try:
                inverse = 1 / N
            except ZeroDivisionError:
                failed = True
            with contextlib.suppress(ZeroDivisionError):
                again = 1 / N
            match N:
                case 0:
                    zero = 'zero'
                case other:
                    pass
            Z = N and (n := N * 10)
            """
        names = ("inverse", "failed", "again", "zero", "other", "n")
        m = self.load(text.format(1))
        self.assertEqual([name for name in names if hasattr(m, name)], ["inverse", "again", "other", "n"])
        self.save(text.format(0))
        self.assertEqual([name for name in names if hasattr(m, name)], ["failed", "zero"])
        self.save(text.format(2))
        self.assertEqual([name for name in names if hasattr(m, name)], ["inverse", "again", "other", "n"])
        self.assertEqual((m.inverse, m.other, m.n), (0.5, 2, 20))

    def test_state_is_kept_where_the_way_stays_the_same(self) -> None:
        text = "K = {}\nTEST = False\nCONN = object()\nif TEST:\n    CONN = None\n    L = K\nelse:\n    M = K\n"
        m = self.load(text.format(1))
        connection = m.CONN
        self.save(text.format(2))
        self.assertEqual((m.CONN is connection, m.M, self.not_applied()), (True, 2, []))

    def test_what_cannot_be_had_again_without_losing_state_is_said(self) -> None:
        text = "D = {}\nCACHE = [1]\nif D:\n    CACHE = [2]\n"
        m = self.load(text.format(True))
        m.CACHE.append("state")
        report = self.save(text.format(False))
        self.assertEqual((m.CACHE, self.not_applied()), ([2, "state"], ["if D:"]))
        change = report["modules"][0]["changes"][1]
        self.assertEqual((change["range"]["start"]["line"], "CACHE" in change["reason"]), (2, True))


class Definitions(PatchCase):
    def test_functions_and_classes_of_both_branches_are_one_for_who_holds_them(self) -> None:
        text = """
            FLAG = {}
            if FLAG:
                def f(): return 'on'
                class C:
                    def v(self): return 1
            else:
                def f(a=2): return 'off'
                class C:
                    def w(self): return 2
            """
        m = self.load(text.format(True))
        f, c = m.f, m.C()
        self.save(text.format(False))
        self.assertEqual((m.f is f, f(), f.__defaults__, c.w(), hasattr(c, "v")), (True, "off", (2,), 2, False))
        self.save(text.format(True))
        self.assertEqual((m.f is f, f(), f.__defaults__, c.v(), hasattr(c, "w")), (True, "on", None, 1, False))

    def test_of_try_and_except_too(self) -> None:
        text = "try:\n    import {}\n    def f(): return 'there'\nexcept ImportError:\n    def f(): return 'missing'\n"
        m = self.load(text.format("json"))
        f = m.f
        self.save(text.format("not_there_at_all"))
        self.assertEqual((m.f is f, f()), (True, "missing"))

    def test_a_function_that_hides_the_one_before_is_not_merged_with_it(self) -> None:
        text = "FLAG = {}\ndef f(): return 1\norig = f\nif FLAG:\n    def f(): return orig() + 1\n"
        m = self.load(text.format(False))
        self.save(text.format(True))
        self.assertEqual((m.f(), m.orig()), (2, 1))
        self.save(text.format(False))
        self.assertEqual((m.f(), m.orig(), m.f is m.orig), (1, 1, True))

    def test_members_of_a_class(self) -> None:
        text = "DEBUG = {}\nclass C:\n    if DEBUG:\n        def trace(self): return 1\n    x = 1\n"
        m = self.load(text.format(True))
        c = m.C()
        self.save(text.format(False))
        self.assertEqual((hasattr(c, "trace"), type(c) is m.C), (False, True))
        self.save(text.format(True))
        self.assertEqual(c.trace(), 1)


if __name__ == "__main__":
    unittest.main()
