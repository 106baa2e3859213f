"""What an edit may change, worked out over names: values, and functions that may do something else when they are
called.
"""

from __future__ import annotations

import ast
import builtins
from functools import cached_property
from typing import Iterable, Iterator

import exact
import preempt
from alignment import ADDED, BODY, CHANGED, MEMBERS, REMOVED, Pair, in_order
from callbacks import calls_unnamed, given, passed
from filled import Filled
from handing import is_told_of
from listing import lists_names
from moves import Moved, moved
from order import Order
from spoken import OPENERS, MAKES_INSTANCES
from statements import MEANT, Facts, mangled, root
from stores import Stores
from texts import Module
from traits import annotated_otherwise, is_kept, only_removes, tells_annotations
from units import FUNCTIONS, Unit, computes_defaults, dotted_call, is_star, named_by


class Spread:
    """What may change in one module, given what changes in others. For a dependent all its units are the same as
    before.
    """

    def __init__(self, module: Module, pairs: list[Pair], changed: exact.Changed, written: Iterable[str] = ()) -> None:
        """`written`: names of the module that others change."""
        self.module = module
        self.pairs = pairs
        self.external = {name: names for name, names in changed.items() if name != module.name}
        self.written = frozenset(written)
        self.dirty: set[str] = set(written)  # may have another value: "X", "C.K"
        self.behaves: set[str] = set()  # may do something else when called
        self.methods: set[str] = set()  # names of the methods among them, whatever their class
        self.made: set[str] = set()  # names of what may be, or hold, instances of classes with such methods
        self.keepers: set[str] = set()  # names of other modules' functions that may find what others of that module have been given
        self._known_attributes: set[str] = set()
        self._known_owners: set[str] = set()
        self._known_altered: set[str] = set()
        self._counted_altered = -1
        self._counted_behaving = -1
        self._counted = -1
        self.meaning: dict[str, list[tuple[Unit, tuple[str, ...]]]] = {}  # "f.annotations()": whose annotations may mean another thing
        self.filled_up: set[str] = set()  # what decorators of definitions that came, changed or went may have put them into
        self.moved: Moved = {}  # what stands elsewhere now, and reads something else there
        self.bound_by = self.binders(pair.new for pair in pairs if pair.new is not None)
        self.removed_by: dict[str, list[Unit]] = {}
        for pair in pairs:
            if pair.new is not None and only_removes(pair.new):
                for name in pair.new.facts.removes:
                    self.removed_by.setdefault(name, []).append(pair.new)
        self.registered = {name: behind for name, behind in module.registered.items() if root(name) in self.bound_by}
        self._spread()

    # What may change

    def binders(self, units: Iterable[Unit]) -> dict[str, list[Unit]]:
        found: dict[str, list[Unit]] = {}
        for unit in units:
            for name in unit.names if unit.is_docstring else unit.facts.binds:
                found.setdefault(name, []).append(unit)
        return found

    def _spread(self) -> None:
        for pair in self.pairs:
            self._seed(pair)
        if annotated_otherwise(self.pairs):
            self.dirty.add("__annotations__")
        self.dirty.update(self.removed)
        self.again = to_bind_again(self.pairs, self.bound_by)
        if self.module.stores:
            self.again |= self.module.stores.set_otherwise(self.stores_before, self.pairs)
        for pair in self.pairs:
            if pair.new is not None and id(pair.new) in self.again:
                self.dirty |= {"*"} if is_star(pair.new) else pair.new.facts.binds
            elif pair.new is not None and pair.old is not None and is_star(pair.new):
                self.dirty |= self.uncovered_by(pair)
        self.moved = moved(self.pairs, self.module, lambda: self.order, lambda: self.filled)
        for pair in self.pairs:
            if pair.new is not None and not self.moved.keys().isdisjoint((id(pair.new), *map(id, pair.new.body))):
                self.dirty |= pair.new.facts.binds
                self.behaves |= pair.new.facts.binds
        for pair in self.pairs:
            if pair.new is not None and pair.status in (ADDED, CHANGED) and pair.new.facts.calls:
                self.dirty |= self.filled.changes(pair.new)
            elif pair.status in (BODY, MEMBERS) and not in_order(pair.members):
                assert pair.new is not None
                self.behaves |= pair.new.facts.binds  # the fields that it is made with stand in another order
        candidates: set[int] = set()
        runs = {id(pair.new) for pair in self.pairs if pair.status in (ADDED, CHANGED)} | self.again
        again = True
        while again:
            again = False
            for pair in self.pairs:
                unit = pair.new
                if unit is None:
                    continue
                preempt.look()
                size = len(self.dirty) + len(self.behaves) + len(self.keepers)
                if id(unit) not in candidates and (self._may_run(unit) or any(id(each) in runs for each in self.module.stores.above(unit))):
                    candidates.add(id(unit))
                    runs.add(id(unit))
                    self.dirty |= unit.facts.binds | unit.facts.changes | self.filled.changes(unit)
                    if unit.kind == "import":
                        self.behaves |= unit.facts.binds
                    elif isinstance(unit.node, ast.AnnAssign):
                        self.dirty.add("__annotations__")
                    self.dirty |= signed(unit, "")
                    self._pass_on(unit)
                facts = unit.facts
                if facts.meant and self.touches(facts.meant):
                    self._mean_otherwise(unit, ())
                named = named_by(unit)
                if self._uses_altered(unit) or named is not None and self._does({named}):
                    self.behaves |= facts.binds
                if isinstance(unit.node, ast.ClassDef):
                    self._inherit(unit)
                    self._spread_inside(unit, f"{unit.node.name}.")
                if facts.binds and self._differs(unit):
                    self.behaves |= facts.binds
                    if isinstance(unit.node, ast.ClassDef):
                        self._methods_behave(unit, f"{unit.node.name}.")
                again = again or len(self.dirty) + len(self.behaves) + len(self.keepers) != size
            for name, behind in self.registered.items():
                if name not in self.behaves and not self.behaves.isdisjoint(behind):
                    self.behaves.add(name)
                    if "." in name:
                        self.methods.add(name.rpartition(".")[2])
                    again = True
        self.candidates = candidates | self.moved.keys()

    @cached_property
    def order(self) -> Order:
        return Order(self.module)

    @cached_property
    def stores_before(self) -> Stores:
        """Of the text before the edit."""
        olds = [pair.old for pair in self.pairs if pair.old is not None]
        return Stores(sorted(olds, key=lambda unit: unit.place), self.module.stands_for)

    @cached_property
    def filled(self) -> Filled:
        return Filled(self.order)

    def _pass_on(self, unit: Unit) -> None:
        """By a star import, what changes there changes here."""
        for star in unit.stars:
            names = self.external.get(self.module.absolute(star), ())
            passed = {"*"} if names is None or "__all__" in names else set()
            passed |= {name for name in names or () if not name.startswith("__")}
            self.dirty |= passed
            self.behaves |= passed

    def _is_asked_otherwise(self, unit: Unit) -> bool:
        """Whether bounds of its type parameters, or annotations that it may tell somebody, name what changed."""
        facts = unit.facts
        return bool(facts.bounds) and self.touches(facts.bounds) or bool(facts.meant) and tells_annotations(unit) and self.touches(facts.meant)

    def _mean_otherwise(self, unit: Unit, scope: tuple[str, ...]) -> None:
        """Annotations that nobody evaluates before somebody asks for them, and that name what changed."""
        for member in unit.body:
            if member.facts.meant and self.touches(member.facts.meant):
                self._mean_otherwise(member, (*scope, unit.names[0]))
        owner = scope if isinstance(unit.node, ast.AnnAssign) else (*scope, unit.names[0]) if isinstance(unit.node, FUNCTIONS) else ()
        owners = [".".join(owner)] if owner else unit.defines if unit.kind == "statement" else ()
        for name in (f"{each}.{MEANT}" for each in owners):
            units = self.meaning.setdefault(name, [])
            if all(known is not unit for known, _ in units):
                units.append((unit, scope))
                self.dirty.add(name)

    def _spread_inside(self, unit: Unit, prefix: str) -> None:
        """Attributes of a class that are computed from what changed."""
        members = self.binders(unit.body)
        for member in unit.body:
            if isinstance(member.node, ast.ClassDef):
                self._spread_inside(member, f"{prefix}{member.node.name}.")
            elif self.member_may_run(member, prefix[:-1], members):
                self.dirty |= {prefix + name for name in member.facts.binds} | signed(member, prefix)
            named = named_by(member)
            if named is not None and self._does({named}) or member.kind == "value" and self._made_of_behaving(member, prefix):
                self.behaves |= {prefix[:-1], *(prefix + name for name in member.facts.binds)}
                self.methods |= member.facts.binds

    def _made_of_behaving(self, member: Unit, prefix: str) -> bool:
        """Whether a value of a class is made of functions that may do something else: `partialmethod(m, 1)`."""
        reads = member.facts.reads
        if not self._behaving.isdisjoint(reads) or any(prefix + name in self.behaves for name in reads):
            return True
        return bool(self.external) and self.touches(reads)

    def _differs(self, unit: Unit) -> bool:
        facts = unit.facts
        if self.touches(facts.inner_reads) or self._does(facts.inner_calls) or not self._behaving.isdisjoint(map(root, facts.inner_reads)):
            return True
        if (self.behaves or self.dirty) and not facts.inner_calls.isdisjoint(OPENERS):
            return True
        if self.external and facts.inner_calls & exact.READERS and any(map(self._is_external, facts.inner_reads)):
            return True  # `getattr(module, name)()`
        called, others = self.given_inside(unit, False)
        return self._does(called.union(*(values for _, values, _ in others)))

    def given_inside(self, unit: Unit, external: bool) -> tuple[set[str], list[tuple[str, set[str], int]]]:
        """Functions that may do something else, and that the bodies in a statement give to what calls them; and to others,
        with what these are called. `external`: also those of other modules.
        """
        inner = unit.facts.inner_reads
        names = {name for name in inner if root(name) in self._behaving or external and self._is_external(name)}
        if not names:
            return set(), []
        others = [(name, values & names, used) for name, values, used in given(unit, self.module, self.bound_by) if values & names]
        return names & passed(unit, self.module, self.bound_by), others

    def _is_external(self, name: str) -> bool:
        """Whether it is of another module in which something changed."""
        return bool(self.external) and exact.resolve(self.module, name, self.external) is not None

    def _methods_behave(self, unit: Unit, prefix: str) -> None:
        for member in unit.body:
            if isinstance(member.node, ast.ClassDef):
                self._methods_behave(member, f"{prefix}{member.node.name}.")
            elif self._differs(member):
                self.behaves |= {prefix + name for name in member.facts.binds}
                self.methods |= member.facts.binds

    def _inherit(self, unit: Unit) -> None:
        """What changed in a base is another value of the derived class too."""
        assert isinstance(unit.node, ast.ClassDef)
        for base in map(dotted_call, unit.node.bases):
            if base is not None:
                inherited = {name[len(base) :] for name in self.dirty if name.startswith(f"{base}.")}
                self.dirty |= {unit.node.name + name for name in inherited}
                if base in self.behaves:
                    self.behaves.add(unit.node.name)
                    above = [each for each in unit.body if "super" in each.facts.inner_calls]  # what they call may be the base's
                    self.behaves |= {f"{unit.node.name}.{name}" for each in above for name in each.facts.binds}
                    self.methods |= {name for each in above for name in each.facts.binds}

    def _seed(self, pair: Pair, prefix: str = "") -> None:
        unit = pair.new or pair.old
        assert unit is not None
        names = {prefix + name for name in (unit.names if unit.is_docstring else unit.facts.binds | unit.facts.removes)}
        if prefix and isinstance(unit.node, ast.AnnAssign) and isinstance(unit.node.target, ast.Name):
            names.add(prefix + unit.node.target.id)  # a field, with a value or without
        if prefix and pair.status in (ADDED, CHANGED, REMOVED) and names & {prefix + name for name in MAKES_INSTANCES}:
            self.behaves.add(prefix[:-1])
        if pair.status in (ADDED, CHANGED, REMOVED) and not prefix:
            self.dirty |= unit.facts.changes
            called = (dotted_call(each) for each in getattr(unit.node, "decorator_list", ()))
            owners = {name.rpartition(".")[0] for name in called if name is not None and "." in name}
            self.filled_up |= owners
            if pair.status == REMOVED:
                self.behaves |= owners  # `@f.register`
        if pair.status in (ADDED, CHANGED, REMOVED) and any(each is not None and is_star(each) for each in (pair.old, pair.new)):
            self.dirty.add("*")
        if pair.status in (ADDED, CHANGED):
            self.dirty |= names | (signed(unit, prefix) if pair.old is not None else set())
            self.behaves |= names
        elif pair.status == REMOVED:
            self.dirty |= names
        elif pair.status == BODY and not pair.members:
            self.behaves |= names
            if pair.old is not None and pair.new is not None and _documented(pair.old) != _documented(pair.new):
                self.dirty |= {f"{name}.__doc__" for name in names}
            if prefix:
                self.methods |= {name.rpartition(".")[2] for name in names}
            if prefix and (unit.names and unit.names[0] in MAKES_INSTANCES or unit.kind == "value" and unit.facts.calls):
                self.behaves.add(prefix[:-1])  # `field(default_factory=…)`
        elif pair.status in (BODY, MEMBERS):
            if annotated_otherwise(pair.members):
                self.dirty.add(f"{prefix}{unit.names[0]}.__annotations__")
            for member in pair.members:
                self._seed(member, f"{prefix}{unit.names[0]}.")

    @property
    def altered(self) -> set[str]:
        """Functions that do something else by their code alone, by what they are bound to: "f", "C.m"."""
        found: set[str] = set()

        waiting = [(pair, "") for pair in self.pairs]
        while waiting:
            pair, prefix = waiting.pop()
            if pair.new is None:
                continue
            if pair.members and pair.new.names:
                waiting += [(member, f"{prefix}{pair.new.names[0]}.") for member in pair.members]
            elif pair.status == BODY:
                owner = prefix[:-1].rpartition(".")[2]
                found.update(prefix + mangled(owner, name) for name in pair.new.facts.binds)
        return found

    @property
    def removed(self) -> list[str]:
        """Names that the running text bound and the saved one does not."""
        gone: list[str] = []
        late = {name for pair in self.pairs if pair.new is not None for name in pair.new.facts.globals}
        for pair in self.pairs:
            if pair.old is not None:
                for name in pair.old.names if pair.old.is_docstring else sorted(pair.old.facts.binds):
                    if name not in self.bound_by and name not in late and name not in gone:
                        gone.append(name)
        return gone

    def _may_run(self, unit: Unit) -> bool:
        node = unit.node
        if isinstance(node, ast.ImportFrom):
            names = self.external.get(self.module.absolute(node), ())
            if names is None or names and (node.names[0].name in ("*", *names) or "*" in names):
                return True
            return False
        if exact.inputs(self.module, unit, self.external):
            return True
        facts = unit.facts
        if self._is_asked_otherwise(unit):
            return True
        if isinstance(node, ast.ClassDef):
            # A base that changed inside: some classes have to be made anew then (fields of a dataclass).
            bases = tuple(f"{name}." for name in map(dotted_call, node.bases) if name is not None)
            if bases and any(name.startswith(bases) and not name.endswith(".__subclasses__") for name in self.dirty):
                return True
            behaves = node.name in self._behaving or not self._behaving.isdisjoint(map(root, facts.reads))
            if behaves and is_told_of(node, self.module):
                return True
        if unit.kind == "value" and not self.keepers.isdisjoint(map(root, facts.calls)):
            return True
        if self.dirty and lists_names(unit, set()):
            return True
        if unit.kind in ("value", "statement") and not self.filled_up.isdisjoint(facts.reads):
            return True
        if unit.kind == "function" and unit.names[0] in self.module.decorated and unit.names[0] in self.behaves:
            return True  # its decorator may have called it
        if (unit.kind in ("value", "statement") or computes_defaults(node)) and not self._behaving.isdisjoint(map(root, facts.reads)):
            return True  # it may use special methods of something, or have it called
        if unit.kind == "value" and not self._registries.isdisjoint(map(root, facts.reads)) and calls_unnamed(unit):
            return True  # out of where a decorator has put it
        if unit.kind == "value" and facts.calls and (facts.inner_reads or facts.inner_calls):
            speaks = not self._behaving.isdisjoint(map(root, facts.inner_reads))
            if speaks or self.touches(facts.inner_reads) or self._does(facts.inner_calls):
                return True  # what is called may call the lambda that it is given
        return self.touches(facts.reads) or self._does(facts.calls) or "*" in self.dirty and bool(facts.reads)

    def touches(self, names: set[str]) -> bool:
        for name in names:
            parts = name.split(".")
            if len(parts) > 1 and not self.methods.isdisjoint(parts[1:]):
                return True  # it may be a property
            if parts[-1] == "__subclasses__" and (self.dirty or self.external):
                return True
            if parts[0][0] == "?":
                if parts[1] in self._external_attributes or any(each.endswith(f".{parts[1]}") for each in self.dirty):
                    return True
                continue
            if any(".".join(parts[:end]) in self.dirty for end in range(1, len(parts) + 1)):
                return True
            if "*" in self.dirty and parts[0] not in self.bound_by and not hasattr(builtins, parts[0]):
                return True  # a star import may have brought it
            if parts[0] in self._owners or not self._attributes.isdisjoint(parts[1:]):
                return True  # a class with other attributes, which counts for who asks it; or an instance of it
            if self.external and self.module.stands_for(parts[0]) is not None:
                resolved = exact.resolve(self.module, name, self.external)
                if resolved is not None and _holds(self.external, *resolved):
                    return True
            elif self.external and len(parts) > 1 and parts[0] not in self.bound_by and self._has_stars:
                if not self._external_names.isdisjoint(parts[1:]):
                    return True  # a module that a star import has brought
        return False

    @property
    def behind_stars(self) -> set[str]:
        """Names of statements that show again where a star import ceases to bring the same name."""
        found: set[str] = set()
        for pair in self.pairs:
            for star in pair.new.stars if pair.new is not None and id(pair.new) in self.candidates else ():
                names = self.external.get(self.module.absolute(star), ())
                whole = names is None or "*" in names or pair.new.kind != "import"  # it may take another way
                found |= self.bound_by.keys() if whole else self.bound_by.keys() & names
            if pair.status in (CHANGED, REMOVED) and pair.old is not None and is_star(pair.old):
                found |= self.bound_by.keys()
            elif pair.new is not None and pair.old is not None and is_star(pair.new):
                found |= self.uncovered_by(pair)
        return found

    def uncovered_by(self, pair: Pair) -> set[str]:
        """Names that a star import covered before the edit moved it above what binds them."""
        assert pair.new is not None and pair.old is not None
        old, new = _line(pair.old), _line(pair.new)
        lasts = {name: units[-1] for name, units in self.bound_by.items()}
        return {name for name, last in lasts.items() if _line(last) > new and 0 < self._were.get(id(last), 0) < old}

    @cached_property
    def _were(self) -> dict[int, int]:
        """The lines in which units stood: `id(unit)` → line."""
        return {id(pair.new): _line(pair.old) for pair in self.pairs if pair.new is not None and pair.old is not None}

    @property
    def _attributes(self) -> set[str]:
        """Attributes of classes that may have another value."""
        if self._counted != len(self.dirty):
            self._counted = len(self.dirty)
            self._known_attributes = self._external_attributes | {name.rpartition(".")[2] for name in self.dirty if "." in name}
            self._known_owners = {root(name) for name in self.dirty if "." in name}
        return self._known_attributes

    @cached_property
    def _external_attributes(self) -> set[str]:
        """Attributes of other modules' classes that may have another value, or do something else."""
        return {name.rpartition(".")[2] for names in self.external.values() for name in names or () if "." in name} - {"__subclasses__"}

    @cached_property
    def _external_names(self) -> set[str]:
        """Names of other modules that may have another value, or do something else."""
        return {name for names in self.external.values() for name in names or ()}

    @cached_property
    def _has_stars(self) -> bool:
        return any(pair.new is not None and is_star(pair.new) for pair in self.pairs)

    @property
    def _behaving(self) -> set[str]:
        """Module-level names of what may do something else."""
        if self._counted_behaving != len(self.behaves):
            self._counted_behaving = len(self.behaves)
            self._known_behaving = set(map(root, self.behaves))
        return self._known_behaving

    @property
    def _registries(self) -> set[str]:
        """What decorates functions that may do something else."""
        decorated = [unit for name in self.module.decorated.keys() & self.behaves for unit in self.bound_by.get(name, ())]
        names = {dotted_call(each) for unit in decorated for each in getattr(unit.node, "decorator_list", ())}
        return {root(name) for name in names if name is not None}

    @property
    def _owners(self) -> set[str]:
        """Classes with such attributes."""
        return self._known_owners if self._attributes else set()

    def _uses_altered(self, unit: Unit) -> bool:
        """Whether a statement makes something of a class whose attributes or methods may differ, or of what is made of it. A function of
        another module that gets such may keep it where others of that module find it.
        """
        facts = unit.facts
        size = len(self.dirty) + len(self.behaves) + len(self.made)
        if self._counted_altered != size:
            self._counted_altered = size
            self._known_altered = {root(name) for name in (*self.dirty, *self.behaves) if "." in name} | self.made | self._brought
        owners = self._known_altered
        used = set(map(root, facts.reads)) if owners else set()
        is_handed = isinstance(unit.node, ast.ClassDef) and not owners.isdisjoint(facts.binds)
        if owners.isdisjoint(used) and not is_handed:
            return False
        imports = self.module.imports
        called = set(map(root, facts.calls)) & self.module.foreign
        homes = {imports[name].rpartition(".")[0] or imports[name] for name in called & imports.keys()}
        self.keepers |= {name for name, meant in imports.items() if meant in homes or meant.rpartition(".")[0] in homes}
        if called - imports.keys():
            self.keepers |= self.module.foreign - imports.keys()  # by a star import
        if owners.isdisjoint(used):
            return False
        made = facts.binds | facts.changes
        if not made <= self.made:
            self.made |= made
            self.behaves |= made
        return True

    @cached_property
    def _brought(self) -> set[str]:
        """Names of other modules' classes with such methods, or of these modules."""
        if not self._external_attributes:
            return set()
        return {name for name in self.module.imports if exact.resolve(self.module, name, self.external) is not None}

    def _does(self, names: set[str]) -> bool:
        for name in names:
            parts = name.split(".")
            if parts[0] in self.behaves or len(parts) > 1 and parts[-1] in self.methods:
                return True
        return self.touches(names)

    @property
    def changed(self) -> list[str]:
        """Names that may have another value, or do something else, afterwards: of the module, and of attributes of its classes."""
        names = {each for name in self.dirty | self.behaves for each in (name if name.endswith(".__subclasses__") else root(name), name)}
        names |= set(map(exact.filled, self.filled_up))
        if self.external:  # modules in which something may have changed, for who uses them through this one
            names |= {name for name, meant in self.module.imports.items() if meant in self.external}
        return sorted(exact.published(names))

    def member_may_run(self, unit: Unit, owner: str, members: dict[str, list[Unit]]) -> bool:
        def resolved(name: str) -> Iterator[str]:
            before = bound_before(unit, root(name), members)
            if before or root(name) == "__annotations__":
                yield f"{owner}.{name}"
            if may_be_outer(unit, root(name), before):
                yield name

        reads = {meant for name in unit.facts.reads for meant in resolved(name)}
        calls = {meant for name in unit.facts.calls for meant in resolved(name)}
        if unit.kind == "value" and unit.facts.calls and not self._behaving.isdisjoint(map(root, reads)):
            return True  # what is called may call its methods
        if self._is_asked_otherwise(unit):
            return True
        return self.touches(reads) or self._does(calls) or bool(exact.inputs(self.module, unit, self.external))

    @property
    def has_caches(self) -> bool:
        """Whether a function that may behave in a new way keeps results (`functools.cache` and the like)."""
        for name in self.behaves:
            for unit in self.bound_by.get(name, ()):
                if b"cache" in unit.text:
                    return True
        return False


