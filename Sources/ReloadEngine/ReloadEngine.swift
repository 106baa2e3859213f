import Platform

/// Brings saved files into the running programs that have them loaded, and says what is still old.
///
/// All work happens on one thread that the engine owns: at most one reload is in flight and at most one waits, into which
/// further requests merge. Calls never block unless they say so.
public final class ReloadEngine: Sendable {
    private let inbox = Monitor(Inbox())
    private let configuration: EngineConfiguration
    private let thread = Monitor<WorkerThread?>(nil)

    /// `announced`: also hears of hosts that start later (`lsp`, `watch`); one-shot commands leave it false. `process`: the only
    /// one that is called; nil: all.
    public init(
        client: ClientInformation, runtimes: [any Runtime], folder: RuntimeFolder, announced: Bool,
        process: Int? = nil, limits: EngineLimits = EngineLimits(), emit: @escaping @Sendable (EngineEvent) -> Void
    ) {
        configuration = EngineConfiguration(
            client: client, runtimes: runtimes, folder: folder, announced: announced, process: process,
            limits: limits, emit: emit)
    }

    /// Starts the engine's thread and calls every host in the folder. Once it returns, `waitUntilGreeted` knows of them all.
    /// A second call does nothing.
    public func start() {
        // A host may die at any moment, also while it is written to.
        ignoreBrokenPipes()
        let isReady = Promise<Void>()
        thread.withLock { thread in
            guard thread == nil else {
                isReady.fulfil(())
                return
            }
            let (inbox, configuration) = (inbox, configuration)
            do {
                thread = try WorkerThread(stackSize: 4 << 20) {
                    EngineThread(configuration, inbox: inbox).run { isReady.fulfil(()) }
                }
            } catch {
                configuration.emit(.log(.error, "The engine's thread cannot start: \(error)"))
                isReady.fulfil(())
            }
        }
        isReady.wait()
    }

    /// Ends the engine and waits for its thread. The programs are left as they are. Not to be called from the event handler.
    public func stop() {
        inbox.update { $0.isStopped = true }
        thread.withLock { $0 }?.join()
    }

    /// Settings for the reloads that begin from now on.
    public func configure(_ settings: ReloadSettings) {
        inbox.update { $0.settings = settings }
    }

    /// Queues a reload.
    public func reload(_ request: ReloadRequest) {
        inbox.update { $0.merge(request, settle: configuration.limits.settle) }
    }

    /// Blocks until every host found at start has answered or been given up, at most `limit`.
    public func waitUntilGreeted(limit: Duration) {
        let (seconds, attoseconds) = limit.components
        let last = Deadline.after(Double(seconds) * 1000 + Double(attoseconds) / 1e15)
        while !last.hasPassed {
            let step = inbox.withLock { $0.greetingDeadline }
            guard let step else { return }
            _ = inbox.wait(until: min(step, last)) { $0.greetingDeadline == nil ? true : nil }
        }
    }

    /// The hosts that are live now, by process id.
    public var hosts: [HostInformation] { inbox.withLock { $0.hosts } }

    /// The process ids of programs that were called and have not answered in time, in rising order: they are stopped, or too
    /// busy. Whether they have a module loaded is not known.
    public var silentProcesses: [Int] {
        let sockets = inbox.withLock { inbox in inbox.calls.filter { $0.value.hasPassed }.keys.map { $0 } }
        return sockets.compactMap(HostRegistry.processID(ofSocket:)).sorted()
    }

    /// Compares a text that has not been saved with what the programs run, outside of them; `previewed` follows, unless a newer
    /// text of the file comes first. Reloads do not wait for it.
    public func preview(_ request: PreviewRequest) {
        inbox.update { inbox in
            inbox.events.removeAll { if case .preview(let other) = $0 { other.path == request.path } else { false } }
            inbox.events.append(.preview(request))
        }
    }

    /// Asks every host for its modules, for its stale references if `stale`, and who imports whom if `imports`. `completion` runs
    /// on the engine's thread.
    public func survey(
        stale: Bool, imports: Bool = false, completion: @escaping @Sendable ([HostSurvey]) -> Void
    ) {
        inbox.update { $0.events.append(.survey(stale: stale, imports: imports, completion)) }
    }
}

// MARK: What a person asks for

extension ReloadEngine {
    /// Puts stale references right in every host; phase `resolved` says what is gone. `completion` runs on the engine's thread.
    public func mend(_ mending: Mending, completion: @escaping @Sendable ([MendingResult]) -> Void) {
        inbox.update { $0.events.append(.mend(mending, completion)) }
    }

    /// Starts a program anew, by its host id, or all that `afresh run` started. `completion` runs on the engine's thread.
    public func restart(host: String?, completion: @escaping @Sendable ([MendingResult]) -> Void) {
        inbox.update { $0.events.append(.restart(host: host, completion)) }
    }

    /// Asks what a name stands for in the modules of a file. `completion` runs on the engine's thread.
    public func values(path: String, names: [[String]], completion: @escaping @Sendable ([LiveValue]) -> Void) {
        inbox.update { $0.events.append(.values(path: path, names: names, completion)) }
    }

    /// Executes a text in one host; no transaction. `completion` runs on the engine's thread.
    public func execute(_ execution: Execution, completion: @escaping @Sendable (Execution.Outcome) -> Void) {
        inbox.update { $0.events.append(.execute(execution, completion)) }
    }

    /// Looks into a text; empty where no runtime can. `completion` runs on a thread of its own, so that a reload that takes
    /// its time holds up no editor.
    public func inspect(
        _ request: InspectionRequest, settings: ReloadSettings, completion: @escaping @Sendable (Inspection) -> Void
    ) {
        let runtime = configuration.runtimes.first { $0.owns(path: request.path) }
        let host = hosts.first { $0.runtime.name == runtime?.name }
        let worker = try? WorkerThread {
            completion((try? runtime?.inspect(request, for: host, settings: settings)) ?? Inspection())
        }
        if worker == nil { completion(Inspection()) }
    }
}

/// What an engine is made with.
struct EngineConfiguration: Sendable {
    var client: ClientInformation
    var runtimes: [any Runtime]
    var folder: RuntimeFolder
    var announced: Bool
    var process: Int?
    var limits: EngineLimits
    var emit: @Sendable (EngineEvent) -> Void
}
