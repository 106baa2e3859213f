"""What people who come from IPython's newer reloader expect of edits of functions and values (scenarios 26 to 52 of the survey
of peers): what an edit is seen as, and that nothing else is executed.
"""

from __future__ import annotations

import unittest
from typing import Any, Sequence

from live import PatchCase

FACTORIAL = """
    def factorial(n):
        def show(value):
            return {shown}
        return show(n) if n < 2 else n * factorial(n - 1)
    """
RECORDS = "from journal import ran\n"


class Seen(PatchCase):
    """What an edit is said to be, and what it executes. `ran` has one item for each call of the module's own statements."""

    def begin(self, text: str) -> Any:
        self.load(journal="ran = []\n", m=text)
        self.ran = self.live.modules()["journal"].ran
        return self.live.modules()["m"]

    def edit(self, text: str, not_applied: Sequence[str] = []) -> list[tuple[str, str]]:
        """Saves `m`; the changes that are reported."""
        self.save(m=text)
        self.assertEqual(self.not_applied(), not_applied)
        (checked,) = self.live.report["checked"]
        return [(change["symbol"], change["change"]) for change in checked["changes"]]

    def test_26_another_text_inside_a_nested_function_is_a_difference(self) -> None:
        m = self.begin(FACTORIAL.format(shown="value"))
        self.assertEqual(self.edit(FACTORIAL.format(shown="value + 1")), [("factorial", "modified")])
        self.assertEqual(m.factorial(3), 12)

    def test_27_the_same_text_is_none(self) -> None:
        self.begin(FACTORIAL.format(shown="value"))
        self.assertEqual(self.edit(FACTORIAL.format(shown="(value)  # the same")), [])

    def test_28_without_a_change_there_is_nothing_to_do(self) -> None:
        text = RECORDS + "def f(n): return n\nran.append(1)\nx = 1212121\n"
        self.begin(text)
        self.assertEqual((self.edit(text), self.executed(), self.ran), ([], [], [1]))
        self.assertTrue(self.live.report["checked"][0]["unchanged"])

    def test_29_an_added_constant_is_all_that_is_executed(self) -> None:
        text = RECORDS + "def f(n): return n\nran.append(1)\n"
        m = self.begin(text)
        self.assertEqual((self.edit(text + "x = 1212121\n"), m.x, self.ran), ([("x", "added")], 1212121, [1]))

    def test_30_an_edited_function_is_the_only_change(self) -> None:
        text = RECORDS + "def f(n): return {}\nran.append(1)\n"
        m = self.begin(text.format("n"))
        self.assertEqual(self.edit(text.format("n + 5")), [("f", "modified")])
        self.assertEqual((m.f(1), self.executed(), self.ran), (6, [], [1]))

    def test_31_an_edited_function_and_another_argument_of_a_call(self) -> None:
        # IPython's way executes the whole module here; the contract's does what the edit touched, and says that what the
        # call did before is not undone.
        text = RECORDS + "state = object()\ndef f(n): return {0}\nran.append({0!r})\n"
        m = self.begin(text.format("n"))
        state, f = m.state, m.f
        changes = self.edit(text.format("n + 5"), ["ran.append('n + 5')"])
        self.assertEqual(changes, [("f", "modified"), ("ran.append('n + 5')", "modified")])
        self.assertEqual((f(1), m.state, self.ran), (6, state, ["n", "n + 5"]))

    def test_32_an_edited_inner_function_is_a_change_of_the_outer_one(self) -> None:
        text = "def f(n):\n    def foo():\n        x = {}\n        return x\n    return foo\n"
        m = self.begin(text.format(3))
        held = m.f(0)
        self.assertEqual(self.edit(text.format(4)), [("f", "modified")])
        self.assertEqual((m.f(0)(), held()), (4, 4))

    def test_33_two_edited_functions_are_two_changes(self) -> None:
        text = "def f(n):\n    def foo(): return {0}\n    return foo\ndef bar(): return {0}\n"
        m = self.begin(text.format(1))
        self.assertEqual(self.edit(text.format(2)), [("f", "modified"), ("bar", "modified")])
        self.assertEqual((m.f(0)(), m.bar()), (2, 2))

    def test_34_one_edited_function_of_two_is_one_change(self) -> None:
        text = "def f(n):\n    def foo(): return {0}\n    return foo\ndef bar(): return 1\n"
        m = self.begin(text.format(1))
        bar = m.bar
        self.assertEqual((self.edit(text.format(2)), m.bar, bar()), ([("f", "modified")], bar, 1))

    def moved(self, before: str, after: str, line: int) -> None:
        m = self.begin(RECORDS + before)
        self.assertEqual((self.edit(RECORDS + after), self.executed(), self.ran), ([], [], [1]))
        self.assertEqual((m.f(), m.f.__code__.co_firstlineno), (1, line + 1))

    def test_35_a_function_moves_behind_a_constant(self) -> None:
        self.moved("def f(): return 1\nx = ran.append(1)\n", "x = ran.append(1)\ndef f(): return 1\n", 2)

    def test_36_functions_move_around_constants_and_each_other(self) -> None:
        x = "x = 1\n", "x = ran.append(1)\n"
        g = "def g():\n    return 23\n"
        self.moved("def f(): return 1\n" + x[0] + g + x[1], x[0] + x[1] + g + "def f(): return 1\n", 5)

    def test_37_a_function_moves_behind_two_constants_of_one_name(self) -> None:
        x = "x = 1\nx = ran.append(1)\n"
        self.moved("def f(): return 1\n" + x, x + "def f(): return 1\n", 3)

    def test_38_an_added_import_is_all_that_is_executed(self) -> None:
        text = RECORDS + "def f(n): return 1\nx = ran.append(1)\n"
        m = self.begin(text)
        self.assertEqual((self.edit("import ast\n" + text), m.ast.__name__, self.ran), ([("ast", "added")], "ast", [1]))

    def test_39_an_edited_coroutine_function_is_one_change(self) -> None:
        text = "async def sleep():\n    return {}\n"
        m = self.begin(text.format(1))
        held = m.sleep
        self.assertEqual(self.edit(text.format(10)), [("sleep", "modified")])
        with self.assertRaises(StopIteration) as stopped:
            held().send(None)
        self.assertEqual(stopped.exception.value, 10)

    def added(self, body: str) -> Any:
        text = "async def sleep():\n    return 1\n"
        m = self.begin(text)
        sleep = m.sleep
        self.assertEqual(self.edit(text + f"def add(x, y):\n    {body}\n"), [("add", "added")])
        self.assertIs(m.sleep, sleep)
        return m.add(1, 2)

    def test_40_an_added_function_is_the_only_change(self) -> None:
        self.assertIsNone(self.added("pass"))

    def test_41_an_added_function_with_an_ellipsis_for_a_body_is_the_only_change(self) -> None:
        self.assertIsNone(self.added("..."))


