"""Which statements of a module reach outside of it when they are executed, and how: what nobody wants to happen twice
without knowing.

Told from the text alone, so these are hints. What a call does is known for the standard library, by the name under
which the module imported it; for others by what cannot be done for another reason: a call whose result nobody takes is
made for its effect, and a decorator that is a method of an imported object registers with that object. Functions of the
module are looked into.
"""

from __future__ import annotations

import ast
import builtins
import sys
from typing import Any, Iterable, Iterator

from compilation import Range, range_of
from statements import dotted, parameters, root
from texts import Module
from units import FUNCTIONS, Unit

_BY_EFFECT = {
    "opens a file": "open io.open os.open os.fdopen tempfile.TemporaryFile tempfile.NamedTemporaryFile",
    "makes a temporary folder": "tempfile.TemporaryDirectory tempfile.mkdtemp",
    "starts a thread": "_thread.start_new_thread",
    "makes a pool of workers": "concurrent.futures.ThreadPoolExecutor concurrent.futures.ProcessPoolExecutor "
    "multiprocessing.Pool multiprocessing.pool.Pool multiprocessing.pool.ThreadPool",
    "starts a process": "subprocess.Popen subprocess.run subprocess.call subprocess.check_call subprocess.check_output "
    "subprocess.getoutput subprocess.getstatusoutput os.system os.popen os.fork os.forkpty os.posix_spawn "
    "os.posix_spawnp os.spawnl os.spawnle os.spawnlp os.spawnv os.spawnve os.spawnvp multiprocessing.Manager",
    "replaces the process": "os.execl os.execle os.execlp os.execlpe os.execv os.execve os.execvp os.execvpe",
    "runs an event loop": "asyncio.run",
    "binds a socket": "socket.create_server http.server.HTTPServer http.server.ThreadingHTTPServer "
    "socketserver.TCPServer socketserver.UDPServer socketserver.ThreadingTCPServer socketserver.ThreadingUDPServer "
    "xmlrpc.server.SimpleXMLRPCServer wsgiref.simple_server.make_server",
    "opens a connection": "socket.create_connection sqlite3.connect urllib.request.urlopen http.client.HTTPConnection "
    "http.client.HTTPSConnection smtplib.SMTP ftplib.FTP imaplib.IMAP4",
    "registers a handler for the program's end": "atexit.register",
    "sets a signal handler": "signal.signal signal.setitimer signal.alarm",
    "sets a hook of the interpreter": "sys.settrace sys.setprofile sys.addaudithook os.register_at_fork "
    "threading.settrace threading.setprofile faulthandler.enable faulthandler.register",
    "configures logging": "logging.basicConfig logging.config.dictConfig logging.config.fileConfig",
    "adds a filter for warnings": "warnings.filterwarnings warnings.simplefilter",
    "registers a codec": "codecs.register",
    "changes the process": "os.chdir os.putenv os.umask locale.setlocale",
    "sets the random generator's state": "random.seed",
    "waits": "time.sleep",
    "waits for input": "input",
    "opens a browser": "webbrowser.open",
    "ends the program": "exit quit sys.exit os._exit os.abort",
}
_KNOWN = {name: what for what, names in _BY_EFFECT.items() for name in names.split()}

# Methods that reach outside, of whatever object; the last ones also where somebody takes their result.
_METHODS = {
    "start": "starts something",
    "run": "runs something",
    "serve": "waits for connections",
    "serve_forever": "waits for connections",
    "bind": "binds a socket",
    "listen": "binds a socket",
    "run_forever": "runs an event loop",
    "mainloop": "runs an event loop",
    "addHandler": "adds a handler to a logger",
    "addFilter": "adds a filter to a logger",
    "write_text": "writes a file",
    "write_bytes": "writes a file",
    "run_until_complete": "runs an event loop",
    "accept": "waits for connections",
    "connect": "opens a connection",
}
_ALSO_TAKEN = frozenset(("run_until_complete", "accept", "connect"))
_STARTED = {
    "threading.Thread": "starts a thread",
    "threading.Timer": "starts a thread",
    "multiprocessing.Process": "starts a process",
}
_HARMLESS = frozenset(("print", "super"))


