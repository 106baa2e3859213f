"""Builds the wheel: the release binary and the package `afresh`. A build backend as PEP 517 describes it.

Standard library only, nothing is downloaded. With the setting `binary` (`pip wheel . --config-settings binary=PATH`) it
packs a binary that has been built already.
"""

from __future__ import annotations

import base64
import hashlib
import platform
import re
import shutil
import stat
import struct
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path(__file__).resolve().parent / "afresh"
IN_SDIST = ("LICENSE", "Package.swift", "README.md", "pyproject.toml", "Sources", "Tests")  # the package names its tests
SCRATCH = ".build-wheel"

Settings = dict[str, Any] | None


def build_wheel(wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None) -> str:
    """Makes the wheel in that folder; its file name."""
    given = (config_settings or {}).get("binary")
    binary = Path(given) if given else build_binary()
    name = f"afresh-{version()}"
    tags = [f"py3-none-{each}" for each in platforms(binary)]
    files: list[tuple[str, bytes, int]] = [
        (f"afresh/{path.name}", path.read_bytes(), 0o644) for path in sorted(PACKAGE.glob("*.py*")) if path.is_file()
    ]
    # Installers put what is in this folder beside `python`, as it is.
    files.append((f"{name}.data/scripts/afresh", binary.read_bytes(), 0o755))
    wheel = f"Wheel-Version: 1.0\nGenerator: afresh ({version()})\nRoot-Is-Purelib: false\n"
    wheel += "".join(f"Tag: {tag}\n" for tag in tags)
    files.append((f"{name}.dist-info/METADATA", metadata().encode(), 0o644))
    files.append((f"{name}.dist-info/WHEEL", wheel.encode(), 0o644))
    files.append((f"{name}.dist-info/licenses/LICENSE", (ROOT / "LICENSE").read_bytes(), 0o644))
    record = f"{name}.dist-info/RECORD"
    lines = [f"{path},{digest(content)},{len(content)}\n" for path, content, _ in files] + [f"{record},,\n"]
    files.append((record, "".join(lines).encode(), 0o644))
    file_name = f"{name}-py3-none-{'.'.join(platforms(binary))}.whl"
    with zipfile.ZipFile(Path(wheel_directory, file_name), "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content, mode in files:
            entry = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))  # the same files make the same wheel
            entry.external_attr = (stat.S_IFREG | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return file_name


def build_sdist(sdist_directory: str, config_settings: Settings = None) -> str:
    """Makes the source archive in that folder; its file name."""
    name = f"afresh-{version()}"

    def wanted(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
        return None if entry.name.endswith(("__pycache__", ".pyc")) else entry

    with tarfile.open(Path(sdist_directory, f"{name}.tar.gz"), "w:gz", format=tarfile.PAX_FORMAT) as archive:
        for path in IN_SDIST:
            archive.add(ROOT / path, f"{name}/{path}", filter=wanted)
        with tempfile.TemporaryDirectory() as folder:
            information = Path(folder, "PKG-INFO")
            information.write_text(metadata())
            archive.add(information, f"{name}/PKG-INFO")
    return f"{name}.tar.gz"


def build_binary() -> Path:
    """The release build, linked statically: with Swift's libraries, on Linux with the C library too."""
    command = ["swift", "build", "--configuration", "release", "--product", "afresh", "--scratch-path", SCRATCH]
    if sys.platform == "linux":
        command += ["-Xswiftc", "-static-executable", "-Xlinker", "-s"]
    else:
        command += ["--static-swift-stdlib"]
    if shutil.which(command[0]) is None:
        raise SystemExit("building the wheel takes the Swift toolchain (6.0 or later): 'swift' is not on PATH")
    subprocess.run(command, cwd=ROOT, check=True)
    return ROOT / SCRATCH / "release" / "afresh"


def version() -> str:
    """As the binary says it; there is no second place for it."""
    text = (ROOT / "Sources" / "afresh" / "Afresh.swift").read_text()
    found = re.search(r'static let version = "([^"]+)"', text)
    if found is None:
        raise SystemExit("Sources/afresh/Afresh.swift names no version")
    return found[1]


def metadata() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return (
        f"Metadata-Version: 2.4\nName: {project['name']}\nVersion: {version()}\nSummary: {project['description']}\n"
        f"License-Expression: {project['license']}\nLicense-File: LICENSE\n"
        f"Requires-Python: {project['requires-python']}\nDescription-Content-Type: text/markdown\n\n"
        + (ROOT / project["readme"]).read_text()
    )


def digest(content: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def platforms(binary: Path) -> list[str]:
    """The platform tags of wheels that this binary can be in."""
    if sys.platform != "linux":
        return [re.sub(r"[-.]", "_", sysconfig.get_platform())]
    machine = platform.machine()
    needed = c_library_needed(binary.read_bytes())
    if needed is None:
        return [f"manylinux_2_17_{machine}", f"manylinux2014_{machine}", f"musllinux_1_1_{machine}"]
    return [f"manylinux_2_{needed}_{machine}"]


def c_library_needed(binary: bytes) -> int | None:
    """The minor version of the glibc 2.x that a dynamically linked binary needs; None for one that needs no library."""
    if binary[:6] != b"\x7fELF\x02\x01":
        raise SystemExit("the binary is no 64-bit little-endian ELF file")
    (table,) = struct.unpack_from("<Q", binary, 32)
    size, count = struct.unpack_from("<HH", binary, 54)
    interpreter = 3  # PT_INTERP: the loader of shared libraries
    if all(struct.unpack_from("<I", binary, table + size * index)[0] != interpreter for index in range(count)):
        return None
    return max(17, *(int(minor) for minor in re.findall(rb"GLIBC_2\.(\d+)", binary)))
