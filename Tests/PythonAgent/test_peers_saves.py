"""What users of other reloaders rely on, in the patch policy: what a save does, does not do, and says.

The scenarios are those of jurigged's tests; the number in a test's name is that of the scenario in the list of what the
peers' own tests expect. A peer that writes code back into files has no like here: Afresh never writes a user's file, and
what is on the disk is the truth (124 to 128). Watching files is the server's part: 143 to 145 and 149 are in
EndToEnd/test_peers.py.
"""

from __future__ import annotations

import os
import unittest
from pathlib import Path

from live import PatchCase

TEXT = """
import json
K = {0}
STATE = [1, 2, 3]
def f(a): return a + K
class C:
    def v(self): return {1}
"""


class Files(PatchCase):
    def test_124_no_save_writes_a_file_of_the_program(self) -> None:
        self.load(TEXT.format(1, 1))
        path = Path(self.root, "m.py")
        for text in (TEXT.format(1, 1), TEXT.format(2, 2), TEXT.format(2, "("), TEXT.format(2, 3) + "1 / 0\n"):
            path.write_text(text, encoding="utf-8")
            os.utime(path, ns=(5 * 10**18, 5 * 10**18))
            before = path.read_bytes(), path.stat().st_mtime_ns, sorted(os.listdir(self.root))
            self.live.save([str(path)])
            self.assertEqual((path.read_bytes(), path.stat().st_mtime_ns, sorted(os.listdir(self.root))), before)

    def test_125_to_127_what_is_saved_is_what_runs_in_parts_or_as_a_whole(self) -> None:
        text = "def f(): return {}\ndef g(): return {}\n"
        more = "def h(): return 'h'\n"
        m = self.load(text.format(1, 1) + more)
        whole, part, without = text.format(2, 2) + more, text.format(2, 1) + more, text.format(1, 2)
        for number, saved in ((125, whole), (126, part), (127, without)):
            with self.subTest(scenario=number):
                self.save(saved)
                fresh: dict[str, object] = {}
                exec(saved, fresh)
                self.assertEqual((m.f(), m.g()), (fresh["f"](), fresh["g"]()))  # type: ignore[operator]
                self.assertEqual(hasattr(m, "h"), "h" in fresh)
                self.assertEqual(self.live.records["m"].source.decode(), saved)


class Statements(PatchCase):
    def test_132_an_unchanged_statement_with_a_mutable_value_is_not_executed_again(self) -> None:
        m = self.load("import math\nSTARS = [1, 2, 3]\nBRIGHT = 1000\ndef sirius(n): return n * n\n")
        m.STARS.append(888)
        stars = m.STARS
        self.save("import math\nimport os.path as p\nSTARS = [1, 2, 3]\nBRIGHT = 41\ndef sirius(n): return p.basename(n)\n")
        self.assertEqual((m.STARS, m.STARS is stars, m.BRIGHT, m.sirius("a/b")), ([1, 2, 3, 888], True, 41, "b"))

    def test_136_a_failing_statement_takes_the_whole_save_back(self) -> None:
        # Other than there, where each change stands alone: a save is applied as a whole or not at all.
        m = self.load("def f(n): return n\nX = 1\n")
        report = self.try_save("y = this(will_not_work)\ndef f(n): return n * 2\nX = 2\n")
        self.assertFails(report, "NameError")
        self.assertEqual((m.f(3), m.X, hasattr(m, "y")), (3, 1, False))
        self.save("def f(n): return n * 2\nX = 2\n")
        self.assertEqual((m.f(3), m.X), (6, 2))


class Report(PatchCase):
    def test_142_each_change_is_told_with_its_name_and_line_and_nothing_else_is(self) -> None:
        m = self.load("import os\nA = 1\ndef gone(): pass\ndef f(): return 1\nclass C:\n    def v(self): return 1\nlen('run')\n")
        report = self.save("""\
            A = 2
            def f(): return 2
            class C:
                def v(self): return 2
                def w(self): return 3
            def new(): return 1
            len('run again')
            """)
        told = {
            (each["symbol"], each["change"], each["range"]["start"]["line"] if "range" in each else None)
            for each in report["modules"][0]["changes"]
        }
        self.assertEqual(
            told,
            {
                ("A", "modified", 0),
                ("f", "modified", 1),
                ("C.v", "modified", 3),
                ("C.w", "added", 4),
                ("new", "added", 5),
                ("len('run again')", "modified", 6),
                ("os", "removed", None),
                ("gone", "removed", None),
            },
        )
        self.assertEqual((m.A, self.not_applied()), (2, []))
        report = self.save("# only\nA = 2\n" + "".join(Path(self.root, "m.py").read_text().splitlines(True)[1:]))
        self.assertEqual([each["changes"] for each in report["modules"]], [[]])

    def test_143_a_syntax_error_leaves_what_runs_and_the_next_good_save_is_applied(self) -> None:
        m = self.load("X = 1\ndef f(): return X\n")
        for bad in ("X = 2\ndef f(: return X\n", "\x00", "X = 2\n  def f(): return X\n"):
            self.assertEqual(self.try_save(bad)["outcome"], "blocked")
            self.assertEqual((m.X, m.f()), (1, 1))
        self.save("X = 3\ndef f(): return X * 2\n")
        self.assertEqual((m.X, m.f()), (3, 6))

    def test_144_and_145_of_two_quick_saves_only_what_is_on_the_disk_counts(self) -> None:
        m = self.load("X = 1\nruns = []\ndef f(): return X\n")
        self._write("", {})  # how some editors save: first nothing, then the text
        files = self._write("X = 2\nruns = []\nruns.append(X)\ndef f(): return X + 1\n", {})
        report = self.live.save(list(files.values()) * 2)
        self.assertEqual((len(report["modules"]), m.X, m.f(), m.runs), (1, 2, 3, [2]))


