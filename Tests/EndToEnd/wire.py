"""A client that says to the letter what a test tells it to: messages as editors send them, and what comes back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from program import LIMIT

Message = dict[str, Any]


class Wire:
    """One process that speaks the protocol on its standard streams."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.received: list[Message] = []
        self.answers: dict[str, Callable[[Any], Any]] = {
            "window/workDoneProgress/create": lambda _: None}  # to requests of the server; others get an error
        self._arrived = asyncio.Event()
        self._number = 0
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, command: list[str], folder: Path, environment: dict[str, str]) -> Wire:
        return cls(await asyncio.create_subprocess_exec(
            *command, cwd=folder, env=environment, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE))

    def send(self, **message: Any) -> None:
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(data), data))

    def notify(self, method: str, params: Any) -> None:
        self.send(method=method, params=params)

    async def ask(self, method: str, params: Any) -> Message:
        """The whole answer, `result` or `error`."""
        self._number += 1
        number = self._number
        self.send(id=number, method=method, params=params)
        return await self.event(method, lambda message: message.get("id") == number and "method" not in message)

    async def event(self, what: str, found: Callable[[Message], Any], since: int = 0) -> Message:
        """The first message from `since` on for which `found` holds."""
        async def search() -> Message:
            at = since
            while True:
                self._arrived.clear()
                while at < len(self.received):
                    if found(self.received[at]):
                        return self.received[at]
                    at += 1
                await self._arrived.wait()

        try:
            return await asyncio.wait_for(search(), LIMIT)
        except asyncio.TimeoutError:
            raise AssertionError(f"no {what}; there came:\n" + "\n".join(map(str, self.received))) from None

    async def status(self, phase: str, since: int = 0) -> Message:
        """`reload/status` of that phase."""
        message = await self.event(
            f"reload/status {phase}", lambda m: m.get("method") == "reload/status" and m["params"]["phase"] == phase, since)
        return message["params"]

    async def diagnostics(self, uri: str, codes: list[str], since: int = 0) -> list[Message]:
        """What is published for a file, once these are its codes."""
        message = await self.event(f"diagnostics {codes}", lambda m: (
            m.get("method") == "textDocument/publishDiagnostics" and m["params"]["uri"] == uri
            and [each["code"] for each in m["params"]["diagnostics"]] == codes), since)
        return message["params"]["diagnostics"]

    async def ended(self) -> int:
        return await asyncio.wait_for(self.process.wait(), LIMIT)

    async def stop(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()
        await self._reading
        self.process._transport.close()  # type: ignore[attr-defined]

    async def _read(self) -> None:
        assert self.process.stdout
        while header := await self.process.stdout.readline():
            assert header.startswith(b"Content-Length: "), header
            await self.process.stdout.readexactly(2)
            message = json.loads(await self.process.stdout.readexactly(int(header.split()[1])))
            if "method" in message and "id" in message:
                answer = self.answers.get(message["method"])
                self.send(id=message["id"], **(
                    {"result": answer(message.get("params"))} if answer is not None
                    else {"error": {"code": -32601, "message": "unknown"}}))
            self.received.append(message)
            self._arrived.set()
