"""What the tests of this folder share: a program that serves, edits of its files, and what is said of each."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from typing import Any

from editor import Editor
from program import LIMIT, Program


async def get(url: str | urllib.request.Request) -> str:
    """The body of the answer, or the status of one that is an error."""
    def fetch() -> str:
        try:
            with urllib.request.urlopen(url, timeout=LIMIT) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            return f"{error.code}"

    return await asyncio.to_thread(fetch)


async def post(url: str, **values: Any) -> str:
    """The same for values that are sent as JSON."""
    return await get(urllib.request.Request(url, json.dumps(values).encode(), {"Content-Type": "application/json"}))


async def address(program: Program) -> str:
    """Where a server says that it listens, on stderr."""
    return (await program.complains(r"(http://127\.0\.0\.1:\d+)")).group(1)


class Edits:
    """Edits of a program's files by one editor."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor

    async def __call__(self, name: str, *changes: tuple[str, str]) -> dict[str, Any]:
        """Replaces texts in a file, saves it, and gives the report about what is stale, or why nothing was applied."""
        text = self.editor.path(name).read_text()
        for old, new in changes:
            assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
            text = text.replace(old, new)
        applied = await self.editor.save(name, text)
        if applied["outcome"] not in ("live", "stale"):
            return applied
        return await self.editor.scanned(applied)


    async def mend(self, report: dict[str, Any]) -> None:
        """Does what the report offers for each stale reference."""
        for host in report["hosts"]:
            for reference in host["stale"]:
                command = reference["remedy"]["command"]
                await self.editor.command(command["command"], *command["arguments"])


def left(report: dict[str, Any]) -> list[str]:
    """What of the edit could not be applied."""
    return [
        f"{module['name']}.{change['symbol']}" for host in report["hosts"] for module in host["modules"]
        for change in module["changes"] if not change["applied"]]


def stale(report: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What is stale: its symbol, the kind of the reference, who holds it."""
    return [(each["symbol"], each["kind"], each["holder"]["path"]) for host in report["hosts"] for each in host["stale"]]
