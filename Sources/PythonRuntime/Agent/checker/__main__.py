"""The checker: compiles saved texts and works out what an edit changes, in a process of its own.

Spoken to over stdin and stdout as CheckerProtocol.md says. It runs no user code and reads no files of the user's.
"""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import platform
import sys
import threading
import traceback
from select import select
from typing import Any, BinaryIO, Callable

import inspection
import requests
from preempt import Preempted, preemptible

# Deep syntax trees use the C stack while they are compiled; a thread may have a larger one than the process.
STACK_BYTES = 256 * 1024 * 1024
QUIET = 1.0  # seconds that the checks that came at once are given, before other work is done
LARGEST_MESSAGE = 512 * 1024 * 1024
LARGEST_HEADER = 65536
COLLECT_AFTER = 100  # answers, as soon as nobody waits
COLLECT_AT_LAST = 400  # whoever waits
BETWEEN_REQUESTS = 0.03  # seconds after which no other request of the same save is to be expected
BETWEEN_TWO = 0.001  # the same, as far as it matters for less than a millisecond of work

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL_ERROR = -32700, -32600, -32601, -32602, -32603
CANCELLED = -32800


def hello(_params: dict[str, Any]) -> dict[str, Any]:
    return {"version": platform.python_version(), "magic": importlib.util.MAGIC_NUMBER.hex()}


METHODS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "hello": hello,
    "check": requests.check,
    "affected": requests.affected,
    "preview": requests.preview,
    "inspect": inspection.inspect,
}


def answer(message: Any, is_quiet: Callable[[float], bool]) -> dict[str, Any] | None:
    """The answer to one message; None to a notification. Nothing that a message says ends the process."""
    if not isinstance(message, dict) or not isinstance(message.get("method"), str):
        return failure(None, INVALID_REQUEST, "not a request")
    identity = message.get("id")
    method = METHODS.get(message["method"])
    if method is None:
        return failure(identity, METHOD_NOT_FOUND, f"no method is called {message['method']}")
    params = message.get("params")
    if params is not None and not isinstance(params, dict):
        return failure(identity, INVALID_PARAMS, "params must be an object")
    try:
        if method is requests.preview:
            result = preemptible(lambda: not is_quiet(0), lambda: method(params or {}))
        else:
            result = method(params or {})
    except Preempted:
        return failure(identity, CANCELLED, "another request came")
    except requests.InvalidParams as error:
        return failure(identity, INVALID_PARAMS, str(error))
    except Exception as error:
        return failure(identity, INTERNAL_ERROR, f"{type(error).__name__}: {error}", traceback.format_exc())
    return {"jsonrpc": "2.0", "id": identity, "result": result} if "id" in message else None


def failure(identity: Any, code: int, message: str, data: str | None = None) -> dict[str, Any]:
    error: dict[str, Any] = {"code": code, "message": message}
    if data is not None:
        error["data"] = data
    return {"jsonrpc": "2.0", "id": identity, "error": error}


class Input:
    """Messages from a descriptor; it can be asked whether more is on its way."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._buffer = bytearray()

    def message(self) -> bytes | None:
        """The bytes of the next message, or None at the end of input or where it cannot be followed."""
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if len(self._buffer) > LARGEST_HEADER or not self._read():
                return None
        length = content_length(self._buffer[:end])
        if length is None:
            return None
        del self._buffer[: end + 4]
        while len(self._buffer) < length:
            if not self._read():
                return None
        body = bytes(self._buffer[:length])
        del self._buffer[:length]
        return body

    def is_quiet(self, seconds: float) -> bool:
        """Whether nothing comes for a while."""
        return not self._buffer and not select([self._descriptor], [], [], seconds)[0]

    def _read(self) -> bool:
        data = os.read(self._descriptor, 1 << 16)  # of more, the allocator asks the system for memory each time
        self._buffer += data
        return bool(data)


def content_length(header: bytes | bytearray) -> int | None:
    for line in header.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            try:
                length = int(value)
            except ValueError:
                return None
            return length if 0 <= length <= LARGEST_MESSAGE else None
    return None


def serve(source: Input, sink: BinaryIO) -> None:
    gc.disable()  # syntax trees are many objects and no cycles: collections were a fifth of a check
    answered = 0
    while (body := source.message()) is not None:
        try:
            message = json.loads(body)
        except (ValueError, RecursionError) as error:
            reply: dict[str, Any] | None = failure(None, PARSE_ERROR, f"not JSON: {error}")
        else:
            reply = answer(message, source.is_quiet)
        if reply is None:
            continue
        text = json.dumps(reply, separators=(",", ":"), ensure_ascii=True).encode("ascii")
        sink.write(b"Content-Length: %d\r\n\r\n" % len(text) + text)
        sink.flush()
        answered += 1
        text, reply = b"", None
        if source.is_quiet(BETWEEN_TWO):
            requests.release()
        # Not at once: the save goes on in other processes, and they need the processor more.
        pause = BETWEEN_REQUESTS
        for work in requests.ahead():
            if not source.is_quiet(pause):
                break
            work()
            pause = 0.0
        else:
            if answered >= COLLECT_AFTER:
                answered = 0
                gc.collect()
        if answered >= COLLECT_AT_LAST:
            answered = 0
            gc.collect()


def main() -> None:
    # Whatever prints (a warning, a traceback) must not break the protocol: descriptor 1 becomes stderr.
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    source = Input(0)
    threading.stack_size(STACK_BYTES)

    def work() -> None:
        try:
            serve(source, sink)
        except OSError:
            pass  # the server is gone
        os._exit(0)  # nothing to flush, and the main thread must not wait for the end of input

    worker = threading.Thread(target=work, name="checker")
    worker.start()
    worker.join(QUIET)
    if worker.is_alive():
        compile_agent()
    worker.join()


def compile_agent() -> None:
    """Leaves bytecode of the agent's files beside them, where this version of Python has none yet.

    A program that must not write any (PYTHONDONTWRITEBYTECODE, as in most containers) would compile them at each
    start, and
    the larger part while its first save waits.
    """
    import py_compile

    agent = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    try:
        for folder in ("boot", "_afresh"):
            for name in sorted(os.listdir(os.path.join(agent, folder))):
                path = os.path.join(agent, folder, name)
                if name.endswith(".py") and not os.path.exists(importlib.util.cache_from_source(path)):
                    py_compile.compile(path, quiet=2)
    except OSError:
        pass  # a folder that cannot be written: programs compile for themselves


if __name__ == "__main__":
    main()
