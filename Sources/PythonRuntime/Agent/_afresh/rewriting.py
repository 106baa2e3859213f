"""Modules whose loader makes its own code of their text: what they execute is not what the compiler makes of it.

The checker compares texts and plans with what the compiler makes. Here the code objects of a plan are exchanged for those
that the loader makes of the same text: as a whole, and where pytest has rewritten `assert` statements, whose code has the
same functions on the same lines, function by function. (pytest's own loader can only execute whole modules, while pytest runs.)
"""
from __future__ import annotations

import _afresh
import sys
from _frozen_importlib_external import SourceFileLoader
from _weakref import ref
from types import CodeType

from . import modules
from . import stale_objects as objects
from .wire import REFUSED, RequestError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .apply import Step

_PYTEST = "_pytest.assertion.rewrite"
_plain: dict[int, tuple[ref[CodeType], CodeType]] = {}  # by id of a module's code: what the compiler makes of the same text
_looked_at: dict[str, int] = {}  # module → id of its loader


def note(name: str, namespace: dict[str, Any]) -> None:
    """A module that the agent did not see being loaded: its text, if pytest has loaded it and that is certain."""
    loader = namespace.get("__loader__")
    if not _is_pytests(loader) or _looked_at.get(name) == id(loader) or modules.is_executing(name, namespace):
        return
    _looked_at[name] = id(loader)
    host = _afresh.host
    record = modules.unchanged_since(str(namespace.get("__file__")), 0 if host is None else host.since)
    if record is None or record.source is None:
        return
    from . import late

    try:
        record.code = _rewritten(record.source, record.path, loader)
    except Exception:
        return
    if late.agrees(record, namespace):
        _afresh.loaded[name] = record


def is_rewritten(record: _afresh.Loaded | None) -> bool:
    """Whether what the module executes is pytest's: then nobody else can make it of the text."""
    return record is not None and record.code is not None and modules.REWRITTEN in record.code.co_names


class Rewriting:
    """One step of a transaction, in a module whose code is its loader's."""

    def __init__(self, step: Step) -> None:
        self._code: CodeType | None = None  # of the new text
        self._old = step.record.code if step.record is not None else None
        self.before = _remembered(self._old)  # as the compiler makes it
        if step.source is None:
            return
        path = step.loaded_from or step.path or "<string>"
        try:
            self._code = _rewritten(step.source, path, step.namespace.get("__loader__"))
        except Exception as error:
            reason = f"the loader of {step.name} could not make code of the text: {type(error).__name__}"
            raise RequestError(REFUSED, reason, {"module": step.name}) from None

    @classmethod
    def of(cls, step: Step) -> Rewriting | None:
        loader = step.namespace.get("__loader__")
        if is_rewritten(step.record):
            return cls(step)
        # Nearly all modules have the interpreter's own loader, and there may be a thousand steps.
        return cls(step) if type(loader) is not SourceFileLoader and (_is_pytests(loader) or _translates(loader)) else None

    def code(self, plain: CodeType | None) -> CodeType | None:
        """Instead of a module's code."""
        if plain is None or self._code is None:
            return plain
        _remember(self._code, plain)
        return self._code

    def plan(self, plan: dict[str, Any]) -> dict[str, Any]:
        """The same for the loader's code."""
        before = plan["old"] or self.before
        made = self.code(plan["code"])
        if plan.get("whole") is not None:
            return {**plan, "whole": made, "code": made}
        new, old = _Pairs(plan["code"], self._old if made is None else made), _Pairs(before, self._old)
        if made is not None and not (new.complete and old.complete):
            return {**plan, "whole": made, "code": made, "swaps": (), "entries": (), "again": ()}
        swaps = [(old.path(path), new.of(code), differs, more) for path, code, differs, more in plan["swaps"]]
        return {**plan, "code": made, "old": None, "swaps": swaps, "entries": [_entry(each, new) for each in plan["entries"]]}


