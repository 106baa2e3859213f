"""pytest in a process that stays: tests run again and again without starting anything, and a test that waits."""

from __future__ import annotations

import asyncio
import os

from conftest import Stage
from live import Edits, left, stale
from program import Program

SHOP = """\
RATE = 2
SOLD = []


def price(count):
    return count * RATE


def sell(count):
    SOLD.append(count)
    return len(SOLD)
"""

TESTS = """\
import pytest
from shop import RATE, price, sell

EXPECTED = RATE * 3


def check(value):
    assert value == EXPECTED, "the price"


def test_price(count):
    check(price(count))


class TestSelling:
    step = 1

    @pytest.mark.parametrize("more", [0, RATE])
    def test_it_is_sold(self, more):
        more = sell(1) - sell(2)
        assert more + self.step == 0
"""

FIXTURES = """\
import pytest


@pytest.fixture
def count():
    return 3
"""

# Runs the tests for each line: what `pytest-watch` and the like start a new process for.
AGAIN = """\
import sys

import pytest

print("ready", flush=True)
for line in sys.stdin:
    status = pytest.main(["-q", "--no-header", "-p", "no:cacheprovider", *line.split()])
    print("status", int(status), flush=True)
"""


async def run(program: Program, *arguments: str) -> list[str]:
    """What a run of the tests says: errors of asserts, and the closing line."""
    program.process.stdin.write((" ".join(arguments) + "\n").encode())
    await program.process.stdin.drain()
    said = []
    while not (line := await program.line()).startswith("status"):
        if line.startswith("E  ") or " passed" in line or " failed" in line:
            said.append(line.partition(" in ")[0] if " in 0" in line else line)
    return said


async def begun(stage: Stage, **options: object) -> tuple[Program, Edits]:
    stage.write({"shop.py": SHOP, "test_shop.py": TESTS, "conftest.py": FIXTURES, "again.py": AGAIN})
    program = await (await stage.start(stage.python, "again.py")).ready()
    assert await run(program, "test_shop.py") == ["3 passed"]
    editor = await stage.editor(**options)
    await editor.programs(1)
    return program, Edits(editor)


async def test_tests_run_again_in_the_same_process(frameworks: Stage) -> None:
    program, edit = await begun(frameworks)
    for name, change, said in (
        ("shop.py", ("return count * RATE", "return count * RATE + 1"),
         ["E       AssertionError: the price", "E       assert 7 == 6", "1 failed, 2 passed"]),
        ("test_shop.py", ("== EXPECTED,", "== EXPECTED + 1,"), ["3 passed"]),  # what a function asserts
        ("shop.py", ("RATE = 2", "RATE = 3"), ["3 passed"]),  # a constant, which the tests import and compute with
        ("conftest.py", ("return 3", "return 4"),
         ["E       AssertionError: the price", "E       assert 13 == (9 + 1)", "1 failed, 2 passed"]),  # a fixture
        ("test_shop.py", ("RATE * 3", "RATE * 4"), ["3 passed"]),
        ("test_shop.py", ("    step = 1", "    step = 1 - 1"), ["E       assert (-1 + 0) == 0"] * 2 + ["2 failed, 1 passed"]),
        ("test_shop.py", ("    step = 1 - 1", "    step = 1"), ["3 passed"]),
        ("test_shop.py", ("[0, RATE]", "[0, RATE, 1]"), ["4 passed"]),  # a decorator
        ("test_shop.py", ("def test_price", "def test_rate():\n    assert RATE == 4\n\n\ndef test_price"),
         ["E       assert 3 == 4", "1 failed, 4 passed"]),  # another test
        ("shop.py", ("RATE = 3", "RATE = 4"), ["5 passed"]),
    ):
        report = await edit(name, change)
        assert (report["outcome"], stale(report), left(report)) == ("live", [], []), report
        assert [line for line in await run(program, "test_shop.py") if "  where" not in line] == said
    assert (await edit("test_shop.py", ("assert value ==", "assert value =")))["outcome"] == "blocked"

    # A test that is gone: the last run has it still, among what it collected.
    await edit("test_shop.py", ("assert value =", "assert value =="))
    report = await edit("test_shop.py", ("def test_rate():\n    assert RATE == 4\n\n\n", ""))
    ((symbol, kind, holder),) = stale(report)
    assert (symbol, kind) == ("test_shop.test_rate", "registration") and "['session'].items[" in holder, report
    assert await run(program, "test_shop.py") == ["4 passed"]


async def test_a_file_of_tests_that_came_later(frameworks: Stage) -> None:
    """Nobody has seen its text being loaded: it is executed as a whole once, by what pytest makes of it."""
    program, edit = await begun(frameworks)
    frameworks.write({"test_more.py": "from shop import RATE\n\n\ndef test_rate():\n    assert RATE == 2\n"})
    assert await run(program, "test_more.py") == ["1 passed"]
    report = await edit("test_more.py", ("assert RATE == 2", "assert RATE + 1 == 2"))
    (change,) = report["hosts"][0]["modules"][0]["changes"]
    assert change["reason"] == "the whole module was executed: the text that runs is not known"
    assert await run(program, "test_more.py") == ["E       assert (2 + 1) == 2", "1 failed"]
    report = await edit("test_more.py", ("assert RATE + 1 == 2", "assert RATE + 1 == 2 + 2"))
    assert (report["outcome"], stale(report), left(report)) == ("live", [], [])
    assert await run(program, "test_more.py") == ["E       assert (2 + 1) == (2 + 2)", "1 failed"]


async def test_exact_keeps_the_rewritten_asserts(frameworks: Stage) -> None:
    program, edit = await begun(frameworks, settings={"policy": "exact"})
    await edit("shop.py", ("RATE = 2", "RATE = 3"))
    await edit("test_shop.py", ("== EXPECTED,", "== EXPECTED + 1,"))
    assert await run(program, "test_shop.py") == [
        "E       AssertionError: the price", "E       assert 9 == (9 + 1)", "1 failed, 2 passed"]


WAITS = """import pathlib

from shop import price


def expected(count):
    return count * 2


def test_prices():
    for line in pathlib.Path("orders").open():
        assert price(int(line)) == expected(int(line))
"""


async def test_a_test_that_waits(frameworks: Stage) -> None:
    """`afresh run python -m pytest`: what is saved while a test runs is in its next call."""
    frameworks.write({"shop.py": SHOP, "test_shop.py": WAITS})
    os.mkfifo(frameworks.folder / "orders")
    program = await frameworks.start(frameworks.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_shop.py")
    with await asyncio.to_thread(open, frameworks.folder / "orders", "w") as orders:  # the test has begun
        editor = await frameworks.editor()
        await editor.programs(1)
        edit = Edits(editor)
        assert (await edit("shop.py", ("count * RATE", "count * RATE + 1")))["outcome"] == "live"
        report = await edit("test_shop.py", ("return count * 2", "return count * 2 + 1"))
        assert (report["outcome"], stale(report), left(report)) == ("live", [], []), report
        print(5, file=orders, flush=True)
        report = await edit("test_shop.py", ("== expected(", "== 1 + expected("))  # the function that runs goes on
        assert (report["outcome"], [(symbol, kind) for symbol, kind, _ in stale(report)]) == (
            "stale", [("test_shop.test_prices", "frame")])
        print(6, file=orders, flush=True)
    lines = [await program.line() for _ in range(3)]
    assert [line for line in lines if "passed" in line] and await program.finish() == 0
