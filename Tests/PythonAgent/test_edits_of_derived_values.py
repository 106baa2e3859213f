"""Edits of what functions, methods and objects computed at import. Each is a small program, what somebody holds of it,
the saved texts, and what has to hold afterwards, through the old references too.
"""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

PROTOCOL = (
    "import typing\n@typing.runtime_checkable\nclass P(typing.Protocol):\n    def f(self): ...\n{}"
    "class C:\n    def f(self): return 1\n{}"
)
MORE = "    def g(self): ...\n"
BASES = "class A(Exception): pass\nclass B(Exception): pass\nclass C({}): pass\n"
GIVEN = "def f(v=1): return {}\n"

OPERATED = (
    "class V:\n    def __init__(self, x): self.x = x\n    def __add__(self, other): return V(self.x {} other.x)\n"
    "    def __getitem__(self, key): return V({}key)\n    def __repr__(self): return '{}'\n"
    "X = V(1) + V(2)\nY = X[0]\nZ = [X]\n"
)
CALLED = (
    "def g(): return {}\nclass M(type):\n    def __call__(cls):\n        made = super().__call__()\n        made.k = g() + {}\n"
    "        return made\nclass C(metaclass=M): pass\nX = C().k\n"
)
ORDERED = "class A:\n    v = 1\n    def m(self): return 1\nclass B:\n    v = 2\n    def m(self): return 2\nclass C({}): pass\n"

PARTIAL = "import functools\ndef g(): return {}\np = functools.partial(max, g(), key=abs)\nX = p(0)\n"
FILLED = "import functools\ndef g(): return {}\np = functools.partial(max, [g()])\nX = p()\n"

META = "class M(type):\n    @property\n    def p(cls): return K\n    def m(cls): return K\nclass C(metaclass=M): pass\n"

def documented(statements: str, *expect: str, held: str = "", said: str = "b") -> Edit:
    """`statements` read what a function says of itself."""
    text = f"class C:\n    def f(self):\n        'a'\n        return 1\ndef f():\n    'a'\n    return 1\n{statements}"
    return Edit(text, text.replace("'a'", f"'{said}'") if said else text.replace("return 1", "return 2"), held=held, expect=[*expect, "not not_applied"])


