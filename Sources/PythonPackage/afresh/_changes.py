"""Which modules are not what their files hold."""

from __future__ import annotations

import importlib
import os
from typing import Any


class Changes:
    """Compares files with what runs. A file is read when it has changed since it was looked at last."""

    def __init__(self) -> None:
        self._modules: Any = importlib.import_module("_afresh.modules")  # the agent's own view
        self._seen: dict[str, tuple[str, int, int, int]] = {}
        # Modules that may run something else than their file held when they were looked at first.
        self.unknown: list[str] = []
        self.among(self.all_modules())

    def all_modules(self) -> list[str]:
        """The user's, as they are loaded now."""
        return [name for name in self._modules.user_modules() if name != "__main__"]

    def among(self, names: list[str]) -> list[str]:
        """Those whose file holds something else than what runs, and was not looked at by `note` as it is now."""
        changed = []
        known = self._modules.user_modules()
        for name in names:
            if name not in known:
                continue
            path = self._modules.path_of(name, known[name])
            key = None if path is None else _key(path)
            if key is None or self._seen.get(name) == key:
                continue
            record = self._modules.record_of(name)
            if record is None and name not in self._seen:
                self._seen[name] = key
                self.unknown.append(name)
            elif record is not None and _text(path) == record.source:
                self._seen[name] = key
            else:
                changed.append(name)
        return changed

    def note(self, names: list[str]) -> None:
        """These are reloaded now: whatever becomes of it, not again before they are saved anew."""
        known = self._modules.user_modules()
        for name in names:
            path = self._modules.path_of(name, known[name]) if name in known else None
            key = None if path is None else _key(path)
            if key is not None:
                self._seen[name] = key


def _key(path: str) -> tuple[str, int, int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return path, status.st_mtime_ns, status.st_size, status.st_ino


def _text(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None
