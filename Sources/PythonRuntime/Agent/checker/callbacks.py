"""Names that a statement gives to functions which call what they are given: `h` of `sorted(values, key=h)`, and `x` of
`key=lambda v: v + x`.
"""

from __future__ import annotations

import ast
import builtins

from statements import dotted, facts_of, method_named, parameters, root
from texts import Module
from units import FUNCTIONS, Unit


def passed(unit: Unit, module: Module, binders: dict[str, list[Unit]]) -> set[str]:
    """To built-in functions, and to the module's own that call a parameter."""
    found: set[str] = set()
    for name, values, _, looked_at in unit.by_text(_calls_with_values):
        if _calls_back(name, module, binders):
            are_known = bool(looked_at) and _LOOK.isdisjoint(binders)
            found |= values | {each for each in looked_at if not are_known or not _is_container(each, module, binders)}
    return found


def given(unit: Unit, module: Module, binders: dict[str, list[Unit]]) -> list[tuple[str, set[str], int]]:
    """To others and the module's own, with what they are called, and what becomes of what they give: nothing, 0; it is kept or
    returned, 1; it is a part of a larger expression, 2. Whether they call it is known where they are.
    """
    return [
        (name, values | looked_at, used)
        for name, values, used, looked_at in unit.by_text(_calls_with_values)
        if (values or looked_at) and (not hasattr(builtins, name) or name in binders)
        and (module.meant(name) is None or not _calls_back(name, module, binders))
    ]


def _calls_with_values(unit: Unit) -> list[tuple[str, set[str], int, set[str]]]:
    """The functions and methods that a statement calls, each with the names that it is given, by themselves or in something;
    what becomes of what it gives, as in `given`; and names of containers of which it calls no item: `T` of `sorted(T)`.
    """
    calls: list[tuple[str, set[str], int, set[str]]] = []
    becomes: dict[int, int] = {}
    for call in ast.walk(unit.node):
        if isinstance(call, ast.Expr):
            becomes[id(call.value)] = 0
        elif isinstance(call, _GOES_ON):
            becomes.update((id(each), 2) for each in ast.iter_child_nodes(call))
        if isinstance(call, ast.Call):
            name = _called(call.func)
            if name is not None:
                found: set[str] = set()
                looked_at: set[str] = set()
                for value in (*call.args, *(keyword.value for keyword in call.keywords)):
                    if name in _LOOK and not call.keywords and (only := _looked_at(value)) is not None:
                        looked_at.add(only)
                    else:
                        _note_values(value, found)
                calls.append((name, found, becomes.get(id(call), 1), looked_at))
    return calls


_LOOK = frozenset("all any bool enumerate frozenset len list max min print reversed set sorted sum tuple zip".split())


def _looked_at(value: ast.expr) -> str | None:
    """`T` of `T` and `sorted(T)`."""
    while isinstance(value, ast.Call) and dotted(value.func) in _LOOK and len(value.args) == 1 and not value.keywords:
        value = value.args[0]
    return value.id if isinstance(value, ast.Name) else None


def _is_container(name: str, module: Module, binders: dict[str, list[Unit]]) -> bool:
    """Whether a name stands for what a display has made, for nothing else."""
    units = binders.get(name, ())
    is_one = len(units) == 1 and isinstance(units[0].node, (ast.Assign, ast.AnnAssign)) and units[0].names == (name,)
    if not is_one or not isinstance(units[0].node.value, _DISPLAYS):  # type: ignore[attr-defined]
        return False
    return not any(name in unit.facts.globals for unit in module.units)


_DISPLAYS = (ast.Dict, ast.List, ast.Set, ast.Tuple, ast.DictComp, ast.ListComp, ast.SetComp)


_GOES_ON = (ast.expr, ast.keyword, ast.comprehension, ast.For, ast.AsyncFor)


def _called(node: ast.expr) -> str | None:
    """`C.m` also of `C().m`."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Call):
        owner = dotted(node.value.func)
        return None if owner is None else f"{owner}.{node.attr}"
    return dotted(node)


def _note_values(node: ast.expr, found: set[str]) -> None:
    """The names in an expression that are not called there, and what lambdas in it read."""
    waiting: list[ast.AST] = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, ast.Lambda):
            inside = facts_of([ast.copy_location(ast.Expr(part), part)], True)
            found |= inside.inner_reads | inside.inner_calls
        elif (name := dotted(part)) is not None:
            found.add(name)
        elif (name := method_named(part)) is not None:
            found.add(name)
        elif isinstance(part, ast.Attribute):
            found.add(f"?.{part.attr}")
            waiting.append(part.value)
        elif isinstance(part, ast.Call):
            waiting += [*([] if dotted(part.func) is not None else [part.func]), *part.args, *part.keywords]
        else:
            waiting.extend(ast.iter_child_nodes(part))


def calls_unnamed(unit: Unit, itself: bool = False) -> bool:
    """Whether a statement calls something that it takes out of something else: `T["k"]()`, `f()` for each f. `itself`: not
    only a method of that.
    """
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
            if name is None and not isinstance(call.func, ast.Attribute) or (name if itself else root(name or "")) in variables:
                return True
    return False


def has_lambdas(unit: Unit) -> bool:
    """Whether a statement that is no definition has lambdas."""
    is_plain = unit.kind in ("value", "statement") and b"lambda" in unit.text
    return is_plain and any(isinstance(part, ast.Lambda) for part in ast.walk(unit.node))


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
