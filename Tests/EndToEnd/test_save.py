"""The way of a save: editor, server, running program and back, on every supported interpreter."""

from __future__ import annotations

import pytest
from conftest import Stage
from lsprotocol import types
from program import probe

SHOP = "RATE = 2\n\n\ndef price():\n    return RATE * 10\n"
BOTH = pytest.mark.parametrize("policy", ["patch", "exact"])


def module_reports(status, name):
    return [module for host in status["hosts"] for module in host["modules"] if module["name"] == name]


@BOTH
async def test_a_save_is_live_in_the_program(every_stage: Stage, policy: str) -> None:
    every_stage.write({"shop.py": SHOP})
    program, editor = await every_stage.both("shop", settings={"policy": policy})
    status = await editor.save("shop.py", SHOP.replace("10", "11"))
    assert status["outcome"] == "live"
    assert await program.ask("shop.price()") == "22"
    (module,) = module_reports(status, "shop")
    assert module["generation"] == 2
    assert module["because"] == {"kind": "edited"}
    assert module["uri"] == editor.path("shop.py").as_uri()
    assert (await editor.scanned(status))["outcome"] == "live"
    assert editor.diagnostics("shop.py") == []


@BOTH
async def test_generations_rise_with_each_save(stage: Stage, policy: str) -> None:
    stage.write({"shop.py": SHOP})
    program, editor = await stage.both("shop", settings={"policy": policy})
    for number in range(2, 8):
        status = await editor.save("shop.py", SHOP.replace("10", str(number * 10)))
        assert module_reports(status, "shop")[0]["generation"] == number
        assert await program.ask("shop.price()") == str(number * 20)


async def test_the_report_names_host_and_runtime(every_stage: Stage) -> None:
    every_stage.write({"shop.py": SHOP})
    program, editor = await every_stage.both("shop")
    (host,) = (await editor.save("shop.py", SHOP.replace("10", "12")))["hosts"]
    version = await program.ask("sys.version.split()[0]")
    assert host["name"] == "app.py"
    assert host["runtime"] == f"CPython {version.strip(chr(39))}"
    assert host["pid"] == int(await program.ask("__import__('os').getpid()"))
    assert {"check", "apply"} <= set(host["timings"])


async def test_patch_keeps_what_others_hold(every_stage: Stage) -> None:
    every_stage.write({
        "shop.py": (
            "SOLD = []\n\n\nclass Cart:\n    def total(self):\n        return 1\n\n\ndef price():\n    return 10\n")})
    program, editor = await every_stage.both("shop")
    await program.ask("globals().update(price=shop.price, cart=shop.Cart(), total=shop.Cart().total)")
    await program.ask("shop.SOLD.append('tea')")
    text = editor.path("shop.py").read_text().replace("return 10", "return 20").replace("return 1\n", "return 2\n")
    status = await editor.save("shop.py", text)
    assert status["outcome"] == "live"
    assert await program.ask("price(), cart.total(), total(), shop.SOLD") == "(20, 2, 2, ['tea'])"
    assert await program.ask("price is shop.price, type(cart) is shop.Cart") == "(True, True)"
    assert (await editor.scanned(status))["outcome"] == "live"


async def test_exact_does_what_importlib_reload_documents(every_stage: Stage) -> None:
    every_stage.write({"shop.py": (
        "try:\n    CACHE\nexcept NameError:\n    CACHE = []\nOLD = 1\n\n\ndef price():\n    return 10\n")})
    program, editor = await every_stage.both("shop", settings={"policy": "exact"})
    await program.ask("globals().update(price=shop.price, module=shop, namespace=vars(shop))")
    await program.ask("shop.CACHE.append(1)")
    text = editor.path("shop.py").read_text().replace("OLD = 1\n", "").replace("return 10", "return 20")
    status = await editor.save("shop.py", text)
    assert status["outcome"] in ("live", "stale")
    # The same module and namespace; names that are gone stay; what others hold stays old.
    assert await program.ask("shop is module, vars(shop) is namespace, shop.OLD, shop.CACHE") == "(True, True, 1, [1])"
    assert await program.ask("shop.price(), price()") == "(20, 10)"


