"""A server's side of the host protocol, and programs to talk to: all for real, over a Unix socket."""
from __future__ import annotations

import base64
import json
import marshal
import os
import pathlib
import signal
import socket
import subprocess
import textwrap
import time
from typing import Any

AGENT = pathlib.Path(__file__).resolve().parents[2] / "Sources/PythonRuntime/Agent"
LIMIT = 60.0  # seconds; a machine may be slow


class RemoteError(Exception):
    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error)
        self.code = error["code"]
        self.message = error["message"]
        self.data = error.get("data")


def until(condition: Any, what: str, limit: float = LIMIT) -> Any:
    """Waits for something that cannot wake us: a process, a file. Fails after `limit` seconds."""
    end = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"no {what} within {limit} s")
        time.sleep(0.005)


class Client:
    """One connection to a host."""

    def __init__(self, path: str, greet: bool = True) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(LIMIT)
        self.socket.connect(path)
        self._buffer = b""
        self._identifier = 0
        self.greeting: dict[str, Any] = {}
        if greet:
            self.greeting = self.ask("hello", protocol=1, client={"name": "test", "version": "0", "pid": os.getpid()})

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, method: str, parameters: dict[str, Any]) -> int:
        self._identifier += 1
        message = {"jsonrpc": "2.0", "id": self._identifier, "method": method, "params": parameters}
        self.send_raw(json.dumps(message).encode())
        return self._identifier

    def send_raw(self, body: bytes) -> None:
        self.socket.sendall(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def receive(self) -> dict[str, Any]:
        """The next message. Raises EOFError when the host has gone."""
        while True:
            head, separator, rest = self._buffer.partition(b"\r\n\r\n")
            if separator:
                length = int(head.split(b":")[1])
                if len(rest) >= length:
                    self._buffer = rest[length:]
                    return json.loads(rest[:length])
            data = self.socket.recv(1 << 20)
            if not data:
                raise EOFError
            self._buffer += data

    def answer(self, identifier: int) -> Any:
        message = self.receive()
        while "id" not in message:  # news, which a server is free to ignore
            message = self.receive()
        assert message["id"] == identifier, message
        if "error" in message:
            raise RemoteError(message["error"])
        return message["result"]

    def ask(self, method: str, **parameters: Any) -> Any:
        return self.answer(self.send(method, parameters))

    def reload(self, *changes: tuple[str, pathlib.Path | None], limit: float = 10.0) -> Any:
        """An exact apply: (module, saved file, or None for a dependent) in order. Compiled in the host's version."""
        return self.ask("apply", **self.plan(*changes, limit=limit))

    def plan(self, *changes: tuple[str, pathlib.Path | None], limit: float = 10.0) -> dict[str, Any]:
        python = self.greeting["runtime"]["executable"]
        steps = []
        for module, path in changes:
            payload: dict[str, Any] = {"policy": "exact"}
            if path is not None:
                payload |= {"source": encoded(path.read_bytes()), "code": compiled(python, path)}
            real = os.path.realpath(path) if path is not None else None
            steps.append({"module": module, "path": real, "payload": payload})
        return {
            "sequence": 1, "policy": "exact", "expires": (time.monotonic() + limit) * 1000,
            "saved": [os.path.realpath(path) for _, path in changes if path is not None], "steps": steps,
        }


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def compiled(python: str, path: pathlib.Path) -> str:
    """Base64 of the marshalled code, by the interpreter that will execute it."""
    script = "import sys,marshal,base64,warnings; warnings.simplefilter('ignore'); p=sys.argv[1]; " \
        "print(base64.b64encode(marshal.dumps(compile(open(p,'rb').read(), p, 'exec', dont_inherit=True))).decode())"
    done = subprocess.run([python, "-I", "-S", "-c", script, str(path)], capture_output=True, text=True, check=True)
    return done.stdout.strip()


class Program:
    """A program that runs with the agent in it, and does what it is told over its standard input.

    Unless `command` is given, it is a script of which `body` is the beginning; then it executes lines as they come.
    """

    def __init__(self, python: str, folder: pathlib.Path, *command: str, body: str = "", live: bool = True,
                 environment: dict[str, str] | None = None, options: tuple[str, ...] = ()) -> None:
        self.folder = folder
        self.runtime = folder / "run"
        self.runtime.mkdir(exist_ok=True)
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "AFRESH"))},
            "XDG_RUNTIME_DIR": str(self.runtime),
            **({"PYTHONPATH": str(AGENT / "boot")} if live else {}),
            **(environment or {}),
        }
        if not command:
            script = folder / "program.py"
            script.write_text(textwrap.dedent(body) + LOOP)
            command = (str(script),)
        self.process = subprocess.Popen(
            [python, *options, *command], cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        self.pid = self.process.pid
        if command == (str(folder / "program.py"),):
            self.do("print()")  # the body has been executed

    def do(self, statement: str) -> str:
        """Executes a statement on the program's main thread; what it printed."""
        self.start(statement)
        return self.line()

    def start(self, statement: str) -> None:
        self.process.stdin.write(statement.encode("unicode_escape") + b"\n")
        self.process.stdin.flush()

    def line(self) -> str:
        text = self.process.stdout.readline().decode()
        if not text:
            raise AssertionError(f"the program has ended: {self.process.communicate()[1].decode()}")
        return text.rstrip("\n")

    def value(self, expression: str) -> Any:
        return json.loads(self.do(f"import json; print(json.dumps({expression}))"))

    def sockets(self, pid: int | None = None) -> list[str]:
        folder = self.runtime / "afresh"
        return [str(path) for path in folder.glob(f"host-{'*' if pid is None else pid}-*.sock")]

    def connect(self, pid: int | None = None) -> Client:
        return Client(until(lambda: self.sockets(pid or self.pid), "socket")[0])

    def end(self) -> tuple[int, str, str]:
        """Closes its standard input and waits: (exit code, stdout, stderr)."""
        output, errors = self.process.communicate(timeout=LIMIT)
        return self.process.returncode, output.decode(), errors.decode()

    def kill(self) -> None:
        """Ends the program, and what it started: those processes may hold its pipes."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for path in self.sockets():
            try:
                os.kill(int(os.path.basename(path).split("-")[1]), signal.SIGKILL)
            except ProcessLookupError:
                pass
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                stream.close()
            except BrokenPipeError:
                pass


LOOP = '''
if __name__ == "__main__":
    import sys as _sys
    for _line in iter(_sys.stdin.buffer.readline, b""):
        exec(_line.rstrip(b"\\n").decode("unicode_escape"))
        _sys.stdout.flush()
'''
