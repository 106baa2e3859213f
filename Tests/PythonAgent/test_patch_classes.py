"""What an edit of classes does in the program: the patch policy."""

from __future__ import annotations

import copy
import pickle
import unittest

from live import PatchCase


class Members(PatchCase):
    def test_methods_and_attributes_added_changed_and_removed(self) -> None:
        m = self.load("class C:\n    K = 1\n    L = []\n    def a(self): return 1\n    def gone(self): return 1\n")
        c, cls, bound = m.C(), m.C, m.C().a
        c.data = 5
        m.C.L.append("kept")
        self.save("class C:\n    K = 2\n    L = []\n    def a(self): return 2\n    def new(self): return self.K\n")
        self.assertIs(m.C, cls)
        self.assertEqual((c.a(), c.new(), c.data, c.K, bound(), c.L), (2, 2, 5, 2, 2, ["kept"]))
        self.assertFalse(hasattr(c, "gone"))
        self.assertIs(type(pickle.loads(pickle.dumps(c))), m.C)

    def test_static_and_class_methods(self) -> None:
        m = self.load(
            "class C:\n    @staticmethod\n    def s(): return 1\n    @classmethod\n    def k(cls): return 1\n"
        )
        c, s, k = m.C(), m.C.s, m.C.k
        self.save("class C:\n    @staticmethod\n    def s(): return 2\n    @classmethod\n    def k(cls): return 2\n")
        self.assertEqual((c.s(), c.k(), s(), k()), (2, 2, 2, 2))

    def test_method_becomes_static_class_method_and_back(self) -> None:
        m = self.load("class C:\n    def v(self): return 1\n")
        c = m.C()
        self.save("class C:\n    @staticmethod\n    def v(): return 2\n")
        self.assertEqual((c.v(), m.C.v()), (2, 2))
        self.save("class C:\n    @classmethod\n    def v(cls): return cls\n")
        self.assertEqual((c.v(), m.C.v()), (m.C, m.C))
        self.save("class C:\n    def v(self): return self\n")
        self.assertIs(c.v(), c)

    def test_properties(self) -> None:
        text = """
            class C:
                @property
                def p(self){2}: return {0}
                @p.setter
                def p(self, v): self._v = v + {1}
            """
        m = self.load(text.format(1, 0, ""))
        c, held = m.C(), m.C.p
        self.save(text.format(2, 100, ""))
        c.p = 5
        self.assertEqual((c.p, c._v, held.fget(c)), (2, 105, 2))
        self.save(text.format(3, 200, " -> int"))
        c.p = 5
        self.assertEqual((c.p, c._v, held.fget(c)), (3, 205, 3))
        self.save("class C:\n    @property\n    def p(self): return 4\n")
        self.assertEqual(c.p, 4)
        with self.assertRaises(AttributeError):
            c.p = 5

    def test_super_begins_and_ceases_to_be_used(self) -> None:
        base = "class A:\n    def v(self): return 1\n"
        m = self.load(base + "class C(A):\n    def v(self): return 5\n")
        c, bound = m.C(), m.C().v
        self.save(base + "class C(A):\n    def v(self): return super().v() + 10\n    def w(self): return super().v()\n")
        self.assertEqual((c.v(), bound(), c.w(), m.C().v()), (11, 11, 1, 11))
        again = c.v
        self.save(base + "class C(A):\n    def v(self): return 7\n    def w(self): return __class__\n")
        self.assertEqual((c.v(), bound(), again(), c.w()), (7, 7, 7, m.C))

    def test_private_names(self) -> None:
        m = self.load("class C:\n    def __init__(self): self.__x = 1\n    def v(self): return self.__x\n")
        c = m.C()
        self.save("""
            class C:
                __k = 7
                def __init__(self): self.__x = 1
                def __help(self): return self.__x + self.__k
                def v(self, more=0): return self.__help() + more
            """)
        self.assertEqual((c.v(), c.v(1), m.C().v()), (8, 9, 8))
        self.save("class C:\n    def __init__(self): self.__x = 1\n    def v(self, more=0): return self.__x\n")
        self.assertFalse(any("help" in name or "__k" in name for name in vars(m.C)))

    def test_nested_classes(self) -> None:
        m = self.load(
            "class A:\n    class B:\n        K = 1\n        def v(self): return 1\n    def w(self): return 1\n"
        )
        b, a = m.A.B(), m.A()
        self.save("""
            class A:
                class B:
                    K = 2
                    def v(self): return self.K
                    def more(self): return super().__init__ is not None and __class__
                class New:
                    pass
                def w(self): return self.B
            """)
        self.assertIsInstance(b, m.A.B)
        self.assertEqual((b.v(), b.more(), a.w(), m.A.New.__qualname__), (2, m.A.B, m.A.B, "A.New"))

    def test_docstring(self) -> None:
        m = self.load('class C:\n    "one"\n')
        self.save('class C:\n    "two"\n')
        self.assertEqual(m.C.__doc__, "two")
        self.save("class C:\n    pass\n")
        self.assertIsNone(m.C.__doc__)

    def test_annotations(self) -> None:
        m = self.load("class C:\n    a: int = 1\n    b: str\n")
        self.save("class C:\n    a: float = 1\n    c: bool\n")
        self.assertEqual(m.C.__annotations__, {"a": float, "c": bool})

    def test_attribute_computed_from_another_one(self) -> None:
        m = self.load("X = 1\nclass C:\n    A = X\n    B = A + 1\n    def f(self, d=B): return d\nY = C.B\n")
        c = m.C()
        self.save("X = 5\nclass C:\n    A = X\n    B = A + 1\n    def f(self, d=B): return d\nY = C.B\n")
        self.assertEqual((c.A, c.B, c.f(), m.Y), (5, 6, 6, 6))

    def test_equality_without_hash(self) -> None:
        m = self.load("class C: pass\n")
        self.save("class C:\n    def __eq__(self, other): return True\n")
        self.assertIsNone(m.C.__hash__)
        self.save("class C:\n    pass\n")
        self.assertEqual(hash(m.C()) is not None, True)

    def test_alias_of_a_class_method(self) -> None:
        text = "class C:\n    @classmethod\n    def helper(cls): return {}\n    @classmethod\n    def f(cls): return cls.helper()\nf = C.f\n"
        m = self.load(text.format(1))
        f = m.f
        self.save(text.format(2))
        self.assertEqual((f(), m.f()), (2, 2))

    def test_another_name_for_a_method_is_pointed_elsewhere(self) -> None:
        text = "class C:\n    def a(self): return 1\n    def b(self): return 2\n    g = {}\n"
        m = self.load(text.format("a"))
        c = m.C()
        self.save(text.format("b"))
        self.assertEqual((c.a(), c.b(), c.g()), (1, 2, 2))
        deco = "def deco(c): return c\n@deco\n"
        self.save(deco + text.format("b"))
        self.save(deco + text.format("a"))
        self.assertEqual((c.a(), c.b(), c.g(), m.C.g is m.C.a), (1, 2, 1, True))

    def test_descriptors_learn_their_name(self) -> None:
        text = """
            class Field:
                def __set_name__(self, owner, name): self.name = (owner.__name__, name)
            class C:
                a = Field()
            """
        m = self.load(text)
        first = m.C.a
        self.save(text.rstrip() + "\n                b = Field()\n")
        self.assertEqual((m.C.b.name, m.C.a is first), (("C", "b"), True))

    def test_cached_property(self) -> None:
        text = "import functools\nclass C:\n    @functools.cached_property\n    def v(self): return {}\n"
        m = self.load(text.format(1))
        c = m.C()
        self.assertEqual(c.v, 1)
        self.save(text.format(2))
        self.assertEqual((c.v, m.C().v), (2, 2))

    def test_class_removed_and_added(self) -> None:
        m = self.load("class A: pass\nclass B: pass\n")
        self.save("class A: pass\nclass D(A): pass\n")
        self.assertFalse(hasattr(m, "B"))
        self.assertEqual(m.D().__class__.__mro__[1], m.A)


