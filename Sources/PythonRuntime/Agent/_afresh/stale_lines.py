"""Where in the text a reference was made that is not a name's own: the registration call, the decorator, the assignment.

Read from bytecode, as `stale_imports` does. A place is only said where one place alone can be meant.
"""
from __future__ import annotations

import sys
from opcode import opmap

from . import stale_imports as imports
from . import stale_objects as objects
from .stale_objects import CODE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import CodeType
    from typing import Any

    from .stale_ledger import Loaded

_LOAD_NAME, _LOAD_GLOBAL, _LOAD_ATTR = opmap["LOAD_NAME"], opmap["LOAD_GLOBAL"], opmap["LOAD_ATTR"]
_LOAD_METHOD = opmap.get("LOAD_METHOD")  # 3.11
_ATTRIBUTE_SHIFT = 0 if sys.version_info < (3, 12) else 1  # the lowest bit of the argument says something else
_ENDS = frozenset(operation for name, operation in opmap.items()
                  if name.startswith(("STORE_NAME", "STORE_GLOBAL", "STORE_ATTR", "STORE_SUBSCR", "POP_TOP", "RETURN_",
                                      "STORE_FAST", "DELETE_", "IMPORT_NAME")))
_MOST = 4_000  # statements of one module that are looked at


class Statement:
    """The names that one statement reads, each with the code unit that does; what it binds."""

    __slots__ = ("code", "reads", "binds")

    def __init__(self, code: CodeType) -> None:
        self.code = code
        self.reads: list[tuple[str, int]] = []  # "price", "shop.price"
        self.binds: str | None = None


def _statements(code: CodeType) -> Iterator[Statement]:
    names = code.co_names
    statement = Statement(code)
    recent = None
    for unit, operation, argument in imports.operations(code):
        if operation == _LOAD_NAME or operation == _LOAD_GLOBAL:
            recent = names[argument if operation == _LOAD_NAME else argument >> 1]
            statement.reads.append((recent, unit))
        elif (operation == _LOAD_ATTR or operation == _LOAD_METHOD) and recent is not None:
            shift = _ATTRIBUTE_SHIFT if operation == _LOAD_ATTR else 0
            recent = f"{recent}.{names[argument >> shift]}"
            statement.reads.append((recent, unit))
        elif operation:
            recent = None
        if operation in _ENDS:
            if operation == imports.STORE_NAME or operation == imports.STORE_GLOBAL:
                statement.binds = names[argument]
            if statement.reads or statement.binds is not None:
                yield statement
            statement = Statement(code)


class Lines:
    """What one scan has read of the modules' code."""

    def __init__(self, modules: dict[str, Loaded]) -> None:
        self._modules = modules
        self._known: dict[int, list[Statement]] = {}

    def made(self, symbol: str, owner: str, root: str, name: str, value: Any) -> tuple[str, tuple | None] | None:
        """The module and the range where what `root.name` leads to got hold of `symbol`, an object of the module `owner`.
        `value`: what that name stands for.
        """
        first = symbol[len(owner) + 1:].partition(".")[0].partition("[")[0] if symbol.startswith(owner + ".") else ""
        if not first:
            return None
        found: list[tuple[str, Statement, int]] = []
        decorated: list[tuple[str, Statement, int]] = []
        for module in self._near(root, owner):
            spellings = self._spellings(module, owner, first)
            here = {each for each, held in objects.string_items(module.namespace) if held is value}
            for statement in self._of(module):
                read = [unit for text, unit in statement.reads if text in spellings]
                if read and statement.binds == name and module.name == root:
                    return None  # the statement that binds the name: that is where it was made
                leads = [unit for text, unit in statement.reads if text in here or self._is(module, text, value)]
                if read:
                    found.append((module.name, statement, read[0] if leads else -1 - read[0]))
                elif leads and module.name == owner and statement.binds == first:
                    decorated.append((module.name, statement, leads[0]))
        certain = [each for each in found if each[2] >= 0] + decorated or found
        if len(certain) != 1:
            return None
        module_name, statement, unit = certain[0]
        return module_name, imports.position(statement.code, unit if unit >= 0 else -1 - unit)

    def _is(self, module: Loaded, text: str, value: Any) -> bool:
        """Whether `a.b` stands for a value: `b` of the module `a`."""
        base, _, name = text.rpartition(".")
        held = module.namespace.get(base) if base and "." not in base else None
        return objects.is_a(held, objects.MODULE) and objects.module_dict(held).get(name) is value

    def _near(self, root: str, owner: str) -> Iterable[Loaded]:
        """The modules in which it can have been made: the two, and those that import what is reloaded."""
        for name, module in self._modules.items():
            if type(module.code) is CODE and (name == root or name == owner or owner in imports.imported_modules(
                    module.code, module.package)):
                yield module

    def _spellings(self, module: Loaded, owner: str, name: str) -> set[str]:
        if module.name == owner:
            return {name}
        found = {here for other, there, here, _ in imports.from_imports(module.code, module.package)
                 if (other, there) == (owner, name) or (there == "*" and other == owner and here == name)}
        for here, held in objects.string_items(module.namespace):
            if objects.is_a(held, objects.MODULE) and objects.module_dict(held).get("__name__") == owner:
                found.add(f"{here}.{name}")
        return found

    def _of(self, module: Loaded) -> list[Statement]:
        known = self._known.get(id(module.code))
        if known is None:
            known = self._known[id(module.code)] = []
            for code in objects.nested_codes(module.code):
                known += _statements(code)
                if len(known) > _MOST:
                    break
        return known
