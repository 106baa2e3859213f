"""Puts one object in the place of another, wherever the collector finds it held."""
from __future__ import annotations

import gc
from _functools import _lru_cache_wrapper as LRUCache
from types import FrameType

from . import stale_objects as objects
from . import stale_paths as paths
from .patch_merge import set_cell
from .stale_objects import CELL, DEQUE, FUNCTION, METHOD, PARTIAL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from .stale_found import Found
    from .transaction import Transaction

_DEPTH = 5  # immutable holders inside immutable holders: each is made anew
_MOST = 20_000  # holders


def instances(cls: type, known: Found | None) -> list[Any]:
    """The instances of exactly this class."""
    met = known.instances(cls) if known is not None else None
    if met is not None:
        return met
    found = [each for each in gc.get_referrers(cls) if type(each) is cls]
    if not objects.type_flags(cls) & objects.HAVE_GC:  # the collector does not know them, but knows who holds them
        ids = set(map(id, found))
        for holder in gc.get_objects():
            for each in objects.referents(holder):
                if type(each) is cls and id(each) not in ids:
                    ids.add(id(each))
                    found.append(each)
    return found


class Replacing:
    """Within one transaction. `wants(module, key)` says which holders are to be changed, `inner` which are old themselves,
    `known` who holds what, if that was found out: else the collector is asked, which stops the program.
    """

    def __init__(self, transaction: Transaction, namespaces: dict[int, str],
                 wants: Callable[[str | None, object], bool], inner: set[int], known: Found | None) -> None:
        self.done = 0
        self.left: list[str] = []
        self._transaction = transaction
        self._namespaces = {**{id(space): name for name, space in objects.loaded_modules()}, **namespaces}
        self._wants = wants
        self._inner = inner
        self._known = known
        self._own: set[int] = {id(self.__dict__)}
        self._kept: list[Any] = []

    def forget(self) -> None:
        self._kept.clear()

    def replace(self, old: Any, new: Any, depth: int = 0) -> int:
        """How many places hold `new` now instead of `old`."""
        count = 0
        for holder in self._holders(old):
            kind = type(holder)
            if objects.is_a(holder, dict):
                made = self._in_dict(holder, old, new, depth)
            elif objects.is_a(holder, list) or objects.is_a(holder, DEQUE):
                made = self._in_sequence(holder, old, new)
            elif objects.is_a(holder, set):
                made = self._in_set(holder, old, new)
            elif not self._wants(None, None):
                continue
            elif kind is CELL:
                set_cell(self._transaction, holder, new)
                made = 1
            elif kind is FUNCTION:
                made = self._in_function(holder, old, new)
            elif objects.is_a(holder, PARTIAL):
                made = self._in_partial(holder, old, new)
            else:
                made = self._elsewhere(holder, old, new, depth)
            count += made
        if depth == 0:
            self.done += count
        return count

    def _holders(self, old: Any) -> Iterator[Any]:
        found = self._known.holders(old) if self._known is not None else None
        if found is None:
            found = gc.get_referrers(old)
        self._kept.append(found)
        self._own |= {id(found), id(self._kept)}
        for holder in found[:_MOST]:
            if id(holder) in self._own or id(holder) in self._inner or type(holder) is FrameType:
                continue
            if id(type(holder)) in objects.LEAVES or paths.suspended_code(holder) is not None:
                continue
            if (objects.class_module(type(holder)) or "").partition(".")[0] == "_afresh":
                continue  # the ledger itself, which has to hold what cannot be referred to weakly
            yield holder

    def _in_dict(self, holder: dict, old: Any, new: Any, depth: int) -> int:
        module = self._namespaces.get(id(holder))
        # A name gets what was made anew (`depth`), whatever is asked for: it stands for what holds the old object.
        keys = [key for key, value in list(dict.items(holder)) if value is old and (depth or self._wants(module, key))]
        cls = self._class_with(holder) if keys and module is None else None
        for key in keys:
            if cls is not None:
                self._transaction.set_attribute(cls, key, new)
            else:
                self._transaction.set_item(holder, key, new)
        count = len(keys)
        if module is None and self._wants(None, None) and any(key is old for key in list(dict.keys(holder))):
            self._transaction.replace_contents(
                holder, {new if key is old else key: value for key, value in list(dict.items(holder))})
            count += 1
        return count

    def _class_with(self, namespace: dict) -> type | None:
        """The class whose attributes these are: they must be written through it, for the interpreter caches them."""
        owner = self._known.owner(namespace) if self._known is not None else None
        if owner is not None:
            return owner if objects.is_a(owner, type) else None
        for each in gc.get_referrers(namespace):
            if objects.is_a(each, type) and any(child is namespace for child in objects.referents(each)):
                return each
        return None

    def _in_sequence(self, holder: Any, old: Any, new: Any) -> int:
        if not self._wants(None, None):
            return 0
        iterate = list.__iter__ if objects.is_a(holder, list) else DEQUE.__iter__
        contents = list(iterate(holder))
        count = sum(each is old for each in contents)
        if count:
            self._transaction.replace_contents(holder, [new if each is old else each for each in contents])
        return count

    def _in_set(self, holder: Any, old: Any, new: Any) -> int:
        if not self._wants(None, None):
            return 0
        contents = list(set.__iter__(holder))
        if not any(each is old for each in contents):
            return 0
        self._transaction.replace_contents(holder, [new if each is old else each for each in contents])
        return 1

    def _in_function(self, holder: Any, old: Any, new: Any) -> int:
        defaults = holder.__defaults__
        if defaults is old:
            self._transaction.set_attribute(holder, "__defaults__", new)
            return 1
        return 0

    def _in_partial(self, holder: Any, old: Any, new: Any) -> int:
        before = PARTIAL.__reduce__(holder)[2]
        function, arguments, keywords, attributes = before
        if function is old:
            function = new
        elif arguments is old:
            arguments = new
        else:
            return self._attribute(holder, old, new)
        self._transaction.undo(PARTIAL.__setstate__, holder, before)
        PARTIAL.__setstate__(holder, (function, arguments, keywords, attributes))
        return 1

    def _elsewhere(self, holder: Any, old: Any, new: Any, depth: int) -> int:
        """A holder that cannot be changed is made anew, and its own holders get that one."""
        if objects.is_a(holder, type):
            return 0  # bases, resolution order: those are `subclass`
        made = self._made_anew(holder, old, new)
        if made is None:
            count = self._attribute(holder, old, new)
            if not count and not objects.type_flags(type(holder)) & objects.HEAP_TYPE:
                self.left.append(f"a {objects.type_name(type(holder))} cannot be changed")
            return count
        if depth >= _DEPTH:
            return 0
        self._kept.append(made)
        return self.replace(holder, made, depth + 1)

    def _made_anew(self, holder: Any, old: Any, new: Any) -> Any:
        kind = type(holder)
        if objects.is_a(holder, tuple):
            contents = tuple(new if each is old else each for each in tuple.__iter__(holder))
            return tuple.__new__(kind, contents) if objects.instance_dict(holder) is None else None
        if kind is frozenset:
            return frozenset(new if each is old else each for each in holder)
        if kind is METHOD:
            function = new if holder.__func__ is old else holder.__func__
            return METHOD(function, new if holder.__self__ is old else holder.__self__)
        if kind is staticmethod or kind is classmethod:
            return kind(new) if holder.__func__ is old else None
        if kind is property:
            return property(*(new if part is old else part for part in (holder.fget, holder.fset, holder.fdel)))
        if kind is LRUCache:
            wrapped = (objects.instance_dict(holder) or {}).get("__wrapped__")
            parameters = (objects.instance_dict(holder) or {}).get("cache_parameters")
            if wrapped is old and type(parameters) is FUNCTION:
                import functools  # it is there: it made the holder

                settings = parameters()
                return functools.lru_cache(settings["maxsize"], settings["typed"])(new)
        return None

    def _attribute(self, holder: Any, old: Any, new: Any) -> int:
        count = 0
        while (name := objects.attribute_of(holder, old)) is not None and count < 100:
            namespace = objects.instance_dict(holder)
            if namespace is not None and namespace.get(name) is old:
                self._transaction.set_item(namespace, name, new)
            else:
                self._transaction.set_attribute(holder, name, new)
            count += 1
        return count
