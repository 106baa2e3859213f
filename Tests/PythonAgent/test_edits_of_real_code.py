"""Edits of real code (`fuzz_real.py`) that have gone wrong, each as small as it can be."""

from __future__ import annotations

import unittest

from edits import Edit, tests_of
from live import PatchCase

EQUAL = "class C:\n    def __eq__(self, other): return True\n    def __hash__(self): return 1\n"
SLOTS = "class C:\n    __slots__ = ('int',)\n"
NEW = "import enum\nclass E(str, enum.Enum):\n    def __new__(cls, value):\n        made = str.__new__(cls, value)\n        made._value_ = value\n        return made\n    A = 'a'\n"
ALIASES = "def f(): return 1\ng = f\nclass C: pass\nD = C\n"
WRAPS = "import functools\ndef w(f):\n    @functools.wraps(f)\n    def inner(): return f()\n    return inner\n@w\ndef f(): return 1\n"
TABLES = "A = d = {}\nd[1] = 1\nd[2] = 2\nB = d = {}\nd[3] = 3\nd[4] = 4\ndel d\n"
FILLED = "d = {}\nd[3] = 3\nd[4] = 4\nY = list(d)\ndel d\n"
BRANCH = "try:\n    class C:\n        def f(self): return 1\nexcept TypeError: pass\n"
SETS = "class C:\n    def f(): pass\nclass D(C):\n    def f(): D.v = 1\nD.f()\n"
KEEPS = "class A:\n    def __init__(self): self.v = 1\nclass C:\n    kept = {}\n    @classmethod\n    def f(cls, x):\n        if x not in cls.kept: cls.kept[x] = A()\n        return cls.kept[x]\nC.f(1)\n"
COUNTS = "K = 1\nV = 0\nimport n\ndef f():\n    global V\n    V += 1\nif n.Y + K > V: f()\n"
DOCS = '"""One.\n\n    Two.\n      Three.\n    """\nclass C:\n    """One.\n\n    Two.\n      Three.\n    """\nclass D:\n    """One.\n\n    Two.\n      Three.\n    """\n'
TWICE = "def f(): return 1\nX = 1\ndef f(): return 2\nif X:\n    del f\n"
METHODS = "class C:\n    def f(self): self.a = 1\n"
TAKEN = "from n import N\nclass C:\n    kind = N.A\n    def f(self): return self.kind\ndel N\n"

