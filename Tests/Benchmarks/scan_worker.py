"""One interpreter's part of the scan benchmark: prints median and least, in milliseconds, as JSON."""
from __future__ import annotations

import ctypes
import gc
import json
import os
import resource
import statistics
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "PythonAgent"))
sys.dont_write_bytecode = True

from stale_program import Program, stale  # noqa: E402

TEXT = "".join(f"def f{n}(a, b=1):\n    return [x + {n} for x in range(a)] + [b]\n" for n in range(20)) + "".join(
    f"class C{n}:\n    def first(self): return 1\n    def second(self): return self.first()\n"
    "    @property\n    def third(self): return 2\n" for n in range(6))
HOLDER = "from shop import f1, C1\nhandlers = {'x': [f1]}\nobjects = [C1() for _ in range(100)]\n"
REPEATS = 7
SWITCH = 0.0001  # seconds, as the agent sets it while it works


class Record:
    __slots__ = ("first", "second")


def heap_of(size: int) -> list[object]:
    """About `size` objects that the collector knows: dictionaries, lists and instances, with edges between them."""
    made: list[object] = []
    for number in range(size // 4):
        record = Record()
        record.first = [number, made[number // 2] if number else None]
        record.second = {"number": number, "list": record.first}
        made.append((record, record.second))
    return made


def beside(work: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds that `work` takes on a thread of its own, as the agent's is, while this one waits; and milliseconds of
    processor time, those of copies of the process included.
    """
    thread = threading.Thread(target=work)
    await_children()  # of what was measured before
    begun, used = time.perf_counter(), processor_time()
    thread.start()
    thread.join()
    took = (time.perf_counter() - begun) * 1000
    await_children()
    return took, processor_time() - used


def await_children() -> None:
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        pass


def processor_time() -> float:
    """Milliseconds, of this process and of those that it has waited for."""
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages) * 1000


def paused(work: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds that `work` takes on a thread of its own, and the longest wait of this one, which computes."""
    took = 0.0
    usual = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH)
    go, done = threading.Event(), threading.Event()

    def run() -> None:
        nonlocal took
        go.wait()
        begun = time.perf_counter()
        work()
        took = (time.perf_counter() - begun) * 1000
        done.set()

    thread = threading.Thread(target=run)
    longest = 0.0
    thread.start()
    before = time.perf_counter()
    go.set()
    while not done.is_set():
        now = time.perf_counter()
        longest = max(longest, now - before)
        before = now
    longest = max(longest, time.perf_counter() - before)
    thread.join()
    sys.setswitchinterval(usual)
    return took, longest * 1000


def adopt_orphans() -> None:
    """The child of a child that has ended becomes one of this process: its time can be known."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def main() -> None:
    if sys.platform == "linux":
        adopt_orphans()
    heap = heap_of(int(sys.argv[1]))
    program = Program(shop=TEXT, holder="")
    loaded = program.modules["shop"]
    found: dict[str, list[float]] = {}

    def note(key: str, value: float) -> None:
        found.setdefault(key, []).append(value)

    def timed(key: str, work: Callable[[], object]) -> object:
        begun = time.perf_counter()
        result = work()
        note(key, (time.perf_counter() - begun) * 1000)
        return result

    def scan(key: str, expected: int) -> None:
        result: list[dict] = []
        alone, work = beside(lambda: result.append(program.scan()))
        _, pause = paused(lambda: result.append(program.scan()))
        totals = [each["total"] for each in result]
        if totals != [expected, expected]:
            raise RuntimeError(f"{key}: {totals} stale references, not {expected}")
        note(key, alone)
        note(f"{key} work", work)
        note(f"{key} pause", pause)

    gc.collect()
    gc.disable()  # a collection of the whole heap would be measured instead
    for number in range(REPEATS):
        captured = timed("capture", lambda: stale.capture([loaded]))
        program._execute(loaded, TEXT)
        timed("settle", lambda: stale.settle(captured, [loaded]))
        captured = None
        scan("nothing", 0)
        exec(HOLDER, program["holder"])
        program.save("shop", TEXT)
        scan("dependent", 103)
        referrers(program, note)
        program["holder"].clear()
        heap[len(heap) * 2 // 3][1]["deep"] = {"handler": program["shop"]["f1"]}
        program["holder"]["heap"] = heap
        program.save("shop", TEXT)
        scan("deep", 1)
        del heap[len(heap) * 2 // 3][1]["deep"]
        program["holder"].clear()
        held = [program["shop"]["C1"]() for _ in range(10)]
        program.save("shop", TEXT)
        scan("locals", 10)
        del held
        if number % 3 == 2:
            gc.collect()
    print(json.dumps({key: (statistics.median(values), min(values)) for key, values in found.items()}))
    del heap


def referrers(program: Program, note: Callable[[str, float], None]) -> None:
    """Who refers to two old objects, asked in the way of the documentation."""
    old = [program["holder"]["f1"], program["holder"]["C1"]]
    begun = time.perf_counter()
    gc.get_referrers(*old)
    note("referrers", (time.perf_counter() - begun) * 1000)
    _, pause = paused(lambda: gc.get_referrers(*old))
    note("referrers pause", pause)


if __name__ == "__main__":
    main()
