"""What functions computed before they changed, and what others copied from them: results that are kept, docstrings."""

from __future__ import annotations

import gc
import sys
from _functools import _lru_cache_wrapper as LRUCache
from _functools import partial
from types import CellType, FunctionType, MethodType

from .derived import derived

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .patch_functions import Found
    from .patch_session import Session
    from .transaction import Transaction

_CARRIERS = (FunctionType, MethodType, CellType, staticmethod, classmethod, property, LRUCache, tuple)


class Results:
    """The results that a module's functions keep."""

    def __init__(self, found: Found, session: Session) -> None:
        self._found = found
        self._session = session
        self._transaction = session.transaction
        self._forgotten: set[tuple[int, str]] = set()
        self._marked: set[str] = set()  # functions whose results are known to have been old

    def drop(self, altered: list[FunctionType]) -> None:
        """Those that functions which changed have computed, whoever holds the cache."""
        changed = set(map(id, altered))
        for cache in self._found.caches:
            if any(id(function) in changed for function in functions_behind(cache)):
                drop_cache(cache, self._transaction)
        for owner, name, function in self._found.lazies:
            if id(function) in changed:
                self._forget(owner, name)
        hidden = [each for each in altered if id(each) in self._found.hidden and "<locals>" in each.__qualname__]
        if hidden:
            for holder in gc.get_referrers(*hidden):
                if type(holder) is LRUCache:
                    drop_cache(holder, self._transaction)

    def drop_users(self, module: str, since: int) -> bool:
        """Those of functions which call or read what changed."""
        dropped = False
        for cache in self._found.caches:
            for function in functions_behind(cache):
                if self._uses_change(module, function.__qualname__, since):
                    drop_cache(cache, self._transaction)
                    self._gave_old_results(module, function.__qualname__)
                    dropped = True
                    break
        for owner, name, function in self._found.lazies:
            if id(function) in self._session.altered or self._uses_change(module, f"{owner.__qualname__}.{name}", since):
                if self._forget(owner, name):
                    self._gave_old_results(module, f"{owner.__qualname__}.{name}")
                    dropped = True
        return dropped

    def _gave_old_results(self, module: str, qualified: str) -> None:
        """Whoever has asked for them since the change, before this module's turn, has to ask again."""
        if qualified not in self._marked:
            self._marked.add(qualified)
            self._session.behaves(module, qualified)

    def _uses_change(self, module: str, qualified: str, since: int) -> bool:
        owner, _, name = qualified.rpartition(".")
        given = (None, owner, name) if owner else (None, name, None)
        if "<" in qualified:
            return False
        self._session.looks_inside = True
        try:
            return self._session.call_changed(module, given, since) is not None
        finally:
            self._session.looks_inside = False

    def _forget(self, owner: type, name: str) -> bool:
        if (id(owner), name) in self._forgotten:
            return False
        self._forgotten.add((id(owner), name))
        forget_lazy(owner, name, self._transaction)
        return True


def functions_behind(value: Any, depth: int = 0) -> list[FunctionType]:
    """The functions that calling a cache can run: behind wrappers, in the variables of closures."""
    found = [value] if type(value) is FunctionType else []
    inside: list[Any] = []
    if type(value) is FunctionType:
        inside += value.__closure__ or ()
    elif type(value) is CellType:
        try:
            inside.append(value.cell_contents)
        except ValueError:
            pass
    elif type(value) is not tuple or len(value) < 20:
        inside += gc.get_referents(value)
    if depth < 8:
        for each in inside:
            if type(each) in _CARRIERS:
                found += functions_behind(each, depth + 1)
    return found


def drop_cache(cache: Any, transaction: Transaction) -> None:
    """Empties an lru_cache; again on rollback, as by then it may hold what the new code computed."""
    transaction.undo(cache.cache_clear)
    transaction.afterwards(cache.cache_clear)  # what other threads compute until the new code is there is old


def is_lazy(value: Any) -> bool:
    """Whether an attribute of a class is a `functools.cached_property`."""
    return type(value) is cached_property()


def cached_property() -> Any:
    functools = sys.modules.get("functools")
    return _NONE if functools is None else functools.__dict__.get("cached_property", _NONE)


_NONE = type("NoCachedProperty", (), {})


def forget_lazy(owner: type, name: str, transaction: Transaction) -> None:
    """Removes the stored results of a cached_property from the instances of its class."""
    kinds = derived(owner)
    for instance in gc.get_referrers(*kinds.values()):
        if id(type(instance)) in kinds:
            try:
                stored = object.__getattribute__(instance, "__dict__")
            except AttributeError:
                continue
            if type(stored) is dict and name in stored:
                transaction.delete_item(stored, name)
                transaction.afterwards(partial(dict.pop, stored, name, None))  # what old code computes until then


def pass_on_docstring(found: Found, function: Any, before: Any, after: Any, transaction: Transaction) -> None:
    """To what copied it from the function: properties, `functools.wraps`."""
    for front, behind in found.fronts:
        if behind is function and front is not function:
            try:
                present = front.__doc__
            except Exception:
                continue
            if type(present) is type(before) and present == before:
                transaction.swap(front, "__doc__", after)
                pass_on_docstring(found, front, before, after, transaction)
