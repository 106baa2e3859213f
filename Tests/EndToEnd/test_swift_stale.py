"""What a Swift program still holds of older generations of its plugins: found in a copy of its memory."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from conftest import Stage
from host_socket import HostSocket
from swift_program import Shop, Workshop

HOLDERS = Path(__file__).parent / "Programs" / "holders"
HOLD = "Plugins/Maker/Hold.swift"
MAKER = "Plugins/Maker/Maker.swift"
# The program is compiled where its sources are.
DECLARED = HOLDERS / "Sources/KeepAPI/KeepAPI.swift"
SHARED = "KeepAPI.Registry.shared"
# In the gate; 500 of them have been run: AFRESH_SCAN_ROUNDS=500.
ROUNDS = int(os.environ.get("AFRESH_SCAN_ROUNDS", "30"))

# What is held: the kind, the symbol, how the path begins, how many, whether it is certain.
HELD = {
    "instance": ("instance", "Maker.Thing", f"{SHARED}.object", 1, "exact"),
    "instances": ("instance", "Maker.Thing", f"{SHARED}.objects[0]", 3, "exact"),
    "named": ("instance", "Maker.Thing", f'{SHARED}.named["till"]', 1, "exact"),
    "nodes": ("instance", "Maker.Node", f"{SHARED}.object", 1000, "exact"),
    "boxed": ("instance", "Maker.Thing", f"{SHARED}.anything", 1, "exact"),
    "subclass": ("instance", "Maker.Derived", f"{SHARED}.base", 1, "exact"),
    "struct": ("instance", "Maker.Square", f"{SHARED}.shape", 1, "exact"),
    "large struct": ("instance", "Maker.Plan", f"{SHARED}.shape", 1, "exact"),
    "structs": ("instance", "Maker.Plan", f"{SHARED}.shapes[1]", 1, "exact"),
    "array": ("value", "Maker.Square", f"{SHARED}.anything", 1, "exact"),
    "generic": ("value", "Maker.Square", f"{SHARED}.object", 1, "exact"),
    "type": ("value", "Maker.Square", f"{SHARED}.type", 1, "exact"),
    "closure": ("closure", "Maker.hold", f'{SHARED}.handlers["double"]', 1, "exact"),
    "capturing": ("instance", "Maker.Thing", f'{SHARED}.handlers["add"]', 1, "exact"),
    "method": ("method", "Maker.hold", f'{SHARED}.handlers["add"]', 1, "exact"),
    "memory": ("instance", "Maker.Thing", f"{SHARED}.memory", 1, "possible"),
    "pointer": ("closure", "Maker.hold", f"{SHARED}.callback", 1, "exact"),
    "timer": ("registration", "Maker.hold", "", 1, "possible"),
    "observer": ("registration", "Maker.hold", "", 1, "exact"),
    "frame": ("frame", "Maker.wait", "frame of Maker.wait in thread ", 1, "possible"),
    "task": ("frame", "Maker.suspend", "", 1, "possible"),
}

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("swiftc") is None, reason="plugins are for Linux, and need a Swift toolchain")


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(tmp_path_factory.mktemp("keep"), HOLDERS, "KeepAPI", "keep")


@pytest_asyncio.fixture
async def keep(stage: Stage, workshop: Workshop) -> AsyncIterator[Shop]:
    yield await Shop.open(stage, workshop)


class Edits:
    """Edits of one constant, each of which brings in a generation."""

    def __init__(self, keep: Shop) -> None:
        self.keep, self.generation = keep, 1

    async def next(self) -> dict[str, Any]:
        self.generation += 1
        status = await self.keep.edit(MAKER, f"number = {self.generation - 1}", f"number = {self.generation}")
        return await self.keep.editor.scanned(status)


async def test_a_reload_is_live_once_nothing_old_is_held(keep: Shop) -> None:
    edits = Edits(keep)
    await keep.ask("hold own")
    scanned = await edits.next()
    assert scanned["outcome"] == "live", scanned
    (host,) = scanned["hosts"]
    assert (host["outcome"], host["stale"], host["staleTotal"]) == ("live", [], 0)
    assert host["coverage"]["complete"] and host["coverage"]["objects"] > 100 and host["timings"]["pause"] > 0
    await keep.ask("hold instance")
    scanned = await edits.next()
    assert scanned["outcome"] == "stale"
    (diagnostic,) = await keep.editor.shows(DECLARED, "stale-instance")
    declared = DECLARED.read_text().split("static let shared")[0].count("\n")
    assert diagnostic["range"]["start"]["line"] == declared
    mark = keep.editor.mark()
    await keep.ask("clear")
    resolved = await keep.editor.status("resolved", mark)
    assert resolved["outcome"] == "live" and resolved["hosts"][0]["stale"] == []
    await keep.editor.shows(DECLARED)


async def test_each_kind_of_holder_is_found_and_named(keep: Shop) -> None:
    edits = Edits(keep)
    for what, (kind, symbol, path, count, confidence) in HELD.items():
        assert await keep.ask(f"hold {what}") == "done"
        held = edits.generation
        scanned = await edits.next()
        assert scanned["outcome"] == "stale", what
        (host,) = scanned["hosts"]
        found = [stale for stale in host["stale"]
                 if (stale["kind"], stale["symbol"], stale["generation"]) == (kind, symbol, held)
                 and stale["holder"]["path"].startswith(path)]
        assert [(stale["count"], stale["confidence"]) for stale in found] == [(count, confidence)], (what, [(s["symbol"], s["count"], s["holder"]["path"]) for s in host["stale"]])
        assert host["coverage"]["skipped"] == []
        assert host["coverage"]["complete"] == all(stale["confidence"] == "exact" for stale in host["stale"])
        await keep.ask("clear")


async def test_what_was_exported_before_and_is_kept_is_found(keep: Shop) -> None:
    await keep.ask("remember")
    scanned = await Edits(keep).next()
    found = {(stale["kind"], stale["symbol"], stale["holder"]["path"].partition(" ")[0]) for stale in scanned["hosts"][0]["stale"]}
    assert {("closure", "Maker.Maker.load", "keep.make"), ("closure", "Maker.Maker.load", "keep.live")} <= found


async def test_instances_are_counted_as_initialisers_and_deinitialisers_count_them(keep: Shop, stage: Stage) -> None:
    await keep.ask("remember")
    await Edits(keep).next()
    await keep.editor.close()
    host = await HostSocket.open(stage)
    for number in range(ROUNDS):
        # A third of them while three threads allocate, another third in the heap of another thread.
        if number % 3 == 1:
            await keep.ask("work")
        await keep.ask(f"churn-thread {number}" if number % 3 == 2 else f"churn {number}")
        result = await host.ask("scan", {"sequence": 1, "samples": 1_000_000})
        truth = int(await keep.ask("live"))
        counted = sum(stale["count"] for stale in result["stale"]
                      if (stale["kind"], stale["symbol"]) == ("instance", "Maker.Thing"))
        assert counted == truth, number
        assert result["coverage"]["skipped"] == [], number
        if number % 3 == 1:
            await keep.ask("rest")


async def test_a_copy_that_cannot_be_made_is_said_and_is_never_live(stage: Stage, workshop: Workshop) -> None:
    stage.environment["AFRESH_FORK"] = "0"
    keep = await Shop.open(stage, workshop)
    await keep.ask("hold instance")
    scanned = await Edits(keep).next()
    assert scanned["outcome"] == "stale"
    assert [skipped["reason"] for skipped in scanned["hosts"][0]["coverage"]["skipped"]] == [
        "AFRESH_FORK=0 forbids a copy of the process"]
