"""The checker's requests: `check` for edited modules, `affected` for the modules that depend on them."""

from __future__ import annotations

import base64
import binascii
import os
from typing import Any, Callable, Iterator

import exact
from alignment import Pair, align
from changes import changes_of
from compilation import Problem, compiled, same_code
from payloads import body_payload, exact_payload, patch_payload, whole_payload
from planning import Plan, Uses
from quick import BodyEdit, body_edit
from texts import Module, Texts, digest_of, running_module

Params = dict[str, Any]

_TEXTS = Texts()
_QUICK: dict[str, tuple[Module, Module]] = {}  # edits of the last check that were not looked into


class InvalidParams(ValueError):
    """What a request says is not what the protocol allows."""


class Missing(Exception):
    """A running text that this process does not have."""


def check(params: Params) -> dict[str, Any]:
    policy, optimize, modules = _common(params)
    wanted: list[tuple[Params, bytes, Module | None]] = []
    missing: list[str] = []
    for each in modules:
        source = _bytes(each, "source")
        if source is None:
            raise InvalidParams("a module to check needs its source")
        try:
            wanted.append((each, source, None if policy == "none" else _running(each, optimize)))
        except Missing:
            missing.append(_name(each))
    if missing:
        return {"missing": missing}
    _QUICK.clear()
    checked = [Checked(each, source, running, policy, optimize, len(wanted) == 1) for each, source, running in wanted]
    if policy == "patch":
        plan_together(checked)
    answers = [each.answer() for each in checked]
    for each in checked:
        if each.module is not None:
            _TEXTS.keep(each.module, _path(each.params), optimize)
    return {"modules": answers, "order": import_order(checked)}


class Checked:
    """One edited module: the running text, the saved one, and how they differ."""

    def __init__(
        self, params: Params, source: bytes, running: Module | None, policy: str, optimize: int, alone: bool
    ) -> None:
        self.params = params
        self.name = _name(params)
        self.source = source
        self.running = running
        self.policy = policy
        self.is_main = bool(params.get("main"))
        self.problems: list[Problem]
        filename = running.filename if running is not None else _path(params)
        # By its name alone: the folders of one file can be written in many ways.
        path = params.get("path")
        self.is_moved = isinstance(path, str) and os.path.basename(filename) != os.path.basename(path)
        if self.is_moved:
            filename = _path(params)
        known = _TEXTS.find(digest_of(source), self.name, _path(params), optimize)
        if known is not None and known.filename != filename:
            known = None
        code, self.problems = compiled(source, filename, optimize)
        self.module: Module | None = None
        if code is not None:
            self.module = known or Module(self.name, filename, bool(params.get("package")), source, code, optimize)
        self.pairs: list[Pair] = []
        self.fallback: str | None = None
        self.payload: dict[str, Any] | None = None
        self.changed: set[str] | None = None
        self.unchanged = False
        self.quick: BodyEdit | None = None
        self.planned: Plan | None = None
        self.edits: list[dict[str, Any]] | None = None
        if self.module is not None and policy != "none":
            self._compare(running, self.module, alone)

    def _is_new(self, running: Module, module: Module) -> bool:
        """Whether flags of the compiler changed (`from __future__`)."""
        return running.code is None or module.code is None or running.code.co_flags != module.code.co_flags

    def _compare(self, running: Module | None, module: Module, alone: bool) -> None:
        if running is None:
            self.fallback = "the text that runs is not known"
            return
        if running.code is None or module.code is None:
            self.fallback = "the text that runs does not compile"
            return
        if self.is_moved:
            self.fallback = "another file is the module now"
            return
        if running.proven and same_code(running.code, module.code, lines=True):
            self.unchanged = True
            self.changed = set()
            return
        if self.policy == "patch" and alone and running.proven and not self._is_new(running, module):
            self.quick = body_edit(running, module)
            if self.quick is not None:
                self.changed = set(self.quick.changed)
                return
        if running.tree is None or module.tree is None:
            self.fallback = "the text is too large or too deeply nested to be compared"
            return
        try:
            self.pairs = align(running.units, module.units)
            self.changed = exact.changed_by_edit(self.pairs)
        except RecursionError:
            self.pairs, self.changed = [], None
            self.fallback = "the text is too large or too deeply nested to be compared"
            return
        if not running.proven:
            self.fallback = "what runs was not compiled from the text that is known"
        elif running.futures != module.futures:
            self.fallback = "a `from __future__` import changed, which changes every statement"

    def plan(self, changed: exact.Changed) -> None:
        """Finds what may change, given what other modules change; adds its own to that."""
        if self.module is None or self.quick is not None:
            return
        if self.fallback is not None:
            changed[self.name] = self.changed
            return
        if self.unchanged and not changed:
            return
        module = self.running if self.unchanged else self.module
        assert module is not None
        pairs = self.pairs or align(module.units, module.units)
        try:
            self.planned = Plan(module, pairs, changed, self.is_main, not self.unchanged)
        except RecursionError:
            self.fallback = "the text is too large or too deeply nested to be compared"
            return
        names = self.planned.changed
        if names:
            changed[self.name] = set(names)

    def finish_plan(self) -> None:
        planned, module, running = self.planned, self.module, self.running
        if self.quick is not None and module is not None and running is not None:
            self.payload = body_payload(self.quick, running, module)
            self.edits = self.quick.changes
            _QUICK[self.name] = (running, module)
        if planned is None or module is None or running is None or self.fallback is not None:
            return
        try:
            self.payload = patch_payload(planned, running, module)
        except (RecursionError, MemoryError, ValueError, SyntaxError):
            self.fallback = "the edited statements cannot be compiled one by one"
            return
        self.edits = planned.changes
        self.changed = set(planned.changed)
        if self.unchanged and not self.changed:
            self.payload = None
        elif self.unchanged:
            self.unchanged = False  # what it uses changes with it

    def answer(self) -> dict[str, Any]:
        answer: dict[str, Any] = {"name": self.name, "problems": self.problems, "digest": digest_of(self.source)}
        if self.module is None or self.policy == "none":
            answer |= {"unchanged": False, "changed": None, "changes": [], "payload": None}
            return answer
        if self.payload is None and not self.is_main:
            # The import system has to find the other file: it is found anew only where a module is reloaded.
            is_exact = self.policy == "exact" or self.is_moved
            self.payload = exact_payload(self.module) if is_exact else whole_payload(self.module)
        answer["unchanged"] = self.unchanged
        answer["changed"] = None if self.changed is None else sorted(self.changed)
        answer["changes"] = self.edits if self.edits is not None else changes_of(self.pairs)
        if self.policy == "patch" and self.fallback is not None:
            answer["fallback"] = self.fallback
            for change in answer["changes"]:
                change["reason"] = f"executed as a whole: {self.fallback}"
        answer["payload"] = None if self.unchanged else self.payload
        return answer


