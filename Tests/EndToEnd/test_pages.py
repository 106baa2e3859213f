"""The pages for users: each diagnostic code has one, and its example is what Afresh does."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlparse

import pages
import pytest
from conftest import Stage
from editor import Editor

CODES = {
    "syntax-error", "execution-error", "compile-error", "compile-warning", "stale-binding", "stale-instance",
    "stale-subclass", "stale-closure", "stale-method", "stale-registration", "stale-value", "stale-frame",
    "leftover-name", "not-applied", "runs-again", "behind"}
WITH_EXAMPLE = [name for name in pages.names() if any(language == "diff" for language, *_ in pages.blocks(pages.text(name)))]


def test_every_code_has_a_page_and_an_example() -> None:
    assert CODES <= set(pages.names())
    # It speaks of Swift: test_swift_plugins.py.
    assert CODES - set(WITH_EXAMPLE) == {"compile-error"}


@pytest.mark.parametrize("name", WITH_EXAMPLE)
async def test_the_example_of(stage: Stage, name: str) -> None:
    page = pages.text(name)
    files = [file for language, file, _ in pages.blocks(page) if language == "python"]
    stage.write({file: content for language, file, content in pages.blocks(page) if language == "python"})
    program = await stage.start(stage.python, "app.py")
    assert await program.line() == "running"
    editor = await stage.editor(settings=pages.settings(page))
    await editor.programs(1)
    for file in files:
        editor.open(file)
    typed: dict[str, str] = {}
    for language, about, content in pages.blocks(page):
        if language == "diff":
            file = about.removesuffix(" typed")
            after = pages.edited(typed.get(file, (stage.folder / file).read_text()), content)
            if about != file:
                typed[file] = after
                editor.type(file, after)
                continue
            status = await editor.save(file, after)
            if status["outcome"] in ("live", "stale"):
                await editor.scanned(status)
        elif about == "choose":
            await choose(editor, files, content.strip())
        elif language == "text":
            await says(editor, files, content)


async def choose(editor: Editor, files: list[str], title: str) -> None:
    """Carries out the fix of that title."""
    for file in files:
        for diagnostic in editor.diagnostics(file):
            for action in await editor.actions(file, diagnostic["range"], only=["quickfix"]):
                if action["title"] == title:
                    await editor.command(action["command"]["command"], *action["command"]["arguments"])
                    return
    raise AssertionError(f"nothing offers {title!r}")


async def says(editor: Editor, files: list[str], expected: str) -> None:
    def published() -> int:
        return len(editor.received("textDocument/publishDiagnostics"))

    while True:
        before = published()
        if (found := await pages.shown(editor, files)) == expected:
            return
        try:
            # Each message may bring the rest: a hint comes once the text has been left alone.
            await editor.event("further diagnostics", lambda: published() > before)
        except AssertionError:
            break
    assert found == expected


async def test_a_code_leads_to_its_page(stage: Stage) -> None:
    stage.write({"shop.py": "RATE = 1\n"})
    _, editor = await stage.both("shop")
    await editor.save("shop.py", "RATE = (\n")
    (diagnostic,) = await editor.shows("shop.py", "syntax-error")
    address = urlparse(diagnostic["codeDescription"]["href"])
    page = Path(unquote(address.path))
    assert address.scheme == "file" and page.read_text() == pages.text("syntax-error")
    assert page.is_relative_to(stage.cache) and page.parent.stat().st_mode & 0o777 == 0o700


async def test_explain(stage: Stage) -> None:
    status, out, _ = await stage.afresh("explain", "stale-value")
    assert status == 0 and out.startswith("stale-value") and "```" not in out and "](" not in out
    status, listed, _ = await stage.afresh("explain")
    assert status == 0 and [line.split()[0] for line in listed.splitlines()] == pages.names()
    status, _, err = await stage.afresh("explain", "stale-vlaue")
    assert status == 64 and "afresh explain stale-value" in err
