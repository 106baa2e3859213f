"""Whether two objects are what one statement made, before and after the edit, and not something else that it gave a
name to.

`f = foo` that becomes `f = bar` must not make `foo` like `bar`.
"""

from __future__ import annotations

import sys
from _functools import _lru_cache_wrapper as LRUCache
from types import FunctionType

from .patch_merge import is_callable_object
from .patch_merge import content
from .patch_redirection import is_fresh
from .stale_objects import IMMUTABLE_TYPE, type_flags
from .transaction import namespace_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def made_by_definition(old: Any, new: Any, symbol: str) -> bool:
    """For a `def` or `class` statement of that qualified name, with what decorators made of it."""
    if type(old) is FunctionType:
        if type(new) is not FunctionType:
            return _defined(old, symbol) and is_callable_object(new)
        return _defined(old, symbol) and _defined(new, symbol) and not of_other_modules(old, new, symbol)
    if issubclass(type(old), type):
        if not issubclass(type(new), type) or is_immutable_class(old):
            return False
        return old.__qualname__ == new.__qualname__ == symbol and _same_module(old, new)
    if type(old) in (staticmethod, classmethod):
        return type(new) is type(old) and made_by_definition(old.__func__, new.__func__, symbol)
    if type(old) is LRUCache:
        return made_by_definition(old.__wrapped__, new.__wrapped__ if type(new) is LRUCache else new, symbol)
    return True  # a property, a cached_property: their functions are looked at when they are merged


def made_by_expression(old: Any, new: Any) -> bool:
    """For any other statement: what a call or a lambda has just made, in the place of its like."""
    if type(old) is FunctionType and type(new) is FunctionType:
        name = old.__code__.co_qualname
        return "<" in name and name == new.__code__.co_qualname and old.__globals__ is new.__globals__ and is_fresh(new)
    if issubclass(type(old), type) and issubclass(type(new), type):
        return old.__qualname__ == new.__qualname__ and _same_module(old, new) and is_fresh(new) and not is_immutable_class(old)
    return False


def line_of(value: Any, name: str, depth: int = 0) -> int:
    """Where the function of that name begins that a value is, or is put around; 0 where there is none."""
    if type(value) is not FunctionType or depth > 4:
        return 0
    if value.__code__.co_qualname == name:
        return value.__code__.co_firstlineno
    for cell in value.__closure__ or ():
        line = line_of(content(cell), name, depth + 1)
        if line:
            return line
    return 0


def _defined(function: FunctionType, symbol: str) -> bool:
    name = function.__code__.co_qualname
    return name == symbol or "<locals>" in name


def of_other_modules(old: FunctionType, new: FunctionType, symbol: str) -> bool:
    """Whether two modules define what has the same name: an import gave the old one to the name."""
    before, after = _home(old, symbol), _home(new, symbol)
    return before is not None and after is not None and before is not after


def is_of_another_module(cls: Any, namespace: dict[str, Any]) -> bool:
    """Whether a class that a module has under a name is one that another module defines, and an import gave it the name."""
    if not issubclass(type(cls), type):
        return False
    if is_immutable_class(cls):
        return True
    inside = type.__getattribute__(cls, "__dict__")
    owner = inside.get("__module__")
    if type(owner) is not str or owner == namespace.get("__name__"):
        return False
    source = namespace_of(sys.modules.get(owner))
    if source is None or source.get(type.__getattribute__(cls, "__qualname__").partition(".")[0]) is not cls:
        return False
    # It may only say that it is another module's: a package that shows it.
    return not any(type(value) is FunctionType and value.__globals__ is namespace for value in list(inside.values()))


def is_immutable_class(cls: type) -> bool:
    """Whether it is written in C and takes no attributes, as what hides a class of the text that is there in case C is not."""
    return bool(type_flags(cls) & IMMUTABLE_TYPE)


def _home(value: Any, symbol: str, depth: int = 0) -> dict[str, Any] | None:
    """The namespace of the definition that a function is, or is put around; None where there is none of that name."""
    if type(value) is not FunctionType or depth > 4:
        return None
    if value.__code__.co_qualname == symbol:
        return value.__globals__
    for inner in (value.__dict__.get("__wrapped__"), *map(content, value.__closure__ or ())):
        found = _home(inner, symbol, depth + 1)
        if found is not None:
            return found
    return None


def _same_module(old: type, new: type) -> bool:
    before = type.__getattribute__(old, "__dict__").get("__module__")
    return before == type.__getattribute__(new, "__dict__").get("__module__")


def defined_as(value: Any) -> str | None:
    """The name under which a function or a class was defined."""
    if type(value) is FunctionType:
        return value.__qualname__
    return value.__qualname__ if issubclass(type(value), type) else None
