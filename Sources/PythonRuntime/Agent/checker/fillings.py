"""Containers that statements of the module fill, one after another: `NAMES = []` and `for x in XS: NAMES.append(x)`.

If one of these statements has to be executed again, so has the container to be made anew: what was put there before
is not to stay beside what is put there now. That is known to be right only where nothing but plain statements of the
module itself touch the container, and nobody else can have got hold of it.
"""

from __future__ import annotations

import ast
from typing import Iterable

from statements import CHANGERS
from units import FUNCTIONS, Unit

_MAKERS = frozenset("list dict set deque defaultdict OrderedDict Counter".split())
_LOOKS = frozenset("copy count get index items keys values".split())
_PURE = frozenset(
    "abs all any bool bytes chr dict divmod enumerate float format frozenset hash hex int isinstance len list max min "
    "ord range repr reversed round set sorted str sum tuple zip print".split()
)
_TEXT = frozenset("capitalize casefold format join lower lstrip replace rstrip split strip title upper".split())
_OTHERS = (
    *FUNCTIONS, ast.Lambda, ast.ClassDef, ast.Await, ast.Yield, ast.YieldFrom, ast.Import, ast.ImportFrom
)  # fmt: skip
_SIMPLE = (ast.Expr, ast.Assign, ast.AugAssign, ast.Delete, ast.For, ast.If)


def fillings(units: Iterable[Unit]) -> dict[str, list[Unit]]:
    """By the container's name: the statement that makes it, and those that fill it, in the order of the text."""
    made: dict[str, list[Unit]] = {}
    spoiled: set[str] = set()
    for unit in units:
        for name in unit.facts.binds:
            if name in made or not _makes(unit.node, name):
                spoiled.add(name)
            else:
                made[name] = [unit]
        spoiled |= unit.facts.globals | unit.facts.removes
    if not made.keys() - spoiled:
        return {}
    for unit in units:
        for name, fills in unit.by_text(_uses).items():
            if name not in made or name in spoiled:
                continue
            if fills is None or fills and not _is_plain(unit.node, name):
                spoiled.add(name)
            elif fills and unit is not made[name][0]:
                made[name].append(unit)
    return {name: found for name, found in made.items() if name not in spoiled and len(found) > 1}


def _makes(node: ast.stmt, name: str) -> bool:
    if isinstance(node, ast.Assign):
        if len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
            return False
    elif not isinstance(node, ast.AnnAssign) or node.value is None:
        return False
    value = node.value
    if isinstance(value, ast.Call):
        if not isinstance(value.func, (ast.Name, ast.Attribute)):
            return False
        called = value.func.id if isinstance(value.func, ast.Name) else value.func.attr
        return called in _MAKERS and _is_plain(ast.Expr(ast.Tuple([*value.args], ast.Load())), name)
    return isinstance(value, (ast.List, ast.Dict, ast.Set)) and _is_plain(ast.Expr(value), name)


def _is_plain(node: ast.stmt, name: str) -> bool:
    """Whether executing the statement again does nothing but fill the container."""
    if not isinstance(node, _SIMPLE):
        return False
    for part in ast.walk(node):
        if isinstance(part, _OTHERS):
            return False
        if isinstance(part, ast.Call):
            called = part.func
            if isinstance(called, ast.Name) and called.id in _PURE:
                continue
            if isinstance(called, ast.Attribute):
                own = isinstance(called.value, ast.Name) and called.value.id == name
                if own and called.attr in CHANGERS | _LOOKS or called.attr in _TEXT | _LOOKS:
                    continue
            return False
        target = isinstance(part, (ast.Attribute, ast.Subscript)) and not isinstance(part.ctx, ast.Load)
        if target:
            held = part.value if isinstance(part, ast.Subscript) else None
            if not isinstance(held, ast.Name) or held.id != name:
                return False
    return True


def _uses(unit: Unit) -> dict[str, bool | None]:
    """For names that the statement speaks of: whether it fills them; None where they may get into other hands."""
    found: dict[str, bool | None] = {}
    # No function inside that calls itself: that would be a cycle, and keep the syntax tree until a collection.
    waiting: list[tuple[ast.AST, tuple[ast.AST, ...], bool]] = [(unit.node, (), False)]
    while waiting:
        part, parents, inside = waiting.pop()
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
            fills = _fills(part, parents)
            if fills is None or fills and inside:
                found[part.id] = None
            elif found.get(part.id, False) is not None:
                found[part.id] = found.get(part.id, False) or fills
        inside = inside or isinstance(part, (*FUNCTIONS, ast.Lambda, ast.ClassDef))
        waiting += [(child, (part, *parents[:1]), inside) for child in ast.iter_child_nodes(part)]
    return found


def _fills(name: ast.Name, parents: tuple[ast.AST, ...]) -> bool | None:
    parent = parents[0]
    above = parents[1] if len(parents) > 1 else None
    if isinstance(parent, ast.Attribute):
        if not isinstance(above, ast.Call) or above.func is not parent:
            return None
        return True if parent.attr in CHANGERS else False if parent.attr in _LOOKS else None
    if isinstance(parent, ast.Subscript) and parent.value is name:
        return not isinstance(parent.ctx, ast.Load)
    if isinstance(parent, ast.Call) and parent.func is not name:
        return False if isinstance(parent.func, ast.Name) and parent.func.id in _PURE else None
    if isinstance(parent, (ast.For, ast.comprehension)) and parent.iter is name:
        return False
    return False if isinstance(parent, (ast.Compare, ast.If, ast.UnaryOp, ast.FormattedValue, ast.Starred)) else None
