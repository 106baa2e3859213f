"""A plan in full, where it was sent in short: of an edit inside functions, only what the edited statements compile to."""

from __future__ import annotations

from types import CodeType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .patch_functions import Successor

_NEW_LOCALS = 0x2  # functions have it, class bodies do not


def in_full(plan: dict[str, Any], old: CodeType) -> dict[str, Any]:
    """With the module's new code, and the swaps of all functions: those that the edit did not touch stand on other lines, or have the
    same code. `old`: the code that the plan was made for.
    """
    replaced, end, moved, table, lines = plan["splice"]
    inside: dict[int, list[Successor]] = {}
    for swap in plan["swaps"]:
        inside.setdefault(swap[0][0], []).append(swap)
    constants: list[object] = []
    swaps: list[Successor] = []
    for index, constant in enumerate(old.co_consts):
        if index in replaced:
            swaps += inside.get(index, ())
            constant = replaced[index]
        elif type(constant) is CodeType:
            if moved and constant.co_firstlineno > end:
                constant = _moved(constant, moved, (index,), lines)
            _unchanged((index,), constant, swaps, False)
        constants.append(constant)
    return {**plan, "code": old.replace(co_consts=tuple(constants), co_linetable=table), "swaps": swaps}


def _moved(code: CodeType, by: int, path: tuple[int, ...], lines: dict[tuple[int, ...], int]) -> CodeType:
    """The same code on other lines. `lines`: in classes, which constant is the line that they begin in."""
    constants = [_moved(each, by, (*path, index), lines) if type(each) is CodeType else each for index, each in enumerate(code.co_consts)]
    line = code.co_firstlineno + by
    if path in lines:
        constants[lines[path]] = line
    return code.replace(co_firstlineno=line, co_consts=tuple(constants))


def _unchanged(path: tuple[int, ...], code: CodeType, swaps: list[Successor], is_inside: bool) -> None:
    """Swaps of code that does the same. `is_inside`: of a function."""
    is_inside = is_inside or bool(code.co_flags & _NEW_LOCALS) and not code.co_name.startswith("<generic")
    if is_inside:
        swaps.append((path, code, False, None))
    for index, constant in enumerate(code.co_consts):
        if type(constant) is CodeType:
            _unchanged((*path, index), constant, swaps, is_inside)
