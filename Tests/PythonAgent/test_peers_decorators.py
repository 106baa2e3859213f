"""What users of other reloaders rely on, in the patch policy: properties, decorators, enumerations.

The number in a test's name is that of the scenario in the list of what the peers' own tests expect.
"""

from __future__ import annotations

import unittest

from live import PatchCase


class Members(PatchCase):
    def test_087_an_edited_property_is_seen_on_an_instance_made_before(self) -> None:
        m = self.load("class C:\n    def __init__(self): self.n = 2\n    @property\n    def p(self): return self.n\n")
        c = m.C()
        self.save("class C:\n    def __init__(self): self.n = 2\n    @property\n    def p(self): return self.n * 10\n")
        self.assertEqual((c.p, type(c) is m.C), (20, True))

    def test_091_an_edited_classmethod_is_seen_through_its_alias(self) -> None:
        text = "class C:\n    @classmethod\n    def make(cls): return (cls.__name__, {})\nmake = C.make\n"
        m = self.load(text.format(1))
        held = m.make
        self.save(text.format(2))
        self.assertEqual((m.make(), held(), m.C.make()), (("C", 2),) * 3)

    def test_094_the_value_of_a_new_enumeration_member_can_be_read(self) -> None:
        m = self.load("from enum import Enum\nclass Color(Enum):\n    RED = 1\n")
        color, red = m.Color, m.Color.RED
        self.save("from enum import Enum\nclass Color(Enum):\n    RED = 1\n    GREEN = 2\n")
        self.assertEqual((m.Color.GREEN.value, color.GREEN, color(2)), (2, m.Color.GREEN, m.Color.GREEN))
        self.assertIs(m.Color.RED, red)
        self.assertEqual(list(color), [red, color.GREEN])


class Decorators(PatchCase):
    WRAPS = """
        import functools
        def {name}(f):
            @functools.wraps(f)
            def wrapper(*positional, **named): return ('{name}', f(*positional, **named))
            return wrapper
        """

    def test_088_a_decorator_under_classmethod_is_removed(self) -> None:
        m = self.load(deco=self.WRAPS.format(name="outer"), m="""
            from deco import outer
            class C:
                @classmethod
                @outer
                def make(cls, n): return (cls.__name__, n)
            make = C.make
            """)
        m = self.live.modules()["m"]
        held, bound, instance = m.make, m.C.make, m.C()
        self.assertEqual(held(1), ("outer", ("C", 1)))
        self.save(m="""
            from deco import outer
            class C:
                @classmethod
                def make(cls, n): return (cls.__name__, n + 1)
            make = C.make
            """)
        self.assertEqual((m.make(1), held(1), bound(1), instance.make(1), m.C.make(1)), (("C", 2),) * 5)

    def test_089_a_held_decorated_function_runs_the_edited_decorator(self) -> None:
        text = """
            def deco(f):
                def wrapper(n): return f(n) + {}
                return wrapper
            @deco
            def f(n): return n
            """
        m = self.load(text.format(10))
        held = m.f
        self.save(text.format(20))
        self.assertEqual((held(1), m.f(1), held is m.f), (21, 21, True))

    def test_090_a_decorator_is_removed_and_one_with_arguments_added(self) -> None:
        head = """
            def plain(f):
                def wrapper(n): return ('plain', f(n))
                return wrapper
            def times(k):
                def deco(f):
                    def wrapper(n): return f(n) * k
                    return wrapper
                return deco
            """
        m = self.load(f"{head}\n            @plain\n            def f(n): return n\n")
        held = [m.f]
        self.assertEqual(m.f(1), ("plain", 1))
        self.save(f"{head}\n            def f(n): return n + 1\n")
        held.append(m.f)
        self.assertEqual([each(1) for each in (m.f, *held)], [2, 2, 2])
        self.save(f"{head}\n            @times(5)\n            def f(n): return n + 1\n")
        held.append(m.f)
        self.assertEqual([each(1) for each in (m.f, *held)], [10, 10, 10, 10])

    def test_092_a_function_decorated_by_another_module_keeps_its_own_globals(self) -> None:
        deco = self.WRAPS.format(name="outer") + "WHERE = 'deco'\n"
        self.load(m="from deco import outer\nWHERE = 'm'\n@outer\ndef f(): return WHERE\n", deco=deco)
        m = self.live.modules()["m"]
        held = m.f
        self.save(m="from deco import outer\nWHERE = 'm'\nMORE = 1\n@outer\ndef f(): return (WHERE, MORE)\n")
        self.assertEqual((m.f(), held()), (("outer", ("m", 1)),) * 2)
        m.WHERE = "changed by the program"
        self.assertEqual(held(), ("outer", ("changed by the program", 1)))
        self.assertIs(m.f.__wrapped__.__globals__, vars(m))

    def test_093_the_free_variables_of_a_decorator_are_renamed(self) -> None:
        text = """
            def deco({0}):
                def around(g):
                    def wrapper(): return g() + {0} + {1}
                    return wrapper
                return around
            @deco({1})
            def f(): return 0
            """
        m = self.load(text.format("first", 10))
        held = m.f
        self.assertEqual(held(), 20)
        self.save(text.format("second", 20))
        self.assertEqual((m.f(), held(), self.not_applied()), (40, 40, []))

    def test_118_a_decorated_function_gains_a_parameter(self) -> None:
        text = """
            def add(n):
                def deco(f):
                    def wrapper(*given): return f(*given) + n
                    return wrapper
                return deco
            @add(100)
            @add(10)
            def f({}): return {}
            """
        m = self.load(text.format("a", "a"))
        held = m.f
        self.save(text.format("a, b", "a * b"))
        self.assertEqual((m.f(2, 3), held(2, 3)), (116, 116))

    def test_119_the_number_of_decorators_and_the_body_change_together(self) -> None:
        head = """
            def add(n):
                def deco(f):
                    def wrapper(*given): return f(*given) + n
                    return wrapper
                return deco
            """
        place = "\n            "
        m = self.load(head + f"{place}@add(1){place}def f(a): return a\n")
        held = [m.f]
        for decorators, body, expected in (((1, 2, 3), "a * 2", 26), ((5,), "-a", -5), ((), "a", 10), ((7, 8), "0", 15)):
            lines = "".join(f"{place}@add({n})" for n in decorators)
            self.save(head + f"{lines}{place}def f(a): return {body}\n")
            held.append(m.f)
            self.assertEqual([each(10) for each in held], [expected] * len(held), (decorators, body))

    DECORATED = """
        def deco(f):
            def wrapper(n): return ({}, f(n))
            return wrapper
        @deco
        def f(n): return n {}
        """

    def test_120_to_123_decorator_and_function_are_edited_in_any_order(self) -> None:
        one, two, three = (1, "+ 1"), (2, "+ 1"), (2, "+ 5")
        orders = {
            120: [one, two],
            121: [one, two, (3, "+ 1")],
            122: [one, two, three],
            123: [one, (1, "+ 5"), three],
        }
        for number, (first, *others) in orders.items():
            with self.subTest(scenario=number):
                m = self.load(**{f"m{number}": self.DECORATED.format(*first)})
                held = m.f
                for step in others:
                    self.save(**{f"m{number}": self.DECORATED.format(*step)})
                    expected = (step[0], 10 + int(step[1].split()[1]))
                    self.assertEqual((m.f(10), held(10), held is m.f), (expected, expected, True))


if __name__ == "__main__":
    unittest.main()
