"""What an edit of functions does in the program: the patch policy."""

from __future__ import annotations

import functools
import gc
import inspect
import textwrap
import unittest
import weakref

from live import PatchCase


class Bodies(PatchCase):
    def test_every_holder_runs_the_new_body_and_nothing_is_executed(self) -> None:
        m = self.load("def f(): return 1\n")
        old, held, bound = m.f, [m.f], functools.partial(m.f)
        self.save("def f(): return 2\n")
        self.assertIs(m.f, old)
        self.assertEqual((m.f(), held[0](), bound()), (2, 2, 2))
        self.assertEqual(self.executed(), [])

    def test_signature_defaults_and_keyword_defaults(self) -> None:
        m = self.load("def f(a): return a\n")
        old = m.f
        self.save("def f(a, b=3, *, c=4): return a + b + c\n")
        self.assertEqual(old(1), 8)
        self.assertEqual(str(inspect.signature(old)), "(a, b=3, *, c=4)")
        self.save("def f(a, b=3): return a + b\n")
        self.assertEqual((old(1), old.__kwdefaults__), (4, None))

    def test_docstring_and_annotations(self) -> None:
        m = self.load('def f(a: int): "one"\n')
        old = m.f
        self.save('def f(a: int): "two"\n')
        self.assertEqual(old.__doc__, "two")
        self.save('def f(a: str) -> bool: "two"\n')
        self.assertEqual(old.__annotations__, {"a": str, "return": bool})
        self.save("def f(a: str) -> bool: pass\n")
        self.assertIsNone(old.__doc__)

    def test_a_function_turns_into_a_coroutine_or_a_generator(self) -> None:
        m = self.load("def f(): return 1\n")
        old = m.f
        self.save("async def f(): return 2\n")
        self.assertTrue(inspect.iscoroutinefunction(old))
        self.save("def f(): yield 3\n")
        self.assertEqual(list(old()), [3])

    def test_a_generator_that_runs_ends_with_its_old_code(self) -> None:
        m = self.load("def g():\n    yield 1\n    yield 2\n")
        running = m.g()
        next(running)
        self.save("def g():\n    yield 10\n    yield 20\n")
        self.assertEqual((next(running), list(m.g())), (2, [10, 20]))

    def test_attributes_that_the_program_set_stay(self) -> None:
        m = self.load("def f(): return 1\n")
        m.f.calls = 5
        self.save("def f(a=0): return 2\n")
        self.assertEqual((m.f.calls, m.f()), (5, 2))

    def test_lambdas(self) -> None:
        m = self.load("g = lambda: 1\nH = {'a': lambda: 1, 'b': lambda: 5}\n")
        old, held = m.g, m.H["a"]
        self.save("g = lambda: 2\nH = {'a': lambda: 2, 'b': lambda: 5}\n")
        self.assertEqual((old(), held(), m.H["b"]()), (2, 2, 5))
        self.assertIs(m.g, old)

    def test_switching_between_two_versions_restores_each(self) -> None:
        one, two = "X = 1\ndef f(): return X\n", "def g(): return 5\ndef f(a=g()): return a\n"
        m = self.load(one)
        old = m.f
        for _ in range(5):
            self.save(two)
            self.assertEqual((old(), m.g(), hasattr(m, "X")), (5, 5, False))
            self.save(one)
            self.assertEqual((old(), m.X, hasattr(m, "g"), m.f is old), (1, 1, False, True))

    def test_functions_under_if_and_try(self) -> None:
        m = self.load("""
            FLAG = True
            if FLAG:
                def f(): return 1
            try:
                import not_there
            except ImportError:
                def g(): return 1
            """)
        f, g = m.f, m.g
        self.save("""
            FLAG = True
            if FLAG:
                def f(): return 2
            try:
                import not_there
            except ImportError:
                def g(): return 2
            """)
        self.assertEqual((f(), g(), m.f is f, m.g is g), (2, 2, True, True))

    def test_a_branch_that_was_not_taken_stays_untouched(self) -> None:
        m = self.load("""
            import sys
            if sys.platform == "no-such":
                def f(): return "there"
            else:
                def f(): return "here"
            """)
        self.save("""
            import sys
            if sys.platform == "no-such":
                def f(): return "over there"
            else:
                def f(): return "here"
            """)
        self.assertEqual(m.f(), "here")


