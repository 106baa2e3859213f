"""Edits of what a class is derived from, and who has asked for that, or for what it inherits."""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

BASES = "class A: pass\nclass B: pass\nclass C(A): pass\n"


def ordered(statements: str, *expect: str) -> Edit:
    """`statements` of another module ask which bases a class has."""
    return Edit({"b": BASES, "m": statements}, {"b": BASES.replace("C(A)", "C(A, B)")}, expect=[*expect, "not not_applied"])


def derived(expression: str, expect: str) -> Edit:
    """`expression` asks a class, or an instance, for what the class finds behind its base: that had none, and gets one."""
    base = "class A:\n    k = 0\n    def f(self): return 0\n"
    text = "class Z:\n    k = 5\n    def f(self): return 2\n" + base + "class B(A): pass\nclass C(B): pass\n"
    return Edit({"b": text, "m": f"import b\nX = {expression}\n"}, {"b": text.replace(base, "class A(Z): pass\n")}, expect=[expect, "not not_applied"])


EDITS = {
    "an order of bases": ordered("import b\nX = b.C.__mro__\n", "m.X == (b.C, b.A, b.B, object)"),
    "an order of bases, by a method": ordered("from b import C\nX = [each.__name__ for each in C.mro()]\n", "m.X == ['C', 'A', 'B', 'object']"),
    "an order of bases, by a library": ordered("import b, inspect\nX = inspect.getmro(b.C)\n", "m.X == (b.C, b.A, b.B, object)"),
    "an order of bases, of a derived class": ordered(
        "from b import C\nfrom inspect import getmro\nclass D(C): pass\nX = getmro(D)[1:]\n", "m.X == (b.C, b.A, b.B, object)"
    ),
    "an order of bases, in a class": ordered("from b import C\nclass E:\n    X = C.__mro__\n", "m.E.X == (b.C, b.A, b.B, object)"),
    "the base of a base, in its order": derived("b.C.__mro__", "m.X == (b.C, b.B, b.A, b.Z, object)"),
    "the base of a base, for who asks": derived("issubclass(b.C, b.Z)", "m.X is True"),
    "the base of a base, for who asks an instance": derived("isinstance(b.C(), b.Z)", "m.X is True"),
    "the base of a base, by an attribute": derived("b.C.k", "m.X == 5"),
    "the base of a base, by an instance's attribute": derived("b.C().k", "m.X == 5"),
    "the base of a base, by a function": derived("b.C.f(1)", "m.X == 2"),
    "the base of a base, by a method": derived("b.C().f()", "m.X == 2"),
}


Edits = tests_of(EDITS)

if __name__ == "__main__":
    unittest.main()
