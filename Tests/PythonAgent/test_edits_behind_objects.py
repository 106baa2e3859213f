"""A method is edited, and a statement has computed a value by it that does not speak of it: a function of a module that nobody edited has
called it, or a method that the class inherits from there; by its name, by an operator, by a function of the interpreter.
"""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

# Nobody edits this one.
LIBRARY = """\
import functools
class A:
    def run(self): return self.hook()
    def key(self, v): return self.hook() * v
    def hook(self): return 0
    @property
    def p(self): return self.hook()
    def __len__(self): return self.hook()
    def __str__(self): return str(self.hook())
    def __add__(self, other): return self.hook()
    def __iadd__(self, other): return self.hook()
    def __iter__(self): yield self.hook()
    def __enter__(self): return self.hook()
    def __exit__(self, *_): pass
    def __getitem__(self, index): return self.hook()
    def __eq__(self, other): return self.hook() == other
    __hash__ = object.__hash__
    def __contains__(self, other): return self.hook() == other
    def __call__(self): return self.hook()
    def __bool__(self): return self.hook() > 1
    def __neg__(self): return self.hook()
    def __index__(self): return self.hook()
    def __getattr__(self, name):
        if name == 'dynamic': return self.hook()
        raise AttributeError(name)
def call(o): return o.run()
def call_by_name(o): return getattr(o, 'run')()
def call_deeper(o): return Keeper(o).go()
def call_made(cls): return cls().run()
def each(os): return sum(o.run() for o in os)
def mapped(os): return sum(map(A.run, os))
def length(o): return len(o)
def added(o): return o + 1
def shown(o): return f'{o}'
def entered(o):
    with o as x: return x
def defer(f): return f()
class Keeper:
    def __init__(self, o): self.o = o
    def go(self): return self.o.run()
class Lazy:
    @functools.cached_property
    def v(self): return self.hook()
@functools.lru_cache
def remembered(o): return o.run()
class Told:
    def of_all(): return sum(each().run() for each in Told.__subclasses__())
TABLE = []
def enter(o): TABLE.append(o)
def run_all(): return sum(o.run() for o in TABLE)
class Computed:
    def __init__(self, o): self.v = o.run()
"""

DERIVED = "class D(A):\n    def hook(self): return {}\n"  # what is edited
PLAIN = "class D:\n    def run(self): return {}\n    def m(self): return 1\n"

# What X is afterwards, where that is not 2.
OF_PLAIN = {
    "by a function": "X = call(D())",
    "by a function, of an object": "o = D()\nX = call(o)",
    "by a function, of a list": "L = [D()]\nX = each(L)",
    "by a function that makes another object": "X = call_deeper(D())",
    "by a function that makes the object": "X = call_made(D)",
    "by an object that keeps it": "w = Keeper(D())\nX = w.go()",
    "by what a constructor keeps": "X = Computed(D()).v",
    "by a function, in a function": "def h(): return call(D())\nX = h()",
    "by a function, in functions that pass it on": "def h(o): return call(o)\ndef k(o): return h(o)\nX = k(D())",
    "by a function, in a method": "class K:\n    def m(self): return call(D())\nX = K().m()",
    "by a function, in the body of a class": "class K:\n    V = call(D())\nX = K.V",
    "by a function, in a default": "def h(x=call(D())): return x\nX = h()",
    "by a function, in a comprehension": "X = tuple(call(o) for o in (D(), D()))[1]",
    "by a function, in a lambda": "X = defer(lambda: call(D()))",
    "by a function, in a lambda of another one": "import functools\nX = functools.reduce(lambda v, o: v + call(o), [D()], 0)",
    "by a function that is given the method": "X = defer(D().run)",
    "by a function that remembers": "X = remembered(D())",
    "by a function that remembers, of an object": "o = D()\nX = remembered(o)",
    "by a function that finds it in a table": "enter(D())\nX = run_all()",
    "by a function of this module": "def h(o): return o.run()\nX = h(D())",
    "by a function of this module, of an object": "def h(o): return o.run()\no = D()\nX = h(o)",
}

OF_DERIVED = OF_PLAIN | {
    "by a method that was taken": "r = D().run\nX = r()",
    "by a method that was taken of an object": "o = D()\nr = o.run\nX = r()",
    "by a method of the base": "X = A.run(D())",
    "by map": "X = sum(map(A.run, [D()]))",
    "by map over a list": "L = [D()]\nX = sum(map(A.run, L))",
    "by map, of the object's method": "X = sum(map(D().key, [1]))",
    "by a partial": "import functools\nX = functools.partial(A.run, D())()",
    "by a partial that is kept": "import functools\np = functools.partial(D().run)\nX = p()",
    "by a function of that module that maps it": "X = mapped([D()])",
    "by a function of that module, by its name": "X = call_by_name(D())",
    "by a spread": "X = (*D(),)[0]",
    "by unpacking": "X, = D()",
    "by a loop": "for X in D(): pass",
    "by len": "X = len(D())",
    "by len of an object": "o = D()\nX = len(o)",
    "by len, there": "X = length(D())",
    "by str": "X = int(str(D()))",
    "by format": "X = int('{}'.format(D()))",
    "by formatting": "X = int(f'{D()}')",
    "by formatting, there": "X = int(shown(D()))",
    "by formatting an object": "o = D()\nX = int(f'{o}')",
    "by an operator": "X = D() + 1",
    "by an operator, of an object": "o = D()\nX = o + 1",
    "by an operator, there": "X = added(D())",
    "by an operator, of what a function makes": "def make(): return D()\nX = make() + 1",
    "by an operator in place": "X = D()\nX += 1",
    "by an operator with one side": "X = -D()",
    "by an index": "X = [0, 1, 2][D()]",
    "by an item": "X = D()[0]",
    "by a comparison": "X = 2 if D() == 2 else 1",
    "by a look": "X = 2 if 2 in D() else 1",
    "by truth": "X = 2 if D() else 1",
    "by a call": "X = D()()",
    "by with": "with D() as X: pass",
    "by with, there": "o = D()\nX = entered(o)",
    "by a property": "X = D().p",
    "by an attribute that is made up": "X = D().dynamic",
    "by an operator, of a class that is derived from it": "class E(D): pass\nX = E() + 1",
    "by an item of a list": "X = int(str([str(D())])[2])",
}