async def test_exact_reports_what_still_holds_the_old(stage: Stage) -> None:
    stage.write({"shop.py": SHOP, "cart.py": "from shop import price\n"})
    _, editor = await stage.both("cart", "shop", settings={"policy": "exact", "dependents": "none"})
    status = await editor.scanned(await editor.save("shop.py", SHOP.replace("10", "11")))
    assert status["outcome"] == "stale"
    (host,) = status["hosts"]
    holders = {reference["holder"]["path"]: reference for reference in host["stale"]}
    assert "cart.price" in holders, holders
    assert holders["cart.price"]["symbol"] == "shop.price"
    assert holders["cart.price"]["kind"] == "binding"
    assert holders["cart.price"]["generation"] == 1
    (diagnostic,) = await editor.shows("cart.py", "stale-binding")
    assert diagnostic["severity"] == 2
    assert diagnostic["range"] == {"start": {"line": 0, "character": 17}, "end": {"line": 0, "character": 22}}


@BOTH
async def test_dependents_follow_in_order(stage: Stage, policy: str) -> None:
    stage.write({
        "base.py": "RATE = 2\n", "middle.py": "from base import RATE\nDOUBLE = RATE * 2\n",
        "top.py": "import middle\nTOTAL = middle.DOUBLE + 1\n", "aside.py": "import base\nSEEN = []\n"})
    program, editor = await stage.both("top", "aside", settings={"policy": policy})
    await program.ask("aside.SEEN.append(1)")
    status = await editor.save("base.py", "RATE = 5\n")
    assert await program.ask("top.TOTAL, top.middle.RATE, aside.SEEN") == "(11, 5, [1])"
    names = [module["name"] for module in status["hosts"][0]["modules"]]
    assert names.index("base") < names.index("middle") < names.index("top")
    (middle,) = module_reports(status, "middle")
    assert middle["because"]["kind"] == "dependent" and middle["because"]["of"] == "base"
    assert "RATE" in middle["because"]["names"]


async def test_what_a_module_changes_in_another_one_is_followed(stage: Stage) -> None:
    stage.write({
        "settings.py": "import os\nRATE = 1\nPLUGINS = []\n\n\ndef plug(name):\n    PLUGINS.append(name)\n",
        "early.py": "import settings\nRATE = settings.RATE\n",
        "rates.py": "NORMAL = 2\n",
        "local.py": "import os, rates, settings\nsettings.RATE = rates.NORMAL\nos.environ['SHOP_TAX'] = str(rates.NORMAL)\n",
        "shop.py": "import os, settings\nPRICE = 10 * settings.RATE\nTAX = os.environ['SHOP_TAX']\nNAMES = list(settings.PLUGINS)\n"})
    program, editor = await stage.both("settings", "early", "local", "shop")
    asked = "settings.RATE, early.RATE, shop.PRICE, shop.TAX, shop.NAMES"
    assert await program.ask(asked) == "(2, 1, 20, '2', [])"
    status = await editor.save("rates.py", "NORMAL = 3\n")
    assert status["outcome"] == "live"
    assert await program.ask(asked) == "(3, 1, 30, '3', [])"
    added = editor.path("local.py").read_text() + "settings.plug('stamps')\n"
    assert (await editor.save("local.py", added))["outcome"] == "live"
    assert await program.ask(asked) == "(3, 1, 30, '3', ['stamps'])"
    changed = await editor.save("local.py", added.replace("stamps", "coins"))
    assert changed["outcome"] == "stale"
    (diagnostic,) = await editor.shows("local.py", "not-applied")
    assert diagnostic["range"]["start"]["line"] == 3


