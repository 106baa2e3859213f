"""The code of an edited text without compiling all of it: for edits inside functions, most of a save's time.

Where only the insides of top-level functions and classes changed, their statements are compiled alone, and put into the
code of the running text; what stands below moves by whole lines. The result is what compiling the whole text gives, to
the last byte of its line tables. Whatever is not certain is left to the compiler: `spliced` answers None then.
"""

from __future__ import annotations

import ast
import sys
import warnings
from dataclasses import dataclass
from types import CodeType

from codetree import Path, Swap, at, body_swaps
from texts import DEFINITIONS, ClassLines, Module, Span, spans_of

_END = "__afresh_end__"
_NEWEST = (3, 14)  # with which this was compared with the compiler


@dataclass(eq=False)
class Splice:
    """How an edited text and its code are made of those that run."""

    running: Module
    # Indexes among the constants of the running code: what stands there now; the line after which the rest of it has moved, and by
    # how many; the line table; where classes say in which line they begin.
    recipe: tuple[dict[int, CodeType], int, int, bytes, ClassLines]
    unmoved: CodeType  # with what stands there now; what is below stands on its old lines
    swaps: list[Swap]  # of what was replaced
    shared: tuple[int, int]  # so many bytes the texts have in common before what was replaced, and after it
    part: _Part  # what was compiled
    lines: list[bytes]  # of the new text
    entries: list[Entry]  # of its line table
    spans: list[Span]

    def code(self) -> CodeType:
        """What compiling the edited text gives."""
        replaced, end, moved, table, lines = self.recipe
        constants: list[object] = []
        for index, constant in enumerate(self.unmoved.co_consts):
            if moved and isinstance(constant, CodeType) and index not in replaced and constant.co_firstlineno > end:
                constant = _moved(constant, moved, (index,), lines)
            constants.append(constant)
        return self.unmoved.replace(co_consts=tuple(constants), co_linetable=table)


def spliced(running: Module, source: bytes) -> Splice | None:
    """None where the text has to be compiled as a whole."""
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
    before = _running_part(running, old[start:end], start, after < len(spans))
    now = _part(new[start : end + moved], start, running, after < len(spans))
    if before is None or now is None or before.shape != now.shape:
        return None
    swaps = body_swaps(before.code, now.code)
    places = _places(code, before.code, start, end)
    lines = running.class_lines if moved else {}
    if swaps is None or places is None or lines is None or not _can_move(code, lines, end, moved):
        return None
    entries = running.line_entries or _entries(code.co_linetable)
    entries = _spliced_entries(entries, before.entries, now.entries, start, end, moved)
    if entries is None:
        return None
    news = [each for each in now.code.co_consts if isinstance(each, CodeType)]
    replaced = dict(zip(places.values(), news))
    return Splice(
        running,
        recipe=(replaced, end, moved, b"".join([entry.raw for entry in entries]), lines),
        unmoved=code.replace(co_consts=tuple([replaced.get(index, each) for index, each in enumerate(code.co_consts)])),
        swaps=[((places[path[0]], *path[1:]), new, differs, more) for path, new, differs, more in swaps],
        shared=(len(b"\n".join(old[:start])) + 1, len(b"\n".join(old[end:]))),
        part=now,
        lines=new,
        entries=entries,
        spans=[*spans[:first], *now.spans, *(span.moved(moved) for span in spans[after:])],
    )


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

    def __init__(self, lines: list[bytes], start: int, goes_on: bool, code: CodeType, spans: list[Span], shape: object) -> None:
        self.given = (lines, start, goes_on)
        self.code = code
        self.entries = _entries(code.co_linetable)
        self.spans = spans
        self.shape = shape


def _running_part(running: Module, lines: list[bytes], start: int, goes_on: bool) -> _Part | None:
    """The same statement is often edited again: what was compiled of it then is what runs now."""
    part = running.spliced_part
    return part if part is not None and part.given == (lines, start, goes_on) else _part(lines, start, running, goes_on)


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
    return None if caught else _Part(lines, start, goes_on, code, spans, shape)


def _globals(tree: ast.Module) -> set[str]:
    """What functions declare global: the module's own statements bind these names in another way."""
    return {name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names}


