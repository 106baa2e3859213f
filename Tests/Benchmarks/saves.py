"""From `didSave` to `reload/status` phase `applied`, for a small module, beside `importlib.reload` of the same text."""
from __future__ import annotations

import tempfile
from pathlib import Path

from cases import SMALL
from figures import Table, milliseconds, percentile
from session import Session

PROGRAM = '''import importlib, sys, time
sys.path.append(sys.argv[1])
import shop, peer

def main():
    print("ready", flush=True)
    for line in sys.stdin:
        if line.startswith("version"):
            print(shop.version(), flush=True)
        elif line.startswith("reload"):
            begun = time.perf_counter()
            importlib.reload(peer)
            print((time.perf_counter() - begun) * 1000, flush=True)

main()
'''


def measure(binary: Path, python: str, environment: dict[str, str], policy: str, saves: int) -> dict[str, list[float]]:
    """Milliseconds of each save: `applied` and `scanned` as the editor sees them, `reload` as the program does, and
    `check`, `plan`, `apply` and `scan` as the report says."""
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder, elsewhere = Path(name).resolve() / "work", Path(name).resolve() / "peer"
        for place in (folder, elsewhere):
            place.mkdir()
        (folder / "shop.py").write_text(SMALL.format(0, 0.2))
        (elsewhere / "peer.py").write_text(SMALL.format(0, 0.2))  # outside the workspace: not the server's to reload
        (folder / "app.py").write_text(PROGRAM)
        session = Session(binary, [python, "app.py", str(elsewhere)], folder, folder / "shop.py", environment,
                          {"policy": policy})
        try:
            for number in range(1, saves + 6):
                text = SMALL.format(number, 0.2)
                timings = session.save(text)
                if session.program.ask("version") != str(number):
                    raise RuntimeError(f"save {number} is not what runs")
                (elsewhere / "peer.py").write_text(text)
                timings["reload"] = float(session.program.ask("reload"))
                if number <= 5:
                    continue  # the first saves find cold caches: the program's, the checker's and the machine's
                for key, value in timings.items():
                    found.setdefault(key, []).append(value)
        finally:
            session.close()
    return found


def table(binary: Path, interpreters: list[tuple[str, str]], environment: dict[str, str], saves: int) -> Table:
    table = Table(
        f"didSave → `applied`, a module of 11 functions and 3 classes, {saves} saves, ms",
        "interpreter", "policy", "applied p5", "p50", "p95", "importlib.reload p50", "p95", "ratio of p50",
        "check", "plan", "apply", "scan", "until `scanned`")
    for version, python in interpreters:
        for policy in ("patch", "exact"):
            found = measure(binary, python, environment, policy, saves)
            middle = {key: percentile(values, 50) for key, values in found.items()}
            table.add(
                version, policy, *(milliseconds(percentile(found["applied"], rank)) for rank in (5, 50, 95)),
                milliseconds(middle["reload"]), milliseconds(percentile(found["reload"], 95)),
                f"{middle['applied'] / middle['reload']:.1f}",
                *(milliseconds(middle.get(key, 0.0)) for key in ("check", "plan", "apply", "scan")),
                milliseconds(middle["scanned"]))
    return table
