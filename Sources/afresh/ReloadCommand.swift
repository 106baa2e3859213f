import Platform
import ReloadEngine

/// `afresh reload`: one reload now, in every host that has it loaded.
struct ReloadCommand: Command {
    static let syntax = CommandSyntax(
        name: "reload",
        summary: "reload files or modules now, in every program that has them loaded",
        discussion: """
            Brings the saved text into every program started by 'afresh run' that has the module loaded, with the modules
            that depend on it, and waits until it is known what is still old. All or nothing: if something does not compile
            or raises, every module stays as it was.

            Exit code: 0 everything is live or unchanged; 1 something is stale; 2 blocked, rolled back, refused or failed;
            3 no program has it loaded; 64 wrong usage.
            """,
        operands: .init(
            placeholder: "FILE_OR_MODULE…", missing: "name a file or a module, such as 'afresh reload app.py'"),
        options: [
            ReloadOptions.policy, ReloadOptions.dependents,
            .init("--force", nil, "execute it even if its text is what runs already"),
            .init("--timeout", .seconds, "how long to wait for an answer (default: 30)"),
            ReloadOptions.process, ReloadOptions.json, Style.option
        ],
        examples: ["afresh reload shop/pricing.py", "afresh reload shop.pricing shop.cart --policy exact"])

    private let targets: [ReloadTarget]
    private let settings: ReloadSettings
    private let force: Bool
    private let timeout: Double
    private let process: Int?
    private let display: ReportDisplay

    init(_ arguments: Arguments) throws(UsageError) {
        let folder = Environment.workingDirectory ?? "/"
        var targets: [ReloadTarget] = []
        for word in arguments.operands {
            targets.append(try ReloadTarget(word, currentFolder: folder))
        }
        self.targets = targets
        settings = ReloadOptions.settings(arguments)
        force = arguments.has("--force")
        timeout = arguments.seconds("--timeout") ?? 30
        process = try ReloadOptions.process(arguments)
        display = ReportDisplay(arguments, currentFolder: folder)
    }

    func run() -> Int32 {
        ignoreBrokenPipes()
        let session: EngineSession
        do {
            session = try EngineSession(command: "reload", settings: settings, announced: false, process: process)
        } catch {
            complain("reload", sentence(of: error))
            return ExitCode.notApplied
        }
        defer { session.engine.stop() }
        let hosts = session.greetedHosts()
        let silent = session.silentHosts
        guard !hosts.isEmpty || !silent.isEmpty else {
            complain("reload", "no live program is running; start one with 'afresh run python app.py'.")
            return ExitCode.notLoaded
        }
        guard !hosts.isEmpty else { return explain(silent) }
        session.engine.reload(request)
        let code = follow(session, until: .after(timeout * 1000))
        guard !silent.isEmpty else { return code }
        complain("reload", EngineSession.sentence(about: silent))
        return ExitCode.notApplied
    }

    /// Nobody answers, so nobody was touched.
    private func explain(_ silent: [HostReport]) -> Int32 {
        let report = Report(
            sequence: 1, phase: .applied, outcome: .failed, message: EngineSession.sentence(about: silent),
            trigger: request.trigger, hosts: silent)
        display.json(report)
        complain("reload", report.message)
        return ExitCode.notApplied
    }

    private var request: ReloadRequest {
        var paths: [String] = []
        var modules: [String] = []
        for target in targets {
            switch target {
            case .file(let path): paths.append(path)
            case .module(let name): modules.append(name)
            }
        }
        return ReloadRequest(trigger: Trigger(kind: .command, paths: paths), modules: modules, force: force)
    }

    /// Shows the phases of the reload until the last one; gives the exit code.
    private func follow(_ session: EngineSession, until deadline: Deadline) -> Int32 {
        var progress = ReloadProgress()
        while !progress.isOver {
            guard let event = session.next(until: deadline) else {
                if let report = progress.waiting { display.show(report) }
                complain("reload", "no answer within \(milliseconds(timeout)) s; the programs may still apply it.")
                return ExitCode.notApplied
            }
            switch event {
            case .report(let report) where report.phase == .applied || report.phase == .scanned:
                display.json(report)
            case .notice(let host, _, let message):
                complain("reload", noticeText(message, of: host))
            default: break
            }
            progress.take(event)
        }
        guard let report = progress.last else { return ExitCode.notApplied }
        guard report.hosts.contains(where: { !$0.modules.isEmpty }) || report.outcome > .stale else {
            complain("reload", "no running program has \(listOfTargets) loaded.")
            return ExitCode.notLoaded
        }
        display.show(report)
        return Self.exitCode(of: report.outcome)
    }

    private var listOfTargets: String {
        targets.map { target in
            switch target {
            case .file(let path): display.path(path)
            case .module(let name): name
            }
        }.joined(separator: ", ")
    }

    static func exitCode(of outcome: Outcome) -> Int32 {
        switch outcome {
        case .unchanged, .live: ExitCode.success
        case .stale: ExitCode.stale
        case .blocked, .rolledBack, .refused, .failed: ExitCode.notApplied
        }
    }
}

/// How far one reload has come: the search for stale references ends it, if there is one.
struct ReloadProgress {
    /// The latest phase that was reported.
    private(set) var last: Report?
    private var isIdle = false
    /// An applied phase whose search has not answered yet.
    var waiting: Report? {
        guard let last, last.phase == .applied, Self.expectsScan(last) else { return nil }
        return last
    }

    /// Nothing more will be said about this reload.
    var isOver: Bool { isIdle && last != nil && waiting == nil }

    mutating func take(_ event: EngineEvent) {
        switch event {
        case .report(let report) where report.phase == .applied: last = report
        case .report(let report) where report.phase == .scanned: last = report.withWarnings(of: last)
        case .idle: isIdle = true
        default: break
        }
    }

    /// Only what was applied is searched for afterwards.
    static func expectsScan(_ report: Report) -> Bool {
        report.hosts.contains { $0.outcome == .live || $0.outcome == .stale }
    }
}

extension Report {
    /// This later phase, with what an earlier one of the same reload said about the saved texts.
    func withWarnings(of earlier: Report?) -> Report {
        guard let earlier, earlier.sequence == sequence else { return self }
        var report = self
        report.problems += earlier.problems.filter { problem in
            problem.code == "compile-warning" && !checkedPaths.contains(problem.path)
        }
        return report
    }
}

/// A notice with the name of its program, unless it begins with that.
func noticeText(_ message: String, of host: HostInformation?) -> String {
    guard let host, !message.hasPrefix(host.name) else { return message }
    return "\(host.name) (pid \(host.pid)): \(message)"
}

/// A sentence for a person about an error of any kind.
func sentence(of error: any Error) -> String {
    if let refusal = error as? RuntimeFolder.Refusal { return refusal.message }
    return "\(error)."
}
