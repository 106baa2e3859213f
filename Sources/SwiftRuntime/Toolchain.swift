import JSONRPC
import Platform
import ReloadEngine

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// One Swift toolchain: what it says of itself, and where its tools are.
struct Toolchain: Sendable, Hashable {
    /// The compiler driver's absolute path.
    var compiler: String
    /// "6.3.1".
    var version: String
    /// What identifies the compiler that made a module: "swift-6.3.1-RELEASE".
    var tag: String
    var triple: String
    /// `usr/lib/swift`.
    var resources: String
    /// Where the standard library's images are.
    var libraries: String
    private var binaries: String

    /// Asks a compiler.
    /// - Parameter compiler: a path, or a name that is looked up in `PATH`.
    init(compiler: String) throws(RuntimeFailure) {
        guard let path = Toolchain.executable(compiler) else {
            throw RuntimeFailure("There is no Swift compiler '\(compiler)': put a toolchain's `swiftc` into the PATH.")
        }
        let answer = try Tool(path, ["-print-target-info"]).output(limit: 30_000)
        guard let value = try? JSONValue(parsing: answer), let triple = value["target"]?["triple"]?.stringValue,
            let resources = value["paths"]?["runtimeResourcePath"]?.stringValue,
            let libraries = value["paths"]?["runtimeLibraryPaths"]?.arrayValue?.first?.stringValue
        else { throw RuntimeFailure("\(path) does not say what it compiles for.") }
        let sentence = value["compilerVersion"]?.stringValue ?? ""
        // "Swift version 6.3.1 (swift-6.3.1-RELEASE)", of some vendors with their own words before.
        let words = sentence.split(separator: " ")
        let version = words.firstIndex(of: "version").flatMap { words.dropFirst($0 + 1).first }.map(String.init)
        // What the PATH names can be a link, or a program that chooses among toolchains; the resources are always the toolchain's.
        let root = Toolchain.folder(of: Toolchain.folder(of: resources))
        binaries = root + "/bin"
        self.compiler = binaries + "/swiftc"
        self.version = version ?? sentence
        self.tag = value["swiftCompilerTag"]?.stringValue ?? sentence
        self.triple = triple
        self.resources = resources
        self.libraries = libraries
        for tool in [frontend, linker] where Toolchain.executable(tool) == nil {
            throw RuntimeFailure("The toolchain of \(path) has no \(tool).")
        }
    }

    var frontend: String { binaries + "/swift-frontend" }
    var clang: String { binaries + "/clang" }
    var linker: String { binaries + "/ld.lld" }
    var package: String { binaries + "/swift" }

    /// The object that registers an image's metadata when it is loaded.
    var imageStart: String { "\(libraries)/\(triple.prefix { $0 != "-" })/swiftrt.o" }

    /// Where the system's libraries are, besides `libraries`.
    var systemLibraries: [String] {
        let architecture = triple.prefix { $0 != "-" }
        return [
            "/lib/\(architecture)-linux-gnu", "/usr/lib/\(architecture)-linux-gnu", "/lib64", "/usr/lib64", "/lib",
            "/usr/lib"
        ]
        .filter { fileStatus($0)?.kind == .folder }
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return String(path[..<slash])
    }

    private static func executable(_ name: String) -> String? {
        if name.contains("/") {
            return fileStatus(name)?.kind == .file ? name : nil
        }
        let folders = (Environment.variable("PATH") ?? "").split(separator: ":")
        return folders.lazy.compactMap { executable("\($0)/\(name)") }.first
    }
}

/// A program of the toolchain, with what it is to do.
struct Tool: Sendable {
    var path: String
    var arguments: [String]
    var folder: String?

    init(_ path: String, _ arguments: [String], in folder: String? = nil) {
        self.path = path
        self.arguments = arguments
        self.folder = folder
    }

    private var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    /// Runs it and gives what it prints.
    /// - Parameter limit: milliseconds.
    func output(limit: Double) throws(RuntimeFailure) -> [UInt8] {
        let (ending, bytes) = try run(limit: limit, withErrors: false)
        guard ending == .exited(code: 0) else {
            throw RuntimeFailure("\(name) \(arguments.prefix(2).joined(separator: " ")) failed: \(Tool.tail(bytes))")
        }
        return bytes
    }

    /// Runs it to its end: how that was, and what it has printed, which no file has to hold: the disk can be full.
    /// - Parameters:
    ///   - limit: milliseconds.
    ///   - withErrors: also what it writes to standard error.
    func run(limit: Double, withErrors: Bool) throws(RuntimeFailure) -> (ending: ChildProcess.Ending?, output: [UInt8])
    {
        var options = ChildProcess.Options()
        options.input = .null
        options.error = .null
        options.workingDirectory = folder
        let process: ChildProcess
        let output: FileDescriptor
        do {
            let pipe = try FileDescriptor.pipe()
            defer { pipe.write.close() }
            output = pipe.read
            options.output = .descriptor(pipe.write)
            if withErrors { options.error = .descriptor(pipe.write) }
            do {
                process = try ChildProcess(path, arguments, options: options)
            } catch {
                output.close()
                throw error
            }
        } catch {
            throw RuntimeFailure("\(path) cannot be started: \((error as? SystemError)?.reason ?? "\(error)").")
        }
        defer { output.close() }
        guard let bytes = try? output.readToEnd(until: .after(limit)) else {
            process.signal(SIGKILL)
            _ = process.wait()
            throw RuntimeFailure("\(name) did not finish within \(Int(limit / 1000)) s.")
        }
        return (process.wait(), bytes)
    }

    /// The last words of what a tool has printed.
    static func tail(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes.suffix(600), as: UTF8.self)
        let lines = text.split(separator: "\n").suffix(3)
        return lines.isEmpty ? "it says nothing more" : lines.joined(separator: " ")
    }
}
