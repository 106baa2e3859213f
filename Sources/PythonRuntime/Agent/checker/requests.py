"""The checker's requests: `check` for edited modules, `affected` for the modules that depend on them."""

from __future__ import annotations

from typing import Any, Callable, Container, Iterable, Iterator

import exact
import hints
from alignment import align
from comparison import TEXTS, Comparison, Previews, Wanted
from params import InvalidParams, Params, bytes_of, name_of, path_of
from payloads import alone, exact_payload, patch_payload, together
from planning import Plan
from reading import Uses
from texts import Module, running_module

_PREVIEWS = Previews()
MOST_GRAPHS = 16
_GRAPHS: dict[str, bool] = {}  # by what the host calls its dependents: whether executing one may call an edited function
MOST_LISTS = 4
_LISTS: dict[str, list[Params]] = {}  # of dependents, by what the server calls them
_LAST: dict[str, Any] = {}  # what `affected` was asked last, as far as the answer depends on it, and the answer's number
_QUICK: dict[str, tuple[Module, Module]] = {}  # edits of the last check that were not looked into


class Missing(Exception):
    """A running text that this process does not have."""


def check(params: Params) -> dict[str, Any]:
    policy, optimize, wanted, missing = _wanted(params)
    if missing:
        return {"missing": missing}
    comparison = _PREVIEWS.compared(policy, optimize, wanted) or Comparison(policy, optimize, wanted)
    _QUICK.clear()
    for each in comparison.checked:
        if each.quick is not None and each.running is not None and each.module is not None:
            _QUICK[each.name] = (each.running, each.module)
        if each.module is not None:
            TEXTS.keep(each.module, path_of(each.params), optimize)
    return {**comparison.answer, "alone": True} if _is_alone(comparison, params) else comparison.answer


def _is_alone(comparison: Comparison, params: Params) -> bool:
    """Whether nothing that depends on the modules is affected."""
    graph = params.get("graph")
    return (graph == "" or _GRAPHS.get(graph) is False) and all(
        each.quick is not None and each.running is not None and each.module is not None and not each.quick.touches
        for each in comparison.checked
    )


def preview(params: Params) -> dict[str, Any]:
    """What `check` would find out. It is kept: a save of the same texts is answered by it. With `answer` that comes at once,
    where the save would be about nothing else.
    """
    policy, optimize, wanted, missing = _wanted(params)
    if missing:
        return {"missing": missing}
    comparison = _PREVIEWS.compared(policy, optimize, wanted)
    if comparison is None:
        comparison = Comparison(policy, optimize, wanted)
        _PREVIEWS.keep(comparison)
    previewed: dict[str, Any] = {"modules": [each.preview() for each in comparison.checked]}
    if params.get("answer") is True and _is_alone(comparison, params):
        previewed["answer"] = {**comparison.answer, "alone": True}
    return previewed


def _wanted(params: Params) -> tuple[str, int, Wanted, list[str]]:
    """What a request asks about, and the modules whose running text is needed first."""
    policy, optimize, modules = _common(params)
    wanted: Wanted = []
    missing: list[str] = []
    for each in modules:
        source = bytes_of(each, "source")
        if source is None:
            raise InvalidParams("a module to check needs its source")
        try:
            wanted.append((each, source, None if policy == "none" else _running(each, optimize)))
        except Missing:
            missing.append(name_of(each))
    return policy, optimize, wanted, missing


def ahead() -> Iterator[Callable[[], object]]:
    """What the next check of the last checked text needs, in pieces to be done between requests."""
    module = TEXTS.newest()
    if module is not None:
        yield from module.ahead()


def release() -> None:
    """Frees what is not needed any more."""
    TEXTS.release()


def affected(params: Params) -> dict[str, Any]:
    listed = params.get("list")
    if isinstance(listed, str) and "modules" not in params:
        if listed not in _LISTS:
            return {"unknown": True}
        params = {**params, "modules": _LISTS[listed]}
    policy, optimize, modules = _common(params)
    given = params.get("changed")
    if not isinstance(given, dict):
        raise InvalidParams("changed must be an object")
    changed: exact.Changed = {
        name: None if names is None else {each for each in names if isinstance(each, str)}
        for name, names in given.items()
    }
    is_quick = policy == "patch" and changed.keys() <= _QUICK.keys() and _is_last_check(params.get("texts"))
    written = _written(params.get("written"))
    for name, more in written.items():
        before = changed.get(name, set())
        changed[name] = None if before is None else before | more
    question = (listed, policy, optimize, {name: names if names is None else set(names) for name, names in changed.items()}, written)
    if not is_quick:
        _QUICK.clear()
    if not is_quick and _LAST.get("question") == question and _LAST["number"] == params.get("known"):
        return {"same": True}  # it follows from the texts of the dependents and these names alone
    candidates, missing = _candidates(modules, changed, optimize, written)
    if missing:
        return {"missing": missing}
    names = {*changed, *(name_of(each) for each, _ in candidates)}
    graph = params.get("graph")
    if isinstance(graph, str) and all(module is not None for _, module in candidates):
        _remember_graph(graph, names, [module for _, module in candidates if module is not None])
    if is_quick and not written and not _is_reached(candidates, changed, names):
        return {"modules": [_unaffected(each) for each, _ in candidates]}
    answers = []
    passed: dict[str, Uses] = {}
    if is_quick:
        _look_into(changed, passed)
        candidates, missing = _candidates(modules, changed, optimize, written)  # more may use what is known to have changed now
        if missing:
            return {"missing": missing}
    for each, module in candidates:
        own = written.get(name_of(each))
        if own is not None:
            answers.append(_affected(each, module, changed, policy, True, passed, own))
        else:
            answers.append(_remembered(each, module, changed, policy, passed))
    if not isinstance(listed, str):
        return {"modules": alone(answers)}
    numbered, plans = together(answers)
    answer = {"modules": numbered, "plans": plans}
    if listed not in _LISTS:
        if len(_LISTS) >= MOST_LISTS:
            del _LISTS[next(iter(_LISTS))]
        _LISTS[listed] = modules
    if not is_quick:
        _LAST.update(question=question, number=_LAST.get("number", 0) + 1)
        answer["number"] = _LAST["number"]
    return answer


