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
        #expect(throws: RuntimeFailure.self) {
            try runtime.check(path: "/m.py", text: [], settings: ReloadSettings())
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
            try linkFile(try #require(python), folder + "/sub/.venv/bin/python")
            var settings = ReloadSettings()
            settings.workspaceFolders = [folder]
            let candidates = Interpreters.candidates(settings: settings, file: folder + "/sub/deep/m.py")
            #expect(candidates.first == folder + "/sub/.venv/bin/python")
        }
    }
}

func linkFile(_ target: String, _ link: String) throws {
    guard symlink(target, link) == 0 else { throw SystemError.last("symlink", link) }
}
