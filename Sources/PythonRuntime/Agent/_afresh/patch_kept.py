"""Results that functions keep by hand, and that code has computed which does something else now."""

from __future__ import annotations

import sys

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
            is_kept = any(_is_result(own_attributes(each).get(name[1:], ABSENT)) for each in _instances(patch))
        else:
            value: Any = patch.namespace
            for part in name.split("."):
                value = value.get(part, ABSENT) if type(value) is dict else own_attributes(value).get(part, ABSENT)
            is_kept = _is_result(value) and (line, name) not in ran
        if is_kept and change not in patch.changes:
            patch.changes.append(change)


def _is_result(value: Any) -> bool:
    """Whether something is kept: neither nothing, nor an empty container."""
    if value is ABSENT or value is None:
        return False
    return type(value) not in (dict, list, set) or bool(value)


def _instances(patch: Patch) -> list[Any]:
    """Objects of the module's classes that names of modules stand for."""
    beforehand = patch.transaction.beforehand
    spaces = [patch.namespace, *(beforehand.namespaces() if beforehand is not None else ())]
    values = [value for each in spaces for value in list(each.values()) if is_instance(value)]
    return [value for value in values if namespace_of(sys.modules.get(type(value).__module__)) is patch.namespace]
