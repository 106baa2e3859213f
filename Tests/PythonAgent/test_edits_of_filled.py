"""What a statement reads and others change in place: `L.append(1)`, `D["k"] = 1`, `c.x = 1`, or a function that does so. The program
has it as the last of them left it; a fresh start has it, at each statement, as those above left it.
"""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

REGISTRY = "L = []\ndef register(f):\n    L.append(f)\n    return f\n"
TABLE = "D = {}\ndef at(key):\n    def add(f):\n        D[key] = f\n        return f\n    return add\n"

ITEMS = "def a(): return 1\ndef b(): return 2\nR['a'] = a\nR['b'] = b\n"
SWAPPED = "def a(): return 1\ndef b(): return 2\nR['b'] = a\nR['a'] = b\n"

EDITS = {
    "items that change places": Edit(f"R = {{}}\n{ITEMS}", f"R = {{}}\n{SWAPPED}", expect=["[*m.R.items()] == [('b', m.a), ('a', m.b)]", "not not_applied"]),
    "items that get another key": Edit(
        f"R = {{}}\n{ITEMS}", f"R = {{}}\n{ITEMS}".replace("['a']", "['c']"), expect=["m.R == {'c': m.a, 'b': m.b}", "not not_applied"]
    ),
    "items that get another key in what others made": Edit(
        {"n": "R = {}\n", "m": f"from n import R\n{ITEMS}"}, {"m": f"from n import R\n{ITEMS}".replace("['a']", "['c']")},
        expect=["m.R.keys() == {'a', 'b', 'c'}", "not_applied"],
    ),
    "a value moved below": Edit(
        "L = []\nX = len(L)\nL.append(1)\n", "L = []\nL.append(1)\nX = len(L)\n", expect=["m.X == 1", "not not_applied"]
    ),
    "a value moved above": Edit(
        "L = []\nL.append(1)\nX = len(L)\n", "L = []\nX = len(L)\nL.append(1)\n", expect=["not_applied == ['X']"]
    ),
    "a value moved between": Edit(
        "L = []\nX = len(L)\nL.append(1)\nL.append(2)\n",
        "L = []\nL.append(1)\nX = len(L)\nL.append(2)\n",
        expect=["not_applied == ['X']"],
    ),
    "a value moved below an item that is set": Edit(
        "D = {}\nX = D.get('a')\nD['a'] = 1\n", "D = {}\nD['a'] = 1\nX = D.get('a')\n", expect=["m.X == 1", "not not_applied"]
    ),
    "a value moved above an item that is removed": Edit(
        "D = {'a': 1}\ndel D['a']\nX = len(D)\n", "D = {'a': 1}\nX = len(D)\ndel D['a']\n", expect=["not_applied == ['X']"]
    ),
    "a value moved below an attribute that is set": Edit(
        "class C:\n    k = 1\nX = C.k\nC.k = 2\n", "class C:\n    k = 1\nC.k = 2\nX = C.k\n", expect=["m.X == 2", "not not_applied"]
    ),
    "a value moved above an attribute that is set": Edit(
        "class C:\n    k = 1\nC.k = 2\nX = C.k\n", "class C:\n    k = 1\nX = C.k\nC.k = 2\n", expect=["not_applied == ['X']"]
    ),
    "a default moved above": Edit(
        "L = []\nL.append(1)\ndef f(d=len(L)): return d\n", "L = []\ndef f(d=len(L)): return d\nL.append(1)\n", expect=["not_applied == ['f']"]
    ),
    "a class moved above": Edit(
        "L = []\nL.append(1)\nclass C:\n    K = len(L)\n", "L = []\nclass C:\n    K = len(L)\nL.append(1)\n", expect=["not_applied == ['C.K']"]
    ),
    "a class moved below": Edit(
        "L = []\nclass C:\n    K = len(L)\nL.append(1)\n", "L = []\nL.append(1)\nclass C:\n    K = len(L)\n", expect=["m.C.K == 1", "not not_applied"]
    ),
    "a call moved above": Edit(
        "L = []\ndef n(): return len(L)\nL.append(1)\nX = n()\n", "L = []\ndef n(): return len(L)\nX = n()\nL.append(1)\n", expect=["not_applied == ['X']"]
    ),
    "a value moved below a call": Edit(
        "L = []\ndef add(v): L.append(v)\nX = len(L)\nadd(1)\n",
        "L = []\ndef add(v): L.append(v)\nadd(1)\nX = len(L)\n",
        expect=["m.X == 1", "not not_applied"],
    ),
    "a value moved below a decorator": Edit(
        f"{REGISTRY}X = len(L)\n@register\ndef f(): return 1\n",
        f"{REGISTRY}@register\ndef f(): return 1\nX = len(L)\n",
        expect=["m.X == 1", "m.L == [m.f]", "not not_applied"],
    ),
    "a value moved above a decorator with arguments": Edit(
        f"{TABLE}@at('a')\ndef f(): return 1\nX = sorted(D)\n",
        f"{TABLE}X = sorted(D)\n@at('a')\ndef f(): return 1\n",
        expect=["'X' in not_applied"],
    ),
    "a value moved below what changes a container of another module": Edit(
        {"a": "L = []\n", "m": "from a import L\nX = len(L)\nL.append(1)\n"},
        {"m": "from a import L\nL.append(1)\nX = len(L)\n"},
        expect=["m.X == 1", "not not_applied"],
    ),
    "a value added above": Edit("L = []\nL.append(1)\n", "L = []\nX = len(L)\nL.append(1)\n", expect=["not_applied == ['X']"]),
    "a value added above decorators": Edit(
        f"{REGISTRY}@register\ndef f(): return 1\n", f"{REGISTRY}X = len(L)\n@register\ndef f(): return 1\n", expect=["not_applied == ['X']"]
    ),
    "a value edited above": Edit(
        "L = []\nX = len(L)\nL.append(1)\n", "L = []\nX = len(L) + 1\nL.append(1)\n", expect=["not_applied == ['X']"]
    ),
    "a value above that reads what is edited": Edit(
        "K = 1\nL = []\nX = len(L) + K\nL.append(1)\n", "K = 2\nL = []\nX = len(L) + K\nL.append(1)\n", expect=["not_applied == ['X']"]
    ),
    "a value edited above, of a container that is made anew": Edit(
        "L = []\nX = len(L)\nL.append(1)\n", "L = [7]\nX = len(L) + 1\nL.append(2)\n", expect=["m.X == 2", "m.L == [7, 2]", "not not_applied"]
    ),
    "a value and what changes the container are added": Edit(
        "L = []\n", "L = []\nX = len(L)\nL.append(1)\n", expect=["(m.X, m.L) == (0, [1])", "not not_applied"]
    ),
    "a value edited below": Edit(
        f"{REGISTRY}@register\ndef f(): return 1\nX = len(L)\n",
        f"{REGISTRY}@register\ndef f(): return 1\nX = len(L) + 1\n",
        expect=["m.X == 2", "not not_applied"],
    ),
    "definitions that register moved past each other": Edit(
        f"{REGISTRY}@register\ndef f(): return 1\n@register\ndef g(): return f()\n",
        f"{REGISTRY}@register\ndef g(): return f()\n@register\ndef f(): return 1\n",
        expect=["executed == []", "not not_applied"],
    ),
    "what has no part in it moved past it": Edit(
        "import sys\nL = []\nL.append(1)\nX = sys.byteorder\nsys.dont_write_bytecode = True\n",
        "import sys\nX = sys.byteorder\nL = []\nsys.dont_write_bytecode = True\nL.append(1)\n",
        expect=["executed == []", "not not_applied"],
    ),
    "what has no part in it edited above it": Edit(
        "import sys\nL = [1]\nX = sys.byteorder\nY = max(L)\nprint(X, L, end='', file=None)\nsys.dont_write_bytecode = True\n",
        "import sys\nL = [1]\nX = sys.byteorder + ''\nY = max(L) + 1\nprint(X, L, end='', file=None)\nsys.dont_write_bytecode = True\n",
        expect=["m.Y == 2", "'X' not in not_applied", "'Y' not in not_applied"],
    ),
}

Edits = tests_of(EDITS)


if __name__ == "__main__":
    unittest.main()
