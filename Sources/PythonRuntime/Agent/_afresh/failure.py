"""What went wrong in the program's statements, as a server can show it."""
from __future__ import annotations

import _afresh
import sys

from .modules import real_path
from .remains import remains

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

    from .transaction import Transaction


def describe(error: BaseException, transaction: Transaction, module: str, loaded: list[str]) -> dict[str, Any]:
    """`failure` of the host protocol, before the rollback; with `raised`: whether a statement raised the exception."""
    frames, failed, raised = _frames(error)
    answer = {
        "module": module,
        "error": {"type": type(error).__name__, "message": text_of(error), "traceback": frames},
        "undone": True,
        "remains": remains(transaction.executions, failed, loaded),
        "raised": raised,
    }
    _let_go(error)
    return answer


def text_of(error: BaseException) -> str:
    """The exception's text. Its class is the program's, and may fail or answer anything."""
    try:
        if isinstance(error, SyntaxError) and type(error.msg) is str:
            return error.msg
        text = str(error)
        notes = getattr(error, "__notes__", ())
        if type(notes) is list:
            text = "\n".join([text, *(note for note in notes if type(note) is str)])
        return text[:4000]
    except BaseException:
        return ""


def _frames(error: BaseException) -> tuple[list[dict[str, Any]], dict[int, int], bool]:
    """The program's frames, outermost first; lines by id of module code; whether the last instruction was a `raise`."""
    frames: list[dict[str, Any]] = []
    lines: dict[int, int] = {}
    raised = False
    traceback = error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if not _is_machinery(code.co_filename):
            frames.append({
                "path": real_path(code.co_filename),
                "range": _range(traceback),
                "function": code.co_qualname,
            })
            lines[id(code)] = traceback.tb_lineno
        if traceback.tb_next is None:
            at = traceback.tb_lasti
            raised = _is_raise(code.co_code[at]) if 0 <= at < len(code.co_code) else False
        traceback = traceback.tb_next
    if isinstance(error, SyntaxError) and type(error.filename) is str and type(error.lineno) is int:
        frames.append({"path": real_path(error.filename), "range": _syntax_range(error), "function": "<module>"})
    return frames, lines, raised


def _is_machinery(path: str) -> bool:
    return path.startswith(_afresh.AGENT) or _afresh.is_import_system(path)


def _is_raise(operation: int) -> bool:
    from opcode import opmap

    return operation in (opmap["RAISE_VARARGS"], opmap["RERAISE"])


def _range(traceback: TracebackType) -> dict[str, Any]:
    code = traceback.tb_frame.f_code
    line = max(0, (traceback.tb_lineno or 1) - 1)
    for index, position in enumerate(code.co_positions()):
        if index * 2 == traceback.tb_lasti:
            first, last, column, end = position
            if first is not None and last is not None and column is not None and end is not None:
                return _make_range(first - 1, column, last - 1, end)
            break
    return _make_range(line, 0, line, 0)


def _syntax_range(error: SyntaxError) -> dict[str, Any]:
    line = max(0, error.lineno - 1)
    text = error.text if type(error.text) is str else ""
    column = _bytes_before(text, error.offset)
    last = error.end_lineno if type(error.end_lineno) is int and error.end_lineno > 0 else error.lineno
    end = _bytes_before(text, error.end_offset) if last == error.lineno else column
    return _make_range(line, column, line, max(column, end))


def _bytes_before(text: str, offset: int | None) -> int:
    characters = max(0, (offset or 1) - 1)
    return len(text[:characters].encode("utf-8", "surrogatepass"))


def _make_range(line: int, column: int, last: int, end: int) -> dict[str, Any]:
    return {"start": {"line": line, "column": column}, "end": {"line": last, "column": end}}


def _let_go(error: BaseException) -> None:
    """Frames keep the values of the failed statements alive; nobody looks at them any more."""
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        try:
            error.__traceback__ = None
            error = error.__cause__ or error.__context__
        except Exception:
            return


def describe_internal(error: BaseException) -> str:
    """The traceback of a failure of the agent itself, for its developers."""
    lines = []
    traceback = error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        lines.append(f"{code.co_filename}:{traceback.tb_lineno} {code.co_qualname}")
        traceback = traceback.tb_next
    lines.append(f"{type(error).__name__}: {text_of(error)}")
    lines.append(sys.version)
    return "\n".join(lines)
