"""The checker process: problems with ranges, comparisons, what dependents are affected by."""

from __future__ import annotations

import base64
import marshal
import re
import sys
import unittest
from typing import Any

from live import Checker, CheckerFailure, encoded


def lines_of(source: bytes) -> list[bytes]:
    return re.split(rb"\r\n|\n|\r", source)


def covered(source: bytes, place: dict[str, Any]) -> str:
    """The text of a range that lies within one line."""
    start, end = place["start"], place["end"]
    assert start["line"] == end["line"], place
    return lines_of(source)[start["line"]][start["column"] : end["column"]].decode("utf-8", "replace")


class CheckerCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.checker = Checker()

    @classmethod
    def tearDownClass(cls) -> None:
        cls.checker.close()

    def check(self, new: str | bytes, old: str | None = None, policy: str = "exact", **more: Any) -> Any:
        module: dict[str, Any] = {
            "name": "m",
            "path": "/p/m.py",
            "package": False,
            "main": False,
            "running": None,
            **more,
        }
        module["source"] = encoded(new if isinstance(new, bytes) else new.encode())
        if old is not None:
            code = compile(old, "/p/m.py", "exec", dont_inherit=True)
            module["running"] = {"source": encoded(old.encode()), "code": encoded(marshal.dumps(code))}
        return self.checker.request("check", policy=policy, optimize=sys.flags.optimize, modules=[module])["modules"][0]

    def problem(self, source: bytes) -> tuple[str, str, int]:
        """(message, what the range covers, line) of the only problem."""
        problems = self.check(source, policy="none")["problems"]
        self.assertEqual(len(problems), 1, problems)
        place = problems[0]["range"]
        return problems[0]["message"], covered(source, place), place["start"]["line"]


class Ranges(CheckerCase):
    def test_errors_of_the_parser(self) -> None:
        for source, text, line in (
            (b"x = 1\ndef f(:\n  pass\n", ":", 1),
            ('é = "éé" )\n'.encode(), ")", 0),
            (b"x = (1,\n", "(", 0),
            (b'x = 1\ny = "abc\n', '"', 1),
            (b'x = 1\ny = """abc\n', '"', 1),
            (b"f() = 1\n", "f()", 0),
            (b"None = 1\n", "None", 0),
            (b"def f():\n  x\n   y\n", "y", 2),
            (b"if 1:\n\tx\n        y\n", "y", 2),
            (b"\xef\xbb\xbfx = )\n", ")", 0),
            (b"x = 1\ry = )\r", ")", 1),
            (b"x = 1\r\ny = )\r\n", ")", 1),
            ("x = 1\ny = a€b\n".encode(), "€", 1),
            (b"def f():\n", ":", 0),
        ):
            with self.subTest(source=source):
                shown = source.removeprefix(b"\xef\xbb\xbf")
                problems = self.check(source, policy="none")["problems"]
                self.assertEqual(
                    (covered(shown, problems[0]["range"]), problems[0]["range"]["start"]["line"]), (text, line)
                )

    def test_errors_after_the_parser_count_bytes(self) -> None:
        for source, text in (
            ('é = "éé"; return 5\n', "return 5"),
            ('def f(): é = "éé"; x = 1; global x\n', "global x"),
            ('def f(): é = "éé"; await x\n', "await x"),
            ("def f(é, a, a): pass\n", "a"),
            ("break\n", "break"),
        ):
            with self.subTest(source=source):
                self.assertEqual(self.problem(source.encode())[1], text)

    def test_errors_in_f_strings(self) -> None:
        self.assertEqual(self.problem('x = 1\né = "éé"; y = f"abc {a b} d"\n'.encode())[1:], ("a b", 1))
        self.assertEqual(self.problem(b'x = 1\ny = f"""abc\n {a +}\n d"""\n')[2], 2)

    def test_bytes_that_are_no_text(self) -> None:
        self.assertEqual(self.problem(b'x = 1\ny = "\xff"\n')[2], 1)
        self.assertEqual(self.problem(b"x = 1\ny = \0\n")[1:], ("\0", 1))
        self.assertEqual(self.problem(b"# coding: no-such\nx = 1\n")[2], 0)

    def test_other_encodings(self) -> None:
        problems = self.check(b'# coding: latin-1\nx = "\xe9" )\n', policy="none")["problems"]
        self.assertEqual(problems[0]["range"]["start"], {"line": 1, "column": 9})  # é is two bytes in UTF-8

    def test_texts_that_are_too_much(self) -> None:
        for source in (
            b"x = " + b"-" * 20000 + b"1\n",
            b"x = " + b"+".join([b"1"] * 20000) + b"\n",
            b"(" * 300 + b")" * 300,
            b"x = " + b"[" * 150 + b"]" * 150 + b"\n",
            b"x" * 10_000_000,
            b"x = '" + b"a" * 5_000_000 + b"'\n",
            b"x = " + b"a." * 5000 + b"b\n",
            b"\n" * 200_000 + b")\n",
        ):
            self.check(source, policy="none")
            self.check(source, "x = 1\n", policy="patch")
        self.assertEqual(self.checker.request("hello")["version"].split(".")[0], "3")

    def test_warnings_are_problems(self) -> None:
        problems = self.check("x = 1\nif x is 5:\n    pass\n", policy="none")["problems"]
        self.assertEqual(
            [(p["code"], p["severity"], p["range"]["start"]["line"]) for p in problems],
            [("compile-warning", "warning", 1)],
        )

    def test_every_range_lies_in_its_text(self) -> None:
        text = 'def f(a, b=1):\n    """Dé"""\n    return f"{a!r:>{b}} é" if a else [x for x in (a, b)]\nclass C:\n\tx: int = 1\n'
        for cut in range(len(text)):
            for insert in ("", ")", "é(", '"', "\t", "\0", "{", "\\"):
                source = (text[:cut] + insert + text[cut + 1 :]).encode()
                for problem in self.check(source, policy="none")["problems"]:
                    start, end = problem["range"]["start"], problem["range"]["end"]
                    lines = lines_of(source)
                    self.assertTrue(0 <= start["line"] <= end["line"] < len(lines), (source, problem))
                    self.assertTrue(0 <= start["column"] <= len(lines[start["line"]]), (source, problem))
                    self.assertTrue(0 <= end["column"] <= len(lines[end["line"]]), (source, problem))


