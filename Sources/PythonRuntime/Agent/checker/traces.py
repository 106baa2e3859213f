"""What a statement does to others, without doing it: its conditions and loops, and a note in the place of what it sets and calls.

Executed with the values that names had before an edit, and with those that they have now, the notes say what the statement did and
does not do any more: `_afresh/patch_traces.py`.
"""

from __future__ import annotations

import ast
from types import CodeType
from typing import Any, Container, Iterable, Iterator, NamedTuple

from alignment import SAME, Pair
from names import dotted, names_of_module
from units import FUNCTIONS, Unit

NOTE, _UNKNOWN = "<note>", -1
_WITH = "<with>"  # handles exceptions without asking for one
SET, ITEM, CALL = "set", "item", "call"
SETS, ITEMS, NAMES = "sets", "items", "names"  # with any number of keys
_UNLESS = {SETS: "set unless", ITEMS: "item unless", NAMES: "name unless"}  # a place that is only set if nothing is there: `setdefault`
_FAILS = (ast.Try, getattr(ast, "TryStar", ast.Try))
_LOOKS = frozenset("get items keys values split strip lower upper startswith endswith format join replace copy".split())
_PURE = frozenset(
    "abs all any bool dict divmod enumerate float frozenset int len list max min range reversed round set sorted str sum tuple zip".split()
)
_LEAVES_NOTHING = frozenset("debug info warning error exception critical log warn".split())
_FILLERS, _DICT = ("update", "setdefault"), ".__dict__"
_OWN = frozenset(("globals", "locals", "vars"))
_VALUES = (
    ast.Constant, ast.Name, ast.Attribute, ast.Subscript, ast.Slice, ast.Compare, ast.BoolOp, ast.UnaryOp, ast.BinOp, ast.IfExp, ast.Tuple,
    ast.List, ast.Dict, ast.Set, ast.JoinedStr, ast.FormattedValue, ast.Call, ast.keyword, ast.Starred, ast.expr_context, ast.operator,
    ast.unaryop, ast.boolop, ast.cmpop,
)  # fmt: skip


Site = tuple[str, str, "str | None"]


class Trace(NamedTuple):
    """`code` notes (number of a site, what decides which place it is) for what it does."""

    code: CodeType
    sites: tuple[Site, ...]  # SET "b" "V", ITEM "b.D" "k", NAMES "" "x" of the module itself, CALL "b.add"
    handled: tuple[str, ...]  # exceptions that it handles
    sure: tuple[Site, ...]  # those of the sites that it comes to in any case
    instead: tuple[Site, ...]  # those that it comes to where it handles an exception
    places: tuple[tuple[Site, int, int], ...]  # where it handles any: all sites, with the lines from and to which they stand


def traces(pair: Pair, pairs: Iterable[Pair], inside: Container[str] = ()) -> tuple[Any, ...] | None:
    """Of a statement before and after an edit, and what those of `pairs` below it set; None where nothing can differ. `inside`: names of
    the class in whose body it stands.
    """
    if pair.old is None or pair.new is None or not _may_leave(pair.old):
        return None
    before = trace(pair.old, inside)
    if before is None or pair.status == SAME and not before.handled and set(before.code.co_names) <= {NOTE} and _UNKNOWN not in before.code.co_consts:
        return None  # it does the same whenever it runs
    now = before if pair.status == SAME else trace(pair.new, inside)
    below = [each.new for each in pairs if each.new is not None and each.new.place > pair.new.place]
    covered = {name for unit in below for name in unit.facts.effects}
    return tuple(before), None if now is None else tuple(now), tuple(sorted(covered))


def sets_names(unit: Unit) -> bool:
    """Whether a statement sets names of its module by what they are called: `globals()["x"] = 1`."""
    found = trace(unit) if _may_leave(unit) else None
    return found is not None and any(kind == NAMES for kind, _, _ in found.sites)


def _may_leave(unit: Unit) -> bool:
    return bool(unit.facts.effects) or any(name in unit.text for name in (b"globals", b"locals", b"vars"))


