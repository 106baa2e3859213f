"""Namespaces, attributes and containers, read and written without running code of the program; many in one C call, so
that no other thread runs in between.
"""
from __future__ import annotations

import sys
from _collections import OrderedDict, deque
from _operator import call
from gc import get_referents
from _afresh import partial
from types import FunctionType, ModuleType

from .quiet import Deprecations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType
    from typing import Any

ABSENT: Any = type("Absent", (), {"__slots__": (), "__repr__": lambda self: "ABSENT"})()
"""Stands for "there was no such attribute or item"."""

# Attributes of a class that live in the class object itself and not in its dictionary.
_CLASS_FIELDS = frozenset(("__bases__", "__name__", "__qualname__"))


_KIND = 0x2A0  # CO_GENERATOR, CO_COROUTINE, CO_ASYNC_GENERATOR
_CLASS: Any = object.__dict__["__class__"]


def namespace_of(module: Any) -> dict[str, Any] | None:
    """A module's own dictionary; None if it is no module (anything may stand in `sys.modules`)."""
    if not issubclass(type(module), ModuleType):
        return None
    return ModuleType.__getattribute__(module, "__dict__")


def bind_back(namespace: dict[str, Any], before: dict[str, Any]) -> None:
    for name, value in before.items():
        write_item(namespace, name, value)


def restore(namespace: dict[Any, Any], saved: dict[Any, Any]) -> None:
    """Makes `namespace` equal to `saved`, in one C call: by identity of values, and in order. Writes only what differs."""
    differing = {key: value for key, value in saved.items() if namespace.get(key, ABSENT) is not value}
    actions = [partial(namespace.update, differing)] if differing else []
    actions += [partial(namespace.pop, key, None) for key in namespace if key not in saved]
    # A key that was deleted and put back is last now: from the first one out of place on, take out and put back.
    order = list(saved)
    now = [key for key in namespace if key in saved] + [key for key in order if key not in namespace]
    first = next((i for i, (each, then) in enumerate(zip(now, order)) if each is not then), len(order))
    if first < len(order):
        tail = {key: saved[key] for key in order[first:]}
        actions += [partial(namespace.pop, key) for key in tail]
        actions.append(partial(namespace.update, tail))
    call_all(actions, [])


def read(target: Any, name: str) -> Any:
    """The target's own attribute, ABSENT if it has none: what `write` needs to bring the present state back."""
    if name == "__class__":
        return type(target)
    if issubclass(type(target), type):
        if name in _CLASS_FIELDS:
            return type.__getattribute__(target, name)
        return type.__getattribute__(target, "__dict__").get(name, ABSENT)
    for base in type.__getattribute__(type(target), "__mro__"):
        found = type.__getattribute__(base, "__dict__").get(name, ABSENT)
        if found is not ABSENT:
            if hasattr(type(found), "__set__"):  # a slot, or a field of the object: `__code__`, `__class__`
                try:
                    return object.__getattribute__(target, name)
                except AttributeError:
                    return ABSENT
            break
    inside = attributes_of(target)
    return ABSENT if inside is None else inside.get(name, ABSENT)


def attributes_of(value: Any) -> dict[str, Any] | None:
    """The dictionary with an object's own attributes, if it has one. A partial gets its own when it is asked for, and from then on is
    not taken for a plain one: `partial(partial(f, 1), 2)` would hold it, and not what it holds.
    """
    if issubclass(type(value), partial):
        return partial.__reduce__(value)[2][3]
    try:
        found = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return None
    return found if type(found) is dict else None


def write(target: Any, name: str, value: Any) -> None:
    """Sets the target's own attribute; ABSENT deletes it, if there."""
    setter, deleter = writers(target)
    if name == "__class__":
        _CLASS.__set__(target, value)  # whatever its class calls by that name
    elif value is not ABSENT:
        setter(target, name, value)
    elif read(target, name) is not ABSENT:
        deleter(target, name)


