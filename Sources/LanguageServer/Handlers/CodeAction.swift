import JSONRPC
import LanguageServerProtocol
import ReloadEngine

/// `textDocument/codeAction`: what puts right what is said of a place, in the programs or in the text.
enum CodeActionRequest {
    static let method = "textDocument/codeAction"
    static let reloadKind = "source.reload"
    static let quickFix = "quickfix"
    static let rewrite = "refactor.rewrite"
    static let kinds = [quickFix, rewrite, reloadKind]

    static func handle(_ request: Request, in session: Session) throws {
        let params = try CodeActionParams(json: request.params)
        let uri = params.textDocument.uri
        let id = request.id
        guard session.sourcePath(uri) != nil else {
            session.answer(id, .success([]))
            return
        }
        let wantsEdits = session.capabilities.codeActionLiterals && (params.wants(quickFix) || params.wants(rewrite))
        guard wantsEdits else {
            session.answer(id, .success(.array(actions(params, [], in: session))))
            return
        }
        session.inspect(uri, at: params.range, for: id) { inspection, session in
            session.answer(id, .success(.array(actions(params, inspection?.edits ?? [], in: session))))
        }
    }

    private static func actions(
        _ params: CodeActionParams, _ edits: [Inspection.Edit], in session: Session
    ) -> [JSONValue] {
        let uri = params.textDocument.uri
        guard let path = session.sourcePath(uri) else { return [] }
        let context = session.conversionContext()
        let (saved, unsaved) = session.published.current(path)
        // A person asks with the cursor somewhere on the line; what is under it comes first.
        let onLine = saved.filter { context.range($0.range, in: path).sharesLines(with: params.range) }
        let isUnderCursor = { (problem: Problem) in context.range(problem.range, in: path).touches(params.range) }
        let here = onLine.filter(isUnderCursor) + onLine.filter { !isUnderCursor($0) }
        var actions: [CodeAction] = []
        for action in here.flatMap({ mendings(of: $0, uri, context, in: session) }) {
            // One action may put several problems of a line right: two uses of a leftover.
            if let same = actions.firstIndex(where: { $0.command == action.command }) {
                actions[same].diagnostics += action.diagnostics
            } else {
                actions.append(action)
            }
        }
        for edit in edits {
            let diagnostics: [Diagnostic] =
                switch edit.kind {
                case .qualify:
                    here.filter { $0.code == "stale-binding" && isUnderCursor($0) }
                        .map { session.diagnostic($0, context) }
                // The hint stands at the call that reaches outside, the edit is one of its whole statement.
                case .keep:
                    (here.map { session.diagnostic($0, context) } + (unsaved?.diagnostics ?? [])).filter {
                        $0.code == "runs-again" && $0.range.sharesLines(with: params.range)
                    }
                }
            var action = CodeAction(
                title: edit.title, kind: diagnostics.isEmpty ? rewrite : quickFix, diagnostics: diagnostics)
            if session.capabilities.resolvesEdits {
                action.data = UnresolvedEdit(edit, uri, params.range, session.documents.document(uri)?.version).json
            } else {
                action.edit = workspaceEdit(edit, uri, path, in: session)
            }
            actions.append(action)
        }
        if session.capabilities.codeActionLiterals {
            actions += CompilerFixes.actions(uri, path, on: params.range, in: session)
        }
        actions += restarts(for: here, context, in: session)
        let reload = Command(
            title: "Reload this file", command: ReloadCommand.reload.rawValue, arguments: [["uris": [uri.json]]])
        actions.append(CodeAction(title: reload.title, kind: reloadKind, command: reload))
        if session.capabilities.preferredActions,
            let first = actions.firstIndex(where: { $0.kind == quickFix && $0.disabled == nil })
        {
            actions[first].isPreferred = true
        }
        let wanted = actions.filter { params.wants($0.kind) }
        guard session.capabilities.codeActionLiterals else { return wanted.compactMap(\.command).map(\.json) }
        return wanted.map(\.json)
    }

    /// What can be done in the programs about one problem.
    private static func mendings(
        of problem: Problem, _ uri: DocumentURI, _ context: ConversionContext, in session: Session
    ) -> [CodeAction] {
        var commands: [Command] = []
        if let cause = problem.cause, let mending = cause.mending {
            commands.append(Command(mending, count: cause.count, newest: cause.newest))
        }
        if problem.code == "behind" {
            commands.append(
                Command(
                    title: "Reload this file", command: ReloadCommand.reload.rawValue,
                    arguments: [["uris": [uri.json]]]))
        }
        return commands.map { command in
            CodeAction(
                title: command.title, kind: quickFix, diagnostics: [session.diagnostic(problem, context)],
                command: command)
        }
    }

