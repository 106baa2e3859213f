"""What a module's code says about its names: which it imports from where, which it defines, and where in the text.

Read from bytecode (40 µs for a module; no syntax tree is made inside the program).
"""
from __future__ import annotations

from _weakref import ref
from opcode import hasjrel, opmap, opname

from .stale_objects import CODE, nested_codes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType
    from typing import Any

IMPORT_NAME, IMPORT_FROM = opmap["IMPORT_NAME"], opmap["IMPORT_FROM"]
LOAD_CONST, _EXTENDED_ARG = opmap["LOAD_CONST"], opmap["EXTENDED_ARG"]
LOAD_SMALL_INT = opmap.get("LOAD_SMALL_INT")  # 3.14
CACHE = opmap["CACHE"]
RETURN = frozenset(opmap[name] for name in ("RETURN_VALUE", "RETURN_CONST") if name in opmap)
FORWARD = frozenset(operation for operation in hasjrel if "BACKWARD" not in opname[operation])
STORE_NAME, STORE_GLOBAL = opmap["STORE_NAME"], opmap["STORE_GLOBAL"]


def operations(code: CodeType) -> Iterator[tuple[int, int, int]]:
    """(index of the code unit, operation, argument), extended arguments applied."""
    data = code.co_code
    extended = 0
    for index in range(0, len(data), 2):
        operation = data[index]
        argument = data[index + 1] | extended
        if operation == _EXTENDED_ARG:
            extended = argument << 8
        else:
            extended = 0
            yield index >> 1, operation, argument


def position(code: CodeType, unit: int) -> tuple | None:
    """The range of the text that a code unit stands for."""
    for index, (line, end_line, column, end_column) in enumerate(code.co_positions()):
        if index == unit:
            if line is None:
                return None
            if column is None or end_column is None or end_line is None:
                return line - 1, 0, line - 1, 0  # -X no_debug_ranges
            return line - 1, column, end_line - 1, end_column
    return None


def absolute(package: str, level: int, name: str) -> str:
    if not level:
        return name
    base = package.rsplit(".", level - 1)[0] if level > 1 else package
    return f"{base}.{name}" if name else base


class Facts:
    """What one module code says. Read once for each code object."""

    __slots__ = ("code", "imports", "modules", "stores", "imported", "star", "certain", "_defined")

    def __init__(self, code: CodeType) -> None:
        self.code = ref(code)
        self.imports: list[tuple[int, str, str, str, int]] = []  # level, module, name there, name here, unit
        self.modules: list[tuple[int, str]] = []  # level, module: of every import
        self.stores: dict[str, int] = {}  # name → code unit that binds it last
        self.star = False
        self.certain: dict[str, list[int]] | None = None
        self._defined: set[str] | None = None
        own = set()  # what other statements bind
        recent: list[Any] = []
        level, module, name = 0, "", None
        names, constants = code.co_names, code.co_consts
        for unit, operation, argument in operations(code):
            if operation == LOAD_CONST:
                recent.append(constants[argument])
            elif operation == STORE_NAME or operation == STORE_GLOBAL:
                self.stores[names[argument]] = unit
                if name is None:
                    own.add(names[argument])
                else:
                    self.imports.append((level, module, name, names[argument], unit))
                    name = None
            elif operation == LOAD_SMALL_INT:
                recent.append(argument)
            elif operation == IMPORT_NAME:
                level = recent[-2] if len(recent) > 1 and type(recent[-2]) is int else 0
                module, name = names[argument], None
                self.modules.append((level, module))
                if recent and type(recent[-1]) in (tuple, list) and "*" in recent[-1]:
                    self.star = True
                    self.imports.append((level, module, "*", "*", unit))
            elif operation == IMPORT_FROM:
                name = names[argument]
        self.imported = frozenset(here for _, _, _, here, _ in self.imports if here not in own)

    def defined(self, code: CodeType) -> set[str] | None:
        """The names that the text defines, in functions by `global` too; None where a star import hides that."""
        if self.star:
            return None
        if self._defined is None:
            self._defined = set(self.stores)
            for inner in nested_codes(code)[1:]:
                if STORE_GLOBAL in inner.co_code[::2]:
                    self._defined.update(inner.co_names[argument] for _, operation, argument in operations(inner)
                                         if operation == STORE_GLOBAL)
        return self._defined


_known: dict[int, Facts] = {}
_limit = 8  # of entries before those of code that is gone are looked for
_nothing = Facts(compile("", "", "exec"))


def facts(code: Any) -> Facts:
    if type(code) is not CODE:
        return _nothing
    found = _known.get(id(code))
    if found is None or found.code() is not code:
        _forget_the_gone()
        found = _known[id(code)] = Facts(code)
    return found


