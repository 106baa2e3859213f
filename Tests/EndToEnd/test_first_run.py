"""Who begins with it is told what is missing, and what he sees: once, and nothing that is not so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import Stage
from editor import Editor

SHOP = "def price():\n    return 1\n"
WAITS = 'print("running", flush=True)\ninput()\n'
EXACT = {"policy": "exact", "dependents": "none"}


async def saves(editor: Editor, name: str, count: int = 3) -> list[dict[str, Any]]:
    """Saves that many versions of a file; the messages that a person has been shown after all."""
    for number in range(count):
        status = await editor.save(name, SHOP.replace("1", str(number + 10)))
        if status["outcome"] in ("live", "stale"):
            await editor.scanned(status)
    return editor.received("window/showMessage")


async def told(editor: Editor) -> str:
    """The first thing that a person is shown."""
    await editor.event("a message", lambda: editor.received("window/showMessage"))
    return editor.received("window/showMessage")[0]["message"]


async def nothing_more(editor: Editor, name: str, count: int = 1) -> None:
    """What a further save would bring has come when the answer to what was asked after it has."""
    await saves(editor, name)
    await editor.command("afresh.status")
    await saves(editor, name)
    assert len(editor.received("window/showMessage")) == count


async def test_no_program_runs(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    editor = await stage.editor()
    await saves(editor, "shop.py", 1)
    assert "shop.py" in await told(editor) and "afresh run python app.py" in await told(editor)
    await nothing_more(editor, "shop.py")


async def test_a_text_that_does_not_compile_is_trouble_enough(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    editor = await stage.editor()
    await editor.save("shop.py", "def (\n")
    await editor.command("afresh.status")
    assert editor.received("window/showMessage") == []
    await saves(editor, "shop.py", 1)
    assert "afresh run" in await told(editor)


@pytest.mark.parametrize("words", [["app.py"], ["-m", "app"], ["-X", "dev", "app.py"]])
async def test_a_program_was_started_without_afresh(stage: Stage, words: list[str]) -> None:
    stage.write({"shop.py": SHOP, "app.py": "import shop\n" + WAITS})
    program = await stage.start(stage.python, *words, live=False)
    assert await program.line() == "running"
    editor = await stage.editor()
    await saves(editor, "shop.py", 1)
    message = await told(editor)
    assert f"process {program.pid}" in message and "without Afresh" in message
    command = " ".join(words[-2:] if words[0] == "-m" else words[-1:])
    assert f"`afresh run {Path(stage.python).name} {command}`" in message
    await nothing_more(editor, "shop.py")


async def test_a_server_from_elsewhere_was_given_a_module_of_the_workspace(stage: Stage) -> None:
    (stage.folder.parent / "serve").write_text(WAITS)
    stage.write({"shop/__init__.py": "", "shop/web.py": SHOP})
    program = await stage.start(
        stage.python, str(stage.folder.parent / "serve"), "--secret", "1", "shop.web:app", live=False)
    assert await program.line() == "running"
    editor = await stage.editor()
    await saves(editor, "shop/web.py", 1)
    message = await told(editor)
    assert f"process {program.pid}" in message and "`afresh run serve shop.web:app …`" in message


async def test_what_is_no_program_of_the_workspace_is_not_called_one(stage: Stage) -> None:
    tool = stage.folder.parent / "tool.py"
    tool.write_text(WAITS)
    installed = stage.folder / "env" / "lib" / "site-packages" / "tool.py"
    stage.write({"shop.py": SHOP, "env/lib/site-packages/tool.py": WAITS, ".tools/tool.py": WAITS})
    for words in ([str(tool)], [str(installed)], [".tools/tool.py"], ["-c", WAITS], [str(tool), "shop.py", "gone:app", "shop:"]):
        assert await (await stage.start(stage.python, *words, live=False)).line() == "running"
    editor = await stage.editor()
    await saves(editor, "shop.py", 1)
    assert "no program runs live" in await told(editor) and "without Afresh" not in await told(editor)


async def test_a_program_that_cannot_be_reached_is_not_called_one_without_afresh(stage: Stage) -> None:
    elsewhere = stage.folder.parent / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    stage.write({"shop.py": SHOP, "app.py": "import shop\n" + WAITS})
    program = await stage.start(stage.python, "app.py", environment={"XDG_RUNTIME_DIR": str(elsewhere)})
    assert await program.line() == "running"
    editor = await stage.editor()
    await saves(editor, "shop.py", 1)
    assert "without Afresh" not in await told(editor)


async def test_no_program_has_loaded_the_file(stage: Stage) -> None:
    stage.write({"shop.py": SHOP, "later.py": SHOP})
    _, editor = await stage.both("shop")
    assert await saves(editor, "shop.py") == []
    await saves(editor, "later.py", 1)
    assert "later.py" in await told(editor) and "no running program has loaded it" in await told(editor)
    await nothing_more(editor, "later.py")


async def test_a_file_that_the_settings_leave_out_is_not_called_unloaded(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    _, editor = await stage.both("shop", settings={"mode": "explicit"})
    await nothing_more(editor, "shop.py", 0)
    assert "the settings leave shop out" in (await editor.save("shop.py", SHOP))["message"]


async def test_a_file_outside_the_workspace_is_not_called_unloaded(stage: Stage) -> None:
    library = stage.folder.parent / "library"
    library.mkdir()
    (library / "helper.py").write_text(SHOP)
    await stage.program("helper", environment={"PYTHONPATH": str(library)})
    editor = await stage.editor()
    await editor.programs(1)
    await nothing_more(editor, str(library / "helper.py"), 0)
    assert "the settings leave helper out" in (await editor.save(str(library / "helper.py"), SHOP))["message"]


async def test_what_stale_means_is_said_once_for_all_sessions(stage: Stage) -> None:
    stage.write({"shop.py": SHOP, "cart.py": "from shop import price\n"})
    _, editor = await stage.both("shop", "cart", settings=EXACT)
    assert len(await saves(editor, "shop.py")) == 1
    message = await told(editor)
    assert "cart.price" in message and "line 1 of cart.py" in message and "afresh explain stale-binding" in message
    other = await stage.editor(settings=EXACT)
    await other.programs(1)
    assert await saves(other, "shop.py") == []
