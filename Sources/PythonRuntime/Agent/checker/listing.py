"""Statements that go through the names of their module: `{name: value for name, value in globals().items() if …}`."""

from __future__ import annotations

import ast

from units import FUNCTIONS, Unit

_WORDS = (b"globals", b"locals", b"vars", b"dir", b"__name__")
_ALL = frozenset(("items", "keys", "values", "copy"))  # of the dictionary; other methods are about one name
_PURE = frozenset(
    "globals locals vars dir list tuple dict set frozenset sorted isinstance issubclass callable hasattr len type items keys values copy getmembers "
    "isclass isfunction".split()
)


def names_below(unit: Unit, binders: dict[str, list[Unit]]) -> set[str]:
    """Names that a statement, executed where it stands, does not find in its module."""
    return {name for name, units in binders.items() if all(each.node.lineno >= unit.node.lineno for each in units)}


def lists_names(unit: Unit, names_below: set[str]) -> int:
    """Whether a statement goes through the names of its module, as the agent's `lists`: 2 if that is all that it does.
    `names_below`: names that only it and statements below it bind.
    """
    if unit.kind not in ("value", "statement") or not any(word in unit.text for word in _WORDS):
        return 0
    listed = itself = has_functions = False
    within: dict[int, ast.AST] = {}
    waiting: list[ast.AST] = [unit.node]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            has_functions = True
            continue
        has_functions = has_functions or isinstance(node, ast.Lambda)
        for child in ast.iter_child_nodes(node):
            within[id(child)] = node
            waiting.append(child)
        around = within.get(id(node))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in ("globals", "locals") or node.func.id in ("vars", "dir") and not node.args:
                one = isinstance(around, ast.Subscript) or isinstance(around, ast.Attribute) and around.attr not in _ALL
                listed = listed or not one
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Name) and node.slice.id == "__name__":
            itself = itself or not isinstance(around, ast.Attribute)
    if not listed and not itself:
        return 0
    if unit.kind != "value" or has_functions or itself and not names_below <= unit.facts.binds:
        return 1
    calls = {name.rpartition(".")[2] for name in unit.facts.calls}
    return 2 if all(name in _PURE or hasattr(str, name) for name in calls) else 1
