"""What new code does not reach of what was made before it: closures, local classes, instances. Said with their number,
unless a statement that was executed brought them up to date.
"""

from __future__ import annotations

import gc
import sys
from _functools import partial
from types import FunctionType, MemberDescriptorType

from .derived import derived
from .transaction import ABSENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any, Callable

    from .patch import Patch
    from .transaction import Transaction

_SAFE_FACTORIES = ("builtins", "collections")


class Behind:
    """Gathered while a module is patched, said at the end."""

    def __init__(self) -> None:
        self._closures: list[tuple[FunctionType, CodeType, str]] = []
        self._classes: list[tuple[type, Any]] = []

    def closures(self, misfits: list[tuple[FunctionType, CodeType, str]]) -> None:
        """Functions, the code that they should have, and why they do not follow."""
        self._closures += misfits

    def local_classes(self, module: str, classes: list[tuple[str, Any]]) -> None:
        """Before statements are executed: classes that exist, of those whose statement inside a function changed."""
        places = dict(classes)
        if places:
            for cls in derived(object).values():
                place = places.get(type.__getattribute__(cls, "__qualname__"))
                if place is not None and type.__getattribute__(cls, "__dict__").get("__module__") == module:
                    self._classes.append((cls, place))

    def say(self, patch: Patch) -> None:
        followed = patch.session.merger.followed
        counts: dict[tuple[str, str, int], int] = {}
        for function, new, reason in self._closures:
            # else a statement that was executed made its successor, which it leads to
            if id(function) not in followed and not patch.is_remade(function):
                key = (function.__qualname__, reason, new.co_firstlineno - 1)
                counts[key] = counts.get(key, 0) + 1
        for (symbol, reason, line), _ in counts.items():
            _cannot(patch, symbol, "function", reason, _line(line))
        left: dict[str, tuple[Any, int]] = {}
        for cls, place in self._classes:
            if id(cls) not in followed:
                name = type.__getattribute__(cls, "__qualname__")
                left[name] = (place, left.get(name, (place, 0))[1] + 1)
        for name, (place, count) in left.items():
            _cannot(patch, name, "class", _said(count, "class stays", "classes stay", "as made before the edit"), place)
        _instances(patch)


def _cannot(patch: Patch, symbol: str, kind: str, reason: str, place: Any, change: str = "modified") -> None:
    described = {"symbol": symbol, "kind": kind, "change": change, "applied": False, "reason": reason}
    if place is not None:
        described["range"] = place
    patch.changes.append(described)


def _instances(patch: Patch) -> None:
    wanted: list[tuple[type, str, Any]] = []
    for qualified, name, place in patch.plan["attributes"]:
        cls = patch.session.live(patch.name, qualified)
        if cls is not ABSENT and issubclass(type(cls), type):
            wanted.append((cls, name, place))
    reshaped, patch.session.merger.reshaped = patch.session.merger.reshaped, []
    tuples: list[type] = []
    for cls, names in reshaped:
        place = _place(patch, cls)
        if issubclass(cls, tuple):
            tuples.append(cls)
        else:
            wanted += [(cls, name, place) for name in names]
    if not wanted and not tuples:
        return
    kinds = {id(cls): cls for cls in tuples} | derived(*(cls for cls, _, _ in wanted))
    instances = [each for each in gc.get_referrers(*kinds.values()) if id(type(each)) in kinds]
    for cls in tuples:
        count = sum(1 for each in instances if type(each) is cls)
        if count:
            reason = _said(count, "tuple has", "tuples have", "the fields of before the edit")
            _cannot(patch, cls.__qualname__, "class", reason, _place(patch, cls))
    for cls, name, place in wanted:
        count = 0
        for each in instances:
            if _runs_constructor(patch.transaction, type(each), cls) and _lacks(patch.transaction, each, name):
                if not _given(patch.transaction, each, name):
                    count += 1
        if count:
            reason = _said(count, "instance made before the edit has", "instances made before the edit have", f"no attribute {name}")
            _cannot(patch, f"{cls.__qualname__}.{name}", "member", reason, place, "added")


def _place(patch: Patch, cls: type) -> Any:
    for entry in patch.plan["entries"]:
        for part in (entry, *entry.get("parts", ())):
            if part["symbol"] == cls.__qualname__:
                return part["range"]
    return None


def _given(transaction: Transaction, instance: Any, name: str) -> bool:
    """Gives an instance of a dataclass what a new field's factory makes, where that is the interpreter's own."""
    fields = transaction.members(type(instance)).get("__dataclass_fields__")
    factory = getattr(fields.get(name), "default_factory", None) if type(fields) is dict else None
    if type(factory) is not type or factory.__module__ not in _SAFE_FACTORIES:
        return False
    try:
        transaction.set_attribute(instance, name, factory())
    except (AttributeError, TypeError):
        return False
    return True


def _runs_constructor(transaction: Transaction, kind: type, cls: type) -> bool:
    """Whether making an instance of a class runs the constructor of `cls`, which it is or is derived from."""
    for base in type.__getattribute__(kind, "__mro__"):
        if base is cls:
            return True
        own = transaction.members(base).get("__init__")
        if type(own) is FunctionType and "__init__" not in own.__code__.co_names:
            return False
    return False


def _lacks(transaction: Transaction, instance: Any, name: str) -> bool:
    for base in type.__getattribute__(type(instance), "__mro__"):
        inside = transaction.members(base)
        if base is not object and ("__getattr__" in inside or "__getattribute__" in inside):
            if base.__module__ == "pydantic.main":
                continue  # it has nothing for fields but what the instance has
            return False  # it may be made when it is asked for
        if name in inside:
            slot = inside[name]
            if type(slot) is not MemberDescriptorType:
                return False
            try:
                slot.__get__(instance)
            except AttributeError:
                return True
            return False
    try:
        return name not in object.__getattribute__(instance, "__dict__")
    except AttributeError:
        return True


def forget_checks() -> list[Callable[[], object]]:
    """Forgets what abstract classes remember of `isinstance`: a class that has other attributes now may be another answer.
    Answers C functions that do it again.
    """
    from _abc import _reset_caches
    from abc import ABCMeta

    found = []
    for cls in derived(object).values() if "abc" in sys.modules else ():
        if issubclass(type(cls), ABCMeta):
            try:
                _reset_caches(cls)
            except TypeError:
                continue  # a metaclass of its own kind
            found.append(partial(_reset_caches, cls))
    return found


def forget_dispatches() -> list[Callable[[], object]]:
    """Forgets what `functools.singledispatch` functions remember of classes. Answers C functions that do it again."""
    functools = sys.modules.get("functools")
    found = []
    for function in gc.get_referrers(functools.__dict__) if functools is not None else ():
        if type(function) is FunctionType and function.__globals__ is functools.__dict__:
            kept = getattr(function.__dict__.get("_clear_cache"), "__self__", None)  # a `WeakKeyDictionary`
            if type(data := getattr(kept, "data", None)) is dict:
                data.clear()
                found.append(data.clear)
    return found


def _said(count: int, one: str, many: str, what: str) -> str:
    return f"{count} {one if count == 1 else many} {what}"


def _line(line: int) -> dict[str, dict[str, int]]:
    return {"start": {"line": line, "column": 0}, "end": {"line": line, "column": 0}}