def _written(given: Any) -> dict[str, set[str]]:
    """By module: its names that others change."""
    if not isinstance(given, dict):
        return {}
    return {name: {each for each in names if isinstance(each, str)} for name, names in given.items() if isinstance(names, list)}


def _candidates(
    modules: list[Params], changed: exact.Changed, optimize: int, written: Container[str] = ()
) -> tuple[list[tuple[Params, Module | None]], list[str]]:
    """The dependents, with what is known of those that may use what changed, and those whose texts are to be sent."""
    missing = []
    candidates: list[tuple[Params, Module | None]] = []
    suspects = set(changed)
    for each in modules:
        if name_of(each) not in written and not _may_use(each, changed, suspects):
            candidates.append((each, None))
            continue
        suspects.add(name_of(each))
        try:
            candidates.append((each, _running(each, optimize)))
        except Missing:
            missing.append(name_of(each))
    return candidates, missing


def _is_last_check(texts: Any) -> bool:
    """Whether the edits are those of the last check: another program may run other texts."""
    if not isinstance(texts, dict):
        return True
    return all(texts.get(name) in (None, [running.digest, module.digest]) for name, (running, module) in _QUICK.items())


def _remembered(
    params: Params, module: Module | None, changed: exact.Changed, policy: str, passed: dict[str, Uses]
) -> dict[str, Any]:
    """The answer for one dependent; the last one of the same text, where the same changes reach it."""
    may_use = _may_use(params, changed, changed)
    if module is None or not may_use:
        return _affected(params, module, changed, policy, may_use, passed)
    sources = [name for name in changed if name in module.imported_packages or name == module.name]
    if module.tree is None or module.name in passed or any(name in passed for name in sources):
        return _affected(params, module, changed, policy, may_use, passed)
    names = [(name, None if (known := changed[name]) is None else frozenset(known)) for name in sources]
    given = (policy, bool(params.get("main")), next(iter(changed), ""), names)
    last = module.last_answer
    if last is not None and last[0] == given:
        if last[2] is not _UNTOUCHED:
            changed[module.name] = last[2]
        return last[1]
    answer = _affected(params, module, changed, policy, may_use, passed)
    if module.name not in passed:
        own = changed.get(module.name, _UNTOUCHED)
        module.last_answer = (given, answer, own)
    return answer


_UNTOUCHED: Any = object()


def _is_reached(
    candidates: list[tuple[Params, Module | None]], changed: exact.Changed, names: set[str]
) -> bool:
    """Whether executing a candidate may call a function whose body changed, directly or through other candidates. All
    else that they have of the edited modules keeps its identity.
    """
    return any(
        _may_use(each, changed, names) if module is None else _reaches(module, names) for each, module in candidates
    )


def _reaches(module: Module, names: set[str]) -> bool:
    if module.tree is None:
        return True
    for target in module.reached:
        while target:
            if target in names:
                return True
            target = target.rpartition(".")[0]
    return False


def _remember_graph(graph: str, names: set[str], modules: list[Module]) -> None:
    if graph not in _GRAPHS:
        if len(_GRAPHS) >= MOST_GRAPHS:
            del _GRAPHS[next(iter(_GRAPHS))]
        _GRAPHS[graph] = any(_reaches(module, names) for module in modules)


def _pass_on(passed: dict[str, Uses], module: str, uses: Uses) -> None:
    """What was known by its own edit holds too."""
    known = passed.setdefault(module, {})
    for name, used in uses.items():
        before = known.get(name, used)
        known[name] = used if before == used else tuple((*first, *(each for each in more if each not in first)) for first, more in zip(before, used))


def _look_into(changed: exact.Changed, passed: dict[str, Uses]) -> None:
    """What an edit of function bodies means for those who call these functions through others."""
    for name, (running, module) in _QUICK.items():
        if changed.get(name) is None:
            continue
        try:
            plan = Plan(module, align(running.units, module.units), {}, False, True)
            changed[name] = set(plan.changed)
            _pass_on(passed, name, plan.uses())
        except RecursionError:
            changed[name] = None


