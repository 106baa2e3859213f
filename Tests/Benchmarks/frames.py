"""LSP messages as bytes: JSON behind a `Content-Length` header."""
from __future__ import annotations

import json
from collections.abc import Iterator


def frame(message: dict) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", **message}, separators=(",", ":")).encode()
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


def cut(received: bytearray) -> Iterator[dict]:
    """Takes the messages that are complete off the front."""
    while (end := received.find(b"\r\n\r\n")) >= 0:
        length = next(int(line[15:]) for line in bytes(received[:end]).split(b"\r\n")
                      if line.lower().startswith(b"content-length:"))
        if len(received) < end + 4 + length:
            return
        message = json.loads(received[end + 4:end + 4 + length])
        del received[:end + 4 + length]
        yield message


def configured(message: dict, settings: dict | None) -> bytes:
    """The answer to a request of the server: its settings if it asks for them, else null."""
    items = message["params"]["items"] if message["method"] == "workspace/configuration" else None
    return frame({"id": message["id"], "result": None if items is None else [settings for _ in items]})
