extension Plugins {
    /// Calls what the newest generation of a plugin exports, on a thread of its own, and waits for it.
    ///
    /// A trap ends the call and not the program: the plugins that came with the save which brought in the code that trapped go back to what
    /// they exported before, and editors are told. The thread is held for ever, with what it has locked.
    ///
    ///     let total = try Plugins.call(.total) { $0(3) }
    ///
    /// - Throws: what `body` throws; `PluginError` if nothing is exported under that name, if it trapped, or if there is no thread left.
    public static func call<Value, Result: Sendable>(
        _ key: ExportKey<Value>, _ body: @escaping @Sendable (Value) throws -> Result
    ) throws -> Result {
        guard let export = PluginTable.shared.current[key.name], let value = export.value as? Value else {
            if pluginsAreElsewhere() {
                throw PluginError(
                    "the plugins are in a process of their own: hand '\(key.name)' an argument, Plugins.call(key, argument)"
                )
            }
            throw PluginError("no plugin exports '\(key.name)' with the type \(Value.self)")
        }
        let outcome = CallOutcome<Result>()
        try callGuarded(key.name, export.module, export.generation) { outcome.run { try body(value) } }
        guard let result = outcome.result else { throw PluginError("'\(key.name)' of \(export.module) was not called") }
        return try result.get()
    }
}

/// What a call gave. Written on its thread, read when that has ended.
private final class CallOutcome<Value: Sendable>: @unchecked Sendable {
    private(set) var result: Result<Value, any Error>?

    func run(_ body: () throws -> Value) {
        result = Result { try body() }
    }
}

/// See `startAgent`.
@_silgen_name("afresh_call_guarded")
func callGuarded(_ name: String, _ module: String, _ generation: Int, _ body: @escaping @Sendable () -> Void) throws
