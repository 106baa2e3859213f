"""Real programs, started live by `afresh run`, that the tests can ask what they think."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
from pathlib import Path

LIMIT = 60.0  # seconds until a test gives up waiting for anything; a machine may be slow

# The program of most tests: waits in input(), evaluates what it reads, prints the result.
PROBE = """\
import sys
{imports}

def main():
    print("ready", flush=True)
    while True:
        try:
            line = input()
        except EOFError:
            break
        try:
            print(repr(eval(line)), flush=True)
        except BaseException as error:
            print("raised", type(error).__name__, error, flush=True)

if __name__ == "__main__":
    main()
"""


def probe(*modules: str) -> str:
    """Text of a program that imports modules and then answers questions."""
    return PROBE.format(imports="\n".join(f"import {module}" for module in modules))


class Program:
    """One started program. `ask` evaluates an expression inside it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.errors: list[str] = []
        self._wrote = asyncio.Event()
        self._reading = asyncio.create_task(self._read_errors())

    @classmethod
    async def start(cls, command: list[str], folder: Path, environment: dict[str, str]) -> Program:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=folder, env=environment, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE, start_new_session=True)
        return cls(process)

    @property
    def pid(self) -> int:
        return self.process.pid

    async def ready(self) -> Program:
        line = await self.line()
        assert line == "ready", f"the program said {line!r}; stderr: {await self.all_errors()}"
        return self

    async def line(self) -> str:
        assert self.process.stdout
        return (await asyncio.wait_for(self.process.stdout.readline(), LIMIT)).decode().rstrip("\n")

    async def ask(self, expression: str) -> str:
        """repr() of the expression's value, or "raised NAME message"."""
        assert self.process.stdin
        self.process.stdin.write(expression.encode() + b"\n")
        await self.process.stdin.drain()
        return await self.line()

    async def finish(self) -> int:
        """Closes its input, waits for its end; its exit status."""
        assert self.process.stdin
        self.process.stdin.close()
        return await asyncio.wait_for(self.process.wait(), LIMIT)

    async def stop(self) -> None:
        self.kill()
        await asyncio.wait_for(self.process.wait(), LIMIT)
        self._reading.cancel()
        self.process._transport.close()  # else its pipes outlive the event loop

    def kill(self) -> None:
        """Ends it and all its children; they would keep its streams open."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def send_signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    async def all_errors(self) -> str:
        """What it wrote to stderr, once it has closed it (or so far, where it has not within a second)."""
        await asyncio.wait([self._reading], timeout=1)
        return "".join(self.errors)

    async def complains(self, pattern: str) -> re.Match[str]:
        """Waits for a line on stderr in which the pattern is found."""
        while True:
            self._wrote.clear()
            for line in self.errors:
                if match := re.search(pattern, line):
                    return match
            await asyncio.wait_for(self._wrote.wait(), LIMIT)

    async def _read_errors(self) -> None:
        assert self.process.stderr
        while line := await self.process.stderr.readline():
            self.errors.append(line.decode(errors="replace"))
            self._wrote.set()
