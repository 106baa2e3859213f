"""A program's own socket, spoken to without a server."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from conftest import Stage
from program import LIMIT


class HostSocket:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._number = 0

    @classmethod
    async def open(cls, stage: Stage) -> HostSocket:
        (path,) = (Path(stage.environment["XDG_RUNTIME_DIR"]) / "afresh").glob("host-*.sock")
        socket = cls(*await asyncio.open_unix_connection(str(path)))
        await socket.ask("hello", {"protocol": 1, "client": {"name": "test", "version": "1", "pid": 0}})
        return socket

    async def ask(self, method: str, params: dict[str, Any]) -> Any:
        self._number += 1
        body = json.dumps({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params}).encode()
        self._writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        while True:
            message = await asyncio.wait_for(self._read(), LIMIT)
            if message.get("id") == self._number:
                assert "error" not in message, message
                return message["result"]

    async def _read(self) -> dict[str, Any]:
        length = 0
        while line := (await self._reader.readline()).strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return json.loads(await self._reader.readexactly(length))
