"""Registries that take nothing twice: a definition, or a statement, that is executed again comes in the place of what it had registered."""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

APP = """class App:
    def __init__(self): self.views, self.names = {}, set()
    def add(self, path, view):
        if path in self.views: raise ValueError(path)
        self.views[path] = view
    def view(self, path):
        def take(f):
            if path in self.views or f.__name__ in self.names: raise ValueError(path)
            self.names.add(f.__name__)
            self.views[path] = f
            return f
        return take
"""
KEEPS = APP.replace("        self.views[path] = view\n", "        self.views[path] = view\n        self.seen[path.upper() + view.__name__] = 1\n").replace(
    "    def add", "    seen = {}\n    def add"
)
VIEWS = "from app import App\napp = App()\n@app.view('a')\ndef a(): return 1\n@app.view('b')\ndef b(n=2): return n\n"
ADDED = "from app import App\napp = App()\ndef a(): return 1\ndef b(): return 2\napp.add('a', a)\napp.add('b', b)\n"
CLASSES = "ALL = {}\ndef take(cls):\n    if cls.__name__ in ALL: raise ValueError(cls)\n    ALL[cls.__name__] = cls\n    return cls\n"
TAKEN = "from a import take\n@take\nclass C:\n    V = 1\n@take\nclass D: pass\n"
BASE = "class B:\n    all = {}\n    def __init_subclass__(cls, key):\n        if key in B.all: raise ValueError(key)\n        B.all[key] = cls\n"
DERIVED = "from a import B\nclass C(B, key='c'):\n    V = 1\nclass D(B, key='d'): pass\n"
LISTED = "L = []\ndef add(f):\n    if any(each.__name__ == f.__name__ for each in L): raise ValueError(f)\n    L.append(f)\n    return f\n"
BUS = """T = {}
def on(event):
    def add(f):
        there = T.setdefault(event, [])
        if any(each.__name__ == f.__name__ for each in there): raise ValueError(f)
        there.append(f)
        return f
    return add
"""
PLACES = """class Place: pass
T = {}
def on(event):
    def add(f):
        if hasattr(T.setdefault(event, Place()), f.__name__): raise ValueError(f)
        setattr(T[event], f.__name__, f)
        return f
    return add
"""
HEARD = "from a import on\n@on('e')\ndef one(n=1): return n\n@on('e')\ndef two(): return 2\n"
CALLS = "[(name, view()) for name, view in m.app.views.items()]"

KEYED = "T = {}\ndef at(key):\n    def take(f):\n        if key in T: raise ValueError(key)\n        T[key] = f\n        return f\n    return take\n"
THREE = "from a import at\n@at('a')\ndef f(): return 1\n@at('b')\ndef g(): return 2\n@at('c')\ndef h(): return 3\n"
METHODS = "from a import at\nclass C:\n    @at('a')\n    def f(self): return 1\n    @at('b')\n    def g(self): return 2\n"
TABLE = "[(key, f()) for key, f in a.T.items()]"


def swapped(text: str, *keys: str) -> str:
    """With each of the keys in the place of the one before, and the first in that of the last."""
    for number, key in enumerate(keys):
        text = text.replace(f"'{key}'", f"'{number}'")
    for number in range(len(keys)):
        text = text.replace(f"'{number}'", f"'{keys[number - 1]}'")
    return text


