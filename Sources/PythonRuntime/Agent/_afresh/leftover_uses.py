"""Where the program's texts use a name that the saved text of its module no longer defines.

Read from the bytecode of what runs, as `stale_imports` reads imports: positions are those of the expressions.
"""
from __future__ import annotations

import sys
from opcode import opmap

from . import stale_imports as imports
from . import stale_objects as objects
from .stale_frames import place
from .stale_objects import CODE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType
    from typing import Any

    from .stale_ledger import Loaded

_MOST = 50  # places for one name
_GLOBAL, _NAME = opmap["LOAD_GLOBAL"], opmap["LOAD_NAME"]
_ATTRIBUTE = {number for name in ("LOAD_ATTR", "LOAD_METHOD") if (number := opmap.get(name)) is not None}
_SHIFTED = sys.version_info >= (3, 12)  # LOAD_ATTR has a flag in its lowest bit, as LOAD_GLOBAL has from 3.11 on


def of_name(loaded: Loaded, name: str) -> list[dict]:
    """The places in a module's own text that read its global `name`."""
    return _places(loaded, lambda code: (unit for unit, read in _names(code) if read == name))


def of_attribute(loaded: Loaded, namespace: dict[str, Any], name: str) -> list[dict]:
    """The places in a module's text that read `name` as an attribute of the module with this namespace."""
    return _places(loaded, lambda code: _attributes(code, loaded.namespace, namespace, name))


def _places(loaded: Loaded, units: Any) -> list[dict]:
    found: list[dict] = []
    if type(loaded.code) is not CODE:
        return found
    for code in objects.nested_codes(loaded.code):
        for unit in units(code):
            where = place(loaded.path, imports.position(code, unit))
            if where is not None and where not in found:
                found.append(where)
            if len(found) >= _MOST:
                return found
    found.sort(key=lambda each: (each["range"]["start"]["line"], each["range"]["start"]["column"]))
    return found


def _names(code: CodeType) -> Iterator[tuple[int, str]]:
    names = code.co_names
    for unit, operation, argument in imports.operations(code):
        if operation == _GLOBAL:
            yield unit, names[argument >> 1]
        elif operation == _NAME:
            yield unit, names[argument]


def _attributes(code: CodeType, globals_: dict[str, Any], namespace: dict[str, Any], name: str) -> Iterator[int]:
    """Follows `a.b.c` from a global: each part must be a module for the next to be an attribute of one."""
    names = code.co_names
    value: Any = None
    for unit, operation, argument in imports.operations(code):
        if operation == _GLOBAL:
            value = dict.get(globals_, names[argument >> 1])
        elif operation == _NAME:
            value = dict.get(globals_, names[argument])
        elif operation in _ATTRIBUTE:
            attribute = names[argument >> 1 if _SHIFTED and operation == opmap["LOAD_ATTR"] else argument]
            inside = objects.module_dict(value) if objects.is_a(value, objects.MODULE) else None
            if inside is namespace and attribute == name:
                yield unit
            value = dict.get(inside, attribute) if inside is not None else None
        elif operation not in _BETWEEN:
            value = None


_BETWEEN = {number for name in ("CACHE", "EXTENDED_ARG", "NOP", "PUSH_NULL") if (number := opmap.get(name)) is not None}
