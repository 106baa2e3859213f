"""Programs of several modules and a save of each, which together meet every way in which a save changes a program.

`asks` is a module that no save touches: `answers()` says how the program behaves, `hold()` makes what a running program
holds (instances, bound methods, closures, generators) before the save. Nothing in either may change the program.
"""

from __future__ import annotations

FUNCTIONS = {
    "lib": '''
        import functools
        HANDLERS, ORDER, NAMES = {}, [], set()
        def register(key):
            def enter(f):
                HANDLERS[key] = f
                ORDER.append(f.__name__)
                NAMES.add(f.__name__)
                return f
            return enter
        def traced(f):
            @functools.wraps(f)
            def inner(*given, **named):
                return ("traced", f(*given, **named))
            return inner
        @functools.singledispatch
        def show(value): return "any"
    ''',
    "base": '''
        import functools
        from lib import register, traced, show
        RATE = 2
        GONE = 9
        TABLE = {"rate": RATE, "deep": [RATE, {"k": RATE}]}
        LIST = [RATE, RATE * 2]
        COUNT = 0
        COUNT += RATE
        def taxed(value, by=RATE, *, more=RATE):
            """Taxes."""
            return value * by + more
        def unused(): return GONE
        def renamed(): return "before"
        @functools.lru_cache
        def cached(value): return value * RATE
        @register("a")
        def handler(): return "a1"
        @traced
        def wrapped(value=1): return value + RATE
        @show.register
        def _(value: int): return f"int {RATE}"
        def make(start):
            total = start
            def add(value):
                nonlocal total
                total += value
                return total + RATE
            return add
        def many(limit):
            for each in range(limit):
                yield each * RATE
        partial = functools.partial(taxed, 3)
        if RATE > 1:
            WAY = "big"
        else:
            WAY = "small"
        for _number in range(3):
            LAST = _number * RATE
        lines = []
        lines.append(RATE)
        async def later(): return RATE
        def hinted(x: int = 1) -> str: return str(x)
        __all__ = ["RATE", "TABLE", "taxed", "cached", "make", "many", "unused", "WAY"]
    ''',
    "middle": '''
        from base import *
        from base import renamed as other, wrapped
        import base, lib
        DOUBLE = RATE * 2
        SUM = sum(base.LIST) + len(TABLE)
        class Uses:
            SIZE = RATE + 1
            def price(self): return taxed(self.SIZE) + base.RATE
        @lib.register("m")
        def handle(): return DOUBLE
        def twice(value=DOUBLE): return value * 2
    ''',
    "top": '''
        import middle
        from middle import DOUBLE as D, Uses, twice
        class More(Uses):
            EXTRA = D
        WORDS = [str(D), str(middle.SUM)]
        total = twice(D) + More().price()
    ''',
    "asks": '''
        import asyncio, base, lib, middle, top
        def hold():
            global adder, running, bound, user, table, part
            adder, running, user = base.make(5), base.many(4), middle.Uses()
            next(running)
            bound, table, part = user.price, base.TABLE, base.partial
            base.cached(3)
        def answers():
            found = [base.RATE, base.TABLE, base.LIST, base.taxed(2), base.taxed.__doc__, base.cached(3), base.cached(4),
                sorted(lib.HANDLERS), [lib.HANDLERS[key]() for key in sorted(lib.HANDLERS)], sorted(lib.NAMES),
                base.wrapped(), middle.wrapped(2), lib.show(1), lib.show("x"), list(base.many(3)), base.partial(2), base.WAY, base.LAST,
                asyncio.run(base.later()), base.hinted.__annotations__, middle.DOUBLE, middle.SUM, middle.Uses.SIZE,
                middle.Uses().price(), middle.twice(), top.D, top.More.EXTRA, top.More().price(), top.WORDS, top.total, base.__all__]
            make = base.make(1)
            found.append((make(1), base.COUNT))
            for name in ("GONE", "unused", "renamed", "named", "fresh", "NEW"):
                found += [name, hasattr(base, name), hasattr(middle, name)]
            return found
    ''',
}
FUNCTIONS_SAVED = {
    "base": '''
        import functools, json
        from lib import register, traced, show
        RATE = 3
        TABLE = {"rate": RATE, "deep": [RATE, {"k": RATE, "more": 1}]}
        LIST = [RATE, RATE * 2, 7]
        COUNT = 0
        COUNT += RATE
        NEW = json.dumps([RATE])
        def taxed(value, by=RATE, *, more=RATE + 1):
            """Taxes more."""
            return fresh(value) * by + more
        def fresh(value): return value + 1
        def named(): return "after"
        @functools.lru_cache
        def cached(value): return value * RATE + 1
        @register("a")
        def handler(): return "a2"
        @register("b")
        def second(): return "b"
        @traced
        def wrapped(value=2): return value + RATE + 1
        @show.register
        def _(value: int): return f"int {RATE} now"
        @show.register
        def _text(value: str): return "text"
        def make(start):
            total = start
            def add(value):
                nonlocal total
                total += value * 2
                return total + RATE
            return add
        def many(limit):
            for each in range(limit):
                yield each * RATE + 1
        partial = functools.partial(taxed, 4)
        if RATE > 2:
            WAY = "huge"
        else:
            WAY = "small"
        for _number in range(4):
            LAST = _number * RATE
        lines = []
        lines.append(RATE)
        lines.append(RATE + 1)
        async def later(): return RATE + 1
        def hinted(x: float = 1, y: int = 2) -> bytes: return str(x)
        __all__ = ["RATE", "TABLE", "taxed", "cached", "make", "many", "fresh", "WAY", "NEW"]
    ''',
    "middle": '''
        from base import *
        from base import named as other, wrapped
        import base, lib
        DOUBLE = RATE * 2
        SUM = sum(base.LIST) + len(TABLE)
        class Uses:
            SIZE = RATE + 1
            def price(self): return taxed(self.SIZE) + base.RATE + self.more()
            def more(self): return 1
        @lib.register("m")
        def handle(): return DOUBLE + 1
        def twice(value=DOUBLE): return value * 2
    ''',
}

