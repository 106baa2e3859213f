"""Cached bytecode of saved files: what would be taken for valid although it was made from an older text."""
from __future__ import annotations

import _imp
import os
from _frozen_importlib_external import cache_from_source

from .modules import _token

_TIMESTAMPS_TELL = 2_000_000_000  # nanoseconds by which a cache must be younger than its text to be surely made from it


def forget(path: str) -> None:
    """Removes such files, of every interpreter and optimisation. `path`: the saved source file."""
    try:
        status = os.stat(path)
        cache = cache_from_source(path)
        folder = os.path.dirname(cache)
        names = os.listdir(folder)
    except (OSError, NotImplementedError):
        return
    stem = os.path.splitext(os.path.basename(path))[0] + "."
    for name in names:
        if name.startswith(stem) and name.endswith(".pyc"):
            _forget_one(os.path.join(folder, name), path, status)


def _forget_one(cached: str, path: str, status: os.stat_result) -> None:
    try:
        with open(cached, "rb", 0) as file:
            header = file.read(16)
            age = os.fstat(file.fileno()).st_mtime_ns
        if len(header) < 16:
            return
        flags = int.from_bytes(header[4:8], "little")
        if flags & 0b1:
            if flags & 0b10:
                return  # its source is compared by hash at each import
            with open(path, "rb", 0) as file:
                stale = _imp.source_hash(_token, file.readall()) != header[8:]
        else:
            time_and_size = (int(status.st_mtime) & 0xFFFFFFFF, status.st_size & 0xFFFFFFFF)
            taken = (int.from_bytes(header[8:12], "little"), int.from_bytes(header[12:16], "little")) == time_and_size
            stale = taken and age <= status.st_mtime_ns + _TIMESTAMPS_TELL
        if stale:
            os.unlink(cached)
    except OSError:
        pass