def _places(code: CodeType, part: CodeType, start: int, end: int) -> dict[int, int] | None:
    """Indexes among the constants of the code of some statements, compiled alone, and among those of the whole."""
    inside = [
        index for index, each in enumerate(code.co_consts) if isinstance(each, CodeType) and start < each.co_firstlineno <= end
    ]
    alone = [index for index, each in enumerate(part.co_consts) if isinstance(each, CodeType)]
    if [code.co_consts[index].co_qualname for index in inside] != [part.co_consts[index].co_qualname for index in alone]:
        return None
    return dict(zip(alone, inside))


def _can_move(code: CodeType, lines: ClassLines, end: int, moved: int) -> bool:
    """Whether no class below would come to stand in a line whose number it uses otherwise: it would be the same constant."""
    for path in lines:
        inner = at(code, path)
        if at(code, path[:1]).co_firstlineno > end and inner.co_firstlineno + moved in (each for each in inner.co_consts if type(each) is int):
            return False
    return True


def _moved(code: CodeType, by: int, path: Path, lines: ClassLines) -> CodeType:
    """The same code on other lines."""
    constants = [_moved(each, by, (*path, index), lines) if isinstance(each, CodeType) else each for index, each in enumerate(code.co_consts)]
    line = code.co_firstlineno + by
    if path in lines:
        constants[lines[path]] = line
    return code.replace(co_firstlineno=line, co_consts=tuple(constants))


# Line tables: one entry for each run of instructions (Objects/locations.md of CPython).

_NONE, _LONG, _NO_COLUMN, _ONE_LINE = 15, 14, 13, 10


class Entry:
    """Where some instructions stand. Lines are relative: to the entry before, and of the end to the start."""

    __slots__ = ("raw", "units", "moved", "lines", "column", "end")

    def __init__(self, raw: bytes, units: int, moved: int | None, lines: int, column: int, end: int) -> None:
        self.raw = raw
        self.units = units
        self.moved = moved  # None: no place
        self.lines = lines  # -1: no columns
        self.column = column
        self.end = end

    def but(self, units: int, moved: int | None) -> Entry:
        """The same for another number of instructions, or after another line."""
        if units == self.units and moved == self.moved:
            return self
        result = Entry(b"", units, moved, self.lines, self.column, self.end)
        result.raw = result._encoded()
        return result

    def _encoded(self) -> bytes:
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


def _entries(table: bytes) -> list[Entry]:
    found: list[Entry] = []
    at = 0
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
        begin = at
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
        found.append(Entry(table[begin:at], units, moved, lines, column, end))
    return found


def _lines(entries: list[Entry]) -> list[int]:
    found: list[int] = []
    line = 1
    for entry in entries:
        line += entry.moved or 0
        found.append(line)
    return found


def _spliced_entries(
    entries: list[Entry], olds: list[Entry], news: list[Entry], start: int, end: int, moved: int
) -> list[Entry] | None:
    """Those of the new text, where `news` take the place of `olds`, which are in `entries` too."""
    lines, old_lines, new_lines = _lines(entries), _lines(olds), _lines(news)
    run, old, new = _run(entries, lines, start, end), _run(olds, old_lines, start, end), _run(news, new_lines, start, end + moved)
    if run is None or old is None or new is None:
        return None
    mine, its, their = (each.stop - each.start for each in (run, old, new))
    if not mine == its == their or lines[run] != old_lines[old]:
        return None
    if any(one.column != other.column for one, other in zip(entries[run], olds[old])):
        return None
    # What follows in the code may stand above all the same: handlers of exceptions come last.
    places = [line + moved if line > end else line for line in lines]
    places[run] = new_lines[new]
    stand = [*entries[: run.start], *news[new], *entries[run.stop :]]
    line = 1
    for index, (before, entry, place) in enumerate(zip(entries, stand, places)):
        if entry.moved is not None:
            stand[index] = entry.but(before.units, place - line)
            line = place
    return stand


def _run(entries: list[Entry], lines: list[int], start: int, end: int) -> slice | None:
    """The entries that stand on these lines (from 0), if they come one after another."""
    inside = [index for index, line in enumerate(lines) if start < line <= end and entries[index].moved is not None]
    if not inside or inside[-1] - inside[0] + 1 != len(inside):
        return None
    return slice(inside[0], inside[-1] + 1)


def _unsigned(value: int) -> bytes:
    found = bytearray()
    while value >= 64:
        found.append(64 | value & 63)
        value >>= 6
    found.append(value)
    return bytes(found)


def _signed(value: int) -> bytes:
    return _unsigned(-value << 1 | 1 if value < 0 else value << 1)
