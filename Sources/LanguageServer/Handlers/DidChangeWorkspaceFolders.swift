import LanguageServerProtocol
import Platform

/// `workspace/didChangeWorkspaceFolders`
enum DidChangeWorkspaceFolders: SessionNotification {
    static let method = "workspace/didChangeWorkspaceFolders"

    static func handle(_ params: DidChangeWorkspaceFoldersParams, in session: Session) throws {
        func paths(_ folders: [WorkspaceFolder]) -> [String] {
            folders.compactMap(\.uri.path).map { realPath($0) ?? $0 }
        }
        let removed = Set(paths(params.removed))
        let remaining = session.workspaceFolders.filter { !removed.contains($0) }
        session.workspaceFolders = remaining + paths(params.added).filter { !remaining.contains($0) }
        session.configureService()
    }
}
