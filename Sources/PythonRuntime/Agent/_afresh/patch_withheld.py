"""New code that waits while a statement runs, as it reads what that statement, or one below, is to give it.

    TABLE = build()         calls code of the program, and may take long
    LIMIT = 10              new
    def f(): return LIMIT   new code

The statement that runs calls nothing that reads those names, as far as the text says: in a program that starts they are not there
yet. Other threads go on with the old code, until the names are there too.
"""

from __future__ import annotations

from .patch_reads import reads_by_line
from .stale_objects import nested_codes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

    from .patch_execution import Execution


def withheld(execution: Execution, entry: dict[str, Any] | None, swaps: list[tuple[Any, str, Any]]) -> tuple[set[int], set[str]]:
    """The ids of functions of the module whose swaps are to wait while the code of an entry runs (None: until others do), and
    names that only their old code reads.
    """
    reached = {name for name, *_ in entry["through"]} if entry is not None else set()
    called = entry["code"].co_names if entry is not None else ()
    awaited: set[str] = set()
    for number in range(execution.at, len(execution.entries)):
        if number not in execution.done and _is_edited(execution.entries[number]):
            awaited.update(execution.entries[number]["binds"])
    awaited -= reached
    if not awaited:
        return set(), set()
    functions = [(target, code) for target, name, code in swaps if name == "__code__" and target.__globals__ is execution.namespace]
    found: set[int] = set()
    count = -1
    while count != len(found):  # who calls one of them goes with it: its parameters may be others
        count = len(found)
        for target, code in functions:
            if id(target) not in found and _reads(code, awaited, called):
                found.add(id(target))
                if "." not in code.co_qualname:
                    awaited.add(code.co_name)
    if not found:
        return found, set()
    olds = [target.__code__ for target, _ in functions if id(target) in found]
    return found, _names(olds) - _names([execution.patch.plan["code"] or execution.patch.step.running_code()])


def _names(codes: list[CodeType]) -> set[str]:
    return {name for code in codes for each in nested_codes(code) for name in each.co_names}


def _is_edited(entry: dict[str, Any]) -> bool:
    return entry["must"] or any(map(_is_edited, entry.get("parts", ())))


def _reads(code: CodeType, awaited: set[str], called: tuple[str, ...]) -> bool:
    """Whether a function reads such a name, or belongs to a class of such a name, whose body does not call it."""
    owner, _, method = code.co_qualname.partition(".")
    if owner in awaited and method and code.co_name not in called:
        return True
    return any(
        not awaited.isdisjoint(each.co_names) and any(not awaited.isdisjoint(names) for names in reads_by_line(each).values())
        for each in nested_codes(code)
    )
