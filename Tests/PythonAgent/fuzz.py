"""Plays random programs: after each save, the patched program and a freshly started one answer every probe the same, or
the report names what differs.

    python Tests/PythonAgent/fuzz.py                  10,000 edits, from a seed that it prints
    python Tests/PythonAgent/fuzz.py --edits 500 --seed 7
    python Tests/PythonAgent/fuzz.py --seed 7 --edits 1 -v      one program again, each save shown

Run it with the interpreter to be tested. A failure prints the texts, what differs, and the command that plays it again.
"""

from __future__ import annotations

import argparse
import collections
import difflib
import functools
import gc
import importlib
import inspect
import os
import random
import sys
import time
import traceback
import tracemalloc  # noqa: F401  (the interpreter imports it when it warns of a coroutine: not what a save does)
import types
from pathlib import Path
from typing import Any, Iterator

from live import Live, PatchCase
from random_probes import again, describe, probe
from random_programs import FORMS, HEAD, Program
from random_reports import Texts, named, not_applied, says

from _afresh import stale, stale_ledger  # noqa: E402

STEPS = 20  # edits of one program


class Disagreement(AssertionError):
    """What a patched program answers otherwise than a fresh one, without a word of it in the report."""


class Player(PatchCase):
    """Plays one program after another; `counts` says what came of the edits."""

    verbose = False
    about = "Random edits of random programs, patched and freshly started."

    def runTest(self) -> None:
        pass

    def setUp(self) -> None:
        super().setUp()
        self.counts: collections.Counter[str] = collections.Counter()

    def with_options(self, parser: argparse.ArgumentParser) -> argparse.Namespace:
        options = parser.parse_args()
        self.verbose = options.verbose
        return options

    def play(self, seed: int, steps: int = STEPS) -> None:
        maker = random.Random(seed)
        program = self._program(maker)
        self._forget()
        texts = program.texts()
        if isinstance(self._fresh(program.names, texts), Exception):
            self.counts["programs that do not start"] += 1
            return
        self._load(program.names, texts)
        self.held: list[Held] = []
        self._hold(program)
        self.history = [program.copy()]
        for step in range(steps):
            before = program.copy()
            program.edit()
            edited = {name: text for name, text in program.texts().items() if text != texts[name]}
            if not edited:
                continue
            self.where = f"seed {seed}, save {step + 1}"
            self.history.append(program.copy())
            going_on = self._save(program, texts, edited)
            if going_on == "again":
                program.sources = before.sources  # the texts that run; the next save starts from them
                continue
            texts = program.texts()
            if going_on == "end":
                return
            self._hold(program)

    def _program(self, maker: random.Random) -> Any:
        return Program(maker)

    def shrink(self) -> Disagreement | None:
        """The fewest saves of the smallest programs that disagree as the last ones did."""
        history = self.history
        failure = self._attempt(history)
        smaller = failure is not None
        while smaller:
            smaller = False
            for fewer in self._smaller(history):
                found = self._attempt(fewer)
                if found is not None:
                    history, failure, smaller = fewer, found, True
                    break
        self.history = history
        return failure

    def _smaller(self, history: list[Program]) -> Iterator[list[Program]]:
        for at in range(len(history) - 1):
            if len(history) > 2:
                yield history[:at] + history[at + 1 :]
        for module, name in sorted({(name, item.name) for each in history for name, source in each.sources.items() for item in source.items}):
            fewer = [each.copy() for each in history]
            for each in fewer:
                items = each.sources[module].items
                items[:] = [item for item in items if item.name != name]
            yield fewer

    def _attempt(self, history: list[Program]) -> Disagreement | None:
        self._forget()
        texts = history[0].texts()
        if isinstance(self._fresh(history[0].names, texts), Exception):
            return None
        self._load(history[0].names, texts)
        self._hold(history[0], 1.0)
        for number, program in enumerate(history[1:]):
            edited = {name: text for name, text in program.texts().items() if text != texts[name]}
            if edited:
                self.where = f"save {number + 1} of {len(history) - 1}"
                try:
                    going_on = self._save(program, texts, edited)
                except Disagreement as found:
                    return found if program is history[-1] else None
                if going_on == "end":
                    return None
                if going_on == "on":
                    texts = program.texts()
                    self._hold(program, 1.0)
        return None

    # One save

    def _save(self, program: Program, texts: dict[str, str], edited: dict[str, str]) -> str:
        names = program.names
        expected = self._fresh(names, {**texts, **edited})
        state = self._state(names, expected)
        self.before, self.edited = texts, edited
        report = self._reload(list(self._write(None, {_key(name, names): text for name, text in edited.items()}).values()))
        if self.verbose:
            self._show(report)
        if report["outcome"] == "rolledBack":
            self._check_undone(names, state, report)
            if not isinstance(expected, Exception):
                raise self._disagreement("a fresh program starts, the save failed", report, [report["error"]])
            self.counts["rolled back, as a restart would fail"] += 1
            self._put_back(names, texts)
            return "again"
        if report["outcome"] != "applied":
            raise self._disagreement("not applied", report, [report])
        self._hear(texts, edited, report)
        return self._applied(program, expected, report)

    def _reload(self, paths: list[str]) -> Any:
        return self.live.save(paths)

    def _state(self, names: tuple[str, ...], expected: Any) -> dict[str, Any]:
        """What a save that fails may not change."""
        if isinstance(expected, Exception):
            gc.collect()  # classes that nobody holds any more are not what the save may not change
        return snapshot(names)

    def _check_undone(self, names: tuple[str, ...], state: dict[str, Any], report: Any) -> None:
        gc.collect()  # classes that the save made
        now = snapshot(names)
        if now != state:
            differ = sorted(key for key in state.keys() | now.keys() if state.get(key) != now.get(key))
            lines = [f"{key}\n    before {state.get(key)}\n    after  {now.get(key)}" for key in differ[:10]]
            raise self._disagreement("not as it was before a failing save", report, lines)
        if report["left"]:
            raise self._disagreement("undoing failed", report, report["left"])

    def _hear(self, texts: dict[str, str], edited: dict[str, str], report: Any) -> None:
        """Takes in what a report says is not applied, and what is now."""
        self.saved = Texts({**texts, **edited})
        applied = {name for each in report["modules"] for change in each["changes"] if change["applied"]
                   for name in named(each["module"], change, self.saved)}
        self.told = self.told - applied | not_applied(report, self.saved, Texts(texts))  # said until it is put right

    def _applied(self, program: Program, expected: Any, report: Any) -> str:
        if isinstance(expected, Exception):
            # Nothing that the edit changed fails; only a statement that is the same as before would, if it ran again.
            if not self._is_told(report):
                raise self._disagreement("applied, where a restart fails, and the report does not say so", report, [f"{self.ended}: {expected!r}"])
            self.counts["applied where a restart would fail, and reported"] += 1
            return "end"
        return self._compare(program, expected, report)

    def _is_told(self, report: Any) -> bool:
        """Whether a report speaks of where a restart fails, or of what a name depends on that the statement there binds."""
        return self.saved.is_told_at(*self.ended, report) or any(says(self.told, each) for each in self.saved.behind_line(*self.ended))

    def _compare(self, program: Program, expected: dict[str, dict[str, Any]], report: Any) -> str:
        now = self._answers(program.names)
        differ: list[tuple[str, str, Any, Any]] = []
        for name in program.names:
            for key in sorted(expected[name].keys() | now[name].keys()):
                if expected[name].get(key) != now[name].get(key):
                    differ.append((name, key, expected[name].get(key), now[name].get(key)))
        differ += self._compare_held(program, expected)
        if not differ:
            self.counts["the same"] += 1
            return "on"
        found = stale.scan(None, self._loaded(), 100)["stale"]
        paths = {entry["path"] for entry in found}
        holds = {entry["symbol"] for entry in found}  # who holds an old reference is told of it by what it is
        silent, kinds = [], set()
        for module, key, want, have in differ:
            behind = self.saved.behind((module, key.partition(".")[0]))
            is_held = type(have) is tuple and have[0] in ("held", "instance", "bound method")
            for kind, told in (("not-applied", self.told), ("stale", paths), ("stale", holds if is_held else set())):
                if any(says(told, each) for each in behind):
                    kinds.add(kind)
                    break
            else:
                silent.append((module, key, want, have))
        if silent:
            lines = [f"{module}.{key}{self._difference(want, have)}" for module, key, want, have in silent]
            raise self._disagreement("differs, and the report does not say so", report, [*lines, f"told: {self.told} {paths}"])
        self.counts[f"different, and reported: {' and '.join(sorted(kinds))}"] += 1
        return "end"

    def _compare_held(self, program: Program, expected: dict[str, dict[str, Any]]) -> list[tuple[str, str, Any, Any]]:
        """Old references, and instances made earlier."""
        differ = []
        kept = []
        for held in self.held:
            item = program.sources[held.module].item(held.name)
            if item is None or item.kind != held.kind:
                continue  # it is another thing now, or none
            current = vars(sys.modules[held.module]).get(held.name)
            kept.append(held)
            if held.value is not current:
                answer, want = result(describe(held.value)), result(expected[held.module].get(held.name))
                if answer != want:
                    differ.append((held.module, held.name, want, ("held", answer)))
            if held.instance is not None and isinstance(current, type):
                want, answer = describe(again(held.instance, current)), describe(held.instance)
                if want != answer or not isinstance(held.instance, current):
                    differ.append((held.module, held.name, want, ("instance", answer, isinstance(held.instance, current))))
            if held.method is not None and isinstance(current, type) and "m" in vars(current):
                want, answer = describe(again(held.instance, current).m), describe(held.method)
                if want != answer:
                    differ.append((held.module, f"{held.name}.m", want, ("bound method", answer)))
        self.held = kept
        return differ

    # Programs

    def _load(self, names: tuple[str, ...], texts: dict[str, str]) -> None:
        self.load(**{_key(name, names): texts[name] for name in names})

    def _put_back(self, names: tuple[str, ...], texts: dict[str, str]) -> None:
        self._write(None, {_key(name, names): texts[name] for name in names})

    def _fresh(self, names: tuple[str, ...], texts: dict[str, str]) -> Any:
        """The probes of a program that starts with these texts, or the exception that ends it."""
        saved = {name: module for name, module in list(sys.modules.items()) if name in names}  # in the order in which they were loaded
        for name in saved:
            del sys.modules[name]
        try:
            self._write(None, {_key(name, names): text for name, text in texts.items()})
            importlib.invalidate_caches()
            for name in names:
                importlib.import_module(name)
            return self._answers(names)
        except Exception as error:
            for frame in traceback.extract_tb(error.__traceback__):
                if frame.name == "<module>" and frame.filename.startswith(self.root):
                    path = Path(frame.filename).relative_to(self.root).with_suffix("")
                    self.ended = (".".join(path.parts).removesuffix(".__init__"), frame.lineno or 0)
            return error.with_traceback(None)
        finally:
            for name in names:
                sys.modules.pop(name, None)
            sys.modules.update(saved)

    def _answers(self, names: tuple[str, ...]) -> dict[str, dict[str, Any]]:
        return {name: probe(sys.modules[name]) for name in names}

    def _forget(self) -> None:
        self._unload()
        self.live = Watched(self.root, self.checker)
        self.held = []
        self.told: set[str] = set()
        stale._LEDGER.__init__()

    def _loaded(self) -> list[stale.Loaded]:
        assert isinstance(self.live, Watched)
        return self.live.described(self.live.modules())

    def _hold(self, program: Program, share: float = 0.3) -> None:
        """References and instances as a program has them in its variables."""
        for name in program.names:
            for item in program.sources[name].items:
                if item.kind in FORMS and FORMS[item.kind].follows and program.random.random() < share:
                    value = vars(sys.modules[name]).get(item.name)
                    self.held.append(Held(name, item.name, item.kind, value))

    # What is said

    def _disagreement(self, what: str, report: Any, details: list[Any]) -> Disagreement:
        lines = [f"{self.where}: {what}"]
        for name, text in self.before.items():
            lines += self._edit(name, text, self.edited.get(name, text))
        lines.append(f"report {brief(report)}")
        lines += map(str, details)
        return Disagreement("\n".join(lines))

    def _edit(self, name: str, before: str, after: str) -> list[str]:
        """The text with what the edit does to it marked; without what every module has."""
        head = len(HEAD.splitlines())
        marked = difflib.Differ().compare(before.splitlines()[head:], after.splitlines()[head:])
        return [f"--- {name}", *(line for line in marked if line[0] != "?")]

    def _difference(self, want: Any, have: Any) -> str:
        return f"\n    fresh   {want}\n    patched {have}"

    def _show(self, report: Any) -> None:
        print(f"\n=== {self.where}")
        for name, text in self.edited.items():
            print("\n".join(difflib.unified_diff(self.before[name].splitlines(), text.splitlines(), name, name, lineterm="", n=0)))
        print(brief(report))


