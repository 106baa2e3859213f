import JSONRPC
import Platform
import ReloadEngine

/// What a Swift program needs to begin with: all plugins of a package, built. See `PluginProtocol.md`.
public enum PluginStart {
    /// Builds what is not built yet.
    /// - Parameters:
    ///   - package: the package's folder.
    ///   - searchPaths: folders with the modules that the program itself consists of.
    ///   - compiler: a path, or a name that is looked up in `PATH`.
    /// - Returns: `modules`, or a `failure` with `problems`.
    public static func build(package: String, searchPaths: [String], compiler: String) -> JSONValue {
        do {
            let toolchain = try Toolchain(compiler: compiler)
            let workshop = try PluginWorkshop(package: package, toolchain: toolchain)
            let outcome = try workshop.folder.locked { () throws(RuntimeFailure) in
                workshop.folder.removeOldBuilds()
                // While the compilers run: the first time it takes as long.
                let tool = try? WorkerThread { _ = try? SyntaxTool(toolchain) }
                defer { tool?.join() }
                try ToolchainCheck(toolchain, workshop.folder).perform()
                return try PluginBuild(compiler: workshop.compiler(searchPaths: searchPaths), running: nil).perform()
            }
            switch outcome {
            case .blocked(let problems):
                return .object([
                    "failure": "the plugins do not compile",
                    "problems": .array(problems.filter { $0.severity == .error }.map(\.description))
                ])
            case .built(let set, _): return workshop.description(of: set)
            }
        } catch {
            return .object(["failure": .string(error.message)])
        }
    }
}

extension PluginWorkshop {
    fileprivate func description(of set: PluginSet) -> JSONValue {
        let modules = package.modules.map { module in
            JSONValue.object([
                "name": .string(module.name), "folder": .string(module.folder), "sources": .strings(module.sources),
                "imports": .strings(module.imports), "payload": payload(module.name, set)
            ])
        }
        let program = package.program.map { JSONValue.object(["name": .string($0.name), "folder": .string($0.folder)]) }
        return .object([
            "version": .string(toolchain.version), "compiler": .string(toolchain.compiler),
            "manifest": .string(package.manifest), "modules": .array(modules), "program": .array(program)
        ])
    }

    /// What a program needs to load a module.
    func payload(_ module: String, _ set: PluginSet) -> JSONValue? {
        guard let entry = set.modules[module] else { return nil }
        // Of what was patched just now; what runs already is not handed over again.
        let patch = entry.patches.last == set.number
        var generations = JSONObject()
        for (name, other) in set.modules.sorted(by: { $0.key < $1.key }) { generations[name] = .int(other.generation) }
        let image = patch ? folder.image(PluginPatch.imageName, set.number) : folder.image(module, entry.generation)
        let hasInitializers = ObjectFile((try? folder.read(image)) ?? []).hasInitializers
        return .object([
            "image": .string(image), "initializers": hasInitializers ? true : nil,
            "patch": patch ? true : nil, "set": .string(set.digest), "generations": .object(generations)
        ])
    }
}

extension Problem {
    /// "/home/me/shop/Cart.swift:3:7: error: text".
    fileprivate var description: JSONValue {
        .string("\(path):\(range.start.line + 1):\(range.start.column + 1): \(severity.rawValue): \(message)")
    }
}
