"""What a definition did by decorators and base classes that it no longer has, or calls otherwise: registered itself, mostly.

Found by looking for the definition, and for its name, in what those can reach. What they set on the function itself is
taken back; that it is still registered is said.
"""

from __future__ import annotations

import sys
from _collections import deque
from opcode import opname
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType

from .patch_called import bases_of
from .patch_contents import VALUE, own_attributes
from .patch_merge import content, dispatched
from .patch_repeats import STILL_THERE
from .patch_traces import PURE
from .patch_values import is_data
from .stale_objects import nested_codes, type_dict
from .transaction import ABSENT, attributes_of, namespace_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .patch import Patch
    from .patch_execution import Execution
    from .transaction import Transaction

_MOST = 5_000  # objects that are looked at for one definition
_MOST_FUNCTIONS = 200
_ITEMS = (list, tuple, set, frozenset, deque)
_LEAVES = (str, bytes, int, float, complex, bool, type(None), ModuleType, CodeType, BuiltinFunctionType)


class Undone:
    """One definition; to be made before anything is executed."""

    def __init__(self, patch: Patch, entry: tuple[int, str, Any, Any, Any, bool]) -> None:
        self._patch = patch
        self._change, self._symbol, lost, otherwise, kept, self._is_gone = entry
        self._object = at(patch.namespace, self._symbol)
        self._leaves = any(given[2] == "register" for given in lost) and not any(given[2] == "register" for given in kept)
        self._lost = list(filter(_is_known, (value_of(patch, given) for given in lost)))
        self._kept = [value_of(patch, given) for given in kept]
        self._otherwise = list(filter(_is_known, (value_of(patch, given) for given in otherwise)))
        self._places, self._others = (
            self._found(values, self._object) if values and self._object is not ABSENT else {}
            for values in (self._lost, self._otherwise)
        )
        self._attributes = _attributes(self._object)

    def leave_dispatch(self) -> None:
        """A function that is gone, or not registered any more, does not answer for the class with which it was (`functools.singledispatch`)."""
        for function in (*self._lost, *self._dispatchers()) if self._is_gone or self._leaves else ():
            register = function.__dict__.get("register") if type(function) is FunctionType else None
            held = dispatched(register) if type(register) is FunctionType else {}
            if held:
                self._patch.transaction.flush()  # functions are known by their code
                left = {cls: each for cls, each in held.items() if not self._is_left(each)}
                if len(left) < len(held):
                    self._patch.transaction.replace_contents(held, left)
                    for cell in register.__closure__ or ():
                        results = getattr(content(cell), "data", None) if type(content(cell)).__name__ == "WeakKeyDictionary" else None
                        if type(results) is dict:
                            self._patch.transaction.replace_contents(results, {})
                    self._patch.session.behaves(str(function.__module__), function.__qualname__)

    def _dispatchers(self) -> list[Any]:
        """The functions behind the methods of a class that dispatch by what they are given (`functools.singledispatchmethod`)."""
        owner = at(self._patch.namespace, self._symbol.rpartition(".")[0]) if "." in self._symbol else None
        kind = sys.modules["functools"].__dict__.get("singledispatchmethod") if "functools" in sys.modules else None
        if not issubclass(type(owner), type) or kind is None:
            return []
        return [own_attributes(each).get("dispatcher") for each in list(type_dict(owner).values()) if type(each) is kind]

    def _is_left(self, value: Any) -> bool:
        value = _function(value)
        if not self._is_gone:
            return value is not None and value is _function(self._object)
        if type(value) is not FunctionType or value.__globals__ is not self._patch.namespace:
            return False
        return value.__code__.co_qualname == self._symbol and not self._patch.is_new(value.__code__)

    def say(self) -> None:
        """After everything has been executed."""
        now = at(self._patch.namespace, self._symbol)
        registries = {place for place in self._found(self._kept, now) if type(place[1]) in (str, tuple)} if self._kept else set()
        stays = any(place not in registries for place in self._places.keys() & self._found(self._lost, now).keys())
        if self._others and not stays:
            # called with other arguments it has put the definition elsewhere, and not in the place of what it put before
            places = self._found(self._otherwise, now)
            kept = [place for place, (_, item) in self._others.items() if place in places and places[place][1] is item]
            stays = bool(kept) and not places.keys() <= self._others.keys()
        change = self._patch.changes[self._change]
        said = any(each["symbol"] == change["symbol"] and not each["applied"] for each in self._patch.changes)
        if stays and not said:
            change["applied"] = False
            change["reason"] = STILL_THERE
        if self._is_gone or not self._attributes:
            return
        function = _function(now)
        if function is None or function.__dict__ is not self._attributes[1]:
            return
        names = _names(self._lost) - _names(self._kept)
        for name in self._attributes[0] & function.__dict__.keys() & names:
            self._patch.transaction.delete_item(function.__dict__, name)

    def _found(self, values: list[Any], definition: Any) -> dict[tuple[int, Any], tuple[Any, Any]]:
        """The places that hold the definition, or its name: the container's id, and where in it; with the container, and
        what is there.
        """
        targets = {id(definition), id(_function(definition))} - {id(None), id(ABSENT)}
        if self._is_gone:
            targets = set()  # who holds the object is found by the search for what is stale
        stood_in = self._patch.session.stood_in
        targets |= {made for made, kept in stood_in.items() if kept in targets}
        name = self._symbol.rpartition(".")[2]
        found: dict[tuple[int, Any], tuple[Any, Any]] = {}
        seen: set[int] = set()
        waiting = deque(_inside(values))
        while waiting and len(seen) < _MOST:
            value = waiting.popleft()
            if id(value) in seen or issubclass(type(value), _LEAVES):
                continue
            seen.add(id(value))
            if issubclass(type(value), dict):
                for key, item in list(dict.items(value)):
                    if id(item) in targets or type(item) is str and item == name or type(key) is str and key == name:
                        if type(key) is str or type(key) is int or type(key) is tuple and is_data(key):
                            found[id(value), key] = value, item
                    waiting.append(item)
            elif type(value) in _ITEMS:
                for item in list(value):
                    if id(item) in targets or type(item) is str and item == name:
                        found[id(value), None] = value, item
                    waiting.append(item)
            elif type(value) is MethodType:
                waiting.append(value.__self__)
            elif not issubclass(type(value), type) and type(value) is not FunctionType:
                waiting.append(_own(value))
        return found