def _edits(library: str, forms: dict[str, str], base: str) -> dict[str, Edit]:
    found = {}
    for form, text in forms.items():
        start = "from u import *\n"
        for others, more in (("", ""), (", and a statement", "Z = 1\n")):
            found[f"{form}{others}"] = Edit(
                {"u": library, "m": f"{start}{base.format(1)}{text}\n"}, {"m": f"{start}{base.format(2)}{text}\n{more}"},
                expect=["m.X == 2", "not not_applied"],
            )
            found[f"{form}, in another module{others}"] = Edit(
                {"u": library, "m": start + base.format(1), "n": f"from u import *\nfrom m import *\n{text}\n"},
                {"m": start + base.format(2) + more},
                expect=["n.X == 2", "not not_applied"],
            )
    return found


EDITS = {f"a method: {form}": edit for form, edit in _edits(LIBRARY, OF_PLAIN, PLAIN).items()}
EDITS |= {f"an inherited method: {form}": edit for form, edit in _edits(LIBRARY, OF_DERIVED, DERIVED).items()}

# What does not come to it is left alone, and nothing is said.
KEEPS = {
    "that only keeps it": "w = Keeper(D())",
    "that keeps it and counts": "ALL = []\ndef add(o):\n    ALL.append(o)\n    return len(ALL)\nX = add(D())",
    "that has it kept there": "w = Keeper(Keeper(D()))",
    "that calls another method": "ALL = []\nX = ALL.append(D().m()) or len(ALL)",
    "that sets it": "class H: pass\nh = H()\nh.o = D()",
    "that holds a table of it": "T = {'k': D()}\nL = [D().run]",
    "that builds on an object": "w = Keeper(D())\nw.o.v = 1\nL = [w]\nL += [2]",
}
EDITS |= {
    f"a statement {how}": Edit(
        {"u": LIBRARY, "m": f"from u import *\n{PLAIN.format(1)}{text}\n"}, {"m": f"from u import *\n{PLAIN.format(2)}{text}\n"},
        expect=["executed == []", "not not_applied"],
    )
    for how, text in KEEPS.items()
}

EDITS |= {
    "a method that is remembered for an object": Edit(
        {"u": LIBRARY, "m": "from u import *\nclass D(Lazy):\n    def hook(self): return 1\no = D()\nX = o.v\n", "n": "from m import o\nX = o.v\n"},
        {"m": "from u import *\nclass D(Lazy):\n    def hook(self): return 2\no = D()\nX = o.v\n"},
        held="o = m.o",
        expect=["m.X == n.X == m.o.v == 2", "m.o is o", "not not_applied"],
    ),
    "a method of a class that is found among the derived ones": Edit(
        {"u": LIBRARY, "m": "from u import *\nclass D(Told):\n    def run(self): return 1\nX = Told.of_all()\n"},
        {"m": "from u import *\nclass D(Told):\n    def run(self): return 2\nX = Told.of_all()\nZ = 1\n"},
        expect=["m.X == 2", "not not_applied"],
    ),
    "what a method reads that a name is bound to": Edit(
        "def f(): return 1\nclass C:\n    K = f()\n    def m(self): return self.K\nb = C().m\nc = C()\n",
        "def f(): return 2\nclass C:\n    K = f()\n    def m(self): return self.K\nb = C().m\nc = C()\n",
        held="b, c = m.b, m.c\n",
        expect=["b() == 2", "m.b is b", "m.c is c", "not not_applied"],
    ),
    "what a method calls that a name is bound to": Edit(
        "def f(): return 1\nclass C:\n    def m(self): return f()\nb = C().m\n",
        "def f(): return 2\nclass C:\n    def m(self): return f()\nb = C().m\n",
        held="b = m.b\n",
        expect=["b() == 2", "m.b is b", "not not_applied"],
    ),
    "what a method reads that a name is bound to, where making the object calls it": Edit(
        "class C:\n    K = 1\n    def __init__(self): self.x = self.m()\n    def m(self): return self.K\nb = C().m\n",
        "class C:\n    K = 2\n    def __init__(self): self.x = self.m()\n    def m(self): return self.K\nb = C().m\n",
        expect=["m.b.__self__.x == 1", "'b' in not_applied"],
    ),
    "what is bound to a name by a property": Edit(
        "class C:\n    K = 1\n    @property\n    def m(self): return self.K\nb = C().m\n",
        "class C:\n    K = 2\n    @property\n    def m(self): return self.K\nb = C().m\n",
        expect=["m.b == 2", "not not_applied"],
    ),
}

Edits = tests_of(EDITS)


if __name__ == "__main__":
    unittest.main()
