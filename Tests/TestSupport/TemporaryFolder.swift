import Platform

/// Calls `body` with the real path of a folder that is gone afterwards.
public func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = (realPath("/tmp") ?? "/tmp") + "/afresh-test-" + randomHexDigits(12)
    try makeFolder(folder, permissions: 0o700)
    defer { removeTree(folder) }
    return try body(folder)
}
