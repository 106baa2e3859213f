import JSONRPC
import LanguageServerProtocol

/// `textDocument/diagnostic`: what is said of a document, for clients that ask for it.
enum DocumentDiagnosticRequest: SessionRequest {
    static let method = "textDocument/diagnostic"

    static func handle(_ params: DocumentDiagnosticParams, in session: Session) throws -> DiagnosticReport {
        let uri = params.textDocument.uri
        guard let path = session.sourcePath(uri) else { return DiagnosticReport(resultID: "none", items: []) }
        session.startServiceIfNeeded()
        session.noteAsked(uri)
        return session.diagnosticReport(of: path, previous: params.previousResultID, session.conversionContext())
    }
}

/// `workspace/diagnostic`: what is said of all files. It waits until there is something that the client does not have.
enum WorkspaceDiagnosticRequest {
    static let method = "workspace/diagnostic"

    static func handle(_ request: Request, in session: Session) throws {
        let params = try WorkspaceDiagnosticParams(json: request.params)
        session.startServiceIfNeeded()
        session.wait(
            DiagnosticDelivery.Waiting(
                id: request.id, token: params.partialResultToken,
                known: Dictionary(
                    params.previousResultIDs.map { ($0.uri, $0.value) }, uniquingKeysWith: { _, last in last })))
    }
}
