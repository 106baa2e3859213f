"""What can go wrong while a Swift plugin is built and loaded: its program goes on with the former generation, and the editor is told.

AFRESH_RELOADS says how often a plugin is loaded: `AFRESH_RELOADS=300 Tests/run -- -s test_swift_faults.py -k many` prints the figures.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import statistics
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Stage
from swift_program import CART, COMPILING, DISCOUNT, PRICE, PRICING, Shop, Workshop, needs_swift
from test_faults import children
from test_soak import descriptors, resident

pytestmark = needs_swift

RELOADS = int(os.environ.get("AFRESH_RELOADS", "12"))
# Takes any compiler half a second.
LONG = "".join(f"func filler{number}(_ n: Int) -> Int {{ [n, {number}].map {{ $0 * 2 }}.reduce(0, +) }}\n" for number in range(300))


async def shown(shop: Shop, mark: int, message: str) -> None:
    """Waits until the editor has been told to show it."""
    await shop.editor.event(f"window/showMessage of {message!r}", lambda: any(
        params["message"] == message for params in shop.editor.received("window/showMessage", mark)))


async def kill_compilers(pid: int) -> None:
    """Kills each that a server starts."""
    while True:
        for compiler in children(pid, "-primary-file"):
            with contextlib.suppress(ProcessLookupError):
                os.kill(compiler, signal.SIGKILL)
        await asyncio.sleep(0.01)  # the system tells nobody but its parent


async def test_a_compiler_that_is_killed_brings_nothing_in(shop: Shop) -> None:
    mark = shop.editor.mark()
    text = shop.text(CART).replace("shipping = 5", "shipping = 7") + LONG
    shop.editor.type(CART, text)
    shop.stage.write({CART: text})
    shop.editor.say_saved(CART)
    killing = asyncio.create_task(kill_compilers(shop.editor.pid))
    status = await shop.editor.status("applied", mark, limit=COMPILING)
    killing.cancel()
    assert status["outcome"] == "refused" and "was ended by signal 9" in status["message"], status["message"]
    await shown(shop, mark, status["message"])
    assert await shop.ask("total 3") == "38"
    # The same text again: nothing of the first attempt is taken for done.
    mark = shop.editor.mark()
    shop.editor.say_saved(CART)
    status = await shop.editor.status("applied", mark, limit=COMPILING)
    assert status["outcome"] == "live" and await shop.ask("total 3") == "40"


class Disk:
    """A small disk under a folder, which can be filled to the last byte."""

    def __init__(self, folder: Path) -> None:
        self.filler = folder / "filler"

    def fill(self) -> None:
        with contextlib.suppress(OSError), open(self.filler, "wb", buffering=0) as file:
            while file.write(b"x" * 4096):
                pass

    def free(self) -> None:
        self.filler.unlink()


@contextlib.contextmanager
def disk(folder: Path) -> Iterator[Disk]:
    """In place of a folder, with all that it has."""
    copy = folder.with_name(folder.name + "-before")
    shutil.copytree(folder, copy)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m,mode=700", "tmpfs", folder], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("no disk can be mounted here")
    try:
        shutil.copytree(copy, folder, dirs_exist_ok=True)
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.skipif(os.getuid() != 0 or shutil.which("mount") is None, reason="only root can mount a disk")
async def test_on_a_full_disk_nothing_is_brought_in(shop: Shop) -> None:
    with disk(shop.stage.folder / ".build" / "afresh") as small:
        small.fill()
        mark = shop.editor.mark()
        for name, old, new in ((CART, "shipping = 5", "shipping = 6"), (DISCOUNT, "percent = 100", "percent = 200"),
                               (PRICE, "public var gross", "public var net: Int { 1 }\n    public var gross")):
            status = await shop.edit(name, old, new)
            assert status["outcome"] == "refused" and "No space left" in status["message"], status["message"]
            assert [await shop.ask("price 3"), await shop.ask("total 3")] == ["30", "38"]
        await shown(shop, mark, status["message"])
        small.free()
        # All of what was saved meanwhile.
        for name in (CART, PRICE):
            assert (await shop.editor.save(name, shop.text(name)))["outcome"] == "live"
        assert [await shop.ask("price 3"), await shop.ask("total 3")] == ["60", "72"]


@pytest.mark.timeout(120 + 2 * RELOADS)
async def test_many_reloads_none_of_which_is_lost(shop: Shop) -> None:
    """All texts are of one length and one moment, as saves within a second are. Memory grows by what is loaded."""
    times, sizes, early = [], [], (0.0, 0)
    kept = shop.text(CART).partition("let shipping")[0]
    for number in range(1, RELOADS + 1):
        text = f"{kept}let shipping = {1000 + number}\n"
        begun, mark = time.perf_counter(), shop.editor.mark()
        shop.editor.type(CART, text)
        shop.stage.write({CART: text})
        os.utime(shop.editor.path(CART), (1_700_000_000, 1_700_000_000))
        shop.editor.say_saved(CART)
        status = await shop.editor.applied(mark, CART)
        times.append((time.perf_counter() - begun) * 1000)
        (module,) = status["hosts"][0]["modules"]
        assert module["generation"] == number + 1 and await shop.ask("total 0") == str(1000 + number)
        newest = max((shop.stage.folder / ".build/afresh/images").glob("libCart_g*.so"), key=lambda path: path.stat().st_mtime_ns)
        sizes.append(newest.stat().st_size / 2**20)
        if number in (RELOADS // 3, RELOADS):
            await shop.editor.scanned(status)  # a search has files open
        if number == RELOADS // 3:
            early = resident(shop.program.pid), descriptors(shop.program.pid)
    grown = (resident(shop.program.pid) - early[0]) / (RELOADS - RELOADS // 3)
    print(f"\n{RELOADS} reloads: {statistics.median(times):.0f} ms each; an image has {statistics.median(sizes):.2f} MiB, "
          f"and the program grows by {grown:.2f} MiB with each")
    assert descriptors(shop.program.pid) == early[1]
    # The first of both plugins, and one for each reload.
    said = f"has {RELOADS + 2} images in memory, "
    (line,) = [params["message"] for params in shop.editor.received("window/logMessage") if said in params["message"]]
    _, status, _ = await shop.stage.afresh("status")
    assert line.partition("has ")[2] in status and f"; {RELOADS} of them, " in status
    _, journal, _ = await shop.stage.afresh("status", "--verbose")
    assert f'"images":{RELOADS + 2},"imageBytes":' in journal
    print(line.partition("has ")[2])
    assert grown < 2 * max(sizes) + 0.25


async def test_a_save_whose_code_traps_when_it_is_called_is_taken_back(stage: Stage, workshop: Workshop) -> None:
    shop = await Shop.open(stage, workshop, settings={"policy": "exact"})
    await shop.edit(CART, "shipping = 5", "shipping = 7")
    await shop.edit(DISCOUNT, "amount * percent / 100", "[amount][percent]")
    mark = shop.editor.mark()
    assert await shop.ask("total! 3") == "failed: signal 4 in 'total' of Cart; Cart goes on with generation 2"
    status = await shop.editor.applied(mark, DISCOUNT)
    assert status["outcome"] == "rolledBack" and "called code that traps" in status["message"]
    assert [(module["name"], module["generation"]) for module in status["hosts"][0]["modules"]] == [("Pricing", 1), ("Cart", 2)]
    (diagnostic,) = await shop.shows(DISCOUNT, "execution-error")
    assert diagnostic["range"]["start"]["line"] == 0
    assert [await shop.ask("price! 3"), await shop.ask("total 3")] == ["30", "40"]
    # No number is given twice, and the next save is built upon what runs.
    status = await shop.edit(DISCOUNT, "[amount][percent]", "amount * percent / 50")
    assert [(module["name"], module["generation"]) for module in status["hosts"][0]["modules"]] == [("Pricing", 3), ("Cart", 4)]
    assert [await shop.ask("price! 3"), await shop.ask("total! 3")] == ["60", "73"]
    await shop.shows(DISCOUNT)


async def test_what_traps_with_nothing_before_it_is_said_all_the_same(shop: Shop) -> None:
    mark = shop.editor.mark()
    assert "no former generation" in await shop.ask(f"price! {2**62}")
    status = await shop.editor.status("applied", mark)
    assert status["outcome"] == "failed" and "nothing to go back to" in status["message"]
    await shop.shows(PRICE, "execution-error")
    assert [await shop.ask("price! 3"), await shop.ask("nothing! 3")] == ["30", "failed: no plugin exports 'nothing' with the type @Sendable (Int) -> Int"]
    await shop.editor.save(PRICE, shop.text(PRICE).replace("count * 10", "count &* 10"))
    await shop.shows(PRICE)


async def test_a_trap_after_a_reload_is_said_and_undoes_nothing(shop: Shop) -> None:
    status = await shop.edit(
        CART, "public enum Cart: Plugin {", "public enum Cart: Plugin {\n    public static func didReload(_ plugin: PluginContext) { fatalError() }\n")
    (diagnostic,) = await shop.shows(CART, "not-applied")
    assert "didReload() was not applied: signal" in diagnostic["message"] and status["hosts"][0]["modules"][0]["generation"] == 2
    await shop.edit(CART, "fatalError()", "print(1)")
    await shop.shows(CART)


async def test_a_program_may_have_each_load_rehearsed(stage: Stage, workshop: Workshop) -> None:
    shop = await Shop.open(stage, workshop, arguments=("--rehearsing",))
    await shop.edit(CART, "import ShopAPI", "import Glibc\nimport ShopAPI")
    export = "plugin.export(.total)"
    for wrong, said in {"Glibc.exit(3)": "it ended the process in a rehearsal", "_ = [Int]()[plugin.generation]": "in a rehearsal"}.items():
        status = await shop.edit(CART, export, f"if plugin.generation > 1 {{ {wrong} }}; {export}")
        assert status["outcome"] == "rolledBack" and said in status["message"], status["message"]
        assert await shop.ask("total 3") == "38"
        await shop.editor.save(CART, shop.text(CART).replace(f"if plugin.generation > 1 {{ {wrong} }}; ", ""))
    # What is right is loaded once, not twice.
    status = await shop.edit(PRICING, "$0 += 1 }", "$0 += 100 }")
    assert await shop.ask("visits 0") == "101"


async def test_a_program_begins_anew_where_afresh_run_started_it(stage: Stage, workshop: Workshop) -> None:
    shop = await Shop.open(stage, workshop, live=True)
    await shop.edit(CART, "shipping = 5", "shipping = 7")
    pid, mark = shop.program.pid, shop.editor.mark()
    await shop.editor.command("afresh.restart")
    assert await shop.program.line() == "ready"
    await shop.editor.status("hosts", mark, lambda status: [host["pid"] for host in status["hosts"]] == [pid])
    assert [await shop.ask("total 3"), await shop.ask("visits 0")] == ["40", "1"]
    await shop.edit(CART, "shipping = 7", "shipping = 8")
    assert await shop.ask("total 3") == "41"
