"""Stale references: what in this program still refers to objects of an older generation, and who holds them.

The agent calls `capture` just before a transaction, `settle` right after it has committed (when its own journal and the
module code that it replaced are dropped), and `scan` when a server asks. The order of work in a scan:

1. the reference balance (`stale_balance`): zero proves that nothing is stale, and there is no walk at all;
2. frames of all threads in old code (`stale_frames`), bindings of values without identity, leftovers (`stale_names`);
3. a walk forward from the user's modules (`stale_walk`), which ends when the balance is met;
4. one pass of the collector over a small heap, for holders that no module leads to;
5. what then remains is reported as possible: native code or running frames hold it. Nothing is dropped in silence.
"""
from __future__ import annotations

import gc
import sys
from types import BuiltinFunctionType, FrameType

from _afresh import monotonic

from . import stale_balance, stale_frames, stale_names, stale_roots
from . import stale_ledger as ledgers
from . import stale_objects as objects
from .stale_ledger import Captured, Loaded, Old
from .stale_report import Report
from .stale_walk import Cancelled, Walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

__all__ = ["Cancelled", "Captured", "Loaded", "capture", "graph", "leftovers", "names", "olds", "outstanding", "running",
           "scan", "settle"]

_LEDGER = ledgers.Ledger()
_WALK_SECONDS = 0.4
_WALK_EDGES = 400_000
# A pass of the collector stops the program for about 1 ms for each 12,000 objects that it knows.
_PASS_BLOCKS = 400_000
_GARBAGE_DEPTH = 6
_GARBAGE_SIZE = 2_000


def capture(modules: Iterable[Loaded]) -> Captured:
    """What `modules` own, before a transaction that may change them. After a rollback the answer is just dropped."""
    return ledgers.capture(modules)


def settle(captured: Captured, after: Iterable[Loaded]) -> None:
    """After the commit: remembers weakly what became old, and lets the rest go. `after`: the modules as they are."""
    ledgers.settle(captured, after, _LEDGER)


def outstanding() -> bool:
    """Whether anything old may be left: without a scan, and without looking at the heap."""
    ledgers.prune(_LEDGER)
    return bool(_LEDGER.olds or _LEDGER.leftovers or _LEDGER.constants)


def olds() -> list[Old]:
    """What the ledger knows to be old and not gone."""
    ledgers.prune(_LEDGER)
    return list(_LEDGER.olds)


def leftovers() -> list[tuple[tuple[str, str], int]]:
    """((module, name), the generation that last defined it) of names that the text no longer defines."""
    return list(_LEDGER.leftovers.items())


def graph(after: list[Loaded]) -> tuple[dict[int, int], set[int]]:
    """By id of an old object: the references to it from outside; and the ids of what is old itself. No walk."""
    balance = stale_balance.measure(_LEDGER.olds, _current(after), _LEDGER.modules)
    balance.graph.clear()
    return balance.external, balance.inner


def names(after: list[Loaded]) -> set[tuple[str, str, str]]:
    """(symbol, kind, path) of what is stale by its name alone."""
    found = _Names()
    stale_names.bindings(_LEDGER, after, found)
    stale_names.leftovers(_LEDGER, after, found)
    return found.names


def running() -> list[str]:
    """The symbols of old code that executes, once for each frame."""
    codes = {id(old.value()): old for old in _LEDGER.olds if old.kind in ("code", "module") and not old.same}
    return [frame.old.symbol for frame in stale_frames.running(codes)]


class _Names:
    """Takes the place of a report where only names are of interest."""

    def __init__(self) -> None:
        self.names: set[tuple[str, str, str]] = set()

    def add_symbol(self, symbol: str, kind: str, generation: int, path: str, *_: object) -> None:
        self.names.add((symbol, kind, path))

    def binding_location(self, module: str, name: str) -> None:
        return None


