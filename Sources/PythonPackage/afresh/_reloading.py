"""`reload` with `importlib.reload`'s contract. The work is done by what a save goes through as well: the command
`afresh reload`, a checker, and the agent in this process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from types import ModuleType, TracebackType
from typing import Any

from . import _command
from ._report import Report

POLICIES = ("patch", "exact")
DEPENDENTS = ("affected", "all", "none")
_last: Report | None = None


class NotLive(RuntimeError):
    """This program cannot be made live; the message says why."""


class Refused(ImportError):
    """The module cannot be reloaded in a running program (an extension module, say). Nothing was touched."""


class Failed(RuntimeError):
    """The reload did not come to an end, or not everything could be put back: restart the program."""


def reload(
    module: ModuleType, *, policy: str = "patch", dependents: str = "affected", force: bool = False
) -> ModuleType:
    """Brings the saved text of a module into this program, with the modules that use it; answers the module.

    The module object stays the same, as with `importlib.reload`, and what goes wrong is raised as there: TypeError for
    what is no module, ImportError for one that is not in `sys.modules`, SyntaxError, and what its statements raise.
    Other than there, everything is as it was before then. `report()` says what was done and what is still old.

    `policy`: "patch" executes what the edit changed, in place; "exact" all of it, as `importlib.reload` does.
    `dependents`: which of the modules that use it follow: "affected", "all" or "none".
    `force`: executes the module although its text is what runs already.
    """
    if not isinstance(module, ModuleType):
        raise TypeError("reload() argument must be a module")
    spec = getattr(module, "__spec__", None)
    name = getattr(spec, "name", None) or module.__name__
    if sys.modules.get(name) is not module:
        raise ImportError(f"module {name} not in sys.modules", name=name)
    parent = name.rpartition(".")[0]
    if parent and parent not in sys.modules:
        raise ImportError(f"parent {parent!r} not in sys.modules", name=parent)
    made, error = bring_in([name], policy=policy, dependents=dependents, force=force)
    if made.outcome == "blocked":
        raise _syntax_error(module, made)
    if made.outcome == "rolledBack" and error is not None:
        raise error
    if made.outcome == "refused":
        path = getattr(module, "__file__", None)
        if spec is None or isinstance(path, str) and not os.path.exists(path):
            raise ModuleNotFoundError(f"spec not found for the module {name!r}", name=name)
        raise Refused(made.message, name=name)
    if made.outcome in ("failed", "rolledBack"):
        raise Failed(made.message)
    return sys.modules[name]


def report() -> Report | None:
    """What the last reload that was asked for in this program did; None before the first."""
    return _last


def status() -> Report:
    """How this program stands: its modules with their generations, and every stale reference that remains."""
    start()
    objects, complaint = _ask("status", "--json", "--pid", str(os.getpid()))
    if not objects:
        raise Failed(complaint or "the program does not answer")
    return Report(objects[-1])


def start() -> None:
    """Makes this program live, as `afresh run` does where it starts; nothing if it is. To be called on the main thread.

    Raises NotLive. What was loaded before is reloaded as a whole where its file has changed since the process began.
    """
    agent: Any = sys.modules.get("_afresh")
    if agent is not None and agent.host is not None and agent.host.pid == os.getpid():
        return
    done = _run("attach", "--script")
    if done.returncode != 0:
        raise NotLive(done.stderr.strip() or "the agent cannot be laid out")
    path = os.path.join(os.path.dirname(done.stdout.strip()), "boot", "attach.py")
    names: dict[str, Any] = {"__name__": "afresh_attach", "__file__": path}
    with open(path) as file:
        exec(compile(file.read(), path, "exec"), names)
    if names["trouble"]:
        raise NotLive(names["trouble"][1])


def bring_in(names: list[str], *, policy: str, dependents: str, force: bool) -> tuple[Report, BaseException | None]:
    """Reloads modules in one transaction: the report, and what a statement raised."""
    global _last
    if policy not in POLICIES:
        raise ValueError(f"policy must be 'patch' or 'exact', not {policy!r}")
    if dependents not in DEPENDENTS:
        raise ValueError(f"dependents must be 'affected', 'all' or 'none', not {dependents!r}")
    start()
    agent: Any = sys.modules["_afresh"]
    options = ["--policy", policy, "--dependents", dependents, *(["--force"] if force else [])]
    agent.raised = raised = []  # the agent puts the exception itself here
    try:
        objects, complaint = _ask("reload", "--json", "--pid", str(os.getpid()), *options, "--", *names)
    finally:
        agent.raised = None
    if not objects:
        raise Failed(complaint or "the reload has not answered")
    made = _last = Report(objects[-1], earlier=objects[0])
    if not made.modules and not made.errors and made.outcome == "unchanged":
        raise Refused(complaint or f"{', '.join(names)} cannot be reloaded", name=names[0])
    return made, _as_it_was_raised(raised[-1]) if raised else None


def _ask(*arguments: str) -> tuple[list[dict[str, Any]], str]:
    """The objects that a command printed, and what it said to a person."""
    done = _run(*arguments)
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr.strip()


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [_command.path(), *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")


def _as_it_was_raised(raised: tuple[BaseException, TracebackType | None]) -> BaseException:
    """With the frames of the program, without those that led to them."""
    error, traceback = raised
    agent: Any = sys.modules["_afresh"]
    while traceback is not None:
        path = traceback.tb_frame.f_code.co_filename
        if not path.startswith(agent.AGENT) and not agent.is_import_system(path):
            break
        traceback = traceback.tb_next
    return error.with_traceback(traceback)


def _syntax_error(module: ModuleType, made: Report) -> BaseException:
    """The interpreter's own, for the text that is on disk."""
    path = getattr(module, "__file__", None)
    try:
        loader: Any = module.__spec__.loader  # type: ignore[union-attr]
        loader.source_to_code(loader.get_data(path), path)
    except Exception as error:  # SyntaxError; ValueError for a null byte in older versions
        return error.with_traceback(None)
    # It has been mended meanwhile.
    return SyntaxError("; ".join(error.message for error in made.errors) or made.message)