def holds(values: list[Any], target: Any) -> bool:
    """Whether these lead to an object by what they have at hand."""
    seen: set[int] = set()
    waiting = deque([*values, *_inside(values)])
    while waiting and len(seen) < _MOST:
        value = waiting.popleft()
        if value is target:
            return True
        if id(value) in seen or issubclass(type(value), _LEAVES):
            continue
        seen.add(id(value))
        if issubclass(type(value), dict):
            waiting += dict.values(value)
        elif type(value) in _ITEMS:
            waiting += value
        elif type(value) is MethodType:
            waiting.append(value.__self__)
        elif not issubclass(type(value), type) and type(value) is not FunctionType:
            waiting.append(_own(value))
    return False


def _inside(values: list[Any]) -> list[Any]:
    """What functions, methods, classes and objects have at hand, and what the functions have that they call."""
    found: list[Any] = []
    seen: set[int] = set()
    waiting = list(values)
    while waiting and len(seen) < _MOST_FUNCTIONS:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if type(value) is MethodType:
            waiting += [value.__self__, value.__func__]
        elif type(value) is FunctionType:
            names = _speaks_of(value.__code__)
            waiting += [item for name, item in list(value.__globals__.items()) if name in names]
            for cell in value.__closure__ or ():
                try:
                    waiting.append(cell.cell_contents)
                except ValueError:
                    pass
        elif issubclass(type(value), type):
            for base in type.__getattribute__(value, "__mro__"):
                for name, item in list(type.__getattribute__(base, "__dict__").items()):
                    if (issubclass(type(item), dict) or type(item) in _ITEMS) and name[:2] != "__":
                        found.append(item)
        else:
            found.append(value)
    return found


def value_of(patch: Patch, given: tuple[str | None, str, str | None]) -> Any:
    module, name, attribute = given
    namespace = patch.namespace if module is None else namespace_of(sys.modules.get(module))
    value = at(namespace or {}, name)
    if attribute is None or value is ABSENT:
        return value
    inner = namespace_of(value)
    if inner is not None:
        return inner.get(attribute, ABSENT)
    if issubclass(type(value), type):
        return at({"it": value}, f"it.{attribute}")
    return value  # a method of an object: what counts is the object


def at(namespace: dict[str, Any], symbol: str) -> Any:
    first, *rest = symbol.split(".")
    value = namespace.get(first, ABSENT)
    for part in rest:
        inner = namespace_of(value)
        if inner is None:
            if not issubclass(type(value), type):
                return ABSENT
            inner = type.__getattribute__(value, "__dict__")
        value = inner.get(part, ABSENT)
    return value


