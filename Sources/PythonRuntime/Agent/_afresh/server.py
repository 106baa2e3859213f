"""Servers on the line: one thread, one `poll` over all of them."""
from __future__ import annotations

import _afresh
import _socket
import gc
import os
import sys
from _afresh import POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, poll
from _frozen_importlib_external import MAGIC_NUMBER

from . import modules
from .quiet import collections
from .wire import BAD_PARAMETERS, Framer, FramingError, RequestError, decode, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .outstanding import Outstanding

PROTOCOL = 1
_READ = POLLIN | POLLHUP | POLLERR | POLLNVAL
_LARGEST_OUTPUT = 512 * 1024 * 1024
_SMALL, _LARGE = 1 << 16, 1 << 20


class Interrupted(Exception):
    """Something more urgent came, or the thread has to end."""


class Haste:
    """While the agent has work, a busy program lets it in sooner: each system call of the agent costs it one interval."""

    AFTERWARDS = 0.03  # seconds for which it goes on: a save is several requests, one after the other
    _ENOUGH = 0.0002  # seconds: a program that switches as often is left alone
    # Seconds. No program sets just this: an interval that is read back so is ours, also when a program that read it
    # meanwhile sets "what it was" later.
    _SHORT = 0.000103

    def __init__(self) -> None:
        self.on = False
        self._usual = 0.005  # what the program has set
        self._short = 0.0  # ours, as Python reads it back: it counts microseconds

    def begin(self) -> None:
        interval = sys.getswitchinterval()
        if interval == self._short:
            self.on = True
        elif interval > self._ENOUGH:
            self._usual = interval
            self.on = True
            sys.setswitchinterval(self._SHORT)
            self._short = sys.getswitchinterval()

    def end(self) -> None:
        """As it was, unless the program has set another meanwhile."""
        self.on = False
        if sys.getswitchinterval() == self._short:
            sys.setswitchinterval(self._usual + 5e-7)  # it cuts to whole microseconds, and what it gives is a bit less


haste = Haste()


class Connection:
    """One server."""

    def __init__(self, connection: _socket.socket) -> None:
        self.socket = connection
        self.descriptor = connection.fileno()
        self.framer = Framer()
        self.portion = _SMALL  # bytes to be read at once
        self.output = bytearray()
        self.greeted = False
        self.ends = False  # after the output is written


class Later(Exception):
    """The answer comes when this has ended: it is polled with the loop."""

    def __init__(self, operation: Any) -> None:
        super().__init__()
        self.operation = operation


