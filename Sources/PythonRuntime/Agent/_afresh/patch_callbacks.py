"""Functions that call what they are given, known by their code: `def twice(f): return f() + f()`."""

from __future__ import annotations

import builtins
import sys
from _operator import attrgetter, methodcaller
from opcode import opname
from types import CodeType, FunctionType, ModuleType

from .transaction import namespace_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")


def calls_a_parameter(function: Any, owner: type | None = None, seen: set[int] | None = None) -> bool:
    """Whether a function calls what it is given, itself or by one that it gives it to, and not only in a function that it
    makes. `owner`: the class of the object whose method it is.
    """
    seen = set() if seen is None else seen
    if type(function) is not FunctionType or id(function.__code__) in seen:
        return False
    code = function.__code__
    seen.add(id(code))
    names = set(_parameters(code))
    if _calls(code, names) or names and any(map(takes_out, with_comprehensions(code))):
        return True
    for first, callee in _given_to(code, names) if names else ():
        value = _callee(function, owner, first, callee)
        if value in _CALLERS if type(value) in _HASHABLE else calls_a_parameter(value, owner, seen):
            return True
    return False


def _callee(function: FunctionType, owner: type | None, first: str | None, name: str) -> Any:
    """What `name(…)` or `first.name(…)` calls in a function, as far as dictionaries tell; the `__init__` of a class."""
    if first is None:
        value = function.__globals__.get(name, builtins.__dict__.get(name))
    elif owner is not None and first == next(iter(function.__code__.co_varnames), None):
        found = [each for base in type.__getattribute__(owner, "__mro__") if (each := type.__getattribute__(base, "__dict__").get(name))]
        value = found[0] if found else None
    else:
        value = function.__globals__.get(first)
        value = (namespace_of(value) or {}).get(name) if issubclass(type(value), ModuleType) else None
    if type(value) in (staticmethod, classmethod):
        return value.__func__
    if type(value) is type and value not in _CALLERS:
        return type.__getattribute__(value, "__dict__").get("__init__")
    return value


def _parameters(code: CodeType) -> tuple[str, ...]:
    stars = bool(code.co_flags & _VARARGS) + bool(code.co_flags & _VARKEYWORDS)
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount + stars]


def with_comprehensions(code: CodeType) -> list[CodeType]:
    inner = [each for each in code.co_consts if type(each) is CodeType and each.co_name in _COMPREHENSIONS]
    return [code, *(every for each in inner for every in with_comprehensions(each))]


def _given_to(code: CodeType, names: set[str]) -> list[tuple[str | None, str]]:
    """What code calls with one of its variables among the arguments: `name`, or `first.name`."""
    found: list[tuple[str | None, str]] = []
    calls: list[tuple[str | None, str]] = []  # those whose arguments are being put together
    free = (*code.co_varnames, *(name for name in code.co_cellvars if name not in code.co_varnames), *code.co_freevars)
    last: str | None = None  # the name that was loaded just before
    more = 0
    for operation, argument in zip(code.co_code[::2], code.co_code[1::2]):
        name = opname[operation]
        if name == "CACHE":
            continue
        argument |= more << 8
        more = argument if name == "EXTENDED_ARG" else 0
        if name == "LOAD_GLOBAL":
            last = code.co_names[argument >> 1]
            if argument & 1:
                calls.append((None, last))
        elif name == "LOAD_METHOD" or name == "LOAD_ATTR" and sys.version_info >= (3, 12) and argument & 1:
            calls.append((last or "", code.co_names[argument >> (name == "LOAD_ATTR")]))
            last = None
        elif name == "PUSH_NULL":
            calls.append(("", ""))
        elif name in ("CALL", "CALL_KW", "CALL_FUNCTION_EX"):
            del calls[-1:]
            last = None
        elif "LOAD_FAST" in name or name == "LOAD_DEREF":
            numbers = (argument >> 4, argument & 15) if "_LOAD_FAST" in name[4:] else (argument,)
            loaded = [free[number] for number in numbers if number < len(free)]
            if calls and not names.isdisjoint(loaded):
                found.append(calls[-1])
            last = loaded[-1] if loaded else None
        elif name not in ("EXTENDED_ARG", "PRECALL", "KW_NAMES"):
            last = None
    return found


_VARARGS, _VARKEYWORDS = 0x4, 0x8
_CALLERS = frozenset((map, filter, sorted, min, max, iter))
_HASHABLE = frozenset((type, type(min)))


def called_by_name(value: Any) -> str | None:
    """The method or property that `operator.methodcaller` and `attrgetter` take of what they are called with."""
    if type(value) is methodcaller or type(value) is attrgetter:
        name = value.__reduce__()[1][:1]
        return name[0].rpartition(".")[2] if name and type(name[0]) is str else None
    return None


def takes_out(code: CodeType) -> bool:
    """Whether code calls what it has taken out of something: `T["k"]()`, `h()` for a variable of its own."""
    if _calls_variable(code):
        return True
    before = ""
    loads = False  # since a null was pushed, which what is called stands beside
    for operation in code.co_code[::2]:
        name = opname[operation]
        if name == "CACHE" or name == "EXTENDED_ARG":
            continue
        if name == "PUSH_NULL" and before in _TAKES if _NULL_LAST else name in _TAKES and loads:
            return True
        loads = name == "PUSH_NULL" or loads and name.startswith("LOAD_")
        before = name
    return False


_NULL_LAST = sys.version_info >= (3, 13)  # what is called stands beside a null: after it until 3.12, before it since
_TAKES = ("BINARY_SUBSCR", "BINARY_OP") if "BINARY_SUBSCR" not in opname else ("BINARY_SUBSCR",)


def _calls_variable(code: CodeType) -> bool:
    """Whether it calls what it has put into a variable of its own: `for h in args: h()`."""
    count = code.co_argcount + code.co_kwonlyargcount
    return _calls(code, set((*code.co_varnames[count:], *code.co_cellvars)) - set(code.co_varnames[:count]))


def calls_variable(code: CodeType) -> bool:
    """Whether it calls a variable, whatever it has got that from."""
    return _calls(code, {*code.co_varnames, *code.co_cellvars, *code.co_freevars})


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
        if named in names and name == "PUSH_NULL" if _NULL_LAST else loaded in names and before == "PUSH_NULL":
            return True
        before, named = name, loaded
    return any(
        type(constant) is CodeType and constant.co_name in _COMPREHENSIONS and _calls(constant, names)
        for constant in code.co_consts
    )
