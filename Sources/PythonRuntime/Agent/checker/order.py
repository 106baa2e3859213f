"""Names that a statement reads above what binds them, or below what removes them. A program that runs has them from before the edit; one that starts
with the saved text ends there.
"""

from __future__ import annotations

import ast
import builtins
from functools import cached_property
from typing import Any, Iterable

from alignment import Pair
from branches import COMPOUND, PERHAPS, steps
from statements import ANNOTATIONS_ARE_LAZY, root
from texts import Module
from units import FUNCTIONS, Unit, dotted_call, named_by

_LOOKERS = frozenset(("globals", "exec", "eval", "vars", "locals", "setattr"))
_GIVEN = frozenset(("__annotations__", "__cached__", "__file__", "__path__", "__builtins__"))  # names of every module; others are builtins' too
_WAYS = (b"if", b"for", b"and", b"or")
_TRY = (ast.Try, getattr(ast, "TryStar", ast.Try))
_BRANCHES = (*_TRY, ast.If, ast.For, ast.AsyncFor, ast.While, ast.Match)

# What is said of it, the name, and modules whose star imports may bring it: those above, and those below (None: a
# statement below binds it).
Early = tuple[dict[str, Any], str, "tuple[str, ...]", "tuple[str, ...] | None"]

# A name, the line of the last statement above that binds it, modules of star imports between that and the statement that may
# read it, whether a statement below binds it, modules of star imports below.
Through = tuple[str, "int | None", "tuple[str, ...]", bool, "tuple[str, ...]"]

# Names; the modules of star imports above, which may bring them; whether the statement handles that it has not got them.
Late = tuple["tuple[str, ...]", "tuple[str, ...]", bool]
NOT_LATE: Late = ((), (), False)


def early(running: Module, module: Module, pairs: list[Pair]) -> list[Early]:
    """What the edit has brought into an order in which it cannot start."""
    found: list[Early] = []
    news = Order(module)
    before: dict[int, dict[str, bool]] | None = None
    partner = {id(pair.new): pair.old for pair in pairs if pair.new is not None and pair.old is not None}
    for number, unit in enumerate(module.units):
        late = news.late(number)
        if not late:
            continue
        if before is None:
            olds = Order(running)
            before = {}
            for at, each in enumerate(running.units):
                before[id(each)] = {} if olds.stars(at)[0] else dict(sorted(olds.late(at)))
        old = partner.get(id(unit))
        known = before[id(old)] if old is not None and id(old) in before else {}
        above, below = news.stars(number)
        for name, sure in sorted(late):
            if name not in known or sure and not known[name]:
                gone = news.is_gone(name, number)
                again = not gone and news.first.get(name, number) < number
                found.append((_change(unit, name, sure, again, gone), name, above, None if name in news.first else below))
    return found


def has_ways(unit: Unit) -> bool:
    """Whether a statement may leave out something that it says."""
    if isinstance(unit.node, _BRANCHES):
        return True
    if unit.kind == "class" or not any(word in unit.text for word in _WAYS):
        return False
    node = unit.node
    parts = [*node.decorator_list, node.args] if isinstance(node, FUNCTIONS) else [node]
    return any(isinstance(each, PERHAPS) for part in parts for each in ast.walk(part))


def _handles_that(node: ast.stmt) -> bool:
    """Whether a statement may handle a `NameError`."""
    kinds = [each.type for part in ast.walk(node) if isinstance(part, _TRY) for each in part.handlers]
    kinds += [each for kind in kinds if isinstance(kind, ast.Tuple) for each in kind.elts]
    return any(kind is None or isinstance(kind, ast.Name) and kind.id in ("NameError", "Exception", "BaseException") for kind in kinds)


def _change(unit: Unit, name: str, sure: bool, again: bool, gone: bool) -> dict[str, Any]:
    if again:
        reason = f"a restart may give something else here: {name} is bound again further down"
    else:
        reason = f"a restart {'fails' if sure else 'may fail'} here: {name} is {'removed above' if gone else 'not bound yet'}"
    return {
        "symbol": unit.symbol,
        "kind": unit.kind,
        "change": "modified",
        "applied": False,
        "reason": reason,
        "range": unit.range,
    }