EDITS = {
    "keys that are swapped": Edit({"a": KEYED, "m": THREE}, {"m": swapped(THREE, "a", "b")}, held="f = m.f",
        expect=[f"sorted({TABLE}) == [('a', 2), ('b', 1), ('c', 3)]", "a.T['b'] is m.f is f", "not not_applied"]),
    "keys that go round": Edit({"a": KEYED, "m": THREE}, {"m": swapped(THREE, "a", "b", "c")},
        expect=[f"{TABLE} == [('c', 1), ('a', 2), ('b', 3)]", "not not_applied"]),
    "a key that another one had": Edit({"a": KEYED, "m": THREE}, {"m": THREE.replace("'b'", "'d'").replace("'a'", "'b'")},
        expect=[f"sorted({TABLE}) == [('b', 1), ('c', 3), ('d', 2)]", "not not_applied"]),
    "keys of classes that are swapped": Edit({"a": CLASSES.replace("take(cls)", "take_(cls, n)").replace("cls.__name__", "n") + "def at(n): return lambda cls: take_(cls, n)\n",
        "m": "from a import at\n@at('a')\nclass C: V = 1\n@at('b')\nclass D: V = 2\n"}, {"m": "from a import at\n@at('b')\nclass C: V = 1\n@at('a')\nclass D: V = 2\n"},
        expect=["a.ALL == {'b': m.C, 'a': m.D}", "not not_applied"]),
    "keys of methods that are swapped": Edit({"a": KEYED, "m": METHODS}, {"m": swapped(METHODS, "a", "b")},
        expect=["(a.T['b'](0), a.T['a'](0)) == (1, 2)", "not not_applied"]),
    "what calls register that is swapped": Edit({"app": APP, "m": ADDED}, {"m": swapped(ADDED, "a", "b")},
        expect=[f"sorted({CALLS}) == [('a', 2), ('b', 1)]", "not not_applied"]),
    "what calls register that is swapped, and what they leave elsewhere": Edit({"app": KEEPS, "m": ADDED}, {"m": swapped(ADDED, "a", "b")},
        expect=[f"sorted({CALLS}) == [('a', 2), ('b', 1)]", "len(not_applied) == 2"]),
    "what calls register that is swapped, and another key": Edit(
        {"app": APP, "m": f"K = 'c'\n{ADDED}app.add(K, a)\n"}, {"m": f"K = 'd'\n{swapped(ADDED, 'a', 'b')}app.add(K, a)\n"},
        expect=["m.app.views.keys() == {'a', 'b', 'c', 'd'}", "not_applied == ['app.add(K, a)']"]),
    "keys that are swapped, and what fails afterwards": Edit({"a": KEYED, "m": THREE}, {"m": swapped(THREE, "a", "b") + "1 / 0\n"},
        expect=["outcome == 'rolledBack'", f"{TABLE} == [('a', 1), ('b', 2), ('c', 3)]"]),
    "a default of a function": Edit({"app": APP, "m": VIEWS}, {"m": VIEWS.replace("n=2", "n=5")}, expect=[f"{CALLS} == [('a', 1), ('b', 5)]", "not not_applied"]),
    "the parameters of a function": Edit(
        {"app": APP, "m": VIEWS}, {"m": VIEWS.replace("a(): return 1", "a(n=7): return n")}, held="a = m.a",
        expect=[f"{CALLS} == [('a', 7), ('b', 2)]", "m.app.views['a'] is m.a is a", "m.app.names == {'a', 'b'}", "not not_applied"],
    ),
    "what a statement registers": Edit(
        {"app": APP, "m": ADDED}, {"m": ADDED.replace("'a', a", "'a', b")}, expect=[f"{CALLS} == [('a', 2), ('b', 2)]", "not not_applied"]
    ),
    "an attribute of a class": Edit(
        {"a": CLASSES, "m": TAKEN}, {"m": TAKEN.replace("1", "2")}, held="C = m.C",
        expect=["a.ALL == {'C': C, 'D': m.D}", "list(a.ALL) == ['C', 'D']", "(m.C.V, m.C is C) == (2, True)", "not not_applied"],
    ),
    "the bases of a class": Edit(
        {"a": CLASSES, "m": TAKEN}, {"m": TAKEN.replace("class D:", "class D(C):")}, held="D = m.D",
        expect=["a.ALL == {'C': m.C, 'D': D}", "issubclass(D, m.C)", "not not_applied"],
    ),
    "the bases of a class that its base registers": Edit(
        {"a": BASE, "m": DERIVED}, {"m": DERIVED.replace("class C(B", "class X: pass\nclass C(B, X")}, held="C = m.C",
        expect=["a.B.all == {'c': C, 'd': m.D} and list(a.B.all) == ['c', 'd']", "issubclass(C, m.X)", "not not_applied"],
    ),
    "a function in a list": Edit(
        f"{LISTED}@add\ndef f(n=1): return n\n@add\ndef g(): return 2\n", f"{LISTED}@add\ndef f(n=5): return n\n@add\ndef g(): return 2\n",
        expect=["[each() for each in m.L] == [5, 2]", "m.L[0] is m.f", "not not_applied"],
    ),
    "a function among others in a list of a table": Edit(
        {"a": BUS, "m": HEARD}, {"m": HEARD.replace("n=1", "n=5")}, expect=["[each() for each in a.T['e']] == [5, 2]", "not not_applied"]
    ),
    "a function among others in an object of a table": Edit(
        {"a": PLACES, "m": HEARD}, {"m": HEARD.replace("n=1", "n=5")}, expect=["outcome == 'rolledBack'", "(a.T['e'].one(), a.T['e'].two()) == (1, 2)"]
    ),
    "what is refused for another reason is refused": Edit(
        {"app": APP, "m": VIEWS}, {"m": VIEWS.replace("'a'", "'b'").replace("n=2", "n=5")}, held="before = dict(m.app.views)",
        expect=["outcome == 'rolledBack'", "list(m.app.views.items()) == list(before.items())", "m.app.names == {'a', 'b'}"],
    ),
    "what fails afterwards leaves all as it was": Edit(
        {"app": APP, "m": VIEWS}, {"m": VIEWS.replace("a(): return 1", "a(n=7): return n") + "1 / 0\n"}, held="before = dict(m.app.views)",
        expect=["outcome == 'rolledBack'", "list(m.app.views.items()) == list(before.items())", "m.app.names == {'a', 'b'}", f"{CALLS} == [('a', 1), ('b', 2)]"],
    ),
    "a new one that is refused": Edit(
        {"app": APP, "m": VIEWS}, {"m": VIEWS + "@app.view('a')\ndef c(): return 3\n"}, expect=["outcome == 'rolledBack'", f"{CALLS} == [('a', 1), ('b', 2)]"]
    ),
    "a statement that numbers what it makes": Edit(
        "import itertools\nn = itertools.count()\nclass J:\n    def __init__(self): self.n = next(n)\nL = [J(), J()]\n",
        "import itertools\nn = itertools.count()\nclass J:\n    def __init__(self): self.n = next(n)\nL = [J(), J(), J()]\n",
        expect=["not_applied == ['L']"],
    ),
    "a statement that numbers what it makes, and the numbers begin anew": Edit(
        "import itertools\nn = itertools.count()\nL = [next(n), next(n)]\n", "import itertools\nn = itertools.count(5)\nL = [next(n), next(n), 0]\n",
        expect=["m.L == [5, 6, 0]", "not not_applied"],
    ),
    "functions in a table, called by a lambda": Edit(
        "import functools\ndef f(v): return v + 1\nT = [f]\ndef run(v): return functools.reduce(lambda each, do: do(each), T, v)\nX = run(1)\n",
        "import functools\ndef f(v): return v + 5\nT = [f]\ndef run(v): return functools.reduce(lambda each, do: do(each), T, v)\nX = run(1)\n",
        expect=["m.X == 6", "not not_applied"],
    ),
    "functions in a table, with some of what they take": Edit(
        "import functools\ndef f(v, by): return v + by\nT = [functools.partial(f, by=1)]\ndef run(v): return [do(v) for do in T]\nX = run(1)[0]\n",
        "import functools\ndef f(v, by): return v - by\nT = [functools.partial(f, by=1)]\ndef run(v): return [do(v) for do in T]\nX = run(1)[0]\n",
        expect=["m.X == 0", "not not_applied"],
    ),
}

Edits = tests_of(EDITS)


if __name__ == "__main__":
    unittest.main()
