#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Sees files being saved: written in place, renamed into place, deleted and written anew.
///
/// Watches folders, not files, because most editors save by renaming another file over the old one. A folder that disappears
/// is waited for and watched again. Changes that come close together are told together.
public final class FileWatcher: Sendable {
    public enum Event: Sendable {
        /// Files that were written, replaced or removed since the last event, by absolute path. A folder stands for
        /// everything in it: it came back, something was made in it before it could be watched, or the system lost count.
        case changed(Set<String>)
        /// The folder is not seen: no permission, or the system's limit of watches is reached.
        case notWatched(folder: String, SystemError)
    }

    private struct Wishes: Sendable {
        var folders: Set<String>?
        /// The system has not been asked to watch all of them yet.
        var isBehind = false
        var stops = false
    }

    private let wishes = Monitor(Wishes())
    private let wakeUp: FileDescriptor
    private let thread: WorkerThread

    /// Starts a thread that watches nothing yet.
    /// - Parameters:
    ///   - includes: whether a file of that name (without its folder) is of interest.
    ///   - handler: runs on the watcher's thread; it may call `watch(folders:)`, but not `stop()`.
    /// - Throws: `SystemError` when the system has no descriptors or watches left.
    public init(
        includes: @escaping @Sendable (String) -> Bool, handler: @escaping @Sendable (Event) -> Void
    ) throws {
        let pipe = try FileDescriptor.pipe()
        let events: FolderEvents
        do {
            events = try FolderEvents(includes: includes)
        } catch {
            pipe.read.close()
            pipe.write.close()
            throw error
        }
        wakeUp = pipe.write
        let wishes = self.wishes
        thread = try WorkerThread {
            var loop = WatchLoop(events: events, wakeUp: pipe.read, handler: handler)
            loop.run(
                wishes: {
                    wishes.withLock { wishes in
                        defer { wishes.folders = nil }
                        return (wishes.folders, wishes.stops)
                    }
                },
                watched: { wishes.update { $0.isBehind = $0.folders != nil } })
        }
    }

    /// Watches these folders (absolute paths, without what is below them) and no others. Returns at once.
    public func watch(folders: Set<String>) {
        wishes.withLock {
            $0.folders = folders
            $0.isBehind = true
        }
        wake()
    }

    /// Waits until what happens from then on in the folders that were asked for is seen. Not to be called by the handler.
    public func waitUntilWatching(until deadline: Deadline) {
        _ = wishes.wait(until: deadline) { $0.isBehind && !$0.stops ? nil : true }
    }

    /// Ends the thread and waits for it. Nothing is told afterwards. To be called once.
    public func stop() {
        wishes.withLock { $0.stops = true }
        wake()
        thread.join()
        wakeUp.close()
    }

    private func wake() {
        try? wakeUp.writeAll([1])
    }
}

/// What the watcher's thread does.
private struct WatchLoop {
    var events: FolderEvents
    let wakeUp: FileDescriptor
    let handler: @Sendable (FileWatcher.Event) -> Void

    /// A change is told when nothing more has come for so long, in milliseconds: a save can be several steps, and tools write
    /// several files at once.
    private static let quiet = 10.0
    /// And at the latest after so long.
    private static let longest = 200.0

    private var changed: Set<String> = []
    private var firstChange: Deadline?
    private var lastChange: Deadline?

    init(events: FolderEvents, wakeUp: FileDescriptor, handler: @escaping @Sendable (FileWatcher.Event) -> Void) {
        self.events = events
        self.wakeUp = wakeUp
        self.handler = handler
    }

    mutating func run(wishes: () -> (folders: Set<String>?, stops: Bool), watched: () -> Void) {
        defer {
            events.close()
            wakeUp.close()
        }
        while true {
            var entries = [
                pollfd(fd: wakeUp.rawValue, events: Int16(POLLIN), revents: 0),
                pollfd(fd: events.descriptor, events: Int16(POLLIN), revents: 0)
            ]
            let ready = poll(&entries, nfds_t(entries.count), tellAt?.pollTimeout ?? -1)
            if ready < 0, errno != EINTR { return }
            if ready > 0 {
                drainWakeUps(entries)
                let wishes = wishes()
                if wishes.stops { return }
                if let folders = wishes.folders {
                    take(events.watch(folders))
                    watched()
                }
                take(events.read())
            }
            if let tellAt, tellAt.hasPassed { tellChanges() }
        }
    }

    private var tellAt: Deadline? {
        guard let firstChange, let lastChange else { return nil }
        return Deadline(
            milliseconds: min(firstChange.milliseconds + Self.longest, lastChange.milliseconds + Self.quiet))
    }

    private mutating func take(_ batch: (changed: Set<String>, failures: [FolderEvents.Failure])) {
        for failure in batch.failures {
            handler(.notWatched(folder: failure.folder, failure.error))
        }
        guard !batch.changed.isEmpty else { return }
        changed.formUnion(batch.changed)
        lastChange = .after(0)
        if firstChange == nil { firstChange = lastChange }
    }

    private mutating func tellChanges() {
        let all = changed
        changed = []
        firstChange = nil
        lastChange = nil
        handler(.changed(all))
    }

    private func drainWakeUps(_ entries: [pollfd]) {
        guard let first = entries.first, first.revents != 0 else { return }
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
            _ = try? wakeUp.read(into: buffer)
        }
    }
}
