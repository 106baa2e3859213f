import JSONRPC

/// LSP 3.17, `MessageType`.
public struct MessageType: RawRepresentable, Hashable, Sendable {
    public var rawValue: Int

    public init(rawValue: Int) {
        self.rawValue = rawValue
    }

    public static let error = MessageType(rawValue: 1)
    public static let warning = MessageType(rawValue: 2)
    public static let info = MessageType(rawValue: 3)
    public static let log = MessageType(rawValue: 4)
}

/// Parameters of `window/showMessage` and `window/logMessage`.
public struct MessageParams: Sendable, JSONEncodable {
    public var type: MessageType
    public var message: String

    public init(type: MessageType, message: String) {
        self.type = type
        self.message = message
    }

    public var json: JSONValue { .object(["type": .int(type.rawValue), "message": .string(message)]) }
}

/// Parameters of `$/progress` for work-done progress.
public struct ProgressParams: Sendable, JSONEncodable {
    public enum Value: Sendable {
        case begin(title: String, message: String?)
        case end(message: String?)
    }

    /// A string: not every client takes numbers.
    public var token: String
    public var value: Value

    public init(token: String, value: Value) {
        self.token = token
        self.value = value
    }

    public var json: JSONValue {
        let progress: JSONValue =
            switch value {
            case .begin(let title, let message):
                .object(["kind": "begin", "title": .string(title), "message": message.map { .string($0) }])
            case .end(let message):
                .object(["kind": "end", "message": message.map { .string($0) }])
            }
        return ["token": .string(token), "value": progress]
    }
}
