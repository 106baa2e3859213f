"""The agent says, once, that something stale of which it told is gone; and does nothing for it while nothing is."""
from __future__ import annotations

import json
import os
import select
import time

import pytest

from client import RemoteError

FIRST = "RATE = 1\nTABLE = [1]\ndef price(): return 1\nclass Order:\n    def total(self): return 1\n"
SECOND = FIRST.replace("1", "2")


def scanned(client):
    return sorted((entry["kind"], entry["path"]) for entry in client.ask("scan", sequence=1, samples=50)["stale"])


def told(client):
    """Waits for the message that what was listed may be gone."""
    message = client.receive()
    assert message["method"] == "scan/outdated" and "id" not in message
    return scanned(client)


def is_silent(client, seconds):
    ready, _, _ = select.select([client.socket], [], [], seconds)
    return not ready and not client._buffer


@pytest.fixture
def stale_program(start, write):
    def make(user):
        shop = write("shop.py", FIRST)
        (shop.parent / "user.py").write_text(user)
        program = start(body="import user, shop, threading")
        write("shop.py", SECOND)
        client = program.connect()
        client.reload(("shop", shop))
        return program, client
    return make


GOING = {
    "an object dies": ("import shop\nheld = shop.Order()\n", "user.held = None"),
    "the last of many dies": ("import shop\nheld = [shop.Order() for _ in range(10000)]\n", "user.held.clear()"),
    "a registration is taken away": ("import shop\nheld = {'a': shop.price}\n", "user.held.pop('a')"),
    "a name is bound anew": ("from shop import price\n", "user.price = shop.price"),
    "a number is bound anew": ("from shop import RATE\n", "user.RATE = shop.RATE"),
    "a nested list is taken away": ("import shop\nheld = {'a': [shop.TABLE]}\n", "user.held['a'].clear()"),
    "a list is bound anew": ("from shop import TABLE\n", "user.TABLE = shop.TABLE"),
}


@pytest.mark.parametrize("what", GOING)
def test_what_goes_away_is_said(stale_program, what):
    user, mending = GOING[what]
    program, client = stale_program(user)
    assert len(scanned(client)) == 1
    program.do(mending + "; print()")
    assert told(client) == []
    assert is_silent(client, 0.3)


def test_a_frame_that_returns_is_said(start, write):
    text = "import threading\ngo = threading.Event()\ndef work():\n    go.wait()\n    return 1\n"
    shop = write("shop.py", text)
    program = start(body="import shop, threading; thread = threading.Thread(target=lambda: shop.work()); thread.start()")
    write("shop.py", text.replace("return 1", "return 2").replace("go = threading.Event()", "go = globals()['go']"))
    with program.connect() as client:
        client.reload(("shop", shop))
        assert [kind for kind, _ in scanned(client)] == ["frame"]
        program.do("shop.go.set(); print()")
        assert told(client) == []


def test_what_remains_is_listed_again(stale_program):
    program, client = stale_program("import shop\nheld = [shop.price, shop.Order()]\n")
    assert len(scanned(client)) == 2
    program.do("user.held.pop(); print()")
    assert told(client) == [("registration", "user.held[0]")]
    program.do("user.held.pop(); print()")
    assert told(client) == []


def test_one_of_two_references_that_goes_is_said(stale_program):
    program, client = stale_program("import shop\nheld = [shop.price, (shop.price,)]\n")
    assert len(scanned(client)) == 2
    program.do("user.held.pop(); print()")
    assert told(client) == [("registration", "user.held[0]")]


def test_nothing_is_said_while_all_stays(stale_program):
    program, client = stale_program("import shop\nheld = [shop.price]\n")
    scanned(client)
    program.do("user.other = [shop.price]; user.junk = [object() for _ in range(1000)]; del user.junk; print()")
    assert is_silent(client, 1.5)


def test_what_is_watched_is_not_kept_alive(stale_program):
    """A list cannot be referred to weakly: neither the scan nor a look may hold it."""
    program, client = stale_program("import shop\nheld = {'a': [shop.TABLE]}\nshop.TABLE.append(user := 271828)\n")
    assert len(scanned(client)) == 1
    assert is_silent(client, 0.8)  # a look has been taken
    program.do("user.held.clear(); print()")
    alive = "sum(1 for each in __import__('gc').get_objects() if type(each) is list and each[1:2] == [271828])"
    assert program.value(alive) == 0


def test_one_message_for_many_deaths(stale_program):
    program, client = stale_program("import shop\nheld = [shop.price, shop.Order()]\n")
    scanned(client)
    program.do("user.held.clear(); print()")
    assert client.receive()["method"] == "scan/outdated"
    assert is_silent(client, 1.0)


def waits(program):
    """How often the agent's thread has gone to sleep by itself until now."""
    total = 0
    for task in os.listdir(f"/proc/{program.pid}/task"):
        if int(task) != program.pid:
            with open(f"/proc/{program.pid}/task/{task}/status") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("voluntary"))
    return total


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="the system does not say how often a thread waits")
def test_the_agent_sleeps_where_nothing_is_outstanding(stale_program):
    program, client = stale_program("")
    assert scanned(client) == []
    before = -1
    while before != (before := waits(program)):  # until the haste after a request is over, and what is prepared for the first save
        assert is_silent(client, 0.5)
    time.sleep(1.5)
    assert waits(program) == before


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="the system does not say how often a thread waits")
def test_the_agent_looks_seldom_while_something_is(stale_program):
    program, client = stale_program("import shop\nheld = [shop.price]\n")
    assert len(scanned(client)) == 1
    before = waits(program)
    assert is_silent(client, 3.0)
    assert waits(program) - before <= 12


def test_a_newer_save_ends_the_search_after_an_older_one(stale_program, write):
    program, client = stale_program("from shop import price\n")
    shop = write("shop.py", FIRST.replace("1", "3"))
    overtaken = {"jsonrpc": "2.0", "id": 1001, "method": "scan", "params": {"sequence": 1, "samples": 5}}
    save = {"jsonrpc": "2.0", "id": 1002, "method": "apply", "params": client.plan(("shop", shop))}
    bodies = [json.dumps(message).encode() for message in (overtaken, save)]
    client.socket.sendall(b"".join(b"Content-Length: %d\r\n\r\n%b" % (len(body), body) for body in bodies))
    with pytest.raises(RemoteError) as error:
        client.answer(1001)
    assert error.value.code == -32800
    assert "failure" not in client.answer(1002)
    assert scanned(client) == [("binding", "user.price")]
    assert program.value("shop.price()") == 3
