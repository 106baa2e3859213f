import Platform

/// Hosts speak of real paths, people and editors of the paths that they opened. Keeps both together, so that a report names a
/// file as the editor does.
struct PathNames {
    private var shownByReal: [String: String] = [:]
    /// Workspace folders that are reached through a symbolic link; real path and the path as given, both with a slash at the end.
    private var folders: [(real: String, shown: String)] = []

    init(folders: [String] = []) {
        for folder in folders {
            let shown = folder.hasSuffix("/") ? folder : folder + "/"
            let real = resolvedPath(folder)
            let realFolder = real.hasSuffix("/") ? real : real + "/"
            if realFolder != shown { self.folders.append((realFolder, shown)) }
        }
    }

    /// The real path of a path that somebody else named.
    mutating func real(_ path: String) -> String {
        let real = resolvedPath(path)
        if real != path { shownByReal[real] = path } else { shownByReal[real] = nil }
        return real
    }

    func shown(_ real: String) -> String {
        if let shown = shownByReal[real] { return shown }
        for folder in folders where real.hasPrefix(folder.real) {
            return folder.shown + real.dropFirst(folder.real.count)
        }
        return real
    }
}
