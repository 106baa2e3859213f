"""The body of a function is edited, and a statement of another module has computed a value by it: called by a function or a method
that was not edited, by an operator, out of a container, or by what it was given to. Each with an edit of that body alone, and with
one of a statement besides.
"""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

# What is edited is `f`; all else comes to it by `g`.
A = """\
def f(): return {}
def g(): return f() + 1
class C:
    def m(self): return g()
    @property
    def p(self): return g()
    @classmethod
    def c(cls): return g()
    def __add__(self, other): return g()
    def __enter__(self): return g()
    def __exit__(self, *_): pass
    def __iter__(self): return iter([g()])
    def __getattr__(self, name):
        if name == "dynamic": return g()
        raise AttributeError(name)
    def __len__(self): return g()
    def __str__(self): return str(g())
    def __getitem__(self, index): return g()
    def __eq__(self, other): return g() == other
    def __bool__(self): return g() > 3
c = C()
class R:
    def __init__(self): self.table = {{"k": g}}
    def run(self, name): return self.table[name]()
    def each(self): return [h() for h in self.table.values()]
r = R()
T = {{"k": g}}
def get(name): return T[name]
def out(): return g
def make():
    def inner(): return g()
    return inner
def call(h): return h()
def gen(): yield g()
async def co(): return g()
"""

