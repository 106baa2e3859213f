#if canImport(Darwin)
    import Darwin

    /// What happens in a set of folders, by the kernel queue of macOS and the BSDs. See kqueue(2), EVFILT_VNODE.
    ///
    /// A folder's event says that an entry came or went, a file's that it was written: both are needed.
    struct FolderEvents: Sendable {
        struct Failure: Sendable {
            var folder: String
            var error: SystemError
        }

        /// Readable when something has happened.
        var descriptor: Int32 { queue.rawValue }

        private struct File {
            var descriptor: Int32
            var inode: UInt64
        }

        private struct Folder {
            var descriptor: Int32
            var files: [String: File] = [:]
            var folders: Set<String> = []
        }

        private enum Owner {
            case folder(String)
            case above(String)
            case file(folder: String, name: String)
        }

        private let queue: FileDescriptor
        private let includes: @Sendable (String) -> Bool
        private var wanted: Set<String> = []
        private var missing: Set<String> = []
        private var failed: Set<String> = []
        private var folders: [String: Folder] = [:]
        /// Folders that are watched only for the return of one below them.
        private var above: [String: Int32] = [:]
        private var owners: [Int32: Owner] = [:]

        init(includes: @escaping @Sendable (String) -> Bool) throws {
            let raw = kqueue()
            guard raw >= 0 else { throw SystemError.last("kqueue") }
            queue = FileDescriptor(rawValue: raw)
            _ = fcntl(raw, F_SETFD, FD_CLOEXEC)
            self.includes = includes
        }

        func close() {
            for descriptor in owners.keys { _ = Darwin.close(descriptor) }
            queue.close()
        }

        /// Watches these folders and no others; gives those that have come back meanwhile and those that cannot be watched.
        mutating func watch(_ wishes: Set<String>) -> (changed: Set<String>, failures: [Failure]) {
            wanted = wishes
            missing.formIntersection(wishes)
            failed.formIntersection(wishes)
            for folder in Array(folders.keys) where !wishes.contains(folder) { forget(folder) }
            var returned: Set<String> = []
            let failures = synchronize(returned: &returned)
            return (returned, failures)
        }

        /// What has happened since the last call; never waits.
        mutating func read() -> (changed: Set<String>, failures: [Failure]) {
            var changed: Set<String> = []
            var foldersMoved = false
            var events = [kevent](repeating: kevent(), count: 256)
            var now = timespec()
            while true {
                let count = kevent(descriptor, nil, 0, &events, Int32(truncatingIfNeeded: events.count), &now)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                for event in events.prefix(Int(count)) {
                    note(event, in: &changed, foldersMoved: &foldersMoved)
                }
            }
            guard foldersMoved else { return (changed, []) }
            let failures = synchronize(returned: &changed)
            return (changed, failures)
        }

        private mutating func note(_ event: kevent, in changed: inout Set<String>, foldersMoved: inout Bool) {
            let gone = event.fflags & UInt32(NOTE_DELETE | NOTE_RENAME | NOTE_REVOKE) != 0
            switch owners[Int32(truncatingIfNeeded: event.ident)] {
            case .file(let folder, let name):
                changed.insert("\(folder)/\(name)")
                if gone { compare(folder, changed: &changed, foldersMoved: &foldersMoved) }
            case .folder(let folder) where gone:
                forget(folder)
                foldersMoved = true
            case .folder(let folder):
                compare(folder, changed: &changed, foldersMoved: &foldersMoved)
            case .above:
                foldersMoved = true
            case nil: break
            }
        }

        /// Finds which entries of a folder came, went or were replaced.
        private mutating func compare(_ path: String, changed: inout Set<String>, foldersMoved: inout Bool) {
            guard var folder = folders[path], let names = try? namesInFolder(path) else { return }
            let present = Set(names)
            for (name, file) in folder.files where !present.contains(name) {
                close(file.descriptor)
                folder.files.removeValue(forKey: name)
                changed.insert("\(path)/\(name)")
            }
            folder.folders.formIntersection(present)
            for name in names {
                let entry = "\(path)/\(name)"
                guard let status = fileStatus(entry) else { continue }
                if status.kind == .folder {
                    guard folder.folders.insert(name).inserted else { continue }
                    changed.insert(entry)
                    foldersMoved = true
                } else if includes(name), folder.files[name]?.inode != status.inode {
                    if let old = folder.files.removeValue(forKey: name) { close(old.descriptor) }
                    changed.insert(entry)
                    open(entry, owner: .file(folder: path, name: name)).map {
                        folder.files[name] = File(descriptor: $0, inode: status.inode)
                    }
                }
            }
            folders[path] = folder
        }

        private mutating func forget(_ path: String) {
            guard let folder = folders.removeValue(forKey: path) else { return }
            for file in folder.files.values { close(file.descriptor) }
            close(folder.descriptor)
        }

        private mutating func synchronize(returned: inout Set<String>) -> [Failure] {
            var failures: [Failure] = []
            var needed: Set<String> = []
            for path in wanted where folders[path] == nil {
                if let folder = open(path, owner: .folder(path)) {
                    add(path, descriptor: folder)
                    failed.remove(path)
                    if missing.remove(path) != nil { returned.insert(path) }
                } else if errno == ENOENT || errno == ENOTDIR {
                    missing.insert(path)
                    needed.formUnion(addNearestAbove(path))
                    // It may have come back before the folder above was watched.
                    if let folder = open(path, owner: .folder(path)) {
                        add(path, descriptor: folder)
                        missing.remove(path)
                        returned.insert(path)
                    }
                } else if failed.insert(path).inserted {
                    failures.append(Failure(folder: path, error: SystemError.last("watch", path)))
                }
            }
            for (path, descriptor) in above where !needed.contains(path) {
                above.removeValue(forKey: path)
                close(descriptor)
            }
            return failures
        }

        private mutating func add(_ path: String, descriptor: Int32) {
            folders[path] = Folder(descriptor: descriptor)
            var known: Set<String> = []
            var moved = false
            compare(path, changed: &known, foldersMoved: &moved)
        }

        private mutating func addNearestAbove(_ folder: String) -> Set<String> {
            var path = folder[...]
            while let slash = path.lastIndex(of: "/") {
                path = path[..<slash]
                let folder = path.isEmpty ? "/" : String(path)
                if above[folder] != nil { return [folder] }
                if let descriptor = open(folder, owner: .above(folder)) {
                    above[folder] = descriptor
                    return [folder]
                }
                if path.isEmpty { break }
            }
            return []
        }

        private mutating func open(_ path: String, owner: Owner) -> Int32? {
            let opened = Darwin.open(path, O_EVTONLY | O_CLOEXEC)
            guard opened >= 0 else { return nil }
            var event = kevent(
                ident: UInt(opened), filter: Int16(EVFILT_VNODE), flags: UInt16(EV_ADD | EV_CLEAR),
                fflags: UInt32(NOTE_WRITE | NOTE_EXTEND | NOTE_DELETE | NOTE_RENAME | NOTE_REVOKE), data: 0, udata: nil)
            guard kevent(descriptor, &event, 1, nil, 0, nil) >= 0 else {
                let code = errno
                _ = Darwin.close(opened)
                errno = code
                return nil
            }
            owners[opened] = owner
            return opened
        }

        private mutating func close(_ descriptor: Int32) {
            owners.removeValue(forKey: descriptor)
            _ = Darwin.close(descriptor)
        }
    }
#endif
