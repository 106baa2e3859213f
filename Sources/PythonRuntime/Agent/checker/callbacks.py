"""Names that a statement gives to functions which call what they are given: `h` of `sorted(values, key=h)`, and `x` of
`key=lambda v: v + x`.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from statements import dotted, facts_of, parameters, root
from texts import Module
from units import FUNCTIONS, Unit


def passed(unit: Unit, module: Module, binders: dict[str, list[Unit]]) -> set[str]:
    """To built-in functions, and to the module's own that call a parameter."""
    found: set[str] = set()
    for name, values in _calls_with_values(unit):
        if _calls_back(name, module, binders):
            found |= values
    return found


def given(unit: Unit, module: Module, binders: dict[str, list[Unit]]) -> list[tuple[str, set[str]]]:
    """To others, with what they are called: whether they call it is known where they are."""
    return [
        (name, values)
        for name, values in _calls_with_values(unit)
        if values and not _calls_back(name, module, binders) and (name in binders or not hasattr(builtins, name))
    ]


def _calls_with_values(unit: Unit) -> Iterator[tuple[str, set[str]]]:
    """The functions and methods that a statement calls, each with the names that it is given."""
    for call in ast.walk(unit.node):
        if isinstance(call, ast.Call):
            name = dotted(call.func)
            if name is not None:
                values = (*call.args, *(keyword.value for keyword in call.keywords))
                found = {name for name in map(dotted, values) if name is not None}
                for value in values:
                    if isinstance(value, ast.Lambda):
                        inside = facts_of([ast.copy_location(ast.Expr(value), value)], True)
                        found |= inside.inner_reads | inside.inner_calls
                yield name, found


def calls_unnamed(unit: Unit) -> bool:
    """Whether a statement calls something that it takes out of something else: `T["k"]()`, `f()` for each f."""
    variables = {
        part.id
        for node in ast.walk(unit.node)
        if isinstance(node, (ast.comprehension, ast.For, ast.AsyncFor))
        for part in ast.walk(node.target)
        if isinstance(part, ast.Name)
    }
    for call in ast.walk(unit.node):
        if isinstance(call, ast.Call):
            name = dotted(call.func)
            if name is None and not isinstance(call.func, ast.Attribute) or name is not None and root(name) in variables:
                return True
    return False


def _calls_back(name: str, module: Module, binders: dict[str, list[Unit]]) -> bool:
    meant = module.meant(name)
    if meant is not None:
        return meant == "functools.reduce" or meant.startswith("itertools.")
    first = root(name)
    units = binders.get(first, ())
    if not units:
        return name == first and hasattr(builtins, name)
    return name == first and any(isinstance(unit.node, FUNCTIONS) and _calls_parameter(unit.node) for unit in units)


def _calls_parameter(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    names = {argument.arg for argument in parameters(node.args)}
    waiting: list[ast.AST] = list(node.body)
    while waiting:
        part = waiting.pop()
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id in names:
            return True
        if not isinstance(part, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
            waiting.extend(ast.iter_child_nodes(part))
    return False