class Headers(PatchCase):
    BASES = "class A:\n    def who(self): return 'A'\nclass B:\n    def who(self): return 'B'\n"

    def test_bases(self) -> None:
        m = self.load(self.BASES + "class C(A):\n    pass\n")
        c, cls = m.C(), m.C
        self.save(self.BASES + "class C(B):\n    pass\n")
        self.assertEqual((c.who(), m.C().who(), m.C is cls), ("B", "B", True))

    def test_base_added_to_a_class_without_one(self) -> None:
        m = self.load(self.BASES + "class C:\n    def v(self): return 1\n")
        c = m.C()
        self.save(self.BASES + "class C(A):\n    def v(self): return 2\n")
        self.assertEqual((c.who(), c.v(), isinstance(c, m.C), m.C().who()), ("A", 2, True, "A"))

    def test_class_decorator_added_and_removed(self) -> None:
        deco = "def deco(c):\n    c.tag = 'T'\n    return c\n"
        m = self.load(deco + "class C:\n    tag = ''\n")
        c = m.C()
        self.save(deco + "@deco\nclass C:\n    tag = ''\n")
        self.assertEqual((c.tag, m.C().tag), ("T", "T"))
        self.save(deco + "class C:\n    tag = ''\n")
        self.assertEqual((c.tag, m.C().tag), ("", ""))

    def test_metaclass_keeps_instances(self) -> None:
        text = "class M(type):\n    def __call__(cls): return super().__call__()\nclass C(metaclass=M):\n    K = {0}\n    def v(self): return {0}\n"
        m = self.load(text.format(1))
        c = m.C()
        self.save(text.format(2))
        self.assertEqual((c.v(), c.K, isinstance(c, m.C), m.C().v()), (2, 2, True, 2))

    def test_init_subclass_registry_is_not_doubled(self) -> None:
        base = "REG = []\nclass Base:\n    def __init_subclass__(cls):\n        REG.append(cls)\n"
        m = self.load(base + "class A(Base):\n    name = 'a'\n    def v(self): return 1\n")
        a = m.A()
        self.save(base + "class A(Base):\n    name = 'b'\n    def v(self): return 2\n")
        self.assertEqual((m.REG, a.v(), a.name), ([m.A], 2, "b"))

    def test_slots_of_the_same_layout(self) -> None:
        m = self.load(
            "class C:\n    __slots__ = ('x',)\n    def __init__(self): self.x = 1\n    def v(self): return 1\n"
        )
        c = m.C()
        self.save(
            "class C:\n    __slots__ = ('x',)\n    def __init__(self): self.x = 1\n    def v(self): return self.x + 1\n    def w(self): return 3\n"
        )
        self.assertEqual((c.v(), c.w(), c.x), (2, 3, 1))

    def test_slots_of_another_layout(self) -> None:
        m = self.load(
            "class C:\n    __slots__ = ('x',)\n    def __init__(self): self.x = 1\n    def v(self): return 1\n"
        )
        c = m.C()
        self.save("""
            class C:
                __slots__ = ('x', 'y')
                def __init__(self): self.x, self.y = 1, 2
                def v(self): return 2
            """)
        self.assertEqual((c.v(), c.x, m.C().y, isinstance(c, m.C), isinstance(m.C(), m.C)), (2, 1, 2, True, True))
        self.assertIn("C", self.not_applied())

    def test_slots_of_another_layout_are_put_back(self) -> None:
        m = self.load("class C:\n    __slots__ = ('x',)\n    def v(self): return 1\n")
        c, cls = m.C(), m.C
        self.assertFails(
            self.try_save("class C:\n    __slots__ = ('x', 'y')\n    def v(self): return 2\n1 / 0\n"), "ZeroDivision"
        )
        self.assertEqual((c.v(), type(c), c.__class__, m.C is cls), (1, cls, cls, True))

    def test_exceptions_are_caught_by_their_class(self) -> None:
        m = self.load("class E(Exception):\n    code = 1\n")
        old = m.E()
        self.save("class E(Exception):\n    code = 2\n    def more(self): return 3\n")
        try:
            raise old
        except m.E as caught:
            self.assertEqual((caught.code, caught.more()), (2, 3))

    def test_generic_classes(self) -> None:
        m = self.load(
            "from typing import Generic, TypeVar\nT = TypeVar('T')\nclass C(Generic[T]):\n    def v(self): return 1\n"
        )
        c = m.C[int]()
        self.save(
            "from typing import Generic, TypeVar\nT = TypeVar('T')\nclass C(Generic[T]):\n    K = 3\n    def v(self): return 2\n"
        )
        self.assertEqual((c.v(), c.K), (2, 3))


