"""Who holds old objects, as a walk forward has met them: what puts that right needs no pass of the collector then."""
from __future__ import annotations

import sys
from _functools import _lru_cache_wrapper as LRUCache

from . import stale_objects as objects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .stale_walk import Walk

_IMMUTABLE = (tuple, frozenset, objects.METHOD, staticmethod, classmethod, property, LRUCache)


class Found:
    """A walk that has met every reference to some old objects. Holds what it has met until `forget`."""

    def __init__(self, walk: Walk, namespaces: set[int]) -> None:
        """`namespaces`: ids of the modules' own; other dictionaries that the walk began with are the agent's."""
        self._walk = walk
        self._agents = {number for number in walk.labels
                        if type(walk.objects[number]) is dict and id(walk.objects[number]) not in namespaces}
        self._holders: dict[int, dict[int, None]] = {}  # id of an old object → numbers of what refers to it
        self._instances: dict[int, list[int]] = {}
        for hit in walk.hits:
            if hit.relation == "instance":
                self._instances.setdefault(hit.target, []).append(hit.holder)
            elif hit.relation == "refers" and hit.holder not in self._agents:
                self._holders.setdefault(hit.target, {})[hit.holder] = None
        self._once = self._held_once()

    def forget(self) -> None:
        self._walk.objects.clear()
        self._walk.targets = {}
        self._once = set()

    def holders(self, value: Any) -> list[Any] | None:
        """What refers to an old object, or to an immutable holder of one; None: that is not known."""
        walk = self._walk
        if id(value) in walk.targets:
            return [walk.objects[number] for number in self._holders.get(id(value), ())]
        number = walk.number_of(value)
        return [walk.objects[walk.parents[number]]] if number in self._once else None

    def instances(self, cls: type) -> list[Any] | None:
        """The instances of exactly this class; None: they are not known."""
        if id(cls) not in self._walk.targets:
            return None
        return [self._walk.objects[number] for number in self._instances.get(id(cls), ())]

    def owner(self, namespace: dict) -> Any:
        """What a dictionary was met in; None: that is not known."""
        number = self._walk.number_of(namespace)
        if number is None or number < 0 or self._walk.parents[number] < 0:
            return None
        owner = self._walk.objects[self._walk.parents[number]]
        return None if type(owner) is objects.PROXY else owner

    def _held_once(self) -> set[int]:
        """The numbers of immutable holders that nothing refers to but what they were met in."""
        walk = self._walk
        numbers = list({number: None for holders in self._holders.values() for number in holders})
        known = set(numbers)
        for number in numbers:
            parent = walk.parents[number]
            if parent >= 0 and parent not in known and _is_immutable(walk.objects[number]):
                known.add(parent)
                numbers.append(parent)
        numbers = [number for number in numbers if walk.parents[number] >= 0 and _is_immutable(walk.objects[number])
                   and walk.parents[number] not in self._agents]
        values = [walk.objects[number] for number in numbers]
        values.append(_Marker())
        met, parent_of_it = [values[-1]], [values[-1]]  # as the walk and one holder refer to each of the others
        counts = list(map(sys.getrefcount, values))
        most = counts.pop()
        met.clear()
        parent_of_it.clear()
        return {number for number, count in zip(numbers, counts) if count <= most}


class _Marker:
    pass


def _is_immutable(value: Any) -> bool:
    return any(objects.is_a(value, kind) for kind in _IMMUTABLE)
