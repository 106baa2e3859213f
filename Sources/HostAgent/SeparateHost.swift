import AfreshHost
import HostCalls
import JSONRPC
import Platform

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The process that the plugins of an isolated program live in. It is the program, started once more; where that comes to `Plugins.load`,
/// it serves the program until that has ended.
final class SeparateHost: Sendable {
    /// Of the environment: the process id of the program.
    static let variable = "AFRESH_PLUGINS_OF"
    /// Descriptors that the program hands over.
    static let channel: Int32 = 3
    static let lastWords: Int32 = 4

    private let table: PluginTable
    private let connection: Connection
    private let isRehearsed: Bool
    private let build: @Sendable () throws -> PluginBuildAnswer
    private let past = Monitor<RunningRecord?>(nil)

    /// Whether this process was started to be one.
    static var isWanted: Bool {
        guard let program = Environment.variable(variable), program == String(Environment.parentProcessID) else {
            return false
        }
        let peer = try? peerCredentials(of: FileDescriptor(rawValue: channel))
        return peer.map { String($0.processID) == program } ?? false
    }

    /// Serves the program, and ends the process.
    static func serve(
        _ table: PluginTable, isRehearsed: Bool, build: @escaping @Sendable () throws -> PluginBuildAnswer
    ) -> Never {
        unsetenv(variable)
        let (channel, lastWords) = (FileDescriptor(rawValue: channel), FileDescriptor(rawValue: lastWords))
        try? channel.setCloseOnExec()
        try? lastWords.setCloseOnExec()
        afresh_tell_traps(lastWords.rawValue)
        // What a terminal sends to both is for the program, whose end is followed.
        for number in [SIGINT, SIGQUIT, SIGHUP] { signal(number) { _ in } }
        let isOver = Promise<Void>()
        let host = SeparateHost(table, Connection(socket: channel), isRehearsed, build)
        withoutSignals {
            do {
                try host.connection.start { host.take($0, isOver) }
            } catch {
                isOver.fulfil(())
            }
        }
        host.connection.notify("here")
        isOver.wait()
        // What plugins have registered for the end may take its time, but not for ever.
        _ = try? WorkerThread {
            _ = Monitor(()).wait(until: .after(3000)) { _ -> Bool? in nil }
            _exit(0)
        }
        exit(0)
    }

    private init(
        _ table: PluginTable, _ connection: Connection, _ isRehearsed: Bool,
        _ build: @escaping @Sendable () throws -> PluginBuildAnswer
    ) {
        self.table = table
        self.connection = connection
        self.isRehearsed = isRehearsed
        self.build = build
    }

    private func take(_ incoming: Connection.Incoming, _ isOver: Promise<Void>) {
        switch incoming {
        case .request(let request) where request.method == "call": call(request)
        case .request(let request) where request.method == "start":
            let isStarted = start { [self] in
                do {
                    try begin(request.params)
                    connection.answer(request.id, .success(.object([:])))
                } catch {
                    connection.answer(request.id, .failure(SeparateHost.answer(error)))
                }
            }
            if !isStarted { connection.answer(request.id, .failure(SeparateHost.noThread)) }
        case .request(let request): connection.answer(request.id, .failure(.methodNotFound(request.method)))
        case .notification, .malformed: break
        case .closed: isOver.fulfil(())
        }
    }

    // MARK: Calls

    private func call(_ request: Request) {
        let isStarted = start { [self] in
            do {
                let types = request.params["types"]?.arrayValue?.compactMap(\.stringValue) ?? []
                guard let name = request.params["name"]?.stringValue,
                    let bytes = request.params["argument"]?.stringValue.flatMap(bytes(ofHex:))
                else { throw PluginError("a call that makes no sense") }
                let result = try PluginExchange.answer(name, types, bytes, in: table)
                connection.answer(request.id, .success(.object(["result": .string(hex(result))])))
            } catch {
                connection.answer(request.id, .failure(SeparateHost.answer(error)))
            }
        }
        if !isStarted { connection.answer(request.id, .failure(SeparateHost.noThread)) }
    }

    private static var noThread: ResponseError { answer(PluginError("the system has no thread left")) }

