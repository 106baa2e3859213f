"""Whom nobody has to trust: other users, programs that lie, and workspaces from somewhere. See Sources/README.md, "Whom we trust"."""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import Stage
from mutation import VALUES, flipped
from program import LIMIT
from test_faults import children
from test_protocol import Raw

SHOP = "RATE = 2\n\n\ndef price():\n    return RATE * 10\n"
NEW = SHOP.replace("10", "11")
NOBODY = 65534
as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")

# Calls a socket, says hello, and prints what comes back until the other side hangs up.
CALLER = """\
import os, socket, sys
os.setgid(65534); os.setuid(65534)
caller = socket.socket(socket.AF_UNIX)
caller.settimeout(60)
try:
    caller.connect(sys.argv[1])
    body = b'{"jsonrpc": "2.0", "id": 1, "method": "hello", "params": {"protocol": 1}}'
    caller.send(b"Content-Length: %d\\r\\n\\r\\n%b" % (len(body), body))
    print(caller.recv(1000))
except OSError as error:
    print(type(error).__name__)
"""
# Is called, and prints what it is told.
LISTENER = """\
import os, socket, sys
os.setgid(65534); os.setuid(65534)
listener = socket.socket(socket.AF_UNIX)
listener.settimeout(60)
listener.bind(sys.argv[1])
listener.listen()
print("ready", flush=True)
caller, _ = listener.accept()
caller.settimeout(60)
print(caller.recv(1000), flush=True)
"""


def runtime_folder(stage: Stage) -> Path:
    return Path(stage.environment["XDG_RUNTIME_DIR"], "afresh")


def open_the_way(stage: Stage) -> Path:
    """Lets everybody into the folder of sockets, as no system would, so that only the credentials stand in the way."""
    folder = runtime_folder(stage)
    for path in (folder, *folder.parents[:3]):
        if path != Path("/tmp"):
            path.chmod(0o777)
    return folder


