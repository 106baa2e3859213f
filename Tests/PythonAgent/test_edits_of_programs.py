"""Edits in packages, registries and programs of several modules. Each is a small program, what somebody holds of it,
the saved texts, and what has to hold afterwards, through the old references too.
"""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

EDITS = {
    "held everywhere": Edit(
        {
            "p__init": "",
            "p__core": "def f(x=0): return x + 1\nclass C:\n    K = 1\n    def v(self): return 1\nX = 1\n",
        },
        {
            "p__core": "def f(x=0): return x + 2\nclass C:\n    K = 2\n    def v(self): return 2\nX = 2\n",
        },
        held=(
            "import functools, sys, operator\ncore = sys.modules['p.core']\nf, C = core.f, core.C\nc = C()\n"
            "D = {'f': f, f: 'key', 'n': {'deep': [f, (f, {'x': f})]}}\nT = (f, c.v)\nS = {f, C}\n"
            "part = functools.partial(functools.partial(f), 5)\ndef clo():\n    g = f\n    return lambda: g(1)\n"
            "clo = clo()\ndef default(g=f, *, k=C): return g(1), k.K\ngen = (h(1) for h in [f])\nbound = c.v\n"
            "cm = operator.methodcaller('v')\nred = functools.reduce\nclass Sub(C):\n"
            "    def v(self): return super().v() + 100\ns = Sub()\nclass Mix:\n    meth = f\n"
            "    prop = property(lambda self: f(3))\nmx = Mix()\nit = map(f, [1])\n"
        ),
        expect=[
            "D['f'](1) == 3",
            "D['n']['deep'][1][1]['x'](1) == 3",
            "D[core.f] == 'key'",
            "T[0](1) == 3",
            "T[1]() == 2",
            "core.f in S and core.C in S",
            "part() == 7",
            "clo() == 3",
            "default() == (3,2)",
            "next(gen) == 3",
            "bound() == 2",
            "cm(c) == 2",
            "s.v() == 102",
            "Mix.meth(1) == 3",
            "mx.prop == 5",
            "next(it) == 3",
            "Sub.K == 2",
            "isinstance(s, core.C)",
        ],
    ),
    "registry dict of classes": Edit(
        {
            "reg": "R={}\ndef add(c):\n    R[c.__name__]=c\n    return c\n",
            "p__init": "from . import a, b\n",
            "p__a": "from reg import add\n@add\nclass A:\n    def v(s): return 1\n",
            "p__b": "from reg import add\nfrom .a import A\n@add\nclass B(A):\n    def w(s): return super().v() + 1\n",
        },
        {
            "p__a": "from reg import add\n@add\nclass A:\n    K=5\n    def v(s): return s.K\n",
        },
        held="b=reg.R['B']()\n",
        expect=["len(reg.R) == 2", "reg.R['A']().v() == 5", "b.w() == 6", "reg.R['B']().w() == 6"],
    ),
    "plugin entry": Edit(
        {
            "host": (
                    "import importlib\nplugins=[]\ndef load(n):\n    m=importlib.import_module(n)\n"
                    "    plugins.append(m.Plugin())\n"
                ),
            "p__init": "",
            "p__one": "class Plugin:\n    name='a'\n    def run(s): return 1\n",
        },
        {
            "p__one": "class Plugin:\n    name='b'\n    def run(s): return 2\n",
        },
        held="import importlib\nhost.plugins.append(importlib.import_module('p.one').Plugin())\n",
        expect=["[(p.name,p.run()) for p in host.plugins] == [('b',2)]"],
    ),
    "alias in initialisation": Edit(
        {
            "p__init": (
                    "from .impl import Thing as Public, helper as _h\nfrom .impl import CONST as VALUE\n"
                    "__all__=['Public','use']\ndef use(): return _h() + VALUE\n"
                ),
            "p__impl": "CONST=1\ndef helper(): return 1\nclass Thing:\n    def v(s): return CONST\n",
            "m": "from p import *\nfrom p import Public as Q\nT=use()\nclass Mine(Q): pass\n",
        },
        {
            "p__impl": "CONST=10\ndef helper(): return 2\nclass Thing:\n    def v(s): return CONST\n",
        },
        held="t=m.Public()\nmi=m.Mine()\n",
        expect=["m.T == 12", "t.v() == 10", "mi.v() == 10", "p.VALUE == 10", "m.Q is p.Public"],
    ),
    "submodule as attribute": Edit(
        {
            "p__init": "",
            "p__a": "X=1\n",
            "p__b": "from p import a\nimport p.a\nY=a.X+p.a.X\ndef f(): return p.a.X\n",
            "m": "import p.b as q\nZ=q.Y\n",
        },
        {
            "p__a": "X=5\n",
        },
        expect=["m.Z == 10", "m.q.f() == 5"],
    ),
    "initialisation defines and submodule uses": Edit(
        {
            "p__init": "BASE=1\ndef base(): return BASE\nfrom .s import Y\n",
            "p__s": "from . import base, BASE\nY=base()+BASE\n",
        },
        {
            "p__init": "BASE=10\ndef base(): return BASE\nfrom .s import Y\n",
        },
        expect=["p.Y == 20"],
    ),
    "two level star all": Edit(
        {
            "p__init": "from .a import *\nfrom .b import *\n__all__ = a.__all__ + b.__all__\n",
            "p__a": "__all__=['A']\nA=1\n",
            "p__b": "__all__=['B']\nB=1\n",
            "m": "from p import *\n",
        },
        {
            "p__b": "__all__=['B','C']\nB=2\nC=3\n",
        },
        expect=["m.B == 2", "m.C == 3", "p.__all__ == ['A','B','C']"],
    ),
    "same name module attribute": Edit(
        {
            "p__init": "from .run import run\n",
            "p__run": "def run(): return 1\n",
            "m": "import p\nfrom p import run\nY=p.run()\n",
        },
        {
            "p__run": "def run(): return 2\n",
        },
        expect=["m.Y == 2", "m.run() == 2", "p.run() == 2"],
    ),
    "deep package rename": Edit(
        {
            "p__init": "",
            "p__q__init": "from .s import old\n",
            "p__q__s": "def old(): return 1\n",
            "m": "from p.q import old\nY=old()\n",
        },
        {
            "p__q__init": "from .s import new\n",
            "p__q__s": "def new(): return 2\n",
            "m": "from p.q import new\nY=new()\n",
        },
        expect=["m.Y == 2", "not hasattr(m,'old')", "not not_applied"],
    ),
    "rename partly": Edit(
        {
            "a": "def old(): return 1\nOLD=1\n",
            "m": "from a import old, OLD\nclass K:\n    o = OLD\n    def f(s): return old()\nD={'o': old}\n",
        },
        {
            "a": "def new(): return 2\nNEW=2\n",
        },
        held="k=m.K()\n",
        expect=["not hasattr(a,'old')", "set(not_applied) >= {'old','OLD'}", "k.f() == 1"],
    ),
    "star leftover": Edit(
        {
            "a": "def old(): return 1\nX=1\n",
            "m": "from a import *\ndef use(): return old()\n",
        },
        {
            "a": "X=2\n",
        },
        expect=["m.X == 2", "not hasattr(m,'old')"],
    ),
    "dict dispatch": Edit(
        "def a(): return 1\ndef b(): return 2\nTABLE={'a': a, 'b': b}\ndef call(n): return TABLE[n]()\n",
        "def a(): return 10\ndef c(): return 3\nTABLE={'a': a, 'c': c}\ndef call(n): return TABLE[n]()\n",
        held="T=m.TABLE\ncall=m.call\n",
        expect=["call('a') == 10", "call('c') == 3", "'b' not in m.TABLE"],
    ),
    "class registry metaclass": Edit(
        (
            "class Meta(type):\n    R={}\n    def __new__(mc,n,b,ns):\n        c=super().__new__(mc,n,b,ns)\n"
            "        mc.R[n]=c\n        return c\nclass Base(metaclass=Meta): pass\nclass A(Base):\n"
            "    def v(s): return 1\n"
        ),
        (
            "class Meta(type):\n    R={}\n    def __new__(mc,n,b,ns):\n        c=super().__new__(mc,n,b,ns)\n"
            "        mc.R[n]=c\n        return c\nclass Base(metaclass=Meta): pass\nclass A(Base):\n    K=4\n"
            "    def v(s): return s.K\nclass B(Base): pass\n"
        ),
        held="a=m.A()\n",
        expect=["a.v() == 4", "m.Meta.R['A'] is m.A", "set(m.Meta.R) == {'Base','A','B'}"],
    ),
    "class registry attribute": Edit(
        (
            "class Base:\n    registry=[]\n    def __init_subclass__(cls):\n        Base.registry.append(cls)\n"
            "class A(Base):\n    x=1\n"
        ),
        (
            "class Base:\n    registry=[]\n    def __init_subclass__(cls):\n        Base.registry.append(cls)\n"
            "class A(Base):\n    x=2\n"
        ),
        held="a=m.A()\n",
        expect=["a.x == 2", "m.Base.registry == [m.A]"],
    ),
    "descriptor field": Edit(
        (
            "class Field:\n    def __init__(s, d): s.d=d\n    def __set_name__(s,o,n): s.n=n\n"
            "    def __get__(s,i,o=None): return s if i is None else i.__dict__.get(s.n, s.d)\n"
            "    def __set__(s,i,v): i.__dict__[s.n]=v\nclass Model:\n    a=Field(1)\n    b=Field(2)\n"
        ),
        (
            "class Field:\n    def __init__(s, d): s.d=d\n    def __set_name__(s,o,n): s.n=n\n"
            "    def __get__(s,i,o=None): return s if i is None else i.__dict__.get(s.n, s.d)\n"
            "    def __set__(s,i,v): i.__dict__[s.n]=v\nclass Model:\n    a=Field(10)\n    b=Field(2)\n"
            "    c=Field(3)\n"
        ),
        held="x=m.Model()\nx.b=7\n",
        expect=["x.a == 10", "x.b == 7", "x.c == 3"],
    ),
    "event bus": Edit(
        {
            "bus": (
                    "class Bus:\n    def __init__(s): s.h={}\n    def on(s,n):\n        def d(f):\n"
                    "            s.h.setdefault(n,[]).append(f)\n            return f\n        return d\n"
                    "    def emit(s,n): return [f() for f in s.h.get(n,())]\nbus=Bus()\n"
                ),
            "m": "from bus import bus\n@bus.on('a')\ndef one(): return 1\n@bus.on('a')\ndef two(): return 2\n",
        },
        {
            "m": "from bus import bus\n@bus.on('a')\ndef one(k=10): return k\n@bus.on('a')\ndef two(): return 2\n",
        },
        expect=["bus.bus.emit('a') == [10,2]"],
    ),
    "event bus wrapped": Edit(
        {
            "bus": (
                    "import functools\nH=[]\ndef on(f):\n    @functools.wraps(f)\n"
                    "    def w(*a): return ('w', f(*a))\n    H.append(w)\n    return w\n"
                ),
            "m": "from bus import on\n@on\ndef one(): return 1\n",
        },
        {
            "m": "from bus import on\n@on\ndef one(x=5): return x\n",
        },
        expect=["[h() for h in bus.H] == [('w',5)]"],
    ),
    "weak registry": Edit(
        {
            "reg": "import weakref\nR=weakref.WeakSet()\ndef add(c):\n    R.add(c)\n    return c\n",
            "m": "import reg\n@reg.add\nclass A:\n    def v(s): return 1\n",
        },
        {
            "m": "import reg\n@reg.add\nclass A:\n    K=2\n    def v(s): return s.K\n",
        },
        held="import gc\n",
        expect=["(gc.collect(), len(reg.R))[1] == 1", "[c().v() for c in reg.R] == [2]"],
    ),
    "contextvar default": Edit(
        "import contextvars, threading\nV=contextvars.ContextVar('V')\nV.set(1)\nL=threading.local()\nL.x=1\n",
        "import contextvars, threading\nV=contextvars.ContextVar('V')\nV.set(2)\nL=threading.local()\nL.x=2\n",
        expect=["m.L.x == 2"],
    ),
    "typing namedtuple held": Edit(
        (
            "from typing import NamedTuple\nclass P(NamedTuple):\n    x: int\n    def d(self): return self.x\n"
            "DEF=P(1)\n"
        ),
        (
            "from typing import NamedTuple\nclass P(NamedTuple):\n    x: int\n    y: int = 5\n"
            "    def d(self): return self.x * 10\nDEF=P(1)\n"
        ),
        held="p=m.P(3)\n",
        expect=["p.d() == 30", "m.P(1).y == 5", "'DEF' in not_applied"],
    ),
    "abstract impl": Edit(
        {
            "a": (
                    "import abc\nclass A(abc.ABC):\n    @abc.abstractmethod\n    def f(s): ...\n"
                    "    def t(s): return s.f() + 1\n"
                ),
            "m": "from a import A\nclass I(A):\n    def f(s): return 1\ni=I()\n",
        },
        {
            "a": (
                    "import abc\nclass A(abc.ABC):\n    @abc.abstractmethod\n    def f(s): ...\n    @property\n"
                    "    @abc.abstractmethod\n    def g(s): ...\n    def t(s): return s.f() + 10\n"
                ),
        },
        held="i=m.i\n",
        expect=["i.t() == 11", "raises(TypeError, m.I)"],
    ),
    "try except else": Edit(
        "try:\n    V = int('1')\nexcept ValueError:\n    V = -1\nelse:\n    W = V + 1\n",
        "try:\n    V = int('x')\nexcept ValueError:\n    V = -1\nelse:\n    W = V + 1\n",
        expect=["m.V == -1", "not hasattr(m,'W') or not_applied"],
    ),
    "if elif": Edit(
        "M='a'\nif M == 'a':\n    H=1\nelif M == 'b':\n    H=2\n    G=1\nelse:\n    H=3\n",
        "M='b'\nif M == 'a':\n    H=1\nelif M == 'b':\n    H=2\n    G=1\nelse:\n    H=3\n",
        expect=["(m.H,m.G) == (2,1)"],
    ),
    "import cond": Edit(
        {
            "a": "X=1\n",
            "c": "X=100\n",
            "m": "FLAG=0\nif FLAG:\n    import c as mod\nelse:\n    import a as mod\nY=mod.X\n",
        },
        {
            "m": "FLAG=1\nif FLAG:\n    import c as mod\nelse:\n    import a as mod\nY=mod.X\n",
        },
        expect=["m.Y == 100"],
    ),
    "version tuple": Edit(
        "V=(1,2)\n__version__='.'.join(map(str,V))\n",
        "V=(1,3)\n__version__='.'.join(map(str,V))\n",
        expect=["m.__version__ == '1.3'"],
    ),
    "config class inherit": Edit(
        {
            "a": "class Base:\n    T=1\n    @classmethod\n    def t(cls): return cls.T\n",
            "m": "from a import Base\nclass Dev(Base):\n    D=True\nV=Dev.T\nW=Dev.t()\n",
        },
        {
            "a": "class Base:\n    T=9\n    @classmethod\n    def t(cls): return cls.T\n",
        },
        held="d=m.Dev()\n",
        expect=["d.T == 9", "m.V == 9", "m.W == 9"],
    ),
    "monkeypatch": Edit(
        {
            "a": "def f(): return 1\n",
            "m": "import a\norig=a.f\ndef patched(): return orig() + 100\na.f=patched\n",
        },
        {
            "a": "def f(): return 2\n",
        },
        expect=["m.orig() == 2", "a.f() == 102 or not_applied"],
    ),
    "monkeypatch method": Edit(
        {
            "a": "class C:\n    def f(s): return 1\n",
            "m": "import a\n_o=a.C.f\ndef f(s): return _o(s)+100\na.C.f=f\n",
        },
        {
            "a": "class C:\n    def f(s): return 2\n",
        },
        held="c=a.C()\n",
        expect=["c.f() == 102 or not_applied"],
    ),
}

Edits = tests_of(EDITS)


if __name__ == "__main__":
    unittest.main()
