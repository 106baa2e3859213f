"""Random programs and edits: after each save the patched program answers every probe as a freshly started one does."""

from __future__ import annotations

import enum
import functools
import importlib
import os
import random
import sys
import types
import unittest
from typing import Any

from live import PatchCase

PROGRAMS = int(os.environ.get("AFRESH_RANDOM_PROGRAMS", "12"))
EDITS = int(os.environ.get("AFRESH_RANDOM_EDITS", "15"))
SEED = int(os.environ.get("AFRESH_RANDOM_SEED", "1"))
NAMES = ("a", "b", "c")


class Item:
    """One top-level statement: what it binds, of which kind, and what it is made of."""

    def __init__(self, kind: str, name: str, parts: dict[str, Any]) -> None:
        self.kind = kind
        self.name = name
        self.parts = parts


class Source:
    """A module's text under edit."""

    def __init__(self, maker: random.Random, name: str, others: list[Source]) -> None:
        self.random = maker
        self.name = name
        self.others = others
        self.items: list[Item] = []
        self.count = 0
        for _ in range(maker.randint(3, 9)):
            self.add(len(self.items))

    def earlier(self, at: int, kinds: tuple[str, ...]) -> list[Item]:
        return [item for item in self.items[:at] if item.kind in kinds]

    def number(self, at: int) -> str:
        """An expression that is a number, of what stands before position `at`."""
        choices = [str(self.random.randint(0, 9))]
        for item in self.earlier(at, ("value", "import", "conditional", "augmented", "loop", "tried")):
            choices += [item.name, f"{item.name} + {self.random.randint(1, 3)}"]
        for item in self.earlier(
            at, ("function", "decorated", "factory", "lambda", "alias", "partial", "cached", "registered", "twice")
        ):
            choices.append(f"{item.name}()")
        for item in self.earlier(at, ("nested",)):
            choices += [f"{item.name}.In.K", f"{item.name}.In().m()"]
        for item in self.earlier(at, ("class", "derived", "tagged", "private")):
            choices += [f"{item.name}.K", f"{item.name}().m()"]
        for item in self.earlier(at, ("module",)):
            other = item.parts["of"]
            for inner in other.items:
                if inner.kind == "value":
                    choices.append(f"{item.name}.{inner.name}")
                if inner.kind == "function":
                    choices.append(f"{item.name}.{inner.name}()")
        return self.random.choice(choices)

    def add(self, at: int) -> None:
        self.count += 1
        kinds = [
            "value",
            "value",
            "function",
            "function",
            "class",
            "list",
            "conditional",
            "lambda",
            "decorated",
            "enum",
            "dataclass",
            "factory",
            "property",
            "augmented",
            "loop",
            "nested",
            "registered",
            "alias",
            "tagged",
            "partial",
            "cached",
            "generator",
            "tried",
            "private",
            "twice",
        ]
        if self.earlier(at, ("class",)):
            kinds += ["derived"] * 2
        if self.others:
            kinds += ["import", "import", "module", "importfunction", "star"]
        kind = self.random.choice(kinds)
        name = f"{kind[:2].upper() if kind in ('class', 'derived', 'enum', 'dataclass') else kind[:2]}{self.count}"
        item = self.make(kind, f"{name}{self.name}", at)
        if item is not None:
            self.items.insert(at, item)

    def make(self, kind: str, name: str, at: int) -> Item | None:
        pick = self.random
        if kind in ("import", "importfunction"):
            wanted = ("value", "conditional") if kind == "import" else ("function", "decorated", "lambda")
            found = [(other, item) for other in self.others for item in other.items if item.kind in wanted]
            if not found:
                return None
            other, item = pick.choice(found)
            alias = f"{name}_" if pick.random() < 0.5 else item.name
            if any(each.name == alias for each in self.items):
                return None
            return Item("import" if kind == "import" else "function", alias, {"from": other, "item": item})
        if kind == "star":
            other = pick.choice(self.others)
            return Item(kind, f"star{self.count}", {"of": other})
        if kind == "module":
            other = pick.choice(self.others)
            if any(each.name == other.name for each in self.items):
                return None
            return Item(kind, other.name, {"of": other})
        parts: dict[str, Any] = {
            "first": self.number(at),
            "second": self.number(at),
            "third": self.number(at),
            "extra": pick.random() < 0.5,
        }
        if kind == "alias":
            functions = self.earlier(at, ("function", "lambda", "decorated"))
            if not functions:
                return None
            parts["of"] = pick.choice(functions).name
        if kind == "derived":
            parts["base"] = pick.choice(self.earlier(at, ("class",))).name
        return Item(kind, name, parts)

    def edit(self) -> None:
        choice = self.random.random()
        if choice < 0.25 or len(self.items) < 3:
            self.add(self.random.randint(0, len(self.items)))
        elif choice < 0.5 and choice > 0.4:
            item = self.items.pop(self.random.randrange(len(self.items)))
            self.items.insert(self.random.randint(0, len(self.items)), item)
        elif choice < 0.4:
            self.remove(self.random.randrange(len(self.items)))
        else:
            at = self.random.randrange(len(self.items))
            item = self.items[at]
            if "first" in item.parts:
                part = self.random.choice(("first", "second", "third", "extra"))
                item.parts[part] = not item.parts["extra"] if part == "extra" else self.number(at)

    def remove(self, at: int) -> None:
        self.items.pop(at)

    def text(self) -> str:
        return (
            "\n".join(
                [
                    "import enum",
                    "import functools",
                    "from dataclasses import dataclass",
                    "HANDLERS = []",
                    "def register(f):",
                    "    HANDLERS.append(f)",
                    "    return f",
                    "def tag(c):",
                    "    c.tag = getattr(c, 'tag', 0) + 1",
                    "    return c",
                    "def deco(f):",
                    "    def wrapper(*a, **k): return f(*a, **k) + 1",
                    "    return wrapper",
                    *(self.render(item) for item in self.items),
                ]
            )
            + "\n"
        )

    def render(self, item: Item) -> str:
        name, parts = item.name, item.parts
        if "from" in parts:
            alias = f" as {name}" if name != parts["item"].name else ""
            return f"from {parts['from'].name} import {parts['item'].name}{alias}"
        if item.kind == "module":
            return f"import {name}"
        if item.kind == "star":
            return f"from {parts['of'].name} import *"
        one, two, three, extra = parts["first"], parts["second"], parts["third"], parts["extra"]
        forms = {
            "value": f"{name} = {one}",
            "list": f"{name} = [{one}, {two}]" if extra else f"{name} = {{'k': {one}, 'l': ({two},)}}",
            "function": f"def {name}({'d=' + two if extra else ''}):\n    return {one}{' + d' if extra else ''}",
            "lambda": f"{name} = lambda{' d=' + two if extra else ''}: {one}",
            "decorated": f"{'@deco' if extra else '# plain'}\ndef {name}(d={two}):\n    return {one} + d",
            "factory": f"def make_{name}(n={two}):\n    def inner(): return n + ({one})\n    return inner\n{name} = make_{name}()",
            "conditional": f"if ({one}) % 2:\n    {name} = {two}\nelse:\n    {name} = {three}",
            "class": f"class {name}:\n    K = {one}\n    def m(self): return self.K + {two}\n"
            + (f"    @staticmethod\n    def s(): return {three}" if extra else f"    def n(self): return {three}"),
            "derived": f"class {name}({parts.get('base')}):\n"
            + (f"    K = {one}\n" if extra else "")
            + f"    def m(self): return super().m() + {two}",
            "augmented": f"{name} = {one}\n{name} += {two}" + (f"\n{name} *= 2" if extra else ""),
            "loop": f"{name} = 0\nfor i{name} in range({one} + 1):\n    {name} += {two}",
            "nested": f"class {name}:\n    class In:\n        K = {one}\n        def m(self): return self.K + {two}\n    L = {three}",
            "registered": f"@register\ndef {name}({'d=' + two if extra else ''}):\n    return {one}",
            "alias": f"{name} = {parts.get('of')}",
            "tagged": f"{'@tag' if extra else '# plain'}\nclass {name}:\n    K = {one}\n    def m(self): return {two}",
            "partial": f"{name} = functools.partial(lambda a: a + {one}, {two})",
            "cached": f"@functools.lru_cache\ndef {name}(d={two}):\n    return {one} + d",
            "generator": f"{name} = tuple(v + {one} for v in range({two} % 4))",
            "tried": f"try:\n    {name} = {one}\n    {name} = {name} + missing\nexcept NameError:\n    {name} = {two}",
            "private": f"class {name}:\n    __k = {one}\n    K = __k + {two}\n    def __p(self): return self.__k\n    def m(self): return self.__p()",
            "twice": f"def {name}(): return {one}\ndef {name}(d={two}): return {three} + d",
            "property": f"class {name}:\n    def __init__(self, x={one}): self.x = x\n    @property\n    def p(self): return self.x\n"
            + (f"    @p.setter\n    def p(self, v): self.x = v + {two}\n" if extra else "")
            + f"    def m(self): return {three}",
            "enum": f"class {name}(enum.Enum):\n    A = ({one}, 1)\n    B = ({two}, 2)"
            + ("\n    C = 77" if extra else ""),
            "dataclass": f"@dataclass\nclass {name}:\n    x: int = {one}\n"
            + (f"    y: int = {two}\n" if extra else "")
            + f"    def m(self): return self.x + {three}",
        }
        return forms[item.kind]


