import JSONRPC
import LanguageServerProtocol
import Platform
import ReloadEngine
import Testing

@testable import LanguageServer

@Suite struct PullDiagnosticsTests {
    private static let pulls: JSONValue = [
        "textDocument": ["diagnostic": [:]], "workspace": ["diagnostics": ["refreshSupport": true]]
    ]

    private func error(_ client: TestClient, _ name: String, _ message: String = "invalid syntax") -> Problem {
        Problem(
            path: client.path(name), range: SourceRange(0, 0, 3), code: "syntax-error", severity: .error,
            message: message)
    }

    private func report(_ client: TestClient, _ sequence: Int, _ name: String, _ problems: [Problem]) {
        client.service.emit(
            .report(.sample(sequence: sequence, outcome: .blocked, problems: problems, checked: [client.path(name)])))
    }

    private func ask(_ client: TestClient, _ name: String, _ previous: JSONValue? = nil) throws -> JSONValue {
        try client.request(
            "textDocument/diagnostic",
            .object(["textDocument": ["uri": client.uri(name).json], "previousResultId": previous]))
    }

    @Test("only who can be told to ask again is offered to ask")
    func offer() throws {
        let provider: JSONValue = [
            "identifier": "afresh", "interFileDependencies": true, "workspaceDiagnostics": true
        ]
        #expect(try TestClient().initialize(Self.pulls)["capabilities"]?["diagnosticProvider"] == provider)
        let helix: JSONValue = [
            "textDocument": ["diagnostic": [:]], "workspace": ["diagnostic": ["refreshSupport": true]]
        ]
        #expect(try TestClient().initialize(helix)["capabilities"]?["diagnosticProvider"] == provider)
        let neovim: JSONValue = ["textDocument": ["diagnostic": [:]]]
        #expect(try TestClient().initialize(neovim)["capabilities"]?["diagnosticProvider"] == nil)
        #expect(try TestClient().initialize()["capabilities"]?["diagnosticProvider"] == nil)
    }

    @Test("a document that is asked for is not pushed as well, and comes back to being pushed when it is closed")
    func document() throws {
        let client = try TestClient()
        try client.initialize(Self.pulls)
        try client.open("a.py", "x = 1\n")
        report(client, 1, "a.py", [error(client, "a.py")])
        #expect(try client.next("textDocument/publishDiagnostics")["diagnostics"]?.arrayValue?.count == 1)
        let first = try ask(client, "a.py")
        #expect(first["kind"] == "full")
        #expect(first["items"]?.arrayValue?.first?["code"] == "syntax-error")
        #expect(try client.next("textDocument/publishDiagnostics")["diagnostics"] == [])

        let second = try ask(client, "a.py", first["resultId"])
        #expect(second == .object(["kind": "unchanged", "resultId": first["resultId"]]))
        report(client, 2, "a.py", [error(client, "a.py", "unmatched ')'")])
        _ = try client.next("workspace/diagnostic/refresh")
        let third = try ask(client, "a.py", first["resultId"])
        #expect(third["items"]?.arrayValue?.first?["message"] == "unmatched ')'")
        #expect(try !client.everythingSoFar().contains { $0.method == "textDocument/publishDiagnostics" })

        client.notify("textDocument/didClose", ["textDocument": ["uri": client.uri("a.py").json]])
        #expect(try client.next("textDocument/publishDiagnostics")["diagnostics"]?.arrayValue?.count == 1)
    }

    @Test("who asks and cannot be told to ask again is answered, and pushed to as before")
    func withoutRefresh() throws {
        let client = try TestClient()
        try client.initialize(["textDocument": ["diagnostic": [:]]])
        try client.open("a.py", "x = 1\n")
        #expect(try ask(client, "a.py")["items"] == [])
        report(client, 1, "a.py", [error(client, "a.py")])
        #expect(try client.next("textDocument/publishDiagnostics")["diagnostics"]?.arrayValue?.count == 1)
        #expect(try ask(client, "a.py")["items"]?.arrayValue?.count == 1)
        #expect(try client.errorCode("textDocument/diagnostic", ["textDocument": 7]) == -32602)
    }

