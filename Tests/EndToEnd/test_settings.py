"""Modes, and settings by each of the three ways in which clients give them."""

from __future__ import annotations

import os
import time
from typing import Any

import pytest
from conftest import Stage
from editor import Editor
from lsprotocol import types

SHOP = "RATE = 2\n\n\ndef price():\n    return RATE * 10\n"


async def by_initialization(stage: Stage, settings: dict[str, Any]) -> Editor:
    return await stage.editor(settings=settings)


async def by_configuration(stage: Stage, settings: dict[str, Any]) -> Editor:
    editor = await stage.editor(configuration=settings)
    await editor.event("workspace/configuration", lambda: editor.received("workspace/configuration"))
    return editor


async def by_notification(stage: Stage, settings: dict[str, Any]) -> Editor:
    editor = await stage.editor(change=without_configuration)
    tell(editor, settings)
    return editor


def tell(editor: Editor, settings: dict[str, Any]) -> None:
    editor.client.workspace_did_change_configuration(
        types.DidChangeConfigurationParams(settings={"afresh": settings}))


def without_configuration(capabilities: types.ClientCapabilities) -> None:
    assert capabilities.workspace is not None
    capabilities.workspace.configuration = False


WAYS = pytest.mark.parametrize("way", [by_initialization, by_configuration, by_notification])


@WAYS
async def test_mode_off_touches_no_program(stage: Stage, way) -> None:
    stage.write({"shop.py": SHOP})
    program = await stage.program("shop")
    editor = await way(stage, {"mode": "off"})
    await editor.programs(1)
    await editor.save("shop.py", SHOP.replace("10", "11"))
    assert await program.ask("shop.price()") == "20"


@WAYS
async def test_policy_exact(stage: Stage, way) -> None:
    program = await stage.program()
    editor = await way(stage, {"policy": "exact"})
    await editor.programs(1)
    status = await editor.save("app.py", editor.path("app.py").read_text() + "\nADDED = 1\n")
    assert status["outcome"] == "refused"
    assert await program.ask("'ADDED' in globals()") == "False"


@WAYS
async def test_untracked_modules_are_left_alone(stage: Stage, way) -> None:
    stage.write({"shop.py": SHOP})
    program = await stage.program("shop")
    editor = await way(stage, {"untrack": ["shop"]})
    await editor.programs(1)
    await editor.save("shop.py", SHOP.replace("10", "11"))
    assert await program.ask("shop.price()") == "20"


