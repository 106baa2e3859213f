import JSONRPC

/// LSP 3.17, `DiagnosticSeverity`.
public struct DiagnosticSeverity: RawRepresentable, Hashable, Sendable {
    public var rawValue: Int

    public init(rawValue: Int) {
        self.rawValue = rawValue
    }

    public static let error = DiagnosticSeverity(rawValue: 1)
    public static let warning = DiagnosticSeverity(rawValue: 2)
    public static let information = DiagnosticSeverity(rawValue: 3)
    public static let hint = DiagnosticSeverity(rawValue: 4)
}

/// Something wrong at a place of a document.
public struct Diagnostic: Sendable, Equatable, JSONEncodable {
    public struct RelatedInformation: Sendable, Equatable, JSONEncodable {
        public var location: Location
        public var message: String

        public init(location: Location, message: String) {
            self.location = location
            self.message = message
        }

        public var json: JSONValue { .object(["location": location.json, "message": .string(message)]) }
    }

    public var range: TextRange
    public var severity: DiagnosticSeverity
    public var code: String
    /// Where the code is explained; only for clients that take it.
    public var codeDescription: String?
    public var source: String
    public var message: String
    /// Nil for clients that do not take it.
    public var relatedInformation: [RelatedInformation]?
    /// Comes back with a code action request.
    public var data: JSONValue?

    public init(
        range: TextRange, severity: DiagnosticSeverity, code: String, codeDescription: String? = nil, source: String,
        message: String, relatedInformation: [RelatedInformation]? = nil, data: JSONValue? = nil
    ) {
        self.range = range
        self.severity = severity
        self.code = code
        self.codeDescription = codeDescription
        self.source = source
        self.message = message
        self.relatedInformation = relatedInformation
        self.data = data
    }

    public var json: JSONValue {
        .object([
            "range": range.json, "severity": .int(severity.rawValue), "code": .string(code),
            "codeDescription": codeDescription.map { ["href": .string($0)] }, "source": .string(source),
            "message": .string(message), "relatedInformation": relatedInformation?.json, "data": data
        ])
    }
}

/// Parameters of `textDocument/publishDiagnostics`: replaces all that were published for the document before.
public struct PublishDiagnosticsParams: Sendable, JSONEncodable {
    public var uri: DocumentURI
    /// The version of the document that they speak of; nil when it is not open.
    public var version: Int?
    public var diagnostics: [Diagnostic]

    public init(uri: DocumentURI, version: Int?, diagnostics: [Diagnostic]) {
        self.uri = uri
        self.version = version
        self.diagnostics = diagnostics
    }

    public var json: JSONValue {
        .object(["uri": uri.json, "version": version.map { .int($0) }, "diagnostics": diagnostics.json])
    }
}
