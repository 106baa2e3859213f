"""What statements read that is the same object as before and still not the same to them: containers and objects with other
contents, objects whose operators do something else, functions that are taken out of something and called.
"""

from __future__ import annotations

import sys
from _functools import partial
from opcode import opmap
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType

from . import patch_callbacks
from .derived import derived
from .patch_merge import content
from .patch_registrations import CHANGERS
from .stale_objects import nested_codes
from .transaction import ABSENT, attributes_of, namespace_of, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .patch_session import Mark

BEHAVES, VALUE, REMOVED = 1, 2, 3  # levels of marks: the same value does something else, another value, none
_MAKERS = frozenset(("__init__", "__new__", "__post_init__", "__call__", "__set_name__"))
_ASKERS = frozenset(("isinstance", "issubclass", "hasattr", "getattr", "callable", "dir", "vars"))  # of classes, and of their instances
_ASKING = frozenset(opmap[name] for name in ("CHECK_EXC_MATCH", "CHECK_EG_MATCH", "MATCH_CLASS") if name in opmap)
_MOST_HELD = 200  # values that are looked at in containers
_BUILT_IN = frozenset((int, str, bytes, float, complex, bool, type(None), list, dict, set, tuple, frozenset, type))


def asks(calls: Any, code: CodeType | None, reads: Any = ()) -> bool:
    """Whether something asks classes what they have, or what they are: by a function that it calls, by a statement, or by
    `C.__dict__`.
    """
    if code is not None and not _ASKING.isdisjoint(code.co_code[::2]):
        return True
    return any(module is None and name in _ASKERS or attribute == "get_type_hints" for module, name, attribute in calls) or any(each[2] == "__dict__" for each in reads)


def operators(code: CodeType | None) -> frozenset[str]:
    """The special methods that the operators of a statement call."""
    found: set[str] = set()
    for operation in set(code.co_code[::2]) if code is not None else ():
        found |= _OPERATORS.get(operation, NONE)
    return frozenset(found)


def takes_out(code: CodeType | None) -> bool:
    """Whether a function, or one in it, calls what it has taken out of something, or what somebody gives to a lambda in it."""
    codes = nested_codes(code) if code is not None else ()
    given = (each for each in codes if each.co_name == "<lambda>" and each is not code)
    return any(map(patch_callbacks.takes_out, codes)) or any(map(patch_callbacks.calls_variable, given))


def is_instance(value: Any) -> bool:
    """Whether it is an object of a class of a program's or a library's own."""
    kind = type(value)
    return value is not ABSENT and kind not in _PLAIN and not issubclass(kind, (type, ModuleType))


def own_attributes(value: Any) -> dict[str, Any]:
    """An object's own attributes."""
    return attributes_of(value) or {}


