"""Whether two values are the same for everybody who reads them. Runs no code of the program."""

from __future__ import annotations

import sys
from _functools import partial
from types import BuiltinFunctionType, FunctionType

from .writing import attributes_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_ATOMS = frozenset((int, str, bytes, bool, type(None), type(...), type(NotImplemented)))
_LARGEST = 10_000
_DEEPEST = 6


def same(left: Any, right: Any, depth: int = 0) -> bool:
    """By identity, or by value for built-in values that hold nothing of the program's."""
    if left is right:
        return True
    kind = type(left)
    if kind is not type(right) or depth > _DEEPEST:
        return False
    if kind in _ATOMS:
        return left == right
    if kind is float or kind is complex:
        return repr(left) == repr(right)  # 0.0 and -0.0 differ, nan and nan do not
    if kind is list or kind is tuple:
        if len(left) != len(right) or len(left) > _LARGEST:
            return False
        for before, after in zip(left, right):
            if not same(before, after, depth + 1):
                return False
        return True
    if kind is dict:
        if len(left) != len(right) or len(left) > _LARGEST:
            return False
        for (key, before), (other, after) in zip(left.items(), right.items()):  # the order counts too
            if not same(key, other, depth + 1) or not same(before, after, depth + 1):
                return False
        return True
    if kind is set or kind is frozenset:
        if len(left) != len(right) or len(left) > _LARGEST:
            return False
        for value in left:
            if type(value) not in _ATOMS:
                return False
        for value in right:
            if type(value) not in _ATOMS:
                return False
        return sorted(map(repr, left)) == sorted(map(repr, right))
    return False


def keep_parts(old: Any, namespace: dict[str, Any], name: str) -> None:
    """Gives a table that a statement has just bound to a name the parts of the old one that are the same: who holds one of them
    holds what is in the table. Called with one more variable that the table is in.
    """
    new = namespace[name]
    if type(new) is type(old) and type(new) in (dict, list) and sys.getrefcount(new) <= _ALONE:
        _keep_parts(old, new, 0)


def is_as_good(old: Any, namespace: dict[str, Any], name: str, entry: dict[str, Any] | None) -> bool:
    """Whether nobody sees a difference if a name keeps its old value, where the statement of `entry` has just bound it anew:
    it is the same, and where it is a container, no other name is meant to have the one or the other too, and to see what is
    added to it. Called with one more variable that the new value is in.
    """
    new = namespace[name]
    if not same(old, new):
        return False
    if new is old or is_immutable(new):
        return True
    names: tuple[str, ...] = (name,)
    if entry is not None:
        if name in entry["others"]:
            return False
        if name in entry["shared"]:  # `X = Y = []`
            names = entry["shared"]
    count = sys.getrefcount(new)
    for each in names:
        if each != name and namespace.get(each) is new:
            count -= 1
    return not holds_others(old, new, count > _ALONE)


def holds_others(old: Any, new: Any, held: bool = False) -> bool:
    """Whether something else holds containers in a value that has just been made, but for those that the old one has too.
    `held`: something else holds the value itself.
    """
    kind = type(new)
    if held and kind in _PARTS:
        return True
    if kind not in (dict, list, tuple):
        return False
    for at in new if kind is dict else range(len(new)):
        part, present = new[at], old[at]
        if part is not present and holds_others(present, part, held or sys.getrefcount(part) > _INSIDE):
            return True
    return False


def _keep_parts(old: Any, new: Any, depth: int) -> None:
    if len(new) > _LARGEST or len(old) > _LARGEST or depth > _DEEPEST:
        return
    if type(new) is dict:
        pairs = [(key, key) for key in new if key in old]
    else:
        more = len(new) - len(old)
        until = next((at for at, (left, right) in enumerate(zip(old, new)) if not same(left, right)), min(len(old), len(new)))
        pairs = [(at, at) if at < until or not more else (at - more, at) for at in range(len(new)) if at < until or not more or at - more >= until]
    for before, at in pairs:
        part, present = new[at], old[before]
        if part is present or type(part) not in _PARTS or type(part) is not type(present) or sys.getrefcount(part) > _INSIDE:
            continue
        if same(present, part) and not holds_others(present, part):
            new[at] = present
        elif type(part) is not set:
            _keep_parts(present, part, depth + 1)


def _references(namespace: dict[str, Any], name: str) -> int:
    new = namespace[name]
    return sys.getrefcount(new)


def _references_inside(new: Any, old: Any) -> int:
    for at in range(len(new)):
        part, present = new[at], old[at]
        if part is not present:
            return sys.getrefcount(part)
    return 0


_PARTS = frozenset((dict, list, set))
_ALONE = _references({"x": []}, "x") + 1
_INSIDE = _references_inside([[]], [None])


def is_immutable(value: Any, depth: int = 0) -> bool:
    """Whether nothing can have been stored in the value since it was made."""
    kind = type(value)
    if kind in _ATOMS or kind is float or kind is complex or kind is range:
        return True
    if (kind is tuple or kind is frozenset) and depth < _DEEPEST and len(value) <= _LARGEST:
        for each in value:
            if not is_immutable(each, depth + 1):
                return False
        return True
    return False


def can_be_made_anew(value: Any, depth: int = 0) -> bool:
    """Whether making a value again loses no state: immutable ones, functions, and partials of such."""
    kind = type(value)
    if kind is partial and depth < _DEEPEST:
        parts = (value.func, *value.args, *value.keywords.values())
        return not attributes_of(value) and all(can_be_made_anew(each, depth + 1) or issubclass(type(each), type) for each in parts)
    return kind is FunctionType or kind is BuiltinFunctionType or is_immutable(value)


def is_data(value: Any, depth: int = 0) -> bool:
    """Whether a value is nothing but built-in values all the way down: made anew from the same things, it is as good."""
    kind = type(value)
    if kind is dict or kind is list or kind is set or kind is tuple or kind is frozenset:
        if depth > _DEEPEST or len(value) > _LARGEST:
            return False
        for each in (*value, *value.values()) if kind is dict else tuple(value):
            if not is_data(each, depth + 1):
                return False
        return True
    return is_immutable(value)
