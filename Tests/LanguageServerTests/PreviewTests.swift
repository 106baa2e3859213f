import JSONRPC
import LanguageServerProtocol
import Platform
import ReloadEngine
import Testing

@testable import LanguageServer

@Suite struct PreviewTests {
    private func hint(_ client: TestClient, _ code: String = "runs-again") -> Problem {
        Problem(
            path: client.path("a.py"), range: SourceRange(0, 5, 8), code: code,
            severity: code == "syntax-error" ? .error : .hint, message: "again")
    }

    private func type(_ client: TestClient, _ text: String, version: Int64) {
        client.notify(
            "textDocument/didChange",
            [
                "textDocument": ["uri": client.uri("a.py").json, "version": .integer(version)],
                "contentChanges": [["text": .string(text)]]
            ])
    }

    private func answer(_ client: TestClient, _ version: Int, _ problems: [Problem]?) {
        client.service.emit(.previewed(Preview(path: client.path("a.py"), version: version, problems: problems)))
    }

    private func codes(_ published: JSONValue) -> [String] {
        published["diagnostics"]?.arrayValue?.compactMap { $0["code"]?.stringValue } ?? []
    }

    @Test("an edited text is looked at once it is left alone; hints have its version and the client's columns in it")
    func typing() throws {
        let client = try TestClient()
        try client.initialize()
        try client.open("a.py", "x = 1\n")
        for version in 2...20 { type(client, "é = \(version)\n", version: Int64(version)) }
        let request = try client.service.nextPreview()
        #expect(request.path == client.path("a.py"))
        #expect(request.version == 20)
        #expect(request.text == Array("é = 20\n".utf8))
        answer(client, 20, [hint(client)])
        let published = try client.next("textDocument/publishDiagnostics")
        #expect(published["version"] == 20)
        let diagnostic = published["diagnostics"]?.arrayValue?.first
        #expect(diagnostic?["code"] == "runs-again")
        #expect(diagnostic?["severity"] == 4)
        #expect(diagnostic?["range"] == ["start": ["line": 0, "character": 4], "end": ["line": 0, "character": 6]])
        #expect(client.service.state.withLock { $0.previews.isEmpty })
    }

    @Test("the text as it is on the disk is not looked at, and takes the hints away")
    func undo() throws {
        let client = try TestClient()
        try client.initialize()
        try client.open("a.py", "x = 1\n")
        type(client, "x = 2\n", version: 2)
        _ = try client.service.nextPreview()
        answer(client, 2, [hint(client)])
        #expect(try codes(client.next("textDocument/publishDiagnostics")) == ["runs-again"])
        type(client, "x = 1\n", version: 3)
        #expect(try codes(client.next("textDocument/publishDiagnostics")).isEmpty)
        #expect(client.service.state.withLock { $0.previews.isEmpty })
    }

    @Test("a text that differs from the disk's when it is opened is looked at")
    func opening() throws {
        let client = try TestClient()
        try client.initialize()
        try client.open("a.py", "x = 1\n")
        try writeFileAtomically(client.path("a.py"), Array("x = 2\n".utf8))
        #expect(try client.service.nextPreview().version == 1)
    }

    @Test("an answer about a text that is not shown any more is dropped", arguments: ["change", "save", "close"])
    func overtaken(by event: String) throws {
        let client = try TestClient()
        try client.initialize()
        try client.open("a.py", "x = 1\n")
        type(client, "x = 2\n", version: 2)
        _ = try client.service.nextPreview()
        switch event {
        case "change": type(client, "x = 3\n", version: 3)
        case "save": client.save("a.py")
        default: client.notify("textDocument/didClose", ["textDocument": ["uri": client.uri("a.py").json]])
        }
        #expect(try !client.everythingSoFar().contains { $0.method == "textDocument/publishDiagnostics" })
        answer(client, 2, [hint(client)])
        #expect(try !client.everythingSoFar().contains { $0.method == "textDocument/publishDiagnostics" })
    }

