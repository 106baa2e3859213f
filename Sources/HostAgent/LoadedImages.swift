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
    }

    private let images = Monitor<[Image]>([])

    func add(module: String, generation: Int, base: UInt, patch: String? = nil) {
        images.withLock { images in
            images.append(Image(module: module, generation: generation, inverted: ~base, patch: patch))
        }
    }

    /// Those that do not run: older ones, newer ones that have been gone back from, and those that could not be loaded.
    func old(besides running: [LoadedModule]) -> [Image] {
        let current = Set(running.map(\.image))
        let patches = Set(running.flatMap(\.patches))
        return images.withLock { images in
            images.filter { image in
                image.patch.map { !patches.contains($0) } ?? !current.contains(image.inverted)
            }
        }
    }
}
