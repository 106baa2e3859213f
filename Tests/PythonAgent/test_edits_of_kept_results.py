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
}

Edits = tests_of(EDITS)

if __name__ == "__main__":
    unittest.main()
