/// Brings saved files into the running programs that have them loaded, and says what is still old.
///
/// All work happens on one thread that the engine owns: at most one reload is in flight and at most one waits, into which
/// further requests merge. Calls never block unless they say so.
public final class ReloadEngine: Sendable {
    /// `announced`: also hears of hosts that start later (`lsp`, `watch`); one-shot commands leave it false.
    public init(
        client: ClientInformation, runtimes: [any Runtime], folder: RuntimeFolder, announced: Bool,
        emit: @escaping @Sendable (EngineEvent) -> Void
    ) {
    }

    /// Starts the engine's thread and calls every host in the folder.
    public func start() {}

    /// Ends the engine and waits for its thread. The programs are left as they are.
    public func stop() {}

    /// Settings for the reloads that begin from now on.
    public func configure(_ settings: ReloadSettings) {}

    /// Queues a reload.
    public func reload(_ request: ReloadRequest) {}

    /// Blocks until every host found at start has answered or been given up, at most `limit`.
    public func waitUntilGreeted(limit: Duration) {}

    /// The hosts that are live now, in the order in which they were found.
    public var hosts: [HostInformation] { [] }

    /// Asks every host for its modules, and for its stale references if `stale`. `completion` runs on the engine's thread.
    public func survey(stale: Bool, completion: @escaping @Sendable ([HostSurvey]) -> Void) {}
}
