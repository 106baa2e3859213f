"""`__afresh_before__()` and `__afresh_after__(old)`: when they are called, with what, and what becomes of their failures."""

from __future__ import annotations

import sys
import types
import unittest
from typing import Any

from live import PatchCase

LOG = "from log import SEEN\n"
HOOKS = """
def __afresh_before__():
    SEEN.append(('before', __name__, X))
    return 'handed over'
def __afresh_after__(old):
    SEEN.append(('after', __name__, old.X, X, old.__afresh_before__))
"""


class HooksCase(PatchCase):
    def setUp(self) -> None:
        super().setUp()
        self.seen: list[Any] = []
        log = types.ModuleType("log")
        log.SEEN = self.seen  # type: ignore[attr-defined]
        sys.modules["log"] = log
        self.addCleanup(sys.modules.pop, "log", None)

    def took(self) -> list[Any]:
        seen = list(self.seen)
        self.seen.clear()
        return seen

    def both(self) -> Any:
        for policy in ("patch", "exact"):
            with self.subTest(policy=policy):
                self.live.policy = policy
                yield policy
                self._unload()
                self.live.records.clear()
                self.seen.clear()


class WhenTheyAreCalled(HooksCase):
    def test_around_the_change_with_what_there_was(self) -> None:
        for _ in self.both():
            self.load(LOG + "X = 1\n" + HOOKS)
            self.assertEqual(self.took(), [])
            self.save(LOG + "X = 2\n" + HOOKS)
            self.assertEqual(self.took(), [("before", "m", 1), ("after", "m", 1, 2, "handed over")])

    def test_around_an_edit_that_only_swaps_code(self) -> None:
        for _ in self.both():
            text = (
                LOG + "X = 1\ndef f(): return {}\n"
                "def __afresh_before__(): SEEN.append(f())\ndef __afresh_after__(old): SEEN.append(f())\n"
            )
            self.load(text.format(1))
            self.save(text.format(2))
            self.assertEqual(self.took(), [1, 2])

    def test_not_for_what_means_the_same(self) -> None:
        self.load(LOG + "X = 1\n" + HOOKS)
        self.save("# moved\n" + LOG + "X = 1  # one\n" + HOOKS)
        self.assertEqual(self.took(), [])

    def test_not_for_what_does_not_compile(self) -> None:
        for _ in self.both():
            self.load(LOG + "X = 1\n" + HOOKS)
            self.assertEqual(self.try_save(LOG + "X = (\n" + HOOKS)["outcome"], "blocked")
            self.assertEqual(self.took(), [])

    def test_in_dependents_to_which_something_happens(self) -> None:
        use = LOG + "from m import X\nY = X\n" + HOOKS
        for policy in self.both():
            self.load("X = 1\nZ = 1\n", use=use, idle=LOG + "from m import Z\nX = Z\n" + HOOKS)
            self.save("X = 2\nZ = 1\n", use=use)
            if policy == "patch":
                self.assertEqual(self.took(), [("before", "use", 1), ("after", "use", 1, 2, "handed over")])
            else:
                self.assertEqual([each[:2] for each in self.took()], [("before", "use"), ("after", "use")])

    def test_after_all_modules_are_as_they_will_be(self) -> None:
        after = "SEEN.append(('after', __name__, old.X, X, old.__afresh_before__))"
        base = LOG + "X = {}\n" + HOOKS.replace(after, "import use; SEEN.append(use.Y)")
        for _ in self.both():
            self.load(base.format(1), use="from m import X\nY = X\n")
            self.save(base.format(2))
            self.assertEqual(self.took(), [("before", "m", 1), 2])

    def test_once_in_a_cycle(self) -> None:
        for _ in self.both():
            a = LOG + "X = {}\nimport b\ndef f(): return b.Y\n" + HOOKS
            b = LOG + "import a\nY = a.X\nX = Y\n" + HOOKS
            self.load(a=a.format(1), b=b)
            self.save(a=a.format(2))
            self.assertEqual(
                sorted(each[:2] for each in self.took()),
                [("after", "a"), ("after", "b"), ("before", "a"), ("before", "b")],
            )

    def test_added_by_the_save(self) -> None:
        for _ in self.both():
            self.load(LOG + "X = 1\n")
            self.save(LOG + "X = 2\n" + HOOKS)
            self.assertEqual(self.took(), [("after", "m", 1, 2, None)])

    def test_removed_by_the_save(self) -> None:
        for _ in self.both():
            self.load(LOG + "X = 1\n" + HOOKS)
            self.save(LOG + "X = 2\n")
            self.assertEqual(self.took(), [("before", "m", 1)])
            self.save(LOG + "X = 3\n")
            self.assertEqual(self.took(), [])

    def test_edited_by_the_save(self) -> None:
        """Before is the one that the module has, after the one that it gets."""
        for _ in self.both():
            self.load(LOG + "X = 1\n" + HOOKS)
            self.save(LOG + "X = 2\n" + HOOKS.replace("'before'", "'BEFORE'").replace("'after'", "'AFTER'"))
            self.assertEqual(self.took(), [("before", "m", 1), ("AFTER", "m", 1, 2, "handed over")])

    def test_imported_from_elsewhere(self) -> None:
        """By their names in the module, wherever they were defined."""
        hooks = LOG + "def __afresh_before__(): SEEN.append('before')\ndef __afresh_after__(old): SEEN.append(old.X)\n"
        text = "from common import __afresh_before__, __afresh_after__\nX = {}\n"
        for _ in self.both():
            self.load(text.format(1), common=hooks)
            self.save(text.format(2))
            self.assertEqual(self.took(), ["before", 1])


