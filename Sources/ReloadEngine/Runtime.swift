import JSONRPC

/// What the engine needs to know about one language: the only place where languages differ.
///
/// Calls block and come from the engine's own thread. Nothing here may touch a host: checking comes first.
public protocol Runtime: Sendable {
    /// The runtime's name in `hello`: "CPython".
    var name: String { get }

    /// Whether a file can be a module of this runtime, by its name alone.
    func owns(path: String) -> Bool

    /// Whether a file is the text of a module, by its name alone; others are loaded once, and refused.
    func isSource(path: String) -> Bool

    /// Whether files of that name mostly have nothing to do with any program: the save of one that no runtime owns is not spoken of.
    func isMostlyForeign(path: String) -> Bool

    /// Starts what a later check needs, so that the first save does not pay for it. Returns at once.
    ///
    /// `host`: nil for texts that no program has loaded.
    func warmUp(for host: HostInformation?, settings: ReloadSettings)

    /// The digest of a text as hosts of that runtime make it; nil if that is not known.
    func digest(of text: [UInt8], in runtime: HostRuntime) -> String?

    /// Whether a saved text is another one than a host runs; nil if that is not known.
    ///
    /// `path`: that of the text, one of the module's files.
    func differs(_ text: [UInt8], of path: String, from module: ModuleInformation, in runtime: HostRuntime) -> Bool?

    /// Compiles the edited modules of one host and compares them with what runs there. The answer is in the order in which
    /// they are to be applied: what others of them newly import comes first.
    func check(_ request: CheckRequest) throws(RuntimeFailure) -> Answer<[CheckedModule]>

    /// What `check` would find out about texts that have not been saved. Comes from another thread than the other calls, and
    /// gives way to them.
    func preview(_ request: CheckRequest) throws(RuntimeFailure) -> PreviewAnswer

    /// Finds which candidates are affected by what changed, and what each needs.
    func affected(_ request: AffectedRequest) throws(RuntimeFailure) -> Answer<Affected>

    /// Compiles a file that no program has loaded.
    func check(path: String, text: [UInt8], settings: ReloadSettings) throws(RuntimeFailure) -> [Problem]

    /// Looks into a text for an editor. May be called from any thread.
    ///
    /// `host`: a program of this runtime that runs, whose interpreter is at hand; nil where none does.
    func inspect(_ request: InspectionRequest, for host: HostInformation?, settings: ReloadSettings)
        throws(RuntimeFailure) -> Inspection

    /// Ends what `warmUp` started.
    func stop()
}

extension Runtime {
    public func isMostlyForeign(path: String) -> Bool { false }

    public func differs(
        _ text: [UInt8], of path: String, from module: ModuleInformation, in runtime: HostRuntime
    ) -> Bool? {
        guard let running = module.digest, let saved = digest(of: text, in: runtime) else { return nil }
        return saved != running
    }

    public func inspect(_ request: InspectionRequest, for host: HostInformation?, settings: ReloadSettings)
        throws(RuntimeFailure) -> Inspection
    {
        Inspection()
    }
}

/// A text could not be checked, for a reason that does not lie in the text: no interpreter, no answer, no space.
public struct RuntimeFailure: Error, Sendable, Equatable {
    /// One sentence for a person.
    public var message: String
    /// It is the program that does not answer.
    public var isSilence = false

    public init(_ message: String) {
        self.message = message
    }
}

/// Either the answer, or the names of the modules whose running text is needed first.
public enum Answer<Value: Sendable>: Sendable {
    case missing([String])
    case complete(Value)
}

/// The text that a module runs.
public enum RunningText: Sendable, Hashable {
    /// Enough where the runtime has seen the text before.
    case digest(String)
    /// The text, and the code that was executed where the agent has it; both base64, as the agent sent them.
    case text(source: String, code: String?)
}

/// A module as a check sees it.
public struct CheckedText: Sendable, Hashable {
    public var name: String
    public var path: String?
    public var isPackage: Bool
    public var isMain: Bool
    /// What the host says of what runs, also where `running` is to be ignored.
    public var digest: String?
    /// Nil: as if nobody knew what runs; then there is nothing that the text could be equal to.
    public var running: RunningText?

    public init(_ module: ModuleInformation, running: RunningText?) {
        digest = module.digest
        name = module.name
        path = module.path
        isPackage = module.isPackage
        isMain = module.isMain
        self.running = running
    }
}

/// Edited modules of one host, in the order in which they will be applied.
public struct CheckRequest: Sendable, Equatable {
    public struct Module: Sendable, Hashable {
        public var module: CheckedText
        /// The saved text.
        public var source: [UInt8]

        public init(module: CheckedText, source: [UInt8]) {
            self.module = module
            self.source = source
        }
    }

    public var runtime: HostRuntime
    public var policy: Policy
    public var modules: [Module]
    /// What the dependents were called when `affected` was asked about them; they are the same under the same name. Empty: there are none.
    public var graph: String?

    public init(runtime: HostRuntime, policy: Policy, modules: [Module], graph: String? = nil) {
        self.runtime = runtime
        self.policy = policy
        self.modules = modules
        self.graph = graph
    }
}

