"""Afresh as a language server beside ruff's, in turns: its start, its answers, a flood of edits, and large projects.

None of these has a program that runs: what a save costs is measured by saves.py and peers.py.
"""
from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from figures import Table, percentile
from peers import environment_with_peers
from language_server import LIMIT, Server, frame, resident

STARTS = 15
ANSWERS = 3000
EDITS = 10_000
LINES = 10_000
GOALS = {"start": 2.0, "resident": 10.0, "answer": 40.0, "answer p99": 150.0, "flood": 60.0, "growth": 10.0}
# What editors of today announce, so far as it makes a server do something.
CAPABILITIES = {
    "window": {"workDoneProgress": True},
    "workspace": {"configuration": True, "didChangeWatchedFiles": {"dynamicRegistration": True},
                  "diagnostics": {"refreshSupport": True}},
    # Asked for, diagnostics are not made anew after each edit.
    "textDocument": {"hover": {"contentFormat": ["markdown"]}, "diagnostic": {"dynamicRegistration": True}}}


def document(lines: int) -> str:
    """A module of so many lines; each tenth is a comment."""
    return "".join(f"# line {number}\n" if number % 10 == 0 else f"value_{number} = {number}\n" for number in range(lines))


def edits(path: Path, count: int, lines: int) -> bytes:
    """As many frames, each of which puts one letter into a comment somewhere."""
    frames = []
    for number in range(count):
        place = {"line": number * 7919 % (lines // 10) * 10, "character": 2}
        frames.append(frame({"method": "textDocument/didChange", "params": {
            "textDocument": {"uri": path.as_uri(), "version": number + 2},
            "contentChanges": [{"range": {"start": place, "end": place}, "text": "x"}]}}))
    return b"".join(frames)


class Candidate:
    """A server, and what has been measured of it."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        self.name = name
        self._command, self._environment = command, environment
        self.found: dict[str, list[float]] = {key: [] for key in GOALS}

    def start(self, folder: Path) -> Server:
        return Server(self._command, folder, self._environment)

    def measure_start(self, folder: Path) -> None:
        server = self.start(folder)
        self.found["start"].append(server.initialize(CAPABILITIES) * 1000)
        self.found["resident"].append(resident(server.pid))
        server.notify("initialized", {})
        server.close()

    def measure_answers(self, folder: Path, count: int) -> None:
        server = self.start(folder)
        server.ready(CAPABILITIES)
        path = folder / "main.py"
        server.open(path, path.read_text())
        server.answer(server.hover(path))
        times = []
        for _ in range(count):
            begun = time.perf_counter()
            _, arrived = server.answer(server.ask("benchmark/unknown", {}))
            times.append((arrived - begun) * 1e6)
        self.found["answer"].append(percentile(times, 50))
        self.found["answer p99"].append(percentile(times, 99))
        server.close()

    def measure_flood(self, folder: Path) -> None:
        server = self.start(folder)
        server.ready(CAPABILITIES)
        path = folder / "main.py"
        flood = edits(path, EDITS, LINES)
        server.open(path, document(LINES))
        server.answer(server.hover(path))
        before = resident(server.pid)
        begun = time.perf_counter()
        server.put(flood)
        _, arrived = server.answer(server.hover(path))
        self.found["flood"].append((arrived - begun) * 1000)
        self.found["growth"].append(resident(server.pid) - before)
        server.close()


ROWS = [
    ("start", "process started → answer to `initialize`", "ms"), ("resident", "resident after it", "MiB"),
    ("answer", "an unknown request, median", "µs"), ("answer p99", "the same, 99 %", "µs"),
    ("flood", f"{EDITS:,} edits of {LINES:,} lines, then hover", "ms"), ("growth", "memory that they add", "MiB")]


def tables(binary: Path, python: str, environment: dict[str, str], rounds: int) -> list[Table]:
    ruff = environment_with_peers(python).parent / "ruff"
    afresh = Candidate("Afresh", [str(binary), "lsp"], environment)
    other = Candidate("ruff", [str(ruff), "server"], environment)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        (folder / "main.py").write_text(document(20))
        for _ in range(STARTS):
            for candidate in (afresh, other):
                candidate.measure_start(folder)
        for _ in range(rounds):
            for candidate in (afresh, other):
                candidate.measure_answers(folder, ANSWERS)
                candidate.measure_flood(folder)
    table = Table(f"As a language server, beside `ruff server`: medians of {STARTS} starts and {rounds} rounds, [least]",
                  "", "goal", "Afresh", "met", "ruff")
    for key, title, unit in ROWS:
        own = percentile(afresh.found[key], 50)
        cells = [f"{percentile(each.found[key], 50):.1f} [{min(each.found[key]):.1f}] {unit}" for each in (afresh, other)]
        met = "yes" if own <= GOALS[key] else "the least" if min(afresh.found[key]) <= GOALS[key] else "no"
        table.add(title, f"≤ {GOALS[key]:g} {unit}", cells[0], met, cells[1])
    return [table, of_scale(afresh, other)]


# -- large projects --------------------------------------------------------------------------------


def of_scale(*candidates: Candidate) -> Table:
    table = Table("Large projects: until the next request is answered, and what it adds to the resident size",
                  "", *(candidate.name for candidate in candidates))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        for title, case in SCALES:
            table.add(title, *(case(candidate, folder) for candidate in candidates))
    return table


def timed(server: Server, work: Callable[[], object]) -> str:
    before, begun = resident(server.pid), time.perf_counter()
    try:
        work()
        _, arrived = server.answer(server.ask("benchmark/unknown", {}))
        server.answer(server.ask("benchmark/unknown", {}))  # what is freed behind an answer is free now
    except TimeoutError:
        server.kill()
        return f"no answer within {LIMIT:.0f} s"
    cell = f"{(arrived - begun) * 1000:.1f} ms, {resident(server.pid) - before:+.1f} MiB"
    server.close()
    return cell


def many_documents(candidate: Candidate, folder: Path) -> str:
    server = candidate.start(folder)
    server.ready(CAPABILITIES)

    def work() -> None:
        for number in range(1000):
            path, text = folder / f"open_{number}.py", document(100)
            server.open(path, text)
            server.put(edits(path, 10, 100))

    return timed(server, work)


def long_document(candidate: Candidate, folder: Path) -> str:
    server = candidate.start(folder)
    server.ready(CAPABILITIES)
    path = folder / "long.py"
    server.open(path, document(100_000))
    server.answer(server.ask("benchmark/unknown", {}))
    flood = edits(path, 200, 100_000)
    return timed(server, lambda: server.put(flood))


def large_document(candidate: Candidate, folder: Path) -> str:
    server = candidate.start(folder)
    server.ready(CAPABILITIES)
    text = "# " + "x" * 997 + "\n"
    return timed(server, lambda: server.open(folder / "large.py", text * 50_000))


def large_workspace(candidate: Candidate, folder: Path) -> str:
    for number in range(50_000):
        place = folder / "many" / f"package_{number // 500}"
        if number % 500 == 0:
            place.mkdir(parents=True, exist_ok=True)
        (place / f"module_{number}.py").touch()
    server = candidate.start(folder / "many")
    return timed(server, lambda: server.ready(CAPABILITIES))


def a_day(candidate: Candidate, folder: Path) -> str:
    """A document that is opened, edited, saved and closed over and over; the first tenth is not counted."""
    server = candidate.start(folder)
    server.ready(CAPABILITIES)
    path = folder / "day.py"
    text = document(1000)
    path.write_text(text)
    flood = edits(path, 100, 1000)

    def hours(count: int) -> None:
        for _ in range(count):
            server.open(path, text)
            server.put(flood)
            server.notify("textDocument/didSave", {"textDocument": {"uri": path.as_uri()}})
            server.notify("textDocument/didClose", {"textDocument": {"uri": path.as_uri()}})
            server.answer(server.hover(path))

    hours(20)
    return timed(server, lambda: hours(200))


SCALES: list[tuple[str, Callable[[Candidate, Path], str]]] = [
    ("1,000 documents opened, with 10 edits each", many_documents),
    ("200 edits of a document of 100,000 lines", long_document),
    ("a document of 50 MB", large_document),
    ("start in a workspace of 50,000 files", large_workspace),
    ("200 × a document opened, edited 100 times, saved, closed", a_day),
]
