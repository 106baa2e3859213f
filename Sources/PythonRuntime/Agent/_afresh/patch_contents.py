"""What statements read that is the same object as before and still not the same to them: containers and objects with other
contents, objects whose operators do something else, functions that are taken out of something and called.
"""

from __future__ import annotations

from opcode import opmap
from types import CodeType, FunctionType, ModuleType

from .transaction import ABSENT, namespace_of, read

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


def asks(calls: Any, code: CodeType | None) -> bool:
    """Whether something asks classes what they have, or what they are: by a function that it calls, or by a statement."""
    if code is not None and not _ASKING.isdisjoint(code.co_code[::2]):
        return True
    return any(module is None and name in _ASKERS for module, name, _ in calls)


def operators(code: CodeType | None) -> frozenset[str]:
    """The special methods that the operators of a statement call."""
    found: set[str] = set()
    for operation in set(code.co_code[::2]) if code is not None else ():
        found |= _OPERATORS.get(operation, _NONE)
    return frozenset(found)


_NONE: frozenset[str] = frozenset()
_BINARY = "add sub mul matmul truediv floordiv mod divmod pow lshift rshift and xor or".split()
_GETTERS = ["getitem", "missing", "class_getitem"]
_OPERATORS = {
    opmap[name]: frozenset(f"__{each}__" for each in methods)
    for name, methods in {
        "BINARY_OP": [prefix + each for each in _BINARY for prefix in ("", "r", "i")] + ([] if "BINARY_SUBSCR" in opmap else _GETTERS),
        "COMPARE_OP": "eq ne lt le gt ge".split(),
        "BINARY_SUBSCR": _GETTERS,
        "BINARY_SLICE": _GETTERS,
        "UNARY_NEGATIVE": ["neg"],
        "UNARY_INVERT": ["invert"],
        "UNARY_POSITIVE": ["pos"],
        "CALL_INTRINSIC_1": ["pos"],
        "GET_ITER": ["iter", "next"],
        "BEFORE_WITH": ["enter", "exit"],
    }.items()
    if name in opmap
}


class Contents:
    """That part of a session."""

    if TYPE_CHECKING:
        contents: dict[int, tuple[Any, set[Any] | None, int]]
        altered: dict[int, FunctionType]
        marks: dict[tuple[str, str], Mark]
        uses: dict[tuple[str, str], tuple[Any, Any, Any]]
        stamp: int

        def mark(self, module: str, name: str, level: int, old: Any = ABSENT) -> Mark: ...

        _touched: tuple[int, set[str]]
        live: Any
        call_changed: Any
        mark_of: Any
        tick: Any

    def special_changed(
        self, own: str, given: tuple[str | None, str, str | None], since: int, among: frozenset[str] | None = None
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
        kind = value if issubclass(type(value), type) else type(value)
        if value is ABSENT or kind in _BUILT_IN:
            return None
        bases = type.__getattribute__(kind, "__mro__")
        if kind is value and type(kind) is not type:
            bases += type.__getattribute__(type(kind), "__mro__")  # operators on the class itself
        for base in bases:
            inside = self.transaction.members(base)
            qualified = type.__getattribute__(base, "__qualname__")
            if type(inside.get("__module__")) is not str or inside["__module__"] not in self.touched:
                continue  # built in, or of a module to which nothing has happened
            for method in list(inside):
                if method[:2] != "__" or among is not None and method not in among:
                    continue
                if method not in _MAKERS and type(inside[method]) in (FunctionType, classmethod):
                    mark = self.call_changed(own, (inside["__module__"], qualified, method), since)
                    if mark is not None:
                        return mark
        return None

    def shape_changed(self, own: str, given: tuple[str | None, str, str | None], since: int) -> Mark | None:
        """A mark for a class, or the class of an object, that has other attributes or bases: for who asks for them."""
        module, name, attribute = given
        waiting = [self.live(own if module is None else module, name)]
        if attribute is not None and issubclass(type(waiting[0]), ModuleType):
            waiting = [(namespace_of(waiting[0]) or {}).get(attribute, ABSENT)]
        seen = 0
        while waiting and seen < _MOST_HELD:
            value = waiting.pop()
            seen += 1
            if type(value) in (list, tuple, dict):
                waiting += list(value.values()) if type(value) is dict else list(value)
            kind = value if issubclass(type(value), type) else type(value)
            if value is ABSENT or kind in _BUILT_IN:
                continue
            for base in type.__getattribute__(kind, "__mro__"):
                inside = self.transaction.members(base)
                mark = self.marks.get((inside.get("__module__"), type.__getattribute__(base, "__qualname__")))
                if mark is not None and any(mark.attributes.get(each, 0) > since for each in mark.replaced):
                    return mark
        return None

    def held_changed(self, own: str, given: tuple[str | None, str, str | None], since: int) -> Mark | None:
        """A mark for a function, or a container with one, that does something else when it is called."""
        module, name, attribute = given
        waiting = [self.live(own if module is None else module, name)]
        seen = 0
        while waiting and seen < _MOST_HELD:
            value = waiting.pop()
            seen += 1
            if type(value) is FunctionType:
                key = (str(value.__globals__.get("__name__")), value.__qualname__, None)
                mark = self.mark_of(self.stamp) if id(value) in self.altered else self.call_changed(own, key, since)
                if mark is not None:
                    return mark
            elif type(value) in (list, tuple, dict):
                waiting += list(value.values()) if type(value) is dict else list(value)
        return None

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
        if found is None and keys and not issubclass(type(value), type):
            found = self._contents_of(read(value, keys[0]), (), since)
        return found

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
        try:
            inside = object.__getattribute__(value, "__dict__")
        except AttributeError:
            return None
        _, changed, stamp = self.contents.get(id(inside), (None, None, 0))
        if stamp > since and (not keys or changed is None or keys[0] in changed or keys[0] not in inside):
            return self.mark_of(stamp)
        if type(inside) is dict:
            for part in list(inside.values()) if not keys else ():
                if self.contents.get(id(part), (None, None, 0))[2] > since:
                    return self.mark_of(self.contents[id(part)][2])
        return None
