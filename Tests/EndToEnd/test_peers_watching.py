"""What users of other reloaders rely on when files change on the disk: scenarios 143 to 145 and 149 of the survey of peers
(jurigged's watcher), by `afresh watch`, which has no editor that would tell it of saves.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from typing import Any

from conftest import Stage
from program import LIMIT, Program

# Seconds; a change is told once nothing more has come for as long.
QUICK = 0.01
SHOP = "RATE = 2\nSEEN = []\n\n\ndef price():\n    return RATE * 10\n"


class Watching:
    """`afresh watch --json` on the stage's folder."""

    def __init__(self, process: Program) -> None:
        self.process = process
        self.reports: list[dict[str, Any]] = []

    async def until(self, wanted: Any) -> dict[str, Any]:
        """The first report, from now on, that is as wanted."""

        async def read() -> dict[str, Any]:
            while True:
                report = json.loads(await self.process.line())
                self.reports.append(report)
                if wanted(report):
                    return report

        return await asyncio.wait_for(read(), LIMIT)

    async def applied(self) -> dict[str, Any]:
        return await self.until(lambda report: report["phase"] == "applied")


async def watch(stage: Stage) -> Watching:
    watching = Watching(await stage.start(stage.binary, "watch", "--json", ".", live=False))
    await watching.until(lambda report: report["phase"] == "hosts" and report["hosts"])
    return watching


async def test_143_a_syntax_error_ends_nothing_and_the_next_good_save_is_applied(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    program = await stage.program("shop")
    watching = await watch(stage)
    stage.write({"shop.py": "def price(:\n"})
    assert (await watching.applied())["outcome"] == "blocked"
    assert await program.ask("shop.price()") == "20"
    stage.write({"shop.py": SHOP.replace("10", "11")})
    assert (await watching.applied())["outcome"] == "live"
    assert await program.ask("shop.price()") == "22"
    await watching.process.stop()
    stage.write({"shop.py": SHOP.replace("10", "12")})
    # Nobody is there who could apply it: another save, told to the program in another way, is all that it hears of.
    stage.write({"other.py": "X = 1\n"})
    assert (await stage.afresh("reload", "other.py"))[0] == 3
    assert await program.ask("shop.price()") == "22"


async def test_144_and_145_quick_saves_end_as_the_last_one_and_nothing_is_gone_in_between(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    program = await stage.program("shop")
    path = stage.folder / "shop.py"
    temporary = stage.folder / "shop.py.new"
    number = 10
    while True:
        await program.ask("setattr(shop, 'SEEN', ['kept'])")
        watching = await watch(stage)
        number += 2
        begun = time.monotonic()
        path.write_text("")  # an editor that writes in place, in two steps
        path.write_text(SHOP.replace("10", str(number - 1)))
        temporary.write_text(SHOP.replace("10", str(number)))  # and one that puts a new file in the place of the old one
        os.unlink(path)
        os.rename(temporary, path)
        is_quick = time.monotonic() - begun < QUICK
        while await program.ask("shop.price()") != str(2 * number):
            await watching.applied()
        if is_quick:
            break
        await watching.process.stop()  # we were held up between two steps, and each of them may have been seen
    assert await program.ask("shop.SEEN") == "['kept']"
    removed = [
        change["symbol"]
        for report in watching.reports
        for host in report["hosts"]
        for module in host["modules"]
        for change in module["changes"]
        if change["change"] == "removed"
    ]
    assert removed == []


async def test_149_only_files_of_the_program_s_language_that_are_not_excluded_count(stage: Stage) -> None:
    hidden = {".venv/lib/thing.py": "X = 1\n", "notes.txt": "one\n", "shop.pyx": "X = 1\n"}
    stage.write({"shop.py": SHOP, **hidden})
    program = await stage.program("shop")
    watching = await watch(stage)
    for name in hidden:
        stage.write({name: "X = 2\n"})
    stage.write({"shop.py": SHOP.replace("10", "11")})
    report = await watching.applied()
    assert [os.path.basename(uri) for uri in report["trigger"]["uris"]] == ["shop.py"]
    assert await program.ask("shop.price()") == "22"