def order_back(cls: type, saved: dict[str, Any]) -> None:
    """The attributes of a class in the order that they had."""
    inside = get_referents(type.__getattribute__(cls, "__dict__"))
    if len(inside) == 1 and type(inside[0]) is dict:
        held = inside[0]
        restore(held, {name: held[name] for name in {**saved, **held} if name in held})
        type.__setattr__(cls, "__doc__", held.get("__doc__"))  # what was cached of the class is dropped


def derived_from(classes: list[type]) -> list[type]:
    """Classes, and all that are derived from them."""
    found: dict[int, type] = {}
    waiting = [*classes]
    while waiting:
        each = waiting.pop()
        if id(each) not in found:
            found[id(each)] = each
            waiting += type.__subclasses__(each)
    return [*found.values()]


def subclasses_back(cls: type, saved: list[type]) -> None:
    """The classes derived from a class of the program in the order that they had."""
    now = type.__subclasses__(cls)
    order = [each for each in saved if each in now]
    kept = [each for each in now if each in order]
    first = next((at for at, (each, then) in enumerate(zip(kept, order)) if each is not then), len(order))
    for each in order[first:]:
        type.__setattr__(each, "__bases__", type.__getattribute__(each, "__bases__"))  # it comes last


class _Nothing:
    pass


def underive(made: type) -> None:
    """A class that only stands for another one is found no more by its bases, as it is until it is collected as garbage."""
    try:
        type.__setattr__(made, "__bases__", (_Nothing,))
    except TypeError:
        pass  # its objects look otherwise


def restore_members(cls: type, before: dict[str, Any], all_before: dict[str, Any]) -> None:
    for name, value in before.items():
        if name == "__abstractmethods__" and value is ABSENT:
            value = frozenset()  # the class is marked by it
        write(cls, name, value)
    order_back(cls, all_before)


def writers(target: Any) -> tuple[Callable[..., None], Callable[..., None]]:
    if issubclass(type(target), type):
        return type.__setattr__, type.__delattr__
    if type(target) is FunctionType:
        return setattr, delattr
    return object.__setattr__, object.__delattr__


def write_all(items: list[tuple[Any, str, Any]]) -> None:
    present = [item for item in items if item[2] is not ABSENT]
    call_all([partial(writers(target)[0], target, name, value) for target, name, value in present], present)
    for target, name, value in items:
        if value is ABSENT:
            write(target, name, ABSENT)


def call_all(actions: list[Callable[..., object]], swaps: list[tuple[Any, str, Any]]) -> None:
    """In one C call. `swaps`: what they set."""
    if sys.version_info >= (3, 13) and any(name == "__code__" and _differs_in_kind(target, code) for target, name, code in swaps):
        with Deprecations():  # of giving a function code of another kind
            deque(map(call, actions), maxlen=0)
    else:
        deque(map(call, actions), maxlen=0)


def _differs_in_kind(function: FunctionType, code: CodeType) -> bool:
    return bool((function.__code__.co_flags ^ code.co_flags) & _KIND)


def write_item(mapping: dict[Any, Any], key: Any, value: Any) -> None:
    if value is ABSENT:
        dict.pop(mapping, key, None)
    else:
        dict.__setitem__(mapping, key, value)


def fill(container: Any, contents: Any) -> None:
    """In one C call."""
    call_all(filling(container, contents), [])


def filling(container: Any, contents: Any) -> list[Callable[..., object]]:
    base = kind_of(container)
    if base is list or base is bytearray:
        return [partial(base.__setitem__, container, slice(None), contents)]
    if base is OrderedDict:
        write_one = partial(OrderedDict.__setitem__, container)
        return [partial(OrderedDict.clear, container), partial(deque, map(write_one, contents, contents.values()), 0)]
    return [partial(base.clear, container), partial(deque.extend if base is deque else base.update, container, contents)]


def writing(target: Any, name: str, value: Any) -> Callable[..., object]:
    """What sets the target's own attribute, without code of the program or of the agent."""
    return partial(_CLASS.__set__, target, value) if name == "__class__" else partial(writers(target)[0], target, name, value)


def kind_of(container: Any) -> Any:
    return next(kind for kind in (OrderedDict, dict, list, set, bytearray, deque) if issubclass(type(container), kind))
