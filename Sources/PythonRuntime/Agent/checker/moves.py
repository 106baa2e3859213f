"""Statements that the edit did not touch, and that read something else where they stand: they, or what bound the names that they
read, changed places, or something else binds these names in between.
"""

from __future__ import annotations

import ast
from typing import Callable, Iterable

from alignment import ADDED, CHANGED, REMOVED, Pair
from filled import Filled
from order import Order
from statements import facts_of, root
from texts import Module
from units import BINDING, Unit, is_star

# A name that is read, the module of a star import that has come between or gone from there (None: a statement), whether a call
# reads it.
Reading = tuple[str, "str | None", bool]
Moved = dict[int, tuple[Reading, ...]]


class _Text:
    """Which statements bind a name, in one order of them."""

    def __init__(self, units: Iterable[tuple[int, Unit]]) -> None:
        self.at: dict[int, int] = {}  # by the number of the pair
        self.binders: dict[str, list[tuple[int, int]]] = {}  # places, and numbers of pairs
        self.stars: list[tuple[int, int]] = []
        self._units: list[Unit] = []
        for place, (number, unit) in enumerate(units):
            self.at[number] = place
            self._units.append(unit)
            if is_star(unit):
                self.stars.append((place, number))
            for name in unit.facts.binds | unit.facts.removes:
                self.binders.setdefault(name, []).append((place, number))

    def above(self, number: int) -> set[int]:
        return {each for each, place in self.at.items() if place < self.at[number]}

    def behind(self, name: str, number: int) -> tuple[tuple[int, ...], set[int]]:
        """The statements that gave a name its value, for one that reads it there, the last one first; star imports after that."""
        place = self.at[number]
        chain = []
        above = -1
        for at, each in reversed(self.binders.get(name, ())):
            if at < place:
                above = max(above, at)
                chain.append(each)
                if _binds_anew(self._units[at], name):
                    break
        return tuple(chain), {each for at, each in self.stars if above < at < place}

    def is_last(self, name: str, chain: tuple[int, ...]) -> bool:
        """Whether what a statement reads is what the whole text makes of the name."""
        binders = self.binders.get(name)
        return not binders or chain[:1] == (binders[-1][1],)


def _binds_anew(unit: Unit, name: str) -> bool:
    """In any case, whatever the name was before."""
    if isinstance(unit.node, ast.Delete):
        return True
    return isinstance(unit.node, BINDING) and name not in map(root, unit.facts.reads)


def moved(pairs: list[Pair], module: Module, ordered: Callable[[], Order], filled: Callable[[], Filled]) -> Moved:
    """By the id of each such statement, of the module and of the bodies of its classes."""
    found: Moved = {}
    _find(pairs, module, ordered, found)
    _find_filled(pairs, filled, found)
    for pair in pairs:
        if pair.new is not None and pair.members:
            _find(pair.members, module, None, found)
    return found


def _find(pairs: list[Pair], module: Module, ordered: Callable[[], Order] | None, found: Moved) -> None:
    news = [(number, pair.new) for number, pair in enumerate(pairs) if pair.new is not None]
    olds = [(number, pair.old) for number, pair in enumerate(pairs) if pair.old is not None and pair.new is not None]
    places = [old.place for _, old in olds]
    rebound = _bound_otherwise(pairs)
    if places == sorted(places) and not rebound:
        return
    before = _Text(sorted(((number, pair.old) for number, pair in enumerate(pairs) if pair.old is not None), key=lambda each: each[1].place))
    after = _Text(news)
    # the names of a class body hide those of the module
    several = {name for text in (before, after) for name, binders in text.binders.items() if ordered is None or len(binders) > 1}
    if places == sorted(places):
        several &= rebound
    pairs_of_both = {number for number, _ in olds}
    is_star_moved = any(before.above(star) & pairs_of_both != after.above(star) & pairs_of_both for _, star in after.stars if star in before.at)
    if not several and not is_star_moved:
        return
    order = ordered() if ordered is not None else None
    for number, _ in olds:
        unit = pairs[number].new
        assert unit is not None
        if isinstance(unit.node, ast.Delete):
            continue  # it goes with what binds the name above
        for part, reads, called in _parts(unit, order):
            reading = [
                (name, source, name not in reads)
                for name in sorted(reads | called)
                if is_star_moved or name in several
                for source in _other(pairs, before, after, module, name, number, ordered is None)
            ]
            if reading:
                found[id(part)] = tuple(dict.fromkeys((*found.get(id(part), ()), *reading)))


