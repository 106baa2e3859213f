import LanguageServerProtocol

/// `textDocument/didOpen`
enum DidOpen: SessionNotification {
    static let method = "textDocument/didOpen"

    static func handle(_ params: DidOpenParams, in session: Session) throws {
        session.startServiceIfNeeded()
        guard !session.documents.open(params.uri, text: params.text, version: params.version) else {
            session.schedulePreview(of: params.uri)  // an editor may bring back what was not saved
            return
        }
        session.client.show(
            .warning,
            "\(params.uri.path ?? params.uri.rawValue) is too large for Afresh to follow while you type; saving it still reloads it."
        )
    }
}
