"""The search of a Swift program's memory: how long it stands still, and how long until the result.

    python3 Tests/Benchmarks/swift_scans.py [ROUNDS]

Runs `Tests/EndToEnd/Programs/holders`, built as the end-to-end tests build it (`swift build` before), so it needs what they need:
.venv-tests/bin/python of `Tests/run`.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "Tests" / "EndToEnd"))

from conftest import Stage  # noqa: E402
from host_socket import HostSocket  # noqa: E402
from swift_program import Shop, Workshop  # noqa: E402
from test_swift_stale import HOLDERS, Edits  # noqa: E402

# What is in the heap besides, as the program is told.
HEAPS = {"some hundred": "fill 1", "125,000, in order": "fill 100000", "1.25 million, in order": "fill 1000000",
         "1.25 million, each leads to any other": "fill-shuffled 1000000"}


async def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "shop").mkdir()
        (folder / "stage").mkdir()
        workshop = Workshop(folder / "shop", HOLDERS, "KeepAPI", "keep")
        stage = Stage(folder / "stage", sys.executable)
        try:
            keep = await Shop.open(stage, workshop)
            await keep.ask("hold instances")
            await Edits(keep).next()
            await keep.editor.close()
            host = await HostSocket.open(stage)
            print("| chunks | objects | pause, ms | result after, ms |\n|---|---|---|---|")
            for what, words in HEAPS.items():
                await keep.ask(words)
                found = [await host.ask("scan", {"sequence": 1, "samples": 20}) for _ in range(rounds)]
                assert all(result["total"] >= 3 for result in found)
                pauses = [result["timings"]["pause"] for result in found]
                times = [result["timings"]["scan"] for result in found]
                print(f"| {what} | {found[0]['coverage']['objects']:,} | {statistics.median(pauses):.1f} [{min(pauses):.1f}] "
                      f"| {statistics.median(times):.0f} [{min(times):.0f}] |", flush=True)
        finally:
            await stage.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 15))