    @Test("saving and closing take the hints away at once", arguments: ["save", "close"])
    func end(by event: String) throws {
        let client = try TestClient()
        try client.initialize()
        try client.open("a.py", "x = 1\n")
        type(client, "x = 2\n", version: 2)
        _ = try client.service.nextPreview()
        answer(client, 2, [hint(client)])
        #expect(try codes(client.next("textDocument/publishDiagnostics")) == ["runs-again"])
        if event == "save" {
            client.save("a.py")
        } else {
            client.notify("textDocument/didClose", ["textDocument": ["uri": client.uri("a.py").json]])
        }
        let published = try client.next("textDocument/publishDiagnostics")
        #expect(codes(published).isEmpty)
        #expect(published["version"] == (event == "save" ? 2 : nil))
    }

    @Test("errors of the saved text give way to those of the text that is typed; what is said of the program stays")
    func errors() throws {
        let client = try TestClient()
        try client.initialize()
        try client.open("a.py", "x = (\n")
        client.save("a.py")
        _ = try client.service.nextRequest()
        let path = client.path("a.py")
        let saved = [hint(client, "syntax-error"), hint(client, "stale-value")]
        client.service.emit(.report(.sample(outcome: .blocked, paths: [path], problems: saved, checked: [path])))
        #expect(try codes(client.next("textDocument/publishDiagnostics")) == ["syntax-error", "stale-value"])
        type(client, "x = 1\n", version: 2)
        _ = try client.service.nextPreview()
        answer(client, 2, [])
        let published = try client.next("textDocument/publishDiagnostics")
        #expect(codes(published) == ["stale-value"])
        #expect(published["version"] == 2)
        type(client, "x = )\n", version: 3)
        _ = try client.service.nextPreview()
        answer(client, 3, [hint(client, "syntax-error")])
        #expect(try codes(client.next("textDocument/publishDiagnostics")) == ["stale-value", "syntax-error"])
        // A file that no program runs any more is as it was saved.
        type(client, "x = ]\n", version: 4)
        _ = try client.service.nextPreview()
        answer(client, 4, nil)
        #expect(try codes(client.next("textDocument/publishDiagnostics")) == ["syntax-error", "stale-value"])
    }

    @Test("nothing to say is not said")
    func silence() throws {
        let client = try TestClient()
        try client.initialize()
        try client.open("a.py", "x = 1\n")
        for version in 2...3 {
            type(client, "x = \(version)\n", version: Int64(version))
            _ = try client.service.nextPreview()
            answer(client, version, version == 2 ? [] : nil)
        }
        #expect(try !client.everythingSoFar().contains { $0.method == "textDocument/publishDiagnostics" })
    }

    @Test("mode off looks at nothing, and takes away what was said")
    func off() throws {
        let client = try TestClient()
        try client.initialize()
        try client.open("a.py", "x = 1\n")
        type(client, "x = 2\n", version: 2)
        _ = try client.service.nextPreview()
        answer(client, 2, [hint(client)])
        #expect(try codes(client.next("textDocument/publishDiagnostics")) == ["runs-again"])
        client.notify("workspace/didChangeConfiguration", ["settings": ["afresh": ["mode": "off"]]])
        #expect(try codes(client.next("textDocument/publishDiagnostics")).isEmpty)
        #expect(client.service.state.withLock { $0.previews.isEmpty })
    }

    @Test("a text that is being edited is looked at again when programs come and go")
    func programs() throws {
        let client = try TestClient()
        try client.initialize()
        try client.open("a.py", "x = 1\n")
        type(client, "x = 2\n", version: 2)
        _ = try client.service.nextPreview()
        client.service.emit(.report(.sample(phase: .hosts, outcome: .unchanged)))
        #expect(try client.service.nextPreview().version == 2)
    }

    @Test("what is no source file, or too large, is not looked at")
    func others() throws {
        let client = try TestClient()
        try client.initialize()
        try client.open("notes.txt", "x\n")
        client.notify(
            "textDocument/didChange",
            [
                "textDocument": ["uri": client.uri("notes.txt").json, "version": 2],
                "contentChanges": [["text": "y\n"]]
            ])
        try client.open("a.py", "x = 1\n")
        type(client, String(repeating: "#", count: DocumentPreviews.limit + 1), version: 2)
        type(client, "x = 2\n", version: 3)
        #expect(try client.service.nextPreview().version == 3)
        #expect(client.service.state.withLock { $0.previews.isEmpty })
    }
}
