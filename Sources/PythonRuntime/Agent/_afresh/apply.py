"""`apply` and `scan` of the host protocol: the steps of one plan, as one transaction.

A step's payload names its policy: `exact` steps are executed by `exact.py`, `patch` steps by `patch.py`, which provides

    executes(payload) -> bool                  whether statements of the program will be executed (else it only swaps)
    apply(step: Step, transaction) -> dict     {"executed", "changed", "changes"}, as in the result of `apply`

`patch.apply` changes the program through the transaction only, and raises what the program's statements raise. The
running text and code are kept from `step.source` and `step.code` afterwards.
"""
from __future__ import annotations

import _afresh
import marshal
import sys
from _afresh import CLOCK_MONOTONIC, clock_gettime, get_ident, perf_counter
from _functools import partial
from binascii import Error as NotBase64
from binascii import a2b_base64
from types import CodeType

from . import bytecode, delivery, exact, hooks, modules, rewriting, stale_host
from .failure import describe, let_go, signal_behind
from .quiet import collections
from .transaction import Transaction
from .wire import BAD_PARAMETERS, EXPIRED, REFUSED, RequestError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

    from .server import Server


class Step:
    """One module of a plan."""

    def __init__(self, description: Any, plans: tuple[Any, ...] = ()) -> None:
        if type(description) is not dict or type(description.get("module")) is not str:
            raise RequestError(BAD_PARAMETERS, "a step is an object with a module")
        self.name: str = description["module"]
        self.payload: dict[str, Any] = description.get("payload")
        if type(self.payload) is not dict or self.payload.get("policy") not in ("exact", "patch"):
            raise RequestError(BAD_PARAMETERS, f"the payload for {self.name} has no policy that is known here")
        number = self.payload.get("plan")
        if type(number) is int and not 0 <= number < len(plans):
            raise RequestError(BAD_PARAMETERS, f"there is no plan {number} for {self.name}")
        self.plan: dict[str, Any] | None = plans[number] if type(number) is int else None
        self.path: str | None = description.get("path")
        if self.path is not None and type(self.path) is not str:
            raise RequestError(BAD_PARAMETERS, f"the path of {self.name} is not a string")
        module = modules.module_named(self.name)
        if module is None:
            raise RequestError(BAD_PARAMETERS, f"{self.name} is not loaded here")
        self.module: ModuleType = module
        # Counted before anything here holds the namespace: each function of the module holds it once.
        self.references: int | None = None
        if not self.exact:
            from .patch_functions import references

            self.references = references(module)
        self.namespace: dict[str, Any] = modules.namespace_of(module)
        self.is_steady: Callable[[], bool] = bool  # whether it binds the names that it bound before
        self.record: _afresh.Loaded | None = modules.record_of(self.name)
        digest = description.get("digest")
        running = None if self.record is None else self.record.source
        if digest is not None and (running is None or modules.digest_of(running) != digest):
            raise RequestError(BAD_PARAMETERS, f"another text of {self.name} runs than the plan was made for")
        self.source: bytes | None = _bytes(self.payload, "source")
        self.code: CodeType | None = _code(self.payload, "code")
        self.loaded_from: str | None = None if self.record is None else self.record.path
        self.rewriting: rewriting.Rewriting | None = rewriting.Rewriting.of(self)
        if self.exact and self.rewriting is not None:
            self.code = self.rewriting.code(self.code)

    @property
    def exact(self) -> bool:
        return self.payload["policy"] == "exact"

    def keep(self) -> None:
        """After the commit: what runs now."""
        before = self.record
        generation = 1 if before is None else before.generation
        record = modules.record_of(self.name)
        if record is not before and record is not None:
            return  # the import hook saw the module being loaded from its file
        source = self.source if self.source is not None else before.source if before is not None else None
        code = self.code if self.code is not None else before.code if before is not None else None
        path = self.loaded_from or self.path
        if path is None:
            return
        importer = before.importer if before is not None else None
        # Where names got other values, and nothing else happened, it imports what it imported.
        number = before.number if before is not None and self.source is None and self.is_steady() else None
        modules.replace_record(self.name, _afresh.Loaded(path, source, code, importer, generation + 1, number))


