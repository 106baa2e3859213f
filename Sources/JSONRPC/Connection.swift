// How to use a connection, in either direction:
//
//     let connection = Connection(socket: try connectToUnixSocket(path))
//     try connection.start { incoming in             // on the reading thread, in order
//         switch incoming {
//         case .request(let request): connection.answer(request.id, .success(["pong": true]))
//         case .notification(let notification): mailbox.put(.notification(notification))
//         case .malformed(let message): log(message) // has been answered already
//         case .closed(let reason): mailbox.put(.gone(reason))   // once, last; then call `close`
//         }
//     }
//     connection.notify("host/started", ["protocol": 1])
//     let modules = try connection.send("modules", ["under": []]).wait(until: .after(2000))   // throws RequestFailure
//     connection.send("scan", params) { result in … }          // on the reading thread, exactly once
//     connection.close()
//
// Nothing that the other side sends can trap or end the process: an answer to nobody is dropped, a broken message is answered with −32700 or −32600
// and reported, a bad header is skipped.

import Platform

/// One JSON-RPC peer: a thread that reads, a thread that writes, and exactly one answer for each request.
public final class Connection: Sendable {
    /// What came from the other side.
    public enum Incoming: Sendable {
        /// To be answered with `answer`, once.
        case request(Request)
        case notification(Notification)
        /// Bytes that are no message. They have been answered; the text is for the log.
        case malformed(String)
        /// The end of the input, or an error of reading or writing. Comes once and last.
        case closed(reason: String?)
    }

    public struct Options: Sendable {
        /// Bytes; larger messages are skipped and reported.
        public var bodyLimit = 256 << 20
        /// How many messages may wait to be written.
        public var queueCapacity = 4096
        /// What happens when that many wait: the sender waits, or the message is dropped and its request fails.
        public var waitsWhenFull = true

        public init() {}
    }

    private struct State {
        var lastID: Int64 = 0
        /// Our requests that wait for an answer.
        var pending: [RequestID: @Sendable (Result<JSONValue, RequestFailure>) -> Void] = [:]
        /// Their requests that have no answer yet; true: cancelled.
        var unanswered: [RequestID: Bool] = [:]
        var isEnded = false
        var receive: (@Sendable (Incoming) -> Void)?
        var runningThreads = 0
    }

    private let input: FileDescriptor
    private let output: FileDescriptor
    private let options: Options
    private let outbox: Outbox
    private let state = Monitor(State())
    private let written = Promise<Void>()

    /// Takes over both descriptors: they are closed when the connection is.
    public init(input: FileDescriptor, output: FileDescriptor, options: Options = Options()) {
        self.input = input
        self.output = output
        self.options = options
        outbox = Outbox(output: output, capacity: options.queueCapacity)
    }

    /// Takes over a connected socket.
    public convenience init(socket: FileDescriptor, options: Options = Options()) {
        self.init(input: socket, output: socket, options: options)
    }

    /// Starts both threads.
    /// - Parameter receive: called for what comes, in order. Answers to `send` do not come here.
    public func start(_ receive: @escaping @Sendable (Incoming) -> Void) throws {
        state.withLock {
            $0.receive = receive
            $0.runningThreads = 2
        }
        do {
            _ = try WorkerThread { self.write() }
        } catch {
            threadEnded(output)
            threadEnded(input)
            throw error
        }
        do {
            _ = try WorkerThread { self.read() }
        } catch {
            close()
            threadEnded(input)
            throw error
        }
    }

    // MARK: Sending

    /// Sends a notification.
    /// - Returns: false when the connection has ended or its queue is full.
    @discardableResult
    public func notify(_ method: String, _ params: JSONValue = .null) -> Bool {
        enqueue(.notification(Notification(method: method, params: params)))
    }

    /// Sends a request; the answer can be waited for.
    public func send(_ method: String, _ params: JSONValue = .null) -> Reply {
        let promise = Promise<Result<JSONValue, RequestFailure>>()
        let id = send(method, params) { promise.fulfil($0) }
        return Reply(id: id, promise: promise, connection: self)
    }

    /// Sends a request.
    /// - Parameter completion: called exactly once: on the reading thread with the answer, or with a failure on the thread that
    ///   cancels, closes, or finds the connection at its end.
    @discardableResult
    public func send(
        _ method: String, _ params: JSONValue = .null,
        completion: @escaping @Sendable (Result<JSONValue, RequestFailure>) -> Void
    ) -> RequestID {
        let id = state.withLock { state -> RequestID in
            state.lastID &+= 1
            let id = RequestID.integer(state.lastID)
            state.pending[id] = completion
            return id
        }
        let isSent = enqueue(.request(Request(id: id, method: method, params: params)))
        if !isSent || state.withLock({ $0.isEnded }) { settle(id, .failure(.closed)) }
        return id
    }

    /// Tells the other side that its answer is not wanted any more, and fails the request.
    public func cancel(_ id: RequestID) {
        guard settle(id, .failure(.cancelled)) else { return }
        notify("$/cancelRequest", ["id": id.json])
    }

    /// Answers a request of the other side. Only the first answer to each request is sent.
    /// - Returns: whether it was the first.
    @discardableResult
    public func answer(_ id: RequestID, _ result: Result<JSONValue, ResponseError>) -> Bool {
        guard state.withLock({ $0.unanswered.removeValue(forKey: id) }) != nil else { return false }
        return enqueue(.response(Response(id: id, result: result)))
    }

    /// Whether the other side has cancelled a request that is not answered yet.
    public func isCancelled(_ id: RequestID) -> Bool {
        state.withLock { $0.unanswered[id] ?? false }
    }