    @Test("the client is told to ask again once, until it has answered")
    func refreshes() throws {
        let client = try TestClient()
        try client.initialize(Self.pulls)
        try client.open("a.py", "x = 1\n")
        _ = try ask(client, "a.py")
        for sequence in 1...20 { report(client, sequence, "a.py", [error(client, "a.py", "\(sequence)")]) }
        _ = try client.next("workspace/diagnostic/refresh")
        let result = try client.everythingSoFar().filter { $0.method == "workspace/diagnostic/refresh" }
        #expect(result.count < 20)
        #expect(try ask(client, "a.py")["items"]?.arrayValue?.first?["message"] == "20")
    }

    @Test("the workspace is answered at once, then as soon as something changes")
    func workspace() throws {
        let client = try TestClient()
        try client.initialize(Self.pulls)
        report(client, 1, "a.py", [error(client, "a.py")])
        _ = try client.next("textDocument/publishDiagnostics")
        let first = try client.request("workspace/diagnostic", ["previousResultIds": []])
        let item = try #require(first["items"]?.arrayValue?.first)
        #expect(item["uri"] == client.uri("a.py").json)
        #expect(item["version"] == .null)
        #expect(item["items"]?.arrayValue?.count == 1)

        let known = JSONValue.object(["uri": item["uri"], "value": item["resultId"]])
        let held = client.connection.send("workspace/diagnostic", ["previousResultIds": .array([known])])
        report(client, 2, "b.py", [error(client, "b.py")])
        let second = try held.wait(until: .after(10_000))["items"]?.arrayValue ?? []
        #expect(second.map { $0["kind"] } == ["unchanged", "full"])
        #expect(
            try !client.everythingSoFar().contains {
                $0.method == "textDocument/publishDiagnostics" && $0.params["diagnostics"] != []
            })
    }

    @Test("reports are sent as they come to who gives a token; the request ends by being cancelled")
    func partialResults() throws {
        let client = try TestClient()
        try client.initialize(Self.pulls)
        let held = client.connection.send(
            "workspace/diagnostic", ["previousResultIds": [], "partialResultToken": "t"])
        #expect(try client.next("$/progress") == ["token": "t", "value": ["items": []]])
        report(client, 1, "a.py", [error(client, "a.py")])
        let items = try client.next("$/progress")["value"]?["items"]?.arrayValue
        #expect(items?.count == 1)
        report(client, 2, "b.py", [error(client, "b.py")])
        #expect(try client.next("$/progress")["value"]?["items"]?.arrayValue?.first?["uri"] == client.uri("b.py").json)
        client.notify("$/cancelRequest", ["id": held.id.json])
        #expect(throws: RequestFailure.answered(.requestCancelled)) { try held.wait(until: .after(10_000)) }
    }

    @Test("another request for the workspace ends the one that waits; so does the shutdown")
    func superseded() throws {
        let client = try TestClient()
        try client.initialize(Self.pulls)
        report(client, 1, "a.py", [error(client, "a.py")])
        let first = try client.request("workspace/diagnostic", ["previousResultIds": []])
        let item = first["items"]?.arrayValue?.first
        let known = JSONValue.object([
            "previousResultIds": [.object(["uri": item?["uri"], "value": item?["resultId"]])]
        ])
        let (one, two) = (
            client.connection.send("workspace/diagnostic", known), client.connection.send("workspace/diagnostic", known)
        )
        do {
            _ = try one.wait(until: .after(10_000))
            Issue.record("it was not ended")
        } catch RequestFailure.answered(let error) {
            #expect(error.code == -32802)
            #expect(error.data == ["retriggerRequest": false])
        }
        _ = try client.request("shutdown")
        #expect(try two.wait(until: .after(10_000)) == ["items": []])
    }

    @Test("nothing is said of files that are deleted or renamed")
    func deleted() throws {
        let client = try TestClient()
        let known: JSONValue = ["fileOperations": ["didDelete": true, "didRename": true]]
        let provided = try client.initialize(["workspace": known])["capabilities"]?["workspace"]?["fileOperations"]
        #expect(provided?["didDelete"] != nil && provided?["didRename"] != nil)
        report(client, 1, "p/a.py", [error(client, "p/a.py")])
        _ = try client.next("textDocument/publishDiagnostics")
        client.notify("workspace/didDeleteFiles", ["files": [["uri": client.uri("p").json]]])
        let published = try client.next("textDocument/publishDiagnostics")
        #expect(published["uri"] == client.uri("p/a.py").json && published["diagnostics"] == [])
        report(client, 2, "b.py", [error(client, "b.py")])
        _ = try client.next("textDocument/publishDiagnostics")
        client.notify(
            "workspace/didRenameFiles",
            ["files": [["oldUri": client.uri("b.py").json, "newUri": client.uri("c.py").json]]])
        #expect(try client.next("textDocument/publishDiagnostics")["diagnostics"] == [])
    }
}

