import JSONRPC
import Platform
import ReloadEngine

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Where the objects, interfaces and images of a package's plugins are: `.build/afresh` in the package.
///
/// Objects and interfaces are named by what they were made from, images by their generation: nothing there is ever changed,
/// so programs and servers can use it side by side.
struct BuildFolder: Sendable {
    let path: String

    /// Makes the folder where it is missing.
    init(package: String) throws(RuntimeFailure) {
        path = package + "/.build/afresh"
        for name in ["", "/objects", "/interfaces", "/images", "/sets", "/texts"] {
            do {
                try makeFolder(path + name)
            } catch {
                throw BuildFolder.failure(error, path)
            }
        }
    }

    /// The folder of the package that a source file belongs to; nil where no program has been started from it.
    init?(ofFile file: String) {
        var folder = file[...]
        while let slash = folder.lastIndex(of: "/") {
            folder = folder[..<slash]
            let candidate = folder + "/.build/afresh"
            if fileStatus(candidate + "/sets")?.kind == .folder {
                path = String(candidate)
                return
            }
        }
        return nil
    }

    var package: String { String(path.dropLast("/.build/afresh".count)) }

    func object(_ key: ContentHash) -> String { "\(path)/objects/\(key.text).o" }
    /// What the compiler said when it made the object.
    func diagnostics(_ key: ContentHash) -> String { "\(path)/objects/\(key.text).dia" }
    /// What other files see of the one that it was made from, where that can be told.
    func outline(_ key: ContentHash) -> String { "\(path)/objects/\(key.text).outline" }
    func interface(_ key: ContentHash) -> String { "\(path)/interfaces/\(key.text)" }
    func image(_ module: String, _ generation: Int) -> String { "\(path)/images/lib\(module)_g\(generation).so" }

    /// A name for a file that is being written.
    func temporary(_ name: String) -> String { "\(path)/.\(randomHexDigits(12))-\(name)" }

    /// Runs with nobody else building in the folder.
    func locked<Result>(
        _ body: () throws(RuntimeFailure) -> Result
    ) throws(RuntimeFailure) -> Result {
        let descriptor = open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw BuildFolder.failure(SystemError.last("open", path + "/lock"), path) }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw BuildFolder.failure(SystemError.last("lock", path + "/lock"), path) }
        }
        return try body()
    }

    /// A number that no image of the folder has; rises.
    func nextNumber() throws(RuntimeFailure) -> Int {
        let last = (try? readFile(path + "/number")).flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
        guard last >= 0, last < Generation.limit else {
            throw RuntimeFailure("\(path) is used up: remove it, and start the program anew.")
        }
        try write(Array(String(last + 1).utf8), to: path + "/number")
        return last + 1
    }

    /// Removes images and sets that were built long ago: a program that still runs one of them goes on, and is told to start anew when
    /// something is saved. While the folder is locked.
    func removeOldBuilds(keeping count: Int = 300) {
        let last = (try? readFile(path + "/number")).flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
        for (folder, end) in [("images", ".so"), ("sets", ".json")] {
            for name in (try? namesInFolder("\(path)/\(folder)")) ?? [] where name.hasSuffix(end) {
                let digits = name.dropLast(end.count).reversed().prefix { $0.isNumber }.reversed()
                if let number = Int(String(digits)), number <= last - count { removeFile("\(path)/\(folder)/\(name)") }
            }
        }
    }

    func write(_ bytes: [UInt8], to file: String) throws(RuntimeFailure) {
        do {
            try writeFileAtomically(file, bytes)
        } catch {
            throw BuildFolder.failure(error, file)
        }
    }

    func read(_ file: String) throws(RuntimeFailure) -> [UInt8] {
        do {
            return try readFile(file, limit: 1 << 30)
        } catch {
            throw BuildFolder.failure(error, file)
        }
    }

    func rename(_ old: String, to new: String) throws(RuntimeFailure) {
        do {
            try renameFile(old, to: new)
        } catch {
            throw BuildFolder.failure(error, new)
        }
    }

    private static func failure(_ error: any Error, _ path: String) -> RuntimeFailure {
        RuntimeFailure("\(path) cannot be used: \((error as? SystemError)?.reason ?? "\(error)").")
    }
}

