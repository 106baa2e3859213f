import JSONRPC
import Platform

/// One text, to be compared with what some hosts run.
struct PreviewWork: Sendable {
    struct Host: Sendable {
        var link: HostLink
        var information: HostInformation
        var modules: [ModuleInformation]
        var runtime: any Runtime
        /// What the runtime knows its dependents by.
        var graph: String?

        init(_ host: EngineThread.Host, modules: [ModuleInformation], runtime: any Runtime, graph: String?) {
            link = host.link
            self.graph = graph
            information = host.information
            self.modules = modules
            self.runtime = runtime
        }
    }

    var request: PreviewRequest
    /// Of the file, without links.
    var real: String
    var policy: Policy
    var hosts: [Host] = []

    init(request: PreviewRequest, real: String, policy: Policy) {
        self.request = request
        self.real = real
        self.policy = policy
    }
}

/// Makes previews on a thread of its own, so that no save waits for one. Of each file only the newest text counts.
final class Previewer: Sendable {
    private struct State {
        var waiting: [PreviewWork] = []
        /// By path: the version that was asked for last.
        var newest: [String: Int] = [:]
        var isStarted = false
        var isStopped = false
    }

    /// How long to let a save go first: milliseconds.
    private static let patience = 30.0
    private static let mostAttempts = 100
    /// How often a host may let its time pass when it is asked what it runs.
    private static let mostSilence = 5

    private let state = Monitor(State())
    private let limits: EngineLimits
    private let emit: @Sendable (EngineEvent) -> Void

    init(limits: EngineLimits, emit: @escaping @Sendable (EngineEvent) -> Void) {
        self.limits = limits
        self.emit = emit
    }

    func take(_ work: PreviewWork) {
        let mustStart = state.update { state in
            state.waiting.removeAll { $0.request.path == work.request.path }
            state.waiting.append(work)
            state.newest[work.request.path] = work.request.version
            defer { state.isStarted = true }
            return !state.isStarted && !state.isStopped
        }
        if mustStart { _ = try? WorkerThread { self.run() } }
    }

    /// Work for a text is to come; what there is for others of the file is not wanted any more.
    func expect(_ request: PreviewRequest) {
        state.update { state in
            state.waiting.removeAll { $0.request.path == request.path }
            state.newest[request.path] = request.version
        }
    }

    func isNewest(_ request: PreviewRequest) -> Bool {
        state.withLock { $0.newest[request.path] == request.version }
    }

    func stop() {
        state.update { $0.isStopped = true }
    }

    private func run() {
        while let work = next() {
            let found = problems(of: work)
            guard isCurrent(work) else { continue }
            emit(.previewed(Preview(path: work.request.path, version: work.request.version, problems: found)))
        }
    }

    private func next() -> PreviewWork? {
        state.wait { state -> PreviewWork?? in
            if state.isStopped { return .some(nil) }
            return state.waiting.isEmpty ? nil : .some(state.waiting.removeFirst())
        } ?? nil
    }

    /// Nil if no host could be looked at, or a newer text has come meanwhile. Workers of one program have the same modules: they are looked at once.
    private func problems(of work: PreviewWork) -> [Problem]? {
        var done: Set<EngineThread.CheckKey> = []
        var found: [Problem]?
        for host in work.hosts {
            let texts = host.modules.map { module in
                var text = CheckedText(module, running: module.digest.map { .digest($0) })
                if !module.otherPaths.isEmpty { text.path = work.real }
                return text
            }
            guard done.insert(EngineThread.CheckKey(runtime: host.information.runtime, modules: texts)).inserted else {
                continue
            }
            do {
                guard let modules = try previewed(work, in: host, texts) else { return nil }
                var all = found ?? []
                for module in modules {
                    guard let information = host.modules.first(where: { $0.name == module.name }) else { continue }
                    let refusal = Refusal.reason(information, policy: work.policy)
                    for problem in module.problems(in: information, refusal: refusal, path: work.request.path)
                    where !all.contains(problem) {
                        all.append(problem)
                    }
                }
                found = all
            } catch {
                emit(.log(.debug, "\(work.request.path) cannot be looked at before it is saved: \(error.message)"))
            }
        }
        return found
    }

