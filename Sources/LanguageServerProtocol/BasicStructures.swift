import JSONRPC

/// A place in a document: 0-based line, 0-based character in units of the negotiated encoding (LSP 3.17, "Position").
public struct Position: Hashable, Sendable, Comparable, JSONDecodable, JSONEncodable {
    public var line: Int
    public var character: Int

    public init(line: Int, character: Int) {
        self.line = line
        self.character = character
    }

    public init(json: JSONValue) throws(ShapeError) {
        line = try json.required("line")
        character = try json.required("character")
        guard line >= 0 else { throw ShapeError(path: ["line"], expected: "0 or more") }
        guard character >= 0 else { throw ShapeError(path: ["character"], expected: "0 or more") }
    }

    public var json: JSONValue { .object(["line": .int(line), "character": .int(character)]) }

    public static func < (left: Position, right: Position) -> Bool {
        (left.line, left.character) < (right.line, right.character)
    }
}

/// A stretch of a document; the end is exclusive (LSP's `Range`).
public struct TextRange: Hashable, Sendable, JSONDecodable, JSONEncodable {
    public var start: Position
    public var end: Position

    public init(start: Position, end: Position) {
        self.start = start
        self.end = end
    }

    public init(json: JSONValue) throws(ShapeError) {
        start = try json.required("start")
        end = try json.required("end")
    }

    public var json: JSONValue { .object(["start": start.json, "end": end.json]) }
}

public struct Location: Hashable, Sendable, JSONEncodable {
    public var uri: DocumentURI
    public var range: TextRange

    public init(uri: DocumentURI, range: TextRange) {
        self.uri = uri
        self.range = range
    }

    public var json: JSONValue { .object(["uri": uri.json, "range": range.json]) }
}

/// How characters of a line are counted (LSP 3.17, `PositionEncodingKind`).
public struct PositionEncoding: RawRepresentable, Hashable, Sendable {
    public var rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public static let utf8 = PositionEncoding(rawValue: "utf-8")
    /// The default, which every client has.
    public static let utf16 = PositionEncoding(rawValue: "utf-16")
}

public struct TextDocumentIdentifier: Sendable, JSONDecodable {
    public var uri: DocumentURI

    public init(json: JSONValue) throws(ShapeError) {
        uri = try json.required("uri")
    }
}

/// The parameters of most requests about a place in a document.
public struct TextDocumentPositionParams: Sendable, JSONDecodable {
    public var textDocument: TextDocumentIdentifier
    public var position: Position

    public init(json: JSONValue) throws(ShapeError) {
        textDocument = try json.required("textDocument")
        position = try json.required("position")
    }
}

/// A command that the client shows under a title and sends back with `workspace/executeCommand`.
public struct Command: Sendable, Equatable, JSONEncodable {
    public var title: String
    public var command: String
    public var arguments: [JSONValue]

    public init(title: String, command: String, arguments: [JSONValue] = []) {
        self.title = title
        self.command = command
        self.arguments = arguments
    }

    public var json: JSONValue {
        .object(["title": .string(title), "command": .string(command), "arguments": .array(arguments)])
    }
}

public struct WorkspaceFolder: Sendable, Equatable, JSONDecodable {
    public var uri: DocumentURI
    public var name: String

    public init(json: JSONValue) throws(ShapeError) {
        uri = try json.required("uri")
        name = try json.optional("name") ?? ""
    }
}
