"""What a statement binds, reads and calls: while it executes, and later inside the functions that it defines.

Names are dotted as far as the text says: `a.b.c` read through attributes of the name `a` is one read, "a.b.c". "?.b" is an
attribute of something that the text does not name. Of calls it says a little more: "?C().b" of what calling `C` gives, "?self.b" of
what a function gets first.
"""

from __future__ import annotations

import ast
import sys
from types import MappingProxyType
from typing import Callable, Iterable, Mapping, TypeGuard

from names import IMPORTED, dotted, held_in, method_named, names_of_module, root, taken_by_name

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_TYPE_ALIAS: type[ast.AST] | None = getattr(ast, "TypeAlias", None)
# Nobody evaluates them while the statement is executed, but for decorators and metaclasses that ask. What they have given
# once is kept, so they count as read, and yet nothing has to be bound for them.
ANNOTATIONS_ARE_LAZY = sys.version_info >= (3, 14)


# Methods of containers that change them.
CHANGERS = frozenset(
    "add append appendleft clear discard extend extendleft insert pop popitem popleft remove reverse setdefault sort update".split()
)
_SETTERS = frozenset(("setattr", "delattr"))
_FACTORIES = frozenset(("default_factory", "factory"))  # of fields: `dataclasses`, attrs, pydantic
# What tells what the annotations of something mean, also those that are texts. It reads "f.annotations()" of `f`.
TELL_ANNOTATIONS = frozenset(("get_type_hints", "get_annotations", "signature", "getfullargspec"))
MEANT = "annotations()"
UNKNOWN = "?"
OWN = "?self"
_GIVE_SELF = frozenset(("abstractmethod", "classmethod", "property"))  # decorators with which a method gets its object, or its class
_GET_ANOTHER = frozenset(("__new__", "__init_subclass__", "__class_getitem__", "__prepare__"))  # methods that get a derived class


class Facts:
    """The names of one statement, or of several taken together."""

    __slots__ = (
        "binds", "reads", "calls", "inner_reads", "inner_calls", "globals", "removes", "changes", "imports", "fills", "inner_fills", "beyond",
        "effects", "inner_effects", "meant", "bounds",
    )  # fmt: skip

    def __init__(self) -> None:
        self.binds: set[str] = set()
        self.reads: set[str] = set()
        self.calls: set[str] = set()
        self.inner_reads: set[str] = set()  # inside function bodies: read when these are called
        self.inner_calls: set[str] = set()
        self.globals: set[str] = set()  # bound at module level from inside a function
        self.removes: set[str] = set()  # by `del`
        self.imports: dict[str, str] = {}  # local names of imports: the name that `imported_name` makes
        self.fills: set[str] = set()  # containers and attributes that it changes for certain: `D`, `L`, `c.x` of `c.x = 1`
        self.inner_fills: set[str] = set()
        self.beyond: set[str] = set()  # read inside of comprehensions, to which a class body's names are not visible
        self.effects: set[str] = set()  # what it sets, and calls for what that does: `b.V` of `b.V = 1`, `b.add()` of a call alone
        self.inner_effects: set[str] = set()
        self.meant: set[str] = set()  # names in annotations that are only evaluated when somebody asks what they mean
        self.bounds: set[str] = set()  # names in bounds and defaults of type parameters: evaluated when they are asked for, and kept
        self.changes: set[str] = set()  # objects that it may change: `D` of `D["a"] = 1`, `L` and `x` of `L.append(x)`


def _of_unknown(name: str) -> list[str]:
    """`?.b` and `?.c` for "a.b.c" where nothing is known of `a`."""
    return [f"?.{part}" for part in name.split(".")[1:]]


def called_for(name: str) -> str:
    """`C` of "?C().b", else nothing."""
    return name[1:].partition("().")[0] if name[:1] == UNKNOWN and "()." in name else ""


