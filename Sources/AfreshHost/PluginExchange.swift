// Calls that are handed over as bytes, so that plugins may live in another process.

extension Plugins {
    /// Calls what the newest generation of a plugin exports with an argument that can be handed over, and waits for it.
    ///
    ///     let total = try Plugins.call(.total, 3)
    ///
    /// Plugins that are loaded with `isolated` are called so. Whatever ends their process ends the call and not the program.
    /// - Throws: `PluginError` if nothing of that type is exported under that name, if it trapped, or if the process ended meanwhile; the error
    ///   that the plugin threw, which is a `PluginError` with its text where it comes from another process.
    public static func call<Argument: PluginValue, Result: PluginValue>(
        _ key: ExportKey<@Sendable (Argument) -> Result>, _ argument: Argument
    ) throws -> Result {
        try exchange(key.name, .plain, argument) { try call(key) { $0(argument) } }
    }

    public static func call<Argument: PluginValue, Result: PluginValue>(
        _ key: ExportKey<@Sendable (Argument) throws -> Result>, _ argument: Argument
    ) throws -> Result {
        try exchange(key.name, .throwing, argument) { try call(key) { try $0(argument) } }
    }

    public static func call<Result: PluginValue>(_ key: ExportKey<@Sendable () -> Result>) throws -> Result {
        try exchange(key.name, .plain, Nothing()) { try call(key) { $0() } }
    }

    public static func call<Result: PluginValue>(_ key: ExportKey<@Sendable () throws -> Result>) throws -> Result {
        try exchange(key.name, .throwing, Nothing()) { try call(key) { try $0() } }
    }

    private static func exchange<Argument: PluginValue, Result: PluginValue>(
        _ name: String, _ kind: PluginExchange.Kind, _ argument: Argument, here: () throws -> Result
    ) throws -> Result {
        guard pluginsAreElsewhere() else { return try here() }
        guard let argumentType = _mangledTypeName(Argument.self), let resultType = _mangledTypeName(Result.self) else {
            throw PluginError("'\(name)': a type that has no name cannot be handed over")
        }
        var writer = PluginValueWriter()
        writer.write(argument)
        var reader = PluginValueReader(
            try callElsewhere(name, [kind.rawValue, argumentType, resultType], writer.bytes))
        return try reader.read()
    }
}

/// Where a call's argument would be.
struct Nothing: PluginValue {
    init() {}
    init(from reader: inout PluginValueReader) throws {}
    func write(to writer: inout PluginValueWriter) {}
}

/// The other side of a call: in the process that has the plugins.
package enum PluginExchange {
    enum Kind: String {
        case plain
        case throwing
    }

    /// - Parameter types: what kind of function it is, and the names of the types of its argument and result.
    /// - Throws: `PluginError`, or what the plugin threw.
    package static func answer(_ name: String, _ types: [String], _ bytes: [UInt8], in table: PluginTable) throws
        -> [UInt8]
    {
        guard types.count == 3, let kind = Kind(rawValue: types[0]),
            let argument = _typeByName(types[1]) as? any PluginValue.Type,
            let result = _typeByName(types[2]) as? any PluginValue.Type
        else { throw PluginError("'\(name)': its types are not known in the process of the plugins") }
        guard let export = table.current[name] else { throw PluginError("no plugin exports '\(name)'") }
        return try call(name, export.value, kind, argument, result, bytes)
    }

    private static func call<Argument: PluginValue, Result: PluginValue>(
        _ name: String, _ export: any Sendable, _ kind: Kind, _ argument: Argument.Type, _ result: Result.Type,
        _ bytes: [UInt8]
    ) throws -> [UInt8] {
        var reader = PluginValueReader(bytes)
        let value: Argument = try reader.read()
        guard reader.isAtEnd else { throw PluginError("'\(name)': the argument is of another type") }
        var writer = PluginValueWriter()
        switch kind {
        case .plain:
            if Argument.self == Nothing.self, let body = export as? @Sendable () -> Result {
                writer.write(body())
                return writer.bytes
            }
            if let body = export as? @Sendable (Argument) -> Result {
                writer.write(body(value))
                return writer.bytes
            }
        case .throwing:
            if Argument.self == Nothing.self, let body = export as? @Sendable () throws -> Result {
                writer.write(try body())
                return writer.bytes
            }
            if let body = export as? @Sendable (Argument) throws -> Result {
                writer.write(try body(value))
                return writer.bytes
            }
        }
        let parameters = Argument.self == Nothing.self ? "()" : "(\(Argument.self))"
        let arrow = kind == .throwing ? "throws ->" : "->"
        throw PluginError("no plugin exports '\(name)' with the type @Sendable \(parameters) \(arrow) \(Result.self)")
    }
}

/// Whether this program's plugins are in a process of their own.
@_silgen_name("afresh_plugins_are_elsewhere")
func pluginsAreElsewhere() -> Bool

/// Calls what a plugin there exports.
@_silgen_name("afresh_call_elsewhere")
func callElsewhere(_ name: String, _ types: [String], _ bytes: [UInt8]) throws -> [UInt8]
