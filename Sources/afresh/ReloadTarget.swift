import Platform

/// What a person asks to reload: a file, or a module by its name.
enum ReloadTarget: Equatable {
    /// The real path; the file need not exist any more.
    case file(String)
    case module(String)

    /// A word is a file if there is one, or if it looks like one; else it must be a module's name.
    init(_ word: String, currentFolder: String) throws(UsageError) {
        switch fileStatus(word)?.kind {
        case .folder where !word.hasSuffix(".py"):
            let package = word.hasSuffix("/") ? word + "__init__.py" : word + "/__init__.py"
            if fileStatus(package) != nil {
                self = .file(Self.absolute(package, in: currentFolder))
                return
            }
            guard Self.isModuleName(word) else {
                throw UsageError(message: "'\(word)' is a folder without an __init__.py; name its files")
            }
            self = .module(word)
        case nil where Self.isModuleName(word) && !word.hasSuffix(".py"):
            self = .module(word)
        case nil where word.isEmpty:
            throw UsageError(message: "the name of a file or module is empty")
        default:
            self = .file(Self.absolute(word, in: currentFolder))
        }
    }

    /// "shop.pricing": identifiers between dots. Python allows more letters than ASCII's.
    private static func isModuleName(_ word: String) -> Bool {
        word.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
            guard let first = part.unicodeScalars.first else { return false }
            return (first == "_" || first.properties.isXIDStart)
                && part.unicodeScalars.allSatisfy { $0.properties.isXIDContinue }
        }
    }

    /// The path as a host knows it: without symbolic links. Of a file that is gone, the folder's real path is what is left.
    static func absolute(_ path: String, in currentFolder: String) -> String {
        if let real = realPath(path) { return real }
        let full = path.hasPrefix("/") ? path : "\(currentFolder)/\(path)"
        guard let slash = full.lastIndex(of: "/") else { return full }
        let folder = slash == full.startIndex ? "/" : String(full[..<slash])
        guard let real = realPath(folder) else { return full }
        return (real == "/" ? "" : real) + String(full[slash...])
    }
}