EDITS = {
    "a member of what a body has read and is not there any more": Edit(
        {"n": "class N:\n    A = 1\n", "m": TAKEN},
        {"n": "class N:\n    A = 2\n"},
        held="c = m.C()\n",
        expect=["c.f() == 2", "not hasattr(m, 'N')"],
    ),
    "a hash that is gone, and equality stays": Edit(
        EQUAL,
        EQUAL.replace("__hash__", "hashed"),
        held="c = m.C()\n",
        expect=["raises(TypeError, lambda: hash(c))", "m.C.__hash__ is None", "not not_applied"],
    ),
    "a hash that comes back": Edit(
        EQUAL,
        EQUAL.replace("__hash__", "hashed"),
        EQUAL,
        held="c = m.C()\n",
        expect=["hash(c) == 1", "not not_applied"],
    ),
    "equality that others have set": Edit(
        "class C: pass\n",
        "class C:\n    x = 1\n",
        held="m.C.__eq__ = lambda self, other: True\nc = m.C()\n",
        expect=["isinstance(hash(c), int)", "c.x == 1"],
    ),
    "a member read where a slot has the name of something built in": Edit(
        SLOTS,
        SLOTS + "    kind = int\n    n: int = 3\n",
        expect=["m.C.kind is int", "m.C.__annotations__ == {'n': int}"],
    ),
    "what makes the members of an enumeration": Edit(
        NEW,
        NEW.replace("    def __new__", "    @(lambda given: given)\n    def __new__").replace("return made", "made.more = 1\n        return made"),
        expect=["m.E.__new_member__.__code__.co_names[-1] == 'more'", "m.E.A.more == 1"],
    ),
    "other names for what a module defines that is executed as a whole": Edit(
        ALIASES,
        "from __future__ import annotations\n" + ALIASES.replace("1", "2") + "h = f\n",
        held="f, C = m.f, m.C\n",
        expect=["m.f is m.g is m.h is f", "m.C is m.D is C", "f() == 2"],
    ),
    "another name for what a branch defines": Edit(
        "try:\n    def f(): return 1\n    class C: pass\nexcept TypeError: pass\n",
        "try:\n    def f(): return 2\n    class C: pass\n    a = f\n    D = C\n    all = [f]\nexcept TypeError: pass\n",
        held="f, C = m.f, m.C\n",
        expect=["m.a is m.f is f is m.all[0]", "m.D is m.C is C", "f() == 2"],
    ),
    "a base that a branch defines, made twice": Edit(
        {"m": "V = 1\nimport n\nB = int\ntry:\n    class C(Exception): v = 1\nexcept TypeError: pass\n", "n": "import m\nX = m.V\n"},
        {"m": "V = 1\nimport n\nB = int\ntry:\n    class X: w = n.X\n    class C(X, Exception): v = 1\nexcept TypeError: pass\n"},
        {"m": "V = 2\nimport n\nB = int\ntry:\n    class X: w = n.X\n    class C(X, Exception): v = 2\nexcept TypeError: pass\n"},
        expect=["m.C.__bases__ == (m.X, Exception)", "m.C.w == 2", "m.C() and m.C.__mro__[1] is m.X"],
    ),
    "the docstring of a function that another one is put around": Edit(
        WRAPS,
        WRAPS.replace("def inner(): return f()", "def inner():\n        'Inner.'\n        return f()"),
        expect=["m.f.__doc__ is None", "m.f() == 1"],
    ),
    "a class given to a function that calls it, and code that making it calls": Edit(
        {"m": "class C:\n    def __init__(self): self.v = self.f()\n    def f(self): return 1\n",
         "n": "import m\ndef made(kind, *arguments):\n    try: return kind(*arguments)\n    except ValueError: return None\nX = made(m.C)\n"},
        {"m": "class C:\n    def __init__(self): self.v = self.f()\n    def f(self): return 2\n"},
        expect=["'X' in not_applied"],
    ),
    "classes that move": Edit(
        "class A:\n    class B: pass\nclass C: pass\n",
        "def f(): return 1\n\nclass A:\n    x = 1\n    class B: pass\nclass C: pass\n",
        "def f(): return 1\n\n\nclass A:\n    x = 1\n    class B: pass\nclass C: pass\n",
        held="A = m.A\n",
        expect=["m.A is A", "(A.__firstlineno__, A.B.__firstlineno__, m.C.__firstlineno__) == (4, 6, 7)"],
        since=(3, 13),  # where a class knows its line
    ),
    "an attribute that is removed from what stays": Edit(
        "def f(): return 1\nclass C:\n    h = f()\n    def __init__(self): self.h = 0\n    def m(self): pass\nd = C()\ndel d.h\n",
        "def f(): return 2\nclass C:\n    h = f()\n    def __init__(self): self.h = 0\n    def m(self): pass\nd = C()\ndel d.h\n",
        held="d = m.d\n",
        expect=["outcome == 'applied'", "m.d is d", "d.h == 2"],
    ),
    "an attribute of a method that its class has set": Edit(
        "class C:\n    def m(self): pass\n    m.mark = 1\n",
        "class C:\n    def m(self): pass\n",
        expect=["not hasattr(m.C.m, 'mark') or 'C.m.mark = 1' in not_applied"],
    ),
    "an item that a class has set in a table of its own": Edit(
        "class C:\n    M = {}\n    M['a'] = 1\n    M['b'] = 1\n",
        "class C:\n    M = {}\n    M['b'] = 1\n",
        expect=["m.C.M == {'b': 1}", "not not_applied"],
    ),
    "annotations that a function around it shares": Edit(
        {"m": "def f(a: int): return a\n", "n": "import functools, m\n@functools.wraps(m.f)\ndef g(a): return m.f(a)\n"},
        {"m": "def f(a: str): return a\n"},
        held="g = n.g\n",
        expect=["m.f.__annotations__ == {'a': str}", "g.__annotations__ == {'a': str}"],
    ),
    "what a class has, listed by its dictionary": Edit(
        {"m": "class C:\n    a = 1\n", "n": "from m import C\nNAMES = tuple(name for name in C.__dict__ if name[0] != '_')\n"},
        {"m": "class C:\n    a = 1\n    b = 1\n"},
        expect=["n.NAMES == ('a', 'b') or 'NAMES' in not_applied"],
    ),
    "the list of public names, read above": Edit(
        "__all__ = ['f']\n",
        "N = len(__all__)\n__all__ = ['f']\n",
        expect=["'N' in not_applied"],
    ),
    "a name that is removed, and read below": Edit(
        "def f(): return 1\nX = f()\n",
        "def f(): return 1\ndel f\nX = f()\n",
        expect=["'X' in not_applied"],
    ),
    "one of two tables that are filled under one name": Edit(
        TABLES,
        TABLES.replace("d[3] = 3", "d[3] = 5"),
        held="A, B = m.A, m.B\n",
        expect=["m.A is A and A == {1: 1, 2: 2}", "m.B is B and B == {3: 5, 4: 4}", "not hasattr(m, 'd')", "not not_applied"],
    ),
    "the first of two tables that are filled under one name": Edit(
        TABLES,
        TABLES.replace("d[1] = 1", "if A == {}: d[1] = 5"),
        held="A, B = m.A, m.B\n",
        expect=["m.A is A and A == {1: 1, 2: 2} and 'd[1] = 1' in not_applied", "m.B is B and B == {3: 3, 4: 4}", "not hasattr(m, 'd')"],
    ),
    "a table that is filled, read and removed": Edit(FILLED, FILLED.replace("4", "5"), expect=["m.Y == [3, 5]", "not hasattr(m, 'd')"]),
    "a method in a branch that comes to need its class": Edit(
        BRANCH,
        BRANCH.replace("return 1", "return __class__"),
        held="f = m.C.f\n",
        expect=["m.C().f() is f(m.C()) is m.C", "not vars(m.C.f)", "not not_applied and not executed"],
    ),
    "a method in a branch that ceases to need its class": Edit(
        BRANCH.replace("return 1", "return __class__"),
        BRANCH.replace("return 1", "return 2"),
        held="f = m.C.f\n",
        expect=["m.C().f() == f(m.C()) == 2", "m.C.f.__closure__ is None and not vars(m.C.f)", "not not_applied and not executed"],
    ),
    "a function called for what it does, and another one is called now": Edit(
        SETS,
        SETS.replace("def f(): D.v", "def g(): D.v"),
        expect=["m.D.v == 1 and 'D.f()' in not_applied"],
    ),
    "a function called for what it does, under a name that stands for another one now": Edit(
        "L = []\ndef f(): L.append(1)\ndef g(): pass\nh = f\nh()\n",
        "L = []\ndef f(): L.append(1)\ndef g(): pass\nh = g\nh()\n",
        expect=["m.L == [1] and 'h()' in not_applied"],
    ),
    "functions called for what they do, the other of which does the same": Edit(
        "L = {}\ndef f(): L[1] = 1\ndef g(): L[1] = 2\nh = f\nh()\n",
        "L = {}\ndef f(): L[1] = 1\ndef g(): L[1] = 2\nh = g\nh()\n",
        expect=["m.L == {1: 2}", "not not_applied"],
    ),
    "what a failing save has made a function say of itself": Edit(
        "def f(x=1): pass\ng = f\n",
        "def f(x=1): pass\ng = f\ng.__doc__ = g.__name__ = 'x'\ng.__defaults__ = (2,)\ng.__code__ = (lambda x: 3).__code__\nraise ValueError\n",
        expect=["outcome == 'rolledBack'", "(m.f.__doc__, m.f.__name__, m.f.__defaults__, m.f()) == (None, 'f', (1,), None)"],
    ),
    "the docstring of a function that one of another module is put around": Edit(
        {"m": "def f():\n    'One.'\n", "n": "import functools, m\nclass C:\n    @functools.wraps(m.f)\n    def g(self): pass\n@functools.wraps(m.f)\ndef g(): pass\n"},
        {"m": "def f():\n    'Two.'\n"},
        held="C, g = n.C, n.g\n",
        expect=["C.g.__doc__ == g.__doc__ == 'Two.'"],
    ),
    "a name that is removed and stands for something built in then": Edit(
        "def filter(): pass\nX = filter\ndef f(by=filter): return by\n",
        "X = filter\ndef f(by=filter): return by\n",
        expect=["m.X is m.f() is type(filter(None, ()))", "not not_applied"],
    ),
    "a method that its class removes, and a value computed by it": Edit(
        "class C:\n    def f(self): return 1\nX = C().f()\n",
        "class C:\n    def f(self): return 1\n    del f\nX = C().f()\n",
        expect=["outcome == 'rolledBack' and m.C().f() == m.X == 1"],
    ),
    "a method that is removed before it is there": Edit(
        "class C:\n    def f(self): return 1\n    del f\n",
        "class C:\n    del f\n    def f(self): return 1\n",
        expect=["outcome == 'rolledBack' and not hasattr(m.C, 'f')"],
    ),
    "results that a class keeps for its methods": Edit(
        KEEPS, KEEPS.replace("v = 1", "v = 2"), expect=["m.C.f(1).v == 2 or 'C.kept' in not_applied", "not_applied.count('C.kept') == 1"]
    ),
    "results that a class does not keep yet": Edit(KEEPS.replace("C.f(1)", ""), KEEPS.replace("C.f(1)", "").replace("v = 1", "v = 2"), expect=["not not_applied"]),
    "what a statement has changed itself, in a module that is looked at twice": Edit(
        {"m": COUNTS, "n": "import m\nY = m.K > 0\n"},
        {"m": COUNTS.replace("K = 1", "K = 5")},
        expect=["m.V == 2", "not_applied == ['if n.Y + K > V: f()']"],
    ),
    "a name that is bound for a statement which is not executed": Edit(
        "C = {}\ndef f(x): C['f'] = x\nD = C.setdefault(len(C), 1)\nif D: f(D)\ndel D\n",
        "C = {}\ndef f(x): C['f'] = x + 1\nD = C.setdefault(len(C), 1)\nif D: f(D)\ndel D\n",
        expect=["m.C == {0: 1, 'f': 1}", "not_applied == ['if D: f(D)']"],
    ),
    "a docstring that is edited, with its indentation": Edit(
        DOCS,
        DOCS.replace("Two", "Four", 2),
        expect=["(m.C.__doc__, m.__doc__) == (m.D.__doc__.replace('Two', 'Four'),) * 2"],
    ),
    "a name that functions bind too, read above all that binds it": Edit(
        "S = 1\ndef f():\n    global S\n    S = 2\n", "N = S\nS = 1\ndef f():\n    global S\n    S = 2\n", expect=["'N' in not_applied"]
    ),
    "a name that a function binds which is called above": Edit(
        "def f():\n    global S\n    S = 2\nf()\nS = 1\n", "def f():\n    global S\n    S = 2\nf()\nN = S\nS = 1\n", expect=["not not_applied"]
    ),
    "a name for what makes instances, in the body of a class": Edit(
        "class C:\n    def __new__(cls): return object.__new__(cls)\n",
        "class C:\n    def __new__(cls): return object.__new__(cls)\n    make = __new__\n",
        expect=["type(vars(m.C)['make']) is type(m.C.make)"],
    ),
    "a name that is removed under another condition": Edit(
        TWICE, TWICE.replace("    del f", "    if X: del f"), expect=["outcome == 'applied' and not hasattr(m, 'f')"]
    ),
    "names that are removed together": Edit(
        "a = 1\nb = 2\nX = a + b\ndel a\n", "a = 1\nb = 2\nX = a + b\ndel a, b\n", expect=["m.X == 3 and not {'a', 'b'} & vars(m).keys()"]
    ),
    "a value computed of a name that a branch removes": Edit(
        "a = 1\nX = a\nif X: del a\n", "a = 1\nX = a + 1\nif X: del a\n", expect=["m.X == 2 and not hasattr(m, 'a')"]
    ),
    "an attribute of a class that a statement sets, and who lists them": Edit(
        {"m": "class C: pass\n", "n": "from m import C\nX = sorted(C.__dict__)\n"},
        {"m": "class C: pass\nC.mark = 1\n"},
        expect=["'mark' in n.X or 'X' in not_applied"],
    ),
    "a table that loses items, bound to itself": Edit(
        "def f(): return [1, 2, 3]\nX = f()\ndel X[-1:]\n", "def f(): return [1, 2, 3]\nX = f()\ndel X[-1:]\nX = X\n", expect=["m.X == [1, 2]"]
    ),
    "a table that is filled between statements that build on it": Edit(
        "X = []\nX.append(1)\nX += [2]\nX.append(3)\nX += [4]\n", "X = []\nX.append(1)\nX += [2]\nX.append(3)\nX += [5]\n", expect=["m.X == [1, 2, 3, 5]"]
    ),
    "a name that a statement has set by what it is called": Edit(
        "if 1:\n    globals()['x'] = 1\n", "y = 1\n", expect=["not hasattr(m, 'x') or 'if 1:' in not_applied"]
    ),
    "the docstring of a method that is bound at module level": Edit(
        "class C:\n    def f(self):\n        'One.'\nf = C().f\n", "class C:\n    def f(self):\n        'Two.'\nf = C().f\n",
        held="f = m.f\n", expect=["outcome == 'applied' and f.__doc__ == m.f.__doc__ == 'Two.'"],
    ),
    "classes of one name": Edit(
        "class C:\n    a = 1\n",
        "\n\nclass C:\n    b = 1\nclass C:\n    a = 1\n",
        expect=["m.C.__firstlineno__ == 5", "m.C.a == 1 and not hasattr(m.C, 'b')"],
        since=(3, 13),  # where a class knows its line
    ),
    "one of several classes of one name": Edit(
        "class C:\n    a = 1\nclass C:\n    a = 1\n", "\nclass C:\n    a = 1\n", expect=["m.C.__firstlineno__ == 2"], since=(3, 13)
    ),
    "attributes that a new method sets": Edit(
        METHODS,
        METHODS + "    def g(self): self.b = 1\n",
        expect=["sorted(m.C.__static_attributes__) == ['a', 'b']"],
        since=(3, 13),  # where a class knows them
    ),
    "other attributes that a method sets": Edit(
        METHODS, METHODS.replace("self.a", "self.c"), expect=["m.C.__static_attributes__ == ('c',)"], since=(3, 13)
    ),
    "a name that is removed, bound again, and read below": Edit(
        "def f(): return 1\nX = f()\n",
        "def f(): return 1\ndel f\ndef f(): return 1\nX = f()\n",
        expect=["not not_applied"],
    ),
}