class Comparisons(CheckerCase):
    def test_a_comment_changes_nothing_a_moved_line_does(self) -> None:
        old = "x = 1\ndef f(): return 1\n"
        self.assertTrue(self.check(old + "# end\n", old)["unchanged"])
        moved = self.check("\n" + old, old, policy="patch")
        self.assertEqual((moved["unchanged"], moved["changes"], moved["changed"]), (False, [], []))

    def test_constants_that_are_equal_but_not_the_same(self) -> None:
        for old, new in (
            ("x = 1\n", "x = True\n"),
            ("x = 0.0\n", "x = -0.0\n"),
            ("x = (1, 2)\n", "x = (1, 2.0)\n"),
            ("x = 'a'\n", "x = b'a'\n"),
        ):
            changes = self.check(new, old, policy="patch")["changes"]
            self.assertEqual([change["symbol"] for change in changes], ["x"], new)

    def test_changes_name_what_was_edited(self) -> None:
        answer = self.check(
            "import os\nX = 2\nclass C:\n    def m(self): return 2\n    def n(self): pass\ndef g(): pass\nprint(X)\n",
            "import os, sys\nX = 1\nclass C:\n    K = 1\n    def m(self): return 1\ndef f(): pass\n",
        )
        self.assertEqual(
            {(c["symbol"], c["kind"], c["change"]) for c in answer["changes"]},
            {
                ("X", "value", "modified"),
                ("C.m", "method", "modified"),
                ("C.n", "method", "added"),
                ("g", "function", "added"),
                ("print(X)", "statement", "added"),
                ("sys", "import", "removed"),
                ("C.K", "member", "removed"),
                ("f", "function", "removed"),
            },
        )

    def test_a_text_that_is_not_known_is_asked_for(self) -> None:
        module = {
            "name": "q",
            "path": "/p/q.py",
            "package": False,
            "main": False,
            "source": encoded(b"x = 1\n"),
            "running": {"digest": "0" * 16},
        }
        answer = self.checker.request("check", policy="patch", optimize=0, modules=[module])
        self.assertEqual(answer, {"missing": ["q"]})

    def test_a_checked_text_is_known_afterwards(self) -> None:
        digest = self.check("x = 2\n", "x = 1\n")["digest"]
        self.assertTrue(self.check("x = 2\n", running={"digest": digest})["unchanged"])

    def test_code_that_was_not_made_from_the_text(self) -> None:
        code = compile("x = 5\ndef f(): return 7\n", "/p/m.py", "exec")
        running = {"source": encoded(b"x = 1\ndef f(): return 7\n"), "code": encoded(marshal.dumps(code))}
        answer = self.check("x = 2\ndef f(): return 7\n", policy="patch", running=running)
        self.assertIn("not compiled from the text", answer["fallback"])
        self.assertIsNotNone(answer["payload"])

    def test_no_text_and_code_that_is_no_code(self) -> None:
        self.assertIn("not known", self.check("x = 2\n", policy="patch")["fallback"])
        running = {"source": encoded(b"x = 1\n"), "code": encoded(b"rubbish")}
        self.assertEqual(self.check("x = 2\n", policy="patch", running=running)["changed"], ["x"])

    def test_new_imports_order_the_edited_modules(self) -> None:
        def module(name: str, old: str, new: str) -> dict[str, Any]:
            return {
                "name": name,
                "path": f"/p/{name}.py",
                "package": False,
                "main": False,
                "source": encoded(new.encode()),
                "running": {"source": encoded(old.encode()), "code": None},
            }

        modules = [module("z", "x = 1\n", "from a import N\n"), module("a", "x = 1\n", "N = 1\n")]
        answer = self.checker.request("check", policy="patch", optimize=0, modules=modules)
        self.assertEqual(answer["order"], ["a", "z"])


