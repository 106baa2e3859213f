import JSONRPC
import Platform
import ReloadEngine

/// A Swift package as `swift package describe` and `dump-package` tell of it, as far as its plugins go.
struct PluginPackage: Sendable {
    /// A target that is built for itself and loaded into a running program.
    struct Module: Sendable {
        /// As it is imported.
        var name: String
        /// Its folder, absolute.
        var folder: String
        /// Absolute, in the manifest's order.
        var sources: [String]
        /// Other modules of the package that it imports and that are reloadable too; direct ones.
        var imports: [String]
        /// For the frontend: language mode, definitions, features.
        var flags: [String]
        /// For the linker: "-lz".
        var linkerFlags: [String]
        /// Of a target in C: what it takes to compile and to import it.
        var clang: ClangTarget?
        /// Module maps of libraries of the system that it imports.
        var systemMaps: [String] = []
        /// By path: maps of the program's own targets in C that have none.
        var generatedMaps: [String: String] = [:]
        /// What is to be found through `Bundle.module`.
        var resources: [Resource] = []
    }

    /// A file or folder that belongs to a plugin.
    struct Resource: Sendable, Hashable {
        /// Absolute.
        var path: String
    }

    /// Absolute.
    var folder: String
    /// Imported modules first.
    var modules: [Module]
    /// Targets that belong to the program itself: by name, their folders.
    var program: [(name: String, folder: String)]
    /// What packages call themselves among each other.
    var identity: String

    var manifest: String { folder + "/Package.swift" }

    /// By path: maps of the program's own targets in C that have none.
    var generatedMaps: [String: String] {
        modules.reduce(into: [:]) { $0.merge($1.generatedMaps) { first, _ in first } }
    }

    subscript(name: String) -> Module? { modules.first { $0.name == name } }

    /// Those that import one of these, directly or through others.
    func dependents(of names: Set<String>) -> Set<String> {
        var found = names
        for module in modules where !found.isDisjoint(with: module.imports) { found.insert(module.name) }
        return found.subtracting(names)
    }

    /// The edited modules and what imports them; with each the targets in C that it imports, and what else imports those: the compiler
    /// reads headers where they are, so what was built with others cannot stay.
    func concerned(by edited: Set<String>) -> Set<String> {
        var found = edited.union(dependents(of: edited))
        while true {
            let headers = modules.filter { found.contains($0.name) }.flatMap { closure(of: $0) }.filter {
                $0.clang != nil
            }
            let more = found.union(headers.map(\.name))
            let all = more.union(dependents(of: Set(headers.map(\.name))))
            guard all != found else { return found }
            found = all
        }
    }

    /// What a module imports, directly and through others; imported modules first.
    func closure(of module: Module) -> [Module] {
        var wanted = Set(module.imports)
        for other in modules.reversed() where wanted.contains(other.name) { wanted.formUnion(other.imports) }
        return modules.filter { wanted.contains($0.name) }
    }

    // MARK: Reading

    /// Describes the package; both answers are kept for `init(description:)`.
    static func describe(_ folder: String, with toolchain: Toolchain) throws(RuntimeFailure) -> JSONValue {
        func ask(_ arguments: [String]) throws(RuntimeFailure) -> JSONValue {
            let bytes = try Tool(toolchain.package, ["package"] + arguments, in: folder).output(limit: 120_000)
            guard let start = bytes.firstIndex(of: UInt8(ascii: "{")),
                let value = try? JSONValue(parsing: Array(bytes[start...]))
            else { throw RuntimeFailure("`swift package \(arguments.joined(separator: " "))` gave no answer.") }
            return value
        }
        return .object(["describe": try ask(["describe", "--type", "json"]), "dump": try ask(["dump-package"])])
    }

    /// - Throws: `RuntimeFailure` when a plugin needs what cannot be built for a running program.
    init(description: JSONValue, folder: String) throws(RuntimeFailure) {
        self.folder = folder
        identity = PackageTargets.identity(ofFolder: folder)
        let targets = PackageTargets(description, folder: folder)
        let reached = targets.reachedByPrograms
        program = targets.all.filter { reached.contains($0.name) }.map { ($0.moduleName, $0.folder) }
        modules = []
        for target in targets.importedFirst
        where target.kind == "library" && !reached.contains(target.name) {
            modules.append(try targets.module(target, reached: reached))
        }
        guard modules.contains(where: { $0.clang == nil }) else {
            throw RuntimeFailure(
                "The package \(folder) has no plugins: targets of type library that no executable of it depends on.")
        }
    }
}

