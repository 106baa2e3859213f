"""A program whose modules are patched in this process: checker process, plan, `_afresh.patch`, as server and agent
would.
"""

from __future__ import annotations

import base64
import importlib
import json
import marshal
import operator
import os
import subprocess
import sys
import tempfile
import textwrap
import unittest
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Iterable

from live_order import Imports, Planner, importers_of, imports_of

AGENT = Path(__file__).resolve().parents[2] / "Sources" / "PythonRuntime" / "Agent"
sys.path.insert(0, str(AGENT))

import _afresh  # noqa: E402
from _afresh import patch  # noqa: E402
from _afresh.hooks import Hooks  # noqa: E402
from _afresh.outside import written  # noqa: E402
from _afresh.patch_functions import references  # noqa: E402
from _afresh.transaction import Transaction, namespace_of  # noqa: E402


SourceFileLoader.get_code = _afresh.GetCode()  # type: ignore[method-assign, assignment]  # it sees who imports


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


class CheckerFailure(Exception):
    """The checker answered with an error."""


class Checker:
    """The checker process of this interpreter."""

    def __init__(self, python: str = sys.executable) -> None:
        command = [python, "-I", "-S", str(AGENT / "checker")]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._count = 0

    def request(self, method: str, **params: Any) -> Any:
        self._count += 1
        return self.send({"jsonrpc": "2.0", "id": self._count, "method": method, "params": params})

    def send(self, message: Any) -> Any:
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()
        length = 0
        while line := self.process.stdout.readline().strip():
            length = int(line.split(b":")[1])
        reply = json.loads(self.process.stdout.read(length))
        if "error" in reply:
            raise CheckerFailure(reply["error"])
        return reply["result"]

    def close(self) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(10)


class Record:
    def __init__(self, source: bytes, code: CodeType, importer: tuple[str, bool] | None) -> None:
        self.source = source
        self.code = code
        self.importer = importer


class Step:
    """What `_afresh.patch.apply` takes, as the agent makes it."""

    def __init__(self, live: Live, name: str, payload: dict[str, Any]) -> None:
        module = sys.modules[name]
        self.references = references(module)
        self.name = name
        self.payload = payload
        self.plan = None
        self.number = None
        self.record = live.records.get(name)
        self.module = module
        self.namespace = namespace_of(module)
        source = payload.get("source")
        self.source = base64.b64decode(source) if source is not None else None
        if "edit" in payload:
            before, after, middle = payload["edit"]
            running = self.record.source
            self.source = running[:before] + base64.b64decode(middle) + running[len(running) - after :]
        code = payload.get("code")
        self.code = marshal.loads(base64.b64decode(code)) if code is not None else None

    def running_code(self, is_compilers: bool = False) -> CodeType:
        return self.record.code


