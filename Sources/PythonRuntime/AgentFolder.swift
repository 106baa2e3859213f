import AgentFiles
import Platform
import ReloadEngine

/// The Python files that are part of this program, laid out on disk where interpreters can import them.
public struct AgentFolder: Sendable {
    /// Why they could not be laid out.
    public struct Failure: Error, Sendable, CustomStringConvertible {
        /// One sentence for a person.
        public var message: String

        public var description: String { message }
    }

    /// The folder that contains `boot`, `_afresh` and `checker`.
    public let path: String

    /// Lays the files out in the per-user cache folder: `$XDG_CACHE_HOME/afresh`, else `~/.cache/afresh`; where that cannot be
    /// written, in the runtime folder. What is there already is compared and only written where it differs.
    ///
    /// The folder is named by the content of the files, so that a newer version never changes files that programs have open.
    /// Throws `Failure`.
    public static func install() throws -> AgentFolder {
        var failure: Error?
        for place in [cacheFolder, try? RuntimeFolder.standard().path] {
            // A colon would end the entry in PYTHONPATH.
            guard let place, !place.utf8.contains(UInt8(ascii: ":")) else { continue }
            do {
                return try AgentFolder(in: place)
            } catch {
                failure = failure ?? error
            }
        }
        let reason = (failure as? SystemError).map { "\($0.subject ?? ""): \($0.reason)" } ?? failure.map { "\($0)" }
        throw Failure(
            message: "The files that make a program live cannot be written (\(reason ?? "no folder to write to")): "
                + "free some space there, or set XDG_CACHE_HOME to a folder that can be written.")
    }

    /// Lays the files out in a folder of that folder.
    init(in place: String) throws {
        path = "\(place)/agent-\(AgentFolder.contentHash)"
        try makeFolder(path, permissions: 0o700)
        guard let status = fileStatus(path, followingLinks: false), status.kind == .folder,
            status.ownerID == Environment.userID, status.permissions & 0o022 == 0
        else {
            throw Failure(message: "\(path) can be written by others")
        }
        for file in AgentFolder.files {
            let target = "\(path)/\(file.path)"
            if (try? readFile(target, limit: file.bytes.count)) == file.bytes { continue }
            if let slash = target.lastIndex(of: "/") { try makeFolder(String(target[..<slash]), permissions: 0o700) }
            try writeFileAtomically(target, file.bytes, permissions: 0o600)
        }
    }

    private static var cacheFolder: String? {
        if let cache = Environment.variable("XDG_CACHE_HOME"), cache.hasPrefix("/") { return cache + "/afresh" }
        guard let home = Environment.variable("HOME"), home.hasPrefix("/") else { return nil }
        return home + "/.cache/afresh"
    }

    // MARK: The embedded files

    /// Relative paths and contents.
    static let files: [(path: String, bytes: [UInt8])] = {
        var result: [(String, [UInt8])] = []
        var next = agentFiles()
        while let file = next?.pointee, let path = file.path {
            result.append((String(cString: path), Array(UnsafeBufferPointer(start: file.bytes, count: file.count))))
            next = next?.advanced(by: 1)
        }
        return result
    }()

    /// FNV-1a, 64 bits: it only keeps versions apart, the contents are compared anyway.
    private static let contentHash: String = {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ byte: UInt8) {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
        }
        for file in files {
            file.path.utf8.forEach(add)
            add(0)
            file.bytes.forEach(add)
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }()
}
