"""Classes that a module finds without knowing theirs: by `__subclasses__`, or where their base, their metaclass or a decorator has put them."""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

BASE = "class B:\n    def run(self): return 0\n"
TOLD = "ALL = {}\nclass B:\n    def __init_subclass__(cls): ALL[cls.__name__] = cls\n"
META = "ALL = {}\nclass M(type):\n    def __init__(cls, *given): ALL[cls.__name__] = cls\nclass B(metaclass=M):\n    K = 0\n    def run(self): return 0\n"
TAKEN = "ALL = {}\ndef take(cls):\n    ALL[cls.__name__] = cls\n    return cls\n"
PLUGIN = "import b\nclass C(b.B):\n    K = 1\n    def run(self): return 1\n"
GIVEN = "import b\n@b.take\nclass C:\n    K = 1\n    def run(self): return 1\n"
HELPED = "import b, h\nclass C(b.B):\n    def run(self): return h.h()\n"
RUN, READ = ("return 1", "return 5"), ("K = 1", "K = 5")
DERIVED, REGISTERED = "b.B.__subclasses__()", "b.ALL.values()"


def find(base: str, found: str, edit: tuple[str, str], *expect: str, plugin: str = PLUGIN, made: str = "sum(c().run() for c in {})", **more: str) -> Edit:
    """Module m finds the class of `plugin` and imports b alone."""
    texts = {**more, "b": base, "plugin": plugin, "m": f"import b\nX = {made.format(found)}\n"}
    return Edit(texts, {name: text.replace(*edit) for name, text in texts.items() if edit[0] in text}, expect=[*expect])


LIVE, SAID = ("m.X == 5", "not not_applied"), ("not_applied == ['X']",)
ATTRIBUTES = "sum(c.K for c in {})"
INSIDE = BASE + "def all_of(): return sum(c().run() for c in B.__subclasses__())\n"
MIDDLE = "class C(b.B): pass\nclass D(C):\n    def run(self): return 1\n"

EDITS = {
    "by their base": find(BASE, DERIVED, RUN, *LIVE),
    "by their base, with their attributes": find(BASE, DERIVED, READ, *LIVE, made=ATTRIBUTES),
    "by their base, with attributes by name": find(BASE, DERIVED, READ, *LIVE, made="sum(getattr(c, 'K') for c in {})"),
    "by their base, kept in a list": find(BASE, DERIVED, RUN, *SAID, made="[c().run() for c in {}]"),
    "by their base, called by an operator": find(BASE, DERIVED, RUN, "m.X == '5'", made="''.join(str(c()) for c in {})", plugin=PLUGIN.replace("run(self): return 1", "__str__(self): return '1'")
        .replace("return '1'", "return str(self.n())\n    def n(self): return 1")),
    "by their base, in a loop": Edit(
        {"b": BASE, "plugin": PLUGIN, "m": "import b\nX = []\nfor c in b.B.__subclasses__(): X.append(c().run())\n"}, {"plugin": PLUGIN.replace(*RUN)},
        expect=["not_applied"],
    ),
    "by their base, in a function of its module": find(INSIDE, "", RUN, *LIVE, made="b.all_of()"),
    "by their base, in a function": find(BASE, DERIVED, RUN, *LIVE, made="(lambda: sum(c().run() for c in {}))()"),
    "by their base, how they are made": find(BASE, DERIVED, ("self.k = 1", "self.k = 5"), *LIVE, made="sum(c().k for c in {})", plugin="import b\nclass C(b.B):\n    def __init__(self): self.k = 1\n"),
    "by their base, a method that is gone": find(BASE, DERIVED, ("    def run(self): return 1\n", ""), "m.X == 0", "not not_applied"),
    "by their base, a method that came": find(BASE, DERIVED, ("K = 1", "def run(self): return 5"), *LIVE, plugin="import b\nclass C(b.B):\n    K = 1\n"),
    "by the base of their base": find(BASE, "[c for d in b.B.__subclasses__() for c in d.__subclasses__()]", RUN, *LIVE, plugin=f"import b\n{MIDDLE}"),
    "by the base of their base, of another module": find(
        BASE, "[c for d in b.B.__subclasses__() for c in d.__subclasses__()]", RUN, *LIVE, middle="import b\nclass C(b.B): pass\n",
        plugin="import middle\nclass D(middle.C):\n    def run(self): return 1\n",
    ),
    "by their base, with what they call": find(BASE, DERIVED, RUN, *LIVE, plugin=HELPED, h="def h(): return 1\n"),
    "where their base puts them": find(TOLD, REGISTERED, RUN, *LIVE),
    "where their base puts them, with their attributes": find(TOLD, REGISTERED, READ, "m.X == 5", made=ATTRIBUTES),
    "where their base puts them, one alone": find(TOLD, "b.ALL['C']", RUN, *LIVE, made="{}().run()"),
    "where their base puts them, with what they call": find(TOLD, REGISTERED, RUN, *LIVE, plugin=HELPED, h="def h(): return 1\n"),
    "where their metaclass puts them": find(META, "list(b.ALL.values())[1:]", RUN, *LIVE),
    "where a decorator puts them": find(TAKEN, REGISTERED, RUN, *LIVE, plugin=GIVEN),
    "where a decorator puts them, with what they call": find(TAKEN, REGISTERED, RUN, *LIVE, plugin=HELPED.replace("class C(b.B)", "@b.take\nclass C"), h="def h(): return 1\n"),
    "each of them once, though one was made anew": find(TOLD, DERIVED, READ, "m.X == ['C']", "len(b.B.__subclasses__()) == 1", made="[c.__name__ for c in {}]"),
    "their names alone": find(BASE, DERIVED, RUN, "executed == []", "not not_applied", made="[c.__name__ for c in {}]"),
}  # fmt: skip

Edits = tests_of(EDITS)

if __name__ == "__main__":
    unittest.main()
