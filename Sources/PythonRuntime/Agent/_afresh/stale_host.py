"""Between `apply` and the stale scan: what the agent knows of the modules, and `scan` of the host protocol."""
from __future__ import annotations

from . import modules, stale, typed
from .stale_objects import is_constant
from .transaction import ABSENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import CodeType
    from typing import Any

    import _afresh

    from .apply import Step

_unwatched: dict[str, str] = {}  # module → why its old objects are not known: then nothing may be called live


def capture_code(steps: list[Step]) -> stale.Captured | None:
    """What the modules execute, before functions of them get other code. The save goes on where that fails, and the scan
    says so.
    """
    try:
        return stale.capture_code(_loaded(step.name, step.namespace, step.record) for step in steps)
    except Exception as error:
        _cannot_know(steps, error)
        return None


class Beforehand:
    """What the modules of a transaction owned before it, noted when the first of it is about to change: a thousand
    dependents whose names get other constants, and nothing else, need not be searched.
    """

    def __init__(self, steps: list[Step]) -> None:
        self._steps = {id(step.namespace): step for step in steps}
        self._waiting = dict(self._steps)
        self._captured: stale.Captured | None = stale.Captured()
        self._grown: set[int] = set()  # ids of namespaces that got other names

    def namespaces(self) -> Iterable[dict[str, Any]]:
        """All that statements which may do anything could write to."""
        return modules.user_modules().values()

    def codes(self) -> dict[str, CodeType]:
        """What modules executed; of those that have come to their turn, what they will have executed."""
        found = {name: record.code for name in modules.user_modules() if (record := modules.record_of(name)) is not None and record.code is not None}
        found.update((step.name, step.code) for step in self._steps.values() if step.code is not None)
        return found

    def importers(self) -> dict[str, tuple[str, bool] | None]:
        """Who asked for the modules when they were loaded, and whether in a function; None where that is not known."""
        return {name: record.importer for name in modules.user_modules() if (record := modules.record_of(name)) is not None}

    def of_module(self, namespace: dict[str, Any]) -> None:
        """A module is about to be changed."""
        step = self._waiting.pop(id(namespace), None)
        if step is not None:
            self._note(step, None)

    def of_all(self) -> None:
        """Anything is about to be changed."""
        for step in self._waiting.values():
            self._note(step, None)
        self._waiting.clear()

    def of_names(self, namespace: dict[str, Any], before: dict[str, Any]) -> bool:
        """Names are about to be bound anew: `before` says what they are bound to. False if that is no matter of
        constants alone: then the module is about to be changed.
        """
        constants = {name: value for name, value in before.items() if value is not ABSENT}
        step = self._waiting.get(id(namespace))
        if step is None or not all(map(is_constant, constants.values())):
            return False
        self._note(step, constants)
        if len(constants) < len(before):
            self._grown.add(id(namespace))
        return True

    def _note(self, step: Step, constants: dict[str, Any] | None) -> None:
        if self._captured is None:
            return
        try:
            if constants is None:
                stale.capture_module(self._captured, _loaded(step.name, step.namespace, step.record))
            else:
                record = step.record
                generation, code = (1, None) if record is None else (record.generation, record.code)
                stale.capture_names(self._captured, step.name, generation, code, constants)
        except Exception as error:
            self._captured = None
            _cannot_know(list(self._steps.values()), error)

    def is_steady(self, namespace: dict[str, Any]) -> bool:
        """Whether names got other values that had one, and nothing else happened to the module."""
        return id(namespace) in self._waiting and id(namespace) not in self._grown

    def captured(self) -> stale.Captured | None:
        captured, self._captured = self._captured, None
        return captured


def settle(captured: stale.Captured | None, steps: list[Step], replaced: Iterable[tuple[Any, Any]] = (),
           computed: dict[tuple[str, str], Any] | None = None) -> None:
    """After the commit, with what the modules are now. `replaced`: functions and the code that they had, where only code
    was captured. `computed`: as the transaction's.
    """
    if captured is None:
        return
    try:
        if replaced:
            stale.note_code(captured, replaced)
        touched, names = set(captured.modules), captured.names
        stale.settle(captured, [_now(step, step.name not in names) for step in steps if step.name in touched])
        if computed is not None:
            _keep(computed, steps)
        console = typed.loaded() if captured.changed else None
        if console is not None:
            stale.computed(console, captured.changed, {step.name: _now(step) for step in steps})
    except Exception as error:
        _cannot_know(steps, error)


def _keep(computed: dict[tuple[str, str], Any], steps: list[Step]) -> None:
    for step in steps:
        if step.exact and stale.keeps():
            computed.update(((step.name, name), None) for name in step.namespace)
    names = {name for name, _ in computed}
    generations = {step.name: 1 if step.record is None else step.record.generation for step in steps}
    stale.keep(computed, [_now(step) for step in steps if step.name in names], generations)
    computed.clear()


def _now(step: Step, with_path: bool = True) -> stale.Loaded:
    return _loaded(step.name, step.namespace, modules.record_of(step.name), with_path)


def scan(parameters: dict[str, Any], cancelled: Callable[[], bool]) -> dict[str, Any]:
    """`scan` of the host protocol. Raises `stale.Cancelled`."""
    samples = parameters.get("samples")
    samples = samples if type(samples) is int and 0 <= samples <= 10_000 else 20
    result = stale.scan(None, loaded_modules() if stale.has_old() else (), samples, cancelled)
    for name, reason in _unwatched.items():
        result["coverage"]["complete"] = False
        result["coverage"]["skipped"].append({"what": name, "reason": reason})
    return result


def loaded_modules() -> list[stale.Loaded]:
    """All user modules as they are now."""
    found = [_loaded(name, namespace, modules.record_of(name)) for name, namespace in modules.user_modules().items()]
    console = typed.loaded()
    return found if console is None else [*found, console]


def _loaded(name: str, namespace: dict[str, Any], record: _afresh.Loaded | None, with_path: bool = True) -> stale.Loaded:
    """`with_path`: or nobody will ask where its file is."""
    package = namespace.get("__package__")
    path = modules.path_of(name, namespace) if with_path else None
    if type(package) is not str:
        package = None
    if record is None:
        return stale.Loaded(name, namespace, None, path, 1, package)
    return stale.Loaded(name, namespace, record.code, path, record.generation, package, record.source)


def _cannot_know(steps: list[Step], error: Exception) -> None:
    for step in steps:
        _unwatched[step.name] = f"the search for old objects failed: {type(error).__name__}"
