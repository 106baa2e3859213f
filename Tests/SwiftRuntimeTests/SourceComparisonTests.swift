import Platform
import ReloadEngine
import TestSupport
import Testing

@testable import SwiftRuntime

#if os(Linux)
    import Glibc

    /// Compares texts as a build does.
    private func compare(_ old: String, _ new: String) throws -> SourceComparison {
        try withTemporaryFolder { folder in
            let files = ["\(folder)/Old.swift", "\(folder)/New.swift"]
            for (file, text) in zip(files, [old, new]) { try writeFileAtomically(file, Array(text.utf8)) }
            let outlines = try SyntaxTool(Toolchain(compiler: "swiftc")).outlines(of: files)
            var result = SourceComparison(module: "M", shownFile: "a.swift")
            result.compare(outlines[0], outlines[1], file: "a.swift")
            if result.isReplaceable, let new = outlines[1] { result.lookForResults(in: [("M", [new])]) }
            return result
        }
    }

    @Suite struct SourceComparisonTests {
        @Test(arguments: [
            ("func f() -> Int { 1 }", "/// One.\n\n  func f()  -> Int {   1 }  // one\n", []),
            ("func f() -> Int { 1 }", "func f() -> Int { 2 }", ["f()"]),
            ("func f(_ a: Int) -> Int { a - 1 }", "func f(_ a: Int) -> Int { a\n-1 }", ["f(_:)"]),
            ("func f() { g(); h() }", "func f() { g()\nh() }", ["f()"]),
            (
                "func f() -> String { \"\"\"\n  a\n  \"\"\" }", "func f() -> String { \"\"\"\n   a\n  \"\"\" }", ["f()"]
            ),
            ("struct S { struct T { var x: Int { 1 } } }", "struct S { struct T { var x: Int { 2 } } }", ["S.T.x"]),
            (
                "extension [Int] { subscript(at i: Int) -> Int { 1 } }",
                "extension [Int] { subscript(at i: Int) -> Int { 2 } }", ["[Int].subscript(at:)"]
            ),
            ("let a = { f() }\nfunc f() -> Int { 1 }", "let a = { f() }\nfunc f() -> Int { 2 }", ["f()"]),
            (
                "func load(_ p: PluginContext) { p.export(.f) { f() }; p.export(.g, f) }\nfunc f() -> Int { 1 }",
                "func load(_ p: PluginContext) { p.export(.f) { f() }; p.export(.g, f) }\nfunc f() -> Int { 2 }",
                ["f()"]
            )
        ])
        func bodiesAreReplaced(old: String, new: String, expected: [String]) throws {
            let comparison = try compare(old, new)
            #expect(comparison.reasons == [])
            #expect(comparison.bodies["a.swift", default: []].map(\.symbol) == expected)
            #expect(comparison.changes.map(\.symbol) == expected.map { "M." + $0 })
        }

        @Test(arguments: [
            ("func f() {}", "func f() {}\nfunc g() {}", "the function M.g() is new"),
            ("func f() {}\nfunc g() {}", "func f() {}", "the function M.g() is gone"),
            ("func f() {}\nfunc g() {}", "func g() {}\nfunc f() {}", "declarations stand in another order"),
            ("func f(_ a: Int) {}", "func f(_ a: Int, _ b: Int) {}", "the function M.f(_:_:) is new"),
            ("func f(_ a: Int) {}", "func f(_ a: Int = 1) {}", "the function M.f(_:) is declared in another way"),
            ("let a = 1", "let a = 2", "the stored property M.a changed"),
            ("class C { var a = 1 }", "class C { var a = 2 }", "the stored property M.C.a changed"),
            ("class C {}", "class C: P {}", "the type M.C changed"),
            ("enum E { case a }", "enum E { case a, b }", "the case M.E.a, b is new"),
            ("extension E: P {}", "extension E: Q {}", "the extension of M.E changed"),
            ("import A", "import B", "the import `import B` is new"),
            ("#if A\nfunc f() { g() }\n#endif", "#if A\nfunc f() { h() }\n#endif", "what depends on a condition"),
            (
                "struct S { init() { a() } }", "struct S { init() { b() } }",
                "the body of M.S.init() changed: initialisers cannot be replaced"
            ),
            ("class C { deinit { a() } }", "class C { deinit { b() } }", "deinitialisers cannot be replaced"),
            ("struct S { var a = 1 { didSet { f() } } }", "struct S { var a = 1 { didSet { g() } } }", "M.S.a changed"),
            (
                "struct S { var a: Int { _read { yield b } } }", "struct S { var a: Int { _read { yield c } } }",
                "`_read` cannot be replaced"
            ),
            ("func f() -> some P { 1 }", "func f() -> some P { 2 }", "its result is opaque"),
            ("@inlinable func f() { a() }", "@inlinable func f() { b() }", "it is inlinable"),
            ("@Traced func f() { a() }", "@Traced func f() { b() }", "the attribute @Traced"),
            (
                "@Observable class C { func f() { a() } }", "@Observable class C { func f() { b() } }",
                "C has the attribute @Observable"
            ),
            ("func f() { struct S {}; a() }", "func f() { struct S {}; b() }", "it declares the type S"),
            (
                "func f(g: () throws -> Void) rethrows { try g(); f {} }",
                "func f(g: () throws -> Void) rethrows { try g(); f { a() } }", "it may call itself"
            ),
            ("func f(_ p: PluginContext) { a() }", "func f(_ p: PluginContext) { b() }", "it has run already"),
            (
                "let a = [1].map { g($0) }\nfunc g(_ n: Int) -> Int { f() }\nfunc f() -> Int { 1 }",
                "let a = [1].map { g($0) }\nfunc g(_ n: Int) -> Int { f() }\nfunc f() -> Int { 2 }",
                "the stored property M.a has used M.f() already"
            ),
            (
                "func load(_ p: PluginContext) { p.export(.r, rate) }\nvar rate: Int { 1 }",
                "func load(_ p: PluginContext) { p.export(.r, rate) }\nvar rate: Int { 2 }", "has used M.rate already"
            ),
            (
                "struct S { init() { f() } }\nlet s = S()\nfunc f() { a() }",
                "struct S { init() { f() } }\nlet s = S()\nfunc f() { b() }", "M.s has used M.f() already"
            ),
            ("func f() {}", "func f( {}", "its text cannot be compared")
        ])
        func otherEditsAreNamed(old: String, new: String, reason: String) throws {
            let comparison = try compare(old, new)
            #expect(comparison.reasons.contains { $0.contains(reason) }, "\(comparison.reasons)")
        }

        @Test func aReplacementSaysTheFunctionsOwnNameAndFile() throws {
            let comparison = try compare(
                "func f(a: Int) {}",
                "func f(a: Int) { print(#function, #fileID, #line); func g() { print(#function) } }")
            let text = try #require(comparison.bodies["a.swift"]?.first?.replacement)
            #expect(text.contains("print(\"f(a:)\", AFRESH_ID, #line); func g() { print(#function) }"))
            #expect(text.hasPrefix("#sourceLocation(file: AFRESH_FILE, line: 1)\n"))
        }

        @Test func whatMentionsItselfIsALocalFunctionOfItsReplacement() throws {
            let text = "func f(_ n: Int) async throws -> Int { n == 0 ? 0 : try await f(n - 1) }"
            let comparison = try compare("func f(_ n: Int) async throws -> Int { 1 }", text)
            let replacement = try #require(comparison.bodies["a.swift"]?.first?.replacement)
            #expect(replacement.contains("{ func afresh_body() async throws -> Int { n == 0"))
            #expect(replacement.contains("return try await afresh_body() }"))
        }

        @Test func aToolThatHasDiedIsStartedAgain() throws {
            try withTemporaryFolder { folder in
                let file = "\(folder)/a.swift"
                try writeFileAtomically(file, Array("func f() {}".utf8))
                let tool = try SyntaxTool(Toolchain(compiler: "swiftc"))
                #expect(try tool.outlines(of: [file]).first??.declarations.map(\.symbol) == ["f()"])
                let first = try #require(tool.processID)
                kill(pid_t(first), SIGKILL)
                #expect(try tool.outlines(of: [file, file]).count == 2)
                #expect(tool.processID != nil && tool.processID != first)
                tool.stop()
                #expect(tool.processID == nil)
                #expect(kill(pid_t(first), 0) != 0)
            }
        }

        @Test("Every file of the tool is embedded as it is (else run Sources/Embedding/update.py)")
        func everyFileIsEmbedded() throws {
            let parts = #filePath.split(separator: "/").dropLast(3)
            let folder = "/" + parts.joined(separator: "/") + "/Sources/SwiftRuntime/Syntax"
            #expect(SyntaxTool.files.files.map(\.path).sorted() == (try namesInFolder(folder)).sorted())
            for file in SyntaxTool.files.files {
                #expect(try readFile("\(folder)/\(file.path)") == file.bytes, "\(file.path)")
            }
        }
    }
#endif
