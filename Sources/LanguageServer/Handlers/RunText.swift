import JSONRPC
import LanguageServerProtocol
import Platform
import ReloadEngine

/// `afresh.run`: executes a file, or a part of it, in the running program, and shows what it printed.
enum RunText {
    /// Milliseconds: somewhat longer than the engine waits for the program.
    private static let limit = 31_000.0
    /// Milliseconds for which a person may think about which program is meant.
    private static let patience = 600_000.0
    /// Characters that a message shows; the answer holds all.
    private static let shown = 2000

    /// `{uri, range?, text?, host?}`, or the URI alone. With a range that part of the document, as the editor has it (an empty range: its line);
    /// with a text that one, as if it stood there; else the file as it was saved.
    static func handle(_ argument: JSONValue, for id: RequestID, in session: Session) throws {
        let argument = argument.stringValue.map { ["uri": .string($0)] } ?? argument
        guard argument.objectValue != nil else { throw ResponseError.invalidParams("afresh.run needs {uri: \"…\"}") }
        let uri: DocumentURI = try argument.required("uri")
        guard let path = session.sourcePath(uri) else {
            throw ResponseError.invalidParams("\(uri) is no file that can be executed in a program")
        }
        let range: TextRange? = try argument.optional("range")
        let text: String? = try argument.optional("text")
        let host: String? = try argument.optional("host")
        var execution = Execution(path: path, text: text ?? "", line: max(0, range?.start.line ?? 0), host: host)
        if text == nil {
            if let range {
                let open = session.documents.document(uri)
                let document = try open ?? TextDocument(text: saved(path), version: 0)
                execution.text = part(of: document, document.range(range, session.encoding))
            } else {
                execution.text = try saved(path)
                execution.isWhole = true
            }
        }
        session.startServiceIfNeeded()
        run(execution, for: id, in: session)
    }

    private static func saved(_ path: String) throws -> String {
        guard let bytes = try? readFile(path) else { throw ResponseError.requestFailed("\(path) cannot be read") }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// From the start of a line on where nothing but space stands before.
    private static func part(of document: TextDocument, _ range: SourceRange) -> String {
        let lines = document.lines
        let isEmpty = range.start == range.end
        guard lines.indices.contains(range.start.line) else { return "" }
        let last = min(range.end.line, lines.count - 1)
        var bytes: [UInt8] = []
        for number in range.start.line...max(range.start.line, last) {
            var line = lines[number][...]
            if !isEmpty {
                if number == range.end.line { line = line.prefix(max(0, range.end.column)) }
                if number == range.start.line {
                    let before = line.prefix(max(0, range.start.column))
                    if !before.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { line = line.dropFirst(before.count) }
                }
            }
            bytes += line
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func run(_ execution: Execution, for id: RequestID, in session: Session) {
        session.suspend(
            id, limit: limit,
            finish: { (outcome: Execution.Outcome?, session) in
                switch outcome {
                case .executed(let result): show(result, id, in: session)
                case .undecided(let hosts): choose(among: hosts, execution, id, in: session)
                case .failed(let message): session.answer(id, .failure(.requestFailed(message)))
                case nil: session.answer(id, .failure(.requestFailed("The program did not answer in time")))
                }
            },
            begin: { session.service.execute(execution, completion: $0) })
    }

    /// Asks the person which program is meant.
    private static func choose(
        among hosts: [HostInformation], _ execution: Execution, _ id: RequestID, in session: Session
    ) {
        let titles = hosts.map { "\($0.name) (pid \($0.pid))" }
        let question: JSONValue = [
            "type": .int(MessageType.info.rawValue), "message": "Which program is to execute it?",
            "actions": .array(titles.map { ["title": .string($0)] })
        ]
        let connection = session.client.connection
        session.suspend(
            id, limit: patience,
            finish: { (title: String?, session) in
                guard let title, let index = titles.firstIndex(of: title), hosts.indices.contains(index) else {
                    session.answer(id, .success(.null))
                    return
                }
                var execution = execution
                execution.host = hosts[index].id
                run(execution, for: id, in: session)
            },
            begin: { complete in
                connection.send("window/showMessageRequest", question) { result in
                    complete((try? result.get())?["title"]?.stringValue ?? "")
                }
            })
    }

    private static func show(_ result: Execution.Result, _ id: RequestID, in session: Session) {
        let context = session.conversionContext()
        var text = result.output
        while text.hasSuffix("\n") { text.removeLast() }
        if text.count > shown { text = "…" + text.suffix(shown) }
        if let error = result.error {
            let place = error.traceback.last.map { " (line \($0.range.start.line + 1) of \($0.path))" } ?? ""
            session.client.show(.error, [text, error.message + place].filter { !$0.isEmpty }.joined(separator: "\n"))
        } else {
            session.client.show(.info, text.isEmpty ? "\(result.host.name) has executed it; it printed nothing." : text)
        }
        let host: JSONValue = [
            "id": .string(result.host.id), "pid": .int(result.host.pid), "name": .string(result.host.name)
        ]
        let failure = result.error.map { ModuleStatus.Failure($0, context: context).json }
        let answer = JSONValue.object([
            "host": host, "module": .string(result.module), "output": .string(result.output), "error": failure,
            "note": result.note.map { .string($0) }
        ])
        session.answer(id, .success(answer))
    }
}
