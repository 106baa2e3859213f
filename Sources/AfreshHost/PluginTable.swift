/// What all plugins of the program export, and the state that they keep. Readers see one generation of all of it or the next.
package final class PluginTable: @unchecked Sendable {
    package struct Export: Sendable {
        package var value: any Sendable
        package var module: String
        /// Of the module that exported it.
        package var generation: Int
    }

    package static let shared = PluginTable()

    package init() {}

    /// Another one with the same contents, for a copy of the process.
    package init(copying other: PluginTable) {
        (exports, states) = other.lock.withLock { (other.exports, other.states) }
    }

    private let lock = Lock()
    fileprivate var exports: [String: Export] = [:]
    /// By module and name.
    fileprivate var states: [String: any Sendable] = [:]
    private var observers: [@Sendable () -> Void] = []

    func value(_ name: String) -> (any Sendable)? { lock.withLock { exports[name]?.value } }

    func values() -> [String: any Sendable] { lock.withLock { exports.mapValues(\.value) } }

    package func observe(_ body: @escaping @Sendable () -> Void) { lock.withLock { observers.append(body) } }

    package func callObservers() {
        for observer in lock.withLock({ observers }) { observer() }
    }

    /// All that is exported, by name.
    package var current: [String: Export] { lock.withLock { exports } }

    fileprivate func state(_ key: String) -> (any Sendable)? { lock.withLock { states[key] } }

    /// Makes what was exported at an earlier moment visible again.
    package func restore(_ former: [String: Export]) { lock.withLock { exports = former } }

    /// Makes everything that a transaction has gathered visible at once.
    fileprivate func take(_ newExports: [String: Export], _ newStates: [String: any Sendable]) {
        lock.withLock {
            exports.merge(newExports) { $1 }
            states.merge(newStates) { $1 }
        }
    }
}

/// What the plugins of one reload export and keep, before anybody sees it.
package final class PluginTransaction: @unchecked Sendable {
    private let table: PluginTable
    private let lock = Lock()
    private var exports: [String: PluginTable.Export] = [:]
    private var states: [String: any Sendable] = [:]
    private var isClosed = false
    /// What cannot be: names that two modules export.
    private var conflicts: [String] = []
    /// State that could not be handed on: module, name and the reason.
    private var lost: [(module: String, name: String, reason: String)] = []

    package init(_ table: PluginTable) {
        self.table = table
    }

    /// The first reason why it must not be committed.
    package var conflict: String? { lock.withLock { conflicts.first } }
    package var lostState: [(module: String, name: String, reason: String)] { lock.withLock { lost } }
    package var exportedNames: [String: Int] { lock.withLock { exports.mapValues(\.generation) } }

    func export(_ value: any Sendable, _ name: String, module: String, generation: Int) {
        let known = table.current[name]
        lock.withLock {
            guard !isClosed else { return }
            let owner = exports[name]?.module ?? known?.module
            if let owner, owner != module {
                conflicts.append("\(module) exports '\(name)', which \(owner) exports already")
                return
            }
            exports[name] = PluginTable.Export(value: value, module: module, generation: generation)
        }
    }

    func state<Value: Sendable>(_ name: String, module: String, initial: () -> Value) -> PluginState<Value> {
        let key = "\(module)\u{0}\(name)"
        let known = lock.withLock { states[key] } ?? table.state(key)
        if let state = known as? PluginState<Value> { return state }
        let new = PluginState(initial())
        lock.withLock {
            guard !isClosed else { return }
            states[key] = new
            if let known {
                lost.append(
                    (module, name, "it was \(type(of: known)) and is now \(PluginState<Value>.self): it begins anew"))
            }
        }
        return new
    }

    /// Makes it visible, or forgets it. What plugins do with it afterwards has no effect.
    package func close(committing: Bool) {
        lock.withLock { isClosed = true }
        if committing { table.take(exports, states) }
    }
}
