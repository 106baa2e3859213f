"""Random programs under load: while each edit is applied, another thread calls all that the modules have, and nothing raises what
neither the program from before nor a freshly started one raises.

    python Tests/PythonAgent/fuzz_load.py --edits 500             as `fuzz.py`, whose options it has
    python Tests/PythonAgent/fuzz_load.py --steps --edits 500     no thread: all is called between steps of the agent

Not for the gate: a call, or an object, that began with the old code and ends with the new one may raise what both do not, as the
`repr` of a named tuple which got another field meanwhile. Of such failures the text has to be looked at. Between steps each call is
a whole one; what raises then, a thread may meet as well.
"""

from __future__ import annotations

import sys
import threading
import types
from types import ModuleType
from typing import Any

from fuzz import Player, main
from live import AGENT
from random_probes import describe, is_probed

_INTERVAL = 1e-5  # seconds until threads take turns
_EVERY = 41  # steps
_AGENT = str(AGENT / "_afresh")


class Caller:
    """A thread that asks modules for what they have, and notes what raises."""

    def __init__(self, modules: list[ModuleType]) -> None:
        self.found: dict[Any, str] = {}  # what was raised: by what
        self._modules = modules
        self._ends = False
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Caller:
        self._thread.start()
        return self

    def __exit__(self, *_failure: object) -> None:
        self._ends = True
        self._thread.join()

    def _run(self) -> None:
        while not self._ends:
            self.call_all()

    def call_all(self) -> None:
        for module in self._modules:
            for name, value in vars(module).copy().items():
                if is_probed(name) and (type(value) is types.FunctionType or isinstance(value, type)):
                    for each in raised(describe(value)):
                        self.found.setdefault(each, f"{module.__name__}.{name}")


class Stepper(Caller):
    """Does so where a function of the agent is called or ends, now and then: at any such place another thread may get its turn."""

    def __enter__(self) -> Stepper:
        self._count = 0
        sys.setprofile(self._step)
        return self

    def __exit__(self, *_failure: object) -> None:
        sys.setprofile(None)

    def _step(self, frame: Any, event: str, _argument: Any) -> None:
        if frame.f_code.co_filename.startswith(_AGENT):
            self._count += 1
            if self._count % _EVERY == 0:
                self.call_all()


def raised(answer: Any) -> set[Any]:
    """The exceptions in what a probe answers."""
    if answer == "raises RecursionError" or isinstance(answer, tuple) and answer[:1] == ("raises",):
        return {answer}
    parts = answer.values() if isinstance(answer, dict) else answer if isinstance(answer, (list, tuple)) else ()
    return set().union(*map(raised, parts))


class UnderLoad(Player):
    about = "Random edits of random programs whose functions are called meanwhile."
    caller = Caller

    def _state(self, names: tuple[str, ...], expected: Any) -> dict[str, Any]:
        self._modules = [sys.modules[name] for name in names]
        self._allowed = raised(self._answers(names))
        self._expected = expected
        return super()._state(names, expected)

    def _reload(self, paths: list[str]) -> Any:
        live = self.live
        apply = live._apply
        caller = self.caller(self._modules)

        def applied(steps: Any) -> dict[str, Any]:
            with caller:
                return apply(steps)

        live._apply = applied  # type: ignore[method-assign]
        try:
            report = super()._reload(paths)
        finally:
            del live._apply
        if not isinstance(self._expected, Exception):  # then a start raises as well
            names = tuple(module.__name__ for module in self._modules)
            allowed = self._allowed | raised(self._expected) | raised(self._answers(names))
            if others := caller.found.keys() - allowed:
                raise self._disagreement("raised under load", report, [f"{caller.found[each]}: {each}" for each in others])
        return report


if __name__ == "__main__":
    if "--steps" in sys.argv:
        sys.argv.remove("--steps")
        UnderLoad.caller = Stepper
    sys.setswitchinterval(_INTERVAL)
    sys.exit(main(UnderLoad, __file__))
