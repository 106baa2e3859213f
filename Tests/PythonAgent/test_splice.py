"""Code that was put together from statements compiled alone is what compiling the whole text gives, to the last byte.

Random edits of real and of nasty texts; `AFRESH_SPLICE_EDITS` says how many, `AFRESH_SPLICE_SEED` where to begin.
"""

from __future__ import annotations

import os
import random
import sys
import unittest
import warnings
from types import CodeType

from live import AGENT

sys.path.insert(0, str(AGENT / "checker"))

from codetree import body_swaps  # noqa: E402
from splice import Splice, spliced  # noqa: E402
from spoken import Spoken  # noqa: E402
from texts import Module  # noqa: E402

from _afresh.patch_splice import in_full  # noqa: E402

EDITS = int(os.environ.get("AFRESH_SPLICE_EDITS", "600"))
SEED = int(os.environ.get("AFRESH_SPLICE_SEED", "1"))

NASTY = '''"""Doc."""
# -*- a comment -*-
from __future__ import annotations
import os, sys as system
import os.path
try:
    import json
except ImportError:
    json = None

LIMIT = 10; OTHER = """
def f(): not a definition
"""

@staticmethod
def plain(a, b=lambda x: x, *, c=(1, 2), **rest) -> "int":
    """Doc of it."""
    global COUNT
    COUNT = 1
    return os.path.join(a, b) + json.dumps(c) \\
        + str(rest)
# a comment after it

class Base:
    """Doc."""
    number = 42

    def m(self, x=LIMIT):
        self.attribute = [y for y in x if y]
        text = """
  def inner(): pass
"""
        return super().__init__(), text, __class__

    @property
    def p(self): return self.__private

    class Inner(object):
        def m(self):
            def closure():
                nonlocal_ = self
                return lambda: nonlocal_
            yield from closure()

async def wait(ö, *, ü=1):
    async with ö as é:
        await é
    return f"{ö!r:>{ü}} {'x' + "y"}" if ü else None

if LIMIT: pass
else:
    def conditional(): return 1
def one_line(): return 1; x = 2
x = 3; y = 4
def after(
    a,
    b,
):
    if a:
        return 1
    elif b:
        return os.sep
    else:
        try:
            return system.exit()
        except* ValueError as error:
            raise error
        finally:
            pass

@(
    lambda f: f
)
def decorated(): pass
@staticmethod
@classmethod
class Decorated(Base, metaclass=type): x: int = 3
for number in range(3):
    def repeated(): return number
z = [1,
2]
def tabs():
\tif z:
\t\treturn 1
\treturn 2
def last():
    match z:
        case [1, *rest]: return rest
        case _: pass
'''

LINES = (
    "", "    pass", "        pass", "    return 1", "else:", "    else:", "except ValueError:", "finally:", "# comment",
    "    # comment", "x = 1", "def new(): return 42", "class New: number = 7", "    def method(self): return super().m()",
    "@staticmethod", "    @property", "    x = 1 \\", "\\", '"""', "'''", "    '''", "(", ")", "    global LIMIT",
    "    nonlocal x", "    import json", "import json", "from __future__ import annotations", "\tpass", "\t\tpass",
    "    return os.path.join('a')", "    self.other = 3", "    é = 'ü'", "case 1:", "elif x:", "    yield", "    await x",
    "    return f'{x!r} {{}}'", "    '\\d'", "    x is 1", "    assert (x, 'y')", "x: int = 1", "def f(a, *, b=[lambda: 0, lambda: 0]): return a", "    lambda: (yield)",
    "    return sys.super()", "super = 1", "    return " + " + ".join(["x"] * 60), " " * 130 + "# far", "    return [\n        1,\n    ]",
    "\x0c", "# coding: latin-1", "    del x", "async def g(): return 1", "type X = int", "def h[T](x: T) -> T: return x", "    break",
)


def difference(one: CodeType, other: CodeType, path: str = "") -> str | None:
    for name in dir(one):
        if name.startswith("co_") and name not in ("co_consts", "co_lines", "co_positions", "co_lnotab", "co_branches"):
            if getattr(one, name) != getattr(other, name):
                return f"{path}.{name}: {getattr(one, name)!r} is not {getattr(other, name)!r}"
    if len(one.co_consts) != len(other.co_consts):
        return f"{path}.co_consts"
    for left, right in zip(one.co_consts, other.co_consts):
        if isinstance(left, CodeType) and isinstance(right, CodeType):
            found = difference(left, right, f"{path}.{left.co_name}")
            if found is not None:
                return found
        elif type(left) is not type(right) or repr(left) != repr(right):
            if not isinstance(left, frozenset) or left != right:
                return f"{path}.co_consts: {left!r} is not {right!r}"
    return None


