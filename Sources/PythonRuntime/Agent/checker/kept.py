"""Results that functions keep by hand: `if n not in _cache: _cache[n] = g(n)`, `if _value is None: _value = load()`. Where what is called
changes, what is kept was computed by old code.
"""

from __future__ import annotations

import ast
from typing import Iterable, Iterator, NamedTuple

from statements import dotted, root
from units import FUNCTIONS, Unit


class Kept(NamedTuple):
    name: str  # "_cache", "_value", "f.value"; ".value" for an attribute of whatever instance
    calls: frozenset[str]  # what gives the results


def kept(units: Iterable[Unit]) -> list[Kept]:
    """What functions and methods of a module look for before they compute it, and keep."""
    found: list[Kept] = []
    waiting = list(units)
    while waiting:
        unit = waiting.pop()
        if isinstance(unit.node, ast.ClassDef):
            waiting += unit.body
        elif isinstance(unit.node, FUNCTIONS) and (unit.facts.inner_fills or unit.facts.globals or unit.facts.inner_effects or b"." in unit.text):
            found += _of_function(unit.node)
    return found


def _of_function(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Kept]:
    stores: list[tuple[str, ast.expr]] = []
    looked: set[str] = set()
    given: dict[str, ast.expr] = {}
    shared = {name for node in ast.walk(function) if isinstance(node, ast.Global) for name in node.names}
    arguments = function.args
    bound = {each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    bound |= {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)} - shared
    owner = arguments.args[0].arg if arguments.args else ""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name) and target.id not in shared:
                    given[target.id] = node.value
                elif (name := _place(target)) is not None:
                    stores.append((name, node.value))
        elif isinstance(node, (ast.If, ast.IfExp, ast.While)):
            looked |= set(_names(node.test))
        elif isinstance(node, ast.Try):
            looked |= {name for statement in node.body for name in _names(statement)}
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("get", "setdefault"):
            name = dotted(node.func.value)
            if name is not None:
                looked.add(name)
                if node.func.attr == "setdefault" and len(node.args) == 2:
                    stores.append((name, node.args[1]))
    for name, value in stores:
        if name not in looked or root(name) in bound and root(name) != owner:
            continue
        if root(name) in bound and name.count(".") != 1:
            continue
        parts = [value] if not isinstance(value, ast.Name) else [given.get(value.id, value)]
        calls = {dotted(node.func) for part in parts for node in ast.walk(part) if isinstance(node, ast.Call)}
        named = frozenset(f"?.{each.rpartition('.')[2]}" if root(each) in bound else each for each in calls if each is not None)
        if named:
            yield Kept(name if root(name) not in bound else f".{name.partition('.')[2]}", named)


def _place(target: ast.expr) -> str | None:
    """Where a result is kept: `_cache` of `_cache[n] = …`, `_value`, `self.value`."""
    return dotted(target.value) if isinstance(target, ast.Subscript) else dotted(target)


def _names(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, (ast.Name, ast.Attribute)) and (name := dotted(part)) is not None:
            yield name
        elif isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id in ("hasattr", "getattr") and len(part.args) > 1:
            owner = dotted(part.args[0])
            if owner is not None and isinstance(part.args[1], ast.Constant):
                yield f"{owner}.{part.args[1].value}"
