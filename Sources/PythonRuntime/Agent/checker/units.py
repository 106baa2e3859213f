"""A module's text as units: its top-level statements, and those of its class bodies. An import of several names is
several units.
"""

from __future__ import annotations

import ast
from functools import cached_property
from typing import Any, Callable, Iterator, TypeVar
from weakref import WeakValueDictionary

import preempt
from compilation import Range, Text, range_of
from statements import ANNOTATIONS_ARE_LAZY, Facts, dotted, facts_of

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_T = TypeVar("_T")


class _ByText(dict[Callable[..., Any], Any]):
    """What was worked out of a statement's text."""

    __slots__ = ("__weakref__",)


# From one save to the next, most statements are the same. Each is kept as long as a text that has the statement.
_by_text: WeakValueDictionary[tuple[bytes, bool], _ByText] = WeakValueDictionary()


class Unit:
    """One statement of a module or class body."""

    def __init__(self, node: ast.stmt, text: Text, lazy_annotations: bool, rendered: bytes | None = None) -> None:
        self.node = node
        self.lazy_annotations = lazy_annotations
        decorators: list[ast.expr] = getattr(node, "decorator_list", [])
        self.first_line = (min(d.lineno for d in decorators) if decorators else node.lineno) - 1
        self.last_line = (node.end_lineno or node.lineno) - 1
        self._source = text
        if rendered is not None:
            self.text = rendered
        else:
            column = decorators[0].col_offset - 1 if decorators else node.col_offset
            # lines only where the statement has them for itself: as good, and faster
            self.text = text.slice(self.first_line, max(column, 0), self.last_line, node.end_col_offset or 0)
        self.is_docstring = False

    @cached_property
    def _found(self) -> _ByText:
        return _by_text.setdefault((self.text, self.lazy_annotations), _ByText())

    def by_text(self, compute: Callable[[Unit], _T]) -> _T:
        """`compute(self)`, once for all units of the same text: nothing else may count in it, places neither."""
        if compute not in self._found:
            self._found[compute] = compute(self)
        return self._found[compute]  # type: ignore[no-any-return]

    @cached_property
    def facts(self) -> Facts:
        return self.by_text(_facts)

    @cached_property
    def needs(self) -> Facts:
        """The same without what may be unbound while it is executed."""
        if type(self.node).__name__ == "TypeAlias":
            found = Facts()
            found.binds = self.facts.binds
            return found
        return facts_of([self.node], True) if ANNOTATIONS_ARE_LAZY and not self.lazy_annotations else self.facts

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names that it binds, in the order of the text."""
        node = self.node
        if self.is_docstring:
            return ("__doc__",)
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            return (node.name,)
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            return (node.targets[0].id,)
        return tuple(sorted(self.facts.binds))

    @cached_property
    def stars(self) -> tuple[ast.ImportFrom, ...]:
        """The star imports in it: one, or those of its branches."""
        node = self.node
        if isinstance(node, ast.ImportFrom):
            return (node,) if node.names[0].name == "*" else ()
        if self.kind != "statement" or b"*" not in self.text:
            return ()
        found: list[ast.ImportFrom] = []
        waiting: list[ast.AST] = [node]
        while waiting:
            each = waiting.pop()
            if isinstance(each, ast.ImportFrom) and each.names[0].name == "*":
                found.append(each)
            elif not isinstance(each, (*FUNCTIONS, ast.ClassDef, ast.expr)):
                waiting += ast.iter_child_nodes(each)
        return tuple(found)

    @cached_property
    def defines(self) -> tuple[str, ...]:
        """The names that `def` and `class` statements bind, itself or those in its branches."""
        found: list[str] = []
        waiting: list[ast.AST] = [self.node]
        while waiting:
            node = waiting.pop()
            if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
                found.append(node.name)
            elif not isinstance(node, ast.expr):
                waiting += ast.iter_child_nodes(node)
        return tuple(found)

    @cached_property
    def key(self) -> Any:
        """What it means, without positions."""
        preempt.look()
        return structure(self.node, False)

    @cached_property
    def shell(self) -> Any:
        """What executing it means: without the bodies of functions."""
        return structure(self.node, True)

    @cached_property
    def body(self) -> list[Unit]:
        """The units of a class body."""
        node = self.node
        if not isinstance(node, ast.ClassDef):
            return []
        return list(units_of(node.body, self._source, self.lazy_annotations))

    @cached_property
    def header(self) -> Any:
        """A class without its body."""
        node = self.node
        assert isinstance(node, ast.ClassDef)
        return (
            node.name,
            structure(node.bases, True),
            structure(node.keywords, True),
            structure(node.decorator_list, True),
            structure(getattr(node, "type_params", []), True),
        )

    @property
    def place(self) -> tuple[int, int]:
        """Where it begins, without decorators: line from 1, column from 0 in bytes."""
        return self.node.lineno, self.node.col_offset

    @property
    def kind(self) -> str:
        node = self.node
        if isinstance(node, FUNCTIONS):
            return "function"
        if isinstance(node, ast.ClassDef):
            return "class"
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            return "import"
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)) and self.names or self.is_docstring:
            return "value"
        return "statement"

    @property
    def symbol(self) -> str:
        """What a person calls it."""
        node = self.node
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            return "*"
        if self.names and self.kind != "statement":
            return ", ".join(self.names)
        line = self.text.partition(b"\n")[0].decode("utf-8", "replace").strip()
        return line if len(line) <= 60 else line[:57] + "…"

    @property
    def range(self) -> Range:
        """Where an editor should point: the name of a definition, else the statement's first line."""
        node = self.node
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            line = self._source.line(node.lineno - 1)
            at = line.find(node.name.encode(), node.col_offset + 3)
            if at >= 0:
                return range_of(node.lineno - 1, at, node.lineno - 1, at + len(node.name.encode()))
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            alias = node.names[0]
            return range_of(
                alias.lineno - 1, alias.col_offset, (alias.end_lineno or alias.lineno) - 1, alias.end_col_offset or 0
            )
        if node.end_lineno == node.lineno:
            return range_of(node.lineno - 1, node.col_offset, node.lineno - 1, node.end_col_offset or 0)
        return range_of(node.lineno - 1, node.col_offset, node.lineno - 1, len(self._source.line(node.lineno - 1)))


