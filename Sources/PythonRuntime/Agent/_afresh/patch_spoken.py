"""Names of methods that functions call: those that their code speaks of, and those that functions of the interpreter call."""

from __future__ import annotations

import sys
from opcode import opmap
from types import CodeType

_ITERATION = "__iter__", "__next__", "__getitem__", "__len__", "__length_hint__"
_TEXT = "__str__", "__repr__", "__format__"
# The special methods that functions of the interpreter call of what they are given; of those that are not here, any.
CALLED: dict[str, tuple[str, ...]] = {
    "len": ("__len__",), "str": _TEXT, "repr": ("__repr__",), "ascii": ("__repr__",), "format": _TEXT, "print": _TEXT,
    "bool": ("__bool__", "__len__"), "hash": ("__hash__",), "iter": _ITERATION, "next": ("__next__",), "abs": ("__abs__",),
    "list": _ITERATION, "tuple": _ITERATION, "set": (*_ITERATION, "__hash__", "__eq__"), "enumerate": _ITERATION, "zip": _ITERATION,
    "map": _ITERATION, "filter": (*_ITERATION, "__bool__"),
    "round": ("__round__",), "int": ("__int__", "__index__", "__trunc__"), "float": ("__float__", "__index__"),
    "bytes": ("__bytes__", *_ITERATION),
    "reversed": ("__reversed__", *_ITERATION), "dir": ("__dir__",), "divmod": ("__divmod__", "__rdivmod__"),
    "any": (*_ITERATION, "__bool__"),
    "all": (*_ITERATION, "__bool__"), "id": (), "type": (), "super": (), "callable": (), "globals": (), "vars": (), "property": (),
    "staticmethod": (), "classmethod": (), "isinstance": ("__instancecheck__",), "issubclass": ("__subclasscheck__",),
    "getattr": ("__getattr__", "__getattribute__"), "hasattr": ("__getattr__", "__getattribute__"), "setattr": ("__setattr__",),
    "object": (), "range": ("__index__",),
}  # fmt: skip
# The same for methods of what is built in.
METHODS: dict[str, tuple[str, ...]] = {
    "format": _TEXT, "join": _ITERATION, "extend": _ITERATION, "update": (*_ITERATION, "keys", "__hash__", "__eq__"), "sort": ("__lt__",),
    "index": ("__eq__",), "count": ("__eq__",), "remove": ("__eq__",), "add": ("__hash__", "__eq__"), "get": ("__hash__", "__eq__"),
    "pop": ("__hash__", "__eq__"), "setdefault": ("__hash__", "__eq__"), "format_map": ("__getitem__", *_TEXT),
}  # fmt: skip


def called_names(code: CodeType) -> set[str]:
    """Names of globals and of attributes that code calls."""
    found: set[str] = set()
    more = 0
    text = code.co_code
    spreads = _SPREADS in text[::2]
    last = ""
    is_called = False  # whether a null stands beside what was loaded last, which is called then
    for operation, argument in zip(text[::2], text[1::2]):
        if operation == _CACHE:
            continue
        if operation == _EXTENDED:
            more = (more | argument) << 8
            continue
        argument, more = argument | more, 0
        if operation == _GLOBAL:
            last, is_called = code.co_names[argument >> 1], bool(argument & 1)
        elif operation == _METHOD:
            last, is_called = code.co_names[argument], True
        elif operation == _ATTRIBUTE:  # of a module: `m.f()`
            last = code.co_names[argument >> _SHIFTED]
            is_called = is_called or _SHIFTED and bool(argument & 1)
        elif operation != _NULL or not last:
            last, is_called = "", operation == _NULL
            continue
        else:
            is_called = True
        if is_called or spreads:
            found.add(last)
        is_called = is_called and operation == _GLOBAL
    return found


def name_of(code: CodeType, operation: str, argument: int) -> str:
    """What an instruction takes or sets by name: an attribute, or a name of a module or of a class body."""
    return code.co_names[argument >> 1 if operation == "LOAD_ATTR" and sys.version_info >= (3, 12) else argument]


_CACHE, _EXTENDED, _NULL = (opmap[name] for name in ("CACHE", "EXTENDED_ARG", "PUSH_NULL"))
_GLOBAL, _ATTRIBUTE, _SPREADS = (opmap[name] for name in ("LOAD_GLOBAL", "LOAD_ATTR", "CALL_FUNCTION_EX"))
_METHOD = opmap.get("LOAD_METHOD", -1) if sys.version_info < (3, 12) else -1
_SHIFTED = sys.version_info >= (3, 12)
