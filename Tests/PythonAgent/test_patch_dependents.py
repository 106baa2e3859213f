"""What an edit does to modules that use what it changed, beside the same program freshly started: the patch policy."""

from __future__ import annotations

import importlib
import sys
import textwrap
import unittest
from typing import Any

from live import PatchCase
from random_probes import describe

LOG = "from builtins import afresh_note as note\n"


class Beside(PatchCase):
    """Programs whose modules all have to answer as after a start, and whose executions are counted."""

    def setUp(self) -> None:
        super().setUp()
        import builtins

        self.log: list[str] = []
        builtins.afresh_note = self.log.append  # type: ignore[attr-defined]
        self.addCleanup(delattr, builtins, "afresh_note")

    def probes(self) -> dict[str, Any]:
        return {
            name: {
                key: describe(value, 0)
                for key, value in sorted(vars(module).items())
                if not key.startswith("__") and key != "note"
            }
            for name, module in sorted(self.live.modules().items())
        }

    def fresh(self) -> dict[str, Any]:
        """The same files, as another program would have them."""
        saved = self.live.modules()
        count = len(self.log)
        for name in saved:
            del sys.modules[name]
        packages = {name: sys.modules.pop(name) for name in list(sys.modules) if self._is_namespace(name)}
        try:
            importlib.invalidate_caches()
            for name in self.order:
                importlib.import_module(name)
            return self.probes()
        finally:
            for name in self.live.modules():
                del sys.modules[name]
            sys.modules.update(packages)
            sys.modules.update(saved)
            del self.log[count:]

    def _is_namespace(self, name: str) -> bool:
        return any(str(path).startswith(self.root) for path in getattr(sys.modules[name], "__path__", ()))

    def check(self, *edits: dict[str, str], ran: list[list[str]] | None = None, **texts: str) -> None:
        """Loads, then saves each edit (of some files), and compares after each. `ran`: what each save noted in LOG."""
        self.log.clear()
        self.load(**texts)
        self.order = [name.replace("__init", "").replace("__", ".") for name in texts]
        for number, edit in enumerate(edits):
            self.log.clear()
            self.save(**edit)
            self.order += [name for name in self.live.modules() if name not in self.order]
            if ran is not None:
                self.assertEqual(self.log, ran[number], f"edit {number}: what was executed")
            self.assertEqual(self.probes(), self.fresh(), f"edit {number}")
            self.assertEqual(self.not_applied(), [], f"edit {number}")