class Attribute:
    """An attribute to be read, and called if it can be, while its value is described."""

    def __init__(self, owner: Any, name: str) -> None:
        self.owner = owner
        self.name = name


def probe(module: types.ModuleType) -> dict[str, Any]:
    """What the module's names answer. All its functions can be called without arguments."""
    return {
        name: describe(value, 0)
        for name, value in sorted(vars(module).items())
        if not name.startswith("__") and name != "HANDLERS"
    }


def describe(value: Any, depth: int) -> Any:
    try:
        return "deep" if depth > 6 else described(value, depth)
    except Exception as error:
        return ("raises", repr(error))


def described(value: Any, depth: int) -> Any:
    if isinstance(value, enum.Enum):
        return ("member", value.name, describe(value.value, depth + 1))
    if isinstance(value, functools.partial) or hasattr(value, "cache_info"):
        return ("call", describe(value(), depth + 1))
    if isinstance(value, types.FunctionType):
        if value.__name__ in ("deco", "dataclass", "register", "tag") or value.__name__.startswith("make_"):
            return "function"
        return ("call", describe(value(), depth + 1))
    if isinstance(value, type) and value.__module__ in NAMES:
        if issubclass(value, enum.Enum):
            return [describe(member, depth + 1) for member in value]
        names = sorted(name for name in dir(value) if not name.startswith("__"))
        instance = value()
        found: list[Any] = []
        for name in names:
            found.append((name, describe(Attribute(instance, name), depth + 1)))
        return (
            "class",
            value.__qualname__,
            [base.__name__ for base in value.__mro__],
            found,
            repr(instance)[:30].split(" at ")[0],
        )
    if isinstance(value, Attribute):
        inner = getattr(value.owner, value.name)
        if isinstance(inner, type):
            return describe(inner, depth + 1)
        return describe(inner() if callable(inner) else inner, depth + 1)
    if isinstance(value, (list, tuple)):
        return [describe(each, depth + 1) for each in value]
    if isinstance(value, dict):
        return {key: describe(each, depth + 1) for key, each in value.items()}
    if isinstance(value, types.ModuleType):
        return ("module", value.__name__)
    return repr(value)[:60].split(" at 0x")[0]


