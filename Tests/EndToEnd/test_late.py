"""Programs that become live while they run: `import afresh`, `afresh attach`."""

from __future__ import annotations

import asyncio
import json
import shlex
import time
from pathlib import Path

import pytest
from conftest import SUPPORTED, Stage, preferred
from program import probe

SHOP = "CACHE = {}\nRATE = 2\n\n\ndef price():\n    return RATE * 10\n"


LATE = {
    "kinds.py": """\
import dataclasses, enum, functools

RATE = 2
TABLE = {"a": 1}
LATER = [RATE, len(TABLE)]


def price(count, factor=RATE):
    return count * factor


def maker(step):
    def add(number):
        return number + step
    return add


add_one = maker(1)


@functools.lru_cache
def cached(number):
    return number * RATE


class Order:
    limit = 10

    def total(self):
        return 1

    @property
    def name(self):
        return "order"

    @classmethod
    def made(cls):
        return cls.limit


@dataclasses.dataclass
class Point:
    x: int = 1


class Colour(enum.Enum):
    RED = 1


ORDER = Order()
""",
    "uses.py": "from kinds import RATE, price\nTWICE = RATE * 2\n\n\ndef ask():\n    return price(3)\n"}
EDITS = [
    ("return count * factor", "return count * factor + 100"), ("RATE = 2", "RATE = 3"), ("number + step", "number - step"),
    ("number * RATE", "number * RATE + 1"), ("limit = 10", "limit = 11"), ("return 1\n", "return 2\n"),
    ('return "order"', 'return "other"'), ("x: int = 1", "x: int = 1\n    y: int = 2"), ("RED = 1", "RED = 1\n    BLUE = 2"),
    ("return cls.limit", "return -cls.limit"), ("    return add\n\n\nadd_one = maker(1)\n", "    return add\n"),
    ('TABLE = {"a": 1}', 'TABLE = {"a": 1, "b": 2}')]
SEEN = ("(kinds.RATE, kinds.TABLE, kinds.LATER, kinds.price(2), kinds.maker(5)(1), kinds.cached(2), kinds.Order.limit, "
        "kinds.ORDER.total(), kinds.ORDER.name, kinds.ORDER.made(), str(kinds.Point()), [str(c) for c in kinds.Colour], "
        "uses.TWICE, uses.ask(), hasattr(kinds, 'add_one') and kinds.add_one(1))")


async def test_a_program_that_became_live_later_is_reloaded_like_one_that_was_from_the_start(
    stage: Stage, installed: Path,
) -> None:
    stage.write(LATE)
    stage.binary = str(installed / "bin" / "afresh")
    python = str(installed / "bin" / "python")
    await settled(stage.folder / "kinds.py")
    stage.write({"app.py": probe("kinds", "uses")})
    early = await (await stage.start(python, "app.py")).ready()
    late = await (await stage.start(python, "app.py", live=False)).ready()
    assert await late.ask("__import__('afresh').start()") == "None"
    text = LATE["kinds.py"]
    for old, new in EDITS:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
        stage.write({"kinds.py": text})
        said = []
        for program in (early, late):
            status, out, err = await stage.afresh("reload", "--json", "--pid", str(program.pid), "kinds.py")
            (host,) = json.loads(out.splitlines()[-1])["hosts"]
            (applied,) = json.loads(out.splitlines()[0])["hosts"]
            said.append((
                status, [(each["name"], each["generation"], each["changes"]) for each in applied["modules"]],
                sorted((each["symbol"], each["kind"], each["count"]) for each in host["stale"]),
                await program.ask(SEEN)))
        assert said[0] == said[1], new


async def settled(path: Path) -> None:
    """Until a process that starts now is surely younger than the file: the kernel counts both in ticks."""
    while time.time() < path.stat().st_ctime + 0.05:
        await asyncio.sleep(0.01)


async def test_what_may_have_changed_before_is_not_taken_for_what_runs(stage: Stage, installed: Path) -> None:
    """The file is edited after it was loaded, and before the program becomes live."""
    stage.write({"shop.py": SHOP, "app.py": probe("shop")})
    stage.binary = str(installed / "bin" / "afresh")
    program = await (await stage.start(str(installed / "bin" / "python"), "app.py", live=False)).ready()
    stage.write({"shop.py": SHOP.replace("10", "11")})
    assert await program.ask("__import__('afresh').start()") == "None"
    assert await program.ask("shop.price()") == "20"
    status, out, _ = await stage.afresh("reload", "--json", "shop.py")
    assert status == 0 and await program.ask("shop.price()") == "22"
    (change,) = json.loads(out.splitlines()[0])["hosts"][0]["modules"][0]["changes"]
    assert "not known" in change["reason"]