class Shapes(Beside):
    def test_a_chain_of_five(self) -> None:
        link = LOG + "from {0} import V as W\nnote('{1}') if W else None\nV = W + 1\n"
        chain = {name: link.format(before, name) for before, name in zip("abcd", "bcde")}
        self.check({"a": "V = 2\n"}, {"a": "V = 1 + 1\n"}, {"c": link.format("b", "c").replace("+ 1", "+ 10")},
                   ran=[["b", "c", "d", "e"], [], ["d", "e"]], a="V = 1\n", **chain)

    def test_a_double_diamond_executes_each_reader_once(self) -> None:
        both = LOG + "from {0} import V as X\nfrom {1} import V as Y\nnote(('{2}', X, Y))\nV = X + Y\n"
        one = "from {0} import V as X\nV = X + {1}\n"
        self.check(
            {"a": "V = 100\n"},
            ran=[[("d", 101, 102), ("g", 204, 205)]],
            a="V = 1\n",
            b=one.format("a", 1),
            c=one.format("a", 2),
            d=both.format("b", "c", "d"),
            e=one.format("d", 1),
            f=one.format("d", 2),
            g=both.format("e", "f", "g"),
        )

    def test_a_cycle_of_from_imports_with_readers(self) -> None:
        a = "X = {}\nfrom b import Y\nZ = Y + X\ndef f(): return (X, Y, Z)\n"
        b = "from a import X\nY = X * {}\ndef g():\n    import a\n    return a.Z\n"
        self.check(
            {"a": a.format(5)},
            {"b": b.format(10)},
            {"a": a.format(7), "b": b.format(3)},
            a=a.format(1),
            b=b.format(2),
            reader="from a import Z, f\nfrom b import Y, g\nR = (Z, Y, f(), g())\n",
        )

    def test_a_cycle_of_three_through_modules(self) -> None:
        a = "import b\nX = {}\ndef f(): return b.Y\n"
        self.check(
            {"a": a.format(2)},
            {"c": "import a\nZ = 7\ndef h(): return a.X\n"},
            a=a.format(1),
            b="import c\nY = c.Z + 1\ndef g(): return c.h()\n",
            c="Z = 3\nimport a\ndef h(): return a.X\n",
            reader="import a, b, c\nV = (a.f(), b.g(), c.Z)\n",
        )

    def test_files_saved_together_with_a_new_edge_either_way(self) -> None:
        self.check(
            {"a": "from z import N\nX = N + 1\n", "z": "N = 5\nM = 6\n"},
            {"a": "X = 1\nK = 9\n", "z": "from a import K\nN = K\nM = 6\n"},
            {"a": "from z import M\nX = M\n", "z": "N = 1\nM = 2\n", "m": "from a import X\nfrom z import M\nV = X + M\n"},
            m="from a import X\nV = X\n",
            a="X = 1\n",
            z="N = 0\nM = 0\n",
        )

    def test_a_new_file_between_two_that_are_there(self) -> None:
        self.check(
            {"b": "from fresh import V\nW = V * 2\n", "fresh": "from a import X\nV = X + 1\n"},
            {"a": "X = 10\n"},
            {"fresh": "from a import X\nV = X + 100\n"},
            a="X = 1\n",
            b="from a import X as V\nW = V * 2\n",
            c="from b import W\nU = W\n",
        )

    def test_packages_with_re_exports_relative_imports_and_all(self) -> None:
        core = "__all__ = [{0}]\nalpha, beta, gamma = {1}, 2, 3\ndef run(): return alpha\n_hidden = {1}\n"
        self.check(
            {"p__core": core.format("'alpha', 'run'", 10)},
            {"p__core": core.format("'beta', 'run', '_hidden'", 10)},
            {"p__init": "from .core import *\nfrom .core import alpha as first\nfrom . import core as inner\n"},
            {"p__core": core.format("'gamma', 'run'", 20)},
            p__init="from .core import *\nfrom .core import alpha as first\n",
            p__core=core.format("'alpha', 'beta', 'run'", 1),
            p__sub__init="from ..core import alpha as up\nfrom .. import core\nV = core.beta + up\n",
            p__sub__leaf="from .. import first\nfrom ..core import run\nW = first + run()\n",
            user="import p\nfrom p.sub.leaf import W\nfrom p import run as go\nV = (p.first, go(), W)\n",
        )

    def test_star_imports_through_two_modules(self) -> None:
        self.check(
            {"a": "X = 2\ndef f(): return 2\n"},
            {"a": "X = 2\nNEW = 3\ndef f(): return 2\n"},
            {"a": "NEW = 4\ndef f(): return NEW\n", "c": "from b import *\nV = NEW\n"},
            a="X = 1\ndef f(): return 1\n",
            b="from a import *\nmine = 1\n",
            c="from b import *\nV = X\n",
        )

    def test_the_attribute_hook_of_a_package(self) -> None:
        hook = "_known = {{'one': {0}}}\ndef __getattr__(name):\n    try: return _known[name]\n    except KeyError: raise AttributeError(name) from None\n"
        self.check(
            {"p__init": hook.format(2)},
            {"p__init": hook.format(2) + "one = 5\n"},
            {"p__init": hook.format(7)},
            p__init=hook.format(1),
            user="import p\nfrom p import one as mine\nV = mine + p.one\ndef now(): return p.one\n",
        )

    def test_lazy_and_conditional_imports(self) -> None:
        user = """
            import sys
            try:
                from a import FAST as PICK
            except ImportError:
                from a import SLOW as PICK
            if sys.version_info > (3,):
                from a import SLOW as low
            V = PICK * 10
            def lazy():
                from a import SLOW
                import a as inner
                return (SLOW, inner.SLOW)
            """
        self.check(
            {"a": "SLOW = 5\n"},
            {"a": "SLOW = 5\nFAST = 50\n"},
            {"a": "SLOW = 6\nFAST = 60\n"},
            a="SLOW = 1\n",
            user=user,
        )


