import JSONRPC
import LanguageServerProtocol
import Testing

@Suite struct DecodingTests {
    @Test("a change with a broken range is an error and no replacement of the whole text")
    func brokenRange() throws {
        for range: JSONValue in [.null, 7, [:], ["start": ["line": 0, "character": 0]], ["start": 1, "end": 2]] {
            #expect(throws: ShapeError.self) { try ContentChange(json: ["text": "x", "range": range]) }
        }
        #expect(try ContentChange(json: ["text": "x"]) == .whole(text: "x"))
    }

    @Test("an error names the member that is wrong")
    func errorPath() {
        let position: JSONValue = ["line": 0, "character": -1]
        #expect {
            try TextDocumentPositionParams(json: ["textDocument": ["uri": "file:///a"], "position": position])
        } throws: {
            ($0 as? ShapeError)?.description == "`position.character` must be 0 or more"
        }
        #expect {
            try DidChangeParams(json: ["textDocument": ["uri": "a"], "contentChanges": [["text": "x"], ["text": 2]]])
        } throws: {
            ($0 as? ShapeError)?.description == "`contentChanges.1.text` must be a string"
        }
    }

    @Test("workspace folders come in three generations of members")
    func workspaceFolders() throws {
        func folders(_ params: JSONValue) throws -> [String?] {
            try InitializeParams(json: params).workspaceFolders.map(\.path)
        }
        #expect(
            try folders(["workspaceFolders": [["uri": "file:///a", "name": "a"]], "rootUri": "file:///b"]) == ["/a"])
        #expect(try folders(["workspaceFolders": .null, "rootUri": "file:///b", "rootPath": "/c"]) == ["/b"])
        #expect(try folders(["rootUri": .null, "rootPath": "/c d"]) == ["/c d"])
        #expect(try folders([:]) == [])
    }

    @Test("capabilities of the wrong type count as missing")
    func capabilities() throws {
        let odd: JSONValue = [
            "workspace": 7, "general": ["positionEncodings": [1, "utf-8"]], "window": ["workDoneProgress": "yes"]
        ]
        let capabilities = ClientCapabilities(odd)
        #expect(!capabilities.configuration)
        #expect(capabilities.positionEncodings == [.utf8])
        #expect(!capabilities.workDoneProgress)
    }

    @Test("a code action kind is wanted with those above it")
    func kinds() throws {
        func wants(_ only: JSONValue) throws -> Bool {
            let place: JSONValue = ["line": 0, "character": 0]
            let params: JSONValue = [
                "textDocument": ["uri": "file:///a"], "range": ["start": place, "end": place], "context": ["only": only]
            ]
            return try CodeActionParams(json: params).wants("source.reload")
        }
        #expect(try wants(.null))
        #expect(try wants(["source"]))
        #expect(try wants(["quickfix", "source.reload"]))
        #expect(try wants([""]))
        #expect(try !wants(["sour"]))
        #expect(try !wants(["source.reload.all"]))
        #expect(try !wants([]))
    }
}

@Suite struct DocumentURITests {
    @Test(
        "a path becomes a URI and back",
        arguments: [
            ("/a/b.py", "file:///a/b.py"), ("/a b/ü#?.py", "file:///a%20b/%C3%BC%23%3F.py"),
            ("/c:/x%20.py", "file:///c%3A/x%2520.py")
        ])
    func roundTrip(path: String, uri: String) {
        #expect(DocumentURI(path: path).rawValue == uri)
        #expect(DocumentURI(rawValue: uri).path == path)
    }

    @Test(
        "what clients write is understood, and what is no file is no path",
        arguments: [
            ("file://localhost/a.py", "/a.py"), ("FILE:///a.py", "/a.py"), ("file:///a:b@c.py", "/a:b@c.py"),
            ("file:///a.py?query#fragment", "/a.py"), ("file:///100%", "/100%"), ("file:///%zz", "/%zz"),
            ("untitled:Untitled-1", nil), ("file:", nil), ("", nil), ("file:///%ff", nil), ("file:///a%00b", nil),
            ("git:/a.py", nil), ("file://host", nil), ("file://host/a.py", nil), ("file:/a.py", "/a.py"), ("file:a.py", nil),
            ("file://", nil), ("file:///a/%2e%2e/b.py", "/a/../b.py"), ("file:///a%2Fb.py", "/a/b.py"),
            ("http://localhost/a.py", nil), ("vscode-remote://ssh/a.py", nil)
        ])
    func foreign(uri: String, path: String?) {
        #expect(DocumentURI(rawValue: uri).path == path)
    }
}
