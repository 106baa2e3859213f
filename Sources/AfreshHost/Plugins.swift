/// The plugins of this program.
///
///     try Plugins.load(package: "/home/me/shop")
///     let total = Plugins[.price]?(3)
public enum Plugins {
    /// Builds the plugins of a Swift package, loads them, and makes the program live: from then on what is saved in them is brought in.
    ///
    /// Plugins are the package's library targets that no executable of it depends on. They are built by the command `afresh`, which
    /// `AFRESH` names or the `PATH` has.
    /// - Parameters:
    ///   - folder: the package's folder.
    ///   - moduleSearchPaths: where the modules that the program consists of are, besides those beside its executable.
    ///   - rehearsing: whether each load is tried in a copy of the process first (`fork`), with the plugins' `load`. What ends or stops the copy is
    ///     not loaded. Not for plugins whose `load` reaches outside, nor where other threads hold for long what it needs.
    ///   - isolated: whether the plugins live in a process of their own, and are called with `call(_:_:)` alone. That is this program once
    ///     more, with the same arguments, up to this call: it does not return there. Let it be the first thing that the program does.
    ///     Where that process ends, whatever it was, this one goes on, and it is started anew with what ran in it.
    /// - Throws: `PluginError` if they cannot be built or loaded; then none of them is.
    public static func load(
        package folder: String, moduleSearchPaths: [String] = [], rehearsing: Bool = false,
        isolated: Bool = false
    ) throws {
        try startAgent(PluginTable.shared, folder, moduleSearchPaths, rehearsing, isolated)
    }

    /// What the newest generation of a plugin exports under that name; nil if none does.
    ///
    /// To be asked for at each use: what is kept is of the generation that it came from.
    public static subscript<Value>(key: ExportKey<Value>) -> Value? {
        PluginTable.shared.value(key.name) as? Value
    }

    /// Everything of that type that plugins export, by name.
    public static func exports<Value>(of type: Value.Type = Value.self) -> [String: Value] {
        PluginTable.shared.values().compactMapValues { $0 as? Value }
    }

    /// Calls `body` after each reload that was applied, on the thread that brought it in.
    public static func afterReload(_ body: @escaping @Sendable () -> Void) {
        PluginTable.shared.observe(body)
    }
}

/// The part of this library that speaks to servers. It is not imported: whoever compiles against this module needs nothing of it.
@_silgen_name("afresh_start_agent")
func startAgent(
    _ table: PluginTable, _ folder: String, _ moduleSearchPaths: [String], _ isRehearsed: Bool,
    _ isIsolated: Bool
) throws
