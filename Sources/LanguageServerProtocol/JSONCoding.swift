import JSONRPC

/// A message or a part of one that can be read from JSON.
public protocol JSONDecodable {
    /// - Throws: `ShapeError` where the value is not what the protocol says.
    init(json: JSONValue) throws(ShapeError)
}

/// A message or a part of one that can be sent.
public protocol JSONEncodable {
    var json: JSONValue { get }
}

/// A value of another shape than the protocol says; becomes the error −32602 (invalid params).
public struct ShapeError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The way to the value: "textDocument", "uri".
    public var path: [String]
    /// What it should have been: "a string".
    public var expected: String

    public init(path: [String] = [], expected: String) {
        self.path = path
        self.expected = expected
    }

    public var description: String {
        path.isEmpty ? "Expected \(expected)" : "`\(path.joined(separator: "."))` must be \(expected)"
    }

    public var responseError: ResponseError { .invalidParams(description) }
}

extension JSONValue {
    /// A member that must be there.
    public func required<Value: JSONDecodable>(_ key: String, as type: Value.Type = Value.self) throws(ShapeError)
        -> Value
    {
        guard case .object(let object) = self else { throw ShapeError(expected: "an object") }
        return try Value(json: object[key] ?? .null, at: key)
    }

    /// A member that may be missing or null.
    public func optional<Value: JSONDecodable>(_ key: String, as type: Value.Type = Value.self) throws(ShapeError)
        -> Value?
    {
        guard case .object(let object) = self else { throw ShapeError(expected: "an object") }
        guard let value = object[key], !value.isNull else { return nil }
        return try Value(json: value, at: key)
    }
}

extension JSONDecodable {
    fileprivate init(json: JSONValue, at key: String) throws(ShapeError) {
        do {
            self = try Self(json: json)
        } catch {
            throw ShapeError(path: [key] + error.path, expected: error.expected)
        }
    }
}

extension JSONValue: JSONDecodable, JSONEncodable {
    public init(json: JSONValue) throws(ShapeError) { self = json }
    public var json: JSONValue { self }
}

extension String: JSONDecodable, JSONEncodable {
    public init(json: JSONValue) throws(ShapeError) {
        guard let value = json.stringValue else { throw ShapeError(expected: "a string") }
        self = value
    }

    public var json: JSONValue { .string(self) }
}

extension Int: JSONDecodable, JSONEncodable {
    public init(json: JSONValue) throws(ShapeError) {
        guard let value = json.intValue else { throw ShapeError(expected: "an integer") }
        self = value
    }

    public var json: JSONValue { .int(self) }
}

extension Bool: JSONDecodable, JSONEncodable {
    public init(json: JSONValue) throws(ShapeError) {
        guard let value = json.boolValue else { throw ShapeError(expected: "a boolean") }
        self = value
    }

    public var json: JSONValue { .bool(self) }
}

extension Array: JSONDecodable where Element: JSONDecodable {
    public init(json: JSONValue) throws(ShapeError) {
        guard let values = json.arrayValue else { throw ShapeError(expected: "an array") }
        self = []
        reserveCapacity(values.count)
        for (index, value) in values.enumerated() { append(try Element(json: value, at: "\(index)")) }
    }
}

extension Array: JSONEncodable where Element: JSONEncodable {
    public var json: JSONValue { .array(map(\.json)) }
}

/// A result that carries nothing.
public struct Null: JSONEncodable, Sendable {
    public init() {}
    public var json: JSONValue { .null }
}

extension Optional: JSONEncodable where Wrapped: JSONEncodable {
    public var json: JSONValue { self?.json ?? .null }
}
