"""The quick way for the commonest edit: nothing but what functions do inside has changed. No syntax tree is needed."""

from __future__ import annotations

import dis
import re
from types import CodeType
from typing import Any

from callbacks import calls_unnamed
from closures import CONSTRUCTORS
from codetree import Swap, at, body_swaps
from compilation import range_of
from exact import published
from handing import MAKES_MEMBERS
from splice import Splice
from spoken import LOOKERS, spoken_names
from statements import mangled
from texts import Module


class BodyEdit:
    """An edit that executes nothing: swaps of code, and what to say of it."""

    def __init__(self, swaps: list[Swap], altered: list[CodeType], module: Module, splice: Splice | None) -> None:
        self.splice = splice  # which gives the swaps of code that is only moved
        self.swaps = swaps
        self.altered = tuple(map(_bound_name, altered))
        users = _users({name.partition(".")[0] for name in self.altered}, altered, module)
        self.changed = sorted(published(users))
        self.changes = [_change(code, module) for code in altered]
        self.touches = sorted({each for name in users for each in module.handed_to.get(name, ())})


def _is_alias(code: CodeType, module: Module) -> bool:
    name = code.co_name.encode()
    return b"type" in module.source and not code.co_flags & 0xC and re.search(rb"(?m)\btype[ \t]+%s[ \t]*[=[]" % name, module.source) is not None


def body_edit(running: Module, module: Module, splice: Splice | None) -> BodyEdit | None:
    """None where statements may have to be executed. `splice`: how the new text is made of the running one, if it is."""
    new = splice.unmoved if splice is not None else module.code
    if running.code is None or new is None:
        return None
    swaps = splice.swaps if splice is not None else body_swaps(running.code, new)
    if swaps is None:
        return None
    altered: dict[str, CodeType] = {}
    for path, code, differs, _ in swaps:
        if differs:
            if code.co_qualname.endswith(f".<locals>.{code.co_name}") and not code.co_name.startswith("<"):
                return None  # whether the function around it only hands it out is in its syntax tree
            if _documented(code) != _documented(at(running.code, path)):
                return None  # statements may have read that
            if code.co_name in CONSTRUCTORS and not _stores(code) <= _stores(at(running.code, path)):
                return None  # instances that exist have fewer attributes
            name = code.co_qualname.partition(".<locals>")[0]
            if "<" in name:
                return None
            if code.co_qualname == name:
                if _is_alias(code, module):
                    return None  # a statement `type X = …`, which may have been asked for its value
                altered[name] = code
    if any(differs and code.co_qualname.partition(".<locals>")[0] not in altered for _, code, differs, _ in swaps):
        return None
    module.import_calls = running.import_calls  # the same statements execute
    module.registered, module.decorated, module.derived = running.registered, running.decorated, running.derived
    module.handed_to, module.kept_calls, module.kept_by = running.handed_to, running.kept_calls, running.kept_by
    if not running.kept_by.isdisjoint(altered):
        return None  # it may compute what it keeps in another way
    module.foreign, module.decorated_classes = running.foreign, running.decorated_classes
    if all(module.foreign.isdisjoint(spoken_names(code)) for code in altered.values()):
        module.handed_on = running.handed_on
    owners = {name.partition(".")[0] for name in altered if "." in name}
    if not owners.isdisjoint(running.handed_on) or not owners.isdisjoint(running.decorated_classes):
        return None  # a function of another module may call it, or a decorator
    if any(running.decorated.get(name) for name in altered):
        return None  # its decorator may have called it, and given something else
    module.caches_results = running.caches_results
    if running.caches_results:
        module.cached_calls = running.cached_calls.union(*map(spoken_names, altered.values()))
    called = running.import_calls
    if running.caches_results:
        called |= running.cached_calls  # results may have to be dropped
    module.spoken = running.spoken.after(list(altered.values()), new)
    if altered and running.kept_calls:
        kept = module.spoken.reached(running.kept_calls) | running.spoken.reached(running.kept_calls)
        if any(not kept.isdisjoint(name.split(".")[-2:] if name.rpartition(".")[2] in CONSTRUCTORS else (name.rpartition(".")[2],)) for name in altered):
            return None  # results of it may be kept
    if altered and called:
        reached = module.spoken.reached(called) | running.spoken.reached(called)
        if not reached.isdisjoint(LOOKERS):
            return None
        for name in altered:
            owner, _, method = name.rpartition(".")
            method = mangled(owner.rpartition(".")[2], method) if owner else method
            special = method.startswith("__") and method.endswith("__")
            if method in MAKES_MEMBERS and owner.partition(".")[0] in running.derived:
                return None  # members of an enumeration have to be made anew
            if method in reached or special and owner.rpartition(".")[2] in reached:
                return None
            if owner.partition(".")[0] in running.derived and owner.rpartition(".")[2] in reached:
                return None  # a method of a base may call it
            if name in running.decorated and any(map(calls_unnamed, running.units)):
                return None  # it may be called out of where its decorator has put it
    return BodyEdit(swaps, list(altered.values()), module, splice)


def _stores(code: CodeType) -> set[str]:
    """Names of attributes that a function sets."""
    return {each.argval for each in dis.get_instructions(code) if each.opname == "STORE_ATTR"}


def _documented(code: CodeType) -> str | None:
    first = code.co_consts[0] if code.co_consts else None
    return first if type(first) is str else None


def _bound_name(code: CodeType) -> str:
    owner, _, name = code.co_qualname.rpartition(".")
    return f"{owner}.{mangled(owner.rpartition('.')[2], name)}" if owner else name


def _users(names: set[str], altered: list[CodeType], module: Module) -> set[str]:
    """Top-level names that may do something else: those altered, and functions that speak of such, at least."""
    if not names:
        return names
    tops = module.spoken.tops
    spoken = names | {code.co_name for code in altered}
    found = set(names)
    while more := {name for name, speaks in tops.items() if name not in found and not speaks.isdisjoint(spoken)}:
        found |= more
        spoken |= more
    return {name for name in found if "<" not in name}


def _change(code: CodeType, module: Module) -> dict[str, Any]:
    symbol = code.co_qualname
    wanted = re.compile(rb"def\s+(" + re.escape(code.co_name.encode()) + rb")\b")
    place = range_of(code.co_firstlineno - 1, 0, code.co_firstlineno - 1, 0)
    for number in range(code.co_firstlineno - 1, min(code.co_firstlineno + 60, len(module.text.lines))):
        found = wanted.search(module.text.line(number))
        if found is not None:
            place = range_of(number, found.start(1), number, found.end(1))
            break
    kind = "method" if "." in symbol else "function"
    return {"symbol": symbol, "kind": kind, "change": "modified", "applied": True, "range": place}
