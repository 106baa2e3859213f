import Platform
import ReloadEngine

/// Runs the frontend and the linker directly: the driver and the package manager cost several times as much for one file, and
/// decide by modification times, which loses an edit saved within the same second.
struct Compiler: Sendable {
    let toolchain: Toolchain
    let folder: BuildFolder
    let package: PluginPackage
    /// Where the modules of the program itself are.
    let searchPaths: [String]

    /// How many processes run at once.
    private static let width = 2
    /// Milliseconds that one of them may take.
    private static let limit = 300_000.0

    /// A run of the frontend, and what it is to write.
    struct Job: Sendable {
        var arguments: [String]
        /// What runs; nil: the frontend.
        var tool: String?
        /// Temporary path and final one.
        var products: [(temporary: String, final: String)]
        /// Where it writes what it has found: temporary, and what becomes of it where it is kept.
        var diagnostics: [(temporary: String, final: String?)]
        /// What it is to say of what others see of a file, that file, and where it is kept.
        var outlines: [(temporary: String, file: File, final: String)] = []
        /// What is compiled, for messages.
        var subject: String
    }

    /// A file that is to be compiled.
    struct File {
        var path: String
        var key: ContentHash
        /// Its text; nil where that is not known.
        var source: [UInt8]?
    }

    /// How every object is compiled. Without tables of hashed names for debuggers: those are in the order of the hashes, and a
    /// generation has other names.
    ///
    /// Bodies of functions can be replaced later: each call looks up what to call, and what is private can be named from outside.
    ///
    /// Without what the compiler does for itself, a fifteenth of its work: looking through its own code for mistakes of its own, and a
    /// hash of that code, by which it would find an object of it that is there already.
    static let objectFlags = [
        "-disable-objc-interop", "-parse-as-library", "-Onone", "-g", "-Xllvm", "-accel-tables=Disable",
        "-enable-implicit-dynamic", "-enable-private-imports", "-disable-llvm-verify",
        "-disable-incremental-llvm-codegen"
    ]

    /// What stays the same for all files of a module.
    ///
    /// - Parameter interfaces: of the modules that it imports, directly and through others, by name.
    func flags(_ module: PluginPackage.Module, interfaces: [(name: String, hash: ContentHash)]) -> [String] {
        var flags =
            [
                "-target", toolchain.triple, "-module-name", module.name, "-module-abi-name",
                Generation.placeholder(module.name), "-D", "DEBUG", "-D", "SWIFT_PACKAGE", "-package-name",
                package.identity,
                "-plugin-path", "\(toolchain.resources)/host/plugins"
            ] + Self.objectFlags
        for path in interfaces.map({ folder.interface($0.hash) }) + searchPaths { flags += ["-I", path] }
        for (name, hash) in interfaces {
            flags += package[name]?.clang?.flags(interface: hash, in: folder) ?? []
        }
        for map in Set((package.closure(of: module) + [module]).flatMap(\.systemMaps)).sorted() {
            flags += ["-Xcc", "-fmodule-map-file=\(map)"]
        }
        return flags + module.flags
    }

    /// The interfaces of the modules that the program itself consists of, and that plugins are compiled with: a program that
    /// was built anew has others.
    func programInterfaces() throws(RuntimeFailure) -> ContentHash {
        var result: [String] = []
        for name in ["AfreshHost"] + package.program.map(\.name) {
            let file = searchPaths.lazy.map { "\($0)/\(name).swiftmodule" }.first { fileStatus($0)?.kind == .file }
            if let file { result += [name, ContentHash(try folder.read(file)).text] }
        }
        return ContentHash(result)
    }

    /// The objects of some files of a module.
    func objectJob(
        _ module: PluginPackage.Module, files: [File], flags: [String]
    ) -> Job {
        var job = Job(arguments: ["-frontend", "-c"], products: [], diagnostics: [], subject: module.name)
        let compiled = Set(files.map(\.path))
        for source in module.sources {
            if compiled.contains(source) { job.arguments.append("-primary-file") }
            job.arguments.append(source)
        }
        job.arguments += flags
        // In the order of the files.
        for source in module.sources {
            guard let file = files.first(where: { $0.path == source }) else { continue }
            // The compiler writes this name into the object, which is to be the same for texts that mean the same.
            let product = (temporary: "\(folder.path)/.\(ContentHash([source]).text).o", final: folder.object(file.key))
            let found = (temporary: folder.temporary("dia"), final: String?.some(folder.diagnostics(file.key)))
            let outline = folder.temporary("swiftdeps")
            job.arguments += [
                "-o", product.temporary, "-serialize-diagnostics-path", found.temporary,
                "-emit-reference-dependencies-path", outline
            ]
            job.outlines.append((outline, file, folder.outline(file.key)))
            job.products.append(product)
            job.diagnostics.append(found)
        }
        return job
    }

    /// What dependents are compiled with. Its bytes stay the same when bodies of functions change.
    func interfaceJob(_ module: PluginPackage.Module, flags: [String], product: String) -> Job {
        let found = folder.temporary("dia")
        let arguments =
            ["-frontend", "-emit-module"] + module.sources + flags + [
                "-experimental-skip-non-inlinable-function-bodies-without-types", "-o", product,
                "-serialize-diagnostics-path", found
            ]
        return Job(arguments: arguments, products: [], diagnostics: [(found, nil)], subject: module.name)
    }

    /// What some jobs have found.
    struct Found {
        var problems: [Problem] = []
        /// By path: what others see of a file.
        var outlines: [String: String] = [:]
    }

