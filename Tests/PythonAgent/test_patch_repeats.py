"""Statements that are executed again and put something into lists that are there: the patch policy."""

from __future__ import annotations

import gc
import sys
import unittest
import weakref

from live import PatchCase


class Repeats(PatchCase):
    HEAD = """
        HANDLERS, ROUTES = object.__new__(type('R', (), {})), []
        HANDLERS.items = []
        def on(f):
            HANDLERS.items.append(f)
            return f
        def wrapped(f):
            def wrapper(*given): return f(*given)
            HANDLERS.items.append(wrapper)
            return wrapper
        def route(path):
            def deco(f):
                ROUTES.append((path, f))
                return f
            return deco
        """

    def test_a_registration_made_again_is_there_once(self) -> None:
        text = "from reg import on, wrapped, route\n{0}\ndef f(a={1}): return a\n"
        self.load(reg=self.HEAD)
        reg = sys.modules["reg"]
        for number, decorator in enumerate(("@on", "@wrapped", "@route('/')")):
            with self.subTest(decorator):
                name = f"m{number}"
                m = self.load(**{name: text.format(decorator, 1)})
                self.save(**{name: text.format(decorator, 2)})
                self.assertEqual((len(reg.HANDLERS.items) + len(reg.ROUTES), m.f()), (number + 1, 2))
                self.assertEqual(self.not_applied(), [])
        self.assertEqual([each() for each in reg.HANDLERS.items] + [f() for _, f in reg.ROUTES], [2, 2, 2])

    def test_what_is_registered_otherwise_comes_in_its_place(self) -> None:
        text = "from reg import route\n@route('/{0}')\ndef f(): return 1\n"
        self.load(reg=self.HEAD)
        self.load(m=text.format("a"))
        self.save(m=text.format("b"))
        self.assertEqual([path for path, _ in sys.modules["reg"].ROUTES], ["/b"])
        self.assertEqual(self.not_applied(), [])

    def test_a_registry_that_the_program_drops_is_gone(self) -> None:
        class Marker:
            pass

        text = "from reg import route\n@route('/{0}')\ndef f(): return {1}\n"
        self.load(reg="ROUTES = {}\ndef route(path):\n    def deco(f):\n        ROUTES[path * 2] = f\n        return f\n    return deco\n")
        self.load(m=text.format("a", 1))
        self.save(m=text.format("b", 1))
        self.assertEqual(self.not_applied(), ["f"])
        self.save(m=text.format("b", 2))
        self.assertEqual(self.not_applied(), ["f"])  # it is still there under the key of before
        marker = Marker()
        gone = weakref.ref(marker)
        sys.modules["reg"].ROUTES["marker"] = marker
        sys.modules["reg"].ROUTES = {}
        del marker
        gc.collect()
        self.assertIsNone(gone())
        self.save(m=text.format("b", 3))
        self.assertEqual(self.not_applied(), [])

    def test_calls_that_register(self) -> None:
        text = "import reg\nP = {0}\ndef f(): return 1\nreg.ROUTES.append((P, f))\nreg.ROUTES.append(('/', f))\n"
        self.load(reg=self.HEAD)
        self.load(m=text.format(1))
        report = self.save(m=text.format(2))
        (change,) = [each for each in report["modules"][0]["changes"] if not each["applied"]]
        self.assertEqual((change["range"]["start"]["line"], "still there" in change["reason"]), (3, True))
        self.assertEqual(len(sys.modules["reg"].ROUTES), 3)
        self.save(m=text.format(2).replace("('/', f)", "('/', f, 1)"))
        self.assertEqual(self.not_applied(), ["reg.ROUTES.append(('/', f, 1))"])

    def test_lists_that_are_made_anew_too_are_as_after_a_start(self) -> None:
        text = "K = {}\nL = [K]\nL.append(K + 1)\nclass R:\n    def __init__(self, k): self.items = [k]\nr = R(K)\nr.items.append(K)\n"
        m = self.load(text.format(1))
        self.save(text.format(5))
        self.assertEqual((m.L, m.r.items, self.not_applied()), ([5, 6], [5, 5], []))

    def test_a_statement_that_is_new_adds_what_it_adds(self) -> None:
        self.load(reg=self.HEAD)
        self.load(m="import reg\nreg.ROUTES.append(1)\n")
        self.save(m="import reg\nreg.ROUTES.append(1)\nreg.ROUTES.append(1)\n")
        self.assertEqual((sys.modules["reg"].ROUTES, self.not_applied()), ([1, 1], []))


