import JSONRPC
import LanguageServerProtocol
import ReloadEngine

// The engine's own types, where the wire has types of the same name (and the module a class of its own name).
private typealias EngineTriggerKind = Trigger.Kind
private typealias EngineCoverage = Coverage
private typealias EngineTimings = Timings

extension ReloadStatus {
    /// One phase of a reload, as `reload/status` says it.
    public init(_ report: Report, context: ConversionContext) {
        self.init(
            sequence: report.sequence, phase: report.phase.rawValue, outcome: report.outcome.rawValue,
            message: report.message,
            trigger: Trigger(
                kind: report.trigger.kind.rawValue, uris: report.trigger.paths.map(context.documentURI)),
            hosts: report.hosts.map { HostStatus($0, context: context) })
    }

    /// How the hosts stand, in the shape of a `hosts` report.
    /// - Parameter sequence: of the last reload; 0 before the first.
    public init(_ surveys: [HostSurvey], sequence: Int, context: ConversionContext) {
        let hosts = surveys.map { HostStatus($0, context: context) }
        let outcomes = surveys.map(\.outcome)
        let count = surveys.count == 1 ? "1 program runs" : "\(surveys.count) programs run"
        self.init(
            sequence: sequence, phase: Report.Phase.hosts.rawValue,
            outcome: (outcomes.max() ?? .unchanged).rawValue,
            message: surveys.isEmpty ? "No program runs live." : "\(count) live.",
            trigger: Trigger(kind: EngineTriggerKind.command.rawValue, uris: []), hosts: hosts)
    }
}

extension HostSurvey {
    /// Live and stale are told apart only if the host was asked.
    fileprivate var outcome: Outcome {
        guard answered else { return .failed }
        guard let stale else { return .unchanged }
        return stale.total > 0 ? .stale : .live
    }
}

extension HostStatus {
    init(_ report: HostReport, context: ConversionContext) {
        self.init(
            id: report.id, pid: report.pid, name: report.name, runtime: report.runtime,
            outcome: report.outcome.rawValue, modules: report.modules.map { ModuleStatus($0, context: context) },
            stale: report.stale.map { StaleReferenceStatus($0, context: context) }, staleTotal: report.staleTotal,
            coverage: report.coverage.map(Coverage.init), timings: Timings(report.timings))
    }

    fileprivate init(_ survey: HostSurvey, context: ConversionContext) {
        let host = survey.host
        let references = survey.stale?.references ?? []
        self.init(
            id: host.id, pid: host.pid, name: host.name, runtime: "\(host.runtime.name) \(host.runtime.version)",
            outcome: survey.outcome.rawValue,
            modules: survey.modules.map { module in
                let isStale = references.contains { $0.symbol.hasPrefix(module.name + ".") }
                let outcome: Outcome = survey.stale == nil ? .unchanged : (isStale ? .stale : .live)
                return ModuleStatus(
                    name: module.name, uri: ModuleStatus.uri(module.name, module.path, context),
                    generation: module.generation, outcome: outcome.rawValue, because: .asked, changes: [], error: nil)
            },
            stale: references.map { StaleReferenceStatus($0, context: context) },
            staleTotal: survey.stale?.total ?? 0, coverage: survey.stale.map { Coverage($0.coverage) },
            timings: Timings(survey.stale?.timings ?? EngineTimings()))
    }
}

extension HostStatus.Coverage {
    fileprivate init(_ coverage: EngineCoverage) {
        self.init(
            complete: coverage.complete, objects: coverage.objects,
            skipped: coverage.skipped.map { (what: $0.what, reason: $0.reason) })
    }
}

extension HostStatus.Timings {
    fileprivate init(_ timings: EngineTimings) {
        self.init(
            check: timings.check, plan: timings.plan, apply: timings.apply, scan: timings.scan, pause: timings.pause)
    }
}

extension ModuleStatus {
    init(_ report: ModuleReport, context: ConversionContext) {
        self.init(
            name: report.name, uri: Self.uri(report.name, report.path, context), generation: report.generation,
            outcome: report.outcome.rawValue, because: Reason(report.because),
            changes: report.changes.map { change in
                Change(
                    symbol: change.symbol, kind: change.kind.rawValue, change: change.change.rawValue,
                    applied: change.applied, reason: change.reason,
                    range: change.range.map { context.range($0, in: change.isASCII ? nil : report.path) })
            },
            error: report.error.map { Failure($0, context: context) })
    }

    /// The module's file. A module without one has a URI all the same: the contract asks for one.
    fileprivate static func uri(_ name: String, _ path: String?, _ context: ConversionContext) -> DocumentURI {
        path.map(context.documentURI) ?? DocumentURI(rawValue: "afresh:\(name)")
    }
}

extension ModuleStatus.Reason {
    init(_ reason: ModuleReport.Reason) {
        switch reason {
        case .edited: self = .edited
        case .dependent(let module, let names): self = .dependent(of: module, names: names)
        case .asked: self = .asked
        }
    }
}

extension ModuleStatus.Failure {
    init(_ error: ExecutionError, context: ConversionContext) {
        let frames = error.traceback.map { frame in
            Frame(
                location: context.location(SourceLocation(path: frame.path, range: frame.range)),
                function: frame.function)
        }
        self.init(message: error.message, traceback: frames.isEmpty ? nil : frames)
    }
}

extension StaleReferenceStatus {
    init(_ reference: StaleReference, context: ConversionContext) {
        self.init(
            symbol: reference.symbol, kind: reference.kind.rawValue, generation: reference.generation,
            count: reference.count, holderPath: reference.holder,
            holderLocation: reference.location.map(context.location), confidence: reference.confidence.rawValue,
            remedy: StaleCause(reference).mending.map {
                Command($0, count: reference.count, newest: reference.newest)
            })
    }
}