Edits = tests_of(EDITS)


class Others(PatchCase):
    def test_a_set_of_constants_is_the_same_in_whatever_order(self) -> None:
        """It has another one in each process, and a module whose text is not proven to be what runs is executed as a whole."""
        sets = [", ".join(f"'name{number * count}'" for number in range(40)) for count in range(1, 40)]
        text = "STATE = []\n" + "".join(f"def f{count}(x): return x in {{{names}}}\n" for count, names in enumerate(sets))
        module = self.load(text)
        state = module.STATE
        report = self.save(f"{text}\ndef g(): return 1\n")
        self.assertIs(module.STATE, state)
        self.assertNotIn("fallback", report["checked"][0])

    def test_properties_that_read_each_other_are_looked_into_once(self) -> None:
        """Each way through them would take for ever."""
        reads = "".join(
            f"    @property\n    def p{number}(self): return (o.p{number + 1}, o.p{number + 2}, o.p{number + 3})\n" for number in range(60)
        )
        text = f"V = len('ab')\nclass C:\n{reads}    @property\n    def p60(self): return V\no = C()\ndef f(): return o.p0\nX = 0 if o else f()\n"
        module = self.load(text)
        self.save(text.replace("ab", "cd"))  # which changes nothing, as only executing it shows
        self.assertEqual((module.V, module.X), (2, 0))


if __name__ == "__main__":
    unittest.main()
