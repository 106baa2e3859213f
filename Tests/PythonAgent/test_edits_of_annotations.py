"""What annotations mean, for who asks: `typing.get_type_hints` and others, where a name in an annotation stands for something else."""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

FUTURE = "from __future__ import annotations\n"
# How an annotation is written: evaluated at once, as a text, and left alone by the whole module.
WAYS = {"now": ("", "Alias"), "as a text": ("", "'Alias'"), "later": (FUTURE, "Alias")}
INT, STR = "Alias = int\n", "Alias = str\n"


def edit_of(before: str, *expect: str, held: str = "", **more: str) -> Edit:
    """Of a text in which the alias stands for another class."""
    return Edit({"m": before.replace("ALIAS", "int"), **more}, {"m": before.replace("ALIAS", "str")}, held=held, expect=[*expect])


EDITS = {}
for how, (future, Alias) in WAYS.items():
    asks = f"{future}from typing import get_type_hints\nALIASES"
    kept = f"def f(x: {Alias}): pass\nclass C:\n    x: {Alias}\n    def f(self) -> {Alias}: pass\n"
    asked = "H = get_type_hints(f)\nK = [get_type_hints(C), get_type_hints(C.f)]\n"
    expect = ["m.H == {'x': str}", "m.K == [{'x': str}, {'return': str}]", "not not_applied"]
    EDITS |= {
        f"hints that are kept, {how}": Edit(
            asks.replace("ALIASES", INT) + kept + asked, asks.replace("ALIASES", STR) + kept + asked, expect=expect
        ),
        f"an alias of another module, {how}": Edit(
            {"a": INT, "m": asks.replace("ALIASES", "from a import Alias\n") + kept + asked}, {"a": STR}, expect=expect
        ),
        f"an alias behind its module, {how}": Edit(
            {"a": INT, "m": (asks.replace("ALIASES", "import a\n") + kept + asked).replace("Alias", "a.Alias")}, {"a": STR}, expect=expect
        ),
        f"hints of another module's, {how}": Edit(
            {"a": future + INT + kept, "m": "import a\nfrom typing import get_type_hints\nfrom a import f\nfrom a import C\n" + asked},
            {"a": future + STR + kept},
            expect=expect,
        ),
        f"hints of another module's, with an alias of a third one, {how}": Edit(
            {"b": INT, "a": f"{future}from b import Alias\n{kept}", "m": "from typing import get_type_hints\nfrom a import *\n" + asked},
            {"b": STR},
            expect=expect,
        ),
        f"a decorator that asks, {how}": edit_of(
            asks.replace("ALIASES", "") + "def wants(f):\n    f.wants = get_type_hints(f)\n    return f\nAlias = ALIAS\n"
            f"@wants\ndef f(x: {Alias}): pass\n@wants\nclass C:\n    x: {Alias}\n    @wants\n    def f(self, y: {Alias}): pass\n",
            "m.f is f", "m.C is C", "f.wants == C.wants == {'x': str}", "C.f.wants == {'y': str}", "not not_applied",
            held="f, C = m.f, m.C",
        ),
        f"a base that asks, {how}": edit_of(
            asks.replace("ALIASES", "") + "class B:\n    def __init_subclass__(cls): cls.wants = get_type_hints(cls)\nAlias = ALIAS\n"
            f"class C(B):\n    x: {Alias}\n",
            "m.C is C", "C.wants == {'x': str}", "not not_applied",
            held="C = m.C",
        ),
        f"a function that remembers what it was told, {how}": edit_of(
            asks.replace("ALIASES", "") + f"import functools\nAlias = ALIAS\ndef f(x: {Alias}): pass\n@functools.cache\n"
            "def hints(f): return get_type_hints(f)\ndef run(): return hints(f)\n",
            "m.run() == {'x': str}", "not not_applied",
            held="m.run()",
        ),
        f"a table of hints, {how}": edit_of(
            asks.replace("ALIASES", "") + f"Alias = ALIAS\ndef f(x: {Alias}): pass\nKNOWN = {{}}\n"
            "def hints(f):\n    if f not in KNOWN: KNOWN[f] = get_type_hints(f)\n    return KNOWN[f]\n",
            "not_applied == ['KNOWN']",
            held="m.hints(m.f)",
        ),
        f"an implementation that is chosen by its annotation, {how}": edit_of(
            asks.replace("ALIASES", "") + "import functools\nAlias = ALIAS\n@functools.singledispatch\ndef f(x): return 'any'\n"
            f"@f.register\ndef _(x: {Alias}): return 'this'\n",
            "m.f('') == 'this'", "m.f(1) == 'any'", "not not_applied",
        ),
        f"a function that asks of what it is given, {how}": edit_of(
            asks.replace("ALIASES", "") + f"def names(f): return tuple(each.__name__ for each in get_type_hints(f).values())\nAlias = ALIAS\n"
            f"def f(x: {Alias}): pass\nX = names(f)\nL = []\ndef g(y: int): pass\nL.append(names(g))\n",
            "m.X == ('str',)", "m.L == [('int',)]", "not not_applied",
        ),
        f"a signature, {how}": edit_of(
            f"{future}import functools, inspect\nAlias = ALIAS\ndef f(x: {Alias}, y: {Alias}): pass\np = functools.partial(f, 1)\n"
            "S = str(inspect.signature(f, eval_str=True))\nP = str(inspect.signature(p, eval_str=True))\n",
            "m.S == '(x: str, y: str)'", "m.P == '(y: str)'", "not not_applied",
        ),
        f"definitions in branches, {how}": edit_of(
            asks.replace("ALIASES", "") + f"Alias = ALIAS\nif True:\n    def f(x: {Alias}): pass\n    class C:\n        x: {Alias}\n"
            "H, K = get_type_hints(f), get_type_hints(C)\n",
            "m.H == m.K == {'x': str}", "not not_applied",
        ),
    }

