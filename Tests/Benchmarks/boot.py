"""What `afresh run` adds to the start of a program: time and memory of `python -c pass`, runs interleaved."""
from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

from figures import Table, milliseconds, percentile


# Its resident size as the program itself sees it: what the kernel tells a parent counts the moment before exec as well.
SIZE = "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmRSS')))"


def run(command: list[str], environment: dict[str, str]) -> float:
    """Milliseconds until it has ended."""
    begun = time.perf_counter()
    pid = os.posix_spawn(command[0], command, environment, file_actions=[
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0), (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)])
    _, status = os.waitpid(pid, 0)
    if status != 0:
        raise RuntimeError(f"{command} ended with {status}")
    return (time.perf_counter() - begun) * 1000


def resident(python: str, environment: dict[str, str]) -> float:
    """MiB of a program that does nothing else than to ask for it."""
    done = subprocess.run([python, "-c", SIZE], env=environment, capture_output=True, check=True)
    return int(done.stdout) / 1024


def environment_of(binary: Path, python: str, environment: dict[str, str]) -> dict[str, str]:
    """The environment that `afresh run` gives a program."""
    script = "import json, os; print(json.dumps(dict(os.environ)))"
    done = subprocess.run([binary, "run", "--", python, "-c", script], env=environment, capture_output=True, check=True)
    return json.loads(done.stdout)


def table(binary: Path, interpreters: list[tuple[str, str]], environment: dict[str, str], runs: int) -> Table:
    table = Table(
        f"`python -c pass`, median of {runs} interleaved runs",
        "interpreter", "plain ms", "under `afresh run` ms", "added ms", "of it by the agent ms", "p95 ratio",
        "plain MiB", "live MiB", "added MiB")
    for version, python in interpreters:
        live = environment_of(binary, python, environment)
        kinds = {
            "plain": ([python, "-c", "pass"], environment),
            "run": ([str(binary), "run", "--", python, "-c", "pass"], environment),
            "agent": ([python, "-c", "pass"], live),
        }
        times: dict[str, list[float]] = {kind: [] for kind in kinds}
        sizes: dict[str, list[float]] = {"plain": [], "agent": []}
        for number in range(runs + 3):
            for kind, (command, variables) in kinds.items():
                took = run(command, variables)
                if number >= 3:
                    times[kind].append(took)
            if number % 4 == 0:
                sizes["plain"].append(resident(python, environment))
                sizes["agent"].append(resident(python, live))
        middle = {kind: percentile(values, 50) for kind, values in times.items()}
        size = {kind: percentile(values, 50) for kind, values in sizes.items()}
        table.add(
            version, milliseconds(middle["plain"]), milliseconds(middle["run"]),
            milliseconds(middle["run"] - middle["plain"]), milliseconds(middle["agent"] - middle["plain"]),
            f"{percentile(times['run'], 95) / percentile(times['plain'], 95):.2f}",
            f"{size['plain']:.1f}", f"{size['agent']:.1f}", f"{size['agent'] - size['plain']:.2f}")
    return table
