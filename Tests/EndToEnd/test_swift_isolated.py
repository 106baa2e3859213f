"""Plugins in a process of their own: whatever ends it, the program goes on, and what ran in it comes back."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from conftest import Stage
from program import LIMIT
from swift_program import CART, DISCOUNT, PRICE, PRICING, Shop, Workshop, needs_swift
from test_swift_faults import shown

pytestmark = needs_swift

HOOKS = """\
    public static func willReload(_ plugin: PluginContext) { print("leaves \\(plugin.generation)") }
    public static func didReload(_ plugin: PluginContext) { print("came \\(plugin.generation)"); fflush(nil) }
"""
WAIT = 'func wait(_ n: Int) { if n < 0 { print("waits"); fflush(nil); pause() } }\n'


@pytest_asyncio.fixture
async def shop(stage: Stage, workshop: Workshop) -> AsyncIterator[Shop]:
    yield await Shop.open(stage, workshop, arguments=("--isolated",), live=True)


def process(status: dict[str, Any]) -> int:
    """Of the plugins."""
    (host,) = status["hosts"]
    assert host["name"] == "shop (plugins)"
    return host["pid"]


async def another(shop: Shop, former: int, mark: int) -> dict[str, Any]:
    """Waits until another process has the plugins: what the editor is told of it."""
    return await shop.editor.status(
        "hosts", mark, lambda status: [host for host in status["hosts"] if host["pid"] != former] != [])


async def ended(process: int) -> None:
    """Waits for the end of a process, by its descriptor."""
    is_over = asyncio.Event()
    asyncio.get_running_loop().add_reader(process, is_over.set)
    try:
        await asyncio.wait_for(is_over.wait(), LIMIT)
    finally:
        asyncio.get_running_loop().remove_reader(process)


async def test_saves_come_in_there_and_it_lives_as_long_as_the_program(shop: Shop) -> None:
    assert [await shop.ask("total? 3"), await shop.ask("visits? 0")] == ["38", "1"]
    assert "process of their own" in await shop.ask("total! 3") and await shop.ask("total 3") == "nothing"
    assert "no plugin exports 'nothing'" in await shop.ask("nothing? 3")
    # Patched, then loaded anew with its hooks, which keeps state.
    status = await shop.edit(DISCOUNT, "amount * percent / 100", "amount * percent / 50")
    assert process(await shop.editor.scanned(status)) != shop.program.pid
    assert [await shop.ask("total? 3"), await shop.ask("visits? 0")] == ["71", "1"]
    shop.stage.write({PRICING: shop.text(PRICING).replace("import AfreshHost\n", "import AfreshHost\nimport Glibc\n")})
    status = await shop.edit(PRICING, "enum Pricing: Plugin {\n", "enum Pricing: Plugin {\n" + HOOKS)
    assert await shop.program.line() == "came 3"
    status = await shop.edit(PRICING, "$0 += 1 }", "$0 += 10 }")
    assert [await shop.program.line(), await shop.program.line()] == ["leaves 3", "came 4"]
    assert [await shop.ask("total? 3"), await shop.ask("visits? 0")] == ["71", "12"]
    # The program is what can be restarted.
    former, mark = process(status), shop.editor.mark()
    await shop.editor.command("afresh.restart")
    assert await shop.program.line() == "ready"
    status = await another(shop, former, mark)
    assert [await shop.ask("total? 3"), await shop.ask("visits? 0")] == ["71", "10"]
    own = os.pidfd_open(process(status))
    try:
        os.kill(shop.program.pid, signal.SIGKILL)
        await ended(own)
    finally:
        os.close(own)


async def test_a_process_that_is_killed_is_started_anew_with_what_ran_in_it(shop: Shop) -> None:
    await shop.edit(DISCOUNT, "amount * percent / 100", "amount * percent / 50")
    shop.stage.write({CART: shop.text(CART).replace("import AfreshHost\n", "import AfreshHost\nimport Glibc\n").replace(
        "{ Price($0).gross + shipping }", "{ wait($0); return Price($0).gross + shipping }") + WAIT})
    status = await shop.edit(CART, "shipping = 5", "shipping = 7")
    # What is on disk and does not compile is not what ran.
    shop.stage.write({CART: shop.text(CART).replace("shipping = 7", "shipping =")})
    former, mark = process(status), shop.editor.mark()
    assert await shop.ask("total? -1") == "waits"
    os.kill(former, signal.SIGKILL)
    assert await shop.program.line() == (
        "failed: the process of the plugins has ended, signal 9, while 'total' was called: it is started anew")
    # At once: it is waited for. State was in memory.
    assert [await shop.ask("total? 3"), await shop.ask("visits? 0")] == ["73", "1"]
    await another(shop, former, mark)
    await shown(shop, mark, "The process with its plugins has ended (signal 9 in 'total' of Cart) and was started anew: what they kept in memory begins anew.")
    # It goes on from there, with patches upon patches.
    status = await shop.edit(CART, "let shipping =", "let shipping = 8")
    assert process(status) != former and await shop.ask("total? 3") == "74"
    status = await shop.edit(DISCOUNT, "amount * percent / 50", "amount * percent / 100")
    assert [module["name"] for module in status["hosts"][0]["modules"]] == ["Pricing"]
    assert await shop.ask("total? 3") == "41"


async def test_a_trap_ends_it_and_takes_the_save_back(shop: Shop) -> None:
    # Nothing was saved yet.
    mark = shop.editor.mark()
    assert "has ended, signal 4, while 'price' was called" in await shop.ask(f"price? {2**62}")
    status = await shop.editor.applied(mark, PRICE)
    assert status["outcome"] == "failed" and "nothing to go back to" in status["message"]
    await shop.shows(PRICE, "execution-error")
    assert await shop.ask("price? 3") == "30"
    await shop.editor.save(PRICE, shop.text(PRICE).replace("count * 10", "count &* 10"))
    await shop.shows(PRICE)
    # What is brought in before stays, what traps goes.
    await shop.edit(CART, "shipping = 5", "shipping = 7")
    status = await shop.edit(DISCOUNT, "amount * percent / 100", "[amount][percent]")
    former, mark = process(status), shop.editor.mark()
    assert "has ended, signal 4, while 'total' was called" in await shop.ask("total? 3")
    status = await shop.editor.applied(mark, DISCOUNT)
    assert status["outcome"] == "rolledBack" and "signal 4 in 'total' of Cart" in status["message"], status["message"]
    assert process(status) != former
    assert [(module["name"], module["generation"]) for module in status["hosts"][0]["modules"]] == [("Pricing", 1)]
    await shop.shows(DISCOUNT, "execution-error")
    assert [await shop.ask("price? 3"), await shop.ask("total? 3")] == ["30", "40"]
    await shop.edit(DISCOUNT, "[amount][percent]", "amount * percent / 50")
    assert [await shop.ask("price? 3"), await shop.ask("total? 3")] == ["60", "73"]
    await shop.shows(DISCOUNT)