EDITS |= {
    "what typing has found out, and keeps in an annotation": edit_of(
        "from typing import Dict\nAlias = ALIAS\ndef f(x: Dict[str, 'Alias']): pass\n",
        "typing.get_type_hints(m.f) == {'x': typing.Dict[str, str]}", "not not_applied",
        held="import typing\ntyping.get_type_hints(m.f)",
    ),
    "an annotation of a method that is asked for": Edit(
        "import inspect\nclass C:\n    def f(self, x: int = 1): pass\nS = str(inspect.signature(C.f))\n",
        "import inspect\nclass C:\n    def f(self, x: str = 2): pass\nS = str(inspect.signature(C.f))\n",
        expect=["m.S == '(self, x: str = 2)'", "not not_applied"],
    ),
    "the signature of a class by a function": Edit(
        "import inspect\ndef told(c): return str(inspect.signature(c))\nclass C:\n    def __init__(self, x=1): pass\nS = told(C)\n",
        "import inspect\ndef told(c): return str(inspect.signature(c))\nclass C:\n    def __init__(self, y=2): pass\nS = told(C)\n",
        expect=["m.S == '(y=2)'", "not not_applied"],
    ),
    "a text that names no alias": Edit(
        "from typing import *\nAlias = 1\ndef f(x: Literal['Alias']): pass\nL = []\nL.append(get_type_hints(f))\n",
        "from typing import *\nAlias = 2\ndef f(x: Literal['Alias']): pass\nL = []\nL.append(get_type_hints(f))\n",
        expect=["len(m.L) == 1", "m.L[0] is kept", "not not_applied"],
        held="kept = m.L[0]",
    ),
    "classes that name each other": Edit(
        FUTURE + "from typing import get_type_hints\nclass A:\n    b: B\n    v = 1\nclass B:\n    a: A\nH = get_type_hints(A)\n",
        FUTURE + "from typing import get_type_hints\nclass A:\n    b: B\n    v = 2\nclass B:\n    a: A\nH = get_type_hints(A)\n",
        expect=["m.H is kept", "m.A.v == 2", "not not_applied"],
        held="kept = m.H",
    ),
    "a decorator that looks at no annotations": Edit(
        FUTURE + "import functools\nN = []\nAlias = int\n@functools.lru_cache\ndef f(x: Alias): return len(N)\n",
        FUTURE + "import functools\nN = []\nAlias = str\n@functools.lru_cache\ndef f(x: Alias): return len(N)\n",
        held="m.f(1)\nm.N.append(1)",
        expect=["m.f(1) == 0", "not not_applied"],
    ),
}

Edits = tests_of(EDITS)


if __name__ == "__main__":
    unittest.main()
