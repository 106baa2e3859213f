"""Code for a function that exists, which calls another function; and where in a text the code of classes begins."""

from __future__ import annotations

from opcode import opmap
from types import CodeType, FunctionType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .transaction import Transaction

_STORE, _LOAD = opmap["STORE_NAME"], opmap["LOAD_CONST"]
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


def class_facts(old: CodeType, new: CodeType) -> dict[tuple[str, int], dict[str, Any]]:
    """From 3.13 on, what classes say of their text, and where it is something else in another text: by name and old line. Of more
    or fewer statements of one name, the last one has made the class.
    """
    before, after = _classes(old, {}), _classes(new, {})
    found = {}
    for name, mine in before.items():
        its = after.get(name, [])
        for one, other in zip(mine, its) if len(mine) == len(its) else zip(mine[-1:], its[-1:]):
            said = {"__firstlineno__": other.co_firstlineno} if one.co_firstlineno != other.co_firstlineno else {}
            attributes = _static_attributes(other)
            if set(attributes) != set(_static_attributes(one)):
                said["__static_attributes__"] = attributes
            if said:
                found[name, one.co_firstlineno] = said
    return found


def _classes(code: CodeType, found: dict[str, list[CodeType]]) -> dict[str, list[CodeType]]:
    for constant in code.co_consts:
        if type(constant) is CodeType:
            if "__firstlineno__" in constant.co_names:
                found.setdefault(constant.co_qualname, []).append(constant)
            _classes(constant, found)
    return found


def _static_attributes(code: CodeType) -> tuple[str, ...]:
    """Of the body of a class, which ends with saying so."""
    index = code.co_names.index("__static_attributes__") if "__static_attributes__" in code.co_names else 256
    at = code.co_code.rfind(bytes((_STORE, index))) if index < 256 else -1
    if at < 2 or code.co_code[at - 2] != _LOAD:
        return ()
    found = code.co_consts[code.co_code[at - 1]]
    return found if type(found) is tuple else ()
