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
        if fileStatus(path) != nil { return }
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
        guard !files.isEmpty else { return [] }
        let lines = try Tool(path, files).output(limit: 30_000).split(separator: UInt8(ascii: "\n"))
        guard lines.count == files.count else { throw RuntimeFailure("\(path) gave no answer") }
        var outlines: [SourceOutline?] = []
        for line in lines {
            guard let value = try? JSONValue(parsing: Array(line)) else {
                throw RuntimeFailure("\(path) gave an answer that makes no sense")
            }
            outlines.append(SourceOutline(value))
        }
        return outlines
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
