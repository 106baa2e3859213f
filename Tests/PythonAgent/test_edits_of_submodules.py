"""Edits of who imports a submodule: it stays an attribute of its package, and a restart may not have it where it is read."""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

T = {"p__t": "X = 1\n"}  # it is imported after those above it, if none of these imports it

EDITS = {
    "an import removed in the package itself": Edit(
        {"p__init": "import p.t\nY = p.t.X\n", **T, "c": "import p.t\n"},
        {"p__init": "import p\nY = p.t.X\n"},
        expect=["not_applied == ['Y']"],
    ),
    "an import removed in the package itself, which the name was read by": Edit(
        {"p__init": "from .t import X\nY = t.X\n", "p__t": "X = 1\n"},
        {"p__init": "X = 1\nY = t.X\n"},
        expect=["not_applied == ['Y']"],
    ),
    "an import removed, of what another module imports before": Edit(
        {"p__init": "", "p__t": "X = 1\n", "c": "import p.t\n", "m": "import p, p.t\nY = p.t.X\n"},
        {"m": "import p\nY = p.t.X\n"},
        expect=["m.Y == 1", "not_applied == []"],
    ),
    "an import removed, of what another module imports later": Edit(
        {"p__init": "", "m": "import p, p.t\nY = p.t.X\n", **T, "c": "import p.t\n"},
        {"m": "import p\nY = p.t.X\n"},
        expect=["not_applied == ['Y']"],
    ),
    "an import removed, of what the module that imports this one has imported": Edit(
        {"p__init": "", "start": "import p.t\nimport m\n", "m": "import p, p.t\nY = p.t.X\n", **T},
        {"m": "import p\nY = p.t.X\n"},
        expect=["m.Y == 1", "not_applied == []"],
    ),
    "an import removed, of what the module that imports this one imports afterwards": Edit(
        {"p__init": "", "start": "import m\nimport p.t\n", "m": "import p, p.t\nY = p.t.X\n", **T},
        {"m": "import p\nY = p.t.X\n"},
        expect=["not_applied == ['Y']"],
    ),
    "an import removed, of what another import brings": Edit(
        {"p__init": "", "p__s": "from . import t\n", "m": "import p.s\nimport p.t\nY = p.t.X\n", **T},
        {"m": "import p.s\nY = p.t.X\n"},
        expect=["not_applied == []"],
    ),
    "an import moved below what reads the module": Edit(
        {"p__init": "", "m": "import p\nimport p.t\nY = p.t.X\nZ = [Y]\n", **T},
        {"m": "import p\nY = p.t.X\nZ = [Y]\nimport p.t\n"},
        expect=["not_applied == ['Y']"],
    ),
    "a function that reads a module which nobody imports any more": Edit(
        {"p__init": "", "m": "import p, p.t\ndef f(): return p.t.X\n", **T},
        {"m": "import p\ndef f(): return p.t.X\n"},
        expect=["not_applied == ['f']"],
    ),
    "a function that reads a module which another one imports later": Edit(
        {"p__init": "", "m": "import p, p.t\ndef f(): return p.t.X\n", **T, "c": "def g(): from p import t\n"},
        {"m": "import p\ndef f(): return p.t.X\n"},
        expect=["not_applied == []"],
    ),
    "a function that reads a module and is called before another one imports it": Edit(
        {"p__init": "", "m": "import p, p.t\ndef f(): return p.t.X\nY = f()\n", **T, "c": "import p.t\n"},
        {"m": "import p\ndef f(): return p.t.X\nY = f()\n"},
        expect=["not_applied == ['Y']"],
    ),
    "a statement added that reads what another module imports later": Edit(
        {"p__init": "", "m": "import p as q\n", **T, "c": "import p.t\n"},
        {"m": "import p as q\nY = q.t.X\n"},
        expect=["m.Y == 1", "not_applied == ['Y']"],
    ),
    "a module that another one reads is not imported any more": Edit(
        {"p__init": "", "m": "import p.t\n", **T, "c": "import p\ndef f(): return p.t.X\n"},
        {"m": "A = 1\n"},
        expect=["c.f() == 1", "not_applied == ['p.t']"],
    ),
    "a module that nobody reads is not imported any more": Edit(
        {"p__init": "", "m": "import p.t\nfrom p.t import X\n", **T, "c": "import p\n"},
        {"m": "A = 1\n"},
        expect=["not hasattr(m, 'X')", "not_applied == []"],
    ),
    "an import of the same module in another form": Edit(
        {"p__init": "", "m": "import p.t\nimport p.t as u\nY = p.t.X\ndef f(): return p.t.X + u.X\n", **T},
        {"m": "import p\nfrom p import t as u\nY = p.t.X\ndef f(): return p.t.X + u.X\n"},
        expect=["m.f() == 2", "not_applied == []"],
    ),
    "an attribute of a package that is no module": Edit(
        {"p__init": "class t: X = 1\n", "m": "import p\nfrom p import t\nY = p.t.X\n"},
        {"m": "import p\nY = p.t.X\nZ = p.t.X\n"},
        expect=["m.Z == 1", "not_applied == []"],
    ),
    "modules that import each other": Edit(
        {"p__init": "from . import s\n", "p__s": "import p.t\nX = 1\n", "p__t": "import p\nY = 1\n", "m": "import p, p.t\nZ = p.t.Y\n"},
        {"m": "import p\nZ = p.t.Y\n"},
        expect=["not_applied == []"],
    ),
    "a module of a library": Edit(
        "import os, os.path\nY = os.path.sep\n", "import os\nY = os.path.sep\n", expect=["not_applied == []"]
    ),
    "names removed from a submodule in which its package sets others, in a save that fails": Edit(
        {"a": "L = [1]\n", "p__init": "from a import *\nimport p.s\nw = 7\np.s.E, p.s.M = w, 3\nX = L[0]\n", "p__s": "class C: pass\nD = 1\n"},
        {"p__init": "import p.s\nw = 8\np.s.E = w\nX = L[0]\n", "p__s": "D = 1\n"},
        held="import p.s\nnames = list(vars(p.s))\n",
        expect=["outcome == 'rolledBack'", "list(vars(p.s)) == names", "(p.s.E, p.s.M) == (7, 3)"],
    ),
}

Edits = tests_of(EDITS)


if __name__ == "__main__":
    unittest.main()
