import Platform
import ReloadEngine

/// What has been made of a module.
struct CompiledModule {
    /// By path: the hashes of the texts.
    var sources: [String: String]
    /// By what they were made from.
    var objects: [ContentHash] = []
    /// By what they are: two texts can mean the same.
    var contents: [String] = []
    /// The hash of its bytes.
    var interface: ContentHash?
    /// Of everything but the texts that the interface depends on.
    var surroundings: String?
    /// By path: what other files see of one, where that can be told.
    var outlines: [String: String] = [:]
    var problems: [Problem] = []

    init(sources: [String: String]) {
        self.sources = sources
    }

    /// One that runs.
    init(_ module: PluginSet.Module) {
        sources = module.sources
        contents = module.objects
        interface = module.interface.flatMap(ContentHash.init(known:))
        surroundings = module.surroundings
        outlines = module.outlines
    }

    var isBlocked: Bool { problems.contains { $0.severity == .error } }

    fileprivate mutating func add(_ found: [Problem]) {
        problems += found.filter { !problems.contains($0) }
    }
}

/// Compiles what differs of one module from all that has been compiled before.
///
/// The edited files first: where they show the others what they have always shown, that is all. Else the interface, and then all files where
/// it differs.
struct ModuleBuild {
    private let module: PluginPackage.Module
    private let compiler: Compiler
    private let flags: [String]
    private let running: PluginSet.Module?
    /// What the compiler reads besides.
    private let headers: [String]
    /// The interfaces of the modules that the program consists of.
    private let program: ContentHash
    /// What all keys have in common.
    private let common: [String]
    private let surroundings: String

    private var folder: BuildFolder { compiler.folder }
    private var isAlone: Bool { module.sources.count == 1 }

    /// How often it is compiled because somebody saves meanwhile.
    private static let attempts = 5

    /// - Parameters:
    ///   - interfaces: of what it imports, directly and through others, by name.
    ///   - headers: of the targets in C among those.
    init(
        _ module: PluginPackage.Module, compiler: Compiler, interfaces: [(name: String, hash: ContentHash)],
        headers: [String], running: PluginSet.Module?, program: ContentHash
    ) {
        self.module = module
        self.compiler = compiler
        self.running = running
        self.headers = headers
        self.program = program
        flags = compiler.flags(module, interfaces: interfaces)
        common = [compiler.toolchain.tag, program.text] + flags + module.sources
        surroundings = ContentHash(common).text
    }

    func perform() throws(RuntimeFailure) -> CompiledModule {
        for _ in 0..<Self.attempts {
            if let result = try compile(try read()) { return result }
        }
        throw RuntimeFailure("The files of \(module.name) change all the time.")
    }

    // MARK: Texts

    /// A text, and what tells that nobody has touched its file since.
    private struct Source: Equatable {
        var hash: String
        var status: FileStatus?
    }

    private func read() throws(RuntimeFailure) -> [String: Source] {
        var sources: [String: Source] = [:]
        for path in module.sources + headers {
            let status = fileStatus(path)
            let text = try folder.read(path)
            let hash = ContentHash(text)
            try folder.keep(text, hash)
            sources[path] = Source(hash: hash.text, status: status)
        }
        return sources
    }

    private func isCurrent(_ sources: [String: Source]) throws(RuntimeFailure) -> Bool {
        guard try read() == sources else { return false }
        guard try compiler.programInterfaces() == program else {
            throw RuntimeFailure("the program has been built anew since it was started: restart it.")
        }
        return true
    }

    // MARK: Objects

    /// The text of the other files only matters as far as the interface shows it.
    private func key(of path: String, _ texts: [String: Source], _ interface: ContentHash?) -> ContentHash {
        ContentHash(common + [path, texts[path]?.hash ?? "", isAlone ? "" : interface?.text ?? ""])
    }

    private func missing(_ texts: [String: Source], _ interface: ContentHash?) -> [Compiler.File] {
        module.sources.compactMap { path in
            let key = key(of: path, texts, interface)
            guard fileStatus(folder.object(key)) == nil else { return nil }
            let text = try? folder.read(path)
            let isIt = text.map { ContentHash($0).text == texts[path]?.hash } == true
            return Compiler.File(path: path, key: key, source: isIt ? text : nil)
        }
    }