class Held:
    def __init__(self, module: str, name: str, kind: str, value: Any) -> None:
        self.module = module
        self.name = name
        self.kind = kind
        self.value = value
        self.instance: Any = None
        self.method: Any = None
        if isinstance(value, type) and not kind.endswith("enum"):
            try:
                self.instance = self.made(value)
                self.method = self.instance.m if "m" in vars(value) else None
            except Exception:  # its making needs what is not there
                return

    def made(self, kind: type) -> Any:
        return kind()


class Watched(Live):
    """Keeps the ledger of old objects too, as the agent does."""

    def described(self, names: Any) -> list[stale.Loaded]:
        found = []
        for name in names:
            module, record = sys.modules[name], self.records[name]
            found.append(stale.Loaded(name, vars(module), record.code, str(module.__file__), 1, module.__package__, record.source))
        return found

    def _apply(self, steps: Any) -> dict[str, Any]:
        names = list(dict.fromkeys(name for name, _ in steps))
        captured = stale.capture(self.described(names))
        report = super()._apply(steps)
        if report["outcome"] == "applied":
            stale.settle(captured, self.described(names))
        return report


def _key(name: str, names: tuple[str, ...]) -> str:
    """As `PatchCase.load` wants it."""
    is_package = any(other.startswith(f"{name}.") for other in names)
    return name.replace(".", "__") + ("__init" if is_package else "")


