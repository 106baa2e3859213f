"""Classes whose headers, makers and special attributes change, seen through what was made of them before."""

from __future__ import annotations

import pickle
import sys
import unittest

from live import PatchCase

TAGGING_METACLASS = """
class M(type):
    def __new__(meta, name, bases, namespace, **named):
        cls = super().__new__(meta, name, bases, namespace)
        cls.tag = {}
        return cls
class C(metaclass=M):
    x = 1
"""


class Makers(PatchCase):
    """What makes a class: metaclasses, `__init_subclass__`, decorators."""

    def test_a_method_of_the_metaclass(self) -> None:
        text = "class M(type):\n    def hello(cls): return {}\nclass C(metaclass=M): pass\n"
        m = self.load(text.format(1))
        cls, held = m.C, m.C.hello
        self.save(text.format(2))
        self.assertEqual((cls.hello(), held(), m.C is cls), (2, 2, True))

    def test_what_the_metaclass_does_when_it_makes_a_class(self) -> None:
        m = self.load(TAGGING_METACLASS.format(1))
        cls, instance = m.C, m.C()
        self.save(TAGGING_METACLASS.format(2))
        self.assertEqual((cls.tag, instance.tag, m.C is cls), (2, 2, True))

    def test_the_metaclass_of_a_base_in_another_module(self) -> None:
        self.load(k=TAGGING_METACLASS.format(1), m="from k import C\nclass D(C): pass\n")
        m = self.live.modules()["m"]
        cls = m.D
        self.save(k=TAGGING_METACLASS.format(2))
        self.assertEqual((cls.tag, m.D is cls), (2, True))

    def test_names_that_the_metaclass_brings_into_the_body(self) -> None:
        text = """
            class M(type):
                @classmethod
                def __prepare__(meta, name, bases): return {{"given": {}}}
            class C(metaclass=M):
                value = given
            """
        m = self.load(text.format(1))
        instance = m.C()
        self.save(text.format(2))
        self.assertEqual(instance.value, 2)

    def test_the_metaclass_is_exchanged(self) -> None:
        text = "class M(type):\n    who = 'M'\nclass N(type):\n    who = 'N'\nclass C(metaclass={}):\n    x = {}\n"
        m = self.load(text.format("M", 1))
        cls, instance = m.C, m.C()
        self.save(text.format("N", 2))
        self.assertEqual((cls.who, m.C is cls, instance.x, isinstance(instance, m.C)), ("N", True, 2, True))

    def test_a_metaclass_is_added_and_instances_are_of_the_new_class(self) -> None:
        text = "class M(type):\n    who = 'M'\nclass C{}:\n    x = {}\n"
        m = self.load(text.format("", 1))
        instance = m.C()
        self.save(text.format("(metaclass=M)", 2))
        self.assertEqual((m.C.who, instance.x, type(instance) is m.C), ("M", 2, True))

    def test_an_init_subclass_that_was_edited_runs_for_subclasses_everywhere(self) -> None:
        text = "class A:\n    def __init_subclass__(cls): cls.tag = {}\nclass B(A): pass\n"
        self.load(k=text.format(1), m="from k import B\nclass C(B): pass\n")
        m = self.live.modules()["m"]
        cls = m.C
        self.save(k=text.format(2))
        self.assertEqual((cls.tag, m.C is cls), (2, True))

    def test_an_init_subclass_that_calls_what_changed(self) -> None:
        text = (
            "def tag(): return {}\nclass A:\n    def __init_subclass__(cls): cls.tag = tag()\nclass B(A): pass\n"
        )
        m = self.load(text.format(1))
        cls = m.B
        self.save(text.format(2))
        self.assertEqual((cls.tag, m.B is cls), (2, True))

    def test_a_constructor_of_a_base_is_none_of_the_makers_of_a_class(self) -> None:
        text = "COUNT = []\nclass A:\n    def __init__(self): self.x = {}\nclass B(A):\n    COUNT.append(1)\n"
        m = self.load(text.format(1))
        self.save(text.format(2))
        self.assertEqual((m.B().x, m.COUNT), (2, [1]))

    def test_a_decorator_that_derives_a_class(self) -> None:
        deco = "def wrap(c):\n    class W(c):\n        wrapped = True\n    return W\n"
        m = self.load(deco + "@wrap\nclass C:\n    def v(self): return 1\n")
        instance, bound = m.C(), m.C().v
        self.save(deco + "@wrap\nclass C:\n    K = 3\n    def v(self): return 2\n")
        self.assertEqual((instance.v(), instance.K, bound(), isinstance(instance, m.C)), (2, 3, 2, True))

    def test_a_decorator_sees_special_methods_that_come(self) -> None:
        text = """
            import functools
            @functools.total_ordering
            class C:
                def __init__(self, x): self.x = x
                def __eq__(self, other): return self.x == other.x
                def {}(self, other): return self.x < other.x
            """
        m = self.load(text.format("__lt__"))
        one, two = m.C(1), m.C(2)
        self.save(text.format("__gt__"))
        self.assertEqual((one > two, one < two, one <= two), (True, False, False))


