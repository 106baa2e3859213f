#!/usr/bin/env python3
"""Measures Afresh and prints Markdown tables. Standard library only.

    python3 Tests/Benchmarks/run.py [saves|peers|growth|boot|scans|server|swift]...      all of them without an argument

Uses the release binary of this repository where it has been built (`swift build -c release --static-swift-stdlib
-Xswiftc -static-executable --product afresh`), else the debug one, or what --afresh says. A busy machine moves all
figures: trust ratios within
one table.
"""
from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "Tests" / "EndToEnd"))
sys.dont_write_bytecode = True

import boot  # noqa: E402
import growth  # noqa: E402
import peers  # noqa: E402
import saves  # noqa: E402
import scans  # noqa: E402
import server  # noqa: E402
import swift  # noqa: E402
from interpreters import found  # noqa: E402


WHAT = ("saves", "peers", "growth", "boot", "scans", "server", "swift")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", metavar="saves|peers|growth|boot|scans|server|swift")
    parser.add_argument("--afresh", type=Path, help="the binary to measure")
    parser.add_argument("--python", action="append", help="only these versions, e.g. 3.12 (may be repeated)")
    parser.add_argument("--saves", type=int, default=200, help="how many saves (default: 200)")
    parser.add_argument("--rounds", type=int, default=3, help="fresh processes of each reloader (default: 3)")
    parser.add_argument("--saves-of-peers", type=int, default=15, help="saves in each of them (default: 15)")
    parser.add_argument("--runs", type=int, default=40, help="how many starts of each kind (default: 40)")
    parser.add_argument("--edits", type=int, default=20, help="edits of each Swift plugin (default: 20)")
    parser.add_argument("--objects", type=int, action="append", help="heap sizes for the scan (default: 1e5, 1e6 and 5e6)")
    options = parser.parse_args()
    wanted = options.what or list(WHAT)
    if any(what not in WHAT for what in wanted):
        parser.error(f"there are: {', '.join(WHAT)}")
    interpreters = [(interpreter.version, interpreter.path) for interpreter in found() if interpreter.supported
                    and (not options.python or interpreter.minor in options.python)]
    if not interpreters:
        parser.error("no such CPython from 3.11 on was found")
    binary = options.afresh or next(
        (path for kind in ("release", "debug") if (path := ROOT / ".build" / kind / "afresh").exists()), None)
    if binary is None and wanted != ["scans"]:
        parser.error("afresh has not been built: see Tests/Benchmarks/README.md")
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    print(f"{machine}, load {os.getloadavg()[0]:.1f}\n", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        environment = clean_environment(Path(folder))
        one = next((path for version, path in interpreters if version.startswith("3.12.")), interpreters[-1][1])
        for what in wanted:
            if what == "saves":
                print(saves.table(binary.resolve(), interpreters, environment, options.saves), flush=True)
            elif what == "peers":
                for table in peers.tables(binary.resolve(), one, environment, options.saves_of_peers, options.rounds):
                    print(table, flush=True)
            elif what == "growth":
                print(growth.table(binary.resolve(), one, environment), flush=True)
            elif what == "boot":
                print(boot.table(binary.resolve(), interpreters, environment, options.runs), flush=True)
            elif what == "server":
                for table in server.tables(binary.resolve(), one, environment, options.rounds):
                    print(table, flush=True)
            elif what == "swift":
                print(swift.table(binary.resolve(), environment, options.edits), flush=True)
            else:
                for table in scans.tables(interpreters, options.objects or [100_000, 1_000_000, 5_000_000]):
                    print(table, flush=True)
    return 0


def clean_environment(folder: Path) -> dict[str, str]:
    """Nothing of a live session around this one, and no bytecode that a later text could be mistaken for."""
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith(("PYTHON", "AFRESH", "VIRTUAL_ENV"))}
    for name in ("run", "cache"):
        (folder / name).mkdir(mode=0o700)
    return environment | {"XDG_RUNTIME_DIR": str(folder / "run"), "XDG_CACHE_HOME": str(folder / "cache"),
                          "PYTHONDONTWRITEBYTECODE": "1"}


if __name__ == "__main__":
    sys.exit(main())
