"""What users of other reloaders rely on, in the patch policy: what an edit does to those who use what was edited.

The scenarios are those of hmr's and marimo's tests; the number in a test's name is that of the scenario in the list of
what the peers' own tests expect.
"""

from __future__ import annotations

import importlib
import linecache
import sys
import traceback
import unittest
from pathlib import Path
from typing import Any

from live import PatchCase

COUNTED = "import builtins\nbuiltins.afresh_log.append('{}')\n"


class Counted(PatchCase):
    """Modules that note each of their executions, from their first statement."""

    def setUp(self) -> None:
        super().setUp()
        import builtins

        self.log: list[str] = []
        builtins.afresh_log = self.log  # type: ignore[attr-defined]
        self.addCleanup(delattr, builtins, "afresh_log")

    def module(self, name: str) -> Any:
        return sys.modules[name]


class Graph(Counted):
    def test_165_who_computed_something_with_a_function_computes_it_again(self) -> None:
        self.load(
            c="from b import Y\nZ = Y + 1\n",
            b="from a import f\nY = f()\nruns = [1]\n",
            other="from a import f\nruns = [1]\ndef use(): return f()\n",
            a="def f(): return 1\n",
        )
        runs, others = self.module("b").runs, self.module("other").runs
        self.save(a="def f(): return 10\n")
        self.assertEqual((self.module("b").Y, self.module("c").Z, self.module("other").use()), (10, 11, 10))
        self.assertIs(self.module("b").runs, runs)
        self.assertIs(self.module("other").runs, others)
        self.assertEqual(self.executed(), ["b", "c"])

    def test_166_modules_that_import_each_other(self) -> None:
        a = "import b\nX = {0}\ndef whole(): return (X, b.Y)\n"
        b = "import a\nY = {0}\ndef both(): return (a.X, Y)\n"
        self.load(reader="import a, b\nR = (a.X, b.Y)\ndef now(): return a.whole() + b.both()\n", a=a.format(1), b=b.format(1))
        reader = self.module("reader")
        self.save(a=a.format(2))
        self.assertEqual((reader.R, reader.now(), self.executed()), ((2, 1), (2, 1, 2, 1), ["a", "reader"]))
        self.save(b=b.format(3))
        self.assertEqual((reader.R, reader.now(), self.executed()), ((2, 3), (2, 3, 2, 3), ["b", "reader"]))

    def test_167_equal_values_stop_there(self) -> None:
        self.load(b="from a import X, f\nY = [X]\nZ = [f]\n", a="X = 2\ndef f(): return 1\n")
        y, z = self.module("b").Y, self.module("b").Z
        for text in ("X = 2\ndef f(): return 1\n", "X = 1 + 1\ndef f():\n    return 1\n", "def f(): return 1\n\nX = 4 // 2\n"):
            self.save(a=text)
            self.assertEqual("b" in self.executed(), False)
        self.assertEqual((self.module("b").Y is y, self.module("b").Z is z), (True, True))

    def test_168_a_module_that_nobody_imported_waits_for_its_import(self) -> None:
        m = self.load("X = 1\n")
        self.save("X = 2\n", idle=COUNTED.format("idle") + "Y = 1\n")
        self.assertEqual((m.X, "idle" in sys.modules, self.log), (2, False, []))
        self.save(idle=COUNTED.format("idle") + "Y = 2\n")
        self.assertEqual(("idle" in sys.modules, self.log, self.live.report["modules"]), (False, [], []))
        self.save("import idle\nX = idle.Y\n")
        self.assertEqual((m.X, self.log), (2, ["idle"]))

    def test_169_a_data_file_that_was_read_while_importing(self) -> None:
        # Other than hmr, we follow names and not files: what a module read from a data file is read again when the
        # statement that reads it is edited, or what that statement uses changes; a save of the data file is no reload.
        path = Path(self.root, "data.txt")
        path.write_text("one", encoding="utf-8")
        text = "from pathlib import Path\nDATA = Path(__file__).with_name('data.txt').read_text(){}\nSIZE = len(DATA)\n"
        m = self.load(text.format(""))
        path.write_text("three", encoding="utf-8")
        report = self.live.save([str(path)])
        self.assertEqual((report["outcome"], report["modules"], m.DATA), ("applied", [], "one"))
        self.save(text.format(".upper()"))
        self.assertEqual((m.DATA, m.SIZE), ("THREE", 5))
        path.unlink()
        self.assertFails(self.try_save(text.format(".lower()")), "FileNotFoundError")
        self.assertEqual((m.DATA, m.SIZE), ("THREE", 5))
        path.write_text("at last", encoding="utf-8")
        self.save(text.format(".lower()"))
        self.assertEqual((m.DATA, m.SIZE), ("at last", 7))

    def test_170_something_dear_is_computed_again_only_when_its_text_or_inputs_change(self) -> None:
        text = (
            "import builtins\nSIZE = {0}\ndef dear():\n    builtins.afresh_log.append('dear')\n    return SIZE {1}\n"
            "DATA = dear()\ndef cheap(): return {2}\ndef fails(): raise ValueError\n"
        )
        m = self.load(text.format(1, "", 1))
        self.save(text.format(1, "", 2))
        self.save("# a comment\n" + text.format(1, "", 3))
        self.assertEqual((m.cheap(), m.DATA, self.log), (3, 1, ["dear"]))
        self.save(text.format(2, "", 3))
        self.assertEqual((m.DATA, self.log), (2, ["dear"] * 2))
        self.save("\n\n\n" + text.format(2, "* 10", 3))
        self.assertEqual((m.DATA, self.log), (20, ["dear"] * 3))
        linecache.checkcache()
        try:
            m.fails()
        except ValueError as error:
            (frame,) = traceback.extract_tb(error.__traceback__)[1:]
        self.assertEqual(frame.line, "def fails(): raise ValueError")

    def test_171_the_attribute_hook_of_a_module_is_replaced(self) -> None:
        self.load(user="import a\ndef use(): return a.anything\n", a="def __getattr__(name): return name\n")
        user = self.module("user")
        self.assertEqual(user.use(), "anything")
        self.save(a="def __getattr__(name): return name.upper()\n")
        self.assertEqual(user.use(), "ANYTHING")
        self.save(a="anything = 5\n")
        self.assertEqual(user.use(), 5)
        with self.assertRaises(AttributeError):
            self.module("a").nothing

    def test_172_a_constant_is_removed_in_favour_of_the_attribute_hook(self) -> None:
        hook = "def __getattr__(name):\n    if name == 'X': return {}\n    raise AttributeError(name)\n"
        self.load(
            user="import a\nfrom a import X as mine\nY = a.X + 1\nZ = mine + 1\n",
            a="X = 1\n",
        )
        user = self.module("user")
        self.save(a=hook.format(10))
        self.assertEqual((self.module("a").X, user.mine, user.Y, user.Z, self.not_applied()), (10, 10, 11, 11, []))
        self.assertNotIn("X", vars(self.module("a")))
        self.save(a=hook.format(20))
        self.assertEqual((self.module("a").X, user.mine, user.Y, user.Z, self.not_applied()), (20, 20, 21, 21, []))
        self.save(a="X = 5\n")
        self.assertEqual((self.module("a").X, user.mine, user.Y, user.Z), (5, 5, 6, 6))


