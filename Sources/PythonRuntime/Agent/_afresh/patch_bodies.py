"""Class statements: those statements of a body that have to be executed, or the whole of it."""

from __future__ import annotations

from abc import ABCMeta
from types import FunctionType

from .patch_branches import took_another_way
from .patch_caches import forget_lazy, is_lazy
from .patch_classes import (
    BOOKKEEPING, REBASED, Collector, attributes, collected, differing, found_in, has_hook, is_closed, is_enumeration, is_of_the_layout, is_plain, refresh,
    remove_attribute, set_name,
)  # fmt: skip
from .patch_identity import is_of_another_module, made_by_definition
from .patch_models import is_model
from .patch_private import shown_inside
from .patch_registrations import STILL_REGISTERED
from .patch_repeats import STILL_THERE, settle_repeats
from .patch_session import BEHAVES, SAME, VALUE, Mark
from .patch_traces import NOTHING, REMAINS, STAYS, UNTOLD, Effects, settle_lost
from .patch_values import can_be_made_anew, is_immutable, same
from .stale_objects import type_qualname
from .transaction import ABSENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .patch_execution import Execution


def execute_class(execution: Execution, entry: dict[str, Any], level: int, since: int, written: dict[str, Any]) -> bool:
    """Whether the whole statement has been executed."""
    name = entry["binds"][0]
    cls = execution.namespace.get(name, ABSENT)
    if cls is ABSENT or not issubclass(type(cls), type) or is_of_another_module(cls, execution.namespace):
        if level == BEHAVES and cls is not ABSENT and not can_be_made_anew(cls):
            execution.keeps_all(entry)  # an instance that the decorator has made
            return False
        if level or entry["gone"] or any(execution.reason(part, since)[1] for part in entry["parts"]):
            _whole(execution, entry, name)
            if name not in entry["last"]:
                written.setdefault(name, cls)
            return True
        return False
    if level or not _by_parts(execution, entry, cls, [cls], since):
        _whole(execution, entry, name)
        return True
    if any(execution.has_run(part) for part in entry["parts"]):
        execution.session.ran[execution.key(entry)] = execution.session.tick()  # what it has changed itself is no reason to make it anew
    return False


def _by_parts(execution: Execution, entry: dict[str, Any], cls: type, chain: list[type], since: int) -> bool:
    """Executes only those statements of the class body that have to be. False if the class has to be made as a
    whole.
    """
    triggered = []
    for part in entry["parts"]:
        mark, level = execution.reason(part, execution.session.ran.get(execution.key(part), 0))
        if level == BEHAVES and not part["light"] and "parts" not in part and part["kind"] != "value":
            level = 0
        triggered.append(level)
    heavy = any(level and not part["light"] for part, level in zip(entry["parts"], triggered))
    if entry["undivided"] or entry["remade"] and is_enumeration(cls) or entry["reordered"] and not is_plain(cls):
        return False
    for part, level in zip(entry["parts"], triggered):
        if level and part["together"]:
            return False
        if level and took_another_way(execution, part, execution.session.ran.get(execution.key(part), 0)):
            return False
    heavy = heavy or bool(entry["gone"] or entry["unannotated"])
    if heavy or any(triggered):
        if entry["decorated"] or heavy and not is_plain(cls):
            return False
        if is_closed(cls):
            return False
    if entry["gone"] or entry["unannotated"]:
        execution.touch()
    qualified = entry["symbol"]
    before = dict(execution.transaction.members(cls))
    written: dict[str, Any] = {}
    gone = [_mangled(cls, name) for name in entry["gone"]]
    for part, level in zip(entry["parts"], triggered):
        if not level:  # an earlier part may have changed what it reads
            level = execution.reason(part, execution.session.ran.get(execution.key(part), 0))[1]
            if level and part["together"]:
                return False
            shared = [name for name in part["binds"] if _mangled(cls, name) in written]
            if not level and shared:
                if all(name in part["last"] and name in part["firm"] for name in shared):
                    for name in shared:
                        key = _mangled(cls, name)
                        execution.transaction.set_member(cls, key, written.pop(key))
                else:
                    level = VALUE
        if "parts" in part and not level:
            inner = execution.transaction.members(cls).get(part["binds"][0])
            if inner is not None and issubclass(type(inner), type):
                if _by_parts(execution, part, inner, [*chain, inner], since):
                    continue
            level = VALUE
        if level:
            _member(execution, part, cls, chain, gone, written, qualified)
    for key in gone:
        if key == "__doc__":
            execution.transaction.set_member(cls, key, None)
        elif key in execution.transaction.members(cls):
            remove_attribute(execution.transaction, cls, key)
    for name in entry["unannotated"]:
        _forget_annotation(execution, cls, _mangled(cls, name))
    _equality(execution, cls, before)
    if any(triggered) or entry["gone"]:
        refresh(cls, execution.transaction)
    mark_class(execution, qualified, cls, before, False)
    return True


