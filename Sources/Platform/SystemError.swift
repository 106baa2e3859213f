// Platform: the little of POSIX that Afresh needs, for Swift 6 and without Foundation.
//
// FileDescriptor    reading, writing, pipes                Files        whole files, folders, real paths
// Monitor, Mailbox  state shared between threads           WorkerThread a thread with a stack of a known size
// UnixSocket        listen, connect, peer credentials      ChildProcess posix_spawn with pipes, waitpid
// Deadline          monotonic time in milliseconds         Environment  variables, process ids
//
// Every descriptor made here is close-on-exec. Call `ignoreBrokenPipes()` once at start.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A system call that failed: what was tried, on what, and `errno`.
public struct SystemError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The value of `errno`.
    public var code: Int32
    /// What was tried: "open", "connect".
    public var operation: String
    /// The file or address that it was tried on.
    public var subject: String?

    public init(code: Int32, operation: String, subject: String? = nil) {
        self.code = code
        self.operation = operation
        self.subject = subject
    }

    /// The error that the calling thread's last system call left in `errno`.
    public static func last(_ operation: String, _ subject: String? = nil) -> SystemError {
        SystemError(code: errno, operation: operation, subject: subject)
    }

    /// The system's words for the error: "No such file or directory".
    public var reason: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
        return string(fromTerminated: buffer)
    }

    public var description: String {
        guard let subject else { return "\(operation): \(reason)" }
        return "\(operation) \(subject): \(reason)"
    }
}

/// The text before the first zero byte; invalid UTF-8 is replaced.
func string(fromTerminated buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Repeats a system call for as long as a signal interrupts it.
@inline(__always)
func retryingOnInterrupt<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result != -1 || errno != EINTR { return result }
    }
}
