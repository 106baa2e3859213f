import JSONRPC
import LanguageServerProtocol
import Platform
import ReloadEngine
import Testing

@testable import LanguageServer

@Suite struct MendingTests {
    private static let literals: JSONValue = [
        "textDocument": [
            "codeAction": ["codeActionLiteralSupport": ["codeActionKind": ["valueSet": []]]],
            "hover": ["contentFormat": ["markdown"]]
        ], "workspace": ["codeLens": ["refreshSupport": true]]
    ]

    private static func stale(_ path: String, _ line: Int = 0, newest: Int = 2) -> Report {
        let reference = StaleReference(
            symbol: "shop.price", kind: .binding, generation: 1, count: 1, holder: "cart.price", confidence: .exact,
            newest: newest, action: .rebind)
        let problem = Problem(
            path: path, range: SourceRange(line, 17, 22), code: "stale-binding", severity: .warning, message: "old",
            cause: StaleCause(reference))
        return .sample(phase: .scanned, outcome: .stale, problems: [problem], checked: [path])
    }

    private static func actions(
        _ client: TestClient, _ line: Int64, _ character: Int64, _ context: JSONValue = ["diagnostics": []]
    ) throws -> [JSONValue] {
        let place: JSONValue = ["line": .integer(line), "character": .integer(character)]
        return try client.request(
            "textDocument/codeAction",
            [
                "textDocument": ["uri": client.uri("cart.py").json], "range": ["start": place, "end": place],
                "context": context
            ]
        ).arrayValue ?? []
    }

    private static func titles(_ actions: [JSONValue]) -> [String] {
        actions.compactMap { $0["title"]?.stringValue }
    }

