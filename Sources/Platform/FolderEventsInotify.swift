#if canImport(Glibc)
    import Glibc

    /// What happens in a set of folders, by Linux's inotify. See inotify(7).
    struct FolderEvents: Sendable {
        struct Failure: Sendable {
            var folder: String
            var error: SystemError
        }

        /// Readable when something has happened.
        var descriptor: Int32 { file.rawValue }

        private let file: FileDescriptor
        private let includes: @Sendable (String) -> Bool
        private var wanted: Set<String> = []
        /// Those of `wanted` that do not exist now; the nearest folder above each is watched for its return.
        private var missing: Set<String> = []
        private var failed: Set<String> = []
        private var watches: [String: Int32] = [:]
        /// One watch can stand for several paths of the same folder.
        private var paths: [Int32: Set<String>] = [:]

        /// The same for each watch: adding one again would replace the mask. A file that is only created is not looked at until
        /// it has been written and closed.
        private static let mask = UInt32(
            IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF
                | IN_ONLYDIR
                | IN_EXCL_UNLINK)

        init(includes: @escaping @Sendable (String) -> Bool) throws {
            let raw = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
            guard raw >= 0 else { throw SystemError.last("inotify_init") }
            file = FileDescriptor(rawValue: raw)
            self.includes = includes
        }

        func close() {
            file.close()
        }

        /// Watches these folders and no others; gives those that have come back meanwhile and those that cannot be watched.
        mutating func watch(_ folders: Set<String>) -> (changed: Set<String>, failures: [Failure]) {
            wanted = folders
            missing.formIntersection(folders)
            failed.formIntersection(folders)
            var returned: Set<String> = []
            let failures = synchronize(returned: &returned)
            return (returned, failures)
        }

        /// What has happened since the last call; never waits.
        mutating func read() -> (changed: Set<String>, failures: [Failure]) {
            var changed: Set<String> = []
            var foldersMoved = false
            var bytes = [UInt8](repeating: 0, count: 64 << 10)
            while true {
                let count = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                bytes.withUnsafeBytes { buffer in
                    var rest = UnsafeRawBufferPointer(rebasing: buffer[..<count])
                    while let event = Event(takenFrom: &rest) {
                        note(event, in: &changed, foldersMoved: &foldersMoved)
                    }
                }
            }
            guard foldersMoved else { return (changed, []) }
            let failures = synchronize(returned: &changed)
            return (changed, failures)
        }

        private mutating func note(_ event: Event, in changed: inout Set<String>, foldersMoved: inout Bool) {
            if event.has(IN_Q_OVERFLOW) {
                changed.formUnion(wanted)
                foldersMoved = true
                return
            }
            guard let folders = paths[event.watch] else { return }
            if event.has(IN_IGNORED) || event.has(IN_MOVE_SELF) || event.has(IN_DELETE_SELF) {
                // Also where it is back already: what was put into the new folder meanwhile was not seen.
                missing.formUnion(folders.intersection(wanted))
                forget(event.watch)
                foldersMoved = true
                return
            }
            guard !event.name.isEmpty else { return }
            if event.has(IN_ISDIR) { foldersMoved = true }
            for folder in folders where wanted.contains(folder) {
                let path = folder == "/" ? "/" + event.name : "\(folder)/\(event.name)"
                if event.has(IN_ISDIR) {
                    if event.has(IN_CREATE) || event.has(IN_MOVED_TO) { changed.insert(path) }
                } else if includes(event.name), !event.has(IN_CREATE) || isComplete(path) {
                    changed.insert(path)
                }
            }
        }

        /// A link has its contents when it is created; nothing is closed afterwards.
        private func isComplete(_ path: String) -> Bool {
            var status = stat()
            guard lstat(path, &status) == 0 else { return false }
            return status.st_mode & S_IFMT == S_IFLNK || status.st_nlink > 1
        }

        private mutating func forget(_ watch: Int32) {
            inotify_rm_watch(descriptor, watch)
            for path in paths.removeValue(forKey: watch) ?? [] {
                watches.removeValue(forKey: path)
            }
        }

        /// Makes the system's watches what is wanted; `returned` gets the folders that were missing and are there again.
        private mutating func synchronize(returned: inout Set<String>) -> [Failure] {
            var failures: [Failure] = []
            var needed = wanted
            for folder in wanted {
                switch add(folder) {
                case nil:
                    failed.remove(folder)
                    if missing.remove(folder) != nil { returned.insert(folder) }
                case ENOENT, ENOTDIR:
                    missing.insert(folder)
                    let above = addNearestAbove(folder)
                    needed.formUnion(above)
                    // It may have come back before the folder above was watched.
                    if add(folder) == nil {
                        missing.remove(folder)
                        returned.insert(folder)
                    }
                case let code?:
                    if failed.insert(folder).inserted {
                        failures.append(
                            Failure(folder: folder, error: SystemError(code: code, operation: "watch", subject: folder))
                        )
                    }
                }
            }
            for (path, watch) in watches where !needed.contains(path) {
                watches.removeValue(forKey: path)
                paths[watch]?.remove(path)
                if paths[watch]?.isEmpty ?? false {
                    paths.removeValue(forKey: watch)
                    inotify_rm_watch(descriptor, watch)
                }
            }
            return failures
        }

        /// Watches a folder; gives `errno`, or nil when it is watched.
        private mutating func add(_ folder: String) -> Int32? {
            let watch = inotify_add_watch(descriptor, folder, Self.mask)
            guard watch >= 0 else { return errno }
            if let old = watches[folder], old != watch {
                // Another folder has that name: what was put into it meanwhile was not seen.
                if wanted.contains(folder) { missing.insert(folder) }
                paths[old]?.remove(folder)
                if paths[old]?.isEmpty ?? false {
                    paths.removeValue(forKey: old)
                    inotify_rm_watch(descriptor, old)
                }
            }
            watches[folder] = watch
            paths[watch, default: []].insert(folder)
            return nil
        }

        private mutating func addNearestAbove(_ folder: String) -> Set<String> {
            var path = folder[...]
            while let slash = path.lastIndex(of: "/") {
                path = path[..<slash]
                let above = path.isEmpty ? "/" : String(path)
                if add(above) == nil { return [above] }
                if path.isEmpty { break }
            }
            return []
        }
    }

    /// One `struct inotify_event`.
    private struct Event {
        var watch: Int32
        var mask: UInt32
        /// In the watched folder; empty for the folder itself.
        var name: String

        /// The first event of the bytes, which are shortened by it; nil at their end.
        init?(takenFrom bytes: inout UnsafeRawBufferPointer) {
            let header = MemoryLayout<inotify_event>.size
            guard bytes.count >= header else { return nil }
            let event = bytes.loadUnaligned(as: inotify_event.self)
            guard let length = Int(exactly: event.len), bytes.count - header >= length else { return nil }
            watch = event.wd
            mask = event.mask
            name = String(decoding: bytes[header..<(header + length)].prefix { $0 != 0 }, as: UTF8.self)
            bytes = UnsafeRawBufferPointer(rebasing: bytes[(header + length)...])
        }

        func has(_ flag: some BinaryInteger) -> Bool {
            mask & UInt32(truncatingIfNeeded: flag) != 0
        }
    }
#endif
