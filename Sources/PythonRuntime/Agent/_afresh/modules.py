"""What is loaded here: `modules`, `prepare` and `running` of the host protocol."""
from __future__ import annotations

import _afresh
import _imp
import marshal
import os
import sys
from _afresh import Loaded
from _frozen_importlib_external import SourceFileLoader
from binascii import b2a_base64
from types import CodeType, ModuleType

from .imports import Edges
from .transaction import namespace_of
from .wire import BAD_PARAMETERS, RequestError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable

_token = getattr(_imp, "pyc_magic_number_token", None)  # 3.14
if _token is None:
    from _frozen_importlib_external import _RAW_MAGIC_NUMBER as _token

REWRITTEN = "@pytest_ar"  # a name that all code has in which pytest has rewritten `assert`
_edges = Edges()
_real_paths: dict[str, str] = {}
_library_paths: set[str] = set()  # of modules that are no user modules: each save goes through all of them
_main: Loaded | None = None


def digest_of(source: bytes) -> str:
    """What stands for a text between agent, checker and server."""
    return _imp.source_hash(_token, source).hex()


def real_path(path: str) -> str:
    known = _real_paths.get(path)
    if known is None:
        folder, name = os.path.split(path)
        # A file can be a link for a moment only: where that leads to is not kept.
        if name in ("", ".", "..") or os.path.islink(path):
            return os.path.realpath(path)
        known = _real_paths[path] = os.path.join(os.path.realpath(folder), name)
    return known


def base64(data: bytes) -> str:
    return b2a_base64(data, newline=False).decode("ascii")


def record_of(name: str) -> Loaded | None:
    """What the module was made of; None where the agent did not see it."""
    return _main_record() if name == "__main__" else _afresh.loaded.get(name)


def replace_record(name: str, record: Loaded | None) -> None:
    """Says what the module is made of from now on."""
    global _main
    if name == "__main__":
        _main = record
    elif record is None:
        _afresh.loaded.pop(name, None)
    else:
        _afresh.loaded[name] = record


def replace_text(name: str, source: bytes, code: CodeType | None) -> None:
    """The module runs unchanged, but from another text that means the same."""
    record = record_of(name)
    if record is not None:
        replaced = Loaded(record.path, source, code or record.code, record.importer, record.generation)
        replaced.time = record.time
        replace_record(name, replaced)


def generation_of(name: str) -> int:
    record = record_of(name)
    return 1 if record is None else record.generation


def _main_record() -> Loaded | None:
    global _main
    namespace = namespace_of(sys.modules.get("__main__"))
    if namespace is None:
        return None
    if _main is None:
        spec = namespace.get("__spec__")
        path = namespace.get("__file__")
        host = _afresh.host
        if spec is not None:
            _main = _afresh.started.get(getattr(spec, "name", None))
        elif host is not None and type(path) is str:
            if host.script is not None and os.path.abspath(path) == host.script[0]:
                _main = Loaded(path, host.script[1], None, None, 1)
            else:
                _main = unchanged_since(path, host.since)
    if _main is not None and _main.code is None:
        _main.code = _running_code(namespace)
    return _main


def unchanged_since(path: str, moment: int) -> Loaded | None:
    """A text that was executed in a way that was not seen (the parent's script, in a process that multiprocessing has
    spawned; a module of a program that was not live then): what the file holds, if it has not changed since the process
    began. `moment` in milliseconds since 1970.
    """
    try:
        with open(path, "rb", 0) as file:
            status = os.fstat(file.fileno())
            if max(status.st_mtime_ns, status.st_ctime_ns) >= moment * 1_000_000:
                return None
            return Loaded(os.path.abspath(path), file.readall(), None, None, 1)
    except OSError:
        return None


def _running_code(namespace: dict[str, Any]) -> CodeType | None:
    """The code of a script, from its own frame: the only place where it is, and it is there while the script runs."""
    host = _afresh.host
    frame = sys._current_frames().get(host.main_thread) if host is not None else None
    while frame is not None:
        if frame.f_globals is namespace and frame.f_code.co_name == "<module>":
            return frame.f_code
        frame = frame.f_back
    return None


