"""What a program answers: the same questions to a patched program and to one that has just started."""

from __future__ import annotations

import asyncio
import collections
import copy
import enum
import functools
import inspect
import re
import types
from typing import Any

from random_programs import BUILT

_SKIPPED = frozenset(("asyncio", "collections", "contextlib", "enum", "functools", "typing", "abc"))
_DEEPEST = 6


def probe(module: types.ModuleType) -> dict[str, Any]:
    """By each of the module's names. All its functions can be called without arguments."""
    return {
        name: describe(value, 0)
        for name, value in sorted(vars(module).items())
        if is_probed(name)
    }


def is_probed(name: str) -> bool:
    return not (name.startswith("__") and name.endswith("__")) and name not in BUILT and name not in _SKIPPED


def describe(value: Any, depth: int = 0) -> Any:
    try:
        return "deep" if depth > _DEEPEST else _described(value, depth)
    except RecursionError:
        return "raises RecursionError"
    except Exception as error:
        return ("raises", type(error).__name__, str(error).split(" at 0x")[0].split(".<locals>")[0])


def _described(value: Any, depth: int) -> Any:
    kind = type(value)
    if isinstance(value, enum.Enum):
        return ("member", value.name, describe(value.value, depth + 1))
    if isinstance(value, types.ModuleType):
        return ("module", value.__name__)
    if kind is types.FunctionType:
        return _function(value, depth)
    if kind is types.MethodType or kind is functools.partial:
        return ("call", _called(value, depth))
    if hasattr(value, "cache_info"):
        return ("cache", _called(value, depth), _function(value.__wrapped__, depth + 1))
    if isinstance(value, type):
        return _class(value, depth)
    if _is_program(kind) and not isinstance(value, tuple):
        return ("instance", kind.__name__, _attributes(value, depth))
    if kind in (list, tuple):
        return [kind.__name__, *(describe(each, depth + 1) for each in value)]
    if kind in (dict, collections.Counter):
        return {_text(key): describe(each, depth + 1) for key, each in value.items()}
    if kind in (set, frozenset):
        return [kind.__name__, *sorted(map(_text, value))]  # in no order of their own
    return _text(value)


def _function(value: types.FunctionType, depth: int) -> Any:
    if value.__name__ in BUILT or value.__name__.startswith("make_") or value.__code__.co_argcount > len(value.__defaults__ or ()):
        return "function"
    return ("function", value.__name__, _doc(value), value.__code__.co_firstlineno, _text(value.__defaults__),
            _text(value.__kwdefaults__), _text(value.__annotations__), _called(value, depth))


def _called(value: Any, depth: int) -> Any:
    # Called so, nothing is specialised: 3.12 ends where one call site comes to two functions of one version (CPython 116916).
    result = value(*())
    if inspect.iscoroutine(result) or inspect.isgenerator(result) or isinstance(result, _CONTEXT):
        other = value(*())
        if other is result:  # one that the program keeps: it can be run only once, and is state from then on
            return ("kept", _text(result))
        (other.gen if isinstance(other, _CONTEXT) else other).close()
    if inspect.iscoroutine(result):
        return ("coroutine", describe(asyncio_run(result), depth + 1))
    if inspect.isgenerator(result):
        return ("generator", [describe(each, depth + 1) for each in result])
    if isinstance(result, _CONTEXT):
        with result as inside:
            return ("context", describe(inside, depth + 1))
    return describe(result, depth + 1)


_CONTEXT = __import__("contextlib")._GeneratorContextManager


def asyncio_run(coroutine: Any) -> Any:
    """Without an event loop where nothing waits: that costs a millisecond."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    coroutine.close()
    return asyncio.sleep


def _is_program(kind: type) -> bool:
    return kind.__module__.partition(".")[0] in ("a", "b", "c", "d", "e", "p")


def _class(value: type, depth: int) -> Any:
    if not _is_program(value):
        return _text(value)
    bases = [f"{base.__module__}.{base.__qualname__}" for base in value.__mro__]
    if issubclass(value, enum.Enum):
        return ("enum", bases, [describe(member, depth + 1) for member in value],
                [describe(member.m(), depth + 1) for member in value if hasattr(member, "m")],
                [value(member.value) is member for member in value])
    instance = value()
    return ("class", value.__qualname__, _doc(value), bases, _text(value.__dict__.get("__annotations__")),
            describe(instance, depth + 1), [describe(each, depth + 1) for each in _of_class(value)])


def _of_class(value: type) -> list[Any]:
    return [vars(value)[name] for name in sorted(vars(value)) if isinstance(vars(value)[name], (int, list, tuple, str)) and not name.startswith("__")]


def _attributes(value: Any, depth: int) -> Any:
    found = []
    for name in sorted(dir(value)):
        if not (name.startswith("__") and name.endswith("__")) and name not in ("add_note", "with_traceback", "args"):
            found.append((name, describe(_Attribute(value, name), depth + 1) if depth < _DEEPEST else "deep"))
    return [found, _text(value) if type(value).__repr__ is not object.__repr__ else "", value == value]


class _Attribute:
    """An attribute to be read, and called if it can be, while its value is described."""

    def __new__(cls, owner: Any, name: str) -> Any:
        try:
            return getattr(owner, name)
        except Exception as error:
            return ("raises", type(error).__name__)


def _doc(value: Any) -> str | None:
    """A dataclass has its defaults in it."""
    return None if value.__doc__ is None else re.sub(r" at 0x[0-9a-f]+", "", value.__doc__)


def _text(value: Any) -> str:
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))[:200]


def again(instance: Any, cls: type) -> Any:
    """A new instance of `cls` with the state of `instance`: what that must be as good as."""
    if issubclass(type(instance), BaseException):
        return cls(*instance.args)
    if issubclass(type(instance), tuple):
        return tuple.__new__(cls, (*instance, *cls()[len(instance):])[: len(cls())])  # with the fields that there are now
    made = cls.__new__(cls)
    for name in getattr(type(instance), "__slots__", ()):
        if hasattr(instance, name):
            object.__setattr__(made, name, getattr(instance, name))
    if hasattr(instance, "__dict__"):
        made.__dict__.update(copy.copy(vars(instance)))
    return made
