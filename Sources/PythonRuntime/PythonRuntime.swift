import JSONRPC
import Platform
import ReloadEngine

/// CPython: checks texts with a long-lived process of the host's own interpreter.
public final class CPython: Runtime {
    let pool = CheckerPool()
    /// For texts that no program has loaded: which interpreter serves which list of candidates.
    private let chosen = Monitor<[[String]: String]>([:])
    private let dependents = Monitor(SentDependents())
    private let readied = Monitor(ReadiedChecks())
    /// Milliseconds that a checker may take to start, and to check one change set.
    private let startLimit: Double
    private let checkLimit: Double

    public init(startLimit: Double = 10_000, checkLimit: Double = 20_000) {
        // A checker may die while it is written to.
        ignoreBrokenPipes()
        self.startLimit = startLimit
        self.checkLimit = checkLimit
    }

    public var name: String { "CPython" }

    public func owns(path: String) -> Bool { isSource(path: path) || path.hasSuffix(".so") }

    public func isSource(path: String) -> Bool { path.hasSuffix(".py") }

    public func warmUp(for host: HostInformation?, settings: ReloadSettings) {
        // On a thread of its own: looking for interpreters and starting one takes a while, and nobody waits for it yet.
        _ = try? WorkerThread { [self] in
            if let host {
                _ = try? pool.checker(host.runtime.executable)
            } else {
                _ = try? interpreter(settings: settings, file: nil)
            }
        }
    }

    public func digest(of text: [UInt8], in runtime: HostRuntime) -> String? {
        SourceDigest.of(text, magic: runtime.magic)
    }

    public func stop() {
        pool.stop()
    }

    // MARK: Checking

    public func check(_ request: CheckRequest) throws(RuntimeFailure) -> Answer<[CheckedModule]> {
        if let checked = readied.withLock({ $0.take(request) }) { return .complete(checked) }
        let answer = try ask(request.runtime, "check", .object(parameters(of: request)))
        if let missing = answer.missing { return .missing(missing) }
        return .complete(try checked(answer, request))
    }

