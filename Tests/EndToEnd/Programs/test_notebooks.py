"""A Jupyter kernel under `afresh run`, and a notebook whose cells hold what modules define."""

from __future__ import annotations

import json

from conftest import Stage
from live import Edits, left, stale
from program import Program

# A notebook without a page: executes each cell that it reads as one line of JSON, and prints what Jupyter would show.
NOTEBOOK = """\
import json
import sys

from jupyter_client import BlockingKernelClient

client = BlockingKernelClient(connection_file="kernel.json")
client.load_connection_file()
client.start_channels()
client.wait_for_ready()


def show(message):
    content = message["content"]
    if message["msg_type"] == "stream":
        shown.append(content["text"])
    elif message["msg_type"] == "execute_result":
        shown.append(content["data"]["text/plain"])
    elif message["msg_type"] == "error":
        shown.append(content["ename"] + ": " + content["evalue"])


print("ready", flush=True)
for line in sys.stdin:
    shown = []
    client.execute_interactive(json.loads(line), output_hook=show)
    print(json.dumps("".join(shown)), flush=True)
"""

SHOP = """\
RATE = 2
SOLD = []


def price(count):
    return count * RATE


class Cart:
    size = 1

    def total(self):
        return price(self.size)


def logged(function):
    def wrapper(*arguments):
        return function(*arguments)
    return wrapper


@logged
def sell(what):
    SOLD.append(what)
    return len(SOLD)
"""


class Notebook:
    def __init__(self, client: Program) -> None:
        self.client = client

    @classmethod
    async def start(cls, stage: Stage) -> Notebook:
        stage.write({"notebook.py": NOTEBOOK})
        kernel = await stage.start(stage.python, "-m", "ipykernel_launcher", "-f", str(stage.folder / "kernel.json"))
        while "--existing" not in await kernel.line():
            pass
        return cls(await (await stage.start(stage.python, "notebook.py", live=False)).ready())

    async def run(self, cell: str) -> str:
        return json.loads(await self.client.ask(json.dumps(cell)))


async def test_cells_hold_what_modules_define(frameworks: Stage) -> None:
    frameworks.write({"shop.py": SHOP})
    notebook = await Notebook.start(frameworks)
    assert await notebook.run("import shop\nfrom shop import price, Cart, sell") == ""
    assert await notebook.run("cart = Cart()\nsell('tea')\ncart.total()") == "2"
    editor = await frameworks.editor()
    await editor.programs(1)
    edit = Edits(editor)
    for change, cell, shown in (
        (("count * RATE", "count * RATE + 100"), "price(3), cart.total()", "(106, 102)"),
        (("RATE = 2", "RATE = 3"), "price(3), shop.RATE", "(109, 3)"),
        (("size = 1", "size = 5"), "cart.total()", "115"),
        (("return function(*arguments)", "return -function(*arguments)"), "sell('cup')", "-2"),
        (("@logged\n", ""), "shop.sell('pot'), shop.SOLD", "(3, ['tea', 'cup', 'pot'])"),
    ):
        report = await edit("shop.py", change)
        print(json.dumps(report, indent=1))
        print(await notebook.run(cell), shown)
