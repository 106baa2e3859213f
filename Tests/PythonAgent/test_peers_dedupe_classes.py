"""What people who come from IPython's newer reloader expect of edits of classes (scenarios 53 to 86 of the survey of peers).
Instances, classes and methods that were got hold of before an edit are asked afterwards, too.
"""

from __future__ import annotations

import unittest
from typing import Any

from live import PatchCase


class Seen(PatchCase):
    """Under which name an edit is reported."""

    def edit(self, before: str, after: str) -> list[tuple[str, str]]:
        """Loads one text of `m` and saves another; the changes that are reported."""
        self.m = self.load(before)
        self.cls = self.m.Foo
        self.foo = self.cls()
        self.save(after)
        self.assertEqual(self.not_applied(), [])
        (checked,) = self.live.report["checked"]
        return [(change["symbol"], change["change"]) for change in checked["changes"]]

    def test_53_an_edited_method_is_recorded_under_its_class(self) -> None:
        text = "class Foo:\n    def __init__(self): self.x = 0\n    def bar(self): return {}\n"
        self.assertEqual(self.edit(text.format(1), text.format(2)), [("Foo.bar", "modified")])
        self.assertEqual(self.foo.bar(), 2)

    def test_54_an_unchanged_class_is_no_change(self) -> None:
        text = "class Foo:\n    def bar(self): return 1\n"
        self.assertEqual((self.edit(text, "\n# why\n" + text), self.executed()), ([], []))

    def test_55_a_method_is_added_and_another_one_edited(self) -> None:
        changes = self.edit(
            "class Foo:\n    def bar(self): return 1\n",
            "class Foo:\n    def bar(self): return 2\n    def baz(self): return 3\n",
        )
        self.assertEqual(changes, [("Foo.bar", "modified"), ("Foo.baz", "added")])
        self.assertEqual((self.foo.bar(), self.foo.baz()), (2, 3))

    def test_56_a_method_is_removed(self) -> None:
        changes = self.edit(
            "class Foo:\n    def bar(self): return 1\n    def baz(self): return 3\n", "class Foo:\n    def baz(self): return 3\n"
        )
        self.assertEqual((changes, hasattr(self.foo, "bar"), self.foo.baz()), ([("Foo.bar", "removed")], False, 3))

    def test_57_a_class_is_removed(self) -> None:
        changes = self.edit("class Foo:\n    def bar(self): return 1\nclass Left: pass\n", "class Left: pass\n")
        self.assertEqual((changes, hasattr(self.m, "Foo")), ([("Foo", "removed")], False))
        self.assertEqual(self.foo.bar(), 1)  # what somebody still holds works on

    def test_58_a_nested_class_is_added(self) -> None:
        changes = self.edit(
            "class Foo:\n    def bar(self): return 1\n",
            "class Foo:\n    def bar(self): return 1\n    class Inner:\n        def m(self): return 2\n",
        )
        self.assertEqual((changes, self.foo.Inner().m()), ([("Foo.Inner", "added")], 2))
        self.assertEqual((self.cls.Inner.__qualname__, self.cls is self.m.Foo), ("Foo.Inner", True))

    def nested(self, before: str, after: str, outside: str = "") -> list[tuple[str, str]]:
        """Edits of the body of Foo.Inner."""
        text = "class Foo:\n" + outside + "    class Inner:\n        {}\n"
        changes = self.edit(text.format(before), text.format(after))
        self.assertEqual(self.cls.Inner.__qualname__, "Foo.Inner")
        return changes

    def test_59_a_method_is_added_in_an_empty_nested_class(self) -> None:
        self.assertIn(("Foo.Inner.m", "added"), self.nested("pass", "def m(self): return 2"))
        self.assertEqual(self.foo.Inner().m(), 2)

    def test_60_a_method_is_added_beside_another_one_of_a_nested_class(self) -> None:
        both = "def m(self): return 2\n        def n(self): return self.m()"
        self.assertEqual(self.nested("def m(self): return 2", both), [("Foo.Inner.n", "added")])
        self.assertEqual(self.foo.Inner().n(), 2)

    def test_61_an_attribute_is_added_in_an_empty_nested_class(self) -> None:
        self.assertIn(("Foo.Inner.x", "added"), self.nested("pass", "x = 5"))
        self.assertEqual(self.foo.Inner.x, 5)

    def test_62_an_attribute_is_added_beside_a_method_of_a_nested_class(self) -> None:
        changes = self.nested("def m(self): return 2", "x = 5\n        def m(self): return 2")
        self.assertEqual((changes, self.foo.Inner.x), ([("Foo.Inner.x", "added")], 5))

    def test_63_a_method_is_added_in_a_nested_class_whose_outer_class_has_methods(self) -> None:
        changes = self.nested("pass", "def m(self): return 2", "    def bar(self): return 1\n")
        self.assertIn(("Foo.Inner.m", "added"), changes)
        self.assertEqual((self.foo.Inner().m(), self.foo.bar()), (2, 1))


