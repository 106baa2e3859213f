"""Random holders of random old objects: every reference is found, none is invented, and `live` is never wrong."""
from __future__ import annotations

import collections
import functools
import gc
import random
import types
import unittest

from stale_program import Program, possible, stale

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

def f(): return 1
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
"""


class Box:
    pass


class Slotted:
    __slots__ = ("held",)


class Keyed(dict):
    pass


def hold(choose: random.Random, value: object) -> object:
    """One object that refers to `value` exactly once."""
    kind = choose.randrange(18)
    if kind == 0:
        return [value]
    if kind == 1:
        return (value, 1)
    if kind == 2:
        return {"k": value}
    if kind == 3:
        box = Box()
        box.attribute = value
        return box
    if kind == 4:
        slotted = Slotted()
        slotted.held = value
        return slotted
    if kind == 5:
        def closure():
            return value
        return closure
    if kind == 6:
        def default(a, b=value):
            return b
        return default
    if kind == 7:
        def keyword_default(*, a=value):
            return a
        return keyword_default
    if kind == 8:
        return functools.partial(print, value)
    if kind == 9:
        return collections.deque([value])
    if kind == 10:
        box = Box()
        box.attribute = value
        box.__dict__
        return box
    if kind == 11:
        def suspended(local):
            yield local
        started = suspended(value)
        next(started)
        return started
    if kind == 12:
        return type("T", (), {"at": value})
    if kind == 13:
        return types.MethodType(value, 1) if callable(value) else [value]
    if kind == 14:
        return Keyed(k=value)
    if kind == 15:
        return types.MappingProxyType({"k": value})
    if kind == 16:
        return collections.OrderedDict({1: value})
    return iter([value])


def nest(choose: random.Random, value: object) -> object:
    for _ in range(choose.randrange(1, 4)):
        value = hold(choose, value)
    return value


class RandomHolders(unittest.TestCase):
    def test_every_planted_reference_is_reported_and_nothing_else(self):
        for seed in range(250):
            with self.subTest(seed=seed):
                self.trial(random.Random(seed))

    def trial(self, choose: random.Random) -> None:
        program = Program(m=TEXT, holders="")
        self.addCleanup(program.close)
        module, holders = program["m"], program["holders"]
        planted: collections.Counter = collections.Counter()
        a, b = module["A"], module["B"]
        pool = [("m.A", a), ("m.B", b), ("m.f", module["f"]), ("m.g", module["g"]), ("m.co", module["co"]),
                ("m.A.m", a.__dict__["m"]), ("m.A.p", a.__dict__["p"].fget), ("m.A.c", a.__dict__["c"].__func__),
                ("m.B.N", b.N), ("m.L", module["L"]), ("m.D", module["D"]), ("m.wrapped", module["wrapped"]),
                ("m.cached", module["cached"])]
        identities = {symbol: id(value) for symbol, value in pool}
        for number in range(choose.randrange(6)):
            symbol, value = choose.choice(pool)
            holders[f"h{number}"] = nest(choose, value)
            planted[symbol] += 1
        if choose.random() < 0.4:
            count = choose.randrange(1, 4)
            holders["instances"] = [a() for _ in range(count)]
            planted["m.A"] += count
        if choose.random() < 0.3:
            holders["closure"] = hold(choose, module["g"]())
            planted["m.g.<locals>.h"] += 1
        if choose.random() < 0.2:
            holders["Derived"] = type("Derived", (b,), {"__module__": "holders"})
            planted["m.B"] += 1
        module = a = b = pool = value = None
        gc.collect()
        program.save("m", TEXT)
        result = program.scan()
        found: collections.Counter = collections.Counter()
        for entry in result["stale"]:
            found[entry["symbol"]] += entry["count"]
        self.assertEqual(+found, +planted, result)
        self.assertEqual(possible(result), {}, result)
        self.assertTrue(result["coverage"]["complete"], result)
        self.assertEqual(result["total"], sum(planted.values()), result)
        self.check_paths(program, result, identities)
        holders.clear()
        gc.collect()
        self.assertEqual(program.scan()["stale"], [])
        program.close()

    def check_paths(self, program: Program, result: dict, identities: dict[str, int]) -> None:
        """A path that is an expression leads to the old object, or to what makes it that kind of reference."""
        old: dict[str, set[int]] = collections.defaultdict(set)
        for entry in stale._LEDGER.olds:
            old[entry.symbol].add(id(entry.value()))
        for symbol in ("m.L", "m.D"):
            old[symbol].add(identities[symbol])
        for entry in result["stale"]:
            path = entry["path"]
            self.assertTrue(path.startswith("holders."), path)
            if "(" in path or "{" in path or "<" in path:
                continue
            reached = eval(path, {"holders": types.SimpleNamespace(**program["holders"])})
            if entry["kind"] == "subclass":
                reached = reached.__base__
            elif entry["kind"] == "instance":
                reached = type(reached)
            while type(reached) is types.MethodType and entry["kind"] == "method":
                reached = reached.__func__
            if entry["symbol"].endswith(".h"):
                reached = reached.__code__
            self.assertIn(id(reached), old[entry["symbol"]], entry)


if __name__ == "__main__":
    unittest.main()
