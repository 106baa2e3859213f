"""What a statement is like, as far as a plan has to know: told from the statement alone."""

from __future__ import annotations

import ast
from typing import Any, Callable, Container, Iterable

import exact
from alignment import ADDED, REMOVED, SAME, Pair
from handing import MAKES_MEMBERS
from statements import dotted, facts_of, root
from units import BINDING, FUNCTIONS, Unit, dotted_call, last


def leaves_traces(unit: Unit) -> bool:
    """Whether a statement that is gone has done something to objects that are still there."""
    if isinstance(unit.node, (*FUNCTIONS, ast.ClassDef, ast.Import, ast.ImportFrom)) or not unit.facts.changes:
        return False
    if isinstance(unit.node, ast.Expr) and isinstance(unit.node.value, ast.Call):
        return dotted_call(unit.node.value) != "print"
    return bool(set(map(root, unit.facts.changes)) - unit.facts.binds)


def sets_another(old: ast.stmt, new: ast.stmt) -> bool:
    """`D["a"] = 1` that became `D["b"] = 1`, and `del D["a"]` alike."""
    targets = []
    for node in (old, new):
        if not isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Delete)) or type(node) is ast.Delete is not type(old):
            return False
        targets.append(
            {
                ast.dump(part)
                for target in (node.targets if isinstance(node, (ast.Assign, ast.Delete)) else [node.target])
                for part in ast.walk(target)
                if isinstance(part, (ast.Attribute, ast.Subscript)) and not isinstance(part.ctx, ast.Load)
            }
        )
    return bool(targets[0] - targets[1])


def is_alias(unit: Unit) -> bool:
    """`type X = …`"""
    return type(unit.node).__name__ == "TypeAlias"


def firm(unit: Unit, names: tuple[str, ...]) -> tuple[str, ...]:
    """The names that it binds in any case, and by nothing that they were before."""
    node = unit.node
    if isinstance(node, BINDING) or unit.is_docstring:
        return names
    if isinstance(node, (ast.For, ast.AsyncFor)):
        return tuple(sorted({part.id for part in ast.walk(node.target) if isinstance(part, ast.Name)}))
    return ()


def takes(node: ast.AST | None) -> bool:
    """Whether a statement gives a name an object that has another name, or that is in something that has: `T = A`, `T = [a.B]`."""
    if isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)):
        return takes(node.value)
    if isinstance(node, (ast.List, ast.Tuple)):
        return any(map(takes, node.elts))
    if isinstance(node, (ast.Dict, ast.BoolOp)):
        return any(map(takes, node.values))
    if isinstance(node, ast.IfExp):
        return takes(node.body) or takes(node.orelse)
    return isinstance(node, (ast.Name, ast.Attribute, ast.Subscript))


def only_removes(unit: Unit) -> bool:
    """Whether a statement removes names, perhaps under conditions, and does nothing else."""
    facts = unit.facts
    plain = isinstance(unit.node, ast.Delete) or unit.kind == "statement" and not (facts.binds or facts.calls or facts.changes)
    return bool(facts.removes) and plain


def shared(node: ast.stmt) -> tuple[str, ...]:
    """Names that a statement gives one and the same value: `a = b = {}`."""
    if not isinstance(node, ast.Assign) or len(node.targets) < 2:
        return ()
    return tuple(each.id for each in node.targets if isinstance(each, ast.Name))


def is_kept(unit: Unit, name: str, binders: dict[str, list[Unit]], removed: Container[str]) -> bool:
    """Whether what a statement has bound a name to is there under another name for good."""
    return any(other != name and binders[other][-1] is unit and other not in removed for other in shared(unit.node))


def is_plain(node: ast.stmt) -> bool:
    """Whether executing it again loses nothing: definitions, imports, constants."""
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        return exact.is_constant(node.value) or isinstance(node.value, (ast.Name, ast.Lambda))
    if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        return not node.decorator_list
    return isinstance(node, (ast.Import, ast.ImportFrom))


def tells_annotations(unit: Unit) -> bool:
    """Whether executing definitions may tell somebody what their annotations mean: their decorators, bases and metaclasses."""
    for node in ast.walk(unit.node) if unit.kind == "statement" else [unit.node]:
        told = [*getattr(node, "bases", ()), *getattr(node, "decorator_list", ())]
        if isinstance(node, ast.ClassDef):
            told += [each.value for each in node.keywords]
        if any(last(each) not in _ASK_NOTHING for each in told):
            return True
    return False


# Decorators and bases that look at no annotations, or at their texts alone.
_ASK_NOTHING = frozenset(
    "property setter getter deleter staticmethod classmethod abstractmethod overload override final cache lru_cache cached_property wraps "
    "contextmanager asynccontextmanager dataclass total_ordering unique runtime_checkable object Exception ABC ABCMeta Protocol Generic Enum "
    "NamedTuple TypedDict".split()
)


