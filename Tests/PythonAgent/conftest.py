"""Every test here runs on every supported interpreter that is found, or on those named by `--interpreters`."""
from __future__ import annotations

import importlib.util
import os
import pathlib
import shutil
import signal
import sys
import tempfile
from typing import Callable, Iterator

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import client  # noqa: E402

# Started by test_in_process.py, on every interpreter; `python -m unittest test_stale` in this folder runs one by hand.
_MAIN = 'if __name__ == "__main__":\n    unittest.main()'
IN_PROCESS = sorted(path.stem for path in pathlib.Path(__file__).parent.glob("test_*.py") if _MAIN in path.read_text("utf-8"))
collect_ignore = [f"{name}.py" for name in IN_PROCESS]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--interpreters", help=f"paths of interpreters, joined by '{os.pathsep}'")


def _found(config: pytest.Config) -> list[tuple[str, str]]:
    named = config.getoption("--interpreters") or os.environ.get("AFRESH_TEST_PYTHONS")
    if named:
        return [(path, pathlib.Path(path).parent.parent.name or path) for path in named.split(os.pathsep)]
    path = pathlib.Path(__file__).parents[1] / "EndToEnd/interpreters.py"
    spec = importlib.util.spec_from_file_location("interpreters", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["interpreters"] = module
    spec.loader.exec_module(module)
    return [(interpreter.path, interpreter.version) for interpreter in module.found() if interpreter.supported]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "python" in metafunc.fixturenames:
        found = _found(metafunc.config)
        names = [version for _, version in found]
        metafunc.parametrize("python", [path for path, _ in found], ids=names, scope="session")


def _give_up(signal_number: int, frame: object) -> None:
    raise TimeoutError("the test took too long")


@pytest.fixture(autouse=True)
def limit() -> Iterator[None]:
    """No test waits for ever."""
    signal.signal(signal.SIGALRM, _give_up)
    signal.alarm(300)
    yield
    signal.alarm(0)


@pytest.fixture
def folder() -> Iterator[pathlib.Path]:
    """A folder of its own, with a path short enough for a socket in it."""
    path = pathlib.Path(os.path.realpath(tempfile.mkdtemp(prefix="afresh")))
    yield path
    shutil.rmtree(path, ignore_errors=True)


Start = Callable[..., client.Program]


@pytest.fixture
def start(python: str, folder: pathlib.Path) -> Iterator[Start]:
    """Starts programs under `-X dev -W error`. At the end they must end well, with nothing on standard error."""
    programs = []

    def begin(*command: str, **arguments: object) -> client.Program:
        arguments.setdefault("options", ("-X", "dev", "-W", "error"))
        program = client.Program(python, folder, *command, **arguments)
        programs.append(program)
        return program

    try:
        yield begin
        for program in programs:
            if program.process.poll() is None:
                code, _, errors = program.end()
                assert (code, errors) == (0, "")
                assert program.sockets(program.pid) == []
    finally:
        for program in programs:
            program.kill()


@pytest.fixture
def write(folder: pathlib.Path) -> Callable[[str, str], pathlib.Path]:
    """Writes a file of the program, with the text's indentation taken off."""
    import textwrap

    def save(name: str, text: str) -> pathlib.Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"))
        return path

    return save
