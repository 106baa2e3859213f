"""What the standard library generates from classes, and the instances that were made before: the patch policy."""

from __future__ import annotations

import collections.abc
import copy
import dataclasses
import functools
import pickle
import unittest

from live import PatchCase

DATA = "from dataclasses import dataclass, field\n"
TUPLE = "from typing import NamedTuple\n"


class DataClasses(PatchCase):
    def reasons(self) -> dict[str, str]:
        changes = [change for each in self.live.report["modules"] for change in each["changes"]]
        return {change["symbol"]: change["reason"] for change in changes if not change["applied"]}

    def test_a_new_field_with_a_default(self) -> None:
        text = DATA + "@dataclass(frozen=True)\nclass P:\n    x: int = 1\n"
        m = self.load(text)
        p, cls, dumped, held = m.P(5), m.P, pickle.dumps(m.P(5)), {m.P(5): "kept"}
        self.save(text + "    y: int = 2\n")
        self.assertEqual((p, repr(p), m.P is cls), (m.P(5, 2), "P(x=5, y=2)", True))
        self.assertEqual((pickle.loads(dumped), copy.copy(p), dataclasses.replace(p, y=3)), (p, p, m.P(5, 3)))
        self.assertEqual((list(held)[0], self.not_applied()), (p, []))

    def test_a_new_field_whose_factory_is_the_interpreters_own(self) -> None:
        text = DATA + "@dataclass(frozen=True)\nclass P:\n    x: int = 1\n"
        m = self.load(text)
        one, two = m.P(), m.P()
        self.save(text + "    y: list = field(default_factory=list)\n")
        self.assertEqual((one.y, one == m.P(), one.y is two.y, self.not_applied()), ([], True, False, []))

    def test_a_new_field_without_a_value_is_said_to_be_lacking(self) -> None:
        text = DATA + "def make(): return 5\n@dataclass\nclass P:\n    x: int = 1\n"
        m = self.load(text)
        held = [m.P(), m.P(), type("Q", (m.P,), {})()]
        self.save(text + "    y: int = field(default_factory=make)\n")
        self.assertEqual((m.P().y, len(held), hasattr(held[0], "y")), (5, 3, False))
        self.assertEqual(self.reasons(), {"P.y": "3 instances made before the edit have no attribute y"})

    def test_nothing_is_lacking_where_there_are_no_instances(self) -> None:
        m = self.load(DATA + "@dataclass\nclass P:\n    x: int\n")
        self.save(DATA + "@dataclass\nclass P:\n    x: int\n    y: int\n")
        self.assertEqual((m.P(1, 2).y, self.not_applied()), (2, []))

    def test_fields_change_places(self) -> None:
        m = self.load(DATA + "@dataclass\nclass P:\n    x: int = 1\n    y: int = 2\n")
        p = m.P(7, 8)
        self.save(DATA + "@dataclass\nclass P:\n    y: int = 2\n    x: int = 1\n")
        self.assertEqual((repr(m.P()), m.P(7).y, repr(p)), ("P(y=2, x=1)", 7, "P(y=8, x=7)"))

    def test_a_method_that_the_decorator_looks_for_comes_and_goes(self) -> None:
        text = DATA + "@dataclass\nclass P:\n    x: int = 1\n{}"
        m = self.load(text.format(""))
        self.save(text.format("    def __post_init__(self): self.x = 5\n"))
        self.assertEqual(m.P().x, 5)
        self.save(text.format("    def __repr__(self): return 'mine'\n"))
        self.assertEqual((m.P().x, repr(m.P())), (1, "mine"))
        self.save(text.format(""))
        self.assertEqual(repr(m.P()), "P(x=1)")

    def test_frozen_ordered_and_by_keyword(self) -> None:
        text = DATA + "@dataclass{}\nclass P:\n    x: int = 1\n"
        m = self.load(text.format(""))
        p, cls = m.P(), m.P
        self.save(text.format("(frozen=True, order=True, kw_only=True)"))
        with self.assertRaises(dataclasses.FrozenInstanceError):
            p.x = 5
        with self.assertRaises(TypeError):
            m.P(5)
        self.assertEqual((p < m.P(x=2), hash(p) == hash(m.P(x=1)), m.P is cls), (True, True, True))
        self.save(text.format(""))
        p.x = 6
        self.assertEqual((m.P(6) == p, cls.__hash__), (True, None))

    def test_a_field_without_a_default_in_a_base_of_another_module(self) -> None:
        base = DATA + "@dataclass\nclass A:\n    x: int\n"
        self.load(a=base, b="from a import A\n" + DATA + "@dataclass\nclass B(A):\n    z: int = 9\n")
        b = self.live.modules()["b"]
        cls = b.B
        self.save(a=base + "    y: int\n")
        self.assertEqual((repr(b.B(1, 2)), b.B is cls), ("B(x=1, y=2, z=9)", True))

    def test_slots_of_a_dataclass(self) -> None:
        text = DATA + "@dataclass(slots=True)\nclass P:\n    x: int = {}\n"
        m = self.load(text.format(1))
        p, cls = m.P(), m.P
        self.save(text.format(9) + "    def v(self): return 5\n")
        self.assertEqual((m.P().x, p.x, p.v(), m.P is cls), (9, 1, 5, True))
        self.save(text.format(9) + "    y: int = 2\n    def v(self): return 6\n")
        self.assertEqual((m.P().y, p.x, p.v(), isinstance(p, m.P)), (2, 1, 6, True))
        self.assertIn("P", self.not_applied())

    def test_a_plain_class_becomes_a_dataclass_and_back(self) -> None:
        plain = DATA + "class P:\n    def __init__(self): self.x = 7\n"
        m = self.load(plain)
        p, cls = m.P(), m.P
        self.save(DATA + "@dataclass\nclass P:\n    x: int = 1\n")
        self.assertEqual((repr(p), m.P(3).x, m.P is cls), ("P(x=7)", 3, True))
        self.save(plain)
        self.assertEqual((m.P().x, hasattr(cls, "__dataclass_fields__"), p == m.P()), (7, False, False))


