"""What the agent knows of the modules: texts, paths, and true import edges."""
from __future__ import annotations

import base64
import importlib.util
import marshal
import os
import subprocess

import pytest
from client import RemoteError, until


def edges_of(client, *paths):
    answer = client.ask("prepare", paths=[str(path) for path in paths], modules=[])
    return answer, {
        (edge["from"], edge["to"], tuple(edge["names"]) if edge["names"] is not None else None, edge["lazy"])
        for edge in answer["edges"]}


def test_user_modules_are_listed_and_libraries_are_not(start, write, folder):
    write("m.py", "import json, os, decimal\n")
    write("pkg/__init__.py", "")
    write("pkg/sub.py", "")
    program = start(body="import m, pkg.sub")
    with program.connect() as client:
        modules = {module["name"]: module for module in client.ask("modules")["modules"]}
        assert set(modules) == {"__main__", "m", "pkg", "pkg.sub"}
        assert modules["m"]["path"] == str(folder / "m.py") and modules["m"]["generation"] == 1
        assert [name for name, module in modules.items() if module["package"]] == ["pkg"]
        assert [name for name, module in modules.items() if module["main"]] == ["__main__"]
        inside = client.ask("modules", under=[str(folder / "pkg")])["modules"]
        assert {module["name"] for module in inside} == {"pkg", "pkg.sub"}


def test_running_gives_the_text_and_the_code_that_was_executed(start, write, python):
    path = write("m.py", "X = 1\ndef f():\n    return X\n")
    program = start(body="import m")
    before = path.read_bytes()
    path.write_text("X = 2\n")
    with program.connect() as client:
        answer = client.ask("running", module="m")
        assert base64.b64decode(answer["source"]) == before
        digest = subprocess.run([python, "-c", f"import importlib.util as u; print(u.source_hash({before!r}).hex())"],
                                capture_output=True, text=True).stdout.strip()
        assert answer["digest"] == digest == client.ask("modules")["modules"][-1]["digest"]
        check = f"import marshal; code = marshal.loads({base64.b64decode(answer['code'])!r}); " \
            f"print(code == compile({before!r}, {str(path)!r}, 'exec'))"
        assert subprocess.run([python, "-c", check], capture_output=True, text=True).stdout.strip() == "True"
        main = client.ask("running", module="__main__")
        assert base64.b64decode(main["source"]) == (program.folder / "program.py").read_bytes() and main["code"]
        with pytest.raises(RemoteError) as caught:
            client.ask("running", module="json")
        assert caught.value.code == -32602


def test_the_text_is_known_when_bytecode_was_cached(start, write):
    path = write("m.py", "X = 1\n")
    for _ in range(2):
        program = start(body="import m")
        with program.connect() as client:
            assert base64.b64decode(client.ask("running", module="m")["source"]) == path.read_bytes()


def test_a_package_run_by_its_name_is_main_and_known(start, write, folder):
    write("pkg/__init__.py", "")
    path = write("pkg/__main__.py", "import pkg.part\ninput()\n")
    write("pkg/part.py", "")
    program = start("-m", "pkg")
    with program.connect() as client:
        def dependents():
            return [module["name"] for module in edges_of(client, folder / "pkg/part.py")[0]["dependents"]]

        until(lambda: dependents() == ["__main__"], "import by the program")
        main = client.ask("running", module="__main__")
        assert base64.b64decode(main["source"]) == path.read_bytes() and main["code"]
    program.process.stdin.write(b"\n")
    program.process.stdin.flush()
    assert program.process.wait(20) == 0


def test_one_file_can_be_two_modules(start, write, folder):
    program = start(body="import program, sys")
    with program.connect() as client:
        answer, _ = edges_of(client, folder / "program.py")
        assert [module["name"] for module in answer["modules"]] == ["__main__", "program"]


