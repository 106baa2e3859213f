import JSONRPC
import LanguageServerProtocol
import Platform
import Testing

@testable import LanguageServer

/// Messages that went wrong on the way: the server may refuse them, log them or take them, and must live.
@Suite struct DamagedMessageTests {
    /// One well-formed message of each kind that the server knows.
    static func messages(_ client: TestClient) -> [JSONValue] {
        let uri = client.uri("a.py").json
        let place: JSONValue = ["line": 0, "character": 1]
        let range: JSONValue = ["start": place, "end": ["line": 2, "character": 0]]
        let position: JSONValue = ["textDocument": ["uri": uri], "position": place]
        func notification(_ method: String, _ params: JSONValue) -> JSONValue {
            ["jsonrpc": "2.0", "method": .string(method), "params": params]
        }
        func request(_ id: JSONValue, _ method: String, _ params: JSONValue) -> JSONValue {
            ["jsonrpc": "2.0", "id": id, "method": .string(method), "params": params]
        }
        let document: JSONValue = ["uri": uri, "languageId": "python", "version": 1, "text": "a\nb\r\nü😀\n"]
        let change: JSONValue = ["range": range, "text": "x\ny"]
        let versioned: JSONValue = ["uri": uri, "version": 2]
        return [
            notification("textDocument/didOpen", ["textDocument": document]),
            notification("textDocument/didChange", ["textDocument": versioned, "contentChanges": [change]]),
            notification("textDocument/didSave", ["textDocument": ["uri": uri]]),
            notification("textDocument/didClose", ["textDocument": ["uri": uri]]),
            notification(
                "workspace/didChangeConfiguration", ["settings": ["afresh": ["mode": "all", "stale.samples": 3]]]),
            notification("workspace/didChangeWatchedFiles", ["changes": [["uri": uri, "type": 2]]]),
            notification("workspace/didChangeWorkspaceFolders", ["event": ["added": [], "removed": []]]),
            notification("$/cancelRequest", ["id": 9000]), notification("$/setTrace", ["value": "verbose"]),
            request(9001, "textDocument/hover", position),
            request(
                "x", "textDocument/codeAction",
                ["textDocument": ["uri": uri], "range": range, "context": ["diagnostics": [], "only": ["source"]]]),
            request(
                9002, "workspace/executeCommand", ["command": "afresh.setMode", "arguments": [["mode": "off"]]]),
            request(9003, "workspace/executeCommand", ["command": "afresh.reload", "arguments": [["uris": [uri]]]]),
            ["jsonrpc": "2.0", "id": 1, "result": [["mode": "all"]]],
            ["jsonrpc": "2.0", "id": 1, "error": ["code": -32601, "message": "no"]]
        ]
    }

    @Test("after thousands of damaged messages the server answers as before")
    func damagedMessages() throws {
        let client = try TestClient()
        try client.initialize(["workspace": ["configuration": true]])
        var random = SystemRandomNumberGenerator()
        let replacements: [String] = [
            "null", "7", "-1", "1e400", "99999999999999999999", "true", "\"\"", "\"\\ud800\"", "[]", "{}", "[[[]]]",
            "[null]"
        ]
        for round in 0..<300 {
            for message in Self.messages(client) {
                var text = message.text
                switch round % 3 {
                case 0:
                    // One value is another: the shape is wrong, the JSON is right.
                    let values = text.indices.filter { ":[,".contains(text[$0]) }
                    guard let start = values.randomElement(using: &random), let value = replacements.randomElement()
                    else { continue }
                    let next = text.index(after: start)
                    let end = text[next...].firstIndex { ",}]".contains($0) } ?? text.endIndex
                    text.replaceSubrange(next..<end, with: value)
                case 1:
                    // A byte is another.
                    var bytes = Array(text.utf8)
                    if let index = bytes.indices.randomElement(using: &random) {
                        bytes[index] = .random(in: 0...255, using: &random)
                    }
                    client.sendRaw(bytes)
                    continue
                default:
                    text = String(text.prefix(Int.random(in: 0...text.count, using: &random)))
                }
                client.sendRaw(Array(text.utf8))
            }
            // An edit may have hit the method's name; a server that was shut down refuses properly and still answers.
            #expect([-32601, -32600].contains(try client.errorCode("test/sync")))
        }
    }
}
