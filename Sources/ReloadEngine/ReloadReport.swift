import Platform

// From the end of a reload to what is said about it.

extension EngineThread {
    /// Emits the report of phase `applied` and starts the search for stale references.
    func report(_ run: ReloadRun) {
        let hostReports = run.hosts.map { hostReport($0, run) }
        var report = Report(
            sequence: sequence, phase: .applied, outcome: .unchanged, message: "", trigger: run.request.trigger,
            hosts: hostReports)
        let unloadedOutcome: Outcome =
            run.unloaded.values.joined().contains { $0.severity == .error } ? .blocked : .unchanged
        report.outcome = hostReports.map(\.outcome).max().map { max($0, unloadedOutcome) } ?? unloadedOutcome
        let touched = settleProblems(run, hostReports)
        report.checkedPaths = touched.sorted()
        report.problems = problems.problems(in: report.checkedPaths)
        report.message = ReloadMessages.applied(report, run, hostCount: hosts.count)
        emit(.report(report))

        let applied = run.hosts.filter { if case .applied = $0.ending { true } else { false } }
        if !applied.isEmpty { startScans(report, in: applied.map(\.host.link)) }
    }

    /// Puts what the reload found in place of what was known.
    /// - Returns: the paths whose problems may have changed.
    private func settleProblems(_ run: ReloadRun, _ reports: [HostReport]) -> Set<String> {
        var touched: Set<String> = Set(run.unloaded.keys)
        for (path, found) in run.unloaded { problems.setCheck(path, found) }
        var checks: [String: [Problem]] = [:]
        for host in run.hosts {
            for module in host.edited {
                guard let file = run.file(of: module) else { continue }
                let checked = host.checked[module.name]
                // A module of many files is checked as a whole, with what it affects.
                let others = (checked == nil ? [] : module.paths) + (checked?.alsoChecked ?? [])
                for path in others where path != file.real && module.isOfManyFiles(checked) {
                    checks[run.files.first { $0.real == path }?.shown ?? paths.shown(path), default: []] += []
                }
                checks[file.shown, default: []] += []
                for var problem in checked?.problems ?? [] {
                    if problem.path != file.shown { problem.path = paths.shown(problem.path) }
                    checks[problem.path, default: []].append(problem)
                }
            }
        }
        for (path, found) in checks {
            touched.insert(path)
            problems.setCheck(path, found)
        }
        let saved = run.files.map(\.shown)
        for (host, report) in zip(run.hosts, reports) {
            // What did not come to be executed says nothing about what executing it would say.
            if case .failed = host.ending { continue }
            var settled = Set(saved)
            if case .applied = host.ending {
                // Of a module of many files all were brought in, and those of what was compiled with it.
                let others = host.edited.flatMap(\.paths) + host.checked.values.flatMap(\.alsoChecked)
                settled.formUnion(others.map(paths.shown))
            }
            touched.formUnion(
                problems.setRun(
                    host: report.id, saved: settled.sorted(), RunProblems.problems(of: host, report, run)))
        }
        return touched
    }

    private func hostReport(_ run: HostRun, _ reload: ReloadRun) -> HostReport {
        var report = HostReport(run.information, outcome: .unchanged)
        report.images = run.images
        report.timings = run.timings
        switch run.ending {
        case .applied(let applied): report.modules = appliedModules(applied, run)
        case .rolledBack(let applied, let failure): report.modules = failedModules(failure, applied.generations, run)
        case .blocked: report.modules = run.edited.map { editedModule($0, .blocked, run) }
        case .refused: report.modules = run.edited.map { editedModule($0, .refused, run) }
        case .failed, .outdated:
            report.modules = run.edited.map { editedModule($0, .failed, run) }
            report.outcome = .failed
        case .unchanged, nil: report.modules = run.edited.map { editedModule($0, .unchanged, run) }
        }
        report.outcome = max(report.outcome, report.modules.map(\.outcome).max() ?? .unchanged)
        if case .refused = run.ending { report.outcome = .refused }
        return report
    }