class Constructors(PatchCase):
    """Attributes that a constructor sets from now on: who was made before has none, and that is said."""

    def lacking(self) -> list[tuple[str, str, int]]:
        changes = [change for each in self.live.report["modules"] for change in each["changes"]]
        return [
            (change["symbol"], change["reason"], change["range"]["start"]["line"])
            for change in changes
            if not change["applied"]
        ]

    def test_said_at_the_line_that_sets_it(self) -> None:
        text = "class C:\n    def __init__(self):\n        self.x = 1\n{}    def v(self): return self.x\n"
        m = self.load(text.format(""))
        held = [m.C(), m.C()]
        self.save(text.format("        self.y = 2\n"))
        self.assertEqual((m.C().y, len(held)), (2, 2))
        self.assertEqual(self.lacking(), [("C.y", "2 instances made before the edit have no attribute y", 3)])

    def test_not_said_of_what_is_there_anyway(self) -> None:
        text = "class C:\n    late = None\n    def __init__(self): self.x = 1{}\n    def fill(self): self.z = 3\n"
        m = self.load(text.format(""))
        held = m.C()
        held.y = 5
        self.save(text.format("; self.y = 2; self.late = 3; self.z = 4"))
        self.assertEqual((m.C().y, held.y, self.lacking()), (2, 5, []))

    def test_not_said_where_nothing_was_made(self) -> None:
        m = self.load("class C:\n    def __init__(self): self.x = 1\n")
        self.save("class C:\n    def __init__(self): self.x = 1; self.y = 2\n")
        self.assertEqual((m.C().y, self.lacking()), (2, []))

    def test_of_derived_classes_that_run_it(self) -> None:
        text = "class C:\n    def __init__(self): self.x = 1{}\n"
        other = "from m import C\nclass D(C):\n    def __init__(self): super().__init__()\nclass E(C):\n    def __init__(self): pass\n"
        self.load(m=text.format(""), k=other)
        k = self.live.modules()["k"]
        held = [k.D(), k.E()]
        self.save(m=text.format("; self.__y = 2"))
        self.assertEqual([type(each).__name__ for each in held], ["D", "E"])
        self.assertEqual(self.lacking(), [("C._C__y", "1 instance made before the edit has no attribute _C__y", 1)])

    def test_not_said_of_classes_that_make_attributes_when_asked(self) -> None:
        text = "class C:\n    def __init__(self): self.x = 1{}\n    def __getattr__(self, name): return name\n"
        m = self.load(text.format(""))
        held = m.C()
        self.save(text.format("; self.y = 2"))
        self.assertEqual((held.y, self.lacking()), ("y", []))


