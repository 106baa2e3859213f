"""Random programs of several modules, and random edits of them. A program is a text for each module; an edit changes a few.

An item is one top-level statement (or a few that belong together): a kind from `FORMS`, a name, three number-valued
expressions of what stands before it, and `extra`, which picks the second of the kind's two texts.
"""

from __future__ import annotations

import copy
import random
import re
from typing import Any, NamedTuple

HEAD = """\
import abc, asyncio, collections, contextlib, enum, functools, typing
from dataclasses import dataclass, field
HANDLERS = {}
def register(f):
    HANDLERS[f.__qualname__] = f
    return f
def tag(c):
    c.tag = 7
    return c
def deco(f):
    def wrapper(*a, **k): return f(*a, **k) + 1
    return wrapper
def wrapped(f):
    @functools.wraps(f)
    def wrapper(*a, **k): return f(*a, **k) + 2
    return wrapper
def scaled(by):
    def around(f):
        def scaling(*a, **k): return f(*a, **k) * by
        return scaling
    return around
class _Field:
    def __init__(self, base): self.base = base
    def __set_name__(self, owner, name): self.name = name
    def __get__(self, instance, owner): return self.base + len(self.name)
class _Meta(type):
    def __new__(cls, name, bases, namespace): return super().__new__(cls, name, bases, {**namespace, "made": len(name)})
class _Hooked:
    seen = 0
    def __init_subclass__(cls, **more):
        super().__init_subclass__(**more)
        cls.seen = getattr(cls, "K", 0) + 1
"""
# What every module has, and what is state rather than an answer.
BUILT = frozenset(re.findall(r"^(?:class|def) (\w+)", HEAD, re.M)) | {"HANDLERS"}


class Form(NamedTuple):
    """How a kind of statement is written, without and with `extra`, and which expressions of it are numbers."""

    text: str
    other: str
    numbers: tuple[str, ...]
    follows: bool = False  # who holds it gets what the saved text makes of it
    needs: str = ""  # a base of this family