async def test_a_program_may_make_itself_live(stage: Stage, installed: Path) -> None:
    """What it had loaded before is known, if its file has not changed since."""
    stage.write({"shop.py": SHOP, "app.py": (
        "import shop\nshop.CACHE['key'] = 1\nprint('ready', flush=True)\ninput()\nimport afresh\nafresh.start()\n"
        "print('live', flush=True)\nwhile input():\n    print(shop.price(), shop.CACHE, flush=True)\n")})
    stage.binary = str(installed / "bin" / "afresh")
    await settled(stage.folder / "shop.py")
    program = await stage.start(str(installed / "bin" / "python"), "app.py", live=False)
    await program.ready()
    status, out, err = await stage.afresh("attach", str(program.pid))
    if preferred().numbers < (3, 14, 0):
        assert status == 2 and "afresh run" in err and "afresh.start()" in err and "app.py" in err
    else:  # it is entered, but waits for its input
        assert status == 2 and "its main thread is in a call" in err
    assert await program.ask("") == "live"
    status, out, err = await stage.afresh("attach", str(program.pid))
    assert (status, err) == (0, "") and "app.py" in out and "live" in out
    stage.write({"shop.py": SHOP.replace("10", "11")})
    status, out, err = await stage.afresh("reload", "shop.py")
    assert status == 0 and "price" in out, out + err
    assert await program.ask("show") == "22 {'key': 1}"
    program.process.stdin.write(b"\n")  # type: ignore[union-attr]
    assert await program.finish() == 0


async def test_a_file_whose_times_are_wrong_is_not_taken_for_what_runs(stage: Stage, installed: Path) -> None:
    """A file server's clock is behind: the edit seems older than the process. Here the process says that it is younger."""
    stage.write({"shop.py": SHOP, "app.py": probe("shop")})
    stage.binary = str(installed / "bin" / "afresh")
    program = await (await stage.start(str(installed / "bin" / "python"), "app.py", live=False)).ready()
    stage.write({"shop.py": SHOP.replace("10", "11")})
    await settled(stage.folder / "shop.py")
    stage.write({"clock.py": (
        "import time\nreal = time.clock_gettime\n"
        "time.clock_gettime = lambda clock: real(clock) - (1e6 if clock == time.CLOCK_BOOTTIME else 0)\n")})
    assert "clock" in await program.ask("__import__('clock')")
    assert await program.ask("__import__('afresh').start()") == "None"
    status, out, _ = await stage.afresh("reload", "--json", "shop.py")
    assert status == 0 and await program.ask("shop.price()") == "22"


async def test_whoever_executes_the_script_becomes_live(stage: Stage) -> None:
    """As CPython executes it: its text, in an empty namespace, with no name and no file."""
    stage.write({"shop.py": SHOP})
    await settled(stage.folder / "shop.py")
    program = await stage.program("shop", live=False)
    status, out, err = await stage.afresh("attach", "--script")
    assert (status, err) == (0, "")
    assert await program.ask(f"exec(open({out.strip()!r}).read(), {{}})") == "None"
    stage.write({"shop.py": SHOP.replace("10", "11")})
    status, out, err = await stage.afresh("reload", "--json", "shop.py")
    assert status == 0 and '"function"' in out, out + err
    assert await program.ask("shop.price()") == "22"


async def test_the_command_that_would_have_been_live_can_be_pasted(stage: Stage) -> None:
    text = "import sys; print('ready', flush=True); input()"
    program = await (await stage.start(stage.python, "-c", text, live=False)).ready()
    status, _, err = await stage.afresh("attach", str(program.pid))
    if preferred().numbers < (3, 14, 0):
        assert status == 2
        assert shlex.split(err.splitlines()[0].partition("instead: ")[2]) == ["afresh", "run", stage.python, "-c", text]


@pytest.mark.skipif(SUPPORTED[-1].numbers < (3, 14, 0), reason="needs CPython 3.14")
async def test_a_running_program_is_entered(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    stage.python = SUPPORTED[-1].path
    program = await stage.program("shop", live=False)
    attaching = asyncio.create_task(stage.afresh("attach", str(program.pid)))
    while not attaching.done():
        await program.ask("0")  # it has to execute Python code
    status, out, err = attaching.result()
    assert status == 0 and "app.py" in out, out + err
    stage.write({"shop.py": SHOP.replace("10", "11")})
    assert (await stage.afresh("reload", "shop.py"))[0] == 0
    assert await program.ask("shop.price()") == "22"


@pytest.mark.parametrize(("arguments", "status", "word"), [
    (["99999999"], 2, "no process"), ([], 64, "number"), (["x"], 64, "number"), (["1", "2"], 64, "number")])
async def test_attach_says_what_is_wrong(stage: Stage, arguments: list[str], status: int, word: str) -> None:
    said = await stage.afresh("attach", *arguments)
    assert said[:2] == (status, "") and word in said[2], said


async def test_what_is_no_python_cannot_be_entered(stage: Stage) -> None:
    program = await stage.start("cat", live=False)
    # The process is the shell's, or Python's, until it has become `cat`.
    program.process.stdin.write(b"ready\n")  # type: ignore[union-attr]
    await program.ready()
    status, out, err = await stage.afresh("attach", str(program.pid))
    assert status == 2 and "no Python" in err
