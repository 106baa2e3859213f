"""What a module of real code is: everything that can be seen of its names, down to bytecode and line numbers, and what its
functions answer to a few arguments.
"""

from __future__ import annotations

import builtins
import collections
import dis
import enum
import functools
import hashlib
import inspect
import os
import re
import signal
import sys
import types
import weakref
from typing import Any, Callable

_DEEPEST = 12
_UNSEEN = frozenset(
    (
        "__dict__",
        "__weakref__",
        "__abstractmethods__",
        "_abc_impl",
        "__cached__",
        "__builtins__",
        "__file__",
        "__spec__",
        "__loader__",
        "_abc_registry",
        "_abc_cache",
        "_abc_negative_cache",
        "_abc_negative_cache_version",
        "__dataclass_params__",
        "__warningregistry__",
    )
)
_UNSEEN_IN_MODULES = _UNSEEN | {"__annotations__"}
_ARGUMENTS: tuple[tuple[Any, ...], ...] = (
    (),
    ("a b=1",),
    (999,),
    (["b", "a"],),
    ({"a": 1},),
    ("1/2", 2),
    (b"ab", 3),
    ("a", "b c"),
    ([3, 1], 1, 2),
    ("x", "y", "z"),
)
TOO_LONG = "too long"
KEPT = 100  # descriptors from here on stay open


class TooLong(BaseException):
    """A call that would take for ever."""


