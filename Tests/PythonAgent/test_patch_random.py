"""Random programs and edits: after each save the patched program answers every probe as a freshly started one does, or the
report names what differs. `fuzz.py` plays many more of them, and one again by its seed.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import textwrap
import unittest
from pathlib import Path

from fuzz import Player
from random_programs import Program

SEEDS = tuple(range(1000, 1014))  # always the same; new ones are for `fuzz.py`
STEPS = 12


class RandomPrograms(Player):
    def test_patched_and_fresh_programs_agree(self) -> None:
        for seed in SEEDS:
            with self.subTest(seed=seed):
                self.play(seed, STEPS)
        self.assertGreater(self.counts["the same"], 10, self.counts)

    def test_an_import_answers_as_a_new_interpreter_does(self) -> None:
        """What programs are compared with is imported in this process: that is as good as a new one."""
        for seed in (1, 2, 3):
            program = Program(random.Random(seed))
            texts = program.texts()
            self._forget()
            here = self._fresh(program.names, texts)
            script = """
                import json, sys
                sys.path[:0] = sys.argv[1:3]
                from random_probes import probe
                import importlib
                print(json.dumps({name: probe(importlib.import_module(name)) for name in sys.argv[3:]}))
            """
            command = [sys.executable, "-c", textwrap.dedent(script), str(Path(__file__).parent), self.root, *program.names]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
            if isinstance(here, Exception):
                self.assertIn(type(here).__name__, done.stderr)
            else:
                self.assertEqual(json.loads(done.stdout), json.loads(json.dumps(here)))


del Player  # or unittest would collect it too

if __name__ == "__main__":
    unittest.main()