class Effect:
    """Where in a statement it is, and what it does, in a word."""

    __slots__ = ("node", "what", "on")

    def __init__(self, node: ast.AST, what: str, on: str | None = None) -> None:
        self.node = node
        self.what = what
        self.on = on  # the object of this module that is changed, where nothing else is known of the call


class Effects:
    """Of one module's text."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = {}
        self._made: dict[str, str] = {}  # names bound to what a call made: the full name of what was called
        self._own: set[str] = set()
        self._modules: set[str] = set()
        for unit in module.units:
            node = unit.node
            if isinstance(node, FUNCTIONS):
                self._functions[node.name] = node
            if isinstance(node, ast.Import):
                self._modules.update(alias.name for alias in node.names)
            elif unit.kind != "import":
                self._own |= unit.facts.binds
            self._note_made(node)

    def of(self, unit: Unit) -> Effect | None:
        """The one of executing a statement, or the most important of several."""
        found = list(self._statements([unit.node], _Inside()))
        return next((effect for effect in found if effect.on is None), found[0] if found else None)

    def place(self, effect: Effect) -> Range:
        """In the effect's first line."""
        node: Any = effect.node
        line = node.lineno - 1
        end = node.end_col_offset if node.end_lineno == node.lineno else len(self._module.text.line(line))
        return range_of(line, node.col_offset, line, end)

    def _note_made(self, node: ast.AST) -> None:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Call):
            called = dotted(node.value.func)
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets if called is not None else ():
                if isinstance(target, ast.Name):
                    self._made[target.id] = self._full(called or "")

    def _full(self, name: str) -> str:
        """The name of what a local name stands for, by the module's imports."""
        first, dot, rest = name.partition(".")
        return self._module.imports.get(first, first) + dot + rest

    def _statements(self, nodes: Iterable[ast.AST], inside: _Inside) -> Iterator[Effect]:
        for node in nodes:
            if isinstance(node, FUNCTIONS):
                yield from self._decorators(node)
                defaults = (*node.args.defaults, *node.args.kw_defaults)
                yield from self._statements([each for each in defaults if each is not None], inside)
            elif isinstance(node, ast.ClassDef):
                yield from self._decorators(node)
                yield from self._statements(node.body, inside)
            elif isinstance(node, ast.Lambda):
                pass
            elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                yield from self._call(node.value, inside, True)
            elif isinstance(node, ast.Call):
                yield from self._call(node, inside, False)
            elif isinstance(node, ast.If) and _never_again(node.test):
                yield from self._statements(node.orelse, inside)
            else:
                if isinstance(node, ast.While) and _is_endless(node):
                    yield Effect(node, "runs an endless loop")
                elif isinstance(node, ast.AugAssign) and isinstance(node.target, (ast.Attribute, ast.Subscript)):
                    name = dotted(node.target.value)
                    if name is not None and root(name) in self._module.imports:
                        yield Effect(node, f"changes {name}")
                yield from self._statements(ast.iter_child_nodes(node), inside)

    def _call(self, node: ast.Call, inside: _Inside, discarded: bool) -> Iterator[Effect]:
        what, on = self._what(node, inside, discarded)
        if what is not None:
            yield Effect(node, what, on)
        else:
            yield from self._statements(ast.iter_child_nodes(node), inside)

    def _what(self, node: ast.Call, inside: _Inside, discarded: bool) -> tuple[str | None, str | None]:
        """What a call does, and the module's own object that it does it to."""
        name = dotted(node.func)
        if name is None:
            if not isinstance(node.func, ast.Attribute):
                return None, None
            method = node.func.attr
            maker = dotted(node.func.value.func) if isinstance(node.func.value, ast.Call) else None
            if method in _METHODS and (discarded or method in _ALSO_TAKEN):
                return _method(method, self._full(maker or "")), None
            return ("calls something for its effect" if discarded and not inside.functions else None), None
        first, method = root(name), name.rpartition(".")[2]
        imported = first in self._module.imports and first not in inside.names
        own = first in self._own and first not in inside.names
        if name in self._functions and not imported:
            return self._inside(self._functions[name], inside)
        full = self._full(name) if imported else name
        if full in _KNOWN and (imported or not own and hasattr(builtins, first)):
            return _KNOWN[full], None
        if name != method and method in _METHODS and (discarded or method in _ALSO_TAKEN):
            if imported or first in self._made:
                return _method(method, self._made.get(first, "")), None
        if not discarded or full in _HARMLESS:
            return None, None
        if own and name != method:
            return f"changes {first}", first
        if inside.functions or not imported:
            return None, None
        return f"calls {name} for its effect", None

    def _inside(
        self, function: ast.FunctionDef | ast.AsyncFunctionDef, inside: _Inside
    ) -> tuple[str | None, str | None]:
        """What calling a function of the module does. (A coroutine's body is not executed by that.)"""
        if function.name in inside.functions or isinstance(function, ast.AsyncFunctionDef):
            return None, None
        for node in ast.walk(function):
            self._note_made(node)
        found = list(self._statements(function.body, inside.entered(function)))
        effect = next((effect for effect in found if effect.on is None), found[0] if found else None)
        return (None, None) if effect is None else (f"{effect.what}, in {function.name}()", effect.on)

    def _decorators(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Iterator[Effect]:
        """`@app.get("/")` of an imported `app`: it is another module's, and keeps what it was given."""
        for decorator in node.decorator_list:
            name = dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)
            if name is None or root(name) not in self._module.imports:
                continue
            full = self._full(name)
            holder = full.rpartition(".")[0]
            if full in _KNOWN:
                yield Effect(decorator, _KNOWN[full])
            elif "." in name and "." in holder and holder not in self._modules and root(name)[:1].islower():
                if root(full) not in sys.stdlib_module_names:
                    yield Effect(decorator, f"registers {node.name} with {name.rpartition('.')[0]}")


