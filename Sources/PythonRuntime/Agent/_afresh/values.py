"""`values` of the host protocol: what names of a module stand for right now, as text, without running any of its code.

No property, `__repr__`, `__getattr__` or `__len__` of the program is ever called: built-in containers and atoms are
written by their own types, an instance by its class and the attributes in its `__dict__` and slots. Bounded in depth,
number and size, and so in time: a value of a million elements costs what its first few cost.
"""
from __future__ import annotations

from itertools import islice

from . import modules
from . import stale_objects as objects
from .stale_objects import DEQUE, FUNCTION, METHOD, MODULE, PARTIAL
from .transaction import ABSENT
from .wire import BAD_PARAMETERS, RequestError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_LENGTH = 500  # characters of a whole text
_STRING = 120  # characters of one string
_ITEMS = 8  # elements of one container
_DEPTH = 4
_DIGITS = 10_000  # bits: the time to write a number grows with their square


def values(parameters: dict[str, Any]) -> dict[str, Any]:
    """`values`: for each module at a path, each name's text; null where it stands for nothing."""
    path, names = parameters.get("path"), parameters.get("names")
    if type(path) is not str or type(names) is not list or any(
            type(name) is not list or not name or any(type(part) is not str for part in name) for name in names):
        raise RequestError(BAD_PARAMETERS, "a path and lists of names are needed")
    real = modules.real_path(path)
    answer = []
    for module, namespace in modules.user_modules().items():
        if modules.path_of(module, namespace) == real:
            found = [_resolve(namespace, name) for name in names[:100]]
            answer.append({"module": module, "generation": modules.generation_of(module),
                           "values": [None if value is ABSENT else text_of(value) for value in found]})
    return {"modules": answer}


def _resolve(namespace: dict[str, Any], path: list[str]) -> Any:
    """The value of `a.b.c`, through modules, classes and instance dictionaries only."""
    value = dict.get(namespace, path[0], ABSENT)
    for name in path[1:]:
        if objects.is_a(value, MODULE):
            value = dict.get(objects.module_dict(value), name, ABSENT)
        elif objects.is_a(value, type):
            value = next((objects.type_dict(cls)[name] for cls in objects.type_mro(value)
                          if name in objects.type_dict(cls)), ABSENT)
        else:
            value = dict.get(objects.instance_dict(value) or {}, name, ABSENT)
    return value


def text_of(value: Any) -> str:
    """A short text for any value."""
    try:
        text = "".join(_bounded(_pieces(value, _DEPTH, set())))
    except Exception:  # another thread changes what is written
        text = f"<{objects.type_name(type(value))}>"
    return text.encode("utf-8", "backslashreplace").decode()


def _bounded(pieces: Iterator[str]) -> Iterator[str]:
    left = _LENGTH
    for piece in pieces:
        if len(piece) > left:
            yield piece[:left] + "…"
            return
        left -= len(piece)
        yield piece


def _pieces(value: Any, depth: int, around: set[int]) -> Iterator[str]:
    kind = type(value)
    if kind is str or kind is bytes:
        short = value if len(value) <= _STRING else value[:_STRING]
        yield repr(short) if short is value else repr(short) + f"… ({len(value)} {'characters' if kind is str else 'bytes'})"
    elif kind is int:
        yield repr(value) if value.bit_length() <= _DIGITS else f"<int of {value.bit_length()} bits>"
    elif id(kind) in objects.ATOMS and kind is not range or kind is range and max(
            abs(value.start), abs(value.stop), abs(value.step)).bit_length() <= 64:
        yield repr(value)
    elif id(value) in around or depth == 0:
        yield "…"
    else:
        around.add(id(value))
        yield from _composed(value, kind, depth - 1, around)
        around.discard(id(value))


