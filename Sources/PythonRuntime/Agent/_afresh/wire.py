"""Messages as bytes: JSON, and `Content-Length` frames. C parts only, so that a program does not get `json` and `re`."""
from __future__ import annotations

from _json import encode_basestring_ascii, make_encoder, make_scanner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LARGEST_HEADER = 4096
LARGEST_BODY = 256 * 1024 * 1024


class FramingError(Exception):
    """The stream cannot be followed any further."""


class RequestError(Exception):
    """The answer to a request is an error."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


BAD_PARAMETERS = -32602
EXPIRED = -32002
REFUSED = -32003
CANCELLED = -32800


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


class _Decoding:
    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = staticmethod(_no_constant)
    memo: dict[str, str] = {}


_scan = make_scanner(_Decoding)


def decode(body: bytes) -> Any:
    """The JSON value of a whole body. Raises ValueError for anything else."""
    text = body.decode("utf-8").strip(" \t\r\n")
    try:
        value, end = _scan(text, 0)
    except StopIteration:
        raise ValueError("no JSON value") from None
    except RecursionError:
        raise ValueError("nested too deep") from None
    if end != len(text):
        raise ValueError("more than one JSON value")
    return value


def _encode_other(value: object) -> Any:
    raise TypeError(f"{type(value).__name__} is not JSON")


_encoder = make_encoder(None, _encode_other, encode_basestring_ascii, None, ":", ",", False, False, True)


def encode(value: Any) -> bytes:
    """A whole frame."""
    body = "".join(_encoder(value, 0)).encode("ascii")
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


class Framer:
    """Cuts a stream of bytes into bodies."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._length: int | None = None

    def feed(self, data: bytes) -> list[bytes]:
        """The bodies that are complete now. Raises FramingError."""
        buffer = self._buffer
        buffer += data
        bodies = []
        while True:
            if self._length is None:
                end = buffer.find(b"\r\n\r\n", 0, LARGEST_HEADER)
                if end < 0:
                    if len(buffer) >= LARGEST_HEADER:
                        raise FramingError("the header is too long")
                    break
                self._length = _content_length(bytes(buffer[:end]))
                del buffer[: end + 4]
            if len(buffer) < self._length:
                break
            bodies.append(bytes(buffer[: self._length]))
            del buffer[: self._length]
            self._length = None
        return bodies


def _content_length(header: bytes) -> int:
    for line in header.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            value = value.strip()
            if value.isdigit() and len(value) < 12 and int(value) <= LARGEST_BODY:
                return int(value)
            raise FramingError("Content-Length is not a length in bounds")
    raise FramingError("there is no Content-Length")
