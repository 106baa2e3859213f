"""The journal of one `apply`: everything that changes in the program, with the way back.

How a step uses it:

* to execute statements of a module that may do anything: `open()` first, then tell `executing(...)`, then execute;
* to bind names of a module, or change what it owns: `touch(namespace)` first;
* to change an object: `set_attribute`, `delete_attribute`, `set_item`, `delete_item`, `replace_contents` change at once
  and write down the old state;
* to change many objects so that no other thread can see half of it: `swap(...)` for each, `set_member` and `set_bases` for
  classes. They wait, and are made in one C call by `flush()`, or at the latest by `commit()`. A step that executes statements
  which must see the swapped code calls `flush()` itself before. `change_together` does not wait;
* for anything else: `undo(action, *arguments)`, called on rollback. Entries run backwards, newest first;
* to call code of the program: `runs(function, *arguments)`. Only there may a Ctrl-C raise.

Old values are held until the transaction ends: nothing is finalised (`__del__`) in the middle of it. No method runs
code of the program (`__setattr__` of a metaclass, `__eq__` of a value, ...).
"""
from __future__ import annotations

import sys
from _collections import OrderedDict
from _operator import call
from _afresh import get_ident, partial, start_new_thread
from types import FunctionType, ModuleType

from .patch_calls import are_executed, call_when_ended, codes_of, let_end
from .writing import (
    ABSENT, attributes_of, bind_back, call_all, derived_from, fill, filling, kind_of, namespace_of, order_back, read, restore,
    restore_members, subclasses_back, underive, write, write_all, write_item, writers, writing,
)

TYPE_CHECKING = False
if TYPE_CHECKING:  # importing typing would cost the program 4 ms and memory
    from types import CodeType
    from typing import Any, Callable, Iterable

    from .stale_host import Beforehand


_AT_THE_END = (subclasses_back, underive)  # of undoing: when classes have the bases that they had


class Execution:
    """Module code that was started in the transaction, for the report of what could not be undone."""

    __slots__ = ("module", "code", "source")

    def __init__(self, module: str, code: CodeType, source: bytes | None) -> None:
        self.module = module
        self.code = code
        self.source = source


