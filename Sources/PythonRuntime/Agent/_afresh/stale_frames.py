"""Old code that still executes: in the frames of every thread, in generators and coroutines that wait."""
from __future__ import annotations

import _thread
import sys
from opcode import opmap

from . import stale_imports as imports
from . import stale_objects as objects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

    from .stale_ledger import Old

# From CPython 3.14 on, what a caller holds in a variable is given to a call without another reference.
BORROWS = sys.version_info >= (3, 14)
_CO_FUNCTION = 0x1
_ENDING = {opmap[name] for name in ("CACHE", "NOP", "POP_TOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST") if name in opmap}
_CO_SUSPENDABLE = 0x20 | 0x80 | 0x100 | 0x200  # generator, coroutine, iterable coroutine, asynchronous generator


class Running:
    """A frame of a thread that executes old code."""

    __slots__ = ("old", "path", "location", "suspendable", "ends", "_frame")

    def __init__(self, old: Old, frame: FrameType, thread: str) -> None:
        code = frame.f_code
        self.old = old
        self.path = f"frame of {function_name(code)} in {thread}"
        self.location = location(code, frame.f_lasti, frame.f_lineno)
        self.suspendable = bool(code.co_flags & _CO_SUSPENDABLE)
        self.ends = _is_at_end(frame)  # it does nothing any more but that
        self._frame = frame

    def holds(self, function: Any) -> int:
        """How many references to the function that it executes are known to come from the call."""
        caller = self._frame.f_back
        if BORROWS:
            return 0 if id(function) in variables_of(caller) else 1
        return 2 if _called_from_stack(caller) else 1


def variables_of(frame: FrameType | None) -> set[int]:
    """The ids of what the variables of a function that executes hold."""
    if frame is None or not frame.f_code.co_flags & _CO_FUNCTION:
        return set()
    return set(map(id, frame.f_locals.values()))


def _called_from_stack(caller: FrameType | None) -> bool:
    """CPython 3.11 keeps a function on the caller's stack during `function(*arguments)`; later versions move it."""
    if sys.version_info >= (3, 12) or caller is None or caller.f_lasti < 0:
        return False
    return caller.f_code.co_code[caller.f_lasti] == opmap["CALL_FUNCTION_EX"]


def function_name(code: Any) -> str:
    return "<module>" if code.co_name == "<module>" else f"{code.co_name}()"


def location(code: Any, last_instruction: int, line: int | None) -> dict | None:
    """Where a frame stands: the expression that executes, else its line."""
    found = imports.position(code, last_instruction // 2) if last_instruction >= 0 else None
    if found is None and line is not None:
        found = (line - 1, 0, line - 1, 0)
    return place(code.co_filename, found)


def place(path: str | None, found: tuple | None) -> dict | None:
    """A location as the host protocol writes it."""
    if path is None or found is None or path.startswith("<"):
        return None
    line, column, end_line, end_column = found
    return {"path": path, "range": {"start": {"line": line, "column": column},
                                    "end": {"line": end_line, "column": end_column}}}


def of_threads() -> list[tuple[FrameType, str]]:
    """The frames of all other threads, the innermost of each first, with the thread's name. While somebody holds them,
    what functions that end meanwhile had in their variables stays alive.
    """
    found = []
    names = objects.thread_names()
    frames = sys._current_frames()
    frames.pop(_thread.get_ident(), None)
    for identifier, top in frames.items():
        thread = names.get(identifier, f"thread {identifier}" if names else "MainThread")
        frame: FrameType | None = top
        while frame is not None:
            found.append((frame, thread))
            frame = frame.f_back
    return found


def running(frames: list[tuple[FrameType, str]], codes: dict[int, Old]) -> list[Running]:
    """Those that execute one of `codes` (by id)."""
    return [Running(old, frame, thread) for frame, thread in frames
            if (old := codes.get(id(frame.f_code))) is not None]


def _is_at_end(frame: FrameType) -> bool:
    """Whether a module's code is in its last call, as a script's mostly is: `main()`."""
    code = frame.f_code
    if code.co_name != "<module>" or code.co_exceptiontable:
        return False
    return _ENDING.issuperset(code.co_code[frame.f_lasti + 2 :: 2])
