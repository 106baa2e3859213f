"""Edits of a text that make it fit to be reloaded. Each is offered only where it surely means the same as before."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from typing import Any

from compilation import Text

Edit = dict[str, Any]

_INDENT = "    "


def keep(tree: ast.Module, text: Text, line: int) -> Edit | None:
    """`NAME = …` as `try: NAME / except NameError: NAME = …`: the value that the program has stays when the text runs again."""
    for number, node in enumerate(tree.body):
        if not node.lineno - 1 <= line <= (node.end_lineno or 0) - 1:
            continue
        name = _assigned(node)
        neighbours = [*tree.body[max(0, number - 1) : number], *tree.body[number + 1 : number + 2]]
        if name is None or any(_share_a_line(node, other) for other in neighbours):
            return None
        inside = _lines_inside_strings(text)
        if inside is None:
            return None
        first, last = node.lineno - 1, (node.end_lineno or 0) - 1
        changes = [_insertion(first, f"try:\n{_INDENT}{name}\nexcept NameError:\n{_INDENT}")]
        changes += [_insertion(each, _INDENT) for each in range(first + 1, last + 1) if each not in inside]
        return {"kind": "keep", "name": name, "changes": changes}
    return None


def _assigned(node: ast.stmt) -> str | None:
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target: ast.expr = node.targets[0]
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        target = node.target
    else:
        return None
    if not isinstance(target, ast.Name) or node.col_offset != 0:
        return None
    # `x = x + 1` is not the first value of a name.
    assert node.value is not None
    own = any(isinstance(each, ast.Name) and each.id == target.id for each in ast.walk(node.value))
    return None if own else target.id


def _share_a_line(one: ast.stmt, other: ast.stmt) -> bool:
    return one.lineno <= (other.end_lineno or 0) and other.lineno <= (one.end_lineno or 0)


def _lines_inside_strings(text: Text) -> set[int] | None:
    """The lines (0-based) that begin inside a string: indenting them would change it. None where that cannot be known."""
    inside: set[int] = set()
    begins: list[int] = []
    source = b"\n".join(text.lines).decode("utf-8", "replace")
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            name = tokenize.tok_name[token.type]
            if name in ("FSTRING_START", "TSTRING_START"):
                begins.append(token.start[0])
            elif name in ("FSTRING_END", "TSTRING_END"):
                inside.update(range(begins.pop(), token.end[0]))
            elif name == "STRING":
                inside.update(range(token.start[0], token.end[0]))
    except (tokenize.TokenError, SyntaxError, IndexError):
        return None
    return inside


def qualify(tree: ast.Module, text: Text, line: int, column: int) -> Edit | None:
    """`from m import f` and `f()` as `import m` and `m.f()`: access through the module follows what it has now."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.lineno - 1 <= line <= (node.end_lineno or 0) - 1:
            break
    else:
        return None
    at = (line + 1, column)
    covering = [alias for alias in node.names if (alias.lineno, alias.col_offset) <= at
                and at <= (alias.end_lineno or 0, alias.end_col_offset or 0)]
    aliases = covering or (node.names if len(node.names) == 1 else [])
    if not aliases or aliases[0].name == "*" or node.module is None or node.module == "__future__":
        return None
    alias = aliases[0]
    local = alias.asname or alias.name
    dots = "." * node.level
    if node.level:
        package, _, leaf = node.module.rpartition(".")
        statement, qualified, root = f"from {dots}{package} import {leaf}", leaf, leaf
    else:
        statement, qualified, root = f"import {node.module}", node.module, node.module.partition(".")[0]
    uses = _uses(tree, local, node)
    if uses is None or not _is_free(tree, root, node.level == 0, node.module):
        return None
    replacement = f"{qualified}.{alias.name}"
    changes = _without_alias(node, alias, statement)
    for use in uses:
        if text.slice(use.lineno - 1, use.col_offset, use.end_lineno - 1, use.end_col_offset) != local.encode():
            return None  # inside an f-string, before 3.12
        changes.append(_change(use.lineno - 1, use.col_offset, use.end_lineno - 1, use.end_col_offset, replacement))
    if text.line(node.lineno - 1)[: node.col_offset].strip():
        return None
    return {"kind": "qualify", "name": local, "qualified": replacement, "statement": f"from {dots}{node.module} import "
            f"{alias.name}", "changes": changes}


def _without_alias(node: ast.ImportFrom, alias: ast.alias, statement: str) -> list[dict[str, Any]]:
    end_line, end = (node.end_lineno or 0) - 1, node.end_col_offset or 0
    if len(node.names) == 1:
        return [_change(node.lineno - 1, node.col_offset, end_line, end, statement)]
    index = node.names.index(alias)
    if index + 1 < len(node.names):
        following = node.names[index + 1]
        removed = _change(alias.lineno - 1, alias.col_offset, following.lineno - 1, following.col_offset, "")
    else:
        before = node.names[index - 1]
        removed = _change((before.end_lineno or 0) - 1, before.end_col_offset or 0, (alias.end_lineno or 0) - 1,
                          alias.end_col_offset or 0, "")
    return [_change(node.lineno - 1, node.col_offset, node.lineno - 1, node.col_offset, statement + "\n"), removed]


def _uses(tree: ast.Module, name: str, binding: ast.ImportFrom) -> list[Any] | None:
    """Where the name is read; None if anything else binds it, or a string may mean it."""
    found = []
    own = set(map(id, binding.names))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == name:
            if not isinstance(node.ctx, ast.Load):
                return None
            found.append(node)
        elif isinstance(node, ast.alias) and id(node) not in own and (node.asname or node.name.partition(".")[0]) == name:
            return None
        elif _binds(node, name):
            return None
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            # `__all__`, an annotation in quotes.
            if node.value == name or (len(node.value) < 200 and "\n" not in node.value
                                      and _is_annotation_like(node.value) and re.search(rf"\b{name}\b", node.value)):
                return None
    return found


def _is_annotation_like(value: str) -> bool:
    return re.fullmatch(r"[\w.\[\], |]+", value) is not None and " " not in value.strip().replace(", ", ",").replace(
        " | ", "|")


def _binds(node: ast.AST, name: str) -> bool:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler, ast.MatchAs,
                         ast.MatchStar)):
        return node.name == name
    if isinstance(node, ast.arg):
        return node.arg == name
    if isinstance(node, (ast.Global, ast.Nonlocal)):
        return name in node.names
    return isinstance(node, ast.MatchMapping) and node.rest == name


def _is_free(tree: ast.Module, root: str, absolute: bool, module: str) -> bool:
    """Whether the name of the module can be bound by an import, or is bound so already."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == root and not isinstance(node.ctx, ast.Load):
            return False
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname == root or not absolute and alias.name.partition(".")[0] == root:
                    return False
        elif isinstance(node, ast.ImportFrom):
            if any((alias.asname or alias.name) == root for alias in node.names):
                return False
        elif _binds(node, root):
            return False
    return True


def _insertion(line: int, new: str) -> dict[str, Any]:
    return _change(line, 0, line, 0, new)


def _change(line: int, column: int, end_line: int, end_column: int, new: str) -> dict[str, Any]:
    return {
        "range": {"start": {"line": line, "column": column}, "end": {"line": end_line, "column": end_column}}, "new": new
    }
