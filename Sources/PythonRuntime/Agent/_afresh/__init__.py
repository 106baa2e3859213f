"""The agent's start and its rest: what a program pays that is never saved into.

Runs while the interpreter starts, so it imports C modules only, and the interpreter's own; the rest of the agent is
imported by the first request. It does three things: note what user modules were made of (`loaded`), listen on a Unix
socket, and keep one thread that waits for a server (HostProtocol.md says what is spoken).
"""
import _signal
import _socket
import atexit
import os
import sys
from _frozen_importlib_external import SourceFileLoader

# Taken by name, now: gevent and freezegun put their own in the place of these later. The rest of the agent takes them
# from here.
from _functools import partial
from _thread import allocate_lock, get_ident, get_native_id, interrupt_main, start_new_thread
from select import POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, poll
from time import CLOCK_MONOTONIC, clock_gettime, monotonic, perf_counter, sleep, time

AGENT = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_LIBRARY = (os.path.dirname(os.__file__) + os.sep, AGENT)
_original_get_code = SourceFileLoader.get_code


class Loaded:
    """What a user module was made of when it was last executed."""

    __slots__ = ("path", "source", "code", "importer", "generation", "time", "number")

    def __init__(self, path: str, source: "bytes | None", code: "object", importer: "tuple[str, bool] | None",
                 generation: int, number: "int | None" = None) -> None:
        self.path = path  # as the loader has it
        self.source = source  # the text that runs
        self.code = code  # the module code that was executed
        self.importer = importer  # (module name, in a function?): where the import was asked for
        self.generation = generation  # 1 for the first load
        self.time = time()
        # Of what runs and what it has imported: no two texts have the same.
        self.number = next(_numbers) if number is None else number


_numbers = iter(range(sys.maxsize))  # one C call for each, whatever the thread


class Records(dict):
    """Module name -> Loaded, and `changed`: the names whose text became another one since that was emptied."""

    __slots__ = ("changed",)

    def __init__(self) -> None:
        self.changed = set()

    def __setitem__(self, name: str, record: Loaded) -> None:
        before = self.get(name)
        super().__setitem__(name, record)
        if before is None or before.number != record.number:
            self.changed.add(name)

    def pop(self, name: str, default: "Loaded | None" = None) -> "Loaded | None":
        self.changed.add(name)
        return super().pop(name, default)


loaded = Records()
started = {}  # module name -> Loaded, for what runpy started as __main__ (`python -m`)
command = (len(sys.argv), sys.argv[0]) if getattr(sys, "argv", None) else (0, "")  # as the interpreter was given it
saved = set()  # real paths that were saved once: their cached bytecode is not to be trusted any more
overrides = {}  # (thread, module name) -> exact.Override: the code that an apply executes instead of the file's
raised = None  # a list, while somebody in this process waits for the exception of a reload: it is put there
loads = {}  # thread -> names of user modules that it loads while a transaction runs on it


def is_user_path(path: str) -> bool:
    """Neither the standard library, nor installed packages, nor the agent. Editable installs are user code."""
    return not (path.startswith(_LIBRARY) or "/site-packages/" in path or "/dist-packages/" in path)


def is_import_system(path: str) -> bool:
    return path.startswith("<frozen importlib") or path.endswith("/importlib/__init__.py")


class GetCode:
    """`SourceFileLoader.get_code`, seen by whoever looks it up on a loader in order to execute a user module.

    Works while the method is looked up, not while it runs: what the original raises has no frame of the agent in its
    traceback, and the class shows the original.
    """

    def __get__(self, loader: "SourceFileLoader | None", owner: "type | None" = None) -> object:
        original = _original_get_code.__get__(loader, owner)
        if loader is None:
            return original
        try:
            code = self._code(loader, original, sys._getframe(1))
        except Exception:
            return original  # where the text is to blame, it fails in the same way
        return original if code is None else lambda fullname: code

    def _code(self, loader: "SourceFileLoader", original: object, frame: object) -> object:
        """The code that is about to be executed, noted; None where nobody executes it, or it is not the user's."""
        path = loader.path
        if overrides:
            override = overrides.get((get_ident(), loader.name))
            if override is not None and override.take(path):
                return override.code
        if type(path) is not str or not is_user_path(path):
            return None
        while frame.f_code.co_name == "get_code" and frame.f_back is not None:  # a loader's own, around this one
            frame = frame.f_back
        by_runpy = frame.f_globals.get("__name__") == "runpy"
        if not by_runpy and frame.f_code.co_name != "exec_module":
            return None  # somebody looks at the code, nobody runs it
        # The text first: if the file changes in between, it is too old for the code, and a comparison shows that.
        source = loader.get_data(path)
        if saved and os.path.realpath(path) in saved:
            code = loader.source_to_code(source, path)
        else:
            code = original(loader.name)
        _note(loader.name, started if by_runpy else loaded, path, source, code, frame)
        return code


