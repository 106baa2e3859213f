import JSONRPC
import LanguageServerProtocol

/// `textDocument/didChange`
enum DidChange: SessionNotification {
    static let method = "textDocument/didChange"

    /// The changes are decoded here: a document whose edit cannot be read must be known to be out of step.
    static func handle(_ params: JSONValue, in session: Session) throws {
        do {
            let change = try DidChangeParams(json: params)
            let isOpen = session.documents.change(
                change.uri, version: change.version, changes: change.changes, encoding: session.encoding)
            session.schedulePreview(of: change.uri)
            if !isOpen { session.client.log(.warning, "\(change.uri) was changed without being open") }
        } catch {
            if let uri = params["textDocument"]?["uri"]?.stringValue {
                session.documents.forgetText(DocumentURI(rawValue: uri))
            }
            throw error
        }
    }
}
