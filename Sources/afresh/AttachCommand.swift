import Platform
import PythonRuntime
import ReloadEngine

/// `afresh attach`: brings the agent into a program that already runs.
struct AttachCommand: Command {
    static let syntax = CommandSyntax(
        name: "attach",
        summary: "make a program live that already runs (CPython 3.14 and later)",
        discussion: """
            Brings the agent into the Python process PID, through the interface that CPython offers to debuggers from 3.14 on.
            The system must allow it: on Linux as for a debugger, so usually as the same user with ptrace_scope 0, or as
            root. What the program has loaded before is known where its file has not changed since the program was started;
            a module whose file has is reloaded as a whole the first time.

            An older Python cannot be entered from outside. Start it with 'afresh run', or let the program make itself live
            where it begins, or in a console of it: 'import afresh; afresh.start()'.

            Exit code: 0 it is live; 2 it is not.
            """,
        operands: .init(placeholder: "PID"),
        options: [
            .init("--timeout", .seconds, "how long to wait until the program is live (default: 10)"),
            .init("--script", nil, "print the path of a script instead: a program that executes it becomes live")
        ],
        examples: ["afresh attach 4711"])

    private enum Task {
        case attach(Int)
        case script
    }

    private let task: Task
    private let timeout: Double

    init(_ arguments: Arguments) throws(UsageError) {
        timeout = arguments.seconds("--timeout") ?? 10
        if arguments.has("--script") {
            task = .script
            return
        }
        guard let word = arguments.operands.first, arguments.operands.count == 1 else {
            throw UsageError(message: "name the process by its number, such as 'afresh attach 4711'")
        }
        guard let pid = Int(word), pid > 0 else { throw UsageError(message: "'\(word)' is no process number") }
        task = .attach(pid)
    }

    func run() -> Int32 {
        ignoreBrokenPipes()
        do {
            switch task {
            case .script: FileDescriptor.standardOutput.print(try Attachment.script() + "\n")
            case .attach(let pid): return try attach(pid)
            }
            return ExitCode.success
        } catch let refusal as Attachment.Refusal {
            for line in refusal.message.split(separator: "\n") { complain("attach", String(line)) }
        } catch {
            complain("attach", sentence(of: error))
        }
        return ExitCode.notApplied
    }

    private func attach(_ pid: Int) throws -> Int32 {
        let session = try EngineSession(command: "attach", settings: ReloadSettings(), announced: true, process: pid)
        defer { session.engine.stop() }
        if let host = session.greetedHosts().first {
            say("\(host.name) (pid \(pid)) is live already.")
            return ExitCode.success
        }
        if !session.silentHosts.isEmpty {
            complain("attach", EngineSession.sentence(about: session.silentHosts))
            return ExitCode.notApplied
        }
        try Attachment.begin(processID: pid)
        let deadline = Deadline.after(timeout * 1000)
        while let event = session.next(until: deadline) {
            if let host = session.engine.hosts.first {
                say("\(host.name) (pid \(pid)) is live; 'afresh status' says what it has loaded.")
                return ExitCode.success
            }
            if case .notice(nil, _, let message) = event {
                complain("attach", message)
                return ExitCode.notApplied
            }
        }
        complain(
            "attach",
            "process \(pid) has not begun within \(milliseconds(timeout)) s: its main thread is in a call that has not come "
                + "back to Python. It becomes live as soon as it does; 'afresh status' shows it then.")
        return ExitCode.notApplied
    }

    private func say(_ text: String) {
        FileDescriptor.standardOutput.print(printable(text) + "\n")
    }
}
