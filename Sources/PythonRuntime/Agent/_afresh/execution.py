"""`run` of the host protocol: a text that a person wants executed in the program, as `%run -i` does. No transaction:
what it does stays done.
"""
from __future__ import annotations

import sys
from _afresh import get_ident, perf_counter
from _ast import Expr, Expression, PyCF_ONLY_AST

from . import delivery, modules
from .failure import describe_raised, let_go, signal_behind
from .transaction import ABSENT
from .wire import BAD_PARAMETERS, RequestError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

    from .server import Server

_OUTPUT = 1_000_000  # characters that are kept of what is printed
_FUTURES = 0x1FE0000  # the flags of `from __future__` imports in code objects: those of the module hold for its parts
_VALUE = 10_000  # characters of a value


def start(server: Server, parameters: dict[str, Any]) -> dict[str, Any]:
    """`run`. Raises Later if the main thread was asked to do it."""
    return delivery.Job(server.host, Execution(parameters).run).start()


class Execution:
    def __init__(self, parameters: dict[str, Any]) -> None:
        self._path, text, line = parameters.get("path"), parameters.get("text"), parameters.get("line", 0)
        if type(self._path) is not str or type(text) is not str or type(line) is not int or not 0 <= line < 10_000_000:
            raise RequestError(BAD_PARAMETERS, "a path, a text and its first line are needed")
        self._whole = parameters.get("whole") is True
        self.module = "__main__" if self._whole else self._module_of_path()
        namespace = modules.namespace_of(sys.modules.get(self.module))
        if namespace is None:
            raise RequestError(BAD_PARAMETERS, f"there is no module {self.module}")
        self._namespace: dict[str, Any] = namespace
        self._text = text
        self._line = line
        self._printed: list[str] = []
        self._room = _OUTPUT

    def run(self, thread: str) -> dict[str, Any]:
        started = perf_counter()
        answer: dict[str, Any] = {"module": self.module, "thread": thread}
        streams = sys.stdout, sys.stderr
        ours = tuple(_Captured(self, stream) for stream in streams)
        file = self._namespace.get("__file__", ABSENT)
        try:
            sys.stdout, sys.stderr = ours
            statements, value = self._compiled()
            if self._whole:
                self._namespace["__file__"] = self._path
            delivery.shield.statements(exec, statements, self._namespace)
            if value is not None:
                delivery.shield.statements(self._show, value)
        except BaseException as error:  # SystemExit too: the program goes on
            delivery.shield.open = False
            answer["error"] = describe_raised(error)
            if type(error) is delivery.Abandoned:
                answer["error"]["message"] = "it waited on the main thread, which the program needs; it was interrupted"
            elif thread == "main":
                answer["signal"] = signal_behind(error)
            let_go(error)
        finally:
            if self._whole:
                if file is ABSENT:
                    self._namespace.pop("__file__", None)
                else:
                    self._namespace["__file__"] = file
            if sys.stdout is ours[0]:
                sys.stdout = streams[0]
            if sys.stderr is ours[1]:
                sys.stderr = streams[1]
        answer["output"] = "".join(self._printed) + ("" if self._room > 0 else "\n… more was printed than is kept\n")
        elapsed = (perf_counter() - started) * 1000
        answer["timings"] = {"apply": elapsed, "pause": elapsed if thread == "main" else 0.0}
        return answer

    def take(self, text: str) -> None:
        """What the statements print."""
        if self._room > 0:
            self._printed.append(text[:self._room])
            self._room -= len(text)

    def _module_of_path(self) -> str:
        """The module that was loaded from the path; the script where none was."""
        real = modules.real_path(self._path)
        known = modules.user_modules()
        found = [name for name, namespace in known.items() if modules.path_of(name, namespace) == real]
        return found[0] if found and "__main__" not in found else "__main__"

    def _compiled(self) -> tuple[CodeType, CodeType | None]:
        """The statements, at the lines that they have in the file, and the expression at their end."""
        text = "\n" * self._line + self._text
        indented = self._line > 0 and self._text[:1] in (" ", "\t")
        if indented:  # a selection out of a block; strings over several lines stay as they are
            text = "\n" * (self._line - 1) + "if True:\n" + self._text
        record = None if self._whole else modules.record_of(self.module)
        flags = 0 if record is None or record.code is None else record.code.co_flags & _FUTURES
        tree: Any = compile(text, self._path, "exec", flags | PyCF_ONLY_AST, dont_inherit=True)
        if indented and len(tree.body) == 1:
            tree.body = tree.body[0].body
        value = None
        if tree.body and type(tree.body[-1]) is Expr and not self._whole:
            value = compile(Expression(tree.body.pop().value), self._path, "eval", flags, dont_inherit=True)
        return compile(tree, self._path, "exec", flags, dont_inherit=True), value

    def _show(self, code: CodeType) -> None:
        value = eval(code, self._namespace)
        if value is not None:
            text = repr(value)
            self.take(text if len(text) <= _VALUE else text[:_VALUE] + "…")
            self.take("\n")


class _Captured:
    """Stands for a stream meanwhile: what the thread of the statements writes is kept, what others write goes through."""

    def __init__(self, execution: Execution, stream: Any) -> None:
        self._execution = execution
        self._stream = stream
        self._thread = get_ident()

    def write(self, text: str) -> int:
        if get_ident() != self._thread:
            return self._stream.write(text)
        if type(text) is not str:
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._execution.take(text)
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        if get_ident() != self._thread and self._stream is not None:
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
