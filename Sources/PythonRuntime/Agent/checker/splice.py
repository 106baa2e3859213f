"""The code of an edited text without compiling all of it: for edits inside functions, most of a save's time.

Where only the insides of top-level functions and classes changed, their statements are compiled alone, and put into the
code of the running text; what stands below moves by whole lines. The result is what compiling the whole text gives, to
the last byte of its line tables. Whatever is not certain is left to the compiler: `spliced` answers None then.
"""

from __future__ import annotations

import ast
import sys
import warnings
from types import CodeType

from codetree import body_swaps
from texts import DEFINITIONS, Module, Span, spans_of

_NEW_LOCALS = 0x2  # functions have it, class bodies do not
_END = "__afresh_end__"
_FIRST_LINE_IS_A_CONSTANT = sys.version_info >= (3, 13)  # of a class: `__firstlineno__`
_NEWEST = (3, 14)  # with which this was compared with the compiler


def spliced(running: Module, source: bytes) -> tuple[CodeType, list[Span], dict[int, CodeType]] | None:
    """The code of `source`, where its statements stand, and of what it only moved: `id` of the new code to the old. None
    where it has to be compiled as a whole.
    """
    code, spans = running.code, running.spans
    if sys.version_info[:2] > _NEWEST or code is None or not spans or "super" in code.co_names:
        return None
    if not _is_plain(running.source) or not _is_plain(source):
        return None
    old, new = running.source.split(b"\n"), source.split(b"\n")
    if old[:2] != new[:2]:  # a cookie says how the text is encoded
        return None
    moved = len(new) - len(old)
    top = _common(old, new)
    bottom = _common(old[: top - 1 : -1] if top else old[::-1], new[: top - 1 : -1] if top else new[::-1])
    first = _last_border(old, spans, top)
    after = _first_border(old, spans, len(old) - bottom, first)
    if first is None or any(not span.defines for span in spans[first:after]):
        return None
    start = spans[first].first
    end = spans[after].first if after < len(spans) else len(old)
    before = _part(old[start:end], start, running, after < len(spans))
    now = _part(new[start : end + moved], start, running, after < len(spans))
    if before is None or now is None or before.shape != now.shape or body_swaps(before.code, now.code, {}) is None:
        return None
    same: dict[int, CodeType] = {}
    constants = _constants(code, before, now, start, end, moved, same)
    table = _line_table(code.co_linetable, before.code.co_linetable, now.code.co_linetable, start, end, moved)
    if constants is None or table is None:
        return None
    below = [span.moved(moved) for span in spans[after:]]
    return code.replace(co_consts=constants, co_linetable=table), [*spans[:first], *now.spans, *below], same


def _is_plain(source: bytes) -> bool:
    """Whether lines end as everywhere and nothing else makes the compiler count in its own way."""
    return not any(byte in source for byte in (b"\r", b"\f", b"\0", b"coding"))


def _common(one: list[bytes], other: list[bytes]) -> int:
    for count, (left, right) in enumerate(zip(one, other)):
        if left != right:
            return count
    return min(len(one), len(other))


def _is_border(lines: list[bytes], spans: list[Span], index: int) -> bool:
    """Whether a statement begins on a line of its own, whatever stands before it."""
    line = spans[index].first
    return (
        index > 0
        and spans[index - 1].last < line
        and not lines[line][:1].isspace()
        and not lines[line - 1].endswith(b"\\")
        and (not spans[index].decorated or lines[line].startswith(b"@"))
    )


def _last_border(lines: list[bytes], spans: list[Span], top: int) -> int | None:
    """The statement from which on the text may differ; the one before the first line that differs belongs to it, as the
    line may continue it.
    """
    for index in range(len(spans) - 1, 0, -1):
        if spans[index].first < top and _is_border(lines, spans, index):
            return index
    return None


def _first_border(lines: list[bytes], spans: list[Span], line: int, first: int | None) -> int:
    """The statement from which on the text is the same again."""
    for index in range((first or 0) + 1, len(spans)):
        if spans[index].first >= line and _is_border(lines, spans, index):
            return index
    return len(spans)


class _Part:
    """Statements of a text, compiled alone."""

    def __init__(self, code: CodeType, spans: list[Span], shape: object) -> None:
        self.code = code
        self.spans = spans
        self.shape = shape


