"""Edits of what a decorator gives back: what it made before gets them, and no decorator runs again, which may not be possible
any more (a web framework that takes no more routes) or happen twice (one that registers).
"""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

# A registry that is closed once the program runs, as Flask's application is after its first request.
APP = """
closed = False
ROUTES = []
def route(path):
    def add(f):
        if closed: raise AssertionError('too late')
        ROUTES.append((path, f))
        return f
    return add
"""

SHOUTED = "import functools\ndef shouted(f):\n    @functools.wraps(f)\n    def inner(): return f() + '!'\n    return inner\n"

WRAPPED = """import functools
def quiet(f):
    @functools.wraps(f)
    def run(*given): return f(*given)
    return run
def f(): return 1
{}
g = quiet(f)
h = quiet(g)
X = getattr(h, 'mark', 0)
"""
MARKED = "def mark(value):\n    def give(f):\n        f.mark = value\n        return f\n    return give\n@mark({})\ndef f(): return 1\n"
AROUND = "import functools\nfrom a import f\n@functools.wraps(f)\ndef g(): return f()\n"

PAIRS = "R = {}\ndef route(way, path):\n    def add(f):\n        R[way, path] = f\n        return f\n    return add\n"

EDITS = {
    "a decorator that is gone, and has entered the function under several things at once": Edit(
        f"{PAIRS}@route('GET', '/')\ndef f(): return 1\n", f"{PAIRS}def f(): return 1\n", expect=["list(m.R) == [('GET', '/')]", "not_applied == ['f']"]
    ),
    "an attribute of a function, that wrappers have been given": Edit(
        WRAPPED.format("f.mark = 1"), WRAPPED.format("f.mark = 2"), held="g = m.g",
        expect=["(m.f.mark, m.g.mark, m.h.mark, m.X, g.mark) == (2, 2, 2, 2, 2)", "not not_applied"],
    ),
    "a new attribute of a function, that wrappers would have been given": Edit(
        WRAPPED.format(""), WRAPPED.format("f.mark = 2"), expect=["(m.g.mark, m.h.mark, m.X) == (2, 2, 2)", "not not_applied"]
    ),
    "a new attribute of a function, below its wrappers": Edit(
        WRAPPED.format(""), WRAPPED.format("") + "f.mark = 2\n", expect=["m.f.mark == 2", "not hasattr(m.g, 'mark')", "not not_applied"]
    ),
    "an attribute that a wrapper has of its own": Edit(
        WRAPPED.format("f.mark = 1").replace("h =", "g.mark = 7\nh ="), WRAPPED.format("f.mark = 2").replace("h =", "g.mark = 7\nh ="),
        expect=["(m.f.mark, m.g.mark, m.h.mark, m.X) == (2, 7, 7, 7)"],
    ),
    "an attribute that a decorator gives, and a wrapper in another module has": Edit(
        {"a": MARKED.format(1), "m": AROUND}, {"a": MARKED.format(2)}, expect=["m.g.mark == 2", "not not_applied"]
    ),
    "an attribute of a function that a wrapper in another module has": Edit(
        {"a": "def f(): return 1\nf.mark = 1\n", "m": AROUND}, {"a": "def f(): return 1\nf.mark = 2\n"}, expect=["m.g.mark == 2", "not not_applied"]
    ),
    "what a decorator wraps": Edit(
        {"app": APP, "m": f"import app\n{SHOUTED}@app.route('/')\n@shouted\ndef index(): return 'a'\n"},
        {"m": f"import app\n{SHOUTED.replace('!', '?')}@app.route('/')\n@shouted\ndef index(): return 'a'\n"},
        held="app.closed = True\nold = m.index\n",
        expect=["m.index is old", "m.index() == 'a?'", "len(app.ROUTES) == 1", "app.ROUTES[0][1] is old", "not_applied == []"],
    ),
    "of another module": Edit(
        {"app": APP, "d": SHOUTED, "m": "import app\nfrom d import shouted\n@app.route('/')\n@shouted\ndef index(): return 'a'\n"},
        {"d": SHOUTED.replace("!", "?")},
        held="app.closed = True\n",
        expect=["m.index() == 'a?'", "len(app.ROUTES) == 1"],
    ),
    "called by its module's name": Edit(
        {"app": APP, "d": SHOUTED, "m": "import app, d\n@app.route('/')\n@d.shouted\ndef index(): return 'a'\n"},
        {"d": SHOUTED.replace("!", "?")},
        held="app.closed = True\n",
        expect=["m.index() == 'a?'", "len(app.ROUTES) == 1"],
    ),
    "one with arguments": Edit(
        "L = []\ndef shout(n):\n    def deco(f):\n        L.append(n)\n        def inner(): return f() + n * '!'\n"
        "        return inner\n    return deco\n@shout(2)\ndef g(): return 'a'\n",
        "L = []\ndef shout(n):\n    def deco(f):\n        L.append(n)\n        def inner(): return f() + n * '?'\n"
        "        return inner\n    return deco\n@shout(2)\ndef g(): return 'a'\n",
        expect=["m.g() == 'a??'", "m.L == [2]"],
    ),
    "what was computed with it": Edit(
        "def deco(f):\n    def inner(): return f() + 1\n    return inner\n@deco\ndef g(): return 1\nX = g()\nL = [X]\n",
        "def deco(f):\n    def inner(): return f() + 2\n    return inner\n@deco\ndef g(): return 1\nX = g()\nL = [X]\n",
        expect=["m.g() == 3", "m.X == 3", "m.L == [3]"],
    ),
    "what was computed with it elsewhere": Edit(
        {"d": "def deco(f):\n    def inner(): return f() + 1\n    return inner\n",
         "m": "from d import deco\n@deco\ndef g(): return 1\nX = g()\n", "n": "from m import g\nY = g() * 10\n"},
        {"d": "def deco(f):\n    def inner(): return f() + 2\n    return inner\n"},
        expect=["m.X == 3", "n.Y == 30"],
    ),
    "behind another decorator that keeps results": Edit(
        "import functools\ndef deco(f):\n    def inner(): return f() + 1\n    return inner\n"
        "@functools.lru_cache\n@deco\ndef g(): return 1\nX = g()\n",
        "import functools\ndef deco(f):\n    def inner(): return f() + 2\n    return inner\n"
        "@functools.lru_cache\n@deco\ndef g(): return 1\nX = g()\n",
        expect=["m.g() == 3", "m.X == 3"],
    ),
    "what the decorator itself does": Edit(
        "L = []\ndef deco(f):\n    L.append(1)\n    def inner(): return f() + 1\n    return inner\n@deco\ndef g(): return 1\n",
        "L = []\ndef deco(f):\n    L.append(2)\n    def inner(): return f() + 2\n    return inner\n@deco\ndef g(): return 1\n",
        expect=["m.g() == 3", "m.L[-1] == 2"],
    ),
    "a middle function that does something else": Edit(
        "L = []\ndef shout(n):\n    def deco(f):\n        L.append(n)\n        def inner(): return f() + 1\n"
        "        return inner\n    return deco\n@shout(2)\ndef g(): return 1\n",
        "L = []\ndef shout(n):\n    def deco(f):\n        L.append(n + 5)\n        def inner(): return f() + 2\n"
        "        return inner\n    return deco\n@shout(2)\ndef g(): return 1\n",
        expect=["m.g() == 3", "7 in m.L"],
    ),
    "one that calls what it makes": Edit(
        "def deco(f):\n    def inner(): return f() + 1\n    inner.first = inner()\n    return inner\n@deco\ndef g(): return 1\n",
        "def deco(f):\n    def inner(): return f() + 2\n    inner.first = inner()\n    return inner\n@deco\ndef g(): return 1\n",
        expect=["m.g() == 3", "m.g.first == 3"],
    ),
    "one that gives what it makes away": Edit(
        "def keep(f):\n    keep.last = f()\n    return f\ndef deco(f):\n    def inner(): return f() + 1\n    keep(inner)\n"
        "    return inner\n@deco\ndef g(): return 1\n",
        "def keep(f):\n    keep.last = f()\n    return f\ndef deco(f):\n    def inner(): return f() + 2\n    keep(inner)\n"
        "    return inner\n@deco\ndef g(): return 1\n",
        expect=["m.g() == 3", "m.keep.last == 3"],
    ),
    "a function that makes another, without a decorator": Edit(
        "L = []\ndef adder(n):\n    def add(x): return x + n\n    return add\nadd2 = adder(2)\nX = add2(1)\n",
        "L = []\ndef adder(n):\n    def add(x): return x + n * 10\n    return add\nadd2 = adder(2)\nX = add2(1)\n",
        held="old = m.add2\n",
        expect=["m.add2 is old", "m.add2(1) == 21", "m.X == 21"],
    ),
    "a method that decorates": Edit(
        "class App:\n    def __init__(self): self.all = []\n    def route(self, path):\n        def add(f):\n"
        "            def inner(): return f() + 1\n            self.all.append(inner)\n            return inner\n        return add\n"
        "app = App()\n@app.route('/')\ndef g(): return 1\n",
        "class App:\n    def __init__(self): self.all = []\n    def route(self, path):\n        def add(f):\n"
        "            def inner(): return f() + 2\n            self.all.append(inner)\n            return inner\n        return add\n"
        "app = App()\n@app.route('/')\ndef g(): return 1\n",
        held="app = m.app\n",
        expect=["m.g() == 3", "m.app is app", "app.all[0]() == 3"],
    ),
    "a class inside": Edit(
        "def deco(f):\n    class W:\n        def __call__(self): return f() + 1\n    return W()\n@deco\ndef g(): return 1\nX = g()\n",
        "def deco(f):\n    class W:\n        def __call__(self): return f() + 2\n    return W()\n@deco\ndef g(): return 1\nX = g()\n",
        expect=["m.g() == 3", "m.X == 3"],
    ),
}

Edits = tests_of(EDITS)

if __name__ == "__main__":
    unittest.main()
