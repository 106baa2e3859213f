import JSONRPC
import LanguageServerProtocol
import Platform
import ReloadEngine

/// Requests whose answer comes from elsewhere: a checker, a program. What has not come in time is answered without it.
struct LaterAnswers {
    private var waiting: [RequestID: (number: Int, otherwise: @Sendable (Session) -> Void)] = [:]
    private var count = 0

    /// - Returns: the number of this wait: a request may wait for one thing after another.
    mutating func wait(_ id: RequestID, otherwise: @escaping @Sendable (Session) -> Void) -> Int {
        count &+= 1
        waiting[id] = (count, otherwise)
        return count
    }

    /// - Parameter number: of the wait that ends; nil for any.
    /// - Returns: what is to be done without the answer; nil when the request does not wait for that any more.
    mutating func end(_ id: RequestID, _ number: Int? = nil) -> (@Sendable (Session) -> Void)? {
        guard let wait = waiting[id], wait.number == number ?? wait.number else { return nil }
        return waiting.removeValue(forKey: id)?.otherwise
    }
}

extension Session {
    /// Waits for something that a request needs.
    /// - Parameters:
    ///   - limit: milliseconds.
    ///   - finish: goes on, on the session's thread, with what came; nil when nothing came in time.
    ///   - begin: starts it; is given what to call once, on any thread, with what came.
    func suspend<Value: Sendable>(
        _ id: RequestID, limit: Double, finish: @escaping @Sendable (Value?, Session) -> Void,
        begin: (@escaping @Sendable (Value) -> Void) -> Void
    ) {
        let number = later.wait(id) { finish(nil, $0) }
        schedule(.laterOverdue(id, number), after: limit)
        let events = self.events
        begin { value in
            events.putRegardless(.resumed(id, number) { session in finish(value, session) })
        }
    }

    func resume(_ id: RequestID, _ number: Int, _ finish: (Session) -> Void) {
        if later.end(id, number) != nil { finish(self) }
    }

    func giveUp(_ id: RequestID, _ number: Int) {
        later.end(id, number)?(self)
    }

    func answer(_ id: RequestID, _ result: Result<JSONValue, ResponseError>) {
        client.connection.answer(id, result)
    }

    /// Milliseconds: the first question waits for the checker's start, on a busy machine.
    private static var inspectionLimit: Double { 5000 }

    /// Looks into the text of an open document, as it is in the editor; `finish` gets nothing for one that is not known, and is
    /// not called for one that changes meanwhile: the request fails with −32801 then.
    /// - Parameter range: in the client's units; what is there is wanted too.
    func inspect(
        _ uri: DocumentURI, at range: TextRange? = nil, for id: RequestID,
        finish: @escaping @Sendable (Inspection?, Session) -> Void
    ) {
        guard let path = sourcePath(uri), let document = documents.document(uri) else {
            finish(nil, self)
            return
        }
        let place = range.map { document.range($0, encoding) }
        let request = InspectionRequest(path: path, text: document.bytes, range: place)
        let reloadSettings = settings.current.reload(workspaceFolders: workspaceFolders)
        startServiceIfNeeded()
        let service = self.service
        let version = document.version
        let finishUnchanged = { @Sendable (inspection: Inspection?, session: Session) in
            guard session.documents.document(uri)?.version == version else {
                session.answer(id, .failure(.contentModified("The document has changed since")))
                return
            }
            finish(inspection, session)
        }
        suspend(id, limit: Self.inspectionLimit, finish: finishUnchanged) { complete in
            service.inspect(request, settings: reloadSettings, completion: complete)
        }
    }
}

extension TextDocument {
    /// A range of the client in lines and bytes.
    func range(_ range: TextRange, _ encoding: PositionEncoding) -> SourceRange {
        SourceRange(start: position(range.start, encoding), end: position(range.end, encoding))
    }

    private func position(_ position: Position, _ encoding: PositionEncoding) -> SourcePosition {
        guard lines.indices.contains(position.line) else { return SourcePosition(line: position.line, column: 0) }
        return SourcePosition(
            line: position.line, column: lines[position.line].offset(ofColumn: position.character, encoding))
    }
}
