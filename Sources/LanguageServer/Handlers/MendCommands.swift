import JSONRPC
import LanguageServerProtocol
import ReloadEngine

/// `afresh.rebind`, `afresh.migrate`, `afresh.forget` and `afresh.restart`: answered with what was done, once it is. What is gone
/// then comes as `reload/status` of phase `resolved`, and diagnostics.
enum MendCommands {
    /// Milliseconds; the program's own code may run.
    private static let limit = 31_000.0

    /// `{symbol, kind?, holders?}`
    static func mend(_ action: Mending.Action, _ argument: JSONValue, for id: RequestID, in session: Session) throws {
        guard let symbol = argument["symbol"]?.stringValue else {
            throw ResponseError.invalidParams("afresh.\(action.rawValue) needs {symbol: \"module.name\"}")
        }
        let kindName: String? = try argument.optional("kind")
        let kind = kindName.map { StaleReference.Kind(rawValue: $0) } ?? defaultKind(of: action)
        guard let kind else { throw ResponseError.invalidParams("There is no kind \(kindName ?? "")") }
        let holders: [String]? = try argument.optional("holders")
        let mending = Mending(action: action, symbol: symbol, kind: kind, holders: holders)
        session.startServiceIfNeeded()
        session.suspend(
            id, limit: limit,
            finish: { (results: [MendingResult]?, session) in finish(results, mending, id, in: session) },
            begin: { session.service.mend(mending, completion: $0) })
    }

    private static func defaultKind(of action: Mending.Action) -> StaleReference.Kind? {
        switch action {
        case .rebind: .binding
        case .migrate: .instance
        case .forget: .leftover
        }
    }

    private static func finish(_ results: [MendingResult]?, _ mending: Mending, _ id: RequestID, in session: Session) {
        guard let results else {
            session.answer(id, .failure(.requestFailed("The programs did not answer in time")))
            return
        }
        let done = results.reduce(0) { $0.addingReportingOverflow($1.done).partialValue }
        let failures = results.compactMap(\.failure)
        let left = results.flatMap(\.left)
        if let failure = failures.first {
            session.client.show(.error, failure)
        } else if let reason = left.first {
            session.client.show(.warning, "Not everything could be put right: \(reason).")
        } else if done == 0 {
            session.client.show(.info, "Nothing in the running programs holds an old \(mending.symbol) any more.")
        }
        session.answer(
            id, .success(["done": .int(done), "left": .strings(left), "failures": .strings(failures)]))
    }

    /// `{host?}`
    static func restart(_ argument: JSONValue, for id: RequestID, in session: Session) throws {
        let host: String? = argument.objectValue == nil ? nil : try argument.optional("host")
        session.startServiceIfNeeded()
        session.suspend(
            id, limit: limit,
            finish: { (results: [MendingResult]?, session) in
                let refused = results?.compactMap(\.failure).first
                if let refused {
                    session.answer(id, .failure(.requestFailed(refused)))
                } else if results?.isEmpty ?? true {
                    session.answer(
                        id, .failure(.requestFailed("Only programs that `afresh run` started can be started anew")))
                } else {
                    session.answer(id, .success(.null))
                }
            },
            begin: { session.service.restart(host: host, completion: $0) })
    }
}
