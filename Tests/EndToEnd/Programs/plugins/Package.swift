// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "shop",
    targets: [
        .target(name: "ShopAPI"),
        .executableTarget(
            name: "shop", dependencies: ["ShopAPI"],
            linkerSettings: [.unsafeFlags(["-Xlinker", "-export-dynamic"])]),
        .target(name: "Pricing", dependencies: ["ShopAPI"], path: "Plugins/Pricing"),
        .target(name: "Cart", dependencies: ["ShopAPI", "Pricing"], path: "Plugins/Cart")
    ])
