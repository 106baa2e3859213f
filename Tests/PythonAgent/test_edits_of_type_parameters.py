"""Bounds, constraints and defaults of type parameters: evaluated when they are asked for first, and kept from then on."""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

BOUND = "__type_params__[0].__bound__"


def edit_of(text: str, asked: str, *expect: str, since: tuple[int, int] = (3, 12), held: str = "", **more: str) -> Edit:
    """Of a text in which `B` stands for another class, after somebody has asked."""
    before, after = text.replace("ALIAS", "int"), text.replace("ALIAS", "str")
    return Edit({**more, "m": before}, {"m": after}, held=f"{asked}\n{held}", expect=[*expect, "not not_applied"], since=since)


EDITS = {
    "a bound of a function": edit_of(
        "B = ALIAS\ndef f[T: B](x: T) -> T: return x\n", f"m.f.{BOUND}",
        "m.f is f", f"f.{BOUND} is str", "f.__annotations__['x'] is f.__annotations__['return'] is f.__type_params__[0]", held="f = m.f",
    ),
    "constraints of a function": edit_of(
        "B = ALIAS\ndef f[T: (B, bytes)](x: T): pass\n", "m.f.__type_params__[0].__constraints__", "m.f.__type_params__[0].__constraints__ == (str, bytes)"
    ),
    "a default": edit_of(
        "B = ALIAS\ndef f[T = B](x: T): pass\nclass C[T = B]: pass\n",
        "[each.__type_params__[0].__default__ for each in (m.f, m.C)]", "[each.__type_params__[0].__default__ for each in (m.f, m.C)] == [str, str]",
        since=(3, 13),
    ),
    "a bound of a class": edit_of(
        "B = ALIAS\nclass C[T: B]:\n    x: T\n    def f(self) -> T: pass\nL = [C()]\n", f"m.C.{BOUND}",
        "m.C is C", f"C.{BOUND} is str", "isinstance(m.L[0], C)",
        "C.__annotations__['x'] is C.f.__annotations__['return'] is C.__parameters__[0] is C.__type_params__[0]", held="C = m.C",
    ),
    "a bound of a method": edit_of("B = ALIAS\nclass C:\n    def f[T: B](self, x: T): pass\n", f"m.C.f.{BOUND}", f"m.C.f.{BOUND} is str"),
    "a bound of a type alias": edit_of("B = ALIAS\ntype A[T: B] = list[T]\n", f"m.A.{BOUND}", f"m.A.{BOUND} is str"),
    "what has been asked of them is kept": edit_of(
        f"B = ALIAS\ndef f[T: B](x: T): pass\nclass C[T: B]: pass\nX, Y = f.{BOUND}, C.{BOUND}\n", "", "m.X is m.Y is str"
    ),
    "a bound of another module": Edit(
        {"b": "B = int\n", "m": "from b import B\nimport b\ndef f[T: B](x: T): pass\nclass C[T: b.B]: pass\n"}, {"b": "B = str\n"},
        held=f"m.f.{BOUND}, m.C.{BOUND}", expect=[f"m.f.{BOUND} is m.C.{BOUND} is str", "not not_applied"], since=(3, 12),
    ),
    "a bound that is defined below": Edit(
        "def f[T: B](x: T): pass\nclass C[T: B]: pass\nclass B: __slots__ = 'a',\n",
        "def f[T: B](x: T): pass\nclass C[T: B]: pass\nclass B: __slots__ = 'a', 'b'\n",
        held=f"m.f.{BOUND}, m.C.{BOUND}", expect=[f"m.f.{BOUND} is m.C.{BOUND} is m.B"], since=(3, 12),
    ),
    "a bound that is the same class": Edit(
        "class B: v = 1\nN = []\ndef d(f):\n    N.append(f)\n    return f\n@d\ndef f[T: B](x: T): pass\n",
        "class B: v = 2\nN = []\ndef d(f):\n    N.append(f)\n    return f\n@d\ndef f[T: B](x: T): pass\n",
        held=f"bound = m.f.{BOUND}", expect=[f"m.f.{BOUND} is bound is m.B", "bound.v == 2", "len(m.N) == 1", "not not_applied"], since=(3, 12),
    ),
    "a bound of what a function has made": edit_of(
        "B = ALIAS\ndef make():\n    def f[T: B](x: T): pass\n    return f\nf = make()\n", f"m.f.{BOUND}", f"m.f.{BOUND} is str"
    ),
    "a bound of what a branch defines": edit_of("B = ALIAS\nif True:\n    def f[T: B](x: T): pass\n", f"m.f.{BOUND}", f"m.f.{BOUND} is str"),
    "bounds of classes that are derived from each other": edit_of(
        "B = ALIAS\nclass C[T: B]: pass\nclass D[S: B](C[S]): pass\n", f"m.C.{BOUND}, m.D.{BOUND}",
        f"m.C.{BOUND} is m.D.{BOUND} is str", "m.D.__orig_bases__[0].__args__[0] is m.D.__type_params__[0]",
    ),
    "a bound of a type variable of before 3.12": edit_of(
        'from typing import TypeVar\nB = ALIAS\nT = TypeVar("T", bound=B)\ndef f(x: T): pass\n',
        "m.T.__bound__", "m.T.__bound__ is str", "m.f.__annotations__['x'] is m.T", since=(3, 11),
    ),
}

Edits = tests_of(EDITS)


if __name__ == "__main__":
    unittest.main()
