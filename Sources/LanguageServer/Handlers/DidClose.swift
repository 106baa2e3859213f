import LanguageServerProtocol

/// `textDocument/didClose`. Diagnostics stay that are about the running program; those about the open text go with it.
enum DidClose: SessionNotification {
    static let method = "textDocument/didClose"

    static func handle(_ params: DocumentParams, in session: Session) throws {
        session.documents.close(params.textDocument.uri)
        session.endPreview(of: params.textDocument.uri)
        if session.delivery.close(params.textDocument.uri), let path = session.sourcePath(params.textDocument.uri) {
            session.deliverDiagnostics(of: path, session.conversionContext())
        }
    }
}
