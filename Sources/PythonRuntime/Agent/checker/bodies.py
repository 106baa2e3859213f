"""Class bodies in which a name means one thing here and another one there: what reads it cannot be executed alone, since the class
that is there has the last one.
"""

from __future__ import annotations

from typing import Iterable

from alignment import Pair
from statements import root
from units import FUNCTIONS, Unit


def entangled(pairs: list[Pair]) -> list[Pair]:
    """Statements that use names which the body binds more than once, fills, or reads before it binds them, before or after the
    edit: each of them can be executed only with all the others, and so can what reads what they make.
    """
    names = _shared(pair.old for pair in pairs) | _shared(pair.new for pair in pairs)
    found: dict[int, Pair] = {}
    size = -1
    while names and len(found) > size:
        size = len(found)
        for pair in pairs:
            units = [unit for unit in (pair.old, pair.new) if unit is not None]
            if id(pair) not in found and any(not names.isdisjoint(_read(unit) | _bound(unit) | _filled(unit)) for unit in units):
                found[id(pair)] = pair
                names = names.union(*map(_bound, units))
    return list(found.values())


def _shared(units: Iterable[Unit | None]) -> set[str]:
    found: set[str] = set()
    binders: dict[str, list[Unit]] = {}
    early: set[str] = set()
    read: set[str] = set()
    filled: set[str] = set()
    for unit in _in_order(units):
        names = _read(unit)
        read |= names
        early |= names - binders.keys()
        bound = _bound(unit)
        filled |= _filled(unit) - bound
        for name in bound:
            binders.setdefault(name, []).append(unit)
    for name, units in binders.items():
        if name in early or name in filled or name in read and len(units) > 1 and not _is_built(units):
            found.add(name)
    return found


def _is_built(units: list[Unit]) -> bool:
    """A property and its setters, overloads: each of them takes what the one above it has made."""
    return all(isinstance(unit.node, FUNCTIONS) for unit in units)


def _in_order(units: Iterable[Unit | None]) -> list[Unit]:
    return sorted((unit for unit in units if unit is not None), key=lambda unit: unit.place)


def _read(unit: Unit) -> set[str]:
    return set(map(root, unit.facts.reads | unit.facts.calls))


def _bound(unit: Unit) -> set[str]:
    return unit.facts.binds | unit.facts.removes


def _filled(unit: Unit) -> set[str]:
    return set(map(root, unit.facts.fills | unit.facts.changes))
