"""The order of a save's steps: edited modules and their dependents, as `ReloadEngine/Plan.swift` and `ModuleGraph.swift` place them."""

from __future__ import annotations

import ast
from typing import AbstractSet as Set, Any, Iterable, NamedTuple


EDITED, CANDIDATE, AGAIN = "edited", "candidate", "again"


class Imports(NamedTuple):
    """Names of modules that a text imports: while it is executed, and in its functions."""

    eager: set[str]
    lazy: set[str]

    @property
    def all(self) -> set[str]:
        return self.eager | self.lazy

    def among(self, known: Set[str]) -> Imports:
        return Imports(self.eager & known, self.lazy & known)


def imports_of(text: str | bytes, name: str, is_package: bool) -> Imports:
    found = Imports(set(), set())
    package = (name if is_package else name.rpartition(".")[0]).split(".")
    waiting: list[tuple[ast.AST, set[str]]] = [(ast.parse(text), found.eager)]
    while waiting:
        node, names = waiting.pop()
        if isinstance(node, ast.Import):
            for alias in node.names:
                parts = alias.name.split(".")
                names |= {".".join(parts[:end]) for end in range(1, len(parts) + 1)}
        elif isinstance(node, ast.Call) and "import" in ast.unparse(node.func):
            names |= {each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join([*(package[: len(package) - node.level + 1] if node.level else ()), *([node.module] if node.module else ())])
            names |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
        inside = found.lazy if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) else names
        waiting += [(child, inside) for child in ast.iter_child_nodes(node)]
    return Imports(found.eager, found.lazy - found.eager)


def importers_of(names: Iterable[str], imports: dict[str, Imports]) -> set[str]:
    """Modules that import one of `names`, or one that does."""
    found: set[str] = set()
    while more := {name for name, used in imports.items() if used.all & found.union(names)} - found:
        found |= more
    return found


class Planner:
    """`edited`: those with something to do, in the order that the checker wants. `dependents`: others that may be affected, in the order
    in which they were loaded. `imports`: of the texts that run, and of the saved ones. `written`: modules in which statements of others
    set names, and `writers`: those others, as far as they are dependents.
    """

    def __init__(
        self, edited: list[str], dependents: list[str], imports: dict[str, Imports], whole: Set[str], written: Iterable[str], writers: Set[str]
    ) -> None:
        self.edited = edited
        self._whole = whole
        names = [*edited, *(name for name in dependents if name not in edited)]
        known = set(names)
        self._eager = {name: imports[name].among(known - {name}).eager for name in names}
        every = {name: imports[name].among(known - {name}).all for name in names}
        for earlier, later in zip(edited, edited[1:]):
            every[later] = every[later] | {earlier}
        self.places: list[tuple[str, str]] = []
        placed: set[str] = set()
        for name in self._order(names, every):
            is_first = name not in placed
            if name in edited:
                if is_first:
                    self.places.append((name, EDITED))
                if not is_first or name not in whole and placed & self._eager[name]:
                    self.places.append((name, CANDIDATE))
            else:
                self.places.append((name, CANDIDATE))
            placed.add(name)
        setting = [at for at, (name, _) in enumerate(self.places) if name in edited or name in writers]
        if written and setting:
            last = self.places[setting[-1]][0]
            readers = importers_of(written, imports)
            above = {name for name, _ in self.places[: setting[-1]] if name in readers} - {last}
            repeated = above | importers_of(above, imports)
            self.places += [(name, AGAIN) for name in dict.fromkeys(name for name, _ in self.places) if name in repeated]

    @property
    def candidates(self) -> list[str]:
        return [name for name, kind in self.places if kind != EDITED]

    def steps(self, own: dict[str, Any], answers: Iterable[Any]) -> list[tuple[str, Any]]:
        """With their payloads. `own`: those of edited modules; `answers`: for each of the candidates."""
        found: list[tuple[str, Any]] = []
        last: dict[str, int] = {}
        only_patched: set[str] = set()
        waiting = iter(answers)
        for name, kind in self.places:
            if kind == EDITED:
                if name not in self._whole:
                    only_patched.add(name)
                payload = own[name]
            else:
                answer = next(waiting)
                assert answer["name"] == name
                if not answer["affected"]:
                    continue
                may_repeat = kind == AGAIN and answer["payload"]["policy"] == "patch"
                has_run = name in last and name not in only_patched and not may_repeat
                if has_run and not any(last.get(each, -1) > last[name] for each in self._eager[name]):
                    continue  # once more only if something that it imports was executed in between
                only_patched.discard(name)
                payload = answer["payload"]
            last[name] = len(found)
            found.append((name, payload))
        return found

    def _order(self, names: list[str], every: dict[str, set[str]]) -> list[str]:
        order: list[str] = []
        for component in _components(names, every):
            for cycle in _components(component, self._eager) if len(component) > 1 else [component]:
                order += cycle if len(cycle) == 1 else self._in_cycle(cycle)
        return order

    def _in_cycle(self, cycle: list[str]) -> list[str]:
        order = sorted(cycle, key=lambda name: name not in self.edited)
        last = {name: at for at, name in enumerate(order)}
        for name in _ended(cycle, self._eager):
            if any(last.get(each, -1) > last[name] for each in self._eager[name] & set(cycle)):
                last[name] = len(order)
                order.append(name)
        return order


def _ended(names: list[str], edges: dict[str, set[str]]) -> list[str]:
    """In the order in which their imports would end."""
    seen: set[str] = set()
    ended: list[str] = []

    def visit(name: str) -> None:
        seen.add(name)
        for other in names:
            if other in edges[name] and other not in seen:
                visit(other)
        ended.append(name)

    for name in names:
        if name not in seen:
            visit(name)
    return ended


def _components(names: list[str], edges: dict[str, set[str]]) -> list[list[str]]:
    """Strongly connected ones, imported ones first, as Tarjan's algorithm finds them."""
    numbers: dict[str, int] = {}
    low: dict[str, int] = {}
    waiting: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        numbers[name] = low[name] = len(numbers)
        waiting.append(name)
        for other in names:
            if other in edges[name]:
                if other not in numbers:
                    visit(other)
                    low[name] = min(low[name], low[other])
                elif other in waiting:
                    low[name] = min(low[name], numbers[other])
        if low[name] == numbers[name]:
            at = waiting.index(name)
            found.append(sorted(waiting[at:], key=names.index))
            del waiting[at:]

    for name in names:
        if name not in numbers:
            visit(name)
    return found
