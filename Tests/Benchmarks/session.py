"""A live program with an editor beside it, and how long a save takes."""
from __future__ import annotations

import subprocess
import time
from pathlib import Path

from client import Editor


class Program:
    """Answers one line for each line that it is sent."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.pid = self._process.pid
        self.answer()

    def ask(self, question: str) -> str:
        self._process.stdin.write(question + "\n")
        return self.answer()

    def answer(self) -> str:
        line = self._process.stdout.readline()
        if not line:
            raise EOFError("the program has ended")
        return line.strip()

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


class Session:
    """`afresh run` with a program and `afresh lsp` with one open file of it."""

    def __init__(self, binary: Path, command: list[str], folder: Path, file: Path, environment: dict[str, str],
                 settings: dict) -> None:
        self.program = Program([str(binary), "run", "--", *command], folder, environment)
        self.editor = Editor(binary, folder, environment, settings)
        self._file = file
        self._uri = file.as_uri()
        self._version = 0
        self._sequence = 0
        self.editor.notify("textDocument/didOpen", {"textDocument": {
            "uri": self._uri, "languageId": "python", "version": 0, "text": file.read_text()}})
        self.editor.status("hosts", -1)

    def save(self, text: str, pause: float = 0.0) -> dict[str, float]:
        """Milliseconds until `applied` and `scanned` as the editor sees them, and the timings of the report.

        `pause`: seconds between the last keystroke and the save.
        """
        self._version += 1
        self.editor.notify("textDocument/didChange", {
            "textDocument": {"uri": self._uri, "version": self._version}, "contentChanges": [{"text": text}]})
        time.sleep(pause)
        self._file.write_text(text)
        begun = time.perf_counter()
        self.editor.notify("textDocument/didSave", {"textDocument": {"uri": self._uri}})
        applied = self.editor.status("applied", self._sequence)
        took = (time.perf_counter() - begun) * 1000
        self._sequence = applied["sequence"]
        if applied["outcome"] not in ("live", "stale"):
            raise RuntimeError(f"save {self._version}: {applied['message']}")
        scanned = self.editor.status("scanned", self._sequence - 1)
        until_scanned = (time.perf_counter() - begun) * 1000
        return {"applied": took, "scanned": until_scanned, **scanned["hosts"][0]["timings"]}

    def close(self) -> None:
        try:
            self.editor.close()
        finally:
            self.program.close()
