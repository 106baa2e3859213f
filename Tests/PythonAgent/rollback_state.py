"""Everything that a program's modules lead to, by identity and in order: two of these are compared around a rollback."""

from __future__ import annotations

import _abc
import collections
import functools
import gc
import sys
import types
import weakref
from typing import Any

_LAYOUT = (types.GetSetDescriptorType, types.MemberDescriptorType)
_ABSTRACT = 1 << 20  # Py_TPFLAGS_IS_ABSTRACT
_PARTS = ("__code__", "__defaults__", "__kwdefaults__", "__doc__", "__name__", "__qualname__", "__module__")
_LRU = type(functools.lru_cache(lambda: None))
_LEAVES = (int, str, bytes, float, complex, type(None), types.CodeType, range)


class State:
    """Facts by path. Holds all objects that it has seen, so that no other one can get their ids."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.facts: dict[str, Any] = {}
        self._held: list[Any] = [self]
        self._seen: set[int] = set()
        self._names = names
        self.facts["sys.modules"] = [(name, id(module)) for name, module in sys.modules.items()]
        waiting: list[tuple[str, Any]] = [(name, vars(sys.modules[name])) for name in names if name in sys.modules]
        while waiting:
            path, value = waiting.pop()
            if id(value) in self._seen or isinstance(value, _LEAVES):
                continue
            self._seen.add(id(value))
            self._held.append(value)
            fact, parts = self._fact(value)
            if fact is not None:
                self.facts[path] = (id(value), fact)
            waiting += [(f"{path}{where}", part) for where, part in parts]
        self.facts["classes"] = sorted(map(id, self._classes()))

    def differences(self, later: State) -> list[str]:
        keys = self.facts.keys() | later.facts.keys()
        return [f"{key}: {self.facts.get(key)} was, {later.facts.get(key)} is"
                for key in sorted(keys) if self.facts.get(key) != later.facts.get(key)]

    def _classes(self) -> list[type]:
        """Also those that no name leads to."""
        found, waiting = {}, [object]
        while waiting:
            for derived in type.__subclasses__(waiting.pop()):
                if id(derived) not in found:
                    found[id(derived)] = derived
                    waiting.append(derived)
        return [cls for cls in found.values() if cls.__dict__.get("__module__") in self._names]

    def _ids(self, values: Any) -> Any:
        values = list(values)
        self._held += values
        return [id(value) for value in values]

    def _items(self, mapping: Any) -> tuple[Any, list[tuple[str, Any]]]:
        """Keys by identity too, as a dict keeps the first of equal ones."""
        items = list(mapping.items())
        parts = [(f"[{number}]" if not isinstance(key, str) else f".{key}", value) for number, (key, value) in enumerate(items)]
        parts += [(f"<key {number}>", key) for number, (key, _) in enumerate(items)]
        return [(key if isinstance(key, str) else id(key), id(value)) for key, value in items], parts

    def _fact(self, value: Any) -> tuple[Any, list[tuple[str, Any]]]:
        kind = type(value)
        if kind is types.FunctionType:
            return self._function(value)
        if issubclass(kind, types.ModuleType):
            return None, []
        if issubclass(kind, type):
            return self._class(value)
        if kind is types.CellType:
            try:
                return id(value.cell_contents), [("<>", value.cell_contents)]
            except ValueError:
                return "empty", []
        if kind is property:
            return (self._ids((value.fget, value.fset, value.fdel)), value.__doc__), [
                (".fget", value.fget), (".fset", value.fset), (".fdel", value.fdel)]
        if kind in (staticmethod, classmethod):
            return (id(value.__func__), sorted(vars(value))), [(".__func__", value.__func__)]
        if kind is types.MethodType:
            return self._ids((value.__func__, value.__self__)), [(".__func__", value.__func__), (".__self__", value.__self__)]
        if kind is functools.partial:
            return (id(value.func), self._ids(value.args), self._ids(value.keywords.values())), [
                (".func", value.func), (".args", value.args), (".keywords", value.keywords)]
        if kind is _LRU:
            return self._items(vars(value))[0], [(".__dict__", vars(value))]
        if kind in (types.GeneratorType, types.CoroutineType):
            frame = value.gi_frame if kind is types.GeneratorType else value.cr_frame
            return (None if frame is None else (id(frame.f_code), frame.f_lasti)), []
        if isinstance(value, (weakref.WeakKeyDictionary, weakref.WeakValueDictionary)):
            return self._items(dict(value.items()))
        if isinstance(value, weakref.WeakSet):
            return sorted(self._ids(value)), []
        if isinstance(value, weakref.ref):
            return id(value()), []
        inside, parts = self._instance(value)
        if isinstance(value, (dict, types.MappingProxyType)):
            fact, more = self._items(value)
            return (inside, fact), parts + more
        if isinstance(value, (list, tuple, collections.deque)):
            return (inside, self._ids(value)), parts + [(f"[{number}]", each) for number, each in enumerate(value)]
        if isinstance(value, (set, frozenset)):
            return (inside, sorted(self._ids(value))), parts + [("{}", each) for each in value]
        return inside, parts

    def _function(self, value: types.FunctionType) -> tuple[Any, list[tuple[str, Any]]]:
        parts = [(f".{name}", getattr(value, name)) for name in _PARTS]
        self._held += [part for _, part in parts]
        annotations, more = self._items(value.__annotations__)
        attributes, held = self._items(vars(value))
        cells = list(value.__closure__ or ())
        fact = [[id(part) for _, part in parts], annotations, attributes, self._ids(cells)]
        if sys.version_info >= (3, 12):
            fact.append(self._ids(value.__type_params__))
        if value.__globals__.get("__name__") not in self._names:
            parts = []  # a wrapper that a library has made: what it wraps is the program's
        return fact, parts + more + held + [(f"<{number}>", cell) for number, cell in enumerate(cells)]

    def _class(self, value: type) -> tuple[Any, list[tuple[str, Any]]]:
        inside = type.__getattribute__(value, "__dict__")
        if inside.get("__module__") not in self._names:
            return None, []
        items = [(name, each) for name, each in inside.items() if name not in ("__dict__", "__weakref__", "_abc_impl")]
        self._held += [each for _, each in items]
        fact: list[Any] = [
            [(name, id(each)) for name, each in items], self._ids(value.__bases__), self._ids(value.__mro__), type(value).__name__,
            sorted(self._ids(type.__subclasses__(value))), value.__name__, value.__qualname__, value.__flags__ & _ABSTRACT,
        ]
        if "_abc_impl" in inside:
            registry, _, _, _ = _abc._get_dump(value)
            fact.append(sorted(self._ids(each() for each in registry)))
        return fact, [(f".{name}", each) for name, each in items if type(each) not in _LAYOUT]

    def _instance(self, value: Any) -> tuple[Any, list[tuple[str, Any]]]:
        fact: list[Any] = [id(type(value))]
        parts: list[tuple[str, Any]] = [(".__class__", type(value))]
        try:
            inside = object.__getattribute__(value, "__dict__")
        except AttributeError:
            inside = {}
        if type(inside) is dict:
            found, more = self._items(inside)
            fact.append(found)
            parts += more
        for base in type(value).__mro__:
            for name, slot in type.__getattribute__(base, "__dict__").items():
                if type(slot) is types.MemberDescriptorType and base.__module__ in self._names:
                    try:
                        held = slot.__get__(value)
                    except AttributeError:
                        fact.append((name, None))
                        continue
                    fact.append((name, id(held)))
                    parts.append((f".{name}", held))
        return fact, parts


def state(names: tuple[str, ...]) -> State:
    """Of these modules. What only the collector frees is freed before: classes that a statement made."""
    gc.collect()
    return State(names)
