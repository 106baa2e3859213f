/// The one sentence of each report. Nothing is ever read back out of it.
enum ReloadMessages {
    static func applied(_ report: Report, _ run: ReloadRun, hostCount: Int) -> String {
        if let error = firstError(report, run) { return "Nothing was reloaded: \(error)" }
        for host in run.hosts {
            switch host.ending {
            case .failed(let message), .outdated(let message): return message
            default: break
            }
        }
        for host in run.hosts {
            if case .refused(let message) = host.ending { return message }
        }
        for host in run.hosts {
            if case .rolledBack(_, let failure) = host.ending { return rolledBack(failure, host) }
        }
        let notes = run.notes.isEmpty ? "" : " " + run.notes.joined(separator: " ")
        let applied = modules(of: report) { $0 == .live || $0 == .stale }
        if !applied.isEmpty {
            let exception = exceptions(report).map { ", except for \($0)" } ?? ""
            return
                "\(list(applied)) applied in \(hosts(report))\(exception); looking for stale references.\(agentNote(run))"
        }
        if run.isCheckOnly, !run.hosts.isEmpty { return "\(files(run)) checked; reloading is off." }
        if !run.hosts.isEmpty { return "Nothing to do: the saved text means the same as what runs." }
        if hostCount == 0 { return "\(files(run)) checked; no program runs live: start one with `afresh run`.\(notes)" }
        if run.files.isEmpty { return "No running program has \(list(run.request.modules)) loaded." }
        let leftOut = Set(run.leftOut.values.joined()).sorted()
        guard leftOut.isEmpty else {
            return "\(files(run)) checked; the settings leave \(list(leftOut)) out, so nothing was reloaded.\(notes)"
        }
        return "\(files(run)) checked; no running program has it loaded.\(notes)"
    }

    static func scanned(_ report: Report) -> String {
        let stale = report.hosts.reduce(0) { $0.addingReportingOverflow($1.staleTotal).partialValue }
        let applied = modules(of: report) { $0 == .live || $0 == .stale }
        let names = applied.isEmpty ? "The save" : list(applied)
        let exception = exceptions(report, isSearched: true)
        if stale > 0 {
            let count = stale == 1 ? "1 reference still leads" : "\(stale) references still lead"
            let also = exception.map { ", and \($0) could not be applied" } ?? ""
            return "\(names) applied in \(hosts(report)), but \(count) to old code\(also)."
        }
        if let host = report.hosts.first(where: { $0.coverage.map { !$0.complete } ?? false }) {
            let skipped = host.coverage?.skipped.first.map { ": \($0.what), \($0.reason)" } ?? ""
            return
                "\(names) applied in \(hosts(report)); no stale reference was found, but not everything could be looked at\(skipped)."
        }
        if let exception {
            return "\(names) applied in \(hosts(report)), except for \(exception); no other stale reference was found."
        }
        switch report.outcome {
        case .live:
            return
                "\(names) \(applied.count == 1 ? "is" : "are") live in \(hosts(report)); no stale reference was found."
        default: return report.message
        }
    }

    /// What could not be applied: "items of app".
    /// - Parameter isSearched: what keeps an old value is among the stale references then.
    private static func exceptions(_ report: Report, isSearched: Bool = false) -> String? {
        var symbols: [String] = []
        for module in report.hosts.flatMap(\.modules) where module.outcome == .stale {
            for change in module.changes where !change.applied && !(isSearched && change.isKept) {
                let symbol = "\(change.symbol) of \(module.name)"
                if !symbols.contains(symbol) { symbols.append(symbol) }
            }
        }
        return symbols.isEmpty ? nil : list(symbols)
    }

    private static func rolledBack(_ failure: Applied.Failure, _ host: HostRun) -> String {
        let remains = failure.remains.isEmpty ? "" : " Not undone: \(failure.remains.joined(separator: "; "))."
        return
            "\(failure.module) failed in \(host.information.name), which is as it was before: \(failure.error.message).\(remains)"
    }

    private static func firstError(_ report: Report, _ run: ReloadRun) -> String? {
        guard report.outcome == .blocked || run.hasErrors else { return nil }
        let all = run.hosts.flatMap { $0.checked.values.flatMap(\.problems) } + run.unloaded.values.joined()
        guard
            let problem = all.filter({ $0.severity == .error }).min(by: {
                ($0.path, $0.range.start) < ($1.path, $1.range.start)
            })
        else { return nil }
        return "\(fileName(problem.path)) does not compile (line \(problem.range.start.line + 1): \(problem.message))."
    }

    /// Where statements ran, if that is worth a word.
    private static func agentNote(_ run: ReloadRun) -> String {
        for host in run.hosts {
            if case .applied(let applied) = host.ending, let note = applied.note, !note.isEmpty {
                return " In \(host.information.name): \(note)"
            }
        }
        return ""
    }

    private static func modules(of report: Report, _ isWanted: (Outcome) -> Bool) -> [String] {
        var known: Set<String> = []
        return report.hosts.flatMap(\.modules).filter { isWanted($0.outcome) }.map(\.name).filter {
            known.insert($0).inserted
        }
    }

    /// "app.py and 3 × worker.py".
    private static func hosts(_ report: Report) -> String {
        var counts: [(name: String, count: Int)] = []
        for host in report.hosts where host.outcome != .unchanged {
            if let index = counts.firstIndex(where: { $0.name == host.name }) {
                counts[index].count += 1
            } else {
                counts.append((host.name, 1))
            }
        }
        return list(counts.map { $0.count == 1 ? $0.name : "\($0.count) × \($0.name)" })
    }

    private static func files(_ run: ReloadRun) -> String {
        list(run.files.map { fileName($0.shown) })
    }

    private static func fileName(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    /// "a", "a and b", "a, b and 3 more".
    static func list(_ names: [String]) -> String {
        switch names.count {
        case 0: "nothing"
        case 1...3: names.dropLast().joined(separator: ", ") + (names.count > 1 ? " and " : "") + (names.last ?? "")
        default: names.prefix(2).joined(separator: ", ") + " and \(names.count - 2) more"
        }
    }
}
