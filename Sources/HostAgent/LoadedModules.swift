import AfreshHost
import JSONRPC
import Platform

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A module of the program's package.
struct LoadedModule: Sendable {
    let name: String
    /// Every Swift file below it belongs to the module.
    let folder: String
    var sources: [String]
    let imports: [String]
    /// How many times it has been loaded or patched here.
    var generation = 0
    /// The last generation that was loaded; a later one than that which runs where that has trapped.
    var newest = 0
    /// The generation that its plugins have exported as: that of the image that was loaded last as a whole.
    var exporting = 0
    /// The number that its image was built under.
    var build = 0
    /// Where the image that runs lies, inverted as in `LoadedImages`.
    var image: UInt = 0
    /// Of that image.
    var path = ""
    /// Of each generation that is still there: what one cannot do without.
    var plugins: [any Plugin.Type] = []
    /// Milliseconds since 1970.
    var loaded = 0.0
    /// Images whose functions run in the places of its own, oldest first; each is of one save.
    var patches: [String] = []
    /// Of the last patch that there ever was; rises with each save.
    var patchNumber = 0

    /// Runs another image.
    fileprivate mutating func take(_ image: PluginImage, _ step: LoadStep) {
        advance()
        exporting = generation
        patches = []
        (self.image, path) = (~image.base, step.image)
        build = step.builds[name] ?? 0
        plugins = image.plugins
    }

    /// One image more, and one generation.
    fileprivate mutating func advance() {
        newest += 1
        generation = newest
        loaded = wallClockMilliseconds()
    }
}

/// One image to load, as a server or `afresh plugins` names it.
struct LoadStep: Sendable {
    var module: String
    /// The set of images that was running when it was built; nil: any.
    var digest: String?
    var image: String
    /// Functions of the image take the places of those that run; else it is a generation of its own.
    /// Something runs when its image is loaded, before its plugins do.
    var hasInitializers = false
    var isPatch: Bool
    var set: String
    /// By module: what all of them are built as once it is loaded.
    var builds: [String: Int]

    init?(module: String?, digest: String?, payload: JSONValue?) {
        guard let module, let image = payload?["image"]?.stringValue, let set = payload?["set"]?.stringValue,
            let members = payload?["generations"]?.objectValue?.members
        else { return nil }
        self.module = module
        self.digest = digest
        self.image = image
        isPatch = payload?["patch"]?.boolValue ?? false
        hasInitializers = payload?["initializers"]?.boolValue ?? false
        self.set = set
        builds = [:]
        for (name, build) in members { builds[name] = build.intValue }
    }
}

/// Why plugins were not loaded.
enum LoadFailure: Error {
    /// Another set runs than the images were built for.
    case outdated(String)
    /// Nothing was touched.
    case refused(module: String, String)
    /// A plugin failed; everything is as it was, but for what `remains` says.
    case failed(module: String, type: String, message: String, calls: [TrappedCall] = [], remains: [String])
}

/// The plugins of this program. Everything that changes them goes through `load`.
final class LoadedModules: Sendable {
    struct State {
        var modules: [LoadedModule] = []
        /// The set of images that runs.
        var set = ""
        /// What can be gone back to, oldest first.
        var former: [Former] = []
        var isLoading = false
    }

    /// What came of a load.
    struct Loaded: Sendable {
        var steps: [LoadStep]
        /// State that was not handed on, and conformances that casts do not see.
        var losses: [(module: String, symbol: String, reason: String)]
        /// Milliseconds.
        var time: Double
    }

    let state: Monitor<State>
    private let loading = Monitor(())
    let table: PluginTable
    /// Whether each load is rehearsed in a copy of the process.
    let isRehearsed: Bool
    /// All images that were loaded, also those of plugins that failed.
    let images = LoadedImages()

    init(table: PluginTable, modules: [LoadedModule], isRehearsed: Bool = false) {
        self.table = table
        self.isRehearsed = isRehearsed
        state = Monitor(State(modules: modules))
    }

    var all: [LoadedModule] { state.withLock { $0.modules } }
    var set: String { state.withLock { $0.set } }

