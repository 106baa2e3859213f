import JSONRPC

/// The answer to `textDocument/hover`.
public struct Hover: Sendable, JSONEncodable {
    /// LSP 3.17, `MarkupKind`.
    public var kind: String
    public var value: String

    public init(markdown: Bool, value: String) {
        kind = markdown ? "markdown" : "plaintext"
        self.value = value
    }

    public var json: JSONValue { ["contents": ["kind": .string(kind), "value": .string(value)]] }
}

/// Parameters of `textDocument/codeAction`.
public struct CodeActionParams: Sendable, JSONDecodable {
    public var textDocument: TextDocumentIdentifier
    public var range: TextRange
    /// Kinds that the client wants; nil: all.
    public var only: [String]?

    public init(json: JSONValue) throws(ShapeError) {
        textDocument = try json.required("textDocument")
        range = try json.required("range")
        let context: JSONValue = try json.required("context")
        guard context.objectValue != nil else { throw ShapeError(path: ["context"], expected: "an object") }
        do {
            only = try context.optional("only")
        } catch {
            throw ShapeError(path: ["context"] + error.path, expected: error.expected)
        }
    }

    /// Whether the client wants actions of a kind: it, or a kind above it, was asked for ("source" stands above "source.reload").
    public func wants(_ kind: String) -> Bool {
        guard let only else { return true }
        return only.contains { $0.isEmpty || kind == $0 || kind.hasPrefix($0 + ".") }
    }
}

/// An action that runs a command.
public struct CodeAction: Sendable, JSONEncodable {
    public var title: String
    public var kind: String
    public var command: Command

    public init(title: String, kind: String, command: Command) {
        self.title = title
        self.kind = kind
        self.command = command
    }

    public var json: JSONValue {
        .object(["title": .string(title), "kind": .string(kind), "command": command.json])
    }
}

/// Parameters of `workspace/executeCommand`.
public struct ExecuteCommandParams: Sendable, JSONDecodable {
    public var command: String
    public var arguments: [JSONValue]

    public init(json: JSONValue) throws(ShapeError) {
        command = try json.required("command")
        arguments = try json.optional("arguments") ?? []
    }
}
