"""Plugins of a Swift program, brought in live by a save."""

from __future__ import annotations

from conftest import Stage
from swift_program import CART, COMPILING, DISCOUNT, PRICE, PRICING, Shop, Workshop, needs_swift

GIFT = """\
import Observation

@Observable final class Gift {
    var price = 100
}

func wrapped(_ total: Int) -> Int { total + Gift().price }
"""

pytestmark = needs_swift


async def test_a_body_that_changes_runs_in_all_that_import_it(shop: Shop) -> None:
    assert [await shop.ask("price 3"), await shop.ask("total 3")] == ["30", "38"]
    status = await shop.edit(DISCOUNT, "percent = 100", "percent = 200")
    assert [await shop.ask("price 3"), await shop.ask("total 3")] == ["60", "71"]
    (host,) = status["hosts"]
    assert host["runtime"].startswith("Swift 6")
    assert [(module["name"], module["generation"]) for module in host["modules"]] == [("Pricing", 2), ("Cart", 2)]
    assert host["modules"][0]["uri"].endswith(DISCOUNT)
    assert host["modules"][1]["because"] == {"kind": "dependent", "of": "Pricing", "names": []}
    # What the program has kept is of the generation that it came from, and is not called live.
    assert await shop.ask("first 3") == "30"
    scanned = await shop.editor.scanned(status)
    assert scanned["outcome"] == "stale"
    found = {(stale["kind"], stale["symbol"], stale["generation"], stale["holder"]["path"].partition(" ")[0])
             for stale in scanned["hosts"][0]["stale"]}
    assert ("closure", "Pricing.Pricing.load", 1, "shop.first") in found


async def test_only_what_an_edit_concerns_is_loaded_and_state_is_kept(shop: Shop) -> None:
    status = await shop.edit(PRICE, "import ShopAPI\n", "import ShopAPI  // for its tax\n")
    assert status["outcome"] == "unchanged"
    assert status["hosts"][0]["modules"][0]["generation"] == 1
    status = await shop.edit(CART, "shipping = 5", "shipping = 7")
    assert [module["name"] for module in status["hosts"][0]["modules"]] == ["Cart"]
    assert [await shop.ask("total 3"), await shop.ask("visits 0")] == ["40", "1"]
    status = await shop.edit(PRICING, "plugin.export(.price) { Price($0).amount }", "_ = loads.withLock { $0 += 10 }")
    assert [await shop.ask("total 3"), await shop.ask("visits 0")] == ["40", "12"]
    # A name that is not exported any more stays bound.
    assert await shop.ask("price 3") == "30"
    scanned = await shop.editor.scanned(status)
    (stale,) = [stale for stale in scanned["hosts"][0]["stale"] if stale["kind"] == "leftover"]
    assert (stale["symbol"], stale["generation"]) == ("Pricing.price", 1)
    # The export is one reference, and the table that holds it no second one.
    assert not [stale for stale in scanned["hosts"][0]["stale"] if "exports[" in stale["holder"]["path"]]
    assert stale["confidence"] == "exact"


async def test_what_does_not_compile_is_blocked_with_the_compilers_ranges(shop: Shop) -> None:
    status = await shop.edit(DISCOUNT, "amount * percent", "amount * rate")
    assert status["outcome"] == "blocked"
    (diagnostic,) = await shop.shows(DISCOUNT, "compile-error")
    assert diagnostic["message"] == "cannot find 'rate' in scope" and diagnostic["severity"] == 1
    assert diagnostic["range"]["start"] == {"line": 0, "character": 49}
    assert await shop.ask("price 3") == "30"
    await shop.edit(DISCOUNT, "amount * rate", "2 * amount * percent")
    assert await shop.ask("price 3") == "60"
    await shop.shows(DISCOUNT)


async def test_what_breaks_a_dependent_is_blocked_at_the_dependents_line(shop: Shop) -> None:
    status = await shop.edit(PRICE, "public var gross: Int", "public var net: Int")
    assert status["outcome"] == "blocked"
    (diagnostic,) = await shop.shows(CART, "compile-error")
    assert diagnostic["range"]["start"]["line"] == 6 and "'gross'" in diagnostic["message"]
    assert await shop.ask("total 3") == "38"
    await shop.edit(PRICE, "public var net: Int", "public var gross: Int { 1 }\n    public var net: Int")
    assert await shop.ask("total 3") == "6"
    await shop.shows(CART)
    # Or the dependent follows: what it had to follow comes in with it.
    status = await shop.edit(PRICE, "public var gross: Int { 1 }\n", "\n")
    assert status["outcome"] == "blocked"
    status = await shop.edit(CART, ".gross", ".net")
    assert [module["name"] for module in status["hosts"][0]["modules"]] == ["Pricing", "Cart"]
    assert await shop.ask("total 3") == "38"
    await shop.shows(CART)


