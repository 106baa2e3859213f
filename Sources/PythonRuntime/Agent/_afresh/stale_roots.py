"""Where a walk can begin besides modules: threads and their variables, tasks of event loops, handlers of signals.

Each place is a label and a dictionary of the agent's own; a key is what the path goes on with.
"""
from __future__ import annotations

import _signal
from _weakref import ReferenceType

from . import stale_objects as objects
from . import stale_paths as paths
from .stale_frames import BORROWS, function_name, of_threads, variables_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType
    from typing import Any

_referent = ReferenceType.__call__
_FUNCTION, _SUSPENDABLE = 0x1, 0x20 | 0x80 | 0x100 | 0x200  # flags of code


def running_locals(frames: list[tuple[FrameType, str]], ours: set[int]) -> Iterator[tuple[str, dict]]:
    """The variables of the functions that threads execute. `ours` gets the ids of dictionaries that are made by that.

    A variable that a nested function uses is in a cell (`cells`); those of a generator are the generator's own.
    """
    if not paths.frames_readable():
        return
    for frame, thread in frames:
        code = frame.f_code
        if not code.co_flags & _FUNCTION or code.co_flags & _SUSPENDABLE:
            continue  # a module's and a class's variables are in a dictionary of the program's
        variables = frame.f_locals
        if type(variables) is dict:
            ours.add(id(variables))
        elsewhere = code.co_cellvars + code.co_freevars
        if BORROWS:
            elsewhere += _borrowed(frame, variables)
        yield f"locals of {function_name(code)} in {thread}", {
            name: value for name, value in variables.items() if name not in elsewhere}


def _borrowed(frame: FrameType, variables: Any) -> tuple[str, ...]:
    """The parameters that a call may have given without counting a reference: its caller's variables hold them."""
    above = variables_of(frame.f_back)
    code = frame.f_code
    parameters = code.co_varnames[:code.co_argcount + code.co_kwonlyargcount]
    return tuple(name for name, value in variables.items() if name in parameters and id(value) in above)


def cells(frames: list[tuple[FrameType, str]]) -> dict[int, str]:
    """The variables that running functions share with nested ones: id of the value → path."""
    found = {}
    if paths.frames_readable():
        for frame, thread in frames:
            code = frame.f_code
            shared = code.co_cellvars + code.co_freevars
            if shared and code.co_flags & _FUNCTION:
                for name, value in frame.f_locals.items():
                    if name in shared:
                        found[id(value)] = f"locals of {function_name(code)} in {thread}.{name}"
    return found


def threads() -> list[tuple[str, dict]]:
    """The threads that `threading` knows: targets with their arguments, timers, attributes of classes of the program's."""
    threading = sys_module("threading")
    active = threading.get("_active")
    names = objects.thread_names()
    return [(f"thread {names[identifier]}", {"": thread})
            for identifier, thread in list(active.items() if type(active) is dict else ()) if identifier in names]


def signals() -> list[tuple[str, dict]]:
    """What the program has given to `signal.signal`."""
    found: dict[str, Any] = {}
    for number in range(1, _signal.NSIG):
        try:
            handler = _signal.getsignal(number)
        except ValueError:
            continue
        if handler is not None and type(handler) is not int:
            found[f" of {_signal_name(number)}"] = handler
    return [("signal handler", found)] if found else []


def _signal_name(number: int) -> str:
    for name, value in vars(_signal).items():
        if value == number and name.startswith("SIG") and "_" not in name:
            return name
    return f"signal {number}"


def tasks() -> Iterator[tuple[str, dict]]:
    """The tasks of `asyncio`, which only their event loop refers to, and that only a running frame."""
    namespace = sys_module("asyncio.tasks")
    for name in ("_scheduled_tasks", "_all_tasks"):
        known = objects.instance_dict(namespace.get(name)) or {}
        references = known.get("data")
        for reference in list(references) if type(references) is set else ():
            task = _referent(reference) if type(reference) is ReferenceType else None
            if task is not None:
                yield f"task {_task_name(task)}", {"": task}
    eager = namespace.get("_eager_tasks")
    for task in [*(eager if type(eager) is set else ()), *_native_tasks(namespace.get("_c_all_tasks"))]:
        yield f"task {_task_name(task)}", {"": task}


def _native_tasks(all_tasks: Any) -> list[Any]:
    """From CPython 3.14 on, every thread has a list of its tasks: C code goes through those of one loop."""
    found: list[Any] = []
    for frame, _ in of_threads() if all_tasks is not None and paths.frames_readable() else ():
        if frame.f_code.co_name == "run_forever":
            loop = frame.f_locals.get("self")
            if any(objects.class_path(cls) == "asyncio.base_events.BaseEventLoop" for cls in objects.type_mro(type(loop))):
                try:
                    found += all_tasks(loop)
                except Exception:
                    continue
    return found


def _task_name(task: Any) -> str:
    kind = sys_module("_asyncio").get("Task")
    name = kind.get_name(task) if type(kind) is type and type(task) is kind else None
    return name if type(name) is str else f"of type {objects.type_name(type(task))}"


def sys_module(name: str) -> dict:
    """The namespace of a module of the standard library, if it has been imported."""
    return next((namespace for other, namespace in objects.loaded_modules() if other == name), {})
