"""What keeps the results of functions, and what others copied from these: docstrings."""

from __future__ import annotations

import gc
import sys
from _functools import _lru_cache_wrapper as LRUCache
from _functools import partial
from types import CellType, FunctionType, MethodType

from .derived import derived
from .patch_calls import are_executed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator

    from .patch_functions import Found
    from .transaction import Transaction

CARRIERS = (FunctionType, MethodType, CellType, staticmethod, classmethod, property, LRUCache, tuple)


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
            if type(each) in CARRIERS:
                found += functions_behind(each, depth + 1)
    return found


def drop_cache(cache: Any, transaction: Transaction) -> None:
    """Empties an lru_cache; again on rollback, as by then it may hold what the new code computed."""
    transaction.undo(cache.cache_clear)
    transaction.afterwards(cache.cache_clear, functions_behind(cache))  # what other threads compute until the new code is there is old


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
    lazies = [holder.get(name) for holder in (type.__getattribute__(owner, "__dict__"), transaction.members(owner))]
    makers = [each.func for each in lazies if is_lazy(each) and type(each.func) is FunctionType]
    is_computing = are_executed([each.__code__ for each in makers])  # then it will be there
    for instance in gc.get_referrers(*kinds.values()):
        if id(type(instance)) in kinds:
            try:
                stored = object.__getattribute__(instance, "__dict__")
            except AttributeError:
                continue
            if type(stored) is dict and (is_computing or name in stored):
                transaction.delete_item(stored, name)
                transaction.afterwards(partial(dict.pop, stored, name, None), makers)  # what old code computes until then


def pass_on_docstring(found: Found, function: Any, before: Any, after: Any, transaction: Transaction) -> None:
    """To what copied it from the function: properties, `functools.wraps`."""
    for front, behind in (*found.fronts, *_fronts_elsewhere(found, function, transaction)):
        if behind is function and front is not function and type(front) is not MethodType:  # which has none of its own
            try:
                present = front.__doc__
            except Exception:
                continue
            if type(present) is type(before) and present == before:
                transaction.swap(front, "__doc__", after)
                pass_on_docstring(found, front, before, after, transaction)


def _fronts_elsewhere(found: Found, function: Any, transaction: Transaction) -> Iterator[tuple[Any, Any]]:
    """Functions of other modules, and methods of their classes, that `functools.wraps` has made of the function."""
    for namespace in transaction.beforehand.namespaces() if transaction.beforehand is not None else ():
        if namespace is not found.namespace:
            for value in list(namespace.values()):
                inside = type.__getattribute__(value, "__dict__").values() if issubclass(type(value), type) else (value,)
                for each in list(inside):
                    if type(each) is FunctionType and each.__dict__.get("__wrapped__") is function:
                        yield each, function
