"""Tables of edits: a program, what somebody holds of it, the saved texts, and what has to hold afterwards.

Each edit becomes a test of its own. Expectations are expressions over the modules, what was held, `not_applied` (the symbols
of changes that could not be applied), `executed` (the modules of which statements ran), `outcome`, and `raises`.
"""

from __future__ import annotations

import sys
from typing import Any, Callable

from live import PatchCase


def text_or_texts(given: str | dict[str, str]) -> dict[str, str]:
    return {"m": given} if isinstance(given, str) else given


class Edit:
    def __init__(
        self, before: str | dict[str, str], *after: str | dict[str, str], held: str = "", expect: list[str],
        since: tuple[int, int] = (3, 11),
    ) -> None:
        """`held`: statements executed before the saves, which see the modules by their names. `since`: the first interpreter."""
        self.before = text_or_texts(before)
        self.after = [text_or_texts(each) for each in after]
        self.held = held
        self.expect = expect
        self.since = since


def raises(kind: type[BaseException], function: Callable[[], object]) -> bool:
    try:
        function()
    except kind:
        return True
    return False


class EditCase(PatchCase):
    def play(self, edit: Edit) -> None:
        self.load(**edit.before)
        names: dict[str, Any] = {"raises": raises, "sys": sys}
        for name in self.live.modules():
            first = name.partition(".")[0]
            names[first] = sys.modules[first]
        exec(edit.held, names)
        for texts in edit.after:
            report = self.try_save(**texts)
            names["outcome"] = report["outcome"]
            names["not_applied"] = self.not_applied()
            names["executed"] = self.executed()
        for expression in edit.expect:
            try:
                holds = eval(expression, names)
            except Exception as error:
                error.add_note(f"in {expression}, after {report}")
                raise
            if not holds:
                left = repr(eval(expression.partition(" == ")[0], names))
                self.fail(f"{expression}: it is {left}, after {report}")


def tests_of(edits: dict[str, Edit]) -> type[EditCase]:
    """A test case with one test for each edit, which is called what it is about."""

    def test(edit: Edit) -> Callable[[EditCase], None]:
        return lambda case: case.play(edit)

    members = {
        "test_" + "".join(each if each.isalnum() else "_" for each in name): test(edit)
        for name, edit in edits.items()
        if sys.version_info >= edit.since
    }
    assert len(members) == len([edit for edit in edits.values() if sys.version_info >= edit.since])
    return type("Edits", (EditCase,), members)
