"""The unittest modules of this folder, each in a process of its own: they load the agent's parts into the interpreter that
runs them, so they run on every supported one, with warnings as errors and with a heap that holds nothing else.
"""
from __future__ import annotations

import os
import pathlib
import subprocess

import pytest

from conftest import IN_PROCESS

HERE = pathlib.Path(__file__).parent
LIMIT = 280.0  # seconds


@pytest.mark.parametrize("module", IN_PROCESS)
def test_in_process(python: str, module: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "AFRESH"))}
    command = [python, "-X", "dev", "-W", "error", "-m", "unittest", "--failfast", module]
    done = subprocess.run(command, cwd=HERE, env=environment, capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == 0, done.stderr[-8000:]
    assert "Ran 0 tests" not in done.stderr
