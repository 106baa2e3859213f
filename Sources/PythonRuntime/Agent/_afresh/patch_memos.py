"""Results that wrappers keep of the functions that they stand for: `cache[n] = f(n)` in what a decorator made. Known by their code."""

from __future__ import annotations

import sys
from _opcode import stack_effect
from opcode import HAVE_ARGUMENT, opname
from types import CellType, FunctionType

from .patch_contents import own_attributes
from .patch_merge import content
from .patch_spoken import name_of
from .patch_values import is_data
from .transaction import ABSENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

    from .transaction import Transaction

    Path = tuple[str, ...]  # a variable, and attributes of it
    Instruction = tuple[str, int, int]  # its name, its argument, what it does to the stack

KEEPS = "what stands before it keeps results that code which changed has computed"


class Memo:
    """One place in which a wrapper keeps results."""

    __slots__ = ("function", "owner", "place", "sources")

    def __init__(self, function: FunctionType, owner: Any, place: Path, sources: set[Path]) -> None:
        self.function = function
        self.owner = owner  # the object whose method the function is
        self.place = place
        self.sources = sources  # what the results come from, among other things

    def holds(self) -> bool:
        """Whether there are results: neither nothing, nor an empty container."""
        value = self._at(self.place)
        return value is not ABSENT and value is not None and (type(value) not in _CONTAINERS or len(value) > 0)

    def functions(self) -> list[Any]:
        """What the results come from."""
        return [value for value in map(self._at, self.sources) if value is not ABSENT]

    def forget(self, transaction: Transaction) -> bool:
        """Empties a dictionary of results that nobody else has, where nothing else goes with it; True if that is done."""
        cells = dict(zip(self.function.__code__.co_freevars, self.function.__closure__ or ()))
        cell = cells.pop(self.place[0], None)
        if cell is None or len(self.place) > 1 or _references(cell) != _OWN or self.function.__dict__.keys() - _OF_WRAPS:
            return False
        if not all(type(content(each)) in _HARMLESS or issubclass(type(content(each)), type) for each in cells.values()):
            return False
        value = cell.cell_contents
        if type(value) is not dict or not all(map(is_data, list(value.values()))):
            return False  # what is in it has an identity
        transaction.replace_contents(value, {})
        transaction.afterwards(value.clear, [self.function])  # what other threads compute until the new code is there is old
        return True

    def _at(self, path: Path) -> Any:
        code = self.function.__code__
        if path[0] in code.co_freevars:
            value = content((self.function.__closure__ or ())[code.co_freevars.index(path[0])])
        elif self.owner is not ABSENT and path[0] == next(iter(code.co_varnames), None):
            value = self.owner
        else:
            value = self.function.__globals__.get(path[0], ABSENT)
        for name in path[1:]:
            value = own_attributes(value).get(name, ABSENT) if value is not ABSENT else ABSENT
        return value


def _references(cell: CellType) -> int:
    return sys.getrefcount(cell.cell_contents)


_OWN = _references(CellType({}))
_Places = list[tuple["Path", "set[Path]"]] if TYPE_CHECKING else list


def memos_of(function: FunctionType, owner: Any, known: dict[int, _Places]) -> list[Memo]:
    """`known`: what has been found out of code, by its id."""
    code = function.__code__
    places = known.get(id(code))
    if places is None:
        places = known[id(code)] = _places(code)
    return [Memo(function, owner, place, sources) for place, sources in places] if places else []


def _places(code: CodeType) -> _Places:
    """Where code keeps what it has computed by calling a variable of a function around it, or an attribute of its object, and
    gives it to whoever calls it later.
    """
    operations = {opname[each] for each in code.co_code[::2]}
    if _STORES.isdisjoint(operations) and "setdefault" not in code.co_names:
        return []
    steps = _instructions(code)
    given: dict[str, tuple[set[Path], set[Path]]] = {}  # by local variable: what has gone into it; by a call
    found: _Places = []
    returned: set[Path] = set()
    for at, (name, argument, _) in enumerate(steps):
        before = steps[_begin(steps, at, 1) : at] if name in _TAKES else []
        if name in _LOCAL:
            variable = code.co_varnames[argument >> 4 if name == "STORE_FAST_LOAD_FAST" else argument]
            loaded, called = given.setdefault(variable, (set(), set()))
            loaded |= _loaded(code, before, given)
            called |= _called(code, before, given)
        elif name == "STORE_DEREF":
            found.append(((_variable(code, argument),), _called(code, before, given)))
        elif name == "STORE_SUBSCR":
            key = _begin(steps, at, 1)
            place = _begin(steps, key, 1)
            value = steps[_begin(steps, place, 1) : place]
            found += [(path, _called(code, value, given)) for path in _paths(code, steps[place:key])[-1:]]
        elif name in _ATTRIBUTES and name_of(code, name, argument) == "setdefault":
            end = next((end for end in range(at, len(steps)) if steps[end][0] in _TAKES), len(steps))
            found += [(path, _called(code, steps[at:end], given)) for path in _paths(code, steps[max(0, at - 3) : at])[-1:]]
        elif name == "RETURN_VALUE":
            returned |= _loaded(code, before, given)
    return [(place, sources) for place, sources in found if sources and place in returned]


