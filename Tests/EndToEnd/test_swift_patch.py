"""Bodies of functions in Swift plugins, replaced where they run; and what cannot be, loaded anew."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Stage
from swift_program import CART, DISCOUNT, PRICE, PRICING, SOURCES, Shop, Workshop, needs_swift

KINDS = "Plugins/Pricing/Kinds.swift"
# Each kind of code that can be replaced says 1, with no stored state of its own.
KINDS_TEXT = """\
class Base: @unchecked Sendable { func one() -> Int { 1 }; class var two: Int { 1 } }
final class Derived: Base { override func one() -> Int { super.one() - 1 + 1 } }
struct Box<Element> {
    var element: Element
    var three: Int { get { 1 } set { _ = newValue } }
    subscript(index: Int) -> Int { index > 0 ? self[index - 1] : 1 }
    mutating func four(_ new: Element) -> Int { element = new; return 1 }
}
protocol Five {}
extension Five { func five() -> Int { 1 } }
extension Int: Five {}
extension Array where Element == Int { fileprivate func six() -> Int { 1 } }
extension Array where Element == String { fileprivate func six() -> Int { 1 } }
private enum Hidden { case a; static func + (left: Hidden, right: Int) -> Int { 1 } }
private func seven<T>(_ value: T, times: Int...) -> Int { times.count - 1 }
func eight(_ number: Int) -> Int { number == 0 ? 1 : eight(number - 1) }
struct Again { func callAsFunction(_ number: Int) -> Int { number == 0 ? 1 : self(number - 1) }; func `in`(_ number: Int) -> Int { number == 0 ? 1 : self.in(number - 1) } }
private func nine(_ body: () throws -> Void) rethrows -> Int { try body(); return 1 }
actor Ten { var count = 0; func ten() async -> Int { count += 1; return 1 } }
var eleven: Int { 1 }
@MainActor func twelve() -> Int { 1 }
private func named() -> String { "\\(#function) \\(#line) \\(#fileID)" }

