"""Names come and go, or have other values, and a statement goes through all names of its module, or through what is derived from
a class.
"""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

COMMANDS = "def cmd_a(): return 1\n{}C = {{n: v for n, v in globals().items() if n.startswith('cmd')}}\ndef cmd_z(): return 3\n"
ADDED = "def cmd_b(): return 2\n"
SHOWN = "def f(): pass\n{}__all__ = [n for n in globals() if n[0] != '_']\n"
LISTED = "import os\ndef f(): pass\n{}N = sorted(n for n in {} if n[0] != '_'{})\ndef below(): pass\n{}"
SETTINGS = "A = {}\n{}ALL = {{k: v for k, v in vars().items() if k.isupper()}}\nZ = 9\n"
HELD = "import types\nA = {}\nS = types.SimpleNamespace(**{{k: v for k, v in globals().items() if k.isupper()}})\n"
REGISTER = "L = []\ndef keep(v): L.append(v)\ndef cmd_a(): return 1\n{}for n, v in list(globals().items()):\n    if n[:3] == 'cmd': keep(v)\n"
CALLED = "def cmd_a(): return 1\n{}def names(): return tuple(n for n in globals() if n[:3] == 'cmd')\nX = names()\n"
CLASSES = "import inspect, sys\nclass B: pass\n{}X = [n for n, c in inspect.getmembers(sys.modules[__name__], inspect.isclass)]\n"
DERIVED = "class B: pass\nclass D(B): pass\n{}X = tuple(c.__name__ for c in B.__subclasses__())\n"
PLUGINS = "class B: pass\ndef names(): return [each.__name__ for each in B.__subclasses__()]\n"
ASKS = "import a\nK = {each.key: each.__name__ for each in a.B.__subclasses__()}\nL = a.names()\n"
DERIVED_IN_FUNCTION = "class B: pass\nclass D(B): pass\n{}def f(): return len(B.__subclasses__())\nX = f()\n"
COUNTED = "K = {}\nN = []\nX = [n for n in globals() if n == 'K' and not N.append(n)]\ndef f(): return {}\n"

NAMER = "def make(*names):\n    globals().update({name: at for at, name in enumerate(names)})\n    return names\n"
NAMER_IN_LOOP = "import sys\ndef make(*names):\n    for name in names:\n        setattr(sys.modules[__name__], name, 1)\n"
CONFIGURE = "def configure(given, **named):\n    for name in named: setattr(given, name, 1)\n    return given\nclass C: pass\n"