class Server:
    """The agent's side of all connections. Survives the end and the new start of its thread around a fork."""

    def __init__(self, host: _afresh.Host) -> None:
        self.host = host
        self.connections: dict[int, Connection] = {}
        self.queue: list[tuple[Connection, dict[str, Any]]] = []
        self.pending: tuple[Connection, Any, Any] | None = None  # (connection, request id, operation)
        self.executing = False  # statements of the program run on the agent's thread
        self.announced: str | None = None
        self.afterwards: Callable[[], None] | None = None  # the rest of a request that has been answered
        self.cold: list[Callable[[], object]] | None = None  # what is still to be done before the first save
        self.outstanding: Outstanding | None = None  # what the last scan listed, as long as it is there

    # The loop

    def run(self) -> None:
        try:
            while not self.host.stopping:
                if self.announced != self.host.path:
                    self.announced = self.host.path
                    announce(self.host)
                limit = None
                if self.pending is not None:
                    limit = self.pending[2].limit()
                elif self.queue or self.cold:
                    limit = 0.0
                elif haste.on:
                    limit = haste.AFTERWARDS
                elif self.outstanding is not None:
                    limit = self.outstanding.wait()
                restart = self.host.restart
                if restart is not None:
                    limit = restart.wait()
                self.pump(limit)
                if self.host.stopping:
                    return
                if restart is not None:
                    if not restart.wait():
                        restart.execute()
                    continue
                self.advance()
        finally:
            haste.end()
            collections.end()

    def advance(self) -> None:
        """One step of what is to be done."""
        if self.pending is not None:
            connection, identifier, operation = self.pending
            try:
                result = operation.advance()
            except Later:
                return
            except BaseException as error:
                self.pending = None
                self.answer_error(connection, identifier, error)
            else:
                self.pending = None
                self.send(connection, {"jsonrpc": "2.0", "id": identifier, "result": result})
                operation.answered = True
                del result
            del operation
            self.finish()
            collections.end()
        elif self.queue:
            connection, message = self.queue.pop(0)
            self.handle(connection, message)
        elif self.cold:
            self.cold.pop(0)()
        elif self.outstanding is not None:
            self.look()

    def look(self) -> None:
        """Tells servers, once, that something stale of which they know may be gone."""
        try:
            if not self.outstanding.changed():
                return
        except Exception:  # the next save searches again
            pass
        self.outstanding = None
        for connection in list(self.connections.values()):
            if connection.greeted:
                self.send(connection, {"jsonrpc": "2.0", "method": "scan/outdated", "params": {}})

    def pump(self, limit: float | None) -> None:
        """Waits for at most `limit` seconds (None: until something comes), then reads and writes what is possible."""
        host = self.host
        waiting = poll()
        waiting.register(host.wake[0], POLLIN)
        waiting.register(host.listener.fileno(), POLLIN)
        for connection in self.connections.values():
            waiting.register(connection.descriptor, POLLIN | (POLLOUT if connection.output else 0))
        events = waiting.poll(None if limit is None else max(0, round(limit * 1000 + 0.4)))
        if not events:
            if limit != 0:
                haste.end()
            return
        haste.begin()
        listener = host.listener
        host.repair()
        if host.listener is not listener:
            return
        for descriptor, event in events:
            if descriptor == host.wake[0]:
                try:
                    os.read(descriptor, 4096)
                except OSError:
                    pass
            elif descriptor == host.listener.fileno():
                self.accept()
            else:
                connection = self.connections.get(descriptor)
                if connection is None:
                    continue
                if not host.owns(descriptor):
                    self.drop(connection)
                    continue
                if event & POLLOUT:
                    self.write(connection)
                if event & _READ and descriptor in self.connections:
                    self.read(connection)

    def accept(self) -> None:
        try:
            descriptor, _ = self.host.listener._accept()
        except OSError:
            return
        connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM, 0, descriptor)
        if peer_user(connection) != os.getuid() or len(self.connections) >= 256:
            connection.close()
            return
        connection.setblocking(False)
        self.host.adopt(descriptor)
        self.connections[descriptor] = Connection(connection)

    def drop(self, connection: Connection) -> None:
        self.connections.pop(connection.descriptor, None)
        self.host.close_socket(connection.socket)
        self.queue = [item for item in self.queue if item[0] is not connection]

    def close(self) -> None:
        for connection in list(self.connections.values()):
            self.drop(connection)

    def read(self, connection: Connection) -> None:
        # One read, where it is enough: each call that lets other threads run costs a busy program's switch interval to come
        # back from. Most requests are small, and a megabyte is not there for nothing.
        try:
            data = connection.socket.recv(connection.portion)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            self.drop(connection)
            return
        connection.portion = _LARGE if len(data) == connection.portion else _SMALL
        try:
            bodies = connection.framer.feed(data)
        except FramingError as error:
            self.send(connection, _error(None, -32700, f"not a frame: {error}"), ends=True)
            return
        for body in bodies:
            try:
                message = decode(body)
            except (ValueError, RecursionError) as error:
                self.send(connection, _error(None, -32700, f"not JSON: {error}"))
                continue
            if type(message) is not dict:
                self.send(connection, _error(None, -32600, "not a request"))
            elif "method" in message:
                self.queue.append((connection, message))

    def send(self, connection: Connection, message: dict[str, Any], ends: bool = False) -> None:
        if connection.descriptor not in self.connections or self.connections[connection.descriptor] is not connection:
            return  # it has gone
        try:
            frame = encode(message)
        except (TypeError, ValueError, RecursionError) as error:
            frame = encode(_error(message.get("id"), -32603, f"the answer cannot be written: {error}"))
        if len(connection.output) + len(frame) > _LARGEST_OUTPUT:
            self.drop(connection)
            return
        connection.output += frame
        connection.ends = connection.ends or ends
        self.write(connection)

    def write(self, connection: Connection) -> None:
        if not self.host.owns(connection.descriptor):
            self.drop(connection)
            return
        try:
            while connection.output:
                written = connection.socket.send(connection.output[: 1 << 20])
                del connection.output[:written]
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            self.drop(connection)
            return
        if connection.ends:
            self.drop(connection)

    # Requests

    def handle(self, connection: Connection, message: dict[str, Any]) -> None:
        identifier = message.get("id")
        if "id" not in message or type(identifier) not in (int, str):
            return  # a notification: none is known
        method = message.get("method")
        parameters = message.get("params")
        collecting = gc.isenabled()
        gc.disable()  # our garbage must not trigger the program's pending collection
        try:
            if type(parameters) is not dict:
                raise RequestError(BAD_PARAMETERS, "params must be an object")
            if method == "hello":
                result = self.hello(connection, parameters)
            elif type(method) is not str or method not in _METHODS:
                raise RequestError(-32601, f"unknown method {method}")
            elif not connection.greeted:
                raise RequestError(-32001, "the first request must be hello")
            else:
                result = _METHODS[method](self, parameters)
        except Later as later:
            self.pending = (connection, identifier, later.operation)
        except Interrupted:
            if self.host.stopping:  # a fork: it begins anew afterwards
                self.queue.insert(0, (connection, message))
            else:
                self.answer_error(connection, identifier, RequestError(-32800, "overtaken by a newer request"))
        except BaseException as error:
            self.answer_error(connection, identifier, error)
        else:
            self.send(connection, {"jsonrpc": "2.0", "id": identifier, "result": result})
        finally:
            if self.pending is None:
                self.finish()
                collections.end()
            if collecting:
                gc.enable()

    def finish(self) -> None:
        """The rest of the request that has just been answered."""
        afterwards, self.afterwards = self.afterwards, None
        if afterwards is not None:
            afterwards()

    def answer_error(self, connection: Connection, identifier: Any, error: BaseException) -> None:
        if isinstance(error, RequestError):
            self.send(connection, _error(identifier, error.code, error.message, error.data))
            return
        from .failure import describe_internal

        self.send(connection, _error(identifier, -32603, f"the agent failed: {type(error).__name__}", describe_internal(error)))

    def hello(self, connection: Connection, parameters: dict[str, Any]) -> dict[str, Any]:
        if parameters.get("protocol") != PROTOCOL:
            raise RequestError(-32001, f"this program speaks version {PROTOCOL} of the host protocol only")
        connection.greeted = True
        if self.cold is None:
            self.cold = warm_up()
        from .notices import name_of_program, notices
        from .restart import possible

        version = sys.version_info
        try:
            folder = os.getcwd()
        except OSError:
            folder = "/"
        arguments = [text for text in getattr(sys, "orig_argv", []) if type(text) is str]
        return {
            "protocol": PROTOCOL,
            "id": f"{self.host.pid}-{self.host.start_time}",
            "pid": self.host.pid,
            "ppid": os.getppid(),
            "name": name_of_program(arguments),
            "runtime": {
                "name": "CPython",
                "version": f"{version[0]}.{version[1]}.{version[2]}",
                "executable": sys.executable if type(sys.executable) is str else "",
                "magic": MAGIC_NUMBER.hex(),
                "optimize": sys.flags.optimize,
            },
            "argv": arguments,
            "cwd": folder,
            "notices": notices(arguments),
            "restartable": possible(),
        }

    def more_urgent(self) -> bool:
        """Whether a long operation should give way; reads what has come meanwhile."""
        self.pump(0.0)
        if self.host.stopping:
            return True
        return any(message.get("method") in ("prepare", "apply") for _, message in self.queue)


