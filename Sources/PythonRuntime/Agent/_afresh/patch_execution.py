"""Executes those entries of a plan that have to be, one after another, and sees what each changed."""

from __future__ import annotations

import sys
from _functools import partial
from types import FunctionType

from . import patch_enums  # noqa: F401  (here, so that no file is read in the middle of a transaction)
from .hooks import Hooks
from .patch_bodies import execute_class, keep_inside, keep_what_others_set, mark_class
from .patch_branches import Recorder, Steps, is_within, late_names, made_inside, say_late, settle_unbound, stored_beside, took_another_way
from .patch_frames import NOT_REACHED
from .patch_identity import defined_as, line_of, made_by_definition, made_by_expression
from .patch_import_statements import (
    before_stars, bind_above, brings_what_ran, changes_below, import_name, leave_untaken, note_brought
)  # fmt: skip
from .patch_later import changed_later
from .patch_names import annotate
from .patch_private import execute_privately, is_private, looks_at_what_waits
from .patch_reads import Reads
from .patch_reasons import Reasons
from .patch_registrations import STILL_REGISTERED, Watch, settle_keys
from .patch_refused import execute_instead
from .patch_repeats import STILL_THERE, containers_in, refill, settle_refilled, settle_repeats, stand_in_order
from .patch_session import BEHAVES, REMOVED, VALUE, Mark
from .patch_traces import NOTHING, REMAINS, STAYS, UNTOLD, Effects, settle_lost
from .patch_undone import did_otherwise, still_set
from .patch_values import can_be_made_anew, is_as_good, keep_parts, same
from .patch_withheld import withheld
from .patch_wrappers import follow_attributes
from .stale_kept import symbol_of
from .transaction import ABSENT, namespace_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

    from .patch import Patch


