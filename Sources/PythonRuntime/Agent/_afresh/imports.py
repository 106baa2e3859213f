"""Import edges, read from the bytecode that was executed and checked against what is loaded.

Bytecode knows lazy, relative, star and aliased imports at a twentieth of the cost of a syntax tree, and it is what ran.
"""
from __future__ import annotations

from _weakref import ref
from opcode import opmap
from types import CodeType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator

_IMPORT = opmap["IMPORT_NAME"]
_FROM = opmap["IMPORT_FROM"]
_CONSTANT = opmap["LOAD_CONST"]
_SMALL_INTEGER = opmap.get("LOAD_SMALL_INT", -1)  # 3.14
_EXTENDED = opmap["EXTENDED_ARG"]
_STORE = frozenset((opmap["STORE_NAME"], opmap["STORE_GLOBAL"]))
_DELETE = frozenset((opmap["DELETE_NAME"], opmap["DELETE_GLOBAL"]))
_FUNCTION = 0x0001  # CO_OPTIMIZED: functions have it, class bodies do not


class Import:
    """One import statement's one name, as written."""

    __slots__ = ("level", "module", "name", "bound", "lazy", "at")

    def __init__(self, level: int, module: str, name: str | None, bound: str | None, lazy: bool, at: int = -1) -> None:
        self.level = level
        self.module = module
        self.name = name  # None: the module itself is imported; "*": all
        self.bound = bound  # the global name that it gets, if it gets one at module level
        self.lazy = lazy
        self.at = at  # where it is in its code; -1 where that is not known


def scan(code: CodeType) -> tuple[list[Import], set[str]]:
    """All imports in a module's code, and the global names that it deletes."""
    found: list[Import] = []
    deleted: set[str] = set()
    for part, lazy in _codes(code, False):
        _scan_one(part, lazy, found, deleted)
    return found, deleted


def _codes(code: CodeType, lazy: bool) -> Iterator[tuple[CodeType, bool]]:
    yield code, lazy
    for constant in code.co_consts:
        if type(constant) is CodeType:
            yield from _codes(constant, lazy or bool(constant.co_flags & _FUNCTION))


def _scan_one(code: CodeType, lazy: bool, found: list[Import], deleted: set[str]) -> None:
    names, constants = code.co_names, code.co_consts
    if "import_module" in names or "__import__" in names:
        # A constant that names a loaded module, in code that imports by name.
        for text in constants:
            if type(text) is str and text.strip(".") and " " not in text and len(text) < 200:
                name = text.lstrip(".")
                found.append(Import(len(text) - len(name), name, None, None, lazy))
    instructions = code.co_code
    if _IMPORT not in instructions:
        return
    top = code.co_name == "<module>"
    extension = 0
    before: Any = None
    last: Any = None
    module: tuple[int, str] | None = None
    pending: Import | None = None
    for at in range(0, len(instructions), 2):
        operation = instructions[at]
        argument = instructions[at + 1] | extension
        if operation == _EXTENDED:
            extension = argument << 8
            continue
        extension = 0
        if operation == _CONSTANT:
            before, last = last, constants[argument]
        elif operation == _SMALL_INTEGER:
            before, last = last, argument
        elif operation == _IMPORT:
            level = before if type(before) is int else 0
            module = (level, names[argument])
            pending = None
            if not last:
                pending = Import(level, names[argument], None, None, lazy, at)
                found.append(pending)
            elif "*" in last:
                found.append(Import(level, names[argument], "*", None, lazy, at))
        elif operation == _FROM and module is not None:
            if pending is None or pending.name is not None:  # else `import a.b as c`, which also takes attributes
                pending = Import(*module, names[argument], None, lazy, at)
                found.append(pending)
        elif operation in _STORE:
            if pending is not None and pending.bound is None and top:
                pending.bound = names[argument]
        elif operation in _DELETE:
            deleted.add(names[argument])


class Edges:
    """The import edges between loaded modules, kept by code object: only what changed is scanned again."""

    def __init__(self) -> None:
        # By weak reference: what the agent holds would look like something of the program that holds old code.
        self._scanned: dict[str, tuple[ref[CodeType], list[Import], set[str]]] = {}

    def of(self, name: str, code: CodeType | None, namespace: dict[str, Any], known: dict[str, Any],
           importers: dict[str, list[tuple[str, bool]]]) -> list[tuple[str, list[str] | None, bool]]:
        """(imported module, names or None, lazy) for one module. `known`: the modules that may be imported.

        `importers`: who was seen to import what at run time, for imports whose names the code does not show.
        """
        edges: dict[tuple[str, bool], list[str] | None] = {}
        if code is not None:
            kept = self._scanned.get(name)
            if kept is None or kept[0]() is not code:
                kept = self._scanned[name] = (ref(code), *scan(code))
            package = _package(namespace)
            for one in kept[1]:
                if not was_executed(one, namespace, kept[2]):
                    continue
                target = _absolute(one, package)
                if one.name is None:
                    while target:
                        _add(edges, target, None, one.lazy, known)
                        target = target.rpartition(".")[0] if one.level == 0 else ""
                else:
                    _add(edges, target, one.name, one.lazy, known)
                    _add(edges, f"{target}.{one.name}", None, one.lazy, known)
        for target, lazy in importers.get(name, ()):
            if (target, True) not in edges and (target, False) not in edges:
                _add(edges, target, None, lazy, known)
        return [(target, names, lazy) for (target, lazy), names in edges.items() if target != name]


def _add(edges: dict[tuple[str, bool], list[str] | None], target: str, name: str | None, lazy: bool,
         known: dict[str, Any]) -> None:
    if target not in known:
        return
    key = (target, lazy)
    if name is None:
        edges[key] = None  # the module itself: any of its names may be used
    elif key not in edges:
        edges[key] = [name]
    else:
        names = edges[key]
        if names is not None and name not in names:
            names.append(name)


def _package(namespace: dict[str, Any]) -> str:
    package = namespace.get("__package__")
    if type(package) is str:
        return package
    name = namespace.get("__name__")
    name = name if type(name) is str else ""
    return name if "__path__" in namespace else name.rpartition(".")[0]


def was_executed(one: Import, namespace: dict[str, Any], deleted: set[str]) -> bool:
    """False for one under `if TYPE_CHECKING:`, or in the other branch of a `try`. `deleted`: names that the module deletes."""
    return one.bound is None or one.bound in namespace or one.bound in deleted


def absolute(one: Import, namespace: dict[str, Any]) -> str:
    """The module that an import of a module names."""
    return _absolute(one, _package(namespace))


def _absolute(one: Import, package: str) -> str:
    if one.level == 0:
        return one.module
    base = package.rsplit(".", one.level - 1)[0] if one.level > 1 else package
    return f"{base}.{one.module}" if one.module and base else base or one.module
