"""Other code for a function that exists: its own new code, or code that calls another function."""

from __future__ import annotations

import sys
from types import CodeType, FunctionType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .transaction import Transaction

_TARGET = 987654321987654321  # stands for the function that a trampoline calls, until it is put in its place
_KIND = 0x2A0  # CO_GENERATOR, CO_COROUTINE, CO_ASYNC_GENERATOR


def swap_code(function: FunctionType, new: CodeType, transaction: Transaction) -> None:
    """At the next flush, unless the function becomes one of another kind (a generator, say)."""
    if sys.version_info >= (3, 13) and (function.__code__.co_flags ^ new.co_flags) & _KIND:
        transaction.undo(_set_code, function, function.__code__)
        transaction.replaced.append((function, function.__code__))
        _set_code(function, new)
    else:
        transaction.swap(function, "__code__", new)


def _set_code(function: FunctionType, code: CodeType) -> None:
    """From 3.13 on the interpreter warns of another kind of code: not the program's affair, and an error under `-W
    error`.
    """
    import warnings

    ignore = ("ignore", None, DeprecationWarning, None, 0)
    warnings.filters.insert(0, ignore)
    try:
        function.__code__ = code
    finally:
        warnings.filters.remove(ignore)


def lead_to(old: FunctionType, new: Any, transaction: Transaction) -> None:
    """For whom holds `old`, whose variables are other ones: it calls `new` with whatever it is given."""
    swap_code(old, trampoline(old.__code__, new), transaction)
    transaction.swap(old, "__defaults__", None)
    transaction.swap(old, "__kwdefaults__", None)
    if old.__doc__ is not new.__doc__:
        transaction.swap(old, "__doc__", new.__doc__)
    transaction.set_item(old.__dict__, "__wrapped__", new)  # for inspect.signature


def trampoline(old: CodeType, target: Any) -> CodeType:
    """Code with the free variables of `old` that calls `target`."""
    names = old.co_freevars
    uses = f"        if 0: ({', '.join(names)},)\n" if names else ""
    # A comma after the names keeps `__class__` and the like an ordinary parameter.
    source = (
        f"def outer({', '.join(names)}):\n"
        f"    def inner(*positional, **named):\n{uses}        return {_TARGET}(*positional, **named)\n    return inner\n"
    )
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # calling a number
        module = compile(source, old.co_filename, "exec", dont_inherit=True, optimize=0)
    inner = _named(_named(module, "outer"), "inner")
    constants = tuple(target if type(each) is int and each == _TARGET else each for each in inner.co_consts)
    return inner.replace(
        co_consts=constants, co_name=old.co_name, co_qualname=old.co_qualname, co_firstlineno=old.co_firstlineno
    )


def _named(code: CodeType, name: str) -> CodeType:
    for constant in code.co_consts:
        if type(constant) is CodeType and constant.co_name == name:
            return constant
    raise LookupError(name)