def _modules(server: Server, parameters: dict[str, Any]) -> dict[str, Any]:
    return modules.modules(parameters)


def _prepare(server: Server, parameters: dict[str, Any]) -> dict[str, Any]:
    return modules.prepare(parameters)


def _touched(server: Server, parameters: dict[str, Any]) -> dict[str, Any]:
    return modules.touched(parameters)


def _running(server: Server, parameters: dict[str, Any]) -> dict[str, Any]:
    return modules.running(parameters)


def _apply(server: Server, parameters: dict[str, Any]) -> dict[str, Any]:
    from . import apply

    return apply.start(server, parameters)


def _scan(server: Server, parameters: dict[str, Any]) -> dict[str, Any]:
    from . import apply

    return apply.scan(server, parameters)


def _values(server: Server, parameters: dict[str, Any]) -> dict[str, Any]:
    from . import values

    return values.values(parameters)


def _restart(server: Server, parameters: dict[str, Any]) -> dict[str, Any]:
    from . import restart

    return restart.start(server.host)


def _run(server: Server, parameters: dict[str, Any]) -> dict[str, Any]:
    from . import execution

    return execution.start(server, parameters)


def _mend(server: Server, parameters: dict[str, Any]) -> dict[str, Any]:
    from . import mend

    return mend.start(server, parameters)


