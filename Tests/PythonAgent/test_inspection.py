"""What the checker says about a text for an editor: definitions, the name at a place, and edits that keep its meaning."""
from __future__ import annotations

import base64
import textwrap
import unittest
from typing import Any

from live import Checker, CheckerFailure


class InspectionCase(unittest.TestCase):
    checker: Checker

    @classmethod
    def setUpClass(cls) -> None:
        cls.checker = Checker()

    @classmethod
    def tearDownClass(cls) -> None:
        cls.checker.close()

    def inspect(self, text: str, mark: str = "") -> Any:
        """`mark`: the first place in the text where it stands is asked about."""
        text = textwrap.dedent(text)
        parameters: dict[str, Any] = {"source": base64.b64encode(text.encode()).decode()}
        if mark:
            before = text[: text.index(mark)]
            line, column = before.count("\n"), len(before[before.rfind("\n") + 1:].encode())
            place = {"line": line, "column": column}
            parameters["range"] = {"start": place, "end": place}
        return self.checker.request("inspect", **parameters)

    def name(self, text: str, mark: str) -> str | None:
        found = self.inspect(text, mark).get("name")
        return None if found is None else ".".join(found["path"])

    def edited(self, text: str, mark: str, kind: str) -> str | None:
        """The text after the edit that is offered; None if none is."""
        text = textwrap.dedent(text)
        edits = [edit for edit in self.inspect(text, mark)["edits"] if edit["kind"] == kind]
        if not edits:
            return None
        lines = text.encode().split(b"\n")
        starts = [sum(len(line) + 1 for line in lines[:number]) for number in range(len(lines))]
        result = text.encode()
        offsets = [[starts[change["range"][end]["line"]] + change["range"][end]["column"] for end in ("start", "end")]
                   for change in edits[0]["changes"]]
        for (start, end), change in sorted(zip(offsets, edits[0]["changes"]), key=lambda pair: pair[0], reverse=True):
            result = result[:start] + change["new"].encode() + result[end:]
        return result.decode()

    def value_of(self, text: str, name: str) -> Any:
        namespace: dict[str, Any] = {}
        exec(compile(text, "<text>", "exec"), namespace)
        return namespace[name]


class Definitions(InspectionCase):
    def test_functions_and_classes_at_module_level_are_found_by_their_names(self) -> None:
        answer = self.inspect("""
            @dec
            async def é(): pass
            class  C:
                def method(self): pass
            if True:
                def inner(): pass
            try: pass
            except ValueError:
                def handled(): pass
            """)
        found = [(each["name"], each["kind"], each["range"]["start"]) for each in answer["definitions"]]
        self.assertEqual(found, [
            ("é", "function", {"line": 2, "column": 10}), ("C", "class", {"line": 3, "column": 7}),
            ("inner", "function", {"line": 6, "column": 8}), ("handled", "function", {"line": 9, "column": 8})])

    def test_a_text_that_does_not_compile_has_none(self) -> None:
        self.assertEqual(self.inspect("def f(:"), {"definitions": [], "assignments": [], "edits": []})

    def test_a_request_that_makes_no_sense_is_refused(self) -> None:
        for parameters in ({}, {"source": 5}, {"source": "", "range": 5}, {"source": "", "range": {"start": {}}}):
            with self.assertRaises(CheckerFailure):
                self.checker.request("inspect", **parameters)


class Names(InspectionCase):
    def test_names_of_the_module(self) -> None:
        text = "import shop as s\nRATE = 1\ndef price(x=RATE):\n    return x * RATE + s.tax.value\nclass C: y = RATE\n"
        for mark, name in [("RATE", "RATE"), ("price", "price"), ("RATE)", "RATE"), ("RATE +", "RATE"), ("s\n", "s"),
                           ("s.tax", "s"), ("tax", "s.tax"), ("value", "s.tax.value"), ("C:", "C")]:
            with self.subTest(mark):
                self.assertEqual(self.name(text, mark), name)

    def test_other_names_are_not_taken_for_them(self) -> None:
        text = "x = 1\ndef f(x):\n    y = x\n    return [z for z in y]\nclass C:\n    x = 2\n    w = x\nf('q').x\n'x !'\n"
        for mark in ("x)", "x\n    return", "z for", "y]", "x\nf(", "x\n'x", "x !"):
            with self.subTest(mark):
                self.assertIsNone(self.name(text, mark))

    def test_a_method_does_not_see_the_names_of_its_class(self) -> None:
        self.assertEqual(self.name("x = 1\nclass C:\n    x = 2\n    def m(self): return x # here", "x # here"), "x")

    def test_global_declarations_count(self) -> None:
        self.assertEqual(self.name("x = 1\ndef f():\n    global x\n    x = 2 # here", "x = 2 # here"), "x")