async def test_a_plugin_that_fails_while_it_is_loaded_leaves_the_former_one(shop: Shop) -> None:
    export = "plugin.export(.price)"
    failing = {"struct Closed: Error {}; if plugin.generation > 1 { throw Closed() }": ("Closed", 0),
               "_ = [Int]()[plugin.generation]": ("Trap", 7)}
    for wrong, (said, line) in failing.items():
        status = await shop.edit(PRICING, export, f"{wrong}; {export}")
        assert status["outcome"] == "rolledBack"
        pricing, cart = status["hosts"][0]["modules"]
        assert said in pricing["error"]["message"] and pricing["generation"] == cart["generation"] == 1
        (diagnostic,) = await shop.shows(PRICING, "execution-error")
        assert diagnostic["range"]["start"]["line"] == line
        assert [await shop.ask("price 3"), await shop.ask("total 3")] == ["30", "38"]
        await shop.edit(PRICING, f"{wrong}; ", "")
        await shop.shows(PRICING)
    # Nor does one that needs what is nowhere.
    status = await shop.edit(DISCOUNT, "percent = 100", "percent = missing()\n@_silgen_name(\"missing\") func missing() -> Int")
    assert status["outcome"] == "rolledBack" and "has no missing" in status["message"]
    status = await shop.edit(DISCOUNT, "percent = missing()\n@_silgen_name(\"missing\") func missing() -> Int", "percent = 200")
    assert [module["generation"] for module in status["hosts"][0]["modules"]] == [2, 2]
    assert [await shop.ask("price 3"), await shop.ask("total 3")] == ["60", "71"]


async def test_what_was_saved_while_no_server_ran_is_behind(shop: Shop) -> None:
    await shop.editor.close()
    shop.stage.write({DISCOUNT: shop.text(DISCOUNT).replace("percent = 100", "percent = 300")})
    other = await shop.stage.editor()
    (diagnostic,) = await other.shows(DISCOUNT, "behind")
    assert "older text" in diagnostic["message"]
    status, out, err = await shop.stage.afresh("status")
    assert "differs" in out, out + err
    # What was not saved here comes in with what is.
    await other.save(PRICE, shop.text(PRICE) + "\n")
    assert await shop.ask("price 3") == "90"
    await other.shows(DISCOUNT)


async def test_what_is_no_plugin_is_refused(shop: Shop) -> None:
    for name, reason in {"Sources/shop/main.swift": "part of the program itself", "Package.swift": "manifest"}.items():
        status = await shop.editor.save(name, shop.text(name) + "\n")
        assert status["outcome"] == "refused"
        (diagnostic,) = await shop.shows(name, "not-applied")
        assert reason in diagnostic["message"]
    shop.stage.write({
        "Plugins/More/More.swift": "",
        "Package.swift": shop.text("Package.swift").replace("targets: [", 'targets: [.target(name: "More", path: "Plugins/More"),')})
    status = await shop.edit(CART, "shipping = 5", "shipping = 7")
    assert status["outcome"] == "refused" and "its package has changed" in status["message"]
    assert await shop.ask("total 3") == "38"


async def test_a_dependent_is_never_left_with_what_it_was_not_built_for(stage: Stage, workshop: Workshop) -> None:
    shop = await Shop.open(stage, workshop, settings={"dependents": "none"})
    status = await shop.edit(DISCOUNT, "percent = 100", "percent = 200")
    assert status["outcome"] == "refused" and "Cart would be left" in status["message"]
    assert [await shop.ask("price 3"), await shop.ask("total 3")] == ["30", "38"]
    # What nothing depends on comes in.
    await shop.edit(CART, "shipping = 5", "shipping = 7")
    assert await shop.ask("total 3") == "40"


async def test_no_edit_is_lost_in_quick_succession(shop: Shop) -> None:
    last = {}
    for number in range(2, 14):
        last = await shop.edit(DISCOUNT, f"percent = {number - 1}00", f"percent = {number}00")
        assert await shop.ask("price 1") == str(10 * number)
    assert last["hosts"][0]["modules"][0]["generation"] == 13


async def test_of_saves_that_nobody_waits_for_the_last_one_runs(shop: Shop) -> None:
    mark, sequence = shop.editor.mark(), 0
    text = shop.text(DISCOUNT)
    for number in range(2, 14):
        saved = text.replace("percent = 100", f"percent = {number}00")
        shop.editor.type(DISCOUNT, saved)
        shop.stage.write({DISCOUNT: saved})
        shop.editor.say_saved(DISCOUNT)
    while await shop.ask("price 1") != "130":
        status = await shop.editor.status("applied", mark, lambda status: status["sequence"] > sequence)
        sequence = status["sequence"]


async def test_a_new_file_belongs_to_its_module_and_may_use_libraries_that_the_program_does_not(shop: Shop) -> None:
    shop.stage.write({"Plugins/Cart/Gift.swift": GIFT})
    await shop.edit(CART, "{ Price($0).gross + shipping }", "{ wrapped(Price($0).gross + shipping) }")
    assert await shop.ask("total 3") == "138"


async def test_a_text_that_no_program_runs_is_only_parsed(stage: Stage) -> None:
    stage.write({"alone.swift": "", "Package.swift": 'fatalError("executed")\n'})
    editor = await stage.editor()
    status = await editor.save("alone.swift", "func f( {\n}\n")
    assert status["outcome"] == "blocked"
    await editor.event("an error", lambda: {d["code"] for d in editor.diagnostics("alone.swift")} == {"compile-error"})
    status = await editor.save("alone.swift", "func f() { g() }\n")
    assert status["outcome"] == "unchanged" and "no program runs live" in status["message"]
    await editor.shows("alone.swift")
    assert not (stage.folder / ".build").exists() and not editor.received("window/showMessage")


async def test_the_demonstration(stage: Stage, workshop: Workshop) -> None:
    binary = workshop.built / "afresh"
    assert binary.exists(), f"{binary} is missing: swift build"
    stage.binary = str(binary)
    status, out, err = await stage.afresh("demo", "swift", environment={"XDG_CACHE_HOME": str(workshop.cache)}, limit=COMPILING)
    assert status == 0, out + err
    for outcome in ("stale", "blocked", "rolled back"):
        assert outcome in out, out
