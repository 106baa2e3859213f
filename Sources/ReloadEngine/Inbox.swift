import JSONRPC
import Platform

/// Everything that can wake the engine's thread. Others put in, the engine takes out.
struct Inbox {
    enum Event {
        /// A host answered `hello`.
        case greeted(HostLink, HostInformation)
        /// A socket leads to no host that can be used; the text is for the log.
        case notGreeted(socket: String, reason: String)
        /// A host says that it has started.
        case started(socket: String)
        /// A program says that it cannot be live.
        case notLive(pid: Int, name: String, code: String, message: String)
        /// A host answered a request that had been given up.
        case spoke(HostLink)
        case ended(HostLink)
        case scanned(HostLink, round: Int, Result<JSONValue, RequestFailure>)
        /// The modules of a host that has just been greeted.
        case listed(HostLink, [ModuleInformation])
        case preview(PreviewRequest)
        /// The modules that a host has loaded from the folder of a text that is to be previewed.
        case located(HostLink, [ModuleInformation], folder: String)
        case survey(stale: Bool, imports: Bool, @Sendable ([HostSurvey]) -> Void)
        /// A host says that something stale which it has reported may be gone.
        case outdated(HostLink)
        /// Old code is called in a host.
        case used(HostLink)
        /// Code that a host has called has trapped.
        case trapped(HostLink, JSONValue)
        case rescanned(HostLink, round: Int, forUse: Bool, Result<JSONValue, RequestFailure>)
        case mend(Mending, @Sendable ([MendingResult]) -> Void)
        case restart(host: String?, @Sendable ([MendingResult]) -> Void)
        case execute(Execution, @Sendable (Execution.Outcome) -> Void)
        case values(path: String, names: [[String]], @Sendable ([LiveValue]) -> Void)
    }

    var settings: ReloadSettings?
    var events: [Event] = []
    /// The one reload that waits.
    var pending: ReloadRequest?
    /// Until when it waits although nothing is in flight.
    var settled: Deadline?
    /// Sockets that have been called and not answered yet, each with the moment until which that is waited for.
    var calls: [String: Deadline] = [:]
    var hosts: [HostInformation] = []
    var journal = Journal()
    var isStopped = false

    /// Adds to the reload that waits: files saved together are brought in together.
    ///
    /// A change seen on disk waits a moment: the file may still be written to, and most changes are the save of an editor that
    /// tells of it itself right after.
    mutating func merge(_ request: ReloadRequest, settle: Double = 0) {
        if request.trigger.kind != .watch || request.force {
            settled = nil
        } else if pending == nil {
            settled = .after(settle)
        }
        guard var waiting = pending else {
            pending = request
            return
        }
        // A person's own save or command says more than what the file watcher saw of it.
        if waiting.trigger.kind == .watch { waiting.trigger.kind = request.trigger.kind }
        for path in request.trigger.paths where !waiting.trigger.paths.contains(path) {
            waiting.trigger.paths.append(path)
        }
        for name in request.modules where !waiting.modules.contains(name) { waiting.modules.append(name) }
        waiting.force = waiting.force || request.force
        pending = waiting
    }

    /// The moment until which a reload waits for hosts that have been called; nil if for none.
    var greetingDeadline: Deadline? {
        calls.values.filter { !$0.hasPassed }.max()
    }

    /// The moment until which the reload that waits goes on waiting; nil if it can begin.
    var startDeadline: Deadline? {
        guard let settled, !settled.hasPassed else { return greetingDeadline }
        return max(settled, greetingDeadline ?? settled)
    }
}

/// How long the engine waits for others. Milliseconds.
public struct EngineLimits: Sendable {
    /// For a host that has been called to say who it is.
    public var hello: Double = 1000
    /// For one whose process is stopped, which will not answer however long anybody waits.
    public var helloOfStopped: Double = 300
    /// For answers that need no user code.
    public var prepare: Double = 1000
    /// Bytes of text that get into a host in one millisecond, where it is slowest.
    public var transferRate: Double = 1000
    /// For a transaction: it executes the user's code.
    public var apply: Double = 30_000
    /// For the search for stale references that `survey` asks for.
    public var scan: Double = 30_000
    /// How long a change seen on disk waits for more.
    public var settle: Double = 40
    /// How much longer a host is waited for at most because it gets no processor.
    public var starved: Double = 5000
    /// How often a wait looks whether the program has been stopped.
    public var look: Double = 250

    public init() {}
}