class Seen:
    """Describes the values of a program's modules."""

    def __init__(self, names: tuple[str, ...], calls: bool = True) -> None:
        self.names = frozenset(names)
        self.calls = calls
        self.open: dict[int, int] = {}
        self.current = ""

    def module(self, name: str) -> dict[str, Any]:
        module = sys.modules[name]
        self.current = name
        found: dict[str, Any] = {}
        lazy = _bound_when_asked_for(module)
        for key, value in sorted(vars(module).items()):
            if key not in _UNSEEN_IN_MODULES and key not in lazy:
                found[key] = self.value(sorted(value) if key == "__all__" and type(value) is list else value, key)
        found["__doc__"] = _doc(vars(module).get("__doc__"))
        if self.calls:
            for key, value in sorted(vars(module).items()):
                if key in lazy:
                    continue
                if isinstance(value, types.FunctionType) and value.__module__ in self.names:
                    found[f"{key}.()"] = self._called(value)
                elif isinstance(value, type) and value.__module__ in self.names:
                    found[f"{key}.()"] = self._made(value)
        return found

    # Whatever it is

    def value(self, value: Any, path: str = "") -> Any:
        if id(value) in self.open:
            return ("above", len(self.open) - self.open[id(value)])
        if len(self.open) > _DEEPEST:
            return "deep"
        self.open[id(value)] = len(self.open)
        try:
            return self._value(value, path)
        except RecursionError:
            return "too deep"
        except Exception as error:
            return ("raises", type(error).__name__, _plain(str(error)))
        finally:
            del self.open[id(value)]

    def _value(self, value: Any, path: str) -> Any:
        kind = type(value)
        if value is None or kind in (bool, int, float, complex, str, bytes, type(...), type(NotImplemented)):
            return value if kind in (int, bool) and abs(value) < 1 << 99 else _plain(repr(value))
        if kind is types.FunctionType:
            if self._is_home(value, path):
                return self.function(value)
            return (
                ("function", f"{value.__module__}.{value.__qualname__}")
                if self._at_home(value)
                else ("another function", self.function(value))
            )
        if isinstance(value, type):
            if getattr(value, "__module__", None) not in self.names:
                return ("type", f"{value.__module__}.{value.__qualname__}")
            if self._is_home(value, path):
                return self.type(value)
            return ("class", f"{value.__module__}.{value.__qualname__}") if self._at_home(value) else ("another class", self.type(value))
        if kind is types.ModuleType:
            return ("module", value.__name__, sys.modules.get(value.__name__) is value)
        if kind in (staticmethod, classmethod):
            return (kind.__name__, self.value(value.__func__, path))
        if kind is property:
            return ("property", [self.value(each, path) for each in (value.fget, value.fset, value.fdel)], _doc(value.__doc__))
        if kind is functools.cached_property:
            return ("cached", self.value(value.func, path), value.attrname, _doc(value.__doc__))
        if kind is functools._lru_cache_wrapper:
            return ("lru_cache", self.value(value.__wrapped__, path), str(value.cache_parameters()))
        if kind is functools.partial:
            return ("partial", self.value(value.func), self.value(value.args), self.value(value.keywords), self.value(vars(value)))
        if kind is types.MethodType:
            return ("method", self.value(value.__func__), self.value(value.__self__))
        if kind is types.CodeType:
            return code(value)
        if kind is re.Pattern:
            return ("pattern", _plain(repr(value.pattern)), value.flags)
        if kind in (list, tuple):
            return (kind.__name__, [self.value(each) for each in value])
        if kind in (set, frozenset):
            return (kind.__name__, sorted((self.value(each) for each in value), key=repr))
        if isinstance(value, (dict, types.MappingProxyType)) and (kind.__module__ in ("builtins", "collections")):
            return (kind.__name__, sorted(((self.value(key), self.value(each)) for key, each in list(value.items())), key=repr))
        if kind is weakref.WeakSet:
            return ("weak set", sorted((self.value(each) for each in list(value)), key=repr))
        if kind is collections.deque:
            return ("deque", [self.value(each) for each in value])
        if isinstance(value, enum.Enum):
            return ("member", self.value(kind), value._name_, self.value(value._value_))
        if kind.__module__ in self.names:
            return self._instance(value)
        return (
            f"{kind.__module__}.{kind.__qualname__}",
            _plain(object.__repr__(value)) if kind.__repr__ is object.__repr__ else _plain(repr(value)),
        )

    def _instance(self, value: Any) -> Any:
        kind = type(value)
        found: dict[str, Any] = {"instance of": self.value(kind)}
        for base in (int, float, complex, str, bytes):
            if isinstance(value, base):
                found["as"] = _plain(base.__repr__(value))
        if isinstance(value, dict):
            found["items"] = [(self.value(key), self.value(each)) for key, each in dict.items(value)]
        elif isinstance(value, (list, tuple)):
            found["items"] = [self.value(each) for each in (list if isinstance(value, list) else tuple).__iter__(value)]
        if isinstance(value, BaseException):
            found["args"] = self.value(BaseException.__dict__["args"].__get__(value))
        try:
            attributes = object.__getattribute__(value, "__dict__")
        except AttributeError:
            attributes = {}
        found["attributes"] = {str(name): self.value(each) for name, each in sorted(attributes.items(), key=lambda item: str(item[0]))}
        for base in kind.__mro__:
            for name, each in vars(base).items():
                if type(each) is types.MemberDescriptorType and base.__module__ in self.names:
                    try:
                        found["attributes"][name] = self.value(each.__get__(value))
                    except AttributeError:
                        pass
        return found

    # Functions and classes

    def function(self, value: Any) -> Any:
        cells = []
        for cell in value.__closure__ or ():
            try:
                cells.append(self.value(cell.cell_contents))
            except ValueError:
                cells.append("empty")
        home = sys.modules.get(value.__module__)
        return {
            "name": (value.__module__, value.__qualname__, value.__name__),
            "doc": _doc(value.__doc__),
            "defaults": self.value(value.__defaults__),
            "kwdefaults": self.value(value.__kwdefaults__),
            "annotations": self.value(value.__annotations__),
            "dict": self.value(value.__dict__),
            "cells": cells,
            "globals": home is not None and value.__globals__ is vars(home),
            "types": _plain(repr(getattr(value, "__type_params__", ()))),
            **code(value.__code__),
        }

    def type(self, value: Any) -> Any:
        members = {}
        for name, each in sorted(type.__dict__["__dict__"].__get__(value).items(), key=lambda item: str(item[0])):
            if name in _UNSEEN or name == "__annotations__" and not each:
                continue
            if name == "__static_attributes__":
                each = sorted(each)
            elif name == "__doc__":
                each = _doc(each)
            members[str(name)] = self.value(each, f"{value.__qualname__}.{name}")
        return {
            "bases": [self.value(each) for each in value.__bases__],
            "mro": [_plain(f"{each.__module__}.{each.__qualname__}") for each in value.__mro__],
            "meta": self.value(type(value)),
            "members": members,
            "abstract": sorted(getattr(value, "__abstractmethods__", ())),
            "subclasses": sorted({f"{each.__module__}.{each.__qualname__}" for each in type.__subclasses__(value) if self._at_home(each)}),
            "flags": value.__flags__ & (1 << 8 | 1 << 10 | 1 << 20),
            "sizes": (value.__basicsize__, value.__dictoffset__ != 0, value.__weakrefoffset__ != 0),
            **({"hash": value.__hash__ is None, "order": _order(value)} if value.__module__ in self.names else {}),
        }

    def _is_home(self, value: Any, path: str) -> bool:
        """Whether this is the place where it has been defined."""
        return bool(path) and value.__qualname__ == path and value.__module__ == self.current and self._at_home(value)

    def _at_home(self, value: Any) -> bool:
        """Whether its own name leads to it."""
        if not isinstance(value.__module__, str) or not isinstance(value.__qualname__, str):
            return False
        found: Any = sys.modules.get(value.__module__)
        for name in value.__qualname__.split("."):
            if found is None:
                return False
            scope = type.__dict__["__dict__"].__get__(found) if isinstance(found, type) else getattr(found, "__dict__", {})
            found = scope.get(name)
            if type(found) in (staticmethod, classmethod):
                found = found.__func__
            elif type(found) is functools.cached_property:
                found = found.func
            elif type(found) is property and found.fget is not value:
                found = next((each for each in (found.fset, found.fdel) if each is value), found)
            elif type(found) is property:
                found = found.fget
        if type(found) is functools._lru_cache_wrapper:
            found = found.__wrapped__
        return found is value

    # Calls

    def _called(self, function: Any) -> Any:
        return [self._answer(functools.partial(function, *given)) for given in _fitting(function)]

    def _made(self, kind: Any) -> Any:
        found: list[Any] = []
        for given in _ARGUMENTS[:4]:
            made = _guarded(functools.partial(kind, *given))
            if isinstance(made, Raised):
                found.append(made.what)
                continue
            found.append(self.value(made))
            if isinstance(made, (str, int)) or not isinstance(made, kind):
                continue
            for name, each in sorted(vars(kind).items()):
                if isinstance(each, types.FunctionType) and (
                    not name.startswith("__") or name in ("__repr__", "__str__", "__len__", "__eq__", "__iter__", "__hash__")
                ):
                    for arguments in _fitting(functools.partial(each, made))[:1]:
                        found.append((name, self._answer(functools.partial(each, made, *arguments)) if name != "__hash__" else None))
                elif isinstance(each, property):
                    found.append((name, self._answer(functools.partial(getattr, made, name))))
            break
        return found

    def _answer(self, call: Callable[[], Any]) -> Any:
        answer = _guarded(call)
        if isinstance(answer, Raised):
            return answer.what
        if inspect.isgenerator(answer):
            items = []
            while len(items) < 5:
                item = _guarded(functools.partial(next, answer))
                if isinstance(item, Raised):
                    items.append(item.what)
                    break
                items.append(self.value(item))
            return ("generator", items)
        if inspect.iscoroutine(answer):
            answer.close()
            return ("coroutine", answer.__name__)
        return self.value(answer)


