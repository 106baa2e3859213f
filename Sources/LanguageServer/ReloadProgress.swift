import JSONRPC
import LanguageServerProtocol
import Platform

/// Work-done progress for reloads that last. The token is the server's, so the client must be asked first; until it has
/// agreed nothing is sent, and if the reload ends before, nothing ever is.
struct ReloadProgress {
    /// Milliseconds before a person is told that a reload is running.
    static let patience = 300.0

    private enum State {
        case idle
        /// Nobody has been told.
        case running(sequence: Int, title: String)
        /// The client has been asked for a token.
        case asked(sequence: Int, title: String)
        /// The client shows it.
        case shown(sequence: Int)
    }

    private var state = State.idle

    static func token(_ sequence: Int) -> String { "afresh/reload/\(sequence)" }

    mutating func started(sequence: Int, title: String, client: Client) {
        finish(message: nil, client: client)
        state = .running(sequence: sequence, title: title)
    }

    /// Whether the client is to be asked for a token now.
    mutating func isOverdue(sequence: Int) -> Bool {
        guard case .running(sequence, let title) = state else { return false }
        state = .asked(sequence: sequence, title: title)
        return true
    }

    mutating func created(sequence: Int, accepted: Bool, client: Client) {
        guard case .asked(sequence, let title) = state else { return }
        guard accepted else {
            state = .idle
            return
        }
        state = .shown(sequence: sequence)
        client.report(ProgressParams(token: Self.token(sequence), value: .begin(title: title, message: nil)))
    }

    /// The person wants to see it no longer. The reload goes on: half of one would be worse.
    mutating func cancelled(token: JSONValue, client: Client) {
        guard case .shown(let sequence) = state, token == .string(Self.token(sequence)) else { return }
        finish(message: nil, client: client)
    }

    /// The reload has ended.
    mutating func finish(message: String?, client: Client) {
        if case .shown(let sequence) = state {
            client.report(ProgressParams(token: Self.token(sequence), value: .end(message: message)))
        }
        state = .idle
    }
}

extension Session {
    /// The reload of that sequence has lasted; tells the client if it wants to know.
    func beginProgress(_ sequence: Int) {
        guard capabilities.workDoneProgress, progress.isOverdue(sequence: sequence) else { return }
        let events = self.events
        let params: JSONValue = ["token": .string(ReloadProgress.token(sequence))]
        client.connection.send("window/workDoneProgress/create", params) { result in
            let accepted = if case .success = result { true } else { false }
            events.putRegardless(.progressCreated(sequence: sequence, accepted: accepted))
        }
    }
}

/// `window/workDoneProgress/cancel`
enum CancelProgress: SessionNotification {
    static let method = "window/workDoneProgress/cancel"

    static func handle(_ params: JSONValue, in session: Session) throws {
        session.progress.cancelled(token: params["token"] ?? .null, client: session.client)
    }
}
