"""The `exact` policy: `importlib.reload`, over several modules at once or not at all."""
from __future__ import annotations

import os
import time

import pytest


def test_names_keep_their_values_as_importlib_reload_says(start, write):
    path = write("m.py", """
        try:
            cache
        except NameError:
            cache = {"hits": 1}
        gone = 1
        def f(): return 1
        class C: pass
    """)
    program = start(body="import m; old = m, m.__dict__, m.f, m.C, m.C(), m.cache, m.__spec__, m.__loader__")
    write("m.py", """
        try:
            cache
        except NameError:
            cache = {"hits": 2}
        def f(): return 2
        class C: pass
        new = 3
    """)
    with program.connect() as client:
        result = client.reload(("m", path))
    assert result["modules"] == [{"module": "m", "generation": 2, "executed": True, "changed": True, "changes": []}]
    same = "[m is old[0], m.__dict__ is old[1], m.f is old[2], m.C is old[3], type(old[4]) is m.C, m.cache is old[5]]"
    assert program.value(same) == [True, True, False, False, False, True]
    assert program.value("[m.cache, m.gone, m.f(), old[2](), m.new, m.__spec__ is old[6], m.__loader__ is old[7]]") \
        == [{"hits": 1}, 1, 2, 1, 3, False, False]


def test_reload_leaves_the_module_s_own_attributes_as_importlib_does(start, write):
    path = write("m.py", "__file__ = 'changed'; __package__ = 'x'; __doc__ = 'mine'\n")
    program = start(body="import m, importlib, json")
    facts = "[m.__name__, m.__file__, m.__package__, m.__spec__.name, m.__spec__.origin, m.__spec__.cached, " \
        "m.__cached__, type(m.__loader__).__name__, m.__doc__, list(m.__dict__), list(__import__('sys').modules)[-1]]"
    program.do("importlib.reload(m); print()")
    expected = program.value(facts)
    with program.connect() as client:
        client.reload(("m", path))
    assert program.value(facts) == expected


def test_packages_and_submodules(start, write):
    write("p/__init__.py", "from .s import X\nV = 1\n")
    path = write("p/s.py", "X = 1\n")
    program = start(body="import p.s; old = p, p.s, list(p.__path__)")
    write("p/s.py", "X = 2\n")
    with program.connect() as client:
        client.reload(("p.s", path), ("p", None))
    same = "[p is old[0], p.s is old[1], list(p.__path__) == old[2], p.X, p.s.X]"
    assert program.value(same) == [True, True, True, 2, 2]


def test_namespace_packages(start, write):
    path = write("n/s.py", "X = 1\n")
    program = start(body="import n.s")
    write("n/s.py", "X = 2\n")
    with program.connect() as client:
        client.reload(("n.s", path), ("n", None))
    assert program.value("[n.s.X, n.__file__ if hasattr(n, '__file__') else None]") == [2, None]


def test_a_file_that_became_a_package(start, write, folder):
    path = write("m.py", "X = 1\n")
    program = start(body="import m; old = m")
    path.unlink()
    package = write("m/__init__.py", "from .part import X\n")
    write("m/part.py", "X = 2\n")
    with program.connect() as client:
        [module] = client.ask("prepare", paths=[str(package)], modules=[])["modules"]
        assert (module["name"], module["path"]) == ("m", str(package))
        result = client.reload(("m", package))
        assert result["modules"][0]["generation"] == 2
        assert {module["name"]: module["path"] for module in client.ask("modules")["modules"]}["m"] == str(package)
    assert program.value("[m is old, m.X, m.__file__, m.__path__]") == [True, 2, str(package), [str(folder / "m")]]


def test_a_module_that_replaces_itself(start, write):
    text = """
        import sys, types
        class M(types.ModuleType):
            X = {}
        sys.modules[__name__] = M(__name__)
    """
    path = write("m.py", text.format(1))
    program = start(body="import m, sys, importlib")
    write("m.py", text.format(2))
    with program.connect() as client:
        result = client.reload(("m", path))
    assert "failure" not in result
    assert program.value("[sys.modules['m'] is m, sys.modules['m'].X]") == [False, 2]


def test_a_module_that_reloads_itself_does_so_once(start, write):
    path = write("m.py", """
        import importlib, sys
        N = sys.__dict__.setdefault("count", [])
        N.append(1)
        if len(N) > 1:
            importlib.reload(sys.modules[__name__])
    """)
    program = start(body="import m")
    with program.connect() as client:
        client.reload(("m", path))
    assert program.value("len(m.N)") == 2


