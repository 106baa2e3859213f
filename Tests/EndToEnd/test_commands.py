"""The command line: exit codes, `--json`, `status`, `watch`, and the demonstration."""

from __future__ import annotations

import asyncio
import json
import os
from typing import Any

import contract
import pytest
from conftest import Stage
from program import LIMIT

SHOP = "RATE = 2\n\n\ndef price():\n    return RATE * 10\n"


def reports(out: str) -> list[dict[str, Any]]:
    """The objects of `--json`, each judged by the contract."""
    objects = [json.loads(line) for line in out.splitlines()]
    for report in objects:
        assert contract.complaints(report) == [], report
    return objects


async def reload(stage: Stage, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    status, out, err = await stage.afresh("reload", "--json", *arguments)
    assert "Traceback" not in err
    return status, reports(out)


async def test_a_reload_that_is_live(every_stage: Stage) -> None:
    every_stage.write({"shop.py": SHOP})
    program = await every_stage.program("shop")
    every_stage.write({"shop.py": SHOP.replace("10", "11")})
    status, objects = await reload(every_stage, "shop.py")
    assert status == 0
    assert [report["phase"] for report in objects] == ["applied", "scanned"]
    assert objects[0]["trigger"]["kind"] == "command" and objects[-1]["outcome"] == "live"
    assert await program.ask("shop.price()") == "22"


async def test_a_module_may_be_named_instead_of_its_file(stage: Stage) -> None:
    stage.write({"pkg/__init__.py": "", "pkg/shop.py": SHOP})
    program = await stage.program("pkg.shop")
    stage.write({"pkg/shop.py": SHOP.replace("10", "11")})
    assert (await reload(stage, "pkg.shop"))[0] == 0
    assert await program.ask("pkg.shop.price()") == "22"


async def test_unchanged_is_0(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    await stage.program("shop")
    status, objects = await reload(stage, "shop.py")
    assert status == 0 and objects[-1]["outcome"] == "unchanged"


async def test_stale_is_1(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    program = await stage.program("shop")
    await program.ask("globals().update(held=[shop.price])")
    stage.write({"shop.py": SHOP.replace("10", "11")})
    status, objects = await reload(stage, "--policy", "exact", "shop.py")
    assert status == 1 and objects[-1]["outcome"] == "stale"
    assert any("held" in r["holder"]["path"] for host in objects[-1]["hosts"] for r in host["stale"]), objects[-1]


@pytest.mark.parametrize(("text", "outcome"), [
    ("RATE = (\n", "blocked"), ("RATE = 1 / 0\n", "rolledBack")])
async def test_what_could_not_be_applied_is_2(stage: Stage, text: str, outcome: str) -> None:
    stage.write({"shop.py": SHOP})
    program = await stage.program("shop")
    stage.write({"shop.py": text})
    status, objects = await reload(stage, "shop.py")
    assert status == 2 and objects[-1]["outcome"] == outcome
    assert await program.ask("shop.price()") == "20"


async def test_refused_is_2(stage: Stage) -> None:
    await stage.program()
    path = stage.folder / "app.py"
    path.write_text(path.read_text() + "\nADDED = 1\n")
    status, objects = await reload(stage, "--policy", "exact", "app.py")
    assert status == 2 and objects[-1]["outcome"] == "refused"


async def test_nothing_loaded_is_3(stage: Stage) -> None:
    stage.write({"shop.py": SHOP, "other.py": ""})
    assert (await stage.afresh("reload", "other.py"))[0] == 3
    await stage.program("shop")
    assert (await stage.afresh("reload", "other.py"))[0] == 3
    assert (await stage.afresh("reload", "no.such.module"))[0] == 3


@pytest.mark.parametrize("arguments", [
    ["reload"], ["reload", "--policy", "soft", "x.py"], ["reload", "--no-such-option"], ["no-such-command"], ["run"]])
async def test_wrong_usage_is_64(stage: Stage, arguments: list[str]) -> None:
    status, out, err = await stage.afresh(*arguments)
    assert status == 64 and out == "" and err.startswith("afresh")


@pytest.mark.parametrize("command", ["lsp", "run", "reload", "status", "watch", "attach", "demo", "explain", "graph", "plugins"])
async def test_help_is_on_stdout(stage: Stage, command: str) -> None:
    status, out, err = await stage.afresh(command, "--help")
    assert status == 0 and err == "" and f"afresh {command}" in out
    assert command in (await stage.afresh("--help"))[1]


async def test_several_files_are_one_transaction(stage: Stage) -> None:
    stage.write({"one.py": "VALUE = 1\n", "two.py": "VALUE = 2\n"})
    program = await stage.program("one", "two")
    stage.write({"one.py": "VALUE = 10\n", "two.py": "import one\nVALUE = one.VALUE / 0\n"})
    status, objects = await reload(stage, "one.py", "two.py")
    assert status == 2 and objects[-1]["outcome"] == "rolledBack"
    assert await program.ask("one.VALUE, two.VALUE") == "(1, 2)"
    stage.write({"two.py": "import one\nVALUE = one.VALUE * 2\n"})
    status, objects = await reload(stage, "two.py", "one.py")
    assert status == 0
    assert [module["name"] for module in objects[0]["hosts"][0]["modules"]] == ["one", "two"]
    assert await program.ask("one.VALUE, two.VALUE") == "(10, 20)"


@pytest.mark.parametrize("policy", ["patch", "exact"])
async def test_a_file_that_newly_imports_what_follows_another_one(stage: Stage, policy: str) -> None:
    stage.write({"base.py": "RATE = 2\n", "top.py": "TOTAL = 0\n", "zone.py": "from base import RATE\nDOUBLE = RATE * 2\n"})
    program = await stage.program("base", "top", "zone")
    stage.write({"base.py": "RATE = 5\n", "top.py": "from zone import DOUBLE\nTOTAL = DOUBLE + 1\n"})
    status, objects = await reload(stage, "--policy", policy, "base.py", "top.py")
    assert status == 0
    assert await program.ask("zone.DOUBLE, top.DOUBLE, top.TOTAL") == "(10, 10, 11)"
    assert [module["name"] for module in objects[0]["hosts"][0]["modules"]] == ["base", "zone", "top"]


async def test_a_file_that_uses_what_a_module_between_passes_on_from_another_one(stage: Stage) -> None:
    stage.write({"base.py": "def made(): return 1\n", "zone.py": "from base import made\n"})
    stage.write({"top.py": "from zone import made as make\nTOTAL = 1\nKIND = type(make)\n"})
    program = await stage.program("base", "zone", "top")
    stage.write({"base.py": "class made:\n    def m(self): return 2\n"})
    stage.write({"top.py": "from zone import made as make\nTOTAL = make().m()\nKIND = type(make)\n"})
    status, objects = await reload(stage, "base.py", "top.py")
    assert status == 0
    assert await program.ask("top.TOTAL, top.KIND is type, top.make is base.made") == "(2, True, True)"


async def test_a_file_that_sets_names_of_another_module_above_the_import_of_who_reads_them(stage: Stage) -> None:
    stage.write({"base.py": "RATE = 1\n", "early.py": "import base\nRATE = base.RATE\n", "late.py": "import base\nRATE = base.RATE\n"})
    stage.write({"top.py": "import base\nimport early\nbase.RATE = 2\nimport late\nTOTAL = late.RATE * 10\n"})
    program = await stage.program("top")
    stage.write({"top.py": "import base\nimport early\nbase.RATE = 3\nimport late\nTOTAL = late.RATE * 10\n"})
    status, objects = await reload(stage, "top.py")
    assert status == 0
    assert await program.ask("top.early.RATE, top.late.RATE, top.TOTAL") == "(1, 3, 30)"


async def test_the_report_for_people(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    await stage.program("shop")
    stage.write({"shop.py": SHOP.replace("10", "11")})
    status, out, err = await stage.afresh("reload", "shop.py")
    assert status == 0 and "shop" in out and "live" in out and "app.py" in out
    assert "\x1b" not in out + err


async def test_a_program_may_reload_itself(stage: Stage) -> None:
    """The main thread waits for `afresh reload`, which waits for the program."""
    stage.write({"shop.py": SHOP, "app.py": (
        "import subprocess, sys, shop\nfrom pathlib import Path\nPath('shop.py').write_text(sys.argv[2])\n"
        "done = subprocess.run([sys.argv[1], 'reload', 'shop.py'], capture_output=True, text=True)\n"
        "print(done.returncode, shop.price(), done.stderr)\n")})
    program = await stage.start(stage.python, "app.py", stage.binary, SHOP.replace("RATE = 2", "RATE = 3"))
    assert (await program.line()).strip() == "0 30"


async def test_status_lists_programs_and_modules(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    status, out, err = await stage.afresh("status")
    assert status == 0 and "no" in (out + err).lower()
    program = await stage.program("shop")
    pid = await program.ask("__import__('os').getpid()")
    status, out, _ = await stage.afresh("status")
    assert status == 0 and "app.py" in out and pid in out and "shop" in out
    status, out, _ = await stage.afresh("status", "--json")
    (report,) = reports(out)
    assert status == 0 and [host["pid"] for host in report["hosts"]] == [int(pid)]


async def test_what_a_bug_report_needs(stage: Stage) -> None:
    """Versions, folders, settings and the last reports; no text of a file, no value."""
    stage.write({"shop.py": SHOP + "SECRET = 'hunter2'\n"})
    status, out, _ = await stage.afresh("status", "--verbose")
    assert status == 0 and out.startswith("afresh ") and "no server listens" in out
    program, editor = await stage.both("shop", settings={"policy": "exact", "stale.samples": 7})
    await editor.save("shop.py", SHOP + "SECRET = 'hunter3'\nfrom os import path as kept\n")
    await editor.save("shop.py", SHOP + "SECRET = 'hunter3\n")
    status, out, _ = await stage.afresh("status", "--verbose")
    assert status == 0
    for part in (
        stage.environment["XDG_RUNTIME_DIR"], stage.environment["XDG_CACHE_HOME"], os.uname().release, "CPython 3.",
        f"pid {program.pid}", f"programs: {program.pid}", f"pid {editor.pid}", '"policy":"exact"', '"stale.samples":7',
        '"phase":"applied"', '"phase":"scanned"', '"outcome":"blocked"', str(stage.folder),
    ):
        assert part in out, (part, out)
    assert "hunter" not in out and "return" not in out and "SECRET =" not in out, out


async def test_watch_reports_each_save_on_disk(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    program = await stage.program("shop")
    watching = await stage.start(stage.binary, "watch", "--json", ".", live=False)

    async def applied() -> dict[str, Any]:
        while True:
            (report,) = reports(await watching.line())
            if report["phase"] == "applied":
                return report

    await asyncio.wait_for(hosts_known(watching), LIMIT)
    stage.write({"shop.py": SHOP.replace("10", "11")})
    report = await asyncio.wait_for(applied(), LIMIT)
    assert report["outcome"] == "live" and report["trigger"]["kind"] == "watch"
    assert await program.ask("shop.price()") == "22"
    stage.write({"shop.py": "RATE = (\n"})
    assert (await asyncio.wait_for(applied(), LIMIT))["outcome"] == "blocked"


async def hosts_known(watching) -> None:
    while True:
        (report,) = reports(await watching.line())
        if report["phase"] == "hosts" and report["hosts"]:
            return


async def test_the_demonstration(stage: Stage) -> None:
    status, out, err = await stage.afresh("demo")
    assert status == 0, out + err
    for outcome in ("live", "blocked", "rolled back"):
        assert outcome in out, out
    assert "\x1b" not in out
