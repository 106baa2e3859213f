import Platform

/// The folders of a project in which its own source files are: hidden folders, virtual environments and what tools generate
/// are left out.
struct FolderTree: Sendable {
    private(set) var folders: Set<String> = []
    /// Some folders were left out because there are too many.
    private(set) var isCut = false

    private let limit: Int
    private let includes: @Sendable (String) -> Bool

    /// - Parameters:
    ///   - limit: how many folders are taken at most.
    ///   - includes: whether a file of that name is a source file.
    init(limit: Int, includes: @escaping @Sendable (String) -> Bool) {
        self.limit = limit
        self.includes = includes
    }

    /// Takes a folder and all below it. O(files), with one look at each.
    /// - Returns: the source files that are there.
    @discardableResult
    mutating func take(_ root: String) -> Set<String> {
        var files: Set<String> = []
        var waiting = [root]
        while let folder = waiting.popLast() {
            guard let names = try? namesInFolder(folder), folder == root || !names.contains("pyvenv.cfg") else {
                continue
            }
            guard folders.contains(folder) || folders.count < limit else {
                isCut = true
                return files
            }
            folders.insert(folder)
            for name in names {
                let path = folder == "/" ? "/\(name)" : "\(folder)/\(name)"
                if includes(name) {
                    files.insert(path)
                } else if Self.isSourceFolder(name), fileStatus(path, followingLinks: false)?.kind == .folder {
                    waiting.append(path)
                }
            }
        }
        return files
    }

    /// Whether a folder of that name can hold a project's own source files.
    static func isSourceFolder(_ name: some StringProtocol) -> Bool {
        !name.hasPrefix(".") && !["__pycache__", "node_modules", "site-packages"].contains(String(name))
    }
}
