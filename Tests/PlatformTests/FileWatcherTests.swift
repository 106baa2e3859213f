import Platform
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Saves as editors make them, seen by a real watcher in a real folder.
@Suite struct FileWatcherTests {
    @Test func aFileWrittenInPlaceIsSeen() throws {
        let scene = try WatchedFolder()
        defer { scene.end() }
        try scene.write("m.py", "x = 1\n")
        #expect(scene.waits(for: "m.py"))
    }

    @Test func aFileRenamedOverTheOldOneIsSeen() throws {
        let scene = try WatchedFolder(files: ["m.py": "x = 1\n"])
        defer { scene.end() }
        try writeFileAtomically(scene.path("m.py"), Array("x = 2\n".utf8))
        #expect(scene.waits(for: "m.py"))
    }

    @Test func aFileDeletedAndWrittenAnewIsSeen() throws {
        let scene = try WatchedFolder(files: ["m.py": "x = 1\n"])
        defer { scene.end() }
        removeFile(scene.path("m.py"))
        #expect(scene.waits(for: "m.py"))
        try scene.write("m.py", "x = 2\n")
        #expect(scene.waits(for: "m.py"))
    }

    @Test func twoSavesInShortOrderAreNotLost() throws {
        let scene = try WatchedFolder()
        defer { scene.end() }
        for round in 1...50 {
            try scene.write("m.py", "x = 1\n")
            try scene.write("m.py", "x = \(round)\n")
            try #require(scene.waits(for: "m.py", text: "x = \(round)\n"))
        }
    }

    @Test func aFileOfNoInterestIsNotTold() throws {
        let scene = try WatchedFolder()
        defer { scene.end() }
        try scene.write("m.pyc", "x")
        try scene.write("m.py", "x = 1\n")
        #expect(scene.waits(for: "m.py"))
        #expect(!scene.hasTold("m.pyc"))
    }

    @Test func aHardLinkPutInPlaceIsSeen() throws {
        let scene = try WatchedFolder(files: ["other.txt": "x = 1\n"])
        defer { scene.end() }
        try #require(link(scene.path("other.txt"), scene.path("m.py")) == 0)
        #expect(scene.waits(for: "m.py"))
    }

    @Test func aFolderThatIsRemovedAndMadeAgainIsWatchedAgain() throws {
        let scene = try WatchedFolder()
        defer { scene.end() }
        try #require(rmdir(scene.folder) == 0)
        try makeFolder(scene.folder)
        #expect(scene.waits(for: ""))
        try scene.write("m.py", "x = 1\n")
        #expect(scene.waits(for: "m.py"))
    }

    @Test func aFolderMadeAgainJustAsOthersAreAskedForIsTold() throws {
        let scene = try WatchedFolder()
        defer { scene.end() }
        let other = scene.root + "/other"
        try makeFolder(other)
        for round in 1...50 {
            try #require(rmdir(scene.folder) == 0)
            try makeFolder(scene.folder)
            scene.asks(for: round % 2 == 0 ? [scene.folder] : [scene.folder, other])
            try #require(scene.waits(for: ""))
        }
    }

    @Test func aFolderMadeInsideIsTold() throws {
        let scene = try WatchedFolder()
        defer { scene.end() }
        try makeFolder(scene.path("package"))
        #expect(scene.waits(for: "package"))
    }

    @Test func aFolderNoLongerWatchedIsSilent() throws {
        let scene = try WatchedFolder()
        defer { scene.end() }
        let other = scene.root + "/other"
        try makeFolder(other)
        scene.watch([other])
        try scene.write("m.py", "x = 1\n")
        try writeFileAtomically(other + "/n.py", [])
        #expect(scene.waits(forPath: other + "/n.py"))
        #expect(!scene.hasTold("m.py"))
    }

    @Test func aFolderThatDoesNotExistYetIsWaitedFor() throws {
        let scene = try WatchedFolder()
        defer { scene.end() }
        let file = scene.root + "/file"
        try writeFileAtomically(file, [])
        let below = file + "/folder"
        // A file stands where the folder should be: it is waited for, and seen when it comes.
        scene.watch([below])
        removeFile(file)
        try makeFolder(below)
        #expect(scene.waits(forPath: below))
    }
}

/// A folder, a watcher on it, and what the watcher told.
private final class WatchedFolder: Sendable {
    let root: String
    let folder: String
    private let watcher: FileWatcher
    private let told = Monitor<[String: String?]>([:])

    init(files: [String: String] = [:]) throws {
        var template = Array("/tmp/afresh-watch-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw SystemError.last("mkdtemp") }
        root = realPath(String(cString: made)) ?? String(cString: made)
        folder = root + "/watched"
        try makeFolder(folder)
        for (name, text) in files {
            try writeFileAtomically("\(folder)/\(name)", Array(text.utf8))
        }
        let told = self.told
        watcher = try FileWatcher(includes: { $0.hasSuffix(".py") }) { event in
            guard case .changed(let paths) = event else { return }
            let texts = paths.map { ($0, (try? readFile($0)).map { String(decoding: $0, as: UTF8.self) }) }
            told.update { for (path, text) in texts { $0[path] = .some(text) } }
        }
        watch([folder])
    }

    /// Watches the folders, and waits until they are.
    func watch(_ folders: Set<String>) {
        watcher.watch(folders: folders)
        // What is asked for is done in order: once a first change of a folder beside is told, the wishes have been read.
        let probe = root + "/probe-\(randomHexDigits(8))"
        try? makeFolder(probe)
        watcher.watch(folders: folders.union([probe]))
        repeat {
            try? writeFileAtomically(probe + "/probe.py", [])
        } while !waits(forPath: probe + "/probe.py", limit: 100)
        watcher.watch(folders: folders)
    }

    /// Watches the folders from some moment on.
    func asks(for folders: Set<String>) {
        watcher.watch(folders: folders)
    }

    func path(_ name: String) -> String {
        name.isEmpty ? folder : "\(folder)/\(name)"
    }

    /// Truncates and writes, as a plain editor does.
    func write(_ name: String, _ text: String) throws {
        let raw = open(path(name), O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        guard raw >= 0 else { throw SystemError.last("open") }
        let file = FileDescriptor(rawValue: raw)
        defer { file.close() }
        try file.writeAll(Array(text.utf8))
    }

    func waits(for name: String, text: String? = nil) -> Bool {
        waits(forPath: path(name), text: text)
    }

    /// Whether the path is told within the limit, in milliseconds, while its file has the text, if one is given; it counts as
    /// not told again afterwards.
    func waits(forPath path: String, text: String? = nil, limit: Double = 10_000) -> Bool {
        told.wait(until: .after(limit)) { told -> Bool? in
            guard let found = told.removeValue(forKey: path), text == nil || found == text else { return nil }
            return true
        } ?? false
    }

    func hasTold(_ name: String) -> Bool {
        told.withLock { $0.keys.contains(path(name)) }
    }

    func end() {
        watcher.stop()
        remove(root)
    }

    private func remove(_ folder: String) {
        for name in (try? namesInFolder(folder)) ?? [] {
            let path = "\(folder)/\(name)"
            if fileStatus(path, followingLinks: false)?.kind == .folder { remove(path) } else { removeFile(path) }
        }
        _ = rmdir(folder)
    }
}
