"""Many saves in four programs: neither the time that one takes nor the memory of any process grows.

AFRESH_SAVES says how many: `AFRESH_SAVES=10000 Tests/run -- -s test_soak.py` prints the figures, with times.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from pathlib import Path

import pytest
from conftest import Stage
from editor import Editor
from program import Program
from test_faults import children

SAVES = int(os.environ.get("AFRESH_SAVES", "60"))
PROGRAMS = 4
# Each third save changes a function, a value that dependents use, a class with instances.
SHOP = """\
RATE = {value}


def price():
    return RATE * {number}


class Item:
    def cost(self):
        return {number}
"""
CART = "import shop\nfrom shop import RATE\nTOTAL = RATE + 1\nITEMS = [shop.Item() for _ in range(3)]\nSTATE = []\n"
SEEN = "[shop.price(), cart.TOTAL, cart.ITEMS[0].cost(), len(cart.STATE)]"


def resident(pid: int) -> float:
    """MiB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def processor(pid: int) -> float:
    """Milliseconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def sizes(editor: Editor, programs: list[Program]) -> dict[str, float]:
    found = {f"program {number}": resident(program.pid) for number, program in enumerate(programs)}
    return {"server": resident(editor.pid), **found,
            **{f"checker {number}": resident(pid) for number, pid in enumerate(children(editor.pid, "checker"))}}


@pytest.mark.timeout(120 + SAVES)
async def test_many_saves(stage: Stage) -> None:
    stage.write({"shop.py": SHOP.format(value=1, number=1), "cart.py": CART})
    programs = [await stage.program("shop", "cart") for _ in range(PROGRAMS)]
    await asyncio.gather(*(program.ask("cart.STATE.append('kept')") for program in programs))
    editor = await stage.editor()
    await editor.programs(PROGRAMS)
    warm, early = max(2, SAVES // 100) * 10, {}
    times: list[float] = []
    measured = {"server": editor.pid, "program": programs[0].pid}
    used: list[list[float]] = []  # processor time of these after each save
    for number in range(2, SAVES + 2):
        text = SHOP.format(value=number if number % 3 == 0 else number // 3 * 3, number=number)
        begun, mark = time.perf_counter(), editor.mark()
        status = await editor.save("shop.py", text)
        times.append(time.perf_counter() - begun)
        if "checker" not in measured:  # who has checked is there
            (measured["checker"],) = children(editor.pid, "checker")
        used.append([processor(pid) for pid in measured.values()])
        assert status["outcome"] == "live" and len(status["hosts"]) == PROGRAMS, status
        if number % 10 == 0 or number == SAVES + 1:
            # Otherwise the next save overtakes the search.
            await editor.status("scanned", mark, lambda scanned: scanned["sequence"] == status["sequence"])
        if number == warm:
            early = sizes(editor, programs), [descriptors(pid) for pid in (editor.pid, *(p.pid for p in programs))]
    value = (SAVES + 1) // 3 * 3
    for program in programs:
        assert await program.ask(SEEN) == str([value * (SAVES + 1), value + 1, SAVES + 1, 1])
    late = sizes(editor, programs), [descriptors(pid) for pid in (editor.pid, *(p.pid for p in programs))]
    span = max(10, SAVES // 10)
    first, last = ([(used[end][which] - used[start][which]) / (end - start) for which in range(len(measured))]
                   for start, end in ((0, span), (-span - 1, -1)))
    print(f"\n{SAVES} saves: the first {span} {statistics.median(times[:span]) * 1000:.1f} ms, the last "
          f"{statistics.median(times[-span:]) * 1000:.1f} ms; processor time of one, ms: " + ", ".join(
              f"{name} {then:.2f} → {now:.2f}" for name, then, now in zip(measured, first, last)) + "; MiB: " + ", ".join(
              f"{name} {size:.1f} → {late[0].get(name, 0):.1f}" for name, size in early[0].items()))
    assert late[1] == early[1], "descriptors that stay open"
    for name, size in early[0].items():
        assert late[0][name] < size * 1.25 + 4, f"{name} grew from {size:.1f} to {late[0][name]:.1f} MiB"
