import JSONRPC
import Platform
import ReloadEngine

/// Builds what a program is to run next: coherent images of all modules that an edit concerns.
///
/// What imports a module with the same interface is stamped and linked again, not compiled.
struct PluginBuild {
    enum Outcome {
        /// It does not compile.
        case blocked([Problem])
        /// `compiled`: the files that were looked at; `problems` are warnings.
        case built(PluginSet, problems: [Problem])
    }

    private let compiler: Compiler
    private var folder: BuildFolder { compiler.folder }
    private var package: PluginPackage { compiler.package }
    /// What the program runs; nil: nothing yet.
    private let running: PluginSet?
    private let edited: Set<String>
    /// The edited modules, and what imports them; what else runs stays as it is, whatever is on disk. Nil: all.
    private let scope: Set<String>?
    /// Modules that are to be loaded anew though nothing of them has changed.
    private let forced: Set<String>
    /// The interfaces of the modules that the program consists of.
    private let program: ContentHash
    /// Nil: everything is loaded anew as a whole.
    private let patching: PluginPatch.Means?

    /// - Throws: `RuntimeFailure` if the program's own modules are others than those that run.
    init(
        compiler: Compiler, running: PluginSet?, edited: Set<String> = [], forced: Set<String> = [],
        patching: PluginPatch.Means? = nil
    ) throws(RuntimeFailure) {
        self.patching = patching
        self.edited = edited
        self.compiler = compiler
        self.running = running
        self.forced = forced
        scope = running == nil ? nil : compiler.package.concerned(by: edited)
        program = try compiler.programInterfaces()
        if let running, running.program != program.text {
            throw RuntimeFailure("the program has been built anew since it was started: restart it.")
        }
    }

    /// Builds everything that differs from what runs. To be called while the folder is locked.
    func perform() throws(RuntimeFailure) -> Outcome {
        let ahead = forced.isEmpty ? PatchAhead(of: edited, compiler, running, patching) : nil
        var number: Int?
        defer { ahead?.discard(unlessIts: number) }
        var compiled: [String: CompiledModule] = [:]
        var problems: [Problem] = []
        var blocked: Set<String> = []
        for module in package.modules {
            // What imports something that does not compile would only say so again.
            guard blocked.isDisjoint(with: module.imports) else {
                blocked.insert(module.name)
                continue
            }
            if scope?.contains(module.name) == false, let known = running?.modules[module.name] {
                compiled[module.name] = CompiledModule(known)
                continue
            }
            let result = try compile(module, compiled)
            problems += result.problems
            if result.isBlocked { blocked.insert(module.name) }
            compiled[module.name] = result
        }
        guard blocked.isEmpty else { return .blocked(problems) }
        let set = try link(compiled, ahead?.image)
        number = set.number
        return .built(set, problems: problems)
    }

    private func compile(
        _ module: PluginPackage.Module, _ compiled: [String: CompiledModule]
    ) throws(RuntimeFailure) -> CompiledModule {
        let imported = package.closure(of: module)
        if let target = module.clang {
            let known = imported.compactMap { other in
                other.clang.flatMap { target in compiled[other.name]?.interface.map { (target, $0) } }
            }
            return try ClangBuild(module, target, compiler: compiler, imported: known).perform()
        }
        let interfaces = imported.compactMap { other in compiled[other.name]?.interface.map { (other.name, $0) } }
        return try ModuleBuild(
            module, compiler: compiler, interfaces: interfaces, headers: imported.flatMap { $0.clang?.headers ?? [] },
            running: running?.modules[module.name], program: program
        ).perform()
    }

    // MARK: Linking

    private func link(
        _ compiled: [String: CompiledModule], _ ahead: PluginPatch.Linked?
    ) throws(RuntimeFailure) -> PluginSet {
        guard let running, let patching else { return try link(compiled, nil, ahead) }
        let patch = PluginPatch(
            compiler: compiler, running: running, patching,
            sources: compiled.filter { package[$0.key]?.clang == nil }.mapValues(\.sources))
        return try link(compiled, patch, ahead)
    }

