"""Editors that need nothing but settings, those of `editors/`: Kate, Helix, JupyterLab.

Debian 12 has no Helix, and Kate comes with a desktop: what they send, with which capabilities and in which order, was taken
down from Kate 22.12 and Helix 25.07. JupyterLab's own server is real, with its proxy for language servers.
"""

from __future__ import annotations

import json
import os
import tomllib
from typing import Any

from conftest import ROOT, Stage
from wire import Wire

SHOP = "RATE = 2\n\n\ndef price():\n    return RATE * 10\n"
CART = "from shop import RATE, price\n\n\ndef pay():\n    return price()\n"
PROGRAM = "import shop, cart\nprint('ready', flush=True)\nwhile line := input():\n    print(eval(line), flush=True)\n"


async def begun(stage: Stage, command: list[str]) -> tuple[Any, Wire]:
    stage.write({"shop.py": SHOP, "cart.py": CART, "app.py": PROGRAM, "pyproject.toml": ""})
    program = await (await stage.start(stage.python, "app.py")).ready()
    return program, await Wire.start(command, stage.folder, stage.environment)


KATE = {
    "textDocument": {
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "refactor", "source"]}}},
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
        "hover": {"contentFormat": ["markdown", "plaintext"]}, "publishDiagnostics": {"relatedInformation": True},
        "selectionRange": {"dynamicRegistration": False}, "synchronization": {"didSave": True}},
    "window": {"workDoneProgress": True}}


async def test_kate(stage: Stage) -> None:
    """The whole text at each change; asks for what nobody offers; a save before the change that goes with it; `shutdown`
    that wants no answer.
    """
    settings = json.loads((ROOT / "editors" / "kate" / "settings.json").read_text())["servers"]["python"]
    program, kate = await begun(stage, settings["command"])
    root, shop, cart = (stage.folder.as_uri(), *((stage.folder / name).as_uri() for name in ("shop.py", "cart.py")))
    begin = {"capabilities": KATE, "processId": os.getpid(), "rootPath": str(stage.folder), "rootUri": root,
             "initializationOptions": {"policy": "exact", "dependents": "none"}}
    try:
        result = (await kate.ask("initialize", begin))["result"]
        assert result["capabilities"].get("positionEncoding", "utf-16") == "utf-16"
        kate.notify("initialized", {})
        await kate.status("hosts")
        for uri, text in ((shop, SHOP), (cart, CART)):
            kate.notify("textDocument/didOpen", {"textDocument": {"languageId": "python", "text": text, "uri": uri, "version": 0}})
            answer = await kate.ask("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
            assert answer["error"]["code"] == -32601

        # It adds the newline at the end of the file as it saves, and says so afterwards.
        text = SHOP.replace("RATE = 2", "RATE = 3").rstrip()
        kate.notify("textDocument/didChange", {"contentChanges": [{"text": text}], "textDocument": {"uri": shop, "version": 2}})
        (stage.folder / "shop.py").write_text(text + "\n")
        kate.notify("textDocument/didSave", {"textDocument": {"uri": shop}})
        kate.notify(
            "textDocument/didChange", {"contentChanges": [{"text": text + "\n"}], "textDocument": {"uri": shop, "version": 3}})
        assert (await kate.status("scanned"))["outcome"] == "stale"
        assert await program.ask("shop.RATE, cart.RATE") == "(3, 2)"
        shown = await kate.diagnostics(cart, ["stale-binding", "stale-binding"])
        first = next(each for each in shown if "shop.RATE" in each["message"])

        # Diagnostics come back without what only the server understands.
        known = {name: first[name] for name in ("range", "code", "severity", "source", "message")}
        actions = (await kate.ask("textDocument/codeAction", {
            "textDocument": {"uri": cart}, "range": first["range"], "context": {"diagnostics": [known]}}))["result"]
        rebind = next(each["command"] for each in actions if each["title"] == "Rebind `RATE` to generation 2")
        mark = len(kate.received)
        await kate.ask("workspace/executeCommand", {"command": rebind["command"], "arguments": rebind["arguments"]})
        await kate.diagnostics(cart, ["stale-binding"], mark)
        assert await program.ask("shop.RATE, cart.RATE") == "(3, 3)"

        kate.notify("textDocument/didClose", {"textDocument": {"uri": shop}})
        kate.notify("shutdown", {})
        kate.notify("exit", {})
        assert await kate.ended() == 0
    finally:
        await kate.stop()

    # Its settings are read when the server starts: another mode begins with "Restart LSP Server".
    again = await Wire.start(settings["command"], stage.folder, stage.environment)
    try:
        await again.ask("initialize", {**begin, "initializationOptions": {"mode": "off"}})
        again.notify("initialized", {})
        await again.status("hosts")
        (stage.folder / "shop.py").write_text(SHOP)
        again.notify("textDocument/didSave", {"textDocument": {"uri": shop}})
        assert (await again.status("applied"))["outcome"] == "unchanged"
        assert await program.ask("shop.RATE") == "3"
    finally:
        await again.stop()


HELIX = {
    "general": {"positionEncodings": ["utf-8", "utf-32", "utf-16"]},
    "textDocument": {
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": [
                "", "quickfix", "refactor", "refactor.extract", "refactor.inline", "refactor.rewrite", "source",
                "source.organizeImports"]}},
            "dataSupport": True, "disabledSupport": True, "isPreferredSupport": True,
            "resolveSupport": {"properties": ["edit", "command"]}},
        "diagnostic": {"dynamicRegistration": False, "relatedDocumentSupport": True},
        "hover": {"contentFormat": ["markdown"]}, "inlayHint": {"dynamicRegistration": False},
        "publishDiagnostics": {"tagSupport": {"valueSet": [1, 2]}, "versionSupport": True}},
    "window": {"workDoneProgress": True},
    "workspace": {
        "applyEdit": True, "configuration": True, "diagnostics": {"refreshSupport": True},
        "didChangeConfiguration": {"dynamicRegistration": False},
        "didChangeWatchedFiles": {"dynamicRegistration": True, "relativePatternSupport": False},
        "executeCommand": {"dynamicRegistration": False}, "inlayHint": {"refreshSupport": False},
        "workspaceEdit": {"documentChanges": True, "failureHandling": "abort", "normalizesLineEndings": False},
        "workspaceFolders": True}}


