import ReloadEngine

/// CPython: checks texts with a long-lived process of the host's own interpreter.
public final class CPython: Runtime {
    public init() {}

    public var name: String { "CPython" }

    public func owns(path: String) -> Bool { path.hasSuffix(".py") }
}
