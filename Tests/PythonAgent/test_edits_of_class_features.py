"""Edits of class features that are used together, and several edits one after the other. Each is a small program, what
somebody holds of it, the saved texts, and what has to hold afterwards, through the old references too.
"""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

NOTES = (
    "L = []\nD = {}\ndef note(k):\n    L.append(k)\n    D[k] = len(L)\nclass F:\n    def __set_name__(self, owner, name): L.append(name)\n"
    "class M(type): pass\nclass B: pass\nclass A(B):\n    x = note('a')\n    f = F()\n"
)

DISPATCHED = """import functools
class C:
    @functools.singledispatchmethod
    def f(s, a): return 'any'
    @f.register
    def _(s, a: int): return 'int'
    @f.register
    def _(s, a: str): return 'str'
    @f.register(list)
    def of_list(s, a): return 'list'
"""

EDITS = {
    "what a body calls, in a class that is made anew by a save that fails": Edit(
        NOTES, NOTES.replace("(B)", "(B, metaclass=M)") + "1 / 0\n", expect=["outcome == 'rolledBack'", "(m.L, m.D) == (['a', 'f'], {'a': 1})"]
    ),
    "what a body calls, in a class that is made anew": Edit(
        NOTES, NOTES.replace("(B)", "(B, metaclass=M)"), expect=["outcome == 'applied'", "m.L == ['a', 'f']"]
    ),
    "property to cached": Edit(
        "import functools\nclass C:\n    @property\n    def p(self): return [1]\n",
        "import functools\nclass C:\n    @functools.cached_property\n    def p(self): return [2]\n",
        held="c=m.C()\n",
        expect=["c.p == [2]", "c.p is c.p"],
    ),
    "cached to property": Edit(
        "import functools\nclass C:\n    @functools.cached_property\n    def p(self): return [1]\n",
        "import functools\nclass C:\n    @property\n    def p(self): return [2]\n",
        held="c=m.C()\nc.p\n",
        expect=["c.p == [2]", "c.p is not c.p"],
    ),
    "cached property removed": Edit(
        "import functools\nclass C:\n    @functools.cached_property\n    def p(self): return 1\n",
        "class C:\n    x=1\n",
        held="c=m.C()\nc.p\n",
        expect=["not hasattr(m.C,'p')"],
    ),
    "partialmethod": Edit(
        "import functools\nclass C:\n    def f(s,a,b): return a+b\n    g=functools.partialmethod(f,1)\n",
        "import functools\nclass C:\n    def f(s,a,b): return a*100+b\n    g=functools.partialmethod(f,5)\n",
        held="c=m.C()\n",
        expect=["c.g(2) == 502"],
    ),
    "a method of a singledispatchmethod that is gone": Edit(
        DISPATCHED, DISPATCHED.replace("    @f.register\n    def _(s, a: str): return 'str'\n", ""), held="c = m.C(); c.f(''); c.f(1)",
        expect=["(c.f(''), c.f(1), c.f([])) == ('any', 'int', 'list')", "not not_applied"],
    ),
    "a method that a singledispatchmethod does not call any more": Edit(
        DISPATCHED, DISPATCHED.replace("    @f.register(list)\n    def of_list", "    def of_list"), held="c = m.C(); c.f([])",
        expect=["(c.f(''), c.f(1), c.f([]), c.of_list(1)) == ('str', 'int', 'any', 'list')", "not not_applied"],
    ),
    "a function that a singledispatch does not call any more": Edit(
        "import functools\n@functools.singledispatch\ndef f(a): return 'any'\n@f.register(int)\ndef g(a): return 'int'\n",
        "import functools\n@functools.singledispatch\ndef f(a): return 'any'\ndef g(a): return 'int'\n",
        held="m.f(1)", expect=["(m.f(1), m.g(1)) == ('any', 'int')", "not not_applied"],
    ),
    "singledispatchmethod": Edit(
        (
            "import functools\nclass C:\n    @functools.singledispatchmethod\n    def f(s,a): return 'any'\n"
            "    @f.register\n    def _(s,a:int): return 'int'\n"
        ),
        (
            "import functools\nclass C:\n    @functools.singledispatchmethod\n    def f(s,a): return 'any2'\n"
            "    @f.register\n    def _(s,a:int): return 'int2'\n    @f.register\n"
            "    def _(s,a:str): return 'str2'\n"
        ),
        held="c=m.C()\nb=c.f\n",
        expect=["c.f(1) == 'int2'", "c.f('') == 'str2'", "c.f(1.) == 'any2'"],
    ),
    "context decorator": Edit(
        (
            "import contextlib\nclass T(contextlib.ContextDecorator):\n    log=[]\n"
            "    def __enter__(s): s.log.append(1)\n    def __exit__(s,*a): pass\n@T()\ndef f(): return 1\n"
        ),
        (
            "import contextlib\nclass T(contextlib.ContextDecorator):\n    log=[]\n"
            "    def __enter__(s): s.log.append(2)\n    def __exit__(s,*a): pass\n@T()\ndef f(): return 5\n"
        ),
        held="old=m.f\nold()\n",
        expect=["old() == 5", "m.T.log == [1,2]"],
    ),
    "dataclass inherit": Edit(
        (
            "from dataclasses import dataclass, field\n@dataclass\nclass A:\n    x: int = 1\n@dataclass\n"
            "class B(A):\n    y: int = 2\n"
        ),
        (
            "from dataclasses import dataclass, field\n@dataclass\nclass A:\n    x: int = 1\n    z: int = 7\n"
            "@dataclass\nclass B(A):\n    y: int = 2\n"
        ),
        held="b=m.B(5,6)\n",
        expect=["m.B(1,2,3) == m.B(x=1,z=2,y=3)", "(b.x,b.y) == (5,6)", "b.z == 7"],
    ),
    "dataclass field removed": Edit(
        "from dataclasses import dataclass, field\n@dataclass\nclass A:\n    x: int = 1\n    y: int = 2\n",
        "from dataclasses import dataclass, field\n@dataclass\nclass A:\n    x: int = 1\n",
        held="a=m.A()\n",
        expect=["repr(m.A()) == 'A(x=1)'", "repr(a) == 'A(x=1)'", "a == m.A()"],
    ),
    "dataclass field renamed": Edit(
        "from dataclasses import dataclass, field\n@dataclass\nclass A:\n    x: int = 1\n",
        "from dataclasses import dataclass, field\n@dataclass\nclass A:\n    z: int = 1\n",
        held="a=m.A()\n",
        expect=["m.A(5).z == 5"],
    ),
    "dataclass reordered": Edit(
        "from dataclasses import dataclass, field\n@dataclass\nclass A:\n    x: int = 1\n    y: int = 2\n",
        "from dataclasses import dataclass, field\n@dataclass\nclass A:\n    y: int = 2\n    x: int = 1\n",
        held="a=m.A()\n",
        expect=["m.A(10,20).y == 10", "repr(a) == 'A(y=2, x=1)'"],
    ),
    "dataclass classvar": Edit(
        (
            "from typing import ClassVar\nfrom dataclasses import dataclass, field\n@dataclass\nclass A:\n"
            "    n: ClassVar[int] = 1\n    x: int = 1\n"
        ),
        (
            "from typing import ClassVar\nfrom dataclasses import dataclass, field\n@dataclass\nclass A:\n"
            "    n: ClassVar[int] = 5\n    x: int = 1\n"
        ),
        held="a=m.A()\n",
        expect=["a.n == 5", "m.A.__dataclass_fields__.keys() >= {'x'}"],
    ),
    "dataclass property": Edit(
        (
            "from dataclasses import dataclass, field\n@dataclass\nclass A:\n    x: int = 1\n    @property\n"
            "    def d(s): return s.x*2\n"
        ),
        (
            "from dataclasses import dataclass, field\n@dataclass\nclass A:\n    x: int = 1\n    @property\n"
            "    def d(s): return s.x*20\n    @classmethod\n    def mk(cls): return cls(9)\n"
        ),
        held="a=m.A()\n",
        expect=["a.d == 20", "a.mk().d == 180"],
    ),
    "dataclass frozen method": Edit(
        (
            "from dataclasses import dataclass, field\n@dataclass(frozen=True)\nclass A:\n    x: int = 1\n"
            "    def v(s): return 1\n"
        ),
        (
            "from dataclasses import dataclass, field\n@dataclass(frozen=True)\nclass A:\n    x: int = 1\n"
            "    def v(s): return 2\n"
        ),
        held="a=m.A()\nD={a:1}\n",
        expect=["a.v() == 2", "D[m.A()] == 1"],
    ),
    "dataclass made function": Edit(
        (
            "from dataclasses import dataclass, field\nfrom dataclasses import make_dataclass\n"
            "P=make_dataclass('P',[('x',int)])\n"
        ),
        (
            "from dataclasses import dataclass, field\nfrom dataclasses import make_dataclass\n"
            "P=make_dataclass('P',[('x',int),('y',int)])\n"
        ),
        held="p=m.P(1)\n",
        expect=["m.P(1,2).y == 2"],
    ),
    "enum mixin": Edit(
        "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(str, Enum):\n    A='a'\n",
        (
            "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(str, Enum):\n    A='a'\n"
            "    B='b'\n    def up(s): return s.value.upper()\n"
        ),
        held="a=m.C.A\n",
        expect=["a.up() == 'A'", "m.C.B == 'b'", "m.C.A is a"],
    ),
    "enum new": Edit(
        (
            "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(Enum):\n    A=(1,'x')\n"
            "    def __init__(s,n,l): s.n=n; s.l=l\n"
        ),
        (
            "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(Enum):\n    A=(2,'y')\n"
            "    B=(3,'z')\n    def __init__(s,n,l): s.n=n; s.l=l\n"
        ),
        held="a=m.C.A\n",
        expect=["m.C.A.l == 'y'", "a.l == 'y'", "m.C.B.n == 3"],
    ),
    "enum missing": Edit(
        "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(Enum):\n    A=1\n",
        (
            "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(Enum):\n    A=1\n"
            "    @classmethod\n    def _missing_(cls, v): return cls.A\n"
        ),
        held="a=m.C.A\n",
        expect=["m.C(99) is a"],
    ),
    "enum renamed member": Edit(
        "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(Enum):\n    A=1\n    B=2\n",
        "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(Enum):\n    X=1\n    B=2\n",
        held="b=m.C.B\n",
        expect=["m.C(1).name == 'X'", "not hasattr(m.C,'A')", "m.C.B is b"],
    ),
    "enum in other": Edit(
        {
            "a": "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(Enum):\n    A=1\n",
            "m": "from a import C\nM={C.A:'one'}\ndef name(c): return M.get(c, c.name)\n",
        },
        {
            "a": "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(Enum):\n    A=1\n    B=2\n",
        },
        expect=["m.name(a.C.B) == 'B'", "m.name(a.C.A) == 'one'"],
    ),
    "enum match": Edit(
        (
            "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(Enum):\n    A=1\n    B=2\n"
            "def f(c):\n    match c:\n        case C.A: return 'a'\n        case C.B: return 'b'\n"
        ),
        (
            "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(Enum):\n    A=1\n    B=2\n"
            "    D=4\ndef f(c):\n    match c:\n        case C.A: return 'A'\n        case C.B: return 'B'\n"
            "        case C.D: return 'D'\n"
        ),
        held="a=m.C.A\n",
        expect=["m.f(a) == 'A'", "m.f(m.C.D) == 'D'"],
    ),
    "flags that are integers": Edit(
        "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(IntFlag):\n    A=1\n    B=2\n",
        (
            "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(IntFlag):\n    A=1\n    B=2\n"
            "    C=4\n"
        ),
        held="ab=m.C.A|m.C.B\n",
        expect=["(m.C.A|m.C.B) == ab", "int(m.C.C|ab) == 7"],
    ),
    "enum pickle": Edit(
        "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(Enum):\n    A=1\n",
        "from enum import Enum, IntEnum, Flag, IntFlag, auto, StrEnum\nclass C(Enum):\n    A=1\n    B=2\n",
        held="import pickle\nd=pickle.dumps(m.C.A)\n",
        expect=["pickle.loads(d) is m.C.A", "pickle.loads(pickle.dumps(m.C.B)) is m.C.B"],
    ),
    "named tuple subclass": Edit(
        (
            "from collections import namedtuple\nclass T(namedtuple('T','x y')):\n"
            "    def s(self): return self.x+self.y\n"
        ),
        (
            "from collections import namedtuple\nclass T(namedtuple('T','x y')):\n"
            "    def s(self): return self.x*self.y\n"
        ),
        held="t=m.T(3,4)\n",
        expect=["t.s() == 12", "m.T(1,2).s() == 2"],
    ),
    "slots inherit": Edit(
        "class A:\n    __slots__=('x',)\nclass B(A):\n    __slots__=('y',)\n    def v(s): return 1\n",
        (
            "class A:\n    __slots__=('x',)\nclass B(A):\n    __slots__=('y',)\n    def v(s): return 2\n"
            "    def w(s): return super().__init__() or 3\n"
        ),
        held="b=m.B()\nb.x=1\nb.y=2\n",
        expect=["b.v() == 2", "b.w() == 3", "(b.x,b.y) == (1,2)"],
    ),
    "slots added other": Edit(
        "class A:\n    __slots__=('x',)\n    def v(s): return 1\n",
        "class A:\n    __slots__=('x','y')\n    def v(s): return 2\n",
        held="a=m.A()\na.x=1\nK=m.A\n",
        expect=["a.v() == 2", "a.x == 1", "not_applied", "isinstance(a, m.A)"],
    ),
    "special attribute access of a class": Edit(
        "class C:\n    def __getattr__(s,n): return n\n",
        "class C:\n    def __getattr__(s,n): return n*2\n    def __setattr__(s,n,v): object.__setattr__(s,n,v+1)\n",
        held="c=m.C()\ndef go():\n    c.z=1\n    return c.z\n",
        expect=["c.ab == 'abab'", "go() == 2"],
    ),
    "metaclass call singleton": Edit(
        (
            "class S(type):\n    I={}\n    def __call__(cls,*a):\n"
            "        if cls not in cls.I: cls.I[cls]=super().__call__(*a)\n        return cls.I[cls]\n"
            "class C(metaclass=S):\n    def v(s): return 1\n"
        ),
        (
            "class S(type):\n    I={}\n    def __call__(cls,*a):\n"
            "        if cls not in cls.I: cls.I[cls]=super().__call__(*a)\n        return cls.I[cls]\n"
            "class C(metaclass=S):\n    K=5\n    def v(s): return s.K\n"
        ),
        held="c=m.C()\n",
        expect=["m.C() is c", "c.v() == 5"],
    ),
    "metaclass prepare": Edit(
        (
            "class M(type):\n    @classmethod\n    def __prepare__(mc,n,b): return {'auto':1}\n"
            "class C(metaclass=M):\n    def v(s): return s.auto\n"
        ),
        (
            "class M(type):\n    @classmethod\n    def __prepare__(mc,n,b): return {'auto':2}\n"
            "class C(metaclass=M):\n    def v(s): return s.auto\n"
        ),
        held="c=m.C()\n",
        expect=["c.v() == 2"],
    ),
    "initialisation subclass super": Edit(
        {
            "a": (
                    "class P:\n    subs=[]\n    def __init_subclass__(cls,**k):\n"
                    "        super().__init_subclass__(**k)\n        P.subs.append(cls)\n"
                ),
            "m": "from a import P\nclass A(P):\n    def v(s): return 1\nclass B(P):\n    def v(s): return 1\n",
        },
        {
            "m": (
                    "from a import P\nclass A(P):\n    z=1\n    def v(s): return 2\nclass B(P):\n"
                    "    def v(s): return 1\n"
                ),
        },
        held="x=m.A()\n",
        expect=["x.v() == 2", "a.P.subs == [m.A,m.B]"],
    ),
    "generic parameters": Edit(
        (
            "from typing import Generic, TypeVar\nT=TypeVar('T')\nU=TypeVar('U')\nclass B(Generic[T]):\n"
            "    def v(s): return 1\nclass D(B[int]): pass\n"
        ),
        (
            "from typing import Generic, TypeVar\nT=TypeVar('T')\nU=TypeVar('U')\nclass B(Generic[T,U]):\n"
            "    def v(s): return 2\nclass D(B[int,str]): pass\n"
        ),
        held="d=m.D()\n",
        expect=["d.v() == 2", "len(m.B.__parameters__) == 2", "isinstance(d, m.B)"],
    ),
    "typed dictionary inherit": Edit(
        "from typing import TypedDict\nclass A(TypedDict):\n    x: int\nclass B(A):\n    y: int\n",
        "from typing import TypedDict\nclass A(TypedDict):\n    x: int\n    z: int\nclass B(A):\n    y: int\n",
        expect=["set(m.B.__annotations__) == {'x','y','z'}"],
    ),
    "protocol submodule": Edit(
        (
            "from typing import Protocol, runtime_checkable\n@runtime_checkable\nclass A(Protocol):\n"
            "    def a(s): ...\n@runtime_checkable\nclass B(A, Protocol):\n    def b(s): ...\nclass I:\n"
            "    def a(s): pass\n    def b(s): pass\n"
        ),
        (
            "from typing import Protocol, runtime_checkable\n@runtime_checkable\nclass A(Protocol):\n"
            "    def a(s): ...\n    def c(s): ...\n@runtime_checkable\nclass B(A, Protocol):\n    def b(s): ...\n"
            "class I:\n    def a(s): pass\n    def b(s): pass\n"
        ),
        held="i=m.I()\nisinstance(i,m.B)\n",
        expect=["not isinstance(i,m.A)", "not isinstance(i,m.B)"],
    ),
    "class in if": Edit(
        "D=True\nif D:\n    class C:\n        K=1\n        def v(s): return 1\n",
        "D=True\nif D:\n    class C:\n        K=2\n        def v(s): return super().__init__() or 2\n",
        held="c=m.C()\n",
        expect=["c.v() == 2", "c.K == 2", "isinstance(c,m.C)"],
    ),
    "function in with": Edit(
        "import contextlib\nwith contextlib.nullcontext():\n    def f(): return 1\n",
        "import contextlib\nwith contextlib.nullcontext():\n    def f(a=2): return a\n",
        held="old=m.f\n",
        expect=["m.f() == 2", "old() == 2"],
    ),
    "function in for": Edit(
        "F={}\nfor n in (1,2):\n    def f(k=n): return k\n    F[n]=f\n",
        "F={}\nfor n in (1,2):\n    def f(k=n): return k*10\n    F[n]=f\n",
        held="o=m.F[1]\n",
        expect=["m.F[2]() == 20", "m.F[1]() == 10", "o() == 10"],
    ),
    "method moved to base": Edit(
        "class A: pass\nclass B(A):\n    def v(s): return 1\n",
        "class A:\n    def v(s): return 2\nclass B(A): pass\n",
        held="b=m.B()\nh=b.v\n",
        expect=["b.v() == 2"],
    ),
    "method renamed": Edit(
        "class A:\n    def old(s): return 1\n    def use(s): return s.old()\n",
        "class A:\n    def new(s): return 2\n    def use(s): return s.new()\n",
        held="a=m.A()\nu=a.use\n",
        expect=["a.use() == 2", "u() == 2", "not hasattr(a,'old')"],
    ),
    "class split": Edit(
        "class A:\n    def x(s): return 1\n    def y(s): return 1\n",
        "class Mix:\n    def y(s): return 2\nclass A(Mix):\n    def x(s): return 1\n",
        held="a=m.A()\n",
        expect=["a.y() == 2"],
    ),
    "swap two functions": Edit(
        "def a(): return 'a'\ndef b(): return 'b'\n",
        "def b(): return 'a'\ndef a(): return 'b'\n",
        held="oa,ob=m.a,m.b\n",
        expect=["(m.a(),m.b()) == ('b','a')", "(oa(),ob()) == ('b','a')"],
    ),
    "function doubled removed": Edit(
        "def f(): return 1\ndef f(): return 2\ndef f(): return 3\n",
        "def f(): return 1\ndef f(): return 5\n",
        held="o=m.f\n",
        expect=["m.f() == 5", "o() == 5"],
    ),
    "inner class super": Edit(
        (
            "class O:\n    class A:\n        def v(s): return 1\n    class B(A):\n"
            "        def v(s): return super().v()+1\n"
        ),
        (
            "class O:\n    class A:\n        def v(s): return 10\n    class B(A):\n"
            "        def v(s): return super().v()+2\n"
        ),
        held="b=m.O.B()\n",
        expect=["b.v() == 12"],
    ),
    "three edits one after the other": Edit(
        "def f(): return 1\nclass C:\n    def v(s): return f()\n",
        "def f(a=2): return a\nclass C:\n    def v(s): return super().__init__() or f()\n",
        "import functools\n@functools.cache\ndef f(a=3): return a\nclass C:\n    def v(s): return f()\n",
        "def f(): return 4\nclass C:\n    @property\n    def v(s): return f()\n",
        held="old=m.f\nc=m.C()\nb=c.v\n",
        expect=["old() == 4", "c.v == 4", "m.f() == 4"],
    ),
    "decorator one edit after the other": Edit(
        "def d(f): return f\ndef f(): return 1\n",
        "def d(f):\n    def w(): return f()+10\n    return w\n@d\ndef f(): return 1\n",
        "def d(f):\n    def w(): return f()+20\n    return w\n@d\ndef f(): return 2\n",
        "def d(f):\n    def w(): return f()+20\n    return w\ndef f(): return 3\n",
        held="old=m.f\nL=[old]\n",
        expect=["m.f() == 3", "old() == 3", "L[0]() == 3"],
    ),
    "super one edit after the other": Edit(
        "class A:\n    def v(s): return 1\nclass B(A):\n    def v(s): return 0\n",
        "class A:\n    def v(s): return 1\nclass B(A):\n    def v(s): return super().v()+10\n",
        "class A:\n    def v(s): return 1\nclass B(A):\n    def v(s): return 5\n",
        "class A:\n    def v(s): return 1\nclass B(A):\n    def v(s): return super().v()+100\n",
        held="b=m.B()\nh=b.v\n",
        expect=["b.v() == 101", "h() == 101", "m.B().v() == 101"],
    ),
    "async generator": Edit(
        "async def g():\n    yield 1\n",
        "async def g():\n    yield 2\n",
        held="old=m.g\ndef one(g):\n    try: g.__anext__().send(None)\n    except StopIteration as e: return e.value\n",
        expect=["one(old()) == 2"],
    ),
    "generator send": Edit(
        "def g():\n    x = yield 1\n    yield x\n",
        "def g():\n    x = yield 10\n    yield x*2\n",
        held="it=m.g()\nnext(it)\n",
        expect=["it.send(5) == 5", "next(m.g()) == 10"],
    ),
    "positional only parameters": Edit(
        "def f(a, /, b, *c, d=1, **e): return a\n",
        "def f(a, b=2, /, *, d=5): return (a,b,d)\n",
        held="old=m.f\n",
        expect=["old(1) == (1,2,5)", "raises(TypeError, lambda: old(a=1))"],
    ),
    "nonlocal class": Edit(
        (
            "def mk():\n    n=[0]\n    class C:\n        def v(s):\n            n[0]+=1\n            return n[0]\n"
            "    return C\nC=mk()\n"
        ),
        (
            "def mk():\n    n=[0]\n    class C:\n        def v(s):\n            n[0]+=10\n            return n[0]\n"
            "    return C\nC=mk()\n"
        ),
        held="c=m.C()\nc.v()\n",
        expect=["c.v() == 11"],
    ),
    "recursion decorator": Edit(
        "import functools\n@functools.cache\ndef fib(n): return n if n<2 else fib(n-1)+fib(n-2)\n",
        "import functools\n@functools.cache\ndef fib(n): return n+1 if n<2 else fib(n-1)+fib(n-2)\n",
        held="o=m.fib\no(10)\n",
        expect=["o(5) == m.fib(5) == 13"],
    ),
    "method default class constant": Edit(
        "class C:\n    D=1\n    def v(s, d=D): return d\n",
        "class C:\n    D=2\n    def v(s, d=D): return d\n",
        held="c=m.C()\nh=c.v\n",
        expect=["c.v() == 2", "h() == 2"],
    ),
    "dict comprehension class": Edit(
        "class C:\n    NAMES=('a','b')\n    M={n:i for i,n in enumerate(NAMES)}\n",
        "class C:\n    NAMES=('a','b','c')\n    M={n:i for i,n in enumerate(NAMES)}\n",
        held="c=m.C()\n",
        expect=["c.M == {'a':0,'b':1,'c':2}"],
    ),
    "operator attribute": Edit(
        "import operator\nclass C:\n    x=1\ng=operator.attrgetter('x')\n",
        "import operator\nclass C:\n    x=1\n    y=2\ng=operator.attrgetter('y')\n",
        expect=["m.g(m.C()) == 2"],
    ),
    "type alias": Edit(
        "type T = int\ndef f(x: T): pass\n",
        "type T = str\ndef f(x: T): pass\n",
        expect=["m.T.__value__ is str"],
        since=(3, 12),
    ),
    "generic class parameters": Edit(
        "class B[T]:\n    def v(s): return 1\nb=B[int]()\n",
        "class B[T, U]:\n    def v(s): return 2\nb=B[int,str]()\n",
        held="b=m.b\n",
        expect=["b.v() == 2", "len(m.B.__type_params__) == 2"],
        since=(3, 12),
    ),
}

Edits = tests_of(EDITS)


if __name__ == "__main__":
    unittest.main()
