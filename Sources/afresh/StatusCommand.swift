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
            .init(
                "--verbose", nil, "show all of your modules, why one cannot be reloaded, and what a bug report needs"),
            .init("--timeout", .seconds, "how long to wait for an answer (default: 10)"),
            ReloadOptions.process, ReloadOptions.json, Style.option
        ])

    private let isVerbose: Bool
    private let timeout: Double
    private let process: Int?
    private let display: ReportDisplay

    init(_ arguments: Arguments) throws(UsageError) {
        isVerbose = arguments.has("--verbose")
        timeout = arguments.seconds("--timeout") ?? 10
        process = try ReloadOptions.process(arguments)
        display = ReportDisplay(arguments, currentFolder: Environment.workingDirectory ?? "/")
    }

    func run() -> Int32 {
        ignoreBrokenPipes()
        if isVerbose, !display.isJSON {
            FileDescriptor.standardOutput.print(
                Diagnosis.lines(style: display.style).map { $0 + "\n" }.joined() + "\n")
        }
        do {
            let session = try EngineSession(
                command: "status", settings: ReloadSettings(), announced: false,
                process: process)
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