def result(description: Any) -> Any:
    """What a function answers, without what it is called: a reference may lead to it through another function."""
    return description[-1] if isinstance(description, tuple) and description[0] == "function" else description


def brief(report: Any) -> str:
    if report["outcome"] != "applied":
        return str({key: report[key] for key in report if key != "checked"})
    lines = []
    for each in report["modules"]:
        changes = [f"{'' if c['applied'] else 'NOT '}{c['change']} {c['symbol']}" + (f" ({c['reason']})" if "reason" in c else "") for c in each["changes"]]
        lines.append(f"{each['module']}{' executed' if each['executed'] else ''}: {'; '.join(changes)}")
    return "applied\n  " + "\n  ".join(lines)


def snapshot(names: tuple[str, ...]) -> dict[str, Any]:
    """Everything that a failing save may not change, by identity."""
    state: dict[str, Any] = {"sys.modules": tuple(sys.modules)}
    seen: set[int] = set()
    held: list[Any] = []

    def look(path: str, value: Any, depth: int) -> None:
        if id(value) in seen or depth > 6:
            return
        held.append(value)
        kind = type(value)
        if kind is types.FunctionType:
            seen.add(id(value))
            state[path] = (id(value), id(value.__code__), _ids(value.__defaults__), _ids(value.__kwdefaults__), value.__doc__,
                           repr(value.__annotations__), value.__qualname__)
            look(f"{path}.__dict__", value.__dict__ or None, depth + 1)
            for number, cell in enumerate(value.__closure__ or ()):
                try:
                    state[f"{path}<{number}>"] = id(cell.cell_contents)
                    look(f"{path}<{number}>", cell.cell_contents, depth + 1)
                except ValueError:
                    state[f"{path}<{number}>"] = None
        elif isinstance(value, type) and value.__module__ in names:
            seen.add(id(value))
            state[path] = (id(value), type(value).__name__, [id(base) for base in value.__mro__], [id(each) for each in type.__subclasses__(value)])
            look(f"{path}.__dict__", {name: each for name, each in vars(value).items() if name not in ("__dict__", "__weakref__", "__abstractmethods__")}, depth + 1)
        elif kind in (staticmethod, classmethod):
            look(f"{path}()", value.__func__, depth + 1)
        elif kind is property:
            for accessor in (value.fget, value.fset, value.fdel):
                look(f"{path}@{getattr(accessor, '__code__', None) and accessor.__code__.co_firstlineno}", accessor, depth + 1)
        elif isinstance(value, dict):
            seen.add(id(value))
            state[path] = [(repr(key) if not isinstance(key, type) else id(key), id(each)) for key, each in value.items()]
            for key, each in list(value.items()):
                look(f"{path}.{key}", each, depth + 1)
        elif kind in (list, set, tuple):
            seen.add(id(value))
            state[path] = (id(value), [id(each) for each in value])
            for number, each in enumerate(value):
                look(f"{path}[{number}]", each, depth + 1)
        elif kind is functools.partial:  # to ask for its attributes gives it some
            for name in ("func", "args", "keywords"):
                look(f"{path}.{name}", getattr(value, name), depth + 1)
        elif inspect.getattr_static(value, "__wrapped__", None) is not None:  # without asking anybody's `__getattr__`
            look(f"{path}.__wrapped__", value.__wrapped__, depth + 1)
        elif kind.__module__ in names and hasattr(value, "__dict__"):
            seen.add(id(value))
            look(f"{path}.__dict__", vars(value), depth + 1)

    for name in names:
        look(name, {key: value for key, value in vars(sys.modules[name]).items() if key != "__builtins__"}, 0)
    return state


