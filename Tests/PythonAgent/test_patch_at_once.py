"""What other threads see of a class while it changes: the old class or the new one, never the methods of one with the bases, or the
members, of the other.
"""

from __future__ import annotations

import sys
import unittest
from typing import Any, Callable

from live import PatchCase, Transaction

KINDS = "class A:\n    def hello(self): return 'a'\nclass B:\n    def hallo(self): return 'b'\n"


class AtOnce(PatchCase):
    def watched(self, ask: Callable[[], Any], save: Callable[[], Any]) -> list[Any]:
        """What is answered wherever other threads may get their turn during a save, each answer once in a row."""
        answers: list[Any] = []

        def note(*_event: object) -> None:
            try:
                answer = ask()
            except Exception as error:
                answer = repr(error)
            if answers[-1:] != [answer]:
                answers.append(answer)

        sys.setprofile(note)
        try:
            save()
        finally:
            sys.setprofile(None)
        return answers

    def changes(self, before: str, after: str, answers: list[Any], ask: str = "C().m()", **others: str) -> None:
        module = self.load(before, **{"kinds": KINDS, **others})
        code = compile(ask, "<test>", "eval")
        found = self.watched(lambda: eval(code, vars(module)), lambda: self.save(after))
        self.assertEqual(found, answers)

    def test_a_class_whose_method_uses_its_base(self) -> None:
        text = "from kinds import A, B\nclass C(A):\n    def m(self): return self.hello()\n"
        self.changes(text, text.replace("(A)", "(B)").replace("hello", "hallo"), ["a", "b"])

    def test_a_class_whose_method_calls_that_of_its_base(self) -> None:
        kinds = "class A:\n    def m(self): return 'a' + self.n()\nclass B:\n    def m(self): return 'b' + self.k()\n"
        text = "from kinds import A, B\nclass C(A):\n    def n(self): return 'n'\n    def m(self): return super().m()\n"
        self.changes(text, text.replace("(A)", "(B)").replace("n(self)", "k(self)"), ["an", "bn"], kinds=kinds)

    def test_a_method_that_is_inherited_now(self) -> None:
        kinds = "class A:\n    def a(self): return 'a'\nclass B:\n    def m(self): return 'b'\n"
        text = "from kinds import A, B\nclass C(A):\n    def m(self): return self.a()\n"
        self.changes(text, "from kinds import A, B\nclass C(B): pass\n", ["a", "b"], kinds=kinds)

    def test_a_class_that_is_derived_from_it(self) -> None:
        text = "from kinds import A, B\nclass C(A):\n    def m(self): return self.hello()\nclass D(C): pass\n"
        self.changes(text, text.replace("(A)", "(B)").replace("hello", "hallo"), ["a", "b"], ask="D().m()")

    def test_a_base_and_what_is_derived_from_it(self) -> None:
        text = "from kinds import A, B\nclass C(A):\n    def m(self): return self.hello()\nclass D(C, A):\n    def m(self): return super().m()\n"
        self.changes(text, text.replace("A)", "B)").replace("hello", "hallo"), ["a", "b"], ask="D().m()")

    def test_abstract_methods(self) -> None:
        kinds = (
            "from abc import ABC, abstractmethod\nclass A(ABC):\n    @abstractmethod\n    def a(self): ...\n    def m(self): return self.a()\n"
            "class B(ABC):\n    @abstractmethod\n    def b(self): ...\n    def m(self): return self.b()\n"
        )
        text = "from kinds import A, B\nclass C(A):\n    def a(self): return 1\nclass D(C): pass\n"
        self.changes(text, text.replace("(A)", "(B)").replace("a(", "b("), ["1"], ask="str(D().m())", kinds=kinds)

    def test_a_class_that_another_one_takes_the_place_of(self) -> None:
        text = "class C:\n    def __init__(self): self.x = 'a'\n    def m(self): return self.x\nclass D(C): pass\n"
        after = text.replace("class C:\n", "class C:\n    __slots__ = ('y',)\n").replace("self.x", "self.y").replace("'a'", "'b'")
        self.changes(text, after, ["aa", "ba", "bb"], ask="C().m() + D().m()")  # each for itself

    def test_a_save_that_fails(self) -> None:
        text = "from kinds import A, B\nclass C(A):\n    def m(self): return self.hello()\n"
        module = self.load(text, kinds=KINDS)
        A, B, C = module.A, module.B, module.C
        after = text.replace("(A)", "(B)").replace("hello", "hallo")
        reports = []
        found = self.watched(lambda: C().m(), lambda: reports.append(self.try_save(after + "X = C().m() + 1\n")))
        self.assertFails(reports[0], "TypeError")
        self.assertEqual(found, ["a", "b", "a"])
        self.assertEqual((C.__bases__, A.__subclasses__(), B.__subclasses__()), ((A,), [C], []))

    def test_the_order_of_subclasses_after_a_save_that_fails(self) -> None:
        text = "from kinds import A, B\nclass C(A): pass\nclass D(A): pass\n"
        module = self.load(text, kinds=KINDS)
        self.assertFails(self.try_save(text.replace("C(A)", "C(A, B)") + "X = 1 / 0\n"), "ZeroDivisionError")
        self.assertEqual(module.A.__subclasses__(), [module.C, module.D])

    def test_bases_that_do_not_go_together(self) -> None:
        text = "from kinds import A, B\nclass C(A):\n    def m(self): return self.hello()\nclass D(C, A): pass\n"
        module = self.load(text, kinds=KINDS)
        C = module.C
        report = self.try_save(text.replace("C(A)", "C(B)").replace("D(C, A)", "D(B, C)"))
        self.assertFails(report, "TypeError")
        self.assertEqual((module.C, C.__mro__, module.D.__mro__), (C, (C, module.A, object), (module.D, C, module.A, object)))

    def test_bases_that_go_together_only_now(self) -> None:
        text = "from kinds import A, B\nclass C(A):\n    def m(self): return self.hello()\nclass D(C):\n    def k(self): return self.m()\n"
        after = text.replace("(A)", "(B)").replace("hello", "hallo").replace("D(C)", "D(A, C)")
        self.changes(text, after, ["a", "b"], ask="D().k()")

    def test_a_metaclass_that_refuses_bases(self) -> None:
        class Meta(type):
            def mro(cls) -> Any:
                if cls.__base__ is B:
                    raise ValueError("refused")
                return super().mro()

        A, B = type("A", (), {}), type("B", (), {})
        C, D = type("C", (A,), {}), Meta("D", (A,), {})
        transaction = Transaction()
        transaction.set_bases(C, (B,))
        with self.assertRaisesRegex(ValueError, "refused"):
            transaction.set_bases(D, (B,))
        self.assertEqual((C.__bases__, D.__bases__, transaction.bases(C), transaction.bases(D)), ((A,), (A,), (B,), (A,)))
        self.assertEqual((transaction.rollback(), C.__bases__), ([], (A,)))

    def test_a_base_that_comes_to_derive_from_it(self) -> None:
        text = "from kinds import A, B\nclass E: pass\nclass C(E):\n    def m(self): return 'a'\n"
        after = "from kinds import A, B\nclass C:\n    def m(self): return 'b'\nclass E(C): pass\n"
        self.changes(text, after, ["a", "b"])

    def test_a_base_that_comes_to_derive_from_it_and_is_asked(self) -> None:
        text = "from kinds import A, B\nclass E: pass\nclass C(E):\n    def m(self): return 'a'\n"
        after = "from kinds import A, B\nclass C:\n    def m(self): return 'b'\nclass E(C): pass\nK = E().m()\n"
        self.changes(text, after, ["a", "b"])
        self.assertEqual(sys.modules["m"].K, "b")

    def test_members_of_an_enumeration(self) -> None:
        text = "from enum import Enum\nclass E(Enum):\n    A = 1\n    B = 2\n    C = 3\n"
        after = text.replace("A = 1", "D = 7\n    A = 5").replace("    B = 2\n", "")
        self.changes(text, after, ["A1 B2 C3", "D7 A5 C3"], ask="' '.join(E(each.value).name + str(each.value) for each in E)")

    def test_members_that_are_integers(self) -> None:
        text = "from enum import IntFlag\nclass E(IntFlag):\n    A = 1\n    B = 2\n"
        after = text.replace("A = 1", "A = 4")
        self.changes(text, after, ["A1 B2", "A4 B2"], ask="' '.join(sorted(E(each.value).name + str(each.value) for each in E))")

    def test_what_was_remembered_of_the_class(self) -> None:
        kinds = KINDS + "from functools import singledispatch\n@singledispatch\ndef f(x): return 'x'\n@f.register\ndef _(x: B): return 'b'\n"
        text = "from kinds import A, B, f\nclass C(A): pass\n"
        self.changes(text, text.replace("(A)", "(B)"), ["x", "b"], ask="f(C())", kinds=kinds)


if __name__ == "__main__":
    unittest.main()
