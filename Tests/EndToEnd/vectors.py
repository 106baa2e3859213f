"""Messages made from lsprotocol's types: all that a client may send of a method, and the same with one thing wrong."""

from __future__ import annotations

import collections.abc
import enum
import functools
import random
import types as python_types
import typing
from collections.abc import Collection, Iterator
from typing import Any

import attrs
from lsprotocol import types

DEEPEST = 6
MOST = 40  # variants of one type
Json = Any


def valid(method: str, seed: int) -> Iterator[Json]:
    """Parameters of a request or notification, each of another shape."""
    params = types.METHOD_TO_TYPES[method][2]
    if params is None:
        yield None
        return
    yield from Maker(seed).variants(params, "", 0)


def invalid(method: str, seed: int) -> Iterator[Json]:
    """The same with a value of another kind, or a member left out, at every place in turn."""
    chance = random.Random(seed)
    for message in valid(method, seed):
        for path in list(_places(message)):
            yield _replaced(message, path, chance.choice([None, 7, -1, 2**70, 1.5, "", "text", True, [], [[]], {}, {"a": 1}]))
            yield _left_out(message, path)


class Maker:
    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def one(self, kind: Any, name: str, depth: int) -> Json:
        """One of the variants: of a union or an object, only what is chosen is made."""
        origin, arguments = typing.get_origin(kind), typing.get_args(kind)
        if origin in (typing.Union, python_types.UnionType):
            options = [each for each in arguments if depth < DEEPEST or not attrs.has(each)] or arguments[:1]
            return self.one(self.chance.choice(options), name, depth + 1)
        if isinstance(kind, type) and attrs.has(kind):
            fields, required = _fields(kind)
            chosen: Collection[str] = required
            if depth < DEEPEST and fields:
                chosen = self.chance.choice([required, fields, [*required, self.chance.choice(list(fields))]])
            return {_wire(each): self.one(fields[each], each, depth + 1) for each in fields if each in chosen}
        return self.chance.choice(list(self.variants(kind, name, depth)))

    def variants(self, kind: Any, name: str, depth: int) -> Iterator[Json]:
        origin, arguments = typing.get_origin(kind), typing.get_args(kind)
        if origin in (typing.Union, python_types.UnionType):
            options = [each for each in arguments if depth < DEEPEST or not attrs.has(each)] or arguments[:1]
            for each in options:
                yield from self.variants(each, name, depth + 1)
        elif origin is typing.Literal:
            yield from arguments
        elif origin is tuple:
            yield [self.one(each, name, depth + 1) for each in arguments]
        elif origin in (list, collections.abc.Sequence):
            yield []
            yield [self.one(arguments[0], name, depth + 1) for _ in range(self.chance.randrange(1, 4))]
        elif origin in (dict, collections.abc.Mapping):
            yield {}
            yield {self.one(arguments[0], "uri", depth + 1): self.one(arguments[1], name, depth + 1)}
        elif isinstance(kind, type) and attrs.has(kind):
            yield from self.objects(kind, depth)
        elif isinstance(kind, type) and issubclass(kind, enum.Enum):
            yield from (member.value for member in kind)
        elif kind is type(None):
            yield None
        elif kind is bool:
            yield from (True, False)
        elif kind is int:
            yield from (0, 1, 2**31 - 1)
        elif kind is float:
            yield from (0.5, 2)
        elif kind is str and "uri" in name.lower():
            yield from ("file:///tmp/a.py", "file:///tmp/with%20space/%C3%A9.py", "untitled:Untitled-1", "git:/a.py?%7B%7D")
        elif kind is str:
            yield from ("", "x", "a\U0001f600\u0000\r\n")
        else:  # LSPAny and its parts
            yield from (None, 1, "x", [], {"a": [1.5, {"b": None}]})

    def objects(self, kind: type, depth: int) -> Iterator[Json]:
        fields, required = _fields(kind)
        yield {_wire(name): self.one(fields[name], name, depth + 1) for name in required}
        if depth >= DEEPEST:
            return
        yield {_wire(name): self.one(hint, name, depth + 1) for name, hint in fields.items()}
        made = 0
        for name, hint in fields.items():
            for value in self.variants(hint, name, depth + 1):
                made += 1
                if made > MOST:
                    return
                others = {each: self.one(fields[each], each, depth + 1) for each in required if each != name}
                yield {_wire(each): item for each, item in {**others, name: value}.items()}


@functools.cache
def _fields(kind: type) -> tuple[dict[str, Any], list[str]]:
    """The types of all members, and the names of those that must be there."""
    hints = typing.get_type_hints(kind, vars(types))
    return ({field.name: hints[field.name] for field in attrs.fields(kind)},
            [field.name for field in attrs.fields(kind) if field.default is attrs.NOTHING])


def _wire(name: str) -> str:
    first, *rest = name.rstrip("_").split("_")
    return first + "".join(part.capitalize() for part in rest)


def _places(value: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _places(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _places(inner, (*path, index))


def _replaced(value: Json, path: tuple[str | int, ...], new: Json) -> Json:
    if not path:
        return new
    if isinstance(value, dict):
        return {key: _replaced(inner, path[1:], new) if key == path[0] else inner for key, inner in value.items()}
    return [_replaced(inner, path[1:], new) if index == path[0] else inner for index, inner in enumerate(value)]


def _left_out(value: Json, path: tuple[str | int, ...]) -> Json:
    if not path:
        return None
    if isinstance(value, dict):
        if len(path) == 1:
            return {key: inner for key, inner in value.items() if key != path[0]}
        return {key: _left_out(inner, path[1:]) if key == path[0] else inner for key, inner in value.items()}
    return [_left_out(inner, path[1:]) if index == path[0] else inner for index, inner in enumerate(value)]
