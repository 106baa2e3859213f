#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The user's own folder in which hosts and servers find each other. See `HostProtocol.md`.
public struct RuntimeFolder: Sendable {
    /// Why the folder is not used.
    public struct Refusal: Error, Sendable {
        /// One sentence for a person.
        public var message: String
    }

    public let path: String

    /// The folder at `path`, made if it is missing.
    ///
    /// Throws `Refusal` unless it is a real folder (not a symbolic link) that belongs to the user and that nobody else may enter.
    public init(path: String) throws {
        self.path = path
        if mkdir(path, 0o700) != 0, errno != EEXIST {
            throw Refusal(message: "Cannot make the folder \(path): \(String(cString: strerror(errno))).")
        }
        var status = stat()
        guard lstat(path, &status) == 0 else {
            throw Refusal(message: "Cannot look at the folder \(path): \(String(cString: strerror(errno))).")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw Refusal(message: "\(path) must be a folder, but it is something else: remove it.")
        }
        guard status.st_uid == geteuid() else {
            throw Refusal(message: "The folder \(path) belongs to another user: set XDG_RUNTIME_DIR to a folder of your own.")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw Refusal(message: "Other users may enter the folder \(path): run chmod 700 on it.")
        }
    }

    /// `$XDG_RUNTIME_DIR/afresh`, else `${TMPDIR:-/tmp}/afresh-<uid>`.
    public static func standard() throws -> RuntimeFolder {
        if let runtime = environmentVariable("XDG_RUNTIME_DIR"), runtime.hasPrefix("/") {
            return try RuntimeFolder(path: runtime + "/afresh")
        }
        var temporary = environmentVariable("TMPDIR") ?? "/tmp"
        if !temporary.hasPrefix("/") { temporary = "/tmp" }
        while temporary.count > 1, temporary.hasSuffix("/") { temporary.removeLast() }
        return try RuntimeFolder(path: "\(temporary)/afresh-\(geteuid())")
    }
}

/// The variable's value; nil when it is not set or empty.
func environmentVariable(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
}
