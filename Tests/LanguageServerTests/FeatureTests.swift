import JSONRPC
import LanguageServerProtocol
import Platform
import ReloadEngine
import Testing

@testable import LanguageServer

@Suite struct FeatureTests {
    static func host(_ id: String = "7-1") -> HostInformation {
        HostInformation(
            id: id, pid: 7, parent: 1, name: "app.py", runtime: HostRuntime(name: "CPython", version: "3.12.1"))
    }

    static func position(_ client: TestClient, _ name: String) -> JSONValue {
        ["textDocument": ["uri": client.uri(name).json], "position": ["line": 0, "character": 0]]
    }

    @Test("hover says which generation runs where and who is stale")
    func hover() throws {
        let client = try TestClient()
        try client.initialize(["textDocument": ["hover": ["contentFormat": ["markdown", "plaintext"]]]])
        #expect(try client.request("textDocument/hover", Self.position(client, "a.py")) == .null)
        client.service.state.update { $0.hosts = [Self.host()] }
        let reply = client.connection.send("textDocument/hover", Self.position(client, "a.py"))
        let survey = try client.service.wait { $0.surveys.popLast() }
        let modules = [ModuleInformation(name: "shop.a", path: client.path("a.py"), generation: 4)]
        let stale = StaleReference(
            symbol: "shop.a.f", kind: .binding, generation: 3, count: 2, holder: "shop.cart.f", confidence: .exact)
        let references = StaleSurvey(
            references: [stale], total: 2, coverage: Coverage(complete: true, objects: 1), timings: Timings())
        survey([HostSurvey(host: Self.host(), modules: modules, stale: references, answered: true)])
        #expect(
            try reply.wait(until: .after(10_000))["contents"] == [
                "kind": "markdown",
                "value":
                    "`shop.a`: generation 4 in app.py (CPython 3.12.1, process 7)\n\n`shop.cart.f`: still holds f of generation 3 (2 references)"
            ])
    }

    @Test("a request that waits for a silent program is answered all the same, or cancelled")
    func silentHost() throws {
        let client = try TestClient()
        try client.initialize()
        client.service.state.update { $0.hosts = [Self.host()] }
        for _ in 1...3 {
            #expect(try client.request("textDocument/hover", Self.position(client, "a.py")) == .null)
        }
        let reply = client.connection.send("workspace/executeCommand", ["command": "afresh.status"])
        // The hosts were asked once for all hovers.
        _ = try client.service.wait { $0.surveys.count >= 2 ? true : nil }
        #expect(client.service.state.withLock { $0.surveys.count } == 2)
        client.notify("$/cancelRequest", ["id": reply.id.json])
        #expect(throws: RequestFailure.answered(.requestCancelled)) { try reply.wait(until: .after(10_000)) }
    }

    @Test("'Reload this file' is offered for source files, as the client can take it")
    func codeAction() throws {
        func actions(_ client: TestClient, _ name: String, _ context: JSONValue = ["diagnostics": []]) throws
            -> JSONValue
        {
            let place: JSONValue = ["line": 0, "character": 0]
            return try client.request(
                "textDocument/codeAction",
                [
                    "textDocument": ["uri": client.uri(name).json], "range": ["start": place, "end": place],
                    "context": context
                ])
        }
        let client = try TestClient()
        let literals: JSONValue = ["codeActionLiteralSupport": ["codeActionKind": ["valueSet": []]]]
        try client.initialize(["textDocument": ["codeAction": literals]])
        let command: JSONValue = [
            "title": "Reload this file", "command": "afresh.reload",
            "arguments": [["uris": [client.uri("a.py").json]]]
        ]
        let action: JSONValue = ["title": "Reload this file", "kind": "source.reload", "command": command]
        #expect(try actions(client, "a.py") == [action])
        #expect(try actions(client, "a.py", ["diagnostics": [], "only": ["source"]]) == [action])
        #expect(try actions(client, "a.py", ["diagnostics": [], "only": ["quickfix"]]) == [])
        #expect(try actions(client, "a.txt") == [])
        let old = try TestClient()
        try old.initialize()
        #expect(try actions(old, "a.py").arrayValue?.first?["command"] == "afresh.reload")
    }

    @Test("commands do what they say and refuse what they cannot read")
    func commands() throws {
        let client = try TestClient()
        try client.initialize()
        func execute(_ command: String, _ arguments: JSONValue...) throws -> Int {
            try client.errorCode(
                "workspace/executeCommand", ["command": .string(command), "arguments": .array(arguments)])
        }
        #expect(try execute("afresh.reload", ["uris": [client.uri("a.py").json]]) == 0)
        let request = try client.service.nextRequest()
        #expect(request.trigger == Trigger(kind: .command, paths: [client.path("a.py")]))
        #expect(request.force)
        #expect(try execute("afresh.setMode", ["mode": "off"]) == 0)
        #expect(try client.service.settings { $0.mode == .off }.mode == .off)
        #expect(try execute("afresh.setMode", "Explicit") == 0)
        #expect(try execute("afresh.track", ["modules": ["shop.cart"]]) == 0)
        #expect(try client.service.settings { $0.track == ["shop.cart"] }.mode == .explicit)
        #expect(try execute("afresh.untrack", ["shop.cart"]) == 0)
        #expect(try client.service.settings { $0.track.isEmpty && $0.untrack == ["shop.cart"] }.mode == .explicit)
        for wrong: (String, JSONValue) in [
            ("afresh.reload", .null), ("afresh.reload", ["uris": []]), ("afresh.reload", ["uris": 7]),
            ("afresh.reload", ["uris": ["untitled:x"]]), ("afresh.setMode", "sometimes"), ("afresh.setMode", .null),
            ("afresh.track", ["modules": "a"]), ("afresh.track", []), ("afresh.untrack", 7)
        ] {
            #expect(try execute(wrong.0, wrong.1) == -32602)
        }
    }

    @Test("afresh.status describes the hosts")
    func status() throws {
        let client = try TestClient()
        try client.initialize()
        let reply = client.connection.send("workspace/executeCommand", ["command": "afresh.status"])
        let survey = try client.service.wait { $0.surveys.popLast() }
        let modules = [ModuleInformation(name: "a", path: client.path("a.py"), generation: 2)]
        let stale = StaleSurvey(
            references: [], total: 0, coverage: Coverage(complete: true, objects: 1), timings: Timings())
        survey([HostSurvey(host: Self.host(), modules: modules, stale: stale, answered: true)])
        let status = try reply.wait(until: .after(10_000))
        #expect(status["phase"] == "hosts")
        #expect(status["outcome"] == "live")
        #expect(status["hosts"]?.arrayValue?.first?["modules"]?.arrayValue?.first?["generation"] == 2)
    }
}

