"""The `exact` policy: a module is executed as a whole, so everything that it makes anew may differ."""

from __future__ import annotations

import ast
from typing import Iterable

from alignment import SAME, Pair
from texts import Module
from units import Unit

Changed = dict[str, "set[str] | None"]  # module → names whose values may differ; None: all of them


def is_constant(node: ast.AST | None) -> bool:
    """Whether an expression has the same value each time, and nobody can tell that it is a new one."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.UnaryOp):
        return is_constant(node.operand)
    if isinstance(node, ast.Tuple):
        return all(is_constant(element) for element in node.elts)
    return False


def makes_new_value(unit: Unit) -> bool:
    node = unit.node
    if unit.is_docstring or unit.kind == "import":
        return False
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        return not is_constant(node.value)
    return True


def changed_by_edit(pairs: Iterable[Pair]) -> set[str]:
    """Names whose values may differ after the new text is executed as a whole."""
    found: set[str] = set()
    for pair in pairs:
        if pair.new is not None and (pair.status != SAME or makes_new_value(pair.new)):
            found.update(pair.new.facts.binds)
            if pair.new.stars:
                found.add("*")
    return published(found)


def changed_by_execution(units: Iterable[Unit]) -> set[str]:
    """The same for an unchanged text that is executed again."""
    found: set[str] = set()
    for unit in units:
        if makes_new_value(unit):
            found.update(unit.facts.binds)
    return published(found)


def published(names: set[str]) -> set[str]:
    """What users of a module have to know of names that changed in it: its `__getattr__` stands for any name."""
    return names | {"*"} if "__getattr__" in names else names


def filled(name: str) -> str:
    """How it is said that something may hold more or less: to who reads it itself, not to who calls its methods."""
    return f"{name}[]"


def inputs(module: Module, unit: Unit, changed: Changed) -> dict[str, set[str]]:
    """Which changed values of other modules a statement uses while it executes: module → names."""
    found: dict[str, set[str]] = {}

    def use(source: str, name: str) -> None:
        names = changed.get(source, ())
        if names is None or name in names or (name in ("*", "__dict__") and names) or "*" in names:
            found.setdefault(source, set()).add(name)

    for node in ast.walk(unit.node) if unit.kind == "statement" else (unit.node,):
        if isinstance(node, ast.ImportFrom):
            source = module.absolute(node)
            for alias in node.names:
                if source in changed:
                    use(source, alias.name)
    for name in unit.facts.reads:
        resolved = resolve(module, name, changed)
        if resolved is not None and resolved[1]:
            use(*resolved)
            names = changed[resolved[0]] if unit.kind in ("value", "statement") else None
            if names is not None and filled(resolved[1]) in names and len(inside(module, name, resolved[0])) == 1:
                found.setdefault(resolved[0], set()).add(resolved[1])
        elif resolved is not None and (unit.facts.calls & READERS or unit.kind in ("value", "statement") and unit.facts.calls):  # given to others
            names = changed[resolved[0]]
            found.setdefault(resolved[0], set()).update(names if names is not None else {"*"})
    return found


READERS = frozenset(("getattr", "vars", "dir", "hasattr", "inspect.getmembers", "getmembers", "importlib.import_module"))


def resolve(module: Module, name: str, changed: Changed) -> tuple[str, str] | None:
    """The changed module that a dotted name goes through, and the name in it; "" for the module itself."""
    full = module.meant(name)
    if full is None:
        return None
    parts = full.split(".")
    for end in range(len(parts), 0, -1):
        source = ".".join(parts[:end])
        if source in changed:
            if end == len(parts) > 1:  # `p.run` may be what `from .run import run` bound in the package
                package = ".".join(parts[:-1])
                names = changed.get(package, ())
                if names is None or parts[-1] in names:
                    return package, parts[-1]
            return source, parts[end] if end < len(parts) else ""
    return None


def inside(module: Module, name: str, source: str) -> list[str]:
    """For a dotted name that goes through module `source`: its parts in that module, C and K of "source.C.K"."""
    return (module.meant(name) or "").split(".")[source.count(".") + 1 :]


def affected(module: Module, changed: Changed) -> tuple[str, set[str]] | None:
    """The first changed module that executing a dependent uses, and the names that it uses of it."""
    found: dict[str, set[str]] = {}
    for unit in module.units:
        for source, names in inputs(module, unit, changed).items():
            found.setdefault(source, set()).update(names)
    for source in changed:  # in the order in which they were applied
        if source in found and source != module.name:
            return source, found[source]
    return None
