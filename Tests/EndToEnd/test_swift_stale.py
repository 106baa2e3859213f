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
MAIN = (HOLDERS / "Sources/keep/main.swift").read_text().splitlines()
CALL = "called since, by main at main.swift:" + str(1 + next(
    number for number, line in enumerate(MAIN) if "handlers[rest]?(2)" in line))
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
    "optional": ("instance", "Maker.Square", f"{SHARED}.anything", 1, "exact"),
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

# The same of bodies that were replaced: held all at once, by what they are called.
REPLACED = {
    "closure": ("closure", "Maker.hold", f'{SHARED}.handlers["double"]'),
    "method": ("method", "Maker.hold", f'{SHARED}.handlers["add"]'),
    "getter": ("closure", "Maker.Square.adding", f'{SHARED}.handlers["side"]'),
    "pointer": ("closure", "Maker.hold", f"{SHARED}.callback"),
    "timer": ("registration", "Maker.hold", "_dispatch_timers_heap"),
    "observer": ("registration", "Maker.hold", "FoundationEssentials._defaultCenter"),
    "frame": ("frame", "Maker.wait", "frame of Maker.wait in thread "),
    "task": ("frame", "Maker.suspend", "a suspended task: "),
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
    edits = Edits(keep)
    scanned = await edits.next()
    found = {(stale["kind"], stale["symbol"], stale["holder"]["path"].partition(" ")[0]) for stale in scanned["hosts"][0]["stale"]}
    assert {("closure", "Maker.Maker.load", "keep.make"), ("closure", "Maker.Maker.load", "keep.live")} <= found
    # Nobody has asked who calls it.
    assert await keep.ask("live") == "0"
    assert not any("called since" in stale["holder"]["path"] for stale in (await edits.next())["hosts"][0]["stale"])


async def test_what_is_kept_of_a_replaced_body_is_found_and_nothing_else(stage: Stage, workshop: Workshop) -> None:
    body = (HOLDERS / HOLD).read_text()
    for last in ("default: break", "gate.wait()", "body($0)", "_ = side"):
        assert last in body
        body = body.replace(last, f"{last}; assert(number != -N)")
    keep = await Shop.open(stage, workshop, files={HOLD: body.replace("-N)", "-1)")})
    # Of the generation that was loaded, and then of the one that has replaced it.
    for generation in (1, 2):
        for what in REPLACED:
            assert await keep.ask(f"hold {what}") == "done"
        status = await keep.editor.save(HOLD, body.replace("-N)", f"-{generation + 1})"))
        assert not [change for module in status["hosts"][0]["modules"] for change in module["changes"] if "reason" in change]
        scanned = await keep.editor.scanned(status)
        (host,) = scanned["hosts"]
        assert scanned["outcome"] == "stale" and host["coverage"]["skipped"] == []
        for what, (kind, symbol, path) in REPLACED.items():
            assert [stale for stale in host["stale"] if (stale["kind"], stale["symbol"], stale["generation"]) == (kind, symbol, generation)
                    and stale["holder"]["path"].startswith(path)], (what, [(s["kind"], s["symbol"], s["holder"]["path"]) for s in host["stale"]])
        # What the module has besides runs as before.
        assert all(stale["symbol"] in ("Maker.hold", "Maker.wait", "Maker.suspend", "Maker.Square.adding", "Maker") for stale in host["stale"]), host["stale"]
        await keep.ask("clear")


async def test_a_patched_module_is_live_where_nothing_from_before_is_kept(keep: Shop) -> None:
    status = await keep.edit(HOLD, "default: break", "default: print()")
    scanned = await keep.editor.scanned(status)
    (host,) = scanned["hosts"]
    assert (scanned["outcome"], host["stale"], host["coverage"]["complete"]) == ("live", [], True)
    assert await keep.ask("hold closure") == "done"
    scanned = await keep.editor.scanned(await keep.edit(HOLD, "default: print()", "default: break"))
    (stale,) = scanned["hosts"][0]["stale"]
    assert (stale["kind"], stale["symbol"], stale["generation"], stale["confidence"]) == ("closure", "Maker.hold", 2, "exact")
    mark = keep.editor.mark()
    await keep.ask("clear")
    resolved = await keep.editor.status("resolved", mark)
    assert resolved["outcome"] == "live" and resolved["hosts"][0]["stale"] == []


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


def paths(status: dict[str, Any], kind: str) -> list[tuple[str, str, str]]:
    return [(stale["symbol"], stale["holder"]["path"], stale["confidence"]) for stale in status["hosts"][0]["stale"] if stale["kind"] == kind]


async def called(keep: Shop, mark: int) -> dict[str, Any]:
    """Waits until the editor is told of a call."""
    return await keep.editor.status("scanned", mark, lambda status: "has called old code" in status["message"])


async def test_where_it_is_asked_for_a_call_of_what_is_held_is_confirmed_with_who_called(stage: Stage, workshop: Workshop) -> None:
    stage.environment["AFRESH_TRIPWIRE"] = "1"
    keep = await Shop.open(stage, workshop)
    edits = Edits(keep)
    for what in ("closure", "capturing"):
        await keep.ask(f"hold {what}")
    status = await edits.next()
    assert not any("called since" in stale["holder"]["path"] for stale in status["hosts"][0]["stale"])
    assert ("Maker.hold", f'{SHARED}.handlers["double"]', "exact") in paths(status, "closure")
    mark = keep.editor.mark()
    assert await keep.ask("call double") == "4"
    status = await called(keep, mark)
    assert ("Maker.hold", f'{SHARED}.handlers["double"] ({CALL})', "exact") in paths(status, "closure")
    # Each is told once, and runs on.
    assert [await keep.ask("call double"), await keep.ask("call add")] == ["4", "3"]
    # A reload begins anew, with all that is old by then.
    status = await edits.next()
    assert not any("called since" in stale["holder"]["path"] for stale in status["hosts"][0]["stale"])
    mark = keep.editor.mark()
    assert await keep.ask("call double") == "4"
    assert f'{SHARED}.handlers["double"] ({CALL})' in [path for _, path, _ in paths(await called(keep, mark), "closure")]
    # What is gone is gone, whoever has called it.
    mark = keep.editor.mark()
    await keep.ask("clear")
    status = await keep.editor.status("resolved", mark)
    assert not any(SHARED in path for _, path, _ in paths(status, "closure"))
