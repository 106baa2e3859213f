import Platform
import TestSupport
import Testing

@testable import PythonRuntime
@testable import ReloadEngine

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A Python that can check and be live.
let python: String? = {
    let runtime = CPython()
    defer { runtime.stop() }
    return try? runtime.interpreter(settings: ReloadSettings(), file: nil)
}()
