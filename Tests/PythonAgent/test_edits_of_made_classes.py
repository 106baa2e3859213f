"""What is called when a class is made uses methods of it: decorators, `__init_subclass__`, metaclasses, `__set_name__`. Where the body of
such a method is edited, the class is made anew, or it is said that what was made stays.
"""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

# Nobody edits this one.
LIBRARY = """\
R, N = {}, []
def keep(cls):
    cls.made = cls.compute()
    return cls
def keep_of_instance(cls):
    cls.made = cls().run()
    return cls
def keep_plus(n):
    def add(cls):
        cls.made = cls().run() + n
        return cls
    return add
def enter(cls):
    R[cls.__name__] = cls()
    return cls
def enter_by_key(cls):
    R[cls.compute()] = cls
    return cls
def count(cls):
    N.append(cls.compute())
    return cls
def single(cls): return cls()
def call(name): return R[name].run()
class Meta(type):
    def __new__(meta, name, bases, inside):
        cls = super().__new__(meta, name, bases, inside)
        cls.made = cls.compute()
        return cls
class MetaOfInstances(type):
    def __init__(cls, name, bases, inside):
        super().__init__(name, bases, inside)
        cls.made = cls().run()
class Base:
    def __init_subclass__(cls): cls.made = cls.compute()
class BaseOfInstances:
    def __init_subclass__(cls): cls.made = cls().run()
class BaseOfValues:
    def __init_subclass__(cls): cls.made = cls.K
class Named:
    def __set_name__(self, owner, name): owner.made = owner.compute()
"""

# Bodies of the class: what its instances have, and what its methods give.
OF_INSTANCES = "    def __init__(self): self.v = {0}\n    def run(self): return self.v\n    @classmethod\n    def compute(cls): return cls().v\n"
OF_METHODS = "    def run(self): return {0}\n    @classmethod\n    def compute(cls): return {0}\n"

HEADS = {
    "by a decorator": "@keep\nclass D:\n",
    "by a decorator, of an instance": "@keep_of_instance\nclass D:\n",
    "by a decorator that is made": "@keep_plus(0)\nclass D:\n",
    "by a metaclass": "class D(metaclass=Meta):\n",
    "by a metaclass, of an instance": "class D(metaclass=MetaOfInstances):\n",
    "by a base": "class D(Base):\n",
    "by a base, of an instance": "class D(BaseOfInstances):\n",
    "by what is in it": "class D:\n    x = Named()\n",
}

SAID = "not_applied == ['D']"
EDITS = {}
for how, head in HEADS.items():
    for what, body in (("instances", OF_INSTANCES), ("methods", OF_METHODS)):
        start = f"from u import *\n{head}{body}"
        EDITS[f"what is kept {how}, by {what}, with a statement"] = Edit(
            {"u": LIBRARY, "m": start.format(1) + "X = D.made\n", "n": "import m\nX = m.D.made\n"},
            {"m": start.format(2) + "X = D.made\nZ = 1\n"},
            held="D, d = m.D, m.D()",
            expect=["m.X == m.D.made == n.X == 2", "m.D is D", "isinstance(d, m.D)", "not not_applied"],
        )
        EDITS[f"what is kept {how}, by {what}"] = Edit(
            {"u": LIBRARY, "m": start.format(1)}, {"m": start.format(2)}, expect=[f"m.D.made == 2 or {SAID}", f"m.D.made == 1 or not {SAID}"]
        )
        EDITS[f"what is kept {how}, by {what}, in one module"] = Edit(
            LIBRARY + (head + body).format(1) + "X = D.made\n", LIBRARY + (head + body).format(2) + "X = D.made\n", expect=["m.X == 2", "not not_applied"]
        )

