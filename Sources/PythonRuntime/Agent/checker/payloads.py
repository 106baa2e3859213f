"""What `apply` needs for one module: made here, carried out by `_afresh/patch.py` and `_afresh/exact.py`."""

from __future__ import annotations

import base64
import marshal
from types import CodeType
from typing import Any, Iterable

import hints
from closures import local_classes, new_attributes, with_closures
from codetree import swaps_of, unclear
from constants import ENTRY, PLAN, in_short, said_of
from makers import steady_makers
from order import early
from planning import Plan
from reading import Uses
from quick import BodyEdit
from submodules import unloaded, unloads
from texts import Module, digest_of


def exact_payload(module: Module | None, again: list[hints.Again] | None = None) -> dict[str, Any]:
    """What `apply` needs to execute a module as a whole; of a dependent (None) the host has it all."""
    payload: dict[str, Any] = {"policy": "exact"}
    if again:
        payload["again"] = again
    if module is not None:
        payload |= {"source": _encoded(module.source), "code": _encoded(_dumped(module.code))}
    return payload


def whole_payload(module: Module, again: list[hints.Again]) -> dict[str, Any]:
    """For a patch that cannot be planned: everything is executed, and what it makes is merged into what the program
    holds.
    """
    plan = {
        "whole": module.code,
        "code": module.code,
        "old": None,
        "swaps": (),
        "entries": (),
        "undone": (),
        "removed": (),
        "stars": ((), ()),
        "altered": (),
        "makers": (),
        "uses": {},
        "changes": [],
        "again": again,
        "attributes": (),
        "early": (),
        "unloaded": (),
        "unloads": (),
        "kept": (),
        "decorated": (),
        "classes": (),
    }
    return {
        "policy": "patch",
        "source": _encoded(module.source),
        "plan": _encoded(marshal.dumps(plan)),
        "executes": True,
    }


def patch_payload(
    plan: Plan, running: Module, module: Module, passed: dict[str, Uses] | None = None, goes_with_others: bool = False
) -> dict[str, Any]:
    """A plan for the agent; itself too, if it may be marshalled with those of other modules (`alone`, `together`). The code
    objects are shared between the module's code and the swaps, and marshal keeps that.
    """
    assert running.code is not None and module.code is not None
    swaps = swaps_of(running.code, module.code, plan.pairs) if plan.edited else []
    if running.tree is not None and module.tree is not None:
        swaps = with_closures(swaps, running, module)
    entries = plan.entries()
    behind_stars = []
    for each in early(running, module, plan.pairs) if plan.edited else ():
        if each[2] or each[3] is not None:
            behind_stars.append(each)
        else:
            plan.changes.append(each[0])
    plan.foreseen = hints.foresee(plan, entries, swaps, running)
    for unit in unclear(running.code, module.code, plan.pairs) if plan.edited else ():
        for change in plan.changes:
            if change["symbol"] == unit.symbol and change.get("range") == unit.range:
                change |= {"applied": False, "reason": "lambdas on one line had the same code: which is which cannot be told"}
    data = {
        "code": module.code if plan.edited else None,
        "old": None if running.executed or not plan.edited else running.code,
        "swaps": swaps,
        "entries": entries,
        "undone": plan.undone() if plan.edited else (),
        "removed": tuple(plan.removed),
        "annotated": plan.annotated() if plan.edited else None,
        "stars": (plan.removed_stars(), plan.present_stars()),
        "altered": tuple(sorted(plan.altered)),
        "uses": reachable_uses(plan, entries, passed or {}),
        "changes": plan.changes,
        "makers": tuple(sorted(steady_makers(plan.pairs, module))) if plan.edited else (),
        "attributes": new_attributes(plan.pairs) if plan.edited else (),
        "early": behind_stars,
        "unloaded": unloaded(running, module, plan.pairs) if plan.edited else (),
        "unloads": unloads(running, module) if plan.edited else (),
        "kept": plan.kept,
        "decorated": tuple(sorted(plan.altered & module.decorated.keys())),
        "classes": local_classes(plan.pairs) if plan.edited else (),
    }
    payload: dict[str, Any] = {
        "policy": "patch",
        "executes": bool(data["removed"] or data["annotated"] or plan.removed_stars()) or not all(entry["once"] for entry in entries),
    }
    if plan.edited:
        payload["source"] = _encoded(module.source)
    if goes_with_others:
        payload[ITSELF] = in_short(module.name, running.digest, data) or data
        payload[ASCII] = module.source.isascii()
    else:
        payload["plan"] = _encoded(marshal.dumps(data))
    return payload


