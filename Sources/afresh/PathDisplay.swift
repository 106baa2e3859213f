/// Writes file names as a person would: relative to the current folder when they are below it.
struct PathDisplay: Sendable {
    /// Absolute, without a slash at the end (but "/" itself).
    var currentFolder: String

    func callAsFunction(_ path: String) -> String {
        let folder = currentFolder == "/" ? "/" : currentFolder + "/"
        guard path.hasPrefix(folder), path.utf8.count > folder.utf8.count else { return printable(path) }
        return printable(String(path.dropFirst(folder.count)))
    }
}
