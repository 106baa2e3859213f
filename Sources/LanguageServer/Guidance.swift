import LanguageServerProtocol
import Platform
import ReloadEngine

/// What somebody who begins with it has to be told. Each is said once, where a person sees it; the log says the rest.
enum Guidance: Hashable, Sendable {
    /// No program runs live.
    case noProgram
    /// Programs run, and none of them has the saved file loaded.
    case notLoaded
    /// Something is still old after a save.
    case stale
}

/// A program of the user's that runs from a workspace folder and cannot be reloaded, since it was started without Afresh.
public struct UnreachableProgram: Sendable {
    public var pid: Int
    /// "python app.py".
    public var command: String

    public init(pid: Int, command: String) {
        self.pid = pid
        self.command = command
    }
}

extension Session {
    /// Says what a report means to somebody who sees such a one for the first time.
    func guide(_ report: Report) {
        guard report.trigger.kind == .save, settings.current.mode != .off else { return }
        switch report.phase {
        case .applied where report.hosts.isEmpty && report.outcome == .unchanged:
            // A program that does not answer may have it loaded.
            guard service.silentProcesses.isEmpty, let path = report.trigger.paths.first,
                options.guidedSuffixes.contains(where: path.hasSuffix),
                // Of what lies elsewhere, programs do not say whether they have it.
                settings.current.reload(workspaceFolders: workspaceFolders).includes(path: path)
            else { return }
            lookForPrograms(after: path)
        case .scanned where report.outcome == .stale: explainStale(report)
        default: break
        }
    }

    /// Nothing took the saved file in: perhaps because the program that runs it was started without Afresh.
    private func lookForPrograms(after path: String) {
        let topic: Guidance = service.hosts.isEmpty ? .noProgram : .notLoaded
        guard guidance.insert(topic).inserted else { return }
        let (options, folders, events) = (options, workspaceFolders, self.events)
        service.survey(stale: false, imports: false) { surveys in
            // It may be loaded, and left out by the settings; and who does not answer may have it loaded.
            guard surveys.allSatisfy({ host in host.answered && !host.modules.contains { $0.path == path } }) else {
                events.putRegardless(.looked(topic, path: path, nil))
                return
            }
            // A file of each process is read, and nobody waits for it.
            _ = try? WorkerThread {
                events.putRegardless(.looked(topic, path: path, options.unreachablePrograms(folders)))
            }
        }
    }

    /// - Parameter programs: nil where it is not certain that no program runs the file.
    func say(_ topic: Guidance, path: String, _ programs: [UnreachableProgram]?) {
        // One may have been started meanwhile.
        guard let programs, phase == .running, topic != .noProgram || service.hosts.isEmpty else {
            guidance.remove(topic)
            return
        }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        if let program = programs.first {
            let others = programs.count == 1 ? "" : ", as do \(programs.count - 1) more,"
            client.show(
                .info,
                "`\(program.command)` (process \(program.pid)) runs without Afresh\(others) and keeps the code that it has loaded. "
                    + "Start it with `afresh run` in front to have saves brought in: `afresh run \(program.command)`.")
        } else if topic == .noProgram {
            client.show(
                .info,
                "\(name) was checked, and no program runs live that it could be brought into. Start yours with `afresh run` in "
                    + "front of its command, such as `afresh run python app.py`.")
        } else {
            client.show(
                .info,
                "\(name) was checked; no running program has loaded it. A program that imports it later gets the saved text."
            )
        }
    }

    private func explainStale(_ report: Report) {
        let stale = report.hosts.flatMap(\.stale)
        guard let first = stale.first, let problem = report.problems.first(where: { $0.cause != nil }),
            guidance.insert(.stale).inserted, options.isNews("stale")
        else { return }
        // Not all that is old can be put right in the program that runs.
        let remedy =
            problem.cause?.mending == nil
            ? "they go with what is old, at the latest when the program is started anew"
            : "quick fixes of the mark put them right"
        let place = problem.path.split(separator: "/").last.map(String.init) ?? problem.path
        client.show(
            .info,
            "The save runs, and \(first.holder) still leads to the old \(first.symbol). Such places are marked, here line "
                + "\(problem.range.start.line + 1) of \(place), until nothing old is left there: \(remedy), "
                + "and `afresh explain \(problem.code)` says why it is so.")
    }
}