class _Inside:
    """The functions that are looked into, and the names of their own."""

    def __init__(self, functions: frozenset[str] = frozenset(), names: frozenset[str] = frozenset()) -> None:
        self.functions = functions
        self.names = names

    def entered(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> _Inside:
        bound = {argument.arg for argument in parameters(function.args)}
        shared: set[str] = set()
        for node in ast.walk(function):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                bound.add(node.id)
            elif isinstance(node, ast.Global):
                shared.update(node.names)
        return _Inside(self.functions | {function.name}, frozenset(bound - shared))


def _method(name: str, made: str) -> str:
    return _STARTED.get(made, _METHODS[name]) if name == "start" else _METHODS[name]


def _never_again(test: ast.expr) -> bool:
    """`if __name__ == "__main__"` is the start of the program, `if TYPE_CHECKING` is for others."""
    return any(
        isinstance(part, ast.Name) and part.id in ("__name__", "TYPE_CHECKING")
        or isinstance(part, ast.Attribute) and part.attr == "TYPE_CHECKING"
        for part in ast.walk(test)
    )


def _is_endless(node: ast.While) -> bool:
    """A loop without a condition that nothing in it leaves."""
    if not isinstance(node.test, ast.Constant) or not node.test.value:
        return False
    waiting: list[ast.AST] = list(node.body)
    while waiting:
        part = waiting.pop()
        if isinstance(part, (ast.Break, ast.Return, ast.Raise)):
            return False
        if not isinstance(part, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
            waiting.extend(ast.iter_child_nodes(part))
    return True
