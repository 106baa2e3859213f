"""Edits of what statements do by other means than binding a name: decorators and base classes that register, functions that
are given to others which call them, `setattr`, `globals()`.
"""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

REGISTER = "ALL = []\ndef register(f):\n    ALL.append({})\n    return f\n"
BY_ITSELF, BY_NAME = REGISTER.format("f"), REGISTER.format("f.__name__")
BASE = "class B:\n    subs = []\n    def __init_subclass__(cls): B.subs.append({})\n"
ROUTES = (
    "class Route:\n    def __init__(self, path, view): self.path, self.view = path, view\n"
    "class App:\n    def __init__(self): self.routes = []\n"
    "    def get(self, path):\n        def decorate(view):\n"
    "            self.routes.append(Route(path, view))\n            return view\n        return decorate\n"
    "app = App()\n"
)
GROUP = {
    "app": (
        "class Group:\n    def __init__(self, at): self.at, self.routes = at, []\n    def get(self, path):\n        def decorate(view):\n"
        "            self.routes.append((self.at + path, view))\n            return view\n        return decorate\n"
        "class App:\n    def __init__(self): self.views = {}\n    def take(self, group): self.views.update(group.routes)\n"
    ),
    "views": "from app import Group\ngroup = Group('')\n@group.get('/a')\ndef a(): return 1\n",
    "n": "from app import App\nimport views\napp = App()\napp.take(views.group)\n",
}
DISPATCH = "import functools\n@functools.singledispatch\ndef f(v): return 0\n"
ON_INT, ON_STR = "@f.register(int)\ndef _(v): return 1\n", "@f.register(str)\ndef _(v): return 2\n"
SETTINGS = {
    "k": "A = 1\ndef f(): return 1\n",
    "lib": (
        "class Config(dict):\n    def __init__(self, *given):\n        for each in given: self.from_object(each)\n"
        "    def from_object(self, given):\n        for name in dir(given):\n            if name.isupper(): self[name] = getattr(given, name)\n"
        "class App:\n    def __init__(self): self.config = Config()\n"
    ),
    "m": "import k, lib\nclass C: B = 1\napp = lib.App()\napp.config.from_object(k)\napp.config.from_object(C)\n",
}
CALL = "def call(f):\n    return f()\n"

MAKER = (
    "R = {{}}\ndef make(n):\n    def register(f):\n{}        R[f.__name__] = f\n        return f\n    return register\n"
    "register = make(1)\n"
)

# What is executed for the first time registers something by functions and classes that it calls, and others have read that.
FILLED = {
    "a function": ("R = []\ndef add(v): R.append(v)\nadd(1)\n", "add(2)\n", "len({}R)", 2),
    "a function that sets a name": ("N = 0\ndef add():\n    global N\n    N += 1\nadd()\n", "add()\n", "{}N", 2),
    "a decorator of classes": ("R = {}\ndef reg(c):\n    R[c.__name__] = c\n    return c\n@reg\nclass A: pass\n", "@reg\nclass B: pass\n", "sorted({}R)", ["A", "B"]),
    "a base": (
        "class B:\n    R = []\n    def __init_subclass__(cls): B.R.append(cls.__name__)\nclass D(B): pass\n", "class E(B): pass\n", "list({}B.R)", ["D", "E"]
    ),
    "a base that keeps the last": (
        "class B:\n    last = ''\n    def __init_subclass__(cls): B.last = cls.__name__\nclass D(B): pass\n", "class E(B): pass\n", "{}B.last", "E"
    ),
    "making an object": ("class B:\n    all = []\n    def __init__(self): B.all.append(self)\nb = B()\n", "c = B()\n", "len({}B.all)", 2),
    "counting objects": ("class B:\n    n = 0\n    def __init__(self): B.n += 1\nb = B()\n", "c = B()\n", "{}B.n", 2),
}

