import JSONRPC
import Platform

// Everything that happens before a host is touched: compiling, comparing, planning.

extension EngineThread {
    /// Compiles what was saved, for each host with its own interpreter, and finds out what cannot be reloaded.
    ///
    /// `ahead`: what has been checked already.
    func check(_ run: inout ReloadRun, _ ahead: [CheckKey: Check]) {
        var known = ahead
        for index in run.hosts.indices where run.hosts[index].ending == nil {
            let started = monotonicMilliseconds()
            refuse(&run.hosts[index], run)
            do {
                try compile(&run.hosts[index], run, &known)
            } catch {
                run.hosts[index].ending = ending(because: error, "The text cannot be checked", run, at: index)
            }
            run.hosts[index].timings.check = run.hosts[index].timings.check ?? monotonicMilliseconds() - started
        }
    }

    private func ending(
        because failure: RuntimeFailure, _ what: String, _ run: ReloadRun, at index: Int
    ) -> HostRun.Ending {
        failure.isSilence
            ? silence(of: run.hosts[index].host, run) : .refused("\(what): \(failure.message)")
    }

    /// Workers of one program have the same modules: they are checked once.
    struct CheckKey: Hashable {
        var runtime: HostRuntime
        var modules: [CheckedText]
    }

    /// What the checker said.
    struct Check {
        var modules: [CheckedModule]
        /// What the dependents of the host that it was made for are called.
        var graph: String?
        /// Milliseconds.
        var took: Double

        /// The same for a host with other dependents: that none of them is affected is not known there.
        func modules(for graph: String?) -> [CheckedModule] {
            guard graph == nil || graph != self.graph else { return modules }
            return modules.map { module in
                var module = module
                module.isAlone = false
                return module
            }
        }
    }

    /// Checks a saved file against what the hosts ran when they were last heard of, while they say what they run now: where
    /// that is the same, nobody waits for one after the other. Nothing is kept of it where it is not.
    func checkAhead(_ run: ReloadRun, in hosts: [Host]) -> [CheckKey: Check] {
        guard run.files.count == 1, let file = run.files.first, case .text(let source) = file.content,
            !run.request.force
        else { return [:] }
        var checked: [CheckKey: Check] = [:]
        let scope = Scope(settings)
        for host in hosts where !host.isSilent {
            let wanted = (host.known[file.real] ?? []).filter {
                $0.refusal == nil && (run.isAsked || scope.includes(module: $0.name, path: $0.path))
            }
            let modules = wanted.map { CheckRequest.Module($0, source: source) }
            guard let runtime = runtime(of: host.information), !modules.isEmpty,
                !modules.allSatisfy({ runs($0, in: host.information, runtime) })
            else { continue }
            let graph = graph(of: host.prepared)
            let key = CheckKey(runtime: host.information.runtime, modules: modules.map(\.module))
            guard checked[key] == nil else { continue }
            let started = monotonicMilliseconds()
            let request = CheckRequest(runtime: key.runtime, policy: settings.policy, modules: modules, graph: graph)
            guard case .complete(let answer)? = try? runtime.check(request) else { continue }
            checked[key] = Check(modules: answer, graph: graph, took: monotonicMilliseconds() - started)
        }
        return checked
    }

    /// Whether a check says all that there is to know about a save, if the host has what it had the last time: nothing is
    /// executed, no dependent is affected.
    func isSettled(_ host: Host, _ run: ReloadRun, by ahead: [CheckKey: Check]) -> Bool {
        guard let prepared = host.prepared, let file = run.files.first, case .text(let source) = file.content,
            prepared.modules.allSatisfy({ $0.refusal == nil })
        else { return false }
        let modules = prepared.modules.map { CheckRequest.Module($0, source: source).module }
        let check = ahead[CheckKey(runtime: host.information.runtime, modules: modules)]
        let checked = check?.modules(for: graph(of: prepared)) ?? []
        return !checked.isEmpty && checked.allSatisfy { $0.isAlone && !$0.isUnchanged && $0.payload != nil }
    }

