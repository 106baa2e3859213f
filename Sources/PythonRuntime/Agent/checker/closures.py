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
from compilation import Range, range_of, tree_of
from exact import is_constant
from statements import mangled, parameters
from texts import Module
from units import FUNCTIONS, Unit, structure

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
CONSTRUCTORS = ("__init__", "__post_init__")


class Node:
    """A function of a text, and those around it, the innermost last."""

    __slots__ = ("node", "around")

    def __init__(self, node: Function, around: tuple[Function, ...]) -> None:
        self.node = node
        self.around = around


def with_closures(swaps: list[Swap], running: Module, module: Module) -> list[Swap]:
    """The swaps, with what closures need besides (`more` in `_afresh/patch_functions.py`)."""
    assert running.code is not None and module.tree is not None and running.tree is not None
    olds, news = _functions(running.tree), _functions(module.tree)
    needed: dict[int, tuple[Swap, CodeType, dict[str, Any]]] = {}
    variants: dict[int, CodeType] = {}
    for swap in swaps:
        old = at(running.code, swap[0])
        new = swap[1]
        if "<locals>" not in old.co_qualname:
            continue
        before, after = olds.get(_key(old)), news.get(_key(new))
        if before is None or after is None:
            continue
        more = _evaluated(before.node, after.node)
        if set(new.co_freevars) < set(old.co_freevars):
            variants[id(new)] = old
            more["variant"] = None
        if more:
            needed[id(new)] = (swap, new, more)
    if not needed:
        return swaps
    found = _variants(module, variants) if variants else {}
    for key, (_, _, more) in needed.items():
        if "variant" in more:
            more["variant"] = found.get(key)
    return [(*swap[:3], needed[id(swap[1])][2] if id(swap[1]) in needed else None) for swap in swaps]


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


def _functions(tree: ast.Module) -> dict[tuple[str, int], Node]:
    """By name and first line, as code objects have them; those that cannot be told apart are left out."""
    found: dict[tuple[str, int], Node] = {}
    twice: set[tuple[str, int]] = set()
    waiting: list[tuple[ast.AST, tuple[Function, ...]]] = [(tree, ())]
    while waiting:
        node, around = waiting.pop()
        for child in ast.iter_child_nodes(node):
            inside = around
            if isinstance(child, (*FUNCTIONS, ast.Lambda)):
                if around:
                    first = min([child.lineno, *(each.lineno for each in getattr(child, "decorator_list", ()))])
                    key = (getattr(child, "name", "<lambda>"), first)
                    if key in found:
                        twice.add(key)
                    found[key] = Node(child, around)
                inside = (*around, child)
            waiting.append((child, inside))
    for key in twice:
        del found[key]
    return found


def _key(code: CodeType) -> tuple[str, int]:
    return (code.co_name, code.co_firstlineno)


# Variables that a closure has and its new code does not use


def _variants(module: Module, wanted: dict[int, CodeType]) -> dict[int, CodeType]:
    """New code that can take the place of old code which had more variables: it names them where nothing executes."""
    tree = tree_of(module.source, module.filename)
    assert tree is not None and module.code is not None
    nodes = _functions(tree)
    every = list(_nested(module.code))
    for code in every:
        old = wanted.get(id(code))
        place = nodes.get(_key(code)) if old is not None else None
        if old is None or place is None:
            continue
        missing = [name for name in old.co_freevars if name not in code.co_freevars]
        _name_in_vain(place.node, missing, ast.Load())
        for name in missing:
            if not any(_binds(function, name) for function in place.around):
                _name_in_vain(place.around[-1], [name], ast.Store())
    ast.fix_missing_locations(tree)
    try:
        code = compile(tree, module.filename, "exec", dont_inherit=True, optimize=module.optimize)
    except (SyntaxError, ValueError):
        return {}
    found = {}
    others = list(_nested(code))
    for new, variant in zip(every, others) if len(every) == len(others) else ():
        old = wanted.get(id(new))
        if old is not None and _key(new) == _key(variant) and variant.co_freevars == old.co_freevars:
            found[id(new)] = variant
    return found


def _nested(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _nested(constant)


def _binds(function: Function, name: str) -> bool:
    if any(argument.arg == name for argument in parameters(function.args)):
        return True
    body = [function.body] if isinstance(function, ast.Lambda) else function.body
    return any(
        isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)
        for statement in body
        for node in ast.walk(statement)
    )


def _name_in_vain(function: Function, names: list[str], context: ast.expr_context) -> None:
    targets: list[ast.expr] = [ast.Name(name, context) for name in names]
    if isinstance(function, ast.Lambda):
        if isinstance(context, ast.Load):
            function.body = ast.IfExp(ast.Constant(True), function.body, ast.Tuple(targets, context))
        return
    inner: ast.stmt = (
        ast.Expr(ast.Tuple(targets, context))
        if isinstance(context, ast.Load)
        else ast.Assign(targets, ast.Constant(None))
    )
    first = function.body[0]
    dead = ast.If(ast.Constant(0), [inner], [])
    for node in ast.walk(dead):
        if isinstance(node, (ast.stmt, ast.expr)):
            ast.copy_location(node, function.body[-1])
    has_doc = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    function.body.insert(1 if has_doc else 0, dead)


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