def test_the_checked_text_is_executed_whatever_the_file_holds_by_then(start, write):
    path = write("m.py", "X = 1\n")
    program = start(body="import m")
    write("m.py", "X = 2\n")
    with program.connect() as client:
        plan = client.plan(("m", path))
        write("m.py", "X = 3\n")
        client.ask("apply", **plan)
        assert client.ask("running", module="m")["source"] == plan["steps"][0]["payload"]["source"]
    assert program.value("m.X") == 2


def test_a_dependent_is_executed_from_the_text_that_runs(start, write):
    path = write("a.py", "X = 1\n")
    write("b.py", "from a import X\nY = X + 1\n")
    program = start(body="import b")
    write("a.py", "X = 10\n")
    write("b.py", "this does not compile\n")
    with program.connect() as client:
        result = client.reload(("a", path), ("b", None))
    assert [module["generation"] for module in result["modules"]] == [2, 2]
    assert program.value("b.Y") == 11


def test_tracebacks_and_files_of_the_new_code_are_the_saved_ones(start, write):
    path = write("m.py", "def f(): return 1\n")
    program = start(body="import m, inspect, linecache")
    write("m.py", "#\n\ndef f(): return 2\n")
    with program.connect() as client:
        client.reload(("m", path))
    assert program.value("[m.f.__code__.co_filename, m.f.__code__.co_firstlineno, inspect.getsource(m.f)]") \
        == [str(path), 3, "def f(): return 2\n"]


def test_no_reload_uses_bytecode_of_an_older_text(start, write, folder):
    path = write("m.py", "X = 1\n")
    os.utime(path, (1_000_000_000,) * 2)
    program = start(body="import m, importlib, os")
    assert list((folder / "__pycache__").glob("m.*.pyc"))
    write("m.py", "X = 2\n")
    os.utime(path, (1_000_000_000,) * 2)
    with program.connect() as client:
        client.reload(("m", path))
        assert program.value("m.X") == 2
        assert program.value("importlib.reload(m).X") == 2
        write("m.py", "X = 3\n")
        os.utime(path, (1_000_000_000,) * 2)
        assert program.value("importlib.reload(m).X") == 3


def test_bytecode_that_would_be_taken_for_valid_is_removed(start, write, folder, python):
    import subprocess

    path = write("m.py", "X = 1\n")
    os.utime(path, (1_000_000_000,) * 2)
    program = start(body="import m")
    write("m.py", "X = 2\n")
    os.utime(path, (1_000_000_000,) * 2)
    for cached in (folder / "__pycache__").glob("m.*.pyc"):
        os.utime(cached, (1_000_000_000,) * 2)  # written in the second of the first text
    with program.connect() as client:
        client.reload(("m", path))
    done = subprocess.run([python, "-c", "import m; print(m.X)"], cwd=folder, capture_output=True, text=True)
    assert done.stdout == "2\n"


def test_bytecode_that_is_right_is_left_alone(start, write, folder):
    path = write("m.py", "X = 1\n")
    os.utime(path, (1_000_000_000,) * 2)
    program = start(body="import m")
    [cached] = (folder / "__pycache__").glob("m.*.pyc")
    with program.connect() as client:
        client.reload(("m", path))
    assert cached.exists()


def test_generations_count_each_load(start, write):
    path = write("m.py", "X = 1\n")
    program = start(body="import m, importlib")
    with program.connect() as client:
        for generation in (2, 3):
            assert client.reload(("m", path))["modules"][0]["generation"] == generation
        program.do("importlib.reload(m); print()")
        assert client.ask("modules")["modules"][-1]["generation"] == 4


def test_saves_are_made_live_hundreds_of_times_without_growth(start, write):
    path = write("m.py", "X = 1\nclass C:\n    def f(self): return 1\n")
    program = start(body="import m, gc, sys")
    with program.connect() as client:
        plan = client.plan(("m", path), limit=100)

        def many(count: int) -> int:
            for _ in range(count):
                assert "failure" not in client.ask("apply", **plan)
            program.do("gc.collect(); print()")
            assert client.ask("scan", sequence=1, samples=1)["total"] == 0
            return program.value("len(gc.get_objects())")

        first = many(100)
        assert many(300) - first < 150
