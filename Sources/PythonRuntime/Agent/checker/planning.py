"""The `patch` policy: which statements the agent may have to execute, and by what it decides.

What may change is worked out in `spread.py` over names; whether it does is seen in the program: an entry that the
edit did not touch is
executed only if a value that it reads has really changed. The plan's members are described in `_afresh/patch.py`.
"""

from __future__ import annotations

import __future__
import ast
import builtins
from functools import cached_property
from types import CodeType
from typing import Any, Iterable

import exact
import preempt
from alignment import ADDED, BODY, CHANGED, REMOVED, SAME, Pair, in_order
from bodies import entangled
from branches import deciding, maybe_bound, ways
from callbacks import calls_unnamed, has_lambdas, passed
from changes import change_of
from codetree import Functions
from fillings import fillings, makes_object_of_library
from handing import LEAVE_METHODS
from kept import otherwise as computed_otherwise
from listing import lists_names, names_below
from order import NOT_LATE, has_ways
from outside import outside
from registrations import has_its_decorators, lost, set_by_name, sets_by_name, sets_names_in_bodies, sets_names_of_module
from reading import Reading
from spread import to_bind_again
from statements import ANNOTATIONS_ARE_LAZY, Facts, facts_of, root
from texts import Module
from traces import sets_names, traces
from traits import (
    LOOKERS,
    annotated,
    annotated_otherwise,
    annotations,
    classes_inside,
    firm,
    is_alias,
    is_kept,
    is_plain,
    is_special,
    leaves_traces,
    makes_members,
    needs_class,
    only_removes,
    runs_once,
    sets_another,
    shared,
    slots_of,
    speaks_of,
    takes,
    tells_annotations,
    unset_by,
)
from units import FUNCTIONS, Unit, dotted_call, is_star, last

Entry = dict[str, Any]

_COLLECT = "__afresh_collect__"
KEPT = "it keeps what code that changed has computed"
STAYS = "what it did when it ran last stays"


