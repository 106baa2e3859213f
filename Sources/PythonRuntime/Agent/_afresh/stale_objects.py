"""Looking at the program's objects without running any of its code.

Nothing here calls `getattr`, `isinstance`, `==`, `bool`, `hash`, `len` or `repr` on an object of the program: proxies
and metaclasses answer those with code of their own. What is used instead are the slots of `type` and `object`, the
collector's `get_referents`, and `is`.
"""
from __future__ import annotations

import gc
import sys
import types
from _collections import deque
from _functools import partial

TYPE_CHECKING = False  # `typing` is slow to import
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

FUNCTION = types.FunctionType
CODE = types.CodeType
CELL = types.CellType
METHOD = types.MethodType
MODULE = types.ModuleType
PROXY = types.MappingProxyType
SLOT = types.MemberDescriptorType
GETSET = types.GetSetDescriptorType
SUSPENDABLE = (types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType)
PARTIAL = partial
DEQUE = deque

# Values without an identity that matters: two equal ones are the same value.
# (Sets of identifiers: looking a class up in a set of classes would call its metaclass's `__hash__`.)
ATOMS = frozenset(map(id, (str, int, float, bool, bytes, complex, type(None), type(...), type(NotImplemented), range)))
# Objects that lead nowhere, or only to what the interpreter itself made.
LEAVES = ATOMS | frozenset(map(id, (
    types.BuiltinFunctionType, GETSET, SLOT, types.WrapperDescriptorType, types.MethodDescriptorType,
    types.ClassMethodDescriptorType, types.MethodWrapperType,
)))

# From CPython 3.14 on, a generator that waits may have a variable's value on its stack once more without a reference of
# its own, and the collector tells of both. What is told once too seldom is looked for, what is told too often hides another.
_BORROWS = sys.version_info >= (3, 14)

IMMUTABLE_TYPE = 1 << 8  # also of all that are not made at run time
HEAP_TYPE = 1 << 9  # made by a class statement, or at run time otherwise
HAVE_GC = 1 << 14

type_dict = type.__dict__["__dict__"].__get__
type_mro = type.__dict__["__mro__"].__get__
type_bases = type.__dict__["__bases__"].__get__
type_flags = type.__dict__["__flags__"].__get__
type_name = type.__dict__["__name__"].__get__
type_qualname = type.__dict__["__qualname__"].__get__
module_dict = vars(types.ModuleType)["__dict__"].__get__


def referents(value: Any) -> list[Any]:
    """What the collector knows `value` to refer to.

    CPython 3.12 and 3.13 keep iterators that are over in a list of `_asyncio`, and the module counts them among what it
    refers to. Asked for, they come to life; let go of again, they go into the list twice, and whoever follows it next,
    the collector too, never ends. So that one module is not asked: what it refers to is in `asyncio.tasks`, too.
    """
    if type(value) is MODULE and is_perilous(value):
        return [module_dict(value)]
    if _BORROWS and any(type(value) is kind for kind in SUSPENDABLE):
        return list({id(each): each for each in gc.get_referents(value)}.values())
    return gc.get_referents(value)


def is_perilous(module: types.ModuleType) -> bool:
    """Whether the collector must not be asked what this module refers to: see `referents`."""
    namespace = module_dict(module)
    return type(namespace) is dict and namespace.get("__name__") == "_asyncio"


def is_a(value: Any, kind: type) -> bool:
    """Whether `value` really is a `kind`; what it pretends to be by `__class__` does not count."""
    return issubclass(type(value), kind)  # `kind` is the interpreter's own: no `__subclasscheck__` of others


def class_module(cls: type) -> str | None:
    name = type_dict(cls).get("__module__")
    return name if type(name) is str else None


def class_path(cls: type) -> str:
    module = class_module(cls)
    return f"{module}.{type_qualname(cls)}" if module else type_qualname(cls)


def loaded_modules() -> Iterator[tuple[str, dict]]:
    """The modules in `sys.modules` that are modules (anything may be put there), each with its namespace."""
    for name, module in list(sys.modules.items()):
        if type(name) is str and is_a(module, MODULE):
            namespace = module_dict(module)
            if type(namespace) is dict:
                yield name, namespace


def string_items(namespace: dict) -> list[tuple[str, Any]]:
    """The entries whose keys are plain strings, as a copy: other threads may write meanwhile."""
    return [item for item in list(namespace.items()) if type(item[0]) is str]


def nested_codes(code: types.CodeType) -> list[types.CodeType]:
    """`code` and all code objects inside it."""
    found = [code]
    for outer in found:
        for constant in outer.co_consts:
            if type(constant) is CODE:
                found.append(constant)
    return found


