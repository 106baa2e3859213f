"""The scan while the program works, and after many saves. More of it by hand: `AFRESH_SCANS=500 AFRESH_SAVES=1000`."""
from __future__ import annotations

import gc
import os
import threading
import unittest
import weakref

from stale_program import Program, briefly, stale

SCANS = int(os.environ.get("AFRESH_SCANS", "40"))
SAVES = int(os.environ.get("AFRESH_SAVES", "100"))

TEXT = """
RATE = 0
LABELS = ["a"]
class Order:
    def total(self): return 0
def price(n): return n + 0
def make():
    def inner(): return price
    return inner
"""


class Busy:
    """Threads that allocate, and that move old objects from one place to another without ever holding them twice."""

    def __init__(self, places: list[list[object]]) -> None:
        self.places = places
        self.stop = threading.Event()
        self.failures: list[BaseException] = []
        self.threads = [threading.Thread(target=self._run, args=(number,)) for number in range(3)]

    def __enter__(self) -> Busy:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def _run(self, number: int) -> None:
        try:
            mine = self.places[number]
            boxes: dict[int, object] = {}
            turn = 0
            while not self.stop.is_set():
                turn += 1
                boxes[turn % 997] = [{"turn": turn}, (turn, [turn]), lambda turn=turn: turn]
                if turn % 499 == 0:
                    boxes.clear()
                    type("Made", (), {"turn": turn})
                mine[1].append(mine[0].pop())
                mine[2]["k"] = mine[1].pop()
                mine[3].append([mine[2].pop("k")])
                mine[0].append(mine[3].pop().pop())
        except BaseException as error:
            self.failures.append(error)


class UnderLoad(unittest.TestCase):
    def test_no_count_is_ever_wrong(self):
        program = Program(shop=TEXT, cart="")
        cart = program["cart"]
        order, price = program["shop"]["Order"], program["shop"]["price"]
        cart["moving"] = [[[price], [], {}, []], [[order()], [], {}, []], [[price], [], {}, []]]
        cart["still"] = {"orders": [order() for _ in range(5)], "price": (price,), "labels": program["shop"]["LABELS"]}
        cart["heap"] = [[number, {"number": number}] for number in range(20_000)]
        del order, price
        program.save("shop", TEXT)
        with Busy(cart["moving"]) as busy:
            for _ in range(SCANS):
                result = program.scan()
                counts: dict[str, int] = {}
                for entry in result["stale"]:
                    counts[entry["symbol"]] = counts.get(entry["symbol"], 0) + entry["count"]
                self.assertEqual(counts, {"shop.price": 3, "shop.Order": 6, "shop.LABELS": 1}, result)
        self.assertEqual(busy.failures, [])
        cart["moving"] = busy = None
        self.assertEqual(briefly(program.scan()), [
            ("shop.LABELS", "value", "cart.still['labels']", 1), ("shop.Order", "instance", "cart.still['orders'][0]", 5),
            ("shop.price", "registration", "cart.still['price'][0]", 1)])
        program.close()

    def test_a_newer_save_ends_an_older_scan(self):
        program = Program(shop=TEXT, cart="")
        price = program["shop"]["price"]
        program.save("shop", TEXT)
        asked = []

        def cancelled() -> bool:
            asked.append(True)
            return len(asked) > 3

        self.assertEqual(program.scan()["total"], 1)
        with self.assertRaises(stale.Cancelled):
            program.scan(cancelled=cancelled)
        with self.assertRaises(ChildProcessError):
            os.waitpid(-1, os.WNOHANG)
        self.assertEqual(program.scan()["total"], 1)
        del price
        program.close()


