"""Methods that a class inherits from a module in which nothing changed, and that use what changed in the class: the method is as
it was, `self.hook()` in it is not.
"""

from __future__ import annotations

from types import FunctionType

from .stale_objects import nested_codes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator

    from .patch_called import Called
    from .patch_session import Mark


MAKERS = "__new__", "__init__", "__post_init__"


def inherited_changed(called: Called, kind: type | None, attribute: str, since: int) -> Mark | None:
    """The mark of a class of which something changed that its method `attribute` uses. `kind`: the class or one derived from it;
    None for any.
    """
    for key, mark in called.marks.items():
        if mark.stamp <= since or not mark.attributes:
            continue
        cls = called.live(*key)
        names = {name for name, stamp in mark.attributes.items() if stamp > since}
        if not names or not issubclass(type(cls), type):
            continue
        for each in _family(cls) if kind is None else (kind,):
            if cls in called.transaction.mro(each) and _uses(called, each, attribute, names):
                return mark
    return None


def _family(cls: type) -> Iterator[type]:
    """A class and all that are derived from it."""
    waiting, seen = [cls], set()
    while waiting:
        each = waiting.pop()
        if id(each) not in seen:
            seen.add(id(each))
            yield each
            waiting += type.__subclasses__(each)


def _uses(called: Called, kind: type, attribute: str, names: set[str]) -> bool:
    """Whether a method of a class speaks of one of these names, or calls one that does."""
    members = [called.transaction.members(base) for base in called.transaction.mro(kind)]
    known = {base.__name__ for base in called.transaction.mro(kind)} | {"super"}
    waiting, seen = [attribute], set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        for inside in members:
            if name not in inside:
                continue
            function = _function(inside[name])
            if function is None:
                break
            words = {word for code in nested_codes(function.__code__) for word in code.co_names}
            if not words.isdisjoint(names):
                return True
            waiting += (*words, *MAKERS) if type(inside[name]) is classmethod else words
            if known.isdisjoint(words):
                break  # it does not call the one that it hides
    return False


def _function(value: Any) -> FunctionType | None:
    value = value.__func__ if type(value) in (staticmethod, classmethod) else value.fget if type(value) is property else value
    return value if type(value) is FunctionType else None
