import JSONRPC
import Platform

/// A file of a change set, read once for all hosts.
struct ChangedFile {
    /// As it was named by whoever asked.
    var shown: String
    var real: String
    var content: SourceFile

    var byteCount: Int {
        if case .text(let bytes) = content { bytes.count } else { 0 }
    }

    /// Tells one text from another within this process.
    var textHash: Int {
        var hasher = Hasher()
        switch content {
        case .text(let bytes): bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        case .missing: hasher.combine(1)
        case .unreadable(let reason): hasher.combine(reason)
        }
        return hasher.finalize()
    }
}

/// One host's part in a reload.
struct HostRun {
    /// How it ended.
    enum Ending {
        case unchanged
        case blocked
        case refused(String)
        case failed(String)
        case rolledBack(Applied, Applied.Failure)
        case applied(Applied)
        /// Another text runs than the plan was made for, or the request came too late: nothing was touched.
        case outdated(String)
    }

    var host: EngineThread.Host
    var prepared: Prepared
    /// The host was not asked what it has loaded: `prepared` is what it said the last time, and it compares that before it applies.
    var isRemembered = false
    /// The modules that the change set stands for, those that the user wants reloaded.
    var edited: [ModuleInformation]
    var checked: [String: CheckedModule] = [:]
    /// The checked modules in the order in which they are to be applied.
    var order: [String] = []
    /// Those that are executed although they mean the same as what runs.
    var forced: Set<String> = []
    /// By module: why it cannot be reloaded.
    var refusals: [String: String] = [:]
    var plan = Plan()
    var timings = Timings()
    var images: HostImages?
    var ending: Ending?

    var information: HostInformation { host.information }

    var hasErrors: Bool { checked.values.contains { $0.problems.contains { $0.severity == .error } } }
}

/// A reload from its first step to its report.
struct ReloadRun {
    var request: ReloadRequest
    var files: [ChangedFile]
    var hosts: [HostRun] = []
    /// Files that no host has loaded, with what compiling them said.
    var unloaded: [String: [Problem]] = [:]
    /// Why files that no host has loaded could not be checked.
    var notes: [String] = []
    /// Modules that the user does not want reloaded now, by the path of their file.
    var leftOut: [String: Set<String>] = [:]

    /// Mode `off`: texts are checked and nothing is touched.
    var isCheckOnly = false

    /// A person named these modules: the mode and what is excluded do not count.
    var isAsked: Bool { request.force || request.trigger.kind == .command }

    /// The first of the files that belongs to the module.
    func file(of module: ModuleInformation) -> ChangedFile? {
        files.first { $0.real == module.path || module.otherPaths.contains($0.real) }
    }

    var hasErrors: Bool {
        hosts.contains(where: \.hasErrors) || unloaded.values.joined().contains { $0.severity == .error }
    }
}

extension EngineThread {
    /// How often a plan is made for a host that answers and does not take it: it is busy, not broken.
    private static let attempts = 5

    func reload(_ request: ReloadRequest) {
        var files = read(request.trigger.paths, request.trigger.kind)
        let isWatched = request.trigger.kind == .watch && !request.force
        if isWatched, files.allSatisfy({ lastTexts[$0.real] == $0.textHash }) { return }
        let companions = read(postponed.companions(of: files.map(\.real)), request.trigger.kind)
        files += companions.filter { companion in !files.contains { $0.real == companion.real } }
        let trigger = request.trigger
        if files.isEmpty, request.modules.isEmpty, trigger.kind == .save, areMostlyForeign(trigger.paths) { return }
        for file in files { lastTexts[file.real] = file.textHash }
        for index in hosts.indices { hosts[index].savedBeforeListing.formUnion(files.map(\.real)) }

        // A watcher can be faster than the editor whose save it has seen: what has been reported then is not said to be unchanged.
        let isRepeated =
            trigger.kind == .save && !request.force && request.modules.isEmpty && !files.isEmpty
            && files.allSatisfy { sightedTexts[$0.real] == $0.textHash }
        for file in files { sightedTexts[file.real] = nil }
        let isQuiet = isWatched || isRepeated

        let next = sequence + 1
        // A change on disk is announced once it is known to concern somebody: editors save, and then their watcher tells.
        if !isQuiet { emit(.started(sequence: next, trigger: request.trigger)) }
        var run = ReloadRun(request: request, files: files)
        run.isCheckOnly = settings.mode == .off && !run.isAsked
        run.hosts = perform(&run, in: hosts, attempt: 1)
        if isQuiet { learn(from: run) }
        if isWatched, !run.concernsSomebody, !files.contains(where: { problems.hasProblems(in: $0.shown) }) { return }
        if isRepeated, !run.concernsSomebody, run.unloaded.isEmpty { return }
        if isQuiet { emit(.started(sequence: next, trigger: request.trigger)) }
        if isWatched { for file in files { sightedTexts[file.real] = file.textHash } }
        sequence = next
        report(run)
        learn(from: run)
        if let path = postponed.record(run) {
            inbox.update { $0.merge(ReloadRequest(trigger: Trigger(kind: .save, paths: [path]))) }
        }
    }

