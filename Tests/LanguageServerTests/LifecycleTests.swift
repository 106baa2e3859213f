import JSONRPC
import LanguageServerProtocol
import Platform
import Testing

@testable import LanguageServer

@Suite struct LifecycleTests {
    @Test("the answer to initialize says who and what the server is")
    func initializeResult() throws {
        let result = try TestClient().initialize()
        #expect(result["serverInfo"] == ["name": "afresh", "version": "1.2.3"])
        #expect(result["capabilities"]?["experimental"] == ["reload": ["version": 1]])
        #expect(result["capabilities"]?["positionEncoding"] == nil)
        let encodings: JSONValue = ["general": ["positionEncodings": ["utf-32", "utf-8", "utf-16"]]]
        #expect(try TestClient().initialize(encodings)["capabilities"]?["positionEncoding"] == "utf-8")
        let onlyUTF16: JSONValue = ["general": ["positionEncodings": ["utf-16"]]]
        #expect(try TestClient().initialize(onlyUTF16)["capabilities"]?["positionEncoding"] == "utf-16")
    }

    @Test("requests are refused outside of the session with the right codes")
    func refusals() throws {
        let client = try TestClient()
        #expect(try client.errorCode("textDocument/hover") == -32002)
        #expect(try client.errorCode("shutdown") == -32002)
        #expect(try client.errorCode("initialize", ["capabilities": 7]) == -32602)
        #expect(try client.errorCode("initialize", []) == -32602)
        try client.initialize()
        #expect(try client.errorCode("initialize", ["capabilities": [:]]) == -32600)
        #expect(try client.errorCode("no/such") == -32601)
        #expect(try client.errorCode("$/noSuch") == -32601)
        #expect(try client.errorCode("textDocument/hover", ["textDocument": 7]) == -32602)
        #expect(try client.errorCode("textDocument/codeAction") == -32602)
        #expect(try client.errorCode("workspace/executeCommand", ["command": "afresh.none"]) == -32602)
        #expect(try client.errorCode("shutdown") == 0)
        #expect(try client.errorCode("shutdown") == -32600)
        #expect(try client.errorCode("textDocument/hover") == -32600)
        #expect(try client.errorCode("initialize", ["capabilities": [:]]) == -32600)
    }

    @Test("the exit code says whether the client had said shutdown")
    func exitCodes() throws {
        let proper = try TestClient()
        try proper.initialize()
        _ = try proper.request("shutdown")
        proper.notify("exit")
        #expect(try proper.waitForExit() == 0)
        #expect(proper.service.state.withLock { $0.isStopped })

        let hasty = try TestClient()
        try hasty.initialize()
        hasty.notify("exit")
        #expect(try hasty.waitForExit() == 1)

        let early = try TestClient()
        early.notify("exit")
        #expect(try early.waitForExit() == 1)

        let kate = try TestClient()
        try kate.initialize()
        kate.notify("shutdown")
        kate.notify("exit")
        #expect(try kate.waitForExit() == 0)
    }

    @Test("the end of the input ends the server, and what was asked before is answered")
    func endOfInput() throws {
        let client = try TestClient()
        try client.initialize()
        client.connection.close(flushing: 1000)
        #expect(try client.waitForExit() == 1)
    }

    @Test("the server does not outlive the process that the client names")
    func parent() throws {
        let parent = try ChildProcess("sleep", ["100"])
        let client = try TestClient()
        try client.initialize(processID: .int(parent.processID))
        parent.signal(9)
        #expect(parent.wait() == .signalled(9))
        #expect(try client.waitForExit() == 1)
    }

    @Test("a process that cannot be seen is not waited for")
    func unknownParent() throws {
        let client = try TestClient()
        try client.initialize(processID: 2_000_000_000)
        #expect(try client.errorCode("shutdown") == 0)
    }

    @Test("a broken notification is logged and the next one is served")
    func brokenNotifications() throws {
        let client = try TestClient()
        try client.initialize()
        for method in [
            "textDocument/didOpen", "textDocument/didChange", "textDocument/didSave", "textDocument/didClose",
            "workspace/didChangeConfiguration", "workspace/didChangeWatchedFiles", "workspace/didChangeWorkspaceFolders"
        ] {
            client.notify(method, ["textDocument": 7, "changes": 1, "event": 2])
        }
        client.notify("workspace/unknown", 7)
        client.notify("$/cancelRequest", ["id": [1]])
        try client.open("a.py", "x = 1\n")
        client.save("a.py")
        #expect(try client.service.nextRequest().trigger.paths == [client.path("a.py")])
        #expect(try client.everythingSoFar().filter { $0.method == "window/logMessage" }.count >= 6)
    }
}
