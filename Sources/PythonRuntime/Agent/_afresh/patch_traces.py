"""What a statement did to others when it ran last and does not do any more: a branch that is not taken now, an item that its list has
lost. Told by its traces (`checker/traces.py`) with the values of before and of now.

Where the text of the other module says what a name was before, it is that again; else what stays is said.
"""

from __future__ import annotations

import builtins
import sys
from opcode import hasjabs, hasjrel, opname
from types import FunctionType, ModuleType

from .patch_contents import REMOVED, VALUE, own_attributes
from .patch_values import is_data, is_immutable, same
from .stale_imports import CACHE, operations
from .stale_objects import nested_codes
from .transaction import ABSENT, namespace_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from collections.abc import Sequence
    from typing import Any

    from .patch_execution import Execution

    Site = tuple[str, str, "str | None"]
    Places = tuple[tuple[Site, int, int], ...]
    Trace = tuple[CodeType, tuple[Site, ...], tuple[str, ...], tuple[Site, ...], tuple[Site, ...], Places]
    Done = tuple[str, str, tuple[Any, ...]]  # its kind and its name, and what it was called with, or which place it is

STAYS = "what it did when it ran last stays"
_NOTE = "<note>"
_MOST = 10_000  # notes of one statement
_DEEPEST = 3
_MANY = {"names": "name", "items": "item", "sets": "set"}  # places with any number of keys
_UNLESS = {f"{kind} unless": kind for kind in _MANY.values()}  # that are only set if nothing is there
_ONE = {**_MANY, **_UNLESS}
_UNTOLD = repr(...)  # what nobody can tell without running code of the program


class Unknown(Exception):
    """What a statement did cannot be told without running the program's own code."""


NOTHING, OTHERS, REMAINS, UNTOLD = range(4)  # what it does not do any more: nothing, what others do instead, what stays, nobody knows


def settle_lost(execution: Execution, entry: dict[str, Any], effects: Effects, read: set[str]) -> int:
    """After an entry ran again: whether something stays that it does not do any more. `read`: the names that it has asked for."""
    before, now, covered = entry["traces"]
    has_failed = now is not None and any(name.partition(".")[0] in read for name in now[2])
    earlier = _done(execution, before, True)
    present = {} if now is None else None if has_failed else _done(execution, now, False)
    known = earlier is not None and present is not None
    handles = now is not None and bool(now[2])  # then it may have done some of it
    if known:
        lost = [each for each in earlier if each not in present or _UNTOLD in each[2] and len(earlier[each]) > len(present[each])]
    else:
        sure = [(_ONE.get(one[0], one[0]), *one[1:]) for one in (() if now is None else now[4] if has_failed else now[3])]
        said = {(_ONE.get(kind, kind), name, () if key is None else (key,)): [] for kind, name, key in (*before[1], *before[4])} if earlier is None else earlier
        lost = [each for each in said if each[0] != "name" and not _is_among(sure, each) and not effects.includes(_object(execution, each[1]), each, handles)]
    stays = _is_left(execution, entry, earlier or {})
    for each in lost if execution.steps is None or not execution.steps.are_known or not execution.steps.fail else ():
        if each[0] == "call":
            again = _count(present, each)
            stays = stays or not again or _count(earlier, each) > again or effects.add_up() or effects.are_unseen() and _adds(each[1])
        elif _named(each) not in covered and _is_there(execution, each, (earlier or {}).get(each, ())):
            stays = not known or not _is_as_before(execution, entry, each) or stays
    return REMAINS if stays else UNTOLD if not known else OTHERS if lost else NOTHING


def _is_left(execution: Execution, entry: dict[str, Any], earlier: dict[Done, list[Any]]) -> bool:
    """Whether what a statement that handles exceptions may have done is there, and it has not come to that now. What it has called stays too, where
    it fails now, gives something else, and nothing says that it has failed before.
    """
    steps = execution.steps
    before, now, covered = entry["traces"]
    if steps is None or not steps.are_known or now is None:
        return False
    reached = [(_ONE.get(kind, kind), name, key) for (kind, name, key), first, last in now[5] if steps.reach(first, last)]
    missed = {(_ONE.get(kind, kind), name, () if key is None else (key,)) for (kind, name, key), _, _ in before[5]}
    missed = {each for each in missed if not _is_among(reached, each) and _named(each) not in covered}
    missed |= {(kind, name, ()) for (kind, name, _), first, last in now[5] if kind == "call" and before == now and not steps.reach(first, last)}
    done = [each for each in earlier if (each[0], each[1], ()) in missed and each[2]]
    done += [each for each in missed if each[2] or each[0] == "call" or not earlier]
    places = [each for each in done if each[0] != "call"]
    if any(_is_there(execution, each, earlier.get(each, ())) for each in places):
        return True
    body = [(_ONE.get(kind, kind), name) for kind, name, _ in before[1]]
    has_failed = any(each[:2] in body and each[2] and _UNTOLD not in each[2] for each in places)  # it has not come to these before either
    marks = [execution.session.marks.get((execution.name, name)) for name in entry["binds"]]
    differs = not marks or any(mark is not None and mark.level >= VALUE for mark in marks)
    return steps.fail and differs and not has_failed and any(each[0] == "call" and each[:2] in body for each in done)


