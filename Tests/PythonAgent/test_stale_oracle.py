"""Random graphs of every kind of holder, with a known set of references to old objects: all are found, and no other.

`AFRESH_SEEDS=1000 python -m unittest test_stale_oracle` plays more of them than a test run does.
"""
from __future__ import annotations

import collections
import gc
import os
import random
import unittest

import stale_holders
import stale_places
from stale_program import Program, possible, stale

SEEDS = int(os.environ.get("AFRESH_SEEDS", "60"))
FIRST = int(os.environ.get("AFRESH_FIRST_SEED", "0"))

TEXT = """
import functools

class A:
    __slots__ = ("x", "__dict__", "__weakref__")
    def m(self): return 1
    @property
    def p(self): return 1
    @classmethod
    def c(cls): return super().__init__
    @staticmethod
    def s(): return __class__

class B(A):
    def m(self): return super().m()
    class N:
        def q(self): return __class__

class Cents(int):
    __slots__ = ()

def f(*a): return 1
def g():
    def h(): return f
    return h
async def co(): return 1
def deco(fn):
    @functools.wraps(fn)
    def wrapper(*a): return fn(*a)
    return wrapper
@deco
def wrapped(): return 3
@functools.lru_cache
def cached(): return 4
L = [1, 2]
D = {"a": f, "b": [A, {"c": B}]}
S = {1, 2}
"""


class Planted:
    """References to what one module owns, from everywhere; `undo` takes them away."""

    def __init__(self, choose: random.Random, module: dict, namespace: dict) -> None:
        self.counts: collections.Counter = collections.Counter()
        self.native: collections.Counter = collections.Counter()
        self.how: list[str] = []
        self.undos = []
        a, b = module["A"], module["B"]
        pool = [("m.A", a), ("m.B", b), ("m.f", module["f"]), ("m.g", module["g"]), ("m.co", module["co"]),
                ("m.A.m", a.__dict__["m"]), ("m.A.p", a.__dict__["p"].fget), ("m.A.c", a.__dict__["c"].__func__),
                ("m.B.N", b.N), ("m.L", module["L"]), ("m.D", module["D"]), ("m.S", module["S"]),
                ("m.wrapped", module["wrapped"]), ("m.cached", module["cached"])]
        for number in range(choose.randrange(6)):
            symbol, value = choose.choice(pool)
            self._plant(choose, namespace, f"h{number}", symbol, value, choose.randrange(1, 5))
        if choose.random() < 0.4:
            for number in range(choose.randrange(1, 4)):
                self._plant(choose, namespace, f"i{number}", "m.A", a(), choose.randrange(3))
        if choose.random() < 0.2:
            self._plant(choose, namespace, "cents", "m.Cents", module["Cents"](3), choose.randrange(1, 3))
        if choose.random() < 0.2:
            self._plant(choose, namespace, "closure", "m.g.<locals>.h", module["g"](), choose.randrange(3))
        if choose.random() < 0.2:
            self._plant(choose, namespace, "code", "m.f", module["f"].__code__, choose.randrange(1, 3))
        if choose.random() < 0.2:
            derived = type("Derived", (b,), {"__module__": "holders"})
            self._plant(choose, namespace, "Derived", "m.B", derived, choose.randrange(2))

    def _plant(self, choose: random.Random, namespace: dict, name: str, symbol: str, value: object,
               depth: int) -> None:
        value, names = stale_holders.hold(choose, value, depth)
        root = choose.choice(["module"] * 4 + list(stale_places.ROOTS))
        if root == "signal_handler" and any(each.startswith(root) for each in self.how):
            root = "module"
        if root == "system_hook" and any(each.startswith(root) for each in self.how):
            root = "module"
        self.undos.append(stale_places.ROOTS[root](namespace, name, value))
        self.how.append(f"{root} {names} {symbol}")
        self.counts[symbol] += 1

    def undo(self) -> None:
        while self.undos:
            self.undos.pop()()


class Oracle(unittest.TestCase):
    def test_every_planted_reference_is_reported_and_nothing_else(self):
        for seed in range(FIRST, FIRST + SEEDS):
            with self.subTest(seed=seed):
                self.trial(random.Random(seed))

    def trial(self, choose: random.Random) -> None:
        program = Program(m=TEXT, holders="")
        try:
            planted = Planted(choose, program["m"], program["holders"])
            try:
                gc.collect()
                program.save("m", TEXT)
                self.check(program.scan(), planted)
                program.save("m", TEXT)
                self.check(program.scan(), planted)
            finally:
                planted.undo()
            gc.collect()
            result = program.scan()
            self.assertEqual(result["stale"], [], planted.how)
            gc.collect()
            program.scan()
            self.assertEqual(stale._LEDGER.olds, [], planted.how)
        finally:
            program.close()

    def check(self, result: dict, planted: Planted) -> None:
        found: collections.Counter = collections.Counter()
        for entry in result["stale"]:
            found[entry["symbol"]] += entry["count"]
        self.assertEqual(+found, +planted.counts, (planted.how, result))
        self.assertEqual(result["total"], sum(planted.counts.values()), (planted.how, result))
        self.assertEqual(possible(result), {}, (planted.how, result))
        self.assertTrue(result["coverage"]["complete"], (planted.how, result))


if __name__ == "__main__":
    unittest.main()