/// The targets of a package, as the package manager tells of them.
private struct PackageTargets {
    struct Target {
        var name: String
        var moduleName: String
        var kind: String
        var isSwift: Bool
        var folder: String
        var sources: [String]
        var targets: [String]
        var resources: [JSONValue]
        var settings: [JSONValue]
        /// Of a target in C, relative.
        var publicHeaders: String
    }

    var all: [Target] = []
    private let package: String
    private var languageMode: String

    init(_ description: JSONValue, folder: String) {
        package = folder
        let dumped = description["dump"]?["targets"]?.arrayValue ?? []
        let tools = description["dump"]?["toolsVersion"]?["_version"]?.stringValue ?? "5"
        let named = description["dump"]?["swiftLanguageVersions"]?.arrayValue?.compactMap(\.stringValue).last
        languageMode = named ?? (tools.split(separator: ".").first.flatMap { Int($0) } ?? 5 >= 6 ? "6" : "5")
        for value in description["describe"]?["targets"]?.arrayValue ?? [] {
            guard let name = value["name"]?.stringValue, let path = value["path"]?.stringValue else { continue }
            let own = path.hasPrefix("/") ? path : "\(folder)/\(path)"
            let declared = dumped.first { $0["name"]?.stringValue == name }
            all.append(
                Target(
                    name: name, moduleName: value["c99name"]?.stringValue ?? name,
                    kind: value["type"]?.stringValue ?? "", isSwift: value["module_type"]?.stringValue == "SwiftTarget",
                    folder: realPath(own) ?? own,
                    sources: (value["sources"]?.arrayValue ?? []).compactMap(\.stringValue).map {
                        (realPath(own) ?? own) + "/" + $0
                    },
                    targets: (value["target_dependencies"]?.arrayValue ?? []).compactMap(\.stringValue),
                    resources: value["resources"]?.arrayValue ?? [], settings: declared?["settings"]?.arrayValue ?? [],
                    publicHeaders: declared?["publicHeadersPath"]?.stringValue ?? "include"))
        }
    }

    /// The targets that executables and tests consist of.
    var reachedByPrograms: Set<String> {
        var reached: Set<String> = []
        var waiting = all.filter { $0.kind == "executable" || $0.kind == "test" || $0.kind == "snippet" }.map(\.name)
        // A test of a plugin does not make the plugin part of the program.
        let tests = Set(all.filter { $0.kind == "test" }.map(\.name))
        while let name = waiting.popLast() {
            guard reached.insert(name).inserted, !tests.contains(name) else { continue }
            waiting += all.first { $0.name == name }?.targets ?? []
        }
        return reached
    }

    var importedFirst: [Target] {
        var order: [Target] = []
        var seen: Set<String> = []
        func visit(_ target: Target) {
            guard seen.insert(target.name).inserted else { return }
            for name in target.targets {
                if let other = all.first(where: { $0.name == name }) { visit(other) }
            }
            order.append(target)
        }
        all.sorted { $0.name < $1.name }.forEach(visit)
        return order
    }