def compiled(source: bytes, path: str) -> CodeType:
    """What the interpreter makes of a text, without a word about it."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compile(source, path, "exec", dont_inherit=True)


def path_of(name: str, namespace: dict[str, Any]) -> str | None:
    """The real path of the module's source file (or of what it was loaded from)."""
    record = record_of(name)
    path = record.path if record is not None else namespace.get("__file__")
    return real_path(path) if type(path) is str and path else None


def refusal(name: str, namespace: dict[str, Any]) -> dict[str, str] | None:
    """Why this module cannot be reloaded, whatever the policy; None if it can."""
    spec = namespace.get("__spec__")
    loader = getattr(spec, "loader", None) or namespace.get("__loader__")
    if namespace_of(sys.modules.get(name)) is None:
        return {"code": "replaced", "message": f"{name} replaced itself by an object that is no module"}
    if spec is not None and type(loader) is SourceFileLoader:
        return None  # nearly all
    kind = loader.__name__ if issubclass(type(loader), type) else type(loader).__name__
    origin = getattr(spec, "origin", None)
    if name != "__main__" and spec is None and record_of(name) is None:
        return {"code": "no-spec", "message": f"{name} was not made by an import, so it cannot be found again"}
    if kind == "BuiltinImporter" or origin == "built-in":
        return {"code": "built-in", "message": f"{name} is built into the interpreter"}
    if kind == "FrozenImporter" or origin == "frozen":
        return {"code": "frozen", "message": f"{name} is frozen into the interpreter"}
    if kind == "ExtensionFileLoader":
        return {"code": "extension", "message": f"{name} is an extension module, which a process loads once: restart the program to get it"}
    if kind == "zipimporter":
        return {"code": "zip", "message": f"{name} was loaded from a zip archive"}
    if kind == "SourcelessFileLoader":
        return {"code": "sourceless", "message": f"{name} was loaded from bytecode alone"}
    return None


def describe(name: str, namespace: dict[str, Any]) -> dict[str, Any]:
    """`Module` of the host protocol."""
    record = record_of(name)
    source = None if record is None else record.source
    answer: dict[str, Any] = {
        "name": name,
        "path": path_of(name, namespace),
        "generation": 1 if record is None else record.generation,
        "package": "__path__" in namespace,
        "main": name == "__main__",
        "digest": None if source is None else digest_of(source),
    }
    if record is not None:
        answer["loaded"] = round(record.time * 1000)
    refused = refusal(name, namespace)
    if refused is not None:
        answer["refused"] = refused
    elif is_executing(name, namespace):
        answer["executing"] = True
    return answer


def is_executing(name: str, namespace: dict[str, Any]) -> bool:
    """Whether the module's own statements have not come to their end: a program that serves while it is imported."""
    if name == "__main__":
        return True
    return bool(getattr(namespace.get("__spec__"), "_initializing", False))


def user_modules() -> dict[str, dict[str, Any]]:
    """Name to namespace: neither the standard library nor installed packages."""
    found = {}
    records = _afresh.loaded
    for name, module in list(sys.modules.items()):
        if type(name) is not str or name == "__mp_main__":
            continue
        record = record_of(name) if name == "__main__" else records.get(name)
        namespace = module.__dict__ if type(module) is ModuleType else namespace_of(module)
        if namespace is None:
            if record is None or module is None:
                continue
            namespace = {"__name__": name}  # it replaced itself by something else
        path = record.path if record is not None else namespace.get("__file__")
        if type(path) is str and path not in _library_paths:
            if not path or not _afresh.is_user_path(path if path[0] == "/" else os.path.abspath(path)):
                if path.startswith("/"):  # others depend on the working directory
                    _library_paths.add(path)
                continue
            found[name] = namespace
            if record is None:
                _note_rewritten(name, namespace)
    return found