    /// Reads the files that can be modules.
    private func read(_ named: [String], _ kind: Trigger.Kind) -> [ChangedFile] {
        var files: [ChangedFile] = []
        let patience = Deadline.after(500)
        for path in named where configuration.runtimes.contains(where: { $0.owns(path: path) }) {
            let real = paths.real(path)
            guard !files.contains(where: { $0.real == real }) else { continue }
            files.append(
                ChangedFile(shown: path, real: real, content: SourceFile(savedAt: real, kind: kind, until: patience)))
        }
        return files
    }

    private func areMostlyForeign(_ paths: [String]) -> Bool {
        paths.allSatisfy { path in configuration.runtimes.contains { $0.isMostlyForeign(path: path) } }
    }

    /// Everything from `prepare` to `apply`, in some hosts.
    private func perform(_ run: inout ReloadRun, in hosts: [Host], attempt: Int) -> [HostRun] {
        var asked = hosts.map { attempt == 1 && remembers($0, run) ? .remembered : askWhatIsLoaded(run, in: $0) }
        let ahead = attempt == 1 ? checkAhead(run, in: hosts) : [:]
        for (index, host) in hosts.enumerated() where !isSettled(host, run, by: ahead) {
            if case .remembered = asked[index] { asked[index] = askWhatIsLoaded(run, in: host) }
        }
        run.hosts = prepare(&run, Array(zip(hosts, asked)))
        readAskedModules(&run)
        check(&run, ahead)
        if attempt == 1 { checkUnloaded(&run) }
        if run.hasErrors {
            for index in run.hosts.indices where run.hosts[index].ending == nil { run.hosts[index].ending = .blocked }
            return run.hosts
        }
        plan(&run)
        apply(&run)
        let outdated = run.hosts.filter { if case .outdated = $0.ending { true } else { false } }
        guard !outdated.isEmpty else { return run.hosts }
        var others = run.hosts.filter { host in !outdated.contains { $0.host.link === host.host.link } }
        if attempt < Self.attempts {
            // Another server was faster, or the program had no time for a moment: made anew for what runs now.
            return others + perform(&run, in: outdated.map(\.host), attempt: attempt + 1)
        }
        for var host in outdated {
            if case .outdated(let message) = host.ending { host.ending = .failed(message) }
            others.append(host)
        }
        return others
    }

    // MARK: Preparing

    /// How it comes to be known what a host has loaded.
    private enum Asked {
        case reply(HostReply)
        /// It lets deadlines pass, and is not asked.
        case silent
        /// What it said the last time is enough.
        case remembered
        /// There is nothing to ask about.
        case nothing
    }

    private func askWhatIsLoaded(_ run: ReloadRun, in host: Host) -> Asked {
        guard !run.files.isEmpty || !run.request.modules.isEmpty else { return .nothing }
        guard !host.isSilent else { return .silent }
        let parameters = JSONValue.object([
            "paths": .strings(run.files.map(\.real)), "modules": .strings(run.request.modules),
            "graph": host.prepared?.graph.map { .string($0) }
        ])
        return .reply(host.link.ask("prepare", parameters))
    }

    /// Whether what a host said about the same file the last time may do: it can tell whether that still holds.
    private func remembers(_ host: Host, _ run: ReloadRun) -> Bool {
        guard let prepared = host.prepared, prepared.graph != nil, !host.isSilent, !run.isCheckOnly else {
            return false
        }
        return run.files.map(\.real) == prepared.paths && run.request.modules.isEmpty && !run.request.force
    }