async def test_what_was_loaded_by_its_name_before_somebody_imports_it_below(stage: Stage) -> None:
    stage.write({
        "app.py": "import importlib\nimportlib.import_module('local')\n" + probe("shop"),
        "settings.py": "RATE = 1\n",
        "local.py": "import settings\nsettings.RATE = 2\n",
        "shop.py": "import settings\nPRICE = 10 * settings.RATE\nimport local\n"})
    program = await (await stage.start(stage.python, "app.py")).ready()
    editor = await stage.editor()
    await editor.programs(1)
    assert await program.ask("shop.PRICE") == "20"
    assert (await editor.save("local.py", "import settings\nsettings.RATE = 3\n"))["outcome"] == "live"
    assert await program.ask("shop.PRICE") == "30"


@BOTH
async def test_a_package_its_modules_and_relative_imports(stage: Stage, policy: str) -> None:
    stage.write({
        "pkg/__init__.py": "from .rates import RATE\nfrom . import shop\n", "pkg/rates.py": "RATE = 2\n",
        "pkg/shop.py": "from .rates import RATE\n\n\ndef price():\n    return RATE * 10\n"})
    program, editor = await stage.both("pkg", settings={"policy": policy})
    status = await editor.save("pkg/rates.py", "RATE = 3\n")
    assert status["outcome"] in ("live", "stale")
    assert await program.ask("pkg.RATE, pkg.shop.price()") == "(3, 30)"


@BOTH
async def test_modules_that_import_each_other(stage: Stage, policy: str) -> None:
    stage.write({
        "one.py": "import two\nVALUE = 1\n\n\ndef both():\n    return VALUE + two.VALUE\n",
        "two.py": "import one\nVALUE = 10\n\n\ndef both():\n    return one.VALUE + VALUE\n"})
    program, editor = await stage.both("one", "two", settings={"policy": policy})
    await editor.save("two.py", editor.path("two.py").read_text().replace("10", "20"))
    assert await program.ask("one.both(), two.both()") == "(21, 21)"


@BOTH
async def test_saving_the_same_text_executes_nothing(stage: Stage, policy: str) -> None:
    stage.write({"shop.py": SHOP + "RUNS = globals().get('RUNS', 0) + 1\n"})
    program, editor = await stage.both("shop", settings={"policy": policy})
    status = await editor.save("shop.py", editor.path("shop.py").read_text())
    assert status["outcome"] == "unchanged"
    assert await program.ask("shop.RUNS") == "1"