def _member(
    execution: Execution, part: dict[str, Any], cls: type, chain: list[type], gone: list[str], written: dict[str, Any],
    qualified: str,
) -> None:
    shown = shown_inside(execution, part)
    collector = Collector(chain, shown, gone, execution.transaction)
    execution.execute(part["code"], part, {"__afresh_collect__": collector}, shown)
    lost = _settle_lost(execution, part, execution.grown, execution.bound)
    if part["was"] is not None and settle_repeats(execution.session, execution.grown, part["loops"], ABSENT, lost == NOTHING):
        execution.not_applied(part, STILL_THERE)
    execution.session.ran[execution.key(part)] = execution.session.tick()
    differs = False
    for key, value in collected(collector, cls, execution.transaction).items():
        present = execution.transaction.members(cls).get(key, ABSENT)
        old = written.get(key, present)
        last = any(_mangled(cls, name) == key for name in part["last"])
        merged = value
        if old is not ABSENT and last:
            if same(old, value) and key not in written and (is_immutable(value) or not part["others"]):
                continue
            if part["kind"] in ("function", "class") and made_by_definition(old, value, part["symbol"]):
                if "parts" in part:
                    keep_what_others_set(execution, part, old, value)
                    keep_inside(execution, part, old, value)
                merged = execution.merger.merge(old, value, frozenset(part.get("keep", ())))
            execution.session.note_altered(execution.merger.altered)
        if merged is not present:
            execution.transaction.set_member(cls, key, merged)
            for _, attribute, _ in set_name(merged, cls, key, execution.transaction):
                execution.session.behaves(execution.name, f"{qualified}.{attribute}")
        if not last:
            written.setdefault(key, old)
        else:
            written.pop(key, None)
        execution.session.behaves(execution.name, f"{qualified}.{key}", was=present if merged is not present else SAME)
        differs = True
    execution.applied(part, differs)


def _settle_lost(execution: Execution, part: dict[str, Any], grown: list[Any], bound: list[Any]) -> int:
    """Says what a statement of a body, or one inside of it, does not do any more."""
    for inner in part.get("parts", ()):
        _settle_lost(execution, inner, grown, bound)
    lost = settle_lost(execution, part, Effects(grown, bound), set()) if part["traces"] is not None else UNTOLD
    if lost == REMAINS:
        execution.not_applied(part, STAYS)
    return lost


def _whole(execution: Execution, entry: dict[str, Any], name: str) -> None:
    old = execution.namespace.get(name, ABSENT)
    bound: dict[str, Any] = {}  # no other thread is to see a class that only stands for the one that is there
    execution.execute(entry["code"], entry, bound)
    grown, execution.grown = execution.grown, []
    for part in entry.get("parts", ()):
        _settle_lost(execution, part, grown, execution.bound)
    execution.session.ran[execution.key(entry)] = execution.session.tick()
    if not issubclass(type(old), type) or not issubclass(type(bound.get(name)), type) or len(bound) > 1:
        execution.namespace.update(bound)
    new = bound.get(name, ABSENT)
    _finish_whole(execution, entry, name, old, bound)
    if entry["was"] is not None and _stays_under_keys(grown, old, new):
        execution.not_applied(entry, STILL_REGISTERED)
    if entry["was"] is not None and old is not ABSENT and settle_repeats(execution.session, grown, False):
        execution.not_applied(entry, STILL_THERE)


def _stays_under_keys(grown: list[tuple[Any, Any]], old: Any, new: Any) -> bool:
    """Whether a class, or an instance of it, has been entered under a key in addition to one that it had."""

    def is_of(value: Any) -> bool:
        return value is not ABSENT and any(value is each or type(value) is each for each in (old, new) if issubclass(type(each), type))

    for container, before in grown:
        if type(before) is dict and any(is_of(value) and container.get(key, ABSENT) is value for key, value in before.items()):
            if any(key not in before and is_of(value) for key, value in list(container.items())):
                return True
    return False