class Apply:
    """A plan that was checked as far as it can be without touching anything."""

    def __init__(self, parameters: dict[str, Any]) -> None:
        self._settle: Callable[[], None] | None = None
        self._expires = parameters.get("expires")
        self._check_expiry()
        steps = parameters.get("steps")
        if type(steps) is not list:
            raise RequestError(BAD_PARAMETERS, "steps must be a list")
        plans = _plans(parameters)
        self._steps = [Step(step, plans) for step in steps]
        self._at: Step | None = None  # the one that is being carried out
        for step in self._steps:
            reason = exact.refused(step) if step.exact else _refused(step)
            if reason is not None:
                raise RequestError(REFUSED, reason, {"module": step.name})
        self._patch: ModuleType | None = None
        if any(not step.exact for step in self._steps):
            from . import patch

            self._patch = patch
        self.executes = any(
            step.exact or self._patch.executes(step.payload) or hooks.defined(step.namespace) for step in self._steps
        )
        saved = parameters.get("saved") or []
        if type(saved) is not list or any(type(path) is not str for path in saved):
            raise RequestError(BAD_PARAMETERS, "saved must be a list of paths")
        self._saved = [modules.real_path(path) for path in saved]
        _afresh.saved.update(self._saved)
        if self.executes:
            self._forget_files()

    def _check_expiry(self) -> None:
        # The clock of the protocol. A request may have waited, here or in the socket, while the process was stopped.
        if type(self._expires) in (int, float) and clock_gettime(CLOCK_MONOTONIC) * 1000 > self._expires:
            raise RequestError(EXPIRED, "the request is too old")

    def _forget_files(self) -> None:
        """What an import would take although it was made before the save."""
        for path in self._saved:
            bytecode.forget(path)
        _forget_listings()

    def afterwards(self) -> None:
        """What nobody has to wait for, where no statements of the program were to be executed."""
        self._forget_files()
        if self._settle is not None:
            self._settle()

    def run(self, thread: str) -> dict[str, Any]:
        """Executes the steps on the thread that calls."""
        self._check_expiry()
        started = perf_counter()
        captured = None if self.executes else stale_host.capture_code(self._steps)
        beforehand = stale_host.Beforehand(self._steps) if self.executes else None
        for step in self._steps if beforehand is not None else ():
            step.is_steady = partial(beforehand.is_steady, step.namespace)
        transaction = Transaction(_afresh.loads)
        transaction.runs = delivery.shield.statements
        transaction.beforehand = beforehand
        if self.executes:
            import warnings  # noqa: F401  (used inside: no file is to be read then)
        try:
            results = self._carry_out(transaction)
            swapping = perf_counter()
            transaction.flush()
            swapped = perf_counter() - swapping
            if self._patch is not None:
                self._patch.finish(transaction)
            transaction.commit()
        except BaseException as error:  # SystemExit and KeyboardInterrupt too: the program's statements raised it
            return self._failed(error, self._at, transaction, thread, started)
        if beforehand is not None:
            captured = beforehand.captured()
        answer = []
        for step, result in results:
            if result["changed"]:
                step.keep()
            elif step.source is not None:
                modules.replace_text(step.name, step.source, step.code)
            answer.append({"module": step.name, "generation": modules.generation_of(step.name), **result})
        if self.executes:  # what became old goes here, on the thread that the program would let it go on
            stale_host.settle(captured, self._steps, (), transaction.computed)
        else:
            self._settle = partial(stale_host.settle, captured, self._steps, transaction.replaced, transaction.computed)
        elapsed = (perf_counter() - started) * 1000
        return {
            "modules": answer,
            "thread": thread,
            "timings": {"apply": elapsed, "pause": elapsed if thread == "main" else swapped * 1000},
        }

    def _carry_out(self, transaction: Transaction) -> list[tuple[Step, dict[str, Any]]]:
        """Each step with what it did."""
        results = []
        for step in self._steps:
            self._at = step
            transaction.undo(modules.replace_record, step.name, step.record)
            if step.exact:
                transaction.open()
                transaction.touch(step.namespace)
                transaction.flush()
            policy = exact if step.exact else self._patch
            results.append((step, policy.apply(step, transaction)))
        for step, old in hooks.Hooks.of(transaction).touched(transaction):
            hooks.Hooks.after(step, old, transaction)
        return results

    def _failed(self, error: BaseException, step: Step | None, transaction: Transaction, thread: str,
                started: float) -> dict[str, Any]:
        delivery.shield.open = False
        own = {step.name for step in self._steps}
        loaded = [name for name in _afresh.loads.get(get_ident(), []) if name not in own]
        failure = describe(error, transaction, step.name if step is not None else "", loaded)
        problems = transaction.rollback()
        failure["undone"] = not problems
        failure["remains"] += problems
        elapsed = (perf_counter() - started) * 1000
        answer = {
            "modules": [],
            "generations": {step.name: modules.generation_of(step.name) for step in self._steps},
            "failure": failure,
            "thread": thread,
            "timings": {"apply": elapsed, "pause": elapsed if thread == "main" else 0.0},
        }
        if thread == "main":
            answer["signal"] = signal_behind(error)
        if _afresh.raised is not None:
            _afresh.raised.append((error, error.__traceback__))
        else:
            let_go(error)
        return answer