    private func compile(
        _ host: inout HostRun, _ run: ReloadRun, _ known: inout [CheckKey: Check]
    ) throws(RuntimeFailure) {
        guard let runtime = runtime(of: host.information) else {
            throw RuntimeFailure("\(host.information.runtime.name) is unknown here.")
        }
        var modules: [CheckRequest.Module] = []
        for module in host.edited where module.refusal == nil {
            guard let file = run.file(of: module), case .text(let source) = file.content else { continue }
            modules.append(CheckRequest.Module(module, source: source))
        }
        guard !modules.isEmpty else { return }
        if !run.request.force, modules.allSatisfy({ runs($0, in: host.information, runtime) }) {
            host.take(modules.map { CheckedModule(name: $0.module.name, isUnchanged: true) }, run)
            return
        }
        let graph = graph(of: host.prepared)
        let key = CheckKey(runtime: host.information.runtime, modules: modules.map(\.module))
        if !run.request.force, let check = known[key] {
            host.take(check.modules(for: graph), run)
            host.timings.check = check.took
            return
        }
        let started = monotonicMilliseconds()
        let policy = settings.policy
        let information = host.information
        let texts = RunningTexts(engine: self, host: host.host)
        func ask(_ modules: [CheckRequest.Module]) throws(RuntimeFailure) -> Answer<[CheckedModule]> {
            try runtime.check(
                CheckRequest(runtime: information.runtime, policy: policy, modules: modules, graph: graph))
        }
        var checked = try texts.complete(&modules, \.module, ask)
        if run.request.force, checked.contains(where: \.isUnchanged) {
            let unchanged = Set(checked.filter(\.isUnchanged).map(\.name))
            for index in modules.indices where unchanged.contains(modules[index].module.name) {
                modules[index].module.running = nil
            }
            checked = try texts.complete(&modules, \.module, ask)
            host.forced = unchanged
        }
        known[key] = Check(modules: checked, graph: graph, took: monotonicMilliseconds() - started)
        host.take(checked, run)
    }

    /// Whether the saved text is what runs, byte by byte.
    private func runs(_ module: CheckRequest.Module, in host: HostInformation, _ runtime: any Runtime) -> Bool {
        guard case .digest(let digest) = module.module.running else { return false }
        return runtime.digest(of: module.source, in: host.runtime) == digest
    }

    /// Finds out which modules cannot be reloaded for reasons that do not lie in their text.
    private func refuse(_ host: inout HostRun, _ run: ReloadRun) {
        for module in host.edited {
            let reason: String?
            if let refusal = Refusal.reason(module, policy: settings.policy) {
                reason = refusal
            } else if let file = run.file(of: module) {
                switch file.content {
                case .text: reason = nil
                case .missing: reason = "its file is gone; the program goes on with what it has loaded"
                case .unreadable(let why): reason = "its file cannot be read: \(why)"
                }
            } else {
                reason = "it has no source file"
            }
            if let reason { host.refusals[module.name] = reason }
        }
    }

    /// Compiles files that no program has loaded, so that their errors show all the same.
    func checkUnloaded(_ run: inout ReloadRun) {
        let loaded = Set(run.hosts.flatMap(\.edited).flatMap(\.paths))
        for file in run.files where !loaded.contains(file.real) {
            // Whole folders change at once on disk, as git switches branches: only what is known to be wrong is looked at.
            guard run.request.trigger.kind != .watch || problems.hasProblems(in: file.shown) else { continue }
            guard let runtime = configuration.runtimes.first(where: { $0.isSource(path: file.real) }) else { continue }
            switch file.content {
            case .text(let text):
                do {
                    run.unloaded[file.shown] = try runtime.check(path: file.shown, text: text, settings: settings)
                } catch {
                    run.unloaded[file.shown] = []
                    run.notes.append(error.message)
                }
            case .missing: run.unloaded[file.shown] = []
            case .unreadable(let reason):
                run.unloaded[file.shown] = []
                run.notes.append("\(file.shown) cannot be read: \(reason).")
            }
        }
    }

