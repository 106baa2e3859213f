"""Which code object of the running text became which one of the saved text."""

from __future__ import annotations

from types import CodeType
from typing import Any, Iterator

import preempt
from alignment import BODY, CHANGED, Pair
from compilation import line_constant, same_code, same_constant, says_its_line
from units import Unit

Path = tuple[int, ...]
# Where it is in the old tree, what replaces it, whether it does something else, what closures need besides.
Swap = tuple[Path, CodeType, bool, "dict[str, Any] | None"]

_NEW_LOCALS = 0x2  # CO_NEWLOCALS: functions have it, module and class bodies do not
_GENERIC = "<generic parameters of "


class Nested:
    """A code object among the constants of another one."""

    __slots__ = ("path", "code")

    def __init__(self, path: Path, code: CodeType) -> None:
        self.path = path
        self.code = code

    def inside(self) -> list[Nested]:
        return [
            Nested((*self.path, index), constant)
            for index, constant in enumerate(self.code.co_consts)
            if isinstance(constant, CodeType)
        ]


def at(code: CodeType, path: Path) -> CodeType:
    """The code object at a path through the constants of others."""
    for index in path:
        inner = code.co_consts[index]
        assert isinstance(inner, CodeType)
        code = inner
    return code


def swaps_of(old: CodeType, new: CodeType, pairs: list[Pair]) -> list[Swap]:
    """For each function-like code object of the old tree that has a successor: which one."""
    found: list[Swap] = []
    _pair_units(Nested((), old), Nested((), new), pairs, found)
    return found


def unclear(old: CodeType, new: CodeType, pairs: list[Pair]) -> Iterator[Unit]:
    """Statements whose lambdas cannot be told apart: on one line, some of them have the same code object."""
    lines: tuple[dict[int, list[Nested]], dict[int, list[Nested]]] | None = None
    for pair in pairs:
        if pair.status == BODY and pair.old is not None and pair.new is not None and pair.new.kind in ("value", "statement"):
            lines = lines or (_by_line(Nested((), old)), _by_line(Nested((), new)))
            if len(_of_unit(lines[0], pair.old)) != len(_of_unit(lines[1], pair.new)):
                yield pair.new


def body_swaps(old: CodeType, new: CodeType) -> list[Swap] | None:
    """The same by code objects alone, where the edit changed nothing but what functions do inside; None where it
    changed more.
    """
    found: list[Swap] = []
    return found if _same_shell(Nested((), old), Nested((), new), found) else None


def _same_shell(old: Nested, new: Nested, found: list[Swap]) -> bool:
    left, right = old.code, new.code
    if (
        left.co_code != right.co_code
        or left.co_names != right.co_names
        or left.co_flags != right.co_flags
        or left.co_cellvars != right.co_cellvars
        or left.co_freevars != right.co_freevars
        or left.co_varnames != right.co_varnames
        or left.co_exceptiontable != right.co_exceptiontable
        or left.co_qualname != right.co_qualname
        or len(left.co_consts) != len(right.co_consts)
    ):
        return False
    for index, (before, after) in enumerate(zip(left.co_consts, right.co_consts)):
        if not isinstance(before, CodeType) or not isinstance(after, CodeType):
            if not same_constant(before, after, False) and not (says_its_line(left) and index == line_constant(left) == line_constant(right)):
                return False
            continue
        if before.co_name == "__annotate__" and not same_code(before, after, False):
            return False  # from 3.14 on, what a class or a decorator asks for while the statement is executed
        inner_old, inner_new = Nested((*old.path, index), before), Nested((*new.path, index), after)
        if before.co_flags & _NEW_LOCALS and not before.co_name.startswith("<generic"):
            if before.co_name != after.co_name or before.co_freevars != after.co_freevars:
                return False
            if before.co_name.startswith("<") and before.co_name != "<lambda>":  # a comprehension executes at once
                if not same_code(before, after, False):
                    return False
            if _makes_closures_anew(before, after):
                return False
            found.append((inner_old.path, after, not same_code(before, after, False), None))
            _pair_nested(inner_old.inside(), inner_new.inside(), found)
        elif not _same_shell(inner_old, inner_new, found):
            return False
    return True


def _makes_closures_anew(old: CodeType, new: CodeType) -> bool:
    """Whether what a function does with those inside it may have changed: closures that exist may need more then."""
    olds, news = _closures(old), _closures(new)
    if not olds and not news:
        return False
    if len(olds) != len(news) or not same_code(_hollow(old), _hollow(new), False):
        return True
    for before, after in zip(olds, news):
        if before.co_freevars != after.co_freevars or before.co_name != after.co_name:
            return True
        if _makes_closures_anew(before, after):
            return True
    return False


def _closures(code: CodeType) -> list[CodeType]:
    """The functions and classes in it, without comprehensions, which execute at once."""
    return [
        each
        for each in code.co_consts
        if isinstance(each, CodeType) and (each.co_name == "<lambda>" or not each.co_name.startswith("<"))
    ]


def _hollow(code: CodeType) -> CodeType:
    return code.replace(co_consts=tuple(None if isinstance(each, CodeType) else each for each in code.co_consts))


