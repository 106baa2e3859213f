"""What functions computed before they changed, and what keeps that: caches, wrappers."""

from __future__ import annotations

import gc
from _functools import _lru_cache_wrapper as LRUCache
from types import FunctionType, ModuleType

from .patch_caches import CARRIERS, drop_cache, forget_lazy, functions_behind
from .patch_memos import KEEPS, Memo, memos_of
from .stale_objects import nested_codes
from .transaction import namespace_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .patch_functions import Found
    from .patch_session import Session


_MOST = 300  # functions that are looked into


class Results:
    """The results that a module's functions keep."""

    def __init__(self, found: Found, session: Session) -> None:
        self._found = found
        self._session = session
        self._transaction = session.transaction
        self._forgotten: set[tuple[int, str]] = set()
        self._known: dict[int, Any] = {}  # where code keeps results, by its id
        self.left: list[tuple[Memo, FunctionType]] = []  # what cannot be dropped, and the function that has computed it
        self._marked: set[str] = set()  # functions whose results are known to have been old

    def drop(self, altered: list[FunctionType]) -> None:
        """Those that functions which changed have computed, whoever holds the cache."""
        changed = set(map(id, altered))
        for cache in self._found.caches:
            if any(id(function) in changed for function in functions_behind(cache)):
                drop_cache(cache, self._transaction)
        for memo in self._memos():
            for source in _sources(memo):
                if id(source) in changed:
                    self._forget_memo(memo, source)
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
        for memo in self._memos():
            for source in _sources(memo) if memo.holds() else ():
                if self._reaches_altered(source) or self._uses_change(module, source.__qualname__, since):
                    self._forget_memo(memo, source)
                    self._gave_old_results(module, source.__qualname__)
                    dropped = True
        for owner, name, function in self._found.lazies:
            if id(function) in self._session.altered or self._uses_change(module, f"{owner.__qualname__}.{name}", since):
                if self._forget(owner, name):
                    self._gave_old_results(module, f"{owner.__qualname__}.{name}")
                    dropped = True
        return dropped

    def _memos(self) -> list[Memo]:
        return [memo for function, owner in self._found.wrappers for memo in memos_of(function, owner, self._known)]

    def _forget_memo(self, memo: Memo, function: FunctionType) -> None:
        if memo.holds() and not memo.forget(self._transaction):
            self.left.append((memo, function))

    def say_left(self, changes: list[dict[str, Any]], line_of: Callable[[FunctionType], int]) -> None:
        """Results that wrappers still keep, after everything has been executed. `line_of`: where a function stands now."""
        for function in {id(function): function for memo, function in self.left if memo.holds()}.values():
            symbol, line = function.__qualname__, line_of(function) - 1
            if any(each["symbol"] == symbol and not each["applied"] for each in changes):
                continue
            kind, place = "method" if "." in symbol else "function", {"line": line, "column": 0}
            said = {"symbol": symbol, "kind": kind, "change": "modified", "range": {"start": place, "end": place}}
            told = [each for each in changes if each["symbol"] == symbol and "range" in each]
            changes.append({**(told[-1] if told else said), "applied": False, "reason": KEEPS})
        self.left.clear()

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

    def _reaches_altered(self, function: FunctionType) -> bool:
        """Whether a function may call one whose code has changed, as far as names tell."""
        methods = {each.__name__ for each in self._session.altered.values() if "." in each.__qualname__}
        seen: set[int] = set()
        waiting = [function]
        while waiting and len(seen) < _MOST:
            each = waiting.pop()
            if id(each) in self._session.altered:
                return True
            if id(each) in seen:
                continue
            seen.add(id(each))
            names = {name for code in nested_codes(each.__code__) for name in code.co_names}
            if not methods.isdisjoint(names):
                return True
            for value in [each.__globals__[name] for name in names if name in each.__globals__]:
                inside = namespace_of(value) if issubclass(type(value), ModuleType) else None
                found = [value] if inside is None else [inside[name] for name in names if name in inside]
                waiting += [behind for one in found if type(one) in CARRIERS for behind in functions_behind(one)]
        return False

    def _forget(self, owner: type, name: str) -> bool:
        if (id(owner), name) in self._forgotten:
            return False
        self._forgotten.add((id(owner), name))
        forget_lazy(owner, name, self._transaction)
        return True


def _sources(memo: Memo) -> list[FunctionType]:
    return [function for value in memo.functions() if type(value) in CARRIERS for function in functions_behind(value)]
