"""Values that stay though the code that computed them has changed: a patch does not take a program's state from it.

What a statement has bound is noted with the symbol of the code, and remains stale until the name stands for something
else, or the statement is executed again. The value itself is referred to weakly where Python allows it.
"""
from __future__ import annotations

from _weakref import ref
from types import FunctionType

from . import stale_imports as imports
from . import stale_objects as objects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType
    from typing import Any

    from .stale_ledger import Ledger, Loaded
    from .stale_report import Report

_SYNTAX_TREE = 0x400  # flag of `compile`; the module `ast` is not needed for it
_AWAIT = 0x2000  # flag of `compile`: what is typed may wait at the top level


class Kept:
    """A module-level name and the value that it keeps."""

    __slots__ = ("symbol", "generation", "code", "_ref", "_id", "_kind")

    def __init__(self, value: Any, symbol: str, generation: int, code: CodeType | None) -> None:
        self.symbol = symbol  # of the code that computed it
        self.generation = generation  # of that code
        self.code = code  # of the statement; None if it cannot be executed by itself
        self._id, self._kind = id(value), id(type(value))
        try:
            self._ref = ref(value)
        except TypeError:
            self._ref = None

    def is_(self, value: Any) -> bool:
        if self._ref is not None:
            return self._ref() is value
        return id(value) == self._id and id(type(value)) == self._kind


def settle(ledger: Ledger, computed: dict[tuple[str, str], tuple[Any, str, CodeType] | None], after: list[Loaded],
           generations: dict[str, int]) -> None:
    """After a commit. `computed`: by module and name, None for what has been executed, else the value that is kept, the
    symbol of what computed it, and the statement. `generations`: of the modules, before.
    """
    namespaces = {loaded.name: loaded.namespace for loaded in after}
    for (module, name), kept in computed.items():
        ledger.kept.pop((module, name), None)
        if kept is None or module not in namespaces:
            continue
        value, symbol, code = kept
        if namespaces[module].get(name) is value:
            ledger.kept[module, name] = Kept(value, symbol, _generation(symbol, generations), code)
    kept = value = None


def _generation(symbol: str, generations: dict[str, int]) -> int:
    module = symbol
    while module and module not in generations:
        module = module.rpartition(".")[0]
    return generations.get(module, 1)


def held(ledger: Ledger, after: list[Loaded]) -> Iterator[tuple[str, str, Kept]]:
    """(module, name, what it keeps) of those that still do. Others are forgotten."""
    if not ledger.kept:
        return
    namespaces = {loaded.name: loaded.namespace for loaded in after}
    for (module, name), kept in list(ledger.kept.items()):
        namespace = namespaces.get(module)
        if namespace is None or name not in namespace or not kept.is_(namespace[name]):
            del ledger.kept[module, name]
        else:
            yield module, name, kept


def report(ledger: Ledger, after: list[Loaded], into: Report) -> None:
    for module, name, kept in held(ledger, after):
        into.add_symbol(kept.symbol, "value", kept.generation, f"{module}.{name}", into.binding_location(module, name))


def symbol_of(value: Any, otherwise: str) -> str:
    """The symbol of a function or a class, by where it was defined."""
    if type(value) is FunctionType and type(value.__module__) is str:
        return f"{value.__module__}.{value.__qualname__}"
    return objects.class_path(value) if objects.is_a(value, type) else otherwise


def readers(ledger: Ledger, owner: Loaded, name: str, after: list[Loaded], generation: int, renewed: bool = True) -> None:
    """A name was given another value than the statements saw that have read it: what those bound is stale. `renewed`: where
    it was imported, the name has that value too; else it has the one that they saw.
    """
    value = owner.namespace.get(name)
    for loaded in after:
        local = {name} if loaded is owner else {
            name if there == "*" else here for module, there, here, _ in imports.from_imports(loaded.code, loaded.package)
            if module == owner.name and (there == name or there == "*" and name[:1] != "_")}
        if renewed:
            local = {here for here in local if loaded.namespace.get(here) is value}
        for reader in _statements(loaded, local, owner.namespace, name):
            for bound in reader[0]:
                made = loaded.namespace.get(bound)
                known = ledger.kept.get((loaded.name, bound))
                if made is value or not _is_plain(made) or bound not in loaded.namespace or loaded is owner and bound == name:
                    continue
                if known is None or not known.is_(made):  # else it is said already, with what it comes from
                    ledger.kept[loaded.name, bound] = Kept(made, f"{owner.name}.{name}", generation, reader[1])


def _is_plain(value: Any) -> bool:
    """Others hold what they were made of, and are found by that."""
    return objects.is_constant(value) or type(value) in (list, dict, set, tuple, frozenset)


def _statements(loaded: Loaded, local: set[str], namespace: dict[str, Any], name: str) -> Iterator[tuple[set[str], Any]]:
    """The statements of a module that read a name, or an attribute of a module: what they bind, and their code."""
    if loaded.text is None:
        return
    try:
        tree: Any = compile(loaded.text, loaded.path or "?", "exec", _SYNTAX_TREE | (_AWAIT if loaded.path is None else 0), True)
    except (SyntaxError, ValueError):
        return
    body = tree.body
    last = {}  # by name: the last statement that binds it whatever happens
    for number, statement in enumerate(body):
        for target in getattr(statement, "targets", ()):
            if type(target).__name__ == "Name":
                last[target.id] = number
    for number, statement in enumerate(body):
        if type(statement).__name__ in ("FunctionDef", "AsyncFunctionDef", "ClassDef", "Import", "ImportFrom"):
            continue
        bound: set[str] = set()
        reads = False
        for node in _nodes(statement):
            kind = type(node).__name__
            if kind == "Name":
                if type(node.ctx).__name__ == "Store":
                    bound.add(node.id)
                else:
                    reads = reads or node.id in local
            elif kind == "AugAssign":
                reads = reads or getattr(node.target, "id", None) in local
            elif kind == "Attribute" and node.attr == name and type(node.value).__name__ == "Name":
                module = loaded.namespace.get(node.value.id)
                reads = reads or objects.is_a(module, objects.MODULE) and objects.module_dict(module) is namespace
        bound = {each for each in bound if last.get(each, number) <= number}
        if reads and bound:
            tree.body = [statement]
            try:
                code = compile(tree, loaded.path or "?", "exec", 0, True)
            except SyntaxError:
                code = None  # it waits
            yield bound, code


def _nodes(node: Any) -> Iterator[Any]:
    """What is executed with a statement: functions in it are not."""
    pending = [node]
    for each in pending:
        yield each
        if type(each).__name__ in ("FunctionDef", "AsyncFunctionDef", "ClassDef", "Lambda"):
            continue
        for field in each._fields:
            inside = getattr(each, field, None)
            if isinstance(inside, list):
                pending += [child for child in inside if hasattr(child, "_fields")]
            elif hasattr(inside, "_fields"):
                pending.append(inside)
