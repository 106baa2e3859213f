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

EDITS = {
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