def _bound_when_asked_for(module: Any) -> set[str]:
    """Names that a module's `__getattr__` binds: whether they are there says who has asked, not what the text is."""
    hook = vars(module).get("__getattr__")
    code = hook.__code__ if isinstance(hook, types.FunctionType) else None
    return {each.argval for each in dis.get_instructions(code) if each.opname == "STORE_GLOBAL"} if code is not None else set()


class Raised:
    def __init__(self, what: Any) -> None:
        self.what = what


def _guarded(call: Callable[[], Any]) -> Any:
    """What a call answers, or how it ends. One that takes too long has no answer."""
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.1)
    signal.setitimer(signal.ITIMER_REAL, 1)
    try:
        return call()
    except TooLong:
        return Raised(TOO_LONG)
    except RecursionError:
        return Raised(("raises", "RecursionError"))
    except BaseException as error:  # also SystemExit: it is called with anything
        try:
            return Raised(("raises", type(error).__name__, _plain(str(error))))
        except BaseException:
            return Raised(("raises", type(error).__name__))
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)


def begin(folder: str) -> None:
    """In a process that only answers: whatever it opens or closes is its own. `folder`: where it may write."""
    os.chdir(folder)
    os.closerange(3, KEPT)

    def give_up(number: int, frame: Any) -> None:
        raise TooLong

    signal.signal(signal.SIGVTALRM, give_up)
    signal.signal(signal.SIGALRM, give_up)
    builtins.input = lambda *_: ""


