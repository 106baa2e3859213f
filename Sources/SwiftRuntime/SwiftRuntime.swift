import JSONRPC
import Platform
import ReloadEngine

/// Swift plugins: builds new generations of their modules with the program's own toolchain.
public final class SwiftPlugins: Runtime {
    private let toolchains = Monitor<[String: Toolchain]>([:])
    private let outlines = OutlineStore()

    public init() {}

    /// Of this version: where the programs that outline texts are kept, one for each toolchain; without the folder around it.
    public static var syntaxFolderName: String { SyntaxTool.files.folderName("syntax") }
    /// How their names begin.
    public static let syntaxToolPrefix = "outline-"

    public var name: String { "Swift" }

    public func owns(path: String) -> Bool { isSource(path: path) }

    /// How the names of files end that can belong to a plugin.
    public static let sourceSuffixes = [".swift"] + ClangTarget.suffixes

    /// Files in C are those of packages whose plugins a program has loaded.
    public func isSource(path: String) -> Bool {
        path.hasSuffix(".swift") || (ClangTarget.isPart(path) && BuildFolder(ofFile: path) != nil)
    }

    public func isMostlyForeign(path: String) -> Bool { ClangTarget.isPart(path) }

    public func warmUp(for host: HostInformation?, settings: ReloadSettings) {
        guard let host else { return }
        _ = try? WorkerThread { [self] in
            guard let toolchain = try? toolchain(of: host.runtime), settings.policy == .patch else { return }
            outlines.warmUp(toolchain)
        }
    }

    /// Not known from one text: what runs is told apart by all files of all modules.
    public func digest(of text: [UInt8], in runtime: HostRuntime) -> String? { nil }

    public func differs(
        _ text: [UInt8], of path: String, from module: ModuleInformation, in runtime: HostRuntime
    ) -> Bool? {
        guard let digest = module.digest, let folder = BuildFolder(ofFile: path),
            let running = PluginSet(digest: digest, in: folder)?.modules[module.name]?.sources[path]
        else { return nil }
        let saved = ContentHash(text)
        if saved.text == running { return false }
        // Comments and lines can differ from what runs.
        guard let toolchain = try? toolchain(of: runtime), (try? folder.keep(text, saved)) != nil,
            let known = try? outlines.outlines(of: [saved.text, running], in: folder, toolchain, mayMakeTool: false)
        else { return true }
        var comparison = SourceComparison(module: module.name)
        comparison.compare(known[running], known[saved.text], file: path)
        return !comparison.isReplaceable || !comparison.bodies.isEmpty
    }

    public func stop() { outlines.stop() }

    // MARK: Checking

    public func check(_ request: CheckRequest) throws(RuntimeFailure) -> Answer<[CheckedModule]> {
        guard let first = request.modules.first?.module, let path = first.path, let digest = first.digest else {
            throw RuntimeFailure("the program does not say what it runs.")
        }
        let workshop = try PluginWorkshop(ofFile: path, toolchain: try toolchain(of: request.runtime))
        guard let running = PluginSet(digest: digest, in: workshop.folder) else {
            throw RuntimeFailure("what was built for it is gone: restart the program.")
        }
        let edited = Set(request.modules.map(\.module.name))
        guard Set(workshop.package.modules.map(\.name)) == Set(running.modules.keys) else {
            throw RuntimeFailure("its package has changed since the program was started: restart it.")
        }
        let forced = Set(request.modules.filter { $0.module.running == nil }.map(\.module.name))
        let shown = request.modules.compactMap { module in module.module.path.map { (module.module.name, $0) } }
        let means = PluginPatch.Means(
            outlines: outlines, shownFiles: Dictionary(shown, uniquingKeysWith: { first, _ in first }))
        let outcome = try workshop.folder.locked { () throws(RuntimeFailure) in
            try PluginBuild(
                compiler: workshop.compiler(searchPaths: running.searchPaths), running: running, edited: edited,
                forced: forced, patching: request.policy == .patch ? means : nil
            ).perform()
        }
        // What depends on an edit is compiled with it.
        let scope = edited.union(workshop.package.dependents(of: edited))
        let others = workshop.package.modules.filter { scope.contains($0.name) }.flatMap(\.sources)
        let ordered = workshop.package.modules.filter { edited.contains($0.name) }
        return .complete(
            ordered.enumerated().map { index, module in
                var checked = CheckedModule(name: module.name)
                if index == 0 { checked.alsoChecked = others }
                switch outcome {
                case .blocked(let problems):
                    if index == 0 { checked.problems = problems }
                case .built(let set, let problems):
                    if index == 0 { checked.problems = problems }
                    checked.digest = set.digest
                    checked.isUnchanged = set.runsTheSame(module.name, as: running)
                    checked.changes = set.differences[module.name]?.changes ?? []
                    checked.fallback = set.differences[module.name]?.reason
                    checked.payload = workshop.payload(module.name, set)
                }
                return checked
            })
    }