# Statements of the other module, and what X is afterwards, where that is not 5.
FORMS = {
    "itself": "X = a.g()",
    "by a function": "def h(): return a.g()\nX = h()",
    "by two functions": "def k(): return a.g()\ndef h(): return k()\nX = h()",
    "by a star import": "from a import *\ndef h(): return g()\nX = h()",
    "by a method": "X = a.C().m()",
    "by a method of a derived class": "class D(a.C):\n    def m(self): return super().m()\nX = D().m()",
    "by an instance": "X = c.m()",
    "by an instance, in a function": "def h(): return c.m()\nX = h()",
    "by a property": "X = c.p",
    "by a property, in a function": "def h(): return c.p\nX = h()",
    "by a class method": "X = a.C.c()",
    "by an operator": "X = c + 1",
    "by an operator, in a function": "def h(): return c + 1\nX = h()",
    "by with": "with c as X: pass",
    "by with, in a function": "def h():\n    with c as v: return v\nX = h()",
    "by iteration": "X, = c",
    "by iteration, in a function": "def h(): return [v for v in c][0]\nX = h()",
    "by an attribute that is made up": "X = c.dynamic",
    "by an attribute that is made up, in a function": "def h(): return c.dynamic\nX = h()",
    "by len": "X = len(c)",
    "by len, in a function": "def h(): return len(c)\nX = h()",
    "by formatting, in a function": "def h(): return f'{c}'\nX = int(h())",
    "by an item, in a function": "def h(): return c[0]\nX = h()",
    "by a comparison, in a function": "def h(): return 5 if c == 5 else 2\nX = h()",
    "by truth, in a function": "def h():\n    if c: return 5\n    return 2\nX = h()",
    "by a generator": "X = sum(a.gen())",
    "by a coroutine": "import asyncio\nasync def h(): return await a.co()\nX = asyncio.run(h())",
    "out of what a call gives": "X = a.out()()",
    "by a closure that a call gives": "X = a.make()()",
    "by what it is given to": "X = a.call(a.g)",
    "by a lambda that is given": "X = a.call(lambda: a.g())",
    "by a lambda that is given to a function of the interpreter": "X = tuple(map(lambda v: a.g(), [1]))[0]",
    "by a key": "X = max([5, 2], key=lambda v: v if a.g() > 3 else -v)",
    "by a partial": "import functools\np = functools.partial(a.call, a.g)\nX = p()",
    "by a partial, in a function": "import functools\np = functools.partial(a.g)\ndef h(): return p()\nX = h()",
    "by a decorator's closure": "def deco(h):\n    def w(): return h()\n    return w\nz = deco(a.g)\nX = z()",
    "out of a container": "X = a.T['k']()",
    "out of a container, in a function": "def h(): return a.T['k']()\nX = h()",
    "out of a container of its own": "T = {'k': a.g}\ndef h(): return T['k']()\nX = h()",
    "out of a container, by a function that gives it": "X = a.get('k')()",
    "out of a container, in a loop": "def h():\n    for each in a.T.values(): return each()\nX = h()",
    "out of an object's container": "X = a.r.run('k')",
    "out of an object's container, all": "X = a.r.each()[0]",
    "by an attribute of an object": "class W:\n    def __init__(self, h): self.h = h\n    def go(self): return self.h()\nw = W(a.g)\nX = w.go()",
    "by what takes all that it is given": "def k(*hs): return hs[0]()\nX = k(a.g)",
    "by what takes all that it is given, each": "def k(*hs):\n    for h in hs: return h()\nX = k(a.g)",
    "by what takes all that it is given, in a comprehension": "def k(*hs): return sum([h() for h in hs])\nX = k(a.g)",
    "by what takes all that it is given by name": "def k(**hs): return hs['h']()\nX = k(h=a.g)",
    "by what gives it on": "def j(h): return h()\ndef k(h): return j(h)\nX = k(a.g)",
    "by what gives all on": "def j(h): return h()\ndef k(*args, **more): return j(*args, **more)\nX = k(a.g)",
    "by a method that gives it on": "class D:\n    def k(self, h): return self.j(h)\n    def j(self, h): return h()\nX = D().k(a.g)",
    "by an object's method that gives it on": "class D:\n    def k(self, h): return self.j(h)\n    def j(self, h): return h()\nd = D()\nX = d.k(a.g)",
    "by a class that gives it on": "class D:\n    def __init__(self, h): self.v = h()\ndef k(h): return D(h).v\nX = k(a.g)",
    "by what gives it to a function of the interpreter": "def k(h): return sum(map(h, [a.c]))\nX = k(lambda c: c.m())",
    "by what it is given to in a list": "X = a.call(*[a.g])",
    "by what it is given to in a list of its own": "L = [a.g]\nX = a.call(*L)",
    "by what it is given to under a name": "X = a.call(**{'h': a.g})",
    "out of a list that is given": "def k(hs): return hs[0]()\nX = k([a.g])",
    "by a comparison that is made of it": "import functools\nX = sorted([2, 5], key=functools.cmp_to_key(lambda v, w: (v - w) * (-1 if a.g() > 3 else 1)))[0]",
    "by the name of a method": "import operator\nclass D:\n    def m(self): return a.g()\nX = operator.methodcaller('m')(D())",
    "by the name of a method that is kept": "from operator import methodcaller\nclass D:\n    def m(self): return a.g()\nd, k = D(), methodcaller('m')\nX = k(d)",
    "by the name of a property": "import operator\nX = operator.attrgetter('p')(c)",
    "by the name of a method that is given": "import operator\nL = [c]\nX = sum(map(operator.methodcaller('m'), L))",
    "by a partial of a method": "import functools\nclass D:\n    def m(self, v): return a.g() + v\n    bound = functools.partialmethod(m, 0)\nX = D().bound()",
    "by a module that is imported by its name": "import importlib\nX = importlib.import_module('a').g()",
    "by a module that is imported by its name, in a function": "from importlib import import_module\ndef h(): return import_module('a').g()\nX = h()",
    "by a module that is imported by its name and kept": "import importlib\nk = importlib.import_module('a')\nX = k.g()",
    "by the interpreter's list of modules": "import sys\nX = sys.modules['a'].g()",
    "by a loop over it": "for h in [a.g]: X = h()",
    "by a loop over its container": "X = 0\nfor h in a.T.values(): X += h()",
    "by a loop over items": "D = {}\nfor k, h in a.T.items(): D[k] = h()\nX = D['k']",
    "by a branch that gives it": "if a.call(a.g) > 3: X = 5\nelse: X = 2",
    "by a partial of a lambda, as a method": "import functools\nclass D:\n    bound = functools.partialmethod(lambda self, h: h(), a.g)\nX = D().bound()",
    "by a class that it is given to": "class D:\n    def __init__(self, h): self.v = h()\nX = D(a.g).v",
    "by a decorator that calls it": "def k(h): return h()\n@k\ndef X(): return a.g()",
    "by a function of a library that it is given to": "import re\nX = int(re.sub('v', lambda m: str(a.g()), 'v'))",
    "by a function of a library that it is given to, in a function": "import re\ndef r(m): return str(a.g())\ndef h(): return re.sub('v', r, 'v')\nX = int(h())",
    "by an encoder": "import json\ndef k(o): return a.g()\nX = int(json.dumps(c, default=k))",
    "by all workers": "from concurrent.futures import ThreadPoolExecutor\ne = ThreadPoolExecutor(1)\nX = [*e.map(lambda v: a.g(), [1])][0]",
    "by a thread": "import asyncio\nasync def h(): return await asyncio.to_thread(a.g)\nX = asyncio.run(h())",
    "by its name": "def h(): return getattr(a, 'g')()\nX = h()",
    "by an import in a function": "def h():\n    from a import g\n    return g()\nX = h()",
    "by a default": "def k(): return a.g()\ndef h(d=k()): return d\nX = h()",
    "in the body of a class": "class D:\n    K = a.g()\nX = D.K",
    "in the body of a class in a class": "class O:\n    class I:\n        K = a.g()\nX = O.I.K",
    "by a metaclass": "class M(type):\n    def __call__(cls): return a.g()\nclass D(metaclass=M): pass\nX = D()",
    "by a hook of a base": "class B:\n    def __init_subclass__(cls): cls.k = a.g()\nclass D(B): pass\nX = D.k",
    "by the factory of a field": "from dataclasses import dataclass, field\n@dataclass\nclass D:\n    v: int = field(default_factory=a.g)\nX = D().v",
    "by members of an enumeration": "import enum\nclass D(enum.Enum):\n    A = 1\n    def __init__(self, v): self.w = a.g()\nX = D.A.w",
    "by what makes members of an enumeration": "import enum\nclass D(enum.Enum):\n    A = 1\n    def __new__(cls, v):\n        self = object.__new__(cls)\n"
    "        self._value_ = a.g()\n        return self\nX = D.A.value",
    "by the values of an enumeration": "import enum\nclass D(enum.Enum):\n    @staticmethod\n    def _generate_next_value_(*_): return a.g()\n    A = enum.auto()\nX = D.A.value",
    "by what an enumeration has not": "import enum\nclass D(enum.Enum):\n    A, B = 2, 5\n    @classmethod\n    def _missing_(cls, v): return cls(a.g())\nX = D(0).value",
    "by an operator of an enumeration": "import enum\nclass D(enum.Flag):\n    A, B = 1, 2\n    def __or__(self, other): return a.g()\nX = D.A | D.B",
    "by a key that is not there": "class D(dict):\n    def __missing__(self, k): return a.g()\nX = D()[0]",
    "by a method of a library that takes an item": "import collections.abc as abc\nclass D(abc.Mapping):\n    def __getitem__(self, k): return a.g()\n    def __len__(self): return 1\n"
    "    def __iter__(self): return iter('k')\nX = D().get('k')",
    "by an attribute that a metaclass makes up": "class M(type):\n    def __getattr__(cls, n): return a.g()\nclass D(metaclass=M): pass\nX = D.v",
    "by a loop over a class": "class M(type):\n    def __iter__(cls): yield a.g()\nclass D(metaclass=M): pass\nX, = tuple(D)",
    "by a property that is made of a method": "class D:\n    def get(self): return a.g()\n    p = property(get)\nX = D().p",
    "by a property in the body of its class": "class D:\n    @property\n    def p(self): return a.g()\n    K = p.fget(None)\nX = D.K",
    "by a branch": "def h(): return a.g() > 3\nif h(): X = 5\nelse: X = 2",
}