def _may_use(params: Params, changed: exact.Changed, suspects: Container[str]) -> bool:
    """By the import edges alone: most modules need not be looked into. Names of `suspects` that are not in `changed`
    are not known yet.
    """
    edges = params.get("edges")
    if not isinstance(edges, list):
        return True
    for edge in edges:
        if not isinstance(edge, dict) or edge.get("lazy") or edge.get("from") not in (None, name_of(params)):
            continue
        target, names = edge.get("to"), edge.get("names")
        if target not in suspects:
            continue
        known = changed.get(target) if isinstance(target, str) else None
        if known is None or not isinstance(names, list) or "*" in names or "*" in known:
            return True
        if not known.isdisjoint(names) or any(f"{target}.{name}" in suspects or f"{name}.__subclasses__" in known for name in names):
            return True
    return False


def _unaffected(params: Params) -> dict[str, Any]:
    name = name_of(params)
    return {"name": name, "affected": False, "of": "", "names": [], "changed": [], "payload": None}


def _affected(
    params: Params,
    module: Module | None,
    changed: exact.Changed,
    policy: str,
    may_use: bool,
    passed: dict[str, Uses],
    written: Iterable[str] = (),
) -> dict[str, Any]:
    name = name_of(params)
    answer = _unaffected(params)
    if not may_use:
        return answer
    if module is None or module.tree is None:  # nothing can be said of it: it is executed, and everything may differ
        source = next(iter(changed), "")
        answer |= {"affected": True, "of": source, "changed": None, "payload": exact_payload(None)}
        changed[name] = None
        return answer
    cause = exact.affected(module, changed)
    if policy == "patch":
        try:
            return _affected_patch(answer, module, changed, bool(params.get("main")), cause, passed, written)
        except (RecursionError, MemoryError, ValueError, SyntaxError):
            pass  # executed as a whole
    if cause is None:
        return answer
    differs = exact.changed_by_execution(module.units) | set(
        local for local, target in module.imports.items() if _is_changed(target, changed)
    )
    before = changed.get(name, set())
    changed[name] = None if before is None else before | differs
    answer |= {
        "affected": True,
        "of": cause[0],
        "names": sorted(cause[1]),
        "changed": sorted(differs),
        "payload": exact_payload(None, hints.whole(module, ())),
    }
    return answer


def _affected_patch(
    answer: dict[str, Any],
    module: Module,
    changed: exact.Changed,
    is_main: bool,
    cause: tuple[str, set[str]] | None,
    passed: dict[str, Uses],
    written: Iterable[str],
) -> dict[str, Any]:
    plan = Plan(module, align(module.units, module.units), changed, is_main, False, written)
    names = plan.changed
    if names:
        before = changed.get(module.name, set())
        changed[module.name] = None if before is None else before | set(names)
    if touches := plan.changes_outside():
        answer["touches"] = touches
    if not plan.candidates and not plan.has_caches and not plan.kept:
        _pass_on(passed, module.name, plan.uses())  # its functions may do something else, for those who call them
        return answer
    source, used = cause or (next(iter(changed), ""), set())
    payload = patch_payload(plan, module, module, passed, goes_with_others=True)
    plan.foreseen = None  # it holds the plan: a cycle
    return answer | {
        "affected": True,
        "of": source,
        "names": sorted(used),
        "changed": names,
        "payload": payload,
    }


def _is_changed(target: str, changed: exact.Changed) -> bool:
    source, _, name = target.rpartition(".")
    names = changed.get(source, ())
    return names is None or name in names or "*" in names


def _running(params: Params, optimize: int) -> Module | None:
    running = params.get("running")
    if running is None:
        return None
    if not isinstance(running, dict):
        raise InvalidParams("running must be an object or null")
    name, path = name_of(params), path_of(params)
    source = bytes_of(running, "source")
    if source is None:
        digest = running.get("digest")
        found = TEXTS.find(digest, name, path, optimize) if isinstance(digest, str) else None
        if found is None:
            found = _PREVIEWS.module(digest, name, path, optimize)  # its check came with the preview
            if found is None:
                raise Missing
            TEXTS.keep(found, path, optimize)
        return found
    module = running_module(name, path, bool(params.get("package")), source, bytes_of(running, "code"), optimize)
    TEXTS.keep(module, path, optimize)
    return module


def _common(params: Params) -> tuple[str, int, list[Params]]:
    policy, optimize, modules = params.get("policy"), params.get("optimize", 0), params.get("modules")
    if policy not in ("exact", "patch", "none"):
        raise InvalidParams("policy must be exact, patch or none")
    if not isinstance(optimize, int) or optimize not in (-1, 0, 1, 2):
        raise InvalidParams("optimize must be 0, 1 or 2")
    if not isinstance(modules, list) or not all(isinstance(each, dict) for each in modules):
        raise InvalidParams("modules must be a list of objects")
    return policy, optimize, modules
