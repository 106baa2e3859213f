"""What one transaction knows of changed values, over all its modules."""

from __future__ import annotations

import builtins
import sys
from _weakref import proxy
from types import FunctionType, ModuleType

from . import patch_redirection as redirection
from .patch_began import Began
from .patch_called import Called, bases_of
from .patch_contents import BEHAVES, REMOVED, VALUE, is_instance, own_attributes
from .patch_classes import has_hook
from .patch_frames import executing_lines
from .patch_hints import MEANT, meaning_changed
from .patch_instances import forget_checks, forget_dispatches
from .patch_merge import Merger
from .patch_receivers import Receivers
from .patch_values import same
from .patch_wrappers import follow
from .transaction import ABSENT, namespace_of
from .writing import underive

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

    from .patch_registrations import Watch
    from .transaction import Transaction


SAME = object()


class Mark:
    """That a name has another value (`level` VALUE), is gone, or has the same value that does something else."""

    __slots__ = ("level", "stamp", "old", "attributes", "replaced", "made", "remade", "fields", "doubt")

    def __init__(self, level: int, stamp: int) -> None:
        self.level = level
        self.stamp = stamp
        self.old: Any = ABSENT
        self.attributes: dict[str, int] = {}  # of a class: which of its attributes changed, and when
        self.replaced: dict[str, Any] = {}  # those of them that stand for another object, and what they stood for
        self.doubt = ""  # why nobody can tell whether it does
        self.made = False  # calling it makes other objects
        self.remade = False  # its statement was executed again
        self.fields = False  # it has other fields or another metaclass: classes derived from it have to be made anew


