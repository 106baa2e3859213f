"""Containers and attributes that statements change in place: what reads one of them between two such statements reads what those
above it have made of it.
"""

from __future__ import annotations

from typing import Container, Iterator

from order import Order
from statements import reached, root
from units import Unit


class Filled:
    def __init__(self, order: Order) -> None:
        self._order = order
        self.units = order.module.units
        self._inner: dict[str, tuple[set[str], set[str]]] = {}  # what calling a name changes itself, and calls
        self._by: dict[int, set[str]] = {}  # by the id of a statement
        self._sets: dict[str, set[str]] = {}  # names of the module that functions in what a name stands for bind
        self._binds: dict[int, tuple[str, ...]] = {}  # the same by the id of a statement
        self.places: dict[str, list[int]] = {}  # numbers of the statements that change something
        if not any(unit.facts.fills or unit.facts.inner_fills or unit.facts.globals for unit in self.units):
            return
        for unit in self.units:
            for name in unit.facts.binds:
                fills, calls = self._inner.setdefault(name, (set(), set()))
                fills |= unit.facts.inner_fills
                calls.update(map(root, unit.facts.inner_calls))
                if unit.facts.globals:
                    self._sets.setdefault(name, set()).update(unit.facts.globals)
        for number, unit in enumerate(self.units):
            called = reached(map(root, unit.facts.calls), lambda name: self._inner.get(name, _NOTHING)[1])
            found = self._by[id(unit)] = unit.facts.fills.union(*(self._inner.get(name, _NOTHING)[0] for name in called))
            if self._sets and (binds := set().union(*(self._sets.get(name, ()) for name in called))):
                self._binds[id(unit)] = tuple(sorted(binds))
            for name in found:
                self.places.setdefault(name, []).append(number)

    def changes(self, unit: Unit) -> set[str]:
        """What executing a statement may change: containers, attributes, names that functions bind."""
        return self._by.get(id(unit), _NOTHING[0]).union(self._binds.get(id(unit), ()))

    def sets(self, unit: Unit) -> tuple[str, ...]:
        """Names of the module that functions bind which a statement calls."""
        return self._binds.get(id(unit), ())

    def read_by(self, unit: Unit, around: Unit) -> Iterator[str]:
        """What a statement reads that others change. `around`: the statement of the module that it is in."""
        if not self.places or unit.kind == "import" or not around.facts.binds:
            return
        names = unit.facts.reads | unit.facts.calls
        called: set[str] | None = None
        for changed in self.places.keys() - self._by[id(around)]:
            owner, _, attribute = changed.rpartition(".")
            if any(name == changed or name.startswith(f"{changed}.") for name in names) or owner and f"?.{attribute}" in names:
                yield changed
            elif not owner:
                called = self._order.reads_when_called(unit) if called is None else called
                if changed in called:
                    yield changed

    def below(self, unit: Unit, around: Unit, known: Container[int]) -> tuple[str, ...]:
        """What a statement reads and those below it change that have been executed: `known` has their ids."""
        number = self._order.numbers.get(id(around))
        if number is None or not self.places:
            return ()
        found = [
            name for name in self.read_by(unit, around) if any(at > number and id(self.units[at]) in known for at in self.places[name])
        ]
        return tuple(sorted(found))


_NOTHING: tuple[set[str], set[str]] = set(), set()
