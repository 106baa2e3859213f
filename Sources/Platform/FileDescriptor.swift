#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// An open file, pipe or socket. Whoever opened it closes it, once.
public struct FileDescriptor: Sendable, Hashable {
    public var rawValue: Int32

    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    public static let standardInput = FileDescriptor(rawValue: 0)
    public static let standardOutput = FileDescriptor(rawValue: 1)
    public static let standardError = FileDescriptor(rawValue: 2)

    /// Reads what is there, at most the size of `buffer`, and waits only while there is nothing.
    /// - Returns: the number of bytes read; 0 at the end of the input.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard let base = buffer.baseAddress, !buffer.isEmpty else { return 0 }
        let count = retryingOnInterrupt { systemRead(rawValue, base, buffer.count) }
        guard count >= 0 else { throw SystemError.last("read") }
        return count
    }

    /// Writes all bytes, however many calls it takes.
    public func writeAll(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try writeAll($0) }
    }

    /// Writes all bytes, however many calls it takes.
    public func writeAll(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest)
            let count = retryingOnInterrupt { systemWrite(rawValue, piece.baseAddress, piece.count) }
            if count < 0, errno == EAGAIN || errno == EWOULDBLOCK {
                try waitUntilReady(POLLOUT)
                continue
            }
            guard count >= 0 else { throw SystemError.last("write") }
            rest = rest.dropFirst(count)
        }
    }

    /// Writes as much as a pipe or socket takes without waiting.
    /// - Returns: how many bytes that were. An error looks as if it took none: whoever waits for room finds out what is wrong.
    public func writeAtOnce(_ bytes: UnsafeRawBufferPointer) -> Int {
        var count = max(0, send(rawValue, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT)))
        while count < bytes.count, (try? waitUntilReady(Int32(POLLOUT), deadline: .after(0))) == true {
            // One that says that it is writable takes that many (POSIX: `PIPE_BUF`, 4096 on Linux, 512 at least).
            let piece = UnsafeRawBufferPointer(rebasing: bytes[count...].prefix(Int(PIPE_BUF)))
            let taken = retryingOnInterrupt { systemWrite(rawValue, piece.baseAddress, piece.count) }
            guard taken > 0 else { break }
            count += taken
        }
        return count
    }

    /// What comes until the end of the stream.
    /// - Returns: nil when the deadline passed first.
    public func readToEnd(until deadline: Deadline? = nil) throws -> [UInt8]? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while try waitUntilReady(Int32(POLLIN), deadline: deadline) {
            let count = try buffer.withUnsafeMutableBytes { try read(into: $0) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
        return nil
    }

    /// Writes text, for messages to people; errors are ignored, there is nobody left to tell.
    public func print(_ text: String) {
        try? writeAll(Array(text.utf8))
    }

    /// Closes the descriptor. Not to be called twice: the number may belong to another file by then.
    public func close() {
        _ = systemClose(rawValue)
    }

    /// Another descriptor for the same open file, with that number or a higher one.
    public func duplicate(from lowest: Int = 3) throws -> FileDescriptor {
        let copy = fcntl(rawValue, F_DUPFD_CLOEXEC, Int32(clamping: lowest))
        guard copy >= 0 else { throw SystemError.last("dup") }
        return FileDescriptor(rawValue: copy)
    }

    /// Makes `target` another name of this open file, as `dup2`; `target` survives `exec`.
    public func replace(_ target: FileDescriptor) throws {
        guard retryingOnInterrupt({ dup2(rawValue, target.rawValue) }) >= 0 else { throw SystemError.last("dup2") }
    }

    /// Whether it is a terminal.
    public var isTerminal: Bool { isatty(rawValue) == 1 }

    /// Waits until reading or writing (`POLLIN`, `POLLOUT`) would not block.
    /// - Returns: false when the deadline passed first.
    @discardableResult
    public func waitUntilReady(_ events: Int32, deadline: Deadline? = nil) throws -> Bool {
        while true {
            var entry = pollfd(fd: rawValue, events: Int16(truncatingIfNeeded: events), revents: 0)
            let ready = poll(&entry, 1, deadline?.pollTimeout ?? -1)
            if ready > 0 { return true }
            if ready < 0, errno != EINTR { throw SystemError.last("poll") }
            if let deadline, deadline.hasPassed { return false }
        }
    }

    /// Ends a socket in both directions, so that a thread that waits in `read` wakes up.
    public func shutDown() {
        _ = shutdown(rawValue, shutdownBoth)
    }

    /// Keeps it from programs that this one starts.
    public func setCloseOnExec() throws {
        guard fcntl(rawValue, F_SETFD, FD_CLOEXEC) >= 0 else { throw SystemError.last("fcntl") }
    }

    /// A pipe: what is written to `write` can be read from `read`.
    public static func pipe() throws -> (read: FileDescriptor, write: FileDescriptor) {
        try descriptorLock.withLock { _ in
            var ends: [Int32] = [-1, -1]
            guard systemPipe(&ends) == 0, let first = ends.first, let last = ends.last else {
                throw SystemError.last("pipe")
            }
            let pair = (read: FileDescriptor(rawValue: first), write: FileDescriptor(rawValue: last))
            try pair.read.setCloseOnExec()
            try pair.write.setCloseOnExec()
            return pair
        }
    }
}

/// Held while a descriptor exists that is not yet close-on-exec, and while a child is started: none leaks into the child.
let descriptorLock = Monitor(())

/// Makes writing to a closed pipe or socket an error instead of the end of the process.
public func ignoreBrokenPipes() {
    _ = signal(SIGPIPE, SIG_IGN)
}

/// Moves standard output away, so that nothing but its new owner can write to it: descriptor 1 becomes standard error.
public func takeStandardOutput() throws -> FileDescriptor {
    let taken = try FileDescriptor.standardOutput.duplicate()
    try FileDescriptor.standardError.replace(.standardOutput)
    return taken
}

#if canImport(Glibc)
    private let systemRead = Glibc.read
    private let systemWrite = Glibc.write
    private let systemClose = Glibc.close
    private let systemPipe: @Sendable (UnsafeMutablePointer<Int32>) -> Int32 = { Glibc.pipe($0) }
    private let shutdownBoth = Int32(SHUT_RDWR)
#else
    private let systemRead = Darwin.read
    private let systemWrite = Darwin.write
    private let systemClose = Darwin.close
    private let systemPipe: @Sendable (UnsafeMutablePointer<Int32>) -> Int32 = { Darwin.pipe($0) }
    private let shutdownBoth = Int32(SHUT_RDWR)
#endif
