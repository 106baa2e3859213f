"""Where large lists and tuples hold an object, without touching what they hold."""
from __future__ import annotations

import collections
import sys
import unittest
from unittest import mock

from stale_program import Case, briefly, stale

from _afresh import stale_memory as memory


class Listed(list):
    __slots__ = ("more",)


class Paired(tuple):
    pass


Wide = collections.namedtuple("Wide", [f"field{number}" for number in range(2000)])


@unittest.skipUnless(sys.platform == "linux", "other systems do not show a process its memory")
class Memory(unittest.TestCase):
    def setUp(self) -> None:
        memory.open_memory()
        self.addCleanup(memory.close_memory)

    def test_places_are_those_that_a_walk_finds(self):
        one, two, other = object(), object(), object()
        contents = [*range(1500), one, *range(300), two, one, *range(198)]
        grown = []
        for each in contents:
            grown.append(each)
        for holder in (contents, tuple(contents), Listed(contents), Paired(contents), Wide(*contents[:2000]), grown):
            with self.subTest(type(holder).__name__):
                self.assertEqual(memory.place(holder, one, 0), 1500)
                self.assertEqual(memory.place(holder, one, 1), 1802)
                self.assertEqual(memory.place(holder, one, 2), -1)
                self.assertEqual(memory.place(holder, two, 0), 1801)
                self.assertEqual(memory.place(holder, other, 0), -1)
                self.assertEqual(memory.held(holder, {id(one), id(other)}), {id(one)})
                many = {id(one), id(two), *(id(object()) for _ in range(100)), *range(100)}
                self.assertEqual(memory.held(holder, many), many & set(map(id, holder)))

    def test_of_others_nothing_is_known(self):
        one = object()
        for holder in ([one], (one,), dict.fromkeys(range(5000), one), set(range(5000)), one):
            self.assertIsNone(memory.place(holder, one, 0))
            self.assertIsNone(memory.held(holder, {id(one)}))

    def test_no_reference_is_counted(self):
        one = object()
        holder = [one, *[None] * 5000]
        before = sys.getrefcount(one)
        self.assertEqual(memory.place(holder, one, 0), 0)
        self.assertEqual(sys.getrefcount(one), before)

    def test_an_interpreter_whose_lists_are_made_otherwise_is_left_alone(self):
        memory.close_memory()
        with mock.patch.object(memory, "_WORD", 4):
            memory.open_memory()
        self.assertIsNone(memory.place([None] * 5000, None, 0))

    def test_before_it_is_opened_nothing_is_known(self):
        memory.close_memory()
        self.assertIsNone(memory.place([None] * 5000, None, 0))


    def test_as_much_is_kept_as_may_be(self):
        lists = [[object() for _ in range(2000)] for _ in range(20)]
        with mock.patch.object(memory, "_MOST_KEPT", 5 * 16_000):
            for _ in range(2):
                for each in lists:
                    self.assertEqual(memory.place(each, each[-1], 0), 1999)
                    self.assertLessEqual(sum(map(len, memory._kept.values())), 5 * 16_000)


class Deep(Case):
    """Far below large lists and tuples, where no walk comes to: the whole way is named."""

    def test_the_way_is_named_with_and_without_that(self):
        program = self.program(shop="def price(): return 1\n", cart="")
        program["cart"]["orders"] = [({"n": number, "lines": [number]}, number) for number in range(30_000)]
        program["cart"]["rows"] = tuple([[number, {"n": number}] for number in range(20_000)])
        program["cart"]["orders"][25_000][0]["lines"].append({"f": program["shop"]["price"]})
        program["cart"]["rows"][15_000][1]["f"] = program["shop"]["price"]
        program.save("shop", "def price(): return 2\n")
        expected = [("shop.price", "registration", "cart.orders[25000][0]['lines'][1]['f']", 1),
                    ("shop.price", "registration", "cart.rows[15000][1]['f']", 1)]
        self.assertEqual(briefly(program.scan()), expected)
        with mock.patch.object(stale.stale_memory, "open_memory"):
            self.assertEqual(briefly(program.scan()), expected)


if __name__ == "__main__":
    unittest.main()
