"""What a text gives to functions of other modules, which nobody has looked into: they may call any method of it. To decorators, bases and
metaclasses it gives its classes.
"""

from __future__ import annotations

import ast
import builtins
import sys
from typing import TYPE_CHECKING

from statements import dotted, root
from units import FUNCTIONS, dotted_call, last

if TYPE_CHECKING:
    from texts import Module

# What a class statement of an enumeration calls for its members.
MAKES_MEMBERS = frozenset(("__init__", "__new__", "_generate_next_value_"))
# Class decorators that do nothing with methods.
LEAVE_METHODS = frozenset(("dataclass", "final", "runtime_checkable", "unique"))
DEFINITIONS = (*FUNCTIONS, ast.ClassDef)

def foreign(module: Module) -> set[str]:
    """Names that other modules give it, but for the standard library, of which only special methods call what a program has."""
    found = {name for name, meant in module.imports.items() if root(meant) not in sys.stdlib_module_names}
    if any(unit.stars for unit in module.units):
        bound = {name for unit in module.units for name in unit.facts.binds}
        read = {root(name) for unit in module.units for name in unit.facts.calls | unit.facts.inner_calls}
        found |= {name for name in read - bound if not hasattr(builtins, name) and name[:1] != "?"}
    return found


def handed_on(module: Module) -> frozenset[str]:
    """Module-level names of what is given to such functions, and of what that is made of."""
    passes = set(module.foreign)  # names of what gives its arguments on
    given: set[str] = set()
    calls: list[tuple[str, str, set[str]]] = []  # in which definition, what is called, and with what
    for unit in module.units if passes else ():
        facts = unit.facts
        owner = unit.names[0] if isinstance(unit.node, DEFINITIONS) else ""
        nodes = list(ast.walk(unit.node))
        variables = set().union(*(_names(node.target) for node in nodes if isinstance(node, ast.comprehension)))
        for node in nodes:
            if isinstance(node, ast.Call) and (node.args or node.keywords) and (name := dotted(node.func)) is not None:
                values = set().union(*map(_names, (*node.args, *node.keywords)))
                if not owner or not values.isdisjoint(variables):
                    values |= set(map(root, facts.reads | facts.inner_reads))
                calls.append((owner, root(name), values))
    count = -1
    while count != len(passes) + len(given):
        count = len(passes) + len(given)
        for owner, name, values in calls:
            if name in passes:
                given |= values
                passes |= {owner} if owner else set()
        for unit in module.units:
            if not given.isdisjoint(unit.facts.binds) and not isinstance(unit.node, ast.ClassDef):
                given |= set(map(root, unit.facts.reads | unit.facts.inner_reads))
    return frozenset(given)


def _names(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def decorated_classes(module: Module) -> frozenset[str]:
    nodes = [unit.node for unit in module.units if isinstance(unit.node, ast.ClassDef)]
    return frozenset(node.name for node in nodes if _is_handed_to_decorators(node, module))


def is_told_of(node: ast.ClassDef, module: Module) -> bool:
    """Whether functions may be called when a class is made: decorators, `__init_subclass__`, a metaclass, `__set_name__`."""
    if _is_handed_to_decorators(node, module) or node.keywords:
        return True
    if any(isinstance(each, ast.Assign) and isinstance(each.value, ast.Call) for each in node.body):
        return True
    for base in map(dotted_call, node.bases):
        meant = module.meant(base or "")
        if meant is not None and root(meant) in sys.stdlib_module_names:
            if root(meant) == "enum" and any(isinstance(each, FUNCTIONS) and each.name in MAKES_MEMBERS for each in node.body):
                return True
            continue
        own = [unit.node for unit in module.units if isinstance(unit.node, ast.ClassDef) and unit.node.name == base]
        if not own or any(_has_hook(each) or is_told_of(each, module) for each in own if each is not node):
            return True
    return False


def _is_handed_to_decorators(node: ast.ClassDef, module: Module) -> bool:
    for each in node.decorator_list:
        meant = module.meant(dotted_call(each) or "")
        if last(each) not in LEAVE_METHODS and (meant is None or root(meant) not in sys.stdlib_module_names):
            return True
    return False


def _has_hook(node: ast.ClassDef) -> bool:
    return any(isinstance(each, FUNCTIONS) and each.name == "__init_subclass__" for each in node.body)
