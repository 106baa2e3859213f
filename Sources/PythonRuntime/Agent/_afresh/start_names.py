"""Which names the modules of a program would have at each point of a start, by their texts alone: imports, star imports among them, give
names that other modules have by then; in a cycle that is not what these have in the end.

It is played with names: nothing is executed, and a name stands for the module and the statement that gave it its value. Of what statements
bind on some of their ways only, functions bind, or others set, nothing is said (`UNKNOWN`).
"""

from __future__ import annotations

import builtins
import sys
from _weakref import ref
from opcode import opmap

from .patch_names import exported
from .stale_imports import (
    CACHE, FORWARD, IMPORT_FROM, IMPORT_NAME, LOAD_CONST, LOAD_SMALL_INT, RETURN, STORE_GLOBAL, STORE_NAME, absolute, guarded, operations,
    position,
)  # fmt: skip
from .stale_objects import CODE, nested_codes
from .transaction import ABSENT, namespace_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType
    from typing import Any

    from .transaction import Transaction

_LOAD_NAME, _LOAD_GLOBAL = opmap["LOAD_NAME"], opmap["LOAD_GLOBAL"]
_DELETES = frozenset((opmap["DELETE_NAME"], opmap["DELETE_GLOBAL"]))
_SETS_ATTRIBUTE = frozenset((opmap["STORE_ATTR"], opmap["DELETE_ATTR"]))
_FUNCTION = 0x0001  # CO_OPTIMIZED: functions have it, class bodies do not
_LOOKERS = frozenset(("globals", "exec", "eval", "vars", "locals", "setattr", "delattr", "__dict__", "__import__", "import_module", "modules"))
IMPORT, FROM, MODULE, STAR, BIND, DELETE, READ = range(7)
UNKNOWN = None


class Said:
    """What a module's code does to names, in the order of the text."""

    def __init__(self, code: CodeType) -> None:
        self.code = ref(code)
        # what, whether in any case, level and name of a module, the name there, the name here, (code, unit)
        self.events: list[tuple[int, bool, int, str, str, str, tuple[ref[CodeType], int]]] = []
        self.set: set[str] = set()  # attributes that it sets, of whatever it may be
        self.vague: set[str] = set()  # names that functions and handlers of exceptions bind
        self.looks = False  # whether it may bind any name
        for inner in nested_codes(code):
            self.looks = self.looks or not _LOOKERS.isdisjoint(inner.co_names)
            for _, operation, argument in operations(inner) if not _UNUSUAL.isdisjoint(inner.co_code[::2]) else ():
                if operation in _SETS_ATTRIBUTE:
                    self.set.add(inner.co_names[argument])
                elif inner is not code and (operation == STORE_GLOBAL or operation == opmap["DELETE_GLOBAL"]):
                    self.vague.add(inner.co_names[argument])
        self._read(code, True)
        self.binds = self.vague.union(here for what, _, _, _, _, here, _ in self.events if what in (BIND, MODULE, FROM))
        self.has_stars = any(what == STAR for what, *_ in self.events)
        self.outline = [(what, sure, level, module, there, here) for what, sure, level, module, there, here, _ in self.events if what != READ]

    def _read(self, code: CodeType, sure: bool) -> None:
        """Of the module's own code, or of the body of a class in it, whose names are its own."""
        is_class = code.co_name != "<module>"
        names, constants = code.co_names, code.co_consts
        tried = list(guarded(code))
        own: set[str] = set()
        recent: list[Any] = []
        level, module, there = 0, "", None
        beyond, jump, is_behind = 0, None, False
        for unit, operation, argument in operations(code):
            if jump is not None and operation != CACHE:
                beyond, jump = max(beyond, unit + jump), None
            is_sure = sure and not is_behind and unit >= beyond and not any(start <= unit < end for start, end in tried)
            place = (ref(code), unit)
            if operation in FORWARD:
                jump = argument
            elif operation in RETURN:
                is_behind = True
            elif operation == LOAD_CONST:
                recent.append(constants[argument])
                if type(constants[argument]) is CODE and not constants[argument].co_flags & _FUNCTION:
                    self._read(constants[argument], is_sure)
            elif operation == LOAD_SMALL_INT:
                recent.append(argument)
            elif operation == IMPORT_NAME:
                level = recent[-2] if len(recent) > 1 and type(recent[-2]) is int else 0
                listed = recent[-1] if recent and type(recent[-1]) in (tuple, list) else ()
                module, there = names[argument], "" if not listed else None
                self.events.append((IMPORT, is_sure, level, module, "", "", place))
                if "*" in listed:
                    self.events.append((STAR, is_sure, level, module, "*", "*", place))
            elif operation == IMPORT_FROM:
                there = "." if there == "" or there == "." else names[argument]  # `import a.b as c` takes b too
            elif operation == STORE_NAME and is_class:
                own.add(names[argument])
                there = None
            elif operation == STORE_NAME or operation == STORE_GLOBAL:
                what = BIND if there is None else MODULE if there in ("", ".") else FROM
                if is_behind:
                    self.vague.add(names[argument])
                self.events.append((what, is_sure, level, module, there or "", names[argument], place))
                there = None
            elif operation in _DELETES and not is_class:
                if is_behind:
                    self.vague.add(names[argument])
                self.events.append((DELETE, is_sure, 0, "", "", names[argument], place))
            elif is_sure and (operation == _LOAD_NAME or operation == _LOAD_GLOBAL):
                name = names[argument if operation == _LOAD_NAME else argument >> 1]
                if name not in own and name[:2] != "__" and not hasattr(builtins, name):
                    self.events.append((READ, True, 0, "", "", name, place))


