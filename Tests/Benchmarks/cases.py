"""What is edited, and in which program: the same for every reloader. Standard library only, imported by the programs too."""
from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# 11 functions, 3 classes, 91 lines; {0} is what each save changes.
SMALL = '''"""Prices of a small shop."""
import functools
import operator

VAT = {1}
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

PART = '''
class Item{number}:
    """An item of kind {number}."""

    kind = {number}

    def __init__(self, name, price, quantity=1):
        self.name = name
        self.price = price
        self.quantity = quantity

    def cost(self, discount=0):
        base = self.price * self.quantity
        if discount > LIMIT:
            base = base * (100 - discount) / 100
        return round(base, 2)

    def label(self):
        parts = [part.strip() for part in self.name.split(",") if part]
        return " ".join(parts).title()


def total{number}(items, start=0):
    """The sum of everything, {number}."""
    result = start
    for item in items:
        cost = item.cost()
        if cost < 0:
            raise ValueError(f"negative cost of {{item.name!r}}: {{cost}}")
        result += cost
    return result


def grouped{number}(items):
    groups = {{}}
    for item in items:
        groups.setdefault(item.name[:1], []).append(item)
    return {{key: sorted(value, key=operator.attrgetter("price")) for key, value in groups.items()}}

'''


def long_module(lines: int, number: int) -> str:
    """A module of about that many lines; `number` is in the body of a function in its middle."""
    parts = ['"""A module of some size."""\nimport operator\n\nLIMIT = 10\n\n']
    count = lines // (PART.count("\n") + 1)
    for part in range(count):
        if part == count // 2:
            # Also the lines after it move, as they do in most edits.
            parts.append(f"\ndef version():\n{'    # so that lines move' + chr(10) if number % 2 else ''}    return {number}\n\n")
        parts.append(PART.format(number=part))
    return "".join(parts)


@dataclass
class Case:
    """One edit that is saved again and again."""

    name: str
    title: str
    text: Callable[[int], str]  # of the module `shop`, for each save
    dependents: int = 0
    dependent: str = ""  # text of each, {0} is its number
    objects: int = 0
    instances: int = 0
    probe: Callable[[Program, int], tuple[int, int]] = lambda program, number: program.functions(number)

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "shop.py").write_text(self.text(0))
        for number in range(self.dependents):
            (folder / f"user{number}.py").write_text(self.dependent.format(number))


@dataclass
class Program:
    """The program that is edited: its modules are loaded, and it holds what programs hold."""

    case: Case
    shop: Any = None
    version: Any = None
    users: list[Any] = field(default_factory=list)
    heap: list[Any] = field(default_factory=list)
    items: list[Any] = field(default_factory=list)

    def load(self) -> None:
        self.shop = importlib.import_module("shop")
        self.version = getattr(self.shop, "version", None)
        self.users = [importlib.import_module(f"user{number}") for number in range(self.case.dependents)]
        self.heap += [[{"number": number}, (number, str(number)), [number]] for number in range(self.case.objects // 4)]
        self.items = [self.shop.Item("cup", number) for number in range(self.case.instances)]

    def keep(self, value: object) -> None:
        """Holds something as long as the program lives."""
        self.heap.append(value)

    def live(self, number: int) -> float:
        """The share of what can be seen of save `number` that is there."""
        count, of = self.case.probe(self, number)
        return count / of

    def functions(self, number: int) -> tuple[int, int]:
        """Through the module, and through a reference that was taken before."""
        shop = sys.modules["shop"]
        return (shop.version() == number) + (self.version() == number), 2


def _constants(program: Program, number: int) -> tuple[int, int]:
    names = [f"user{each}" for each in range(program.case.dependents)]
    return sum(sys.modules[name].TOTAL == number + 1 for name in names), len(names)


def _calls(program: Program, number: int) -> tuple[int, int]:
    names = [f"user{each}" for each in range(program.case.dependents)]
    return sum(sys.modules[name].ask() == number for name in names), len(names)


def _statement(program: Program, number: int) -> tuple[int, int]:
    return int(sys.modules["shop"].VAT == number), 1


def _methods(program: Program, number: int) -> tuple[int, int]:
    items = program.items or [sys.modules["shop"].Item("cup", 1)]
    return sum(item.quantity_of() == number for item in items), len(items)


def _with_method(number: int) -> str:
    method = f"    def quantity_of(self):\n        return {number}\n\n    def cost(self):\n        return self.price"
    return SMALL.format(0, 0.2).replace("    def cost(self):\n        return self.price", method, 1)


USES_FUNCTION = "from shop import version\n\n\ndef ask():\n    return version()\n"
USES_CONSTANT = "from shop import VAT\n\nTOTAL = VAT + 1\n\n\ndef ask():\n    return TOTAL\n"
LARGE_HEAP = 1_000_000


CASES = {
    case.name: case
    for case in (
        Case("body", "small module (91 lines), a function's body", lambda number: SMALL.format(number, 0.2)),
        Case("value", "small module, a constant", lambda number: SMALL.format(0, number), probe=_statement),
        Case("long", "500 lines, a function's body", lambda number: long_module(500, number)),
        Case("function-0", "a function's body, no dependents", lambda number: SMALL.format(number, 0.2)),
        Case("function-1000", "a function's body, 1,000 dependents", lambda number: SMALL.format(number, 0.2),
             1000, USES_FUNCTION, probe=_calls),
        Case("constant-1000", "a constant that 1,000 dependents use", lambda number: SMALL.format(0, number),
             1000, USES_CONSTANT, probe=_constants),
        Case("heap-0", "a method, empty heap", _with_method, probe=_methods),
        Case("heap", "a method, 1e6 objects and 1e4 instances", _with_method, objects=LARGE_HEAP, instances=10_000,
             probe=_methods),
    )
}
