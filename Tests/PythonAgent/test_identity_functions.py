"""Functions that exist only in what was made before an edit: closures, caches, what copied from them."""

from __future__ import annotations

import functools
import gc
import unittest

from live import PatchCase

MAKER = "def make(a, b=2):\n    def inner({}): return {}\n    return inner\n"


class Closures(PatchCase):
    def test_defaults_of_closures_that_exist(self) -> None:
        m = self.load(MAKER.format("x=1", "(a, x)"))
        inner = m.make(5)
        self.save(MAKER.format("x=7, *, y=8", "(a, x, y)"))
        self.assertEqual((inner(), inner(1, y=2), m.make(6)()), ((5, 7, 8), (5, 1, 2), (6, 7, 8)))
        self.save(MAKER.format("", "a"))
        self.assertEqual((inner(), inner.__defaults__, inner.__kwdefaults__), (5, None, None))
        self.assertEqual(self.not_applied(), [])

    def test_defaults_that_are_computed_are_said_to_stay(self) -> None:
        m = self.load(MAKER.format("x=1", "(a, x)"))
        inner = m.make(5)
        self.save(MAKER.format("x=b", "(a, x)"))
        self.assertEqual((inner(), m.make(5)()), ((5, 1), (5, 2)))
        self.assertEqual(self.not_applied(), ["make.<locals>.inner"])

    def test_nothing_is_said_where_no_closure_exists(self) -> None:
        m = self.load(MAKER.format("x=1", "(a, x)"))
        self.save(MAKER.format("x=b", "(a, b, x)"))
        self.assertEqual((m.make(5)(), self.not_applied()), ((5, 2, 2), []))

    def test_a_variable_is_no_longer_used(self) -> None:
        m = self.load(MAKER.format("", "a + b"))
        inner = m.make(5)
        self.save(MAKER.format("", "a"))
        self.assertEqual((inner(), self.not_applied()), (5, []))
        self.save("K = 9\n" + MAKER.format("", "a + K"))
        self.assertEqual((inner(), self.not_applied()), (14, []))

    def test_a_variable_that_is_gone_altogether(self) -> None:
        m = self.load("def make(a):\n    k = a + 1\n    def inner():\n        'one'\n        return k\n    return inner\n")
        inner = m.make(5)
        self.save("def make(a):\n    def inner():\n        'two'\n        return 7\n    return inner\n")
        self.assertEqual((inner(), inner.__doc__, self.not_applied()), (7, "two", []))

    def test_lambdas_that_capture(self) -> None:
        m = self.load("def make(a, b):\n    return lambda x: a + b + x\n")
        inner = m.make(1, 2)
        self.save("def make(a, b):\n    return lambda x=10: a + x\n")
        self.assertEqual((inner(), inner(5), self.not_applied()), (11, 6, []))

    def test_a_decorator_of_a_closure_is_said_to_stay(self) -> None:
        text = "def twice(f): return lambda: f() * 2\ndef make(a):\n    {}def inner(): return a\n    return inner\n"
        m = self.load(text.format(""))
        inner = m.make(5)
        self.save(text.format("@twice\n    "))
        self.assertEqual((inner(), m.make(5)(), self.not_applied()), (5, 10, ["make.<locals>.inner"]))

    def test_classes_that_a_function_made_are_said_to_stay(self) -> None:
        text = "def make(a):\n    class Local:\n        K = {0}\n        def v(self): return (a, {0})\n    return Local\n"
        m = self.load(text.format(1))
        local = m.make(5)
        self.save(text.format(2))
        self.assertEqual((local().v(), local.K, m.make(6).K), ((5, 2), 1, 2))
        self.assertEqual(self.not_applied(), ["make.<locals>.Local"])

    def test_classes_that_a_decorator_made_follow_and_nothing_is_said(self) -> None:
        gc.collect()  # other tests have had such classes
        text = "def wrap(c):\n    class W(c):\n        K = {}\n    return W\n@wrap\nclass C: pass\n"
        m = self.load(text.format(1))
        instance, cls = m.C(), m.C
        self.save(text.format(2))
        self.assertEqual((instance.K, m.C is cls, self.not_applied()), (2, True, []))

    def test_a_static_method_begins_to_use_its_class(self) -> None:
        text = "class C:\n    @staticmethod\n    def s(): return {}\n"
        m = self.load(text.format("5"))
        held = m.C.s
        self.save(text.format("__class__.__name__"))
        self.assertEqual((held(), m.C.s(), self.not_applied()), ("C", "C", []))


