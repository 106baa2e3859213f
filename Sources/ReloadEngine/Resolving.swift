import JSONRPC
import Platform

/// What the last search in one host found, as it was reported.
struct SettledScan {
    /// Of the reload that was searched after.
    var sequence: Int
    var trigger: Trigger
    var report: HostReport
}

extension EngineThread {
    /// The host says that something stale which was reported may be gone, or a person has mended it: it is searched again.
    /// - Parameter forUse: something old was called, which is said once it is known what.
    func rescan(_ link: HostLink, forUse: Bool = false) {
        guard let host = hosts.first(where: { $0.link === link })?.information, !scans.waiting.contains(host.id),
            scans.settled[host.id] != nil
        else { return }
        let (inbox, round) = (inbox, scans.number)
        let parameters = JSONValue.object(["sequence": .int(sequence), "samples": .int(settings.staleSamples)])
        link.ask("scan", parameters) { result in
            inbox.update { $0.events.append(.rescanned(link, round: round, forUse: forUse, result)) }
        }
    }

    func rescanned(_ link: HostLink, round: Int, forUse: Bool, _ result: Result<JSONValue, RequestFailure>) {
        guard round == scans.number, let host = hosts.first(where: { $0.link === link })?.information,
            var settled = scans.settled[host.id]
        else { return }
        let value: JSONValue
        switch result {
        case .success(let answer): value = answer
        case .failure(.answered(let error)) where error.code == HostProtocol.ErrorCode.cancelled:
            // A save that changed nothing has interrupted it.
            rescan(link, forUse: forUse)
            return
        case .failure: return
        }
        let before = settled.report.stale
        for (index, module) in settled.report.modules.enumerated() where module.outcome == .stale {
            // A part of the edit that could not be applied is not put right by what is gone.
            if module.changes.allSatisfy({ $0.applied || $0.isKept }) { settled.report.modules[index].outcome = .live }
        }
        settled.report.take(shown(StaleSurvey(value)))
        scans.settled[host.id] = settled
        let touched = problems.setStale(host: host.id, StaleProblems.problems(of: settled.report))
        let gone = before.filter(lost: settled.report.stale)
        let uses = value["used"]?.arrayValue?.compactMap(\.stringValue) ?? []
        if forUse, !uses.isEmpty {
            emit(
                .report(
                    Report(
                        sequence: settled.sequence, phase: .scanned, outcome: settled.report.outcome,
                        message: "\(host.name) (pid \(host.pid)) has called old code: \(uses.joined(separator: "; ")).",
                        trigger: settled.trigger, hosts: [settled.report], problems: problems.problems(in: touched),
                        checkedPaths: touched)))
            return
        }
        // Others may have come, or some of many gone: the next report says so. What is said once is not repeated.
        guard !gone.isEmpty else { return }
        emit(
            .report(
                Report(
                    sequence: settled.sequence, phase: .resolved, outcome: settled.report.outcome,
                    message: ReloadMessages.resolved(gone, in: settled.report), trigger: settled.trigger,
                    hosts: [settled.report], problems: problems.problems(in: touched), checkedPaths: touched)))
    }
}

/// What makes two references the same one in two searches.
private struct LostKey: Hashable {
    var symbol: String
    var kind: StaleReference.Kind
    var generation: Int

    init(_ reference: StaleReference) {
        (symbol, kind, generation) = (reference.symbol, reference.kind, reference.generation)
    }
}

extension [StaleReference] {
    /// The references that a later search did not find any more. Their paths may have changed meanwhile: an element of a list has
    /// moved up, an attribute comes first now. So it is their number that counts.
    func filter(lost later: [StaleReference]) -> [StaleReference] {
        let remaining = Dictionary(grouping: later, by: LostKey.init)
        return Dictionary(grouping: self, by: LostKey.init).sorted { $0.value[0].holder < $1.value[0].holder }
            .flatMap { key, references -> [StaleReference] in
                let still = remaining[key] ?? []
                let holders = Set(still.map(\.holder))
                let missing = references.filter { !holders.contains($0.holder) }
                return Array(missing.prefix(Swift.max(0, references.count - still.count)))
            }
    }
}

extension ReloadMessages {
    /// Says what is gone.
    static func resolved(_ gone: [StaleReference], in host: HostReport) -> String {
        let left =
            switch host.staleTotal {
            case 0: "nothing stale is left in \(host.name)."
            case 1: "1 stale reference is left in \(host.name)."
            default: "\(host.staleTotal) stale references are left in \(host.name)."
            }
        guard gone.count == 1, let reference = gone.first else {
            return "\(gone.count) stale references are gone; \(left)"
        }
        let what =
            switch reference.kind {
            case .leftover: "\(reference.holder) is gone"
            case .frame: "\(reference.holder) has ended"
            case .value: "\(reference.holder) is up to date"
            default: "\(reference.holder) no longer holds the old \(reference.symbol)"
            }
        return "\(what); \(left)"
    }
}
