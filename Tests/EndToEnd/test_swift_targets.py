"""What a package of Swift plugins can consist of, and what it cannot."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from conftest import Stage
from swift_program import CART, PRICE, PRICING, SOURCES, Shop, Workshop, needs_swift

pytestmark = needs_swift

STOCK = "Plugins/CStock/stock.c"
HEADER = "Plugins/CStock/include/CStock.h"
TILL = "Plugins/Till/Till.swift"
# Cart is on a target in C and has a resource; Pricing is in the language mode of Swift 5; Till sees Pricing through Cart only.
WIDE = {
    "Package.swift": (SOURCES / "Package.swift").read_text().replace(
        'dependencies: ["ShopAPI"], path: "Plugins/Pricing")',
        'dependencies: ["ShopAPI"], path: "Plugins/Pricing", swiftSettings: [.swiftLanguageMode(.v5)])').replace(
        '.target(name: "Cart", dependencies: ["ShopAPI", "Pricing"], path: "Plugins/Cart")',
        '.target(name: "CStock", path: "Plugins/CStock", cSettings: [.define("SHELVES", to: "2")]),\n'
        '        .target(name: "Cart", dependencies: ["ShopAPI", "Pricing", "CStock"], path: "Plugins/Cart", resources: [.process("note.txt")]),\n'
        '        .target(name: "Till", dependencies: ["ShopAPI", "Cart"], path: "Plugins/Till")'),
    HEADER: "struct stock { int items; };\nint stocked(struct stock stock);\n",
    STOCK: '#include "CStock.h"\nint stocked(struct stock stock) { return stock.items * SHELVES; }\n',
    "Plugins/Cart/note.txt": "7",
    PRICE: (SOURCES / PRICE).read_text().replace("struct Price {", "struct Price: Sendable {"),
    PRICING: (SOURCES / PRICING).read_text().replace("public enum", "var calls = 0\n\npublic enum"),
    CART: """\
import AfreshHost
import CStock
import Foundation
import Pricing
import ShopAPI

public struct Basket: Sendable {
    public var price: Price
    public var items = 1
    public init(_ count: Int) { price = Price(count) }
}

public enum Cart: Plugin {
    public static func load(_ plugin: PluginContext) throws {
        plugin.export(.total) { Int(stocked(stock(items: Int32($0)))) + note() }
    }
}

func note() -> Int {
    let file = Bundle.module.url(forResource: "note", withExtension: "txt")
    return file.flatMap { try? String(contentsOf: $0, encoding: .utf8) }.flatMap { Int($0) } ?? -1
}
""",
    TILL: """\
import AfreshHost
import Cart
import ShopAPI