def _pair_units(old: Nested, new: Nested, pairs: list[Pair], found: list[Swap]) -> None:
    olds, news = _by_line(old), _by_line(new)
    for pair in pairs:
        if pair.old is None or pair.new is None:
            continue
        preempt.look()
        mine, its = _of_unit(olds, pair.old), _of_unit(news, pair.new)
        if pair.members or pair.old.kind == pair.new.kind == "class":
            bodies = _class_body(mine, pair.old), _class_body(its, pair.new)
            if bodies[0] is not None and bodies[1] is not None:
                _pair_units(bodies[0], bodies[1], pair.members, found)
                mine = [each for each in mine if each.path != bodies[0].path[: len(each.path)]]
                its = [each for each in its if each.path != bodies[1].path[: len(each.path)]]
            _pair_nested(mine, its, found)
        elif pair.status == CHANGED and pair.new.kind == "function":
            # The function itself is made anew; closures that the old one made live on.
            for before, after in zip(_named(mine, pair.old), _named(its, pair.new)):
                _pair_nested(before.inside(), after.inside(), found)
        else:
            _pair_nested(mine, its, found)


def _named(nested: list[Nested], unit: Unit) -> list[Nested]:
    return [each for each in nested if each.code.co_name == unit.names[0]]


def _by_line(code: Nested) -> dict[int, list[Nested]]:
    found: dict[int, list[Nested]] = {}
    for each in code.inside():
        found.setdefault(each.code.co_firstlineno, []).append(each)
    return found


def _of_unit(nested: dict[int, list[Nested]], unit: Unit) -> list[Nested]:
    """Those that begin in the unit's lines, in the order of the constants."""
    lines = range(unit.first_line + 1, unit.last_line + 2)
    found = [each for line in lines for each in nested.get(line, ())]
    return found if len(found) < 2 else sorted(found, key=lambda each: each.path)


def _class_body(nested: list[Nested], unit: Unit) -> Nested | None:
    for each in nested:
        if each.code.co_name == unit.names[0] and not each.code.co_flags & _NEW_LOCALS:
            return each
        if each.code.co_name == f"{_GENERIC}{unit.names[0]}>":
            return _class_body(each.inside(), unit)
    return None


def _pair_nested(olds: list[Nested], news: list[Nested], found: list[Swap]) -> None:
    """Code objects of one statement: by their names and order; lambdas that cannot be told apart stay as they are."""
    if [each.code.co_name for each in olds] == [each.code.co_name for each in news]:
        for old, new in zip(olds, news):
            _pair_code(old, new, found)
        return
    waiting: dict[str, list[Nested]] = {}
    for each in news:
        waiting.setdefault(each.code.co_qualname, []).append(each)
    rest: list[Nested] = []
    for old in olds:
        candidates = waiting.get(old.code.co_qualname, [])
        same = next((new for new in candidates if same_code(old.code, new.code, False)), None)
        if same is not None:
            candidates.remove(same)
            _pair_code(old, same, found)
        else:
            rest.append(old)
    for old in rest:
        candidates = waiting.get(old.code.co_qualname, [])
        if candidates and not old.code.co_name.startswith("<"):
            _pair_code(old, candidates.pop(0), found)


def _pair_code(old: Nested, new: Nested, found: list[Swap]) -> None:
    found.append((old.path, new.code, not same_code(old.code, new.code, False), None))
    _pair_nested(old.inside(), new.inside(), found)


class Functions:
    """The functions of a module's code, to be found from statements of it that were compiled alone.

    A function compiled alone can differ from the one in the module's code: the compiler treats names that the module
    imports
    in a way of its own. What the program gets is what executing the module would give it.
    """

    def __init__(self, module: CodeType) -> None:
        self._found: dict[tuple[str, int], list[CodeType]] = {}
        self._gather(module)

    def _gather(self, code: CodeType) -> None:
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                if constant.co_flags & _NEW_LOCALS:
                    self._found.setdefault((constant.co_qualname, constant.co_firstlineno), []).append(constant)
                if not constant.co_flags & _NEW_LOCALS or constant.co_name.startswith(_GENERIC):
                    self._gather(constant)

    def graft(self, code: CodeType) -> CodeType:
        """The code of a statement with the module's functions in it."""
        used: dict[tuple[str, int], int] = {}
        return self._graft(code, used)

    def _graft(self, code: CodeType, used: dict[tuple[str, int], int]) -> CodeType:
        constants: list[object] = []
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                if not constant.co_flags & _NEW_LOCALS or constant.co_name.startswith(_GENERIC):
                    constant = self._graft(constant, used)
                else:
                    key = (constant.co_qualname, constant.co_firstlineno)
                    number = used[key] = used.get(key, -1) + 1
                    candidates = self._found.get(key, [])
                    if number < len(candidates) and candidates[number].co_freevars == constant.co_freevars:
                        constant = candidates[number]
            constants.append(constant)
        return code.replace(co_consts=tuple(constants))


__all__ = ["Functions", "Nested", "Swap", "at", "body_swaps", "swaps_of", "unclear"]
