"""Work that is given up as soon as another request comes: a preview must not hold up a save."""

from __future__ import annotations

import time
from typing import Any, Callable

_EVERY = 0.0005  # seconds between two looks

_is_asked: Callable[[], bool] | None = None
_next_look = 0.0


class Preempted(BaseException):
    """Another request waits."""


def preemptible(is_asked: Callable[[], bool], action: Callable[[], Any]) -> Any:
    """The action's result. Raises Preempted at the next `look` after `is_asked` began to hold."""
    global _is_asked, _next_look
    _is_asked, _next_look = is_asked, 0.0
    try:
        return action()
    finally:
        _is_asked = None


def look() -> None:
    """To be called between pieces of work that leave nothing half done."""
    global _next_look
    if _is_asked is None:
        return
    now = time.perf_counter()
    if now >= _next_look:
        _next_look = now + _EVERY
        if _is_asked():
            raise Preempted
