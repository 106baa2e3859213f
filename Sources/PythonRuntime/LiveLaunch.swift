import Platform

/// How a command is started so that the Pythons in it are live.
public struct LiveLaunch: Sendable {
    /// Something that a person should know before the program starts.
    public struct Notice: Sendable, Equatable {
        /// "not-live": this command's Python cannot be live. "restarts-itself": it restarts on save and loses its state.
        public var code: String
        /// One sentence: why, and what to do instead.
        public var message: String
    }

    /// The environment variables to set for the command, on top of what it inherits.
    public var variables: [String: String]
    public var notices: [Notice]

    /// Lays the agent out on disk and works out the environment for a command that takes the place of this process (`exec`).
    /// Throws `AgentFolder.Failure` when it cannot be laid out.
    public init(command: [String]) throws {
        let boot = try AgentFolder.install().path + "/boot"
        variables = [
            // First, or a `sitecustomize` of the user's would hide ours; ours then runs theirs.
            "PYTHONPATH": LiveLaunch.searchPath(boot, before: Environment.variable("PYTHONPATH") ?? ""),
            // The agent speaks to the person at the terminal in this process only, not in every Python that it starts.
            "AFRESH_RUN_PID": String(Environment.processID)
        ]
        notices = LiveLaunch.notices(for: command)
    }

    static func searchPath(_ boot: String, before existing: String) -> String {
        if existing == boot || existing.hasPrefix(boot + ":") { return existing }
        return existing.isEmpty ? boot : "\(boot):\(existing)"
    }

    /// What the command line alone says about the program.
    static func notices(for command: [String]) -> [Notice] {
        guard let python = PythonCommand(command) else { return [] }
        var notices: [Notice] = []
        if let flag = python.flags.first(where: { "IES".contains($0) }) {
            let reason = flag == "S" ? "leaves out the start-up files" : "ignores the environment"
            notices.append(
                Notice(
                    code: "not-live",
                    message:
                        "`-\(flag)` \(reason) through which Python finds the agent, so this program is not live: leave it out."
                ))
        }
        if let message = SelfRestart.message(for: python) {
            notices.append(Notice(code: "restarts-itself", message: message))
        }
        return notices
    }
}

/// A command that starts a Python, as far as that can be told from outside.
struct PythonCommand: Equatable {
    /// The letters of the interpreter's own options: "I" of `-I` and of `-IB`.
    var flags: String = ""
    /// The script's file name or the module after `-m`: "manage.py", "uvicorn". Nil for `-c` and the prompt.
    var program: String?
    /// The script as it is named; nil for a module, `-c` and the prompt.
    var script: String?
    /// The module after `-m`.
    var module: String?
    var arguments: [String] = []

    init?(_ command: [String]) {
        var words = command[...]
        // `env NAME=value … python`: what follows is the command.
        if words.first.map(PythonCommand.fileName) == "env" {
            words.removeFirst()
            while let word = words.first, word.hasPrefix("-") || word.contains("=") { words.removeFirst() }
        }
        guard let first = words.popFirst() else { return nil }
        if PythonCommand.isPython(first) {
            parse(words)
        } else if let interpreter = PythonCommand.interpreterLine(of: first) {
            parse(interpreter[...])
            program = PythonCommand.fileName(first)
            arguments = Array(words)
        } else {
            return nil
        }
    }

    /// Python's own command line (`python --help`).
    private mutating func parse(_ words: ArraySlice<String>) {
        var words = words
        while let word = words.popFirst() {
            if word == "--check-hash-based-pycs" {
                words = words.dropFirst()
                continue
            }
            if word.hasPrefix("--") { continue }
            guard word.hasPrefix("-"), word != "-" else {
                program = PythonCommand.fileName(word)
                script = word
                arguments = Array(words)
                return
            }
            var letters = word.dropFirst()
            while let letter = letters.popFirst() {
                switch letter {
                case "c":
                    arguments = Array(letters.isEmpty ? words.dropFirst() : words)
                    return
                case "m":
                    program = letters.isEmpty ? words.popFirst() : String(letters)
                    module = program
                    arguments = Array(words)
                    return
                case "W", "X":
                    if letters.isEmpty { words = words.dropFirst() }
                    letters = ""
                default: flags.append(letter)
                }
            }
        }
    }

    static func isPython(_ word: String) -> Bool {
        let name = fileName(word)
        for prefix in ["python", "pypy"] where name.hasPrefix(prefix) {
            return name.dropFirst(prefix.count).allSatisfy {
                $0.isNumber || $0 == "." || $0 == "t" || $0 == "d" || $0 == "w"
            }
        }
        return false
    }

    private static func fileName(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    /// The options of the Python that a script names in its first line; nil if it names no Python.
    private static func interpreterLine(of command: String) -> [String]? {
        let path = command.contains("/") ? command : Interpreters.onPath(command)
        guard let path, let text = try? readFile(path, limit: 1 << 20), text.starts(with: "#!".utf8) else { return nil }
        let lines = text.prefix(1024).split(separator: UInt8(ascii: "\n"), maxSplits: 2).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard let first = lines.first else { return nil }
        var words = first.dropFirst(2).split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" }).map(String.init)
        // pip's way around paths that are too long or have spaces: '''exec' "/path/python" "$0" "$@"
        if words.first == "/bin/sh", lines.count > 1, lines[1].hasPrefix("'''exec' ") {
            words = lines[1].dropFirst("'''exec' ".count).split(separator: " ").map { $0.filter { $0 != "\"" } }
            return words.contains(where: isPython)
                ? words.drop { !isPython($0) }.dropFirst().filter { !$0.hasPrefix("$") } : nil
        }
        guard let python = words.firstIndex(where: isPython), python == 0 || fileName(words[0]) == "env" else {
            return nil
        }
        return Array(words[(python + 1)...])
    }
}

/// Development servers that start the program anew on each save: its state is lost before anything could be kept.
enum SelfRestart {
    /// What to do instead; nil for a program that does not restart itself, as far as its command line tells.
    static func message(for command: PythonCommand) -> String? {
        guard var program = command.program else { return nil }
        if program.hasSuffix(".py"), program != "manage.py" { return nil }
        if program == "django" || program == "django-admin" { program = "manage.py" }
        let arguments = Set(command.arguments)
        func has(_ options: String...) -> Bool { !arguments.isDisjoint(with: options) }
        let advice: String
        switch program {
        case "flask", "quart":
            let isDebug = has("--debug") || isSet("FLASK_DEBUG") || isSet("QUART_DEBUG")
            guard arguments.contains("run"), isDebug || has("--reload"), !has("--no-reload") else { return nil }
            advice = "add --no-reload"
        case "uvicorn", "hypercorn", "gunicorn", "granian":
            guard has("--reload") else { return nil }
            advice = "leave out --reload"
        case "litestar", "sanic":
            guard has("--reload", "--auto-reload", "--dev", "-r") else { return nil }
            advice = "leave out its option to reload"
        case "fastapi":
            guard arguments.contains("dev"), !has("--no-reload") else { return nil }
            advice = "add --no-reload"
        case "manage.py":
            guard arguments.contains("runserver") || arguments.contains("runserver_plus"), !has("--noreload") else {
                return nil
            }
            advice = "add --noreload"
        default: return nil
        }
        return
            "\(program) is started so that it restarts on each save and loses its state: \(advice) to have saves brought in live."
    }

    private static func isSet(_ variable: String) -> Bool {
        !["", "0", "false", "no"].contains(Environment.variable(variable) ?? "")
    }
}
