import JSONRPC
import LanguageServerProtocol
import ReloadEngine

/// `textDocument/codeLens`: over each function and class at module level, which generation runs and how much of it is stale.
enum CodeLensRequest {
    static let method = "textDocument/codeLens"

    static func handle(_ request: Request, in session: Session) throws {
        let params = try DocumentParams(json: request.params)
        let (id, uri) = (request.id, params.textDocument.uri)
        session.isLensShown = true
        guard session.sourcePath(uri) != nil, !session.service.hosts.isEmpty else {
            session.answer(id, .success([]))
            return
        }
        session.inspect(uri, for: id) { inspection, session in
            guard let definitions = inspection?.definitions, !definitions.isEmpty else {
                session.answer(id, .success([]))
                return
            }
            session.ask(
                PendingSurvey(needsStale: false, takesWhatIsKnown: true, limit: 500) { _, session in
                    .success(.array(lenses(uri, definitions, in: session).map(\.json)))
                }, for: id)
        }
    }

    private static func lenses(
        _ uri: DocumentURI, _ definitions: [Inspection.Definition], in session: Session
    ) -> [CodeLens] {
        guard let path = session.sourcePath(uri) else { return [] }
        let context = session.conversionContext(text: session.documents.document(uri)?.lines, of: path)
        return definitions.compactMap { definition in
            guard let state = session.knowledge.state(of: definition.name, in: path) else { return nil }
            let stale = state.stale > 0 ? ", \(state.stale) stale" : ""
            return CodeLens(
                range: context.range(definition.range, in: path),
                command: Command(
                    title: "generation \(state.generation)\(stale)", command: ReloadCommand.status.rawValue))
        }
    }
}

extension Session {
    /// What lenses say may have changed.
    func refreshLenses() {
        guard isLensShown, capabilities.refreshesCodeLenses else { return }
        isLensShown = false
        client.connection.send("workspace/codeLens/refresh", .null) { _ in }
    }
}