    private func prepare(_ run: inout ReloadRun, _ asked: [(Host, Asked)]) -> [HostRun] {
        let deadline = Deadline.after(configuration.limits.prepare)
        return asked.compactMap { host, asked in
            var result = HostRun(host: host, prepared: Prepared(.null), edited: [])
            let reply: HostReply
            switch asked {
            case .nothing: return nil
            case .reply(let asked): reply = asked
            case .remembered:
                guard let prepared = host.prepared else { return nil }
                result.prepared = prepared
                result.isRemembered = true
                result.edited = wanted(prepared.modules, &run)
                return result
            case .silent:
                giveUp(host, saved: run.files.map(\.shown))
                result.ending = .failed(silentMessage(host.information))
                return result
            }
            switch wait(for: reply, of: host, until: deadline) {
            case .success(let value):
                result.prepared = Prepared(value, last: host.prepared)
                if run.request.modules.isEmpty { result.prepared.paths = run.files.map(\.real) }
                if let index = self.hosts.firstIndex(where: { $0.link === host.link }) {
                    self.hosts[index].prepared = result.prepared
                }
                result.edited = wanted(result.prepared.modules, &run)
                return result.edited.isEmpty ? nil : result
            case .failure(.timedOut):
                result.ending = silence(of: host, run)
                return result
            case .failure(.answered(let error)):
                log(.fault, "\(host.information.name) cannot say what it has loaded: \(error)")
                result.ending = .failed("\(host.information.name) cannot say what it has loaded: \(error.message)")
                return result
            case .failure(.closed), .failure(.cancelled):
                return nil
            }
        }
    }

    private func wanted(_ modules: [ModuleInformation], _ run: inout ReloadRun) -> [ModuleInformation] {
        if run.isAsked { return modules }
        let scope = Scope(settings)
        let wanted = modules.filter { scope.includes(module: $0.name, path: $0.path) }
        for module in modules where !wanted.contains(where: { $0.name == module.name }) {
            for path in module.paths { run.leftOut[path, default: []].insert(module.name) }
        }
        return run.isCheckOnly ? modules : wanted
    }

    /// Modules that were asked for by name come from files that nobody has named yet.
    private func readAskedModules(_ run: inout ReloadRun) {
        for module in run.hosts.flatMap(\.edited) {
            guard let path = module.path, run.file(of: module) == nil else { continue }
            run.files.append(
                ChangedFile(shown: paths.shown(path), real: path, content: SourceFile(path: path)))
        }
    }

    /// Waits for an answer; gives up early on a program that has been stopped, or when the engine is to end.
    func wait(for reply: HostReply, of host: Host, until deadline: Deadline) -> Result<JSONValue, RequestFailure> {
        let pid = host.information.pid
        var patience = Patience(until: deadline, atMost: configuration.limits.starved)
        while true {
            let look = Deadline.after(configuration.limits.look)
            if let result = reply.peek(until: min(look, patience.deadline)) { return result }
            if isStopped(processID: pid) || inbox.withLock({ $0.isStopped }) { return reply.wait(until: .after(0)) }
            guard patience.goesOn(delay: processorDelay(processID: pid)) else { return reply.wait(until: .after(0)) }
        }
    }

    /// For a program that has not answered: it is asked again as soon as it does.
    func silence(of host: Host, _ run: ReloadRun) -> HostRun.Ending {
        giveUp(host, saved: run.files.map(\.shown))
        let message = silentMessage(host.information)
        emit(.notice(host: host.information, code: "does-not-answer", message: message))
        return .failed(message)
    }

    private func silentMessage(_ host: HostInformation) -> String {
        if isStopped(processID: host.pid) {
            return
                "\(host.name) (pid \(host.pid)) is stopped: let it go on (kill -CONT \(host.pid)) and the save is brought in."
        }
        return "\(host.name) (pid \(host.pid)) does not answer: if it does not recover, restart it."
    }

    // MARK: Applying

