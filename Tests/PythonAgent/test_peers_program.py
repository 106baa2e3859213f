"""What users of other reloaders rely on, with the real agent in a real program: modules that the import system has in an
unusual way, and the import hook itself.

The number in a test's name is that of the scenario in the list of what the peers' own tests expect.
"""

from __future__ import annotations

import os
import pathlib

import pytest
from client import RemoteError
from live import Checker
from test_patch_program import edit  # noqa: F401


def asked(client, name):
    (module,) = client.ask("prepare", paths=[], modules=[name])["modules"]
    return module


def test_095_and_112_library_built_in_and_extension_modules(start):
    program = start(body="import json.encoder, sys, math, _json, socket\nencode = json.dumps\n")
    with program.connect() as client:
        # By its name a library module can be asked for; what is compiled into the interpreter or loaded from a shared
        # library is said to be there once (importlib.reload does nothing to it, and does not say so).
        client.reload(("json.encoder", pathlib.Path(program.value("json.encoder.__file__"))))
        assert program.value("[encode({'a': [1]}), json.encoder.JSONEncoder().encode(1)]") == ['{"a": [1]}', "1"]
        assert asked(client, "sys")["refused"]["code"] == "built-in"
        for name in ("math", "_json", "_socket"):
            assert asked(client, name)["refused"]["code"] in ("extension", "built-in")
            before = program.value(f"sorted(vars(sys.modules['{name}']))")
            with pytest.raises(RemoteError) as caught:
                client.reload((name, None))
            assert caught.value.code == -32003
            assert program.value(f"sorted(vars(sys.modules['{name}']))") == before


@pytest.mark.parametrize("policy", ["patch", "exact"])
def test_096_a_module_that_replaced_itself_is_refused_with_the_reason(start, write, folder, policy):
    write("m.py", "import sys\nclass Itself:\n    X = 1\nsys.modules[__name__] = Itself()\n")
    program = start(body="import m\n")
    with program.connect() as client:
        (module,) = client.ask("prepare", paths=[str(folder / "m.py")], modules=[])["modules"]
        assert module["refused"]["code"] == "replaced" and "replaced itself" in module["refused"]["message"]
        with pytest.raises(RemoteError):
            client.ask("apply", **client.plan() | {"steps": [
                {"module": "m", "path": str(folder / "m.py"), "payload": {"policy": policy}}]})
    assert program.value("m.X") == 1


def test_099_a_module_that_became_a_package(start, write, folder, python):
    path = write("m.py", "X = 1\nSTATE = []\ndef f(): return X\n")
    program = start(body="import m\nm.STATE.append(1)\nold = m\n")
    path.unlink()
    package = write("m/__init__.py", "X = 2\nfrom . import part\ndef f(): return X\n")
    write("m/part.py", "Y = 3\n")
    with program.connect() as client:
        (module,) = client.ask("prepare", paths=[str(package)], modules=[])["modules"]
        assert (module["name"], module["path"]) == ("m", str(package))
        client.reload(("m", package))
        assert program.value("[m is old, m.X, m.f(), m.part.Y, m.__file__, m.__path__]") == [
            True, 2, 2, 3, str(package), [str(folder / "m")]]


def test_100_a_namespace_package_that_gained_an_init_file(start, write, folder):
    write("n/s.py", "X = 1\n")
    program = start(body="import n.s\nold = n\n")
    init = write("n/__init__.py", "FRESH = 1\n")
    with program.connect() as client:
        # There is no text of it to compare with, and no file that was executed: the save is nobody's until a restart.
        assert client.ask("prepare", paths=[str(init)], modules=[])["modules"] == []
        (module,) = client.ask("prepare", paths=[str(folder / "n/s.py")], modules=[])["modules"]
        assert module["name"] == "n.s" and "refused" not in module
    assert program.value("[n is old, n.s.X]") == [True, 1]


def test_102_a_module_that_no_import_made_is_refused_with_the_reason(start, folder):
    program = start(body="import sys, types\nmade = sys.modules['made'] = types.ModuleType('made')\nmade.X = 1\n")
    with program.connect() as client:
        assert asked(client, "made")["refused"]["code"] == "no-spec"
        with pytest.raises(RemoteError) as caught:
            client.reload(("made", None))
        assert caught.value.code == -32003
    assert program.value("made.X") == 1


