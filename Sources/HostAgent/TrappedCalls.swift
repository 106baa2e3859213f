import AfreshHost
import JSONRPC
import Platform

/// What `Plugins.call` calls.
@_silgen_name("afresh_call_guarded")
package func callGuarded(
    _ name: String, _ module: String, _ generation: Int, _ body: @escaping @Sendable () -> Void
) throws {
    let agent = runningAgent.withLock { $0 }
    let running = agent?.modules.all ?? []
    switch GuardedCall.run(limit: GuardedCall.unlimited, body) {
    case .returned: return
    case .trapped(let signal, let calls):
        let trap = Trap(module: module, generation: generation, export: name, signal: signal, calls: calls)
        throw PluginError(agent?.take(trap, running) ?? trap.message)
    case .threw(_, let message): throw PluginError(message)
    case .late, .notStarted: throw PluginError("'\(name)' of \(module): the system has no thread left")
    }
}

/// Code of a plugin that the program has called, and that trapped.
struct Trap: Sendable {
    var module: String
    /// Of the export that was called.
    var generation: Int
    var export: String
    var signal: Int32
    var calls: [TrappedCall]

    var message: String { "signal \(signal) in '\(export)' of \(module)" }

    /// The module with whose last save the trap came.
    /// - Parameter running: what ran when the call began: what came meanwhile was not called.
    /// - Returns: nil where it was code of an older save that was called.
    func culprit(_ running: [LoadedModule]) -> LoadedModule? {
        let images = Set(calls.map(\.image))
        let patched = running.filter { $0.patches.last.map(images.contains) == true }
        // Patches are numbered as they come.
        if let last = patched.max(by: { $0.patchNumber < $1.patchNumber }) { return last }
        return running.first { $0.name == module && $0.exporting == generation && $0.patches.isEmpty }
    }
}

/// The agent of this program, once it has one.
let runningAgent = Monitor<HostAgent?>(nil)

extension HostAgent {
    /// Goes back to what ran before the save that brought in what trapped, and tells the servers.
    /// - Returns: what to tell the program.
    /// - Parameter running: what ran when the call began.
    fileprivate func take(_ trap: Trap, _ running: [LoadedModule]) -> String {
        let culprit = trap.culprit(running)
        let name = culprit?.name ?? trap.module
        let withdrawn = culprit.flatMap { modules.withdraw($0.name, generation: $0.generation) }
        if withdrawn != nil { scanner.follow() }
        // The program waits for nothing of this.
        _ = try? withoutSignals {
            try WorkerThread { [self] in
                let traceback = Symbolizer(compiler: build.compiler).traceback(trap.calls, in: modules.all)
                let concerned = withdrawn ?? modules.all.filter { $0.name == name }
                let generations = concerned.map { module in
                    JSONValue.object([
                        "module": .string(module.name), "generation": .int(module.generation),
                        "path": module.sources.first.map { .string($0) }
                    ])
                }
                tellServers(
                    "plugins/trapped",
                    .object([
                        "module": .string(name), "undone": .bool(withdrawn != nil),
                        "modules": .array(generations),
                        "error": .object([
                            "type": "Trap", "message": .string(trap.message), "traceback": traceback
                        ])
                    ]))
            }
        }
        guard let withdrawn, let own = withdrawn.first(where: { $0.name == name }) else {
            return "\(trap.message); there is no former generation to go back to"
        }
        return "\(trap.message); \(name) goes on with generation \(own.generation)"
    }
}

extension LoadedModules {
    /// What ran before a load, and which modules that has replaced.
    struct Former: Sendable {
        var replaced: Set<String>
        var modules: [LoadedModule]
        var set: String
        var exports: [String: PluginTable.Export]
    }

    /// How many loads can be taken back.
    static let formerLimit = 64

    /// Goes back to what ran before a generation of a module came, and with it to what ran together with that.
    /// - Returns: the modules that run another generation now; nil if that generation does not run any more, is the first, or something
    ///   is being loaded: everything stays as it is then.
    func withdraw(_ name: String, generation: Int) -> [LoadedModule]? {
        state.withLock { state in
            guard !state.isLoading, state.modules.first(where: { $0.name == name })?.generation == generation,
                let index = state.former.lastIndex(where: { $0.replaced.contains(name) })
            else { return nil }
            let former = state.former[index]
            state.former.removeSubrange(index...)
            var changed: [LoadedModule] = []
            var patches: [String] = []
            for position in state.modules.indices {
                let now = state.modules[position]
                guard let before = former.modules.first(where: { $0.name == now.name }),
                    before.generation < now.generation
                else { continue }
                if before.build == now.build {
                    patches += now.patches.dropFirst(before.patches.count).filter { !patches.contains($0) }
                }
                var restored = before
                // No number is given twice, and nothing is unloaded.
                (restored.newest, restored.patchNumber) = (now.newest, now.patchNumber)
                state.modules[position] = restored
                changed.append(restored)
            }
            for image in patches.reversed() { PluginImage.undoPatch(path: image) }
            state.set = former.set
            table.restore(former.exports)
            return changed
        }
    }
}
