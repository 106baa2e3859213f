import JSONRPC
import LanguageServerProtocol
import Platform
import ReloadEngine
import Testing

@testable import LanguageServer

/// An engine that does nothing but remember what it was asked.
final class FakeService: ReloadService {
    struct State: Sendable {
        var isStarted = false
        var isStopped = false
        var settings: [ReloadSettings] = []
        var requests: [ReloadRequest] = []
        var previews: [PreviewRequest] = []
        var hosts: [HostInformation] = []
        var surveys: [@Sendable ([HostSurvey]) -> Void] = []
        var mendings: [Mending] = []
        /// What mending says; nil: nothing yet.
        var mended: [MendingResult]? = []
        var restarts: [String?] = []
        var executions: [Execution] = []
        /// What becomes of a text that is to be executed.
        var executed = Execution.Outcome.failed("nothing runs")
        var inspected: [InspectionRequest] = []
        /// What a text is found to hold.
        var inspection = Inspection()
        /// What names stand for; nil: the programs do not answer.
        var values: [LiveValue]? = []
    }

    let state = Monitor(State())
    let emit: @Sendable (EngineEvent) -> Void

    init(emit: @escaping @Sendable (EngineEvent) -> Void) {
        self.emit = emit
    }

    func start() { state.update { $0.isStarted = true } }
    func stop() { state.update { $0.isStopped = true } }
    func configure(_ settings: ReloadSettings) { state.update { $0.settings.append(settings) } }
    func reload(_ request: ReloadRequest) { state.update { $0.requests.append(request) } }
    func preview(_ request: PreviewRequest) { state.update { $0.previews.append(request) } }
    var hosts: [HostInformation] { state.withLock { $0.hosts } }
    let silentProcesses: [Int] = []

    func survey(stale: Bool, imports: Bool, completion: @escaping @Sendable ([HostSurvey]) -> Void) {
        state.update { $0.surveys.append(completion) }
    }

    func mend(_ mending: Mending, completion: @escaping @Sendable ([MendingResult]) -> Void) {
        let results = state.update { state in
            state.mendings.append(mending)
            return state.mended
        }
        if let results { completion(results) }
    }

    func execute(_ execution: Execution, completion: @escaping @Sendable (Execution.Outcome) -> Void) {
        completion(
            state.update { state in
                state.executions.append(execution)
                return state.executed
            })
    }

    func restart(host: String?, completion: @escaping @Sendable ([MendingResult]) -> Void) {
        let results = state.update { state in
            state.restarts.append(host)
            return state.mended
        }
        completion(results ?? [])
    }

    func values(path: String, names: [[String]], completion: @escaping @Sendable ([LiveValue]) -> Void) {
        if let values = state.withLock({ $0.values }) { completion(values) }
    }

    func inspect(
        _ request: InspectionRequest, settings: ReloadSettings, completion: @escaping @Sendable (Inspection) -> Void
    ) {
        completion(
            state.update { state in
                state.inspected.append(request)
                return state.inspection
            })
    }

    /// Waits until the state has something.
    func wait<Value>(_ body: @escaping (inout State) -> Value?) throws -> Value {
        try #require(state.wait(until: .after(60_000), body))
    }

    /// The next request for a reload.
    func nextRequest() throws -> ReloadRequest {
        try wait { $0.requests.isEmpty ? nil : $0.requests.removeFirst() }
    }

    /// The next text that is to be looked at before it is saved.
    func nextPreview() throws -> PreviewRequest {
        try wait { $0.previews.isEmpty ? nil : $0.previews.removeFirst() }
    }

    /// The next settings that fulfil a condition.
    func settings(where condition: @escaping (ReloadSettings) -> Bool) throws -> ReloadSettings {
        try wait { $0.settings.last(where: condition) }
    }
}

/// A client that talks to a server over pipes, as an editor would.
final class TestClient {
    let connection: Connection
    let service: FakeService
    let folder: String
    private let toServerRaw: FileDescriptor
    private let incoming = Mailbox<Connection.Incoming>(capacity: 10_000)
    private let exitCode: Promise<Int32>
    private var unread: [(method: String, params: JSONValue)] = []
    /// What server requests of a method are answered with; null by default.
    var answers: [String: Result<JSONValue, ResponseError>] = [:]

    init(documentLimit: Int = 1 << 20) throws {
        let (toServer, toClient) = (try FileDescriptor.pipe(), try FileDescriptor.pipe())
        toServerRaw = toServer.write
        connection = Connection(input: toClient.read, output: toServer.write)
        var options = LanguageServerOptions(version: "1.2.3", sourceSuffixes: [".py"])
        options.documentLimit = documentLimit
        options.explanation = { "https://example.org/\($0)" }
        let made = Promise<FakeService>()
        let exitCode = Promise<Int32>()
        self.exitCode = exitCode
        _ = try WorkerThread { [options] in
            let code = try? serve(input: toServer.read, output: toClient.write, options: options) { emit in
                let service = FakeService(emit: emit)
                made.fulfil(service)
                return service
            }
            exitCode.fulfil(code ?? -1)
        }
        service = try #require(made.wait(until: .after(60_000)))
        let path = "\(Environment.variable("TMPDIR") ?? "/tmp")/language-server-\(randomHexDigits(12))"
        try makeFolder(path)
        folder = try #require(realPath(path))
        let incoming = self.incoming
        try connection.start { incoming.put($0) }
    }