class Plan(Reading):
    """What one module has to do. For a dependent all its units are the same as before."""

    def __init__(
        self, module: Module, pairs: list[Pair], changed: exact.Changed, is_main: bool, edited: bool, written: Iterable[str] = ()
    ) -> None:
        super().__init__(module, pairs, changed, written)
        self.is_main = is_main
        self.edited = edited
        self.changes: list[dict[str, Any]] = []
        self._of_objects: set[int] = set()  # of what follows, those which keep what they are given, and do not call it
        self._filled = {} if is_main else self._fillings()
        self._bodies: dict[tuple[str, ...], list[Pair]] = {}  # of classes
        self._together: set[int] = set()  # ids of statements of class bodies that can only be executed with others
        self.again |= self._built_on()
        self.foreseen: Any = None  # what is said of it before it is saved: `hints.Foreseen`
        self._flags = sum(getattr(__future__, name).compiler_flag for name in module.futures)
        assert module.code is not None
        self._functions = Functions(module.code)
        olds = sorted((pair.old for pair in pairs if pair.old is not None), key=lambda unit: unit.node.lineno) if edited else []
        bound = {name: unit for unit in olds for name in unit.facts.binds}
        kept = {id(pair.old) for pair in pairs if pair.status == SAME}
        self._had_others = {name for name, unit in bound.items() if unit.kind == "import" or id(unit) not in kept and takes(unit.node)}

    def _fillings(self) -> dict[int, str]:
        """Which statements fill a container that may have to be made anew: `id(unit)` → its name. What the edit did to one
        of them is done to all.
        """
        found: dict[int, str] = {}
        if not self.module.fillings:
            return found
        status = {id(pair.new): pair.status for pair in self.pairs if pair.new is not None}
        olds = sorted((pair.old for pair in self.pairs if pair.old is not None), key=lambda unit: unit.node.lineno)
        before = fillings(olds) if self.edited else {}
        kept = {id(pair.old) for pair in self.pairs if pair.old is not None and pair.new is not None}
        for name, units in self.module.fillings.items():
            edited = [at for at, unit in enumerate(units) if status.get(id(unit)) in (ADDED, CHANGED)]
            places = [self._were.get(id(unit), 0) for unit in units if status.get(id(unit)) == SAME]
            lost = any(id(unit) not in kept for unit in before.get(name, ())) or places != sorted(places)
            if edited == [len(units) - 1] and status[id(units[-1])] == ADDED and not lost:
                continue  # it comes last: what is there stays
            if not edited and not lost and not any(id(unit) in self.candidates for unit in units):
                continue
            found.update((id(unit), name) for unit in units)
            if makes_object_of_library(units[0], self.module.meant):
                self._of_objects.update(map(id, units))
            if (edited or lost) and name in before or any(map(self.needs_of, units)):  # made where names mean what they do there
                self.again.update(map(id, units))
        return found

    def _built_on(self) -> set[int]:
        """Ids of statements that others which may run build on, and that have to run at their place: what they read means something
        else below.
        """
        found: set[int] = set()
        units = [pair.new for pair in self.pairs if pair.new is not None and (pair.status in (ADDED, CHANGED) or id(pair.new) in self.candidates)]
        for unit in units:
            for name in unit.facts.binds & set(map(root, unit.facts.reads)):
                above = self.bound_by[name][: self.bound_by[name].index(unit)]
                found.update(id(other) for other in above if self.needs_of(other))
        while units:
            unit = units.pop()
            for name in {*self.needs_of(unit), *(unit.facts.binds & set(map(root, unit.facts.reads)))}:
                for other in self._filled_above(unit, name):
                    if id(other) not in found:
                        found.add(id(other))
                        units.append(other)
        return found

    def _filled_above(self, unit: Unit, name: str) -> list[Unit]:
        """What a name that is bound anew for a statement has to be filled with before: `d[1] = x`."""
        above = [each for each in self.bound_by.get(name, ()) if each.place < unit.place]
        if not above or is_kept(above[-1], name, self.bound_by, self.removed_by):
            return []
        made = next((each for each in reversed(above) if firm(each, (name,))), above[0])
        between = [each for each in self.module.units if made.place < each.place < unit.place]
        return [each for each in between if name in map(root, each.facts.fills | each.facts.changes)]

    @cached_property
    def kept(self) -> tuple[tuple[str, int, dict[str, Any]], ...]:
        """Where functions keep results that code which changed has computed: the name, the line of its statement, and what is said."""
        found = []
        edited = [(pair.old, pair.new) for pair in self.pairs if pair.status not in (SAME, ADDED, REMOVED)]
        otherwise = set().union(*(computed_otherwise(old, new) for old, new in edited if old is not None and new is not None))
        for each in self.module.kept:
            units = self.bound_by.get(root(each.name.partition("(")[0]), ()) if each.name[:1] != "." else ()
            is_old = (each.name, each.by) in otherwise or self._does(set(each.calls)) or self.touches(set(each.reads))
            if is_old and (units or each.name[:1] == "."):
                unit = units[-1] if units else None
                found.append((each.name, unit.node.lineno if unit is not None else 0, self._kept_change(each.name, unit)))
        return tuple(found)

    def _kept_change(self, name: str, unit: Unit | None) -> dict[str, Any]:
        said: dict[str, Any] = {"symbol": name.lstrip("."), "kind": "value", "change": "modified", "applied": False, "reason": KEPT}
        if unit is not None:
            said["range"] = unit.range
        else:
            told = next((each for each in self.changes if "range" in each), None)
            if told is not None:
                said["range"] = told["range"]
        return said

    def changes_outside(self) -> list[str]:
        """What its statements may change in other modules."""
        may_run = self.candidates | self.again
        units = [pair.new for pair in self.pairs if pair.new is not None and (pair.status in (ADDED, CHANGED) or id(pair.new) in may_run)]
        gone = [pair.old for pair in self.pairs if pair.old is not None and pair.new is None]
        altered = set(map(root, self.behaves | self.dirty)) & self.module.handed_to.keys()
        found = {each for name in altered for each in self.module.handed_to[name]}
        return sorted(found.union(outside(self.module, units, gone) if units or gone else ()))

    def entries(self) -> list[Entry]:
        found: list[Entry] = []
        old_fillings = fillings([pair.old for pair in self.pairs if pair.old is not None]) if self._filled else {}
        made_anew = {id(unit) for name in set(self._filled.values()) for unit in old_fillings.get(name, ())}
        for pair in self.pairs:
            if pair.new is not None:
                entry = self._entry(pair, (), self.bound_by)
                if entry is not None:
                    found.append(entry)
            elif pair.old is not None:
                index = self._change(pair, "", None)
                if self._leaves_traces(pair.old) and id(pair.old) not in made_anew:
                    self.changes[index] |= {"applied": False, "reason": STAYS}
        have = {entry["unit"] for entry in found}
        count = -1
        while count != len(found):  # others that bind the same names, or unbind what has to be bound again
            count = len(found)
            rebound = {name for entry in found for name in entry["binds"] if len(self.bound_by.get(name, ())) > 1 or name in self.removed_by}
            rebound |= {name for entry in found for name in (*entry["needs"], *entry["removes"])}
            rebound |= self.behind_stars
            begin = min((entry["order"][0] for entry in found if entry["binds"] or "others" in entry), default=None)
            for pair in self.pairs:
                unit = pair.new
                if unit is None or id(unit) in have:
                    continue
                # names bound above it, or needed
                covers = is_star(unit) and (begin is not None and unit.node.lineno > begin or any(entry["needs"] for entry in found))
                if covers or rebound & (unit.facts.binds | unit.facts.removes):
                    have.add(id(unit))
                    found.append(self._plain(pair, (), self.bound_by))
        found.sort(key=lambda entry: entry["order"])
        return [_finished(entry) for entry in found]

    def _leaves_traces(self, gone: Unit) -> bool:
        if self.is_main and runs_once(gone.node):
            return False
        if leaves_traces(gone) or sets_names(gone) or gone.kind == "class" and self._leaves_names(gone):
            return not self._is_set(gone)
        if gone.kind not in ("value", "statement") or not gone.facts.calls:
            return False
        return not gone.facts.calls.isdisjoint(self._namers_before)

    def _leaves_names(self, gone: Unit) -> bool:
        """Whether what executed the body of a class has set names of the module that nothing else binds."""
        names = set_by_name(gone.node, ast.Pass()) if sets_names_in_bodies(gone.node) else None
        return names is not None and (not names or not names <= self.bound_by.keys())

    @cached_property
    def _namers_before(self) -> set[str]:
        """Of the text before the edit, for certain."""
        return _naming([pair.old for pair in self.pairs if pair.old is not None], frozenset(("globals",)), True)

    @cached_property
    def _namers(self) -> set[str]:
        return _naming(self.module.units, frozenset(("globals", "vars", "setattr")))

    def _is_set(self, old: Unit) -> bool:
        """Whether other statements set all that a statement has set."""
        return bool(self.module.stores) and self.module.stores.covers(old, self.stores_before)

    def _entry(self, pair: Pair, scope: tuple[str, ...], binders: dict[str, list[Unit]]) -> Entry | None:
        unit = pair.new
        assert unit is not None
        if isinstance(unit.node, ast.ClassDef) and pair.old is not None:
            return self._class_entry(pair, scope, binders)
        touched = pair.status in (ADDED, CHANGED)
        if pair.status == BODY:
            self._change(pair, _prefix(scope), None)
            if self._cell_differs(pair, scope):
                touched = True
        if id(unit) in self.again or id(unit) in self.candidates and self._reads_below(unit, binders):
            touched = True
        behind = pair.status == BODY and not scope and unit.kind == "function" and unit.names[0] in self.module.decorated
        behind = behind or pair.status == BODY and has_lambdas(unit)
        if not touched and not behind and id(unit) not in self.candidates and id(unit) not in self._filled:
            return None
        entry = self._plain(pair, scope, binders)
        entry["must"] = touched
        if touched and pair.status not in (BODY, SAME):
            entry["change"] = self._change(pair, _prefix(scope), None)
            is_made_anew = id(unit) in self._filled or id(unit) in self._together
            if pair.old is not None and not is_made_anew and sets_another(pair.old.node, unit.node) and not self._is_set(pair.old):
                self.changes[-1] |= {"applied": False, "reason": STAYS}
            if pair.old is not None and entry["named"] is not None:
                entry["named"] = tuple(sorted(set_by_name(pair.old.node, unit.node) - self.bound_by.keys()))
        elif pair.status == BODY and (touched or behind):
            entry["change"] = len(self.changes) - 1
        return entry

    def undone(self) -> tuple[Any, ...]:
        """Definitions that have lost decorators or bases, or call them otherwise; after `entries`."""
        found = []
        for each in lost(self.pairs):
            old, scope = each.pair.old, each.scope
            assert old is not None
            names = [".".join((*scope[:end], old.names[0] if end == len(scope) else scope[end])) for end in range(len(scope), -1, -1)]
            for at, change in enumerate(self.changes):
                if change["symbol"] in names:
                    given = [
                        self.inputs_of(old, set(what), (), self.bound_by) for what in (each.gone, each.otherwise, each.kept)
                    ]
                    found.append((at, names[0], *given, each.pair.new is None))
                    break
        return tuple(found)

    def _plain(self, pair: Pair, scope: tuple[str, ...], binders: dict[str, list[Unit]]) -> Entry:
        unit = pair.new
        assert unit is not None
        names = unit.names if unit.is_docstring else tuple(sorted(unit.facts.binds))
        around = self.bound_by[scope[0]][-1] if scope else unit
        computes = unit.kind in ("value", "statement") and id(unit) not in self._of_objects
        by_call = computes and bool(unit.facts.calls) and not unit.facts.calls.isdisjoint(self._namers)
        below = names_below(unit, self.bound_by) if computes and not scope and lists_names(unit, set()) else set()
        entry: Entry = {
            "unit": id(unit),
            "order": (*unit.place, unit.text if unit.kind == "import" else b""),
            "line": unit.node.lineno,
            "was": pair.old.node.lineno if pair.old is not None else None,
            "kind": unit.kind,
            "symbol": _prefix(scope) + unit.symbol,
            "range": unit.range,
            "must": False,
            "binds": names,
            "inputs": self.inputs_of(unit, unit.facts.reads | unit.facts.bounds, scope, binders),
            "tells": self.told_by(unit, scope),
            "calls": () if self._is_start(unit) or id(unit) in self._of_objects else self.inputs_of(unit, unit.facts.calls, scope, binders),
            "passed": self.inputs_of(unit, passed(unit, self.module, self.bound_by), scope, binders) if computes else (),
            "given": self.given_of(unit, scope, binders) if computes else (),
            "opaque": computes and calls_unnamed(unit),
            "lists": lists_names(unit, below) if not scope else 0,
            "unseen": tuple(sorted(below)),
            "together": id(unit) in self._together,
            "draws": computes and calls_unnamed(unit, True),
            "code": self._compiled(unit, scope),
            "defines": tuple(
                name for name in unit.defines if unit.kind != "statement" or len(binders.get(name, ())) < 2
            ),
            "firm": firm(unit, names),
            "others": (
                tuple(name for name in names if name in self._had_others)
                if not scope
                else names if takes(unit.node) or pair.status == CHANGED and pair.old is not None and takes(pair.old.node) else ()
            ),
            "last": tuple(name for name in names if binders.get(name, [unit])[-1] is unit),
            "builds": (
                () if isinstance(unit.node, FUNCTIONS) else tuple(unit.facts.binds & set(map(root, unit.facts.reads)))
            ),
            "light": isinstance(unit.node, FUNCTIONS) or unit.is_docstring,
            "needs": () if scope else self.needs_of(unit),
            "registers": pair.old is not None and has_its_decorators(pair.old, unit),
            "drops": tuple(unit.facts.removes) if only_removes(unit) else (),
            "removes": tuple(unit.facts.removes) if not scope else (),
            "unsets": unset_by(unit.node),
            "once": self.is_main and not scope and runs_once(unit.node),
            "lines": (unit.first_line + 1, unit.last_line + 1),
            "plain": is_plain(unit.node),
            "accumulates": isinstance(unit.node, ast.AugAssign) and id(unit) not in self._filled and (not names or names[0] in self.module.imports),
            "loops": isinstance(unit.node, (ast.For, ast.AsyncFor, ast.While)),
            "fills": self._filled.get(id(unit)),
            "shared": shared(unit.node),
            "rebinds": id(unit) in self.again and pair.status in (SAME, BODY),
            "elsewhere": tuple(
                (other.first_line + 1, other.last_line + 1)
                for name in unit.defines
                for other in binders.get(name, ())
                if other is not unit and getattr(other.node, "decorator_list", None)
            ),
            "traces": None if id(unit) in self._filled else traces(pair, self._bodies.get(scope, self.pairs), binders if scope else ()),
            "maybe": (),
            "inside": classes_inside(pair, _prefix(scope)) if unit.kind == "statement" else (),
            "late": self.order.may_read_late(unit) if not scope and (has_ways(unit) or self.has_stars) else NOT_LATE,
            "lambdas": pair.status == BODY and has_lambdas(unit),
            "moved": self.moved.get(id(unit), ()),
            "through": self.order.read_through(unit, around),
            "sets": self.filled.sets(unit) if not scope else (),
            "above": () if scope or id(unit) in self._filled else tuple((each.node.lineno, each.symbol) for each in self.module.stores.above(unit)),
            "below": (*self.filled.below(unit, around, self._were), *self._annotated_below(unit, around)),
            "named": None if isinstance(unit.node, (*FUNCTIONS, ast.ClassDef)) or not (sets_by_name(unit.node) or by_call) else (),
            "by_call": by_call,
            "bodies": _bodies_in(pair) if unit.kind == "statement" else (),
        }
        late = {name for pair in self.pairs if pair.new is not None for name in pair.new.facts.globals}
        if maybe := maybe_bound(unit) - late:
            facts = deciding(unit)
            entry["maybe"] = tuple(sorted(maybe))
            entry["decides"] = (
                self.inputs_of(unit, facts.reads, scope, binders),
                self.inputs_of(unit, facts.calls, scope, binders),
            )
            entry["other_ways"] = pair.old is None or pair.status != SAME and ways(pair.old) != ways(unit)
        if isinstance(unit.node, ast.ImportFrom):
            alias = unit.node.names[0]
            entry["import"] = (self.module.absolute(unit.node), alias.name, alias.asname or alias.name)
            entry["inputs"] = ((entry["import"][0], alias.name, None),)
        if unit.stars and not scope:
            entry["stars"] = tuple(map(self.module.absolute, unit.stars))
            entry["inputs"] = tuple(dict.fromkeys((*entry["inputs"], *((source, "*", None) for source in entry["stars"]))))
            entry["others"] = self.bound_after(unit)
            entry["bound"] = tuple(sorted(self.bound_by))
        return entry

    def told_by(self, unit: Unit, scope: tuple[str, ...]) -> tuple[Any, ...]:
        """What annotations name that its execution may tell somebody."""
        if not unit.facts.meant or not tells_annotations(unit):
            return ()
        if not isinstance(unit.node, ast.ClassDef):
            return self.meant_inputs(unit, scope)
        inner = (*scope, unit.names[0])
        return tuple(dict.fromkeys(each for member in unit.body for each in self.meant_inputs(member, inner)))

    def _annotated_below(self, unit: Unit, around: Unit) -> tuple[str, ...]:
        if unit is not around or "__annotations__" not in map(root, unit.facts.reads):
            return ()
        return ("__annotations__",) if annotations(each for each in self.module.units if each.place > unit.place) else ()

    def annotated(self) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
        """The names that the module annotates, and those that it does not any more; None if its annotations are the same."""
        if ANNOTATIONS_ARE_LAZY or not annotated_otherwise(self.pairs):
            return None
        before = annotations(pair.old for pair in self.pairs)
        now = tuple(annotations(self.module.units))
        return now, tuple(name for name in before if name not in now)

    def _class_entry(self, pair: Pair, scope: tuple[str, ...], binders: dict[str, list[Unit]]) -> Entry | None:
        """A class that was there: the statements of its body one by one, and the whole of it for classes that cannot
        be changed so.
        """
        unit, old = pair.new, pair.old
        assert unit is not None and old is not None and isinstance(unit.node, ast.ClassDef)
        node = unit.node
        inner = (*scope, node.name)
        members = self.binders(unit.body)
        self._bodies[inner] = pair.members
        self.again |= to_bind_again(pair.members, members)
        gone: list[str] = []
        for member in pair.members:
            if member.old is not None:
                for name in member.old.names if member.old.is_docstring else sorted(member.old.facts.binds):
                    if name not in members and name not in gone:
                        gone.append(name)
        parts: list[Entry] = []
        header = Facts()
        header.reads |= unit.facts.bounds
        for expression in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
            statement = ast.Expr(expression)
            ast.copy_location(statement, expression)
            facts = facts_of([statement], unit.lazy_annotations)
            header.reads |= facts.reads
            header.calls |= facts.calls
        header.calls |= {name for name in map(dotted_call, node.decorator_list) if name is not None}
        makers = (*node.bases, *(keyword.value for keyword in node.keywords))
        changed = pair.status == CHANGED
        reordered = not in_order(pair.members)
        removes = _removes_elsewhere(pair.members)
        moved = (reordered or removes) and all(member.status == SAME for member in pair.members)
        change = self._change(pair, _prefix(scope), None) if changed or moved else None
        marks = len(self.changes)
        for member in pair.members:
            if member.new is not None and self.member_may_run(member.new, node.name, members):
                self.candidates.add(id(member.new))
        tangle = entangled(pair.members)
        self._together.update(id(member.new) for member in tangle)
        touched = any(m.status not in (SAME, BODY) or id(m.new) in self.again or id(m.new) in self.moved for m in tangle)
        if touched or any(id(member.new) in self.candidates for member in tangle):
            self.candidates.update(id(member.new) for member in tangle)
        for member in pair.members:
            if member.new is None:
                if not changed:
                    index = self._change(member, _prefix(inner), unit)
                    if member.old is not None and self._leaves_names(member.old):
                        self.changes[index] |= {"applied": False, "reason": STAYS}
                    if member.old is not None and leaves_traces(member.old):
                        changed_ones = [each for name in map(root, member.old.facts.changes) for each in members.get(name, ())]
                        if all(isinstance(each.node, (*FUNCTIONS, ast.ClassDef)) for each in changed_ones):  # a value is made anew
                            self.changes[index] |= {"applied": False, "reason": STAYS}
                continue
            part = self._entry(member, inner, members)
            if part is not None:
                parts.append(part)
        if changed:
            del self.changes[marks:]
            if any(m.old is not None and m.new is None and self._leaves_names(m.old) for m in pair.members):
                self.changes[-1] |= {"applied": False, "reason": STAYS}
            for part in parts:
                part.pop("change", None)
        rebound = {name for part in parts for name in part["binds"]}
        have = {part["unit"] for part in parts}
        for member in pair.members:
            if member.new is not None and id(member.new) not in have:
                if any(len(members[name]) > 1 for name in rebound & member.new.facts.binds):
                    parts.append(self._plain(member, inner, members))
        parts.sort(key=lambda part: part["order"])
        remade = bool(node.bases) and any(map(makes_members, pair.members))
        if not (changed or reordered or removes or remade or parts or gone or id(unit) in self.candidates or annotated(old) - annotated(unit)):
            return None
        entry = self._plain(pair, scope, binders)
        stays = {id(member.new) for member in pair.members if member.status == SAME} - have
        kept = {
            name
            for name, binding in members.items()
            if all(each.kind == "value" and id(each) in stays and self._is_known(each, members) for each in binding)
        }
        entry |= {
            "must": changed or id(unit) in self.candidates and self._reads_below(unit, binders),
            "parts": [_finished(part) for part in parts],
            "gone": tuple(gone),
            "body": _bound_in_either(pair, members),
            "inside": classes_inside(pair, _prefix(inner)),
            "unannotated": tuple(sorted(annotated(old) - annotated(unit))),
            "keep": () if changed else tuple(sorted(kept)),
            "reaches": (*entry["inputs"], *entry["calls"]),
            "inputs": self.inputs_of(unit, header.reads, scope, binders),
            "calls": self.inputs_of(unit, header.calls, scope, binders),
            "made_by": self.inputs_of(
                unit, {name for name in map(dotted_call, makers) if name is not None}, scope, binders
            ),
            "decorated": any(last(decorator) not in LEAVE_METHODS for decorator in node.decorator_list),
            "undivided": slots_of(old) != slots_of(unit)
            or touched
            or annotated_otherwise(pair.members) and any("__annotations__" in map(root, member.facts.reads) for member in unit.body)
            or removes
            or any(isinstance(each.node, ast.Global) for each in (*old.body, *unit.body))
            or bool(node.decorator_list) and any(map(is_special, pair.members))
            or any(m.new is not None and is_alias(m.new) and (m.status != SAME or id(m.new) in have) for m in pair.members)
            or not unit.lazy_annotations and self._asks_again(pair, have)
            or any(map(speaks_of(getattr(node, "type_params", ())), (m.new for m in pair.members if m.status != SAME))),
            "reordered": reordered,
            "remade": remade,
            "light": False,
        }
        if change is not None:
            entry["change"] = change
        return entry

    def _reads_below(self, unit: Unit, binders: dict[str, list[Unit]]) -> bool:
        """Whether something below binds what it reads when it is asked: the value of a type alias, bounds of type parameters."""
        names = unit.facts.reads if is_alias(unit) else unit.facts.bounds
        return any(other.place > unit.place for name in map(root, names) for other in binders.get(name, ()))

    def _asks_again(self, pair: Pair, parts: set[int]) -> bool:
        """From 3.14 on one function gives all annotations of a class. `parts`: ids of statements that may have to run."""
        return ANNOTATIONS_ARE_LAZY and any(
            isinstance(each.node, ast.AnnAssign)
            for member in pair.members
            for each in (member.old, member.new)
            if each is not None and (member.status != SAME or id(each) in parts)
        )

    def _is_known(self, unit: Unit, members: dict[str, list[Unit]]) -> bool:
        """Whether all that a statement of a class body reads is the text's own: a metaclass can bring other names."""
        names = set(map(root, unit.facts.reads))
        return all(name in members or name in self.bound_by or hasattr(builtins, name) for name in names)

    def _is_start(self, unit: Unit) -> bool:
        """`if __name__ == "__main__"` in a module that was imported: nothing in it has been called."""
        return not self.is_main and isinstance(unit.node, ast.If) and unit.facts.reads >= {"__name__"}

    def _cell_differs(self, pair: Pair, scope: tuple[str, ...]) -> bool:
        """A method that begins or ceases to need its class: its code does not fit the function that exists."""
        if not scope or pair.old is None or pair.new is None or not isinstance(pair.new.node, FUNCTIONS):
            return False
        return needs_class(pair.old) != needs_class(pair.new)

    def _compiled(self, unit: Unit, scope: tuple[str, ...]) -> CodeType | None:
        preempt.look()
        node: ast.stmt = unit.node
        if unit.is_docstring:
            assert isinstance(node, ast.Expr)
            target = ast.copy_location(ast.Name("__doc__", ast.Store()), node)
            value = ast.copy_location(ast.Constant(_docstring(node)), node.value)
            node = ast.copy_location(ast.Assign([target], value, lineno=node.lineno), node)
        for name in reversed(scope):
            metaclass = ast.keyword("metaclass", ast.Name(_COLLECT, ast.Load()))
            around = ast.ClassDef(name=name, bases=[], keywords=[metaclass], body=[node], decorator_list=[])
            if hasattr(ast, "TypeAlias"):
                around.type_params = []  # type: ignore[attr-defined]
            for part in (around, metaclass, metaclass.value):
                ast.copy_location(part, unit.node)
            node = around
        code = compile(
            ast.Module([node], []),
            self.module.filename,
            "exec",
            flags=self._flags,
            dont_inherit=True,
            optimize=self.module.optimize,
        )
        return self._functions.graft(code)

    def _change(self, pair: Pair, prefix: str, owner: Unit | None) -> int:
        if pair.status == SAME:
            return -1
        member = owner if owner is not None else (pair.new if prefix else None)
        self.changes.append(change_of(pair, prefix, member))
        return len(self.changes) - 1


