"""`__afresh_before__` and `__afresh_after__` in real programs: what a module holds open is handed over at a save."""

from __future__ import annotations

import asyncio

import pytest
from conftest import Stage

BOTH = pytest.mark.parametrize("policy", ["patch", "exact"])

POOL = """\
import threading
from concurrent.futures import ThreadPoolExecutor

SIZE = 1
POOL = ThreadPoolExecutor(SIZE)
CACHE = {}
THREADS = globals().get("THREADS", [])


def __afresh_before__():
    return sum(CACHE.values())


def __afresh_after__(old):
    THREADS.append(threading.current_thread() is threading.main_thread())
    if old.POOL is not POOL:
        old.POOL.shutdown()
    CACHE.clear()
    CACHE["total"] = old.__afresh_before__


def worker():
    return POOL.submit(lambda: POOL._max_workers).result(5)
"""


@BOTH
async def test_a_pool_is_replaced_and_a_cache_is_taken_over(every_stage: Stage, policy: str) -> None:
    every_stage.write({"pool.py": POOL, "use.py": "import pool\n"})
    program, editor = await every_stage.both("pool", "use", settings={"policy": policy})
    await program.ask("globals().update(first=pool.POOL) or pool.CACHE.update(a=1, b=2) or pool.worker()")
    status = await editor.save("pool.py", POOL.replace("SIZE = 1", "SIZE = 3"))
    assert status["outcome"] == "live", status
    # The pool is made anew under both policies; nobody's task is lost, and the old one has no thread left.
    assert await program.ask("pool.worker(), pool.CACHE, first._shutdown") == "(3, {'total': 3}, True)"
    assert await program.ask("pool.THREADS") == "[True]"


SOCKET = """\
import socket

BACKLOG = 1
SERVER = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
PORT = SERVER.getsockname()[1]


def __afresh_after__(old):
    old.SERVER.close()
    {more}
"""


async def answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


async def test_what_a_hook_raises_is_shown_at_its_line_and_undone(every_stage: Stage) -> None:
    good = SOCKET.replace("{more}", "pass")
    every_stage.write({"net.py": good})
    program, editor = await every_stage.both("net")
    port = await program.ask("net.PORT")
    assert (await editor.save("net.py", good.replace("BACKLOG = 1", "BACKLOG = 2")))["outcome"] == "live"
    assert await answers(int(await program.ask("net.PORT"))) and not await answers(int(port))

    server = await program.ask("id(net.SERVER)")
    bad = SOCKET.replace("old.SERVER.close()\n    {more}", "return old.SERVERS")
    status = await editor.save("net.py", bad.replace("BACKLOG = 1", "BACKLOG = 3"))
    assert status["outcome"] == "rolledBack"
    (diagnostic,) = await editor.shows("net.py", "execution-error")
    assert diagnostic["range"]["start"]["line"] == bad.splitlines().index("    return old.SERVERS")
    assert "net had no SERVERS before it was reloaded" in diagnostic["message"]
    assert await program.ask("id(net.SERVER), net.BACKLOG") == f"({server}, 2)"

    # One that cannot be called is pointed at where it is defined.
    bad = SOCKET.replace("(old)", "(old, new)").replace("{more}", "pass")
    assert (await editor.save("net.py", bad))["outcome"] == "rolledBack"
    (diagnostic,) = await editor.shows("net.py", "execution-error")
    assert diagnostic["range"]["start"]["line"] == bad.splitlines().index("def __afresh_after__(old, new):")
    assert "def __afresh_after__(old):" in diagnostic["message"]
