"""Everything that can hold an object in a program: one way each to refer to a value, and how often it then does."""
from __future__ import annotations

import collections
import dataclasses
import queue
import threading
import types
import weakref
from collections.abc import Callable
from typing import Any, NamedTuple


class Box:
    pass


class Slotted:
    __slots__ = ("first", "held", "__weakref__")


class Keyed(dict):
    pass


class Listed(list):
    pass


class Pair(NamedTuple):
    left: Any
    right: Any


@dataclasses.dataclass
class Data:
    number: int
    held: Any


class Descriptor:
    def __init__(self, held: Any) -> None:
        self.held = held

    def __get__(self, instance: object, owner: type | None = None) -> None:
        raise RuntimeError("a search asked for an attribute")


class Ids:
    """Hashable by identity, whatever it holds."""

    def __init__(self, held: Any) -> None:
        self.held = held


HOLDERS: dict[str, Callable[..., Any]] = {}
CALLABLE: set[str] = set()
HASHABLE: set[str] = set()


def holder(function: Callable[..., Any]) -> Callable[..., Any]:
    HOLDERS[function.__name__] = function
    return function


def for_callables(function: Callable[..., Any]) -> Callable[..., Any]:
    CALLABLE.add(function.__name__)
    return holder(function)


def for_hashables(function: Callable[..., Any]) -> Callable[..., Any]:
    HASHABLE.add(function.__name__)
    return holder(function)


# Containers.

@holder
def in_list(value: Any) -> Any:
    return [0, value]


@holder
def in_tuple(value: Any) -> Any:
    return (value, 1)


@holder
def in_dict(value: Any) -> Any:
    return {"k": value}


@holder
def in_dict_of_numbers(value: Any) -> Any:
    return {7: 0, (1, "x"): value}


@for_hashables
def as_key(value: Any) -> Any:
    return {value: 1}


@for_hashables
def in_set(value: Any) -> Any:
    return {value, 1}


@for_hashables
def in_frozenset(value: Any) -> Any:
    return frozenset([value])


@holder
def in_deque(value: Any) -> Any:
    return collections.deque([1, value])


@holder
def in_defaultdict(value: Any) -> Any:
    made = collections.defaultdict(list)
    made["x"].append(value)
    return made


@for_callables
def as_default_factory(value: Any) -> Any:
    return collections.defaultdict(value)


@holder
def in_ordered(value: Any) -> Any:
    return collections.OrderedDict({1: value})


@holder
def in_own_dict(value: Any) -> Any:
    return Keyed(k=value)


@holder
def in_own_list(value: Any) -> Any:
    return Listed([value])


@holder
def in_user_dict(value: Any) -> Any:
    return collections.UserDict({"k": value})


@holder
def in_user_list(value: Any) -> Any:
    return collections.UserList([value])


@holder
def in_chain_map(value: Any) -> Any:
    return collections.ChainMap({}, {"k": value})


@holder
def in_named_tuple(value: Any) -> Any:
    return Pair(1, value)


@holder
def in_mapping_proxy(value: Any) -> Any:
    return types.MappingProxyType({"k": value})


@holder
def in_queue(value: Any) -> Any:
    made: queue.Queue[Any] = queue.Queue()
    made.put(value)
    return made


@holder
def in_weak_keys(value: Any) -> Any:
    made: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()
    key = Box()
    made[key] = value
    return [made, key]


# Attributes.


@holder
def as_attribute(value: Any) -> Any:
    box = Box()
    box.attribute = value
    return box


@holder
def as_attribute_of_a_dictionary(value: Any) -> Any:
    box = Box()
    box.attribute = value
    box.__dict__
    return box


@holder
def as_slot(value: Any) -> Any:
    slotted = Slotted()
    slotted.held = value
    return slotted


@holder
def in_data(value: Any) -> Any:
    return Data(1, value)


@holder
def in_namespace(value: Any) -> Any:
    return types.SimpleNamespace(held=value)


@holder
def in_hidden_module(value: Any) -> Any:
    made = types.ModuleType("hidden")
    made.held = value
    return [made]


@holder
def as_class_attribute(value: Any) -> Any:
    return type("T", (), {"at": value, "__module__": "holders"})


@holder
def in_descriptor(value: Any) -> Any:
    return type("T", (), {"at": Descriptor(value), "__module__": "holders"})


@holder
def in_exception(value: Any) -> Any:
    return ValueError(value)


@holder
def in_cause(value: Any) -> Any:
    made = ValueError()
    made.__cause__ = KeyError(value)
    return made


@holder
def in_traceback(value: Any) -> Any:
    def fail(local: list[Any], errors: list[ValueError]) -> None:
        own = local.pop()
        try:
            raise ValueError
        except ValueError as error:
            errors.append(error)

    errors: list[ValueError] = []
    thread = threading.Thread(target=fail, args=([value], errors))
    thread.start()
    thread.join()
    return errors[0]


def hold(choose: Any, value: Any, depth: int) -> tuple[Any, list[str]]:
    """Holders around holders; the innermost refers to `value` once. Answers also their names."""
    names = []
    for _ in range(depth):
        kinds = [name for name in HOLDERS if (name not in CALLABLE or callable(value))
                 and (name not in HASHABLE or _hashable(value))]
        name = choose.choice(kinds)
        names.append(name)
        value = HOLDERS[name](value)
    return value, names


def _hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


import stale_callables  # noqa: E402, F401  (adds its holders)