def _ids(values: Any) -> Any:
    if values is None:
        return None
    return [id(each) for each in (values.values() if isinstance(values, dict) else values)]


def main(kind: type[Player] = Player, file: str = __file__) -> int:
    parser = argparse.ArgumentParser(description=kind.about)
    parser.add_argument("--edits", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 1_000_000 * 1_000, help="of the first program; the next ones follow")
    parser.add_argument("--programs", type=int, help="how many programs, whatever the number of edits")
    parser.add_argument("--keep-going", action="store_true", help="count failures and go on")
    parser.add_argument("--shrink", action="store_true", help="look for a smaller program that fails")
    parser.add_argument("--show", type=int, default=3, help="how many failures to print in full")
    parser.add_argument("-v", "--verbose", action="store_true", help="show every save")
    player = kind()
    options = player.with_options(parser)
    sys.dont_write_bytecode = True
    kind.setUpClass()
    player.setUp()
    failures: list[int] = []
    seed, began = options.seed, time.monotonic()
    try:
        while sum(player.counts.values()) < options.edits if options.programs is None else seed < options.seed + options.programs:
            try:
                player.play(seed)
            except Exception as error:
                failures.append(seed)
                player.counts["failed"] += 1
                if len(failures) <= options.show:
                    print(f"\n{error if isinstance(error, Disagreement) else repr(error)}\n\nAgain: {Path(sys.executable).name} "
                          f"{os.path.relpath(file)} --programs 1 --seed {seed} -v", flush=True)
                    if not isinstance(error, Disagreement):
                        traceback.print_exc()
                if options.shrink and isinstance(error, Disagreement):
                    print(f"\nSmaller: {player.shrink()}", flush=True)
                if not options.keep_going:
                    break
            seed += 1
    except KeyboardInterrupt:
        pass  # what has been played counts
    finally:
        player.doCleanups()
        kind.tearDownClass()
    total = sum(player.counts.values())
    print(f"\nCPython {sys.version.split()[0]}: {total} edits of {seed - options.seed} programs from seed {options.seed} in {time.monotonic() - began:.0f} s")
    for what, count in player.counts.most_common():
        print(f"  {count:6}  {what}")
    if failures:
        print(f"  failing seeds: {failures[:50]}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