class Readers(Beside):
    """A constant of another module, read in every place where a statement can read one."""

    READERS = {
        "default": "def f(n=K, *, k=a.K): return (n, k)\n",
        "lambda default": "f = lambda n=K: n\n",
        "display": "D = {K: [K], 'k': (K, {K})}\nL = [*range(K)]\nM = {**D, 'z': K}\n",
        "decorator": "def times(n):\n    def deco(f):\n        def w(): return f() * n\n        return w\n    return deco\n@times(K)\ndef f(): return 3\n",
        "class body": "class C:\n    x = K\n    y = [K] * 2\n    def m(self, n=K): return n\n    class In:\n        z = K + 1\nV = C.In.z\n",
        "base": "class B1:\n    v = 1\nclass B2:\n    v = 2\nclass C(B1 if K % 2 else B2): pass\nV = C.v\n",
        "condition": "if K > 4:\n    def f(): return 'big'\n    BIG = True\nelif K > 2:\n    def f(): return 'mid'\nelse:\n    SMALL = K\nwhile K > 100: pass\n",
        "comprehension": "L = [K * i for i in range(3) if i != K]\nD = {i: K for i in range(K)}\nG = tuple(x for x in [K, K])\n",
        "f-string": "S = f'{K:>{K}} {K!r} {K + 1}'\n",
        "annotation": "x: K = 1\ndef f(n: K) -> K: return n if n else 0\nA = f.__annotations__['n']\n".replace("def f(n: K)", "def f(n: K = 0)"),
        "augmented": "T = 1\nT += K\nT *= 2\nL = []\nL += [K]\n",
        "deleted": "tmp = K * 2\nV = tmp + 1\ndel tmp\n",
        "walrus": "if (n := K * 2) > 6: W = n\nelse: W = -n\nV = [y := K, y + 1]\n",
        "match": "match K:\n    case 1: V = 'one'\n    case 5: V = 'five'\n    case other: V = other\nmatch [K, 2]:\n    case [first, *rest]: pass\n",
        "global": "def init():\n    global G\n    G = K\n    return G\nV = init()\n",
        "loop": "S = 0\nfor i in range(K):\n    S += i\nelse:\n    E = K\n",
        "try": "try:\n    V = 10 // (K - 5)\nexcept ZeroDivisionError as e:\n    V = str(type(e))\nfinally:\n    F = K\n",
        "with": "import contextlib\nwith contextlib.nullcontext(K) as got:\n    V = got + 1\n",
        "assert": "assert K < 50, K\nV = not K\n",
        "unpacking": "x, (y, *z) = K, (K + 1, K, K)\np = q = K\n",
        "subscript": "T = {'k': 0}\nT['k'] = K\nT.update(z=K)\n",
        "conditional expression": "V = 'odd' if K % 2 else 'even'\nW = K and K + 1 or 7\n",
        "call": "def g(): return K + 1\nV = g()\nW = max(K, g(), 3)\nX = (lambda: K)()\n",
        "property": "class C:\n    @property\n    def p(self): return K\n    @staticmethod\n    def s(n=K): return n\nV = C().p\nW = C.s()\n",
        "dataclass": "from dataclasses import dataclass, field\n@dataclass\nclass D:\n    x: int = K\n    y: list = field(default_factory=lambda: [K])\nV = D().x\n",
        "enum": "import enum\nclass E(enum.IntEnum):\n    A = K\n    B = K + 1\nV = int(E.A)\n",
        "chain": "Y = K + 1\nZ = Y * 2\nU = (Z, Y)\ndef f(n=U): return n\nV = f()\n",
        "namedtuple": "import collections\nP = collections.namedtuple('P', ['x'] + ['y'] * (K > 4))\nV = P._fields\n",
        "passed": "def g(x): return x * K\nV = tuple(map(g, [1, 2]))\nW = max([1, 2, 3], key=lambda v: -abs(v - K))\nX = sum(map(lambda v: v * K, [1]))\n",
        "partial": "import functools\ndef g(n): return n + K\nf = functools.partial(g, K)\n@functools.lru_cache\ndef h(n=1): return n * K\nV = h()\n",
    }

    def test_every_place_that_reads_follows(self) -> None:
        for number, (kind, text) in enumerate(self.READERS.items()):
            for how in ("from a import K\nimport a\n", "import a\nK = a.K\n"):
                with self.subTest(kind, how=how.splitlines()[0]):
                    self._unload()
                    self.live.records.clear()
                    name = f"r{number}"
                    self.check(
                        {"a": "K = 5\n"},
                        {"a": "K = 2\n"},
                        {"a": "K = 3\n", name: how + "# moved\n" + text},
                        **{"a": "K = 1\n", name: how + text},
                    )

    def test_the_same_in_one_module(self) -> None:
        for number, (kind, text) in enumerate(self.READERS.items()):
            with self.subTest(kind):
                self._unload()
                self.live.records.clear()
                name = f"s{number}"
                texts = ["class a:\n    K = {0}\nK = {0}\n".format(k) + textwrap.dedent(text) for k in (1, 5, 2, 5, 1)]
                self.check(*({name: each} for each in texts[1:]), **{name: texts[0]})


