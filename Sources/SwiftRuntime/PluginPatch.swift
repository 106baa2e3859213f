import Platform
import ReloadEngine

/// What a build has found out about one edited module.
struct ModuleDifference: Sendable {
    /// Where it is known.
    var changes: [Change] = []
    /// Why it is loaded anew as a whole; nil where it is not.
    var reason: String?
}

/// Replaces bodies of functions in the images that run, where that is all that an edit asks for.
///
/// The replacements are modules of their own, which import those that they change with everything private in them. Those of one save
/// make up one image: it is loaded as a whole or not at all.
struct PluginPatch {
    /// What policy `patch` needs.
    struct Means: Sendable {
        var outlines: OutlineStore
        /// The files that ranges of changes are meant for, by module.
        var shownFiles: [String: String]
    }

    private let compiler: Compiler
    private let running: PluginSet
    private let means: Means
    /// By module and path: the hashes of the texts that all modules are to be of.
    private let sources: [String: [String: String]]
    private var objects: [Object] = []

    /// One that replaces bodies of a module.
    fileprivate struct Object: Sendable, Hashable {
        var module: String
        var key: ContentHash
    }

    /// What the image of number `number` is called.
    static let imageName = "AfreshPatch"

    private var folder: BuildFolder { compiler.folder }
    private var package: PluginPackage { compiler.package }

    init(compiler: Compiler, running: PluginSet, _ means: Means, sources: [String: [String: String]]) {
        self.compiler = compiler
        self.running = running
        self.means = means
        self.sources = sources
    }

    /// Compiles and links what will be wanted if the edits are what they look like, while the modules themselves are being compiled:
    /// `take` finds it done then, and `link` need not be called where it would link the same.
    static func buildAhead(
        _ edited: Set<String>, compiler: Compiler, running: PluginSet, _ means: Means
    ) throws(RuntimeFailure) -> Linked? {
        let package = compiler.package
        var sources = running.modules.filter { package[$0.key]?.clang == nil }.mapValues(\.sources)
        let modules = package.modules.filter { edited.contains($0.name) && $0.clang == nil }
        for path in modules.flatMap(\.sources) {
            let text = try compiler.folder.read(path)
            let hash = ContentHash(text)
            try compiler.folder.keep(text, hash)
            for module in modules where module.sources.contains(path) { sources[module.name]?[path] = hash.text }
        }
        func interface(_ name: String) -> ContentHash? {
            running.modules[name]?.interface.flatMap(ContentHash.init(known:))
        }
        var patch = PluginPatch(compiler: compiler, running: running, means, sources: sources)
        var isEnough = modules.count == edited.count
        for module in modules {
            let imported = package.closure(of: module).compactMap { other in
                interface(other.name).map { (other.name, $0) }
            }
            let difference = try? patch.take(
                module, interface: interface(module.name), imported: imported, obstacle: nil)
            if difference == nil || difference?.reason != nil { isEnough = false }
        }
        guard isEnough, !patch.objects.isEmpty else { return nil }
        var linked = patch.linked(running.modules)
        linked.number = try compiler.folder.nextNumber()
        try patch.link(linked)
        return linked
    }

    /// Takes in a module that has been compiled.
    /// - Parameters:
    ///   - interface: of its new text.
    ///   - imported: the interfaces of what it imports, by name.
    ///   - obstacle: why it has to be loaded anew whatever was edited.
    /// - Returns: what was edited; with a reason, it has to be loaded anew.
    mutating func take(
        _ module: PluginPackage.Module, interface: ContentHash?, imported: [(name: String, hash: ContentHash)],
        obstacle: String?
    ) throws(RuntimeFailure) -> ModuleDifference {
        var comparison = SourceComparison(module: module.name, shownFile: means.shownFiles[module.name])
        var outlines: [String: SourceOutline] = [:]
        do {
            outlines = try compare(module, &comparison)
        } catch {
            comparison.refuse(error.message)
        }
        if let obstacle { comparison.refuse(obstacle) }
        let known = running.modules[module.name]?.interface
        if comparison.isReplaceable, interface?.text != known { comparison.refuse("what others see of it changed") }
        if comparison.isReplaceable, let interface, !comparison.bodies.isEmpty,
            let reason = try compile(module, comparison, outlines, interfaces: [(module.name, interface)] + imported)
        {
            comparison.refuse(reason)
        }
        return ModuleDifference(changes: comparison.changes, reason: comparison.reason)
    }

