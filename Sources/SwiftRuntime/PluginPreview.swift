import Platform
import ReloadEngine

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What saving a text would do, as far as compiler and parser say: nothing is built, and nothing of a package is executed.
struct PluginPreview {
    private let compiler: Compiler
    private let running: PluginSet
    private let module: PluginPackage.Module
    private let path: String
    private let outlines: OutlineStore

    private var folder: BuildFolder { compiler.folder }
    private var package: PluginPackage { compiler.package }

    /// Milliseconds.
    private static let limit = 20_000.0

    /// - Parameter path: of the file that the text will be saved to.
    /// - Returns: nil where the file does not belong to a module that runs.
    init?(_ workshop: PluginWorkshop, running: PluginSet, module: String, path: String, outlines: OutlineStore) {
        guard let own = workshop.package[module], own.sources.contains(path) else { return nil }
        compiler = workshop.compiler(searchPaths: running.searchPaths)
        self.running = running
        self.module = own
        self.path = path
        self.outlines = outlines
    }

    func perform(_ text: [UInt8], policy: Policy) throws(RuntimeFailure) -> PreviewedModule {
        guard module.clang == nil, let former = running.modules[module.name]?.sources[path] else {
            return PreviewedModule(name: module.name)
        }
        if ContentHash(text).text == former { return PreviewedModule(name: module.name, isUnchanged: true) }
        // Of the file's own name: what is private to a file is private to that name.
        let place = folder.temporary("text")
        let file = "\(place)/\(path.lastComponent)"
        do {
            try makeFolder(place)
        } catch {
            throw RuntimeFailure("\(place) cannot be made: \((error as? SystemError)?.reason ?? "\(error)")")
        }
        defer {
            removeFile(file)
            rmdir(place)
        }
        try folder.write(text, to: file)
        var result = PreviewedModule(name: module.name, problems: problems(in: file))
        if policy == .patch, !result.problems.contains(where: { $0.severity == .error }) {
            result.again = try repetitions(file, former)
        }
        return result
    }

    /// The compiler looks at the text with the others of its module as they are on disk.
    private func problems(in file: String) -> [Problem] {
        let product = folder.temporary("dia")
        defer { removeFile(product) }
        let interfaces = package.closure(of: module).compactMap { other in
            running.modules[other.name]?.interface.flatMap(ContentHash.init(known:)).map { (other.name, $0) }
        }
        let arguments =
            ["-frontend", "-typecheck", "-primary-file", file] + module.sources.filter { $0 != path }
            + compiler.flags(module, interfaces: interfaces) + [
                "-serialize-diagnostics-path", product
            ]
        // It ends with an error where the text has one.
        _ = try? Tool(compiler.toolchain.frontend, arguments, in: package.folder).output(limit: Self.limit)
        return SerializedDiagnostics.read(product).filter { $0.path == file }.map { problem in
            var problem = problem
            problem.path = path
            for index in problem.related.indices where problem.related[index].location.path == file {
                problem.related[index].location.path = path
            }
            return problem
        }
    }

    /// Why the module would be loaded anew as a whole.
    private func repetitions(_ file: String, _ former: String) throws(RuntimeFailure) -> [Repetition] {
        let texts = running.modules.filter { package[$0.key]?.clang == nil }
        let hashes = texts.values.flatMap(\.sources.values)
        let known = try outlines.outlines(of: Set(hashes), in: folder, compiler.toolchain)
        let new = try outlines.outline(of: file, compiler.toolchain)
        var comparison = SourceComparison(module: module.name, shownFile: path)
        comparison.compare(known[former], new, file: path)
        if comparison.isReplaceable {
            comparison.lookForResults(
                in: texts.sorted { $0.key < $1.key }.map { name, module in
                    (
                        name,
                        module.sources.sorted { $0.key < $1.key }.compactMap { $0.key == path ? new : known[$0.value] }
                    )
                })
        }
        return comparison.causes.filter { $0.file == path }.map { cause in
            Repetition(
                message: "A save loads \(module.name) anew and calls its `load` again, since \(cause.reason).",
                range: cause.range)
        }
    }
}
