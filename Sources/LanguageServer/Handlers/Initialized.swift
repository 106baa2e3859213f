import JSONRPC
import LanguageServerProtocol
import Platform

/// `initialized`: the client is ready for requests. The engine starts, and what can only be asked now is asked.
enum Initialized: SessionNotification {
    static let method = "initialized"

    static func handle(_ params: JSONValue, in session: Session) throws {
        if let trouble = session.startupTrouble { session.client.show(.warning, trouble) }
        session.startupTrouble = nil
        session.startServiceIfNeeded()
        session.pullConfiguration()
        let (events, tidyUp) = (session.events, session.options.tidyUp)
        _ = try? WorkerThread {
            for line in tidyUp() { events.putRegardless(.engine(.log(.information, line))) }
        }
        if session.capabilities.registersWatchedFiles {
            let globs = session.options.sourceSuffixes.map { "**/*\($0)" }
            session.register(.watchedFiles(id: "afresh/watched-files", globs: globs)) { isAccepted in
                if !isAccepted { events.putRegardless(.watchingRefused) }
            }
        }
        if session.capabilities.registersConfigurationChanges {
            session.register(.configuration(id: "afresh/configuration", section: "afresh")) { _ in }
        }
    }
}

extension Session {
    /// Asks the client to send notifications that it only sends to those who ask.
    fileprivate func register(
        _ registration: Registration, completion: @escaping @Sendable (_ isAccepted: Bool) -> Void
    ) {
        client.connection.send("client/registerCapability", ["registrations": [registration.json]]) { result in
            if case .success = result { completion(true) } else { completion(false) }
        }
    }
}
