"""Statements that an edit only moves, or moves something past: what they read where they stand now, and what shows in the end."""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

EDITS = {
    "a branch moved below another statement that binds its name": Edit(
        "C = 1\nif C:\n    X = 6\nX = 5\n",
        "C = 1\nX = 5\nif C:\n    X = 6\n",
        expect=["m.X == 6", "not not_applied"],
    ),
    "a branch moved above another statement that binds its name": Edit(
        "C = 1\nX = 5\nif C:\n    X = 6\n",
        "C = 1\nif C:\n    X = 6\nX = 5\n",
        expect=["m.X == 5", "not not_applied"],
    ),
    "an addition moved above an assignment": Edit(
        "X = 1\nX = 5\nX += 2\n",
        "X = 1\nX += 2\nX = 5\n",
        expect=["m.X == 5", "not not_applied"],
    ),
    "an addition moved below an assignment": Edit(
        "X = 1\nX += 2\nX = 5\n",
        "X = 1\nX = 5\nX += 2\n",
        expect=["m.X == 7", "not not_applied"],
    ),
    "a loop moved below another statement that binds its variable": Edit(
        "for X in (1, 2): pass\nX = 5\n",
        "X = 5\nfor X in (1, 2): pass\n",
        expect=["m.X == 2", "not not_applied"],
    ),
    "a value moved below the second of two that it reads": Edit(
        "X = 1\nY = X\nX = 2\n",
        "X = 1\nX = 2\nY = X\n",
        expect=["m.Y == 2", "not not_applied"],
    ),
    "a value moved above the second of two that it reads": Edit(
        "X = 1\nX = 2\nY = X\n",
        "X = 1\nY = X\nX = 2\n",
        expect=["m.Y == 1", "not not_applied"],
    ),
    "a call moved below the second of two values that it reads": Edit(
        "X = 1\ndef f(): return X\nY = f()\nX = 2\n",
        "X = 1\ndef f(): return X\nX = 2\nY = f()\n",
        expect=["m.Y == 2", "not not_applied"],
    ),
    "a call moved above the second of two values that it reads": Edit(
        "X = 1\ndef f(): return X\nX = 2\nY = f()\n",
        "X = 1\ndef f(): return X\nY = f()\nX = 2\n",
        expect=["not_applied == ['Y']"],
    ),
    "a value moved below a star import that brings what it reads": Edit(
        {"n": "X = 1\n", "m": "X = 5\nY = X\nfrom n import *\n"},
        {"m": "X = 5\nfrom n import *\nY = X\n"},
        expect=["m.Y == 1", "not not_applied"],
    ),
    "a value moved above a star import that brought what it reads": Edit(
        {"n": "X = 1\n", "m": "X = 5\nfrom n import *\nY = X\n"},
        {"m": "X = 5\nY = X\nfrom n import *\n"},
        expect=["m.Y == 5", "not not_applied"],
    ),
    "a star import moved below a call of what reads a name of it": Edit(
        {"n": "X = 1\n", "m": "X = 5\ndef f(): return X\nfrom n import *\nY = f()\n"},
        {"m": "X = 5\ndef f(): return X\nY = f()\nfrom n import *\n"},
        expect=["not_applied == ['Y']"],
    ),
    "a class moved below the second of two values that it reads": Edit(
        "X = 1\nclass C:\n    K = X\nX = 2\n",
        "X = 1\nX = 2\nclass C:\n    K = X\n",
        expect=["m.C.K == 2", "not not_applied"],
    ),
    "a default moved below the second of two values that it reads": Edit(
        "X = 1\ndef f(d=X): return d\nX = 2\n",
        "X = 1\nX = 2\ndef f(d=X): return d\n",
        expect=["m.f() == 2", "not not_applied"],
    ),
    "a default moved above the second of two values that it reads": Edit(
        "X = 1\nX = 2\ndef f(d=X): return d\n",
        "X = 1\ndef f(d=X): return d\nX = 2\n",
        expect=["m.f() == 1", "not not_applied"],
    ),
    "a call moved below the second of two definitions": Edit(
        "def f(): return 1\nY = f()\ndef f(): return 2\n",
        "def f(): return 1\ndef f(): return 2\nY = f()\n",
        expect=["m.Y == 2", "not not_applied"],
    ),
    "a star import moved above a call of what it brings": Edit(
        {"n": "def g(): return 1\n", "m": "def g(): return 5\nY = g()\nfrom n import *\n"},
        {"m": "def g(): return 5\nfrom n import *\nY = g()\n"},
        expect=["m.Y == 1", "not not_applied"],
    ),
    "a value moved below a second star import": Edit(
        {"n": "X = 1\n", "o": "X = 2\n", "m": "from n import *\nY = X\nfrom o import *\n"},
        {"m": "from n import *\nfrom o import *\nY = X\n"},
        expect=["m.Y == 2", "not not_applied"],
    ),
    "two entries of a dictionary in the other order": Edit(
        "D = {}\nD['a'] = 1\nD['a'] = 2\n",
        "D = {}\nD['a'] = 2\nD['a'] = 1\n",
        expect=["m.D['a'] == 1", "not not_applied"],
    ),
    "an attribute moved below the second of two values that it reads": Edit(
        "class C:\n    A = 1\n    B = A\n    A = 2\n",
        "class C:\n    A = 1\n    A = 2\n    B = A\n",
        expect=["m.C.B == 2", "not not_applied"],
    ),
    "two values of an attribute in the other order": Edit(
        "class C:\n    A = 1\n    A = 2\n",
        "class C:\n    A = 2\n    A = 1\n",
        expect=["m.C.A == 1", "not not_applied"],
    ),
    "a value moved below what removes and binds again what it reads": Edit(
        "X = 1\nY = X\ndel X\nX = 3\n",
        "X = 1\ndel X\nX = 3\nY = X\n",
        expect=["m.Y == 3", "not not_applied"],
    ),
    "a value moved below an import of what it reads": Edit(
        {"n": "X = 1\n", "m": "X = 5\nY = X\nfrom n import X\n"},
        {"m": "X = 5\nfrom n import X\nY = X\n"},
        expect=["m.Y == 1", "not not_applied"],
    ),
    "statements moved past what they have no part in": Edit(
        "L = []\nX = L.append(1)\ndef f(): return 1\nY = L.append(f())\nZ = 1\n",
        "Z = 1\nL = []\ndef f(): return 1\nX = L.append(1)\nY = L.append(f())\n",
        expect=["m.L == [1, 1]", "executed == []", "not not_applied"],
    ),
    "a star import moved past what it has no part in": Edit(
        {"n": "Z = 1\n", "m": "import os\nL = []\nX = L.append(os)\nfrom n import *\n"},
        {"m": "from n import *\nimport os\nL = []\nX = L.append(os)\n"},
        expect=["len(m.L) == 1", "not not_applied"],
    ),
}

Edits = tests_of(EDITS)


if __name__ == "__main__":
    unittest.main()
