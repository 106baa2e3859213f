"""Texts to code objects. Whatever is wrong with a text becomes a problem with a range, never an exception."""

from __future__ import annotations

import ast
import dis
import io
import re
import sys
import tokenize
import warnings
from types import CodeType
from typing import Any

Problem = dict[str, Any]
Range = dict[str, dict[str, int]]

_NEW_LOCALS = 0x2  # functions have it, class bodies do not
_LINE_END = re.compile(rb"\r\n|\n|\r")
_TOKEN = re.compile(r"\w+|[^\w\s]")
_FSTRING = re.compile(r"(?i)\b(?:f|rf|fr)['\"]")
_BOM = b"\xef\xbb\xbf"


class Text:
    """A source text as its lines, for ranges. Lines and columns are 0-based, columns count UTF-8 bytes."""

    def __init__(self, source: bytes, lines: list[bytes] | None = None) -> None:
        """`lines`: those between newlines, where these alone end lines."""
        self.source = source
        self.encoding = "utf-8"
        body = source[len(_BOM) :] if source.startswith(_BOM) else source
        try:
            self.encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
            if self.encoding not in ("utf-8", "utf-8-sig"):
                body = body.decode(self.encoding).encode("utf-8", "replace")
        except (SyntaxError, LookupError, UnicodeError):
            pass  # the compiler says what is wrong with it; ranges are then made on the bytes as they are
        self.lines: list[bytes] = lines if lines is not None and body is source else _LINE_END.split(body)

    def line(self, number: int) -> bytes:
        return self.lines[number] if 0 <= number < len(self.lines) else b""

    def slice(self, start_line: int, start: int, end_line: int, end: int) -> bytes:
        if start_line == end_line:
            return self.line(start_line)[start:end]
        return b"\n".join(
            (self.line(start_line)[start:], *self.lines[start_line + 1 : end_line], self.line(end_line)[:end])
        )

    def clamped(self, start_line: int, start: int, end_line: int, end: int) -> Range:
        """A range that lies in the text and covers at least one token where there is one."""
        start_line = min(max(start_line, 0), len(self.lines) - 1)
        start = min(max(start, 0), len(self.line(start_line)))
        end_line = min(max(end_line, start_line), len(self.lines) - 1)
        end = min(max(end, 0), len(self.line(end_line)))
        if (end_line, end) <= (start_line, start):
            rest = self.line(start_line)[start:].decode("utf-8", "replace")
            token = _TOKEN.match(rest.lstrip())
            skipped = len(rest) - len(rest.lstrip())
            if token is not None:
                start += len(rest[:skipped].encode())
                end_line, end = start_line, start + len(token.group().encode("utf-8", "replace"))
            elif start > 0:  # at the end of the line: the last character before it
                line = self.line(start_line)[:start].decode("utf-8", "replace").rstrip()
                end_line, end = start_line, max(start, len(line.encode()))
                start = len(line[:-1].encode()) if line else 0
        return range_of(start_line, start, end_line, end)

    def whole_line(self, number: int) -> Range:
        number = min(max(number, 0), len(self.lines) - 1)
        line = self.line(number)
        indent = len(line) - len(line.lstrip())
        return range_of(number, indent, number, len(line.rstrip()) if line.strip() else len(line))

    def byte_column(self, number: int, characters: int) -> int:
        return len(self.line(number).decode("utf-8", "replace")[:characters].encode("utf-8", "replace"))


def range_of(start_line: int, start: int, end_line: int, end: int) -> Range:
    return {"start": {"line": start_line, "column": start}, "end": {"line": end_line, "column": end}}


def compiled(
    source: bytes, filename: str, optimize: int, text: Text | None = None
) -> tuple[CodeType | None, list[Problem]]:
    """The module code of a text, as the interpreter itself would make it, and what is wrong with the text."""
    problems: list[Problem] = []
    code: CodeType | None = None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            code = compile(source, filename, "exec", dont_inherit=True, optimize=optimize)
        except Exception as error:
            problems.append(_problem(error, text or Text(source), filename))
    for warning in caught:
        text = text or Text(source)
        problems.append(
            {
                "code": "compile-warning",
                "severity": "warning",
                "message": f"{warning.category.__name__}: {warning.message}",
                "range": text.whole_line(warning.lineno - 1),
            }
        )
    return code, problems


