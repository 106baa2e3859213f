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
from typing import Any, BinaryIO, Callable

import requests

# Deep syntax trees use the C stack while they are compiled; a thread may have a larger one than the process.
STACK_BYTES = 256 * 1024 * 1024
QUIET = 1.0  # seconds that the checks that came at once are given, before other work is done
LARGEST_MESSAGE = 512 * 1024 * 1024
COLLECT_AFTER = 100  # answers

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL_ERROR = -32700, -32600, -32601, -32602, -32603


def hello(_params: dict[str, Any]) -> dict[str, Any]:
    return {"version": platform.python_version(), "magic": importlib.util.MAGIC_NUMBER.hex()}


METHODS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "hello": hello,
    "check": requests.check,
    "affected": requests.affected,
}


def answer(message: Any) -> dict[str, Any] | None:
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
        result = method(params or {})
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


def read_message(stream: BinaryIO) -> bytes | None:
    """The bytes of the next message, or None at the end of input."""
    length: int | None = None
    while True:
        line = stream.readline(65536)
        if not line:
            return None
        line = line.strip()
        if not line:
            if length is None:
                continue
            break
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            try:
                length = int(value)
            except ValueError:
                return None
            if not 0 <= length <= LARGEST_MESSAGE:
                return None
    body = stream.read(length)
    return body if len(body) == length else None


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    gc.disable()  # syntax trees are many objects and no cycles: collections were a fifth of a check
    answered = 0
    while (body := read_message(source)) is not None:
        try:
            message = json.loads(body)
        except (ValueError, RecursionError) as error:
            reply: dict[str, Any] | None = failure(None, PARSE_ERROR, f"not JSON: {error}")
        else:
            reply = answer(message)
        if reply is not None:
            text = json.dumps(reply, separators=(",", ":"), ensure_ascii=True).encode("ascii")
            sink.write(b"Content-Length: %d\r\n\r\n" % len(text) + text)
            sink.flush()
            requests.warm()
            answered += 1
            if answered % COLLECT_AFTER == 0:
                gc.collect()


def main() -> None:
    # Whatever prints (a warning, a traceback) must not break the protocol: descriptor 1 becomes stderr.
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    source = sys.stdin.buffer
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
