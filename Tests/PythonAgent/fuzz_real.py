"""Edits real code at random: modules of the interpreter's own library, copied under other names. After each save, the patched
program and a freshly started one are the same down to bytecode, line numbers and what calls answer, or the report names what
differs; where a fresh one does not start, the program is as it was.

    python Tests/PythonAgent/fuzz_real.py --edits 500 --seed 7
    python Tests/PythonAgent/fuzz_real.py --modules configparser,json --programs 3

Run it with the interpreter to be tested. It answers as `fuzz.py` does, which has the options.
"""

from __future__ import annotations

import argparse
import difflib
import dis
import fcntl
import gc
import importlib
import os
import pickle
import random
import re
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback
import types
import warnings
from pathlib import Path
from typing import Any, Callable, Iterator

import fuzz
from fuzz import Disagreement, Held, Player
from _afresh import stale
from real_probes import KEPT, TOO_LONG, Seen, begin, difference
from real_programs import RealProgram
from real_texts import Text, blocks_to_leave_out

_LIMIT = 20  # seconds that a start or a description may take
_TRIES = 4  # starts that have to answer the same before an answer counts
_WHOLE = 300  # seconds for one program with all its edits


class DoesNotStart(Exception):
    """A program that ends while it starts."""


class TakesTooLong(DoesNotStart):
    """One that does not come to an end."""


class RealPlayer(Player):
    about = "Random edits of the interpreter's own library, patched and freshly started."
    modules: tuple[str, ...] | None = None

    def with_options(self, parser: argparse.ArgumentParser) -> argparse.Namespace:
        parser.add_argument("--modules", help="those to edit, joined by commas; else any that go together")
        options = super().with_options(parser)
        if options.modules:
            self.modules = tuple(options.modules.split(","))
        global VERBOSE
        VERBOSE = self.verbose
        return options

    def setUp(self) -> None:
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.scratch = folder.name

    def _program(self, maker: random.Random) -> Any:
        return RealProgram(maker, self.modules)

    def play(self, seed: int, steps: int = fuzz.STEPS) -> None:
        """In a process of its own: what real modules do when they are imported stays in it."""

        def played() -> Any:
            warnings.simplefilter("ignore")
            os.chdir(self.scratch)  # where it may write
            error = None
            try:
                Player.play(self, seed, steps)
            except Disagreement as found:
                error = found
            return error, self.counts, getattr(self, "history", [])

        for left in Path(self.root).iterdir():  # by the program before: this one may not import it
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        before = self.counts.copy()
        answer = in_a_fork(played, _WHOLE)
        if isinstance(answer, BaseException):
            self.checker.close()
            type(self).checker = self.live.checker = type(self.checker)()
            raise answer
        error, self.counts, self.history = answer
        if sum(self.counts.values()) == sum(before.values()):
            self.counts["without an edit"] += 1
        if error is not None:
            raise error

    def _attempt(self, history: list[Any]) -> Disagreement | None:
        answer = in_a_fork(lambda: Player._attempt(self, history), _WHOLE)
        return answer if isinstance(answer, Disagreement) else None

    def _smaller(self, history: list[Any]) -> Iterator[list[Any]]:
        """Without a save, without a module, without statements: many at once first."""
        for at in range(len(history) - 2, -1, -1):
            if len(history) > 2:
                yield history[:at] + history[at + 1 :]
        for name in history[0].names:
            if len(history[0].names) > 1:
                fewer = [each.copy() for each in history]
                for each in fewer:
                    each.sources.pop(name, None)
                    each.names = tuple(each.sources)
                yield fewer
        for name in history[0].names:
            pieces = list(dict.fromkeys(piece for each in history for piece in blocks_to_leave_out(each.sources[name])))
            size = len(pieces)
            while size:
                for at in range(0, len(pieces), size):
                    fewer = [each.copy() for each in history]
                    for each in fewer:
                        each.sources[name] = without(each.sources[name], pieces[at : at + size])
                    if any(one.sources[name] != other.sources[name] for one, other in zip(fewer, history)):
                        yield fewer
                size = size // 4 if size > 8 else size // 2

    def _is_told(self, report: Any) -> bool:
        if re.search(r"\b(globals|exec|eval|vars|locals|setattr)\(", self.saved.texts[self.ended[0]] if self.ended[0] else ""):
            return True  # it may bind any name: nobody can say which are there
        return super()._is_told(report) or bool(stale.scan(None, self._loaded(), 100)["stale"])

    def _save(self, program: Any, texts: dict[str, str], edited: dict[str, str]) -> str:
        expected = self._fresh(program.names, {**texts, **edited})
        if isinstance(expected, TakesTooLong):
            self.counts["not saved: a program that starts with it does not come to an end"] += 1
            self._put_back(program.names, texts)
            return "again"
        self._expected = {**texts, **edited}, expected
        signal.signal(signal.SIGALRM, _give_up)
        signal.alarm(60)
        try:
            return super()._save(program, texts, edited)
        finally:
            signal.alarm(0)
            self._expected = None

    _expected: Any = None
    _now: Any = None

    def _fresh(self, names: tuple[str, ...], texts: dict[str, str]) -> Any:
        if self._expected is not None and self._expected[0] == texts:
            return self._expected[1]

        def started() -> Any:
            for name in names:
                sys.modules.pop(name, None)
            importlib.invalidate_caches()
            try:
                for name in names:
                    importlib.import_module(name)
            except BaseException as error:  # what real modules do
                for frame in traceback.extract_tb(error.__traceback__):
                    if frame.name == "<module>" and frame.filename.startswith(self.root):
                        path = Path(frame.filename).relative_to(self.root).with_suffix("")
                        self.ended = (".".join(path.parts).removesuffix(".__init__"), frame.lineno or 0)
                return f"{type(error).__name__}: {error}"[:300], getattr(self, "ended", ("", 0))
            return self._seen(names)

        self._write(None, {fuzz._key(name, names): text for name, text in texts.items()})
        answer = in_a_fork(started, _LIMIT)
        if isinstance(answer, tuple):
            self.ended = answer[1]
            return DoesNotStart(answer[0])
        return answer if not isinstance(answer, BaseException) else TakesTooLong(str(answer))

    def _answers(self, names: tuple[str, ...]) -> dict[str, dict[str, Any]]:
        if self._now is not None:
            return self._now
        gc.collect()  # what nobody holds any more is not what the program is
        answer = in_a_fork(lambda: self._seen(names), _LIMIT * 2)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _seen(self, names: tuple[str, ...]) -> dict[str, dict[str, Any]]:
        begin(self.scratch)
        seen = Seen(names)
        plain = Seen(names, calls=False)
        found = {name: plain.module(name) for name in names}  # before anything is called
        for name in names:
            found[name] = {**seen.module(name), **found[name]}
        return found

    def _compare(self, program: Any, expected: dict[str, dict[str, Any]], report: Any) -> str:
        now = self._now = self._answers(program.names)
        self._expected = None
        again: list[Any] = []
        for name in program.names:
            for key in expected[name].keys() | now[name].keys():
                if expected[name].get(key) != now[name].get(key):
                    again = again or [self._fresh(program.names, self.saved.texts) for _ in range(_TRIES)]
                    if (
                        any(isinstance(each, Exception) or each[name].get(key) != expected[name].get(key) for each in again)
                        or expected[name].get(key) == "None" and _is_bound_by_functions(name, key)  # it has been called
                        or TOO_LONG in repr((expected[name].get(key), now[name].get(key)))
                    ):
                        expected[name].pop(key, None)  # it never answers the same
                        now[name].pop(key, None)
        try:
            return super()._compare(program, expected, report)
        finally:
            self._now = None

    def _edit(self, name: str, before: str, after: str) -> list[str]:
        around = 3 if len(before) > 2000 else 1000
        return list(difflib.unified_diff(before.splitlines(), after.splitlines(), name, name, lineterm="", n=around))

    def _difference(self, want: Any, have: Any) -> str:
        return difference(want, have)

    # Old references

    def _hold(self, program: Any, share: float = 0.3) -> None:
        for name in program.names:
            for key, value in list(vars(sys.modules[name]).items()):
                if (
                    isinstance(value, (types.FunctionType, type))
                    and value.__module__ == name
                    and program.random.random() < share / 3
                ):
                    self.held.append(HeldInReal(name, key, type(value).__name__, value))

    def _compare_held(self, program: Any, expected: dict[str, dict[str, Any]]) -> list[tuple[str, str, Any, Any]]:
        return []


