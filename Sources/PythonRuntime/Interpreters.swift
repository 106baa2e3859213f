import Platform
import ReloadEngine

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Finds the user's Python interpreter as editors do.
enum Interpreters {
    /// In the order in which they are tried: the one that is set, what virtual environments in and above the file's folder up to
    /// its workspace folder are made of, `VIRTUAL_ENV`, and what is on the PATH.
    ///
    /// A workspace may come from anybody. Nothing in it is started: of its virtual environments, it is the interpreter that
    /// they link to, and only if that lies outside. Only one that is set, in the environment or in the settings of a client
    /// which trusts the workspace, is taken as it is.
    static func candidates(settings: ReloadSettings, file: String? = nil) -> [String] {
        var result: [String] = []
        func add(_ path: String?) {
            guard let path, !result.contains(path), access(path, X_OK) == 0 else { return }
            result.append(path)
        }
        if let interpreter = settings.interpreter, !interpreter.isEmpty {
            if interpreter.contains("/") {
                add(expand(interpreter, settings.workspaceFolders.first))
            } else {
                add(onPath(interpreter))
            }
        }
        for folder in folders(settings.workspaceFolders, file) {
            for environment in [".venv", "venv"] {
                add(outside(settings.workspaceFolders, "\(folder)/\(environment)/bin/python"))
            }
        }
        if let environment = Environment.variable("VIRTUAL_ENV") { add(environment + "/bin/python") }
        for name in ["python3", "python", "python3.14", "python3.13", "python3.12", "python3.11"] { add(onPath(name)) }
        return result
    }

    /// What a link leads to in the end; nil if that lies in the workspace.
    private static func outside(_ workspaceFolders: [String], _ link: String) -> String? {
        guard let path = realPath(link) else { return nil }
        let isInside = workspaceFolders.contains { folder in
            let real = realPath(folder) ?? folder
            return path.hasPrefix(real.hasSuffix("/") ? real : real + "/")
        }
        return isInside ? nil : path
    }

    /// `~/x` and paths relative to the workspace folder, as people write them in settings.
    private static func expand(_ path: String, _ folder: String?) -> String {
        if path.hasPrefix("~/"), let home = Environment.variable("HOME") { return home + path.dropFirst(1) }
        if path.hasPrefix("/") { return path }
        return (folder ?? Environment.workingDirectory ?? "") + "/" + path
    }

    /// The file's folder and those above it within its workspace folder, innermost first; then the workspace folders.
    private static func folders(_ workspaceFolders: [String], _ file: String?) -> [String] {
        var result: [String] = []
        if let file, let workspace = workspaceFolders.first(where: { file.hasPrefix($0 + "/") }) {
            var folder = file[...]
            while let slash = folder.lastIndex(of: "/"), folder.utf8.count > workspace.utf8.count {
                folder = folder[..<slash]
                result.append(String(folder))
            }
        }
        return result + workspaceFolders.filter { !result.contains($0) }
    }

    static func onPath(_ name: String) -> String? {
        for folder in (Environment.variable("PATH") ?? "").split(separator: ":") where folder.hasPrefix("/") {
            let path = "\(folder)/\(name)"
            if access(path, X_OK) == 0, fileStatus(path)?.kind == .file { return path }
        }
        return nil
    }
}
