"""The server as a language server: lifecycle, positions, synchronisation, what it must cope with from clients."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from typing import Any

import pytest
from conftest import Stage
from lsprotocol import types
from program import LIMIT

SHOP = "RATE = 2\n\n\ndef price():\n    return RATE * 10\n"


async def test_initialize_says_who_it_is(stage: Stage) -> None:
    editor = await stage.editor()
    result = next(m["result"] for s, m in editor.protocol.messages if s == "server" and "result" in m)
    assert result["serverInfo"]["name"] == "afresh" and result["serverInfo"]["version"]
    assert result["capabilities"]["experimental"]["reload"] == {"version": 1}
    commands = result["capabilities"]["executeCommandProvider"]["commands"]
    assert {"afresh.reload", "afresh.setMode", "afresh.track", "afresh.untrack", "afresh.status"} <= set(commands)


async def test_shutdown_and_exit_end_it_with_status_0(stage: Stage) -> None:
    assert await (await stage.editor()).quit() == 0


async def test_exit_without_shutdown_ends_it_with_status_1(stage: Stage) -> None:
    editor = await stage.editor()
    editor.client.exit(None)
    assert await asyncio.wait_for(editor.client._server.wait(), LIMIT) == 1


async def test_the_end_of_its_input_ends_it(stage: Stage) -> None:
    editor = await stage.editor()
    editor.client._server.stdin.close()
    await asyncio.wait_for(editor.client._server.wait(), LIMIT)


async def test_the_death_of_the_editor_ends_it(stage: Stage) -> None:
    """processId is of another process than the one that holds the pipes."""
    owner = await asyncio.create_subprocess_exec("sleep", "600")
    server = await Raw.start(stage)
    server.send({"id": 1, "method": "initialize", "params": {
        "processId": owner.pid, "rootUri": None, "capabilities": {}}})
    await server.answer(1)
    owner.kill()
    await owner.wait()
    await asyncio.wait_for(server.process.wait(), LIMIT)


@pytest.mark.parametrize("client", ["visual-studio-code", "neovim@v0.7.0", "neovim@v0.11.0", "emacs"])
async def test_the_capabilities_of_real_editors(stage: Stage, client: str) -> None:
    stage.write({"shop.py": SHOP})
    program, editor = await stage.both("shop", like=client)
    assert (await editor.save("shop.py", SHOP.replace("10", "11")))["outcome"] == "live"
    await editor.save("shop.py", SHOP.replace("return", "retrun"))
    await editor.shows("shop.py", "syntax-error")
    assert await program.ask("shop.price()") == "22"


@pytest.mark.parametrize(("offered", "chosen", "column"), [
    (["utf-8", "utf-16"], "utf-8", 20), (["utf-16"], "utf-16", 18), (["utf-32", "utf-16", "utf-8"], "utf-8", 20),
    (None, None, 18)])
async def test_positions_are_in_the_encoding_that_was_agreed(
    stage: Stage, offered: list[str] | None, chosen: str | None, column: int,
) -> None:
    stage.write({"shop.py": SHOP})
    editor = await stage.editor(encodings=offered)
    encoding = editor.result.capabilities.position_encoding
    assert (encoding or "utf-16") == (chosen or "utf-16")
    # The emoji is 4 bytes, 2 UTF-16 units, 1 character; the error is the second name.
    await editor.save("shop.py", "VALUE = ('\N{GRINNING FACE}'), x y\n")
    (diagnostic,) = await editor.shows("shop.py", "syntax-error")
    assert diagnostic["range"]["start"] == {"line": 0, "character": column}


async def test_incremental_edits_move_diagnostics_nowhere_wrong(stage: Stage) -> None:
    """Many small edits, then a save: what was typed and what is on disk agree, also beyond ASCII."""
    stage.write({"shop.py": "NAME = 'zoë 😀'\n" + SHOP})
    program, editor = await stage.both("shop")
    editor.open("shop.py")
    path = editor.path("shop.py")
    for version, (line, start, end, text) in enumerate([
        (0, 12, 14, "😀😀"), (0, 16, 16, " # ü"), (5, 18, 20, "11"), (2, 0, 0, "\n"), (6, 18, 20, "12"),
    ], 2):
        editor.client.text_document_did_change(types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(uri=path.as_uri(), version=version),
            [types.TextDocumentContentChangePartial(text=text, range=types.Range(
                types.Position(line, start), types.Position(line, end)))]))
    path.write_text("NAME = 'zoë 😀😀' # ü\n" + SHOP.replace("\n\n\n", "\n\n\n\n", 1).replace("10", "12"))
    mark = editor.mark()
    editor.say_saved("shop.py")
    assert (await editor.applied(mark, "shop.py"))["outcome"] == "live"
    assert await program.ask("shop.price(), shop.NAME") == "(24, 'zoë 😀😀')"


async def test_diagnostics_carry_the_version_of_the_document(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    editor = await stage.editor()
    await editor.save("shop.py", SHOP.replace("return", "retrun"))
    await editor.shows("shop.py", "syntax-error")
    assert editor.received("textDocument/publishDiagnostics")[-1]["version"] == 2


async def test_code_actions_reload_a_file(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    program, editor = await stage.both("shop")
    editor.open("shop.py")
    uri = editor.path("shop.py").as_uri()
    start = types.Position(0, 0)
    asked = editor.client.protocol.send_request_async("textDocument/codeAction", types.CodeActionParams(
        text_document=types.TextDocumentIdentifier(uri), range=types.Range(start, start),
        context=types.CodeActionContext(diagnostics=[])))
    mark = editor.mark()
    await asyncio.wait_for(asked, LIMIT)
    actions = next(m["result"] for s, m in reversed(editor.protocol.messages) if s == "server" and "result" in m)
    (action,) = [action for action in actions if action["title"] == "Reload this file"]
    assert action["command"]["command"] == "afresh.reload" and action["command"]["arguments"] == [{"uris": [uri]}]
    editor.path("shop.py").write_text(SHOP.replace("10", "11"))
    await editor.command("afresh.reload", *action["command"]["arguments"])
    assert (await editor.applied(mark, "shop.py"))["outcome"] in ("live", "unchanged")
    assert await program.ask("shop.price()") == "22"


async def test_commands_with_bad_arguments_are_refused_not_obeyed(stage: Stage) -> None:
    editor = await stage.editor()
    for name, arguments in [
        ("afresh.setMode", []), ("afresh.setMode", [{"mode": "loud"}]), ("afresh.reload", [{"uris": 5}]),
        ("afresh.track", [None]), ("afresh.unknown", [])]:
        with pytest.raises(Exception) as caught:
            await editor.command(name, *arguments)
        assert getattr(caught.value, "code", None) in (-32602, -32601), (name, caught.value)


class Raw:
    """A connection that may break the rules."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.messages: list[dict[str, Any]] = []

    @classmethod
    async def start(cls, stage: Stage, *arguments: str) -> Raw:
        return cls(await asyncio.create_subprocess_exec(
            stage.binary, "lsp", *arguments, cwd=stage.folder, env=stage.environment, stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL))

    @classmethod
    async def initialized(cls, stage: Stage, *arguments: str) -> Raw:
        server = await cls.start(stage, *arguments)
        server.send({"id": 0, "method": "initialize", "params": {
            "processId": None, "rootUri": None, "capabilities": {}}})
        await server.answer(0)
        server.send({"method": "initialized", "params": {}})
        return server

    def send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.send_bytes(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def send_bytes(self, data: bytes) -> None:
        assert self.process.stdin
        self.process.stdin.write(data)

    async def read(self) -> dict[str, Any]:
        assert self.process.stdout
        header = await self.process.stdout.readuntil(b"\r\n\r\n")
        length = int(header.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        self.messages.append(json.loads(await self.process.stdout.readexactly(length)))
        return self.messages[-1]

    async def answer(self, identifier: int | str | None) -> dict[str, Any]:
        async def wait() -> dict[str, Any]:
            while True:
                message = await self.read()
                if "method" not in message and message.get("id") == identifier:
                    return message

        return await asyncio.wait_for(wait(), LIMIT)

    async def end(self) -> int:
        self.send({"id": "end", "method": "shutdown"})
        await self.answer("end")
        self.send({"method": "exit"})
        return await asyncio.wait_for(self.process.wait(), LIMIT)


async def test_unknown_requests_get_method_not_found(stage: Stage) -> None:
    server = await Raw.initialized(stage, "--stdio")
    server.send({"method": "$/setTrace", "params": {"value": "off"}})
    server.send({"method": "$/cancelRequest", "params": {"id": 99}})
    server.send({"method": "no/suchNotification"})
    server.send({"id": "a", "method": "no/suchRequest"})
    assert (await server.answer("a"))["error"]["code"] == -32601
    assert await server.end() == 0


async def test_requests_before_initialize_are_refused(stage: Stage) -> None:
    server = await Raw.start(stage)
    server.send({"id": 1, "method": "workspace/executeCommand", "params": {"command": "afresh.status"}})
    assert (await server.answer(1))["error"]["code"] == -32002
    server.send({"id": 2, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}})
    assert "result" in await server.answer(2)
    assert await server.end() == 0


async def test_requests_after_shutdown_are_refused(stage: Stage) -> None:
    server = await Raw.initialized(stage)
    server.send({"id": 1, "method": "shutdown"})
    await server.answer(1)
    server.send({"id": 2, "method": "workspace/executeCommand", "params": {"command": "afresh.status"}})
    assert (await server.answer(2))["error"]["code"] == -32600
    server.send({"method": "exit"})
    assert await asyncio.wait_for(server.process.wait(), LIMIT) == 0


async def test_json_that_is_broken_gets_a_parse_error_and_the_server_lives(stage: Stage) -> None:
    server = await Raw.initialized(stage)
    for body in (b"{", b"[]", b"\xff\xfe", b'{"jsonrpc": "2.0", "id": 1e400, "method": "x"}', b"nul"):
        server.send_bytes(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    server.send({"id": 7, "method": "no/suchRequest"})
    assert (await server.answer(7))["error"]["code"] == -32601
    assert await server.end() == 0


async def test_a_bare_file_without_a_folder_is_served(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    program = await stage.program("shop")
    server = await Raw.initialized(stage)
    uri = (stage.folder / "shop.py").as_uri()
    server.send({"method": "textDocument/didOpen", "params": {"textDocument": {
        "uri": uri, "languageId": "python", "version": 1, "text": SHOP}}})
    (stage.folder / "shop.py").write_text(SHOP.replace("10", "11"))
    server.send({"method": "textDocument/didSave", "params": {"textDocument": {"uri": uri}}})

    async def applied() -> dict[str, Any]:
        while True:
            message = await server.read()
            if message.get("method") == "reload/status" and message["params"]["phase"] == "applied":
                return message["params"]

    assert (await asyncio.wait_for(applied(), LIMIT))["outcome"] in ("live", "unchanged")
    assert await program.ask("shop.price()") == "22"
    assert await server.end() == 0


async def test_a_client_that_ends_while_it_is_written_to_does_no_harm(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    program, editor = await stage.both("shop")
    editor.open("shop.py")
    editor.path("shop.py").write_text(SHOP.replace("10", "11"))
    editor.say_saved("shop.py")
    os.kill(editor.pid, signal.SIGTERM)
    await asyncio.wait_for(editor.client._server.wait(), LIMIT)
    assert await program.ask("shop.price()") in ("20", "22")
    other = await stage.editor()
    await other.programs(1)
    assert (await other.save("shop.py", SHOP.replace("10", "12")))["outcome"] == "live"
    assert await program.ask("shop.price()") == "24"


def newest(capabilities: types.ClientCapabilities) -> None:
    """What editors have announced since the recordings of `client_capabilities` were made."""
    assert capabilities.text_document is not None and capabilities.workspace is not None
    capabilities.text_document.diagnostic = types.DiagnosticClientCapabilities()
    capabilities.text_document.inlay_hint = types.InlayHintClientCapabilities()
    capabilities.workspace.diagnostics = types.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
    capabilities.workspace.inlay_hint = types.InlayHintWorkspaceClientCapabilities(refresh_support=True)


async def test_diagnostics_are_asked_for(stage: Stage) -> None:
    """A client that asks gets what another one is sent, is told when to ask again, and is sent nothing besides."""
    stage.write({"shop.py": SHOP})
    editor = await stage.editor(change=newest)
    editor.open("shop.py")
    document = types.TextDocumentIdentifier(editor.path("shop.py").as_uri())

    async def ask(previous: str | None = None) -> types.DocumentDiagnosticReport:
        return await asyncio.wait_for(editor.client.text_document_diagnostic_async(
            types.DocumentDiagnosticParams(document, previous_result_id=previous)), LIMIT)

    first = await ask()
    assert first.kind == "full" and not first.items
    mark = editor.mark()
    await editor.save("shop.py", SHOP.replace("return", "retrun"))
    await editor.event("refresh", lambda: editor.received("workspace/diagnostic/refresh", mark))
    second = await ask(first.result_id)
    assert [item.code for item in second.items] == ["syntax-error"]
    assert (await ask(second.result_id)).kind == "unchanged"
    assert not editor.received("textDocument/publishDiagnostics", mark)
    everything = await asyncio.wait_for(editor.client.workspace_diagnostic_async(
        types.WorkspaceDiagnosticParams(previous_result_ids=[])), LIMIT)
    assert [(item.uri, len(item.items)) for item in everything.items] == [(document.uri, 1)]


async def test_live_values_in_the_text(stage: Stage) -> None:
    stage.write({"shop.py": SHOP + "COLOURS = ['red']\n"})
    program, editor = await stage.both("shop", settings={"inlayHints": True}, change=newest)
    editor.open("shop.py")

    async def hints() -> list[tuple[int, str]]:
        found = await asyncio.wait_for(editor.client.text_document_inlay_hint_async(types.InlayHintParams(
            types.TextDocumentIdentifier(editor.path("shop.py").as_uri()),
            types.Range(types.Position(0, 0), types.Position(99, 0)))), LIMIT)
        return [(hint.position.line, hint.label) for hint in found]

    assert await hints() == [(0, "→ 2"), (5, "→ ['red']")]
    mark = editor.mark()
    await program.ask("shop.COLOURS.append('blue')")
    await editor.save("shop.py", SHOP.replace("2", "3") + "COLOURS = ['red']\n")
    await editor.event("refresh", lambda: editor.received("workspace/inlayHint/refresh", mark))
    assert await hints() == [(0, "→ 3"), (5, "→ ['red', 'blue']")]


async def test_the_log_tells_what_the_server_did(stage: Stage) -> None:
    stage.write({"shop.py": SHOP.replace("10", "10 * int('4711')")})
    log = stage.folder.parent / "server.log"
    program = await stage.program("shop")
    editor = await stage.editor(arguments=["--log", str(log)])
    await editor.programs(1)
    await editor.save("shop.py", SHOP)
    await editor.save("shop.py", SHOP.replace("return", "retrun"))
    assert await editor.quit() == 0
    text = log.read_text()
    assert "shop applied in app.py" in text and f"pid {program.pid}" in text and "syntax" in text
    assert "RATE" not in text and "4711" not in text
    code, _, complaint = await stage.afresh("lsp", "--log", str(stage.folder / "missing" / "x.log"))
    assert code == 64 and "x.log" in complaint