def _note(name: str, records: "dict[str, Loaded]", path: str, source: bytes, code: object, frame: object) -> None:
    while frame is not None and is_import_system(frame.f_code.co_filename):
        frame = frame.f_back
    importer = None
    if frame is not None:
        importer = (frame.f_globals.get("__name__"), frame.f_code.co_name != "<module>")
    before = records.get(name)
    records[name] = Loaded(path, source, code, importer, 1 if before is None else before.generation + 1)
    names = loads.get(get_ident())
    if names is not None:
        names.append(name)


class Host:
    """This process, as servers see it: one socket, one thread, which ends and starts again around `fork`."""

    def __init__(self) -> None:
        self.listener = None
        self.wake = None  # (reading end, writing end)
        self.identities = {}  # descriptor -> (device, inode): programs close descriptors that they do not know
        self.path = None
        self.server = None  # server.Server, from the first request on
        self.exited = None  # a lock that is held while the thread runs; None: it does not
        self.gate = allocate_lock()  # for the decision that it stops, or starts
        self.thread = None
        self.native_thread = 0
        self.mask = set()  # the program's signal mask
        self.stopping = False
        self.script = None  # (path, bytes) of the script given to the interpreter
        self.job = None  # delivery.Job that waits for the main thread, or runs there
        self.forks = 0  # under way, on any thread
        self.restart = None  # restart.Restart that has been asked for
        self.since = int(time() * 1000)  # a file that has not changed since then is what was loaded from it; 0: unknown
        try:
            self.directory = os.getcwd()
        except OSError:
            self.directory = "/"
        self.reset()

    def reset(self) -> None:
        self.pid = os.getpid()
        self.start_time = int(time() * 1000)
        self.main_thread = get_ident()

    def open(self) -> None:
        """Makes the socket, under a name that can be seen only when it can be called."""
        folder = _absolute("XDG_RUNTIME_DIR")
        folder = folder + "/afresh" if folder else "%s/afresh-%d" % (_absolute("TMPDIR") or "/tmp", os.getuid())
        try:
            os.mkdir(folder, 0o700)
        except FileExistsError:
            pass
        status = os.lstat(folder)
        if status.st_uid != os.getuid() or status.st_mode & 0o170077 != 0o040000:
            raise OSError("%s is not a private folder of this user" % folder)
        name = "host-%d-%s.sock" % (self.pid, os.urandom(4).hex())
        hidden = folder + "/." + name
        listener = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        seen = hidden
        try:
            self.adopt(listener.fileno())
            listener.setblocking(False)
            listener.bind(hidden)
            listener.listen(64)
            os.rename(hidden, folder + "/" + name)
            seen = folder + "/" + name
            self.wake = os.pipe()
            for end in self.wake:
                os.set_blocking(end, False)
                self.adopt(end)
        except BaseException:
            self.wake = None
            self.close_socket(listener)
            try:
                os.unlink(seen)
            except OSError:
                pass
            raise
        self.folder = folder
        self.path = folder + "/" + name
        self.listener = listener

    def adopt(self, descriptor: int) -> None:
        """Takes a new socket or pipe as the agent's. Raises OSError where the program has put something else there by now."""
        status = os.fstat(descriptor)
        if status.st_mode & 0o170000 not in (0o140000, 0o010000):
            raise OSError("descriptor %d is not the agent's any more" % descriptor)
        self.identities[descriptor] = (status.st_dev, status.st_ino)

    def owns(self, descriptor: int) -> bool:
        """Whether the descriptor is still the agent's: a program may have closed it, and opened another there."""
        try:
            status = os.fstat(descriptor)
        except OSError:
            return False
        return self.identities.get(descriptor) == (status.st_dev, status.st_ino)

    def close_socket(self, connection: _socket.socket) -> None:
        """Closes what is the agent's, and only that."""
        descriptor = connection.fileno()
        if self.owns(descriptor):
            connection.close()
        else:
            connection.detach()
        self.identities.pop(descriptor, None)

    def close(self, unlink: bool) -> None:
        """Lets go of the socket; `unlink`: also of its name (not in a forked child, whose parent goes on using it)."""
        if self.server is not None:
            self.server.close()
        if self.listener is not None:
            self.close_socket(self.listener)
            self.listener = None
        if self.wake is not None:
            for end in self.wake:
                if self.owns(end):
                    os.close(end)
                self.identities.pop(end, None)
            self.wake = None
        if unlink and self.path is not None:
            try:
                os.unlink(self.path)
            except OSError:
                pass
        self.path = None

    def notify(self) -> None:
        """Wakes the agent's thread."""
        try:
            if self.wake is not None and self.owns(self.wake[1]):
                os.write(self.wake[1], b"!")
            elif self.path is not None:
                # The program closed it. Its `poll` still holds the listening socket, which can be called by its name.
                caller = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
                try:
                    caller.setblocking(False)
                    caller.connect(self.path)
                finally:
                    caller.close()
        except OSError:
            pass  # full: it will wake

    def repair(self) -> None:
        """After the program closed descriptors that it did not open (it became a daemon): a new socket, a new name."""
        if self.listener is None or not all(map(self.owns, (self.listener.fileno(), *self.wake))):
            self.close(unlink=True)
            self.open()

    def run(self, began: object, exited: object) -> None:
        """The agent's thread."""
        began.release()
        failures = 0
        try:
            self.native_thread = get_native_id()
            while True:
                try:
                    self.serve()
                except Exception:  # a program that closes all descriptors may close the one that is just being used
                    failures += 1
                    if failures > 5:
                        self.close(unlink=True)
                        raise
                    sleep(0.05)
                with self.gate:
                    if self.stopping:
                        self.exited = None
                        return
        except BaseException:  # nothing may be printed, and nobody is there to be told
            self.exited = None
        finally:
            exited.release()

    def serve(self) -> None:
        """Until the thread is to stop."""
        self.repair()
        if self.server is None:
            servers = [name for name in os.listdir(self.folder) if name.startswith("server-")]
            if not servers and not self.stopping:
                waiting = poll()
                waiting.register(self.listener.fileno(), POLLIN)
                waiting.register(self.wake[0], POLLIN)
                waiting.poll()
            if self.stopping:
                return
            from .server import Server

            self.server = Server(self)
        self.server.run()

    def start(self) -> None:
        """Starts the thread, or takes it back that it was to stop."""
        # The thread inherits the mask: no signal is ever delivered to it. And no handler of the program may run, and
        # fork, while the gate is held.
        mask = _signal.pthread_sigmask(_signal.SIG_BLOCK, _BLOCKED)
        try:
            with self.gate:
                self.stopping = False
                if self.exited is None:
                    self.mask = mask
                    self.exited = exited = allocate_lock()
                    exited.acquire()
                    began = allocate_lock()
                    began.acquire()
                    try:
                        self.thread = start_new_thread(self.run, (began, exited))
                    except BaseException:
                        self.exited = None
                        raise
                    # A thread frees memory without the interpreter's lock as it begins (and as it ends). The
                    # interpreter exchanges its allocators later in its own start: with `-X dev` that is a crash.
                    began.acquire(True, 5)
        finally:
            _signal.pthread_sigmask(_signal.SIG_SETMASK, mask)

    def stop(self, limit: float) -> bool:
        """Ends the thread, to the last trace in the kernel; False if it did not end within `limit` seconds."""
        mask = _signal.pthread_sigmask(_signal.SIG_BLOCK, _BLOCKED)
        try:
            exited = self.exited
            if exited is None:
                return True
            self.stopping = True
            self.notify()
            if not exited.acquire(True, limit):
                return False
            exited.release()  # two threads of the program may wait here
            task = "/proc/self/task/%d" % self.native_thread
            end = monotonic() + 2
            while monotonic() < end:
                try:
                    os.stat(task)
                except OSError:
                    break
                sleep(0)
            return True
        finally:
            _signal.pthread_sigmask(_signal.SIG_SETMASK, mask)