class Affected(CheckerCase):
    def affected(
        self, text: str, changed: dict[str, Any], policy: str = "exact", name: str = "d", package: bool = False
    ) -> Any:
        module = {
            "name": name,
            "path": f"/p/{name}.py",
            "package": package,
            "main": False,
            "edges": None,
            "running": {"source": encoded(text.encode()), "code": None},
        }
        return self.checker.request("affected", policy=policy, optimize=0, changed=changed, modules=[module])[
            "modules"
        ][0]

    def test_what_a_module_uses_while_it_is_imported(self) -> None:
        for text, names in (
            ("from m import X\n", ["X"]),
            ("from m import Y\n", []),
            ("import m\nZ = m.X\n", ["X"]),
            ("import m\ndef f(): return m.X\n", []),
            ("import m\ndef f(a=m.X): pass\n", ["X"]),
            ("from m import *\n", ["*"]),
            ("import m as n\nclass D(n.X): pass\n", ["X"]),
            ("import p.m\nZ = p.m.X\n", []),
            ("try:\n    from m import X\nexcept ImportError: pass\n", ["X"]),
            ("def f():\n    from m import X\n", []),
            ("import m\nZ = [m.X for _ in ()]\n", ["X"]),
            ("import m\nif m.X: pass\n", ["X"]),
            ("import m\n@m.X\ndef f(): pass\n", ["X"]),
            ("m = 1\nZ = m.X\n", []),
        ):
            with self.subTest(text=text):
                answer = self.affected(text, {"m": ["X"]})
                self.assertEqual((answer["affected"], answer["names"]), (bool(names), names))

    def test_relative_imports(self) -> None:
        self.assertTrue(self.affected("from .m import X\n", {"p.m": ["X"]}, name="p.d")["affected"])
        self.assertTrue(self.affected("from .m import X\n", {"p.m": ["X"]}, name="p", package=True)["affected"])
        self.assertTrue(self.affected("from ..m import X\n", {"p.m": ["X"]}, name="p.q.d")["affected"])
        self.assertTrue(self.affected("from . import m\nY = m.X\n", {"p.m": ["X"]}, name="p.d")["affected"])
        self.assertFalse(self.affected("from .m import X\n", {"m": ["X"]}, name="p.d")["affected"])

    def test_everything_may_have_changed(self) -> None:
        self.assertTrue(self.affected("import m\nY = m.anything\n", {"m": None})["affected"])
        self.assertFalse(self.affected("import m\n", {"m": None})["affected"])

    def test_changes_go_on_along_the_list(self) -> None:
        def module(name: str, text: str) -> dict[str, Any]:
            return {
                "name": name,
                "path": f"/p/{name}.py",
                "package": False,
                "main": False,
                "edges": None,
                "running": {"source": encoded(text.encode()), "code": None},
            }

        modules = [
            module("b", "from m import X\nY = X\n"),
            module("c", "import b\nZ = b.Y\n"),
            module("e", "import b\nZ = b.other\n"),
        ]
        for policy in ("exact", "patch"):
            answer = self.checker.request("affected", policy=policy, optimize=0, changed={"m": ["X"]}, modules=modules)[
                "modules"
            ]
            self.assertEqual(
                [(each["affected"], each["of"]) for each in answer], [(True, "m"), (True, "b"), (False, "")]
            )


    def test_a_list_is_asked_about_by_its_name(self) -> None:
        def module(name: str, text: str) -> dict[str, Any]:
            return {"name": name, "path": f"/l/{name}.py", "package": False, "main": False, "edges": None,
                    "running": {"source": encoded(text.encode()), "code": None}}

        def ask(**more: Any) -> Any:
            return self.checker.request("affected", policy="patch", optimize=0, **{"changed": {"m": ["X"]}, **more})

        modules = [module("b", "from m import X\nY = X\n"), module("c", "Z = 1\n"), module("d", "from m import X\n")]
        self.assertEqual(ask(list="new"), {"unknown": True})
        alone = ask(modules=modules)["modules"]
        answer = ask(modules=modules, list="new")
        plans = marshal.loads(base64.b64decode(answer["plans"]["data"]))
        self.assertEqual([each["payload"] and each["payload"]["plan"] for each in answer["modules"]], [0, None, 1])
        for one, together in zip(alone, answer["modules"]):
            self.assertEqual({**one, "payload": None}, {**together, "payload": None})
            if one["payload"] is not None:
                own = marshal.loads(base64.b64decode(one["payload"]["plan"]))
                self.assertEqual(own, (*plans[:2], (plans[2][together["payload"]["plan"]],)))
        self.assertEqual(ask(list="new", known=answer["number"]), {"same": True})
        other = ask(list="new", known=answer["number"], changed={"m": ["Z"]})
        self.assertFalse(any(each["affected"] for each in other["modules"]))
        again = ask(list="new", known=answer["number"])
        self.assertEqual(again["modules"], answer["modules"])
        self.assertEqual(ask(list="new", known=again["number"]), {"same": True})


