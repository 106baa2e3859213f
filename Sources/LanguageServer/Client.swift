import JSONRPC
import LanguageServerProtocol
import Platform

/// The client as the session speaks to it.
struct Client {
    let connection: Connection
    /// The log of `afresh lsp --log`.
    private let file: LogFile?
    /// What the client wants to read of the protocol's traffic (LSP 3.17, `TraceValue`).
    enum Trace: String {
        case off
        case messages
        case verbose
    }

    var trace = Trace.off
    var isVerbose: Bool { trace == .verbose }

    init(connection: Connection, file: LogFile?) {
        self.connection = connection
        self.file = file
    }

    /// Says something once, in a place where a person sees it: only where a person must act.
    func show(_ type: MessageType, _ message: String) {
        file?.write(type.word, message)
        connection.notify("window/showMessage", MessageParams(type: type, message: message).json)
    }

    /// Writes into the client's log; details only into that of a client which has asked for them.
    func log(_ type: MessageType, _ message: String) {
        file?.write(type.word, message)
        guard type != .log || isVerbose else { return }
        connection.notify("window/logMessage", MessageParams(type: type, message: message).json)
    }

    /// Says what the protocol does, to those who have asked for it with `$/setTrace`.
    func trace(_ message: String, _ details: @autoclosure () -> JSONValue) {
        guard trace != .off else { return }
        connection.notify(
            "$/logTrace",
            .object(["message": .string(message), "verbose": isVerbose ? .string(details().text) : nil]))
    }

    func publish(_ params: PublishDiagnosticsParams) {
        connection.notify("textDocument/publishDiagnostics", params.json)
    }

    func notify(_ status: ReloadStatus) {
        connection.notify(ReloadStatus.method, status.json)
    }

    func report(_ progress: ProgressParams) {
        connection.notify("$/progress", progress.json)
    }
}

extension MessageType {
    fileprivate var word: String {
        switch self {
        case .error: "error"
        case .warning: "warning"
        case .info: "info"
        default: "debug"
        }
    }
}
