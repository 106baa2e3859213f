"""Holders that no walk can see: they are counted and said to be possible, never passed over."""
from __future__ import annotations

import atexit
import codecs
import contextvars
import ctypes
import gc
import sys
import os
import signal
import sqlite3
import threading
import unittest
import weakref
from unittest import mock

from stale_program import Program, briefly, possible

TEXT = """
class C: pass
def f(*a): return 1
def g(): yield 1
"""


class Native(unittest.TestCase):
    def setUp(self) -> None:
        self.program = Program(shop=TEXT)
        self.addCleanup(self.program.close)
        self.f = self.program["shop"]["f"]

    def scan_after_save(self) -> dict:
        gc.collect()
        del self.f
        self.program.save("shop", TEXT)
        return self.program.scan()

    def assert_possible(self, result: dict, symbol: str = "shop.f") -> None:
        self.assertGreaterEqual(possible(result).get(symbol, 0), 1, result)
        self.assertFalse(result["coverage"]["complete"], result)

    def test_atexit(self):
        atexit.register(self.f)
        registered = weakref.ref(self.f)
        self.addCleanup(lambda: atexit.unregister(registered()))
        result = self.scan_after_save()
        if sys.version_info < (3, 14):
            return self.assert_possible(result)
        (entry,) = result["stale"]  # there they are in a list, which the collector knows
        self.assertEqual((entry["symbol"], entry["kind"], entry["confidence"]), ("shop.f", "registration", "exact"))

    def test_a_signal_handler(self):
        before = signal.signal(signal.SIGUSR2, self.f)
        self.addCleanup(signal.signal, signal.SIGUSR2, before)
        result = self.scan_after_save()
        self.assertEqual(briefly(result), [("shop.f", "registration", "signal handler of SIGUSR2", 1)])
        self.assertTrue(result["coverage"]["complete"])

    def test_a_function_given_to_sqlite(self):
        database = sqlite3.connect(":memory:")
        self.addCleanup(database.close)
        database.create_function("f", 1, self.f)
        self.assert_possible(self.scan_after_save())

    def test_a_frozen_heap(self):
        keep = [[self.f]]
        local = {"keep": keep}
        del keep
        gc.collect()
        gc.freeze()
        self.addCleanup(gc.unfreeze)
        result = self.scan_after_save()
        self.assertEqual(briefly(result),
                         [("shop.f", "registration", "a dict that no module leads to['keep'][0][0]", 1)])
        self.assertGreater(gc.get_freeze_count(), 1000)
        del local

    def test_a_frozen_heap_where_the_process_may_not_be_copied(self):
        keep = [[self.f]]
        local = {"keep": keep}
        del keep
        gc.collect()
        gc.freeze()
        self.addCleanup(gc.unfreeze)
        with mock.patch.dict(os.environ, {"AFRESH_FORK": "0"}):
            result = self.scan_after_save()
        self.assert_possible(result)
        self.assertIn("gc.freeze() hides them from the collector",
                      [skipped["reason"] for skipped in result["coverage"]["skipped"]])
        del local

    def test_code_in_an_untracked_container_of_a_local(self):
        keep = {"c": self.f.__code__}
        result = self.scan_after_save()
        self.assertEqual([entry["symbol"] for entry in result["stale"]], ["shop.f"])
        del keep

    def test_what_the_collector_sees_is_never_missed(self):
        def local_variable():
            local = threading.local()
            local.x = self.f
            return local

        def context():
            variable = contextvars.ContextVar("v")
            variable.set(self.f)
            return variable

        cases = {
            "ctypes": lambda: ctypes.CFUNCTYPE(ctypes.c_int)(self.f),
            "thread local": local_variable,
            "context variable": context,
            "map": lambda: map(self.f, [1]),
            "iterator": lambda: iter(self.f, 3),
            "exception": lambda: ValueError(self.f),
            "generic alias": lambda: list[self.f],
            "weak reference's callback": lambda: (anchor := type("X", (), {}), weakref.ref(anchor, self.f)),
        }
        for name, make in cases.items():
            with self.subTest(holder=name):
                self.program = Program(shop=TEXT)
                self.f = self.program["shop"]["f"]
                keep = make()
                result = self.scan_after_save()
                self.assertGreaterEqual(result["total"], 1, result)
                self.assertEqual({entry["symbol"] for entry in result["stale"]}, {"shop.f"}, result)
                del keep
                self.program.close()

    def test_codecs(self):
        codecs.register(self.f)
        f = self.f
        result = self.scan_after_save()
        codecs.unregister(f)
        self.assertGreaterEqual(result["total"], 1)


if __name__ == "__main__":
    unittest.main()