def _is_known(value: Any) -> bool:
    """Whether it can have registered something of the program's."""
    return value is not ABSENT and type(value) is not BuiltinFunctionType and value is not object and value is not type


def _function(value: Any) -> Any:
    if type(value) in (staticmethod, classmethod, MethodType):
        value = value.__func__
    elif type(value) is property:
        value = value.fget
    return value if type(value) is FunctionType else None


def _attributes(value: Any) -> tuple[set[str], dict[str, Any]] | None:
    """The names of a function's own attributes, and its dictionary."""
    function = _function(value)
    return None if function is None else ({name for name in function.__dict__ if name[:2] != "__"}, function.__dict__)


def _names(values: list[Any]) -> set[str]:
    return {name for value in map(_function, values) if value is not None for name in _speaks_of(value.__code__)}


def _speaks_of(code: CodeType) -> set[str]:
    found = set(code.co_names)
    for constant in code.co_consts:
        if type(constant) is CodeType:
            found |= _speaks_of(constant)
    return found


def _own(value: Any) -> Any:
    """The attributes of an object or of a class."""
    if issubclass(type(value), type):
        return type.__getattribute__(value, "__dict__")
    if type(value).__module__ in ("builtins", "_thread", "threading"):
        return None
    return attributes_of(value)


def still_set(execution: Execution, entry: dict[str, Any]) -> bool:
    """For a statement that sets names by `setattr` and the like: whether one that it does not set any more, by its text or
    by what it reads, is in the module or on an object that it reads.
    """
    names = set(entry["named"])
    for module, name, attribute in entry["inputs"]:
        mark = execution.session.marks.get((execution.name if module is None else module, name))
        if mark is not None and attribute is None and name not in entry["binds"]:
            names |= _texts(mark.old) - _texts(value_of(execution.patch, (module, name, None)))
    if not names:
        return False
    values = [value_of(execution.patch, given) for given in entry["inputs"]]
    holders = [dict.keys(each) if issubclass(type(each), dict) else _own(each) for each in values]
    return any(not names.isdisjoint(held) for held in (execution.namespace, *holders) if held is not None)


def did_otherwise(execution: Execution, entry: dict[str, Any]) -> bool:
    """For a statement that calls what is another function now: whether the one that it called before did more, by what their code says."""
    for module, name, attribute in entry["calls"]:
        module = execution.name if module is None else module
        now = execution.session.called(module, name, attribute)
        if not _does(_called_before(execution, module, name, attribute, now)) <= _does(now):
            return True
    return False


def _called_before(execution: Execution, module: str, name: str, attribute: str | None, now: Any) -> Any:
    session = execution.session
    value = session.live(module, name)
    if attribute is not None and issubclass(type(value), ModuleType):
        module, name, attribute, value = str((namespace_of(value) or {}).get("__name__")), attribute, None, now
    mark = session.marks.get((module, name))
    if mark is not None and mark.level >= VALUE:
        return _attribute(mark.old, attribute, execution.transaction) if attribute is not None else mark.old
    for base in bases_of(value, execution.transaction) if attribute is not None else ():
        inside = execution.transaction.members(base)
        mark = session.marks.get((str(inside.get("__module__")), type.__getattribute__(base, "__qualname__")))
        if mark is not None and mark.replaced.get(attribute, ABSENT) is not ABSENT:
            return mark.replaced[attribute]
        if attribute in inside and (mark is None or attribute not in mark.replaced):
            return inside[attribute]
    return now


def _attribute(value: Any, name: str, transaction: Transaction) -> Any:
    for base in bases_of(value, transaction):
        inside = type.__getattribute__(base, "__dict__")
        if name in inside:
            return inside[name]
    return ABSENT


def _does(value: Any) -> set[str]:
    """Names by which a function changes something, or calls what does."""
    function = _function(value)
    if function is None:
        return set()
    codes = list(nested_codes(function.__code__))
    filled = {"[]" for code in codes if any(opname[operation] == "STORE_SUBSCR" for operation in code.co_code[::2])}
    return _speaks_of(function.__code__) - PURE - {"print"} | filled


def _texts(value: Any) -> set[str]:
    if type(value) is str:
        return {value}
    if type(value) is dict or type(value) in _ITEMS:
        return {item for item in list(value) if type(item) is str}
    return set()
