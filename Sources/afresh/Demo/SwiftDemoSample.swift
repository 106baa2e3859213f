/// The program of `afresh demo swift`, a shop with two plugins, and the four saves.
enum SwiftDemoSample {
    static let purchases = ["tea", "cup", "cup"]
    static let firstTotal = 27.40

    static let edits = [
        DemoSample.Edit(
            title: "Edit a plugin that the other one imports: tea becomes cheaper",
            path: "Plugins/Pricing/Pricing.swift",
            replacements: [("    case \"tea\": 450", "    case \"tea\": 400")],
            outcomes: ["stale", "live"], total: 26.90),
        DemoSample.Edit(
            title: "Change what it offers: the other one is compiled again",
            path: "Plugins/Pricing/Pricing.swift",
            replacements: [
                (
                    "public func price(of thing: String) -> Int {",
                    "public func price(of thing: String, rebate: Int = 100) -> Int {"
                ), ("    case \"cup\": 900", "    case \"cup\": 900 - rebate")
            ],
            outcomes: ["stale", "live"], total: 24.90),
        DemoSample.Edit(
            title: "Save what does not compile",
            path: "Plugins/Cart/Cart.swift",
            replacements: [("let shipping = 490", "let shiping = 490")],
            outcomes: ["blocked"], total: 24.90),
        DemoSample.Edit(
            title: "Save what traps while it is loaded",
            path: "Plugins/Cart/Cart.swift",
            replacements: [
                ("let shiping = 490", "let shipping = [490][1]"),
                (
                    "        let cart = plugin.state(\"cart\", initial: [String]())",
                    "        precondition(shipping > 0)\n        let cart = plugin.state(\"cart\", initial: [String]())"
                )
            ],
            outcomes: ["rolledBack"], total: 24.90)
    ]

    static let files = [
        DemoSample.File(
            path: "Package.swift",
            text: """
                // swift-tools-version: 6.0
                import PackageDescription

                let package = Package(
                    name: "shop",
                    targets: [
                        .target(name: "ShopAPI"),
                        .executableTarget(name: "shop", dependencies: ["ShopAPI"]),
                        .target(name: "Pricing", dependencies: ["ShopAPI"], path: "Plugins/Pricing"),
                        .target(name: "Cart", dependencies: ["ShopAPI", "Pricing"], path: "Plugins/Cart")
                    ])

                """),
        DemoSample.File(
            path: "Sources/ShopAPI/ShopAPI.swift",
            text: """
                import AfreshHost

                extension ExportKey<@Sendable (String) -> Void> {
                    public static var buy: Self { Self("buy") }
                }

                extension ExportKey<@Sendable () -> [String]> {
                    public static var things: Self { Self("things") }
                }

                extension ExportKey<@Sendable () -> Int> {
                    public static var total: Self { Self("total") }
                }

                """),
        DemoSample.File(
            path: "Sources/shop/main.swift",
            text: """
                import AfreshHost
                import Glibc
                import ShopAPI

                try Plugins.load(package: CommandLine.arguments[1])
                print("ready")
                fflush(nil)
                while let thing = readLine() {
                    if !thing.isEmpty { Plugins[.buy]?(thing) }
                    let cart = (Plugins[.things]?() ?? []).map { "\\"\\($0)\\"" }.joined(separator: ", ")
                    print("{\\"cart\\": [\\(cart)], \\"cents\\": \\(Plugins[.total]?() ?? 0)}")
                    fflush(nil)
                }

                """),
        DemoSample.File(
            path: "Plugins/Pricing/Pricing.swift",
            text: """
                public func price(of thing: String) -> Int {
                    switch thing {
                    case "tea": 450
                    case "cup": 900
                    default: 0
                    }
                }

                """),
        DemoSample.File(
            path: "Plugins/Cart/Cart.swift",
            text: """
                import AfreshHost
                import Pricing
                import ShopAPI

                public enum Cart: Plugin {
                    public static func load(_ plugin: PluginContext) throws {
                        let cart = plugin.state("cart", initial: [String]())
                        plugin.export(.buy) { thing in cart.withLock { $0.append(thing) } }
                        plugin.export(.things) { cart.current }
                        plugin.export(.total) { cart.current.reduce(shipping) { $0 + price(of: $1) } }
                    }
                }

                let shipping = 490

                """)
    ]
}