def test_edges_are_those_that_the_program_has(start, write, folder):
    write("a.py", "X = Y = 1\ndef f(): return X\n")
    write("c.py", """
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from a import X as Checked
            import b
        from a import f as g, Y
    """)
    write("b.py", "def late():\n    import a\n    from a import X\nclass C:\n    from a import Y\n")
    write("star.py", "from a import *\n")
    write("branch.py", "try:\n    import nosuch\nexcept ImportError:\n    import a as fallback\n")
    write("gone.py", "from a import X\nZ = X\ndel X\n")
    write("p/__init__.py", "from . import x\nfrom .x import V as W\n")
    write("p/x.py", "V = 1\n")
    write("p/y.py", "from .x import V\nfrom . import x\nimport p.x as short\nimport a\n")
    program = start(body="import a, b, c, star, branch, gone, p.y")
    with program.connect() as client:
        _, edges = edges_of(client, folder / "a.py", folder / "p/x.py")
    main = {edge for edge in edges if edge[0] == "__main__"}
    assert main == {("__main__", name, None, False) for name in ("a", "b", "c", "star", "branch", "gone", "p", "p.y")}
    assert edges - main == {
        ("c", "a", ("f", "Y"), False), ("b", "a", None, True), ("b", "a", ("Y",), False), ("star", "a", ("*",), False),
        ("branch", "a", None, False), ("gone", "a", ("X",), False), ("p", "p.x", None, False),
        ("p.y", "p.x", None, False),
        ("p.y", "p", None, False), ("p.y", "a", None, False),
    } | {edge for edge in edges if edge[:2] in (("p", "p"), ("p.y", "p"))}


def test_dependents_are_found_through_others_and_in_cycles(start, write, folder):
    write("a.py", "import b\n")
    write("b.py", "import c\n")
    write("c.py", "import a\nimport d\n")
    write("d.py", "")
    program = start(body="import a")
    with program.connect() as client:
        answer, _ = edges_of(client, folder / "d.py")
    assert [module["name"] for module in answer["modules"]] == ["d"]
    assert {module["name"] for module in answer["dependents"]} == {"a", "b", "c", "__main__"}


def test_imports_by_a_computed_name_are_edges(start, write, folder):
    write("plug_one.py", "")
    write("plug_two.py", "")
    write("loader.py", """
        import importlib
        PLUGINS = [importlib.import_module("plug_" + name) for name in ("one",)]
        def load():
            return importlib.import_module("plug_two")
        load()
    """)
    program = start(body="import loader")
    with program.connect() as client:
        _, one = edges_of(client, folder / "plug_one.py")
        _, two = edges_of(client, folder / "plug_two.py")
    assert ("loader", "plug_one") in {edge[:2] for edge in one}
    assert ("loader", "plug_two", None, True) in two


@pytest.mark.parametrize("name, code", [
    ("sys", "built-in"), ("zipimport", "frozen"), ("_json", None), ("packed", "zip"), ("made", "no-spec")])
def test_what_cannot_be_reloaded_is_refused_with_the_reason(start, write, folder, name, code):
    import zipfile

    with zipfile.ZipFile(folder / "packed.zip", "w") as archive:
        archive.writestr("packed.py", "")
    program = start(body="""
        import sys, zipimport, types
        sys.path.insert(0, "packed.zip")
        import packed
        sys.modules["made"] = types.ModuleType("made")
        import _json
    """)
    expected = code or program.value("'extension' if hasattr(_json, '__file__') else 'built-in'")
    with program.connect() as client:
        [module] = client.ask("prepare", paths=[], modules=[name])["modules"]
        assert module["refused"]["code"] == expected and module["refused"]["message"]
        with pytest.raises(RemoteError) as caught:
            client.reload((name, None))
        assert caught.value.code == -32003 and caught.value.data == {"module": name}


def test_the_script_and_what_is_still_being_imported_are_refused_by_exact(start, write):
    write("serving.py", "import sys\nfor line in sys.stdin:\n    exec(line)\n    sys.stdout.flush()\n")
    script = write("app.py", "import serving\n")
    program = start(str(script))
    program.do("print(1)")
    with program.connect() as client:
        executing = {module["name"] for module in client.ask("modules")["modules"] if module.get("executing")}
        assert executing == {"__main__", "serving"}
        for name in ("__main__", "serving"):
            with pytest.raises(RemoteError) as caught:
                client.reload((name, script))
            assert caught.value.code == -32003


def test_a_file_that_was_a_link_while_it_was_asked_for_is_found_again(start, write):
    path = write("m.py", "X = 1\n")
    program = start(body="import m")
    with program.connect() as client:
        path.unlink()
        path.symlink_to("/dev/null")
        assert client.ask("modules")["modules"]
        path.unlink()
        write("m.py", "X = 2\n")
        assert [module["name"] for module in client.ask("prepare", paths=[str(path)], modules=[])["modules"]] == ["m"]