_PLAIN = frozenset((*_BUILT_IN, FunctionType, MethodType, BuiltinFunctionType))
NONE: frozenset[str] = frozenset()
_BINARY = "add sub mul matmul truediv floordiv mod divmod pow lshift rshift and xor or".split()
_GETTERS = ["getitem", "missing", "class_getitem"]
_TRUTH = ["bool", "len"]
_OPERATORS = {
    opmap[name]: frozenset(f"__{each}__" for each in methods)
    for name, methods in {
        "BINARY_OP": [prefix + each for each in _BINARY for prefix in ("", "r", "i")] + ([] if "BINARY_SUBSCR" in opmap else _GETTERS),
        "COMPARE_OP": "eq ne lt le gt ge bool".split(),
        "CONTAINS_OP": "contains iter next getitem eq hash".split(),
        "BINARY_SUBSCR": [*_GETTERS, "hash", "eq"],
        "BINARY_SLICE": _GETTERS,
        "STORE_SUBSCR": ["setitem", "hash", "eq"],
        "DELETE_SUBSCR": ["delitem"],
        "LOAD_ATTR": ["getattribute", "get"],
        "LOAD_METHOD": ["getattribute", "get"],
        "STORE_ATTR": ["setattr", "set"],
        "DELETE_ATTR": ["delattr"],
        "UNARY_NEGATIVE": ["neg"],
        "UNARY_INVERT": ["invert"],
        "UNARY_POSITIVE": ["pos"],
        "CALL_INTRINSIC_1": ["pos"],
        "UNARY_NOT": _TRUTH,
        "TO_BOOL": _TRUTH,
        **{name: _TRUTH for name in opmap if name.startswith(("POP_JUMP_", "JUMP_IF_")) and "NONE" not in name},
        "GET_ITER": ["iter", "next", "getitem"],
        "GET_LEN": ["len"],
        "UNPACK_SEQUENCE": ["iter", "next", "getitem"],
        "UNPACK_EX": ["iter", "next", "getitem"],
        "LIST_EXTEND": ["iter", "next", "getitem", "len"],
        "SET_UPDATE": ["iter", "next", "getitem", "hash", "eq"],
        "DICT_UPDATE": ["keys", "getitem"],
        "FORMAT_VALUE": ["format", "str", "repr"],
        "FORMAT_SIMPLE": ["format", "str", "repr"],
        "FORMAT_WITH_SPEC": ["format", "str", "repr"],
        "CONVERT_VALUE": ["str", "repr"],
        "BEFORE_WITH": ["enter", "exit"],
        "LOAD_SPECIAL": ["enter", "exit", "aenter", "aexit"],
        "BEFORE_ASYNC_WITH": ["aenter", "aexit"],
        "GET_AWAITABLE": ["await"],
        "GET_AITER": ["aiter"],
        "GET_ANEXT": ["anext"],
        "BUILD_SET": ["hash", "eq"],
        "BUILD_MAP": ["hash", "eq"],
    }.items()
    if name in opmap
}


def _changes(function: FunctionType) -> bool:
    """Whether a function changes containers or attributes."""
    codes = nested_codes(function.__code__)
    return any(not _CHANGING.isdisjoint(code.co_code[::2]) or not CHANGERS.isdisjoint(code.co_names) for code in codes)


_CHANGING = frozenset(opmap[name] for name in ("STORE_ATTR", "DELETE_ATTR", "STORE_SUBSCR", "DELETE_SUBSCR", "STORE_GLOBAL"))


