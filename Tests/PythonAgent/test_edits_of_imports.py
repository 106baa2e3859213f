"""Edits of what other modules import, of packages and of imports. Each is a small program, what somebody holds of it,
the saved text, and what has to hold afterwards, through the old references too.
"""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

EDITS = {
    "a list of public names that is added to": Edit(
        {"a": "__all__ = []\nX = 1\n__all__.append('X')\nY = 2\n", "m": "from a import *\n"},
        {"a": "__all__ = []\nX = 1\n__all__.append('X')\nY = 2\n__all__.append('Y')\n"},
        expect=["(m.X, m.Y) == (1, 2)", "not_applied == []"],
    ),
    "a list of public names that is added to otherwise": Edit(
        {"a": "__all__ = []\nX = 1\nY = 2\n__all__.append('X')\n", "m": "from a import *\n", "b": "from m import *\n"},
        {"a": "__all__ = []\nX = 1\nY = 2\n__all__.append('Y')\n"},
        expect=["m.Y == b.Y == 2", "not hasattr(m, 'X')", "not hasattr(b, 'X')", "not_applied == []"],
    ),
    "another list of public names, behind two star imports": Edit(
        {"a": "__all__ = ['X']\nX = 1\nY = 2\n", "m": "from a import *\n", "b": "from m import *\n"},
        {"a": "__all__ = ['Y']\nX = 1\nY = 2\n"},
        expect=["m.Y == b.Y == 2", "not hasattr(m, 'X')", "not hasattr(b, 'X')", "not_applied == []"],
    ),
    "a list of public names that a decorator adds to": Edit(
        {"a": "__all__ = []\ndef public(f):\n    __all__.append(f.__name__)\n    return f\n@public\ndef f(): return 1\n", "m": "from a import *\n"},
        {"a": "__all__ = []\ndef public(f):\n    __all__.append(f.__name__)\n    return f\n@public\ndef f(): return 1\n@public\ndef g(): return 2\n"},
        expect=["m.g() == 2", "not_applied == []"],
    ),
    "imports under other names": Edit(
        {
            "a": "X = 1\ndef f(): return 1\nclass C:\n    def v(self): return 1\n",
            "b": "import a as z\nfrom a import X as Y, f as g, C as D\nT=(Y,)\nL=[g]\n",
        },
        {
            "a": "X = 2\ndef f(): return 2\nclass C:\n    def v(self): return 2\n",
        },
        held="b0=b.D()\ng=b.g\n",
        expect=["b.Y == 2", "b.T == (2,)", "g() == 2", "b0.v() == 2", "b.L[0]() == 2", "b.D is a.C"],
    ),
    "names that a package passes on": Edit(
        {
            "p__init": "from .s import X, f as g\nfrom . import s as t\n",
            "p__s": "X = 1\ndef f(): return 1\nclass C:\n    def v(self): return 1\n",
            "b": "from p import X, g\nimport p\nZ = p.X + X\nW = p.t.X\n",
        },
        {
            "p__s": "X = 2\ndef f(): return 2\nclass C:\n    def v(self): return 2\n",
        },
        expect=["p.X == 2", "b.X == 2", "b.Z == 4", "b.g() == 2", "b.W == 2"],
    ),
    "names that a package passes on from deep inside": Edit(
        {
            "p__init": "from .q import *\n",
            "p__q__init": "from .s import X\nfrom .s import f\n",
            "p__q__s": "X = 1\ndef f(): return 1\nclass C:\n    def v(self): return 1\n",
            "b": "from p import X\nimport p.q.s as d\nV = d.X\n",
        },
        {
            "p__q__s": "X = 2\ndef f(): return 2\nclass C:\n    def v(self): return 2\n",
        },
        expect=["p.X == 2", "b.X == 2", "b.V == 2", "p.q.X == 2", "p.f() == 2"],
    ),
    "relative imports": Edit(
        {
            "p__init": "",
            "p__a": "X = 1\ndef f(): return 1\nclass C:\n    def v(self): return 1\n",
            "p__q__init": "",
            "p__q__b": "from ..a import X\nfrom .. import a\nfrom . import c\nY = X + a.X + c.K\n",
            "p__q__c": "K = 0\n",
        },
        {
            "p__a": "X = 2\ndef f(): return 2\nclass C:\n    def v(self): return 2\n",
        },
        held="import sys\nb=sys.modules['p.q.b']\n",
        expect=["b.Y == 4"],
    ),
    "a chain of star imports": Edit(
        {
            "a": "X=1\nG=1\n",
            "b": "from a import *\n",
            "c": "from b import *\nZ=X\n",
        },
        {
            "a": "X=2\nN=3\n",
        },
        expect=["c.X == 2", "c.Z == 2", "c.N == 3", "not hasattr(c,'G')"],
    ),
    "a star import that hides a name": Edit(
        {
            "a": "X=1\n",
            "b": "X=0\nfrom a import *\nY=X\n",
        },
        {
            "a": "X=2\n",
        },
        expect=["(b.X,b.Y) == (2,2)"],
    ),
    "a star import ceases to hide a name": Edit(
        {
            "a": "X=1\n",
            "b": "X=0\nfrom a import *\nY=X\n",
        },
        {
            "a": "Z=2\n",
        },
        expect=["(b.X,b.Y) == (0,0)"],
    ),
    "of two star imports the second loses a name": Edit(
        {
            "a": "X=1\n",
            "a2": "X=10\n",
            "b": "from a import *\nfrom a2 import *\nY=X\n",
        },
        {
            "a2": "W=1\n",
        },
        expect=["(b.X,b.Y) == (1,1)"],
    ),
    "a list of exported names that is built up": Edit(
        {
            "a": "__all__=['X']\nX=1\nY=2\n__all__ += ['Y']\n",
            "b": "from a import *\n",
        },
        {
            "a": "__all__=['X']\nX=1\nY=2\nZ=3\n__all__ += ['Z']\n",
        },
        expect=["b.Z == 3", "not hasattr(b,'Y')"],
    ),
    "private names and a star import": Edit(
        {
            "a": "_p=1\nX=1\n",
            "b": "from a import *\n",
        },
        {
            "a": "_p=2\nX=2\n",
        },
        expect=["b.X == 2", "not hasattr(b,'_p')"],
    ),
    "two files with a new import": Edit(
        {
            "a": "X=1\n",
            "b": "Y=1\n",
        },
        {
            "a": "X=2\nNEW=5\n",
            "b": "from a import NEW\nY=NEW\n",
        },
        expect=["b.Y == 5"],
    ),
    "two files with a new import the other way": Edit(
        {
            "a": "X=1\n",
            "b": "Y=1\n",
        },
        {
            "a": "from b import NEW\nX=NEW\n",
            "b": "NEW=5\nY=1\n",
        },
        expect=["a.X == 5"],
    ),
    "a function moves to another module": Edit(
        {
            "a": "def f(): return 1\n",
            "b": "from a import f\n",
            "c": "X=1\n",
        },
        {
            "a": "",
            "c": "X=1\ndef f(): return 2\n",
            "b": "from c import f\n",
        },
        held="old=b.f\n",
        expect=["b.f() == 2", "not hasattr(a,'f')"],
    ),
    "a class moves and is passed on": Edit(
        {
            "a": "class C:\n    def v(self): return 1\n",
            "b": "from a import C\n",
            "c": "X=1\n",
        },
        {
            "c": "X=1\nclass C:\n    def v(self): return 2\n",
            "a": "from c import C\n",
        },
        expect=["b.C().v() == 2", "b.C is a.C"],
    ),
    "a cycle of three modules": Edit(
        {
            "a": "import b\nX=1\ndef f(): return b.Y\n",
            "b": "import c\nY=1\n",
            "c": "import a\ndef g(): return a.X\n",
        },
        {
            "a": "import b\nX=5\ndef f(): return b.Y + X\n",
        },
        expect=["a.f() == 6", "c.g() == 5"],
    ),
    "a cycle of imports of functions": Edit(
        {
            "a": "def f(): return 1\nfrom b import g\nZ = g()\n",
            "b": "from a import f\ndef g(): return f() + 1\n",
        },
        {
            "a": "def f(): return 10\nfrom b import g\nZ = g()\n",
        },
        expect=["a.Z == 11"],
    ),
    "an import inside a function": Edit(
        {
            "a": "X=1\n",
            "b": "def use():\n    import a\n    return a.X\nY = use()\n",
        },
        {
            "a": "X=2\n",
        },
        expect=["b.use() == 2", "b.Y == 2"],
    ),
    "a function imported inside a function": Edit(
        {
            "a": "def K(): return 1\n",
            "b": "def use():\n    from a import K\n    return K()\nY = use()\n",
        },
        {
            "a": "def K(): return 2\n",
        },
        expect=["b.Y == 2"],
    ),
    "a namespace package": Edit(
        {
            "n__s": "X = 1\ndef f(): return 1\nclass C:\n    def v(self): return 1\n",
            "b": "from n.s import X\nimport n.s as q\nY=q.X\n",
        },
        {
            "n__s": "X = 2\ndef f(): return 2\nclass C:\n    def v(self): return 2\n",
        },
        expect=["b.X == 2", "b.Y == 2"],
    ),
    "a constant of a package": Edit(
        {
            "p__init": "K=1\n",
            "p__s": "from . import K\nfrom p import K as J\nimport p\nY=K+p.K\n",
        },
        {
            "p__init": "K=2\n",
        },
        held="import sys\ns=sys.modules['p.s']\n",
        expect=["s.Y == 4", "s.J == 2", "p.s is s"],
    ),
    "submodules of a package that is edited": Edit(
        {
            "p__init": "from . import s\nK=1\n",
            "p__s": "X=1\n",
        },
        {
            "p__init": "K=2\n",
        },
        expect=["p.K == 2", "p.s.X == 1"],
    ),
    "a package gains a module": Edit(
        {
            "p__init": "K=1\n",
        },
        {
            "p__init": "from .fresh import *\nfrom . import fresh\nK=fresh.Z\n",
            "p__fresh": "Z=9\n",
        },
        expect=["p.K == 9", "p.Z == 9"],
    ),
    "imports go": Edit(
        "import json as j, os.path\nfrom os import sep as s, path\nX=1\n",
        "X=1\n",
        expect=["not any(hasattr(m,n) for n in ('j','os','s','path'))"],
    ),
    "names that statements bound on the side go": Edit(
        (
            "for i in range(2): pass\nwith open(__file__) as fh: pass\ntry: import json\n"
            "except ImportError as e: pass\nif 1:\n    Q=1\n(w := 3)\nX=1\n"
        ),
        "X=1\n",
        expect=["not any(hasattr(m,n) for n in ('i','fh','json','Q','w'))"],
    ),
    "names that importers still have are reported": Edit(
        {
            "a": "OLD=1\ndef g(): return 1\n",
            "b": "from a import OLD, g as h\nimport a\ndef use(): return a.OLD\n",
        },
        {
            "a": "Z=1\n",
        },
        expect=["not hasattr(a,'OLD')", "len(not_applied) == 2", "b.OLD == 1"],
    ),
    "a name goes and comes back": Edit(
        {
            "a": "OLD=1\n",
            "b": "from a import OLD\n",
        },
        {
            "a": "Z=1\n",
        },
        {
            "a": "OLD=5\n",
        },
        expect=["b.OLD == 5"],
    ),
    "a function and its importers are renamed": Edit(
        {
            "a": "def f(): return 1\n",
            "b": "from a import f\nY=f()\n",
        },
        {
            "a": "def g(): return 2\n",
            "b": "from a import g\nY=g()\n",
        },
        expect=["b.Y == 2", "not hasattr(b,'f')", "not hasattr(a,'f')", "not not_applied"],
    ),
    "an import for type checkers": Edit(
        {
            "a": "X=1\n",
            "b": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from a import X\nY=1\n",
        },
        {
            "a": "X=2\n",
        },
        expect=["not hasattr(b,'X')"],
    ),
    "what a module gives for any name": Edit(
        {
            "a": "def __getattr__(n): return n + '1'\n",
            "b": "from a import foo\nimport a\nY=a.bar\n",
        },
        {
            "a": "def __getattr__(n): return n + '2'\n",
        },
        expect=["a.zip == 'zip2'", "b.foo == 'foo2' or not_applied", "b.Y == 'bar2' or not_applied"],
    ),
}

