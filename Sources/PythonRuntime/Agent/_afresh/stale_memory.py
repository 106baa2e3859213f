"""Where a large list or tuple holds an object, read from the memory of the process and not from the list.

Whoever iterates over a list writes a reference count into each of its elements. In a copy of the process that makes the
copy of their pages a real one: of all of the heap, with some lists. What is read here is what these types have been made
of in every CPython so far; whether that is so is tried first, and where it is not, nothing is known.
"""
from __future__ import annotations

import os
import sys

from . import stale_objects as objects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_LARGE = 1000  # elements from which on it is worth a call of the system
_WORD = 8  # bytes of a pointer
_FEW = 16  # ids that are looked for one by one

_MOST_KEPT = 1 << 26  # bytes

_memory = -1  # descriptor of the memory of this process
_kept: dict[int, bytes] = {}  # by id: what was read last, as nothing moves in a copy of the process


def open_memory() -> None:
    """From now on memory is read. For a copy of the process, which never closes it."""
    global _memory
    if sys.platform != "linux" or object.__basicsize__ != 2 * _WORD:
        return
    try:
        _memory = os.open("/proc/self/mem", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return
    first, last = object(), object()
    for sample in ([first, *[None] * _LARGE, last], (first, *[None] * _LARGE, last)):
        if place(sample, first, 0) != 0 or place(sample, last, 0) != _LARGE + 1 or place(sample, object(), 0) != -1:
            close_memory()
            return
        _kept.clear()


def close_memory() -> None:
    """From now on nothing is known."""
    global _memory
    if _memory >= 0:
        os.close(_memory)
    _memory = -1
    _kept.clear()


def place(holder: Any, child: Any, skipped: int) -> int | None:
    """The index under which a large list or tuple holds `child`, after so many others; −1: it does not; None: not known."""
    words = _words(holder)
    if words is None:
        return None
    at, wanted = -1, id(child).to_bytes(_WORD, sys.byteorder)
    while (at := words.find(wanted, at + 1)) >= 0:
        if at % _WORD == 0:
            if not skipped:
                return at // _WORD
            skipped -= 1
    return -1


def held(holder: Any, wanted: set[int]) -> set[int] | None:
    """Those of the ids `wanted` whose objects a large list or tuple holds; None: not known."""
    words = _words(holder)
    if words is None:
        return None
    if len(wanted) > _FEW:
        return wanted.intersection(memoryview(words).cast("N"))
    return {key for key in wanted if _has(words, key.to_bytes(_WORD, sys.byteorder))}


def _has(words: bytes, wanted: bytes) -> bool:
    at = words.find(wanted)
    while at >= 0 and at % _WORD:
        at = words.find(wanted, at + 1)
    return at >= 0


def _words(holder: Any) -> bytes | None:
    """The pointers of a large list or tuple."""
    if _memory < 0:
        return None
    if objects.is_a(holder, list):
        length, address = list.__len__(holder), 0
    elif objects.is_a(holder, tuple):
        length, address = tuple.__len__(holder), id(holder) + tuple.__basicsize__
    else:
        return None
    if length < _LARGE:
        return None
    words = _kept.get(id(holder))
    if words is not None:
        return words
    try:
        if not address:  # after the head, which ends with the length
            address = int.from_bytes(os.pread(_memory, _WORD, id(holder) + 3 * _WORD), sys.byteorder)
        words = os.pread(_memory, length * _WORD, address)
    except (OSError, OverflowError):
        return None
    if len(words) != length * _WORD:
        return None
    if len(words) <= _MOST_KEPT:
        while sum(map(len, _kept.values())) > _MOST_KEPT - len(words):
            del _kept[next(iter(_kept))]
        _kept[id(holder)] = words
    return words
