"""Attributes that others set on a class after it was made: it has them still when its statement runs again as a whole. What it got from
its own statement, from decorators and from what its bases do goes with those.
"""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

PLAIN = "class B: pass\nclass C(B):\n    def f(self): return 1\n"
DERIVED = PLAIN.replace("class C(B)", "class D: pass\nclass C(D, B)")
FIELDS = "from dataclasses import dataclass\n@dataclass\nclass C:\n    a: int = 1\n"
SLOTS = "class C:\n    __slots__ = ('a',)\n"
REGISTERED = "def register(kind):\n    kind.number = 5\nregister(C)\n"
BRANCH = "if __name__:\n    class C:\n        def f(self): return 1\n        class I:\n            v = 1\n"
NESTED = FIELDS + "    class I:\n        v = 1\n"
MARKS = "def mark(kind):\n    kind.x = 1\n    return kind\n"
HOOK = "class B:\n    def __init_subclass__(cls): cls.x = 1\nclass C(B):\n    y = 1\n"
TOLD = "class Told:\n    def __set_name__(self, owner, name): setattr(owner, 'of_' + name, 1)\nclass C:\n    a = Told()\n"

EDITS = {
    "a base comes, and a call below has set something": Edit(
        PLAIN + REGISTERED,
        DERIVED + REGISTERED,
        expect=["m.C.number == 5", "m.C().f() == 1"],
    ),
    "a base comes, and another module has set something": Edit(
        {"m": PLAIN, "n": "import m\ndef go(): m.C.number = 5\ngo()\n"},
        {"m": DERIVED},
        held="c = m.C()\n",
        expect=["m.C.number == 5", "c.number == 5"],
    ),
    "a base comes that is no plain class": Edit(PLAIN, PLAIN.replace("(B)", "(B, Exception)"), held="m.C.number = 5\n", expect=["m.C.number == 5"]),
    "a field of a dataclass": Edit(
        FIELDS,
        FIELDS.replace("a:", "b:"),
        held="m.C.number = 5\n",
        expect=["m.C.number == 5", "not hasattr(m.C, 'a')", "m.C(3).b == 3"],
    ),
    "other slots": Edit(SLOTS, SLOTS.replace("'a'", "'b'"), held="m.C.number = 5\n", expect=["m.C.number == 5", "not hasattr(m.C, 'a')"]),
    "a class in a class": Edit(
        "class O:\n    class C: pass\n", "class O:\n    class C(Exception): pass\n", held="m.O.C.number = 5\n", expect=["m.O.C.number == 5"]
    ),
    "a class of a base that is told": Edit(
        HOOK, HOOK.replace("y = 1", "y = 2"), held="m.C.number = 5\n", expect=["(m.C.x, m.C.y, m.C.number) == (1, 2, 5)"]
    ),
    "what the body bound": Edit(PLAIN, DERIVED.replace("f(", "g("), expect=["not hasattr(m.C, 'f')"]),
    "what the body bound on a way that it does not take any more": Edit(
        "HERE = 1\nclass C:\n    if HERE:\n        x = 1\n", "HERE = 0\nclass D: pass\nclass C(D):\n    if HERE:\n        x = 1\n", expect=["not hasattr(m.C, 'x')"]
    ),
    "what the body bound by other names than it says": Edit(
        "class C:\n    for each in 'ab': locals()[each] = 1\n", "class D: pass\nclass C(D):\n    for each in 'a': locals()[each] = 1\n", expect=["not hasattr(m.C, 'b')"]
    ),
    "what a decorator set that is gone": Edit(MARKS + "@mark\nclass C: pass\n", MARKS + "class C: pass\n", expect=["not hasattr(m.C, 'x')"]),
    "what a decorator sets otherwise": Edit(
        MARKS + "@mark\nclass C: pass\n", MARKS.replace("kind.x", "kind.y") + "@mark\nclass C: pass\n", expect=["m.C.y == 1", "not hasattr(m.C, 'x')"]
    ),
    "what a base set that is gone": Edit(HOOK, HOOK.replace("C(B)", "C"), expect=["not hasattr(m.C, 'x')"]),
    "what a base sets otherwise": Edit(HOOK, HOOK.replace("cls.x", "cls.z"), expect=["m.C.z == 1", "not hasattr(m.C, 'x')"]),
    "what a member set that is gone": Edit(TOLD, TOLD.replace("class C", "class D: pass\nclass C(D)").replace("a =", "b ="), expect=["m.C.of_b", "not hasattr(m.C, 'of_a')"]),
    "what it had as a named tuple": Edit(
        "from typing import NamedTuple\nclass C(NamedTuple):\n    x: int = 2\n    y: int = 6\n    def m(self): return self.x\n",
        "from dataclasses import dataclass\n@dataclass\nclass C:\n    x: int = 6\n    def m(self): return 4\n",
        expect=["not any(hasattr(m.C, name) for name in ('y', '_fields', '_make', '_replace'))", "m.C().m() == 4"],
    ),
    "what others set on a named tuple": Edit(
        "from typing import NamedTuple\nX = 1\nclass C(NamedTuple):\n    x: int = X\nC.tag = 3\n",
        "from typing import NamedTuple\nX = 2\nclass C(NamedTuple):\n    x: int = X\nC.tag = 3\n",
        expect=["m.C().x == 2", "m.C.tag == 3"],
    ),
    "a class in a branch": Edit(BRANCH, BRANCH.replace("v = 1", "v = 2"), held="m.C.number = 5\n", expect=["m.C.number == 5 and m.C.I.v == 2"]),
    "a class in a class in a branch": Edit(
        BRANCH, BRANCH.replace("v = 1", "w = 2"), held="m.C.I.number = 5\nI = m.C.I\n",
        expect=["m.C.I is I and I.number == 5 and I.w == 2", "not hasattr(I, 'v')", "not not_applied"],
    ),
    "a class in a dataclass": Edit(NESTED, NESTED.replace("a:", "b:"), held="m.C.I.number = 5\n", expect=["m.C.I.number == 5", "m.C(3).b == 3"]),
    "a decorated class in a branch": Edit(
        {"d": MARKS, "m": "import d\nif d:\n    @d.mark\n    class C:\n        v = 1\n"},
        {"m": "import d\nif d:\n    class C:\n        v = 1\n"},
        expect=["not hasattr(m.C, 'x')"],
    ),
    "a base that gives instances a dictionary": Edit(
        "class B(tuple): __slots__ = ()\nclass D: pass\nclass C(B): __slots__ = ()\n",
        "class B(tuple): __slots__ = ()\nclass D: pass\nclass C(D, B): __slots__ = ()\n",
        expect=["vars(m.C()) == {}"],
    ),
}

