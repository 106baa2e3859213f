"""What a reload did, as a value: what the language server sends as `reload/status`, with names for its members."""

from __future__ import annotations

import html
import os
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True)
class Change:
    """A part of the edit."""

    symbol: str
    kind: str  # "function", "class", "method", "value", "import", "statement", "member"
    change: str  # "added", "modified", "removed"
    applied: bool
    reason: str  # why it was not applied, or how; else empty

    def __str__(self) -> str:
        text = f"{self.kind} {self.symbol} {self.change}"
        if not self.reason:
            return text
        return f"{text}: {self.reason}" if self.applied else f"{text}, not applied: {self.reason}"


@dataclass(frozen=True)
class Problem:
    """Why it does not compile, or what a statement raised, and where. Lines and columns count from 1."""

    message: str
    path: str
    line: int
    column: int


@dataclass(frozen=True)
class Module:
    """One module of a report."""

    name: str
    path: str
    generation: int
    outcome: str
    changes: tuple[Change, ...]
    error: Problem | None


@dataclass(frozen=True)
class Stale:
    """Something that still leads to old code."""

    symbol: str
    kind: str  # "binding", "instance", "subclass", "closure", "method", "value", "frame", "leftover", "registration"
    generation: int  # the one that it belongs to
    count: int  # how many references it stands for
    holder: str
    place: str  # "cart.py:3", or empty
    certain: bool

    def __str__(self) -> str:
        times = f"{self.count} × " if self.count > 1 else ""
        place = f" ({self.place})" if self.place else ""
        return f"{self.holder}{place}: {times}{self.kind} of {self.symbol}{'' if self.certain else ', possibly'}"


class Report:
    """What one reload did in this program, or how the program stands."""

    def __init__(self, status: dict[str, Any], earlier: dict[str, Any] | None = None) -> None:
        self.json = status  # as `reload/status` of the language server
        self.outcome: str = status["outcome"]  # the worst of all modules
        self.message: str = status["message"]  # one sentence
        hosts = status["hosts"]
        known = {each["name"]: each for host in (earlier or status)["hosts"] for each in host["modules"]}
        self.modules = tuple(
            _module(known.get(each["name"], {}) | each) for host in hosts for each in host["modules"])
        self.stale = tuple(_stale(each) for host in hosts for each in host["stale"])
        self.stale_total: int = sum(host["staleTotal"] for host in hosts)
        self.complete = all(host.get("coverage", {}).get("complete", True) for host in hosts)  # all was searched
        self.timings: dict[str, float] = {name: value for host in hosts for name, value in host["timings"].items()}

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(module.error for module in self.modules if module.error is not None)

    def __repr__(self) -> str:
        return f"{self.outcome}: {self.message}\n{self.table()}".rstrip()

    def table(self) -> str:
        """The modules, and what is still old, as lines of text."""
        lines = []
        names = max((len(module.name) for module in self.modules), default=0)
        outcomes = max((len(module.outcome) for module in self.modules), default=0)
        for module in self.modules:
            what = ", ".join(map(str, module.changes))
            line = f"  {module.name:{names}}  generation {module.generation}  {module.outcome:{outcomes}}  {what}"
            lines.append(line.rstrip())
            if module.error is not None:
                place = f"{_short(module.error.path)}:{module.error.line}: " if module.error.path else ""
                lines.append(f"    {place}{module.error.message}")
        lines += [f"  still old: {each}" for each in self.stale]
        more = self.stale_total - sum(each.count for each in self.stale)
        if more > 0:
            lines.append(f"  still old: {more} more")
        if not self.complete:
            lines.append("  not all of the program was searched")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return f"<p><b>{html.escape(self.outcome)}</b>: {html.escape(self.message)}</p>{self.html_tables()}"

    def html_tables(self) -> str:
        """The same as `table`, in HTML."""
        parts = []
        if self.modules:
            rows = [
                (module.name, str(module.generation), module.outcome,
                 "; ".join([*map(str, module.changes), *([module.error.message] if module.error else [])]))
                for module in self.modules]
            parts.append(_table(("module", "generation", "outcome", "what was done"), rows))
        if self.stale:
            stale = [
                (each.symbol, each.kind, each.holder, each.place, str(each.count), "" if each.certain else "possibly")
                for each in self.stale]
            parts.append(_table(("still old", "kind", "held by", "where", "references", ""), stale))
        more = self.stale_total - sum(each.count for each in self.stale)
        if more > 0:
            parts.append(f"<p>still old: {more} more</p>")
        if not self.complete:
            parts.append("<p>not all of the program was searched</p>")
        return "".join(parts)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    def row(tag: str, cells: tuple[str, ...]) -> str:
        made = (f'<{tag} style="text-align: left">{html.escape(cell)}</{tag}>' for cell in cells)
        return "<tr>" + "".join(made) + "</tr>"

    return f"<table>{row('th', head)}{''.join(row('td', cells) for cells in rows)}</table>"


def _module(given: dict[str, Any]) -> Module:
    error = given.get("error")
    problem = None
    path = _path(given.get("uri", ""))
    if error is not None:
        frames = error.get("traceback") or []
        place = frames[-1] if frames else {}
        start = place.get("range", {}).get("start", {})
        problem = Problem(
            error["message"], _path(place.get("uri", "")), start.get("line", 0) + 1, start.get("character", 0) + 1)
    changes = tuple(
        Change(each["symbol"], each["kind"], each["change"], each["applied"], each.get("reason", ""))
        for each in given.get("changes", ()))
    return Module(given["name"], path, given["generation"], given["outcome"], changes, problem)


def _stale(given: dict[str, Any]) -> Stale:
    holder = given["holder"]
    location = holder.get("location")
    place = ""
    if location is not None:
        place = f"{_short(_path(location['uri']))}:{location['range']['start']['line'] + 1}"
    return Stale(
        given["symbol"], given["kind"], given["generation"], given["count"], holder["path"], place,
        given["confidence"] == "exact")


def _path(uri: str) -> str:
    return unquote(urlsplit(uri).path)


def _short(path: str) -> str:
    """Relative to the folder that the program is in, where that is shorter."""
    try:
        relative = os.path.relpath(path)
    except (ValueError, OSError):
        return path
    return relative if len(relative) < len(path) else path
