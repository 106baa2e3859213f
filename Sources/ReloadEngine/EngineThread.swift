import JSONRPC
import Platform

/// The engine's one thread: takes what came in, in order, and then the reload that waits. Straight-line code that blocks.
final class EngineThread {
    /// One host that has answered `hello`.
    struct Host {
        var link: HostLink
        var information: HostInformation
        /// Since its last answer it has let a deadline pass: it is left alone until it speaks.
        var isSilent = false
        /// Files that were saved meanwhile.
        var missed: [String] = []
        /// Its last answer to `prepare`.
        var prepared: Prepared?
        /// What it has of the plans of the last save that several steps had in common: their name.
        var sharedName: String?
        /// Files that were saved before it had said what it runs: their reports speak for them, not the comparison with the disk.
        var savedBeforeListing: Set<String> = []
        var known = KnownModules()
    }

    let configuration: EngineConfiguration
    let inbox: Monitor<Inbox>
    let registry: HostRegistry
    let previewer: Previewer
    var settings = ReloadSettings()
    var hosts: [Host] = []
    var sequence = 0
    /// Rises with each change of the settings.
    var settingsVersion = 0
    var paths = PathNames()
    var problems = ProblemStore()
    var scans = ScanRound()
    var postponed = Postponed()
    /// Of each file that was looked at: a hash of its text then.
    var lastTexts: [String: Int] = [:]
    /// Of each file whose last report was of a change seen on disk: that hash.
    var sightedTexts: [String: Int] = [:]

    init(_ configuration: EngineConfiguration, inbox: Monitor<Inbox>) {
        self.configuration = configuration
        self.inbox = inbox
        registry = HostRegistry(
            client: configuration.client, folder: configuration.folder, process: configuration.process,
            limits: configuration.limits, inbox: inbox)
        previewer = Previewer(limits: configuration.limits, emit: configuration.emit)
    }

    private enum Work {
        case events([Inbox.Event])
        case reload(ReloadRequest)
        case nothing
        case stop
    }

    /// `ready`: the hosts in the folder have been called.
    func run(ready: () -> Void) {
        do {
            try registry.start(announced: configuration.announced)
        } catch {
            emit(.log(.error, "Programs cannot be found in \(configuration.folder.path): \(error)"))
        }
        ready()
        while true {
            switch take() {
            case .events(let events): events.forEach(handle)
            case .reload(let request):
                reload(request)
                if inbox.withLock({ $0.pending == nil }) { emit(.idle) }
            case .nothing: giveUpScans()
            case .stop:
                registry.stop()
                previewer.stop()
                for host in hosts { host.link.close() }
                for runtime in configuration.runtimes { runtime.stop() }
                return
            }
        }
    }

    func emit(_ event: EngineEvent) {
        if case .report(let report) = event { inbox.withLock { $0.journal.note(report) } }
        configuration.emit(event)
    }

    func log(_ level: LogLevel, _ text: String) {
        emit(.log(level, text))
    }

    /// Waits for something to do. A reload waits until the hosts that have been called had their time to answer.
    private func take() -> Work {
        let deadline = inbox.withLock { $0.pending == nil ? nil : $0.startDeadline }
        let wake = [deadline, scans.deadline].compactMap { $0 }.min()
        let (work, newSettings) =
            inbox.wait(until: wake) { inbox -> (Work, ReloadSettings?)? in
                if inbox.isStopped { return (.stop, nil) }
                let settings = inbox.settings
                if !inbox.events.isEmpty {
                    defer { inbox.events = [] }
                    inbox.settings = nil
                    return (.events(inbox.events), settings)
                }
                if let request = inbox.pending, inbox.startDeadline == nil {
                    inbox.pending = nil
                    inbox.settings = nil
                    return (.reload(request), settings)
                }
                // So that the deadline above is worked out again.
                if let start = inbox.startDeadline, inbox.pending != nil, deadline.map({ $0 < start }) ?? true {
                    return (.nothing, nil)
                }
                guard settings != nil else { return nil }
                inbox.settings = nil
                return (.nothing, settings)
            } ?? (.nothing, nil)
        if let newSettings, newSettings != settings { configure(newSettings) }
        return work
    }

