"""Edits of classes that decorators, metaclasses or bases of the library make. Each is a small program, what somebody
holds of it, the saved text, and what has to hold afterwards, through the old references too.
"""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

RULED = (
    "import abc\nclass M(type): pass\nclass C(metaclass={}):\n    @abc.abstractmethod\n    def f(self): return {}\n"
)

FIELDS = "from dataclasses import dataclass\n@dataclass\nclass P:\n    {}: int = 1\n    {}: int = 1\nX = repr(P(5))\n"

C_STRUCTURE = (
    "from ctypes import Structure, c_int, sizeof\nclass P(Structure):\n    _fields_ = [('x', c_int)]\n    def f(self): return 1\n"
)

EDITS = {
    "a structure of C, with another field": Edit(
        C_STRUCTURE, C_STRUCTURE.replace("('x', c_int)", "('x', c_int), ('y', c_int)"),
        expect=["outcome == 'applied'", "m.P(1, 2).y == 2", "m.sizeof(m.P) == 2 * m.sizeof(m.c_int)"],
    ),
    "a structure of C, with another method": Edit(
        C_STRUCTURE, C_STRUCTURE + "    def g(self): return 2\n", C_STRUCTURE + "    def g(self): return 3\n",
        expect=["outcome == 'applied'", "(m.P(1).f(), m.P(1).g()) == (1, 3)"],
    ),
    "a structure of C, in a save that fails": Edit(
        C_STRUCTURE, C_STRUCTURE.replace("return 1", "return 2") + "    K = 1\n1 / 0\n", held="P, p = m.P, m.P(1)\n",
        expect=["outcome == 'rolledBack'", "m.P is P", "p.f() == 1", "not hasattr(p, 'K')"],
    ),
    "fields in another order": Edit(
        {"m": FIELDS.format("x", "y"), "n": "from m import P\nY = repr(P(5))\n"},
        {"m": FIELDS.format("y", "x")},
        expect=["m.X == n.Y == 'P(y=5, x=1)'", "not not_applied"],
    ),
    "an ordering that is completed by a decorator": Edit(
        (
            "import functools\n@functools.total_ordering\nclass C:\n    def __init__(s, x): s.x=x\n"
            "    def __eq__(s,o): return s.x == o.x\n    def __lt__(s,o): return s.x < o.x\n"
        ),
        (
            "import functools\n@functools.total_ordering\nclass C:\n    def __init__(s, x): s.x=x\n"
            "    def __eq__(s,o): return s.x == o.x\n    def __lt__(s,o): return s.x > o.x\n"
        ),
        held="a=m.C(1)\nb=m.C(2)\n",
        expect=["a > b", "b <= a", "a >= b"],
    ),
    "the default of a field": Edit(
        "from dataclasses import dataclass, field\n@dataclass\nclass P:\n    x: int = 1\n",
        "from dataclasses import dataclass, field\n@dataclass\nclass P:\n    x: int = 5\n",
        held="p=m.P()\n",
        expect=["m.P().x == 5", "p.x == 1"],
    ),
    "a dataclass gains a field and a method that uses it": Edit(
        "from dataclasses import dataclass, field\n@dataclass\nclass P:\n    x: int\n",
        (
            "from dataclasses import dataclass, field\n@dataclass\nclass P:\n    x: int\n    y: int = 3\n"
            "    def s(self): return self.x + self.y\n"
        ),
        held="p=m.P(1)\n",
        expect=["m.P(1).s() == 4", "p.s() == 4", "p == m.P(1)", "repr(p) == 'P(x=1, y=3)'"],
    ),
    "a dataclass is frozen": Edit(
        "from dataclasses import dataclass, field\n@dataclass\nclass P:\n    x: int = 1\n",
        "from dataclasses import dataclass, field\n@dataclass(frozen=True)\nclass P:\n    x: int = 1\n",
        held="p=m.P()\ndef go(): p.x = 2\n",
        expect=["raises(Exception, go)", "hash(p) == hash(m.P())"],
    ),
    "a dataclass is ordered": Edit(
        "from dataclasses import dataclass, field\n@dataclass\nclass P:\n    x: int = 1\n",
        "from dataclasses import dataclass, field\n@dataclass(order=True)\nclass P:\n    x: int = 1\n",
        held="p=m.P(1)\nq=m.P(2)\n",
        expect=["p < q"],
    ),
    "a method of a dataclass with slots": Edit(
        (
            "from dataclasses import dataclass, field\n@dataclass(slots=True)\nclass P:\n    x: int = 1\n"
            "    def v(self): return 1\n"
        ),
        (
            "from dataclasses import dataclass, field\n@dataclass(slots=True)\nclass P:\n    x: int = 1\n"
            "    def v(self): return 2\n"
        ),
        held="p=m.P()\n",
        expect=["p.v() == 2", "m.P().v() == 2", "isinstance(p, m.P)"],
    ),
    "a dataclass with slots gains a field": Edit(
        (
            "from dataclasses import dataclass, field\n@dataclass(slots=True)\nclass P:\n    x: int = 1\n"
            "    def v(self): return 1\n"
        ),
        (
            "from dataclasses import dataclass, field\n@dataclass(slots=True)\nclass P:\n    x: int = 1\n"
            "    y: int = 2\n    def v(self): return 2\n"
        ),
        held="p=m.P()\n",
        expect=["p.v() == 2", "m.P().y == 2", "not_applied"],
    ),
    "the base of a dataclass in another module gains a field": Edit(
        {
            "a": "from dataclasses import dataclass, field\n@dataclass\nclass P:\n    x: int = 1\n",
            "m": "from dataclasses import dataclass, field\nimport a\n@dataclass\nclass Q(a.P):\n    z: int = 9\n",
        },
        {
            "a": "from dataclasses import dataclass, field\n@dataclass\nclass P:\n    x: int = 1\n    y: int = 2\n",
        },
        held="q=m.Q()\n",
        expect=["m.Q(1,2,3).y == 2", "q.y == 2"],
    ),
    "a dataclass gains a post init": Edit(
        "from dataclasses import dataclass, field\n@dataclass\nclass P:\n    x: int = 1\n",
        (
            "from dataclasses import dataclass, field\n@dataclass\nclass P:\n    x: int = 1\n"
            "    def __post_init__(self): self.x += 1\n"
        ),
        held="p=m.P()\n",
        expect=["m.P().x == 2"],
    ),
    "the factory of a field": Edit(
        (
            "from dataclasses import dataclass, field\n@dataclass\nclass P:\n"
            "    x: list = field(default_factory=list)\n"
        ),
        (
            "from dataclasses import dataclass, field\n@dataclass\nclass P:\n"
            "    x: list = field(default_factory=lambda: [1])\n"
        ),
        held="p=m.P()\n",
        expect=["m.P().x == [1]"],
    ),
    "a dataclass gains a field with a factory": Edit(
        "from dataclasses import dataclass, field\n@dataclass\nclass P:\n    x: int = 1\n",
        (
            "from dataclasses import dataclass, field\n@dataclass\nclass P:\n    x: int = 1\n"
            "    y: list = field(default_factory=list)\n"
        ),
        held="p=m.P()\n",
        expect=["m.P().y == []"],
    ),
    "a constant that is a default of a field": Edit(
        "from dataclasses import dataclass, field\nN=1\n@dataclass\nclass P:\n    x: int = N\n",
        "from dataclasses import dataclass, field\nN=2\n@dataclass\nclass P:\n    x: int = N\n",
        held="p=m.P()\n",
        expect=["m.P().x == 2"],
    ),
    "a dataclass ceases to compare": Edit(
        "from dataclasses import dataclass, field\n@dataclass\nclass P:\n    x: int = 1\n",
        "from dataclasses import dataclass, field\n@dataclass(eq=False)\nclass P:\n    x: int = 1\n",
        held="p=m.P()\n",
        expect=["p != m.P()"],
    ),
    "a dataclass becomes a plain class": Edit(
        "from dataclasses import dataclass, field\n@dataclass\nclass P:\n    x: int = 1\n",
        "class P:\n    def __init__(self, x=1): self.x = x\n",
        held="p=m.P()\n",
        expect=["m.P(3).x == 3", "repr(p)[:2] == '<m'", "isinstance(p, m.P)"],
    ),
    "an enumeration gains a member": Edit(
        "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(Enum):\n    A=1\n",
        "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(Enum):\n    A=1\n    B=2\n",
        held="a=m.C.A\nD={a:1}\n",
        expect=[
            "m.C.A is a",
            "D[m.C.A] == 1",
            "m.C(2) is m.C.B",
            "list(m.C) == [m.C.A, m.C.B]",
            "m.C['B'].value == 2",
            "isinstance(a, m.C)",
            "len(m.C) == 2",
        ],
    ),
    "an enumeration loses a member": Edit(
        "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(Enum):\n    A=1\n    B=2\n",
        "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(Enum):\n    A=1\n",
        held="b=m.C.B\n",
        expect=["not hasattr(m.C,'B')", "len(m.C) == 1", "raises(ValueError, lambda: m.C(2))"],
    ),
    "the value of a member": Edit(
        "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(Enum):\n    A=1\n",
        "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(Enum):\n    A=9\n",
        held="a=m.C.A\n",
        expect=["a.value == 9", "m.C.A is a", "m.C(9) is a", "raises(ValueError, lambda: m.C(1))"],
    ),
    "methods of an enumeration": Edit(
        (
            "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(Enum):\n    A=1\n"
            "    def v(self): return 1\n"
        ),
        (
            "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(Enum):\n    A=1\n"
            "    def v(self): return 2\n    @property\n    def w(self): return 3\n"
        ),
        held="a=m.C.A\n",
        expect=["a.v() == 2", "a.w == 3"],
    ),
    "an enumeration gains an alias": Edit(
        "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(Enum):\n    A=1\n",
        "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(Enum):\n    A=1\n    AA=1\n",
        held="a=m.C.A\n",
        expect=["m.C.AA is a", "len(m.C) == 1"],
    ),
    "a member with an automatic value is put before others": Edit(
        "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(Enum):\n    A=auto()\n    B=auto()\n",
        (
            "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(Enum):\n    Z=auto()\n"
            "    A=auto()\n    B=auto()\n"
        ),
        held="a=m.C.A\n",
        expect=["m.C.A is a", "a.value == 2", "[c.name for c in m.C] == ['Z','A','B']"],
    ),
    "members change places": Edit(
        "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(Enum):\n    A=1\n    B=2\n",
        "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(Enum):\n    B=2\n    A=1\n",
        held="a=m.C.A\n",
        expect=["m.C.A is a", "[c.name for c in m.C] == ['B','A']"],
    ),
    "the value of a member that is an integer": Edit(
        "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(IntEnum):\n    A=1\n",
        "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(IntEnum):\n    A=5\n",
        held="a=m.C.A\n",
        expect=["m.C.A == 5", "m.C(5) is m.C.A", "isinstance(a, m.C)"],
    ),
    "an enumeration of strings": Edit(
        "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(StrEnum):\n    A='a'\n",
        "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(StrEnum):\n    A='a'\n    B='b'\n",
        held="a=m.C.A\n",
        expect=["m.C.A is a", "m.C.B == 'b'"],
    ),
    "a flag": Edit(
        "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(Flag):\n    A=1\n    B=2\n",
        "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(Flag):\n    A=1\n    B=2\n    D=4\n",
        held="a=m.C.A\nab=m.C.A|m.C.B\n",
        expect=[
            "m.C.A is a",
            "(m.C.A|m.C.B) is ab",
            "(ab|m.C.D).value == 7",
            "m.C.D in (ab|m.C.D)",
            "(~ab) == m.C.D",
        ],
    ),
    "a method of a named tuple": Edit(
        "from typing import NamedTuple\nclass T(NamedTuple):\n    x: int = 1\n    def v(self): return 1\n",
        "from typing import NamedTuple\nclass T(NamedTuple):\n    x: int = 1\n    def v(self): return 2\n",
        held="t=m.T()\n",
        expect=["t.v() == 2", "m.T().v() == 2", "isinstance(t, m.T)"],
    ),
    "the default of a named tuple": Edit(
        "from typing import NamedTuple\nclass T(NamedTuple):\n    x: int = 1\n",
        "from typing import NamedTuple\nclass T(NamedTuple):\n    x: int = 2\n",
        held="t=m.T()\n",
        expect=["m.T().x == 2", "t.x == 1", "m.T._field_defaults == {'x':2}"],
    ),
    "a named tuple gains a field in the middle": Edit(
        "from typing import NamedTuple\nclass T(NamedTuple):\n    x: int\n    z: int\n",
        "from typing import NamedTuple\nclass T(NamedTuple):\n    x: int\n    y: int\n    z: int\n",
        held="t=m.T(1,2)\n",
        expect=["m.T(1,2,3).z == 3", "m.T._fields == ('x','y','z')", "isinstance(t, m.T)"],
    ),
    "a typed dictionary": Edit(
        "from typing import TypedDict\nclass T(TypedDict):\n    x: int\n",
        "from typing import TypedDict\nclass T(TypedDict, total=False):\n    x: int\n    y: str\n",
        held="T=m.T\n",
        expect=[
            "m.T.__annotations__.keys() == {'x','y'}",
            "m.T(x=1,y='') == {'x':1,'y':''}",
            "m.T.__total__ is False",
            "T.__optional_keys__ == {'x','y'}",
        ],
    ),
    "a protocol demands more": Edit(
        (
            "from typing import Protocol, runtime_checkable\n@runtime_checkable\nclass P(Protocol):\n"
            "    def a(self): ...\nclass C:\n    def a(self): pass\n"
        ),
        (
            "from typing import Protocol, runtime_checkable\n@runtime_checkable\nclass P(Protocol):\n"
            "    def a(self): ...\n    def b(self): ...\nclass C:\n    def a(self): pass\n"
        ),
        held="c=m.C()\nisinstance(c, m.P)\n",
        expect=["not isinstance(c, m.P)"],
    ),
    "a protocol demands less": Edit(
        (
            "from typing import Protocol, runtime_checkable\n@runtime_checkable\nclass P(Protocol):\n"
            "    def a(self): ...\n    def b(self): ...\nclass C:\n    def a(self): pass\n"
        ),
        (
            "from typing import Protocol, runtime_checkable\n@runtime_checkable\nclass P(Protocol):\n"
            "    def a(self): ...\nclass C:\n    def a(self): pass\n"
        ),
        held="c=m.C()\nP=m.P\nisinstance(c, m.P)\n",
        expect=["isinstance(c, P)"],
    ),
    "a generic class and what it is made for": Edit(
        (
            "from typing import Generic, TypeVar\nT=TypeVar('T')\nclass B(Generic[T]):\n    def v(self): return 1\n"
            "X = B[int]\n"
        ),
        (
            "from typing import Generic, TypeVar\nT=TypeVar('T')\nclass B(Generic[T]):\n    def v(self): return 2\n"
            "X = B[str]\n"
        ),
        held="b=m.B()\nx=m.X()\n",
        expect=["b.v() == 2", "x.v() == 2", "m.X().v() == 2", "m.X.__args__ == (str,)"],
    ),
    "registrations with an abstract class": Edit(
        "from abc import ABC, abstractmethod\nclass A(ABC):\n    def v(self): return 1\n",
        "from abc import ABC, abstractmethod\nclass A(ABC):\n    def v(self): return 2\n    def w(self): return 1\n",
        held="class Z: pass\nm.A.register(Z)\n",
        expect=["isinstance(Z(), m.A)"],
    ),
    "a method ceases to be abstract": Edit(
        (
            "from abc import ABC, abstractmethod\nclass A(ABC):\n    @abstractmethod\n    def a(self): ...\n"
            "class C(A): pass\n"
        ),
        "from abc import ABC, abstractmethod\nclass A(ABC):\n    def a(self): return 1\nclass C(A): pass\n",
        expect=["m.C().a() == 1"],
    ),
    "a base in another module becomes abstract": Edit(
        {
            "a": "from abc import ABC, abstractmethod\nclass A(ABC):\n    pass\n",
            "m": "from a import A\nclass C(A): pass\n",
        },
        {
            "a": "from abc import ABC, abstractmethod\nclass A(ABC):\n    @abstractmethod\n    def z(self): ...\n",
        },
        held="c=m.C()\n",
        expect=["raises(TypeError, m.C)"],
    ),
    "a class with a metaclass of its own becomes abstract": Edit(
        {"m": RULED.format("M", 1), "n": "from m import C\nclass D(C):\n    def g(self): return 3\n"},
        {"m": RULED.format("abc.ABCMeta", 2)},
        held="c=m.C()\nd=n.D()\n",
        expect=[
            "c.f() == 2 and d.f() == 2 and d.g() == 3", "isinstance(c, m.C) and isinstance(d, m.C) and isinstance(d, n.D)",
            "raises(TypeError, m.C) and raises(TypeError, n.D)", "m.C.register(int) and isinstance(5, m.C)", "not not_applied",
        ],
    ),
    "an abstract class gets a metaclass of its own": Edit(
        {"m": RULED.format("abc.ABCMeta", 1), "n": "from m import C\nclass D(C):\n    def g(self): return 3\n"},
        {"m": RULED.format("M", 2)},
        expect=["m.C().f() == 2", "n.D().f() == 2 and n.D().g() == 3", "type(n.D) is type(m.C) is m.M", "not not_applied"],
    ),
    "an exception that was raised before": Edit(
        "class Err(Exception):\n    code = 1\n",
        "class Err(Exception):\n    code = 2\n    def extra(self): return self.code\n",
        held="e=m.Err('x')\ndef go():\n    try: raise e\n    except m.Err as x: return x.extra()\n",
        expect=["go() == 2"],
    ),
    "the base of an exception": Edit(
        "class A(Exception): pass\nclass B(Exception): pass\nclass C(A): pass\n",
        "class A(Exception): pass\nclass B(Exception): pass\nclass C(B): pass\n",
        held="e=m.C()\ndef go():\n    try: raise e\n    except m.B: return 1\n",
        expect=["go() == 1"],
    ),
    "equality and hash": Edit(
        "class C:\n    def __init__(s,x): s.x=x\n",
        (
            "class C:\n    def __init__(s,x): s.x=x\n    def __eq__(s,o): return s.x==o.x\n"
            "    def __hash__(s): return hash(s.x)\n"
        ),
        held="a=m.C(1)\nb=m.C(1)\n",
        expect=["a == b", "len({a,b}) == 1"],
    ),
    "special methods are added": Edit(
        "class C: pass\n",
        (
            "class C:\n    def __len__(self): return 3\n    def __iter__(self): return iter([1])\n"
            "    def __enter__(self): return 1\n    def __exit__(self,*a): pass\n"
            "    def __getattr__(self, n): return n\n"
        ),
        held="c=m.C()\n",
        expect=["len(c) == 3", "list(c) == [1]", "c.zip == 'zip'"],
    ),
    "arguments for patterns": Edit(
        "class C:\n    __match_args__=('x',)\n    def __init__(s): s.x=1; s.y=2\n",
        "class C:\n    __match_args__=('y',)\n    def __init__(s): s.x=1; s.y=2\n",
        held="c=m.C()\n",
        expect=["c.__match_args__ == ('y',)"],
    ),
    "subscription of a class": Edit(
        "class C:\n    def __class_getitem__(cls, k): return (1,k)\n",
        "class C:\n    def __class_getitem__(cls, k): return (2,k)\n",
        expect=["m.C[5] == (2,5)"],
    ),
    "a base that becomes another kind of class, in a save that fails": Edit(
        "class A: pass\nclass B(A): pass\nclass C(A): pass\nclass D(A): pass\n",
        "class M(type): pass\nclass A(metaclass=M): pass\nclass B(A): pass\nclass C(A): pass\nclass D(A): pass\nnosuch\n",
        held="A, before = m.A, m.A.__subclasses__()\n",
        expect=["outcome == 'rolledBack'", "m.A is A and A.__subclasses__() == before == [m.B, m.C, m.D]"],
    ),
    "an enumeration that becomes a named tuple": Edit(
        "import enum\nclass E(enum.IntEnum):\n    A = 4\n    def m(self): return 1\n",
        "import typing\nclass E(typing.NamedTuple):\n    x: int = 3\n    def m(self): return 2\n",
        held="enum, E = m.enum, m.E\ncode = enum.Enum.__new__.__code__\n",
        expect=["enum.Enum.__new__.__code__ is code", "m.E().m() == 2"],
    ),
}

Edits = tests_of(EDITS)


if __name__ == "__main__":
    unittest.main()
