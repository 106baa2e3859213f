"""Texts that a module executes: `eval` and `exec` of a text that it gives a name."""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

EVAL = "x = 1\nSRC = 'x + 1'\nY = eval(SRC)\n"
EXEC = "x = 1\nSRC = 'Y = x + 1'\nexec(SRC)\nZ = Y * 2\n"
CODE = "x = 1\nCODE = compile('x + 1', '', 'eval')\nY = eval(CODE)\n"
CALL = "def f(): return 1\nSRC = 'Y = f() + 1'\nexec(SRC)\n"
DEFINES = "K = 1\nSRC = 'def g(): return K'\nexec(SRC)\nV = g()\n"
ONE, TWO = "x = 1", "x = 2"


def edit(text: str, before: str, after: str, *expect: str) -> Edit:
    return Edit(text, text.replace(before, after), expect=[*expect, "not not_applied"])


EDITS = {
    "what a text reads": edit(EVAL, ONE, TWO, "m.Y == 3"),
    "a text": edit(EVAL, "x + 1", "x + 4", "m.Y == 5"),
    "what a text reads that binds a name": edit(EXEC, ONE, TWO, "(m.Y, m.Z) == (3, 6)"),
    "a text that binds a name": edit(EXEC, "x + 1", "x + 4", "(m.Y, m.Z) == (5, 10)"),
    "a text that binds another name": edit(EXEC.partition("Z")[0], "Y =", "W =", "m.W == 2", "not hasattr(m, 'Y')"),
    "what a text reads that was compiled": edit(CODE, ONE, TWO, "m.Y == 3"),
    "a function that a text calls": edit(CALL, "return 1", "return 5", "m.Y == 6"),
    "what a function of a text reads": edit(DEFINES, "K = 1", "K = 2", "m.V == 2"),
    "a function of a text": edit(DEFINES, "return K", "return K + 1", "m.V == 2"),
    "what a text of another module's values reads": Edit(
        {"a": "x = 1\n", "m": "import a\nSRC = 'a.x + 1'\nY = eval(SRC)\n"}, {"a": "x = 2\n"}, expect=["m.Y == 3", "not not_applied"]
    ),
}

Edits = tests_of(EDITS)

if __name__ == "__main__":
    unittest.main()
