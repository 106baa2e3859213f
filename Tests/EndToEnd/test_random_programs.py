"""Random edits of random programs, by the binary, each compared with a program that starts afresh."""

from __future__ import annotations

import asyncio
import os

import pytest
from conftest import ROOT, Stage

EDITS = int(os.environ.get("AFRESH_EDITS", "60"))
FUZZ = ROOT / "Tests" / "PythonAgent" / "fuzz_binary.py"


@pytest.mark.timeout(300 + 3 * EDITS)
async def test_random_edits(stage: Stage) -> None:
    process = await asyncio.create_subprocess_exec(
        stage.python, "-W", "ignore", str(FUZZ), "--edits", str(EDITS), "--seed", "5000", env={**stage.environment, "AFRESH": stage.binary},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
    out, _ = await process.communicate()
    assert process.returncode == 0, out.decode()[-8000:]
