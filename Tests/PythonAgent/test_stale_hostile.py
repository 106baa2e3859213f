"""Objects that raise whenever they are touched: the scan neither calls them nor fails."""
from __future__ import annotations

import subprocess
import sys
import unittest
from pathlib import Path

from stale_program import Program, briefly, stale

HOSTILE = '''
import hooks

def special(name):
    def method(self, *arguments, **named):
        if hooks.ARMED[0]:
            hooks.CALLS.append(name)
            raise RuntimeError(name)
        return getattr(object, name, lambda *a: None)(self, *arguments)
    return method

NAMES = """__eq__ __ne__ __lt__ __hash__ __bool__ __len__ __iter__ __next__ __contains__ __getitem__ __setitem__
    __call__ __repr__ __str__ __format__ __dir__ __sizeof__ __reduce__ __enter__ __exit__ __get__ __index__ __int__
    __float__ __getattr__ __instancecheck__ __subclasscheck__ __missing__ __reversed__ __add__
    __await__ __aiter__""".split()

class Hostile:
    def __getattribute__(self, name):
        if hooks.ARMED[0]:
            hooks.CALLS.append("getattribute " + name)
            raise RuntimeError(name)
        return object.__getattribute__(self, name)
    @property
    def __class__(self):
        if hooks.ARMED[0]:
            hooks.CALLS.append("class")
            raise RuntimeError
        return int
    @property
    def __dict__(self):
        hooks.CALLS.append("dict")
        raise RuntimeError
    for name in NAMES:
        locals()[name] = special(name)
    del name

class Meta(type):
    def __getattribute__(cls, name):
        if hooks.ARMED[0]:
            hooks.CALLS.append("meta getattribute " + name)
            raise RuntimeError(name)
        return type.__getattribute__(cls, name)
    def __eq__(cls, other):
        if hooks.ARMED[0]:
            hooks.CALLS.append("meta eq")
            raise RuntimeError
        return cls is other
    def __hash__(cls):
        if hooks.ARMED[0]:
            hooks.CALLS.append("meta hash")
            raise RuntimeError
        return 5
    def __instancecheck__(cls, other):
        hooks.CALLS.append("instancecheck")
        raise RuntimeError
    def __subclasscheck__(cls, other):
        hooks.CALLS.append("subclasscheck")
        raise RuntimeError
    def __bool__(cls):
        hooks.CALLS.append("meta bool")
        raise RuntimeError
    def __subclasses__(cls):
        hooks.CALLS.append("meta subclasses")
        raise RuntimeError

class Made(metaclass=Meta):
    def m(self): return 1

class Odd(dict):
    def __iter__(self):
        hooks.CALLS.append("odd iter")
        raise RuntimeError
    items = keys = values = __getitem__ = __contains__ = get = __len__ = __iter__

class OddList(list):
    __iter__ = __getitem__ = __len__ = __contains__ = __eq__ = __reversed__ = Odd.__iter__
    __hash__ = None

class OddString(str):
    def __eq__(self, other):
        if hooks.ARMED[0]:
            hooks.CALLS.append("string eq")
            raise RuntimeError
        return str.__eq__(self, other)
    __hash__ = str.__hash__
    def __repr__(self):
        hooks.CALLS.append("string repr")
        raise RuntimeError
    __str__ = __format__ = __repr__

value = Hostile()
values = [Hostile(), {"a": Hostile()}]
table = {Made: Hostile(), OddString("k"): 1}
constant = OddString("x")
def f(x=value): return 1
'''

HOLDER = '''
from hostile import Hostile, Made, Odd, OddList, OddString, f, value, values, constant
import hostile
all = [f, value, Made, Made(), Hostile()]
odd = Odd(k=OddList([f, Made]))
keyed = {OddString("key"): f, Made: [f]}
class Derived(Made): pass
class Holder(Hostile): pass
h = Holder()
object.__setattr__(h, "x", 1)
method = Made().m
'''


class HostileObjects(unittest.TestCase):
    def test_nothing_of_them_is_called_and_everything_is_found(self):
        program = Program(hooks="CALLS = []\nARMED = [False]\n", hostile=HOSTILE, holder=HOLDER)
        hooks = program["hooks"]
        loaded = program.modules["hostile"]
        hooks["ARMED"][0] = True
        try:
            captured = stale.capture([loaded])
            hooks["ARMED"][0] = False
            program._execute(loaded, HOSTILE)
            hooks["ARMED"][0] = True
            stale.settle(captured, program.modules.values())
            result = program.scan()
        finally:
            hooks["ARMED"][0] = False
        self.assertEqual(hooks["CALLS"], [])
        found = briefly(result)
        for wanted in (("hostile.f", "binding", "holder.f", 1), ("hostile.f", "registration", "holder.all[0]", 1),
                       ("hostile.f", "registration", "holder.odd['k'][0]", 1),
                       ("hostile.Made", "subclass", "holder.Derived", 1)):
            self.assertIn(wanted, found)
        self.assertTrue(result["coverage"]["complete"], result)
        program.close()

    def test_what_asyncio_keeps_for_later_is_left_in_peace(self):
        """CPython 3.12 tells of dead iterators there: brought to life, they make the collector go on for ever."""
        done = subprocess.run([sys.executable, "-c", AWAITED], cwd=Path(__file__).parent, capture_output=True, text=True,
                              timeout=60)
        self.assertEqual((done.returncode, done.stdout.split()[-2:]), (0, ["the", "end"]), done.stderr[-2000:])


# Tasks of the C kind, awaited futures whose iterators are over, and scans that come to the module they are of.
AWAITED = """
import asyncio, ctypes, gc, resource
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
from stale_program import Program
from _afresh import stale

async def main():
    loop = asyncio.get_running_loop()
    program = Program(m="class C: pass\\n", holder="")
    for number in range(10):
        future = loop.create_future()
        loop.call_soon(future.set_result, 1)
        await future
        await asyncio.gather(*(asyncio.sleep(0.001) for _ in range(20)))
        program["holder"]["task"] = asyncio.Task
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(program["m"]["C"]))  # so that everything is walked
        program.save("m", "class C: pass\\n")
        for stale._HERE.edges in (30_000, 0):
            result = program.scan()
            assert result["total"], result
        del future
        gc.collect()
    program.close()

asyncio.run(main())
for _ in range(10):
    gc.collect()
print("the end")
"""


if __name__ == "__main__":
    unittest.main()
