import Platform
import PythonRuntime
import ReloadEngine
import SwiftRuntime

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// One thing that `afresh` can be told to do.
protocol Command: Sendable {
    static var syntax: CommandSyntax { get }

    init(_ arguments: Arguments) throws(UsageError)

    /// Does it; gives the exit code.
    func run() -> Int32
}

/// The command line: finds the command and runs it.
enum Afresh {
    static let version = "0.1.0"

    static let commands: [any Command.Type] = [
        RunCommand.self, LSPCommand.self, ReloadCommand.self, StatusCommand.self, GraphCommand.self, WatchCommand.self,
        AttachCommand.self, DemoCommand.self, ExplainCommand.self, PluginsCommand.self
    ]

    /// The languages whose programs can be live.
    static func runtimes() -> [any Runtime] { [CPython(), SwiftPlugins()] }

    static func start() -> Never {
        exit(run(Array(CommandLine.arguments.dropFirst())))
    }

    /// Runs the command that the words ask for; gives the exit code.
    static func run(_ words: [String]) -> Int32 {
        switch interpret(words) {
        case .print(let text):
            FileDescriptor.standardOutput.print(text)
            return ExitCode.success
        case .wrong(let message):
            FileDescriptor.standardError.print("afresh\(message)\n")
            return ExitCode.usage
        case .run(let command):
            return command.run()
        }
    }

    enum Interpretation {
        case print(String)
        /// What is wrong, to follow the word "afresh".
        case wrong(String)
        case run(any Command)
    }

    /// What the words mean.
    static func interpret(_ words: [String]) -> Interpretation {
        guard let name = words.first else {
            return .wrong(": a command is missing; 'afresh --help' lists them.")
        }
        switch name {
        case "--help", "-h", "help":
            return .print(Help.overview(of: commands.map { $0.syntax }))
        case "--version", "-V":
            return .print("afresh \(version)\n")
        default: break
        }
        guard let command = commands.first(where: { $0.syntax.name == name }) else {
            let near = nearest(to: name, among: commands.map { $0.syntax.name })
            let hint = near.map { "did you mean 'afresh \($0)'?" } ?? "'afresh --help' lists the commands."
            return .wrong(": there is no command '\(printable(name))'; \(hint)")
        }
        do throws(UsageError) {
            let arguments = try Arguments(Array(words.dropFirst()), syntax: command.syntax)
            return arguments.asksForHelp ? .print(Help.page(of: command.syntax)) : .run(try command.init(arguments))
        } catch {
            let end = error.message.hasSuffix("?") ? "" : "; see 'afresh \(name) --help'."
            return .wrong(" \(name): \(printable(error.message))\(end)")
        }
    }
}

/// What the process's end says to its caller.
enum ExitCode {
    static let success: Int32 = 0
    /// Something is stale.
    static let stale: Int32 = 1
    /// Blocked, rolled back, refused or failed.
    static let notApplied: Int32 = 2
    /// No host has it loaded.
    static let notLoaded: Int32 = 3
    /// `sysexits.h`'s EX_USAGE: the command line makes no sense.
    static let usage: Int32 = 64
    /// As a shell: found, but it cannot be executed.
    static let notExecutable: Int32 = 126
    /// As a shell: there is no such command.
    static let notFound: Int32 = 127
}

/// Tells a person, on standard error, one sentence that comes from a command.
func complain(_ command: String, _ message: String) {
    FileDescriptor.standardError.print("afresh \(command): \(printable(message))\n")
}
