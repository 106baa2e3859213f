import Platform
import ReloadEngine

/// `afresh status`: which programs are live, what they have loaded, and what is still old in them.
struct StatusCommand: Command {
    static let syntax = CommandSyntax(
        name: "status",
        summary: "show the live programs, their modules, generations and stale references",
        discussion: """
            Shows every program started by 'afresh run' that is still running, your modules in it with their generations,
            and the stale references that remain.

            Exit code: 0, or 2 if a program did not answer.
            """,
        operands: .none,
        options: [
            .init("--verbose", nil, "show all of your modules, and why one cannot be reloaded"),
            .init("--timeout", .seconds, "how long to wait for an answer (default: 10)"),
            ReloadOptions.json, Style.option
        ])

    private let isVerbose: Bool
    private let timeout: Double
    private let display: ReportDisplay

    init(_ arguments: Arguments) throws(UsageError) {
        isVerbose = arguments.has("--verbose")
        timeout = arguments.seconds("--timeout") ?? 10
        display = ReportDisplay(arguments, currentFolder: Environment.workingDirectory ?? "/")
    }

    func run() -> Int32 {
        ignoreBrokenPipes()
        do {
            let session = try EngineSession(command: "status", settings: ReloadSettings(), announced: false)
            defer { session.engine.stop() }
            let hosts = session.greetedHosts()
            let silent = session.silentHosts
            guard !hosts.isEmpty || !silent.isEmpty else {
                display.json(StatusReport.report(of: []))
                display.say("No live program is running; start one with 'afresh run python app.py'.")
                return ExitCode.success
            }
            let surveys = session.survey(until: .after(timeout * 1000))
            let report = StatusReport.report(of: surveys, silent: silent)
            if display.isJSON {
                display.json(report)
            } else {
                let renderer = StatusRenderer(style: display.style, path: display.path, isVerbose: isVerbose)
                FileDescriptor.standardOutput.print(renderer.render(surveys))
            }
            let answered = Set(surveys.filter(\.answered).map(\.host.id))
            for host in hosts where !answered.contains(host.id) {
                complain("status", "\(host.name) (pid \(host.pid)) did not answer; it may be stopped or busy.")
            }
            if !silent.isEmpty { complain("status", EngineSession.sentence(about: silent)) }
            let isWhole = silent.isEmpty && hosts.allSatisfy { answered.contains($0.id) }
            return isWhole ? ExitCode.success : ExitCode.notApplied
        } catch {
            complain("status", sentence(of: error))
            return ExitCode.notApplied
        }
    }
}

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
            ModuleReport(
                name: module.name, path: module.path, generation: module.generation,
                outcome: outcome(of: module, in: survey), because: .asked,
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

/// Writes for a person how the hosts stand.
struct StatusRenderer: Sendable {
    var style: Style
    var path: PathDisplay
    var isVerbose: Bool

    /// How many modules that were never reloaded are shown.
    private static let limit = 20

    func render(_ surveys: [HostSurvey]) -> String {
        surveys.filter(\.answered).map(render).joined(separator: "\n")
    }

    private func render(_ survey: HostSurvey) -> String {
        let host = survey.host
        var lines = [
            "\(style.bold(printable(host.name)))  pid \(host.pid), \(printable(host.runtime.name)) "
                + "\(printable(host.runtime.version)), started in \(path(host.directory))"
        ]
        lines += host.notices.map { "  " + style.yellow("note: \(printable($0.message))") }
        let report = StatusReport.report(of: [survey]).hosts.first
        let modules = report?.modules ?? []
        // What was reloaded is always shown; of the rest as many as can be read at a glance.
        let first = Set(modules.filter { $0.generation <= 1 && $0.outcome != .refused }.prefix(Self.limit).map(\.name))
        let shown = modules.filter { isVerbose || $0.generation > 1 || first.contains($0.name) }
        let names = shown.map(\.name.count).max() ?? 0
        let outcomes = shown.map(\.outcome.rawValue.count).max() ?? 0
        for module in shown {
            let file = module.path.map { path($0) } ?? "no source file"
            lines.append(
                "  \(style.outcome(module.outcome, padded: outcomes))  \(pad(printable(module.name), to: names))  "
                    + "generation \(module.generation)  \(style.dim(file))")
            if isVerbose, let error = module.error {
                lines.append("      " + style.dim(printable(error.message)))
            }
        }
        let rest = modules.count - shown.count
        if rest > 0 {
            let what = rest == 1 ? "1 module" : "\(rest) modules"
            lines.append("  " + style.dim("and \(what) more (--verbose lists them)"))
        }
        if let report {
            let renderer = ReportRenderer(style: style, path: path, source: SourceLines().line)
            lines += renderer.render(report.stale, total: report.staleTotal).map { "  " + $0 }
        }
        return lines.map { $0 + "\n" }.joined()
    }
}
