"""What a save would repeat and what it could not apply, as far as the texts say: `runs-again` and `not-applied`."""

from __future__ import annotations

import ast
from typing import Any, Callable, Iterable

import exact
from alignment import ADDED, CHANGED, REMOVED, SAME, Pair
from changes import change_of
from codetree import Swap
from effects import Effects
from planning import Entry, Plan
from statements import root
from texts import Module
from traits import slots_of
from units import FUNCTIONS, Unit

Again = dict[str, Any]  # message and range of a statement that runs again

MOST = 50  # statements of one module
# As the agent says it afterwards.
ONCE = "it runs once, when the program starts"
OLD_LAYOUT = "instances or subclasses made before the edit keep the old layout"


def whole(module: Module, pairs: Iterable[Pair]) -> list[Again]:
    """Statements with an effect on the outside, of a module that is executed as a whole. What is new runs once."""
    if module.tree is None:
        return []
    new = {id(pair.new) for pair in pairs if pair.status == ADDED}
    try:
        return _of_units(module, [unit for unit in module.units if id(unit) not in new])
    except RecursionError:  # a text too deeply nested to be looked into; a hint is not worth a save
        return []


def _of_units(module: Module, units: Iterable[Unit]) -> list[Again]:
    effects = Effects(module)
    found: list[Again] = []
    for unit in units:
        effect = effects.of(unit)
        if effect is not None and effect.on is None:  # what the module keeps for itself is made anew as well
            found.append(_again(effects.place(effect), effect.what, ()))
    return found[:MOST]


def statements(plan: Plan, entries: list[Entry]) -> list[Again]:
    """The same for a patch; in `entries` it is noted for those that the edit did not touch. Answers those which, by the
    texts, will run.
    """
    if not entries:
        return []
    effects, values = Effects(plan.module), _Values(plan)
    rebound = {name for entry in entries if entry["must"] for name in entry["binds"]}
    found: list[Again] = []
    for entry, pair in _with_pairs(plan, entries):
        assert pair.new is not None
        if pair.status == ADDED or entry["once"]:
            continue
        effect = effects.of(pair.new)
        if effect is None or effect.on in rebound:
            continue
        reasons = () if pair.status == CHANGED else values.read_by(pair.new)
        again = _again(effects.place(effect), effect.what, reasons)
        if pair.status != CHANGED:
            if effect.on is None:  # what is left of the last time in the module's own objects is seen afterwards
                entry["again"] = again
        elif pair.old is None or effects.of(pair.old) is None:
            continue
        if len(found) < MOST and (entry["must"] or reasons):
            found.append(again)
    return found


class Foreseen:
    """What executing a plan will do, as far as the texts say."""

    def __init__(self, again: list[Again], withheld: Callable[[], list[dict[str, Any]]]) -> None:
        self.again = again
        self.withheld = withheld  # changes that will not be applied


def foresee(plan: Plan, entries: list[Entry], swaps: list[Swap], running: Module) -> Foreseen:
    try:
        again = statements(plan, entries)
    except RecursionError:
        again = []
    return Foreseen(again, lambda: withheld(plan, entries, swaps, running))


def withheld(plan: Plan, entries: list[Entry], swaps: Iterable[Swap], running: Module) -> list[dict[str, Any]]:
    """Changes that will not be applied."""
    found = [change for change in plan.changes if not change["applied"]]
    values = _Values(plan)
    for entry, pair in _with_pairs(plan, entries):
        assert pair.new is not None
        if entry["once"] and (entry["must"] or values.read_by(pair.new, certain=True)):
            found.append(_not_applied(pair, entry, ONCE))
        elif isinstance(pair.new.node, ast.ClassDef) and pair.old is not None:
            if isinstance(pair.old.node, ast.ClassDef) and slots_of(pair.old) != slots_of(pair.new):
                found.append(_not_applied(pair, entry, OLD_LAYOUT))
    return found + _closures(plan, swaps, running)


def _not_applied(pair: Pair, entry: Entry, reason: str) -> dict[str, Any]:
    change = change_of(pair) if pair.status != SAME else _described(entry["symbol"], entry["kind"], entry["range"])
    return change | {"applied": False, "reason": reason}


