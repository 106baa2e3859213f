import JSONRPC
import LanguageServerProtocol
import ReloadEngine

/// `textDocument/hover`: which generation of the module runs where, since when, and who still holds an older one.
enum HoverRequest: HostRequest {
    static let method = "textDocument/hover"
    /// How many stale references are written out.
    private static let sampleLimit = 5

    static func begin(_ params: TextDocumentPositionParams, in session: Session) throws -> PendingSurvey? {
        guard let path = session.sourcePath(params.textDocument.uri), !session.service.hosts.isEmpty else { return nil }
        return PendingSurvey(needsStale: false, takesWhatIsKnown: true, limit: 500) { hosts, session in
            let lines = session.knowledge.lines(about: path, sampleLimit: sampleLimit)
            guard !lines.isEmpty else { return .success(.null) }
            let inMarkdown = session.capabilities.hoverInMarkdown
            let text = lines.map { $0.text(markdown: inMarkdown) }.joined(separator: inMarkdown ? "\n\n" : "\n")
            return .success(Hover(markdown: inMarkdown, value: text).json)
        }
    }
}
