"""Members of enumerations, held from before an edit: the patch policy."""

from __future__ import annotations

import unittest

from live import PatchCase

ENUM = "from enum import *\n"


class Enumerations(PatchCase):
    def test_an_enumeration_becomes_one_of_integers_and_the_interpreter_stays_as_it_is(self) -> None:
        m = self.load(ENUM + "class E(Enum):\n    A = 1\n")
        made = object.__new__
        self.save(ENUM + "class E(IntEnum):\n    A = 1\n")
        self.assertEqual((m.E.A + 1, m.E(1) is m.E.A), (2, True))
        self.assertIs(object.__new__, made)

    def test_integers_become_a_plain_enumeration(self) -> None:
        m = self.load(ENUM + "class E(IntEnum):\n    A = 1\n")
        self.save(ENUM + "class E(Enum):\n    A = 1\n")
        self.assertNotEqual(m.E.A, 1)


if __name__ == "__main__":
    unittest.main()
