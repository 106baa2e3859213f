"""A program in Swift with two plugins, one of which imports the other: `Programs/plugins`."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Stage
from editor import Editor
from program import Program

SOURCES = Path(__file__).parent / "Programs" / "plugins"
PRICE = "Plugins/Pricing/Price.swift"
DISCOUNT = "Plugins/Pricing/Discount.swift"
PRICING = "Plugins/Pricing/Pricing.swift"
COMPILING = 100.0  # seconds until a test gives up waiting for compilers
CART = "Plugins/Cart/Cart.swift"

# Of modules that test plugins.
needs_swift = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("swiftc") is None, reason="plugins are for Linux, and need a Swift toolchain")


class Workshop:
    """The program, built by the compiler alone (the package manager would build all of Afresh again), and what all tests share."""

    def __init__(self, folder: Path, sources: Path = SOURCES, shared: str = "ShopAPI", program: str = "shop") -> None:
        self.sources = sources
        built = self.built = ROOT / ".build" / "debug"
        library = built / "libAfreshHost.so"
        assert library.exists(), f"{library} is missing: swift build --product AfreshHost"
        modules = folder / "Modules"
        modules.mkdir()
        common = ["-swift-version", "6", "-Onone", "-g", "-I", built / "Modules", "-I", modules]
        subprocess.run(
            ["swiftc", *common, "-parse-as-library", "-module-name", shared, "-emit-module", "-emit-module-path",
             modules / f"{shared}.swiftmodule", "-c", sources / f"Sources/{shared}/{shared}.swift",
             "-o", folder / "shared.o"], check=True)
        subprocess.run(
            ["swiftc", *common, "-module-name", program, sources / f"Sources/{program}/main.swift", folder / "shared.o", "-L", built, "-lAfreshHost",
             "-Xlinker", "-rpath", "-Xlinker", built, "-Xlinker", "-export-dynamic", "-o", folder / program],
            check=True)
        self.program = folder / program
        # What the compiler keeps of system modules.
        self.cache = folder / "cache"
        self.cache.mkdir()
        # What the package manager has said of the package, once it has been asked.
        self.known = folder / "known"


class Shop:
    """The program on a stage, and an editor that knows of it."""

    def __init__(self, stage: Stage, program: Program, editor: Editor) -> None:
        self.stage, self.program, self.editor = stage, program, editor

    @classmethod
    async def open(cls, stage: Stage, workshop: Workshop, files: dict[str, str] | None = None, arguments: tuple[str, ...] = (), live: bool = False,
                   **options: Any) -> Shop:
        """`files`: what the package has besides, or instead; `arguments`: of the program, besides; `live`: under `afresh run`."""
        shutil.copytree(workshop.sources, stage.folder, dirs_exist_ok=True)
        stage.write(files or {})
        stage.environment["XDG_CACHE_HOME"] = str(workshop.cache)
        build = stage.folder / ".build" / "afresh"
        if workshop.known.exists():
            shutil.copytree(workshop.known, build)
        # What the program asks for when it starts: it then finds everything built.
        status, out, err = await stage.afresh(
            "plugins", "--modules", ":".join(str(folder.resolve() / "Modules") for folder in (workshop.program.parent, workshop.built)),
            str(stage.folder), limit=COMPILING)
        assert status == 0, out + err
        if not workshop.known.exists() and not files:
            workshop.known.mkdir()
            for name in ("description.json", "toolchain"):
                shutil.copy(build / name, workshop.known)
        program = await (await stage.start(str(workshop.program), str(stage.folder), *arguments, live=live)).ready()
        editor = await stage.editor(**options)
        editor.limit = COMPILING
        await editor.programs(1)
        return cls(stage, program, editor)

    def text(self, name: str) -> str:
        return (self.stage.folder / name).read_text()

    async def ask(self, question: str) -> str:
        return await self.program.ask(question)

    async def edit(self, name: str, old: str, new: str) -> dict[str, Any]:
        """Replaces a part of a file and saves it: the first report."""
        text = self.text(name)
        assert old in text, f"{old!r} is not in {name}"
        return await self.editor.save(name, text.replace(old, new))

    async def shows(self, name: str, *codes: str) -> list[dict[str, Any]]:
        """Waits until the file's diagnostics have exactly these codes, apart from those of stale references: what a search of
        memory finds on stacks is not the same each time, and has tests of its own.
        """
        def found() -> tuple[list[dict[str, Any]]] | None:
            diagnostics = [d for d in self.editor.diagnostics(name) if not str(d.get("code")).startswith("stale-")]
            return (diagnostics,) if sorted(str(d.get("code")) for d in diagnostics) == sorted(codes) else None

        return (await self.editor.event(f"diagnostics {list(codes)} for {name}", found))[0]
