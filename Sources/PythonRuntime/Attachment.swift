import Platform

/// How the agent gets into a program that was not started live.
public enum Attachment {
    /// Why it does not.
    public struct Refusal: Error, Sendable, CustomStringConvertible {
        /// One or two sentences for a person: why, and what to do instead.
        public var message: String

        public var description: String { message }
    }

    /// The path of a script: the program that executes it on its main thread, in a namespace of its own, becomes live.
    ///
    /// Throws `AgentFolder.Failure` when it cannot be laid out.
    public static func script() throws -> String {
        let folder = try AgentFolder.install().path
        let boot = quoted("\(folder)/boot/attach.py")
        // CPython executes it without a name and a file (`run_remote_debugger_source`): it says where the rest is.
        let text = """
            path = \(boot)
            with open(path) as file:
                exec(compile(file.read(), path, "exec"), {"__name__": "afresh_attach", "__file__": path})

            """
        let path = folder + "/attach.py"
        let bytes = Array(text.utf8)
        if (try? readFile(path, limit: bytes.count)) != bytes {
            try writeFileAtomically(path, bytes, permissions: 0o600)
        }
        return path
    }

    /// Has a running Python execute the script, as soon as its main thread executes Python code. Returns before it has.
    ///
    /// Goes through `sys.remote_exec` (PEP 768) of the interpreter that the process runs, since versions have to agree.
    /// Throws `Refusal`, or `AgentFolder.Failure`.
    public static func begin(processID: Int) throws {
        guard Environment.processExists(processID) else {
            throw Refusal(message: "There is no process \(processID).")
        }
        let command = processWords("/proc/\(processID)/cmdline") ?? []
        let start = command.isEmpty ? "" : ": " + (["afresh", "run"] + command).map(word).joined(separator: " ")
        guard let executable = readLink("/proc/\(processID)/exe") else {
            throw Refusal(
                message:
                    "What process \(processID) executes cannot be seen: it belongs to another user, or this system does "
                    + "not show it. Start the program live instead\(start)")
        }
        guard PythonCommand([executable]) != nil else {
            throw Refusal(
                message: "Process \(processID) executes \(executable), which is no Python that can be entered. "
                    + "Make the Python in it live from inside: import afresh; afresh.start()")
        }
        let asked = try ask(
            executable, "import sys; print('%d.%d.%d' % sys.version_info[:3], hasattr(sys, 'remote_exec'))")
        let words = asked.output.split(whereSeparator: \.isWhitespace)
        guard asked.isSuccess, words.count == 2, let version = words.first else {
            throw Refusal(message: "\(executable) does not answer; start the program live instead\(start)")
        }
        guard words.last == "True" else {
            throw Refusal(
                message: """
                    Process \(processID) runs Python \(version), which cannot be entered from outside: that came with CPython \
                    3.14. Start it live instead\(start)
                    Or let it do that itself, in a console of it or where it begins: import afresh; afresh.start()
                    """)
        }
        let done = try ask(
            executable, "import sys; sys.remote_exec(int(sys.argv[1]), sys.argv[2])", "\(processID)", try script())
        guard done.isSuccess else {
            let reason = done.error.split(separator: "\n").last.map(String.init) ?? "it does not say why"
            throw Refusal(
                message: "Python \(version) of process \(processID) does not let us in: \(reason)\n"
                    + "Debuggers need the system's permission (kernel.yama.ptrace_scope, CAP_SYS_PTRACE), and a program can "
                    + "be started without it (-X disable-remote-debug). Start it live instead\(start)")
        }
    }

    private struct Answer {
        var isSuccess: Bool
        var output: String
        var error: String
    }

    /// Executes a line of Python, isolated from the user's modules and environment.
    private static func ask(_ executable: String, _ line: String, _ arguments: String...) throws -> Answer {
        var options = ChildProcess.Options()
        options.input = .null
        options.output = .pipe
        options.error = .pipe
        do {
            let child = try ChildProcess(executable, ["-I", "-S", "-c", line] + arguments, options: options)
            // Neither is longer than a pipe holds.
            let ending = child.wait(until: .after(10_000))
            if ending == nil { child.signal(9) }
            return Answer(
                isSuccess: ending == .exited(code: 0), output: text(from: child.output), error: text(from: child.error))
        } catch {
            throw Refusal(message: "\(executable) cannot be started: \(error).")
        }
    }

    private static func text(from descriptor: FileDescriptor?) -> String {
        guard let descriptor else { return "" }
        defer { descriptor.close() }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = (try? bytes.withUnsafeMutableBytes { try descriptor.read(into: $0) }) ?? 0
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    /// As one word of a shell's command line.
    private static func word(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.unicodeScalars.allSatisfy { scalar in
                scalar.isASCII
                    && (scalar.properties.isAlphabetic || "0123456789_@%+=:,./-".unicodeScalars.contains(scalar))
            }
        return isPlain
            ? text : "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    /// As a Python string literal.
    private static func quoted(_ path: String) -> String {
        let escaped = path.unicodeScalars.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined()
        return "'\(escaped)'"
    }
}