def plan_together(checked: list[Checked]) -> None:
    """Plans edited modules, each with what the others change."""
    changed: exact.Changed = {}
    for _ in checked:  # as often as a change can pass through another of them
        before = {name: names if names is None else set(names) for name, names in changed.items()}
        for each in checked:
            each.plan(changed)
        if changed == before:
            break
    for each in checked:
        each.finish_plan()


def ahead() -> Iterator[Callable[[], object]]:
    """What the next check of the last checked text needs, in pieces to be done between requests."""
    module = _TEXTS.newest()
    if module is not None:
        yield from module.ahead()


def import_order(checked: list[Checked]) -> list[str]:
    """The edited modules, those that others of them import first; the given order where that does not matter."""
    by_name = {each.name: each for each in checked}
    done: list[str] = []
    open_: set[str] = set()

    def place(name: str) -> None:
        if name in done or name in open_:
            return
        open_.add(name)
        module = by_name[name].module
        if module is not None:
            for other in by_name:
                if other != name and other in module.imported_modules:
                    place(other)
        done.append(name)

    for name in by_name:
        place(name)
    return done


def affected(params: Params) -> dict[str, Any]:
    policy, optimize, modules = _common(params)
    given = params.get("changed")
    if not isinstance(given, dict):
        raise InvalidParams("changed must be an object")
    changed: exact.Changed = {
        name: None if names is None else {each for each in names if isinstance(each, str)}
        for name, names in given.items()
    }
    missing = []
    candidates: list[tuple[Params, Module | None]] = []
    suspects = set(changed)
    for each in modules:
        if not _may_use(each, changed, suspects):
            candidates.append((each, None))
            continue
        suspects.add(_name(each))
        try:
            candidates.append((each, _running(each, optimize)))
        except Missing:
            missing.append(_name(each))
    if missing:
        return {"missing": missing}
    answers = []
    passed: dict[str, Uses] = {}
    if _may_reach(candidates, changed):
        _look_into(changed, passed)
    for each, module in candidates:
        answers.append(_affected(each, module, changed, policy, _may_use(each, changed, set(changed)), passed))
    return {"modules": answers}


def _may_reach(candidates: list[tuple[Params, Module | None]], changed: exact.Changed) -> bool:
    """Whether a candidate could execute something else, whatever the edited functions and those who call them do."""
    everything: exact.Changed = dict.fromkeys((*changed, *(_name(each) for each, _ in candidates)))
    return any(
        module is not None
        and (module.tree is None or module.caches_results or exact.affected(module, everything) is not None)
        for _, module in candidates
    )


def _look_into(changed: exact.Changed, passed: dict[str, Uses]) -> None:
    """What an edit of function bodies means for those who call these functions through others."""
    for name, (running, module) in _QUICK.items():
        if changed.get(name) is None:
            continue
        try:
            plan = Plan(module, align(running.units, module.units), {}, False, True)
            changed[name] = set(plan.changed)
            passed[name] = plan.uses()
        except RecursionError:
            changed[name] = None