async def test_helix(stage: Stage) -> None:
    """Bytes as positions; a save that is told of twice; diagnostics that it asks for; settings without their section."""
    written = tomllib.loads((ROOT / "editors" / "helix" / "languages.toml").read_text())["language-server"]["afresh"]
    program, helix = await begun(stage, [written["command"], *written["args"]])
    helix.answers |= {
        "workspace/configuration": lambda params: [None for _ in params["items"]],
        "client/registerCapability": lambda _: None, "workspace/diagnostic/refresh": lambda _: None}
    root, shop, cart = (stage.folder.as_uri(), *((stage.folder / name).as_uri() for name in ("shop.py", "cart.py")))
    settings = {"policy": "exact", "dependents": "none"}

    async def pull(uri: str) -> list[dict[str, Any]]:
        return (await helix.ask("textDocument/diagnostic", {
            "identifier": "afresh", "textDocument": {"uri": uri}}))["result"]["items"]

    async def save(text: str, version: int) -> dict[str, Any]:
        """The change of one character in the first line, and the first report about it."""
        mark = len(helix.received)
        place = {"character": 7, "line": 0}
        helix.notify("textDocument/didChange", {
            "contentChanges": [{"range": {"start": place, "end": {**place, "character": 8}}, "text": text[7]}],
            "textDocument": {"uri": shop, "version": version}})
        (stage.folder / "shop.py").write_text(text)
        helix.notify("textDocument/didSave", {"textDocument": {"uri": shop}})
        helix.notify("workspace/didChangeWatchedFiles", {"changes": [{"type": 2, "uri": shop}]})
        return await helix.status("applied", mark)

    try:
        result = (await helix.ask("initialize", {
            "capabilities": HELIX, "clientInfo": {"name": "helix", "version": "25.07.1"}, "processId": os.getpid(),
            "rootPath": str(stage.folder), "rootUri": root, "initializationOptions": settings,
            "workspaceFolders": [{"name": "work", "uri": root}]}))["result"]
        assert result["capabilities"]["positionEncoding"] == "utf-8"
        helix.notify("initialized", {})
        helix.notify("workspace/didChangeConfiguration", {"settings": settings})
        await helix.status("hosts")
        for uri, text in ((cart, CART), (shop, SHOP)):
            helix.notify("textDocument/didOpen", {"textDocument": {"languageId": "python", "text": text, "uri": uri, "version": 0}})
            assert await pull(uri) == []

        first = await save(SHOP.replace("RATE = 2", "RATE = 3"), 1)
        assert (await helix.status("scanned"))["outcome"] == "stale"
        assert await program.ask("shop.RATE, cart.RATE") == "(3, 2)"
        await helix.event("refresh", lambda m: m.get("method") == "workspace/diagnostic/refresh")
        shown = next(each for each in await pull(cart) if "shop.RATE" in each["message"])
        assert shown["code"] == "stale-binding" and shown["range"]["start"] == {"line": 0, "character": 17}

        actions = (await helix.ask("textDocument/codeAction", {
            "context": {"diagnostics": [shown], "triggerKind": 1}, "range": shown["range"],
            "textDocument": {"uri": cart}}))["result"]
        chosen = next(each for each in actions if each["title"] == "Rebind `RATE` to generation 2")
        command = (await helix.ask("codeAction/resolve", chosen))["result"]["command"]
        await helix.ask("workspace/executeCommand", {"arguments": command["arguments"], "command": command["command"]})
        assert await program.ask("shop.RATE, cart.RATE") == "(3, 3)"
        await helix.status("resolved")
        assert [each for each in await pull(cart) if "shop.RATE" in each["message"]] == []

        # `:lsp-workspace-command afresh.setMode "off"`
        await helix.ask("workspace/executeCommand", {"arguments": ["off"], "command": "afresh.setMode"})
        report = await save(SHOP.replace("RATE = 2", "RATE = 4"), 2)
        assert report["outcome"] == "unchanged" and report["sequence"] == first["sequence"] + 1  # one for each save
        assert await program.ask("shop.RATE") == "3"

        assert (await helix.ask("shutdown", None))["result"] is None
        helix.notify("exit", None)
        assert await helix.ended() == 0
    finally:
        await helix.stop()


