import JSONRPC
import LanguageServerProtocol
import Platform

/// `workspace/didChangeConfiguration`: what it carries holds at once, for the save that follows it; a client that only says that
/// something changed is asked.
enum DidChangeConfiguration: SessionNotification {
    static let method = "workspace/didChangeConfiguration"

    static func handle(_ params: DidChangeConfigurationParams, in session: Session) throws {
        if let section = params.settings["afresh"], section.objectValue != nil || !session.capabilities.configuration {
            session.takeConfiguration(.success(section))
        }
        session.pullConfiguration()
    }
}

extension Session {
    /// Asks the client for the section "afresh", if it can be asked.
    func pullConfiguration() {
        guard capabilities.configuration else { return }
        let events = self.events
        let params: JSONValue = ["items": [["section": "afresh"]]]
        client.connection.send("workspace/configuration", params) {
            events.putRegardless(
                .configuration(
                    $0.map { answer in
                        answer.arrayValue?.first ?? .null
                    }))
        }
    }

    func takeConfiguration(_ result: Result<JSONValue, RequestFailure>) {
        switch result {
        case .success(let section):
            if let complaint = settings.takeConfiguration(section) { client.show(.warning, complaint) }
            configureService()
        case .failure(let failure):
            client.log(.warning, "The client did not give its settings: \(failure)")
        }
    }
}
