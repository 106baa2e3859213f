"""Results that are kept by hand, `if n not in _cache: _cache[n] = g(n)`, `if _value is None: _value = load()`, or by a `defaultdict`. Where
what is called changes, what is kept was computed by old code.
"""

from __future__ import annotations

import ast
from typing import Any, Iterable, Iterator, NamedTuple

from statements import MEANT, TELL_ANNOTATIONS, dotted, root
from units import FUNCTIONS, Unit, structure


_CLASS = ("cls", "mcs", "klass")


class Kept(NamedTuple):
    name: str  # "_cache", "_value", "f.value"; ".value" for an attribute of whatever instance, "f(cache)" for a default of a function
    by: str  # the function that keeps them: "f", "C.m"
    calls: frozenset[str]  # what gives the results
    reads: frozenset[str]  # what else they are computed from
    steps: tuple[ast.AST, ...]  # by which expressions and statements of the function


def kept(units: Iterable[Unit]) -> list[Kept]:
    """What functions and methods of a module look for before they compute it, and keep."""
    return [each for unit in units for each in unit.by_text(_of_unit)]


def _of_unit(unit: Unit) -> list[Kept]:
    found: list[Kept] = []
    waiting = [(unit, "")]
    while waiting:
        unit, prefix = waiting.pop()
        if isinstance(unit.node, ast.ClassDef):
            waiting += [(each, f"{prefix}{unit.node.name}.") for each in unit.body]
        elif isinstance(unit.node, FUNCTIONS) and (unit.facts.inner_fills or unit.facts.globals or unit.facts.inner_effects or _has_room(unit)):
            found += _of_function(unit.node, prefix + unit.node.name)
        elif b"default" in unit.text and isinstance(unit.node, (ast.Assign, ast.AnnAssign)):
            found += _of_value(unit.node, prefix)
    return found


def _of_value(node: ast.Assign | ast.AnnAssign, prefix: str) -> Iterator[Kept]:
    """`D = defaultdict(f)`, and `x = D.setdefault(k, f())`: what `D` has been given is kept."""
    names = [dotted(each) for each in (node.targets if isinstance(node, ast.Assign) else [node.target])]
    for call in ast.walk(node.value) if node.value is not None else ():
        made = dotted(call.func) if isinstance(call, ast.Call) and call.args else None
        if made is None:
            continue
        owner, _, method = made.rpartition(".")
        steps = call.args[:1] if method == "defaultdict" else call.args[1:] if method == "setdefault" else []
        spoken = {name for each in steps for name in _names(each)}
        calls = {dotted(each.func) for step in steps for each in ast.walk(step) if isinstance(each, ast.Call)}
        if method == "defaultdict" and isinstance(call.args[0], (ast.Name, ast.Attribute)):
            calls = spoken
        for name in names if method == "defaultdict" and call is node.value else [owner] if steps and method == "setdefault" else ():
            if name:
                yield Kept(prefix + name, prefix + name, frozenset(filter(None, calls)), frozenset(spoken - calls), tuple(steps))


def otherwise(old: Unit, new: Unit) -> set[tuple[str, str]]:
    """The names and functions of what is kept in both, and computed in another way after the edit."""
    before = {(each.name, each.by): each for each in kept([old])}
    return {
        (each.name, each.by) for each in (kept([new]) if before else ())
        if (earlier := before.get((each.name, each.by))) is not None and _structures(earlier.steps) != _structures(each.steps)
    }


def _structures(steps: Iterable[ast.AST]) -> list[Any]:
    return [structure(each, False) for each in steps]


def _has_room(unit: Unit) -> bool:
    """Whether it may have attributes of something, or defaults, to keep things in."""
    return b"." in unit.text or bool(_containers(unit.node.args))  # type: ignore[attr-defined]


