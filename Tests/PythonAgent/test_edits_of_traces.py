"""What a statement did to others when it ran last and does not do any more, as it takes another way now: what the text of the other
module says of it is so again, and else it is said that it stays.
"""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

B = (
    "V = 1\nD = {}\nS = set()\nclass C: pass\nc = C()\nc.x = 1\nL = []\ndef put(k): D[k] = 1\ndef note(f): S.add(f.__name__)\n"
    "def level(n): c.level = n\n"
)
READS = "import b\nX = getattr(b, 'V', None)\n"


def off(statement: str, *expect: str, b: str = B, **others: str) -> Edit:
    """FLAG was true, and is not any more."""
    text = "import b\nFLAG = {}\n" + statement
    return Edit({"b": b, "m": text.format(True), **others}, {"m": text.format(False)}, expect=[*expect])


def now(before: str, after: str, *expect: str, b: str = B) -> Edit:
    return Edit({"b": b, "m": f"import b\n{before}"}, {"m": f"import b\n{after}"}, expect=[*expect])


def inside(body: str, *expect: str) -> Edit:
    text = "import b\nT = {{}}\nF = {}\nclass C:\n    " + body.replace("{}", "{{}}")
    return Edit({"b": B, "m": text.format(True)}, {"m": text.format(False)}, expect=[*expect])


LIVE, SAID = "not not_applied", "len(set(not_applied)) == 1"

TRIED = """import types
D = {{'k': 1}}
R = {{}}
O = types.SimpleNamespace()
{}
    v = D['k']
    R['fine'] = v
    O.fine = 1
except KeyError:
    R['bad'] = 1
    O.bad = 1
    v = None
"""
IN_MODULE = TRIED.format("try:")
IN_CLASS = IN_MODULE.partition("try:")[0] + "class C:\n    try:\n" + "    ".join(IN_MODULE.partition("try:\n")[2].splitlines(True)).join(("    ", ""))
FAILING = ("'k': 1", "'z': 1")
SUPPRESSED = """import contextlib, types
D = {'k': 1}
R = {}
O = types.SimpleNamespace()
with contextlib.suppress(KeyError):
    O.first = 1
    R['a'] = D['k']
    R['b'] = 2
    O.last = 2
"""

HANDLED = """import contextlib, types
R = {}
O = types.SimpleNamespace()
def put(k): O.put = k
def f():
    return 1
try:
    X = f()
    R['b'] = 2
except KeyError as e:
    X = 'bad'
"""
GUARDED = HANDLED.partition("try:")[0] + "with contextlib.suppress(KeyError):\n    R['a'] = 1\n    X = f()\n    R['b'] = 2\n"
CALLING = HANDLED.replace("    R['b'] = 2", "    put('a')")
HANDLING = HANDLED.replace("    X = 'bad'", "    X = 'bad'\n    O.bad = 1")
ALONE = HANDLING.replace("    R['b'] = 2\n", "")
OF_CLASS = HANDLED.partition("try:")[0] + "class C:\n    try:\n        X = f()\n        R['a'] = 1\n    except KeyError:\n        R['bad'] = 1\n"
GIVES, FAILS, FAILS_TOO = "return 1", "raise KeyError('x')", "raise KeyError('y')"


def within(text: str, before: str, after: str, *expect: str) -> Edit:
    """What a function does that a statement calls which handles exceptions."""
    texts = {"g": f"def f():\n    {before}\n", "m": text.replace("def f():\n    return 1\n", "from g import f\n")}
    return Edit(texts, {"g": texts["g"].replace(before, after)}, expect=[*expect])


TRY, WITH = "not_applied == ['try:']", "not_applied == ['with contextlib.suppress(KeyError):']"

