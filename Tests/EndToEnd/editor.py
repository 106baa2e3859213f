"""A language client over real pipes that records all traffic and waits for events instead of sleeping."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import traffic
from lsprotocol import types
from program import LIMIT
from pygls.exceptions import JsonRpcException
from pygls.protocol import default_converter
from pytest_lsp import LanguageClient, client_capabilities
from pytest_lsp.client import register_lsp_features
from pytest_lsp.protocol import LanguageClientProtocol

Status = dict[str, Any]


class RecordingProtocol(LanguageClientProtocol):
    """Keeps each message as JSON, in order, with its sender."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.messages: list[tuple[str, dict[str, Any]]] = []
        self.arrived = asyncio.Event()

    def structure_message(self, data: dict[str, Any]) -> Any:
        if "jsonrpc" in data:
            self.messages.append(("server", json.loads(json.dumps(data))))
            self.arrived.set()
        return super().structure_message(data)

    def _send_data(self, data: Any) -> None:
        self.messages.append(("client", json.loads(json.dumps(data, default=self._serialize_message))))
        super()._send_data(data)


class Editor:
    """An editor with one workspace folder and its own server process."""

    def __init__(self, client: LanguageClient, folder: Path) -> None:
        self.client = client
        self.folder = folder
        self.versions: dict[Path, int] = {}
        self.limit = LIMIT  # seconds until an event is given up
        self.result: types.InitializeResult

    @classmethod
    async def start(
        cls, command: list[str], folder: Path, environment: dict[str, str], *, settings: dict[str, Any] | None = None,
        configuration: dict[str, Any] | None = None, like: str = "visual-studio-code",
        encodings: list[str] | None = None, change: Callable[[types.ClientCapabilities], None] | None = None,
    ) -> Editor:
        """`settings` go with initialize, `configuration` is what the server may ask for. `like`: whose capabilities."""
        client = LanguageClient(
            converter_factory=default_converter, protocol_cls=RecordingProtocol,
            configuration={"": {"afresh": configuration or {}}})
        register_lsp_features(client)
        client.feature("reload/status")(lambda *_: None)
        client.feature(types.CLIENT_REGISTER_CAPABILITY)(lambda *_: None)
        client.feature(types.CLIENT_UNREGISTER_CAPABILITY)(lambda *_: None)
        client.feature(types.WORKSPACE_APPLY_EDIT)(lambda *_: types.ApplyWorkspaceEditResult(applied=True))
        for method in (types.WORKSPACE_CODE_LENS_REFRESH, types.WORKSPACE_INLAY_HINT_REFRESH):
            client.feature(method)(lambda *_: None)
        await client.start_io(*command, env=environment, cwd=folder)
        editor = cls(client, folder)
        capabilities = client_capabilities(like)
        if encodings is not None:
            assert capabilities.general is not None
            capabilities.general.position_encodings = [types.PositionEncodingKind(name) for name in encodings]
        if change is not None:
            change(capabilities)
        editor.result = await asyncio.wait_for(
            client.initialize_session(types.InitializeParams(
                capabilities=capabilities, root_uri=folder.as_uri(), initialization_options=settings,
                workspace_folders=[types.WorkspaceFolder(uri=folder.as_uri(), name=folder.name)])), LIMIT)
        return editor

    @property
    def protocol(self) -> RecordingProtocol:
        protocol = self.client.protocol
        assert isinstance(protocol, RecordingProtocol)
        return protocol

    @property
    def pid(self) -> int:
        assert self.client._server is not None
        return self.client._server.pid

    # -- what a person does -------------------------------------------------------------------

    def path(self, name: str | Path) -> Path:
        return self.folder / name

    def open(self, name: str) -> None:
        path = self.path(name)
        self.versions[path] = 1
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(types.TextDocumentItem(
            uri=path.as_uri(), language_id="python", version=1, text=path.read_text(errors="replace"))))

    def type(self, name: str, text: str) -> None:
        """Replaces the whole text in the editor; the disk keeps what it has."""
        path = self.path(name)
        if path not in self.versions:
            self.open(name)
        self.versions[path] += 1
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(uri=path.as_uri(), version=self.versions[path]),
            [types.TextDocumentContentChangeWholeDocument(text=text)]))

    def say_saved(self, name: str) -> None:
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(
            types.TextDocumentIdentifier(uri=self.path(name).as_uri())))

    async def save(self, name: str, text: str) -> Status:
        """Types a text, saves it, and gives the first report about that save."""
        mark = self.mark()
        self.type(name, text)
        self.path(name).write_text(text)
        self.say_saved(name)
        return await self.applied(mark, name)

    async def command(self, name: str, *arguments: Any) -> Any:
        return await asyncio.wait_for(self.client.workspace_execute_command_async(
            types.ExecuteCommandParams(command=name, arguments=list(arguments))), LIMIT)

    async def actions(self, name: str, where: dict[str, Any], **context: Any) -> list[dict[str, Any]]:
        """The code actions at a place, as they were sent: the client's types cannot tell a command from an action with one."""
        mark = self.mark()
        await asyncio.wait_for(self.client.text_document_code_action_async(types.CodeActionParams(
            types.TextDocumentIdentifier(self.path(name).as_uri()),
            types.Range(types.Position(**where["start"]), types.Position(**where["end"])),
            types.CodeActionContext(diagnostics=[], **context))), LIMIT)
        return next(message["result"] for sender, message in self.protocol.messages[mark:]
                    if sender == "server" and isinstance(message.get("result"), list))

    async def in_step(self) -> None:
        """Waits until the server has taken in everything that was sent."""
        with contextlib.suppress(JsonRpcException):  # it knows no such request
            await asyncio.wait_for(self.protocol.send_request_async("test/sync", None), LIMIT)

    # -- what comes back ----------------------------------------------------------------------

    def mark(self) -> int:
        """A place in the record: events are waited for from there on."""
        return len(self.protocol.messages)

    def received(self, method: str, mark: int = 0) -> list[Any]:
        return [
            message.get("params") for sender, message in self.protocol.messages[mark:]
            if sender == "server" and message.get("method") == method]

    async def event(self, what: str, found: Callable[[], Any], limit: float | None = None) -> Any:
        """The first true value of `found`, which is asked again after each message."""
        loop = asyncio.get_running_loop()
        limit = limit or self.limit
        ends = loop.time() + limit
        while True:
            self.protocol.arrived.clear()
            if value := found():
                return value
            try:
                await asyncio.wait_for(self.protocol.arrived.wait(), ends - loop.time())
            except asyncio.TimeoutError:
                raise AssertionError(f"no {what} within {limit} s; the server sent:\n{self.transcript()}") from None

    async def status(
        self, phase: str, mark: int = 0, where: Callable[[Status], bool] = lambda _: True, limit: float | None = None,
    ) -> Status:
        return await self.event(f"reload/status of phase {phase}", lambda: next(
            (s for s in self.received("reload/status", mark) if s["phase"] == phase and where(s)), None), limit)

    async def applied(self, mark: int, *names: str) -> Status:
        """The report of phase applied that speaks of all these files."""
        uris = {self.path(name).as_uri() for name in names}
        return await self.status("applied", mark, lambda s: uris <= set(s["trigger"]["uris"]))

    async def scanned(self, applied: Status) -> Status:
        return await self.status("scanned", 0, lambda s: s["sequence"] == applied["sequence"])

    async def programs(self, count: int, mark: int = 0) -> Status:
        """Waits until the server knows that many programs."""
        def news() -> Status | None:
            told = [s for s in self.received("reload/status", mark) if s["phase"] == "hosts"]
            return told[-1] if told and len(told[-1]["hosts"]) == count else None

        return await self.event(f"news of {count} programs", news)

    def diagnostics(self, name: str) -> list[dict[str, Any]]:
        """Those that the editor shows now."""
        uri = self.path(name).as_uri()
        published = [p for p in self.received("textDocument/publishDiagnostics") if p["uri"] == uri]
        return published[-1]["diagnostics"] if published else []

    async def shows(self, name: str, *codes: str) -> list[dict[str, Any]]:
        """Waits until the file's diagnostics have exactly these codes."""
        def found() -> tuple[list[dict[str, Any]]] | None:
            diagnostics = self.diagnostics(name)
            return (diagnostics,) if sorted(str(d.get("code")) for d in diagnostics) == sorted(codes) else None

        return (await self.event(f"diagnostics {list(codes)} for {name}", found))[0]

    def transcript(self) -> str:
        return "\n".join(json.dumps(m)[:600] for sender, m in self.protocol.messages if sender == "server")

    # -- the end ------------------------------------------------------------------------------

    async def quit(self) -> int:
        """Shutdown and exit as the protocol has them; the server's exit status."""
        await asyncio.wait_for(self.client.shutdown_async(None), LIMIT)
        self.client.exit(None)
        assert self.client._server is not None
        return await asyncio.wait_for(self.client._server.wait(), LIMIT)

    async def close(self) -> None:
        """Ends the server if it still runs, then judges everything that it ever sent."""
        server = self.client._server
        assert server is not None
        died = server.returncode
        if died is None:
            await self.quit()
        await self.client.stop()
        complaints = traffic.complaints(self.protocol.messages)
        assert not complaints, "what the server sent is wrong:\n" + "\n".join(complaints[:20])
