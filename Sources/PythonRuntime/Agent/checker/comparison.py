"""Edited modules compared with what runs."""

from __future__ import annotations

import os
from typing import Any

import exact
import hints
import preempt
from alignment import Pair, align
from changes import changes_of
from compilation import Problem, Text, compiled, same_code
from params import Params, name_of, path_of
from payloads import body_payload, exact_payload, patch_payload, whole_payload
from planning import Plan
from quick import BodyEdit, body_edit
from splice import spliced
from texts import Module, Texts, digest_of

MOST_PREVIEWS = 4

TEXTS = Texts()  # what runs, and what was saved

Wanted = list[tuple[Params, bytes, "Module | None"]]  # a module, its new text, what runs


class Comparison:
    """Edited modules compared with what runs, and the answer to `check`. Depends on nothing but what it is given."""

    def __init__(self, policy: str, optimize: int, wanted: Wanted) -> None:
        self.given = (policy, optimize, wanted)
        alone = len(wanted) == 1
        self.checked = [Checked(each, source, running, policy, optimize, alone) for each, source, running in wanted]
        if policy == "patch":
            plan_together(self.checked)
        answers = [each.answer() for each in self.checked]
        self.answer = {"modules": answers, "order": import_order(self.checked)}

    def is_for(self, policy: str, optimize: int, wanted: Wanted) -> bool:
        """Whether the same texts of the same modules are to be compared in the same way with the same running ones."""
        mine = self.given
        return (policy, optimize, len(wanted)) == (mine[0], mine[1], len(mine[2])) and all(
            running is its_running
            and source == its_source
            and all(params.get(member) == its.get(member) for member in ("name", "path", "package", "main"))
            for (params, source, running), (its, its_source, its_running) in zip(wanted, mine[2])
        )


class Previews:
    """The last comparisons that were made before a save."""

    def __init__(self) -> None:
        self._kept: list[Comparison] = []

    def compared(self, policy: str, optimize: int, wanted: Wanted) -> Comparison | None:
        return next((each for each in self._kept if each.is_for(policy, optimize, wanted)), None)

    def module(self, digest: str, name: str, path: str, optimize: int) -> Module | None:
        """A new text of these comparisons."""
        wanted = digest, name, path, optimize
        for each in (checked for comparison in self._kept for checked in comparison.checked):
            module = each.module
            if module is not None and (module.digest, module.name, path_of(each.params), module.optimize) == wanted:
                return module
        return None

    def keep(self, comparison: Comparison) -> None:
        """One for the same modules, as texts follow each other while somebody types."""
        names = [name_of(params) for params, _, _ in comparison.given[2]]
        others = [each for each in self._kept if [name_of(params) for params, _, _ in each.given[2]] != names]
        self._kept = [comparison, *others[: MOST_PREVIEWS - 1]]


