import Platform
import TestSupport
import Testing

@testable import PythonRuntime

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite struct AgentFolderTests {
    /// The folder of the sources, from this file's own path.
    private var agentSources: String {
        let parts = #filePath.split(separator: "/").dropLast(3)
        return "/" + parts.joined(separator: "/") + "/Sources/PythonRuntime/Agent"
    }

    private func pythonFiles(_ folder: String, _ prefix: String = "") throws -> [String] {
        try namesInFolder(folder).sorted().flatMap { name -> [String] in
            let path = "\(folder)/\(name)"
            if fileStatus(path)?.kind == .folder { return try pythonFiles(path, prefix + name + "/") }
            return name.hasSuffix(".py") ? [prefix + name] : []
        }
    }

    @Test("Every file of the agent is embedded as it is (else run Sources/Embedding/update.py)")
    func everyFileIsEmbedded() throws {
        let expected = try pythonFiles(agentSources)
        #expect(AgentFolder.files.map(\.path).sorted() == expected.sorted())
        for file in AgentFolder.files {
            #expect(try readFile("\(agentSources)/\(file.path)") == file.bytes, "\(file.path)")
        }
    }

    @Test func filesAreLaidOutForTheUserAlone() throws {
        try withTemporaryFolder { folder in
            let agent = try AgentFolder(in: folder + "/cache/afresh")
            #expect(fileStatus(agent.path)?.permissions == 0o700)
            for file in AgentFolder.files { #expect(try readFile("\(agent.path)/\(file.path)") == file.bytes) }
        }
    }

    @Test func damagedFileIsPutRight() throws {
        try withTemporaryFolder { folder in
            let agent = try AgentFolder(in: folder)
            let file = try #require(AgentFolder.files.first)
            try writeFileAtomically("\(agent.path)/\(file.path)", Array("raise SystemExit".utf8))
            _ = try AgentFolder(in: folder)
            #expect(try readFile("\(agent.path)/\(file.path)") == file.bytes)
        }
    }

    @Test func folderThatOthersMayWriteIsNotUsed() throws {
        try withTemporaryFolder { folder in
            let agent = try AgentFolder(in: folder)
            chmod(agent.path, 0o777)
            #expect(throws: AgentFolder.Failure.self) { try AgentFolder(in: folder) }
        }
    }

    @Test func placeThatOthersMayWriteIsNotUsed() throws {
        try withTemporaryFolder { folder in
            try makeFolder(folder + "/afresh", permissions: 0o700)
            chmod(folder + "/afresh", 0o777)
            #expect(throws: AgentFolder.Failure.self) { try AgentFolder(in: folder + "/afresh") }
        }
    }

    @Test(.enabled(if: geteuid() == 0), arguments: ["", "/agent"])
    func folderOfAnotherUserIsNotUsed(which: String) throws {
        try withTemporaryFolder { folder in
            let agent = try AgentFolder(in: folder + "/afresh")
            chown(which.isEmpty ? folder + "/afresh" : agent.path, 12345, 12345)
            #expect(throws: AgentFolder.Failure.self) { try AgentFolder(in: folder + "/afresh") }
        }
    }

    @Test func linkInItsPlaceIsNotUsed() throws {
        try withTemporaryFolder { folder in
            let agent = try AgentFolder(in: folder + "/afresh")
            try renameFile(agent.path, to: folder + "/elsewhere")
            #expect(symlink(folder + "/elsewhere", agent.path) == 0)
            #expect(throws: AgentFolder.Failure.self) { try AgentFolder(in: folder + "/afresh") }
        }
    }

    @Test func placeThatCannotBeWrittenIsAnError() throws {
        try withTemporaryFolder { folder in
            try writeFileAtomically(folder + "/cache", [])
            #expect(throws: (any Error).self) { try AgentFolder(in: folder + "/cache") }
        }
    }
}

@Suite struct Base64Tests {
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy")
    ])
    func isThatOfTheStandard(text: String, encoded: String) {
        #expect(base64(Array(text.utf8)) == encoded)
    }

    @Test func coversAllBytes() {
        #expect(base64([0, 255, 128, 62, 63]) == "AP+APj8=")
    }
}
