"""What is known of modules that were loaded before the agent came: texts that cannot have changed meanwhile."""
from __future__ import annotations

import _afresh
import os
from _afresh import clock_gettime, time
from _frozen_importlib_external import SourceFileLoader
from types import CodeType, FunctionType

from . import modules
from . import stale_objects as objects

_RESOLUTION = 0.01  # seconds: a tick, in which the kernel counts when processes start and files change


def catch_up(host: _afresh.Host) -> None:
    """Notes the texts of what is loaded. A module whose file is newer than the process is reloaded as a whole."""
    began = _process_start()
    host.since = 0 if began is None else int(began * 1000)
    if not host.since:
        return
    for name, namespace in modules.user_modules().items():
        if name == "__main__":
            _note_started(namespace, host.since)
        elif type(namespace.get("__loader__")) is SourceFileLoader and not modules.is_executing(name, namespace):
            record = _record(name, namespace["__loader__"], host.since)
            if record is not None and agrees(record, namespace):
                _afresh.loaded[name] = record


def _note_started(namespace: dict[str, object], since: int) -> None:
    """What `python -m` executes; a script is found by its path."""
    spec = namespace.get("__spec__")
    name = getattr(spec, "name", None)
    if type(name) is str and type(getattr(spec, "loader", None)) is SourceFileLoader:
        record = _record(name, spec.loader, since)
        if record is not None and agrees(record, namespace):
            _afresh.started[name] = record


def _record(name: str, loader: SourceFileLoader, since: int) -> _afresh.Loaded | None:
    path = loader.path
    if type(path) is not str or _leads_elsewhere(os.path.abspath(path), since):
        return None
    record = modules.unchanged_since(path, since)
    if record is not None:
        try:
            record.code = loader.source_to_code(record.source, path)
        except (SyntaxError, ValueError):
            return None  # then it cannot be what was loaded
        record.path = path
    return record


def agrees(record: _afresh.Loaded, namespace: dict[str, object]) -> bool:
    """Whether the module's functions are those of the text: a file server's clock can be behind this machine's."""
    name = namespace.get("__name__")
    own = set()
    waiting = [record.code]
    while waiting:
        code = waiting.pop()
        own.add(code)
        waiting += [constant for constant in code.co_consts if type(constant) is CodeType]
    values = list(namespace.values())
    for value in tuple(values):
        if objects.is_a(value, type) and objects.class_module(value) == name:
            values += objects.type_dict(value).values()
    return all(
        value.__code__ in own
        for value in values
        if type(value) is FunctionType and value.__code__.co_filename == record.path
    )


def _leads_elsewhere(path: str, since: int) -> bool:
    """Whether a symbolic link on the way was made meanwhile, as where releases are switched."""
    while path != os.path.dirname(path):
        try:
            status = os.lstat(path)
        except OSError:
            return True
        if status.st_mode & 0o170000 == 0o120000 and status.st_ctime_ns >= since * 1_000_000:
            return True
        path = os.path.dirname(path)
    return False


def _process_start() -> float | None:
    """Seconds since 1970; None where the system does not say."""
    try:
        with open("/proc/self/stat", "rb", 0) as file:
            fields = file.read().rpartition(b")")[2].split()
        # proc(5): the 22nd field counts ticks since the machine was started, a clock that goes on while it sleeps.
        from time import CLOCK_BOOTTIME

        age = clock_gettime(CLOCK_BOOTTIME) - int(fields[19]) / os.sysconf("SC_CLK_TCK")
    except (ImportError, OSError, IndexError, ValueError):
        return None
    return time() - age - _RESOLUTION
