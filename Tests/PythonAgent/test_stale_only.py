"""What does the same as the newest generation is not stale, nor is what the program itself has put in a place."""
from __future__ import annotations

import gc
import sys
import unittest
from typing import Any

from live import PatchCase
from stale_program import Program, briefly, stale
from test_stale_policies import Watched

OVERWRITTEN = {
    "from shop import RATE\nRATE = 1\n": True,
    "from shop import RATE\nif RATE: pass\nRATE = 1\n": True,
    "from shop import RATE\nfor each in (): pass\nRATE = 1\n": True,
    "try:\n    from shop import RATE\nexcept ImportError:\n    pass\nRATE = 1\n": True,
    "RATE = 1\nfrom shop import RATE\n": False,
    "from shop import RATE\nif not RATE: RATE = 1\n": False,
    "from shop import RATE\nif RATE: pass\nelse: RATE = 1\n": False,
    "from shop import RATE\nfor each in (): RATE = 1\n": False,
    "from shop import RATE\nwhile not RATE: RATE = 1\n": False,
    "from shop import RATE\nRATE or (RATE := 1)\n": False,
    "try:\n    from shop import RATE\nexcept ImportError:\n    RATE = 1\n": False,
    "import contextlib\nfrom shop import RATE\nwith contextlib.suppress(LookupError):\n    [][1]\n    RATE = 1\n": False,
}


class Names(unittest.TestCase):
    def program(self, **texts: str) -> Program:
        program = Program(**texts)
        self.addCleanup(program.close)
        return program

    def test_a_number_that_the_importer_put_in_the_place_of_a_function_is_its_own(self):
        text = "def price(): return 1\n"
        for mine in ("from shop import price\nprice = 7\n", "from shop import *\nprice = 7\n"):
            program = self.program(shop=text, cart=mine)
            program.save("shop", text)
            self.assertEqual(program.scan()["stale"], [], mine)

    def test_a_number_that_the_program_puts_there_as_it_runs_is_its_own(self):
        program = self.program(shop="RATE = 1\ndef price(): return 1\n", cart="from shop import RATE, price\n")
        program["cart"].update(RATE=7, price=7)
        program.save("shop", "RATE = 2\ndef price(): return 2\n")
        self.assertEqual(program.scan()["stale"], [])

    def test_a_counter_that_the_module_has_moved_on_is_not_stale_where_it_was_imported(self):
        program = self.program(shop="COUNT = 0\ndef f(): return 1\n", cart="from shop import COUNT\n")
        program["shop"]["COUNT"] = 5
        program.patch("shop", "COUNT = 0\ndef f(): return 2\n")
        self.assertEqual(program.scan()["stale"], [])

    def test_the_same_number_as_before_is_the_importer_s_where_it_surely_wrote_it(self):
        for mine, own in OVERWRITTEN.items():
            program = self.program(shop="RATE = 1\n", cart=mine)
            program.save("shop", "RATE = 2\n")
            self.assertEqual(len(program.scan()["stale"]), 0 if own else 1, mine)

    def test_a_value_is_known_after_many_generations(self):
        large = "('x' * 10_000, frozenset((1, 'a', None)), -0.0, 1 << 70_000)"
        program = self.program(shop=f"RATE = 0\nLARGE = {large}\n", cart="from shop import RATE, LARGE\n")
        for number in range(1, 50):
            program.save("shop", f"RATE = {number}\nLARGE = {number}\n")
        self.assertEqual(briefly(program.scan()), [("shop.LARGE", "binding", "cart.LARGE", 1),
                                                   ("shop.RATE", "binding", "cart.RATE", 1)])
        self.assertEqual({entry["generation"] for entry in program.scan()["stale"]}, {1})

    def test_a_derived_class_that_only_waits_for_the_collector_is_not_reported(self):
        text = "class Order: pass\n"
        program = self.program(shop=text, cart="import shop\nclass Big(shop.Order): pass\nclass Bigger(Big): pass\n")
        gc.collect()
        gc.disable()
        self.addCleanup(gc.enable)
        program.save("shop", text)
        self.assertEqual(briefly(program.scan()), [("shop.Order", "subclass", "cart.Big", 1)])
        del program["cart"]["Big"]
        self.assertEqual(briefly(program.scan()), [("shop.Order", "subclass", "cart.Big", 1)])
        del program["cart"]["Bigger"]
        self.assertEqual(program.scan()["stale"], [])


SHOP = """
class Order:
    __slots__ = ("x",)
    def total(self): return 1
    def name(self): return super().__repr__()
    @property
    def price(self): return 2
    @staticmethod
    def make(n=3): return n
    @classmethod
    def kind(cls): return 4
"""


COMMANDS = """
class Group:
    def __init__(self, callback): self.callback = callback
    def command(self, function): return Group(function)
@Group
def cli(): pass
@cli.command
def fly(times=1): return times
"""


class Functions(PatchCase):
    """Of a class that a patch had to replace, because instances have other slots."""

    def setUp(self) -> None:
        super().setUp()
        stale._LEDGER.__init__()
        self.live = Watched(self.root, self.checker, "patch")

    def found(self) -> list[tuple[str, str, str, int]]:
        gc.collect()
        return briefly(stale.scan(None, self.live.loaded()))

    def hold(self, *names: str) -> dict[str, Any]:
        self.load(SHOP, cart="held = {}\n")
        held = sys.modules["cart"].held
        held["order"] = sys.modules["m"].Order()
        held.update({name: vars(sys.modules["m"].Order)[name] for name in names})
        return held

    def test_those_that_run_the_new_code_are_not_stale(self):
        held = self.hold("total", "price", "make", "kind")
        self.save(SHOP.replace('"x",', '"x", "y"').replace("return 1", "return 10"))
        self.assertEqual(held["total"](held["order"]), 10)
        self.assertEqual(self.found(), [("m.Order", "instance", "cart.held['order']", 1)])

    def test_nor_do_they_get_stale_with_the_next_replacement(self):
        held = self.hold("total")
        self.save(SHOP.replace('"x",', '"x", "y"'))
        self.save(SHOP.replace('"x",', '"x", "z"').replace("return 1", "return 10"))
        self.assertEqual(held["total"](held["order"]), 10)
        self.assertEqual(self.found(), [("m.Order", "instance", "cart.held['order']", 1)])

    def test_what_a_decorator_s_object_holds_is_the_module_s_however_its_attributes_are_kept(self):
        self.load(COMMANDS)
        self.save(COMMANDS.replace("times=1", "times=2"))
        self.assertEqual(self.found(), [])
        vars(sys.modules["m"].cli)  # now they have a dictionary
        self.save(COMMANDS.replace("times=1", "times=3"))
        self.assertEqual(self.found(), [])

    def test_one_that_knows_its_class_is_the_new_class_s(self):
        held = self.hold("name")
        self.save(SHOP.replace('"x",', '"x", "y"'))
        self.assertIn("Order object", held["name"](sys.modules["m"].Order()))
        self.assertEqual(self.found(), [("m.Order", "instance", "cart.held['order']", 1)])


if __name__ == "__main__":
    unittest.main()
