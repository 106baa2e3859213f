"""Results that functions keep by hand: where what gave them changes, they are said to be old. Nothing is said where nothing is kept, or
where it is no result of what changed.
"""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

CACHE = "_cache = {}\ndef g(n): return n + 1\ndef f(n):\n    if n not in _cache: _cache[n] = g(n)\n    return _cache[n]\n"
VALUE = "_v = None\ndef load(): return 1\ndef get():\n    global _v\n    if _v is None: _v = load()\n    return _v\n"
OBJECT = (
    "class C:\n    _v = None\n    def load(self): return 1\n    def get(self):\n        if self._v is None: self._v = self.load()\n"
    "        return self._v\nc = C()\n"
)
ONLY = (
    "class C:\n    _it = None\n    def __new__(cls):\n        if cls._it is None:\n            cls._it = super().__new__(cls)\n"
    "            cls._it.x = 1\n        return cls._it\n    def f(self): return 1\n"
)
BY_META = (
    "class M(type):\n    _its = {}\n    def __call__(cls, *a):\n        if cls not in cls._its:\n            it = super().__call__(*a)\n            it.x = 1\n"
    "            cls._its[cls] = it\n        return cls._its[cls]\nclass C(metaclass=M): pass\n"
)
INIT = "    def __init__(self): self.x = 1\n"
BY_METHOD = f"class C:\n    _it = None\n{INIT}    @classmethod\n    def it(cls):\n        if not cls._it: cls._it = cls()\n        return cls._it\n"
BY_FUNCTION = f"_it = None\nclass C:\n{INIT}def it():\n    global _it\n    if _it is None: _it = C()\n    return _it\n"
MADE = "from collections import defaultdict\ndef f(): return 1\nD = defaultdict(f)\nX = D['a']\n"

WRAPS = "def memo(f):\n    cache = {}\n    def w(*a):\n        if a not in cache: cache[a] = f(*a)\n        return cache[a]\n    return w\n"
GETS = (
    "def memo(f):\n    cache = {}\n    def w(*a):\n        v = cache.get(a)\n        if v is None: v = cache[a] = f(*a)\n        return v\n    return w\n"
)
TRIES = (
    "def memo(f):\n    cache = {}\n    def w(*a):\n        try: return cache[a]\n        except KeyError:\n            r = f(*a)\n"
    "            cache[a] = r\n            return r\n    return w\n"
)
ONCE = "def memo(f):\n    v = None\n    def w(*a):\n        nonlocal v\n        if v is None: v = f(*a)\n        return v\n    return w\n"
CALLABLE = (
    "class memo:\n    def __init__(self, f): self.f, self.cache = f, {}\n    def __call__(self, *a):\n"
    "        if a not in self.cache: self.cache[a] = self.f(*a)\n        return self.cache[a]\n"
)
TIMED = (
    "import time\ndef memo(f):\n    cache = {}\n    def w(*a):\n        if a in cache and time.time() - cache[a][0] < 100: return cache[a][1]\n"
    "        value = f(*a)\n        cache[a] = (time.time(), value)\n        return value\n    return w\n"
)
AWAITS = (
    "import asyncio\ndef memo(f):\n    cache = {}\n    async def w(*a):\n        if a not in cache: cache[a] = await f(*a)\n"
    "        return cache[a]\n    return w\n"
)
ORDERED = (
    "def memo(f):\n    cache, order = {}, []\n    def w(*a):\n        if a not in cache:\n            cache[a] = f(*a)\n            order.append(a)\n"
    "        return cache[a]\n    return w\n"
)
LIMITS = "import time\ndef memo(f):\n    last = {}\n    def w(*a):\n        last[a] = time.time()\n        return f(*a)\n    w.last = last\n    return w\n"
MEASURES = (
    "def memo(f):\n    seen = {}\n    def w(*a):\n        r = f(*a)\n        seen[a] = len(str(r))\n        return r\n"
    "    w.look = lambda: seen\n    return w\n"
)


def wrapped(wrapper: str, body: str = "def f(n): return n + 1\n", held: str = "m.f(3)", expect: tuple[str, ...] = ()) -> Edit:
    """What a wrapper keeps is either dropped, or said."""
    text = wrapper + (body.replace("def f", "@memo\ndef f") if "@" not in body else body)
    return Edit(text, text.replace("n + 1", "n + 2"), held=held, expect=[*(expect or ("not not_applied", "m.f(3) == 5"))])


