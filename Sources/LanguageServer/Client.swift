import JSONRPC
import LanguageServerProtocol

/// The client as the session speaks to it.
struct Client {
    let connection: Connection
    /// Whether the client has asked for details with `$/setTrace`.
    var isVerbose = false

    init(connection: Connection) {
        self.connection = connection
    }

    /// Says something once, in a place where a person sees it: only where a person must act.
    func show(_ type: MessageType, _ message: String) {
        connection.notify("window/showMessage", MessageParams(type: type, message: message).json)
    }

    /// Writes into the client's log.
    func log(_ type: MessageType, _ message: String) {
        connection.notify("window/logMessage", MessageParams(type: type, message: message).json)
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
