import HostCalls
import JSONRPC
import Platform

/// The images of plugins that this process has. All of them stay; one of each module is what runs.
final class LoadedImages: Sendable {
    struct Image: Sendable {
        var module: String
        /// How many times the module had been loaded with it.
        var generation: Int
        /// Where it lies, inverted: a search of the memory does not take it for a reference.
        var inverted: UInt
        /// Its path, if it replaces bodies of another one.
        var patch: String?
        var path: String
        /// Then only that of it is old which others have replaced.
        var runs = false
        /// What its parts take of the memory.
        var bytes = 0
    }

    /// How many there are, and what they take.
    struct Total {
        var count = 0
        var bytes = 0

        /// - Parameter images: one that has patched several modules counts once.
        init(_ images: [Image]) {
            for (_, image) in Dictionary(images.map { ($0.inverted, $0) }, uniquingKeysWith: { first, _ in first }) {
                count += 1
                bytes += image.bytes
            }
        }

        var json: JSONValue { .object(["count": .int(count), "bytes": .int(bytes)]) }
    }

    private let images = Monitor<[Image]>([])

    /// - Parameter isPatch: whether it replaces bodies of another one.
    func add(module: String, generation: Int, base: UInt, path: String, isPatch: Bool = false) {
        images.withLock { images in
            images.append(
                Image(
                    module: module, generation: generation, inverted: ~base, patch: isPatch ? path : nil, path: path,
                    bytes: Int(clamping: afresh_image_bytes(base))))
        }
    }

    var all: [Image] { images.withLock { $0 } }

    /// As the host protocol has it.
    func json(besides running: [LoadedModule]) -> JSONValue {
        let all = all(running: running)
        return .object(["all": Total(all).json, "old": Total(all.filter { !$0.runs }).json])
    }

    /// All of them, and of each whether it runs. Those do not that are older, that have been gone back from, or that could not be
    /// loaded.
    func all(running: [LoadedModule]) -> [Image] {
        let current = Set(running.map(\.image))
        let patches = Set(running.flatMap(\.patches))
        return all.map { image in
            var image = image
            image.runs = image.patch.map(patches.contains) ?? current.contains(image.inverted)
            return image
        }
    }
}
