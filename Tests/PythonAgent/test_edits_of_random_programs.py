"""Edits that random programs (`fuzz.py`) have found to go wrong, each as small as it can be."""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

DISPATCHED = "import functools\n@functools.singledispatch\ndef d(v=0): return 8\n@d.register\ndef d_(v: int): return 1\n"
PRIVATE = "class C:\n    def __p(self): return 1\n    def m(self): return self.__p()\n"
ENUMERATION = "import enum\nclass E(enum.Enum):\n    A = 1\n"
COUNTS = "def f(d=len({0})): return d\nclass C:\n    K = len({0})\nX = len({0})\n"

EDITS = {
    "a function that another one dispatches to": Edit(
        f"{DISPATCHED}X = d(0)\nclass C:\n    K = d(0)\n",
        f"{DISPATCHED.replace('1', '5')}X = d(0)\nclass C:\n    K = d(0)\n",
        expect=["m.X == 5", "m.C.K == 5", "not not_applied"],
    ),
    "a function that another one dispatches to, used elsewhere": Edit(
        {"m": DISPATCHED, "n": "from m import d\nimport m\nX = d(0)\nclass C:\n    K = m.d(0)\n"},
        {"m": DISPATCHED.replace("1", "5")},
        expect=["n.X == 5", "n.C.K == 5", "not not_applied"],
    ),
    "a method that another one dispatches to": Edit(
        "import functools\nclass C:\n    @functools.singledispatchmethod\n    def d(self, v): return 5\n"
        "    @d.register\n    def _(self, v: int): return 3\nX = C().d(0)\n",
        "import functools\nclass C:\n    @functools.singledispatchmethod\n    def d(self, v): return 5\n"
        "    @d.register\n    def _(self, v: int): return 4\nX = C().d(0)\n",
        expect=["m.X == 4", "not not_applied"],
    ),
    "a dispatch by another class and back": Edit(
        DISPATCHED,
        DISPATCHED.replace("int", "str"),
        DISPATCHED,
        expect=["m.d(0) == 1", "m.d('') == 8", "not not_applied"],
    ),
    "a dispatch by another class, and another body": Edit(
        DISPATCHED,
        DISPATCHED.replace("int", "str"),
        DISPATCHED.replace("int", "str").replace("1", "2"),
        expect=["m.d('') == 2", "m.d(0) == 8", "not not_applied"],
    ),
    "a dispatch by another class, which a statement relies on": Edit(
        {"m": DISPATCHED.replace("int", "str").replace("return 1", "return 4"), "n": "import m\n"},
        {"m": DISPATCHED.replace("return 1", "return 4"), "n": "import m\nif m.d('') != 8: raise ValueError\n"},
        held="m.d(0)\n",
        expect=["outcome == 'applied'", "(m.d(0), m.d('')) == (4, 8)", "not not_applied"],
    ),
    "a dispatch by another class, of a save that fails": Edit(
        DISPATCHED,
        DISPATCHED.replace("int", "str") + "X = d(0), d('')\n1 / 0\n",
        expect=["outcome == 'rolledBack'", "m.d(0) == 1", "m.d('') == 8", "list(m.d.registry) == [object, int]"],
    ),
    "a dispatch by another class, of a save that fails after others have dispatched": Edit(
        {"m": DISPATCHED, "n": "import m\ndef f(): return m.d(0)\nclass C:\n    def f(self): return f()\nX = 1\n"},
        {"m": DISPATCHED.replace("int", "str"), "n": "import m\ndef f(): return m.d(0)\nclass C:\n    def f(self): return f()\nX = C().f() / 0\n"},
        {"m": DISPATCHED.replace("8", "7")},
        held="m.d(0)\n",
        expect=["outcome == 'applied'", "m.d(0) == 1", "n.f() == 1"],
    ),
    "a method dispatched by another class": Edit(
        "import functools\nclass C:\n    @functools.singledispatchmethod\n    def d(self, v): return 5\n"
        "    @d.register\n    def _(self, v: int): return 3\n",
        "import functools\nclass C:\n    @functools.singledispatchmethod\n    def d(self, v): return 5\n"
        "    @d.register\n    def _(self, v: str): return 3\n",
        held="c = m.C()\n",
        expect=["c.d('') == 3", "c.d(0) == 5", "not not_applied"],
    ),
    "one more function to dispatch to, all of one name": Edit(
        DISPATCHED.replace("d_", "_"),
        f"{DISPATCHED.replace('d_', '_')}@d.register\ndef _(v: str): return 2\n",
        expect=["m.d(0) == 1", "m.d('') == 2", "m.d(.5) == 8", "not not_applied"],
    ),
    "a body behind a function of its module, which another module calls by a function of its own": Edit(
        {"m": "def f(): return 1\ndef g(): return f() + 1\n", "n": "import m\ndef h(): return m.g()\nX = h()\n",
         "s": "import m as z\nclass C:\n    def h(self): return z.g()\nX = C().h()\n"},
        {"m": "def f(): return 4\ndef g(): return f() + 1\n"},
        expect=["(n.X, s.X) == (5, 5)", "not not_applied"],
    ),
    "a star import moved above what is deleted again": Edit(
        {"n": "D = {'f': lambda: 2}\n", "m": "A = 1\nfrom n import *\nfrom n import *\nB = 1\nT = D['f']() + 3\nC = T + A\ndel T\n"},
        {"m": "A = 1\nfrom n import *\nT = D['f']() + 3\nC = T + A\ndel T\nfrom n import *\nfrom n import *\nB = 1\n"},
        expect=["m.C == 6", "not hasattr(m, 'T')", "not not_applied"],
    ),
    "a comprehension that did not come to what is bound below it": Edit(
        "N = 0\nX = tuple(v + Z for v in range(N))\nY = [v + Z for v in range(N)]\ndef f(d=[Z for v in range(N)]): return d\n"
        "class C:\n    K = [Z for v in range(N)]\nU = N and Z\nZ = 1\n",
        "N = 2\nX = tuple(v + Z for v in range(N))\nY = [v + Z for v in range(N)]\ndef f(d=[Z for v in range(N)]): return d\n"
        "class C:\n    K = [Z for v in range(N)]\nU = N and Z\nZ = 1\n",
        expect=["outcome == 'applied'", "set(not_applied) == {'X', 'Y', 'f', 'C.K', 'U'}"],
    ),
    "a private method, called at import": Edit(
        f"{PRIVATE}X = C().m()\n",
        f"{PRIVATE.replace('1', '2')}X = C().m()\n",
        expect=["m.X == 2", "not not_applied"],
    ),
    "lambdas of one line with the same code": Edit(
        "F = {'f': lambda: 8, 'g': lambda: 8}\n",
        "F = {'f': lambda: 8, 'g': lambda: 7}\n",
        expect=["m.F['f']() == 8", "m.F['g']() == 7 or not_applied == ['F']"],  # 3.12 gives both one code object
    ),
    "the second of two definitions removed, the first one in its line": Edit(
        "def f(): return 4\ndef f(d=6): return 6 + d\n",
        "# a remark\ndef f(): return 4\n",
        held="f = m.f\n",
        expect=["m.f() == 4", "f() == 4"],
    ),
    "a definition moved below what reads it": Edit(
        "class A:\n    K = 1\nX = A.K\n",
        "X = A.K\nclass A:\n    K = 1\n",
        expect=["m.X == 1", "not_applied == ['X']"],  # the program goes on, and would not start again
    ),
    "a way of a branch that reads a name bound below": Edit(
        "X = 0\nif X: Y = Z\nelse: Y = 1\nZ = 5\n",
        "X = 1\nif X: Y = Z\nelse: Y = 1\nZ = 5\n",
        expect=["m.Y == 5", "not_applied == ['if X: Y = Z']"],  # a restart would end there
    ),
    "a way of an expression that reads a name bound below": Edit(
        "X = 0\nY = Z if X else 1\nZ = 5\n",
        "X = 1\nY = Z if X else 1\nZ = 5\n",
        expect=["m.Y == 5", "not_applied == ['Y']"],
    ),
    "a way of a branch that reads no name bound below": Edit(
        "X = 0\nif X: Y = Z\nelse: Y = X + 1\nZ = 5\n",
        "X = ''\nif X: Y = Z\nelse: Y = X + '1'\nZ = 5\n",
        expect=["m.Y == '1'", "not not_applied"],
    ),
    "a way of a branch that reads what a star import above has brought": Edit(
        {"n": "Z = 4\n", "m": "from n import *\nX = 0\nif X: Y = Z\nelse: Y = 1\nZ = 5\n"},
        {"m": "from n import *\nX = 1\nif X: Y = Z\nelse: Y = 1\nZ = 5\n"},
        expect=["not not_applied"],
    ),
    "a name below the call of a function that reads it": Edit(
        "Y = 1\ndef f(): return Y\nX = f()\n",
        "def f(): return Y\nX = f()\nY = 1\n",
        expect=["m.X == 1", "not_applied == ['X']"],
    ),
    "a value made of a property that reads it": Edit(
        "class A:\n    @property\n    def p(self): return X + 1\nX = 1\n",
        "class A:\n    @property\n    def p(self): return X + 1\nX = A().p\n",
        expect=["m.X == 2", "not_applied == ['X']"],
    ),
    "a definition moved that nothing reads before": Edit(
        "def g(): return X\ndef f(): return g()\nX = 1\nY = f()\n",
        "X = 1\ndef f(): return g()\ndef g(): return X\nY = f()\n",
        expect=["m.Y == 1", "not not_applied", "not executed"],
    ),
    "a star import moved below what it brings": Edit(
        {"n": "class A:\n    K = 1\n", "m": "from n import *\nclass B(A): pass\n"},
        {"m": "class B(A): pass\nfrom n import *\n"},
        expect=["m.B.K == 1", "not_applied == ['B']"],
    ),
    "a star import removed, and a class body that reads what it brought": Edit(
        {"n": "def f(): return 1\n", "m": "from n import *\nclass B:\n    K = f()\n"},
        {"m": "class B:\n    K = f()\n"},
        expect=["outcome == 'rolledBack'", "m.B.K == 1", "m.f() == 1"],
    ),
    "a name bound above a star import that brings the same": Edit(
        {"n": "X = 1\n", "m": "from n import *\n"},
        {"m": "X = 2\nfrom n import *\n"},
        expect=["m.X == 1"],
    ),
    "a function that its decorator calls": Edit(
        "def now(f): return f()\n@now\ndef X(): return 5\nY = X + 1\n",
        "def now(f): return f()\n@now\ndef X(): return 6\nY = X + 1\n",
        expect=["m.X == 6", "m.Y == 7", "not not_applied"],
    ),
    "a function that the decorator of another module calls": Edit(
        {"n": "def now(f): return f()\n", "m": "from n import now\n@now\ndef X(): return 5\n"},
        {"m": "from n import now\n@now\ndef X(): return 6\n"},
        expect=["m.X == 6 or not_applied == ['X']"],
    ),
    "a function registered with an object, which calls it": Edit(
        "class App:\n    def __init__(self): self.all = []\n    def add(self, f):\n        self.all.append(f)\n        return f\n"
        "    def run(self): return sum(f() for f in self.all)\napp = App()\n@app.add\ndef f(): return 1\nX = app.run()\n",
        "class App:\n    def __init__(self): self.all = []\n    def add(self, f):\n        self.all.append(f)\n        return f\n"
        "    def run(self): return sum(f() for f in self.all)\napp = App()\n@app.add\ndef f(): return 2\nX = app.run()\n",
        expect=["m.X == 2", "len(m.app.all) == 1", "not not_applied"],
    ),
    "a value that a cached function reads, in the body of a class": Edit(
        "import functools\nL = [3]\n@functools.cache\ndef f(): return L[0]\nclass C:\n    K = f()\n",
        "import functools\nL = [5]\n@functools.cache\ndef f(): return L[0]\nclass C:\n    K = f()\n",
        expect=["m.C.K == 5", "m.f() == 5", "not not_applied"],
    ),
    "a module imported after what it reads": Edit(
        {"m": "X = 1\ndef f(): return X\n"},
        {"m": "X = 2\ndef f(): return X + 1\nimport n\n", "n": "from m import X, f\nY = X\nZ = f()\n"},
        expect=["m.n.Y == 2", "m.n.Z == 3"],
    ),
    "an operator of what a list holds": Edit(
        "class V:\n    def __add__(self, by): return SCALE + by\nL = [V()]\nSCALE = 1\nX = L[0] + 1\n",
        "class V:\n    def __add__(self, by): return SCALE + by\nL = [V()]\nSCALE = 2\nX = L[0] + 3\n",
        expect=["m.X == 5"],
    ),
    "a descriptor that reads what the save changes": Edit(
        "class D:\n    def __get__(self, instance, owner): return SCALE\nclass C:\n    d = D()\nSCALE = 1\nX = C.d + 1\n",
        "class D:\n    def __get__(self, instance, owner): return SCALE\nclass C:\n    d = D()\nSCALE = 2\nX = C.d + 3\n",
        expect=["m.X == 5"],
    ),
    "a class that is subscripted": Edit(
        "class C:\n    def __class_getitem__(cls, key): return SCALE + key\nSCALE = 1\nX = C[1]\n",
        "class C:\n    def __class_getitem__(cls, key): return SCALE + key\nSCALE = 2\nX = C[3]\n",
        expect=["m.X == 5"],
    ),
    "a value looked up by its name": Edit(
        "S = 1\nX = globals()['S'] + 1\nclass C:\n    K = globals()['S'] + 1\n",
        "S = 2\nX = globals()['S'] + 3\nclass C:\n    K = globals()['S'] + 3\n",
        expect=["m.X == 5", "m.C.K == 5"],
    ),
    "a value looked up in a module that is found by its name": Edit(
        "import importlib\nS = 1\nX = importlib.import_module(__name__).__dict__['S'] + 1\n",
        "import importlib\nS = 2\nX = importlib.import_module(__name__).__dict__['S'] + 3\n",
        expect=["m.X == 5"],
    ),
    "a value that the factory of a field reads, a lambda": Edit(
        "from dataclasses import dataclass, field\nX = 1\ndef make(): return X\n"
        "@dataclass\nclass D:\n    z: int = field(default_factory=lambda: X)\nY = D().z\n",
        "from dataclasses import dataclass, field\nX = 2\ndef make(): return X\n"
        "@dataclass\nclass D:\n    z: int = field(default_factory=lambda: X)\nY = D().z\n",
        expect=["m.Y == 2", "m.D().z == 2"],
    ),
    "a value that the factory of a field reads, a function": Edit(
        "from dataclasses import dataclass, field\nX = 1\ndef make(): return X\n"
        "@dataclass\nclass D:\n    z: int = field(default_factory=make)\nY = D().z\n",
        "from dataclasses import dataclass, field\nX = 2\ndef make(): return X\n"
        "@dataclass\nclass D:\n    z: int = field(default_factory=make)\nY = D().z\n",
        expect=["m.Y == 2", "m.D().z == 2"],
    ),
    "a star import removed that covered a name": Edit(
        {"n": "X = 1\ndef f(): return 1\n", "m": "X = 2\ndef f(): return 2\nT = []\nfrom n import *\nY = X + 1\n"},
        {"m": "X = 2\ndef f(): return 2\nT = []\nY = X + 1\n"},
        held="T = m.T\n",
        expect=["m.X == 2", "m.f() == 2", "m.Y == 3", "m.T is T", "not not_applied"],
    ),
    "a star import removed that covered another import": Edit(
        {"n": "X = 1\nY = 2\n", "m": "from n import Y as X\nfrom n import *\n"},
        {"m": "from n import Y as X\n"},
        expect=["m.X == 2", "not hasattr(m, 'Y')", "not not_applied"],
    ),
    "a star import removed below which the name is bound": Edit(
        {"n": "X = []\n", "m": "from n import *\nX = []\n"},
        {"m": "X = []\n"},
        held="X = m.X\n",
        expect=["m.X is X", "not executed"],
    ),
    "a star import removed of a class that is made anew": Edit(
        {"n": "import enum\nclass E(enum.Enum):\n    A = 1\n", "m": "from n import *\n"},
        {"n": "import enum\nclass E(enum.IntEnum):\n    A = 1\n", "m": "# nothing\n"},
        expect=["not hasattr(m, 'E')"],
    ),
    "an attribute of a class that becomes a function": Edit(
        "X = 1\nclass C:\n    A = X\n    K = (A,)\nL = [C.A]\n",
        "def X(): return 2\nclass C:\n    A = X\n    K = (A,)\nL = [C.A]\n",
        expect=["m.C.A() == 2", "m.C.K == (m.X,)", "m.L == [m.X]", "not not_applied"],
    ),
    "a method that super() calls, behind a star import": Edit(
        {
            "n": "class S:\n    def m(self): return 1\n",
            "m": "from n import *\nclass T(S):\n    def m(self): return 0\n    def o(self): return super().m()\nX = T().o()\n",
        },
        {"n": "class S:\n    def m(self): return 2\n"},
        expect=["m.X == 2", "not not_applied"],
    ),
    "a default made by what calls an earlier definition of the name": Edit(
        "class A:\n    @property\n    def p(self): return f() + 1\ndef f(): return 2\ndef f(d=5): return 2 + d\n",
        "class A:\n    @property\n    def p(self): return f() + 1\ndef f(): return 2\ndef f(d=A().p): return 2 + d\n",
        expect=["m.f() == 5 or not_applied == ['f']"],
    ),
    "a function that another one dispatches to, above what is edited besides": Edit(
        {"s": "D = 4\n", "m": f"from s import D\nclass E:\n    def m(self): return 5\n{DISPATCHED.replace('8', 'E().m()')}", "n": "from m import d\nX = d(.5)\n"},
        {"s": "D = 4\nF = 1\n", "m": f"from s import D\nclass E:\n    def m(self): return 6\n{DISPATCHED.replace('8', 'E().m()')}"},
        expect=["n.X == 6", "not not_applied"],
    ),
    "an enumeration with another member, behind several imports": Edit(
        {"m": ENUMERATION, "n": "from m import E\n", "s": f"from n import *\n{COUNTS.format('E')}"},
        {"m": f"{ENUMERATION}    B = 2\n"},
        expect=["(s.f(), s.C.K, s.X) == (2, 2, 2)", "'n' not in executed", "not not_applied"],
    ),
    "an enumeration with another member, by another name": Edit(
        {"m": f"{ENUMERATION}F = E\n{COUNTS.format('F')}", "n": "from m import F\nG = F\n", "s": f"from n import G\n{COUNTS.format('G')}"},
        {"m": f"{ENUMERATION}    B = 2\nF = E\n{COUNTS.format('F')}"},
        expect=["(m.f(), m.C.K, m.X) == (2, 2, 2)", "(s.f(), s.C.K, s.X) == (2, 2, 2)", "not not_applied"],
    ),
    "an enumeration with another member, as an attribute of a module": Edit(
        {"m": ENUMERATION, "n": "import m\nfrom m import E\n", "s": f"import n\n{COUNTS.format('n.E')}Y = len(n.m.E)\n"},
        {"m": f"{ENUMERATION}    B = 2\n"},
        expect=["(s.f(), s.C.K, s.X, s.Y) == (2, 2, 2, 2)", "not not_applied"],
    ),
    "a branch that calls what reads the name that it binds": Edit(
        "if 4 % 3:\n    X = 4\nelse:\n    X = 1\ndef f(): return X\n",
        "def f(): return X\nif 4 % 3:\n    X = f() + 3\nelse:\n    X = 1\n",
        expect=["not_applied == ['if 4 % 3:']"],
    ),
    "a branch that reads the name that another one binds": Edit(
        "N = 1\nif N:\n    X = 4\nelse:\n    Y = X\n",
        "N = 0\nif N:\n    X = 4\nelse:\n    Y = X\n",
        expect=["not_applied == ['if N:']"],
    ),
    "a name that only one branch binds before it is read": Edit(
        "N = 1\ndef f(): return X\nX = 3\n",
        "N = 1\ndef f(): return X\nif N:\n    X = 3\nwith open(__file__) as F:\n    Y = f()\n    if not N:\n        Z = 1\n    W = Z if not N else F\n",
        expect=["not_applied == ['with open(__file__) as F:']"],
    ),
    "names that branches bind before they are read": Edit(
        "import io\ndef f(): return X, Y\n",
        "import io\ndef f(): return X, Y\nfor X in (1, 2):\n    Y = 1\n    F = f()\n"
        "with io.StringIO() as B:\n    C = B\n    D = C\ntry:\n    Z\nexcept NameError as E:\n    Z = str(E)\n"
        "try:\n    G = int('x')\nexcept ValueError:\n    G = 0\nelse:\n    G = 2\nfinally:\n    H = G\n"
        "match 3:\n    case K:\n        L = K\nif K:\n    M = 1\nelif (N := K):\n    M = N\nelse:\n    raise SystemExit\n"
        "while (V := 0):\n    W = V\n",
        expect=["outcome == 'applied'", "m.F == (2, 1)", "not not_applied"],
    ),
    "a loop over what a star import brought and another import covers": Edit(
        {"n": "def X(): return 3\nY = 4\nT = 5\n", "m": "from n import *\nL = 1\nfor V in (1, 2):\n    L += V\nfrom n import Y as X\nZ = [X]\n"},
        {"m": "from n import *\nL = 1\nfor V in (X(), 2):\n    L += V\nfrom n import Y as X\nZ = [X]\n"},
        held="Z = m.Z\n",
        expect=["m.L == 6", "m.X == 4", "m.Z is Z", "not not_applied"],
    ),
    "a value of what one star import brought and another covers": Edit(
        {"n": "X = 3\n", "s": "X = 4\n", "m": "from n import *\nA = 1\nB = X\nfrom s import *\nC = [X]\n"},
        {"m": "from n import *\nA = X\nB = X\nfrom s import *\nC = [X]\n"},
        held="C = m.C\n",
        expect=["(m.A, m.B, m.X) == (3, 3, 4)", "m.C is C", "not not_applied"],
    ),
    "a default of what a star import covers further down": Edit(
        {"s": "X = 4\n", "m": "X = 3\ndef f(d=1): return d\nfrom s import *\nC = [X]\n"},
        {"m": "X = 3\ndef f(d=X): return d\nfrom s import *\nC = [X]\n"},
        held="C = m.C\n",
        expect=["m.f() == 3", "m.X == 4", "m.C is C", "not not_applied"],
    ),
    "a value among star imports of other names": Edit(
        {"n": "X = 3\n", "s": "Y = 4\n", "m": "from n import *\nA = 1\nfrom s import *\n"},
        {"m": "from n import *\nA = X\nfrom s import *\n"},
        held="m.X = 8\n",
        expect=["m.A == 8", "m.X == 8", "not not_applied"],
    ),
    "a new star import of what another edit brings there": Edit(
        {"s": "X = 1\n", "n": "from s import *\n", "m": "A = 1\n"},
        {"s": "X = 1\nY = 3\n", "m": "from n import *\nA = 1\n"},
        expect=["(m.X, m.Y) == (1, 3)", "not not_applied"],
    ),
    "a value between star imports that bring another one of the name": Edit(
        {"n": "X = 3\n", "s": "X = 9\n", "m": "X = 1\nA = X\nfrom n import *\nB = X\nfrom s import *\nC = X\n"},
        {"n": "X = 4\n"},
        {"s": "X = 10\n"},
        {"m": "X = 2\nA = X\nfrom n import *\nB = X + 1\nfrom s import *\nC = X\n"},
        expect=["(m.A, m.B, m.C, m.X) == (2, 5, 10, 10)", "not not_applied"],
    ),
    "a value of what a star import brings and is deleted below": Edit(
        {"n": "X = 3\n", "m": "from n import *\nA = 1\ndel X\n"},
        {"m": "from n import *\nA = X\ndel X\n"},
        expect=["m.A == 3", "not hasattr(m, 'X')", "not not_applied"],
    ),
    "a class body that reads a name which an import covers below": Edit(
        {"n": "T = 5\n", "m": "X = 3\nclass C:\n    K = 1\n    class D:\n        L = 1\n    def m(self, d=1): return d\nfrom n import T as X\nY = [X]\n"},
        {"m": "X = 3\nclass C:\n    K = X\n    class D:\n        L = X\n    def m(self, d=X): return d\nfrom n import T as X\nY = [X]\n"},
        held="C, Y = m.C, m.Y\n",
        expect=["(C.K, C.D.L, C().m(), m.X) == (3, 3, 3, 5)", "m.Y is Y", "not not_applied"],
    ),
    "a class body that reads what a star import brought": Edit(
        {"n": "X = 3\nT = 5\n", "m": "from n import *\nclass C:\n    K = 1\nfrom n import T as X\n"},
        {"m": "from n import *\nclass C:\n    K = X\nfrom n import T as X\n"},
        held="C = m.C\n",
        expect=["(C.K, m.X) == (3, 5)", "m.C is C", "not not_applied"],
    ),
    "an expression that calls what reads the name that it binds": Edit(
        "X = 3\ndef f(): return X\nY = 1\nZ = 1\n",
        "def f(): return X\nY = f() + (X := 3)\nZ = (X := f())\n",
        expect=["not_applied == ['Y', 'Z']"],
    ),
    "an expression that calls what reads a name that it has bound": Edit(
        "def f(): return X\nY = 1\n", "def f(): return X\nY = (X := 3) + f()\n", expect=["m.Y == 6", "not not_applied"]
    ),
    "an enumeration with another member, in containers": Edit(
        {"m": ENUMERATION, "s": "import m\nclass C:\n    E = m.E\nD = {'e': m.E}\nL = [D]\nX = (len(C.E), len(D['e']), len(L[0]['e']))\n"},
        {"m": f"{ENUMERATION}    B = 2\n"},
        held="D, L = s.D, s.L\n",
        expect=["s.X == (2, 2, 2)", "s.D is D and s.L is L", "not not_applied"],
    ),
    "a call of what gets a new value by an import after it was called": Edit(
        {
            "m": "X = 7\n",
            "n": "from m import X\nclass C:\n    def m(self): return X + 1\ni = C()\nclass S:\n    def __init__(self): self.x = i.m()\n",
            "s": "from n import S\n",
        },
        {"m": "X = 3\n", "s": "from n import S\nY = S().x\n"},
        expect=["s.Y == 4", "not not_applied"],
    ),
}

Edits = tests_of(EDITS)


if __name__ == "__main__":
    unittest.main()