@as_root
async def test_another_user_is_not_heard(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    program, editor = await stage.both("shop")
    folder = open_the_way(stage)
    sockets = sorted(folder.iterdir())
    assert {path.name.split("-")[0] for path in sockets} == {"host", "server"}
    for path in sockets:
        path.chmod(0o777)
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", CALLER, str(path), stdout=subprocess.PIPE)
        said = (await asyncio.wait_for(process.communicate(), 2 * LIMIT))[0].decode().strip()
        assert said in ("b''", "ConnectionResetError", "BrokenPipeError"), (path, said)
    assert (await editor.save("shop.py", NEW))["outcome"] == "live"


@as_root
async def test_another_user_is_not_called(stage: Stage) -> None:
    """Someone else's socket lies in the folder and is announced as a program's."""
    stage.write({"shop.py": SHOP})
    _, editor = await stage.both("shop")
    path = open_the_way(stage) / f"host-{os.getpid()}-0123abcd.sock"
    listener = await asyncio.create_subprocess_exec(sys.executable, "-c", LISTENER, str(path), stdout=subprocess.PIPE)
    assert listener.stdout and await listener.stdout.readline() == b"ready\n"
    await announce(stage, path)
    assert await asyncio.wait_for(listener.stdout.readline(), 2 * LIMIT) == b"b''\n"
    await listener.wait()
    status = await editor.save("shop.py", NEW)
    assert status["outcome"] == "live" and len(status["hosts"]) == 1


@as_root
async def test_a_folder_of_another_user_is_not_used(stage: Stage) -> None:
    """It was there first: nothing is put into it, and the person is told."""
    folder = runtime_folder(stage)
    folder.mkdir(mode=0o700)
    os.chown(folder, NOBODY, NOBODY)
    code, _, complaint = await stage.afresh("status")
    assert code == 2 and "another user" in complaint
    stage.write({"shop.py": SHOP})
    program = await stage.program("shop")
    assert await program.ask("shop.price()") == "20" and not list(folder.iterdir())


async def announce(stage: Stage, socket: Path) -> None:
    """Says what a program says that has been started."""
    (server,) = runtime_folder(stage).glob("server-*.sock")
    _, writer = await asyncio.open_unix_connection(server)
    writer.write(framed({"jsonrpc": "2.0", "method": "host/started", "params": {
        "protocol": 1, "socket": str(socket), "pid": os.getpid()}}))
    await writer.drain()
    writer.close()


def framed(message: dict[str, Any] | bytes) -> bytes:
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


class Liar:
    """A program that greets properly, and then answers whatever it likes."""

    def __init__(self, stage: Stage, path: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.path = path
        self.hello = {
            "protocol": 1, "id": f"{os.getpid()}-liar", "pid": os.getpid(), "ppid": 1, "name": "liar\x1b[2J\n",
            "runtime": {"name": "CPython", "version": "3.12.1", "executable": stage.python, "magic": "", "optimize": 0},
            "argv": [], "cwd": "/", "notices": [], "restartable": True}
        self.asked: list[str] = []
        self.is_asked = asyncio.Event()

    def answer(self, method: str) -> bytes:
        module = {"name": "shop", "path": str(self.path), "generation": 2**62, "package": False, "main": False, "digest": "0"}
        change = {"symbol": "shop.x", "kind": "function", "change": "modified", "applied": True,
                  "range": {"start": {"line": 2**40, "column": -5}, "end": {"line": -1, "column": 2**62}}}
        results: dict[str, Any] = {
            "prepare": {"modules": [module], "dependents": [module] * 5, "graph": "g", "edges": [
                {"from": "shop", "to": "shop", "names": ["*"], "lazy": False}, {"from": "a", "to": "b", "names": None}]},
            "running": {"source": "////", "code": "AAAA", "digest": "0"}, "modules": {"modules": [module] * 3},
            "apply": {"modules": [{"module": "shop", "generation": -1, "executed": True, "changed": True, "changes": [change]}],
                      "thread": "main", "timings": {"apply": 1e308, "pause": -1}},
            "scan": {"references": [{"symbol": "x", "kind": "binding", "generation": 1, "count": 2**62, "holder": {
                "path": "x", "location": {"path": "../..", "range": change["range"]}}, "confidence": "exact"}],
                "total": -1, "coverage": {"complete": True, "objects": 2**62, "skipped": []}}}
        return json.dumps(results.get(method, {})).encode()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                header = await reader.readuntil(b"\r\n\r\n")
                request = json.loads(await reader.readexactly(int(header.split(b":")[1])))
                if "id" not in request:
                    continue
                method = request["method"]
                self.asked.append(method)
                self.is_asked.set()
                result = json.dumps(self.hello).encode() if method == "hello" else self.twisted(self.answer(method))
                body = b'{"jsonrpc": "2.0", "id": %d, "result": %b}' % (request["id"], result)
                if method != "hello" and self.chance.random() < 0.2:
                    # An answer to nobody, questions, and what is no message.
                    writer.write(framed({"jsonrpc": "2.0", "id": 10**9, "result": None}))
                    writer.write(framed({"jsonrpc": "2.0", "id": 1, "method": "workspace/applyEdit", "params": {}}))
                    writer.write(framed({"jsonrpc": "2.0", "method": "scan/outdated", "params": []}) + b"\r\n\0\xff\r\n\r\n")
                writer.write(framed(body))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def twisted(self, result: bytes) -> bytes:
        kind = self.chance.randrange(4)
        if kind == 0:
            return result
        if kind == 1:
            return self.chance.choice([value for value in VALUES if value])
        if kind == 2:
            return flipped(self.chance, result)
        parts = result.split(b": ")
        place = self.chance.randrange(1, len(parts)) if len(parts) > 1 else 0
        return b": ".join([*parts[:place], self.chance.choice(VALUES) + b", \"x\"", *parts[place:]])


async def test_a_program_that_lies_harms_nobody_else(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    program, editor = await stage.both("shop")
    editor.open("shop.py")
    for seed in range(int(os.environ.get("AFRESH_LIARS", "6"))):
        path = runtime_folder(stage) / f"host-{os.getpid()}-{seed:08x}.sock"
        liar = Liar(stage, editor.path("shop.py"), seed)
        server = await asyncio.start_unix_server(liar.serve, path)
        await announce(stage, path)
        await asyncio.wait_for(liar.is_asked.wait(), LIMIT)
        for number in range(3):
            value = 100 + seed * 10 + number
            status = await editor.save("shop.py", SHOP.replace("10", str(value)))
            own = [host for host in status["hosts"] if host["pid"] == program.pid]
            # A save is brought into all programs or none; what a liar says to it may stop it, and the person is told who.
            assert own and own[0]["outcome"] in ("live", "stale", "unchanged", "blocked", "refused", "rolledBack"), status
            assert status["outcome"] != "live" or await program.ask("shop.price()") == str(2 * value)
        server.close()
        path.unlink(missing_ok=True)
        mark = editor.mark()
        assert "hello" in liar.asked
        await editor.command("afresh.status")
        assert editor.mark() > mark


async def test_nothing_listens_on_a_network(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    program, editor = await stage.both("shop")
    assert (await editor.save("shop.py", NEW))["outcome"] == "live"
    checkers = list(children(editor.pid, "checker"))
    assert checkers
    for pid in (program.pid, editor.pid, *checkers):
        own = set()
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            try:
                target = os.readlink(descriptor)
            except FileNotFoundError:  # it has been closed meanwhile
                continue
            if target.startswith("socket:["):
                own.add(target[8:-1])
        assert pid in checkers or own
        for table in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6"):
            rows = Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:] if Path(f"/proc/{pid}/net/{table}").exists() else []
            assert not own & {row.split()[9] for row in rows}, (pid, table)


def interpreters_of_a_stranger(work: Path, script: str) -> None:
    for name in (".venv/bin/python", ".venv/bin/python3", "venv/bin/python", "python3", "python", "bin/python"):
        path = work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script)
        path.chmod(0o755)


async def test_opening_a_workspace_executes_nothing_of_it(stage: Stage) -> None:
    """Files with names that tools execute: interpreters, start-up files, modules of the standard library's names."""
    marker = stage.folder.parent / "executed"
    interpreters_of_a_stranger(stage.folder, f"#!/bin/sh\necho $0 >> {marker}\n")
    evil = f"open({str(marker)!r}, 'a').write(__name__)\n"
    names = ("sitecustomize", "usercustomize", "ast", "json", "os", "site", "encodings/__init__", "checker/__init__", "_afresh/__init__")
    stage.write({f"{name}.py": evil for name in names} | {
        "shop.py": evil, ".venv/pyvenv.cfg": "home = .\n", ".vscode/settings.json": json.dumps({"afresh.python": "./python"}),
        ".pth": evil, "setup.py": evil, "conftest.py": evil})
    editor = await stage.editor()
    for name in ("shop.py", "ast.py", "sitecustomize.py"):
        editor.open(name)
    assert (await editor.save("shop.py", evil + "def f(:\n"))["outcome"] == "blocked"
    await editor.shows("shop.py", "syntax-error")  # a text was compiled, by someone
    assert await editor.quit() == 0
    assert not marker.exists(), marker.read_text()


async def test_files_are_what_they_are_under_odd_names(stage: Stage) -> None:
    stage.write({"shop.py": SHOP, "sub/x.txt": ""})
    program = await stage.program("shop")
    server = await Raw.initialized(stage)
    path = stage.folder / "shop.py"
    own = path.as_uri()

    async def saved(uri: str) -> dict[str, Any] | None:
        """The first report of a reload until the next request is answered."""
        server.send({"method": "textDocument/didSave", "params": {"textDocument": {"uri": uri}}})

        async def wait() -> dict[str, Any]:
            while True:
                message = await server.read()
                if message.get("method") == "reload/status" and message["params"]["phase"] == "applied":
                    return message["params"]

        return await asyncio.wait_for(wait(), LIMIT)

    # None of these is a file of this machine: nothing is read or reloaded for them.
    path.write_text(SHOP.replace("10", "66"))
    for uri in (
        own.replace("file://", "file://elsewhere"), own.replace("file:", "http:"), own.replace("file:", "git:"),
        "untitled:shop.py", own.replace("shop.py", "shop.py%00.py"), own + "%ff.py", "file:", "", "/etc/passwd",
        own.replace("file://", "file:////").replace("shop", "nothing"), "file:///proc/self/mem.py", "file:///dev/zero",
    ):
        server.send({"method": "textDocument/didSave", "params": {"textDocument": {"uri": uri}}})
        server.send({"id": uri, "method": "test/sync"})
        assert (await server.answer(uri))["error"]["code"] == -32601
    assert await program.ask("shop.price()") == "20"
    # And these are.
    odd = ["sub/../shop.py", "%73hop.py", "./shop.py", "sub/%2e%2e/shop%2Epy"]
    for number, name in enumerate(odd, 11):
        path.write_text(SHOP.replace("10", str(number)))
        status = await saved(own.replace("shop.py", name))
        while status is not None and status["hosts"] == []:
            status = await saved(own.replace("shop.py", name))
        assert await program.ask("shop.price()") == str(2 * number), name
    assert await server.end() == 0
