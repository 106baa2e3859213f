"""The names that expressions stand for: dotted as far as the text says, and "@a/b" for modules that are imported by a call."""

from __future__ import annotations

import ast

IMPORTED = "@"
_IMPORTERS = frozenset(("import_module", "__import__"))


def root(name: str) -> str:
    return name.partition(".")[0]


def dotted(node: ast.AST) -> str | None:
    """`a.b.c` of an attribute chain that starts at a name, or at a module that is imported by a call: "@a.f" for
    `import_module("a").f`.
    """
    parts: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        elif (step := taken_by_name(node)) is not None:
            parts.append(step[0])
            if step[1] is None:
                return ".".join(reversed(parts))
            node = step[1]
        else:
            break
    first = node.id if isinstance(node, ast.Name) else imported_by_call(node)
    if first is None:
        return None
    parts.append(first)
    return ".".join(reversed(parts))


def taken_by_name(node: ast.AST) -> tuple[str, ast.AST | None] | None:
    """What takes a name that the text says out of something: ("g", `a`) for `getattr(a, "g")`, `vars(a)["g"]` and `a.__dict__["g"]`;
    ("g", None) for `globals()["g"]`, out of the module itself. `.get("g")` as well, and ("__mro__", `C`) for `inspect.getmro(C)`.
    """
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
        node = ast.Subscript(node.func.value, node.args[0], ast.Load())
    if isinstance(node, ast.Call):
        if len(node.args) == 1 and getattr(node.func, "attr", getattr(node.func, "id", "")) == "getmro":
            return "__mro__", node.args[0]
        if not isinstance(node.func, ast.Name) or node.func.id != "getattr" or len(node.args) < 2:
            return None
        name, holder = node.args[1], node.args[0]
        own = isinstance(holder, ast.Subscript) and isinstance(holder.slice, ast.Name) and holder.slice.id == "__name__"
        own = own and isinstance(holder.value, ast.Attribute) and holder.value.attr == "modules"  # type: ignore[attr-defined]
    elif isinstance(node, ast.Subscript):
        name, of = node.slice, node.value
        own = isinstance(of, ast.Call) and isinstance(of.func, ast.Name) and of.func.id in ("globals", "vars", "locals") and not of.args
        if isinstance(of, ast.Attribute) and of.attr == "__dict__":
            holder = of.value
        elif isinstance(of, ast.Call) and isinstance(of.func, ast.Name) and of.func.id == "vars" and len(of.args) == 1:
            holder = of.args[0]
        elif not own:
            return None
    else:
        return None
    if not isinstance(name, ast.Constant) or type(name.value) is not str or not name.value.isidentifier():
        return None
    return name.value, None if own else holder


def imported_by_call(node: ast.AST) -> str | None:
    """What stands for a module that is imported by its name: `import_module("a.b")`, `sys.modules["a.b"]`; as `_imported`."""
    if isinstance(node, ast.Call) and node.args:
        function, name = dotted(node.func), node.args[0]
        if function is None or function.rpartition(".")[2] not in _IMPORTERS:
            return None
        is_relative = len(node.args) == 2 and isinstance(node.args[1], ast.Name) and node.args[1].id == "__package__"
    elif isinstance(node, ast.Subscript) and dotted(node.value) in ("sys.modules", "modules"):
        function, name, is_relative = "modules", node.slice, False
    else:
        return None
    if not isinstance(name, ast.Constant) or type(name.value) is not str:
        return None
    whole = name.value.lstrip(".")
    dots = len(name.value) - len(whole)
    if not whole or dots and not is_relative:
        return None
    return IMPORTED + "!" * dots + (root(whole) if function == "__import__" else whole).replace(".", "/")


def method_named(node: ast.AST) -> str | None:
    """`?.m` for `methodcaller("m")` and `attrgetter("m")`, which take it of whatever they are called with."""
    if isinstance(node, ast.Call) and (dotted(node.func) or "").rpartition(".")[2] in ("methodcaller", "attrgetter"):
        name = node.args[0] if node.args else None
        if isinstance(name, ast.Constant) and type(name.value) is str:
            return f"?.{name.value.rpartition('.')[2]}"
    return None


def names_of_module(node: ast.AST) -> str | None:
    """`b.__dict__` for `vars(b)`."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "vars" and len(node.args) == 1:
        name = dotted(node.args[0])
        return None if name is None else f"{name}.__dict__"
    return None


def held_in(node: ast.AST) -> str | None:
    """The container of a function that is called out of it: `a.b` of `a.b[1]["x"]()`."""
    while isinstance(node, ast.Subscript):
        node = node.value
    return dotted(node)
