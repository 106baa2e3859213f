"""Runs the test suites one after another and says in one last line what they ran.

Started by Tests/run, which installs what is needed. Exit status 0 only if every suite ran something and nothing failed.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "Tests" / "EndToEnd"))

from interpreters import Interpreter, found  # noqa: E402

LIMIT = 45 * 60  # seconds for one suite; a machine may be slow


@dataclass
class Tally:
    """What one suite ran. One that ran nothing, or that ended badly without a failed test, counts as a failure."""

    name: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    notes: list[str] = field(default_factory=list)

    def settle(self, status: int) -> Tally:
        if status != 0 and self.failed == 0:
            self.failed = 1
            self.notes.append(f"ended with exit status {status}")
        elif self.passed + self.failed == 0:
            self.failed = 1
            self.notes.append("ran no test")
        return self


def main() -> int:
    # What a shell runs in the background ignores interrupts, and so would every program that the tests interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    arguments = sys.argv[1:]
    extra: list[str] = []
    if "--" in arguments:
        split = arguments.index("--")
        arguments, extra = arguments[:split] or ["endtoend"], arguments[split + 1 :]
    unknown = [name for name in arguments if name not in SUITES]
    if unknown:
        print(f"Tests/run: no suite is called {unknown[0]}; there are: {' '.join(SUITES)}", file=sys.stderr)
        return 64

    interpreters = found()
    heading("interpreters")
    for interpreter in interpreters:
        print(f"{interpreter.version}  {interpreter.path}  {interpreter.standing}")
    if not any(interpreter.supported for interpreter in interpreters):
        print("Tests/run: no CPython from 3.11 on was found", file=sys.stderr)
        return 70

    tallies: list[Tally] = []
    for name in arguments or list(SUITES):
        began = time.monotonic()
        for tally in SUITES[name](interpreters, extra):
            tally.notes.append(f"{time.monotonic() - began:.0f} s")
            tallies.append(tally)
            began = time.monotonic()

    heading("summary")
    for tally in tallies:
        skipped = f", {tally.skipped} skipped" if tally.skipped else ""
        print(f"{tally.name}: {tally.passed} of {tally.passed + tally.failed}{skipped} ({'; '.join(tally.notes)})")
    passed, failed = sum(tally.passed for tally in tallies), sum(tally.failed for tally in tallies)
    skipped = sum(tally.skipped for tally in tallies)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""), flush=True)
    return 0 if failed == 0 and passed > 0 else 1


def swift(interpreters: list[Interpreter], extra: list[str]):
    heading("swift test")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = ["swift", "test", "--disable-xctest", "--xunit-output", str(report)]
        status, _ = run(command)
        reports = sorted(Path(folder).glob("*.xml"))
        tally = Tally("swift")
        for path in reports:
            count_junit(path, tally)
        yield tally.settle(status)


def agent(interpreters: list[Interpreter], extra: list[str]):
    heading("agent, on every supported interpreter")
    supported = os.pathsep.join(interpreter.path for interpreter in interpreters if interpreter.supported)
    yield pytest("agent", ["Tests/PythonAgent"], {"AFRESH_TEST_PYTHONS": supported})


def endtoend(interpreters: list[Interpreter], extra: list[str]):
    if (tally := build()) is not None:
        yield tally
        return
    heading("end to end")
    yield pytest("end to end", ["Tests/EndToEnd", *extra], {"AFRESH": str(binary())})


def vscode(interpreters: list[Interpreter], extra: list[str]):
    if (tally := build()) is not None:
        yield tally
        return
    heading("VS Code extension")
    tests = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("editors/vscode/test/*.test.js"))
    python = next(interpreter.path for interpreter in interpreters if interpreter.supported)
    environment = {"AFRESH": str(binary()), "AFRESH_TEST_PYTHON": python}
    status, output = run(["node", "--test", "--test-reporter=spec", *tests], environment)
    tally = Tally("VS Code extension")
    count_node(output, tally)
    yield tally.settle(status)


SUITES = {"swift": swift, "agent": agent, "endtoend": endtoend, "vscode": vscode}


def binary() -> Path:
    """The server under test: $AFRESH where it is set, else the debug build."""
    return Path(os.environ["AFRESH"]).resolve() if os.environ.get("AFRESH") else ROOT / ".build" / "debug" / "afresh"


def build() -> Tally | None:
    """Builds the server, and the library of Swift programs; a tally only where that failed."""
    heading("swift build")
    # The debug build of both is needed also where another server is under test: the demonstration in Swift uses it.
    for product in ["afresh", "AfreshHost"]:
        status, _ = run(["swift", "build", "--product", product])
        if status != 0:
            return Tally("swift build").settle(status)
    return None


def run(command: list[str], environment: dict[str, str] | None = None) -> tuple[int, str]:
    """Runs a command, showing its output while it comes; its exit status and that output."""
    print("$ " + " ".join(command), flush=True)
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True)
    assert process.stdout is not None
    watchdog = threading.Timer(LIMIT, os.killpg, (process.pid, signal.SIGKILL))
    watchdog.start()
    lines: list[str] = []
    try:
        for line in process.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()
            lines.append(line)
        return process.wait(), "".join(lines)
    finally:
        watchdog.cancel()


def pytest(name: str, arguments: list[str], environment: dict[str, str]) -> Tally:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        status, _ = run([sys.executable, "-m", "pytest", "-ra", f"--junitxml={report}", *arguments], environment)
        tally = Tally(name)
        if report.exists():
            count_junit(report, tally)
        return tally.settle(status)


def count_junit(path: Path, tally: Tally) -> None:
    for case in ElementTree.parse(path).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            tally.failed += 1
        elif case.find("skipped") is not None:
            tally.skipped += 1
        else:
            tally.passed += 1


def count_node(output: str, tally: Tally) -> None:
    """From the closing lines of node's runner: '# pass 3' in TAP, 'ℹ pass 3' in its other form."""
    for word, name in (("pass", "passed"), ("fail", "failed"), ("cancelled", "failed"), ("skipped", "skipped")):
        for count in re.findall(rf"^(?:#|ℹ) {word} (\d+)$", output, re.MULTILINE):
            setattr(tally, name, getattr(tally, name) + int(count))


def heading(text: str) -> None:
    print(f"\n== {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