async def test_mode_off_still_checks_syntax_and_says_what_is_behind(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    program, editor = await stage.both("shop", settings={"mode": "off"})
    await editor.save("shop.py", SHOP.replace("return", "retrun"))
    await editor.shows("shop.py", "syntax-error")
    await editor.save("shop.py", SHOP.replace("10", "11"))
    await editor.shows("shop.py", "behind")
    assert await program.ask("shop.price()") == "20"


async def test_the_mode_is_set_by_command(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    program, editor = await stage.both("shop")
    await editor.command("afresh.setMode", {"mode": "off"})
    await editor.save("shop.py", SHOP.replace("10", "11"))
    assert await program.ask("shop.price()") == "20"
    mark = editor.mark()
    await editor.command("afresh.setMode", {"mode": "all"})
    assert (await editor.applied(mark, "shop.py"))["outcome"] == "live"
    assert await program.ask("shop.price()") == "22"
    assert (await editor.save("shop.py", SHOP.replace("10", "12")))["outcome"] == "live"
    assert await program.ask("shop.price()") == "24"
    await editor.shows("shop.py")


async def test_a_reload_that_is_asked_for_works_in_mode_off(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    program, editor = await stage.both("shop", settings={"mode": "off"})
    await editor.save("shop.py", SHOP.replace("10", "11"))
    mark = editor.mark()
    await editor.command("afresh.reload", {"uris": [editor.path("shop.py").as_uri()]})
    status = await editor.applied(mark, "shop.py")
    assert status["outcome"] == "live" and status["trigger"]["kind"] == "command"
    assert await program.ask("shop.price()") == "22"


async def test_mode_explicit_follows_tracked_modules_only(stage: Stage) -> None:
    stage.write({"one.py": "VALUE = 1\n", "two.py": "VALUE = 1\n"})
    program, editor = await stage.both("one", "two", settings={"mode": "explicit", "track": ["one"]})
    await editor.save("one.py", "VALUE = 2\n")
    await editor.save("two.py", "VALUE = 2\n")
    assert await program.ask("one.VALUE, two.VALUE") == "(2, 1)"
    mark = editor.mark()
    await editor.command("afresh.track", {"modules": ["two"]})
    await editor.applied(mark, "two.py")  # what was saved before comes in now
    await editor.command("afresh.untrack", {"modules": ["one"]})
    await editor.save("one.py", "VALUE = 3\n")
    await editor.save("two.py", "VALUE = 3\n")
    assert await program.ask("one.VALUE, two.VALUE") == "(2, 3)"


async def test_untrack_and_track_in_mode_all(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    program, editor = await stage.both("shop")
    await editor.command("afresh.untrack", {"modules": ["shop"]})
    await editor.save("shop.py", SHOP.replace("10", "11"))
    assert await program.ask("shop.price()") == "20"
    mark = editor.mark()
    await editor.command("afresh.track", {"modules": ["shop"]})
    assert (await editor.applied(mark, "shop.py"))["outcome"] == "live"
    assert await program.ask("shop.price()") == "22"
    await editor.save("shop.py", SHOP.replace("10", "12"))
    assert await program.ask("shop.price()") == "24"


async def test_settings_may_change_while_it_runs(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    program, editor = await stage.both("shop", change=without_configuration)
    tell(editor, {"mode": "off"})
    await editor.save("shop.py", SHOP.replace("10", "11"))
    assert await program.ask("shop.price()") == "20"
    mark = editor.mark()
    tell(editor, {"mode": "all"})
    assert (await editor.applied(mark, "shop.py"))["outcome"] == "live"
    assert await program.ask("shop.price()") == "22"
    await editor.save("shop.py", SHOP.replace("10", "12"))
    assert await program.ask("shop.price()") == "24"


@pytest.mark.parametrize("settings", [
    {"mode": "sometimes"}, {"mode": 7}, {"policy": None}, {"track": "shop"}, {"exclude": [1, None]},
    {"stale": {"samples": -1}}, {"stale.samples": 1e99}, {"unknown": {}}, [], "all", None, 5])
async def test_settings_that_make_no_sense_leave_the_defaults(stage: Stage, settings: Any) -> None:
    stage.write({"shop.py": SHOP})
    program, editor = await stage.both("shop", settings=settings)
    assert (await editor.save("shop.py", SHOP.replace("10", "11")))["outcome"] == "live"
    assert await program.ask("shop.price()") == "22"


async def test_excluded_files_are_left_alone(stage: Stage) -> None:
    stage.write({"shop.py": SHOP, "generated/rates.py": "VALUE = 1\n", "generated/__init__.py": ""})
    program, editor = await stage.both("shop", "generated.rates", settings={"exclude": ["generated/**"]})
    await editor.save("generated/rates.py", "VALUE = 2\n")
    await editor.save("shop.py", SHOP.replace("10", "11"))
    assert await program.ask("generated.rates.VALUE, shop.price()") == "(1, 22)"


async def test_dependents_none_leaves_them_old_and_says_so(stage: Stage) -> None:
    stage.write({"base.py": "def rate():\n    return 2\n", "shop.py": "from base import rate\nVALUE = rate()\n"})
    program, editor = await stage.both("shop", settings={"dependents": "none", "policy": "exact"})
    status = await editor.save("base.py", "def rate():\n    return 3\n")
    assert [module["name"] for module in status["hosts"][0]["modules"]] == ["base"]
    assert await program.ask("shop.VALUE, shop.rate()") == "(2, 2)"
    assert (await editor.scanned(status))["outcome"] == "stale"


async def test_without_reload_status_diagnostics_still_come(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    program = await stage.program("shop")
    editor = await stage.editor(settings={"status": False})
    editor.type("shop.py", SHOP.replace("return", "retrun"))
    editor.path("shop.py").write_text(SHOP.replace("return", "retrun"))
    editor.say_saved("shop.py")
    await editor.shows("shop.py", "syntax-error")
    assert editor.received("reload/status") == []
    assert await program.ask("shop.price()") == "20"


async def test_a_file_changed_outside_the_editor_is_watched(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    program, editor = await stage.both("shop", change=without_watcher)
    await editor.event("a line in the log", lambda: [
        params for params in editor.received("window/logMessage")
        if params["message"] == "Saves outside of the editor are seen from now on, in 1 folder."])
    mark = editor.mark()
    editor.path("shop.py").write_text(SHOP.replace("10", "11"))
    status = await editor.applied(mark, "shop.py")
    assert status["trigger"]["kind"] == "watch" and status["outcome"] == "live"
    assert await program.ask("shop.price()") == "22"


def without_watcher(capabilities: types.ClientCapabilities) -> None:
    assert capabilities.workspace is not None
    capabilities.workspace.did_change_watched_files = None


async def test_what_earlier_versions_left_in_the_cache_goes_once_nobody_has_used_it_for_a_month(stage: Stage) -> None:
    old, young = (stage.cache / "afresh" / f"agent-{digit * 16}" for digit in "01")
    for folder, days in ((old, 31), (young, 29)):
        folder.mkdir(parents=True, mode=0o700)
        (folder / "a.py").touch()
        for path in (folder / "a.py", folder):
            os.utime(path, (time.time() - days * 86_400,) * 2)
    editor = await stage.editor()
    await editor.event("a line in the log", lambda: [
        params for params in editor.received("window/logMessage") if f"{old} was removed" in params["message"]])
    assert not old.exists() and young.exists()