    deinit {
        connection.close()
    }

    /// Says hello as a client with these capabilities, and waits until the server is ready.
    @discardableResult
    func initialize(
        _ capabilities: JSONValue = [:], options: JSONValue = .null, processID: JSONValue = .null
    ) throws -> JSONValue {
        let result = try request(
            "initialize",
            [
                "processId": processID, "capabilities": capabilities, "initializationOptions": options,
                "workspaceFolders": [["uri": uri("").json, "name": "test"]]
            ])
        notify("initialized", [:])
        _ = try service.wait { $0.isStarted ? true : nil }
        return result
    }

    func request(_ method: String, _ params: JSONValue = .null) throws -> JSONValue {
        try connection.send(method, params).wait(until: .after(60_000))
    }

    /// Sends a body that need not be a message. Only while no other message is on its way.
    func sendRaw(_ body: [UInt8]) {
        try? toServerRaw.writeAll(Array("Content-Length: \(body.count)\r\n\r\n".utf8) + body)
    }

    /// The code of the error that a request is answered with; 0 when it has a result.
    func errorCode(_ method: String, _ params: JSONValue = .null) throws -> Int {
        do {
            _ = try request(method, params)
            return 0
        } catch RequestFailure.answered(let error) {
            return error.code
        }
    }

    func notify(_ method: String, _ params: JSONValue = .null) {
        connection.notify(method, params)
    }

    /// The parameters of the next notification or request of a method. Others are kept for later.
    func next(_ method: String) throws -> JSONValue {
        if let index = unread.firstIndex(where: { $0.method == method }) { return unread.remove(at: index).params }
        while true {
            let (found, params) = try receive()
            if found == method { return params }
            unread.append((found, params))
        }
    }

    /// Everything that the server has sent before it answers the next request.
    func everythingSoFar() throws -> [(method: String, params: JSONValue)] {
        #expect(try errorCode("test/sync") == -32601)
        // The answer has overtaken nothing: what was written before it has been read before it.
        while case .element(let element) = incoming.take(until: .after(0)) { take(element) }
        defer { unread = [] }
        return unread
    }

    func waitForExit() throws -> Int32 {
        try #require(exitCode.wait(until: .after(60_000)))
    }

    private func receive() throws -> (String, JSONValue) {
        while true {
            guard case .element(let element) = incoming.take(until: .after(60_000)) else {
                throw RequestFailure.timedOut
            }
            let count = unread.count
            take(element)
            if unread.count > count, let last = unread.popLast() { return last }
        }
    }

    private func take(_ element: Connection.Incoming) {
        switch element {
        case .request(let request):
            connection.answer(request.id, answers[request.method] ?? .success(.null))
            unread.append((request.method, request.params))
        case .notification(let notification):
            // It comes at some moment of its own, which is not what is looked at here.
            if case .string(let text)? = notification.params["message"], text.hasPrefix("Saves outside of the editor") {
                break
            }
            unread.append((notification.method, notification.params))
        case .malformed(let text): Issue.record("the server sent what is no message: \(text)")
        case .closed: break
        }
    }

    // MARK: Documents

    func path(_ name: String) -> String { name.isEmpty ? folder : "\(folder)/\(name)" }
    func uri(_ name: String) -> DocumentURI { DocumentURI(path: path(name)) }

    func open(_ name: String, _ text: String, version: Int64 = 1) throws {
        try writeFileAtomically(path(name), Array(text.utf8))
        let document: JSONValue = [
            "uri": uri(name).json, "languageId": "python", "version": .integer(version), "text": .string(text)
        ]
        notify("textDocument/didOpen", ["textDocument": document])
    }

    func save(_ name: String) {
        notify("textDocument/didSave", ["textDocument": ["uri": uri(name).json]])
    }
}

extension Report {
    /// A report with little in it.
    static func sample(
        sequence: Int = 1, phase: Phase = .applied, outcome: Outcome = .live, message: String = "Done.",
        paths: [String] = [], problems: [Problem] = [], checked: [String] = [], hosts: [HostReport] = []
    ) -> Report {
        Report(
            sequence: sequence, phase: phase, outcome: outcome, message: message,
            trigger: Trigger(kind: .save, paths: paths), hosts: hosts, problems: problems, checkedPaths: checked)
    }
}

extension SourceRange {
    init(_ line: Int, _ start: Int, _ end: Int) {
        self.init(start: SourcePosition(line: line, column: start), end: SourcePosition(line: line, column: end))
    }
}