IMPORTS = "import a\nfrom a import c\n"

def marked(wrapper: str, made: str, said: str, held: str = "") -> Edit:
    """`wrapper` defines `w`, which makes something of a function."""
    text = "from d import w\ndef f(): pass\nf.mark = 1\ng = w(f)\n"
    return Edit({"d": wrapper, "m": text}, {"m": text.replace("mark = 1", "mark = 2")}, held=held, expect=[f"{made} == 2", said])


EDITS = {
    f"{form}{others}": Edit({"a": A.format(1), "m": f"{IMPORTS}{text}\n"}, {"a": A.format(4) + more}, expect=["m.X == 5", "not not_applied"])
    for form, text in FORMS.items()
    for others, more in (("", ""), (", and a statement", "Z = 1\n"))
}

# What nobody can tell to have been called is said, where a value came of it.
DOUBTFUL = {
    "by a worker": "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(1) as e: X = e.submit(a.g).result()",
    "by a worker, in a function": "from concurrent.futures import ThreadPoolExecutor as T\ndef h():\n    with T(1) as e: return e.submit(a.g).result()\nX = h()",
    "by a container that makes what it has not": "import collections\nX = collections.defaultdict(a.g)[0]",
}
EDITS |= {
    f"{form}: said": Edit({"a": A.format(1), "m": f"{IMPORTS}{text}\n"}, {"a": A.format(4)}, expect=["m.X == 2", "any('X' in each for each in not_applied)"])
    for form, text in DOUBTFUL.items()
}