def _is_among(sites: list[Site], done: Done) -> bool:
    return any((kind, name) == done[:2] and (key is None or not done[2] or done[2][0] == key) for kind, name, key in sites)


class Effects:
    """What the last statement has changed: containers, and names of other modules, each with what it was before."""

    def __init__(
        self, grown: list[tuple[Any, Any]], bound: list[tuple[dict[str, Any], str, Any]], without: Sequence[Any] = ()
    ) -> None:
        """`without`: containers from which what the statement had put there has been taken."""
        self._grown = grown
        self._bound = bound
        self._without = {id(each) for each in without}

    def add_up(self) -> bool:
        """Whether they came to what an earlier call had left: a dictionary has more keys, something is missing, a function counts."""
        others = [(value, before) for value, before in self._grown if id(value) not in self._without]
        if any(len(value) < len(before) or type(before) is dict and len(value) > len(before) for value, before in others):
            return True
        return self.counts()

    def counts(self) -> bool:
        """Whether a function has made more of what a name stood for: `name += 1`."""
        return any(_counts(value.__code__, name) for space, name, _ in self._bound for value in list(space.values()) if type(value) is FunctionType)

    def are_unseen(self) -> bool:
        return not self._grown and not self._bound

    def includes(self, owner: Any, done: Done, closely: bool = False) -> bool:
        """Whether that has been done just now, as far as one can see. `closely`: other places in the same thing are no sign."""
        kind, _, which = done
        if kind == "call":
            return bool(self._grown or self._bound)
        held = namespace_of(owner)
        if kind == "set" and any(each is held and name in which for each, name, _ in self._bound):
            return True
        inside = own_attributes(owner) if kind == "set" else owner
        if closely and which and type(inside) is dict:
            return any(value is inside and value.get(which[0], ABSENT) is not before.get(which[0], ABSENT) for value, before in self._grown)
        return any(value is inside for value, _ in self._grown)


def _adds(function: str) -> bool:
    """Whether calling it with something else leaves what it has done with the first, by its name: `sys.path.insert`, `B.register`."""
    return function.rpartition(".")[2].lower().startswith(_ADDING)


def _counts(code: CodeType, name: str) -> bool:
    """Whether a function does something like `name += 1`."""
    if name not in code.co_names:
        return False
    steps = operations_of(code)
    stores = [at for at, (_, each, argument) in enumerate(steps) if opname[each] == "STORE_GLOBAL" and code.co_names[argument] == name]
    return any(at and opname[steps[at - 1][1]] == "BINARY_OP" and steps[at - 1][2] >= _IN_PLACE for at in stores)


def _count(done: dict[Done, list[Any]] | None, call: Done) -> int:
    return sum(len(times) for each, times in (done or {}).items() if each[:2] == call[:2])


def _named(done: Done) -> str:
    kind, name, which = done
    return f"{name}()" if kind == "call" else f"{name}.{which[0] if which else '*'}" if kind == "set" else name


def _done(execution: Execution, trace: Trace, earlier: bool) -> dict[Done, list[Any]] | None:
    """What a statement does, and with which values each time; None where it cannot be told."""
    code, sites = trace[:2]
    found: list[tuple[str, str, tuple[Any, ...], Any]] = []

    def note(number: int, *arguments: Any) -> None:
        if number < 0 or len(found) > _MOST:
            raise Unknown
        kind, name, _ = sites[number]
        if kind in _MANY:
            found.extend((_MANY[kind], name, (each,), ...) for each in arguments)
        elif kind in _UNLESS:
            found.append((_UNLESS[kind], name, arguments, ...))
        else:
            found.append((kind, name, arguments, ...) if kind == "call" else (kind, name, arguments[:1], arguments[-1]))

    try:
        exec(code, {"__builtins__": {}}, _Values(execution, earlier, note))
    except Exception:
        return None
    done: dict[Done, list[Any]] = {}
    for kind, name, which, value in found:
        done.setdefault((kind, name, tuple(map(_hashable, which))), []).append(value)
    return done