class Keeping(InspectionCase):
    def test_a_value_is_kept_by_the_form_of_the_contract(self) -> None:
        self.assertEqual(self.edited("a = 1\nCACHE = {}\nb = 2\n", "CACHE", "keep"),
                         "a = 1\ntry:\n    CACHE\nexcept NameError:\n    CACHE = {}\nb = 2\n")

    def test_it_means_the_same_in_a_fresh_program_and_keeps_in_a_running_one(self) -> None:
        for statement in ("K = [1,\n  2]", 'K = """a\n  b""" + f("""\n  c""")', "K: list = [\n1]  # why",
                          "K = f(f'''\n  {1 +\n 1}\n''')"):
            with self.subTest(statement):
                text = "def f(x): return x\n" + statement + "\n"
                edited = self.edited(text, "K", "keep")
                assert edited is not None
                self.assertEqual(self.value_of(edited, "K"), self.value_of(text, "K"))
                namespace: dict[str, Any] = {"K": "kept"}
                exec(edited, namespace)
                self.assertEqual(namespace["K"], "kept")

    def test_it_is_not_offered_where_it_would_mean_something_else(self) -> None:
        for text in ("K = 1; L = 2\n", "K += 1\n", "K, L = 1, 2\n", "def K(): pass\n", "K: int\n", "K = L = 1\n",
                     "if 1:\n    K = 1\n", "K = 0\nK = K + 1 # K\n"):
            with self.subTest(text):
                self.assertIsNone(self.edited(text, "K + 1" if "K + 1" in text else "K", "keep"))


class Qualifying(InspectionCase):
    def test_a_from_import_becomes_access_through_the_module(self) -> None:
        self.assertEqual(
            self.edited("from shop.pricing import price\ndef f():\n    return price(1) + price\n", "price\n", "qualify"),
            "import shop.pricing\ndef f():\n    return shop.pricing.price(1) + shop.pricing.price\n")

    def test_other_names_of_the_statement_stay(self) -> None:
        for before, after in [
            ("a, price, b", "a, b"), ("price, b", "b"), ("a, price", "a"), ("(\n    a,\n    price as it,\n)", "(\n    a,\n)")
        ]:
            with self.subTest(before):
                text = f"from shop import {before}\nx = {'it' if 'it' in before else 'price'}\n"
                self.assertEqual(self.edited(text, "price", "qualify"),
                                 f"import shop\nfrom shop import {after}\nx = shop.price\n")

    def test_relative_imports(self) -> None:
        self.assertEqual(self.edited("from .pricing import price\nprice()\n", "price\n", "qualify"),
                         "from . import pricing\npricing.price()\n")
        self.assertEqual(self.edited("from ..shop.pricing import price as p\np()\n", "price", "qualify"),
                         "from ..shop import pricing\npricing.price()\n")

    def test_it_is_not_offered_where_it_would_mean_something_else(self) -> None:
        for more in ("def g(price): return price", "price = 2", "shop = 1", "def g(shop): pass", "__all__ = ['price']",
                     "def g(x: 'price'): pass", "import other as shop", "global price", "from x import shop",
                     "def price(): pass"):
            with self.subTest(more):
                self.assertIsNone(self.edited(f"from shop import price\n{more}\nprice\n", "price", "qualify"))
        for text in ("from . import price\nprice()\n", "from shop import *\n", "from __future__ import annotations\n"):
            with self.subTest(text):
                self.assertIsNone(self.edited(text, "import", "qualify"))

    def test_uses_inside_f_strings_are_right_or_it_is_not_offered(self) -> None:
        text = "from shop import price\ndef g(): return f'{price:>5}'\n"
        edited = self.edited(text, "price", "qualify")
        self.assertIn(edited, (None, "import shop\ndef g(): return f'{shop.price:>5}'\n"))


if __name__ == "__main__":
    unittest.main()
