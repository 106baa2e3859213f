"""The wheel: what pip makes of this repository, installed into a fresh virtual environment."""

from __future__ import annotations

import base64
import csv
import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT, Stage

sys.path.insert(0, str(ROOT / "Sources" / "PythonPackage"))
import wheel_backend  # noqa: E402


def test_the_command_is_on_the_path(installed: Path) -> None:
    said = subprocess.check_output([installed / "bin" / "afresh", "--version"], text=True)
    assert said == f"afresh {wheel_backend.version()}\n"
    assert subprocess.check_output([installed / "bin" / "python", "-m", "afresh", "--version"], text=True) == said


async def test_python_m_afresh_starts_programs_live(stage: Stage, installed: Path) -> None:
    stage.write({"shop.py": "RATE = 2\n", "app.py": "import shop\nprint('ready', flush=True)\ninput()\n"})
    stage.python = stage.binary = str(installed / "bin" / "python")
    program = await stage.start(stage.python, "-m", "afresh", "run", "python", "app.py", live=False)
    await program.ready()
    status, out, err = await stage.afresh("-m", "afresh", "status")
    assert status == 0 and "app.py" in out and "shop" in out, out + err


def test_the_wheel_records_what_it_holds(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (record,) = (name for name in archive.namelist() if name.endswith(".dist-info/RECORD"))
        rows = list(csv.reader(archive.read(record).decode().splitlines()))
        assert sorted(row[0] for row in rows) == sorted(archive.namelist())
        for name, digest, size in rows:
            if name != record:
                content = archive.read(name)
                expected = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
                assert (digest, int(size)) == (f"sha256={expected}", len(content)), name


@pytest.mark.skipif(sys.platform != "linux", reason="manylinux is Linux")
def test_the_tag_says_which_c_library_the_binary_needs(wheel: Path) -> None:
    """glibc's own loader runs a binary if, and only if, its version is not newer than the library."""
    minor = wheel_backend.c_library_needed(Path(os.path.realpath(sys.executable)).read_bytes())
    own = int(os.confstr("CS_GNU_LIBC_VERSION").split(".")[1])  # type: ignore[union-attr]
    assert minor is not None and 17 <= minor <= own
    assert all("linux" in tag for tag in wheel.name.removesuffix(".whl").split("-")[-1].split("."))


def test_the_source_archive_is_enough(tmp_path: Path) -> None:
    name = wheel_backend.build_sdist(str(tmp_path))
    import tarfile

    with tarfile.open(tmp_path / name) as archive:
        names = archive.getnames()
    top = name.removesuffix(".tar.gz")
    for wanted in ("PKG-INFO", "pyproject.toml", "Package.swift", "Sources/afresh/main.swift",
                   "Sources/PythonPackage/wheel_backend.py", "Tests/AfreshTests/CommandLineTests.swift",
                   "Sources/PythonRuntime/Agent/_afresh/__init__.py"):
        assert f"{top}/{wanted}" in names
    assert not [each for each in names if "__pycache__" in each]


# `import afresh`


SHOP = "CACHE = {}\nRATE = 2\n\n\ndef price():\n    return RATE * 10\n"

CONSOLE = """\
import sys
import afresh
import shop
from pathlib import Path

SHOP = Path("shop.py").read_text()


def save(old, new):
    Path("shop.py").write_text(SHOP.replace(old, new))


def raised(function, *arguments, **options):
    try:
        function(*arguments, **options)
    except BaseException as error:
        return error


"""


async def console(stage: Stage, installed: Path, body: str, *, live: bool = False) -> list[str]:
    """What a script prints that uses the package, as lines."""
    stage.write({"shop.py": SHOP, "script.py": CONSOLE + body})
    python = str(installed / "bin" / "python")
    stage.environment["PATH"] = f"{Path(python).parent}:{stage.environment['PATH']}"
    program = await stage.start(python, "-X", "dev", "-W", "error", "script.py", live=live)
    lines = []
    while line := await program.line():
        lines.append(line)
    assert (await program.finish(), await program.all_errors()) == (0, "")
    return lines


@pytest.mark.parametrize("live", [False, True], ids=["started as always", "started by afresh run"])
async def test_reload_answers_the_module_and_keeps_its_state(stage: Stage, installed: Path, live: bool) -> None:
    said = await console(stage, installed, (
        "shop.CACHE['key'] = 1\nprint(afresh.report())\nsave('10', '11')\n"
        "print(afresh.reload(shop) is shop is sys.modules['shop'], shop.price(), shop.CACHE)\n"
        "report = afresh.report()\nprint(report.outcome, [(m.name, m.generation) for m in report.modules])\n"
        "print([str(change) for change in report.modules[0].changes])\n"
        "afresh.reload(shop)\nprint(afresh.report().outcome, shop.CACHE)\n"
        "afresh.reload(shop, policy='exact', force=True)\nprint(afresh.report().modules[0].generation, shop.CACHE)\n"), live=live)
    assert said == [
        "None", "True 22 {'key': 1}", "live [('shop', 2)]", "['function price modified']",
        "unchanged {'key': 1}", "3 {}"]


async def test_reload_names_what_is_still_old(stage: Stage, installed: Path) -> None:
    said = await console(stage, installed, (
        "from shop import price\nsave('10', '11')\nafresh.reload(shop, policy='exact')\n"
        "print(afresh.report().outcome, [(s.kind, s.symbol, s.holder) for s in afresh.report().stale], price(), shop.price())\n"
        "print('still old: __main__.price' in repr(afresh.report()), '__main__.price' in afresh.report()._repr_html_())\n"
        "print([s.holder for s in afresh.status().stale])\n"))
    assert said == ["stale [('binding', 'shop.price', '__main__.price')] 20 22", "True True", "['__main__.price']"]


async def test_reload_raises_what_importlib_raises(stage: Stage, installed: Path) -> None:
    said = await console(stage, installed, (
        "import importlib, os, types\nlost = types.ModuleType('lost')\n"
        "for text in ('RATE = (\\n', SHOP + 'import nowhere\\n', SHOP + 'class Own(Exception): pass\\nraise Own(7)\\n', None):\n"
        "    Path('shop.py').write_text(text) if text else os.unlink('shop.py')\n"
        "    ours, theirs = raised(afresh.reload, shop), raised(importlib.reload, shop)\n"
        "    print(type(ours).__name__ == type(theirs).__name__, str(ours) == str(theirs), type(ours).__name__, shop.price())\n"
        "for what in (lost, 3):\n"
        "    ours, theirs = raised(afresh.reload, what), raised(importlib.reload, what)\n"
        "    print(type(ours) is type(theirs), str(ours) == str(theirs))\n"))
    assert said == [
        "True True SyntaxError 20", "True True ModuleNotFoundError 20", "True True Own 20",
        "True True ModuleNotFoundError 20", "True True", "True True"]


async def test_what_a_statement_raised_shows_the_programs_frames(stage: Stage, installed: Path) -> None:
    said = await console(stage, installed, (
        "import traceback\nPath('shop.py').write_text(SHOP + 'def fail():\\n    raise KeyError(1)\\nfail()\\n')\n"
        "frames = traceback.extract_tb(raised(afresh.reload, shop).__traceback__)\n"
        "print([(Path(f.filename).name, f.name) for f in frames][-2:], '_afresh' in str(frames))\n"
        "print(afresh.report().outcome, afresh.report().errors[0].line)\n"))
    assert said == ["[('shop.py', '<module>'), ('shop.py', 'fail')] False", "rolledBack 8"]


async def test_what_cannot_be_reloaded_is_refused(stage: Stage, installed: Path) -> None:
    said = await console(stage, installed, (
        "error = raised(afresh.reload, sys)\nprint(type(error).__name__, isinstance(error, ImportError), error.name)\n"
        "print(type(raised(afresh.reload, shop, policy='soft')).__name__)\n"))
    assert said == ["Refused True sys", "ValueError"]


# `%load_ext afresh`


NOTEBOOK = CONSOLE + """\
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()


def cell(text):
    result = shell.run_cell(text, silent=False)
    assert result.success, text
    return result.result


cell("%load_ext afresh")
cell("import shop; shop.CACHE['key'] = 1")
"""


async def notebook(stage: Stage, installed: Path, body: str) -> list[str]:
    """What cells print, and what they say on standard error, as lines."""
    stage.write({"shop.py": SHOP, "cart.py": "from shop import price\n", "notebook.py": NOTEBOOK + body})
    # IPython is in the environment that these tests run in.
    python, packages = str(installed / "bin" / "python"), str(Path(pytest.__file__).parents[1])
    program = await stage.start(python, "notebook.py", live=False, environment={
        "PYTHONPATH": packages, "IPYTHONDIR": str(stage.cache / "ipython"), "TERM": "dumb"})
    lines = []
    while line := await program.line():
        if not line.startswith("Out["):
            lines.append(line)
    assert await program.finish() == 0, await program.all_errors()
    return lines


async def test_a_cell_runs_what_was_saved_before(stage: Stage, installed: Path) -> None:
    said = await notebook(stage, installed, "save('10', '11')\ncell('print(shop.price(), shop.CACHE)')\n")
    assert said == ["22 {'key': 1}"]


async def test_modes_say_which_modules_follow(stage: Stage, installed: Path) -> None:
    said = await notebook(stage, installed, (
        "def saved(number):\n    save('10', str(number))\n    cell('print(shop.price())')\n"
        "cell('%afresh off')\nsaved(11)\ncell('%afresh explicit')\nsaved(12)\ncell('%afresh track shop')\nsaved(13)\n"
        "cell('%afresh untrack shop')\ncell('%afresh 2')\nsaved(14)\n"
        "cell('%afresh reload')\ncell('print(shop.price())')\n"))
    # The last but one shows what it did.
    assert (said[:4], said[-1]) == (["20", "20", "26", "26"], "28")


async def test_the_magic_lists_modules_and_what_is_still_old(stage: Stage, installed: Path) -> None:
    said = await notebook(stage, installed, (
        "cell('%afresh policy exact')\ncell('import cart; held = [shop.price]')\nsave('10', '11')\ncell('shop.price()')\n"
        "table = cell('%afresh')\nprint('held[0]' in repr(table), 'held[0]' in table._repr_html_())\n"
        "print([(m.name, m.generation) for m in table.report.modules if m.name in ('shop', 'cart')])\nprint(table.settings)\n"))
    assert said[-3:] == ["True True", "[('cart', 2), ('shop', 2)]", "mode all; policy exact"]


async def test_a_failed_reload_is_said_once_and_the_cell_runs(stage: Stage, installed: Path) -> None:
    said = await notebook(stage, installed, (
        "import contextlib, io\nheard = io.StringIO()\nsave('10', '11 / 0\\nRATE = (')\n"
        "with contextlib.redirect_stderr(heard):\n    cell('print(shop.price())')\n    cell('print(shop.price())')\n"
        "print(heard.getvalue().count('blocked: '), 'never closed' in heard.getvalue())\n"
        "save('10', '12')\ncell('print(shop.price())')\n"))
    assert said == ["20", "20", "1 True", "24"]


async def test_the_extension_can_be_taken_out(stage: Stage, installed: Path) -> None:
    said = await notebook(stage, installed, (
        "cell('%unload_ext afresh')\nsave('10', '11')\ncell('print(shop.price())')\n"
        "print(shell.run_line_magic('load_ext', 'afresh'))\ncell('print(shop.price())')\n"))
    assert said == ["20", "None", "22"]
