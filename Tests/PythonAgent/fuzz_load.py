"""Random programs under load: while each edit is applied, another thread calls all that the modules have, and nothing raises what
neither the program from before nor a freshly started one raises.

    python Tests/PythonAgent/fuzz_load.py --edits 500       as `fuzz.py`, whose options it has

Not for the gate: a call, or an object, that began with the old code and ends with the new one may raise what both do not, as the
`repr` of a named tuple which got another field meanwhile. Of such failures the text has to be looked at.
"""

from __future__ import annotations

import sys
import threading
import types
from types import ModuleType
from typing import Any

from fuzz import Player, main
from random_probes import describe, is_probed

_INTERVAL = 1e-5  # seconds until threads take turns


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
            for module in self._modules:
                for name, value in vars(module).copy().items():
                    if is_probed(name) and (type(value) is types.FunctionType or isinstance(value, type)):
                        for each in raised(describe(value)):
                            self.found.setdefault(each, f"{module.__name__}.{name}")


def raised(answer: Any) -> set[Any]:
    """The exceptions in what a probe answers."""
    if answer == "raises RecursionError" or isinstance(answer, tuple) and answer[:1] == ("raises",):
        return {answer}
    parts = answer.values() if isinstance(answer, dict) else answer if isinstance(answer, (list, tuple)) else ()
    return set().union(*map(raised, parts))


class UnderLoad(Player):
    about = "Random edits of random programs whose functions are called meanwhile."

    def _state(self, names: tuple[str, ...], expected: Any) -> dict[str, Any]:
        self._modules = [sys.modules[name] for name in names]
        self._allowed = raised(self._answers(names))
        self._expected = expected
        return super()._state(names, expected)

    def _reload(self, paths: list[str]) -> Any:
        live = self.live
        apply = live._apply
        caller = Caller(self._modules)

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
    sys.setswitchinterval(_INTERVAL)
    sys.exit(main(UnderLoad, __file__))