    @Test("what is stale is mended by a quick fix at its place, and nowhere else")
    func quickFix() throws {
        let client = try TestClient()
        try client.initialize(Self.literals)
        try client.open("cart.py", "from shop import price\n")
        client.service.emit(.report(Self.stale(client.path("cart.py"))))
        _ = try client.next("textDocument/publishDiagnostics")
        let actions = try Self.actions(client, 0, 20)
        #expect(Self.titles(actions) == ["Rebind `price` to generation 2", "Reload this file"])
        #expect(actions.first?["kind"] == "quickfix")
        #expect(actions.first?["diagnostics"]?.arrayValue?.first?["code"] == "stale-binding")
        #expect(
            actions.first?["command"]?["arguments"] == [
                ["symbol": "shop.price", "kind": "binding", "holders": ["cart.price"]]
            ])
        #expect(Self.titles(try Self.actions(client, 0, 3)).first == "Rebind `price` to generation 2")
        #expect(Self.titles(try Self.actions(client, 1, 0)) == ["Reload this file"])
        #expect(Self.titles(try Self.actions(client, 0, 20, ["diagnostics": [], "only": ["quickfix"]])).count == 1)
    }

    @Test("edits are offered in the client's units, as a quick fix where they put something right")
    func edits() throws {
        let client = try TestClient()
        try client.initialize(Self.literals)
        try client.open("cart.py", "é = 1; from shop import price\n")
        let edit = Inspection.Edit(
            kind: .qualify, name: "price", qualified: "shop.price", statement: "from shop import price",
            changes: [.init(range: SourceRange(0, 8, 30), text: "import shop")])
        client.service.state.update { $0.inspection = Inspection(edits: [edit]) }
        let action = try #require(try Self.actions(client, 0, 24).first)
        #expect(action["title"] == "Use `shop.price` instead of `from shop import price`")
        #expect(action["kind"] == "refactor.rewrite")
        let range: JSONValue = ["start": ["line": 0, "character": 7], "end": ["line": 0, "character": 29]]
        #expect(
            action["edit"]?["changes"]?[client.uri("cart.py").rawValue] == [
                ["range": range, "newText": "import shop"]
            ])
        #expect(
            client.service.state.withLock { $0.inspected.last?.range?.start } == SourcePosition(line: 0, column: 25))
        client.service.emit(.report(Self.stale(client.path("cart.py"))))
        _ = try client.next("textDocument/publishDiagnostics")
        #expect(try Self.actions(client, 0, 17).contains { $0["kind"] == "quickfix" && $0["edit"] != nil })
    }

    @Test("a client without literals gets commands, and no edits")
    func commands() throws {
        let client = try TestClient()
        try client.initialize()
        try client.open("cart.py", "from shop import price\n")
        client.service.emit(.report(Self.stale(client.path("cart.py"))))
        _ = try client.next("textDocument/publishDiagnostics")
        #expect(
            try Self.actions(client, 0, 20).compactMap { $0["command"]?.stringValue } == [
                "afresh.rebind", "afresh.reload"
            ])
    }

    @Test("a new start is offered for programs that can be started anew, where something is old")
    func restart() throws {
        let client = try TestClient()
        try client.initialize(Self.literals)
        try client.open("cart.py", "from shop import price\n")
        var host = FeatureTests.host()
        client.service.state.update { $0.hosts = [host] }
        client.service.emit(.report(Self.stale(client.path("cart.py"))))
        _ = try client.next("textDocument/publishDiagnostics")
        #expect(!Self.titles(try Self.actions(client, 0, 20)).contains("Restart the program"))
        host.isRestartable = true
        client.service.state.update { $0.hosts = [host] }
        let action = try #require(try Self.actions(client, 0, 20).first { $0["title"] == "Restart the program" })
        #expect(action["command"]?["arguments"] == [["host": "7-1"]])
        #expect(!Self.titles(try Self.actions(client, 1, 0)).contains("Restart the program"))
        client.service.state.update { $0.mended = [MendingResult(host: host, done: 1)] }
        #expect(
            try client.errorCode(
                "workspace/executeCommand", ["command": "afresh.restart", "arguments": [["host": "7-1"]]]) == 0)
        #expect(client.service.state.withLock { $0.restarts } == ["7-1"])
        client.service.state.update { $0.mended = [] }
        #expect(try client.errorCode("workspace/executeCommand", ["command": "afresh.restart"]) != 0)
    }

    @Test("mending says what was done, and speaks up where something could not be")
    func mend() throws {
        let client = try TestClient()
        try client.initialize()
        func mend(_ results: [MendingResult]?, _ argument: JSONValue = ["symbol": "shop.C"]) throws -> JSONValue {
            client.service.state.update { $0.mended = results }
            return try client.request(
                "workspace/executeCommand", ["command": "afresh.migrate", "arguments": [argument]])
        }
        let host = FeatureTests.host()
        #expect(try mend([MendingResult(host: host, done: 3)]) == ["done": 3, "left": [], "failures": []])
        #expect(
            client.service.state.withLock { $0.mendings } == [
                Mending(action: .migrate, symbol: "shop.C", kind: .instance)
            ])
        #expect(try !client.everythingSoFar().contains { $0.method == "window/showMessage" })
        _ = try mend([MendingResult(host: host, done: 0, failure: "app.py: no")])
        #expect(try client.next("window/showMessage") == ["type": 1, "message": "app.py: no"])
        _ = try mend([MendingResult(host: host, done: 1, left: ["2 instances: slots differ"])])
        #expect(try client.next("window/showMessage")["type"] == 2)
        _ = try mend([MendingResult(host: host, done: 0)])
        #expect(try client.next("window/showMessage")["type"] == 3)
        for wrong: JSONValue in [.null, ["symbol": 7], ["symbol": "a", "kind": "x"], ["symbol": "a", "holders": 7]] {
            #expect(
                try client.errorCode(
                    "workspace/executeCommand", ["command": "afresh.rebind", "arguments": [wrong]]) == -32602)
        }
    }

    @Test("a mending that waits can be cancelled")
    func cancel() throws {
        let client = try TestClient()
        try client.initialize()
        client.service.state.update { $0.mended = nil }
        let reply = client.connection.send(
            "workspace/executeCommand", ["command": "afresh.forget", "arguments": [["symbol": "shop.f"]]])
        _ = try client.service.wait { $0.mendings.isEmpty ? nil : true }
        client.notify("$/cancelRequest", ["id": reply.id.json])
        #expect(throws: RequestFailure.answered(.requestCancelled)) { try reply.wait(until: .after(10_000)) }
    }

    @Test("hover gives the live value, and does without where the program does not answer")
    func hover() throws {
        let client = try TestClient()
        try client.initialize(Self.literals)
        try client.open("cart.py", "RATE = 2\n")
        let host = FeatureTests.host()
        client.service.state.update { state in
            state.hosts = [host]
            state.inspection = Inspection(name: .init(path: ["RATE"], range: SourceRange(0, 0, 4)))
            state.values = [LiveValue(host: host, module: "cart", texts: ["[1, 2]"])]
        }
        func ask() throws -> JSONValue {
            let reply = client.connection.send("textDocument/hover", FeatureTests.position(client, "cart.py"))
            let survey = try client.service.wait { $0.surveys.popLast() }
            let module = ModuleInformation(name: "cart", path: client.path("cart.py"), generation: 4)
            survey([HostSurvey(host: host, modules: [module], stale: nil, answered: true)])
            return try reply.wait(until: .after(10_000))
        }
        let first = try ask()
        let text = first["contents"]?["value"]?.stringValue ?? ""
        #expect(text.hasPrefix("`RATE = [1, 2]`: now, in app.py\n\n`cart`: generation 4"))
        #expect(first["range"]?["end"] == ["line": 0, "character": 4])
        client.service.state.update { $0.values = nil }
        // The program answers nothing: what is known has to do, and it is not asked again.
        let second = try client.request("textDocument/hover", FeatureTests.position(client, "cart.py"))
        #expect(second["contents"]?["value"]?.stringValue?.hasPrefix("`cart`: generation 4") == true)
    }

    @Test("lenses tell the generation and what is stale, and are asked for again when that changes")
    func lenses() throws {
        let client = try TestClient()
        try client.initialize(Self.literals)
        try client.open("cart.py", "def f(): pass\n")
        let host = FeatureTests.host()
        let module = ModuleReport(
            name: "cart", path: client.path("cart.py"), generation: 3, outcome: .stale, because: .edited)
        var report = HostReport(id: host.id, pid: 7, name: "app.py", runtime: "CPython 3.12.1", outcome: .stale)
        report.modules = [module]
        client.service.emit(.report(.sample(phase: .applied, hosts: [report])))
        report.stale = [
            StaleReference(symbol: "cart.f", kind: .binding, generation: 2, count: 2, holder: "x.f", confidence: .exact)
        ]
        client.service.emit(.report(.sample(phase: .scanned, hosts: [report])))
        client.service.state.update { state in
            state.hosts = [host]
            state.inspection = Inspection(definitions: [.init(name: "f", range: SourceRange(0, 4, 5))])
        }
        let reply = client.connection.send(
            "textDocument/codeLens", ["textDocument": ["uri": client.uri("cart.py").json]])
        let survey = try client.service.wait { $0.surveys.popLast() }
        let known = ModuleInformation(name: "cart", path: client.path("cart.py"), generation: 3)
        survey([HostSurvey(host: host, modules: [known], stale: nil, answered: true)])
        let lens = try reply.wait(until: .after(10_000)).arrayValue?.first
        #expect(lens?["command"]?["title"] == "generation 3, 2 stale")
        #expect(lens?["range"]?["start"] == ["line": 0, "character": 4])
        report.stale = []
        client.service.emit(.report(.sample(phase: .resolved, hosts: [report])))
        _ = try client.next("workspace/codeLens/refresh")
    }
}
