#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// CLOCK_MONOTONIC in milliseconds: the same for all processes of the machine, as the host protocol's `expires`.
public func monotonicMilliseconds() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) * 1000 + Double(now.tv_nsec) / 1_000_000
}

/// The moment after which waiting makes no sense any more.
public struct Deadline: Sendable, Comparable {
    /// CLOCK_MONOTONIC in milliseconds.
    public var milliseconds: Double

    /// A moment of CLOCK_MONOTONIC, in milliseconds.
    public init(milliseconds: Double) {
        self.milliseconds = milliseconds
    }

    /// So many milliseconds from now.
    public static func after(_ milliseconds: Double) -> Deadline {
        Deadline(milliseconds: monotonicMilliseconds() + milliseconds)
    }

    public static func < (left: Deadline, right: Deadline) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// Milliseconds that are left; negative when the moment has passed.
    public var remaining: Double { milliseconds - monotonicMilliseconds() }

    public var hasPassed: Bool { remaining <= 0 }

    /// For `poll`: whole milliseconds, rounded up, never negative.
    var pollTimeout: Int32 {
        Int32(max(0, min(remaining.rounded(.up), 1_000_000_000)))
    }

    /// For `pthread_cond_timedwait` on the monotonic clock.
    var timespec: timespec {
        let whole = max(0, min(milliseconds, 1e15))
        let seconds = (whole / 1000).rounded(.down)
        let nanoseconds = ((whole - seconds * 1000) * 1_000_000).rounded(.down)
        #if canImport(Glibc)
            return Glibc.timespec(tv_sec: Int(seconds), tv_nsec: Int(min(nanoseconds, 999_999_999)))
        #else
            return Darwin.timespec(tv_sec: Int(seconds), tv_nsec: Int(min(nanoseconds, 999_999_999)))
        #endif
    }
}
