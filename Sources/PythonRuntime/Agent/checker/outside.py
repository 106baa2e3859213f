"""What statements that may be executed change in other modules: `b.V = 2`, `b.TABLE["k"] = f`, `b.add(1)`, `@b.register`.

Told from the text of the module alone. What the functions of others change is found in the program: `_afresh/outside.py`.
"""

from __future__ import annotations

import ast
from typing import Iterable

from statements import reached, root
from texts import Module
from units import Unit, dotted_call, named_by


def outside(module: Module, units: list[Unit], gone: Iterable[Unit] = ()) -> list[str]:
    """Full names of what is set, "b.V" and "b.C.k", of containers that are changed, of classes that others are derived from,
    "b.C.__subclasses__", and of what is called for what that does, "b.add()". `units`: those that may be executed. `gone`: removed ones.
    """
    nodes = [unit.node for unit in (*units, *gone) if isinstance(unit.node, ast.ClassDef)]
    bases = {f"{name}.__subclasses__" for node in nodes for base in node.bases if (name := dotted_call(base)) is not None}
    if not bases and not any(unit.facts.effects or unit.facts.inner_effects for unit in module.units):
        return []
    inner: dict[str, tuple[set[str], set[str]]] = {}  # what calling a name does, and calls
    aliases: dict[str, str] = {}
    for unit in module.units:
        for name in unit.facts.binds:
            effects, calls = inner.setdefault(name, (set(), set()))
            effects |= unit.facts.inner_effects
            calls.update(map(root, unit.facts.inner_calls if unit.kind in ("function", "class") else unit.facts.inner_calls | unit.facts.calls))
            if (named := named_by(unit)) is not None:
                aliases[name] = named
    found = bases
    for unit in units:
        found |= unit.facts.effects
        for name in reached(map(root, unit.facts.calls), lambda name: inner.get(name, _NOTHING)[1]):
            found |= inner.get(name, _NOTHING)[0]
    return sorted({full for name in found if (full := _full(module, name, aliases)) is not None})


def _full(module: Module, name: str, aliases: dict[str, str]) -> str | None:
    for _ in range(_MOST_ALIASES):
        first = root(name.removesuffix("()"))
        full = module.meant(first)
        if full is not None:
            rest = name[len(first) :]
            return full + rest if "." in full or rest not in ("", "()") else None  # a module itself
        if first not in aliases:
            return None
        name = aliases[first] + name[len(first) :]
    return None


_NOTHING: tuple[set[str], set[str]] = set(), set()
_MOST_ALIASES = 5