func kinds(_ base: Base) async throws -> String {
    var box = Box(element: "")
    let parts = [
        base.one(), type(of: base).two, box.three, box[2], box.four("x"), 4.five(), [4].six(), [""].six(), Hidden.a + 1,
        seven(1, times: 2, 3), eight(3), Again()(3), Again().in(3), try nine {}, await Ten().ten(), eleven, await twelve()
    ]
    return parts.map(String.init).joined(separator: " ") + " " + named()
}
"""
LOAD = "let loads = plugin.state"
EXPORT = 'let base = Derived(); plugin.export(ExportKey<@Sendable (Int) async throws -> String>("kinds")) { _ in try await kinds(base) }; '

pytestmark = needs_swift


def modules(status: dict[str, Any]) -> list[tuple[str, int]]:
    return [(module["name"], module["generation"]) for module in status["hosts"][0]["modules"]]


def changes(status: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    return [(change["symbol"], change["kind"], change["change"], change["applied"])
            for module in status["hosts"][0]["modules"] for change in module["changes"]]


def reason(status: dict[str, Any]) -> str:
    """Why the first module was loaded anew."""
    return "; ".join({change["reason"] for change in status["hosts"][0]["modules"][0]["changes"] if "reason" in change})


async def test_a_new_body_runs_at_once_in_what_is_held_and_nothing_is_loaded_anew(shop: Shop) -> None:
    assert [await shop.ask("first 3"), await shop.ask("total 3")] == ["30", "38"]
    status = await shop.edit(DISCOUNT, "percent / 100", "percent / 50")
    assert [await shop.ask("first 3"), await shop.ask("price 3"), await shop.ask("total 3")] == ["60", "60", "71"]
    # What imports it goes on as it is, and so does what was counted.
    assert modules(status) == [("Pricing", 2)] and await shop.ask("visits 0") == "1"
    assert changes(status) == [("Pricing.discounted(_:)", "function", "modified", True)] and not reason(status)
    (change,) = status["hosts"][0]["modules"][0]["changes"]
    assert change["range"]["start"] == {"line": 0, "character": 0}


# What each edit needs a new generation for: the file, the edit, and what the report says of it.
WHOLE = {
    "a stored property": (PRICE, "public var amount: Int", "public var amount: Int, note = 0", "Pricing.Price.amount"),
    "a signature": (DISCOUNT, "discounted(_ amount: Int)", "discounted(_ amount: Int, by more: Int = 0)", "discounted(_:)"),
    "a new name": (DISCOUNT, "\nprivate", "\nfunc more() {}\n\nprivate", "the function Pricing.more() is new"),
    "an initialiser": (PRICE, "count * 10", "count * 20", "Pricing.Price.init(_:) changed: initialisers cannot be replaced"),
    "what is exported": (PRICING, "Price($0).amount", "Price($0).amount + 1", "has run already, and what it exported"),
    "an import": (CART, "import ShopAPI", "import ShopAPI\nimport Glibc", "the import `import Glibc` is new"),
}


@pytest.mark.parametrize("edit", WHOLE)
async def test_what_cannot_be_replaced_is_loaded_anew_and_said_by_name(shop: Shop, edit: str) -> None:
    name, old, new, said = WHOLE[edit]
    before = await shop.ask("first 3")
    status = await shop.edit(name, old, new)
    module = status["hosts"][0]["modules"][0]
    assert module["generation"] == 2 and all(change["applied"] for change in module["changes"])
    assert said in reason(status), status
    # What is held is what it was.
    assert await shop.ask("first 3") == before


async def test_a_closure_that_was_made_before_keeps_its_body_and_the_save_is_not_called_live(stage: Stage, workshop: Workshop) -> None:
    maker = SOURCES.joinpath(DISCOUNT).read_text() + "import ShopAPI\nfunc maker() -> Work { { $0 + 1 } }\n"
    exports = ('let kept = plugin.state("kept", initial: [Work]()); plugin.export(ExportKey<Work>("kept")) { kept.current[0]($0) }; '
               'plugin.export(ExportKey<Work>("make")) { let work = maker(); kept.withLock { $0.append(work) }; return work($0) }; ')
    pricing = (SOURCES / PRICING).read_text().replace(LOAD, exports + LOAD)
    shop = await Shop.open(stage, workshop, files={DISCOUNT: maker, PRICING: pricing})
    assert await shop.ask("make 1") == "2"
    status = await shop.edit(DISCOUNT, "$0 + 1", "$0 + 2")
    assert modules(status) == [("Pricing", 2)] and not reason(status)
    assert [await shop.ask("make 1"), await shop.ask("kept 1")] == ["3", "2"]
    scanned = await shop.editor.scanned(status)
    (host,) = scanned["hosts"]
    assert scanned["outcome"] == "stale" and host["coverage"]["skipped"] == []
    assert ("closure", "Pricing.maker", 1) in [(stale["kind"], stale["symbol"], stale["generation"]) for stale in host["stale"]], host["stale"]


async def test_a_comment_changes_nothing_and_is_not_behind(shop: Shop) -> None:
    status = await shop.editor.save(DISCOUNT, "// One line more.\n" + shop.text(DISCOUNT))
    assert status["outcome"] == "unchanged" and modules(status) == [("Pricing", 1)]
    await shop.editor.close()
    other = await shop.stage.editor()
    status = await other.save(PRICE, shop.text(PRICE).replace("amount + tax", "amount + 2 * tax"))
    assert modules(status) == [("Pricing", 2)] and await shop.ask("total 3") == "41"
    assert not [p for p in other.received("textDocument/publishDiagnostics") if p["uri"].endswith(DISCOUNT) and p["diagnostics"]]


async def test_hooks_are_called_around_a_patch(stage: Stage, workshop: Workshop) -> None:
    hooks = ('public static func willReload(_ plugin: PluginContext) { plugin.state("hooks", initial: 0).withLock { $0 += 100 } }\n'
             '    public static func didReload(_ plugin: PluginContext) { plugin.state("hooks", initial: 0).withLock { $0 += plugin.generation } }\n')
    export = 'let hooks = plugin.state("hooks", initial: 0); plugin.export(ExportKey<Work>("hooks")) { _ in hooks.current }; '
    text = (SOURCES / PRICING).read_text().replace("    public static func load", f"    {hooks}    public static func load").replace(LOAD, export + LOAD)
    shop = await Shop.open(stage, workshop, files={PRICING: text})
    await shop.edit(DISCOUNT, "percent / 100", "percent / 50")
    assert [await shop.ask("hooks 0"), await shop.ask("visits 0")] == ["102", "1"]


async def test_what_has_been_computed_with_a_body_is_computed_again(stage: Stage, workshop: Workshop) -> None:
    text = (SOURCES / DISCOUNT).read_text() + "let list = [1, 2].map { discounted($0) }\nfunc listed() -> Int { list[0] }\n"
    shop = await Shop.open(stage, workshop, files={DISCOUNT: text})
    status = await shop.edit(DISCOUNT, "percent / 100", "percent / 50")
    assert "Pricing.list has used Pricing.discounted(_:) already" in reason(status)
    status = await shop.edit(DISCOUNT, "list[0]", "list[1]")
    assert modules(status) == [("Pricing", 3)] and not reason(status)


async def both(shop: Shop, discount: tuple[str, str], cart: tuple[str, str]) -> dict[str, Any]:
    """One reload of two files."""
    mark = shop.editor.mark()
    shop.stage.write({DISCOUNT: shop.text(DISCOUNT).replace(*discount), CART: shop.text(CART).replace(*cart)})
    uris = [shop.editor.path(name).as_uri() for name in (DISCOUNT, CART)]
    await shop.editor.command("afresh.reload", {"uris": uris})
    return await shop.editor.applied(mark, DISCOUNT, CART)


async def test_a_save_of_two_plugins_is_applied_as_a_whole_or_not_at_all(stage: Stage, workshop: Workshop) -> None:
    shop = await Shop.open(stage, workshop, settings={"watch": False})
    # The first is patched, the second loaded anew, and fails.
    failing = "struct Closed: Error {}; if plugin.generation > 1 { throw Closed() }; "
    status = await both(shop, ("percent / 100", "percent / 50"), ("plugin.export", failing + "plugin.export"))
    assert status["outcome"] == "rolledBack", status
    assert [await shop.ask("first 3"), await shop.ask("total 3")] == ["30", "38"]
    assert modules(status) == [("Pricing", 1), ("Cart", 1)]
    status = await shop.edit(CART, failing, "")
    assert [await shop.ask("first 3"), await shop.ask("total 3")] == ["60", "71"]


async def test_what_is_loaded_anew_uses_what_the_same_save_has_patched(stage: Stage, workshop: Workshop) -> None:
    shop = await Shop.open(stage, workshop, settings={"watch": False})
    # In a way that no name tells of.
    hidden = 'let early = Plugins[.price]?(3) ?? 0; plugin.export(ExportKey<Work>("early")) { _ in early }; '
    status = await both(shop, ("percent / 100", "percent / 50"), ("plugin.export", hidden + "plugin.export"))
    pricing, cart = status["hosts"][0]["modules"]
    assert [pricing["name"], cart["name"]] == ["Pricing", "Cart"] and not reason(status)
    assert "has run already" in cart["changes"][0]["reason"]
    assert [await shop.ask("early 0"), await shop.ask("total 3")] == ["60", "71"]


async def test_two_plugins_are_patched_together(stage: Stage, workshop: Workshop) -> None:
    shop = await Shop.open(stage, workshop, settings={"watch": False})
    await shop.edit(CART, "+ shipping }", "+ costs() }\n    }\n    private static func costs() -> Int { shipping")
    status = await both(shop, ("percent / 100", "percent / 50"), ("{ shipping", "{ 2 * shipping"))
    assert sorted(modules(status)) == [("Cart", 3), ("Pricing", 2)] and not reason(status), status
    assert [await shop.ask("first 3"), await shop.ask("total 3")] == ["60", "76"]


async def test_a_patch_that_traps_when_it_is_called_is_taken_back_and_no_other(shop: Shop) -> None:
    await shop.edit(DISCOUNT, "percent / 100", "percent / 50")
    await shop.edit(CART, "shipping = 5", "shipping = 7")
    await shop.edit(DISCOUNT, "amount * percent / 50", "[amount][percent]")
    mark = shop.editor.mark()
    assert await shop.ask("total! 3") == "failed: signal 4 in 'total' of Cart; Pricing goes on with generation 2"
    status = await shop.editor.applied(mark, DISCOUNT)
    assert status["outcome"] == "rolledBack" and modules(status) == [("Pricing", 2)]
    (diagnostic,) = await shop.shows(DISCOUNT, "execution-error")
    assert diagnostic["range"]["start"]["line"] == 0
    # The patch before it runs again, in what is held too.
    assert [await shop.ask("first 3"), await shop.ask("total! 3")] == ["60", "73"]
    status = await shop.edit(DISCOUNT, "[amount][percent]", "amount * percent / 25")
    assert modules(status) == [("Pricing", 4)]
    assert [await shop.ask("first 3"), await shop.ask("total! 3")] == ["120", "139"]
    await shop.shows(DISCOUNT)


async def test_exact_loads_anew_what_patch_would_replace(stage: Stage, workshop: Workshop) -> None:
    shop = await Shop.open(stage, workshop, settings={"policy": "exact"})
    status = await shop.edit(DISCOUNT, "percent / 100", "percent / 50")
    assert modules(status) == [("Pricing", 2), ("Cart", 2)] and not changes(status)
    assert [await shop.ask("first 3"), await shop.ask("price 3")] == ["30", "60"]


async def test_edits_compose(shop: Shop) -> None:
    # A patch upon a patch; the one of another file stays.
    await shop.edit(DISCOUNT, "percent / 100", "percent / 50")
    await shop.edit(PRICE, "amount + tax(on: amount)", "amount + 2 * tax(on: amount)")
    status = await shop.edit(DISCOUNT, "percent / 50", "percent / 25")
    assert modules(status) == [("Pricing", 4)]
    assert [await shop.ask("first 3"), await shop.ask("total 3")] == ["120", "149"]
    # A new generation has all of them, and what is held goes on with the last patch.
    status = await shop.edit(DISCOUNT, "let percent = 100", "let percent = 200")
    assert modules(status) == [("Pricing", 5), ("Cart", 2)] and "stored property Pricing.percent changed" in reason(status)
    assert [await shop.ask("first 3"), await shop.ask("price 3"), await shop.ask("total 3")] == ["120", "240", "293"]
    # A patch is of the newest generation.
    status = await shop.edit(DISCOUNT, "percent / 25", "percent / 50")
    assert modules(status) == [("Pricing", 6)]
    assert [await shop.ask("first 3"), await shop.ask("price 3"), await shop.ask("total 3")] == ["120", "120", "149"]
    # Back to a text that ran once.
    await shop.edit(DISCOUNT, "percent / 50", "percent / 100")
    assert [await shop.ask("price 3"), await shop.ask("total 3")] == ["60", "77"]
    assert (await shop.edit(DISCOUNT, "percent / 100", "percent / 100 "))["outcome"] == "unchanged"


async def test_every_kind_of_body_is_replaced_and_objects_go_on(stage: Stage, workshop: Workshop) -> None:
    text = (SOURCES / PRICING).read_text()
    shop = await Shop.open(stage, workshop, files={KINDS: KINDS_TEXT, PRICING: text.replace(LOAD, EXPORT + LOAD)})
    ones = " ".join("1" * 17)
    assert await shop.ask("kinds 0") == ones + " named() 22 Pricing/Kinds.swift"
    text = KINDS_TEXT
    for old, new in {"{ 1 }": "{ 2 }", "return 1": "return 2", "? self[index - 1] : 1": "? self[index - 1] : 2", "count - 1": "count",
                     "? 1": "? 2", "{ _ = newValue }": "{ _ = newValue + 1 }", '{ "': '{ "new '}.items():
        text = text.replace(old, new)
    status = await shop.editor.save(KINDS, "// A line more.\n" + text)
    assert modules(status) == [("Pricing", 2)] and not reason(status), status
    assert await shop.ask("kinds 0") == ones.replace("1", "2") + " new named() 23 Pricing/Kinds.swift"
