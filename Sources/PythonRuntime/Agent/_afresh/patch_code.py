"""Code for a function that exists, which calls another function; and where in a text the code of classes begins."""

from __future__ import annotations

from types import CodeType, FunctionType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .transaction import Transaction

_TARGET = 987654321987654321  # stands for the function that a trampoline calls, until it is put in its place


def lead_to(old: FunctionType, new: Any, transaction: Transaction) -> None:
    """For whom holds `old`, whose variables are other ones: it calls `new` with whatever it is given."""
    transaction.swap(old, "__code__", trampoline(old.__code__, new))
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


def class_lines(old: CodeType, new: CodeType) -> dict[tuple[str, int], int]:
    """From 3.13 on, which classes say: where those of a text begin that are also in another text, by name and old line."""
    before, after = _lines(old, {}), _lines(new, {})
    return {
        (name, line): its
        for name, mine in before.items() if len(mine) == len(after.get(name, ()))
        for line, its in zip(mine, after[name]) if line != its
    }


def _lines(code: CodeType, found: dict[str, list[int]]) -> dict[str, list[int]]:
    for constant in code.co_consts:
        if type(constant) is CodeType:
            if "__firstlineno__" in constant.co_names:
                found.setdefault(constant.co_qualname, []).append(constant.co_firstlineno)
            _lines(constant, found)
    return found
