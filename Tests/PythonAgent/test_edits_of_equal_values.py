"""Edits of names that stand for a list, dictionary or set of another name, which is equal to the one before: who adds something to it
sees which one it is.
"""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

LIVE = "not not_applied"
TWO = "A = [1]\nB = [1]\n"


def of_two(before: str, after: str, *expect: str, n: str = "", held: str = "") -> Edit:
    return Edit({"m": TWO + before, "n": n}, {"m": TWO + after}, held=held, expect=[*expect, LIVE])


def of_one(before: str, after: str, *expect: str, n: str = "", held: str = "") -> Edit:
    return Edit({"m": before, "n": n}, {"m": after}, held=held, expect=[*expect, LIVE])


PICK = "def pick(): return A\nT = pick()\n"

EDITS = {
    "a name": of_two("T = A\n", "T = B\n", "m.T is m.B", "n.T is m.B", "n.f() is m.B", n="from m import T\ndef f(x=T): return x\n"),
    "an annotated name": of_two("T: list = A\n", "T: list = B\n", "m.T is m.B"),
    "names that change places": of_two("T, U = A, B\n", "T, U = B, A\n", "m.T is m.B", "m.U is m.A"),
    "under a condition": of_two("T = A if A else 1\n", "T = B if A else 1\n", "m.T is m.B"),
    "in a table": of_two("T = {'k': A}\n", "T = {'k': B}\n", "m.T['k'] is m.B"),
    "a copy of it": of_two("T = A\n", "T = list(A)\n", "m.T == [1]", "m.T is not m.A"),
    "in a class": of_two(
        "class C:\n    T = A\n    def f(self): return self.T\n", "class C:\n    T = B\n    def f(self): return self.T\n",
        "m.C.T is m.B", "m.C is C", held="C = m.C\n",
    ),
    "an item": of_two("D = {}\nD['t'] = A\n", "D = {}\nD['t'] = B\n", "m.D['t'] is m.B", "m.D is D", held="D = m.D\n"),
    "registered": of_two("R = []\nR.append(A)\n", "R = []\nR.append(B)\n", "m.R[0] is m.B", "len(m.R) == 1"),
    "by a dependent": of_two("T = A\n", "T = B\n", "n.T is m.B", n="import m\nT = m.T\n"),
    "by an import": Edit(
        {"a": "T = [1]\n", "b": "T = [1]\n", "m": "from a import T\n", "n": "from m import T\n"}, {"m": "from b import T\n"},
        held="import b\n", expect=["m.T is b.T", "n.T is b.T", LIVE],
    ),
    "a name that becomes that of another": Edit(
        {"m": TWO + "T = A\n"}, {"m": "B = [1]\nA = B\nT = A\n"}, expect=["m.T is m.B", "m.A is m.B", LIVE]
    ),
    "what a function gives": Edit(
        {"m": TWO + PICK}, {"m": TWO + PICK.replace("A\n", "B\n", 1)}, expect=["m.pick() is m.B", "not_applied == ['T'] or m.T is m.B"]
    ),
    "a list that is written otherwise": of_one("T = [1, 2]\n", "T = [1, 1 + 1]\n", "m.T is T", held="T = m.T\n"),
    "two names of one": of_one("X = Y = []\n", "X = Y = list()\n", "m.X is X is m.Y", held="X = m.X\n"),
    "made of another one, and equal": of_one(
        "A = [1]\nY = list(A)\n", "A = [1, 2]\nY = list(A)[:1]\n", "m.Y is Y", "n.C == [1]",
        held="Y = m.Y\nn.C.append(1)\n", n="from m import Y\nC = []\n",
    ),
    "constants": of_one(
        "A = 1\nB = 1\nT = A\n", "A = 1\nB = 1\nT = B\n", "m.T == 1", "n.C == [1]", held="n.C.append(1)\n", n="from m import T\nC = [][:T]\n"
    ),
}  # fmt: skip

Edits = tests_of(EDITS)

if __name__ == "__main__":
    unittest.main()
