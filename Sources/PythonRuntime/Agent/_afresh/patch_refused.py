"""A statement that is executed again, and is refused what it is registered for already: "there is a command of that name". It is executed
once more without what it had registered, and what it registers then comes in the place of that.
"""

from __future__ import annotations

from types import FunctionType

from .patch_contents import own_attributes
from .patch_traces import done_before
from .patch_undone import at
from .patch_values import same
from .transaction import ABSENT, fill

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from .patch_execution import Execution
    from .patch_registrations import Watch

_MOST = 1_000  # items of a container that are looked at


def execute_instead(execution: Execution, entry: dict[str, Any], watch: Watch, execute: Callable[[], object]) -> bool:
    """After a statement has failed: whether it has been executed without what it had registered."""
    below = [each for each in _with_parts(execution.entries) if each["must"] and each["was"] is not None and each["line"] > entry["line"]]
    return _execute_without(execution, [entry], watch, execute) or bool(below) and _execute_without(execution, [entry, *below], watch, execute)


def _with_parts(entries: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for entry in entries:
        yield entry
        yield from _with_parts(entry.get("parts", ()))


def _execute_without(execution: Execution, entries: list[dict[str, Any]], watch: Watch, execute: Callable[[], object]) -> bool:
    """Without what these entries had registered: the first one is executed, the others are below it, and will be: they may have had what it takes."""
    watch.recover()
    former = [_Former(execution, each) for each in entries]
    removed = []
    whose: list[tuple[dict[str, Any], Any]] = []
    for container, before in watch.before():
        left = before if len(before) <= _MOST else None
        for entry, each in zip(entries, former) if left is not None else ():
            fewer = each.without(left)
            if fewer is not None:
                left = fewer
                whose.append((entry, container))
        if left is not None and len(left) < len(before):
            removed.append((container, before, left))
            execution.transaction.replace_contents(container, left)
    if not removed:
        return False
    try:
        execute()
    except Exception:
        watch.recover()
        for container, before, _ in removed:
            fill(container, before)
        return False
    if len(entries) == 1:
        for container, before, left in removed:
            fill(container, _in_place(container, before, left))
    else:
        for entry, container in whose:
            execution.without.setdefault(execution.key(entry), []).append(container)
    return True


class _Former:
    """What a statement had registered: the definition that it is, or what it gave to what it called."""

    def __init__(self, execution: Execution, entry: dict[str, Any]) -> None:
        self._space = execution.namespace
        self._symbol = entry["symbol"] if entry["kind"] in ("function", "class") else ""
        self._objects: list[Any] = []
        self._data: list[Any] = []
        if self._symbol:
            self._objects.append(at(execution.namespace, self._symbol))
            self._data.append(self._symbol.rpartition(".")[2])
        for given in done_before(execution, entry) if not self._symbol else ():
            self._data.append(given)
            if type(given) is str and given in execution.namespace:
                self._objects.append(execution.namespace[given])

    def without(self, before: Any) -> Any:
        """The contents of a container without it; None if it is not there."""
        if type(before) is dict:
            left: Any = {key: value for key, value in before.items() if not self._is_entry(key, value)}
        else:
            left = type(before)(each for each in before if not self._is_it(each) and not self._is_said(each))
        return left if len(left) < len(before) else None

    def _is_entry(self, key: Any, value: Any) -> bool:
        if self._symbol:
            return self._is_it(key, False) or self._is_it(value)
        return self._is_said(key) and (self._is_it(value) or self._is_said(value))

    def _is_said(self, value: Any) -> bool:
        return any(same(value, each) for each in self._data)

    def _is_it(self, value: Any, inside: bool = True) -> bool:
        """Or what has been made around it, for it alone: not what others are in, too."""
        if any(value is each for each in self._objects) or self._is_definition(value):
            return True
        if not inside or isinstance(value, (type, FunctionType)):
            return False
        parts = list(value if type(value) is tuple else own_attributes(value).values())[:_MOST]
        code = [each for each in parts if isinstance(each, (type, FunctionType))]
        return bool(code) and all(self._is_it(each, False) for each in code)

    def _is_definition(self, value: Any) -> bool:
        """The function itself, where decorators have made something else of it."""
        return type(value) is FunctionType and value.__globals__ is self._space and value.__code__.co_qualname == self._symbol


def _in_place(container: Any, before: Any, left: Any) -> Any:
    """What is in a container, with what has come in the place of what had been removed; that itself if nothing has come."""
    if type(before) is dict:
        come = [key for key in container if key not in left]
        if not come:
            return before
        gone = [key for key in before if key not in left]
        stands = dict(zip(gone, come)) if set(gone) != set(come) else {key: key for key in gone}
        keys = [stands[key] if key in stands else key for key in before if key in left or key in stands]
        return {key: container[key] for key in dict.fromkeys((*keys, *container)) if key in container}
    if type(before) is list:
        come = container[len(left) :] if all(one is other for one, other in zip(left, container)) else []
        if not come:
            return list(container) if len(container) > len(left) else before
        kept = set(map(id, left))
        waiting = iter(come)
        return [*(each for old in before for each in ([old] if id(old) in kept else [next(waiting, ABSENT)]) if each is not ABSENT), *waiting]
    return set(container) if len(container) > len(left) else before
