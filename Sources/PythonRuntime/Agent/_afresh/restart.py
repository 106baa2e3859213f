"""`restart` of the host protocol: the program begins anew, in the same process, with the command and terminal that it has.

First it is asked to end as by `sys.exit()`: its `finally` blocks, its threads, its `atexit` functions. Once it has, or
after a while if it does not, this process executes the command again. So whoever started the program goes on waiting
for it, and needs to know nothing.
"""
from __future__ import annotations

import _afresh
import _signal
import os
import sys
from _afresh import monotonic, sleep

from .wire import REFUSED, RequestError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PATIENCE = 3.0  # seconds that a program has to end by itself
_CHILDREN = 1.0  # seconds that its child processes have


def possible() -> bool:
    """Whether `afresh run` started this process, so that a person may expect that it can begin anew."""
    return os.environ.get("AFRESH_RUN_PID") == str(os.getpid()) and bool(_command())


def start(host: _afresh.Host) -> dict[str, Any]:
    """`restart`. The answer is sent before the program ends."""
    if not possible():
        raise RequestError(REFUSED, "only programs that `afresh run` started can be started again by it")
    if host.restart is None:
        host.restart = Restart(host)
        host.restart.begin()
    return {}


class Restart:
    """A restart that has been asked for."""

    def __init__(self, host: _afresh.Host) -> None:
        self._host = host
        self._deadline = monotonic() + _PATIENCE
        self._started = False

    def begin(self) -> None:
        """Asks the main thread to end the program; what `afresh` registered with `atexit` comes last, and executes."""
        if _signal.getsignal(_signal.SIGURG) is not _afresh.on_urgent:
            return
        self._host.job = self
        try:
            _signal.pthread_kill(self._host.main_thread, _signal.SIGURG)
        except OSError:
            pass

    def run(self) -> None:
        """On the main thread, from the signal handler: what `sys.exit()` does."""
        self._host.job = None
        raise SystemExit(0)

    def wait(self) -> float:
        """Seconds until the program is not waited for any longer."""
        return max(0.0, self._deadline - monotonic())

    def execute(self) -> None:
        """Begins anew. Returns only where the system refuses: then the program goes on, or ends."""
        if self._started:
            return
        self._started = True
        self._host.restart = None
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception:
                pass
        _end_children()
        try:
            os.chdir(self._host.directory)
        except OSError:
            pass
        self._host.close(unlink=True)
        environment = _environment()
        _signal.pthread_sigmask(_signal.SIG_SETMASK, self._host.mask)
        try:
            os.execve(sys.executable, [sys.executable, *_command()[1:]], environment)
        except OSError:
            self._host.open()


def _command() -> list[str]:
    command = getattr(sys, "orig_argv", None)
    if type(command) is not list or not sys.executable or any(type(each) is not str for each in command):
        return []
    return command


def _environment() -> dict[bytes, bytes]:
    """As the program was started with; where the system does not say, as it is now."""
    try:
        with open("/proc/self/environ", "rb", 0) as file:
            entries = file.readall().split(b"\0")
        return dict(entry.split(b"=", 1) for entry in entries if b"=" in entry[1:])
    except (OSError, ValueError):
        return dict(os.environb)


def _children() -> list[int]:
    """The processes that this one has started and that still run; none where the system does not say."""
    found = []
    try:
        for task in os.listdir("/proc/self/task"):
            with open(f"/proc/self/task/{task}/children", "rb", 0) as file:
                found += map(int, file.readall().split())
    except (OSError, ValueError):
        pass
    return found


def _end_children() -> None:
    """Workers that outlive their program would keep its ports, and run beside the new ones."""
    waiting = _children()
    for pid in waiting:
        try:
            os.kill(pid, _signal.SIGTERM)
        except OSError:
            pass
    end = monotonic() + _CHILDREN
    while waiting and monotonic() < end:
        for pid in list(waiting):
            try:
                if os.waitpid(pid, os.WNOHANG)[0]:
                    waiting.remove(pid)
            except OSError:
                waiting.remove(pid)
        if waiting:
            sleep(0.01)