class Patched(PatchCase):
    def edit(self, before: str, after: str) -> Any:
        """Loads one text of `m` and saves another; the module. `self.old` is an instance of Foo made before."""
        m = self.load(before)
        self.old = m.Foo()
        cls = m.Foo
        self.save(after)
        self.assertEqual(self.not_applied(), [])
        self.assertIs(m.Foo, cls)
        return m

    def test_64_a_file_that_is_saved_without_a_change(self) -> None:
        text = "class Foo:\n    def bar(self): return 1\nx = 2\n"
        m = self.edit(text, text)
        self.assertEqual((self.old.bar(), m.x, self.executed()), (1, 2, []))

    def test_65_the_base_shows_through_where_an_overriding_method_was(self) -> None:
        base = "class Base:\n    def foo(self): return 'base'\nclass Foo(Base):\n"
        m = self.edit(base + "    def foo(self): return 'own'\n", base + "    pass\n")
        self.assertEqual((self.old.foo(), m.Foo().foo(), m.Base().foo()), ("base",) * 3)

    def test_66_a_method_begins_to_use_a_constant_of_the_module(self) -> None:
        text = "x = 42\nclass Foo:\n    def bar(self): return {}\n"
        self.edit(text.format(1), text.format("x"))
        self.assertEqual(self.old.bar(), 42)

    def test_67_a_method_begins_to_use_a_new_attribute_of_its_class(self) -> None:
        self.edit("class Foo:\n    def bar(self): return 1\n", "class Foo:\n    x = 5\n    def bar(self): return self.x\n")
        self.assertEqual(self.old.bar(), 5)

    def test_68_an_empty_class_is_filled(self) -> None:
        self.edit("class Foo:\n    pass\n", "class Foo:\n    x = 5\n    def bar(self): return self.x\n")
        self.assertEqual(self.old.bar(), 5)

    def test_69_a_class_of_an_ellipsis_is_filled(self) -> None:
        self.edit("class Foo: ...\n", "class Foo:\n    def bar(self): return 5\n")
        self.assertEqual(self.old.bar(), 5)

    def test_70_a_constant_of_a_class_is_edited(self) -> None:
        text = "class Foo:\n    x = {}\n    def bar(self): return self.x\n    def baz(self): return Foo.x\n"
        self.edit(text.format(1), text.format(2))
        self.assertEqual((self.old.bar(), self.old.baz(), self.old.x), (2, 2, 2))

    NESTED = """
        class Foo:
            def bar(self): return {0}
            class Inner:
                def m(self): return {1}
                class Deep:
                    def n(self): return {2}
        """

    def nested(self, *values: int) -> tuple[int, int, int]:
        m = self.load(self.NESTED.format(1, 1, 1))
        foo, inner, deep = m.Foo(), m.Foo.Inner(), m.Foo.Inner.Deep()
        self.save(self.NESTED.format(*values))
        self.assertTrue(isinstance(inner, m.Foo.Inner) and isinstance(deep, m.Foo.Inner.Deep))
        self.assertEqual((m.Foo().bar(), m.Foo.Inner().m(), m.Foo.Inner.Deep().n()), values)
        return foo.bar(), inner.m(), deep.n()

    def test_71_a_method_of_a_nested_class_is_edited(self) -> None:
        self.assertEqual(self.nested(1, 2, 1), (1, 2, 1))

    def test_72_a_method_of_a_nested_class_and_one_of_its_outer_class_are_edited(self) -> None:
        self.assertEqual(self.nested(3, 2, 1), (3, 2, 1))

    def test_73_methods_of_all_of_three_classes_are_edited(self) -> None:
        self.assertEqual(self.nested(3, 4, 5), (3, 4, 5))

    def test_74_a_class_is_added_beside_an_edit(self) -> None:
        m = self.edit(
            "class Foo:\n    def bar(self): return 1\n",
            "class New(dict):\n    def m(self): return 7\nclass Foo:\n    def bar(self): return New().m()\n",
        )
        self.assertEqual((self.old.bar(), m.New().m()), (7, 7))

    def test_75_an_empty_class_gains_an_attribute_a_method_and_a_nested_class(self) -> None:
        m = self.edit(
            "class Foo:\n    pass\n",
            "class Foo:\n    x = 5\n    def bar(self): return self.Inner().m() + self.x\n"
            "    class Inner:\n        def m(self): return 2\n",
        )
        self.assertEqual((self.old.bar(), m.Foo.Inner().m()), (7, 2))

    def test_76_a_nested_method_begins_to_use_an_attribute_of_the_outer_class(self) -> None:
        text = "class Foo:\n    x = 3\n    class Inner:\n        def m(self): return {}\n"
        m = self.load(text.format(1))
        inner = m.Foo.Inner()
        self.save(text.format("Foo.x + 1"))
        self.assertEqual((inner.m(), m.Foo.Inner().m()), (4, 4))

    def test_77_a_nested_static_method_begins_to_use_a_new_attribute_of_the_outer_class(self) -> None:
        m = self.load("class Foo:\n    class Inner:\n        @staticmethod\n        def m(): return 1\n")
        held = m.Foo.Inner.m
        self.save("""
            class Foo:
                x = 3
                @staticmethod
                def c(): return Foo.x + 10
                class Inner:
                    @staticmethod
                    def m(): return Foo.x + Foo.c() + 3
            """)
        self.assertEqual((held(), m.Foo.Inner.m(), m.Foo.c()), (19, 19, 13))

    ALIAS = """
        class Foo:
            @{0}method
            def bar({1}): return {3}
            @{0}method
            def func({1}): return 42 + {2}.bar()
        func = Foo.func
        """
    CLASS_METHODS = "class", "cls", "cls"
    STATIC_METHODS = "static", "", "Foo"

    def alias(self, kind: tuple[str, str, str], after: int, user: str) -> tuple[int, int, int]:
        self.load(m=self.ALIAS.format(*kind, 0), user=user)
        m, user_module = self.live.modules()["m"], self.live.modules()["user"]
        held = m.func
        self.assertEqual(user_module.use(), 42)
        self.save(m=self.ALIAS.format(*kind, after))
        return m.func(), held(), user_module.use()

    def test_78_an_alias_of_a_class_method_survives_an_unchanged_save(self) -> None:
        self.assertEqual(self.alias(self.CLASS_METHODS, 0, "import m\ndef use(): return m.func()\n"), (42, 42, 42))
        self.assertEqual(self.executed(), [])

    def test_79_an_imported_alias_of_a_class_method_survives_an_unchanged_save(self) -> None:
        self.assertEqual(self.alias(self.CLASS_METHODS, 0, "from m import func as use\n"), (42, 42, 42))
        self.assertEqual(self.executed(), [])

    def test_80_an_edited_class_method_is_seen_through_the_alias_of_its_caller(self) -> None:
        self.assertEqual(self.alias(self.CLASS_METHODS, 1, "import m\ndef use(): return m.func()\n"), (43, 43, 43))

    def test_81_an_edited_static_method_is_seen_through_the_alias_of_its_caller(self) -> None:
        self.assertEqual(self.alias(self.STATIC_METHODS, 1, "from m import func as use\n"), (43, 43, 43))

    def test_82_a_default_is_added_that_is_a_constant_of_the_module(self) -> None:
        text = "x = 42\nclass Foo:\n    def foo(self, y{}): return y\n"
        self.edit(text.format(""), text.format("=x"))
        self.assertEqual((self.old.foo(2), self.old.foo()), (2, 42))

    def test_83_a_constant_and_a_default_are_changed_together(self) -> None:
        text = "x = {}\nclass Foo:\n    def foo(y{}): return y\n"
        m = self.edit(text.format(42, ""), text.format(44, "=x"))
        self.assertEqual((m.Foo.foo(), m.Foo.foo(1)), (44, 1))
        held = m.Foo.foo
        self.save(text.format(45, "=x"))
        self.assertEqual((m.Foo.foo(), held()), (45, 45))

    def test_84_where_a_class_is_added_methods_of_others_keep_their_identity(self) -> None:
        text = "x = 42\nclass Foo:\n    def foo(y=x): return y\n"
        m = self.load(text)
        held, defaults = m.Foo.foo, m.Foo.foo.__defaults__
        self.save(text + "class C:\n    def foo(): return 200\n")
        self.assertIs(m.Foo.foo, held)
        self.assertIs(m.Foo.foo.__defaults__, defaults)
        self.assertEqual((m.Foo.foo(), m.C.foo()), (42, 200))

    def test_85_a_variable_of_a_method_hides_an_edited_constant(self) -> None:
        m = self.edit(
            "x = 42\nclass Foo:\n    pass\n", "x = 44\nclass Foo:\n    def foo(self=None):\n        x = 2\n        return x\n"
        )
        self.assertEqual((m.Foo.foo(), self.old.foo(), m.x), (2, 2, 44))

    def test_86_a_variable_of_a_function_hides_an_edited_constant(self) -> None:
        m = self.load("x = 42\ndef foo(): return x\n")
        held = m.foo
        self.save("x = 44\ndef foo():\n    x = 2\n    return x\n")
        self.assertEqual((m.foo(), held(), m.x), (2, 2, 44))


if __name__ == "__main__":
    unittest.main()
