"""Names that a statement binds only on some of its ways: in one branch of an `if`, in a loop that may not begin."""

from __future__ import annotations

import ast
from typing import Any, Iterable, Iterator

from statements import Facts, facts_of
from units import FUNCTIONS, Unit, structure

_LOOKERS = frozenset(("globals", "locals", "vars", "dir", "hasattr", "eval", "exec"))
_TRY = (ast.Try, getattr(ast, "TryStar", ast.Try))
PERHAPS = (ast.BoolOp, ast.IfExp, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Compare)
_NAME_ERRORS = frozenset(("NameError", "Exception", "BaseException"))
COMPOUND = (ast.If, *_TRY, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Match)


def maybe_bound(unit: Unit) -> set[str]:
    """The names that executing the statement may leave alone. Not those that it reads before it binds them, or that it
    may look for in other ways: `try: cache / except NameError: cache = {}` keeps what there is.
    """
    node = unit.node
    if isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.Import, ast.ImportFrom)) or not unit.facts.binds:
        return set()
    if unit.facts.calls & _LOOKERS:
        return set()
    names = unit.facts.binds - _always([node])
    return names - _read_first(node) if names else names


def deciding(unit: Unit) -> Facts:
    """What decides which way the statement takes."""
    found = Facts()
    _collect_deciding([unit.node], unit.lazy_annotations, found)
    return found


def ways(unit: Unit) -> Any:
    """A value that is equal where two statements take the same ways under the same conditions, and bind the same names
    on them.
    """
    return _ways([unit.node], unit.lazy_annotations)


def steps(statements: Iterable[ast.stmt], lazy: bool, bound: set[str]) -> Iterator[tuple[Facts, set[str]]]:
    """What statements execute, part by part: what that reads and calls, and the names that they have bound by then
    on every way. `bound` goes with it. Not what is tried and may fail for want of a name.
    """
    for node in statements:
        if isinstance(node, ast.If):
            yield from _expression(node.test, lazy, bound)
            body, other = set(bound), set(bound)
            yield from steps(node.body, lazy, body)
            yield from steps(node.orelse, lazy, other)
            bound |= _meet([body, other], [node.body, node.orelse])
        elif isinstance(node, (ast.For, ast.AsyncFor)):
            yield from _expression(node.iter, lazy, bound)
            bound |= _names(node.target)
            yield from steps([*node.body, *node.orelse], lazy, bound)
        elif isinstance(node, ast.While):
            yield from _expression(node.test, lazy, bound)
            yield from steps([*node.body, *node.orelse], lazy, bound)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                yield from _expression(item.context_expr, lazy, bound)
                bound |= _names(item.optional_vars)
            yield from steps(node.body, lazy, bound)
        elif isinstance(node, _TRY):
            yield from _steps_of_try(node, lazy, bound)
        elif isinstance(node, ast.Match):
            yield from _expression(node.subject, lazy, bound)
            for case in node.cases:
                inside = bound | _names(case.pattern)
                yield from _expression(case.guard, lazy, inside)
                yield from steps(case.body, lazy, inside)
            bound |= _always([node])
        else:
            facts = facts_of([node], lazy)
            inside = set(bound)
            for each in sorted((each for each in ast.walk(node) if isinstance(each, ast.NamedExpr)), key=_end) if facts.binds else ():
                calls = [call for call in ast.walk(node) if isinstance(call, ast.Call) and _end(call) <= (each.lineno, each.col_offset)]
                for part in (each.value, *calls):
                    yield facts_of([ast.copy_location(ast.Expr(part), part)], lazy), inside
                inside.add(each.target.id)
            yield facts, inside
            bound |= facts.binds


def _end(node: ast.expr) -> tuple[int, int]:
    return node.end_lineno or node.lineno, node.end_col_offset or 0


def _steps_of_try(node: Any, lazy: bool, bound: set[str]) -> Iterator[tuple[Facts, set[str]]]:
    tried = set(bound)
    handles = any(map(_is_for_names, node.handlers))
    for part in steps([*node.body, *node.orelse], lazy, tried):
        if not handles:
            yield part
    ways, bodies = [tried], [[]]
    for handler in node.handlers:
        inside = bound | {handler.name or ""}
        yield from steps(handler.body, lazy, inside)
        ways.append(inside)
        bodies.append(handler.body)
    bound |= _meet(ways, bodies)
    yield from steps(node.finalbody, lazy, bound)


def _expression(node: ast.expr | None, lazy: bool, bound: set[str]) -> Iterator[tuple[Facts, set[str]]]:
    if node is not None:
        facts = facts_of([ast.copy_location(ast.Expr(node), node)], lazy)
        bound |= facts.binds
        yield facts, bound


