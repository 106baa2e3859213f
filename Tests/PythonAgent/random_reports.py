"""Whether a report names what differs: the symbol itself, or what its value depends on by the saved texts."""

from __future__ import annotations

import ast
from typing import Any

Name = tuple[str, str]  # module, name in it


class Texts:
    """The saved texts: which statements bind a name, and what these speak of."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts
        self._trees = {module: ast.parse(text) for module, text in texts.items()}
        self._modules: dict[Name, str] = {}  # names that stand for a module
        self._by_star: set[Name] = set()  # names that only star imports have bound so far
        self._reads: dict[Name, set[Name]] = {}
        self._declared: dict[Name, set[str]] = {}  # names that a function binds in its module
        for module, tree in self._trees.items():
            for node in tree.body:
                if isinstance(node, ast.Import):
                    for alias in node.names:
                        self._modules[module, alias.asname or alias.name] = alias.name
        for module, tree in self._trees.items():
            for node in tree.body:
                self._note(module, node)

    def _note(self, module: str, node: ast.stmt) -> None:
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if alias.name == "*":
                    for name in self._given(self._source(module, node), set()):
                        if (module, name) not in self._reads:
                            self._by_star.add((module, name))
                        self._reads.setdefault((module, name), set()).add((self._source(module, node), name))
                else:
                    self._bind((module, alias.asname or alias.name), {(self._source(module, node), alias.name)})
            return
        reads: set[Name] = set()
        for part in ast.walk(node):
            if isinstance(part, ast.ImportFrom):
                for alias in part.names:
                    reads.add((self._source(module, part), alias.name))
            elif isinstance(part, ast.Global):
                self._declared.setdefault((module, bound(node)[0]), set()).update(part.names)
                for name in part.names:
                    self._reads.setdefault((module, name), set()).add((module, bound(node)[0]))
            elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
                reads.add((module, part.id))
            elif isinstance(part, ast.Attribute):
                owner = self._modules.get((module, ast.unparse(part.value)))
                if owner is not None:
                    reads.add((owner, part.attr))
            elif isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id == "getattr":
                owner = self._modules.get((module, ast.unparse(part.args[0])))
                if owner is not None and isinstance(part.args[1], ast.Constant):
                    reads.add((owner, part.args[1].value))
        for name in self.set_in_others(module, node):
            self._reads.setdefault(name, set()).update(reads)
        for name in bound(node):
            self._bind((module, name), reads)
            for decorator in getattr(node, "decorator_list", ()):
                if isinstance(decorator, ast.Attribute) and isinstance(decorator.value, ast.Name):
                    self._reads.setdefault((module, decorator.value.id), set()).add((module, name))  # `@f.register`

    def _source(self, module: str, node: ast.ImportFrom) -> str:
        """The module that a from-import names."""
        if not node.level:
            return str(node.module)
        is_package = any(other.startswith(f"{module}.") for other in self._trees)
        parts = module.split(".") if is_package else module.split(".")[:-1]
        return ".".join((*parts[: len(parts) + 1 - node.level], *([node.module] if node.module else [])))

    def set_by_calls(self, module: str, node: ast.stmt) -> list[str]:
        """Names of the module that functions bind which a statement calls."""
        called = {part.func.id for part in ast.walk(node) if isinstance(part, ast.Call) and isinstance(part.func, ast.Name)}
        return sorted({name for each in called for name in self._declared.get((module, each), ())})

    def _bind(self, name: Name, reads: set[Name]) -> None:
        if name in self._by_star:
            self._by_star.discard(name)
            self._reads[name] = set()
        self._reads.setdefault(name, set()).update(reads)

    def _given(self, module: str, seen: set[str]) -> set[str]:
        """The names that a star import of a module binds."""
        if module in seen or module not in self._trees:
            return set()
        seen.add(module)
        found: set[str] = set()
        for node in self._trees[module].body:
            if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
                found |= self._given(self._source(module, node), seen)
            else:
                found.update(bound(node))
        return {name for name in found if not name.startswith("_")}

    def set_in_others(self, module: str, node: ast.stmt) -> list[Name]:
        """Names of other modules that a statement sets: `b.V = 1`."""
        found = []
        if isinstance(node, ast.Assign):
            parts = [part for target in node.targets for part in ast.walk(target)]
            found = [(ast.unparse(each.value), each.attr) for each in parts if isinstance(each, ast.Attribute)]
        return [(owner, name) for owner, name in found if owner in self._trees]

    def set_with(self, module: str, names: list[Name]) -> list[Name]:
        """What statements of a module set in others that set one of these."""
        each = [self.set_in_others(module, node) for node in self._trees[module].body]
        return [name for found in each if not set(names).isdisjoint(found) for name in found]

    def behind(self, name: Name) -> set[Name]:
        """A name and all that its value depends on."""
        waiting, found = [name], set()
        while waiting:
            each = waiting.pop()
            if each in found:
                continue
            found.add(each)
            waiting += self._reads.get(each, ())
        return found

    def at(self, module: str, line: int) -> ast.stmt | None:
        """The statement on a line (from 0)."""
        for node in self._trees[module].body:
            first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
            if first <= line + 1 <= (node.end_lineno or node.lineno):
                return node
        return None

    def behind_line(self, module: str, line: int) -> set[Name]:
        """What the names depend on that the statement on a line (from 1) binds."""
        node = self.at(module, line - 1)
        return {each for name in (bound(node) if node is not None else ()) for each in self.behind((module, name))}

    def is_told_at(self, module: str, line: int, report: Any) -> bool:
        """Whether something in the statement on a line (from 1) is said not to be applied."""
        node = self.at(module, line - 1)
        return any(
            each["module"] == module and not change["applied"] and "range" in change
            and self.at(module, change["range"]["start"]["line"]) is node
            for each in report["modules"] for change in each["changes"]
        )


def bound(node: ast.stmt) -> list[str]:
    """The names that a statement binds in its module."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [alias.asname or alias.name for alias in node.names]
    found: list[str] = []
    waiting: list[ast.AST] = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            found.append(part.id)
        elif isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.append(part.name)
            continue
        if not isinstance(part, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            waiting += ast.iter_child_nodes(part)
    return found


def filled(node: ast.stmt) -> list[str]:
    """Containers that a statement fills: `x.add(y)`."""
    calls = [part.func for part in ast.walk(node) if isinstance(part, ast.Call)]
    named = [each for each in calls if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name)]
    return [each.value.id for each in named if each.attr in ("add", "append", "extend", "update", "setdefault")]