# What only keeps what it is given is left alone, and nothing is said.
KEEPS = {
    "with an object": "class B:\n    def __init__(self): self.all = []\n    def add(self, h):\n        self.all.append(h)\n        return len(self.all)\n"
    "b = B()\nX = b.add(a.g)",
    "with the interpreter": "import atexit\ndef h():\n    atexit.register(a.g)\n    return 1\nX = h()\natexit.unregister(a.g)",
    "with a decorator": "ALL = []\ndef k(h):\n    ALL.append(h)\n    return len(ALL)\n@k\ndef X(): return a.g()",
    "in an object of a class": "class D:\n    n = 0\n    def __init__(self, h):\n        self.h = h\n        D.n += 1\nd = D(a.g)\nX = D.n",
    "in a table of objects": "class D:\n    def __init__(self, h): self.h = h\n    def go(self): return self.h()\nALL = []\n"
    "def k(h):\n    ALL.append(D(h))\n    return len(ALL)\nX = k(a.g)",
}
EDITS |= {
    f"a function that is kept {how}": Edit(
        {"a": A.format(1), "m": f"{IMPORTS}{text}\n"}, {"a": A.format(4)}, expect=["m.X == 1", "executed == []", "not not_applied"]
    )
    for how, text in KEEPS.items()
}

