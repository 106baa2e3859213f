"""The reference balance: how many references to old objects come from outside the old generation.

    external = references counted by the interpreter − our own − those among the old objects themselves

What the interpreter's counting itself costs is measured with a sentinel that is held exactly as the objects are, never
written down as a constant. The time depends on the old objects only, not on the heap. Zero everywhere proves that no
strong reference is left: trial deletion, as the collector does it, on a small graph.
"""
from __future__ import annotations

import gc
import sys

from . import stale_objects as objects
from .stale_objects import CODE, FUNCTION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .stale_ledger import Old

# A count from here on is an immortal object's (3.12 and later): it says nothing.
_IMMORTAL = 1 << 28
# Followed while the program waits: containers with fewer elements, and as many objects below the old ones. What else
# they hold counts as held from outside.
LARGE, MANY = 5_000, 4_000


class Balance:
    """The outcome: what is referred to from outside, and what belongs to the old generation."""

    __slots__ = ("external", "inner", "unknown", "bounded", "graph", "olds")

    def __init__(self) -> None:
        self.external: dict[int, int] = {}  # id of an old object → references from outside, zero left out
        self.inner: set[int] = set()  # ids of the old objects and of what only they hold
        self.unknown: list[Old] = []  # immortal: their references cannot be counted
        self.bounded = False  # the graph below old objects was too large to be followed to its end
        self.graph: list[Any] = []  # holds the old objects: none may go, and leave its id to another, meanwhile
        self.olds: dict[int, Old] = {}  # by id, those that were alive


def measure(olds: list[Old], current: set[int], modules: set[str], also: list[Any] | None = None,
            extra: dict[int, int] | None = None, large: int = LARGE, many: int = MANY) -> Balance:
    """Counts for those of `olds` that are alive.

    `current`: ids of what the new generation owns, where the old graph ends. `modules`: the modules ever reloaded,
    whose own classes may be part of the old graph without being listed. `also`: objects that refer to old ones and may
    be garbage that the collector has not come to; the list is emptied, as no one else may hold them. `extra`: how many
    references of the agent's own there are, by id.
    """
    balance = Balance()
    alive = [(old, value) for old in olds if (value := old.value()) is not None]
    olds = [old for old, _ in alive]
    graph = balance.graph = [value for _, value in alive]
    alive.clear()
    value = None
    balance.olds = {id(each): old for each, old in zip(graph, olds)}
    each = None
    index = {id(value): number for number, value in enumerate(graph)}
    targets = len(graph)
    while also:
        each = also.pop()
        if id(each) not in index:
            index[id(each)] = len(graph)
            graph.append(each)
    each = None
    held = bytearray(1 if old.held else 0 for old in olds)
    stops = current | {id(namespace) for _, namespace in objects.loaded_modules()} | {id(sys.modules), id(gc.garbage)}
    edges: list[list[int]] = []
    number = 0
    while number < len(graph):
        holder = graph[number]
        below = []
        children = []
        if objects.length_of(type(holder))(holder) > large:
            balance.bounded = True
        else:
            children = _held_by(holder)
        for child in children:
            key = id(child)
            at = index.get(key)
            if at is None:
                if key in stops or not _may_be_inner(child, modules):
                    continue
                if len(graph) - targets >= many:
                    balance.bounded = True
                    continue
                at = index[key] = len(graph)
                graph.append(child)
            below.append(at)
        edges.append(below)
        number += 1
    holder, child, children = None, None, []
    inner = [0] * len(graph)
    for below in edges:
        for at in below:
            inner[at] += 1
    graph.append(_Sentinel())
    counts = list(map(sys.getrefcount, graph))  # one call: no other thread runs meanwhile
    base = counts.pop()
    graph.pop()
    external = [count - base - own for count, own in zip(counts, inner)]
    for number in range(targets):
        external[number] -= held[number]
    for number, each in enumerate(graph if extra else ()):
        external[number] -= extra.get(id(each), 0)
    each = None
    _add_outside_holders(external, edges, targets)
    for number in range(targets):
        if counts[number] >= _IMMORTAL:
            balance.unknown.append(olds[number])
        elif external[number] > 0 and not olds[number].current:
            balance.external[id(graph[number])] = external[number]
    outside = _outside(external, edges, targets)
    balance.inner = {id(value) for number, value in enumerate(graph) if number not in outside}
    return balance


class _Sentinel:
    pass


def _held_by(value: Any) -> list[Any]:
    """What `value` refers to. The collector does not know what code and instances of some classes refer to."""
    kind = type(value)
    if kind is CODE:
        return [constant for constant in value.co_consts if type(constant) is CODE or type(constant) is FUNCTION]
    found = objects.referents(value)
    if not objects.type_flags(kind) & objects.HAVE_GC:
        found.append(kind)
    return found


def _may_be_inner(value: Any, modules: set[str]) -> bool:
    kind = type(value)
    if kind is objects.GETSET or kind is objects.SLOT:
        return True  # a class's own `__dict__`, `__weakref__` and slots
    if id(kind) in objects.LEAVES or kind is CODE or objects.is_a(value, objects.MODULE):
        return False
    if objects.is_a(value, type):
        return objects.class_module(value) in modules
    return True


def _outside(external: list[int], edges: list[list[int]], targets: int) -> set[int]:
    """The nodes that live without the old objects: held from outside, or below one that is."""
    pending = [number for number in range(targets, len(edges)) if external[number] > 0]
    found = set(pending)
    for number in pending:
        for at in edges[number]:
            if at >= targets and at not in found:
                found.add(at)
                pending.append(at)
    return found


def _add_outside_holders(external: list[int], edges: list[list[int]], targets: int) -> None:
    """References from nodes that live by themselves come from outside, though old objects refer to these nodes."""
    for number in _outside(external, edges, targets):
        for at in edges[number]:
            if at < targets:
                external[at] += 1
