"""What the load test saves: a shop of three modules, and a thousand edits of it that a program under load can take.

`AGREE` in each text are names that agree at every moment at which one C call reads them: within a module and across.
"""

from __future__ import annotations

SHOP = '''
import dataclasses, enum, functools

RATE = {step}
DOUBLE = RATE * 2
TABLE = {{"rate": RATE, "double": DOUBLE}}
{added}
class Kind(enum.Enum):
    PLAIN = {step}

def taxed(value{parameter}):
    """step {step}"""
    return value * RATE + {body}{more}

def price(count=2):
    return {call}(count) + len(TABLE)

@functools.lru_cache
def cached(value=1):
    return value + {body}

def quote_{quoted}(value=3):
    return value * RATE + {body}

class Item:
    SIZE = {step}
    def __init__(self, count=1{parameter}):
        self.count = count
    {method}
    def cost(self): return {cost} + self.SIZE + self.net_{renamed}()
    def net_{renamed}(self, factor={step}): return self.count * factor
    @property
    def label(self): return f"{{self.cost()}} {body}"
    @classmethod
    def make(cls): return cls(2)
    @staticmethod
    def size(): return {body} + Item.SIZE

class Special(Item):
    def cost(self): return super().cost() + self.net_{renamed}(2) + {body}

@dataclasses.dataclass
class Point:
    x: int = {step}
    y: int = 2
    def norm(self): return self.x + self.y + {body}
'''

CART = '''
from shop import RATE, DOUBLE, price, taxed, Item, Point, quote_{quoted}
import shop

LIMIT = RATE + 1
TWICE = DOUBLE
WORDS = [str(RATE), str(LIMIT)]

def total(count=3{parameter}):
    return price(count) + LIMIT + taxed(1) + len(WORDS) + quote_{quoted}() + shop.quote_{quoted}(2) + {body}

class Basket(Item):
    BEST = LIMIT
    def sum(self): return self.cost() + self.net_{renamed}() + self.BEST + shop.RATE + Point().norm()
'''

REPORT = '''
import cart
from cart import LIMIT as HIGHEST, Basket, total

BOUND = cart.LIMIT
SUMS = {{"limit": cart.LIMIT, "twice": cart.TWICE}}

def text(given=HIGHEST):
    return f"{{total()}} {{Basket().sum()}} {{SUMS['limit']}} {{given}} {body}"
'''

FIRST = {"body": 0, "added": "", "more": "", "call": "taxed", "parameter": "", "method": "def extra(self): return 1",
         "cost": "self.count", "step": 1, "renamed": 0, "quoted": 0}


def texts(step: int) -> dict[str, str]:
    """The three modules as they are after that many edits. The kinds of edits follow each other."""
    values = dict(FIRST)
    values["body"] = step // 2
    values["step"] = 1 + step // 3  # a constant that its dependents have computed with
    if step % 5 > 1:
        values["parameter"] = f", tax={step}"
    # A function, or a method, is added with who calls it, and goes with the last one that calls it.
    if step % 4 > 1:
        values["added"] = f"\ndef helper(value):\n    return taxed(value) + {step}\n"
        values["call"] = "helper"
    if step % 6 > 2:
        values["method"] = f"def weight(self, factor={step}): return self.count * factor"
        values["cost"] = "self.weight()"
    # A method has another name, and a function that another module imports: with all that call them, in one save.
    values["renamed"] = step // 3
    values["quoted"] = step // 5
    if step % 7 > 3:
        values["more"] = " + DOUBLE"
    return {"shop": SHOP.format(**values), "cart": CART.format(**values), "report": REPORT.format(**values)}


FAILURES = ("\nTOTAL = LIMIT / 0\n", "\ndef unknown():\n    return total() + 1\n\nTOTAL = unknown() / 0\n")
"""Added to `cart`. The second one calls code of the program, which has to see what the save changed above it: for that
moment others see it too, though `report` has not followed yet.
"""


PROGRAM = '''
import shop, cart, report, threading, traceback, operator, sys
sys.setswitchinterval(0.0005)
stop = threading.Event()
counts, errors, torn = {}, [], []
old_price, old_item, old_basket = shop.price, shop.Item(), cart.Basket()
CALLS = [
    lambda: shop.price(), lambda: shop.taxed(2), lambda: shop.cached(), lambda: shop.Item().cost(),
    lambda: shop.Item.make().label, lambda: shop.Item.size(), lambda: shop.Special().cost(), lambda: shop.Point().norm(),
    lambda: shop.Kind.PLAIN.value + 1, lambda: cart.total(), lambda: cart.Basket().sum(), lambda: report.text(),
    lambda: old_price(4), lambda: old_item.cost() + len(old_item.label), lambda: old_basket.sum(), lambda: report.SUMS["limit"],
]
def hammer(number):
    done = 0
    while not stop.is_set():
        for call in CALLS:
            try:
                call()
                done += 1
            except BaseException:
                errors.append(traceback.format_exc())
        counts[number] = done
        stop.wait(number % 4 / 1000)  # two of them never rest
SPACES, NAMES = [], []
for module, name in (("shop", "RATE"), ("shop", "DOUBLE"), ("cart", "RATE"), ("cart", "LIMIT"), ("cart", "TWICE"), ("report", "HIGHEST"), ("report", "BOUND")):
    SPACES.append(vars(sys.modules[module]))
    NAMES.append(name)
looks = [0]
def watch():
    while not stop.is_set():
        seen = list(map(operator.getitem, SPACES, NAMES))
        rate, double, imported, limit, twice, highest, bound = seen
        if not (double == rate * 2 == twice and imported == rate and limit == rate + 1 == highest == bound):
            torn.append(seen)
        looks[0] += 1
        if looks[0] % 100 == 0:
            stop.wait(0.001)
threads = [threading.Thread(target=hammer, args=(number,), daemon=True) for number in range(8)] + [threading.Thread(target=watch, daemon=True)]
def begin():
    for thread in threads: thread.start()
def end():
    stop.set()
    for thread in threads: thread.join()
'''
