"""Modules that are found in other ways than in the program's folder: plugins, editable installs, archives, extensions."""

from __future__ import annotations

import asyncio
import subprocess
import zipfile
from pathlib import Path

from conftest import Stage
from live import Edits, left, stale
from lsprotocol import types

PLUGIN = """\
RATE = 2
SOLD = []


def logged(function):
    def wrapper(*arguments):
        SOLD.append(function(*arguments))
        return SOLD[-1]
    return wrapper


class Price:
    step = 1

    def of(self, count):
        return count * RATE * self.step


@logged
def price(count):
    return Price().of(count)
"""
PROJECT = """\
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "{name}-plugin"
version = "1"

[project.entry-points."shop.plugins"]
{name} = "{name}.plugin:price"

[tool.setuptools]
{packages}
"""
# A program that knows its plugins by their entry points alone.
SHOP = """\
from importlib.metadata import entry_points

PLUGINS = {each.name: each.load() for each in entry_points(group="shop.plugins")}


def ask(count):
    return {name: plugin(count) for name, plugin in sorted(PLUGINS.items())}
"""


# What pip does for `pip install --editable`, project by project: asks setuptools for a wheel, and unpacks it.
INSTALL = """\
import os
import sys
import tempfile
import zipfile

from setuptools.build_meta import build_editable

packages, *projects = sys.argv[1:]
for project in projects:
    os.chdir(project)
    with tempfile.TemporaryDirectory() as folder:
        zipfile.ZipFile(os.path.join(folder, build_editable(folder))).extractall(packages)
"""


