import Platform

/// A text as somebody types it, which may be saved soon.
public struct PreviewRequest: Sendable {
    /// Of the file that it will be saved to.
    public var path: String
    public var text: [UInt8]
    /// The document's version, given back with the answer.
    public var version: Int

    public init(path: String, text: [UInt8], version: Int) {
        self.path = path
        self.text = text
        self.version = version
    }
}

/// What saving a text would do: errors, statements that would run again, changes that would not be applied.
public struct Preview: Sendable {
    public var path: String
    public var version: Int
    /// Nil where no program has the file loaded.
    public var problems: [Problem]?

    public init(path: String, version: Int, problems: [Problem]?) {
        self.path = path
        self.version = version
        self.problems = problems
    }
}

/// Which modules of a host come from which files, as far as the host has said: previews do not ask it each time.
struct KnownModules {
    /// What waits before a host is asked again about a folder in which it had not loaded a file: milliseconds.
    private static let patience = 2000.0
    private static let longestPatience = 60_000.0

    private var byPath: [String: [ModuleInformation]] = [:]
    private var asked: [String: (again: Deadline, patience: Double)] = [:]
    /// By folder: the texts that wait for the answer of a host that is being asked.
    private var waiting: [String: [PreviewRequest]] = [:]

    /// Nil if it is not known.
    subscript(path: String) -> [ModuleInformation]? { byPath[path] }

    /// - Parameter modules: all that the host has said; those of one file come together.
    mutating func take(_ modules: [ModuleInformation]) {
        var byPath: [String: [ModuleInformation]] = [:]
        for module in modules {
            for path in module.paths { byPath[path, default: []].append(module) }
        }
        self.byPath.merge(byPath) { $1 }
    }

    /// After a reload: the digests of the texts that run now; nil where the reload ended in a way that leaves this open.
    mutating func take(_ path: String, _ modules: [ModuleInformation]?) {
        byPath[path] = modules
    }

    /// All that was known may be different now.
    mutating func forget() {
        byPath = [:]
        asked = [:]
    }

    /// A text is to be previewed, of a file that the host has not spoken of.
    /// - Returns: whether to ask the host about the folder now; nil if it is being asked.
    mutating func ask(about folder: String, for request: PreviewRequest) -> Bool? {
        if waiting[folder] != nil {
            waiting[folder, default: []].append(request)
            return nil
        }
        guard isTime(toAskAbout: folder) else { return false }
        waiting[folder] = [request]
        return true
    }

    /// The host has answered, or will not.
    mutating func answered(about folder: String) -> [PreviewRequest] {
        waiting.removeValue(forKey: folder) ?? []
    }

    /// Less and less often.
    private mutating func isTime(toAskAbout folder: String) -> Bool {
        guard let last = asked[folder] else {
            asked[folder] = (.after(Self.patience), Self.patience)
            return true
        }
        guard last.again.hasPassed else { return false }
        let patience = min(last.patience * 2, Self.longestPatience)
        asked[folder] = (.after(patience), patience)
        return true
    }
}

extension EngineThread {
    /// Hands a text over to be compared with what the hosts run; nothing here waits.
    func preview(_ request: PreviewRequest) {
        let real = paths.real(request.path)
        let scope = Scope(settings)
        var work = PreviewWork(request: request, real: real, policy: settings.policy)
        var isAsked = false
        for index in hosts.indices where !hosts[index].isSilent {
            guard let runtime = runtime(of: hosts[index].information), runtime.isSource(path: real),
                settings.mode != .off
            else { continue }
            if let modules = hosts[index].known[real] {
                let wanted = modules.filter { scope.includes(module: $0.name, path: $0.path) }
                if !wanted.isEmpty {
                    let graph = graph(of: hosts[index].prepared)
                    work.hosts.append(PreviewWork.Host(hosts[index], modules: wanted, runtime: runtime, graph: graph))
                }
            } else if scope.includes(path: real), locate(real, in: index, for: request) {
                isAsked = true
            }
        }
        // Where no host is known to have it, the answer of those that are asked decides.
        if work.hosts.isEmpty, isAsked { previewer.expect(request) } else { previewer.take(work) }
    }

    /// Asks a host whether it has loaded the file, if it was not asked a short while ago; `located` follows.
    private func locate(_ path: String, in index: Int, for request: PreviewRequest) -> Bool {
        let folder = parentFolder(of: path)
        guard let mustAsk = hosts[index].known.ask(about: folder, for: request) else { return true }
        guard mustAsk else { return false }
        let (link, inbox) = (hosts[index].link, inbox)
        link.ask("modules", .object(["under": .strings([folder])])) { result in
            let modules = (try? result.get()).map { ModuleInformation.list($0["modules"]) } ?? []
            inbox.update { $0.events.append(.located(link, modules, folder: folder)) }
        }
        return true
    }

    func located(_ link: HostLink, _ modules: [ModuleInformation], folder: String) {
        guard let index = hosts.firstIndex(where: { $0.link === link }) else { return }
        hosts[index].known.take(modules)
        for request in hosts[index].known.answered(about: folder) where previewer.isNewest(request) {
            preview(request)
        }
    }

    /// What a reload has shown, or changed, of what the hosts run.
    func learn(from run: ReloadRun) {
        for entry in run.hosts {
            guard let index = hosts.firstIndex(where: { $0.link === entry.host.link }) else { continue }
            // What modules of many files run is told by what all of them run.
            if case .applied = entry.ending, entry.prepared.modules.contains(where: { !$0.otherPaths.isEmpty }) {
                hosts[index].known.forget()
            }
            if entry.prepared.graph != nil { hosts[index].prepared = entry.remembered }
            for file in run.files {
                let modules = entry.prepared.modules.filter { $0.paths.contains(file.real) }
                guard !modules.isEmpty else { continue }
                switch entry.ending {
                case .failed, .outdated: hosts[index].known.take(file.real, nil)
                case .applied:
                    hosts[index].known.take(file.real, modules.map { entry.afterwards($0) })
                default: hosts[index].known.take(file.real, modules)
                }
            }
        }
    }

    private func parentFolder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }
}

extension HostRun {
    /// What the host would say if it were asked the same again, as far as that is known.
    fileprivate var remembered: Prepared {
        var prepared = prepared
        switch ending {
        case .failed, .outdated: prepared.paths = []
        case .applied: prepared.modules = prepared.modules.map { afterwards($0) }
        default: break
        }
        return prepared
    }

    /// A module as it is once the reload has been applied.
    fileprivate func afterwards(_ module: ModuleInformation) -> ModuleInformation {
        var module = module
        if plan.steps.contains(where: { $0.module.name == module.name }), let checked = checked[module.name],
            !checked.digest.isEmpty
        {
            module.digest = checked.digest
        }
        if case .applied(let applied) = ending, let answer = applied.modules.first(where: { $0.name == module.name }) {
            module.generation = answer.generation
        }
        return module
    }
}