class Kinds(PatchCase):
    """Classes that cannot be changed in place: who stays behind behaves like who does not."""

    ABSTRACT = "from abc import ABC, abstractmethod\nclass A(ABC):\n    @abstractmethod\n    def a(self): return 1\n"

    def test_a_base_is_added_to_a_class_that_has_subclasses_elsewhere(self) -> None:
        self.load(m="class C:\n    def v(self): return 1\n", k="from m import C\nclass S(C): pass\n")
        m, k = self.live.modules()["m"], self.live.modules()["k"]
        instance, derived = k.S(), k.S
        self.save(m="class A:\n    def a(self): return 1\nclass C(A):\n    def v(self): return 2\n")
        self.assertEqual((instance.a(), instance.v(), isinstance(instance, m.C), issubclass(derived, m.A)), (1, 2, True, True))
        self.assertEqual((k.C is m.C, k.S is derived), (True, True))

    def test_a_plain_class_becomes_abstract(self) -> None:
        m = self.load("class A:\n    def a(self): return 1\nclass C(A): pass\n")
        instance = m.C()
        self.save(self.ABSTRACT + "class C(A): pass\n")
        self.assertEqual((instance.a(), isinstance(instance, m.A)), (1, True))
        with self.assertRaises(TypeError):
            m.C()
        self.assertEqual(self.not_applied(), ["A", "C"])

    def test_an_abstract_class_becomes_plain_and_loses_a_method(self) -> None:
        m = self.load(self.ABSTRACT + "class C(A):\n    def a(self): return 2\n    def gone(self): return 2\n")
        instance = m.C()
        self.save("class A:\n    def a(self): return 1\nclass C(A):\n    def new(self): return super().a() + 2\n")
        self.assertEqual((instance.a(), instance.new(), m.C().new()), (1, 3, 3))
        self.assertEqual((isinstance(instance, m.A), hasattr(instance, "gone")), (True, False))

    def test_a_method_ceases_to_be_abstract(self) -> None:
        m = self.load(self.ABSTRACT)
        self.save(self.ABSTRACT.replace("    @abstractmethod\n", ""))
        self.assertEqual(m.A().a(), 1)

    def test_slots_of_a_base_change_and_the_derived_class_is_in_another_module(self) -> None:
        text = "class B:\n    __slots__ = ({})\n{}"
        self.load(m=text.format("'x',", ""), k="import m\nclass D(m.B): pass\n")
        m, k = self.live.modules()["m"], self.live.modules()["k"]
        instance = k.D()
        instance.x = 1
        self.save(m=text.format("'x', 'y'", "    def v(self): return 2\n"))
        self.assertEqual((instance.v(), instance.x, k.D().v(), isinstance(instance, m.B)), (2, 1, 2, True))
        self.assertEqual(self.not_applied(), ["B", "D"])

    def test_that_a_class_of_another_kind_is_put_back(self) -> None:
        m = self.load("class M(type): pass\nclass N(type): pass\nclass C(metaclass=M):\n    x = 1\n")
        cls = m.C
        self.assertFails(
            self.try_save("class M(type): pass\nclass N(type): pass\nclass C(metaclass=N):\n    x = 2\n1 / 0\n"),
            "ZeroDivision",
        )
        self.assertEqual((type(cls) is m.M, cls.x, m.C is cls), (True, 1, True))


