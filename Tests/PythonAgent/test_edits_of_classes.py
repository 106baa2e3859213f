"""Edits of classes, their bases and members. Each is a small program, what somebody holds of it, the saved text, and
what has to hold afterwards, through the old references too.
"""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

EDITS = {
    "attributes of a class": Edit(
        "class C:\n    K=1\n    G=1\n",
        "class C:\n    K=2\n    N=3\n",
        held="c=m.C()\n",
        expect=["c.K == 2", "c.N == 3", "not hasattr(c,'G')"],
    ),
    "a name of the module under that of an attribute that goes": Edit(
        "p = 5\nclass C:\n    p = 1\n    K = p\n",
        "p = 5\nclass C:\n    K = p\n    def m(self, x=p + 1): return x\n",
        held="c=m.C()\n",
        expect=["c.K == 5", "c.m() == 6", "not hasattr(c, 'p')"],
    ),
    "a statement that moves past what hides a name of the module": Edit(
        "p = 5\nclass C:\n    p = 1\n    K = p\n    L = K\n",
        "p = 5\nclass C:\n    K = p\n    L = K\n    p = 1\n",
        expect=["(m.C.K, m.C.L, m.C.p) == (5, 5, 1)"],
    ),
    "a name that a class body binds several times": Edit(
        "p = 5\nclass C:\n    n = 0\n    p = 1\n    K = p\n    for p in (7, 8): pass\n    L = [p]\n",
        "p = 5\nclass C:\n    n = 0\n    p = 2\n    K = p\n    for p in (7, 8): pass\n    L = [p]\n",
        held="m.C.n = 4\n",
        expect=["(m.C.K, m.C.L, m.C.p) == (2, [8], 8)", "m.C.n == 4"],
    ),
    "a branch that binds an attribute once more": Edit(
        "class C:\n    x = 0\n    p = 1\n",
        "class C:\n    x = 0\n    p = 1\n    if x == 0: p = 8\n",
        expect=["m.C.p == 8", "not not_applied"],
    ),
    "a container that a class body fills": Edit(
        "p = 5\nclass C:\n    n = 0\n    T = [p]\n    T.append(p)\n    D = {}\n    D['a'] = 1\n",
        "p = 6\nclass C:\n    n = 0\n    T = [p]\n    T.append(p)\n    D = {}\n    D['a'] = 1\n",
        "p = 6\nclass C:\n    n = 0\n    T = [p]\n    D = {}\n    D['b'] = 1\n",
        held="m.C.n = 4\n",
        expect=["m.C.T == [6]", "m.C.D == {'b': 1}", "not not_applied", "m.C.n == 4"],
    ),
    "a comprehension of a class body, which reads past its names": Edit(
        "p = 5\nclass C:\n    p = 1\n    N = [p for _ in (1,)]\n    F = (lambda: p)()\n",
        "p = 6\nclass C:\n    p = 1\n    N = [p for _ in (1,)]\n    F = (lambda: p)()\n",
        expect=["(m.C.N, m.C.F, m.C.p) == ([6], 6, 1)"],
    ),
    "a name that a class body binds in a branch which is not taken": Edit(
        "p = 5\nclass C:\n    if p > 9: p = 1\n    K = p\n",
        "p = 6\nclass C:\n    if p > 9: p = 1\n    K = p\n",
        expect=["m.C.K == 6"],
    ),
    "a name of the module that changes under that of an attribute that goes": Edit(
        "p = 5\nclass C:\n    class In:\n        p = 1\n        K = p\n",
        "p = 7\nclass C:\n    class In:\n        K = p\n        def m(self, x=p + 1): return x\n",
        held="c=m.C.In()\n",
        expect=["c.K == 7", "c.m() == 8", "not hasattr(c, 'p')"],
    ),
    "attributes that the program set on a class": Edit(
        "class C:\n    K=1\n    def v(self): return 1\n",
        "class C:\n    K=1\n    def v(self): return 2\n",
        held="m.C.K = 50\nm.C.extra = 1\n",
        expect=["m.C.K == 50", "m.C.extra == 1"],
    ),
    "a constructor sets another attribute": Edit(
        "class C:\n    def __init__(self): self.a = 1\n    def v(self): return self.a\n",
        (
            "class C:\n    def __init__(self):\n        self.a = 1\n        self.b = 2\n"
            "    def v(self): return self.b\n"
        ),
        held="c=m.C()\n",
        expect=["m.C().v() == 2"],
    ),
    "a property becomes a method": Edit(
        "class C:\n    @property\n    def p(self): return 1\n",
        "class C:\n    def p(self): return 2\n",
        held="c=m.C()\n",
        expect=["c.p() == 2"],
    ),
    "a method becomes a property": Edit(
        "class C:\n    def p(self): return 1\n",
        "class C:\n    @property\n    def p(self): return 2\n",
        held="c=m.C()\n",
        expect=["c.p == 2"],
    ),
    "getter setter and deleter of a property": Edit(
        (
            "class C:\n    @property\n    def p(self): return 1\n    @p.setter\n    def p(self, v): self.v = v\n"
            "    @p.deleter\n    def p(self): self.v = 0\n"
        ),
        (
            "class C:\n    @property\n    def p(self): return 2\n    @p.setter\n"
            "    def p(self, v): self.v = v * 2\n    @p.deleter\n    def p(self): self.v = -1\n"
        ),
        held="c=m.C(); pr=m.C.p\ndef go():\n    c.p=2; a=c.v; del c.p; return a, c.v, c.p\n",
        expect=["go() == (4,-1,2)", "pr.fget(c) == 2"],
    ),
    "a property gains a setter": Edit(
        "class C:\n    @property\n    def p(self): return 1\n",
        "class C:\n    @property\n    def p(self): return 1\n    @p.setter\n    def p(self, v): self.v = v\n",
        held="c=m.C()\ndef go():\n    c.p=2; return c.v, c.p\n",
        expect=["go() == (2,1)"],
    ),
    "a property loses its setter": Edit(
        "class C:\n    @property\n    def p(self): return 1\n    @p.setter\n    def p(self, v): self.v = v\n",
        "class C:\n    @property\n    def p(self): return 1\n",
        held="c=m.C()\ndef go():\n    c.p=2\n",
        expect=["raises(AttributeError, go)"],
    ),
    "a static method becomes a class method": Edit(
        "class C:\n    @staticmethod\n    def s(): return 1\n",
        "class C:\n    @classmethod\n    def s(cls): return cls.__name__\n",
        held="c=m.C()\n",
        expect=["c.s() == 'C'", "m.C.s() == 'C'"],
    ),
    "a method becomes static": Edit(
        "class C:\n    def s(self): return 1\n",
        "class C:\n    @staticmethod\n    def s(): return 2\n",
        held="c=m.C()\n",
        expect=["c.s() == 2", "m.C.s() == 2"],
    ),
    "a static method becomes an ordinary one": Edit(
        "class C:\n    @staticmethod\n    def s(x=0): return 1\n",
        "class C:\n    def s(self, x=0): return 2\n",
        held="c=m.C()\n",
        expect=["c.s() == 2"],
    ),
    "a method begins to use super": Edit(
        "class A:\n    def v(self): return 1\nclass C(A):\n    def v(self): return 0\n",
        "class A:\n    def v(self): return 1\nclass C(A):\n    def v(self): return super().v() + 1\n",
        held="c=m.C()\nb=c.v\n",
        expect=["c.v() == 2", "b() == 2"],
    ),
    "new methods that use super and their class": Edit(
        "class A:\n    def v(self): return 1\nclass C(A):\n    pass\n",
        (
            "class A:\n    def v(self): return 1\nclass C(A):\n    def v(self): return super().v() + 1\n"
            "    @classmethod\n    def k(cls): return __class__.__name__\n"
        ),
        held="c=m.C()\n",
        expect=["c.v() == 2", "c.k() == 'C'"],
    ),
    "a method ceases to use super": Edit(
        "class A:\n    def v(self): return 1\nclass C(A):\n    def v(self): return super().v() + 1\n",
        "class A:\n    def v(self): return 1\nclass C(A):\n    def v(self): return 7\n",
        held="c=m.C()\nb=c.v\n",
        expect=["c.v() == 7", "b() == 7"],
    ),
    "a property begins to use super": Edit(
        (
            "class A:\n    @property\n    def v(self): return 1\nclass C(A):\n    @property\n"
            "    def v(self): return 0\n"
        ),
        (
            "class A:\n    @property\n    def v(self): return 1\nclass C(A):\n    @property\n"
            "    def v(self): return super().v + 1\n"
        ),
        held="c=m.C()\n",
        expect=["c.v == 2"],
    ),
    "a decorated method begins to use super": Edit(
        (
            "import functools\ndef d(f):\n    @functools.wraps(f)\n    def w(*a): return ('w', f(*a))\n"
            "    return w\nclass A:\n    def v(self): return 1\nclass C(A):\n    @d\n    def v(self): return 0\n"
        ),
        (
            "import functools\ndef d(f):\n    @functools.wraps(f)\n    def w(*a): return ('w', f(*a))\n"
            "    return w\nclass A:\n    def v(self): return 1\nclass C(A):\n    @d\n"
            "    def v(self): return super().v() + 1\n"
        ),
        held="c=m.C()\nb=c.v\n",
        expect=["c.v() == ('w',2)", "b() == ('w',2)"],
    ),
    "private names": Edit(
        "class C:\n    def __h(self): return 1\n    def v(self): return self.__h()\n",
        "class C:\n    def __h(self): return 2\n    def v(self): return self.__h() + 10\n",
        held="c=m.C()\n",
        expect=["c.v() == 12"],
    ),
    "new private names": Edit(
        "class C:\n    def v(self): return 1\n",
        "class C:\n    __k = 5\n    def __h(self): return self.__k\n    def v(self): return self.__h()\n",
        held="c=m.C()\n",
        expect=["c.v() == 5", "not hasattr(c, '__k')"],
    ),
    "a private name goes": Edit(
        "class C:\n    __k = 5\n    def v(self): return self.__k\n",
        "class C:\n    def v(self): return 1\n",
        held="c=m.C()\n",
        expect=["c.v() == 1", "not hasattr(c, '_C__k')"],
    ),
    "a class gains a base": Edit(
        "class A:\n    def a(self): return 1\nclass C:\n    pass\n",
        "class A:\n    def a(self): return 1\nclass C(A):\n    pass\n",
        held="c=m.C()\nL=[m.C]\n",
        expect=["m.C().a() == 1", "c.a() == 1 or not_applied", "isinstance(c, m.C)"],
    ),
    "a class loses its base": Edit(
        "class A:\n    def a(self): return 1\nclass C(A):\n    pass\n",
        "class A:\n    def a(self): return 1\nclass C:\n    pass\n",
        held="c=m.C()\n",
        expect=["not hasattr(m.C(),'a')", "not hasattr(c, 'a')", "isinstance(c, m.C)"],
    ),
    "a base of a class with a subclass is exchanged": Edit(
        (
            "class A:\n    def w(self): return 'A'\nclass B:\n    def w(self): return 'B'\nclass C(A):\n    pass\n"
            "class D(C):\n    pass\n"
        ),
        (
            "class A:\n    def w(self): return 'A'\nclass B:\n    def w(self): return 'B'\nclass C(B):\n    pass\n"
            "class D(C):\n    pass\n"
        ),
        held="d=m.D()\nK=m.C\n",
        expect=["d.w() == 'B'", "K().w() == 'B'", "m.C is K"],
    ),
    "a base from another module is exchanged": Edit(
        {
            "a": "class A:\n    def w(self): return 'A'\nclass B:\n    def w(self): return 'B'\n",
            "m": "from a import A as X\nclass C(X): pass\n",
        },
        {
            "m": "from a import B as X\nclass C(X): pass\n",
        },
        held="c=m.C()\n",
        expect=["c.w() == 'B'"],
    ),
    "the name of a base stands for another class upstream": Edit(
        {
            "a": "class A:\n    def w(self): return 'A'\nclass B:\n    def w(self): return 'B'\nBase = A\n",
            "m": "from a import Base\nclass C(Base): pass\n",
        },
        {
            "a": "class A:\n    def w(self): return 'A'\nclass B:\n    def w(self): return 'B'\nBase = B\n",
        },
        held="c=m.C()\n",
        expect=["c.w() == 'B'", "m.C().w() == 'B'"],
    ),
    "a method of a metaclass": Edit(
        "class M(type):\n    def k(cls): return 1\nclass C(metaclass=M):\n    def v(self): return 1\n",
        "class M(type):\n    def k(cls): return 2\nclass C(metaclass=M):\n    def v(self): return 2\n",
        held="c=m.C()\n",
        expect=["c.v() == 2", "m.C.k() == 2", "type(c) is m.C"],
    ),
    "what a metaclass puts into its classes": Edit(
        (
            "class M(type):\n    def __new__(mc, n, b, ns):\n        ns['tag'] = 1\n"
            "        return super().__new__(mc, n, b, ns)\nclass C(metaclass=M):\n    def v(self): return 1\n"
        ),
        (
            "class M(type):\n    def __new__(mc, n, b, ns):\n        ns['tag'] = 2\n"
            "        return super().__new__(mc, n, b, ns)\nclass C(metaclass=M):\n    def v(self): return 1\n"
        ),
        held="c=m.C()\n",
        expect=["m.C.tag == 2", "c.tag == 2"],
    ),
    "a class gains a metaclass": Edit(
        "class M(type):\n    def k(cls): return 1\nclass C:\n    def v(self): return 1\n",
        "class M(type):\n    def k(cls): return 1\nclass C(metaclass=M):\n    def v(self): return 2\n",
        held="c=m.C()\n",
        expect=["m.C.k() == 1", "c.v() == 2", "isinstance(c, m.C)"],
    ),
    "subclasses are registered once": Edit(
        (
            "R=[]\nclass A:\n    def __init_subclass__(cls, **k): R.append(cls.__name__)\nclass C(A):\n"
            "    def v(self): return 1\n"
        ),
        (
            "R=[]\nclass A:\n    def __init_subclass__(cls, **k): R.append(cls.__name__)\nclass C(A):\n"
            "    def v(self): return 2\nclass D(A): pass\n"
        ),
        held="c=m.C()\n",
        expect=["c.v() == 2", "m.R == ['C','D']"],
    ),
    "the keyword of a subclass": Edit(
        "class A:\n    def __init_subclass__(cls, tag=None): cls.tag = tag\nclass C(A, tag=1): pass\n",
        "class A:\n    def __init_subclass__(cls, tag=None): cls.tag = tag\nclass C(A, tag=2): pass\n",
        held="c=m.C()\n",
        expect=["c.tag == 2"],
    ),
    "what a base does to its subclasses": Edit(
        "class A:\n    def __init_subclass__(cls): cls.tag = 1\nclass C(A): pass\n",
        "class A:\n    def __init_subclass__(cls): cls.tag = 2\nclass C(A): pass\n",
        held="c=m.C()\n",
        expect=["c.tag == 2 or not_applied"],
    ),
    "a descriptor that learns its name": Edit(
        (
            "class F:\n    def __set_name__(self, o, n): self.n = n\n"
            "    def __get__(self, i, o=None): return self.n\nclass C:\n    a = F()\n"
        ),
        (
            "class F:\n    def __set_name__(self, o, n): self.n = n\n"
            "    def __get__(self, i, o=None): return self.n\nclass C:\n    a = F()\n    b = F()\n"
        ),
        held="c=m.C()\n",
        expect=["c.b == 'b'", "c.a == 'a'"],
    ),
    "a descriptor": Edit(
        "class F:\n    def __get__(self, i, o=None): return 1\nclass C:\n    a = F()\n",
        "class F:\n    def __get__(self, i, o=None): return 2\nclass C:\n    a = F()\n",
        held="c=m.C()\n",
        expect=["c.a == 2"],
    ),
    "a method of a class with slots": Edit(
        "class C:\n    __slots__=('x',)\n    def __init__(self): self.x=1\n    def v(self): return self.x\n",
        "class C:\n    __slots__=('x',)\n    def __init__(self): self.x=1\n    def v(self): return self.x + 1\n",
        held="c=m.C()\n",
        expect=["c.v() == 2"],
    ),
    "slots are removed": Edit(
        "class C:\n    __slots__=('x',)\n    def __init__(self): self.x=1\n    def v(self): return self.x\n",
        "class C:\n    def __init__(self): self.x=1\n    def v(self): return self.x + 1\n",
        held="c=m.C()\nL=[c]\n",
        expect=["m.C().v() == 2", "c.v() == 2", "isinstance(c, m.C)", "not_applied"],
    ),
    "a class wrapped by a decorator": Edit(
        (
            "def d(c):\n    class W(c):\n        def z(self): return 1\n    return W\n@d\nclass C:\n"
            "    def v(self): return 1\n"
        ),
        (
            "def d(c):\n    class W(c):\n        def z(self): return 1\n    return W\n@d\nclass C:\n"
            "    def v(self): return 2\n"
        ),
        held="c=m.C()\n",
        expect=["c.v() == 2", "m.C().v() == 2"],
    ),
    "the decorator of a class": Edit(
        "def d(c):\n    c.tag = 1\n    return c\n@d\nclass C: pass\n",
        "def d(c):\n    c.tag = 2\n    return c\n@d\nclass C: pass\n",
        held="c=m.C()\n",
        expect=["c.tag == 2"],
    ),
    "the decorator of a class goes": Edit(
        "def d(c):\n    c.tag = 1\n    return c\n@d\nclass C: pass\n",
        "def d(c):\n    c.tag = 1\n    return c\nclass C: pass\n",
        held="c=m.C()\n",
        expect=["not hasattr(c,'tag')"],
    ),
    "a constant of a nested class": Edit(
        "class A:\n    class B:\n        K=1\n        def v(self): return self.K\n",
        "class A:\n    class B:\n        K=2\n        def v(self): return self.K\n",
        held="b=m.A.B()\n",
        expect=["b.v() == 2"],
    ),
    "a nested class goes": Edit(
        "class A:\n    class B: pass\n    x=1\n",
        "class A:\n    x=1\n",
        held="a=m.A()\n",
        expect=["not hasattr(a,'B')"],
    ),
    "a constant that a class body reads": Edit(
        "N=1\nclass C:\n    K=N\n    L=[N]\n    def v(self, d=N): return d\n",
        "N=2\nclass C:\n    K=N\n    L=[N]\n    def v(self, d=N): return d\n",
        held="c=m.C()\n",
        expect=["c.K == 2", "c.L == [2]", "c.v() == 2"],
    ),
    "the docstring of a class": Edit(
        "class C:\n    'a'\n",
        "class C:\n    'b'\n",
        expect=["m.C.__doc__ == 'b'"],
    ),
    "annotations of a class": Edit(
        "class C:\n    x: int\n",
        "class C:\n    x: str\n    y: int\n",
        expect=["m.C.__annotations__ == {'x': str, 'y': int}"],
    ),
    "another name for a method": Edit(
        "class C:\n    def a(self): return 1\n    b = a\n",
        "class C:\n    def a(self): return 2\n    b = a\n",
        held="c=m.C()\n",
        expect=["c.b() == 2", "m.C.a is m.C.b"],
    ),
    "a method under a condition": Edit(
        "import sys\nclass C:\n    if sys.platform:\n        def a(self): return 1\n",
        "import sys\nclass C:\n    if sys.platform:\n        def a(self): return 2\n",
        held="c=m.C()\nb=c.a\n",
        expect=["c.a() == 2", "b() == 2"],
    ),
    "a class that a function makes": Edit(
        "def mk():\n    class C:\n        def v(self): return 1\n    return C\n",
        "def mk():\n    class C:\n        def v(self): return 2\n    return C\n",
        held="c=m.mk()()\n",
        expect=["c.v() == 2", "m.mk()().v() == 2"],
    ),
    "an attribute of a class that a function makes": Edit(
        "def mk():\n    class C:\n        K=1\n        def v(self): return self.K\n    return C\n",
        "def mk():\n    class C:\n        K=2\n        def v(self): return self.K\n    return C\n",
        held="c=m.mk()()\n",
        expect=["m.mk()().v() == 2"],
    ),
    "a singleton": Edit(
        (
            "class C:\n    _i = None\n    def __new__(cls):\n"
            "        if cls._i is None: cls._i = super().__new__(cls)\n        return cls._i\n"
            "    def v(self): return 1\n"
        ),
        (
            "class C:\n    _i = None\n    def __new__(cls):\n"
            "        if cls._i is None: cls._i = super().__new__(cls)\n        return cls._i\n"
            "    def v(self): return 2\n"
        ),
        held="c=m.C()\n",
        expect=["m.C() is c", "c.v() == 2"],
    ),
    "weak references": Edit(
        "class C:\n    def v(self): return 1\n",
        "class C:\n    def v(self): return 2\n",
        held="import weakref\nc=m.C()\nw=weakref.WeakMethod(c.v)\nk=weakref.WeakKeyDictionary({c:1})\n",
        expect=["w()() == 2", "k[c] == 1"],
    ),
    "copies": Edit(
        "import copy\nclass C:\n    def __init__(s): s.x=[1]\n    def v(s): return 1\n",
        "import copy\nclass C:\n    def __init__(s): s.x=[1]\n    def v(s): return 2\n",
        held="import copy\nc=m.C()\n",
        expect=["copy.deepcopy(c).v() == 2"],
    ),
    "a class is renamed": Edit(
        "class A:\n    def v(self): return 1\nX = A()\n",
        "class B:\n    def v(self): return 1\nX = B()\n",
        held="a=m.A()\n",
        expect=["type(m.X) is m.B", "not hasattr(m,'A')"],
    ),
    "bases change places": Edit(
        "class A:\n    def w(self): return 'A'\nclass B:\n    def w(self): return 'B'\nclass C(A,B): pass\n",
        "class A:\n    def w(self): return 'A'\nclass B:\n    def w(self): return 'B'\nclass C(B,A): pass\n",
        held="c=m.C()\n",
        expect=["c.w() == 'B'"],
    ),
    "a counter of instances": Edit(
        "class C:\n    n = 0\n    def __init__(s): C.n += 1\n",
        "class C:\n    n = 0\n    def __init__(s): C.n += 10\n",
        held="m.C()\nm.C()\n",
        expect=["m.C.n == 2", "(m.C(), m.C.n)[1] == 12"],
    ),
}

Edits = tests_of(EDITS)


if __name__ == "__main__":
    unittest.main()
