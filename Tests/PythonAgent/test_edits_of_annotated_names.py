"""Edits of what a module or a class annotates, and who has read that."""

from __future__ import annotations

import sys
import unittest

from edits import Edit, tests_of

FIELDS = "x: int = 1\ny: str = ''\n"


def read(statements: str, old: str, new: str, *expect: str) -> Edit:
    """`statements` below read the annotations of two names, of which an edit makes `old` into `new`."""
    return Edit(FIELDS + statements, FIELDS.replace(old, new) + statements, expect=[*expect, "not not_applied"])


def read_in_class(statement: str, old: str, new: str, *expect: str) -> Edit:
    text = "class C:\n    x: int = 1\n    y: str = ''\n    " + statement
    return Edit(text, text.replace(old, new), held="C = m.C\n", expect=[*expect, "m.C is C and not not_applied"])


COPY = "A = dict(__annotations__)\n"
BRANCH = "if __name__:\n    x: int = 1\ny: int = 2\nA = list(__annotations__)\n"
NAMED = "class T: pass\nclass U: pass\nK = {}\n"

EDITS = {
    "another type": read(COPY, "int", "float", "m.A == {'x': float, 'y': str}"),
    "another type, by a method": read("A = __annotations__.copy()\n", "int", "float", "m.A == {'x': float, 'y': str}"),
    "another type, by a loop": read(
        "for n, k in list(__annotations__.items()): globals()[n] = k(7)\n", "str", "float", "(m.x, m.y) == (7, 7.0) and type(m.y) is float"
    ),
    "another name": read(COPY, "y:", "z:", "m.A == m.__annotations__ == {'x': int, 'z': str}"),
    "a name in between": read("A = list(__annotations__)\n", "y:", "w: int\ny:", "m.A == list(m.__annotations__) == ['x', 'w', 'y']"),
    "one less": read(COPY, "y: str = ''\n", "", "m.A == m.__annotations__ == {'x': int}"),
    "one less, of a name that stays": read(COPY, "y: str", "y", "m.A == m.__annotations__ == {'x': int} and m.y == ''"),
    "one less without a value": Edit("x: int\ny: int\n", "x: int\n", expect=["list(m.__annotations__) == ['x']", "not not_applied"]),
    "one less, and a failure": Edit(FIELDS, "x: int = 1\nz = 1 / 0\n", expect=["outcome == 'rolledBack'", "list(m.__annotations__) == ['x', 'y']"]),
    "a value alone": Edit(
        FIELDS + "A = [dict(__annotations__)]\n", FIELDS.replace("1", "2") + "A = [dict(__annotations__)]\n",
        held="A = m.A[0]\n", expect=["m.x == 2 and m.A[0] is A", "not not_applied"],
    ),
    "in a branch": Edit(BRANCH, BRANCH.replace("x: int", "z: int"), expect=["m.A == ['z', 'y']", "not not_applied"]),
    "one less in a branch": Edit(BRANCH, BRANCH.replace("x: int", "x"), expect=["m.A == ['y'] and m.x == 1", "not not_applied"]),
    "of another module": Edit(
        {"k": FIELDS, "m": "import k\nA = dict(k.__annotations__)\n"}, {"k": FIELDS.replace("y: str", "z: float")},
        expect=["m.A == {'x': int, 'z': float}", "not not_applied"],
    ),
    "by a name that stands for another type": Edit(
        {"k": NAMED.format("T"), "m": "from k import K\nx: K = 1\nA = tuple(each.__name__ for each in __annotations__.values())\n"},
        {"k": NAMED.format("U")}, expect=["m.A == ('U',)", "not not_applied"],
    ),
    "with more of them further down": Edit(
        "x: int = 1\nA = tuple(__annotations__)\ny: int = 1\n", "z: int = 1\nA = tuple(__annotations__)\ny: int = 1\n",
        expect=["m.A == ('z',) or not_applied == ['A']"],
    ),
    "of a class, another type": read_in_class(COPY, "int", "float", "m.C.A == {'x': float, 'y': str}"),
    "of a class, another name": read_in_class(COPY, "y:", "z:", "m.C.A == m.C.__annotations__ == {'x': int, 'z': str}"),
    "of a class, in their order": read_in_class("A = list(__annotations__)\n    z: int\n", "y:", "w: int\n    y:", "m.C.A == ['x', 'w', 'y']"),
    "of a class in a class": Edit(
        "class D:\n    class C:\n        x: int\n        A = list(__annotations__)\n", "class D:\n    class C:\n        z: int\n        A = list(__annotations__)\n",
        expect=["m.D.C.A == ['z']", "not not_applied"],
    ),
}  # fmt: skip

Edits = tests_of(EDITS if sys.version_info < (3, 14) else {})  # then they are computed when they are asked for, and have no name

if __name__ == "__main__":
    unittest.main()