class Beforehand:
    """What the agent notes of modules before they are changed; here only which there are."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self.steps: list[Step] = []  # those that have come to their turn

    def namespaces(self) -> list[dict[str, Any]]:
        return [vars(module) for module in self._live.modules().values()]

    def codes(self) -> dict[str, CodeType]:
        found = {name: record.code for name, record in self._live.records.items() if not name.endswith("\0")}
        return found | {step.name: step.code for step in self.steps if step.code is not None}

    def importers(self) -> dict[str, tuple[str, bool] | None]:
        return {name: record.importer for name, record in self._live.records.items()}

    def of_module(self, _namespace: dict[str, Any]) -> None:
        pass

    def of_names(self, _namespace: dict[str, Any], _before: dict[str, Any]) -> bool:
        return True

    def of_all(self) -> None:
        pass


class Live:
    """The modules of one folder, loaded in this process."""

    def __init__(self, root: str, checker: Checker, policy: str = "patch") -> None:
        self.root = root
        self.checker = checker
        self.policy = policy
        self.records: dict[str, Record] = {}
        self.report: dict[str, Any] = {}

    def modules(self) -> dict[str, ModuleType]:
        found = {}
        for name, module in list(sys.modules.items()):
            path = getattr(module, "__file__", None)
            if isinstance(path, str) and path.startswith(self.root + os.sep) and path.endswith(".py"):
                found[name] = module
        return found

    def remember(self) -> None:
        """Keeps text and code of what is loaded, as the import hook does."""
        for name, module in self.modules().items():
            if name not in self.records:
                assert module.__file__ is not None
                source = Path(module.__file__).read_bytes()
                code = module.__loader__.source_to_code(source, module.__file__)  # type: ignore[union-attr]
                known = _afresh.loaded.pop(name, None)  # it holds the code that was executed
                self.records[name] = Record(source, code, known.importer if known is not None else None)

    def save(self, paths: list[str]) -> dict[str, Any]:
        """Reloads the modules of saved files. The report is like the agent's answer to `apply`."""
        loaded = self.modules()
        edited = [name for name, module in loaded.items() if module.__file__ in paths]
        sources = {name: Path(str(loaded[name].__file__)).read_bytes() for name in edited}
        requests = [self._request(name, loaded[name]) | {"source": encoded(sources[name])} for name in edited]
        answer = self._asked("check", requests)
        problems = [
            problem for each in answer["modules"] for problem in each["problems"] if problem["severity"] == "error"
        ]
        if problems:
            self.report = {"outcome": "blocked", "problems": problems}
            return self.report
        by_name = {each["name"]: each for each in answer["modules"]}
        own = {name: by_name[name]["payload"] for name in answer["order"] if by_name[name]["payload"] is not None}
        whole = {name for name, payload in own.items() if payload["policy"] != "patch" or by_name[name].get("fallback") is not None}
        changed = {name: by_name[name]["changed"] for name in edited if by_name[name]["changed"] != []}
        running = {name: self._imports(name, module) for name, module in loaded.items()}
        for name in edited:  # what runs afterwards
            self.records[name + "\0"] = Record(sources[name], self.records[name].code, None)
        imports = {name: Imports(*map(operator.or_, running[name], self._imports(name, module))) for name, module in loaded.items()}
        touches = {each for checked in by_name.values() for each in checked.get("touches", ())}
        namespaces = {name: vars(module) for name, module in loaded.items()}
        writers: set[str] = set()
        while True:
            outside = written(touches, namespaces, (self.records[name].source for name in namespaces))
            planner = Planner([*own], self._dependents(set(own), imports, outside), imports, whole, outside, writers)
            answers = []
            if planner.candidates:
                requests = [self._request(name, loaded[name], name in edited) for name in planner.candidates]
                for request in requests:
                    request["edges"] = None
                answers = self._asked("affected", requests, changed=changed, written=outside)["modules"]
            more = {each for answer in answers for each in answer.get("touches", ())}
            changing = {answer["name"] for answer in answers if answer.get("touches")}
            if more <= touches and changing <= writers:
                break
            touches |= more
            writers |= changing
        steps = planner.steps(own, answers)
        for name in edited:
            del self.records[name + "\0"]
        self.report = self._apply(steps) | {"checked": list(by_name.values())}
        for each in by_name.values():
            each.pop("payload")
        return self.report

    def _apply(self, steps: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
        transaction = Transaction()
        results = []
        done: list[Step] = []
        try:
            beforehand = transaction.beforehand = Beforehand(self)  # type: ignore[assignment]
            for name, payload in steps:
                step = Step(self, name, payload)
                beforehand.steps.append(step)
                if payload["policy"] == "patch":
                    result = patch.apply(step, transaction)
                else:
                    transaction.remember_namespace(step.namespace)
                    Hooks.of(transaction).execute_whole(step, transaction)
                    code = step.code or step.record.code
                    exec(code, step.namespace)
                    result = {"executed": True, "changed": True, "changes": []}
                results.append({"module": name, **result})
                done.append(step)
            patch.end(transaction, list(zip(done, results)))
            for step, old in Hooks.of(transaction).touched(transaction):
                Hooks.after(step, old, transaction)
            transaction.commit()
        except BaseException as error:
            left = transaction.rollback()
            return {"outcome": "rolledBack", "error": f"{type(error).__name__}: {error}", "left": left, "modules": []}
        for step in done:
            if step.source is not None:
                running = self.records[step.name]
                self.records[step.name] = Record(step.source, step.code or running.code, running.importer)
        self.remember()
        return {"outcome": "applied", "modules": results}

    def _request(self, name: str, module: ModuleType, edited: bool = False) -> dict[str, Any]:
        record = self.records[name + "\0" if edited else name]
        running = {"source": encoded(record.source), "code": None if edited else encoded(marshal.dumps(record.code))}
        return {
            "name": name,
            "path": module.__file__,
            "package": hasattr(module, "__path__"),
            "main": name == "__main__",
            "running": running,
        }

    def _asked(self, method: str, modules: list[dict[str, Any]], **more: Any) -> Any:
        answer = self.checker.request(method, policy=self.policy, optimize=sys.flags.optimize, modules=modules, **more)
        assert "missing" not in answer
        return answer

    def _dependents(self, changed: set[str], imports: dict[str, Imports], outside: Iterable[str]) -> list[str]:
        """Modules that use changed ones, directly or not, and those that statements set names of."""
        reached = {*changed, *outside}
        reached |= importers_of(reached, imports)
        return [name for name in imports if name in reached]

    def _imports(self, name: str, module: ModuleType) -> Imports:
        record = self.records.get(name + "\0") or self.records.get(name)
        return imports_of(record.source, name, hasattr(module, "__path__")) if record is not None else Imports(set(), set())


class PatchCase(unittest.TestCase):
    """A test with a folder of its own, whose modules are loaded, edited and saved."""

    checker: Checker

    @classmethod
    def setUpClass(cls) -> None:
        cls.checker = Checker()

    @classmethod
    def tearDownClass(cls) -> None:
        cls.checker.close()

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = os.path.realpath(folder.name)
        self.live = Live(self.root, self.checker)
        sys.path.insert(0, self.root)
        self.addCleanup(sys.path.remove, self.root)
        self.addCleanup(self._unload)
        bytecode = sys.dont_write_bytecode
        sys.dont_write_bytecode = True
        self.addCleanup(setattr, sys, "dont_write_bytecode", bytecode)

    def _unload(self) -> None:
        for name in self.live.modules():
            del sys.modules[name]
        for name, module in list(sys.modules.items()):
            if any(str(path).startswith(self.root) for path in getattr(module, "__path__", ())):
                del sys.modules[name]

    def load(self, text: str | None = None, /, **texts: str) -> Any:
        """Writes and imports modules: `m` for the text alone. `p__s` is the module p.s, `p__init` a package. Answers
        the first.
        """
        files = self._write(text, texts)
        importlib.invalidate_caches()
        modules = [importlib.import_module(name) for name in files]
        self.live.remember()
        return modules[0]

    def save(self, text: str | None = None, /, **texts: str) -> Any:
        """Saves modules and expects that they were applied."""
        report = self.try_save(text, **texts)
        self.assertEqual(report["outcome"], "applied", report)
        return report

    def try_save(self, text: str | None = None, /, **texts: str) -> Any:
        files = self._write(text, texts)
        importlib.invalidate_caches()
        return self.live.save(list(files.values()))

    def assertFails(self, report: Any, word: str) -> None:
        self.assertEqual(report["outcome"], "rolledBack", report)
        self.assertIn(word, report["error"])
        self.assertEqual(report["left"], [])

    def not_applied(self) -> list[str]:
        """The symbols of changes that could not be applied."""
        return [
            change["symbol"]
            for each in self.live.report["modules"]
            for change in each["changes"]
            if not change["applied"]
        ]

    def executed(self) -> list[str]:
        return [each["module"] for each in self.live.report["modules"] if each["executed"]]

    def _write(self, text: str | None, texts: dict[str, str]) -> dict[str, str]:
        if text is not None:
            texts = {"m": text, **texts}
        files = {}
        for key, content in texts.items():
            parts = key.split("__")
            if parts[-1] == "init":
                path, name = os.path.join(self.root, *parts[:-1], "__init__.py"), ".".join(parts[:-1])
            else:
                path, name = os.path.join(self.root, *parts) + ".py", ".".join(parts)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            Path(path).write_text(textwrap.dedent(content), encoding="utf-8")
            files[name] = path
        return files
