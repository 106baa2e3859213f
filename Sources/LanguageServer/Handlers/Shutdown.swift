import JSONRPC
import LanguageServerProtocol

/// `shutdown`: answered at once. What is in flight in a program goes on there; `exit` ends the process.
enum Shutdown: SessionRequest {
    static let method = "shutdown"

    static func handle(_ params: JSONValue, in session: Session) throws -> Null {
        session.endWaitingForDiagnostics()
        session.phase = .shutDown
        return Null()
    }
}
