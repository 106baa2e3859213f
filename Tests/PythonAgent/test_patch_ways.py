"""Values that are computed from a constant in one way or another, beside a freshly started program: the patch policy.

`{0}` stands for the constant; it takes several values one after the other.
"""

from __future__ import annotations

import unittest

from test_patch_dependents import Beside

WAYS: dict[str, dict[str, str]] = {
    "alias": dict(
        a="def f(): return {0}\n",
        b="from a import f as g\nh = g\nV = h()\n",
        c="import b\nW = b.h() + b.V\nX = b.g\nY = X()\n",
    ),
    "dotted": dict(
        p__init="",
        p__q__init="",
        p__q__a="K = {0}\ndef f(): return {0}\n",
        b="import p.q.a as x\nimport p.q.a\nV = x.K + p.q.a.K\nW = p.q.a.f()\n",
        c="from p.q import a as m\nfrom p import q\nV = m.K + q.a.K\n",
    ),
    "inherit": dict(
        a="class Base:\n    x = {0}\n    def m(self): return {0}\n    @classmethod\n    def c(cls): return cls.x\n",
        b="import a\nclass D(a.Base): y = 1\nV = D.x\nW = D().m()\nX = D.c()\nclass E(D):\n    z = D.x\nY = E.z + E().x\n",
    ),
    "outside attr": dict(
        a="K = {0}\n",
        b="class C: pass\n",
        c="import a, b\nb.C.extra = a.K\nV = b.C.extra\n",
    ),
    "through dict": dict(
        a="K = {0}\n",
        b="import a\nT = {{'k': a.K, 'l': [a.K]}}\n",
        c="from b import T\nU = T['k'] + T['l'][0]\ndef f(): return T['k']\n",
    ),
    "readers": dict(
        a="K = {0}\n",
        b="import a\nV = getattr(a, 'K')\nW = vars(a)['K']\nX = a.__dict__['K']\nY = [n for n in dir(a) if n[0] != '_']\n",
    ),
    "globals": dict(
        a="K = {0}\n",
        b="from a import K\nglobals()['X'] = K\nY = eval('K + 1')\nexec('Z = K')\n",
    ),
    "cond def": dict(
        a="K = {0}\n",
        b="import a\nif a.K % 2:\n    def f(): return 'odd'\nelse:\n    def f(): return 'even'\nV = f()\n",
        c="from b import f\nW = f()\n",
    ),
    "deco param": dict(
        a="K = {0}\ndef deco(n):\n    def d(f):\n        def w(): return (f(), n, {0})\n        return w\n    return d\n",
        b="from a import deco, K\n@deco(K)\ndef f(): return 1\nV = f()\n",
    ),
    "default call": dict(
        a="def make(): return {0}\n",
        b="from a import make\ndef f(n=make()): return n\nclass C:\n    def m(self, k=make()): return k\nV = (f(), C().m())\n",
    ),
    "data": dict(
        a="import enum\nK = {0}\nclass E(enum.IntEnum):\n    A = {0}\n    B = 9\n",
        b="from dataclasses import dataclass\nimport a, typing\n@dataclass\nclass D:\n    x: int = a.K\n    e: a.E = a.E.A\nclass N(typing.NamedTuple):\n    x: int = a.K\nV = (D().x, int(D().e), N().x)\n",
    ),
    "partial": dict(
        a="K = {0}\ndef f(n): return n + {0}\n",
        b="import functools, operator, a\nfrom a import f, K\np = functools.partial(f, K)\nV = p()\nq = functools.partial(operator.add, K)\nW = q(1)\nX = '%s {{}}'.format(K) % K\n",
    ),
    "inst": dict(
        a="class S:\n    def __init__(self): self.v = {0}\n    def get(self): return self.v\n",
        b="from a import S\nV = S().get()\nW = S().v + 1\n",
    ),
    "try else": dict(
        a="K = {0}\n",
        b="from a import K\ntry:\n    V = [1, 2, 3][K]\nexcept IndexError as e:\n    V = str(e)\nelse:\n    E = V\nfinally:\n    F = K\n",
    ),
    "swap": dict(
        a="K = {0}\nL = 9\n",
        b="from a import K, L\nK, L = L, K\nV = (K, L)\n",
    ),
    "del rebind": dict(
        a="K = {0}\n",
        b="from a import K\nX = K\nY = X\ndel X\nX = Y + 1\nZ = X\n",
    ),
    "shadow": dict(
        a="K = {0}\nfrom math import pi\n",
        b="from a import *\nV = K\nK = 100\nW = K + V\n",
    ),
    "comprehension cls": dict(
        a="K = {0}\n",
        b="import a\nclass C:\n    items = [a.K * i for i in range(3)]\n    total = sum(items)\n    names = {{f'n{{i}}': i for i in items}}\nV = C.total\n",
    ),
    "property cls": dict(
        a="def helper(): return {0}\n",
        b="from a import helper\nclass C:\n    cache = helper()\n    @property\n    def p(self): return helper() + self.cache\nV = C().p\nW = [C().p, C.cache]\n",
    ),
    "generators": dict(
        a="def gen():\n    yield {0}\n    yield {0} + 1\n",
        b="import a\nV = list(a.gen())\nW = tuple(a.gen())\nX, *Y = a.gen()\n",
    ),
    "ctx": dict(
        a="import contextlib\n@contextlib.contextmanager\ndef c():\n    yield {0}\n",
        b="import a\nwith a.c() as got:\n    V = got\n",
    ),
    "slice": dict(
        a="K = {0}\n",
        b="import a\nL = list(range(10))[a.K:]\nS = 'abcdefghij'[a.K]\nT = (a.K,) * 2 + (1,)\n",
    ),
    "meta": dict(
        a="class M(type):\n    def __new__(c, n, b, d):\n        d['tag'] = {0}\n        return super().__new__(c, n, b, d)\n",
        b="from a import M\nclass C(metaclass=M): pass\nV = C.tag\n",
    ),
    "initsub": dict(
        a="class B:\n    def __init_subclass__(cls): cls.tag = {0}\n",
        b="from a import B\nclass C(B): pass\nV = C.tag\n",
    ),
    "classmethod const": dict(
        a="class Conf:\n    debug = {0}\n    class In:\n        level = {0}\n",
        b="from a import Conf\nV = Conf.debug\nW = Conf.In.level\nI = Conf.In\nX = I.level\nc = Conf()\nY = c.debug\n",
    ),
    "instance attr": dict(
        a="class Conf: pass\nconf = Conf()\nconf.x = {0}\n",
        b="from a import conf\nV = conf.x\ndef f(n=conf.x): return n\n",
    ),
    "simple ns": dict(
        a="import types\nconf = types.SimpleNamespace(x={0}, y=[{0}])\n",
        b="from a import conf\nV = conf.x + conf.y[0]\n",
    ),
    "reexport mod": dict(
        p__init="from . import consts\nfrom .consts import K as KK\n",
        p__consts="K = {0}\n",
        b="from p import consts, KK\nimport p\nV = consts.K + KK + p.consts.K + p.KK\n",
    ),
    "lru": dict(
        a="import functools\nK = {0}\n@functools.lru_cache\ndef f(n): return n * K\n",
        b="from a import f\nV = f(2)\nW = f(3)\n",
    ),
    "walrus while": dict(
        a="K = {0}\n",
        b="from a import K\nn = K\nout = []\nwhile (n := n - 1) >= 0:\n    out = out + [n]\nelse:\n    done = True\n",
    ),
    "star args": dict(
        a="ARGS = (1, {0})\nKW = dict(c={0})\n",
        b="import a\ndef f(*p, **k): return (p, k)\nV = f(*a.ARGS, **a.KW)\nD = {{**a.KW, 'z': [*a.ARGS]}}\n",
    ),
    "str enum key": dict(
        a="NAMES = ['a'] * {0}\n",
        b="from a import NAMES\nT = {{}}\nfor i, n in enumerate(NAMES):\n    T[n + str(i)] = i\nV = len(T)\n",
    ),
    "loop append": dict(
        a="NAMES = ['a'] * {0}\n",
        b="from a import NAMES\nT = []\nfor n in NAMES:\n    T.append(n)\nV = len(T)\n",
    ),
    "dict update": dict(
        a="EXTRA = {{str({0}): {0}}}\n",
        b="from a import EXTRA\nT = {{'z': 1}}\nT.update(EXTRA)\nV = sorted(T)\n",
    ),
    "class attr": dict(
        m="K = {0}\nclass C: pass\nC.extra = K\nV = C.extra\ndef f(n=C.extra): return n\nsetattr(C, 'more', K)\nW = C.more\n",
    ),
    "global": dict(
        m="K = {0}\nG = 0\ndef init():\n    global G\n    G = K\ninit()\nV = G + 1\n",
    ),
    "global2": dict(
        m="G = 0\ndef init():\n    global G\n    G = {0}\ninit()\nV = G + 1\n",
    ),
    "nested dict": dict(
        m="K = {0}\nCONF = {{'a': {{'x': 0}}}}\nCONF['a']['x'] = K\nV = CONF['a']['x']\ndef f(n=CONF['a']['x']): return n\nclass C:\n    y = CONF['a']['x']\n",
    ),
    "dict comp keys": dict(
        m="NAMES = list(range({0}))\nT = {{n: n * 2 for n in NAMES}}\nclass C:\n    for n in NAMES:\n        last = n\nV = T.get(2)\n",
    ),
    "deco removed": dict(
        m="def d(f):\n    f.tag = {0}\n    return f\n@d\ndef f(): return 1\nV = f.tag\n",
    ),
    "func attr": dict(
        m="K = {0}\ndef f(): return f.n\nf.n = K\nV = f()\n",
    ),
    "cond class": dict(
        m="K = {0}\nif K == 2:\n    class C:\n        v = 1\nelse:\n    class C:\n        v = 2\n        w = 3\nV = C.v\n",
    ),
    "type alias": dict(
        m="K = {0}\nimport typing\nT = typing.Literal[K]\ndef f(a: T = K) -> T: return a\n",
    ),
    "all": dict(
        a="X = {0}\nY = 1\n__all__ = ['X'] if {0} % 2 else ['X', 'Y']\n",
        b="from a import *\nV = X\n",
    ),
    "try import chain": dict(
        a="if {0} % 2:\n    fast = {0}\n",
        b="try:\n    from a import fast\nexcept ImportError:\n    fast = None\nV = fast\n",
        c="import b\nW = b.fast\n",
    ),
    "slots": dict(
        m="K = {0}\nclass C:\n    __slots__ = ('a',)\n    def __init__(self): self.a = K\nV = C().a\n",
    ),
    "abc": dict(
        m="import abc\nclass B(abc.ABC):\n    @abc.abstractmethod\n    def m(self): ...\nclass C(B):\n    def m(self): return {0}\nV = C().m()\n",
    ),
    "gen expr": dict(
        m="K = {0}\nV = sum(i * K for i in range(3))\nW = any(i > K for i in (1, 2))\nX = ','.join(str(K) for _ in range(K))\n",
    ),
    "nested func": dict(
        m="K = {0}\ndef outer(n=K):\n    def inner(k=n): return k + K\n    return inner\nf = outer()\nV = f()\n",
    ),
    "class deco": dict(
        m="K = {0}\ndef add(n):\n    def d(c):\n        c.n = n\n        return c\n    return d\n@add(K)\nclass C: pass\nV = C.n\n",
    ),
    "total order": dict(
        m="import functools\n@functools.total_ordering\nclass C:\n    def __init__(self, v={0}): self.v = v\n    def __lt__(self, o): return self.v < o.v\n    def __eq__(self, o): return self.v == o.v\nV = C() <= C(2)\n",
    ),
    "loop def": dict(
        m="K = {0}\nfs = []\nfor i in range(K):\n    def f(n=i): return n\n    fs.append(f)\nV = tuple(g() for g in fs)\n",
    ),
    "nonlocal": dict(
        m="K = {0}\ndef counter():\n    n = K\n    def step():\n        nonlocal n\n        n += 1\n        return n\n    return step\nV = counter()()\n",
    ),
    "aug attr": dict(
        m="K = {0}\nclass C: n = 1\nC.n += K\nV = C.n\n",
    ),
    "aug item": dict(
        m="K = {0}\nD = {{'n': 1}}\nD['n'] += K\nV = D['n']\n",
    ),
    "del item": dict(
        m="K = {0}\nD = {{1: 'a', 2: 'b', 3: 'c'}}\ndel D[K]\nV = sorted(D)\n",
    ),
    "sort": dict(
        m="K = {0}\nL = [3, K, 5]\nL.sort()\nL.reverse()\nV = L[0]\n",
    ),
    "unpack star": dict(
        m="K = {0}\nfirst, *rest = range(K + 2)\n(x, y), z = (K, 2), K\n[p, q] = K, K\n",
    ),
}


class Ways(Beside):
    def test_the_program_is_as_after_a_start_or_the_difference_is_said(self) -> None:
        said = 0
        for number, (way, texts) in enumerate(WAYS.items()):
            with self.subTest(way):
                self._unload()
                self.live.records.clear()
                self.order = [name.replace("__init", "").replace("__", ".") for name in texts]
                self.load(**with_constant(texts, 1))
                for constant in (3, 2, 1):
                    edit = with_constant(texts, constant)
                    self.save(**{name: edit[name] for name in texts if "{0}" in texts[name]})
                    if self.not_applied():
                        said += 1
                        break
                    self.assertEqual(self.probes(), self.fresh(), f"constant {constant}")
        self.assertLess(said, len(WAYS) // 5)


def with_constant(texts: dict[str, str], constant: int) -> dict[str, str]:
    return {name: text.format(constant) for name, text in texts.items()}


if __name__ == "__main__":
    unittest.main()
