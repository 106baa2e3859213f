"""What the machine does to the server, a program and its checker: they are held up, cannot open or write anything, clocks jump."""

from __future__ import annotations

import contextlib
import os
import random
import resource
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Stage
from test_faults import SHOP, Scene, chance, children, moment

__all__ = ["chance"]  # a fixture


@pytest.mark.parametrize("who", ["server", "checker"])
async def test_a_process_is_held_up_and_goes_on(stage: Stage, chance: random.Random, who: str) -> None:
    """The program never waits for them; what was saved arrives when they go on."""
    scene = await Scene.start(stage)
    await scene.next_save_works()
    mark = scene.say_saved()
    await moment(chance)
    pids = [scene.editor.pid] if who == "server" else list(children(scene.editor.pid, "checker"))
    assert pids
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        await scene.is_whole()
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    assert (await scene.editor.applied(mark, "shop.py"))["outcome"] == "live"
    await scene.next_save_works()


@contextlib.contextmanager
def without_descriptors(pid: int) -> Iterator[None]:
    """A process can open nothing more."""
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize("who", ["program", "checker"])
async def test_out_of_descriptors(stage: Stage, who: str) -> None:
    scene = await Scene.start(stage)
    await scene.next_save_works()
    (pid,) = [scene.program.pid] if who == "program" else children(scene.editor.pid, "checker")
    with without_descriptors(pid):
        status = await scene.editor.applied(scene.say_saved(), "shop.py")
        assert status["outcome"] in ("live", "stale"), status  # neither needs any for a save
        await scene.is_whole()
    await scene.next_save_works()


async def test_the_program_closes_all_descriptors(stage: Stage) -> None:
    """As programs do that become daemons. It goes on, from another socket, and the next one is served beside it."""
    scene = await Scene.start(stage)
    mark = scene.editor.mark()
    await scene.program.ask("__import__('os').closerange(3, 256)")
    await scene.is_whole()
    assert await scene.program.ask("open(__file__).close()") == "None"
    await scene.is_whole()
    await scene.editor.event("that it has gone and come back", lambda: [
        len(status["hosts"]) for status in scene.editor.received("reload/status", mark)][:2] == [0, 1])
    await scene.next_save_works()
    other = await (await stage.start(stage.python, "app.py")).ready()
    await scene.editor.programs(2, mark)
    status = await scene.editor.applied(scene.say_saved(), "shop.py")
    assert [host["outcome"] for host in status["hosts"]] == ["live", "live"]
    assert [await each.ask("shop.RATE") for each in (scene.program, other)] == [str(scene.number)] * 2


@contextlib.contextmanager
def full(folder: Path) -> Iterator[None]:
    """A disk on which not a byte is free."""
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k,mode=700", "tmpfs", folder], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("no disk can be mounted here")
    try:
        with contextlib.suppress(OSError), open(folder / "filler", "wb", buffering=0) as file:
            while file.write(b"x" * 4096):
                pass
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.skipif(os.getuid() != 0 or shutil.which("mount") is None, reason="only root can mount a disk")
async def test_the_cache_is_on_a_full_disk(stage: Stage) -> None:
    with full(stage.cache):
        scene = await Scene.start(stage)
        await scene.next_save_works()
        for pid in children(scene.editor.pid, "checker"):
            os.kill(pid, signal.SIGKILL)
        await scene.next_save_works()


async def test_the_log_is_on_a_full_disk(stage: Stage) -> None:
    stage.write({"shop.py": SHOP.format(1)})
    await stage.program("shop")
    editor = await stage.editor(arguments=["--log", "/dev/full"])
    await editor.programs(1)
    assert (await editor.save("shop.py", SHOP.format(2)))["outcome"] == "live"
    assert await editor.quit() == 0


@pytest.mark.parametrize(("taken", "outcomes"), [
    ("work/shop.py", {"refused"}), ("work", {"refused"}), ("cache", {"live"}), ("run/afresh", {"live"}),
], ids=["file", "folder", "cache", "sockets"])
async def test_a_permission_is_taken_away(stage: Stage, chance: random.Random, taken: str, outcomes: set[str]) -> None:
    stage.obey_permissions()
    scene = await Scene.start(stage)
    await scene.next_save_works()
    path = stage.folder.parent / taken
    mode = path.stat().st_mode
    mark = scene.say_saved()
    await moment(chance)
    path.chmod(0)
    try:
        await scene.editor.applied(mark, "shop.py")
        await scene.is_whole()
        status = await scene.editor.applied(scene.say_saved(), "shop.py")
        assert status["outcome"] in outcomes and status["message"], status
        await scene.is_whole()
    finally:
        path.chmod(mode)
    await scene.next_save_works()


async def test_the_clock_jumps(stage: Stage) -> None:
    """Files are from the past, from the future, or of the moment of the last save, with as many bytes: contents count."""
    scene = await Scene.start(stage)
    path = scene.editor.path("shop.py")
    for moment_of_save in (0, 1, 2**31 - 1, 2**31 - 1, 2**33, 1, 1):
        scene.number += 1
        mark = scene.editor.mark()
        text = SHOP.format(scene.number)
        scene.editor.type("shop.py", text)
        path.write_text(text)
        os.utime(path, (moment_of_save, moment_of_save))
        scene.editor.say_saved("shop.py")
        assert (await scene.editor.applied(mark, "shop.py"))["outcome"] == "live"
        rate = scene.number
        assert await scene.answers() == [rate, rate * 10, rate * 10, rate + 1, 1]


async def test_a_program_that_stands_still_is_told_of_once(stage: Stage) -> None:
    scene = await Scene.start(stage)
    await scene.next_save_works()
    mark = scene.editor.mark()
    scene.program.send_signal(signal.SIGSTOP)
    try:
        for _ in range(3):
            await scene.editor.applied(scene.say_saved(), "shop.py")
        shown = [message["message"] for message in scene.editor.received("window/showMessage", mark)]
        assert len(shown) == 1 and "is stopped" in shown[0], shown
    finally:
        scene.program.send_signal(signal.SIGCONT)
    await scene.editor.status("applied", mark, lambda s: s["outcome"] == "live")
    await scene.next_save_works()
