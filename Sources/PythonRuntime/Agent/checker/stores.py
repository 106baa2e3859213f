"""Statements that set the same place: `b.V = 1`, and further down `b.V = 2`. It has what the last one gives it."""

from __future__ import annotations

import ast
from typing import Callable, Iterable

from alignment import SAME, Pair
from names import dotted
from units import Unit

Place = tuple[str, ...]  # "b", "D", "['k']" of `b.D["k"]`
_SIMPLE = (ast.Assign, ast.AnnAssign)


class Stores:
    """Statements of one text that do nothing but set places, which may be done again."""

    def __init__(self, units: Iterable[Unit], meant: Callable[[str], str | None]) -> None:
        self._by_place: dict[Place, list[Unit]] = {}
        self._places: dict[int, set[Place]] = {}
        units = [*units]
        setting = [unit for unit in units if unit.facts.effects and unit.by_text(_places)]
        bound: dict[str, set[object]] = {}
        for unit in units if setting else ():
            for name in unit.facts.binds:
                bound.setdefault(name, set()).add(unit.facts.imports.get(name, unit))
        for unit in setting:
            for first, *rest in unit.by_text(_places):
                if len(bound.get(first, ())) > 1:
                    continue  # it stands for one thing after another
                place = (*(meant(first) or first).split("."), *rest)
                self._by_place.setdefault(place, []).append(unit)
                self._places.setdefault(id(unit), set()).add(place)

    def __bool__(self) -> bool:
        return bool(self._by_place)

    def above(self, unit: Unit) -> list[Unit]:
        """Those that set what a statement sets, and stand above it."""
        return [each for place in self._places.get(id(unit), ()) for each in self._by_place[place] if each.place < unit.place]

    def covers(self, old: Unit, before: Stores) -> bool:
        """Whether all that a statement of the text before has set is set here."""
        places = before._places.get(id(old), ())
        return bool(places) and all(any(not isinstance(each.node, ast.If) for each in self._by_place.get(place, ())) for place in places)

    def set_otherwise(self, before: Stores, pairs: Iterable[Pair]) -> set[int]:
        """Ids of the statements that the edit did not touch, and that are the last ones to set a place now."""
        olds = {id(pair.new): pair.old for pair in pairs if pair.new is not None and pair.old is not None and pair.status == SAME}
        found = set()
        for place, units in self._by_place.items():
            last = olds.get(id(units[-1]))
            if last is not None and before._by_place.get(place, [last])[-1] is not last:
                found.add(id(units[-1]))
        return found


def _places(unit: Unit) -> frozenset[Place]:
    """None of a statement that does something else too, or builds on what is there."""
    found: set[Place] = set()
    waiting = [unit.node]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If):
            waiting += [*node.body, *node.orelse]
        elif not isinstance(node, ast.Pass):
            places = _of(node)
            if not places or None in places:
                return frozenset()
            found.update(place for place in places if place is not None)
    held = [part for part in ast.walk(unit.node) if isinstance(part, (ast.Attribute, ast.Subscript)) and isinstance(part.ctx, ast.Load)]
    return frozenset(found) if found.isdisjoint(map(_place, held)) else frozenset()


def _of(node: ast.stmt) -> list[Place | None]:
    if isinstance(node, _SIMPLE) and node.value is not None:
        targets = [*node.targets] if isinstance(node, ast.Assign) else [node.target]
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and dotted(node.value.func) == "setattr" and len(node.value.args) == 3:
        holder, name, _ = node.value.args
        if not isinstance(name, ast.Constant) or type(name.value) is not str:
            return [None]
        targets = [ast.Attribute(holder, name.value, ast.Store())]
    else:
        return [None]
    found: list[Place | None] = []
    while targets:
        target = targets.pop()
        if isinstance(target, (ast.Tuple, ast.List)):
            targets += target.elts
        else:
            found.append(_place(target))
    return found


def _place(target: ast.expr) -> Place | None:
    key: Place = ()
    while isinstance(target, ast.Subscript):
        if not isinstance(target.slice, ast.Constant) and dotted(target.slice) is None:
            return None
        key = (f"[{ast.unparse(target.slice)}]", *key)
        target = target.value
    name = dotted(target)
    place = () if name is None else (*name.split("."), *key)
    return place if len(place) > 1 else None