def not_applied(report: Any, texts: Texts, before: Texts) -> set[str]:
    """What a report says was not applied: "module.name". Of a statement, also what its text `before` the save did."""
    found = set()
    for each in report["modules"]:
        for change in each["changes"]:
            if not change["applied"]:
                found.update(named(each["module"], change, texts, before))
    return found


def named(module: str, change: Any, texts: Texts, before: Texts | None = None) -> list[str]:
    names = change["symbol"].split(", ")
    if change["kind"] == "statement":
        # one that is gone is only there as the symbol
        at = change.get("range")
        node = texts.at(module, at["start"]["line"]) if at is not None else _parsed(change["symbol"])
        if node is not None and (others := texts.set_in_others(module, node)):
            return [".".join(each) for each in (*others, *(before.set_with(module, others) if before is not None else ()))]
        if at is None and node is not None:
            names += sorted({part.id for part in ast.walk(node) if isinstance(part, ast.Name)})  # what it did stays in these
        if at is not None:
            names = [*bound(node), *texts.set_by_calls(module, node), *filled(node)] if node is not None else []
        spoken = _parsed(change["symbol"])  # `globals()["x"] = 1`, of a class body perhaps
        names += [part.value for part in ast.walk(spoken) if isinstance(part, ast.Constant) and type(part.value) is str] if spoken is not None else []
    return [f"{module}.{name}" for name in names]


def _parsed(symbol: str) -> ast.stmt | None:
    try:
        return ast.parse(symbol).body[0]
    except (SyntaxError, IndexError):
        return None


def says(told: set[str], name: Name) -> bool:
    """Whether one of those told is the symbol, a part of it, or what it is a part of."""
    what = ".".join(name)
    return any(each == what or each.startswith((f"{what}.", f"{what}[", f"{what} ")) or what.startswith(f"{each}.") for each in told)
