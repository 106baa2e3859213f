"""The `patch` policy inside the program: what the edit changed, and what reads a value that thereby changed.

`apply(step, transaction)` brings one module up to date by the checker's plan; the modules of one transaction share what
they know of changed values (`Session`). The plan is marshalled, so that the code objects in it are shared:

    code       the new module code, whose functions the swaps give; None for a dependent
    old        the running module code, where the agent does not have it
    swaps      (path through co_consts in the running code, new code, whether it does something else, what closures
               need besides: `Swap` in `patch_functions.py`)
    splice     instead of `code`, where nothing but the insides of functions was edited: what stands at which places among the
               constants of the running code; the line after which the rest of it has moved, and by how many; the line table;
               by path, which constant is the line that a class begins in (`patch_splice.py`). `swaps` are those of what it has
    attributes (class, name, where) of what constructors set and did not before
    classes    (qualified name, where) of classes inside functions whose statements changed
    makers     functions that only hand out others that they make, of which the edit changed nothing else: "f", "f.<locals>.g"
    kept       names that functions keep results in which code that changed has computed (".x": of instances), the line of the
               statement, what is said
    decorated  those of `altered` that stand behind decorators: where nobody has the function any more, they have called it
    early      statements that a restart would not get beyond: what is said; the name, if star imports of modules above do not
               bring it, and some of those below do (None: a statement does)
    unloaded   what may read a submodule that nobody has imported by then: what is said; the submodule; modules that statements
               above import (None: it is read by a function when that is called)
    unloads    modules that the text does not import any more
    whole      the module code, where there is no plan: all of it is executed
    undone     definitions that lost decorators or base classes, or call them otherwise: (index in `changes`, "f" or "C.f", those
               that it lost, those that it calls otherwise, all that it has, whether it is gone itself)
    removed    names that the text no longer binds
    annotated  names that the text annotates, and those that it does not any more (None or not there: its annotations are as they were)
    stars      modules whose star import is gone from where it stood, with names that statements bind and that it does not cover
               any more, its line, names that statements bind as before; modules of all star imports that there are
    altered    "f", "C.m": bound functions that the edit changed
    uses       (module, name) → (inputs, inputs, given): what a function that may behave in a new way reads and calls
               when it is called, and what it gives to functions, as `given` of an entry; of "f.annotations()", "C.annotations()":
               what annotations name that are evaluated when somebody asks for them (`patch_hints.py`)
    changes    the edit, as the report has it
    again      with `whole`: what is said of statements that reach outside of the module
    entries    statements that may have to be executed, in the order of the text:

    line, was  where it stands, and stood (None: it is new)
    kind, symbol, range   what it is in the report: "value", "function", "class", "import", "statement"; its name; its place
    must       the edit touched it; else it runs if an input has changed
    inputs     what it reads while it executes: (module or None for its own, name, attribute or None)
    calls      what it calls, alike
    tells      what annotations name that are evaluated when somebody asks for them, as decorators, bases and metaclasses of it may
    passed     what it gives to functions that call it, or what lambdas read that it gives to them
    given      the same for functions of which the text does not say whether they call it, each beside what it is given, and what
               becomes of what the function gives: nothing, 0; it is kept or returned, 1; it goes into a larger expression, 2
    opaque     whether it calls what it takes out of something, or a method of that: `T["k"]()`, `each.m()`
    lists      whether it goes through the names of its module: 2 if it does nothing else, 1 if it does
    unseen     of such a statement, names that are not there yet where it stands
    draws      whether it calls what it takes out of something itself
    binds, last, firm   the names it binds; those of which it is the last binder; those that it binds in any case
    others     those of them that an import gave their values, or a statement that is gone and took them from elsewhere: the old
               values are somebody else's
    defines    those of them that a `def` or `class` statement binds
    builds     names that it binds to something made of what they were before
    needs      names that it reads between two statements that bind or remove them, or star imports, which may bring them: those above
               it run again before it
    lambdas    whether the edit changed nothing but lambdas in it, and it is no definition: if it gives data, they have been called
    registers  whether it is a definition with the decorators that it had, called as they may be
    removes    names that it removes
    drops      those, if it does nothing else: `del x`
    unsets     attributes that it removes, for a `del` statement of attributes alone: "x.a"
    light      whether it is a function or a docstring: in a class body it can be executed alone
    code       the statement alone, at its real place
    import     (module, name, local name) of a from-import
    stars      modules whose star import it is, or has in its branches; with that `others`, names that statements below bind and in
               which lines, and `bound`, all that the text binds
    once       a statement of the script itself: never executed again
    again      what is said of it if it is executed: it reaches outside of the module, and the edit did not touch it
    lines      the first one of the statement, with its decorators, and the last one
    traces     for one that was there: what it did to others, and does: a trace of each (`checker/traces.py`; None: nothing), and what
               statements below it set
    maybe      names that it may leave alone, by the way that it takes: then also `decides` (inputs and calls that say
               which), `other_ways` (the edit changed them)
    late       names bound below that it may read all the same; modules of star imports above, which may bring them; whether it
               handles that it has not got them
    moved      names that it reads and that another statement gives their values, as one of them moved: (name, the module of a star
               import that has come between, or gone; None: a statement, whether only what it calls reads it)
    through    names that what it calls may read, and that something below binds: (name, the line of the last statement above
               that binds it or None, modules of star imports from there on, whether a statement below binds it, modules of
               star imports below)
    above      statements that set what it sets, a place that has what the last one gives it: (line, symbol)
    below      what it reads and statements below it, which have been executed, change in place: "L", "c.x"
    sets       names of the module that functions bind which it calls
    plain      executing it again loses nothing
    loops      whether it is a loop
    accumulates whether it adds to an attribute, an item or a name that is imported
    fills      a container that it makes or fills, as a plain statement: executed again, it is made anew and filled again
    named      for one that sets names by `setattr` and the like: those that its text does not mention any more; else None
    bodies     of the classes in its branches: the name, and `body` and `gone` as of a class
    by_call    whether functions of the module do that which it calls
    shared     names that it gives one and the same value: `a = b = {}`
    rebinds    the edit did not touch it, but others that bound its names
    elsewhere  the lines of other decorated definitions of its names: who registered what they made calls that
    change     its entry in `changes`
    of a class that existed:
    parts      entries for its body, each with the class and the ones around it
    gone, unannotated   attributes that its body no longer binds; names that it no longer annotates
    reaches    what all of its body reads and calls
    body       attributes that the body binds, or bound (None: the text does not say it, or decorators are gone): others have been set
    inside     of a class, and of a statement with branches: classes in it, or in those of its branches, with what their bodies bind, or bound
    keep       attributes whose statements are as they were: they keep their values if the class is made anew
    made_by    its bases and its metaclass, as inputs: what they do when a class is made of them
    decorated  a decorator may look at its methods: parts alone will not do
    undivided  its body has to run as a whole
    together   of a part: it can be executed only with the whole body, since a name means several things there
    reordered  the statements of its body stand in another order, which decides for classes that are not plain
    remade     it has bases, and statements of its body changed that make members: an enumeration is made anew
"""

