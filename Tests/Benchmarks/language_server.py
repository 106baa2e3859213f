"""The client's end of a language server: one thread and non-blocking pipes, so that a flood dead-locks nothing and no
hand-over between threads is inside a measured time."""
from __future__ import annotations

import os
import select
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from frames import configured, cut, frame

LIMIT = 60.0  # seconds to wait for anything


class Server:
    """A process that speaks LSP. What it asks is answered with null; notifications are counted and dropped."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self._errors = tempfile.TemporaryFile()
        self.started = time.perf_counter()
        self._process = subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, stderr=self._errors, bufsize=0)
        self._input, self._output = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._input, False)
        os.set_blocking(self._output, False)
        self.pid = self._process.pid
        self._unsent = bytearray()
        self._received = bytearray()
        self._answers: dict[int, tuple[dict, float]] = {}
        self._last = 0
        self.notifications: dict[str, int] = {}

    # -- messages ------------------------------------------------------------------------------

    def notify(self, method: str, params: dict) -> None:
        self.put(frame({"method": method, "params": params}))

    def ask(self, method: str, params: dict | None) -> int:
        self._last += 1
        self.put(frame({"id": self._last, "method": method, **({} if params is None else {"params": params})}))
        return self._last

    def answer(self, identifier: int) -> tuple[dict, float]:
        """The answer, and when its last byte came."""
        self.pump(lambda: identifier in self._answers)
        return self._answers.pop(identifier)

    def initialize(self, capabilities: dict | None = None) -> float:
        """Seconds from the start of the process to the answer."""
        folder = {"uri": self.folder.as_uri(), "name": self.folder.name}
        _, arrived = self.answer(self.ask("initialize", {
            "processId": os.getpid(), "rootUri": folder["uri"], "workspaceFolders": [folder],
            "capabilities": {"general": {"positionEncodings": ["utf-8", "utf-16"]}, **(capabilities or {})}}))
        return arrived - self.started

    def ready(self, capabilities: dict | None = None) -> None:
        self.initialize(capabilities)
        self.notify("initialized", {})
        self.answer(self.ask("benchmark/unknown", {}))

    def open(self, path: Path, text: str) -> None:
        self.notify("textDocument/didOpen", {"textDocument": {
            "uri": path.as_uri(), "languageId": "python", "version": 1, "text": text}})

    def hover(self, path: Path) -> int:
        return self.ask("textDocument/hover", {
            "textDocument": {"uri": path.as_uri()}, "position": {"line": 0, "character": 0}})

    def close(self) -> None:
        try:
            self.answer(self.ask("shutdown", None))
            self.notify("exit", {})
            self.pump(lambda: not self._unsent)
            self._process.wait(LIMIT)
        finally:
            self.kill()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()
        self._errors.close()

    # -- bytes ---------------------------------------------------------------------------------

    def put(self, data: bytes) -> None:
        """To be sent; without waiting, as much as fits at once."""
        self._unsent += data
        self._write()

    def pump(self, done: Callable[[], bool]) -> None:
        """Moves bytes in both directions until it is done."""
        ends = time.perf_counter() + LIMIT
        while not done():
            readable, writable, _ = select.select(
                [self._output], [self._input] if self._unsent else [], [], max(0, ends - time.perf_counter()))
            if not readable and not writable:
                raise TimeoutError("the server does not answer")
            if writable:
                self._write()
            if readable:
                self._read()

    def _write(self) -> None:
        try:
            del self._unsent[:os.write(self._input, memoryview(self._unsent)[:1 << 16])]
        except BlockingIOError:
            pass

    def _read(self) -> None:
        data = os.read(self._output, 1 << 20)
        if not data:
            raise EOFError("the server has ended")
        self._received += data
        arrived = time.perf_counter()
        for message in cut(self._received):
            method = message.get("method")
            if method is None:
                self._answers[message["id"]] = (message, arrived)
            elif "id" in message:
                self.put(configured(message, None))
            else:
                self.notifications[method] = self.notifications.get(method, 0) + 1


def resident(pid: int) -> float:
    """MiB of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0
