"""A call goes on with the code that it began with: what only old code needs is removed when such calls have ended."""

from __future__ import annotations

import sys
from _afresh import get_ident, monotonic, sleep
from types import CodeType, FunctionType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

_LONGEST = 0.2  # seconds for which a save waits for them
_LOOK = 0.0002  # seconds between two looks
_PAUSE = 0.02  # the same, when the save has ended


def codes_of(values: Iterable[Any]) -> list[CodeType]:
    """The code of functions, and of the methods of classes."""
    found = []
    for value in values:
        if type(value) in (staticmethod, classmethod):
            value = value.__func__
        elif type(value) is property:
            found += codes_of((value.fget, value.fset, value.fdel))
        if type(value) is FunctionType:
            found.append(value.__code__)
        elif issubclass(type(value), type):
            inside = type.__getattribute__(value, "__dict__")
            found += codes_of([each for each in inside.values() if not issubclass(type(each), type)])
    return found


def let_end(codes: list[CodeType], names: set[str] | None = None) -> bool:
    """Waits until no other thread executes one of them, or what is defined in them, that speaks of one of the names (None:
    whatever it speaks of); not for long. False if none did.
    """
    wanted, own = _speaking(codes, names), get_ident()
    if not wanted or not _is_executed(wanted, own):
        return False
    end = monotonic() + _LONGEST
    while _is_executed(wanted, own) and monotonic() < end:
        sleep(_LOOK)
    return True


def are_executed(codes: list[CodeType]) -> bool:
    """Whether another thread executes one of them, or what is defined in them."""
    wanted = _speaking(codes, None)
    return bool(wanted) and _is_executed(wanted, get_ident())


def call_when_ended(codes: list[CodeType], actions: list[Callable[[], object]]) -> None:
    """On a thread of its own, after the save: the same without an end to the waiting, and calls the C functions then."""
    try:
        wanted, own = _speaking(codes, None), get_ident()
        while _is_executed(wanted, own):
            sleep(_PAUSE)
        for action in actions:
            action()
    except Exception:
        return  # the interpreter is ending


def _speaking(codes: list[CodeType], names: set[str] | None) -> dict[int, CodeType]:
    """By their ids, those of them, and of what is defined in them, that speak of one of the names."""
    known: dict[int, CodeType] = {}
    waiting = [*codes]
    while waiting:
        code = waiting.pop()
        if id(code) not in known:
            known[id(code)] = code
            waiting += [each for each in code.co_consts if type(each) is CodeType]
    return {number: code for number, code in known.items() if names is None or not names.isdisjoint(code.co_names)}


def _is_executed(codes: dict[int, CodeType], own: int) -> bool:
    frames = sys._current_frames()
    del frames[own]  # a cycle, which would hold the callers' variables: old code, and classes that only stood in
    for frame in frames.values():
        while frame is not None:
            if id(frame.f_code) in codes:
                return True
            frame = frame.f_back
    return False
