import Platform

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The saves of source files below some folders, whoever makes them.
public final class WatchedSaves: Sendable {
    /// How many folders are watched at most: the system allows each user a number of watches for all programs.
    public static let folderLimit = 8000
    /// Milliseconds: for the system to be told of so many folders, which takes it a hundredth of that.
    private static let patience = 5000.0

    private let watcher: FileWatcher
    private let project: Monitor<Project>

    /// Watches the roots with what is below them (hidden folders, virtual environments and generated folders are left out). Once
    /// it returns, every save is seen.
    ///
    /// - Parameters:
    ///   - roots: real paths of folders, or of single files.
    ///   - includes: whether a file of that name is a source file.
    ///   - saved: gets the files that were saved and exist, sorted; runs on the watcher's thread.
    ///   - problem: gets a sentence for a person about what is not seen; runs on the watcher's thread.
    /// - Throws: `SystemError` when the system has nothing left to watch with.
    public init(
        roots: [String], includes: @escaping @Sendable (String) -> Bool,
        saved: @escaping @Sendable ([String]) -> Void, problem: @escaping @Sendable (String) -> Void
    ) throws {
        let project = Monitor(Project(roots: roots, tree: FolderTree(limit: Self.folderLimit, includes: includes)))
        self.project = project
        // The handler needs the watcher that it belongs to.
        let own = Promise<FileWatcher>()
        watcher = try FileWatcher(includes: includes) { event in
            switch event {
            case .changed(let paths):
                let (files, newFolders) = project.withLock { $0.take(paths) }
                if let newFolders, let watcher = own.wait(until: .after(1000)) { watcher.watch(folders: newFolders) }
                let existing = files.filter { fileStatus($0)?.kind == .file }
                if !existing.isEmpty { saved(existing.sorted()) }
            case .notWatched(let folder, let error):
                let advice = error.code == ENOSPC ? " Raise the system's limit fs.inotify.max_user_watches." : ""
                problem("Saves in \(folder) are not seen: \(error.reason).\(advice)")
            }
        }
        own.fulfil(watcher)
        watcher.watch(folders: project.withLock { $0.folders })
        watcher.waitUntilWatching(until: .after(Self.patience))
        if project.withLock({ $0.tree.isCut }) {
            problem("There are more than \(Self.folderLimit) folders; saves in the rest of them are not seen.")
        }
    }

    /// How many folders are watched.
    public var folderCount: Int { project.withLock { $0.folders.count } }

    /// Ends the watching and waits for its thread. To be called once.
    public func stop() {
        watcher.stop()
    }
}

/// What is watched.
private struct Project: Sendable {
    var tree: FolderTree
    /// Roots that are files.
    let files: Set<String>

    init(roots: [String], tree: FolderTree) {
        self.tree = tree
        var files: Set<String> = []
        for root in roots {
            if fileStatus(root)?.kind == .folder { self.tree.take(root) } else { files.insert(root) }
        }
        self.files = files
    }

    var folders: Set<String> { tree.folders.union(files.map { parts(of: $0).folder }) }

    /// Replaces the folders among changed paths by the files in them, and begins to watch new ones.
    /// - Returns: the files of interest, and all folders to watch if there are new ones.
    mutating func take(_ changed: Set<String>) -> (files: Set<String>, folders: Set<String>?) {
        let before = tree.folders
        var result: Set<String> = []
        for path in changed {
            let (folder, name) = parts(of: path)
            let isFolder = fileStatus(path, followingLinks: false)?.kind == .folder
            if isFolder, tree.folders.contains(path) || tree.folders.contains(folder) && FolderTree.isSourceFolder(name)
            {
                result.formUnion(tree.take(path))
            } else if isFolder {
                result.formUnion(files.filter { parts(of: $0).folder == path })
            } else if files.contains(path) || tree.folders.contains(folder) {
                result.insert(path)
            }
        }
        return (result, tree.folders == before ? nil : folders)
    }
}

private func parts(of path: String) -> (folder: String, name: Substring) {
    guard let slash = path.lastIndex(of: "/") else { return ("/", path[...]) }
    return (slash == path.startIndex ? "/" : String(path[..<slash]), path[path.index(after: slash)...])
}