def _part(lines: list[bytes], start: int, module: Module, goes_on: bool) -> _Part | None:
    if goes_on and lines[-1].endswith(b"\\"):
        return None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            text = "\n" * start + b"\n".join(lines).decode("utf-8") + ("\n" if goes_on else "")
            flags = module.compiler_flags
            tree = compile(text, module.filename, "exec", ast.PyCF_ONLY_AST | flags, True, module.optimize)
            spans = list(spans_of(tree))
            statements = list(tree.body)
            if not statements or not all(isinstance(each, DEFINITIONS) for each in statements):
                return None
            shape = [(type(each), each.name) for each in statements], _globals(tree)  # type: ignore[attr-defined]
            # From 3.12 on the compiler treats names that the module imports in a way of its own.
            names = [ast.alias(name, None, lineno=1, col_offset=0, end_lineno=1, end_col_offset=0) for name in module.imported_names]
            if names:
                tree.body.insert(0, ast.Import(names, lineno=1, col_offset=0, end_lineno=1, end_col_offset=0))
            if goes_on:  # what returns from the module stands elsewhere
                at = {"lineno": start + len(lines) + 1, "col_offset": 0, "end_lineno": start + len(lines) + 1, "end_col_offset": 1}
                tree.body.append(ast.Expr(ast.Name(_END, ast.Load(), **at), **at))
            code = compile(tree, module.filename, "exec", flags, True, module.optimize)
        except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
            return None
    return None if caught else _Part(code, spans, shape)


def _globals(tree: ast.Module) -> set[str]:
    """What functions declare global: the module's own statements bind these names in another way."""
    return {name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names}


def _constants(
    code: CodeType, before: _Part, now: _Part, start: int, end: int, moved: int, same: dict[int, CodeType]
) -> tuple[object, ...] | None:
    olds, news = (list(filter(_is_code, part.code.co_consts)) for part in (before, now))
    result: list[object] = []
    used = 0
    for constant in code.co_consts:
        if isinstance(constant, CodeType) and constant.co_firstlineno > start:
            if constant.co_firstlineno <= end:
                if used == len(olds) or constant.co_qualname != olds[used].co_qualname:
                    return None
                constant, used = news[used], used + 1
            elif moved:
                below = _moved(constant, moved)
                if below is None:
                    return None
                if not _knows_its_line(constant):
                    same[id(below)] = constant
                constant = below
        result.append(constant)
    return tuple(result) if used == len(olds) else None


def _is_code(value: object) -> bool:
    return isinstance(value, CodeType)


def _moved(code: CodeType, lines: int) -> CodeType | None:
    """The same code on other lines."""
    constants: list[object] = []
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            below = _moved(constant, lines)
            if below is None:
                return None
            constants.append(below)
        else:
            constants.append(constant)
    line = code.co_firstlineno + lines
    if _FIRST_LINE_IS_A_CONSTANT and "__firstlineno__" in code.co_names and not code.co_flags & _NEW_LOCALS:
        numbers = [index for index, each in enumerate(constants) if type(each) is int]
        values = [constants[index] for index in numbers]
        if values.count(code.co_firstlineno) != 1 or line in values or _loads(code, values.index(code.co_firstlineno), numbers) != 1:
            return None
        constants[numbers[values.index(code.co_firstlineno)]] = line
    return code.replace(co_firstlineno=line, co_consts=tuple(constants))


def _knows_its_line(code: CodeType) -> bool:
    """Whether there is a class in it that says where it stands."""
    if not _FIRST_LINE_IS_A_CONSTANT:
        return False
    return "__firstlineno__" in code.co_names or any(map(_knows_its_line, filter(_is_code, code.co_consts)))


def _loads(code: CodeType, number: int, indexes: list[int]) -> int:
    """How often a constant is loaded: one that another statement shares with `__firstlineno__` stays what it is."""
    import dis

    return sum(each.opcode in dis.hasconst and each.arg == indexes[number] for each in dis.get_instructions(code))


# Line tables: one entry for each run of instructions (Objects/locations.md of CPython).

_NONE, _LONG, _NO_COLUMN, _ONE_LINE = 15, 14, 13, 10


