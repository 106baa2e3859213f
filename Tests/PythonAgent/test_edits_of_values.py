"""Edits of values and statements, and what was computed from them. Each is a small program, what somebody holds of it,
the saved text, and what has to hold afterwards, through the old references too.
"""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

EDITS = {
    "what is the same in a table that is made anew": Edit(
        "T = {'a': [1], 'b': [2], 'c': {'d': [3], 'e': 4}}\nL = [{'x': 1}, {'x': 2}]\n",
        "T = {'a': [1, 5], 'b': [2], 'c': {'d': [3], 'e': 5}}\nL = [{'x': 0}, {'x': 1}, {'x': 2}]\n",
        held="a, b, d, x, y = m.T['a'], m.T['b'], m.T['c']['d'], *m.L",
        expect=["m.T['a'] == [1, 5] and m.T['a'] is not a", "m.T['b'] is b", "m.T['c']['d'] is d", "m.L[1] is x and m.L[2] is y", "not not_applied"],
    ),
    "what a table has of another one is not made anew for it": Edit(
        "B = [2]\nT = {'a': 1, 'b': [2]}\n", "B = [2]\nT = {'a': 5, 'b': B}\n", expect=["m.T['b'] is m.B", "not not_applied"]
    ),
    "a name that a comprehension binds": Edit(
        "L = [1, 2]\nM = [y := v for v in L]\nX = y\n", "L = [1, 3]\nM = [y := v for v in L]\nX = y\n", expect=["(m.M, m.X, m.y) == ([1, 3], 3, 3)"]
    ),
    "a name that a generator binds": Edit(
        "L = [1, 2]\nany((y := v) > 1 for v in L)\nX = y\n", "L = [1, 3]\nany((y := v) > 1 for v in L)\nX = y\n", expect=["(m.X, m.y) == (3, 3)"]
    ),
    "a name that a generator in a condition binds": Edit(
        "L = [1, 2]\nif any((y := v) > 1 for v in L): X = y\n", "L = [1, 3]\nif any((y := v) > 1 for v in L): X = y\n", expect=["(m.X, m.y) == (3, 3)"]
    ),
    "containers that hold a constant": Edit(
        {
            "a": "K=1\n",
            "b": "import a\nfrom a import K\nD={'k':K,'n':{'m':a.K}}\nL=[K,(K,)]\nS={K}\n",
        },
        {
            "a": "K=2\n",
        },
        expect=["b.D == {'k':2,'n':{'m':2}}", "b.L == [2,(2,)]", "b.S == {2}"],
    ),
    "class attributes that hold a constant": Edit(
        {
            "a": "K=1\n",
            "b": "from a import K\nclass C:\n    k=K\n    d={'k':K}\n    def v(self, x=K): return x\n",
        },
        {
            "a": "K=2\n",
        },
        held="c=b.C()\n",
        expect=["c.k == 2", "c.d == {'k':2}", "c.v() == 2"],
    ),
    "defaults that are a constant": Edit(
        {
            "a": "K=1\n",
            "b": "from a import K\ndef f(x=K, *, y=K): return x,y\nimport functools\nP=functools.partial(f)\n",
        },
        {
            "a": "K=2\n",
        },
        held="old=b.f\n",
        expect=["old() == (2,2)", "b.P() == (2,2)"],
    ),
    "a constant of another module that a decorator is given": Edit(
        {
            "a": "K=1\n",
            "b": (
                    "from a import K\ndef d(n):\n    def dd(f):\n        def w(): return n\n        return w\n"
                    "    return dd\n@d(K)\ndef f(): pass\n"
                ),
        },
        {
            "a": "K=2\n",
        },
        held="old=b.f\n",
        expect=["old() == 2"],
    ),
    "a condition on a constant": Edit(
        {
            "a": "FLAG=False\n",
            "b": "import a\nif a.FLAG:\n    def f(): return 'on'\nelse:\n    def f(): return 'off'\n",
        },
        {
            "a": "FLAG=True\n",
        },
        held="old=b.f\n",
        expect=["b.f() == 'on'"],
    ),
    "strings made of a constant": Edit(
        {
            "a": "V='1'\n",
            "b": "from a import V\nS=f'v{V}'\nT='%s' % V\n",
        },
        {
            "a": "V='2'\n",
        },
        expect=["b.S == 'v2'", "b.T == '2'"],
    ),
    "comprehensions over a constant": Edit(
        {
            "a": "V=[1,2]\n",
            "b": "from a import V\nS=[v*2 for v in V]\nD={v:v for v in V}\nG=sum(v for v in V)\n",
        },
        {
            "a": "V=[5]\n",
        },
        expect=["b.S == [10]", "b.D == {5:5}", "b.G == 5"],
    ),
    "an assignment inside a condition": Edit(
        "if (n := 1) > 0:\n    X = n\n",
        "if (n := 5) > 0:\n    X = n\n",
        expect=["m.X == 5"],
    ),
    "a loop that fills a list": Edit(
        "K=1\nL=[]\nfor i in range(3):\n    L.append(i*K)\n",
        "K=2\nL=[]\nfor i in range(3):\n    L.append(i*K)\n",
        expect=["m.L == [0,2,4] or not_applied"],
    ),
    "what a with statement binds": Edit(
        "import io\nwith io.StringIO('1') as h:\n    X = h.read()\n",
        "import io\nwith io.StringIO('2') as h:\n    X = h.read()\n",
        expect=["m.X == '2'"],
    ),
    "augmented assignments": Edit(
        "X=1\nX+=1\nX*=2\nY=X\n",
        "X=3\nX+=1\nX*=2\nY=X\n",
        expect=["(m.X,m.Y) == (8,8)"],
    ),
    "a list that is added to": Edit(
        "L=[1]\nL+=[2]\nM=tuple(L)\n",
        "L=[1]\nL+=[3]\nM=tuple(L)\n",
        expect=["m.L == [1,3]", "m.M == (1,3)"],
    ),
    "items of a dictionary": Edit(
        "D={}\nD['a']=1\nD.update(b=2)\n",
        "D={}\nD['a']=10\nD.update(b=20)\n",
        held="D=m.D\n",
        expect=["m.D == {'a':10,'b':20}"],
    ),
    "an item of a dictionary goes": Edit(
        "D={}\nD['a']=1\nD['b']=2\n",
        "D={}\nD['a']=1\n",
        held="m.D['rt']=1\n",
        expect=["'b' not in m.D or not_applied"],
    ),
    "what was appended goes": Edit(
        "L=[]\nL.append(1)\nL.append(2)\n",
        "L=[]\nL.append(1)\n",
        expect=["m.L == [1] or not_applied"],
    ),
    "something is appended": Edit(
        "L=[]\nL.append(1)\n",
        "L=[]\nL.append(1)\nL.append(2)\n",
        expect=["m.L == [1,2]"],
    ),
    "something else is appended": Edit(
        "L=[]\nL.append(1)\n",
        "L=[]\nL.append(7)\n",
        expect=["m.L == [7] or not_applied"],
    ),
    "unpacking": Edit(
        "a, b = 1, 2\nc = a + b\n",
        "a, b = 5, 2\nc = a + b\n",
        expect=["m.c == 7"],
    ),
    "several names at once": Edit(
        "a = b = 1\nc = b\n",
        "a = b = 4\nc = b\n",
        expect=["(m.a,m.c) == (4,4)"],
    ),
    "a name that is deleted again": Edit(
        "t = 1\nX = t\ndel t\n",
        "t = 2\nX = t\ndel t\n",
        expect=["m.X == 2", "not hasattr(m,'t')"],
    ),
    "a call that sets a global name": Edit(
        "def setup():\n    global Z\n    Z = 1\nsetup()\n",
        "def setup():\n    global Z\n    Z = 2\nsetup()\n",
        expect=["m.Z == 2 or not_applied"],
    ),
    "state beside an edit": Edit(
        "counter = 0\ncache = {}\nX = 1\n",
        "counter = 0\ncache = {}\nX = 2\n",
        held="m.counter=5\nm.cache['a']=1\n",
        expect=["m.counter == 5", "m.cache == {'a':1}", "m.X == 2"],
    ),
    "a dictionary that is edited": Edit(
        "cache = {'v': 1}\n",
        "cache = {'v': 2}\n",
        held="c=m.cache\nm.cache['rt']=1\n",
        expect=["m.cache['v'] == 2"],
    ),
    "a name that was put there from outside": Edit(
        "X=1\n",
        "X=2\n",
        held="m.inj = 1\n",
        expect=["m.inj == 1"],
    ),
    "what methods computed": Edit(
        {
            "a": "class C:\n    def v(self): return 1\nc=C()\n",
            "b": "import a\nY = a.c.v()\nZ = a.C().v()\n",
        },
        {
            "a": "class C:\n    def v(self): return 2\nc=C()\n",
        },
        expect=["b.Y == 2", "b.Z == 2"],
    ),
    "what a function computed that calls what it is given": Edit(
        "def g(f): return f(1)\ndef h(x): return x\nY = g(h)\n",
        "def g(f): return f(1)\ndef h(x): return x + 1\nY = g(h)\n",
        expect=["m.Y == 2 or not_applied"],
    ),
    "what built-in functions computed with a function": Edit(
        "def h(x): return x\nY = list(map(h, [1]))\nZ = max([1,2], key=h)\nS = tuple(map(h,[1]))\n",
        "def h(x): return -x\nY = list(map(h, [1]))\nZ = max([1,2], key=h)\nS = tuple(map(h,[1]))\n",
        expect=["m.Y == [-1] or not_applied", "m.Z == 1 or not_applied", "m.S == (-1,) or not_applied"],
    ),
    "what a property computed": Edit(
        "class C:\n    @property\n    def p(self): return 1\nc=C()\nY=c.p\n",
        "class C:\n    @property\n    def p(self): return 2\nc=C()\nY=c.p\n",
        expect=["m.Y == 2 or not_applied"],
    ),
    "what an operator computed": Edit(
        "class C:\n    def __init__(s,x): s.x=x\n    def __add__(s,o): return s.x+o\nY=C(1)+1\n",
        "class C:\n    def __init__(s,x): s.x=x\n    def __add__(s,o): return s.x+o+10\nY=C(1)+1\n",
        expect=["m.Y == 12 or not_applied"],
    ),
    "what a special method computed": Edit(
        "class C:\n    def __len__(s): return 1\nc=C()\nY=len(c)\nZ=str(c)[:0]\n",
        "class C:\n    def __len__(s): return 2\nc=C()\nY=len(c)\nZ=str(c)[:0]\n",
        expect=["m.Y == 2 or not_applied"],
    ),
    "what an instance was made with": Edit(
        "class C:\n    def __init__(s): s.x=1\nc=C()\nY=c.x\n",
        "class C:\n    def __init__(s): s.x=2\nc=C()\nY=c.x\n",
        expect=["m.c.x == 2 or not_applied"],
    ),
    "what a function computed from a constant of a class": Edit(
        "class Cfg:\n    N=1\ndef lim(): return Cfg.N\nL=lim()\n",
        "class Cfg:\n    N=2\ndef lim(): return Cfg.N\nL=lim()\n",
        expect=["m.L == 2"],
    ),
    "the environment": Edit(
        "import os\nos.environ['AFRESH_T']='1'\nV=os.environ['AFRESH_T']\n",
        "import os\nos.environ['AFRESH_T']='2'\nV=os.environ['AFRESH_T']\n",
        expect=["m.V == '2' or not_applied"],
    ),
    "an attribute of an object that the text sets": Edit(
        "class N: pass\ncfg=N()\ncfg.a=1\nY=cfg.a\n",
        "class N: pass\ncfg=N()\ncfg.a=2\nY=cfg.a\n",
        expect=["m.cfg.a == 2", "m.Y == 2 or not_applied"],
    ),
    "an item of a dictionary display": Edit(
        "D={'a':1}\nY=D['a']\n",
        "D={'a':2}\nY=D['a']\n",
        expect=["m.Y == 2"],
    ),
    "an item that a statement sets": Edit(
        "D={}\nD['a']=1\nY=D['a']\n",
        "D={}\nD['a']=2\nY=D['a']\n",
        expect=["m.Y == 2"],
    ),
    "another name for a type": Edit(
        "from typing import Optional, Union\nclass C: pass\nT=Optional[C]\ndef f(x: T): pass\n",
        "from typing import Optional, Union\nclass C: pass\nT=Union[C,int]\ndef f(x: T): pass\n",
        held="old=m.f\n",
        expect=["old.__annotations__['x'] == m.T"],
    ),
    "the level of a logger": Edit(
        "import logging\nlog=logging.getLogger('t.x')\nlog.setLevel(10)\n",
        "import logging\nlog=logging.getLogger('t.x')\nlog.setLevel(20)\n",
        expect=["m.log.level == 20"],
    ),
    "a compiled pattern": Edit(
        "import re\nP='a'\nR=re.compile(P)\n",
        "import re\nP='b'\nR=re.compile(P)\n",
        expect=["m.R.pattern == 'b'"],
    ),
    "a context variable": Edit(
        "import contextvars\nv=contextvars.ContextVar('v', default=1)\n",
        "import contextvars\nv=contextvars.ContextVar('v', default=2)\n",
        expect=["m.v.get() == 2"],
    ),
    "a lock": Edit(
        "import threading\nlock=threading.Lock()\ndef f(): return 1\n",
        "import threading\nlock=threading.Lock()\ndef f(): return 2\n",
        held="l=m.lock\n",
        expect=["m.lock is l"],
    ),
    "a failing save and a registration": Edit(
        {
            "reg": "H=[]\n",
            "m": "import reg\nX=1\n",
        },
        {
            "m": "import reg\nreg.H.append(1)\nX=2\n1/0\n",
        },
        expect=["reg.H == []", "m.X == 1", "outcome == 'rolledBack'"],
    ),
    "a failing save and a class": Edit(
        "class C:\n    K=1\n    def v(self): return 1\n",
        "class C:\n    K=2\n    def v(self): return 2\n    def w(self): pass\n1/0\n",
        held="c=m.C()\n",
        expect=["c.K == 1", "c.v() == 1", "not hasattr(c,'w')"],
    ),
    "a failing save is mended": Edit(
        "X=1\n",
        "X=2\nY=1/0\n",
        "X=2\nY=3\n",
        expect=["(m.X,m.Y) == (2,3)"],
    ),
    "an edit is taken back": Edit(
        "def f(): return 1\nclass C:\n    K=1\nX=1\n",
        "def f(): return 2\nclass C:\n    K=2\nX=2\n",
        "def f(): return 1\nclass C:\n    K=1\nX=1\n",
        held="f=m.f\nc=m.C()\n",
        expect=["(f(), c.K, m.X) == (1,1,1)"],
    ),
}

Edits = tests_of(EDITS)


if __name__ == "__main__":
    unittest.main()
