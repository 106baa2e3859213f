"""What a statement does to containers and objects that were there before it: registrations, mostly. Undone with the
rest.

Only what the statement itself changed is put back, so that what other threads do meanwhile stays.
"""

from __future__ import annotations

import gc
import sys
from _collections import OrderedDict, defaultdict, deque
from _contextvars import ContextVar
from _functools import partial
from _weakref import ref
from opcode import opmap
from types import CodeType, FunctionType, MemberDescriptorType, MethodType, ModuleType

from .stale_objects import HEAP_TYPE, nested_codes
from .transaction import ABSENT, attributes_of, fill, namespace_of, read, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Iterable

    from .patch_execution import Execution
    from .transaction import Transaction

STILL_REGISTERED = "what it registered before the edit is still registered"
_LARGEST = 10_000  # items of one container
_MOST = 500  # containers, and objects on the way to them, for one statement
_DEEPEST = 3
# Containers, and what holds the contents of each.
_CONTAINERS: dict[type, type] = {
    dict: dict, list: list, set: set, defaultdict: dict, OrderedDict: dict, deque: list
}
# Methods of containers that change them.
CHANGERS = frozenset(
    "add append appendleft clear discard extend extendleft insert pop popitem popleft remove reverse setdefault sort update".split()
)


_STORE_GLOBAL = opmap["STORE_GLOBAL"]
_STORES = frozenset((_STORE_GLOBAL, opmap["STORE_ATTR"], opmap["DELETE_ATTR"], opmap["DELETE_GLOBAL"]))
_SAYS = "__doc__", "__name__", "__qualname__", "__module__", "__defaults__", "__kwdefaults__", "__code__"  # what functions do
_BY_THE_INTERPRETER = frozenset(("__abstractmethods__", "_abc_impl", "__annotations_cache__", "__annotations__"))


