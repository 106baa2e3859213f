"""The host protocol, and servers that do not keep to it."""
from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time

import pytest
from client import AGENT, LIMIT, Client, RemoteError, until


def test_hello_says_who_the_program_is(start, python, folder):
    program = start()
    with program.connect() as client:
        greeting = client.greeting
    assert (greeting["protocol"], greeting["pid"], greeting["ppid"]) == (1, program.pid, os.getpid())
    assert (greeting["name"], greeting["cwd"]) == ("program.py", str(folder))
    assert greeting["runtime"]["name"] == "CPython"
    assert greeting["runtime"]["version"] == program.value("'%d.%d.%d' % __import__('sys').version_info[:3]")
    assert greeting["runtime"]["magic"] == program.value("__import__('importlib.util').util.MAGIC_NUMBER.hex()")
    assert greeting["id"].startswith(f"{program.pid}-") and greeting["notices"] == []


def test_another_protocol_version_is_refused(start):
    with Client(until(start().sockets, "socket")[0], greet=False) as client:
        with pytest.raises(RemoteError) as caught:
            client.ask("hello", protocol=2, client={})
        assert caught.value.code == -32001 and "1" in caught.value.message


def test_nothing_is_answered_before_hello(start):
    program = start()
    with Client(until(program.sockets, "socket")[0], greet=False) as client:
        with pytest.raises(RemoteError):
            client.ask("modules")


def test_several_servers_are_served_at_once(start):
    program = start()
    clients = [program.connect() for _ in range(5)]
    identifiers = [client.send("modules", {}) for client in clients]
    answers = [client.answer(identifier) for client, identifier in zip(clients, identifiers)]
    assert all(answer == answers[0] for answer in answers)
    for client in clients:
        client.socket.close()


BODIES = [
    b"", b"{", b"[]", b"1", b"null", b'"x"', b"\xff\xfe", b'{"jsonrpc":"2.0","id":1}',
    b'{"id":1,"method":5,"params":{}}',
    b'{"id":{},"method":"modules","params":{}}', b'{"id":1,"method":"modules","params":[]}',
    b'{"id":1,"method":"nosuch","params":{}}',
    b'{"id":1,"method":"modules","params":{"under":5}}', b'{"id":1,"method":"modules","params":{"under":[5]}}',
    b'{"id":1,"method":"prepare","params":{"paths":["\\ud800","\\u0000"],"modules":["\\ud800"]}}',
    b'{"id":1,"method":"running","params":{"module":["m"]}}',
    b'{"id":1,"method":"running","params":{"module":"nosuch"}}',
    b'{"id":1,"method":"apply","params":{}}', b'{"id":1,"method":"apply","params":{"steps":[1]}}',
    b'{"id":1,"method":"apply","params":{"steps":[{"module":"nosuch","payload":{"policy":"exact"}}]}}',
    b'{"id":1,"method":"apply","params":{"steps":[{"module":"__main__","payload":{"policy":"other"}}]}}',
    b'{"id":1,"method":"apply","params":{"steps":[{"module":"json","payload":{"policy":"exact","code":"AAAA"}}]}}',
    b'{"id":1,"method":"apply","params":{"steps":[{"module":"json","payload":{"policy":"exact","code":"!!!!"}}]}}',
    b'{"id":1,"method":"apply","params":{"steps":[],"saved":5}}', b'{"id":1e999,"method":"modules"}', b"[" * 100_000,
    b'{"id":' + b"9" * 10_000 + b',"method":"modules","params":{}}', b'{"a":NaN}',
    b'{"id":1,"method":"scan","params":{"samples":"x"}}',
]


def test_bodies_that_make_no_sense_harm_nobody(start):
    program = start(body="import json")
    with program.connect() as client:
        for body in BODIES:
            client.send_raw(body)
        identifier = client.send("modules", {})
        while client.receive().get("id") != identifier:
            pass
        assert program.value("1 + 1") == 2


@pytest.mark.parametrize("data", [
    b"\r\n\r\n", b"Content-Length: x\r\n\r\n", b"Content-Length: -1\r\n\r\n",
    b"Content-Length: 99999999999999999999\r\n\r\n",
    b"x" * 10_000, b"\0" * 5000, b"Content-Length: 5\r\nContent-Length: 6", b"GET / HTTP/1.1\r\n\r\n"])
def test_frames_that_make_no_sense_end_the_connection_only(start, data):
    program = start()
    with program.connect() as other:
        with program.connect() as client:
            client.socket.sendall(data)
            client.socket.shutdown(socket.SHUT_WR)
            with pytest.raises((EOFError, ConnectionError)):
                while True:
                    client.receive()
        assert other.ask("modules")["modules"]


def test_a_frame_that_comes_byte_by_byte_is_read(start):
    program = start()
    with program.connect() as client:
        body = json.dumps({"jsonrpc": "2.0", "id": 77, "method": "modules", "params": {}}).encode()
        for byte in b"content-length: %d\r\nContent-Type: x\r\n\r\n%b" % (len(body), body):
            client.socket.sendall(bytes((byte,)))
        assert client.receive()["id"] == 77


def test_a_server_that_goes_in_the_middle_is_forgotten(start):
    program = start()
    for _ in range(20):
        client = program.connect()
        client.send("modules", {})
        client.socket.close()
    with program.connect() as client:
        assert client.ask("modules")["modules"]


