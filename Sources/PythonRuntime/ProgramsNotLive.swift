import Platform
import ReloadEngine

/// A Python program of this user that runs without an agent.
public struct ProgramNotLive: Sendable, Hashable {
    public var pid: Int
    /// As a person would type it: "python app.py", "python -m shop".
    public var command: String

    public init(pid: Int, command: String) {
        self.pid = pid
        self.command = command
    }
}

extension CPython {
    /// Running programs whose script or module lies in one of these folders and that were started without Afresh, by process id. One
    /// of which that is not certain is left out: another user's, one with the environment of `afresh run`, one with an agent's socket.
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
            let words = words(of: place + "/cmdline"), let interpreter = words.first,
            PythonCommand.isPython(interpreter), let command = PythonCommand(words),
            let folder = readLink(place + "/cwd"), let file = file(of: command, startedIn: folder),
            let workspace = folders.first(where: { file.hasPrefix($0 + "/") }),
            isOwn(file.dropFirst(workspace.count), in: workspace),
            let variables = self.words(of: place + "/environ"),
            !variables.contains(where: { $0.hasPrefix("AFRESH_RUN_PID=") })
        else { return nil }
        let name = interpreter.split(separator: "/").last.map(String.init) ?? interpreter
        let rest = command.module.map { "-m \($0)" } ?? command.script ?? ""
        return ProgramNotLive(pid: pid, command: "\(name) \(rest)")
    }

    /// What is between the zero bytes of a file; nil where it cannot be read.
    private static func words(of path: String) -> [String]? {
        guard let bytes = try? readFile(path, limit: 1 << 20), !bytes.isEmpty else { return nil }
        return bytes.split(separator: 0, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The real path of the script or of the module's file; nil where there is none in the folder.
    private static func file(of command: PythonCommand, startedIn folder: String) -> String? {
        if let module = command.module {
            let base = folder + "/" + module.split(separator: ".").joined(separator: "/")
            return [base + "/__main__.py", base + ".py"].compactMap { realPath($0) }.first
        }
        return command.script.flatMap { realPath($0.hasPrefix("/") ? $0 : "\(folder)/\($0)") }
    }

    /// Whether a file is the user's own work and no tool that is installed in the workspace.
    /// - Parameter path: below the workspace, with a slash at the start.
    private static func isOwn(_ path: Substring, in workspace: String) -> Bool {
        var folder = workspace
        for part in path.split(separator: "/").dropLast() {
            folder += "/" + part
            if part.hasPrefix(".") || part == "site-packages" || fileStatus(folder + "/pyvenv.cfg") != nil {
                return false
            }
        }
        return path.hasSuffix(".py")
    }
}
