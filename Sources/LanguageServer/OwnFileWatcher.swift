import Platform
import ReloadEngine

/// Sees saves on disk for clients that do not report them (Neovim on Linux, Kate).
///
/// Looking for the folders of a large project takes time, so that it is done on a thread of its own.
final class OwnFileWatcher: Sendable {
    private struct State {
        /// Rises with each change of the roots: a watcher that is finished for older ones is not kept.
        var generation = 0
        var watcher: WatchedSaves?
    }

    private let state = Monitor(State())
    private let suffixes: [String]
    private let events: Mailbox<SessionEvent>

    init(suffixes: [String], events: Mailbox<SessionEvent>) {
        self.suffixes = suffixes
        self.events = events
    }

    /// Watches these folders from now on, and no others.
    func watch(_ roots: [String]) {
        let generation = state.withLock { state in
            state.generation += 1
            return state.generation
        }
        _ = try? WorkerThread { self.replace(roots, generation) }
    }

    private func replace(_ roots: [String], _ generation: Int) {
        let (events, suffixes) = (self.events, self.suffixes)
        var watcher: WatchedSaves?
        if !roots.isEmpty {
            do {
                watcher = try WatchedSaves(
                    roots: roots,
                    includes: { name in suffixes.contains { name.hasSuffix($0) } && !name.hasPrefix(".") },
                    saved: { events.putRegardless(.savedOnDisk($0)) },
                    problem: { events.putRegardless(.notWatched($0)) })
                let count = watcher?.folderCount ?? 0
                let folders = count == 1 ? "1 folder" : "\(count) folders"
                events.putRegardless(
                    .engine(.log(.information, "Saves outside of the editor are seen from now on, in \(folders).")))
            } catch {
                events.putRegardless(.notWatched("Saves outside of the editor are not seen: \(error)"))
            }
        }
        let superseded = state.withLock { state -> WatchedSaves? in
            guard state.generation == generation else { return watcher }
            defer { state.watcher = watcher }
            return state.watcher
        }
        superseded?.stop()
    }
}

extension Session {
    /// Watches the workspace where the client does not do so.
    func updateOwnWatcher() {
        guard !isWatchedByClient, phase == .running else { return }
        // A folder as large as the whole disk is no project.
        let roots = settings.current.watch ? workspaceFolders.filter { $0 != "/" } : []
        guard roots != ownRoots else { return }
        ownRoots = roots
        ownWatcher.watch(roots)
    }

    /// Files were changed on disk, by the editor or by something else.
    func takeChanges(_ paths: [String]) {
        guard settings.current.watch, !paths.isEmpty else { return }
        if watchedFiles.isEmpty { schedule(.watchedFiles, after: WatchedFiles.patience) }
        for path in paths { watchedFiles.noteChange(path) }
    }
}
