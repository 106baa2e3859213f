/// What became of a module, a host or a whole reload. Ordered from best to worst.
public enum Outcome: String, Sendable, Comparable, CaseIterable {
    /// The saved text means the same as what runs; nothing was executed.
    case unchanged
    /// Applied; no stale reference was found. In phase `applied` the search is still to come: the message says so, and phase
    /// `scanned` says what it found. A search that could not see everything ends as `stale`, never as `live`.
    case live
    /// Applied; stale references remain, and are listed.
    case stale
    /// It does not compile; no host was touched.
    case blocked
    /// It failed while executing; every module is as it was before.
    case rolledBack
    /// It cannot be applied to a running program; no host was touched.
    case refused
    /// The host is in a mixed state, or the agent stopped answering.
    case failed

    public static func < (left: Outcome, right: Outcome) -> Bool {
        left.rank < right.rank
    }

    private var rank: Int { Outcome.allCases.firstIndex(of: self) ?? 0 }
}

/// A place in a text: 0-based line, 0-based column in UTF-8 bytes.
public struct SourcePosition: Sendable, Hashable {
    public var line: Int
    public var column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

/// A stretch of a text; the end is exclusive.
public struct SourceRange: Sendable, Hashable {
    public var start: SourcePosition
    public var end: SourcePosition

    public init(start: SourcePosition, end: SourcePosition) {
        self.start = start
        self.end = end
    }
}

/// A stretch of a file, by absolute path.
public struct SourceLocation: Sendable, Hashable {
    public var path: String
    public var range: SourceRange

    public init(path: String, range: SourceRange) {
        self.path = path
        self.range = range
    }
}

/// What the engine says about one phase of one reload. Becomes `reload/status` and diagnostics at the edge.
public struct Report: Sendable {
    public enum Phase: String, Sendable {
        /// The new code runs, or why not.
        case applied
        /// The stale references that remain.
        case scanned
        /// What an earlier report listed is gone.
        case resolved
        /// A program came or went.
        case hosts
    }

    /// The reload this speaks of; rises by one with each.
    public var sequence: Int
    public var phase: Phase
    /// The worst over hosts; with no host, `blocked` for a text that does not compile and `unchanged` otherwise.
    public var outcome: Outcome
    /// One sentence for a person.
    public var message: String
    public var trigger: Trigger
    public var hosts: [HostReport]
    /// All that is known to be wrong in the files of `checkedPaths`, from this reload and earlier ones: the engine's form of
    /// diagnostics. A client replaces what it shows for those files and leaves all others alone.
    public var problems: [Problem]
    /// Every file whose problems may have changed: one without an entry in `problems` has none any more.
    public var checkedPaths: [String]

    public init(
        sequence: Int, phase: Phase, outcome: Outcome, message: String, trigger: Trigger, hosts: [HostReport] = [],
        problems: [Problem] = [], checkedPaths: [String] = []
    ) {
        self.sequence = sequence
        self.phase = phase
        self.outcome = outcome
        self.message = message
        self.trigger = trigger
        self.hosts = hosts
        self.problems = problems
        self.checkedPaths = checkedPaths
    }
}

/// What started a reload.
public struct Trigger: Sendable, Hashable {
    public enum Kind: String, Sendable {
        case save, watch, command, attach
    }

    public var kind: Kind
    /// Absolute paths.
    public var paths: [String]

    public init(kind: Kind, paths: [String]) {
        self.kind = kind
        self.paths = paths
    }
}

public struct HostReport: Sendable {
    /// Stable while the process lives.
    public var id: String
    public var pid: Int
    public var name: String
    /// "CPython 3.11.7".
    public var runtime: String
    public var outcome: Outcome
    /// In the order in which they were applied.
    public var modules: [ModuleReport]
    public var stale: [StaleReference]
    /// Counts all, also what was not sampled.
    public var staleTotal: Int
    public var coverage: Coverage?
    public var timings: Timings
    /// What it has loaded and never unloads, as of a reload; nil for a host that has no such thing.
    public var images: HostImages?

    public init(
        id: String, pid: Int, name: String, runtime: String, outcome: Outcome, modules: [ModuleReport] = [],
        stale: [StaleReference] = [], staleTotal: Int = 0, coverage: Coverage? = nil, timings: Timings = Timings()
    ) {
        self.id = id
        self.pid = pid
        self.name = name
        self.runtime = runtime
        self.outcome = outcome
        self.modules = modules
        self.stale = stale
        self.staleTotal = staleTotal
        self.coverage = coverage
        self.timings = timings
    }
}

/// How much of the host was looked at.
public struct Coverage: Sendable {
    public var complete: Bool
    public var objects: Int
    public var skipped: [Skipped]

    public struct Skipped: Sendable {
        public var what: String
        public var reason: String

        public init(what: String, reason: String) {
            self.what = what
            self.reason = reason
        }
    }

    public init(complete: Bool, objects: Int, skipped: [Skipped] = []) {
        self.complete = complete
        self.objects = objects
        self.skipped = skipped
    }
}

/// Milliseconds. `pause` is the longest stop of the program.
public struct Timings: Sendable {
    public var check: Double?
    public var plan: Double?
    public var apply: Double?
    public var scan: Double?
    public var pause: Double?

