import Platform
import Testing

/// The built program itself, as a shell starts it.
@Suite struct RunCommandTests {
    @Test func theCommandsStreamsAndExitCodeAreItsOwn() throws {
        let result = try afresh("run", "sh", "-c", "cat; echo problem >&2; exit 7", input: "hello\n")
        #expect(result.output == "hello\n")
        #expect(result.errors == "problem\n")
        #expect(result.ending == .exited(code: 7))
    }

    @Test func theCommandReplacesAfreshAndTakesItsSignals() throws {
        let result = try afresh("run", "sh", "-c", "kill -TERM $$")
        #expect(result.ending == .signalled(15))
    }

    @Test func aBrokenPipeEndsTheCommandAsAlways() throws {
        // A program that inherits an ignored SIGPIPE would exit with an error instead.
        let result = try afresh("run", "sh", "-c", "kill -PIPE $$; exit 3")
        #expect(result.ending == .signalled(13))
    }

    @Test func argumentsAreHandedOnAsTheyAre() throws {
        let result = try afresh("run", "--", "printf", "[%s]", "--", "--help", "", "a b", "é")
        #expect(result.output == "[--][--help][][a b][é]")
    }

    @Test func aMissingCommandIs127() throws {
        let result = try afresh("run", "no-such-command-anywhere")
        #expect(result.ending == .exited(code: 127))
        #expect(result.errors == "afresh run: there is no command 'no-such-command-anywhere' in the PATH.\n")
    }

    @Test func whatCannotBeExecutedIs126() throws {
        let result = try afresh("run", "/dev/null")
        #expect(result.ending == .exited(code: 126))
        #expect(result.errors.contains("'/dev/null' cannot be executed"))
    }

    @Test func wrongUsageIs64WithOneSentence() throws {
        let result = try afresh("reload", "--nonsense")
        #expect(result.ending == .exited(code: 64))
        #expect(result.output.isEmpty)
        #expect(result.errors.split(separator: "\n").count == 1)
    }

    private struct Finished {
        var ending: ChildProcess.Ending?
        var output: String
        var errors: String
    }

    private func afresh(_ arguments: String..., input: String = "") throws -> Finished {
        let own = try #require(Environment.executablePath)
        let folder = own[..<(try #require(own.lastIndex(of: "/")))]
        var options = ChildProcess.Options()
        options.input = .pipe
        options.output = .pipe
        options.error = .pipe
        let process = try ChildProcess("\(folder)/afresh", arguments, options: options)
        let stdin = try #require(process.input)
        try stdin.writeAll(Array(input.utf8))
        stdin.close()
        // What these commands print fits in a pipe.
        let output = try all(of: #require(process.output))
        let errors = try all(of: #require(process.error))
        return Finished(ending: process.wait(), output: output, errors: errors)
    }

    private func all(of file: FileDescriptor) throws -> String {
        defer { file.close() }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }
}
