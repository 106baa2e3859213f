"""A minimal editor: one thread, blocking pipes, so that no hand-over between threads is inside a measured time."""
from __future__ import annotations

import os
import select
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from frames import configured, cut, frame

LIMIT = 30.0  # seconds to wait for anything


class Editor:
    """Speaks LSP with `afresh lsp`."""

    def __init__(self, binary: Path, folder: Path, environment: dict[str, str], settings: dict) -> None:
        self._server = subprocess.Popen(
            [binary, "lsp"], cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self._input = self._server.stdin.fileno()
        self._output = self._server.stdout.fileno()
        self._received = bytearray()
        self._messages: list[dict] = []
        self._next = 0
        self._settings = settings
        self.pid = self._server.pid
        self.request("initialize", {
            "processId": os.getpid(), "rootUri": folder.as_uri(), "initializationOptions": settings,
            "workspaceFolders": [{"uri": folder.as_uri(), "name": folder.name}], "capabilities": {}})
        self.notify("initialized", {})

    def notify(self, method: str, params: dict) -> None:
        self._send(frame({"method": method, "params": params}))

    def request(self, method: str, params: dict | None) -> object:
        self._next += 1
        identifier = self._next
        self._send(frame({"id": identifier, "method": method, "params": params}))
        return self.wait(lambda message: message.get("id") == identifier and "method" not in message).get("result")

    def wait(self, wanted: Callable[[dict], bool]) -> dict:
        """The first message that is wanted; the others before it are dropped."""
        deadline = time.monotonic() + LIMIT
        while True:
            for index, message in enumerate(self._messages):
                if wanted(message):
                    del self._messages[:index + 1]
                    return message
            self._messages.clear()
            self._read(deadline)

    def status(self, phase: str, after: int) -> dict:
        """The `reload/status` of this phase for a reload later than `after`."""
        return self.wait(lambda message: message.get("method") == "reload/status"
                         and message["params"]["phase"] == phase and message["params"]["sequence"] > after)["params"]

    def close(self) -> None:
        try:
            self.request("shutdown", None)
            self.notify("exit", {})
            self._server.wait(LIMIT)
        finally:
            self._server.kill()
            self._server.wait()
            self._server.stdin.close()
            self._server.stdout.close()

    def _send(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._input, rest):]

    def _read(self, deadline: float) -> None:
        if not select.select([self._output], [], [], max(0, deadline - time.monotonic()))[0]:
            raise TimeoutError("the server did not answer")
        data = os.read(self._output, 1 << 16)
        if not data:
            raise EOFError("the server has ended")
        self._received += data
        for message in cut(self._received):
            if "method" in message and "id" in message:
                self._send(configured(message, self._settings))
            self._messages.append(message)
