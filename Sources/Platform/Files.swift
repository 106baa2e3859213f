#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Why a file could not be read as a whole.
public enum FileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Larger than the limit (both in bytes).
    case tooLarge(path: String, size: Int, limit: Int)
    /// A folder, pipe, socket or device.
    case notAFile(path: String)

    public var description: String {
        switch self {
        case .tooLarge(let path, let size, let limit): "\(path) has \(size) bytes; the limit is \(limit)"
        case .notAFile(let path): "\(path) is not a file"
        }
    }
}

/// What `lstat` or `stat` say about a path.
public struct FileStatus: Sendable, Equatable {
    public enum Kind: Sendable {
        case file, folder, symbolicLink, socket, other
    }

    public var kind: Kind
    /// Permission bits: 0o700.
    public var permissions: UInt32
    public var ownerID: UInt32
    /// Bytes.
    public var size: Int
    public var device: UInt64
    public var inode: UInt64
    /// When the file or what is said of it was changed last, as the file system counts: seconds and nanoseconds.
    public var changed: [Int]
    /// When the contents were written last: seconds since 1970.
    public var written: Int
    /// When they were read or written last, as far as the file system notes that.
    public var used: Int

    fileprivate init(_ raw: stat) {
        switch UInt32(raw.st_mode) & UInt32(S_IFMT) {
        case UInt32(S_IFREG): kind = .file
        case UInt32(S_IFDIR): kind = .folder
        case UInt32(S_IFLNK): kind = .symbolicLink
        case UInt32(S_IFSOCK): kind = .socket
        default: kind = .other
        }
        permissions = UInt32(raw.st_mode) & 0o7777
        #if canImport(Glibc)
            changed = [raw.st_ctim.tv_sec, raw.st_ctim.tv_nsec]
            written = raw.st_mtim.tv_sec
            used = max(raw.st_atim.tv_sec, raw.st_mtim.tv_sec)
        #else
            changed = [raw.st_ctimespec.tv_sec, raw.st_ctimespec.tv_nsec]
            written = raw.st_mtimespec.tv_sec
            used = max(raw.st_atimespec.tv_sec, raw.st_mtimespec.tv_sec)
        #endif
        ownerID = raw.st_uid
        size = Int(raw.st_size)
        device = UInt64(truncatingIfNeeded: raw.st_dev)
        inode = UInt64(truncatingIfNeeded: raw.st_ino)
    }
}

/// The bytes of a whole file.
/// - Parameter limit: bytes; a larger file is refused without being read.
/// - Throws: `SystemError` (missing, unreadable) or `FileError`.
public func readFile(_ path: String, limit: Int = 64 << 20) throws -> [UInt8] {
    // Without O_NONBLOCK, opening a named pipe would wait for a writer.
    let raw = retryingOnInterrupt { open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    guard raw >= 0 else { throw SystemError.last("read", path) }
    let file = FileDescriptor(rawValue: raw)
    defer { file.close() }
    var status = stat()
    guard fstat(raw, &status) == 0 else { throw SystemError.last("stat", path) }
    guard FileStatus(status).kind == .file else { throw FileError.notAFile(path: path) }
    let size = Int(status.st_size)
    guard size <= limit else { throw FileError.tooLarge(path: path, size: size, limit: limit) }
    // One byte more than the size, so that the end is seen without a second allocation.
    var bytes = [UInt8](repeating: 0, count: max(size, 4095) + 1)
    var count = 0
    while true {
        if count == bytes.count {
            guard count <= limit else { throw FileError.tooLarge(path: path, size: count, limit: limit) }
            bytes.append(contentsOf: repeatElement(0, count: count))
        }
        let start = count
        let step: Int
        do {
            step = try bytes.withUnsafeMutableBytes { buffer in
                try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[start...]))
            }
        } catch let error as SystemError {
            throw SystemError(code: error.code, operation: "read", subject: path)
        }
        if step == 0 { break }
        count += step
    }
    guard count <= limit else { throw FileError.tooLarge(path: path, size: count, limit: limit) }
    bytes.removeLast(bytes.count - count)
    return bytes
}