EDITS = {
    "a function that fails now, in a try": within(HANDLED, GIVES, FAILS, "m.X == 'bad'", TRY),
    "a function that fails no more, in a try": within(HANDLED, FAILS, GIVES, "(m.X, m.R) == (1, {'b': 2})", LIVE),
    "a function that fails no more, in a try whose handler does something": within(HANDLING, FAILS, GIVES, "m.X == 1", TRY),
    "a function that fails no more, in a try of which only the handler does something": within(ALONE, FAILS, GIVES, "m.X == 1", TRY),
    "a function that fails otherwise, in a try": within(HANDLED, FAILS, FAILS_TOO, "(m.X, m.R) == ('bad', {})", LIVE),
    "a function that does not fail, in a try": within(HANDLED, GIVES, "return 5", "(m.X, m.R) == (5, {'b': 2})", LIVE),
    "a function that does not fail, in a try whose handler does something": within(HANDLING, GIVES, "return 5", "not hasattr(m.O, 'bad')", LIVE),
    "a function that fails now, before what is called": within(CALLING, GIVES, FAILS, "m.X == 'bad'", TRY),
    "a function that fails otherwise, before what is called": within(CALLING, FAILS, FAILS_TOO, "m.X == 'bad'", LIVE),
    "a function that fails now, and is suppressed": within(GUARDED, GIVES, FAILS, "not hasattr(m, 'X')", WITH),
    "a function that fails no more, and was suppressed": within(GUARDED, FAILS, GIVES, "(m.X, m.R) == (1, {'a': 1, 'b': 2})", LIVE),
    "a function that fails otherwise, and is suppressed": within(GUARDED, FAILS, FAILS_TOO, "m.R == {'a': 1}", LIVE),
    "a function that fails now, in a try of a class": within(OF_CLASS, GIVES, FAILS, "not_applied"),
    "a function that fails no more, in a try of a class": within(OF_CLASS, FAILS, GIVES, "not_applied"),
    "a try that fails now": Edit(IN_MODULE, IN_MODULE.replace(*FAILING), expect=["m.R == {'fine': 1, 'bad': 1}", "not_applied == ['try:']"]),
    "a try that does not fail any more": Edit(IN_MODULE.replace(*FAILING), IN_MODULE, expect=["m.R == {'fine': 1, 'bad': 1}", "not_applied == ['try:']"]),
    "a try that did not fail, and does not": Edit(IN_MODULE, IN_MODULE.replace("O.fine = 1", "O.fine = 2"), expect=["vars(m.O) == {'fine': 2}", "not not_applied"]),
    "a try of a class that fails now": Edit(IN_CLASS, IN_CLASS.replace(*FAILING), expect=["m.C.v is None", "not_applied == ['C.try:']"]),
    "a try of a class that does not fail any more": Edit(IN_CLASS.replace(*FAILING), IN_CLASS, expect=["m.C.v == 1", "not_applied == ['C.try:']"]),
    "a try of a class that fails by its text": Edit(IN_CLASS, IN_CLASS.replace("D['k']", "D['q']"), expect=["m.C.v is None", "not_applied == ['C.try:']"]),
    "a handler of a class that does something else": Edit(
        IN_CLASS.replace(*FAILING), IN_CLASS.replace(*FAILING).replace("R['bad']", "R['worse']"), expect=["not_applied == ['C.try:']"]
    ),
    "a try of a class that did not fail, and does not": Edit(
        IN_CLASS, IN_CLASS.replace("'k': 1", "'k': 2"), expect=["(m.C.v, m.R) == (2, {'fine': 2})", "not not_applied"]
    ),
    "what is suppressed now": Edit(
        SUPPRESSED, SUPPRESSED.replace(*FAILING), expect=["m.R == {'a': 1, 'b': 2}", "not_applied == ['with contextlib.suppress(KeyError):']"]
    ),
    "what is not suppressed": Edit(SUPPRESSED, SUPPRESSED.replace("'k': 1", "'k': 3"), expect=["m.R == {'a': 3, 'b': 2}", "not not_applied"]),
    "a name of another module": off("if FLAG: b.V = 5\n", "b.V == 1", LIVE),
    "a name of another module, and who reads it": off("if FLAG: b.V = 5\n", "(b.V, c.X) == (1, 1)", LIVE, c=READS),
    "a name that the other module does not have": off("if FLAG: b.W = 5\n", "not hasattr(b, 'W')", LIVE),
    "a name, the other branch sets it": off("if FLAG: b.V = 5\nelse: b.V = 6\n", "b.V == 6", LIVE),
    "a name, the other branch sets another": off("if FLAG: b.V = 5\nelse: b.W = 6\n", "(b.V, b.W) == (1, 6)", LIVE),
    "a name, by setattr": off("if FLAG: setattr(b, 'V', 5)\n", "b.V == 1", LIVE),
    "a name, by its dictionary": off("if FLAG: vars(b).update(V=5)\n", "b.V == 1", LIVE),
    "a name, set again below": off("if FLAG: b.V = 5\nb.V = 7\n", "b.V == 7", LIVE),
    "a name, in a match statement": off("match FLAG:\n    case True: b.V = 5\n", "b.V == 1", LIVE),
    "a name that is not a constant there": off("if FLAG: b.V = 5\n", "b.V == 5", "not_applied == ['if FLAG: b.V = 5']", b="V = sum([1])\n"),
    "a name that is conditional there": off("if FLAG: b.V = 5\n", SAID, b="import sys\nif sys: V = 1\n"),
    "a name that a function there sets": off("if FLAG: b.V = 5\n", SAID, b="V = 1\ndef f():\n    global V\n    V = 2\n"),
    "a name that another module sets": off("if FLAG: b.V = 5\n", "b.V == 3", LIVE, c="import b\nb.V = 3\n"),
    "a name that another module may set": off("if FLAG: b.V = 5\n", SAID, c="import b\ndef f(): b.V = 3\n"),
    "an attribute of an object": off("if FLAG: b.c.x = 5\n", "b.c.x == 5", SAID),
    "an attribute of an own class": off("class C: x = 1\nif FLAG: C.x = 5\n", SAID),
    "an attribute that it never had": now("F = 0\nif F: b.c.z = 5\n", "F = ''\nif F: b.c.z = 5\n", LIVE),
    "an item": off("if FLAG: b.D['k'] = 5\n", SAID),
    "an item of an own dictionary": off("D = {{}}\nif FLAG: D['k'] = 5\n", "m.D == {}", LIVE),
    "an item of the environment": off("import os\nif FLAG: os.environ['OF_A_TEST'] = '5'\n", SAID),
    "a list": off("if FLAG: b.L.append(5)\n", SAID),
    "a call": off("if FLAG: b.put('k')\n", SAID),
    "a call, by and": off("FLAG and b.put('k')\n", SAID),
    "a call, by a conditional expression": off("b.put('k') if FLAG else None\n", SAID),
    "a call with something else": off("b.level(FLAG)\n", "b.c.level == False", LIVE),
    "a call with another key": now("K = 'a'\nb.put(K)\n", "K = 'c'\nb.put(K)\n", "list(b.D) == ['a', 'c']", SAID),
    "a call with another key, said by itself": now("b.put('a')\n", "b.put('c')\n", "list(b.D) == ['a', 'c']", SAID),
    "a call that prints": off("if FLAG: print(end='')\n", LIVE),
    "a decorator": off("if FLAG:\n    @b.note\n    def f(): pass\n", SAID),
    "a part of a branch": now("F = True\nif F:\n    b.V = 5\n    b.put('k')\n", "F = True\nif F:\n    b.V = 5\n", SAID),
    "a flag of another module": Edit(
        {"b": B, "f": "FLAG = True\n", "m": "import b, f\nif f.FLAG: b.V = 5\n"}, {"f": "FLAG = False\n"}, expect=["b.V == 1", LIVE]
    ),
    "what tells is still so": now("F = 1\nif F: b.put('a')\n", "F = 2\nif F: b.put('a')\n", LIVE),
    "what tells is a function": now(
        "N = 5\ndef f(n): return n > 3\nif f(N): b.put('a')\n", "N = 0\ndef f(n): return n > 3\nif f(N): b.put('a')\n", SAID
    ),
    "what tells is a function, and it does it now": now(
        "N = 0\ndef f(n): return n > 3\nif f(N): b.W = 2\n", "N = 5\ndef f(n): return n > 3\nif f(N): b.W = 2\n", "b.W == 2", LIVE
    ),
    "what fails now": now(
        "N = 1\ntry:\n    b.V = 1 // N\n    b.W = 7\nexcept ZeroDivisionError: pass\n",
        "N = 0\ntry:\n    b.V = 1 // N\n    b.W = 7\nexcept ZeroDivisionError: pass\n",
        SAID,
    ),
    "what fails now, and is done otherwise": now(
        "try:\n    import json as j\n    b.V = 2\nexcept ImportError:\n    b.V = 3\n",
        "try:\n    import not_there_at_all as j\n    b.V = 2\nexcept ImportError:\n    b.V = 3\n",
        "b.V == 3",
        LIVE,
    ),
    "what does not fail": now(
        "K = 1\ntry:\n    b.put('a')\n    b.V = K\nexcept Exception: pass\n", "K = 2\ntry:\n    b.put('a')\n    b.V = K\nexcept Exception: pass\n", LIVE
    ),
    "a loop that does not begin": now("N = [1]\nfor n in N: b.V = 8\n", "N = []\nfor n in N: b.V = 8\n", "b.V == 1", LIVE),
    "a loop with fewer calls": now("N = ['a', 'b']\nfor n in N: b.put(n)\n", "N = ['a']\nfor n in N: b.put(n)\n", SAID),
    "a loop with fewer classes": now(
        "class A: pass\nclass E: pass\nX = [A, E]\nfor x in X: b.note(x)\n", "class A: pass\nclass E: pass\nX = [A]\nfor x in X: b.note(x)\n", SAID
    ),
    "a loop with more classes": now(
        "class A: pass\nclass E: pass\nX = [A]\nfor x in X: b.note(x)\n",
        "class A: pass\nclass E: pass\nX = [A, E]\nfor x in X: b.note(x)\n",
        "b.S == {'A', 'E'}",
        LIVE,
    ),
    "a loop with a key of its own": now(
        "N = ['a', 'b']\nfor n in N:\n    k = n.upper()\n    b.D[k] = n\n", "N = ['a']\nfor n in N:\n    k = n.upper()\n    b.D[k] = n\n", SAID
    ),
    "a loop with a key that is computed": now(
        "N = ['a', 'b']\ndef up(s): return s.upper()\nfor n in N: b.D[up(n)] = n\n",
        "N = ['a']\ndef up(s): return s.upper()\nfor n in N: b.D[up(n)] = n\n",
        SAID,
    ),
    "names that a loop makes": Edit(
        "N = 3\nfor n in range(N): globals()[f'x_{n}'] = 1\n", "N = 2\nfor n in range(N): globals()[f'x_{n}'] = 1\n",
        expect=["hasattr(m, 'x_1')", "not hasattr(m, 'x_2')", LIVE],
    ),
    "names that a loop over a dictionary makes": Edit(
        "N = {'a': 1, 'b': 2}\nfor k, v in N.items(): globals()[k] = v\n", "N = {'a': 1}\nfor k, v in N.items(): globals()[k] = v\n",
        expect=["m.a == 1", "not hasattr(m, 'b')", LIVE],
    ),
    "names that another statement binds": Edit(
        "a = 0\nN = ['a', 'b']\nfor n in N: globals()[n] = 1\n", "a = 0\nN = ['b']\nfor n in N: globals()[n] = 1\n", expect=["(m.a, m.b) == (0, 1)", LIVE]
    ),
    "a branch in the body of a class": inside("if F: b.D['a'] = 1\n    else: b.D['c'] = 1\n", SAID),
    "a branch in the body of a class, of a table of the module": inside("if F: T['a'] = 1\n    x = 1\n", SAID),
    "a branch in the body of a class, of a table of the class": inside("K = {}\n    if F: K['a'] = 1\n", "m.C.K == {}", LIVE),
    "a branch in the body of a class, a name of another module": inside("if F: b.W = 1\n", "not hasattr(b, 'W')", LIVE),
    "a branch in the body of a class, a list": inside("if F: b.L.append(1)\n", SAID),
    "a branch in the body of a class inside another": inside("class I:\n        if F: b.D['a'] = 1\n", SAID),
    "a branch in the body of a class that is made anew": Edit(
        {"b": B, "m": "import b\nclass M(type): pass\nF = 1\nclass C(metaclass=M):\n    if F: b.D['a'] = 1\n    x = F\n"},
        {"m": "import b\nclass M(type): pass\nF = 0\nclass C(metaclass=M):\n    if F: b.D['a'] = 1\n    x = F\n"}, expect=["m.C.x == 0", SAID]
    ),
    "a loop in the body of a class": now("class C:\n    for n in 'ac': b.D[n] = 1\n", "class C:\n    for n in 'c': b.D[n] = 1\n", SAID),
    "a loop in the body of a class, with more": now("class C:\n    for n in 'a': b.D[n] = 1\n", "class C:\n    for n in 'ac': b.D[n] = 1\n", "len(b.D) == 2", LIVE),
    "what is set where nothing is, to something else": now("b.D.setdefault('a', 1)\n", "b.D.setdefault('a', 2)\n", SAID),
    "what is set where nothing is, and reads the same": now("K = 1\nb.D.setdefault('a', K)\n", "K = 2 - 1\nb.D.setdefault('a', K)\n", LIVE),
    "what is removed": now("b.D.update(a=1, c=1)\nb.D.pop('a')\n", "b.D.update(a=1, c=1)\nb.D.pop('c')\n", SAID),
    "an item that is deleted": now("del b.D['a']\n", "del b.D['c']\n", SAID, b=B + "D.update(a=1, c=1)\n"),
    "a name of another module that is deleted": now("del b.V\n", "del b.L\n", SAID),
    "what comes first in a list": now("b.L.insert(0, 1)\n", "b.L.insert(0, 2)\n", SAID, b=B + "L.append(0)\n"),
    "what comes first in a list, as it did": now("K = 1\nb.L.insert(0, K and 5)\n", "K = 2\nb.L.insert(0, K and 5)\n", "b.L == [5, 0]", LIVE, b=B + "L.append(0)\n"),
    "what a library is told": now(
        "import abc\nclass A(abc.ABC): pass\nA.register(int)\n", "import abc\nclass A(abc.ABC): pass\nA.register(str)\n", SAID
    ),
    "what a library is told, by another keyword": now("b.put_all(a=1)\n", "b.put_all(c=1)\n", SAID, b=B + "def put_all(**k): D.update(k)\n"),
}  # fmt: skip

Edits = tests_of(EDITS)

if __name__ == "__main__":
    unittest.main()
