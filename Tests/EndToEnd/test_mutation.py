"""A great many damaged messages over the server's own pipe: it does not end, does not hang, and keeps no more than it needs.

AFRESH_FRAMES says how many, AFRESH_SEED where they begin: `AFRESH_FRAMES=1000000 AFRESH_SEED=7 Tests/run -- test_mutation.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
from pathlib import Path
from typing import Any

import mutation
import pytest
from conftest import Stage
from test_protocol import Raw
from test_vectors import NOTIFICATIONS, REQUESTS, SEED

FRAMES = int(os.environ.get("AFRESH_FRAMES", "12000"))
ROUND = 4000  # frames for one server: what they open is not closed, and would add up
LARGEST = 100  # MiB; most of it is documents that a round has opened
LIMIT = 100.0
METHODS = ["initialize", "initialized", *REQUESTS, *NOTIFICATIONS]


def resident(pid: int) -> float:
    """MiB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


class Flooded(Raw):
    """Reads what the server says while it is written to: neither side waits for the other for ever."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        super().__init__(process)
        self._answers: dict[Any, dict[str, Any]] = {}
        self._arrived = asyncio.Event()
        self._reading = asyncio.create_task(self._read_on())

    async def _read_on(self) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                message = await self.read()
                self.messages.clear()
                if "method" not in message and isinstance(message.get("id"), str):
                    self._answers[message["id"]] = message
                self._arrived.set()
        self._arrived.set()

    async def put(self, data: bytes) -> None:
        assert self.process.stdin
        self.process.stdin.write(data)
        await self.process.stdin.drain()

    async def code(self, number: int) -> int:
        """The code of the error that an unknown request is answered with."""
        # A body that was announced too long swallows what follows, but not all of it.
        asked = [f"sync-{number}-{attempt}" for attempt in range(12)]
        for identifier in asked:
            await self.put(b"\r\n" * 5000 + mutation.frame(
                b'{"jsonrpc": "2.0", "id": "%b", "method": "test/sync"}' % identifier.encode()))

        async def wait() -> int:
            while True:
                self._arrived.clear()
                if found := next((self._answers[each] for each in asked if each in self._answers), None):
                    return found["error"]["code"]
                assert not self._reading.done(), f"the server ended: {self.process.returncode}"
                await self._arrived.wait()

        return await asyncio.wait_for(wait(), LIMIT)

    async def close(self) -> int:
        assert self.process.stdin
        self.process.stdin.close()
        status = await asyncio.wait_for(self.process.wait(), LIMIT)
        await self._reading
        return status


@pytest.mark.timeout(60 + FRAMES // 50)
async def test_damaged_frames(stage: Stage) -> None:
    corpus = mutation.bodies(METHODS, SEED, 30)
    frames = iter(mutation.stream(corpus, SEED, FRAMES))
    number = 0
    while part := list(itertools.islice(frames, ROUND)):
        number += 1
        # Every third server has not been greeted.
        server = Flooded((await (Raw.start(stage) if number % 3 == 0 else Raw.initialized(stage))).process)
        for position in range(0, len(part), 500):
            await server.put(b"".join(part[position:position + 500]))
            # Not initialized; not known; or an `initialize` or `shutdown` came through the damage.
            assert await server.code(position) in (-32002, -32601, -32600)
        assert resident(server.process.pid) < LARGEST
        # By itself, and not by a signal: 1, as nobody said `shutdown`.
        assert await server.close() in (0, 1)