    /// Runs the jobs, at most two at a time; while the folder is locked.
    ///
    /// The compiler reads the files itself, so what it has made is only known to be of a text that is there before and after.
    /// - Parameters:
    ///   - isCurrent: whether all that they read is still what it was before.
    ///   - isWanted: whether their objects are to be kept; asked where there is no error.
    /// - Returns: what was found; with an error among it, nothing has been kept. Nil if something has changed: nothing is known then.
    func run(
        _ jobs: [Job], isCurrent: () throws(RuntimeFailure) -> Bool,
        isWanted: (Found) throws(RuntimeFailure) -> Bool = { _ throws(RuntimeFailure) in true }
    ) throws(RuntimeFailure) -> Found? {
        defer {
            for job in jobs {
                for product in job.products { removeFile(product.temporary) }
                for file in job.diagnostics { removeFile(file.temporary) }
                for file in job.outlines { removeFile(file.temporary) }
            }
        }
        let results = execute(jobs)
        guard try isCurrent() else { return nil }
        var found = Found()
        for result in results {
            for problem in try result.get() where !found.problems.contains(problem) { found.problems.append(problem) }
        }
        guard !found.problems.contains(where: { $0.severity == .error }) else { return found }
        for outline in jobs.flatMap(\.outlines) {
            guard let source = outline.file.source, let bytes = try? readFile(outline.temporary) else { continue }
            found.outlines[outline.file.path] = FileOutline.text(dependencies: bytes, source: source)
        }
        guard try isWanted(found) else { return found }
        for job in jobs {
            for file in job.diagnostics {
                if let final = file.final { try folder.rename(file.temporary, to: final) }
            }
            for outline in job.outlines {
                guard let text = found.outlines[outline.file.path] else { continue }
                try folder.write(Array(text.utf8), to: outline.final)
            }
            for product in job.products { try folder.rename(product.temporary, to: product.final) }
        }
        return found
    }

    private func execute(_ jobs: [Job]) -> [Result<[Problem], RuntimeFailure>] {
        let results = Monitor([Int: Result<[Problem], RuntimeFailure>]())
        let next = Monitor(0)
        let work: @Sendable () -> Void = {
            while true {
                let index = next.withLock { number in
                    defer { number += 1 }
                    return number
                }
                guard jobs.indices.contains(index) else { return }
                let result: Result<[Problem], RuntimeFailure>
                do {
                    result = .success(try run(jobs[index]))
                } catch {
                    result = .failure((error as? RuntimeFailure) ?? RuntimeFailure("\(error)"))
                }
                results.withLock { $0[index] = result }
            }
        }
        let helpers = (1..<max(1, min(Self.width, jobs.count))).compactMap { _ in try? WorkerThread(work) }
        work()
        for helper in helpers { helper.join() }
        return jobs.indices.map { index in
            results.withLock { $0[index] } ?? .failure(RuntimeFailure("The compiler was not started."))
        }
    }

    private func run(_ job: Job) throws(RuntimeFailure) -> [Problem] {
        let (ending, words) = try execute(job.tool ?? toolchain.frontend, job.arguments)
        let problems = job.diagnostics.flatMap { SerializedDiagnostics.read($0.temporary) }
        if ending == .exited(code: 0) { return problems }
        let errors = problems.filter { $0.severity == .error }
        if let general = errors.first(where: { $0.path.isEmpty }) {
            throw RuntimeFailure("\(job.subject) cannot be compiled: \(general.message)")
        }
        guard errors.isEmpty else { return problems }
        throw RuntimeFailure("The compiler of \(job.subject) \(Compiler.words(ending)): \(Tool.tail(words))")
    }

    /// Links an image of stamped objects.
    func link(
        _ module: PluginPackage.Module, objects: [String], libraries: [String], dependencies: [String], image: String
    ) throws(RuntimeFailure) {
        let temporary = folder.temporary("so")
        defer { removeFile(temporary) }
        let name = image.split(separator: "/").last.map(String.init) ?? image
        // What the program itself defines is looked up when the image is loaded (and then at once, with everything else):
        // its own symbols come first there, so there is one copy of its state.
        let arguments =
            [
                "-shared", "--hash-style=gnu", "--eh-frame-hdr", "--build-id=none", "-soname", name, "-z", "nodelete",
                "-rpath", toolchain.libraries,
                // For so few objects threads of its own only cost time.
                "--threads=1",
                "-o", temporary, toolchain.imageStart
            ] + objects + dependencies
            + ([toolchain.libraries] + toolchain.systemLibraries).flatMap { ["-L", $0] } + libraries
            + module.linkerFlags
            + ["-lswiftCore", "-lc"]
        let (ending, words) = try execute(toolchain.linker, arguments)
        guard ending == .exited(code: 0) else {
            throw RuntimeFailure(
                "\(module.name) cannot be linked (the linker \(Compiler.words(ending))): \(Tool.tail(words))")
        }
        try folder.rename(temporary, to: image)
    }

    private func execute(
        _ path: String, _ arguments: [String]
    ) throws(RuntimeFailure) -> (ending: ChildProcess.Ending?, output: [UInt8]) {
        try Tool(path, arguments, in: package.folder).run(limit: Self.limit, withErrors: true)
    }

    private static func words(_ ending: ChildProcess.Ending?) -> String {
        switch ending {
        case .exited(let code): "ended with \(code)"
        case .signalled(let number): "was ended by signal \(number)"
        case nil: "was lost"
        }
    }
}
