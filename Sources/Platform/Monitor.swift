#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// State that threads share: a mutex, a condition variable, and what they guard.
///
/// Do not call a method of the same monitor from within its closures: it would wait for itself.
public final class Monitor<State>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var state: State
    private var waiting = 0

    public init(_ state: sending State) {
        self.state = state
        // All that the allocator gives for it: a search of a program's memory finds nothing there that was left by something else.
        let size = (MemoryLayout<pthread_cond_t>.size + 8) / 16 * 16 + 8
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        memset(memory, 0, size)
        condition = memory.assumingMemoryBound(to: pthread_cond_t.self)
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        #if canImport(Glibc)
            pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        #endif
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Reads or changes the state without waking anybody.
    public func withLock<Result>(_ body: (inout State) throws -> Result) rethrows -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&state)
    }

    /// Changes the state and wakes everybody who waits for a change of it.
    public func update<Result>(_ body: (inout State) throws -> Result) rethrows -> Result {
        pthread_mutex_lock(mutex)
        defer { unlockAndWake() }
        return try body(&state)
    }

    /// Waits until `body` gives a value; it is asked at once and then after each `update`. What `body` changes wakes the others.
    /// - Returns: nil when the deadline passed first.
    public func wait<Result>(until deadline: Deadline? = nil, _ body: (inout State) throws -> Result?) rethrows
        -> Result?
    {
        pthread_mutex_lock(mutex)
        var isChanged = false
        defer { if isChanged { unlockAndWake() } else { pthread_mutex_unlock(mutex) } }
        while true {
            if let result = try body(&state) {
                isChanged = true
                return result
            }
            waiting += 1
            defer { waiting -= 1 }
            guard let deadline else {
                pthread_cond_wait(condition, mutex)
                continue
            }
            guard !deadline.hasPassed else { return nil }
            waitOnce(until: deadline)
        }
    }

    /// In this order: who is woken while the mutex is held would have to wait again at once.
    private func unlockAndWake() {
        let somebodyWaits = waiting > 0
        pthread_mutex_unlock(mutex)
        if somebodyWaits { pthread_cond_broadcast(condition) }
    }

    private func waitOnce(until deadline: Deadline) {
        #if canImport(Glibc)
            var moment = deadline.timespec
            pthread_cond_timedwait(condition, mutex, &moment)
        #else
            var rest = Deadline(milliseconds: max(0, deadline.remaining)).timespec
            pthread_cond_timedwait_relative_np(condition, mutex, &rest)
        #endif
    }
}

/// A value that another thread will give, once.
public final class Promise<Value: Sendable>: Sendable {
    private let value = Monitor<Value?>(nil)

    public init() {}

    /// Gives the value. Only the first one counts.
    /// - Returns: whether this was the first.
    @discardableResult
    public func fulfil(_ newValue: Value) -> Bool {
        value.update { current in
            guard current == nil else { return false }
            current = newValue
            return true
        }
    }

    /// Waits for the value; nil when the deadline passed first.
    public func wait(until deadline: Deadline? = nil) -> Value? {
        value.wait(until: deadline) { $0 }
    }
}
