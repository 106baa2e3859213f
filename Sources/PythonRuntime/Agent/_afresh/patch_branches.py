"""Statements that bind a name on some of their ways only: what the name stands for where they took another way now.

A fresh start would have it as the statements before gave it, or not at all.
"""

from __future__ import annotations

import sys
from types import FunctionType

from .patch_names import exported
from .patch_session import VALUE
from .stale_imports import STORE_GLOBAL, operations
from .stale_kept import symbol_of
from .stale_objects import nested_codes
from .transaction import ABSENT, namespace_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

    from .patch_execution import Execution


class Recorder(dict[str, Any] if TYPE_CHECKING else dict):
    """The local names of a statement at module level: the module's own, and note of which it read, bound or deleted.

    `hidden`: names that are not there yet when a program starts, for a statement that may handle that.
    """

    def __init__(self, namespace: dict[str, Any], hidden: frozenset[str] = frozenset()) -> None:
        self.namespace = namespace
        self.hidden = hidden
        self.touched: set[str] = set()
        self.read: set[str] = set()  # before it bound them

    def __getitem__(self, name: str) -> Any:
        if name not in self.touched:
            self.read.add(name)
            if name in self.hidden:
                raise NameError(f"name {name!r} is not defined", name=name)
        return self.namespace[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self.touched.add(name)
        self.namespace[name] = value

    def __delitem__(self, name: str) -> None:
        self.touched.add(name)
        del self.namespace[name]

    def __contains__(self, name: object) -> bool:
        return name in self.namespace


class Steps:
    """Which lines a statement executes, and on which of them it fails; nobody knows where a debugger looks on, or nothing in it handles that."""

    def __init__(self, code: CodeType, entry: dict[str, Any] | None) -> None:
        self._codes = {id(each) for each in nested_codes(code) if not each.co_flags & _OPTIMIZED} if _handles(entry) else set()
        self.are_known = bool(self._codes) and sys.gettrace() is None
        self._lines: dict[int, int] = {}
        self._failed: dict[int, int] = {}

    def __enter__(self) -> Steps:
        if self.are_known:
            sys.settrace(self._look)
        return self

    def __exit__(self, *_: object) -> None:
        if self.are_known:
            self.are_known = sys.gettrace() == self._look
            if self.are_known:
                sys.settrace(None)

    @property
    def fail(self) -> bool:
        return bool(self._failed)

    def reach(self, first: int, last: int) -> bool:
        """Whether what stands on these lines has been done."""
        return self._lines.get(first, 0) > sum(count for line, count in self._failed.items() if first <= line <= last)

    def _look(self, frame: Any, event: str, given: Any) -> Any:
        if id(frame.f_code) not in self._codes:
            return None
        if event in ("line", "exception"):
            counts = self._lines if event == "line" else self._failed
            counts[frame.f_lineno] = counts.get(frame.f_lineno, 0) + 1
        return self._look


_OPTIMIZED = 1  # CO_OPTIMIZED: of functions


def _handles(entry: dict[str, Any] | None) -> bool:
    """Whether a statement, or one in a class, handles exceptions and does something to others."""
    if entry is None:
        return False
    return bool(entry["traces"] and entry["traces"][0][5]) or any(map(_handles, entry.get("parts", ())))


def stored_beside(code: CodeType) -> set[str]:
    """Names of the module that a statement binds past the names that it is executed with: `[y := x for x in xs]`."""
    codes = [each for each in nested_codes(code) if STORE_GLOBAL in each.co_code[::2]]
    return {each.co_names[argument] for each in codes for _, operation, argument in operations(each) if operation == STORE_GLOBAL}


def took_another_way(execution: Execution, entry: dict[str, Any], since: int) -> bool:
    """Whether an entry that runs may bind other names than when it ran last."""
    if not entry["maybe"]:
        return False
    return entry["other_ways"] or _decided_by(execution, entry, since) is not None


def _decided_by(execution: Execution, entry: dict[str, Any], since: int) -> tuple[str | None, str, str | None] | None:
    """What has changed of that which decides on the way: (module, None for the own one; name; attribute)."""
    reads, calls = entry["decides"]
    session, name = execution.session, execution.name
    for given in reads:
        if session.value_changed(name, given, since) is not None:
            return given
    for given in calls:
        if session.call_changed(name, given, since) is not None:
            return given
    return None


def settle_unbound(
    execution: Execution, entry: dict[str, Any], touched: set[str], written: dict[str, Any], since: int
) -> dict[str, tuple[Any, str, CodeType | None]]:
    """After an entry that may have taken another way than at `since`: names that it left alone.

    The answer: those that keep what an earlier way gave them, as `transaction.computed` has it.
    """
    namespace, entries = execution.namespace, execution.entries
    number = entries.index(entry)
    sources = [namespace_of(sys.modules.get(module)) or {} for module in reversed(entry["late"][1])]  # of star imports above it
    kept = {}
    for name in entry["maybe"]:
        if name in touched or name not in namespace:
            continue
        earlier = [each for each in range(number) if name in entries[each]["binds"]]
        above = next((source for source in sources if name in exported(source)), None) if not earlier else None
        if above is not None:
            namespace[name] = above[name]
        elif not earlier:
            if any(name in each["binds"] for each in entries[number + 1 :]):
                written.setdefault(name, namespace[name])  # they run now, and bind it or not
            del namespace[name]
        elif entry["was"] is not None and not execution.done.issuperset(earlier):
            if all(entries[each]["plain"] for each in earlier):
                made = execution.made_by(entries[earlier[-1]], name)
                if made is not None:
                    namespace[name] = made
                    continue
                for each in earlier:
                    execution.run_one(each, VALUE, 0, None, written)
            else:
                reason = f"{name} keeps the value that it has: what gave another one would lose state if it ran again"
                execution.keeps(entry, reason)
                binder = entries[earlier[-1]]
                # The statement that would bind it; where that may leave it alone as well, one is not enough.
                code = None if name in binder["maybe"] else binder["code"]
                kept[name] = (namespace[name], _symbol(execution, entry, name, since), code)
    return kept


def _symbol(execution: Execution, entry: dict[str, Any], name: str, since: int) -> str:
    """The symbol of what was old when a name got what it keeps: what decided on the way, else the name itself."""
    given = None if entry["other_ways"] else _decided_by(execution, entry, since)
    if given is None or given[1][:1] in ("*", "?") or given[1] == "__dict__":
        return f"{execution.name}.{name}"
    module, decider, attribute = given
    if module is None and attribute is None:
        return symbol_of(execution.namespace.get(decider), f"{execution.name}.{decider}")
    return f"{module or execution.name}.{decider}{'.' + attribute if attribute else ''}"


def late_names(entry: dict[str, Any]) -> frozenset[str]:
    """Names that a program which runs has from before, and one that starts has not got where a statement may read them."""
    names, stars, _ = entry["late"]
    above = {name for module in stars for name in exported(namespace_of(sys.modules.get(module)))} if names else ()
    return frozenset(names).difference(above)


def say_late(execution: Execution, entry: dict[str, Any], read: set[str], late: frozenset[str]) -> None:
    for name in entry["late"][0]:
        if name in read and name in late:
            execution.not_applied(entry, f"a restart fails here: {name} is not bound yet")
            return


def made_inside(entry: dict[str, Any], name: str, old: Any, new: Any) -> bool:
    """Whether both are a function or a class of that name, defined on one way or another of a statement."""
    if entry["kind"] != "statement" or new is ABSENT or type(old) is not type(new):
        return False
    if type(old) is FunctionType:
        return old.__globals__ is new.__globals__ and _stands_in(old, name, entry) and _stands_in(new, name, entry)
    return issubclass(type(old), type) and _class_stands_in(old, name, entry) and _class_stands_in(new, name, entry)


def _stands_in(function: FunctionType, name: str, entry: dict[str, Any]) -> bool:
    code = function.__code__
    return code.co_qualname == name and is_within(code.co_firstlineno, entry["lines"])


def _class_stands_in(cls: type, name: str, entry: dict[str, Any]) -> bool:
    """By its methods: a class does not know its line."""
    if type.__getattribute__(cls, "__qualname__") != name:
        return False
    for value in list(type.__getattribute__(cls, "__dict__").values()):
        function = value.__func__ if type(value) in (staticmethod, classmethod) else value
        if type(function) is FunctionType and function.__code__.co_qualname == f"{name}.{function.__name__}":
            return is_within(function.__code__.co_firstlineno, entry["lines"])
    return False


def is_within(line: int, lines: tuple[int, int]) -> bool:
    return lines[0] <= line <= lines[1]