async def test_a_comment_at_the_end_is_unchanged(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    _, editor = await stage.both("shop")
    assert (await editor.save("shop.py", SHOP + "# the end\n"))["outcome"] == "unchanged"


@BOTH
async def test_two_edits_within_one_second_are_both_seen(stage: Stage, policy: str) -> None:
    """Same size, same second: time stamps and cached bytecode would lose the second one."""
    stage.write({"shop.py": SHOP})
    program, editor = await stage.both("shop", settings={"policy": policy})
    for number in (11, 12, 13):
        await editor.save("shop.py", SHOP.replace("10", str(number)))
        assert await program.ask("shop.price()") == str(2 * number)


async def test_a_saved_text_is_what_a_later_start_gets(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    _, editor = await stage.both("shop")
    await editor.save("shop.py", SHOP.replace("10", "11"))
    later = await stage.program("shop")
    assert await later.ask("shop.price()") == "22"


async def test_a_folder_that_is_opened_by_a_symbolic_link(stage: Stage) -> None:
    """The editor's names are used in all that is said, whatever the program calls the files."""
    stage.write({"shop.py": SHOP})
    program = await stage.program("shop")
    (stage.folder.parent / "link").symlink_to(stage.folder)
    stage.folder = stage.folder.parent / "link"
    editor = await stage.editor()
    await editor.programs(1)
    status = await editor.save("shop.py", SHOP.replace("10", "11"))
    assert status["outcome"] == "live"
    assert module_reports(status, "shop")[0]["uri"] == editor.path("shop.py").as_uri()
    assert await program.ask("shop.price()") == "22"
    await editor.save("shop.py", SHOP.replace("10", "("))
    await editor.shows("shop.py", "syntax-error")


async def test_a_file_that_is_a_symbolic_link(stage: Stage) -> None:
    stage.write({"real/shop_1.py": SHOP})
    (stage.folder / "shop.py").symlink_to("real/shop_1.py")
    program, editor = await stage.both("shop")
    assert (await editor.save("shop.py", SHOP.replace("10", "11")))["outcome"] == "live"
    assert await program.ask("shop.price()") == "22"
    await editor.save("shop.py", SHOP.replace("10", "("))
    await editor.shows("shop.py", "syntax-error")


async def test_the_script_that_was_started_follows_under_patch(every_stage: Stage) -> None:
    program, editor = await every_stage.both()
    text = editor.path("app.py").read_text() + "\ndef added():\n    return 5\n"
    # The guard at the end of the file must not run again.
    status = await editor.save("app.py", text)
    assert status["outcome"] == "live"
    assert await program.ask("added()") == "5"
    assert await program.ask("1 + 1") == "2"


async def test_a_module_of_python_dash_m(stage: Stage) -> None:
    stage.write({"pkg/__init__.py": "", "pkg/__main__.py": probe("pkg.shop"), "pkg/shop.py": SHOP})
    program = await (await stage.start(stage.python, "-m", "pkg")).ready()
    editor = await stage.editor()
    await editor.programs(1)
    assert (await editor.save("pkg/shop.py", SHOP.replace("10", "11")))["outcome"] == "live"
    assert await program.ask("pkg.shop.price()") == "22"


async def test_a_program_in_an_endless_loop_follows(stage: Stage) -> None:
    stage.write({
        "shop.py": SHOP,
        "app.py": (
            "import shop\nprint('ready', flush=True)\nwhile shop.price() == 20:\n    pass\nprint(shop.price())\n")})
    program = await (await stage.start(stage.python, "app.py")).ready()
    editor = await stage.editor()
    await editor.programs(1)
    await editor.save("shop.py", SHOP.replace("10", "11"))
    assert await program.line() == "22"
    assert await program.finish() == 0


async def test_an_asyncio_program_follows(stage: Stage) -> None:
    stage.write({
        "shop.py": SHOP,
        "app.py": (
            "import asyncio, sys, shop\n\n\nasync def main():\n    loop = asyncio.get_running_loop()\n"
            "    reader = asyncio.StreamReader()\n"
            "    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)\n"
            "    print('ready', flush=True)\n    while line := await reader.readline():\n"
            "        print(repr(eval(line)), flush=True)\n\n\nasyncio.run(main())\n")})
    program = await (await stage.start(stage.python, "app.py")).ready()
    editor = await stage.editor()
    await editor.programs(1)
    status = await editor.save("shop.py", SHOP.replace("RATE = 2", "RATE = 3"))
    assert status["outcome"] == "live"
    assert await program.ask("shop.price()") == "30"
    assert await program.finish() == 0


async def test_a_save_that_a_watcher_was_faster_to_see_is_reported_once(stage: Stage) -> None:
    stage.write({"shop.py": SHOP, "cart.py": "COUNT = 1\n"})
    program, editor = await stage.both("shop", "cart")
    text = SHOP.replace("10", "11")
    editor.type("shop.py", text)
    editor.path("shop.py").write_text(text)
    editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(
        [types.FileEvent(editor.path("shop.py").as_uri(), types.FileChangeType.Changed)]))
    seen = await editor.applied(0, "shop.py")
    assert (seen["trigger"]["kind"], seen["outcome"]) == ("watch", "live")
    editor.say_saved("shop.py")
    # The next report is of the next save.
    assert (await editor.save("cart.py", "COUNT = 2\n"))["sequence"] == seen["sequence"] + 1
    assert await program.ask("shop.price(), cart.COUNT") == "(22, 2)"
