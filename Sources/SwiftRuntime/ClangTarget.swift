import Platform
import ReloadEngine

/// A target in C or C++ that plugins import: where its headers are, and how Swift finds them.
struct ClangTarget: Sendable {
    /// The folder of the public headers, absolute.
    let publicHeaders: String
    /// All headers and module maps below the target's folder: any of them can be included.
    let headers: [String]
    private let name: String

    init(_ folder: String, headers publicHeaders: String, name: String) {
        self.name = name
        let joined = publicHeaders.isEmpty || publicHeaders == "." ? folder : "\(folder)/\(publicHeaders)"
        self.publicHeaders = realPath(joined) ?? joined
        headers = ClangTarget.files(below: folder).filter { !ClangTarget.isSource($0) }
    }

    private static let plusPlusSuffixes = [".cc", ".cpp", ".cxx"]
    private static let sourceSuffixes = [".c", ".s", ".S"] + plusPlusSuffixes
    private static let headerSuffixes = [".h", ".hh", ".hpp", ".hxx", ".inc", ".inl", ".def", ".modulemap"]

    static let suffixes = sourceSuffixes + headerSuffixes

    static func isSource(_ path: String) -> Bool { sourceSuffixes.contains { path.hasSuffix($0) } }
    static func isPart(_ path: String) -> Bool { suffixes.contains { path.hasSuffix($0) } }
    static func isPlusPlus(_ path: String) -> Bool { plusPlusSuffixes.contains { path.hasSuffix($0) } }

    private static func files(below folder: String) -> [String] {
        var found: [String] = []
        var waiting = [folder]
        while let folder = waiting.popLast() {
            for name in ((try? namesInFolder(folder)) ?? []).sorted() where !name.hasPrefix(".") {
                let path = "\(folder)/\(name)"
                if isPart(name) {
                    found.append(path)
                } else if fileStatus(path, followingLinks: false)?.kind == .folder {
                    waiting.append(path)
                }
            }
        }
        return found.sorted()
    }

    /// A module map of its own, where it has one.
    var ownMap: String? {
        let own = publicHeaders + "/module.modulemap"
        return headers.contains(own) ? own : nil
    }

    /// What makes its headers a module, wherever the map lies: a header of the module's name, else all headers, as the package manager has it.
    var generatedMap: String {
        for header in ["\(publicHeaders)/\(name).h", "\(publicHeaders)/\(name)/\(name).h"]
        where headers.contains(header) {
            return "module \(name) {\n    umbrella header \"\(header)\"\n    export *\n}\n"
        }
        return "module \(name) {\n    umbrella \"\(publicHeaders)\"\n    export *\n}\n"
    }

    /// For the frontend of what imports it. Its interface is searched for a map; that of the target itself has to be named.
    ///
    /// Clang tells its compiled headers apart by modification times in seconds: where the map stays in place, each interface gets a place
    /// of its own for them.
    func flags(interface: ContentHash, in folder: BuildFolder) -> [String] {
        var flags = ["-Xcc", "-I", "-Xcc", publicHeaders]
        if let ownMap {
            flags += [
                "-Xcc", "-fmodule-map-file=\(ownMap)", "-module-cache-path", "\(folder.interface(interface))/cache"
            ]
        }
        return flags
    }
}

/// Compiles a target in C: a module as any other, whose names have no generation. Each plugin is linked against one image of it.
struct ClangBuild {
    private let module: PluginPackage.Module
    private let target: ClangTarget
    private let compiler: Compiler
    private let imported: [(target: ClangTarget, interface: ContentHash)]

    private var folder: BuildFolder { compiler.folder }

    init(
        _ module: PluginPackage.Module, _ target: ClangTarget, compiler: Compiler,
        imported: [(target: ClangTarget, interface: ContentHash)]
    ) {
        self.module = module
        self.target = target
        self.compiler = compiler
        self.imported = imported
    }

    func perform() throws(RuntimeFailure) -> CompiledModule {
        for _ in 0..<5 {
            if let result = try compile(try read()) { return result }
        }
        throw RuntimeFailure("The files of \(module.name) change all the time.")
    }

    private func read() throws(RuntimeFailure) -> [String: String] {
        var texts: [String: String] = [:]
        for path in module.sources { texts[path] = ContentHash(try folder.read(path)).text }
        return texts
    }

    /// Nil if something was saved meanwhile.
    private func compile(_ texts: [String: String]) throws(RuntimeFailure) -> CompiledModule? {
        var result = CompiledModule(sources: texts)
        let surroundings =
            [compiler.toolchain.tag, target.ownMap == nil ? target.generatedMap : ""] + imported.map(\.interface.text)
            + target.headers.flatMap { [$0, texts[$0] ?? ""] }
        let interface = ContentHash(surroundings)
        try keep(interface)
        result.interface = interface
        var jobs: [Compiler.Job] = []
        for path in module.sources where ClangTarget.isSource(path) {
            let flags = flags(path)
            let key = ContentHash(surroundings + flags + [path, texts[path] ?? ""])
            result.objects.append(key)
            if fileStatus(folder.object(key)) == nil { jobs.append(job(path, key, flags)) }
        }
        if !jobs.isEmpty {
            let found = try compiler.run(jobs) { () throws(RuntimeFailure) in try read() == texts }
            guard let found else { return nil }
            result.problems = found.problems
            if result.isBlocked { return result }
        }
        for object in result.objects {
            result.contents.append(ContentHash(try folder.read(folder.object(object))).text)
            result.problems += SerializedDiagnostics.read(folder.diagnostics(object)).filter {
                !result.problems.contains($0)
            }
        }
        return result
    }

    /// As the package manager compiles it.
    private func flags(_ path: String) -> [String] {
        [
            "-target", compiler.toolchain.triple, "-O0", "-g", "-fPIC", "-fblocks", "-fno-omit-frame-pointer",
            "-DSWIFT_PACKAGE=1",
            "-DDEBUG=1", "-I", target.publicHeaders
        ] + imported.flatMap { ["-I", $0.target.publicHeaders] } + module.flags
    }

    private func job(_ path: String, _ key: ContentHash, _ flags: [String]) -> Compiler.Job {
        let product = (temporary: folder.temporary("o"), final: folder.object(key))
        let found = (temporary: folder.temporary("dia"), final: String?.some(folder.diagnostics(key)))
        var job = Compiler.Job(
            arguments: ["-c", path] + flags + ["-o", product.temporary, "-serialize-diagnostics", found.temporary],
            products: [product], diagnostics: [found], subject: module.name)
        job.tool = compiler.toolchain.clang
        return job
    }

    private func keep(_ interface: ContentHash) throws(RuntimeFailure) {
        let place = folder.interface(interface)
        guard fileStatus(place)?.kind != .folder || target.ownMap == nil else { return }
        do {
            try makeFolder(place)
        } catch {
            throw RuntimeFailure("\(place) cannot be made: \((error as? SystemError)?.reason ?? "\(error)").")
        }
        if target.ownMap == nil { try folder.write(Array(target.generatedMap.utf8), to: place + "/module.modulemap") }
    }
}
