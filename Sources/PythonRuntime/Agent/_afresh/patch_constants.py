"""A thousand dependents of one constant: plans that bind names to constants and do nothing else, each carried out in one go.

What is done here is what `Execution.run` would do of it, in the same order: statements that read nothing but constants are
executed beside their module (`patch_private.py`), and what they bind waits in the transaction. Whatever else is met, the rest
is left to it. `test_patch_constants.py` compares the two.
"""

from __future__ import annotations

import marshal
import sys
from types import FunctionType

from .hooks import defined
from .patch_functions import OF_THE_INTERPRETER, PLAIN, Found
from .patch_session import VALUE
from .patch_values import is_immutable, same
from .transaction import ABSENT, namespace_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .patch_session import Session


class Constants:
    """What is its own of such a plan: the others say the same of all the rest (`checker/constants.py`)."""

    __slots__ = ("module", "digest", "uses", "entries", "_usual")

    def __init__(self, usual: tuple[dict[str, Any], dict[str, Any]], own: tuple[Any, ...]) -> None:
        self._usual = usual
        self.module: str = own[0]
        self.digest: str = own[1]  # of the text that it was made for
        self.uses: dict[tuple[str, str], Any] = own[2]
        self.entries: tuple[Any, ...] = own[3]

    def in_full(self) -> dict[str, Any]:
        plan, entry = self._usual
        entries = []
        for line, symbol, kind, place, inputs, name, code, lines, plain, imported in self.entries:
            own = {"line": line, "was": line, "symbol": symbol, "kind": kind, "range": place, "inputs": inputs, "code": code}
            names = {"binds": (name,), "last": (name,), "firm": (name,)}
            entries.append({**entry, **own, **names, "lines": lines, "plain": plain})
            if imported is not None:
                entries[-1]["import"] = imported
        return {**plan, "changes": [], "uses": self.uses, "entries": entries}


def plans_of(table: tuple[Any, ...]) -> list[Any]:
    """Plans that the checker has marshalled together: `Constants`, or their bytes. None of them changes when it is carried out,
    so that they serve again. Raises ValueError or TypeError.
    """
    plan, entry, plans = table
    return [Constants((plan, entry), each) if type(each) is tuple else marshal.dumps(each) for each in plans]


def bind_constants(step: Any, plan: Constants, session: Session) -> list[bool]:
    """Carries out entries of a plan, from the first one on, as far as it goes: whether each has changed something."""
    namespace, own, transaction = step.namespace, step.name, session.transaction
    done: list[bool] = []
    if session.line_of(namespace) is not None or session.recounted or session.written:
        return done
    if transaction.leaves(namespace) or defined(namespace):
        return done
    if plan.uses and _keeps_results(namespace):
        return done
    session.note_uses(plan.uses)
    marks, waiting = session.marks, transaction.pending(namespace)
    for line, symbol, _, _, inputs, name, code, _, _, imported in plan.entries:
        key = (own, line, symbol)
        if key in session.ran or not _reads_another_value(inputs, own, marks):
            return done
        old = waiting[name] if name in waiting else namespace.get(name, ABSENT)
        if imported is not None:
            source = namespace_of(sys.modules.get(imported[0]))
            new = ABSENT if source is None else transaction.look(source, imported[1])
        else:
            new = _computed(code, name, old, step, waiting, transaction)
        if new is ABSENT:
            return done
        session.ran[key] = session.tick()
        differs = new is not old and not (is_immutable(new) and same(old, new))
        done.append(differs)
        if differs:
            waiting[name] = new
            session.mark(own, name, VALUE, old)
        elif namespace.get(name, ABSENT) is old:
            waiting.pop(name, None)
        else:
            waiting[name] = old
    return done


def said_of(plan: Constants, done: list[bool]) -> list[dict[str, Any]]:
    """What the report has of entries that have been carried out."""
    return [
        {"symbol": symbol, "kind": kind, "change": "modified", "applied": True, "range": place}
        for (_, symbol, kind, place, *_), differs in zip(plan.entries, done) if differs
    ]


def _reads_another_value(inputs: Any, own: str, marks: dict[tuple[str, str], Any]) -> bool:
    """Whether a name that an entry reads has another value now; if none has, there may be other reasons to execute it."""
    for module, name, _ in inputs:
        mark = marks.get((own if module is None else module, name))
        if mark is not None:
            if mark.level >= VALUE:
                return mark.level == VALUE
        elif module is not None and name not in (namespace_of(sys.modules.get(module)) or ()):
            return False
    return False


def _computed(code: Any, name: str, old: Any, step: Any, waiting: dict[str, Any], transaction: Any) -> Any:
    """What a statement gives its name; ABSENT if something that it reads or gives is no constant."""
    namespace = step.namespace
    for read in code.co_names:
        value = old if read == name else waiting[read] if read in waiting else namespace.get(read, ABSENT)
        if not is_immutable(value) and (read != name or value is not ABSENT):
            return ABSENT
    transaction.executing(step.name, code, None if step.record is None else step.record.source)
    had = name in waiting
    transaction.runs(exec, code, namespace, waiting)
    new = waiting[name]
    if is_immutable(new):
        return new
    if had:
        waiting[name] = old
    else:
        del waiting[name]
    return ABSENT


def _keeps_results(namespace: dict[str, Any]) -> bool:
    """Whether functions of a module may keep what they have computed."""
    for name, value in list(namespace.items()):
        kind = type(value)
        if kind is FunctionType:
            if value.__closure__ is None and not value.__dict__:
                continue
        elif kind in PLAIN or name in OF_THE_INTERPRETER:
            continue
        found = Found(namespace)
        found.walk()
        return bool(found.caches or found.lazies)
    return False