    private func previewed(
        _ work: PreviewWork, in host: PreviewWork.Host, _ texts: [CheckedText]
    ) throws(RuntimeFailure) -> [PreviewedModule]? {
        var request = CheckRequest(
            runtime: host.information.runtime, policy: work.policy,
            modules: texts.map { CheckRequest.Module(module: $0, source: work.request.text) }, graph: host.graph)
        var silences = 0
        for _ in 0..<Self.mostAttempts {
            guard isCurrent(work) else { return nil }
            switch try host.runtime.preview(request) {
            case .complete(let modules): return modules
            case .missing(let names):
                for index in request.modules.indices where names.contains(request.modules[index].module.name) {
                    do {
                        let running = try fetch(request.modules[index].module.name, from: host)
                        request.modules[index].module.running = running
                    } catch {
                        silences += 1
                        guard silences < Self.mostSilence else { throw error }
                    }
                }
            case .preempted:
                // A save goes first; or a newer text, which makes this one superfluous.
                _ = state.wait(until: .after(Self.patience)) { state -> Bool? in
                    state.isStopped || state.newest[work.request.path] != work.request.version ? true : nil
                }
            }
        }
        throw RuntimeFailure("others have used the checker all the time.")
    }

    private func isCurrent(_ work: PreviewWork) -> Bool {
        state.withLock { !$0.isStopped && $0.newest[work.request.path] == work.request.version }
    }

    /// The text that a module runs, where the checker has not seen it yet. Nil if the host has none.
    private func fetch(_ name: String, from host: PreviewWork.Host) throws(RuntimeFailure) -> RunningText? {
        let reply = host.link.ask("running", .object(["module": .string(name)]))
        switch reply.wait(until: .after(limits.prepare)) {
        case .success(let value):
            guard let source = value["source"]?.stringValue else { return nil }
            return .text(source: source, code: value["code"]?.stringValue)
        case .failure(.answered): return nil
        case .failure: throw RuntimeFailure("\(host.information.name) did not say what \(name) runs.")
        }
    }
}

extension PreviewedModule {
    /// What is said in the editor. A text that does not compile would not be saved into any program.
    fileprivate func problems(in module: ModuleInformation, refusal: String?, path: String) -> [Problem] {
        var found = problems.map { problem in
            var problem = problem
            problem.path = path
            return problem
        }
        if isUnchanged || found.contains(where: { $0.severity == .error }) { return found }
        if let reason = refusal ?? fallback.flatMap({ module.isMain ? Refusal.ofScript(because: $0) : nil }) {
            found.append(
                Problem(path: path, range: .fileStart, code: "not-applied", severity: .warning, message: reason))
            return found
        }
        found += withheld.map { change in
            Problem(
                path: path, range: change.range ?? .fileStart, code: "not-applied", severity: .warning,
                message:
                    "\(change.symbol) will not be applied: \(change.reason ?? "the running program keeps what it has")."
            )
        }
        return found + again.map { $0.problem(in: path) }
    }
}

extension Repetition {
    func problem(in path: String) -> Problem {
        Problem(path: path, range: range, code: "runs-again", severity: .hint, message: message)
    }
}

/// Why a module cannot be reloaded, for reasons that do not lie in its text.
enum Refusal {
    static func reason(_ module: ModuleInformation, policy: Policy) -> String? {
        if let refusal = module.refusal { return refusal.message }
        if module.isMain, policy == .exact {
            return
                "it is the script that was started, and `exact` would run it again: restart the program, or use `patch`"
        }
        return nil
    }

    static func ofScript(because fallback: String) -> String {
        "it is the script that was started, and would have to run again (\(fallback))"
    }
}
