import Platform
import PythonRuntime

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// `afresh run`: becomes the command, with the environment that makes the Pythons in it live.
struct RunCommand: Command {
    static let syntax = CommandSyntax(
        name: "run",
        summary: "start a program live",
        discussion: """
            Starts the command as it would start without 'afresh run': same process, standard streams, signals, exit code
            and terminal, and no change to its code. Every Python in it, also in programs that it starts itself, can then
            be reloaded: by an editor that runs 'afresh lsp', by 'afresh watch' or by 'afresh reload'. So can the plugins of
            Swift programs that load them through the library AfreshHost, with or without 'afresh run'.

            Live are CPython 3.11 and later. What cannot be live runs as always, after a line on standard error that says
            why.
            """,
        operands: .init(
            placeholder: "COMMAND…", missing: "a command is missing, such as 'afresh run python app.py'",
            endOptions: true),
        options: [],
        examples: [
            "afresh run python app.py", "afresh run gunicorn app:app", "afresh run -- python -m package",
            "afresh run swift run MyApp"
        ])

    private let command: [String]
    /// Where the command begins among this process's own arguments; they are handed on as they are, byte by byte.
    private let firstArgument: Int

    init(_ arguments: Arguments) throws(UsageError) {
        command = arguments.operands
        firstArgument = 2 + (arguments.firstOperand ?? 0)
    }

    func run() -> Int32 {
        guard let name = command.first, !name.isEmpty else {
            complain("run", "the command's name is empty")
            return ExitCode.notFound
        }
        do {
            let launch = try LiveLaunch(command: command)
            for notice in launch.notices {
                complain("run", notice.message)
            }
            for (variable, value) in launch.variables {
                setenv(variable, value, 1)
            }
        } catch {
            complain("run", "\(error) The program starts, but it is not live.")
        }
        // Swift programs ask for it when they load their plugins.
        if let afresh = Environment.executablePath { setenv("AFRESH", afresh, 0) }
        execvp(name, CommandLine.unsafeArgv.advanced(by: firstArgument))
        return explain(errno, name: name)
    }

    /// Why the command did not start, as a shell says it.
    private func explain(_ code: Int32, name: String) -> Int32 {
        switch code {
        case ENOENT, ENOTDIR:
            complain("run", explanationOfMissing(name))
            return ExitCode.notFound
        case EACCES:
            complain("run", "'\(name)' cannot be executed: \(reason(code)).")
        case ENOEXEC:
            complain(
                "run",
                "'\(name)' is no program that the system can execute; name its interpreter, such as 'python \(name)'.")
        default:
            complain("run", "'\(name)' cannot be started: \(reason(code)).")
        }
        return ExitCode.notExecutable
    }

    private func explanationOfMissing(_ name: String) -> String {
        if name.contains("/"), fileStatus(name)?.kind == .file {
            return "'\(name)' names an interpreter in its first line that does not exist."
        }
        if name.hasSuffix(".py") { return "there is no command '\(name)'; did you mean 'afresh run python \(name)'?" }
        return name.contains("/") ? "there is no file '\(name)'." : "there is no command '\(name)' in the PATH."
    }

    private func reason(_ code: Int32) -> String {
        SystemError(code: code, operation: "execute").reason
    }
}
