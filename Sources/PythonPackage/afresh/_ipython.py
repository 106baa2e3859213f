"""The magic `%afresh`: reloads what was saved before each cell, as `%autoreload` does, and says what is still old."""

from __future__ import annotations

import html
import importlib
import sys
from typing import Any

from IPython.core.magic import Magics, line_magic, magics_class

from . import _reloading
from ._changes import Changes
from ._report import Report

MODES = {"0": "off", "1": "explicit", "2": "all"}  # as %autoreload counts them
_HELP = """\
%afresh                     which modules are live, and what is still old
%afresh all                 reload every module of yours that was saved, before each cell (after %load_ext afresh)
%afresh explicit            only those of %afresh track
%afresh off                 none
%afresh track MODULE…       import these modules, and reload them in mode explicit
%afresh untrack MODULE…     never reload these by themselves
%afresh reload [MODULE…]    reload these now, or all that was saved
%afresh policy patch|exact  execute what changed, in place; or the whole module, as importlib.reload"""


@magics_class
class AfreshMagics(Magics):
    """The state of `%afresh` in one shell."""

    def __init__(self, shell: Any) -> None:
        super().__init__(shell=shell)
        self.mode = "all"
        self.policy = "patch"
        self.tracked: set[str] = set()
        self.untracked: set[str] = set()
        self.changes = Changes()

    @line_magic
    def afresh(self, line: str) -> Any:
        """Reloads saved modules, and says what is still old; `%afresh help` lists what it takes."""
        word, *names = line.replace(",", " ").split() or [""]
        word = MODES.get(word, word)
        if word == "" and not names:
            return Standing(self, _reloading.status())
        if word in MODES.values() and not names:
            self.mode = word
        elif word == "policy" and len(names) == 1 and names[0] in _reloading.POLICIES:
            self.policy = names[0]
        elif word == "track" and names:
            self._track(names)
        elif word == "untrack" and names:
            self.tracked.difference_update(names)
            self.untracked.update(names)
        elif word == "reload":
            return self._reload(names or self.changes.among(self.changes.all_modules()))
        else:
            print(_HELP, file=sys.stdout if word == "help" else sys.stderr)
        return None

    def pre_run_cell(self, _information: object = None) -> None:
        """Before each cell: brings in what was saved. Says what is not as it should be, and nothing else."""
        try:
            names = self.changes.among(self._wanted())
            report = self._reload(names) if names else None
        except Exception as error:  # the cell is to run
            print(f"afresh: {error}", file=sys.stderr)
            return
        if report is not None and report.outcome not in ("live", "unchanged"):
            print(report, file=sys.stderr)

    def _wanted(self) -> list[str]:
        if self.mode == "off":
            return []
        loaded = self.changes.all_modules()
        if self.mode == "explicit":
            return [name for name in loaded if name in self.tracked]
        return [name for name in loaded if name not in self.untracked]

    def _track(self, names: list[str]) -> None:
        for name in names:
            importlib.import_module(name)
            top = name.partition(".")[0]
            self.shell.push({top: sys.modules[top]})  # as %aimport does
        self.tracked.update(names)
        self.untracked.difference_update(names)

    def _reload(self, names: list[str]) -> Report | None:
        if not names:
            return None
        self.changes.note(names)
        report, _ = _reloading.bring_in(names, policy=self.policy, dependents="affected", force=False)
        return report


class Standing:
    """What `%afresh` shows."""

    def __init__(self, magics: AfreshMagics, report: Report) -> None:
        self.report = report
        settings = [f"mode {magics.mode}", f"policy {magics.policy}"]
        if magics.tracked:
            settings.append("tracked " + ", ".join(sorted(magics.tracked)))
        if magics.untracked:
            settings.append("untracked " + ", ".join(sorted(magics.untracked)))
        self.settings = "; ".join(settings)

    def __repr__(self) -> str:
        return f"{self.settings}\n{self.report.table()}"

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(self.settings)}</p>{self.report.html_tables()}"


def load(shell: Any) -> None:
    _reloading.start()
    if _registered(shell) is not None:
        return
    magics = AfreshMagics(shell)
    if magics.changes.unknown:
        names = ", ".join(magics.changes.unknown)
        print(f"afresh: loaded from files that may have changed since: {names}", file=sys.stderr)
    shell.register_magics(magics)
    shell.events.register("pre_run_cell", magics.pre_run_cell)


def unload(shell: Any) -> None:
    magics = _registered(shell)
    if magics is not None:
        shell.events.unregister("pre_run_cell", magics.pre_run_cell)
        del shell.magics_manager.magics["line"]["afresh"]
        del shell.magics_manager.registry[AfreshMagics.__name__]


def _registered(shell: Any) -> AfreshMagics | None:
    """Kept by the shell alone, so that what it holds is not found by way of this module."""
    return shell.magics_manager.registry.get(AfreshMagics.__name__)
