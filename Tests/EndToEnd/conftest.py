"""The stage of every test: a folder, programs started live, editors, and their end."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from editor import Editor
from interpreters import Interpreter, found
from interpreters import probe as probe_interpreter
from program import LIMIT, Program, probe

ROOT = Path(__file__).resolve().parent.parent.parent
SUPPORTED = [interpreter for interpreter in found() if interpreter.supported]


def pytest_report_header() -> list[str]:
    import traffic

    judge = "metaModel.json" if traffic.MODEL is not None else "lsprotocol's types"
    return [f"server: {server_binary()}", f"messages are judged by {judge}",
            "interpreters: " + ", ".join(f"{i.version} ({i.standing})" for i in found())]


def server_binary() -> Path:
    return Path(os.environ.get("AFRESH") or ROOT / ".build" / "debug" / "afresh").resolve()


class Stage:
    """A workspace folder with files, a runtime folder and a cache of its own, and everything started in it."""

    def __init__(self, folder: Path, python: str) -> None:
        self.folder = folder / "work"
        self.folder.mkdir()
        self.python = python
        self.binary = str(server_binary())
        runtime, cache = folder / "run", folder / "cache"
        runtime.mkdir(mode=0o700)
        cache.mkdir()
        self.cache = cache
        self.environment = {
            name: value for name, value in os.environ.items()
            if not name.startswith(("PYTHON", "AFRESH", "VIRTUAL_ENV"))}
        self.environment |= {
            "XDG_RUNTIME_DIR": str(runtime), "XDG_CACHE_HOME": str(cache), "NO_COLOR": "1",
            "PATH": f"{Path(python).parent}:{Path(self.binary).parent}:{os.environ['PATH']}"}
        self.programs: list[Program] = []
        self.editors: list[Editor] = []
        self.before: list[str] = []

    def obey_permissions(self) -> None:
        """Whatever is started from now on may open only what its user may: root's right to open all is taken away."""
        if os.geteuid() == 0:
            self.before = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"]

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    async def start(
        self, *command: str, live: bool = True, environment: dict[str, str] | None = None,
    ) -> Program:
        """Starts a command, under `afresh run` if `live`."""
        words = [self.binary, "run", "--", *command] if live else list(command)
        program = await Program.start([*self.before, *words], self.folder, {**self.environment, **(environment or {})})
        self.programs.append(program)
        return program

    async def program(self, *modules: str, **options: Any) -> Program:
        """A program that imports these modules and answers questions; ready when this returns."""
        self.write({"app.py": probe(*modules)})
        return await (await self.start(self.python, "app.py", **options)).ready()

    async def editor(
        self, environment: dict[str, str] | None = None, arguments: list[str] | None = None, **options: Any,
    ) -> Editor:
        editor = await Editor.start(
            [*self.before, self.binary, "lsp", *(arguments or ())], self.folder, {**self.environment, **(environment or {})}, **options)
        self.editors.append(editor)
        return editor

    async def both(self, *modules: str, **options: Any) -> tuple[Program, Editor]:
        """A program that imports these modules, and an editor that knows of it."""
        program = await self.program(*modules)
        editor = await self.editor(**options)
        await editor.programs(1)
        return program, editor

    async def afresh(
        self, *arguments: str, environment: dict[str, str] | None = None, limit: float = 2 * LIMIT,
    ) -> tuple[int, str, str]:
        """Runs one command of `afresh` to its end: exit status, stdout, stderr."""
        process = await asyncio.create_subprocess_exec(
            self.binary, *arguments, cwd=self.folder, env={**self.environment, **(environment or {})},
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
        try:
            out, err = await asyncio.wait_for(process.communicate(), limit)
        except asyncio.TimeoutError:
            process.kill()
            raise
        return process.returncode or 0, out.decode(), err.decode()

    async def close(self) -> None:
        for program in self.programs:
            await program.stop()
        for editor in self.editors:
            await editor.close()


async def on_stage(python: str) -> AsyncIterator[Stage]:
    # A short path: a Unix socket's may have about a hundred bytes.
    folder = Path(os.path.realpath(tempfile.mkdtemp(prefix="af")))
    stage = Stage(folder, python)
    try:
        yield stage
        await stage.close()
    finally:
        for program in stage.programs:
            program.kill()
        for editor in stage.editors:
            server = editor.client._server
            if server is not None and server.returncode is None:
                server.kill()
        shutil.rmtree(folder, ignore_errors=True)


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    """On the interpreter that a person would get: `python3` of PATH if it is supported, else the newest found."""
    async for stage in on_stage(preferred().path):
        yield stage


@pytest_asyncio.fixture(params=SUPPORTED, ids=lambda interpreter: interpreter.minor)
async def every_stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """Once for each supported interpreter found."""
    async for stage in on_stage(request.param.path):
        yield stage


@pytest_asyncio.fixture
async def frameworks() -> AsyncIterator[Stage]:
    """With web frameworks and such, in an environment of their own, which Tests/run makes."""
    python = ROOT / ".venv-programs" / "bin" / "python"
    assert python.exists(), f"{python} is missing: Tests/run makes it"
    async for stage in on_stage(str(python)):
        yield stage


def preferred() -> Interpreter:
    python3 = probe_interpreter(shutil.which("python3") or "python3")
    return python3 if python3 is not None and python3.supported else SUPPORTED[-1]


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
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment in which the wheel is installed."""
    folder = tmp_path_factory.mktemp("venv")
    subprocess.run([preferred().path, "-m", "venv", "--without-pip", folder], check=True)
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", folder / "bin" / "python", "install", "--quiet", "--no-deps", wheel],
        check=True)
    return folder


@pytest.fixture(scope="session", autouse=True)
def server_is_built() -> Iterator[None]:
    if not os.access(server_binary(), os.X_OK):
        pytest.exit(f"{server_binary()} is missing: swift build --product afresh, or set AFRESH", 2)
    yield


assert sys.version_info >= (3, 10)


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A program in Swift, and what compilers and the comparison of texts keep: made once, it takes long."""
    from swift_program import Workshop

    return Workshop(tmp_path_factory.mktemp("shop"))


@pytest_asyncio.fixture
async def shop(stage: Stage, workshop: Any) -> Any:
    from swift_program import Shop

    return await Shop.open(stage, workshop)