class Closures(PatchCase):
    def test_closures_that_exist_run_the_new_code_and_keep_their_state(self) -> None:
        m = self.load("""
            def counter():
                n = 0
                def step():
                    nonlocal n
                    n += 1
                    return n
                return step
            """)
        step = m.counter()
        step()
        self.save("""
            def counter():
                n = 0
                def step():
                    nonlocal n
                    n += 10
                    return n
                return step
            """)
        self.assertEqual((step(), m.counter()()), (11, 10))

    def test_a_closure_that_needs_a_new_variable_is_reported(self) -> None:
        m = self.load("def make(a, b):\n    def inner(): return a\n    return inner\n")
        inner = m.make(1, 2)
        self.save("def make(a, b):\n    def inner(): return a + b\n    return inner\n")
        self.assertEqual((inner(), m.make(1, 2)()), (1, 3))
        self.assertEqual(self.not_applied(), ["make.<locals>.inner"])

    def test_old_decorated_functions_follow_the_body_of_the_decorator(self) -> None:
        text = """
            def deco(f):
                def w(*a): return ({}, f(*a))
                return w
            @deco
            def f(): return 1
            """
        m = self.load(text.format("'old'"))
        old = m.f
        self.save(text.format("'new'"))
        self.assertEqual((old(), m.f()), (("new", 1), ("new", 1)))


class Decorators(PatchCase):
    DECO = textwrap.dedent("""
        import functools
        def deco(f):
            @functools.wraps(f)
            def w(*a): return ("w", f(*a))
            return w
        def twice(n):
            def outer(f):
                def w(*a): return [f(*a)] * n
                return w
            return outer
        """)

    def test_body_of_a_decorated_function(self) -> None:
        m = self.load(self.DECO + "@deco\ndef f(): return 1\n")
        old = m.f
        self.save(self.DECO + "@deco\ndef f(): return 2\n")
        self.assertEqual((old(), m.f()), (("w", 2), ("w", 2)))
        self.assertEqual(self.executed(), [])

    def test_decorator_removed_and_added(self) -> None:
        m = self.load(self.DECO + "@deco\ndef f(): return 1\n")
        old = m.f
        self.save(self.DECO + "def f(): return 2\n")
        self.assertEqual((old(), m.f()), (2, 2))
        plain = m.f
        self.save(self.DECO + "@twice(2)\ndef f(): return 3\n")
        self.assertEqual((m.f(), plain(), old()), ([3, 3], [3, 3], [3, 3]))

    def test_argument_of_a_decorator(self) -> None:
        m = self.load(self.DECO + "@twice(2)\ndef f(): return 1\n")
        old = m.f
        self.save(self.DECO + "@twice(3)\ndef f(): return 2\n")
        self.assertEqual((old(), m.f()), ([2, 2, 2], [2, 2, 2]))

    def test_decorator_of_another_module(self) -> None:
        m = self.load(
            m="from d import deco\n@deco\ndef f(): return 1\n",
            d="""
            K = 5
            def deco(f):
                def w(): return (K, f())
                return w
            """,
        )
        old = m.f
        self.save(m="from d import deco\n@deco\ndef f(a=0): return 2\n")
        self.assertEqual((old(), m.f()), ((5, 2), (5, 2)))

    def test_nothing_old_waits_for_a_collection(self) -> None:
        m = self.load("def f(): return 1\n")
        gc.collect()
        gc.disable()
        self.addCleanup(gc.enable)
        self.save("def f(): return 2\n")
        left = [value for value in gc.get_objects() if type(value).__module__.startswith("_afresh.patch")]
        self.assertEqual((m.f(), left), (2, []))

    def test_nothing_waits_for_a_collection_after_a_save_that_fails_or_removes_a_function(self) -> None:
        text = "def f(): return g()\ndef g(): return 1\n"
        self.load(text)
        gc.collect()
        gc.disable()
        self.addCleanup(gc.enable)
        self.assertFails(self.try_save("def f(): return h()\ndef h(): return 1\nX = f() / 0\n"), "ZeroDivisionError")
        left = [value for value in gc.get_objects() if type(value).__module__.startswith("_afresh.patch")]
        self.assertEqual(left, [])
        self.save("def f(): return h()\ndef h(): return 1\nX = f()\n")
        left = [value for value in gc.get_objects() if type(value).__module__.startswith("_afresh.patch")]
        self.assertEqual(left, [])

    def test_cached_results_are_dropped(self) -> None:
        m = self.load("import functools\n@functools.lru_cache\ndef f(x): return x + 1\n")
        old = m.f
        old(1)
        self.save("import functools\n@functools.lru_cache\ndef f(x): return x + 100\n")
        self.assertEqual((old(1), m.f(1), m.f is old), (101, 101, True))

    def test_results_cached_of_a_helper_that_changed_are_dropped(self) -> None:
        text = "import functools\ndef helper(x): return x + {}\n@functools.lru_cache\ndef f(x): return helper(x)\n"
        m = self.load(text.format(1))
        m.f(1)
        self.save(text.format(100))
        self.assertEqual(m.f(1), 101)

    def test_cache_size(self) -> None:
        m = self.load("import functools\n@functools.lru_cache(maxsize=2)\ndef f(x): return x\n")
        self.save("import functools\n@functools.lru_cache(maxsize=5)\ndef f(x): return x\n")
        self.assertEqual(m.f.cache_info().maxsize, 5)

    def test_single_dispatch(self) -> None:
        text = """
            import functools
            @functools.singledispatch
            def f(x{0}): return "any{1}"
            @f.register
            def _(x: int): return "int{2}"
            @f.register
            def _(x: str): return "str"
            """
        m = self.load(text.format("", 1, 1))
        old = m.f
        self.save(text.format("", 1, 2))
        self.assertEqual((m.f(1), m.f(""), m.f(1.0)), ("int2", "str", "any1"))
        self.save(text.format("", 2, 2))
        self.assertEqual((old(1), old(""), old(1.0)), ("int2", "str", "any2"))
        self.save(text.format(", y=1", 3, 3))
        self.assertEqual((m.f(1), m.f(""), m.f(1.0), old(1)), ("int3", "str", "any3", "int3"))

    def test_overloads(self) -> None:
        text = """
            from typing import overload
            @overload
            def f(x: int) -> {0}: ...
            @overload
            def f(x: str) -> str: ...
            def f(x): return ("{1}", x)
            """
        m = self.load(text.format("int", "v1"))
        old = m.f
        self.save(text.format("float", "v1"))
        self.assertEqual((m.f(1), m.f is old), (("v1", 1), True))
        self.save(text.format("float", "v2"))
        self.assertEqual(old(1), ("v2", 1))

    def test_registrations_are_not_repeated(self) -> None:
        core = "handlers = []\ndef on(f):\n    handlers.append(f)\n    return f\n"
        m = self.load(m="import core\n@core.on\ndef h(): return 1\n", core=core)
        handlers = self.live.modules()["core"].handlers
        self.save(m="import core\n@core.on\ndef h(): return 2\n")
        self.assertEqual([h() for h in handlers], [2])
        self.save(m="import core\n@core.on\ndef h(a=1): return 3\n")  # the signature: the decorator runs again
        self.assertEqual([h() for h in handlers], [3])
        self.assertIs(handlers[0], m.h)


