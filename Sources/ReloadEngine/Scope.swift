#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Which modules the user wants reloaded: mode, `track`, `untrack`, `exclude` and the workspace folders in one place.
struct Scope {
    private let settings: ReloadSettings
    private let folders: [String]
    private let excluded: [Glob]

    init(_ settings: ReloadSettings) {
        self.settings = settings
        folders = settings.workspaceFolders.map { folder in
            let real = resolvedPath(folder)
            return real.hasSuffix("/") ? real : real + "/"
        }
        excluded = settings.exclude.map(Glob.init)
    }

    /// Whether a save of this module may touch a program.
    func includes(module name: String, path: String?) -> Bool {
        switch settings.mode {
        case .off: return false
        case .explicit: return settings.track.contains(name)
        case .all: return !settings.untrack.contains(name) && (path.map { includes(path: $0) } ?? false)
        }
    }

    /// Whether the file lies in the workspace and is not excluded. Expects a real path.
    func includes(path: String) -> Bool {
        if folders.isEmpty {
            // No workspace, no folder that globs could be relative to: only what was clearly installed is left alone.
            return !path.split(separator: "/").dropLast().contains { Scope.installed.contains(String($0)) }
        }
        // The innermost folder decides: a workspace folder may lie in another one.
        guard let folder = folders.filter({ path.hasPrefix($0) }).max(by: { $0.utf8.count < $1.utf8.count }) else {
            return false
        }
        let relative = String(path.dropFirst(folder.count))
        if settings.exclude.isEmpty { return !Scope.isExcludedByDefault(relative, in: folder) }
        return !excluded.contains { $0.matches(relative) }
    }

    private static let installed: Set<String> = ["site-packages", "dist-packages"]

    /// Virtual environments, installed packages and hidden folders.
    private static func isExcludedByDefault(_ relative: String, in folder: String) -> Bool {
        var path = folder
        for part in relative.split(separator: "/").dropLast() {
            if part.hasPrefix(".") || installed.contains(String(part)) { return true }
            path += part + "/"
            if access(path + "pyvenv.cfg", F_OK) == 0 { return true }
        }
        return false
    }
}

extension ReloadSettings {
    /// Whether a file lies in the workspace and is not excluded.
    public func includes(path: String) -> Bool { Scope(self).includes(path: resolvedPath(path)) }
}