    /// - Parameter obstacle: why nothing can be patched.
    private func link(
        _ compiled: [String: CompiledModule], _ fresh: PluginPatch?, _ ahead: PluginPatch.Linked?,
        becauseOf obstacle: String? = nil
    ) throws(RuntimeFailure) -> PluginSet {
        var modules: [String: PluginSet.Module] = [:]
        var differences: [String: ModuleDifference] = [:]
        var patch = fresh
        var patched: [String] = []
        var number: Int?
        for module in package.modules {
            guard let own = compiled[module.name] else { continue }
            let imported = package.closure(of: module)
            var entry = PluginSet.Module(
                generation: 0, sources: own.sources, objects: own.contents, interface: own.interface?.text,
                surroundings: own.surroundings, outlines: own.outlines)
            let known = running?.modules[module.name]
            let stale = imported.first { modules[$0.name]?.generation != running?.modules[$0.name]?.generation }
            if let known, known.objects == entry.objects, !forced.contains(module.name), stale == nil {
                (entry.generation, entry.patches) = (known.generation, known.patches)
                // Texts that mean the same: what it was compiled from is what is told apart the next time.
                modules[module.name] = entry
                continue
            }
            if module.clang != nil {
                differences[module.name] = ModuleDifference(reason: "it is in C")
            } else if let known {
                let own = obstacle ?? (forced.contains(module.name) ? "that was asked for" : nil)
                let difference = try patch?.take(
                    module, interface: compiled[module.name]?.interface,
                    imported: imported.compactMap { other in
                        compiled[other.name]?.interface.map { (other.name, $0) }
                    },
                    obstacle: own ?? stale.map { "\($0.name), which it imports, is loaded anew" })
                differences[module.name] = difference
                if let difference, difference.reason == nil {
                    (entry.generation, entry.patches) = (known.generation, known.patches)
                    modules[module.name] = entry
                    if !difference.changes.isEmpty { patched.append(module.name) }
                    continue
                }
            }
            if number == nil { number = try folder.nextNumber() }
            entry.generation = number ?? 0
            modules[module.name] = entry
            var generations: [String: Int] = [:]
            for other in imported + [module] { generations[other.name] = modules[other.name]?.generation }
            try compiler.link(
                module, own.objects, generations: generations, dependencies: imported.map(\.name),
                image: folder.image(module.name, entry.generation))
        }
        if number == nil, patched.isEmpty, let running { return running }
        var own = number ?? 0
        if let patch, !patched.isEmpty {
            var image = patch.linked(modules)
            image.number = number ?? ahead?.number ?? 0
            if image != ahead {
                if number == nil { image.number = try folder.nextNumber() }
                do throws(RuntimeFailure) {
                    try patch.link(image)
                } catch {
                    guard obstacle == nil else { throw error }
                    return try link(
                        compiled, fresh, nil,
                        becauseOf: "what replaces its bodies cannot be linked (\(error.message))")
                }
            }
            own = image.number
            for name in patched { modules[name]?.patches.append(own) }
        }
        var set = PluginSet(number: own, modules: modules, searchPaths: compiler.searchPaths, program: program.text)
        set.differences = differences
        try set.write(in: folder)
        return set
    }
}

/// What replaces bodies, built on a thread beside the compilers of the modules.
private final class PatchAhead: Sendable {
    private let thread: WorkerThread
    private let made: Promise<PluginPatch.Linked?>
    private let folder: BuildFolder

    /// Nil where nothing can be patched.
    init?(of edited: Set<String>, _ compiler: Compiler, _ running: PluginSet?, _ means: PluginPatch.Means?) {
        guard let running, let means else { return nil }
        let made = Promise<PluginPatch.Linked?>()
        let thread = try? WorkerThread {
            made.fulfil(try? PluginPatch.buildAhead(edited, compiler: compiler, running: running, means))
        }
        guard let thread else { return nil }
        (self.thread, self.made, folder) = (thread, made, compiler.folder)
    }

    /// Waits for it.
    var image: PluginPatch.Linked? {
        thread.join()
        return made.wait() ?? nil
    }

    /// Waits for it, and removes it where the set is of another number.
    func discard(unlessIts number: Int?) {
        guard let image, image.number != number else { return }
        removeFile(folder.image(PluginPatch.imageName, image.number))
    }
}