    private static func answer(_ error: any Error) -> ResponseError {
        let text = withoutGenerations("\(error)")
        let message = error is PluginError ? text : "\(withoutGenerations("\(type(of: error))")): \(text)"
        return ResponseError(code: -32000, message: message)
    }

    /// Code of plugins runs there: a trap ends the process.
    private func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        final class Box: Sendable {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        let box = Unmanaged.passRetained(Box(body))
        let isStarted = afresh_start_thread(
            { context in
                guard let context else { return }
                Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body()
            }, box.toOpaque())
        if !isStarted { box.release() }
        return isStarted
    }

    // MARK: The beginning

    private func begin(_ params: JSONValue) throws {
        var record = RunningRecord(params["record"])
        let ending = ProcessEnding(params["ending"])
        let before = record
        let withdrawn = ending.flatMap { record?.withdraw($0.calls) }
        let answer = try record.map { try PluginBuildAnswer($0.answer) } ?? build()
        let modules = LoadedModules(table: table, modules: answer.modules, isRehearsed: isRehearsed)
        try modules.loadFirst(record?.steps ?? answer.steps)
        if let record { past.withLock { $0 = record } }
        let agent = HostAgent(modules: modules, build: answer, separate: self)
        agent.isRestartable.withLock { $0 = params["restartable"]?.boolValue ?? false }
        if let ending {
            let trapped = before?.module(ending.calls)
            agent.former.withLock {
                $0 = agent.describe(ending, trapped: trapped, withdrawn: withdrawn, table)
            }
        }
        runningAgent.withLock { $0 = agent }
        remember(modules, answer)
        table.observe { [connection] in connection.notify("reloaded") }
        try withoutSignals { try agent.listen() }
    }

    /// Tells the program what runs, for the process that may have to go on with it.
    func remember(_ modules: LoadedModules, _ build: PluginBuildAnswer) {
        let before = past.withLock { $0?.states.dropLast() ?? [] }
        let states = (before + modules.record).suffix(LoadedModules.formerLimit)
        connection.notify("running", RunningRecord(answer: build.value, states: Array(states)).json)
    }

    func askForRestart() { connection.notify("restart") }
}

/// How a process of plugins has ended.
struct ProcessEnding: Sendable {
    /// 0: by itself.
    var signal: Int32
    /// With which code, then.
    var code: Int
    /// What it wrote before a trap ended it.
    var lastWords: String
    /// Exports that were being called.
    var names: [String]

    init(signal: Int32, code: Int, lastWords: String, names: [String]) {
        (self.signal, self.code, self.lastWords, self.names) = (signal, code, lastWords, names)
    }

    init?(_ value: JSONValue?) {
        guard let value, let signal = value["signal"]?.intValue else { return nil }
        self.init(
            signal: Int32(clamping: signal), code: value["code"]?.intValue ?? 0,
            lastWords: value["lastWords"]?.stringValue ?? "",
            names: value["names"]?.arrayValue?.compactMap(\.stringValue) ?? [])
    }

    var json: JSONValue {
        .object([
            "signal": .int(Int(signal)), "code": .int(code), "lastWords": .string(lastWords), "names": .strings(names)
        ])
    }

    /// Of the trap, innermost first; empty where it was none.
    var calls: [TrappedCall] { TrappedCall.parse(lastWords).calls }

    /// "signal 4".
    var what: String { signal != 0 ? "signal \(signal)" : "exit code \(code)" }
}

func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
        var next = 0
        for byte in bytes {
            buffer[next] = digits[Int(byte >> 4)]
            buffer[next + 1] = digits[Int(byte & 15)]
            next += 2
        }
        return next
    }
}

func bytes(ofHex text: String) -> [UInt8]? {
    func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 97...102: byte - 87
        default: nil
        }
    }
    var result: [UInt8] = []
    result.reserveCapacity(text.utf8.count / 2)
    var high: UInt8?
    for byte in text.utf8 {
        guard let value = digit(byte) else { return nil }
        if let first = high {
            result.append(first << 4 | value)
            high = nil
        } else {
            high = value
        }
    }
    return high == nil ? result : nil
}