class Patched(PatchCase):
    """That functions do afterwards what the text says, through the module and through what was held."""

    def test_42_a_body(self) -> None:
        m = self.load("def foo(): return 1\n")
        held = m.foo
        self.save("def foo(): return 2\n")
        self.assertEqual((m.foo(), held(), m.foo is held), (2, 2, True))

    def test_43_a_parameter_is_dropped(self) -> None:
        m = self.load("def foo(n, s): return n + s\n")
        held = m.foo
        self.save("def foo(n): return n\n")
        self.assertEqual((m.foo(2), held(2)), (2, 2))
        with self.assertRaises(TypeError):
            held(1, 2)

    def test_44_a_function_is_added_and_others_are_left_alone(self) -> None:
        m = self.load("def foo2(n): return n\n")
        held = m.foo2
        held.calls = 3
        self.save("def foo2(n): return n\ndef foo(n): return 55\n")
        self.assertEqual((m.foo(2), m.foo2(2), m.foo2 is held, held.calls), (55, 2, True, 3))
        self.assertIs(m.foo.__globals__, vars(m))

    def test_45_two_edits_one_after_the_other(self) -> None:
        m = self.load("def foo(n): return 1\n")
        held = m.foo
        self.save("def foo(n): return 55\n")
        self.assertEqual(held(2), 55)
        self.save("def goo(): return -1\ndef foo(n):\n    x = 2\n    return x + n\ndef bar(): return 200\n")
        self.assertEqual((held(2), m.foo(2), m.goo(), m.bar()), (4, 4, -1, 200))

    def test_46_the_new_body_uses_a_value_of_the_module(self) -> None:
        m = self.load("x = 1\ndef foo(n): return 1\n")
        self.save("x = 1\ndef foo(n): return 55 + x\n")
        self.assertEqual(m.foo(2), 56)
        m.x = 10
        self.assertEqual(m.foo(2), 65)

    def test_47_the_new_body_uses_a_name_that_was_imported(self) -> None:
        m = self.load("from os import environ\ndef foo(n): pass\n")
        self.save("from os import environ\ndef foo(): return environ.get('PATH') and 1\n")
        self.assertEqual(m.foo(), 1)

    def test_48_a_module_that_was_loaded_before_the_reloader_and_one_loaded_later(self) -> None:
        # Servers that come before, after and between are in EndToEnd/test_peers_modes.py.
        m = self.load("def foo(): return 0\n")
        self.save("def foo(): return 1\n")
        self.assertEqual(m.foo(), 1)
        later = self.load(later="def foo(): return 0\n")
        self.save(later="def foo(): return 1\n", m="def foo(): return 2\n")
        self.assertEqual((m.foo(), later.foo()), (2, 1))

    def test_49_a_method_with_super_is_edited(self) -> None:
        text = """
            class Base:
                def foo(self): return {}
            class Derived(Base):
                def foo(self): return super().foo() + {}
            """
        m = self.load(text.format(0, 1))
        derived = m.Derived()
        held = derived.foo
        self.save(text.format(0, 10))
        self.assertEqual((derived.foo(), held(), m.Derived().foo()), (10, 10, 10))
        self.save(text.format(100, 10))
        self.assertEqual((derived.foo(), held()), (110, 110))

    def test_50_a_constant_and_a_function_are_edited_together(self) -> None:
        m = self.load("x = 1\ndef foo(): return x + 1\n")
        held = m.foo
        self.save("x = 10\ndef foo(): return x + 2\n")
        self.assertEqual((held(), m.foo(), m.x), (12, 12, 10))

    def test_51_after_garbage_was_saved_functions_keep_working(self) -> None:
        m = self.load("x = 1\ndef foo(): return x\n")
        for garbage in ("def foo(:\n", "\0", "\tindented\n  wrongly\n", "{(}\n", "return 1\n"):
            self.assertEqual(self.try_save(garbage)["outcome"], "blocked", garbage)
            self.assertEqual((m.foo(), m.x), (1, 1))
        self.save("x = 1\ndef foo(): return x + 1\n")
        self.assertEqual(m.foo(), 2)

    def test_52_a_function_that_uses_a_from_import_is_edited(self) -> None:
        self.load(lib="def helper(): return 5\n", m="from lib import helper\ndef foo(): return helper()\n")
        m = self.live.modules()["m"]
        held = m.foo
        self.save(m="from lib import helper\ndef foo(): return helper() + 1\n")
        self.assertEqual((held(), m.foo()), (6, 6))
        self.save(lib="def helper(): return 50\n")
        self.assertEqual(held(), 51)


if __name__ == "__main__":
    unittest.main()
