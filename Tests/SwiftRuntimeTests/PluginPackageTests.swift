import JSONRPC
import ReloadEngine
import Testing

@testable import SwiftRuntime

@Suite struct PluginPackageTests {
    private func target(
        _ name: String, _ kind: String = "library", imports: [String] = [], module: String = "SwiftTarget",
        resources: [JSONValue] = []
    ) -> JSONValue {
        .object([
            "name": .string(name), "c99name": .string(name), "type": .string(kind), "module_type": .string(module),
            "path": .string("Sources/\(name)"), "sources": ["a.swift"], "target_dependencies": .strings(imports),
            "resources": .array(resources)
        ])
    }

    private func package(
        _ targets: [JSONValue], settings: [String: JSONValue] = [:], tools: String = "6.0.0"
    ) throws -> PluginPackage {
        let dumped = settings.map { JSONValue.object(["name": .string($0.key), "settings": $0.value]) }
        return try PluginPackage(
            description: [
                "describe": ["targets": .array(targets)],
                "dump": ["toolsVersion": ["_version": .string(tools)], "targets": .array(dumped)]
            ], folder: "/nowhere/My-Shop")
    }

    @Test func pluginsAreTheLibrariesThatNoProgramConsistsOf() throws {
        let package = try package([
            target("shop", "executable", imports: ["API"]), target("API"), target("Cart", imports: ["API", "Pricing"]),
            target("Pricing", imports: ["API"]), target("CartTests", "test", imports: ["Cart"])
        ])
        #expect(package.modules.map(\.name) == ["Pricing", "Cart"])
        #expect(package.modules.map(\.imports) == [[], ["Pricing"]])
        #expect(package.modules.first?.sources == ["/nowhere/My-Shop/Sources/Pricing/a.swift"])
        #expect(package.program.map(\.name).contains("API"))
        #expect(package.identity == "my_shop")
    }

    @Test func dependentsAreFoundThroughOthers() throws {
        let package = try package([
            target("A"), target("B", imports: ["A"]), target("C", imports: ["B"]), target("D")
        ])
        #expect(package.dependents(of: ["A"]) == ["B", "C"])
        #expect(package.dependents(of: ["A", "B"]) == ["C"])
        let last = try #require(package["C"])
        #expect(package.closure(of: last).map(\.name) == ["A", "B"])
    }

    @Test func whatCannotBeBuiltIsSaidByName() {
        let described: [([JSONValue], String)] = [
            (
                [target("A", resources: [["path": "x", "rule": ["embed_in_code": [:]]]])],
                "A has resources that are embedded in code, which plugins cannot have."
            ),
            (
                [target("A", imports: ["M"]), target("M", "macro")],
                "A depends on M, which is a macro of the package: those need a package of their own. Macros of the toolchain can be used."
            )
        ]
        for (targets, reason) in described {
            #expect(throws: RuntimeFailure(reason)) { try package(targets) }
        }
        #expect(throws: RuntimeFailure.self) { try package([target("shop", "executable")]) }
    }

    @Test func settingsBecomeFlags() throws {
        let settings: JSONValue = [
            ["tool": "swift", "kind": ["define": ["_0": "FAST"]]],
            ["tool": "swift", "kind": ["define": ["_0": "SLOW"]], "condition": ["config": "release"]],
            ["tool": "swift", "kind": ["define": ["_0": "MAC"]], "condition": ["platformNames": ["macos"]]],
            ["tool": "swift", "kind": ["swiftLanguageMode": ["_0": "5"]]],
            ["tool": "linker", "kind": ["linkedLibrary": ["_0": "z"]]]
        ]
        let module = try #require(try package([target("A")], settings: ["A": settings]).modules.first)
        #expect(module.flags == ["-D", "FAST", "-swift-version", "5"])
        #expect(module.linkerFlags == ["-lz"])
        #expect(try package([target("A")], tools: "5.9.0").modules.first?.flags == ["-swift-version", "5"])
        #expect(throws: RuntimeFailure("A has the setting unsafeFlags, which plugins cannot have.")) {
            try package([target("A")], settings: ["A": [["tool": "swift", "kind": ["unsafeFlags": ["_0": ["-x"]]]]]])
        }
    }
}
