#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The user's own folder in which hosts and servers find each other. See `ReloadEngine/HostProtocol.md`.
public struct RuntimeFolder: Sendable {
    /// Why the folder is not used.
    public struct Refusal: Error, Sendable, CustomStringConvertible {
        /// One sentence for a person.
        public var message: String

        public var description: String { message }
    }

    /// Absolute, without a slash at the end.
    public let path: String

    /// The folder at `path`, made if it is missing.
    ///
    /// Throws `Refusal` unless it is a real folder (not a symbolic link) that belongs to the user and that nobody else may enter.
    public init(path: String) throws {
        self.path = path
        if mkdir(path, 0o700) != 0, errno != EEXIST {
            throw Refusal(message: "Cannot make the folder \(path): \(SystemError.last("mkdir").reason).")
        }
        guard let status = fileStatus(path, followingLinks: false) else {
            throw Refusal(message: "Cannot look at the folder \(path): \(SystemError.last("stat").reason).")
        }
        guard status.kind == .folder else {
            throw Refusal(message: "\(path) must be a folder, but it is something else: remove it.")
        }
        guard status.ownerID == Environment.userID else {
            throw Refusal(
                message: "The folder \(path) belongs to another user: set XDG_RUNTIME_DIR to a folder of your own.")
        }
        guard status.permissions & 0o077 == 0 else {
            throw Refusal(message: "Other users may enter the folder \(path): run chmod 700 on it.")
        }
    }

    /// `$XDG_RUNTIME_DIR/afresh`, else `${TMPDIR:-/tmp}/afresh-<uid>`.
    public static func standard() throws -> RuntimeFolder {
        if let runtime = Environment.variable("XDG_RUNTIME_DIR"), runtime.hasPrefix("/") {
            return try RuntimeFolder(path: withoutSlash(runtime) + "/afresh")
        }
        let temporary = Environment.variable("TMPDIR").flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/tmp"
        return try RuntimeFolder(path: "\(withoutSlash(temporary))/afresh-\(Environment.userID)")
    }

    private static func withoutSlash(_ path: String) -> Substring {
        var rest = path[...]
        while rest.hasSuffix("/") { rest.removeLast() }
        return rest
    }
}