from __future__ import annotations

import marshal
import sys
from binascii import a2b_base64
from types import CodeType, FunctionType

from . import hooks
from .patch_code import class_facts
from .patch_constants import Constants, bind_constants, plans_of, said_of
from .patch_execution import Execution
from .patch_frames import NOT_REACHED, executing_line
from .patch_functions import Found, Swaps, live_functions, swap_functions
from .patch_hints import evaluate_again
from .patch_instances import Behind
from .patch_import_statements import take_imported
from .patch_kept import say_kept
from .patch_made import say_made
from .patch_models import rebuild
from .patch_names import annotate, remove
from .patch_reads import forget_repeated
from .patch_registrations import say_registered
from .patch_results import Results
from .patch_session import Session
from .patch_splice import in_full
from .patch_stars import say_stars
from .patch_submodules import say_unloaded
from .transaction import namespace_of
from .patch_undone import Undone
from .stale_objects import type_qualname

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .transaction import Transaction


AS_PLANNED: dict[str, Any] = {"executed": True, "changed": True}
"""The result of a step each of whose statements has given its name another value, as the checker has foretold."""


def executes(payload: dict[str, Any]) -> bool:
    """Whether statements of the program may be executed; else the payload only swaps code."""
    return payload.get("executes") is not False


def apply(step: Any, transaction: Transaction) -> dict[str, Any]:
    """Brings the step's module up to date. Raises what its statements raise."""
    plan = step.plan if step.plan is not None else a2b_base64(step.payload["plan"])
    while type(plan) is bytes:
        plan = marshal.loads(plan)
        if type(plan) is tuple:
            (plan,) = plans_of(plan)
    session = Session.of(transaction)
    rewriting = getattr(step, "rewriting", None)
    done: list[bool] = []
    changes: list[dict[str, Any]] = []
    if type(plan) is Constants:
        if rewriting is None:
            done = bind_constants(step, plan, session)
            if len(done) == len(plan.entries) and all(done) and step.number is not None:
                return AS_PLANNED
            changes = said_of(plan, done)
            if len(done) == len(plan.entries):
                return {"executed": True, "changed": True, "changes": changes}
        plan = plan.in_full()
    if plan.get("splice") is not None:
        plan = in_full(plan, plan["old"] or step.running_code(True))
    if rewriting is not None:
        plan = rewriting.plan(plan)
    if plan["code"] is not None:
        step.code = plan["code"]
    patch = Patch(step, plan, session, changes or plan["changes"], len(done))
    try:
        return patch.run()
    finally:
        del patch._behind  # a cycle: old code must not wait for the collector, it would look held


