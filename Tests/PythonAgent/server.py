"""A server's way of a save, over a real host's socket and with the real checker: prepare, check, affected, apply, scan."""

from __future__ import annotations

import base64
import marshal
import os
import pathlib
import time
from typing import Any

from client import Client
from live import Checker, encoded


class Server:
    """Saves files of one program, several together where they are written together."""

    def __init__(self, host: Client, python: str, policy: str = "patch") -> None:
        self.host = host
        self.checker = Checker(python)
        self.policy = policy
        self.sequence = 0

    def save(self, texts: dict[pathlib.Path, str]) -> dict[str, Any]:
        """Writes the files and reloads what they are; the agent's answer to `apply`."""
        for path, text in texts.items():
            path.write_text(text)
        paths = [os.path.realpath(path) for path in texts]
        prepared = self.host.ask("prepare", paths=paths, modules=[])
        edited = {module["name"]: module for module in prepared["modules"]}
        running = {module["name"]: self._running(module) for module in (*prepared["modules"], *prepared["dependents"])}
        asked = [self._described(module, running) | {"source": encoded(pathlib.Path(module["path"]).read_bytes())}
                 for module in edited.values()]
        answer = self._check("check", modules=asked)
        by_name = {each["name"]: each for each in answer["modules"]}
        assert not any(problem["severity"] == "error" for each in by_name.values() for problem in each["problems"]), by_name
        steps = [self._step(edited[name], by_name[name]["payload"]) for name in answer["order"] if by_name[name]["payload"]]
        changed = {name: each["changed"] for name, each in by_name.items() if each["changed"] != []}
        # Under `exact` the script itself does not follow: it would start again.
        dependents = {module["name"]: module for module in prepared["dependents"]
                      if self.policy == "patch" or not module["main"]}
        order = _in_order(edited, dependents, prepared["edges"])
        if order and changed:
            candidates = [self._described(dependents.get(name) or edited[name], running, name in edited) | {"edges": None} for name in order]
            for each in candidates:
                if each["name"] in edited:
                    each["running"] = {"source": encoded(pathlib.Path(each["path"]).read_bytes()), "code": None}
            answer = self._check("affected", modules=candidates, changed=changed, list=str(self.sequence))
            affected, plans = answer["modules"], answer["plans"]
            for each in affected:
                name, payload = each["name"], each["payload"]
                if self.policy == "exact" and name in edited:  # executed as a whole once more: the new text
                    payload = by_name[name]["payload"] or payload
                if each["affected"]:
                    steps.append(self._step(dependents.get(name) or edited[name], payload, False))
        else:
            plans = None
        self.sequence += 1
        return self.host.ask("apply", sequence=self.sequence, policy=self.policy, expires=(time.monotonic() + 10) * 1000,
                             saved=paths, steps=steps, plans=plans)

    def close(self) -> None:
        self.checker.close()

    def _running(self, module: dict[str, Any]) -> dict[str, Any]:
        return self.host.ask("running", module=module["name"])

    def _described(self, module: dict[str, Any], running: dict[str, Any], edited: bool = False) -> dict[str, Any]:
        own = running[module["name"]]
        return {"name": module["name"], "path": module["path"], "package": module["package"], "main": module["main"],
                "running": {"source": own["source"], "code": own["code"]}}

    def _check(self, method: str, **more: Any) -> Any:
        return self.checker.request(method, policy=self.policy, optimize=0, **more)

    def _step(self, module: dict[str, Any], payload: Any, first: bool = True) -> dict[str, Any]:
        step = {"module": module["name"], "path": module["path"], "payload": payload}
        return step | {"digest": module["digest"]} if first else step


def _in_order(edited: Any, dependents: Any, edges: list[dict[str, Any]]) -> list[str]:
    """Dependents after what they import; edited modules among them, as one may use another."""
    uses: dict[str, set[str]] = {name: set() for name in (*edited, *dependents)}
    for edge in edges:
        if edge["from"] in uses and edge["to"] in uses and edge["from"] != edge["to"]:
            uses[edge["from"]].add(edge["to"])
    order: list[str] = []

    def place(name: str, on_the_way: tuple[str, ...] = ()) -> None:
        if name not in order and name not in on_the_way:
            for other in sorted(uses[name]):
                place(other, (*on_the_way, name))
            order.append(name)

    for name in uses:
        place(name)
    return [name for name in order if uses[name]]