    /// Works out, for each host that is still in, what is to be executed.
    func plan(_ run: inout ReloadRun) {
        for index in run.hosts.indices where run.hosts[index].ending == nil {
            let host = run.hosts[index]
            if let refused = host.edited.first(where: { host.refusals[$0.name] != nil }),
                let reason = host.refusals[refused.name]
            {
                run.hosts[index].ending = .refused("\(refused.name) cannot be reloaded: \(reason).")
                continue
            }
            let edited = host.edited.compactMap { planned($0, in: host) }.sorted { $0.rank < $1.rank }.map(\.edited)
            guard edited.contains(where: \.isToBeApplied), !run.isCheckOnly else {
                run.hosts[index].ending = .unchanged
                continue
            }
            let started = monotonicMilliseconds()
            do {
                run.hosts[index].plan = try plan(edited, in: host, run)
            } catch {
                run.hosts[index].ending = ending(
                    because: error, "What depends on the edit cannot be worked out", run, at: index)
            }
            run.hosts[index].timings.plan = monotonicMilliseconds() - started
        }
    }

    private func planned(_ module: ModuleInformation, in host: HostRun) -> (rank: Int, edited: Planner.Edited)? {
        guard let rank = host.order.firstIndex(of: module.name), let checked = host.checked[module.name] else {
            return nil
        }
        let edited = Planner.Edited(
            module: module, checked: checked, isToBeApplied: !checked.isUnchanged && checked.payload != nil,
            because: host.forced.contains(module.name) ? .asked : .edited)
        return (rank, edited)
    }

    private func plan(_ edited: [Planner.Edited], in host: HostRun, _ run: ReloadRun) throws(RuntimeFailure) -> Plan {
        let isAlone = settings.dependents == .affected && edited.allSatisfy(\.checked.isAlone)
        var touches =
            settings.dependents == .none ? [] : Set(edited.filter(\.isToBeApplied).flatMap(\.checked.touches))
        var writers: Set<String> = []
        let texts = RunningTexts(engine: self, host: host.host)
        while true {
            let touched = touches.isEmpty ? nil : try texts.touched(by: touches, of: edited.map(\.module.name))
            let planner = Planner(
                policy: settings.policy, edited: edited,
                dependents: isAlone ? [] : (touched?.dependents ?? host.prepared.dependents).filter(isEligible),
                edges: isAlone ? [] : touched?.edges ?? host.prepared.edges,
                written: touched?.written.keys.sorted() ?? [], writers: writers)
            var candidates = planner.candidates
            guard !candidates.isEmpty, let runtime = runtime(of: host.information) else {
                return planner.plan(affected: [])
            }
            let policy = settings.policy
            let changed = planner.changed(everything: settings.dependents == .all)
            let affected = try texts.complete(&candidates, \.module) {
                candidates throws(RuntimeFailure) -> Answer<Affected> in
                try runtime.affected(
                    AffectedRequest(
                        runtime: host.information.runtime, policy: policy, changed: changed,
                        written: touched?.written ?? [:],
                        texts: planner.texts, modules: candidates,
                        graph: touched == nil ? graph(of: host.prepared) : nil))
            }
            // What dependents change in modules again has dependents of its own.
            let changing = settings.dependents == .none ? [] : affected.modules.filter { !$0.touches.isEmpty }
            if !writers.isSuperset(of: changing.map(\.name)) || !touches.isSuperset(of: changing.flatMap(\.touches)) {
                touches.formUnion(changing.flatMap(\.touches))
                writers.formUnion(changing.map(\.name))
                continue
            }
            var plan = planner.plan(affected: affected.modules)
            plan.shared = affected.plans
            return plan
        }
    }

    /// What the runtime may remember the dependents by, that the settings choose too. Empty: none may be executed.
    func graph(of prepared: Prepared?) -> String? {
        guard let prepared, let graph = prepared.graph else { return nil }
        return prepared.modules.count == 1 && !prepared.dependents.contains(where: isEligible)
            ? "" : "\(graph) \(settingsVersion)"
    }

