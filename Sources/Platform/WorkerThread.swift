#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A POSIX thread that runs one closure.
public final class WorkerThread: Sendable {
    private let finished = Promise<Void>()

    /// Starts the thread.
    /// - Parameters:
    ///   - stackSize: bytes; only pages that are touched take memory.
    ///   - body: runs once on the thread.
    /// - Throws: `SystemError` when the system has no thread left.
    public init(stackSize: Int = 1 << 20, _ body: @escaping @Sendable () -> Void) throws {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, stackSize)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let finished = self.finished
        let start = Unmanaged.passRetained(
            ThreadStart {
                body()
                finished.fulfil(())
            })
        #if canImport(Glibc)
            var thread = pthread_t()
            let code = pthread_create(&thread, &attributes, { runThread($0) }, start.toOpaque())
        #else
            var thread: pthread_t?
            let code = pthread_create(&thread, &attributes, { runThread($0) }, start.toOpaque())
        #endif
        guard code == 0 else {
            start.release()
            throw SystemError(code: code, operation: "start a thread")
        }
    }

    /// Waits until the thread has run its closure.
    /// - Returns: false when the deadline passed first.
    @discardableResult
    public func join(until deadline: Deadline? = nil) -> Bool {
        finished.wait(until: deadline) != nil
    }
}

private final class ThreadStart: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }
}

private func runThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue().body()
    return nil
}