def scan(captured: Captured | None, after: Iterable[Loaded], samples: int = 20,
         cancelled: Callable[[], bool] = lambda: False) -> dict:
    """The `scan` result of the host protocol.

    `after`: all user modules as they are now, dependents of the last change first. `samples`: how many holders are
    named for one old object. Raises `Cancelled` once `cancelled()` says so; it is asked about every millisecond.
    """
    started = monotonic()
    after = list(after)
    if captured is not None:
        settle(captured, after)
    collecting = gc.isenabled()
    gc.disable()  # what is allocated here must not start a collection of the program's heap
    try:
        report = Report({loaded.name: loaded for loaded in after}, samples, _LEDGER.imports)
        _look(report, after, cancelled)
        for old in _LEDGER.olds:
            old.release()
        ledgers.prune(_LEDGER)
    finally:
        if collecting:
            gc.enable()
    total = (monotonic() - started) * 1000
    report.pause = max(report.pause, min(total, sys.getswitchinterval() * 1000))
    return report.result(total)


def _look(report: Report, after: list[Loaded], cancelled: Callable[[], bool]) -> None:
    if cancelled():
        raise Cancelled
    ledgers.prune(_LEDGER)
    ledgers.compare_codes(_LEDGER, after)
    stale_names.bindings(_LEDGER, after, report)
    stale_names.leftovers(_LEDGER, after, report)
    olds = _LEDGER.olds
    if all(old.current for old in olds):
        return
    current = _current(after)
    balance = stale_balance.measure(olds, current, _LEDGER.modules)
    if balance.external and any(old.kind in ("class", "value") for old in olds):
        balance.graph.clear()
        _clear_typing_caches()
        balance = stale_balance.measure(olds, current, _LEDGER.modules)
    report.objects += len(balance.graph)
    for old in balance.unknown:
        if old.current:
            continue
        report.skip(old.symbol, "it is immortal: its references are not counted")
    try:
        if balance.external:
            _locate(report, balance, after, cancelled)
    finally:
        balance.graph.clear()


def _locate(report: Report, balance: stale_balance.Balance, after: list[Loaded],
            cancelled: Callable[[], bool]) -> None:
    """Names the holders of what the balance found."""
    targets = {key: old for key, old in balance.olds.items() if key in balance.external}
    running = stale_frames.running({key: old for key, old in targets.items() if old.kind in ("code", "module")})
    needed = dict(balance.external)
    _settle_frames(running, targets, needed, report)
    walk = Walk(targets, needed, balance.inner, _WALK_SECONDS, _WALK_EDGES, cancelled)
    try:
        _walk(walk, after, report)
        if walk.left > 0 and not walk.budget_reached:
            _collector_pass(walk, balance, after, report)
        _remaining(walk, targets, report)
        if balance.bounded and any(count > 0 for count in walk.needed.values()):
            report.skip("what old values hold", "it is too much to be followed: some of it may be old itself")
    finally:
        report.objects += len(walk.objects)
        walk.objects.clear()


def _current(after: list[Loaded]) -> set[int]:
    """What the newest generations own: where the graph of old objects ends."""
    current: set[int] = set()
    for loaded in after:
        if loaded.name in _LEDGER.modules:
            current.update(id(value) for value, _, _ in ledgers.owned(loaded))
        current.add(id(loaded.namespace))
    return current


def _clear_typing_caches() -> None:
    """`Optional[Order]` leaves `Order` in a cache of `typing`: a reference without meaning. The caches fill again."""
    typing = sys.modules.get("typing")
    cleanups = objects.module_dict(typing).get("_cleanups") if objects.is_a(typing, objects.MODULE) else None
    for cleanup in list(cleanups) if type(cleanups) is list else ():
        if type(cleanup) is BuiltinFunctionType:  # `cache_clear` of an `lru_cache`, not something that was put there
            cleanup()