_METHODS: dict[str, Callable[[Server, dict[str, Any]], dict[str, Any]]] = {
    "modules": _modules, "prepare": _prepare, "running": _running, "touched": _touched, "apply": _apply, "scan": _scan,
    "mend": _mend, "values": _values, "restart": _restart, "run": _run,
}


def _error(identifier: Any, code: int, message: str, data: Any = None) -> dict[str, Any]:
    error = {"code": code, "message": message}
    if data is not None:
        error["data"] = data
    return {"jsonrpc": "2.0", "id": identifier, "error": error}


def peer_user(connection: _socket.socket) -> int:
    """The user id of who is at the other end; −1 if the system does not say."""
    try:
        if sys.platform == "darwin":
            credentials = connection.getsockopt(0, 1, 76)  # SOL_LOCAL, LOCAL_PEERCRED: struct xucred
            return int.from_bytes(credentials[4:8], sys.byteorder)
        credentials = connection.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, 12)
        return int.from_bytes(credentials[4:8], sys.byteorder)
    except OSError:
        return -1


def announce(host: _afresh.Host) -> None:
    """Tells every server that listens that this program has come."""
    try:
        names = os.listdir(host.folder)
    except OSError:
        return
    for name in names:
        if not (name.startswith("server-") and name.endswith(".sock")):
            continue
        path = f"{host.folder}/{name}"
        connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        try:
            connection.setblocking(False)
            connection.connect(path)
            if peer_user(connection) == os.getuid():
                connection.send(encode({"jsonrpc": "2.0", "method": "host/started",
                                        "params": {"protocol": PROTOCOL, "socket": host.path, "pid": host.pid}}))
        except ConnectionRefusedError:
            try:
                os.unlink(path)
            except OSError:
                pass
        except OSError:
            pass
        finally:
            connection.close()


def warm_up() -> list[Callable[[], object]]:
    """What the first save would wait for, in pieces to be done at leisure."""
    def load(name: str) -> Callable[[], object]:
        return lambda: __import__(f"_afresh.{name}")

    names = "apply", "patch", "patch_classes", "patch_functions", "stale", "failure"
    return [*map(load, names), lambda: modules.all_edges(modules.user_modules())]
