import JSONRPC

// The host protocol's shapes as Swift values. What a host sends is judged member by member: a member of the wrong type
// counts as absent, and only an answer that makes no sense without it is refused.

/// A host said something that the protocol does not allow.
struct ProtocolViolation: Error {
    var message: String
}

enum HostProtocol {
    static let version = 1

    enum ErrorCode {
        static let unknownVersion = -32001
        static let expired = -32002
        static let refused = -32003
        static let cancelled = -32800
        static let badParameters = -32602
    }

    static func hello(_ client: ClientInformation, pid: Int) -> JSONValue {
        .object([
            "protocol": .int(version),
            "client": .object(["name": .string(client.name), "version": .string(client.version), "pid": .int(pid)])
        ])
    }

    /// - Parameter sharedName: what the host has of earlier plans; the same is not sent again.
    static func apply(
        sequence: Int, policy: Policy, expires: Double, saved: [String], plan: Plan, sharedName: String?, graph: String?
    ) -> JSONValue {
        let isKnown = sharedName != nil && sharedName == plan.sharedName
        return .object([
            "sequence": .int(sequence), "policy": .string(policy.rawValue), "expires": .number(expires),
            "saved": .strings(saved), "graph": graph.map { .string($0) },
            "plans": isKnown ? .object(["name": sharedName.map { .string($0) }]) : plan.shared,
            "steps": .array(steps(of: plan))
        ])
    }

    /// Steps of which the shared plans say all are said by the first and the last number of such plans.
    private static func steps(of plan: Plan) -> [JSONValue] {
        var steps: [JSONValue] = []
        var numbers: ClosedRange<Int>?
        for step in plan.steps {
            if let planned = step.planned, let range = numbers, planned.number == range.upperBound + 1 {
                numbers = range.lowerBound...planned.number
                continue
            }
            if let range = numbers { steps.append(inShort(range)) }
            numbers = step.planned.map { $0.number...$0.number }
            guard numbers == nil else { continue }
            steps.append(
                .object([
                    "module": .string(step.module.name), "path": step.module.path.map { .string($0) } ?? .null,
                    "digest": step.digest.map { .string($0) }, "payload": step.payload
                ]))
        }
        if let range = numbers { steps.append(inShort(range)) }
        return steps
    }

    private static func inShort(_ numbers: ClosedRange<Int>) -> JSONValue {
        .object(["plans": [.int(numbers.lowerBound), .int(numbers.upperBound)]])
    }
}

extension HostInformation {
    init(hello value: JSONValue) throws(ProtocolViolation) {
        guard let version = value["protocol"]?.intValue else {
            throw ProtocolViolation(message: "`hello` was answered without a protocol version")
        }
        guard version == HostProtocol.version else {
            throw ProtocolViolation(
                message:
                    "it speaks version \(version) of the host protocol, this program version \(HostProtocol.version)")
        }
        guard let id = value["id"]?.stringValue, let pid = value["pid"]?.intValue else {
            throw ProtocolViolation(message: "`hello` was answered without id or pid")
        }
        let runtime = value["runtime"]
        self.init(
            id: id, pid: pid, parent: value["ppid"]?.intValue ?? 0,
            name: value["name"]?.stringValue ?? "pid \(pid)",
            runtime: HostRuntime(
                name: runtime?["name"]?.stringValue ?? "", version: runtime?["version"]?.stringValue ?? "",
                executable: runtime?["executable"]?.stringValue ?? "", magic: runtime?["magic"]?.stringValue ?? "",
                optimize: runtime?["optimize"]?.intValue ?? 0),
            arguments: value["argv"]?.strings ?? [], directory: value["cwd"]?.stringValue ?? "",
            notices: value["notices"]?.arrayValue?.compactMap(HostNotice.init) ?? [],
            isRestartable: value["restartable"]?.boolValue ?? false)
    }
}

extension HostImages {
    init?(_ value: JSONValue?) {
        guard let all = value?["all"], let old = value?["old"], let count = all["count"]?.intValue else { return nil }
        self.init(
            count: count, bytes: all["bytes"]?.intValue ?? 0, oldCount: old["count"]?.intValue ?? 0,
            oldBytes: old["bytes"]?.intValue ?? 0)
    }
}

extension HostNotice {
    init?(_ value: JSONValue) {
        guard let code = value["code"]?.stringValue, let message = value["message"]?.stringValue else { return nil }
        self.init(code: code, message: message)
    }
}