def install(stage: Stage, *projects: str) -> list[str]:
    """Installs projects as they are edited, into an environment of the stage's own; what setuptools put there for them."""
    folder = stage.cache / "venv"
    subprocess.run([stage.python, "-m", "venv", "--without-pip", folder], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    subprocess.run(
        [stage.python, "-c", INSTALL, packages, *(stage.folder / each for each in projects)], check=True, capture_output=True)
    stage.python = str(folder / "bin" / "python")
    return sorted(path.name for path in packages.glob("__editable__*"))


async def test_plugins_that_are_installed_as_they_are_edited(frameworks: Stage) -> None:
    # setuptools names the folder in a `.pth` file where it may, else it installs a finder.
    frameworks.write({
        "by_path/pyproject.toml": PROJECT.format(name="tea", packages='package-dir = {"" = "src"}'),
        "by_path/src/tea/__init__.py": "", "by_path/src/tea/plugin.py": PLUGIN,
        "by_finder/pyproject.toml": PROJECT.format(name="cup", packages='packages = ["cup"]'),
        "by_finder/cup/__init__.py": "", "by_finder/cup/plugin.py": PLUGIN.replace("RATE = 2", "RATE = 20"),
        "shop.py": SHOP})
    assert await asyncio.to_thread(install, frameworks, "by_path", "by_finder") == [
        "__editable__.cup_plugin-1.pth", "__editable__.tea_plugin-1.pth", "__editable___cup_plugin_1_finder.py"]
    program, editor = await frameworks.both("shop")
    edit = Edits(editor)
    assert await program.ask("shop.ask(1)") == "{'cup': 20, 'tea': 2}"
    tea, cup = "by_path/src/tea/plugin.py", "by_finder/cup/plugin.py"
    for name, change, answer in (
        (tea, ("RATE = 2", "RATE = 3"), "{'cup': 20, 'tea': 3}"),
        (cup, ("RATE = 20", "RATE = 30"), "{'cup': 30, 'tea': 3}"),
        (tea, ("count * RATE * self.step", "count * RATE * self.step + 100"), "{'cup': 30, 'tea': 103}"),
        (cup, ("step = 1", "step = 2"), "{'cup': 60, 'tea': 103}"),
        (tea, ("return SOLD[-1]", "return -SOLD[-1]"), "{'cup': 60, 'tea': -103}"),  # what a decorator wraps
        (cup, ("@logged\n", ""), "{'cup': 60, 'tea': -103}"),
    ):
        report = await edit(name, change)
        assert (report["outcome"], stale(report), left(report)) == ("live", [], []), report
        assert await program.ask("shop.ask(1)") == answer
    sold = "[len(__import__('sys').modules[name].SOLD) for name in ('tea.plugin', 'cup.plugin')]"
    assert await program.ask(sold) == "[7, 6]"  # all that was sold since the start, without the last cup


async def test_a_namespace_package(frameworks: Stage) -> None:
    frameworks.write({"one/shop/tea.py": PLUGIN, "two/shop/cup.py": "from shop.tea import RATE, price\nDOUBLE = RATE * 2\n"})
    frameworks.environment["PYTHONPATH"] = f"{frameworks.folder / 'one'}:{frameworks.folder / 'two'}"
    program, editor = await frameworks.both("shop.cup")
    edit = Edits(editor)
    assert await program.ask("shop.__file__, shop.cup.DOUBLE, shop.cup.price(1)") == "(None, 4, 2)"
    for name, change, answer in (
        ("one/shop/tea.py", ("RATE = 2", "RATE = 3"), "(6, 3)"),
        ("two/shop/cup.py", ("RATE * 2", "RATE * 3"), "(9, 3)"),
        ("one/shop/tea.py", ("count * RATE", "count * RATE + 1"), "(9, 4)"),
    ):
        report = await edit(name, change)
        assert (report["outcome"], stale(report), left(report)) == ("live", [], []), report
        assert await program.ask("shop.cup.DOUBLE, shop.cup.price(1)") == answer
    # A module that is new to it, in either of its folders.
    frameworks.write({"two/shop/pot.py": "SIZE = 5\n"})
    report = await edit("two/shop/cup.py", ("DOUBLE = ", "from shop.pot import SIZE\nDOUBLE = SIZE + "))
    assert (report["outcome"], await program.ask("shop.cup.DOUBLE, shop.pot.SIZE")) == ("live", "(14, 5)")


async def test_modules_in_an_archive_are_refused_with_the_reason(frameworks: Stage) -> None:
    with zipfile.ZipFile(frameworks.folder / "tools.zip", "w") as archive:
        archive.writestr("tea.py", PLUGIN)
    frameworks.write({"shop.py": "from tea import RATE\nPRICE = RATE * 10\n"})
    frameworks.environment["PYTHONPATH"] = str(frameworks.folder / "tools.zip")
    program, editor = await frameworks.both("shop")
    edit = Edits(editor)
    status, out, err = await frameworks.afresh("reload", "tea")
    assert status == 2 and "tea was loaded from a zip archive" in out + err
    report = await edit("shop.py", ("* 10", "* 11"))  # who imports it is a module like any other
    assert (report["outcome"], await program.ask("shop.PRICE")) == ("live", "22")


# A loader that makes its own code of a text, as those do that check types at run time or translate another language.
LOADER = """\
import sys
from importlib.machinery import PathFinder, SourceFileLoader


class Loader(SourceFileLoader):
    def source_to_code(self, data, path, **options):
        return super().source_to_code(data.replace(b"EUROS", b"'EUR'"), path, **options)


class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        spec = PathFinder.find_spec(name, path) if name == "tea" else None
        if spec is not None:
            spec.loader = Loader(name, spec.origin)
        return spec


sys.meta_path.insert(0, Finder)
"""
TEA = "RATE = 2\nSOLD = []\n\n\ndef price(count):\n    SOLD.append(count)\n    return f'{count * RATE} ' + EUROS\n"


async def test_a_loader_that_makes_its_own_code_of_a_text(frameworks: Stage) -> None:
    frameworks.write({"loader.py": LOADER, "tea.py": TEA, "shop.py": "from tea import RATE, price\nDOUBLE = RATE * 2\n"})
    for policy in ("patch", "exact"):
        frameworks.write({"tea.py": TEA})
        program = await frameworks.program("loader", "tea", "shop")
        editor = await frameworks.editor(settings={"policy": policy})
        await editor.status("hosts")
        edit = Edits(editor)
        assert await program.ask("tea.price(3)") == "'6 EUR'"
        for change, answer in (
            (("' + EUROS", "' + EUROS.lower()"), "('6 eur', 4)"), (("RATE = 2", "RATE = 3"), "('9 eur', 6)"),
            (("count * RATE}", "count * RATE + 1}"), "('10 eur', 6)"),
        ):
            report = await edit("tea.py", change)
            assert await program.ask("tea.price(3), shop.DOUBLE") == answer, report
        await program.stop()
        await editor.close()
    frameworks.editors.clear()


CYTHON = """\
cdef int rate = 2


def price(int count):
    return count * rate
"""
SETUP = """\
from setuptools import setup
from Cython.Build import cythonize

setup(ext_modules=cythonize("tea.pyx", language_level=3, quiet=True))
"""


def without_watching(capabilities: types.ClientCapabilities) -> None:
    assert capabilities.workspace is not None
    capabilities.workspace.did_change_watched_files = None  # then the server does it


async def test_an_extension_is_refused_with_the_reason(frameworks: Stage) -> None:
    frameworks.write({
        "tea.pyx": CYTHON, "setup.py": SETUP, "shop.py": "from tea import price\n\n\ndef ask(count):\n    return price(count)\n"})
    await asyncio.to_thread(
        subprocess.run, [frameworks.python, "setup.py", "--quiet", "build_ext", "--inplace"], cwd=frameworks.folder,
        check=True, capture_output=True, env={**frameworks.environment, "CFLAGS": "-O0"})
    program, editor = await frameworks.both("shop", change=without_watching)
    assert await program.ask("shop.ask(3)") == "6"

    # Another build takes its place, as a linker would do it.
    (library,) = frameworks.folder.glob("tea.*.so")
    mark = editor.mark()
    (frameworks.folder / "new").write_bytes(library.read_bytes() + b"another build")
    (frameworks.folder / "new").rename(library)
    report = await editor.applied(mark, library.name)
    assert report["outcome"] == "refused" and "restart the program to get it" in report["message"], report
    assert await program.ask("shop.ask(3)") == "6"
    report = await Edits(editor)("shop.py", ("return price(count)", "return price(count) + 1"))
    assert (report["outcome"], await program.ask("shop.ask(3)")) == ("live", "7")
