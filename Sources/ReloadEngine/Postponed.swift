import Platform

/// Saved files that are not what runs, through no fault of their own: they come in as soon as what held them up is put right,
/// or as soon as the user wants them.
struct Postponed {
    /// Files that were saved together with one that does not compile or raised.
    private struct Group {
        /// Real paths of those at fault.
        var culprits: Set<String>
        /// The others, as they were named.
        var files: [String]
    }

    private var groups: [Group] = []
    /// Modules that the user does not want reloaded now, by the real path of their file.
    private var leftOut: [String: Set<String>] = [:]
    /// A file that raised, and until when another save may be what it needed: editors that save all files send one
    /// notification for each, in any order.
    private var failed: (path: String, real: String, until: Deadline)?

    /// Files that belong to these, because one of these held them up.
    mutating func companions(of paths: [String]) -> [String] {
        let wanted = Set(paths)
        let matching = groups.filter { !$0.culprits.isDisjoint(with: wanted) }
        groups.removeAll { !$0.culprits.isDisjoint(with: wanted) }
        return matching.flatMap(\.files)
    }

    /// Files of which the user wants a module reloaded now that was left out when they were saved.
    mutating func wanted(in scope: Scope) -> [String] {
        let wanted = leftOut.filter { path, modules in
            modules.contains { scope.includes(module: $0, path: path) }
        }
        for path in wanted.keys { leftOut[path] = nil }
        return wanted.keys.sorted()
    }

    /// Takes note of how a reload ended.
    /// - Returns: a file to try again now.
    mutating func record(_ run: ReloadRun) -> String? {
        let real = Set(run.files.map(\.real))
        for index in groups.indices { groups[index].files.removeAll { real.contains(resolvedPath($0)) } }
        groups.removeAll { $0.files.isEmpty }
        for path in real { leftOut[path] = run.leftOut[path] }

        var culprits = Set(
            run.files.filter { file in run.unloaded[file.shown]?.contains { $0.severity == .error } ?? false }.map(
                \.real))
        for host in run.hosts {
            switch host.ending {
            case .blocked:
                for module in host.edited {
                    let errors = (host.checked[module.name]?.problems ?? []).filter { $0.severity == .error }
                    // An edit can be right, and what depends on it be what has to follow.
                    let others = errors.map { resolvedPath($0.path) }.filter { !module.paths.contains($0) }
                    culprits.formUnion(others)
                    if errors.count > others.count { culprits.formUnion(module.paths) }
                }
            case .rolledBack(_, let failure):
                guard let module = host.edited.first(where: { $0.name == failure.module }), module.path != nil
                else { continue }
                culprits.formUnion(module.paths)
                if let file = run.file(of: module) { failed = (file.shown, file.real, .after(3000)) }
            default: break
            }
        }
        let bystanders = run.files.filter { !culprits.contains($0.real) }.map(\.shown)
        if !culprits.isEmpty, !bystanders.isEmpty { groups.append(Group(culprits: culprits, files: bystanders)) }

        let isApplied = run.hosts.contains { if case .applied = $0.ending { true } else { false } }
        guard isApplied, let failed, !real.contains(failed.real) else { return nil }
        self.failed = nil
        return failed.until.hasPassed ? nil : failed.path
    }
}
