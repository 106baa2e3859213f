"""What a statement reads that other modules change only further on in a start of the program: executed in one that runs it reads what
these have left, and that is said. Not where it only holds the thing, or changes it itself.
"""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

K = (
    "p = 1\nL = []\nD = {}\nclass R:\n    def __init__(self): self.items = {}\n    def add(self, k): self.items[k] = 1\n    def get(self): return 1\n"
    "r = R()\ndef note(f):\n    D[f.__name__] = f\n    return f\n"
)


def later(after: str, changes: str, *expect: str, before: str = "import k\n", imports: str = "import k, m\nimport n\n") -> Edit:
    """m is edited, and n, which is imported after it, changes something of k."""
    return Edit({"top": imports, "k": K, "m": before, "n": f"import k\n{changes}"}, {"m": after}, expect=[*expect])


LIVE = "not not_applied"

EDITS = {
    "a name": later("import k\nq = k.p\n", "k.p = 7\n", "not_applied == ['q']"),
    "a name that is not there before": later("import k\nq = getattr(k, 'z', 0)\n", "k.z = 7\n", "not_applied == ['q']"),
    "a name, by a from-import": later("from k import p\n", "k.p = 7\n", "not_applied == ['p']"),
    "a name of the module itself": Edit(
        {"top": "import m\nimport n\n", "m": "p = 1\n", "n": "import m\nm.p = 7\n"}, {"m": "p = 1\nq = p\n"}, expect=["not_applied == ['q']"]
    ),
    "a name, as something else changes": later("import k\nZ = 2\nq = k.p + Z\n", "k.p = 7\n", "not_applied == ['q']", before="import k\nZ = 1\nq = k.p + Z\n"),
    "a name that decides": later("import k\nif k.p == 7: q = 1\nelse: q = 2\n", "k.p = 7\n", "not_applied == ['if k.p == 7: q = 1']"),
    "a name that is set to what it is": later("import k\nq = k.p\n", "k.p = 1\n", "m.q == 1", LIVE),
    "a name that a function sets": later("import k\nq = k.p\n", "def f(): k.p = 7\n", "m.q == 1", LIVE),
    "another name": later("import k\nq = k.p\n", "k.D['x'] = 1\n", "m.q == 1", LIVE),
    "a name, changed before": later("import k\nq = k.p\n", "k.p = 7\n", "m.q == 7", LIVE, imports="import k, n\nimport m\n"),
    "a list": later("import k\nq = len(k.L)\n", "k.L.append(7)\n", "not_applied == ['q']"),
    "a dictionary": later("import k\nq = len(k.D)\n", "from k import D\nD['x'] = 1\n", "not_applied == ['q']"),
    "a dictionary that is only read": later("import k\nq = len(k.D)\n", "x = k.D.get('x')\n", "m.q == 0", LIVE),
    "a dictionary that it holds": later("import k\nq = k.D\n", "k.D['x'] = 1\n", "m.q is k.D", LIVE),
    "a dictionary that its object holds": later(
        "import k\nclass A:\n    def __init__(self, d): self.d = d\nq = A(k.D)\n", "k.D['x'] = 1\n", "m.q.d is k.D", LIVE
    ),
    "a dictionary, by a decorator": later("import k\nq = list(k.D)\n", "@k.note\ndef f(): pass\n", "not_applied == ['q']"),
    "an object": later("import k\nq = len(k.r.items)\n", "k.r.add('x')\n", "not_applied == ['q']"),
    "an object that is asked": later("import k\nq = len(k.r.items)\n", "k.r.get()\n", "m.q == 0", LIVE),
    "an item that it sets itself": later("import k\nk.D['m'] = 2\n", "k.D['x'] = 1\n", LIVE, before="import k\nk.D['m'] = 1\n"),
    "a registration of its own": later("import k\nX = k.r.add('m')\n", "k.r.add('x')\n", "sorted(k.r.items) == ['m', 'x']", LIVE),
    "a function that is registered": later(
        "import k\n@k.note\ndef g(): return 2\n", "@k.note\ndef f(): pass\n", LIVE, before="import k\n@k.note\ndef g(): return 1\n"
    ),
}

Edits = tests_of(EDITS)

if __name__ == "__main__":
    unittest.main()
