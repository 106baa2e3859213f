import LanguageServerProtocol

/// `workspace/didDeleteFiles`: nothing is to be said of a file that is gone. A program that runs its code goes on.
enum DidDeleteFiles: SessionNotification {
    static let method = "workspace/didDeleteFiles"

    static func handle(_ params: DeleteFilesParams, in session: Session) throws {
        for uri in params.uris { session.forgetFile(uri) }
    }
}

/// `workspace/didRenameFiles`: the old name is gone. What runs under it in a program stays what it is until a restart.
enum DidRenameFiles: SessionNotification {
    static let method = "workspace/didRenameFiles"

    static func handle(_ params: RenameFilesParams, in session: Session) throws {
        for file in params.files { session.forgetFile(file.old) }
    }
}

extension Session {
    fileprivate func forgetFile(_ uri: DocumentURI) {
        // A deleted folder takes its files with it.
        guard let path = uri.path else { return }
        for known in published.paths where known == path || known.hasPrefix(path + "/") {
            if published.forget(known) { deliverDiagnostics(of: known, conversionContext()) }
        }
    }
}