extension ModuleInformation {
    init?(_ value: JSONValue) {
        guard let name = value["name"]?.stringValue else { return nil }
        self.init(
            name: name, path: value["path"]?.stringValue, generation: value["generation"]?.intValue ?? 1,
            isPackage: value["package"]?.boolValue ?? false, isMain: value["main"]?.boolValue ?? false,
            digest: value["digest"]?.stringValue, refusal: value["refused"].flatMap(HostNotice.init),
            loaded: value["loaded"]?.doubleValue)
        otherPaths = value["otherPaths"]?.strings ?? []
    }

    static func list(_ value: JSONValue?) -> [ModuleInformation] {
        value?.arrayValue?.compactMap(ModuleInformation.init) ?? []
    }
}

/// The answer to `prepare`.
struct Prepared: Sendable {
    var modules: [ModuleInformation]
    var dependents: [ModuleInformation]
    var edges: [ModuleEdge]
    /// What the host calls `dependents` and `edges`; nil if they may be others the next time.
    var graph: String?
    /// The files that it was asked about; empty if it was asked about modules too.
    var paths: [String] = []

    /// `last`: the last answer of the same host, for what this one leaves out.
    init(_ value: JSONValue, last: Prepared? = nil) {
        modules = ModuleInformation.list(value["modules"])
        graph = value["graph"]?.stringValue
        if let last, graph != nil, graph == last.graph, value["dependents"] == nil {
            (dependents, edges) = (last.dependents, last.edges)
            return
        }
        dependents = ModuleInformation.list(value["dependents"])
        edges = ModuleEdge.list(value["edges"])
    }
}

/// The answer to `touched`.
struct Touched: Sendable {
    /// By module: its names that may be changed.
    var written: [String: [String]] = [:]
    var dependents: [ModuleInformation] = []
    var edges: [ModuleEdge] = []

    init(_ value: JSONValue) {
        for (name, names) in value["written"]?.objectValue?.members ?? [] { written[name] = names.strings ?? [] }
        dependents = ModuleInformation.list(value["dependents"])
        edges = ModuleEdge.list(value["edges"])
    }
}

extension ModuleEdge {
    static func list(_ value: JSONValue?) -> [ModuleEdge] {
        value?.arrayValue?.compactMap { edge in
            guard let from = edge["from"]?.stringValue, let to = edge["to"]?.stringValue else { return nil }
            return ModuleEdge(
                from: from, to: to, names: edge["names"]?.strings, isLazy: edge["lazy"]?.boolValue ?? false)
        } ?? []
    }
}

/// The answer to `apply`.
struct Applied: Sendable {
    struct Module: Sendable {
        var name: String
        var generation: Int
        var executed: Bool
        var changed: Bool
        var changes: [Change]
        /// Statements that ran again without being edited, and reach outside.
        var again: [Repetition]
    }

    struct Failure: Sendable {
        var module: String
        var error: ExecutionError
        /// Every module is as it was before.
        var isUndone: Bool
        /// What could not be undone, one phrase each.
        var remains: [String]
    }

    var modules: [Module] = []
    /// Of a failure: the generations that the modules of the plan have.
    var generations: [String: Int] = [:]
    var failure: Failure?
    /// Where statements ran, if that is worth a word.
    var note: String?
    /// What the host has loaded and never unloads.
    var images: HostImages?
    /// Milliseconds.
    var apply: Double?
    var pause: Double?

    /// - Parameter plan: what the host was asked to do.
    init(_ value: JSONValue, of plan: Plan = Plan()) {
        images = HostImages(value["images"])
        for module in value["modules"]?.arrayValue ?? [] {
            if let name = module["module"]?.stringValue {
                modules.append(
                    Module(
                        name: name, generation: module["generation"]?.intValue ?? 0,
                        executed: module["executed"]?.boolValue ?? true, changed: module["changed"]?.boolValue ?? true,
                        changes: Change.list(module["changes"]), again: Repetition.list(module["again"])))
            } else if let numbers = module["plans"]?.arrayValue?.compactMap(\.intValue), numbers.count == 2 {
                for step in plan.steps {
                    guard let planned = step.planned, numbers[0] <= planned.number, planned.number <= numbers[1] else {
                        continue
                    }
                    modules.append(
                        Module(
                            name: step.module.name, generation: module["generation"]?.intValue ?? 0, executed: true,
                            changed: true, changes: planned.changes, again: []))
                }
            }
        }
        for (name, generation) in value["generations"]?.objectValue?.members ?? [] {
            generations[name] = generation.intValue
        }
        if let failure = value["failure"], !failure.isNull {
            self.failure = Failure(
                module: failure["module"]?.stringValue ?? "",
                error: ExecutionError(failure["error"] ?? .null),
                isUndone: failure["undone"]?.boolValue ?? false, remains: failure["remains"]?.strings ?? [])
        }
        note = value["note"]?.stringValue
        apply = value["timings"]?["apply"]?.doubleValue
        pause = value["timings"]?["pause"]?.doubleValue
    }
}