# What JupyterLab's page does with the websocket of a language server: messages without headers, one a frame.
BRIDGE = """\
import sys
import threading

import websocket

connection = websocket.create_connection(sys.argv[1])


def show():
    while text := connection.recv():
        data = text if isinstance(text, bytes) else text.encode()
        sys.stdout.buffer.write(b"Content-Length: %d\\r\\n\\r\\n" % len(data) + data)
        sys.stdout.flush()


threading.Thread(target=show, daemon=True).start()
while header := sys.stdin.buffer.readline():
    sys.stdin.buffer.readline()
    connection.send(sys.stdin.buffer.read(int(header.split()[1])).decode())
connection.close()
"""
LAB = {
    "textDocument": {
        "codeAction": {}, "hover": {"dynamicRegistration": True, "contentFormat": ["markdown", "plaintext"]},
        "publishDiagnostics": {"tagSupport": {"valueSet": [2, 1]}},
        "synchronization": {"dynamicRegistration": True, "willSave": False, "didSave": True, "willSaveWaitUntil": False}},
    "workspace": {"didChangeConfiguration": {"dynamicRegistration": True}}}


async def test_jupyterlab(frameworks: Stage) -> None:
    """No process and no folders, the whole text at each change, and a server that ends when the page is closed."""
    configuration = frameworks.cache / "jupyter" / "jupyter_server_config.d"
    configuration.mkdir(parents=True)
    (configuration / "afresh.json").write_text((ROOT / "editors" / "jupyterlab" / "afresh.json").read_text())
    home = {"JUPYTER_CONFIG_DIR": str(configuration.parent), "JUPYTER_DATA_DIR": str(frameworks.cache / "data"),
            "JUPYTER_RUNTIME_DIR": str(frameworks.cache / "runtime"), "JUPYTER_TOKEN": "secret"}
    server = await frameworks.start(
        frameworks.python, "-m", "jupyter_server", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0",
        "--port-retries=0", live=False, environment=home)
    port = (await server.complains(r"http://127\.0\.0\.1:(\d+)/\?token")).group(1)
    frameworks.write({"bridge.py": BRIDGE})
    program, lab = await begun(frameworks, [
        frameworks.python, "bridge.py", f"ws://127.0.0.1:{port}/lsp/ws/afresh?token=secret"])
    root, shop, cart = (
        frameworks.folder.as_uri(), *((frameworks.folder / name).as_uri() for name in ("shop.py", "cart.py")))

    async def save(text: str, version: int) -> dict[str, Any]:
        mark = len(lab.received)
        lab.notify("textDocument/didChange", {"textDocument": {"uri": shop, "version": version}, "contentChanges": [{"text": text}]})
        (frameworks.folder / "shop.py").write_text(text)
        lab.notify("textDocument/didSave", {"textDocument": {"uri": shop, "version": version}, "text": text})
        return await lab.status("applied", mark)

    try:
        result = (await lab.ask("initialize", {
            "capabilities": LAB, "initializationOptions": None, "processId": None, "rootUri": root, "workspaceFolders": None}))
        assert result["result"]["serverInfo"]["name"] == "afresh"
        lab.notify("initialized", {})
        lab.notify("workspace/didChangeConfiguration", {"settings": {"afresh": {"policy": "exact", "dependents": "none"}}})
        await lab.status("hosts")
        for uri, text in ((cart, CART), (shop, SHOP)):
            lab.notify("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "python", "version": 0, "text": text}})
        await save(SHOP.replace("RATE = 2", "RATE = 3"), 1)
        assert (await lab.status("scanned"))["outcome"] == "stale"
        shown = await lab.diagnostics(cart, ["stale-binding", "stale-binding"])
        first = next(each for each in shown if "shop.RATE" in each["message"])

        # JupyterLab offers no code actions; what they are is the same for every client.
        actions = (await lab.ask("textDocument/codeAction", {
            "textDocument": {"uri": cart}, "range": first["range"], "context": {"diagnostics": [first]}}))["result"]
        rebind = next(each for each in actions if each["title"] == "Rebind `RATE` to generation 2")  # a command, as it knows no actions
        mark = len(lab.received)
        await lab.ask("workspace/executeCommand", {"command": rebind["command"], "arguments": rebind["arguments"]})
        await lab.diagnostics(cart, ["stale-binding"], mark)
        assert await program.ask("shop.RATE, cart.RATE") == "(3, 3)"

        # Its settings are sent when they are changed.
        lab.notify("workspace/didChangeConfiguration", {"settings": {"afresh": {"mode": "off"}}})
        assert (await save(SHOP.replace("RATE = 2", "RATE = 4"), 2))["outcome"] == "unchanged"
        assert await program.ask("shop.RATE") == "3"
    finally:
        await lab.stop()
