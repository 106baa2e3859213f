"""Plans that several steps have in common: said by their numbers, kept by the program, reported in short."""
from __future__ import annotations

import pathlib
import time
from typing import Any

import pytest

from client import RemoteError
from live import Checker, encoded

LIB = "VAT = 1\n"
USER = "from lib import VAT\nTOTAL = VAT + 1\n\n\ndef ask():\n    return TOTAL\n"
NAMES = ["one", "two", "three"]


class Saves:
    """Saves `lib`, and sends what `affected` has said of the others as often as wanted."""

    def __init__(self, program: Any, python: str, lib: pathlib.Path) -> None:
        self.host = program.connect()
        self.checker = Checker(python)
        self.lib = lib
        prepared = self.host.ask("prepare", paths=[str(lib)], modules=[])
        self.digest = prepared["modules"][0]["digest"]
        running = [self.host.ask("running", module=name) for name in NAMES]
        asked = [{"name": name, "path": str(lib.parent / f"{name}.py"), "package": False, "main": False, "edges": None,
                  "running": {"source": each["source"], "code": each["code"]}} for name, each in zip(NAMES, running)]
        self.check(LIB)
        answer = self._ask("affected", modules=asked, changed={"lib": ["VAT"]}, list="these")
        self.affected, self.plans = answer["modules"], answer["plans"]

    def check(self, text: str) -> Any:
        running = self.host.ask("running", module="lib")
        return self._ask("check", modules=[{"name": "lib", "path": str(self.lib), "package": False, "main": False,
                                            "source": encoded(text.encode()),
                                            "running": {"source": running["source"], "code": running["code"]}}])["modules"][0]

    def save(self, text: str, dependents: list[Any], plans: Any) -> Any:
        self.lib.write_text(text)
        own = {"module": "lib", "path": str(self.lib), "payload": self.check(text)["payload"]}
        return self.host.ask("apply", sequence=1, policy="patch", expires=(time.monotonic() + 10) * 1000, saved=[str(self.lib)],
                             steps=[own, *dependents], plans=plans)["modules"][1:]

    def one_by_one(self) -> list[Any]:
        return [{"module": each["name"], "path": None, "payload": each["payload"]} for each in self.affected]

    def close(self) -> None:
        self.host.socket.close()
        self.checker.close()

    def _ask(self, method: str, **more: Any) -> Any:
        return self.checker.request(method, policy="patch", optimize=0, **more)


@pytest.fixture
def saves(start, write, python):
    lib = write("lib.py", LIB)
    for name in NAMES:
        (lib.parent / f"{name}.py").write_text(USER)
    program = start(body="import lib, one, two, three")
    found = Saves(program, python, lib)
    yield program, found
    found.close()


def totals(program: Any) -> list[int]:
    return [program.value(f"{name}.TOTAL") for name in NAMES]


def test_what_was_done_as_planned_is_said_in_short(saves):
    program, server = saves
    assert server.save("VAT = 5\n", [{"plans": [0, 2]}], server.plans) == [{"plans": [0, 2], "generation": 2}]
    assert totals(program) == [6, 6, 6]
    said = server.save("VAT = 6\n", server.one_by_one(), server.plans)
    for each, plan in zip(said, server.affected, strict=True):
        assert each["changes"] == [{name: change[name] for name in change if name != "ascii"} for change in plan["planned"]]
        assert (each["module"], each["generation"], each["executed"]) == (plan["name"], 3, True)


def test_plans_are_kept_and_need_not_be_sent_again(saves):
    program, server = saves
    server.save("VAT = 5\n", [{"plans": [0, 2]}], server.plans)
    known = {"name": server.plans["name"]}
    for value in (6, 7):
        assert server.save(f"VAT = {value}\n", [{"plans": [0, 2]}], known) == [{"plans": [0, 2], "generation": value - 3}]
        assert totals(program) == [value + 1] * 3