public enum Till: Plugin {
    public static func load(_ plugin: PluginContext) throws {
        let last = plugin.state("last", initial: Basket(1))
        plugin.export(ExportKey<Work>("till")) {
            last.withLock { $0.items += 1 }
            let basket = Basket($0)
            return basket.price.amount * 1000 + basket.items * 100 + last.current.items
        }
    }
}
"""}


async def test_targets_in_c_resources_foundation_and_several_levels(stage: Stage, workshop: Workshop) -> None:
    shop = await Shop.open(stage, workshop, WIDE)
    assert [await shop.ask("total 3"), await shop.ask("till 3"), await shop.ask("till 3")] == ["13", "30102", "30103"]
    # A body in C: what imports it is linked again.
    status = await shop.edit(STOCK, "* SHELVES", "* SHELVES * 10")
    assert [module["name"] for module in status["hosts"][0]["modules"]] == ["CStock", "Cart", "Till"]
    assert await shop.ask("total 3") == "67"
    # Its interface: what imports it is compiled again, and comes in with it.
    status = await shop.edit(HEADER, "{ int items; }", "{ int spare; int items; }")
    assert status["outcome"] == "blocked"
    await shop.shows(CART, "compile-error")
    assert await shop.ask("total 3") == "67"
    status = await shop.edit(CART, "stock(items:", "stock(spare: 0, items: 1 +")
    assert [module["name"] for module in status["hosts"][0]["modules"]] == ["CStock", "Cart", "Till"]
    assert await shop.ask("total 3") == "87"
    await shop.shows(CART)
    # A resource is read where it is.
    shop.stage.write({"Plugins/Cart/note.txt": "8"})
    assert await shop.ask("total 3") == "88"
    # A stored layout two levels below.
    status = await shop.edit(PRICE, "public var amount: Int\n", "private var spare = (1, 2, 3)\n    public var amount: Int\n")
    assert [module["name"] for module in status["hosts"][0]["modules"]] == ["Pricing", "Cart", "Till"]
    assert await shop.ask("till 3") == "30102"
    (diagnostic,) = await shop.shows(TILL, "not-applied")
    assert "it begins anew" in diagnostic["message"]
    # Errors in C are shown as those in Swift.
    status = await shop.edit(STOCK, "stock.items", "stock.pieces")
    assert status["outcome"] == "blocked"
    (diagnostic,) = await shop.shows(STOCK, "compile-error")
    assert "pieces" in diagnostic["message"] and diagnostic["range"]["start"]["line"] == 1
    assert await shop.ask("total 3") == "88"
    # A header that nobody has saved here is not mixed with what was built with another one.
    await shop.edit(STOCK, "stock.pieces", "stock.items")
    shop.stage.write({HEADER: shop.text(HEADER).replace("int spare; int items;", "int items; int spare;")})
    status = await shop.edit(CART, "stock(spare: 0, items: 1 + Int32($0))", "stock(items: 2 + Int32($0), spare: 0)")
    assert status["outcome"] == "refused" and "CStock would be left" in status["message"], status["message"]
    assert await shop.ask("total 3") == "88"
    await shop.editor.save(HEADER, shop.text(HEADER))
    assert await shop.ask("total 3") == "108"


async def test_an_image_that_ends_the_process_when_it_is_loaded_is_tried_in_a_copy_of_it(stage: Stage, workshop: Workshop) -> None:
    shop = await Shop.open(stage, workshop, WIDE)
    start = "__attribute__((constructor)) static void start(void) { __builtin_trap(); }\n"
    status = await shop.edit(STOCK, "int stocked", f"{start}int stocked")
    assert status["outcome"] == "rolledBack" and "in a copy of the program" in status["message"]
    (diagnostic,) = await shop.shows(STOCK, "execution-error")
    assert diagnostic["range"]["start"]["line"] == 1
    assert await shop.ask("total 3") == "13"
    status = await shop.edit(STOCK, "__builtin_trap();", "")
    assert status["hosts"][0]["modules"][0]["generation"] == 2 and await shop.ask("total! 3") == "13"
    await shop.shows(STOCK)


async def test_each_target_has_its_own_language_mode(stage: Stage, workshop: Workshop) -> None:
    shop = await Shop.open(stage, workshop, WIDE)
    await shop.edit(PRICING, "var calls = 0", "var calls = 1")
    assert await shop.ask("price 3") == "30"
    status = await shop.edit(TILL, "public enum", "var calls = 0\n\npublic enum")
    assert status["outcome"] == "blocked"
    (diagnostic,) = await shop.shows(TILL, "compile-error")
    assert "concurrency" in diagnostic["message"]


async def test_what_casts_do_not_see_is_said(stage: Stage, workshop: Workshop) -> None:
    shop = await Shop.open(stage, workshop)
    await shop.edit(CART, "let shipping = 5", "let shipping = 5\n\nextension Int: @retroactive Identifiable { public var id: Int { 1 } }")
    (diagnostic,) = await shop.shows(CART, "not-applied")
    assert diagnostic["message"].startswith("Int: Identifiable was not applied: both sides of this conformance are from elsewhere")


async def test_a_programs_beginning_is_refused(stage: Stage, workshop: Workshop) -> None:
    shop = await Shop.open(stage, workshop)
    status = await shop.edit(CART, "let shipping = 5", "let shipping = 6\n\n@main struct Start { static func main() {} }")
    assert status["outcome"] == "refused" and "Cart has a program's beginning (@main)" in status["message"]
    assert await shop.ask("total 3") == "38"
    await shop.edit(CART, "\n\n@main struct Start { static func main() {} }", "")
    assert await shop.ask("total 3") == "39"


@pytest.mark.parametrize(("change", "reason"), [
    ('.macro(name: "Made", path: "Plugins/Made"),', "Cart depends on Made, which is a macro of the package"),
    ('.target(name: "Made", path: "Plugins/Made", resources: [.embedInCode("made.txt")]),', "Made has resources that are embedded in code"),
    ('.target(name: "Made", path: "Plugins/Made", swiftSettings: [.unsafeFlags(["-Ounchecked"])]),', "Made has the setting unsafeFlags"),
], ids=["macro", "embedded", "flags"])
async def test_what_cannot_be_built_is_said_at_the_start(stage: Stage, workshop: Workshop, change: str, reason: str) -> None:
    manifest = (SOURCES / "Package.swift").read_text().replace(
        "targets: [", f"targets: [{change}").replace('"Pricing"], path', '"Pricing", "Made"], path')
    if ".macro" in change:
        manifest = manifest.replace("import PackageDescription", "import CompilerPluginSupport\nimport PackageDescription")
    stage.write({"Package.swift": manifest, "Plugins/Made/Made.swift": "", "Plugins/Made/made.txt": "made"})
    for folder in ("Sources/shop", "Sources/ShopAPI", "Plugins/Cart", "Plugins/Pricing"):
        stage.write({f"{folder}/File.swift": ""})
    program = await stage.start(str(workshop.program), str(stage.folder), live=False)
    said = await program.line()
    assert said.startswith("failed:") and reason in said, said


async def test_another_toolchain_than_the_one_it_was_started_with_is_refused(stage: Stage, workshop: Workshop) -> None:
    """As when the toolchain has been exchanged: what the program was told of is not what is there now."""
    folder: Path = stage.folder.parent / "bin"
    folder.mkdir()
    (folder / "swiftc").write_text(
        '#!/bin/sh\nreal=$(PATH=${PATH#*:} command -v swiftc)\n"$real" "$@" | sed "s/Swift version 6[.0-9]*/Swift version 6.99/"\n')
    (folder / "swiftc").chmod(0o755)
    before = stage.environment["PATH"]
    stage.environment["PATH"] = f"{folder}{os.pathsep}{before}"
    shop = await Shop.open(stage, workshop)
    status = await shop.edit(CART, "shipping = 5", "shipping = 7")
    assert status["outcome"] == "refused" and "started with 6.99" in status["message"], status["message"]
    assert await shop.ask("total 3") == "38"
