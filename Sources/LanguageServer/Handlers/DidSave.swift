import LanguageServerProtocol
import Platform
import ReloadEngine

/// `textDocument/didSave`: the trigger that every client has.
///
/// The disk is read, never the synchronised text: Kate 22 and yegappan/lsp send `didSave` before the `didChange` of the same edit.
enum DidSave: SessionNotification {
    static let method = "textDocument/didSave"

    static func handle(_ params: DocumentParams, in session: Session) throws {
        session.startServiceIfNeeded()
        let uri = params.textDocument.uri
        session.documents.saved(uri)
        session.endPreview(of: uri)
        guard let path = session.sourcePath(uri) else { return }
        session.watchedFiles.noteReload(path)  // first: what is written from now on is another change
        session.service.reload(ReloadRequest(trigger: Trigger(kind: .save, paths: [path])))
    }
}

extension Session {
    /// The real path of a file that can be a module of a program; nil for every other document.
    func sourcePath(_ uri: DocumentURI) -> String? {
        guard let path = uri.path, options.sourceSuffixes.contains(where: path.hasSuffix) else { return nil }
        return realPath(path) ?? path
    }
}