EDITS = {
    f"{how} that is executed": Edit(
        {"m": f"{text}X = {reads.format('')}\ndef f(): return {reads.format('')}\nY = f()\n", "n": f"import m\nZ = {reads.format('m.')}\n"},
        {"m": f"{text}{more}X = {reads.format('')}\ndef f(): return {reads.format('')}\nY = f()\n"},
        expect=[f"m.X == m.Y == n.Z == {value!r}", "not not_applied"],
    )
    for how, (text, more, reads, value) in FILLED.items()
}
EDITS |= {
    "a decorator that registered is removed": Edit(
        {"a": BY_ITSELF, "m": "from a import register\n@register\ndef f(): return 1\n"},
        {"m": "from a import register\ndef f(): return 2\n"},
        expect=["a.ALL[0]() == 2", "not_applied == ['f']"],
    ),
    "a decorator that registered the name is removed": Edit(
        {"a": BY_NAME, "m": "from a import register\n@register\ndef f(): return 1\n"},
        {"m": "from a import register\ndef f(): return 1\n"},
        expect=["a.ALL == ['f']", "not_applied == ['f']"],
    ),
    "a function that registered its name is removed": Edit(
        {"a": BY_NAME, "m": "from a import register\n@register\ndef f(): return 1\n"},
        {"m": "from a import register\n"},
        expect=["a.ALL == ['f']", "not_applied == ['f']"],
    ),
    "a decorator of a class that registered is removed": Edit(
        {"a": BY_NAME, "m": "from a import register\n@register\nclass C: pass\n"},
        {"m": "from a import register\nclass C: pass\n"},
        expect=["not_applied == ['C']"],
    ),
    "a decorator of a method that registered is removed": Edit(
        {"a": BY_NAME, "m": "from a import register\nclass C:\n    @register\n    def f(self): return 1\n"},
        {"m": "from a import register\nclass C:\n    def f(self): return 1\n"},
        expect=["not_applied == ['C.f']"],
    ),
    "a route is removed and its view stays": Edit(
        {"a": ROUTES, "m": "from a import app\n@app.get('/a')\ndef f(): return 1\n"},
        {"m": "from a import app\ndef f(): return 1\n"},
        expect=["not_applied == ['f']"],
    ),
    "another decorator registers under the same key": Edit(
        {
            "a": "ALL = {}\ndef one(f):\n    ALL[f.__name__] = f\n    return f\ndef two(f): return one(f)\n",
            "m": "from a import one, two\n@one\ndef f(): return 1\n",
        },
        {"m": "from a import one, two\n@two\ndef f(): return 1\n"},
        expect=["a.ALL == {'f': m.f}", "not_applied == []"],
    ),
    "one of two decorators is removed": Edit(
        {
            "a": "import functools\nALL = {}\ndef register(f):\n    ALL[f.__name__] = f\n    return f\n"
            "def log(f):\n    @functools.wraps(f)\n    def inner(*given): return f(*given)\n    return inner\n",
            "m": "from a import log, register\n@register\n@log\ndef f(): return 1\n",
        },
        {"m": "from a import log, register\n@register\ndef f(): return 2\n"},
        expect=["a.ALL['f']() == 2", "m.f() == 2", "not_applied == []"],
    ),
    "a decorator that set an attribute is removed": Edit(
        {"a": "def tag(f):\n    f.tagged = True\n    return f\n", "m": "from a import tag\n@tag\ndef f(): return 1\n"},
        {"m": "from a import tag\ndef f(): return 1\n"},
        held="f = m.f\nf.mine = 1\n",
        expect=["not hasattr(f, 'tagged')", "f.mine == 1", "not_applied == []"],
    ),
    "a base that registered is removed": Edit(
        BASE.format("cls") + "class C(B): pass\n", BASE.format("cls") + "class C: pass\n", expect=["not_applied == ['C']"]
    ),
    "a class that a base registered is removed": Edit(
        BASE.format("cls.__name__") + "class C(B): pass\nclass D(B): pass\n",
        BASE.format("cls.__name__") + "class C(B): pass\n",
        expect=["m.B.subs == ['C', 'D']", "not_applied == ['D']"],
    ),
    "a base that registers nothing is removed": Edit(
        "class A: pass\nclass B: pass\nclass C(A, B): pass\n",
        "class A: pass\nclass B: pass\nclass C(B): pass\n",
        expect=["m.C.__mro__ == (m.C, m.B, object)", "not_applied == []"],
    ),
    "a class is registered once when it is made anew": Edit(
        BASE.format("cls.__name__") + "class C(B): pass\n",
        BASE.format("cls.__name__") + "class C(B):\n    x = 1\n",
        expect=["m.C.x == 1", "m.B.subs == ['C']", "not_applied == []"],
    ),
    "a base registers classes in another way": Edit(
        BASE.format("cls.__name__") + "class C(B): pass\n",
        BASE.format("cls.__name__.lower()") + "class C(B): pass\n",
        expect=["'c' in m.B.subs", "'C' in not_applied"],
    ),
    "a metaclass that registers": Edit(
        "class M(type):\n    made = []\n    def __init__(cls, *given):\n        super().__init__(*given)\n"
        "        M.made.append(cls.__name__)\nclass C(metaclass=M): pass\n",
        "class M(type):\n    made = []\n    def __init__(cls, *given):\n        super().__init__(*given)\n"
        "        M.made.append(cls.__name__)\nclass C(metaclass=M):\n    x = 1\n",
        expect=["m.C.x == 1", "m.M.made == ['C']"],
    ),
    "a function is given to one that calls it": Edit(
        {"a": CALL, "m": "from a import call\ndef g(): return 1\nX = call(g)\n"},
        {"m": "from a import call\ndef g(): return 2\nX = call(g)\n"},
        expect=["m.X == 2"],
    ),
    "a function of another module is given to one of a third": Edit(
        {"a": CALL, "b": "def g(): return 1\n", "m": "from a import call\nfrom b import g\nX = call(g)\n"},
        {"b": "def g(): return 2\n"},
        expect=["m.X == 2"],
    ),
    "a function is given to a method that calls it": Edit(
        {
            "a": "class Runner:\n    def run(self, f): return f()\nrunner = Runner()\n",
            "m": "from a import runner\ndef g(): return 1\nX = runner.run(g)\n",
        },
        {"m": "from a import runner\ndef g(): return 2\nX = runner.run(g)\n"},
        expect=["m.X == 2"],
    ),
    "a function is given to one that keeps it": Edit(
        {
            "a": "ALL = []\ndef keep(f):\n    ALL.append(f)\n    return len(ALL)\n",
            "m": "from a import keep\ndef g(): return 1\nX = keep(g)\n",
        },
        {"m": "from a import keep\ndef g(): return 2\nX = keep(g)\n"},
        expect=["a.ALL == [m.g]", "m.X == 1", "m.g() == 2"],
    ),
    "a decorator is called with another argument, which adds an object": Edit(
        "class Route:\n    def __init__(self, path, view): self.path, self.view = path, view\n"
        "class App:\n    def __init__(self): self.router = type('R', (), {})(); self.router.routes = []\n"
        "    def get(self, path):\n        def add(view):\n            self.router.routes.append(Route(path, view))\n"
        "            return view\n        return add\napp = App()\n@app.get('/a')\ndef index(): return 1\n",
        "class Route:\n    def __init__(self, path, view): self.path, self.view = path, view\n"
        "class App:\n    def __init__(self): self.router = type('R', (), {})(); self.router.routes = []\n"
        "    def get(self, path):\n        def add(view):\n            self.router.routes.append(Route(path, view))\n"
        "            return view\n        return add\napp = App()\n@app.get('/b')\ndef index(): return 1\n",
        held="m.app.router.routes.insert(0, m.Route('/0', None)); m.app.router.routes.append(m.Route('/z', None))\n",
        expect=["[r.path for r in m.app.router.routes] == ['/0', '/b', '/z']", "m.app.router.routes[1].view is m.index",
                "not_applied == []"],
    ),
    "a decorator is called with another argument, which is the key": Edit(
        "ROUTES = {}\ndef get(path):\n    def add(view):\n        ROUTES[path] = view\n        return view\n    return add\n"
        "@get('/a')\ndef index(): return 1\n",
        "ROUTES = {}\ndef get(path):\n    def add(view):\n        ROUTES[path] = view\n        return view\n    return add\n"
        "@get('/b')\ndef index(): return 1\n",
        held="m.ROUTES['/x'] = m.index; del m.ROUTES['/x']; m.ROUTES['/z'] = 1\n",
        expect=["list(m.ROUTES) == ['/b', '/z']", "m.ROUTES['/b'] is m.index", "not_applied == []"],
    ),
    "a decorator is called with another argument, which is the key that another module says": Edit(
        {"a": "PATH = '/a'\n", "m": "from a import PATH\nROUTES = {}\ndef get(path):\n    def add(view):\n        ROUTES[path] = view\n"
         "        return view\n    return add\n@get(PATH)\ndef index(): return 1\n"},
        {"a": "PATH = '/b'\n"},
        expect=["list(m.ROUTES) == ['/b']", "not_applied == []"],
    ),
    "a decorator is called with another argument, and somebody else has registered what it made": Edit(
        "ROUTES = {}\ndef get(path):\n    def add(view):\n        ROUTES[path] = view\n        return view\n    return add\n"
        "@get('/a')\ndef index(): return 1\n",
        "ROUTES = {}\ndef get(path):\n    def add(view):\n        ROUTES[path] = view\n        return view\n    return add\n"
        "@get('/b')\ndef index(): return 1\n",
        held="m.ROUTES['/x'] = m.index\n",
        expect=["list(m.ROUTES) == ['/a', '/x', '/b']", "not_applied == ['index']"],
    ),
    "a definition that counts what is registered": Edit(
        "ALL = {}\ndef add(f):\n    ALL[len(ALL)] = f\n    return f\n@add\ndef f(x=1): return x\n",
        "ALL = {}\ndef add(f):\n    ALL[len(ALL)] = f\n    return f\n@add\ndef f(x=2): return x\n",
        expect=["list(m.ALL) == [0, 1]", "'f' in not_applied"],
    ),
    "a definition that is registered under a name of its own": Edit(
        "ALL = {}\ndef add(f):\n    name = f.__name__\n    while name in ALL: name += '_'\n    ALL[name] = f\n    return f\n"
        "@add\ndef f(x=1): return x\n",
        "ALL = {}\ndef add(f):\n    name = f.__name__\n    while name in ALL: name += '_'\n    ALL[name] = f\n    return f\n"
        "@add\ndef f(x=2): return x\n",
        expect=["list(m.ALL) == ['f', 'f_']", "'f' in not_applied"],
    ),
    "a decorator is called with another argument, which is kept with the name": Edit(
        "LIMITS = {}\ndef limit(n):\n    def add(f):\n        LIMITS[f.__name__] = (n, f)\n        return f\n    return add\n"
        "@limit(1)\ndef f(): return 1\n",
        "LIMITS = {}\ndef limit(n):\n    def add(f):\n        LIMITS[f.__name__] = (n, f)\n        return f\n    return add\n"
        "@limit(2)\ndef f(): return 1\n",
        expect=["m.LIMITS['f'][0] == 2", "not_applied == []"],
    ),
    "a decorator is called with another argument, and registers nothing": Edit(
        "def times(n):\n    def deco(f):\n        def inner(): return f() * n\n        return inner\n    return deco\n"
        "@times(2)\ndef f(): return 1\n",
        "def times(n):\n    def deco(f):\n        def inner(): return f() * n\n        return inner\n    return deco\n"
        "@times(3)\ndef f(): return 1\n",
        expect=["m.f() == 3", "not_applied == []"],
    ),
    "one that is registered twice is registered once more elsewhere": Edit(
        "L = []\ndef get(path):\n    def add(view):\n        L.append((path, view))\n        return view\n    return add\n"
        "@get('/a')\ndef index(): return 1\nget('/x')(index)\n",
        "L = []\ndef get(path):\n    def add(view):\n        L.append((path, view))\n        return view\n    return add\n"
        "@get('/b')\ndef index(): return 1\nget('/x')(index)\n",
        expect=["'index' in not_applied"],
    ),
    "both of two routes are changed": Edit(
        "L = []\ndef get(path):\n    def add(view):\n        L.append([path, view])\n        return view\n    return add\n"
        "@get('/a')\n@get('/b')\ndef index(): return 1\n",
        "L = []\ndef get(path):\n    def add(view):\n        L.append([path, view])\n        return view\n    return add\n"
        "@get('/c')\n@get('/d')\ndef index(): return 2\n",
        expect=["[p for p, _ in m.L] == ['/d', '/c']", "[v() for _, v in m.L] == [2, 2]", "not_applied == []"],
    ),
    "a default of what is registered": Edit(
        "class Command:\n    def __init__(self, callback): self.callback = callback\nL = []\n"
        "def command():\n    def add(f):\n        L.append(Command(f))\n        return f\n    return add\n"
        "@command()\ndef land(where='here'): return where\n",
        "class Command:\n    def __init__(self, callback): self.callback = callback\nL = []\n"
        "def command():\n    def add(f):\n        L.append(Command(f))\n        return f\n    return add\n"
        "@command()\ndef land(where='there'): return where\n",
        held="land = m.land\n",
        expect=["[c.callback() for c in m.L] == ['there']", "land() == 'there'", "m.L[0].callback is land", "not_applied == []"],
    ),
    "a decorator that registers is added": Edit(
        "L = []\ndef get(path):\n    def add(view):\n        L.append((path, view))\n        return view\n    return add\n"
        "def index(): return 1\nL.append(('/x', index))\n",
        "L = []\ndef get(path):\n    def add(view):\n        L.append((path, view))\n        return view\n    return add\n"
        "@get('/b')\ndef index(): return 1\nL.append(('/x', index))\n",
        expect=["sorted(p for p, _ in m.L) == ['/b', '/x']"],
    ),
    "a property of what a function is registered with is set, or read": Edit(
        {
            "a": "class App:\n    def __init__(self): self.c = type('C', (), {})()\n    @property\n    def conf(self): return self.c\n"
            "    def task(self, f): return f\n",
            "m": "from a import App\napp = App()\napp.conf.x = 1\nC = app.conf\n@app.task\ndef f(): return 1\n",
        },
        {"m": "from a import App\napp = App()\napp.conf.x = 1\nC = app.conf\n@app.task\ndef f(): return 2\n"},
        expect=["m.f() == 2", "not_applied == []"],
    ),
    "a property that calls what is edited is read": Edit(
        {"m": "def g(): return 1\nclass App:\n    @property\n    def conf(self): return g()\napp = App()\nX = app.conf\n"},
        {"m": "def g(): return 2\nclass App:\n    @property\n    def conf(self): return g()\napp = App()\nX = app.conf\n"},
        expect=["m.X == 2", "not_applied == []"],
    ),
    "a bound method is registered by the way": Edit(
        "class A:\n    seen = []\n    def note(self): pass\na = A()\ndef on(f):\n    A.seen.append(a.note)\n    return f\n"
        "@on\ndef f(x=1): return x\n",
        "class A:\n    seen = []\n    def note(self): pass\na = A()\ndef on(f):\n    A.seen.append(a.note)\n    return f\n"
        "@on\ndef f(x=2): return x\n",
        expect=["m.f() == 2", "m.A.seen == [m.a.note]", "not_applied == []"],
    ),
    "a function is given to one of a library": Edit(
        {"a": "def g(x, y): return x + y\n", "m": "from functools import reduce\nfrom a import g\nX = reduce(g, [1, 2, 3])\n"},
        {"a": "def g(x, y): return x * y + 1\n"},
        expect=["m.X == 10"],
    ),
    "fewer attributes are set in a loop": Edit(
        "class C: pass\nfor name in ['a', 'b']:\n    setattr(C, name, name)\n",
        "class C: pass\nfor name in ['a']:\n    setattr(C, name, name)\n",
        expect=["hasattr(m.C, 'b')", 'not_applied == ["for name in [\'a\']:"]'],
    ),
    "fewer attributes are set in a loop over a list elsewhere": Edit(
        "class C: pass\nNAMES = ['a', 'b']\nfor name in NAMES:\n    setattr(C, name, name)\n",
        "class C: pass\nNAMES = ['a']\nfor name in NAMES:\n    setattr(C, name, name)\n",
        expect=["hasattr(m.C, 'b')", "not_applied == ['for name in NAMES:']"],
    ),
    "more attributes are set in a loop": Edit(
        "class C: pass\nNAMES = ['a']\nfor name in NAMES:\n    setattr(C, name, name)\n",
        "class C: pass\nNAMES = ['a', 'b']\nfor name in NAMES:\n    setattr(C, name, name)\n",
        expect=["m.C.b == 'b'", "not_applied == []"],
    ),
    "fewer names are set in a loop": Edit(
        "for name in ['a', 'b']:\n    globals()[name] = name\n",
        "for name in ['a']:\n    globals()[name] = name\n",
        expect=["m.a == 'a'", "not hasattr(m, 'b')", "not not_applied"],
    ),
    "other names are set at once": Edit(
        "globals().update(A=1, B=2)\n", "globals().update(A=3)\n",
        expect=["m.A == 3", "not hasattr(m, 'B')", "not not_applied"],
    ),
    "a registration that fails, by a function that leads to another one": Edit(
        {"m": MAKER.format(""), "n": "register = None\n"},
        {"m": MAKER.format("        n\n")},
        {"n": "register = None\n@register\ndef g(): return 1\n1 / 0\n"},
        {"n": "register = None\n"},
        held="n.register = m.register\nold = m.register\n",
        expect=["old is not m.register", "n.register is old", "m.R == {}"],
    ),
    "a group of routes that others have taken over, with one more": Edit(
        GROUP, {"views": GROUP["views"] + "@group.get('/b')\ndef b(): return 1\n"},
        expect=["not_applied == ['app.take(views.group)']", "len(views.group.routes) == 2", "list(n.app.views) == ['/a']"],
    ),
    "a group of routes that others have taken over, and hold": Edit(
        {**GROUP, "app": GROUP["app"].replace("self.views.update(group.routes)", "self.views['x'] = group")},
        {"views": GROUP["views"] + "@group.get('/b')\ndef b(): return 1\n"},
        expect=["not not_applied", "len(n.app.views['x'].routes) == 2"],
    ),
    "a group of routes that others have taken over, another body": Edit(
        GROUP, {"views": GROUP["views"].replace("return 1", "return 2")}, expect=["not not_applied", "n.app.views['/a']() == 2"]
    ),
    "a group of routes that others have taken over, at another place": Edit(
        GROUP, {"views": GROUP["views"].replace("Group('')", "Group('/x')")},
        expect=["not_applied == ['app.take(views.group)']", "list(n.app.views) == ['/a', '/x/a']"],
    ),
    "a group of routes, taken over by the module itself": Edit(
        {"app": GROUP["app"], "views": GROUP["views"] + "app = __import__('app').App()\napp.take(group)\n"},
        {"views": GROUP["views"] + "@group.get('/b')\ndef b(): return 1\napp = __import__('app').App()\napp.take(group)\n"},
        expect=["not_applied == ['app.take(group)'] or len(views.app.views) == 2"],
    ),
    "a value of an object that a statement fills deep inside": Edit(
        "import configparser\nC = configparser.ConfigParser()\nC.read_string('[a]\\nx = 1\\n')\nX = C['a']['x']\n",
        "import configparser\nC = configparser.ConfigParser()\nC.read_string('[a]\\nx = 2\\n')\nX = C['a']['x']\n",
        expect=["m.X == '2'", "not not_applied"],
    ),
    "a class that a function dispatches on, removed": Edit(
        DISPATCH + ON_INT, DISPATCH, held="m.f(1)\n", expect=["m.f(1) == 0", "list(m.f.registry) == [object]", "not not_applied"]
    ),
    "a class that a function dispatches on, one of two of the same name": Edit(
        DISPATCH + ON_INT + ON_STR, DISPATCH + ON_STR, held="m.f(1)\n", expect=["(m.f(1), m.f('')) == (0, 2)", "not not_applied"]
    ),
    "a class that a function dispatches on, removed, and what it gave": Edit(
        DISPATCH + ON_INT + "X = f(1)\n", DISPATCH + "X = f(1)\n", expect=["m.X == 0", "not not_applied"]
    ),
    "a class that a function dispatches on, removed in a save that fails": Edit(
        DISPATCH + ON_INT, DISPATCH + "1 / 0\n", held="m.f(1)\n", expect=["outcome == 'rolledBack'", "m.f(1) == 1", "int in m.f.registry"]
    ),
    "a class that a function dispatches on, by another module": Edit(
        {"m": DISPATCH + ON_INT, "n": "from m import f\n" + ON_STR}, {"m": DISPATCH}, expect=["(m.f(1), m.f('')) == (0, 2)"]
    ),
    "an operator": Edit(
        {"k": "class S:\n    def __init__(self): self.after = []\n    def __rshift__(self, other): self.after.append(other)\ns = S()\n", "m": "from k import s\ns >> 1\n"},
        {"m": "from k import s\ns >> 2\n"},
        expect=["k.s.after == [1, 2]", "not_applied"],
    ),
    "a loop over what a function gives": Edit(
        {"k": "def names(): return ['a']\n", "m": "import k\nT = {}\nfor n in k.names(): T[n] = 1\n"}, {"k": "def names(): return ['b']\n"},
        expect=["not_applied == ['for n in k.names(): T[n] = 1'] or m.T == {'b': 1}"],
    ),
    "what a module has, asked by a library": Edit(
        {"k": "def cmd_a(): pass\n", "m": "import k, inspect\nN = [n for n, _ in inspect.getmembers(k, inspect.isfunction)]\n"},
        {"k": "def cmd_a(): pass\ndef cmd_b(): pass\n"},
        expect=["m.N == ['cmd_a', 'cmd_b']", "not not_applied"],
    ),
    "a module by another name": Edit(
        {"k": "V = 1\ndef f(): return 1\n", "m": "import k as a\nb = a\nX = b.V\nY = b.f()\n"}, {"k": "V = 2\ndef f(): return 2\n"},
        expect=["(m.X, m.Y) == (2, 2)", "not not_applied"],
    ),
    "settings that a library has taken out of a module": Edit(
        SETTINGS, {"k": "A = 2\ndef f(): return 1\n"}, expect=["not_applied == ['app.config.from_object(k)']", "m.app.config == {'A': 1, 'B': 1}"]
    ),
    "settings that a library has taken out of a module, and a function there": Edit(
        SETTINGS, {"k": "A = 1\ndef f(): return 2\n"}, expect=["not not_applied"]
    ),
    "settings that a library has taken out of a class": Edit(
        SETTINGS, {"m": SETTINGS["m"].replace("B = 1", "B = 2")}, expect=["not_applied == ['app.config.from_object(C)']"]
    ),
    "settings that an object has taken out of a module": Edit(
        {**SETTINGS, "n": "import k, lib\nC = lib.Config(k)\n"}, {"k": "A = 2\ndef f(): return 1\n"}, expect=["'C' in not_applied"]
    ),
    "a module that is given to what does not look for names": Edit(
        {"k": "A = 1\n", "m": "import k\nL = []\ndef note(m): L.append(m)\nnote(k)\nX = str(type(k))\n"}, {"k": "A = 2\n"}, expect=["not not_applied", "m.L == [k]"]
    ),
}

Edits = tests_of(EDITS)

if __name__ == "__main__":
    unittest.main()
