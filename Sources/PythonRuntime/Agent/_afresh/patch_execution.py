"""Executes those entries of a plan that have to be, one after another, and sees what each changed."""

from __future__ import annotations

import sys
from types import FunctionType

from .hooks import Hooks
from .patch_classes import (
    Collector,
    attributes,
    collected,
    has_hook,
    is_enumeration,
    is_plain,
    refresh,
    remove_attribute,
    set_name,
)
from .patch_frames import NOT_REACHED, executing_line
from .patch_identity import made_by_definition, made_by_expression
from .patch_registrations import Watch
from .patch_session import BEHAVES, REMOVED, VALUE, Mark
from .patch_values import is_immutable, same
from .transaction import ABSENT, namespace_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

    from .patch import Patch

class Execution:
    def __init__(self, patch: Patch) -> None:
        self.patch = patch
        self.session = patch.session
        self.transaction = patch.transaction
        self.merger = patch.session.merger
        self.namespace = patch.namespace
        self.name = patch.name
        self.executed = False
        self._covered: set[str] = set()  # names that a star import gave another value than what is bound further down

    # Entries

    def whole(self, code: CodeType) -> None:
        """Executes the module's code, and keeps the objects that were there where they can become what it made."""
        Hooks.of(self.transaction).execute_whole(self.patch.step, self.transaction)
        before = dict(self.namespace)
        self._execute(code, None)
        for name, old in before.items():
            if not (name.startswith("__") and name.endswith("__")):
                new = self.namespace.get(name, ABSENT)
                self.settle(name, old, True, new is not ABSENT and _named(new) == name)
        for name in list(self.namespace):
            if name not in before:
                self.session.mark(self.name, name, VALUE)

    def run(self, entries: list[dict[str, Any]]) -> None:
        written: dict[str, Any] = {}  # names bound by entries that ran, and what they were before
        reached = executing_line(self.namespace)
        done: set[int] = set()
        again: set[str] = set()  # names bound by entries that ran
        for number, entry in enumerate(entries):
            if reached is not None and entry["was"] is not None and entry["was"] > reached:
                if entry["must"]:
                    self._not_applied(entry, NOT_REACHED)
                continue
            since = self.session.ran.get(self._key(entry), 0)
            mark, level = self._reason(entry, since)
            if level == 0 and written:
                shared = [name for name in entry["binds"] if name in written]
                if shared:
                    if all(name in entry["last"] and name in entry["firm"] for name in shared):
                        for name in shared:  # the statement that binds it for good was not touched
                            self._restore(name, written.pop(name))
                    else:
                        level = VALUE
            if level == 0 and any(name in again and name in self.namespace for name in entry["drops"]):
                level = VALUE
            if level and (entry["builds"] or entry["needs"]):
                # `X += 1` starts from what the statements before it gave X, not from what it has made of it since;
                # and what reads X above reads what those gave it
                wanted = (*entry["builds"], *entry["needs"])
                for earlier in range(number):
                    if earlier not in done and any(name in entries[earlier]["binds"] for name in wanted):
                        self._run(entries[earlier], VALUE, 0, None, written)
                        done.add(earlier)
                        again.update(entries[earlier]["binds"])
            if self._run(entry, level, since, mark, written):
                done.add(number)
                again.update(entry["binds"])
        for name in self._covered:
            if name in written:
                self._restore(name, written[name])
        written.clear()

    def _run(self, entry: dict[str, Any], level: int, since: int, mark: Mark | None, written: dict[str, Any]) -> bool:
        if "parts" in entry:
            self._class(entry, level, since, mark)
        elif level:
            self._statement(entry, level, mark, written, since)
        return bool(level)

    def _key(self, entry: dict[str, Any]) -> tuple[str, int, str]:
        return (self.name, entry["line"], entry["symbol"])

    def _reason(self, entry: dict[str, Any], since: int) -> tuple[Mark | None, int]:
        """Why an entry has to run: 0 for not at all, VALUE, or BEHAVES if only functions that it calls do something
        else.
        """
        if entry["must"] and not since:
            return None, VALUE
        for given in entry["inputs"]:
            mark = self.session.value_changed(self.name, given, since)
            if mark is not None:
                return mark, VALUE
            mark = self.session.property_changed(self.name, given, since)
            if mark is not None:
                return mark, BEHAVES
        if "import" in entry:
            mark = self.session.marks.get(entry["import"][:2])
            if mark is not None and mark.stamp > since:
                return mark, BEHAVES
        for given in entry["calls"]:
            mark = self.session.call_changed(self.name, given, since)
            if mark is not None:
                return mark, BEHAVES
        for given in entry.get("made_by", ()):
            mark = self.session.maker_changed(self.name, given, since)
            if mark is not None:
                return mark, BEHAVES
        return None, 0

    def _statement(
        self, entry: dict[str, Any], level: int, mark: Mark | None, written: dict[str, Any], since: int
    ) -> None:
        if entry["once"]:
            if level == VALUE:
                self._not_applied(entry, "it runs once, when the program starts")
            return
        if "import" in entry:
            if not self._import(entry, level, mark, since, written):
                return
        elif level == BEHAVES and not self._can_recompute(entry):
            return
        before = {}
        for name in entry["binds"]:
            # what the last binder gave it before the edit, not what an earlier one has given it now
            before[name] = written[name] if name in written else self.namespace.get(name, ABSENT)
        for name in entry["clears"]:
            self.transaction.delete_item(self.namespace, name)
        self._execute(entry["code"], entry)
        self.session.ran[self._key(entry)] = self.session.tick()
        differs = False
        for name, old in before.items():
            last = name in entry["last"]
            if self.settle(name, old, last, name in entry["defines"]):
                differs = True
            if not last:
                written.setdefault(name, old)
            else:
                written.pop(name, None)
        self._applied(entry, differs)

    def _can_recompute(self, entry: dict[str, Any]) -> bool:
        """For a statement that calls a function which changed: whether executing it again loses no state."""
        kind = entry["kind"]
        if kind == "function":
            return True  # a decorator
        if not entry["binds"]:
            return False
        for name in entry["binds"]:
            value = self.namespace.get(name, ABSENT)
            if value is not ABSENT and not is_immutable(value) and type(value) is not FunctionType:
                self._not_applied(entry, "computed by code that changed; it keeps the value that it has")
                return False
        return True

    def settle(self, name: str, old: Any, last: bool, defines: bool = False) -> bool:
        """After a statement bound `name`: keeps the old object where it can be made like the new one, and marks what
        changed.

        `defines`: the statement is a definition of that name.
        """
        session = self.session
        new = self.namespace.get(name, ABSENT)
        if new is old:
            return False
        if new is ABSENT:
            session.mark(self.name, name, REMOVED, old)
            return True
        if old is ABSENT or not last:
            session.mark(self.name, name, VALUE, old)
            return True
        if same(old, new):
            self.namespace[name] = old
            return False
        attributes_before = dict(attributes(old)) if issubclass(type(old), type) else None
        merged = new
        if made_by_definition(old, new, name) if defines else made_by_expression(old, new):
            merged = self.merger.merge(old, new)
        if merged is not old:
            if merged is not new:
                self.namespace[name] = merged
            session.mark(self.name, name, VALUE, old)
            return True
        self.namespace[name] = old
        session.note_altered(self.merger.altered)
        if attributes_before is not None:
            self._mark_class(name, old, attributes_before, True)
        else:
            session.behaves(self.name, name, remade=True)
        return True

    def _mark_class(self, qualified: str, cls: type, before: dict[str, Any], whole: bool) -> None:
        after = attributes(cls)
        changed = {name for name in after if after[name] is not before.get(name, ABSENT)}
        changed |= {name for name in before if name not in after}
        changed -= {"__firstlineno__", "__static_attributes__", "__annotations__"}
        for name in changed:
            self.session.behaves(self.name, f"{qualified}.{name}")
        for name, value in list(after.items()):
            function = value.__func__ if type(value) in (staticmethod, classmethod) else value
            if type(function) is FunctionType and id(function) in self.session.altered:
                self.session.behaves(self.name, f"{qualified}.{name}")
        mark = self.session.marks.get((self.name, qualified)) or self.session.mark(self.name, qualified, BEHAVES)
        members = after.get("_member_map_") if is_enumeration(cls) else None
        if type(members) is dict:
            mark.contents = True
            for name, member in members.items():
                if id(member) in self.merger.members:
                    self.session.behaves(self.name, f"{qualified}.{name}")
        if whole and ("_is_protocol" in after or _fields(before) != _fields(after)):
            mark.fields = True

    def _restore(self, name: str, value: Any) -> None:
        if value is ABSENT:
            self.transaction.delete_item(self.namespace, name)
        else:
            self.namespace[name] = value

    def _execute(self, code: CodeType, entry: dict[str, Any] | None, local: dict[str, Any] | None = None) -> None:
        self.touch()
        self.transaction.flush()
        self.patch.drop_results()
        self.transaction.executing(self.name, code, self.patch.step.source or self._running_source())
        self.executed = True
        if entry is not None and "again" in entry:
            self.patch.again.append(entry["again"])
        watch = Watch(self.transaction)
        if entry is not None and entry["kind"] != "import":
            watch.reach(self.name, entry["inputs"])
            watch.reach(self.name, entry["calls"])
        try:
            if local is None:
                exec(code, self.namespace)
            else:
                exec(code, self.namespace, local)
        finally:
            watch.settle()

    def touch(self) -> None:
        """Before the module is changed in any way."""
        Hooks.of(self.transaction).before(self.patch.step, self.transaction)

    def _running_source(self) -> bytes | None:
        record = self.patch.step.record
        return None if record is None else record.source

    # Imports

    def _import(
        self, entry: dict[str, Any], level: int, mark: Mark | None, since: int, written: dict[str, Any]
    ) -> bool:
        """Whether a from-import has to be executed; what can be done without is done."""
        module, name, local = entry["import"]
        if name == "*":
            return self._import_star(entry, since, written)
        if level == BEHAVES and mark is not None:
            # The same object: whoever calls it through this name gets the new behaviour too.
            self.session.marks.setdefault((self.name, local), mark)
            return False
        if mark is not None and mark.level == REMOVED:
            namespace = namespace_of(sys.modules.get(module))
            if namespace is not None and name not in namespace and "__getattr__" not in namespace:
                self.session.ran[self._key(entry)] = self.session.tick()
                self._report(
                    entry, "removed", False, f"{module} no longer defines {name}; {self.name} keeps the old one"
                )
                return False
        return True

    def _import_star(self, entry: dict[str, Any], since: int, written: dict[str, Any]) -> bool:
        module = entry["import"][0]
        source = namespace_of(sys.modules.get(module))
        if source is None:
            return True
        before = dict(self.namespace)
        removed = {}
        exported = self.session.marks.get((module, "__all__"))
        for (owner, name), mark in list(self.session.marks.items()):
            if owner == module and mark.level == REMOVED:
                removed[name] = mark.old
        if exported is not None and type(exported.old) in (list, tuple):
            for name in exported.old:
                if name not in source.get("__all__", ()):
                    removed.setdefault(name, source.get(name, ABSENT))
        for name, value in removed.items():
            if name not in entry["bound"] and self.namespace.get(name, ABSENT) is value and value is not ABSENT:
                self.transaction.delete_item(self.namespace, name)
                self.session.mark(self.name, name, REMOVED, value)
        self._execute(entry["code"], entry)
        self.session.ran[self._key(entry)] = self.session.tick()
        differs = False
        for name, value in list(self.namespace.items()):
            old = before.get(name, ABSENT)
            if old is not value:
                if name in entry["others"]:  # a statement below binds it for good
                    written.setdefault(name, old)
                    self._covered.add(name)
                differs = True
                self.session.mark(self.name, name, VALUE, old)
            else:
                mark = self.session.marks.get((module, name))
                if mark is not None and source.get(name, ABSENT) is value:
                    self.session.marks.setdefault((self.name, name), mark)
        self._applied(entry, differs)
        return False

    # Classes

    def _class(self, entry: dict[str, Any], level: int, since: int, mark: Mark | None) -> None:
        name = entry["binds"][0]
        cls = self.namespace.get(name, ABSENT)
        if cls is ABSENT or not issubclass(type(cls), type):
            if level or any(self._reason(part, since)[1] for part in entry["parts"]):
                self._whole(entry, name)
            return
        if level or not self._by_parts(entry, cls, [cls], since):
            self._whole(entry, name)

    def _whole(self, entry: dict[str, Any], name: str) -> None:
        old = self.namespace.get(name, ABSENT)
        self._execute(entry["code"], entry)
        self.session.ran[self._key(entry)] = self.session.tick()
        self._finish_whole(entry, name, old)

    def _finish_whole(self, entry: dict[str, Any], name: str, old: Any) -> None:
        new = self.namespace[name]
        if old is ABSENT or not issubclass(type(old), type) or not issubclass(type(new), type):
            self.settle(name, old, True, True)
            self._applied(entry, True)
            return
        before = dict(attributes(old))
        merged = self.merger.merge(old, new, frozenset(entry["keep"]))
        self.session.note_altered(self.merger.altered)
        if merged is old:
            self.namespace[name] = old
            self._mark_class(name, old, before, True)
        else:
            self.session.mark(self.name, name, VALUE, old)
            self._say_who_stayed(entry)
        self._applied(entry, True)

    def _say_who_stayed(self, entry: dict[str, Any]) -> None:
        for old, _, stayed in self.merger.replaced:
            if stayed and old.__name__ == entry["binds"][0]:
                reason = f"{stayed} instances or subclasses made before the edit keep the old layout"
                self._report(entry, "modified", False, reason)

    def _by_parts(self, entry: dict[str, Any], cls: type, chain: list[type], since: int) -> bool:
        """Executes only those statements of the class body that have to be. False if the class has to be made as a
        whole.
        """
        triggered = []
        for part in entry["parts"]:
            mark, level = self._reason(part, self.session.ran.get(self._key(part), 0))
            if level == BEHAVES and not part["light"] and "parts" not in part and part["kind"] != "value":
                level = 0
            triggered.append(level)
        heavy = any(level and not part["light"] for part, level in zip(entry["parts"], triggered))
        if entry["undivided"] or entry["reordered"] and not is_plain(cls):
            return False
        heavy = heavy or bool(entry["gone"] or entry["unannotated"])
        if heavy or any(triggered):
            if entry["decorated"] or heavy and not is_plain(cls):
                return False
        if entry["gone"] or entry["unannotated"]:
            self.touch()
        qualified = entry["symbol"]
        before = dict(attributes(cls))
        written: dict[str, Any] = {}
        for part, level in zip(entry["parts"], triggered):
            if not level:  # an earlier part may have changed what it reads
                level = self._reason(part, self.session.ran.get(self._key(part), 0))[1]
                shared = [name for name in part["binds"] if _mangled(cls, name) in written]
                if not level and shared:
                    if all(name in part["last"] and name in part["firm"] for name in shared):
                        for name in shared:
                            key = _mangled(cls, name)
                            self.transaction.set_attribute(cls, key, written.pop(key))
                    else:
                        level = VALUE
            if "parts" in part and not level:
                inner = attributes(cls).get(part["binds"][0])
                if inner is not None and issubclass(type(inner), type):
                    if self._by_parts(part, inner, [*chain, inner], since):
                        continue
                level = VALUE
            if level:
                self._member(part, cls, chain, written, qualified)
        for name in entry["gone"]:
            key = _mangled(cls, name)
            if key == "__doc__":
                self.transaction.set_attribute(cls, key, None)
            elif key in attributes(cls):
                remove_attribute(self.transaction, cls, key)
        for name in entry["unannotated"]:
            self._forget_annotation(cls, _mangled(cls, name))
        self._equality(cls, before)
        if any(triggered) or entry["gone"]:
            refresh(cls, self.transaction)
        self._mark_class(qualified, cls, before, False)
        return True

    def _member(
        self, part: dict[str, Any], cls: type, chain: list[type], written: dict[str, Any], qualified: str
    ) -> None:
        collector = Collector(chain)
        self._execute(part["code"], part, {"__afresh_collect__": collector})
        self.session.ran[self._key(part)] = self.session.tick()
        differs = False
        for key, value in collected(collector, cls, self.transaction).items():
            old = written[key] if key in written else attributes(cls).get(key, ABSENT)
            last = any(_mangled(cls, name) == key for name in part["last"])
            merged = value
            if old is not ABSENT and last:
                if same(old, value) and key not in written:
                    continue
                if part["kind"] in ("function", "class") and made_by_definition(old, value, part["symbol"]):
                    merged = self.merger.merge(old, value, frozenset(part.get("keep", ())))
                self.session.note_altered(self.merger.altered)
            if merged is not attributes(cls).get(key, ABSENT):
                self.transaction.set_attribute(cls, key, merged)
                set_name(merged, cls, key)
            if not last:
                written.setdefault(key, old)
            else:
                written.pop(key, None)
            self.session.behaves(self.name, f"{qualified}.{key}")
            differs = True
        self._applied(part, differs)

    def _forget_annotation(self, cls: type, key: str) -> None:
        annotations = attributes(cls).get("__annotations__")
        if type(annotations) is dict and key in annotations:
            self.transaction.delete_item(annotations, key)

    def _equality(self, cls: type, before: dict[str, Any]) -> None:
        """`__eq__` without `__hash__` makes instances unhashable, as a class statement would."""
        now = attributes(cls)
        if "__eq__" in now and "__eq__" not in before and "__hash__" not in now:
            self.transaction.set_attribute(cls, "__hash__", None)
        elif "__eq__" not in now and "__eq__" in before and now.get("__hash__", ABSENT) is None:
            self.transaction.delete_attribute(cls, "__hash__")

    # The report

    def _applied(self, entry: dict[str, Any], differs: bool) -> None:
        if "change" not in entry and differs:
            self._report(entry, "modified", True, None)

    def _not_applied(self, entry: dict[str, Any], reason: str) -> None:
        index = entry.get("change", -1)
        if index >= 0:
            change = self.patch.changes[index]
            change["applied"] = False
            change["reason"] = reason
        else:
            self._report(entry, "modified", False, reason)

    def _report(self, entry: dict[str, Any], change: str, applied: bool, reason: str | None) -> None:
        described = {
            "symbol": entry["symbol"],
            "kind": entry["kind"],
            "change": change,
            "applied": applied,
            "range": entry["range"],
        }
        if reason is not None:
            described["reason"] = reason
        self.patch.changes.append(described)


def _named(value: Any) -> str | None:
    """The name under which a function or a class was defined."""
    if type(value) is FunctionType:
        return value.__qualname__
    return value.__qualname__ if issubclass(type(value), type) else None


def _fields(namespace: Any) -> list[Any]:
    """What classes derived from a dataclass have built in."""
    fields = namespace.get("__dataclass_fields__")
    if type(fields) is not dict:
        return []
    found: list[Any] = []
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
