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
    "a value that another one hides after it was read": Edit(
        "p = 2\nD = [p]\np = 1\n",
        "p = 3\nD = [p]\np = 1\n",
        expect=["(m.D, m.p) == ([3], 1)"],
    ),
    "a value that another one hid, which goes": Edit(
        "p = 1\np = 2\nif p > 1:\n    q = p\nelse:\n    q = 0\nD = [p]\np = 1\n",
        "p = 1\nif p > 1:\n    q = p\nelse:\n    q = 0\nD = [p]\np = 1\n",
        expect=["(m.D, m.q, m.p) == ([1], 0, 1)"],
    ),
    "a value that comes between two others": Edit(
        "p = 1\ndef f(x=p): return x\nclass F:\n    u = p\ny = f(), F.u\np = 9\n",
        "p = 1\np = 2\ndef f(x=p): return x\nclass F:\n    u = p\ny = f(), F.u\np = 9\n",
        held="f = m.f\n",
        expect=["(f(), m.F.u, m.y, m.p) == (2, 2, (2, 2), 9)"],
    ),
    "an addition to what was computed from a name that is bound again": Edit(
        "p = 1\nq = 2\nL = [p]\nq = 3\nL += [q]\n",
        "p = 1\nq = 2\nL = [p]\nfor p in (7, 8): pass\nL += [q]\n",
        expect=["(m.L, m.p) == ([1, 2], 8)"],
    ),
    "a container that is filled below where a name that it was made of is bound again": Edit(
        "p = 1\nL = [p]\np += 1\nL.append(p)\n",
        "p = 1\nL = [p]\np = 5\np += 1\nL.append(p)\n",
        expect=["m.L == [1, 6]"],
    ),
    "a name that is removed between two that bind it": Edit(
        "q = 3\nq = 2\ndel q\nq = 4\n",
        "q = 2\nq = 3\ndel q\nq = 4\n",
        expect=["m.q == 4"],
    ),
    "a star import moved above what it covered, with another edit in its module": Edit(
        {"n": "p = 2\nq = 2\nD = {1: p}\n", "m": "from n import D\nq = 4\nfrom n import *\n"},
        {"n": "p = 2\nq = 2\nD = {1: p}\nE = sorted(D)\n", "m": "from n import D\nfrom n import *\nq = 4\n"},
        expect=["(m.q, m.E) == (4, [1])"],
    ),
    "a definition that another one hid, whose default changes too": Edit(
        "for p in (7, 8): pass\nimport math as p\np = p.floor(2.5)\ndef f(x=p): return x\n",
        "for p in (7, 8): pass\nfrom math import floor as f\nf(2.5)\ndef f(x=p): return x\n",
        expect=["m.f() == 8"],
    ),
    "what a partial calls, between two values that it reads": Edit(
        "import functools\ndef f(x): return x + p\nP = functools.partial(f, 4)\np = 2\np += 1\np = 9\n",
        "import functools\ndef f(x): return x + p\nP = functools.partial(f, 4)\np = 2\np += 1\nPP = P()\np = 9\n",
        expect=["not_applied == ['PP']"],
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
    "a star import moved above an import that it covered, of what does something else now": Edit(
        {"n": "Z = 9\ndef g(): return 1\nif g() % 2:\n    def f(): return 7\nelse:\n    def f(): return 6\n", "m": "from n import f as Z\nfrom n import *\n"},
        {"n": "Z = 9\ndef g(): return 3\nif g() % 2:\n    def f(): return 7\nelse:\n    def f(): return 6\n", "m": "from n import *\nfrom n import f as Z\n"},
        expect=["m.Z is n.f", "m.Z() == 7", "not not_applied"],
    ),
    "a star import moved past what it has no part in": Edit(
        {"n": "Z = 1\n", "m": "import os\nL = []\nX = L.append(os)\nfrom n import *\n"},
        {"m": "from n import *\nimport os\nL = []\nX = L.append(os)\n"},
        expect=["len(m.L) == 1", "not not_applied"],
    ),
    "two settings of one attribute in the other order": Edit(
        {"o": "V = 0\n", "m": "import o\nw = 8\no.V = w\nx = 5\no.V, o.W = 2, 3\n"},
        {"m": "import o\no.V, o.W = 2, 3\nw = 8\no.V = w\nx = 5\n"},
        expect=["(o.V, o.W) == (8, 3)", "not not_applied"],
    ),
    "two settings of one attribute, known by two names, in the other order": Edit(
        {"p__init": "", "p__s": "V = 0\n", "m": "import p.s\nfrom p import s\np.s.V = 1\nsetattr(s, 'V', 2)\n"},
        {"m": "import p.s\nfrom p import s\nsetattr(s, 'V', 2)\np.s.V = 1\n"},
        expect=["p.s.V == 1", "not not_applied"],
    ),
    "two settings of one item in the other order": Edit(
        {"o": "D = {}\n", "m": "import o\no.D['a'] = 1\no.D['b'] = 1\nif o.D:\n    o.D['a'] = 2\n"},
        {"m": "import o\nif o.D:\n    o.D['a'] = 2\no.D['a'] = 1\no.D['b'] = 1\n"},
        expect=["o.D == {'a': 1, 'b': 1}", "not not_applied"],
    ),
    "the first of two settings of an attribute of an instance": Edit(
        "class C: pass\nc = C()\nc.a = 1\nx = 5\nc.a = 2\n",
        "class C: pass\nc = C()\nc.a = 7\nx = 5\nc.a = 2\n",
        expect=["m.c.a == 2", "not not_applied"],
    ),
    "the last of two settings of an item, which goes": Edit(
        {"o": "D = {}\n", "m": "import o\no.D['a'] = 1\nx = 5\no.D['a'] = 2\n"},
        {"m": "import o\no.D['a'] = 1\nx = 5\n"},
        expect=["o.D == {'a': 1}", "not not_applied"],
    ),
    "the last of two settings of an item, which is of another one now": Edit(
        {"o": "D = {}\n", "m": "import o\no.D['a'] = 1\nx = 5\no.D['a'] = 2\n"},
        {"m": "import o\no.D['a'] = 1\nx = 5\no.D['b'] = 2\n"},
        expect=["o.D == {'a': 1, 'b': 2}", "not not_applied"],
    ),
    "a setting that builds on what is there, moved": Edit(
        {"o": "V = 1\n", "m": "import o\no.V = o.V + 1\nx = 5\no.V = o.V * 2\n"},
        {"m": "import o\nx = 5\no.V = o.V + 1\no.V = o.V * 2\n"},
        expect=["o.V == 4", "executed == []", "not not_applied"],
    ),
}

Edits = tests_of(EDITS)


if __name__ == "__main__":
    unittest.main()
