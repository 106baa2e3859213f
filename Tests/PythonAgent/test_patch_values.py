"""What an edit of values, imports and statements does, in its module and in those that depend on it: the patch
policy.
"""

from __future__ import annotations

import builtins
import sys
import threading
import unittest
from typing import Any

from live import PatchCase


class Values(PatchCase):
    def test_what_is_computed_from_a_constant_follows(self) -> None:
        m = self.load("X = 1\nY = X + 1\nCFG = dict(x=X)\ndef f(a=X): return a\nL = [X, Y]\n")
        old = m.f
        self.save("X = 2\nY = X + 1\nCFG = dict(x=X)\ndef f(a=X): return a\nL = [X, Y]\n")
        self.assertEqual((m.X, m.Y, m.CFG, old(), m.L), (2, 3, {"x": 2}, 2, [2, 3]))

    def test_a_name_that_is_read_between_two_bindings(self) -> None:
        m = self.load("x = 1\ny = x\nx = 2\n")
        self.save("x = 1\ny = x + 5\nx = 2\n")
        self.assertEqual((m.x, m.y), (2, 6))

    def test_state_stays(self) -> None:
        m = self.load("""
            import builtins
            builtins.afresh_runs = getattr(builtins, "afresh_runs", 0) + 1
            conn = object()
            counter = 0
            CACHE = {}
            Z = len("a")
            def f(): return 1
            """)
        self.addCleanup(delattr, builtins, "afresh_runs")
        m.counter = 5
        m.CACHE["k"] = 1
        m.injected = "outside"
        conn = m.conn
        self.save("""
            import builtins
            builtins.afresh_runs = getattr(builtins, "afresh_runs", 0) + 1
            conn = object()
            counter = 0
            CACHE = {}
            Z = len("ab")
            def f(): return 2
            """)
        self.assertEqual((builtins.afresh_runs, m.counter, m.CACHE, m.Z, m.f()), (1, 5, {"k": 1}, 2, 2))
        self.assertIs(m.conn, conn)
        self.assertEqual(m.injected, "outside")

    def test_comments_moves_and_layout_execute_nothing(self) -> None:
        m = self.load("A = object()\nB = object()\ndef f(): return 1\n")
        a, b = m.A, m.B
        self.save("# why\ndef f():\n    return 1\n\nB = object()  # second\nA = (\n    object()\n)\n")
        self.assertEqual((m.A, m.B, self.executed()), (a, b, []))
        self.assertEqual(m.f.__code__.co_firstlineno, 2)

    def test_removed_names_leave_the_module(self) -> None:
        m = self.load("import math, json as j\nX = 1\nY = 2\ndef f(): return 1\ndef g(): return 1\nclass C: pass\n")
        self.save("X = 1\ndef f(): return 2\n")
        self.assertEqual([name for name in ("math", "j", "Y", "g", "C") if hasattr(m, name)], [])

    def test_equal_values_stop_the_spread(self) -> None:
        m = self.load("X = 1 + 1\nY = [X]\n")
        y = m.Y
        self.save("X = 2\nY = [X]\n")
        self.assertIs(m.Y, y)

    def test_names_bound_several_times(self) -> None:
        m = self.load("X = 1\nX += 1\nY = X\nf = lambda: 1\ng = f\nf = lambda: 2\n")
        self.save("X = 5\nX += 1\nY = X\nf = lambda: 1\ng = f\nf = lambda: 2\n")
        self.assertEqual((m.X, m.Y), (6, 6))
        self.save("X = 5\nX += 10\nY = X\nf = lambda: 1\ng = f\nf = lambda: 2\n")
        self.assertEqual((m.X, m.Y), (15, 15))
        self.save("X = 5\nY = X\nf = lambda: 1\ng = f\nf = lambda: 2\n")
        self.assertEqual((m.X, m.Y, m.f(), m.g()), (5, 5, 2, 1))

    def test_definitions_of_one_name_change_places(self) -> None:
        one, two, x = "def f(): return 1\n", "def f(): return 2\n", "X = 1\nX = 2\n"
        m = self.load(one + two + x)
        self.save(two + one + "X = 2\nX = 1\n")
        self.assertEqual((m.f(), m.X), (1, 1))

    def test_a_definition_that_hid_another_one_is_removed(self) -> None:
        m = self.load("def f(): return 1\ndef f(): return 2\n")
        old = m.f
        self.save("def f(): return 1\n")
        self.assertEqual((m.f(), old()), (1, 1))

    def test_wrapping_by_assignment(self) -> None:
        text = "def add(n):\n    def deco(f):\n        def w(): return f() + n\n        return w\n    return deco\ndef f(): return 1\nf = add({})(f)\n"
        m = self.load(text.format(10))
        old = m.f
        self.save(text.format(20))
        self.assertEqual((m.f(), old()), (21, 21))

    def test_another_name_for_something_is_pointed_elsewhere(self) -> None:
        text = "def foo(): return 1\ndef bar(): return 2\nclass A: pass\nclass B: pass\nT = [lambda: 3, lambda: 4]\nf = {0}\nC = {1}\ng = T[{2}]\n"
        m = self.load(text.format("foo", "A", 0))
        foo, cls = m.foo, m.A
        self.save(text.format("bar", "B", 1))
        self.assertEqual(
            (m.foo(), foo(), m.f(), m.foo is foo, m.A is cls, m.C is m.B, m.T[0](), m.g()),
            (1, 1, 2, True, True, True, 3, 4),
        )
        self.save(text.format("bar", "B", 1).replace("f = bar", "def f(): return 5"))
        self.assertEqual((m.bar(), m.f()), (2, 5))

    def test_values_made_by_calls(self) -> None:
        m = self.load(
            "from collections import namedtuple\nT = namedtuple('T', 'a')\ndef make(n):\n    def inner(): return n\n    return inner\nf = make(1)\n"
        )
        t, f, cls = m.T(1), m.f, m.T
        self.save(
            "from collections import namedtuple\nT = namedtuple('T', 'a b')\ndef make(n):\n    def inner(): return n\n    return inner\nf = make(2)\n"
        )
        self.assertEqual((m.T(1, 2).b, m.T is cls, isinstance(t, m.T), f(), m.f()), (2, True, True, 2, 2))

    def test_conditions_follow(self) -> None:
        text = "FLAG = {}\nif FLAG:\n    def f(): return 'on'\nelse:\n    def f(): return 'off'\n"
        m = self.load(text.format(False))
        self.save(text.format(True))
        self.assertEqual(m.f(), "on")

    def test_try_import(self) -> None:
        m = self.load("try:\n    import not_there as j\nexcept ImportError:\n    j = None\n")
        self.save("try:\n    import json as j\nexcept ImportError:\n    j = None\n")
        self.assertEqual(m.j.__name__, "json")

    def test_retained_value(self) -> None:
        m = self.load("try:\n    cache\nexcept NameError:\n    cache = {}\ndef f(): return 1\n")
        m.cache["k"] = 1
        self.save("X = 2\ntry:\n    cache\nexcept NameError:\n    cache = {}\ndef f(): return 2\n")
        self.assertEqual((m.cache, m.f(), m.X), ({"k": 1}, 2, 2))

    def test_value_computed_by_a_function_that_changed(self) -> None:
        m = self.load("def f(): return 1\nY = f()\n")
        self.save("def f(): return 2\nY = f()\n")
        self.assertEqual(m.Y, 2)

    def test_value_computed_through_another_function(self) -> None:
        m = self.load("def f(): return 1\ndef g(): return f() + 1\nY = g()\n")
        self.save("def f(): return 5\ndef g(): return f() + 1\nY = g()\n")
        self.assertEqual(m.Y, 6)

    def test_value_computed_through_another_name(self) -> None:
        text = "def f(a={0}): return {1} + a\ng = f\nclass C:\n    h = f\nY = g()\nZ = C.h()\n"
        m = self.load(text.format(1, 0))
        self.save(text.format(5, 0))
        self.assertEqual((m.Y, m.Z), (5, 5))
        self.save(text.format(5, 1))
        self.assertEqual((m.Y, m.Z), (6, 6))

    def test_state_made_by_a_function_that_changed_is_kept_and_reported(self) -> None:
        m = self.load("def make(): return {'a': 1}\nD = make()\n")
        m.D["more"] = 2
        self.save("def make(): return {'a': 5}\nD = make()\n")
        self.assertEqual((m.D, self.not_applied()), ({"a": 1, "more": 2}, ["D"]))

    def test_an_instance_is_kept_when_a_method_changes(self) -> None:
        m = self.load("class S:\n    def v(self): return 1\ns = S()\n")
        s = m.s
        self.save("class S:\n    def v(self): return 2\ns = S()\n")
        self.assertEqual((m.s, s.v(), self.not_applied()), (s, 2, []))

    def test_function_reading_a_global_that_the_program_rebinds(self) -> None:
        m = self.load("n = 0\ndef bump():\n    global n\n    n += 1\n")
        self.save("n = 0\ndef bump():\n    global n\n    n += 1\ndef read(): return n\n")
        m.bump()
        m.bump()
        self.assertEqual((m.read(), m.n), (2, 2))

    def test_module_docstring_and_getattr(self) -> None:
        m = self.load('"one"\ndef __getattr__(name): return name\n')
        self.save('"two"\ndef __getattr__(name): return name * 2\n')
        self.assertEqual((m.__doc__, m.ab), ("two", "abab"))
        self.save("X = 1\n")
        self.assertIsNone(m.__doc__)

    def test_future_annotations(self) -> None:
        m = self.load("from __future__ import annotations\ndef f(a: nope): return 1\nX = 1\n")
        self.save("from __future__ import annotations\ndef f(a: nope, b: later = 1): return 2\nX: int = 2\n")
        self.assertEqual((m.f(0), m.f.__annotations__["b"], m.X), (2, "later", 2))

    def test_a_module_that_is_executed_as_a_whole_keeps_its_functions_and_classes(self) -> None:
        m = self.load("def f(a: int): return 1\nclass C:\n    def v(self): return 1\nkept = 1\n")
        f, cls, c = m.f, m.C, m.C()
        self.save(
            "from __future__ import annotations\ndef f(a: int): return 2\nclass C:\n    def v(self): return 2\nX = 1\n"
        )
        self.assertEqual(
            (f(0), f.__annotations__, c.v(), m.C is cls, m.f is f, m.X, m.kept), (2, {"a": "int"}, 2, True, True, 1, 1)
        )
        self.save(
            "from __future__ import annotations\n\ndef f(a: int): return 3\nclass C:\n    def v(self): return 2\nX = 1\n"
        )
        self.assertEqual((f(0), f.__code__.co_firstlineno), (3, 3))


