/// Who speaks to a host, as `hello` says it.
public struct ClientInformation: Sendable {
    /// "afresh lsp".
    public var name: String
    public var version: String

    public init(name: String, version: String) {
        self.name = name
        self.version = version
    }
}

/// A running program with an agent in it, as its `hello` describes it.
public struct HostInformation: Sendable, Hashable {
    /// Stable while the process lives, different for each process.
    public var id: String
    public var pid: Int
    public var parent: Int
    /// "app.py", "-m pkg", "gunicorn".
    public var name: String
    public var runtime: HostRuntime
    public var arguments: [String]
    /// The folder that it was started in.
    public var directory: String
    /// What a person should know about it: "restarts-itself" and the like.
    public var notices: [HostNotice]
    /// `afresh run` started it, so that it can be started anew.
    public var isRestartable: Bool

    public init(
        id: String, pid: Int, parent: Int, name: String, runtime: HostRuntime, arguments: [String] = [],
        directory: String = "", notices: [HostNotice] = [], isRestartable: Bool = false
    ) {
        self.isRestartable = isRestartable
        self.id = id
        self.pid = pid
        self.parent = parent
        self.name = name
        self.runtime = runtime
        self.arguments = arguments
        self.directory = directory
        self.notices = notices
    }
}

/// What executes the modules of a host.
public struct HostRuntime: Sendable, Hashable {
    /// "CPython".
    public var name: String
    /// "3.11.7".
    public var version: String
    /// The interpreter's absolute path.
    public var executable: String
    /// The bytecode's magic number in hex: code may only be sent to a host with the same one.
    public var magic: String
    /// The optimisation level that the host compiles with.
    public var optimize: Int

    public init(name: String, version: String, executable: String = "", magic: String = "", optimize: Int = 0) {
        self.name = name
        self.version = version
        self.executable = executable
        self.magic = magic
        self.optimize = optimize
    }
}

/// Something that a host wants a person to know.
public struct HostNotice: Sendable, Hashable {
    public var code: String
    public var message: String

    public init(code: String, message: String) {
        self.code = code
        self.message = message
    }
}

/// A module as it is loaded in one host.
public struct ModuleInformation: Sendable, Hashable {
    public var name: String
    /// The real path of its source file, or of the first of them; nil where it has none.
    public var path: String?
    /// The real paths of its other source files, where it has more than one.
    public var otherPaths: [String] = []
    /// How many times it has been loaded; the first load is 1.
    public var generation: Int
    public var isPackage: Bool
    /// The program's `__main__`.
    public var isMain: Bool
    /// Of the text that runs; nil where the agent has no text.
    public var digest: String?
    /// Why it cannot be reloaded.
    public var refusal: HostNotice?
    /// When it was executed last: milliseconds since 1970.
    public var loaded: Double?

    public init(
        name: String, path: String?, generation: Int = 1, isPackage: Bool = false, isMain: Bool = false,
        digest: String? = nil, refusal: HostNotice? = nil, loaded: Double? = nil
    ) {
        self.loaded = loaded
        self.name = name
        self.path = path
        self.generation = generation
        self.isPackage = isPackage
        self.isMain = isMain
        self.digest = digest
        self.refusal = refusal
    }
}

extension ModuleInformation {
    /// All its source files.
    public var paths: [String] { (path.map { [$0] } ?? []) + otherPaths }
}

/// Code that a host has loaded in files of its own and can never unload: of a Swift program, the images of its plugins.
public struct HostImages: Sendable, Hashable {
    /// All of them, and the bytes of memory that they take.
    public var count: Int
    public var bytes: Int
    /// Those of them that do not run any more.
    public var oldCount: Int
    public var oldBytes: Int

    public init(count: Int, bytes: Int, oldCount: Int, oldBytes: Int) {
        self.count = count
        self.bytes = bytes
        self.oldCount = oldCount
        self.oldBytes = oldBytes
    }
}

extension HostImages: CustomStringConvertible {
    /// "5 images in memory, 0.6 MiB; 3 of them, 0.4 MiB, are of older generations".
    public var description: String {
        let all = "\(count) \(count == 1 ? "image" : "images") in memory, \(Self.size(bytes))"
        guard oldCount > 0 else { return all }
        let (verb, size) = (oldCount == 1 ? "is" : "are", Self.size(oldBytes))
        return "\(all); \(oldCount) of them, \(size), \(verb) of older generations"
    }

    private static func size(_ bytes: Int) -> String {
        let tenths = (max(0, bytes) / 1024 * 10 + 512) / 1024
        return "\(tenths / 10).\(tenths % 10) MiB"
    }
}

/// What a host answers when it is asked how it stands.
public struct HostSurvey: Sendable {
    public var host: HostInformation
    /// Its user modules, sorted by name.
    public var modules: [ModuleInformation]
    /// Who of them imports whom; empty if that was not asked for.
    public var imports: [ModuleEdge] = []
    /// Nil for a host that has none.
    public var images: HostImages?
    /// The stale references that remain from all reloads so far; nil if they were not asked for or it did not answer.
    public var stale: StaleSurvey?
    /// False if it did not answer in time: the rest is empty then.
    public var answered: Bool

    public init(host: HostInformation, modules: [ModuleInformation], stale: StaleSurvey?, answered: Bool) {
        self.host = host
        self.modules = modules
        self.stale = stale
        self.answered = answered
    }
}

/// The result of one search for stale references in one host.
public struct StaleSurvey: Sendable {
    public var references: [StaleReference]
    /// Counts all, also what was not sampled.
    public var total: Int
    public var coverage: Coverage
    public var timings: Timings

    public init(references: [StaleReference], total: Int, coverage: Coverage, timings: Timings) {
        self.references = references
        self.total = total
        self.coverage = coverage
        self.timings = timings
    }
}
