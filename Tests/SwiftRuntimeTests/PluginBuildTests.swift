import Platform
import ReloadEngine
import TestSupport
import Testing

@testable import SwiftRuntime

#if os(Linux)
    /// A package of two modules, the second of which imports the first.
    private struct Bench {
        let workshop: PluginWorkshop
        let root: String

        init(_ root: String) throws {
            self.root = root
            for name in ["Base", "Top"] { try makeFolder("\(root)/Sources/\(name)") }
            let write = { (name: String, text: String) in
                try writeFileAtomically("\(root)/\(name)", Array(text.utf8))
            }
            try write(
                "Package.swift",
                """
                // swift-tools-version: 6.0
                import PackageDescription
                let package = Package(
                    name: "p", targets: [.target(name: "Base"), .target(name: "Top", dependencies: ["Base"])])
                """)
            try write("Sources/Base/One.swift", "public func one() -> Int { two() - 1 }\n")
            try write("Sources/Base/Two.swift", "func two() -> Int { 2 }\n")
            try write("Sources/Top/Top.swift", "import Base\npublic func three() -> Int { one() + 2 }\n")
            workshop = try PluginWorkshop(package: root, toolchain: Toolchain(compiler: "swiftc"))
            try ToolchainCheck(workshop.toolchain, workshop.folder).perform()
        }

        func write(_ name: String, _ text: String) throws {
            try writeFileAtomically("\(root)/\(name)", Array(text.utf8))
        }

        func build(_ running: PluginSet? = nil, edited: Set<String> = [], forced: Set<String> = []) throws
            -> PluginBuild.Outcome
        {
            try PluginBuild(
                compiler: workshop.compiler(searchPaths: []), running: running, edited: edited, forced: forced
            ).perform()
        }

        func set(_ running: PluginSet? = nil, edited: Set<String> = [], forced: Set<String> = []) throws -> PluginSet {
            guard case .built(let set, _) = try build(running, edited: edited, forced: forced) else {
                throw RuntimeFailure("it does not compile")
            }
            return set
        }

        var objectCount: Int {
            get throws { try namesInFolder(workshop.folder.path + "/objects").count { $0.hasSuffix(".o") } }
        }
    }

    extension Bench {
        /// What the interface of Base is, whatever was found out about it.
        func interface() throws -> String {
            let compiler = workshop.compiler(searchPaths: [])
            let base = try #require(workshop.package["Base"])
            let product = root + "/Base.swiftmodule"
            let job = compiler.interfaceJob(base, flags: compiler.flags(base, interfaces: []), product: product)
            #expect(try compiler.run([job]) { true }?.problems.contains { $0.severity == .error } == false)
            return ContentHash(try readFile(product)).text
        }

        var interfaceCount: Int {
            get throws { try namesInFolder(workshop.folder.path + "/interfaces").count }
        }
    }

    extension PluginSet {
        fileprivate var generations: [String: Int] { modules.mapValues(\.generation) }
    }

    @Suite(.timeLimit(.minutes(5))) struct PluginBuildTests {
        @Test func onlyWhatAnEditConcernsIsCompiled() throws {
            try withTemporaryFolder { root in
                let bench = try Bench(root)
                let first = try bench.set()
                #expect(first.generations == ["Base": 1, "Top": 1])
                #expect(try bench.objectCount == 3)

                // A body: one file is compiled, and what imports the module is linked again.
                try bench.write("Sources/Base/Two.swift", "func two() -> Int { 20 }\n")
                let second = try bench.set(first, edited: ["Base"])
                #expect(second.generations == ["Base": 2, "Top": 2])
                #expect(try bench.objectCount == 4)
                #expect(second.modules["Top"]?.objects == first.modules["Top"]?.objects)
                #expect(fileStatus(bench.workshop.folder.image("Top", 2)) != nil)

                // A comment: the same.
                try bench.write("Sources/Base/Two.swift", "func two() -> Int { 20 } // two\n")
                #expect(try bench.set(second, edited: ["Base"]).number == second.number)

                // An interface: everything that imports it is compiled.
                try bench.write("Sources/Base/One.swift", "public func one(_ n: Int = 1) -> Int { two() - n }\n")
                let third = try bench.set(second, edited: ["Base"])
                #expect(third.modules["Top"]?.objects != second.modules["Top"]?.objects)

                // What imports nothing that was edited stays; what is asked for is made anew all the same.
                try bench.write("Sources/Top/Top.swift", "import Base\npublic func three() -> Int { one() + 3 }\n")
                let fourth = try bench.set(third, edited: ["Top"])
                #expect(fourth.generations["Base"] == third.generations["Base"])
                #expect(fourth.generations["Top"] == fourth.number)
                let fifth = try bench.set(fourth, edited: ["Top"], forced: ["Top"])
                #expect(fifth.generations == ["Base": third.number, "Top": fifth.number])
                #expect(PluginSet(digest: fifth.digest, in: bench.workshop.folder)?.generations == fifth.generations)
            }
        }

        @Test func nothingIsKeptOfTextsThatChangeWhileTheyAreCompiled() throws {
            try withTemporaryFolder { root in
                let bench = try Bench(root)
                let compiler = bench.workshop.compiler(searchPaths: [])
                let base = try #require(bench.workshop.package["Base"])
                let files = base.sources.map { Compiler.File(path: $0, key: ContentHash([$0])) }
                let job = compiler.objectJob(base, files: files, flags: compiler.flags(base, interfaces: []))
                #expect(try compiler.run([job]) { false }?.problems == nil)
                #expect(try bench.objectCount == 0)
                #expect(try compiler.run([job]) { true }?.problems == [])
                #expect(try bench.objectCount == 2)
                #expect(try namesInFolder(bench.workshop.folder.path).filter { $0.hasPrefix(".") } == [])
            }
        }

        @Test func anInterfaceIsOnlyMadeWhereItCanDiffer() throws {
            // Bodies that can be seen from elsewhere are among these, and what looks like a body and is none.
            let texts = [
                "public func one() -> Int { 1 }", "public func one() -> Int { let n = 7; return two() - n }",
                "/// Counts.\npublic func one() -> Int { 7 }", "@inlinable public func one() -> Int { 7 }",
                "public func one() -> Int { 7 }\nlet seven = 7",
                "public func one() -> Int { 7 }\npublic func many() -> some Sequence<Int> { [7] }",
                "public func one(_ n: Int = 7) -> Int { n }",
                "public struct Kept { public var n = 7 }\npublic func one() -> Int { Kept().n }"
            ]
            try withTemporaryFolder { root in
                let bench = try Bench(root)
                var running = try bench.set()
                for text in texts.flatMap({ [$0, $0.replacing("7", with: "8")] }) {
                    try bench.write("Sources/Base/One.swift", text + "\n")
                    running = try bench.set(running, edited: ["Base"])
                    #expect(running.modules["Base"]?.interface == (try bench.interface()), "\(text)")
                }
                let before = try bench.interfaceCount
                try bench.write(
                    "Sources/Base/One.swift", (texts.last ?? "").replacing("Kept()", with: "Kept(n: 3)") + "\n")
                running = try bench.set(running, edited: ["Base"])
                // Only the texts are noted.
                #expect(try bench.interfaceCount == before + 1)
            }
        }

        @Test func nothingIsKeptOfTextsThatSawAnotherInterface() throws {
            try withTemporaryFolder { root in
                let bench = try Bench(root)
                let first = try bench.set()
                try bench.write("Sources/Base/One.swift", "public func one() -> Int { two() - 3 }\n")
                try bench.write("Sources/Base/Two.swift", "func two(_ n: Int = 1) -> Int { n }\n")
                let second = try bench.set(first, edited: ["Base"])
                try bench.write("Sources/Base/Two.swift", "func two() -> Int { 2 }\n")
                let third = try bench.set(second, edited: ["Base"])
                #expect(third.modules["Base"]?.interface == first.modules["Base"]?.interface)
                #expect(third.modules["Base"]?.objects.first != second.modules["Base"]?.objects.first)
            }
        }

        @Test func theCompilersRangesAndNotesAreKept() throws {
            try withTemporaryFolder { root in
                let bench = try Bench(root)
                let first = try bench.set()
                try bench.write("Sources/Base/Two.swift", "func two() -> Int { let n = 1; n = 2; return n }\n")
                guard case .blocked(let problems) = try bench.build(first, edited: ["Base"]) else {
                    Issue.record("it compiles")
                    return
                }
                let problem = try #require(problems.first)
                #expect(problems.count == 1)
                #expect(problem.path == root + "/Sources/Base/Two.swift")
                #expect(problem.message == "cannot assign to value: 'n' is a 'let' constant")
                #expect(problem.code == "compile-error" && problem.severity == .error)
                #expect(problem.range.start == SourcePosition(line: 0, column: 31))
                #expect(problem.related.map(\.location.range.start) == [SourcePosition(line: 0, column: 20)])
                // What ran is there for the next edit.
                try bench.write("Sources/Base/Two.swift", "func two() -> Int { var n = 1; n = 2; return n }\n")
                #expect(try bench.set(first, edited: ["Base"]).generations["Base"] == 2)
            }
        }

        @Test func damagedDiagnosticsAreNoTrap() throws {
            try withTemporaryFolder { folder in
                try writeFileAtomically(folder + "/a.swift", Array("let a: Int = \"\"\n".utf8))
                let toolchain = try Toolchain(compiler: "swiftc")
                let product = folder + "/a.dia"
                _ = try? Tool(
                    toolchain.frontend,
                    ["-frontend", "-typecheck", folder + "/a.swift", "-serialize-diagnostics-path", product]
                ).output(limit: 60_000)
                let bytes = try readFile(product)
                #expect(SerializedDiagnostics.problems(in: bytes).count == 1)
                var generator = SystemRandomNumberGenerator()
                for _ in 0..<2000 {
                    var damaged = bytes
                    for _ in 0..<3 {
                        damaged[Int.random(in: 4..<damaged.count, using: &generator)] = UInt8.random(
                            in: 0...255, using: &generator)
                    }
                    _ = SerializedDiagnostics.problems(
                        in: Array(damaged.prefix(Int.random(in: 0...damaged.count, using: &generator))))
                }
            }
        }
    }
#endif