    /// Which dependents may be executed.
    private var isEligible: (ModuleInformation) -> Bool {
        guard settings.dependents != .none else { return { _ in false } }
        var wanted = settings
        // Asked for by a person in mode `off`: what depends on it follows as it would in mode `all`.
        if wanted.mode == .off { wanted.mode = .all }
        let scope = Scope(wanted)
        let policy = settings.policy
        return { module in
            module.refusal == nil && scope.includes(module: module.name, path: module.path)
                && !(module.isMain && policy == .exact)
        }
    }
}

extension CheckRequest.Module {
    /// A module that runs what the host says.
    init(_ module: ModuleInformation, source: [UInt8]) {
        self.init(module: CheckedText(module, running: module.digest.map { .digest($0) }), source: source)
    }
}

extension HostRun {
    /// Takes in what a check found; the problems are those of the files as the user named them.
    fileprivate mutating func take(_ modules: [CheckedModule], _ run: ReloadRun) {
        order = modules.map(\.name)
        for var module in modules {
            guard let information = edited.first(where: { $0.name == module.name }) else { continue }
            if let file = run.file(of: information) {
                module.problems = module.problems.map { problem in
                    var problem = problem
                    problem.path =
                        information.otherPaths.isEmpty && module.alsoChecked.isEmpty
                        ? file.shown : run.files.first { $0.real == problem.path }?.shown ?? problem.path
                    return problem
                }
            }
            if information.isMain, let fallback = module.fallback, refusals[module.name] == nil, !module.isUnchanged {
                refusals[module.name] = Refusal.ofScript(because: fallback)
            }
            checked[module.name] = module
        }
    }
}

/// Fetches from a host the texts that it runs, where the checker has not seen them.
private struct RunningTexts {
    var engine: EngineThread
    var host: EngineThread.Host

    /// Asks again with the texts that were missing.
    func complete<Module, Value>(
        _ modules: inout [Module], _ text: WritableKeyPath<Module, CheckedText>,
        _ ask: ([Module]) throws(RuntimeFailure) -> Answer<Value>
    ) throws(RuntimeFailure) -> Value {
        // Once is enough, unless the checker had to be restarted in between and has forgotten everything.
        for _ in 0..<3 {
            switch try ask(modules) {
            case .complete(let value): return value
            case .missing(let names):
                for name in Set(names) {
                    let running = try fetch(name)
                    for index in modules.indices where modules[index][keyPath: text].name == name {
                        modules[index][keyPath: text].running = running
                    }
                }
            }
        }
        throw RuntimeFailure("the checker keeps asking for texts that it has been sent.")
    }

    /// Which names of modules statements may change by what their texts say that they touch; who depends on these modules, and on
    /// the edited ones.
    func touched(by names: Set<String>, of edited: [String]) throws(RuntimeFailure) -> Touched {
        let reply = host.link.ask(
            "touched", .object(["names": .strings(names.sorted()), "modules": .strings(edited)]))
        let deadline = Deadline.after(engine.configuration.limits.prepare)
        switch engine.wait(for: reply, of: host, until: deadline) {
        case .success(let value): return Touched(value)
        case .failure(let failure):
            var reason = RuntimeFailure("\(host.information.name) did not say what depends on what the edit touches.")
            if case .timedOut = failure { reason.isSilence = true }
            throw reason
        }
    }

    /// Nil if the host has no text of that module. One that does not answer is not one that has none: without what runs, the
    /// whole module would be executed, and its state be lost.
    private func fetch(_ name: String) throws(RuntimeFailure) -> RunningText? {
        let reply = host.link.ask("running", .object(["module": .string(name)]))
        let deadline = Deadline.after(engine.configuration.limits.prepare)
        switch engine.wait(for: reply, of: host, until: deadline) {
        case .success(let value):
            guard let source = value["source"]?.stringValue else { return nil }
            return .text(source: source, code: value["code"]?.stringValue)
        case .failure(let failure):
            var reason = RuntimeFailure("\(host.information.name) did not say what \(name) runs.")
            if case .timedOut = failure { reason.isSilence = true }
            throw reason
        }
    }
}
