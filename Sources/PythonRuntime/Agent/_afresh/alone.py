"""Keeps other threads from running between the first change of a transaction and its last.

The interpreter makes a thread give way when others have waited for it for one switch interval. A thread that has just
got the interpreter and then sets a long interval is not asked before that is over: what it changes meanwhile, others see
as one change. Statements that wait themselves (for a file, a lock, `time.sleep`) let others run all the same.
"""
from __future__ import annotations

import sys

from _afresh import sleep

LONG = 0.05  # seconds; also what others may keep the interpreter when a statement waits


class Alone:
    """`begin()` and `end()` around the changes; in between, `with alone.paused():` around what waits for files anyway."""

    def __init__(self) -> None:
        self._usual: float | None = None

    def begin(self) -> None:
        self._usual = sys.getswitchinterval()
        sleep(0)  # whoever was about to ask has asked, and this thread's turn begins anew
        sys.setswitchinterval(LONG)

    def end(self) -> None:
        usual, self._usual = self._usual, None
        if usual is not None and _is_long():  # else the program's statements have set it
            sys.setswitchinterval(usual)

    def paused(self) -> Paused:
        return Paused(self._usual)


class Paused:
    def __init__(self, usual: float | None) -> None:
        self._usual = usual

    def __enter__(self) -> None:
        if self._usual is not None and _is_long():
            sys.setswitchinterval(self._usual)
        else:
            self._usual = None

    def __exit__(self, *_: object) -> None:
        if self._usual is not None and abs(sys.getswitchinterval() - self._usual) < 1e-6:
            sys.setswitchinterval(LONG)


def _is_long() -> bool:
    return abs(sys.getswitchinterval() - LONG) < 1e-6
