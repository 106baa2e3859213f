"""The `exact` policy: `importlib.reload`, with the text that was checked instead of what the file holds by now."""
from __future__ import annotations

import _afresh
import _imp
import os
from _afresh import get_ident

from .hooks import Hooks
from .modules import is_executing, refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

    from .apply import Step
    from .transaction import Transaction


class Override:
    """Code that the import system executes for one module, once, where it would read the file."""

    def __init__(self, code: CodeType, path: str | None) -> None:
        self.code = code
        self.path = path
        self.loaded_from: str | None = None

    def take(self, path: object) -> bool:
        """Called by the import hook: whether the module is found where the code was made for."""
        if self.loaded_from is not None or type(path) is not str:
            return False
        if self.path is not None and os.path.realpath(path) != self.path:
            return False
        self.loaded_from = path
        _imp._fix_co_filename(self.code, path)
        return True


def refused(step: Step) -> str | None:
    """Why this module cannot be executed again."""
    reason = refusal(step.name, step.namespace)
    if reason is not None:
        return reason["message"]
    if step.name == "__main__":
        return "the script would start again: exact executes the whole module"
    if is_executing(step.name, step.namespace):
        return f"{step.name} has not come to its end yet and would start again: exact executes the whole module"
    return None


def apply(step: Step, transaction: Transaction) -> dict[str, Any]:
    """Executes the module again, in the namespace that it has."""
    import importlib

    Hooks.of(transaction).execute_whole(step, transaction)
    module = step.module
    spec = getattr(module, "__spec__", None)
    name = spec.name if spec is not None else module.__name__
    code = step.code
    if code is None and step.record is not None:
        code = step.record.code
    key = (get_ident(), name)
    override = None
    if code is not None:
        override = _afresh.overrides[key] = Override(code, step.path)
        transaction.executing(step.name, code, step.source)
    try:
        transaction.runs(importlib.reload, module)
    finally:
        _afresh.overrides.pop(key, None)
    if override is not None and override.loaded_from is not None:
        step.loaded_from = override.loaded_from
    answer: dict[str, Any] = {"executed": True, "changed": True, "changes": _changes(step)}
    if step.payload.get("again"):
        answer["again"] = step.payload["again"]
    return answer


def _changes(step: Step) -> list[dict[str, Any]]:
    """The edit as the checker described it. All of it was executed; what is gone from the text is still bound."""
    changes = step.payload.get("changes")
    answer = []
    for change in changes if type(changes) is list else ():
        if type(change) is not dict:
            continue
        change = {**change, "applied": change.get("change") != "removed"}
        if not change["applied"]:
            change["reason"] = "importlib.reload keeps names that the text no longer defines"
        answer.append(change)
    return answer