    public func preview(_ request: CheckRequest) throws(RuntimeFailure) -> PreviewAnswer {
        var result: [PreviewedModule] = []
        for module in request.modules {
            guard let path = module.module.path, let digest = module.module.digest else { continue }
            let workshop = try PluginWorkshop(
                ofFile: path, toolchain: try toolchain(of: request.runtime), mayAsk: false)
            guard let running = PluginSet(digest: digest, in: workshop.folder),
                let preview = PluginPreview(
                    workshop, running: running, module: module.module.name, path: path, outlines: outlines)
            else { continue }
            result.append(try preview.perform(module.source, policy: request.policy))
        }
        return .complete(result)
    }

    public func affected(_ request: AffectedRequest) throws(RuntimeFailure) -> Answer<Affected> {
        guard let path = request.modules.first?.module.path, let texts = request.texts.values.first, texts.count == 2
        else { throw RuntimeFailure("the program does not say what it runs.") }
        let workshop = try PluginWorkshop(ofFile: path, toolchain: try toolchain(of: request.runtime))
        guard let running = PluginSet(digest: texts[0], in: workshop.folder),
            let new = PluginSet(digest: texts[1], in: workshop.folder)
        else { throw RuntimeFailure("what was built for it is gone: restart the program.") }
        var replaced = Set(request.changed.keys)
        return .complete(
            Affected(
                modules: request.modules.map { candidate in
                    let name = candidate.module.name
                    let cause = workshop.package[name]?.imports.first { replaced.contains($0) }
                    // An edited one has been brought up to date by its own step.
                    let isEdited = request.changed.keys.contains(name)
                    guard let cause, !isEdited, !new.runsTheSame(name, as: running) else {
                        return AffectedModule(name: name, isAffected: false)
                    }
                    replaced.insert(name)
                    var affected = AffectedModule(name: name, isAffected: true, cause: cause)
                    affected.payload = workshop.payload(name, new)
                    return affected
                }))
    }

    /// Only parsed: nothing of a package is executed where no program runs it, not even its manifest.
    public func check(path: String, text: [UInt8], settings: ReloadSettings) throws(RuntimeFailure) -> [Problem] {
        guard path.hasSuffix(".swift") else { return [] }
        let toolchain = try self.toolchain("swiftc")
        guard let folder = try? RuntimeFolder.standard().path else { return [] }
        let product = "\(folder)/.\(randomHexDigits(12)).dia"
        defer { removeFile(product) }
        // It ends with an error where the text has one.
        _ = try? Tool(toolchain.frontend, ["-frontend", "-parse", path, "-serialize-diagnostics-path", product])
            .output(limit: 20_000)
        return SerializedDiagnostics.read(product).filter { $0.path == path }
    }

    private func toolchain(_ compiler: String) throws(RuntimeFailure) -> Toolchain {
        if let known = toolchains.withLock({ $0[compiler] }) { return known }
        let toolchain = try Toolchain(compiler: compiler)
        toolchains.withLock { $0[compiler] = toolchain }
        return toolchain
    }

    private func toolchain(of runtime: HostRuntime) throws(RuntimeFailure) -> Toolchain {
        let toolchain = try self.toolchain(runtime.executable)
        guard toolchain.version == runtime.version else {
            throw RuntimeFailure(
                "\(runtime.executable) is now Swift \(toolchain.version), but the program was started with \(runtime.version): build and start it anew."
            )
        }
        return toolchain
    }
}
