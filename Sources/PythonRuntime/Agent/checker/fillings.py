"""Containers that statements of the module fill, one after another: `NAMES = []` and `for x in XS: NAMES.append(x)`; and objects
of the library of which the same holds: `parser = ArgumentParser()` and `parser.add_argument("--x")`, with the parts that they hand out.

If one of these statements has to be executed again, so has the container to be made anew: what was put there before
is not to stay beside what is put there now. That is known to be right only where nothing but plain statements of the
module itself touch the container, and nobody else can have got hold of it. Who has got hold of such an object may use it: what
fills it takes nothing twice.
"""

from __future__ import annotations

import ast
from typing import Callable, Iterable

from statements import CHANGERS, root
from units import FUNCTIONS, Unit, dotted_call

_MAKERS = frozenset("list dict set deque defaultdict OrderedDict Counter".split())
_LOOKS = frozenset("copy count get index items keys values".split())
_PURE = frozenset(
    "abs all any bool bytes chr dict divmod enumerate float format frozenset hash hex int isinstance len list max min "
    "ord range repr reversed round set sorted str sum tuple zip print".split()
)
_TEXT = frozenset("capitalize casefold format join lower lstrip replace rstrip split strip title upper".split())
# Methods that fill an object, and those of them whose results are filled in turn; by what makes the object
_PARSER = frozenset(
    "add_argument add_argument_group add_mutually_exclusive_group add_option add_option_group add_parser add_subparsers register set_defaults".split()
)
_CONFIGURATION = frozenset("add_section read_dict read_string set".split())
_FILLED_BY = {
    **dict.fromkeys(("ArgumentParser", "OptionParser"), _PARSER), **dict.fromkeys(("ConfigParser", "RawConfigParser"), _CONFIGURATION)
}  # fmt: skip
_FILLERS = _PARSER | _CONFIGURATION
_LIBRARY = ("argparse.", "configparser.", "optparse.")
_PARTS = _PARSER - {"register", "set_defaults"}
_HARMLESS = frozenset("BooleanOptionalAction FileType Path PurePath _ cpu_count expanduser getcwd getenv gettext home partial".split())
_OTHERS = (
    *FUNCTIONS, ast.Lambda, ast.ClassDef, ast.Await, ast.Yield, ast.YieldFrom, ast.Import, ast.ImportFrom
)  # fmt: skip
_SIMPLE = (ast.Expr, ast.Assign, ast.AugAssign, ast.Delete, ast.For, ast.If)


def fillings(units: Iterable[Unit]) -> dict[str, list[Unit]]:
    """By the container's name: the statement that makes it, and those that fill it, in the order of the text."""
    units = list(units)
    return _containers(units) | _objects(units)


def _objects(units: list[Unit]) -> dict[str, list[Unit]]:
    """The same for objects and their parts, by the name of the first of those that hang together."""
    owners: dict[str, str] = {}  # of names of objects and of their parts
    found: dict[str, list[Unit]] = {}
    spoiled: set[str] = set()
    for unit in units:
        maker = _maker(unit)
        if not owners and maker not in _FILLED_BY:
            continue
        facts = unit.facts
        used = {owners[name] for name in map(root, facts.reads | facts.calls | facts.inner_reads | facts.inner_calls) if name in owners}
        group = min(used, key=list(found).index, default=unit.names[0] if maker in _FILLED_BY else "")
        makes = maker in _FILLED_BY or used and maker in _PARTS
        if not group or not makes and (fills := _fills_objects(unit.node, owners)) is False:
            spoiled.update(owners[name] for name in {*facts.binds, *facts.removes, *facts.globals} & owners.keys())
            continue
        for other in used - {group}:
            found[group] += found.pop(other)
            owners.update((name, group) for name, owner in owners.items() if owner == other)
            spoiled |= {group} & spoiled if other not in spoiled else {group}
        found.setdefault(group, []).append(unit)
        if not makes and fills is None or not _is_harmless(unit.node, owners):
            spoiled.add(group)
        for name in facts.binds if makes else facts.binds & owners.keys():
            if not makes or owners.setdefault(name, group) != group:
                spoiled |= {group, owners[name]}
    return {name: units for name, units in found.items() if name not in spoiled and len(units) > 1}


def makes_object_of_library(unit: Unit, meant: Callable[[str], str | None]) -> bool:
    """Whether it is known to call nothing of what it is filled with."""
    name = dotted_call(unit.node.value) if isinstance(unit.node, (ast.Assign, ast.AnnAssign)) and unit.node.value is not None else None
    return _maker(unit) in _FILLED_BY and name is not None and (meant(name) or "").startswith(_LIBRARY)


def _maker(unit: Unit) -> str:
    """What an assignment calls to give one name its value."""
    value = unit.node.value if isinstance(unit.node, (ast.Assign, ast.AnnAssign)) and len(unit.names) == 1 else None
    called = value.func if isinstance(value, ast.Call) else None
    return called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""


def _fills_objects(node: ast.stmt, owners: dict[str, str]) -> bool | None:
    """Whether a statement fills objects; None where a function does, whenever it is called, or may."""
    fills = False
    waiting: list[tuple[ast.AST, bool]] = [(node, False)]
    while waiting:
        part, inside = waiting.pop()
        given = [part] if isinstance(part, (ast.Attribute, ast.Subscript)) else []
        if inside and isinstance(part, ast.Call):
            given = [*part.args, *(keyword.value for keyword in part.keywords)]
            if any(isinstance(each, ast.Name) and each.id in owners for each in given):
                return None  # it may be filled there
            given = []
        for each in given:
            held = each.value  # type: ignore[attr-defined]
            if not isinstance(held, ast.Name) or held.id not in owners:
                continue
            is_filler = isinstance(each, ast.Attribute) and each.attr in _FILLERS
            if is_filler or not isinstance(each.ctx, ast.Load):  # type: ignore[attr-defined]
                if inside:
                    return None
                fills = True
        inside = inside or isinstance(part, (*FUNCTIONS, ast.Lambda, ast.ClassDef))
        waiting += [(child, inside) for child in ast.iter_child_nodes(part)]
    return fills


def _is_harmless(node: ast.stmt, owners: dict[str, str]) -> bool:
    """Whether executing the statement again does nothing but make or fill an object."""
    if not isinstance(node, (*_SIMPLE, ast.AnnAssign)):
        return False
    for part in ast.walk(node):
        if isinstance(part, ast.Call):
            called = part.func
            if isinstance(called, ast.Name) and called.id not in _PURE | _HARMLESS | _FILLED_BY.keys():
                return False
            if isinstance(called, ast.Attribute):
                own = isinstance(called.value, ast.Name) and called.value.id in owners
                if not own and called.attr not in _TEXT | _LOOKS | _HARMLESS | _FILLED_BY.keys() and not _is_chained(called):
                    return False
            elif not isinstance(called, ast.Name):
                return False
        elif isinstance(part, (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)):
            return False
        elif isinstance(part, (ast.Attribute, ast.Subscript)) and not isinstance(part.ctx, ast.Load):
            if not isinstance(part.value, ast.Name) or part.value.id not in owners:
                return False
    return True


def _is_chained(called: ast.Attribute) -> bool:
    """`parser.add_argument("x").completer`, `subparsers.add_parser("a").add_argument("x")`"""
    return called.attr in _PARSER and isinstance(called.value, ast.Call)


def _containers(units: list[Unit]) -> dict[str, list[Unit]]:
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
