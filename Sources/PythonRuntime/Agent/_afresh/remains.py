"""What of a failed execution cannot be undone: the statements that ran and may have reached outside the modules."""
from __future__ import annotations

from opcode import opmap
from types import CodeType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable

    from .transaction import Execution

_LARGEST = 20
_REACHES_OUT = frozenset(
    opmap[name] for name in ("CALL", "CALL_KW", "CALL_FUNCTION_EX", "STORE_ATTR", "STORE_SUBSCR", "STORE_SLICE",
                             "DELETE_ATTR", "DELETE_SUBSCR") if name in opmap)
_BUILD_CLASS = opmap["LOAD_BUILD_CLASS"]


def remains(executions: Iterable[Execution], failed: dict[int, int], loaded: list[str]) -> list[str]:
    """One phrase for each. `failed`: the line at which a module's code was left by the exception, by id of the code."""
    phrases = []
    several = len({execution.module for execution in executions}) > 1
    for execution in executions:
        lines = _texts(execution.source)
        for line, certain in _reaching_out(execution.code, failed.get(id(execution.code))):
            text = lines[line - 1].strip() if 0 < line <= len(lines) else ""
            where = f"{execution.module} line {line}" if several else f"line {line}"
            phrases.append(f"{where} {'ran' if certain else 'may have run'}: {text[:100]}".rstrip(": "))
    phrases += [f"{name} was loaded for the first time, and what it did stays done" for name in loaded]
    if len(phrases) > _LARGEST:
        phrases[_LARGEST:] = [f"and {len(phrases) - _LARGEST} more statements"]
    return phrases


def _reaching_out(code: CodeType, end: int | None) -> list[tuple[int, bool]]:
    """(line, surely executed) of statements before line `end` that call something or change an object.

    Surely executed are statements that are not indented; whether a branch was taken is not known.
    """
    found: dict[int, bool] = {}
    classes = set()
    columns: dict[int, int] = {}
    for index, position in enumerate(code.co_positions()):
        first, _, column, _ = position
        if first is None or column is None:
            continue
        columns[first] = min(column, columns.get(first, column))
        operation = code.co_code[index * 2]
        if operation == _BUILD_CLASS:
            classes.add(position)
        elif operation in _REACHES_OUT and position not in classes and first > 0:
            if end is None or first < end:
                found[first] = True
    return [(line, columns.get(line, 0) == 0) for line in sorted(found)]


def _texts(source: bytes | None) -> list[str]:
    return [] if source is None else source.decode("utf-8", "replace").splitlines()