    public init(
        check: Double? = nil, plan: Double? = nil, apply: Double? = nil, scan: Double? = nil, pause: Double? = nil
    ) {
        self.check = check
        self.plan = plan
        self.apply = apply
        self.scan = scan
        self.pause = pause
    }
}

public struct ModuleReport: Sendable {
    /// Why a module is in a plan.
    public enum Reason: Sendable, Equatable {
        case edited
        case dependent(of: String, names: [String])
        case asked
    }

    public var name: String
    public var path: String?
    public var generation: Int
    public var outcome: Outcome
    public var because: Reason
    public var changes: [Change]
    public var error: ExecutionError?

    public init(
        name: String, path: String?, generation: Int, outcome: Outcome, because: Reason, changes: [Change] = [],
        error: ExecutionError? = nil
    ) {
        self.name = name
        self.path = path
        self.generation = generation
        self.outcome = outcome
        self.because = because
        self.changes = changes
        self.error = error
    }
}

/// One difference between the text that ran and the text that was saved.
public struct Change: Sendable {
    public enum Kind: String, Sendable {
        case function, `class`, method, value, `import`, statement, member
    }

    public enum Manner: String, Sendable {
        case added, modified, removed
    }

    public var symbol: String
    public var kind: Kind
    public var change: Manner
    public var applied: Bool
    /// No edit, but a statement whose names keep values that code computed which has changed: they are among the stale
    /// references, and go from there as soon as they are put right.
    public var isKept = false
    /// Why it was not applied, or why it was applied in another way than asked.
    public var reason: String?
    public var range: SourceRange?
    /// The file is known to be all ASCII: columns are the same however they are counted.
    public var isASCII = false

    public init(
        symbol: String, kind: Kind, change: Manner, applied: Bool, reason: String? = nil, range: SourceRange? = nil
    ) {
        self.symbol = symbol
        self.kind = kind
        self.change = change
        self.applied = applied
        self.reason = reason
        self.range = range
    }
}

/// An exception, or a refusal, with where it came from.
public struct ExecutionError: Sendable {
    public struct Frame: Sendable {
        public var path: String
        public var range: SourceRange
        public var function: String

        public init(path: String, range: SourceRange, function: String) {
            self.path = path
            self.range = range
            self.function = function
        }
    }

    /// "ZeroDivisionError: division by zero".
    public var message: String
    /// Outermost first.
    public var traceback: [Frame]

    public init(message: String, traceback: [Frame] = []) {
        self.message = message
        self.traceback = traceback
    }
}

/// References to one object of an older generation, by one holder.
public struct StaleReference: Sendable {
    public enum Kind: String, Sendable {
        case binding, instance, subclass, closure, method, value, frame, leftover, registration
    }

    public enum Confidence: String, Sendable {
        case exact, possible
    }

    /// "shop.pricing.price".
    public var symbol: String
    public var kind: Kind
    /// The generation that it belongs to.
    public var generation: Int
    /// How many such references this entry stands for.
    public var count: Int
    /// The holder as a person would write it: "shop.cart.price", "frame of worker() in thread-3".
    public var holder: String
    /// Where the reference was made in the source, if known.
    public var location: SourceLocation?
    public var confidence: Confidence
    /// The generation that the symbol's module has now, if it is known.
    public var newest: Int?
    /// What can be done about it in the program.
    public var action: Mending.Action?
    /// Of a leftover: where the source uses the name.
    public var uses: [SourceLocation]

    public init(
        symbol: String, kind: Kind, generation: Int, count: Int, holder: String, location: SourceLocation? = nil,
        confidence: Confidence, newest: Int? = nil, action: Mending.Action? = nil, uses: [SourceLocation] = []
    ) {
        self.newest = newest
        self.action = action
        self.uses = uses
        self.symbol = symbol
        self.kind = kind
        self.generation = generation
        self.count = count
        self.holder = holder
        self.location = location
        self.confidence = confidence
    }
}

/// Something wrong at a place in a source file, free of LSP.
public struct Problem: Sendable, Hashable {
    public enum Severity: String, Sendable {
        case error, warning, information, hint
    }

    public struct Related: Sendable, Hashable {
        public var location: SourceLocation
        public var message: String

        public init(location: SourceLocation, message: String) {
            self.location = location
            self.message = message
        }
    }

    public struct Fix: Sendable, Hashable {
        /// In the compiler's words; nil where it says nothing of what it does.
        public var title: String?
        /// None of which overlap.
        public var changes: [Inspection.Edit.Change]

        public init(title: String?, changes: [Inspection.Edit.Change]) {
            self.title = title
            self.changes = changes
        }
    }

    public var path: String
    public var range: SourceRange
    /// One of the contract's diagnostic codes: "syntax-error", "execution-error", "stale-binding" …
    public var code: String
    public var severity: Severity
    public var message: String
    public var related: [Related]
    /// Of what is stale: what it is about.
    public var cause: StaleCause?
    /// Edits of the file that put it right, as far as its compiler knows; one of them is enough.
    public var fixes: [Fix]

    public init(
        path: String, range: SourceRange, code: String, severity: Severity, message: String, related: [Related] = [],
        cause: StaleCause? = nil, fixes: [Fix] = []
    ) {
        self.fixes = fixes
        self.cause = cause
        self.path = path
        self.range = range
        self.code = code
        self.severity = severity
        self.message = message
        self.related = related
    }
}
