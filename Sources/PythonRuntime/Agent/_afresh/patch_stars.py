"""What is said at the end of a transaction in which star imports have come to bring other names: what a start of the program would not
give, by the texts (`start_names.py`), and is there all the same; and the other way round.
"""

from __future__ import annotations

import sys

from .modules import record_of
from .patch_session import Session
from .start_names import FROM, Start, said_by, set_otherwise, where
from .patch_values import same
from .transaction import ABSENT, namespace_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

    from .transaction import Transaction


def say_stars(transaction: Transaction, results: list[tuple[Any, dict[str, Any]]]) -> None:
    """`results`: the steps, each with what it did; what is said is added there."""
    session = Session.of(transaction)
    edited = [step for step, _ in results if step.code is not None and step.record is not None and step.record.code is not None]
    if not session.starred or all(said_by(step.code).outline == said_by(step.record.code).outline for step in edited):
        return
    codes = session.codes()
    news = {**codes, **{step.name: step.code for step in edited}}
    olds = {**codes, **{step.name: step.record.code for step in edited}}
    unsaid = set_otherwise(news, transaction)
    before = Start(olds, unsaid, lambda module: _listed(session, module))
    after = Start(news, unsaid, lambda module: _bound(module, "__all__"))
    texts = {step.name for step in edited}
    for name, (step, result) in {step.name: (step, result) for step, result in results if "changes" in result}.items():
        said = [change for other, each in results if other.name == name for change in each.get("changes", ()) if not change["applied"]]
        told = _Told(session, name, step.namespace, result["changes"], said)
        if name not in texts:
            told.of_reads(before, after)
        if name in session.starred and name in before.spaces and name in after.spaces:
            told.of_names(before, after)


class _Told:
    def __init__(self, session: Session, name: str, namespace: dict[str, Any], changes: list[Any], said: list[Any]) -> None:
        self._session = session
        self._name = name
        self._namespace = namespace
        self._changes = changes
        self._symbols = {change["symbol"] for change in said}
        self._lines = {change["range"]["start"]["line"] for change in said if "range" in change}

    def of_reads(self, before: Start, after: Start) -> None:
        """Statements that do not get beyond a name."""
        for (module, name), (what, place) in after.lacks.items():
            if module == self._name and (module, name) not in before.lacks:
                found = where(place)
                if found is not None and found["start"]["line"] not in self._lines:
                    self._say(name, "removed", f"a restart fails here: {name} is not {'there' if what == FROM else 'bound'} yet", found)

    def of_names(self, before: Start, after: Start) -> None:
        """What star imports give to names."""
        was, now = before.spaces[self._name], after.spaces[self._name]
        for name in {**now, **self._namespace}:
            if name[:2] == "__" or name in self._symbols or not after.is_known(self._name, name):
                continue
            mark = self._session.marks.get((self._name, name))
            value = self._session.transaction.look(self._namespace, name)
            if name not in now:
                if value is ABSENT or value is sys.modules.get(f"{self._name}.{name}", ABSENT):
                    continue
                if was.get(name) is not None:
                    self._say(name, "removed", f"a restart does not give {self._name} this name; it keeps the old one")
                elif mark is not None and mark.old is ABSENT and self._came_too_early(name, after):
                    self._session.transaction.leave(self._namespace, name)
                continue
            origin = now[name]
            if type(origin) is not tuple or origin[0] == self._name or after.spaces[origin[0]].get(origin[1]) != origin:
                continue
            meant = self._session.transaction.look(namespace_of(sys.modules.get(origin[0])) or {}, origin[1])
            if value is not meant and not same(value, meant) and after.is_known(*origin[:2]):
                earlier = was.get(name, ABSENT)
                is_other = earlier is ABSENT or type(earlier) is tuple and earlier[:2] != origin[:2]
                if is_other or mark is not None or origin[:2] in self._session.marks:
                    self._say(name, "modified", f"a restart gives {self._name} what {origin[0]} has for this name")

    def _came_too_early(self, name: str, after: Start) -> bool:
        """Whether star imports have brought a name that their modules get, in a start, when they have been executed."""
        sources = [source for (module, source), brought in self._session.brought.items() if module == self._name and name in brought]
        return bool(sources) and all(name in after.spaces.get(source, ()) for source in sources) and not self._was_there(name, sources)

    def _was_there(self, name: str, sources: list[str]) -> bool:
        """Whether it is a submodule that somebody has imported before this module was executed: only those who did so know what a start does."""
        value = self._session.transaction.look(self._namespace, name)
        module = next((f"{each}.{name}" for each in sources if sys.modules.get(f"{each}.{name}", ABSENT) is value), None)
        seen: set[str | None] = {None}
        while module not in seen and module != self._name:
            seen.add(module)
            record = record_of(module)
            if record is None or record.importer is None:
                return True
            module = record.importer[0]
        return False

    def _say(self, name: str, change: str, reason: str, found: dict[str, Any] | None = None) -> None:
        described = {"symbol": name, "kind": "import", "change": change, "applied": False, "reason": reason}
        if found is not None:
            described["range"] = found
            self._lines.add(found["start"]["line"])
        self._symbols.add(name)
        self._changes.append(described)


def _bound(module: str, name: str) -> Any:
    return (namespace_of(sys.modules.get(module)) or {}).get(name, ABSENT)


def _listed(session: Session, module: str) -> Any:
    """What `__all__` of a module was."""
    mark = session.marks.get((module, "__all__"))
    return _bound(module, "__all__") if mark is None else mark.old
