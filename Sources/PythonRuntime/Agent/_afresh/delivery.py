"""Where statements of the program are executed: on its main thread if that can be interrupted, else on the agent's.

`signal.signal`, event loops and windows work on the main thread only. It is reached by a signal, and only while it
waits in a call: a handler that runs in the middle of other statements could meet their locks. No save ever waits for it.
"""
from __future__ import annotations

import _afresh
import _signal
import os
import sys
from opcode import opmap

from _afresh import allocate_lock, clock_gettime, get_ident, monotonic, sleep

from .server import Later, haste

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_PICK_UP = 0.03  # seconds that the main thread has to take a job
_LOOK = 0.0005  # seconds between two looks at the main thread
_BETWEEN = frozenset(number for name, number in opmap.items() if name == "RESUME" or name.startswith("JUMP_"))
"""Instructions at which a thread that computes lets others run. One that waits stands at a call."""
_PATIENCE = 3.0  # seconds for which statements may wait on the main thread
_BUSY = 0.0001  # seconds of processor time between them from which on it is at work


class Shield:
    """Python's Ctrl-C raises between any two instructions: it may end the program's statements, not the journal's work."""

    def __init__(self) -> None:
        self.open = False  # statements of the program run
        self._missed = False

    def raise_(self) -> None:
        self._missed = False
        if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
            _signal.signal(_signal.SIGINT, self)

    def lower(self) -> bool:
        """Whether a Ctrl-C came that nobody has seen."""
        if _signal.getsignal(_signal.SIGINT) is self:
            _signal.signal(_signal.SIGINT, _signal.default_int_handler)
        return self._missed

    def __call__(self, number: int, frame: object) -> None:
        if self.open:
            _signal.default_int_handler(number, frame)
        self._missed = True

    def statements(self, action: Callable[..., Any], *arguments: Any) -> Any:
        """Calls what executes statements of the program."""
        self.open = True
        try:
            return action(*arguments)
        finally:
            self.open = False


shield = Shield()


class Abandoned(BaseException):
    """Raised in statements that wait on the main thread, perhaps for something that the main thread holds."""


