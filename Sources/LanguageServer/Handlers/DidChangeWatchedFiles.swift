import LanguageServerProtocol
import Platform
import ReloadEngine

/// `workspace/didChangeWatchedFiles`: files changed, by the editor or by something else.
enum DidChangeWatchedFiles: SessionNotification {
    static let method = "workspace/didChangeWatchedFiles"

    static func handle(_ params: DidChangeWatchedFilesParams, in session: Session) throws {
        session.startServiceIfNeeded()
        session.takeChanges(params.changes.compactMap { session.sourcePath($0.uri) })
    }
}

/// Which changes on disk still have to be reloaded.
///
/// A save comes twice, as `didSave` and as a change on disk, in either order. So changes wait a little, and those that a save has
/// taken care of meanwhile are left out. A version-control checkout arrives together that way, too.
struct WatchedFiles {
    /// Milliseconds.
    static let patience = 100.0
    /// Bytes; of larger files only the fact that they changed is known.
    private static let limit = 16 << 20

    private var waiting: [String] = []
    /// Hashes of the contents that the last request for a reload was made for.
    private var reloaded: [String: Int] = [:]

    var isEmpty: Bool { waiting.isEmpty }

    mutating func noteChange(_ path: String) {
        if !waiting.contains(path) { waiting.append(path) }
    }

    /// A reload of the file has been asked for.
    mutating func noteReload(_ path: String) {
        reloaded[path] = Self.contentHash(path)
    }

    /// The files that have other contents than the last reload was asked for.
    mutating func takeChanged() -> [String] {
        defer { waiting = [] }
        return waiting.filter { path in
            let hash = Self.contentHash(path)
            guard hash == nil || hash != reloaded[path] else { return false }
            reloaded[path] = hash
            return true
        }
    }

    private static func contentHash(_ path: String) -> Int? {
        guard let bytes = try? readFile(path, limit: limit) else { return nil }
        return bytes.withUnsafeBytes { buffer in
            var hasher = Hasher()
            hasher.combine(bytes: buffer)
            return hasher.finalize()
        }
    }
}

extension Session {
    /// Reloads what changed on disk and was not saved by the editor.
    func reloadWatchedFiles() {
        let changed = watchedFiles.takeChanged()
        guard !changed.isEmpty else { return }
        service.reload(ReloadRequest(trigger: Trigger(kind: .watch, paths: changed)))
    }
}
