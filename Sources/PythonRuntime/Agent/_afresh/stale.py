"""Stale references: what in this program still refers to objects of an older generation, and who holds them.

The agent calls `capture` just before a transaction, `settle` right after it has committed (when its own journal and the
module code that it replaced are dropped), and `scan` when a server asks. The order of work in a scan:

1. bindings of values without identity, and leftovers (`stale_names`);
2. the reference balance (`stale_balance`): zero proves that nothing else is stale, and there is no walk at all;
3. frames of all threads in old code (`stale_frames`), and a short walk forward from the user's modules (`stale_walk`),
   which ends when the balance is met: mostly it is, exactly, and that is the answer;
4. else, all of it anew in a copy of the process (`stale_fork`), where nothing moves and nobody waits: a longer walk, and
   passes of the collector backwards from what is still missing (`stale_heap`). Where there can be no copy, in this process;
5. what then remains is reported as possible: native code or running frames hold it. Nothing is dropped in silence.
"""
from __future__ import annotations

import gc
import sys
from types import BuiltinFunctionType

from _afresh import monotonic

from . import stale_anchors, stale_balance, stale_fork, stale_frames, stale_kept, stale_memory, stale_names, stale_paths
from . import stale_roots
from . import stale_ledger as ledgers
from . import stale_objects as objects
from .stale_found import Found
from .stale_heap import Heap
from .stale_ledger import Captured, Loaded, Old
from .stale_report import Report, described
from .stale_walk import Cancelled, Walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import CodeType, FrameType
    from typing import Any

__all__ = ["Cancelled", "Captured", "Loaded", "capture", "found", "graph", "known", "leftovers", "names", "olds", "outstanding", "running",
           "scan", "settle"]

_LEDGER = ledgers.Ledger()
_COPY_SECONDS = 20
_COPY_BLOCKS = 500_000  # so many of the interpreter's are looked through in a second, on a busy machine


class Way:
    """How far a search may go."""

    __slots__ = ("seconds", "edges", "passes", "large", "many")

    def __init__(self, seconds: float, edges: int, passes: float, large: int, many: int) -> None:
        self.seconds = seconds  # of the walk forward
        self.edges = edges
        self.passes = passes  # seconds for passes of the collector; 0: none may follow
        self.large, self.many = large, many  # limits of the balance


# Here other threads run meanwhile: what the walk does is limited, and a busy machine must not be taken for a large heap.
_HERE = Way(0.3, 30_000, 0.0, stale_balance.LARGE, stale_balance.MANY)
_COPY = Way(0.06, 30_000, 8.0, sys.maxsize, 500_000)
_ALONE = Way(0.4, 400_000, 1.0, stale_balance.LARGE, stale_balance.MANY)


def capture(modules: Iterable[Loaded]) -> Captured:
    """What `modules` own, before a transaction that may change them. After a rollback the answer is just dropped."""
    return ledgers.capture(modules)


def capture_module(captured: Captured, loaded: Loaded) -> None:
    """Adds what one module owns to `captured`, before it is changed."""
    ledgers.capture_module(captured, loaded)


def capture_names(
    captured: Captured, name: str, generation: int, code: CodeType | None, constants: dict[str, Any]
) -> None:
    """Adds what a few names of a module stand for, which are constants, where nothing else of it will be changed."""
    ledgers.capture_names(captured, name, generation, code, constants)


def capture_code(modules: Iterable[Loaded]) -> Captured:
    """The same before a transaction that only gives functions other code: `note_code` says which, after it."""
    return ledgers.capture_code(modules)


def note_code(captured: Captured, replaced: Iterable[tuple[Any, Any]]) -> None:
    """`replaced`: the functions and the code that they had."""
    ledgers.note_code(captured, replaced)


def settle(captured: Captured, after: Iterable[Loaded]) -> None:
    """After the commit: remembers weakly what became old, and lets the rest go. `after`: the modules as they are."""
    ledgers.settle(captured, after, _LEDGER)


def keep(computed: dict[tuple[str, str], Any], after: Iterable[Loaded], generations: dict[str, int]) -> None:
    """After `settle`: what names keep though the code that computed it has changed. See `stale_kept.settle`."""
    stale_kept.settle(_LEDGER, computed, list(after), generations)


def keeps() -> bool:
    """Whether any name may keep such a value."""
    return bool(_LEDGER.kept)


def kept(after: list[Loaded]) -> list[tuple[str, str, stale_kept.Kept]]:
    """(module, name, what it keeps): values that were computed by code that has changed."""
    return list(stale_kept.held(_LEDGER, after))


