"""Names that the saved text no longer binds."""

from __future__ import annotations

import sys
from types import ModuleType

from .patch_session import REMOVED, VALUE
from .patch_values import same
from .transaction import ABSENT, namespace_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Sequence

    from .patch_execution import Execution


def remove(execution: Execution, names: tuple[str, ...], stars: tuple[Any, Any]) -> None:
    """Takes names out of the module, unless a star import brings them or something outside put them there."""
    gone, present = stars
    for name in names:
        unbind(execution, name, present)
    for module, others, line, kept in gone:
        source = namespace_of(sys.modules.get(module))
        brought = {name: [source[name]] for name in exported(source)} if source is not None else {}
        for (owner, name), mark in list(execution.session.marks.items()):
            if owner == module and mark.level >= VALUE:
                brought.setdefault(name, []).append(mark.old)  # what it was when the star import ran
        for name, values in brought.items():
            bound = execution.namespace.get(name, ABSENT)
            if bound is not ABSENT and any(value is bound for value in values):
                if name in others:
                    execution.uncovered[name] = max(line, execution.uncovered.get(name, 0))
                elif name not in kept:
                    unbind(execution, name, present)


def annotate(execution: Execution, before: Any) -> None:
    """Gives the module's annotations, which were `before`, the order of its text, without those that this does not have any more."""
    annotations = execution.namespace.get("__annotations__")
    if type(annotations) is not dict:
        return
    order, gone = execution.patch.plan.get("annotated") or ((), ())
    names = [name for name in (*order, *annotations) if name in annotations and name not in gone]
    wanted = {name: annotations[name] for name in names}
    if list(wanted) != list(annotations):
        execution.transaction.replace_contents(annotations, wanted)
    if list(before) != list(wanted) or not all(map(same, before.values(), wanted.values())):
        execution.session.mark(execution.name, "__annotations__", VALUE)


def exported(source: dict[str, Any] | None) -> list[str]:
    """The names that a star import of the module takes."""
    if source is None:
        return []
    listed = source.get("__all__")
    if type(listed) in (list, tuple):
        return [name for name in listed if name in source]
    return [name for name in list(source) if name[:1] != "_"]


def unbind(execution: Execution, name: str, present: Sequence[str]) -> None:
    """Takes a name out of the module; `present` are the modules of its star imports, which may bring it."""
    namespace = execution.namespace
    value = namespace.get(name, ABSENT)
    if value is ABSENT:
        return
    if name == "__doc__":
        namespace[name] = None
        return
    for module in reversed(present):
        source = namespace_of(sys.modules.get(module))
        if source is not None and name in exported(source):
            namespace[name] = source[name]
            execution.settle(name, value, True)
            return
    if issubclass(type(value), ModuleType) and sys.modules.get(f"{execution.name}.{name}") is value:
        return  # a submodule is an attribute of its package, whoever imports it
    execution.transaction.leave(namespace, name)
    execution.session.mark(execution.name, name, REMOVED, value)
