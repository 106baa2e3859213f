"""Edits of type aliases, `type X = …`: their values are computed when somebody asks for them, and kept."""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

LIVE = "not not_applied"


def alias(before: str, after: str, *expect: str, held: str = "", n: str = "", since: tuple[int, int] = (3, 12)) -> Edit:
    return Edit({"m": before, "n": n}, {"m": after}, held=held, expect=[*expect], since=since)


EDITS = {
    "a value": alias("type X = int\n", "type X = str\n", "m.X.__value__ is str", LIVE, held="m.X.__value__\n"),
    "a value that others have": alias(
        "type X = int\n", "type X = str\n", "n.V is str", "n.f.__annotations__['a'] is m.X", LIVE,
        n="from m import X\nV = X.__value__\ndef f(a: X): pass\n",
    ),
    "what it is made of": alias("A = int\ntype X = list[A]\nV = X.__value__\n", "A = str\ntype X = list[A]\nV = X.__value__\n", "m.V == list[str]", LIVE),
    "what it is made of, below": alias(
        "type X = list[A]\nA = int\nV = X.__value__\n", "type X = list[A]\nA = str\nV = X.__value__\n", "m.V == list[str]", LIVE
    ),
    "what it is made of, below, and a function between": alias(
        "type X = list[A]\ndef f(a: X): pass\nA = int\n", "type X = list[A]\ndef f(a: X): pass\nA = str\n",
        "m.f.__annotations__['a'].__value__ == list[str]", LIVE, held="m.X.__value__\n",
    ),
    "one that speaks of itself": alias("type X = list[X] | int\n", "type X = list[X] | str\n", "str in m.X.__value__.__args__", LIVE, held="m.X.__value__\n"),
    "one with a parameter": alias("type X[T] = list[T]\n", "type X[T] = set[T]\n", "m.X.__value__.__origin__ is set", LIVE, held="m.X.__value__\n"),
    "one of a class": alias(
        "class A:\n    type X = int\n    def f(self): return 1\n", "class A:\n    type X = str\n    def f(self): return 1\n",
        "A.X.__value__ is str", LIVE, "m.A is A and a.f() == 1", held="A, a = m.A, m.A()\na.X.__value__\n",
    ),
    "one as a value": alias("X = list[int]\n", "X = list[str]\n", "n.f.__annotations__['a'] == list[str]", LIVE, n="from m import X\ndef f(a: X): pass\n", since=(3, 11)),
    "one that moves": alias("type X = int\n", "\n\ntype X = int\n", "m.X is X", "not executed", held="X = m.X\n"),
}  # fmt: skip

Edits = tests_of(EDITS)

if __name__ == "__main__":
    unittest.main()
