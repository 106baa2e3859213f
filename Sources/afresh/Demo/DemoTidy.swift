import Platform

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the demo leaves behind if nobody tidies up: a folder and two processes.
final class DemoTidy: Sendable {
    private struct Things: Sendable {
        var processes: [ChildProcess] = []
        var isDone = false
        var isInterrupted = false
    }

    enum Interruption: Error {
        case byUser
    }

    /// Without symbolic links; only the user may enter it.
    let folder: String
    private let things = Monitor(Things())

    /// Makes the folder.
    init() throws {
        var temporary = Environment.variable("TMPDIR") ?? "/tmp"
        if !temporary.hasPrefix("/") { temporary = "/tmp" }
        while temporary.count > 1, temporary.hasSuffix("/") { temporary.removeLast() }
        var template = Array("\(temporary)/afresh-demo-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else {
            let reason = SystemError.last("mkdtemp").reason
            throw DemoFailure(
                "A folder for the sample cannot be made in \(temporary): \(reason). Set TMPDIR to another one.")
        }
        let path = String(cString: made)
        folder = realPath(path) ?? path
    }

    /// Takes care of a process; one that comes too late is ended at once.
    func add(_ process: ChildProcess) {
        let isLate = things.withLock { things in
            if !things.isDone { things.processes.append(process) }
            return things.isDone
        }
        if isLate { end(process) }
    }

    /// Ends the processes and removes the folder. Any number of calls, from any thread.
    func tidy() {
        things.withLock { things in
            guard !things.isDone else { return }
            things.isDone = true
            for process in things.processes { process.signal(SIGTERM) }
            for process in things.processes { end(process) }
            removeTree(folder)
        }
    }

    /// Tidies up because the user wants the end; what fails from now on is of no interest.
    func interrupt() {
        things.withLock { $0.isInterrupted = true }
        tidy()
    }

    /// Throws `Interruption` once the user has asked for the end.
    func checkInterruption() throws {
        if things.withLock({ $0.isInterrupted }) { throw Interruption.byUser }
    }

    private func end(_ process: ChildProcess) {
        process.signal(SIGTERM)
        if process.wait(until: .after(2000)) == nil {
            process.signal(SIGKILL)
            _ = process.wait()
        }
    }
}

/// Why the demo could not go on; a sentence for a person.
struct DemoFailure: Error {
    var message: String

    init(_ message: String) {
        self.message = message
    }
}
