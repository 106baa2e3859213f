"""What an edit is, for the report: one entry for each definition or statement that differs."""

from __future__ import annotations

import ast
from typing import Any

from alignment import ADDED, CHANGED, REMOVED, SAME, Pair
from units import FUNCTIONS, Unit

Change = dict[str, Any]


def changes_of(pairs: list[Pair]) -> list[Change]:
    found: list[Change] = []
    for pair in pairs:
        _collect(pair, "", None, found)
    return found


def _collect(pair: Pair, prefix: str, owner: Unit | None, found: list[Change]) -> None:
    if pair.status == SAME:
        return
    new, old = pair.new, pair.old
    if pair.status != CHANGED and pair.members and new is not None and old is not None:
        for member in pair.members:
            _collect(member, f"{prefix}{new.symbol}.", new, found)
        return
    found.append(change_of(pair, prefix, owner))


def change_of(pair: Pair, prefix: str = "", owner: Unit | None = None) -> Change:
    unit = pair.new or pair.old
    assert unit is not None
    change = {ADDED: "added", REMOVED: "removed"}.get(pair.status, "modified")
    entry: Change = {
        "symbol": prefix + unit.symbol,
        "kind": _kind(unit, owner),
        "change": change,
        "applied": True,
    }
    if pair.new is not None:
        entry["range"] = pair.new.range
    elif owner is not None:
        entry["range"] = owner.range
    return entry


def _kind(unit: Unit, owner: Unit | None) -> str:
    if owner is None:
        return unit.kind
    if isinstance(unit.node, FUNCTIONS):
        return "method"
    if isinstance(unit.node, ast.ClassDef):
        return "class"
    return "member" if unit.kind == "value" else unit.kind
