import JSONRPC
import Platform
import Testing

@Suite struct ConnectionTests {
    /// A connection and the bare other end of it.
    struct Pair {
        let connection: Connection
        let toConnection: FileDescriptor
        let fromConnection: FileDescriptor
        let incoming = Mailbox<Connection.Incoming>(capacity: 100)

        init() throws {
            let (input, output) = (try FileDescriptor.pipe(), try FileDescriptor.pipe())
            connection = Connection(input: input.read, output: output.write)
            (toConnection, fromConnection) = (input.write, output.read)
            let incoming = self.incoming
            try connection.start { incoming.put($0) }
        }

        func write(_ body: String) throws {
            try toConnection.writeAll(Array("Content-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8))
        }

        func next() -> Connection.Incoming? {
            guard case .element(let element) = incoming.take(until: .after(5000)) else { return nil }
            return element
        }

        /// Reads until the connection has written a whole text.
        func expectWritten(_ bodies: String...) throws {
            let expected = bodies.map { "Content-Length: \($0.utf8.count)\r\n\r\n\($0)" }.joined()
            var text: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 4096)
            while text.count < expected.utf8.count {
                guard try fromConnection.waitUntilReady(1, deadline: .after(5000)) else { break }
                let count = try buffer.withUnsafeMutableBytes { try fromConnection.read(into: $0) }
                if count == 0 { break }
                text += buffer[..<count]
            }
            #expect(String(decoding: text, as: UTF8.self) == expected)
        }
    }

    @Test("a request gets one answer, however often it is answered")
    func oneAnswer() throws {
        let pair = try Pair()
        try pair.write(#"{"id":1,"method":"a"}"#)
        guard case .request(let request) = pair.next() else { throw RequestFailure.closed }
        #expect(pair.connection.answer(request.id, .success("first")))
        #expect(!pair.connection.answer(request.id, .success("second")))
        #expect(!pair.connection.answer(.integer(99), .success("to nobody")))
        pair.connection.notify("end")
        try pair.expectWritten(#"{"jsonrpc":"2.0","id":1,"result":"first"}"#, #"{"jsonrpc":"2.0","method":"end"}"#)
    }

    @Test("what cannot be parsed is answered, and what follows is read")
    func malformed() throws {
        let pair = try Pair()
        for body in ["{abc}", "[]", "7"] {
            try pair.write(body)
            guard case .malformed = pair.next() else { throw RequestFailure.closed }
        }
        try pair.expectWritten(
            #"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"expected a member name at byte 1"}}"#,
            #"{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Batches are not supported"}}"#,
            #"{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"A message must be an object"}}"#)
        try pair.write(#"{"method":"b"}"#)
        guard case .notification = pair.next() else { throw RequestFailure.closed }
    }

    @Test("a reply comes to the one who asked; malformed, late and unknown answers do no harm")
    func replies() throws {
        let pair = try Pair()
        let reply = pair.connection.send("a")
        let other = pair.connection.send("b")
        try pair.write(#"{"id":"nobody","result":1}"#)
        try pair.write(#"{"id":2,"error":7}"#)
        try pair.write(#"{"id":1,"result":{"x":1}}"#)
        #expect(try reply.wait(until: .after(5000)) == ["x": 1])
        #expect(throws: RequestFailure.answered(ResponseError(code: -32603, message: "An error without a message"))) {
            try other.wait(until: .after(5000))
        }
        let late = pair.connection.send("c")
        #expect(throws: RequestFailure.timedOut) { try late.wait(until: .after(1)) }
        try pair.write(#"{"id":3,"result":1}"#)
        let cancelled = pair.connection.send("d")
        cancelled.cancel()
        #expect(throws: RequestFailure.cancelled) { try cancelled.wait() }
    }

    @Test("the end of the input fails what waits, and answers can still be written")
    func end() throws {
        let pair = try Pair()
        let reply = pair.connection.send("a")
        try pair.write(#"{"id":5,"method":"b"}"#)
        pair.toConnection.close()
        #expect(throws: RequestFailure.closed) { try reply.wait(until: .after(5000)) }
        guard case .request = pair.next(), case .closed = pair.next() else { throw RequestFailure.closed }
        #expect(pair.connection.answer(.integer(5), .success(true)))
        pair.connection.close(flushing: 5000)
        try pair.expectWritten(
            #"{"jsonrpc":"2.0","id":1,"method":"a"}"#, #"{"jsonrpc":"2.0","id":5,"result":true}"#)
        #expect(throws: RequestFailure.closed) { try pair.connection.send("c").wait(until: .after(5000)) }
    }

    @Test("a cancelled request is known as such until it is answered")
    func cancelled() throws {
        let pair = try Pair()
        try pair.write(#"{"id":1,"method":"a"}"#)
        _ = pair.next()
        #expect(!pair.connection.isCancelled(.integer(1)))
        try pair.write(#"{"method":"$/cancelRequest","params":{"id":1}}"#)
        _ = pair.next()
        #expect(pair.connection.isCancelled(.integer(1)))
        pair.connection.answer(.integer(1), .failure(.requestCancelled))
        #expect(!pair.connection.isCancelled(.integer(1)))
    }

    @Test("messages of many threads arrive whole, and in the order of each thread, however slowly they are read")
    func manySenders() throws {
        let pipe = try FileDescriptor.pipe()
        let silence = try FileDescriptor.pipe()
        try send(
            from: Connection(input: silence.read, output: pipe.write),
            to: Connection(input: pipe.read, output: silence.write))
        let (one, other) = try connectedSockets()
        try send(from: Connection(socket: one), to: Connection(socket: other))
    }

    private func send(from connection: Connection, to reader: Connection) throws {
        let (senders, count) = (8, 150)
        try connection.start { _ in }
        let arrived = Mailbox<Connection.Incoming>(capacity: 5)
        try reader.start { arrived.put($0) }
        for sender in 0..<senders {
            _ = try WorkerThread {
                for number in 0..<count {
                    // Together they fill the pipe; the largest are never written by the sender itself, and the large ones in part.
                    let large = number % 14 == 0 ? 140_000 : 20_000
                    let filling = String(repeating: "x", count: number % 7 == 0 ? large : number % 50)
                    connection.notify("\(sender)", ["number": .int(number), "filling": .string(filling)])
                }
            }
        }
        var next = [Int](repeating: 0, count: senders)
        while next.reduce(0, +) < senders * count {
            guard case .element(.notification(let notification)) = arrived.take(until: .after(60_000)) else {
                Issue.record("a message is missing or broken after \(next)")
                break
            }
            let sender = try #require(Int(notification.method))
            #expect(notification.params["number"]?.intValue == next[sender])
            next[sender] += 1
        }
        connection.close()
        reader.close()
    }
}
