"""The oracle's graphs, with old objects that the two policies themselves leave behind: real checker, real transactions.

`AFRESH_SEEDS=1000 python -m unittest test_stale_policies` plays more of them than a test run does.
"""
from __future__ import annotations

import collections
import gc
import os
import random
import sys
import types
import unittest
import weakref
from typing import Any

import stale_holders
import stale_places
from live import Live, PatchCase
from stale_program import possible, stale

from _afresh.stale_objects import referents

SEEDS = int(os.environ.get("AFRESH_SEEDS", "40"))
FIRST = int(os.environ.get("AFRESH_FIRST_SEED", "0"))

TEXT = """
import functools

class A:
    __slots__ = (SLOTS)
    def m(self): return "A.m V1"
    @staticmethod
    def s(): return "A.s V1"

class B(A):
    class N:
        def q(self): return "N.q V1"

def f(*a): return "f V1"
def g():
    def h(): return "h V1"
    return h
def deco(fn):
    @functools.wraps(fn)
    def wrapper(*a): return DECO
    return wrapper
@deco
def wrapped(): return "wrapped V1"
L = [1, 2, LIST]
D = {"a": f, "b": DICT}
T = (f, TUPLE)
"""


class Edit:
    """A random text of the module."""

    def __init__(self, choose: random.Random, number: int) -> None:
        text = TEXT
        for name in ("A.m", "A.s", "N.q", "f", "h", "wrapped"):
            if choose.random() < 0.4:
                text = text.replace(f'"{name} V1"', f'"{name} V{number}"')
        for word, usual, other in (("SLOTS", '"x", "__weakref__"', f'"x", "y{number}", "__weakref__"'), ("LIST", "3", f"{number}0"),
                                   ("DICT", "4", f"{number}1"), ("TUPLE", "[5]", f"[{number}2]"), ("DECO", "fn(*a)", f"(fn(*a), {number})")):
            text = text.replace(word, other if choose.random() < 0.3 else usual)
        self.text = text


class Watched(Live):
    """Notes what gets old, as the agent does around its transactions."""

    def _apply(self, steps: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
        names = {name for name, _ in steps}
        captured = stale.capture([each for each in self.loaded() if each.name in names])
        result = super()._apply(steps)
        if result["outcome"] == "applied":
            stale.settle(captured, self.loaded())
        return result

    def loaded(self) -> list[stale.Loaded]:
        return [stale.Loaded(name, vars(module), self.records[name].code, module.__file__, 1, None, self.records[name].source)
                for name, module in self.modules().items() if name in self.records]


class Policies(PatchCase):
    def setUp(self) -> None:
        super().setUp()
        stale._LEDGER.__init__()

    def test_what_patch_leaves_behind_is_reported_and_nothing_else(self):
        self.play("patch")

    def test_what_exact_leaves_behind_is_reported_and_nothing_else(self):
        self.play("exact")

    def test_code_that_an_edit_left_as_it_was_is_not_old(self):
        self.live = Watched(self.root, self.checker, "patch")
        text = "class Kept:\n    rate = 1\n\n\ndef total():\n    return [each for each in (0, 1)]\n"
        self.load(text)
        for number in range(2, 6):
            self.save(text.replace("0", str(number)))
        self.assertEqual([(old.symbol, old.kind) for old in stale._LEDGER.olds if old.value() is not None], [])

    def play(self, policy: str) -> None:
        for seed in range(FIRST, FIRST + SEEDS):
            with self.subTest(seed=seed):
                self.live = Watched(self.root, self.checker, policy)
                stale._LEDGER.__init__()
                try:
                    self.trial(random.Random(seed), policy)
                finally:
                    self._unload()

    def trial(self, choose: random.Random, policy: str) -> None:
        before = Edit(choose, 1).text
        module = self.load(before, holders="")
        holders = vars(sys.modules["holders"])
        planted: tuple[tuple[str, Any, Any], ...] = ()  # what a patch does not write into
        how: list[str] = []
        undos = []
        pool = ["A", "B", "B.N", "f", "g", "wrapped", "L", "D", "T", "A.m", "A.s"]
        for number in range(choose.randrange(1, 5)):
            symbol = choose.choice([*pool, "instance", "closure"])
            value = module.A() if symbol == "instance" else module.g() if symbol == "closure" else find(module, symbol)
            held, names = stale_holders.hold(choose, value, choose.randrange(1, 4))
            planted += (symbol, value, held),
            root = choose.choice(["module"] * 3 + ["library", "local_of_a_thread", "thread_attribute"])
            undos.append(stale_places.ROOTS[root](holders, f"h{number}", held))
            how.append(f"{root} {names} {symbol}")
            del value, held
        try:
            gc.collect()
            edit = before
            while edit == before:
                edit = Edit(choose, 2).text
            self.save(edit)
            expected: collections.Counter[str] = collections.Counter()
            for symbol, value, held in planted:
                if leads_to(held, value) and is_stale(module, symbol, value, policy):
                    expected[{"instance": "m.A", "closure": "m.g.<locals>.h"}.get(symbol, f"m.{symbol}")] += 1
            value = held = None
            planted = ()
            gc.collect()
            result = stale.scan(None, self.live.loaded())
            found: collections.Counter[str] = collections.Counter()
            for entry in result["stale"]:
                found[entry["symbol"]] += entry["count"]
            self.assertEqual(+found, expected, (how, edit, result))
            self.assertEqual(possible(result), {}, (how, result))
            self.assertTrue(result["coverage"]["complete"], (how, result))
        finally:
            while undos:
                undos.pop()()
        gc.collect()
        self.assertEqual(stale.scan(None, self.live.loaded())["stale"], [])


def find(module: types.ModuleType, symbol: str) -> Any:
    value: Any = module
    for name in symbol.split("."):
        value = vars(value)[name]
    return value.__func__ if isinstance(value, staticmethod) else value


def leads_to(holder: Any, value: Any) -> bool:
    """Whether it still does: a patch puts what takes an object's place into what can be written to."""
    pending = [holder]
    seen = {id(vars(module)) for module in list(sys.modules.values()) if isinstance(module, types.ModuleType)}
    for each in pending:
        if each is value:
            return True
        for child in referents(each):
            if id(child) not in seen:
                seen.add(id(child))
                if not isinstance(child, type) or child.__module__ == "holders" or child is value or child is weakref.finalize:
                    pending.append(child)
    return False


def is_stale(module: types.ModuleType, symbol: str, value: Any, policy: str) -> bool:
    """It is another object than the name's now, and does not lead on to that."""
    if symbol == "instance":
        return type(value) is not module.A
    if symbol == "closure":
        return policy == "exact" or value() != module.g()()
    current = find(module, symbol)
    if value is current:
        return False
    if not isinstance(value, types.FunctionType):
        return True
    if policy == "patch" and isinstance(current, types.FunctionType) and value.__code__ is current.__code__:
        return value.__closure__ != current.__closure__  # of a class that was replaced: it runs the new code
    return all(each is not current for each in value.__code__.co_consts)


if __name__ == "__main__":
    unittest.main()
