import JSONRPC
import LanguageServerProtocol
import ReloadEngine

/// What a compiler proposes against what it says of a text: quick fixes, as long as the document is that text.
enum CompilerFixes {
    static func actions(
        _ uri: DocumentURI, _ path: String, on range: TextRange, in session: Session
    ) -> [CodeAction] {
        guard let document = session.documents.document(uri) else { return [] }
        let (saved, unsaved) = session.published.current(path)
        let context = session.conversionContext(text: document.lines, of: path)
        let isSaved = document.version == document.savedVersion
        let problems =
            (isSaved ? saved : []) + (unsaved?.version == document.version ? unsaved?.problems ?? [] : [])
        let here = problems.filter { problem in
            let own = context.range(problem.range, in: path)
            return own.start.line <= range.end.line && range.start.line <= own.end.line
        }
        var actions: [CodeAction] = []
        for problem in here {
            for fix in problem.fixes {
                var action = CodeAction(
                    title: title(of: fix, in: document), kind: CodeActionRequest.quickFix,
                    diagnostics: [session.diagnostic(problem, context)])
                action.edit = WorkspaceEdit(
                    uri: uri, version: session.capabilities.versionedEdits ? document.version : nil,
                    edits: fix.changes.map { TextEdit(range: context.range($0.range, in: path), newText: $0.text) })
                if !actions.contains(where: { $0.title == action.title && $0.edit?.json == action.edit?.json }) {
                    actions.append(action)
                }
            }
        }
        return actions
    }

    private static func title(of fix: Problem.Fix, in document: TextDocument) -> String {
        if let title = fix.title, let first = title.first { return first.uppercased() + title.dropFirst() }
        guard fix.changes.count == 1, let change = fix.changes.first else { return "Apply what the compiler proposes" }
        let (old, new) = (shown(document.text(in: change.range)), shown(change.text))
        if old.isEmpty { return "Insert `\(new)`" }
        return new.isEmpty ? "Remove `\(old)`" : "Replace `\(old)` with `\(new)`"
    }

    /// On one line, and not too long.
    private static func shown(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.count > 60 ? line.prefix(59) + "…" : line
    }
}

extension TextDocument {
    /// What stands there; empty where there is no such place.
    fileprivate func text(in range: SourceRange) -> String {
        guard range.start.line < lines.count, range.start.line >= 0 else { return "" }
        var bytes: [UInt8] = []
        for line in range.start.line...max(range.start.line, min(range.end.line, lines.count - 1)) {
            let from = line == range.start.line ? range.start.column : 0
            let to = line == range.end.line ? range.end.column : lines[line].count
            bytes += lines[line].prefix(max(0, to)).dropFirst(max(0, from))
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