class Process(CheckerCase):
    def test_bad_requests_are_answered_and_harm_nobody(self) -> None:
        for message in (
            b"{",
            b"[]",
            b"null",
            b'{"jsonrpc":"2.0","id":1,"method":"no"}',
            b'{"jsonrpc":"2.0","id":1,"method":"check"}',
            b'{"jsonrpc":"2.0","id":1,"method":"check","params":[]}',
            b"\xff\xfe",
            b"[" * 100_000,
            b'{"jsonrpc":"2.0","id":1,"method":"check","params":{"policy":"none","optimize":0,"modules":[{"name":"m","source":"%"}]}}',
            b'{"jsonrpc":"2.0","id":1,"method":"check","params":{"policy":"none","optimize":9,"modules":[]}}',
        ):
            with self.assertRaises(CheckerFailure, msg=message):
                self.checker.send(message)
        self.assertEqual(self.checker.request("hello")["version"], "%d.%d.%d" % sys.version_info[:3])

    def test_it_ends_at_the_end_of_input(self) -> None:
        checker = Checker()
        checker.request("hello")
        checker.close()
        self.assertEqual(checker.process.returncode, 0)

    def test_what_a_compilation_prints_does_not_reach_the_protocol(self) -> None:
        self.assertEqual(self.check("assert (1, 'always true')\nx = '\\d'\n", policy="none")["payload"], None)


if __name__ == "__main__":
    unittest.main()
