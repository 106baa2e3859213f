"""Finding old lists and dictionaries again: what cannot be referred to weakly is remembered by what holds it.

An anchor is something near the holder that can be referred to weakly, or a module, and the ids of what leads from there
to the old object. Followed anew, it leads to the same object, or to nothing. It can be deceived if a program replaces
what is held twice between two searches and the memory is used again: then the contents differ, and that is said.
"""
from __future__ import annotations

import sys
from _weakref import ref

from . import stale_objects as objects
from . import stale_roots

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .stale_walk import Walk

_MOST = 8  # for one old object
_SLICE = 4000


class Anchor:
    """A way to one old object."""

    __slots__ = ("_base", "_module", "_ids", "_kind")

    def __init__(self, base: Any, module: str | None, ids: list[int], kind: type) -> None:
        self._base = None if base is None else ref(base)
        self._module = module
        self._ids = ids
        self._kind = id(kind)

    def lead(self) -> Any:
        """The old object if it is still held there, else None."""
        if self._base is None:
            module = sys.modules.get(self._module)
            value = objects.module_dict(module) if objects.is_a(module, objects.MODULE) else None
        else:
            value = self._base()
        for key in self._ids:
            value = next((child for child in _children(value) if id(child) == key), None)
            if value is None:
                return None
        return value if id(type(value)) == self._kind else None


def ways(walk: Walk) -> dict[int, list[list[int]]]:
    """Of each old object that cannot be referred to weakly: the ids of what leads to it, its own the last."""
    found: dict[int, list[list[int]]] = {}
    for hit in walk.hits:
        if walk.targets[hit.target].held and hit.relation == "refers" and hit.holder not in walk.garbage:
            known = found.setdefault(hit.target, [])
            if len(known) < _MOST:
                known.append([*map(id, walk.chain(hit.holder)), hit.target])
    return found


def anchors(found: list[list[int]]) -> list[Anchor]:
    """Anchors along these ways, as far as they can be followed from a module, a thread or a task."""
    if not found:
        return []
    namespaces = {id(namespace): name for name, namespace in objects.loaded_modules()}
    roots = {id(namespace): namespace for _, namespace in objects.loaded_modules()}
    for _, place in (*stale_roots.threads(), *stale_roots.tasks()):
        roots[id(place[""])] = place[""]
    made = []
    for way in found:
        start = 0 if way[0] in roots else 1  # one of the agent's own dictionaries
        value = roots.get(way[start]) if start < len(way) else None
        base, module, at = None, namespaces.get(way[start]) if value is not None else None, start
        for number in range(start, len(way)):
            if number > start:
                value = next((child for child in _children(value) if id(child) == way[number]), None)
            if value is None:
                break
            if number < len(way) - 1 and _can_be_weak(value):
                base, at = value, number
        if value is not None and (base is not None or module is not None):
            made.append(Anchor(base, module, way[at + 1:], type(value)))
        base = value = None
    return made


def contents(value: Any) -> int:
    """A number that tells contents apart."""
    return hash(tuple(map(id, list(_children(value))[:64])))


def _children(value: Any) -> Iterator[Any]:
    if value is None:
        return
    if (type(value) is list or type(value) is tuple) and len(value) > _SLICE:
        for begin in range(0, len(value), _SLICE):
            yield from value[begin:begin + _SLICE]
    else:
        yield from objects.referents(value)


def _can_be_weak(value: Any) -> bool:
    try:
        ref(value)
    except TypeError:
        return False
    return True