    private func appliedModules(_ applied: Applied, _ run: HostRun) -> [ModuleReport] {
        var reports: [ModuleReport] = []
        let answers = Dictionary(applied.modules.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for (module, because) in run.plan.modules {
            let answer = answers[module.name]
            let isChanged = answer.map { $0.changed || $0.executed } ?? true
            // A dependent whose inputs are what they were is none of the reader's business.
            if !isChanged, because != .edited, because != .asked { continue }
            let changes = changes(of: module, answer: answer?.changes, applied: true, run)
            // What could not be applied is as it was, and so is whatever uses it.
            let isWhole = changes.allSatisfy(\.applied)
            reports.append(
                ModuleReport(
                    name: module.name, path: module.path.map(paths.shown),
                    generation: answer?.generation ?? module.generation,
                    outcome: !isWhole ? .stale : isChanged ? .live : .unchanged, because: because, changes: changes))
        }
        for module in run.edited where !reports.contains(where: { $0.name == module.name }) {
            reports.append(editedModule(module, .unchanged, run))
        }
        return reports
    }

    private func failedModules(
        _ failure: Applied.Failure, _ generations: [String: Int], _ run: HostRun
    ) -> [ModuleReport] {
        run.plan.modules.map { module, because in
            var report = ModuleReport(
                name: module.name, path: module.path.map(paths.shown),
                generation: generations[module.name] ?? module.generation, outcome: .rolledBack,
                because: because, changes: changes(of: module, answer: nil, applied: false, run))
            if module.name == failure.module {
                var error = failure.error
                error.traceback = error.traceback.map { frame in
                    var frame = frame
                    frame.path = paths.shown(frame.path)
                    return frame
                }
                if !failure.remains.isEmpty {
                    error.message += " (not undone: \(failure.remains.joined(separator: "; ")))"
                }
                report.error = error
            }
            return report
        }
    }

    /// A module that was not executed.
    private func editedModule(_ module: ModuleInformation, _ outcome: Outcome, _ run: HostRun) -> ModuleReport {
        var report = ModuleReport(
            name: module.name, path: module.path.map(paths.shown), generation: module.generation, outcome: outcome,
            because: .edited, changes: changes(of: module, answer: nil, applied: false, run))
        if let reason = run.refusals[module.name] {
            report.error = ExecutionError(message: reason)
        } else if let problem = run.checked[module.name]?.problems.first(where: { $0.severity == .error }) {
            report.error = ExecutionError(message: "line \(problem.range.start.line + 1): \(problem.message)")
        } else if outcome == .failed || outcome == .refused {
            switch run.ending {
            case .failed(let message), .outdated(let message), .refused(let message):
                report.error = ExecutionError(message: message)
            default: break
            }
        }
        return report
    }

    private func changes(of module: ModuleInformation, answer: [Change]?, applied: Bool, _ run: HostRun) -> [Change] {
        let checked = run.checked[module.name]
        var changes = answer ?? []
        if changes.isEmpty {
            changes = checked?.changes ?? []
            for index in changes.indices { changes[index].applied = applied }
        }
        guard let fallback = checked?.fallback else { return changes }
        let reason = "the whole module was executed: \(fallback)"
        if changes.isEmpty {
            changes = [
                Change(symbol: module.name, kind: .statement, change: .modified, applied: applied, reason: reason)
            ]
        }
        for index in changes.indices where changes[index].reason == nil { changes[index].reason = reason }
        return changes
    }
}

extension ModuleInformation {
    fileprivate func isOfManyFiles(_ checked: CheckedModule?) -> Bool {
        !otherPaths.isEmpty || !(checked?.alsoChecked ?? []).isEmpty
    }
}

/// What happened in a host, as problems of source files.
enum RunProblems {
    static func problems(of run: HostRun, _ report: HostReport, _ reload: ReloadRun) -> [Problem] {
        var again: [String: [Repetition]] = [:]
        if case .applied(let applied) = run.ending {
            for module in applied.modules where !module.again.isEmpty {
                again[module.name, default: []] += module.again
            }
        }
        return report.modules.flatMap { module -> [Problem] in
            guard let path = module.path else { return [] }
            switch module.outcome {
            case .rolledBack: return module.error.map { [executionError($0, in: report, path)] } ?? []
            case .refused:
                guard let reason = run.refusals[module.name] else { return [] }
                return [
                    Problem(path: path, range: .fileStart, code: "not-applied", severity: .warning, message: reason)
                ]
            case .live, .stale:
                return notApplied(module, path) + (again[module.name] ?? []).map { $0.problem(in: path) }
            case .unchanged: return reload.isCheckOnly ? behind(module, run, path) : []
            case .blocked, .failed: return []
            }
        }
    }

    /// At the statement that raised, with how it was reached.
    static func executionError(_ error: ExecutionError, in report: HostReport, _ path: String) -> Problem {
        let own = Set(report.modules.compactMap(\.path))
        let index = error.traceback.lastIndex { own.contains($0.path) } ?? error.traceback.indices.last
        guard let index else {
            return Problem(
                path: path, range: .fileStart, code: "execution-error", severity: .error, message: error.message)
        }
        let frame = error.traceback[index]
        let related = error.traceback.enumerated().filter { $0.offset != index }.map { _, other in
            Problem.Related(
                location: SourceLocation(path: other.path, range: other.range), message: "in \(other.function)")
        }
        return Problem(
            path: frame.path, range: frame.range, code: "execution-error", severity: .error, message: error.message,
            related: related)
    }

    private static func notApplied(_ module: ModuleReport, _ path: String) -> [Problem] {
        module.changes.filter { !$0.applied && !$0.isKept }.map { change in
            Problem(
                path: path, range: change.range ?? .fileStart, code: "not-applied", severity: .warning,
                message:
                    "\(change.symbol) was not applied: \(change.reason ?? "the running program keeps what it has").")
        }
    }

    private static func behind(_ module: ModuleReport, _ run: HostRun, _ path: String) -> [Problem] {
        guard let checked = run.checked[module.name], !checked.isUnchanged else { return [] }
        return [
            Problem(
                path: path, range: .fileStart, code: "behind", severity: .information,
                message: "\(run.information.name) runs an older text: reloading is off.")
        ]
    }
}
