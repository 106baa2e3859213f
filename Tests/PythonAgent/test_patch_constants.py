"""Dependents that bind names to constants are carried out in one go: as statement by statement, in every respect."""

from __future__ import annotations

import sys
import unittest
from typing import Any, Callable
from unittest import mock

from live import PatchCase, patch
from random_probes import describe

LIB = "VAT = 1\nRATE = 2\n"


class Constants(PatchCase):
    def check(self, lib: str, carried_out: int, act: Callable[[], object] | None = None, /, **dependents: str) -> Any:
        """Saves `lib` with and without going through constants at once. `carried_out`: how many statements that was."""
        results = []
        counts: list[int] = []

        def counted(*arguments: Any) -> Any:
            done = bind_constants(*arguments)
            counts.append(len(done))
            return done

        bind_constants = patch.bind_constants
        for way in (counted, lambda *_: []):
            self.load(lib=LIB, **dependents)
            if act is not None:
                act()
            with mock.patch.object(patch, "bind_constants", way):
                report = self.try_save(lib=lib)
            named = {name: describe(dict(vars(module)), 0) for name, module in self.live.modules().items()}
            results.append(({name: report.get(name) for name in ("outcome", "error", "left", "modules")}, named))
            self._unload()
            self.live.records.clear()
        self.assertEqual(results[0], results[1])
        self.assertEqual(sum(counts), carried_out)
        return results[0][0]

    def test_names_and_what_operators_make_of_them(self) -> None:
        report = self.check(
            "VAT = 3\nRATE = 2\n", 7,
            a="from lib import VAT\nTOTAL = VAT + 1\nBIG = VAT > 2\n",
            b="import a\nfrom lib import VAT as V\nfrom a import TOTAL\nPAIR = (TOTAL, -V)\nTEXT = f'{TOTAL!r:>4}'\n",
        )
        self.assertEqual([len(each["changes"]) for each in report["modules"]], [1, 3, 4])

    def test_what_comes_to_the_same_goes_no_further(self) -> None:
        report = self.check(
            "VAT = 3\nRATE = 2\n", 2, a="from lib import VAT\nHAS = VAT > 0\n", b="from a import HAS\nSAID = HAS + 1\n"
        )
        self.assertEqual([each["changed"] for each in report["modules"]], [True, True, False])

    def test_a_constant_that_becomes_something_else(self) -> None:
        for text in ("VAT = [3]\n", "def VAT(): pass\n", "class VAT: pass\n", "import lib\nVAT = lib\n"):
            with self.subTest(text=text):
                self.check(f"{text}RATE = 2\n", 1, a="from lib import VAT\nTWO = (VAT, VAT)\n")

    def test_a_constant_that_goes(self) -> None:
        self.check("RATE = 2\n", 0, a="from lib import VAT\nTOTAL = VAT + 1\n")

    def test_a_statement_that_fails(self) -> None:
        report = self.check(
            "VAT = 0\nRATE = 2\n", 1, a="from lib import VAT\nSHARE = 10\n", b="from lib import VAT\nSHARE = 1 / VAT\n"
        )
        self.assertEqual(report["outcome"], "rolledBack")

    def test_names_that_the_program_has_given_something_else(self) -> None:
        def give(value: Any, name: str) -> Callable[[], object]:
            return lambda: setattr(sys.modules["a"], name, value)

        text = "from lib import VAT, RATE\nTOTAL = RATE + VAT\n"
        for name, value, carried_out in (
            ("RATE", type("Odd", (), {"__add__": lambda self, other: "added"})(), 1),
            ("TOTAL", [1], 1), ("TOTAL", "text", 2), ("TOTAL", object, 1), ("RATE", [], 1), ("RATE", 7, 2),
        ):
            with self.subTest(name=name, value=value):
                self.check("VAT = 3\nRATE = 2\n", carried_out, give(value, name), a=text)

    def test_names_that_the_program_has_removed(self) -> None:
        for name in ("VAT", "TOTAL"):
            with self.subTest(name=name):
                self.check(
                    "VAT = 3\nRATE = 2\n", 2, lambda name=name: delattr(sys.modules["a"], name),
                    a="from lib import VAT\nTOTAL = VAT + 1\n",
                )

    def test_results_that_functions_keep(self) -> None:
        kept = "from functools import lru_cache\nfrom lib import VAT\nTOTAL = VAT + 1\n\n\n@lru_cache\ndef ask():\n    return TOTAL\n"
        self.check("VAT = 3\nRATE = 2\n", 0, lambda: sys.modules["a"].ask(), a=kept)

    def test_functions_that_keep_none(self) -> None:
        text = "from lib import VAT\nTOTAL = VAT + 1\n\n\ndef ask():\n    return TOTAL\n\n\nclass C:\n    def ask(self):\n        return VAT\n"
        self.check("VAT = 3\nRATE = 2\n", 2, a=text)

    def test_hooks(self) -> None:
        text = "from lib import VAT\nTOTAL = VAT + 1\nSEEN = []\n\n\ndef __afresh_after__(old):\n    SEEN.append(old.TOTAL)\n"
        self.check("VAT = 3\nRATE = 2\n", 0, a=text)

    def test_statements_that_do_more(self) -> None:
        for text in (
            "from lib import VAT\nTOTAL = VAT\nTOTAL += 1\n", "from lib import VAT\nONE = TWO = VAT\n",
            "from lib import VAT\nTOTAL = [VAT]\n", "from lib import VAT\nTOTAL = VAT or 2\n",
            "from lib import VAT\nTOTAL = max(VAT, 2)\n", "from lib import VAT\nTOTAL: int = VAT\n",
            "import lib\nTOTAL = lib.VAT + 1\n", "from lib import *\nTOTAL = VAT + 1\n",
            "from lib import VAT\nTOTAL = [VAT for each in '12']\n", "from lib import VAT\nTABLE = {}\nTABLE['x'] = VAT\n",
        ):
            with self.subTest(text=text):
                self.check("VAT = 3\nRATE = 2\n", 0, a=text)

    def test_what_is_too_large_to_be_looked_at(self) -> None:
        self.check("VAT = 20_000\nRATE = 2\n", 1, a="from lib import VAT\nTOTAL = (1, 2) * VAT\n")

    def test_modules_that_import_each_other(self) -> None:
        self.check(
            "VAT = 3\nRATE = 2\n", 4,
            a="import b\nfrom lib import VAT\nTOTAL = VAT + 1\n", b="import a\nfrom lib import VAT\nOTHER = VAT - 1\n",
        )

    def test_modules_that_change_others(self) -> None:
        self.check(
            "VAT = 3\nRATE = 2\n", 0,
            b="V = 0\n", a="import b\nfrom lib import VAT\nb.V = VAT\n", c="import a\nfrom b import V\nTOTAL = V + 1\n",
        )


if __name__ == "__main__":
    unittest.main()