def _fitting(function: Any) -> list[tuple[Any, ...]]:
    """Arguments that its parameters take."""
    try:
        signature = inspect.signature(function)
    except Exception:
        return []
    found = []
    for given in _ARGUMENTS:
        try:
            signature.bind(*given)
        except TypeError:
            continue
        found.append(given)
    return found[:3]


def code(value: types.CodeType) -> dict[str, Any]:
    lines = [line for _, _, line in value.co_lines()]
    return {
        "line": value.co_firstlineno,
        "lines": _digest(lines),
        "columns": _digest(list(value.co_positions())),
        "bytecode": _digest(value.co_code),
        "shape": (
            value.co_qualname,
            value.co_argcount,
            value.co_posonlyargcount,
            value.co_kwonlyargcount,
            value.co_flags,
            value.co_varnames,
            value.co_freevars,
            value.co_cellvars,
        ),
        "names": value.co_names,
        "consts": [code(each) if isinstance(each, types.CodeType) else _constant(each) for each in value.co_consts],
        "handlers": _digest(value.co_exceptiontable),
    }


def _constant(value: Any) -> str:
    return repr(sorted(map(repr, value))) if isinstance(value, frozenset) else _plain(repr(value))


def _digest(value: Any) -> str:
    return hashlib.md5(repr(value).encode()).hexdigest()[:8]


def _order(value: Any) -> list[str]:
    return list(getattr(value, "_member_names_", ())) + list(getattr(value, "__dataclass_fields__", ()))


def _doc(value: Any) -> Any:
    return _plain(value) if isinstance(value, str) else None if value is None else type(value).__name__


def _plain(text: str) -> str:
    return re.sub(r"0x[0-9a-fA-F]{6,}|(?<=with id=)[0-9]+|(?<=Executor-)[0-9]+", "0x", text)[:300]


def difference(want: Any, have: Any, path: str = "") -> str:
    """Where two descriptions first differ."""
    if type(want) is type(have) and isinstance(want, dict):
        for key in sorted(want.keys() | have.keys()):
            if want.get(key, "none") != have.get(key, "none"):
                return difference(want.get(key, "none"), have.get(key, "none"), f"{path}.{key}")
    if type(want) is type(have) and isinstance(want, (list, tuple)) and len(want) == len(have):
        for number, (one, other) in enumerate(zip(want, have)):
            if one != other:
                return difference(one, other, f"{path}[{number}]")
    return f"{path}: fresh {str(want)[:400]}, patched {str(have)[:400]}"