def compiled(source: bytes) -> tuple[CodeType | None, bool]:
    """The code, and whether nothing was said about the text."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            return compile(source, "/m.py", "exec", dont_inherit=True), not caught
        except (SyntaxError, ValueError):
            return None, False


def module(source: bytes) -> Module | None:
    code, clean = compiled(source)
    made = Module("m", "/m.py", False, source, code, -1) if code is not None and clean else None
    return made


def edited(source: bytes, pick: random.Random) -> bytes:
    lines = source.split(b"\n")
    at = pick.randrange(len(lines))
    for _ in range(pick.choice((1, 1, 1, 2, 3))):
        how = pick.randrange(8)
        at = min(max(0, at + pick.randrange(-3, 4)), len(lines) - 1)
        if how == 0:
            del lines[at : at + pick.randrange(1, 4)]
        elif how == 1:
            lines.insert(at, pick.choice(LINES).encode())
        elif how == 2:
            lines.insert(at, lines[pick.randrange(len(lines))])
        elif how == 3:
            lines[at] = lines[at].replace(pick.choice((b"1", b"x", b"return", b"self", b"    ", b"def", b":")), pick.choice((b"2", b"y", b"", b"pass", b"  ", b"class")))
        elif how == 4:
            indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
            lines.insert(at, indent + pick.choice((b"x = 5", b"pass", b"print(LIMIT, os.path.sep)", b"# more", b"global OTHER")))
        elif how == 5:
            lines[at] += pick.choice((b" ", b"  # said", b" \\", b";", b"; x = 9", b"\r", b"''"))
        elif how == 6:
            lines.insert(at, b"")
        else:
            lines[at] = lines[at].replace(b" + ", b" - ").replace(b"1", b"1000000")
        if not lines:
            lines = [b""]
    return b"\n".join(lines)


def texts() -> list[bytes]:
    nasty = NASTY if sys.version_info >= (3, 12) else NASTY.replace("{'x' + \"y\"}", "{'x'}")
    own = [path.read_bytes() for folder in ("checker", "_afresh") for path in sorted((AGENT / folder).glob("*.py"))]
    return [nasty.encode()] * 12 + own[:16]


class Splices(unittest.TestCase):
    def test_random_edits(self) -> None:
        made = 0
        bases = [found for source in texts() if (found := module(source)) is not None]
        self.assertGreater(len(bases), 20)
        for seed in range(SEED, SEED + EDITS):
            pick = random.Random(seed)
            running = pick.choice(bases)
            for _ in range(3):  # one edit after the other: spans are carried along
                source = edited(running.source, pick)
                found = spliced(running, source)
                code, clean = compiled(source)
                if found is not None:
                    made += 1
                    self.assertIsNotNone(code, f"seed {seed}: the compiler takes no such text")
                    self.assertTrue(clean, f"seed {seed}: the compiler warns")
                    assert code is not None
                    self.assertIsNone(difference(found.code(), code), f"seed {seed}")
                    self.assertEqual(found.spans, Module("m", "/m.py", False, source, code, -1).spans, f"seed {seed}")
                    before, shared = found.shared
                    self.assertEqual(running.source[:before], source[:before], f"seed {seed}")
                    self.assertEqual(running.source[len(running.source) - shared :], source[len(source) - shared :], f"seed {seed}")
                    self._compare_swaps(running.code, code, found, seed)
                after = module(source)
                if after is None:
                    break
                if found is not None:
                    after.spans, after.spliced_part = found.spans, found.part
                    after.imported_names = running.imported_names
                running = after
        self.assertGreater(made, EDITS // 4, "too few edits were spliced for this to say anything")

    def _compare_swaps(self, old: CodeType, new: CodeType, found: Splice, seed: int) -> None:
        """What is sent in short says the same as a look at everything."""
        swaps = body_swaps(old, new)
        assert swaps is not None, f"seed {seed}"
        plan = in_full({"splice": found.recipe, "swaps": found.swaps}, old)
        self.assertIsNone(difference(plan["code"], new), f"seed {seed}")
        self.assertEqual([(path, differs, more) for path, _, differs, more in swaps],
                         [(path, differs, more) for path, _, differs, more in plan["swaps"]], f"seed {seed}")
        for (_, mine, _, _), (_, its, _, _) in zip(swaps, plan["swaps"]):
            self.assertIsNone(difference(mine, its), f"seed {seed}")
        altered = [code for _, code, differs, _ in swaps if differs]
        after, whole = Spoken(old, {}).after(altered, found.unmoved), Spoken(new, {})
        self.assertEqual((after.functions, after.tops), (whole.functions, whole.tops), f"seed {seed}")

    def test_an_edit_of_a_body_is_spliced(self) -> None:
        running = module(NASTY.replace("f\"{ö!r:>{ü}} {'x' + \"y\"}\"", "1").encode())
        assert running is not None
        for old, new in (("return self.__private", "return 2"), ("    if a:\n", "    if a:\n        pass\n\n"), ("        raise error", "        raise")):
            with self.subTest(old):
                source = running.source.replace(old.encode(), new.encode(), 1)
                found = spliced(running, source)
                code, _ = compiled(source)
                assert code is not None
                if sys.version_info >= (3, 14) and found is None:  # where classes begin is in their instructions
                    self.assertNotEqual(running.source.count(b"\n"), source.count(b"\n"))
                    continue
                assert found is not None
                self.assertIsNone(difference(found.code(), code))


if __name__ == "__main__":
    unittest.main()