class StandardKinds(PatchCase):
    def test_dataclass_methods_and_fields(self) -> None:
        text = "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int = {}\n"
        m = self.load(text.format(1) + "    def v(self): return 1\n")
        p, cls = m.P(), m.P
        self.save(text.format(1) + "    def v(self): return 2\n    def w(self): return 3\n")
        self.assertEqual((p.v(), p.w(), p == m.P()), (2, 3, True))
        self.save(text.format(5) + "    y: int = 2\n    def v(self): return 2\n")
        self.assertEqual((m.P(), repr(m.P()), cls(1, 7).y, p.y, p.x), (cls(5, 2), "P(x=5, y=2)", 7, 2, 1))
        self.assertIs(type(copy.copy(p)), m.P)
        self.save(text.format(5) + "    def v(self): return 2\n")
        self.assertEqual(repr(m.P()), "P(x=5)")

    def test_dataclass_derived_from_one_that_changed(self) -> None:
        text = "from dataclasses import dataclass\n@dataclass\nclass A:\n    x: int = 1\n{}@dataclass\nclass B(A):\n    z: int = 9\n"
        m = self.load(text.format(""))
        b = m.B()
        self.save(text.format("    y: int = 2\n"))
        self.assertEqual((repr(m.B()), b.y, isinstance(b, m.A)), ("B(x=1, y=2, z=9)", 2, True))

    def test_frozen_dataclass_with_slots(self) -> None:
        text = "from dataclasses import dataclass\n@dataclass(frozen=True, slots=True)\nclass P:\n    x: int = 1\n    def v(self): return {}\n"
        m = self.load(text.format(1))
        p = m.P()
        self.save(text.format(2))
        self.assertEqual((p.v(), p == m.P()), (2, True))

    def test_enumeration(self) -> None:
        text = "from enum import Enum\nclass E(Enum):\n    A = {}\n"
        m = self.load(text.format(1))
        a = m.E.A
        self.save(text.format(1) + "    B = 2\n    def hi(self): return self.name\n")
        self.assertEqual((m.E.A, m.E(2), a.hi(), list(m.E), m.E.B.name), (a, m.E.B, "A", [m.E.A, m.E.B], "B"))
        self.assertIs(type(m.E.B), m.E)
        self.assertIs(pickle.loads(pickle.dumps(a)), m.E.A)
        self.save(text.format(9) + "    B = 2\n    def hi(self): return self.name\n")
        self.assertEqual((a.value, m.E(9) is a, m.E.A is a), (9, True, True))
        self.save(text.format(9) + "    def hi(self): return 'hi'\n")
        self.assertEqual((a.hi(), list(m.E), hasattr(m.E, "B")), ("hi", [a], False))
        with self.assertRaises(ValueError):
            m.E(1)

    def test_integer_enumeration(self) -> None:
        m = self.load("from enum import IntEnum\nclass E(IntEnum):\n    A = 1\n")
        a = m.E.A
        self.save("from enum import IntEnum\nclass E(IntEnum):\n    A = 1\n    B = 2\n")
        self.assertEqual((type(m.E.B) is m.E, m.E(2), m.E.A is a, m.E.B + 1, len(m.E)), (True, m.E.B, True, 3, 2))
        self.save("from enum import IntEnum\nclass E(IntEnum):\n    A = 5\n    B = 2\n")
        self.assertEqual((m.E.A + 0, m.E(5) is m.E.A), (5, True))

    def test_flags(self) -> None:
        m = self.load("from enum import Flag, auto\nclass F(Flag):\n    A = auto()\n    B = auto()\n")
        both = m.F.A | m.F.B
        self.save("from enum import Flag, auto\nclass F(Flag):\n    A = auto()\n    B = auto()\n    C = auto()\n")
        self.assertEqual((m.F.C.value, m.F.A | m.F.B == both, m.F.A in both, (m.F.A | m.F.C).value), (4, True, True, 5))

    def test_enumeration_imported_elsewhere(self) -> None:
        self.load(e="from enum import Enum\nclass E(Enum):\n    A = 1\n", u="from e import E\nfirst = E.A\n")
        self.save(e="from enum import Enum\nclass E(Enum):\n    A = 1\n    B = 2\n")
        u = self.live.modules()["u"]
        self.assertEqual((u.E.B.value, u.first is u.E.A), (2, True))

    def test_named_tuple(self) -> None:
        m = self.load(
            "from typing import NamedTuple\nclass T(NamedTuple):\n    x: int = 1\n    def v(self): return 1\n"
        )
        t, cls = m.T(), m.T
        self.save(
            "from typing import NamedTuple\nclass T(NamedTuple):\n    x: int = 1\n    y: int = 2\n    def v(self): return 2\n"
        )
        self.assertEqual(
            (m.T(1, 7).y, m.T._fields, cls(3).y, t.v(), m.T()._asdict()), (7, ("x", "y"), 2, 2, {"x": 1, "y": 2})
        )

    def test_typed_dict(self) -> None:
        m = self.load("from typing import TypedDict\nclass D(TypedDict):\n    a: int\n")
        self.save("from typing import TypedDict\nclass D(TypedDict):\n    a: int\n    b: str\n")
        self.assertEqual((m.D.__required_keys__, m.D.__annotations__), ({"a", "b"}, {"a": int, "b": str}))

    def test_protocol(self) -> None:
        text = "from typing import Protocol, runtime_checkable\n@runtime_checkable\nclass P(Protocol):\n    def a(self): ...\n"
        m = self.load(text + "class C:\n    def a(self): pass\n")
        c = m.C()
        self.assertIsInstance(c, m.P)
        self.save(text + "    def b(self): ...\nclass C:\n    def a(self): pass\n")
        self.assertNotIsInstance(c, m.P)

    def test_abstract_methods(self) -> None:
        text = "from abc import ABC, abstractmethod\nclass A(ABC):\n    @abstractmethod\n    def a(self): ...\n{}class C(A):\n    def a(self): return 1\n{}"
        m = self.load(text.format("", ""))
        m.A.register(dict)
        self.assertIsInstance({}, m.A)
        self.save(text.format("    @abstractmethod\n    def b(self): ...\n", ""))
        with self.assertRaises(TypeError):
            m.C()
        self.assertIsInstance({}, m.A)
        self.save(text.format("    @abstractmethod\n    def b(self): ...\n", "    def b(self): return 2\n"))
        self.assertEqual(m.C().b(), 2)
        self.save(text.format("", ""))
        self.assertEqual(m.C().a(), 1)

    def test_single_dispatch_on_a_class_that_changed(self) -> None:
        m = self.load(
            "import functools\nclass C:\n    K = 1\n@functools.singledispatch\ndef f(x): return 'any'\n@f.register(C)\ndef _(x): return 'C'\n"
        )
        c = m.C()
        self.save(
            "import functools\nclass C:\n    K = 2\n    def v(self): pass\n@functools.singledispatch\ndef f(x): return 'any'\n@f.register(C)\ndef _(x): return 'C'\n"
        )
        self.assertEqual((m.f(c), m.f(m.C())), ("C", "C"))


