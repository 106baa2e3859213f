import Platform
import ReloadEngine
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Saves in a real project folder, as sets of files that a reload could take.
@Suite struct WatchedSavesTests {
    @Test func aFileDeepInTheProjectIsTold() throws {
        let project = try ProjectFolder(["src/shop/pricing.py"])
        defer { project.end() }
        try project.watch()
        #expect(project.tells("src/shop/pricing.py"))
    }

    @Test func whatIsSavedAsSoonAsItWatchesIsTold() throws {
        for _ in 1...20 {
            let project = try ProjectFolder(["app.py"])
            defer { project.end() }
            try project.watch()
            try project.save("app.py")
            try #require(project.isTold("app.py"))
        }
    }

    @Test func filesInANewFolderAreTold() throws {
        let project = try ProjectFolder(["app.py"])
        defer { project.end() }
        try project.watch()
        try makeFolder(project.root + "/new/inner")
        #expect(project.tells("new/inner/m.py"))
    }

    @Test func aFolderThatIsReplacedAsAWholeIsTold() throws {
        let project = try ProjectFolder(["shop/m.py"])
        defer { project.end() }
        try project.watch()
        try makeFolder(project.root + "/other")
        try writeFileAtomically(project.root + "/other/m.py", Array("x = 2\n".utf8))
        try renameFile(project.root + "/shop", to: project.root + "/old")
        try renameFile(project.root + "/other", to: project.root + "/shop")
        #expect(project.isTold("shop/m.py"))
        #expect(project.tells("shop/m.py"))
    }

    @Test(arguments: [".venv/m.py", "env/lib/m.py", "node_modules/m.py", "__pycache__/m.py", "data.txt"])
    func whatIsNotOfTheProjectIsNotTold(path: String) throws {
        let project = try ProjectFolder([path, "env/pyvenv.cfg", "app.py"])
        defer { project.end() }
        try project.watch()
        try project.save(path)
        #expect(project.tells("app.py"))
        #expect(!project.hasTold(path))
    }

    @Test func aDeletedFileIsNotToldUntilItIsBack() throws {
        let project = try ProjectFolder(["app.py", "gone.py"])
        defer { project.end() }
        try project.watch()
        removeFile(project.root + "/gone.py")
        #expect(project.tells("app.py"))
        #expect(!project.hasTold("gone.py"))
        #expect(project.tells("gone.py"))
    }

    @Test func onlyTheFileThatWasNamedIsTold() throws {
        let project = try ProjectFolder(["app.py", "other.py"])
        defer { project.end() }
        try project.watch(["app.py"])
        try project.save("other.py")
        #expect(project.tells("app.py"))
        #expect(!project.hasTold("other.py"))
    }
}

/// A folder with files, and the saves that were told of it.
private final class ProjectFolder: Sendable {
    let root: String
    private let told = Monitor<Set<String>>([])
    private let saves = Monitor<WatchedSaves?>(nil)

    init(_ files: [String]) throws {
        var template = Array("/tmp/afresh-project-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw SystemError.last("mkdtemp") }
        root = realPath(String(cString: made)) ?? String(cString: made)
        for file in files { try save(file) }
    }

    /// Begins to watch the paths, or the whole folder.
    func watch(_ paths: [String] = []) throws {
        let told = self.told
        let saves = try WatchedSaves(
            roots: paths.isEmpty ? [root] : paths.map { "\(root)/\($0)" }, includes: { $0.hasSuffix(".py") },
            saved: { files in told.update { $0.formUnion(files) } }, problem: { Issue.record("\($0)") })
        self.saves.withLock { $0 = saves }
    }

    func save(_ file: String) throws {
        let path = "\(root)/\(file)"
        if let slash = path.lastIndex(of: "/") { try makeFolder(String(path[..<slash])) }
        try writeFileAtomically(path, Array("x = 1\n".utf8))
    }

    /// Saves the file until that is told, within ten seconds: a folder made a moment ago is not watched at once.
    func tells(_ file: String) -> Bool {
        let limit = Deadline.after(10_000)
        told.update { _ = $0.remove("\(root)/\(file)") }
        while !limit.hasPassed {
            do { try save(file) } catch { return false }
            if isTold(file, within: 200) { return true }
        }
        return false
    }

    func isTold(_ file: String, within limit: Double = 10_000) -> Bool {
        told.wait(until: .after(limit)) { $0.contains("\(self.root)/\(file)") ? true : nil } ?? false
    }

    func hasTold(_ file: String) -> Bool {
        told.withLock { $0.contains("\(root)/\(file)") }
    }

    func end() {
        saves.withLock { $0 }?.stop()
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