def end(transaction: Transaction, results: list[tuple[Any, dict[str, Any]]]) -> None:
    """When all steps have been carried out; `results`: each with what it did."""
    if Session.of(transaction).starred:
        say_stars(transaction, results)


def finish(transaction: Transaction) -> None:
    """When the program has all that the steps have done, and it can still be undone."""
    rebuild(Session.of(transaction).merger.models, transaction)


class Patch:
    """One module's plan being carried out."""

    def __init__(
        self, step: Any, plan: dict[str, Any], session: Session, changes: list[dict[str, Any]], done: int = 0
    ) -> None:
        """`changes`: the report so far; `done`: so many of the entries have been carried out."""
        self.step = step
        self.plan = plan
        self.name: str = step.name
        self.session = session
        self.transaction = session.transaction
        self.namespace: dict[str, Any] = step.namespace
        self.changes = changes
        self.done = done
        self.again: list[dict[str, Any]] = []  # statements that ran again without being edited
        self.executed = False
        self._found: Found | None = None
        self._results: Results | None = None
        self._behind = Behind()
        self.spent: set[str] = set()  # functions that decorators have called, and that nobody has any more
        self._codes: dict[int, CodeType] = {}  # of the new text, by id
        self._dropped_at = 0
        self.dropped = False

    def run(self) -> dict[str, Any]:
        plan, session = self.plan, self.session
        undone = [Undone(self, each) for each in plan["undone"]]
        session.note_uses(plan["uses"])
        if plan["stars"][0] or plan["stars"][1]:
            session.starred.add(self.name)
        if plan["code"] is not None or plan["removed"] or plan["stars"][0]:
            self.transaction.touch(self.namespace)
        swapped = self._swap() if plan["code"] is not None else 0
        for each in undone:
            each.leave_dispatch()
        if plan["code"] is not None and sys.version_info >= (3, 13):
            self._move_classes()
        if plan.get("whole") is not None:
            execution = Execution(self)
            execution.whole(plan["whole"])
            self.again += plan["again"]
            self.executed = True
            session.settle()
        elif plan["entries"] or plan["removed"] or plan["stars"][0] or plan.get("annotated"):
            execution = Execution(self)
            if plan["stars"][0] or any(name in self.namespace for name in plan["removed"]):
                execution.touch()
            remove(execution, plan["removed"], plan["stars"])
            if plan.get("annotated"):
                annotate(execution, dict(self.namespace.get("__annotations__", ())))
            take_imported(execution)
            execution.run(plan["entries"], self.done)
            self.executed = execution.executed or self.done > 0
            session.settle()
        for each in undone:
            each.say()
        say_registered(self.changes, session.altered, self.namespace)
        for change, name, above, below in plan["early"]:
            if not _brought(name, above) and (below is None or _brought(name, below)):
                self.changes.append(change)
        say_unloaded(self)
        say_kept(self)
        say_made(self)
        forget_repeated(self.changes)
        evaluate_again(session, self.name, 0)
        self.drop_results()
        if self._results is not None:
            self._results.say_left(self.changes, self._line_of)
        self._behind.say(self)
        session.forget_checks()
        changed = bool(swapped or self.executed or plan["removed"] or self.dropped or self.changes)
        answer = {"executed": self.executed, "changed": changed, "changes": self.changes}
        if self.again:
            answer["again"] = self.again
        return answer

    def _swap(self) -> int:
        plan = self.plan
        if not plan["swaps"]:
            return 0
        old = plan["old"] or self.step.running_code()
        found = live_functions(self.namespace, getattr(self.step, "references", None))
        swaps = Swaps(old, plan["swaps"])
        if hooks.defined(self.namespace) and swaps.alters(found):
            hooks.Hooks.of(self.transaction).before(self.step, self.transaction)
        altered, misfits = swap_functions(found, swaps, self.transaction)
        for code in swaps.ambiguous:
            self._cannot_tell_apart(code)
        self.session.note_altered(altered)
        self.session.redocumented = self.session.redocumented or found.redocumented
        for name in plan["makers"]:
            self.session.makers.update(((old.co_filename, name), (plan["code"].co_filename, name)))
        for name in plan["altered"]:
            self.session.behaves(self.name, name)
        alive = {function.__code__.co_qualname for function in altered}
        self.spent = {name for name in plan["decorated"] if name not in alive and name in self.namespace}
        planned = {entry["symbol"] for entry in plan["entries"]}
        for change in self.changes:
            if change["symbol"] in self.spent - planned:
                change["applied"] = False
                change["reason"] = "its decorator called it when it was defined, and what that gave stays"
        self._found, self._results = found, Results(found, self.session)
        self._results.drop(altered)
        self._not_reached()
        self._behind.closures(misfits)
        self._behind.local_classes(self.name, plan["classes"])
        return len(found.functions)

    def _move_classes(self) -> None:
        """`inspect` finds their text by the line that they say."""
        if self.step.record is None:
            return
        facts = class_facts(self.plan["old"] or self.step.running_code(), self.plan["code"])
        for cls in self.functions.classes if facts else ():
            said = facts.get((type_qualname(cls), self.transaction.members(cls).get("__firstlineno__")), {})
            for name, value in said.items():
                self.transaction.set_member(cls, name, value)

    def _cannot_tell_apart(self, code: Any) -> None:
        above = [each for each in self.changes if "range" in each and each["range"]["start"]["line"] < code.co_firstlineno]
        if above:
            above[-1]["applied"] = False
            above[-1]["reason"] = "lambdas on one line had the same code: which is which cannot be told"

    def _not_reached(self) -> None:
        """Functions that the script will yet define, from the text that was loaded."""
        if executing_line(self.namespace) is None:
            return
        for change in self.changes:
            if change["symbol"] in self.plan["altered"] and change["symbol"] not in self.namespace:
                if "." not in change["symbol"]:
                    change["applied"] = False
                    change["reason"] = NOT_REACHED

    @property
    def functions(self) -> Found:
        """The module's functions, at least those that can be reached from its names."""
        if self._found is None:
            self._found = Found(self.namespace)
            self._found.walk()
        return self._found

    def is_new(self, code: CodeType) -> bool:
        """Whether code belongs to the text that runs from now on; what a statement that is gone made has old code, and
        old lines.
        """
        if self.plan["code"] is None:
            return True
        if not self._codes:
            waiting = [self.plan["code"]]
            while waiting:
                each = waiting.pop()
                self._codes[id(each)] = each
                waiting += [constant for constant in each.co_consts if type(constant) is CodeType]
        return id(code) in self._codes

    def _line_of(self, function: FunctionType) -> int:
        """Where a function begins by the text that runs from now on."""
        found = function.__code__
        if not self.is_new(found):
            found = next((code for code in self._codes.values() if code.co_qualname == found.co_qualname), found)
        return found.co_firstlineno

    def drop_results(self) -> None:
        """Results that were cached by functions which call what changed."""
        stamp = self.session.stamp
        if not self.plan["uses"] and self._results is None or stamp == self._dropped_at:
            return
        since, self._dropped_at = self._dropped_at, stamp
        if self._results is None:
            self._results = Results(self.functions, self.session)
        self.dropped = self._results.drop_users(self.name, since) or self.dropped

    def is_remade(self, function: FunctionType) -> bool:
        """Whether an entry gives the function its successor anyway."""
        name = function.__qualname__
        for entry in self.plan["entries"]:
            if entry["must"] and entry["symbol"] == name:
                return True
            for part in entry.get("parts", ()):
                if part["must"] and part["symbol"] == name:
                    return True
        return False


def _brought(name: str, sources: tuple[str, ...]) -> bool:
    """Whether a star import of one of the modules brings a name."""
    return any(name in (namespace_of(sys.modules.get(source)) or ()) for source in sources)
