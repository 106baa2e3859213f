"""What annotations mean: those that are texts, or are evaluated only when somebody asks for them, as `typing.get_type_hints` does.

Asking what those of `f` mean reads "f.annotations()"; "?.annotations()" where the text does not say of what.
"""

from __future__ import annotations

import sys
from _functools import partial
from types import FunctionType, MethodType, ModuleType

from .stale_objects import type_qualname
from .transaction import ABSENT, namespace_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .patch_session import Mark, Session

MEANT = "annotations()"
_MOST = 200  # values that are looked at
_DEEPEST = 20


def meaning_changed(session: Session, own: str, given: tuple[str | None, str, str | None], since: int) -> Mark | None:
    """A mark for a function or a class whose annotations mean something else. Of "?": what the statement reads for which it is asked."""
    if given[1] != "?":
        return _of_values(session, [session.live(own if given[0] is None else given[0], given[1])], since)
    if session.asked is None:
        found = next(filter(None, (_of_key(session, key, since) for key in list(session.meant))), None)
        return found or next((session.mark_of(stamp) for _, stamp in session.signed.values() if stamp > since), None)
    own, inputs = session.asked
    names = {(module or own, each) for module, name, attribute in inputs for each in (name, f"{name}.{attribute}")}
    return _of_values(session, [session.live(*each) for each in names], since)


def _of_values(session: Session, waiting: list[Any], since: int) -> Mark | None:
    count = 0
    while waiting and count < _MOST:
        value = waiting.pop()
        count += 1
        kind = type(value)
        places = []
        if kind is list or kind is tuple or kind is dict:
            waiting += list(value.values()) if kind is dict else list(value)
        elif kind is partial or kind is MethodType:
            waiting.append(value.func if kind is partial else value.__func__)
        elif kind is FunctionType:
            places.append((value.__module__, value.__qualname__))
            if session.signed.get(id(value), (None, 0))[1] > since:
                return session.mark_of(session.signed[id(value)][1])
        elif issubclass(kind, type):
            waiting += [_made_by(session, value, name) for name in ("__init__", "__new__")]
            for base in session.transaction.mro(value):
                places.append((session.transaction.members(base).get("__module__"), type_qualname(base)))
                mark = session.marks.get(places[-1])
                if mark is not None and mark.attributes.get("__annotations__", 0) > since:
                    return mark
        for module, name in places:
            mark = _of_key(session, (module, f"{name}.{MEANT}"), since)
            if mark is not None:
                return mark
    return None


def _made_by(session: Session, cls: type, name: str) -> Any:
    """What tells the signature of a class."""
    found = next(filter(None, (session.transaction.members(base).get(name) for base in session.transaction.mro(cls))), None)
    return found.__func__ if type(found) is staticmethod else found


def _of_key(session: Session, key: tuple[str, str], since: int) -> Mark | None:
    reads = session.uses[key][0] if key in session.uses else ()
    mark = next(filter(None, (session.value_changed(key[0], each, since) for each in reads)), None)
    if mark is not None:
        _forget(session, session.live(key[0], key[1].removesuffix(f".{MEANT}")))
    return mark


def evaluate_again(session: Session, module: str, since: int) -> None:
    """For who asks later."""
    for key in list(session.meant):
        if key[0] == module:
            _of_key(session, key, since)


def _forget(session: Session, value: Any) -> None:
    """What `typing` has found the texts in `Optional["X"]` to mean, and keeps."""
    reference = (namespace_of(sys.modules.get("typing")) or {}).get("ForwardRef", ABSENT)
    if type(value) is not FunctionType or reference is ABSENT or sys.version_info >= (3, 14):
        return
    waiting = [(each, 0) for each in value.__annotations__.values()]
    while waiting:
        each, depth = waiting.pop()
        if type(each) is reference:
            if each.__forward_evaluated__:
                session.transaction.set_attribute(each, "__forward_evaluated__", False)
        elif depth < _DEEPEST and not issubclass(type(each), (type, ModuleType, str)):
            inside = getattr(each, "__args__", None) if type(each).__module__ in ("typing", "types") else None
            waiting += [(inner, depth + 1) for inner in inside] if type(inside) is tuple else []
