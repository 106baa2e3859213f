"""`values`: what a name stands for, as text, in bounded time, with no code of the program run."""
from __future__ import annotations

import time

import pytest

BODY = """
import collections, enum, functools, dataclasses, math
RATE = 2
NAMES = ["a", 1, 2.5, None, True, (1,), {"k": [1]}, {3}, frozenset([4]), set(), collections.deque([5])]
def price(): pass
class Order:
    ran = []
    def __init__(self): self.total = 3
    def __repr__(self): Order.ran.append("repr"); return "mine"
    @property
    def secret(self): Order.ran.append("property"); return 1
    def __getattr__(self, name): Order.ran.append(name); raise AttributeError
    def __len__(self): Order.ran.append("len"); return 1
    def __eq__(self, other): Order.ran.append("eq"); return True
    def __hash__(self): return 1
    def __class_getitem__(cls, item): Order.ran.append("item")
order = Order()
class Slots:
    __slots__ = ("a", "b")
slots = Slots(); slots.a = 1
class Colour(enum.Enum): RED = 1
red = Colour.RED
@dataclasses.dataclass
class Point: x: int = 1
point = Point()
class Money(int): __repr__ = None
money = Money(5)
class Names(list): __iter__ = __len__ = None
names = Names([1, 2])
class Table(dict): items = keys = __iter__ = None
table = Table(a=1)
partial = functools.partial(price)
cycle = []; cycle.append(cycle)
deep = [[[[[[[[1]]]]]]]]
bound = order.__init__
keyed = {order: 1}
class Liar:
    @property
    def __class__(self): Order.ran.append("class"); return dict
    @property
    def __dict__(self): Order.ran.append("dict"); return {}
liar = Liar()
big = 10 ** 100_000
long = "x" * 1_000_000
many = list(range(1_000_000))
huge = dict.fromkeys(range(1_000_000))
odd = "\\ud800"
"""

TEXTS = {
    "RATE": "2", "NAMES": "['a', 1, 2.5, None, True, (1,), {'k': [1]}, {3}, … 3 more]",
    "price": "<function price>", "Order": "<class m.Order>", "order": "m.Order(total=3)", "slots": "m.Slots(a=1)",
    "red": "m.Colour.RED", "point": "m.Point(x=1)", "money": "m.Money(5)", "names": "m.Names([1, 2])",
    "table": "m.Table({'a': 1})", "partial": "functools.partial(<function price>, …)", "cycle": "[…]",
    "deep": "[[[[…]]]]", "bound": "<bound method Order.__init__>", "keyed": "{m.Order(total=3): 1}",
    "liar": "<m.Liar object>", "big": "<int of 332193 bits>", "math": "<module math>",
    "math.pi": "3.141592653589793", "order.total": "3", "Order.ran": "[]", "order.secret": None, "missing": None,
    "odd": "'\\ud800'",
}


def asked(client, path, *names):
    (module,) = client.ask("values", path=str(path), names=[name.split(".") for name in names])["modules"]
    return module["values"]


def test_values_are_written_without_running_the_program(start, write):
    path = write("m.py", BODY)
    program = start(body="import m")
    with program.connect() as client:
        assert dict(zip(TEXTS, asked(client, path, *TEXTS))) == TEXTS
        assert program.value("m.Order.ran") == []


def test_large_values_are_short(start, write):
    path = write("m.py", BODY)
    program = start(body="import m")
    with program.connect() as client:
        long, many, huge, big = asked(client, path, "long", "many", "huge", "big")
    assert long == repr("x" * 120) + "… (1000000 characters)"
    assert many == "[0, 1, 2, 3, 4, 5, 6, 7, … 999992 more]"
    assert huge.startswith("{0: None, ") and huge.endswith("… 999992 more}")
    assert all(len(text) < 600 for text in (long, many, huge, big))


def test_values_under_change_are_still_answered(start, write):
    path = write("m.py", "import threading\ntable = {}\n")
    program = start(body="""
        import m, threading
        def work():
            number = 0
            while True:
                number += 1
                m.table[number % 50] = [number]
                m.table.pop((number * 7) % 50, None)
        threading.Thread(target=work, daemon=True).start()
    """)
    with program.connect() as client:
        for _ in range(100):
            (text,) = asked(client, path, "table")
            assert text.startswith(("{", "<"))


def test_a_file_that_is_not_loaded_has_no_values(start, folder):
    with start().connect() as client:
        assert client.ask("values", path=str(folder / "other.py"), names=[["x"]]) == {"modules": []}


@pytest.mark.parametrize("parameters", [{}, {"path": 1, "names": []}, {"path": "a", "names": ["x"]},
                                        {"path": "a", "names": [[]]}, {"path": "a", "names": [[1]]}])
def test_a_request_that_makes_no_sense_is_refused(start, parameters):
    with start().connect() as client:
        with pytest.raises(Exception) as caught:
            client.ask("values", **parameters)
        assert caught.value.code == -32602


def test_when_a_module_was_loaded_is_said(start, write):
    begun = time.time() * 1000
    path = write("m.py", "RATE = 1\n")
    program = start(body="import m")
    with program.connect() as client:
        (first,) = [each for each in client.ask("modules")["modules"] if each["name"] == "m"]
        assert begun - 1 <= first["loaded"] <= time.time() * 1000 + 1
        write("m.py", "RATE = 2\n")
        client.reload(("m", path))
        (second,) = [each for each in client.ask("modules")["modules"] if each["name"] == "m"]
        assert second["loaded"] > first["loaded"]