class Checked:
    """One edited module: the running text, the saved one, and how they differ."""

    def __init__(
        self, params: Params, source: bytes, running: Module | None, policy: str, optimize: int, alone: bool
    ) -> None:
        self.params = params
        self.name = name_of(params)
        self.source = source
        self.running = running
        self.policy = policy
        self.is_main = bool(params.get("main"))

        filename = running.filename if running is not None else path_of(params)
        # By its name alone: the folders of one file can be written in many ways.
        path = params.get("path")
        self.is_moved = isinstance(path, str) and os.path.basename(filename) != os.path.basename(path)
        if self.is_moved:
            filename = path_of(params)
        known = TEXTS.find(digest_of(source), self.name, path_of(params), optimize)
        if known is not None and known.filename != filename:
            known = None
        self.problems: list[Problem] = []
        self.module: Module | None = None
        if known is not None and known.clean:
            self.module = known
        elif running is None or running.filename != filename or not self._splice(running, bool(params.get("package"))):
            code, self.problems = compiled(source, filename, optimize)
            if code is not None:
                self.module = known or Module(self.name, filename, bool(params.get("package")), source, code, optimize)
                self.module.clean = not self.problems
        preempt.look()
        self.pairs: list[Pair] = []
        self.fallback: str | None = None
        self.payload: dict[str, Any] | None = None
        self.changed: set[str] | None = None
        self.unchanged = False
        self.quick: BodyEdit | None = None
        self.planned: Plan | None = None
        self.foreseen: hints.Foreseen | None = None
        self.edits: list[dict[str, Any]] | None = None
        self.again: list[hints.Again] = []  # statements that a save will execute again
        if self.module is not None and policy != "none":
            self._compare(running, self.module, alone)

    def _splice(self, running: Module, package: bool) -> bool:
        """Makes the new code from the running one, where that can be done."""
        if not running.proven or not running.clean or self.policy != "patch":
            return False
        made = spliced(running, self.source)
        if made is None:
            return False
        module = self.module = Module(self.name, running.filename, package, self.source, None, running.optimize)
        module.clean = True
        module.splice, module.spans, module.spliced_part, module.line_entries = made, made.spans, made.part, made.entries
        module.text = Text(self.source, made.lines)
        module.imported_names = running.imported_names
        module.compiler_flags = running.compiler_flags
        return True

    def _compare(self, running: Module | None, module: Module, alone: bool) -> None:
        if running is None:
            self.fallback = "the text that runs is not known"
            return
        is_quick = self.policy == "patch" and alone and running.proven
        splice = module.splice if module.splice is not None and module.splice.running is running else None
        quick = body_edit(running, module, splice) if is_quick and splice is not None else None
        if quick is not None and quick.altered:
            self.quick, self.changed = quick, set(quick.changed)
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
        if is_quick and splice is None and running.code.co_flags == module.code.co_flags:  # `from __future__`
            quick = body_edit(running, module, None)
        if quick is not None:
            self.quick, self.changed = quick, set(quick.changed)
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
        if planned is None or module is None or running is None or self.fallback is not None:
            return
        try:
            self.payload = patch_payload(planned, running, module)
        except (RecursionError, MemoryError, ValueError, SyntaxError):
            self.fallback = "the edited statements cannot be compiled one by one"
            return
        self.edits = planned.changes
        self.foreseen, planned.foreseen = planned.foreseen, None  # it holds the plan: a cycle
        if self.foreseen is not None:
            self.again = self.foreseen.again
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
        if self.payload is None and not self.is_main and not self.unchanged:
            # The import system has to find the other file: it is found anew only where a module is reloaded.
            is_exact = self.policy == "exact" or self.is_moved
            self.again = hints.whole(self.module, self.pairs)
            make = exact_payload if is_exact else whole_payload
            self.payload = make(self.module, self.again)
        if self.quick is None and not self.unchanged and self.running is not None:
            imports = self.module.imported_modules - self.running.imported_modules
            if imports:
                answer["imports"] = sorted(imports)
        touches = self.quick.touches if self.quick is not None else self.planned.changes_outside() if self.planned is not None else []
        if touches:
            answer["touches"] = touches
        answer["unchanged"] = self.unchanged
        answer["changed"] = None if self.changed is None else sorted(self.changed)
        answer["changes"] = self.edits if self.edits is not None else changes_of(self.pairs)
        if self.policy == "patch" and self.fallback is not None:
            answer["fallback"] = self.fallback
            for change in answer["changes"]:
                change["reason"] = f"executed as a whole: {self.fallback}"
        answer["payload"] = None if self.unchanged else self.payload
        return answer


    def preview(self) -> dict[str, Any]:
        try:
            withheld = self.foreseen.withheld() if self.foreseen is not None else []
        except RecursionError:
            withheld = []
        return {
            "name": self.name,
            "problems": self.problems,
            "unchanged": self.unchanged,
            "fallback": self.fallback if self.policy == "patch" else None,
            "changes": [] if self.fallback is not None or self.unchanged else withheld,
            "again": [] if self.unchanged else self.again,
        }


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


def import_order(checked: list[Checked]) -> list[str]:
    """The edited modules, those that others of them import first; the given order where that does not matter."""
    by_name = {each.name: each for each in checked}
    done: list[str] = []
    for name in by_name:
        _place(name, by_name, done, set())
    return done


def _place(name: str, by_name: dict[str, Checked], done: list[str], waiting: set[str]) -> None:
    # Not a function inside the other one: that would be a cycle, and keep all texts until a collection.
    if name in done or name in waiting:
        return
    waiting.add(name)
    module = by_name[name].module
    if module is not None:
        for other in by_name:
            if other != name and other in module.imported_modules:
                _place(other, by_name, done, waiting)
    done.append(name)
