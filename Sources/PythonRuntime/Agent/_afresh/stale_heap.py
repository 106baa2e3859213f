"""What the collector knows to refer to old objects, and what leads there: backwards, one pass for each step.

A pass stops the whole process, for about 1 ms for each 25,000 objects: in a copy of it nobody minds.
"""
from __future__ import annotations

import _thread
import gc
import sys
from _contextvars import ContextVar
from types import FrameType

from _afresh import monotonic

from . import stale_memory as memory
from . import stale_objects as objects
from .stale_ledger import Old

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from .stale_report import Report
    from .stale_walk import Walk

_TOGETHER = 12  # so many are asked for in one pass: its time grows with them
_MANY = 500  # so many of what leads to some objects are looked at
_CHUNK = 1000


class Heap:
    """One search. `ours`: ids of the agent's own containers."""

    def __init__(self, walk: Walk, report: Report, ours: set[int], seconds: float,
                 cancelled: Callable[[], bool]) -> None:
        self.walk = walk
        self.report = report
        self.adopted: list[int] = []  # numbers of what was met here and no module is known to lead to
        self._ours = ours | {id(walk.objects), id(self.adopted)}
        self._below: dict[int, list[int]] = {}  # number of an object → what only it is known to lead to
        self._holders: set[int] = set()  # numbers of what refers to old objects: of each, the way is of interest
        self._passed_over: set[int] = set()  # numbers of what leads to nothing that has not been found in another way
        self._deadline = monotonic() + seconds
        self._cancelled = cancelled

    def search(self, wanted: list[Any]) -> None:
        """Meets everything that the collector knows to refer to any of `wanted`, and looks for what leads there."""
        begin = len(self.walk.objects)
        holders = self._referrers(wanted)
        frontier = self._take(holders)
        holders.clear()
        self._look_into(frontier)
        self._lead(frontier)
        self._adopt_from(begin)

    def untracked(self, wanted: set[int], classes: set[int]) -> None:
        """Meets what the collector does not follow by itself: tuples, dictionaries and context variables with plain
        objects, and instances of old classes that refer to nothing. `wanted` and `classes` are ids.
        """
        kinds = {id(tuple), id(dict), id(ContextVar)} | classes
        found: list[Any] = []
        known: set[int] = set()
        everything = gc.get_objects()
        self._ours |= {id(everything), id(found)}
        for start in range(0, len(everything), _CHUNK):
            chunk = gc.get_referents(*(each for each in everything[start:start + _CHUNK]
                                       if type(each) is not objects.MODULE or not objects.is_perilous(each)))
            found += [each for each in chunk if id(type(each)) in kinds and not gc.is_tracked(each)
                      and id(each) not in known and not known.add(id(each))]
        everything.clear()
        chunk = []
        for each in found:
            if id(type(each)) not in classes:
                found += [child for child in objects.referents(each) if id(type(child)) in kinds
                          and not gc.is_tracked(child) and id(child) not in known and not known.add(id(child))]
        each = child = None
        begin = len(self.walk.objects)
        holding = [each for each in found if id(type(each)) in classes
                   or not wanted.isdisjoint(map(id, objects.referents(each)))]
        between = {id(each): each for each in found}
        self._ours |= {id(holding), id(between)}
        frontier = self._take(holding)
        self._look_into(frontier)
        self._lead(frontier, between)
        self._adopt_from(begin)

    def _adopt_from(self, begin: int) -> None:
        self.adopted += [number for number in range(begin, len(self.walk.objects))
                         if number not in self._passed_over and not self.walk.is_rooted(number)]

    def _take(self, holders: Iterable[Any]) -> dict[int, int]:
        """Adopts those that were not met yet: id → number. Others are looked into where that has not been done."""
        walk, frontier = self.walk, {}
        for holder in holders:
            number = walk.number_of(holder)
            if number is None:
                frontier[id(holder)] = walk.adopt(holder)
            elif number >= 0:
                walk.look_into(number)
        self._holders.update(frontier.values())
        return frontier

    def _look_into(self, frontier: dict[int, int]) -> None:
        for number in list(frontier.values()):
            self.walk.look_into(number)

    def _lead(self, frontier: dict[int, int], between: dict[int, Any] | None = None) -> None:
        """Looks for what leads to these objects, step by step, until modules do, or nothing does."""
        walk = self.walk
        while frontier and not self._over():
            above: dict[int, int] = {}
            while self._left_by_large(frontier) and not self._over():
                sample = {key: frontier[key] for key in list(frontier)[:_TOGETHER]}
                some = [walk.objects[number] for number in sample.values()]
                self._ours |= {id(sample), id(some)}
                parents = self._referrers(some)
                if between:
                    keys = set(sample)
                    parents += [each for each in between.values() if not keys.isdisjoint(map(id, objects.referents(each)))]
                # What a module leads to first: then the others are of no interest.
                ranked = [(walk.number_of(parent), parent) for parent in parents]
                if len(ranked) > _MANY:  # a class, say, and its instances
                    ranked.sort(key=_unknown)
                    walk.all_seen = walk.all_seen and ranked[_MANY - 1][0] is not None
                    del ranked[_MANY:]
                self._ours.add(id(ranked))
                self._ours.update(map(id, ranked))
                parents.clear()
                for number, parent in ranked:
                    if number is not None and number >= 0 and walk.is_rooted(number):
                        for child in self._children_in(parent, frontier):
                            self._root(frontier.pop(child), number)
                for number, parent in ranked:
                    if number is not None:
                        continue
                    children = [frontier[key] for key in self._children_in(parent, frontier)]
                    if children:
                        number = above[id(parent)] = walk.adopt(parent)
                        walk.look_into(number)
                        self._below[number] = children
                for number, parent in ranked:
                    if number is not None and number >= 0 and not walk.is_rooted(number):
                        children = [frontier[key] for key in self._children_in(parent, frontier)]
                        self._below.setdefault(number, []).extend(children)
                ranked.clear()
                parent = None
                for key in sample:
                    frontier.pop(key, None)
            frontier.update((key, number) for key, number in above.items() if not walk.is_rooted(number))
        walk.all_seen = walk.all_seen and not frontier

    def _left_by_large(self, frontier: dict[int, int]) -> bool:
        """Takes out what very large lists hold that the walk has met: a look into their memory is cheaper than a pass.
        Whether there is more to do.
        """
        for large in self.walk.large if frontier else ():
            if self.walk.is_rooted(large):
                for key in memory.held(self.walk.objects[large], set(frontier)) or ():
                    self._root(frontier.pop(key), large)
        for key, number in list(frontier.items()):
            below = self._below.get(number)
            if below and number not in self._holders and all(map(self.walk.is_rooted, below)):
                self._passed_over.add(number)
                del frontier[key]
        return bool(frontier)

    def tops(self) -> list[int]:
        """Strings together what no module leads to; the numbers of what nothing is known to lead to."""
        walk = self.walk
        for above, children in self._below.items():
            for child in children:
                if walk.parents[child] < 0 and child not in walk.labels and walk.root_of(above) != child:
                    walk.parents[child] = above
        return [number for number in self.adopted if walk.parents[number] < 0 and number not in walk.labels]

    def _over(self) -> bool:
        return monotonic() > self._deadline

    def _children_in(self, parent: Any, frontier: dict[int, int]) -> set[int]:
        """Those of `frontier` that `parent` refers to: at least one, as it has been found by them."""
        if len(frontier) < 2:
            return set(frontier)
        found = memory.held(parent, set(frontier))
        if found is not None:
            return found
        return frontier.keys() & map(id, objects.referents(parent))

    def _root(self, child: int, parent: int) -> None:
        """A module leads to `parent`: now also to `child`, and to all below that."""
        pending = [(child, parent)]
        for number, above in pending:
            if self.walk.parents[number] < 0 and number not in self.walk.labels and number != above:
                self.walk.parents[number] = above
                pending += [(each, number) for each in self._below.get(number, ())]

    def _referrers(self, wanted: list[Any]) -> list[Any]:
        """What the collector knows to refer to any of `wanted`, but for what is the agent's."""
        if self._cancelled():
            from .stale_walk import Cancelled

            raise Cancelled
        arguments = tuple(wanted)
        begun = monotonic()
        found = gc.get_referrers(*arguments)
        self.report.pause = max(self.report.pause, (monotonic() - begun) * 1000)
        ours = self._ours | {id(arguments), id(wanted), id(found)}
        mine = _own_frames()
        return [each for each in found if id(each) not in ours and type(each) is not Old
                and not (type(each) is FrameType and id(each) in mine)]


def _unknown(ranked: tuple[int | None, Any]) -> bool:
    return ranked[0] is None


def _own_frames() -> set[int]:
    frame = sys._current_frames().get(_thread.get_ident())
    found = set()
    while frame is not None:
        found.add(id(frame))
        frame = frame.f_back
    return found