    /// Ends the connection once what waits is written. Requests that have no answer yet fail.
    /// - Parameter limit: milliseconds to wait for the last byte to be written; 0: it goes on without us.
    public func close(flushing limit: Double = 0) {
        outbox.close()
        if limit > 0 { _ = written.wait(until: .after(limit)) }
        end(reason: nil)
    }

    /// Whether nothing can be sent or received any more.
    public var isEnded: Bool { state.withLock { $0.isEnded } }

    private func enqueue(_ message: Message) -> Bool {
        let body = message.json.serialized
        var frame = Array("Content-Length: \(body.count)\r\n\r\n".utf8)
        frame.append(contentsOf: body)
        return outbox.send(frame, waitingWhenFull: options.waitsWhenFull)
    }

    private func write() {
        do {
            try outbox.writeUntilClosed()
        } catch {
            end(reason: "\(error)")
        }
        written.fulfil(())
        if input == output { input.shutDown() }
        threadEnded(output)
    }

    // MARK: Receiving

    private func read() {
        var parser = FrameParser(bodyLimit: options.bodyLimit)
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer { chunk.deallocate() }
        var reason: String?
        reading: while true {
            do {
                let count = try input.read(into: chunk)
                guard count > 0 else { break reading }
                parser.append(UnsafeRawBufferPointer(rebasing: chunk[..<count]))
            } catch {
                reason = "\(error)"
                break reading
            }
            parsing: while true {
                switch parser.next() {
                case .incomplete: break parsing
                case .fault(let text): refuse(.null, .parseError(text))
                case .body:
                    receive(parser.withBody { body in Result { () throws(JSONError) in try JSONValue(parsing: body) } })
                }
            }
        }
        end(reason: reason)
        threadEnded(input)
    }

    private func receive(_ parsed: Result<JSONValue, JSONError>) {
        do {
            switch try Message(try parsed.get()) {
            case .request(let request):
                let isNew = state.withLock { $0.unanswered.updateValue(false, forKey: request.id) == nil }
                if isNew { deliver(.request(request)) } else { refuse(request.id, .invalidRequest("The id is in use")) }
            case .notification(let notification):
                if notification.method == "$/cancelRequest" { markCancelled(notification.params) }
                deliver(.notification(notification))
            case .response(let response):
                settle(response.id, response.result.mapError { .answered($0) })
            }
        } catch let error as MalformedMessage {
            refuse(error.answerTo, error.error)
        } catch {
            refuse(.null, .parseError("\(error)"))
        }
    }

    private func markCancelled(_ params: JSONValue) {
        guard let id = params["id"].flatMap(RequestID.init) else { return }
        state.withLock { state in
            if state.unanswered[id] != nil { state.unanswered[id] = true }
        }
    }

    private func refuse(_ id: RequestID, _ error: ResponseError) {
        _ = enqueue(.response(Response(id: id, result: .failure(error))))
        deliver(.malformed(error.description))
    }

    private func deliver(_ incoming: Incoming) {
        state.withLock { $0.isEnded ? nil : $0.receive }?(incoming)
    }

    /// Gives a request of ours its result, unless it has one.
    @discardableResult
    fileprivate func settle(_ id: RequestID, _ result: Result<JSONValue, RequestFailure>) -> Bool {
        guard let completion = state.withLock({ $0.pending.removeValue(forKey: id) }) else { return false }
        completion(result)
        return true
    }

    // MARK: The end

    /// Fails what waits and tells the owner, once.
    private func end(reason: String?) {
        let (receive, pending) = state.withLock { state in
            let result = (state.isEnded ? nil : state.receive, Array(state.pending.values))
            state.isEnded = true
            state.pending = [:]
            return result
        }
        for completion in pending { completion(.failure(.closed)) }
        receive?(.closed(reason: reason))
    }

    /// A pipe is closed by the thread that used it, which is how the other side learns of the end; a socket by the last of the two.
    private func threadEnded(_ own: FileDescriptor) {
        let isLast = state.withLock { state in
            state.runningThreads -= 1
            if state.runningThreads == 0 { state.receive = nil }
            return state.runningThreads == 0
        }
        if input != output || isLast { own.close() }
    }
}

/// The answer to a request, which is still to come.
public final class Reply: Sendable {
    public let id: RequestID
    private let promise: Promise<Result<JSONValue, RequestFailure>>
    private let connection: Connection

    fileprivate init(id: RequestID, promise: Promise<Result<JSONValue, RequestFailure>>, connection: Connection) {
        self.id = id
        self.promise = promise
        self.connection = connection
    }

    /// Waits for the answer. Not to be called on the connection's reading thread.
    /// - Throws: `RequestFailure`; after `.timedOut` a late answer is dropped.
    public func wait(until deadline: Deadline? = nil) throws(RequestFailure) -> JSONValue {
        if let result = promise.wait(until: deadline) { return try result.get() }
        if connection.settle(id, .failure(.timedOut)) { throw .timedOut }
        // It came between the two lines above.
        return try (promise.wait() ?? .failure(.timedOut)).get()
    }

    /// Tells the other side that the answer is not wanted any more; `wait` fails with `.cancelled`.
    public func cancel() {
        connection.cancel(id)
    }
}

/// Why a request has no result.
public enum RequestFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The other side answered with an error.
    case answered(ResponseError)
    /// The connection ended first, or the request could not be sent.
    case closed
    case timedOut
    case cancelled

    public var description: String {
        switch self {
        case .answered(let error): error.description
        case .closed: "the connection has ended"
        case .timedOut: "no answer in time"
        case .cancelled: "cancelled"
        }
    }
}
