import Platform

/// Until when a program is waited for. The time in which it was ready to go on and got no processor does not count: on a machine
/// with more to do than it can, a program that answers late is not one that hangs.
struct Patience {
    private(set) var deadline: Deadline
    /// Milliseconds that may still be added.
    private var rest: Double
    /// When it was last asked for.
    private var delay: Double?

    /// - Parameter atMost: milliseconds that the deadline is moved by at most, in all.
    init(until deadline: Deadline, atMost: Double) {
        self.deadline = deadline
        rest = atMost
    }

    /// To be asked now and then, and when the deadline has passed, which is moved by what the program has waited for a processor since
    /// the first time: most answers come before that, and cost nothing.
    /// - Parameter now: what `processorDelay` says.
    /// - Returns: whether there is more to wait.
    mutating func goesOn(delay now: Double) -> Bool {
        guard let last = delay else {
            delay = now
            return !deadline.hasPassed
        }
        guard deadline.hasPassed else { return true }
        let more = min(now - last, rest)
        delay = now
        guard more >= 1 else { return false }
        rest -= more
        deadline = .after(more)
        return true
    }
}

/// How long the thread of a process that waited longest for a processor has done so since it was started, in milliseconds; 0
/// where the system does not say.
func processorDelay(processID: Int) -> Double {
    let folder = "/proc/\(processID)/task"
    let threads = (try? namesInFolder(folder)) ?? []
    return threads.lazy.compactMap { thread in
        // Time that it ran and time that it waited, both in nanoseconds, and how often it began.
        guard let text = try? readFile("\(folder)/\(thread)/schedstat", limit: 4096) else { return nil }
        let numbers = String(decoding: text, as: UTF8.self).split(separator: " ")
        return numbers.count > 1 ? Double(numbers[1]).map { $0 / 1_000_000 } : nil
    }.max() ?? 0
}
