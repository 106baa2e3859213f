"""Whatever is killed, stopped or taken away at any moment of a save: the program is not harmed, and the next save works."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import resource
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from conftest import Stage
from editor import Editor
from program import LIMIT, Program

SEEDS = range(int(os.environ.get("AFRESH_FAULTS", "3")))
SHOP = "RATE = {}\n\n\ndef price():\n    return RATE * 10\n"
CART = "import shop\nfrom shop import price\nTOTAL = shop.RATE + 1\nSTATE = []\n"


def children(pid: int, word: str) -> Iterator[int]:
    """Processes that a process has started and that have a word in their command line."""
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError, IndexError):
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == pid and word in (folder / "cmdline").read_text():
                yield int(folder.name)


async def moment(chance: random.Random) -> None:
    """Some time into a save: no event is waited for, any moment will do."""
    await asyncio.sleep(chance.choice([0, 0.001, 0.003, 0.006, 0.01, 0.02, 0.05]))


class Scene:
    """A program in which `cart` uses `shop`, an editor, and numbers that rise with each save."""

    def __init__(self, stage: Stage, program: Program, editor: Editor) -> None:
        self.stage, self.program, self.editor = stage, program, editor
        self.number = 1

    @classmethod
    async def start(cls, stage: Stage) -> Scene:
        stage.write({"shop.py": SHOP.format(1), "cart.py": CART})
        program, editor = await stage.both("shop", "cart")
        await program.ask("cart.STATE.append('kept')")
        return cls(stage, program, editor)

    def say_saved(self) -> int:
        """Saves a new text, without waiting for anything."""
        self.number += 1
        mark = self.editor.mark()
        text = SHOP.format(self.number)
        self.editor.type("shop.py", text)
        self.editor.path("shop.py").write_text(text)
        self.editor.say_saved("shop.py")
        return mark

    async def answers(self) -> list[int]:
        return eval(await self.program.ask("[shop.RATE, cart.shop.price(), cart.price(), cart.TOTAL, *map(len, [cart.STATE])]"))

    async def is_whole(self) -> None:
        """The program answers, kept its state, and runs one text everywhere."""
        rate, *others = await self.answers()
        assert 1 <= rate <= self.number and others == [rate * 10, rate * 10, rate + 1, 1]

    async def next_save_works(self) -> None:
        status = await self.editor.applied(self.say_saved(), "shop.py")
        assert status["outcome"] == "live", status
        rate = self.number
        assert await self.answers() == [rate, rate * 10, rate * 10, rate + 1, 1]


@pytest.fixture(params=SEEDS)
def chance(request: pytest.FixtureRequest) -> random.Random:
    return random.Random(request.param)


async def test_the_checker_is_killed(stage: Stage, chance: random.Random) -> None:
    scene = await Scene.start(stage)
    await scene.next_save_works()
    for _ in range(3):
        mark = scene.say_saved()
        await moment(chance)
        for pid in children(scene.editor.pid, "checker"):
            os.kill(pid, signal.SIGKILL)
        await scene.editor.applied(mark, "shop.py")
        await scene.is_whole()
        await scene.next_save_works()


async def test_the_server_is_killed(stage: Stage, chance: random.Random) -> None:
    scene = await Scene.start(stage)
    scene.say_saved()
    await moment(chance)
    os.kill(scene.editor.pid, signal.SIGKILL)
    await asyncio.wait_for(scene.editor.client._server.wait(), LIMIT)
    stage.editors.remove(scene.editor)
    await scene.editor.client.stop()
    await scene.is_whole()
    scene.editor = await stage.editor()
    await scene.editor.programs(1)
    await scene.next_save_works()


async def test_the_program_is_killed(stage: Stage, chance: random.Random) -> None:
    scene = await Scene.start(stage)
    mark = scene.say_saved()
    await moment(chance)
    scene.program.kill()
    await scene.editor.applied(mark, "shop.py")
    await scene.editor.programs(0, mark)
    mark = scene.editor.mark()
    scene.program = await (await stage.start(stage.python, "app.py")).ready()
    await scene.program.ask("cart.STATE.append('kept')")
    await scene.editor.programs(1, mark)
    await scene.next_save_works()


async def test_the_program_is_stopped_and_goes_on(stage: Stage, chance: random.Random) -> None:
    """What it was asked while it stood still is not done behind everybody's back later."""
    scene = await Scene.start(stage)
    mark = scene.say_saved()
    await moment(chance)
    scene.program.send_signal(signal.SIGSTOP)
    status = await scene.editor.applied(mark, "shop.py")
    scene.program.send_signal(signal.SIGCONT)
    await scene.is_whole()
    if status["outcome"] == "live":
        assert (await scene.answers())[0] == scene.number
    # It is asked again as soon as it answers; a save in between may still find it silent.
    await scene.editor.status("applied", mark, lambda s: s["outcome"] in ("live", "unchanged"))
    await scene.next_save_works()


@contextlib.asynccontextmanager
async def without_descriptors(editor: Editor) -> AsyncIterator[None]:
    """The server can open nothing more."""
    used = len(os.listdir(f"/proc/{editor.pid}/fd"))
    before = resource.prlimit(editor.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(editor.pid, resource.RLIMIT_NOFILE, (min(used, 3), before[1]))
    try:
        yield
    finally:
        resource.prlimit(editor.pid, resource.RLIMIT_NOFILE, before)


async def test_the_server_is_out_of_descriptors(stage: Stage) -> None:
    scene = await Scene.start(stage)
    await scene.next_save_works()
    async with without_descriptors(scene.editor):
        mark = scene.say_saved()
        status = await scene.editor.applied(mark, "shop.py")
    assert status["outcome"] != "unchanged", status
    await scene.is_whole()
    await scene.next_save_works()


@pytest.mark.parametrize("take_away", [
    lambda scene: scene.editor.path("shop.py").unlink(),
    lambda scene: os.truncate(scene.editor.path("shop.py"), 5),
    lambda scene: scene.editor.path("shop.py").rename(scene.editor.path("other.py")),
], ids=["deleted", "truncated", "renamed"])
async def test_the_file_goes_away_while_it_is_saved(
    stage: Stage, chance: random.Random, take_away: Callable[[Scene], None],
) -> None:
    scene = await Scene.start(stage)
    mark = scene.say_saved()
    await moment(chance)
    take_away(scene)
    await scene.editor.applied(mark, "shop.py")
    await scene.is_whole()
    await scene.next_save_works()


async def test_sockets_are_removed(stage: Stage) -> None:
    """Someone cleans the runtime folder: those who know each other go on."""
    scene = await Scene.start(stage)
    for path in Path(stage.environment["XDG_RUNTIME_DIR"], "afresh").iterdir():
        path.unlink()
    await scene.next_save_works()
