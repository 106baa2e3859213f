"""What the agent does is not the program's affair: warnings about it, which are errors under `-W error`, and garbage."""

from __future__ import annotations

import sys
from gc import get_threshold, set_threshold

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


class Collections:
    """From `begin` to `end` the program's collector does not begin because of what the agent makes: many objects for a
    moment, when a save concerns many modules. It does because of what statements of the program make, if that is more.
    """

    _MANY = 200_000  # objects

    def __init__(self) -> None:
        self._usual: tuple[int, ...] = ()

    def begin(self) -> None:
        usual = get_threshold()
        if not self._usual and 0 < usual[0] < self._MANY:
            self._usual = usual
            set_threshold(self._MANY, *usual[1:])

    def end(self) -> None:
        usual, self._usual = self._usual, ()
        if usual and get_threshold() == (self._MANY, *usual[1:]):  # unless the program has set another
            set_threshold(*usual)


collections = Collections()


def _filters() -> list[Any]:
    """The filters that decide about warnings now; they are not told of the change, so that nothing is warned of anew."""
    for module in (sys.modules.get("warnings"), sys.modules.get("_warnings")):
        found = getattr(module, "filters", None)
        if type(found) is list:
            return found
    return []
