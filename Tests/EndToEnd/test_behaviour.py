"""The behaviour scenarios and their judge, where they lie beside the repository."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest
from conftest import ROOT, Stage

# Of the checks with policy exact, those that importlib.reload of the edited modules alone passes must pass here too.
GRID = Path(os.environ.get("AFRESH_GRID") or ROOT.parent / "shared" / "checks" / "grid.py")


async def grid(stage: Stage, *arguments: str) -> dict[tuple[str, str], bool]:
    """(scenario, check) → passed."""
    process = await asyncio.create_subprocess_exec(
        stage.python, str(GRID), *arguments, env=stage.environment, cwd=stage.folder,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    out, err = await asyncio.wait_for(process.communicate(), 600)
    results = [json.loads(line) for line in out.decode().splitlines() if line.startswith('{"peer"')]
    assert results, err.decode() + out.decode()
    return {(r["scenario"], name): passed is True for r in results for name, passed in (r.get("checks") or {}).items()}


@pytest.mark.skipif(not GRID.exists(), reason="the scenarios' judge is not beside the repository")
@pytest.mark.timeout(900)
async def test_exact_passes_what_importlib_passes(stage: Stage) -> None:
    peer = await grid(stage, "--peer", "importlib")
    ours = await grid(stage, "--peer", "afresh", "--afresh", stage.binary, "--policy", "exact")
    lost = sorted(check for check, passed in peer.items() if passed and not ours.get(check))
    print(f"exact: {sum(ours.values())} of {len(ours)}; importlib: {sum(peer.values())}", file=sys.stderr)
    assert lost == []


@pytest.mark.skipif(not GRID.exists(), reason="the scenarios' judge is not beside the repository")
@pytest.mark.timeout(900)
async def test_patch_passes_more_than_importlib(stage: Stage) -> None:
    peer = await grid(stage, "--peer", "importlib")
    ours = await grid(stage, "--peer", "afresh", "--afresh", stage.binary, "--policy", "patch")
    print(f"patch: {sum(ours.values())} of {len(ours)}; importlib: {sum(peer.values())}", file=sys.stderr)
    assert sum(ours.values()) > sum(peer.values())
