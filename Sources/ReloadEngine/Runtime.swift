/// What the engine needs to know about one language: the only place where languages differ.
///
/// Calls block and come from the engine's own thread. Nothing here may touch a host: checking comes first.
public protocol Runtime: Sendable {
    /// The runtime's name in `hello`: "CPython".
    var name: String { get }

    /// Whether a file can be a module of this runtime, by its name alone.
    func owns(path: String) -> Bool
}
