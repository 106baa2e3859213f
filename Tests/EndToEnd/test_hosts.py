"""Programs and servers, in any number and order: they find each other, and neither harms the other by ending."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
from conftest import Stage, found
from program import LIMIT, Program, probe

SHOP = "RATE = 2\n\n\ndef price():\n    return RATE * 10\n"
NEW = SHOP.replace("10", "11")

OLD_INTERPRETERS = [interpreter for interpreter in found() if interpreter.standing.endswith("older than 3.11")]


async def test_the_server_may_be_first(every_stage: Stage) -> None:
    every_stage.write({"shop.py": SHOP})
    editor = await every_stage.editor()
    program = await every_stage.program("shop")
    await editor.programs(1)
    assert (await editor.save("shop.py", NEW))["outcome"] == "live"
    assert await program.ask("shop.price()") == "22"


async def test_several_programs_follow_one_save(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    programs = [await stage.program("shop") for _ in range(3)]
    editor = await stage.editor()
    await editor.programs(3)
    status = await editor.save("shop.py", NEW)
    assert status["outcome"] == "live" and len(status["hosts"]) == 3
    assert len({host["id"] for host in status["hosts"]}) == 3
    assert [await program.ask("shop.price()") for program in programs] == ["22"] * 3


async def test_only_programs_that_have_the_module_are_reported(stage: Stage) -> None:
    stage.write({"shop.py": SHOP, "other.py": "VALUE = 1\n"})
    program = await stage.program("shop")
    await stage.program("other")
    editor = await stage.editor()
    await editor.programs(2)
    status = await editor.save("shop.py", NEW)
    assert [host["pid"] for host in status["hosts"]] == [int(await program.ask("__import__('os').getpid()"))]


async def test_two_editors_share_a_program(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    program = await stage.program("shop")
    one, two = await stage.editor(), await stage.editor()
    await one.programs(1)
    await two.programs(1)
    assert (await one.save("shop.py", NEW))["outcome"] == "live"
    assert (await two.save("shop.py", SHOP.replace("10", "12")))["outcome"] == "live"
    assert await program.ask("shop.price()") == "24"


async def test_a_server_that_was_killed_leaves_the_program_to_the_next(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    program, first = await stage.both("shop")
    await first.save("shop.py", NEW)
    os.kill(first.pid, signal.SIGKILL)
    second = await stage.editor()
    await second.programs(1)
    status = await second.save("shop.py", SHOP.replace("10", "12"))
    assert status["outcome"] == "live" and status["hosts"][0]["modules"][0]["generation"] == 3
    assert await program.ask("shop.price()") == "24"


async def test_a_program_that_is_started_again_is_a_new_host(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    first, editor = await stage.both("shop")
    before = (await editor.save("shop.py", NEW))["hosts"][0]["id"]
    mark = editor.mark()
    assert await first.finish() == 0
    await editor.programs(0, mark)
    second = await stage.program("shop")
    await editor.programs(1, mark)
    status = await editor.save("shop.py", SHOP.replace("10", "12"))
    assert status["hosts"][0]["id"] != before and status["outcome"] == "live"
    assert await second.ask("shop.price()") == "24"


async def test_the_end_of_a_program_is_no_reload(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    program, editor = await stage.both("shop")
    sequence = (await editor.save("shop.py", NEW))["sequence"]
    mark = editor.mark()
    await program.finish()
    assert (await editor.programs(0, mark))["sequence"] == sequence


async def test_a_program_that_is_killed_in_the_middle_of_a_reload(stage: Stage) -> None:
    os.mkfifo(stage.folder / "gate")
    stage.write({"slow.py": "VALUE = 0\n", "shop.py": SHOP})
    program, editor = await stage.both("slow", "shop")
    editor.open("slow.py")
    mark = editor.mark()
    editor.path("slow.py").write_text("with open('gate') as gate:\n    VALUE = int(gate.read())\n")
    editor.say_saved("slow.py")
    gate = await asyncio.to_thread(os.open, stage.folder / "gate", os.O_WRONLY)
    pid = int((await editor.programs(1))["hosts"][0]["pid"])
    os.kill(pid, signal.SIGKILL)
    status = await editor.applied(mark, "slow.py")
    os.close(gate)
    assert status["outcome"] == "failed"
    await editor.programs(0, mark)
    later = await stage.program("shop")
    await editor.programs(1, mark)
    assert (await editor.save("shop.py", NEW))["outcome"] == "live"
    assert await later.ask("shop.price()") == "22"


async def test_a_program_that_is_stopped(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    stopped = await stage.program("shop")
    running = await stage.program("shop")
    editor = await stage.editor()
    await editor.programs(2)
    pid = int(await stopped.ask("__import__('os').getpid()"))
    os.kill(pid, signal.SIGSTOP)
    try:
        status = await editor.save("shop.py", NEW)
        outcomes = {host["pid"]: host["outcome"] for host in status["hosts"]}
        assert status["outcome"] == "failed" and outcomes.pop(pid) == "failed"
        assert list(outcomes.values()) == ["live"]
        assert await running.ask("shop.price()") == "22"
    finally:
        os.kill(pid, signal.SIGCONT)
    # It goes on: with the old code or, once the server has brought it in, with the new, and it takes the next save.
    assert await stopped.ask("shop.price()") in ("20", "22")
    await asyncio.wait_for(until_both_follow(editor), LIMIT)
    await asyncio.wait_for(until_both_say_the_same(stopped, running), LIMIT)


async def until_both_follow(editor) -> None:
    """Saves until a save is live in two programs: a server may need a moment to believe in one that was stopped."""
    number = 12
    while True:
        status = await editor.save("shop.py", SHOP.replace("10", str(number)))
        if [host["outcome"] for host in status["hosts"]] == ["live", "live"]:
            return
        number += 1


async def until_both_say_the_same(one: Program, other: Program) -> None:
    """Reloads that were under way meanwhile may still come."""
    while await one.ask("shop.price()") != await other.ask("shop.price()"):
        pass


# -- children ---------------------------------------------------------------------------------------


async def test_the_child_of_a_fork_is_a_host_of_its_own(every_stage: Stage) -> None:
    every_stage.write({
        "shop.py": SHOP,
        "app.py": (
            "import os, sys, shop\nread, write = os.pipe()\nif os.fork() == 0:\n    os.read(read, 1)\n"
            "    print('child', shop.price(), flush=True)\n    os._exit(0)\nprint('ready', flush=True)\ninput()\n"
            "os.write(write, b'x')\nos.wait()\nprint('parent', shop.price(), flush=True)\n")})
    program = await (await every_stage.start(every_stage.python, "app.py")).ready()
    editor = await every_stage.editor()
    await editor.programs(2)
    status = await editor.save("shop.py", NEW)
    assert [host["outcome"] for host in status["hosts"]] == ["live", "live"]
    assert await program.ask("") == "child 22"
    assert await program.line() == "parent 22"
    assert await program.finish() == 0
    assert await program.all_errors() == ""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
async def test_multiprocessing_workers_are_live(stage: Stage, method: str) -> None:
    stage.write({
        "shop.py": SHOP,
        "app.py": (
            "import multiprocessing\nimport shop\n\n\ndef work(calls, answers):\n    while calls.get():\n"
            "        answers.put(shop.price())\n\n\ndef main():\n"
            f"    context = multiprocessing.get_context({method!r})\n"
            "    calls, answers = context.Queue(), context.Queue()\n"
            "    worker = context.Process(target=work, args=(calls, answers))\n    worker.start()\n"
            "    calls.put(1)\n    answers.get()\n    print('ready', flush=True)\n    print(worker.pid, flush=True)\n"
            "    while input():\n        calls.put(1)\n        print(answers.get(), flush=True)\n"
            "    calls.put(0)\n    worker.join()\n\n\nif __name__ == '__main__':\n    main()\n")})
    program = await (await stage.start(stage.python, "app.py")).ready()
    worker = int(await program.line())
    editor = await stage.editor()
    await editor.status("hosts", 0, lambda status: worker in [host["pid"] for host in status["hosts"]])
    status = await editor.save("shop.py", NEW)
    assert worker in [host["pid"] for host in status["hosts"] if host["outcome"] == "live"]
    assert await program.ask("again") == "22"


async def test_a_python_that_a_python_starts_is_live(stage: Stage) -> None:
    stage.write({
        "shop.py": SHOP, "inner.py": probe("shop"),
        "app.py": "import subprocess, sys\nsys.exit(subprocess.call([sys.executable, 'inner.py']))\n"})
    program = await (await stage.start(stage.python, "app.py")).ready()
    editor = await stage.editor()
    await editor.programs(2)
    assert (await editor.save("shop.py", NEW))["outcome"] == "live"
    assert await program.ask("shop.price()") == "22"


async def test_the_workers_of_a_web_server_are_live(stage: Stage) -> None:
    """gunicorn is a console script of a virtual environment; it forks its workers from a process that has the code."""
    gunicorn = Path(sys.executable).parent / "gunicorn"
    assert gunicorn.exists(), "gunicorn is missing: pip install --requirement Tests/requirements.txt"
    stage.write({"shop.py": SHOP, "web.py": (
        "import shop\n\n\ndef app(environ, start_response):\n    start_response('200 OK', [])\n"
        "    return [str(shop.price()).encode()]\n")})
    editor = await stage.editor()
    options = ["--preload", "--workers", "2", "--bind", "unix:web.sock"]
    server = await stage.start(str(gunicorn), *options, "web:app")
    known = await editor.programs(3)
    await asyncio.wait_for(until_it_is_served(stage, "20"), LIMIT)
    status = await editor.save("shop.py", NEW)
    assert sorted(host["outcome"] for host in status["hosts"]) == ["live"] * 3, status["message"]
    assert {host["pid"] for host in status["hosts"]} == {host["pid"] for host in known["hosts"]}
    for _ in range(8):
        assert await page(stage) == "22"
    server.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(server.process.wait(), LIMIT) == 0


async def page(stage: Stage) -> str:
    reader, writer = await asyncio.open_unix_connection(stage.folder / "web.sock")
    writer.write(b"GET / HTTP/1.0\r\n\r\n")
    answer = await reader.read()
    writer.close()
    return answer.decode().rpartition("\r\n\r\n")[2]


async def until_it_is_served(stage: Stage, text: str) -> None:
    while True:
        try:
            assert await page(stage) == text
            return
        except (FileNotFoundError, ConnectionError):
            await asyncio.sleep(0.01)  # it is not there yet: nothing tells when it is


# -- programs that cannot be live -------------------------------------------------------------------


def notices(editor) -> list[str]:
    shown = editor.received("window/showMessage") + editor.received("window/logMessage")
    return [message["message"] for message in shown]


@pytest.mark.parametrize("option", ["-I", "-S", "-E"])
async def test_an_isolated_interpreter_runs_normally_and_the_user_is_told(stage: Stage, option: str) -> None:
    stage.write({"app.py": "import sys\nprint(sys.argv[1:])\nsys.exit(7)\n"})
    program = await stage.start(stage.python, option, "app.py", "a b", "c")
    assert await program.line() == "['a b', 'c']"
    assert await program.finish() == 7
    assert option in await program.all_errors()


@pytest.mark.skipif(not OLD_INTERPRETERS, reason="no CPython older than 3.11 was found on this machine")
@pytest.mark.parametrize("interpreter", OLD_INTERPRETERS[-1:], ids=lambda interpreter: interpreter.minor)
async def test_an_old_interpreter_runs_normally_and_the_user_is_told(stage: Stage, interpreter) -> None:
    stage.write({"shop.py": SHOP, "app.py": probe("shop")})
    editor = await stage.editor()
    program = await (await stage.start(interpreter.path, "app.py")).ready()
    assert await program.ask("shop.price()") == "20"
    message = await editor.event("word of the old interpreter", lambda: next(
        (text for text in notices(editor) if interpreter.minor in text), None))
    assert "3.11" in message
    assert (await editor.save("shop.py", NEW))["hosts"] == []
    assert await program.ask("shop.price()") == "20"
    assert await program.finish() == 0


# -- a program is as it would be without us ---------------------------------------------------------


async def test_streams_and_exit_status_are_the_programs_own(every_stage: Stage) -> None:
    text = "import sys\nsys.stdout.write(sys.stdin.read().upper())\nsys.stderr.write('oops\\n')\nsys.exit(3)\n"
    every_stage.write({"app.py": text})
    program = await every_stage.start(every_stage.python, "-X", "dev", "-W", "error", "app.py")
    assert program.process.stdin
    program.process.stdin.write(b"hello\n")
    assert await program.finish() == 3
    assert await program.line() == "HELLO"
    assert await program.all_errors() == "oops\n"


async def test_a_signal_ends_the_program_as_it_would(stage: Stage) -> None:
    program = await stage.program()
    program.send_signal(signal.SIGTERM)
    status = await asyncio.wait_for(program.process.wait(), LIMIT)
    assert status in (-signal.SIGTERM, 128 + signal.SIGTERM)


async def test_an_interrupt_reaches_the_program(stage: Stage) -> None:
    # It executes: a signal that comes just before a call that waits is seen by Python only after it.
    stage.write({"app.py": (
        "try:\n    print('ready', flush=True)\n    while True:\n        pass\n"
        "except KeyboardInterrupt:\n    print('stopped', flush=True)\n")})
    program = await (await stage.start(stage.python, "app.py")).ready()
    program.send_signal(signal.SIGINT)
    assert await program.line() == "stopped"


async def test_no_thread_is_seen_and_argv_is_the_same(every_stage: Stage) -> None:
    every_stage.write({"app.py": (
        "import sys, threading\nprint(sys.argv, [thread.name for thread in threading.enumerate()],"
        " threading.active_count(), __name__)\n")})
    words = (every_stage.python, "app.py", "one", "--two")
    plain = await every_stage.start(*words, live=False)
    live = await every_stage.start(*words)
    assert await live.line() == await plain.line()


async def test_the_users_own_sitecustomize_still_runs(stage: Stage) -> None:
    stage.write({"site/sitecustomize.py": "import builtins\nbuiltins.FROM_SITE = __file__\n", "shop.py": SHOP})
    path = {"PYTHONPATH": str(stage.folder / "site")}
    program = await stage.program("shop", environment=path)
    assert await program.ask("FROM_SITE") == repr(str(stage.folder / "site" / "sitecustomize.py"))
    assert await program.ask("__import__('os').environ['PYTHONPATH'].split(':')[-1]") == repr(path["PYTHONPATH"])
    editor = await stage.editor()
    await editor.programs(1)
    assert (await editor.save("shop.py", NEW))["outcome"] == "live"


async def test_a_cache_that_cannot_be_written(stage: Stage) -> None:
    """Root may write everywhere, so the cache's place is a file."""
    stage.write({"shop.py": SHOP, "no-folder": ""})
    environment = {"XDG_CACHE_HOME": str(stage.folder / "no-folder")}
    program = await stage.program("shop", environment=environment)
    assert await program.ask("shop.price()") == "20"
    editor = await stage.editor(environment)
    status = await editor.save("shop.py", SHOP.replace("10", "11"))
    # Live by a place elsewhere, or not live and the user was told.
    told = [message for message in notices(editor) if "no-folder" in message]
    assert status["outcome"] == "live" or told or "no-folder" in await program.all_errors()
    assert await program.ask("shop.price()") in ("20", "22")
    command = ["run", "--", stage.python, "-c", "import sys; sys.exit(5)"]
    assert (await stage.afresh(*command, environment=environment))[0] == 5


async def test_a_command_that_does_not_exist(stage: Stage) -> None:
    status, out, err = await stage.afresh("run", "--", "no-such-command")
    assert status == 127 and out == "" and "no-such-command" in err
