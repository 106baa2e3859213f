"""Why a statement has to be executed again."""

from __future__ import annotations

from types import FunctionType, ModuleType

from .patch_classes import is_plain
from .patch_contents import BEHAVES, VALUE, asks, operators
from .patch_hints import MEANT
from .patch_made import made_otherwise
from .patch_reached import reached_changed
from .patch_reads import reads_elsewhere
from .patch_registrations import CHANGERS
from .patch_undone import holds, value_of
from .patch_values import is_data
from .stale_objects import nested_codes
from .transaction import namespace_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .patch import Patch
    from .patch_session import Mark, Session
    from .transaction import Transaction

LOOKERS = frozenset(("getattr", "hasattr", "vars", "dir", "__dict__", "__annotations__", "get_type_hints"))
_SAYS = frozenset("print debug info warning error exception critical log warn len isinstance all any".split())


class Reasons:
    """Of the statements of one module."""

    patch: Patch
    session: Session
    transaction: Transaction
    namespace: dict[str, Any]
    name: str
    entries: list[dict[str, Any]]

    def reason(self, entry: dict[str, Any], since: int) -> tuple[Mark | None, int]:
        """Why an entry has to run: 0 for not at all, VALUE, or BEHAVES if only functions that it calls do something
        else.
        """
        hidden = self.session.hide(self.name, entry["line"]) if self.session.written else ()
        # decorators and bases ask for the annotations of what is defined
        self.session.asked = self.name, entry["inputs"] if entry["kind"] in ("value", "statement") else ()
        try:
            return self._reason(entry, since)
        finally:
            self.session.asked = None
            self.session.show(hidden)

    def _reason(self, entry: dict[str, Any], since: int) -> tuple[Mark | None, int]:
        if not since and (entry["must"] or entry["symbol"] in self.patch.spent):
            return None, VALUE
        if not since and entry["lambdas"] and self._gives_data(entry):
            return None, VALUE  # nobody has them any more
        if not since and entry["moved"] and (level := reads_elsewhere(entry)):
            return None, level
        if any(self.session.ran.get((self.name, *each), 0) > since for each in entry["above"]):
            return None, VALUE  # these have set what it had set
        for given in entry["inputs"]:
            mark = self.session.value_changed(self.name, given, since)
            if mark is not None:
                return mark, VALUE
            mark = self.session.property_changed(self.name, given, since)
            if mark is not None:
                return mark, BEHAVES
        for given in entry["tells"] if self._may_tell(entry) else ():
            mark = self.session.value_changed(self.name, given, since)
            if mark is not None:
                return mark, VALUE
        if entry["lists"]:
            mark = self.session.names_changed(self.name, entry["unseen"], since)
            if mark is not None:
                return mark, entry["lists"]
        if "import" in entry:
            mark = self.session.marks.get(entry["import"][:2])
            if mark is not None and mark.stamp > since:
                return mark, BEHAVES
        for given in entry["calls"]:
            # `@app.route` calls none of the functions that are registered with `app`
            skipped = {(given[0] or self.name, given[1])} if entry["kind"] == "function" and given[2] is not None else None
            mark = self.session.call_changed(self.name, given, since, skipped)
            if mark is not None:
                return mark, BEHAVES
        for given in entry.get("made_by", ()):
            mark = self.session.maker_changed(self.name, given, since)
            if mark is not None:
                return mark, BEHAVES
        if "made_by" in entry:
            mark = made_otherwise(self.session, self.name, self.session.live(self.name, entry["symbol"]), entry["calls"], since)
            if mark is not None:
                return mark, BEHAVES
        if entry["kind"] == "function" and self._is_computed(entry):
            if any(self.session.calls_back(self.name, each) for each in entry["calls"]):
                mark = self.session.call_changed(self.name, (None, entry["symbol"], None), since)
                if mark is not None:
                    return mark, BEHAVES
        if entry["kind"] == "function" and entry["plain"] and self.session.contents:
            if self._reads_contents(entry, since):
                return None, VALUE  # a default
        for callees, values, _ in entry["given"]:
            if any(self.session.calls_back(self.name, each) for each in callees):
                for given in values:
                    mark = self.session.call_changed(self.name, given, since)
                    if mark is not None:
                        return mark, BEHAVES
        computed = entry["kind"] in ("value", "statement") and self._is_computed(entry)
        if entry["kind"] in ("value", "statement"):
            among = None if computed else operators(entry["code"])
            for given in entry["inputs"] if computed or among else ():
                mark = self.session.special_changed(self.name, given, since, among)
                if mark is not None:
                    return mark, BEHAVES
            for given in (*entry["inputs"], *entry["calls"]) if computed and asks(entry["calls"], entry["code"], entry["inputs"]) else ():
                mark = self.session.shape_changed(self.name, given, since)
                if mark is not None:
                    return mark, BEHAVES
        if computed:
            if self.session.contents and self._reads_contents(entry, since):
                return None, VALUE
            for given in entry["passed"]:
                mark = self.session.call_changed(self.name, given, since)
                if mark is not None:
                    return mark, BEHAVES
        for module, given in self.session.behind_calls(self.name, entry) if entry["opaque" if computed else "draws"] else ():
            mark = self.session.held_changed(module, given, since)
            if mark is not None:
                return mark, BEHAVES
        if entry["kind"] in ("value", "statement") and entry["calls"]:
            mark = self._took_names(entry, since)
            if mark is not None:
                return mark, BEHAVES
        if self.session.contents and entry["kind"] == "value" and entry["calls"] and not computed:
            mark = self._took_attributes(entry, since)
            if mark is not None:
                return mark, BEHAVES
        if self.session.contents and entry["kind"] == "statement" and not entry["binds"] and entry["calls"]:
            mark = self._took_contents(entry, since)
            if mark is not None:
                return mark, BEHAVES
        if entry["kind"] in ("value", "statement") or entry["kind"] == "function" and entry["plain"] and entry["calls"]:
            above = [each for each in self.entries if not {*each["binds"]}.isdisjoint(entry["builds"])] if entry["builds"] else []
            mark = reached_changed(self.session, self.name, entry, above, since, computed)
            if mark is not None:
                return mark, BEHAVES
        if entry["given"] and any(is_data(value) and value is not None for value in map(self.namespace.get, entry["binds"])):
            mark = self.session.handed_over(self.name, entry["given"], since)
            if mark is not None:
                return mark, BEHAVES
        return None, 0

    def _may_tell(self, entry: dict[str, Any]) -> bool:
        """Whether executing a definition may tell others what its annotations mean."""
        if "parts" not in entry or entry["decorated"]:
            return bool(entry["tells"])
        cls = self.session.live(self.name, entry["symbol"]) if entry["tells"] else None
        return issubclass(type(cls), type) and not is_plain(cls)

    def _took_names(self, entry: dict[str, Any], since: int) -> Mark | None:
        """For a call that was given a module or a class of which names have changed, and that looks for names in what it is given:
        `app.config.from_object(settings)`.
        """
        asked = {given[:2] for given in entry["inputs"] if given[2] == MEANT}  # only what their annotations mean
        for given in entry["inputs"]:
            value = value_of(self.patch, given) if given not in entry["calls"] and given[:2] not in asked else None
            kind = type(value)
            if issubclass(kind, ModuleType):
                name = (namespace_of(value) or {}).get("__name__")
                marks = [mark for (home, changed), mark in list(self.session.marks.items()) if home == name and changed[:1] != "_"]
                changed = next((mark for mark in marks if mark.level >= VALUE and mark.stamp > since), None)
            elif issubclass(kind, type) and value.__module__ in self.session.touched:
                name, changed = value.__qualname__, self.session.shape_changed(self.name, given, since)
            else:
                continue
            if changed is not None and any(map(self._looks_for_names, entry["calls"])):
                mark = self.session.mark_of(changed.stamp)
                mark.doubt = "" if self._is_computed(entry) else f"given {name}, in which names have changed"
                return mark
        return None

    def _looks_for_names(self, given: tuple[str | None, str, str | None]) -> bool:
        """Whether a function does, or a method, or another one of its class that it calls."""
        module, name, attribute = given
        value = value_of(self.patch, given)
        kind = value if issubclass(type(value), type) else type(value)
        owner = self.session.live(module or self.name, name)
        if attribute is not None and not issubclass(type(owner), ModuleType):
            kind = owner if issubclass(type(owner), type) else type(owner)
            value = self.session.called(module or self.name, name, attribute)
        made = [self.transaction.members(base).get("__init__") for base in self.transaction.mro(kind)] if value is kind else []
        waiting = [next(filter(None, made), None) if made else value]
        seen: set[str] = set()
        while waiting:
            function = waiting.pop()
            names = {each for code in nested_codes(function.__code__) for each in code.co_names} if type(function) is FunctionType else set()
            if not LOOKERS.isdisjoint(names):
                return True
            waiting += [inside[each] for each in names - seen for inside in map(self.transaction.members, self.transaction.mro(kind)) if each in inside]
            seen |= names
        return False

    def _took_contents(self, entry: dict[str, Any], since: int) -> Mark | None:
        """For a call that was given what has other contents now, and that has taken these: what is called does not hold the thing itself."""
        called = {given[:2] for given in entry["calls"]}
        if all(name in _SAYS or attribute in _SAYS for _, name, attribute in entry["calls"]):
            return None
        for given in entry["inputs"]:
            mark = self.session.contents_changed(self.name, given, since) if given[:2] not in called and given[2] is None else None
            if mark is not None:
                owners = [value_of(self.patch, each if each[2] is None else (*each[:2], None)) for each in entry["calls"]]
                if not holds(owners, value_of(self.patch, given)):
                    mark.doubt = "given what has other contents now"
                    return mark
        return None

    def _took_attributes(self, entry: dict[str, Any], since: int) -> Mark | None:
        """For a call that was given a function which has other attributes now, and that speaks of these: `wrap(f)` after `f.mark = 2`."""
        session = self.session
        for given in entry["inputs"]:
            value = value_of(self.patch, given) if given not in entry["calls"] else None
            _, keys, stamp = session.contents.get(id(value.__dict__), (None, None, 0)) if type(value) is FunctionType else (None, None, 0)
            for module, name, attribute in entry["calls"] if keys and stamp > since else ():
                called = session.called(module or self.name, name, attribute)
                if issubclass(type(called), type):
                    called = next((inside["__init__"] for inside in map(self.transaction.members, self.transaction.mro(called)) if "__init__" in inside), None)
                for code in nested_codes(called.__code__) if type(called) is FunctionType else ():
                    if not keys.isdisjoint((*code.co_names, *(each for each in code.co_consts if type(each) is str))):
                        return session.mark_of(stamp)
        return None

    def _is_computed(self, entry: dict[str, Any]) -> bool:
        """Whether all that a statement gives is data: it holds none of the objects that it was made of."""
        if not entry["binds"]:
            return False
        return "." in entry["symbol"] and not entry["calls"] or self._gives_data(entry)

    def _gives_data(self, entry: dict[str, Any]) -> bool:
        owner = entry["symbol"].rpartition(".")[0] if entry["kind"] != "statement" else ""
        inside = self.namespace
        if owner:  # in the body of a class
            cls = self.session.live(self.name, owner)
            inside = self.transaction.members(cls) if issubclass(type(cls), type) else {}
        unknown = self if "." in entry["symbol"] else None
        return bool(entry["binds"]) and all(is_data(inside.get(name, unknown)) for name in entry["binds"])

    def _reads_contents(self, entry: dict[str, Any], since: int) -> bool:
        session = self.session
        session.looks_inside = True
        try:
            for given in entry["inputs"]:
                if given[2] in CHANGERS or given[1] in entry["binds"]:
                    continue
                if session.contents_changed(self.name, given, since) is not None:
                    return True
            for given in entry["calls"]:
                if session.call_changed(self.name, given, since) is not None:
                    return True
                if given[0] is not None and session.spoken_contents(session.called(*given), since) is not None:
                    return True
            return False
        finally:
            session.looks_inside = False