class HeldInReal(Held):
    def made(self, kind: type) -> Any:
        return object.__new__(kind)  # what real classes do when they are called would be the judge's, and not the program's


def _give_up(number: int, frame: Any) -> None:
    raise AssertionError("the save does not come to an end")


def _is_bound_by_functions(module: str, name: str) -> bool:
    functions = [each for each in vars(sys.modules[module]).values() if isinstance(each, (types.FunctionType, type))]
    codes = [each.__code__ for value in functions for each in (vars(value).values() if isinstance(value, type) else (value,)) if isinstance(each, types.FunctionType)]
    return any(each.opname == "STORE_GLOBAL" and each.argval == name for code in codes for each in dis.get_instructions(code))


def without(source: str, pieces: list[str]) -> str:
    """The text without these statements."""
    for piece in pieces:
        try:
            text = Text(source)
        except SyntaxError:
            return source
        node = next((each for each in text.statements() if text.of(each) == piece), None)
        if node is not None:
            source = text.without(node)
    return source


def in_a_fork(work: Callable[[], Any], limit: int) -> Any:
    """What `work` answers in a copy of this process, which then ends. An exception that ended it, or a TimeoutError."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            writing = fcntl.fcntl(writing, fcntl.F_DUPFD, KEPT)
            nothing = os.open(os.devnull, os.O_RDWR)
            os.dup2(nothing, 0)
            if not VERBOSE:
                os.dup2(nothing, 1)
                os.dup2(nothing, 2)
            signal.alarm(0)
            try:
                answer = work()
            except BaseException as error:
                answer = AssertionError("".join(traceback.format_exception(error)))
            with open(writing, "wb") as stream:
                stream.write(pickle.dumps(answer))
        finally:
            os._exit(0)
    os.close(writing)
    data, until = b"", time.monotonic() + limit
    with open(reading, "rb", buffering=0) as stream:
        while select.select([stream], [], [], max(0, until - time.monotonic()))[0]:
            part = stream.read(1 << 20)
            if not part:
                break
            data += part
        else:
            data = b""
            os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return pickle.loads(data) if data else TimeoutError(f"no answer in {limit} s")


VERBOSE = False


def main() -> int:
    return fuzz.main(RealPlayer, __file__)


if __name__ == "__main__":
    sys.exit(main())
