import Platform
import Testing

@testable import PythonRuntime
@testable import ReloadEngine

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Calls `body` with the real path of a folder that is gone afterwards.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = (realPath("/tmp") ?? "/tmp") + "/afresh-test-" + randomHexDigits(12)
    try makeFolder(folder, permissions: 0o700)
    defer { removeTree(folder) }
    return try body(folder)
}

func removeTree(_ path: String) {
    if fileStatus(path, followingLinks: false)?.kind == .folder {
        for name in (try? namesInFolder(path)) ?? [] { removeTree("\(path)/\(name)") }
        rmdir(path)
    } else {
        unlink(path)
    }
}

/// A Python that can check and be live.
let python: String? = {
    let runtime = CPython()
    defer { runtime.stop() }
    return try? runtime.interpreter(settings: ReloadSettings(), file: nil)
}()