_UNUSUAL = frozenset((*_SETS_ATTRIBUTE, STORE_GLOBAL, opmap["DELETE_GLOBAL"]))
_said: dict[int, Said] = {}


def said_by(code: CodeType) -> Said:
    found = _said.get(id(code))
    if found is None or found.code() is not code:
        for key in [key for key, each in _said.items() if each.code() is None]:
            del _said[key]
        found = _said[id(code)] = Said(code)
    return found


def set_otherwise(codes: dict[str, CodeType], transaction: Transaction) -> set[str]:
    """Names that modules set in others, and those that modules have of which their texts do not speak: decorators and the like put them there."""
    found: set[str] = set()
    for module, code in codes.items():
        said = said_by(code)
        found |= said.set
        namespace = namespace_of(sys.modules.get(module)) or {}
        for name in [name for name in list(namespace) if name not in said.binds] if not said.has_stars else ():
            if name[:2] != "__" and f"{module}.{name}" not in sys.modules and transaction.look(namespace, name) is not ABSENT:
                found.add(name)
    return found


class Start:
    """A start of the program, played with names."""

    def __init__(self, codes: dict[str, CodeType], unsaid: set[str], listed: Callable[[str], Any]) -> None:
        """`unsaid`: names of which the texts do not say all; `listed`: what `__all__` of a module is."""
        self._said = {name: said_by(code) for name, code in codes.items()}
        self._listed = listed
        self.spaces: dict[str, dict[str, Any]] = {}
        self.vague: set[str] = set()  # modules that may have any name
        self._unsaid = unsaid
        self.lacks: dict[tuple[str, str], tuple[int, tuple[ref[CodeType], int]]] = {}  # modules, and names that they read and have not got
        inner = {target for name in self._said for target in self._imported(name)}
        ended = [name for name in list(sys.modules) if name in self._said]
        # of a cycle the one that ended last began first
        for name in (*(name for name in ended if name == "__main__"), *(name for name in ended if name not in inner), *reversed(ended)):
            waiting = [iter(_with_packages(name))]
            while waiting:
                wanted = next(waiting[-1], None)
                if wanted is None:
                    waiting.pop()
                else:
                    waiting.append(self._execute(wanted))

    def is_known(self, module: str, name: str) -> bool:
        """Whether the texts say all of a name."""
        said = self._said.get(module)
        return said is not None and module not in self.vague and name not in said.vague and name not in self._unsaid

    def _imported(self, name: str) -> set[str]:
        package = _package(name)
        found = set()
        for what, _, level, module, there, _, _ in self._said[name].events:
            if what in (IMPORT, FROM):
                target = absolute(package, level, module)
                found.update((target, f"{target}.{there}"))
        return found - {name}

    def _execute(self, name: str) -> Iterator[str]:
        """Yields the modules that have to be executed before it goes on."""
        if name in self.spaces or name not in self._said:
            return
        said, package = self._said[name], _package(name)
        space: dict[str, Any] = {}
        self.spaces[name] = space
        if said.looks:
            self.vague.add(name)
        for what, is_sure, level, module, there, here, place in said.events:
            source = absolute(package, level, module) if what in (IMPORT, FROM, MODULE, STAR) else ""
            if what == IMPORT:
                yield from _with_packages(source)
            elif what == STAR:
                brought = self._exported(source)
                if brought is None:
                    self.vague.add(name)
                for each in brought or ():
                    if f"{source}.{each}" in self._said and each not in self.spaces.get(source, ()):
                        yield f"{source}.{each}"
                    value = self._value(source, each) if is_sure else UNKNOWN
                    if value is not ABSENT:
                        space[each] = value
            elif what == READ:
                if here not in space and self.is_known(name, here):
                    self.lacks.setdefault((name, here), (what, place))
                    space[here] = UNKNOWN
            elif what == DELETE:
                if is_sure:
                    space.pop(here, None)
                else:
                    space[here] = UNKNOWN
            elif not is_sure:
                space[here] = UNKNOWN
            elif what == BIND:
                space[here] = (name, here, place[1])
            elif what == MODULE:
                space[here] = source if there == "." else source.partition(".")[0]
            else:
                if f"{source}.{there}" in self._said and there not in self.spaces.get(source, ()):
                    yield f"{source}.{there}"
                space[here] = self._value(source, there)
                if space[here] is ABSENT:
                    self.lacks.setdefault((name, here), (what, place))
                    space[here] = UNKNOWN
        owner, _, last = name.rpartition(".")
        if owner in self.spaces:
            self.spaces[owner][last] = name

    def _value(self, source: str, name: str) -> Any:
        """What a module has for a name by now."""
        space = self.spaces.get(source)
        if space is None:
            return UNKNOWN
        if name not in space:
            if f"{source}.{name}" in self.spaces:
                return f"{source}.{name}"
            if not self.is_known(source, name) or "__getattr__" in space or f"{source}.{name}" in sys.modules or name[:2] == "__":
                return UNKNOWN
            return ABSENT
        return space[name]

    def _exported(self, source: str) -> list[str] | None:
        """The names that a star import takes of a module by now; None where that is not known."""
        space = self.spaces.get(source)
        if space is None:
            return exported(namespace_of(sys.modules.get(source)))
        if source in self.vague:
            return None
        if "__all__" not in space:
            return [name for name in space if name[:1] != "_"] + [name for name in self._said[source].vague if name[:1] != "_"]
        listed = self._listed(source)
        if space["__all__"] is UNKNOWN or type(listed) not in (list, tuple) or any(type(each) is not str for each in listed):
            return None
        return list(listed)


def _with_packages(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts) + 1)]


def _package(name: str) -> str:
    return name if "__path__" in (namespace_of(sys.modules.get(name)) or ()) else name.rpartition(".")[0]


def where(place: tuple[ref[CodeType], int]) -> dict[str, Any] | None:
    """The range of the text that an event is in."""
    code = place[0]()
    found = position(code, place[1]) if code is not None else None
    if found is None:
        return None
    line, column, end_line, end_column = found
    return {"start": {"line": line, "column": column}, "end": {"line": end_line, "column": end_column}}
