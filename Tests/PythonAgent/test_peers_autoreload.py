"""What people who come from IPython's autoreload expect of a save (scenarios 1 to 10 and 15 to 25 of the survey of peers;
those about modes, tracking and messages are in EndToEnd/test_peers_modes.py).

Its mode 3, which brings new values to the names of the interactive namespace, is what any importer gets here: `user` is the
module that imports.
"""

from __future__ import annotations

import pickle
import unittest
from typing import Any

from live import PatchCase

# A value like an array: comparing two of them gives no truth.
VECTOR = """
    class Vector:
        def __init__(self, *items): self.items = items
        def __eq__(self, other): return Vector(*(a == b for a, b in zip(self.items, other.items)))
        __hash__ = None
        def __bool__(self): raise ValueError("the truth of several items is ambiguous")
    """


class Classes(PatchCase):
    def test_01_an_enumeration_gains_a_member(self) -> None:
        text = "from enum import Enum\nclass Letter(Enum):\n    A = 'A'\n    B = 'B'\n"
        m = self.load(text)
        letter, a = m.Letter, m.Letter.A
        self.save(text + "    C = 'C'\n")
        self.assertEqual([each.name for each in m.Letter], ["A", "B", "C"])
        self.assertIs(m.Letter, letter)
        self.assertIs(m.Letter("A"), a)
        self.assertEqual(self.not_applied(), [])

    def test_02_an_instance_made_before_an_edit_is_of_the_current_class_and_pickles(self) -> None:
        m = self.load("class Test:\n    def meth(self): return 'old'\n")
        test = m.Test()
        test.state = [1]
        self.save("class Test:\n    def meth(self): return 'new'\n")
        self.assertIsInstance(test, m.Test)
        self.assertEqual(test.meth(), "new")
        self.assertEqual(pickle.loads(pickle.dumps(test)).state, [1])

    def test_03_methods_come_and_go_and_instances_keep_their_data(self) -> None:
        m = self.load("""
            class C:
                def __init__(self, a=10):
                    self.a = a
                    self.b = 22
                def square(self): return self.a * self.a
            """)
        first = m.C(5)
        self.assertEqual(first.square(), 25)
        self.save("""
            class C:
                def __init__(self, a=10):
                    self.a = a
                    self.b = 11
                def power(self, p): return self.a ** p
            """)
        second = m.C(5)
        self.assertEqual([(each.a, each.power(3)) for each in (first, second)], [(5, 125), (5, 125)])
        self.assertEqual((first.b, second.b), (22, 11))
        for each in (first, second):
            for name in ("square", "cube", "c"):
                self.assertFalse(hasattr(each, name), name)

    def test_04_an_attribute_whose_comparison_is_no_truth_value_is_edited(self) -> None:
        text = "from vector import Vector\nclass C:\n    a = (Vector(.1, .2), Vector(.2, .3))\nT = [C.a]\n"
        self.load(vector=VECTOR, m=text)
        m = self.live.modules()["m"]
        first = m.C()
        self.save(m=text.replace(".1, .2", ".3, .4"))
        self.assertEqual((first.a[0].items, m.T[0][0].items), ((0.3, 0.4), (0.3, 0.4)))
        self.assertEqual(self.not_applied(), [])


