import JSONRPC

/// Parameters of `textDocument/didOpen`.
public struct DidOpenParams: Sendable, JSONDecodable {
    public var uri: DocumentURI
    public var languageID: String
    public var version: Int
    public var text: String

    public init(json: JSONValue) throws(ShapeError) {
        let document: JSONValue = try json.required("textDocument")
        do {
            uri = try document.required("uri")
            languageID = try document.optional("languageId") ?? ""
            version = try document.optional("version") ?? 0
            text = try document.required("text")
        } catch {
            throw ShapeError(path: ["textDocument"] + error.path, expected: error.expected)
        }
    }
}

/// Parameters of `textDocument/didChange`.
public struct DidChangeParams: Sendable, JSONDecodable {
    public var uri: DocumentURI
    /// Nil from clients that do not count.
    public var version: Int?
    public var changes: [ContentChange]

    public init(json: JSONValue) throws(ShapeError) {
        let document: JSONValue = try json.required("textDocument")
        do {
            uri = try document.required("uri")
            version = try document.optional("version")
        } catch {
            throw ShapeError(path: ["textDocument"] + error.path, expected: error.expected)
        }
        changes = try json.required("contentChanges")
    }
}

/// One edit (LSP 3.17, `TextDocumentContentChangeEvent`).
public enum ContentChange: Sendable, Equatable, JSONDecodable {
    case whole(text: String)
    case part(range: TextRange, text: String)

    public init(json: JSONValue) throws(ShapeError) {
        let text: String = try json.required("text")
        // Decided by the presence of `range`: were a broken range taken for none, it would replace the whole document.
        if json["range"] == nil {
            self = .whole(text: text)
        } else {
            self = .part(range: try json.required("range"), text: text)
        }
    }
}

/// Parameters of `textDocument/didClose`, and of `textDocument/didSave`, whose `text` is not asked for.
public struct DocumentParams: Sendable, JSONDecodable {
    public var textDocument: TextDocumentIdentifier

    public init(json: JSONValue) throws(ShapeError) {
        textDocument = try json.required("textDocument")
    }
}
