import LanguageServer
import PythonRuntime
import ReloadEngine

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
        options: [.init("--stdio", nil, "accepted because some clients add it; there is no other way")])

    init(_ arguments: Arguments) throws(UsageError) {}

    func run() -> Int32 {
        var options = LanguageServerOptions(version: Afresh.version, sourceSuffixes: [".py", ".so"])
        options.explanation = { CPython.explanation(ofCode: $0) }
        return runLanguageServer(options) { emit in
            ReloadEngine(
                client: ClientInformation(name: "afresh lsp", version: Afresh.version), runtimes: [CPython()],
                folder: try RuntimeFolder.standard(), announced: true, emit: emit)
        }
    }
}
