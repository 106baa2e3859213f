"""Large things: many documents, long ones, one that is too large, a workspace with more files than anybody wants to look at."""

from __future__ import annotations

import asyncio
import ctypes
import os
import sys
from typing import Any

import pytest
from conftest import Stage
from test_protocol import Raw
from test_soak import resident

IN_OPEN = 0x20


def document(lines: int) -> str:
    return "".join(f"value_{number} = {number}\n" for number in range(lines))


def opened(uri: str, text: str) -> dict[str, Any]:
    return {"method": "textDocument/didOpen", "params": {"textDocument": {
        "uri": uri, "languageId": "python", "version": 1, "text": text}}}


def edited(uri: str, version: int, line: int, text: str = "x") -> dict[str, Any]:
    place = {"line": line, "character": 0}
    return {"method": "textDocument/didChange", "params": {
        "textDocument": {"uri": uri, "version": version},
        "contentChanges": [{"range": {"start": place, "end": place}, "text": text}]}}


async def in_step(server: Raw, identifier: str) -> None:
    """Waits until everything that was sent has been taken in."""
    assert server.process.stdin
    await server.process.stdin.drain()
    server.send({"id": identifier, "method": "test/sync"})
    assert (await server.answer(identifier))["error"]["code"] == -32601


async def test_a_thousand_documents_and_a_long_one(stage: Stage) -> None:
    server = await Raw.initialized(stage)
    text = document(50)
    for number in range(1000):
        uri = (stage.folder / f"m{number}.py").as_uri()
        server.send(opened(uri, text))
        for version in range(2, 6):
            server.send(edited(uri, version, version))
        if number % 100 == 0:
            await in_step(server, f"open {number}")
    long = (stage.folder / "long.py").as_uri()
    server.send(opened(long, document(100_000)))
    for version in range(2, 500):
        server.send(edited(long, version, version * 199))
    await in_step(server, "all")
    assert resident(server.process.pid) < 120
    assert await server.end() == 0


async def test_days_of_edits_leave_nothing_behind(stage: Stage) -> None:
    server = await Raw.initialized(stage)
    path = stage.folder / "day.py"
    path.write_text(document(200))
    uri, text = path.as_uri(), document(200)

    async def hours(count: int) -> None:
        for number in range(count):
            server.send(opened(uri, text))
            for version in range(2, 40):
                server.send(edited(uri, version, version, "a\nb" if version % 7 == 0 else "x"))
            server.send({"method": "textDocument/didSave", "params": {"textDocument": {"uri": uri}}})
            server.send({"method": "textDocument/didClose", "params": {"textDocument": {"uri": uri}}})
            await in_step(server, str(number))
            server.messages.clear()

    await hours(30)
    early = resident(server.process.pid)
    await hours(150)
    assert resident(server.process.pid) < early + 4
    assert await server.end() == 0


async def test_a_document_of_50_mb_is_refused_and_leaves_nothing_behind(stage: Stage) -> None:
    server = await Raw.initialized(stage)
    path = stage.folder / "large.py"
    path.write_text("VALUE = 1\n")
    uri = path.as_uri()
    await in_step(server, "start")
    before = resident(server.process.pid)
    server.send(opened(uri, ("# " + "x" * 97 + "\n") * 500_000))
    await in_step(server, "refused")
    shown = [message["params"]["message"] for message in server.messages if message.get("method") == "window/showMessage"]
    assert len(shown) == 1 and "too large" in shown[0] and "saving it still reloads it" in shown[0]
    server.send(edited(uri, 2, 3))  # of a text that is not known
    await in_step(server, "edited")
    assert resident(server.process.pid) < before + 16
    server.send({"method": "textDocument/didSave", "params": {"textDocument": {"uri": uri}}})
    while server.messages[-1].get("method") != "reload/status" or server.messages[-1]["params"]["phase"] != "applied":
        await asyncio.wait_for(server.read(), 20)
    assert await server.end() == 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="inotify is Linux's")
async def test_a_large_workspace_is_not_looked_through(stage: Stage) -> None:
    """By a server whose client tells it what changes: not one of its folders and files is opened."""
    library = ctypes.CDLL(None, use_errno=True)
    watcher = library.inotify_init1(os.O_NONBLOCK)
    try:
        stage.write({f"package_{number}/module_{other}.py": "" for number in range(40) for other in range(50)})
        for folder in (stage.folder, *stage.folder.iterdir()):
            assert library.inotify_add_watch(watcher, os.fsencode(folder), IN_OPEN) >= 0
        editor = await stage.editor()
        assert any(  # the client watches, as the server has asked it to
            registration["method"] == "workspace/didChangeWatchedFiles"
            for params in await editor.event("registration", lambda: editor.received("client/registerCapability"))
            for registration in params["registrations"])
        await editor.command("afresh.status")
        assert events(watcher) == b""
        editor.path("package_3/module_4.py").read_text()
        assert b"module_4.py" in events(watcher)
    finally:
        os.close(watcher)


def events(watcher: int) -> bytes:
    try:
        return os.read(watcher, 1 << 16)
    except BlockingIOError:
        return b""
