"""What a statement put into a container when it was executed before, and puts there again: a fresh start would have it
once.

What it puts there anew and is there already, alike, is taken out again. What a definition registers of itself comes in the
place of what it had registered. Where neither can be told, both stay, and that is said.
"""

from __future__ import annotations

from types import CellType, FunctionType, MethodType

from .patch_contents import own_attributes
from .patch_merge import content
from .patch_session import VALUE
from .patch_values import holds_others, same
from .transaction import ABSENT, attributes_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .patch_execution import Execution
    from .patch_session import Session

STILL_THERE = "what it added before the edit is still there"
_DEEPEST = 4


def settle_repeats(
    session: Session, grown: list[tuple[Any, Any]], loops: bool, definition: Any = ABSENT, does_as_much: bool = False,
    is_unknown: bool = False,
) -> bool:
    """Of containers (as they are, as they were before a statement that had been executed earlier): whether something
    stays that the statement had put there then. Of a loop that is not known: it may have put more there.

    `definition`: what the statement defines, if it has the decorators that it had. `does_as_much`: it is known to do all that it did.
    `is_unknown`: nobody knows what it did.
    """
    stays = False
    stands = {id(made): kept for made, kept in session.merger.temporaries}
    for container, before in grown:
        if id(container) in session.fresh or len(container) <= len(before):
            continue
        if does_as_much and type(before) is set:
            continue
        if type(before) is dict and loops and is_unknown:
            stays = True
        if type(before) is set or type(before) is not type(container) and type(before) is list:
            stays = True
        if type(container) is not list:
            continue
        more = len(container) - len(before)
        if all(old is now for old, now in zip(before, container)):
            new = container[-more:]
        elif all(old is now for old, now in zip(before, container[more:])):
            new = container[:more]  # `sys.path.insert(0, …)`
        else:
            continue
        left, added = list(before), []
        for item in new:
            at = _place(left, item, stands)
            if at < 0:
                added.append(item)
            else:
                left.pop(at)
        contents = _instead(before, left, added, definition, stands) if added else before
        if contents is None:
            stays = True
            continue
        session.transaction.replace_contents(container, contents)
        stays = stays or loops and not does_as_much
    return stays


def _instead(before: list[Any], left: list[Any], added: list[Any], definition: Any, stands: dict[int, Any]) -> list[Any] | None:
    """The contents with what a definition adds in the place of what it had added; None if that is not clear."""
    wanted = {id(definition), *(made for made, kept in stands.items() if kept is definition)} - {id(ABSENT), id(None)}
    kinds = {type(item) for item in added}
    formers = [item for item in left if type(item) in kinds and _places(item, wanted)]
    if len(formers) != len(added):
        return None
    successors = {}
    for former, item in zip(formers, added):
        if type(former) is not type(item) or _places(former, wanted) != _places(item, wanted):
            return None
        successors[id(former)] = item
    return [successors.get(id(item), item) for item in before]


def _places(item: Any, wanted: set[int]) -> list[Any]:
    """Where in something that was registered one of the objects with these ids is."""
    if type(item) is tuple or type(item) is list:
        return [at for at, each in enumerate(item) if id(each) in wanted]
    if type(item) is not dict:
        item = attributes_of(item)
    return [key for key, each in list(item.items()) if id(each) in wanted] if type(item) is dict else []


def refill(execution: Execution, number: int, written: dict[str, Any]) -> None:
    """Before a statement that fills a container is executed again: what makes it, and what stands between."""
    name = execution.entries[number]["fills"]
    if name not in execution.refilled and name in execution.namespace:
        makers = [entry for entry in execution.entries if entry["fills"] == name and entry["kind"] == "value"]  # of an object, and of its parts
        bound = (name, *(each for entry in makers for each in entry["binds"]))
        execution.refilled.update((each, execution.namespace[each]) for each in bound if each in execution.namespace)
        for earlier in range(number):
            if execution.entries[earlier]["fills"] == name and earlier not in execution.done:
                execution.run_one(earlier, VALUE, 0, None, written)


