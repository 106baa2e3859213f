/// All that is wrong in the user's files, as far as the engine knows, by where the knowledge comes from. So a report can always
/// say everything about the files that it speaks of.
struct ProblemStore {
    private struct Run {
        var host: String
        /// The files of the reload that found it: the next reload of one of them settles it.
        var saved: Set<String>
        var problems: [Problem]
    }

    /// What compiling a file said, by its path.
    private var checks: [String: [Problem]] = [:]
    /// What happened in a host.
    private var runs: [Run] = []
    /// What the last search found, by host.
    private var stale: [String: [Problem]] = [:]

    /// Replaces what compiling said about a file.
    mutating func setCheck(_ path: String, _ problems: [Problem]) {
        checks[path] = problems.isEmpty ? nil : problems
    }

    func hasProblems(in path: String) -> Bool {
        checks[path] != nil || runs.contains { run in run.problems.contains { $0.path == path } }
    }

    /// Replaces what earlier reloads of the same files said about a host.
    /// - Returns: the paths whose problems may have changed.
    mutating func setRun(host: String, saved: [String], _ problems: [Problem]) -> [String] {
        var touched: Set<String> = Set(problems.map(\.path))
        runs.removeAll { run in
            guard run.host == host, !run.saved.isDisjoint(with: saved) else { return false }
            touched.formUnion(run.problems.map(\.path))
            return true
        }
        if !problems.isEmpty { runs.append(Run(host: host, saved: Set(saved), problems: problems)) }
        return touched.sorted()
    }

    /// Replaces what the last search in a host found.
    /// - Returns: the paths whose problems may have changed.
    mutating func setStale(host: String, _ problems: [Problem]) -> [String] {
        let before = stale[host]?.map(\.path) ?? []
        stale[host] = problems.isEmpty ? nil : problems
        return Set(before + problems.map(\.path)).sorted()
    }

    /// Forgets a host that has ended.
    /// - Returns: the paths whose problems may have changed.
    mutating func remove(host: String) -> [String] {
        var touched = Set(stale.removeValue(forKey: host)?.map(\.path) ?? [])
        runs.removeAll { run in
            guard run.host == host else { return false }
            touched.formUnion(run.problems.map(\.path))
            return true
        }
        return touched.sorted()
    }

    /// Everything about these files; the same problem in several hosts counts once.
    func problems(in paths: [String]) -> [Problem] {
        guard !paths.isEmpty else { return [] }
        let wanted = Set(paths)
        var seen: Set<Problem> = []
        // In the order of hosts, whatever the table's: the same words for the same state.
        let held = stale.sorted { $0.key < $1.key }.flatMap(\.value)
        let all = checks.values.joined() + runs.flatMap(\.problems) + StaleProblems.merged(held)
        return all.filter { wanted.contains($0.path) && seen.insert($0).inserted }
            .sorted { ($0.path, $0.range.start) < ($1.path, $1.range.start) }
    }
}
