"""The `patch` policy inside the program: what the edit changed, and what reads a value that thereby changed.

`apply(step, transaction)` brings one module up to date by the checker's plan; the modules of one transaction share what they
know of changed values (`Session`). The plan is marshalled, so that the code objects in it are shared:

    code       the new module code, whose functions the swaps give; None for a dependent
    old        the running module code, where the agent does not have it
    swaps      (path through co_consts in the running code, new code, whether it does something else)
    whole      the module code, where there is no plan: all of it is executed
    removed    names that the text no longer binds
    altered    "f", "C.m": bound functions that the edit changed
    uses       (module, name) → (inputs, inputs): what a function that may behave in a new way reads and calls when called
    changes    the edit, as the report has it
    entries    statements that may have to be executed, in the order of the text:

    line, was  where it stands, and stood (None: it is new)
    must       the edit touched it; else it runs if an input has changed
    inputs     what it reads while it executes: (module or None for its own, name, attribute or None)
    calls      what it calls, alike
    binds, last, firm   the names it binds; those of which it is the last binder; whether it binds them in any case
    code       the statement alone, at its real place
    import     (module, name, local name) of a from-import
    once       a statement of the script itself: never executed again
    change     its entry in `changes`
    parts, gone, keep, decorated, slots   of a class that existed: entries for its body, attributes that went, attributes whose
               statements are as they were
"""
from __future__ import annotations

import marshal
from binascii import a2b_base64
from types import FunctionType, ModuleType

from .patch_classes import Impossible
from .patch_execution import NOT_REACHED, Execution, executing_line
from .patch_functions import Found, Swaps, drop_results, live_functions, swap_functions
from .patch_session import Session
from .transaction import ABSENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .transaction import Transaction


def executes(payload: dict[str, Any]) -> bool:
    """Whether statements of the program may be executed; else the payload only swaps code."""
    return payload.get("executes") is not False


def apply(step: Any, transaction: Transaction) -> dict[str, Any]:
    """Brings the step's module up to date. Raises what its statements raise."""
    plan = marshal.loads(a2b_base64(step.payload["plan"]))
    if plan["code"] is not None:
        step.code = plan["code"]
    return Patch(step, plan, Session.of(transaction)).run()


class Patch:
    """One module's plan being carried out."""

    def __init__(self, step: Any, plan: dict[str, Any], session: Session) -> None:
        self.step = step
        self.plan = plan
        self.name: str = step.name
        self.session = session
        self.transaction = session.transaction
        self.namespace: dict[str, Any] = step.namespace
        self.changes: list[dict[str, Any]] = plan["changes"]
        self.executed = False
        self.found: Found | None = None

    def run(self) -> dict[str, Any]:
        plan, session = self.plan, self.session
        session.uses.update(plan["uses"])
        swapped = self._swap() if plan["code"] is not None else 0
        if plan.get("whole") is not None:
            self.transaction.flush()
            self.transaction.remember_namespace(self.namespace)
            execution = Execution(self)
            execution.whole(plan["whole"])
            self.executed = True
            session.settle()
        elif plan["entries"] or plan["removed"]:
            self.transaction.flush()
            self.transaction.remember_namespace(self.namespace)
            execution = Execution(self)
            execution.remove(plan["removed"])
            execution.run(plan["entries"])
            self.executed = execution.executed
            session.settle()
        dropped = self._drop_results()
        changed = bool(swapped or self.executed or plan["removed"] or dropped)
        return {"executed": self.executed, "changed": changed, "changes": self.changes}

    def _swap(self) -> int:
        plan = self.plan
        record = self.step.record
        old = plan["old"] if plan["old"] is not None else record.code if record is not None else None
        if old is None or not plan["swaps"]:
            return 0
        found = live_functions(self.namespace, getattr(self.step, "references", None))
        altered, misfits = swap_functions(found, Swaps(old, plan["swaps"]), self.transaction)
        self.session.note_altered(altered)
        for name in plan["altered"]:
            self.session.behaves(self.name, name)
        self.found = found
        drop_results(found, altered, self.transaction)
        self._not_reached()
        for function, code in misfits:
            if not self._is_remade(function):
                self._cannot(function, code)
        return len(found.functions)

    def _not_reached(self) -> None:
        """Functions that the script will yet define, from the text that was loaded."""
        if executing_line(self.namespace) is None:
            return
        for change in self.changes:
            if change["symbol"] in self.plan["altered"] and change["symbol"] not in self.namespace:
                if "." not in change["symbol"]:
                    change["applied"] = False
                    change["reason"] = NOT_REACHED

    def _drop_results(self) -> bool:
        """Drops results that were cached by functions which call what changed. Whether there was such a function."""
        if not self.plan["uses"]:
            return False
        dropped = False
        found = self.found
        if found is None:
            found = Found(self.namespace)
            found.walk()
        for cache, function in found.caches:
            if type(function) is FunctionType:
                name, _, attribute = function.__qualname__.partition(".")
                if self.session.call_changed(self.name, (None, name, attribute or None), 0) is not None:
                    cache.cache_clear()
                    dropped = True
        return dropped

    def _is_remade(self, function: FunctionType) -> bool:
        """Whether an entry gives the function its successor anyway."""
        name = function.__qualname__
        for entry in self.plan["entries"]:
            if entry["must"] and entry["symbol"] == name:
                return True
            for part in entry.get("parts", ()):
                if part["must"] and part["symbol"] == name:
                    return True
        return False

    def _cannot(self, function: FunctionType, code: Any) -> None:
        missing = [name for name in code.co_freevars if name not in function.__code__.co_freevars]
        reason = (
            f"closures made before the edit have no variable {', '.join(missing)}"
            if missing
            else "closures made before the edit have other variables"
        )
        line = code.co_firstlineno - 1
        place = {"line": line, "column": 0}
        self.changes.append({
            "symbol": function.__qualname__, "kind": "function", "change": "modified", "applied": False,
            "reason": reason, "range": {"start": place, "end": {"line": line, "column": 0}},
        })


__all__ = ["ABSENT", "Impossible", "ModuleType", "apply", "executes"]