# Who looks at a table of functions calls none of them.
TABLE = (
    "R = {}\nL = []\ndef k(h):\n    R[h.__name__] = h\n    L.append(h)\n    return h\n@k\ndef a(): return 1\n@k\ndef b(): return 2\n"
)
LOOKS = ("sorted(R)", "len(L)", "list(R)", "' '.join(sorted(R))", "max(len(list(R)), len(L))", "sorted(set(R))", "bool(R)")
CALLS = (
    "sorted(h() for h in L)", "max(L, key=lambda h: h()).__name__", "list(map(lambda h: h(), L))", "[h() for h in list(L)]", "list(R.values())[0]()", "sum(each(L))",
)
EDITS |= {
    f"a table that is looked at by {how}": Edit(
        {"m": f"{TABLE}X = {how}\n"}, {"m": f"{TABLE}X = {how}\n".replace("return 1", "return 9")}, expect=["executed == []", "not not_applied"]
    )
    for how in LOOKS
}
EDITS |= {
    f"a table that is called by {how}": Edit(
        {"m": f"def each(l): return [h() for h in l]\n{TABLE}X = {how}\n"},
        {"m": f"def each(l): return [h() for h in l]\n{TABLE}X = {how}\n".replace("return 1", "return 9")},
        expect=["'m' in executed or not_applied"],
    )
    for how in CALLS
}
EDITS |= {
    "a table that is given to a function called as a built-in one": Edit(
        {"m": f"def sorted(l): return [h() for h in l]\n{TABLE}X = list(sorted(L))\n"},
        {"m": f"def sorted(l): return [h() for h in l]\n{TABLE}X = list(sorted(L))\n".replace("return 1", "return 9")},
        expect=["m.X == [9, 2] or not_applied"],
    ),
    "what is no table": Edit(
        {"m": "def a(x): return 1\ndef it(): return map(a, 'x')\nL = it()\nX = list(L)\n"},
        {"m": "def a(x): return 9\ndef it(): return map(a, 'x')\nL = it()\nX = list(L)\n"},
        expect=["m.X == [9] or not_applied"],
    ),
}

CALLABLE = "class C:\n    def __init__(self): self.x = 1\n    def __call__(self): return {}\nc = C()\n"
HOOK = "class D(B):\n    def hook(self): return {}\nX = D().t()\nd = D()\nY = d.t()\n"
VISITOR = "class V:\n    def visit(self, n): return getattr(self, 'v_' + n)()\n    def v_a(self): return {}\nX = V().visit('a')\n"
COMMANDS = "def command_a(): return {}\ndef run(n): return globals()['command_' + n]()\nX = run('a')\n"
BODY = "class C:\n    def make(n): return n * {}\n    @staticmethod\n    def s(): return {}\n    K = make(1), s()\n"
PROXY = "class T:\n    def m(self): return {}\nclass P:\n    def __init__(self): self.t = T()\n    def __getattr__(self, n): return getattr(self.t, n)\np = P()\nX = p.m()\n"
REGISTRY = (
    "class R:\n    def __init__(self): self.d = {{}}\n    def __call__(self, n):\n        def add(f):\n            self.d[n] = f\n"
    "            return f\n        return add\nr = R()\n@r('a')\ndef f(): return {}\nX = r.d['a']()\n"
)
SHOWN = (
    "class C:\n    def __str__(self): return '{}'\nL = [C(), C()]\nX = ','.join(str(c) for c in L)\nY = ','.join(map(str, L))\n"
    "def f(): return ','.join(map(str, L))\nZ = f()\n"
)

ADDING = (
    "class App:\n    def __init__(self): self.all, self.n = [], 0\n    def add(self, f):\n        for each in self.all:\n"
    "            if each is f: raise ValueError(str(each))\n        self.n += 1\n        self.all.append(f)\n        return self.n\n"
    "app = App()\ndef f(): return {}\nX = app.add(f)\n"
)