def trace(unit: Unit, inside: Container[str] = ()) -> Trace | None:
    """None for a statement that does nothing to others, or of which nothing more can be said than its text does."""
    if isinstance(unit.node, (*FUNCTIONS, ast.ClassDef, ast.Import, ast.ImportFrom)):
        return None
    tracer = _Tracer(inside)
    body = tracer.statements([unit.node])
    places = tuple(_places(unit.node)) if tracer.handled else ()
    if not tracer.sites and not places:
        return None
    names = [each for statement in body for each in ast.walk(statement) if isinstance(each, ast.Name)] if inside else []
    own = {each.id for each in names if isinstance(each.ctx, ast.Store)}
    if any(each.id in inside and each.id not in own for each in names):
        body = [_unknown()]  # what the class had there before nobody knows
    tree = ast.Module(body, [])
    for node in ast.walk(tree):
        if isinstance(node, (ast.expr, ast.stmt)):
            ast.copy_location(node, unit.node)
    try:
        code = compile(ast.fix_missing_locations(tree), "<trace>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return None
    return Trace(code, tuple(tracer.sites), tuple(sorted(tracer.handled)), tuple(_sure([unit.node])), tuple(_instead(unit.node)), places)


class _Tracer:
    def __init__(self, inside: Container[str] = ()) -> None:
        self._inside = inside
        self.sites: list[Site] = []
        self.handled: set[str] = set()

    def statements(self, nodes: Iterable[ast.stmt]) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for node in nodes:
            found += self._statement(node)
        return found

    def _statement(self, node: ast.stmt) -> list[ast.stmt]:
        if isinstance(node, ast.If):
            return self._either(node.test, self.statements(node.body), self.statements(node.orelse))
        if isinstance(node, (ast.For, ast.AsyncFor)):
            body, other = self.statements(node.body), self.statements(node.orelse)
            if not body and not other:
                return []
            is_plain = all(isinstance(each, (ast.Name, ast.Tuple, ast.List, ast.expr_context)) for each in ast.walk(node.target))
            if not is_plain or not _is_value(node.iter) or isinstance(node, ast.AsyncFor):
                return [_unknown()]
            return [ast.For(target=node.target, iter=node.iter, body=body or [ast.Pass()], orelse=other)]
        if isinstance(node, ast.While):
            return [_unknown()] if self.statements([*node.body, *node.orelse]) else []
        if isinstance(node, (ast.With, ast.AsyncWith)):
            if _suppresses(node):
                self.handled.add(_WITH)
            return self.statements(node.body)
        if isinstance(node, _FAILS):
            for handler in node.handlers:
                kinds = [handler.type] if not isinstance(handler.type, ast.Tuple) else handler.type.elts
                self.handled.update(name for kind in kinds if kind is not None and (name := dotted(kind)) is not None)
            return self.statements([*node.body, *node.orelse, *node.finalbody])
        if isinstance(node, ast.Match):
            bodies = [self.statements(case.body) for case in node.cases]
            if not any(bodies):
                return []
            if not _is_value(node.subject) or not all(map(_is_plain_case, node.cases)):
                return [_unknown()]
            cases = [ast.match_case(case.pattern, case.guard, body or [ast.Pass()]) for case, body in zip(node.cases, bodies)]
            return [ast.Match(node.subject, cases)]
        if isinstance(node, (ast.Break, ast.Continue)):
            return [node]
        if isinstance(node, ast.Expr):
            return self._expression(node.value)
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)) and node.value is not None:
            return self._assignment(node)
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            found = []
            for decorator in node.decorator_list:
                name = dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)
                found += [] if name is None else [self._note(CALL, name, [ast.Constant(node.name)])]
            return found
        return []

    def _either(self, test: ast.expr, body: list[ast.stmt], other: list[ast.stmt]) -> list[ast.stmt]:
        if not body and not other:
            return []
        return [ast.If(test=test, body=body or [ast.Pass()], orelse=other)] if _is_value(test) else [_unknown()]

    def _expression(self, node: ast.expr) -> list[ast.stmt]:
        if isinstance(node, ast.Await):
            return self._expression(node.value)
        if isinstance(node, ast.IfExp):
            return self._either(node.test, self._expression(node.body), self._expression(node.orelse))
        if isinstance(node, ast.BoolOp):
            first = node.values[0] if len(node.values) == 2 else ast.BoolOp(op=node.op, values=node.values[:-1])
            last = self._expression(node.values[-1])
            return self._either(first, last, []) if isinstance(node.op, ast.And) else self._either(first, [], last)
        return self._call(node) if isinstance(node, ast.Call) else []

    def _call(self, node: ast.Call) -> list[ast.stmt]:
        name = dotted(node.func)
        if name in ("setattr", "delattr") and len(node.args) > 1 and (owner := dotted(node.args[0])) is not None:
            return [self._note(SET, owner, [*node.args[1:], ast.Constant(...)][:2])]
        if isinstance(node.func, ast.Attribute) and node.func.attr in _FILLERS:
            return self._filled(node.func.value, node)
        if name == "print" or isinstance(node.func, ast.Attribute) and node.func.attr in _LEAVES_NOTHING:
            return []
        keywords = (part for each in node.keywords for part in (ast.Constant(each.arg), each.value))
        return [self._note(CALL, ast.unparse(node.func) if name is None else name, [*node.args, *keywords])]

    def _filled(self, holder: ast.expr, node: ast.Call) -> list[ast.stmt]:
        """`D.update(x=1)`, `globals().setdefault("x", 1)`: each of the keys is a place."""
        owner = dotted(holder) or names_of_module(holder)
        if owner is None and not _is_own(holder):
            return []
        kind, name = (NAMES, "") if owner is None else (SETS, owner[: -len(_DICT)]) if owner.endswith(_DICT) else (ITEMS, owner)
        keys: list[ast.expr] = [ast.Constant(each.arg or ...) for each in node.keywords]
        if node.func.attr == "setdefault":  # type: ignore[attr-defined]
            return [self._note(_UNLESS[kind], name, node.args[:2])]
        return [self._note(kind, name, [*(ast.Starred(each, ast.Load()) if _is_value(each) else ast.Constant(...) for each in node.args), *keys])]

    def _assignment(self, node: ast.Assign | ast.AugAssign | ast.AnnAssign) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        waiting = list(node.targets) if isinstance(node, ast.Assign) else [node.target]
        is_whole = all(isinstance(each, (ast.Name, ast.Attribute, ast.Subscript)) for each in waiting)
        value = node.value if is_whole and not isinstance(node, ast.AugAssign) else ast.Constant(...)
        while waiting:
            target = waiting.pop(0)
            if isinstance(target, (ast.Tuple, ast.List)):
                waiting = [*target.elts, *waiting]
            elif isinstance(target, ast.Attribute) and (owner := dotted(target.value)) is not None:
                found.append(self._note(SET, owner, [ast.Constant(target.attr), value]))
            elif isinstance(target, ast.Subscript) and _is_own(target.value):
                found.append(self._note(NAMES, "", [target.slice]))
            elif isinstance(target, ast.Subscript) and (owner := dotted(target.value)) is not None:
                holder, _, own = (names_of_module(target.value) or owner).rpartition(".")
                found.append(self._note(*((SET, holder) if own == "__dict__" else (ITEM, owner)), [target.slice, value]))
            elif isinstance(target, ast.Name):  # what comes then may depend on it
                given = node.value
                if isinstance(node, ast.AugAssign):
                    given = ast.BinOp(ast.Name(target.id, ast.Load()), node.op, given)
                found.append(ast.Assign([target], given if is_whole and _is_value(given) else ast.Constant(...)))
        return found

    def _note(self, kind: str, name: str, arguments: list[ast.expr]) -> ast.stmt:
        """A note that also says what it is called with, as far as that is a value."""
        if name.partition(".")[0] in self._inside:
            return ast.Pass()  # of the class itself, which is made anew
        key = arguments[0].value if kind != CALL and arguments and isinstance(arguments[0], ast.Constant) else None
        self.sites.append((kind, name, key if type(key) is str else None))
        return ast.Expr(_note_call([ast.Constant(len(self.sites) - 1), *(each if _is_value(each) else ast.Constant(...) for each in arguments)]))