def _instructions(code: CodeType) -> list[Instruction]:
    found = []
    more = 0
    for operation, argument in zip(code.co_code[::2], code.co_code[1::2]):
        argument |= more << 8
        name = opname[operation]
        more = argument if name == "EXTENDED_ARG" else 0
        if name not in _SILENT:
            given = argument if operation >= HAVE_ARGUMENT else None
            found.append((name, argument, stack_effect(operation, given, jump=True) if name == _SEND else stack_effect(operation, given)))
    return found


def _begin(steps: list[Instruction], end: int, wanted: int) -> int:
    """Where the instructions begin that put what is on top of the stack there, before number `end`."""
    height, at = 0, end
    while at > 0 and height < wanted:
        at -= 1
        height += steps[at][2]
        if steps[at][0] == "COPY":
            wanted += 1  # of what is put there before it
    return at


def _called(code: CodeType, steps: list[Instruction], given: dict[str, tuple[set[Path], set[Path]]]) -> set[Path]:
    """What instructions compute with, if they call something; of local variables what has gone into these."""
    paths = _paths(code, steps)
    found = set().union(*(given[path[0]][1] for path in paths if path[0] in given))
    if any(name.startswith("CALL") for name, _, _ in steps):
        found.update(path for path in paths if path[0] in code.co_freevars or len(path) > 1)
    return found


def _loaded(code: CodeType, steps: list[Instruction], given: dict[str, tuple[set[Path], set[Path]]]) -> set[Path]:
    found = set(_paths(code, steps))
    found |= {path[:count] for path in found for count in range(1, len(path))}
    return found.union(*(given[path[0]][0] for path in found if path[0] in given))


def _paths(code: CodeType, steps: list[Instruction]) -> list[Path]:
    """The variables that instructions load, each with the attributes that are taken of it."""
    found: list[Path] = []
    open_ = False
    for name, argument, _ in steps:
        if name == "LOAD_DEREF" or name == "LOAD_CLASSDEREF":
            found.append((_variable(code, argument),))
        elif name == "LOAD_GLOBAL":
            found.append((code.co_names[argument >> 1],))
        elif "LOAD_FAST" in name:
            numbers = (argument >> 4, argument & 15) if name.count("_FAST") > 1 else (argument,)
            found += [(code.co_varnames[each],) for each in numbers if each < len(code.co_varnames)]
        elif name in _ATTRIBUTES and open_:
            found[-1] = (*found[-1], name_of(code, name, argument))
        open_ = bool(found) and name.startswith("LOAD_") and name != "LOAD_CONST"
    return found


def _variable(code: CodeType, number: int) -> str:
    names = (*code.co_varnames, *(name for name in code.co_cellvars if name not in code.co_varnames), *code.co_freevars)
    return names[number]


_STORES = frozenset(("STORE_SUBSCR", "STORE_DEREF"))
_LOCAL = frozenset(("STORE_FAST", "STORE_FAST_LOAD_FAST"))
_ATTRIBUTES = frozenset(("LOAD_METHOD", "LOAD_ATTR"))
_TAKES = frozenset(("RETURN_VALUE", "POP_TOP", "STORE_DEREF", *_LOCAL))  # what is on top of the stack
_SILENT = frozenset(("CACHE", "EXTENDED_ARG", "RESUME", "NOP", "COPY_FREE_VARS", "MAKE_CELL"))
_SEND = "SEND" if sys.version_info < (3, 12) else ""  # what comes behind it has taken the awaitable away
_CONTAINERS = (dict, list, set)
_HARMLESS = (int, str, bytes, float, bool, type(None), FunctionType)
_OF_WRAPS = frozenset(("__wrapped__",))