class Subclasses(PatchCase):
    def test_subclass_in_another_module(self) -> None:
        self.load(
            a="class B:\n    def v(self): return 1\n",
            b="import a\nclass D(a.B):\n    def v(self): return super().v() + 100\n",
        )
        a, b = self.live.modules()["a"], self.live.modules()["b"]
        d = b.D()
        self.save(
            a="class R:\n    def w(self): return 3\nclass B(R):\n    def v(self): return 2\n    def w(self): return super().w() + 1\n"
        )
        self.assertTrue(issubclass(b.D, a.B))
        self.assertIsInstance(d, a.B)
        self.assertEqual((d.v(), d.w(), b.D().w()), (102, 4, 4))

    def test_constant_used_in_a_class_body_elsewhere(self) -> None:
        self.load(a="X = 1\n", b="from a import X\nclass D:\n    K = X\n    def v(self, d=X): return d\n")
        d = self.live.modules()["b"].D()
        self.save(a="X = 2\n")
        self.assertEqual((d.K, d.v()), (2, 2))

    def test_overriding_method_removed(self) -> None:
        m = self.load("class A:\n    def v(self): return 1\nclass B(A):\n    def v(self): return 2\n")
        b = m.B()
        self.save("class A:\n    def v(self): return 1\nclass B(A):\n    pass\n")
        self.assertEqual(b.v(), 1)

    def test_a_class_body_reads_the_modules_name_until_it_binds_its_own(self) -> None:
        text = "from dataclasses import dataclass\nx = {}\n@dataclass\nclass C:\n    x: int = x + 10\n"
        m = self.load(text.format(1))
        self.save(text.format(2))
        self.assertEqual(m.C().x, 12)

    def test_a_name_of_the_module_that_the_class_binds_later(self) -> None:
        m = self.load("x = 1\nclass C:\n    y = x\n    x: int = x + 10\n    z = x\n")
        self.save("x = 2\nclass C:\n    y = x\n    x: int = x + 10\n    z = x\n")
        self.assertEqual((m.C.y, m.C.x, m.C.z), (2, 12, 12))

    def test_an_attribute_that_is_read_between_two_bindings(self) -> None:
        m = self.load("class C:\n    x = 1\n    y = x\n    x = 2\n")
        self.save("class C:\n    x = 1\n    y = x + 5\n    x = 2\n")
        self.assertEqual((m.C.x, m.C.y), (2, 6))


if __name__ == "__main__":
    unittest.main()
