"""`apply` and `scan` of the host protocol: the steps of one plan, as one transaction.

A step's payload names its policy: `exact` steps are executed by `exact.py`, `patch` steps by `patch.py`, which provides

    executes(payload) -> bool                  whether statements of the program will be executed (else it only swaps)
    apply(step: Step, transaction) -> dict     {"executed", "changed", "changes"}, as in the result of `apply`

The new text is `source`; or, made of the one that runs, `edit`: how many bytes both share at the beginning, at the end, and what is between.

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
from .transaction import Transaction, namespace_of
from .wire import BAD_PARAMETERS, EXPIRED, REFUSED, RequestError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType
    from typing import Any

    from .server import Server


class Step:
    """One module of a plan."""

    source: bytes | None = None
    code: CodeType | None = None
    references: int | None = None  # to the module's dictionary
    number: int | None = None  # of the plan that says all: it was not described by itself

    def __init__(self, name: str, path: str | None, digest: Any, payload: dict[str, Any], plan: Any) -> None:
        """`plan`: where several steps have theirs in common."""
        self.name = name
        self.path = path
        self.payload = payload
        self.plan = plan
        self.exact: bool = payload["policy"] == "exact"
        module = sys.modules.get(name)
        if namespace_of(module) is None:
            raise RequestError(BAD_PARAMETERS, f"{name} is not loaded here")
        self.module: ModuleType = module
        if not self.exact and ("source" in payload or "edit" in payload):
            from .patch_functions import references

            # Counted before anything here holds the namespace: each function of the module holds it once.
            self.references = references(module)
        self.namespace: dict[str, Any] = namespace_of(module)
        self.record: _afresh.Loaded | None = modules.record_of(name)
        running = None if self.record is None else self.record.source
        if digest is not None and (running is None or modules.digest_of(running) != digest):
            raise RequestError(BAD_PARAMETERS, f"another text of {name} runs than the plan was made for")
        if "source" in payload:
            self.source = _bytes(payload, "source")
        elif "edit" in payload:
            if running is None or digest is None:
                raise RequestError(BAD_PARAMETERS, f"the text of {name} is not known here")
            try:
                before, after, middle = payload["edit"]
                self.source = running[:before] + a2b_base64(middle) + running[len(running) - after :]
            except (NotBase64, TypeError, ValueError):
                raise RequestError(BAD_PARAMETERS, f"the edit of {name} is not one") from None
        if "code" in payload:
            self.code = _code(payload, "code")
        self.loaded_from: str | None = None if self.record is None else self.record.path
        self.rewriting: rewriting.Rewriting | None = rewriting.Rewriting.of(self)
        if self.exact and self.rewriting is not None:
            self.code = self.rewriting.code(self.code)

    def running_code(self, is_compilers: bool = False) -> CodeType:
        """Of the text that runs. `is_compilers`: also where a loader has made what runs in a way of its own."""
        record = self.record
        if record is None or record.source is None:
            raise RequestError(BAD_PARAMETERS, f"the text of {self.name} is not known here")
        if is_compilers and self.rewriting is not None:
            return self.rewriting.before or modules.compiled(record.source, record.path)
        # Where nobody saw it being executed, the checker may have been told by another program what it is.
        return record.code or modules.compiled(record.source, record.path)

    def keep(self, beforehand: stale_host.Beforehand | None) -> None:
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
        number = before.number if before is not None and self.source is None and beforehand is not None \
            and beforehand.is_steady(self.namespace) else None
        modules.replace_record(self.name, _afresh.Loaded(path, source, code, importer, generation + 1, number))


class Apply:
    """A plan that was checked as far as it can be without touching anything."""

    def __init__(self, parameters: dict[str, Any]) -> None:
        self.rest: list[Callable[[], object]] = []  # what nobody has to wait for
        self._expires = parameters.get("expires")
        self._check_expiry()
        steps = parameters.get("steps")
        if type(steps) is not list:
            raise RequestError(BAD_PARAMETERS, "steps must be a list")
        graph = parameters.get("graph")
        if graph is not None and not modules.graph.is_current(graph):
            raise RequestError(BAD_PARAMETERS, "other modules are loaded than when it was asked last")
        plans = _plans(parameters)
        self._steps = list(_steps(steps, plans))
        self._at: Step | None = None  # the one that is being carried out
        for step in self._steps:
            reason = exact.refused(step) if step.exact else _refused(step)
            if reason is not None:
                raise RequestError(REFUSED, reason, {"module": step.name})
        self._patch: ModuleType | None = None
        self._as_planned: Any = None
        if any(not step.exact for step in self._steps):
            from . import patch

            self._patch = patch
            self._as_planned = patch.AS_PLANNED
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
        else:
            self.rest.append(self._forget_files)

    def _check_expiry(self) -> None:
        # The clock of the protocol. A request may have waited, here or in the socket, while the process was stopped.
        if type(self._expires) in (int, float) and clock_gettime(CLOCK_MONOTONIC) * 1000 > self._expires:
            raise RequestError(EXPIRED, "the request is too old")

    def _forget_files(self) -> None:
        """What an import would take although it was made before the save."""
        for path in self._saved:
            bytecode.forget(path)
        _forget_listings()

    def run(self, thread: str) -> dict[str, Any]:
        """Executes the steps on the thread that calls."""
        self._check_expiry()
        started = perf_counter()
        captured = None if self.executes else stale_host.capture_code(self._steps)
        beforehand = stale_host.Beforehand(self._steps) if self.executes else None
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
                step.keep(beforehand)
            elif step.source is not None:
                modules.replace_text(step.name, step.source, step.code)
            generation = modules.generation_of(step.name)
            if result is not self._as_planned:
                answer.append({"module": step.name, "generation": generation, **result})
            else:
                last = answer[-1] if answer else {}
                if last.get("generation") == generation and last.get("plans", (0, None))[1] == step.number - 1:
                    last["plans"][1] = step.number
                else:
                    answer.append({"plans": [step.number, step.number], "generation": generation})
        if self.executes:  # what became old goes here, on the thread that the program would let it go on
            if captured is not None and captured.names:  # constants, which nobody notices going
                of_names = [step for step in self._steps if step.name in captured.names]
                self.rest.append(partial(stale_host.settle, captured.take_names(), of_names))
            stale_host.settle(captured, self._steps, (), transaction.computed)
        else:
            self.rest.append(
                partial(stale_host.settle, captured, self._steps, transaction.replaced, transaction.computed))
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
        if self._patch is not None:
            self._patch.end(transaction, results)
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
    server.afterwards = partial(_finish, plan.rest)  # and not with the plan, which holds what is old
    if plan.executes:
        collections.begin()
        return delivery.Job(server.host, plan.run).start()
    return plan.run("agent")


def _finish(rest: list[Callable[[], object]]) -> None:
    while rest:
        rest.pop(0)()


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


def _plans(parameters: dict[str, Any]) -> list[Any]:
    """Of steps that have theirs in common. The last ones are kept: a constant that is saved again has the same dependents."""
    global _kept
    plans = parameters.get("plans")
    if plans is None:
        return []
    name = plans.get("name") if type(plans) is dict else None
    if type(name) is not str:
        raise RequestError(BAD_PARAMETERS, "plans have a name")
    data = _bytes(plans, "data")
    if data is not None:
        from .patch_constants import plans_of

        try:
            _kept = name, plans_of(marshal.loads(data))
        except (ValueError, EOFError, TypeError):
            raise RequestError(BAD_PARAMETERS, "plans are not what this interpreter has marshalled") from None
    elif _kept[0] != name:
        raise RequestError(BAD_PARAMETERS, "these plans are not known here")
    return _kept[1]


_kept: tuple[str, list[Any]] = "", []


def _steps(described: list[Any], plans: list[Any]) -> Iterator[Step]:
    for each in described:
        if type(each) is not dict:
            raise RequestError(BAD_PARAMETERS, "a step is an object")
        if "plans" in each:
            yield from _in_short(each["plans"], plans)
            continue
        name, path, payload = each.get("module"), each.get("path"), each.get("payload")
        if type(name) is not str:
            raise RequestError(BAD_PARAMETERS, "a step is an object with a module")
        if type(payload) is not dict or payload.get("policy") not in ("exact", "patch"):
            raise RequestError(BAD_PARAMETERS, f"the payload for {name} has no policy that is known here")
        number = payload.get("plan")
        if type(number) is int and not 0 <= number < len(plans):
            raise RequestError(BAD_PARAMETERS, f"there is no plan {number} for {name}")
        if path is not None and type(path) is not str:
            raise RequestError(BAD_PARAMETERS, f"the path of {name} is not a string")
        yield Step(name, path, each.get("digest"), payload, plans[number] if type(number) is int else None)


def _in_short(numbers: Any, plans: list[Any]) -> Iterator[Step]:
    """The steps of plans that say for which modules they are, from the first number to the last."""
    if type(numbers) is not list or len(numbers) != 2 or any(type(number) is not int for number in numbers):
        raise RequestError(BAD_PARAMETERS, "plans are said by the first and the last of them")
    if not 0 <= numbers[0] <= numbers[1] < len(plans):
        raise RequestError(BAD_PARAMETERS, f"there are no plans {numbers[0]} to {numbers[1]}")
    payload = {"policy": "patch"}
    for number in range(numbers[0], numbers[1] + 1):
        plan = plans[number]
        if type(plan) is bytes:
            raise RequestError(BAD_PARAMETERS, f"plan {number} does not say for which module it is")
        step = Step(plan.module, None, plan.digest, payload, plan)
        step.number = number
        yield step


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