    /// - Returns: the outlines of the new texts, by path.
    private func compare(
        _ module: PluginPackage.Module, _ comparison: inout SourceComparison
    ) throws(RuntimeFailure) -> [String: SourceOutline] {
        let old = running.modules[module.name]?.sources ?? [:]
        let new = sources[module.name] ?? [:]
        comparison.compareFiles(Set(old.keys), Set(new.keys))
        let wanted = Set(sources.values.flatMap(\.values)).union(old.values)
        let known = try means.outlines.outlines(of: wanted, in: folder, compiler.toolchain)
        for (path, hash) in new.sorted(by: { $0.key < $1.key }) {
            guard let former = old[path], former != hash else { continue }
            comparison.compare(known[former], known[hash], file: path)
        }
        if comparison.isReplaceable {
            comparison.lookForResults(
                in: sources.sorted { $0.key < $1.key }.map { name, texts in
                    (name, texts.sorted { $0.key < $1.key }.compactMap { known[$0.value] })
                })
        }
        return new.compactMapValues { known[$0] }
    }

    /// Compiles what replaces the bodies of one module.
    /// - Returns: why that cannot be; nil where it is done.
    private mutating func compile(
        _ module: PluginPackage.Module, _ comparison: SourceComparison, _ outlines: [String: SourceOutline],
        interfaces: [(name: String, hash: ContentHash)]
    ) throws(RuntimeFailure) -> String? {
        var patch = module
        patch.name = Self.moduleName(module.name)
        patch.sources = []
        // One upon the other, so that the last one can be taken back.
        let flags =
            compiler.flags(patch, interfaces: interfaces) + [
                "-enable-dynamic-replacement-chaining"
            ]
        var files: [Compiler.File] = []
        defer { for file in files { removeFile(file.path) } }
        for (path, bodies) in comparison.bodies.sorted(by: { $0.key < $1.key }) {
            guard let outline = outlines[path] else { return "its text cannot be compared with the one that runs" }
            let text = Self.source(bodies, of: path, module.name, imports: outline.imports)
            let file = "\(folder.path)/.\(ContentHash([path]).text).swift"
            try folder.write(Array(text.utf8), to: file)
            files.append(Compiler.File(path: file, key: ContentHash([compiler.toolchain.tag, text] + flags)))
        }
        patch.sources = files.map(\.path)
        let missing = files.filter { fileStatus(folder.object($0.key)) == nil }
        if !missing.isEmpty {
            let job = compiler.objectJob(patch, files: missing, flags: flags)
            let found: Compiler.Found?
            do throws(RuntimeFailure) {
                found = try compiler.run([job]) { () throws(RuntimeFailure) in true }
            } catch {
                return "what replaces its bodies cannot be compiled (\(error.message))"
            }
            if let error = found?.problems.first(where: { $0.severity == .error }) {
                return "what replaces its bodies cannot be compiled (\(error.message))"
            }
        }
        objects += files.map { Object(module: module.name, key: $0.key) }
        return nil
    }

    /// An image of the replacements of one save: what it consists of and is linked for.
    struct Linked: Sendable, Equatable {
        var number = 0
        fileprivate var objects: [Object]
        fileprivate var generations: [String: Int]
    }

    /// - Parameter set: all modules as they will be.
    /// - Returns: what `link` is to make, still without its number.
    func linked(_ set: [String: PluginSet.Module]) -> Linked {
        Linked(objects: objects, generations: set.mapValues(\.generation))
    }

    func link(_ image: Linked) throws(RuntimeFailure) {
        var generations = image.generations
        let modules = package.modules.filter { module in image.objects.contains { $0.module == module.name } }
        for module in modules { generations[Self.moduleName(module.name)] = image.number }
        var linked = PluginPackage.Module(
            name: Self.imageName, folder: package.folder, sources: [], imports: [], flags: [], linkerFlags: [])
        var needed: Set<String> = []
        for module in modules {
            linked.linkerFlags += module.linkerFlags.filter { !linked.linkerFlags.contains($0) }
            needed.formUnion(package.closure(of: module).map(\.name) + [module.name])
        }
        try compiler.link(
            linked, image.objects.map(\.key), generations: generations,
            dependencies: package.modules.map(\.name).filter(needed.contains),
            image: folder.image(Self.imageName, image.number))
    }

    private static func moduleName(_ name: String) -> String { name + "_Patch" }

    private static func source(
        _ bodies: [SourceOutline.Declaration], of path: String, _ module: String, imports: [String]
    ) -> String {
        let (place, id) = (literal(path), literal("\(module)/\(path.lastComponent)"))
        var text = "@_private(sourceFile: \(literal(path.lastComponent))) import \(module)\n"
        for line in imports { text += line + "\n" }
        for body in bodies {
            let own = (body.replacement ?? "").replacing("AFRESH_FILE", with: place).replacing("AFRESH_ID", with: id)
            text += own + "#sourceLocation()\n"
        }
        return text
    }

    private static func literal(_ text: String) -> String {
        var result = "\""
        for character in text {
            if character == "\"" || character == "\\" { result.append("\\") }
            result.append(character)
        }
        return result + "\""
    }
}