/// What a program runs: one image of each module, all of which were built for each other.
struct PluginSet: Sendable {
    struct Module: Sendable {
        var generation: Int
        /// By path: what it was compiled from.
        var sources: [String: String]
        /// The objects that the image consists of.
        var objects: [String]
        /// What dependents were compiled with; nil where it has none.
        var interface: String?
        /// Of everything but the texts that the interface depends on.
        var surroundings: String?
        /// By path: what others see of a file, where that can be told.
        var outlines: [String: String] = [:]
        /// Images whose functions have taken the places of its own, oldest first: their numbers.
        var patches: [Int] = []
    }

    var number: Int
    var modules: [String: Module]
    /// Where the compiler finds the modules that the program itself consists of.
    var searchPaths: [String]
    /// The hash of their interfaces.
    var program: String
    /// What the build that made it has found edited; nothing of a set that was read.
    var differences: [String: ModuleDifference] = [:]

    init(number: Int, modules: [String: Module], searchPaths: [String], program: String) {
        self.program = program
        self.number = number
        self.modules = modules
        self.searchPaths = searchPaths
    }

    /// - Parameter digest: what a host says of what it runs.
    init?(digest: String, in folder: BuildFolder) {
        guard let number = Int(digest), number > 0,
            let bytes = try? readFile("\(folder.path)/sets/\(number).json"), let value = try? JSONValue(parsing: bytes)
        else { return nil }
        self.number = number
        program = value["program"]?.stringValue ?? ""
        searchPaths = value["searchPaths"]?.arrayValue?.compactMap(\.stringValue) ?? []
        modules = [:]
        for (name, module) in value["modules"]?.objectValue?.members ?? [] {
            guard let generation = module["generation"]?.intValue else { return nil }
            var sources: [String: String] = [:]
            for (path, hash) in module["sources"]?.objectValue?.members ?? [] { sources[path] = hash.stringValue }
            var outlines: [String: String] = [:]
            for (path, hash) in module["outlines"]?.objectValue?.members ?? [] { outlines[path] = hash.stringValue }
            modules[name] = Module(
                generation: generation, sources: sources,
                objects: module["objects"]?.arrayValue?.compactMap(\.stringValue) ?? [],
                interface: module["interface"]?.stringValue, surroundings: module["surroundings"]?.stringValue,
                outlines: outlines, patches: module["patches"]?.arrayValue?.compactMap(\.intValue) ?? [])
        }
    }

    func write(in folder: BuildFolder) throws(RuntimeFailure) {
        var object = JSONObject()
        for (name, module) in modules.sorted(by: { $0.key < $1.key }) {
            var sources = JSONObject()
            for (path, hash) in module.sources.sorted(by: { $0.key < $1.key }) { sources[path] = .string(hash) }
            var outlines = JSONObject()
            for (path, hash) in module.outlines.sorted(by: { $0.key < $1.key }) { outlines[path] = .string(hash) }
            object[name] = .object([
                "generation": .int(module.generation), "sources": .object(sources),
                "objects": .strings(module.objects), "interface": module.interface.map { .string($0) },
                "surroundings": module.surroundings.map { .string($0) }, "outlines": .object(outlines),
                "patches": .array(module.patches.map { .int($0) })
            ])
        }
        try folder.write(
            JSONValue.object([
                "modules": .object(object), "searchPaths": .strings(searchPaths), "program": .string(program)
            ]).serialized, to: "\(folder.path)/sets/\(number).json")
    }

    /// Whether a program that runs `other` has nothing to do for a module.
    func runsTheSame(_ module: String, as other: PluginSet) -> Bool {
        modules[module]?.generation == other.modules[module]?.generation
            && modules[module]?.patches == other.modules[module]?.patches
    }

    /// What a host calls it.
    var digest: String { String(number) }
}
