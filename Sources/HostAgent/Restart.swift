import HostCalls
import Platform

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// `restart` of the host protocol: the program begins anew, in the same process, with the arguments, folder and environment that it had.
///
/// First it is asked to end as by `exit(0)`; once what it has registered with `atexit` is done, or after a while if it does not come
/// to that, this process executes the program again.
enum Restart {
    /// Milliseconds that a program has to end by itself.
    private static let patience = 3000.0

    private struct Start {
        var folder: String?
        var mask: sigset_t
        var processID: Int
    }

    private static let start = Monitor<Start?>(nil)
    private static let isWanted = Monitor(false)

    /// Whether `afresh run` started this process, so that a person may expect that it can begin anew.
    static var isPossible: Bool {
        Environment.variable("AFRESH_RUN_PID") == String(Environment.processID) && start.withLock { $0 != nil }
    }

    /// Remembers how the program was started; called once, on a thread of the program.
    static func prepare() {
        var mask = sigset_t()
        pthread_sigmask(SIG_SETMASK, nil, &mask)
        start.withLock {
            $0 = Start(folder: Environment.workingDirectory, mask: mask, processID: Environment.processID)
        }
        atexit {
            if Restart.isWanted.withLock({ $0 }) { Restart.execute() }
        }
    }

    /// Returns at once.
    static func begin() {
        let isFirst = isWanted.update { isWanted in
            defer { isWanted = true }
            return !isWanted
        }
        guard isFirst else { return }
        _ = try? WorkerThread {
            // The answer is on its way.
            _ = Monitor(()).wait(until: .after(50)) { _ -> Bool? in nil }
            exit(0)
        }
        _ = try? WorkerThread {
            _ = Monitor(()).wait(until: .after(patience)) { _ -> Bool? in nil }
            execute()
        }
    }

    private static func execute() {
        guard let start = start.withLock({ $0 }), start.processID == Environment.processID,
            let path = Environment.executablePath
        else { return }
        afresh_flush_output()
        endChildren()
        if let folder = start.folder { _ = chdir(folder) }
        var mask = start.mask
        // A program that was built anew stands where the former one stood.
        let program = path.hasSuffix(" (deleted)") ? String(path.dropLast(" (deleted)".count)) : path
        let arguments = words(of: "cmdline") ?? CommandLine.arguments
        let environment = words(of: "environ") ?? Environment.all
        pthread_sigmask(SIG_SETMASK, &mask, nil)
        withStrings(arguments) { arguments in
            withStrings(environment) { environment in _ = execve(program, arguments, environment) }
        }
    }

    /// What the system says of how the process was started.
    static func words(of name: String) -> [String]? {
        guard let bytes = try? readFile("/proc/self/\(name)"), !bytes.isEmpty else { return nil }
        return bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast().map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// Processes that outlive their program would run beside the new ones.
    private static func endChildren() {
        for task in (try? namesInFolder("/proc/self/task")) ?? [] {
            let children = (try? readFile("/proc/self/task/\(task)/children")) ?? []
            for child in String(decoding: children, as: UTF8.self).split(separator: " ") {
                if let pid = pid_t(child) { kill(pid, SIGTERM) }
            }
        }
    }

    private static func withStrings(
        _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Void
    ) {
        var pointers: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        pointers.withUnsafeMutableBufferPointer { pointers in
            if let base = pointers.baseAddress { body(base) }
        }
    }
}
