"""What is stale by its name, and what is not stale at all."""
from __future__ import annotations

import gc
import sys
import unittest

from stale_program import SHOP, Case, briefly, stale

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

    def test_a_module_without_its_docstring_is_no_leftover(self):
        program = self.program(shop=f"'Sells.'\n{SHOP}")
        program.save("shop", SHOP)
        self.assertEqual(briefly(program.scan()), [("shop.__doc__", "leftover", "shop.__doc__", 1)])
        program["shop"]["__doc__"] = None
        self.assertEqual(briefly(program.scan()), [])

    def test_a_leftover_that_the_module_dropped_is_reported_where_it_was_imported(self):
        program = self.program(shop=SHOP, cart="from shop import RATE\n")
        program.save("shop", SHOP.replace("RATE = 5\n", ""))
        del program["shop"]["RATE"]
        self.assertEqual(briefly(program.scan()), [("shop.RATE", "leftover", "cart.RATE", 1)])


if __name__ == "__main__":
    unittest.main()
