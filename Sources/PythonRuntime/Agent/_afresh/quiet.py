"""Warnings about what the agent does, which are not the program's affair, and errors under `-W error`."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Deprecations:
    """While it is entered, the interpreter does not warn of what is deprecated: anywhere, or only at lines of one number."""

    def __init__(self, line: int = 0) -> None:
        self._entry = ("ignore", None, DeprecationWarning, None, line)
        self._filters: list[Any] = []

    def __enter__(self) -> None:
        self._filters = _filters()
        self._filters.insert(0, self._entry)

    def __exit__(self, *_: object) -> None:
        self._filters.remove(self._entry)


def _filters() -> list[Any]:
    """The filters that decide about warnings now; they are not told of the change, so that nothing is warned of anew."""
    for module in (sys.modules.get("warnings"), sys.modules.get("_warnings")):
        found = getattr(module, "filters", None)
        if type(found) is list:
            return found
    return []
