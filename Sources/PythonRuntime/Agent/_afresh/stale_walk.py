"""A walk forward from the program's modules to whatever still refers to old objects.

Breadth first with a parent for each object, so that the path comes for free, and over as soon as every reference that
the balance counted has been met. Holders are read with the collector's `get_referents`, never through their methods.
"""
from __future__ import annotations

from _afresh import monotonic

from . import stale_objects as objects
from .stale_objects import CODE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .stale_ledger import Old

_LARGE = 5_000
_LOOK_SECONDS, _LOOK_EDGES = 0.2, 200_000


class Cancelled(Exception):
    """A newer save has come: this scan's answer is of no use any more."""


class Hit:
    """A reference to an old object: its holder's number in the walk, and how it refers."""

    __slots__ = ("target", "holder", "relation")

    def __init__(self, target: int, holder: int, relation: str) -> None:
        self.target = target  # id of the old object
        self.holder = holder
        self.relation = relation  # "refers", "instance" or "subclass"


class Walk:
    """Holds strong references to what it has met: to be dropped when its hits have been described."""

    def __init__(self, targets: dict[int, Old], needed: dict[int, int], inner: set[int], seconds: float,
                 edges: int, cancelled: Callable[[], bool]) -> None:
        self.targets = targets
        self.needed = dict(needed)  # references not met yet; below zero: more were met than there can be
        self.left = sum(needed.values())
        self.objects: list[Any] = []
        self.parents: list[int] = []
        self.labels: dict[int, str] = {}  # of roots: number → name
        self.hits: list[Hit] = []
        self.unknown: set[int] = set()  # numbers of roots that something holds which cannot be seen
        self.all_seen = True  # whether what leads to these has been looked for to the end
        self.derived: list[int] = []  # numbers of classes that derive from old ones: the list of them says not who holds them
        self.garbage: set[int] = set()  # numbers of what only waits for the collector
        self.budget_reached = False
        self._inner = inner
        self._seen = dict.fromkeys(inner, -1)  # id → number; −1 for what is old itself
        self._seen.update(dict.fromkeys(targets, -1))
        self._classes = {key for key, old in targets.items() if old.kind == "class"}
        self._namespaces = {id(namespace) for _, namespace in objects.loaded_modules()}
        self._deadline = monotonic() + seconds
        self._edges = edges
        self._cancelled = cancelled
        self._next = 0
        self.large: list[int] = []  # numbers of very large containers, looked into last
        self._large_done = 0  # how many of them have been looked into
        self._lengths: dict[int, Callable[[Any], int]] = {}  # by the type's id
        self._looked: set[int] = set()  # their numbers, and those of others that were looked into out of turn

    def start(self, label: str, value: Any) -> None:
        """Adds a root. Walks nothing yet."""
        if id(value) not in self._seen:
            self.labels[len(self.objects)] = label
            self._add(value, -1)

    def number_of(self, value: Any) -> int | None:
        """The number of an object that was met, −1 for one that is old itself, None for any other."""
        return self._seen.get(id(value))

    def adopt(self, value: Any) -> int:
        """Takes in an object that was met elsewhere; nobody knows yet what leads to it."""
        number = len(self.objects)
        self._add(value, -1)
        return number

    def look_into(self, number: int) -> None:
        """Meets what this object refers to, if that has not been done in its turn. Goes no further."""
        if number < self._next and number not in self.large or number in self._looked:
            return
        self._looked.add(number)
        holder = self.objects[number]
        own_class = id(type(holder)) if id(type(holder)) in self._classes else 0
        children = self._children(holder, number)
        if self.targets.keys().isdisjoint(map(id, children)):
            return
        for child in children:
            key = id(child)
            if key in self.targets:
                if key == own_class:
                    own_class = 0
                else:
                    self._hit(key, number, "refers")

    def subclasses(self) -> None:
        """Meets the classes that derive from old ones; the interpreter keeps a list of them."""
        pending = [key for key in self._classes if self.needed.get(key)]
        for key in pending:
            cls = self.targets[key].value()
            for derived in type.__subclasses__(cls) if cls is not None else ():
                if id(derived) not in self._seen:
                    self.derived.append(len(self.objects))
                    self.labels[len(self.objects)] = objects.class_path(derived)
                    self._add(derived, -1)

    def run(self, large: bool) -> bool:
        """Walks until every reference is met, everything is seen or the budget is spent; whether all was met.

        `large`: also what is below very large containers; the cheaper places first.
        """
        classes, targets, seen = self._classes, self.targets, self._seen
        leaves, lengths = objects.LEAVES, self._lengths
        while self.left > 0 and not self.budget_reached:
            aside = self._next >= len(self.objects)
            if not aside:
                number = self._next
                self._next += 1
            elif large and self._large_done < len(self.large):
                number = self.large[self._large_done]
                self._large_done += 1
            else:
                break
            if (number & 255 == 0 or aside) and self._stop():
                self._next -= not aside  # it has not been looked into
                return False
            if number in self._looked:
                continue
            holder = self.objects[number]
            kind = type(holder)
            if aside and self._length(holder) > self._edges:
                self.budget_reached = True
                return False
            if aside:
                self._looked.add(number)
            if not aside:
                length = lengths.get(id(kind)) or self._length_of(kind)
                if length(holder) > _LARGE:
                    self.large.append(number)  # after everything that is smaller
                    continue
            children = self._children(holder, number)
            self._edges -= len(children)
            own_class = id(kind) if id(kind) in classes else 0
            for child in children:
                key = id(child)
                if key in targets:
                    if key == own_class:
                        own_class = 0  # counted when the instance was met
                    else:
                        self._hit(key, number, "refers")
                elif key not in seen:
                    child_kind = type(child)
                    if id(child_kind) in leaves or key in self._namespaces:
                        continue
                    if child_kind is CODE or (objects.is_a(child, type)
                                              and not objects.type_flags(child) & objects.HEAP_TYPE):
                        continue
                    self._add(child, number)
            if self._edges < 0:
                self.budget_reached = True
                return False
        return self.left <= 0

    def _length_of(self, kind: type) -> Callable[[Any], int]:
        found = self._lengths[id(kind)] = objects.length_of(kind)
        return found

    def _length(self, holder: Any) -> int:
        return self._length_of(type(holder))(holder)

    def _stop(self) -> bool:
        if self._cancelled():
            raise Cancelled
        if monotonic() > self._deadline:
            self.budget_reached = True
        return self.budget_reached

    def _add(self, value: Any, parent: int) -> None:
        number = self._seen[id(value)] = len(self.objects)
        self.objects.append(value)
        self.parents.append(parent)
        key = id(type(value))
        if key in self._classes:
            self._hit(key, number, "instance")

    def _hit(self, key: int, holder: int, relation: str) -> None:
        self.hits.append(Hit(key, holder, relation))
        self._met(key)

    def _met(self, key: int) -> None:
        count = self.needed.get(key)
        if count is not None:
            self.needed[key] = count - 1
            self.left -= count > 0

    def _children(self, holder: Any, number: int) -> list[Any]:
        if objects.is_a(holder, type):
            return self._class_edges(holder, number)
        children = objects.referents(holder)
        if type(holder) is list or type(holder) is tuple:
            children.reverse()  # the collector reads them from their end
        return children

    def _class_edges(self, cls: type, number: int) -> list[Any]:
        """What a class refers to, its bases settled: a reference each from bases, resolution order and base."""
        bases, order = objects.type_bases(cls), objects.type_mro(cls)
        children = []
        told: set[int] = set()
        for child in objects.referents(cls):
            if child is bases or child is order:
                self._seen.setdefault(id(child), -1)
                for base in child:
                    self._base(id(base), number, told)
                    children.append(base)
            elif objects.is_a(child, type) and child is not type(cls):
                self._base(id(child), number, told)
                children.append(child)
            elif child is not cls:
                children.append(child)
        return [child for child in children if id(child) not in told]

    def _base(self, key: int, number: int, told: set[int]) -> None:
        if key not in self.targets:
            return
        if key in told:
            self._met(key)
        else:
            told.add(key)
            self._hit(key, number, "subclass")

    def found_from(self, wanted: set[int], names: set[str]) -> set[int]:
        """Those of the old objects that some of these modules lead to, other modules not entered."""
        if not wanted:
            return wanted
        other = Walk({key: self.targets[key] for key in wanted}, dict.fromkeys(wanted, 1), self._inner, _LOOK_SECONDS,
                     _LOOK_EDGES, self._cancelled)
        for name, namespace in objects.loaded_modules():
            if name in names:
                other.start(name, namespace)
        other.run(large=False)
        return {key for key in wanted if other.needed[key] <= 0}

    @property
    def exact(self) -> bool:
        """Whether every reference was met once: nothing moved between the count and the walk."""
        return self.left == 0 and not any(self.needed.values())

    def chain(self, number: int) -> list[Any]:
        """The objects from the root to the given one."""
        found = []
        while number >= 0:
            found.append(self.objects[number])
            number = self.parents[number]
        found.reverse()
        return found

    def confidence(self, number: int) -> str:
        return "exact" if self.all_seen or self.root_of(number) not in self.unknown else "possible"

    def steps(self, hit: Hit) -> list[tuple[int, Any]]:
        """The holders on the way to an old object, by number, each with what it leads to."""
        found = []
        number, child = hit.holder, self.targets[hit.target].value() if hit.relation == "refers" else None
        while number >= 0:
            found.append((number, child))
            number, child = self.parents[number], self.objects[number]
        return found

    def root_of(self, number: int) -> int:
        while self.parents[number] >= 0:
            number = self.parents[number]
        return number

    def is_rooted(self, number: int) -> bool:
        return self.root_of(number) in self.labels