class Results(PatchCase):
    """What caches hold is dropped if what computed it, or anything that this used, changed; else it is kept."""

    def assertComputedAnew(self, text: str, first: object, second: object, call: str = "f", **more: str) -> None:
        texts = {name: content.format(first) for name, content in more.items()}
        m = self.load(text.format(first), **texts)
        held = getattr(m, call)
        held(0)
        texts = {name: content.format(second) for name, content in more.items()}
        self.save(text.format(second), **texts)
        self.assertEqual((held(0), getattr(m, call)(0)), (second, second))

    def test_behind_another_decorator(self) -> None:
        deco = "import functools\ndef deco(f):\n    def w(*a): return f(*a)\n    return w\n"
        self.assertComputedAnew(deco + "@functools.cache\n@deco\ndef f(x): return {}\n", 1, 2)
        self.assertComputedAnew(deco + "@deco\n@functools.cache\ndef f(x): return {}\n", 1, 2)

    def test_of_a_decorator_that_changed(self) -> None:
        text = "import functools\ndef deco(f):\n    def w(*a): return {}\n    return w\n@functools.cache\n@deco\ndef f(x): return 0\n"
        self.assertComputedAnew(text, 1, 2)

    def test_that_nobody_but_a_holder_has(self) -> None:
        text = "import functools\ndef make():\n    @functools.cache\n    def g(x): return {}\n    return g\n"
        m = self.load(text.format(1))
        held = m.make()
        held(0)
        self.save(text.format(2))
        self.assertEqual(held(0), 2)

    def test_constants_and_helpers_of_other_modules(self) -> None:
        text = "import functools, k\nfrom k import K as L, help as aid\n@functools.cache\ndef f(x): return {}\n"
        self.assertComputedAnew(text.replace("{}", "L"), 1, 2, k="K = {}\ndef help(x): return 0\n")
        self.assertComputedAnew(text.replace("{}", "k.K"), 3, 4, k="K = {}\ndef help(x): return 0\n")
        self.assertComputedAnew(text.replace("{}", "aid(x)"), 5, 6, k="K = 0\ndef help(x): return {}\n")

    def test_of_methods(self) -> None:
        text = "import functools\nclass C:\n    K = {0}\n    def help(self): return self.K\n    @functools.cache\n    def v(self): return self.help()\n"
        m = self.load(text.format(1))
        instance, bound = m.C(), m.C().v
        instance.v(), bound()
        self.save(text.format(2))
        self.assertEqual((instance.v(), bound()), (2, 2))

    def test_what_nothing_changed_for_stays(self) -> None:
        text = "import functools\nRUNS = []\n@functools.cache\ndef f(x):\n    RUNS.append(x)\n    return x\ndef other(): return {}\n"
        m = self.load(text.format(1))
        m.f(5)
        self.save(text.format(2))
        self.assertEqual((m.f(5), m.RUNS), (5, [5]))