def to_bind_again(pairs: list[Pair], binders: dict[str, list[Unit]]) -> set[int]:
    """Units that the edit did not touch and that have to run all the same: others that bind their names ceased to, build on
    them, or read a name between two that bind it.
    """
    found: set[int] = set()
    removed = {name for pair in pairs if pair.new is not None for name in pair.new.facts.removes}

    def earlier(names: Iterable[str], than: Unit | None) -> None:
        for name in names:
            for unit in binders.get(name, ()):
                if unit is than:
                    break
                found.add(id(unit))

    def around(unit: Unit) -> None:
        for name in {root(name) for name in unit.facts.reads} - unit.facts.binds:
            units = binders.get(name, ())
            later = [other for other in units if other.place > unit.place]
            above = units[: len(units) - len(later)]
            if later and above and not is_kept(above[-1], name, binders, removed):
                found.update(map(id, units))

    for pair in pairs:
        unit = pair.new
        if unit is not None and pair.status in (ADDED, CHANGED) and not isinstance(unit.node, ast.ClassDef):
            around(unit)
        if pair.status in (REMOVED, CHANGED) and pair.old is not None and isinstance(pair.old.node, ast.Delete):
            earlier(pair.old.facts.removes - (unit.facts.removes if unit is not None else set()), None)
        if pair.status in (REMOVED, CHANGED) and pair.old is not None:
            lost = pair.old.facts.binds - (unit.facts.binds if unit is not None else set())
            earlier(lost, None)
        if (
            pair.status in (ADDED, CHANGED)
            and unit is not None
            and not isinstance(unit.node, (*FUNCTIONS, ast.ClassDef))
        ):
            if pair.status == CHANGED or isinstance(unit.node, ast.AugAssign):
                earlier(unit.facts.binds & {root(name) for name in unit.facts.reads}, unit)
    places = {id(pair.new): pair.old.node.lineno for pair in pairs if pair.new is not None and pair.old is not None}
    stars = [pair.new for pair in pairs if pair.new is not None and pair.old is not None and is_star(pair.new)]
    for last in (*(units[-1] for units in binders.values()), *stars):
        for star in stars:
            if _line(last) < _line(star) and places.get(id(last), 0) > places[id(star)]:
                found.add(id(star))  # it covers the name now
    for units in binders.values():
        last = units[-1]
        if len(units) > 1:
            if any(places.get(id(unit), 0) > places.get(id(last), 0) for unit in units):
                found.add(id(last))  # it was not the last one before
    return found