class Dependents(PatchCase):
    def mods(self) -> Any:
        return self.live.modules()

    def test_from_imports_follow(self) -> None:
        a = "X = {0}\ndef f(): return {0}\nclass C:\n    def v(self): return {0}\n"
        self.load(b="from a import X, f as g, C\ndef use(): return X\nT = {'k': X}\n", a=a.format(1))
        b, a_module = self.mods()["b"], self.mods()["a"]
        self.save(a=a.format(2))
        self.assertEqual((b.X, b.g(), b.C is a_module.C, b.use(), b.C().v(), b.T), (2, 2, True, 2, 2, {"k": 2}))

    def test_attributes_of_a_module_follow(self) -> None:
        self.load(b="import a\nimport a as alias\nY = a.X * 10\nZ = alias.C.K\n", a="X = 1\nclass C:\n    K = 1\n")
        self.save(a="X = 2\nclass C:\n    K = 5\n")
        self.assertEqual((self.mods()["b"].Y, self.mods()["b"].Z), (20, 5))

    def test_only_affected_dependents_are_executed(self) -> None:
        self.load(b="from a import X\n", c="from a import Y\nrun = object()\n", a="X = 1\nY = 1\n")
        run = self.mods()["c"].run
        self.save(a="X = 2\nY = 1\n")
        self.assertEqual((self.mods()["b"].X, self.mods()["c"].run is run, self.executed()), (2, True, ["a", "b"]))

    def test_star_imports(self) -> None:
        self.load(b="from a import *\nkeep = 1\n", a="X = 1\nGONE = 1\ndef f(): return 1\nkeep = 5\n")
        b = self.mods()["b"]
        self.save(a="X = 2\ndef f(): return 2\nNEW = 3\nkeep = 6\n")
        self.assertEqual((b.X, b.f(), b.NEW, hasattr(b, "GONE"), b.keep), (2, 2, 3, False, 1))

    def test_all_changes_through_a_package(self) -> None:
        p = self.load(p__init="from .s import *\n", p__s="__all__ = ['x', 'z']\nx = 1\ny = 2\nz = 3\n")
        self.save(p__s="__all__ = ['x', 'y']\nx = 1\ny = 2\nz = 3\n")
        self.assertEqual((p.y, hasattr(p, "z")), (2, False))

    def test_re_exports_and_relative_imports(self) -> None:
        self.load(
            u="from p import X, f\nY = X + 1\n",
            p__init="from .s import X\nfrom . import s\nf = s.f\n",
            p__s="X = 1\ndef f(): return 1\n",
        )
        self.save(p__s="X = 5\ndef f(): return 5\n")
        u, p = self.mods()["u"], self.mods()["p"]
        self.assertEqual((p.X, u.X, u.Y, u.f(), p.f()), (5, 5, 6, 5, 5))

    def test_chain_and_diamond(self) -> None:
        self.load(
            d="import b, c\nS = b.X + c.Y\nruns = [0]\n",
            b="from a import X\n",
            c="from a import X\nY = X + 1\n",
            a="X = 1\n",
        )
        d = self.mods()["d"]
        d.runs.append(1)
        self.save(a="X = 2\n")
        self.assertEqual((d.S, d.runs), (5, [0, 1]))

    def test_cycle_of_from_imports(self) -> None:
        a = self.load(a="X = 1\nfrom b import Y\nZ = Y\n", b="from a import X\nY = X + 1\n")
        self.save(a="X = 5\nfrom b import Y\nZ = Y\n")
        b = self.mods()["b"]
        self.assertEqual((a.X, b.X, b.Y, a.Z), (5, 5, 6, 6))

    def test_two_files_saved_together_with_a_new_import(self) -> None:
        self.load(z="from a import X\nY = X\n", a="X = 1\n")
        self.save(z="from a import X, NEW\nY = X + NEW\n", a="X = 2\nNEW = 10\n")
        self.assertEqual((self.mods()["z"].Y, self.executed()), (12, ["a", "z"]))

    def test_new_module_and_new_submodule(self) -> None:
        p = self.load(p__init="def f(): return 1\n")
        self.save(p__init="from .fresh import K\ndef f(): return K\n", p__fresh="K = 9\n")
        self.assertEqual(p.f(), 9)

    def test_namespace_package(self) -> None:
        s = self.load(n__s="X = 1\ndef f(): return 1\n")
        self.save(n__s="X = 2\ndef f(): return 2\n")
        self.assertEqual((s.X, s.f()), (2, 2))

    def test_removed_name_that_a_dependent_imports_is_reported(self) -> None:
        self.load(b="from a import OLD\n", a="OLD = 3\n")
        self.save(a="X = 1\n")
        self.assertEqual((self.mods()["b"].OLD, self.not_applied()), (3, ["OLD"]))

    def test_constant_computed_by_a_function_elsewhere(self) -> None:
        self.load(b="import a\nY = a.f()\n", a="def f(): return 1\n")
        self.save(a="def f(): return 2\n")
        self.assertEqual(self.mods()["b"].Y, 2)

    def test_constant_computed_through_functions_of_two_modules(self) -> None:
        self.load(c="import b\nY = b.g()\n", b="import a\ndef g(): return a.f() + 1\n", a="def f(): return 1\n")
        self.save(a="def f(): return 5\n")
        self.assertEqual(self.mods()["c"].Y, 6)

    def test_import_inside_a_function(self) -> None:
        self.load(b="def use():\n    from a import X\n    return X\n", a="X = 1\n")
        self.save(a="X = 2\n")
        self.assertEqual(self.mods()["b"].use(), 2)

    def test_alias_is_pointed_elsewhere(self) -> None:
        b = self.load(b="from a import y as z\n", a="y = 1\nz = 5\n")
        self.save(b="from a import z\n")
        self.assertEqual(b.z, 5)


