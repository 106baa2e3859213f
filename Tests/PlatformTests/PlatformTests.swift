import Platform
import Testing

@Suite struct FileTests {
    let folder: String

    init() throws {
        folder = "\(Environment.variable("TMPDIR") ?? "/tmp")/platform-\(randomHexDigits(12))"
        try makeFolder(folder + "/a/b")
    }

    @Test("a file is written as a whole and read back")
    func roundTrip() throws {
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
        try writeFileAtomically(folder + "/file", bytes)
        #expect(try readFile(folder + "/file") == bytes)
        try writeFileAtomically(folder + "/file", [])
        #expect(try readFile(folder + "/file") == [])
        #expect(try namesInFolder(folder).sorted() == ["a", "file"])
    }

    @Test("what cannot be read says why")
    func unreadable() throws {
        try writeFileAtomically(folder + "/file", [1, 2, 3])
        #expect(throws: FileError.tooLarge(path: folder + "/file", size: 3, limit: 2)) {
            try readFile(folder + "/file", limit: 2)
        }
        #expect(try readFile(folder + "/file", limit: 3) == [1, 2, 3])
        #expect(throws: FileError.notAFile(path: folder)) { try readFile(folder) }
        #expect(throws: SystemError.self) { try readFile(folder + "/none") }
        #expect(throws: SystemError.self) { try writeFileAtomically(folder + "/none/file", []) }
    }

    @Test("a Unix socket can be called once its name can be seen, and knows its caller")
    func sockets() throws {
        let listener = try UnixListener(folder: folder, name: "x.sock")
        #expect(try namesInFolder(folder).sorted() == ["a", "x.sock"])
        let caller = try connectToUnixSocket(folder + "/x.sock")
        let called = try #require(try listener.accept(until: .after(5000)))
        #expect(try peerCredentials(of: called).userID == Environment.userID)
        #expect(try peerCredentials(of: called).processID == Environment.processID)
        try caller.writeAll([7])
        var byte = [UInt8](repeating: 0, count: 4)
        #expect(try byte.withUnsafeMutableBytes { try called.read(into: $0) } == 1)
        caller.close()
        called.close()
        #expect(try listener.accept(until: .after(1)) == nil)
        let isWoken = Promise<Bool>()
        _ = try WorkerThread { isWoken.fulfil((try? listener.accept()) == .some(nil)) }
        listener.close()
        #expect(isWoken.wait(until: .after(5000)) == true)
        #expect(fileStatus(folder + "/x.sock") == nil)
        #expect(throws: SystemError.self) { try connectToUnixSocket(folder + "/x.sock") }
        #expect(throws: SystemError.self) {
            try UnixListener(folder: folder, name: String(repeating: "n", count: 200))
        }
    }
}

@Suite struct ProcessTests {
    static func output(of child: ChildProcess) throws -> String {
        let output = try #require(child.output)
        defer { output.close() }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 256)
        while true {
            let count = try buffer.withUnsafeMutableBytes { try output.read(into: $0) }
            if count == 0 { break }
            text += buffer[..<count]
        }
        return String(decoding: text, as: UTF8.self)
    }

    @Test("a program gets its arguments, environment, folder and pipes; its end is seen once and remembered")
    func spawn() throws {
        var options = ChildProcess.Options()
        options.input = .pipe
        options.output = .pipe
        options.environment = ["PATH=/usr/bin:/bin", "COLOUR=blue"]
        options.workingDirectory = "/"
        let ours = try FileDescriptor.pipe()
        let script = "read x; echo $x $COLOUR $1 $PWD; test -e /proc/$$/fd/$2 && echo leaked; exit 3"
        let child = try ChildProcess("sh", ["-c", script, "sh", "one", "\(ours.read.rawValue)"], options: options)
        let input = try #require(child.input)
        try input.writeAll(Array("hello\n".utf8))
        input.close()
        #expect(try Self.output(of: child) == "hello blue one /\n")
        #expect(child.wait() == .exited(code: 3))
        #expect(child.poll() == .exited(code: 3))
    }

    @Test("a signal is seen as one; a program that is not there is an error")
    func ends() throws {
        let child = try ChildProcess("sleep", ["100"])
        #expect(child.poll() == nil)
        #expect(Environment.processExists(child.processID))
        child.signal(15)
        #expect(child.wait(until: .after(5000)) == .signalled(15))
        #expect(!Environment.processExists(child.processID))
        #expect(throws: SystemError.self) { try ChildProcess("no-such-program-anywhere") }
    }
}

@Suite struct MailboxTests {
    @Test("elements come in order, and a full mailbox makes its senders wait")
    func order() throws {
        let mailbox = Mailbox<Int>(capacity: 10)
        let sender = try WorkerThread {
            for number in 0..<10_000 { mailbox.put(number) }
            mailbox.close()
        }
        var taken: [Int] = []
        taking: while true {
            switch mailbox.take(until: .after(5000)) {
            case .element(let element): taken.append(element)
            case .nothing, .closed: break taking
            }
            #expect(mailbox.count <= 10)
        }
        #expect(taken == Array(0..<10_000))
        #expect(sender.join(until: .after(5000)))
    }

    @Test("a full or closed mailbox refuses")
    func refuses() {
        let mailbox = Mailbox<Int>(capacity: 1)
        #expect(mailbox.putIfRoom(1))
        #expect(!mailbox.putIfRoom(2))
        #expect(!mailbox.put(2, until: .after(1)))
        mailbox.close()
        #expect(!mailbox.put(3))
        #expect(mailbox.takeAll() == [1])
        #expect(mailbox.takeAll() == [])
    }
}

@Suite struct LogFileTests {
    @Test("lines are added with the time, line ends inside of them do no harm, and the file stays small")
    func lines() throws {
        let path = "\(Environment.variable("TMPDIR") ?? "/tmp")/log-file-\(randomHexDigits(12))"
        defer { removeFile(path) }
        try LogFile(path: path).write("info", "first")
        let log = try LogFile(path: path, limit: 200)
        log.write("warning", "a\nb\u{1}")
        func text() throws -> String { String(decoding: try readFile(path, limit: 10_000), as: UTF8.self) }
        let lines = try text().split(separator: "\n").map(String.init)
        #expect(lines.map { $0.drop(while: { $0 != " " }) } == [" info first", " warning a\\nb\\u{1}"])
        #expect(lines.allSatisfy { $0.hasPrefix("20") && $0.prefix(24).hasSuffix("Z") })
        for _ in 0..<50 { log.write("info", "0123456789") }
        #expect(try text().utf8.count <= 200)
        #expect(fileStatus(path)?.permissions == 0o600)
        #expect(throws: SystemError.self) { try LogFile(path: path + "/x.log") }
    }
}