class LazyProperties(PatchCase):
    LAZY = "import functools\n{}class C:\n    def help(self): return {}\n    {}\n    def v(self){}: return {}\nclass D(C): pass\n"

    def assertValue(self, before: tuple[str, ...], after: tuple[str, ...], value: object) -> None:
        m = self.load(self.LAZY.format(*before))
        instance, derived = m.C(), m.D()
        instance.other = derived.other = 5
        instance.v, derived.v
        self.save(self.LAZY.format(*after))
        for each in (instance, derived):
            found = each.v() if callable(each.v) else each.v
            self.assertEqual((found, each.other), (value, 5))

    def test_its_body_changes(self) -> None:
        lazy = "@functools.cached_property"
        self.assertValue(("", "0", lazy, "", "1"), ("", "0", lazy, "", "2"), 2)

    def test_its_signature_changes(self) -> None:
        lazy = "@functools.cached_property"
        self.assertValue(("", "0", lazy, "", "1"), ("", "0", lazy, " -> int", "2"), 2)

    def test_what_it_uses_changes(self) -> None:
        lazy = "@functools.cached_property"
        self.assertValue(("", "1", lazy, "", "self.help()"), ("", "2", lazy, "", "self.help()"), 2)
        self.assertValue(("K = 3\n", "1", lazy, "", "K"), ("K = 4\n", "1", lazy, "", "K"), 4)

    def test_it_becomes_something_else_and_back(self) -> None:
        lazy = "@functools.cached_property"
        self.assertValue(("", "0", lazy, "", "1"), ("", "0", "@property", "", "2"), 2)
        self.assertValue(("", "0", lazy, "", "3"), ("", "0", "", "", "4"), 4)
        self.assertValue(("", "0", "@property", "", "5"), ("", "0", lazy, "", "6"), 6)

    def test_it_is_removed(self) -> None:
        m = self.load("import functools\nclass C:\n    @functools.cached_property\n    def v(self): return 1\n")
        instance = m.C()
        instance.v
        self.save("import functools\nclass C: pass\n")
        self.assertFalse(hasattr(instance, "v"))

    def test_results_come_back_with_a_rollback(self) -> None:
        text = "import functools\nclass C:\n    @functools.cached_property\n    def v(self): return {}\n"
        m = self.load(text.format(1))
        instance = m.C()
        instance.v
        self.assertFails(self.try_save(text.format(2) + "1 / 0\n"), "ZeroDivision")
        self.assertEqual((instance.__dict__, instance.v), ({"v": 1}, 1))


class Docstrings(PatchCase):
    def test_what_copied_a_docstring_has_the_new_one(self) -> None:
        text = """
            import functools
            def deco(f):
                @functools.wraps(f)
                def w(*a): return f(*a)
                return w
            @deco
            @deco
            def f(): "{0}"
            @functools.cache
            def g(): "{0}"
            class C:
                @property
                def p(self): "{0}"
                @classmethod
                def k(cls): "{0}"
                @functools.cached_property
                def lazy(self): "{0}"
            """
        m = self.load(text.format("one"))
        f, p = m.f, m.C.p
        self.save(text.format("two"))
        found = [each.__doc__ for each in (f, m.g, p, m.C.k, vars(m.C)["lazy"])]
        self.assertEqual(found, ["two"] * 5)
        self.assertEqual(self.executed(), [])

    def test_one_that_the_program_wrote_stays(self) -> None:
        m = self.load("import functools\ndef f(): 'one'\n@functools.wraps(f)\ndef w(): return f()\n")
        m.w.__doc__ = "mine"
        self.save("import functools\ndef f(): 'two'\n@functools.wraps(f)\ndef w(): return f()\n")
        self.assertEqual((m.f.__doc__, m.w.__doc__), ("two", "mine"))


class Partials(PatchCase):
    def test_partials_of_a_function_that_gets_a_decorator(self) -> None:
        deco = "def deco(f):\n    def w(*a): return ['w', f(*a)]\n    return w\n"
        m = self.load(deco + "def f(a): return a\n")
        held = functools.partial(m.f, 1)
        self.save(deco + "@deco\ndef f(a): return a + 1\n")
        self.assertEqual(held(), ["w", 2])

    def test_partial_methods(self) -> None:
        text = "import functools\nclass C:\n    def v(self, a, b{}): return (a, b, {})\n    p = functools.partialmethod(v, {})\n"
        m = self.load(text.format("", 0, 1))
        instance, bound = m.C(), m.C().p
        self.save(text.format("", 5, 1))
        self.assertEqual((instance.p(2), bound(2)), ((1, 2, 5), (1, 2, 5)))
        self.save(text.format(", c=3", "c", 9))
        self.assertEqual(instance.p(2), (9, 2, 3))


if __name__ == "__main__":
    unittest.main()
