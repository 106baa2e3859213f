"""Functions that make other functions and only hand them out, as decorators do: where an edit changed nothing but what those
do inside, the ones that exist get it, and nothing has to be made anew.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from alignment import BODY, Pair
from statements import dotted
from texts import Module
from units import FUNCTIONS, structure


def steady_makers(pairs: Iterable[Pair], module: Module, prefix: str = "") -> set[str]:
    """Those that the edit changed so, by qualified name, with the functions inside them of which the same holds."""
    found: set[str] = set()
    for pair in pairs:
        if pair.old is None or pair.new is None or pair.status != BODY:
            continue
        if isinstance(pair.new.node, ast.ClassDef):
            found |= steady_makers(pair.members, module, f"{prefix}{pair.new.node.name}.")
        elif isinstance(pair.old.node, FUNCTIONS) and isinstance(pair.new.node, FUNCTIONS):
            _add(pair.old.node, pair.new.node, prefix + pair.new.node.name, module, found)
    return found


def _add(old: Any, new: Any, name: str, module: Module, found: set[str]) -> None:
    before, after = _Inside(old), _Inside(new)
    if structure(old.body, True) != structure(new.body, True) or _whole(before.others) != _whole(after.others):
        return
    names = [each.name for each in after.functions]
    if len(names) != len(set(names)) or [each.name for each in before.functions] != names:
        return
    inner = list(zip(before.functions, after.functions))
    for left, right in inner:
        if structure(left.body, False) != structure(right.body, False) and not _handed_out(new, right, module):
            return
    found.add(name)
    for left, right in inner:
        _add(left, right, f"{name}.<locals>.{right.name}", module, found)


def _whole(nodes: list[ast.AST]) -> list[Any]:
    return [structure(node, False) for node in nodes]


class _Inside:
    """What is defined directly in a function."""

    def __init__(self, function: Any) -> None:
        self.functions: list[Any] = []
        self.others: list[ast.AST] = []  # lambdas and classes
        waiting = list(reversed(function.body))
        while waiting:
            node = waiting.pop()
            if isinstance(node, FUNCTIONS):
                self.functions.append(node)
            elif isinstance(node, (ast.Lambda, ast.ClassDef)):
                self.others.append(node)
            else:
                waiting += reversed(list(ast.iter_child_nodes(node)))


def _handed_out(maker: Any, made: Any, module: Module) -> bool:
    """Whether a function does nothing with one that it defines but to name it after another one and to return it."""
    for decorator in made.decorator_list:
        if not isinstance(decorator, ast.Call) or _meant(decorator.func, module) != "functools.wraps":
            return False
    allowed: set[int] = set()
    for node in ast.walk(maker):
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Name):
            allowed.add(id(node.value))
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            allowed.add(id(node.value))  # made.attribute = …
        elif isinstance(node, ast.Call) and _meant(node.func, module) == "functools.update_wrapper":
            allowed.update(map(id, node.args[:1]))
    return all(id(node) in allowed for node in ast.walk(maker) if isinstance(node, ast.Name) and node.id == made.name)


def _meant(function: ast.expr, module: Module) -> str | None:
    name = dotted(function)
    return None if name is None else module.meant(name)