def test_what_came_otherwise_is_said_by_itself(saves):
    program, server = saves
    program.do("one.VAT = one.TOTAL = 5; two.TOTAL = 6; print()")
    one, two, three = server.save("VAT = 5\n", [{"plans": [0, 2]}], server.plans)
    assert (one["module"], [change["symbol"] for change in one["changes"]]) == ("one", ["TOTAL"])
    assert (two["module"], [change["symbol"] for change in two["changes"]]) == ("two", ["VAT"])
    assert three == {"plans": [2, 2], "generation": 2}
    assert totals(program) == [6, 6, 6]


SENSELESS = (
    ([{"plans": [0, 2]}], {"name": "another"}, "not known"),
    ([{"plans": [0, 3]}], ..., "no plans 0 to 3"),
    ([{"plans": [2, 1]}], ..., "no plans 2 to 1"),
    ([{"plans": [0]}], ..., "the first and the last"),
    ([{"plans": [0, 2]}], None, "no plans 0 to 2"),
    ([{"plans": [0, 2]}], {"name": "x", "data": "AAAA"}, "marshalled"),
    ([{"plans": [0, 2]}], {}, "have a name"),
)


def test_what_makes_no_sense_is_refused_and_touches_nothing(saves):
    program, server = saves
    for steps, plans, message in SENSELESS:
        with pytest.raises(RemoteError, match=message):
            server.save("VAT = 5\n", steps, server.plans if plans is ... else plans)
    assert program.value("lib.VAT") == 1 and totals(program) == [2, 2, 2]


def test_a_plan_for_another_text_is_refused(saves):
    program, server = saves
    path = server.lib.parent / "two.py"
    text = USER.replace("+ 1", "+ 2")
    path.write_text(text)
    running = server.host.ask("running", module="two")
    edited = server._ask("check", modules=[{"name": "two", "path": str(path), "package": False, "main": False, "source": encoded(text.encode()),
                                            "running": {"source": running["source"], "code": running["code"]}}])["modules"][0]
    server.host.ask("apply", sequence=1, policy="patch", expires=(time.monotonic() + 10) * 1000, saved=[str(path)],
                    steps=[{"module": "two", "path": str(path), "payload": edited["payload"]}])
    with pytest.raises(RemoteError, match="another text of two"):
        server.save("VAT = 5\n", [{"plans": [0, 2]}], server.plans)
    assert program.value("lib.VAT") == 1


@pytest.mark.parametrize("edited", ["def f():\n    return 5", "def h():\n    x = 4\n    return x"])
def test_code_that_another_program_has_told_of_is_found_in_this_one(start, write, python, edited):
    """A body is edited of a module whose code is known to the checker, and not to this program: in short, and in full."""
    text = "def f():\n    return 1\n\n\ndef g():\n    return 2\n\n\ndef h():\n    return 3\n\n\ndef i():\n    return 4\n"
    lib = write("lib.py", text)
    name = edited[4]
    saved = text.replace(f"def {name}():\n    return {1 if name == 'f' else 3}", edited)
    program = start(body="import lib, _afresh\nfrom lib import f, h, i")
    checker = Checker(python)
    with program.connect() as host:
        module = {"name": "lib", "path": str(lib), "package": False, "main": False}
        running = host.ask("running", module="lib")
        digest = checker.request("check", policy="patch", optimize=0, modules=[
            {**module, "source": encoded(text.encode()), "running": {"source": running["source"], "code": running["code"]}}])["modules"][0]["digest"]
        program.do("_afresh.loaded['lib'].code = None; print()")
        payload = checker.request("check", policy="patch", optimize=0, modules=[
            {**module, "source": encoded(saved.encode()), "running": {"digest": digest}}])["modules"][0]["payload"]
        assert ("edit" in payload) == (name == "h")
        host.ask("apply", sequence=1, policy="patch", expires=(time.monotonic() + 10) * 1000, saved=[str(lib)],
                 steps=[{"module": "lib", "path": str(lib), "digest": digest, "payload": payload}])
        assert program.value(f"{name}()") == (5 if name == "f" else 4)
        assert program.value("i.__code__.co_firstlineno") == (14 if name == "h" else 13)
        assert host.ask("running", module="lib")["source"] == encoded(saved.encode())
    checker.close()
