import Platform
import ReloadEngine
import SwiftRuntime

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// `afresh watch`: reloads on every save that is seen on disk, whoever made it.
struct WatchCommand: Command {
    static let syntax = CommandSyntax(
        name: "watch",
        summary: "reload on every save seen on disk, without an editor's help",
        discussion: """
            Watches the folders given (the current one if none is) with all below them but hidden folders, virtual
            environments and __pycache__. Every Python file that is saved there is brought into each program started by
            'afresh run' that has it loaded, and a report is printed. Ends with Ctrl-C.
            """,
        operands: .init(placeholder: "PATH…"),
        options: [ReloadOptions.policy, ReloadOptions.dependents, ReloadOptions.json, Style.option],
        examples: ["afresh watch", "afresh watch src tests --policy exact"])

    private let roots: [String]
    private let settings: ReloadSettings
    private let display: ReportDisplay

    init(_ arguments: Arguments) throws(UsageError) {
        let folder = Environment.workingDirectory ?? "/"
        var roots: [String] = []
        for operand in arguments.operands.isEmpty ? ["."] : arguments.operands {
            guard let path = realPath(operand) else { throw UsageError(message: "there is no '\(operand)' to watch") }
            roots.append(path)
        }
        self.roots = roots
        settings = ReloadOptions.settings(arguments)
        display = ReportDisplay(arguments, currentFolder: folder)
    }

    func run() -> Int32 {
        ignoreBrokenPipes()
        let stop = Promise<Void>()
        do {
            let interruption = Monitor<EngineSession?>(nil)
            try StopSignals.handle { _ in
                stop.fulfil(())
                interruption.withLock { $0 }?.interrupt()
            }
            let session = try EngineSession(command: "watch", settings: settings, announced: true)
            interruption.withLock { $0 = session }
            defer { session.engine.stop() }
            let saves = try WatchedSaves(
                roots: roots,
                includes: { name in
                    ([".py", ".so"] + SwiftPlugins.sourceSuffixes).contains { name.hasSuffix($0) }
                        && !name.hasPrefix(".")
                },
                saved: { session.engine.reload(ReloadRequest(trigger: Trigger(kind: .watch, paths: $0))) },
                problem: { complain("watch", $0) })
            defer { saves.stop() }
            welcome(session, saves)
            if stop.wait(until: .after(0)) == nil { follow(session) }
            return ExitCode.success
        } catch {
            complain("watch", sentence(of: error))
            return ExitCode.notApplied
        }
    }

    /// Says on standard error what is watched, so that standard output is for the reports alone. The programs that are live are
    /// named as they answer.
    private func welcome(_ session: EngineSession, _ saves: WatchedSaves) {
        let folders = saves.folderCount == 1 ? "1 folder" : "\(saves.folderCount) folders"
        let isAlone = session.greetedHosts().isEmpty
        let hint = isAlone ? "; no live program is running yet, start one with 'afresh run python app.py'" : ""
        note("watching \(folders)\(hint).")
    }

    /// Shows what is reported until the session is interrupted, or nobody reads it any more.
    private func follow(_ session: EngineSession) {
        /// An applied phase that is not shown yet, because the search for what is still old may end in a moment.
        var held: (report: Report, until: Deadline)?
        var isRead = true
        while isRead {
            let event = session.next(until: held?.until)
            if event == nil, session.isInterrupted {
                if let held { show(held.report) }
                return
            }
            if let waiting = held, event == nil || event?.beginsReload == true {
                isRead = show(waiting.report)
                held = nil
            }
            switch event {
            case .report(let report):
                isRead = display.json(report) && isRead
                switch report.phase {
                case .applied where ReloadProgress.expectsScan(report): held = (report, .after(Self.patience))
                case .applied: isRead = show(report) && isRead
                case .scanned where held?.report.sequence == report.sequence:
                    isRead = show(report.withWarnings(of: held?.report)) && isRead
                    held = nil
                case .scanned, .resolved: isRead = display.show(report, part: .stale, at: timeOfDay()) && isRead
                case .hosts: note(report.message)
                }
            case .notice(let host, _, let message): note(noticeText(message, of: host))
            default: break
            }
        }
    }

    /// How long the first phase waits for the second to be shown with it, in milliseconds.
    private static let patience = 300.0

    @discardableResult
    private func show(_ report: Report) -> Bool {
        let touchesNothing = report.hosts.allSatisfy(\.modules.isEmpty)
        // Files are saved all the time that no program has loaded; only what is wrong with them is worth a line.
        if touchesNothing, report.outcome <= .stale { return true }
        return display.show(report, at: timeOfDay())
    }

    private func note(_ message: String) {
        complain("watch", message)
    }

    private func timeOfDay() -> String {
        var now = time(nil)
        var parts = tm()
        guard localtime_r(&now, &parts) != nil else { return "" }
        return [parts.tm_hour, parts.tm_min, parts.tm_sec].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }
}

extension EngineEvent {
    fileprivate var beginsReload: Bool {
        if case .report(let report) = self { report.phase == .applied } else { false }
    }
}
