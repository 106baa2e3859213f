"""Where a module stands whose own statements are still being executed: a script, most of all."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NOT_REACHED = "the script has not come to it yet, and will execute it as it was loaded"


def executing_lines() -> dict[int, int]:
    """By `id` of their namespaces: at which lines modules stand whose own statements are still being executed."""
    inner: Any = None
    frames = sys._current_frames()
    found: dict[int, int] = {}
    try:
        for inner in frames.values():
            while inner is not None:
                if inner.f_code.co_name == "<module>" and not inner.f_code.co_filename.startswith("<"):
                    found.setdefault(id(inner.f_globals), inner.f_lineno)
                inner = inner.f_back
        return found
    finally:
        # This function's own frame is among them: a cycle, which would hold the callers' variables.
        del inner
        frames.clear()


def executing_line(namespace: dict[str, Any]) -> int | None:
    """At which line a module stands whose own statements are still being executed: a script, most of all."""
    inner: Any = None
    frames = sys._current_frames()
    try:
        for inner in frames.values():
            while inner is not None:
                if inner.f_code.co_name == "<module>" and inner.f_globals is namespace:
                    if not inner.f_code.co_filename.startswith("<"):
                        return inner.f_lineno
                inner = inner.f_back
        return None
    finally:
        # This function's own frame is among them: a cycle, which would hold the callers' variables.
        del inner
        frames.clear()