# What the body of a class sets in its module.
SETS = "class C:\n    globals()['x'] = 1\n    k = 1\n"
EDITS |= {
    "a name of the module that a body has set": Edit(
        SETS, SETS.replace("globals()['x']", "x"), expect=["m.C.x == m.x == 1", "not_applied == [\"C.globals()['x'] = 1\"]"]
    ),
    "a name of the module that a class has set which is gone": Edit(SETS, "k = 1\n", expect=["m.x == 1", "not_applied == ['C']"]),
    "a name of the module that a class has set which has other bases": Edit(
        SETS, "class C(Exception): pass\n", expect=["m.x == 1", "not_applied == ['C']"]
    ),
    "a name of the module that a class in a class has set": Edit(
        "class C:\n    class D:\n        globals()['x'] = 1\n", "class C:\n    class D: pass\n", expect=["not_applied == [\"C.D.globals()['x'] = 1\"]"]
    ),
    "a name of the module that others bind": Edit(SETS + "x = 2\n", SETS.replace("globals()['x'] = 1", "pass") + "x = 2\n", expect=["m.x == 2", "not not_applied"]),
    "a name of the module that a method sets": Edit(
        "class C:\n    def f(self): globals()['x'] = 1\n", "class C: pass\n", expect=["not hasattr(m, 'x')", "not not_applied"]
    ),
    "a name of the module that a body binds": Edit(
        "class C:\n    global x\n    x = 1\n", "class C:\n    global x\n    x = 2\n", expect=["m.x == 2", "not hasattr(m.C, 'x')", "not not_applied"]
    ),
}

# Classes in branches: what makes them anew is the whole statement.
BRANCHES = {
    "a condition": "if True:\n{}",
    "what else comes": "if False: pass\nelse:\n{}",
    "what is tried": "try:\n{}except ImportError: pass\n",
    "what handles": "try: import nothing_of_the_kind\nexcept ImportError:\n{}",
}
IN_BRANCH = "    class C:\n        x = 1\n        def f(self): return self.x\n    V = 1\n"
for how, branch in BRANCHES.items():
    EDITS |= {
        f"another value in {how}": Edit(
            {"m": branch.format(IN_BRANCH), "n": "import m\ndef g(self): return 3\nm.C.g = g\n"},
            {"m": branch.format(IN_BRANCH.replace("x = 1", "x = 2"))},
            held="C, c = m.C, m.C()\nm.C.number = 5\n",
            expect=["m.C is C", "(c.f(), c.g(), c.number) == (2, 3, 5)", "not not_applied"],
        ),
        f"another statement in {how}": Edit(
            branch.format(IN_BRANCH), branch.format(IN_BRANCH.replace("V = 1", "V = 2")),
            held="m.C.number = 5\n", expect=["(m.C.number, m.V) == (5, 2)", "not not_applied"],
        ),
        f"what the body in {how} bound": Edit(
            branch.format(IN_BRANCH), branch.format(IN_BRANCH.replace("x =", "y =")),
            held="m.C.number = 5\n", expect=["(m.C.number, m.C.y) == (5, 1)", "not hasattr(m.C, 'x')"],
        ),
        f"what a statement in {how} has set": Edit(
            branch.format(IN_BRANCH + "    C.z = 1\n"), branch.format(IN_BRANCH),
            held="m.C.number = 5\n", expect=["m.C.number == 5", "not hasattr(m.C, 'z')"],
        ),
        f"what a call in {how} has set": Edit(
            MARKS.replace("kind.x", "kind.z") + branch.format(IN_BRANCH + "    mark(C)\n"), MARKS.replace("kind.x", "kind.z") + branch.format(IN_BRANCH),
            expect=["not hasattr(m.C, 'z')"],
        ),
    }
EDITS["the class of another branch"] = Edit(
    "HERE = 1\nif HERE:\n    class C: x = 1\nelse:\n    class C: y = 1\n", "HERE = 0\nif HERE:\n    class C: x = 1\nelse:\n    class C: y = 1\n",
    held="m.C.number = 5\n", expect=["(m.C.number, m.C.y) == (5, 1)", "not hasattr(m.C, 'x')"],
)

Edits = tests_of(EDITS)

if __name__ == "__main__":
    unittest.main()
