import Platform
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite struct OldFoldersTests {
    private static let day = 86_400
    private static let now = time(nil)
    private let place = "/tmp/afresh-old-\(Environment.processID)-\(randomHexDigits(8))"

    private static func name(_ digit: Character) -> String { "agent-" + String(repeating: digit, count: 16) }

    /// Files, and how many days ago they were used.
    private func lay(_ files: [(path: String, days: Int)]) throws {
        for (path, _) in files {
            let whole = "\(place)/\(path)"
            try makeFolder(String(whole[..<(whole.lastIndex(of: "/") ?? whole.startIndex)]), permissions: 0o700)
            try writeFileAtomically(whole, [])
        }
        for (path, days) in files {
            var parts = path.split(separator: "/")
            while !parts.isEmpty {
                let moment = timespec(tv_sec: Self.now - days * Self.day, tv_nsec: 0)
                let times = [moment, moment]
                #expect(utimensat(AT_FDCWD, "\(place)/\(parts.joined(separator: "/"))", times, 0) == 0)
                parts.removeLast()
            }
        }
    }

    private func removed(current: Set<String> = []) -> [String] {
        OldFolders(in: place, kinds: ["agent"], current: current, now: Self.now).remove(products: "outline-")
            .map { String($0.dropFirst(place.utf8.count + 1)) }
    }

    private func end() {
        _ = try? ChildProcess("rm", ["-r", place]).wait()
    }

    @Test func whatNobodyHasUsedForThirtyDaysGoes() throws {
        defer { end() }
        let (old, young, own) = (Self.name("0"), Self.name("1"), Self.name("2"))
        try lay([
            ("\(old)/boot/a.py", 31), ("\(young)/boot/a.py", 29), ("\(own)/boot/a.py", 40), ("\(own)/outline-1", 31),
            ("\(own)/outline-2", 29), ("told-news", 90), ("agent-other/a.py", 90), ("mine/a.py", 90)
        ])
        #expect(removed(current: [own]) == [old, "\(own)/outline-1"])
        #expect(try namesInFolder(place).sorted() == [young, own, "agent-other", "mine", "told-news"].sorted())
        #expect(try namesInFolder("\(place)/\(own)").sorted() == ["boot", "outline-2"])
    }

    @Test func oneFileThatIsUsedKeepsTheFolder() throws {
        defer { end() }
        let folder = Self.name("0")
        try lay([("\(folder)/boot/a.py", 31), ("\(folder)/boot/b.py", 3), ("\(folder)/c.py", 90)])
        #expect(removed().isEmpty)
        #expect(try namesInFolder("\(place)/\(folder)/boot").count == 2)
    }

    @Test func whatAProcessWasStartedWithStays() throws {
        defer { end() }
        let (used, other) = (Self.name("0"), Self.name("1"))
        try lay([("\(used)/a.py", 90), ("\(other)/a.py", 90)])
        var options = ChildProcess.Options()
        options.environment = ["PYTHONPATH=/x:\(place)/\(used)/boot"]
        (options.input, options.output) = (.pipe, .pipe)
        // Its environment is there once it answers.
        let child = try ChildProcess("/bin/cat", options: options)
        try child.input?.writeAll([10])
        _ = try child.output?.waitUntilReady(Int32(POLLIN), deadline: .after(10_000))
        defer {
            child.input?.close()
            child.output?.close()
            _ = child.wait()
        }
        #expect(removed() == [other])
    }

    @Test func linksAreNotFollowed() throws {
        defer { end() }
        let (folder, link) = (Self.name("0"), Self.name("1"))
        try lay([("mine/a.py", 90), ("\(folder)/a.py", 90)])
        #expect(symlink("\(place)/mine", "\(place)/\(link)") == 0)
        #expect(symlink("\(place)/mine", "\(place)/\(folder)/mine") == 0)
        // A link that is young keeps its folder; made old, it goes, and what it leads to stays.
        #expect(removed().isEmpty)
        let moment = timespec(tv_sec: Self.now - 90 * Self.day, tv_nsec: 0)
        for path in ["\(folder)/mine", folder] {
            #expect(utimensat(AT_FDCWD, "\(place)/\(path)", [moment, moment], AT_SYMLINK_NOFOLLOW) == 0)
        }
        #expect(removed() == [folder])
        #expect(try namesInFolder("\(place)/mine") == ["a.py"])
    }

    @Test func useIsNotedOnceADay() throws {
        defer { end() }
        try lay([("\(Self.name("0"))/a.py", 90)])
        noteUse("\(place)/\(Self.name("0"))")
        #expect(removed().isEmpty)
    }
}
