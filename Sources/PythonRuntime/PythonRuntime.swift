import ReloadEngine

/// CPython: checks texts with a long-lived process of the host's own interpreter.
public final class CPython: Runtime {
    public init() {}

    public var name: String { "CPython" }

    public func owns(path: String) -> Bool { path.hasSuffix(".py") }

    public func warmUp(for host: HostInformation?, settings: ReloadSettings) {}

    public func check(_ request: CheckRequest) throws(RuntimeFailure) -> Answer<[CheckedModule]> {
        throw RuntimeFailure("no checker")
    }

    public func affected(_ request: AffectedRequest) throws(RuntimeFailure) -> Answer<[AffectedModule]> {
        throw RuntimeFailure("no checker")
    }

    public func check(path: String, text: [UInt8], settings: ReloadSettings) throws(RuntimeFailure) -> [Problem] {
        throw RuntimeFailure("no checker")
    }

    public func stop() {}
}
