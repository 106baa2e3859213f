import JSONRPC
import Platform

/// The search for stale references after one reload, in all hosts that it was applied to.
struct ScanRound {
    /// Rises by one with each reload that was applied: answers to earlier rounds are dropped.
    var number = 0
    /// The report that is waited for, as it was in phase `applied`.
    var report: Report?
    /// Hosts that have not answered, by id.
    var waiting: Set<String> = []
    /// Until when they are waited for.
    var deadline: Deadline?
    /// What was found last, by host id.
    var settled: [String: SettledScan] = [:]

    /// Nothing is to be expected from the host any more.
    /// - Returns: whether all have answered now.
    mutating func end(host: String) -> Bool {
        waiting.remove(host) != nil && waiting.isEmpty
    }
}

extension EngineThread {
    /// Starts the search in all hosts that the reload was applied to; the answers come later.
    func startScans(_ report: Report, in links: [HostLink]) {
        scans.number += 1
        scans.report = report
        scans.waiting = []
        scans.deadline = .after(configuration.limits.scan)
        for host in hosts where links.contains(where: { $0 === host.link }) {
            scans.waiting.insert(host.information.id)
            scan(host.link)
        }
    }

    private func scan(_ link: HostLink) {
        guard let report = scans.report else { return }
        let (inbox, round) = (inbox, scans.number)
        let parameters = JSONValue.object([
            "sequence": .int(report.sequence), "samples": .int(settings.staleSamples)
        ])
        link.ask("scan", parameters) { result in
            inbox.update { $0.events.append(.scanned(link, round: round, result)) }
        }
    }

    func scanned(_ link: HostLink, round: Int, _ result: Result<JSONValue, RequestFailure>) {
        guard round == scans.number, let host = hosts.first(where: { $0.link === link })?.information,
            scans.waiting.contains(host.id)
        else { return }
        switch result {
        case .success(let value): settle(host.id, StaleSurvey(value))
        case .failure(.answered(let error)) where error.code == HostProtocol.ErrorCode.cancelled:
            // A later save that changed nothing has interrupted it.
            scan(link)
            return
        case .failure(let failure):
            log(.error, "\(host.name) could not look for stale references: \(failure)")
            settle(host.id, .nothing(because: "\(failure)"))
        }
        if scans.end(host: host.id) { finishScans() }
    }

    /// Ends a search that some hosts do not answer, so that what the others found is said.
    func giveUpScans() {
        guard let deadline = scans.deadline, deadline.hasPassed else { return }
        scans.deadline = nil
        for host in scans.waiting { giveUpScan(in: host, because: "the program did not answer") }
    }

    /// No answer is to be expected from the host any more.
    func giveUpScan(in host: String, because reason: String) {
        guard scans.waiting.contains(host) else { return }
        settle(host, .nothing(because: reason))
        if scans.end(host: host) { finishScans() }
    }

    /// The host has ended: a search in others speaks of them alone.
    func endScan(in host: String) {
        guard scans.report.map({ $0.hosts.contains { $0.id != host } }) ?? false else {
            return giveUpScan(in: host, because: "the program has ended")
        }
        scans.report?.hosts.removeAll { $0.id == host }
        if scans.end(host: host) { finishScans() }
    }

    private func settle(_ host: String, _ survey: StaleSurvey) {
        guard let index = scans.report?.hosts.firstIndex(where: { $0.id == host }) else { return }
        scans.report?.hosts[index].take(shown(survey))
    }

    /// With paths as the user writes them.
    func shown(_ survey: StaleSurvey) -> StaleSurvey {
        var survey = survey
        for index in survey.references.indices {
            if let path = survey.references[index].location?.path {
                survey.references[index].location?.path = paths.shown(path)
            }
            for use in survey.references[index].uses.indices {
                survey.references[index].uses[use].path = paths.shown(survey.references[index].uses[use].path)
            }
        }
        return survey
    }

    /// All hosts have answered.
    func finishScans() {
        scans.deadline = nil
        guard var report = scans.report else { return }
        scans.report = nil
        var touched: [String] = []
        for host in report.hosts where host.coverage != nil {
            scans.settled[host.id] = SettledScan(sequence: report.sequence, trigger: report.trigger, report: host)
            touched += problems.setStale(host: host.id, StaleProblems.problems(of: host))
        }
        report.phase = .scanned
        report.outcome = report.hosts.map(\.outcome).max() ?? report.outcome
        report.message = ReloadMessages.scanned(report)
        report.checkedPaths = Set(touched).sorted()
        report.problems = problems.problems(in: report.checkedPaths)
        emit(.report(report))
    }
}

extension StaleSurvey {
    /// Nothing could be looked at.
    fileprivate static func nothing(because reason: String) -> StaleSurvey {
        StaleSurvey(
            references: [], total: 0,
            coverage: Coverage(complete: false, objects: 0, skipped: [.init(what: "everything", reason: reason)]),
            timings: Timings())
    }
}

extension HostReport {
    /// Takes in what a search found: only a complete one that found nothing leaves `live`.
    mutating func take(_ survey: StaleSurvey) {
        stale = survey.references
        staleTotal = survey.total
        coverage = survey.coverage
        timings.scan = survey.timings.scan
        if let pause = survey.timings.pause { timings.pause = max(timings.pause ?? 0, pause) }
        for index in modules.indices where modules[index].outcome == .live {
            let isStale = survey.references.contains { modules[index].owns(symbol: $0.symbol, among: modules) }
            if isStale || !survey.coverage.complete { modules[index].outcome = .stale }
        }
        let isClean = survey.total == 0 && survey.coverage.complete
        outcome = max(modules.map(\.outcome).max() ?? .live, isClean ? .live : .stale)
    }
}

extension ModuleReport {
    /// Whether `symbol` ("shop.pricing.price") is defined in this module and not in a submodule of it.
    func owns(symbol: String, among modules: [ModuleReport]) -> Bool {
        guard symbol == name || symbol.hasPrefix(name + ".") else { return false }
        return !modules.contains { other in
            other.name.utf8.count > name.utf8.count && (symbol == other.name || symbol.hasPrefix(other.name + "."))
        }
    }
}