def tree_of(source: bytes, filename: str) -> ast.Module | None:
    """The syntax tree, or None where the text is too deep for one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(source, filename)
        except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
            return None


def _problem(error: Exception, text: Text, filename: str) -> Problem:
    if isinstance(error, SyntaxError):
        message = f"{type(error).__name__}: {error.msg or 'invalid syntax'}"
        where = _syntax_range(error, text, filename)
    elif isinstance(error, (RecursionError, MemoryError)):
        message, where = "this text is too deeply nested or too large to compile", _deepest(text)
    else:
        message, where = str(error) or type(error).__name__, text.whole_line(0)
    if b"\0" in text.source and "null byte" in message:
        where = _null_byte(text)
    return {"code": "syntax-error", "severity": "error", "message": message, "range": where}


def _syntax_range(error: SyntaxError, text: Text, filename: str) -> Range:
    if error.lineno is None or error.lineno < 1:
        undecodable = _undecodable(text)
        return undecodable or text.whole_line(0)
    line, offset = error.lineno - 1, (error.offset or 1) - 1
    end_line = (error.end_lineno or error.lineno) - 1
    end_offset = (error.end_offset if error.end_offset is not None else 0) - 1
    if error.msg.startswith("(unicode error)"):
        undecodable = _undecodable(text)
        if undecodable is not None:
            return undecodable
    if sys.version_info < (3, 12) and error.msg.startswith("f-string: "):
        inside = _in_fstring(error, text)
        if inside is not None:
            return inside
    if _counts_bytes(error, text, filename):
        return text.clamped(line, offset, end_line, end_offset)
    start = text.byte_column(line, offset) if offset > 0 else offset
    end = text.byte_column(end_line, end_offset) if end_offset > 0 else end_offset
    return text.clamped(line, start, end_line, end)


def _counts_bytes(error: SyntaxError, text: Text, filename: str) -> bool:
    """The parser counts characters; what runs after it (symbol table, code generator) counts UTF-8 bytes."""
    if text.line((error.lineno or 1) - 1).isascii():
        return True
    if sys.version_info[:2] == (3, 12):
        # Inside f-strings 3.12 counts bytes.
        before = text.line((error.lineno or 1) - 1)[: error.offset or 0].decode("utf-8", "replace")
        if _FSTRING.search(before):
            return True
    return tree_of(text.source, filename) is not None


def _in_fstring(error: SyntaxError, text: Text) -> Range | None:
    """3.11 compiles the expressions of an f-string apart, as "(expression)", and gives positions in that."""
    if not error.text or not error.text.startswith("("):
        return None
    expression = error.text.rstrip("\n")[1:].removesuffix(")")
    first = (error.lineno or 1) - 1
    for number in (*range(first, len(text.lines)), *range(first)):
        line = text.line(number).decode("utf-8", "replace")
        at = line.find("{" + expression)
        if at < 0:
            continue
        start = at + max((error.offset or 1) - 1, 1)
        end = at + max((error.end_offset or 1) - 1, 1)
        return text.clamped(number, text.byte_column(number, start), number, text.byte_column(number, end))
    return None


def _undecodable(text: Text) -> Range | None:
    try:
        text.source.decode(text.encoding)
    except UnicodeDecodeError as error:
        before = _LINE_END.split(text.source[: error.start])
        line, column = len(before) - 1, len(before[-1])
        return range_of(line, column, line, column + max(1, error.end - error.start))
    except LookupError:
        pass
    return None


def _null_byte(text: Text) -> Range:
    before = _LINE_END.split(text.source[: text.source.index(b"\0")])
    line, column = len(before) - 1, len(before[-1])
    return range_of(line, column, line, column + 1)


def _deepest(text: Text) -> Range:
    """The line that nests most, to have a place to show."""
    best, found = -1, 0
    for number, line in enumerate(text.lines):
        if len(line) > best:
            best, found = len(line), number
    return text.whole_line(found)


def same_code(left: CodeType, right: CodeType, lines: bool) -> bool:
    """Whether two code objects do the same; with `lines`, also whether each instruction stands at the same place."""
    if left is right:
        return True
    if (
        left.co_code != right.co_code
        or left.co_names != right.co_names
        or left.co_flags != right.co_flags
        or left.co_varnames != right.co_varnames
        or left.co_freevars != right.co_freevars
        or left.co_cellvars != right.co_cellvars
        or left.co_argcount != right.co_argcount
        or left.co_posonlyargcount != right.co_posonlyargcount
        or left.co_kwonlyargcount != right.co_kwonlyargcount
        or left.co_exceptiontable != right.co_exceptiontable
        or left.co_qualname != right.co_qualname
    ):
        return False
    if lines and (left.co_firstlineno != right.co_firstlineno or left.co_linetable != right.co_linetable):
        return False
    return len(left.co_consts) == len(right.co_consts) and all(
        map(same_constant, left.co_consts, right.co_consts, [lines] * len(left.co_consts))
    )


CLASSES_SAY_LINES = sys.version_info >= (3, 13)  # `__firstlineno__`


def says_its_line(code: CodeType) -> bool:
    """Whether it is the body of a class that says in which line it begins."""
    return CLASSES_SAY_LINES and "__firstlineno__" in code.co_names and not code.co_flags & _NEW_LOCALS


def line_constant(code: CodeType) -> int | None:
    """Which of the constants of a class's body that line is; None where other statements may use the same constant."""
    indexes = [index for index, each in enumerate(code.co_consts) if type(each) is int and each == code.co_firstlineno]
    if len(indexes) != 1:
        return None
    loads = sum(each.opcode in dis.hasconst and each.arg == indexes[0] for each in dis.get_instructions(code))
    return indexes[0] if loads == 1 else None


def same_constant(left: object, right: object, lines: bool) -> bool:
    if left is right:
        return True
    if isinstance(left, CodeType) and isinstance(right, CodeType):
        return same_code(left, right, lines)
    if type(left) is not type(right):
        return False
    if isinstance(left, tuple) and isinstance(right, tuple):
        return len(left) == len(right) and all(map(same_constant, left, right, [lines] * len(left)))
    if isinstance(left, frozenset) and isinstance(right, frozenset):  # of `x in {"a", "b"}`: in another order in each process
        return left == right and sorted(map(repr, left)) == sorted(map(repr, right))
    # 0.0 == -0.0, and a frozenset can hold 1 or True
    return left == right and (type(left) in (str, bytes, int, bool) or repr(left) == repr(right))
