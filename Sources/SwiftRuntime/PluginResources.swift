import Platform
import ReloadEngine

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What the package manager would generate for a plugin: `Bundle.module` for its resources, and module maps of the program's targets in C.
///
/// The bundle is a folder of links to the resources themselves: what is saved there is found at the next look.
struct GeneratedFiles {
    private let folder: BuildFolder

    init(in folder: BuildFolder) {
        self.folder = folder
    }

    /// Adds to the modules what belongs to them, and brings it up to date on disk.
    func complete(_ package: inout PluginPackage) throws(RuntimeFailure) {
        for (path, map) in package.generatedMaps { try write(map, to: path) }
        for index in package.modules.indices where !package.modules[index].resources.isEmpty {
            let module = package.modules[index]
            let bundle = "\(folder.path)/resources/\(package.identity)_\(module.name).resources"
            for resource in module.resources { try link(resource.path, in: bundle) }
            let accessor = "\(folder.path)/generated/\(module.name)/resource_bundle_accessor.swift"
            try write(Self.accessor(bundle), to: accessor)
            package.modules[index].sources.append(accessor)
            package.modules[index].flags += ["-D", "SWIFT_MODULE_RESOURCE_BUNDLE_AVAILABLE"]
        }
    }

    private static func accessor(_ bundle: String) -> String {
        let path = bundle.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return """
            import Foundation

            extension Foundation.Bundle {
                static let module: Bundle = {
                    guard let bundle = Bundle(path: "\(path)") else {
                        Swift.fatalError("there is no folder \(path)")
                    }
                    return bundle
                }()
            }

            """
    }

    private func write(_ text: String, to path: String) throws(RuntimeFailure) {
        let bytes = Array(text.utf8)
        guard (try? readFile(path)) != bytes else { return }
        try make(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]))
        try folder.write(bytes, to: path)
    }

    /// In the bundle a file lies as the package manager would put it: beside the others, or in its language's folder.
    private func link(_ path: String, in bundle: String) throws(RuntimeFailure) {
        let words = path.split(separator: "/")
        let languages = words.dropLast().last.flatMap { $0.hasSuffix(".lproj") ? "/\($0)" : nil } ?? ""
        let place = "\(bundle)\(languages)/\(words.last ?? "")"
        if realPath(place) == realPath(path) { return }
        try make(bundle + languages)
        removeFile(place)
        guard symlink(path, place) == 0 || realPath(place) == realPath(path) else {
            throw RuntimeFailure("\(place) cannot be made: \(SystemError.last("link", place).reason).")
        }
    }

    private func make(_ path: String) throws(RuntimeFailure) {
        do {
            try makeFolder(path)
        } catch {
            throw RuntimeFailure("\(path) cannot be made: \((error as? SystemError)?.reason ?? "\(error)").")
        }
    }
}
