"""Edits of functions, decorators and what keeps functions. Each is a small program, what somebody holds of it, the
saved text, and what has to hold afterwards, through the old references too.
"""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

EDITS = {
    "how many results are kept, and then a default": Edit(
        "import functools\n@functools.cache\ndef f(): return 1\n",
        "import functools\n@functools.lru_cache\ndef f(d=1): return d\n",
        "import functools\n@functools.lru_cache\ndef f(d=4): return d\nX = f()\n",
        held="m.f()\n",
        expect=["m.f() == 4", "m.X == 4", "m.f.__wrapped__() == 4", "m.f.cache_parameters()['maxsize'] == 128"],
    ),
    "a default of a function whose results are kept": Edit(
        "import functools\n@functools.lru_cache\ndef f(d=1): return d\n",
        "import functools\n@functools.lru_cache\ndef f(d=4): return d\n",
        held="f = m.f\nf()\n",
        expect=["f() == 4", "m.f is f", "f.__wrapped__() == 4"],
    ),
    "a docstring": Edit(
        "def f():\n    'a'\n    return 1\n",
        "def f():\n    'b'\n    return 1\n",
        held="old=m.f\n",
        expect=["old.__doc__ == 'b'"],
    ),
    "annotations": Edit(
        "def f(a: int): pass\n",
        "def f(a: str) -> int: pass\n",
        held="old=m.f\n",
        expect=["old.__annotations__ == {'a': str, 'return': int}"],
    ),
    "a keyword default": Edit(
        "def f(*, k=1): return k\n",
        "def f(*, k=2): return k\n",
        held="import functools\nold=m.f\np=functools.partial(m.f)\n",
        expect=["old() == 2", "p() == 2"],
    ),
    "closures that somebody holds": Edit(
        "def mk(n):\n    def inner(): return n\n    return inner\n",
        "def mk(n):\n    def inner(): return n + 10\n    return inner\n",
        held="a=m.mk(1)\nL={'x':[a]}\n",
        expect=["a() == 11", "L['x'][0]() == 11"],
    ),
    "the state of a closure": Edit(
        (
            "def mk():\n    n = 0\n    def inc():\n        nonlocal n\n        n += 1\n        return n\n"
            "    return inc\n"
        ),
        (
            "def mk():\n    n = 0\n    def inc():\n        nonlocal n\n        n += 10\n        return n\n"
            "    return inc\n"
        ),
        held="a=m.mk()\na()\n",
        expect=["a() == 11"],
    ),
    "a closure that needs another variable": Edit(
        "def mk(n, k):\n    def inner(): return n\n    return inner\n",
        "def mk(n, k):\n    def inner(): return n + k\n    return inner\n",
        held="a=m.mk(1,2)\n",
        expect=["m.mk(1,2)() == 3", "a() == 1 and not_applied"],
    ),
    "a function behind functools.wraps": Edit(
        (
            "import functools\ndef d(f):\n    @functools.wraps(f)\n    def w(*a): return ('w', f(*a))\n"
            "    return w\n@d\ndef f(): return 1\n"
        ),
        (
            "import functools\ndef d(f):\n    @functools.wraps(f)\n    def w(*a): return ('w', f(*a))\n"
            "    return w\n@d\ndef f(): return 2\n"
        ),
        held="old=m.f\nL=[m.f]\nS={m.f}\n",
        expect=["old() == ('w',2)", "L[0]() == ('w',2)", "m.f in S"],
    ),
    "decorators change places": Edit(
        (
            "def d1(f):\n    def w(*a): return ('1', f(*a))\n    return w\ndef d2(f):\n"
            "    def w(*a): return ('2', f(*a))\n    return w\n@d1\n@d2\ndef f(): return 1\n"
        ),
        (
            "def d1(f):\n    def w(*a): return ('1', f(*a))\n    return w\ndef d2(f):\n"
            "    def w(*a): return ('2', f(*a))\n    return w\n@d2\n@d1\ndef f(): return 2\n"
        ),
        held="old=m.f\n",
        expect=["m.f() == ('2',('1',2))", "old() == ('2',('1',2))"],
    ),
    "one decorator of two goes": Edit(
        (
            "def d1(f):\n    def w(*a): return ('1', f(*a))\n    return w\ndef d2(f):\n"
            "    def w(*a): return ('2', f(*a))\n    return w\n@d1\n@d2\ndef f(): return 1\n"
        ),
        (
            "def d1(f):\n    def w(*a): return ('1', f(*a))\n    return w\ndef d2(f):\n"
            "    def w(*a): return ('2', f(*a))\n    return w\n@d2\ndef f(): return 2\n"
        ),
        held="old=m.f\nL=[m.f]\n",
        expect=["m.f() == ('2',2)", "old() == ('2',2)", "L[0]() == ('2', 2)"],
    ),
    "the argument of a decorator": Edit(
        (
            "def d(n):\n    def dd(f):\n        def w(): return f() + n\n        return w\n    return dd\n@d(1)\n"
            "def f(): return 0\n"
        ),
        (
            "def d(n):\n    def dd(f):\n        def w(): return f() + n\n        return w\n    return dd\n@d(5)\n"
            "def f(): return 0\n"
        ),
        held="old=m.f\n",
        expect=["m.f() == 5", "old() == 5"],
    ),
    "a constant that a decorator is given": Edit(
        (
            "N=1\ndef d(n):\n    def dd(f):\n        def w(): return f() + n\n        return w\n    return dd\n"
            "@d(N)\ndef f(): return 0\n"
        ),
        (
            "N=7\ndef d(n):\n    def dd(f):\n        def w(): return f() + n\n        return w\n    return dd\n"
            "@d(N)\ndef f(): return 0\n"
        ),
        held="old=m.f\n",
        expect=["m.f() == 7", "old() == 7"],
    ),
    "a decorator is added": Edit(
        "def d(f):\n    def w(): return ('w', f())\n    return w\ndef f(): return 0\n",
        "def d(f):\n    def w(): return ('w', f())\n    return w\n@d\ndef f(): return 0\n",
        held="old=m.f\nL=(m.f,)\n",
        expect=["m.f() == ('w',0)", "old() == ('w',0)", "L[0]() == ('w', 0)"],
    ),
    "a function decorated by a class": Edit(
        (
            "class D:\n    def __init__(self, f): self.f = f\n"
            "    def __call__(self, *a): return ('D', self.f(*a))\n@D\ndef f(): return 1\n"
        ),
        (
            "class D:\n    def __init__(self, f): self.f = f\n"
            "    def __call__(self, *a): return ('D', self.f(*a))\n@D\ndef f(): return 2\n"
        ),
        held="old=m.f\n",
        expect=["m.f() == ('D',2)", "old() == ('D',2)"],
    ),
    "the call method of a decorator that is a class": Edit(
        (
            "class D:\n    def __init__(self, f): self.f = f\n"
            "    def __call__(self, *a): return ('D', self.f(*a))\n@D\ndef f(): return 1\n"
        ),
        (
            "class D:\n    def __init__(self, f): self.f = f\n"
            "    def __call__(self, *a): return ('E', self.f(*a))\n@D\ndef f(): return 1\n"
        ),
        held="old=m.f\n",
        expect=["m.f() == ('E',1)", "old() == ('E',1)"],
    ),
    "a function decorated by another module": Edit(
        {
            "lib": (
                    "import functools\ndef d(f):\n    @functools.wraps(f)\n    def w(*a): return ('w', f(*a))\n"
                    "    return w\n"
                ),
            "m": "from lib import d\nX = 1\n@d\ndef f(): return X\n",
        },
        {
            "m": "from lib import d\nX = 1\n@d\ndef f(): return X + 1\n",
        },
        held="old=m.f\n",
        expect=["old() == ('w', 2)", "m.f is old"],
    ),
    "the decorator in another module": Edit(
        {
            "lib": (
                    "import functools\ndef d(f):\n    @functools.wraps(f)\n    def w(*a): return ('w', f(*a))\n"
                    "    return w\n"
                ),
            "m": "from lib import d\nX = 1\n@d\ndef f(): return X\n",
        },
        {
            "lib": (
                    "import functools\ndef d(f):\n    @functools.wraps(f)\n    def w(*a): return ('v', f(*a))\n"
                    "    return w\n"
                ),
        },
        held="old=m.f\n",
        expect=["old() == ('v', 1)", "m.f() == ('v',1)"],
    ),
    "a context manager made of a generator": Edit(
        "import contextlib\n@contextlib.contextmanager\ndef c():\n    yield 1\n",
        "import contextlib\n@contextlib.contextmanager\ndef c():\n    yield 2\n",
        held="old=m.c\n",
        expect=["old().__enter__() == 2"],
    ),
    "a partial in a dictionary": Edit(
        "def f(x, k=1): return x + k\n",
        "def f(x, k=1): return x * 10 + k\n",
        held="import functools\nD={'p': functools.partial(m.f, k=3)}\n",
        expect=["D['p'](1) == 13"],
    ),
    "the arguments of a partial": Edit(
        "import functools\ndef f(x, k): return x + k\ng = functools.partial(f, k=1)\n",
        "import functools\ndef f(x, k): return x + k\ng = functools.partial(f, k=5)\n",
        held="old=m.g\n",
        expect=["m.g(1) == 6"],
    ),
    "bound and unbound methods": Edit(
        "class C:\n    def v(self): return 1\n",
        "class C:\n    def v(self): return 2\n",
        held="c=m.C()\nb=c.v\nu=m.C.v\n",
        expect=["b() == 2", "u(c) == 2"],
    ),
    "an instance that is called": Edit(
        "class C:\n    def __call__(self): return 1\nc = C()\n",
        "class C:\n    def __call__(self): return 2\nc = C()\n",
        held="c=m.c\nh=[c]\n",
        expect=["h[0]() == 2", "m.c is c"],
    ),
    "a cache gets another size": Edit(
        "import functools\n@functools.lru_cache(maxsize=2)\ndef f(x): return x\n",
        "import functools\n@functools.lru_cache(maxsize=8)\ndef f(x): return x + 1\n",
        held="old=m.f\nm.f(1)\n",
        expect=["m.f(1) == 2", "old(1) == 2", "m.f.cache_parameters()['maxsize'] == 8"],
    ),
    "what a cached function calls": Edit(
        "import functools\ndef g(x): return x\n@functools.cache\ndef f(x): return g(x)\n",
        "import functools\ndef g(x): return x + 1\n@functools.cache\ndef f(x): return g(x)\n",
        held="old=m.f\nm.f(1)\n",
        expect=["m.f(1) == 2", "old(1) == 2"],
    ),
    "a constant that a cached function reads": Edit(
        "import functools\nK=1\n@functools.cache\ndef f(x): return x + K\n",
        "import functools\nK=5\n@functools.cache\ndef f(x): return x + K\n",
        held="old=m.f\nm.f(1)\n",
        expect=["m.f(1) == 6", "old(1) == 6"],
    ),
    "a cached method": Edit(
        "import functools\nclass C:\n    @functools.lru_cache\n    def f(self, x): return x\n",
        "import functools\nclass C:\n    @functools.lru_cache\n    def f(self, x): return x + 1\n",
        held="c=m.C()\nc.f(1)\nb=c.f\n",
        expect=["c.f(1) == 2", "b(1) == 2"],
    ),
    "a cache is put around a function": Edit(
        "def f(x): return [x]\n",
        "import functools\n@functools.cache\ndef f(x): return [x]\n",
        held="old=m.f\n",
        expect=["m.f(1) is m.f(1)", "old(1) is old(1)"],
    ),
    "a cache is taken from a function": Edit(
        "import functools\n@functools.cache\ndef f(x): return [x]\n",
        "def f(x): return [x, x]\n",
        held="old=m.f\nm.f(1)\n",
        expect=["m.f(1) == [1,1]", "old(1) == [1,1] or not_applied"],
    ),
    "what a cached function calls in another module": Edit(
        {
            "a": "K=1\ndef g(x): return x + K\n",
            "m": "import functools\nfrom a import g\n@functools.cache\ndef f(x): return g(x)\n",
        },
        {
            "a": "K=1\ndef g(x): return x + K + 10\n",
        },
        held="m.f(1)\nold=m.f\n",
        expect=["m.f(1) == 12", "old(1) == 12"],
    ),
    "a cached property": Edit(
        "import functools\nclass C:\n    @functools.cached_property\n    def p(self): return 1\n",
        "import functools\nclass C:\n    @functools.cached_property\n    def p(self): return 2\n",
        held="c=m.C()\nc.p\n",
        expect=["c.p == 2"],
    ),
    "a constant that a cached property reads": Edit(
        "import functools\nK=1\nclass C:\n    @functools.cached_property\n    def p(self): return K\n",
        "import functools\nK=2\nclass C:\n    @functools.cached_property\n    def p(self): return K\n",
        held="c=m.C()\nc.p\n",
        expect=["c.p == 2"],
    ),
    "functions of a singledispatch, all named alike": Edit(
        (
            "import functools\n@functools.singledispatch\ndef f(x): return 'any'\n@f.register\n"
            "def _(x: int): return 'int'\n"
        ),
        (
            "import functools\n@functools.singledispatch\ndef f(x): return 'any2'\n@f.register\n"
            "def _(x: int): return 'int2'\n@f.register\ndef _(x: str): return 'str2'\n"
        ),
        held="old=m.f\nf=old\nf(1), f('')\n",
        expect=["old(1) == 'int2'", "old('') == 'str2'", "old(1.) == 'any2'"],
    ),
    "the class that a singledispatch looks at": Edit(
        {
            "a": "class P:\n    def n(self): return 1\n",
            "m": (
                    "import functools, a\n@functools.singledispatch\ndef f(x): return 'any'\n@f.register\n"
                    "def _(x: a.P): return x.n()\n"
                ),
        },
        {
            "a": "class P:\n    def n(self): return 2\n    def z(self): pass\n",
        },
        held="p=a.P()\nm.f(p)\n",
        expect=["m.f(p) == 2", "m.f(a.P()) == 2"],
    ),
    "a generator function": Edit(
        "def g():\n    yield 1\n",
        "def g():\n    yield 2\n",
        held="old=m.g\n",
        expect=["list(old()) == [2]"],
    ),
    "a function becomes a generator function": Edit(
        "def g():\n    return [1]\n",
        "def g():\n    yield 2\n",
        held="old=m.g\nL={'g': m.g}\n",
        expect=["list(old()) == [2]", "list(L['g']()) == [2]"],
    ),
    "a function becomes a coroutine function": Edit(
        "def g():\n    return 1\n",
        "async def g():\n    return 2\n",
        held="old=m.g\ndef run(c):\n    try: c.send(None)\n    except StopIteration as e: return e.value\n",
        expect=["run(old()) == 2"],
    ),
    "a function becomes a class": Edit(
        "def P(x): return x\n",
        "class P:\n    def __init__(self, x): self.x = x\n",
        held="old=m.P\n",
        expect=["m.P(1).x == 1"],
    ),
    "a class becomes a function": Edit(
        "class P:\n    def __init__(self, x): self.x = x\n",
        "def P(x): return x\n",
        held="old=m.P\n",
        expect=["m.P(1) == 1"],
    ),
    "a function becomes a number": Edit(
        "def P(): return 1\n",
        "P = 1\n",
        expect=["m.P == 1"],
    ),
    "a number becomes a function": Edit(
        "P = 1\nQ = [P]\n",
        "def P(): return 1\nQ = [P]\n",
        expect=["m.P() == 1", "m.Q[0] is m.P"],
    ),
    "a function becomes a partial": Edit(
        "def g(x, y): return x + y\ndef f(x): return g(x, 1)\n",
        "import functools\ndef g(x, y): return x + y\nf = functools.partial(g, 5)\n",
        expect=["m.f(1) == 6"],
    ),
    "a lambda in a dictionary": Edit(
        "T = {'a': lambda: 1, 'b': lambda: 2}\n",
        "T = {'a': lambda: 10, 'b': lambda: 2}\n",
        held="old=m.T['a']\nT=m.T\n",
        expect=["m.T['a']() == 10", "old() == 10", "T['a']() == 10"],
    ),
    "the default of a lambda": Edit(
        "f = lambda x=1: x\n",
        "f = lambda x=2: x\n",
        held="old=m.f\n",
        expect=["m.f() == 2", "old() == 2"],
    ),
    "the key function that a list was sorted by": Edit(
        "def key(x): return x\nL = sorted([2,1,3], key=key)\n",
        "def key(x): return -x\nL = sorted([2,1,3], key=key)\n",
        expect=["m.L == [3,2,1] or not_applied"],
    ),
    "a function is renamed with who names it": Edit(
        "def f(): return 1\nh = {'f': f}\n",
        "def g(): return 1\nh = {'f': g}\n",
        expect=["m.g() == 1", "not hasattr(m, 'f')", "m.h['f'] is m.g"],
    ),
    "an attribute that the program set on a function": Edit(
        "def f(): return 1\n",
        "def f(x=2): return x\n",
        held="m.f.count = 3\nold=m.f\n",
        expect=["m.f.count == 3", "old() == 2"],
    ),
    "an attribute that the text sets on a function": Edit(
        "def f(): return 1\nf.tag = 'a'\n",
        "def f(): return 1\nf.tag = 'b'\n",
        expect=["m.f.tag == 'b'"],
    ),
    "an attribute that the text sets on a function which is edited": Edit(
        "def f(): return 1\nf.tag = 'a'\n",
        "def f(x=1): return 2\nf.tag = 'a'\n",
        held="old=m.f\n",
        expect=["m.f.tag == 'a'", "old() == 2"],
    ),
    "a recursive function": Edit(
        "def f(n): return 1 if n == 0 else n * f(n - 1)\n",
        "def f(n): return 1 if n == 0 else n + f(n - 1)\n",
        held="old=m.f\n",
        expect=["old(3) == 7"],
    ),
    "functions that call each other": Edit(
        "def a(n): return b(n) + 1\ndef b(n): return n\n",
        "def a(n): return b(n) + 1\ndef b(n, z=5): return n + z\n",
        held="old=m.a\n",
        expect=["old(1) == 7"],
    ),
    "a registered function": Edit(
        {
            "reg": (
                    "H = {}\ndef on(n):\n    def d(f):\n        H.setdefault(n, []).append(f)\n        return f\n"
                    "    return d\n"
                ),
            "m": "import reg\n@reg.on('x')\ndef h(): return 1\n",
        },
        {
            "m": "import reg\n@reg.on('x')\ndef h(a=5): return a\n",
        },
        expect=["len(reg.H['x']) == 1", "reg.H['x'][0]() == 5"],
    ),
    "a registered lambda": Edit(
        {
            "reg": "H = []\ndef on(f):\n    H.append(f)\n    return f\n",
            "m": "import reg\nreg.on(lambda: 1)\n",
        },
        {
            "m": "import reg\nreg.on(lambda: 2)\n",
        },
        expect=["[h() for h in reg.H] == [2]"],
    ),
    "a function is registered under another key": Edit(
        {
            "reg": "H = {}\ndef on(n):\n    def d(f):\n        H[n] = f\n        return f\n    return d\n",
            "m": "import reg\n@reg.on('x')\ndef h(): return 1\n",
        },
        {
            "m": "import reg\n@reg.on('y')\ndef h(): return 1\n",
        },
        expect=["reg.H['y']() == 1", "'x' not in reg.H or not_applied"],
    ),
    "a registered function goes": Edit(
        {
            "reg": "H = []\ndef on(f):\n    H.append(f)\n    return f\n",
            "m": "import reg\n@reg.on\ndef h(): return 1\n@reg.on\ndef k(): return 1\n",
        },
        {
            "m": "import reg\n@reg.on\ndef k(): return 1\n",
        },
        expect=["not hasattr(m,'h')"],
    ),
    "the bound of a type parameter": Edit(
        "def f[T](x: T) -> T: return x\n",
        "def f[T: int](x: T) -> T: return x\n",
        held="old=m.f\n",
        expect=["old.__type_params__[0].__bound__ is int"],
        since=(3, 12),
    ),
}

Edits = tests_of(EDITS)


if __name__ == "__main__":
    unittest.main()
