"""What statements read, call and need, and what functions use when they are called: by module, name and attribute, as the
agent looks it up.
"""

from __future__ import annotations

import ast
import builtins
from functools import cached_property

import exact
from callbacks import given
from spoken import OPENERS
from spread import MAKES_INSTANCES, Spread, bound_before, may_be_outer
from statements import IMPORTED, OWN, UNKNOWN, Facts, called_for, mangled, root
from units import Unit, is_star, named_by

Input = tuple["str | None", str, "str | None"]  # module (None: its own), name, attribute of that
Given = tuple[tuple[tuple[Input, ...], tuple[Input, ...], int], ...]  # functions, what is given to them, as `callbacks.given`
Uses = dict[str, tuple[tuple[Input, ...], tuple[Input, ...], Given]]

_READERS = exact.READERS | {"globals", "locals", "eval", "exec"}


class Reading(Spread):
    """Adds to what may change the names by which the agent sees whether it has."""

    def given_of(self, unit: Unit, scope: tuple[str, ...], binders: dict[str, list[Unit]]) -> Given:
        return tuple(
            (self.inputs_of(unit, {name}, scope, binders), self.inputs_of(unit, values, scope, binders), used)
            for name, values, used in given(unit, self.module, self.bound_by)
        )

    def inputs_of(
        self, unit: Unit, names: set[str], scope: tuple[str, ...], binders: dict[str, list[Unit]], owner: str = "", inner: bool = False
    ) -> tuple[Input, ...]:
        """`inner`: when functions in the statement are called."""
        found: list[Input] = []
        for name in sorted(names):
            parts = name.split(".")
            if scope and (before := bound_before(unit, parts[0], binders)):
                found += _steps(None, [".".join(scope), mangled(scope[-1], parts[0]), *parts[1:]])
                if not may_be_outer(unit, parts[0], before):
                    continue
            if parts[0][0] == "?":
                if parts[0] not in (UNKNOWN, OWN) and not self._is_one_class(name, binders if scope else {}):
                    parts[0] = UNKNOWN
                if owner:
                    parts[1] = mangled(owner, parts[1])
            resolved = exact.resolve(self.module, name, self.external) if self.external else None
            if resolved is not None and (self.has_stars or any(other.kind != "import" for other in self.bound_by.get(parts[0], ()))):
                found += _steps(None, parts)  # imported in a branch, or covered by a star: what it is has to be seen
            if resolved is not None and resolved[1]:
                found += _steps(resolved[0], exact.inside(self.module, name, resolved[0]))
            elif resolved is not None and (unit.facts.inner_calls if inner else unit.facts.calls) & _READERS:
                found.append((resolved[0], "*", None))
            else:
                found += _steps(None, parts)
        for node in ast.walk(unit.node) if unit.kind == "statement" else ():
            if isinstance(node, ast.ImportFrom):
                source = self.module.absolute(node)
                found.extend((source, alias.name, None) for alias in node.names if source in self.external)
        return tuple(found)

    def _is_one_class(self, name: str, members: dict[str, list[Unit]]) -> bool:
        """Whether the text says which class "?C().m" is of, if it is one: `C` is only bound by a class statement, or an import."""
        name = called_for(name)
        units = self.bound_by.get(name, ())
        if len(units) != 1 or units[0].kind not in ("class", "import") or name in self.written or name in self.removed_by or name in members:
            return False
        return not any(name in pair.new.facts.globals for pair in self.pairs if pair.new is not None)

    def needs_of(self, unit: Unit) -> tuple[str, ...]:
        """Names that the statement reads and that are, or may be by a star import, something else, or nothing, when the
        module has been executed.
        """
        place = unit.place
        found = []
        for name in sorted(set(map(root, unit.facts.reads)) - unit.facts.binds - unit.facts.removes):
            if name.startswith(IMPORTED):
                continue
            changers = (*self.bound_by.get(name, ()), *self.removed_by.get(name, ()))
            places = [*(each.place for each in changers), *(self.star_places if changers or not hasattr(builtins, name) else ())]
            if len(places) > 1 and min(places) < place <= max(places):  # of its own star imports, it may read what was there before
                found.append(name)
        return tuple(found)

    @cached_property
    def star_places(self) -> list[tuple[int, int]]:
        return [pair.new.place for pair in self.pairs if pair.new is not None and is_star(pair.new)]

    def bound_after(self, unit: Unit) -> dict[str, int]:
        """Names that a statement below binds, and its line: from there on what a star import gives them does not count."""
        place = unit.place
        lasts = {name: units[-1] for name, units in self.bound_by.items()}
        return {name: last.node.lineno for name, last in sorted(lasts.items()) if last.place > place}

    def removed_stars(self) -> list[tuple[str, tuple[str, ...], int, tuple[str, ...]]]:
        """Star imports that the text no longer has where they stood: the module, names that statements bind which they do not cover
        any more, their line, names that are as they were.
        """
        found = []
        bound = self.bound_by.keys()
        for pair in self.pairs:
            old, new = pair.old, pair.new
            if old is None or not is_star(old):
                continue
            sources = {self.module.absolute(star) for star in new.stars} if new is not None else set()
            for source in dict.fromkeys(map(self.module.absolute, old.stars)):
                open_ = self.uncovered_by(pair) if source in sources else set(bound)
                if source not in sources or open_:
                    found.append((source, tuple(sorted(open_)), old.node.lineno, tuple(sorted(bound - open_))))
        return found

    @cached_property
    def has_stars(self) -> bool:
        return bool(self.present_stars())

    def present_stars(self) -> list[str]:
        """Modules of which a star import takes what no statement binds."""
        return [
            self.module.absolute(star)
            for pair in self.pairs
            if pair.new is not None
            for star in pair.new.stars
        ]

    def uses(self) -> Uses:
        """For functions and classes that may behave in a new way without being edited: what they read and call when
        called.
        """
        found: Uses = {}
        for name, units in self.bound_by.items():
            if name not in self.behaves:
                continue
            node = units[-1].node
            if isinstance(node, ast.ImportFrom):
                original = next((alias.name for alias in node.names if (alias.asname or alias.name) == name), name)
                found[name] = ((), ((self.module.absolute(node), original, None),), ())
            elif (named := named_by(units[-1])) is not None:
                found[name] = ((), self.inputs_of(units[-1], {named}, (), {}), ())
            elif isinstance(node, ast.ClassDef):
                self._class_uses(units[-1], name, found)
            else:
                self._add_uses(name, units, found)
        for name, behind in self.registered.items():
            if name not in self.behaves:
                continue
            reads, calls, others = found.get(name, ((), (), ()))
            parts = [each.rpartition(".") for each in sorted(behind)]
            found[name] = (reads, (*calls, *((None, owner or each, each if owner else None) for owner, _, each in parts)), others)
        for name, members in self.meaning.items():
            inputs = (self.meant_inputs(unit, scope) for unit, scope in members)
            found[name] = (tuple(dict.fromkeys(each for given in inputs for each in given)), (), ())
        for source in self.present_stars():
            for name in self.external.get(source) or ():
                if name not in self.bound_by and "." not in name:
                    found[name] = ((), ((source, name, None),), ())
        return found

    def meant_inputs(self, unit: Unit, scope: tuple[str, ...]) -> tuple[Input, ...]:
        """What annotations name that are evaluated when somebody asks for them."""
        members: dict[str, list[Unit]] = {}
        for each in self.bound_by.get(scope[0], ())[-1:] if scope else ():
            for inner in scope[1:]:
                each = next((member for member in each.body if member.names == (inner,)), each)
            members = self.binders(each.body)
        return self.inputs_of(unit, unit.facts.meant, scope, members)

    def _class_uses(self, unit: Unit, name: str, found: Uses) -> None:
        """Each method by itself; by the class's own name, what making an instance runs."""
        for member in unit.body:
            if isinstance(member.node, ast.ClassDef):
                self._class_uses(member, f"{name}.{member.node.name}", found)
            elif f"{name}.{member.names[0] if member.names else ''}" in self.behaves:
                method = mangled(unit.names[0], member.names[0])
                self._add_uses(f"{name}.{method}", [member], found, unit.names[0])
                if member.kind == "value":
                    reads, calls, others = found.get(f"{name}.{method}", ((), (), ()))
                    made_of = self.inputs_of(member, member.facts.reads, tuple(name.split(".")), self.binders(unit.body))
                    found[f"{name}.{method}"] = (reads, (*calls, *made_of), others)
        makers = [member for member in unit.body if MAKES_INSTANCES & member.facts.binds]
        # `field(default_factory=…)`
        makers += [member for member in unit.body if member.kind == "value" and member.facts.calls]
        self._add_uses(name, makers, found, unit.names[0])
        made = sorted({each for member in makers if member.kind == "value" for each in member.facts.binds if f"{name}.{each}" in self.behaves})
        if made:
            reads, calls, others = found.get(name, ((), (), ()))
            found[name] = (reads, (*calls, *((None, name, each) for each in made)), others)

    def _add_uses(self, name: str, units: list[Unit], found: Uses, owner: str = "") -> None:
        facts = Facts()
        others: list[tuple[str, set[str], int]] = []
        for unit in units:
            facts.reads |= unit.facts.inner_reads
            called, rest = self.given_inside(unit, True)
            facts.calls |= unit.facts.inner_calls | called
            others += rest
        looks = ((None, "*", None),) if not facts.calls.isdisjoint(OPENERS) else ()
        if facts.reads or facts.calls:
            handed = [([self.inputs_of(units[-1], each, (), {}, owner) for each in ({name}, values)], used) for name, values, used in others]
            found[name] = (
                self.inputs_of(units[-1], facts.reads, (), {}, owner, True) + self._imported(facts.reads | facts.calls) + looks,
                self.inputs_of(units[-1], facts.calls, (), {}, owner, True),
                tuple((callee, values, used) for (callee, values), used in handed),
            )

    def _imported(self, names: set[str]) -> tuple[Input, ...]:
        """Names that from-imports bind: the module may get what they stand for later than others get it."""
        if not self.external:
            return ()
        roots = {root(name) for name in names}
        brought = {name for name in roots if name in self.module.imports and exact.resolve(self.module, name, self.external)}
        return tuple((None, name, None) for name in sorted(brought) if self.module.imports[name] not in self.external)


def _steps(module: str | None, parts: list[str]) -> list[Input]:
    """`a.b.c` reads b of a, and c of a.b."""
    if len(parts) == 1:
        return [(module, parts[0], None)]
    return [(module, ".".join(parts[:end]), parts[end]) for end in range(1, len(parts))]