extension ExecutionError {
    /// `error` of the host protocol.
    init(_ value: JSONValue) {
        let type = value["type"]?.stringValue ?? "Error"
        let message = value["message"]?.stringValue ?? ""
        self.init(
            message: message.isEmpty ? type : "\(type): \(message)",
            traceback: value["traceback"]?.arrayValue?.compactMap(Frame.init) ?? [])
    }
}

extension ExecutionError.Frame {
    init?(_ value: JSONValue) {
        guard let path = value["path"]?.stringValue, let range = SourceRange(value["range"]) else { return nil }
        self.init(path: path, range: range, function: value["function"]?.stringValue ?? "")
    }
}

extension Change {
    public static func list(_ value: JSONValue?) -> [Change] {
        value?.arrayValue?.compactMap(Change.init) ?? []
    }

    public init?(_ value: JSONValue) {
        guard let symbol = value["symbol"]?.stringValue else { return nil }
        self.init(
            symbol: symbol, kind: value["kind"]?.stringValue.flatMap(Kind.init) ?? .statement,
            change: value["change"]?.stringValue.flatMap(Manner.init) ?? .modified,
            applied: value["applied"]?.boolValue ?? true, reason: value["reason"]?.stringValue,
            range: SourceRange(value["range"]))
        isKept = value["kept"]?.boolValue ?? false
        isASCII = value["ascii"]?.boolValue ?? false
    }
}

extension Repetition {
    public static func list(_ value: JSONValue?) -> [Repetition] {
        value?.arrayValue?.compactMap { entry in
            guard let message = entry["message"]?.stringValue, let range = SourceRange(entry["range"]) else {
                return nil
            }
            return Repetition(message: message, range: range)
        } ?? []
    }
}

extension SourceRange {
    /// A range as hosts and checkers send it: nil if it is absent or makes no sense.
    public init?(_ value: JSONValue?) {
        guard let start = SourcePosition(value?["start"]), let end = SourcePosition(value?["end"]) else { return nil }
        self.init(start: start, end: max(start, end))
    }
}

extension SourceLocation {
    init?(_ value: JSONValue) {
        guard let path = value["path"]?.stringValue, let range = SourceRange(value["range"]) else { return nil }
        self.init(path: path, range: range)
    }
}

extension SourcePosition: Comparable {
    public static func < (left: SourcePosition, right: SourcePosition) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }

    private static let limit = 1 << 30

    init?(_ value: JSONValue?) {
        // Others count on from here: what no text can have must not become an overflow.
        guard let line = value?["line"]?.intValue, let column = value?["column"]?.intValue,
            (0...SourcePosition.limit).contains(line), (0...SourcePosition.limit).contains(column)
        else { return nil }
        self.init(line: line, column: column)
    }
}

extension StaleSurvey {
    /// The answer to `scan`.
    init(_ value: JSONValue) {
        let references = value["stale"]?.arrayValue?.compactMap(StaleReference.init) ?? []
        let listed = references.reduce(0) { $0.addingReportingOverflow($1.count).partialValue }
        self.init(
            references: references, total: max(value["total"]?.intValue ?? listed, references.isEmpty ? 0 : 1),
            coverage: Coverage(
                complete: value["coverage"]?["complete"]?.boolValue ?? false,
                objects: value["coverage"]?["objects"]?.intValue ?? 0,
                skipped: value["coverage"]?["skipped"]?.arrayValue?.map { skipped in
                    Coverage.Skipped(
                        what: skipped["what"]?.stringValue ?? "", reason: skipped["reason"]?.stringValue ?? "")
                } ?? []),
            timings: Timings(
                scan: value["timings"]?["scan"]?.doubleValue, pause: value["timings"]?["pause"]?.doubleValue))
    }
}

extension StaleReference {
    init?(_ value: JSONValue) {
        guard let symbol = value["symbol"]?.stringValue else { return nil }
        let location = value["location"].flatMap(SourceLocation.init)
        self.init(
            symbol: symbol, kind: value["kind"]?.stringValue.flatMap(Kind.init) ?? .value,
            generation: value["generation"]?.intValue ?? 0, count: value["count"]?.intValue ?? 1,
            holder: value["path"]?.stringValue ?? "", location: location,
            confidence: value["confidence"]?.stringValue.flatMap(Confidence.init) ?? .possible,
            newest: value["newest"]?.intValue,
            action: value["remedy"]?.stringValue.flatMap(Mending.Action.init),
            uses: value["uses"]?.arrayValue?.compactMap(SourceLocation.init) ?? [])
    }
}

extension JSONValue {
    /// The strings of an array; nil if it is none.
    var strings: [String]? { arrayValue?.compactMap(\.stringValue) }
}
