"""What an editor asks about a text besides its compilation: its definitions, the name at a place, edits that it offers."""

from __future__ import annotations

import ast
import re
from typing import Any, Iterator

from compilation import Range, Text, tree_of
from edits import keep, qualify
from params import InvalidParams, Params, bytes_of

_DEFINED = re.compile(rb"\s*(?:async\s+)?(?:def|class)\s+")
_Function = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_Comprehension = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def inspect(params: Params) -> dict[str, Any]:
    """The answer to `inspect`: empty for a text that does not compile."""
    source = bytes_of(params, "source")
    at = params.get("range")
    if source is None or at is not None and not _is_range(at):
        raise InvalidParams("inspect needs a source, and a range that is one")
    answer: dict[str, Any] = {"definitions": [], "assignments": [], "edits": []}
    tree = tree_of(source, "<text>")
    if tree is None:
        return answer
    text = Text(source)
    for node in statements(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            answer["definitions"].append(definition(node, text))
        else:
            answer["assignments"] += assignments(node)
    if at is not None:
        line, column = at["start"]["line"], at["start"]["column"]
        found = name_at(tree, line + 1, column)
        if found is not None:
            names, node = found
            answer["name"] = {"path": names, "range": range_of(node)}
        answer["edits"] = [edit for edit in (keep(tree, text, line), qualify(tree, text, line, column)) if edit]
    return answer


def _is_range(value: Any) -> bool:
    ends = [value.get(name) for name in ("start", "end")] if isinstance(value, dict) else [None]
    return all(isinstance(end, dict) and type(end.get("line")) is int and type(end.get("column")) is int for end in ends)


def range_of(node: Any) -> Range:
    return {
        "start": {"line": node.lineno - 1, "column": node.col_offset},
        "end": {"line": node.end_lineno - 1, "column": node.end_col_offset},
    }


def statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements at module level, also inside `if`, `try` and `with`, in order."""
    waiting = list(reversed(tree.body))
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        inside: list[ast.stmt] = []
        for field in ("body", "handlers", "orelse", "finalbody"):
            for child in getattr(node, field, None) or ():
                inside += child.body if isinstance(child, ast.ExceptHandler) else [child]
        waiting += reversed(inside)


def definition(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, text: Text) -> dict[str, Any]:
    line = text.line(node.lineno - 1)
    begin = _DEFINED.match(line, node.col_offset)
    start = begin.end() if begin is not None else node.col_offset
    end = start + len(node.name.encode()) if begin is not None else start
    return {
        "name": node.name,
        "kind": "class" if isinstance(node, ast.ClassDef) else "function",
        "range": {"start": {"line": node.lineno - 1, "column": start}, "end": {"line": node.lineno - 1, "column": end}},
    }


def assignments(node: ast.stmt) -> list[dict[str, Any]]:
    """The names that an assignment binds, each with the range of the whole statement."""
    if isinstance(node, ast.Assign):
        targets = [part for target in node.targets for part in ast.walk(target)]
    else:
        targets = [node.target] if isinstance(node, (ast.AnnAssign, ast.AugAssign)) else []
    names = [part.id for part in targets if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]
    return [{"name": name, "range": range_of(node)} for name in names]


def name_at(tree: ast.Module, line: int, column: int) -> tuple[list[str], ast.AST] | None:
    """The module-level name at a place (1-based line): ["shop", "RATE"] for `shop.RATE`. None for any other name."""
    chain: list[ast.AST] = []  # from the module to the innermost node at the place
    node: ast.AST | None = tree
    while node is not None:
        chain.append(node)
        node = next((child for child in _children(node) if _covers(child, line, column)), None)
    scopes = [each for each in chain[1:-1] if isinstance(each, (*_Function, *_Comprehension, ast.ClassDef))]
    last = chain[-1]
    if isinstance(last, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and last in tree.body:
        return ([last.name], last) if line == last.lineno else None
    if isinstance(last, ast.alias) and not scopes:
        name = last.asname or last.name.partition(".")[0]
        return ([name], last) if name != "*" else None
    names: list[str] = []
    while isinstance(last, ast.Attribute):
        names.insert(0, last.attr)
        last = last.value
    if not isinstance(last, ast.Name) or _is_local(last.id, scopes):
        return None
    return [last.id, *names], chain[-1]


def _children(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if hasattr(child, "lineno"):
            yield child
        else:
            yield from _children(child)  # arguments, comprehension, match_case


def _covers(node: Any, line: int, column: int) -> bool:
    decorators = getattr(node, "decorator_list", None)
    start = min((each.lineno, each.col_offset) for each in [node, *(decorators or ())])
    return start <= (line, column) <= (node.end_lineno, node.end_col_offset)


def _is_local(name: str, scopes: list[ast.AST]) -> bool:
    """Whether one of the functions around a place binds the name, or the class body right around it."""
    for number, scope in enumerate(scopes):
        if isinstance(scope, ast.ClassDef) and number + 1 < len(scopes):
            continue
        bound, shared = _bound(scope)
        if name in shared:
            return False
        if name in bound:
            return True
    return False


def _bound(scope: ast.AST) -> tuple[set[str], set[str]]:
    """The names that a scope binds itself, and those that it declares global."""
    bound: set[str] = set()
    shared: set[str] = set()
    waiting: list[ast.AST] = [child for child in ast.iter_child_nodes(scope)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Global):
            shared.update(node.names)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
            bound.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bound.add(node.name)
            continue
        elif isinstance(node, ast.alias):
            bound.add(node.asname or node.name.partition(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
        elif isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
            bound.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            bound.add(node.rest)
        if isinstance(node, (ast.Lambda, *_Comprehension)):
            continue
        waiting += ast.iter_child_nodes(node)
    return bound - shared, shared
