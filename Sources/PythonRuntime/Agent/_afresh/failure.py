"""What went wrong in the program's statements, as a server can show it."""
from __future__ import annotations

import _afresh
import _signal
import sys
from opcode import opmap

from .hooks import BadHook
from .modules import real_path
from .remains import remains

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

    from .transaction import Transaction


_RAISES = (opmap["RAISE_VARARGS"], opmap["RERAISE"])


def describe(error: BaseException, transaction: Transaction, module: str, loaded: list[str]) -> dict[str, Any]:
    """`failure` of the host protocol, before the rollback."""
    answer: dict[str, Any] = {
        "module": module,
        "error": {"type": type.__getattribute__(type(error), "__name__"), "message": text_of(error), "traceback": []},
        "undone": True,
        "remains": [],
    }
    try:
        answer["error"]["traceback"], failed = _frames(error)
        answer["remains"] = remains(transaction.executions, failed, loaded)
    except Exception as trouble:  # the rollback must come, whatever the exception is made of
        answer["remains"] = [f"what ran before it is not known: {type(trouble).__name__}"]
    return answer


def describe_raised(error: BaseException) -> dict[str, Any]:
    """`error` of the host protocol, of statements that a person has executed."""
    return {"type": type.__getattribute__(type(error), "__name__"), "message": text_of(error),
            "traceback": _frames(error)[0]}


def signal_behind(error: BaseException) -> int | None:
    """The signal whose handler raised the exception: it was meant for the program and not for the reload."""
    codes = {}
    for number in _signal.valid_signals():
        handler = _signal.getsignal(number)
        code = getattr(getattr(handler, "__func__", handler), "__code__", None)
        if code is not None:
            codes[code] = number
    last = None
    traceback = _traceback_of(error)
    while traceback is not None:
        last = traceback
        if last.tb_frame.f_code in codes:
            return codes[last.tb_frame.f_code]
        traceback = traceback.tb_next
    if issubclass(type(error), KeyboardInterrupt) and last is not None:
        code = last.tb_frame.f_code.co_code
        if not 0 <= last.tb_lasti < len(code) or code[last.tb_lasti] not in _RAISES:
            return int(_signal.SIGINT)  # nobody raised it: it is Python's own handler
    return None


def let_go(error: BaseException) -> None:
    """Frames keep the values of the failed statements alive; nobody looks at them any more."""
    seen = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        error = waiting.pop()
        if error is not None and id(error) not in seen:
            seen.add(id(error))
            BaseException.__traceback__.__set__(error, None)
            waiting += [BaseException.__cause__.__get__(error), BaseException.__context__.__get__(error)]


def _traceback_of(error: BaseException) -> TracebackType | None:
    return BaseException.__traceback__.__get__(error)  # not by the class of the exception, which is the program's


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


def _frames(error: BaseException) -> tuple[list[dict[str, Any]], dict[int, int]]:
    """The program's frames, outermost first; lines at which they were left, by id of the code."""
    frames: list[dict[str, Any]] = []
    lines: dict[int, int] = {}
    traceback = _traceback_of(error)
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if not _is_machinery(code.co_filename):
            frames.append({
                "path": real_path(code.co_filename),
                "range": _range(traceback),
                "function": code.co_qualname,
            })
            lines[id(code)] = traceback.tb_lineno
        traceback = traceback.tb_next
    if type(error) is BadHook and error.code is not None:
        code = error.code
        place = _make_range(code.co_firstlineno - 1, 0, code.co_firstlineno - 1, 0)
        frames.append({"path": real_path(code.co_filename), "range": place, "function": code.co_qualname})
    if isinstance(error, SyntaxError) and type(error.filename) is str and type(error.lineno) is int:
        frames.append({"path": real_path(error.filename), "range": _syntax_range(error), "function": "<module>"})
    return frames, lines


def _is_machinery(path: str) -> bool:
    return path.startswith(_afresh.AGENT) or _afresh.is_import_system(path)


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
