import JSONRPC
import LanguageServerProtocol
import ReloadEngine

/// `textDocument/inlayHint`: what module-level names stand for in the program that runs, behind the statements that bind them.
/// Only where the setting `inlayHints` asks for it.
enum InlayHintRequest {
    static let method = "textDocument/inlayHint"
    /// How many names are asked for at once.
    private static let limit = 500

    static func handle(_ request: Request, in session: Session) throws {
        let params = try InlayHintParams(json: request.params)
        let (id, uri) = (request.id, params.textDocument.uri)
        session.areHintsShown = true
        guard session.settings.current.inlayHints, let path = session.sourcePath(uri), !session.service.hosts.isEmpty
        else {
            session.answer(id, .success([]))
            return
        }
        session.inspect(uri, for: id) { inspection, session in
            let lines = params.range.start.line...max(params.range.start.line, params.range.end.line)
            let shown = (inspection?.assignments ?? []).filter { lines.contains($0.range.end.line) }.prefix(limit)
            guard !shown.isEmpty else {
                session.answer(id, .success([]))
                return
            }
            session.values(of: shown.map { [$0.name] }, in: path, for: id) { values, session in
                session.answer(id, .success(.array(hints(Array(shown), values, uri, path, in: session).map(\.json))))
            }
        }
    }

    private static func hints(
        _ assignments: [Inspection.Definition], _ values: [LiveValue], _ uri: DocumentURI, _ path: String,
        in session: Session
    ) -> [InlayHint] {
        let context = session.conversionContext(text: session.documents.document(uri)?.lines, of: path)
        let known = assignments.enumerated().compactMap { index, assignment -> (Inspection.Definition, String)? in
            var texts: [String] = []
            for case .some(.some(let text)) in values.map({ $0.texts.dropFirst(index).first })
            where !texts.contains(text) { texts.append(text) }
            return texts.isEmpty ? nil : (assignment, texts.joined(separator: " | "))
        }
        return Dictionary(grouping: known, by: \.0.range.end).values.map { bound in
            // `a, b = …` has one place for both.
            let label = bound.count == 1 ? bound[0].1 : bound.map { "\($0.0.name) = \($0.1)" }.joined(separator: ", ")
            return InlayHint(
                position: context.range(bound[0].0.range, in: path).end, label: "→ \(label)",
                tooltip: "The value in the running program")
        }.sorted { $0.position < $1.position }
    }
}

extension Session {
    /// Asks the programs what names stand for; `finish` gets nothing where they do not answer at once, or are kept busy.
    func values(
        of names: [[String]], in path: String, for id: RequestID,
        finish: @escaping @Sendable ([LiveValue], Session) -> Void
    ) {
        // While a program keeps the engine waiting, questions would queue up before the next save.
        guard runningSurveys == 0 else {
            finish([], self)
            return
        }
        runningSurveys += 1
        let (events, service) = (self.events, self.service)
        suspend(
            id, limit: 500, finish: { (values: [LiveValue]?, session) in finish(values ?? [], session) },
            begin: { complete in
                service.values(path: path, names: names) { values in
                    events.putRegardless(.questionAnswered)
                    complete(values)
                }
            })
    }

    /// What hints say may have changed.
    func refreshHints() {
        guard areHintsShown, settings.current.inlayHints, capabilities.refreshesInlayHints else { return }
        areHintsShown = false
        client.connection.send("workspace/inlayHint/refresh", .null) { _ in }
    }
}
