import JSONRPC
import LanguageServerProtocol
import Platform

/// An editor as the language server sees it: a client that opens files, changes them and saves them.
final class DemoEditor: Sendable {
    /// What the server said about one save.
    struct Answer: Sendable {
        /// `reload/status` of phase `applied`.
        var applied: JSONValue
        /// From the save to that, in milliseconds.
        var appliedTime: Double
        /// Phase `scanned`, if something was applied, and the time from the save to it.
        var scanned: JSONValue?
        var scannedTime: Double?
        /// What the editor would underline, in files where there is something.
        var diagnostics: [JSONValue]

        /// The last word.
        var status: JSONValue { scanned ?? applied }
    }

    private struct State: Sendable {
        var statuses: [(status: JSONValue, time: Double)] = []
        var diagnostics: [String: [JSONValue]] = [:]
        var isClosed = false
    }

    let process: ChildProcess
    /// How long the server took to answer `initialize`, in milliseconds.
    let startTime: Double
    /// How long the server may take for a save, in milliseconds.
    private let limit: Double
    /// The language id of the files.
    private let language: String
    private let connection: Connection
    private let state = Monitor(State())
    private let versions = Monitor<[String: Int]>([:])

    /// Starts the server and opens the folder in it.
    init(
        afresh: String, language: String = "python", python: String? = nil, folder: String, environment: [String],
        log: FileDescriptor, tidy: DemoTidy
    ) throws {
        self.language = language
        // A compiler takes its time on a busy machine.
        limit = language == "swift" ? 60_000 : 10_000
        var options = ChildProcess.Options()
        options.input = .pipe
        options.output = .pipe
        options.error = .descriptor(log)
        options.environment = environment
        options.workingDirectory = folder
        let start = monotonicMilliseconds()
        process = try ChildProcess(afresh, ["lsp"], options: options)
        tidy.add(process)
        guard let input = process.output, let output = process.input else {
            throw DemoFailure("The language server has no standard streams.")
        }
        connection = Connection(input: input, output: output)
        let state = self.state
        let connection = self.connection
        try connection.start { incoming in
            Self.take(incoming, connection, state)
        }
        let uri = DocumentURI(path: folder).json
        let parameters: JSONValue = .object([
            "processId": .int(Environment.processID), "rootUri": uri,
            "workspaceFolders": [["uri": uri, "name": "shop"]],
            "clientInfo": ["name": "afresh demo", "version": .string(Afresh.version)],
            "initializationOptions": .object(["python": python.map { .string($0) }]),
            "capabilities": [
                "textDocument": [
                    "publishDiagnostics": ["relatedInformation": true], "synchronization": ["didSave": true]
                ]
            ]
        ])
        _ = try connection.send("initialize", parameters).wait(until: .after(10_000))
        startTime = monotonicMilliseconds() - start
        connection.notify("initialized", .object([:]))
    }

    private static func take(_ incoming: Connection.Incoming, _ connection: Connection, _ state: Monitor<State>) {
        switch incoming {
        case .notification(let message) where message.method == ReloadStatus.method:
            let time = monotonicMilliseconds()
            state.update { $0.statuses.append((message.params, time)) }
        case .notification(let message) where message.method == "textDocument/publishDiagnostics":
            guard let uri = message.params["uri"]?.stringValue else { return }
            state.update { $0.diagnostics[uri] = message.params["diagnostics"]?.arrayValue ?? [] }
        case .request(let request):
            connection.answer(request.id, .success(.null))
        case .closed:
            state.update { $0.isClosed = true }
        default: break
        }
    }

    /// Opens the files of a program that runs, and waits until the server knows it.
    func open(_ files: [DemoSample.File], in folder: String, of program: ChildProcess) throws {
        for file in files { open("\(folder)/\(file.path)", text: file.text) }
        guard waitForHost(pid: program.processID, until: .after(10_000)) else {
            throw DemoFailure("The language server does not see the shop.")
        }
    }

    private func open(_ path: String, text: String) {
        connection.notify(
            "textDocument/didOpen",
            [
                "textDocument": [
                    "uri": DocumentURI(path: path).json, "languageId": .string(language), "version": 1,
                    "text": .string(text)
                ]
            ])
    }

    private func waitForHost(pid: Int, until deadline: Deadline) -> Bool {
        state.wait(until: deadline) { state -> Bool? in
            if state.isClosed { return false }
            let knows = state.statuses.contains { entry in
                entry.status["hosts"]?.arrayValue?.contains { $0["pid"]?.intValue == pid } ?? false
            }
            return knows ? true : nil
        } ?? false
    }

    /// Changes the text, saves it, and waits for what the server says: the file is written first, as editors do.
    func save(_ path: String, text: String) throws -> Answer {
        let uri = DocumentURI(path: path)
        let version = versions.withLock { versions in
            let next = (versions[path] ?? 1) + 1
            versions[path] = next
            return next
        }
        let before = state.withLock { $0.statuses.count }
        connection.notify(
            "textDocument/didChange",
            ["textDocument": ["uri": uri.json, "version": .int(version)], "contentChanges": [["text": .string(text)]]])
        try writeFileAtomically(path, Array(text.utf8))
        let start = monotonicMilliseconds()
        connection.notify("textDocument/didSave", ["textDocument": ["uri": uri.json]])

        let applied = try wait(for: "applied", after: before)
        let wasApplied = ["live", "stale"].contains(applied.status["outcome"]?.stringValue ?? "")
        let scanned = wasApplied ? try wait(for: "scanned", after: before) : nil
        // Diagnostics go out with the status, in either order: an answered request shows that all have come.
        _ = try? connection.send("afresh/nothing").wait(until: .after(5000))
        return Answer(
            applied: applied.status, appliedTime: applied.time - start, scanned: scanned?.status,
            scannedTime: scanned.map { $0.time - start },
            diagnostics: state.withLock { $0.diagnostics[uri.rawValue] ?? [] })
    }

    private func wait(for phase: String, after count: Int) throws -> (status: JSONValue, time: Double) {
        let found = state.wait(until: .after(limit)) {
            state -> Result<(status: JSONValue, time: Double), DemoFailure>? in
            if let entry = state.statuses.dropFirst(count).first(where: { $0.status["phase"]?.stringValue == phase }) {
                return .success(entry)
            }
            return state.isClosed ? .failure(DemoFailure("The language server has ended.")) : nil
        }
        guard let found else { throw DemoFailure("The language server did not report the save (phase '\(phase)').") }
        return try found.get()
    }

    /// Ends the server as an editor does.
    func close() {
        _ = try? connection.send("shutdown").wait(until: .after(2000))
        connection.notify("exit")
        connection.close(flushing: 500)
    }
}