def _absolute(variable: str) -> str:
    path = os.environ.get(variable, "")
    return path.rstrip("/") if path.startswith("/") else ""


_BLOCKED = _signal.valid_signals() - {_signal.SIGSEGV, _signal.SIGBUS, _signal.SIGFPE, _signal.SIGILL, _signal.SIGABRT}
host = None  # Host | None


copying = 0  # the thread that makes a copy of the process for the agent's own use


def _before_fork() -> None:
    if copying == get_ident():
        return
    # A fork of a process with a second thread is warned of from 3.12 on, and copies locks in the middle of their use.
    if host is not None:
        host.forks += 1
        if get_ident() != host.thread:
            host.stop(0.2 if host.server is not None and host.server.executing else 5)


def _after_fork_in_parent() -> None:
    if host is not None and copying != get_ident():
        host.forks -= 1
        if not _restarts_later():
            _restart()


def _restarts_later() -> bool:
    # Python 3.13 counts the threads for its warning after these hooks have run. A signal is noted by a C function, and
    # its handler runs when `os.fork` has returned.
    return (sys.version_info >= (3, 12) and host is not None and host.forks == 0 and get_ident() == host.main_thread
            and _signal.getsignal(_signal.SIGURG) is on_urgent)


def _restart() -> None:
    if host.forks == 0 and host.listener is not None:
        try:
            host.start()
        except RuntimeError:
            pass