def _docstring(node: ast.Expr) -> Any:
    """As the compiler has it: from 3.13 on without indentation."""
    return compile(ast.Module([node], []), "", "exec", dont_inherit=True, optimize=0).co_consts[0]


def _naming(units: Iterable[Unit], how: frozenset[str], surely: bool = False) -> set[str]:
    """The functions that set names by what they are called, perhaps."""
    found = [unit for unit in units if isinstance(unit.node, FUNCTIONS) and not how.isdisjoint(unit.facts.inner_calls)]
    return {unit.names[0] for unit in found if not surely or sets_names_of_module(unit.node)}


def _bound_in_either(pair: Pair, members: dict[str, list[Unit]]) -> tuple[str, ...] | None:
    """The attributes that one of the bodies of a class binds. None where the text does not say it, and where decorators are gone."""
    old, new = pair.old, pair.new
    assert old is not None and new is not None
    bodies = [each for member in pair.members for each in (member.old, member.new) if each is not None]
    if any(not LOOKERS.isdisjoint(each.facts.calls) for each in bodies):
        return None
    before, after = ({ast.dump(each) for each in unit.node.decorator_list} for unit in (old, new))  # type: ignore[attr-defined]
    return tuple(sorted({name for each in bodies for name in each.facts.binds})) if before <= after else None