class Constructors(PatchCase):
    def test_new_comes_and_goes(self) -> None:
        plain = "class C:\n    def __init__(self, x=2): self.x = x\n"
        m = self.load(plain)
        cls = m.C
        self.save("class C:\n    def __new__(cls, x=1):\n        made = super().__new__(cls)\n        made.x = x\n        return made\n")
        self.assertEqual((cls().x, cls(5).x), (1, 5))
        self.save(plain)
        self.assertEqual((cls().x, cls(7).x, m.C is cls), (2, 7, True))
        self.assertIs(type(pickle.loads(pickle.dumps(cls(7)))), cls)

    def test_arguments_are_refused_where_nothing_takes_them(self) -> None:
        m = self.load("class C:\n    def __new__(cls, x=1): return super().__new__(cls)\n")
        self.save("class C: pass\n")
        self.assertIsInstance(m.C(), m.C)
        with self.assertRaises(TypeError):
            m.C(1)

    def test_implicit_static_and_class_methods(self) -> None:
        m = self.load("class C: pass\n")
        self.save("class C:\n    def __class_getitem__(cls, key): return (cls, key)\n    def __init_subclass__(cls): cls.tag = 1\n")
        self.assertEqual(m.C[1], (m.C, 1))
        self.assertEqual(type("D", (m.C,), {}).tag, 1)

    def test_special_methods_come_and_go(self) -> None:
        m = self.load("class C: pass\n")
        instance = m.C()
        self.save("""
            class C:
                def __call__(self): return 1
                def __getitem__(self, key): return key
                def __len__(self): return 0
                def __getattr__(self, name): return name
            """)
        self.assertEqual((instance(), instance[3], bool(instance), instance.some), (1, 3, False, "some"))
        self.save("class C: pass\n")
        self.assertEqual((callable(instance), bool(instance), hasattr(instance, "some")), (False, True, False))


class Places(PatchCase):
    """Classes and functions that are defined under other statements keep their identity too."""

    def test_a_class_under_try(self) -> None:
        m = self.load("try:\n    class C:\n        def v(self): return 1\nexcept ImportError: pass\n")
        cls, instance = m.C, m.C()
        self.save("try:\n    class C:\n        def w(self): return super().__init__ and 2\nexcept ImportError: pass\n")
        self.assertEqual((m.C is cls, instance.w(), hasattr(instance, "v")), (True, 2, False))

    def test_a_function_whose_signature_changes_under_with(self) -> None:
        text = "import contextlib\nwith contextlib.suppress(Exception):\n    def f(a={0}): return a\n"
        m = self.load(text.format(1))
        held = m.f
        self.save(text.format(2))
        self.assertEqual((held(), m.f is held), (2, True))

    def test_what_a_compound_statement_only_names_stays_itself(self) -> None:
        m = self.load("def a(): return 1\ndef b(): return 2\nif a:\n    f = a\n")
        a = m.a
        self.save("def a(): return 1\ndef b(): return 2\nif a:\n    f = b\n")
        self.assertEqual((a(), m.f(), m.f is m.b), (1, 2, True))

    @unittest.skipIf(sys.version_info < (3, 12), "type parameters are new in 3.12")
    def test_a_method_that_uses_a_type_parameter_is_added(self) -> None:
        m = self.load("class C[T]:\n    def v(self): return 1\n")
        cls, instance = m.C, m.C[int]()
        self.save("class C[T]:\n    def v(self): return 2\n    def name(self): return T.__name__\n")
        self.assertEqual((instance.v(), instance.name(), m.C is cls), (2, "T", True))

    @unittest.skipIf(sys.version_info < (3, 12), "type parameters are new in 3.12")
    def test_type_parameters_are_added(self) -> None:
        m = self.load("class C[T]:\n    def v(self): return T.__name__\ndef f[T](x: T): return x\n")
        instance, f = m.C(), m.f
        self.save("class C[T, U]:\n    def v(self): return U.__name__\ndef f[T, U](x: T): return [x]\n")
        self.assertEqual((instance.v(), f(1), len(f.__type_params__), len(m.C.__type_params__)), ("U", [1], 2, 2))


if __name__ == "__main__":
    unittest.main()