EDITS = {
    "what the annotations of a class are": Edit(
        {"k": "class A:\n    x: int\n", "m": "import k\nX = k.A.__annotations__['x'].__name__\nN = sorted(k.A.__annotations__)\n"},
        {"k": "class A:\n    x: str\n    y: int\n"},
        expect=["(m.X, m.N) == ('str', ['x', 'y'])", "not not_applied"],
    ),
    "what the annotations of a class are, with one less": Edit(
        {"k": "class A:\n    x: int\n    y: int\n", "m": "import k\nN = sorted(k.A.__annotations__)\n"}, {"k": "class A:\n    x: int\n"},
        expect=["m.N == ['x'] and 'y' not in k.A.__annotations__", "not not_applied"],
    ),
    "what the annotations of a class are, by a library": Edit(
        {"k": "class A:\n    x: int\n", "m": "import k, typing\nT = typing.get_type_hints(k.A)\n"}, {"k": "class A:\n    x: str\n"},
        expect=["m.T == {'x': str} or 'T' in not_applied"],
    ),
    "what the annotations of a class are, as they were": Edit(
        {"k": "class A:\n    x: int\n    y = 1\n", "m": "import k\nN = object(), sorted(k.A.__annotations__)\n"}, {"k": "class A:\n    x: int\n    y = 2\n"},
        held="N = m.N\n", expect=["m.N is N", "not not_applied"],
    ),
    "what a module says of itself": Edit(
        {"k": "'a'\n", "m": "import k\nX = k.__doc__\n"}, {"k": "'b'\n"}, expect=["m.X == 'b'", "not not_applied"]
    ),
    "a docstring": documented("X = f.__doc__\n", "m.X == 'b'"),
    "a docstring of a method": documented("X = C.f.__doc__\n", "m.X == 'b'"),
    "docstrings of several": documented("X = {each.__name__: each.__doc__ for each in (f, len)}\n", "m.X['f'] == 'b'"),
    "a docstring of what a list holds": documented("L = [f]\nX = [each.__doc__ for each in L]\n", "m.X == ['b']"),
    "a docstring that a function reads": documented("def doc(g): return g.__doc__\nX = doc(f)\n", "m.X == 'b'"),
    "a docstring that a decorator reads": documented(
        "D = {}\ndef note(g):\n    D[g.__name__] = g.__doc__\n    return g\n@note\ndef h():\n    'a'\n", "m.D == {'h': 'b'}"
    ),
    "a docstring that an object reads": documented(
        "class K:\n    def __init__(self, g): self.g, self.help = g, g.__doc__\n@K\ndef h():\n    'a'\n", "m.h.help == 'b'"
    ),
    "a docstring of another module": Edit(
        {"b": "def f():\n    'a'\n", "m": "import b\nX = [each.__doc__ for each in (b.f,)]\n"},
        {"b": "def f():\n    'b'\n"},
        expect=["m.X == ['b']", "not not_applied"],
    ),
    "a body, and docstrings are read": documented(
        "L = []\nfor each in (f,): L.append((each.__name__, each.__doc__))\nL.append('state')\n", "m.L == [('f', 'a'), 'state', 'held']",
        held="m.L.append('held')\n", said="",
    ),
    "an attribute of a class that a class has": Edit(
        "K = 1\nclass C:\n    class I:\n        k = K\n    class J(I): pass\n    j = I.k, J.k\nX = C.j\n",
        "K = 2\nclass C:\n    class I:\n        k = K\n    class J(I): pass\n    j = I.k, J.k\nX = C.j\n",
        expect=["m.C.j == m.X == (2, 2)", "not not_applied"],
    ),
    "what a metaclass says": Edit(
        f"K = 1\n{META}X = C.p, C.m()\ndef f(): return C.p + C.m()\nY = f()\n",
        f"K = 2\n{META}X = C.p, C.m()\ndef f(): return C.p + C.m()\nY = f()\n",
        expect=["m.X == (2, 2)", "m.Y == 4", "not not_applied"],
    ),
    "a partial that was made of a value": Edit(
        {"m": PARTIAL.format(1), "n": "from m import p\nY = p(0)\n"},
        {"m": PARTIAL.format(2)},
        expect=["(m.X, n.Y) == (2, 2)", "m.p.args == (2,)", "n.p is m.p", "not not_applied"],
    ),
    "a partial that was made of a value, and has got something since": Edit(
        PARTIAL.format(1), PARTIAL.format(2), held="m.p.seen = True\n", expect=["m.p.args == (1,) and m.p.seen", "not_applied == ['p']"]
    ),
    "a partial that holds a container": Edit(FILLED.format(1), FILLED.format(2), expect=["m.p.args == ([1],)", "not_applied == ['p']"]),
    "an operator that gives an object": Edit(
        OPERATED.format("+", "+", "V"), OPERATED.format("*", "+", "V"), expect=["m.X.x == 3", "not_applied == ['X']"]
    ),
    "a subscription that gives an object": Edit(
        OPERATED.format("+", "+", "V"), OPERATED.format("+", "-", "V"), expect=["m.Y.x == 0", "not_applied == ['Y']"]
    ),
    "a special method that no operator calls": Edit(
        OPERATED.format("+", "+", "V"), OPERATED.format("+", "+", "W"), expect=["repr(m.X) == 'W'", "not_applied == []"]
    ),
    "what a metaclass does when a class is called": Edit(
        CALLED.format(1, 1), CALLED.format(1, 2), expect=["m.X == 3", "not_applied == []"]
    ),
    "what a metaclass calls when a class is called": Edit(
        CALLED.format(1, 1), CALLED.format(2, 1), expect=["m.X == 3", "not_applied == []"]
    ),
    "another order of bases": Edit(
        {"m": ORDERED.format("A, B") + "X = C.v, C().m()\n", "n": "import m\nclass D(m.C): pass\nX = D.v, D().m()\ndef f(d=D.v): return d\n"},
        {"m": ORDERED.format("B, A") + "X = C.v, C().m()\n"},
        expect=["m.X == (2, 2)", "n.X == (2, 2)", "n.f() == 2", "not_applied == []"],
    ),
    "calls under the guard of scripts": Edit(
        "def main(): return 1\nif __name__ == '__main__':\n    main()\n",
        "def main(): return 2\nif __name__ == '__main__':\n    main()\n",
        expect=["m.main() == 2", "not not_applied"],
    ),
    "a call that is edited and leaves nothing": Edit(
        "import logging\nlog = logging.getLogger(__name__)\nlog.debug('x')\ndef f(): return 1\n",
        "import logging\nlog = logging.getLogger(__name__)\nlog.debug('y')\ndef f(): return 2\n",
        expect=["m.f() == 2", "not not_applied"],
    ),
    "thread": Edit(
        "import threading\ndef work(): pass\nt = threading.Thread(target=work)\nt.start()\n",
        "import threading\ndef work(): return 1\nt = threading.Thread(target=work)\nt.start()\n",
        held="t=m.t\n",
        expect=["m.t is t", "not not_applied"],
    ),
    "register call": Edit(
        {
            "reg": "H=[]\ndef add(f): H.append(f)\n",
            "m": "import reg\ndef f(): return 1\nreg.add(f)\n",
        },
        {
            "m": "import reg\ndef f(): return 2\nreg.add(f)\n",
        },
        expect=["[h() for h in reg.H] == [2]", "not not_applied"],
    ),
    "register call edit registry": Edit(
        {
            "reg": "H=[]\ndef add(f): H.append(f)\n",
            "m": "import reg\ndef f(): return 1\nreg.add(f)\n",
        },
        {
            "reg": "H=[]\ndef add(f):\n    'doc'\n    H.append(f)\n",
        },
        expect=["len(reg.H) == 1"],
    ),
    "application like": Edit(
        {
            "app": (
                    "class App:\n    def __init__(s): s.routes={}\n    def route(s,p):\n        def d(f):\n"
                    "            s.routes[p]=f\n            return f\n        return d\napp=App()\n"
                ),
            "m": "from app import app\n@app.route('/a')\ndef a(): return 1\n@app.route('/b')\ndef b(): return 1\n",
        },
        {
            "m": (
                    "from app import app\n@app.route('/a')\ndef a(x=3): return x\n@app.route('/b')\n"
                    "def b(): return 1\n@app.route('/c')\ndef c(): return 5\n"
                ),
        },
        held="r=app.app\n",
        expect=[
            "app.app is r",
            "app.app.routes['/a']() == 3",
            "list(app.app.routes) == ['/a','/b','/c']",
            "not not_applied",
        ],
    ),
    "application like edit application": Edit(
        {
            "app": (
                    "class App:\n    def __init__(s): s.routes={}\n    def route(s,p):\n        def d(f):\n"
                    "            s.routes[p]=f\n            return f\n        return d\napp=App()\n"
                ),
            "m": "from app import app\n@app.route('/a')\ndef a(): return 1\n",
        },
        {
            "app": (
                    "class App:\n    def __init__(s): s.routes={}\n    def route(s,p):\n        def d(f):\n"
                    "            s.routes[p]=f\n            return f\n        return d\n"
                    "    def get(s,p): return s.routes[p]()\napp=App()\n"
                ),
        },
        held="r=app.app\n",
        expect=["app.app is r", "app.app.get('/a') == 1", "not not_applied"],
    ),
    "configuration object": Edit(
        {
            "cfg": "class Cfg: pass\nc=Cfg()\nc.x=1\n",
            "m": "from cfg import c\nY=c.x*2\ndef f(): return c.x\n",
        },
        {
            "cfg": "class Cfg: pass\nc=Cfg()\nc.x=5\n",
        },
        held="o=cfg.c\n",
        expect=["m.Y == 10", "m.f() == 5", "cfg.c is o", "not not_applied"],
    ),
    "defaultdict": Edit(
        (
            "from collections import defaultdict, OrderedDict, deque\nD=defaultdict(list)\nD['a'].append(1)\n"
            "Q=deque([1])\nQ.append(2)\n"
        ),
        (
            "from collections import defaultdict, OrderedDict, deque\nD=defaultdict(list)\nD['a'].append(1)\n"
            "Q=deque([1])\nQ.append(3)\n"
        ),
        expect=["not_applied or list(m.Q) == [1,3]"],
    ),
    "nested data": Edit(
        (
            "C={'db':{'host':'a','port':1}}\nURL='%(host)s:%(port)s' % C['db']\nimport types\n"
            "N=types.SimpleNamespace(**C['db'])\nH=N.host\n"
        ),
        (
            "C={'db':{'host':'b','port':2}}\nURL='%(host)s:%(port)s' % C['db']\nimport types\n"
            "N=types.SimpleNamespace(**C['db'])\nH=N.host\n"
        ),
        expect=["m.URL == 'b:2'", "m.N.host == 'b'", "m.H == 'b'"],
    ),
    "called inner": Edit(
        "A=1\ndef outer():\n    def inner(): return A\n    return inner\nF=outer()\nY=F()\n",
        "A=2\ndef outer():\n    def inner(): return A\n    return inner\nF=outer()\nY=F()\n",
        expect=["m.Y == 2"],
    ),
    "a lambda that its statement calls": Edit(
        "X = (lambda: (1, 2))()\nclass C:\n    K = (lambda: 1)()\nf = lambda: 1\n",
        "X = (lambda: (1,))()\nclass C:\n    K = (lambda: 2)()\nf = lambda: 2\n",
        held="f = m.f\n",
        expect=["m.X == (1,)", "m.C.K == 2", "m.f is f and f() == 2", "not not_applied"],
    ),
    "a lambda that its statement has called": Edit(
        "X = list(map(lambda v: v + 1, [1]))\nY = [f() for f in [lambda: 1]]\nZ = {'a': lambda: 1}['a']()\nT = {'a': lambda: 1}\n",
        "X = list(map(lambda v: v + 2, [1]))\nY = [f() for f in [lambda: 2]]\nZ = {'a': lambda: 2}['a']()\nT = {'a': lambda: 2}\n",
        held="t = m.T\n",
        expect=["(m.X, m.Y, m.Z) == ([3], [2], 2)", "m.T is t and t['a']() == 2", "not not_applied"],
    ),
    "lambda uses": Edit(
        "A=1\nT={'k': lambda: A}\nY=T['k']()\n",
        "A=2\nT={'k': lambda: A}\nY=T['k']()\n",
        expect=["m.Y == 2 or not_applied"],
    ),
    "method via dict": Edit(
        "def h(): return 1\nT={'k': h}\nY=T['k']()\n",
        "def h(): return 2\nT={'k': h}\nY=T['k']()\n",
        expect=["m.Y == 2 or not_applied"],
    ),
    "method via list loop": Edit(
        "def h(): return 1\nY=[f() for f in (h,)]\nZ=tuple(f() for f in [h])\n",
        "def h(): return 2\nY=[f() for f in (h,)]\nZ=tuple(f() for f in [h])\n",
        expect=["m.Y == [2] or not_applied", "m.Z == (2,) or not_applied"],
    ),
    "map strings": Edit(
        "def h(x): return str(x)\nS=','.join(map(h, [1]))\n",
        "def h(x): return str(x)+'!'\nS=','.join(map(h, [1]))\n",
        expect=["m.S == '1!' or not_applied"],
    ),
    "a partial of a partial": Edit(
        {"m": "from functools import partial\ndef f(*a): return a\np = partial(f, 1)\nX = p()\n", "n": "from m import p\nX = p()\n"},
        {"m": "from functools import partial\ndef f(*a): return a, 1\np = partial(f, 2)\nX = p()\nq = partial(p, 3)\nq.mark = 1\n",
         "n": "from functools import partial\nfrom m import p\nX = p()\nq = partial(p, 3)\n"},
        expect=["m.q.func is n.q.func is m.f", "m.q.args == n.q.args == (2, 3)", "m.X == n.X == ((2,), 1)", "not not_applied"],
    ),
    "attributes of a partial that had none, where the save fails": Edit(
        "import functools\np = functools.partial(max, 1)\nX = 1\n", "import functools\np = functools.partial(max, 1)\np.mark = 1\nX = 1 / 0\n",
        expect=["outcome == 'rolledBack'", "vars(m.p) == {}"],
    ),
    "partial call": Edit(
        "import functools\ndef h(x): return x\nP=functools.partial(h, 1)\nY=P()\n",
        "import functools\ndef h(x): return x+1\nP=functools.partial(h, 1)\nY=P()\n",
        expect=["m.Y == 2 or not_applied"],
    ),
    "instance call": Edit(
        "class C:\n    def __call__(s): return 1\nc=C()\nY=c()\n",
        "class C:\n    def __call__(s): return 2\nc=C()\nY=c()\n",
        expect=["m.Y == 2 or not_applied"],
    ),
    "with context manager": Edit(
        "import contextlib\n@contextlib.contextmanager\ndef cm(): yield 1\nwith cm() as v:\n    Y = v\n",
        "import contextlib\n@contextlib.contextmanager\ndef cm(): yield 2\nwith cm() as v:\n    Y = v\n",
        expect=["m.Y == 2 or not_applied"],
    ),
    "iteration of a class": Edit(
        "class C:\n    def __iter__(s): return iter([1])\nY=list(C())\nZ=tuple(C())\na, = C()\n",
        "class C:\n    def __iter__(s): return iter([2])\nY=list(C())\nZ=tuple(C())\na, = C()\n",
        expect=["m.Y == [2] or not_applied", "m.Z == (2,)", "m.a == 2"],
    ),
    "async constant": Edit(
        "import asyncio\nasync def f(): return 1\nY=asyncio.run(f())\n",
        "import asyncio\nasync def f(): return 2\nY=asyncio.run(f())\n",
        expect=["m.Y == 2 or not_applied"],
    ),
    "class method constant": Edit(
        (
            "class C:\n    @classmethod\n    def mk(cls): return 1\n    @staticmethod\n    def st(): return 1\n"
            "    K = 3\nY=C.mk()+C.st()\n"
        ),
        (
            "class C:\n    @classmethod\n    def mk(cls): return 2\n    @staticmethod\n    def st(): return 2\n"
            "    K = 3\nY=C.mk()+C.st()\n"
        ),
        expect=["m.Y == 4"],
    ),
    "inherit derived": Edit(
        "class A:\n    def v(s): return 1\nclass B(A): pass\nY=B().v()\n",
        "class A:\n    def v(s): return 2\nclass B(A): pass\nY=B().v()\n",
        expect=["m.Y == 2"],
    ),
    "super derived": Edit(
        {
            "a": "class A:\n    def v(s): return 1\n",
            "m": "from a import A\nclass B(A):\n    def v(s): return super().v()+1\nY=B().v()\n",
        },
        {
            "a": "class A:\n    def v(s): return 5\n",
        },
        expect=["m.Y == 6"],
    ),
    "cross function chain": Edit(
        {
            "a": "def f(): return 1\n",
            "b": "import a\ndef g(): return a.f()\n",
            "m": "import b\nY=b.g()\nZ={'y':Y}\n",
        },
        {
            "a": "def f(): return 7\n",
        },
        expect=["m.Y == 7", "m.Z == {'y':7}"],
    ),
    "cross method chain": Edit(
        {
            "a": "class A:\n    def f(s): return 1\n",
            "b": "import a\nobj=a.A()\ndef g(): return obj.f()\n",
            "m": "from b import g, obj\nY=g()\nZ=obj.f()\n",
        },
        {
            "a": "class A:\n    def f(s): return 7\n",
        },
        expect=["m.Y == 7", "m.Z == 7"],
    ),
    "enum derived": Edit(
        (
            "from enum import Enum\nclass E(Enum):\n    A=1\n    B=2\nN=len(E)\nL=[e.name for e in E]\n"
            "M={E.A:'x'}\nV=E.A.value\n"
        ),
        (
            "from enum import Enum\nclass E(Enum):\n    A=5\n    B=2\n    C=3\nN=len(E)\nL=[e.name for e in E]\n"
            "M={E.A:'x'}\nV=E.A.value\n"
        ),
        expect=["m.N == 3", "m.L == ['A','B','C']", "m.V == 5", "m.M[m.E.A] == 'x'"],
    ),
    "dataclass constant": Edit(
        (
            "from dataclasses import dataclass, fields, asdict\n@dataclass\nclass P:\n    x: int = 1\n"
            "F=[f.name for f in fields(P)]\np=P()\nD=asdict(p)\n"
        ),
        (
            "from dataclasses import dataclass, fields, asdict\n@dataclass\nclass P:\n    x: int = 1\n"
            "    y: int = 2\nF=[f.name for f in fields(P)]\np=P()\nD=asdict(p)\n"
        ),
        expect=["m.F == ['x','y'] or not_applied", "m.D == {'x':1,'y':2} or not_applied"],
    ),
    "what a context manager gives": Edit(
        "class C:\n    def __enter__(self): return 1\n    def __exit__(self, *given): pass\nwith C() as X: pass\n",
        "class C:\n    def __enter__(self): return 2\n    def __exit__(self, *given): pass\nwith C() as X: pass\n",
        expect=["m.X == 2"],
    ),
}