class Counters(Beside):
    def test_what_does_not_read_the_change_is_not_executed(self) -> None:
        user = LOG + "from a import K, L\nnote('reads K') if K else None\nnote('reads L') if L else None\nnote('none')\n"
        self.check({"a": "K = 2\nL = 1\n"}, {"a": "K = 2\nL = 2\n"}, {"a": "L = 2\nK = 2\n"},
                   ran=[["reads K"], ["reads L"], []], a="K = 1\nL = 1\n", user=user)

    def test_several_files_saved_together_execute_a_common_reader_once(self) -> None:
        user = LOG + "from a import X\nfrom b import Y\nfrom c import Z\nnote((X, Y, Z))\n"
        self.check(
            {"a": "X = 10\n", "b": "Y = 20\n", "c": "from a import X\nZ = X + 3\n"},
            ran=[[(10, 20, 13)]],
            a="X = 1\n", b="Y = 2\n", c="Z = 3\n", user=user,
        )

    def test_an_edit_of_a_reader_and_of_what_it_reads(self) -> None:
        user = LOG + "from a import X\nnote(('user', X, {0}))\nV = X + {0}\n"
        self.check({"a": "X = 5\n", "user": user.format(2)}, ran=[[("user", 5, 2)]], a="X = 1\n", user=user.format(1))

    def test_what_was_asked_before_its_results_were_dropped_is_asked_again(self) -> None:
        """`user` was edited too: its turn comes before that of `cache`, which only follows `a`."""
        a, user = "def f(d={0}):\n    return d\n", "import cache\nX = {0}\nY = cache.{1}\n"
        for cache, asked in (
            ("from functools import lru_cache\nfrom a import f\n@lru_cache\ndef g():\n    return f()\n", "g()"),
            ("from functools import cached_property\nfrom a import f\nclass C:\n    @cached_property\n"
             "    def p(self):\n        return f()\nc = C()\n", "c.p"),
        ):
            with self.subTest(asked):
                self.check({"a": a.format(2), "user": user.format(f"cache.{asked}", asked)},
                           a=a.format(1), cache=cache, user=user.format(0, asked))
                self._unload()
                self.live.records.clear()


if __name__ == "__main__":
    unittest.main()