FORMS = {
    "value": Form("$n = $1", "$n = ($1) * 2", ("$n", "$n + 2")),
    "annotated": Form("$n: int = $1", "$n: float = $1", ("$n",)),
    "pair": Form("$n, $n_ = $1, $2", "$n_, $n = $1, $2", ("$n", "$n_")),
    "chained": Form("$n = $n_ = $1", "$n = $n_ = $2", ("$n", "$n_")),
    "list": Form("$n = [$1, $2]", "$n = [$1, $2, $3]", ("$n[0]", "len($n)")),
    "dict": Form("$n = {'k': $1, 'l': ($2,)}", "$n = dict(k=$1, m=$3)", ("$n['k']", "len($n)")),
    "set": Form("$n = {$1, $2}", "$n = frozenset(($1, $2))", ("len($n)",)),
    "text": Form('$n = f"<{$1}>"', "$n = str($1) * 2", ("len($n)",)),
    "generator": Form("$n = tuple(v + $1 for v in range($2 % 4))", "$n = [v + $1 for v in range(3) if v]",
                      ("len($n)",)),
    "mapping": Form("$n = {v: v * ($1) for v in range(3)}", "$n = {v: ($2) for v in range(2)}", ("$n[1]",)),
    "functions": Form("$n = {'f': lambda: $1}", "$n = {'f': lambda: $1, 'g': lambda: $2}", ("$n['f']()",)),
    "conditional": Form("if ($1) % 2:\n    $n = $2\nelse:\n    $n = $3", "if ($1) % 3:\n    $n = $2\nelse:\n    $n = 1",
                        ("$n",)),
    "ternary": Form("$n = $1 if ($2) > 3 else $3", "$n = $1 if ($2) > 5 else $3", ("$n",)),
    "either": Form("if ($1) % 2:\n    def $n(): return $2\nelse:\n    def $n(): return $3",
                   "if ($1) > 4:\n    def $n(): return $2\nelse:\n    def $n(d=$3): return d", ("$n()",)),
    "loop": Form("$n = 0\nfor i$n in range($1 % 5):\n    $n += $2", "$n = 1\nfor i$n in ($1, $3):\n    $n += i$n", ("$n",)),
    "while": Form("$n = $1\nwhile $n > 3:\n    $n -= 3", "$n = $1\nwhile $n > 3:\n    $n -= 2", ("$n",)),
    "augmented": Form("$n = $1\n$n += $2", "$n = $1\n$n += $2\n$n *= 2", ("$n",)),
    "tried": Form("try:\n    $n = $1\n    $n = $n + missing\nexcept NameError:\n    $n = $2",
                  "try:\n    $n = $1 // 0\nexcept ZeroDivisionError as error:\n    $n = $3\nelse:\n    $n = 1", ("$n",)),
    "deleted": Form("t$n = $1\n$n = t$n + $2\ndel t$n", "t$n = $1\n$n = t$n\ndel t$n", ("$n",)),
    "with": Form("with contextlib.nullcontext($1) as w$n:\n    $n = w$n + $2",
                 "with contextlib.nullcontext($3) as w$n:\n    $n = w$n", ("$n", "w$n")),
    "walrus": Form("$n = (v$n := $1) + $2", "$n = (v$n := $3) + 1", ("$n", "v$n")),
    "matched": Form("match ($1) % 3:\n    case 0:\n        $n = $2\n    case _:\n        $n = $3",
                    "match ($1) % 2:\n    case 1:\n        $n = $2\n    case _:\n        $n = 8", ("$n",)),
    "function": Form("def $n():\n    return $1", "def $n(d=$2, *, e=$3):\n    'doc'\n    return $1 + d + e", ("$n()",), True),
    "variable": Form("def $n(*a, **k):\n    return $1 + len(a)", "def $n(a: int = $2) -> int:\n    return $1 - a",
                     ("$n()",), True),
    "lambda": Form("$n = lambda: $1", "$n = lambda d=$2: $1 + d", ("$n()",), True),
    "yields": Form("def $n():\n    yield $1\n    yield $2", "def $n(d=$3):\n    yield from (d, $1)", ("sum($n())",), True),
    "async": Form("async def $n():\n    return $1", "async def $n(d=$2):\n    return d + $1", ("asyncio.run($n())",), True),
    "decorated": Form("@deco\ndef $n(d=$2):\n    return $1 + d", "# plain\ndef $n(d=$2):\n    return $1 + d", ("$n()",), True),
    "stacked": Form("@deco\n@wrapped\ndef $n():\n    return $1", "@wrapped\n@scaled($2)\ndef $n():\n    return $1",
                    ("$n()",)),
    "scaled": Form("@scaled($2)\ndef $n():\n    return $1", "@scaled($3)\ndef $n(d=$2):\n    return $1 + d", ("$n()",), True),
    "wrapping": Form("@wrapped\ndef $n():\n    return $1", "@wrapped\ndef $n(d=$2):\n    'doc'\n    return $1 + d", ("$n()",), True),
    "registered": Form("@register\ndef $n():\n    return $1", "@register\ndef $n(d=$2):\n    return $1", ("$n()",), True),
    "factory": Form("def make_$n(n=$2):\n    def inner(): return n + ($1)\n    return inner\n$n = make_$n()",
                    "def make_$n(n=$2):\n    def inner(): return n - ($1)\n    return inner\n$n = make_$n($3)", ("$n()",), True),
    "counter": Form("def make_$n(n):\n    m = n + $1\n    def inner():\n        return m + n\n    return inner\n$n = make_$n($2)",
                    "def make_$n(n):\n    m = n * $1\n    def inner():\n        return m * n\n    return inner\n$n = make_$n($2)",
                    ("$n()",), True),
    "twice": Form("def $n(): return $1\ndef $n(d=$2): return $3 + d", "def $n(): return $1", ("$n()",), True),
    "partial": Form("$n = functools.partial(lambda a: a + $1, $2)", "$n = functools.partial(lambda a, b=$3: a + b, $2)", ("$n()",)),
    "cached": Form("@functools.lru_cache\ndef $n(d=$2):\n    return $1 + d", "@functools.cache\ndef $n():\n    return $1",
                   ("$n()",)),
    "dispatched": Form("@functools.singledispatch\ndef $n(v=0): return $1\n@$n.register\ndef $n_(v: int): return $2",
                       "@functools.singledispatch\ndef $n(v=0): return $1\n@$n.register\ndef $n_(v: str): return $3",
                       ("$n(0)", "$n('')", "$n(.5)")),
    "managed": Form("@contextlib.contextmanager\ndef $n():\n    yield $1", "@contextlib.contextmanager\ndef $n(d=$2):\n    yield d + $1",
                    ("$n().__enter__()",)),
    "class": Form("class $n:\n    K = $1\n    def m(self): return self.K + $2\n    @staticmethod\n    def s(): return $3",
                  "class $n:\n    'doc'\n    K = $1\n    def m(self, d=$3): return self.K + $2 + d\n    def n(self): return $3",
                  ("$n.K", "$n().m()"), True),
    "methods": Form("class $n:\n    K = $1\n    @classmethod\n    def m(cls): return cls.K + $2\n    @property\n    def p(self): return $3",
                    "class $n:\n    K = $1\n    @staticmethod\n    def m(): return $2\n    p = $3", ("$n.K", "$n.m()", "$n().p"), True),
    "state": Form("class $n:\n    K = $1\n    def __init__(self, x=$2): self.x = x\n    def m(self): return self.x + $3",
                  "class $n:\n    K = $1\n    def __init__(self): self.x = $2; self.y = $3\n    def m(self): return self.x",
                  ("$n.K", "$n().m()", "$n().x"), True),
    "property": Form("class $n:\n    K = 1\n    def __init__(self, x=$1): self.x = x\n    @property\n    def p(self): return self.x + $2\n"
                     "    def m(self): return $3",
                     "class $n:\n    K = 1\n    def __init__(self, x=$1): self.x = x\n    @property\n    def p(self): return self.x\n"
                     "    @p.setter\n    def p(self, v): self.x = v + $2\n    def m(self): return $3", ("$n().p", "$n().m()"), True),
    "lazy": Form("class $n:\n    K = $1\n    @functools.cached_property\n    def p(self): return $2\n    def m(self): return self.p",
                 "class $n:\n    K = $1\n    @functools.cached_property\n    def p(self): return $3\n    def m(self): return self.p + 1",
                 ("$n.K", "$n().p", "$n().m()"), True),
    "computed": Form("class $n:\n    A = $1\n    K = A + $2\n    L = [K, $3]\n    def m(self, d=K): return d",
                     "class $n:\n    A = $1\n    K = A * 2\n    L = (K,)\n    def m(self, d=A): return d", ("$n.K", "$n().m()", "$n.L[0]"), True),
    "private": Form("class $n:\n    __k = $1\n    K = __k + $2\n    def __p(self): return self.__k\n    def m(self): return self.__p()",
                    "class $n:\n    __k = $1\n    K = __k\n    def __p(self): return self.__k + $3\n    def m(self): return self.__p()",
                    ("$n.K", "$n().m()"), True),
    "nested": Form("class $n:\n    K = $3\n    class In:\n        K = $1\n        def m(self): return self.K + $2\n    def m(self): return self.In().m()",
                   "class $n:\n    K = $3\n    class In:\n        def m(self): return $2\n    def m(self): return 1", ("$n.K", "$n.In().m()"), True),
    "tagged": Form("@tag\nclass $n:\n    K = $1\n    def m(self): return $2", "# plain\nclass $n:\n    K = $1\n    def m(self): return $3",
                   ("$n.K", "$n().m()"), True),
    "described": Form("class $n:\n    K = 2\n    f = _Field($1)\n    def m(self): return self.f", "class $n:\n    K = 2\n    f = _Field($1)\n    g = _Field($2)\n"
                      "    def m(self): return self.g", ("$n().m()", "$n().f"), True),
    "hooked": Form("class $n(_Hooked):\n    K = $1\n    def m(self): return $2", "class $n(_Hooked):\n    def m(self): return $3", ("$n().m()", "$n.seen"), True),
    "made": Form("class $n(metaclass=_Meta):\n    K = $1\n    def m(self): return $2", "class $n(metaclass=_Meta):\n    K = $1\n    def m(self): return self.made + $3",
                 ("$n.K", "$n().m()"), True),
    "slots": Form("class $n:\n    __slots__ = ('x',)\n    K = $1\n    def __init__(self): self.x = 3\n    def m(self): return self.x + $2",
                  "class $n:\n    __slots__ = ('x',)\n    K = $1\n    def __init__(self): self.x = 3\n    def m(self, d=$3): return d", ("$n.K", "$n().m()"), True),
    "abstract": Form("class $n(abc.ABC):\n    K = $1\n    def m(self): return $2", "class $n(abc.ABC):\n    K = $1\n    def m(self): return $3\n    def n(self): return 2",
                     ("$n.K", "$n().m()"), True),
    "error": Form("class $n(Exception):\n    K = $1\n    def m(self): return $2", "class $n(ValueError):\n    K = $1\n    def m(self): return $3", ("$n.K", "$n().m()"), True),
    "raises": Form("def $n():\n    try:\n        raise ValueError($1)\n    except ValueError as e:\n        return e.args[0]",
                   "def $n():\n    try:\n        raise KeyError($2)\n    except LookupError as e:\n        return e.args[0]", ("$n()",), True),
    "enum": Form("class $n(enum.Enum):\n    A = ($1, 1)\n    B = ($2, 2)", "class $n(enum.Enum):\n    A = ($1, 1)\n    B = ($2, 2)\n    C = 77",
                 ("$n.A.value[0]", "len($n)"), True),
    "intenum": Form("class $n(enum.IntEnum):\n    A = $1\n    B = 50\n    def m(self): return $2", "class $n(enum.IntEnum):\n    A = $1\n    B = 50\n    C = 60\n    def m(self): return $3",
                    ("$n.A + 1", "$n.B.m()"), True),
    "dataclass": Form("@dataclass\nclass $n:\n    x: int = $1\n    def m(self): return self.x + $3", "@dataclass\nclass $n:\n    x: int = $1\n    y: int = $2\n    def m(self): return self.x + $3",
                      ("$n().m()", "$n.x"), True),
    "frozen": Form("@dataclass(frozen=True, order=True)\nclass $n:\n    x: int = $1\n    def m(self): return $3",
                   "@dataclass(order=True)\nclass $n:\n    x: int = $1\n    z: list = field(default_factory=lambda: [$2])\n    def m(self): return $3", ("$n().m()", "$n().x"), True),
    "named": Form("class $n(typing.NamedTuple):\n    x: int = $1\n    def m(self): return self.x + $2", "class $n(typing.NamedTuple):\n    x: int = $1\n    y: int = $3\n    def m(self): return self.x + $2",
                  ("$n().m()", "$n()[0]"), True),
    "derived": Form("class $n($b):\n    K = $1\n    def m(self): return super().m() + $2", "class $n($b):\n    def m(self): return super().m() - ($2)", ("$n.K", "$n().m()"), True, "class"),
    "overrides": Form("class $n($b):\n    def m(self): return $1\n    def o(self): return super().m()", "class $n($b):\n    def o(self): return self.K + $1", ("$n.K", "$n().o()"), True, "class"),
    "subdata": Form("@dataclass\nclass $n($b):\n    w: int = $1\n    def v(self): return self.w + self.x", "@dataclass\nclass $n($b):\n    w: int = $1\n    v_: int = $2\n    def v(self): return self.w",
                    ("$n().v()", "$n().m()"), True, "dataclass"),
    "caller": Form("def $n():\n    return [$1, $2][0]", "def $n():\n    return max($1, $2)", ("$n()",), True),
    "local": Form("def $n():\n    import $M\n    return len($M.__name__) + $1", "def $n():\n    return $1", ("$n()",), True),
    "writes": Form("import $M\n$n = $1\n$M._EXTRA = $n", "import $M\n$n = $2\n$M._EXTRA, $M._MORE = $n, 3", ("$n",)),
    "reads": Form("import $M\n$n = ($M._EXTRA if hasattr($M, '_EXTRA') else 0) + $1", "import $M\ndef f$n(): return getattr($M, '_EXTRA', 5)\n$n = f$n() + $2",
                  ("$n",)),
    "unpacked": Form("$n, *$n_ = $1, $2, $3", "*$n_, $n = $1, $2", ("$n", "len($n_)")),
    "sorted": Form("$n = sorted([$1, $2, $3])[0]", "$n = min($1, $2, $3)", ("$n",)),
    "bound": Form("class C$n:\n    K = $1\n    def m(self): return $2\n$n = C$n().m", "class C$n:\n    K = $3\n    def m(self): return $2\n$n = C$n().m", ("$n()", "C$n.K")),
    "instance": Form("class C$n:\n    K = $1\n    def m(self): return self.K + $2\n$n = C$n()", "class C$n:\n    K = $3\n    def m(self): return self.K\n$n = C$n()", ("$n.m()", "$n.K")),
    "collected": Form("$n = collections.Counter([$1, $2, 3])", "$n = collections.Counter([$1])", ("len($n)",)),
}
FAMILIES = {
    "class": ("class", "state", "property", "private", "tagged", "described", "hooked", "made", "abstract", "lazy", "computed", "derived", "overrides"),
    "dataclass": ("dataclass", "subdata"),
}
CLASSES = tuple(kind for kind, form in FORMS.items() if form.text.lstrip("@tagdc\n").startswith("class $n") or "\nclass $n" in form.text)
TOPOLOGIES = (("a", "b", "c"), ("a", "b", "c"), ("a", "p.s", "p", "b"), ("a", "b"), ("p.s", "p.t", "p", "c"), ("a", "b", "c", "d", "e"))