class Notebook(Counted):
    """173: a notebook's cells are modules here."""

    def test_173_only_those_that_use_the_nested_dependency_and_those_that_read_them(self) -> None:
        self.load(
            reader="import cell\nR = cell.V * 2\n",
            cell=COUNTED.format("cell") + "from top import T\nV = T + 1\n",
            unrelated=COUNTED.format("unrelated") + "import math\nV = 1\n",
            importer=COUNTED.format("importer") + "import top\nV = 1\n",
            top="from deep import D\nT = D\n",
            deep="D = 1\n",
        )
        self.log.clear()
        self.save(deep="D = 5\n")
        self.assertEqual((self.module("cell").V, self.module("reader").R), (6, 12))
        self.assertEqual((self.executed(), self.log), (["deep", "top", "cell", "reader"], []))

    def test_173_of_two_edits_the_newest_counts(self) -> None:
        self.load(cell="from a import X\nV = X\n", a="X = 1\n")
        self.save(a="X = 2\n")
        self.save(a="X = 3\n")
        self.assertEqual(self.module("cell").V, 3)
        self.save(a="X = 2\n", cell="from a import X\nV = X * 10\n")
        self.assertEqual(self.module("cell").V, 20)

    def test_173_a_module_that_was_imported_anew_is_patched_as_it_is_now(self) -> None:
        old = self.load(a="X = 1\nSTATE = []\ndef f(): return X\n")
        old.STATE.append("old")
        del sys.modules["a"]
        new = importlib.import_module("a")
        self.save(a="X = 2\nSTATE = []\ndef f(): return X\n")
        self.assertEqual((new.f(), new.X, new.STATE), (2, 2, []))
        self.assertEqual((old.X, old.STATE), (1, ["old"]))


if __name__ == "__main__":
    unittest.main()