@Suite struct TraceTests {
    @Test("who asks for traces gets them, with parameters where they are wanted")
    func traces() throws {
        let client = try TestClient()
        try client.initialize()
        #expect(try !client.everythingSoFar().contains { $0.method == "$/logTrace" })
        client.notify("$/setTrace", ["value": "messages"])
        #expect(try client.errorCode("test/one") == -32601)
        let trace = try client.next("$/logTrace")
        #expect(trace["message"]?.stringValue?.hasPrefix("Received request 'test/one'") == true)
        #expect(trace["verbose"] == nil)
        client.notify("$/setTrace", ["value": "verbose"])
        client.notify("test/two", ["a": 1])
        #expect(
            try client.next("$/logTrace") == ["message": "Received notification 'test/two'", "verbose": "{\"a\":1}"])
        client.notify("$/setTrace", ["value": "off"])
        #expect(try !client.everythingSoFar().contains { $0.method == "$/logTrace" })
    }
}

@Suite struct EditActionTests {
    private static let able: JSONValue = [
        "textDocument": [
            "codeAction": [
                "codeActionLiteralSupport": ["codeActionKind": ["valueSet": []]], "dataSupport": true,
                "resolveSupport": ["properties": ["edit"]], "isPreferredSupport": true, "disabledSupport": true
            ]
        ],
        "workspace": ["workspaceEdit": ["documentChanges": true]]
    ]

    private func actions(_ client: TestClient) throws -> [JSONValue] {
        let place: JSONValue = ["line": 0, "character": 0]
        return try client.request(
            "textDocument/codeAction",
            [
                "textDocument": ["uri": client.uri("a.py").json], "range": ["start": place, "end": place],
                "context": ["diagnostics": []]
            ]
        ).arrayValue ?? []
    }

    private func prepare() throws -> TestClient {
        let client = try TestClient()
        try client.initialize(Self.able)
        try client.open("a.py", "CACHE = {}\n", version: 4)
        client.service.state.update { state in
            state.inspection = Inspection(edits: [
                .init(kind: .keep, name: "CACHE", changes: [.init(range: SourceRange(0, 0, 0), text: "try:\n    ")])
            ])
        }
        return client
    }

    @Test("an edit comes with the document's version, when the action is resolved")
    func resolve() throws {
        let client = try prepare()
        let action = try #require(try actions(client).first)
        #expect(action["title"] == "Keep this value across reloads")
        #expect(action["edit"] == nil)
        let resolved = try client.request("codeAction/resolve", action)
        #expect(resolved["title"] == action["title"])
        let change = resolved["edit"]?["documentChanges"]?.arrayValue?.first
        #expect(change?["textDocument"] == ["uri": client.uri("a.py").json, "version": 4])
        #expect(change?["edits"]?.arrayValue?.first?["newText"] == "try:\n    ")
    }

