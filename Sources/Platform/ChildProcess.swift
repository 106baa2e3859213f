import LinuxCalls

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A program started by this one.
public final class ChildProcess: Sendable {
    /// Where one of the child's standard streams goes.
    public enum Stream: Sendable {
        /// The same as ours.
        case inherited
        /// `/dev/null`.
        case null
        /// A pipe, whose other end is `input`, `output` or `error` of the child.
        case pipe
        case descriptor(FileDescriptor)
    }

    /// How a program ended.
    public enum Ending: Sendable, Equatable {
        case exited(code: Int32)
        case signalled(Int32)
    }

    public struct Options: Sendable {
        public var input = Stream.inherited
        public var output = Stream.inherited
        public var error = Stream.inherited
        /// What the child finds open from descriptor 3 on, besides its standard streams.
        public var passed: [FileDescriptor] = []
        /// "NAME=value"; nil: the same as ours.
        public var environment: [String]?
        /// Nil: the same as ours.
        public var workingDirectory: String?

        public init() {}
    }

    public let processID: Int
    /// Our ends of the pipes; whoever uses them closes them.
    public let input: FileDescriptor?
    public let output: FileDescriptor?
    public let error: FileDescriptor?
    private let ending = Monitor<Ending?>(nil)

    /// Starts a program.
    /// - Parameters:
    ///   - executable: a path; a name without "/" is looked up in `PATH`.
    ///   - arguments: without the program's own name.
    /// - Throws: `SystemError`; ENOENT when there is no such program.
    public init(_ executable: String, _ arguments: [String] = [], options: Options = Options()) throws {
        var streams = SpawnStreams()
        defer { streams.closeChildEnds() }
        let pid: pid_t
        do {
            try streams.prepare(options)
            pid = try spawn(executable, arguments, options, streams)
        } catch {
            streams.closeOwnEnds()
            throw error
        }
        processID = Int(pid)
        input = streams.own[0]
        output = streams.own[1]
        error = streams.own[2]
    }

    /// Waits for the end of the program. Blocks; nil only when the system says that there is no such child.
    public func wait() -> Ending? {
        reap(blocking: true)
    }

    /// How the program ended; nil while it runs.
    public func poll() -> Ending? {
        reap(blocking: false)
    }

    /// Waits for the end of the program at most until the deadline; nil when it still runs.
    public func wait(until deadline: Deadline) -> Ending? {
        while true {
            if let ending = poll() { return ending }
            if deadline.hasPassed { return nil }
            _ = usleep(2000)
        }
    }

    /// Sends a signal; does nothing once the end of the program has been seen.
    public func signal(_ number: Int32) {
        ending.withLock { ending in
            if ending == nil, let pid = pid_t(exactly: processID) { _ = kill(pid, number) }
        }
    }

    private func reap(blocking: Bool) -> Ending? {
        while true {
            // Only looks: the child stays a zombie, and its id its own, until the lock below is held.
            var information = siginfo_t()
            let flags = WEXITED | WNOWAIT | (blocking ? 0 : WNOHANG)
            if let known = ending.withLock({ $0 }) { return known }
            let code = waitid(P_PID, id_t(truncatingIfNeeded: processID), &information, flags)
            if code != 0 {
                if errno == EINTR { continue }
                return ending.withLock { $0 }
            }
            return ending.withLock { ending in
                if let ending { return ending }
                var status: Int32 = 0
                guard let pid = pid_t(exactly: processID), waitpid(pid, &status, WNOHANG) == pid else { return nil }
                let signal = status & 0x7f
                let result: Ending = signal == 0 ? .exited(code: (status >> 8) & 0xff) : .signalled(signal)
                ending = result
                return result
            }
        }
    }
}

/// The descriptors of a child that is being started.
private struct SpawnStreams {
    var child: [FileDescriptor?] = [nil, nil, nil]
    var own: [FileDescriptor?] = [nil, nil, nil]
    var closedAfterwards: [FileDescriptor] = []

    mutating func prepare(_ options: ChildProcess.Options) throws {
        child += options.passed.map { $0 }
        for (index, stream) in [options.input, options.output, options.error].enumerated() {
            switch stream {
            case .inherited: break
            case .descriptor(let descriptor): child[index] = descriptor
            case .null:
                let raw = open("/dev/null", O_RDWR | O_CLOEXEC)
                guard raw >= 0 else { throw SystemError.last("open", "/dev/null") }
                child[index] = FileDescriptor(rawValue: raw)
                closedAfterwards.append(FileDescriptor(rawValue: raw))
            case .pipe:
                let pipe = try FileDescriptor.pipe()
                let theirs = index == 0 ? pipe.read : pipe.write
                child[index] = theirs
                own[index] = index == 0 ? pipe.write : pipe.read
                closedAfterwards.append(theirs)
            }
        }
    }

    func closeChildEnds() {
        for descriptor in closedAfterwards { descriptor.close() }
    }

    func closeOwnEnds() {
        for descriptor in own { descriptor?.close() }
    }
}

private func spawn(
    _ executable: String, _ arguments: [String], _ options: ChildProcess.Options, _ streams: SpawnStreams
) throws -> pid_t {
    #if canImport(Glibc)
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
    #else
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // We ignore SIGPIPE; the child starts as if we did not.
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigaddset(&signals, SIGPIPE)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))

    var copies: [FileDescriptor] = []
    defer { for copy in copies { copy.close() } }
    for (number, descriptor) in streams.child.enumerated() {
        guard var descriptor else { continue }
        if descriptor.rawValue < streams.child.count {
            // dup2 onto itself would leave close-on-exec set, and the first ones may be overwritten before they are used.
            descriptor = try descriptor.duplicate(from: streams.child.count)
            copies.append(descriptor)
        }
        posix_spawn_file_actions_adddup2(&actions, descriptor.rawValue, Int32(truncatingIfNeeded: number))
    }
    if let folder = options.workingDirectory {
        #if canImport(Glibc)
            let code = withUnsafeMutablePointer(to: &actions) { addChangeDirectory($0, folder) }
            guard code == 0 else { throw SystemError(code: code, operation: "start in a folder", subject: folder) }
        #else
            posix_spawn_file_actions_addchdir_np(&actions, folder)
        #endif
    }
    var argumentPointers = ([executable] + arguments).map { strdup($0) } + [nil]
    defer { for pointer in argumentPointers { free(pointer) } }
    var environmentPointers = (options.environment ?? Environment.all).map { strdup($0) } + [nil]
    defer { for pointer in environmentPointers { free(pointer) } }
    var pid = pid_t()
    let code = descriptorLock.withLock { _ in
        posix_spawnp(&pid, executable, &actions, &attributes, &argumentPointers, &environmentPointers)
    }
    guard code == 0 else { throw SystemError(code: code, operation: "start", subject: executable) }
    return pid
}
