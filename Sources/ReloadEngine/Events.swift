/// What the engine tells its owner. Delivered one by one on the engine's thread: a handler must not block, and may not
/// call `stop()`.
public enum EngineEvent: Sendable {
    /// A reload began; at least one `report` with this sequence follows.
    case started(sequence: Int, trigger: Trigger)
    /// One phase of a reload, or a program that came or went.
    case report(Report)
    /// Nothing is in flight and nothing waits; searches for stale references may still run.
    case idle
    /// Something that a person must be told: a program that cannot be live, restarts itself or does not answer.
    case notice(host: HostInformation?, code: String, message: String)
    case log(LogLevel, String)
    /// What saving a text would do. Comes on a thread of its own.
    case previewed(Preview)
}

/// By who must act.
public enum LogLevel: String, Sendable {
    /// A mistake of this program.
    case fault
    /// The user's state is not as it must be.
    case error
    case information
    case debug
}

/// What to bring into the running programs.
public struct ReloadRequest: Sendable {
    /// Its paths are the files to look at. What is asked for by `command` is reloaded whatever the mode, `untrack` and `exclude`
    /// say.
    public var trigger: Trigger
    /// Modules to look at, by name, whatever file they come from.
    public var modules: [String]
    /// Also executes what means the same as what runs.
    public var force: Bool

    public init(trigger: Trigger, modules: [String] = [], force: Bool = false) {
        self.trigger = trigger
        self.modules = modules
        self.force = force
    }
}
