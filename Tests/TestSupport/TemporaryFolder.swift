import Platform

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Calls `body` with the real path of a folder that is gone afterwards.
public func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = (realPath("/tmp") ?? "/tmp") + "/afresh-test-" + randomHexDigits(12)
    try makeFolder(folder, permissions: 0o700)
    defer { removeTree(folder) }
    return try body(folder)
}

/// Removes a folder with all that is in it, or a file.
public func removeTree(_ path: String) {
    if fileStatus(path, followingLinks: false)?.kind == .folder {
        for name in (try? namesInFolder(path)) ?? [] { removeTree("\(path)/\(name)") }
        rmdir(path)
    } else {
        unlink(path)
    }
}
