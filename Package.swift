// swift-tools-version: 6.0
import PackageDescription

// No package dependencies: the toolchain's own libraries and C system libraries only.
let package = Package(
    name: "afresh",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "afresh", targets: ["afresh"]),
        // One copy of it in a process, for the program and all its plugins.
        .library(name: "AfreshHost", type: .dynamic, targets: ["AfreshHost", "HostAgent"])
    ],
    targets: [
        .target(name: "LinuxCalls"),
        .target(name: "Embedding", exclude: ["update.py"]),
        .target(name: "Platform", dependencies: ["Embedding", "LinuxCalls"]),
        .target(name: "JSONRPC", dependencies: ["Platform"]),
        .target(name: "LanguageServerProtocol", dependencies: ["JSONRPC"]),
        .target(name: "ReloadEngine", dependencies: ["JSONRPC", "Platform"], exclude: ["HostProtocol.md"]),
        .target(name: "AgentFiles", dependencies: ["Embedding"]),
        .target(name: "SyntaxFiles", dependencies: ["Embedding"]),
        .target(name: "Documentation", dependencies: ["Embedding"], exclude: ["pages"]),
        .target(
            name: "PythonRuntime", dependencies: ["AgentFiles", "ReloadEngine", "JSONRPC", "Platform"],
            exclude: ["Agent", "CheckerProtocol.md"]),
        .target(
            name: "SwiftRuntime", dependencies: ["SyntaxFiles", "ReloadEngine", "JSONRPC", "Platform"],
            exclude: ["Syntax", "PluginProtocol.md"]),
        .target(name: "HostCalls"),
        .target(name: "HeapSearch", dependencies: ["HostCalls"]),
        .target(name: "AfreshHost"),
        .target(name: "HostAgent", dependencies: ["AfreshHost", "HeapSearch", "HostCalls", "JSONRPC", "Platform"]),
        .target(name: "GraphPage", exclude: ["graph.html"]),
        .target(name: "DependencyGraph", dependencies: ["GraphPage", "ReloadEngine", "JSONRPC"]),
        .target(
            name: "LanguageServer",
            dependencies: ["DependencyGraph", "LanguageServerProtocol", "ReloadEngine", "JSONRPC", "Platform"]),
        .executableTarget(
            name: "afresh",
            dependencies: [
                "LanguageServer", "PythonRuntime", "SwiftRuntime", "DependencyGraph", "ReloadEngine",
                "LanguageServerProtocol",
                "JSONRPC",
                "Platform", "Documentation"
            ]),
        .target(name: "TestSupport", dependencies: ["Platform"], path: "Tests/TestSupport"),
        .testTarget(name: "PlatformTests", dependencies: ["Platform"]),
        .testTarget(name: "JSONRPCTests", dependencies: ["JSONRPC"]),
        .testTarget(name: "LanguageServerProtocolTests", dependencies: ["LanguageServerProtocol"]),
        .testTarget(name: "ReloadEngineTests", dependencies: ["ReloadEngine", "JSONRPC", "Platform", "TestSupport"]),
        .testTarget(
            name: "PythonRuntimeTests",
            dependencies: ["PythonRuntime", "ReloadEngine", "JSONRPC", "Platform", "TestSupport"]),
        .testTarget(
            name: "SwiftRuntimeTests",
            dependencies: ["SwiftRuntime", "ReloadEngine", "JSONRPC", "Platform", "TestSupport"]),
        .testTarget(name: "AfreshHostTests", dependencies: ["AfreshHost", "HostAgent"]),
        .testTarget(name: "DependencyGraphTests", dependencies: ["DependencyGraph", "ReloadEngine", "JSONRPC"]),
        .testTarget(name: "LanguageServerTests", dependencies: ["LanguageServer"]),
        .testTarget(name: "AfreshTests", dependencies: ["afresh", "ReloadEngine", "Platform", "JSONRPC"])
    ],
    swiftLanguageModes: [.v6]
)