def renewed(owner: Loaded, name: str, after: list[Loaded], generation: int) -> None:
    """A person gave a name its newest value: it keeps nothing old, and what was computed from it does."""
    _LEDGER.kept.pop((owner.name, name), None)
    stale_kept.readers(_LEDGER, owner, name, after, generation)


def computed(console: Loaded, changed: list[tuple[str, str, int]], owners: dict[str, Loaded]) -> None:
    """After `settle`: what was typed has computed with constants that are others now. It is for a person to do so again."""
    for module, name, generation in changed:
        if module in owners:
            stale_kept.readers(_LEDGER, owners[module], name, [console], generation, renewed=False)


def outstanding() -> bool:
    """Whether anything old may be left: without a scan, and without looking at the heap."""
    ledgers.prune(_LEDGER)
    return bool(_LEDGER.olds or _LEDGER.leftovers or _LEDGER.constants or _LEDGER.kept)


def olds() -> list[Old]:
    """What the ledger knows to be old and not gone. Lists and dictionaries among it are held until the next scan."""
    ledgers.prune(_LEDGER)
    return list(_LEDGER.olds)


def known() -> list[Old]:
    """The same, some of it perhaps gone, and nothing held."""
    return list(_LEDGER.olds)


def leftovers() -> list[tuple[tuple[str, str], int]]:
    """((module, name), the generation that last defined it) of names that the text no longer defines."""
    return list(_LEDGER.leftovers.items())


def graph(after: list[Loaded]) -> tuple[dict[int, int], set[int]]:
    """By id of an old object: the references to it from outside; and the ids of what is old itself. No walk."""
    balance = stale_balance.measure(_LEDGER.olds, _current(after), _LEDGER.modules)
    balance.graph.clear()
    return balance.external, balance.inner


def found(wanted: list[Old], after: list[Loaded]) -> Found | None:
    """Who holds these old objects, where a short walk tells. Holds all that until it is told to forget it."""
    balance = _measure(after, _HERE)
    frames = stale_frames.of_threads()
    walk = None
    try:
        targets = {key: old for key, old in balance.olds.items() if key in balance.external}
        needed = dict(balance.external)
        running = stale_frames.running(frames, {key: old for key, old in targets.items() if old.kind in ("code", "module")})
        _settle_frames(running, targets, needed, None)
        running.clear()
        targets = {id(value): old for old in wanted if (value := old.value()) is not None}
        value = None
        walk = Walk(targets, {key: needed[key] for key in targets if key in needed}, balance.inner, _HERE.seconds,
                    _HERE.edges, lambda: False)
        _walk(walk, after, frames, stale_roots.threads(), {id(balance.graph), id(frames)})
        if not walk.exact or balance.bounded:
            walk.objects.clear()
            return None
        return Found(walk, {id(namespace) for _, namespace in objects.loaded_modules()} | {id(each.namespace) for each in after})
    finally:
        frames.clear()
        balance.graph.clear()


def names(after: list[Loaded]) -> set[tuple[str, str, str]]:
    """(symbol, kind, path) of what is stale by its name alone."""
    found = _Names()
    stale_names.bindings(_LEDGER, after, found)
    stale_names.leftovers(_LEDGER, after, found)
    stale_kept.report(_LEDGER, after, found)
    return found.names


def running() -> list[str]:
    """The symbols of old code that executes, once for each frame."""
    codes = {id(old.value()): old for old in _LEDGER.olds if old.kind in ("code", "module") and not old.same}
    return [frame.old.symbol for frame in stale_frames.running(stale_frames.of_threads(), codes) if not frame.ends]


class _Names:
    """Takes the place of a report where only names are of interest."""

    def __init__(self) -> None:
        self.names: set[tuple[str, str, str]] = set()

    def add_symbol(self, symbol: str, kind: str, generation: int, path: str, *_: object) -> None:
        self.names.add((symbol, kind, path))

    def binding_location(self, module: str, name: str) -> None:
        return None


