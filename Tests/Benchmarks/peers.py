"""Afresh beside other reloaders, in the same run: how long a save takes, and how much of it is live afterwards.

The others are timed inside the program, from the call that brings in a text that is on disk already. Afresh is timed as
a person sees it: from the editor's `didSave` to `reload/status` phase `applied`, over the server, the checker and the
program.
"""
from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tempfile
from pathlib import Path

from cases import CASES, Case
from figures import Table, milliseconds, percentile
from session import Session

HERE = Path(__file__).resolve().parent
PEERS = ("importlib", "IPython", "jurigged", "hmr")
WARM_UP = 3  # saves at the start of each run that do not count: caches are cold then
SECONDS = 15  # after which a slow reloader is stopped


class Result:
    """The saves of one reloader on one case, over all rounds."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.live: list[float] = []
        self.processor: list[float] = []  # milliseconds of the program's processor time for one save
        self.error: str | None = None

    @property
    def median(self) -> float:
        return percentile(self.times, 50)

    def cell(self, base: Result | None = None) -> str:
        if self.error is not None or not self.times:
            return f"fails: {self.error}"
        ratio = f" (×{self.median / base.median:.2f})" if base is not None and base is not self and base.times else ""
        live = min(self.live)
        return f"{milliseconds(self.median)}{ratio}" + ("" if live == 1 else f", {live * 100:.0f} % live")


def environment_with_peers(python: str) -> Path:
    """The interpreter of a virtual environment that has the peers, made once for each list of them."""
    listed = HERE / "requirements.txt"
    key = hashlib.sha256(listed.read_bytes() + python.encode()).hexdigest()[:12]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "afresh-benchmarks" / key
    done = folder / "complete"
    if not done.exists():
        print(f"installing {listed.name} into {folder}", flush=True)
        subprocess.run([python, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                        "-r", listed], check=True)
        done.touch()
    return folder / "bin/python"


def of_peer(python: Path, reloader: str, case: Case, environment: dict[str, str], saves: int, result: Result) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        case.write(folder)
        done = subprocess.run(
            [python, HERE / "peer_worker.py", reloader, case.name, folder, str(saves + WARM_UP), str(SECONDS)],
            env=environment, capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            result.error = (done.stderr.strip().splitlines() or ["it ended"])[-1]
            return
        found = json.loads(done.stdout.splitlines()[-1])
        result.times += found["times"][min(WARM_UP, len(found["times"]) - 1):]
        result.live.append(found["live"])


def of_afresh(binary: Path, python: str, case: Case, environment: dict[str, str], saves: int, result: Result,
              busy: bool = False, pause: float = 0.0) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        case.write(folder)
        command = [python, str(HERE / "case_program.py"), case.name, str(folder), *(["busy"] if busy else [])]
        session = Session(binary, command, folder, folder / "shop.py", environment, {"policy": "patch"})
        try:
            for number in range(1, saves + WARM_UP + 1):
                before = float(session.program.ask("time"))
                timings = session.save(case.text(number), pause)
                spent = float(session.program.ask("time")) - before
                if number > WARM_UP:
                    result.times.append(timings["applied"])
                    result.processor.append(spent * 1000)
            result.live.append(float(session.program.ask(f"live {number}")))
        finally:
            session.close()


ROWS = ("body", "value", "long", "function-0", "function-1000", "constant-1000", "heap-0", "heap")


def tables(binary: Path, python: str, environment: dict[str, str], saves: int, rounds: int) -> list[Table]:
    with_peers = environment_with_peers(python)
    results = {(row, name): Result() for row in ROWS for name in ("Afresh", *PEERS)}
    extra = {name: Result() for name in ("pause", "busy")}
    for _ in range(rounds):
        for row in ROWS:
            for peer in PEERS:
                of_peer(with_peers, peer, CASES[row], environment, saves, results[row, peer])
            of_afresh(binary, python, CASES[row], environment, saves, results[row, "Afresh"])
        of_afresh(binary, python, CASES["long"], environment, saves, extra["pause"], pause=0.3)
        of_afresh(binary, python, CASES["long"], environment, saves, extra["busy"], busy=True)
    table = Table(f"A save until it is live, median of {rounds} × {saves} saves, ms (ratio to importlib)",
                  "case", "importlib.reload, ordered by hand", "Afresh, didSave → `applied`",
                  *(peer for peer in PEERS if peer != "importlib"))
    for row in ROWS:
        base = results[row, "importlib"]
        table.add(CASES[row].title, base.cell(), results[row, "Afresh"].cell(base),
                  *(results[row, peer].cell(base) for peer in PEERS if peer != "importlib"))
    return [table, goals(results, extra)]


def goals(results: dict[tuple[str, str], Result], extra: dict[str, Result]) -> Table:
    table = Table("Afresh against its goals: medians, and the 5th percentile, as other work on the machine shows in the former",
                  "goal", "bound", "median", "met", "p5", "met")

    def row(goal: str, bound: float, unit: str, times: list[float], base: list[float] | None = None) -> None:
        cells: list[str] = []
        for rank in (50, 5):
            measured = percentile(times, rank) / (percentile(base, rank) if base is not None else 1)
            cells += [f"{measured:.2f} {unit}", "yes" if measured <= bound else f"no (×{measured / bound:.2f})"]
        table.add(goal, f"≤ {bound:g} {unit}", *cells)

    def times(row: str, name: str = "Afresh") -> list[float]:
        return results[row, name].times

    row("small module: the program's own processor time for a save, beside importlib.reload", 2, "×",
        results["body", "Afresh"].processor, times("body", "importlib"))
    row("500 lines, a function's body, idle program", 2.5, "ms", times("long"))
    row("the same, saved 0.3 s after the last keystroke", 2.5, "ms", extra["pause"].times)
    row("500 lines, a function's body, a program that computes", 8, "ms", extra["busy"].times)
    row("a function under 1,000 dependents, beside none", 1.05, "×", times("function-1000"), times("function-0"))
    row("a constant that 1,000 dependents use, beside importlib.reload", 1, "×",
        times("constant-1000"), times("constant-1000", "importlib"))
    row("a heap of 1e6 objects and 1e4 instances, beside an empty one", 1.5, "×", times("heap"), times("heap-0"))
    return table
