import Platform

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A saved file as it is on disk.
enum SourceFile: Equatable {
    case text([UInt8])
    /// It was deleted, or never was.
    case missing
    /// One phrase that says why: "Permission denied".
    case unreadable(String)

    /// Bytes. A larger text is no program: reading and compiling it would hold up every other save.
    static let sizeLimit = 32 << 20

    init(path: String, sizeLimit: Int = SourceFile.sizeLimit) {
        do {
            self = .text(try readFile(path, limit: sizeLimit))
        } catch let error as SystemError {
            self = error.code == ENOENT || error.code == ENOTDIR ? .missing : .unreadable(error.reason)
        } catch FileError.tooLarge {
            self = .unreadable("it is larger than \(sizeLimit >> 20) MiB")
        } catch {
            self = .unreadable("it is not a file")
        }
    }
}

/// The path without symbolic links; of a file that is gone, its folder's real path and its name.
func resolvedPath(_ path: String) -> String {
    if let real = realPath(path) { return real }
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex, let folder = realPath(String(path[..<slash]))
    else {
        return path
    }
    return (folder == "/" ? "" : folder) + path[slash...]
}