    private func configure(_ settings: ReloadSettings) {
        let isFirst = self.settings == ReloadSettings()
        let interpreterMoved =
            settings.interpreter != self.settings.interpreter
            || settings.workspaceFolders != self.settings.workspaceFolders
        self.settings = settings
        inbox.withLock { $0.journal.note(settings) }
        settingsVersion += 1
        paths = PathNames(folders: settings.workspaceFolders)
        if isFirst || interpreterMoved, configuration.announced {
            for runtime in configuration.runtimes { runtime.warmUp(for: nil, settings: settings) }
        }
        let wanted = postponed.wanted(in: Scope(settings)).map { paths.shown($0) }
        if !wanted.isEmpty { inbox.update { $0.merge(ReloadRequest(trigger: Trigger(kind: .save, paths: wanted))) } }
    }

    // MARK: Hosts

    private func handle(_ event: Inbox.Event) {
        switch event {
        case .greeted(let link, let information): greeted(link, information)
        case .notGreeted(let socket, let reason):
            registry.forget(socket)
            log(.information, "\(socket) is no program that can be used: \(reason)")
        case .started(let socket): registry.call(socket)
        case .notLive(let pid, let name, let code, let message):
            log(.information, "\(name) (pid \(pid)) is not live: \(message)")
            emit(.notice(host: nil, code: code, message: message))
        case .spoke(let link): spoke(link)
        case .ended(let link): ended(link)
        case .scanned(let link, let round, let result): scanned(link, round: round, result)
        case .listed(let link, let modules): compare(link, modules)
        case .preview(let request): preview(request)
        case .located(let link, let modules, let folder): located(link, modules, folder: folder)
        case .survey(let stale, let imports, let completion): completion(survey(stale: stale, imports: imports))
        case .outdated(let link): rescan(link)
        case .used(let link): rescan(link, forUse: true)
        case .trapped(let link, let value): trapped(link, value)
        case .rescanned(let link, let round, let forUse, let result):
            rescanned(link, round: round, forUse: forUse, result)
        case .mend(let mending, let completion): completion(mend(mending))
        case .restart(let host, let completion): completion(restart(host))
        case .execute(let execution, let completion): completion(execute(execution))
        case .values(let path, let names, let completion): completion(values(path: path, names: names))
        }
    }

    private func greeted(_ link: HostLink, _ information: HostInformation) {
        // A program that has closed all its descriptors opens another socket. That it has left the former one may be heard later.
        if let former = hosts.first(where: { $0.information.id == information.id && $0.link.process == link.process }) {
            ended(former.link)
        }
        hosts.append(Host(link: link, information: information))
        // Parents before the workers that they start, whoever answered first.
        hosts.sort { ($0.information.pid, $0.information.id) < ($1.information.pid, $1.information.id) }
        publishHosts(greeted: link.socket)
        runtime(of: information)?.warmUp(for: information, settings: settings)
        log(.information, "\(information.name) (pid \(information.pid), \(information.runtimeName)) is live")
        for notice in information.notices {
            emit(.notice(host: information, code: notice.code, message: notice.message))
        }
        emitHosts(message: "\(information.name) (pid \(information.pid)) is live.")
        guard configuration.announced else { return }
        let inbox = inbox
        link.ask("modules", modulesParameters()) { result in
            guard case .success(let value) = result else { return }
            inbox.update { $0.events.append(.listed(link, ModuleInformation.list(value["modules"]))) }
        }
    }

    /// A program may have been started before its files were edited: what it runs then differs from what is on disk.
    private func compare(_ link: HostLink, _ modules: [ModuleInformation]) {
        guard let index = hosts.firstIndex(where: { $0.link === link }),
            let runtime = runtime(of: hosts[index].information)
        else { return }
        let entry = hosts[index]
        // What has been saved since it was asked may run already.
        hosts[index].known.take(modules.filter { !entry.savedBeforeListing.contains($0.path ?? "") })
        let host = entry.information
        let scope = Scope(settings)
        var touched: [String] = []
        for (module, path) in modules.flatMap({ module in module.paths.map { (module, $0) } }) {
            guard !entry.savedBeforeListing.contains(path), module.refusal == nil, runtime.isSource(path: path),
                scope.includes(path: path), case .text(let text) = SourceFile(path: path),
                runtime.differs(text, of: path, from: module, in: host.runtime) == true
            else { continue }
            let shown = paths.shown(path)
            let problem = Problem(
                path: shown, range: .fileStart, code: "behind", severity: .information,
                message: "\(host.name) (pid \(host.pid)) runs an older text of this file: save it to bring it in.")
            touched += problems.setRun(host: host.id, saved: [shown], [problem])
        }
        guard !touched.isEmpty else { return }
        let count = touched.count == 1 ? "1 file" : "\(touched.count) files"
        emitHosts(
            message:
                "\(host.name) (pid \(host.pid)) runs an older text of \(count) than is on disk: save to bring it in.",
            checkedPaths: touched)
    }

