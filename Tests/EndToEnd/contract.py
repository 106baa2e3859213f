"""`reload/status` as the contract writes it: every shape, every member, and what must hold between them."""

from __future__ import annotations

from typing import Any

OUTCOMES = ["unchanged", "live", "stale", "blocked", "rolledBack", "refused", "failed"]  # from best to worst
PHASES = ["applied", "scanned", "resolved", "hosts"]
CHANGED_KINDS = ["function", "class", "method", "value", "import", "statement", "member"]
STALE_KINDS = [
    "binding", "instance", "subclass", "closure", "method", "value", "frame", "leftover", "registration"]

# A shape: a type, a list of allowed values, [shape] for an array, {member: shape} for an object ("?" marks what may be
# absent), or a function that gives complaints.
POSITION = {"line": int, "character": int}
RANGE = {"start": POSITION, "end": POSITION}
LOCATION = {"uri": str, "range": RANGE}
COMMAND = {"title": str, "command": str, "arguments?": list}


def because(value: Any, path: str) -> list[str]:
    kind = value.get("kind") if isinstance(value, dict) else None
    shapes: dict[Any, dict[str, Any]] = {
        "edited": {"kind": str}, "asked": {"kind": str}, "dependent": {"kind": str, "of": str, "names": [str]}}
    return shape_complaints(value, shapes[kind], path) if kind in shapes else [f"{path}: {value!r} is no reason"]


CHANGE = {
    "symbol": str, "kind": CHANGED_KINDS, "change": ["added", "modified", "removed"], "applied": bool,
    "reason?": str, "range?": RANGE}
MODULE = {
    "name": str, "uri": str, "generation": int, "outcome": OUTCOMES, "because": because, "changes": [CHANGE],
    "error?": {"message": str, "traceback?": [{"uri": str, "range": RANGE, "function": str}]}}
STALE = {
    "symbol": str, "kind": STALE_KINDS, "generation": int, "count": int,
    "holder": {"path": str, "location?": LOCATION}, "confidence": ["exact", "possible"],
    "remedy?": {"title": str, "command": COMMAND}}
TIMINGS = {"check?": float, "plan?": float, "apply?": float, "scan?": float, "pause?": float}
HOST = {
    "id": str, "pid": int, "name": str, "runtime": str, "outcome": OUTCOMES, "modules": [MODULE], "stale": [STALE],
    "staleTotal": int,
    "coverage?": {"complete": bool, "objects": int, "skipped": [{"what": str, "reason": str}]},
    "timings": TIMINGS}
STATUS = {
    "version": [1], "sequence": int, "phase": PHASES, "outcome": OUTCOMES, "message": str,
    "trigger": {"kind": ["save", "watch", "command", "attach"], "uris": [str]}, "hosts": [HOST]}


def complaints(status: Any) -> list[str]:
    """What is wrong with one `reload/status`; empty if nothing is."""
    found = shape_complaints(status, STATUS, "status")
    if found:
        return found
    if not status["message"].strip():
        found.append("status.message is empty")
    uris = status["trigger"]["uris"] + [m["uri"] for host in status["hosts"] for m in host["modules"]]
    found += [f"{uri!r} is no URI" for uri in uris if "://" not in uri]
    if status["hosts"] and status["phase"] != "hosts":
        worst = max((host["outcome"] for host in status["hosts"]), key=OUTCOMES.index)
        if status["outcome"] != worst:
            found.append(f"status.outcome is {status['outcome']}, the worst over hosts is {worst}")
    for host in status["hosts"]:
        where = f"host {host['pid']}"
        if status["phase"] == "applied" and host["stale"]:
            found.append(f"{where}: stale references in phase applied")
        if host["staleTotal"] < len(host["stale"]):
            found.append(f"{where}: staleTotal {host['staleTotal']} is less than the {len(host['stale'])} listed")
        if host["outcome"] == "live" and (host["staleTotal"] or host["stale"]):
            found.append(f"{where}: live, with stale references")
        complete = host.get("coverage", {}).get("complete", True)
        applied = all(change["applied"] for module in host["modules"] for change in module["changes"])
        if status["phase"] == "scanned" and host["outcome"] == "stale" and host["staleTotal"] == 0 and complete and applied:
            found.append(f"{where}: stale, with none found by a search that was complete, and everything applied")
        if status["phase"] == "scanned" and host["outcome"] == "live" and not complete:
            found.append(f"{where}: live, by a search that was not complete")
        found += [f"{where}: {name} is negative" for name, ms in host["timings"].items() if ms < 0]
    return found


def shape_complaints(value: Any, shape: Any, path: str) -> list[str]:
    if callable(shape) and not isinstance(shape, type):
        return shape(value, path)
    if isinstance(shape, dict):
        return object_complaints(value, shape, path)
    if isinstance(shape, list) and len(shape) == 1 and isinstance(shape[0], (type, dict)):
        if not isinstance(value, list):
            return [f"{path}: {value!r} is no array"]
        return [c for i, item in enumerate(value) for c in shape_complaints(item, shape[0], f"{path}[{i}]")]
    if isinstance(shape, list):
        return [] if value in shape and not isinstance(value, bool) else [f"{path}: {value!r} is none of {shape}"]
    if isinstance(value, bool) and shape is not bool:
        return [f"{path}: {value!r} is no {shape.__name__}"]
    if shape is float and isinstance(value, int):
        return []
    if shape is int and isinstance(value, int) and value < 0:
        return [f"{path}: {value!r} is negative"]
    return [] if isinstance(value, shape) else [f"{path}: {value!r} is no {shape.__name__}"]


def object_complaints(value: Any, shape: dict[str, Any], path: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{path}: {value!r} is no object"]
    found = [f"{path}: {name} is no member of it" for name in value if name not in shape and f"{name}?" not in shape]
    for name, inner in shape.items():
        optional, name = name.endswith("?"), name.rstrip("?")
        if name in value:
            found += shape_complaints(value[name], inner, f"{path}.{name}")
        elif not optional:
            found.append(f"{path}: {name} is missing")
    return found