def _find_filled(pairs: list[Pair], filled: Callable[[], Filled], found: Moved) -> None:
    """Statements that changed places with others which change in place what they read. Not those that change it themselves:
    definitions that register.
    """
    both = [(pair.old, pair.new) for pair in pairs if pair.old is not None and pair.new is not None]
    olds = [old.place for old, _ in both]
    if olds == sorted(olds):
        return
    fills = filled()
    if not fills.places:
        return
    units = {number: unit for number, unit in enumerate(fills.units)}
    before = {id(new): old.place for old, new in both}
    for _, unit in both:
        for part in unit.body or (unit,):
            for name in fills.read_by(part, unit):
                changers = [units[number] for number in fills.places[name] if id(units[number]) in before]
                if any((each.place < unit.place) != (before[id(each)] < before[id(unit)]) for each in changers):
                    found[id(part)] = (*found.get(id(part), ()), (root(name), None, True))


def _parts(unit: Unit, order: Order | None) -> Iterable[tuple[Unit, set[str], set[str]]]:
    """The statement, or what of a class may run alone: what it reads, and what it may read by calls. `order`: of the module; for
    the body of a class its own names only.
    """
    if order is None:
        yield unit, set(map(root, unit.facts.reads)), set()
    elif isinstance(unit.node, ast.ClassDef):
        node = unit.node
        header = [*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)]
        yield unit, set(map(root, facts_of([ast.copy_location(ast.Expr(each), each) for each in header], True).reads)), set()
        own = {name for each in unit.body for name in each.facts.binds}
        for each in unit.body:
            yield each, set(map(root, each.facts.reads)) - own, order.reads_when_called(each)
    else:
        yield unit, set(map(root, unit.facts.reads)), order.reads_when_called(unit)


def _other(
    pairs: list[Pair], before: _Text, after: _Text, module: Module, name: str, number: int, is_inner: bool
) -> Iterable[str | None]:
    """What stands between a statement and what it reads, and did not, or the other way round. `is_inner`: in a class body, where
    a name that is not bound is the module's.
    """
    was, stars_before = before.behind(name, number)
    now, stars = after.behind(name, number)
    sources, sources_before = ([_source(pairs[each], name, each) for each in chain] for chain in (now, was))
    if was and now and sources[0] != sources_before[0] and pairs[was[0]].new is not None and pairs[now[0]].old is not None:
        yield None
    if sources != sources_before or any(pairs[each].status == CHANGED for each in now):
        # where it is the name's last value, it is seen whether that has changed
        if not before.is_last(name, was) or not after.is_last(name, now) or is_inner and bool(was) != bool(now):
            yield None
    for star in sorted(stars ^ stars_before):
        unit = pairs[star].new
        if unit is not None and pairs[star].old is not None:
            yield from map(module.absolute, unit.stars)


def _source(pair: Pair, name: str, number: int) -> int | str:
    """What a statement gives a name: all imports of one thing give the same."""
    unit = pair.new if pair.new is not None else pair.old
    assert unit is not None
    return unit.facts.imports.get(name, number)


def _bound_otherwise(pairs: list[Pair]) -> set[str]:
    """Names bound by statements that the edit touched."""
    units = (unit for pair in pairs if pair.status in (ADDED, CHANGED, REMOVED) for unit in (pair.old, pair.new))
    return {name for unit in units if unit is not None for name in unit.facts.binds | unit.facts.removes}