class Fillings(PatchCase):
    """Containers that plain statements of the module fill are as after a start, and stay the objects that they are."""

    TEXT = """
        import collections
        NAMES = {0}
        LIST, TABLE, SEEN, COUNTS = [], 0, 0, 0
        LIST = 0
        LIST2 = ['first']
        for n in NAMES:
            LIST2.append(n.upper())
        LIST2.append('last')
        TABLE2 = {{}}
        for i, n in enumerate(NAMES):
            TABLE2[n] = i
        TABLE2['all'] = len(NAMES)
        SET = set()
        SET.update(NAMES)
        GROUPS = collections.defaultdict(list)
        if NAMES:
            GROUPS.update({{len(NAMES): NAMES}})
        SIZES = (len(LIST2), len(TABLE2), len(SET), sorted(TABLE2))
        def look(n): return n in TABLE2 and TABLE2[n]
        """

    def test_a_list_that_another_constant_fills(self) -> None:
        m = self.load(self.TEXT.format("['a', 'b', 'c']"))
        held = (m.LIST2, m.TABLE2, m.SET, m.GROUPS)
        for names in (["a", "c"], ["x", "a", "y", "z"], [], ["b"]):
            self.save(self.TEXT.format(names))
            upper = [n.upper() for n in names]
            self.assertEqual((m.LIST2, list(m.TABLE2)), (["first", *upper, "last"], [*names, "all"]))
            self.assertEqual((m.SET, dict(m.GROUPS)), (set(names), {len(names): names} if names else {}))
            self.assertEqual(m.SIZES[:3], (len(names) + 2, len(names) + 1, len(names)))
            self.assertEqual([now is then for now, then in zip((m.LIST2, m.TABLE2, m.SET, m.GROUPS), held)], [True] * 4)
            self.assertEqual(self.not_applied(), [])

    def test_edits_of_the_statements_that_fill(self) -> None:
        m = self.load("L = []\nL.append(1)\nL.append(2)\nD = {}\nD['a'] = 1\nD['b'] = 2\n")
        lst, table = m.L, m.D
        for text, expected in (
            ("L = []\nL.append(1)\nL.append(20)\nD = {}\nD['a'] = 1\nD['c'] = 2\n", ([1, 20], {"a": 1, "c": 2})),
            ("L = []\nL.append(20)\nD = {}\nD['c'] = 2\n", ([20], {"c": 2})),
            ("L = []\nL.append(0)\nL.append(20)\nD = {}\nD['z'] = 0\nD['c'] = 2\n", ([0, 20], {"z": 0, "c": 2})),
            ("L = [9]\nL.append(0)\nL.append(20)\nD = {9: 9}\nD['z'] = 0\nD['c'] = 2\n", ([9, 0, 20], {9: 9, "z": 0, "c": 2})),
        ):
            self.save(text)
            self.assertEqual(((m.L, m.D), list(m.D), self.not_applied()), (expected, list(expected[1]), []))
        self.assertEqual((m.L is lst, m.D is table), (True, True))

    def test_a_statement_that_comes_last_leaves_what_the_program_put_there(self) -> None:
        m = self.load("L = []\nL.append(1)\n")
        m.L.append("state")
        self.save("L = []\nL.append(1)\nL.append(2)\n")
        self.assertEqual(m.L, [1, "state", 2])

    def test_containers_that_others_may_fill_keep_what_is_there(self) -> None:
        for number, more in enumerate((
            "def add(x): L.append(x)\n", "ALIAS = L\n", "class C:\n    items = L\n", "def get(): return L\n",
            "import json\njson.afresh = L\ndel json.afresh\n", "def f(items=L): items.append(1)\n",
        )):
            with self.subTest(more):
                name = f"m{number}"
                text = "K = {}\nL = []\nL.append(K)\n" + more
                m = self.load(**{name: text.format(1)})
                m.L.append("state")
                self.save(**{name: text.format(2)})
                self.assertEqual((m.L, self.not_applied()), ([1, "state", 2], ["L.append(K)"]))

    def test_a_dependent_reads_what_is_there_now(self) -> None:
        self.load(b="from a import L\nT = tuple(L)\n", a="K = 1\nL = []\nL.append(K)\n")
        held = sys.modules["b"].L
        self.save(a="K = 2\nL = []\nL.append(K)\n")
        self.assertEqual((sys.modules["b"].T, held, held is sys.modules["a"].L), ((2,), [2], True))

    def test_a_failing_save_leaves_the_container_as_it_was(self) -> None:
        m = self.load("K = 1\nL = []\nL.append(K)\nD = {}\nD[K] = K\n")
        lst, table = m.L, m.D
        self.assertFails(self.try_save("K = 2\nL = []\nL.append(K)\nD = {}\nD[K] = K\n1 / 0\n"), "ZeroDivisionError")
        self.assertEqual((m.L, m.D, m.L is lst, m.D is table), ([1], {1: 1}, True, True))


if __name__ == "__main__":
    unittest.main()
