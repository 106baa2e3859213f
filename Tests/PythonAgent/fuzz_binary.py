"""Plays random programs as `fuzz.py` does, with the real thing: a program under `afresh run`, saved files, `afresh reload`.

    AFRESH=.build/debug/afresh python Tests/PythonAgent/fuzz_binary.py --edits 1000

What differs and is told of by a stale reference, whichever, counts as reported: `fuzz.py` looks closer. Here it is seen that what
server, engine and agent make of a save together is what the agent's own tests say.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import fuzz
from live import PatchCase
from random_programs import Program
from random_reports import says

AFRESH = os.path.abspath(os.environ.get("AFRESH", "afresh"))
LIMIT = 60
APPLIED = frozenset(("live", "stale", "unchanged"))
# Answers in one line: the probes, or where an import failed.
PROGRAM = """
import importlib, json, sys, traceback
sys.dont_write_bytecode = True
here, root, names = sys.argv[1], sys.argv[2], sys.argv[3:]
sys.path[:0] = [root]
out, sys.stdout = sys.stdout, sys.stderr
def answer():
    sys.path.append(here)
    from random_probes import probe
    sys.path.remove(here)
    return {name: {key: repr(value) for key, value in probe(sys.modules[name]).items()} for name in names}
try:
    for name in names:
        importlib.import_module(name)
except Exception as error:
    at = [(each.filename, each.lineno) for each in traceback.extract_tb(error.__traceback__) if each.name == "<module>"]
    print(json.dumps({"failed": repr(error), "at": at[-1]}), file=out, flush=True)
else:
    print(json.dumps(answer()), file=out, flush=True)
    for line in sys.stdin:
        print(json.dumps(answer()), file=out, flush=True)
"""


class Started:
    """A program, and what it answers."""

    def __init__(self, root: str, names: tuple[str, ...], *under: str) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")} | {"PYTHONHASHSEED": "0"}
        command = [*under, sys.executable, "-W", "ignore", "-c", PROGRAM, os.path.dirname(os.path.abspath(__file__)), root, *names]
        self._process = subprocess.Popen(command, cwd=root, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.answers = self._line()

    def ask(self) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._line()

    def _line(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the program ended with {self._process.wait(LIMIT)}")
        return json.loads(line)

    def end(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait(LIMIT)


class Whole(fuzz.Player):
    about = "Random edits of random programs, by the binary."
    program: Started | None = None

    def setUp(self) -> None:
        super().setUp()
        self._sockets = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self._sockets)
        self.addCleanup(self._end)
        os.environ["XDG_RUNTIME_DIR"] = self._sockets

    def _forget(self) -> None:
        self._end()
        self.told: set[str] = set()
        for name in os.listdir(self.root):
            shutil.rmtree(path) if os.path.isdir(path := os.path.join(self.root, name)) else os.unlink(path)

    def _end(self) -> None:
        if self.program is not None:
            self.program.end()
            self.program = None

    def _load(self, names: tuple[str, ...], texts: dict[str, str]) -> None:
        self._put_back(names, texts)
        self.program = Started(self.root, names, AFRESH, "run", "--")

    def _hold(self, program: Program, share: float = 0.3) -> None:
        pass

    def _fresh(self, names: tuple[str, ...], texts: dict[str, str]) -> Any:
        root, self.root = self.root, tempfile.mkdtemp()
        try:
            self._put_back(names, texts)
            program = Started(self.root, names)
            program.end()
            if "failed" not in program.answers:
                return program.answers
            path, line = program.answers["at"]
            module = Path(path).relative_to(self.root).with_suffix("")
            self.ended = ".".join(module.parts).removesuffix(".__init__"), line
            return RuntimeError(program.answers["failed"])
        finally:
            shutil.rmtree(self.root)
            self.root = root

    def _state(self, names: tuple[str, ...], expected: Any) -> dict[str, Any]:
        return self.program.ask() if self.program is not None else {}

    def _check_undone(self, names: tuple[str, ...], state: dict[str, Any], report: Any) -> None:
        if (now := self._state(names, None)) != state:
            raise self._disagreement("not as it was before a failing save", report, [f"before {state}", f"after  {now}"])

    def _compare(self, program: Program, expected: dict[str, dict[str, Any]], report: Any) -> str:
        assert self.program is not None
        now = self.program.ask()
        differ = [(name, key, expected[name].get(key), now[name].get(key)) for name in program.names
                  for key in sorted(expected[name].keys() | now[name].keys()) if expected[name].get(key) != now[name].get(key)]
        if not differ:
            self.counts["the same"] += 1
            return "on"
        silent = [f"{name}.{key}{self._difference(want, have)}" for name, key, want, have in differ
                  if not report["stale"] and not any(says(self.told, each) for each in self.saved.behind((name, key.partition(".")[0])))]
        if silent:
            raise self._disagreement("differs, and the report does not say so", report, silent)
        self.counts["different, and reported"] += 1
        return "end"

    def _reload(self, paths: list[str]) -> Any:
        """The last report, as the agent has it."""
        done = subprocess.run([AFRESH, "reload", "--json", "--policy", "patch", *paths], cwd=self.root, capture_output=True, text=True, timeout=LIMIT)
        objects = [json.loads(line) for line in done.stdout.splitlines()]
        hosts = objects[-1]["hosts"] if objects else []
        if not hosts:
            return {"outcome": f"exit {done.returncode}", "error": done.stdout + done.stderr}
        (host,) = hosts
        modules = [{"module": each["name"], "executed": False, "changes": each.get("changes", [])} for each in host["modules"]]
        outcome = "applied" if host["outcome"] in APPLIED else host["outcome"]
        stale = [each["symbol"] for each in host["stale"]]
        return {"outcome": outcome, "error": objects[-1].get("message"), "left": [], "modules": modules, "stale": stale}

    setUpClass = classmethod(lambda cls: None)  # type: ignore[assignment]
    tearDownClass = classmethod(lambda cls: None)  # type: ignore[assignment]


if __name__ == "__main__":
    PatchCase.checker = None  # type: ignore[assignment]
    sys.exit(fuzz.main(Whole, __file__))
