import JSONRPC
import LanguageServerProtocol
import ReloadEngine

/// How diagnostics come to the client: those that it asks for are not pushed as well, it would show them twice.
struct DiagnosticDelivery {
    /// A `workspace/diagnostic` that waits for something to change.
    struct Waiting {
        var id: RequestID
        /// Where reports go as they come; nil: the first change ends the request.
        var token: JSONValue?
        /// The result ids of what the client has.
        var known: [DocumentURI: String]
    }

    /// Open documents that the client has asked for.
    private var asked: Set<DocumentURI> = []
    /// Documents of which the client holds something that was pushed.
    private var pushed: Set<DocumentURI> = []
    private var isWorkspaceAsked = false
    fileprivate var waiting: Waiting?
    /// The client has been told to ask again and has not answered.
    fileprivate var isRefreshing = false
    /// Something changed since then that the client asks for.
    fileprivate var isBehind = false

    fileprivate func isAsked(_ uri: DocumentURI) -> Bool { isWorkspaceAsked || asked.contains(uri) }

    /// - Returns: whether what was pushed for the document has to be taken back.
    fileprivate mutating func ask(_ uri: DocumentURI) -> Bool {
        asked.insert(uri)
        return pushed.remove(uri) != nil
    }

    /// - Returns: the documents for which what was pushed has to be taken back.
    fileprivate mutating func askWorkspace() -> [DocumentURI] {
        isWorkspaceAsked = true
        defer { pushed = [] }
        return pushed.sorted { $0.rawValue < $1.rawValue }
    }

    fileprivate mutating func push(_ uri: DocumentURI, isEmpty: Bool) {
        if isEmpty { pushed.remove(uri) } else { pushed.insert(uri) }
    }

    /// - Returns: whether it had been asked for, so that the client forgets what it got.
    mutating func close(_ uri: DocumentURI) -> Bool { asked.remove(uri) != nil && !isWorkspaceAsked }

    /// - Returns: whether the request waited here.
    mutating func cancel(_ id: RequestID) -> Bool {
        guard waiting?.id == id else { return false }
        waiting = nil
        return true
    }
}

extension Session {
    /// Everything that is known about a file: about the text that was saved, and about the one that is in the editor.
    private func diagnostics(of path: String, _ context: ConversionContext) -> (items: [Diagnostic], version: Int?) {
        let (problems, unsaved) = published.current(path)
        var items = problems.map { diagnostic($0, context) }
        for diagnostic in unsaved?.diagnostics ?? [] where !items.contains(diagnostic) { items.append(diagnostic) }
        return (items, unsaved?.version ?? documents.savedVersion(documents.uri(forPath: path)))
    }

    /// What is said of a file has changed.
    func deliverDiagnostics(of path: String, _ context: ConversionContext) {
        let uri = documents.uri(forPath: path)
        guard !delivery.isAsked(uri) else {
            answerWaiting(context)
            refreshDiagnostics()
            return
        }
        let (items, version) = diagnostics(of: path, context)
        delivery.push(uri, isEmpty: items.isEmpty)
        client.publish(PublishDiagnosticsParams(uri: uri, version: version, diagnostics: items))
    }

    /// - Parameter previous: the result id of what the client has.
    func diagnosticReport(of path: String, previous: String?, _ context: ConversionContext) -> DiagnosticReport {
        let resultID = published.resultID(path)
        return DiagnosticReport(
            resultID: resultID, items: previous == resultID ? nil : diagnostics(of: path, context).items)
    }

    /// The client asks for this document from now on, while it is open and we can tell when to ask again.
    func noteAsked(_ uri: DocumentURI) {
        guard capabilities.pullsDiagnostics, documents.isOpen(uri), delivery.ask(uri) else { return }
        client.publish(PublishDiagnosticsParams(uri: uri, version: nil, diagnostics: []))
    }

    /// Answers `workspace/diagnostic`, at once or as soon as there is something that the client does not have.
    func wait(_ request: DiagnosticDelivery.Waiting) {
        if let earlier = delivery.waiting?.id {
            answer(earlier, .failure(.serverCancelled("Another `workspace/diagnostic` has come", retrigger: false)))
        }
        if capabilities.pullsDiagnostics {
            for uri in delivery.askWorkspace() {
                client.publish(PublishDiagnosticsParams(uri: uri, version: nil, diagnostics: []))
            }
        }
        delivery.waiting = request
        answerWaiting(conversionContext(), isFirst: true)
    }

    /// - Parameter isFirst: the client is told of everything, also that nothing has changed.
    private func answerWaiting(_ context: ConversionContext, isFirst: Bool = false) {
        guard var waiting = delivery.waiting else { return }
        var items: [JSONValue] = []
        var hasNews = isFirst && waiting.known.isEmpty
        for path in published.paths {
            let uri = documents.uri(forPath: path)
            let report = diagnosticReport(of: path, previous: waiting.known[uri], context)
            guard report.items != nil || waiting.token == nil else { continue }
            hasNews = hasNews || report.items != nil
            waiting.known[uri] = report.resultID
            items.append(report.json(uri: uri, version: documents.savedVersion(uri)))
        }
        delivery.waiting = waiting
        guard hasNews else { return }
        if let token = waiting.token {
            client.connection.notify("$/progress", ["token": token, "value": ["items": .array(items)]])
        } else {
            delivery.waiting = nil
            answer(waiting.id, .success(["items": .array(items)]))
        }
    }

    /// Tells the client to ask again; once, however much changes until it has answered.
    private func refreshDiagnostics() {
        guard !delivery.isRefreshing else {
            delivery.isBehind = true
            return
        }
        delivery.isRefreshing = true
        delivery.isBehind = false
        let events = self.events
        client.connection.send("workspace/diagnostic/refresh", .null) { _ in events.putRegardless(.diagnosticsRefreshed)
        }
    }

    func diagnosticsRefreshed() {
        delivery.isRefreshing = false
        if delivery.isBehind { refreshDiagnostics() }
    }

    /// `shutdown`: no request stays without an answer.
    func endWaitingForDiagnostics() {
        guard let waiting = delivery.waiting else { return }
        delivery.waiting = nil
        answer(waiting.id, .success(["items": []]))
    }
}
