import Platform
import TestSupport
import Testing

@testable import PythonRuntime
@testable import ReloadEngine

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite(.enabled(if: python != nil, "no Python 3.11 or later"), .timeLimit(.minutes(1))) struct CheckerTests {
    private func problems(_ text: String, _ change: (inout ReloadSettings) -> Void = { _ in }) throws -> [Problem] {
        let runtime = CPython()
        defer { runtime.stop() }
        var settings = ReloadSettings()
        change(&settings)
        return try runtime.check(path: "/w/m.py", text: Array(text.utf8), settings: settings)
    }

    @Test func textWithoutErrorsHasNoProblems() throws {
        #expect(try problems("x = 1\n") == [])
    }

    @Test func syntaxErrorIsFoundAtItsPlace() throws {
        let found = try problems("x = 1\ny = )\n")
        #expect(found.map(\.code) == ["syntax-error"])
        #expect(found.map(\.path) == ["/w/m.py"])
        #expect(found.first?.range.start == SourcePosition(line: 1, column: 4))
    }

    @Test(arguments: ["x = '\0'\n", "\u{feff}x = (\n", String(repeating: "(", count: 5000)])
    func hostileTextsAreProblemsAndNothingWorse(text: String) throws {
        #expect(try problems(text).contains { $0.severity == .error })
    }

    @Test func bytesThatAreNoTextAreAProblem() throws {
        let runtime = CPython()
        defer { runtime.stop() }
        let found = try runtime.check(path: "/w/m.py", text: [0xFF, 0xFE, 0x00], settings: ReloadSettings())
        #expect(found.contains { $0.severity == .error })
    }

    @Test func interpreterThatCannotCheckIsPassedOver() throws {
        try withTemporaryFolder { folder in
            try writeFileAtomically(folder + "/python", Array("#!/bin/sh\nexit 1\n".utf8), permissions: 0o755)
            #expect(try problems("x = (\n") { $0.interpreter = folder + "/python" }.count == 1)
        }
    }

    @Test func checkerThatDiesIsStartedAgain() throws {
        let runtime = CPython()
        defer { runtime.stop() }
        _ = try runtime.check(path: "/m.py", text: [], settings: ReloadSettings())
        let executable = try runtime.interpreter(settings: ReloadSettings(), file: nil)
        try runtime.pool.checker(executable).kill()
        #expect(try runtime.check(path: "/m.py", text: Array("(".utf8), settings: ReloadSettings()).count == 1)
    }

    @Test func checkerThatTakesTooLongIsGivenUp() throws {
        let runtime = CPython(checkLimit: 0)
        defer { runtime.stop() }
        let long = String(repeating: "x = (1, 2, 3)\n", count: 50_000)  // the answer is not there before anybody waits for it
        #expect(throws: RuntimeFailure.self) {
            try runtime.check(path: "/m.py", text: Array(long.utf8), settings: ReloadSettings())
        }
    }

    @Test func interpreterOfAnotherVersionThanTheProgramIsRefused() throws {
        let runtime = CPython()
        defer { runtime.stop() }
        let host = HostRuntime(name: "CPython", version: "3.0", executable: try #require(python), magic: "00000000")
        #expect(throws: RuntimeFailure.self) {
            try runtime.check(CheckRequest(runtime: host, policy: .patch, modules: []))
        }
    }

    @Test func missingInterpreterIsAnErrorThatNamesIt() throws {
        let runtime = CPython()
        defer { runtime.stop() }
        let host = HostRuntime(name: "CPython", version: "3.11.7", executable: "/nowhere/python")
        let failure = #expect(throws: RuntimeFailure.self) {
            try runtime.check(CheckRequest(runtime: host, policy: .patch, modules: []))
        }
        #expect(failure?.message.contains("/nowhere/python") == true)
    }

    @Test func virtualEnvironmentOfTheFolderComesBeforeThePath() throws {
        try withTemporaryFolder { folder in
            try makeFolder(folder + "/sub/.venv/bin")
            let interpreter = try #require(python)
            try linkFile(interpreter, folder + "/sub/.venv/bin/python")
            var settings = ReloadSettings()
            settings.workspaceFolders = [folder]
            let candidates = Interpreters.candidates(settings: settings, file: folder + "/sub/deep/m.py")
            #expect(candidates.first == realPath(interpreter))
        }
    }

    @Test(arguments: ["a file", "a link to a file in it", "a link to a folder in it"])
    func nothingOfTheWorkspaceIsStarted(kind: String) throws {
        try withTemporaryFolder { folder in
            let (workspace, bin) = (folder + "/work", folder + "/work/.venv/bin")
            try makeFolder(kind.hasPrefix("a link to a folder") ? workspace + "/real" : bin)
            try writeFileAtomically(workspace + "/tool", Array("#!/bin/sh\n".utf8), permissions: 0o700)
            switch kind {
            case "a file": try renameFile(workspace + "/tool", to: bin + "/python")
            case "a link to a file in it": try linkFile("../../tool", bin + "/python")
            default:
                try renameFile(workspace + "/tool", to: workspace + "/real/python")
                try makeFolder(workspace + "/.venv")
                try linkFile("../real", bin)
            }
            var settings = ReloadSettings()
            settings.workspaceFolders = [workspace]
            let candidates = Interpreters.candidates(settings: settings, file: workspace + "/m.py")
            #expect(!candidates.contains { $0.hasPrefix(realPath(workspace) ?? workspace) })
            // A person has named it.
            settings.interpreter = "./.venv/bin/python"
            #expect(Interpreters.candidates(settings: settings).first == workspace + "/./.venv/bin/python")
        }
    }
}

func linkFile(_ target: String, _ link: String) throws {
    guard symlink(target, link) == 0 else { throw SystemError.last("symlink", link) }
}
