"""Makes an object that the program holds behave like the one that the saved text has just made, and keeps its identity.

Everything changes through the transaction, and no code of the program runs, except `__set_name__` of its own
descriptors.
"""

from __future__ import annotations

import sys
from _functools import _lru_cache_wrapper as LRUCache
from types import CellType, CodeType, FunctionType

from .patch_caches import drop_cache
from .patch_code import lead_to
from .patch_values import same
from .transaction import ABSENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .transaction import Transaction

# From 3.14 on, annotations are computed when they are read: nobody may do that here.
_SIGNATURE = ("__defaults__", "__kwdefaults__", "__annotations__" if sys.version_info < (3, 14) else "__annotate__")
_FUNCTION_PARTS = ("__defaults__", "__kwdefaults__", "__doc__", "__name__", "__qualname__", "__module__")


class Merger:
    """Merges within one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self.transaction = transaction
        self.altered: list[FunctionType] = []
        self.signed: list[FunctionType] = []  # functions with other annotations or defaults
        self.members: set[int] = set()  # members of enumerations that have another value
        # classes that could not be changed in place, and who stayed behind
        self.replaced: list[tuple[type, type, int]] = []
        self.followed: dict[int, Any] = {}  # by id: what was there before and is what it would be now
        # classes whose instances have other fields now, and the new ones that the class itself has no value for
        self.reshaped: list[tuple[type, tuple[str, ...]]] = []
        self.models: list[type] = []  # of pydantic, that were made anew
        self.inherited: dict[int, set[str]] = {}  # by the id of a class with new bases: what it may inherit otherwise
        self.rebased = False  # whether classes have other bases
        self.ruled: set[int] = set()  # ids of classes that have another metaclass
        self.attributed: list[tuple[FunctionType, dict[str, tuple[Any, Any]]]] = []  # functions with other attributes: what they were, and are
        self.temporaries: list[tuple[Any, Any]] = []  # (what a statement made, what stands for it)

    def merge(self, old: Any, new: Any, keep: frozenset[str] = frozenset()) -> Any:
        """What has to be bound where `old` was: `old` itself, changed in place, or `new` where that is impossible."""
        if old is new:
            return old
        kind = type(old)
        if kind is FunctionType and type(new) is FunctionType:
            return self.functions(old, new)
        if issubclass(kind, type) and issubclass(type(new), type):
            from .patch_classes import transplant

            return transplant(self, old, new, keep)
        if kind is not type(new):
            return self._other_kind(old, new)
        if kind is staticmethod or kind is classmethod:
            return old if self.merge(old.__func__, new.__func__) is old.__func__ else new
        if kind is property:
            return self._properties(old, new)
        if kind is LRUCache:
            return self._caches(old, new)
        functools = sys.modules.get("functools")
        if functools is not None and kind is functools.__dict__.get("cached_property"):
            if old.attrname == new.attrname or new.attrname is None:
                return old if self.merge(old.func, new.func) is old.func else new
        return new

    def _other_kind(self, old: Any, new: Any) -> Any:
        """A decorator came or went that makes another kind of object: who holds the old one gets the new behaviour."""
        if type(old) is LRUCache:
            before = old.__dict__.get("__wrapped__")
            if type(before) is FunctionType and type(new) is FunctionType:
                drop_cache(old, self.transaction)
                return self.functions(before, new)
        elif type(old) is FunctionType and is_callable_object(new):
            self._lead_to(old, new)
        return new

    def _properties(self, old: property, new: property) -> property:
        parts = []
        for before, after in ((old.fget, new.fget), (old.fset, new.fset), (old.fdel, new.fdel)):
            parts.append(after if before is None or after is None else self.merge(before, after))
        if parts[0] is old.fget and parts[1] is old.fset and parts[2] is old.fdel and old.__doc__ == new.__doc__:
            return old
        return property(parts[0], parts[1], parts[2], new.__doc__)

    def _caches(self, old: Any, new: Any) -> Any:
        before, after = old.__dict__.get("__wrapped__"), new.__dict__.get("__wrapped__")
        if before is None or after is None:
            drop_cache(old, self.transaction)
            return new
        if self.merge(before, after) is not before:
            return new
        drop_cache(old, self.transaction)
        if old.cache_parameters() == new.cache_parameters():
            return old
        # what it keeps the results of cannot be changed from outside: another one for the function that there was
        made = sys.modules["functools"].lru_cache(**new.cache_parameters())(before)
        drop_cache(made, self.transaction)  # others may call it before the new code is there
        for name, value in new.__dict__.items():
            if name not in ("__wrapped__", "cache_parameters"):
                made.__dict__[name] = value
        return made

    def functions(self, old: FunctionType, new: FunctionType) -> FunctionType:
        """`old` with the code, defaults, attributes and closure of `new`; or `new`, with `old` calling it from now
        on.
        """
        if old is new:
            return old
        transaction = self.transaction
        waits = transaction.waits_for({id(old)})  # for parts that are not what they will be
        self.followed[id(old)] = old
        if not all(same(getattr(old, name), getattr(new, name)) for name in _SIGNATURE):
            self.signed.append(old)
        if old.__globals__ is not new.__globals__ or old.__code__.co_freevars != new.__code__.co_freevars:
            self._lead_to(old, new)
            return new
        transaction.swap(old, "__code__", new.__code__)
        for name in _FUNCTION_PARTS:
            before, after = getattr(old, name), getattr(new, name)
            if waits or before is not after:
                transaction.swap(old, name, after)
        for name in ("__type_params__", "__annotate__") if sys.version_info >= (3, 14) else ("__type_params__",):
            if hasattr(new, name) and (waits or getattr(old, name, None) is not getattr(new, name)):
                transaction.swap(old, name, getattr(new, name))
        if sys.version_info < (3, 14):
            if old.__annotations__ != new.__annotations__ or old.__annotations__.keys() != new.__annotations__.keys():
                transaction.replace_contents(old.__annotations__, new.__annotations__)  # functions that `wraps` has made share it
        self.altered.append(old)
        names = old.__code__.co_freevars
        registered = dispatched(old)
        for name, cell, other in zip(names, old.__closure__ or (), new.__closure__ or ()):
            if name != "__class__" and cell is not other:
                self._cells(cell, other)
        if registered:
            present = dispatched(old)
            for key, value in registered.items():
                if key not in present:
                    transaction.set_item(present, key, value)
        before, after = old.__dict__, new.__dict__
        changes: dict[str, tuple[Any, Any]] = {}
        for name, value in list(after.items()):
            present = before.get(name, ABSENT)
            if present is not value:
                merged = value
                if name == "__wrapped__" and type(present) is FunctionType and type(value) is FunctionType:
                    if present.__code__.co_qualname == value.__code__.co_qualname:
                        merged = self.functions(present, value)
                if merged is not present:
                    transaction.set_item(before, name, merged)
                    changes[name] = present, merged
        for name in list(before):  # what decorators put there; other attributes can be the program's
            if name not in after and name[:2] == "__" == name[-2:]:
                transaction.delete_item(before, name)
        self.temporaries.append((new, old))
        changes = {name: change for name, change in changes.items() if name[:2] != "__"}
        if changes:
            self.attributed.append((old, changes))
        return old

    def _cells(self, cell: CellType, other: CellType) -> None:
        before, after = content(cell), content(other)
        if before is after:
            return
        if type(before) is FunctionType and type(after) is FunctionType:
            if before.__code__.co_qualname == after.__code__.co_qualname:
                after = self.functions(before, after)
        if after is not before:
            set_cell(self.transaction, cell, after)

    def _lead_to(self, old: FunctionType, new: Any) -> None:
        lead_to(old, new, self.transaction)
        self.transaction.flush()
        self.altered.append(old)


def dispatched(function: FunctionType) -> dict[Any, Any]:
    """What is registered with a `functools.singledispatch` function, by whatever module."""
    functools = sys.modules.get("functools")
    if functools is not None and function.__globals__ is functools.__dict__:
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
            if name == "registry" and type(content(cell)) is dict:
                return content(cell)
    return {}


def content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return ABSENT


def set_cell(transaction: Transaction, cell: CellType, value: Any) -> None:
    transaction.undo(_write_cell, cell, content(cell))
    _write_cell(cell, value)


def _write_cell(cell: CellType, value: Any) -> None:
    if value is ABSENT:
        del cell.cell_contents
    else:
        cell.cell_contents = value


def is_callable_object(value: Any) -> bool:
    """Whether a value is called as the function was that it stands for: what a decorator has made of it, mostly."""
    kind = type(value)
    if kind in (staticmethod, classmethod) or issubclass(kind, type):
        return False
    for base in type.__getattribute__(kind, "__mro__"):
        if "__call__" in type.__getattribute__(base, "__dict__"):
            return True
    return False
