/// What the engine needs to know about one language: the only place where languages differ.
///
/// Calls block and come from the engine's own thread. Nothing here may touch a host: checking comes first.
public protocol Runtime: Sendable {
    /// The runtime's name in `hello`: "CPython".
    var name: String { get }

    /// Whether a file can be a module of this runtime, by its name alone.
    func owns(path: String) -> Bool

    /// Starts what a later check needs, so that the first save does not pay for it. Returns at once.
    func warmUp(for host: HostInformation?, settings: ReloadSettings)

    /// Compiles the edited modules of one host and compares them with what runs there.
    func check(_ request: CheckRequest) throws -> CheckAnswer

    /// Finds which candidates are affected by what the check found, and what each needs.
    func affected(_ request: AffectedRequest) throws -> [AffectedModule]

    /// Compiles a file that no program has loaded.
    func check(path: String, text: [UInt8], settings: ReloadSettings) throws -> [Problem]
}