def _composed(value: Any, kind: type, depth: int, around: set[int]) -> Iterator[str]:
    if kind is list or kind is tuple or kind is set or kind is frozenset or kind is DEQUE:
        yield from _elements(value, kind, depth, around)
    elif kind is dict:
        yield "{"
        for number, (key, each) in enumerate(list(islice(value.items(), _ITEMS))):
            yield ", " if number else ""
            yield from _pieces(key, depth, around)
            yield ": "
            yield from _pieces(each, depth, around)
        yield _more(len(value)) + "}"
    elif kind is FUNCTION:
        yield f"<function {value.__qualname__}>"
    elif kind is METHOD:
        yield f"<bound method {getattr(value.__func__, '__qualname__', '')}>" if type(value.__func__) is FUNCTION \
            else "<bound method>"
    elif objects.is_a(value, MODULE):
        name = objects.module_dict(value).get("__name__")
        yield f"<module {name if type(name) is str else '?'}>"
    elif objects.is_a(value, type):
        yield f"<class {objects.class_path(value)}>"
    elif kind is PARTIAL:
        yield "functools.partial("
        yield from _pieces(PARTIAL.__dict__["func"].__get__(value), depth, around)
        yield ", …)"
    else:
        yield from _instance(value, kind, depth, around)


def _elements(value: Any, kind: type, depth: int, around: set[int]) -> Iterator[str]:
    begin, end = {list: "[]", tuple: "()", set: "{}"}.get(kind, "()")
    name = "" if kind in (list, tuple) or kind is set and value else kind.__name__
    if name and kind is set:
        yield "set()"
        return
    yield name + begin + ("[" if name and kind is DEQUE else "{" if name else "")
    for number, each in enumerate(list(islice(value, _ITEMS))):
        yield ", " if number else ""
        yield from _pieces(each, depth, around)
    comma = "," if kind is tuple and len(value) == 1 else ""
    yield _more(len(value)) + comma + ("]" if name and kind is DEQUE else "}" if name else "") + end


def _more(count: int) -> str:
    return f", … {count - _ITEMS} more" if count > _ITEMS else ""


def _instance(value: Any, kind: type, depth: int, around: set[int]) -> Iterator[str]:
    """`Order(total=3)`; a subclass of a built-in type with what that holds: `Money(3)`, `Colour.RED`."""
    name = objects.class_path(kind) if objects.class_module(kind) not in (None, "builtins") else objects.type_name(kind)
    attributes = _attributes(value)
    member = attributes.get("_name_")
    if type(member) is str and "_value_" in attributes:
        yield f"{name}.{member}"
        return
    held = _as_builtin(value)
    if held is None and not attributes:
        yield f"<{name} object>"
        return
    yield f"{name}("
    if held is not None:
        yield from _pieces(held, depth, around)
    for number, (key, each) in enumerate(list(islice(attributes.items(), _ITEMS))):
        yield ", " if number or held is not None else ""
        yield f"{key}="
        yield from _pieces(each, depth, around)
    yield _more(len(attributes)) + ")"


def _attributes(value: Any) -> dict[str, Any]:
    found = {}
    for cls in objects.type_mro(type(value)):
        for name, descriptor in list(objects.type_dict(cls).items()):
            if type(descriptor) is objects.SLOT and objects.type_flags(cls) & objects.HEAP_TYPE:
                try:
                    found[name] = objects.SLOT.__get__(descriptor, value)
                except (AttributeError, TypeError):
                    continue
    found.update(objects.string_items(objects.instance_dict(value) or {}))
    return found


def _as_builtin(value: Any) -> Any:
    """What an instance of a subclass of a built-in type holds, as that type; None for any other."""
    for base, read in ((str, str.__str__), (bytes, bytes.__getitem__), (int, int.__int__), (float, float.__float__)):
        if objects.is_a(value, base):
            return read(value, slice(None)) if base is bytes else read(value)
    for base in (list, tuple, set, frozenset, DEQUE):
        if objects.is_a(value, base):
            return _first(value, base)
    if objects.is_a(value, dict):
        return dict(islice(dict.items(value), _ITEMS + 1))
    return None


def _first(value: Any, base: type) -> Any:
    """The beginning of a container, in one of the built-in type. Elements of a set are not hashed: a list shows them."""
    kind = base if base is tuple else list
    return kind(islice(base.__iter__(value), _ITEMS + 1))
