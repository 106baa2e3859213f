// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "keep",
    targets: [
        .target(name: "KeepAPI"),
        .executableTarget(
            name: "keep", dependencies: ["KeepAPI"],
            linkerSettings: [.unsafeFlags(["-Xlinker", "-export-dynamic"])]),
        .target(name: "Maker", dependencies: ["KeepAPI"], path: "Plugins/Maker")
    ])
