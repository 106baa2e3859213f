import Platform
import ReloadEngine

/// What hosts answer about themselves, in the form of a report.
enum StatusReport {
    static func report(of surveys: [HostSurvey], silent: [HostReport] = []) -> Report {
        let hosts = surveys.map(host) + silent
        let count = hosts.count == 1 ? "1 live program is running" : "\(hosts.count) live programs are running"
        return Report(
            sequence: 0, phase: .hosts, outcome: hosts.map(\.outcome).max() ?? .unchanged,
            message: hosts.isEmpty ? "No live program is running." : "\(count).",
            trigger: Trigger(kind: .command, paths: []), hosts: hosts)
    }

    private static func host(of survey: HostSurvey) -> HostReport {
        let modules = survey.modules.map { module in
            let difference = SavedText.difference(of: module, in: survey.host.runtime)
            return ModuleReport(
                name: module.name, path: module.path, generation: module.generation,
                outcome: difference == nil ? outcome(of: module, in: survey) : .stale, because: .asked,
                changes: difference.map { [$0] } ?? [],
                error: module.refusal.map { ExecutionError(message: $0.message) })
        }
        let reloadable = modules.filter { $0.outcome != .refused }
        return HostReport(
            id: survey.host.id, pid: survey.host.pid, name: survey.host.name,
            runtime: "\(survey.host.runtime.name) \(survey.host.runtime.version)",
            outcome: survey.answered ? reloadable.map(\.outcome).max() ?? .unchanged : .failed, modules: modules,
            stale: survey.stale?.references ?? [], staleTotal: survey.stale?.total ?? 0,
            coverage: survey.stale?.coverage,
            timings: survey.stale?.timings ?? Timings())
    }

    /// Says "live" only of what was searched and found whole.
    private static func outcome(of module: ModuleInformation, in survey: HostSurvey) -> Outcome {
        if module.refusal != nil { return .refused }
        if module.generation <= 1 { return .unchanged }
        guard let stale = survey.stale else { return .stale }
        if stale.references.contains(where: { $0.symbol.hasPrefix(module.name + ".") }) { return .stale }
        return stale.coverage.complete && stale.references.count == stale.total ? .live : .stale
    }
}

/// How the texts on disk stand to those that run.
private enum SavedText {
    /// Bytes. Larger texts are not compared.
    private static let limit = 16 << 20

    /// What was saved and does not run; nil when it runs, or when that cannot be known.
    static func difference(of module: ModuleInformation, in runtime: HostRuntime) -> Change? {
        guard module.refusal == nil, module.digest != nil else { return nil }
        let own = Afresh.runtimes().first { $0.name == runtime.name }
        for path in module.paths {
            let reason: String
            if let text = try? readFile(path, limit: limit) {
                guard own?.differs(text, of: path, from: module, in: runtime) == true else { continue }
                reason = "the text on disk differs from the one that was loaded"
            } else {
                guard fileStatus(path) == nil else { continue }
                reason = "its file is gone"
            }
            return Change(symbol: module.name, kind: .statement, change: .modified, applied: false, reason: reason)
        }
        return nil
    }
}
