"""The scan over several saves, beside threads that work, and broken off."""
from __future__ import annotations

import gc
import sys
import threading
import unittest
import weakref
from unittest import mock

from stale_program import SHOP, Case, briefly, stale


class Generations(Case):
    def test_what_the_first_save_made_stale_is_still_reported_after_the_second(self):
        program = self.program(shop=SHOP, cart="import shop\nfirst = [shop.price]\n")
        program.save("shop", SHOP)
        program["cart"]["second"] = [program["shop"]["price"]]
        program.save("shop", SHOP)
        found = {(entry["path"], entry["generation"]) for entry in program.scan()["stale"]}
        self.assertEqual(found, {("cart.first[0]", 1), ("cart.second[0]", 2)})
        program["cart"]["first"].clear()
        self.assertEqual([entry["path"] for entry in program.scan()["stale"]], ["cart.second[0]"])

    def test_a_save_without_a_scan_loses_nothing(self):
        program = self.program(shop=SHOP, cart="from shop import price, RATE\n")
        program.save("shop", SHOP.replace("5", "6"))
        program.save("shop", SHOP.replace("5", "7"))
        program.save("shop", SHOP.replace("5", "8"))
        result = program.scan()
        self.assertEqual({(e["path"], e["generation"]) for e in result["stale"]}, {("cart.price", 1), ("cart.RATE", 1)})

    def test_old_objects_die_when_nothing_holds_them(self):
        program = self.program(shop=SHOP)
        died = []
        for name in ("price", "Order"):
            weakref.finalize(program["shop"][name], died.append, name)
        weakref.finalize(program["shop"]["price"].__code__, died.append, "code")
        program.save("shop", SHOP)
        program.scan()
        self.assertEqual(sorted(died), ["code", "price"])
        gc.collect()  # a class is a cycle: it is the collector's to free
        self.assertEqual(sorted(died), ["Order", "code", "price"])
        self.assertFalse(stale.outstanding())

    def test_a_hundred_saves_leave_nothing_behind(self):
        program = self.program(shop=SHOP, cart="import shop\n")
        for number in range(100):
            program.save("shop", SHOP.replace("5", str(number)))
            program.scan()
        gc.collect()
        program.scan()
        self.assertEqual(stale._LEDGER.olds, [])

    def test_a_value_that_nobody_else_holds_dies_with_the_save(self):
        program = self.program(shop=SHOP + "class Big: pass\nheld = [Big()]\n")
        died = []
        weakref.finalize(program["shop"]["held"][0], died.append, True)
        program.save("shop", SHOP + "class Big: pass\nheld = [Big()]\n")
        self.assertEqual(died, [True])


class UnderLoad(Case):
    def test_threads_that_move_references_never_make_them_disappear(self):
        program = self.program(shop=SHOP, cart="import shop\nplaces = [[], {}, set(), []]\nf = [shop.price]\n"
                               "o = [shop.Order() for _ in range(20)]\n")
        program.save("shop", SHOP)
        cart, stop = program["cart"], threading.Event()

        def move() -> None:
            places = cart["places"]
            number = 0
            while not stop.is_set():
                number += 1
                value = cart["f"][0]
                places[0].append(value)
                places[1][number % 50] = [value, {"k": cart["o"][number % 20]}]
                places[2].add(value)
                places[3] = [value] * (number % 5)
                places[0].clear()
                places[2].clear()
                if number % 100 == 0:
                    places[1].clear()

        threads = [threading.Thread(target=move) for _ in range(3)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(40):
                result = program.scan()
                symbols = {entry["symbol"] for entry in result["stale"]}
                self.assertIn("shop.price", symbols)
                self.assertIn("shop.Order", symbols)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        for place in cart["places"]:
            place.clear()
        self.assertEqual(briefly(program.scan()), [("shop.Order", "instance", "cart.o[0]", 20),
                                                   ("shop.price", "registration", "cart.f[0]", 1)])


class Cancelling(Case):
    def test_a_scan_gives_way_and_the_next_one_says_all(self):
        program = self.program(shop=SHOP, cart="from shop import price, LABELS\n")
        program.save("shop", SHOP)
        with self.assertRaises(stale.Cancelled):
            program.scan(cancelled=lambda: True)
        self.assertTrue(gc.isenabled())
        self.assertEqual([path for _, _, path, _ in briefly(program.scan())], ["cart.LABELS", "cart.price"])

    def test_a_rollback_needs_nothing(self):
        program = self.program(shop=SHOP, cart="from shop import price\n")
        captured = stale.capture([program.modules["shop"]])
        del captured
        self.assertEqual(program.scan()["stale"], [])


class OutOfTime(Case):
    def test_where_the_walk_ends_nothing_is_left_out(self):
        program = self.program(shop=SHOP, cart="import shop\nheld = [shop.price, shop.Order()]\n")
        program.save("shop", SHOP)
        with mock.patch.object(stale._HERE, "seconds", -1.0), mock.patch.object(stale._COPY, "seconds", -1.0):
            result = program.scan()
        self.assertEqual(briefly(result), [("shop.Order", "instance", "cart.held[1]", 1),
                                           ("shop.price", "registration", "cart.held[0]", 1)])
        self.assertTrue(result["coverage"]["complete"])

    def test_what_the_walk_was_about_to_look_into_can_be_looked_into(self):
        old = stale.Old(stale.scan, "shop.price", "function", "shop", 1)
        walk = stale.Walk({id(stale.scan): old}, {id(stale.scan): 1}, set(), -1.0, 1000, lambda: False)
        walk.start("cart", {"held": stale.scan})
        self.assertFalse(walk.run(large=False))
        self.assertEqual(walk.hits, [])
        walk.look_into(0)
        self.assertEqual([(hit.holder, walk.exact) for hit in walk.hits], [(0, True)])


class ImmortalObjects(Case):
    @unittest.skipUnless(sys.version_info >= (3, 12), "no object is immortal before 3.12")
    def test_an_object_whose_references_are_not_counted_is_said_to_be_unknown(self):
        import ctypes

        program = self.program(shop=SHOP)
        price = program["shop"]["price"]
        ctypes.c_uint32.from_address(id(price)).value = 0xFFFFFFFF if sys.version_info < (3, 14) else 3 << 30
        program.save("shop", SHOP)
        result = program.scan()
        self.assertFalse(result["coverage"]["complete"])
        self.assertIn("shop.price", [skipped["what"] for skipped in result["coverage"]["skipped"]])


if __name__ == "__main__":
    unittest.main()
