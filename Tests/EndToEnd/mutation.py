"""Messages that went wrong on the way, or were made by someone who means harm: valid frames with something changed."""

from __future__ import annotations

import itertools
import json
import random
import re
from collections.abc import Callable, Iterable
from typing import Any

from vectors import valid

Mutation = Callable[[random.Random, bytes], bytes]
# What stands where a value was. The last ones are no JSON.
VALUES = [
    b"null", b"true", b"0", b"-1", b"2147483648", b"99999999999999999999", b"-0", b"1e400", b"1.5", b'""', b'"\\ud800"',
    b'"\\u0000"', b'"' + b"x" * 5000 + b'"', b"[]", b"{}", b"[[[[[[]]]]]]", b"[null]", b'{"a": {"a": {}}}',
    b"[" * 600 + b"]" * 600, b"NaN", b"nul", b"'x'", b"01", b"\xff\xfe", b"",
]
TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null')


def frame(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


def bodies(methods: Iterable[str], seed: int, most: int) -> list[bytes]:
    """Valid requests and notifications of these methods, and answers to what the server may have asked."""
    found: list[bytes] = []
    numbers = itertools.count(1000)
    for method in methods:
        is_request = not method.split("/")[-1].startswith(("did", "cancel", "setTrace", "initialized"))
        for params in itertools.islice(valid(method, seed), most):
            message: dict[str, Any] = {"jsonrpc": "2.0", "method": method, "params": params}
            found.append(json.dumps({**message, "id": next(numbers)} if is_request else message).encode())
    settings = {"mode": "explicit", "policy": "exact", "track": ["a.b"], "exclude": ["**/x"], "stale": {"samples": 3}}
    for identifier, result in itertools.product(range(1, 5), (None, [settings], [None], True)):
        found.append(json.dumps({"jsonrpc": "2.0", "id": identifier, "result": result}).encode())
        found.append(json.dumps({"jsonrpc": "2.0", "id": identifier, "error": {"code": -1, "message": "no"}}).encode())
    found.append(json.dumps({"jsonrpc": "2.0", "method": "workspace/didChangeConfiguration", "params": {
        "settings": {"afresh": settings}}}).encode())
    return found


def flipped(chance: random.Random, body: bytes) -> bytes:
    changed = bytearray(body)
    for _ in range(chance.choice([1, 1, 1, 2, 8])):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def cut(chance: random.Random, body: bytes) -> bytes:
    start, end = sorted(chance.randrange(len(body) + 1) for _ in range(2))
    return chance.choice([body[:start], body[start:], body[:start] + body[end:]])


def repeated(chance: random.Random, body: bytes) -> bytes:
    start, end = sorted(chance.randrange(len(body) + 1) for _ in range(2))
    return body[:end] + body[start:end] * chance.choice([1, 2, 50]) + body[end:]


def replaced(chance: random.Random, body: bytes) -> bytes:
    """A string, number or word is something else; three times in four the JSON stays well-formed."""
    places = list(TOKEN.finditer(body))
    if not places:
        return flipped(chance, body)
    place = chance.choice(places)
    return body[:place.start()] + chance.choice(VALUES) + body[place.end():]


def mutated(chance: random.Random, body: bytes, other: bytes) -> bytes:
    """A frame for the body with one or several things wrong with it; in one of ten cases nothing is."""
    kind = chance.randrange(20)
    if kind < 2:
        return frame(body)
    if kind < 5:
        return frame(flipped(chance, body))
    if kind < 7:
        return frame(cut(chance, body))
    if kind < 9:
        return frame(repeated(chance, body))
    if kind < 14:
        return frame(replaced(chance, body))
    if kind < 16:
        return frame(replaced(chance, replaced(chance, body)))
    if kind < 17:
        middle = chance.randrange(len(body))
        return frame(body[:middle] + other[middle:])
    # The frame itself. No length becomes so large that all that follows would belong to it.
    lengths = [b"0", b"-5", b"%d" % (len(body) + 1), b"%d" % (len(body) // 2), b"abc", b"", b"1e3"]
    whole = chance.choice([
        b"Content-Length: %b\r\n\r\n%b" % (chance.choice(lengths), body), b"content-length:%d\n\n%b" % (len(body), body),
        b"Content-Type: x\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body), b"\r\n\r\n" + frame(body),
        b"nothing of the kind\r\n\r\n" + frame(body), frame(body)[:-3], body])
    return chance.choice([
        whole, flipped(chance, whole), b"Content-Length: %d\r\n\r\n%b" % (chance.choice([2**63, 2**64, 10**30]), body)])


def stream(corpus: list[bytes], seed: int, count: int) -> Iterable[bytes]:
    chance = random.Random(seed)
    for _ in range(count):
        yield mutated(chance, chance.choice(corpus), chance.choice(corpus))