    private func apply(_ run: inout ReloadRun) {
        let saved = run.files.map(\.real)
        // The agent begins once it has the whole request; a text of 10 MB takes seconds to get there.
        let transfer = Double(run.files.reduce(0) { $0 + $1.byteCount }) / configuration.limits.transferRate
        let asked = run.hosts.indices.compactMap { index -> (Int, HostReply, Double)? in
            let host = run.hosts[index]
            guard host.ending == nil else { return nil }
            let started = monotonicMilliseconds()
            let request = HostProtocol.apply(
                sequence: sequence + 1, policy: settings.policy,
                expires: started + configuration.limits.prepare + transfer,
                saved: saved, plan: host.plan,
                sharedName: hosts.first { $0.link === host.host.link }?.sharedName,
                graph: host.isRemembered ? host.prepared.graph : nil)
            return (index, host.host.link.ask("apply", request), started)
        }
        let deadline = Deadline.after(configuration.limits.apply)
        for (index, reply, started) in asked {
            let host = run.hosts[index]
            if host.isRemembered, !answers(host.host, or: reply) {
                run.hosts[index].ending = silence(of: host.host, run)
                continue
            }
            let result = wait(for: reply, of: host.host, until: deadline).map { Applied($0, of: host.plan) }
            run.hosts[index].timings.apply = monotonicMilliseconds() - started
            run.hosts[index].ending = ending(of: result, in: host, saved: run.files.map(\.shown))
            if case .failure = result { knowSharedName(nil, of: host.host) }
            if case .success(let applied) = result {
                if let name = host.plan.sharedName { knowSharedName(name, of: host.host) }
                run.hosts[index].timings.apply = applied.apply ?? run.hosts[index].timings.apply
                run.hosts[index].timings.pause = applied.pause
                if let images = applied.images {
                    run.hosts[index].images = images
                    log(.information, "\(host.information.name) (pid \(host.information.pid)) has \(images)")
                }
            }
        }
    }

    /// What a host has of the plans that steps have in common; nil: after an error it is sent all of it again.
    private func knowSharedName(_ name: String?, of host: Host) {
        guard let index = hosts.firstIndex(where: { $0.link === host.link }) else { return }
        hosts[index].sharedName = name
    }

    /// Whether a host that was not asked what it has loaded speaks at all; it may still be busy with what it was asked to do.
    private func answers(_ host: Host, or reply: HostReply) -> Bool {
        guard reply.peek(until: .after(configuration.limits.look)) == nil else { return true }
        let probe = host.link.ask("values", .object(["path": "", "names": .array([])]))
        if case .failure(.timedOut) = wait(for: probe, of: host, until: .after(configuration.limits.prepare)) {
            return reply.peek(until: .after(0)) != nil
        }
        return true
    }

    private func ending(
        of result: Result<Applied, RequestFailure>, in run: HostRun, saved: [String]
    ) -> HostRun.Ending {
        let name = "\(run.information.name) (pid \(run.information.pid))"
        switch result {
        case .success(let applied):
            guard let failure = applied.failure else { return .applied(applied) }
            if failure.isUndone { return .rolledBack(applied, failure) }
            return .failed(
                "\(failure.error.message), and not everything could be put back: restart \(run.information.name).")
        case .failure(.answered(let error)):
            switch error.code {
            case HostProtocol.ErrorCode.badParameters:
                return .outdated("\(name) runs another text than expected, save again: \(error.message)")
            case HostProtocol.ErrorCode.expired:
                return .outdated("\(name) took too long to begin; nothing was touched, save again.")
            case HostProtocol.ErrorCode.refused: return .refused(error.message)
            default:
                log(.fault, "\(name) failed to apply: \(error.message) \(error.data?.stringValue ?? "")")
                return .failed("The agent in \(name) failed, restart it: \(error.message)")
            }
        case .failure(.timedOut):
            giveUp(run.host, saved: saved)
            let message =
                isStopped(processID: run.information.pid)
                ? silentMessage(run.information)
                : "\(name) has not finished after \(Int(configuration.limits.apply / 1000)) s: if it does not recover, restart it."
            emit(.notice(host: run.information, code: "does-not-answer", message: message))
            return .failed(message)
        case .failure(.closed), .failure(.cancelled):
            return .failed("\(name) ended while the save was brought in.")
        }
    }
}

extension ReloadRun {
    /// Whether a host has something of it that is not what runs there already.
    var concernsSomebody: Bool {
        hosts.contains { host in
            switch host.ending {
            case .unchanged, nil: false
            case .failed: !host.edited.isEmpty
            default: true
            }
        }
    }
}

extension SourceFile {
    /// The saved text. Some editors save by moving the old file away or emptying it first: a file that is missing gets a second look,
    /// and one that was seen empty on disk more of them, for the editor can be without a processor for a while.
    init(savedAt path: String, kind: Trigger.Kind, until patience: Deadline) {
        self.init(path: path)
        guard self == .missing || (self == .text([]) && kind == .watch) else { return }
        repeat {
            _ = Monitor(()).wait(until: .after(20)) { _ -> Bool? in nil }
            self.init(path: path)
        } while self == .text([]) && kind == .watch && !patience.hasPassed
    }
}