def _note_call(arguments: list[ast.expr]) -> ast.expr:
    return ast.Call(ast.Name(NOTE, ast.Load()), arguments, [])


def _unknown() -> ast.stmt:
    return ast.Expr(_note_call([ast.Constant(_UNKNOWN)]))


def _is_own(node: ast.expr) -> bool:
    """The names of the module itself."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _OWN and not node.args


def _is_value(node: ast.expr) -> bool:
    """Whether asking for it runs nothing of a program, as long as the names in it stand for plain data."""
    for part in ast.walk(node):
        if not isinstance(part, _VALUES):
            return False
        if isinstance(part, ast.Call):
            name = part.func
            if not (isinstance(name, ast.Name) and name.id in _PURE or isinstance(name, ast.Attribute) and name.attr in _LOOKS):
                return False
    return True


def _instead(node: ast.stmt) -> set[Site]:
    if not isinstance(node, _FAILS) or not node.handlers:
        return set()
    return set.intersection(*(_sure(handler.body) for handler in node.handlers)) | _sure(node.finalbody)


def _places(node: ast.stmt) -> Iterator[tuple[Site, int, int]]:
    inner = [each for each in ast.iter_child_nodes(node) if isinstance(each, (ast.stmt, ast.excepthandler, ast.match_case))]
    if inner and not isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        for each in inner:
            yield from _places(each)  # type: ignore[arg-type]
    elif isinstance(node, ast.stmt):
        tracer = _Tracer()
        tracer.statements([node])
        for site in tracer.sites:
            yield site, node.lineno, node.end_lineno or node.lineno


def _is_plain_case(case: ast.match_case) -> bool:
    kinds = (ast.MatchValue, ast.MatchSingleton, ast.MatchSequence, ast.MatchStar, ast.MatchAs, ast.MatchOr, *_VALUES)
    return all(isinstance(part, kinds) for part in ast.walk(case.pattern)) and (case.guard is None or _is_value(case.guard))


def _sure(nodes: Iterable[ast.stmt]) -> set[Site]:
    """What statements set and call whatever happens."""
    found: set[Site] = set()
    for node in nodes:
        if isinstance(node, ast.If):
            found |= _sure(node.body) & _sure(node.orelse)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            found |= set() if _suppresses(node) else _sure(node.body)
        elif isinstance(node, ast.Match):
            ways = [_sure(case.body) for case in node.cases]
            found |= set.intersection(*ways) if _matches_all(node.cases[-1]) else set()
        elif not isinstance(node, (*_FAILS, ast.For, ast.AsyncFor, ast.While)):
            tracer = _Tracer()
            if not any(isinstance(each, ast.If) for each in tracer.statements([node])):
                found.update(tracer.sites)
    return found


def _suppresses(node: ast.With | ast.AsyncWith) -> bool:
    return any(isinstance(item.context_expr, ast.Call) and (dotted(item.context_expr.func) or "").endswith("suppress") for item in node.items)


def _matches_all(case: ast.match_case) -> bool:
    return case.guard is None and isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