    private func modulesParameters(imports: Bool = false) -> JSONValue {
        let folders = settings.workspaceFolders.map(resolvedPath)
        return .object(["under": folders.isEmpty ? nil : .strings(folders), "imports": imports ? true : nil])
    }

    private func ended(_ link: HostLink) {
        registry.forget(link.socket)
        guard let index = hosts.firstIndex(where: { $0.link === link }) else { return }
        let information = hosts.remove(at: index).information
        link.close()
        publishHosts()
        log(.information, "\(information.name) (pid \(information.pid)) has ended")
        // First, so that which programs there are is the last that is heard of it, and nothing that it had stays marked.
        endScan(in: information.id)
        scans.settled[information.id] = nil
        let cleared = problems.remove(host: information.id)
        emitHosts(message: "\(information.name) (pid \(information.pid)) has ended.", checkedPaths: cleared)
    }

    /// A host that was given up answers again: what was saved meanwhile is brought in now.
    private func spoke(_ link: HostLink) {
        guard let index = hosts.firstIndex(where: { $0.link === link }), hosts[index].isSilent else { return }
        hosts[index].isSilent = false
        let missed = hosts[index].missed
        hosts[index].missed = []
        log(.information, "\(hosts[index].information.name) answers again")
        guard !missed.isEmpty else { return }
        inbox.update { $0.merge(ReloadRequest(trigger: Trigger(kind: .save, paths: missed))) }
    }

    /// Leaves a host alone until it speaks again.
    func giveUp(_ host: Host, saved: [String]) {
        guard let index = hosts.firstIndex(where: { $0.link === host.link }) else { return }
        hosts[index].isSilent = true
        for path in saved where !hosts[index].missed.contains(path) { hosts[index].missed.append(path) }
    }

    func runtime(of host: HostInformation) -> (any Runtime)? {
        configuration.runtimes.first { $0.name == host.runtime.name }
    }

    /// With one update: whoever waits for the greeting then finds the host.
    private func publishHosts(greeted socket: String? = nil) {
        let information = hosts.map(\.information)
        inbox.update { inbox in
            inbox.hosts = information
            if let socket { inbox.calls[socket] = nil }
        }
    }

    private func emitHosts(message: String, checkedPaths: [String] = []) {
        let reports = hosts.map { HostReport($0.information, outcome: .unchanged) }
        emit(
            .report(
                Report(
                    sequence: sequence, phase: .hosts, outcome: .unchanged, message: message,
                    trigger: Trigger(kind: .attach, paths: []), hosts: reports,
                    problems: problems.problems(in: checkedPaths),
                    checkedPaths: checkedPaths)))
    }

    // MARK: Survey

    private func survey(stale: Bool, imports: Bool) -> [HostSurvey] {
        let scan = JSONValue.object(["sequence": .int(sequence), "samples": .int(settings.staleSamples)])
        let modules = modulesParameters(imports: imports)
        let asked = hosts.filter { !$0.isSilent }.map { host in
            (
                host.link, host.link.ask("modules", modules),
                stale ? host.link.ask("scan", scan) : nil
            )
        }
        let deadline = Deadline.after(configuration.limits.prepare)
        let scanDeadline = Deadline.after(configuration.limits.scan)
        return hosts.map { host in
            var survey = HostSurvey(host: host.information, modules: [], stale: nil, answered: false)
            guard let (_, modules, scan) = asked.first(where: { $0.0 === host.link }),
                case .success(let value) = modules.wait(until: deadline)
            else {
                giveUp(host, saved: [])
                return survey
            }
            survey.answered = true
            survey.modules = ModuleInformation.list(value["modules"]).sorted { $0.name < $1.name }
            survey.images = HostImages(value["images"])
            survey.imports = ModuleEdge.list(value["edges"])
            if let scan, case .success(let value) = scan.wait(until: scanDeadline) { survey.stale = StaleSurvey(value) }
            return survey
        }
    }
}

extension HostInformation {
    /// "CPython 3.11.7".
    public var runtimeName: String {
        runtime.version.isEmpty ? runtime.name : "\(runtime.name) \(runtime.version)"
    }
}

extension HostReport {
    init(_ host: HostInformation, outcome: Outcome) {
        self.init(id: host.id, pid: host.pid, name: host.name, runtime: host.runtimeName, outcome: outcome)
    }
}