class Importers(PatchCase):
    """Names that a module takes from the one that is edited."""

    def user(self, user: str, m: str) -> Any:
        self.load(m=m, user=user)
        return self.live.modules()["user"]

    def test_05_a_star_import_brings_what_the_module_gains(self) -> None:
        user = self.user("from m import *\n", "def func1(): pass\n")
        self.assertFalse(hasattr(user, "func2"))
        self.save(m="""
            def func1(): pass
            def func2(): pass
            class Test: pass
            number = 0
            from enum import Enum
            class Letter(Enum):
                A = 'a'
            """)
        self.assertEqual((user.func2(), user.number, user.Letter.A.value), (None, 0, "a"))
        test, held = user.Test(), user.func2
        self.save(m="""
            def func1(): return 'changed'
            def func2(): return 'changed'
            class Test:
                def new_func(self): return 'changed'
            number = 1
            from enum import Enum
            class Letter(Enum):
                A = 'a'
                B = 'added'
            """)
        self.assertEqual((user.func1(), user.func2(), held(), test.new_func()), ("changed",) * 4)
        self.assertEqual((user.number, user.Letter.B.value), (1, "added"))
        self._write(None, {"ext": """
            from enum import Enum
            class Ext(Enum):
                A = 'ext'
            def ext_func(): return 'ext'
            class ExtTest:
                def meth(self): return 'ext'
            ext_int = 2
            """})
        self.save(m="from ext import *\n")
        self.assertEqual((user.Ext.A.value, user.ext_func(), user.ExtTest().meth(), user.ext_int), ("ext", "ext", "ext", 2))
        self.assertEqual([name for name in ("func1", "func2", "Test", "number", "Letter") if hasattr(user, name)], [])

    def test_06_an_alias_follows_and_brings_no_other_name(self) -> None:
        user = self.user("from m import n as foo\n", "def func1(): pass\nn = 1\n")
        self.save(m="n = 100\ndef func2(): pass\ndef func1(): pass\nm = 5\n")
        self.assertEqual((user.foo, self.names(user)), (100, {"foo"}))

    def test_07_an_alias_follows_its_own_name_until_the_real_one_is_imported(self) -> None:
        user = self.user("from m import n as foo\n", "n = 1\n")
        self.save(m="n = 100\nfoo = 45\n")
        self.assertEqual(user.foo, 100)
        self.save(user="from m import n as foo\nfrom m import foo\n")
        self.assertEqual(user.foo, 45)
        self.save(m="n = 200\nfoo = 46\n")
        self.assertEqual(user.foo, 46)

    def test_08_names_added_to_a_module_are_reachable_through_it(self) -> None:
        user = self.user("import m\ndef use(): return m.func2(), m.m\n", "def func1(): pass\nn = 1\n")
        self.save(m="n = 100\ndef func2(): return 2\ndef func1(): pass\nm = 5\n")
        self.assertEqual((user.m.func1(), user.m.n, user.use()), (None, 100, (2, 5)))
        self.save(user="import m\nfrom m import n\ndef use(): return m.func2(), m.m\n")
        self.assertEqual((user.n, self.names(user)), (100, {"m", "n", "use"}))

    def test_09_a_name_imported_before_its_module_is(self) -> None:
        user = self.user("from m import n\n", "def func1(): pass\nn = 1\n")
        self.save(user="from m import n\nimport m\n")
        self.save(m="n = 100\ndef func2(): pass\ndef func1(): pass\nm = 5\n")
        self.assertEqual((user.m.func1(), user.m.func2(), user.m.m, user.m.n, user.n), (None, None, 5, 100, 100))

    def test_10_only_names_that_were_asked_for_are_imported(self) -> None:
        user = self.user("from m import n\n", "def func1(): pass\nn = 1\n")
        self.save(m="n = 1\ndef func2(): pass\ndef func1(): pass\nm = 5\n")
        self.assertEqual(self.names(user), {"n"})
        self.save(user="from m import n\nfrom m import m\n")
        self.assertEqual(self.names(user), {"n", "m"})
        self.save(user="from m import n\nfrom m import m, func1, func2\n")
        self.assertEqual((self.names(user), user.func1(), user.func2()), ({"n", "m", "func1", "func2"}, None, None))

    def test_19_of_an_alias_and_a_name_the_newest_wins(self) -> None:
        user = self.user("from m import foo as bar\nfrom m import bar\n", "foo = 'foo'\nbar = 'bar'\n")
        self.save(m="foo = 'new foo'\nbar = 'bar'\n")
        self.assertEqual(user.bar, "bar")
        self.save(m="foo = 'new foo'\nbar = 'new bar'\n")
        self.assertEqual(user.bar, "new bar")

    def test_20_of_a_name_and_an_alias_the_newest_wins(self) -> None:
        user = self.user("from m import bar\nfrom m import foo as bar\n", "foo = 'foo'\nbar = 'bar'\n")
        self.save(m="foo = 'foo'\nbar = 'new bar'\n")
        self.assertEqual(user.bar, "foo")
        self.save(m="foo = 'new foo'\nbar = 'new bar'\n")
        self.assertEqual(user.bar, "new foo")

    def test_21_an_alias_is_pointed_to_a_name_that_was_added_later(self) -> None:
        user = self.user("from m import foo as bar\n", "foo = 'foo'\n")
        self.save(m="foo = 'foo'\nfoo2 = 'second'\n", user="from m import foo as bar\nfrom m import foo2 as bar\n")
        self.assertEqual(user.bar, "second")
        self.save(m="foo = 'changed'\nfoo2 = 'second changed'\n")
        self.assertEqual(user.bar, "second changed")

    def test_22_after_an_edit_a_name_holds_the_real_one_and_not_the_alias(self) -> None:
        user = self.user("from m import foo as bar\n", "foo = 'original foo'\nbar = 'original bar'\n")
        self.assertEqual(user.bar, "original foo")
        self.save(user="from m import foo as bar\nfrom m import bar\n")
        self.assertEqual(user.bar, "original bar")
        self.save(m="foo = 'modified foo'\nbar = 'modified bar'\n")
        self.assertEqual((user.bar, hasattr(user, "foo")), ("modified bar", False))

    def test_23_what_is_imported_under_a_name_and_an_alias_follows_under_both(self) -> None:
        user = self.user("from m import foo as bar\nfrom m import foo\n", "foo = 'original'\nbar = 0\n")
        self.save(m="foo = 'modified'\nbar = 1\n")
        self.assertEqual((user.foo, user.bar), ("modified", "modified"))

    def test_24_a_module_that_is_imported_later_is_followed_from_then_on(self) -> None:
        self.load(user="def use():\n    from late import some as thing\n    return thing\n")
        user = self.live.modules()["user"]
        self._write(None, {"late": "some = 1\nother = 2\n"})
        self.assertEqual(user.use(), 1)
        self.live.remember()
        self.save(user="from late import some as thing\ndef use():\n    return thing\n")
        self.save(late="some = 10\nother = 20\n")
        self.assertEqual((user.thing, user.use()), (10, 10))
        self.save(user="from late import other as thing\ndef use():\n    return thing\n")
        self.save(late="some = 100\nother = 200\n")
        self.assertEqual(user.use(), 200)

    def test_25_one_name_has_several_local_names(self) -> None:
        names = "from m import foo as bar\nfrom m import foo, foo as third\ndef use(): return bar, foo, third\n"
        user = self.user(names, "foo = 1\n")
        self.save(m="foo = 2\n")
        self.assertEqual(user.use(), (2, 2, 2))

    def names(self, module: Any) -> set[str]:
        return {name for name in vars(module) if not name.startswith("__")}