def needs_class(unit: Unit) -> bool:
    return not {"super", "__class__"}.isdisjoint(map(root, unit.facts.inner_reads))


def is_special(pair: Pair) -> bool:
    """A special method that came or went: decorators of a class (dataclass, total_ordering) look which there are."""
    unit = pair.new or pair.old
    assert unit is not None
    return pair.status in (ADDED, REMOVED) and any(name[:2] == "__" == name[-2:] for name in unit.facts.binds)


def makes_members(pair: Pair) -> bool:
    """What a class statement of an enumeration runs for each member."""
    return pair.status != SAME and any(unit is not None and not MAKES_MEMBERS.isdisjoint(unit.names) for unit in (pair.old, pair.new))


def speaks_of(parameters: Iterable[ast.AST]) -> Callable[[Unit | None], bool]:
    """Whether a statement uses a type parameter of its class."""
    names = {parameter.name for parameter in parameters}  # type: ignore[attr-defined]

    def speaks(unit: Unit | None) -> bool:
        return unit is not None and not names.isdisjoint(map(root, unit.facts.reads | unit.facts.inner_reads))

    return speaks


def annotated(unit: Unit) -> set[str]:
    return set(annotations(unit.body))


def annotations(units: Iterable[Unit | None]) -> dict[str, str]:
    """The names that statements annotate, in their branches too, and with what."""
    found: dict[str, str] = {}
    waiting: list[ast.AST] = [unit.node for unit in units if unit is not None]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] = found.get(node.target.id, "") + ast.dump(node.annotation)
        elif not isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.expr)):
            waiting[:0] = ast.iter_child_nodes(node)
    return found


def annotated_otherwise(pairs: list[Pair]) -> bool:
    """Whether statements annotate other names than before, or with something else."""
    return any(pair.status != SAME and annotations([pair.old]) != annotations([pair.new]) for pair in pairs)


LOOKERS = frozenset(("locals", "vars", "globals", "exec", "eval"))


def classes_inside(pair: Pair, prefix: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The classes in a class, or in one in the branches of a statement, with the attributes that their bodies bind, or bound before the
    edit; but for those of which the text does not say it.
    """
    found: dict[str, set[str] | None] = {}
    units = [unit for unit in (pair.old, pair.new) if unit is not None and unit.kind in ("class", "statement") and unit.text.count(b"class ") > (unit.kind == "class")]
    waiting = [(part, prefix) for unit in units for part in ast.iter_child_nodes(unit.node)]
    while waiting:
        node, around = waiting.pop()
        if isinstance(node, ast.ClassDef):
            around += node.name
            facts = facts_of(node.body, True)
            if "." not in around:
                found[around] = None  # itself in a branch: `bodies`
            elif node.decorator_list or not LOOKERS.isdisjoint(facts.calls):
                found[around] = None
            elif (names := found.setdefault(around, set())) is not None:
                names |= facts.binds
            around += "."
        elif isinstance(node, (*FUNCTIONS, ast.expr)):
            continue
        waiting += [(part, around) for part in ast.iter_child_nodes(node)]
    return tuple((name, tuple(sorted(names))) for name, names in found.items() if names is not None)


def unset_by(node: ast.stmt) -> tuple[str, ...]:
    """The attributes that a `del` statement removes, if it does nothing else: "x.a"."""
    names = [dotted(each) or "" for each in node.targets] if isinstance(node, ast.Delete) else []
    return tuple(names) if all("." in name for name in names) else ()


def slots_of(unit: Unit) -> list[Any]:
    return [member.key for member in unit.body if "__slots__" in member.names]


def runs_once(node: ast.stmt) -> bool:
    """In `__main__`: statements that are the program itself rather than definitions."""
    if isinstance(node, ast.If):
        names = {name.id for name in ast.walk(node.test) if isinstance(name, ast.Name)}
        return "__name__" in names or any(map(runs_once, (*node.body, *node.orelse)))
    if isinstance(node, ast.Try) or type(node).__name__ == "TryStar":
        inner = (*node.body, *node.orelse, *node.finalbody, *(s for h in node.handlers for s in h.body))
        return any(map(runs_once, inner))
    return (
        not isinstance(
            node,
            (
                *FUNCTIONS,
                ast.ClassDef,
                ast.Assign,
                ast.AnnAssign,
                ast.AugAssign,
                ast.Import,
                ast.ImportFrom,
                ast.Pass,
                ast.Global,
                ast.Delete,
                ast.Assert,
                ast.Raise,
            ),
        )
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        and type(node).__name__ != "TypeAlias"
    )
