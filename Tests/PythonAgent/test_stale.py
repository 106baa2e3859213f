"""The stale scan, fact by fact."""
from __future__ import annotations

import gc
import sys
import threading
import unittest
import weakref

from stale_program import Program, briefly, possible, stale

SHOP = """
RATE = 5
LABELS = ["a"]
def price(n):
    return n
class Order:
    def total(self):
        return 1
"""


CLASSES = """
import abc, collections, contextlib, dataclasses, enum, functools, typing
class Colour(enum.Enum):
    RED = 0
    BLUE = 1
    def mix(self): return Colour.RED
class Rights(enum.IntFlag):
    READ = 1
    WRITE = 2
class Point(typing.NamedTuple):
    x: int
    y: "Point" = None
Pair = collections.namedtuple("Pair", "a b")
@dataclasses.dataclass(slots=True)
class Row:
    cells: typing.Optional[typing.List["Row"]] = None
    def more(self) -> "Row": return Row()
@dataclasses.dataclass(frozen=True, order=True)
class Key:
    point: Point
    other: typing.Optional[Point] = None
class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self): ...
    @property
    @abc.abstractmethod
    def name(self): ...
class Square(Shape):
    @functools.cached_property
    def side(self): return 0
    def area(self): return super().area()
    @property
    def name(self): return __class__
    @name.setter
    def name(self, value): self.n = value
@Shape.register
class Round: pass
T = typing.TypeVar("T")
class Box(typing.Generic[T]):
    held: T
    def get(self) -> T: return self.held
BoxOfInts = Box[int]
class Sized(typing.Protocol):
    def size(self) -> int: ...
class Options(typing.TypedDict, total=False):
    a: int
class Meta(type):
    def __new__(meta, name, bases, namespace, **named):
        return super().__new__(meta, name, bases, namespace)
class Made(metaclass=Meta): pass
class Error(ValueError): pass
@functools.singledispatch
def show(value): return 0
@show.register
def _(value: Square): return 1
@functools.lru_cache(maxsize=None)
def square(x: Square) -> Square: return Square()
square(1)
@contextlib.contextmanager
def opened(): yield Square()
class Handler:
    registry: dict = {}
    def __init_subclass__(cls, **named): Handler.registry[cls.__name__] = cls
class Special(Handler): pass
HANDLERS = {"square": [Square, lambda: Square(), functools.partial(show, Colour.RED)]}
ROW = Row([Row()])
try:
    raise Error(ROW)
except Error as error:
    LAST = error
"""


class Case(unittest.TestCase):
    def program(self, **texts: str) -> Program:
        program = Program(**texts)
        self.addCleanup(program.close)
        return program

    def line(self, entry: dict) -> int:
        return entry["location"]["range"]["start"]["line"]


class Nothing(Case):
    def test_a_reload_that_nobody_refers_to_is_complete_without_a_walk(self):
        program = self.program(shop=SHOP)
        program.save("shop", SHOP)
        result = program.scan()
        self.assertEqual(result["stale"], [])
        self.assertEqual(result["total"], 0)
        self.assertTrue(result["coverage"]["complete"])
        self.assertLess(result["coverage"]["objects"], 100)

    def test_dependents_that_followed_hold_nothing_old(self):
        program = self.program(shop=SHOP, cart="from shop import *\nclass Big(Order): pass\nall = {'x': [price]}\n")
        modules = list(program.modules.values())
        captured = stale.capture(modules)
        program._execute(program.modules["shop"], SHOP)
        program._execute(program.modules["cart"], program.modules["cart"].text.decode())
        stale.settle(captured, modules)
        self.assertEqual(program.scan()["stale"], [])

    def test_a_cache_that_keeps_its_value_is_not_stale(self):
        text = "try: cache\nexcept NameError: cache = {'k': [1]}\n"
        program = self.program(shop=text, cart="from shop import cache\n")
        program.save("shop", text)
        self.assertEqual(program.scan()["stale"], [])

    def test_what_a_library_keeps_of_its_own_is_not_stale(self):
        text = "import re, logging\nfrom typing import Optional\nP = re.compile('zq+')\n" \
            "L = logging.getLogger('one')\nclass C:\n    def f(self) -> 'Optional[C]': pass\nT = Optional[C]\n"
        program = self.program(shop=text)
        program.save("shop", text.replace("zq+", "zqq").replace("'one'", "'two'"))
        self.assertEqual(program.scan()["stale"], [])

    def test_an_imported_object_is_not_of_the_module_that_imports_it(self):
        program = self.program(config="settings = {'a': 1}\n", shop="from config import settings\n")
        program.save("shop", "\n")
        self.assertEqual([entry["kind"] for entry in program.scan()["stale"]], ["leftover"])
        del program["shop"]["settings"]
        self.assertEqual(program.scan()["stale"], [])

    def test_garbage_that_the_collector_has_not_come_to_is_not_a_holder(self):
        program = self.program(shop=SHOP)
        gc.disable()
        self.addCleanup(gc.enable)
        for depth in range(3):
            order = program["shop"]["Order"]()
            order.me = [order] if depth == 0 else {"k": (order,)}
            order.price = program["shop"]["price"]
        order = None
        program.save("shop", SHOP)
        result = program.scan()
        self.assertEqual(result["stale"], [])
        self.assertTrue(result["coverage"]["complete"])

    def test_classes_of_every_make_go_without_a_trace(self):
        program = self.program(shop=CLASSES)
        for number in range(3):
            program.save("shop", CLASSES.replace("0", str(number)))
            result = program.scan()
            self.assertEqual(result["stale"], [])
            self.assertTrue(result["coverage"]["complete"])

    def test_the_scan_leaves_the_collector_as_it_was(self):
        program = self.program(shop=SHOP, cart="from shop import price\n")
        program.save("shop", SHOP)
        for enabled in (True, False):
            (gc.enable if enabled else gc.disable)()
            program.scan()
            self.assertEqual(gc.isenabled(), enabled)
        gc.enable()


