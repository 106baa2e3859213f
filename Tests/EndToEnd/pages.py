"""The pages for users, played: what an example says that Afresh says is what it does say.

A page's code blocks are told apart by their first lines: "```python NAME" is a file of the example, "```json settings" are the
editor's, "```diff NAME" is an edit that is saved ("```diff NAME typed": one that is not),
"```text choose" is a fix that is carried out, and "```text" is what is shown then.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from editor import Editor

FOLDER = Path(__file__).resolve().parent.parent.parent / "Sources" / "Documentation" / "pages"
SEVERITIES = {1: "error", 2: "warning", 3: "information", 4: "hint"}
BLOCK = re.compile(r"^```(\w+) ?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.md"))


def text(name: str) -> str:
    return (FOLDER / f"{name}.md").read_text()


def blocks(page: str) -> list[tuple[str, str, str]]:
    """(language, what follows it, content) of each code block."""
    return BLOCK.findall(page)


def edited(before: str, diff: str) -> str:
    """The text after an edit; what the edit shows of the old one must be there, once."""
    old = "".join(line[1:] + "\n" for line in diff.splitlines() if line[:1] != "+")
    new = "".join(line[1:] + "\n" for line in diff.splitlines() if line[:1] != "-")
    assert before.count(old) == 1, f"the edit fits {before.count(old)} times:\n{diff}"
    return before.replace(old, new)


async def shown(editor: Editor, files: list[str]) -> str:
    """Every diagnostic that the editor shows, and what it offers there, as a page has them."""
    lines: list[str] = []
    for name in files:
        for diagnostic in sorted(editor.diagnostics(name), key=lambda each: each["range"]["start"]["line"]):
            lines.append(f"{place(name, diagnostic)}: {SEVERITIES[diagnostic['severity']]}: {diagnostic['message']} "
                         f"[{diagnostic['code']}]")
            for related in diagnostic.get("relatedInformation", []):
                lines.append(f"    {place(Path(related['location']['uri']).name, related['location'])}: {related['message']}")
            lines += [f"    fix: {title}" for title in await fixes(editor, name, diagnostic)]
    return "\n".join(lines) + "\n" if lines else "(nothing)\n"


def place(name: str, located: dict[str, Any]) -> str:
    start = located["range"]["start"]
    return f"{name}:{start['line'] + 1}:{start['character'] + 1}"


async def fixes(editor: Editor, name: str, diagnostic: dict[str, Any]) -> list[str]:
    offered = await editor.actions(name, diagnostic["range"], only=["quickfix"])
    return [action["title"] for action in offered
            if diagnostic["code"] in (each["code"] for each in action.get("diagnostics", []))]


def settings(page: str) -> dict[str, Any]:
    return next((json.loads(content) for language, _, content in blocks(page) if language == "json"), {})
