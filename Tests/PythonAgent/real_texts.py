"""The text of a module that somebody has written, with its tree, and what edits of it are made of."""

from __future__ import annotations

import ast
from typing import Any, Iterator

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DEFINITIONS = (*FUNCTIONS, ast.ClassDef)


class Text:
    """A text, its tree, and where the nodes are in it."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.lines = source.splitlines(keepends=True)
        self.tree = ast.parse(source)
        self.owners: dict[ast.stmt, ast.AST] = {}  # definitions and the module; of what stands in a branch, what the branch stands in
        self.blocks: list[tuple[ast.AST, list[ast.stmt]]] = []
        self._note(self.tree, self.tree)

    def _note(self, node: ast.AST, owner: ast.AST) -> None:
        for _, value in ast.iter_fields(node):
            parts = value if isinstance(value, list) else [value]
            if parts and all(isinstance(each, ast.stmt) for each in parts):
                self.blocks.append((owner, parts))
            for part in parts:
                if isinstance(part, ast.stmt):
                    self.owners[part] = owner
                if isinstance(part, ast.AST):
                    self._note(part, part if isinstance(part, DEFINITIONS) else owner)

    def statements(self, *kinds: type[ast.AST], of: tuple[type[ast.AST], ...] = (ast.AST,)) -> list[Any]:
        return [
            each
            for each, owner in self.owners.items()
            if isinstance(each, kinds or ast.stmt) and isinstance(owner, of) and self.alone(each)
        ]

    def expressions(self, *kinds: type[ast.AST]) -> list[Any]:
        inside = {id(part) for node in ast.walk(self.tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
        return [each for each in ast.walk(self.tree) if isinstance(each, kinds) and id(each) not in inside and hasattr(each, "lineno")]

    def first(self, node: ast.stmt) -> int:
        """Its first line, from 0."""
        return min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))]) - 1

    def alone(self, node: ast.stmt) -> bool:
        """Whether nothing else stands on its lines."""
        first, last = self.lines[self.first(node)].encode(), self.lines[end_of(node) - 1].encode()
        before = first[: node.col_offset - bool(getattr(node, "decorator_list", ()))].strip()  # of a decorator, without its "@"
        after = last[node.end_col_offset :].strip()
        return before in (b"", b"@") and (not after or after.startswith(b"#")) and not first.lstrip().startswith(b"elif")

    def of(self, node: ast.stmt) -> str:
        return "".join(self.lines[self.first(node) : end_of(node)])

    def indent(self, node: ast.stmt) -> str:
        line = self.lines[self.first(node)]
        return line[: len(line) - len(line.lstrip())]

    # What edits are made of

    def with_lines(self, first: int, end: int, text: str) -> str:
        return "".join(self.lines[:first]) + text + "".join(self.lines[end:])

    def without(self, node: ast.stmt) -> str:
        block = next(block for _, block in self.blocks if node in block)
        filler = f"{self.indent(node)}pass\n" if len(block) == 1 and block is not self.tree.body else ""
        return self.with_lines(self.first(node), end_of(node), filler)

    def before(self, node: ast.stmt, text: str) -> str:
        return self.with_lines(self.first(node), self.first(node), indented(text, self.indent(node)))

    def after(self, node: ast.stmt, text: str) -> str:
        return self.with_lines(end_of(node), end_of(node), indented(text, self.indent(node)))

    def replaced(self, node: Any, text: str) -> str:
        first, end = self._offset(node.lineno, node.col_offset), self._offset(node.end_lineno, node.end_col_offset)
        data = self.source.encode()
        return (data[:first] + text.encode() + data[end:]).decode()

    def segment(self, node: Any) -> str:
        return ast.get_source_segment(self.source, node) or ""

    def _offset(self, line: int, column: int) -> int:
        return sum(len(each.encode()) for each in self.lines[: line - 1]) + column


def end_of(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def indented(text: str, indent: str) -> str:
    return "".join(f"{indent}{line}\n" if line else "\n" for line in text.splitlines())


def blocks_to_leave_out(source: str) -> Iterator[str]:
    """Smaller texts: without one statement, the largest first."""
    text = Text(source)
    for node in sorted(text.statements(of=(ast.Module, ast.ClassDef)), key=lambda each: each.lineno - end_of(each)):
        yield text.of(node)