def test_a_server_that_does_not_read_holds_up_nobody(start, write):
    write("big.py", "TEXT = '''" + "x" * 1_000_000 + "'''\n")
    program = start(body="import big")
    with program.connect() as lazy, program.connect() as client:
        identifiers = [lazy.send("running", {"module": "big"}) for _ in range(20)]
        assert client.ask("modules")["modules"]
        for identifier in identifiers:
            assert lazy.answer(identifier)["digest"]


def announced(folder, begin):
    """What a server's socket hears when a program starts."""
    runtime = folder / "run/afresh"
    runtime.mkdir(parents=True, mode=0o700)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(runtime / "server-1-00000000.sock"))
        listener.listen()
        listener.settimeout(LIMIT)
        program = begin()
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as stream:
            head, _, body = stream.read().partition(b"\r\n\r\n")
    assert head == b"Content-Length: %d" % len(body)
    return program, json.loads(body)


def test_a_starting_program_calls_every_server(start, folder):
    dead = folder / "run/afresh/server-2-00000000.sock"

    def begin():
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(dead))
        return start()

    program, message = announced(folder, begin)
    assert message["method"] == "host/started"
    assert message["params"]["protocol"] == 1 and message["params"]["pid"] == program.pid
    assert [message["params"]["socket"]] == program.sockets()
    until(lambda: not dead.exists(), "removal of the dead server's socket")


def test_a_program_that_is_not_live_tells_every_server_why(folder, python):
    """The interpreter is too old for an agent that needs the next one."""
    runtime = folder / "run/afresh"
    runtime.mkdir(parents=True, mode=0o700)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(runtime / "server-1-00000000.sock"))
        listener.listen()
        listener.settimeout(LIMIT)
        (folder / "old").mkdir()
        boot = (AGENT / "boot/sitecustomize.py").read_text().replace("version_info < (3, 11)", "version_info < (4,)")
        (folder / "old/sitecustomize.py").write_text(boot)
        (folder / "old/notlive.py").write_text((AGENT / "boot/notlive.py").read_text())
        environment = {"PYTHONPATH": str(folder / "old"), "XDG_RUNTIME_DIR": str(folder / "run")}
        subprocess.run([python, "-c", "pass"], env=environment, check=True)
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as stream:
            message = json.loads(stream.read().partition(b"\r\n\r\n")[2])
    assert message["method"] == "host/notLive"
    assert message["params"]["reason"] == "version" and message["params"]["protocol"] == 1


def test_a_program_that_closes_all_descriptors_is_live_again(start, folder):
    program = start(body="import os")
    address = until(program.sockets, "socket")[0]
    program.do("os.closerange(3, 256); files = [open(os.devnull) for _ in range(20)]; print()")
    with pytest.raises((EOFError, OSError)), Client(address):
        pass  # the listening socket was held by the agent's wait only
    address = until(lambda: [path for path in program.sockets() if path != address], "new socket")[0]
    with Client(address) as client:
        assert client.greeting["pid"] == program.pid
    assert program.value("[file.read() for file in files] == [''] * 20 and not [file.close() for file in files] == []")


def test_a_request_that_has_expired_touches_nothing(start, write):
    path = write("m.py", "X = 1\n")
    program = start(body="import m")
    write("m.py", "X = 2\n")
    with program.connect() as client:
        with pytest.raises(RemoteError) as caught:
            client.reload(("m", path), limit=-1)
        assert caught.value.code == -32002
    assert program.value("m.X") == 1


def test_a_plan_for_another_text_touches_nothing(start, write):
    path = write("m.py", "X = 1\n")
    program = start(body="import m")
    write("m.py", "X = 2\n")
    with program.connect() as client:
        plan = client.plan(("m", path))
        plan["steps"][0]["digest"] = "0" * 16
        with pytest.raises(RemoteError) as caught:
            client.ask("apply", **plan)
        assert caught.value.code == -32602
    assert program.value("m.X") == 1


def test_a_plan_for_other_modules_than_are_loaded_touches_nothing(start, write):
    path = write("m.py", "X = 1\n")
    write("late.py", "import m\n")
    program = start(body="import m")
    write("m.py", "X = 2\n")
    with program.connect() as client:
        plan = client.plan(("m", path))
        graph = client.ask("prepare", paths=[str(path)], modules=[])["graph"]
        program.value("__import__('late').__name__")
        for name in (graph, "another", 5):
            with pytest.raises(RemoteError) as caught:
                client.ask("apply", **plan, graph=name)
            assert caught.value.code == -32602
        assert program.value("m.X") == 1
        client.ask("apply", **plan, graph=client.ask("prepare", paths=[str(path)], modules=[])["graph"])
    assert program.value("m.X") == 2


def test_a_program_that_was_stopped_does_not_execute_what_is_too_old(start, write):
    path = write("m.py", "X = 1\n")
    program = start(body="import m")
    write("m.py", "X = 2\n")
    with program.connect() as client:
        plan = client.plan(("m", path), limit=0.3)
        program.process.send_signal(signal.SIGSTOP)
        identifier = client.send("apply", plan)
        until(lambda: time.monotonic() * 1000 > plan["expires"], "expiry")
        program.process.send_signal(signal.SIGCONT)
        with pytest.raises(RemoteError) as caught:
            client.answer(identifier)
        assert caught.value.code == -32002
    assert program.value("m.X") == 1
