import Platform

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Turns the signals by which a person or a supervisor ends a command (SIGINT, SIGTERM, SIGHUP) into a call on a thread.
enum StopSignals {
    /// To be called once, before other threads are started: they inherit that the signals are left to this one.
    ///
    /// `handler` runs for the first signal; the second one ends the process at once.
    static func handle(_ handler: @escaping @Sendable (Int32) -> Void) throws {
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, signal) }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        _ = try WorkerThread {
            var signals = sigset_t()
            sigemptyset(&signals)
            for signal in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, signal) }
            var number: Int32 = 0
            guard sigwait(&signals, &number) == 0 else { return }
            handler(number)
            guard sigwait(&signals, &number) == 0 else { return }
            _exit(128 + number)
        }
    }
}
