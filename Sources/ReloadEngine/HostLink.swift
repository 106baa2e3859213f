import JSONRPC
import Platform

/// The connection to one host. Its answers come on a thread of its own, so that no host holds up another one.
final class HostLink: Sendable {
    /// The socket that the host listens on.
    let socket: String
    /// The process that listens on it, as the system says; 0 where it does not.
    let process: Int
    private let connection: Connection
    private let spoke: @Sendable (HostLink) -> Void

    /// Calls the host. Blocks while the host's queue of callers is full, as that of a stopped program can be.
    ///
    /// `spoke`: it answered a request that had been given up. `outdated`: something stale that it has listed may be gone.
    /// `used`: old code was called since the last reload, and the host has been asked to notice.
    /// `trapped`: code that it called has trapped, and what it did about that.
    /// `ended`: once, at the end of the connection.
    init(
        socket: String, spoke: @escaping @Sendable (HostLink) -> Void,
        outdated: @escaping @Sendable (HostLink) -> Void, used: @escaping @Sendable (HostLink) -> Void,
        trapped: @escaping @Sendable (HostLink, JSONValue) -> Void, ended: @escaping @Sendable (HostLink) -> Void
    ) throws {
        self.socket = socket
        self.spoke = spoke
        let descriptor = try connectToUnixSocket(socket)
        do {
            let peer = try peerCredentials(of: descriptor)
            guard peer.userID == Environment.userID else {
                throw ProtocolViolation(message: "it belongs to another user")
            }
            process = peer.processID
        } catch {
            descriptor.close()
            throw error
        }
        var options = Connection.Options()
        options.waitsWhenFull = false
        connection = Connection(socket: descriptor, options: options)
        try connection.start { [self] incoming in
            switch incoming {
            case .request(let request): connection.answer(request.id, .failure(.methodNotFound(request.method)))
            case .notification(let notification) where notification.method == "scan/outdated": outdated(self)
            case .notification(let notification) where notification.method == "scan/used": used(self)
            case .notification(let notification) where notification.method == "plugins/trapped":
                trapped(self, notification.params)
            case .notification, .malformed: break
            case .closed: ended(self)
            }
        }
    }

    /// Sends a request whose answer will be waited for.
    func ask(_ method: String, _ params: JSONValue) -> HostReply {
        let reply = HostReply()
        connection.send(method, params) { [self] result in
            if !reply.settle(result), result != .failure(.closed) { spoke(self) }
        }
        return reply
    }

    /// Sends a request whose answer comes whenever it comes, on the connection's thread.
    func ask(
        _ method: String, _ params: JSONValue,
        completion: @escaping @Sendable (Result<JSONValue, RequestFailure>) -> Void
    ) {
        connection.send(method, params, completion: completion)
    }

    func close() {
        connection.close()
    }
}

/// The answer to one request, which is still to come.
final class HostReply: Sendable {
    private enum State {
        case waiting
        case answered(Result<JSONValue, RequestFailure>)
        case abandoned
    }

    private let state = Monitor(State.waiting)

    /// False if nobody waits for it any more.
    fileprivate func settle(_ result: Result<JSONValue, RequestFailure>) -> Bool {
        state.update { state in
            guard case .waiting = state else { return false }
            state = .answered(result)
            return true
        }
    }

    /// Waits for the answer; nil when the deadline passed first, and it can still be waited for again.
    func peek(until deadline: Deadline) -> Result<JSONValue, RequestFailure>? {
        state.wait(until: deadline) { state in
            guard case .answered(let result) = state else { return nil }
            return result
        }
    }

    /// Waits for the answer; after the deadline, a late answer only shows that the host speaks again.
    func wait(until deadline: Deadline) -> Result<JSONValue, RequestFailure> {
        if let result = peek(until: deadline) { return result }
        return state.withLock { state in
            if case .answered(let result) = state { return result }
            state = .abandoned
            return .failure(.timedOut)
        }
    }
}
