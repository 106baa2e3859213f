"""Which names the code of a text speaks of, by what it is called: what may be reached from a name without a syntax tree."""

from __future__ import annotations

from types import CodeType
from typing import Container

from statements import reached

_NEW_LOCALS = 0x2  # functions have it, class bodies do not
_GENERIC = "<generic parameters of "
MAKES_INSTANCES = frozenset(
    ("__init__", "__new__", "__post_init__", "__init_subclass__", "__set_name__", "__prepare__")
)
_OF_ENUMERATIONS = ("_missing_", "_generate_next_value_")
# They may come to anything by its name: in the module, and anywhere.
OPENERS = frozenset(("globals", "eval", "exec"))
LOOKERS = OPENERS | {"getattr", "locals", "vars", "attrgetter", "methodcaller", "__getattribute__"}

Names = dict[str, set[str]]


class Spoken:
    """Of one text: worked out once, and for its successor only where that differs."""

    def __init__(self, code: CodeType | None, registered: Names) -> None:
        """`registered`: functions that calling another one may call, by that one: "f", "C.m"."""
        self.registered = registered
        self._behind: Names = {}
        self.functions: Names = {}  # by the names of functions and methods; a class by its special methods
        self.tops: Names = {}  # by the names of top-level functions and classes: all that is inside them
        for name, behind in registered.items():
            self._behind.setdefault(name.rpartition(".")[2], set()).update(each.rpartition(".")[2] for each in behind)
        if code is not None:
            _collect(code, self.functions, None, None)
            _collect_tops(code, self.tops, None)
            self._note_registered()

    def after(self, altered: list[CodeType], code: CodeType) -> Spoken:
        """Of a text whose code differs in the insides of these functions."""
        result = Spoken(None, self.registered)
        functions, tops = set(), set()
        for each in altered:
            owner = each.co_qualname.rpartition(".")[0].rpartition(".")[2]
            functions.update((each.co_name, owner) if _is_unnamed(each.co_name) else (each.co_name,))
            tops.add(each.co_qualname.partition(".")[0])
        result.functions = {name: names for name, names in self.functions.items() if name not in functions}
        result.tops = {name: names for name, names in self.tops.items() if name not in tops}
        _collect(code, result.functions, None, functions)
        _collect_tops(code, result.tops, tops)
        result._note_registered()
        return result

    def _note_registered(self) -> None:
        for name, behind in self.registered.items():
            first = name.partition(".")[0]
            self.tops[first] = self.tops.get(first, set()) | {each.rpartition(".")[2] for each in behind}

    def reached(self, called: frozenset[str]) -> set[str]:
        """Names that may be called while the module executes: those given, and all that such functions speak of."""
        return reached(called, lambda name: (*self.functions.get(name, ()), *self._behind.get(name, ())))


def _is_unnamed(name: str) -> bool:
    """Whether a method is called by who only has an object of its class: to make it, by operators."""
    return name[:2] == "__" == name[-2:] or name in _OF_ENUMERATIONS


def _collect(code: CodeType, found: Names, owner: str | None, wanted: Container[str] | None) -> None:
    for constant in code.co_consts:
        if not isinstance(constant, CodeType):
            continue
        name = constant.co_name
        if not constant.co_flags & _NEW_LOCALS or name.startswith("<generic"):
            _collect(constant, found, name, wanted)
            continue
        keys = (name, owner) if owner is not None and _is_unnamed(name) else (name,)
        keys = keys if wanted is None else tuple(key for key in keys if key in wanted)
        if keys:
            names = spoken_names(constant)
            for key in keys:
                found.setdefault(key, set()).update(names)


def _collect_tops(code: CodeType, found: Names, wanted: Container[str] | None) -> None:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            name = constant.co_qualname.partition(".")[0]
            if name.startswith(_GENERIC):
                name = name[len(_GENERIC) : -1]
            if wanted is None or name in wanted:
                found.setdefault(name, set()).update(spoken_names(constant))


def spoken_names(code: CodeType) -> set[str]:
    """All that a piece of code names, but for what is its own."""
    found = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found |= spoken_names(constant)
    return found