class Lines(PatchCase):
    def test_functions_that_only_moved_have_the_right_lines(self) -> None:
        m = self.load("def f(): return 1\nclass C:\n    def m(self): return 1\ng = lambda: 1\n")
        f, method, g = m.f, m.C().m, m.g
        self.save("\n\nclass C:\n    def m(self): return 1\n\ng = lambda: 1\ndef f(): return 1\n")
        lines = [each.__code__.co_firstlineno for each in (f, method.__func__, g)]
        self.assertEqual(lines, [7, 4, 6])
        self.assertEqual(self.executed(), [])

    def test_functions_that_were_executed_again_keep_following(self) -> None:
        m = self.load("def f(): return 1\n")
        self.save("def f(a=1): return 1\n")
        old = m.f
        self.save("\n\n\ndef f(a=1): return 2\n")
        self.assertEqual((old(), old.__code__.co_firstlineno), (2, 4))

    def test_no_cycle_keeps_old_code_until_the_collector_comes(self) -> None:
        m = self.load("def f(): return 1\n")
        self.save("def f(): return 2\n")
        gc.collect()
        gc.disable()
        self.addCleanup(gc.enable)
        code = weakref.ref(m.f.__code__)
        self.save("def f(): return 3\n")
        self.assertIsNone(code())

    def test_classes_know_their_line(self) -> None:
        text = "def f(): return 1\nclass C:\n    k = 1\n    class D:\n        k = 2\n"
        m = self.load(text)
        # A body above grows, in short; statements come; and once more, from the line that they have now.
        for edited in (text.replace("f(): return 1", "f():\n    x = 2\n    return x"), "X = 1\n\n" + text, "\n" + text, text):
            self.save(edited)
            for cls in (m.C, m.C.D):
                source, line = inspect.getsourcelines(cls)
                self.assertEqual(edited.splitlines()[line - 1].strip(), f"class {cls.__name__}:")
                self.assertEqual(source[0].strip(), f"class {cls.__name__}:")
        self.assertEqual(self.executed(), [])


if __name__ == "__main__":
    unittest.main()
