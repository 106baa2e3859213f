import JSONRPC
import LanguageServerProtocol

/// `textDocument/codeAction`
enum CodeActionRequest: SessionRequest {
    static let method = "textDocument/codeAction"
    static let reloadKind = "source.reload"

    static func handle(_ params: CodeActionParams, in session: Session) throws -> [JSONValue] {
        let uri = params.textDocument.uri
        guard params.wants(reloadKind), session.sourcePath(uri) != nil else { return [] }
        let command = Command(
            title: "Reload this file", command: ReloadCommand.reload.rawValue, arguments: [["uris": [uri.json]]])
        guard session.capabilities.codeActionLiterals else { return [command.json] }
        return [CodeAction(title: command.title, kind: reloadKind, command: command).json]
    }
}