def _note_rewritten(name: str, namespace: dict[str, Any]) -> None:
    if "_pytest.assertion.rewrite" in sys.modules:
        from . import rewriting

        rewriting.note(name, namespace)


def modules(parameters: dict[str, Any]) -> dict[str, Any]:
    under = parameters.get("under")
    folders = None if under is None else tuple(os.path.join(os.path.realpath(folder), "") for folder in _texts(under))
    known = user_modules()
    listed = {}
    for name, namespace in known.items():
        path = path_of(name, namespace)
        if folders is None or path is not None and path.startswith(folders):
            listed[name] = describe(name, namespace)
    answer: dict[str, Any] = {"modules": list(listed.values())}
    if parameters.get("imports") is True:
        answer["edges"] = _described_edges(all_edges(known), listed)
    return answer


def prepare(parameters: dict[str, Any]) -> dict[str, Any]:
    paths = {os.path.realpath(path): path for path in _texts(parameters.get("paths") or [])}
    names = _texts(parameters.get("modules") or [])
    if graph.is_same(tuple(paths), tuple(names)):
        described = [_described(name, path) for name, path in graph.wanted.items()]
        if parameters.get("graph") == graph.name:
            return {"modules": described, "graph": graph.name}
        return {"modules": described, "graph": graph.name, **graph.answer}
    graph.forget()
    known = user_modules()
    wanted: dict[str, str | None] = {}
    for name, namespace in known.items():
        path = path_of(name, namespace)
        if path in paths:
            wanted[name] = path
        elif path is not None and path.endswith(".py"):
            package = path[:-3] + "/__init__.py"  # a file that became a package
            if package in paths and name != "__main__" and os.path.basename(path) != "__init__.py":
                wanted[name] = package
    for name in names:
        namespace = namespace_of(sys.modules.get(name))
        if namespace is not None:
            known.setdefault(name, namespace)
            wanted.setdefault(name, None)
    edges = all_edges(known)
    closure = importers_of(wanted, edges)
    dependents = [name for name in closure if name not in wanted]
    answer = {
        "dependents": [describe(name, known[name]) for name in dependents],
        "edges": _described_edges(edges, closure),
    }
    executing = any(name != "__main__" and is_executing(name, namespace) for name, namespace in known.items())
    graph.keep(tuple(paths), tuple(names), wanted, answer, not executing)
    return {"modules": [_described(name, path, known[name]) for name, path in wanted.items()],
            "graph": graph.name, **answer}


def importers_of(names: Iterable[str], edges: list[tuple[str, str, list[str] | None, bool]]) -> dict[str, None]:
    """These modules, and all that import one of them, directly or through others."""
    closure = dict.fromkeys(names)
    importers: dict[str, list[str]] = {}
    for source, target, _, _ in edges:
        importers.setdefault(target, []).append(source)
    waiting = list(closure)
    while waiting:
        for source in importers.get(waiting.pop(), ()):
            if source not in closure:
                closure[source] = None
                waiting.append(source)
    return closure


def touched(parameters: dict[str, Any]) -> dict[str, Any]:
    """`touched` of the host protocol."""
    from .outside import written

    edited = _texts(parameters.get("modules") or [])
    own = user_modules()
    records = map(record_of, own)
    names = written(_texts(parameters.get("names") or []), own, (record.source for record in records if record is not None))
    known = {**own, **{name: namespace for name in names if (namespace := namespace_of(sys.modules.get(name))) is not None}}
    edges = all_edges(known)
    closure = importers_of((*edited, *names), edges)
    dependents = [name for name in own if name in closure and name not in edited]
    return {
        "written": names,
        "dependents": [describe(name, own[name]) for name in dependents],
        "edges": _described_edges(edges, closure),
    }


def _described_edges(edges: list[tuple[str, str, list[str] | None, bool]], among: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"from": source, "to": target, "names": names, "lazy": lazy}
            for source, target, names, lazy in edges if source in among and target in among]