    @Test("a document that has changed is not edited")
    func modified() throws {
        let client = try prepare()
        let action = try #require(try actions(client).first)
        client.notify(
            "textDocument/didChange",
            [
                "textDocument": ["uri": client.uri("a.py").json, "version": 5], "contentChanges": [["text": "x = 1\n"]]
            ])
        #expect(try client.errorCode("codeAction/resolve", action) == -32801)
        #expect(try client.errorCode("codeAction/resolve", ["title": "x", "data": 7]) == -32602)
        #expect(try client.request("codeAction/resolve", ["title": "x"]) == ["title": "x"])
    }

    @Test("the first fix is the preferred one; what is not possible says why")
    func preferredAndDisabled() throws {
        let client = try prepare()
        client.service.state.update { state in
            state.hosts = [FeatureTests.host()]
            state.inspection = Inspection()
        }
        let problem = Problem(
            path: client.path("a.py"), range: SourceRange(0, 0, 5), code: "not-applied", severity: .warning,
            message: "it runs once")
        client.service.emit(
            .report(.sample(outcome: .stale, problems: [problem], checked: [client.path("a.py")])))
        _ = try client.next("textDocument/publishDiagnostics")
        let found = try actions(client)
        let restart = try #require(found.first { $0["title"] == "Restart the program" })
        #expect(restart["disabled"]?["reason"]?.stringValue?.contains("afresh run") == true)
        #expect(restart["command"] == nil)
        #expect(!found.contains { $0["isPreferred"] == true })
    }
}

@Suite struct InlayHintTests {
    @Test("values of the running program stand behind the statements that bind them, where the setting asks for it")
    func values() throws {
        let client = try TestClient()
        let able: JSONValue = [
            "textDocument": ["inlayHint": [:]], "workspace": ["inlayHint": ["refreshSupport": true]]
        ]
        let result = try client.initialize(able, options: ["inlayHints": true])
        #expect(result["capabilities"]?["inlayHintProvider"] == true)
        try client.open("a.py", "RATE = 2\né, B = 1, 2\n")
        let host = FeatureTests.host()
        client.service.state.update { state in
            state.hosts = [host]
            state.inspection = Inspection(assignments: [
                .init(name: "RATE", range: SourceRange(0, 0, 8)), .init(name: "é", range: SourceRange(1, 0, 12)),
                .init(name: "B", range: SourceRange(1, 0, 12))
            ])
            state.values = [LiveValue(host: host, module: "a", texts: ["3", "1", nil])]
        }
        func ask(_ last: Int64) throws -> [JSONValue] {
            try client.request(
                "textDocument/inlayHint",
                [
                    "textDocument": ["uri": client.uri("a.py").json],
                    "range": [
                        "start": ["line": 0, "character": 0], "end": ["line": .integer(last), "character": 0]
                    ]
                ]
            ).arrayValue ?? []
        }
        let hints = try ask(9)
        #expect(hints.map { $0["label"] } == ["→ 3", "→ 1"])
        #expect(hints.map { $0["position"] } == [["line": 0, "character": 8], ["line": 1, "character": 11]])
        #expect(try ask(0).count == 1)
        client.service.emit(.report(.sample()))
        _ = try client.next("workspace/inlayHint/refresh")
        client.service.state.update { $0.values = nil }
        #expect(try ask(9) == [])
    }

    @Test("they are off where nobody asks for them")
    func off() throws {
        let client = try TestClient()
        #expect(try client.initialize()["capabilities"]?["inlayHintProvider"] == nil)
        client.service.state.update { $0.hosts = [FeatureTests.host()] }
        let place: JSONValue = ["line": 0, "character": 0]
        let params: JSONValue = [
            "textDocument": ["uri": client.uri("a.py").json], "range": ["start": place, "end": place]
        ]
        #expect(try client.request("textDocument/inlayHint", params) == [])
        #expect(client.service.state.withLock { $0.inspected.isEmpty })
    }
}
