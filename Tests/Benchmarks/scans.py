"""Times of the stale scan on heaps of several sizes, beside `gc.get_referrers` for the same question."""
from __future__ import annotations

import json
import subprocess
from pathlib import Path

from figures import Table, milliseconds

WORKER = Path(__file__).resolve().parent / "scan_worker.py"


def table(interpreters: list[tuple[str, str]], sizes: list[int]) -> Table:
    table = Table(
        "Stale scan after an exact reload (20 functions, 6 classes), median ms; pause: longest of a busy main thread",
        "interpreter", "objects", "capture", "settle", "scan: nothing stale", "pause", "scan: dependent holds", "pause",
        "scan: deep in the heap", "pause", "scan: only locals hold", "pause", "gc.get_referrers", "pause")
    for version, python in interpreters:
        for size in sizes:
            done = subprocess.run([python, str(WORKER), str(size)], capture_output=True, text=True, check=True)
            found = json.loads(done.stdout)
            table.add(version, f"{size:,}", *(milliseconds(found[key]) for key in (
                "capture", "settle", "nothing", "nothing pause", "dependent", "dependent pause", "deep",
                "deep pause", "locals", "locals pause", "referrers", "referrers pause")))
    return table