def same_constant(one: Any, other: Any) -> bool:
    """Whether two constants are the same value, types and signs of zero included."""
    if one is other:
        return True
    kind = type(one)
    if kind is not type(other):
        return False
    if kind is CODE:
        return same_code(one, other)
    if kind is tuple:
        return len(one) == len(other) and all(map(same_constant, one, other))
    if kind is frozenset:
        return len(one) == len(other) and _plain(one) and _plain(other) and one == other
    if kind is float or kind is complex:
        return repr(one) == repr(other)
    return id(kind) in ATOMS and one == other


def fingerprint(value: Any) -> int:
    """A number by which a constant can be known again without keeping it: for `same_constant`."""
    return hash(_written(value))


def _written(value: Any) -> str:
    kind = type(value)
    if kind is tuple:
        return f"({','.join(map(_written, value))})"
    if kind is frozenset:
        return f"{{{','.join(sorted(map(_written, value)))}}}"
    return hex(value) if kind is int else repr(value)  # `repr` refuses very large integers


def _plain(values: frozenset) -> bool:
    return all(id(type(value)) in ATOMS for value in values)


def is_constant(value: Any) -> bool:
    """Whether `value` is an atom or is made of atoms only."""
    kind = type(value)
    if kind is tuple:
        return all(map(is_constant, value))
    return id(kind) in ATOMS or (kind is frozenset and _plain(value))


def same_code(one: types.CodeType, other: types.CodeType, nested: bool = True) -> bool:
    """Whether two code objects do the same: positions do not count, nor does nested code unless `nested`."""
    if one is other:
        return True
    if (one.co_code != other.co_code or one.co_names != other.co_names or one.co_varnames != other.co_varnames
            or one.co_freevars != other.co_freevars or one.co_cellvars != other.co_cellvars
            or one.co_flags != other.co_flags or one.co_argcount != other.co_argcount
            or one.co_kwonlyargcount != other.co_kwonlyargcount
            or one.co_posonlyargcount != other.co_posonlyargcount
            or one.co_exceptiontable != other.co_exceptiontable
            or len(one.co_consts) != len(other.co_consts)):
        return False
    for left, right in zip(one.co_consts, other.co_consts):
        if not nested and type(left) is CODE and type(right) is CODE:
            continue
        if not same_constant(left, right):
            return False
    return True


def key_text(key: Any) -> str | None:
    """A dictionary's key as it is written in a program, or None where writing it would run code of the program."""
    kind = type(key)
    if kind is str or kind is bytes:
        return repr(key) if len(key) <= 60 else repr(key[:60])[:-1] + "…" + repr(key)[-1]
    if kind is int or kind is bool or key is None:
        return repr(key)
    if kind is tuple and len(key) <= 6:
        parts = [part for each in key if (part := key_text(each)) is not None]
        if len(parts) == len(key):
            return "(" + ", ".join(parts) + ("," if len(parts) == 1 else "") + ")"
    if is_a(key, type):
        return type_qualname(key)
    return None


def instance_dict(value: Any) -> dict | None:
    """The `__dict__` of an instance, read through the descriptor of `type` and not through one that a class defines."""
    for cls in type_mro(type(value)):
        descriptor = type_dict(cls).get("__dict__")
        if descriptor is not None:
            if type(descriptor) is not GETSET:
                return None
            try:
                found = GETSET.__get__(descriptor, value)
            except (AttributeError, TypeError):
                return None
            return found if type(found) is dict else None
    return None


def length_of(kind: type) -> Callable[[Any], int]:
    """What counts the elements of instances of a type: of the interpreter's own containers, and of what derives from them."""
    for container in (dict, list, tuple, set, frozenset, DEQUE):
        if issubclass(kind, container):
            return container.__len__
    return lambda value: 0


def attribute_of(value: Any, child: Any) -> str | None:
    """The name under which an instance holds `child`: in a slot or in its `__dict__`."""
    for cls in type_mro(type(value)):
        for name, descriptor in list(type_dict(cls).items()):
            if type(descriptor) is SLOT and type(name) is str:
                try:
                    held = SLOT.__get__(descriptor, value)
                except (AttributeError, TypeError):
                    continue
                if held is child:
                    return name
    for name, held in list((instance_dict(value) or {}).items()):
        if held is child and type(name) is str:
            return name
    return None


def thread_names() -> dict[int, str]:
    """The names of threads by identifier; `threading.enumerate` would take the program's lock."""
    threading = sys.modules.get("threading")
    active = module_dict(threading).get("_active") if is_a(threading, MODULE) else None
    names = {}
    for identifier, thread in list(active.items()) if type(active) is dict else ():
        name = (instance_dict(thread) or {}).get("_name")
        if type(name) is str:
            names[identifier] = name
    return names
