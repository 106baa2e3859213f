import JSONRPC
import Platform
import TestSupport

@testable import ReloadEngine

/// A host over a real socket that does what a test says. It has one module, `m`, from the file that the test names.
final class FakeHost: Sendable {
    typealias Answers = @Sendable (_ method: String, _ params: JSONValue) -> Answer

    enum Answer: Sendable {
        case result(JSONValue)
        case error(ResponseError)
        /// Nothing until `speak` is called.
        case silence
        /// The connection ends.
        case death
    }

    private struct State {
        var requests: [(method: String, params: JSONValue)] = []
        var connections: [Connection] = []
        var unanswered: [(Connection, Request)] = []
        var answers: Answers
    }

    let listener: UnixListener
    private let state: Monitor<State>

    init(in folder: RuntimeFolder, answers: @escaping Answers) throws {
        let listener = try UnixListener(
            folder: folder.path, name: "host-\(Environment.processID)-\(randomHexDigits(8)).sock")
        let state = Monitor(State(answers: answers))
        (self.listener, self.state) = (listener, state)
        _ = try WorkerThread {
            while let caller = try? listener.accept() { FakeHost.serve(Connection(socket: caller), state) }
        }
    }

    deinit { close() }

    func close() {
        listener.close()
        for connection in state.withLock({ $0.connections }) { connection.close() }
    }

    private static func serve(_ connection: Connection, _ state: Monitor<State>) {
        state.withLock { $0.connections.append(connection) }
        try? connection.start { incoming in
            guard case .request(let request) = incoming else { return }
            let answer = state.update { state in
                state.requests.append((request.method, request.params))
                return state.answers
            }(request.method, request.params)
            switch answer {
            case .result(let value): connection.answer(request.id, .success(value))
            case .error(let error): connection.answer(request.id, .failure(error))
            case .silence: state.withLock { $0.unanswered.append((connection, request)) }
            case .death: connection.close()
            }
        }
    }

    /// From now on answers like this; what was met with silence is answered now.
    func speak(_ answers: @escaping Answers) {
        let waiting = state.withLock { state in
            state.answers = answers
            defer { state.unanswered = [] }
            return state.unanswered
        }
        for (connection, request) in waiting {
            if case .result(let value) = answers(request.method, request.params) {
                connection.answer(request.id, .success(value))
            }
        }
    }

    /// Says something by itself to every server.
    func notify(_ method: String) {
        for connection in state.withLock({ $0.connections }) { connection.notify(method, [:]) }
    }

    /// Waits until the methods that it was asked for fulfil a condition; false after thirty seconds.
    func wait(until condition: @escaping ([String]) -> Bool) -> Bool {
        state.wait(until: .after(30_000)) { condition($0.requests.map(\.method)) ? true : nil } ?? false
    }

    func count(of method: String) -> Int {
        state.withLock { $0.requests.count { $0.method == method } }
    }

    func params(of method: String) -> [JSONValue] {
        state.withLock { $0.requests.filter { $0.method == method }.map(\.params) }
    }

    // MARK: Answers of a host in good health

    static func hello(id: String = "1", version: Int = 1, name: String = "app.py") -> JSONValue {
        [
            "protocol": .int(version), "id": .string(id), "pid": .int(Environment.processID), "ppid": 1,
            "name": .string(name),
            "runtime": ["name": "Fake", "version": "1.0", "executable": "", "magic": "", "optimize": 0],
            "argv": [], "cwd": "/", "notices": []
        ]
    }

    static func module(_ path: String, extra: JSONObject = JSONObject()) -> JSONValue {
        var module = JSONObject([
            "name": "m", "path": .string(path), "generation": 1, "package": false, "main": false, "digest": "old"
        ])
        for (key, value) in extra.members { module[key] = value }
        return .object(module)
    }

    static func prepared(_ path: String, extra: JSONObject = JSONObject()) -> JSONValue {
        ["modules": [module(path, extra: extra)], "dependents": [], "edges": []]
    }

    static let applied: JSONValue = [
        "modules": [["module": "m", "generation": 2, "executed": true, "changed": true, "changes": []]],
        "thread": "main", "timings": ["apply": 1, "pause": 1]
    ]

    static let clean: JSONValue = [
        "stale": [], "total": 0, "coverage": ["complete": true, "objects": 1, "skipped": []],
        "timings": ["scan": 1, "pause": 1]
    ]

    /// Applies everything.
    static func healthy(_ path: String, id: String = "1") -> Answers {
        { method, _ in
            switch method {
            case "hello": .result(hello(id: id))
            case "prepare": .result(prepared(path))
            case "apply": .result(applied)
            case "scan": .result(clean)
            case "modules": .result(["modules": [module(path)]])
            default: .error(.methodNotFound(method))
            }
        }
    }
}

/// A language whose texts compile unless they contain "error", mean the same as what runs if they are "same", and affect no
/// dependent that is known if they contain "alone".
final class FakeRuntime: Runtime {
    let name = "Fake"
    let previews = Monitor<[CheckRequest]>([])
    let checks = Monitor<[CheckRequest]>([])
    let knowsNoText = Monitor(false)
    let preempted = Monitor(0)

    func owns(path: String) -> Bool { path.hasSuffix(".py") }
    func isSource(path: String) -> Bool { owns(path: path) }
    func warmUp(for host: HostInformation?, settings: ReloadSettings) {}
    func digest(of text: [UInt8], in runtime: HostRuntime) -> String? { String(decoding: text, as: UTF8.self) }
    func stop() {}

