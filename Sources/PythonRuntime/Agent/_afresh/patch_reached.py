"""What a statement may come to by the names that are spoken of on its way: methods of the objects that it uses, called by operators,
by functions of the interpreter, and by functions of modules that nobody edited.

Of which class an object is that a function calls a method of, nobody knows; but it is one of those that the statement uses, or that what it
calls makes. So a method counts if one of those has it, and something that may be executed speaks of its name.
"""

from __future__ import annotations

import builtins
import sys
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType

from .derived import derived
from .patch_caches import LRUCache, drop_cache, forget_lazy, is_lazy
from .patch_callbacks import called_by_name, calls_variable, with_comprehensions
from .patch_contents import VALUE, is_instance, operators, own_attributes
from .patch_inherited import MAKERS
from .patch_merge import content
from .patch_spoken import CALLED, METHODS, called_names
from .stale_objects import PARTIAL, nested_codes, type_dict, type_name, type_qualname
from .transaction import ABSENT, namespace_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .patch_called import Called
    from .patch_session import Mark

    Given = tuple[str | None, str, str | None]

_MOST_VALUES = 500
_MOST_PARTS = 100
_MOST_FUNCTIONS = 300
_DEEPEST = 3
_CONTAINERS = frozenset((list, tuple, set, frozenset, dict))
_OF_ATTRIBUTES = frozenset(("__setattr__", "__delattr__", "__getattribute__"))
_OF_DESCRIPTORS = frozenset(("__get__", "__set__"))  # of what classes have, not of their instances


def reached_changed(
    called: Called, own: str, entry: dict[str, Any], above: list[dict[str, Any]], since: int, is_data: bool
) -> Mark | None:
    """The mark of a method, or of what one uses, that a statement may come to and that does something else."""
    if any(mark.attributes for mark in called.marks.values()) or any("." in name for _, name in called.uses):
        reached = Reached(called, since, is_data)
        found = reached.changed(own, entry, above)
        if found is not None:
            reached.drop_results()
        return found
    return None


