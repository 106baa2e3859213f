"""Work on a copy of the process: the program does not stand still meanwhile, and nothing moves in what is looked at.

The copy is the child of a child that ends at once: the program's own children, and whoever waits for them, see nothing
of it. It closes every descriptor that it inherited, takes no signal, runs nothing at its end and has its time limited by
the kernel. What remains visible is what every `fork` does: the program's own `os.register_at_fork` hooks run, and what
other threads keep in thread-local variables is let go of in the copy. `AFRESH_FORK=0` in the environment forbids it.
"""
from __future__ import annotations

import _afresh
import _signal
import os
import sys
from _afresh import POLLIN, get_ident, monotonic, poll

from .quiet import Deprecations
from .wire import decode, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_SLICE = 5  # milliseconds between two questions whether there is something more urgent
_ANNOUNCED = 1000  # milliseconds within which a copy says that it is there
_LINE = 1 << 24  # a line number that no file has: by it the warning of a fork is told from the program's own
# Measured on Linux: a fork copies the tables of about 40 MB in a millisecond, a pass of the collector sees 25,000 objects.
_PAGES_IN_A_MILLISECOND = 10_000
_BLOCKS_IN_A_MILLISECOND = 25_000
_WAITS = {"x86_64": {61: "0xffffffff", 247: "0x0"}, "aarch64": {260: "0xffffffff", 95: "0x0"}}  # wait4(−1), waitid(P_ALL)


class Outcome:
    """What came of it: `result`, or why there is none; and for how long the program stood still."""

    __slots__ = ("result", "reason", "pause", "was_made")

    def __init__(self, result: dict | None, reason: str = "", pause: float = 0.0, was_made: bool = False) -> None:
        self.was_made = was_made  # whether there was a copy
        self.result = result
        self.reason = reason
        self.pause = pause  # milliseconds


def run(work: Callable[[], dict], cancelled: Callable[[], bool], seconds: int,
        forked: Callable[[], None] = lambda: None) -> Outcome:
    """What `work` answers in a copy of this process, within so many seconds. No outcome is an error of the program's.

    `forked` is called in this process as soon as the copy is made. `cancelled` is asked every few milliseconds: the
    copy is ended if it says so, and what it raises is raised.
    """
    reason = _reason_against()
    if reason:
        forked()
        return Outcome(None, reason)
    mask = _signal.pthread_sigmask(_signal.SIG_BLOCK, _signal.valid_signals())  # no handler may run in the copy
    try:
        reading, writing = os.pipe()
        begun = monotonic()
        try:
            child = _quiet_fork()
            if child == 0:
                _become_copy(work, writing, seconds)
        except OSError as error:
            os.close(reading)
            return Outcome(None, f"the process cannot be copied: {error.strerror}")
        finally:
            os.close(writing)
    finally:
        _signal.pthread_sigmask(_signal.SIG_SETMASK, mask)
        forked()
    pause = (monotonic() - begun) * 1000
    try:
        data = _receive(reading, child, cancelled, seconds)
    finally:
        os.close(reading)
    try:
        return Outcome(decode(data.partition(b"\r\n\r\n")[2]), "", pause, True)
    except ValueError:
        return Outcome(None, "the copy of the process ended without an answer", pause, True)


def _receive(reading: int, child: int, cancelled: Callable[[], bool], seconds: int) -> bytes:
    """Everything that the copy writes. It has ended when this returns or raises."""
    data = b""
    copy = 0
    waiting = poll()
    waiting.register(reading, POLLIN)
    end = monotonic() + seconds + 1
    try:
        while monotonic() < end:
            if waiting.poll(_SLICE):
                piece = os.read(reading, 1 << 20)
                if not piece:
                    copy = 0
                    return data
                data += piece
                if not copy and len(data) >= 8:
                    copy, data = int.from_bytes(data[:8], "little"), data[8:]
                    _reap(child)
                    child = 0
            elif cancelled():
                return b""
        return b""
    finally:
        if child:  # it may be about to make the copy, which says first who it is
            if waiting.poll(_ANNOUNCED):
                copy = int.from_bytes(os.read(reading, 8), "little")
            _kill(child)
            _reap(child)
        if copy:
            _kill(copy)
            _reap(copy, os.WNOHANG)  # it is ours where this process adopts orphans


