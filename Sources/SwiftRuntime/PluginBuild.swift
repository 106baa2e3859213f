import JSONRPC
import Platform
import ReloadEngine

/// Builds what a program is to run next: coherent images of all modules that an edit concerns.
///
/// For each module first its interface and, at the same time, the files that were edited; the others only where the interface
/// differs. What imports a module with the same interface is stamped and linked again, not compiled.
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

    /// How often a module is compiled because somebody saves meanwhile.
    private static let attempts = 5

    private struct CompiledModule {
        var sources: [String: String]
        /// By what they were made from.
        var objects: [ContentHash] = []
        /// By what they are: two texts can mean the same.
        var contents: [String] = []
        /// The hash of its bytes.
        var interface: ContentHash?
        var problems: [Problem] = []
        init(sources: [String: String]) {
            self.sources = sources
        }

        /// One that runs.
        init(_ module: PluginSet.Module) {
            sources = module.sources
            contents = module.objects
            interface = module.interface.flatMap(ContentHash.init(known:))
        }

        var isBlocked: Bool { problems.contains { $0.severity == .error } }
    }

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

    // MARK: Compiling

    private func compile(
        _ module: PluginPackage.Module, _ compiled: [String: CompiledModule]
    ) throws(RuntimeFailure) -> CompiledModule {
        for _ in 0..<Self.attempts {
            let sources = try read(module)
            if let result = try compile(module, sources, compiled) { return result }
        }
        throw RuntimeFailure("The files of \(module.name) change all the time.")
    }

    /// A text, and what tells that nobody has touched its file since.
    private struct Source: Equatable {
        var hash: String
        var status: FileStatus?
    }

    private func read(_ module: PluginPackage.Module) throws(RuntimeFailure) -> [String: Source] {
        var sources: [String: Source] = [:]
        for path in module.sources {
            let status = fileStatus(path)
            sources[path] = Source(hash: ContentHash(try folder.read(path)).text, status: status)
        }
        return sources
    }

    private func isCurrent(
        _ module: PluginPackage.Module, _ sources: [String: Source]
    ) throws(RuntimeFailure) -> Bool {
        guard try read(module) == sources else { return false }
        guard try compiler.programInterfaces() == program else {
            throw RuntimeFailure("the program has been built anew since it was started: restart it.")
        }
        return true
    }

    /// Nil if something was saved meanwhile.
    private func compile(
        _ module: PluginPackage.Module, _ texts: [String: Source], _ compiled: [String: CompiledModule]
    ) throws(RuntimeFailure) -> CompiledModule? {
        let sources = texts.mapValues(\.hash)
        let interfaces = package.closure(of: module).compactMap { compiled[$0.name]?.interface }
        let flags = compiler.flags(module, interfaces: interfaces.map(folder.interface))
        let common =
            [compiler.toolchain.tag, program.text] + flags + module.sources
        let isAlone = module.sources.count == 1
        let isImported = package.modules.contains { $0.imports.contains(module.name) }
        var result = CompiledModule(sources: sources)

        func key(of source: String, _ interface: ContentHash?) -> ContentHash {
            // The text of the other files only matters as far as the interface shows it.
            ContentHash(common + [source, sources[source] ?? "", isAlone ? "" : interface?.text ?? ""])
        }
        func missing(_ interface: ContentHash?) -> [(path: String, key: ContentHash)] {
            module.sources.map { ($0, key(of: $0, interface)) }.filter { fileStatus(folder.object($0.1)) == nil }
        }
        func jobs(_ files: [(path: String, key: ContentHash)]) -> [Compiler.Job] {
            // Two processes at most, each with half of the files.
            let half = (files.count + 1) / 2
            return [files.prefix(half), files.dropFirst(half)].filter { !$0.isEmpty }.map {
                compiler.objectJob(module, files: Array($0), flags: flags)
            }
        }

        if isImported || !isAlone {
            let inputs = ContentHash(common + module.sources.map { sources[$0] ?? "" })
            if let known = try? readFile(folder.interface(inputs)) {
                result.interface = ContentHash(known: String(decoding: known, as: UTF8.self))
            } else {
                // Most edits leave the interface as it is: the edited files are compiled while that turns out.
                let assumed = running?.modules[module.name]?.interface.flatMap(ContentHash.init(known:))
                let guessed = assumed == nil && !isAlone ? [] : missing(assumed)
                let product = folder.temporary("swiftmodule")
                defer { removeFile(product) }
                let interfaceJob = compiler.interfaceJob(module, flags: flags, product: product)
                let found = try compiler.run([interfaceJob] + jobs(guessed)) { () throws(RuntimeFailure) in
                    try isCurrent(module, texts)
                }
                guard let found else { return nil }
                result.problems = found
                if result.isBlocked { return result }
                result.interface = try keep(product, of: module, inputs: inputs)
            }
        }
        let rest = missing(result.interface)
        if !rest.isEmpty {
            let found = try compiler.run(jobs(rest)) { () throws(RuntimeFailure) in try isCurrent(module, texts) }
            guard let found else { return nil }
            result.problems += found.filter { !result.problems.contains($0) }
            if result.isBlocked { return result }
        }
        result.objects = module.sources.map { key(of: $0, result.interface) }
        for object in result.objects {
            result.contents.append(try content(of: object))
            result.problems += SerializedDiagnostics.read(folder.diagnostics(object)).filter {
                !result.problems.contains($0)
            }
        }
        return result
    }

    /// What an object is, apart from the hash of its module's text.
    private func content(of object: ContentHash) throws(RuntimeFailure) -> String {
        let note = folder.object(object) + ".content"
        if let known = try? readFile(note) { return String(decoding: known, as: UTF8.self) }
        let content = ContentHash(ObjectFile(try folder.read(folder.object(object))).withoutModuleHash).text
        try folder.write(Array(content.utf8), to: note)
        return content
    }

    /// Gives an interface the name that its bytes have.
    private func keep(
        _ product: String, of module: PluginPackage.Module, inputs: ContentHash
    ) throws(RuntimeFailure) -> ContentHash {
        let hash = ContentHash(try folder.read(product))
        let place = folder.interface(hash)
        do {
            try makeFolder(place)
        } catch {
            throw RuntimeFailure("\(place) cannot be made: \((error as? SystemError)?.reason ?? "\(error)").")
        }
        try folder.rename(product, to: "\(place)/\(module.name).swiftmodule")
        try folder.write(Array(hash.text.utf8), to: folder.interface(inputs))
        return hash
    }

    // MARK: Linking

    private func link(_ compiled: [String: CompiledModule]) throws(RuntimeFailure) -> PluginSet {
        var modules: [String: PluginSet.Module] = [:]
        var number: Int?
        for module in package.modules {
            guard let own = compiled[module.name] else { continue }
            let imported = package.closure(of: module)
            var entry = PluginSet.Module(
                generation: 0, sources: own.sources, objects: own.contents, interface: own.interface?.text)
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

extension ContentHash {
    /// One that was written down.
    init?(known text: String) {
        guard text.utf8.count == 32 else { return nil }
        self.text = text
    }
}
