"""What functions read of their module while a statement is executed again.

A program that runs has all names of a module, as its last statements gave them. One that starts has, at each statement, what
those above it gave: a function that is called there may read another value, or end. What it does read is seen by executing
the statement under a trace function, where the text says that it may be such a name.
"""

from __future__ import annotations

import sys
from opcode import opmap
from types import CodeType

from .patch_import_statements import bound_by
from .patch_names import exported
from .patch_session import BEHAVES, VALUE
from .patch_values import is_immutable, same
from .transaction import ABSENT, namespace_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

    from .patch_execution import Execution

_GLOBAL = opmap["LOAD_GLOBAL"]
_NAMES = frozenset(opmap[name] for name in ("LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS") if name in opmap)
_STORE = opmap["STORE_NAME"]
_EXTENDED = opmap["EXTENDED_ARG"]


class Reads:
    """Notes, around a statement, which of some names functions of its module read."""

    def __init__(self, execution: Execution, entry: dict[str, Any] | None) -> None:
        self._namespace = execution.namespace
        self._reasons = _misplaced(execution, entry) if entry is not None and entry["through"] else {}
        self._lines: dict[CodeType, dict[int, set[str]]] = {}  # names that each line reads
        self._before: Any = None
        self.found = _filled_below(execution, entry) if entry is not None else None  # why a restart gives something else

    def __enter__(self) -> Reads:
        if self._reasons and self.found is None:
            self._before = sys.gettrace()
            sys.settrace(self._called)
        return self

    def __exit__(self, *_failure: object) -> None:
        if self._reasons and getattr(sys.gettrace(), "__self__", None) is self:
            sys.settrace(self._before)

    def _called(self, frame: FrameType, event: str, _argument: Any) -> Any:
        if frame.f_globals is not self._namespace or frame.f_code.co_name == "<module>" or self.found is not None:
            return None
        frame.f_trace_lines = True
        return self._executes

    def _executes(self, frame: FrameType, event: str, _argument: Any) -> Any:
        if event == "line":
            lines = self._lines.get(frame.f_code)
            if lines is None:
                lines = self._lines[frame.f_code] = reads_by_line(frame.f_code)
            for name in lines.get(frame.f_lineno, ()):
                if name in self._reasons and self.found is None:
                    self.found = self._reasons[name]
        return self._executes


def _misplaced(execution: Execution, entry: dict[str, Any]) -> dict[str, str]:
    """Names that do not stand for what statements above an entry have given them, and what that means."""
    namespace = execution.namespace
    found = {}
    for name, line, above, is_bound_below, below in entry["through"]:
        value = execution.transaction.look(namespace, name)
        if value is ABSENT:
            continue
        sources = [source for module in above if name in exported(source := namespace_of(sys.modules.get(module)))]
        if sources:
            if value is not sources[-1][name] and not same(value, sources[-1][name]):
                found[name] = _AGAIN.format(name)
        elif is_bound_below or any(name in exported(namespace_of(sys.modules.get(module))) for module in below):
            binders = [each for each in execution.entries if execution.has_run(each) and name in bound_by(each)]
            if line is None:
                found[name] = _NOT_YET.format(name)
            elif not binders or max(binders, key=execution.has_run)["line"] != line:
                found[name] = _AGAIN.format(name)
    return found


def _filled_below(execution: Execution, entry: dict[str, Any]) -> str | None:
    """Why an entry does not read what a restart gives: statements below it have changed that, and it is not made anew."""
    for name in entry["below"]:
        first = name.partition(".")[0]
        if first not in execution.refilled and not is_immutable(execution.namespace.get(first)):
            return _CHANGED.format(name)
    return None


_CHANGED = "a restart may give something else here: {} is changed further down"
_AGAIN = "a restart may give something else here: {} is bound again further down"
_NOT_YET = "a restart may fail here: {} is not bound yet"


def reads_elsewhere(entry: dict[str, Any]) -> int:
    """Whether an entry, where it stands now, reads what another statement has given a name: the level of `Execution.reason`."""
    found = [
        is_called for name, module, is_called in entry["moved"] if module is None or name in exported(namespace_of(sys.modules.get(module)))
    ]
    return 0 if not found else BEHAVES if all(found) else VALUE


def forget_repeated(changes: list[dict[str, Any]]) -> None:
    """What the text alone says of a statement too, where that has been executed and was seen to be so."""
    said: list[tuple[Any, Any, Any]] = []
    for change in list(changes):
        if not change["applied"] and "range" in change:
            key = (change["symbol"], change.get("reason"), change["range"])
            if key in said:
                changes[:] = [each for each in changes if each is not change]
            said.append(key)


def reads_by_line(code: CodeType) -> dict[int, set[str]]:
    """The names of its module that each line of a function, or of a class body, reads."""
    found: dict[int, set[str]] = {}
    own: set[str] = set()
    text, high = code.co_code, 0
    for at, (line, *_) in enumerate(code.co_positions()):
        operation, argument = text[2 * at], text[2 * at + 1] | high
        high = argument << 8 if operation == _EXTENDED else 0
        if operation == _STORE:
            own.add(code.co_names[argument])
        elif operation == _GLOBAL or operation in _NAMES:
            found.setdefault(line or 0, set()).add(code.co_names[argument >> 1 if operation == _GLOBAL else argument])
    return {line: names - own for line, names in found.items()}
