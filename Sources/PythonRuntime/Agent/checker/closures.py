"""What an edit inside functions means for what they made before it: closures, classes of their own, instances.

New code alone does not reach these: defaults and decorators were evaluated when a closure was made, variables are those
that it was given, attributes those that its constructor set.
"""

from __future__ import annotations

import ast
from types import CodeType
from typing import Any, Iterable, Iterator

from alignment import SAME, Pair
from codetree import Swap, at
from compilation import Range, range_of
from exact import is_constant
from statements import mangled
from texts import Module
from units import FUNCTIONS, Unit, structure

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
CONSTRUCTORS = ("__init__", "__post_init__")


def with_closures(swaps: list[Swap], running: Module, module: Module) -> list[Swap]:
    """The swaps, with what closures need besides (`more` in `_afresh/patch_functions.py`)."""
    assert running.code is not None and module.tree is not None and running.tree is not None
    if not any("<locals>" in new.co_qualname for _, new, _, _ in swaps):
        return swaps
    olds, news = _functions(running.units), _functions(module.units)
    found: list[Swap] = []
    for path, new, differs, _ in swaps:
        old = at(running.code, path)
        more: dict[str, Any] = {}
        if "<locals>" in old.co_qualname:
            before, after = olds.get(_key(old)), news.get(_key(new))
            if before is not None and after is not None:
                more = _evaluated(before, after)
        found.append((path, new, differs, more or None))
    return found


def _evaluated(before: Function, after: Function) -> dict[str, Any]:
    """What the statement that makes a closure evaluates, where that differs."""
    more: dict[str, Any] = {}
    defaults = after.args.defaults, after.args.kw_defaults
    if structure([before.args.defaults, before.args.kw_defaults], True) != structure(list(defaults), True):
        if all(map(is_constant, (*defaults[0], *(each for each in defaults[1] if each is not None)))):
            names = [argument.arg for argument in after.args.kwonlyargs]
            keywords = {name: _value(each) for name, each in zip(names, defaults[1]) if each is not None}
            more["defaults"] = (tuple(map(_value, defaults[0])) or None, keywords or None)
        else:
            more["keeps"] = "their defaults"
    decorators = [getattr(node, "decorator_list", []) for node in (before, after)]
    if structure(decorators[0], True) != structure(decorators[1], True):
        more["keeps"] = "their decorators"
    return more


def _value(node: ast.expr) -> Any:
    return ast.literal_eval(node)


def _functions(units: Iterable[Unit]) -> dict[tuple[str, int], Function]:
    """Those inside others, by name and first line, as code objects have them; but none that cannot be told apart."""
    found: dict[tuple[str, int], Function] = {}
    twice: set[tuple[str, int]] = set()
    waiting: list[tuple[ast.AST, bool]] = [(unit.node, isinstance(unit.node, FUNCTIONS)) for unit in units if unit.by_text(_has_inner)]
    while waiting:
        node, inside = waiting.pop()
        for child in ast.iter_child_nodes(node):
            is_function = isinstance(child, (*FUNCTIONS, ast.Lambda))
            if is_function and inside:
                first = min([child.lineno, *(each.lineno for each in getattr(child, "decorator_list", ()))])
                key = (getattr(child, "name", "<lambda>"), first)
                if key in found:
                    twice.add(key)
                found[key] = child
            waiting.append((child, inside or is_function))
    for key in twice:
        del found[key]
    return found


def _has_inner(unit: Unit) -> bool:
    """Whether it has functions, of which some may be inside others."""
    return sum(isinstance(each, (*FUNCTIONS, ast.Lambda)) for each in ast.walk(unit.node)) > 1


def _key(code: CodeType) -> tuple[str, int]:
    return (code.co_name, code.co_firstlineno)


# Classes that functions define


def local_classes(pairs: Iterable[Pair]) -> list[tuple[str, Range]]:
    """Those whose statements changed, other than what their methods do inside: by qualified name."""
    found: list[tuple[str, Range]] = []
    for pair in pairs:
        if pair.status == SAME or pair.old is None or pair.new is None:
            continue
        olds = dict(_classes(pair.old.node, "", False))
        for name, node in _classes(pair.new.node, "", False):
            before = olds.get(name)
            if before is not None and structure(before, True) != structure(node, True):
                column = node.col_offset
                found.append((name, range_of(node.lineno - 1, column, node.lineno - 1, column + len("class"))))
    return found


def _classes(node: ast.AST, prefix: str, local: bool) -> Iterator[tuple[str, ast.ClassDef]]:
    if isinstance(node, ast.ClassDef):
        if local:
            yield prefix + node.name, node
        prefix = f"{prefix}{node.name}."
    elif isinstance(node, FUNCTIONS):
        prefix, local = f"{prefix}{node.name}.<locals>.", True
    elif isinstance(node, ast.expr):
        return
    for child in ast.iter_child_nodes(node):
        yield from _classes(child, prefix, local)


# Attributes that constructors set


def new_attributes(pairs: Iterable[Pair], prefix: str = "") -> list[tuple[str, str, Range]]:
    """Attributes that the constructors of a class set now, and no method of it before: class, name, where."""
    found: list[tuple[str, str, Range]] = []
    for pair in pairs:
        if pair.status == SAME or pair.old is None or pair.new is None or not isinstance(pair.new.node, ast.ClassDef):
            continue
        name = prefix + pair.new.node.name
        found += new_attributes(pair.members, f"{name}.")
        before = {attribute for unit in pair.old.body for attribute, _ in _assigned(unit)}
        seen: set[str] = set()
        for unit in pair.new.body:
            if unit.names and unit.names[0] in CONSTRUCTORS:
                for attribute, node in _assigned(unit):
                    if attribute not in before and attribute not in seen:
                        seen.add(attribute)
                        place = range_of(
                            node.lineno - 1, node.col_offset, (node.end_lineno or 1) - 1, node.end_col_offset or 0
                        )
                        found.append((name, mangled(pair.new.node.name, attribute), place))
    return found


def _assigned(unit: Unit) -> Iterator[tuple[str, ast.Attribute]]:
    """Attributes of its first parameter that a method assigns."""
    if not isinstance(unit.node, FUNCTIONS):
        return
    arguments = [*unit.node.args.posonlyargs, *unit.node.args.args]
    waiting: list[ast.AST] = list(reversed(unit.node.body))
    while waiting and arguments:
        node = waiting.pop()
        if isinstance(node, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
            continue
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            if isinstance(node.value, ast.Name) and node.value.id == arguments[0].arg:
                yield node.attr, node
        waiting += reversed(list(ast.iter_child_nodes(node)))