def settle_refilled(execution: Execution) -> None:
    """The containers that were made anew become what they were, with what is in them now."""
    for name, old in execution.refilled.items():
        new = execution.namespace.get(name, ABSENT)
        if new is old or type(new) is not type(old):
            continue
        if inside := own_attributes(new):
            object.__setattr__(new, "__dict__", dict(inside))  # what is inside of it is to be looked at for the other objects of it
            execution.transaction.replace_contents(own_attributes(old), inside)
            execution.session.merger.temporaries.append((new, old))
            execution.namespace[name] = old
            execution.session.mark(execution.name, name, VALUE, old)
            continue
        execution.namespace[name] = old
        if same(old, new) and not holds_others(old, new):
            execution.session.marks.pop((execution.name, name), None)
        else:
            execution.transaction.replace_contents(old, new)
            execution.session.mark(execution.name, name, VALUE, old)
    execution.refilled.clear()


def stand_in_order(session: Session, grown: list[tuple[Any, Any]], namespace: dict[str, Any]) -> None:
    """For a statement that is new: functions that it added to lists stand there in the order of the text, if those
    that are there do.
    """
    for container, before in grown:
        if type(container) is not list or len(container) != len(before) + 1:
            continue
        line = _line(container[-1], namespace)
        lines = [_line(each, namespace) for each in before]
        known = [each for each in lines if each]
        later = [at for at, each in enumerate(lines) if each > line]
        if line and later and known == sorted(known):
            contents = list(before)
            contents.insert(later[0], container[-1])
            session.transaction.replace_contents(container, contents)


def _line(value: Any, namespace: dict[str, Any]) -> int:
    if type(value) is FunctionType and value.__globals__ is namespace and "<" not in value.__code__.co_qualname:
        return value.__code__.co_firstlineno
    return 0


def _place(items: list[Any], item: Any, stands: dict[int, Any]) -> int:
    for at, each in enumerate(items):
        if alike(each, item, stands, 0):
            return at
    return -1


def alike(old: Any, new: Any, stands: dict[int, Any], depth: int) -> bool:
    """Whether the two do the same for everybody who reads or calls them. Runs no code of the program."""
    if old is new or stands.get(id(new)) is old or same(old, new):
        return True
    kind = type(old)
    if kind is not type(new) or depth > _DEEPEST:
        return False
    if kind is FunctionType:
        return (
            old.__code__ is new.__code__
            and _all_alike(old.__defaults__ or (), new.__defaults__ or (), stands, depth)
            and _all_alike(old.__closure__ or (), new.__closure__ or (), stands, depth)
        )
    if kind is MethodType:
        return old.__self__ is new.__self__ and alike(old.__func__, new.__func__, stands, depth + 1)
    if kind is CellType:
        return alike(content(old), content(new), stands, depth)
    if kind is tuple or kind is list:
        return _all_alike(old, new, stands, depth)
    if kind is dict:
        return list(old) == list(new) and _all_alike(list(old.values()), list(new.values()), stands, depth)
    return False


def _all_alike(olds: Any, news: Any, stands: dict[int, Any], depth: int) -> bool:
    if len(olds) != len(news):
        return False
    for old, new in zip(olds, news):
        if not alike(old, new, stands, depth + 1):
            return False
    return True


def containers_in(value: Any, found: set[int], depth: int = 0) -> None:
    """The containers that a value is or holds, by their ids: what a statement has just made."""
    kind = type(value)
    if depth > _DEEPEST or id(value) in found:
        return
    if kind is list or kind is tuple or kind is dict or kind is set:
        found.add(id(value))
        for each in list(value.values()) if kind is dict else list(value)[:100]:
            containers_in(each, found, depth + 1)
    elif not issubclass(kind, type) and kind is not FunctionType:
        if (inner := attributes_of(value)) is not None:
            containers_in(inner, found, depth)
