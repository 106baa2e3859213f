import JSONRPC
import LanguageServerProtocol
import Platform
import ReloadEngine
import Testing

@testable import LanguageServer

@Suite struct ReloadTests {
    @Test("a saved source file is reloaded; other documents are not")
    func save() throws {
        let client = try TestClient()
        try client.initialize()
        client.save("notes.txt")
        client.notify("textDocument/didSave", ["textDocument": ["uri": "untitled:Untitled-1.py"]])
        try writeFileAtomically(client.path("a.py"), [])
        client.save("a.py")
        let request = try client.service.nextRequest()
        #expect(request.trigger == Trigger(kind: .save, paths: [client.path("a.py")]))
        #expect(!request.force)
    }

    @Test("a report becomes diagnostics and reload/status, in the client's columns and with the saved version")
    func report() throws {
        let client = try TestClient()
        try client.initialize()
        try client.open("a.py", "é = 1/0\n", version: 3)
        client.save("a.py")
        _ = try client.service.nextRequest()
        let path = client.path("a.py")
        let problem = Problem(
            path: path, range: SourceRange(0, 5, 8), code: "execution-error", severity: .error,
            message: "ZeroDivisionError: division by zero",
            related: [.init(location: SourceLocation(path: path, range: SourceRange(0, 0, 2)), message: "here")])
        client.service.emit(.report(.sample(outcome: .rolledBack, paths: [path], problems: [problem], checked: [path])))
        let published = try client.next("textDocument/publishDiagnostics")
        #expect(published["uri"]?.stringValue == client.uri("a.py").rawValue)
        #expect(published["version"] == 3)
        let diagnostic = published["diagnostics"]?.arrayValue?.first ?? .null
        #expect(diagnostic["range"] == ["start": ["line": 0, "character": 4], "end": ["line": 0, "character": 7]])
        #expect(diagnostic["source"] == "afresh")
        #expect(diagnostic["code"] == "execution-error")
        #expect(diagnostic["severity"] == 1)
        // Not announced by this client, so said in words.
        #expect(diagnostic["relatedInformation"] == nil)
        #expect(diagnostic["codeDescription"] == nil)
        #expect(diagnostic["message"]?.stringValue == "ZeroDivisionError: division by zero\n\(path):1: here")
        let status = try client.next("reload/status")
        #expect(status["version"] == 1)
        #expect(status["outcome"] == "rolledBack")
        #expect(status["trigger"] == ["kind": "save", "uris": [client.uri("a.py").json]])

        client.service.emit(.report(.sample(sequence: 2, paths: [path], checked: [path])))
        let cleared = try client.next("textDocument/publishDiagnostics")
        #expect(cleared["diagnostics"] == [])
        #expect(cleared["version"] == 3)
        client.service.emit(.report(.sample(sequence: 3, paths: [path], checked: [path])))
        _ = try client.next("reload/status")
        _ = try client.next("reload/status")
        #expect(try !client.everythingSoFar().contains { $0.method == "textDocument/publishDiagnostics" })
    }

    @Test("related information is linked, and codes are explained, where the client can show it")
    func relatedInformation() throws {
        let client = try TestClient()
        let can: JSONValue = ["relatedInformation": true, "codeDescriptionSupport": true]
        try client.initialize(["textDocument": ["publishDiagnostics": can]])
        let path = client.path("never-opened.py")
        let problem = Problem(
            path: path, range: SourceRange(4, 0, 1), code: "stale-binding", severity: .warning, message: "old",
            related: [.init(location: SourceLocation(path: path, range: SourceRange(1, 0, 1)), message: "defined here")]
        )
        client.service.emit(.report(.sample(phase: .scanned, outcome: .stale, problems: [problem])))
        let published = try client.next("textDocument/publishDiagnostics")
        #expect(published["version"] == nil)
        let related = published["diagnostics"]?.arrayValue?.first?["relatedInformation"]?.arrayValue?.first
        #expect(related?["message"] == "defined here")
        let page = published["diagnostics"]?.arrayValue?.first?["codeDescription"]
        #expect(page == ["href": "https://example.org/stale-binding"])
        #expect(related?["location"]?["uri"]?.stringValue == client.uri("never-opened.py").rawValue)
    }