class _Later:
    """The signal that the C function notes; SIGKILL, which no program handles, means none to it."""

    def __index__(self) -> int:
        return _signal.SIGURG if _restarts_later() else _signal.SIGKILL


def _after_fork_in_child() -> None:
    if host is None or copying == get_ident():
        return
    try:
        host.close(unlink=False)
        host.server = host.job = host.restart = host.exited = host.thread = None
        host.gate = allocate_lock()
        host.forks = 0
        host.reset()
        host.open()
        host.start()
    except (OSError, RuntimeError):
        pass  # not live; the program runs


def _at_exit() -> None:
    if host is not None and host.pid == os.getpid():
        stopped = host.stop(0.05 if host.server is not None and host.server.executing else 1)
        if stopped:
            host.close(unlink=True)
        elif host.path is not None:
            try:
                os.unlink(host.path)
            except OSError:
                pass
        if host.restart is not None:
            host.restart.execute()


def on_urgent(signal: int, frame: object) -> None:
    """SIGURG on the main thread: statements wait to be executed here, or a fork is over."""
    if host.exited is None:
        _restart()
    job = host.job
    if job is not None:
        job.run()


def _read_script() -> "tuple[str, bytes] | None":
    argument = (getattr(sys, "argv", None) or [""])[0]
    if argument in ("", "-c", "-m", "-"):
        return None
    try:
        path = os.path.abspath(argument)
        with open(path, "rb", 0) as file:
            status = os.fstat(file.fileno())
            if status.st_mode & 0o170000 == 0o100000 and status.st_size < 10_000_000:
                return path, file.readall()
    except OSError:
        pass
    return None


def start(late: bool = False) -> "tuple[str, str] | None":
    """Makes this process a host. Answers (reason, sentence) if that cannot be. In subinterpreters there is no agent.
    `late`: the program has begun, and what is loaded was not seen.
    """
    global host
    if host is not None:
        return None
    try:
        descriptor = _signal.set_wakeup_fd(-1)
    except ValueError:  # not the main thread of the main interpreter
        return ("thread", "it has to be made live on its main thread") if late else None
    if descriptor != -1:
        _signal.set_wakeup_fd(descriptor)
    made = Host()
    if late:
        from . import late as earlier

        earlier.catch_up(made)
    else:
        made.script = _read_script()
    made.open()
    try:
        made.start()
    except BaseException:
        made.close(unlink=True)
        raise
    host = made
    SourceFileLoader.get_code = GetCode()
    if _signal.getsignal(_signal.SIGURG) == _signal.SIG_DFL:
        _signal.signal(_signal.SIGURG, on_urgent)
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)
    os.register_at_fork(after_in_parent=partial(interrupt_main, _Later()))
    atexit.register(_at_exit)
    return None
