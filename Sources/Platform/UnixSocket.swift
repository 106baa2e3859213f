#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Who is at the other end of a Unix socket, as the kernel knows it.
public struct PeerCredentials: Sendable, Equatable {
    public var userID: UInt32
    /// 0 where the system does not say.
    public var processID: Int
}

/// A Unix stream socket that others can call.
///
/// It is bound under a name that starts with ".", set listening, and then renamed: a name that can be seen can be called.
public final class UnixListener: Sendable {
    public let path: String
    private let socket: FileDescriptor
    /// Becomes readable when the listener is closed: not every system wakes a thread that waits for a socket that is shut down.
    private let alarm: (read: FileDescriptor, write: FileDescriptor)
    private let isClosed = Monitor(false)

    /// - Parameters:
    ///   - folder: an existing folder.
    ///   - name: the name in it, without a leading dot.
    public init(folder: String, name: String) throws {
        path = "\(folder)/\(name)"
        let hidden = "\(folder)/.\(name)"
        let alarm = try FileDescriptor.pipe()
        let socket: FileDescriptor
        do {
            socket = try makeSocket()
        } catch {
            alarm.read.close()
            alarm.write.close()
            throw error
        }
        do {
            guard try withAddress(hidden, { bind(socket.rawValue, $0, $1) }) == 0 else {
                throw SystemError.last("bind", hidden)
            }
            guard listen(socket.rawValue, 64) == 0 else { throw SystemError.last("listen", hidden) }
            try renameFile(hidden, to: path)
        } catch {
            removeFile(hidden)
            socket.close()
            alarm.read.close()
            alarm.write.close()
            throw error
        }
        self.socket = socket
        self.alarm = alarm
    }

    /// Waits for a caller.
    /// - Returns: nil when the listener was closed, or the deadline passed.
    public func accept(until deadline: Deadline? = nil) throws -> FileDescriptor? {
        while true {
            var entries = [
                pollfd(fd: socket.rawValue, events: Int16(POLLIN), revents: 0),
                pollfd(fd: alarm.read.rawValue, events: Int16(POLLIN), revents: 0)
            ]
            let ready = poll(&entries, 2, deadline?.pollTimeout ?? -1)
            if ready < 0, errno != EINTR { throw SystemError.last("poll", path) }
            if isClosed.withLock({ $0 }) { return nil }
            if ready <= 0 {
                if let deadline, deadline.hasPassed { return nil }
                continue
            }
            let caller: FileDescriptor? = try descriptorLock.withLock { _ in
                let raw = retryingOnInterrupt { systemAccept(socket.rawValue, nil, nil) }
                if raw < 0 {
                    if errno == ECONNABORTED || errno == EAGAIN { return nil }
                    if errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS {
                        // The caller waits in the queue until there is room again.
                        _ = usleep(50_000)
                        return nil
                    }
                    if isClosed.withLock({ $0 }) { return nil }
                    throw SystemError.last("accept", path)
                }
                let caller = FileDescriptor(rawValue: raw)
                try caller.setCloseOnExec()
                return caller
            }
            if let caller { return caller }
        }
    }

    /// Removes the name and wakes whoever waits in `accept`. Safe to call twice.
    public func close() {
        let first = isClosed.withLock { closed in
            defer { closed = true }
            return !closed
        }
        guard first else { return }
        removeFile(path)
        socket.shutDown()
        try? alarm.write.writeAll([0])
    }

    deinit {
        close()
        socket.close()
        alarm.read.close()
        alarm.write.close()
    }
}

/// Calls a Unix socket.
/// - Throws: `SystemError` with ECONNREFUSED when the name is there and nobody listens.
public func connectToUnixSocket(_ path: String) throws -> FileDescriptor {
    let socket = try makeSocket()
    do {
        guard
            try withAddress(
                path,
                { address, size in
                    retryingOnInterrupt { connect(socket.rawValue, address, size) }
                }) == 0
        else { throw SystemError.last("connect", path) }
        return socket
    } catch {
        socket.close()
        throw error
    }
}

/// Two sockets that are connected with each other.
public func connectedSockets() throws -> (FileDescriptor, FileDescriptor) {
    try descriptorLock.withLock { _ in
        var ends: [Int32] = [-1, -1]
        #if canImport(Glibc)
            let kind = Int32(SOCK_STREAM.rawValue)
        #else
            let kind = SOCK_STREAM
        #endif
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0, let first = ends.first, let last = ends.last else {
            throw SystemError.last("socketpair")
        }
        let pair = (FileDescriptor(rawValue: first), FileDescriptor(rawValue: last))
        try pair.0.setCloseOnExec()
        try pair.1.setCloseOnExec()
        return pair
    }
}

/// Who is at the other end.
public func peerCredentials(of socket: FileDescriptor) throws -> PeerCredentials {
    #if canImport(Glibc)
        // `struct ucred` {pid, uid, gid}, which Glibc's module does not show.
        var credentials: [UInt32] = [0, 0, 0]
        var size = socklen_t(12)
        guard getsockopt(socket.rawValue, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0, size == 12 else {
            throw SystemError.last("peer credentials")
        }
        return PeerCredentials(userID: credentials[1], processID: Int(credentials[0]))
    #else
        var user = uid_t()
        var group = gid_t()
        guard getpeereid(socket.rawValue, &user, &group) == 0 else { throw SystemError.last("peer credentials") }
        return PeerCredentials(userID: user, processID: 0)
    #endif
}

private func makeSocket() throws -> FileDescriptor {
    #if canImport(Glibc)
        let raw = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard raw >= 0 else { throw SystemError.last("socket") }
        return FileDescriptor(rawValue: raw)
    #else
        return try descriptorLock.withLock { _ in
            let raw = socket(AF_UNIX, SOCK_STREAM, 0)
            guard raw >= 0 else { throw SystemError.last("socket") }
            let descriptor = FileDescriptor(rawValue: raw)
            try descriptor.setCloseOnExec()
            return descriptor
        }
    #endif
}

/// Calls `body` with the socket address of a path.
private func withAddress<Result>(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Result
) throws -> Result {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    let fits = withUnsafeMutableBytes(of: &address.sun_path) { buffer -> Bool in
        guard bytes.count < buffer.count else { return false }
        buffer.copyBytes(from: bytes)
        return true
    }
    guard fits else { throw SystemError(code: ENAMETOOLONG, operation: "socket address", subject: path) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    return try withUnsafePointer(to: &address) { pointer in
        try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { try body($0, size) }
    }
}

#if canImport(Glibc)
    private let systemAccept = Glibc.accept
#else
    private let systemAccept = Darwin.accept
#endif
