/// How a changed module is brought into the running program.
public enum Policy: String, Sendable, CaseIterable {
    /// Statement by statement; identity is kept.
    case patch
    /// What `importlib.reload` documents, for the module and then its dependents.
    case exact
}

/// Which modules are reloaded at all, as `%autoreload`'s modes.
public enum Mode: String, Sendable, CaseIterable {
    case off, explicit, all
}

/// Which dependents of an edited module are brought up to date.
public enum DependentsScope: String, Sendable, CaseIterable {
    /// Those whose values change.
    case affected
    case all
    case none
}

/// What the user chose. The same names and defaults as the contract's settings.
public struct ReloadSettings: Sendable, Equatable {
    public var mode: Mode = .all
    public var policy: Policy = .patch
    public var dependents: DependentsScope = .affected
    /// Module names; `track` counts in mode `explicit`, `untrack` in mode `all`.
    public var track: Set<String> = []
    public var untrack: Set<String> = []
    /// Globs, relative to a workspace folder. Empty means the default: virtual environments, `site-packages`, hidden folders.
    public var exclude: [String] = []
    /// How many holders to name for one stale object.
    public var staleSamples = 20
    /// Interpreter for checking a text when no host runs it; nil: found as editors do.
    public var interpreter: String?
    /// Absolute paths. Empty: every file is in the workspace.
    public var workspaceFolders: [String] = []

    public init() {}
}
