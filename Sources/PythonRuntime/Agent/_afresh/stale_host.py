"""Between `apply` and the stale scan: what the agent knows of the modules, and `scan` of the host protocol."""
from __future__ import annotations

from . import modules, stale

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    import _afresh

    from .apply import Step

_unwatched: dict[str, str] = {}  # module → why its old objects are not known: then nothing may be called live


def capture(steps: list[Step], only_code: bool) -> stale.Captured | None:
    """What the modules own before they change. The save goes on where that fails, and the scan says so.

    `only_code`: no statement will be executed.
    """
    take = stale.capture_code if only_code else stale.capture
    try:
        return take(_loaded(step.name, step.namespace, step.record) for step in steps)
    except Exception as error:
        _cannot_know(steps, error)
        return None


def settle(captured: stale.Captured | None, steps: list[Step], replaced: Iterable[tuple[Any, Any]] = ()) -> None:
    """After the commit, with what the modules are now. `replaced`: functions and the code that they had, where only code
    was captured.
    """
    if captured is None:
        return
    try:
        if replaced:
            stale.note_code(captured, replaced)
        stale.settle(captured, [_loaded(step.name, step.namespace, modules.record_of(step.name)) for step in steps])
    except Exception as error:
        _cannot_know(steps, error)


def scan(parameters: dict[str, Any], cancelled: Callable[[], bool]) -> dict[str, Any]:
    """`scan` of the host protocol. Raises `stale.Cancelled`."""
    samples = parameters.get("samples")
    samples = samples if type(samples) is int and 0 <= samples <= 10_000 else 20
    result = stale.scan(None, loaded_modules(), samples, cancelled)
    for name, reason in _unwatched.items():
        result["coverage"]["complete"] = False
        result["coverage"]["skipped"].append({"what": name, "reason": reason})
    return result


def loaded_modules() -> list[stale.Loaded]:
    """All user modules as they are now."""
    return [_loaded(name, namespace, modules.record_of(name)) for name, namespace in modules.user_modules().items()]


def _loaded(name: str, namespace: dict[str, Any], record: _afresh.Loaded | None) -> stale.Loaded:
    package = namespace.get("__package__")
    path = modules.path_of(name, namespace)
    if type(package) is not str:
        package = None
    if record is None:
        return stale.Loaded(name, namespace, None, path, 1, package)
    return stale.Loaded(name, namespace, record.code, path, record.generation, package, record.source)


def _cannot_know(steps: list[Step], error: Exception) -> None:
    for step in steps:
        _unwatched[step.name] = f"the search for old objects failed: {type(error).__name__}"