def _bodies_in(pair: Pair) -> tuple[Any, ...]:
    """For each class that a statement defines in its branches: its name, and as `body` and `gone` of a class."""
    before, after = (_Branches(each) for each in (pair.old, pair.new))
    found = []
    for name, bound in after.bound.items():
        earlier = before.bound.get(name, set())
        known = name not in before.looks | after.looks and before.decorated.get(name, set()) <= after.decorated[name]
        for others, attributes in before.others.items():  # what else is done with it there
            if name in attributes and others not in after.others:
                earlier = earlier | attributes[name]
                known = known and bool(attributes[name])
        found.append((name, tuple(sorted(earlier | bound)) if known else None, tuple(sorted(earlier - bound))))
    return tuple(found)


class _Branches:
    """The classes that a statement defines in its branches, by name."""

    def __init__(self, unit: Unit | None) -> None:
        self.bound: dict[str, set[str]] = {}  # by their bodies
        self.decorated: dict[str, set[str]] = {}
        self.looks: set[str] = set()  # those with bodies that look for names in other ways
        self.others: dict[str, dict[str, set[str]]] = {}  # simple statements beside them: names in them, and which attributes they set
        waiting: list[ast.AST] = [unit.node] if unit is not None and b"class" in unit.text else []
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.ClassDef):
                facts = facts_of(node.body, True)
                self.bound.setdefault(node.name, set()).update(facts.binds)
                self.decorated.setdefault(node.name, set()).update(map(ast.dump, node.decorator_list))
                if not LOOKERS.isdisjoint(facts.calls):
                    self.looks.add(node.name)
            elif isinstance(node, (ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign)):
                names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
                sets = [name.partition(".") for name in facts_of([node], True).effects if isinstance(node, ast.Assign)]
                self.others[ast.dump(node)] = {name: {attribute for owner, _, attribute in sets if owner == name} for name in names}
            elif not isinstance(node, (*FUNCTIONS, ast.expr)):
                waiting += ast.iter_child_nodes(node)


def _removes_elsewhere(members: list[Pair]) -> bool:
    """Whether `del` statements in the body of a class stand elsewhere among those that bind the names."""
    kept = [(member.old, member.new) for member in members if member.old is not None and member.new is not None]
    removed = {name for _, new in kept for name in new.facts.removes}
    places = [old.place for old, new in kept if removed & (new.facts.binds | new.facts.removes)] if removed else []
    return places != sorted(places)


def _finished(entry: Entry) -> Entry:
    entry.pop("unit", None)
    entry.pop("order", None)
    return entry


def _prefix(scope: tuple[str, ...]) -> str:
    return "".join(f"{name}." for name in scope)
