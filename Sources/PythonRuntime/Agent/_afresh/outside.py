"""Which names of modules statements of another one may change: `touched` of the host protocol.

What they set is in their text. What the functions do that they call is seen in these: which names of their modules they bind,
which containers and objects they change.
"""

from __future__ import annotations

import sys
from opcode import opmap
from types import CodeType, FunctionType, MethodType, ModuleType

from .patch_contents import is_instance, own_attributes
from .patch_merge import content
from .patch_registrations import CHANGERS
from .stale_objects import HEAP_TYPE, nested_codes
from .transaction import ABSENT, namespace_of, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable

_BINDS = frozenset(opmap[name] for name in ("STORE_GLOBAL", "DELETE_GLOBAL"))
_CHANGES = frozenset(opmap[name] for name in ("STORE_ATTR", "DELETE_ATTR", "STORE_SUBSCR", "DELETE_SUBSCR"))
_SETTERS = CHANGERS | {"setattr", "delattr", "__setattr__"}
_CONTAINERS = (list, dict, set)
_MOST = 300  # functions that are looked into
_MAKERS = ("__init__", "__new__", "__init_subclass__", "__call__", "__set_name__")


def written(names: Iterable[str], known: dict[str, dict[str, Any]], texts: Iterable[bytes | None]) -> dict[str, list[str]]:
    """By module: its names that are changed. `names`: "b.V" for what is set or changed, "b.add()" for what is called, "b.C.__subclasses__" for
    a class of which one is derived. `known`: the program's own modules, and `texts` theirs.
    """
    search = _Search(known, texts)
    for name in names:
        search.look(name)
    return {module: sorted(found) for module, found in search.found().items()}