def _documented(unit: Unit) -> str | None:
    return ast.get_docstring(unit.node, False) if isinstance(unit.node, FUNCTIONS) else None


def signed(unit: Unit, prefix: str) -> set[str]:
    """How it is said that annotations may be others after a statement, of a class body perhaps: "f.annotations()", "C.annotations()"."""
    if isinstance(unit.node, FUNCTIONS):
        return {f"{prefix}{unit.names[0]}.{MEANT}"}
    return {prefix + MEANT} if prefix and isinstance(unit.node, ast.AnnAssign) else set()


def _holds(changed: exact.Changed, module: str, name: str) -> bool:
    names = changed[module]
    return bool(name) and (names is None or name in names or "*" in names)


def _line(unit: Unit) -> int:
    return unit.node.lineno


def bound_before(unit: Unit, name: str, members: dict[str, list[Unit]]) -> list[Unit]:
    """The statements of a class body that have bound a name when it comes to `unit`; where there are none the name is the module's."""
    return [other for other in members.get(name, ()) if other.place < unit.place]


def may_be_outer(unit: Unit, name: str, before: list[Unit]) -> bool:
    """Whether a statement of a class body may read the module's, though one of `before` binds the name in the body."""
    return name in unit.facts.beyond or all(other.kind == "statement" for other in before)
