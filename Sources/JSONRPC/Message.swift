/// The id of a request. `null` only answers a message whose own id could not be read.
public enum RequestID: Sendable, Hashable, CustomStringConvertible {
    case integer(Int64)
    case string(String)
    case null

    /// Nil when the value can be no id.
    public init?(_ value: JSONValue) {
        switch value {
        case .integer(let value): self = .integer(value)
        case .number(let value):
            guard let whole = Int64(exactly: value) else { return nil }
            self = .integer(whole)
        case .string(let value): self = .string(value)
        default: return nil
        }
    }

    public var json: JSONValue {
        switch self {
        case .integer(let value): .integer(value)
        case .string(let value): .string(value)
        case .null: .null
        }
    }

    public var description: String { json.text }
}

/// One message of JSON-RPC 2.0, in either direction.
public enum Message: Sendable, Equatable {
    case request(Request)
    case notification(Notification)
    case response(Response)
}

public struct Request: Sendable, Equatable {
    public var id: RequestID
    public var method: String
    /// `.null` when absent.
    public var params: JSONValue

    public init(id: RequestID, method: String, params: JSONValue = .null) {
        self.id = id
        self.method = method
        self.params = params
    }
}

public struct Notification: Sendable, Equatable {
    public var method: String
    /// `.null` when absent.
    public var params: JSONValue

    public init(method: String, params: JSONValue = .null) {
        self.method = method
        self.params = params
    }
}

public struct Response: Sendable, Equatable {
    public var id: RequestID
    public var result: Result<JSONValue, ResponseError>

    public init(id: RequestID, result: Result<JSONValue, ResponseError>) {
        self.id = id
        self.result = result
    }
}

extension Message {
    /// A parsed message. What is there is judged generously: a missing `jsonrpc` member is forgiven.
    /// - Throws: `MalformedMessage` with code −32600 and the id to answer to.
    public init(_ value: JSONValue) throws(MalformedMessage) {
        guard case .object(let object) = value else {
            let what = value.arrayValue == nil ? "A message must be an object" : "Batches are not supported"
            throw MalformedMessage(answerTo: .null, error: .invalidRequest(what))
        }
        let id = object["id"]
        if let method = object["method"] {
            let requestID = id.flatMap(RequestID.init)
            guard case .string(let method) = method else {
                throw MalformedMessage(
                    answerTo: requestID ?? .null, error: .invalidRequest("`method` must be a string"))
            }
            let params = object["params"] ?? .null
            if id == nil {
                self = .notification(Notification(method: method, params: params))
            } else if let requestID {
                self = .request(Request(id: requestID, method: method, params: params))
            } else {
                throw MalformedMessage(
                    answerTo: .null, error: .invalidRequest("`id` must be an integer or a string"))
            }
            return
        }
        let error = object["error"].flatMap { $0.isNull ? nil : $0 }
        guard let id, error != nil || object["result"] != nil else {
            throw MalformedMessage(
                answerTo: id.flatMap(RequestID.init) ?? .null, error: .invalidRequest("A message needs a `method`"))
        }
        // A response to nobody, or to a message whose id the other side could not read: nothing is waiting for it.
        let responseID = RequestID(id) ?? .null
        if let error {
            self = .response(Response(id: responseID, result: .failure(ResponseError(error))))
        } else {
            self = .response(Response(id: responseID, result: .success(object["result"] ?? .null)))
        }
    }

    public var json: JSONValue {
        switch self {
        case .request(let request):
            return .object([
                "jsonrpc": "2.0", "id": request.id.json, "method": .string(request.method),
                "params": request.params.isNull ? nil : request.params
            ])
        case .notification(let notification):
            return .object([
                "jsonrpc": "2.0", "method": .string(notification.method),
                "params": notification.params.isNull ? nil : notification.params
            ])
        case .response(let response):
            switch response.result {
            case .success(let result):
                return .object(["jsonrpc": "2.0", "id": response.id.json, "result": result])
            case .failure(let error):
                return .object(["jsonrpc": "2.0", "id": response.id.json, "error": error.json])
            }
        }
    }
}

/// A message that is JSON and yet no message; the error is to be sent to the id.
public struct MalformedMessage: Error, Sendable, Equatable {
    public var answerTo: RequestID
    public var error: ResponseError
}

/// The error of a response: a code for programs, a sentence for people.
public struct ResponseError: Error, Sendable, Equatable, CustomStringConvertible {
    public var code: Int
    public var message: String
    public var data: JSONValue?

    public init(code: Int, message: String, data: JSONValue? = nil) {
        self.code = code
        self.message = message
        self.data = data
    }

    /// An error as the other side sent it; whatever is missing or wrong in it is replaced.
    public init(_ value: JSONValue) {
        code = value["code"]?.intValue ?? ResponseError.internalErrorCode
        message = value["message"]?.stringValue ?? "An error without a message"
        data = value["data"]
    }

    public var json: JSONValue {
        .object(["code": .int(code), "message": .string(message), "data": data])
    }

    public var description: String { "\(message) (\(code))" }

    // JSON-RPC 2.0, section 5.1.
    public static let internalErrorCode = -32603
    public static func parseError(_ message: String) -> ResponseError { ResponseError(code: -32700, message: message) }
    public static func invalidRequest(_ message: String) -> ResponseError {
        ResponseError(code: -32600, message: message)
    }
    public static func methodNotFound(_ method: String) -> ResponseError {
        ResponseError(code: -32601, message: "There is no method \(method)")
    }
    public static func invalidParams(_ message: String) -> ResponseError {
        ResponseError(code: -32602, message: message)
    }
    public static func internalError(_ message: String) -> ResponseError {
        ResponseError(code: internalErrorCode, message: message)
    }

    // LSP 3.17, "Response Message".
    public static let serverNotInitialized = ResponseError(
        code: -32002, message: "The first request must be `initialize`")
    public static let requestCancelled = ResponseError(code: -32800, message: "Cancelled")
    public static func contentModified(_ message: String) -> ResponseError {
        ResponseError(code: -32801, message: message)
    }
    /// - Parameter retrigger: whether the client should ask again (LSP 3.17, `DiagnosticServerCancellationData`).
    public static func serverCancelled(_ message: String, retrigger: Bool) -> ResponseError {
        ResponseError(code: -32802, message: message, data: ["retriggerRequest": .bool(retrigger)])
    }
    public static func requestFailed(_ message: String) -> ResponseError {
        ResponseError(code: -32803, message: message)
    }
}