CLASSES = {
    "shapes": '''
        import abc, weakref
        PLUGINS, WEAK, BY_NAME = [], weakref.WeakSet(), weakref.WeakValueDictionary()
        class Plugin:
            def __init_subclass__(cls, **named):
                super().__init_subclass__(**named)
                PLUGINS.append(cls)
                WEAK.add(cls)
                BY_NAME[cls.__name__] = cls
        class Meta(type):
            made = []
            def __new__(meta, name, bases, inside, **named):
                cls = super().__new__(meta, name, bases, inside)
                meta.made.append(name)
                return cls
        class Field:
            def __set_name__(self, owner, name):
                self.name = name
                owner.fields = (*getattr(owner, "fields", ()), name)
            def __get__(self, instance, owner=None): return self.name
        class Shape(abc.ABC):
            @abc.abstractmethod
            def area(self): ...
        @Shape.register
        class Foreign: pass
    ''',
    "model": '''
        import dataclasses, enum, functools, abc
        from typing import NamedTuple, Protocol, TypedDict
        from shapes import Plugin, Meta, Field, Shape
        UNIT = 2
        class Plain:
            """Plain."""
            LIMIT = UNIT
            __secret = 1
            def __init__(self, n=1): self.n = n
            def one(self): return self.n + self.LIMIT
            def two(self): return self.__secret
            def removed(self): return "removed"
            @property
            def size(self): return self.n * UNIT
            @size.setter
            def size(self, value): self.n = value
            @staticmethod
            def still(): return UNIT
            @classmethod
            def named(cls): return cls.__name__
            @functools.cached_property
            def lazy(self): return self.n + 10 * UNIT
            @functools.lru_cache
            def kept(self): return UNIT
            class Inner:
                DEPTH = UNIT
                def inner(self): return self.DEPTH
        class Sub(Plain):
            LIMIT = 5
            def one(self): return super().one() * 10
        class Circle(Shape):
            def area(self): return UNIT
        class Tool(Plugin):
            KEY = UNIT
            def use(self): return self.KEY
        class Made(metaclass=Meta):
            x = UNIT
            def get(self): return self.x
        class Shed(metaclass=Meta):
            k = 5
            def get(self): return self.k
        class Fielded:
            a = Field()
            def get(self): return self.a
        @dataclasses.dataclass
        class Point:
            x: int = UNIT
            y: int = 2
            def norm(self): return self.x + self.y
        @dataclasses.dataclass(frozen=True)
        class Frozen:
            a: int = UNIT
        class Color(enum.Enum):
            RED = UNIT
            BLUE = "b"
            def gone(self): return 1
            def label(self): return self.name.lower()
        class Mode(enum.IntFlag):
            READ = 1
            WRITE = 2
        class Pair(NamedTuple):
            left: int = UNIT
            right: int = 2
            def both(self): return self.left + self.right
        class Options(TypedDict):
            name: str
        class Speaks(Protocol):
            def speak(self) -> str: ...
        class Slotted:
            __slots__ = ("a", "b")
            def __init__(self): self.a, self.b = UNIT, 2
            def get(self): return self.a
        class Left: side = "left"
        class Right: side = "right"
        class Moves(Left):
            def where(self): return self.side
        class Going: pass
        class Compares:
            def __init__(self): self.v = 1
        def factory():
            class Local:
                def get(self): return UNIT
            return Local
        REGISTRY = {"plain": Plain, "all": [Plain, Sub], "made": Plain()}
        Plain.extra = "put there"
    ''',
    "deeper": '''
        import model
        from model import Plain as P, Color, Point, Slotted, UNIT
        class Far(P):
            AT = Color.RED
            WIDE = UNIT * 3
            def one(self): return super().one() + self.WIDE
        class Point3(Point):
            def norm(self): return super().norm() * 3
        KINDS = {Color.RED: "red", Plain: 1} if False else {Color.RED: "red"}
        first = P()
    ''',
    "asks": '''
        import copy, inspect, pickle, model, deeper, shapes
        def hold():
            global things, methods
            things = [model.Plain(3), model.Sub(), model.Circle(), model.Tool(), model.Made(), model.Fielded(), model.Point(),
                      model.Frozen(), model.Color.RED, model.Mode.READ | model.Mode.WRITE, model.Pair(), model.Slotted(), model.Moves(),
                      deeper.Far(), deeper.Point3(), model.factory()(), model.Plain.Inner(), model.Compares()]
            things[0].lazy, things[0].kept()
            methods = [things[0].one, model.Plain.named, things[0].kept, model.Plain.one]
        def answers():
            model.Plain.kept.cache_clear()
            m, found = model, []
            plain = m.Plain(2)
            for ask in (lambda: plain.one(), lambda: plain.two(), lambda: plain.removed(), lambda: plain.size, lambda: plain.still(),
                        lambda: m.Plain.named(), lambda: plain.lazy, lambda: m.Plain.Inner().inner(), lambda: m.Plain.__doc__,
                        lambda: m.Sub().one(), lambda: m.Circle().area(), lambda: m.Circle().edges(), lambda: m.Tool().use(), lambda: m.Made().get(),
                        lambda: m.Shed().get(), lambda: m.Fielded().get(), lambda: m.Fielded.fields, lambda: m.Point().norm(), lambda: repr(m.Point()),
                        lambda: repr(m.Frozen()), lambda: m.Frozen() == m.Frozen(), lambda: [(c.name, c.value) for c in m.Color], lambda: m.Color.RED.label(),
                        lambda: m.Color("b").name, lambda: [(c.name, c.value) for c in m.Mode], lambda: m.Pair().both(), lambda: m.Pair._fields,
                        lambda: m.Options.__annotations__, lambda: m.Slotted().get(), lambda: m.Moves().where(),
                        lambda: [b.__name__ for b in m.Moves.__mro__], lambda: m.factory()().get(), lambda: m.Compares() == m.Compares(),
                        lambda: hash(m.Compares()) and 1, lambda: deeper.Far().one(), lambda: deeper.Far.AT is m.Color.RED, lambda: deeper.Far.WIDE,
                        lambda: deeper.Point3().norm(), lambda: deeper.KINDS[m.Color.RED], lambda: sorted(c.__name__ for c in shapes.WEAK),
                        lambda: sorted(shapes.BY_NAME), lambda: sorted(inspect.signature(m.Plain).parameters), lambda: issubclass(shapes.Foreign, shapes.Shape),
                        lambda: sorted(m.Circle.__abstractmethods__), lambda: isinstance(plain, m.Plain), lambda: pickle.loads(pickle.dumps(plain)).one(),
                        lambda: [m.REGISTRY["plain"] is m.Plain, m.REGISTRY["all"][1] is m.Sub], lambda: m.Plain.extra,
                        lambda: hasattr(m, "Going"), lambda: m.Added().x, lambda: sorted(n for n in vars(m.Plain) if n[0] != "_" and n != "extra")):
                try:
                    found.append(ask())
                except (AttributeError, TypeError) as error:
                    found.append((type(error).__name__, str(error)))
            return found
    ''',
}
_MODEL = CLASSES["model"]
_CHANGES = {
    "UNIT = 2": "UNIT = 3",
    '"""Plain."""': '"""Plainer."""\n            ADDED = UNIT * 5',
    "__secret = 1": "__secret = 2",
    "def one(self): return self.n + self.LIMIT": "def one(self): return self.n + self.LIMIT + self.fresh()\n            def fresh(self): return 100",
    '            def removed(self): return "removed"\n': "",
    "return self.n * UNIT\n": "return self.n * UNIT + 1\n",
    "def still(): return UNIT": "def still(): return UNIT + 1",
    "return cls.__name__": "return cls.__name__.upper()",
    "return self.n + 10 * UNIT": "return self.n + 20 * UNIT",
    "def inner(self): return self.DEPTH": "def inner(self): return self.DEPTH + 1",
    "return super().one() * 10": "return super().one() * 11",
    "class Circle(Shape):\n": "class Circle(Shape):\n            def edges(self): return 0\n",
    "def use(self): return self.KEY": "def use(self): return self.KEY + 1",
    "def get(self): return self.x": "def get(self): return self.x + 1\n            y = 4",
    "class Shed(metaclass=Meta):\n            k = 5\n            def get(self): return self.k":
        "@dataclasses.dataclass\n        class Shed:\n            j: int = UNIT\n            def get(self): return self.j",
    "            a = Field()\n": "            a = Field()\n            b = Field()\n",
    "            y: int = 2\n": "            y: int = 4\n            z: list = dataclasses.field(default_factory=list)\n",
    "a: int = UNIT\n": "a: int = UNIT\n            b: int = 1\n",
    '            BLUE = "b"\n            def gone(self): return 1\n            def label(self): return self.name.lower()':
        '            BLUE = "b"\n            GREEN = 7\n            def label(self): return self.name.upper()',
    "            WRITE = 2\n": "            WRITE = 2\n            EXECUTE = 4\n",
    "            right: int = 2\n": "            right: int = 2\n            middle: int = 5\n",
    "            name: str\n": "            name: str\n            size: int\n",
    "def speak(self) -> str: ...": "def speak(self) -> str: ...\n            def shout(self) -> str: ...",
    '__slots__ = ("a", "b")': '__slots__ = ("a", "b", "c")',
    "class Moves(Left):": "class Moves(Right):",
    "        class Going: pass\n": "        class Added: x = UNIT\n",
    "def __init__(self): self.v = 1": "def __init__(self): self.v = 1\n            def __eq__(self, other): return self.v == other.v",
    "def get(self): return UNIT\n            return": "def get(self): return UNIT + 1\n            return",
}


