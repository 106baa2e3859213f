"""The Python interpreters of this machine: those on PATH and those that pyenv keeps."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

PROBE = (
    "import json, sys, sysconfig; print(json.dumps([list(sys.version_info[:3]), sys.implementation.name,"
    " bool(sysconfig.get_config_var('Py_GIL_DISABLED')), sys.executable, sys.version_info.releaselevel]))"
)


@dataclass(frozen=True)
class Interpreter:
    path: str
    version: str  # "3.11.7"
    numbers: tuple[int, int, int]
    standing: str  # "supported", or why not

    @property
    def supported(self) -> bool:
        return self.standing.startswith("supported")

    @property
    def minor(self) -> str:
        return f"{self.numbers[0]}.{self.numbers[1]}"


@functools.cache
def found() -> list[Interpreter]:
    """One interpreter a minor version, oldest first; `python3` of PATH is preferred within its version."""
    chosen: dict[tuple[int, int], Interpreter] = {}
    for path in candidates():
        interpreter = probe(path)
        if interpreter is not None:
            chosen.setdefault(interpreter.numbers[:2], interpreter)
    return [chosen[key] for key in sorted(chosen)]


def candidates() -> list[str]:
    names = ["python3", *(f"python3.{minor}" for minor in range(8, 16))]
    paths = [path for name in names if (path := shutil.which(name))]
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    return paths + sorted(map(str, pyenv.glob("versions/*/bin/python3")))


def probe(path: str) -> Interpreter | None:
    """None for what does not run (a pyenv shim of a version that is not chosen, say) and for what is no CPython 3."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    try:
        done = subprocess.run(
            [path, "-c", PROBE], capture_output=True, text=True, timeout=20, env=environment, cwd="/")
        numbers, implementation, free_threaded, executable, level = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    if implementation != "cpython" or numbers[0] != 3:
        return None
    version = ".".join(map(str, numbers))
    if free_threaded:
        standing = "not supported: free-threaded"
    elif numbers < [3, 11, 0]:
        standing = "not supported: older than 3.11"
    elif level != "final":
        standing = "not supported: a pre-release"
    else:
        standing = "supported"
    return Interpreter(executable or path, version, tuple(numbers), standing)