class RandomPrograms(PatchCase):
    def test_patched_and_fresh_programs_agree(self) -> None:
        compared = 0
        for number in range(PROGRAMS):
            compared += self.play(SEED * 1000 + number)
        self.assertGreater(compared, PROGRAMS * EDITS // 3)

    def play(self, seed: int) -> int:
        maker = random.Random(seed)
        sources: list[Source] = []
        for name in NAMES:
            sources.append(Source(maker, name, list(sources)))
        texts = {source.name: source.text() for source in sources}
        self._unload()
        self.live.records.clear()
        if self.fresh(texts) is None:
            return 0
        self.load(**texts)
        held = self.hold()
        compared = 0
        for step in range(EDITS):
            before = texts
            for source in maker.sample(sources, maker.choice((1, 1, 1, 2))):
                source.edit()
            texts = {source.name: source.text() for source in sources}
            expected = self.fresh(texts)
            state = {name: probe(sys.modules[name]) for name in NAMES}
            edited = {name: text for name, text in texts.items() if text != before[name]}
            report = self.try_save(**edited)
            where = f"seed {seed}, step {step}\n" + "\n".join(f"--- {n}\n{t}" for n, t in edited.items())
            now = {name: probe(sys.modules[name]) for name in NAMES}
            if expected is None:
                if report["outcome"] == "applied":
                    return compared  # a use that comes before its definition, and that was not executed
                self.assertEqual(now, state, f"not as it was before: {where}")
                return compared
            self.assertEqual(report["outcome"], "applied", f"{report}\n{where}")
            if self.not_applied():
                return compared
            for name in NAMES:
                for key in expected[name].keys() | now[name].keys():
                    self.assertEqual(
                        now[name].get(key),
                        expected[name].get(key),
                        f"{name}.{key}: {where}\n--- before\n{before[name]}",
                    )
            for (name, key), value in held.items():
                current = getattr(sys.modules[name], key, None)
                if (
                    type(current) is type(value)
                    and current is not value
                    and isinstance(value, (types.FunctionType, type))
                ):
                    self.assertEqual(describe(value, 0), describe(current, 0), f"held {name}.{key}: {where}")
            compared += 1
        return compared

    def hold(self) -> dict[tuple[str, str], Any]:
        return {
            (name, key): value
            for name in NAMES
            for key, value in vars(sys.modules[name]).items()
            if not key.startswith("__")
        }

    def fresh(self, texts: dict[str, str]) -> dict[str, Any] | None:
        """The probes of a program that starts with these texts; None if it fails."""
        saved = {name: sys.modules.pop(name, None) for name in NAMES}
        try:
            self._write(None, dict(texts))
            importlib.invalidate_caches()
            return {name: probe(importlib.import_module(name)) for name in NAMES}
        except Exception:
            return None
        finally:
            for name, module in saved.items():
                sys.modules.pop(name, None)
                if module is not None:
                    sys.modules[name] = module


if __name__ == "__main__":
    unittest.main()