    /// Two processes at most, each with half of the files.
    private func jobs(_ files: [Compiler.File]) -> [Compiler.Job] {
        let half = (files.count + 1) / 2
        return [files.prefix(half), files.dropFirst(half)].filter { !$0.isEmpty }.map {
            compiler.objectJob(module, files: Array($0), flags: flags)
        }
    }

    /// Nil if something was saved meanwhile.
    private func compile(_ texts: [String: Source]) throws(RuntimeFailure) -> CompiledModule? {
        var result = CompiledModule(sources: texts.filter { module.sources.contains($0.key) }.mapValues(\.hash))
        result.surroundings = surroundings
        guard try findInterface(texts, &result) else { return nil }
        if result.isBlocked { return result }
        let rest = missing(texts, result.interface)
        if !rest.isEmpty {
            let found = try compiler.run(jobs(rest)) { () throws(RuntimeFailure) in try isCurrent(texts) }
            guard let found else { return nil }
            result.add(found.problems)
            if result.isBlocked { return result }
        }
        for path in module.sources {
            let object = key(of: path, texts, result.interface)
            result.objects.append(object)
            result.contents.append(try content(of: object))
            result.outlines[path] = outline(of: object)
            result.add(SerializedDiagnostics.read(folder.diagnostics(object)))
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

    private func outline(of object: ContentHash) -> String? {
        (try? readFile(folder.outline(object))).map { String(decoding: $0, as: UTF8.self) }
    }

    // MARK: The interface

    /// - Returns: false if something was saved meanwhile.
    private func findInterface(_ texts: [String: Source], _ result: inout CompiledModule) throws(RuntimeFailure) -> Bool
    {
        let inputs = ContentHash(common + module.sources.map { texts[$0]?.hash ?? "" })
        if let known = try? readFile(folder.interface(inputs)) {
            result.interface = ContentHash(known: String(decoding: known, as: UTF8.self))
            if result.interface != nil { return true }
        }
        let former = running?.interface.flatMap(ContentHash.init(known:))
        if let former, running?.surroundings == surroundings {
            guard try compileBodies(texts, former, &result) else { return false }
            if result.isBlocked { return true }
            if result.interface != nil {
                try folder.write(Array(former.text.utf8), to: folder.interface(inputs))
                return true
            }
        }
        // The edited files, in case that it is what it was.
        let guessed = former == nil && !isAlone ? [] : missing(texts, former)
        let product = folder.temporary("swiftmodule")
        defer { removeFile(product) }
        let interfaceJob = compiler.interfaceJob(module, flags: flags, product: product)
        var interface: ContentHash?
        let found = try compiler.run([interfaceJob] + jobs(guessed)) { () throws(RuntimeFailure) in
            try isCurrent(texts)
        } isWanted: { _ throws(RuntimeFailure) in
            interface = try keep(product, inputs: inputs)
            // Objects that have seen another one are not what their keys say.
            return isAlone || interface == former
        }
        guard let found else { return false }
        result.add(found.problems)
        result.interface = interface
        return true
    }

    /// Compiles the edited files. Where they show the others what they have shown before, the interface is what it was.
    /// - Returns: false if something was saved meanwhile.
    private func compileBodies(
        _ texts: [String: Source], _ former: ContentHash, _ result: inout CompiledModule
    ) throws(RuntimeFailure) -> Bool {
        let files = missing(texts, former)
        guard let shown = running?.outlines,
            files.allSatisfy({ shown[$0.path] != nil && $0.source.map(FileOutline.hidesBodies) == true })
        else { return true }
        var isSame = false
        let found = try compiler.run(jobs(files)) { () throws(RuntimeFailure) in
            try isCurrent(texts)
        } isWanted: { found throws(RuntimeFailure) in
            isSame = module.sources.allSatisfy { path in
                let outline = found.outlines[path] ?? outline(of: key(of: path, texts, former))
                return outline != nil && outline == shown[path]
            }
            return isSame
        }
        guard let found else { return false }
        result.add(found.problems)
        if isSame { result.interface = former }
        return true
    }

    /// Gives an interface the name that its bytes have.
    private func keep(_ product: String, inputs: ContentHash) throws(RuntimeFailure) -> ContentHash {
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
}

extension ContentHash {
    /// One that was written down.
    init?(known text: String) {
        guard text.utf8.count == 32 else { return nil }
        self.text = text
    }
}
