import JSONRPC
import LanguageServerProtocol

/// `initialized`: the client is ready for requests. The engine starts, and what can only be asked now is asked.
enum Initialized: SessionNotification {
    static let method = "initialized"

    static func handle(_ params: JSONValue, in session: Session) throws {
        if let trouble = session.startupTrouble { session.client.show(.warning, trouble) }
        session.startupTrouble = nil
        session.startServiceIfNeeded()
        session.pullConfiguration()
        var registrations: [Registration] = []
        if session.capabilities.registersWatchedFiles {
            let globs = session.options.sourceSuffixes.map { "**/*\($0)" }
            registrations.append(.watchedFiles(id: "afresh/watched-files", globs: globs))
        }
        if session.capabilities.registersConfigurationChanges {
            registrations.append(.configuration(id: "afresh/configuration", section: "afresh"))
        }
        guard !registrations.isEmpty else { return }
        // A client that refuses does without: `didSave` is what counts.
        session.client.connection.send("client/registerCapability", ["registrations": registrations.json]) { _ in }
    }
}
