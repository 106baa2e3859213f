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
    /// The edited modules, and what imports them; what else runs stays as it is, whatever is on disk. Nil: all.
    private let scope: Set<String>?
    /// Modules that are to be loaded anew though nothing of them has changed.
    private let forced: Set<String>
    /// The interfaces of the modules that the program consists of.
    private let program: ContentHash

    /// - Throws: `RuntimeFailure` if the program's own modules are others than those that run.
    init(
        compiler: Compiler, running: PluginSet?, edited: Set<String> = [], forced: Set<String> = []
    ) throws(RuntimeFailure) {
        self.compiler = compiler
        self.running = running
        self.forced = forced
        scope = running == nil ? nil : edited.union(compiler.package.dependents(of: edited))
        program = try compiler.programInterfaces()
        if let running, running.program != program.text {
            throw RuntimeFailure("the program has been built anew since it was started: restart it.")
        }
    }

    /// Builds everything that differs from what runs. To be called while the folder is locked.
    func perform() throws(RuntimeFailure) -> Outcome {
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
        return .built(try link(compiled), problems: problems)
    }

    private func compile(
        _ module: PluginPackage.Module, _ compiled: [String: CompiledModule]
    ) throws(RuntimeFailure) -> CompiledModule {
        let interfaces = package.closure(of: module).compactMap { compiled[$0.name]?.interface }
        return try ModuleBuild(
            module, compiler: compiler, interfaces: interfaces,
            isImported: package.modules.contains { $0.imports.contains(module.name) },
            running: running?.modules[module.name], program: program
        ).perform()
    }

    // MARK: Linking

    private func link(_ compiled: [String: CompiledModule]) throws(RuntimeFailure) -> PluginSet {
        var modules: [String: PluginSet.Module] = [:]
        var number: Int?
        for module in package.modules {
            guard let own = compiled[module.name] else { continue }
            let imported = package.closure(of: module)
            var entry = PluginSet.Module(
                generation: 0, sources: own.sources, objects: own.contents, interface: own.interface?.text,
                surroundings: own.surroundings, outlines: own.outlines)
            if let known = running?.modules[module.name], known.objects == entry.objects, !forced.contains(module.name),
                imported.allSatisfy({ modules[$0.name]?.generation == running?.modules[$0.name]?.generation })
            {
                entry.generation = known.generation
                // Texts that mean the same: what it was compiled from is what is told apart the next time.
                modules[module.name] = entry
                continue
            }
            if number == nil { number = try folder.nextNumber() }
            entry.generation = number ?? 0
            modules[module.name] = entry
            try link(module, own.objects, imported: imported, modules)
        }
        if number == nil, let running { return running }
        if number == nil { number = try folder.nextNumber() }
        let set = PluginSet(
            number: number ?? 0, modules: modules, searchPaths: compiler.searchPaths,
            program: program.text)
        try set.write(in: folder)
        return set
    }

    private func link(
        _ module: PluginPackage.Module, _ objects: [ContentHash], imported: [PluginPackage.Module],
        _ modules: [String: PluginSet.Module]
    ) throws(RuntimeFailure) {
        var generations: [String: Int] = [:]
        for other in imported + [module] { generations[other.name] = modules[other.name]?.generation }
        var stamped: [String] = []
        defer { for path in stamped { removeFile(path) } }
        var libraries: [String] = []
        for object in objects {
            var file = ObjectFile(try folder.read(folder.object(object)))
            for entry in file.autolinkEntries where entry.hasPrefix("-l") && !libraries.contains(entry) {
                libraries.append(entry)
            }
            file.stamp(generations)
            let path = folder.temporary("o")
            stamped.append(path)
            try folder.write(file.bytes, to: path)
        }
        try compiler.link(
            module, objects: stamped, libraries: libraries,
            dependencies: imported.compactMap { other in
                generations[other.name].map { folder.image(other.name, $0) }
            },
            image: folder.image(module.name, modules[module.name]?.generation ?? 0))
    }
}
