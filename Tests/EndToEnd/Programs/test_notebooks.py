"""Code that is in no file: cells of a notebook in a Jupyter kernel, `python -c`, a console."""

from __future__ import annotations

import json

from conftest import Stage
from editor import Editor
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


async def begun(stage: Stage) -> tuple[Notebook, Editor, Edits]:
    stage.write({"shop.py": SHOP})
    notebook = await Notebook.start(stage)
    editor = await stage.editor()
    await editor.programs(1)
    return notebook, editor, Edits(editor)


async def test_a_notebook_runs_what_is_saved(frameworks: Stage) -> None:
    notebook, _, edit = await begun(frameworks)
    await notebook.run("import shop\nfrom shop import price, Cart, sell\ncart = Cart()\nhandlers = {'sell': sell}")
    assert await notebook.run("sell('tea'), cart.total()") == "(1, 2)"
    for change, cell, shown in (
        (("count * RATE", "count * RATE + 100"), "price(3), cart.total()", "(106, 102)"),  # a function
        (("RATE = 2", "RATE = 3"), "price(3), shop.RATE", "(109, 3)"),  # a constant
        (("size = 1", "size = 5"), "cart.total(), isinstance(cart, Cart)", "(115, True)"),  # a class
        (("return function(*arguments)", "return -function(*arguments)"), "handlers['sell']('cup')", "-2"),
        (("@logged\n", ""), "sell('pot'), handlers['sell']('jug'), shop.SOLD", "(3, 4, ['tea', 'cup', 'pot', 'jug'])"),
    ):
        report = await edit("shop.py", change)
        assert (report["outcome"], stale(report), left(report)) == ("live", [], []), report
        assert await notebook.run(cell) == shown
    report = await edit("shop.py", ("def price(count):", "def price(count:"))
    assert (report["outcome"], await notebook.run("price(1)")) == ("blocked", "103")


async def test_what_cells_took_from_a_module_is_named_and_mended(frameworks: Stage) -> None:
    notebook, _, edit = await begun(frameworks)
    for cell in (
        "from shop import *\nfrom shop import RATE as OURS, sell", "1 / 0\nRATE = 7", "%precision 3\nDOUBLE = RATE * 2",
        "TRIPLE = OURS * 3\nTRIPLE = 1", "class Big(Cart):\n    pass\n\nbig = Big()", "sell", "pair = (price, 1)",
    ):
        await notebook.run(cell)
    report = await edit("shop.py", ("RATE = 2", "RATE = 3"))
    assert sorted(stale(report)) == [  # TRIPLE has been given another value since
        ("shop.RATE", "binding", "__main__.OURS"), ("shop.RATE", "binding", "__main__.RATE"),
        ("shop.RATE", "value", "__main__.DOUBLE")], report
    await edit.mend(report)
    assert await notebook.run("RATE, OURS, DOUBLE, TRIPLE") == "(3, 3, 6, 1)"

    # What a name no longer stands for in its module, and an output that has it: `Out[n]`.
    report = await edit("shop.py", ("@logged\ndef sell(what):\n    SOLD.append(what)\n    return len(SOLD)\n", ""))
    assert ("shop.sell", "leftover", "__main__.sell") in stale(report)
    assert any(symbol == "shop.sell" and path.startswith("__main__._oh[") for symbol, _, path in stale(report)), report


async def test_exact_names_every_cell_variable_that_is_old(frameworks: Stage) -> None:
    frameworks.write({"shop.py": SHOP})
    notebook = await Notebook.start(frameworks)
    await notebook.run("from shop import price, Cart\ncart = Cart()\npair = (price, 1)\n\ndef use(f=price):\n    return f(1)")
    editor = await frameworks.editor(settings={"policy": "exact"})
    await editor.programs(1)
    report = await Edits(editor)("shop.py", ("count * RATE", "count * RATE + 100"))
    assert set(stale(report)) >= {
        ("shop.price", "binding", "__main__.price"), ("shop.Cart", "binding", "__main__.Cart"),
        ("shop.Cart", "instance", "__main__.cart"), ("shop.price", "registration", "__main__.pair[0]"),
        ("shop.price", "closure", "__main__.use (default of 'f')")}, report
    await Edits(editor).mend(report)
    assert await notebook.run("price(1), cart.total(), pair[0](1), use()") == "(102, 102, 102, 102)"


ASKED = "import sys\nfrom shop import RATE, price\nDOUBLE = RATE * 2\nprint('ready', flush=True)\n" \
    "for line in sys.stdin: print(eval(line), flush=True)\n"


async def test_a_program_that_is_given_as_text(frameworks: Stage) -> None:
    for command in (("-c", ASKED), ("-uc" + ASKED,)):
        frameworks.write({"shop.py": SHOP})
        program = await (await frameworks.start(frameworks.python, *command)).ready()
        editor = await frameworks.editor()
        await editor.programs(1)
        edit = Edits(editor)
        report = await edit("shop.py", ("count * RATE", "count * RATE + 100"))
        assert (report["outcome"], await program.ask("price(1)")) == ("live", "102")
        report = await edit("shop.py", ("RATE = 2", "RATE = 3"))
        assert sorted(stale(report)) == [("shop.RATE", "binding", "__main__.RATE"), ("shop.RATE", "value", "__main__.DOUBLE")]
        await edit.mend(report)
        assert await program.ask("(RATE, DOUBLE, price(1))") == "(3, 6, 103)"
        assert await program.finish() == 0


async def test_a_console_whose_text_nobody_keeps(frameworks: Stage) -> None:
    frameworks.write({"shop.py": SHOP})
    program = await frameworks.start(frameworks.python, "-uiq")
    assert await program.ask("from shop import RATE, price; print('ready')") == "ready"
    editor = await frameworks.editor()
    await editor.programs(1)
    edit = Edits(editor)
    report = await edit("shop.py", ("count * RATE", "count * RATE + 100"))
    assert (report["outcome"], await program.ask("print(price(1))")) == ("live", "102")
    report = await edit("shop.py", ("RATE = 2", "RATE = 3"))  # perhaps it is another RATE: said as a possibility
    (host,) = report["hosts"]
    assert stale(report) == [("shop.RATE", "binding", "__main__.RATE")] and host["stale"][0]["confidence"] == "possible"
