import JSONRPC
import Platform
import ReloadEngine
import SyntaxFiles

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The program that outlines texts (`Syntax/`). It uses the toolchain's own parser, so the toolchain compiles it: once for each
/// toolchain and version of it, in the cache folder.
struct SyntaxTool: Sendable {
    let path: String

    /// It runs from the first question on: most of a short one would be its start.
    private let process = Monitor<SyntaxProcess?>(nil)

    static let files = EmbeddedFiles(syntaxFiles())
    /// Milliseconds: the first time, the compiler makes modules of the parser's interfaces.
    private static let limit = 180_000.0

    /// - Throws: `RuntimeFailure` where it cannot be had: toolchains may come without the parser.
    init(_ toolchain: Toolchain) throws(RuntimeFailure) {
        let libraries = toolchain.resources + "/host"
        guard fileStatus(libraries + "/SwiftParser.swiftmodule") != nil else {
            throw RuntimeFailure("the toolchain has no parser for others to use")
        }
        let folder = try SyntaxTool.folder()
        let path = SyntaxTool.path(toolchain, folder)
        self.path = path
        if fileStatus(path) != nil {
            noteUse(path)
            return
        }
        try SyntaxTool.locked(folder) { () throws(RuntimeFailure) in
            if fileStatus(path) != nil { return }
            let product = "\(folder)/.\(randomHexDigits(12))"
            defer { removeFile(product) }
            let arguments =
                Self.files.files.map { "\(folder)/\($0.path)" } + [
                    "-parse-as-library", "-swift-version", "6", "-module-name", "Outline", "-I", libraries, "-L",
                    libraries,
                    "-lSwiftParser", "-lSwiftSyntax", "-Xlinker", "-rpath", "-Xlinker", libraries, "-o", product
                ]
            _ = try Tool(toolchain.compiler, arguments, in: folder).output(limit: Self.limit)
            do {
                try renameFile(product, to: path)
            } catch {
                throw RuntimeFailure("\(path) cannot be written: \((error as? SystemError)?.reason ?? "\(error)").")
            }
        }
    }

    /// Whether `init` need not compile it.
    static func isMade(_ toolchain: Toolchain) -> Bool {
        guard let folder = try? folder() else { return false }
        return fileStatus(path(toolchain, folder)) != nil
    }

    private static func path(_ toolchain: Toolchain, _ folder: String) -> String {
        "\(folder)/outline-\(ContentHash([toolchain.tag, toolchain.compiler]).text)"
    }

    /// What files say: nil for one that does not parse.
    func outlines(of files: [String]) throws(RuntimeFailure) -> [SourceOutline?] {
        try ask { process throws(RuntimeFailure) in
            var outlines: [SourceOutline?] = []
            for file in files {
                guard let value = try? JSONValue(parsing: try process.ask(file)) else {
                    throw RuntimeFailure("\(path) gave an answer that makes no sense")
                }
                outlines.append(SourceOutline(value))
            }
            return outlines
        }
    }

    /// Lets it be there when it is asked.
    func start() {
        try? ask { (_) throws(RuntimeFailure) in }
    }

    /// Ends it, until it is asked again.
    func stop() {
        process.withLock { $0 = nil }
    }

    /// Of the process that runs.
    var processID: Int? { process.withLock { $0?.id } }

    /// One that has died is started anew, once.
    private func ask<Answer>(
        _ body: (SyntaxProcess) throws(RuntimeFailure) -> Answer
    ) throws(RuntimeFailure) -> Answer {
        let result: Result<Answer, RuntimeFailure> = process.withLock { process in
            var failure = RuntimeFailure("\(path) cannot be started")
            for _ in 0..<2 {
                do throws(RuntimeFailure) {
                    if process == nil { process = try SyntaxProcess(path) }
                    guard let current = process else { break }
                    return .success(try body(current))
                } catch {
                    failure = error
                    process = nil
                }
            }
            return .failure(failure)
        }
        return try result.get()
    }

    private static func folder() throws(RuntimeFailure) -> String {
        var reason = "there is no cache folder"
        for place in [Environment.cacheFolder, try? RuntimeFolder.standard().path] {
            guard let place else { continue }
            do {
                return try files.layOut(in: place, as: "syntax")
            } catch {
                reason = (error as? SystemError)?.reason ?? "\(error)"
            }
        }
        throw RuntimeFailure("the program that compares texts cannot be kept anywhere: \(reason)")
    }

    private static func locked(
        _ folder: String, _ body: () throws(RuntimeFailure) -> Void
    ) throws(RuntimeFailure) {
        let descriptor = open(folder + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw RuntimeFailure("\(folder) cannot be used: \(SystemError.last("open").reason)")
        }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else {
                throw RuntimeFailure("\(folder) cannot be used: \(SystemError.last("lock").reason)")
            }
        }
        try body()
    }
}

/// The tool while it runs.
private final class SyntaxProcess: Sendable {
    private let process: ChildProcess
    private let input: FileDescriptor
    private let output: FileDescriptor
    private let path: String
    /// Milliseconds for one file.
    private static let limit = 30_000.0

    init(_ path: String) throws(RuntimeFailure) {
        var options = ChildProcess.Options()
        options.input = .pipe
        options.output = .pipe
        options.error = .null
        guard let process = try? ChildProcess(path, options: options), let input = process.input,
            let output = process.output
        else { throw RuntimeFailure("\(path) cannot be started") }
        (self.process, self.input, self.output, self.path) = (process, input, output, path)
    }

    var id: Int { process.processID }

    /// One file at a time: neither side ever writes what the other does not read.
    func ask(_ file: String) throws(RuntimeFailure) -> [UInt8] {
        do {
            try input.writeAll(Array(file.utf8) + [0])
            var answer: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            let deadline = Deadline.after(Self.limit)
            while answer.last != UInt8(ascii: "\n") {
                guard try output.waitUntilReady(Int32(POLLIN), deadline: deadline) else { break }
                let count = try buffer.withUnsafeMutableBytes { try output.read(into: $0) }
                if count == 0 { break }
                answer += buffer[..<count]
            }
            if answer.last == UInt8(ascii: "\n") { return answer }
        } catch {}
        throw RuntimeFailure("\(path) gave no answer")
    }

    deinit {
        input.close()
        output.close()
        if process.wait(until: .after(50)) == nil {
            process.signal(SIGKILL)
            _ = process.wait()
        }
    }
}