class Watch:
    """Containers that a statement can reach by the names that it uses, as they were before it."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._before: list[tuple[Any, Any]] = []
        self._bare: list[Any] = []  # what has no attributes yet
        self._seen: set[int] = set()
        self._classes: list[tuple[type, dict[str, Any]]] = []
        self._functions: list[tuple[FunctionType, tuple[Any, ...]]] = []  # and what they say of themselves
        self.results: list[tuple[Any, Any]] = []  # what functions have kept by weak references: only ever found anew
        self.attributes: list[tuple[type, str, Any]] = []  # of classes, that the statement set, changed or deleted; what they were
        self._others: list[tuple[Any, Any]] = []  # what holds values in another way than by containers, and which
        self.altered: list[Any] = []  # those of them that have other values
        self._names: list[tuple[dict[str, Any], str, Any]] = []
        self.bound: list[tuple[dict[str, Any], str, Any]] = []  # names of modules that it bound anew, and what they were before
        self.changed: list[tuple[Any, Any]] = []  # containers whose contents the statement changed, and the contents before

    def reach(self, own: str, inputs: Iterable[tuple[str | None, str, str | None]]) -> None:
        for module, name, attribute in inputs:
            namespace = namespace_of(sys.modules.get(own if module is None else module))
            if namespace is None:
                continue
            value = _named(namespace, name)
            if attribute is not None and issubclass(type(value), ModuleType):
                inner = namespace_of(value)
                if inner is not None and attribute == "__dict__":
                    self._names += [(inner, each, inner[each]) for each in inner]
                value = ABSENT if inner is None else inner.get(attribute, ABSENT)
                if inner is not None:
                    self._names.append((inner, attribute, value))
            elif module is not None and attribute is None:
                self._names.append((namespace, name, value))
            elif issubclass(type(value), ModuleType):
                inner = namespace_of(value)
                self._names += [(inner, each, inner[each]) for each in inner] if inner is not None else []
            if value is not ABSENT:
                self._reach(value, 0, () if attribute is None else (attribute,))
                if attribute is not None and issubclass(type(value), type):  # in the body of a class: what it has bound before
                    self._reach(self._transaction.members(value).get(attribute), 0)

    def reach_values(self, values: Iterable[Any]) -> None:
        for value in values:
            self._reach(value, 0)

    def _reach(self, value: Any, depth: int, asked: Iterable[str] = ()) -> None:
        """`asked`: attributes that may be read of it, and called."""
        kind = type(value)
        if depth > _DEEPEST or len(self._before) > _MOST:
            return
        if id(value) in self._seen:
            if asked and kind not in _CONTAINERS and kind is not FunctionType:
                self._reach_class(value if issubclass(kind, type) else kind, depth, asked)
        elif kind in _CONTAINERS:
            self._seen.add(id(value))
            if len(value) <= _LARGEST:
                self._before.append((value, _CONTAINERS[kind](value)))
                if depth < _DEEPEST and kind is not set and len(value) <= 100:
                    for each in list(value.values()) if _CONTAINERS[kind] is dict else list(value):
                        if type(each) in _CONTAINERS:
                            self._reach(each, depth + 1)
        elif kind is FunctionType:
            self._seen.add(id(value))
            if depth == 0:
                self._reach(value.__dict__, depth)
                self._functions.append((value, _said_of(value)))
            names = _names(value.__code__)
            stores = {operation for code in nested_codes(value.__code__) for operation in code.co_code[::2]} & _STORES
            if _STORE_GLOBAL in stores:
                self._names += [(value.__globals__, name, value.__globals__.get(name, ABSENT)) for name in names]
            for name in names:
                inner = value.__globals__.get(name)
                if (stores or "setattr" in names) and issubclass(type(inner), ModuleType) and inner is not value.__globals__:
                    inside = namespace_of(inner) or {}
                    said = names if "setattr" not in names else inside
                    self._names += [(inside, each, inside.get(each, ABSENT)) for each in said]
                if inner is not None and not issubclass(type(inner), ModuleType):
                    self._reach(inner, depth + 1, names)
            for inner in value.__code__.co_consts:
                if callable(inner):  # of a function that calls another one: see patch_code.py
                    self._reach(inner, depth)
            for cell in value.__closure__ or ():
                try:
                    inner = cell.cell_contents
                except ValueError:
                    continue
                self._reach(inner, depth + 1, names)
        elif kind is MethodType:
            self._reach(value.__self__, depth, (value.__func__.__name__,))
        elif issubclass(kind, type):
            self._seen.add(id(value))
            if depth == 0 and value.__flags__ & HEAP_TYPE:
                self._classes.append((value, dict(type.__getattribute__(value, "__dict__"))))
            self._reach_class(value, depth, asked)
            if kind is not type:
                self._reach_class(kind, depth, asked)  # what making a class runs
        elif not issubclass(kind, ModuleType):
            if (held := held_by(value)) is not None:
                self._seen.add(id(value))
                self._others.append((value, held))
            inner = attributes_of(value)
            if inner is None and kind is partial:
                self._seen.add(id(value))
                self._bare.append(value)
            if inner is not None and kind.__module__ not in ("builtins", "_thread", "threading"):
                self._seen.add(id(value))
                self._reach(inner, depth)
                if kind.__name__ == "WeakKeyDictionary" and type(inner.get("data")) is dict:
                    self.results.append((inner["data"], dict(inner["data"])))
                spoken = self._reach_class(kind, depth, asked)
                for name in spoken:
                    part = inner.get(name)  # `self.router.add(…)`
                    if part is not None and type(part) not in _CONTAINERS and not issubclass(type(part), ModuleType):
                        self._reach(part, depth + 1, spoken)

    def _reach_class(self, cls: type, depth: int, asked: Iterable[str]) -> set[str]:
        """What its attributes hold, and what the methods can reach that are asked for, that those may call, and that
        the interpreter calls. The names that these speak of.
        """
        spoken: set[str] = set()
        methods: dict[str, FunctionType] = {}
        for base in type.__getattribute__(cls, "__mro__"):
            if not base.__flags__ & HEAP_TYPE:
                continue
            for name, inner in list(type.__getattribute__(base, "__dict__").items()):
                if type(inner) in _CONTAINERS:
                    self._reach(inner, depth + 1)
                    continue
                if type(inner) in (staticmethod, classmethod):
                    inner = inner.__func__
                if type(inner) is FunctionType:
                    methods.setdefault(name, inner)
        if depth < 2:
            waiting = [*asked, *(name for name in methods if name[:2] == "__" == name[-2:])]
            while waiting and len(self._seen) < _MOST:
                method = methods.pop(waiting.pop(), None)
                if method is not None:
                    names = _names(method.__code__)
                    spoken.update(names)
                    waiting += names
                    self._reach(method, depth + 1)
        return spoken

    def begin(self) -> None:
        """Before the statement: what it does is undone also if `settle` does not come to it."""
        self._transaction.undo(self.recover)

    def settle(self) -> None:
        """After the statement, whether it failed or not: writes down how to undo what it did."""
        undo = self._transaction.undo
        self._note_bare()
        while self._before:
            container, before = self._before[-1]
            if not _alike(container, before):
                self.changed.append((container, before))
            _settle(container, before, undo)
            self._before.pop()
        self.changed.reverse()
        self.bound = [each for each in self._names if each[0].get(each[1], ABSENT) is not each[2]]
        self._names.clear()
        self.altered = [value for value, held in self._others if not _is_held(value, held)]
        self._others.clear()
        while self._functions:
            function, said = self._functions[-1]
            _settle_function(function, said, undo)
            self._functions.pop()
        while self._classes:
            cls, earlier = self._classes[-1]
            self.attributes += [(cls, name, earlier.get(name, ABSENT)) for name in _settle_class(cls, earlier, undo)]
            self._classes.pop()

    def _note_bare(self) -> None:
        """What has got attributes had none before."""
        while self._bare:
            if inner := attributes_of(self._bare.pop()):
                self._before.append((inner, {}))

    def before(self) -> list[tuple[Any, Any]]:
        """Containers, and what was in them."""
        return list(self._before)

    def recover(self) -> None:
        """On rollback, after all that `settle` has written down."""
        self._note_bare()
        for container, before in self._before:
            _settle(container, before, _at_once)
        for function, said in self._functions:
            _settle_function(function, said, _at_once)
        for cls, earlier in self._classes:
            _settle_class(cls, earlier, _at_once)
        if any(type(before) is dict and _has_class_keys(container) for container, before in self.changed):
            for container, before in self.results:  # of `functools.singledispatch`: what was called since then has been kept
                fill(container, before)


def held_by(value: Any) -> tuple[Any, ...] | None:
    """What an object holds that is neither a plain container nor in its `__dict__`; None if it is not known to hold anything."""
    kind = type(value)
    if kind is ContextVar:
        return (value.get(ABSENT),)
    if kind is bytearray or kind.__name__ == "array" and kind.__module__ == "array":
        return (bytes(value),)
    if kind.__name__ == "count" and kind.__module__ == "itertools":
        return (repr(value).encode(),) if all(type(each) is int or each is kind for each in gc.get_referents(value)) else None
    if kind.__name__ == "_local" and kind.__module__ == "_thread":
        return tuple(each for pair in kind.__getattribute__(value, "__dict__").items() for each in pair)
    if issubclass(kind, dict):
        return (*dict.keys(value), *dict.values(value)) if dict.__len__(value) <= _LARGEST else None
    if issubclass(kind, list):
        return tuple(list.copy(value)) if list.__len__(value) <= _LARGEST else None
    slots = [
        inside for base in type.__getattribute__(kind, "__mro__") if base.__flags__ & HEAP_TYPE and "__slots__" in type.__getattribute__(base, "__dict__")
        for inside in type.__getattribute__(base, "__dict__").values() if type(inside) is MemberDescriptorType
    ]
    return tuple(_slot(each, value) for each in slots) if slots else None


def _slot(slot: Any, value: Any) -> Any:
    try:
        return MemberDescriptorType.__get__(slot, value)
    except AttributeError:
        return ABSENT


def _is_held(value: Any, held: tuple[Any, ...]) -> bool:
    now = held_by(value)
    return now is not None and len(now) == len(held) and all(new is old or type(new) is bytes and new == old for new, old in zip(now, held))


def _named(namespace: dict[str, Any], name: str) -> Any:
    """`a.b.c` of a module, and "@a/b" for the module a.b."""
    first, *rest = name.split(".")
    value = sys.modules.get(first[1:].replace("/", "."), ABSENT) if first[:1] == "@" else namespace.get(first, ABSENT)
    for part in rest:
        if value is ABSENT:
            break
        inner = namespace_of(value)
        value = inner.get(part, ABSENT) if inner is not None else read(value, part)
    return value


def settle_keys(execution: Execution, entry: dict[str, Any], watch: Watch) -> bool:
    """Of dictionaries that a definition entered its function in: it is not under the keys any more under which it was before,
    where the statement says the new ones. Whether it is still there under others.
    """
    stays = False
    for container, before in watch.changed:
        if type(before) is not dict:
            continue
        ours = [key for key, value in before.items() if _is_of(value, entry)]
        entered = [key for key, value in list(container.items()) if before.get(key, ABSENT) is not value and _is_of(value, entry)]
        left = [key for key in ours if container.get(key, ABSENT) is before[key]] if entered else []
        if left and entry["registers"] and len(entered) == len(ours) and all(_is_said(key, entry, execution) for key in entered):
            instead = dict(zip(left, (key for key in entered if key not in ours)))
            moved = {key for key in instead.values() if key not in before}
            contents = {instead.get(key, key): None for key in container if key not in moved}
            execution.transaction.replace_contents(container, {key: container[key] for key in contents})
            for results, _ in watch.results if _has_class_keys(container) else ():
                execution.transaction.replace_contents(results, {})
            continue
        for key in left:
            stays = True
            one = (ref(before[key]), id(container), _weakly(key))
            _LEFT.append(one)
            execution.transaction.undo(_forget, one)
    return stays


def _has_class_keys(container: dict[Any, Any]) -> bool:
    return any(issubclass(type(key), type) for key in list(container))


def _is_said(key: Any, entry: dict[str, Any], execution: Execution) -> bool:
    """Whether a statement itself says a key: a class, a text, or what it reads. One that is counted, say, would be another one
    if the definition had not been there already.
    """
    if issubclass(type(key), type):
        return True
    if type(key) is tuple:
        return all(_is_said(each, entry, execution) for each in key)
    if type(key) is int or type(key) is float:
        return False
    if type(key) is str and any(key in code.co_consts for code in nested_codes(entry["code"])):
        return True
    read = (execution.session.live(module or execution.name, name) for module, name, attribute in entry["inputs"] if attribute is None)
    return any(value is key for value in read)


# What statements registered that are another text now: (the function, the id of the dictionary, the key). None of it is held.
_LEFT: list[tuple[Callable[[], Any], int, Callable[[], Any]]] = []


def say_registered(changes: list[dict[str, Any]], altered: dict[int, FunctionType], namespace: dict[str, Any]) -> None:
    """Of definitions that are edited once more: what is still found where an earlier text of it was registered."""
    for left in list(_LEFT):
        function = left[0]()
        if function is None:
            _forget(left)
        elif id(function) in altered and function.__globals__ is namespace:
            if not _is_there(function, left[1], left[2]()):
                _forget(left)
                continue
            told = [each for each in changes if each["symbol"] == function.__code__.co_qualname and "range" in each]
            if told and all(each["applied"] for each in told):
                changes.append({**told[-1], "applied": False, "reason": STILL_REGISTERED})


def _is_there(function: FunctionType, number: int, key: Any) -> bool:
    for holder in gc.get_referrers(function):
        if id(holder) == number and type(holder) in _CONTAINERS and _CONTAINERS[type(holder)] is dict:
            return dict.get(holder, key) is function
    return False


def _weakly(key: Any) -> Callable[[], Any]:
    try:
        return ref(key)
    except TypeError:  # a text, a number: nothing of the program hangs on it
        return lambda: key


def _forget(left: tuple[Any, Any, Any]) -> None:
    _LEFT[:] = [each for each in _LEFT if each is not left]


def _names(code: CodeType) -> list[str]:
    """Global names and attributes that a function speaks of, in the functions inside of it too."""
    found = list(code.co_names)
    for constant in code.co_consts:
        if type(constant) is CodeType:
            found += _names(constant)
    return found


def _is_of(value: Any, entry: dict[str, Any]) -> bool:
    """Whether a value is the function of a definition: by its name, and not by the line of another one of that name."""
    if type(value) is not FunctionType or value.__code__.co_qualname != entry["symbol"]:
        return False
    line = value.__code__.co_firstlineno
    return not any(first <= line <= last for first, last in entry["elsewhere"])


def _alike(container: Any, before: Any) -> bool:
    """Whether a container holds the same objects in the same order."""
    if len(container) != len(before):
        return False
    if type(before) is dict:
        return list(map(id, container)) == list(map(id, before)) and list(map(id, container.values())) == list(
            map(id, before.values())
        )
    if type(before) is list:
        return list(map(id, container)) == list(map(id, before))
    return container == before


def _at_once(action: Callable[..., object], *arguments: Any) -> None:
    action(*arguments)


def _settle(container: Any, before: Any, undo: Callable[..., None]) -> None:
    if type(before) is dict:
        _note_dict(undo, container, before)
    elif type(before) is list:
        _note_list(undo, container, before)
    else:
        added, removed = set(container) - before, before - set(container)
        if added or removed:
            undo(_undo_set, container, added, removed)


def _settle_class(cls: type, earlier: dict[str, Any], undo: Callable[..., None]) -> list[str]:
    """The attributes that differ."""
    now = type.__getattribute__(cls, "__dict__")
    names = []
    for name in {**earlier, **now}:
        old = earlier.get(name, ABSENT)
        if now.get(name, ABSENT) is not old and name not in _BY_THE_INTERPRETER:
            undo(write, cls, name, old)
            names.append(name)
    return names


def _said_of(function: FunctionType) -> tuple[Any, ...]:
    return tuple(getattr(function, name) for name in _SAYS)


def _settle_function(function: FunctionType, said: tuple[Any, ...], undo: Callable[..., None]) -> None:
    for name, old in zip(_SAYS, said):
        if getattr(function, name) is not old:
            undo(setattr, function, name, old)


def _note_dict(undo: Callable[..., None], container: dict[Any, Any], before: dict[Any, Any]) -> None:
    changed = {}
    for key, value in list(container.items()):
        old = before.get(key, ABSENT)
        if old is not value:
            changed[key] = (old, value)
    for key, old in before.items():
        if key not in container:
            changed[key] = (old, ABSENT)
    if changed:
        undo(_undo_dict, container, changed)


def _undo_dict(container: dict[Any, Any], changed: dict[Any, tuple[Any, Any]]) -> None:
    for key, (old, new) in changed.items():
        if container.get(key, ABSENT) is new:
            if old is ABSENT:
                container.pop(key, None)
            else:
                container[key] = old


def _note_list(undo: Callable[..., None], container: Any, before: list[Any]) -> None:
    length = len(before)
    same = len(container) >= length
    if same:
        for old, now in zip(before, container):
            if old is not now:
                same = False
                break
    if not same:
        undo(_undo_list, container, before)
    elif len(container) > length:
        undo(_undo_appends, container, list(container)[length:])


def _undo_list(container: Any, before: list[Any]) -> None:
    container.clear()
    container.extend(before)


def _undo_appends(container: Any, added: list[Any]) -> None:
    for value in reversed(added):
        for index in range(len(container) - 1, -1, -1):
            if container[index] is value:
                del container[index]
                break


def _undo_set(container: set[Any], added: set[Any], removed: set[Any]) -> None:
    container -= added
    container |= removed
