"""Notices that something stale which a server was told of is gone: a frame returned, an object died, somebody mended it.

Nothing is searched for. Weak references say at once when an old object dies. What they cannot say (a list that lets go of
one of several references, a frame in a function that is held elsewhere, a number) is seen by a look at the reference
counts of the old objects, which does not depend on the heap; more and more seldom, and only while something is
outstanding. Then servers are told that their knowledge is out of date, and it is theirs to ask for a scan.
"""
from __future__ import annotations

from _afresh import monotonic
from _weakref import ref

from . import stale, stale_host
from . import stale_objects as objects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import _afresh

    from .stale_ledger import Old

_FIRST = 0.5  # seconds from the scan to the first look
_LAST = 10.0  # seconds between looks when nothing happens
_TOGETHER = 0.02  # seconds in which objects that die are one piece of news
_COSTLY = 50  # a look waits at least so many times as long as the last one took


class Outstanding:
    """What one scan listed. Made anew by each."""

    def __init__(self, host: _afresh.Host, entries: list[dict[str, Any]], before: Outstanding | None) -> None:
        self._host = host
        self.listed = {(entry["symbol"], entry["kind"], entry["path"]) for entry in entries}
        fruitless = before is not None and before.listed == self.listed
        self._interval = min(_LAST, before._interval * 2) if before is not None and fruitless else _FIRST
        self._instances = {entry["symbol"] for entry in entries if entry["kind"] == "instance"}
        self._symbols = {entry["symbol"] for entry in entries}
        self._bound = {path for _, kind, path in self.listed if kind == "binding"}
        self._modules = {path.rpartition(".")[0] for path in self._bound}
        self._died = False
        self._references = self._watched()
        self._state = self._look()
        self._due = monotonic() + self._interval

    def _watched(self) -> list[Any]:
        found = []
        for old in stale.known():
            value = old.value()
            if value is not None and not old.held and old.symbol in self._symbols:
                found.append(ref(value, self._notice))
        return found

    def wait(self) -> float:
        """Seconds until `changed` has something to do."""
        return max(0.0, self._due - monotonic())

    def changed(self) -> bool:
        """Whether something that was listed may be gone. To be asked when `wait` is over; asks little otherwise."""
        now = monotonic()
        if now < self._due:
            return False
        if self._died:
            return True
        state = self._look()
        if _lost(self._state, state):
            return True
        self._state = state  # what has come since can go again
        self._interval = min(_LAST, self._interval * 1.5)
        ended = monotonic()
        self._due = ended + max(self._interval, _COSTLY * (ended - now))
        return False

    def _notice(self, _reference: object) -> None:
        """An old object has died, on whatever thread."""
        if not self._died:
            self._died = True
            self._due = monotonic() + _TOGETHER
            self._host.notify()

    def _look(self) -> dict[Any, int]:
        """How many references there are to each old object that was listed, and by which names."""
        after = stale_host.loaded_modules()
        state: dict[Any, int] = dict.fromkeys(stale.names(after), 1)
        for loaded in after:
            for name, value in objects.string_items(loaded.namespace) if loaded.name in self._modules else ():
                if f"{loaded.name}.{name}" in self._bound:
                    state[loaded.name, name, id(value)] = 1
        external, _ = stale.graph(after)
        for old in stale.known():
            if old.symbol not in self._symbols:
                continue
            value = old.value()
            if value is None:
                if old.led_to:
                    state[old.symbol, old.generation, id(old)] = 1
                continue
            count = external.get(id(value), 0)
            key = (old.symbol, old.generation, id(value))
            # Of many instances some come and go: only the last one is news.
            state[key] = min(count, 1) if old.symbol in self._instances else count
        value = None
        for symbol in stale.running():
            state[symbol] = state.get(symbol, 0) + 1
        return state


def _lost(before: dict[Any, int], now: dict[Any, int]) -> bool:
    return any(now.get(key, 0) < count for key, count in before.items())


def after_scan(host: _afresh.Host, entries: list[dict[str, Any]], before: Outstanding | None) -> Outstanding | None:
    """What is to be watched after a scan that listed something; None where that cannot be."""
    try:
        return Outstanding(host, entries, before)
    except Exception:  # the next save searches again
        return None