class _Search:
    def __init__(self, known: dict[str, dict[str, Any]], texts: Iterable[bytes | None]) -> None:
        self._known = known
        self._texts = texts
        self._are_listed: bool | None = None  # whether a text asks for derived classes
        self._bound: dict[str, set[str]] = {}
        self._objects: dict[int, Any] = {}
        self._seen: set[int] = set()

    def look(self, name: str) -> None:
        parts = name.removesuffix("()").split(".")
        end = next((end for end in range(len(parts), 0, -1) if namespace_of(sys.modules.get(".".join(parts[:end]))) is not None), 0)
        module, rest = ".".join(parts[:end]), parts[end:]
        value: Any = ABSENT
        holder: Any = None
        for at, part in enumerate(rest):
            namespace = namespace_of(sys.modules.get(module))
            holder, value = value, namespace.get(part, ABSENT) if at == 0 and namespace is not None else _attribute(value, part)
            if issubclass(type(value), ModuleType) and at + 1 < len(rest):
                return self.look(".".join((str(namespace_of(value).get("__name__")), *rest[at + 1 :])) + name[len(name.removesuffix("()")) :])
        if not end or not rest or rest[-1] == "__subclasses__" and module not in self._known:
            return
        if rest[-1] == "__subclasses__" and issubclass(type(holder), type):
            return self._derive(holder)
        if name.endswith("()"):
            if holder is ABSENT:
                self._call(value, None)
            elif not type(holder).__flags__ & HEAP_TYPE and not issubclass(type(holder), type):
                self._change(holder)  # nothing more can be seen of it
                if module in self._known:
                    self._bound.setdefault(module, set()).add(rest[0])
            else:
                self._call(value if value is not ABSENT else _method(holder, rest[-1]), holder)
            return
        if rest[0] == "__dict__":
            rest = ["*"]
        self._bound.setdefault(module, set()).update(".".join(rest[:count]) for count in range(1, len(rest) + 1))
        if module == "builtins":  # a name of whoever has none of its own
            for each, namespace in self._known.items():
                if rest[0] not in namespace:
                    self._bound.setdefault(each, set()).add(rest[0])
        if module not in self._known:  # a library's: who reads it by a function there
            inside = namespace_of(sys.modules.get(module)) or {}
            own = [(each, value) for each, value in list(inside.items()) if type(value) is FunctionType]
            self._bound[module].update(each for each, value in own if rest[0] in value.__code__.co_names)
        else:
            self._change(holder if holder is not ABSENT and not _is_changeable(value) else value)

    def _derive(self, cls: type) -> None:
        """Where one finds the classes that are derived from another one: by that, by those which it is derived from, and by what is told of them."""
        for base in type.__getattribute__(cls, "__mro__"):
            inside = type.__getattribute__(base, "__dict__")
            module = inside.get("__module__")
            if module in self._known:
                qualified = type.__getattribute__(base, "__qualname__")
                if self._are_listed is None:
                    self._are_listed = any(text is not None and b"__subclasses__" in text for text in self._texts)
                if self._are_listed:
                    self._bound.setdefault(module, set()).add(f"{qualified}.__subclasses__")
                if "__init_subclass__" in inside:
                    self._call(inside["__init_subclass__"], base)
        for name in _MAKERS if type(cls) is not type else ():
            self._call(_method(type(cls), name), cls)

    def found(self) -> dict[str, set[str]]:
        found = {module: set(names) for module, names in self._bound.items()}
        if self._objects:
            for module, namespace in self._known.items():
                for name, value in list(namespace.items()):
                    if id(value) in self._objects and type(name) is str:
                        found.setdefault(module, set()).add(name)
        return found

    def _change(self, value: Any) -> None:
        if _is_changeable(value):
            self._objects[id(value)] = value

    def _call(self, value: Any, owner: Any) -> None:
        """What calling something may change. `owner`: the object that it is a method of."""
        waiting = [(value, owner)]
        while waiting and len(self._seen) < _MOST:
            value, owner = waiting.pop()
            if type(value) is MethodType:
                value, owner = value.__func__, value.__self__
            if type(value) in (staticmethod, classmethod):
                value = value.__func__
            if issubclass(type(value), type):
                if id(value) in self._seen:
                    continue
                self._seen.add(id(value))
                for name in _MAKERS:
                    for kind in (value, type(value)):
                        waiting.append((_method(kind, name), value))
                continue
            if type(value) is not FunctionType:
                if is_instance(value) and type(value).__module__ in self._known:
                    waiting.append((_method(value, "__call__"), value))
                continue
            if id(value) in self._seen or value.__globals__.get("__name__") not in self._known:
                continue
            self._seen.add(id(value))
            waiting += self._function(value, owner)

    def _function(self, function: FunctionType, owner: Any) -> list[tuple[Any, Any]]:
        codes = list(nested_codes(function.__code__))
        names = {name for code in codes for name in code.co_names}
        operations = set().union(*(code.co_code[::2] for code in codes))
        if not _BINDS.isdisjoint(operations):
            self._bound.setdefault(str(function.__globals__.get("__name__")), set()).update(_stored(codes))
        changes = not _CHANGES.isdisjoint(operations) or not names.isdisjoint(_SETTERS)
        found: list[tuple[Any, Any]] = []
        values = [function.__globals__[name] for name in names if name in function.__globals__]
        values += [inner for cell in function.__closure__ or () if (inner := content(cell)) is not ABSENT]
        for value in values:
            if issubclass(type(value), ModuleType):
                inside = namespace_of(value) or {}
                if changes and inside.get("__name__") in self._known:
                    said = names | {each for code in codes for each in code.co_consts if type(each) is str}
                    self._bound.setdefault(str(inside["__name__"]), set()).update(said & inside.keys())
                found += [(inside[name], None) for name in names if type(inside.get(name)) is FunctionType]
            elif type(value) is FunctionType or type(value) is MethodType:
                found.append((value, None))
            elif _is_changeable(value):
                if changes:
                    self._change(value)
                found += [(method, value) for name in names if (method := _method(value, name)) is not None]
        if owner is not None:
            if changes:
                self._change(owner)
            found += [(method, owner) for name in names if (method := _method(owner, name)) is not None]
        return found


def _stored(codes: list[CodeType]) -> set[str]:
    """The names that functions bind in their module."""
    found = set()
    for code in codes:
        high, text = 0, code.co_code
        for at in range(0, len(text), 2):
            argument = text[at + 1] | high
            high = argument << 8 if text[at] == opmap["EXTENDED_ARG"] else 0
            if text[at] in _BINDS:
                found.add(code.co_names[argument])
    return found


def _is_changeable(value: Any) -> bool:
    return type(value) in _CONTAINERS or is_instance(value) or issubclass(type(value), type)


def _attribute(value: Any, name: str) -> Any:
    """By dictionaries alone."""
    if value is ABSENT:
        return ABSENT
    inner = namespace_of(value)
    if inner is not None:
        return inner.get(name, ABSENT)
    if issubclass(type(value), type):
        found = _method(value, name)
        return ABSENT if found is None else found
    return own_attributes(value).get(name, ABSENT)


def _method(owner: Any, name: str) -> Any:
    kind = owner if issubclass(type(owner), type) else type(owner)
    for base in type.__getattribute__(kind, "__mro__"):
        found = type.__getattribute__(base, "__dict__").get(name)
        if found is not None:
            return found
    return None
