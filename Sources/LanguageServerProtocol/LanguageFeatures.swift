import JSONRPC

/// The answer to `textDocument/hover`.
public struct Hover: Sendable, JSONEncodable {
    /// LSP 3.17, `MarkupKind`.
    public var kind: String
    public var value: String
    /// Of what it speaks.
    public var range: TextRange?

    public init(markdown: Bool, value: String, range: TextRange? = nil) {
        kind = markdown ? "markdown" : "plaintext"
        self.value = value
        self.range = range
    }

    public var json: JSONValue {
        .object(["contents": ["kind": .string(kind), "value": .string(value)], "range": range?.json])
    }
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

/// An action that runs a command or edits a document.
public struct CodeAction: Sendable, JSONEncodable {
    public var title: String
    public var kind: String
    /// Those that it puts right.
    public var diagnostics: [Diagnostic]
    public var edit: WorkspaceEdit?
    public var command: Command?
    /// The most likely one to be wanted; only for clients that take it.
    public var isPreferred = false
    /// Why it is not possible; only for clients that take it.
    public var disabled: String?
    /// Comes back with `codeAction/resolve`.
    public var data: JSONValue?

    public init(
        title: String, kind: String, diagnostics: [Diagnostic] = [], edit: WorkspaceEdit? = nil, command: Command? = nil
    ) {
        self.title = title
        self.kind = kind
        self.diagnostics = diagnostics
        self.edit = edit
        self.command = command
    }

    public var json: JSONValue {
        .object([
            "title": .string(title), "kind": .string(kind), "diagnostics": diagnostics.isEmpty ? nil : diagnostics.json,
            "isPreferred": isPreferred ? true : nil, "disabled": disabled.map { ["reason": .string($0)] },
            "edit": edit?.json, "command": command?.json, "data": data
        ])
    }
}

/// Edits of one document.
public struct WorkspaceEdit: Sendable, JSONEncodable {
    public var uri: DocumentURI
    /// Of the document that they are made for; nil for clients that take no versions.
    public var version: Int?
    /// None of which overlap.
    public var edits: [TextEdit]

    public init(uri: DocumentURI, version: Int?, edits: [TextEdit]) {
        self.uri = uri
        self.version = version
        self.edits = edits
    }

    public var json: JSONValue {
        guard let version else { return .object(["changes": .object(JSONObject([uri.rawValue: edits.json]))]) }
        let document: JSONValue = ["uri": uri.json, "version": .int(version)]
        return ["documentChanges": [["textDocument": document, "edits": edits.json]]]
    }
}

public struct TextEdit: Sendable, JSONEncodable {
    public var range: TextRange
    public var newText: String

    public init(range: TextRange, newText: String) {
        self.range = range
        self.newText = newText
    }

    public var json: JSONValue { .object(["range": range.json, "newText": .string(newText)]) }
}

/// A line over a piece of a document.
public struct CodeLens: Sendable, JSONEncodable {
    public var range: TextRange
    public var command: Command

    public init(range: TextRange, command: Command) {
        self.range = range
        self.command = command
    }

    public var json: JSONValue { .object(["range": range.json, "command": command.json]) }
}

/// Parameters of `textDocument/inlayHint`.
public struct InlayHintParams: Sendable, JSONDecodable {
    public var textDocument: TextDocumentIdentifier
    public var range: TextRange

    public init(json: JSONValue) throws(ShapeError) {
        textDocument = try json.required("textDocument")
        range = try json.required("range")
    }
}

/// A text that is shown inside a line.
public struct InlayHint: Sendable, JSONEncodable {
    public var position: Position
    public var label: String
    public var tooltip: String

    public init(position: Position, label: String, tooltip: String) {
        self.position = position
        self.label = label
        self.tooltip = tooltip
    }

    public var json: JSONValue {
        .object([
            "position": position.json, "label": .string(label), "tooltip": .string(tooltip), "paddingLeft": true
        ])
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