def _finish_whole(execution: Execution, entry: dict[str, Any], name: str, old: Any, bound: dict[str, Any]) -> None:
    new = bound.pop(name)
    if is_of_another_module(old, execution.namespace):
        execution.namespace[name] = new
        execution.session.mark(execution.name, name, VALUE, old)
        execution.applied(entry, True)
        return
    if old is ABSENT or not issubclass(type(old), type) or not issubclass(type(new), type):
        execution.settle(name, old, True, True)
        execution.applied(entry, True)
        return
    before, found = dict(execution.transaction.members(old)), found_in(old, execution.transaction)
    keep_what_others_set(execution, entry, old, new)
    keep_inside(execution, entry, old, new)
    merged = execution.merger.merge(old, new, frozenset(entry["keep"]))
    execution.session.note_altered(execution.merger.altered)
    if merged is not execution.namespace[name]:
        execution.namespace[name] = merged
    if merged is old:
        mark_class(execution, name, old, before, True)
    else:
        execution.session.mark(execution.name, name, VALUE, old)
        for each in differing(found, found_in(merged, execution.transaction)) | REBASED if issubclass(type(merged), type) else ():
            execution.session.behaves(execution.name, f"{name}.{each}", was=found.get(each, ABSENT))  # for classes derived from it
        _say_who_stayed(execution, entry)
    execution.applied(entry, True)


def keep_what_others_set(execution: Execution, entry: dict[str, Any], old: Any, new: Any) -> None:
    """Gives a class that has been made anew the attributes that the one before has got after it was made."""
    if entry["body"] is None or not issubclass(type(old), type) or not issubclass(type(new), type) or is_enumeration(new) or is_closed(new):
        return
    before = execution.transaction.members(old)
    is_named_tuple = issubclass(old, tuple) and "_fields" in before
    is_told = has_hook(old, 1) or type(old) not in (type, ABCMeta) or is_named_tuple
    if is_told and (entry["must"] or entry["gone"]) or any(hasattr(type(before.get(_mangled(old, name))), "__set_name__") for name in entry["gone"]):
        return  # what made it may have given it what it had
    session, module = execution.session, execution.name
    if is_told or entry["decorated"]:
        if any(session.call_changed(module, given, 0) is not None for given in entry["calls"]):
            return
        if any(session.maker_changed(module, given, 0) is not None for given in entry["made_by"]):
            return
    _keep_but(execution, entry["body"], old, new)


def keep_inside(execution: Execution, entry: dict[str, Any], old: Any, new: Any) -> None:
    """The same for the classes in it."""
    bodies = dict(entry["inside"])
    waiting = [(old, new)] if bodies else []
    while waiting:
        old, new = waiting.pop()
        if old is new or not issubclass(type(old), type) or not issubclass(type(new), type) or type_qualname(old) != type_qualname(new):
            continue
        before, after = execution.transaction.members(old), attributes(new)
        body = bodies.get(type_qualname(new))
        is_told = has_hook(old, 1) or type(old) not in (type, ABCMeta) or issubclass(old, tuple)
        if body is not None and not is_told and not is_closed(new) and not any(hasattr(type(before.get(name)), "__set_name__") for name in body):
            _keep_but(execution, body, old, new)
        inside = [(before.get(name), value) for name, value in list(after.items()) if issubclass(type(value), type)]
        waiting += [(one, other) for one, other in inside if type_qualname(other).startswith(f"{type_qualname(new)}.")]


def _keep_but(execution: Execution, body: tuple[str, ...], old: type, new: type) -> None:
    """`body`: what the statements of the class bind, or bound."""
    before, after = execution.transaction.members(old), attributes(new)
    own = {_mangled(old, name) for name in body}
    for name, value in list(before.items()):
        if name not in after and name not in own and name not in BOOKKEEPING and not is_of_the_layout(value):
            if name[:2] != "__" and name not in _OF_PROTOCOLS:
                type.__setattr__(new, name, value)


_OF_PROTOCOLS = frozenset(("_is_protocol", "_is_runtime_protocol"))  # `typing` sets them


