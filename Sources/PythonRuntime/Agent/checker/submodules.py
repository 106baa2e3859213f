"""Submodules as attributes of their packages: `p.t` is there once anybody has imported it. A program that runs has it from before
the edit; one that starts with the saved text may not have it yet.
"""

from __future__ import annotations

import ast
import builtins
from typing import Any, Iterable, Iterator

from alignment import Pair
from statements import IMPORTED, Facts, reached, root
from texts import Module
from units import Unit

# What is said of a statement, the module that it may not find, the modules that statements above import (None: a function
# reads it when it is called).
Unloaded = tuple[dict[str, Any], str, "tuple[str, ...] | None"]
_Missing = dict[int, dict[str, "tuple[str, ...] | None"]]  # by the id of a statement


def unloaded(running: Module, module: Module, pairs: list[Pair]) -> list[Unloaded]:
    """Statements and functions that read what the edit does not import any more, or not yet where they stand."""
    imported = running.imported_packages | module.imported_packages
    news = _missing(module, imported)
    if not news:
        return []
    olds = _missing(running, imported)
    partner = {id(pair.new): pair.old for pair in pairs if pair.new is not None}
    found: list[Unloaded] = []
    for unit in module.units:
        known = olds.get(id(partner.get(id(unit))), {})
        for target, above in news.get(id(unit), {}).items():
            if target not in known or above is None and known[target] is not None:
                what = "is not imported yet" if above is not None else "is imported by no module"
                found.append((_change(unit, f"a restart may fail here: {target} {what}"), target, above))
    return found


def unloads(running: Module, module: Module) -> tuple[str, ...]:
    """Modules that the text does not import any more."""
    return tuple(sorted(running.imported_packages - module.imported_packages))


def _missing(module: Module, imported: set[str]) -> _Missing:
    """`imported`: what the one text or the other imports."""
    found: _Missing = {}
    bound = {name for unit in module.units for name in unit.facts.binds}
    speaks: dict[str, list[Facts]] = {}
    inner: dict[int, set[str]] = {}
    for unit in module.units:
        facts = unit.facts
        inner[id(unit)] = {target for name in facts.inner_reads | facts.inner_calls for target in _targets(module, name, bound)}
        for name in facts.binds:
            speaks.setdefault(name, []).append(facts)
    called = set().union(*inner.values()) & imported
    above: dict[str, None] = {}
    for unit in module.units:
        facts = unit.facts
        missing: dict[str, tuple[str, ...] | None] = dict.fromkeys(inner[id(unit)] - module.imported_packages)
        names = facts.reads | facts.calls
        if facts.calls and not called <= above.keys():
            names = names | _when_called(facts.calls, speaks)
        missing.update((target, tuple(above)) for name in names for target in _targets(module, name, bound) if target not in above)
        if missing:
            found[id(unit)] = missing
        above.update(dict.fromkeys(_imports(module, unit)))
    return found


def _when_called(calls: Iterable[str], speaks: dict[str, list[Facts]]) -> set[str]:
    """What calling these reads."""
    names = reached(map(root, calls), lambda name: {root(call) for facts in speaks.get(name, ()) for call in facts.inner_calls})
    return {each for name in names for facts in speaks.get(name, ()) for each in facts.inner_reads | facts.inner_calls}


def _targets(module: Module, name: str, bound: set[str]) -> Iterator[str]:
    """What of a dotted name may be a submodule: `p.t` of `p.t.f` where p is imported; `t` in the package p itself."""
    first = root(name)
    if first[:1] in (IMPORTED, "?"):
        return
    if first in module.imports:
        given, rest = module.imports[first], name.split(".")[1:]
    elif module.package and first not in bound and not hasattr(builtins, first):
        given, rest = module.name, name.split(".")
    else:
        return
    for part in rest[:2]:
        given = f"{given}.{part}"
        yield given


def _imports(module: Module, unit: Unit) -> Iterator[str]:
    """The modules that a statement imports, in their order; with names from modules, which may be modules too."""
    for node in ast.walk(unit.node) if unit.kind == "statement" else (unit.node,):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _with_packages(alias.name)
        elif isinstance(node, ast.ImportFrom):
            source = module.absolute(node)
            yield from _with_packages(source)
            yield from (f"{source}.{alias.name}" for alias in node.names)


def _with_packages(name: str) -> Iterator[str]:
    parts = name.split(".")
    yield from (".".join(parts[:end]) for end in range(1, len(parts) + 1))


def _change(unit: Unit, reason: str) -> dict[str, Any]:
    return {"symbol": unit.symbol, "kind": unit.kind, "change": "modified", "applied": False, "reason": reason, "range": unit.range}