def has_old() -> bool:
    """Whether there is anything that a scan can find. It asks nothing of the modules."""
    ledgers.prune(_LEDGER)
    return not _LEDGER.is_empty


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
            if old.held:
                old.release(report.ways.get(id(old.value()), []))
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
    stale_kept.report(_LEDGER, after, report)
    if all(old.current for old in _LEDGER.olds):
        return
    here = report.branch()
    nameless = _search(here, after, _HERE, [], cancelled)
    if nameless is False:
        report.take(here)
        return
    # Now and then a copy of a process with threads waits for ever for what one of them had in hand: then another is made.
    seconds = min(_COPY_SECONDS, 4 + sys.getallocatedblocks() // _COPY_BLOCKS)
    outcome = _copied(report, after, cancelled, seconds)
    if outcome.was_made and outcome.result is None and not cancelled():
        outcome = _copied(report, after, cancelled, _COPY_SECONDS)
    if cancelled():
        raise Cancelled
    if outcome.result is not None:
        report.load(outcome.result)
        report.pause = outcome.pause
    elif nameless:
        report.take(here)
    else:
        _search(report, after, _ALONE, [], cancelled)


def _copied(report: Report, after: list[Loaded], cancelled: Callable[[], bool], seconds: int) -> stale_fork.Outcome:
    frames = stale_frames.of_threads()
    threads = stale_roots.threads()

    def let_go() -> None:
        frames.clear()
        threads.clear()

    return stale_fork.run(lambda: _in_copy(report, after, frames, threads), cancelled, seconds, let_go)


def _in_copy(report: Report, after: list[Loaded], frames: list[tuple[FrameType, str]],
             threads: list[tuple[str, dict]]) -> dict:
    """In a copy of the process: everything can be looked at, for as long as it takes."""
    gc.unfreeze()
    stale_paths.read_frames()
    stale_memory.open_memory()
    _search(report, after, _COPY, frames, lambda: False, threads)
    return report.state()


def _search(report: Report, after: list[Loaded], way: Way, frames: list[tuple[FrameType, str]],
            cancelled: Callable[[], bool], threads: list[tuple[str, dict]] | None = None) -> bool | None:
    """Finds the holders of old objects. Answers None if that must be done in another way, True if only names are lacking,
    else False: it is done.
    """
    balance = _measure(after, way)
    if balance.external and way is _HERE and any(old.kind in ("class", "value") for old in _LEDGER.olds):
        balance.graph.clear()
        _clear_typing_caches()
        balance = _measure(after, way)
    report.objects += len(balance.graph)
    for old in balance.unknown:
        if not old.current:
            report.skip(old.symbol, "it is immortal: its references are not counted")
    if not balance.external:
        balance.graph.clear()
        return False
    targets = {key: old for key, old in balance.olds.items() if key in balance.external}
    if not frames:
        frames = stale_frames.of_threads()
    needed = dict(balance.external)
    running = stale_frames.running(frames, {key: old for key, old in targets.items() if old.kind in ("code", "module")})
    _settle_frames(running, targets, needed, report)
    running.clear()
    needed = {key: count for key, count in needed.items() if targets[key].matters_when_held}
    walk = Walk(targets, needed, balance.inner, way.seconds, way.edges, cancelled)
    ours = {id(balance.graph), id(frames)}
    try:
        _walk(walk, after, frames, stale_roots.threads() if threads is None else threads, ours)
        if not way.passes and (not walk.exact or balance.bounded):
            return None
        if walk.left > 0:
            _passes(walk, balance, after, report, frames, ours, way, cancelled)
        if walk.derived:
            _mark_garbage(walk, balance, after, way, walk.derived)
        report.hits(walk)
        report.ways = stale_anchors.ways(walk)
        _remaining(walk, targets, report)
        if balance.bounded and any(count > 0 for count in walk.needed.values()):
            report.skip("what old values hold", "it is too much to be followed: some of it may be old itself")
        return stale_paths.lacks_names(walk)
    finally:
        frames.clear()
        report.objects += len(walk.objects)
        walk.objects.clear()
        balance.graph.clear()


def _measure(after: list[Loaded], way: Way, also: list[Any] | None = None,
             extra: dict[int, int] | None = None) -> stale_balance.Balance:
    return stale_balance.measure(_LEDGER.olds, _current(after), _LEDGER.modules, also, extra, way.large, way.many)


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


def _settle_frames(running: list, targets: dict[int, Old], needed: dict[int, int],
                   report: Report | None) -> None:
    """Reports frames in old code and takes the references that they are known to hold out of the count."""
    functions = {id(old.value().__code__): key for key, old in targets.items() if old.kind == "function"}
    for frame in running:
        if report is not None and not frame.old.same and not frame.ends:
            report.add(frame.old, "frame", frame.path, frame.location)
        if frame.suspendable:
            continue  # its generator or coroutine holds code and function
        code = id(frame.old.value())
        function = functions.get(code)
        calls = 0 if function is None else frame.holds(targets[function].value())
        for key in (code, *[function] * calls):
            if needed.get(key, 0) > 0:
                needed[key] -= 1
                if not needed[key]:
                    del needed[key]
    frame = None


def _walk(walk: Walk, after: list[Loaded], frames: list[tuple[FrameType, str]], threads: list[tuple[str, dict]],
          ours: set[int]) -> None:
    """Through the cheaper and more telling places first."""
    for loaded in after:
        walk.start(loaded.name, loaded.namespace)
    walk.subclasses()
    users = {loaded.name for loaded in after} | {"_afresh", "sitecustomize"}
    libraries = (item for item in objects.loaded_modules()
                 if item[0] not in users and item[0].partition(".")[0] != "_afresh")
    for places in (threads, stale_roots.tasks(), stale_roots.signals(), stale_roots.running_locals(frames, ours),
                   libraries):
        if not walk.run(large=False):
            for name, place in places:
                walk.start(name, place)
            place = {}
    walk.run(large=False)
    walk.run(large=True)


def _passes(walk: Walk, balance: stale_balance.Balance, after: list[Loaded], report: Report,
            frames: list[tuple[FrameType, str]], ours: set[int], way: Way, cancelled: Callable[[], bool]) -> None:
    """Holders that the walk has not come to, by passes of the collector."""
    heap = Heap(walk, report, ours, way.passes, cancelled)
    wanted = [key for key, count in walk.needed.items() if count > 0]
    heap.search([balance.olds[key].value() for key in wanted])
    wanted = [key for key in wanted if walk.needed[key] > 0]
    if wanted and way is _COPY:
        classes = {key for key in wanted if balance.olds[key].kind == "class"
                   and not objects.type_flags(balance.olds[key].value()) & objects.HAVE_GC}
        if classes or any(balance.olds[key].kind in ("code", "module") for key in wanted):
            heap.untracked(set(wanted), classes)
    _lost(walk, heap, balance, after, frames, way)
    frozen = gc.get_freeze_count()
    if frozen and any(count > 0 for count in walk.needed.values()):
        report.skip(f"{frozen} frozen objects", "gc.freeze() hides them from the collector")


def _lost(walk: Walk, heap: Heap, balance: stale_balance.Balance, after: list[Loaded],
          frames: list[tuple[FrameType, str]], way: Way) -> None:
    """What no module leads to: garbage that the collector has not come to, or held by what cannot be seen."""
    adopted = [number for number in heap.adopted if not walk.is_rooted(number)]
    if not adopted:
        return
    _mark_garbage(walk, balance, after, way, adopted)
    shared = stale_roots.cells(frames)
    for number in heap.tops():
        value = walk.objects[number]
        if type(value) is objects.CELL and id(stale_paths.contents(value)) in shared:
            walk.labels[number] = shared[id(stale_paths.contents(value))]
        else:
            walk.unknown.add(number)
            walk.labels[number] = f"{described(value)} that no module leads to"


def _mark_garbage(walk: Walk, balance: stale_balance.Balance, after: list[Loaded], way: Way, numbers: list[int]) -> None:
    """Tells what only waits for the collector from what is alive: trial deletion, as for the old objects themselves."""
    extra: dict[int, int] = {}
    for held in (balance.graph, walk.objects):
        for each in held:
            extra[id(each)] = extra.get(id(each), 0) + 1
    held = each = None
    again = _measure(after, way, _with_subclasses(walk.objects[number] for number in numbers), extra)
    again.graph.clear()
    walk.garbage.update(number for number in numbers if id(walk.objects[number]) in again.inner)


def _with_subclasses(values: Iterable[Any]) -> list[Any]:
    found = list(values)
    known = set(map(id, found))
    for value in found:
        for derived in type.__subclasses__(value) if objects.is_a(value, type) else ():
            if id(derived) not in known:
                known.add(id(derived))
                found.append(derived)
    return found


def _remaining(walk: Walk, targets: dict[int, Old], report: Report) -> None:
    for key, count in walk.needed.items():
        old = targets.get(key)
        if count <= 0 or old is None or report.made_by_library(old) or not old.matters_when_held:
            continue
        kind = {"class": "instance", "value": "value", "function": "registration",
                "wrapper": "registration"}.get(old.kind, "frame")
        path = f"{count} reference{'s' if count > 1 else ''} held by native code or running frames"
        report.add(old, kind, path, None, count, "possible")
