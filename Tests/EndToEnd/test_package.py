"""The wheel: what pip makes of this repository, installed into a fresh virtual environment."""

from __future__ import annotations

import base64
import csv
import hashlib
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT, Stage, preferred, server_binary

sys.path.insert(0, str(ROOT / "Sources" / "PythonPackage"))
import wheel_backend  # noqa: E402


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With the binary that is under test."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT,
         "--config-settings", f"binary={server_binary()}"], check=True)
    (made,) = folder.iterdir()
    return made


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A virtual environment in which the wheel is installed."""
    folder = tmp_path_factory.mktemp("venv")
    subprocess.run([preferred().path, "-m", "venv", "--without-pip", folder], check=True)
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", folder / "bin" / "python", "install", "--quiet", "--no-deps", wheel],
        check=True)
    yield folder


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
                   "Sources/PythonPackage/wheel_backend.py", "Sources/PythonRuntime/Agent/_afresh/__init__.py"):
        assert f"{top}/{wanted}" in names
    assert not [each for each in names if "__pycache__" in each]