@Suite struct ConfigurationTests {
    @Test("settings come from the start, from the client's configuration, and from commands, in this order")
    func order() throws {
        let client = try TestClient()
        client.answers["workspace/configuration"] = .success([["policy": "patch", "stale": ["samples": 3]]])
        try client.initialize(
            ["workspace": ["configuration": true]], options: ["policy": "exact", "mode": "explicit", "stale.samples": 7]
        )
        #expect(try client.next("workspace/configuration") == ["items": [["section": "afresh"]]])
        let settings = try client.service.settings { $0.policy == .patch }
        #expect(settings.mode == .explicit)
        #expect(settings.staleSamples == 3)
        #expect(settings.workspaceFolders == [client.folder])
    }

    @Test("settings that come with the notification count for clients that cannot be asked")
    func pushed() throws {
        let client = try TestClient()
        try client.initialize()
        client.notify(
            "workspace/didChangeConfiguration", ["settings": ["afresh": ["mode": "off", "python": "/x/python"]]])
        #expect(try client.service.settings { $0.mode == .off }.interpreter == "/x/python")
        for (written, meant) in [
            (".venv/bin/python", "\(client.folder)/.venv/bin/python"), ("python3.12", "python3.12"),
            ("${workspaceFolder}/py", "\(client.folder)/py")
        ] {
            client.notify("workspace/didChangeConfiguration", ["settings": ["afresh": ["python": .string(written)]]])
            _ = try client.service.settings { $0.interpreter == meant }
        }
    }