class Order:
    """Where a module's statements bind and read names."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.first: dict[str, int] = {}  # where a name is bound first
        self.last: dict[str, int] = {}
        self._places: dict[str, list[int]] = {}
        self._removals: dict[str, list[int]] = {}  # by `del` statements
        self._speaks: dict[str, set[str]] = {}  # what calling it may read
        self._closed: dict[tuple[str, bool], set[str]] = {}
        self._registered: dict[str, set[str]] = {}
        for name, behind in module.registered.items():
            self._registered.setdefault(root(name), set()).update(map(root, behind))
        self._dispatched: dict[str, set[str]] = {}  # functions that calling one of the module may call: `@f.register`
        self._stars: list[tuple[int, str]] = []
        late: dict[str, int] = {}
        defined = {unit.names[0] for unit in module.units if isinstance(unit.node, (*FUNCTIONS, ast.ClassDef))}
        units = module.units
        self.numbers = {id(unit): number for number, unit in enumerate(units)}
        for number, unit in enumerate(units):
            facts = unit.needs
            for name in facts.globals:
                late.setdefault(name, number)
            self._stars += [(number, module.absolute(star)) for star in unit.stars]
            if isinstance(unit.node, ast.Delete):
                for name in facts.removes:
                    self._removals.setdefault(name, []).append(number)
            for name in facts.binds:
                self.first.setdefault(name, number)
                self.last[name] = number
                self._places.setdefault(name, []).append(number)
                speaks = self._speaks.setdefault(name, set())
                speaks.update(map(root, facts.inner_reads | facts.inner_calls))
                if isinstance(unit.node, FUNCTIONS):
                    if name in self._registered:
                        self._dispatched[name] = self._registered[name]
                    speaks.update(root(each) for each in map(dotted_call, unit.node.decorator_list) if each is not None)
                else:
                    speaks.update(map(root, facts.calls))
                    speaks |= defined.intersection(map(root, facts.reads))  # `P = partial(f, 1)`
                if (named := named_by(unit)) is not None:
                    speaks.add(root(named))
        if any(unit.needs.calls & _LOOKERS for unit in units):
            self.first.clear()  # they may bind anything
            self._places.clear()
            self._stars.clear()
        self._late = late.keys()  # bound by functions: not before these are there
        for name, number in late.items():
            self.first[name] = min(number, self.first.get(name, number))
            self.last[name] = -1
            self._places.pop(name, None)

    def stars(self, number: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The modules of star imports above a statement, and below."""
        above = tuple(source for at, source in self._stars if at < number)
        return above, tuple(source for at, source in self._stars if at > number)

    def may_read_late(self, unit: Unit) -> Late:
        """Names that are bound below the statement and that it reads on some of its ways, or has read from a star import."""
        number = self.numbers.get(id(unit))
        if number is None or unit.kind in ("import", "class") or not has_ways(unit) and not self.stars(number)[0]:
            return NOT_LATE
        names = {name for name in map(root, unit.needs.reads) if self._is_late(name, number, self._own(unit))}
        names |= {name for name, is_called in self._before_its_own(number) if not is_called}
        return tuple(sorted(names)), self.stars(number)[0], bool(names) and _handles_that(unit.node)

    def read_through(self, unit: Unit, around: Unit) -> tuple[Through, ...]:
        """Names that what a statement calls may read, and that something below binds. `around`: the statement of the module
        that it is in.
        """
        number = self.numbers.get(id(around))
        used = self._used(unit)
        if number is None or not used:
            return ()
        own = self._own(unit) if unit is around else set()
        inside = set(map(root, unit.needs.reads)) - own if has_ways(unit) else set()  # in comprehensions, which may not come to it
        if not self.stars(number)[1] and all(self._furthest.get(name, -1) < number for name in used):
            if all(self.last.get(name, -1) < number for name in inside):
                return ()
        found: list[Through] = []
        for name in sorted((self._behind(used, self._registered) | inside) - own):
            places = self._places.get(name, ())
            above = max((place for place in places if place < number), default=-1)
            below = any(place >= number for place in places)
            before = tuple(source for at, source in self._stars if above < at < number)
            after = tuple(source for at, source in self._stars if at > number)
            if (below or after and name not in self._late and name[:1] not in "?@") and (above >= 0 or before or not hasattr(builtins, name)):
                line = self.module.units[above].node.lineno if above >= 0 else None
                found.append((name, line, before, below, after))
        return tuple(found)

    def reads_when_called(self, unit: Unit) -> set[str]:
        """Names of the module that what a statement calls may read."""
        return self._behind(self._used(unit), self._registered)

    def _used(self, unit: Unit) -> set[str]:
        """What a statement may call, by itself or by what it gives that to."""
        facts = unit.needs
        if unit.kind == "import" or not (facts.calls or facts.reads):
            return set()
        used = facts.calls | facts.reads
        if not isinstance(unit.node, FUNCTIONS) or unit.node.decorator_list:
            used = used | facts.inner_calls | facts.inner_reads
        return set(map(root, used))

    def _own(self, unit: Unit) -> set[str]:
        """Names that a statement binds itself, perhaps before it reads them."""
        return unit.needs.binds if unit.kind == "statement" or b":=" in unit.text else set()

    def _before_its_own(self, number: int) -> set[tuple[str, bool]]:
        """Names that only a statement itself binds, in its branches or by `:=`, and that it may read before: whether a call does."""
        unit = self.module.units[number]
        if not isinstance(unit.node, COMPOUND) and (unit.kind not in ("value", "statement") or b":=" not in unit.text):
            return set()
        facts = unit.needs
        own = {name for name in facts.binds if self._is_late(name, number, set())}
        if own.isdisjoint(map(root, facts.reads)) and all(own.isdisjoint(self._reached(name)) for name in map(root, facts.calls)):
            return set()
        found = set()
        for part, bound in steps([unit.node], unit.lazy_annotations or ANNOTATIONS_ARE_LAZY, set()):
            open_ = own - bound
            found |= {(name, False) for name in map(root, part.reads) if name in open_}
            found |= {(each, True) for name in map(root, part.calls) for each in self._reached(name) & open_}
        return found

    def late(self, number: int) -> set[tuple[str, bool]]:
        """Names that the statement reads and that are bound below: whether it reads them in any case."""
        unit = self.module.units[number]
        facts = unit.needs
        if unit.kind == "import":
            return set()
        sure = not isinstance(unit.node, _BRANCHES)
        own = self._own(unit)
        found = {(name, False) for name, _ in self._before_its_own(number)}
        found |= {(name, sure) for name in map(root, facts.reads) if self._is_late(name, number, own)}
        for call in facts.calls:
            for each in self._reached(root(call), "." not in call):  # `@f.register` does not dispatch
                if self._is_late(each, number, own) or self.first.get(each, number) < number <= self.last.get(each, -1):
                    found.add((each, False))
        return found

    def _is_late(self, name: str, number: int, own: set[str]) -> bool:
        if name in own or name in _GIVEN or name[:1] in "?@" or hasattr(builtins, name):
            return False
        if name in self.first:
            return self.first[name] >= number or self.is_gone(name, number)
        return bool(self._stars) and self._stars[-1][0] > number

    def is_gone(self, name: str, number: int) -> bool:
        """Whether a `del` statement above has removed a name, and nothing has bound it since."""
        removed = [place for place in self._removals.get(name, ()) if place < number]
        return bool(removed) and name in self._places and not any(removed[-1] < place < number for place in self._places[name])

    def _reached(self, name: str, dispatches: bool = True) -> set[str]:
        found = self._closed.get((name, dispatches))
        if found is None:
            found = self._closed[name, dispatches] = self._behind([name], self._dispatched if dispatches else None)
        return found

    @cached_property
    def _furthest(self) -> dict[str, int]:
        """The last statement that binds a name which calling another one may read, by that one."""
        users: dict[str, set[str]] = {}
        for edges in (self._speaks, self._registered):
            for name, others in edges.items():
                for other in others:
                    users.setdefault(other, set()).add(name)
        found: dict[str, int] = {}
        for name in sorted(self._places, key=lambda name: -self._places[name][-1]):
            waiting = list(users.get(name, ()))
            while waiting:
                user = waiting.pop()
                if user not in found:
                    found[user] = self._places[name][-1]
                    waiting += users.get(user, ())
        return found

    def _behind(self, names: Iterable[str], registered: dict[str, set[str]] | None = None) -> set[str]:
        """What calling these may read; `registered`: functions that calling others may call."""
        found: set[str] = set()
        called, waiting = set(), list(names)
        while waiting:
            each = waiting.pop()
            if each in called:
                continue
            called.add(each)
            found |= self._speaks.get(each, set())
            waiting += self._speaks.get(each, ())
            if registered is not None:
                waiting += registered.get(each, ())
        return found