EDITS = {
    "in a dictionary": Edit(CACHE, CACHE.replace("+ 1", "+ 2"), held="m.f(3)", expect=["'_cache' in not_applied", "m.f(3) == 4", "m.f(4) == 6"]),
    "in a dictionary, nothing": Edit(CACHE, CACHE.replace("+ 1", "+ 2"), expect=["not not_applied", "m.f(3) == 5"]),
    "in a dictionary, of what calls what changed": Edit(
        f"def h(n): return n + 1\n{CACHE.replace('n + 1', 'h(n)')}",
        f"def h(n): return n + 2\n{CACHE.replace('n + 1', 'h(n)')}",
        held="m.f(3)",
        expect=["'_cache' in not_applied"],
    ),
    "in a dictionary, and something else changed": Edit(
        f"{CACHE}def other(): return 1\n", f"{CACHE}def other(): return 2\n", held="m.f(3)", expect=["not not_applied", "m.other() == 2"]
    ),
    "in a dictionary that is made anew": Edit(
        CACHE, CACHE.replace("+ 1", "+ 2").replace("_cache = {}", "_cache = dict()"), held="m.f(3)", expect=["not not_applied", "m.f(3) == 5"]
    ),
    "in a dictionary, of another module": Edit(
        {"b": "def g(n): return n + 1\n", "m": "import b\n_c = {}\ndef f(n):\n    v = _c.get(n)\n    if v is None:\n        v = b.g(n)\n        _c[n] = v\n    return v\n"},
        {"b": "def g(n): return n + 2\n"},
        held="m.f(3)",
        expect=["not_applied == ['_c']"],
    ),
    "in a dictionary, by setdefault": Edit(
        "_c = {}\ndef g(): return 1\ndef f(): return _c.setdefault('k', g())\n",
        "_c = {}\ndef g(): return 2\ndef f(): return _c.setdefault('k', g())\n",
        held="m.f()",
        expect=["'_c' in not_applied"],
    ),
    "in a name": Edit(VALUE, VALUE.replace("return 1", "return 2"), held="m.get()", expect=["'_v' in not_applied"]),
    "in a name, nothing": Edit(VALUE, VALUE.replace("return 1", "return 2"), expect=["not not_applied", "m.get() == 2"]),
    "in an object": Edit(OBJECT, OBJECT.replace("return 1", "return 2"), held="m.c.get()", expect=["not_applied == ['_v']"]),
    "in an object, nothing": Edit(OBJECT, OBJECT.replace("return 1", "return 2"), expect=["not not_applied", "m.c.get() == 2"]),
    "in a dictionary, computed otherwise": Edit(
        "_c = {}\ndef f(n):\n    if n not in _c:\n        x = n\n        x += 1\n        _c[n] = x\n    return _c[n]\n",
        "_c = {}\ndef f(n):\n    if n not in _c:\n        x = n\n        x += 2\n        _c[n] = x\n    return _c[n]\n",
        held="m.f(3)",
        expect=["not_applied == ['_c']"],
    ),
    "in a dictionary, computed as before": Edit(
        "_c = {}\ndef f(n):\n    if n not in _c: _c[n] = n + 1\n    return _c[n]\n",
        "_c = {}\ndef f(n):\n    str(n)\n    if n not in _c: _c[n] = n + 1\n    return _c[n]\n",
        held="m.f(3)",
        expect=["not not_applied", "m.f(3) == 4"],
    ),
    "in a dictionary, with a value that changed": Edit(
        "K = 1\n_c = {}\ndef f(n):\n    if n not in _c: _c[n] = n + K\n    return _c[n]\n",
        "K = 2\n_c = {}\ndef f(n):\n    if n not in _c: _c[n] = n + K\n    return _c[n]\n",
        held="m.f(3)",
        expect=["not_applied == ['_c']"],
    ),
    "in a default": Edit(
        "def g(n): return n + 1\ndef f(n, c={}):\n    if n not in c: c[n] = g(n)\n    return c[n]\n",
        "def g(n): return n + 2\ndef f(n, c={}):\n    if n not in c: c[n] = g(n)\n    return c[n]\n",
        held="m.f(3)",
        expect=["not_applied == ['f(c)']"],
    ),
    "in a dictionary of a class": Edit(
        "class C:\n    _c = {}\n    def f(self, n):\n        if n not in self._c: self._c[n] = n + 1\n        return self._c[n]\nc = C()\n",
        "class C:\n    _c = {}\n    def f(self, n):\n        if n not in self._c: self._c[n] = n + 2\n        return self._c[n]\nc = C()\n",
        held="m.c.f(3)",
        expect=["not_applied == ['_c']"],
    ),
    "by a wrapper": wrapped(WRAPS),
    "by a wrapper that gets": wrapped(GETS),
    "by a wrapper that tries": wrapped(TRIES),
    "by a wrapper, with the time": wrapped(TIMED),
    "by a wrapper, by setdefault": wrapped("def memo(f):\n    c = {}\n    def w(*a): return c.setdefault(a, f(*a))\n    return w\n"),
    "by a wrapper that awaits": wrapped(
        AWAITS, "async def f(n): return n + 1\n".replace("async", "@memo\nasync"), "m.asyncio.run(m.f(3))", ("not not_applied", "m.asyncio.run(m.f(3)) == 5")
    ),
    "by a wrapper, of what is called": wrapped(WRAPS, "def g(n): return n + 1\ndef h(n): return g(n)\ndef f(n): return h(n)\n"),
    "by a wrapper, of a method that is called": wrapped(
        WRAPS, "class A:\n    def g(self, n): return n + 1\na = A()\ndef f(n): return a.g(n)\n"
    ),
    "by a wrapper, of another module": Edit(
        {"b": "K = 1\ndef g(n): return n + 1\n", "t": WRAPS, "m": "import b\nfrom t import memo\n@memo\ndef f(n): return b.g(n) + b.K\n"},
        {"b": "K = 1\ndef g(n): return n + 2\n"},
        {"b": "K = 2\ndef g(n): return n + 2\n"},
        held="m.f(3)",
        expect=["not not_applied", "m.f(3) == 7"],
    ),
    "by a wrapper of a method": wrapped(
        WRAPS, "class C:\n    @memo\n    def f(self, n): return n + 1\nc = C()\n", "m.c.f(3)", ("not not_applied", "m.c.f(3) == 5")
    ),
    "by a wrapper, and something else changed": wrapped(
        WRAPS, "def g(n): return n + 1\ndef f(n): return n\n", expect=("not not_applied", "m.f.__closure__[0].cell_contents == {(3,): 3}")
    ),
    "by a wrapper, once": wrapped(ONCE, expect=("not_applied == ['f']", "m.f(3) == 4")),
    "by a wrapper, nothing": wrapped(ONCE, held="", expect=("not not_applied", "m.f(3) == 5")),
    "by a wrapper that is an object": wrapped(CALLABLE, expect=("not_applied == ['f']", "m.f(3) == 4")),
    "by a wrapper, with something beside it": wrapped(ORDERED, expect=("not_applied == ['f']",)),
    "by a wrapper, things": wrapped(WRAPS, "def f(n): return object(), n + 1\n", expect=("not_applied == ['f']", "m.f(3)[1] == 4")),
    "by a wrapper, when it was called": wrapped(LIMITS, expect=("not not_applied", "m.f(3) == 5", "len(m.f.last) == 1")),
    "by a wrapper, what it measured": wrapped(MEASURES, expect=("not not_applied", "m.f(4) == 6", "m.f.look() == {(3,): 1, (4,): 1}")),
    "a value that is computed of another": Edit(
        "V = 1\n_v = None\ndef get():\n    global _v\n    if not _v: _v = {'a': V}\n    return _v\n",
        "V = 2\n_v = None\ndef get():\n    global _v\n    if not _v: _v = {'a': V}\n    return _v\n",
        held="m.get()",
        expect=["'_v' in not_applied", "m.get() == {'a': 1}"],
    ),
    "a value of an object, said by itself": Edit(
        "class C:\n    _v = None\n    def get(self):\n        if self._v is None: self._v = 1\n        return self._v\nc = C()\n",
        "class C:\n    _v = None\n    def get(self):\n        if self._v is None: self._v = 2\n        return self._v\nc = C()\n",
        held="m.c.get()",
        expect=["not_applied == ['_v']", "m.c.get() == 1"],
    ),
    "the only instance": Edit(ONLY, ONLY.replace("x = 1", "x = 2"), held="m.C()", expect=["not_applied == ['C._it']", "m.C().x == 1"]),
    "the only instance, that nobody has asked for": Edit(ONLY, ONLY.replace("x = 1", "x = 2"), expect=["not not_applied", "m.C().x == 2"]),
    "the only instance, and something else": Edit(
        ONLY, ONLY.replace("f(self): return 1", "f(self): return 2"), held="c = m.C()", expect=["not not_applied", "c.f() == 2"]
    ),
    "the only instance, by a metaclass": Edit(
        BY_META, BY_META.replace("x = 1", "x = 2"), held="m.C()", expect=["not_applied == ['M._its']", "m.C().x == 1"]
    ),
    "the only instance, by a class method": Edit(
        BY_METHOD, BY_METHOD.replace("x = 1", "x = 2"), held="m.C.it()", expect=["not_applied == ['C._it']", "m.C.it().x == 1"]
    ),
    "the only instance, by a function": Edit(
        BY_FUNCTION, BY_FUNCTION.replace("x = 1", "x = 2"), held="m.it()", expect=["not_applied == ['_it']", "m.it().x == 1"]
    ),
    "what a defaultdict has made": Edit(MADE, MADE.replace("1", "2"), expect=["not_applied == ['D']", "m.X == m.D['a'] == 1"]),
    "what a defaultdict has made, by a lambda": Edit(
        MADE.replace("ict(f)", "ict(lambda: V)").replace("D =", "V = 1\nD ="), MADE.replace("ict(f)", "ict(lambda: V)").replace("D =", "V = 2\nD ="),
        expect=["not_applied == ['D']"],
    ),
    "what a defaultdict has made, by another lambda": Edit(
        MADE.replace("ict(f)", "ict(lambda: 5)"), MADE.replace("ict(f)", "ict(lambda: 6)"), expect=["not_applied == ['D']", "m.D['c'] == 6"],
    ),
    "what a defaultdict of a class has made": Edit(
        f"class C:\n    def f(self): pass\n{INIT}{MADE.replace('ict(f)', 'ict(C)')}",
        f"class C:\n    def f(self): pass\n{INIT.replace('1', '2')}{MADE.replace('ict(f)', 'ict(C)')}",
        expect=["'D' in not_applied"],
    ),
    "what a defaultdict of a class has made, and a method": Edit(
        f"class C:\n    def f(self): pass\n{INIT}{MADE.replace('ict(f)', 'ict(C)')}",
        f"class C:\n    def f(self): return 1\n{INIT}{MADE.replace('ict(f)', 'ict(C)')}",
        expect=["not not_applied"],
    ),
    "what a defaultdict has made, nothing": Edit(MADE.replace("X =", "def g(): return"), MADE.replace("X =", "def g(): return").replace("1", "2"), expect=["not not_applied", "m.g() == 2"]),
    "what is only set where nothing is": Edit(
        "def f(): return 1\nT = {}\nX = T.setdefault('a', f())\n", "def f(): return 2\nT = {}\nX = T.setdefault('a', f())\n",
        expect=["not_applied == ['T']", "m.X == 1"],
    ),
    "what is added to a dictionary that was imported": Edit(
        {"k": "T = {}\n", "m": "from k import T\nT |= {'a': 1}\n"}, {"m": "from k import T\nT |= {'b': 1}\n"}, expect=["not_applied == ['T']"]
    ),
    "what is added to a number that was imported": Edit(
        {"k": "T = 1\n", "m": "from k import T\nT += 1\n"}, {"m": "from k import T\nT += 2\n"}, expect=["not not_applied", "m.T == 3"]
    ),
    "a list of what happened": Edit(
        "LOG = []\ndef g(): return 1\ndef f():\n    LOG.append(g())\n    return g()\n",
        "LOG = []\ndef g(): return 2\ndef f():\n    LOG.append(g())\n    return g()\n",
        held="m.f()",
        expect=["not not_applied", "m.f() == 2", "m.LOG == [1, 2]"],
    ),
    "functions that were handed over": Edit(
        "H = {}\ndef on(k, f): H[k] = f\ndef fire(k): return H[k]()\ndef h(): return 1\n",
        "H = {}\ndef on(k, f): H[k] = f\ndef fire(k): return H[k]()\ndef h(): return 2\n",
        held="m.on('x', m.h)",
        expect=["not not_applied", "m.fire('x') == 2"],
    ),
    "a cache of what calls through another module, which is looked at again for what its importer sets": Edit(
        {
            "a": "class B: pass\nV = 1\n",
            "b": "from a import V\ndef f(): return 2\ndef g():\n    yield f()\n",
            "c": "import functools\nimport b\nfrom a import B\nclass T:\n    def m(self): return 1\n"
            "class D(B):\n    K = T().m()\n    def m(self): return b.f()\n@functools.cache\ndef h(): return sum(b.g())\n",
        },
        {"b": "from a import V\ndef f(): return 1\ndef g():\n    yield f()\n"},
        held="c.h()\n",
        expect=["c.h() == 1", "not not_applied"],
    ),
}

Edits = tests_of(EDITS)

if __name__ == "__main__":
    unittest.main()