def _may_use(params: Params, changed: exact.Changed, suspects: set[str]) -> bool:
    """By the import edges alone: most modules need not be looked into. Names of `suspects` that are not in `changed`
    are not known yet.
    """
    edges = params.get("edges")
    if not isinstance(edges, list):
        return True
    for edge in edges:
        if not isinstance(edge, dict) or edge.get("lazy") or edge.get("from") not in (None, _name(params)):
            continue
        target, names = edge.get("to"), edge.get("names")
        if target not in suspects:
            continue
        known = changed.get(target) if isinstance(target, str) else None
        if known is None or not isinstance(names, list) or "*" in names or "*" in known:
            return True
        if not known.isdisjoint(names) or any(f"{target}.{name}" in suspects for name in names):
            return True
    return False


def _affected(
    params: Params,
    module: Module | None,
    changed: exact.Changed,
    policy: str,
    may_use: bool,
    passed: dict[str, Uses],
) -> dict[str, Any]:
    name = _name(params)
    answer: dict[str, Any] = {"name": name, "affected": False, "of": "", "names": [], "changed": [], "payload": None}
    if not may_use:
        return answer
    if module is None or module.tree is None:  # nothing can be said of it: it is executed, and everything may differ
        source = next(iter(changed), "")
        answer |= {"affected": True, "of": source, "changed": None, "payload": exact_payload(None)}
        changed[name] = None
        return answer
    cause = exact.affected(module, changed)
    if policy == "patch":
        try:
            return _affected_patch(answer, module, changed, bool(params.get("main")), cause, passed)
        except (RecursionError, MemoryError, ValueError, SyntaxError):
            pass  # executed as a whole
    if cause is None:
        return answer
    differs = exact.changed_by_execution(module.units) | set(
        local for local, target in module.imports.items() if _is_changed(target, changed)
    )
    before = changed.get(name, set())
    changed[name] = None if before is None else before | differs
    answer |= {
        "affected": True,
        "of": cause[0],
        "names": sorted(cause[1]),
        "changed": sorted(differs),
        "payload": exact_payload(None),
    }
    return answer


def _affected_patch(
    answer: dict[str, Any],
    module: Module,
    changed: exact.Changed,
    is_main: bool,
    cause: tuple[str, set[str]] | None,
    passed: dict[str, Uses],
) -> dict[str, Any]:
    plan = Plan(module, align(module.units, module.units), changed, is_main, False)
    names = plan.changed
    if names:
        before = changed.get(module.name, set())
        changed[module.name] = None if before is None else before | set(names)
    if not plan.candidates and not plan.has_caches:
        passed[module.name] = plan.uses()  # its functions may do something else, for those who call them
        return answer
    source, used = cause or (next(iter(changed), ""), set())
    return answer | {
        "affected": True,
        "of": source,
        "names": sorted(used),
        "changed": names,
        "payload": patch_payload(plan, module, module, passed),
    }


def _is_changed(target: str, changed: exact.Changed) -> bool:
    source, _, name = target.rpartition(".")
    names = changed.get(source, ())
    return names is None or name in names or "*" in names


def _running(params: Params, optimize: int) -> Module | None:
    running = params.get("running")
    if running is None:
        return None
    if not isinstance(running, dict):
        raise InvalidParams("running must be an object or null")
    name, path = _name(params), _path(params)
    source = _bytes(running, "source")
    if source is None:
        digest = running.get("digest")
        found = _TEXTS.find(digest, name, path, optimize) if isinstance(digest, str) else None
        if found is None:
            raise Missing
        return found
    module = running_module(name, path, bool(params.get("package")), source, _bytes(running, "code"), optimize)
    _TEXTS.keep(module, path, optimize)
    return module


def _common(params: Params) -> tuple[str, int, list[Params]]:
    policy, optimize, modules = params.get("policy"), params.get("optimize", 0), params.get("modules")
    if policy not in ("exact", "patch", "none"):
        raise InvalidParams("policy must be exact, patch or none")
    if not isinstance(optimize, int) or optimize not in (-1, 0, 1, 2):
        raise InvalidParams("optimize must be 0, 1 or 2")
    if not isinstance(modules, list) or not all(isinstance(each, dict) for each in modules):
        raise InvalidParams("modules must be a list of objects")
    return policy, optimize, modules


def _name(params: Params) -> str:
    name = params.get("name")
    if not isinstance(name, str):
        raise InvalidParams("a module needs a name")
    return name


def _path(params: Params) -> str:
    path = params.get("path")
    return path if isinstance(path, str) else f"<{_name(params)}>"


def _bytes(params: Params, member: str) -> bytes | None:
    value = params.get(member)
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidParams(f"{member} must be a base64 string")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidParams(f"{member} is not base64: {error}") from None
