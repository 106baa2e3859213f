"""Imports of names from modules: what can be done without executing them, what a star import brings and takes away, and the
order of all that binds a name where star imports are among it.
"""

from __future__ import annotations

import sys

from .patch_names import exported, unbind
from .patch_session import BEHAVES, REMOVED, VALUE, Mark
from .transaction import ABSENT, namespace_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .patch_execution import Execution


def import_name(
    execution: Execution, entry: dict[str, Any], level: int, mark: Mark | None, since: int, written: dict[str, Any]
) -> bool:
    """Whether a from-import has to be executed; what can be done without is done."""
    module, name, local = entry["import"]
    if name == "*":
        return _import_star(execution, entry, since, written)
    if level == BEHAVES and mark is not None:
        # The same object: whoever calls it through this name gets the new behaviour too.
        execution.session.marks.setdefault((execution.name, local), mark)
        return False
    if id(execution.namespace.get(local)) in execution.session.recounted and mark is not None and mark.level == BEHAVES:
        return False
    if mark is not None and mark.level == REMOVED:
        namespace = namespace_of(sys.modules.get(module))
        absent = namespace is not None and execution.transaction.look(namespace, name) is ABSENT
        if absent and "__getattr__" not in namespace:
            execution.session.ran[execution.key(entry)] = execution.session.tick()
            execution.report(
                entry, "removed", False, f"{module} no longer defines {name}; {execution.name} keeps the old one"
            )
            return False
    return True


def _import_star(execution: Execution, entry: dict[str, Any], since: int, written: dict[str, Any]) -> bool:
    module = entry["import"][0]
    source = namespace_of(sys.modules.get(module))
    if source is None:
        return True
    execution.transaction.flush()
    execution.transaction.touch(execution.namespace)
    before = dict(execution.namespace)
    removed = {}
    listed = execution.session.marks.get((module, "__all__"))
    for (owner, name), mark in list(execution.session.marks.items()):
        if owner == module and mark.level == REMOVED:
            removed[name] = mark.old
    if listed is not None and type(listed.old) in (list, tuple):
        for name in listed.old:
            if name not in source.get("__all__", ()):
                mark = execution.session.marks.get((module, name))
                before_it = ABSENT if mark is None or mark.level < VALUE else mark.old
                removed.setdefault(name, source.get(name, ABSENT) if before_it is ABSENT else before_it)
    for name, value in removed.items():
        mine = execution.session.marks.get((execution.name, name))  # it may be what stands for that already
        present = {id(execution.namespace.get(name, ABSENT)), id(mine.old) if mine is not None else 0}
        if name not in entry["others"] and value is not ABSENT and id(value) in present:
            if not execution.bind_again(name, entry, written) and name not in entry["bound"]:
                unbind(execution, name, execution.patch.plan["stars"][1])
    execution.execute(entry["code"], entry)
    execution.session.ran[execution.key(entry)] = execution.session.tick()
    differs = False
    for name, value in list(execution.namespace.items()):
        old = before.get(name, ABSENT)
        if old is not value:
            if name in entry["others"]:  # a statement below binds it for good
                written.setdefault(name, old)
                execution.covered[name] = entry["others"][name]
            differs = True
            key = (execution.name, name)
            if execution.flipped.get(name, ABSENT) is value:
                execution.session.marks.pop(key, None)  # what it was before a star import above this one
                continue
            if key not in execution.session.marks:
                execution.flipped.setdefault(name, old)
            execution.session.mark(execution.name, name, VALUE, old)
        else:
            mark = execution.session.marks.get((module, name))
            if mark is not None and source.get(name, ABSENT) is value:
                execution.session.marks.setdefault((execution.name, name), mark)
    execution.applied(entry, differs)
    return False


def brings_what_ran(execution: Execution, entry: dict[str, Any]) -> bool:
    """Whether a star import has names that statements above it have just bound: it stands below them, and covers them."""
    if entry["import"][1] != "*":
        return False
    brings = bound_by(entry)
    return any(not brings.isdisjoint(bound_by(execution.entries[number])) for number in execution.done)


def bound_by(entry: dict[str, Any]) -> frozenset[str]:
    """The names that executing an entry binds, also those of a star import."""
    if "others" not in entry:
        return frozenset(entry["binds"])
    return frozenset(exported(namespace_of(sys.modules.get(entry["import"][0]))))


def bind_above(execution: Execution, number: int, names: set[str], written: dict[str, Any]) -> None:
    """Executes the statements above an entry that bind names, from the last one on that has been executed already."""
    entries, done = execution.entries, execution.done
    above = []
    for earlier in reversed(range(number)):
        binds = names & bound_by(entries[earlier])
        if earlier in done:
            names = names - binds if "import" in entries[earlier] else names.difference(binds & set(entries[earlier]["firm"]))
        elif binds:
            above.append(earlier)
    for earlier in reversed(above):
        if earlier not in done:  # by another one of them
            execution.run_one(earlier, VALUE, 0, None, written)


def changes_below(execution: Execution, number: int, name: str) -> bool:
    return any(name in entry["drops"] or name in bound_by(entry) for entry in execution.entries[number + 1 :])