IN_A_CYCLE = "X = 1\nfrom p.t import *\n", "from p.t import *\nX = 1\n"  # of a package: its module p.t imports it while it begins
EDITS |= {
    "a name that a star import in a cycle does not come to see any more": Edit(
        {"p__init": IN_A_CYCLE[0], "p__t": "from p import *\nY = 1\n"},
        {"p__init": IN_A_CYCLE[1]},
        expect=["not_applied == ['X'] or not hasattr(p.t, 'X')", "not hasattr(p.t, 't')"],
    ),
    "a name that an import in a cycle does not come to see any more": Edit(
        {"p__init": IN_A_CYCLE[0], "p__t": "from p import X\nY = 1\n"},
        {"p__init": IN_A_CYCLE[1]},
        expect=["not_applied == ['X']"],  # a restart would end there
    ),
    "a class that reads what a star import in a cycle does not come to see any more": Edit(
        {"p__init": IN_A_CYCLE[0], "p__t": "from p import *\nclass C:\n    K = X\n"},
        {"p__init": IN_A_CYCLE[1]},
        expect=["'X' in not_applied"],  # a restart would end there
    ),
    "a name that two star imports bring, one of which does not come to see it any more": Edit(
        {"p__init": IN_A_CYCLE[0], "p__t": "from p.u import *\nfrom p import *\nY = 1\n", "p__u": "X = 2\n"},
        {"p__init": IN_A_CYCLE[1]},
        expect=["p.X == 1", "not_applied == ['X'] or p.t.X == 2"],
    ),
    "a name that goes, read between the star import that brought it and what binds it": Edit(
        {"a": "X = Y = 1\n", "b": "X = 2\n", "m": "from a import *\nZ = X\nfrom b import X\n"},
        {"a": "Y = 1\n"},
        expect=["'X' in not_applied"],  # a restart would end there
    ),
    "a name that goes, read below another import that binds it": Edit(
        {"a": "X = Y = 1\n", "b": "X = 2\n", "m": "from a import *\nfrom b import X\nZ = X\n"},
        {"a": "Y = 1\n"},
        expect=["m.Z == m.X == 2", "not not_applied"],
    ),
    "a name that a star import brings in a branch, and that goes elsewhere": Edit(
        {"a": "X = Y = 1\n", "b": "X = 2\n", "m": "from a import *\nif Y:\n    from b import *\nZ = X\n"},
        {"a": "Y = 1\n"},
        expect=["m.Z == m.X == 2", "not not_applied"],
    ),
    "a submodule that others have imported, and a new star import of its package brings": Edit(
        {"p__init": "", "p__s": "X = 1\n", "m": "from p.s import X\n"},
        {"m": "from p import *\nfrom p.s import X\n"},
        expect=["m.s is p.s", "not not_applied"],
    ),
    "names that a decorator puts where star imports find them": Edit(
        {"a": "import enum\nP = 1\n", "m": "from a import *\nX = P\n"},
        {"a": "import enum\n@enum.global_enum\nclass E(enum.IntEnum):\n    P = 1\n    Q = 2\n"},
        expect=["m.P == m.X == 1 and m.Q == 2 and a.Q == 2", "'P' not in not_applied"],
    ),
    "a name that goes while a new star import in a cycle passes it on": Edit(
        {
            "p__init": "from p.t import X\n", "p__s": "X = 1\nOLD = 1\n", "p__t": "import p\nfrom p.s import *\nY = 1\n",
            "c": "from p import *\nZ = X\n",
        },
        {"p__s": "X = 1\n", "p__init": "from p.t import *\nfrom p.t import X\n", "c": "from p import *\nZ = X + 1\n"},
        expect=["c.Y == 1 and c.Z == 2", "not any(hasattr(each, 'OLD') for each in (p, p.s, p.t, c))", "not not_applied"],
    ),
    "names read through a module that a star import has brought": Edit(
        {
            "p__s": "X = 1\nclass C: K = 1\n", "p__t": "import p.s as q\nimport p.s\nV = q.X\n",
            "p__init": "from p.t import *\nclass D:\n    A = p.t.V\nB = q.C.K\n",
        },
        {"p__s": "X = 2\nclass C: K = 2\n"},
        expect=["p.D.A == p.B == 2", "not not_applied"],
    ),
    "a star import that covers a module which an import below brings": Edit(
        {
            "a": "X = 1\n", "b": "import a as m1\nY = 1\ndef f(): return Y\n",
            "m": "from b import *\nimport b as m1\nclass C:\n    K = m1.f()\nL = m1.Y\n",
        },
        {"b": "import a as m1\nY = 2\ndef f(): return Y\n"},
        expect=["m.C.K == m.L == 2", "m.m1 is b", "not not_applied"],
    ),
    "a star import that covers what one above it brings": Edit(
        {"a": "X = 1\n", "b": "X = 2\n", "m": "from a import *\nfrom b import *\nY = [X]\n"},
        {"a": "X = 1\nZ = 3\n"},
        held="y = m.Y\n",
        expect=["m.X == 2", "m.Y is y and y == [2]", "m.Z == 3", "not not_applied"],
    ),
    "a name that a star import has brought, read above an import of it": Edit(
        {"a": "def f(): return 1\nX = 1\n", "m": "from a import *\ndef g(d=f()): return d\nfrom a import f\n"},
        {"a": "X = 1\n"},
        expect=["m.g() == 1", "'g' in not_applied"],  # a restart would end there
    ),
    "a class that is another one, and goes where two star imports led": Edit(
        {"a": "class C(Exception):\n    K = 1\n", "b": "from a import *\n", "m": "from b import *\n"},
        {"a": "class C:\n    K = 2\n", "b": "X = 1\n"},
        expect=["m.X == 1", "not hasattr(b, 'C') and not hasattr(m, 'C')", "not not_applied"],
    ),
    "a name that a star import covers, and that changes there later": Edit(
        {
            "a": "X = 1\n", "b": "from a import X\nOF = 'b'\n",
            "m": "from a import X\nfrom b import *\nL = [X]\nZ = 1\n",
        },
        {"a": "X = 2\n", "m": "from a import X\nfrom b import *\nL = [X]\nZ = 2\n"},
        expect=["m.X == 2", "m.L == [2]", "not not_applied"],
    ),
}