    /// Where that which can be gone back to is kept, inverted: nobody else's reference.
    var keptForReturn: UInt {
        state.withLock { $0.former.isEmpty ? ~0 : ~unsafeBitCast($0.former, to: UInt.self) }
    }

    /// Exports that the newest generation of their module does not have any more.
    var leftovers: [(name: String, export: PluginTable.Export, newest: Int)] {
        let generations = Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        return table.current.sorted { $0.key < $1.key }.compactMap { name, export in
            guard let newest = generations[export.module], export.generation < newest.exporting else { return nil }
            return (name, export, newest.generation)
        }
    }

    /// Loads new generations side by side with those that run, all or none.
    func load(_ steps: [LoadStep]) throws(LoadFailure) -> Loaded {
        do {
            return try loading.withLock { _ in try perform(steps) }
        } catch let failure as LoadFailure {
            throw failure
        } catch {
            throw .failed(module: "", type: "Error", message: "\(error)", remains: [])
        }
    }

    private func perform(_ steps: [LoadStep]) throws(LoadFailure) -> Loaded {
        let before = state.withLock { state in
            state.isLoading = true
            return state
        }
        defer { state.withLock { $0.isLoading = false } }
        try verify(steps, before)
        let exports = table.current
        let started = monotonicMilliseconds()
        let transaction = PluginTransaction(table)
        var modules = before.modules
        func context(_ module: LoadedModule) -> PluginContext {
            PluginContext(module: module.name, generation: module.generation, transaction: transaction)
        }

        try rehearse(steps, before.modules)
        for step in steps {
            guard let old = before.modules.first(where: { $0.name == step.module }), old.generation > 0 else {
                continue
            }
            let (plugins, context) = (old.plugins, context(old))
            try call(step.module, "willReload()", transaction) {
                for plugin in plugins { try plugin.willReload(context) }
            }
        }
        // Everything is there before anything of it runs. Patches are taken back where something fails.
        var loaded: [(index: Int, plugins: [any Plugin.Type])] = []
        var losses: [(module: String, symbol: String, reason: String)] = []
        for step in steps where !step.isPatch {
            guard let index = modules.firstIndex(where: { $0.name == step.module }) else { continue }
            let image = try call(step.module, "loading", transaction) { try PluginImage(path: step.image) }
            modules[index].take(image, step)
            images.add(module: step.module, generation: modules[index].generation, base: image.base, path: step.image)
            loaded.append((index, image.plugins))
            guard modules[index].generation > 1 else { continue }
            let reason =
                "both sides of this conformance are from elsewhere: casts find the one that was loaded first; restart to get it"
            losses += image.foreignConformances.map { (step.module, $0, reason) }
        }
        var patched: [String] = []
        defer { for image in patched { PluginImage.undoPatch(path: image) } }
        for step in steps where step.isPatch {
            guard let index = modules.firstIndex(where: { $0.name == step.module }) else { continue }
            if !patched.contains(step.image) {
                try call(step.module, "patching", transaction) { try PluginImage.patch(path: step.image) }
                patched.append(step.image)
            }
            // What was loaded with its patches at once is the first generation.
            if before.modules[index].generation > 0 { modules[index].advance() }
            modules[index].patches.append(step.image)
            modules[index].patchNumber = Int(step.set) ?? 0
            images.add(
                module: step.module, generation: modules[index].generation,
                base: PluginImage.base(path: step.image), path: step.image, isPatch: true)
        }
        for (index, plugins) in loaded {
            let (name, own) = (modules[index].name, context(modules[index]))
            try call(name, "load()", transaction) { for plugin in plugins { try plugin.load(own) } }
            if let conflict = transaction.conflict {
                transaction.close(committing: false)
                throw .failed(module: name, type: "PluginError", message: conflict, remains: remains)
            }
        }
        transaction.close(committing: true)
        patched = []
        let (after, set) = (modules, steps.last?.set ?? before.set)
        state.withLock { state in
            state.modules = after
            state.set = set
            let replaced = Set(steps.map(\.module))
            guard before.modules.contains(where: { replaced.contains($0.name) && $0.generation > 0 }) else { return }
            state.former.append(
                Former(replaced: replaced, modules: before.modules, set: before.set, exports: exports))
            if state.former.count > Self.formerLimit { state.former.removeFirst() }
        }
        losses += transaction.lostState.map { ($0.module, $0.name, $0.reason) }
        losses += notify(steps, before: before.modules, after: after, transaction)
        return Loaded(steps: steps, losses: losses, time: monotonicMilliseconds() - started)
    }

