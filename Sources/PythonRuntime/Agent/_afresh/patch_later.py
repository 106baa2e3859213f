"""What a statement reads and other modules change further on in a start of the program: one that is executed in a program that runs
reads what they have left.
"""

from __future__ import annotations

import builtins
import sys
from opcode import opmap, opname
from types import CodeType, FunctionType, ModuleType

from .patch_contents import is_instance
from .patch_registrations import CHANGERS
from .patch_repeats import containers_in
from .patch_spoken import name_of
from .patch_traces import NOT_SAID, first_value, operations_of
from .patch_values import same
from .stale_objects import nested_codes
from .transaction import ABSENT, namespace_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator

    from .patch_execution import Execution
    from .patch_session import Session

_CONTAINERS = (list, dict, set)
_LATER = "a restart may give something else here: {} changes {} further on"
_LOADS = frozenset(("LOAD_NAME", "LOAD_ATTR", "LOAD_METHOD"))
_SETS = frozenset(("STORE_SUBSCR", "DELETE_SUBSCR"))
_SETS_NAMES = frozenset(opmap[each] for each in ("STORE_ATTR", "DELETE_ATTR"))
_ALL_OF = _SETS_NAMES.union(opmap[each] for each in _SETS)
_KEYS = 3  # instructions that put a key behind a container


class Later:
    """Who changes names of other modules, by the statements of its own; over one transaction."""

    def __init__(self, codes: dict[str, CodeType]) -> None:
        self._codes = codes
        self._speaking: dict[str, list[str]] = {}  # by a name: modules whose statements speak of it
        self._places: dict[tuple[str, str, bool], list[tuple[str, int]]] = {}
        for module, code in codes.items():
            for name in code.co_names:
                self._speaking.setdefault(name, []).append(module)

    def after(self, session: Session, module: str, line: int, owner: str, name: str, value: Any, looks_inside: bool) -> str | None:
        """A module that changes a name after a statement on a line of another one has been executed. `looks_inside`: or what it holds."""
        looks_inside = looks_inside and (type(value) in _CONTAINERS or is_instance(value))
        places = self._places.get((owner, name, looks_inside))
        if places is None:
            places = self._places[owner, name, looks_inside] = list(self._found(owner, name, value, looks_inside))
        for writer, place in places:
            if writer != module and session.is_before(module, line, writer, place) and not self._is_first(owner, name, value):
                return writer
        return None

    def _found(self, owner: str, name: str, value: Any, looks_inside: bool) -> Iterator[tuple[str, int]]:
        importers = set(self._speaking.get(owner, ())).union(self._speaking.get(owner.rpartition(".")[2], ())) - {owner}
        if not importers:
            return
        functions = _changers(owner, name) if looks_inside else set()
        names = {name} | functions
        for writer in importers.intersection(writer for each in names for writer in self._speaking.get(each, ())):
            code = self._codes[writer]
            may_change = not (_ALL_OF if looks_inside else _SETS_NAMES).isdisjoint(code.co_code[::2])
            if may_change or looks_inside and (is_instance(value) or not functions.union(CHANGERS).isdisjoint(code.co_names)):
                for line in _changing_lines(code, writer, owner, name, value, names, looks_inside):
                    yield writer, line

    def _is_first(self, owner: str, name: str, value: Any) -> bool:
        """Whether a value is the one that the text of its module gives it."""
        if owner not in self._codes or type(value) in _CONTAINERS or is_instance(value):
            return False
        first = first_value(self._codes[owner], name)
        return first is not NOT_SAID and same(first, value)


def changed_later(execution: Execution, entry: dict[str, Any]) -> str | None:
    """Why an entry does not read what a restart gives; None if it does."""
    session = execution.session
    if session.later is None:
        session.later = Later(session.codes())
    held: set[int] = set()
    for name in entry["binds"]:
        containers_in(execution.namespace.get(name), held)
    for owner, name, value in _read(execution, entry):
        looks_inside = bool(entry["binds"]) and id(value) not in held
        writer = session.later.after(session, execution.name, entry["line"], owner, name, value, looks_inside)
        if writer is not None and not _changes_itself(execution, entry, owner, name, value):
            return _LATER.format(writer, name if owner == execution.name else f"{owner}.{name}")
    return None


