import LanguageServerProtocol
import ReloadEngine

/// What the client shows as diagnostics of ours, by real path.
struct PublishedDiagnostics {
    private var problems: [String: [Problem]] = [:]

    /// Takes over what a report settles.
    /// - Returns: the files whose diagnostics are to be sent, in order, each with all of them.
    mutating func take(_ report: Report) -> [(path: String, problems: [Problem])] {
        let byPath = Dictionary(grouping: report.problems, by: \.path)
        let paths = Set(report.checkedPaths).union(byPath.keys).sorted()
        return paths.compactMap { path in
            let current = byPath[path] ?? []
            let hadNone = problems[path]?.isEmpty ?? true
            problems[path] = current.isEmpty ? nil : current
            // Nothing replaced by nothing need not be said.
            return current.isEmpty && hadNone ? nil : (path, current)
        }
    }
}