def _facts(unit: Unit) -> Facts:
    preempt.look()
    return facts_of([unit.node], unit.lazy_annotations)


def units_of(body: list[ast.stmt], text: Text, lazy_annotations: bool) -> Iterator[Unit]:
    for position, node in enumerate(body):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                single = (
                    type(node)(names=[alias])
                    if isinstance(node, ast.Import)
                    else ast.ImportFrom(module=node.module, names=[alias], level=node.level)
                )
                ast.copy_location(single, node)
                source = "." * node.level + (node.module or "") if isinstance(node, ast.ImportFrom) else ""
                rendered = f"from {source} import {alias.name} as {alias.asname}".encode("utf-8", "replace")
                yield Unit(single, text, lazy_annotations, rendered)
            continue
        unit = Unit(node, text, lazy_annotations)
        if position == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            unit.is_docstring = isinstance(node.value.value, str)
        yield unit


def structure(node: Any, shell: bool) -> Any:
    """A value that is equal for equal meanings. With `shell`, function and lambda bodies do not count, but of lambdas that are called."""
    if isinstance(node, ast.AST):
        kind = type(node)
        if shell:
            if isinstance(node, FUNCTIONS):
                return (
                    "def",
                    node.name,
                    structure(node.args, True),
                    structure(node.decorator_list, True),
                    structure(node.returns, True),
                    structure(getattr(node, "type_params", None), True),
                )
            if kind is ast.Lambda:
                return ("lambda", structure(node.args, True))
            if kind is ast.Call and isinstance(node.func, ast.Lambda):
                return (kind, structure(node.func, False), structure(node.args, True), structure(node.keywords, True))
        if kind is ast.Constant:
            # 1 == True and 0.0 == -0.0 are different constants
            return (kind, type(node.value), repr(node.value))
        return (
            kind,
            *[structure(getattr(node, field, None), shell) for field in node._fields if field not in _IGNORED],
        )
    if isinstance(node, list):
        return tuple([structure(item, shell) for item in node])
    return node


def named_by(unit: Unit) -> str | None:
    """What an assignment gives another name to: "foo" for `f = foo`."""
    if isinstance(unit.node, (ast.Assign, ast.AnnAssign)) and unit.node.value is not None:
        return dotted(unit.node.value)
    return None


def computes_defaults(node: ast.stmt) -> bool:
    defaults = (*node.args.defaults, *node.args.kw_defaults) if isinstance(node, FUNCTIONS) else ()
    return any(isinstance(part, ast.Call) for default in defaults if default is not None for part in ast.walk(default))


def dotted_call(node: ast.AST) -> str | None:
    return dotted(node.func) if isinstance(node, ast.Call) else dotted(node)


def last(decorator: ast.expr) -> str:
    return (dotted_call(decorator) or "?").rpartition(".")[2]


# Statements that bind their names in any case.
BINDING = (*FUNCTIONS, ast.ClassDef, ast.Assign, ast.AnnAssign, ast.Import, ast.ImportFrom)


def is_star(unit: Unit) -> bool:
    return bool(unit.stars)


_IGNORED = frozenset(("ctx", "type_comment", "kind"))


def is_decorated(unit: Unit) -> bool:
    """Whether a function in it stands behind a decorator that may call it, now or instead of who calls it."""
    if b"@" not in unit.text:
        return False
    return any(
        isinstance(node, FUNCTIONS)
        and any(_last_name(decorator) not in _TRANSPARENT for decorator in node.decorator_list)
        for node in ast.walk(unit.node)
    )


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else "?"


_TRANSPARENT = frozenset(
    ("property", "setter", "getter", "deleter", "staticmethod", "classmethod", "abstractmethod", "overload")
)


def has_lazy_annotations(tree: ast.Module) -> bool:
    """Whether annotations stay texts."""
    return "annotations" in future_features(tree)


def future_features(tree: ast.Module) -> set[str]:
    return {
        alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "__future__" and node.level == 0
        for alias in node.names
    }