def test_116_names_that_are_gone_from_the_text_stay_under_the_exact_policy(start, write):
    path = write("m.py", "def kept(): return 1\ndef gone(): return 1\nclass C:\n    def v(self): return 1\n")
    program = start(body="import m\nc = m.C()\n")
    path.write_text("def kept(): return 2\n")
    with program.connect() as client:
        client.reload(("m", path))
    assert program.value("[m.kept(), m.gone(), m.C().v(), c.v()]") == [2, 1, 1, 1]


def test_128_and_158_a_plan_for_a_text_that_does_not_run_any_more_is_refused_until_it_is_made_anew(start, write, edit):
    path = write("m.py", "def f(): return 1\n")
    program = start(body="import m\n")
    first, second = edit(program), edit(program)
    stale = first.host.ask("modules")["modules"][-1]["digest"]
    second.save("m", path, "def f(): return 2\n")
    plan = first.host.plan()
    plan["steps"] = [{"module": "m", "path": str(path), "digest": stale, "payload": {"policy": "exact"}}]
    with pytest.raises(RemoteError) as caught:
        first.host.ask("apply", **plan)
    assert (caught.value.code, program.value("m.f()")) == (-32602, 2)
    first.save("m", path, "def f(): return 3\n")
    assert program.value("m.f()") == 3


def test_131_handlers_that_are_removed_from_the_text_are_reported_where_they_are_registered(start, write, edit):
    text = "HANDLERS = []\ndef on(f):\n    HANDLERS.append(f)\n    return f\n"
    one, two = "@on\ndef do(x): return x + 1\n", "@on\ndef gone(x): return x + 2\n"
    path = write("m.py", text + one + two)
    program = start(body="import m\n")
    editor = edit(program)
    editor.save("m", path, text + one)
    assert program.value("[[f(7) for f in m.HANDLERS], hasattr(m, 'gone')]") == [[8, 9], False]
    stale = editor.host.ask("scan", sequence=1, samples=20)["stale"]
    assert [(each["symbol"], each["path"], each["count"]) for each in stale] == [("m.gone", "m.HANDLERS[1]", 1)], stale


def test_160_what_was_loaded_is_known_though_the_file_changed_before_the_first_save(start, write, edit):
    path = write("m.py", "X = 1\nSTATE = []\nY = X\ndef f(): return 1\n")
    program = start(body="import m\nm.STATE.append('kept')\n")
    path.write_text("def f(): return 'nobody saved this through the editor'\nSTATE = [0]\n")
    editor = edit(program)
    answer = editor.save("m", path, "X = 5\nSTATE = []\nY = X\ndef f(): return 2\n")
    assert {change["symbol"] for change in answer["modules"][0]["changes"]} == {"X", "Y", "f"}
    assert program.value("[m.X, m.Y, m.STATE, m.f()]") == [5, 5, ["kept"], 2]


def test_163_errors_of_an_import_reach_the_program_as_they_are(start, write):
    write("bad.py", "X = (\n")
    write("fails.py", "import missing_altogether\n")
    write("raises.py", "raise LookupError('as it is')\n")
    program = start(body="import traceback, sys\n")
    program.connect().socket.close()
    program.do("def attempt(name):\n    try: __import__(name)\n    except Exception as error: return [type(error).__name__, "
               "[f.filename.rpartition('/')[2] for f in traceback.extract_tb(error.__traceback__)], name in sys.modules]\n"
               "print()")
    assert program.value("attempt('bad')")[0] == "SyntaxError"
    name, frames, there = program.value("attempt('fails')")
    assert (name, frames[-1], there) == ("ModuleNotFoundError", "fails.py", False)
    name, frames, there = program.value("attempt('raises')")
    assert (name, frames[-1], there) == ("LookupError", "raises.py", False)
    assert not any("_afresh" in each or each == "__init__.py" for each in frames)


def test_164_a_hook_that_crashes_does_not_break_imports(start, write, folder):
    for name in ("one", "two", "three"):
        write(f"{name}.py", f"NAME = '{name}'\n")
    program = start(body="import _afresh, sys\nfrom importlib.machinery import SourceFileLoader\n")
    # What the hook writes into, and what it asks, taken away from it.
    program.do("kept = _afresh.loaded; _afresh.loaded = None; import one; print(one.NAME)")
    program.do("_afresh.loaded = kept; asks = _afresh.is_user_path; _afresh.is_user_path = None; import two; print(two.NAME)")
    program.do("_afresh.is_user_path = asks; import three; print(three.NAME)")
    assert program.value("[one.NAME, two.NAME, three.NAME]") == ["one", "two", "three"]
    with program.connect() as client:
        known = {module["name"]: module["digest"] is not None for module in client.ask("modules")["modules"]}
    assert known == {"__main__": True, "one": False, "two": False, "three": True}