EDITS = {
    "a name that a call set, and that it gives no more": Edit(
        NAMER + "X = make('A', 'B')\n", NAMER + "X = make('A', 'C')\n", expect=["m.C == 1", "not_applied == ['X'] and m.B == 1"]
    ),
    "a name in addition, set by a call": Edit(
        NAMER + "X = make('A', 'B')\n", NAMER + "X = make('A', 'B', 'C')\n", expect=["(m.A, m.B, m.C) == (0, 1, 2)", "not not_applied"]
    ),
    "a name that a call set for its effect alone": Edit(
        NAMER_IN_LOOP + "make('A')\n", NAMER_IN_LOOP + "make('B')\n", expect=["m.B == 1", "not_applied == [\"make('B')\"]"]
    ),
    "names of a call that is gone": Edit(NAMER + "X = make('A')\n", NAMER, expect=["m.A == 0 and not_applied == ['X']"]),
    "an attribute that a call set on what is there still": Edit(
        CONFIGURE + "X = C()\nconfigure(X, a=1)\n", CONFIGURE + "X = C()\nconfigure(X, b=1)\n", expect=["m.X.b == 1", "not_applied or not hasattr(m.X, 'a')"]
    ),
    "an attribute that a call set on what is made anew": Edit(
        CONFIGURE + "X = configure(C(), a=1)\n", CONFIGURE + "X = configure(C(), b=1)\n", expect=["vars(m.X) == {'b': 1}", "not not_applied"]
    ),
    "a call that is gone and only read names": Edit(CALLED.format(""), CALLED.format("").replace("X = names()\n", ""), expect=["not hasattr(m, 'X')", "not not_applied"]),
    "a function is added above": Edit(
        COMMANDS.format(""), COMMANDS.format(ADDED), expect=["m.C == {'cmd_a': m.cmd_a, 'cmd_b': m.cmd_b}", "list(m.C) == ['cmd_a', 'cmd_b']", "not not_applied"]
    ),
    "a function is removed above": Edit(COMMANDS.format(ADDED), COMMANDS.format(""), expect=["m.C == {'cmd_a': m.cmd_a}", "not not_applied"]),
    "a function is added below": Edit(
        COMMANDS.format(""), COMMANDS.format("") + ADDED, held="C = m.C\n", expect=["m.C is C", "m.C == {'cmd_a': m.cmd_a}", "not not_applied"]
    ),
    "a body is edited": Edit(
        COMMANDS.format(ADDED), COMMANDS.format(ADDED.replace("2", "4")), held="C = m.C\n", expect=["m.C is C", "C['cmd_b']() == 4", "executed == []"]
    ),
    "what a star import brings": Edit(
        {"m": SHOWN.format(""), "n": "from m import *\n"},
        {"m": SHOWN.format("def g(): return 5\n")},
        expect=["m.__all__ == ['f', 'g']", "n.g() == 5", "not not_applied"],
    ),
    "dir()": Edit(
        LISTED.format("", "dir()", "", ""), LISTED.format("def g(): pass\n", "dir()", "", ""), expect=["m.N == ['f', 'g', 'os']", "not not_applied"]
    ),
    "locals()": Edit(
        LISTED.format("", "locals()", "", ""), LISTED.format("def g(): pass\n", "locals()", "", ""), expect=["m.N == ['f', 'g', 'os']", "not not_applied"]
    ),
    "the statement itself is edited": Edit(
        LISTED.format("", "dir()", "", ""), LISTED.format("", "dir()", " if n != 'os'", "X = 1\n"), expect=["m.N == ['f']", "not not_applied"]
    ),
    "a constant has another value": Edit(SETTINGS.format(1, ""), SETTINGS.format(2, "B = 3\n"), expect=["m.ALL == {'A': 2, 'B': 3}", "not not_applied"]),
    "an object that was made of them": Edit(HELD.format(1), HELD.format(2), held="S = m.S\n", expect=["m.S is S and S.A == 1", "not_applied == ['S']"]),
    "what was registered in a loop over them": Edit(
        REGISTER.format(""), REGISTER.format(ADDED), expect=["m.L == [m.cmd_a]", "not_applied == ['for n, v in list(globals().items()):']"]
    ),
    "by a function": Edit(CALLED.format(""), CALLED.format(ADDED), expect=["m.X == ('cmd_a', 'cmd_b')", "not not_applied"]),
    "by the interpreter's list of modules": Edit(CLASSES.format(""), CLASSES.format("class E: pass\n"), expect=["m.X == ['B', 'E']", "not not_applied"]),
    "another name is edited below": Edit(
        COUNTED.format(1, 1), COUNTED.format(1, 2) + "Y = 1\n", expect=["m.N == ['K']", "m.f() == 2", "not not_applied"]
    ),
    "a derived class is added": Edit(DERIVED.format(""), DERIVED.format("class E(B): pass\n"), expect=["m.X == ('D', 'E')", "not not_applied"]),
    "a derived class of another module is added": Edit(
        {"a": "class B: pass\n", "m": "import a\nclass D(a.B): pass\nX = len(a.B.__subclasses__())\n"},
        {"m": "import a\nclass D(a.B): pass\nclass E(a.B): pass\nX = len(a.B.__subclasses__())\n"},
        expect=["m.X == 2", "not not_applied"],
    ),
    "a derived class is added, and a function asks": Edit(
        DERIVED_IN_FUNCTION.format(""), DERIVED_IN_FUNCTION.format("class E(B): pass\n"), expect=["m.X == 2", "not not_applied"]
    ),
    "a derived class is added in a module that who asks does not know": Edit(
        {"a": PLUGINS, "m": "from a import B\nclass D(B): key = 1\n", "n": ASKS},
        {"m": "from a import B\nclass D(B): key = 1\nclass E(B): key = 2\n"},
        expect=["m.E in m.B.__subclasses__()", "n.K == {1: 'D', 2: 'E'} or 'K' in not_applied", "'L' in not_applied"],
    ),
    "a derived class is gone from a module that who asks does not know": Edit(
        {"a": PLUGINS, "m": "from a import B\nclass D(B): key = 1\nclass E(B): key = 2\n", "n": ASKS},
        {"m": "from a import B\nclass D(B): key = 1\n"},
        expect=["n.K == {1: 'D'} or 'K' in not_applied", "'L' in not_applied"],
    ),
    "an attribute of a derived class, in a module that who asks does not know": Edit(
        {"a": PLUGINS, "m": "from a import B\nclass D(B): key = 1\n", "n": ASKS}, {"m": "from a import B\nclass D(B): key = 2\n"},
        expect=["n.K == {2: 'D'}"],
    ),
    "another class is added": Edit(
        DERIVED.format(""), DERIVED.format("class E: pass\n"), held="X = m.X\n", expect=["m.X is X", "m.X == ('D',)", "not not_applied"]
    ),
}

Edits = tests_of(EDITS)


if __name__ == "__main__":
    unittest.main()