EDITS |= {
    "an object that is called": Edit(
        {"m": CALLABLE.format(1) + "X = c()\n", "n": "from m import c\nX = c()\ndef h(): return c()\nY = h()\n"},
        {"m": CALLABLE.format(2) + "X = c()\n"},
        held="c = m.c\n",
        expect=["(m.X, n.X, n.Y) == (2, 2, 2)", "m.c is c", "not not_applied"],
    ),
    "a method that one of a base in another module calls": Edit(
        {"a": "class B:\n    def t(self): return self.u()\n    def u(self): return self.hook()\n    def hook(self): return 0\n", "m": "from a import B\n" + HOOK.format(1)},
        {"m": "from a import B\n" + HOOK.format(2)},
        expect=["(m.X, m.Y) == (2, 2)", "not not_applied"],
    ),
    "a method that is called by a name that is put together": Edit(VISITOR.format(1), VISITOR.format(2), expect=["m.X == 2", "not not_applied"]),
    "a function that is called by a name that is put together": Edit(COMMANDS.format(1), COMMANDS.format(2), expect=["m.X == 2", "not not_applied"]),
    "a value of a function that asks for an attribute": Edit(
        "class S: n = 0\ndef count():\n    S.n = getattr(S, 'n') + 1\n    return S.n\nX = count()\ndef f(): return 1\nY = f()\n",
        "class S: n = 0\ndef count():\n    S.n = getattr(S, 'n') + 1\n    return S.n\nX = count()\ndef f(): return 2\nY = f()\n",
        expect=["(m.X, m.Y, m.S.n) == (1, 2, 1)", "not not_applied"],
    ),
    "functions of the body of a class that are called there": Edit(BODY.format(1, 1), BODY.format(2, 2), expect=["m.C.K == (2, 2)", "not not_applied"]),
    "a method behind an object that passes it on": Edit(PROXY.format(1), PROXY.format(2), expect=["m.X == 2", "not not_applied"]),
    "a function that is called out of where its decorator put it": Edit(REGISTRY.format(1), REGISTRY.format(2), expect=["m.X == 2", "not not_applied"]),
    "how objects in a list are shown": Edit(SHOWN.format("a"), SHOWN.format("b"), expect=["m.X == m.Y == m.Z == 'b,b'", "not not_applied"]),
    "an attribute of a class in a class": Edit(
        {"m": "class O:\n    class I:\n        K = 1\nX = O.I.K\n", "n": "from m import O\nX = O.I.K\n"},
        {"m": "class O:\n    class I:\n        K = 2\nX = O.I.K\n"},
        expect=["(m.X, n.X) == (2, 2)", "not not_applied"],
    ),
    "what an object in an attribute does": Edit(
        "class A:\n    @property\n    def p(self): return 1\n    def m(self): return 1\n    async def __aenter__(self): return 1\n"
        "    async def __aexit__(self, *_): pass\n    def __await__(self):\n        yield from ()\n        return 1\n"
        "class B:\n    def __init__(self): self.a = A()\n    def p(self): return self.a.p\n    def m(self): return self.a.m()\n"
        "async def f():\n    async with A() as v: return v, await A()\n"
        "import asyncio\nb = B()\nD = {'k': A()}\nX = b.p(), b.m(), b.a.m(), B().a.p, D['k'].m(), sum(d.m() for d in D.values())\nY = asyncio.run(f())\n",
        "class A:\n    @property\n    def p(self): return 2\n    def m(self): return 2\n    async def __aenter__(self): return 2\n"
        "    async def __aexit__(self, *_): pass\n    def __await__(self):\n        yield from ()\n        return 2\n"
        "class B:\n    def __init__(self): self.a = A()\n    def p(self): return self.a.p\n    def m(self): return self.a.m()\n"
        "async def f():\n    async with A() as v: return v, await A()\n"
        "import asyncio\nb = B()\nD = {'k': A()}\nX = b.p(), b.m(), b.a.m(), B().a.p, D['k'].m(), sum(d.m() for d in D.values())\nY = asyncio.run(f())\n",
        held="b = m.b\n",
        expect=["m.X == (2, 2, 2, 2, 2, 2)", "m.Y == (2, 2)", "m.b is b", "not not_applied"],
    ),
    "a number that registering with an object gave": Edit(
        ADDING.format(1), ADDING.format(2), held="f = m.f\n", expect=["m.X == m.app.n == 1", "m.app.all == [f]", "executed == []", "not not_applied"]
    ),
    "a key that sorts a list in place": Edit(
        "def f(v): return v\nL = [2, 1]\nL.sort(key=f)\nL.sort(key=lambda v: f(v))\n", "def f(v): return -v\nL = [2, 1]\nL.sort(key=f)\nL.sort(key=lambda v: f(v))\n",
        expect=["m.L == [1, 2]", "not_applied == ['L.sort(key=f)', 'L.sort(key=lambda v: f(v))']"],
    ),
    "a number that registering gave": Edit(
        {"a": "ALL = []\ndef keep(f):\n    ALL.append(f)\n    return len(ALL)\n", "m": "from a import keep\ndef g(): return 1\nX = keep(g)\n"},
        {"m": "from a import keep\ndef g(): return 2\nX = keep(g)\n"},
        expect=["a.ALL == [m.g]", "m.X == 1", "executed == []", "not not_applied"],
    ),
}

