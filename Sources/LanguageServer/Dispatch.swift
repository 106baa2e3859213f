import JSONRPC
import LanguageServerProtocol

/// A request that the session's thread answers at once, in the order of arrival.
protocol SessionRequest {
    associatedtype Params: JSONDecodable
    associatedtype Answer: JSONEncodable

    static var method: String { get }

    /// - Throws: `ResponseError`, or `ShapeError` for arguments of a wrong shape.
    static func handle(_ params: Params, in session: Session) throws -> Answer
}

/// A notification, handled by the session's thread in the order of arrival.
protocol SessionNotification {
    associatedtype Params: JSONDecodable

    static var method: String { get }

    static func handle(_ params: Params, in session: Session) throws
}

extension Session {
    /// Every request that is served. Everything else is answered with −32601.
    private func route(_ request: Request) throws {
        switch request.method {
        case Initialize.method: try answer(Initialize.self, request)
        case Shutdown.method: try answer(Shutdown.self, request)
        case HoverRequest.method: try HoverRequest.handle(request, in: self)
        case CodeActionRequest.method: try CodeActionRequest.handle(request, in: self)
        case "codeAction/resolve": try CodeActionRequest.resolve(request, in: self)
        case CodeLensRequest.method: try CodeLensRequest.handle(request, in: self)
        case InlayHintRequest.method: try InlayHintRequest.handle(request, in: self)
        case DocumentDiagnosticRequest.method: try answer(DocumentDiagnosticRequest.self, request)
        case WorkspaceDiagnosticRequest.method: try WorkspaceDiagnosticRequest.handle(request, in: self)
        case ExecuteCommand.method: try ExecuteCommand.handle(request, in: self)
        default: throw ResponseError.methodNotFound(request.method)
        }
    }

    /// Every notification that is served. Everything else is ignored.
    private func route(_ notification: Notification) throws {
        switch notification.method {
        case Initialized.method: try take(Initialized.self, notification)
        case DidOpen.method: try take(DidOpen.self, notification)
        case DidChange.method: try take(DidChange.self, notification)
        case DidSave.method: try take(DidSave.self, notification)
        case DidClose.method: try take(DidClose.self, notification)
        case DidChangeConfiguration.method: try take(DidChangeConfiguration.self, notification)
        case DidChangeWorkspaceFolders.method: try take(DidChangeWorkspaceFolders.self, notification)
        case DidChangeWatchedFiles.method: try take(DidChangeWatchedFiles.self, notification)
        case DidDeleteFiles.method: try take(DidDeleteFiles.self, notification)
        case DidRenameFiles.method: try take(DidRenameFiles.self, notification)
        case CancelProgress.method: try take(CancelProgress.self, notification)
        case SetTrace.method: try take(SetTrace.self, notification)
        case CancelRequest.method: try take(CancelRequest.self, notification)
        default: break
        }
    }

    func dispatch(_ request: Request) {
        client.trace("Received request '\(request.method)' - (\(request.id.json.text))", request.params)
        do {
            try admit(request)
            try route(request)
        } catch {
            client.connection.answer(request.id, .failure(responseError(error)))
        }
    }

    func dispatch(_ notification: Notification) {
        if notification.method != SetTrace.method {
            client.trace("Received notification '\(notification.method)'", notification.params)
        }
        switch (notification.method, phase) {
        case ("exit", _): leave()
        // Kate sends `shutdown` as a notification.
        case (Shutdown.method, _): if phase == .running { phase = .shutDown }
        case (_, .running):
            do {
                try route(notification)
            } catch {
                client.log(.warning, "\(notification.method) is ignored: \(responseError(error).message)")
            }
        // Before `initialize` and after `shutdown`, notifications are dropped (LSP 3.17, "initialize").
        default: break
        }
    }

    /// Whether a request may be served now (LSP 3.17, "initialize" and "shutdown").
    private func admit(_ request: Request) throws(ResponseError) {
        switch phase {
        case .waiting:
            guard request.method == Initialize.method else { throw .serverNotInitialized }
        case .running:
            guard request.method != Initialize.method else { throw .invalidRequest("`initialize` may be sent once") }
            // Cancelled while it waited. `shutdown` is not undone by that.
            guard request.method == Shutdown.method || !client.connection.isCancelled(request.id) else {
                throw .requestCancelled
            }
        case .shutDown:
            throw .invalidRequest("The server has been shut down")
        }
    }

    private func answer<Handler: SessionRequest>(_ handler: Handler.Type, _ request: Request) throws {
        let answer = try Handler.handle(try Handler.Params(json: request.params), in: self)
        client.connection.answer(request.id, .success(answer.json))
    }

    private func take<Handler: SessionNotification>(_ handler: Handler.Type, _ notification: Notification) throws {
        try Handler.handle(try Handler.Params(json: notification.params), in: self)
    }

    private func responseError(_ error: any Error) -> ResponseError {
        switch error {
        case let error as ResponseError: error
        case let error as ShapeError: error.responseError
        default: .internalError("\(error)")
        }
    }
}

/// `$/cancelRequest`: a request that waits for hosts is answered at once. Others are done, or not begun: `admit` sees to them.
enum CancelRequest: SessionNotification {
    static let method = "$/cancelRequest"

    static func handle(_ params: JSONValue, in session: Session) throws {
        guard let id = params["id"].flatMap(RequestID.init) else { return }
        let isWaiting = session.surveys.removeValue(forKey: id) != nil || session.delivery.cancel(id)
        guard session.later.end(id) != nil || isWaiting else { return }
        session.client.connection.answer(id, .failure(.requestCancelled))
    }
}

/// `$/setTrace`: how much the client wants to read in its log.
enum SetTrace: SessionNotification {
    static let method = "$/setTrace"

    static func handle(_ params: JSONValue, in session: Session) throws {
        session.client.trace = params["value"]?.stringValue.flatMap(Client.Trace.init) ?? .off
    }
}