# An import gave a name what another module defines. That is not this module's to change, whatever the name becomes here.
FUNCTION, CLASS = "def f(d={0}): return d\n", "class C:\n    x = {0}\n    def m(self): return {0}\n"
FACTORY = "def make(n):\n    def g(): return n\n    return g\n"
EDITS |= {
    "a function of its own instead of an imported one": Edit(
        {"a": FUNCTION.format(1), "m": "from a import f\n"}, {"m": FUNCTION.format(2)},
        held="f = m.f\n", expect=["a.f() == 1 and f() == 1", "m.f() == 2"],
    ),
    "a function of its own behind a star import that is gone": Edit(
        {"a": FUNCTION.format(1), "m": FUNCTION.format(2) + "from a import *\n"}, {"m": FUNCTION.format(2)},
        expect=["a.f() == 1", "m.f() == 2"],
    ),
    "a function of its own instead of an imported one, decorated": Edit(
        {"a": "def d(f):\n    def w(): return f()\n    return w\n@d\ndef f(): return 1\n", "m": "from a import d, f\n"},
        {"m": "from a import d\n@d\ndef f(): return 2\n"},
        expect=["a.f() == 1", "m.f() == 2"],
    ),
    "a function of its own instead of an imported one, by the same factory": Edit(
        {"b": FACTORY, "a": "from b import make\nf = make(1)\n", "m": "from b import make\nfrom a import f\n"},
        {"m": "from b import make\nf = make(2)\n"},
        expect=["a.f() == 1", "m.f() == 2"],
    ),
    "a method of its own instead of one of another class": Edit(
        {"a": CLASS.format(1), "m": "import a\nclass C:\n    m = a.C.m\n"}, {"m": "class C:\n    def m(self): return 2\n"},
        expect=["a.C().m() == 1", "m.C().m() == 2"],
    ),
    "a class of its own instead of an imported one that hid it": Edit(
        {"a": CLASS.format(1), "m": CLASS.format(2) + "from a import C\n"}, {"m": CLASS.format(3)},
        expect=["a.C.x == a.C().m() == 1", "m.C.x == m.C().m() == 3", "m.C.__module__ == 'm'"],
    ),
    "a class that an import hides": Edit(
        {"a": CLASS.format(1), "m": CLASS.format(2) + "from a import C\n"}, {"m": CLASS.format(3) + "from a import C\n"},
        expect=["a.C.x == a.C().m() == 1", "m.C is a.C"],
    ),
    "a class that a star import hides": Edit(
        {"a": CLASS.format(1), "m": CLASS.format(2) + "class D(C): pass\nfrom a import *\n"},
        {"m": CLASS.format(3) + "class D(C): pass\nfrom a import *\n"},
        expect=["a.C.x == a.C().m() == 1", "m.C is a.C", "m.D.x == m.D().m() == 3"],
    ),
}

Edits = tests_of(EDITS)


if __name__ == "__main__":
    unittest.main()