class Hooks(PatchCase):
    TEXT = """
        CALLS = []
        def __afresh_before__(): CALLS.append('before')
        def __afresh_after__(old): CALLS.append(('after', old.X))
        X = {0}
        Y = [{1}, X]
        def f(): return {0}
        """

    def test_146_to_148_hooks_are_called_once_for_a_save_however_much_it_changes(self) -> None:
        m = self.load(self.TEXT.format(1, 1))
        self.save(self.TEXT.format(2, 2))
        self.assertEqual((m.CALLS, m.X, m.Y, m.f()), (["before", ("after", 1)], 2, [2, 2], 2))
        self.save(self.TEXT.format(2, 2) + "# nothing that is executed\n")
        self.assertEqual(len(m.CALLS), 2)
        self.save(self.TEXT.format(3, 2))
        self.assertEqual(m.CALLS[2:], ["before", ("after", 2)])
        self.assertFails(self.try_save(self.TEXT.format(4, 2) + "1 / 0\n"), "ZeroDivisionError")
        self.assertEqual((m.X, [each for each in m.CALLS[4:] if each != "before"]), (3, []))


class Sequences(PatchCase):
    """150: ten edits in sequence, over and over: as the texts say, whatever the way. (With generated programs and many
    more kinds of statements: test_patch_random.py.)
    """

    PARTS = (
        "def f(a=1): return a",
        "def f(a=2, *, b=3): return a * b",
        "class C:\n    def v(self): return 1\n    @property\n    def p(self): return 'p'",
        "class C:\n    K = 5\n    def v(self): return self.K\n    @staticmethod\n    def s(): return K",
        "def g(): return [K]",
        "async def g(): return K",
        "lam = lambda n=K: n + 1",
        "def f(): yield K",
    )

    def test_150_sequences_of_edits_end_as_their_texts_say(self) -> None:
        for seed in range(25):
            name = f"s{seed}"
            parts: list[str] = []
            m = self.load(**{name: "K = 0\n"})
            held: dict[str, object] = {}
            for step in range(10):
                turn = (seed * 7 + step * 3) % len(self.PARTS)
                part = self.PARTS[turn]
                kept = [each for each in parts if each.split("(")[0].split(":")[0] != part.split("(")[0].split(":")[0]]
                parts = kept[: -1 if (seed + step) % 5 == 4 else None] + [part]
                if step % 3 == 1:
                    parts.reverse()
                text = f"K = {step % 4}\n" + "\n".join(parts) + "\n"
                if "def f" not in text:
                    text += "def f(): return None\n"
                self.save(**{name: text})
                fresh: dict[str, object] = {"__name__": name}
                exec(text, fresh)
                with self.subTest(seed=seed, step=step):
                    self.assertEqual(answers(vars(m)), answers(fresh))
                    held = {key: value for key, value in held.items() if key in vars(m)}
                    self.assertEqual(answers(held), answers({key: vars(m)[key] for key in held}))
                held = {key: value for key, value in vars(m).items() if callable(value)} | held


def answers(namespace: dict[str, object]) -> dict[str, object]:
    """What names give when they are used."""
    found: dict[str, object] = {}
    for name, value in sorted(namespace.items()):
        if name.startswith("__"):
            continue
        if isinstance(value, type):
            instance = value()
            found[name] = {
                key: each() if callable(each := getattr(instance, key)) else each
                for key in dir(value)
                if not key.startswith("__")
            }
        elif callable(value):
            result = value()
            if hasattr(result, "close"):  # a generator, or a coroutine that nobody awaits
                result.close()
                result = type(result).__name__
            found[name] = result
        else:
            found[name] = value
    return found


if __name__ == "__main__":
    unittest.main()