class _Pairs:
    """The code objects of a text as the compiler makes them, each with the one that pytest makes."""

    def __init__(self, plain: CodeType | None, rewritten: CodeType | None) -> None:
        self.complete = plain is not None and rewritten is not None
        self._plain = plain
        self._found: dict[int, tuple[CodeType, tuple[int, ...]]] = {}
        self._by_place: dict[tuple[str, int], CodeType | None] = {}  # None: several have that name on that line
        for code in objects.nested_codes(rewritten)[1:] if rewritten is not None else ():
            self._by_place[_place(code)] = None if _place(code) in self._by_place else code
        if plain is not None and rewritten is not None:
            self._pair(plain, rewritten, ())

    def _pair(self, plain: CodeType, rewritten: CodeType, path: tuple[int, ...]) -> None:
        self._found[id(plain)] = rewritten, path
        waiting: dict[tuple[str, int], list[int]] = {}
        for index, constant in enumerate(rewritten.co_consts):
            if type(constant) is CodeType:
                waiting.setdefault(_place(constant), []).append(index)
        for constant in plain.co_consts:
            if type(constant) is not CodeType:
                continue
            place = _place(constant)
            if not waiting.get(place):
                self.complete = False
                continue
            index = waiting[place].pop(0)
            self._pair(constant, rewritten.co_consts[index], (*path, index))

    def of(self, code: CodeType) -> CodeType:
        """The same function in the rewritten code."""
        found = self._found.get(id(code))
        return found[0] if found is not None else self.inside(code)

    def path(self, path: tuple[int, ...]) -> tuple[int, ...]:
        """The same place among the constants of the rewritten code."""
        code: Any = self._plain
        for index in path:
            code = code.co_consts[index]
        return self._found[id(code)][1]

    def inside(self, code: CodeType) -> CodeType:
        """The code of one statement, with the functions that it makes exchanged."""
        constants = tuple(
            self._by_place.get(_place(each)) or self.inside(each) if type(each) is CodeType else each for each in code.co_consts)
        return code.replace(co_consts=constants) if any(a is not b for a, b in zip(constants, code.co_consts)) else code


def _place(code: CodeType) -> tuple[str, int]:
    return code.co_qualname, code.co_firstlineno


def _entry(entry: dict[str, Any], pairs: _Pairs) -> dict[str, Any]:
    changed = {**entry, "code": pairs.inside(entry["code"])}
    if "parts" in entry:
        changed["parts"] = [_entry(part, pairs) for part in entry["parts"]]
    return changed


def _is_pytests(loader: object) -> bool:
    return objects.class_module(type(loader)) == _PYTEST


def _translates(loader: object) -> bool:
    """Whether the loader has a way of its own from a text to code."""
    owner = next((cls for cls in objects.type_mro(type(loader)) if "source_to_code" in objects.type_dict(cls)), None)
    return owner is not None and objects.class_module(owner) not in _INTERPRETERS


_INTERPRETERS = ("_frozen_importlib_external", "importlib._bootstrap_external", "importlib._abc", "importlib.abc")


def _rewritten(source: bytes, path: str, loader: Any) -> CodeType:
    """What the loader would execute."""
    if not _is_pytests(loader) and _translates(loader):
        return loader.source_to_code(source, path)
    import ast

    tree = ast.parse(source, filename=path)
    config = getattr(loader, "config", None) if _is_pytests(loader) else None
    sys.modules[_PYTEST].rewrite_asserts(tree, source, path, config)
    return compile(tree, path, "exec", dont_inherit=True)


def _remember(code: CodeType, plain: CodeType) -> None:
    for key in [key for key, (known, _) in _plain.items() if known() is None]:
        del _plain[key]
    _plain[id(code)] = ref(code), plain


def _remembered(code: CodeType | None) -> CodeType | None:
    known = _plain.get(id(code))
    return known[1] if known is not None and known[0]() is code else None
