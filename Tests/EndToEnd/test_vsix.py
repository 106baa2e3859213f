"""The package of the extension for VS Code, made by one command."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT, preferred, server_binary

EXTENSION = ROOT / "editors" / "vscode"
SCHEMA = "{http://schemas.microsoft.com/developer/vsx-schema/2011}"
PACKAGE = json.loads((EXTENSION / "package.json").read_text())


@pytest.fixture(scope="module")
def vsix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made as the README says, from another folder."""
    folder = tmp_path_factory.mktemp("vsix")
    (command,) = [
        line.split("#")[0].split() for line in (EXTENSION / "README.md").read_text().splitlines() if "pack.py" in line]
    assert command[0] == "python3"
    done = subprocess.run(
        [preferred().path, "-I", ROOT / command[1]], cwd=folder, check=True, capture_output=True, text=True)
    (made,) = folder.iterdir()
    assert done.stdout.strip() == str(made) and f"--install-extension {made.name}" in (EXTENSION / "README.md").read_text()
    return made


def test_it_has_what_the_extension_is_and_nothing_else(vsix: Path) -> None:
    with zipfile.ZipFile(vsix) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        own = {path.name for path in EXTENSION.glob("*.js")} | {"package.json", "README.md", "LICENSE.txt"}
        assert names[0] == "[Content_Types].xml"
        assert set(names[1:]) == {"extension.vsixmanifest"} | {f"extension/{name}" for name in own}
        assert f"extension/{os.path.normpath(PACKAGE['main'])}" in names
        for path in EXTENSION.glob("*.js"):
            assert archive.read(f"extension/{path.name}") == path.read_bytes()


def test_its_manifest_says_what_the_extension_says_of_itself(vsix: Path) -> None:
    with zipfile.ZipFile(vsix) as archive:
        manifest = ElementTree.fromstring(archive.read("extension.vsixmanifest"))
        types = ElementTree.fromstring(archive.read("[Content_Types].xml"))
        names = archive.namelist()
    identity = manifest.find(f"{SCHEMA}Metadata/{SCHEMA}Identity")
    assert identity is not None
    assert [identity.get(name) for name in ("Id", "Version", "Publisher")] == [
        PACKAGE["name"], PACKAGE["version"], PACKAGE["publisher"]]
    properties = {each.get("Id"): each.get("Value") for each in manifest.iter(f"{SCHEMA}Property")}
    assert properties["Microsoft.VisualStudio.Code.Engine"] == PACKAGE["engines"]["vscode"]
    assert manifest.find(f"{SCHEMA}Installation/{SCHEMA}InstallationTarget").get("Id") == "Microsoft.VisualStudio.Code"
    assets = {each.get("Type"): each.get("Path") for each in manifest.iter(f"{SCHEMA}Asset")}
    assert assets["Microsoft.VisualStudio.Code.Manifest"] == "extension/package.json" and set(assets.values()) <= set(names)
    assert {each.get("Extension") for each in types} == {Path(name).suffix for name in names[1:]}


def test_the_version_is_that_of_the_command(vsix: Path) -> None:
    done = subprocess.run([server_binary(), "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["afresh", PACKAGE["version"]]


def test_what_is_in_it_runs(vsix: Path, tmp_path: Path) -> None:
    """Unpacked as VS Code does it, without the rest of the repository: a save reaches a program."""
    with zipfile.ZipFile(vsix) as archive:
        archive.extractall(tmp_path)
    shutil.copytree(EXTENSION / "test", tmp_path / "extension" / "test")
    done = subprocess.run(
        ["node", "--test", "--test-reporter=spec", "--test-name-pattern=a save is live in the program", "test/extension.test.js"],
        cwd=tmp_path / "extension", env={**os.environ, "AFRESH": str(server_binary()), "AFRESH_TEST_PYTHON": preferred().path},
        stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 0 and "pass 1\n" in done.stdout, done.stdout + done.stderr