/// Writes a whole file so that others see the old contents or the new, never a part: beside it first, then renamed.
public func writeFileAtomically(_ path: String, _ bytes: [UInt8], permissions: UInt32 = 0o644) throws {
    let temporary = "\(path).\(Environment.processID)-\(randomHexDigits(8)).tmp"
    let raw = retryingOnInterrupt {
        open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(truncatingIfNeeded: permissions))
    }
    guard raw >= 0 else { throw SystemError.last("create", temporary) }
    let file = FileDescriptor(rawValue: raw)
    do {
        defer { file.close() }
        try file.writeAll(bytes)
    } catch {
        removeFile(temporary)
        throw SystemError(code: (error as? SystemError)?.code ?? EIO, operation: "write", subject: path)
    }
    guard rename(temporary, path) == 0 else {
        let error = SystemError.last("rename", path)
        removeFile(temporary)
        throw error
    }
}

/// Renames a file; an existing one of the new name is replaced.
public func renameFile(_ old: String, to new: String) throws {
    guard rename(old, new) == 0 else { throw SystemError.last("rename", old) }
}

/// Removes a file or socket.
/// - Returns: whether it was there and could be removed.
@discardableResult
public func removeFile(_ path: String) -> Bool {
    unlink(path) == 0
}

/// Removes a folder with all that is in it, or a file. A link is removed, not what it leads to.
public func removeTree(_ path: String) {
    guard fileStatus(path, followingLinks: false)?.kind == .folder else {
        removeFile(path)
        return
    }
    for name in (try? namesInFolder(path)) ?? [] { removeTree("\(path)/\(name)") }
    rmdir(path)
}

/// Makes a folder, and those above it where they are missing.
public func makeFolder(_ path: String, permissions: UInt32 = 0o755) throws {
    if mkdir(path, mode_t(truncatingIfNeeded: permissions)) == 0 { return }
    switch errno {
    case EEXIST:
        guard fileStatus(path)?.kind == .folder else {
            throw SystemError(code: EEXIST, operation: "mkdir", subject: path)
        }
    case ENOENT:
        guard let slash = path.dropFirst().lastIndex(of: "/") else { throw SystemError.last("mkdir", path) }
        try makeFolder(String(path[..<slash]), permissions: permissions)
        guard mkdir(path, mode_t(truncatingIfNeeded: permissions)) == 0 || errno == EEXIST else {
            throw SystemError.last("mkdir", path)
        }
    default:
        throw SystemError.last("mkdir", path)
    }
}

/// The names in a folder, without "." and "..", in no order.
public func namesInFolder(_ path: String) throws -> [String] {
    guard let folder = opendir(path) else { throw SystemError.last("open", path) }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
            pointer.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: pointer.pointee)) {
                String(cString: $0)
            }
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names
}

/// What the path names; nil when there is nothing, or nothing that may be seen.
/// - Parameter followingLinks: whether a symbolic link stands for what it points to.
public func fileStatus(_ path: String, followingLinks: Bool = true) -> FileStatus? {
    var status = stat()
    guard (followingLinks ? stat(path, &status) : lstat(path, &status)) == 0 else { return nil }
    return FileStatus(status)
}

/// The path without symbolic links, "." and ".."; nil when the file does not exist.
public func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
}

/// What a symbolic link says; nil when it is none.
public func readLink(_ path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: 4097)
    let count = readlink(path, &buffer, buffer.count - 1)
    guard count > 0 else { return nil }
    return string(fromTerminated: buffer)
}

/// Random hexadecimal digits, for names that nobody else has.
public func randomHexDigits(_ count: Int) -> String {
    let digits = Array("0123456789abcdef")
    return String((0..<max(0, count)).compactMap { _ in digits.randomElement() })
}
