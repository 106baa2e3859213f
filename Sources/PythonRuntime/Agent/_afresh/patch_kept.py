"""Results that functions keep by hand, and that code has computed which does something else now."""

from __future__ import annotations

import sys
from types import FunctionType

from .patch_contents import is_instance, own_attributes
from .transaction import ABSENT, namespace_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .patch import Patch


def say_kept(patch: Patch) -> None:
    """After everything has been executed: of what is kept, and was kept before."""
    ran = {(line, symbol) for module, line, symbol in patch.session.ran if module == patch.name}
    for name, line, change in patch.plan["kept"]:
        if name[:1] == ".":
            is_kept = any(_is_result(value) for each in _instances(patch) for value in _found(each, name[1:]))
        else:
            path, _, default = name.removesuffix(")").partition("(")
            value: Any = patch.namespace
            for part in path.split("."):
                value = value.get(part, ABSENT) if type(value) is dict else _attributes(value).get(part, ABSENT)
            if default:
                value = _default(value, default)
            is_kept = _is_result(value) and (line, name) not in ran
        if is_kept and change not in patch.changes:
            patch.changes.append(change)


def _found(instance: Any, name: str) -> list[Any]:
    """What an attribute is, of the object or of its class."""
    spaces = [own_attributes(instance), *map(_attributes, type.__getattribute__(type(instance), "__mro__"))]
    return next(([each[name]] for each in spaces if name in each), [])


def _attributes(value: Any) -> Any:
    return type.__getattribute__(value, "__dict__") if issubclass(type(value), type) else own_attributes(value)


def _default(function: Any, parameter: str) -> Any:
    """The default of a function's parameter."""
    if type(function) in (staticmethod, classmethod):
        function = function.__func__
    if type(function) is not FunctionType:
        return ABSENT
    if parameter in (function.__kwdefaults__ or {}):
        return function.__kwdefaults__[parameter]
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    defaults = dict(zip(reversed(names), reversed(function.__defaults__ or ())))
    return defaults.get(parameter, ABSENT)


def _is_result(value: Any) -> bool:
    """Whether something is kept: neither nothing, nor an empty container."""
    if value is ABSENT or value is None:
        return False
    kind = next((each for each in (dict, list, set) if issubclass(type(value), each)), None)
    return kind is None or kind.__len__(value) > 0


def _instances(patch: Patch) -> list[Any]:
    """Objects of the module's classes that names of modules stand for."""
    beforehand = patch.transaction.beforehand
    spaces = [patch.namespace, *(beforehand.namespaces() if beforehand is not None else ())]
    values = [value for each in spaces for value in list(each.values()) if is_instance(value)]
    return [value for value in values if namespace_of(sys.modules.get(type(value).__module__)) is patch.namespace]