# What classes have and are, for who asks them at import.
EDITS |= {
    "a protocol asks for more": Edit(
        PROTOCOL.format("", "c = C()\nX = isinstance(C(), P)\nY = isinstance(c, P)\ndef t(): return issubclass(C, P)\nZ = t()\n"),
        PROTOCOL.format(MORE, "c = C()\nX = isinstance(C(), P)\nY = isinstance(c, P)\ndef t(): return issubclass(C, P)\nZ = t()\n"),
        expect=["(m.X, m.Y, m.Z) == (False, False, False)", "not not_applied"],
    ),
    "a class has what a protocol asks for": Edit(
        PROTOCOL.format(MORE, "X = isinstance(C(), P)\n"),
        PROTOCOL.format(MORE, "    def g(self): return 1\nX = isinstance(C(), P)\n"),
        expect=["m.X is True", "not not_applied"],
    ),
    "a protocol that another module asks": Edit(
        {"m": PROTOCOL.format("", ""), "n": "from m import *\nif isinstance(C(), P): X = 1\nelse: X = 2\n"},
        {"m": PROTOCOL.format(MORE, "")},
        expect=["n.X == 2", "not not_applied"],
    ),
    "an abstract class answers for others": Edit(
        "import abc\nclass A(abc.ABC):\n    @classmethod\n    def __subclasshook__(cls, o): return False\nX = issubclass(int, A)\n",
        "import abc\nclass A(abc.ABC):\n    @classmethod\n    def __subclasshook__(cls, o): return True\nX = issubclass(int, A)\n",
        expect=["m.X is True", "not not_applied"],
    ),
    "a metaclass answers for its classes": Edit(
        "class M(type):\n    def __len__(cls): return 1\nclass C(metaclass=M): pass\nX = len(C)\n",
        "class M(type):\n    def __len__(cls): return 2\nclass C(metaclass=M): pass\nX = len(C)\n",
        expect=["m.X == 2", "not not_applied"],
    ),
    "the bases of a class that is asked": Edit(
        BASES.format("A") + "ALL = [C]\nX = len([c for c in ALL if issubclass(c, B)])\nclass K:\n    X = issubclass(C, B)\n",
        BASES.format("B") + "ALL = [C]\nX = len([c for c in ALL if issubclass(c, B)])\nclass K:\n    X = issubclass(C, B)\n",
        expect=["m.X == 1", "m.K.X is True", "not not_applied"],
    ),
    "the bases of a class that is caught and matched": Edit(
        BASES.format("A") + "try: raise C\nexcept A: X = 1\nexcept B: X = 2\ndef f():\n    match C():\n        case A(): return 1\n"
        "        case B(): return 2\nY = f()\n",
        BASES.format("B") + "try: raise C\nexcept A: X = 1\nexcept B: X = 2\ndef f():\n    match C():\n        case A(): return 1\n"
        "        case B(): return 2\nY = f()\n",
        expect=["(m.X, m.Y) == (2, 2)", "not not_applied"],
    ),
    "an attribute that is asked for by its name": Edit(
        "class C:\n    x = 1\nX = getattr(C, 'x')\nY = hasattr(C(), 'y')\n",
        "class C:\n    x = 2\n    def y(self): pass\nX = getattr(C, 'x')\nY = hasattr(C(), 'y')\n",
        expect=["(m.X, m.Y) == (2, True)", "not not_applied"],
    ),
    "a class that nobody asks for what is new": Edit(
        "N = [0]\nclass C:\n    @staticmethod\n    def f(): N[0] += 1; return 1\nX = C.f()\n",
        "N = [0]\nclass C:\n    @staticmethod\n    def f(): N[0] += 1; return 1\n    def g(self): pass\nX = C.f()\n",
        expect=["m.N == [1]", "not not_applied"],
    ),
}

