import JSONRPC

/// Parameters of `textDocument/diagnostic`.
public struct DocumentDiagnosticParams: Sendable, JSONDecodable {
    public var textDocument: TextDocumentIdentifier
    /// Of the report that the client has.
    public var previousResultID: String?

    public init(json: JSONValue) throws(ShapeError) {
        textDocument = try json.required("textDocument")
        previousResultID = try json.optional("previousResultId")
    }
}

/// Parameters of `workspace/diagnostic`.
public struct WorkspaceDiagnosticParams: Sendable, JSONDecodable {
    public struct PreviousResultID: Sendable, JSONDecodable {
        public var uri: DocumentURI
        public var value: String

        public init(json: JSONValue) throws(ShapeError) {
            uri = try json.required("uri")
            value = try json.required("value")
        }
    }

    /// Of the reports that the client has.
    public var previousResultIDs: [PreviousResultID]
    /// A string or an integer: reports may be sent as they come.
    public var partialResultToken: JSONValue?

    public init(json: JSONValue) throws(ShapeError) {
        previousResultIDs = try json.optional("previousResultIds") ?? []
        let token: JSONValue? = try json.optional("partialResultToken")
        guard token == nil || token?.stringValue != nil || token?.intValue != nil else {
            throw ShapeError(path: ["partialResultToken"], expected: "a string or an integer")
        }
        partialResultToken = token
    }
}

/// What is said of one document (LSP 3.17, `DocumentDiagnosticReport` and its workspace variant).
public struct DiagnosticReport: Sendable, JSONEncodable {
    public var resultID: String
    /// Nil: they are those of the client's previous report.
    public var items: [Diagnostic]?

    public init(resultID: String, items: [Diagnostic]?) {
        self.resultID = resultID
        self.items = items
    }

    public var json: JSONValue {
        .object([
            "kind": items == nil ? "unchanged" : "full", "resultId": .string(resultID), "items": items?.json
        ])
    }

    /// As a part of `workspace/diagnostic`.
    /// - Parameter version: of the document that it speaks of; nil when it is not open.
    public func json(uri: DocumentURI, version: Int?) -> JSONValue {
        .object([
            "kind": items == nil ? "unchanged" : "full", "uri": uri.json, "version": version.map { .int($0) } ?? .null,
            "resultId": .string(resultID), "items": items?.json
        ])
    }
}
