"""Eight threads call into modules that are saved again and again: no exception, and no moment at which names disagree.

`AFRESH_LOAD_SAVES=1000 python -m pytest Tests/PythonAgent/test_load.py` saves a thousand times.
"""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest

from load_program import FAILURES, PROGRAM, texts
from server import Server

SAVES = int(os.environ.get("AFRESH_LOAD_SAVES", "40"))


def modules(program: Any) -> Any:
    return program.value("[sorted((k, repr(v)) for k, v in vars(m).items() if isinstance(v, (int, list, dict, str)) "
                         "and not k.startswith('__')) for m in (shop, cart, report)]")


@pytest.mark.parametrize("policy", ["patch", "exact"])
def test_no_exception_in_a_program_under_load(start: Any, write: Any, python: str, policy: str) -> None:
    paths = {name: write(f"{name}.py", text) for name, text in texts(0).items()}
    program = start(body=PROGRAM)
    with program.connect() as host:
        server = Server(host, python, policy)
        program.do("begin(); print()")
        before = texts(0)
        torn: list[Any] = []
        try:
            for step in range(1, SAVES + 1):
                signal.alarm(100)  # for each save
                after = texts(step)
                for failure in FAILURES if step % 10 == 5 else ():  # all of it, and what fails: nothing of it is to stay
                    was = modules(program)
                    torn += program.value("torn[:3]")
                    failing = {**after, "cart": after["cart"] + failure}
                    answer = server.save({paths[name]: text for name, text in failing.items()})
                    assert answer["failure"]["error"]["type"] == "ZeroDivisionError" and answer["failure"]["undone"], answer
                    assert modules(program) == was
                    if "def" in failure:
                        program.do("torn.clear(); print()")
                    before = {}
                answer = server.save({paths[name]: text for name, text in after.items() if text != before.get(name)})
                assert "failure" not in answer, answer
                before = after
        finally:
            program.do("end(); print()")
            server.close()
    assert program.value("errors[:3]") == [], "".join(program.value("errors[:3]"))
    if policy == "patch":
        assert torn + program.value("torn[:3]") == []
    assert program.value("min(counts.values())") > 100