    func module(_ target: Target, reached: Set<String>) throws(RuntimeFailure) -> PluginPackage.Module {
        let name = target.moduleName
        if let script = target.sources.first(where: { $0.hasSuffix("/main.swift") }) {
            throw RuntimeFailure("\(script) is a program's beginning, which a plugin cannot have.")
        }
        var module = PluginPackage.Module(
            name: name, folder: target.folder, sources: target.sources, imports: [], flags: [], linkerFlags: [])
        for dependency in target.targets {
            guard let other = all.first(where: { $0.name == dependency }) else { continue }
            if other.kind == "system-target" {
                module.systemMaps.append(other.folder + "/module.modulemap")
                continue
            }
            // The compiler finds Swift modules of the program beside it; headers are in the package.
            if reached.contains(dependency), !other.isSwift {
                let target = ClangTarget(other.folder, headers: other.publicHeaders, name: other.moduleName)
                let map = target.ownMap ?? "\(package)/.build/afresh/generated/\(other.moduleName)/module.modulemap"
                if target.ownMap == nil { module.generatedMaps[map] = target.generatedMap }
                module.systemMaps.append(map)
            }
            guard !reached.contains(dependency) else { continue }
            guard other.kind == "library" else {
                throw RuntimeFailure("\(name) depends on \(dependency), which \(PackageTargets.reason(other.kind))")
            }
            module.imports.append(other.moduleName)
        }
        if !target.isSwift {
            module.clang = ClangTarget(target.folder, headers: target.publicHeaders, name: name)
            module.sources += module.clang?.headers ?? []
        }
        for resource in target.resources {
            guard let path = resource["path"]?.stringValue, resource["rule"]?["embed_in_code"] == nil else {
                throw RuntimeFailure("\(name) has resources that are embedded in code, which plugins cannot have.")
            }
            module.resources.append(PluginPackage.Resource(path: path))
        }
        var mode = languageMode
        for setting in target.settings where PackageTargets.applies(setting) {
            try take(setting, into: &module, &mode)
        }
        if target.isSwift { module.flags += ["-swift-version", mode] }
        if module.sources.contains(where: ClangTarget.isPlusPlus) { module.linkerFlags.append("-lstdc++") }
        return module
    }

    private static func reason(_ kind: String) -> String {
        switch kind {
        case "macro":
            "is a macro of the package: those need a package of their own. Macros of the toolchain can be used."
        case "plugin": "is a plugin of the package manager: what it generates is not built for a running program."
        default: "is no library of Swift or C: let the program depend on it too, or leave it out."
        }
    }

    private func take(
        _ setting: JSONValue, into module: inout PluginPackage.Module, _ mode: inout String
    ) throws(RuntimeFailure) {
        guard let (kind, value) = setting["kind"]?.objectValue?.members.first else { return }
        let word = value["_0"]?.stringValue
        if module.clang != nil {
            switch (setting["tool"]?.stringValue, kind, word) {
            case ("c", "define", let word?), ("cxx", "define", let word?): module.flags.append("-D\(word)")
            case ("c", "headerSearchPath", let word?), ("cxx", "headerSearchPath", let word?):
                module.flags.append("-I\(module.folder)/\(word)")
            case ("linker", "linkedLibrary", let word?): module.linkerFlags.append("-l\(word)")
            case ("swift", _, _): break
            default: throw RuntimeFailure("\(module.name) has the setting \(kind), which plugins cannot have.")
            }
            return
        }
        switch (setting["tool"]?.stringValue, kind, word) {
        case ("swift", "define", let word?): module.flags += ["-D", word]
        case ("swift", "enableUpcomingFeature", let word?): module.flags += ["-enable-upcoming-feature", word]
        case ("swift", "enableExperimentalFeature", let word?): module.flags += ["-enable-experimental-feature", word]
        case ("swift", "defaultIsolation", let word?): module.flags += ["-default-isolation", word]
        case ("swift", "strictMemorySafety", _): module.flags.append("-strict-memory-safety")
        case ("swift", "swiftLanguageMode", let word?): mode = word
        case ("linker", "linkedLibrary", let word?): module.linkerFlags.append("-l\(word)")
        case ("c", _, _), ("cxx", _, _): break
        default: throw RuntimeFailure("\(module.name) has the setting \(kind), which plugins cannot have.")
        }
    }

    /// Whether a setting holds for this system in a debug build.
    private static func applies(_ setting: JSONValue) -> Bool {
        guard let condition = setting["condition"], !condition.isNull else { return true }
        let platforms = condition["platformNames"]?.arrayValue?.compactMap(\.stringValue) ?? []
        return condition["config"]?.stringValue != "release" && (platforms.isEmpty || platforms.contains("linux"))
    }

    /// As the package manager names a root package.
    static func identity(ofFolder folder: String) -> String {
        let name = folder.split(separator: "/").last.map { $0.lowercased() } ?? "package"
        return String(name.map { $0.isLetter || $0.isNumber ? $0 : "_" })
    }
}
