import JSONRPC
import LanguageServerProtocol
import Platform

/// `initialize`: what both sides can do. Nothing is started yet, so that the answer comes at once.
enum Initialize: SessionRequest {
    static let method = "initialize"

    static func handle(_ params: InitializeParams, in session: Session) throws -> InitializeResult {
        session.capabilities = params.capabilities
        session.encoding = params.capabilities.positionEncodings.contains(.utf8) ? .utf8 : .utf16
        session.client.trace = params.trace.flatMap(Client.Trace.init) ?? .off
        session.workspaceFolders = params.workspaceFolders.compactMap(\.path).map { realPath($0) ?? $0 }
        let complaint = session.settings.takeInitializationOptions(params.initializationOptions)
        if let trouble = session.startupTrouble, let complaint {
            session.startupTrouble = "\(trouble)\n\(complaint)"
        } else {
            // Said after `initialized`: messages before it are lost in some clients.
            session.startupTrouble = session.startupTrouble ?? complaint
        }
        session.isWatchedByClient = params.capabilities.registersWatchedFiles
        session.configureService()
        session.phase = .running
        if let processID = params.processID { session.watchParent(processID) }
        return InitializeResult(
            serverName: "afresh", serverVersion: session.options.version, positionEncoding: session.encoding,
            announcesEncoding: !params.capabilities.positionEncodings.isEmpty,
            commands: ReloadCommand.allCases.map(\.rawValue), codeActionKinds: CodeActionRequest.kinds,
            capabilities: params.capabilities)
    }
}

extension Session {
    /// Ends the session when the process that the client named has ended: some clients die without a word and leave the pipe open.
    fileprivate func watchParent(_ processID: Int) {
        // A client in another container names a process that cannot be seen from here.
        guard Environment.processExists(processID) else { return }
        let (events, connection) = (self.events, client.connection)
        _ = try? WorkerThread(stackSize: 1 << 16) {
            waitForEndOfProcess(processID)
            events.putRegardless(.parentEnded)
            // The session may be waiting for a client that reads no more.
            connection.close()
        }
    }
}