class Tuples(PatchCase):
    def test_fields_of_tuples_that_exist(self) -> None:
        m = self.load(TUPLE + "class T(NamedTuple):\n    x: int = 1\n")
        t, cls = m.T(), m.T
        self.save(TUPLE + "class T(NamedTuple):\n    x: int = 1\n    y: int = 2\n")
        self.assertEqual((m.T().y, t.x, m.T is cls, self.not_applied()), (2, 1, True, ["T"]))

    def test_defaults_and_methods_leave_nothing_behind(self) -> None:
        m = self.load(TUPLE + "class T(NamedTuple):\n    x: int = 1\n")
        t = m.T()
        self.save(TUPLE + "class T(NamedTuple):\n    x: int = 2\n    def v(self): return self.x\n")
        self.assertEqual((m.T().x, t.v(), self.not_applied()), (2, 1, []))

    def test_made_by_a_call(self) -> None:
        m = self.load("from collections import namedtuple\nT = namedtuple('T', 'x')\n")
        t, cls = m.T(1), m.T
        self.save("from collections import namedtuple\nT = namedtuple('T', 'x y')\n")
        self.assertEqual((m.T(1, 2).y, t.x, m.T is cls, self.not_applied()), (2, 1, True, ["T"]))


class TypedDicts(PatchCase):
    def test_derived_ones_have_the_new_keys(self) -> None:
        text = "from typing import TypedDict\nclass D(TypedDict):\n    a: int\n{}class S(D):\n    c: int\n"
        m = self.load(text.format(""))
        derived = m.S
        self.save(text.format("    b: str\n"))
        self.assertEqual((derived.__required_keys__, m.S is derived), ({"a", "b", "c"}, True))


class Checks(PatchCase):
    """`isinstance` after classes have got, or lost, what it looks for."""

    def test_abstract_classes_of_the_library(self) -> None:
        m = self.load("class C: pass\n")
        instance = m.C()
        self.assertNotIsInstance(instance, collections.abc.Sized)
        self.save("class C:\n    def __len__(self): return 1\n")
        self.assertIsInstance(instance, collections.abc.Sized)
        self.save("class C: pass\n")
        self.assertNotIsInstance(instance, collections.abc.Sized)

    def test_protocols(self) -> None:
        text = "from typing import Protocol, runtime_checkable\n@runtime_checkable\nclass P(Protocol):\n    def a(self): ...\n{}class C:\n    def {}(self): pass\n"
        m = self.load(text.format("", "b"))
        instance, protocol = m.C(), m.P
        self.assertNotIsInstance(instance, protocol)
        self.save(text.format("", "a"))
        self.assertIsInstance(instance, protocol)
        self.save(text.format("    def c(self): ...\n", "a"))
        self.assertNotIsInstance(instance, protocol)
        self.save(text.format("", "a"))
        self.assertEqual((isinstance(instance, protocol), m.P is protocol), (True, True))

    def test_a_subclass_hook_is_edited_and_added(self) -> None:
        text = "from abc import ABC\nclass A(ABC):\n    @classmethod\n    def __subclasshook__(cls, other): return {}\nclass C: pass\n"
        m = self.load("from abc import ABC\nclass A(ABC): pass\nclass C: pass\n")
        for answer in (True, False, True):
            self.save(text.format(answer))
            self.assertEqual(isinstance(m.C(), m.A), answer)

    def test_bases_are_exchanged(self) -> None:
        text = "from abc import ABC\nclass A(ABC): pass\nclass B(ABC): pass\nclass C({}): pass\n"
        m = self.load(text.format("A"))
        which = functools.singledispatch(lambda each: "any")
        which.register(m.A, lambda each: "A")
        which.register(m.B, lambda each: "B")
        instance = m.C()
        self.assertEqual((isinstance(instance, m.A), isinstance(instance, m.B), which(instance)), (True, False, "A"))
        self.save(text.format("B"))
        self.assertEqual((isinstance(instance, m.A), isinstance(instance, m.B), which(instance)), (False, True, "B"))

    def test_what_others_registered_with_a_function_stays(self) -> None:
        text = "import functools\n@functools.singledispatch\ndef f(x{}): return 'any'\n@f.register\ndef _(x: str): return 'str'\n"
        m = self.load(text.format(""))
        held = m.f
        held.register(int, lambda x: "int")
        self.save(text.format(", y=1"))
        self.assertEqual((held(1), m.f(1), m.f(""), m.f(None), m.f is held), ("int", "int", "str", "any", True))

    def test_a_metaclass_that_answers(self) -> None:
        m = self.load("class M(type): pass\nclass A(metaclass=M): pass\n")
        held = m.A
        self.save("class M(type):\n    def __instancecheck__(cls, other): return other == 5\nclass A(metaclass=M): pass\n")
        self.assertEqual((isinstance(5, held), isinstance(6, held)), (True, False))


if __name__ == "__main__":
    unittest.main()
