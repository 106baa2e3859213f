import Platform
import ReloadEngine

/// An engine and its events, for a command that waits for what happens next.
final class EngineSession: Sendable {
    let engine: ReloadEngine
    private let events: Mailbox<EngineEvent>

    /// The events that may wait before further ones are dropped; only a command that has stopped taking gets so far.
    private static let capacity = 100_000

    /// Opens the runtime folder and starts an engine.
    ///
    /// - Parameter process: the only one that is called; nil: all.
    /// - Throws: `RuntimeFolder.Refusal` when the folder cannot be trusted.
    init(command: String, settings: ReloadSettings, announced: Bool, process: Int? = nil) throws {
        let events = Mailbox<EngineEvent>(capacity: Self.capacity)
        self.events = events
        // No editor tells of the same save, and the file watcher has waited for quiet already.
        var limits = EngineLimits()
        limits.settle = 0
        // A program can be in the middle of another reload, and nothing else is to be done meanwhile.
        if !announced { limits.hello = 5000 }
        engine = ReloadEngine(
            client: ClientInformation(name: "afresh \(command)", version: Afresh.version), runtimes: Afresh.runtimes(),
            folder: try RuntimeFolder.standard(), announced: announced, process: process,
            limits: limits,
            emit: { event in _ = events.putIfRoom(event) })
        engine.configure(settings)
        engine.start()
    }

    /// The next event; nil after the deadline or when the session was interrupted.
    func next(until deadline: Deadline? = nil) -> EngineEvent? {
        guard case .element(let event) = events.take(until: deadline) else { return nil }
        return event
    }

    /// Ends the waiting for events, from another thread.
    func interrupt() {
        events.close()
    }

    var isInterrupted: Bool { events.isClosed }

    /// The hosts, once every one that was there at the start has answered or been given up.
    func greetedHosts() -> [HostInformation] {
        engine.waitUntilGreeted(limit: .seconds(6))
        return engine.hosts
    }

    /// The hosts that did not answer the greeting, as reports: what they run is not known.
    var silentHosts: [HostReport] {
        engine.silentProcesses.map { pid in
            HostReport(id: "\(pid)", pid: pid, name: "pid \(pid)", runtime: "unknown", outcome: .failed)
        }
    }

    /// One sentence about hosts that do not answer.
    static func sentence(about hosts: [HostReport]) -> String {
        let pids = hosts.map { "pid \($0.pid)" }.joined(separator: ", ")
        return hosts.count == 1
            ? "A live program (\(pids)) does not answer: it is stopped or too busy, and what it runs is not known."
            : "Live programs (\(pids)) do not answer: they are stopped or too busy, and what they run is not known."
    }

    /// Asks every host for its modules and stale references, and who imports whom if `imports`; empty when no answer came in time.
    func survey(imports: Bool = false, until deadline: Deadline) -> [HostSurvey] {
        let answer = Promise<[HostSurvey]>()
        engine.survey(stale: true, imports: imports) { answer.fulfil($0) }
        return answer.wait(until: deadline) ?? []
    }
}

/// What every command that reloads lets a person choose.
enum ReloadOptions {
    static let policy = CommandSyntax.Option(
        "--policy", .choice(Policy.allCases.map(\.rawValue)),
        "patch (default): only what changed, in place; exact: as importlib.reload")
    static let dependents = CommandSyntax.Option(
        "--dependents", .choice(DependentsScope.allCases.map(\.rawValue)),
        "which dependents follow: affected (default), all or none")
    static let json = CommandSyntax.Option(
        "--json", nil, "one JSON object a line, as 'reload/status' of the language server")

    static let process = CommandSyntax.Option("--pid", .text("PID"), "only in the program with that process number")

    /// What `--pid` was given.
    static func process(_ arguments: Arguments) throws(UsageError) -> Int? {
        guard let word = arguments["--pid"] else { return nil }
        guard let pid = Int(word), pid > 0 else { throw UsageError(message: "'\(word)' is no process number") }
        return pid
    }

    static func settings(_ arguments: Arguments) -> ReloadSettings {
        var settings = ReloadSettings()
        if let policy = arguments["--policy"].flatMap(Policy.init) { settings.policy = policy }
        if let scope = arguments["--dependents"].flatMap(DependentsScope.init) { settings.dependents = scope }
        return settings
    }
}