EDITS |= {
    "a method of a base in another module": Edit(
        {
            "u": LIBRARY, "m": "class P:\n    @classmethod\n    def compute(cls): return 1\n",
            "n": "from m import P\nfrom u import Base\nclass D(P, Base): pass\nX = D.made\n",
        },
        {"m": "class P:\n    @classmethod\n    def compute(cls): return 2\n"},
        expect=["n.X == n.D.made == 2", "not not_applied"],
    ),
    "a value of a base": Edit(
        {"u": LIBRARY, "m": "from u import *\nclass P: K = 1\nclass D(P, BaseOfValues): pass\nX = D.made\n"},
        {"m": "from u import *\nclass P: K = 2\nclass D(P, BaseOfValues): pass\nX = D.made\n"},
        expect=["m.X == 2", "not not_applied"],
    ),
    "an instance that a decorator keeps": Edit(
        {"u": LIBRARY, "m": "from u import *\n@enter\nclass D:\n" + OF_INSTANCES.format(1)},
        {"m": "from u import *\n@enter\nclass D:\n" + OF_INSTANCES.format(2)},
        held="D = m.D",
        expect=["u.R['D'].v == 2", "type(u.R['D']) is D", "not not_applied"],
    ),
    "an instance that a decorator keeps is the same where its methods changed": Edit(
        {"u": LIBRARY, "m": "from u import *\n@enter\nclass D:\n" + OF_METHODS.format(1) + "X = call('D')\n"},
        {"m": "from u import *\n@enter\nclass D:\n" + OF_METHODS.format(2) + "X = call('D')\n"},
        held="o = u.R['D']",
        expect=["u.R['D'] is o", "m.X == 2", "not not_applied"],
    ),
    "an instance that a decorator makes of the class": Edit(
        {"u": LIBRARY, "m": "from u import *\n@single\nclass D:\n" + OF_INSTANCES.format(1)},
        {"m": "from u import *\n@single\nclass D:\n" + OF_INSTANCES.format(2)},
        held="o = m.D",
        expect=["m.D is o", "not_applied == ['D']"],
    ),
    "a key under which a decorator keeps it": Edit(
        {"u": LIBRARY, "m": "from u import *\n@enter_by_key\nclass D:\n" + OF_METHODS.format(1)},
        {"m": "from u import *\n@enter_by_key\nclass D:\n" + OF_METHODS.format(2)},
        expect=["u.R[2] is m.D", "1 in u.R", "not_applied == ['D']"],
    ),
    "a value that a decorator has appended": Edit(
        {"u": LIBRARY, "m": "from u import *\n@count\nclass D:\n" + OF_METHODS.format(1)},
        {"m": "from u import *\n@count\nclass D:\n" + OF_METHODS.format(2)},
        expect=["u.N == [1, 2]", "not_applied == ['D']"],
    ),
    "a method that nobody calls then": Edit(
        {"u": LIBRARY, "m": "from u import *\n@keep\nclass D(metaclass=Meta):\n    def m(self): return 1\n" + OF_METHODS.format(0)},
        {"m": "from u import *\n@keep\nclass D(metaclass=Meta):\n    def m(self): return 2\n" + OF_METHODS.format(0)},
        expect=["m.D().m() == 2", "executed == []", "not not_applied"],
    ),
    "a descriptor that sets": Edit(
        "class S:\n    def __set__(self, o, v): vars(o)['w'] = v\nclass D:\n    w = S()\nd = D()\nd.w = 1\n",
        "class S:\n    def __set__(self, o, v): vars(o)['w'] = -v\nclass D:\n    w = S()\nd = D()\nd.w = 1\n",
        expect=["not_applied == ['d.w = 1']"],
    ),
}

ENTRIES = "class P:\n    def __mro_entries__(self, bases): return (dict,)\np = P()\nclass C(p): pass\nX = C.__mro__[1]\n"
ABSTRACT = "from abc import *\nclass A(ABC):\n    @abstractmethod\n    def f(self): pass\n"
MADE = "class C(A):\n    def f(self): pass\ndef can_be_made(k):\n    try: k()\n    except TypeError: return False\n    return True\nX = can_be_made(C)\n"
MORE = "    @abstractmethod\n    def g(self): pass\n"
BASES = "class A: pass\nclass B: pass\nclass C(A): pass\nclass D(C): pass\nX = [each.__name__ for each in D.__mro__]\nY = [each.__name__ for each in C.mro()]\n"
EDITS |= {
    "an object that stands for bases": Edit(ENTRIES, ENTRIES.replace("dict", "list"), expect=["m.X is m.C.__mro__[1] is list", "not not_applied"]),
    "a class that cannot be made any more": Edit(ABSTRACT + MADE, ABSTRACT + MORE + MADE, expect=["m.X is False", "not not_applied"]),
    "a class that can be made now": Edit(ABSTRACT + MORE + MADE, ABSTRACT + MADE, expect=["m.X is True", "not not_applied"]),
    "the order of bases that somebody has kept": Edit(
        BASES, BASES.replace("C(A)", "C(A, B)"), expect=["m.X == ['D', 'C', 'A', 'B', 'object']", "m.Y == m.X[1:]", "not not_applied"]
    ),
}

Edits = tests_of(EDITS)


if __name__ == "__main__":
    unittest.main()
