"""Which methods of one name a statement calls: of the classes that the text names, those of others do not count. Wherever it may be
another class, they do.
"""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

OTHER = "class D:\n    def m(self): return 1\n    def run(self): return self.m()\n"
KNOWN = "class C:\n    def m(self): return 10\n    def run(self): return self.m() + 1\n"


def silent(tail: str, before: str = KNOWN, **more: str) -> Edit:
    """Nothing is executed again, and nothing is said."""
    text = OTHER + before + tail
    expect = ["not not_applied", "executed == []"]
    return Edit({"m": text, **more}, text.replace("return 1\n", "return 2\n", 1), expect=[*expect, "m.D().m() == 2"])


def heard(tail: str, before: str = KNOWN, **more: str) -> Edit:
    """It is executed again, or said."""
    text = OTHER + before + tail
    return Edit({"m": text, **more}, text.replace("return 1\n", "return 2\n", 1), expect=["'m' in executed or not_applied", "m.X == 2 or not_applied"])


MIXED = "class K:\n    def go(self): return self.m()\nclass S(K, D): pass\n"
TOLD = (
    "class K:\n    said = 0\n    def __init_subclass__(cls): K.said = cls.label()\n    @classmethod\n    def label(cls): return 0\n"
    "class B(K):\n    @classmethod\n    def label(cls): return 1\n"
)
MADE = (
    "class M(type):\n    def __init__(cls, *a): cls.said = cls.label()\n    def label(cls): return 0\n"
    "class E(metaclass=M):\n    @classmethod\n    def label(cls): return 1\n"
)
EDITS = {
    "of a class that is called": silent("X = C().m()\n"),
    "of a class that is called, for its effect": silent("C().run()\n"),
    "of one that is derived": silent("class B(C): pass\nX = B().run()\n"),
    "of a class, in a function": silent("def f(): return C().run()\nX = f()\n"),
    "of a variable": silent("def main():\n    c = C()\n    return c.run()\nX = main()\n"),
    "of a name of the module": silent("c = C()\nX = c.run()\n"),
    "of a class of another module": Edit(
        {"b": KNOWN, "m": f"from b import C\n{OTHER}X = C().run()\n"},
        {"m": f"from b import C\n{OTHER.replace('return 1', 'return 2')}X = C().run()\n"},
        expect=["not not_applied", "executed == []"],
    ),
    "of a class that others edit": Edit(
        {"b": OTHER, "m": f"import b\n{KNOWN}X = C().run()\n"},
        {"b": OTHER.replace("return 1", "return 2")},
        expect=["not not_applied", "executed == []"],
    ),
    "of the class that changed": heard("X = D().m()\n"),
    "of the class that changed, by another method": heard("X = D().run()\n"),
    "of a derived one": heard("class B(D): pass\nX = B().run()\n"),
    "of a base beside": heard("X = S().go()\n", MIXED),
    "of a base beside, of a variable": heard("def f():\n    s = S()\n    return s.go()\nX = f()\n", MIXED),
    "of a base beside, of a name": heard("s = S()\nX = s.go()\n", MIXED),
    "of a base beside, of one that is gone": heard("def f():\n    class T(K, D): pass\n    return T().go()\nX = f()\n", MIXED),
    "by the class": heard("X = C.run(D()) - 1\n"),
    "of what is set in an object": heard("X = E().m()\n", "class E:\n    def __init__(self): self.m = D().m\n    def m(self): return 5\n"),
    "of what somebody sets by name": heard(
        "X = E().m()\n", "class E:\n    def __init__(self): setattr(self, 'm', D().m)\n    def m(self): return 5\n"
    ),
    "of another class that is made": heard("X = E().m()\n", "class E:\n    def __new__(cls): return D()\n    def m(self): return 5\n"),
    "of an object that changes its class": heard(
        "X = E().m()\n", "class E:\n    def __init__(self): self.__class__ = F\n    def m(self): return 5\nclass F(E, D):\n    m = D.m\n"
    ),
    "of what a metaclass makes": heard(
        "X = E().m()\n", "class M(type):\n    def __call__(cls): return D()\nclass E(metaclass=M):\n    def m(self): return 5\n"
    ),
    "of each of several": heard("X = 0\nfor E in (D, C):\n    X += E().m()\nX -= 10\n"),
    "of each of several, by a name": heard("X = 0\ndef f(): return e.m()\nfor e in (D(), C()):\n    X += f()\nX -= 10\n"),
    "of each of several, by another method": heard(
        "X = 0\ndef f(): return e.go()\nfor e in (S(), T()):\n    X += f()\n", MIXED + "class T(K):\n    def m(self): return 0\n"
    ),
    "of a name that is bound again": heard("E = C\nE = D\nX = E().m()\nE = C\n"),
    "of a name that is bound again, by another method": heard("e = S()\nX = e.go()\ne = T()\n", MIXED + "class T(K):\n    def m(self): return 0\n"),
    "of what a function gets": heard("def f(C): return C().m()\nX = f(D)\n"),
    "of a variable that is bound again": heard("def f():\n    c = C()\n    c = D()\n    return c.m()\nX = f()\n"),
    "of a variable that a function inside binds": heard(
        "def f():\n    c = C()\n    def g():\n        nonlocal c\n        c = D()\n    g()\n    return c.m()\nX = f()\n"
    ),
    "of self that is bound again": heard("X = E().go()\n", "class E:\n    def go(self):\n        self = D()\n        return self.m()\n    def m(self): return 5\n"),
    "of a derived class, by who is told of it": Edit(
        TOLD, TOLD.replace("return 1", "return 2"), expect=["m.K.said == 2 or not_applied"]
    ),
    "of a class, by its metaclass": Edit(MADE, MADE.replace("return 1", "return 2"), expect=["m.E.said == 2 or not_applied"]),
    "of what a class gives": heard("X = f().m()\n", "def f(): return D()\n"),
    "of a class of a function": heard("def f():\n    class C(D): pass\n    return C().m()\nX = f()\n"),
    "of a class in a class": heard("class O:\n    class C(D): pass\n    Y = C().m()\nX = O.Y\n"),
    "of a class in a branch": heard("if True:\n    class E(D): pass\nelse:\n    class E: pass\nX = E().m()\n"),
    "of a class that a decorator replaces": heard("@lambda c: D\nclass E:\n    def m(self): return 5\nX = E().m()\n"),
    "of a method that a decorator replaces": heard("class E:\n    @lambda f: D.m\n    def m(self): return 5\nX = E().m()\n"),
    "of what a static method gets": heard("X = E().go(D())\n", "class E:\n    @staticmethod\n    def go(self): return self.m()\n    def m(self): return 5\n"),
}


class TestMethodsOfKnownClasses(tests_of(EDITS)):  # type: ignore[misc]
    pass


if __name__ == "__main__":
    unittest.main()