def _say_who_stayed(execution: Execution, entry: dict[str, Any]) -> None:
    for old, _, stayed in execution.merger.replaced:
        if stayed and old.__name__ == entry["binds"][0]:
            reason = f"{stayed} instances or subclasses made before the edit keep the old layout"
            execution.report(entry, "modified", False, reason)


def _forget_annotation(execution: Execution, cls: type, key: str) -> None:
    annotations = execution.transaction.members(cls).get("__annotations__")
    if type(annotations) is dict and key in annotations:
        execution.transaction.set_member(cls, "__annotations__", {name: each for name, each in annotations.items() if name != key})


def _equality(execution: Execution, cls: type, before: dict[str, Any]) -> None:
    """`__eq__` without `__hash__` makes instances unhashable, as a class statement would."""
    now = execution.transaction.members(cls)
    if "__eq__" in now and "__hash__" not in now and ("__eq__" not in before or "__hash__" in before):
        execution.transaction.set_member(cls, "__hash__", None)
    elif "__eq__" not in now and "__eq__" in before and now.get("__hash__", ABSENT) is None:
        execution.transaction.set_member(cls, "__hash__", ABSENT)


def mark_class(execution: Execution, qualified: str, cls: type, before: dict[str, Any], whole: bool) -> None:
    after = execution.transaction.members(cls)
    changed = {name for name in after if after[name] is not before.get(name, ABSENT)}
    changed |= {name for name in before if name not in after}
    if after.keys() != before.keys() or "__subclasshook__" in changed:
        execution.session.reshaped = True
    for name in before:
        if is_lazy(before[name]) and (
            after.get(name, ABSENT) is not before[name] or id(before[name].func) in execution.session.altered
        ):
            forget_lazy(cls, name, execution.transaction)
    changed |= execution.merger.inherited.pop(id(cls), set()) - after.keys()
    changed -= {"__firstlineno__", "__static_attributes__"}
    if _are_same(before.get("__annotations__"), after.get("__annotations__")):
        changed.discard("__annotations__")
    for name in changed:
        execution.session.behaves(execution.name, f"{qualified}.{name}", was=before.get(name, ABSENT))
    for name, value in list(after.items()):
        function = value.__func__ if type(value) in (staticmethod, classmethod) else value
        if type(function) is FunctionType and id(function) in execution.session.altered:
            execution.session.behaves(execution.name, f"{qualified}.{name}")
    mark = execution.session.marks.get((execution.name, qualified)) or execution.session.mark(execution.name, qualified, BEHAVES)
    members = after.get("_member_map_") if is_enumeration(cls) else None
    if type(members) is dict:
        execution.session.recounted[id(cls)] = (cls, mark)
        execution.session.contents[id(cls)] = (cls, None, mark.stamp)  # for who has it in a container
        for name, member in members.items():
            if id(member) in execution.merger.members:
                execution.session.behaves(execution.name, f"{qualified}.{name}")
    mark.made = mark.made or "__abstractmethods__" in changed  # who could be made, and cannot, or the other way
    if whole and ("_is_protocol" in after or _fields(before) != _fields(after) or id(cls) in execution.merger.ruled):
        mark.fields = True


def _are_same(one: Any, other: Any) -> bool:
    """Whether a class has the same annotations."""
    if type(one) is not dict or type(other) is not dict:
        return one is other
    return list(one) == list(other) and all(map(same, one.values(), other.values()))


def _fields(namespace: Any) -> list[Any]:
    """What classes derived from a dataclass, a model or a TypedDict have built in."""
    found: list[Any] = [namespace[name] for name in ("__required_keys__", "__optional_keys__") if name in namespace]
    if is_model(namespace):
        found += map(id, namespace["__pydantic_fields__"].values())
    fields = namespace.get("__dataclass_fields__")
    if type(fields) is not dict:
        return found
    for name, field in fields.items():
        found.append(
            (name, id(type(field.default)), field.default if is_immutable(field.default) else id(field.default))
        )
        found.append((id(field.default_factory), field.init, field.repr, field.kw_only))
    return found


def _mangled(cls: type, name: str) -> str:
    """Private names as they are in the class's dictionary."""
    if name.startswith("__") and not name.endswith("__"):
        stripped = cls.__name__.lstrip("_")
        return f"_{stripped}{name}" if stripped else name
    return name