class Job:
    """Something to execute, exactly once, by whichever thread claims it first."""

    def __init__(self, host: _afresh.Host, action: Callable[[str], dict[str, Any]]) -> None:
        self._host = host
        self._action = action  # gets the thread's name: "main" or "agent"
        self._claim = allocate_lock()
        self._deadline = 0.0
        self._done = False
        self.answered = False  # the result has been sent
        self._watch: tuple[Any, ...] = ()  # where the main thread was seen in the statements
        self._watched_since = 0.0
        self._abandoned = False
        self._result: dict[str, Any] | None = None
        self._error: BaseException | None = None

    def start(self) -> dict[str, Any]:
        """The result, if it is there at once. Raises Later if the main thread was asked."""
        reason = _why_not_main(self._host)
        if reason is None:
            self._deadline = monotonic() + _PICK_UP
            self._host.job = self
            try:
                _signal.pthread_kill(self._host.main_thread, _signal.SIGURG)
            except OSError:
                reason = "the main thread has ended"
        if reason is None:
            raise Later(self)
        self._claim.acquire()
        return self._on_agent(reason)

    def limit(self) -> float | None:
        """Seconds until `advance` has something to do by itself; None: it is woken."""
        if self._done:
            return 0.0
        return _PATIENCE / 3 if self._claim.locked() else max(0.0, self._deadline - monotonic())

    def advance(self) -> dict[str, Any]:
        """On the agent's thread. Raises Later while there is nothing new."""
        if not self._done:
            if monotonic() < self._deadline or not self._claim.acquire(False):
                self._look_after_main()
                raise Later(self)
            return self._on_agent(f"the main thread did not take it within {_PICK_UP * 1000:.0f} ms")
        if self._abandoned and self._action is not _spent:
            return self._on_agent(f"on the main thread they waited for {_PATIENCE:.0f} s, and were undone there")
        return self._answer()

    def _look_after_main(self) -> None:
        """Statements that wait on the main thread stop the program: for ever, if they wait for its lock or loop."""
        if not self._claim.locked() or self._abandoned:
            return
        frame = sys._current_frames().get(self._host.main_thread)
        used = _processor_time(self._host.main_thread)
        watch = (id(frame), frame.f_lasti if frame is not None else 0, None if used is None else round(used, 3))
        if watch != self._watch:
            self._watch = watch
            self._watched_since = monotonic()
        elif monotonic() - self._watched_since >= _PATIENCE and shield.open:
            self._abandoned = True
            _signal.pthread_kill(self._host.main_thread, _signal.SIGURG)

    def run(self) -> None:
        """On the main thread, from the signal handler. Raises nothing into the program."""
        if not self._claim.acquire(False):
            if self._abandoned and shield.open:
                raise Abandoned
            return
        repeat = None
        # This frame may outlive the answer by a moment, and the search for old objects must not find them held by it.
        action, self._action = self._action, _spent
        try:
            shield.raise_()
            self._result = action("main")
            repeat = self._result.pop("signal", None)
        except BaseException as error:
            self._error = error
        if self._abandoned and self._result is not None and "failure" in self._result:
            self._action, repeat = action, None
        action = _spent
        if shield.lower():
            repeat = _signal.SIGINT
        self._done = True
        self._host.job = None
        self._host.notify()
        if repeat is not None:
            # The server is to hear of it before the program ends.
            for _ in range(100):
                if self.answered:
                    break
                sleep(0.001)
            _signal.raise_signal(repeat)  # Ctrl-C ended the reload, and was meant for the program

    def _on_agent(self, reason: str) -> dict[str, Any]:
        server = self._host.server
        process = os.getpid()
        self._host.job = None
        server.executing = True
        haste.end()
        # What the statements start inherits the mask, and must not be deaf.
        mask = _signal.pthread_sigmask(_signal.SIG_SETMASK, self._host.mask)
        try:
            action, self._action = self._action, _spent
            self._result = action("agent")
            self._result["note"] = f"statements ran on the agent's thread: {reason}"
        except BaseException as error:
            self._error = error
        finally:
            if os.getpid() != process:
                os._exit(0)  # the statements forked, and came back here in the child
            _signal.pthread_sigmask(_signal.SIG_SETMASK, mask)
            server.executing = False
            _forget_thread()
        self._done = True
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        error, self._error = self._error, None
        if error is not None:
            raise error
        return self._result if self._result is not None else {}


def _spent(_thread: str) -> dict[str, Any]:
    """Stands where an action was that has been executed."""
    return {}


def _why_not_main(host: _afresh.Host) -> str | None:
    """Why the main thread cannot be asked; None if it can."""
    if _signal.getsignal(_signal.SIGURG) is not _afresh.on_urgent:
        return "the program uses SIGURG itself"
    before = sys._current_frames().get(host.main_thread)
    if before is None:
        return "the main thread has ended"
    at = before.f_lasti
    used = _processor_time(host.main_thread)
    sleep(_LOOK)
    now = sys._current_frames().get(host.main_thread)
    if now is not before or now.f_lasti != at:
        return "the main thread was busy"
    operation = now.f_code.co_code[at] if 0 <= at < len(now.f_code.co_code) else -1
    if operation in _BETWEEN:
        return "the main thread was busy"
    if "pause" in now.f_code.co_names:
        return "the main thread may be in signal.pause(), which any signal ends"
    if used is not None and _processor_time(host.main_thread) - used > _BUSY:
        return "the main thread was busy"
    return None


def _processor_time(thread: int) -> float | None:
    """Seconds that a thread has computed; None where the system does not say."""
    try:
        from time import pthread_getcpuclockid

        return clock_gettime(pthread_getcpuclockid(thread))
    except (ImportError, OSError):
        return None


def _forget_thread() -> None:
    """`threading.current_thread()` in the statements entered the agent's thread into the program's list."""
    threading = sys.modules.get("threading")
    active = getattr(threading, "_active", None)
    if type(active) is dict:
        active.pop(get_ident(), None)
