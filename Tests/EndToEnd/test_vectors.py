"""Whatever a client may send, and may not: taken, or refused with the right error, and the server goes on."""

from __future__ import annotations

import asyncio
import itertools
import os
from typing import Any

import pytest
from conftest import Stage
from test_protocol import Raw
from vectors import invalid, valid

SEED = int(os.environ.get("AFRESH_SEED", "1"))
MOST = int(os.environ.get("AFRESH_VECTORS", "120"))  # messages of each kind
REQUESTS = [
    "textDocument/hover", "textDocument/codeAction", "textDocument/codeLens", "textDocument/inlayHint",
    "textDocument/diagnostic", "workspace/executeCommand", "codeAction/resolve",
]
NOTIFICATIONS = [
    "textDocument/didOpen", "textDocument/didChange", "textDocument/didSave", "textDocument/didClose",
    "workspace/didChangeConfiguration", "workspace/didChangeWatchedFiles", "workspace/didChangeWorkspaceFolders",
    "workspace/didDeleteFiles", "workspace/didRenameFiles", "window/workDoneProgress/cancel", "$/cancelRequest",
    "$/setTrace",
]
INVALID_PARAMS, INTERNAL, MODIFIED = -32602, -32603, -32801
# What these ask for cannot be there: no such command, no action that was offered.
UNKNOWN = {"workspace/executeCommand": {INVALID_PARAMS}, "codeAction/resolve": {INVALID_PARAMS, MODIFIED}}


async def refused(server: Raw, messages: list[dict[str, Any]]) -> list[str]:
    """Sends them all and waits until the server has seen the last one; the warnings in its log."""
    for message in messages:
        server.send(message)
    server.send({"id": "sync", "method": "test/sync"})
    mark = len(server.messages)
    assert (await server.answer("sync"))["error"]["code"] == -32601
    return [message["params"]["message"] for message in server.messages[mark:]
            if message.get("method") == "window/logMessage" and "is ignored" in message["params"]["message"]]


@pytest.mark.parametrize("method", REQUESTS)
async def test_requests(stage: Stage, method: str) -> None:
    server = await Raw.initialized(stage)
    count = 0
    for params in itertools.islice(valid(method, SEED), MOST):
        count += 1
        server.send({"id": count, "method": method, "params": params})
        error = (await server.answer(count)).get("error")
        assert error is None or error["code"] in UNKNOWN.get(method, ()), (params, error)
    assert count > 5
    for params in itertools.islice(invalid(method, SEED), MOST):
        count += 1
        server.send({"id": count, "method": method, "params": params})
        error = (await server.answer(count)).get("error")
        assert error is None or error["code"] in {INVALID_PARAMS, *UNKNOWN.get(method, ())}, (params, error)
    assert await server.end() == 0


@pytest.mark.parametrize("method", NOTIFICATIONS)
async def test_notifications(stage: Stage, method: str) -> None:
    server = await Raw.initialized(stage)
    for params in itertools.islice(valid(method, SEED), MOST):
        assert await refused(server, [{"method": method, "params": params}]) == [], params
    wrong = [{"method": method, "params": params} for params in itertools.islice(invalid(method, SEED), MOST)]
    for part in itertools.batched(wrong, 50) if hasattr(itertools, "batched") else [wrong]:
        await refused(server, list(part))
    assert await server.end() == 0


async def test_initialize(stage: Stage) -> None:
    """Each in a server of its own: it can be sent once."""
    messages = [(params, True) for params in itertools.islice(valid("initialize", SEED), 30)]
    messages += [(params, False) for params in itertools.islice(invalid("initialize", SEED), 0, 4000, 100)]
    for params, is_valid in messages:
        if isinstance(params, dict):
            params = {**params, "processId": None}  # of a process that need not be there
        server = await Raw.start(stage)
        server.send({"id": 0, "method": "initialize", "params": params})
        answer = await server.answer(0)
        if is_valid:
            assert "result" in answer, (params, answer)
        else:
            assert answer.get("error", {"code": INVALID_PARAMS})["code"] == INVALID_PARAMS, (params, answer)
        assert server.process.stdin
        server.process.stdin.close()
        await asyncio.wait_for(server.process.wait(), 20)
