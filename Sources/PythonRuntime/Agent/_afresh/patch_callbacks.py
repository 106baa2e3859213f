"""Functions that call what they are given, known by their code: `def twice(f): return f() + f()`."""

from __future__ import annotations

from opcode import opname
from types import CodeType, FunctionType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")


def calls_a_parameter(function: Any) -> bool:
    """Whether a function calls one of its parameters itself, and not only a function that it makes."""
    if type(function) is not FunctionType:
        return False
    code = function.__code__
    count = code.co_argcount + code.co_kwonlyargcount
    return _calls(code, set(code.co_varnames[:count]))


def takes_out(code: CodeType) -> bool:
    """Whether code calls what it has taken out of something: `T["k"]()`, `h()` for a variable of its own."""
    count = code.co_argcount + code.co_kwonlyargcount
    if _calls(code, set((*code.co_varnames[count:], *code.co_cellvars)) - set(code.co_varnames[:count])):
        return True
    before = ""
    loads = False  # since a null was pushed, which what is called stands beside
    for operation in code.co_code[::2]:
        name = opname[operation]
        if name == "CACHE" or name == "EXTENDED_ARG":
            continue
        if name == "PUSH_NULL" and before in _TAKES or name in _TAKES and loads:
            return True
        loads = name == "PUSH_NULL" or loads and name.startswith("LOAD_")
        before = name
    return False


_TAKES = ("BINARY_SUBSCR", "BINARY_OP") if "BINARY_SUBSCR" not in opname else ("BINARY_SUBSCR",)


def _calls(code: CodeType, names: set[str]) -> bool:
    free = (*code.co_varnames, *(name for name in code.co_cellvars if name not in code.co_varnames), *code.co_freevars)
    before, named = "", ""
    for operation, argument in zip(code.co_code[::2], code.co_code[1::2]):
        name = opname[operation]
        loaded = ""
        if "_LOAD_FAST" in name[4:]:  # two in one: what is loaded last
            argument &= 15
        elif not name.startswith(("LOAD_FAST", "LOAD_DEREF")):
            argument = len(free)
        if argument < len(free):
            loaded = free[argument]
        # What is called stands beside a null: after it until 3.12, before it since.
        if loaded in names and before == "PUSH_NULL" or name == "PUSH_NULL" and named in names:
            return True
        before, named = name, loaded
    return any(
        type(constant) is CodeType and constant.co_name in _COMPREHENSIONS and _calls(constant, names)
        for constant in code.co_consts
    )
