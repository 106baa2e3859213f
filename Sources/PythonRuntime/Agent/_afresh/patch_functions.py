"""Every live function of a module, wherever it is held, and the new code for it."""

from __future__ import annotations

import gc
import sys
from _functools import _lru_cache_wrapper as LRUCache
from types import CellType, CodeType, FunctionType, MethodType, ModuleType

from .patch_caches import cached_property, pass_on_docstring
from .patch_code import lead_to
from .transaction import ABSENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .transaction import Transaction

_LARGEST_CONTAINER = 1000
_DEEPEST = 8
_WRAPPERS = (staticmethod, classmethod)
_CODE_HAS_DOCSTRING = 0x4000000  # CO_HAS_DOCSTRING, from 3.14 on


class Found:
    """What a walk from the module's names finds: its functions, and the caches in front of them."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.namespace = namespace
        self.functions: dict[int, FunctionType] = {}
        self.hidden: set[int] = set()  # ids of functions that no name of the module leads to
        self.caches: list[Any] = []  # of lru_cache
        self.fronts: list[tuple[Any, Any]] = []  # what stands before a function and has its docstring, and the function
        self.wrappers: list[tuple[FunctionType, Any]] = []  # closures, and methods that call their object, with this
        self.lazies: list[tuple[type, str, Any]] = []  # a cached_property: its class, its name, its function
        self.redocumented = False  # whether a function has another docstring now
        self.classes: list[type] = []  # of the module
        self._seen: set[int] = set()

    def walk(self) -> None:
        lazy = cached_property()
        for name, value in list(self.namespace.items()):
            if name not in OF_THE_INTERPRETER:
                self._value(value, 0, lazy)

    def _value(self, value: Any, depth: int, lazy: Any) -> None:
        kind = type(value)
        if kind in PLAIN or depth > _DEEPEST or id(value) in self._seen:
            return
        self._seen.add(id(value))
        if kind is FunctionType:
            if value.__globals__ is self.namespace:
                self.functions[id(value)] = value
            if value.__closure__:
                self.wrappers.append((value, ABSENT))
            for cell in value.__closure__ or ():
                try:
                    inner = cell.cell_contents
                except ValueError:
                    continue
                self._value(inner, depth + 1, lazy)
            for name, inner in list(value.__dict__.items()):
                if name == "__wrapped__":
                    self.fronts.append((value, inner))
                self._value(inner, depth + 1, lazy)
        elif kind in _WRAPPERS or kind is MethodType:
            self.fronts.append((value, value.__func__))
            self._value(value.__func__, depth + 1, lazy)
        elif kind is property:
            self.fronts.append((value, value.fget))
            for inner in (value.fget, value.fset, value.fdel):
                self._value(inner, depth + 1, lazy)
        elif kind is LRUCache:
            self.caches.append(value)
            self.fronts.append((value, value.__dict__.get("__wrapped__")))
            self._value(value.__dict__.get("__wrapped__"), depth + 1, lazy)
        elif issubclass(kind, type):
            attributes = type.__getattribute__(value, "__dict__")
            if attributes.get("__module__") == self.namespace.get("__name__"):
                self.classes.append(value)
                for name, inner in list(attributes.items()):
                    if type(inner) is lazy:
                        self.lazies.append((value, name, inner.func))
                        self.fronts.append((inner, inner.func))
                        self._value(inner.func, depth + 1, lazy)
                    else:
                        self._value(inner, depth + 1, lazy)
        elif kind is dict or kind is list or kind is tuple:
            if len(value) <= _LARGEST_CONTAINER:
                for inner in list(value.values()) if kind is dict else list(value):
                    self._value(inner, depth + 1, lazy)
        elif not issubclass(kind, ModuleType):
            if type(called := type.__getattribute__(kind, "__dict__").get("__call__")) is FunctionType:
                self.wrappers.append((called, value))
            for inner in gc.get_referents(value):  # no attribute access: that could run code of the program
                if type(inner) is FunctionType:
                    self._value(inner, depth + 1, lazy)


OF_THE_INTERPRETER = frozenset(("__builtins__", "__spec__", "__loader__"))
PLAIN = frozenset((int, str, bytes, float, bool, complex, type(None), type(...), CodeType, range))


def references(module: ModuleType) -> int:
    """How many references there are to the module's dictionary, apart from the module's own."""
    return sys.getrefcount(ModuleType.__getattribute__(module, "__dict__")) - _OWN


_OWN = 0
_OWN = references(ModuleType("probe"))


def live_functions(namespace: dict[str, Any], held: int | None) -> Found:
    """Every function whose globals are the namespace.

    Each of them holds one reference to it. If the walk from the module's names finds as many as there are references
    (`held`, counted before the agent took any of its own), there are no others; else, or where that is not known, one
    pass over the heap finds those that are held elsewhere.
    """
    found = Found(namespace)
    found.walk()
    if held is None or held > len(found.functions):
        for holder in gc.get_referrers(namespace):
            if type(holder) is FunctionType and holder.__globals__ is namespace and id(holder) not in found.functions:
                found.functions[id(holder)] = holder
                found.hidden.add(id(holder))
    return found


# old code, new code, whether that does something else, and what closures need besides:
#     defaults   positional and keyword defaults, where they are constants
#     keeps      what else the statement that makes a closure evaluates, and closures that exist keep
Swap = tuple[CodeType, CodeType, bool, "dict[str, Any] | None"]
Successor = tuple[tuple[int, ...], CodeType, bool, "dict[str, Any] | None"]  # the same as a plan has it: the path to the old code


class Swaps:
    """The code objects of the running text and their successors."""

    def __init__(self, old: CodeType, swaps: list[Successor]) -> None:
        self.by_identity: dict[int, Swap] = {}
        self.ambiguous: list[CodeType] = []  # new code of lambdas that had the same code on the same line
        for path, new, differs, more in swaps:
            code: Any = old
            for index in path:
                code = code.co_consts[index]
            known = self.by_identity.get(id(code))
            if known is not None and _value(known[1]) != _value(new):
                self.ambiguous.append(new)
            self.by_identity[id(code)] = (code, new, differs, more)
        self._by_value: dict[Any, list[Swap]] | None = None

    def successor(self, code: CodeType) -> Swap | None:
        found = self.by_identity.get(id(code))
        if found is None:
            # functions that were made from statements compiled one by one
            if self._by_value is None:
                self._by_value = {}
                for entry in self.by_identity.values():
                    self._by_value.setdefault(_value(entry[0]), []).append(entry)
            alike = self._by_value.get(_value(code), [])
            if len(alike) > 1:
                alike = [entry for entry in alike if entry[0].co_linetable == code.co_linetable] or alike
                if any(_value(entry[1]) != _value(alike[0][1]) for entry in alike):
                    self.ambiguous.append(alike[-1][1])
            found = alike[-1] if alike else None
        return found

    def alters(self, found: Found) -> bool:
        """Whether a function will do something else."""
        successors = [self.successor(function.__code__) for function in found.functions.values()]
        return any(entry is not None and entry[2] for entry in successors)


def _value(code: CodeType) -> Any:
    """What equal code objects share. Not `==`: on 3.11 that compares what the interpreter wrote into the code as it
    ran, too.
    """
    constants = []
    for each in code.co_consts:
        constants.append(_value(each) if type(each) is CodeType else (type(each), each))
    return (
        code.co_qualname,
        code.co_firstlineno,
        code.co_code,
        code.co_names,
        code.co_varnames,
        code.co_freevars,
        code.co_cellvars,
        code.co_flags,
        code.co_argcount,
        code.co_kwonlyargcount,
        tuple(constants),
    )


def swap_functions(
    found: Found, swaps: Swaps, transaction: Transaction
) -> tuple[list[FunctionType], list[tuple[FunctionType, CodeType, str]]]:
    """Gives each function the successor of its code. Answers the functions that do something else now, and those that
    cannot follow, or not in all: their successor, the reason.
    """
    altered: list[FunctionType] = []
    misfits: list[tuple[FunctionType, CodeType, str]] = []
    for function in found.functions.values():
        entry = swaps.successor(function.__code__)
        if entry is None:
            continue
        old, new, differs, more = entry
        if new.co_freevars != function.__code__.co_freevars:
            cls, name, wrapper = _home_of(function, found)
            cells = dict(zip(function.__code__.co_freevars, function.__closure__ or ()))
            if cls is not None:
                cells.setdefault("__class__", CellType(cls))
            if not cells.keys() >= set(new.co_freevars):
                misfits.append((function, new, _why(function.__code__, new)))
                continue
            made = _with_other_variables(function, new, cells, more)
            lead_to(function, made, transaction)
            altered.append(function)
            if cls is not None:  # it was no closure for the program
                transaction.set_member(cls, name, wrapper(made))
                altered.append(made)
        else:
            if new is not function.__code__:
                transaction.swap(function, "__code__", new)
            if more is not None and "defaults" in more:
                transaction.swap(function, "__defaults__", more["defaults"][0])
                transaction.swap(function, "__kwdefaults__", more["defaults"][1])
                differs = True
        if more is not None and "keeps" in more:
            misfits.append((function, new, f"closures made before the edit keep {more['keeps']}"))
        if differs:
            altered.append(function)
            before, after = docstring(old), docstring(new)
            found.redocumented = found.redocumented or before != after
            if before is not after and before != after and function.__doc__ is not after and "__wrapped__" not in function.__dict__:
                if type(function.__doc__) is type(before) and function.__doc__ == before:
                    transaction.swap(function, "__doc__", after)
                    pass_on_docstring(found, function, before, after, transaction)
    return altered, misfits


def _home_of(function: FunctionType, found: Found) -> tuple[type | None, str, Any]:
    """The class whose method it is, its name there, and what it is wrapped in."""
    for cls in found.classes:
        for name, value in type.__getattribute__(cls, "__dict__").items():
            if value is function:
                return cls, name, _itself
            if type(value) in _WRAPPERS and value.__func__ is function:
                return cls, name, type(value)
    return None, "", None


def _itself(function: FunctionType) -> FunctionType:
    return function


def _with_other_variables(
    function: FunctionType, new: CodeType, cells: dict[str, CellType], more: dict[str, Any] | None
) -> FunctionType:
    """The function with new code that uses fewer variables than it has, or its class besides."""
    defaults, keywords = function.__defaults__, function.__kwdefaults__
    if more is not None and "defaults" in more:
        defaults, keywords = more["defaults"]
    closure = tuple([cells[name] for name in new.co_freevars]) or None
    made = FunctionType(new, function.__globals__, function.__name__, defaults, closure)
    made.__kwdefaults__ = keywords
    made.__qualname__, made.__module__ = function.__qualname__, function.__module__
    made.__annotations__ = dict(function.__annotations__)
    made.__dict__.update(function.__dict__)
    return made


def _why(code: CodeType, new: CodeType) -> str:
    missing = [name for name in new.co_freevars if name not in code.co_freevars]
    if missing:
        return f"closures made before the edit have no variable {', '.join(missing)}"
    return "closures made before the edit have other variables"


def docstring(code: CodeType) -> str | None:
    first = code.co_consts[0] if code.co_consts else None
    if sys.version_info >= (3, 14) and not code.co_flags & _CODE_HAS_DOCSTRING:
        return None
    return first if type(first) is str else None
