"""Statements that are executed again and put something into lists that are there: the patch policy."""

from __future__ import annotations

import sys
import unittest

from live import PatchCase


class Repeats(PatchCase):
    HEAD = """
        HANDLERS, ROUTES = object.__new__(type('R', (), {})), []
        HANDLERS.items = []
        def on(f):
            HANDLERS.items.append(f)
            return f
        def wrapped(f):
            def wrapper(*given): return f(*given)
            HANDLERS.items.append(wrapper)
            return wrapper
        def route(path):
            def deco(f):
                ROUTES.append((path, f))
                return f
            return deco
        """

    def test_a_registration_made_again_is_there_once(self) -> None:
        text = "from reg import on, wrapped, route\n{0}\ndef f(a={1}): return a\n"
        self.load(reg=self.HEAD)
        reg = sys.modules["reg"]
        for number, decorator in enumerate(("@on", "@wrapped", "@route('/')")):
            with self.subTest(decorator):
                name = f"m{number}"
                m = self.load(**{name: text.format(decorator, 1)})
                self.save(**{name: text.format(decorator, 2)})
                self.assertEqual((len(reg.HANDLERS.items) + len(reg.ROUTES), m.f()), (number + 1, 2))
                self.assertEqual(self.not_applied(), [])
        self.assertEqual([each() for each in reg.HANDLERS.items] + [f() for _, f in reg.ROUTES], [2, 2, 2])

    def test_what_another_registration_leaves_behind_is_said(self) -> None:
        text = "from reg import route\n@route('/{0}')\ndef f(): return 1\n"
        self.load(reg=self.HEAD)
        self.load(m=text.format("a"))
        self.save(m=text.format("b"))
        self.assertEqual([path for path, _ in sys.modules["reg"].ROUTES], ["/a", "/b"])
        self.assertEqual(self.not_applied(), ["f"])

    def test_calls_that_register(self) -> None:
        text = "import reg\nP = {0}\ndef f(): return 1\nreg.ROUTES.append((P, f))\nreg.ROUTES.append(('/', f))\n"
        self.load(reg=self.HEAD)
        self.load(m=text.format(1))
        report = self.save(m=text.format(2))
        (change,) = [each for each in report["modules"][0]["changes"] if not each["applied"]]
        self.assertEqual((change["range"]["start"]["line"], "still there" in change["reason"]), (3, True))
        self.assertEqual(len(sys.modules["reg"].ROUTES), 3)
        self.save(m=text.format(2).replace("('/', f)", "('/', f, 1)"))
        self.assertEqual(self.not_applied(), ["reg.ROUTES.append(('/', f, 1))"])

    def test_lists_that_are_made_anew_too_are_as_after_a_start(self) -> None:
        text = "K = {}\nL = [K]\nL.append(K + 1)\nclass R:\n    def __init__(self, k): self.items = [k]\nr = R(K)\nr.items.append(K)\n"
        m = self.load(text.format(1))
        self.save(text.format(5))
        self.assertEqual((m.L, m.r.items, self.not_applied()), ([5, 6], [5, 5], []))

    def test_a_statement_that_is_new_adds_what_it_adds(self) -> None:
        self.load(reg=self.HEAD)
        self.load(m="import reg\nreg.ROUTES.append(1)\n")
        self.save(m="import reg\nreg.ROUTES.append(1)\nreg.ROUTES.append(1)\n")
        self.assertEqual((sys.modules["reg"].ROUTES, self.not_applied()), ([1, 1], []))


if __name__ == "__main__":
    unittest.main()
