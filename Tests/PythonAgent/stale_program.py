"""A small program for the tests of the stale scan: modules made from text, reloaded as `importlib.reload` does."""
from __future__ import annotations

import sys
import types
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Sources/PythonRuntime/Agent"))

from _afresh import stale  # noqa: E402

stale._HERE.seconds = 1.0  # on a busy machine, too, the short walk must come to its end

SHOP = """
RATE = 5
LABELS = ["a"]
def price(n):
    return n
class Order:
    def total(self):
        return 1
"""


class Program:
    """Modules by name. `close` takes them out of `sys.modules` again."""

    def __init__(self, **texts: str) -> None:
        stale._LEDGER.__init__()
        self.modules: dict[str, stale.Loaded] = {}
        for name, text in texts.items():
            self.add(name, text)

    def add(self, name: str, text: str) -> dict:
        module = types.ModuleType(name)
        module.__file__ = f"/program/{name}.py"
        sys.modules[name] = module
        namespace = module.__dict__
        loaded = stale.Loaded(name, namespace, None, module.__file__)
        self.modules[name] = loaded
        self._execute(loaded, text)
        return namespace

    def __getitem__(self, name: str) -> dict:
        return self.modules[name].namespace

    def _execute(self, loaded: stale.Loaded, text: str) -> None:
        loaded.code = compile(text, loaded.path, "exec")
        loaded.text = text.encode()
        exec(loaded.code, loaded.namespace)

    def save(self, name: str, text: str) -> None:
        """Executes the new text in the namespace that the module has."""
        loaded = self.modules[name]
        captured = stale.capture([loaded])
        self._execute(loaded, text)
        loaded.generation += 1
        stale.settle(captured, self.modules.values())

    def patch(self, name: str, text: str) -> None:
        """Gives the module's functions, methods included, the code of the new text; executes nothing else."""
        loaded = self.modules[name]
        captured = stale.capture([loaded])
        scratch = {"__name__": name}
        loaded.code = compile(text, loaded.path, "exec")
        loaded.text = text.encode()
        exec(loaded.code, scratch)
        self._swap(loaded.namespace, scratch)
        loaded.generation += 1
        scratch.clear()
        stale.settle(captured, self.modules.values())

    def _swap(self, old: dict, new: dict) -> None:
        for key, value in list(new.items()):
            if isinstance(value, types.FunctionType) and key in old:
                old[key].__code__ = value.__code__
            elif isinstance(value, type) and isinstance(old.get(key), type):
                self._swap(dict(vars(old[key])), dict(vars(value)))

    def scan(self, samples: int = 20, cancelled=lambda: False) -> dict:
        return stale.scan(None, self.modules.values(), samples, cancelled)

    def close(self) -> None:
        for name in self.modules:
            sys.modules.pop(name, None)
            self[name].clear()


def briefly(result: dict) -> list[tuple[str, str, str, int]]:
    """(symbol, kind, path, count) of each entry, sorted."""
    return sorted((entry["symbol"], entry["kind"], entry["path"], entry["count"]) for entry in result["stale"])


def possible(result: dict) -> dict[str, int]:
    """Counts of what is reported as possible, by symbol."""
    counts: dict[str, int] = {}
    for entry in result["stale"]:
        if entry["confidence"] == "possible":
            counts[entry["symbol"]] = counts.get(entry["symbol"], 0) + entry["count"]
    return counts


class Case(unittest.TestCase):
    def program(self, **texts: str) -> Program:
        program = Program(**texts)
        self.addCleanup(program.close)
        return program

    def line(self, entry: dict) -> int:
        return entry["location"]["range"]["start"]["line"]