def _settle_frames(running: list, targets: dict[int, Old], needed: dict[int, int], report: Report) -> None:
    """Reports frames in old code and takes the references that they are known to hold out of the count."""
    functions = {id(old.value().__code__): key for key, old in targets.items() if old.kind == "function"}
    for frame in running:
        if not frame.old.same:
            report.add(frame.old, "frame", frame.path, frame.location)
        if frame.suspendable:
            continue  # its generator or coroutine holds code and function
        code = id(frame.old.value())
        for key in (code, functions.get(code), functions.get(code) if frame.on_stack else None):
            if key is not None and needed.get(key, 0) > 0:
                needed[key] -= 1
                if not needed[key]:
                    del needed[key]
    frame = None


def _walk(walk: Walk, after: list[Loaded], report: Report) -> None:
    """Through the cheaper and more telling places first."""
    for loaded in after:
        walk.start(loaded.name, loaded.namespace)
    walk.subclasses()
    users = {loaded.name for loaded in after} | {"_afresh", "sitecustomize"}
    libraries = (item for item in objects.loaded_modules()
                 if item[0] not in users and item[0].partition(".")[0] != "_afresh")
    for places in (stale_roots.tasks(), libraries, stale_roots.running_locals()):
        if not walk.run(large=False):
            for name, place in places:
                walk.start(name, place)
            place = {}
    walk.run(large=False)
    walk.run(large=True)
    if walk.budget_reached and walk.left > 0:
        report.skip("part of the heap", f"the search ended after {len(walk.objects)} objects")
    report.hits(walk)


def _collector_pass(walk: Walk, balance: stale_balance.Balance, after: list[Loaded], report: Report) -> None:
    """Holders that no module leads to: passes over what the collector knows, if the heap is small enough."""
    if sys.getallocatedblocks() > _PASS_BLOCKS:
        report.skip("the heap", "it is too large to be searched without stopping the program")
        return
    ours = {id(balance.graph), id(walk.objects)}
    wanted = [balance.olds[key].value() for key, count in walk.needed.items() if count > 0]
    holders = _referrers(wanted, walk, ours, report)
    ours |= {id(wanted), id(holders)}
    # Those that are garbage hold each other: with the holders' holders, up to a few steps, their own balance is zero.
    chain, newest = list(holders), holders
    for _ in range(_GARBAGE_DEPTH):
        known = set(map(id, chain))
        newest = [each for each in _referrers(newest, walk, ours | {id(chain)}, report) if id(each) not in known]
        if not newest or len(chain) + len(newest) > _GARBAGE_SIZE:
            break
        chain += newest
    wanted.clear()
    holder_ids = list(map(id, holders))
    holders.clear()
    newest = []
    balance.graph.clear()
    again = stale_balance.measure(list(balance.olds.values()), _current(after), _LEDGER.modules, chain)
    balance.graph = again.graph
    by_id = {id(each): each for each in again.graph}
    report.unrooted(walk, [by_id[key] for key in holder_ids if key in by_id], again.inner)
    frozen = gc.get_freeze_count()
    if frozen and any(count > 0 for count in walk.needed.values()):
        report.skip(f"{frozen} frozen objects", "gc.freeze() hides them from the collector")


def _referrers(wanted: list[Any], walk: Walk, ours: set[int], report: Report) -> list[Any]:
    """What the collector knows to refer to any of `wanted`, but for what the walk has met and what is ours."""
    arguments = tuple(wanted)
    begun = monotonic()
    found = gc.get_referrers(*arguments)
    report.pause = max(report.pause, (monotonic() - begun) * 1000)
    ours = ours | {id(arguments), id(wanted), id(found)}
    return [each for each in found if id(each) not in ours and not walk.has_seen(each)
            and type(each) is not FrameType]


def _remaining(walk: Walk, targets: dict[int, Old], report: Report) -> None:
    for key, count in walk.needed.items():
        old = targets.get(key)
        if count <= 0 or old is None or report.made_by_library(old) or not old.matters_when_held:
            continue
        kind = {"class": "instance", "value": "value", "function": "registration",
                "wrapper": "registration"}.get(old.kind, "frame")
        report.add(old, kind, "held by native code or running frames", None, count, "possible")
