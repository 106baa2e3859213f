"""Imports of names from modules: what can be done without executing them, what a star import brings and takes away, and the
order of all that binds a name where star imports are among it.
"""

from __future__ import annotations

import sys

from .patch_names import exported, unbind
from .patch_session import BEHAVES, REMOVED, VALUE, Mark
from .stale_imports import from_imports, stores
from .transaction import ABSENT, namespace_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .patch_execution import Execution


def import_name(execution: Execution, entry: dict[str, Any], level: int, mark: Mark | None) -> bool:
    """Whether a from-import has to be executed; what can be done without is done."""
    module, name, local = entry["import"]
    if name == "*":
        return True
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


def take_imported(execution: Execution) -> None:
    """Before statements of an edited module run: gives names that it imports what modules before it have come to have for them, which
    no edit of theirs says, as they pass on what others give them. The imports themselves come to their turn when it follows the others.
    """
    patch, session = execution.patch, execution.session
    code = patch.plan["code"]
    before = (patch.plan["old"] or patch.step.running_code()) if code is not None and session.marks else None
    if before is None:
        return
    package = execution.namespace.get("__package__")
    package = package if type(package) is str else ""
    known = {(module, name, local) for module, name, local, _ in from_imports(before, package)}
    own = {name for entry in patch.plan["entries"] for name in entry["binds"]}
    for module, name, local, unit in from_imports(code, package):
        mark = session.marks.get((module, name))
        if mark is None or mark.level != VALUE or mark.old is ABSENT or local in own or (module, name, local) not in known:
            continue
        value = execution.transaction.look(namespace_of(sys.modules.get(module)) or {}, name)
        if value is not ABSENT and stores(code).get(local) == unit and execution.namespace.get(local, ABSENT) is mark.old:
            execution.touch()
            execution.transaction.computed[execution.name, local] = None
            execution.namespace[local] = value
            session.mark(execution.name, local, VALUE, mark.old)


def before_stars(execution: Execution, entry: dict[str, Any], written: dict[str, Any]) -> dict[str, Any]:
    """Before a statement with star imports runs: without what their modules do not define any more. Answers what there was."""
    execution.publish(entry)
    execution.transaction.touch(execution.namespace)
    before = dict(execution.namespace)
    for module in entry["stars"]:
        source = namespace_of(sys.modules.get(module))
        if source is None:
            continue
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
        for name, value in execution.session.brought.get((execution.name, module), {}).items():
            if name not in source:  # it came, and went again
                removed[name] = value
        for name, value in removed.items():
            mine = execution.session.marks.get((execution.name, name))  # it may be what stands for that already
            present = {id(execution.namespace.get(name, ABSENT)), id(mine.old) if mine is not None else 0}
            if name not in entry["others"] and value is not ABSENT and id(value) in present:
                if not execution.bind_again(name, entry, written) and name not in entry["bound"]:
                    unbind(execution, name, execution.patch.plan["stars"][1])
    return before


def leave_untaken(execution: Execution, entry: dict[str, Any], touched: set[str], written: dict[str, Any]) -> None:
    """Names that the star imports of another way of the statement have brought are again what a statement above makes them, or gone."""
    for module in entry["stars"]:
        source = namespace_of(sys.modules.get(module))
        for name in exported(source) if source is not None else ():
            if name in touched or name in entry["others"] or name in entry["binds"]:
                continue
            mark = execution.session.marks.get((module, name))
            brought = {id(source[name]), id(mark.old if mark is not None else ABSENT)}
            if id(execution.namespace.get(name)) in brought and not execution.bind_again(name, entry, written):
                if name not in entry["bound"]:
                    unbind(execution, name, ())


def note_brought(execution: Execution, entry: dict[str, Any], before: dict[str, Any], written: dict[str, Any]) -> bool:
    """After it ran: whether its star imports have bound something else than there was `before`."""
    sources = [(module, source) for module in entry["stars"] if (source := namespace_of(sys.modules.get(module))) is not None]
    for module, source in sources:
        execution.session.brought[execution.name, module] = {name: source[name] for name in exported(source)}
    differs = False
    for name, value in list(execution.namespace.items()):
        if name in entry["binds"]:
            continue  # by another part of the statement
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
            for module, source in sources:
                mark = execution.session.marks.get((module, name))
                if mark is not None and source.get(name, ABSENT) is value:
                    execution.session.marks.setdefault((execution.name, name), mark)
    return differs


def brings_what_ran(execution: Execution, entry: dict[str, Any]) -> bool:
    """Whether a statement's star imports have names that statements above it have just bound: it stands below them, and covers them."""
    brings = bound_by(entry)
    return any(not brings.isdisjoint(bound_by(execution.entries[number])) for number in execution.done)


def bound_by(entry: dict[str, Any]) -> frozenset[str]:
    """The names that executing an entry binds, also those of star imports."""
    brought = [exported(namespace_of(sys.modules.get(module))) for module in entry.get("stars", ())]
    return frozenset(entry["binds"]).union(*brought)


def bind_above(execution: Execution, number: int, names: set[str], written: dict[str, Any]) -> None:
    """Executes the statements above an entry that bind names, from the last one on that has been executed already, or that builds
    on none above it.
    """
    entries, done = execution.entries, execution.done
    above = []
    for earlier in reversed(range(number)):
        binds = names & bound_by(entries[earlier])
        if earlier in done:
            names = names - binds if "import" in entries[earlier] else names.difference(binds & set(entries[earlier]["firm"]))
        elif binds:
            above.append((earlier, binds))
            names = names.difference(binds & set(entries[earlier]["firm"]))
    for earlier, binds in reversed(above):
        if earlier not in done and not _bind_what_others_have(execution, earlier, binds, written):  # or by another one of them
            execution.run_one(earlier, VALUE, 0, None, written)


def _bind_what_others_have(execution: Execution, number: int, names: set[str], written: dict[str, Any]) -> bool:
    """For `a = b = {}`: binds `b` to what it has made, where `a` stands for that still."""
    entry, namespace = execution.entries[number], execution.namespace
    others = [name for name in entry["shared"] if name not in names and name in entry["last"] and name in namespace and name not in written]
    if not others or not names <= set(entry["shared"]) or (execution.name, others[0]) in execution.session.marks:
        return False
    for name in names:
        written.setdefault(name, namespace.get(name, ABSENT))
        namespace[name] = namespace[others[0]]
    execution.done.add(number)
    return True


def changes_below(execution: Execution, number: int, name: str) -> bool:
    return any(name in entry["drops"] or name in bound_by(entry) for entry in execution.entries[number:])
