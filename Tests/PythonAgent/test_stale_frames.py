"""Old code that still executes, and what a patch leaves behind."""
from __future__ import annotations

import threading
import unittest

from stale_program import SHOP, Case, Program, briefly, possible, stale


class Frames(Case):
    LOOP = "def loop(entered, leave):\n    entered.set()\n    leave.wait()\n    return 1\n"

    def start(self, program: Program) -> None:
        entered, leave = threading.Event(), threading.Event()
        thread = threading.Thread(target=program["shop"]["loop"], args=(entered, leave), name="thread-3")
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(leave.set)
        self.assertTrue(entered.wait(10))

    def test_a_thread_that_runs_old_code_is_a_frame_under_patch(self):
        program = self.program(shop=self.LOOP)
        self.start(program)
        program.patch("shop", self.LOOP.replace("return 1", "return 2"))
        result = program.scan()
        self.assertEqual(briefly(result), [("shop.loop", "frame", "frame of loop() in thread-3", 1)])
        self.assertEqual(self.line(result["stale"][0]), 2)
        self.assertTrue(result["coverage"]["complete"], result)

    def test_a_frame_whose_code_only_moved_is_not_stale(self):
        program = self.program(shop=self.LOOP)
        self.start(program)
        program.patch("shop", "\n\n" + self.LOOP)
        self.assertEqual(program.scan()["stale"], [])

    def test_a_frame_ends_and_is_not_reported_again(self):
        program = self.program(shop=self.LOOP)
        self.start(program)
        program.patch("shop", self.LOOP.replace("return 1", "return 2"))
        self.assertEqual(len(program.scan()["stale"]), 1)
        self.doCleanups()
        self.assertEqual(Program.scan(program)["stale"], [])

    def test_a_call_that_has_ended_is_not_stale_though_a_traceback_keeps_its_frame(self):
        failing = "def fail():\n    raise ValueError(1)\n\n\ndef steps():\n    yield 1\n    yield 2\n"
        program = self.program(
            shop=failing, cart="import shop\ntry:\n    shop.fail()\nexcept ValueError as error:\n    kept = error\n"
            "running = shop.steps()\nnext(running)\n")
        program.patch("shop", failing.replace("ValueError(1)", "ValueError(2)"))
        self.assertEqual(program.scan()["stale"], [])
        program.patch("shop", failing.replace("yield 2", "yield 3"))  # what has not ended is said, by its frame too
        self.assertEqual(briefly(program.scan()), [("shop.steps", "frame", "steps() suspended in cart.running", 1)])

    def test_a_frame_of_an_old_function_under_exact(self):
        program = self.program(shop=self.LOOP)
        self.start(program)
        program.save("shop", self.LOOP.replace("return 1", "return 2"))
        result = program.scan()
        self.assertIn(("shop.loop", "frame", "frame of loop() in thread-3", 1), briefly(result))
        self.assertEqual(possible(result), {})


class Patch(Case):
    def test_what_others_hold_of_a_patched_module_is_not_stale(self):
        program = self.program(shop=SHOP, cart="from shop import price, Order\nall = [price, Order().total]\n")
        program.patch("shop", SHOP.replace("return n", "return n + 1").replace("return 1", "return 2"))
        self.assertEqual(program["cart"]["price"](1), 2)
        result = program.scan()
        self.assertEqual(result["stale"], [])
        self.assertTrue(result["coverage"]["complete"])

    def test_a_closure_made_by_the_old_body_is_reported_unless_it_is_the_same(self):
        text = "def make():\n    def inner():\n        return 1\n    return inner\n"
        program = self.program(shop=text, cart="import shop\ncallback = shop.make()\n")
        program.patch("shop", "# moved\n" + text)
        self.assertEqual(program.scan()["stale"], [])
        program.patch("shop", text.replace("1", "2"))
        self.assertEqual(briefly(program.scan()), [("shop.make.<locals>.inner", "closure", "cart.callback", 1)])


    def test_a_function_that_only_calls_its_successor_is_not_stale_until_that_is(self):
        program = self.program(shop=SHOP, cart="import shop\ntotal = shop.Order().total\n")
        loaded = program.modules["shop"]
        captured = stale.capture([loaded])
        scratch = {}
        exec("def total(self): return 2", program["shop"], scratch)
        order, old = program["shop"]["Order"], program["shop"]["Order"].total
        order.total = scratch.pop("total")

        def leads_on(self):
            successor = "successor"
            return successor(self)

        code = leads_on.__code__
        old.__code__ = code.replace(
            co_consts=tuple([order.total if constant == "successor" else constant for constant in code.co_consts]))
        del order, old
        stale.settle(captured, program.modules.values())
        self.assertEqual(program["cart"]["total"](), 2)
        self.assertEqual(program.scan()["stale"], [])
        program.save("shop", SHOP)
        self.assertIn(("shop.Order.total", "method", "cart.total", 1), briefly(program.scan()))

    def test_old_module_code_that_is_kept_somewhere_is_of_no_interest(self):
        program = self.program(shop=SHOP)
        kept = {"code": program.modules["shop"].code}
        program.save("shop", SHOP.replace("return n", "return n + 1") + "new = 1\n")
        self.assertEqual(program.scan()["stale"], [])
        del kept


if __name__ == "__main__":
    unittest.main()