class WhatTheyAreGiven(HooksCase):
    def test_old_is_read_only(self) -> None:
        hook = "def __afresh_after__(old):\n    {}\n"
        for statement in ("old.X = 5", "del old.X", "old['X'] = 5", "old.missing", "old['missing']"):
            m = self.load("X = 1\n" + hook.format("pass"))
            report = self.try_save("X = 2\n" + hook.format(statement))
            self.assertEqual((report["outcome"], m.X), ("rolledBack", 1), statement)
            self._unload()
            self.live.records.clear()

    def test_old_in_every_way_of_reading(self) -> None:
        hook = """
            X = {}
            get = keys = 1
            def __afresh_after__(old):
                SEEN.append([old.X, old['X'], 'X' in old, 'Z' in old, getattr(old, 'Z', 0), old.get, 'X' in list(old),
                             repr(old), old.__name__])
        """
        self.load(LOG + "\n".join(line[12:] for line in hook.format(1).splitlines()))
        self.save(LOG + "\n".join(line[12:] for line in hook.format(2).splitlines()))
        self.assertEqual(self.took(), [[1, 1, True, False, 0, 1, True, "<m before it was reloaded>", "m"]])

    def test_a_pool_is_made_anew_and_a_cache_is_taken_over(self) -> None:
        text = """
            SIZE = {0}
            class Pool:
                def __init__(self, size):
                    self.size, self.closed = size, False
            POOL = Pool(SIZE)
            CACHE = {1}
            def __afresh_before__():
                return sorted(CACHE)
            def __afresh_after__(old):
                if old.POOL is not POOL:
                    old.POOL.closed = True
                for key in old.__afresh_before__:
                    CACHE[str(key)] = old.CACHE[key]
        """
        for _ in self.both():
            m = self.load(text.format(1, "{}"))
            m.CACHE[7] = "seven"
            pool = m.POOL
            self.save(text.format(2, "dict()"))
            self.assertEqual((m.POOL.size, m.POOL.closed, pool.closed or pool is m.POOL), (2, False, True))
            self.assertEqual(m.CACHE.get("7"), "seven")


class WhatTheyRaise(HooksCase):
    def test_before_undoes_everything(self) -> None:
        hook = "def __afresh_before__():\n    global X\n    X = 9\n    raise OSError('busy')\n"
        for _ in self.both():
            m = self.load("X = 1\ndef f(): return 1\n" + hook, other="Y = 1\n")
            report = self.try_save("X = 2\ndef f(): return 2\n" + hook, other="Y = 2\n")
            self.assertFails(report, "OSError: busy")
            self.assertEqual((m.X, m.f(), sys.modules["other"].Y), (1, 1, 1))

    def test_after_undoes_everything(self) -> None:
        hook = "STATE = []\ndef __afresh_after__(old):\n    STATE.append(1); old.STATE.append(2)\n    raise OSError('busy')\n"
        for _ in self.both():
            m = self.load("X = 1\ndef f(): return 1\nSTATE = []\n", other="from m import X\nY = X\n")
            f, state = m.f, m.STATE
            report = self.try_save("X = 2\ndef f(): return 2\n" + hook)
            self.assertFails(report, "OSError: busy")
            self.assertEqual((m.X, m.f(), f(), sys.modules["other"].Y), (1, 1, 1, 1))
            self.assertIs(m.STATE, state)
            self.assertEqual((state, hasattr(m, "__afresh_after__")), ([], False))

    def test_hooks_that_cannot_be_called(self) -> None:
        bad = {
            "def __afresh_after__(): pass": "define it as `def __afresh_after__(old):`",
            "def __afresh_after__(old, new): pass": "define it as `def __afresh_after__(old):`",
            "def __afresh_after__(old, *, name): pass": "define it as `def __afresh_after__(old):`",
            "async def __afresh_after__(old): pass": "without async",
            "def __afresh_after__(old): yield": "without async and yield",
            "__afresh_after__ = 5": "is of type int and cannot be called",
        }
        for hook, words in bad.items():
            for _ in self.both():
                m = self.load("X = 1\n")
                self.assertFails(self.try_save(f"X = 2\n{hook}\n"), words)
                self.assertEqual(m.X, 1)
        m = self.load("X = 1\ndef __afresh_before__(old): pass\n")
        self.assertFails(self.try_save("X = 2\ndef __afresh_before__(old): pass\n"), "given no argument")

    def test_hooks_that_take_more_than_they_need(self) -> None:
        for hook in ("def __afresh_after__(*old): pass", "def __afresh_after__(old, more=1, *, name=2): pass"):
            self.load("X = 1\n")
            self.save(f"X = 2\n{hook}\n")
            self._unload()
            self.live.records.clear()


if __name__ == "__main__":
    unittest.main()
