"""What statements did by other means than binding names, and do no longer: decorators and bases that a definition has lost,
or gives other arguments, names that a statement set by `setattr`, `globals()` and the like.
"""

from __future__ import annotations

import ast
from typing import Any, Iterable, Iterator

from alignment import SAME, Pair
from units import FUNCTIONS, Unit, dotted_call, structure

_KEYED = frozenset(("update", "setdefault"))
_BY_NAME = frozenset(("setattr", "__setattr__", "globals", "locals", "vars", "__dict__"))


class Lost:
    """A definition that lost decorators or bases, calls them with other arguments, or is gone."""

    def __init__(self, scope: tuple[str, ...], pair: Pair, gone: list[str], otherwise: list[str], kept: list[str]) -> None:
        self.scope = scope  # the classes around it
        self.pair = pair
        self.gone = gone
        self.otherwise = otherwise  # those that it has, called otherwise
        self.kept = kept  # all that it has


def lost(pairs: Iterable[Pair], scope: tuple[str, ...] = ()) -> Iterator[Lost]:
    for pair in pairs:
        old = pair.old
        if pair.status == SAME or old is None or not isinstance(old.node, (*FUNCTIONS, ast.ClassDef)):
            continue
        before, after = _around(old), _around(pair.new)
        kept = [name for name, _ in after]
        gone = [name for name, _ in before if name not in kept]
        otherwise = [name for name, call in before if name in kept and (name, call) not in after]
        if gone or otherwise:
            yield Lost(scope, pair, gone, otherwise, kept)
        if isinstance(old.node, ast.ClassDef):
            yield from lost(pair.members, (*scope, old.node.name))


def has_its_decorators(old: Unit, new: Unit) -> bool:
    """Whether a function has decorators, and those that it had before, whatever they are called with."""
    if not isinstance(old.node, FUNCTIONS) or not isinstance(new.node, FUNCTIONS):
        return False
    names = [dotted_call(each) for each in new.node.decorator_list]
    return bool(names) and None not in names and names == [dotted_call(each) for each in old.node.decorator_list]


def _around(unit: Unit | None) -> list[tuple[str, Any]]:
    """Decorators and bases: what each is called, and all that it says."""
    if unit is None or not isinstance(unit.node, (*FUNCTIONS, ast.ClassDef)):
        return []
    expressions = [*unit.node.decorator_list, *(unit.node.bases if isinstance(unit.node, ast.ClassDef) else ())]
    return [(name, structure(each, False)) for each in expressions if (name := dotted_call(each)) is not None]


def set_by_name(old: ast.AST, new: ast.AST) -> set[str]:
    """Names that a statement which `sets_by_name` may have set, and does not mention any more."""
    return _texts(old) - _texts(new)


def sets_by_name(node: ast.AST) -> bool:
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and part.id in _BY_NAME or isinstance(part, ast.Attribute) and part.attr in _BY_NAME:
            return True
        if isinstance(part, ast.Subscript) and isinstance(part.ctx, ast.Store):
            return True
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr in _KEYED:
            return True
    return False


def sets_names_of_module(node: ast.AST) -> bool:
    """`globals()["x"] = 1`, `globals().update(…)`."""
    for part in ast.walk(node):
        holder = None
        if isinstance(part, ast.Subscript) and isinstance(part.ctx, ast.Store):
            holder = part.value
        elif isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr in _KEYED:
            holder = part.func.value
        if isinstance(holder, ast.Call) and isinstance(holder.func, ast.Name) and holder.func.id == "globals":
            return True
    return False


def sets_names_in_bodies(node: ast.AST) -> bool:
    """The same for what executing a statement of a class body executes, with the bodies of classes in it."""
    if isinstance(node, (*FUNCTIONS, ast.Lambda)):
        return False
    if isinstance(node, ast.ClassDef):
        return any(map(sets_names_in_bodies, node.body))
    return sets_names_of_module(node)


def _texts(node: ast.AST) -> set[str]:
    found = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and type(part.value) is str:
            found.add(part.value)
        elif isinstance(part, ast.keyword) and part.arg is not None:
            found.add(part.arg)
    return found
