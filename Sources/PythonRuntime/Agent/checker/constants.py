"""Plans of dependents whose statements do nothing but bind names to what other names stand for, or to what operators make of
that: most of those that use a constant. A thousand of them differ in little, and that is all that is sent of them; the agent
carries them out in one go.
"""

from __future__ import annotations

from opcode import opmap
from types import CodeType
from typing import Any

# Members of a plan, and of its entries, that are the same in all of them.
PLAN: dict[str, Any] = {name: () for name in "undone altered makers attributes unloaded unloads kept decorated classes".split()} | {
    "code": None, "old": None, "swaps": [], "removed": (), "stars": ([], []), "changes": [], "early": []
}
ENTRY: dict[str, Any] = {
    name: ()
    for name in "calls tells passed given unseen defines others builds needs drops unsets elsewhere maybe moved through sets above below shared removes bodies inside"
    .split()
} | {name: False for name in "must opaque draws light registers once accumulates loops rebinds together lambdas by_call".split()} | {
    "lists": 0, "late": ((), (), False), "fills": None, "named": None, "traces": None
}
_OWN = frozenset("line was kind symbol range inputs binds last firm code lines plain import".split())
# What a statement executes that reads names and constants, and gives one name a value.
_OPERATIONS = frozenset(
    opmap[name]
    for name in (
        "CACHE RESUME NOP EXTENDED_ARG PUSH_NULL LOAD_NAME LOAD_CONST LOAD_SMALL_INT STORE_NAME RETURN_VALUE RETURN_CONST COPY SWAP"
        " BINARY_OP UNARY_NEGATIVE UNARY_NOT UNARY_INVERT COMPARE_OP CONTAINS_OP IS_OP BINARY_SUBSCR BUILD_TUPLE"
        " FORMAT_VALUE FORMAT_SIMPLE FORMAT_WITH_SPEC CONVERT_VALUE BUILD_STRING"
    ).split()
    if name in opmap
)


def in_short(module: str, digest: str, plan: dict[str, Any]) -> tuple[Any, ...] | None:
    """What is its own of such a plan; None for another one."""
    if any(plan[name] != usual for name, usual in PLAN.items()) or not all(map(_is_plain, plan["entries"])):
        return None
    entries = [
        (each["line"], each["symbol"], each["kind"], each["range"], each["inputs"], each["binds"][0], each["code"],
         each["lines"], each["plain"], each.get("import"))
        for each in plan["entries"]
    ]
    return module, digest, plan["uses"], tuple(entries)


def said_of(plan: tuple[Any, ...], ascii: bool) -> list[dict[str, Any]]:
    """What the report has if each of its statements gives its name another value. `ascii`: all of the text is."""
    return [
        {"symbol": symbol, "kind": kind, "change": "modified", "applied": True, "range": place, "ascii": ascii}
        for _, symbol, kind, place, *_ in plan[3]
    ]


def _is_plain(entry: dict[str, Any]) -> bool:
    if not entry.keys() <= ENTRY.keys() | _OWN or any(entry[name] != usual for name, usual in ENTRY.items()):
        return False
    names = entry["binds"]
    if len(names) != 1 or names[0][:2] == "__" or not names == entry["last"] == entry["firm"] or entry["was"] != entry["line"]:
        return False
    if any(name in "*?" or "." in name or attribute is not None for _, name, attribute in entry["inputs"]):
        return False
    if "import" in entry:
        return True
    code: CodeType = entry["code"]
    return (
        entry["kind"] == "value"
        and not any(type(constant) is CodeType for constant in code.co_consts)
        and _OPERATIONS.issuperset(code.co_code[::2])
    )