    /// A set is one whose images were all built for each other: nothing else is ever loaded.
    private func verify(_ steps: [LoadStep], _ state: State) throws(LoadFailure) {
        for step in steps {
            if let digest = step.digest, digest != state.set {
                throw .outdated("\(step.module) was built for another set of plugins")
            }
            guard let module = state.modules.first(where: { $0.name == step.module }) else {
                throw .refused(module: step.module, "the program has no module \(step.module)")
            }
            let isLoadedWithIt = steps.contains { !$0.isPatch && $0.module == step.module }
            if step.isPatch, !isLoadedWithIt, step.builds[step.module] != module.build {
                throw .outdated("the patch of \(step.module) is for another generation")
            }
        }
        guard let builds = steps.last?.builds else { throw .refused(module: "", "there is nothing to load") }
        let replaced = Set(steps.map(\.module))
        for module in state.modules where !replaced.contains(module.name) && builds[module.name] != module.build {
            throw .refused(
                module: steps.first?.module ?? "",
                "\(module.name) would be left with an older generation of what it imports: let it be reloaded too, or restart the program"
            )
        }
    }

    /// Runs code of a plugin; whatever it does wrong becomes a failure.
    private func call<Value: Sendable>(
        _ module: String, _ what: String, _ transaction: PluginTransaction,
        _ body: @escaping @Sendable () throws -> Value
    ) throws(LoadFailure) -> Value {
        let ending = GuardedCall.run(body)
        if case .returned(let value) = ending { return value }
        transaction.close(committing: false)
        switch ending {
        case .returned(let value): return value
        case .threw(let type, let message):
            throw .failed(module: module, type: type, message: "\(message) (in \(what))", remains: remains)
        case .trapped(let signal, let calls):
            throw .failed(
                module: module, type: "Trap", message: "signal \(signal) in \(what)", calls: calls,
                remains: remains + ["the thread that trapped is held, with what it has locked"])
        case .late:
            throw .failed(
                module: module, type: "Timeout", message: "\(what) has not ended after \(GuardedCall.limit / 1000) s",
                remains: remains + ["it still runs, on a thread of its own"])
        case .notStarted:
            throw .failed(module: module, type: "Error", message: "\(what): the system has no thread left", remains: [])
        }
    }

    private var remains: [String] { ["what plugins did outside of their exports while they were loaded"] }

    /// What is said afterwards undoes nothing; what went wrong there is said.
    private func notify(
        _ steps: [LoadStep], before: [LoadedModule], after: [LoadedModule], _ transaction: PluginTransaction
    ) -> [(module: String, symbol: String, reason: String)] {
        guard before.contains(where: { $0.generation > 0 }), let last = steps.last?.module else { return [] }
        var failures: [(module: String, symbol: String, reason: String)] = []
        func tell(_ module: String, _ what: String, _ body: @escaping @Sendable () -> Void) {
            switch GuardedCall.run(body) {
            case .returned, .threw: break
            case .trapped(let signal, _):
                failures.append((module, what, "signal \(signal) in it; its thread is held, with what it has locked"))
            case .late: failures.append((module, what, "it has not ended after \(GuardedCall.limit / 1000) s"))
            case .notStarted: failures.append((module, what, "the system has no thread left"))
            }
        }
        let names = Set(steps.map(\.module))
        for module in after where names.contains(module.name) && module.generation > 1 {
            let context = PluginContext(module: module.name, generation: module.generation, transaction: transaction)
            tell(module.name, "didReload()") { for plugin in module.plugins { plugin.didReload(context) } }
        }
        let table = table
        tell(last, "what the program does after a reload") { table.callObservers() }
        return failures
    }
}

func wallClockMilliseconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) * 1000 + Double(time.tv_nsec) / 1e6
}