def _names(node: ast.AST | None) -> set[str]:
    """The names that a target or a pattern binds."""
    found: set[str] = set()
    if node is not None:
        _visit(node, found, set())
    return found


def _is_for_names(handler: ast.ExceptHandler) -> bool:
    """Whether it handles that a name is not bound."""
    kinds = [None] if handler.type is None else getattr(handler.type, "elts", [handler.type])
    return any(kind is None or getattr(kind, "id", "") in _NAME_ERRORS for kind in kinds)


def _always(statements: Iterable[ast.stmt]) -> set[str]:
    """Names that are bound whatever happens. Of ways that end the statement (`raise`), all names: nobody sees them."""
    found: set[str] = set()
    for node in statements:
        if isinstance(node, ast.If):
            found |= _meet([_always(node.body), _always(node.orelse)], [node.body, node.orelse])
        elif isinstance(node, _TRY):
            bodies = [[*node.body, *node.orelse], *(handler.body for handler in node.handlers)]
            found |= _meet([_always(body) for body in bodies], bodies) | _always(node.finalbody)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            found |= facts_of([_header(node)], True).binds  # it may end its body early, and go on
        elif isinstance(node, ast.Match):
            cases = node.cases
            last = cases[-1].pattern
            if isinstance(last, ast.MatchAs) and last.pattern is None and cases[-1].guard is None:
                found |= _meet([_always(case.body) for case in cases], [case.body for case in cases])
        elif isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            found.add(node.name)
        elif not isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
            found |= facts_of([node], True).binds - _in_expressions(node)
    return found


def _meet(ways: list[set[str]], bodies: list[list[ast.stmt]]) -> set[str]:
    open_ = [names for names, body in zip(ways, bodies) if not (body and isinstance(body[-1], ast.Raise))]
    return set.intersection(*open_) if open_ else set()


def _header(node: ast.With | ast.AsyncWith) -> ast.stmt:
    return ast.With(items=node.items, body=[])


def _in_expressions(node: ast.AST) -> set[str]:
    """Names bound by `:=` where that may not be come to: after `and`, `or`, in a conditional expression, in a
    comprehension.
    """
    found: set[str] = set()
    for part in ast.walk(node):
        if isinstance(part, PERHAPS):
            inner = [each.target for each in ast.walk(part) if isinstance(each, ast.NamedExpr)]
            found |= {target.id for target in inner if isinstance(target, ast.Name)}
    return found


def _read_first(node: ast.AST) -> set[str]:
    found: set[str] = set()
    _visit(node, set(), found)
    return found


def _visit(part: ast.AST, stored: set[str], found: set[str]) -> None:
    if isinstance(part, ast.Name):
        if isinstance(part.ctx, ast.Store):
            stored.add(part.id)
        elif part.id not in stored:
            found.add(part.id)
        return
    if isinstance(part, (*FUNCTIONS, ast.Lambda)):
        for inner in getattr(part, "decorator_list", ()):
            _visit(inner, stored, found)
        _visit(part.args, stored, found)
        stored.add(getattr(part, "name", ""))
        return
    if isinstance(part, (ast.MatchAs, ast.MatchStar, ast.MatchMapping, ast.ExceptHandler)):
        stored.add(getattr(part, "rest", None) or getattr(part, "name", None) or "")
    if isinstance(part, ast.alias):
        stored.add((part.asname or part.name).partition(".")[0])
    first = [name for name in ("value", "iter") if hasattr(part, name)]
    for name in (*first, *(name for name in part._fields if name not in first)):
        value = getattr(part, name, None)
        for inner in value if isinstance(value, list) else (value,):
            if isinstance(inner, ast.AST):
                _visit(inner, stored, found)
    if isinstance(part, ast.ClassDef):
        stored.add(part.name)


def _collect_deciding(statements: Iterable[ast.stmt], lazy: bool, found: Facts) -> None:
    for node in statements:
        if isinstance(node, ast.If):
            facts = facts_of([ast.copy_location(ast.Expr(node.test), node)], lazy)
            found.reads |= facts.reads
            found.calls |= facts.calls
            _collect_deciding([*node.body, *node.orelse], lazy, found)
        elif isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.Import, ast.ImportFrom)):
            continue
        elif isinstance(node, COMPOUND) or _in_expressions(node):
            facts = facts_of([node], lazy)
            found.reads |= facts.reads
            found.calls |= facts.calls


def _ways(statements: Iterable[ast.stmt], lazy: bool) -> Any:
    found: list[Any] = []
    for node in statements:
        if isinstance(node, ast.If):
            found.append((structure(node.test, True), _ways(node.body, lazy), _ways(node.orelse, lazy)))
        elif isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            found.append(node.name)
        elif isinstance(node, COMPOUND):
            found.append(structure(node, True))
        else:
            found.append(tuple(sorted(facts_of([node], lazy).binds)))
    return tuple(found)
