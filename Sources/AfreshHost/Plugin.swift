/// What a plugin module says to the program that loads it. One public type of each plugin module conforms to it.
///
///     public enum Pricing: Plugin {
///         public static func load(_ plugin: PluginContext) throws {
///             plugin.export(.price, price)
///         }
///     }
///
/// A module without such a type is a library that other plugins import.
public protocol Plugin: SendableMetatype {
    /// Exports what the module offers. Called once for each generation that is loaded anew, in the order of imports, before the program sees anything of
    /// it; an error undoes the whole reload.
    static func load(_ plugin: PluginContext) throws

    /// Called in the generation that runs, before a newer one is loaded or bodies of it are replaced. An error undoes the reload.
    static func willReload(_ plugin: PluginContext) throws

    /// Called in the new generation once all plugins of a save have been loaded and the program sees them. Not called for the first.
    static func didReload(_ plugin: PluginContext)
}

extension Plugin {
    public static func willReload(_ plugin: PluginContext) throws {}
    public static func didReload(_ plugin: PluginContext) {}
}

/// The name and the type of something that plugins export. Declared where the program and the plugins both see it:
///
///     extension ExportKey<@Sendable (Int) -> Int> {
///         public static var price: Self { Self("price") }
///     }
public struct ExportKey<Value: Sendable>: Sendable {
    public let name: String

    public init(_ name: String) {
        self.name = name
    }
}

/// A value that outlives generations: a plugin that is loaded anew finds what its former generation has left.
///
/// The type must come from the program or a library: each generation has types of its own.
public final class PluginState<Value: Sendable>: @unchecked Sendable {
    private let lock = Lock()
    private var value: Value

    package init(_ value: Value) {
        self.value = value
    }

    /// Reads or changes the value while nobody else does.
    public func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }

    /// A copy of the value.
    public var current: Value { withLock { $0 } }
}

/// One generation of one plugin module, as its own code sees it. Valid for the length of the call that it is given to.
public struct PluginContext: Sendable {
    /// The module's name.
    public let module: String
    /// How many times the module has been loaded or patched; 1 for the first load.
    public let generation: Int
    private let transaction: PluginTransaction

    package init(module: String, generation: Int, transaction: PluginTransaction) {
        self.module = module
        self.generation = generation
        self.transaction = transaction
    }

    /// Offers a value to the program and to other plugins. A name that this generation does not export any more stays bound to what
    /// the former one has exported, and is reported as a leftover.
    public func export<Value>(_ key: ExportKey<Value>, _ value: Value) {
        transaction.export(value, key.name, module: module, generation: generation)
    }

    /// The state of that name, as the former generation has left it, or made with `initial`.
    ///
    /// Where the former generation kept a value of another type under that name, it is made anew and the report says so.
    public func state<Value>(_ name: String, initial: @autoclosure () -> Value) -> PluginState<Value> {
        transaction.state(name, module: module, initial: initial)
    }
}

/// A plugin could not be loaded.
public struct PluginError: Error, Sendable, CustomStringConvertible {
    /// For a person.
    public let message: String

    package init(_ message: String) {
        self.message = message
    }

    public var description: String { message }
}
