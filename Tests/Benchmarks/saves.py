"""From `didSave` to `reload/status` phase `applied`, for a small module, beside `importlib.reload` of the same text."""
from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path

from client import Editor
from figures import Table, milliseconds, percentile

# 11 functions, 3 classes, 91 lines; {0} is what each save changes: in the body of one function.
MODULE = '''"""Prices of a small shop."""
import functools
import operator

VAT = 0.2
CURRENCIES = {{"EUR": 1, "USD": 1.1, "CHF": 0.95}}
DISCOUNTS = [(100, 5), (500, 10), (1000, 15)]


class Item:
    def __init__(self, name, price, quantity=1):
        self.name = name
        self.price = price
        self.quantity = quantity

    def cost(self):
        return self.price * self.quantity


class Discounted(Item):
    def __init__(self, name, price, quantity=1, percent=10):
        super().__init__(name, price, quantity)
        self.percent = percent

    def cost(self):
        return super().cost() * (100 - self.percent) / 100


class Basket:
    def __init__(self):
        self.items = []

    def add(self, item):
        self.items.append(item)
        return self

    def cost(self):
        return sum(item.cost() for item in self.items)


def version():
    return {0}


def discount(amount):
    best = 0
    for least, percent in DISCOUNTS:
        if amount >= least:
            best = percent
    return best


def with_vat(amount):
    return amount * (1 + VAT)


def convert(amount, currency):
    return amount * CURRENCIES[currency]


def total(basket, currency="EUR"):
    amount = basket.cost()
    return convert(amount * (100 - discount(amount)) / 100, currency)


def cheapest(items):
    return min(items, key=operator.attrgetter("price"))


def grouped(items):
    groups = {{}}
    for item in items:
        groups.setdefault(item.name[:1], []).append(item)
    return groups


@functools.lru_cache(maxsize=None)
def label(name):
    return name.strip().title()


def describe(item):
    return f"{{label(item.name)}}: {{item.cost()}}"


def parse(line):
    name, price, *rest = line.split(",")
    return Item(name, float(price), int(rest[0]) if rest else 1)


def listing(items): return "\\n".join(map(describe, items))
'''

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


class Program:
    """Answers one line for each line that it is sent."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.answer()

    def ask(self, question: str) -> str:
        self._process.stdin.write(question + "\n")
        return self.answer()

    def answer(self) -> str:
        line = self._process.stdout.readline()
        if not line:
            raise EOFError("the program has ended")
        return line.strip()

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


def measure(binary: Path, python: str, environment: dict[str, str], policy: str, saves: int) -> dict[str, list[float]]:
    """Milliseconds of each save: `applied` and `scanned` as the editor sees them, `reload` as the program does, and
    `check`, `plan`, `apply` and `scan` as the report says."""
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder, elsewhere = Path(name).resolve() / "work", Path(name).resolve() / "peer"
        for place in (folder, elsewhere):
            place.mkdir()
        (folder / "shop.py").write_text(MODULE.format(0))
        (elsewhere / "peer.py").write_text(MODULE.format(0))  # outside the workspace: not the server's to reload
        (folder / "app.py").write_text(PROGRAM)
        program = Program([str(binary), "run", "--", python, "app.py", str(elsewhere)], folder, environment)
        editor = Editor(binary, folder, environment, {"policy": policy})
        try:
            uri = (folder / "shop.py").as_uri()
            editor.notify("textDocument/didOpen", {"textDocument": {
                "uri": uri, "languageId": "python", "version": 0, "text": MODULE.format(0)}})
            editor.status("hosts", -1)
            sequence = 0
            for number in range(1, saves + 6):
                text = MODULE.format(number)
                editor.notify("textDocument/didChange", {
                    "textDocument": {"uri": uri, "version": number}, "contentChanges": [{"text": text}]})
                (folder / "shop.py").write_text(text)
                begun = time.perf_counter()
                editor.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
                applied = editor.status("applied", sequence)
                took = (time.perf_counter() - begun) * 1000
                sequence = applied["sequence"]
                if applied["outcome"] not in ("live", "stale"):
                    raise RuntimeError(f"save {number}: {applied['message']}")
                scanned = editor.status("scanned", sequence - 1)
                until_scanned = (time.perf_counter() - begun) * 1000
                if program.ask("version") != str(number):
                    raise RuntimeError(f"save {number} is not what runs")
                (elsewhere / "peer.py").write_text(text)
                reload = float(program.ask("reload"))
                if number <= 5:
                    continue  # the first saves find cold caches: the program's, the checker's and the machine's
                timings = scanned["hosts"][0]["timings"]
                for key, value in {"applied": took, "scanned": until_scanned, "reload": reload, **timings}.items():
                    found.setdefault(key, []).append(value)
        finally:
            editor.close()
            program.close()
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
