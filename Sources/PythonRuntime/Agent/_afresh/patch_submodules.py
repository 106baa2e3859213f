"""Submodules that a restart would not have where they are read: the program has them as attributes of their packages since
somebody imported them, who does no longer, or does so later.
"""

from __future__ import annotations

import sys
from types import ModuleType

from .imports import absolute, scan, was_executed
from .stale_objects import nested_codes
from .transaction import namespace_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any, Iterator

    from .patch import Patch


def say_unloaded(patch: Patch) -> None:
    """After everything has been executed."""
    told = [each for each in patch.plan["unloaded"] if _is_attribute(each[1])]
    unloads = [target for target in patch.plan["unloads"] if _is_attribute(target)]
    beforehand = patch.transaction.beforehand
    if not told and not unloads or beforehand is None:
        return
    codes = beforehand.codes()
    if patch.step.code is not None:
        codes[patch.name] = patch.step.code
    everything = {target for name, code in codes.items() for target in _imports(name, code, True)}
    for change, target, above in told:
        if target in codes and target not in (everything if above is None else _loaded_before(patch.name, above, target, codes)):
            patch.changes.append(change)
    for target in unloads:
        users = [name for name, code in codes.items() if name not in (patch.name, target) and _speaks_of(code, target)]
        if target in codes and target not in everything and users:
            reason = f"{users[0]} uses {target}, which no module imports any more: a restart may fail there"
            patch.changes.append({"symbol": target, "kind": "import", "change": "removed", "applied": False, "reason": reason})


def _is_attribute(target: str) -> bool:
    """Whether it is a submodule that its package has as an attribute."""
    package, _, name = target.rpartition(".")
    module = sys.modules.get(target)
    inside = namespace_of(sys.modules.get(package)) if package else None
    return inside is not None and issubclass(type(module), ModuleType) and inside.get(name) is module


def _loaded_before(name: str, above: tuple[str, ...], wanted: str, codes: dict[str, CodeType]) -> set[str]:
    """The modules that a restart would have loaded when it came to a statement of a module, below those that import `above`:
    `wanted` among them only if the statement of some module imports it.
    """
    known = [each for each in sys.modules if each in codes]  # in the order in which they were complete
    imported = {target for each in known for target in _imports(each, codes[each], False) if target != each}
    firsts = sorted((each for each in known if each != wanted), key=imported.__contains__)
    loaded: set[str] = set()
    begun: set[str] = set()
    for first in firsts:
        waiting: list[tuple[str, Iterator[str]]] = [("", iter(_with_packages(first)))]
        while waiting:
            around, targets = waiting[-1]
            target = next(targets, None)
            if target is None:
                loaded.add(around)
                waiting.pop()
                if around == name:
                    return loaded
            elif target in codes and target not in begun:
                begun.add(target)
                inner = (each for one in above for each in _with_packages(one)) if target == name else _imports(target, codes[target], False)
                waiting.append((target, iter(inner)))
    return loaded


def _imports(name: str, code: CodeType, lazy: bool) -> list[str]:
    """The modules that a module imports, in their order; `lazy`: when its functions are called, too."""
    namespace = namespace_of(sys.modules.get(name)) or {}
    found: list[str] = []
    imports, deleted = scan(code)
    for one in imports:
        if one.lazy and not lazy or not was_executed(one, namespace, deleted):
            continue
        target = absolute(one, namespace)
        found += _with_packages(target)
        if one.name is not None:
            found.append(f"{target}.{one.name}")
    return found


def _with_packages(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts) + 1)]


def _speaks_of(code: CodeType, target: str) -> bool:
    """Whether code reads the last name of a module as an attribute, in a text that speaks of its package too."""
    names = {name for each in nested_codes(code) for name in each.co_names}
    return names.issuperset((target.partition(".")[0], target.rpartition(".")[2]))
