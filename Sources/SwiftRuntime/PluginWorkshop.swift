import JSONRPC
import Platform
import ReloadEngine

/// A package whose plugins are built: its description and its folder of objects and images.
struct PluginWorkshop {
    let toolchain: Toolchain
    let folder: BuildFolder
    let package: PluginPackage

    private var descriptionFile: String { folder.path + "/description.json" }

    /// For a program that starts: describes the package, unless that is known.
    init(package path: String, toolchain: Toolchain) throws(RuntimeFailure) {
        guard let real = realPath(path), fileStatus(real + "/Package.swift")?.kind == .file else {
            throw RuntimeFailure("\(path) is no Swift package: it has no Package.swift.")
        }
        self.toolchain = toolchain
        folder = try BuildFolder(package: real)
        package = try PluginWorkshop.complete(folder, toolchain)
    }

    /// For a program that runs plugins of the package.
    /// - Parameter mayAsk: whether the package manager may be asked, which executes the manifest.
    init(ofFile path: String, toolchain: Toolchain, mayAsk: Bool = true) throws(RuntimeFailure) {
        guard let folder = BuildFolder(ofFile: path) else {
            throw RuntimeFailure("what was built of its package is gone: restart the program.")
        }
        self.toolchain = toolchain
        self.folder = folder
        package = try PluginWorkshop.complete(folder, toolchain, mayAsk: mayAsk)
    }

    private static func complete(
        _ folder: BuildFolder, _ toolchain: Toolchain, mayAsk: Bool = true
    ) throws(RuntimeFailure) -> PluginPackage {
        var package = try describe(folder, toolchain, mayAsk: mayAsk)
        try GeneratedFiles(in: folder).complete(&package)
        return package
    }

    /// Asks the package manager where the manifest or the lists of files differ from those that it was asked about.
    private static func describe(
        _ folder: BuildFolder, _ toolchain: Toolchain, mayAsk: Bool = true
    ) throws(RuntimeFailure) -> PluginPackage {
        let file = folder.path + "/description.json"
        let manifest = ContentHash(try folder.read(folder.package + "/Package.swift")).text
        if let bytes = try? readFile(file), let known = try? JSONValue(parsing: bytes),
            known["manifest"]?.stringValue == manifest, known["compiler"]?.stringValue == toolchain.tag,
            let description = known["description"],
            let package = try? PluginPackage(description: description, folder: folder.package),
            known["files"]?.stringValue == listing(package)
        {
            return package
        }
        guard mayAsk else {
            throw RuntimeFailure("its package has changed, which is looked at when something is saved.")
        }
        let description = try PluginPackage.describe(folder.package, with: toolchain)
        let package = try PluginPackage(description: description, folder: folder.package)
        let value = JSONValue.object([
            "manifest": .string(manifest), "compiler": .string(toolchain.tag), "files": .string(listing(package)),
            "description": description
        ])
        try folder.write(value.serialized, to: file)
        return package
    }

    /// The source files below the modules' folders.
    private static func listing(_ package: PluginPackage) -> String {
        var files: [String] = []
        var waiting = package.modules.map(\.folder)
        let resources = package.modules.filter { !$0.resources.isEmpty }.map { $0.folder + "/" }
        while let folder = waiting.popLast() {
            for name in ((try? namesInFolder(folder)) ?? []).sorted() where !name.hasPrefix(".") {
                let path = "\(folder)/\(name)"
                if name.hasSuffix(".swift") || ClangTarget.isPart(name)
                    || resources.contains(where: path.hasPrefix) && fileStatus(path)?.kind == .file
                {
                    files.append(path)
                } else if fileStatus(path, followingLinks: false)?.kind == .folder {
                    waiting.append(path)
                }
            }
        }
        let prefix = package.folder.utf8.count
        return ContentHash(files.map { String($0.utf8.dropFirst(prefix)) ?? $0 }.sorted()).text
    }

    func compiler(searchPaths: [String]) -> Compiler {
        Compiler(toolchain: toolchain, folder: folder, package: package, searchPaths: searchPaths)
    }
}
