import LanguageServer
import Platform
import PythonRuntime
import ReloadEngine
import SwiftRuntime

/// `afresh lsp`: the language server over standard input and output.
struct LSPCommand: Command {
    static let syntax = CommandSyntax(
        name: "lsp",
        summary: "the language server, for editors",
        discussion: """
            Speaks the Language Server Protocol over standard input and output. Editors start it; see README.md for their
            settings.
            """,
        operands: .none,
        options: [
            .init(
                "--log", .text("FILE"), "add to this file what the server does; no source text and no values are in it"),
            .init("--stdio", nil, "accepted because some clients add it; there is no other way")
        ])

    private let log: String?

    init(_ arguments: Arguments) throws(UsageError) {
        log = arguments["--log"]
    }

    func run() -> Int32 {
        var options = LanguageServerOptions(
            version: Afresh.version, sourceSuffixes: [".py", ".so"] + SwiftPlugins.sourceSuffixes)
        options.guidedSuffixes = [".py"]
        if let log {
            do {
                options.log = try LogFile(path: log)
                options.log?.write("info", "afresh \(Afresh.version) lsp, process \(Environment.processID)")
            } catch {
                complain("lsp", "the log \(log) cannot be written: \(sentence(of: error))")
                return ExitCode.usage
            }
        }
        options.explanation = { Page.address(ofCode: $0) }
        options.unreachablePrograms = { folders in
            CPython.programsNotLive(in: folders).map { UnreachableProgram(pid: $0.pid, command: $0.command) }
        }
        options.tidyUp = {
            guard let folder = Environment.cacheFolder else { return [] }
            let own: Set = [AgentFolder.name, Page.folderName, SwiftPlugins.syntaxFolderName]
            return OldFolders(in: folder, kinds: ["agent", "pages", "syntax"], current: own)
                .remove(products: SwiftPlugins.syntaxToolPrefix)
                .map { "\($0) was removed: an earlier version has left it, and nobody has used it for 30 days" }
        }
        options.isNews = { LSPCommand.isNews($0) }
        return runLanguageServer(options) { emit in
            ReloadEngine(
                client: ClientInformation(name: "afresh lsp", version: Afresh.version), runtimes: Afresh.runtimes(),
                folder: try RuntimeFolder.standard(), announced: true, emit: emit)
        }
    }

    /// What a person was told is remembered by an empty file in the cache folder; where there is none, it is news each time.
    private static func isNews(_ name: String) -> Bool {
        guard let folder = Environment.cacheFolder else { return true }
        let path = "\(folder)/told-\(name)"
        guard fileStatus(path) == nil else { return false }
        try? makeFolder(folder, permissions: 0o700)
        try? writeFileAtomically(path, [], permissions: 0o600)
        return true
    }
}