class Bindings(Case):
    def test_a_from_import_is_reported_at_the_imported_name(self):
        program = self.program(shop=SHOP, cart="import sys\nfrom shop import (LABELS,\n    price as p, Order)\n")
        program.save("shop", SHOP)
        result = program.scan()
        self.assertEqual(briefly(result), [("shop.LABELS", "binding", "cart.LABELS", 1),
                                           ("shop.Order", "binding", "cart.Order", 1),
                                           ("shop.price", "binding", "cart.p", 1)])
        ranges = {entry["symbol"]: entry["location"]["range"] for entry in result["stale"]}
        self.assertEqual(ranges["shop.price"], {"start": {"line": 2, "column": 4}, "end": {"line": 2, "column": 14}})
        self.assertEqual(ranges["shop.Order"], {"start": {"line": 2, "column": 16}, "end": {"line": 2, "column": 21}})
        self.assertEqual(ranges["shop.LABELS"], {"start": {"line": 1, "column": 18}, "end": {"line": 1, "column": 24}})

    def test_a_value_without_identity_is_compared_through_the_import(self):
        program = self.program(shop=SHOP, cart="from shop import RATE as rate\n", star="from shop import *\n")
        program.save("shop", SHOP.replace("5", "6"))
        result = program.scan()
        self.assertIn(("shop.RATE", "binding", "cart.rate", 1), briefly(result))
        self.assertIn(("shop.RATE", "binding", "star.RATE", 1), briefly(result))
        self.assertEqual({entry["generation"] for entry in result["stale"]}, {1})

    def test_equal_values_are_not_stale(self):
        program = self.program(shop="A = (1, 'x', 2.0)\nB = 10**9\n", cart="from shop import A, B\n")
        program.save("shop", "A = (1, 'x', 2.0)\nB = 10**9\n")
        self.assertEqual(program.scan()["stale"], [])

    def test_a_value_of_its_own_under_the_imported_name_is_not_stale(self):
        program = self.program(shop=SHOP, cart="from shop import RATE\nRATE = 7\n")
        program.save("shop", SHOP.replace("5", "6"))
        self.assertEqual(program.scan()["stale"], [])

    def test_true_and_one_differ(self):
        program = self.program(shop="A = 1\n", cart="from shop import A\n")
        program.save("shop", "A = True\n")
        self.assertEqual(briefly(program.scan()), [("shop.A", "binding", "cart.A", 1)])

    def test_relative_imports_are_bindings_too(self):
        program = self.program()
        program.add("pkg", "")
        program["pkg"]["__path__"] = []
        program.add("pkg.shop", SHOP)
        loaded = stale.Loaded("pkg.cart", {"__name__": "pkg.cart", "__package__": "pkg"}, None, "/program/cart.py")
        program.modules["pkg.cart"] = loaded
        program._execute(loaded, "from .shop import RATE, price\n")
        program.save("pkg.shop", SHOP.replace("5", "6"))
        self.assertEqual(briefly(program.scan()), [("pkg.shop.RATE", "binding", "pkg.cart.RATE", 1),
                                                   ("pkg.shop.price", "binding", "pkg.cart.price", 1)])

    def test_a_leftover_is_reported_in_the_module_and_where_it_was_imported(self):
        program = self.program(shop=SHOP, cart="from shop import price\n")
        program.save("shop", SHOP.replace("def price(n):\n    return n\n", ""))
        self.assertEqual(briefly(program.scan()), [("shop.price", "leftover", "cart.price", 1),
                                                   ("shop.price", "leftover", "shop.price", 1)])
        program.save("shop", SHOP)
        self.assertEqual(briefly(program.scan()), [("shop.price", "binding", "cart.price", 1)])

    def test_a_leftover_that_the_module_dropped_is_reported_where_it_was_imported(self):
        program = self.program(shop=SHOP, cart="from shop import RATE\n")
        program.save("shop", SHOP.replace("RATE = 5\n", ""))
        del program["shop"]["RATE"]
        self.assertEqual(briefly(program.scan()), [("shop.RATE", "leftover", "cart.RATE", 1)])


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
