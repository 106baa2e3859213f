import JSONRPC
import Platform

/// What a name of a module stands for in one host.
public struct LiveValue: Sendable {
    public var host: HostInformation
    public var module: String
    /// A short text for each name, made without running code of the program; nil where the name stands for nothing.
    public var texts: [String?]

    public init(host: HostInformation, module: String, texts: [String?]) {
        self.host = host
        self.module = module
        self.texts = texts
    }
}

/// What a person asks of running programs besides reloads: done on the engine's thread, between reloads.
extension EngineThread {
    /// Mends in every host that answers; then they are searched again, so that what is gone is said.
    func mend(_ mending: Mending) -> [MendingResult] {
        let parameters = JSONValue.object([
            "action": .string(mending.action.rawValue), "symbol": .string(mending.symbol),
            "kind": .string(mending.kind.rawValue), "holders": mending.holders.map { .strings($0) }
        ])
        return answers("mend", parameters, limit: configuration.limits.apply).map { host, result in
            switch result {
            case .success(let value):
                let done = max(0, value["done"]?.intValue ?? 0)
                rescan(host.link)
                return MendingResult(
                    host: host.information, done: done, left: value["left"]?.strings ?? [],
                    failure: value["failure"].map { failureMessage($0, host.information) })
            case .failure(let failure):
                let name = "\(host.information.name) (pid \(host.information.pid))"
                return MendingResult(host: host.information, done: 0, failure: "\(name) did not do it: \(failure.text)")
            }
        }
    }

    private func failureMessage(_ failure: JSONValue, _ host: HostInformation) -> String {
        let applied = Applied(.object(["failure": failure]))
        let message = applied.failure?.error.message ?? "it failed"
        let place = applied.failure?.error.traceback.last.map { frame in
            " (\(paths.shown(frame.path)), line \(frame.range.start.line + 1))"
        }
        let state = applied.failure?.isUndone == true ? "everything is as it was" : "not everything could be put back"
        return "\(host.name): \(message)\(place ?? ""); \(state)."
    }

    /// Starts programs anew, by host id; nil: all that can be.
    /// - Returns: those that were told, each with the reason where it refused.
    func restart(_ id: String?) -> [MendingResult] {
        answers("restart", .object([:]), limit: configuration.limits.prepare) { host in
            host.isRestartable && (id ?? host.id) == host.id
        }.map { host, result in
            switch result {
            case .success: MendingResult(host: host.information, done: 1)
            case .failure(.closed): MendingResult(host: host.information, done: 1)
            case .failure(let failure): MendingResult(host: host.information, done: 0, failure: failure.text)
            }
        }
    }

    /// What names (`["shop", "RATE"]`) stand for in the modules of a file.
    func values(path: String, names: [[String]]) -> [LiveValue] {
        let parameters = JSONValue.object([
            "path": .string(resolvedPath(path)), "names": .array(names.map { .strings($0) })
        ])
        return answers("values", parameters, limit: configuration.limits.prepare).flatMap { host, result in
            guard case .success(let value) = result else { return [LiveValue]() }
            return value["modules"]?.arrayValue?.map { module in
                LiveValue(
                    host: host.information, module: module["module"]?.stringValue ?? "",
                    texts: module["values"]?.arrayValue?.map(\.stringValue) ?? [])
            } ?? []
        }
    }

    /// Asks all hosts that are not known to be silent, side by side.
    private func answers(
        _ method: String, _ parameters: JSONValue, limit: Double,
        where isWanted: (HostInformation) -> Bool = { _ in true }
    ) -> [(Host, Result<JSONValue, RequestFailure>)] {
        let asked = hosts.filter { !$0.isSilent && isWanted($0.information) }.map { host in
            (host, host.link.ask(method, parameters))
        }
        let deadline = Deadline.after(limit)
        return asked.map { host, reply in
            let result = wait(for: reply, of: host, until: deadline)
            if case .failure(.timedOut) = result { giveUp(host, saved: []) }
            return (host, result)
        }
    }
}

extension RequestFailure {
    fileprivate var text: String {
        switch self {
        case .answered(let error): error.message
        case .timedOut: "it does not answer"
        case .closed: "it has ended"
        case .cancelled: "it was cancelled"
        }
    }
}