SMOKE = """
    x = 9
    z = 123  # goes
    def foo(y):
        return y + 3
    class Baz(object):
        def __init__(self, x):
            self.x = x
        def bar(self, y):
            return self.x + y
        @property
        def quux(self):
            return 42
        def zzz(self):
            '''Goes'''
            return 99
    class Bar:
        def foo(self):
            return 1
    """
SMOKE_AFTER = """
    x = 10
    def foo(y):
        return y + 4
    class Baz(object):
        def __init__(self, x):
            self.x = x
        def bar(self, y):
            return self.x + y + 1
        @property
        def quux(self):
            return 43
    class Bar:
        def foo(self):
            return 2
    """


class Smoke(PatchCase):
    def begin(self) -> None:
        self.m = self.load(SMOKE)
        self.foo, self.baz, self.bar = self.m.foo, self.m.Baz(9), self.m.Bar()

    def values(self) -> tuple[Any, ...]:
        """Through what was held before, and through what the module gives now."""
        m, held, made = self.m, (self.foo, self.baz, self.bar), (self.m.foo, self.m.Baz(9), self.m.Bar())
        return m.x, [(foo(0), baz.bar(1), baz.quux, bar.foo()) for foo, baz, bar in (held, made)]

    def test_15_everything_at_once(self) -> None:
        self.begin()
        self.assertEqual(self.values(), (9, [(3, 10, 42, 1)] * 2))
        self.save(SMOKE_AFTER)
        self.assertEqual(self.values(), (10, [(4, 11, 43, 2)] * 2))
        self.assertEqual((hasattr(self.m, "z"), hasattr(self.baz, "zzz"), hasattr(self.m.Baz(1), "zzz")), (False,) * 3)
        self.assertEqual(self.not_applied(), [])

    def test_16_a_syntax_error_changes_nothing_until_it_is_mended(self) -> None:
        self.begin()
        report = self.try_save("a syntax error\n")
        self.assertEqual((report["outcome"], len(report["problems"])), ("blocked", 1))
        self.assertEqual((self.values(), self.m.z, self.baz.zzz()), ((9, [(3, 10, 42, 1)] * 2), 123, 99))
        self.save(SMOKE_AFTER)
        self.assertEqual(self.values(), (10, [(4, 11, 43, 2)] * 2))

    def test_18_names_of_an_interactive_session_mean_nothing_special(self) -> None:
        self.load(m="def hello(): return 'Hello'\n", user="import m\nIn = 'some value'\nOut = _ = None\nres = m.hello()\n")
        user = self.live.modules()["user"]
        self.save(m="def hello(): return 'Changed'\n")
        self.assertEqual((user.m.hello(), user.res, user.In), ("Changed", "Changed", "some value"))


if __name__ == "__main__":
    unittest.main()