ITSELF, ASCII = "plan itself", "whether the text is"  # members of payloads of dependents that stay here


def alone(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What dependents are affected by and need, with a plan for each."""
    return [_with_plan(each, _encoded(_marshalled([each["payload"][ITSELF]]))) if _has_plan(each) else each for each in answers]


def together(answers: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The same with the numbers of plans that are marshalled together: what they have in common is there once."""
    plans = [each["payload"][ITSELF] for each in answers if _has_plan(each)]
    numbers = iter(range(len(plans)))
    numbered = [_with_plan(each, next(numbers)) if _has_plan(each) else each for each in answers]
    data = _marshalled(plans)
    return numbered, {"name": digest_of(data), "data": _encoded(data)}


def _marshalled(plans: list[Any]) -> bytes:
    """Plans, and the members that those have in common which are there in short."""
    return marshal.dumps((PLAN, ENTRY, tuple(plans)))


def _has_plan(answer: dict[str, Any]) -> bool:
    return answer["payload"] is not None and ITSELF in answer["payload"]


def _with_plan(answer: dict[str, Any], plan: str | int) -> dict[str, Any]:
    payload = answer["payload"]
    found = {**answer, "payload": {"policy": payload["policy"], "plan": plan, "executes": payload["executes"]}}
    if type(payload[ITSELF]) is tuple:
        found["planned"] = said_of(payload[ITSELF], payload[ASCII])
    return found


def body_payload(edit: BodyEdit, running: Module, module: Module) -> dict[str, Any]:
    data = {
        "code": module.code if edit.splice is None else None,
        "splice": None if edit.splice is None else edit.splice.recipe,
        "old": None if running.executed else running.code,
        "swaps": edit.swaps,
        "entries": (),
        "undone": (),
        "removed": (),
        "stars": ((), ()),
        "altered": edit.altered,
        "makers": (),
        "uses": {},
        "changes": edit.changes,
        "attributes": (),
        "early": (),
        "unloaded": (),
        "unloads": (),
        "kept": (),
        "decorated": tuple(name for name in edit.altered if name in module.decorated),
        "classes": (),
    }
    payload = {"policy": "patch", "plan": _encoded(marshal.dumps(data)), "executes": False}
    if edit.splice is None:
        return payload | {"source": _encoded(module.source)}
    before, after = edit.splice.shared
    middle = module.source[before : len(module.source) - after]
    return payload | {"edit": [before, after, _encoded(middle)]}


def reachable_uses(plan: Plan, entries: list[dict[str, Any]], passed: dict[str, Uses]) -> dict[tuple[str, str], Any]:
    """The plan's own uses, and those of modules which have nothing to execute themselves: (module, name) → (reads,
    calls, what is given to which functions).
    """
    name = plan.module.name
    found: dict[tuple[str, str], Any] = {(name, each): used for each, used in plan.uses().items()}
    waiting = [(name, each) for used in found.values() for each in _inputs(used)]
    for entry in entries:
        for part in (entry, *entry.get("parts", ())):
            waiting += [(name, each) for each in _inputs((part["inputs"], part["calls"], part["given"]))]
            waiting += [(name, each) for each in (*part["passed"], *part.get("made_by", ()))]
    if not waiting:
        return found
    methods: dict[str, list[tuple[str, str]]] = {}
    special: list[tuple[str, str]] = []
    for of, uses in passed.items():
        for each in uses:
            owner, _, method = each.rpartition(".")
            if owner:
                methods.setdefault(method, []).append((of, each))
                if method[:2] == "__" == method[-2:]:
                    special.append((of, each))  # an operator may call it
    _add(special, passed, found, waiting)
    while waiting:
        owner, (source, each, attribute) = waiting.pop()
        keys = methods.get(attribute, ()) if attribute is not None else ()  # of whatever it is: an instance of a class elsewhere
        _add([*keys, (source or owner, each)], passed, found, waiting)
    return found


def _add(
    keys: Iterable[tuple[str, str]], passed: dict[str, Uses], found: dict[tuple[str, str], Any], waiting: list[tuple[str, Any]]
) -> None:
    for key in keys:
        used = passed.get(key[0], {}).get(key[1])
        if used is not None and key not in found:
            found[key] = used
            waiting += [(key[0], inner) for inner in _inputs(used)]


def _inputs(used: Any) -> list[Any]:
    reads, calls, given = used
    return [*reads, *calls, *(each for callees, values, _ in given for each in (*callees, *values))]


def _dumped(code: CodeType | None) -> bytes:
    return marshal.dumps(code)


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
