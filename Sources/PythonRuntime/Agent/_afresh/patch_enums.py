"""Enumerations: their members keep their identity, so that what the program holds stays equal to what the class
gives.
"""

from __future__ import annotations

import sys

from .patch_classes import BOOKKEEPING, attributes, is_successor
from .patch_values import is_immutable, same
from .transaction import ABSENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .patch_merge import Merger

_MAPS = frozenset(
    (
        "_member_names_",
        "_member_map_",
        "_value2member_map_",
        "_hashable_values_",
        "_unhashable_values_",
        "_unhashable_values_map_",
        "__new__",
    )
)


def transplant_members(merger: Merger, old: Any, new: Any) -> None:
    transaction = merger.transaction
    before, after = dict(attributes(old)), dict(attributes(new))
    members, fresh = before["_member_map_"], after["_member_map_"]
    # other threads see all members as they were, or all as they are now
    changes: list[tuple[Any, str, Any]] = []
    items: list[tuple[dict[Any, Any], Any, Any]] = []
    for name, value in after.items():
        if name in BOOKKEEPING or name in _MAPS or name in fresh:
            continue
        present = before.get(name, ABSENT)
        merged = value
        if present is not ABSENT and is_successor(present, value, f"{new.__qualname__}.{name}"):
            merged = merger.merge(present, value)
        if merged is not present:
            changes.append((old, name, merged))
    for name in before:
        if name not in after and name not in BOOKKEEPING:
            changes.append((old, name, ABSENT))
    stands_for: dict[int, Any] = {}
    for name, member in fresh.items():
        kept = members.get(name)
        if kept is None:
            kept = _of_the_same_value(before["_value2member_map_"], member, fresh)
        elif kept._name_ != name:
            kept = None
        if name == member._name_ and kept is not None and _follows(merger, kept, member, items):
            stands_for[id(member)] = kept
        elif id(member) not in stands_for:
            changes.append((member, "__class__", old))
            changes.append((member, "__objclass__", old))
            stands_for[id(member)] = member
    ordered = {name: stands_for[id(member)] for name, member in fresh.items()}
    for name, member in ordered.items():
        value = after.get(name, ABSENT)
        if value is not ABSENT and id(value) in stands_for:
            changes.append((old, name, member))  # 3.12 and later: the member itself
        elif value is not ABSENT:
            changes.append((value, "member", member))  # 3.11: a descriptor in front of it
            changes.append((value, "enum_type", old))
            changes.append((value, "clsname", old.__name__))
            changes.append((old, name, value))
    by_value = {value: stands_for.get(id(member), member) for value, member in after["_value2member_map_"].items()}
    mask = after.get("_flag_mask_", ABSENT)
    if type(mask) is int:
        for value, member in list(before["_value2member_map_"].items()):
            if value not in by_value and type(value) is int and value & mask == value:
                by_value[value] = member  # flags that were combined before the edit
    contents = [(members, ordered), (before["_member_names_"], after["_member_names_"]), (before["_value2member_map_"], by_value)]
    for name in ("_hashable_values_", "_unhashable_values_", "_unhashable_values_map_"):
        if name in after and name in before:
            contents.append((before[name], after[name]))
    transaction.change_together(changes, items, contents)


def _of_the_same_value(by_value: dict[Any, Any], member: Any, fresh: dict[str, Any]) -> Any:
    """The member that had the value under a name that is gone, or that flags were combined to before they had a name."""
    value = member._value_
    kept = by_value.get(value) if is_immutable(value) else None
    return kept if kept is not None and kept._name_ not in fresh and same(kept._value_, value) else None


def _follows(merger: Merger, kept: Any, member: Any, items: list[tuple[dict[Any, Any], Any, Any]]) -> bool:
    """Whether a member that the program holds gets its new value, by `items` of its dictionary. An int or str that is a member cannot
    get another one.
    """
    enum = sys.modules["enum"]
    for base in type.__getattribute__(type(kept), "__mro__"):
        if base is object or issubclass(base, enum.Enum) or not hasattr(base, "__new__"):
            continue
        if base in (int, str, float, bytes, tuple) and base.__eq__(kept, member) is not True:
            return False
    before = object.__getattribute__(kept, "__dict__")
    for name, value in object.__getattribute__(member, "__dict__").items():
        if name != "__objclass__" and before.get(name, ABSENT) is not value:
            if not same(before.get(name, ABSENT), value):
                merger.members.add(id(kept))
            items.append((before, name, value))
    return True