# A module that nobody edits: its methods use what the classes that are derived from it have.
BASE = """class A:
    def __init__(self): self.x = self.K * 2
    def run(self): return self.hook()
    @property
    def p(self): return self.K
    @classmethod
    def make(cls): return cls()
    def __len__(self): return self.K
    def __call__(self): return self.K
class Mix:
    def q(self): return self.K
"""


def derived(statements: str, k: int = 5, hook: int = 1, method: str = "") -> str:
    return f"from a import *\nclass D(A):\n    K = {k}\n    def hook(self): return {hook}\n{method}{statements}"


EDITS |= {
    "a method that an inherited one calls": Edit(
        {"a": BASE, "c": derived("V = D().run()\ndef g(d=D().run()): return d\no = D()\nW = o.run()\n")},
        {"c": derived("V = D().run()\ndef g(d=D().run()): return d\no = D()\nW = o.run()\n", hook=2)},
        expect=["(c.V, c.g(), c.W) == (2, 2, 2)"],
    ),
    "a value that inherited methods read": Edit(
        {"a": BASE, "c": derived("V = D().p, len(D()), D()()\nclass M(Mix, D): pass\nW = M().q()\n")},
        {"c": derived("V = D().p, len(D()), D()()\nclass M(Mix, D): pass\nW = M().q()\n", k=6)},
        expect=["(c.V, c.W) == ((6, 6, 6), 6)"],
    ),
    "a value that an inherited method reads which another one of the class calls": Edit(
        {"a": BASE, "c": derived("V = D().p\n", method="    @property\n    def p(self): return super().p + 1\n")},
        {"c": derived("V = D().p\n", k=6, method="    @property\n    def p(self): return super().p + 1\n")},
        expect=["c.V == 7"],
    ),
    "a value that the inherited __init__ reads": Edit(
        {"a": BASE, "c": derived("o = D()\np = D.make()\n")},
        {"c": derived("o = D()\np = D.make()\n", k=6)},
        expect=["not_applied == ['o', 'p']"],
    ),
    "a value that no inherited method uses": Edit(
        {"a": BASE, "c": derived("T = []\nV = T.append(D().run())\n", method="    Z = 1\n")},
        {"c": derived("T = []\nV = T.append(D().run())\n", method="    Z = 2\n")},
        expect=["c.T == [1]", "not not_applied"],
    ),
    "an attribute of a function, and a function made of it": marked("def w(f):\n    m = f.mark\n    return lambda: m\n", "g()", "not not_applied", held="g = m.g\n"),
    "an attribute of a function, and a partial made of it": marked("import functools\ndef w(f): return functools.partial(min, f.mark)\n", "m.g(9)", "not not_applied"),
    "an attribute of a function, and an object made of it": marked("class w:\n    def __init__(self, f): self.m = f.mark\n", "1 + m.g.m", "not_applied == ['g']"),
    "an attribute of a function that nobody reads": marked("class w:\n    def __init__(self, f): self.m = 2\n", "m.g.m", "not not_applied"),
}

Edits = tests_of(EDITS)


if __name__ == "__main__":
    unittest.main()