def _of_function(function: ast.FunctionDef | ast.AsyncFunctionDef, by: str) -> Iterator[Kept]:
    stores: list[tuple[str, ast.expr, bool]] = []
    looked: set[str] = set()
    missing: dict[str, list[ast.stmt]] = {}  # names that it finds not to be there yet: what it does then
    shared = {name for node in ast.walk(function) if isinstance(node, ast.Global) for name in node.names}
    arguments = function.args
    bound = {each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    bound |= {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)} - shared
    owner = arguments.args[0].arg if arguments.args else ""
    defaults = _containers(arguments)
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if (not isinstance(target, ast.Name) or target.id in shared) and (name := _place(target)) is not None:
                    stores.append((name, node.value, isinstance(target, ast.Subscript)))
        elif isinstance(node, (ast.If, ast.IfExp, ast.While)):
            looked |= set(_names(node.test))
            for name in _missing(node.test):
                missing.setdefault(name, []).extend(node.body if isinstance(node, ast.If) else ())
        elif isinstance(node, ast.Try):
            looked |= {name for statement in node.body for name in _names(statement)}
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("get", "setdefault"):
            name = dotted(node.func.value)
            if name is not None:
                looked.add(name)
                if node.func.attr == "setdefault" and len(node.args) == 2:
                    stores.append((name, node.args[1], True))
    for name, value, is_item in stores:
        if name not in looked or root(name) in bound and root(name) != owner and name not in defaults:
            continue
        if root(name) in bound and name.count(".") != 1 and name not in defaults:
            continue
        steps = (*_steps(function, value, name), *(each for each in missing.get(name, ()) if name in _names(each)))
        names = {each for step in steps for each in _names(step) if not _is_of(each, name)}
        calls = {dotted(node.func) for step in steps for node in ast.walk(step) if isinstance(node, ast.Call)}
        reads = {each for each in names - calls if root(each) not in bound}
        if any(each is not None and each.rpartition(".")[2] in TELL_ANNOTATIONS for each in calls):
            reads.add(f"?.{MEANT}")
        home = by.rpartition(".")[0]
        named = frozenset(
            home if each == owner and home else f"?.{each.rpartition('.')[2]}" if root(each) in bound else each
            for each in calls if each is not None and not _is_of(each, name)
        )  # fmt: skip
        if named or is_item or name in missing and not by.endswith("__init__"):
            if name in defaults:
                place = f"{by}({name})"
            elif root(name) in bound:  # of instances, or of the class itself
                place = f"{home if owner in _CLASS else ''}.{name.partition('.')[2]}"
            else:
                place = name
            yield Kept(place, by, named, frozenset(reads), steps)


def _missing(test: ast.expr) -> Iterator[str]:
    """Of `X is None`, `not X`, `k not in X`, `not hasattr(o, "x")`: what is not there if it holds."""
    if isinstance(test, ast.BoolOp):
        for each in test.values:
            yield from _missing(each)
    elif isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        yield from _names(test.operand)
    elif isinstance(test, ast.Compare) and isinstance(test.ops[0], (ast.Is, ast.Eq)):
        yield from _names(test.left)
    elif isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.NotIn):
        yield from _names(test.comparators[0])


def _is_of(name: str, owner: str) -> bool:
    return name == owner or name.startswith(f"{owner}.")


def _containers(arguments: ast.arguments) -> set[str]:
    """Parameters whose default is a container: each call without that argument has the same one."""
    positional = [*arguments.posonlyargs, *arguments.args]
    pairs = [*zip(reversed(positional), reversed(arguments.defaults)), *zip(arguments.kwonlyargs, arguments.kw_defaults)]
    return {each.arg for each, default in pairs if isinstance(default, (ast.Dict, ast.List, ast.Call))}


def _steps(function: ast.AST, value: ast.expr, name: str) -> tuple[ast.AST, ...]:
    """What a value that is kept under a name is computed by: its expression, and those of the local names in it."""
    found: list[ast.AST] = [value]
    names: set[str] = set()
    while True:
        wanted = {node.id for each in found for node in ast.walk(each) if isinstance(node, ast.Name)} - {root(name)}
        if wanted == names:
            return tuple(found)
        names = wanted
        found = [value]
        for node in ast.walk(function):
            if isinstance(node, ast.Assign):
                targets, given = node.targets, node.value
            elif isinstance(node, (ast.AugAssign, ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
                targets, given = [node.target], node.value
            elif isinstance(node, (ast.For, ast.AsyncFor)):
                targets, given = [node.target], node.iter
            else:
                continue
            if any(isinstance(part, ast.Name) and part.id in names for target in targets for part in ast.walk(target)):
                found.append(given)


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