    func check(_ request: CheckRequest) throws(RuntimeFailure) -> Answer<[CheckedModule]> {
        checks.update { $0.append(request) }
        return .complete(
            request.modules.map { module in
                let text = String(decoding: module.source, as: UTF8.self)
                let problems = FakeRuntime.problems(module.module.path ?? "", text)
                return CheckedModule(
                    name: module.module.name, problems: problems, digest: "new",
                    isUnchanged: text == "same" && module.module.running != nil,
                    payload: problems.isEmpty ? .string(text) : nil,
                    isAlone: text.contains("alone") && request.graph != nil)
            })
    }

    func preview(_ request: CheckRequest) throws(RuntimeFailure) -> PreviewAnswer {
        previews.update { $0.append(request) }
        if case .digest = request.modules.first?.module.running, knowsNoText.withLock({ $0 }) {
            return .missing(request.modules.map(\.module.name))
        }
        let givesWay = preempted.withLock { count in
            defer { count -= 1 }
            return count > 0
        }
        if givesWay { return .preempted }
        return .complete(
            request.modules.map { module in
                let text = String(decoding: module.source, as: UTF8.self)
                return PreviewedModule(
                    name: module.module.name, problems: FakeRuntime.problems(module.module.path ?? "", text),
                    isUnchanged: text == "same",
                    withheld: text.contains("once")
                        ? [Change(symbol: "f", kind: .statement, change: .modified, applied: false, reason: "once")]
                        : [],
                    again: text.contains("start") ? [Repetition(message: "again", range: .fileStart)] : [])
            })
    }

    func affected(_ request: AffectedRequest) throws(RuntimeFailure) -> Answer<Affected> {
        let planned = [Change(symbol: "X", kind: .value, change: .modified, applied: true)]
        return .complete(
            Affected(
                modules: request.modules.enumerated().map { number, each in
                    AffectedModule(
                        name: each.module.name, isAffected: true, cause: "m", payload: ["plan": .int(number)],
                        planned: planned)
                },
                plans: ["name": "p", "data": "…"]))
    }

    func check(path: String, text: [UInt8], settings: ReloadSettings) throws(RuntimeFailure) -> [Problem] {
        FakeRuntime.problems(path, String(decoding: text, as: UTF8.self))
    }

    private static func problems(_ path: String, _ text: String) -> [Problem] {
        guard text.contains("error") else { return [] }
        return [
            Problem(path: path, range: .fileStart, code: "syntax-error", severity: .error, message: "invalid syntax")
        ]
    }
}

/// An engine with a folder of its own; collects what it says.
final class EngineBench: Sendable {
    let root: String
    let folder: RuntimeFolder
    let path: String
    let engine: ReloadEngine
    let runtime = FakeRuntime()
    private let events: Monitor<[EngineEvent]>

    init(announced: Bool = true, limits: EngineLimits = EngineLimits()) throws {
        root = (realPath("/tmp") ?? "/tmp") + "/afresh-test-" + randomHexDigits(12)
        try makeFolder(root, permissions: 0o700)
        folder = try RuntimeFolder(path: root + "/run")
        path = root + "/m.py"
        let events = Monitor<[EngineEvent]>([])
        self.events = events
        engine = ReloadEngine(
            client: ClientInformation(name: "test", version: "1"), runtimes: [runtime], folder: folder,
            announced: announced, limits: limits, emit: { event in events.update { $0.append(event) } })
    }

    deinit {
        engine.stop()
        removeTree(root)
    }

    func write(_ text: String) throws {
        try writeFileAtomically(path, Array(text.utf8))
    }

    /// Writes the file and tells the engine as an editor does.
    func save(_ text: String, kind: Trigger.Kind = .save) throws {
        try write(text)
        engine.reload(ReloadRequest(trigger: Trigger(kind: kind, paths: [path])))
    }

    /// The first event for which `pick` gives something, from all so far or as it comes; nil after thirty seconds.
    func first<Result>(_ pick: (EngineEvent) -> Result?) -> Result? {
        events.wait(until: .after(30_000)) { $0.lazy.compactMap(pick).first }
    }

    func report(_ phase: Report.Phase, sequence: Int = 1) -> Report? {
        first { event in
            guard case .report(let report) = event, report.phase == phase, report.sequence == sequence else {
                return nil
            }
            return report
        }
    }

    /// Waits until that many programs are live.
    func hosts(_ count: Int) -> Bool {
        first { event -> Bool? in
            guard case .report(let report) = event, report.phase == .hosts, report.hosts.count == count else {
                return nil
            }
            return true
        } ?? false
    }

    /// All so far.
    var reports: [Report] {
        events.withLock { $0.compactMap { if case .report(let report) = $0 { report } else { nil } } }
    }

    var reportCount: Int { reports.count { $0.phase != .hosts } }

    /// Runs `body` with an engine that has one host.
    static func withHost(
        _ limits: EngineLimits = EngineLimits(),
        answers: (_ path: String) -> FakeHost.Answers = { FakeHost.healthy($0) },
        run body: (EngineBench, FakeHost) throws -> Void
    ) throws {
        let bench = try EngineBench(limits: limits)
        let host = try FakeHost(in: bench.folder, answers: answers(bench.path))
        defer { host.close() }
        bench.engine.start()
        bench.engine.waitUntilGreeted(limit: .seconds(10))
        try body(bench, host)
    }
}

/// The usual limits but for one, in milliseconds.
func limits(_ name: WritableKeyPath<EngineLimits, Double>, _ value: Double) -> EngineLimits {
    var limits = EngineLimits()
    limits[keyPath: name] = value
    return limits
}