class ManySaves(unittest.TestCase):
    def test_old_generations_are_freed_when_nothing_holds_them(self):
        program = Program(shop=TEXT, cart="import shop\n")
        alive: weakref.WeakSet[object] = weakref.WeakSet()
        entries = 0
        for number in range(SAVES):
            alive.update([program["shop"]["Order"], program["shop"]["price"], program["shop"]["make"]])
            program.save("shop", TEXT.replace("0", str(number)))
            if number % 10 == 9:
                program["cart"]["held"] = [program["shop"]["price"], program["shop"]["Order"](), program["shop"]["LABELS"]]
            if number % 10 == 5:
                self.assertEqual(program.scan()["total"], 0 if number < 10 else 3)
            if number % 50 == 49:
                gc.collect()
                program.scan()
                self.assertLessEqual(len(alive), 4)
                entries = max(entries, len(stale._LEDGER.olds))
        self.assertLess(entries, 20)
        program["cart"].clear()
        gc.collect()
        program.scan()
        gc.collect()
        program.scan()
        self.assertEqual(len(alive), 0)
        self.assertEqual(stale._LEDGER.olds, [])
        program.close()


class Outstanding(unittest.TestCase):
    """What cannot be referred to weakly stays on the list until it dies, and is not kept from dying."""

    def setUp(self) -> None:
        self.program = Program(shop="class Part: pass\nLABELS = [Part()]\nTABLE = {'a': Part()}\n", cart="")
        self.addCleanup(self.program.close)

    def save(self) -> dict:
        self.program.save("shop", "class Part: pass\nLABELS = [Part()]\nTABLE = {'a': Part()}\n")
        return self.program.scan()

    def paths(self, result: dict) -> list[tuple[str, int, str]]:
        return sorted((entry["path"], entry["generation"], entry["confidence"]) for entry in result["stale"]
                      if entry["kind"] != "instance")

    def test_lists_and_dictionaries_are_reported_until_they_die(self):
        cart, shop = self.program["cart"], self.program["shop"]
        cart["app"] = {"labels": shop["LABELS"]}
        cart["table"] = shop["TABLE"]
        part = weakref.ref(shop["LABELS"][0])
        expected = [("cart.app['labels']", 1, "exact"), ("cart.table", 1, "exact")]
        for _ in range(4):
            self.assertEqual(self.paths(self.save()), expected)
        self.assertEqual(self.paths(self.program.scan()), expected)
        cart["app"].clear()
        self.assertIsNone(part())
        self.assertEqual(self.paths(self.program.scan()), expected[1:])
        del cart["table"]
        self.assertEqual(self.paths(self.program.scan()), [])
        self.assertEqual([old for old in stale._LEDGER.olds if old.kind == "value"], [])

    def test_one_that_moves_is_found_by_what_else_holds_it(self):
        cart = self.program["cart"]
        cart["first"] = cart["second"] = self.program["shop"]["LABELS"]
        self.save()
        cart["third"] = cart.pop("first")
        self.assertEqual([path for path, _, _ in self.paths(self.save())], ["cart.second", "cart.third"])

    def test_another_one_in_its_place_is_not_taken_for_it(self):
        cart = self.program["cart"]
        cart["held"] = [self.program["shop"]["LABELS"]]
        self.save()
        for _ in range(50):
            cart["held"][0] = ["another"]
            self.assertNotIn("exact", [confidence for _, _, confidence in self.paths(self.program.scan())])

    def test_one_that_only_a_running_function_holds_is_reported_until_that_returns(self):
        entered, leave = threading.Event(), threading.Event()

        def holds(given: list[object]) -> None:
            local = given.pop()
            entered.set()
            leave.wait()
            del local

        thread = threading.Thread(target=holds, args=([self.program["shop"]["LABELS"]],), name="worker")
        thread.start()
        entered.wait()
        for _ in range(3):
            self.assertEqual(self.paths(self.save()), [("locals of holds() in worker.local", 1, "exact")])
        leave.set()
        thread.join()
        self.assertEqual(self.paths(self.program.scan()), [])
        self.assertEqual([old for old in stale._LEDGER.olds if old.kind == "value"], [])


if __name__ == "__main__":
    unittest.main()