def done_before(execution: Execution, entry: dict[str, Any]) -> list[Any]:
    """What a statement gave to what it called when it ran last: texts and numbers, and what names stood for by the names."""
    done = _done(execution, entry["traces"][0], True) if entry["traces"] is not None else None
    return [given for kind, _, which in done or () if kind == "call" for given in which]


def _hashable(value: Any) -> Any:
    return value if type(value) is str or type(value) is int else repr(value)  # of plain data


class _Values(dict[str, Any] if TYPE_CHECKING else dict):
    """The names that a trace reads: plain data, and modules with such. Of others only which they are."""

    def __init__(self, execution: Execution, earlier: bool, note: Any) -> None:
        self[_NOTE] = note
        self._execution = execution
        self._earlier = earlier

    def __missing__(self, name: str) -> Any:
        execution = self._execution
        value = _at(execution, execution.name, execution.namespace, name, self._earlier)
        if value is ABSENT:
            value = builtins.__dict__.get(name, ABSENT)
            if name not in PURE:
                raise Unknown
            return value
        return _shown(execution, value, _known_as(execution, execution.name, execution.namespace, name, name, self._earlier), self._earlier)


class _Module:
    def __init__(self, execution: Execution, module: ModuleType, name: str, earlier: bool) -> None:
        self.__dict__[_NOTE] = (execution, module, name, earlier)

    def __getattr__(self, attribute: str) -> Any:
        execution, module, name, earlier = self.__dict__[_NOTE]
        inside = namespace_of(module) or {}
        home = str(inside.get("__name__"))
        value = _at(execution, home, inside, attribute, earlier)
        if value is ABSENT:
            raise Unknown
        return _shown(execution, value, _known_as(execution, home, inside, attribute, f"{name}.{attribute}", earlier), earlier)

    def __repr__(self) -> str:
        return str(self.__dict__[_NOTE][2])

    def _unknown(self, *_: Any) -> Any:
        raise Unknown

    __bool__ = __iter__ = __len__ = __eq__ = __hash__ = __contains__ = __getitem__ = _unknown  # type: ignore[assignment]


class _Other(_Module):
    """Something of which nothing can be asked."""

    def __init__(self, name: str) -> None:
        self.__dict__[_NOTE] = (None, None, name, False)

    def __getattr__(self, attribute: str) -> Any:
        return _Other(f"{self}.{attribute}")


def _at(execution: Execution, module: str, namespace: dict[str, Any], name: str, earlier: bool) -> Any:
    mark = execution.session.marks.get((module, name)) if earlier else None
    if mark is not None and mark.level >= VALUE:
        return mark.old
    waiting = {} if earlier else execution.transaction.pending(namespace)
    return waiting[name] if name in waiting else namespace.get(name, ABSENT)


def _known_as(execution: Execution, module: str, namespace: dict[str, Any], name: str, said: str, earlier: bool) -> str:
    """What a name is called: otherwise where it stood for another object, unless all that was done to that is gone."""
    if not earlier or module == execution.name and name in execution.refilled:
        return said
    is_other = _at(execution, module, namespace, name, True) is not _at(execution, module, namespace, name, False)
    return f"{said} before" if is_other else said


def _shown(execution: Execution, value: Any, name: str, earlier: bool, depth: int = 0) -> Any:
    if is_data(value):
        return value
    if issubclass(type(value), ModuleType):
        return _Module(execution, value, name, earlier)
    if type(value) in (list, tuple) and depth < _DEEPEST:
        return type(value)(_shown(execution, each, _called(each), earlier, depth + 1) for each in value)
    if type(value) is dict and depth < _DEEPEST and is_data(list(value)):
        return {key: _shown(execution, each, _called(each), earlier, depth + 1) for key, each in value.items()}
    return _Other(name)


def _called(value: Any) -> str:
    """Functions and classes are the same by their names: who holds them has what they have become."""
    if type(value) is FunctionType or issubclass(type(value), type):
        return f"{value.__module__}.{value.__qualname__}"
    return f"<{id(value)}>"


def _is_there(execution: Execution, done: Done, values: Sequence[Any]) -> bool:
    """Whether a place that is not set any more is still there, as far as dictionaries tell, with what it was given last."""
    kind, name, which = done
    if kind == "name":
        return not which or _UNTOLD in which or which[0] in execution.namespace
    owner = _object(execution, name)
    if owner is ABSENT or not which or _UNTOLD in which:
        return True
    key = which[0]
    if kind == "item":
        inside: Any = owner if type(owner) is dict else None
        if inside is not None and type(key) is str and key not in inside:
            return any(repr(each) == key for each in list(inside))  # a key that is no text or number
    elif (inside := namespace_of(owner)) is None:
        inside = type.__getattribute__(owner, "__dict__") if issubclass(type(owner), type) else own_attributes(owner)
        if not inside and not type(owner).__dictoffset__:
            return True
    if inside is None or key not in inside:
        return inside is None
    return not values or not is_data(values[-1]) or values[-1] is ... or same(inside[key], values[-1])