EDITS |= {
    "what a field starts with": Edit(
        "from dataclasses import dataclass, field\n@dataclass\nclass C:\n    z: list = field(default_factory=lambda: [1])\n"
        "X = C().z[0]\nc = C()\n",
        "from dataclasses import dataclass, field\n@dataclass\nclass C:\n    z: list = field(default_factory=lambda: [2])\n"
        "X = C().z[0]\nc = C()\n",
        expect=["m.C().z == [2]", "m.X == 2", "m.c.z == [1] and not_applied == ['c']"],
    ),
}

# Functions that other functions give to what calls them.
EDITS |= {
    "given to a function of the module": Edit(
        GIVEN.format(1) + "def apply(g): return g()\ndef total(): return apply(f)\nX = total()\n",
        GIVEN.format(2) + "def apply(g): return g()\ndef total(): return apply(f)\nX = total()\n",
        expect=["m.X == 2", "not not_applied"],
    ),
    "given to a built-in function, in a method": Edit(
        GIVEN.format("v") + "class C:\n    def t(self): return sum(map(f, [1, 2]))\nX = C().t()\n",
        GIVEN.format("-v") + "class C:\n    def t(self): return sum(map(f, [1, 2]))\nX = C().t()\n",
        expect=["m.X == -3", "not not_applied"],
    ),
    "given to a function of another module": Edit(
        {"a": "def apply(g): return g()\n", "m": GIVEN.format(1), "n": "from a import apply\nimport m\ndef t(): return apply(m.f)\nX = t()\n"},
        {"m": GIVEN.format(2)},
        expect=["n.X == 2", "not not_applied"],
    ),
    "given to what only keeps it": Edit(
        GIVEN.format(1) + "class A:\n    def __init__(self): self.all = []\n    def add(self, g): self.all.append(g)\n"
        "def make():\n    a = A()\n    a.add(f)\n    return a\nX = make()\n",
        GIVEN.format(2) + "class A:\n    def __init__(self): self.all = []\n    def add(self, g): self.all.append(g)\n"
        "def make():\n    a = A()\n    a.add(f)\n    return a\nX = make()\n",
        held="x = m.X\n",
        expect=["m.X is x and x.all[0]() == 2", "not not_applied"],
    ),
    "a call of a method that reads what its class inherits from another module": Edit(
        {"m": "class P:\n    K = 1\n", "s": "from m import P\nclass O(P):\n    def o(self): return self.K + 7\nX = O().o()\n"},
        {"m": "class P:\n    K = 5\n"},
        expect=["s.X == 12", "not not_applied"],
    ),
    "a call of a function that reads an attribute of what it is given": Edit(
        {
            "m": "class P:\n    K = 1\n",
            "n": "from m import P\np = P()\ndef f(a): return a.K\ndef g(a): return f(a)\n",
            "s": "import n\nX = n.g(n.p)\n",
        },
        {"m": "class P:\n    K = 5\n"},
        expect=["s.X == 5", "not not_applied"],
    ),
}

Edits = tests_of(EDITS)


if __name__ == "__main__":
    unittest.main()
