/// A value that can be handed to plugins in a process of their own, and back: it writes itself as bytes.
///
/// Numbers, texts, arrays, dictionaries and optionals of such values are; so is an enumeration with a raw value that only says so. A type of
/// one's own names its parts in order, in a module that the program and its plugins share:
///
///     extension Item: PluginValue {
///         public init(from reader: inout PluginValueReader) throws {
///             self.init(name: try reader.read(), count: try reader.read())
///         }
///         public func write(to writer: inout PluginValueWriter) {
///             writer.write(name)
///             writer.write(count)
///         }
///     }
public protocol PluginValue: Sendable {
    /// - Throws: `PluginError` where the bytes are not those of such a value.
    init(from reader: inout PluginValueReader) throws
    func write(to writer: inout PluginValueWriter)
}

/// Writes values one after another.
public struct PluginValueWriter: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    public mutating func write(_ value: some PluginValue) { value.write(to: &self) }

    fileprivate mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    fileprivate mutating func append(contentsOf others: some Collection<UInt8>) { bytes.append(contentsOf: others) }
}

/// Reads values in the order in which they were written.
public struct PluginValueReader: Sendable {
    private let bytes: [UInt8]
    private var position = 0

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    public mutating func read<Value: PluginValue>(_ type: Value.Type = Value.self) throws -> Value {
        try Value(from: &self)
    }

    package var isAtEnd: Bool { position == bytes.count }

    fileprivate mutating func next(_ count: Int) throws -> ArraySlice<UInt8> {
        guard count >= 0, count <= bytes.count - position else { throw PluginValueReader.misfit }
        defer { position += count }
        return bytes[position..<position + count]
    }

    fileprivate mutating func integer<Number: FixedWidthInteger>(_ type: Number.Type) throws -> Number {
        var value = Number.zero
        let slice = try next(Number.bitWidth / 8)
        withUnsafeMutableBytes(of: &value) { $0.copyBytes(from: slice) }
        return Number(littleEndian: value)
    }

    /// How many elements follow. Each of them takes a byte at least, but for those that have nothing to say.
    fileprivate mutating func count() throws -> Int {
        let count = try integer(Int64.self)
        guard count >= 0, count <= 1 << 40 else { throw PluginValueReader.misfit }
        return Int(count)
    }

    fileprivate static var misfit: PluginError { PluginError("the bytes that were handed over are of another type") }
}

// MARK: What comes with the language

extension PluginValue where Self: FixedWidthInteger {
    public init(from reader: inout PluginValueReader) throws { self = try reader.integer(Self.self) }
    public func write(to writer: inout PluginValueWriter) { writer.append(self) }
}

extension Int: PluginValue {}
extension Int8: PluginValue {}
extension Int16: PluginValue {}
extension Int32: PluginValue {}
extension Int64: PluginValue {}
extension UInt: PluginValue {}
extension UInt8: PluginValue {}
extension UInt16: PluginValue {}
extension UInt32: PluginValue {}
extension UInt64: PluginValue {}

extension Bool: PluginValue {
    public init(from reader: inout PluginValueReader) throws {
        switch try reader.integer(UInt8.self) {
        case 0: self = false
        case 1: self = true
        default: throw PluginValueReader.misfit
        }
    }
    public func write(to writer: inout PluginValueWriter) { writer.append(self ? 1 as UInt8 : 0) }
}

extension Double: PluginValue {
    public init(from reader: inout PluginValueReader) throws {
        self.init(bitPattern: try reader.integer(UInt64.self))
    }
    public func write(to writer: inout PluginValueWriter) { writer.append(bitPattern) }
}

extension Float: PluginValue {
    public init(from reader: inout PluginValueReader) throws {
        self.init(bitPattern: try reader.integer(UInt32.self))
    }
    public func write(to writer: inout PluginValueWriter) { writer.append(bitPattern) }
}

extension String: PluginValue {
    public init(from reader: inout PluginValueReader) throws {
        let count = try reader.count()
        self.init(decoding: try reader.next(count), as: UTF8.self)
    }
    public func write(to writer: inout PluginValueWriter) {
        writer.append(Int64(utf8.count))
        writer.append(contentsOf: utf8)
    }
}

extension Optional: PluginValue where Wrapped: PluginValue {
    public init(from reader: inout PluginValueReader) throws {
        self = try reader.read(Bool.self) ? .some(try reader.read()) : .none
    }
    public func write(to writer: inout PluginValueWriter) {
        writer.write(self != nil)
        if let value = self { writer.write(value) }
    }
}

extension Array: PluginValue where Element: PluginValue {
    public init(from reader: inout PluginValueReader) throws {
        let count = try reader.count()
        if Element.self == UInt8.self {
            let bytes = [UInt8](try reader.next(count))
            if let bytes = bytes as? [Element] {
                self = bytes
                return
            }
        }
        self = []
        for _ in 0..<count { append(try reader.read()) }
    }
    public func write(to writer: inout PluginValueWriter) {
        writer.append(Int64(count))
        if let bytes = self as? [UInt8] {
            writer.append(contentsOf: bytes)
        } else {
            for element in self { writer.write(element) }
        }
    }
}

extension Dictionary: PluginValue where Key: PluginValue, Value: PluginValue {
    public init(from reader: inout PluginValueReader) throws {
        let count = try reader.count()
        self = [:]
        for _ in 0..<count {
            let key: Key = try reader.read()
            self[key] = try reader.read(Value.self)
        }
    }
    public func write(to writer: inout PluginValueWriter) {
        writer.append(Int64(count))
        for (key, value) in self {
            writer.write(key)
            writer.write(value)
        }
    }
}

extension PluginValue where Self: RawRepresentable, RawValue: PluginValue {
    public init(from reader: inout PluginValueReader) throws {
        guard let value = Self(rawValue: try reader.read()) else { throw PluginValueReader.misfit }
        self = value
    }
    public func write(to writer: inout PluginValueWriter) { writer.write(rawValue) }
}
