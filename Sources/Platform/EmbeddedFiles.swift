import Embedding

/// Files that are part of this program, for others to read: laid out on disk on first use, and compared on every later one.
public struct EmbeddedFiles: Sendable {
    public struct File: Sendable {
        /// Relative, with slashes.
        public var path: String
        public var bytes: [UInt8]
    }

    /// The folder cannot be trusted.
    public struct Refusal: Error, Sendable, CustomStringConvertible {
        /// One sentence for a person.
        public var message: String

        public var description: String { message }
    }

    public let files: [File]
    private let contentHash: String

    /// Takes them from a list that ends with an entry without a path.
    public init(_ list: UnsafePointer<EmbeddedFile>?) {
        var files: [File] = []
        var next = list
        while let file = next?.pointee, let path = file.path {
            let bytes = Array(UnsafeBufferPointer(start: file.bytes, count: file.count))
            files.append(File(path: String(cString: path), bytes: bytes))
            next = next?.advanced(by: 1)
        }
        self.files = files
        contentHash = Self.hash(of: files)
    }

    /// Makes a folder hold these files, and writes what differs. Only this user can change it and the one around it.
    ///
    /// The folder is named by the content of the files, so that a newer version never changes files that others have open.
    /// - Parameters:
    ///   - place: the folder in which it is made; made too if it is missing.
    ///   - name: the first part of its own name.
    /// - Returns: its path.
    /// - Throws: `Refusal`, or `SystemError` where it cannot be written.
    public func layOut(in place: String, as name: String) throws -> String {
        let path = "\(place)/\(folderName(name))"
        try makeFolder(path, permissions: 0o700)
        // Whoever may write to the folder around it can put another one in its place.
        for folder in [place, path] {
            guard let status = fileStatus(folder, followingLinks: folder == place), status.kind == .folder,
                status.ownerID == Environment.userID, status.permissions & 0o022 == 0
            else { throw Refusal(message: "\(folder) is not this user's own, or can be written by others") }
        }
        for file in files {
            let target = "\(path)/\(file.path)"
            if (try? readFile(target, limit: file.bytes.count)) == file.bytes { continue }
            if let slash = target.lastIndex(of: "/") { try makeFolder(String(target[..<slash]), permissions: 0o700) }
            try writeFileAtomically(target, file.bytes, permissions: 0o600)
        }
        noteUse(path)
        return path
    }

    /// What `layOut` calls the folder.
    public func folderName(_ name: String) -> String { "\(name)-\(contentHash)" }

    /// FNV-1a, 64 bits: it only keeps versions apart, the contents are compared anyway.
    private static func hash(of files: [File]) -> String {
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
    }
}

extension Environment {
    /// This program's folder for what can be made anew: `$XDG_CACHE_HOME/afresh`, else `~/.cache/afresh` (XDG Base Directory
    /// Specification); nil where neither is known.
    public static var cacheFolder: String? {
        if let cache = variable("XDG_CACHE_HOME"), cache.hasPrefix("/") { return cache + "/afresh" }
        guard let home = variable("HOME"), home.hasPrefix("/") else { return nil }
        return home + "/.cache/afresh"
    }
}