class Execution(Reasons):
    def __init__(self, patch: Patch) -> None:
        self.patch = patch
        self.session = patch.session
        self.transaction = patch.transaction
        self.merger = patch.session.merger
        self.namespace = patch.namespace
        self.name = patch.name
        self.executed = False
        self.covered: dict[str, int] = {}  # names that a star import gave another value than what is bound further down, and where
        self.flipped: dict[str, Any] = {}  # names that a star import gave another value, and what they were before
        self.uncovered: dict[str, int] = {}  # names that a star import covered which is gone, and the line where it stood
        self.steps: Steps | None = None  # those of the last statement
        self.grown: list[tuple[Any, Any]] = []  # containers that the last statement changed, as they are and were
        self.bound: list[tuple[dict[str, Any], str, Any]] = []  # names of other modules that it bound anew, and what they were
        self.refilled: dict[str, Any] = {}  # containers that are made anew, as they were before
        self.without: dict[tuple[str, int, str], list[Any]] = {}  # by statement: from what that was taken which it had put there
        self.entries: list[dict[str, Any]] = []
        self.done: set[int] = set()  # entries that have been executed, by their number
        self.at = 0  # the first one that has not had its turn

    # Entries

    def whole(self, code: CodeType) -> None:
        """Executes the module's code, and keeps the objects that were there where they can become what it made."""
        Hooks.of(self.transaction).execute_whole(self.patch.step, self.transaction)
        before = dict(self.namespace)
        self.execute(code, None)
        for name, old in before.items():
            if not (name.startswith("__") and name.endswith("__")):
                new = self.namespace.get(name, ABSENT)
                self.settle(name, old, True, new is not ABSENT and defined_as(new) == name)
        for name in list(self.namespace):
            if name not in before:
                self.session.mark(self.name, name, VALUE)

    def run(self, entries: list[dict[str, Any]], first: int = 0) -> None:
        """From the entry number `first` on; those before it have been carried out."""
        written: dict[str, Any] = {}  # names bound by entries that ran, and what they were before
        reached = self.session.line_of(self.namespace)
        self.entries, done = entries, self.done
        done.update(range(first))
        for number, entry in enumerate(entries):
            if number < first:
                continue
            self.at = number
            if reached is not None and entry["was"] is not None and entry["was"] > reached:
                if entry["must"]:
                    self.not_applied(entry, NOT_REACHED)
                continue
            self._uncover(entry["line"] + ("parts" in entry), written)  # the parts of a class go to the one that there is
            since = self.has_run(entry)
            mark, level = self.reason(entry, since)
            stays = level == 0 or level < VALUE and "import" in entry  # what it has bound does something else, and may not be bound now
            if stays and written:
                shared = [name for name in entry["binds"] if name in written]
                if shared:
                    if all(name in entry["last"] and name in entry["firm"] for name in shared):
                        for name in shared:  # the statement that binds it for good was not touched
                            self.restore(name, written.pop(name))
                    else:
                        level = VALUE
                        entry["rebinds"] = True
            if level < VALUE and any(name in self.namespace and self._ran(name) for name in entry["drops"]):
                level = VALUE
            if stays and level < VALUE and entry["was"] is not None:
                if any(entry["was"] < self.uncovered.get(name, 0) for name in entry["binds"]):
                    level = VALUE
                    entry["rebinds"] = True
            if level and not entry["must"] and entry["unsets"] and all(self.session.live(self.name, each) is ABSENT for each in entry["unsets"]):
                level = 0  # it has removed them, and nothing has set them since
            if level == 0 and done and "stars" in entry and brings_what_ran(self, entry):
                level = VALUE
            if entry["fills"] is not None and (level or entry["fills"] in self.refilled):
                level = VALUE
                refill(self, number, written)
            if level == BEHAVES and (entry["builds"] or entry["needs"] and "import" not in entry and "parts" not in entry):
                if self._has_followed(entry, since) or not self._can_recompute(entry, mark, written):
                    continue
            if (entry["builds"] or entry["needs"] or entry["removes"]) and (level or self._part_runs(entry)):
                # `X += 1` starts from what the statements before it gave X, not from what it has made of it since;
                # and what reads X above reads what those gave it
                wanted = {*entry["builds"], *(name for name in entry["needs"] if changes_below(self, number, name))}
                wanted |= {name for name in entry["removes"] if name not in self.namespace}
                bind_above(self, number, wanted, written)
            self.run_one(number, level, since, mark, written)
            if self.transaction.withholds and number in done:
                self.at = number + 1
                self.transaction.flush(partial(withheld, self, None), rebases=False)
        self._uncover(sys.maxsize, written)
        settle_refilled(self)
        written.clear()

    def _part_runs(self, entry: dict[str, Any]) -> bool:
        """Whether a statement of a class body has to run."""
        parts = entry.get("parts", ())
        return any(self.reason(part, self.has_run(part))[1] or self._part_runs(part) for part in parts)

    def _uncover(self, line: int, written: dict[str, Any]) -> None:
        """Names that a star import covered are again what a statement above `line` binds them to, if that has not run."""
        for name in [name for name, place in self.covered.items() if place < line]:
            del self.covered[name]
            if name in written:
                self.restore(name, written.pop(name))

    def run_one(self, number: int, level: int, since: int, mark: Mark | None, written: dict[str, Any]) -> None:
        entry = self.entries[number]
        if "parts" in entry:
            self.transaction.touch(self.namespace)
            if execute_class(self, entry, level, since, written):
                self.done.add(number)
        elif level:
            self._statement(entry, level, mark, written, since)
        if level == VALUE or level and "import" not in entry:  # who has imported what does something else now has it still, or not
            self.done.add(number)

    def _ran(self, name: str) -> bool:
        return any(name in self.entries[number]["binds"] for number in self.done)

    def made_by(self, entry: dict[str, Any], name: str) -> FunctionType | None:
        """The function that a definition made, where the program still has it though the name stands for another one."""
        found = self.patch.functions.functions.values() if entry["kind"] == "function" else ()
        for function in found:
            code = function.__code__
            if code.co_qualname == name and is_within(code.co_firstlineno, entry["lines"]) and self.patch.is_new(code):
                return function
        return None

    def bind_again(self, name: str, before: dict[str, Any], written: dict[str, Any]) -> bool:
        """Executes the last statement above another one that binds a name; False if there is none."""
        for number in reversed(range(self.entries.index(before))):
            if name in self.entries[number]["binds"]:
                self.run_one(number, VALUE, 0, None, written)
                return True
        return False

    def key(self, entry: dict[str, Any]) -> tuple[str, int, str]:
        return (self.name, entry["line"], entry["symbol"])

    def has_run(self, entry: dict[str, Any]) -> int:
        """When an entry was executed last in this transaction; 0 for not at all."""
        return self.session.ran.get(self.key(entry), 0)

    def _statement(
        self, entry: dict[str, Any], level: int, mark: Mark | None, written: dict[str, Any], since: int
    ) -> None:
        if entry["once"]:
            if level == VALUE:
                self.not_applied(entry, "it runs once, when the program starts")
            return
        if "import" in entry:
            if not import_name(self, entry, level, mark):
                if entry["must"]:
                    self._say_later(entry)
                return
        elif level == BEHAVES and (self._has_followed(entry, since) or not self._can_recompute(entry, mark, written)):
            return
        before = {}
        for name in entry["binds"]:
            # what the last binder gave it before the edit, not what an earlier one has given it now
            before[name] = written[name] if name in written else self.namespace.get(name, ABSENT)
        if entry["rebinds"] and mark is None and not self.reason({**entry, "must": False}, since)[1]:
            if self._bind_what_it_made(entry, before, written):
                return
        if is_private(self, entry, written):
            execute_privately(self, entry)
            self._say_later(entry)
            return
        self.transaction.touch(self.namespace)
        annotations = dict(self.namespace.get("__annotations__", ())) if "__annotations__" in entry["code"].co_names else None
        starred = before_stars(self, entry, written) if "stars" in entry else None
        set_before = {name: self.namespace.get(name, ABSENT) for name in entry["sets"]}
        other_way = took_another_way(self, entry, since)
        handles = entry["traces"] is not None and entry["traces"][0][2]
        late = late_names(entry)
        hidden = late if entry["late"][2] else frozenset()
        recorder = Recorder(self.namespace, hidden) if other_way or entry["late"][0] or starred is not None or handles else None
        if entry["lists"] == 2:
            self._list_names(entry)
        else:
            self.execute(entry["code"], entry, recorder)
            if recorder is not None:
                recorder.touched |= stored_beside(entry["code"])
        (grown, bound), self.grown, self.bound = (self.grown, self.bound), [], []
        self.session.ran[self.key(entry)] = self.session.tick()
        kept = settle_unbound(self, entry, recorder.touched, written, since) if recorder is not None and other_way else {}
        if recorder is not None:
            say_late(self, entry, recorder.read, late - hidden)
        if starred is not None and recorder is not None:
            leave_untaken(self, entry, recorder.touched, written)
        differs = starred is not None and note_brought(self, entry, starred, written)
        for name, old in before.items():
            last = name in entry["last"]
            defines = name in entry["defines"] or made_inside(entry, name, old, self.namespace.get(name, ABSENT))
            if defines and entry["elsewhere"]:
                line = line_of(old, name)  # another definition of the name has made it, and is still there
                defines = not any(is_within(line, lines) for lines in entry["elsewhere"])
            if self.settle(name, old, last, defines, entry):
                differs = True
            if not last:
                written.setdefault(name, old)
            else:
                written.pop(name, None)
            if name in self.namespace:
                containers_in(self.namespace[name], self.session.fresh)
        self.transaction.computed.update(((self.name, name), each) for name, each in kept.items())
        for name, old in set_before.items():
            if name not in before and not same(old, self.namespace.get(name, ABSENT)):
                self.session.mark(self.name, name, VALUE, old)
        if annotations is not None:
            annotate(self, annotations)
        traced = entry["traces"] is not None
        effects = Effects(grown, bound, self.without.get(self.key(entry), ()))
        lost = settle_lost(self, entry, effects, recorder.read if recorder is not None else set()) if traced else UNTOLD
        adds = False
        if entry["was"] is None:
            stand_in_order(self.session, grown, self.namespace)
        else:
            adds = settle_repeats(self.session, grown, entry["loops"], self._defined(entry), lost == NOTHING, lost == UNTOLD and traced)
            adds = adds or self._accumulates(entry, grown) or effects.counts()
        if adds:
            self.not_applied(entry, STILL_THERE)
        if lost == REMAINS:
            self.not_applied(entry, STAYS)
        elif (lost == UNTOLD or entry["by_call"]) and entry["named"] is not None and entry["fills"] not in self.refilled and still_set(self, entry):
            self.not_applied(entry, STILL_THERE)
        elif not adds and not entry["must"] and not entry["binds"] and did_otherwise(self, entry):
            self.not_applied(entry, STAYS)
        self._say_later(entry)
        self.session.ran[self.key(entry)] = self.session.tick()  # what it has done itself is no reason to execute it again
        self.applied(entry, differs)

    def _accumulates(self, entry: dict[str, Any], grown: list[tuple[Any, Any]]) -> bool:
        """`c.x += 1`, and `D |= …` of a dictionary that was imported: it has what was added before, and what is added now."""
        return entry["accumulates"] and (not entry["binds"] or any(type(before) is dict for _, before in grown))

    def _say_later(self, entry: dict[str, Any]) -> None:
        if entry["inputs"] and entry["kind"] in ("value", "statement", "import") and (later := changed_later(self, entry)) is not None:
            self.not_applied(entry, later)

    def _list_names(self, entry: dict[str, Any]) -> None:
        """Executes a statement that goes through the names of the module, so that it sees those that are there by then."""
        self.transaction.flush()
        seen = {name: value for name, value in self.namespace.items() if name not in entry["unseen"]}
        self.execute(entry["code"], entry, None, None, seen)
        self.namespace.update((name, seen[name]) for name in entry["binds"] if name in seen)

    def _bind_what_it_made(self, entry: dict[str, Any], before: dict[str, Any], written: dict[str, Any]) -> bool:
        """For a definition that others hid: the function that it made when it was executed, if somebody still has it."""
        self.transaction.flush()  # functions are known by the lines of their code
        (name,) = before if len(before) == 1 else ("",)
        old = before.get(name, ABSENT)
        if not name or not entry["plain"] and not (type(old) is FunctionType and old.__code__.co_qualname == name):
            return False  # what decorators make of it is not known
        made = self.made_by(entry, name)
        if made is None:
            return False
        if made is not old:
            self.session.mark(self.name, name, VALUE, old)
        self.namespace[name] = made
        if name in entry["last"]:
            written.pop(name, None)
        else:
            written.setdefault(name, old)
        self.session.ran[self.key(entry)] = self.session.tick()
        return True

    def _defined(self, entry: dict[str, Any]) -> Any:
        return self.namespace.get(entry["symbol"], ABSENT) if entry["registers"] else ABSENT

    def _has_followed(self, entry: dict[str, Any], since: int) -> bool:
        """For a statement that has bound functions which others made: whether these have all that executing it would give."""
        if not entry["binds"] or not all(self.session.was_handed_out(self.namespace.get(name)) for name in entry["binds"]):
            return False
        self.session.overlooks_makers = True
        try:
            if self.reason(entry, since)[1]:
                return False
        finally:
            self.session.overlooks_makers = False
        for name in entry["binds"]:
            self.session.behaves(self.name, name)
        return True

    def _can_recompute(self, entry: dict[str, Any], mark: Mark | None, written: dict[str, Any]) -> bool:
        """For a statement that calls a function which changed: whether executing it again loses no state."""
        kind = entry["kind"]
        if mark is not None and mark.doubt:
            self.keeps_all(entry, mark.doubt)
            return False
        if kind == "function":
            return True  # a decorator
        if not entry["binds"]:
            self.not_applied(entry, "it calls code that changed, and is not executed again for that")
            return False
        for name in entry["binds"]:
            value = written[name] if name in written else self.namespace.get(name, ABSENT)
            if value is not ABSENT and not can_be_made_anew(value):
                self.keeps_all(entry)
                return False
        return True

    def keeps_all(self, entry: dict[str, Any], how: str = "computed by code that changed") -> None:
        """The names of a statement keep values that the code would not compute any more."""
        self.keeps(entry, f"{how}; it keeps the value that it has" if entry["binds"] else f"{how}, and not executed again for that")
        cause = self._cause(entry)
        for name in entry["binds"]:
            if name in self.namespace:
                self.transaction.computed[self.name, name] = (self.namespace[name], cause, entry["code"])

    def _cause(self, entry: dict[str, Any]) -> str:
        """The symbol of the code that a statement executes and that has changed."""
        given = (*entry["calls"], *entry.get("made_by", ()), *entry["passed"], *entry["inputs"])
        for module, name, attribute in given:
            if self.session.call_changed(self.name, (module, name, attribute), 0) is not None:
                namespace = self.namespace if module is None else namespace_of(sys.modules.get(module)) or {}
                value = namespace.get(name)
                if attribute is None or not issubclass(type(value), type):
                    return symbol_of(value, f"{module or self.name}.{name}{'.' + attribute if attribute else ''}")
                return f"{symbol_of(value, name)}.{attribute}"
        return f"{self.name}.{entry['symbol']}"

    def settle(self, name: str, old: Any, last: bool, defines: bool = False, entry: dict[str, Any] | None = None) -> bool:
        """After a statement bound `name`: keeps the old object where it can be made like the new one, and marks what
        changed.

        `defines`: the statement, which is that of `entry`, is a definition of that name.
        """
        session = self.session
        self.transaction.computed[self.name, name] = None
        new = self.namespace.get(name, ABSENT)
        if new is old:
            return False
        if new is ABSENT:
            session.mark(self.name, name, REMOVED, old)
            return True
        if old is ABSENT or not last:
            session.mark(self.name, name, VALUE, old)
            return True
        if is_as_good(old, self.namespace, name, entry):
            self.namespace[name] = old
            return False
        if entry is not None and name in entry["others"]:
            session.mark(self.name, name, VALUE, old)
            return True
        attributes_before = dict(self.transaction.members(old)) if issubclass(type(old), type) else None
        merged = new
        if made_by_definition(old, new, name) if defines else made_by_expression(old, new):
            for _, body, gone in (each for each in entry["bodies"] if each[0] == name) if entry is not None else ():
                keep_what_others_set(self, {**entry, "body": body, "gone": gone, "decorated": True, "made_by": ()}, old, new)
            if entry is not None and entry["inside"]:
                keep_inside(self, entry, old, new)
            merged = self.merger.merge(old, new)
        if merged is not old:
            if merged is not new:
                self.namespace[name] = merged
            else:
                merged = None
                keep_parts(old, self.namespace, name)
            session.mark(self.name, name, VALUE, old)
            return True
        self.namespace[name] = old
        session.note_altered(self.merger.altered)
        if attributes_before is not None:
            mark_class(self, name, old, attributes_before, True)
        else:
            session.behaves(self.name, name, remade=True)
        return True

    def restore(self, name: str, value: Any) -> None:
        if value is ABSENT:
            self.transaction.delete_item(self.namespace, name)
        else:
            self.namespace[name] = value
        mark = self.session.marks.get((self.name, name))
        if mark is not None and mark.level == VALUE and mark.old is value:
            del self.session.marks[self.name, name]  # to who reads it from here on it is what it was

    def publish(self, entry: dict[str, Any] | None) -> None:
        """What the statement of an entry may come to see when it is executed, other threads get too."""
        self.transaction.flush(None if entry is None else partial(withheld, self, entry))

    def execute(
        self,
        code: CodeType,
        entry: dict[str, Any] | None,
        local: dict[str, Any] | None = None,
        shown: dict[str, Any] | None = None,
        namespace: dict[str, Any] | None = None,
    ) -> None:
        self.touch()
        self.transaction.open()
        self.patch.drop_results()  # with what waits
        if entry is None or code is not entry["code"] or looks_at_what_waits(self, entry, shown or {}):
            self.publish(entry)
        if entry is None or entry["kind"] in ("value", "statement"):
            self.session.forget_checks()
        self.transaction.executing(self.name, code, self.patch.step.source or self.running_source())
        self.executed = True
        if entry is not None and "again" in entry:
            self.patch.again.append(entry["again"])
        watch = Watch(self.transaction)
        if entry is not None and entry["kind"] != "import":
            watch.reach(self.name, entry["inputs"])
            watch.reach(self.name, entry["calls"])
            watch.reach(self.name, entry.get("reaches", ()))
        watch.begin()
        try:
            with Reads(self, entry) as reads, Steps(code, entry) as self.steps:
                run = partial(self.transaction.runs, exec, code, self.namespace if namespace is None else namespace, *(() if local is None else (local,)))
                try:
                    run()
                except Exception:
                    if entry is None or entry["was"] is None or not execute_instead(self, entry, watch, run):
                        raise
        finally:
            watch.settle()
        self.session.note_contents(watch.changed, self.name, self.namespace)
        if entry is not None and watch.changed:
            follow_attributes(self, entry, watch.changed)
        for cls, attribute, old in watch.attributes:
            self.session.behaves(str(cls.__module__), f"{cls.__qualname__}.{attribute}", was=old)
        self.session.note_written(watch, self.name, entry["line"] if entry is not None else 0)
        self.grown, self.bound = watch.changed, watch.bound
        if entry is not None and reads.found is not None:
            self.not_applied(entry, reads.found)
        counters = [value for value in watch.altered if type(value).__module__ == "itertools"]
        if counters and entry is not None and entry["was"] is not None and not self._counts_anew(counters):
            self.not_applied(entry, STAYS)
        if entry is not None and entry["kind"] == "function" and settle_keys(self, entry, watch):
            self.report(entry, "modified", False, STILL_REGISTERED)

    def _counts_anew(self, counters: list[Any]) -> bool:
        """Whether this save has made what a statement has counted with."""
        made = {id(self.session.live(*key)) for key, mark in list(self.session.marks.items()) if mark.level >= VALUE}
        return all(id(each) in made for each in counters)

    def touch(self) -> None:
        """Before the module is changed in any way."""
        Hooks.of(self.transaction).before(self.patch.step, self.transaction)

    def running_source(self) -> bytes | None:
        record = self.patch.step.record
        return None if record is None else record.source

    # The report

    def applied(self, entry: dict[str, Any], differs: bool) -> None:
        place = (entry["symbol"], entry["range"])
        if "change" not in entry and differs:
            for told in self.patch.changes:
                if (told["symbol"], told.get("range")) == place:
                    return  # an edit of its body, say, which is said already
            self.report(entry, "modified", True, None)

    def not_applied(self, entry: dict[str, Any], reason: str) -> None:
        index = entry.get("change", -1)
        if index >= 0:
            change = self.patch.changes[index]
            change["applied"] = False
            change["reason"] = reason
        else:
            self.report(entry, "modified", False, reason)

    def keeps(self, entry: dict[str, Any], reason: str) -> None:
        """Not applied, and what keeps its value will be listed as stale: where nobody edited that, once is enough."""
        self.not_applied(entry, reason)
        if "change" not in entry:
            self.patch.changes[-1]["kept"] = True

    def report(self, entry: dict[str, Any], change: str, applied: bool, reason: str | None) -> None:
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