def start(server: Server, parameters: dict[str, Any]) -> dict[str, Any]:
    """`apply`. Raises Later if the main thread was asked to execute it."""
    plan = Apply(parameters)
    server.outstanding = None
    if plan.executes:
        collections.begin()
        return delivery.Job(server.host, plan.run).start()
    server.afterwards = plan.afterwards
    return plan.run("agent")


def scan(server: Server, parameters: dict[str, Any]) -> dict[str, Any]:
    """`scan`."""
    from .server import Interrupted

    try:
        result = stale_host.scan(parameters, server.more_urgent)
    except stale_host.stale.Cancelled:
        raise Interrupted from None
    listed = result["stale"]
    before, server.outstanding = server.outstanding, None
    if listed:
        from . import mend, outstanding

        mend.annotate(listed)
        server.outstanding = outstanding.after_scan(server.host, listed, before)
    return result


def _refused(step: Step) -> str | None:
    reason = modules.refusal(step.name, step.namespace)
    return None if reason is None else reason["message"]


def _bytes(payload: dict[str, Any], member: str) -> bytes | None:
    value = payload.get(member)
    if value is None:
        return None
    try:
        return a2b_base64(value)
    except (NotBase64, TypeError, ValueError):
        raise RequestError(BAD_PARAMETERS, f"{member} is not base64") from None


def _plans(parameters: dict[str, Any]) -> tuple[Any, ...]:
    """Of steps that have theirs in common."""
    data = _bytes(parameters, "plans")
    try:
        plans = () if data is None else marshal.loads(data)
    except (ValueError, EOFError, TypeError):
        plans = None
    if type(plans) is not tuple or any(type(plan) is not dict for plan in plans):
        raise RequestError(BAD_PARAMETERS, "plans are not what this interpreter has marshalled")
    return plans


def _code(payload: dict[str, Any], member: str) -> CodeType | None:
    data = _bytes(payload, member)
    if data is None:
        return None
    try:
        code = marshal.loads(data)
    except (ValueError, EOFError, TypeError):
        code = None
    if type(code) is not CodeType:
        raise RequestError(BAD_PARAMETERS, f"{member} is not a code object of this interpreter")
    return code


def _forget_listings() -> None:
    """New files are to be found, even those made within a folder's last tick. (Not `importlib.invalidate_caches`: that
    imports importlib.metadata, which costs 20 ms.)"""
    for finder in list(sys.path_importer_cache.values()):
        forget = getattr(finder, "invalidate_caches", None)
        if forget is not None and type(finder).__name__ == "FileFinder":
            forget()
