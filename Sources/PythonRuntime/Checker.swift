import JSONRPC
import Platform
import ReloadEngine

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// One checker process, of one interpreter. See `CheckerProtocol.md`.
final class Checker: Sendable {
    /// What the interpreter says that it is.
    struct Identity: Sendable {
        var version: String
        /// The bytecode's magic number in hex.
        var magic: String
    }

    /// The code of the error that a preview is answered with when something else was asked meanwhile.
    static let preempted = -32800

    let executable: String
    private let process: ChildProcess
    private let connection: Connection
    private let greeting: Reply

    /// Starts the process; it gets ready while others go on.
    init(executable: String, agent: AgentFolder) throws {
        self.executable = executable
        var options = ChildProcess.Options()
        // A socket takes a text in one piece, a pipe in one for each page, and the checker would wake up for the first of them.
        let (input, theirs) = try connectedSockets()
        defer { theirs.close() }
        options.input = .descriptor(theirs)
        options.output = .pipe
        options.error = .null
        // Isolated and without site: no file of the user's runs in it, and it starts in a third of the time.
        do {
            process = try ChildProcess(executable, ["-I", "-S", "\(agent.path)/checker"], options: options)
        } catch {
            input.close()
            throw error
        }
        guard let output = process.output else { throw SystemError(code: EBADF, operation: "start", subject: executable) }
        connection = Connection(input: output, output: input)
        try connection.start { _ in }
        greeting = connection.send("hello", .object([:]))
    }

    /// Waits until it is ready.
    func identity(until deadline: Deadline) throws(RequestFailure) -> Identity {
        let value = try greeting.wait(until: deadline)
        return Identity(version: value["version"]?.stringValue ?? "", magic: value["magic"]?.stringValue ?? "")
    }

    func ask(_ method: String, _ params: JSONValue, until deadline: Deadline) throws(RequestFailure) -> JSONValue {
        try connection.send(method, params).wait(until: deadline)
    }

    var isRunning: Bool { !connection.isEnded && process.poll() == nil }

    /// Ends the process at once.
    func kill() {
        process.signal(SIGKILL)
        _ = process.wait()
    }

    /// Ends the process; kills it where it does not end by itself.
    func stop() {
        connection.close()
        if process.wait(until: .after(50)) == nil { kill() }
    }
}

/// The checkers of all interpreters that are in use, one for each.
final class CheckerPool: Sendable {
    private struct State {
        var checkers: [String: Checker] = [:]
        var agent: AgentFolder?
        var isStopped = false
    }

    private let state = Monitor(State())

    /// The interpreter's checker, started if it does not run.
    func checker(_ executable: String) throws(RuntimeFailure) -> Checker {
        do {
            return try state.withLock { state in
                if let checker = state.checkers[executable], checker.isRunning { return checker }
                guard !state.isStopped else { throw RuntimeFailure("The checker has been stopped.") }
                let agent = try state.agent ?? AgentFolder.install()
                state.agent = agent
                let checker = try Checker(executable: executable, agent: agent)
                state.checkers[executable] = checker
                return checker
            }
        } catch let error as RuntimeFailure {
            throw error
        } catch let error as AgentFolder.Failure {
            throw RuntimeFailure(error.message)
        } catch {
            let reason = (error as? SystemError)?.reason ?? "\(error)"
            throw RuntimeFailure("The interpreter \(executable) cannot be started (\(reason)).")
        }
    }

    /// Asks a checker; one that dies meanwhile is started again, once.
    func ask(
        _ executable: String, _ method: String, _ params: JSONValue, limit: Double
    ) throws(RuntimeFailure) -> JSONValue {
        for _ in 0..<2 {
            let checker = try checker(executable)
            do {
                return try checker.ask(method, params, until: .after(limit))
            } catch {
                switch error {
                case .answered(let error):
                    throw RuntimeFailure("\(executable) could not check the text: \(error.message)")
                case .timedOut:
                    remove(checker)
                    throw RuntimeFailure(
                        "\(executable) did not finish checking the text within \(Int(limit / 1000)) s.")
                case .closed, .cancelled:
                    remove(checker)
                }
            }
        }
        throw RuntimeFailure("\(executable) ended while it checked the text.")
    }

    func remove(_ checker: Checker) {
        state.withLock { state in
            if state.checkers[checker.executable] === checker { state.checkers[checker.executable] = nil }
        }
        checker.stop()
    }

    func stop() {
        let checkers = state.withLock { state in
            state.isStopped = true
            defer { state.checkers = [:] }
            return Array(state.checkers.values)
        }
        for checker in checkers { checker.stop() }
    }
}