class Failures(PatchCase):
    def test_everything_is_put_back(self) -> None:
        m = self.load(
            "X = len('a')\nL = [1]\ndef f(): return X\nclass C:\n    K = 1\n    def v(self): return 1\nREG = {'f': f}\n"
        )
        f, cls, values, c = m.f, m.C, m.L, m.C()
        before = dict(vars(m))
        report = self.try_save("""
            X = len('abc')
            L = [2]
            NEW = 1
            def f(a=1): return X + 100
            class C:
                K = 2
                def v(self): return 2
                def w(self): return 3
            REG = {'f': f}
            REG['g'] = 1
            raise RuntimeError('boom')
            """)
        self.assertFails(report, "boom")
        self.assertEqual(dict(vars(m)) == before and list(vars(m)) == list(before), True)
        self.assertEqual(
            (m.f(), f(), c.v(), c.K, hasattr(c, "w"), m.L is values, m.C is cls), (1, 1, 1, 1, False, True, True)
        )

    def test_failure_in_a_dependent(self) -> None:
        self.load(b="from a import X\nassert X < 5\nY = X\n", a="X = 1\n")
        self.assertFails(self.try_save(a="X = 10\n"), "AssertionError")
        modules = self.live.modules()
        self.assertEqual((modules["a"].X, modules["b"].X, modules["b"].Y), (1, 1, 1))

    def test_failure_in_the_second_of_two(self) -> None:
        self.load(a="X = len('a')\n", b="Y = 1\n")
        self.assertFails(self.try_save(a="X = len('ab')\n", b="Y = 1 / 0\n"), "ZeroDivisionError")
        self.assertEqual(self.live.modules()["a"].X, 1)

    def test_a_module_that_cannot_be_imported(self) -> None:
        m = self.load("X = 1\n")
        self.assertFails(self.try_save("import not_there\nX = 2\n"), "not_there")
        self.assertEqual(m.X, 1)

    def test_a_module_that_was_imported_by_the_failing_text_is_gone(self) -> None:
        self.load("X = 1\n")
        self.assertFails(self.try_save("import fresh\n1 / 0\n", fresh="K = 1\n"), "ZeroDivisionError")

    def test_the_next_good_save_is_applied(self) -> None:
        m = self.load("def f(): return 1\n")
        old = m.f
        self.assertFails(self.try_save("def f(a=1): return 2\n1 / 0\n"), "ZeroDivisionError")
        self.save("def f(a=1): return 3\n")
        self.assertEqual((m.f(), old()), (3, 3))

    def test_results_cached_by_a_failing_save_are_dropped(self) -> None:
        text = "import functools\n@functools.lru_cache\ndef f(): return {}\n"
        m = self.load(text.format(1))
        m.f()
        self.assertFails(self.try_save(text.format(2) + "X = f()\n1 / 0\n"), "ZeroDivisionError")
        self.assertEqual(m.f(), 1)

    def test_registrations_are_undone(self) -> None:
        core = self.load(
            core="""
            handlers, routes, seen = [], {"old": 1}, set()
            class App:
                def __init__(self): self.views = {}
                def route(self, path):
                    def deco(f):
                        self.views[path] = f
                        self.last = path
                        return f
                    return deco
            app = App()
            def on(f):
                handlers.append(f)
                routes["new"] = f
                seen.add(f)
                return f
            """,
            m="import core\nLOCAL = {'k': [1]}\n",
        )
        report = self.try_save(m="""
            import core
            LOCAL = {'k': [1]}
            LOCAL['k'].append(2)
            @core.on
            def h(): return 1
            @core.app.route('/')
            def view(): return 2
            1 / 0
            """)
        self.assertFails(report, "ZeroDivisionError")
        self.assertEqual(
            (core.handlers, core.routes, core.seen, vars(core.app)), ([], {"old": 1}, set(), {"views": {}})
        )
        self.assertEqual(self.live.modules()["m"].LOCAL, {"k": [1]})

    def test_system_exit(self) -> None:
        m = self.load("X = 1\n")
        self.assertFails(self.try_save("X = 2\nraise SystemExit(3)\n"), "SystemExit")
        self.assertEqual(m.X, 1)


class Threads(PatchCase):
    def test_calls_never_fail_while_the_module_is_saved(self) -> None:
        text = "K = {0}\nclass C:\n    def __init__(self, n{1}): self.n = n\n    def v(self): return helper(self.n)\ndef helper(n): return n + K\ndef f(): return C(1).v()\n"
        m = self.load(text.format(0, ""))
        errors: list[BaseException] = []
        ended = threading.Event()

        def call() -> None:
            while not ended.is_set():
                try:
                    m.f()
                except BaseException as error:
                    errors.append(error)
                    return

        threads = [threading.Thread(target=call) for _ in range(4)]
        interval = sys.getswitchinterval()
        sys.setswitchinterval(1e-5)
        try:
            for thread in threads:
                thread.start()
            for number in range(1, 60):
                self.save(text.format(number, "" if number % 2 else ", more=1"))
        finally:
            ended.set()
            for thread in threads:
                thread.join()
            sys.setswitchinterval(interval)
        self.assertEqual(errors, [])
        self.assertEqual(m.f(), 60)


if __name__ == "__main__":
    unittest.main()