class Transaction:
    """One `apply`. Ends by `commit()` or `rollback()`, exactly once."""

    def __init__(self, loads: dict[int, list[str]] | None = None) -> None:
        """`loads`: where the import hook notes the user modules that a thread loads while a transaction runs on it."""
        self._journal: list[tuple[Callable[..., object], tuple[Any, ...]]] = []
        self._swaps: list[tuple[Any, str, Any]] = []
        self.withholds = False  # some of them went on waiting at the last `flush()`
        self._pending: dict[int, tuple[dict[str, Any], dict[str, Any]]] = {}  # a namespace, and names that wait
        self._late: list[tuple[list[CodeType], list[Callable[[], object]]]] = []  # code that went on, and what drops its results
        self._leaving: list[tuple[dict[str, Any], str]] = []
        self._members: dict[int, tuple[type, dict[str, Any]]] = {}  # a class, and attributes that wait
        self._bases: dict[int, tuple[type, tuple[type, ...]]] = {}  # a class, and the bases that wait
        self._mros: dict[int, tuple[type, tuple[type, ...]]] = {}  # a class that has or inherits some, and what comes of that
        self._afterwards: list[tuple[Callable[[], object], Iterable[FunctionType]]] = []
        self._kept: list[object] = []
        self._remembered: set[int] = set()
        self._given: list[CodeType] = []  # the code that functions were given
        self._loads = loads
        self.runs: Callable[..., Any] = call  # how code of the program is called, as it can be interrupted
        self._open = False
        self.beforehand: Beforehand | None = None
        self.executions: list[Execution] = []
        self.replaced: list[tuple[FunctionType, CodeType]] = []  # functions, and the code that they had
        # by module and name: None where a statement has been executed, else the value that a name keeps, the symbol of what
        # computed it and does something else now, and the code of the statement
        self.computed: dict[tuple[str, str], tuple[Any, str, CodeType | None] | None] = {}

    def undo(self, action: Callable[..., object], *arguments: Any) -> None:
        """On rollback, `action(*arguments)` is called; an exception in it makes the rollback incomplete."""
        self._journal.append((action, arguments))

    def keep(self, value: object) -> None:
        """Holds `value` until the transaction has ended."""
        self._kept.append(value)

    # Namespaces

    def touch(self, namespace: dict[str, Any]) -> None:
        """A module is about to be changed, by more than names that wait."""
        if id(namespace) not in self._remembered:
            self.remember_namespace(namespace)
            if self.beforehand is not None:
                self.beforehand.of_module(namespace)

    def open(self) -> None:
        """Statements of the program are about to be executed that may change anything, anywhere."""
        if not self._open:
            self._open = True
            if self.beforehand is not None:
                self.remember_imports()
                for namespace in self.beforehand.namespaces():
                    self.remember_namespace(namespace)
                self.beforehand.of_all()

    def remember(self, module: ModuleType) -> None:
        """Writes down the module's whole namespace: names, values, order. On rollback it is as it is now."""
        namespace = namespace_of(module)
        if namespace is not None:
            self.remember_namespace(namespace)

    def remember_namespace(self, namespace: dict[str, Any]) -> None:
        """The same for a module's dictionary."""
        if id(namespace) not in self._remembered:
            self._remembered.add(id(namespace))
            self.undo(restore, namespace, dict(namespace))
            annotations = namespace.get("__annotations__")
            if type(annotations) is dict:
                self.undo(restore, annotations, dict(annotations))

    def remember_imports(self) -> None:
        """Writes down `sys.modules`. On rollback, user modules that this thread loaded since then are gone again.

        Library modules stay: many cannot be loaded twice in one process, and other threads may use them by then.
        """
        self.undo(self._restore_imports, dict(sys.modules), get_ident())
        if self._loads is not None:
            self._loads[get_ident()] = []

    def executing(self, module: str, code: CodeType, source: bytes | None) -> None:
        """Says that statements of `code` run from now on."""
        self.executions.append(Execution(module, code, source))

    # Objects

    def set_attribute(self, target: Any, name: str, value: Any) -> None:
        """`target.name = value`, by the target's type alone."""
        self.undo(write, target, name, read(target, name))
        try:
            write(target, name, value)
        except (TypeError, AttributeError):
            self._journal.pop()  # the interpreter does not allow it: nothing is to be undone
            raise

    def delete_attribute(self, target: Any, name: str) -> None:
        """`del target.name`, if there is one. On rollback the order of a class's attributes comes back too."""
        if issubclass(type(target), type):
            held = type.__getattribute__(target, "__dict__")
            if name in held:
                self.undo(order_back, target, dict(held))
        self.set_attribute(target, name, ABSENT)

    def set_item(self, mapping: dict[Any, Any], key: Any, value: Any) -> None:
        """`mapping[key] = value` for an exact dict (a namespace). A new key comes last."""
        self.undo(write_item, mapping, key, dict.get(mapping, key, ABSENT))
        write_item(mapping, key, value)

    def delete_item(self, mapping: dict[Any, Any], key: Any) -> None:
        """`del mapping[key]`, if there is one. On rollback the order of keys comes back too."""
        if dict.__contains__(mapping, key):
            self.undo(restore, mapping, dict(mapping))
            dict.__delitem__(mapping, key)

    def replace_contents(self, container: Any, contents: Any) -> None:
        """Gives a list, dict, set, bytearray or deque (or a subclass) the contents of `contents`, in place."""
        self._note_contents(container)
        fill(container, contents)

    def _note_contents(self, container: Any) -> None:
        base = kind_of(container)
        self.undo(fill, container, base(base.items(container) if base in (dict, OrderedDict) else container))

    def change_together(
        self, attributes: list[tuple[Any, str, Any]], items: list[tuple[dict[Any, Any], Any, Any]], contents: list[tuple[Any, Any]]
    ) -> None:
        """Sets attributes (ABSENT: deletes them, if they are there), items and the contents of containers in one C call."""
        actions: list[Callable[..., object]] = []
        for target, name, value in attributes:
            before = read(target, name)
            if value is not ABSENT:
                self.undo(write, target, name, before)
                actions.append(writing(target, name, value))
            elif before is not ABSENT:
                self.undo(order_back, target, dict(type.__getattribute__(target, "__dict__")))
                self.undo(write, target, name, before)
                actions.append(partial(writers(target)[1], target, name))
        for mapping, key, value in items:
            self.undo(write_item, mapping, key, dict.get(mapping, key, ABSENT))
            actions.append(partial(dict.__setitem__, mapping, key, value))
        for container, content in contents:
            self._note_contents(container)
            actions += filling(container, content)
        call_all(actions, [])

    # Swaps

    def swap(self, target: Any, name: str, value: Any) -> None:
        """`target.name = value` at the next `flush()`, together with all other swaps."""
        self._swaps.append((target, name, value))

    def pending(self, namespace: dict[str, Any]) -> dict[str, Any]:
        """Names of a namespace that are to be bound at the next `flush()`: fill it, or look into it."""
        return self._pending.setdefault(id(namespace), (namespace, {}))[1]

    def leave(self, namespace: dict[str, Any], name: str) -> None:
        """Takes a name out of a remembered namespace at the next `flush()`, after code that does not use it any more."""
        self._leaving.append((namespace, name))

    def set_member(self, cls: type, name: str, value: Any) -> None:
        """`cls.name = value` at the next `flush()`; ABSENT: `del cls.name`. Before old code has gone it is not removed."""
        self._members.setdefault(id(cls), (cls, {}))[1][name] = value

    def members(self, cls: type) -> Any:
        """The attributes of a class as they are after the next `flush()`: to be looked at, not kept."""
        inside = type.__getattribute__(cls, "__dict__")
        found = self._members.get(id(cls))
        if found is None:
            return inside
        return {name: value for name, value in {**inside, **found[1]}.items() if value is not ABSENT}

    def members_wait(self, cls: type) -> bool:
        """Whether the class has other attributes after the next `flush()`, of its own or inherited."""
        return id(cls) in self._mros or bool(self._members) and any(id(base) in self._members for base in type.__getattribute__(cls, "__mro__"))

    def set_bases(self, cls: type, bases: tuple[type, ...]) -> bool:
        """`cls.__bases__ = bases` at the next `flush()`, together with its attributes. TypeError where the interpreter does not
        allow it: it is tried, and taken back in the same C call. Answers whether it is the first that waits.
        """
        waiting = {**self._bases, id(cls): (cls, bases)}
        before = [(each, type.__getattribute__(each, "__bases__")) for each, _ in waiting.values()]
        for base in type.__getattribute__(cls, "__bases__"):
            if base is not object:
                self.undo(subclasses_back, base, type.__subclasses__(base))
        affected = derived_from([each for each, _ in waiting.values()])
        tried = [partial(type.__setattr__, each, "__bases__", value) for each, value in waiting.values()]
        looks = [partial(type.__getattribute__, each, "__mro__") for each in affected]
        back = [partial(type.__setattr__, each, "__bases__", value) for each, value in reversed(before)]
        try:
            found = [*map(call, tried + looks + back)]
        except BaseException:  # the `mro` of a metaclass may raise what it likes
            call_all(back, [])
            raise
        is_first, self._bases = not self._bases, waiting
        self._mros = {id(each): (each, order) for each, order in zip(affected, found[len(tried) :])}
        return is_first

    def redirect_bases(self, stands: dict[int, Any]) -> None:
        """Puts others in the place of classes among the bases that wait. `stands`: by the id of a class, what stands for it."""
        for cls, bases in list(self._bases.values()):
            others = tuple(stands.get(id(base), base) for base in bases)
            if others != bases:
                try:
                    self.set_bases(cls, others)
                except TypeError:
                    pass  # another layout

    def bases(self, cls: type) -> tuple[type, ...]:
        """The bases of a class as they are after the next `flush()`."""
        found = self._bases.get(id(cls))
        return found[1] if found is not None else type.__getattribute__(cls, "__bases__")

    def mro(self, cls: type) -> tuple[type, ...]:
        """The method resolution order of a class as it is after the next `flush()`."""
        found = self._mros.get(id(cls))
        return found[1] if found is not None else type.__getattribute__(cls, "__mro__")

    def afterwards(self, action: Callable[[], object], makers: Iterable[FunctionType] = ()) -> None:
        """Calls a C function at the next `flush()`, right after the swaps: one that drops what old code has computed; and again
        when calls of `makers` have ended that other threads are in.
        """
        self._afterwards.append((action, makers))

    def look(self, namespace: dict[str, Any], name: str) -> Any:
        """What a name is bound to after the next `flush()`; ABSENT for nothing."""
        if self._leaving and any(each is namespace and left == name for each, left in self._leaving):
            return ABSENT
        found = self._pending.get(id(namespace))
        if found is not None and name in found[1]:
            return found[1][name]
        return namespace.get(name, ABSENT)

    def waiting(self, namespace: dict[str, Any]) -> set[str]:
        """Names of a namespace that are to be bound or removed."""
        found = self._pending.get(id(namespace))
        return {*(found[1] if found is not None else ()), *(name for each, name in self._leaving if each is namespace)}

    def leaves(self, namespace: dict[str, Any]) -> bool:
        """Whether names of a namespace are to be removed."""
        return bool(self._leaving) and any(each is namespace for each, _ in self._leaving)

    def waits_for(self, functions: set[int]) -> bool:
        return any(id(target) in functions for target, _, _ in self._swaps)

    def flush(self, withheld: Callable[[list[tuple[Any, str, Any]]], tuple[set[int], set[str]]] | None = None, rebases: bool = True) -> None:
        """Binds the waiting names, sets the waiting attributes of classes and makes the waiting swaps in one C call: no
        other thread runs between the first and the last. Then, in another one, removes what leaves: when no other thread
        is in a call that began with old code, or after a moment. `withheld`: answers the ids of functions which go on waiting,
        so that what they compute is dropped again, and names which stay for them. `rebases`: code is to be executed that may ask for
        the bases of classes, which do not wait then.

        If one is impossible, those before it have been made, are in the journal, and the exception goes on.
        """
        swaps, self._swaps = self._swaps, []
        waits, stay = withheld(swaps) if withheld is not None and swaps else (set(), set())
        self.withholds = bool(waits)
        pending, self._pending = self._pending, {}
        leaving, self._leaving = self._leaving, []
        members, self._members = self._members, {}
        bases, self._bases = self._bases, {}
        orders, self._mros = self._mros, {}
        afterwards, self._afterwards = self._afterwards, []
        if waits:
            # classes with other bases change as a whole, or not yet
            together = {each for cls, _ in (bases if rebases else orders).values() for each in _functions_of(cls)}
            if rebases:
                waits -= together
            elif not together.isdisjoint(waits):
                waits |= together
                self._members = {key: members.pop(key) for key in orders if key in members}
                self._bases, self._mros, bases, orders = bases, orders, {}, {}
            self._swaps = [swap for swap in swaps if id(swap[0]) in waits]
            swaps = [swap for swap in swaps if id(swap[0]) not in waits]
            self._afterwards = [*afterwards]
            self._leaving = [each for each in leaving if each[1] in stay]
            leaving = [each for each in leaving if each[1] not in stay]
            for cls, names in [*members.values()]:
                staying = {name: value for name, value in names.items() if value is ABSENT and name in stay}
                if staying:
                    self._members[id(cls)] = (cls, staying)
                    members[id(cls)] = (cls, {name: value for name, value in names.items() if name not in staying})
        if not swaps and not pending and not leaving and not members and not bases and not afterwards:
            return
        written, removed, went = [], [], [namespace.get(name) for namespace, name in leaving]
        for cls, value in bases.values():
            self.undo(write, cls, "__bases__", type.__getattribute__(cls, "__bases__"))
            written.append(partial(type.__setattr__, cls, "__bases__", value))
        for cls, names in members.values():
            held = type.__getattribute__(cls, "__dict__")
            self.undo(restore_members, cls, {name: held.get(name, ABSENT) for name in names}, dict(held))
            written += [partial(type.__setattr__, cls, name, value) for name, value in names.items() if value is not ABSENT]
            order = orders.get(id(cls), (cls, ()))[1][1:]
            for name in [name for name, value in names.items() if value is ABSENT and name in held]:
                # what new bases have in its place goes with the old ones, which it may need
                is_replaced = any(name in type.__getattribute__(base, "__dict__") for base in order)
                (written if is_replaced else removed).append(partial(type.__delattr__, cls, name))
            went += [held.get(name) for name in names]
        if swaps:
            made = [(target, name, read(target, name)) for target, name, _ in swaps]
            self.undo(write_all, made)
            self.replaced += [(target, value) for target, name, value in made if name == "__code__"]
        for key, (namespace, names) in pending.items():
            if names and key not in self._remembered:
                self._publish(namespace, names)
        self._given += [value for _, name, value in swaps if name == "__code__"]
        actions = [partial(dict.update, namespace, names) for namespace, names in pending.values() if names]
        actions += written
        actions += [partial(writers(target)[0], target, name, value) for target, name, value in swaps if value is not ABSENT]
        removed += [partial(dict.pop, namespace, name, None) for namespace, name in leaving]
        went = codes_of(went) if removed else []
        drops = [action for action, _ in afterwards]
        makers = [function for _, functions in afterwards for function in functions]
        call_all(actions + drops, swaps)
        if makers:
            running = {id(function): function.__code__ for function in makers}
            running.update((id(target), code) for target, code in self.replaced if id(target) in running)
            if let_end([*running.values()]):  # when a call ends that began before, its result is kept
                call_all(drops, [])
                self._late.append(([*running.values()], drops))
        if removed:
            gone = {name for _, name in leaving}
            gone.update(name for _, names in members.values() for name, value in names.items() if value is ABSENT)
            let_end([*went, *(code for _, code in self.replaced)], gone)
            call_all(removed, [])
        for target, name, value in swaps:
            if value is ABSENT:
                write(target, name, ABSENT)

    def _publish(self, namespace: dict[str, Any], names: dict[str, Any]) -> None:
        """Writes down what names were that are bound now, where nothing else of their module has been changed."""
        before = {name: namespace.get(name, ABSENT) for name in names}
        if self.beforehand is not None and not self.beforehand.of_names(namespace, before):
            self.touch(namespace)
            return
        self.undo(bind_back, namespace, before)

    # The end

    def commit(self) -> None:
        """Makes what still waits and forgets the way back. After an exception from here, call `rollback()`."""
        self.flush()
        for codes, drops in self._late:
            if are_executed(codes):
                start_new_thread(call_when_ended, (codes, drops))
        self._end()

    def rollback(self) -> list[str]:
        """Undoes everything, newest first, and answers what could not be undone (empty: all is as it was)."""
        failures: list[str] = []
        self._swaps = []
        self._pending, self._leaving, self._members, self._afterwards = {}, [], {}, []
        self._bases, self._mros = {}, {}
        # Names, members and code that were there come back in one C call, after all else.
        at_once: list[Callable[..., object]] = []
        codes: list[tuple[Any, str, Any]] = []
        spaces: dict[int, Any] = {}  # what was there first
        removals: list[Any] = []
        late: set[tuple[int, str]] = set()  # attributes of classes that come back at once: what they were before that, too
        went = list(self._given)
        for action, arguments in reversed(self._journal):
            if action is restore and id(arguments[0]) in self._remembered:
                namespace, saved = arguments
                at_once.append(partial(dict.update, namespace, saved))
                went += codes_of([value for name, value in list(namespace.items()) if saved.get(name, ABSENT) is not value])
                spaces[id(namespace)] = arguments
            elif action is write_item and id(arguments[0]) in self._remembered and arguments[2] is not ABSENT:
                at_once.append(partial(dict.__setitem__, *arguments))
            elif action is write_all:
                codes += arguments[0]
                at_once += [partial(writers(target)[0], target, name, value) for target, name, value in arguments[0]
                            if value is not ABSENT]
                removals += [(write, each) for each in arguments[0] if each[2] is ABSENT]
            elif action is bind_back:
                namespace, before = arguments
                at_once.append(partial(dict.update, namespace, {name: value for name, value in before.items() if value is not ABSENT}))
                went += codes_of([namespace.get(name) for name in before])
                removals.append((action, arguments))
            elif action is restore_members:
                cls, before, _ = arguments
                at_once += [partial(type.__setattr__, cls, name, value) for name, value in before.items() if value is not ABSENT]
                now = type.__getattribute__(cls, "__dict__")
                went += codes_of([now.get(name) for name in before])
                removals.append((action, arguments))
                late.update((id(cls), name) for name in before)
            elif action is write and arguments[1] == "__bases__":
                at_once.append(partial(type.__setattr__, *arguments))
            elif action in _AT_THE_END:
                removals.append((action, arguments))
            elif action is write and (id(arguments[0]), arguments[1]) in late:
                if arguments[2] is not ABSENT:
                    at_once.append(partial(type.__setattr__, *arguments))
                removals.append((action, arguments))
            else:
                _attempt(failures, action, *arguments)
        if not _attempt([], call_all, at_once, codes):
            for action in at_once:
                _attempt(failures, action)
        gone = {name for namespace, saved in spaces.values() for name in list(namespace) if name not in saved}
        for action, arguments in removals:
            if action is not write and action not in _AT_THE_END:
                gone.update(name for name, value in arguments[1].items() if value is ABSENT)
        let_end(went, gone)
        for action, arguments in removals:
            _attempt(failures, action, *arguments)
        for namespace, saved in spaces.values():
            _attempt(failures, restore, namespace, {name: namespace[name] for name in saved if name in namespace})
        self._end()
        return failures

    def _end(self) -> None:
        if self._loads is not None:
            self._loads.pop(get_ident(), None)
        self.__dict__.pop("session", None)  # of patch.py: a cycle, and old code must not wait for the collector
        self.__dict__.pop("hooks", None)
        kept = (self._journal, self._kept)
        self._journal, self._kept, self._given, self._remembered = [], [], [], set()
        del kept  # here, and not earlier, the old values may be finalised

    def _restore_imports(self, modules: dict[str, Any], thread: int) -> None:
        loaded = self._loads.pop(thread, []) if self._loads is not None else []
        for name in loaded:
            if name not in modules:
                module = sys.modules.pop(name, None)
                parent, _, child = name.rpartition(".")
                namespace = namespace_of(modules.get(parent))
                if module is not None and namespace is not None and namespace.get(child) is module:
                    del namespace[child]
        for name, module in modules.items():
            if sys.modules.get(name, ABSENT) is not module:
                sys.modules[name] = module


def _functions_of(cls: type) -> set[int]:
    """Ids of the functions that are a class's own methods."""
    inside = type.__getattribute__(cls, "__dict__")
    return {id(value.__func__ if type(value) in (staticmethod, classmethod) else value) for value in inside.values()}


def _attempt(failures: list[str], action: Callable[..., object], *arguments: Any) -> bool:
    """One entry that fails must not keep the others from being undone."""
    try:
        action(*arguments)
    except BaseException as error:
        failures.append(f"{type(error).__name__} while undoing: {_text(error)}")
        return False
    return True


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException:  # the program's own exception class may fail here
        return "?"