    /// A new start helps against everything that is old, in programs that can be started anew.
    private static func restarts(
        for problems: [Problem], _ context: ConversionContext, in session: Session
    ) -> [CodeAction] {
        let old = problems.filter { problem in
            problem.code.hasPrefix("stale-") || problem.code == "not-applied" || problem.code == "leftover-name"
        }
        guard !old.isEmpty else { return [] }
        let all = session.service.hosts
        let hosts = all.filter(\.isRestartable)
        if hosts.isEmpty, let host = all.first, session.capabilities.disabledActions {
            var action = CodeAction(
                title: "Restart the program", kind: quickFix, diagnostics: old.map { session.diagnostic($0, context) })
            action.disabled = "\(host.name) was not started by `afresh run`: restart it where you started it"
            return [action]
        }
        return hosts.map { host in
            let title = hosts.count == 1 ? "Restart the program" : "Restart the program \(host.name) (pid \(host.pid))"
            return CodeAction(
                title: title, kind: quickFix, diagnostics: old.map { session.diagnostic($0, context) },
                command: Command(
                    title: title, command: ReloadCommand.restart.rawValue, arguments: [["host": .string(host.id)]]))
        }
    }

    /// `codeAction/resolve`: the edit of an action, as long as the document is the one that it was offered for.
    static func resolve(_ request: Request, in session: Session) throws {
        guard let data = request.params["data"], !data.isNull else {
            // Neovim 0.7 has every action resolved that has no edit.
            guard request.params.objectValue != nil else { throw ResponseError.invalidParams("An action is needed") }
            session.answer(request.id, .success(request.params))
            return
        }
        let unresolved = try UnresolvedEdit(json: data)
        let (id, uri, params) = (request.id, unresolved.uri, request.params)
        guard let path = session.sourcePath(uri), session.documents.document(uri)?.version == unresolved.version else {
            throw ResponseError.contentModified("The document has changed since")
        }
        session.inspect(uri, at: unresolved.range, for: id) { inspection, session in
            guard let edit = inspection?.edits.first(where: { $0.title == unresolved.title }),
                var action = params.objectValue
            else {
                session.answer(id, .failure(.contentModified("The action is no longer possible")))
                return
            }
            action["edit"] = workspaceEdit(edit, uri, path, in: session).json
            session.answer(id, .success(.object(action)))
        }
    }

    private static func workspaceEdit(
        _ edit: Inspection.Edit, _ uri: DocumentURI, _ path: String, in session: Session
    ) -> WorkspaceEdit {
        let context = session.conversionContext(text: session.documents.document(uri)?.lines, of: path)
        return WorkspaceEdit(
            uri: uri, version: session.capabilities.versionedEdits ? session.documents.document(uri)?.version : nil,
            edits: edit.changes.map { TextEdit(range: context.range($0.range, in: path), newText: $0.text) })
    }
}

/// What is needed to find an edit again that was offered without what it does.
private struct UnresolvedEdit: JSONDecodable {
    var title: String
    var uri: DocumentURI
    var range: TextRange
    var version: Int

    init(_ edit: Inspection.Edit, _ uri: DocumentURI, _ range: TextRange, _ version: Int?) {
        title = edit.title
        self.uri = uri
        self.range = range
        self.version = version ?? 0
    }

    init(json: JSONValue) throws(ShapeError) {
        title = try json.required("title")
        uri = try json.required("uri")
        range = try json.required("range")
        version = try json.required("version")
    }

    var json: JSONValue {
        ["title": .string(title), "uri": uri.json, "range": range.json, "version": .int(version)]
    }
}

extension Command {
    init(_ mending: Mending, count: Int, newest: Int?) {
        self.init(
            title: mending.title(count: count, newest: newest), command: "afresh.\(mending.action.rawValue)",
            arguments: [
                .object([
                    "symbol": .string(mending.symbol), "kind": .string(mending.kind.rawValue),
                    "holders": mending.holders.map { .strings($0) }
                ])
            ])
    }
}

extension TextRange {
    /// Whether they share a character, or one ends where the other begins.
    fileprivate func touches(_ other: TextRange) -> Bool {
        start <= other.end && other.start <= end
    }

    fileprivate func sharesLines(with other: TextRange) -> Bool {
        start.line <= other.end.line && other.start.line <= end.line
    }
}