def _reap(process: int, options: int = 0) -> None:
    try:
        os.waitpid(process, options)
    except ChildProcessError:
        pass  # the system does it for programs that ignore SIGCHLD


def _kill(process: int) -> None:
    try:
        os.kill(process, _signal.SIGKILL)
    except OSError:
        pass


def _become_copy(work: Callable[[], dict], writing: int, seconds: int) -> None:
    """In the child: makes the copy and ends; in the copy: works, answers and ends. Nothing of the program runs here."""
    try:
        if _quiet_fork():
            return
        _signal.signal(_signal.SIGALRM, _signal.SIG_DFL)
        _signal.alarm(seconds)
        _signal.pthread_sigmask(_signal.SIG_UNBLOCK, {_signal.SIGALRM})
        os.write(writing, os.getpid().to_bytes(8, "little"))
        _close_all_but(writing)
        answer = encode(work())
        while answer:
            answer = answer[os.write(writing, answer):]
    except BaseException:
        pass  # the answer stays away
    finally:
        os._exit(0)


def _close_all_but(kept: int) -> None:
    """A connection that the program closes must not stay open because of the copy."""
    try:
        numbers = [int(name) for name in os.listdir("/proc/self/fd")]
    except OSError:
        numbers = list(range(4096))
    for number in numbers:
        if number != kept:
            try:
                os.close(number)
            except OSError:
                pass


def _fork() -> int:
    return os.fork()


_fork.__code__ = _fork.__code__.replace(co_firstlineno=_LINE)


def _quiet_fork() -> int:
    """A fork that the agent's own hooks take no notice of, and that 3.12 and later do not warn of."""
    _afresh.copying = get_ident()
    try:
        with Deprecations(_LINE + 1):
            return _fork()
    finally:
        _afresh.copying = 0


def _reason_against() -> str:
    """Why the process should not be copied; empty if nothing speaks against it."""
    if os.environ.get("AFRESH_FORK") == "0":
        return "AFRESH_FORK=0 forbids it"
    if sys.platform != "linux":
        return "libraries of this system do not stand it"
    if _signal.getsignal(_signal.SIGCHLD) not in (_signal.SIG_DFL, _signal.SIG_IGN):
        return "the program handles SIGCHLD"
    try:
        with open("/proc/self/statm", "rb", 0) as file:
            resident = int(file.readall().split()[1])
        if resident / _PAGES_IN_A_MILLISECOND > sys.getallocatedblocks() / _BLOCKS_IN_A_MILLISECOND + 5:
            return "the process is larger than what the collector knows of it"
        with open("/proc/self/status", "rb", 0) as file:
            for line in file.readall().splitlines():
                if line.startswith(b"SigBlk:") and int(line.split()[1], 16) >> (_signal.SIGCHLD - 1) & 1:
                    return "the program waits for SIGCHLD"
        return "a thread of the program waits for any child" if _awaits_any_child() else ""
    except (OSError, ValueError, IndexError):
        return "the system does not say what the program waits for"


def _awaits_any_child() -> bool:
    """Whether a thread is in a call that would return with the child of ours."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False  # there is no child at all
    calls = _WAITS.get(os.uname().machine)
    if calls is None:
        return True
    for task in os.listdir("/proc/self/task"):
        with open(f"/proc/self/task/{task}/syscall", "rb", 0) as file:
            words = file.readall().decode().split()
        if words[0].isdigit() and int(words[0]) in calls and words[1].startswith(calls[int(words[0])]):
            return True
    return False
