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

    def test_members_keep_identity_equality_and_hash_when_values_move(self) -> None:
        m = self.load(ENUM + "class E(Enum):\n    A = auto()\n    B = auto()\n")
        a, b = m.E.A, m.E.B
        held, before = {a: "a", b: "b"}, (hash(a), hash(b))
        self.save(ENUM + "class E(Enum):\n    Z = auto()\n    B = auto()\n    A = auto()\n")
        self.assertEqual((m.E.A is a, m.E.B is b, a.value, b.value), (True, True, 3, 2))
        self.assertEqual((held[m.E.A], held[m.E.B], (hash(a), hash(b)), m.E(3) is a), ("a", "b", before, True))
        self.assertEqual([member.name for member in m.E], ["Z", "B", "A"])

    def test_a_renamed_member_is_the_member_of_its_value(self) -> None:
        m = self.load(ENUM + "class E(Enum):\n    A = 1\n    B = 2\n")
        a = m.E.A
        self.save(ENUM + "class E(Enum):\n    FIRST = 1\n    B = 2\n")
        self.assertEqual((m.E.FIRST is a, m.E(1) is a, a.name, hasattr(m.E, "A")), (True, True, "FIRST", False))

    def test_flags_that_were_combined_before_they_got_a_name(self) -> None:
        m = self.load(ENUM + "class F(Flag):\n    A = 1\n    B = 2\n")
        both = m.F.A | m.F.B
        self.save(ENUM + "class F(Flag):\n    A = 1\n    B = 2\n    C = 4\n    AB = A | B\n")
        self.assertEqual((m.F.AB is both, both == m.F.A | m.F.B, both.name, (~both).value), (True, True, "AB", 4))
        self.assertEqual(list(m.F), [m.F.A, m.F.B, m.F.C])

    def test_constructors_methods_and_properties_of_members(self) -> None:
        text = ENUM + "class E(Enum):\n    A = (1, 2)\n    def __init__(self, x, y): self.sum = x + y{0}\n    def v(self): return {1}\n    @property\n    def p(self): return {1}\n"
        m = self.load(text.format("", 1))
        a, bound = m.E.A, m.E.A.v
        self.save(text.format(" + 10", 2))
        self.assertEqual((m.E.A is a, a.sum, a.v(), bound(), a.p), (True, 13, 2, 2, 2))

    def test_matching_and_defaults_elsewhere(self) -> None:
        other = """
            from k import E
            def f(x=E.A):
                match x:
                    case E.A: return "a"
                    case E.B: return "b"
            """
        m = self.load(m=other, k=ENUM + "class E(Enum):\n    A = 1\n    B = 2\n")
        b, f = m.E.B, m.f
        self.save(k=ENUM + "class E(Enum):\n    NEW = 0\n    B = 1\n    A = 2\n")
        self.assertEqual((f(), f(b), f(m.E.NEW)), ("a", "b", None))

    def test_a_removed_member_stays_one_of_its_class_for_who_holds_it(self) -> None:
        m = self.load(ENUM + "class E(Enum):\n    A = 1\n    B = 2\n")
        b = m.E.B
        self.save(ENUM + "class E(Enum):\n    A = 1\n")
        self.assertEqual((isinstance(b, m.E), b.name, b in list(m.E), len(m.E)), (True, "B", False, 1))

    def test_nested_enumerations(self) -> None:
        m = self.load(ENUM + "class C:\n    class E(Enum):\n        A = 1\n")
        a = m.C.E.A
        self.save(ENUM + "class C:\n    class E(Enum):\n        A = 1\n        B = 2\n")
        self.assertEqual((m.C.E.A is a, m.C.E.B.value), (True, 2))

    def test_an_enumeration_that_has_moved_is_as_it_was_after_a_failing_save(self) -> None:
        m = self.load("import enum\nimport os\nclass E(enum.Enum):\n    A = 1\n")
        before = dict(vars(m.E))
        report = self.try_save("import enum\nclass E(enum.Enum):\n    A = 1\n    B = 2\nD = os\nraise ValueError\n")
        self.assertEqual((report["outcome"], report["left"]), ("rolledBack", []))
        self.assertEqual(dict(vars(m.E)), before)


if __name__ == "__main__":
    unittest.main()