class _Entry:
    """Where some instructions stand. Lines are relative: to the entry before, and of the end to the start."""

    __slots__ = ("units", "moved", "lines", "column", "end", "line")

    def __init__(self, units: int, moved: int | None, lines: int, column: int, end: int, line: int) -> None:
        self.units = units
        self.moved = moved  # None: no place
        self.lines = lines  # -1: no columns
        self.column = column
        self.end = end
        self.line = line

    def encoded(self) -> bytes:
        if self.moved is None:
            return self._head(_NONE)
        if self.lines < 0:
            return self._head(_NO_COLUMN) + _signed(self.moved)
        if self.lines == 0:
            width = self.end - self.column
            if self.moved == 0 and self.column < 80 and 0 <= width < 16:
                return self._head(self.column // 8) + bytes([self.column % 8 << 4 | width])
            if 0 <= self.moved < 3 and self.column < 128 and self.end < 128:
                return self._head(_ONE_LINE + self.moved) + bytes([self.column, self.end])
        return (
            self._head(_LONG)
            + _signed(self.moved)
            + _unsigned(self.lines)
            + _unsigned(self.column + 1)
            + _unsigned(self.end + 1)
        )

    def _head(self, kind: int) -> bytes:
        return bytes([0x80 | kind << 3 | self.units - 1])


def _entries(table: bytes) -> list[_Entry]:
    found: list[_Entry] = []
    at, line = 0, 1
    end_of_table = len(table)

    def number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = table[at]
            at += 1
            value |= (byte & 63) << shift
            shift += 6
            if not byte & 64:
                return value

    def signed() -> int:
        value = number()
        return -(value >> 1) if value & 1 else value >> 1

    while at < end_of_table:
        head = table[at]
        at += 1
        kind, units = head >> 3 & 15, (head & 7) + 1
        moved: int | None = 0
        lines = column = end = 0
        if kind == _NONE:
            moved = None
        elif kind == _LONG:
            moved, lines = signed(), number()
            column, end = number() - 1, number() - 1
        elif kind == _NO_COLUMN:
            moved, lines = signed(), -1
        elif kind >= _ONE_LINE:
            moved, column, end = kind - _ONE_LINE, table[at], table[at + 1]
            at += 2
        else:
            column = kind << 3 | table[at] >> 4
            end = column + (table[at] & 15)
            at += 1
        line += moved or 0
        found.append(_Entry(units, moved, lines, column, end, line))
    return found


def _line_table(whole: bytes, before: bytes, now: bytes, start: int, end: int, moved: int) -> bytes | None:
    entries, olds, news = map(_entries, (whole, before, now))
    run = _run(entries, start, end)
    old, new = _run(olds, start, end), _run(news, start, end + moved)
    if run is None or old is None or new is None:
        return None
    mine, its, their = entries[slice(*run)], olds[slice(*old)], news[slice(*new)]
    if not len(mine) == len(its) == len(their):
        return None
    if any(one.line != other.line or one.column != other.column for one, other in zip(mine, its)):
        return None
    for one, entry in zip(mine, their):
        entry.units = one.units
    # What follows in the code may stand above all the same: handlers of exceptions come last.
    for entry in (*entries[: run[0]], *entries[run[1] :]):
        if entry.line > end:
            entry.line += moved
    result = [*entries[: run[0]], *their, *entries[run[1] :]]
    line = 1
    for entry in result:
        if entry.moved is not None:
            entry.moved = entry.line - line
            line = entry.line
    return b"".join([entry.encoded() for entry in result])


def _run(entries: list[_Entry], start: int, end: int) -> tuple[int, int] | None:
    """The entries that stand on these lines (from 0), if they come one after another."""
    inside = [index for index, entry in enumerate(entries) if entry.moved is not None and start < entry.line <= end]
    if not inside or inside[-1] - inside[0] + 1 != len(inside):
        return None
    return inside[0], inside[-1] + 1


def _unsigned(value: int) -> bytes:
    found = bytearray()
    while value >= 64:
        found.append(64 | value & 63)
        value >>= 6
    found.append(value)
    return bytes(found)


def _signed(value: int) -> bytes:
    return _unsigned(-value << 1 | 1 if value < 0 else value << 1)
