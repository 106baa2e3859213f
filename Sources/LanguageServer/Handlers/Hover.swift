import JSONRPC
import LanguageServerProtocol
import ReloadEngine

/// `textDocument/hover`: which generation of the module runs where, since when, who still holds an older one, and what a
/// module-level name stands for right now.
enum HoverRequest {
    static let method = "textDocument/hover"
    /// How many stale references are written out.
    private static let sampleLimit = 5

    static func handle(_ request: Request, in session: Session) throws {
        let params = try TextDocumentPositionParams(json: request.params)
        let (id, uri) = (request.id, params.textDocument.uri)
        guard let path = session.sourcePath(uri), !session.service.hosts.isEmpty else {
            session.answer(id, .success(.null))
            return
        }
        session.inspect(uri, at: TextRange(start: params.position, end: params.position), for: id) {
            inspection, session in
            guard let name = inspection?.name else {
                tell(path, uri, nil, [], for: id, in: session)
                return
            }
            session.values(of: [name.path], in: path, for: id) { values, session in
                tell(path, uri, name, values, for: id, in: session)
            }
        }
    }

    private static func tell(
        _ path: String, _ uri: DocumentURI, _ name: Inspection.Name?, _ values: [LiveValue], for id: RequestID,
        in session: Session
    ) {
        session.ask(
            PendingSurvey(needsStale: false, takesWhatIsKnown: true, limit: 500) { hosts, session in
                var lines = lines(of: values, name?.path ?? [])
                lines += session.knowledge.lines(about: path, name: name?.path.first, sampleLimit: sampleLimit)
                guard !lines.isEmpty else { return .success(.null) }
                let inMarkdown = session.capabilities.hoverInMarkdown
                let text = lines.map { $0.text(markdown: inMarkdown) }.joined(separator: inMarkdown ? "\n\n" : "\n")
                let context = session.conversionContext(text: session.documents.document(uri)?.lines, of: path)
                let range = name.map { context.range($0.range, in: path) }
                return .success(Hover(markdown: inMarkdown, value: text, range: range).json)
            }, for: id)
    }

    /// The value once where all programs agree.
    private static func lines(of values: [LiveValue], _ name: [String]) -> [HoverLine] {
        let known = values.compactMap { value in value.texts.first?.map { (text: $0, host: value.host) } }
        let expression = name.joined(separator: ".")
        guard let first = known.first else { return [] }
        if known.allSatisfy({ $0.text == first.text }) {
            let programs = known.count == 1 ? first.host.name : "\(known.count) modules of running programs"
            return [HoverLine(code: "\(expression) = \(first.text)", words: "now, in \(programs)")]
        }
        return known.map { value in
            HoverLine(
                code: "\(expression) = \(value.text)", words: "now, in \(value.host.name) (process \(value.host.pid))")
        }
    }
}