    private func checked(_ answer: JSONValue, _ request: CheckRequest) throws(RuntimeFailure) -> [CheckedModule] {
        let paths = Dictionary(request.modules.map { ($0.module.name, $0.module.path) }, uniquingKeysWith: { $1 })
        var checked = answer["modules"]?.arrayValue?.compactMap { CheckedModule($0, paths: paths) } ?? []
        guard checked.count == request.modules.count else {
            throw RuntimeFailure("The checker's answer is incomplete.")
        }
        if let order = answer["order"]?.arrayValue?.compactMap(\.stringValue) {
            let ranks = Dictionary(order.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
            checked.sort { (ranks[$0.name] ?? .max) < (ranks[$1.name] ?? .max) }
        }
        if answer["alone"]?.boolValue == true {
            for index in checked.indices { checked[index].isAlone = true }
        }
        return checked
    }

    public func preview(_ request: CheckRequest) throws(RuntimeFailure) -> PreviewAnswer {
        let checker = try checker(for: request.runtime)
        let answer: JSONValue
        do {
            var parameters = parameters(of: request)
            if request.graph != nil { parameters["answer"] = true }
            answer = try checker.ask("preview", .object(parameters), until: .after(checkLimit))
        } catch {
            if case .answered(let error) = error, error.code == Checker.preempted { return .preempted }
            throw RuntimeFailure("\(request.runtime.executable) could not check the text: \(error)")
        }
        if let missing = answer.missing { return .missing(missing) }
        if let ready = answer["answer"] {
            let checked = try checked(ready, request)
            readied.withLock { $0.keep(request, checked) }
        }
        return .complete(answer["modules"]?.arrayValue?.compactMap(PreviewedModule.init) ?? [])
    }

    public func affected(_ request: AffectedRequest) throws(RuntimeFailure) -> Answer<Affected> {
        let list = dependents.withLock { $0.list(of: request) }
        var answer: JSONValue = .object(["unknown": true])
        // It is sent the list where it does not know it: the first time, and after its end.
        if list.isSent { answer = try ask(request.runtime, "affected", request.json(list, withModules: false)) }
        if answer["unknown"]?.boolValue == true {
            answer = try ask(request.runtime, "affected", request.json(list, withModules: true))
        }
        if let missing = answer.missing { return .missing(missing) }
        if answer["same"]?.boolValue == true, let affected = list.affected { return .complete(affected) }
        let modules = answer["modules"]?.arrayValue?.compactMap(AffectedModule.init) ?? []
        guard modules.count == request.modules.count else {
            throw RuntimeFailure("The checker's answer is incomplete.")
        }
        let affected = Affected(modules: modules, plans: answer["plans"])
        dependents.withLock { $0.take(affected, number: answer["number"]?.intValue, of: list) }
        return .complete(affected)
    }

    public func check(path: String, text: [UInt8], settings: ReloadSettings) throws(RuntimeFailure) -> [Problem] {
        let executable = try interpreter(settings: settings, file: path)
        let module: JSONValue = .object([
            "name": "", "path": .string(path), "package": false, "main": false, "running": .null,
            "source": .string(base64(text))
        ])
        let answer = try pool.ask(
            executable, "check", .object(["policy": "none", "optimize": 0, "modules": [module]]), limit: checkLimit)
        return answer["modules"]?.arrayValue?.first.flatMap { CheckedModule($0, paths: ["": path]) }?.problems ?? []
    }

    private func parameters(of request: CheckRequest) -> JSONObject {
        let modules = request.modules.map { module in
            var object = module.module.json
            object["source"] = .string(base64(module.source))
            return JSONValue.object(object)
        }
        return JSONObject([
            "policy": .string(request.policy.rawValue), "optimize": .int(request.runtime.optimize),
            "modules": .array(modules), "graph": request.graph.map { .string($0) }
        ])
    }

    public func inspect(_ request: InspectionRequest, for host: HostInformation?, settings: ReloadSettings)
        throws(RuntimeFailure) -> Inspection
    {
        let executable: String
        if let host {
            executable = host.runtime.executable
        } else {
            executable = try interpreter(settings: settings, file: request.path)
        }
        let params = JSONValue.object([
            "source": .string(base64(request.text)), "range": request.range.map(\.json)
        ])
        return Inspection(try pool.ask(executable, "inspect", params, limit: checkLimit))
    }

    private func ask(_ runtime: HostRuntime, _ method: String, _ params: JSONValue) throws(RuntimeFailure) -> JSONValue
    {
        _ = try checker(for: runtime)
        return try pool.ask(runtime.executable, method, params, limit: checkLimit)
    }

    /// The checker of a host's interpreter, which is still the one that the host was started with.
    private func checker(for runtime: HostRuntime) throws(RuntimeFailure) -> Checker {
        let checker = try pool.checker(runtime.executable)
        let identity: Checker.Identity
        do {
            identity = try checker.identity(until: .after(startLimit))
        } catch {
            pool.remove(checker)
            throw RuntimeFailure("The interpreter \(runtime.executable) does not start: \(error).")
        }
        guard runtime.magic.isEmpty || identity.magic == runtime.magic else {
            throw RuntimeFailure(
                "\(runtime.executable) is now Python \(identity.version), but the program runs \(runtime.version): restart it."
            )
        }
        return checker
    }

    /// The first candidate that can check. An interpreter older than 3.11 cannot: a newer one on the PATH takes its place.
    func interpreter(settings: ReloadSettings, file: String?) throws(RuntimeFailure) -> String {
        let candidates = Interpreters.candidates(settings: settings, file: file)
        if let known = chosen.withLock({ $0[candidates] }) { return known }
        for candidate in candidates {
            guard let checker = try? pool.checker(candidate) else { continue }
            if let identity = try? checker.identity(until: .after(startLimit)), identity.isSupported {
                chosen.withLock { $0[candidates] = candidate }
                return candidate
            }
            pool.remove(checker)
        }
        throw RuntimeFailure(
            "No Python 3.11 or later was found to check the text with: name one in the setting `python`.")
    }
}

extension Checker.Identity {
    /// Whether it is 3.11 or later.
    var isSupported: Bool {
        let parts = version.split(separator: ".").compactMap { Int($0) }
        guard parts.count >= 2 else { return false }
        return (parts[0], parts[1]) >= (3, 11)
    }
}
