import Platform
import ReloadEngine

/// A Python program of this user that runs without an agent.
public struct ProgramNotLive: Sendable, Hashable {
    public var pid: Int
    /// As a person would type it: "python app.py", "python -m shop", "uvicorn app:app …"; the dots stand for further arguments.
    public var command: String

    public init(pid: Int, command: String) {
        self.pid = pid
        self.command = command
    }
}

extension CPython {
    /// Running programs whose script or module lies in one of these folders, or that were told to serve such a module, and that
    /// were started without Afresh, by process id. One of which that is not certain is left out: another user's, one with the
    /// environment of `afresh run`, one with an agent's socket.
    ///
    /// Linux only; empty elsewhere. Reads some files for each process: a few milliseconds.
    public static func programsNotLive(in folders: [String]) -> [ProgramNotLive] {
        let reachable = Set(
            ((try? RuntimeFolder.standard()).flatMap { try? namesInFolder($0.path) } ?? []).compactMap(processID))
        return ((try? namesInFolder("/proc")) ?? []).compactMap(Int.init).sorted().compactMap { pid in
            reachable.contains(pid) ? nil : program(pid, in: folders)
        }
    }

    /// Of a socket's name: "host-<pid>-<8 hex digits>.sock".
    private static func processID(ofSocket name: String) -> Int? {
        let parts = name.split(separator: "-")
        return parts.count == 3 && parts[0] == "host" ? Int(parts[1]) : nil
    }

    private static func program(_ pid: Int, in folders: [String]) -> ProgramNotLive? {
        let place = "/proc/\(pid)"
        guard fileStatus(place)?.ownerID == Environment.userID, pid != Environment.processID,
            let words = processWords("\(place)/cmdline"), let interpreter = words.first,
            PythonCommand.isPython(interpreter), let command = PythonCommand(words),
            let folder = readLink(place + "/cwd"),
            let shown = shown(command, interpreter: interpreter, startedIn: folder, workspaces: folders),
            let variables = processWords("\(place)/environ"),
            !variables.contains(where: { $0.hasPrefix("AFRESH_RUN_PID=") })
        else { return nil }
        return ProgramNotLive(pid: pid, command: shown)
    }

    /// The command without its further arguments, which are nobody's business; nil for one that names nothing in a workspace.
    private static func shown(
        _ command: PythonCommand, interpreter: String, startedIn folder: String, workspaces: [String]
    ) -> String? {
        let name = interpreter.split(separator: "/").last.map(String.init) ?? interpreter
        if let path = file(of: command, startedIn: folder), isOwn(path, workspaces) {
            let program = command.module.map { "-m \($0)" } ?? command.script ?? ""
            return "\(name) \(program)\(command.arguments.isEmpty ? "" : " …")"
        }
        // A tool from elsewhere is given a module of the workspace as servers are: `uvicorn app:app`.
        for argument in command.arguments {
            let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, let module = parts.first, parts.allSatisfy(isDottedName),
                let path = moduleFile(String(module), in: folder), isOwn(path, workspaces)
            else { continue }
            let tool = command.module.map { "\(name) -m \($0)" } ?? command.program ?? name
            return "\(tool) \(argument)\(command.arguments.count == 1 ? "" : " …")"
        }
        return nil
    }

    /// "app", "shop.main"; a call is allowed at the end: "create_app()".
    private static func isDottedName(_ text: Substring) -> Bool {
        let name = text.hasSuffix("()") ? text.dropLast(2) : text
        return name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
            part.first.map { $0.isLetter || $0 == "_" } ?? false
                && part.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
        }
    }

    /// The real path of the script or of the module's file; nil where there is none in the folder.
    private static func file(of command: PythonCommand, startedIn folder: String) -> String? {
        if let module = command.module { return moduleFile(module, in: folder) }
        return command.script.flatMap { realPath($0.hasPrefix("/") ? $0 : "\(folder)/\($0)") }
    }

    private static func moduleFile(_ module: String, in folder: String) -> String? {
        let base = folder + "/" + module.split(separator: ".").joined(separator: "/")
        return [base + "/__main__.py", base + "/__init__.py", base + ".py"].compactMap { realPath($0) }.first
    }

    /// Whether a file is the user's own work and no tool that is installed in the workspace.
    private static func isOwn(_ path: String, _ workspaces: [String]) -> Bool {
        guard path.hasSuffix(".py"), var folder = workspaces.first(where: { path.hasPrefix($0 + "/") }) else {
            return false
        }
        for part in path.dropFirst(folder.count).split(separator: "/").dropLast() {
            folder += "/" + part
            if part.hasPrefix(".") || part == "site-packages" || fileStatus(folder + "/pyvenv.cfg") != nil {
                return false
            }
        }
        return true
    }
}

/// What is between the zero bytes of a file that the system shows of a process; nil where it cannot be read, or is empty.
func processWords(_ path: String) -> [String]? {
    guard let bytes = try? readFile(path, limit: 1 << 20), !bytes.isEmpty else { return nil }
    // A zero ends each, also the last.
    return bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast(bytes.last == 0 ? 1 : 0).map {
        String(decoding: $0, as: UTF8.self)
    }
}