    @Test("reload/status has the contract's shape")
    func statusShape() throws {
        let client = try TestClient()
        try client.initialize()
        let path = client.path("shop.py")
        let host = HostReport(
            id: "1-2", pid: 1, name: "app.py", runtime: "CPython 3.11.7", outcome: .stale,
            modules: [
                ModuleReport(
                    name: "shop", path: path, generation: 2, outcome: .stale,
                    because: .dependent(of: "base", names: ["f"]),
                    changes: [Change(symbol: "shop.f", kind: .function, change: .modified, applied: true)],
                    error: ExecutionError(message: "E", traceback: []))
            ],
            stale: [
                StaleReference(
                    symbol: "shop.f", kind: .binding, generation: 1, count: 2, holder: "cart.f", confidence: .exact)
            ], staleTotal: 2, coverage: Coverage(complete: true, objects: 10), timings: Timings(apply: 0.25))
        client.service.emit(.report(.sample(phase: .scanned, outcome: .stale, hosts: [host])))
        #expect(
            try client.next("reload/status")["hosts"]?.arrayValue?.first == [
                "id": "1-2", "pid": 1, "name": "app.py", "runtime": "CPython 3.11.7", "outcome": "stale",
                "modules": [
                    [
                        "name": "shop", "uri": client.uri("shop.py").json, "generation": 2, "outcome": "stale",
                        "because": ["kind": "dependent", "of": "base", "names": ["f"]],
                        "changes": [
                            ["symbol": "shop.f", "kind": "function", "change": "modified", "applied": true]
                        ], "error": ["message": "E"]
                    ]
                ],
                "stale": [
                    [
                        "symbol": "shop.f", "kind": "binding", "generation": 1, "count": 2,
                        "holder": ["path": "cart.f"], "confidence": "exact"
                    ]
                ], "staleTotal": 2, "coverage": ["complete": true, "objects": 10, "skipped": []],
                "timings": ["apply": 0.25]
            ])
    }

    @Test("a change on disk is reloaded, unless it is the save that was reloaded already")
    func watchedFiles() throws {
        let client = try TestClient()
        client.answers["client/registerCapability"] = .success(.null)
        try client.initialize(["workspace": ["didChangeWatchedFiles": ["dynamicRegistration": true]]])
        let registration = try client.next("client/registerCapability")["registrations"]?.arrayValue?.first
        #expect(registration?["method"] == "workspace/didChangeWatchedFiles")
        try client.open("a.py", "x = 1\n")
        try writeFileAtomically(client.path("b.py"), Array("y = 1\n".utf8))
        client.save("a.py")
        #expect(try client.service.nextRequest().trigger.kind == .save)
        let changes = ["a.py", "b.py", "c.txt"].map { JSONValue.object(["uri": client.uri($0).json, "type": 2]) }
        client.notify("workspace/didChangeWatchedFiles", ["changes": .array(changes)])
        let request = try client.service.nextRequest()
        #expect(request.trigger == Trigger(kind: .watch, paths: [client.path("b.py")]))
    }

    @Test("where the client watches nothing, the server does")
    func ownWatcher() throws {
        let client = try TestClient()
        try writeFileAtomically(client.path("a.py"), [])
        try client.initialize()
        // The watching begins on another thread; until it has, a change goes unseen.
        var (text, seen) = ("", false)
        let deadline = Deadline.after(10_000)
        while !seen, !deadline.hasPassed {
            text += "x = 1\n"
            try writeFileAtomically(client.path("a.py"), Array(text.utf8))
            seen = client.service.state.wait(until: .after(300)) { $0.requests.isEmpty ? nil : true } ?? false
        }
        #expect(try client.service.nextRequest().trigger == Trigger(kind: .watch, paths: [client.path("a.py")]))
    }

    @Test("progress is shown for a reload that lasts, and ends with it")
    func progress() throws {
        let client = try TestClient()
        try client.initialize(["window": ["workDoneProgress": true]])
        let trigger = Trigger(kind: .save, paths: [client.path("a.py")])
        client.service.emit(.started(sequence: 1, trigger: trigger))
        let token = try client.next("window/workDoneProgress/create")["token"]
        #expect(token?.stringValue != nil)
        #expect(
            try client.next("$/progress") == [
                "token": token ?? .null, "value": ["kind": "begin", "title": "Reloading a.py"]
            ])
        client.service.emit(.report(.sample(message: "a.py is live.")))
        #expect(
            try client.next("$/progress") == [
                "token": token ?? .null, "value": ["kind": "end", "message": "a.py is live."]
            ])
    }

    @Test("a client that refuses the token hears no more of it, and a short reload asks for none")
    func noProgress() throws {
        let client = try TestClient()
        client.answers["window/workDoneProgress/create"] = .failure(.internalError("no"))
        try client.initialize(["window": ["workDoneProgress": true]])
        client.service.emit(.started(sequence: 1, trigger: Trigger(kind: .save, paths: [])))
        client.service.emit(.report(.sample()))
        client.service.emit(.started(sequence: 2, trigger: Trigger(kind: .save, paths: [])))
        #expect(try client.next("window/workDoneProgress/create")["token"] == "afresh/reload/2")
        client.service.emit(.report(.sample(sequence: 2)))
        client.service.emit(.idle)
        _ = try client.next("reload/status")
        _ = try client.next("reload/status")
        #expect(try !client.everythingSoFar().contains { $0.method == "$/progress" })
    }

    @Test("a person is told once what needs a person; everything else goes to the log")
    func messages() throws {
        let client = try TestClient()
        try client.initialize()
        for sequence in 1...2 {
            client.service.emit(.report(.sample(sequence: sequence, outcome: .refused, message: "Restart app.py.")))
            client.service.emit(.notice(host: nil, code: "isolated", message: "a.py (pid \(sequence)) is isolated."))
        }
        client.service.emit(.report(.sample(sequence: 3, message: "Fine.")))
        client.service.emit(.log(.debug, "chatter"))
        for _ in 1...3 { _ = try client.next("reload/status") }
        let said = try client.everythingSoFar()
        #expect(
            said.filter { $0.method == "window/showMessage" }.map { $0.params["message"] } == [
                "Restart app.py.", "a.py (pid 1) is isolated."
            ])
        #expect(
            said.filter { $0.method == "window/logMessage" }.map { $0.params["message"] } == [
                "a.py (pid 2) is isolated.", "Fine."
            ])
    }
}