class Session(Called):
    """Shared by the steps of one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        # The transaction holds its session: a cycle would keep what the program drops alive until a collection.
        self.transaction: Transaction = proxy(transaction)
        self.merger = Merger(self.transaction)
        self.marks: dict[tuple[str, str], Mark] = {}
        self.uses: dict[tuple[str, str], tuple[Any, Any, Any]] = {}
        self.ran: dict[tuple[str, int, str], int] = {}
        self.altered: dict[int, FunctionType] = {}
        self.altered_names: set[str] = set()
        self.meant: dict[tuple[str, str], None] = {}  # of what plans say that functions use: what annotations mean
        self.signed: dict[int, tuple[FunctionType, int]] = {}  # functions with other annotations or defaults, and since when
        self.starred: set[str] = set()  # modules with star imports
        self.brought: dict[tuple[str, str], dict[str, Any]] = {}  # by a module and another: what its star import has taken last
        self.stood_in: dict[int, int] = {}  # ids: of what statements made, of what stands for it
        self.makers: set[tuple[str, str]] = set()  # file and name of functions that do the same, though what they make does not
        self.overlooks_makers = False
        self._touched: tuple[int, set[str]] = (0, set())
        self._computed: tuple[Any, set[str]] = (None, set())  # names of properties of the classes that these speak of
        self._by_last: tuple[int, dict[str, list[tuple[str, str]]]] = (0, {})
        self._lines: dict[int, int] | None = None  # as they were when the first statement was to be executed
        self.asked: tuple[str, Any] | None = None  # of which statement it is asked why it has to run: its module, and what it reads
        self.looks_inside = False  # whether other contents of the same object count for who calls something
        self.contents: dict[int, tuple[Any, set[Any] | None, int]] = {}  # containers that statements changed: keys, when
        self.recounted: dict[int, tuple[type, Mark]] = {}  # enumerations with other members: for who counts or walks them
        self.fresh: set[int] = set()  # ids of containers that statements have made in this transaction
        self.written: dict[Any, tuple[str, int]] = {}  # marks, and ids of containers: the module and line of another that changed it
        self._began: Began | None = None
        self.receivers = Receivers(proxy(self))
        self.later: Any = None  # `patch_later.Later`
        self.stamp = 0
        self.redocumented = False  # functions have other docstrings
        self.reshaped = False  # classes have other attributes

    @staticmethod
    def of(transaction: Transaction) -> Session:
        found = transaction.__dict__.get("session")
        if found is None:
            found = transaction.__dict__["session"] = Session(transaction)
        return found

    def line_of(self, namespace: dict[str, Any]) -> int | None:
        """At which line a module stands whose own statements are still being executed."""
        if self._lines is None:
            self._lines = executing_lines()
        return self._lines.get(id(namespace))

    # Marks

    def tick(self) -> int:
        self.stamp += 1
        return self.stamp

    def mark_of(self, stamp: int) -> Mark:
        """For what does something else since then, and has no name of its own."""
        return Mark(BEHAVES, stamp)

    def mark(self, module: str, name: str, level: int, old: Any = ABSENT) -> Mark:
        mark = self.marks.get((module, name))
        if mark is None:
            mark = self.marks[module, name] = Mark(level, self.tick())
            mark.old = list(old) if name == "__all__" and type(old) is list else old  # what star imports have brought by it
        else:
            mark.level = max(level, mark.level) if level != VALUE else VALUE
            mark.stamp = self.tick()
        return mark

    def behaves(self, module: str, name: str, remade: bool = False, was: Any = SAME) -> None:
        """The function or method `name` ("f", "C.m") does something else now, or is another object than it `was`."""
        owner, _, attribute = name.rpartition(".")
        if owner:
            mark = self.marks.get((module, owner)) or self.mark(module, owner, BEHAVES)
            mark.attributes[attribute] = self.tick()
            if was is not SAME:
                mark.replaced.setdefault(attribute, was)
            mark.stamp = self.stamp
            if attribute in _MAKERS:
                mark.made = True
        else:
            mark = self.mark(module, name, BEHAVES)
            mark.made = True
            mark.remade = mark.remade or remade

    def note_uses(self, uses: dict[tuple[str, str], Any]) -> None:
        """What a plan says that functions use. A second one of the same module has been made for what others changed, the first one for
        its own edit.
        """
        for key, used in uses.items():
            if key[1].endswith(MEANT):
                self.meant[key] = None
            known = self.uses.get(key, used)
            self.uses[key] = used if known == used else tuple((*one, *(each for each in more if each not in one)) for one, more in zip(known, used))

    def note_altered(self, functions: list[FunctionType]) -> None:
        for function in functions:
            self.reshaped = self.reshaped or function.__name__ in _CHECKS
            self.altered[id(function)] = function
            self.altered_names.add(function.__code__.co_name)
        while self.merger.signed:
            function = self.merger.signed.pop()
            self.signed[id(function)] = function, self.tick()

    def value_changed(self, own: str, given: tuple[str | None, str, str | None], since: int) -> Mark | None:
        """The mark of an input that has another value than when a statement ran last."""
        module, name, attribute = given
        if attribute == MEANT:
            mark = meaning_changed(self, own, given, since)
            return mark if mark is not None or name == "?" else self.value_changed(own, (module, name, "__annotations__"), since)
        module = own if module is None else module
        if name in ("*", "__dict__"):
            return self.anything_changed(module, since)
        if name == "?":
            if attribute == "__doc__" and self.redocumented:
                return self.mark_of(self.stamp + 1)
            for (owner, qualified), mark in self.marks.items():
                if attribute is not None and mark.attributes.get(attribute, 0) > since:
                    if attribute in mark.replaced or self._is_value_attribute(owner, qualified, attribute):
                        return mark
            return None
        mark = self.marks.get((module, name))
        if mark is None and ("builtins", name) in self.marks and name not in (namespace_of(sys.modules.get(module)) or ()):
            mark = self.marks["builtins", name]
        if mark is not None and mark.level >= VALUE:
            return mark if mark.stamp > since else None
        if self.recounted:
            value = self.live(module, name if attribute is None else f"{name}.{attribute}")
            _, found = self.recounted.get(id(value), (None, None))
            if found is not None and found.stamp > since:
                return found
        if mark is None and module != own:
            mark = self._hook_changed(module, name, since)
            if mark is not None:
                return mark
        if attribute is None or attribute in _MAKERS:
            return None
        if attribute in _OF_FUNCTIONS and type(value := self.live(module, name)) is FunctionType and id(value) in self.altered:
            if attribute != "__doc__" or self.redocumented:
                return self.mark_of(self.stamp + 1)
        if mark is not None and mark.remade and mark.stamp > since:
            return mark  # what a function says of itself: its defaults, what its decorators set
        if self.contents and type(self.live(module, name)) is FunctionType:
            return self._contents_of(self.live(module, name), (attribute,), since)
        if mark is None:
            mark = self._through_module(module, name, attribute, since)
            if mark is not None:
                return mark
        mark = self._class_mark(module, name, attribute, since)
        if mark is None or attribute not in mark.replaced and not self._is_value_attribute(module, name, attribute):
            return None
        return mark

    def property_changed(
        self, own: str, given: tuple[str | None, str, str | None], since: int, seen: set[tuple[str, str]] | None = None
    ) -> Mark | None:
        """The mark of an input that is computed when it is read, by a property that does something else now."""
        module, name, attribute = given
        module = own if module is None else module
        if attribute is None or name == "*" or attribute == MEANT:
            return None
        if name == "?":
            return self.call_changed(own, given, since, seen) if self._may_compute(attribute) else None
        if not self._is_computed(module, name, attribute):
            return self.made_up(own, module, name, attribute, since, seen)
        seen = set() if seen is None else seen
        others = {(module, name)} - seen  # `app.conf` calls none of the functions that are registered with `app`
        seen |= others
        try:
            return self.call_changed(own, given, since, seen)
        finally:
            seen -= others

    def _may_compute(self, attribute: str) -> bool:
        """Whether reading that attribute of something may call what one of the modules has defined."""
        if any(type(self.live(*key)) not in _METHODS for key in self.uses_by_last(attribute)):
            return True
        version = self.stamp, len(self.uses)
        if self._computed[0] != version:
            values = [self.live(*key) for key in (*self.marks, *self.uses)]
            bases = {id(base): base for value in values if type(value) is not ModuleType for base in bases_of(value, self.transaction)}
            members = [member for base in bases.values() for member in self.transaction.members(base).items()]
            self._computed = version, {name for name, value in members if type(value) is property or type(value) is _lazy()}
        return attribute in self._computed[1]

    def uses_by_last(self, attribute: str | None) -> list[tuple[str, str]]:
        """Those of methods and inner definitions of that name."""
        if self._by_last[0] != len(self.uses):
            by_last: dict[str, list[tuple[str, str]]] = {}
            for key in self.uses:
                owner, _, last = key[1].rpartition(".")
                if owner:
                    by_last.setdefault(last, []).append(key)
            self._by_last = len(self.uses), by_last
        return self._by_last[1].get(str(attribute), [])

    def _is_computed(self, module: str, name: str, attribute: str) -> bool:
        value = self.live(module, name)
        if value is ABSENT or issubclass(type(value), ModuleType):
            return False
        for base in bases_of(value, self.transaction):
            found = self.transaction.members(base).get(attribute, ABSENT)
            if found is not ABSENT:
                return type(found) is property or type(found) is _lazy()
        return False

    def anything_changed(self, module: str, since: int) -> Mark | None:
        for (owner, _), mark in self.marks.items():
            if owner == module and mark.stamp > since:
                return mark
        return None

    def names_changed(self, module: str, but: tuple[str, ...], since: int) -> Mark | None:
        """The mark of a name of a module, none of those in `but`, that it has not had, has no more, or has another value for."""
        for (owner, name), mark in self.marks.items():
            if owner == module and mark.level >= VALUE and mark.stamp > since and name not in but:
                found = self.mark_of(mark.stamp)
                found.doubt = "made of the names of its module, which have changed"
                return found
        return None

    def _through_module(self, own: str, name: str, attribute: str, since: int) -> Mark | None:
        """`a.X` where the name `a`, or `p.a`, is a module."""
        value = self.live(own, name)
        if value is ABSENT or not issubclass(type(value), ModuleType):
            return None
        inner = namespace_of(value)
        if inner is None:
            return None
        module = str(inner.get("__name__"))
        mark = self.marks.get((module, attribute))
        if mark is None:
            return self._hook_changed(module, attribute, since)
        return mark if mark.stamp > since and mark.level >= VALUE else None

    def _hook_changed(self, module: str, name: str, since: int) -> Mark | None:
        """For a name that a module does not bind: whether its `__getattr__` may give something else for it."""
        namespace = namespace_of(sys.modules.get(module))
        if namespace is None or name in namespace or "__getattr__" not in namespace:
            return None
        return self.call_changed(module, (None, "__getattr__", None), since)

    def _class_mark(self, module: str, name: str, attribute: str | None, since: int) -> Mark | None:
        """For a class: the mark of the class, or of one that it inherits from, whose attribute changed (None: the
        making of instances).
        """
        value = self.live(module, name)
        if value is not ABSENT and attribute is not None and not issubclass(type(value), (type, ModuleType)):
            value = type(value)  # an instance, which may find the attribute in its class
        if value is ABSENT or not issubclass(type(value), type):
            mark = self.marks.get((module, name))
            return (
                mark
                if mark is not None and attribute is not None and mark.attributes.get(attribute, 0) > since
                else None
            )
        if attribute is None and type(value) is not type:
            mark = self._class_mark(type(value).__module__, type(value).__qualname__, "__call__", since)
            if mark is not None:
                return mark
        for base in self.transaction.mro(value):
            inside = self.transaction.members(base)
            mark = self.marks.get((inside.get("__module__"), type.__getattribute__(base, "__qualname__")))
            if mark is not None and mark.stamp > since:
                if mark.made if attribute is None else mark.attributes.get(attribute, 0) > since:
                    return mark
            if attribute is not None and attribute in inside:
                return None
        return None

    def _is_value_attribute(self, module: str, name: str, attribute: str) -> bool:
        """Attributes that are functions keep their identity: who reads them has what it had."""
        value = self.live(module, name)
        if value is ABSENT or not issubclass(type(value), type):
            return True
        for base in self.transaction.mro(value):
            found = self.transaction.members(base).get(attribute, ABSENT)
            if found is not ABSENT:
                return type(found) not in (FunctionType, staticmethod, classmethod, property)
        return True

    def live(self, module: str, name: str) -> Any:
        namespace = namespace_of(sys.modules.get(module))
        if namespace is None:
            return ABSENT
        first, *rest = name.split(".")
        value = namespace.get(first, ABSENT)
        if value is ABSENT and type(own := builtins.__dict__.get(first)) is FunctionType:
            value = own  # the program has put it there
        for part in rest:
            if value is not ABSENT and issubclass(type(value), ModuleType):
                value = (namespace_of(value) or {}).get(part, ABSENT)
                continue
            if value is ABSENT:
                return ABSENT
            inside = self.transaction.members(value) if issubclass(type(value), type) else own_attributes(value)
            value = inside.get(part, ABSENT)
        return value

    def maker_changed(self, own: str, given: tuple[str | None, str, str | None], since: int) -> Mark | None:
        """For a base or the metaclass of a class: its mark, if the class has to be made anew because of it."""
        module = own if given[0] is None else given[0]
        value = self.live(module, given[1])
        if value is ABSENT or not issubclass(type(value), type) or given[2] is not None:
            bases = self.call_changed(own, (given[0], given[1], "__mro_entries__"), since) if given[2] is None and is_instance(value) else None
            return bases or self.call_changed(own, given, since)
        mark = self.marks.get((module, given[1]))
        if mark is not None and mark.stamp > since:
            if mark.fields or has_hook(value) and self._has_other_value(mark, module, given[1], since):
                return mark
        hooks = [(value, "__init_subclass__")]
        for meta in (value if issubclass(value, type) else type(value),):
            hooks += [(meta, name) for name in ("__prepare__", "__new__", "__init__")]
        for owner, name in hooks:
            place = type.__getattribute__(owner, "__dict__").get("__module__"), type.__getattribute__(owner, "__qualname__")
            if type(place[0]) is not str or place[0] in ("builtins", "abc"):
                continue
            mark = self._class_mark(*place, name, since) or self.call_changed(own, (*place, name), since)
            if mark is not None:
                return mark
        return None

    def _has_other_value(self, mark: Mark, module: str, name: str, since: int) -> bool:
        """Whether an attribute changed that a hook of the program's may read."""
        return any(
            stamp > since and self._is_value_attribute(module, name, attribute)
            for attribute, stamp in mark.attributes.items()
        )

    # What modules do to others

    def note_written(self, watch: Watch, module: str, line: int) -> None:
        """What a statement of a module has changed in others."""
        for namespace, name, before in watch.bound:
            owner = namespace.get("__name__")
            if owner != module and type(owner) is str and namespace_of(sys.modules.get(owner)) is namespace:
                if not same(before, namespace.get(name, ABSENT)):
                    self.mark(owner, name, VALUE, before)
                    self.written[owner, name] = module, line
        for cls, *_ in watch.attributes:
            if cls.__module__ != module:
                self.written[str(cls.__module__), cls.__qualname__] = module, line
        for value in watch.altered:
            self.contents[id(value)] = (value, None, self.tick())
        for container in (*watch.altered, *(container for container, _ in watch.changed)):
            self.written[id(container)] = module, line

    def is_before(self, module: str, line: int, other: str, other_line: int) -> bool:
        """Whether a start of the program executes a statement of `module` before one of another module."""
        if self._began is None:
            self._began = Began(self.codes(), self.importers())
        return self._began.is_before(module, line, other, other_line)

    def codes(self) -> dict[str, CodeType]:
        """What the program's own modules execute."""
        return self.transaction.beforehand.codes() if self.transaction.beforehand is not None else {}

    def importers(self) -> dict[str, tuple[str, bool] | None]:
        """Who asked for the program's own modules, and whether in a function."""
        return self.transaction.beforehand.importers() if self.transaction.beforehand is not None else {}

    def hide(self, module: str, line: int) -> list[tuple[Any, Any]]:
        """Takes away what a start of the program changes after the statement on a line of a module; `show` puts it back."""
        hidden: list[tuple[Any, Any]] = []
        for key, (writer, place) in self.written.items():
            if line < place if writer == module else self.is_before(module, line, writer, place):
                found = self.contents.pop(key, None) if type(key) is int else self.marks.pop(key, None)
                if found is not None:
                    hidden.append((key, found))
        return hidden

    def show(self, hidden: list[tuple[Any, Any]]) -> None:
        for key, found in hidden:
            if type(key) is int:
                self.contents[key] = found
            else:
                self.marks[key] = found

    # The end of a step

    def forget_checks(self) -> None:
        """Answers of `isinstance` and of `singledispatch` that were kept, if classes have other attributes or bases."""
        if self.reshaped or self.merger.rebased:
            forget_checks()
        if self.merger.rebased:
            forget_dispatches()
        self.reshaped = self.merger.rebased = False

    def settle(self) -> None:
        """Who got hold of an object that stands for one that was there before (a registry, mostly) gets that one."""
        self.note_altered(self.merger.altered)
        self.merger.altered = []
        attributed, self.merger.attributed = self.merger.attributed, []
        for function, changes in attributed:
            follow(self, function, changes)
        temporaries, self.merger.temporaries = self.merger.temporaries, []
        replaced, self.merger.replaced = self.merger.replaced, []
        for old, new, _ in replaced:
            temporaries.append((old, new))
        self.stood_in.update((id(made), id(kept)) for made, kept in temporaries)
        self.transaction.redirect_bases({id(made): kept for made, kept in temporaries})
        held = redirection.held_elsewhere(temporaries)
        held += redirection.weakly_held(temporaries)
        if held:
            for holder, name, old in redirection.redirect(held, self.transaction):
                module = holder.get("__name__")
                if type(name) is str and type(module) is str and namespace_of(sys.modules.get(module)) is holder:
                    if (module, name) not in self.marks:
                        self.mark(module, name, VALUE, old)
        kept_ones = {id(old) for old, _, _ in replaced}
        for made, kept in temporaries:
            if issubclass(type(made), type) and made is not kept and id(made) not in kept_ones:
                underive(made)


def _lazy() -> Any:
    return sys.modules["functools"].__dict__.get("cached_property") if "functools" in sys.modules else None


_METHODS = (FunctionType, staticmethod, classmethod)  # that give what they are when they are asked for
_OF_FUNCTIONS = frozenset(("__doc__", "__code__"))  # what a function says of itself, and its body decides
_CHECKS = ("__subclasshook__", "__instancecheck__", "__subclasscheck__")
_MAKERS = frozenset(("__init__", "__new__", "__post_init__", "__set_name__"))
