import JSONRPC

/// Parameters of `reload/status`: one phase of one reload. Also what `--json` prints, one a line.
///
/// Enumerations are strings here, as on the wire; the engine's own types are closed.
public struct ReloadStatus: Sendable, JSONEncodable {
    public static let method = "reload/status"

    public struct Trigger: Sendable, JSONEncodable {
        public var kind: String
        public var uris: [DocumentURI]

        public init(kind: String, uris: [DocumentURI]) {
            self.kind = kind
            self.uris = uris
        }

        public var json: JSONValue { .object(["kind": .string(kind), "uris": uris.json]) }
    }

    public var sequence: Int
    public var phase: String
    public var outcome: String
    public var message: String
    public var trigger: Trigger
    public var hosts: [HostStatus]

    public init(
        sequence: Int, phase: String, outcome: String, message: String, trigger: Trigger, hosts: [HostStatus]
    ) {
        self.sequence = sequence
        self.phase = phase
        self.outcome = outcome
        self.message = message
        self.trigger = trigger
        self.hosts = hosts
    }

    public var json: JSONValue {
        .object([
            "version": 1, "sequence": .int(sequence), "phase": .string(phase), "outcome": .string(outcome),
            "message": .string(message), "trigger": trigger.json, "hosts": hosts.json
        ])
    }
}

/// The contract's `HostReport`.
public struct HostStatus: Sendable, JSONEncodable {
    public struct Coverage: Sendable, JSONEncodable {
        public var complete: Bool
        public var objects: Int
        public var skipped: [(what: String, reason: String)]

        public init(complete: Bool, objects: Int, skipped: [(what: String, reason: String)]) {
            self.complete = complete
            self.objects = objects
            self.skipped = skipped
        }

        public var json: JSONValue {
            let skipped = skipped.map { JSONValue.object(["what": .string($0.what), "reason": .string($0.reason)]) }
            return .object(["complete": .bool(complete), "objects": .int(objects), "skipped": .array(skipped)])
        }
    }

    /// Milliseconds.
    public struct Timings: Sendable, JSONEncodable {
        public var check: Double?
        public var plan: Double?
        public var apply: Double?
        public var scan: Double?
        public var pause: Double?

        public init(check: Double?, plan: Double?, apply: Double?, scan: Double?, pause: Double?) {
            self.check = check
            self.plan = plan
            self.apply = apply
            self.scan = scan
            self.pause = pause
        }

        public var json: JSONValue {
            // Microseconds are enough for people, and keep the numbers short.
            func rounded(_ value: Double?) -> JSONValue? { value.map { .number(($0 * 1000).rounded() / 1000) } }
            return .object([
                "check": rounded(check), "plan": rounded(plan), "apply": rounded(apply), "scan": rounded(scan),
                "pause": rounded(pause)
            ])
        }
    }

    public var id: String
    public var pid: Int
    public var name: String
    public var runtime: String
    public var outcome: String
    public var modules: [ModuleStatus]
    public var stale: [StaleReferenceStatus]
    public var staleTotal: Int
    public var coverage: Coverage?
    public var timings: Timings

    public init(
        id: String, pid: Int, name: String, runtime: String, outcome: String, modules: [ModuleStatus],
        stale: [StaleReferenceStatus], staleTotal: Int, coverage: Coverage?, timings: Timings
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

    public var json: JSONValue {
        .object([
            "id": .string(id), "pid": .int(pid), "name": .string(name), "runtime": .string(runtime),
            "outcome": .string(outcome), "modules": modules.json, "stale": stale.json, "staleTotal": .int(staleTotal),
            "coverage": coverage?.json, "timings": timings.json
        ])
    }
}

/// The contract's `ModuleReport`.
public struct ModuleStatus: Sendable, JSONEncodable {
    public enum Reason: Sendable, JSONEncodable {
        case edited
        case dependent(of: String, names: [String])
        case asked

        public var json: JSONValue {
            switch self {
            case .edited: ["kind": "edited"]
            case .dependent(let module, let names):
                ["kind": "dependent", "of": .string(module), "names": .strings(names)]
            case .asked: ["kind": "asked"]
            }
        }
    }

    public struct Change: Sendable, JSONEncodable {
        public var symbol: String
        public var kind: String
        public var change: String
        public var applied: Bool
        public var reason: String?
        public var range: TextRange?

        public init(
            symbol: String, kind: String, change: String, applied: Bool, reason: String?, range: TextRange?
        ) {
            self.symbol = symbol
            self.kind = kind
            self.change = change
            self.applied = applied
            self.reason = reason
            self.range = range
        }

        public var json: JSONValue {
            .object([
                "symbol": .string(symbol), "kind": .string(kind), "change": .string(change), "applied": .bool(applied),
                "reason": reason.map { .string($0) }, "range": range?.json
            ])
        }
    }

    public struct Failure: Sendable, JSONEncodable {
        public struct Frame: Sendable, JSONEncodable {
            public var location: Location
            public var function: String

            public init(location: Location, function: String) {
                self.location = location
                self.function = function
            }

            public var json: JSONValue {
                .object([
                    "uri": location.uri.json, "range": location.range.json, "function": .string(function)
                ])
            }
        }

        public var message: String
        /// Outermost first; nil when it did not come from running code.
        public var traceback: [Frame]?

        public init(message: String, traceback: [Frame]?) {
            self.message = message
            self.traceback = traceback
        }

        public var json: JSONValue { .object(["message": .string(message), "traceback": traceback?.json]) }
    }

    public var name: String
    public var uri: DocumentURI
    public var generation: Int
    public var outcome: String
    public var because: Reason
    public var changes: [Change]
    public var error: Failure?

    public init(
        name: String, uri: DocumentURI, generation: Int, outcome: String, because: Reason, changes: [Change],
        error: Failure?
    ) {
        self.name = name
        self.uri = uri
        self.generation = generation
        self.outcome = outcome
        self.because = because
        self.changes = changes
        self.error = error
    }

    public var json: JSONValue {
        .object([
            "name": .string(name), "uri": uri.json, "generation": .int(generation), "outcome": .string(outcome),
            "because": because.json, "changes": changes.json, "error": error?.json
        ])
    }
}

/// The contract's `StaleReference`.
public struct StaleReferenceStatus: Sendable, JSONEncodable {
    public var symbol: String
    public var kind: String
    public var generation: Int
    public var count: Int
    public var holderPath: String
    public var holderLocation: Location?
    public var confidence: String
    public var remedy: Command?

    public init(
        symbol: String, kind: String, generation: Int, count: Int, holderPath: String, holderLocation: Location?,
        confidence: String, remedy: Command? = nil
    ) {
        self.symbol = symbol
        self.kind = kind
        self.generation = generation
        self.count = count
        self.holderPath = holderPath
        self.holderLocation = holderLocation
        self.confidence = confidence
        self.remedy = remedy
    }

    public var json: JSONValue {
        .object([
            "symbol": .string(symbol), "kind": .string(kind), "generation": .int(generation), "count": .int(count),
            "holder": .object(["path": .string(holderPath), "location": holderLocation?.json]),
            "confidence": .string(confidence),
            "remedy": remedy.map { .object(["title": .string($0.title), "command": $0.json]) }
        ])
    }
}
