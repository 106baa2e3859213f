import Platform
import ReloadEngine

extension Compiler {
    /// Stamps objects with the generations that they are of and were compiled for, and links them.
    /// - Parameters:
    ///   - objects: by their keys.
    ///   - generations: of the modules whose names are in them.
    ///   - dependencies: modules whose images they use.
    func link(
        _ module: PluginPackage.Module, _ objects: [ContentHash], generations: [String: Int], dependencies: [String],
        image: String
    ) throws(RuntimeFailure) {
        var stamped: [String] = []
        defer { for path in stamped { removeFile(path) } }
        var libraries: [String] = []
        for object in objects {
            var file = ObjectFile(try folder.read(folder.object(object)))
            if file.definesMain {
                throw RuntimeFailure("\(module.name) has a program's beginning (@main), which a plugin cannot have.")
            }
            for entry in file.autolinkEntries where entry.hasPrefix("-l") && !libraries.contains(entry) {
                libraries.append(entry)
            }
            file.stamp(generations)
            let path = folder.temporary("o")
            stamped.append(path)
            try folder.write(file.bytes, to: path)
        }
        try link(
            module, objects: stamped, libraries: libraries,
            dependencies: dependencies.compactMap { name in generations[name].map { folder.image(name, $0) } },
            image: image)
    }
}