def _object(execution: Execution, name: str) -> Any:
    first, *rest = name.split(".")
    value = sys.modules.get(first[1:].replace("/", "."), ABSENT) if first[:1] == "@" else execution.namespace.get(first, ABSENT)
    for part in rest:
        inside = namespace_of(value)
        if inside is None:
            inside = type.__getattribute__(value, "__dict__") if issubclass(type(value), type) else own_attributes(value)
        value = inside.get(part, ABSENT)
    return value


# What it was before

def _is_as_before(execution: Execution, entry: dict[str, Any], done: Done) -> bool:
    """Gives a name of a module the value that its own text says, if nothing else can have given it another one."""
    kind, name, which = done
    codes = execution.session.codes()
    if kind == "name":
        module, namespace, attribute = execution.name, execution.namespace, which[0] if which else None
    elif kind == "set" and which:
        owner, attribute = _object(execution, name), which[0]
        namespace = namespace_of(owner)
        module = str((namespace or {}).get("__name__"))
    else:
        return False
    if namespace is None or type(attribute) is not str or module not in codes:
        return False
    for each, code in codes.items():
        allowed = _stores(entry["code"], attribute) if each == execution.name else 0
        if _stores(code, attribute) > allowed:
            return False
    value = first_value(codes[module], attribute)
    if value is NOT_SAID:
        return False
    old = namespace.get(attribute, ABSENT)
    if not same(old, value):
        execution.session.mark(module, attribute, REMOVED if value is ABSENT else VALUE, old)
        execution.session.written[module, attribute] = execution.name, entry["line"]
        if value is ABSENT:
            execution.transaction.delete_item(namespace, attribute)
        else:
            execution.transaction.set_item(namespace, attribute, value)
    return True


def _stores(code: CodeType, name: str) -> int:
    """How often code sets an attribute of that name, or a name of its module from inside a function."""
    count = 0
    for each in nested_codes(code):
        if name in each.co_names:
            count += sum(opname[operation] in _SETS and each.co_names[argument] == name for _, operation, argument in operations_of(each))
        if not _BY_NAME.isdisjoint(each.co_names) and name in each.co_consts:
            count += 1
    return count


def first_value(code: CodeType, name: str) -> Any:
    """What a module's text gives a name: ABSENT if it says nothing of it, `NOT_SAID` if that is no constant that it always has."""
    found: Any = ABSENT
    last: Any = NOT_SAID
    skipped = 0  # up to where a jump may lead
    if ("*",) in code.co_consts or code.co_exceptiontable and name in code.co_names:
        return NOT_SAID
    for at, operation, argument in operations_of(code):
        if operation in _JUMPS:
            skipped = max(skipped, at + 2 * argument + _CACHES)
        elif opname[operation] == "LOAD_CONST":
            last = code.co_consts[argument] if is_immutable(code.co_consts[argument]) else NOT_SAID
            continue
        elif opname[operation] in _BINDS and code.co_names[argument] == name:
            if found is not ABSENT or at < skipped or opname[operation] != "STORE_NAME":
                return NOT_SAID
            found = last
        last = NOT_SAID
    return found


def operations_of(code: CodeType) -> list[tuple[int, int, int]]:
    """Places, operations, arguments."""
    return [(unit << 1, operation, argument) for unit, operation, argument in operations(code) if operation != CACHE]


_ADDING = tuple(
    "add append connect discard extend filter include insert install mount pickle pop push put register remove simplefilter subscribe unregister"
    .split()
)
NOT_SAID = object()
_IN_PLACE = 13  # arguments of BINARY_OP from here on: `+=` and the like
_CACHES = 24  # bytes after an instruction, at most
_JUMPS = frozenset(each for each in (*hasjrel, *hasjabs) if "BACKWARD" not in opname[each])
_BINDS = frozenset(("STORE_NAME", "STORE_GLOBAL", "DELETE_NAME", "DELETE_GLOBAL"))
_SETS = frozenset(("STORE_ATTR", "DELETE_ATTR", "STORE_GLOBAL", "DELETE_GLOBAL"))
_BY_NAME = frozenset(("setattr", "delattr", "globals", "vars", "__dict__"))
PURE = frozenset(
    "abs all any bool dict divmod enumerate float frozenset int len list max min range reversed round set sorted str sum tuple zip".split()
)