def _described(name: str, path: str | None, namespace: dict[str, Any] | None = None) -> dict[str, Any]:
    module = describe(name, namespace if namespace is not None else namespace_of(sys.modules.get(name)) or {"__name__": name})
    if path is not None:
        module["path"] = path
    return module


_START = os.urandom(8).hex()  # tells this program from another one with its process number


class Graph:
    """The last answer to `prepare`, and whether it still holds: a save of the same file asks the same again, and a
    thousand dependents take a while to be described.
    """

    def __init__(self) -> None:
        self.name: str | None = None  # that the other side has it by
        self.wanted: dict[str, str | None] = {}
        self.answer: dict[str, Any] = {}
        self._question: Any = None
        self._modules: dict[str, None] = {}
        self._names: list[str] = []  # of them
        self._state: Any = None
        self._count = 0

    def is_same(self, paths: tuple[str, ...], names: tuple[str, ...]) -> bool:
        return self._question == (paths, names) and self.is_current(self.name)

    def is_current(self, name: str | None) -> bool:
        """Whether the last answer is called so, and would be given again."""
        return (name is not None and name == self.name and self._names == list(sys.modules)
                and _afresh.loaded.changed <= self.wanted.keys() and self._state == self._now())

    def forget(self) -> None:
        """Before another answer is worked out: texts that change meanwhile are noted."""
        self.name = None
        _afresh.loaded.changed.clear()

    def keep(self, paths: tuple[str, ...], names: tuple[str, ...], wanted: dict[str, str | None],
             answer: dict[str, Any], lasts: bool) -> None:
        """`lasts`: false if modules are just being executed, which may import others at any moment."""
        if lasts:
            self._count += 1
            self.name = f"{os.getpid()}-{_START}-{self._count}"
            self._question, self.wanted, self.answer = (paths, names), wanted, answer
            self._modules = dict.fromkeys(sys.modules)
            self._names = list(self._modules)
            self._state = self._now()

    def _now(self) -> Any:
        """What the answer depends on, without holding any of it, besides the texts of others: what the wanted ones import."""
        wanted = self.wanted
        main = namespace_of(sys.modules.get("__main__"))
        own = {name: namespace for name in wanted if (namespace := namespace_of(sys.modules.get(name))) is not None}
        imports = []
        for name, namespace in own.items():
            record = record_of(name)
            imports.append(_edges.of(name, None if record is None else record.code, namespace, self._modules, {}))
        script = None if "__main__" in wanted or _main is None else _main.number
        return script, None if main is None else len(main), imports


graph = Graph()


def all_edges(known: dict[str, dict[str, Any]]) -> list[tuple[str, str, list[str] | None, bool]]:
    """(importing, imported, names or None, lazy) between the known modules."""
    importers: dict[str, list[tuple[str, bool]]] = {}
    for name, record in list(_afresh.loaded.items()):
        if record.importer is not None and name in known:
            importer, lazy = record.importer
            importers.setdefault(importer, []).append((name, lazy))
    edges = []
    for name, namespace in known.items():
        record = record_of(name)
        code = None if record is None else record.code
        for target, names, lazy in _edges.of(name, code, namespace, known, importers):
            edges.append((name, target, names, lazy))
    return edges


def running(parameters: dict[str, Any]) -> dict[str, Any]:
    name = parameters.get("module")
    record = record_of(name) if type(name) is str else None
    if record is None or record.source is None:
        raise RequestError(BAD_PARAMETERS, f"the text of {name} is not known here")
    # Where pytest has made the code, the compiler's stands for it until it is executed.
    is_compilers = record.code is not None and REWRITTEN not in record.code.co_names
    code = base64(marshal.dumps(record.code)) if is_compilers else None
    return {"source": base64(record.source), "code": code, "digest": digest_of(record.source)}


def module_named(name: str) -> ModuleType | None:
    module = sys.modules.get(name)
    return module if namespace_of(module) is not None else None


def _texts(value: Any) -> list[str]:
    if type(value) is not list or any(type(item) is not str for item in value):
        raise RequestError(BAD_PARAMETERS, "a list of strings is needed")
    return value
