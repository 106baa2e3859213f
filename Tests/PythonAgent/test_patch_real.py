"""Random edits of real code: some of the library's modules, some seeds, always the same. `fuzz_real.py` plays many more."""

from __future__ import annotations

import unittest
from unittest import mock

from fuzz import Disagreement
from fuzz_real import RealPlayer

PROGRAMS = ((1, "colorsys"), (2, "textwrap"), (3, "graphlib"))  # the seed and the module
STEPS = 5


class RealCode(RealPlayer):
    def test_patched_and_fresh_programs_agree(self) -> None:
        for seed, module in PROGRAMS:
            with self.subTest(seed=seed, module=module):
                self.modules = (module,)
                self.play(seed, STEPS)
        self.assertGreater(self.counts["the same"], 3, self.counts)

    def test_code_that_stays_old_is_noticed(self) -> None:
        self.modules = ("textwrap",)
        with mock.patch("_afresh.patch.swap_functions", return_value=([], [])), self.assertRaises(Disagreement) as raised:
            for seed in range(3):
                self.play(seed, STEPS)
        self.assertIn("differs, and the report does not say so", str(raised.exception))


del RealPlayer  # or unittest would collect it too

if __name__ == "__main__":
    unittest.main()
