import LanguageServerProtocol
import ReloadEngine

/// What the client shows as diagnostics of ours, by real path.
struct PublishedDiagnostics {
    /// What is said of a text before it is saved.
    struct Unsaved {
        var version: Int
        var diagnostics: [Diagnostic]
    }

    private var problems: [String: [Problem]] = [:]
    private var unsaved: [String: Unsaved] = [:]

    /// Takes over what a report settles.
    /// - Returns: the files whose diagnostics are to be sent, in order.
    mutating func take(_ report: Report) -> [String] {
        let byPath = Dictionary(grouping: report.problems, by: \.path)
        let paths = Set(report.checkedPaths).union(byPath.keys).sorted()
        return paths.filter { path in
            let current = byPath[path] ?? []
            let hadNone = problems[path]?.isEmpty ?? true
            problems[path] = current.isEmpty ? nil : current
            // Nothing replaced by nothing need not be said.
            return !(current.isEmpty && hadNone)
        }
    }

    /// Takes over what is said of a text that has not been saved; nil once it is, or is as it was saved.
    /// - Returns: whether the file's diagnostics are to be sent.
    mutating func take(_ new: Unsaved?, for path: String) -> Bool {
        let old = unsaved.removeValue(forKey: path)
        unsaved[path] = new
        let hidesNow = new != nil && problems[path]?.contains(where: \.isOfTheText) == true
        let didHide = old != nil && problems[path]?.contains(where: \.isOfTheText) == true
        return old?.diagnostics.isEmpty == false || new?.diagnostics.isEmpty == false || hidesNow != didHide
    }

    /// What is to be shown for a file. While a text is being edited, it is its own errors that count, not those of the saved one.
    func current(_ path: String) -> (problems: [Problem], unsaved: Unsaved?) {
        let saved = problems[path] ?? []
        guard let text = unsaved[path] else { return (saved, nil) }
        return (saved.filter { !$0.isOfTheText }, text)
    }
}

extension Problem {
    /// Said by the compiler, of the text alone.
    fileprivate var isOfTheText: Bool { code == "syntax-error" || code == "compile-warning" }
}
