"""What is stale is said once, at its place; what puts it right does so in the program or in the text; then the mark goes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from conftest import Stage
from editor import Editor
from lsprotocol import types
from program import LIMIT

SHOP = "RATE = 2\n\n\ndef price():\n    return RATE * 10\n\n\nclass Order:\n    def total(self):\n        return 1\n"
NEW = SHOP.replace("10", "11").replace("return 1\n", "return 2\n")
EXACT = {"policy": "exact", "dependents": "none"}


async def stale(stage: Stage, users: dict[str, str], new: str = NEW, settings: dict[str, Any] = EXACT) -> tuple[Any, Editor]:
    """A program in which `shop` was reloaded, so that what its users hold is old; the search is over."""
    stage.write({"shop.py": SHOP, **users})
    program, editor = await stage.both("shop", *(name.removesuffix(".py") for name in users), settings=settings)
    for name in users:
        editor.open(name)
    await editor.scanned(await editor.save("shop.py", new))
    return program, editor


async def actions(editor: Editor, name: str, line: int, character: int = 0, **context: Any) -> list[dict[str, Any]]:
    place = {"line": line, "character": character}
    return await editor.actions(name, {"start": place, "end": place}, **context)


async def choose(editor: Editor, name: str, line: int, title: str, character: int = 0) -> dict[str, Any]:
    """Carries out the one action with that title, as an editor does: its edit, then its command."""
    offered = await actions(editor, name, line, character)
    (action,) = [each for each in offered if each["title"] == title] or [{"offered": [each["title"] for each in offered]}]
    if "data" in action:  # what it changes is said when it is chosen
        mark = editor.mark()
        await asyncio.wait_for(editor.client.code_action_resolve_async(types.CodeAction(
            title=action["title"], data=action["data"])), LIMIT)
        action["edit"] = next(message["result"]["edit"] for sender, message in editor.protocol.messages[mark:]
                              if sender == "server" and isinstance(message.get("result"), dict))
    edit = action.get("edit", {})
    changes = [(uri, None, edits) for uri, edits in edit.get("changes", {}).items()]
    changes += [(each["textDocument"]["uri"], each["textDocument"]["version"], each["edits"])
                for each in edit.get("documentChanges", ())]
    for uri, version, edits in changes:
        path = next(path for path in editor.folder.rglob("*.py") if path.as_uri() == uri)
        assert version in (None, editor.versions[path])
        lines = path.read_text().splitlines(keepends=True) + [""]
        for edit in sorted(edits, key=lambda e: tuple(e["range"]["start"].values()), reverse=True):
            start, end = edit["range"]["start"], edit["range"]["end"]
            text = lines[start["line"]][: start["character"]] + edit["newText"] + lines[end["line"]][end["character"]:]
            lines[start["line"]: end["line"] + 1] = [text]
        text = "".join(lines)
        await editor.save(str(path.relative_to(editor.folder)), text)
    if "command" in action:
        await editor.command(action["command"]["command"], *action["command"]["arguments"])
    assert "offered" not in action, action
    return action


async def test_a_stale_from_import_is_marked_and_rebound(every_stage: Stage) -> None:
    program, editor = await stale(every_stage, {"cart.py": "import os\nfrom shop import price\n"})
    (diagnostic,) = await editor.shows("cart.py", "stale-binding")
    assert diagnostic["severity"] == 2
    assert diagnostic["range"] == {"start": {"line": 1, "character": 17}, "end": {"line": 1, "character": 22}}
    (related,) = diagnostic["relatedInformation"]
    assert related["location"]["uri"] == editor.path("shop.py").as_uri()
    assert await program.ask("cart.price()") == "20"
    mark = editor.mark()
    action = await choose(editor, "cart.py", 1, "Rebind `price` to generation 2", 18)
    assert action["kind"] == "quickfix" and action["diagnostics"][0]["code"] == "stale-binding"
    assert await program.ask("cart.price is shop.price, cart.price()") == "(True, 22)"
    status = await editor.status("resolved", mark)
    assert status["outcome"] == "live" and status["hosts"][0]["stale"] == []
    assert status["sequence"] == 1
    await editor.shows("cart.py")
    assert len(editor.received("reload/status", mark)) == 1


async def test_a_from_import_is_replaced_by_qualified_access(stage: Stage) -> None:
    program, editor = await stale(stage, {"cart.py": "from shop import price\n\n\ndef pay():\n    return price()\n"})
    await editor.shows("cart.py", "stale-binding")
    await choose(editor, "cart.py", 0, "Use `shop.price` instead of `from shop import price`", 18)
    assert editor.path("cart.py").read_text() == "import shop\n\n\ndef pay():\n    return shop.price()\n"
    await editor.scanned(await editor.save("shop.py", NEW.replace("11", "12")))
    assert await program.ask("cart.pay()") == "24"


@pytest.mark.parametrize("hook", ["", "    def __afresh_migrate__(self, old):\n        self.was = old.total(self)\n"])
async def test_ten_thousand_instances_are_one_diagnostic_and_migrate(stage: Stage, hook: str) -> None:
    users = {"cart.py": "import shop\nheld = [shop.Order() for _ in range(10_000)]\n"}
    program, editor = await stale(stage, users, NEW.replace("class Order:\n", "class Order:\n" + hook))
    (diagnostic,) = await editor.shows("cart.py", "stale-instance")
    assert "10000" in diagnostic["message"]
    assert diagnostic["range"]["start"]["line"] == 1
    mark = editor.mark()
    await choose(editor, "cart.py", 1, "Migrate 10000 instances of `Order`")
    assert await program.ask("{each.total() for each in cart.held}, {type(each) for each in cart.held} == {shop.Order}") \
        == "({2}, True)"
    if hook:
        assert await program.ask("{each.was for each in cart.held}") == "{1}"
    assert (await editor.status("resolved", mark))["outcome"] == "live"
    await editor.shows("cart.py")


async def test_a_migration_that_fails_is_said_and_the_mark_stays(stage: Stage) -> None:
    hook = "    def __afresh_migrate__(self, old):\n        raise ValueError('not that one')\n"
    users = {"cart.py": "import shop\nheld = shop.Order()\n"}
    program, editor = await stale(stage, users, NEW.replace("class Order:\n", "class Order:\n" + hook))
    await choose(editor, "cart.py", 1, "Migrate 1 instance of `Order`")
    (message,) = [each for each in editor.received("window/showMessage") if each["type"] != 3]  # 3: what stale means
    assert message["type"] == 1 and "not that one" in message["message"] and "shop.py" in message["message"]
    assert await program.ask("cart.held.total(), type(cart.held) is shop.Order") == "(1, False)"
    await editor.shows("cart.py", "stale-instance")


async def test_a_leftover_is_marked_at_each_use_and_removed(stage: Stage) -> None:
    user = "import shop\n\n\ndef pay():\n    return shop.price() + shop.price()\n"
    program, editor = await stale(stage, {"cart.py": user}, "RATE = 2\n\n\nclass Order:\n    pass\n")
    diagnostics = await editor.shows("cart.py", "leftover-name", "leftover-name")
    assert [(each["range"]["start"]["line"], each["range"]["start"]["character"]) for each in diagnostics] \
        == [(4, 11), (4, 26)]
    assert await program.ask("cart.pay()") == "40"
    mark = editor.mark()
    await choose(editor, "cart.py", 4, "Remove leftover `price`", 12)
    assert await program.ask("hasattr(shop, 'price')") == "False"
    assert (await editor.status("resolved", mark))["outcome"] == "live"
    await editor.shows("cart.py")


async def test_a_value_is_kept_across_reloads(stage: Stage) -> None:
    stage.write({"shop.py": "CACHE = {}\nRATE = 1\n"})
    program, editor = await stage.both("shop", settings={"policy": "exact"})
    await program.ask("shop.CACHE.update(a=1)")
    editor.open("shop.py")
    await choose(editor, "shop.py", 0, "Keep this value across reloads")
    text = editor.path("shop.py").read_text()
    assert text == "try:\n    CACHE\nexcept NameError:\n    CACHE = {}\nRATE = 1\n"
    await editor.save("shop.py", text.replace("RATE = 1", "RATE = 2"))
    assert await program.ask("shop.CACHE, shop.RATE") == "({'a': 1}, 2)"


async def test_what_runs_again_can_be_kept(stage: Stage) -> None:
    text = "RATE = 1\nLOG = open(str(RATE) + '.txt', 'w')\n"
    stage.write({"shop.py": text})
    program, editor = await stage.both("shop")
    editor.open("shop.py")
    editor.type("shop.py", text.replace("RATE = 1", "RATE = 2"))
    await editor.shows("shop.py", "runs-again")
    offered = await actions(editor, "shop.py", 1)
    (action,) = [each for each in offered if each["title"] == "Keep this value across reloads"]
    assert action["kind"] == "quickfix" and action["diagnostics"][0]["code"] == "runs-again"
    # On the text that is in the editor, without the change that would execute it again.
    editor.type("shop.py", text)
    await choose(editor, "shop.py", 1, "Keep this value across reloads")
    await editor.save("shop.py", editor.path("shop.py").read_text().replace("RATE = 1", "RATE = 2"))
    assert await program.ask("shop.RATE, shop.LOG.name, shop.LOG.closed") == "(2, '1.txt', False)"


async def test_a_file_that_is_behind_is_brought_in(stage: Stage) -> None:
    stage.write({"shop.py": SHOP})
    program = await stage.program("shop")
    stage.write({"shop.py": NEW})
    editor = await stage.editor()
    editor.open("shop.py")
    (diagnostic,) = await editor.shows("shop.py", "behind")
    assert diagnostic["severity"] == 3
    assert await program.ask("shop.price()") == "20"
    offered = [each for each in await actions(editor, "shop.py", 0) if each["kind"] == "quickfix"]
    (action,) = [each for each in offered if each["title"] == "Reload this file"]
    await editor.command(action["command"]["command"], *action["command"]["arguments"])
    await editor.shows("shop.py")
    assert await program.ask("shop.price()") == "22"


async def test_a_registration_is_rebound(stage: Stage) -> None:
    program, editor = await stale(stage, {"cart.py": "import shop\nROUTES = {'/pay': shop.price}\n"})
    (diagnostic,) = await editor.shows("cart.py", "stale-registration")
    assert "cart.ROUTES['/pay']" in diagnostic["message"] and diagnostic["range"]["start"]["line"] == 1
    await choose(editor, "cart.py", 1, "Rebind `price` to generation 2")
    assert await program.ask("cart.ROUTES['/pay']()") == "22"
    await editor.shows("cart.py")


async def test_a_subclass_gets_the_new_base(stage: Stage) -> None:
    program, editor = await stale(stage, {"cart.py": "import shop\nclass Big(shop.Order):\n    pass\nbig = Big()\n"})
    await editor.shows("cart.py", "stale-subclass")
    await choose(editor, "cart.py", 1, "Rebind `Order` to generation 2")
    assert await program.ask("cart.big.total()") == "2"
    await editor.shows("cart.py")


async def test_what_goes_away_by_itself_is_said_once(stage: Stage) -> None:
    program, editor = await stale(stage, {"cart.py": "import shop\nheld = [shop.Order()]\n"})
    await editor.shows("cart.py", "stale-instance")
    mark = editor.mark()
    await program.ask("cart.held.clear()")
    status = await editor.status("resolved", mark)
    assert status["outcome"] == "live" and status["hosts"][0]["staleTotal"] == 0
    await editor.shows("cart.py")
    assert len(editor.received("reload/status", mark)) == 1


async def test_a_frame_that_returns_takes_its_mark_away(stage: Stage) -> None:
    text = ("import threading\ngo, inside = threading.Event(), threading.Event()\n\n\n"
            "def work():\n    inside.set(), go.wait()\n    return 1\n")
    stage.write({"shop.py": text})
    program, editor = await stage.both("shop", "threading")
    assert await program.ask("threading.Thread(target=lambda: shop.work()).start() or shop.inside.wait()") == "True"
    await editor.scanned(await editor.save("shop.py", text.replace("return 1", "return 2")))
    (diagnostic,) = await editor.shows("shop.py", "stale-frame")
    assert diagnostic["severity"] == 3 and diagnostic["range"]["start"]["line"] == 5
    mark = editor.mark()
    await program.ask("shop.go.set()")
    await editor.status("resolved", mark)
    await editor.shows("shop.py")


async def test_many_holders_at_one_place_are_one_diagnostic(stage: Stage) -> None:
    user = "import shop\nheld = {number: shop.price for number in range(500)}\n"
    _, editor = await stale(stage, {"cart.py": user})
    (diagnostic,) = await editor.shows("cart.py", "stale-registration")
    assert len(diagnostic["message"]) < 300
    status = await editor.status("scanned")
    assert len(status["hosts"][0]["stale"]) <= 20 and status["hosts"][0]["staleTotal"] == 500
    remedy = status["hosts"][0]["stale"][0]["remedy"]
    assert remedy["title"] == remedy["command"]["title"] == "Rebind `price` to generation 2"


async def test_a_program_is_started_anew(stage: Stage) -> None:
    program, editor = await stale(stage, {"cart.py": "from shop import price\n"})
    pid = await program.ask("__import__('os').getpid()")
    await choose(editor, "cart.py", 0, "Restart the program", 18)
    assert await program.line() == "ready"
    assert await program.ask("__import__('os').getpid()") == pid
    assert await program.ask("cart.price is shop.price, cart.price()") == "(True, 22)"
    await editor.shows("cart.py")


async def hover(editor: Editor, name: str, line: int, character: int) -> str:
    answer = await asyncio.wait_for(editor.client.text_document_hover_async(types.HoverParams(
        types.TextDocumentIdentifier(editor.path(name).as_uri()), types.Position(line, character))), LIMIT)
    return "" if answer is None else answer.contents.value


async def test_hover_tells_the_live_value_the_generation_and_the_holders(stage: Stage) -> None:
    program, editor = await stale(stage, {"cart.py": "from shop import price\n"})
    await program.ask("shop.__dict__.update(RATE=[1, 2])")
    text = await hover(editor, "shop.py", 0, 2)
    assert "`RATE = [1, 2]`" in text and "generation 2" in text and "live since" in text
    assert "cart.price" not in text
    text = await hover(editor, "shop.py", 3, 6)
    assert "`cart.price`" in text and "still holds price of generation 1" in text


async def test_hover_runs_none_of_the_program(stage: Stage) -> None:
    text = "ran = []\nclass Loud:\n    def __repr__(self):\n        ran.append(1)\n        return 'loud'\n" \
        "    x = property(__repr__)\nloud = Loud()\n"
    stage.write({"shop.py": text})
    program, editor = await stage.both("shop")
    editor.open("shop.py")
    assert "shop.Loud object" in await hover(editor, "shop.py", 6, 1)
    assert await program.ask("shop.ran") == "[]"


async def lenses(editor: Editor, name: str) -> list[tuple[int, str]]:
    answer = await asyncio.wait_for(editor.client.text_document_code_lens_async(types.CodeLensParams(
        types.TextDocumentIdentifier(editor.path(name).as_uri()))), LIMIT)
    return [(lens.range.start.line, lens.command.title) for lens in answer or () if lens.command is not None]


async def test_lenses_tell_generation_and_what_is_stale(stage: Stage) -> None:
    stage.write({"shop.py": SHOP, "cart.py": "from shop import price\nfrom shop import price as other\n"})
    program, editor = await stage.both("shop", "cart", settings=EXACT)
    editor.open("shop.py")
    assert await lenses(editor, "shop.py") == [(3, "generation 1"), (7, "generation 1")]
    mark = editor.mark()
    await editor.scanned(await editor.save("shop.py", NEW))
    assert await lenses(editor, "shop.py") == [(3, "generation 2, 2 stale"), (7, "generation 2")]
    await program.ask("cart.__dict__.update(price=shop.price, other=shop.price)")
    await editor.status("resolved", mark)
    assert await lenses(editor, "shop.py") == [(3, "generation 2"), (7, "generation 2")]


TABLE = "def build():\n    return [1]\n\n\nTABLE = build()\nSIZE = sum(TABLE)\n"


async def test_a_value_that_stays_though_its_code_changed_is_marked_until_it_is_computed_anew(stage: Stage) -> None:
    stage.write({"shop.py": TABLE})
    program, editor = await stage.both("shop")
    await program.ask("shop.TABLE.append(5)")
    status = await editor.save("shop.py", TABLE.replace("[1]", "[2]"))
    scanned = await editor.scanned(status)
    (reference,) = scanned["hosts"][0]["stale"]
    assert (reference["symbol"], reference["kind"], reference["holder"]["path"]) == ("shop.build", "value", "shop.TABLE")
    (mark,) = await editor.shows("shop.py", "stale-value")
    assert (mark["code"], mark["severity"], mark["range"]["start"]["line"]) == ("stale-value", 2, 4)
    assert mark["message"] == "shop.TABLE was computed from the old shop.build."
    before = editor.mark()
    await choose(editor, "shop.py", 4, "Rebind `build` to generation 2")
    assert (await editor.status("resolved", before))["outcome"] == "stale"
    (mark,) = [d for d in editor.diagnostics("shop.py") if d["range"]["start"]["line"] == 5]
    assert mark["message"] == "shop.SIZE was computed from the old shop.TABLE."
    assert await program.ask("shop.TABLE, shop.SIZE") == "([2], 1)"
    before = editor.mark()
    await program.ask("setattr(shop, 'SIZE', 2)")
    await editor.status("resolved", before)
    await editor.shows("shop.py")
    said = [message["params"] for _, message in editor.protocol.messages[before:] if message.get("method") == "reload/status"]
    assert [(each["phase"], each["outcome"]) for each in said] == [("resolved", "live")]


async def test_what_stays_stale_is_told_once_and_is_a_quiet_mark_from_then_on(stage: Stage) -> None:
    program, editor = await stale(stage, {"cart.py": "from shop import price\n"}, settings={"policy": "exact", "dependents": "none"})
    (mark,) = await editor.shows("cart.py", "stale-binding")
    await editor.event("what the mark means", lambda: editor.received("window/showMessage"))
    told = editor.mark()
    for rate in (3, 4, 5):
        text = NEW.replace("RATE = 2", f"RATE = {rate}")
        status = await editor.scanned(await editor.save("shop.py", text))
        assert status["outcome"] == "stale" and [each["symbol"] for each in status["hosts"][0]["stale"]] == ["shop.price"]
    assert editor.received("window/showMessage", told) == []
    assert editor.received("window/showMessageRequest", told) == []
    (still,) = editor.diagnostics("cart.py")
    assert (still["code"], still["range"], still["message"]) == (mark["code"], mark["range"], mark["message"])
    assert await program.ask("cart.price is shop.price") == "False"