/// What a check found out about one edited module.
public struct CheckedModule: Sendable {
    public var name: String
    /// Syntax errors and compile-time warnings.
    public var problems: [Problem]
    /// Real paths of other modules' files that were compiled with it: what is known to be wrong in them is in `problems` too.
    public var alsoChecked: [String] = []
    /// Of the new text.
    public var digest: String
    /// It means the same as what runs and stands on the same lines.
    public var isUnchanged: Bool
    /// The names whose values may differ afterwards; nil: unknown, all.
    public var changed: [String]?
    public var changes: [Change]
    /// Modules that the new text imports and the running one does not.
    public var imports: [String]
    /// What its statements may change in other modules: the host knows which of their names that are.
    public var touches: [String]
    /// Why the module is executed as a whole although the policy is `patch`.
    public var fallback: String?
    /// What the agent needs to apply it; nil if it does not compile.
    public var payload: JSONValue?
    /// None of the dependents known as `CheckRequest.graph` is affected.
    public var isAlone: Bool

    public init(
        name: String, problems: [Problem] = [], digest: String = "", isUnchanged: Bool = false,
        changed: [String]? = nil,
        changes: [Change] = [], imports: [String] = [], touches: [String] = [], fallback: String? = nil,
        payload: JSONValue? = nil,
        isAlone: Bool = false
    ) {
        self.imports = imports
        self.touches = touches
        self.isAlone = isAlone
        self.name = name
        self.problems = problems
        self.digest = digest
        self.isUnchanged = isUnchanged
        self.changed = changed
        self.changes = changes
        self.fallback = fallback
        self.payload = payload
    }
}

/// What comes of a preview.
public enum PreviewAnswer: Sendable {
    /// The running text of these modules is needed first.
    case missing([String])
    /// Something else had to be done first; to be asked again.
    case preempted
    case complete([PreviewedModule])
}

/// What saving a module would do, as far as the texts say.
public struct PreviewedModule: Sendable {
    public var name: String
    /// Syntax errors and compile-time warnings.
    public var problems: [Problem]
    public var isUnchanged: Bool
    /// As in `CheckedModule`.
    public var fallback: String?
    /// Changes that would not be applied.
    public var withheld: [Change]
    /// Statements that would be executed again.
    public var again: [Repetition]

    public init(
        name: String, problems: [Problem] = [], isUnchanged: Bool = false, fallback: String? = nil,
        withheld: [Change] = [], again: [Repetition] = []
    ) {
        self.name = name
        self.problems = problems
        self.isUnchanged = isUnchanged
        self.fallback = fallback
        self.withheld = withheld
        self.again = again
    }
}

/// A statement with an effect on the outside that a save executes again.
public struct Repetition: Sendable, Hashable {
    /// One sentence for a person.
    public var message: String
    public var range: SourceRange

    public init(message: String, range: SourceRange) {
        self.message = message
        self.range = range
    }
}

/// Modules that may be affected, in the order in which they would be executed. A module can be there more than once.
public struct AffectedRequest: Sendable {
    public struct Module: Sendable, Hashable {
        public var module: CheckedText
        /// What it imports from the other modules of the request.
        public var imports: [ModuleEdge]

        public init(module: CheckedText, imports: [ModuleEdge]) {
            self.module = module
            self.imports = imports
        }
    }

    public var runtime: HostRuntime
    public var policy: Policy
    /// By edited module: the names whose values may differ; nil: all.
    public var changed: [String: [String]?]
    /// By module: its names that statements of others may change.
    public var written: [String: [String]]
    /// By edited module: the digests of the text that runs and of the new one.
    public var texts: [String: [String]]
    public var modules: [Module]
    /// What to remember the modules by; nil: they may be others the next time.
    public var graph: String?

    public init(
        runtime: HostRuntime, policy: Policy, changed: [String: [String]?], written: [String: [String]] = [:],
        texts: [String: [String]] = [:], modules: [Module], graph: String? = nil
    ) {
        self.written = written
        self.texts = texts
        self.graph = graph
        self.runtime = runtime
        self.policy = policy
        self.changed = changed
        self.modules = modules
    }
}

/// The answer to an `AffectedRequest`.
public struct Affected: Sendable {
    /// One for each candidate, in their order.
    public var modules: [AffectedModule]
    /// What the payloads of some have in common, for the host; nil: nothing.
    public var plans: JSONValue?

    public init(modules: [AffectedModule], plans: JSONValue? = nil) {
        self.modules = modules
        self.plans = plans
    }
}

/// Whether and why a candidate is affected.
public struct AffectedModule: Sendable {
    public var name: String
    public var isAffected: Bool
    /// The module that affects it, and which of that module's names do.
    public var cause: String
    public var names: [String]
    /// What the agent needs to bring it up to date; nil if it is not affected.
    public var payload: JSONValue?
    /// What its statements may change in other modules, as in `CheckedModule`.
    public var touches: [String]
    /// The whole module is executed, not only statements of it: nothing that the program's `__main__` could bear.
    public var isWhole: Bool
    /// Where the payload is a number in what several have in common, and the host can say in short that all of it was done: the
    /// changes that there are then.
    public var planned: [Change]?

    public init(
        name: String, isAffected: Bool, cause: String = "", names: [String] = [], payload: JSONValue? = nil,
        touches: [String] = [], isWhole: Bool = false, planned: [Change]? = nil
    ) {
        self.touches = touches
        self.isWhole = isWhole
        self.planned = planned
        self.name = name
        self.isAffected = isAffected
        self.cause = cause
        self.names = names
        self.payload = payload
    }
}