def _changed(text: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


CLASSES_SAVED = {"model": _changed(_MODEL, _CHANGES)}

HOOKS = {
    "settings": '''
        import collections
        VALUES = {"a": 1}
        EVENTS = collections.deque()
        ORDERED = collections.OrderedDict(x=1, y=2)
        GROUPS = collections.defaultdict(list)
        class Signal:
            def __init__(self): self.receivers = []
            def connect(self, f):
                self.receivers.append(f)
                return f
        changed = Signal()
        class App:
            routes = {}
            def route(self, path):
                def enter(f):
                    self.routes[path] = f
                    GROUPS[path[0]].append(f.__name__)
                    return f
                return enter
        app = App()
    ''',
    "work": '''
        import settings
        from settings import VALUES, EVENTS, ORDERED, app, changed
        LEVEL = 1
        EVENTS.append(LEVEL)
        VALUES["level"] = LEVEL
        ORDERED.move_to_end("x")
        settings.extra = LEVEL
        App = settings.App
        App.version = LEVEL
        @app.route("/one")
        def one(): return LEVEL
        @changed.connect
        def seen(): return LEVEL
        class State:
            count = LEVEL
        current = State()
        current.mode = "first"
        cells = []
        for number in range(2):
            cells.append(lambda number=number: number + LEVEL)
        try:
            import nothing_of_that_name as json
        except ImportError:
            import json
        with open(__file__) as _file:
            LENGTH = len(_file.readline())
        def __getattr__(name):
            if name == "dynamic":
                return LEVEL * 100
            raise AttributeError(name)
        def __afresh_before__():
            EVENTS.append("before")
            return LEVEL
        def __afresh_after__(old):
            VALUES["after"] = LEVEL
            current.mode = "after"
        matrix = [[LEVEL] * 2 for _ in range(2)]
        a, (b, *c) = LEVEL, (2, 3, 4)
        text = f"{LEVEL}"
    ''',
    "user": '''
        import work
        from work import one, LEVEL as L, State, dynamic
        HALF = L / 2
        class Sub(State):
            half = HALF
        def use(given=L): return one() + given + work.dynamic + Sub.count
        def __afresh_after__(old):
            work.VALUES["user"] = HALF
    ''',
    "asks": '''
        import settings, work, user
        def hold():
            global held
            held = [work.current, work.cells[1], user.use, settings.App.routes["/one"]]
        def answers():
            routes = settings.App.routes
            return [sorted(routes), [routes[path]() for path in sorted(routes)], work.current.count, user.use(), user.HALF, user.Sub.half,
                    work.matrix, [work.a, work.b, work.c], work.text, work.dynamic, user.dynamic,
                    settings.App.version, settings.extra, settings.VALUES["level"], work.LENGTH, settings.VALUES.get("new")]
    ''',
}
HOOKS_SAVED = {
    "work": _changed(HOOKS["work"], {
        "LEVEL = 1\n": "LEVEL = 2\n", "EVENTS.append(LEVEL)\n": "EVENTS.append(LEVEL)\n        VALUES['new'] = [LEVEL]\n",
        "def one(): return LEVEL\n": "def one(): return LEVEL + 1\n        @app.route('/two')\n        def two(): return LEVEL\n",
        "def seen(): return LEVEL": "def seen(): return LEVEL + 1", "range(2):\n            cells": "range(3):\n            cells",
        "return LEVEL * 100": "return LEVEL * 200", "App.version = LEVEL": "App.version = LEVEL + 5", "(2, 3, 4)": "(2, 3, 5)",
    }),
    "settings": _changed(HOOKS["settings"], {"self.receivers.append(f)": "self.receivers.insert(0, f)", '"a": 1': '"a": 2'}),
}

PROGRAMS = {"functions": (FUNCTIONS, FUNCTIONS_SAVED), "classes": (CLASSES, CLASSES_SAVED), "hooks": (HOOKS, HOOKS_SAVED)}
