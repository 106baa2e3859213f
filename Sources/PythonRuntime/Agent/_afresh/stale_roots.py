"""Where a walk can begin besides modules: local variables of running functions, tasks of event loops."""
from __future__ import annotations

import _thread
import sys
from _weakref import ReferenceType

from . import stale_objects as objects
from .stale_frames import function_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_referent = ReferenceType.__call__


def running_locals() -> Iterator[tuple[str, dict]]:
    """The variables of the functions that other threads execute, from CPython 3.13 on.

    Before, reading a frame's locals writes them into the dictionary that `locals()` gave the program, and keeps them.
    """
    if sys.version_info < (3, 13):
        return
    names = objects.thread_names()
    frames = sys._current_frames()
    frames.pop(_thread.get_ident(), None)
    for identifier, frame in frames.items():
        thread = names.get(identifier, f"thread {identifier}" if names else "MainThread")
        while frame is not None:
            if frame.f_code.co_flags & 1:  # a function's; those of a module are its namespace
                yield f"locals of {function_name(frame.f_code)} in {thread}", dict(frame.f_locals)
            frame = frame.f_back


def tasks() -> Iterator[tuple[str, dict]]:
    """The tasks of `asyncio`, which only their event loop refers to, and that only a running frame."""
    module = sys.modules.get("asyncio.tasks")
    if not objects.is_a(module, objects.MODULE):
        return
    namespace = objects.module_dict(module)
    for name in ("_scheduled_tasks", "_all_tasks"):
        known = objects.instance_dict(namespace.get(name)) or {}
        references = known.get("data")
        for reference in list(references) if type(references) is set else ():
            task = _referent(reference) if type(reference) is ReferenceType else None
            if task is not None:
                yield f"task {_task_name(task)}", {"": task}


def _task_name(task: Any) -> str:
    accelerated = sys.modules.get("_asyncio")
    kind = objects.module_dict(accelerated).get("Task") if objects.is_a(accelerated, objects.MODULE) else None
    name = kind.get_name(task) if type(kind) is type and type(task) is kind else None
    return name if type(name) is str else f"of type {objects.type_name(type(task))}"
