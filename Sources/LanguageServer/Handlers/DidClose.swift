import LanguageServerProtocol

/// `textDocument/didClose`. Diagnostics stay: they are about the running program, not about the open text.
enum DidClose: SessionNotification {
    static let method = "textDocument/didClose"

    static func handle(_ params: DocumentParams, in session: Session) throws {
        session.documents.close(params.textDocument.uri)
    }
}
