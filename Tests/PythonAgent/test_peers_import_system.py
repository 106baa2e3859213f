"""What users of other reloaders rely on, in the patch policy: modules as the import system has them.

The scenarios are those of CPython's own tests of `importlib.reload`; the number in a test's name is that of the scenario
in the list of what the peers' own tests expect. Where the patch policy promises more than `importlib.reload` (a failing
save leaves nothing half done), its promise is tested. What is refused before a plan is made is tested with a real program
in test_peers_program.py.
"""

from __future__ import annotations

import importlib
import os
import sys
import types
import unittest
from pathlib import Path

from live import PatchCase


class Modules(PatchCase):
    def test_097_and_098_a_loader_that_was_taken_away_does_not_keep_a_save_from_being_applied(self) -> None:
        # importlib.reload puts `__loader__` back, as it makes the module anew; a patch leaves what it did not make.
        for number, damage in ((97, lambda m: delattr(m, "__loader__")), (98, lambda m: setattr(m, "__loader__", None))):
            with self.subTest(scenario=number):
                name = f"m{number}"
                m = self.load(**{name: "def f(): return 1\nX = 1\n"})
                damage(m)
                self.save(**{name: "def f(): return 2\nX = 2\nY = X\n"})
                self.assertIs(sys.modules[name], m)
                self.assertEqual((m.f(), m.X, m.Y), (2, 2, 2))

    def test_101_a_submodule_stays_the_same_object(self) -> None:
        p = self.load(p__init="from . import s\n", p__s="X = 1\n")
        s = sys.modules["p.s"]
        self.save(p__s="X = 2\ndef f(): return X\n")
        self.assertEqual((p.s is s, sys.modules["p.s"] is s, s.f()), (True, True, 2))

    def test_103_an_exception_half_way_changes_nothing(self) -> None:
        # importlib.reload documents a half-update here; ours is a transaction.
        m = self.load("A = 1\nB = 1\n")
        before = dict(vars(m))
        self.assertFails(self.try_save("A = 2\nC = 3\n1 / 0\nB = 2\n"), "ZeroDivisionError")
        self.assertIs(sys.modules["m"], m)
        self.assertEqual((m.A, m.B, hasattr(m, "C"), list(vars(m)) == list(before)), (1, 1, False, True))
        self.save("A = 2\nC = 3\nB = 2\n")
        self.assertEqual((m.A, m.B, m.C), (2, 2, 3))

    def test_104_and_108_module_and_namespace_stay_the_same_objects(self) -> None:
        m = self.load("X = 1\ndef f(): return X\n")
        namespace, f = vars(m), m.f
        for number in range(2, 5):
            self.save(f"X = {number}\ndef f(): return X\nY{number} = X\n")
            self.assertIs(sys.modules["m"], m)
            self.assertIs(vars(m), namespace)
            self.assertIs(f.__globals__, namespace)
            self.assertEqual((f(), importlib.import_module("m") is m), (number, True))

    def test_105_what_the_program_set_is_reset_only_by_an_edit_of_it(self) -> None:
        # importlib.reload executes everything and so resets everything; patch keeps state that no edit touched.
        m = self.load("X = 1\nY = 1\ndef f(): return 1\n")
        m.X = m.Y = "by hand"
        self.save("X = 1\nY = 2\ndef f(): return 2\n")
        self.assertEqual((m.X, m.Y, m.f()), ("by hand", 2, 2))

    def test_106_an_attribute_that_the_program_added_stays(self) -> None:
        m = self.load("X = 1\n")
        m.extra = extra = object()
        self.save("X = 2\n")
        self.assertEqual((m.X, m.extra), (2, extra))

    def test_107_broken_metadata_does_not_keep_a_save_from_being_applied(self) -> None:
        m = self.load("X = 1\nclass C:\n    def v(self): return 1\n")
        c = m.C()
        m.__spec__ = m.__package__ = m.__cached__ = None
        m.__doc__ = "by hand"
        self.save("X = 2\nclass C:\n    def v(self): return 2\n")
        self.assertEqual((m.X, c.v(), m.__doc__, m.__spec__), (2, 2, "by hand", None))

    def test_109_a_syntax_error_touches_nothing(self) -> None:
        m = self.load("X = 1\n")
        before = dict(vars(m))
        report = self.try_save("X = 2\ndef f(:\n")
        self.assertEqual((report["outcome"], report["problems"][0]["range"]["start"]["line"]), ("blocked", 1))
        self.assertEqual([name for name in before if before[name] is not vars(m)[name]], [])
        self.assertIs(sys.modules["m"], m)

    def test_110_a_new_module_with_a_syntax_error_is_not_left_behind(self) -> None:
        m = self.load("X = 1\n")
        Path(self.root, "fresh.py").write_text("def f(:\n", encoding="utf-8")
        self.assertFails(self.try_save("import fresh\nX = 2\n"), "SyntaxError")
        self.assertEqual((m.X, hasattr(m, "fresh"), "fresh" in sys.modules), (1, False, False))
        self.save("import fresh\nX = fresh.Y\n", fresh="Y = 2\n")
        self.assertEqual(m.X, 2)

    def test_111_modification_times_do_not_count(self) -> None:
        m = self.load("X = 1\n")
        for number, seconds in ((2, 2**33), (3, 1), (4, 0)):
            files = self._write(f"X = {number}\n", {})
            os.utime(files["m"], (seconds, seconds))
            report = self.live.save(list(files.values()))
            self.assertEqual((report["outcome"], m.X), ("applied", number))

    def test_099_a_module_becomes_a_package(self) -> None:
        m = self.load("X = 1\ndef f(): return 1\n")
        f, path = m.f, m.__file__
        os.unlink(path)
        self.assertEqual(self.save(m__init="X = 2\n", m__part="Y = 3\n")["modules"], [])
        # The file of the loaded module is gone and nobody saved over it: what runs stays whole (the program that has
        # the real agent learns of the package, see test_peers_program.py).
        self.assertEqual((m.X, f(), sys.modules["m"] is m), (1, 1, True))


class Namespaces(PatchCase):
    def test_100_a_namespace_package_gains_an_init_file(self) -> None:
        s = self.load(n__s="X = 1\n")
        n = sys.modules["n"]
        # A namespace package has no text that could be compared: its new file is found by the next program; until
        # then the package and its modules stay what they are, and its modules are still patched.
        self.save(n__init="FRESH = 1\n", n__s="X = 2\n")
        self.assertEqual((sys.modules["n"] is n, s.X, n.s is s), (True, 2, True))

    def test_113_a_namespace_package_finds_a_portion_that_is_new_on_the_path(self) -> None:
        self.load(n__s="X = 1\n", m="import n.s\nY = n.s.X\n")
        other = os.path.join(self.root, "elsewhere")
        os.makedirs(os.path.join(other, "n"))
        Path(other, "n", "t.py").write_text("Z = 3\n", encoding="utf-8")
        sys.path.append(other)
        self.addCleanup(sys.path.remove, other)
        self.save(m="import n.s\nimport n.t\nY = n.s.X + n.t.Z\n")
        self.assertEqual((sys.modules["m"].Y, sys.modules["n"].t.Z), (4, 3))


if __name__ == "__main__":
    unittest.main()
