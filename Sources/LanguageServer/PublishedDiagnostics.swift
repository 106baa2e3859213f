import LanguageServerProtocol
import Platform
import ReloadEngine

/// What the client shows as diagnostics of ours, by real path.
struct PublishedDiagnostics {
    /// What is said of a text before it is saved.
    struct Unsaved {
        var version: Int
        var problems: [Problem]
        var diagnostics: [Diagnostic]
    }

    private var problems: [String: [Problem]] = [:]
    private var unsaved: [String: Unsaved] = [:]
    /// How often what is said of a file has changed.
    private var revisions: [String: Int] = [:]
    /// A client may come with the result ids of a server that has ended.
    private let session = randomHexDigits(8)

    /// Names what is said of a file now (LSP 3.17, `resultId`).
    func resultID(_ path: String) -> String { "\(session)-\(revisions[path] ?? 0)" }

    /// The files of which something is said, or was.
    var paths: [String] { revisions.keys.sorted() }

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
            guard !(current.isEmpty && hadNone) else { return false }
            revisions[path, default: 0] &+= 1
            return true
        }
    }

    /// Takes over what is said of a text that has not been saved; nil once it is, or is as it was saved.
    /// - Returns: whether the file's diagnostics are to be sent.
    mutating func take(_ new: Unsaved?, for path: String) -> Bool {
        let old = unsaved.removeValue(forKey: path)
        unsaved[path] = new
        let hidesNow = new != nil && problems[path]?.contains(where: \.isOfTheText) == true
        let didHide = old != nil && problems[path]?.contains(where: \.isOfTheText) == true
        let differs = old?.diagnostics.isEmpty == false || new?.diagnostics.isEmpty == false || hidesNow != didHide
        if differs { revisions[path, default: 0] &+= 1 }
        return differs
    }

    /// The file is gone.
    /// - Returns: whether something was said of it.
    mutating func forget(_ path: String) -> Bool {
        let had = problems.removeValue(forKey: path)?.isEmpty == false
        let hadUnsaved = unsaved.removeValue(forKey: path)?.diagnostics.isEmpty == false
        guard had || hadUnsaved else { return false }
        revisions[path, default: 0] &+= 1
        return true
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
    fileprivate var isOfTheText: Bool {
        code == "syntax-error" || code == "compile-error" || code == "compile-warning"
    }
}
