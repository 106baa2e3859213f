"""Star imports in branches, as settings have them: what they bring, cover, and leave when another way is taken."""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

BEFORE = "DEBUG = False\nNAME = 1\n"
TRIED = "try:\n    from local import *\nexcept ImportError:\n    pass\n"
AFTER = "Y = DEBUG, NAME\n"
SETTINGS = BEFORE + TRIED + AFTER
LOCAL = "DEBUG = True\nNEW = 1\n"
CHOSEN = "DEBUG = False\nENV = {}\nif ENV:\n    from dev import *\nelse:\n    from prod import *\nY = DEBUG\n"
DEFAULTS = {"defaults": "DEBUG = 1\nNAME = 2\n"}
STARRED = "from defaults import *\n"
FAST = {"fast": "class A: pass\nclass B: pass\ndef begin(A): pass\n"}
SLOW = "class A:\n    def f(self): return 1\nclass B:\n    def g(self): return 1\n"
ACCELERATED = "try:\n    Slow = A\n    from fast import *\n    from fast import begin\nexcept ImportError:\n    pass\nelse:\n    begin(Slow)\n"
NAMED = "def f(): return 1\ntry:\n    from fast import f\n    is_fast = True\nexcept ImportError:\n    is_fast = False\ndel is_fast\n"
ENVIRONMENTS = {"dev": "DEBUG = True\nTOOL = 1\n", "prod": "HOST = 2\n"}

EDITS = {
    "a value of the module that is imported": Edit(
        {"local": LOCAL, "s": SETTINGS},
        {"local": "DEBUG = 3\nNEW = 1\n"},
        expect=["(s.DEBUG, s.Y) == (3, (3, 1))"],
    ),
    "a name that the module has in addition, which covers one": Edit(
        {"local": LOCAL, "s": SETTINGS},
        {"local": LOCAL + "NAME = 2\nMORE = 5\n"},
        expect=["(s.NAME, s.MORE, s.Y) == (2, 5, (True, 2))"],
    ),
    "a name that the module does not have any more": Edit(
        {"local": LOCAL, "s": SETTINGS},
        {"local": "DEBUG = True\n"},
        {"local": "OTHER = 1\n"},
        expect=["(s.DEBUG, s.Y) == (False, (False, 1))", "not hasattr(s, 'NEW')"],
    ),
    "a value that is covered": Edit(
        {"local": LOCAL, "s": SETTINGS},
        {"s": SETTINGS.replace("False", "7")},
        expect=["(s.DEBUG, s.Y) == (True, (True, 1))"],
    ),
    "a function of the module": Edit(
        {"local": "def f(): return 1\n", "s": TRIED + "Y = f()\n"},
        {"local": "def f(): return 2\n"},
        held="f = local.f\n",
        expect=["(f(), s.f(), s.Y) == (2, 2, 2)", "s.f is f"],
    ),
    "the statement goes": Edit(
        {"local": LOCAL, "s": SETTINGS},
        {"s": BEFORE + AFTER},
        expect=["(s.DEBUG, s.Y) == (False, (False, 1))", "not hasattr(s, 'NEW')"],
    ),
    "the statement comes": Edit(
        {"local": LOCAL, "s": BEFORE + AFTER},
        {"s": SETTINGS},
        expect=["(s.DEBUG, s.NEW, s.Y) == (True, 1, (True, 1))"],
    ),
    "it imports another module": Edit(
        {"local": LOCAL, "other": "DEBUG = 2\n", "s": SETTINGS},
        {"s": SETTINGS.replace("local", "other")},
        expect=["(s.DEBUG, s.Y) == (2, (2, 1))", "not hasattr(s, 'NEW')"],
    ),
    "another way": Edit(
        {**ENVIRONMENTS, "s": CHOSEN.format(1)},
        {"s": CHOSEN.format(0)},
        expect=["(s.DEBUG, s.HOST, s.Y) == (False, 2, False)", "not hasattr(s, 'TOOL')"],
    ),
    "another way, and back": Edit(
        {**ENVIRONMENTS, "s": CHOSEN.format(1)},
        {"s": CHOSEN.format(0)},
        {"s": CHOSEN.format(1)},
        expect=["(s.DEBUG, s.TOOL, s.Y) == (True, 1, True)", "not hasattr(s, 'HOST')"],
    ),
    "a statement that binds other names too": Edit(
        {"local": LOCAL, "s": "try:\n    from local import *\n    HAVE = True\nexcept ImportError:\n    HAVE = False\nY = DEBUG, HAVE\n"},
        {"local": "DEBUG = 4\n", "s": "try:\n    from local import *\n    HAVE = 5\nexcept ImportError:\n    HAVE = False\nY = DEBUG, HAVE\n"},
        expect=["(s.DEBUG, s.HAVE, s.Y) == (4, 5, (4, 5))"],
    ),
    "an edit that has nothing to do with it": Edit(
        {"local": LOCAL, "s": TRIED + "C = []\nC.append(1)\nZ = 3\n"},
        {"s": TRIED + "C = []\nC.append(1)\nZ = 4\n"},
        held="s.C.append(2)\ns.DEBUG = 9\n",
        expect=["(s.C, s.Z, s.DEBUG) == ([1, 2], 4, 9)"],
    ),
    "a branch for a name that a star import above has brought, and that the other module does not have": Edit(
        {**DEFAULTS, "s": STARRED},
        {"s": STARRED + TRIED.replace("*", "DEBUG")},
        expect=["s.DEBUG == 1"],
    ),
    "a name in a branch that the other module does not have any more, above which a star import brings it": Edit(
        {**DEFAULTS, "local": "DEBUG = 3\n", "s": STARRED + TRIED.replace("*", "DEBUG") + "Y = DEBUG\n"},
        {"local": "OTHER = 1\n"},
        expect=["(s.DEBUG, s.Y) == (1, 1)"],
    ),
    "a branch that is not taken any more, above which a star import brings its name": Edit(
        {**DEFAULTS, "s": STARRED + "HERE = 1\nif HERE:\n    DEBUG = 5\n" + AFTER},
        {"s": STARRED + "HERE = 0\nif HERE:\n    DEBUG = 5\n" + AFTER},
        expect=["(s.DEBUG, s.Y) == (1, (1, 2))"],
    ),
    "a class that a faster one covers, which a branch gives another name before": Edit(
        {**FAST, "s": SLOW + ACCELERATED},
        {"s": SLOW.replace("def g", "def h") + ACCELERATED},
        {"s": SLOW.replace("def g", "def h").replace("1", "3") + ACCELERATED},
        expect=["s.A is fast.A", "s.B is fast.B", "s.Slow is not fast.A", "s.Slow().f() == 3"],
    ),
    "a function that a faster one covers, with a name that goes again": Edit(
        {"fast": "def f(): return 2\n", "s": NAMED},
        {"s": NAMED.replace("f():", "f(x=1):")},
        expect=["s.f() == 2", "not hasattr(s, 'is_fast')"],
    ),
}

Edits = tests_of(EDITS)

if __name__ == "__main__":
    unittest.main()