class Item:
    def __init__(self, kind: str, name: str, /, **parts: Any) -> None:
        self.kind = kind
        self.name = name
        self.parts = parts

    @property
    def bound(self) -> list[str]:
        """The names that others can import."""
        return [self.name] if self.kind != "star" else []


class Source:
    """One module's text under edit."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.items: list[Item] = []
        self.comment = 0

    def item(self, name: str) -> Item | None:
        return next((item for item in self.items if item.name == name), None)


class Program:
    """Modules, each of which may import those before it."""

    def __init__(self, maker: random.Random) -> None:
        self.random = maker
        self.names = maker.choice(TOPOLOGIES)
        self.sources = {name: Source(name) for name in self.names}
        self.count = 0
        for name in self.names:
            for _ in range(maker.randint(3, 10)):
                self.add(self.sources[name], len(self.sources[name].items))

    # What there is

    def others(self, source: Source) -> list[Source]:
        return [self.sources[name] for name in self.names[: self.names.index(source.name)]]

    def _origin(self, item: Item) -> Item | None:
        """What an import brings; the item itself for others."""
        while item is not None and item.kind == "import":
            item = self.sources[item.parts["of"]].item(item.parts["name"])  # type: ignore[assignment]
        return item

    def visible(self, source: Source, at: int) -> list[tuple[str, Item, bool]]:
        """(what stands for it there, item, whether the names beside it are there too)."""
        found: list[tuple[str, Item, bool]] = []
        for item in source.items[:at]:
            if item.kind == "module":
                found += [(f"{item.name}.{name}", origin, False) for name, origin in self._own(item.parts["of"])]
            elif item.kind == "star":
                found += [(name, origin, origin.name == name) for name, origin in self._own(item.parts["of"])]
            else:
                origin = self._origin(item)
                if origin is not None:
                    found.append((item.name, origin, origin is item))
        return found

    def _own(self, module: str) -> list[tuple[str, Item]]:
        pairs = [(item.name, self._origin(item)) for item in self.sources[module].items if item.kind not in ("module", "star")]
        return [(name, item) for name, item in pairs if item is not None]

    def number(self, source: Source, at: int) -> str:
        """An expression that is a number."""
        pick = self.random
        choices = [str(pick.randint(0, 9))] * 2
        for name, item, whole in self.visible(source, at):
            if item.kind in FORMS:
                for number in FORMS[item.kind].numbers:
                    if whole or not re.search(r"\w\$n|\$n_", number):
                        choices.append(number.replace("$n", name))
        found = pick.choice(choices)
        return f"{found} + {pick.randint(1, 3)}" if pick.random() < 0.2 else found

    # Edits

    def add(self, source: Source, at: int, name: str | None = None) -> None:
        self.count += 1
        pick = self.random
        others = self.others(source)
        if others and name is None and pick.random() < 0.3:
            return self._add_import(source, at, pick.choice(others))
        kind = pick.choice(list(FORMS))
        parts: dict[str, Any] = {str(i): self.number(source, at) for i in (1, 2, 3)}
        parts["extra"] = pick.random() < 0.5
        if FORMS[kind].needs:
            bases = [text for text, item, _ in self.visible(source, at) if item.kind in FAMILIES[FORMS[kind].needs]]
            if not bases:
                return None
            parts["base"] = pick.choice(bases)
        if "$M" in FORMS[kind].text:
            # what reads is executed last: the program does not know what those before have not seen yet
            if not others or kind != "local" and (kind == "reads") != (source.name == self.names[-1]):
                return None
            parts["module"] = pick.choice(others).name
        if name is None:
            name = f"{kind.title() if kind in CLASSES else kind}{self.count}{source.name[-1]}"
        source.items.insert(at, Item(kind, name, **parts))

    def _add_import(self, source: Source, at: int, other: Source) -> None:
        pick = self.random
        form = pick.random()
        if form < 0.2:
            alias = pick.choice((other.name, f"m{self.count}"))
            if source.item(alias) is None:
                source.items.insert(at, Item("module", alias, of=other.name))
        elif form < 0.35:
            source.items.insert(at, Item("star", f"star{self.count}", of=other.name))
        elif form < 0.45:
            visible = [text for text, item, _ in self.visible(source, at) if item.kind in FORMS and FORMS[item.kind].follows]
            if visible:
                source.items.insert(at, Item("alias", f"al{self.count}{source.name[-1]}", of=pick.choice(visible)))
        else:
            found = [item.name for item in other.items if item.kind not in ("module", "star")]
            if found:
                name = pick.choice(found)
                alias = pick.choice((name, name, f"im{self.count}"))
                if source.item(alias) is None:
                    source.items.insert(at, Item("import", alias, of=other.name, name=name))

    def edit(self) -> None:
        """Changes one thing to three in one module to three."""
        for source in self.random.sample(list(self.sources.values()), min(len(self.names), self.random.choice((1, 1, 1, 2, 3)))):
            for _ in range(self.random.choice((1, 1, 1, 2, 3))):
                self._change(source)

    def _change(self, source: Source) -> None:
        pick, items = self.random, source.items
        choice = pick.random()
        if choice < 0.2 or len(items) < 3:
            self.add(source, pick.randint(0, len(items)))
        elif choice < 0.3:
            self._remove(source, pick.choice(items))
        elif choice < 0.36:
            item = items.pop(pick.randrange(len(items)))
            items.insert(pick.randint(0, len(items)), item)
        elif choice < 0.4:
            source.comment += 1
        elif choice < 0.45:
            at = pick.randrange(len(items))
            name = items[at].name
            if items[at].kind in FORMS:
                items.pop(at)
                before = len(items)
                self.add(source, at, name)
                if len(items) == before:
                    self.add(source, at)
        else:
            at = pick.randrange(len(items))
            item = items[at]
            part = pick.choice(("1", "1", "2", "3", "extra"))
            if part == "extra" and "extra" in item.parts:
                item.parts["extra"] = not item.parts["extra"]
            elif part in item.parts:
                item.parts[part] = self.number(source, at)
            elif item.kind in ("import", "module", "star"):
                self._remove(source, item)
                self._add_import(source, min(at, len(items)), self.random.choice(self.others(source)))

    def _remove(self, source: Source, item: Item) -> None:
        """Mostly what nobody speaks of."""
        wanted = re.compile(rf"\b{re.escape(item.name)}_?\b")
        used = any(wanted.search(self.render(other)) for each in self.sources.values() for other in each.items if other is not item)
        if not used or self.random.random() < 0.05:
            source.items.remove(item)

    # Texts

    def texts(self) -> dict[str, str]:
        found = {}
        for name, source in self.sources.items():
            lines = [HEAD.rstrip(), *("# a remark" for _ in range(source.comment % 4)), *(self.render(item) for item in source.items)]
            found[name] = "\n".join(lines) + "\n"
        return found

    def render(self, item: Item) -> str:
        if item.kind == "import":
            alias = f" as {item.name}" if item.name != item.parts["name"] else ""
            return f"from {item.parts['of']} import {item.parts['name']}{alias}"
        if item.kind == "module":
            alias = f" as {item.name}" if item.name != item.parts["of"] else ""
            return f"import {item.parts['of']}{alias}"
        if item.kind == "star":
            return f"from {item.parts['of']} import *"
        if item.kind == "alias":
            return f"{item.name} = {item.parts['of']}"
        form = FORMS[item.kind]
        text = form.other if item.parts["extra"] else form.text
        for place, value in (("$n", item.name), ("$b", item.parts.get("base", "")), ("$M", item.parts.get("module", "")),
                             *((f"${i}", item.parts[str(i)]) for i in (1, 2, 3))):
            text = text.replace(place, value)
        return text

    def copy(self) -> Program:
        return copy.deepcopy(self)
