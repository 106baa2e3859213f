"""Times of the stale scan on heaps of several sizes, beside `gc.get_referrers` for the same question."""
from __future__ import annotations

import json
import subprocess
from pathlib import Path

from figures import Table, milliseconds

WORKER = Path(__file__).resolve().parent / "scan_worker.py"


CASES = {
    "nothing": "nothing is stale", "dependent": "a dependent holds it", "deep": "deep in the heap",
    "locals": "only locals hold it", "referrers": "gc.get_referrers",
}


def tables(interpreters: list[tuple[str, str]], sizes: list[int]) -> list[Table]:
    times = Table(
        "Stale scan after an exact reload (20 functions, 6 classes): until it is answered; processor time, copies included; "
        "longest pause of a busy main thread. Median ms (least of 7)",
        "interpreter", "objects", "case", "answered", "work", "pause", "pause beside gc.get_referrers'")
    saves = Table("What a save takes longer because of it, median ms (least of 7)", "interpreter", "objects", "capture", "settle")
    for version, python in interpreters:
        for size in sizes:
            done = subprocess.run([python, str(WORKER), str(size)], capture_output=True, text=True, check=True)
            found = json.loads(done.stdout)
            saves.add(version, f"{size:,}", *(written(found[key]) for key in ("capture", "settle")))
            pauses = found["referrers pause"]
            for key, name in CASES.items():
                ratio = " / ".join(f"×{own / other:.2f}" for own, other in zip(found[f"{key} pause"], pauses))
                work = written(found[f"{key} work"]) if f"{key} work" in found else "–"
                times.add(version, f"{size:,}", name, written(found[key]), work, written(found[f"{key} pause"]), ratio)
    return [times, saves]


def written(figures: tuple[float, float]) -> str:
    median, least = figures
    return f"{milliseconds(median)} ({milliseconds(least)})"
