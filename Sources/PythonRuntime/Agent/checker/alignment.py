"""Which statement of the saved text is which one of the running text."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Iterable

from units import FUNCTIONS, Unit

SAME, BODY, MEMBERS, CHANGED, ADDED, REMOVED = "same", "body", "members", "changed", "added", "removed"


@dataclass(slots=True)
class Pair:
    """One statement before and after.

    `same`: means the same (it may stand elsewhere); `body`: only what functions do inside; `members`: a class with
    the same header
    whose body differs in more than that (`members` holds the body's pairs, for `same` and `body` classes too); else
    as said.
    """

    old: Unit | None
    new: Unit | None
    status: str
    members: list[Pair] = field(default_factory=list)


def align(olds: list[Unit], news: list[Unit]) -> list[Pair]:
    """Pairs in the order of the new text, removed statements last."""
    partner: dict[int, int] = {}
    start = 0
    limit = min(len(olds), len(news))
    while start < limit and olds[start].text == news[start].text:
        partner[start] = start
        start += 1
    end = 0
    while end < limit - start and olds[-1 - end].text == news[-1 - end].text:
        end += 1
        partner[len(news) - end] = len(olds) - end

    old_left = list(range(start, len(olds) - end))
    new_left = list(range(start, len(news) - end))
    for of in (_text, _key):
        if old_left and new_left:
            old_left, new_left = _match(olds, news, old_left, new_left, partner, of)
    if old_left and new_left:
        old_left, new_left = _match_named(olds, news, old_left, new_left, partner)
    if old_left and new_left:
        old_left, new_left = _match(olds, news, old_left, new_left, partner, _call)

    pairs = [
        pair(olds[partner[index]], unit) if index in partner else Pair(None, unit, ADDED)
        for index, unit in enumerate(news)
    ]
    pairs += [Pair(olds[index], None, REMOVED) for index in old_left]
    return pairs


def pair(old: Unit, new: Unit) -> Pair:
    if isinstance(old.node, ast.ClassDef) and isinstance(new.node, ast.ClassDef):
        if old.text == new.text or old.header == new.header:
            members = align(old.body, new.body)
            if all(member.status == SAME for member in members) and in_order(members):
                status = SAME
            elif all(member.status in (SAME, BODY) for member in members) and in_order(members):
                status = BODY
            else:
                status = MEMBERS
            return Pair(old, new, status, members)
        return Pair(old, new, CHANGED, align(old.body, new.body))
    if old.text == new.text:
        return Pair(old, new, SAME)
    if old.key == new.key:
        return Pair(old, new, SAME)
    if old.is_docstring != new.is_docstring or old.is_docstring:
        return Pair(old, new, CHANGED)
    return Pair(old, new, BODY if old.shell == new.shell else CHANGED)


def in_order(members: list[Pair]) -> bool:
    """Whether the values of a class body stand in the order in which they stood: fields and enumeration members have
    one.
    """
    last = (-1, -1)
    for member in members:
        if member.old is not None and not isinstance(member.old.node, FUNCTIONS):
            place = member.old.place
            if place < last:
                return False
            last = place
    return True


def _text(unit: Unit) -> object:
    return unit.text


def _key(unit: Unit) -> object:
    return None if isinstance(unit.node, ast.ClassDef) else repr(unit.key)


def _call(unit: Unit) -> object:
    """For statements without a name: what they call."""
    node = unit.node
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return ("call", ast.dump(node.value.func))
    return (type(node).__name__,) if not unit.names and not isinstance(node, (ast.Expr, ast.ImportFrom)) else None


def _match(
    olds: list[Unit], news: list[Unit], old_left: list[int], new_left: list[int], partner: dict[int, int], of: object
) -> tuple[list[int], list[int]]:
    waiting: dict[object, list[int]] = {}
    for index in old_left:
        value = of(olds[index])  # type: ignore[operator]
        if value is not None:
            waiting.setdefault(value, []).append(index)
    used: set[int] = set()
    rest: list[int] = []
    for index in new_left:
        value = of(news[index])  # type: ignore[operator]
        candidates = waiting.get(value) if value is not None else None
        if candidates:
            partner[index] = candidates.pop(0)
            used.add(partner[index])
        else:
            rest.append(index)
    return [index for index in old_left if index not in used], rest


def _match_named(
    olds: list[Unit], news: list[Unit], old_left: list[int], new_left: list[int], partner: dict[int, int]
) -> tuple[list[int], list[int]]:
    by_name: dict[tuple[type, str], list[int]] = {}
    for index in old_left:
        for name in olds[index].names:
            by_name.setdefault((_family(olds[index].node), name), []).append(index)
    used: set[int] = set()
    rest: list[int] = []
    for index in new_left:
        candidates = _candidates(news[index], by_name, used)
        if not candidates:
            rest.append(index)
            continue
        best = candidates[0]
        if len(candidates) > 1:  # one name several times: a property and its setter, overloads, registrations
            shell = news[index].shell
            best = next((candidate for candidate in candidates if olds[candidate].shell == shell), best)
            others = [other for other in new_left if other != index and other not in partner]
            if olds[best].shell != shell and any(olds[best].shell == news[other].shell for other in others):
                best = next(
                    (c for c in candidates if not any(olds[c].shell == news[other].shell for other in others)), -1
                )
                if best < 0:
                    rest.append(index)
                    continue
        partner[index] = best
        used.add(best)
    return [index for index in old_left if index not in used], rest


def _candidates(unit: Unit, by_name: dict[tuple[type, str], list[int]], used: set[int]) -> list[int]:
    found: list[int] = []
    for name in unit.names:
        for index in by_name.get((_family(unit.node), name), ()):
            if index not in used and index not in found:
                found.append(index)
    return found


def _family(node: ast.AST) -> type:
    if isinstance(node, FUNCTIONS):
        return ast.FunctionDef
    if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
        return ast.Assign
    return type(node)


def walk(pairs: Iterable[Pair]) -> Iterable[Pair]:
    for each in pairs:
        yield each
        yield from walk(each.members)
