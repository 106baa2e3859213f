import JSONRPC
import Platform

/// What a server was told and has done lately, for a bug report: names, paths and figures; nothing of what files and programs hold.
struct Journal: Sendable {
    private static let length = 10
    private var settings = ReloadSettings()
    private var reports: [JSONValue] = []

    mutating func note(_ settings: ReloadSettings) {
        self.settings = settings
    }

    mutating func note(_ report: Report) {
        guard report.phase == .applied || report.phase == .scanned else { return }
        if reports.count == Self.length { reports.removeFirst() }
        reports.append([
            "time": .string(localTimeOfDay()), "sequence": .int(report.sequence),
            "phase": .string(report.phase.rawValue),
            "outcome": .string(report.outcome.rawValue), "trigger": .string(report.trigger.kind.rawValue),
            "files": .int(report.trigger.paths.count), "hosts": .array(report.hosts.map(Self.json))
        ])
    }

    private static func json(_ host: HostReport) -> JSONValue {
        let timings = host.timings
        func rounded(_ time: Double?) -> JSONValue? { time.map { .number(($0 * 100).rounded() / 100) } }
        return .object([
            "pid": .int(host.pid), "outcome": .string(host.outcome.rawValue), "modules": .int(host.modules.count),
            "staleTotal": .int(host.staleTotal), "images": host.images.map { .int($0.count) },
            "imageBytes": host.images.map { .int($0.bytes) },
            "check": rounded(timings.check), "plan": rounded(timings.plan),
            "apply": rounded(timings.apply), "scan": rounded(timings.scan), "pause": rounded(timings.pause)
        ])
    }

    /// The answer to `server/status`. See HostProtocol.md.
    func json(_ client: ClientInformation, hosts: [HostInformation]) -> JSONValue {
        .object([
            "name": .string(client.name), "version": .string(client.version), "pid": .int(Environment.processID),
            "settings": .object([
                "mode": .string(settings.mode.rawValue), "policy": .string(settings.policy.rawValue),
                "dependents": .string(settings.dependents.rawValue), "track": .strings(settings.track.sorted()),
                "untrack": .strings(settings.untrack.sorted()), "exclude": .strings(settings.exclude),
                "stale.samples": .int(settings.staleSamples), "python": settings.interpreter.map { .string($0) },
                "workspaceFolders": .strings(settings.workspaceFolders)
            ]),
            "hosts": .array(hosts.map { .int($0.pid) }), "reports": .array(reports)
        ])
    }
}

/// What the servers of this user that listen for programs say of themselves: JSON, as HostProtocol.md has `server/status`. Those
/// that do not answer in time are left out.
/// - Parameter limit: milliseconds for each.
public func serverJournals(in folder: RuntimeFolder, limit: Double = 1000) -> [JSONValue] {
    let names = ((try? namesInFolder(folder.path)) ?? []).sorted()
    return names.filter { $0.hasPrefix("server-") && $0.hasSuffix(".sock") }.compactMap { name in
        guard let socket = try? connectToUnixSocket("\(folder.path)/\(name)") else { return nil }
        guard (try? peerCredentials(of: socket))?.userID == Environment.userID else {
            socket.close()
            return nil
        }
        let connection = Connection(socket: socket)
        defer { connection.close() }
        guard (try? connection.start { _ in }) != nil else { return nil }
        return try? connection.send("server/status").wait(until: .after(limit))
    }
}
