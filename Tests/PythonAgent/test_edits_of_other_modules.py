"""What a statement of one module does to another one: `b.V = 2`, `b.TABLE["k"] = f`, `b.add(1)`. Who reads that need not import the module
of the statement.
"""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

ADD = "L = []\ndef add(x): L.append(x)\n"
SET = "V = 0\ndef set_to(v):\n    global V\n    V = v\ndef get(): return V\n"
CONF = "class Conf:\n    def __init__(self): self.d = {}\n    def set(self, k, v): self.d[k] = v\n    def get(self, k): return self.d[k]\nconf = Conf()\n"
COUNT = "N = 0\ndef count(by=1):\n    global N\n    N += by\n"
READ = "import b\nX = b.V + 1\n"

EDITS = {
    "a name that is set": Edit(
        {"b": "V = 1\n", "a": "import b\nb.V = 2\n", "c": READ}, {"a": "import b\nb.V = 3\n"}, expect=["c.X == 4", "not not_applied", "'b' not in executed"]
    ),
    "a name that is set to what changes": Edit(
        {"b": "V = 1\n", "k": "K = 1\n", "a": "import b, k\nb.V = k.K\n", "c": READ}, {"k": "K = 3\n"}, expect=["c.X == 4", "not not_applied"]
    ),
    "a name that is set, imported from there": Edit(
        {"b": "V = 1\n", "a": "import b\nb.V = 2\n", "c": "from b import V\nX = V + 1\n"},
        {"a": "import b\nb.V = 3\n"},
        expect=["c.V == 3", "c.X == 4", "not not_applied"],
    ),
    "a name that is set now": Edit({"b": "V = 1\n", "a": "import b\n", "c": READ}, {"a": "import b\nb.V = 2\n"}, expect=["c.X == 3", "not not_applied"]),
    "a name that is not set any more": Edit(
        {"b": "V = 1\n", "a": "import b\nb.V = 2\n", "c": READ}, {"a": "import b\n"}, expect=["not_applied == ['b.V = 2']"]
    ),
    "one of two names that is not set any more": Edit(
        {"b": "V = 1\n", "a": "import b\nb.V, b.W = 2, 3\n"}, {"a": "import b\nb.V = 2\n"}, expect=["not_applied == ['b.V = 2']"]
    ),
    "a name that two modules set": Edit(
        {"b": "V = 1\n", "a": "import b\nb.V = 2\n", "c": "import b\nb.V = 3\n", "d": READ},
        {"a": "import b\nb.V = 4\n"},
        expect=["b.V == 3", "d.X == 4", "not not_applied"],
    ),
    "a name that two modules set, the second": Edit(
        {"b": "V = 1\n", "a": "import b\nb.V = 2\n", "d": READ, "c": "import b\nb.V = 3\n"},
        {"c": "import b\nb.V = 4\n"},
        expect=["b.V == 4", "d.X == 3", "executed == ['c']", "not not_applied"],
    ),
    "who has read it before": Edit(
        {"b": "V = 1\n", "c": READ, "a": "import b\nb.V = 2\n"}, {"a": "import b\nb.V = 3\n"}, expect=["c.X == 2", "b.V == 3", "executed == ['a']"]
    ),
    "who has read it before in the same module": Edit(
        {"b": "V = 1\n", "c": "import b\nX = b.V\nimport a\nY = b.V\n", "a": "import b\nb.V = 2\n"},
        {"a": "import b\nb.V = 3\n"},
        expect=["(c.X, c.Y) == (1, 3)", "not not_applied"],
    ),
    "who is imported above": Edit(
        {"b": "V = 1\n", "a": "import b\nimport c\nb.V = 2\nimport d\n", "c": READ, "d": READ},
        {"a": "import b\nimport c\nb.V = 3\nimport d\n"},
        expect=["(c.X, d.X) == (2, 4)", "not not_applied"],
    ),
    "who was imported above, and by another one below": Edit(
        {"a": "", "b": "import a\na.V = 8\n", "c": "import a\na.V = 2\n", "d": "import b\n"},
        {"b": "import a\na.V, a.W = 8, 3\n"},
        expect=["(a.V, a.W) == (2, 3)", "not not_applied"],
    ),
    "who imports it below, where somebody else has imported it before": Edit(
        {"b": "V = 1\n", "a": "import b\nb.V = 2\n", "c": READ + "import a\n"},
        {"a": "import b\nb.V = 3\n"},
        expect=["c.X == 4", "not not_applied"],
    ),
    "who imports below what leads to it, where somebody else has imported it before": Edit(
        {"b": "V = 1\n", "a": "import b\nb.V = 2\n", "d": "import a\nW = 1\n", "c": READ + "from d import W\n"},
        {"a": "import b\nb.V = 3\n"},
        expect=["c.X == 4", "not not_applied"],
    ),
    "who imports it below, where a function was the first to import it": Edit(
        {"b": "V = 1\n", "d": "def load(name): __import__(name)\n", "e": "import d\nd.load('a')\n", "a": "import b\nb.V = 2\n", "c": READ + "import a\n"},
        {"a": "import b\nb.V = 3\n"},
        expect=["c.X == 4", "not not_applied"],
    ),
    "who imports it below, where a module was the first to import it by its name": Edit(
        {"b": "V = 1\n", "d": "for each in ('a', 'c'): __import__(each)\n", "a": "import b\nb.V = 2\n", "c": READ + "import a\n"},
        {"a": "import b\nb.V = 3\n"},
        expect=["c.X == 4", "not not_applied"],
    ),
    "who stands above and below an import by a name": Edit(
        {
            "b": "V = 1\n",
            "d": "import b, c\nW = b.V\n__import__('a')\nX = b.V\nimport e\nY = b.V\n",
            "a": "import b\nb.V = 2\n",
            "c": READ,
            "e": READ + "import a\n",
        },
        {"a": "import b\nb.V = 3\n"},
        expect=["(c.X, e.X, d.W, d.X, d.Y) == (2, 4, 1, 3, 3)", "not not_applied"],
    ),
    "who imports it below, and is the first": Edit(
        {"b": "V = 1\n", "c": READ + "import a\n", "a": "import b\nb.V = 2\n"},
        {"a": "import b\nb.V = 3\n"},
        expect=["c.X == 2", "executed == ['a']", "not not_applied"],
    ),
    "who imports it below in a function that it calls, and is the first": Edit(
        {"b": "V = 1\n", "c": READ + "def load(): import a\nload()\nimport a\n", "a": "import b\nb.V = 2\n"},
        {"a": "import b\nb.V = 3\n"},
        expect=["c.X == 2", "executed == ['a']", "not not_applied"],
    ),
    "the module itself, above": Edit(
        {"b": "V = 1\nX = V\n", "a": "import b\nb.V = 2\n"}, {"a": "import b\nb.V = 3\n"}, expect=["b.X == 1", "b.V == 3", "executed == ['a']"]
    ),
    "by setattr": Edit(
        {"b": "V = 1\n", "a": "import b\nsetattr(b, 'V', 2)\n", "c": READ}, {"a": "import b\nsetattr(b, 'V', 3)\n"}, expect=["c.X == 4", "not not_applied"]
    ),
    "by a function": Edit(
        {"b": SET, "a": "import b\nb.set_to(1)\n", "c": "import b\nX = b.V\nY = b.get()\n"},
        {"a": "import b\nb.set_to(2)\n"},
        expect=["(c.X, c.Y) == (2, 2)", "not not_applied"],
    ),
    "by a function of its own": Edit(
        {"b": "V = 1\n", "a": "import b\ndef set_to(v): b.V = v\nset_to(2)\n", "c": READ},
        {"a": "import b\ndef set_to(v): b.V = v\nset_to(3)\n"},
        expect=["c.X == 4", "not not_applied"],
    ),
    "a container": Edit({"b": ADD, "a": "import b\n", "c": "import b\nX = sum(b.L)\n"}, {"a": "import b\nb.add(5)\n"}, expect=["c.X == 5", "not not_applied"]),
    "a container that gets more": Edit(
        {"b": ADD, "a": "import b\nb.add(1)\n", "c": "import b\nX = sum(b.L)\n"}, {"a": "import b\nb.add(5)\n"}, expect=["not_applied == ['b.add(5)']"]
    ),
    "an item": Edit(
        {"b": "D = {}\ndef get(k): return D[k]\n", "a": "import b\nb.D['k'] = 1\n", "c": "import b\nX = b.D['k']\nY = b.get('k')\n"},
        {"a": "import b\nb.D['k'] = 2\n"},
        expect=["(c.X, c.Y) == (2, 2)", "not not_applied"],
    ),
    "a function in a container": Edit(
        {"b": "D = {}\ndef run(k): return D[k]()\n", "a": "import b\ndef f(): return 1\nb.D['k'] = f\n", "c": "import b\nX = b.D['k']()\nY = b.run('k')\n"},
        {"a": "import b\ndef f(): return 2\nb.D['k'] = f\n"},
        expect=["(c.X, c.Y) == (2, 2)", "not not_applied"],
    ),
    "an attribute of a class": Edit(
        {"b": "class C:\n    k = 1\n    def m(self): return self.k\n", "a": "from b import C\nC.k = 2\n", "c": "from b import C\nX = C.k\nY = C().m()\n"},
        {"a": "from b import C\nC.k = 3\n"},
        expect=["(c.X, c.Y) == (3, 3)", "not not_applied"],
    ),
    "an attribute of an object": Edit(
        {"b": "class C: pass\nconf = C()\nconf.x = 0\n", "a": "from b import conf\nconf.x = 2\n", "c": "from b import conf\nX = conf.x\n"},
        {"a": "from b import conf\nconf.x = 3\n"},
        expect=["c.X == 3", "not not_applied"],
    ),
    "a module of the standard library": Edit(
        {"a": "import sys\nsys.of_a_test = 1\n", "c": "import sys\nX = sys.of_a_test\nY = sys.version\n"},
        {"a": "import sys\nsys.of_a_test = 2\n"},
        expect=["c.X == 2", "not not_applied"],
    ),
    "the environment": Edit(
        {"a": "import os\nos.environ['OF_A_TEST'] = '1'\n", "c": "import os\nX = os.environ.get('OF_A_TEST')\nY = os.getenv('OF_A_TEST')\n"},
        {"a": "import os\nos.environ['OF_A_TEST'] = '2'\nos.environ.setdefault('OF_A_TEST', '3')\n"},
        expect=["(c.X, c.Y) == ('2', '2')", "not not_applied"],
    ),
    "its dictionary": Edit(
        {"b": "V = 1\nW = 1\n", "a": "import b\nvars(b)['V'] = 2\nb.__dict__.update(W=2)\n", "c": "import b\nX = b.V, b.W\n"},
        {"a": "import b\nvars(b)['V'] = 3\nb.__dict__.update(W=3)\n"},
        expect=["c.X == (3, 3)", "not not_applied"],
    ),
    "by sys.modules": Edit(
        {"b": "V = 1\n", "a": "import b, sys\nsys.modules['b'].V = 2\n", "c": READ},
        {"a": "import b, sys\nsys.modules['b'].V = 3\n"},
        expect=["c.X == 4", "not not_applied"],
    ),
    "an object by a method": Edit(
        {"b": CONF, "a": "from b import conf\nconf.set('k', 1)\n", "c": "from b import conf\nX = conf.get('k')\n"},
        {"a": "from b import conf\nconf.set('k', 2)\n"},
        expect=["c.X == 2", "not not_applied"],
    ),
    "an object in an object": Edit(
        {"b": "class S: pass\ns = S()\ns.t = S()\ns.t.u = 1\n", "a": "import b\nb.s.t.u = 2\n", "c": "import b\nX = b.s.t.u\n"},
        {"a": "import b\nb.s.t.u = 3\n"},
        expect=["c.X == 3", "not not_applied"],
    ),
    "an object with slots": Edit(
        {"b": "class S:\n    __slots__ = 'x'\ns = S()\ns.x = 1\n", "a": "import b\nb.s.x = 2\n", "c": "import b\nX = b.s.x\n"},
        {"a": "import b\nb.s.x = 3\n"},
        expect=["c.X == 3", "not not_applied"],
    ),
    "a dictionary of a class of its own": Edit(
        {"b": "class Conf(dict): pass\nconf = Conf()\n", "a": "from b import conf\nconf['n'] = 1\n", "c": "from b import conf\nX = conf['n']\n"},
        {"a": "from b import conf\nconf['n'] = 2\n"},
        expect=["c.X == 2", "not not_applied"],
    ),
    "a context variable": Edit(
        {"b": "from contextvars import ContextVar\nV = ContextVar('V')\n", "a": "import b\nb.V.set(1)\n", "c": "import b\nX = b.V.get()\n"},
        {"a": "import b\nb.V.set(2)\n"},
        expect=["c.X == 2", "not not_applied"],
    ),
    "what is local to the thread": Edit(
        {"b": "import threading\nT = threading.local()\n", "a": "import b\nb.T.x = 1\n", "c": "import b\nX = b.T.x\n"},
        {"a": "import b\nb.T.x = 2\n"},
        expect=["c.X == 2", "not not_applied"],
    ),
    "bytes and numbers": Edit(
        {"b": "import array\nA = array.array('i', [0])\nB = bytearray(b'x')\n", "a": "import b\nb.A[0] = 1\nb.B[0] = 1\n", "c": "import b\nX = b.A[0], b.B[0]\n"},
        {"a": "import b\nb.A[0] = 2\nb.B[0] = 2\n"},
        expect=["c.X == (2, 2)", "not not_applied"],
    ),
    "a function put in the place of another one": Edit(
        {"b": "def f(): return 1\n", "a": "import b\ndef g(): return 2\nb.f = g\n", "c": "import b\nX = b.f()\n"},
        {"a": "import b\ndef g(): return 3\nb.f = g\n"},
        expect=["c.X == 3", "not not_applied"],
    ),
    "a function that is registered": Edit(
        {
            "b": "P = {}\ndef plugin(f):\n    P[f.__name__] = f\n    return f\n",
            "a": "import b\n@b.plugin\ndef one(): return 1\n",
            "c": "import b\nX = sum(f() for f in b.P.values())\nY = b.P['one']()\n",
        },
        {"a": "import b\n@b.plugin\ndef one(): return 5\n"},
        expect=["c.X == 5", "c.Y == 5", "not not_applied"],
    ),
    "a function that is registered now": Edit(
        {
            "b": "P = {}\ndef plugin(f):\n    P[f.__name__] = f\n    return f\n",
            "a": "import b\n@b.plugin\ndef one(): return 1\n",
            "c": "import b\nX = sorted(b.P)\n",
        },
        {"a": "import b\n@b.plugin\ndef one(): return 1\n@b.plugin\ndef two(): return 2\n"},
        expect=["c.X == ['one', 'two']", "not not_applied"],
    ),
    "an item under another key": Edit(
        {"b": "D = {}\n", "k": "K = 'x'\n", "a": "import b, k\nb.D[k.K] = 1\n"}, {"k": "K = 'y'\n"}, expect=["not_applied == ['b.D[k.K] = 1']"]
    ),
    "items that are not put there any more": Edit(
        {"b": "D = {}\n", "a": "import b\nb.D.update(x=1, y=2)\n"}, {"a": "import b\nb.D.update(x=1)\n"}, expect=["not_applied == ['b.D.update(x=1)']"]
    ),
    "items that are put there by a loop": Edit(
        {"b": "D = {}\n", "a": "import b\nfor k in 'xy': b.D[k] = 1\n", "c": "import b\nX = sorted(b.D)\n"},
        {"a": "import b\nfor k in 'xyz': b.D[k] = 1\n"},
        expect=["c.X == ['x', 'y', 'z']", "not not_applied"],
    ),
    "what nobody else reads": Edit(
        {"b": "V = 1\nW = 1\n", "a": "import b\nb.V = 2\n", "c": "import b\nL = [b.W]\n"}, {"a": "import b\nb.V = 3\n"}, expect=["executed == ['a']", "not not_applied"]
    ),
    "a name of all modules": Edit(
        {"a": "import builtins\nbuiltins.of_a_test = 1\n", "c": "X = of_a_test\ndef f(): return of_a_test\nY = f()\n", "d": "of_a_test = 5\nX = of_a_test\n"},
        {"a": "import builtins\nbuiltins.of_a_test = 2\n"},
        held="import builtins\n",
        expect=["(c.X, c.Y, d.X) == (2, 2, 5)", "'d' not in executed", "not not_applied", "delattr(builtins, 'of_a_test') is None"],
    ),
    "a function of all modules": Edit(
        {"a": "import builtins\ndef of_a_test(): return 1\nbuiltins.of_a_test = of_a_test\n", "c": "X = of_a_test()\n"},
        {"a": "import builtins\ndef of_a_test(): return 2\nbuiltins.of_a_test = of_a_test\n"},
        held="import builtins\n",
        expect=["c.X == 2", "not not_applied", "delattr(builtins, 'of_a_test') is None"],
    ),
    "a number, once more": Edit(
        {"b": COUNT, "a": "import b\nb.count()\n"}, {"a": "import b\nb.count()\nb.count()\n"}, expect=["b.N == 2", "not not_applied"]
    ),
    "a number, and who reads it between": Edit(
        {"b": COUNT, "a": "import b\nb.count()\nX = b.N\n"}, {"a": "import b\nb.count()\nX = b.N\nb.count()\n"}, expect=["(a.X, b.N) == (1, 2)", "not not_applied"]
    ),
    "a number, by more": Edit(
        {"b": COUNT, "a": "import b\nb.count()\nb.count(2)\n"}, {"a": "import b\nb.count()\nb.count(3)\n"}, expect=["not_applied == ['b.count(3)']"]
    ),
    "a number that is counted": Edit(
        {"b": "N = 0\ndef number():\n    global N\n    N += 1\n    return N\n", "a": "import b\nX = b.number()\n", "c": "import b\nX = b.number()\n"},
        {"a": "import b\nX = b.number() * 10\n"},
        expect=["c.X == 2", "executed == ['a']"],
    ),
}

Edits = tests_of(EDITS)

if __name__ == "__main__":
    unittest.main()