def _closures(plan: Plan, swaps: Iterable[Swap], running: Module) -> list[dict[str, Any]]:
    """Inner functions that use variables which those that exist do not have: such as were made while the module was
    executed, and returned.
    """
    found: list[dict[str, Any]] = []
    returned: set[str] | None = None
    for path, code, _, _ in swaps:
        if "<locals>" not in code.co_qualname:
            continue
        old: Any = running.code
        for index in path:
            old = old.co_consts[index]
        missing = [name for name in code.co_freevars if name not in old.co_freevars]
        outer = code.co_qualname.partition(".<locals>.")[0]
        if not missing or outer not in plan.module.import_calls:
            continue
        if returned is None:
            returned = _returned(plan.module)
        if f"{outer}.{code.co_name}" in returned:
            line = {"line": code.co_firstlineno - 1, "column": 0}
            change = _described(code.co_qualname, "function", {"start": line, "end": line})
            reason = f"closures made before the edit have no variable {', '.join(missing)}"
            found.append(change | {"applied": False, "reason": reason})
    return found


def _returned(module: Module) -> set[str]:
    """Inner functions that their function returns: "outer.inner"."""
    found: set[str] = set()
    for unit in module.units:
        if isinstance(unit.node, FUNCTIONS):
            for part in ast.walk(unit.node):
                if isinstance(part, ast.Return) and isinstance(part.value, ast.Name):
                    found.add(f"{unit.node.name}.{part.value.id}")
    return found


def _described(symbol: str, kind: str, place: Any) -> dict[str, Any]:
    return {"symbol": symbol, "kind": kind, "change": "modified", "range": place}


def _with_pairs(plan: Plan, entries: list[Entry]) -> list[tuple[Entry, Pair]]:
    pairs = {(pair.new.node.lineno, pair.new.symbol): pair for pair in plan.pairs if pair.new is not None}
    found = []
    for entry in entries:
        pair = pairs.get((entry["line"], entry["symbol"]))
        if pair is not None:
            found.append((entry, pair))
    return found


class _Values:
    """Names of a module that will have another value: bound anew by the edit, or made of such. Functions and classes stay
    the same objects.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._edited: set[str] = set()
        for pair in plan.pairs:
            if pair.status in (ADDED, CHANGED, REMOVED):
                self._edited |= _bound(pair.new) | _bound(pair.old)
        self._names = set(self._edited)
        size = -1
        while size != len(self._names):
            size = len(self._names)
            for pair in plan.pairs:
                if pair.new is not None and self.read_by(pair.new):
                    self._names |= _bound(pair.new)

    def read_by(self, unit: Unit, certain: bool = False) -> tuple[str, ...]:
        """Those that a statement reads, in the words of the text. `certain`: only what the edit itself gives another value."""
        if unit.kind == "import":
            return tuple(sorted(unit.facts.binds)) if self._is_imported(unit) else ()
        names = self._edited if certain else self._names
        found = [
            name
            for name in sorted(unit.facts.reads)
            if root(name) in names or not certain and self._is_external(name)
        ]
        return tuple(found[:3])

    def _is_imported(self, unit: Unit) -> bool:
        if not isinstance(unit.node, ast.ImportFrom):
            return False
        names = self._plan.external.get(self._plan.module.absolute(unit.node), ())
        return names is None or unit.node.names[0].name in names or "*" in names

    def _is_external(self, name: str) -> bool:
        plan = self._plan
        resolved = exact.resolve(plan.module, name, plan.external) if plan.external else None
        if resolved is None or not resolved[1]:
            return False
        names = plan.external[resolved[0]]
        return names is None or resolved[1] in names or "*" in names


def _bound(unit: Unit | None) -> set[str]:
    return set() if unit is None or isinstance(unit.node, (*FUNCTIONS, ast.ClassDef)) else unit.facts.binds


def _again(place: Any, what: str, reasons: tuple[str, ...]) -> Again:
    since = f", since it reads {' and '.join(reasons)}" if reasons else ""
    return {"message": f"This runs again with the save{since}: it {what}.", "range": place}
