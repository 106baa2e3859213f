"""Who holds old objects, holder by holder."""
from __future__ import annotations

import sys
import threading
import types
import unittest
import weakref
from unittest import mock

from stale_program import SHOP, Case, briefly, stale

ROUTES = "TABLE = {'/': lambda r: r}\nclass App:\n    def __init__(self, table): self.table = table\napp = App(TABLE)\n"


class Holders(Case):
    def test_instances_are_one_entry_with_their_number(self):
        program = self.program(shop=SHOP, cart="import shop\norders = [shop.Order() for _ in range(1000)]\n")
        program.save("shop", SHOP)
        result = program.scan()
        self.assertEqual(briefly(result), [("shop.Order", "instance", "cart.orders[0]", 1000)])
        self.assertEqual(result["total"], 1000)
        self.assertEqual(self.line(result["stale"][0]), 1)

    def test_instances_in_a_very_large_list_are_found(self):
        program = self.program(shop=SHOP, cart="import shop\norders = [*range(50_000), shop.Order()]\n")
        program.save("shop", SHOP)
        self.assertEqual(briefly(program.scan()), [("shop.Order", "instance", "cart.orders[50000]", 1)])

    def test_instances_of_a_class_that_the_collector_does_not_know(self):
        text = "class Cents(int):\n    __slots__ = ()\n"
        program = self.program(shop=text, cart="import shop\nsum = {'a': (shop.Cents(3), shop.Cents(4))}\n")
        program.save("shop", text)
        self.assertEqual(briefly(program.scan()), [("shop.Cents", "instance", "cart.sum['a'][0]", 2)])

    def test_what_a_table_holds_is_called_by_its_place(self):
        table = "class P: pass\nT = {'a': [1], 'b': [{'x': 1}, P()], 'c': (2, [3])}\n"
        program = self.program(shop=table, cart="import shop\na = shop.T['a']\nx = {1: shop.T['b'][0]}\np = [shop.T['b'][1]]\nc = shop.T['c'][1]\n")
        program.save("shop", table.replace("1", "5"))
        found = [each for each in briefly(program.scan()) if "T[" in each[0]]
        self.assertEqual(found, [("shop.T['a']", "binding", "cart.a", 1), ("shop.T['b'][0]", "value", "cart.x[1]", 1),
                                 ("shop.T['b'][1]", "value", "cart.p[0]", 1), ("shop.T['c'][1]", "binding", "cart.c", 1)])

    def test_objects_in_the_table_of_a_class_are_not_called_by_their_place(self):
        table = "class F: pass\nclass C:\n    T = {'f': F(), 'l': [1]}\n"
        program = self.program(shop=table, cart="import shop\nf = shop.C.T['f'], shop.C.T['l']\n")
        program.save("shop", table.replace("1", "2"))
        self.assertEqual([each for each in briefly(program.scan()) if "T[" in each[0]], [("shop.C.T['l']", "value", "cart.f[1]", 1)])

    def test_what_the_program_itself_has_put_into_a_table_is_not_of_the_table(self):
        program = self.program(shop="T = {}\n", cart="import shop\na = shop.T['a'] = [1]\n")
        program.save("shop", "T = {'b': 1}\n")
        self.assertEqual(briefly(program.scan()), [])

    def test_instances_that_only_a_local_variable_holds_are_counted(self):
        program = self.program(shop=SHOP)
        local = [program["shop"]["Order"](), program["shop"]["Order"]()]
        program.save("shop", SHOP)
        result = program.scan()
        self.assertEqual([(entry["kind"], entry["count"]) for entry in result["stale"]], [("instance", 2)])
        del local

    def test_a_subclass_is_reported_at_its_class_statement(self):
        program = self.program(shop=SHOP, cart="import shop\nclass Mixed(dict, shop.Order):\n    pass\n"
                               "class Deeper(Mixed): pass\n")
        program.save("shop", SHOP)
        result = program.scan()
        self.assertEqual(briefly(result), [("shop.Order", "subclass", "cart.Mixed", 1)])
        self.assertEqual(self.line(result["stale"][0]), 1)
        self.assertTrue(result["coverage"]["complete"])

    def test_a_closure_made_by_old_code_is_reported(self):
        text = "def make():\n    def inner():\n        return 1\n    return inner\n"
        program = self.program(shop=text, cart="import shop\ncallbacks = {'x': shop.make()}\n")
        program.save("shop", text.replace("1", "2"))
        self.assertEqual(briefly(program.scan()),
                         [("shop.make.<locals>.inner", "closure", "cart.callbacks['x']", 1)])

    def test_a_bound_method_and_its_instance(self):
        program = self.program(shop=SHOP, cart="import shop\ntotal = shop.Order().total\n")
        program.save("shop", SHOP)
        self.assertEqual(briefly(program.scan()), [("shop.Order", "instance", "cart.total.__self__", 1),
                                                   ("shop.Order.total", "method", "cart.total", 1)])

    def test_a_suspended_generator_is_a_frame_with_its_line(self):
        text = "def numbers():\n    yield 1\n    yield 2\n"
        program = self.program(shop=text, cart="import shop\nit = shop.numbers()\nnext(it)\n")
        program.save("shop", text.replace("2", "3"))
        result = program.scan()
        self.assertEqual(briefly(result), [("shop.numbers", "frame", "numbers() suspended in cart.it", 1)])
        self.assertEqual(self.line(result["stale"][0]), 1)

    def test_a_coroutine_is_a_frame(self):
        text = "async def work():\n    return 1\n"
        program = self.program(shop=text, cart="import shop\nlater = [shop.work()]\n")
        program.save("shop", text.replace("1", "2"))
        self.assertEqual(briefly(program.scan()), [("shop.work", "frame", "work() suspended in cart.later[0]", 1)])
        program["cart"]["later"][0].close()

    def test_samples_limit_the_named_holders_and_not_the_total(self):
        program = self.program(shop=SHOP, cart="import shop\nall = [[shop.price] for _ in range(50)]\n")
        program.save("shop", SHOP)
        result = program.scan(samples=3)
        self.assertEqual(len(result["stale"]), 3)
        self.assertEqual(result["total"], 50)

    def test_an_old_container_that_somebody_holds_is_a_value(self):
        program = self.program(shop=SHOP, cart="import shop\nclass Cart: pass\nc = Cart()\nc.labels = shop.LABELS\n")
        program.save("shop", SHOP)
        self.assertEqual(briefly(program.scan()), [("shop.LABELS", "value", "cart.c.labels", 1)])

    def test_what_only_old_objects_hold_is_not_reported_by_itself(self):
        program = self.program(shop=SHOP + "registry = {'price': [price, Order]}\n",
                               cart="from shop import registry\n")
        program.save("shop", SHOP + "registry = {'price': [price, Order]}\n")
        self.assertEqual(briefly(program.scan()), [("shop.registry", "binding", "cart.registry", 1)])

    def test_a_registry_elsewhere_is_found_although_old_objects_refer_to_it(self):
        text = "from base import registry\nclass Plugin:\n    registry = registry\nregistry.append(Plugin)\n"
        program = self.program(base="registry = []\n", shop=text)
        program.save("shop", text)
        self.assertEqual(briefly(program.scan()), [("shop.Plugin", "registration", "base.registry[0]", 1)])


    def test_what_another_module_of_the_same_save_kept_is_stale(self):
        cart = "import shop\ntry: kept\nexcept NameError: kept, labels = shop.price, shop.LABELS\n"
        program = self.program(shop=SHOP, cart=cart)
        modules = list(program.modules.values())[::-1]
        captured = stale.capture(modules)
        program._execute(program.modules["shop"], SHOP)
        program._execute(program.modules["cart"], cart)
        stale.settle(captured, modules)
        self.assertEqual([(s, p) for s, _, p, _ in briefly(program.scan())],
                         [("shop.LABELS", "cart.labels"), ("shop.price", "cart.kept")])

    def test_another_name_for_a_value_of_an_imported_module_is_not_its_own(self):
        program = self.program(base="registry = []\n", shop="import base\nmine = base.registry\n")
        program.save("shop", "import base\nmine = []\n")
        self.assertEqual(program.scan()["stale"], [])

    def test_a_container_of_an_old_class_is_a_value(self):
        text = "from base import shared\nclass Plugin:\n    made = []\n    shared = shared\n"
        program = self.program(base="shared = []\n", shop=text, cart="import shop\nmade = {'x': shop.Plugin.made}\n")
        program.save("shop", text)
        self.assertEqual(briefly(program.scan()), [("shop.Plugin.made", "value", "cart.made['x']", 1)])

    def test_another_name_for_a_library_s_value_is_not_its_own(self):
        program = self.program(shop="import os\nmine = os.environ\npath = os.sys.path\n")
        program.save("shop", "import os\nmine = path = None\n")
        self.assertEqual(program.scan()["stale"], [])

    def test_functions_that_have_run_often_are_counted_alike(self):
        text = SHOP + "class Small(Order):\n    def total(self): return super().total() + price(RATE)\n" \
            "    def __getitem__(self, key): return key\n    size = property(lambda self: self.total())\n" \
            "def work(n):\n    s = Small()\n    return [s.total() + s[i] + s.size for i in range(n)]\n"
        program = self.program(
            shop=text, cart="from shop import work\ndef use():\n    for _ in range(50): work(50)\nuse()\n")
        for _ in range(3):
            program["cart"]["use"]()
            captured = stale.capture(program.modules.values())
            for name in ("shop", "cart"):
                loaded = program.modules[name]
                program._execute(loaded, loaded.text.decode())
            stale.settle(captured, program.modules.values())
            result = program.scan()
            self.assertEqual(result["stale"], [])
            self.assertTrue(result["coverage"]["complete"])

    def test_a_task_of_an_event_loop_is_a_frame(self):
        import asyncio

        text = "async def work(event):\n    await event.wait()\n    return 1\n"
        program = self.program(shop=text)

        async def main():
            event = asyncio.Event()
            task = asyncio.create_task(program["shop"]["work"](event), name="worker")
            await asyncio.sleep(0)
            program.save("shop", text.replace("1", "2"))
            result = await asyncio.get_running_loop().run_in_executor(None, program.scan)
            event.set()
            await task
            return result

        result = asyncio.run(main())
        self.assertEqual([(e["symbol"], e["kind"]) for e in result["stale"]], [("shop.work", "frame")], result)
        self.assertEqual(result["stale"][0]["path"], "work() suspended in task worker")
        self.assertEqual(self.line(result["stale"][0]), 1)

    @unittest.skipUnless(sys.version_info >= (3, 13), "locals of a running function cannot be read without a trace")
    @unittest.skipUnless(sys.version_info >= (3, 13), "frames cannot be read without a trace before 3.13")
    def test_a_task_that_only_native_code_lists_is_named(self):
        import asyncio

        text = "async def work(event):\n    await event.wait()\n"
        program = self.program(shop=text)
        result: dict = {}

        async def main() -> None:
            event = asyncio.Event()
            task = asyncio.create_task(program["shop"]["work"](event), name="worker")
            await asyncio.sleep(0)
            program.save("shop", text + "    return 1\n")
            # As CPython 3.14 has it.
            known = mock.patch.object(asyncio.tasks, "_c_all_tasks", lambda loop: [task], create=True)
            with known, mock.patch.object(asyncio.tasks, "_scheduled_tasks", weakref.WeakSet()):
                thread = threading.Thread(target=lambda: result.update(program.scan()))
                thread.start()
                while thread.is_alive():
                    await asyncio.sleep(0)
            event.set()
            await task

        asyncio.run(main())
        self.assertEqual(briefly(result), [("shop.work", "frame", "work() suspended in task worker", 1)])

    def test_a_local_variable_of_a_running_function_is_named(self):
        program = self.program(shop=SHOP)
        entered, leave = threading.Event(), threading.Event()

        def main(order, f):
            entered.set()
            leave.wait(10)

        thread = threading.Thread(target=main, name="MyThread")
        thread._args = ([program["shop"]["Order"]()], program["shop"]["price"])
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(leave.set)
        entered.wait(10)
        thread._args = ()
        program.save("shop", SHOP)
        result = program.scan()
        self.assertIn(("shop.Order", "instance", "locals of main() in MyThread.order[0]", 1), briefly(result))
        self.assertIn("locals of main() in MyThread.f", [entry["path"] for entry in result["stale"]])

    def test_a_type_that_a_library_has_in_its_annotations_is_its_own(self):
        text = "from typing import Optional\nX = Optional[int]\n"
        program = self.program(shop=text)
        library = types.ModuleType("library")  # `typing` gives all that write it the same one, mostly
        exec("def f(x): pass\nclass C: pass", library.__dict__)
        library.f.__annotations__ = library.C.__annotations__ = {"x": program["shop"]["X"]}
        library.__annotations__ = {"x": (program["shop"]["X"],)}
        self.enterContext(mock.patch.dict(sys.modules, library=library))
        program.save("shop", text.replace("[int]", "[str]"))
        self.assertEqual(briefly(program.scan()), [])

    def test_a_type_that_the_program_holds_is_a_value(self):
        text = "from typing import Optional\nimport asyncio.staggered, json\nX = Optional[int]\n"
        program = self.program(shop=text, cart="import shop, json\nheld = [shop.X]\ndef f(x): pass\nf.__annotations__ = {'x': shop.X}\n")
        program["cart"]["json"].dumps.held = program["shop"]["X"]
        self.addCleanup(program["cart"]["json"].dumps.__dict__.clear)
        program.save("shop", text.replace("[int]", "[str]"))
        self.assertEqual({path for _, _, path, _ in briefly(program.scan())}, {"cart.held[0]", "cart.f.__annotations__['x']", "json.dumps.held"})

    def test_a_table_of_an_object_that_has_got_a_dictionary_meanwhile_holds_nothing_old(self):
        program = self.program(shop=ROUTES, cart="import shop\nheld = [*shop.TABLE.values()]\n")
        self.assertEqual(briefly(self.saved_with(program, lambda: None)), [])

    def test_what_such_a_table_has_lost_is_old(self):
        program = self.program(shop=ROUTES, cart="import shop\nheld = [*shop.TABLE.values()]\n")
        self.assertEqual(briefly(self.saved_with(program, program["shop"]["TABLE"].clear)), [("shop.app", "registration", "cart.held[0]", 1)])

    def saved_with(self, program, change):
        captured = stale.capture([program.modules["shop"]])
        program["shop"]["app"].__dict__.keys()
        change()
        program.modules["shop"].generation += 1
        stale.settle(captured, program.modules.values())
        return program.scan()

    def test_an_object_of_a_library_that_only_the_program_holds_is_a_value(self):
        text = "from configparser import ConfigParser\nconfig = ConfigParser()\n"
        program = self.program(shop=text, cart="import shop\nfrom logging import Formatter\napp = Formatter()\n"
                               "app.config = {'x': shop.config}\n")
        program.save("shop", text)
        self.assertEqual(briefly(program.scan()), [("shop.config", "value", "cart.app.config['x']", 1)])

    def test_a_timer_s_function_is_held_by_its_thread(self):
        program = self.program(shop=SHOP)
        timer = threading.Timer(1000, program["shop"]["price"])
        timer.name = "clock"
        timer.start()
        self.addCleanup(timer.join)
        self.addCleanup(timer.cancel)
        del timer
        program.save("shop", SHOP)
        self.assertEqual(briefly(program.scan()), [("shop.price", "registration", "thread clock.function", 1)])


if __name__ == "__main__":
    unittest.main()