class Contents:
    """That part of a session."""

    if TYPE_CHECKING:
        contents: dict[int, tuple[Any, set[Any] | None, int]]
        altered: dict[int, FunctionType]
        altered_names: set[str]
        marks: dict[tuple[str, str], Mark]
        uses: dict[tuple[str, str], tuple[Any, Any, Any]]
        stamp: int

        def mark(self, module: str, name: str, level: int, old: Any = ABSENT) -> Mark: ...

        _touched: tuple[int, set[str]]
        live: Any
        transaction: Any
        _used_by: Any
        call_changed: Any
        mark_of: Any
        tick: Any

    def special_changed(
        self, own: str, given: tuple[str | None, str, str | None], since: int, among: frozenset[str] | None = None,
        seen: set[tuple[str, str]] | None = None,
    ) -> Mark | None:
        """A mark for an object, or a class, whose operators or other special methods do something else now. `among`: those
        that count.
        """
        module, name, attribute = given
        value = self.live(own if module is None else module, name)
        if value is ABSENT:
            return None
        if attribute is not None:
            inner = namespace_of(value) if issubclass(type(value), ModuleType) else None
            value = inner.get(attribute, ABSENT) if inner is not None else read(value, attribute)
        if type(value) in (list, tuple, set, frozenset, dict):
            kinds = {type(each) for each in list(value.values() if type(value) is dict else value)[:_MOST_HELD]}
            return next(filter(None, (self._special(own, each, None, since, among, seen) for each in kinds)), None)
        kind = value if issubclass(type(value), type) else type(value)
        return self._special(own, kind, value, since, among, seen) if value is not ABSENT else None

    def _special(
        self, own: str, kind: type, value: Any, since: int, among: frozenset[str] | None, seen: set[tuple[str, str]] | None
    ) -> Mark | None:
        if kind in _BUILT_IN:
            return None
        bases = self.transaction.mro(kind)
        if kind is value and type(kind) is not type:
            bases += self.transaction.mro(type(kind))  # operators on the class itself
        for base in bases:
            inside = self.transaction.members(base)
            qualified = type.__getattribute__(base, "__qualname__")
            if type(inside.get("__module__")) is not str or inside["__module__"] not in self.touched:
                continue  # built in, or of a module to which nothing has happened
            for method in list(inside):
                if method[:2] != "__" or among is not None and method not in among:
                    continue
                if method not in _MAKERS and type(inside[method]) in (FunctionType, classmethod):
                    mark = self.call_changed(own, (inside["__module__"], qualified, method), since, seen)
                    if mark is not None:
                        return mark
        return None

    def runs_operators(self, own: str, given: tuple[str | None, str, str | None]) -> bool:
        """Whether what is called may use operators on what it is given, and nothing is known of it."""
        module, name, attribute = given
        if name == "?":
            return False
        value = self.live(own if module is None else module, name)
        if attribute is not None:
            inner = namespace_of(value) if issubclass(type(value), ModuleType) else None
            if inner is None:
                return False  # a method
            value = inner.get(attribute, ABSENT)
        if type(value) is FunctionType:
            return value.__globals__.get("__name__") not in self.touched
        return not issubclass(type(value), type) or type.__getattribute__(value, "__dict__").get("__module__") not in self.touched

    def shape_changed(self, own: str, given: tuple[str | None, str, str | None], since: int) -> Mark | None:
        """A mark for a class, or the class of an object, that has other attributes or bases: for who asks for them."""
        module, name, attribute = given
        waiting = [self.live(own if module is None else module, name)]
        if attribute is not None and issubclass(type(waiting[0]), ModuleType):
            waiting = [(namespace_of(waiting[0]) or {}).get(attribute, ABSENT)]
        elif attribute == "__subclasses__" and issubclass(type(waiting[0]), type):
            waiting = [*derived(waiting[0]).values()]
        seen = 0
        while waiting and seen < _MOST_HELD:
            value = waiting.pop()
            seen += 1
            if type(value) in (list, tuple, dict):
                waiting += list(value.values()) if type(value) is dict else list(value)
            kind = value if issubclass(type(value), type) else type(value)
            if value is ABSENT or kind in _BUILT_IN:
                continue
            for base in self.transaction.mro(kind):
                inside = self.transaction.members(base)
                mark = self.marks.get((inside.get("__module__"), type.__getattribute__(base, "__qualname__")))
                if mark is not None and any(mark.attributes.get(each, 0) > since for each in mark.replaced):
                    return mark
        return None

    def own_method_changed(self, value: Any, method: FunctionType, since: int) -> bool:
        """Whether a method speaks of another one of the class of `value` that does something else: `self.hook()` of a base."""
        bases = self.transaction.mro(value if issubclass(type(value), type) else type(value))
        places = [(self.transaction.members(base).get("__module__"), type.__getattribute__(base, "__qualname__")) for base in bases]
        marks = [mark for place in places if (mark := self.marks.get(place)) is not None and mark.attributes]
        if not marks or issubclass(type(value), ModuleType):
            return False
        seen: set[str] = set()
        waiting = [method]
        while waiting:
            names = {name for code in nested_codes(waiting.pop().__code__) for name in code.co_names} - seen
            seen |= names
            if any(stamp > since and (name in names or "getattr" in names) for mark in marks for name, stamp in mark.attributes.items()):
                return True
            for base in bases:
                inside = self.transaction.members(base)
                waiting += [inside[name] for name in names if type(inside.get(name)) is FunctionType]
        return False

    def some_method_changed(self, name: str, since: int) -> bool:
        """Whether the class of a method that does something else has a method `name` that speaks of it, of a base perhaps."""
        owners = {(str(each.__globals__.get("__name__")), each.__qualname__.rpartition(".")[0]) for each in self.altered.values()}
        for module, owner in owners:
            cls = self.live(module, owner) if owner and "<" not in owner else ABSENT
            if issubclass(type(cls), type):
                found = [inside[name] for inside in map(self.transaction.members, self.transaction.mro(cls)) if name in inside]
                if found and type(found[0]) is FunctionType and self.own_method_changed(cls, found[0], since):
                    return True
        return False

    def is_passed_on(self, value: Any, attribute: str) -> bool:
        """Whether an object may find a method by the `__getattr__` of its class, and one of that name does something else."""
        if not is_instance(value) or attribute not in self.altered_names or attribute in own_attributes(value):
            return False
        return any("__getattr__" in self.transaction.members(base) for base in self.transaction.mro(type(value)))

    def behind_calls(self, own: str, entry: dict[str, Any]) -> list[tuple[str, Any]]:
        """What a statement may call that it takes out of something, or is given: what it reads, and what the functions do that
        it calls.
        """
        found = [(own, given) for given in entry["inputs"]]
        for module, name, attribute in entry["calls"]:
            for key in self._used_by(own if module is None else module, name, attribute):
                found += [(key[0], each) for each in self.uses.get(key, ((),))[0]]
        return found

    def held_changed(
        self, own: str, given: tuple[str | None, str, str | None], since: int, seen: set[tuple[str, str]] | None = None
    ) -> Mark | None:
        """A mark for a function, or a container with one, that does something else when it is called."""
        module, name, attribute = given
        value = self.live(own if module is None else module, name)
        if attribute is not None and issubclass(type(value), ModuleType):
            value = (namespace_of(value) or {}).get(attribute, ABSENT)
        return self._held(own, [value], since, seen)

    def _held(self, own: str, waiting: list[Any], since: int, seen: set[tuple[str, str]] | None) -> Mark | None:
        count = 0
        while waiting and count < _MOST_HELD:
            value = waiting.pop()
            count += 1
            if type(value) is FunctionType:
                key = (str(value.__globals__.get("__name__")), value.__qualname__, None)
                mark = self.mark_of(self.stamp) if id(value) in self.altered else self.call_changed(own, key, since, seen)
                if mark is not None:
                    return mark
            elif type(value) in (list, tuple, dict):
                waiting += list(value.values()) if type(value) is dict else list(value)
            elif type(value) is partial:
                waiting += [value.func, *value.args, *value.keywords.values()]
        return None

    def inside_changed(
        self, own: str, value: Any, attribute: str | None, since: int, seen: set[tuple[str, str]]
    ) -> bool:
        """Whether what is called calls something that it holds, which does something else: a function that a decorator or a
        partial has got, one that an object has in its attributes and that its method speaks of.
        """
        kind = type(value)
        key = (f"{id(value)}", attribute or "")
        if value is ABSENT or kind in _BUILT_IN or key in seen:
            return False
        seen.add(key)
        parts: list[Any] = []
        if attribute is None and kind is FunctionType:
            cells = [content(cell) for cell in value.__closure__ or ()]
            parts += [each for each in cells if type(each) is FunctionType and each is not value]
        elif attribute is None and kind is partial:
            parts += [each for each in (*value.args, *value.keywords.values()) if type(each) is FunctionType]
        elif attribute is not None:
            held = own_attributes(value)
            if type(each := held.get(attribute)) in (FunctionType, list, tuple, dict):
                parts.append(each)
            bases = self.transaction.mro(kind)
            found = [inside[attribute] for inside in map(self.transaction.members, bases) if attribute in inside]
            if held and found and type(found[0]) is FunctionType:
                code = found[0].__code__
                kinds = (FunctionType, list, tuple, dict) if takes_out(code) else (FunctionType,)
                parts += [each for name in code.co_names if type(each := held.get(name)) in kinds]
        return bool(parts) and self._held(own, parts, since, seen) is not None

    def made_up(
        self, own: str, module: str, name: str, attribute: str, since: int, seen: set[tuple[str, str]] | None
    ) -> Mark | None:
        """For an attribute that an object does not have: whether the `__getattr__` of its class does something else."""
        value = self.live(module, name)
        kind = type(value)
        if value is ABSENT or issubclass(kind, (type, ModuleType)) or read(value, attribute) is not ABSENT:
            return None
        found = None
        for base in self.transaction.mro(kind):
            inside = self.transaction.members(base)
            if attribute in inside:
                return None
            if found is None and type(inside.get("__getattr__")) is FunctionType:
                found = self.call_changed(own, (str(base.__module__), base.__qualname__, "__getattr__"), since, seen)
        return found

    @property
    def touched(self) -> set[str]:
        """Modules in which something has changed, or uses something that has."""
        count = len(self.marks) + len(self.uses)
        if self._touched[0] != count:
            self._touched = (count, {key[0] for key in (*self.marks, *self.uses)})
        return self._touched[1]

    def note_contents(self, changed: list[tuple[Any, Any]], module: str, namespace: dict[str, Any]) -> None:
        """Containers with other contents than before (dictionaries: under which keys), which are still the same objects. `module`:
        whose statement it was.
        """
        for container, before in changed:
            if container is namespace.get("__all__"):
                self.mark(module, "__all__", VALUE, before)
            keys = None
            if type(container) is dict:
                keys = {key for key in container if container[key] is not before.get(key, ABSENT)}
                keys |= before.keys() - container.keys()
                earlier = self.contents.get(id(container))
                keys |= (earlier[1] or set()) if earlier is not None else set()
            self.contents[id(container)] = (container, keys, self.tick())

    def contents_changed(self, own: str, given: tuple[str | None, str, str | None], since: int) -> Mark | None:
        """A mark for an input that is the same object as before with other contents."""
        module, name, attribute = given
        value = self.live(own if module is None else module, name)
        if not self.contents or value is ABSENT:
            return None
        keys: tuple[Any, ...] = ()
        if issubclass(type(value), ModuleType):
            inner = namespace_of(value)
            value = inner.get(attribute, ABSENT) if inner is not None else ABSENT
        elif attribute is not None:
            keys = (attribute,)
        found = self._contents_of(value, keys, since)
        if found is None and keys and is_instance(value) and keys[0] not in own_attributes(value):
            found = self._method_contents(value, keys[0], since)
        if found is None and keys:
            if issubclass(type(value), type):
                bases = map(self.transaction.members, self.transaction.mro(value))
                part = next((inside[keys[0]] for inside in bases if keys[0] in inside), ABSENT)
            else:
                part = read(value, keys[0])
            found = self._contents_of(part, (), since)
        return found

    def _method_contents(self, value: Any, method: str, since: int) -> Mark | None:
        """A mark for an object of which a method reads what has other contents, and does not change it itself. What a method of
        a library reads is not known.
        """
        seen: set[str] = set()
        waiting = [method]
        bases = [self.transaction.members(base) for base in self.transaction.mro(type(value))]
        while waiting:
            name = waiting.pop()
            found = next((inside[name] for inside in bases if name in inside), None) if name not in seen else None
            seen.add(name)
            if type(found) is FunctionType:
                if found.__globals__.get("__name__") not in self.touched:
                    return self._contents_of(value, (), since)
                if _changes(found):
                    return None
                waiting += [each for code in nested_codes(found.__code__) for each in code.co_names]
        inside = own_attributes(value)
        for name in seen & inside.keys():
            mark = self._contents_of(value, (name,), since) or self._contents_of(inside[name], (), since)
            if mark is not None:
                return mark
        return None

    def spoken_contents(self, function: Any, since: int) -> Mark | None:
        """A mark for a function of which nothing else is known, if it speaks of something with other contents."""
        if type(function) is not FunctionType or _changes(function):
            return None
        names = {name for code in nested_codes(function.__code__) for name in code.co_names} & function.__globals__.keys()
        return next(filter(None, (self._contents_of(function.__globals__[name], (), since) for name in names)), None)

    def _contents_of(self, value: Any, keys: tuple[Any, ...], since: int, depth: int = 0) -> Mark | None:
        _, _, stamp = self.contents.get(id(value), (None, None, 0))
        if stamp > since:
            return self.mark_of(stamp)
        if type(value) in (list, tuple, dict) and depth < 3:
            for part in list(value.values())[:1000] if type(value) is dict else value[:1000]:
                if type(part) in (list, tuple, dict, set) or id(part) in self.contents:
                    found = self._contents_of(part, (), since, depth + 1)
                    if found is not None:
                        return found
        if type(value) in _BUILT_IN:
            return None
        inside = attributes_of(value)
        if inside is None:
            return None
        _, changed, stamp = self.contents.get(id(inside), (None, None, 0))
        if stamp > since and (not keys or changed is None or keys[0] in changed or keys[0] not in inside):
            return self.mark_of(stamp)
        for part in list(inside.values()) if not keys and depth < 3 else ():
            if type(part) in (list, tuple, dict, set) or id(part) in self.contents:
                found = self._contents_of(part, (), since, depth + 1)
                if found is not None:
                    return found
        return None