class Reached:
    """What one statement may come to."""

    def __init__(self, called: Called, since: int, is_data: bool) -> None:
        """`is_data`: what it gives is nothing but data, so that methods that are taken of something were called."""
        self._called = called
        self._is_data = is_data
        self._makers: tuple[str, ...] = MAKERS
        self._since = since
        self._values: set[int] = set()
        self._classes: dict[int, type] = {}
        self._direct: dict[int, type] = {}  # those of what the statement reads itself
        self._owners: dict[int, type] = {}  # of what it takes attributes of, or sets
        self._names: set[str] = set()
        self._attributes: set[str] = set()  # those that it takes of what nobody knows: `__getattr__` may make them up
        self._read_names: set[str] = set()  # those that are only read: of properties
        self._given: dict[int, type] = {}  # classes that it may call without a name for them
        self._draws = False  # whether it calls what has no name
        self._any = False  # whether special methods of any name may be called
        self._functions: dict[int, FunctionType] = {}
        self._waiting: list[FunctionType] = []
        self._looked: set[tuple[int, str]] = set()
        self._held: list[Any] = []  # what ids are of
        self._found: Mark | None = None
        self._caches: list[Any] = []  # what keeps results
        self._lazies: list[tuple[type, str]] = []

    def changed(self, own: str, entry: dict[str, Any], above: list[dict[str, Any]]) -> Mark | None:
        """The mark of what does something else. `above`: statements that have given names what it builds on."""
        if "." in entry["symbol"] and entry["kind"] == "value":  # in the body of a class
            self._makers = (*MAKERS, "__set_name__")
        for each in above:
            for given in (*each["inputs"], *each["calls"]):
                self._read(own, given)
        for given in entry["inputs"]:
            self._read(own, given)
        for given in (*entry["calls"], *entry["passed"]):
            self._call_named(own, given)
        for callees, values, _ in entry["given"]:
            if any(self._called.calls_back(own, each) for each in callees):
                for given in values:
                    self._call_named(own, given)
        special = operators(entry["code"]) - _OF_DESCRIPTORS
        if entry["calls"] or above:
            self._names |= special
        for kinds, names in ((self._direct, special), (self._owners, special & _OF_ATTRIBUTES)):
            for kind in kinds.values():
                for name in names:
                    self._look_up(kind, name)
        if entry["draws"]:
            self._names.add("__call__")
            self._draws = True
        return self._search()

    def drop_results(self) -> None:
        """Results that what has been called keeps: it would give them again."""
        for cache in self._caches:
            drop_cache(cache, self._called.transaction)
        for owner, name in self._lazies:
            forget_lazy(owner, name, self._called.transaction)
        if self._caches or self._lazies:
            self._called.transaction.flush()

    # What is used

    def _read(self, own: str, given: Given) -> None:
        value = self._live(own, given)
        self._use(value)
        for each in _parts(value) or (value,):
            if is_instance(each):
                self._direct[id(type(each))] = type(each)
        if given[2] is None:
            return
        self._read_names.add(given[2])
        if given[1] == "?":
            self._attributes.add(given[2])
        elif is_instance(owner := self._live(own, (given[0], given[1], None))):
            self._owners[id(type(owner))] = type(owner)
            if value is ABSENT:
                self._look_up(type(owner), "__getattr__")
        elif value is ABSENT and issubclass(type(owner), type):
            self._look_up(type(owner), "__getattr__")

    def _live(self, own: str, given: Given) -> Any:
        module, name, attribute = given
        if name == "?":
            return ABSENT
        value = self._called.live(own if module is None else module, name)
        if value is ABSENT and module is None and attribute is None:
            return builtins.__dict__.get(name, ABSENT)
        if attribute is not None and value is not ABSENT:
            self._use(value)
            if issubclass(type(value), ModuleType):
                return (namespace_of(value) or {}).get(attribute, ABSENT)
            kind = value if issubclass(type(value), type) else type(value)
            inside = own_attributes(value) if kind is not value else {}
            return inside.get(attribute, self._member(kind, attribute))
        return value

    def _member(self, kind: type, name: str) -> Any:
        for base in self._called.transaction.mro(kind):
            found = self._called.transaction.members(base).get(name, ABSENT)
            if found is not ABSENT:
                return found
        return ABSENT

    def _use(self, value: Any, depth: int = 0) -> None:
        """Takes an object, and what it holds, for one whose methods may be called."""
        if value is ABSENT or id(value) in self._values or len(self._values) > _MOST_VALUES or depth > _DEEPEST:
            return
        kind = type(value)
        if kind in _CONTAINERS:
            self._note(value)
            for each in _parts(value):
                self._use(each, depth + 1)
        elif kind is MethodType:
            self._use(value.__self__, depth)
        elif kind is PARTIAL:
            for each in (value.func, *value.args, *value.keywords.values()):
                self._use(each, depth)
        elif issubclass(kind, type):
            self._note(value)
            self._add(value)
            self._given[id(value)] = value
            if kind is not type:
                self._add(kind)
        elif is_instance(value):
            self._note(value)
            self._add(kind)
            for each in list(own_attributes(value).values()):
                self._use(each, depth + 1)

    def _note(self, value: Any) -> None:
        self._values.add(id(value))
        self._held.append(value)

    def _add(self, kind: type) -> None:
        if kind is not object and kind is not type:
            self._classes[id(kind)] = kind

    def _use_derived(self, *classes: type) -> None:
        for kind in derived(*classes).values():
            self._use(kind)

    # What is called

    def _call_named(self, own: str, given: Given) -> None:
        value = self._live(own, given)
        if given[2] is not None and not issubclass(type(value), type):
            self._names.update((given[2], *METHODS.get(given[2], ())))
        if given[2] == "__subclasses__" and issubclass(type(owner := self._live(own, (*given[:2], None))), type):
            self._use_derived(owner)
        self._call(value)

    def _call(self, value: Any) -> None:
        kind = type(value)
        if kind in (staticmethod, classmethod):
            value = value.__func__
            kind = type(value)
        if value is ABSENT:
            return
        self._use(value)
        if kind is FunctionType:
            self._execute(value)
        elif kind is MethodType:
            self._call(value.__func__)
        elif kind is PARTIAL:
            for each in (value.func, *value.args, *value.keywords.values()):
                if type(each) in (FunctionType, MethodType):
                    self._call(each)
        elif issubclass(kind, type):
            if type_dict(value).get("__module__", "builtins") == "builtins":
                self._call_builtin(value)
            for name in (*self._makers, "_missing_"):
                self._look_up(value, name)
            if kind is not type:
                self._look_up(kind, "__call__")
        elif kind is BuiltinFunctionType:
            self._call_builtin(value)
        elif kind is LRUCache:
            self._caches.append(value)
            self._call(value.__wrapped__)
        elif (name := called_by_name(value)) is not None:
            self._names.add(name)
        elif is_instance(value):
            self._look_up(kind, "__call__")
        if kind is FunctionType and type(wrapped := own_attributes(value).get("__wrapped__")) is FunctionType:
            self._execute(wrapped)

    def _call_builtin(self, value: Any) -> None:
        if issubclass(type(value), type):
            names = CALLED.get(type_name(value))
        else:
            names = CALLED.get(value.__name__) if value.__module__ == "builtins" else None
        if names is None:
            self._any = True
        else:
            self._names.update(names)

    def _execute(self, function: FunctionType) -> None:
        if id(function) not in self._functions and len(self._functions) < _MOST_FUNCTIONS:
            self._functions[id(function)] = function
            self._waiting.append(function)

    # The search

    def _search(self) -> Mark | None:
        while self._found is None:
            if self._waiting:
                self._follow(self._waiting.pop())
                continue
            for kind in list(self._classes.values()):
                names = self._names
                if self._any:
                    members = self._called.transaction.members
                    names = names | {name for base in self._called.transaction.mro(kind)[:-1] for name in members(base) if _is_special(name)}
                for name in list(names):
                    self._look_up(kind, name)
                if any(self._member(kind, name) is ABSENT for name in self._attributes):
                    self._look_up(kind, "__getattr__")
                for name in self._makers if self._draws and id(kind) in self._given else ():
                    self._look_up(kind, name)
                for name in self._read_names:
                    if type(self._member(kind, name)) not in (FunctionType, staticmethod, classmethod):
                        self._look_up(kind, name)
            if not self._waiting:
                break
        return self._found

    def _look_up(self, kind: type, name: str) -> None:
        """Takes a method for called."""
        if (id(kind), name) in self._looked:
            return
        self._looked.add((id(kind), name))
        called = self._called
        for base in called.transaction.mro(kind):
            if base is object:
                break
            inside = called.transaction.members(base)
            place = inside.get("__module__"), type_qualname(base)
            mark = called.marks.get(place)
            if mark is not None and mark.attributes.get(name, 0) > self._since:
                self._found = mark
            value = inside.get(name, ABSENT)
            if value is ABSENT:
                continue
            hides = True
            if is_lazy(value):
                self._lazies.append((base, name))
            for function in functions_of(value):
                self._execute(function)
                hides = _spoken(function).isdisjoint(("super", "mro", "__mro__", *map(type_name, called.transaction.mro(kind)[1:])))
            if type(value) in _CONTAINERS:
                self._use(value)
            if is_instance(value):
                self._use(value)
                for special in ("__get__", "__set__", "__delete__"):
                    self._look_up(type(value), special)
            if hides:
                break

    def _follow(self, function: FunctionType) -> None:
        called = self._called
        if called._is_altered(function) and not self._since:
            self._found = called.mark_of(called.stamp)
            return
        space = function.__globals__
        module = space.get("__name__")
        if not self._is_followed(function):
            self._any = True  # it may do anything with what it is given
            return
        names: set[str] = set()
        calls: set[str] = set()
        for code in self._codes(function.__code__):
            names.update(code.co_names)
            calls |= called_names(code)
            self._names |= operators(code) - _OF_DESCRIPTORS
            if calls_variable(code):
                self._make_given()
        self._names |= names if self._is_data else calls
        self._read_names |= names
        if "__subclasses__" in names:
            self._use_derived(*(each for each in self._classes.values() if each is not object))
        for cell in function.__closure__ or ():
            self._call(content(cell))
        modules = []
        for name in names:
            value = space.get(name, ABSENT)
            if value is ABSENT:
                value = builtins.__dict__.get(name, ABSENT)
            else:
                mark = called.marks.get((module, name)) if type(module) is str else None
                if mark is not None and mark.level >= VALUE and mark.stamp > self._since:
                    self._found = mark
            if issubclass(type(value), ModuleType):
                modules.append(value)
            else:
                self._speak(value, name in calls)
        for each in modules:
            inside = namespace_of(each) or {}
            for name in names & inside.keys() - space.keys():
                self._speak(inside[name], name in calls)

    def _is_followed(self, function: FunctionType) -> bool:
        return "." in function.__qualname__ or not _is_library(function.__globals__.get("__name__"))

    def _codes(self, code: CodeType) -> list[CodeType]:
        """Those of a function that may be executed when it is called."""
        return nested_codes(code) if self._is_data else with_comprehensions(code)

    def _make_given(self) -> None:
        """Something is called that has no name: a class that is given, perhaps."""

    def _speak(self, value: Any, is_called: bool) -> None:
        if is_called:
            self._call(value)
        else:
            self._use(value)


def _parts(value: Any) -> list[Any]:
    if type(value) not in _CONTAINERS:
        return []
    if type(value) is dict:
        return [*list(value)[:_MOST_PARTS], *list(value.values())[:_MOST_PARTS]]
    return list(value[:_MOST_PARTS] if type(value) in (list, tuple) else value)[:_MOST_PARTS]


def functions_of(value: Any) -> list[FunctionType]:
    if type(value) in (staticmethod, classmethod):
        value = value.__func__
    if type(value) is property:
        return [each for each in (value.fget, value.fset, value.fdel) if type(each) is FunctionType]
    if type(value) is FunctionType:
        return [value]
    return [value.func] if is_lazy(value) and type(value.func) is FunctionType else []


def _spoken(function: FunctionType) -> set[str]:
    return {name for code in nested_codes(function.__code__) for name in code.co_names}


def _is_special(name: str) -> bool:
    return name[:2] == "__" == name[-2:] and name not in MAKERS


def _is_library(module: Any) -> bool:
    return type(module) is str and module.partition(".")[0] in sys.stdlib_module_names