def reached(names: Iterable[str], calls: Callable[[str], Iterable[str]]) -> set[str]:
    """These, and all that calling them calls. `calls`: what calling one does."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += calls(name)
    return found


def mangled(owner: str, name: str) -> str:
    """A private name of a class as its instances and its dictionary have it."""
    if name.startswith("__") and not name.endswith("__") and owner.strip("_"):
        return f"_{owner.lstrip('_')}{name}"
    return name


def is_compiled(node: ast.expr) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and dotted(node.func) == "compile" and bool(node.args)


def text_in(node: ast.expr | None) -> str | None:
    """The text that an expression gives to `eval` and `exec`: "x + 1", also of `compile("x + 1", …)`."""
    node = node.args[0] if node is not None and is_compiled(node) else node
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def facts_of(statements: Iterable[ast.stmt], lazy_annotations: bool, texts: Mapping[str, str] = MappingProxyType({})) -> Facts:
    """`texts`: what names stand for that `eval` and `exec` may be given."""
    visitor = _Visitor(lazy_annotations)
    visitor.texts = texts
    for statement in statements:
        visitor.gets_self = isinstance(statement, _FUNCTIONS)
        visitor.visit(statement)
    return visitor.facts


class _Visitor:
    """Walks what executes. Written without ast.NodeVisitor: this is most of a check's time."""

    def __init__(self, lazy_annotations: bool) -> None:
        self.facts = Facts()
        self.lazy = lazy_annotations
        self.texts: Mapping[str, str] = MappingProxyType({})
        self.hidden: frozenset[str] = frozenset()  # variables of the comprehensions around
        self.comprehends = False
        self.gets_self = False  # whether a function that it comes to may be a method of a class that is known
        self.made: dict[str, str] = {}  # variables that are bound by `c = C()`: "C"
        self.rebound: set[str] = set()  # those that are bound more than once, or by functions inside

    def visit(self, node: ast.AST) -> None:
        handler = _HANDLERS.get(type(node))
        if handler is not None:
            handler(self, node)
        else:
            self.children(node)

    def children(self, node: ast.AST) -> None:
        for field in node._fields:
            value = getattr(node, field, None)
            if isinstance(value, list):
                for item in value:
                    if isinstance(item, ast.AST):
                        self.visit(item)
            elif isinstance(value, ast.AST):
                self.visit(value)

    def read(self, name: str) -> None:
        if root(name) not in self.hidden:
            self.facts.reads.add(name)
            if self.comprehends:
                self.facts.beyond.add(root(name))

    def name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self.read(node.id)
        elif isinstance(node.ctx, ast.Store):
            if node.id not in self.hidden:
                self.bind(node.id)
        else:
            self.facts.removes.add(node.id)
            self.read(node.id)

    def bind(self, name: str) -> None:
        if name in self.facts.binds:
            self.rebound.add(name)
        self.facts.binds.add(name)

    def assigned(self, node: ast.Assign) -> None:
        value, target = node.value, node.targets[0]
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and isinstance(target, ast.Name) and len(node.targets) == 1:
            self.made[target.id] = value.func.id
        self.children(node)

    def attribute(self, node: ast.Attribute) -> None:
        name = dotted(node)
        if name is not None and name.startswith(IMPORTED):
            self.visit(node.value)
        if not isinstance(node.ctx, ast.Load):
            self.changed(node.value)
            self.filled(name)
        if name is None:
            self.facts.reads.add(f"?.{node.attr}")  # of whatever the expression before it is
            self.visit(node.value)
        elif root(name) in self.hidden:
            self.facts.reads.update(_of_unknown(name))
        else:
            self.read(name)

    def subscript(self, node: ast.Subscript) -> None:
        if isinstance(node.ctx, ast.Load) and taken_by_name(node) is not None and (name := dotted(node)) is not None:
            self.read(name)
        if not isinstance(node.ctx, ast.Load):
            self.changed(node.value)
            self.filled(dotted(node.value) or names_of_module(node.value))
        self.children(node)

    def changed(self, node: ast.AST) -> None:
        name = held_in(node)
        if name is not None and root(name) not in self.hidden:
            self.facts.changes.add(name)

    def filled(self, name: str | None) -> None:
        if name is not None and root(name) not in self.hidden:
            self.facts.fills.add(name)
            self.facts.effects.add(name)

    def done_for_effect(self, node: ast.AST) -> None:
        name = dotted(node.func if isinstance(node, ast.Call) else node)
        if name is not None and root(name) not in self.hidden:
            self.facts.effects.add(f"{name}()")

    def expression(self, node: ast.Expr) -> None:
        """A call whose result nobody takes is made for what it does."""
        for call in _discarded(node.value):
            self.done_for_effect(call)
            for part in (call.func, *call.args, *(keyword.value for keyword in call.keywords)):
                self.changed(part.value if part is call.func and isinstance(part, ast.Attribute) else part)
        if isinstance(node.value, ast.BinOp):
            self.operated(node.value)
        self.children(node)

    def operated(self, node: ast.BinOp) -> None:
        """An operator whose result nobody takes: `first >> second`."""
        for part in (node.left, node.right):
            if isinstance(part, ast.BinOp):
                self.operated(part)
            else:
                self.changed(part)

    def call(self, node: ast.Call) -> None:
        if taken_by_name(node) is not None and (name := dotted(node)) is not None:
            self.read(name)
        name = dotted(node.func)
        if name is not None:
            if root(name) not in self.hidden:
                self.facts.calls.add(name)
                owner, _, method = name.rpartition(".")
                if owner and method in CHANGERS:
                    self.filled(owner)
                    for keyword in node.keywords if method == "sort" else ():
                        self.called_back(keyword.value)
                elif name in _SETTERS and len(node.args) > 1:
                    self.set_by_name(node.args[0], node.args[1])
            elif "." in name:
                self.facts.calls.add(_of_unknown(name)[-1])
            if name in ("eval", "exec") and len(node.args) == 1:
                self.text(node.args[0])
            if node.args and name.rpartition(".")[2] in TELL_ANNOTATIONS:
                of = dotted(node.args[0])
                self.read(f"{of if of is not None and root(of) not in self.hidden else '?'}.{MEANT}")
        elif isinstance(node.func, ast.Attribute):
            if node.func.attr in CHANGERS:
                self.filled(names_of_module(node.func.value))
            made = node.func.value  # a method of whatever the expression before it is
            is_named = isinstance(made, ast.Call) and isinstance(made.func, ast.Name) and made.func.id not in self.hidden
            self.facts.calls.add(f"?{made.func.id}().{node.func.attr}" if is_named else f"?.{node.func.attr}")  # type: ignore[attr-defined]
        else:
            name = method_named(node.func) or held_in(node.func)
            if name is not None and root(name) not in self.hidden:
                self.facts.calls.add(name)
            self.called_back(node.func)
        for keyword in node.keywords:
            name = dotted(keyword.value) if keyword.arg in _FACTORIES else None
            if name is not None and root(name) not in self.hidden:
                self.facts.inner_calls.add(name)  # when an instance is made
        self.children(node)

    def called_back(self, node: ast.expr) -> None:
        """A function that the statement calls for certain."""
        if isinstance(node, ast.Lambda):
            inner = _Visitor(True)
            inner.body([node.body], node.args)
            reads = {name for name in inner.facts.inner_reads if root(name) not in self.hidden}
            self.facts.reads |= reads
            self.facts.beyond.update(map(root, reads))
            self.facts.calls.update(name for name in inner.facts.inner_calls if root(name) not in self.hidden)
        elif (name := dotted(node)) is not None and root(name) not in self.hidden:
            self.facts.calls.add(name)

    def set_by_name(self, holder: ast.expr, attribute: ast.expr) -> None:
        owner = dotted(holder)
        if owner is not None and root(owner) not in self.hidden:
            is_said = isinstance(attribute, ast.Constant) and type(attribute.value) is str and attribute.value.isidentifier()
            self.facts.effects.add(f"{owner}.{attribute.value if is_said else '*'}")  # type: ignore[attr-defined]

    def text(self, node: ast.expr) -> None:
        """What `eval` and `exec` are given."""
        text = text_in(node) or self.texts.get(dotted(node.args[0] if is_compiled(node) else node) or "")
        if text is not None:
            try:
                tree = ast.parse(text.strip())
            except (SyntaxError, ValueError):
                return
            for statement in tree.body:
                self.visit(statement)

    def augmented(self, node: ast.AugAssign) -> None:
        name = dotted(node.target)
        if name is not None:
            self.read(name)
        self.children(node)

    def annotated(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.target)
            self.visit(node.value)
        elif not isinstance(node.target, ast.Name):
            self.visit(node.target)
        self.annotation(node.annotation)

    def annotation(self, node: ast.expr) -> None:
        if not self.lazy:
            self.visit(node)
        if self.lazy or not isinstance(node, (ast.Name, ast.Attribute)):
            _meant(node, self.lazy, self.facts.meant)

    def handler(self, node: ast.ExceptHandler) -> None:
        if node.type is not None:
            self.visit(node.type)
        around = self.hidden
        if node.name:
            self.hidden = around | {node.name}  # unbound again at the end of the clause
        for statement in node.body:
            self.visit(statement)
        self.hidden = around

    def imported(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name != "*":
                name = alias.asname or (root(alias.name) if isinstance(node, ast.Import) else alias.name)
                self.bind(name)
                self.facts.imports[name] = _imported(node, alias)

    def captured(self, node: ast.MatchAs | ast.MatchStar) -> None:
        if node.name:
            self.bind(node.name)
        self.children(node)

    def captured_rest(self, node: ast.MatchMapping) -> None:
        if node.rest:
            self.bind(node.rest)
        self.children(node)

    def comprehension(self, node: ast.AST) -> None:
        variables = {
            part.id
            for generator in node.generators  # type: ignore[attr-defined]
            for part in ast.walk(generator.target)
            if isinstance(part, ast.Name)
        }
        around = self.hidden, self.comprehends
        self.visit(node.generators[0].iter)  # type: ignore[attr-defined]
        self.hidden, self.comprehends = self.hidden | variables, True
        self.children(node)
        self.hidden, self.comprehends = around

    def arguments(self, arguments: ast.arguments) -> None:
        for default in (*arguments.defaults, *arguments.kw_defaults):
            if default is not None:
                self.visit(default)
        for argument in parameters(arguments):
            if argument.annotation is not None:
                self.annotation(argument.annotation)

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for decorator in node.decorator_list:
            self.decorator(decorator)
        self.arguments(node.args)
        if node.returns is not None:
            self.annotation(node.returns)
        self.facts.bounds |= self.bounds(node)
        if node.name not in self.hidden:
            self.bind(node.name)
        gets_self = self.gets_self and node.name not in _GET_ANOTHER and _GIVE_SELF.issuperset(dotted(each) or "" for each in node.decorator_list)
        self.body(node.body, node.args, gets_self)

    def decorator(self, node: ast.expr) -> None:
        name = dotted(node)
        if name is not None and root(name) not in self.hidden:
            self.facts.calls.add(name)
        self.done_for_effect(node)
        self.visit(node)

    def lambda_(self, node: ast.Lambda) -> None:
        self.arguments(node.args)
        self.body([node.body], node.args)

    def body(self, nodes: Iterable[ast.AST], arguments: ast.arguments, gets_self: bool = False) -> None:
        inner = _Visitor(True)
        for node in nodes:
            inner.visit(node)
        facts, mine = inner.facts, self.facts
        for argument in parameters(arguments):
            inner.bind(argument.arg)
        local = facts.binds - facts.globals
        known = {name: f"?{of}()" for name, of in inner.made.items() if name not in inner.rebound and of not in local}
        first = next((each.arg for each in (*arguments.posonlyargs, *arguments.args)), None) if gets_self else None
        if first is not None and first not in inner.rebound:
            known[first] = OWN
        for names, found in (
            (facts.reads | facts.inner_reads | facts.bounds, mine.inner_reads),
            (facts.calls | facts.inner_calls, mine.inner_calls),
        ):
            for name in names:
                if root(name) not in local:
                    found.add(f"?.{name.rpartition('.')[2]}" if called_for(name) in local else name)
                elif root(name) in known and found is mine.inner_calls and name.count(".") == 1:
                    found.add(known[root(name)] + name[len(root(name)) :])
                elif root(name) in facts.imports:  # inside the function
                    found.add(facts.imports[root(name)] + name[len(root(name)) :])
                elif "." in name:  # `self.k`; what is called is the last one
                    found.update(_of_unknown(name)[-1:] if found is mine.inner_calls else _of_unknown(name))
        self.rebound |= inner.rebound
        mine.globals |= facts.globals
        mine.inner_fills |= {name for name in facts.fills | facts.inner_fills if root(name) not in local}
        for name in facts.effects | facts.inner_effects:
            if root(name) not in local:
                mine.inner_effects.add(name)
            elif root(name) in facts.imports:
                mine.inner_effects.add(facts.imports[root(name)] + name[len(root(name)) :])

    def bounds(self, node: ast.AST) -> set[str]:
        """Names in what is said of type parameters."""
        parameters = getattr(node, "type_params", None)
        if not parameters:
            return set()
        inner = _Visitor(True)
        for each in parameters:
            inner.children(each)
        return {name for name in inner.facts.reads if root(name) not in self.hidden} - {each.name for each in parameters}

    def global_(self, node: ast.Global) -> None:
        self.facts.globals.update(node.names)

    def nonlocal_(self, node: ast.Nonlocal) -> None:
        self.rebound.update(node.names)

    def class_(self, node: ast.ClassDef) -> None:
        for decorator in node.decorator_list:
            self.decorator(decorator)
        for base in (*node.bases, *(keyword.value for keyword in node.keywords)):
            name = dotted(base)
            if name is not None:
                self.facts.calls.add(name)  # its metaclass and __init_subclass__ run
                self.done_for_effect(base)
            self.visit(base)
        bound: set[str] = set()
        mine = self.facts
        mine.bounds |= self.bounds(node)
        for statement in node.body:
            inner = _Visitor(self.lazy)
            inner.hidden = self.hidden
            inner.visit(statement)
            facts = inner.facts
            mine.reads.update(name for name in facts.reads if root(name) not in bound)
            mine.calls.update(name for name in facts.calls if root(name) not in bound and called_for(name) not in bound)
            mine.calls.update(f"?.{name}" for name in facts.calls if name in bound)  # a function of the body
            mine.calls.update(f"?.{name.rpartition('.')[2]}" for name in facts.calls if called_for(name) in bound)
            # the names of a class body are not visible in the methods of the class
            mine.inner_reads |= facts.inner_reads
            mine.inner_calls |= facts.inner_calls
            mine.globals |= facts.globals
            mine.fills.update(name for name in facts.fills if root(name) not in bound)
            mine.inner_fills |= facts.inner_fills
            mine.effects.update(name for name in facts.effects if root(name) not in bound)
            mine.inner_effects |= facts.inner_effects
            self.rebound |= inner.rebound
            mine.meant |= facts.meant
            bound |= facts.binds
        if node.name not in self.hidden:
            self.bind(node.name)

    def type_alias(self, node: ast.AST) -> None:
        """Its value is computed when it is asked for, and kept."""
        self.bind(node.name.id)  # type: ignore[attr-defined]
        around = self.hidden
        self.hidden = around | {node.name.id, *(each.name for each in node.type_params)}  # type: ignore[attr-defined]
        self.visit(node.value)  # type: ignore[attr-defined]
        self.hidden = around
        self.facts.reads |= self.bounds(node)


def _meant(node: ast.AST, lazy: bool, found: set[str]) -> None:
    """Names in what an annotation leaves to who asks: texts, or (`lazy`) all of it."""
    if isinstance(node, ast.Constant):
        if type(node.value) is str:
            try:
                _meant(ast.parse(node.value.strip(), mode="eval").body, True, found)
            except (SyntaxError, ValueError):
                pass
    elif isinstance(node, (ast.Name, ast.Attribute)):
        if lazy and (name := dotted(node)) is not None:
            found.add(name)
    elif not isinstance(node, ast.Subscript) or (dotted(node.value) or "").rpartition(".")[2] != "Literal":
        for each in ast.iter_child_nodes(node):
            _meant(each, lazy, found)


def _imported(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
    """What a name is imported from, as one part of a dotted name: "@a/b" for `import a.b as x`, "@!m/f" for `from .m import f`."""
    if isinstance(node, ast.Import):
        whole = alias.name if alias.asname else root(alias.name)
    else:
        whole = f"{node.module}.{alias.name}" if node.module else alias.name
    dots = "!" * node.level if isinstance(node, ast.ImportFrom) else ""
    return IMPORTED + dots + whole.replace(".", "/")


def parameters(arguments: ast.arguments) -> list[ast.arg]:
    found = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    if arguments.vararg is not None:
        found.append(arguments.vararg)
    if arguments.kwarg is not None:
        found.append(arguments.kwarg)
    return found


def _discarded(node: ast.expr) -> list[ast.Call]:
    """The calls that a statement of nothing but an expression comes to: `f()`, `X and f()`, `f() if X else g()`."""
    if isinstance(node, ast.Call):
        return [node]
    if isinstance(node, ast.BoolOp):
        return _discarded(node.values[-1])
    if isinstance(node, ast.IfExp):
        return [*_discarded(node.body), *_discarded(node.orelse)]
    return _discarded(node.value) if isinstance(node, ast.Await) else []


def _nothing(_visitor: _Visitor, _node: ast.AST) -> None:
    pass


_HANDLERS = {
    ast.Name: _Visitor.name,
    ast.Attribute: _Visitor.attribute,
    ast.Subscript: _Visitor.subscript,
    ast.Expr: _Visitor.expression,
    ast.Call: _Visitor.call,
    ast.Assign: _Visitor.assigned,
    ast.AugAssign: _Visitor.augmented,
    ast.AnnAssign: _Visitor.annotated,
    ast.ExceptHandler: _Visitor.handler,
    ast.Import: _Visitor.imported,
    ast.ImportFrom: _Visitor.imported,
    ast.MatchAs: _Visitor.captured,
    ast.MatchStar: _Visitor.captured,
    ast.MatchMapping: _Visitor.captured_rest,
    ast.FunctionDef: _Visitor.function,
    ast.AsyncFunctionDef: _Visitor.function,
    ast.Lambda: _Visitor.lambda_,
    ast.ClassDef: _Visitor.class_,
    ast.Global: _Visitor.global_,
    ast.Nonlocal: _Visitor.nonlocal_,
    ast.Constant: _nothing,
    **{kind: _Visitor.comprehension for kind in _COMPREHENSIONS},
    **({_TYPE_ALIAS: _Visitor.type_alias} if _TYPE_ALIAS is not None else {}),
}
