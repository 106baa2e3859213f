"""Judges recorded LSP messages: by the metaModel where its checker is at hand, else by lsprotocol's types."""

from __future__ import annotations

import importlib.util
import json
import os
from pathlib import Path
from typing import Any

import contract
from lsprotocol import types
from lsprotocol.converters import get_converter

ROOT = Path(__file__).resolve().parent.parent.parent
OWN_METHODS = {"reload/status"}


def checks_folder() -> Path | None:
    """Where lsp_validate.py and metaModel.json are: $AFRESH_LSP_CHECKS, else beside the repository."""
    for folder in (os.environ.get("AFRESH_LSP_CHECKS"), ROOT.parent / "shared" / "checks" / "lsp"):
        if folder and Path(folder, "lsp_validate.py").exists() and Path(folder, "metaModel.json").exists():
            return Path(folder)
    return None


def load_model() -> Any:
    folder = checks_folder()
    if folder is None:
        return None
    specification = importlib.util.spec_from_file_location("lsp_validate", folder / "lsp_validate.py")
    assert specification and specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module.Model(json.loads((folder / "metaModel.json").read_text()))


MODEL = load_model()
CONVERTER = get_converter()


def complaints(messages: list[tuple[str, dict[str, Any]]]) -> list[str]:
    """Everything wrong with what the server sent. A message is (sender, message), sender "client" or "server"."""
    found: list[str] = []
    methods: dict[Any, str] = {}
    asked: dict[str, str] = {}
    answered: set[str] = set()
    last_sequence = 0
    for sender, message in messages:
        method, identifier = message.get("method"), json.dumps(message.get("id"))
        if MODEL is not None:
            judged = MODEL.check(message, methods, sender)
            if method in OWN_METHODS:
                judged = [complaint for complaint in judged if complaint != f"unknown method {method}"]
        else:
            judged = by_types(message, asked.get(identifier))
        if sender == "client":
            if method is not None and "id" in message:
                asked[identifier] = method
            continue
        found += judged
        if method is None and "id" in message:
            if identifier not in asked:
                found.append(f"an answer to {identifier}, which was not asked")
            if identifier in answered:
                found.append(f"a second answer to {identifier}")
            answered.add(identifier)
        if method == "reload/status":
            found += contract.complaints(message.get("params"))
            status = message.get("params") or {}
            # One report for each reload, in order. A search that a save without a change overtook may answer later.
            if status.get("phase") == "applied":
                if status.get("sequence") != last_sequence + 1:
                    found.append(f"reload {status.get('sequence')} is reported after {last_sequence}")
                last_sequence = status.get("sequence")
    return found


def by_types(message: dict[str, Any], method_of_request: str | None) -> list[str]:
    method = message.get("method")
    if method in OWN_METHODS:
        return []
    if method is None and "error" in message:
        error = message["error"]
        fits = isinstance(error, dict) and isinstance(error.get("code"), int) and isinstance(error.get("message"), str)
        return [] if fits else [f"bad error {error!r}"]
    entry = types.METHOD_TO_TYPES.get(method or method_of_request or "")
    # lsprotocol decodes code actions with a command wrongly.
    if entry is None or method_of_request == types.TEXT_DOCUMENT_CODE_ACTION:
        return [f"unknown method {method}"] if method and not method.startswith("$/") and entry is None else []
    try:
        CONVERTER.structure(message, entry[0] if method else entry[1])
    except Exception as error:  # cattrs raises many kinds
        return [f"{method or method_of_request}: {error!r}"]
    return []