    @Test("wrong values are said once, in one message, and the defaults stay")
    func wrongValues() throws {
        let client = try TestClient()
        try client.initialize(options: ["mode": "sometimes", "watch": 1, "track": ["a", 2], "stale": ["samples": -1]])
        let message = try client.next("window/showMessage")["message"]?.stringValue ?? ""
        for part in ["`mode`", "\"sometimes\"", "`watch`", "`track`", "`stale.samples`"] {
            #expect(message.contains(part))
        }
        client.notify("workspace/didChangeConfiguration", ["settings": ["afresh": ["policy": "exact"]]])
        let settings = try client.service.settings { $0.policy == .exact }
        #expect(settings.mode == .all)
        #expect(settings.staleSamples == 20)
        #expect(try !client.everythingSoFar().contains { $0.method == "window/showMessage" })
    }

    @Test("reload/status is not sent where it is not wanted")
    func noStatus() throws {
        let client = try TestClient()
        try client.initialize(options: ["status": false])
        client.service.emit(.report(.sample(message: "Done.")))
        #expect(try client.next("window/logMessage")["message"] == "Done.")
        #expect(try !client.everythingSoFar().contains { $0.method == "reload/status" })
    }

    @Test("workspace folders come and go")
    func folders() throws {
        let client = try TestClient()
        try client.initialize()
        let event: JSONValue = [
            "added": [["uri": "file:///somewhere/else", "name": "b"]],
            "removed": [["uri": client.uri("").json, "name": "test"]]
        ]
        client.notify("workspace/didChangeWorkspaceFolders", ["event": event])
        _ = try client.service.settings { $0.workspaceFolders == ["/somewhere/else"] }
    }
}

@Suite struct DocumentStoreTests {
    @Test("a document that is too large is refused politely, and saving it still works")
    func largeDocument() throws {
        let client = try TestClient(documentLimit: 1000)
        try client.initialize()
        try client.open("big.py", String(repeating: "# line\n", count: 1000), version: 4)
        let shown = try client.next("window/showMessage")["message"]?.stringValue
        #expect(shown?.contains("too large") == true)
        let place: JSONValue = ["line": 0, "character": 0]
        client.notify(
            "textDocument/didChange",
            [
                "textDocument": ["uri": client.uri("big.py").json, "version": 5],
                "contentChanges": [["range": ["start": place, "end": place], "text": "x"]]
            ])
        client.save("big.py")
        #expect(try client.service.nextRequest().trigger.paths == [client.path("big.py")])
    }

    @Test("an edit that cannot be read makes the text unknown until it comes as a whole")
    func brokenEdit() {
        var store = DocumentStore(limit: 1000)
        let uri = DocumentURI(rawValue: "file:///a.py")
        let place = Position(line: 0, character: 1)
        let part = ContentChange.part(range: TextRange(start: place, end: place), text: "-")
        func change(_ uri: DocumentURI, _ version: Int, _ change: ContentChange) -> Bool {
            store.change(uri, version: version, changes: [change], encoding: .utf16)
        }
        _ = store.open(uri, text: "abc", version: 1)
        _ = change(uri, 2, part)
        #expect(store.document(uri)?.text == "a-bc")
        store.forgetText(uri)
        let isOpen = change(uri, 3, part)
        #expect(isOpen)
        #expect(store.document(uri) == nil)
        #expect(store.savedVersion(uri) == 3)
        _ = change(uri, 4, .whole(text: "new"))
        #expect(store.document(uri)?.text == "new")
        let isOtherOpen = change(DocumentURI(rawValue: "file:///b.py"), 1, part)
        #expect(!isOtherOpen)
    }
}