def _forget_the_gone() -> None:
    global _limit
    if len(_known) >= _limit:
        for key in [key for key, each in _known.items() if each.code() is None]:
            del _known[key]
        _limit = len(_known) * 5 // 4 + 8


def from_imports(code: Any, package: str) -> list[tuple[str, str, str, int]]:
    """The from-imports that bind names of the module: (module, name there, name here, code unit of the store)."""
    return [(absolute(package, level, module), name, here, unit)
            for level, module, name, here, unit in facts(code).imports]


def imported_modules(code: Any, package: str) -> set[str]:
    """The modules that a module's own statements import, and what may be modules among the names that they import."""
    found = {absolute(package, level, module) for level, module in facts(code).modules}
    found.update(f"{module}.{name}" for module, name, _, _ in from_imports(code, package))
    return found


def stores(code: Any) -> dict[str, int]:
    """The names that a module's own statements bind, each with the code unit that binds it last."""
    return facts(code).stores


def bound_names(code: Any) -> tuple[frozenset[str], dict[str, int] | None]:
    """The names that only from-imports bind; and all of its own, if a star import binds more than the code says."""
    found = facts(code)
    return found.imported, found.stores if found.star else None


def is_overwritten(code: Any, name: str, unit: int) -> bool:
    """Whether what an import binds at `unit` is overwritten for certain: by a statement after it that always runs."""
    found = facts(code)
    last = found.stores.get(name, -1)
    if last <= unit or type(code) is not CODE:
        return False
    if found.certain is None:
        found.certain = _certain_stores(code)
    return any(at > unit for at in found.certain.get(name, ()))


def _certain_stores(code: CodeType) -> dict[str, list[int]]:
    """The code units that bind names whatever happens, as long as no exception ends the code: no jump leads past them."""
    certain: dict[str, list[int]] = {}
    tried = list(guarded(code))
    beyond = 0  # the farthest that a jump before has led to
    jump: int | None = None  # how far the jump before leads, from this operation on
    for unit, operation, argument in operations(code):
        if jump is not None and operation != CACHE:
            beyond, jump = max(beyond, unit + jump), None
        if operation in FORWARD:
            jump = argument
        elif operation in RETURN:
            break  # behind it are other branches and handlers of exceptions
        elif (operation == STORE_NAME or operation == STORE_GLOBAL) and unit >= beyond:
            if not any(start <= unit < end for start, end in tried):
                certain.setdefault(code.co_names[argument], []).append(unit)
    return certain


def guarded(code: CodeType) -> Iterator[tuple[int, int]]:
    """The ranges of code units in which an exception is handled (the interpreter's notes on exception tables)."""
    data = iter(code.co_exceptiontable)

    def number() -> int | None:
        byte = next(data, None)
        if byte is None:
            return None
        value = byte & 63
        while byte & 64:
            byte = next(data)
            value = value << 6 | byte & 63
        return value

    while (start := number()) is not None:
        length, _, _ = number(), number(), number()
        yield start, start + (length or 0)


def defined_names(code: Any) -> set[str] | None:
    """The names that a module's text defines; None where that cannot be known (no code, a star import)."""
    return facts(code).defined(code) if type(code) is CODE else None


def name_range(text: bytes | None, statement: tuple | None, name: str, local: str) -> tuple | None:
    """The range of `name` (or of `name as local`) inside an import statement, else the statement's own."""
    if text is None or statement is None:
        return statement
    line, column, end_line, end_column = statement
    lines = text.splitlines(keepends=True)[line:end_line + 1]
    if len(lines) != end_line - line + 1:
        return statement
    start = lines[0][column:].find(b"import")
    row, at = 0, column + max(start, 0)
    if start < 0:  # `from a.b \` and the rest on the next line
        row, at = 1, 0
    wanted = name.encode()
    for index in range(row, len(lines)):
        data = lines[index].split(b"#")[0]
        begin = at if index == row else 0
        while True:
            begin = data.find(wanted, begin)
            if begin < 0:
                break
            end = begin + len(wanted)
            if not _word(data, begin - 1) and not _word(data, end):
                if name != local:
                    tail = data.find(local.encode(), end)
                    if tail >= 0 and data[end:tail].split() == [b"as"]:
                        return line + index, begin, line + index, tail + len(local.encode())
                elif data[end:].split()[:1] != [b"as"]:
                    return line + index, begin, line + index, end
            begin = end
    return statement


def _word(data: bytes, index: int) -> bool:
    if not 0 <= index < len(data):
        return False
    byte = data[index:index + 1]
    return byte.isalnum() or byte == b"_" or byte >= b"\x80"