def _changes_itself(execution: Execution, entry: dict[str, Any], owner: str, name: str, value: Any) -> bool:
    """Whether a statement is one of those that change what it reads: registrations stand beside each other."""
    names = {name} | _changers(owner, name)
    return bool(_changing_lines(entry["code"], execution.name, owner, name, value, names, True))


def _read(execution: Execution, entry: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Names of modules that an entry reads: the module, the name, its value."""
    for module, name, attribute in entry["inputs"]:
        namespace = execution.namespace if module is None else namespace_of(sys.modules.get(module))
        if namespace is None or module is None and name in entry["binds"]:
            continue
        value = namespace.get(name, ABSENT)
        if attribute is not None and issubclass(type(value), ModuleType):
            inside = namespace_of(value) or {}
            yield str(inside.get("__name__")), attribute, inside.get(attribute, ABSENT)
        elif not issubclass(type(value), ModuleType) and "." not in name and (value is not ABSENT or name not in builtins.__dict__):
            yield str(namespace.get("__name__")), name, value


def _changers(owner: str, name: str) -> set[str]:
    """Functions of a module that change what one of its names holds."""
    space = namespace_of(sys.modules.get(owner)) or {}
    functions = [(each, value) for each, value in list(space.items()) if type(value) is FunctionType and value.__globals__ is space]
    return {each for each, function in functions if any(name in code.co_names and _changes(code) for code in nested_codes(function.__code__))}


def _changes(code: CodeType) -> bool:
    return not CHANGERS.isdisjoint(code.co_names) or not _ALL_OF.isdisjoint(code.co_code[::2])


def _is_changing(value: Any, method: str) -> bool:
    """Whether a method of an object changes it."""
    if type(value) in _CONTAINERS:
        return method in CHANGERS
    found = [type.__getattribute__(base, "__dict__").get(method) for base in type.__getattribute__(type(value), "__mro__")]
    function = next((each for each in found if each is not None), None)
    return type(function) is FunctionType and any(map(_changes, nested_codes(function.__code__)))


def _changing_lines(
    code: CodeType, writer: str, owner: str, name: str, value: Any, names: set[str], looks_inside: bool
) -> list[int]:
    """The lines of a module's own statements that change a name of another one, or what it holds."""
    space = namespace_of(sys.modules.get(writer)) or {}
    target = namespace_of(sys.modules.get(owner)) or {}
    lines = list(code.co_lines())
    steps = operations_of(code)
    found = []
    holder: Any = None  # what was loaded just before
    for number, (at, operation, argument) in enumerate(steps):
        step = opname[operation]
        before, holder = holder, None
        if step == "LOAD_NAME":
            holder = space.get(code.co_names[argument], ABSENT)
        elif step in _LOADS or step in ("STORE_ATTR", "DELETE_ATTR"):
            attribute = name_of(code, step, argument)
            inside = namespace_of(before) if issubclass(type(before), ModuleType) else None
            if step in ("STORE_ATTR", "DELETE_ATTR"):
                if inside is target and attribute == name or looks_inside and before is value:
                    found.append(at)
                continue
            if looks_inside and before is value and _is_changing(value, attribute):
                found.append(at)
            holder = inside.get(attribute, ABSENT) if inside is not None else None
        if not looks_inside or holder is None or holder is ABSENT:
            continue
        if holder is value:
            if any(opname[each] in _SETS for _, each, _ in steps[number + 2 : number + 2 + _KEYS]):
                found.append(at)
        elif type(holder) is FunctionType and holder.__globals__ is target and holder.__name__ in names and holder.__name__ != name:
            found.append(at)
    return [line for place in found for start, end, line in lines if start <= place < end and line is not None]
