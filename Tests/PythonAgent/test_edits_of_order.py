"""What functions read that are called while a module is executed: a name that statements further down bind, or bind again."""

from __future__ import annotations

import sys
import unittest
from typing import Any

from edits import Edit, tests_of
from live import PatchCase

COVERED = "from n import *\ndef f(): return X\nA = f()\nfrom n import T as X\n"
TWICE = "X = 1\ndef f(): return X\n{}\nX = 2\n"
LATER = "def f(d=0):\n    if d:\n        return g()\n    return 1\nA = f()\ndef g(): return 7\n"
DISPATCHED = """
import functools
@functools.singledispatch
def d(v=0): return 9
@d.register
def _(v: str): return X
A = d({})
X = 5
"""

EDITS = {
    "a statement that handles that a name is not bound yet": Edit(
        "try:\n    A = X + 2\nexcept NameError:\n    A = 0\nfor X in (1,): pass\n",
        "try:\n    A = X + 2\n    A = X.real\nexcept NameError:\n    A = 5\nX = lambda: 1\n",
        expect=["m.A == 5", "m.X() == 1"],  # X + 2 would be a TypeError
    ),
    "a statement that does not come to what it handles": Edit(
        "X = 1\ntry:\n    A = X + 2\nexcept NameError:\n    A = 0\n",
        "X = 2\ntry:\n    A = X + 2\nexcept NameError:\n    A = 0\n",
        expect=["m.A == 4", "not not_applied"],
    ),
    "a function moved below a call that dispatches to what calls it": Edit(
        "import functools\ndef g(): return 1\n@functools.singledispatch\ndef d(v): return 0\n@d.register\ndef d_(v: int): return g()\nX = d(0)\n",
        "import functools\n@functools.singledispatch\ndef d(v): return 0\n@d.register\ndef d_(v: int): return g()\nX = d(0)\ndef g(): return 1\n",
        expect=["not_applied == ['X']"],
    ),
    "a function moved below a call of what another one is registered with": Edit(
        "class App:\n    def get(self, f): return f\n    def use(self): return 1\napp = App()\ndef g(): return 1\n@app.get\ndef f(): return g()\nX = app.use()\n",
        "class App:\n    def get(self, f): return f\n    def use(self): return 1\napp = App()\n@app.get\ndef f(): return g()\nX = app.use()\ndef g(): return 1\n",
        expect=["not_applied == []"],
    ),
    "a name that a call may have read, and the statement reads now": Edit(
        "def f(n=1): return lambda: X\nY = f()\nX = 3\n",
        "def f(n=1): return lambda: X\nY = f(X)\nX = 3\n",
        expect=["'Y' in not_applied"],
    ),
    "a call above what covers a name of a star import": Edit(
        {"n": "X, T = 1, 2\n", "m": COVERED},
        {"m": COVERED.replace("return X", "return X + 4")},
        expect=["m.f() == 6", "not_applied == ['A']"],
    ),
    "a call above what covers a name of a star import by the same value": Edit(
        {"n": "X, T = 1, 1\n", "m": COVERED},
        {"m": COVERED.replace("return X", "return X + 4")},
        expect=["m.A == 5", "not not_applied"],
    ),
    "a call between two values of a name that it reads": Edit(
        TWICE.format("A = f()"),
        TWICE.format("A = f()").replace("return X", "return X + 4"),
        expect=["not_applied == ['A']"],
    ),
    "a call between two values of a name, the first of which is new": Edit(
        TWICE.format("A = f()"),
        TWICE.format("A = f()").replace("X = 1", "X = 3"),
        expect=["(m.A, m.X) == (3, 2)", "not not_applied"],
    ),
    "a call between two values of a name, in a class": Edit(
        TWICE.format("class C:\n    A = f()"),
        TWICE.format("class C:\n    A = f()").replace("return X", "return X + 4"),
        expect=["not_applied == ['C.A']"],
    ),
    "a call between two values of a name, through a method and a property": Edit(
        TWICE.format("class C:\n    @property\n    def p(self): return f()\n    def m(self): return self.p\nA = C().m()"),
        TWICE.format("class C:\n    @property\n    def p(self): return f() + 1\n    def m(self): return self.p\nA = C().m()"),
        expect=["m.C().p == 3", "not_applied == ['A']"],
    ),
    "a call that has no need of what is bound below": Edit(
        LATER, LATER.replace("return 1", "return 2"), expect=["m.A == 2", "not not_applied"]
    ),
    "a call that comes to need what is bound below": Edit(
        f"K = 0\n{LATER.replace('(d=0)', '()').replace('d:', 'K:')}",
        f"K = 1\n{LATER.replace('(d=0)', '()').replace('d:', 'K:')}",
        expect=["not_applied == ['A']"],  # a restart would end there
    ),
    "a call that hands out what will need what is bound below": Edit(
        "def make():\n    def inner(): return g()\n    return inner\nA = make()\ndef g(): return 7\n",
        "def make():\n    def inner(): return g() + 1\n    return inner\nA = make()\ndef g(): return 7\n",
        expect=["m.A() == 8", "not not_applied"],
    ),
    "a dispatch to a function that needs what is bound below": Edit(
        DISPATCHED.format("0"), DISPATCHED.format("''"), expect=["not_applied == ['A']"]
    ),
    "a dispatch to another function than one that needs what is bound below": Edit(
        DISPATCHED.format("0"), DISPATCHED.format("1"), expect=["m.A == 9", "not not_applied"]
    ),
    "a star import moved above what it covered": Edit(
        {"n": "X = 1\n", "m": "Z = []\nX = 5\nfrom n import *\n"},
        {"m": "Z = []\nfrom n import *\nX = 5\n"},
        held="Z = m.Z\n",
        expect=["m.X == 5", "m.Z is Z", "not not_applied"],
    ),
    "a star import moved above an import that it covered": Edit(
        {"n": "X = 1\n", "o": "X = 5\n", "m": "from o import X\nfrom n import *\nY = 2\n", "s": "from m import X\n"},
        {"m": "from n import *\nfrom o import X\n"},
        expect=["(m.X, s.X) == (5, 5)", "not hasattr(m, 'Y')", "not not_applied"],
    ),
    "a star import moved below what it covers": Edit(
        {"n": "X = 1\n", "m": "from n import *\nX = 5\nY = 2\n", "s": "from m import X\n"},
        {"m": "X = 5\nY = 2\nfrom n import *\n"},
        expect=["(m.X, s.X) == (1, 1)", "not not_applied"],
    ),
    "two star imports in the other order": Edit(
        {"n": "X = 1\nY = 1\n", "o": "X = 2\n", "m": "from n import *\nfrom o import *\n", "s": "import m\nZ = m.X\n"},
        {"m": "from o import *\nfrom n import *\n"},
        expect=["(m.X, m.Y, s.Z) == (1, 1, 1)", "not not_applied"],
    ),
    "a star import moved among what it covers and what covers it": Edit(
        {"n": "X = Y = 1\n", "m": "L = []\nX = L.append(1) or 5\nY = 6\nfrom n import *\n"},
        {"m": "L = []\nX = L.append(1) or 5\nfrom n import *\nY = 6\n"},
        expect=["(m.X, m.Y, m.L) == (1, 6, [1])", "not not_applied"],
    ),
    "two imports of one name in the other order": Edit(
        {"n": "X = 1\nY = 2\n", "m": "from n import X as A\nfrom n import Y as A\n", "s": "from m import A\n"},
        {"m": "from n import Y as A\nfrom n import X as A\n"},
        expect=["(m.A, s.A) == (1, 1)", "not not_applied"],
    ),
}

Edits = tests_of(EDITS)


class Traced(PatchCase):
    def test_a_debugger_keeps_its_trace_function(self) -> None:
        def trace(*_arguments: Any) -> None:
            return None

        self.load(TWICE.format("A = f()"))
        before = sys.gettrace()
        sys.settrace(trace)
        try:
            self.save(TWICE.format("A = f()").replace("return X", "return X + 4"))
            self.assertIs(sys.gettrace(), trace)
        finally:
            sys.settrace(before)
        self.assertEqual(self.not_applied(), ["A"])


if __name__ == "__main__":
    unittest.main()
